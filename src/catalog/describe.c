/*
 * describe.c
 *	  TableDescription: what CreateTable, DescribeTable and DeleteTable answer.
 *
 * Built as JSON text, which keeps the order of members readable here; jsonb
 * orders them its own way afterwards.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "catalog/catalog.h"
#include "settings.h"

/*
 * ddb_table_arn is the Amazon resource name of a table.
 */
char *
ddb_table_arn(const char *table_name)
{
	return psprintf("arn:aws:dynamodb:%s:%s:table/%s", ddb_region,
					ddb_account_id, table_name);
}

/*
 * epoch_seconds is a time as DynamoDB writes it, to the millisecond.
 */
static double
epoch_seconds(TimestampTz time)
{
	return (double) time / USECS_PER_SEC +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (double) SECS_PER_DAY;
}

static void
append_key_schema(StringInfo buf, const DdbTableDesc *desc,
				  const DdbIndexDesc *index)
{
	appendStringInfoString(buf, "\"KeySchema\": [");
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		appendStringInfo(buf, "%s{\"AttributeName\": ", i ? ", " : "");
		escape_json(buf, ddb_index_attribute(desc, index, i)->name);
		appendStringInfo(buf, ", \"KeyType\": \"%s\"}",
						 i < index->npartition ? "HASH" : "RANGE");
	}
	appendStringInfoChar(buf, ']');
}

/*
 * relation_tuples is the planner's estimate of a relation's rows, 0 when it
 * was never counted.
 */
static int64
relation_tuples(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	int64		tuples = 0;

	if (HeapTupleIsValid(tuple))
	{
		tuples = (int64) Max(0, ((Form_pg_class) GETSTRUCT(tuple))->reltuples);
		ReleaseSysCache(tuple);
	}
	return tuples;
}

static int64
relation_size(Oid relid)
{
	return DatumGetInt64(DirectFunctionCall2(pg_relation_size, ObjectIdGetDatum(relid),
											 CStringGetTextDatum("main")));
}

static void
append_index(StringInfo buf, const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	static const char *const projections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};

	appendStringInfoString(buf, "{\"IndexName\": ");
	escape_json(buf, index->name);
	appendStringInfoString(buf, ", ");
	append_key_schema(buf, desc, index);
	appendStringInfo(buf, ", \"Projection\": {\"ProjectionType\": \"%s\"",
					 projections[index->projection]);
	if (index->projection == DDB_PROJECT_INCLUDE)
	{
		appendStringInfoString(buf, ", \"NonKeyAttributes\": [");
		for (int i = 0; i < index->nincluded; i++)
		{
			appendStringInfoString(buf, i ? ", " : "");
			escape_json(buf, index->included[i]);
		}
		appendStringInfoChar(buf, ']');
	}
	appendStringInfoChar(buf, '}');
	if (index->kind == DDB_INDEX_GLOBAL)
		appendStringInfoString(buf, ", \"IndexStatus\": \"ACTIVE\"");
	appendStringInfo(buf, ", \"IndexSizeBytes\": %lld, \"ItemCount\": %lld, \"IndexArn\": ",
					 (long long) relation_size(index->indexid),
					 (long long) relation_tuples(index->indexid));
	escape_json(buf, psprintf("%s/index/%s", ddb_table_arn(desc->name), index->name));
	appendStringInfoChar(buf, '}');
}

static void
append_indexes(StringInfo buf, const DdbTableDesc *desc, DdbIndexKind kind,
			   const char *member)
{
	int			n = 0;

	for (int i = 0; i < desc->nindexes; i++)
	{
		if (desc->indexes[i].kind != kind)
			continue;
		if (n++ == 0)
			appendStringInfo(buf, ", \"%s\": [", member);
		else
			appendStringInfoString(buf, ", ");
		append_index(buf, desc, &desc->indexes[i]);
	}
	if (n > 0)
		appendStringInfoChar(buf, ']');
}

/*
 * ddb_table_describe gives a TableDescription with TableStatus status.
 */
Jsonb *
ddb_table_describe(const char *table_name, const char *status)
{
	DdbTableDesc *desc = ddb_desc_open(table_name, AccessShareLock);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "{\"TableName\": ");
	escape_json(&buf, desc->name);
	appendStringInfo(&buf, ", \"TableStatus\": \"%s\", \"AttributeDefinitions\": [", status);
	for (int i = 0; i < desc->nattributes; i++)
	{
		appendStringInfo(&buf, "%s{\"AttributeName\": ", i ? ", " : "");
		escape_json(&buf, desc->attributes[i].name);
		appendStringInfo(&buf, ", \"AttributeType\": \"%s\"}",
						 ddb_type_name(desc->attributes[i].type));
	}
	appendStringInfoString(&buf, "], ");
	append_key_schema(&buf, desc, &desc->primary);
	appendStringInfo(&buf, ", \"TableSizeBytes\": %lld, \"ItemCount\": %lld, \"TableArn\": ",
					 (long long) relation_size(desc->relid),
					 (long long) relation_tuples(desc->relid));
	escape_json(&buf, ddb_table_arn(desc->name));
	appendStringInfo(&buf, ", \"TableId\": \"%s\", \"CreationDateTime\": %.3f",
					 desc->table_id, epoch_seconds(desc->created_at));
	append_indexes(&buf, desc, DDB_INDEX_GLOBAL, "GlobalSecondaryIndexes");
	append_indexes(&buf, desc, DDB_INDEX_LOCAL, "LocalSecondaryIndexes");
	appendStringInfoChar(&buf, '}');
	ddb_desc_close(desc);
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}
