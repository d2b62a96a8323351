/*
 * describe.c
 *	  TableDescription: what CreateTable, DescribeTable, UpdateTable and
 *	  DeleteTable answer.
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

#include "table/arn.h"
#include "table/desc.h"
#include "table/describe.h"
#include "table/table_settings.h"

/* What an on-demand table is warm for when nobody asked for more. */
#define WARM_READ 12000
#define WARM_WRITE 4000

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
 * append_throughput writes ProvisionedThroughput; all zero on demand.
 */
static void
append_throughput(StringInfo buf, const DdbThroughput *throughput, bool on_demand)
{
	appendStringInfoString(buf, ", \"ProvisionedThroughput\": {");
	if (throughput->increased_at > 0)
		appendStringInfo(buf, "\"LastIncreaseDateTime\": %.3f, ", throughput->increased_at);
	if (throughput->decreased_at > 0)
		appendStringInfo(buf, "\"LastDecreaseDateTime\": %.3f, ", throughput->decreased_at);
	appendStringInfo(buf, "\"NumberOfDecreasesToday\": %lld, \"ReadCapacityUnits\": %lld, \"WriteCapacityUnits\": %lld}",
					 (long long) ddb_settings_decreases(throughput),
					 (long long) (on_demand ? 0 : throughput->read),
					 (long long) (on_demand ? 0 : throughput->write));
}

/*
 * append_capacity writes what tables and global indexes have alike.
 */
static void
append_capacity(StringInfo buf, const DdbSettings *settings, bool on_demand, const char *status)
{
	append_throughput(buf, &settings->throughput, on_demand);
	if (settings->max_read != 0 || settings->max_write != 0)
	{
		appendStringInfoString(buf, ", \"OnDemandThroughput\": {");
		if (settings->max_read != 0)
			appendStringInfo(buf, "\"MaxReadRequestUnits\": %lld%s", (long long) settings->max_read,
							 settings->max_write ? ", " : "");
		if (settings->max_write != 0)
			appendStringInfo(buf, "\"MaxWriteRequestUnits\": %lld", (long long) settings->max_write);
		appendStringInfoChar(buf, '}');
	}
	appendStringInfo(buf, ", \"WarmThroughput\": {\"ReadUnitsPerSecond\": %lld, \"WriteUnitsPerSecond\": %lld, \"Status\": \"%s\"}",
					 (long long) Max(settings->warm_read, on_demand ? WARM_READ : settings->throughput.read),
					 (long long) Max(settings->warm_write, on_demand ? WARM_WRITE : settings->throughput.write),
					 strcmp(status, "ACTIVE") == 0 ? "ACTIVE" : "UPDATING");
}

static void
append_projection(StringInfo buf, const DdbIndexDesc *index)
{
	static const char *const projections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};

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
}

/*
 * index_status is IndexStatus as it is, or as the description is to say.
 */
static const char *
index_status(const DdbIndexDesc *index, const DdbDescribe *as)
{
	static const char *const statuses[] = {"ACTIVE", "CREATING", "DELETING"};

	if (as->index_status != NULL &&
		(as->index_name == NULL || strcmp(as->index_name, index->name) == 0))
		return as->index_status;
	return statuses[index->status];
}

static void
append_index(StringInfo buf, const DdbTableDesc *desc, const DdbIndexDesc *index,
			 const DdbExtent *extent, bool on_demand, const DdbDescribe *as)
{
	const char *status = index_status(index, as);
	bool		creating = strcmp(status, "CREATING") == 0;

	appendStringInfoString(buf, "{\"IndexName\": ");
	escape_json(buf, index->name);
	appendStringInfoString(buf, ", ");
	append_key_schema(buf, desc, index);
	append_projection(buf, index);
	if (index->kind == DDB_INDEX_GLOBAL)
	{
		DdbSettings settings;

		ddb_settings_read(index->settings, &settings);
		appendStringInfo(buf, ", \"IndexStatus\": \"%s\"", status);
		/* CreateTable's indexes have nothing to fill */
		if (creating && (as->index_status == NULL || as->index_name != NULL))
			appendStringInfo(buf, ", \"Backfilling\": %s", as->index_status ? "false" : "true");
		append_capacity(buf, &settings, on_demand, status);
	}
	appendStringInfo(buf, ", \"IndexSizeBytes\": %lld, \"ItemCount\": %lld, \"IndexArn\": ",
					 (long long) (creating ? 0 : extent->bytes),
					 (long long) (creating ? 0 : extent->items));
	escape_json(buf, psprintf("%s/index/%s", ddb_table_arn(desc->name), index->name));
	appendStringInfoChar(buf, '}');
}

static void
append_indexes(StringInfo buf, const DdbTableDesc *desc, DdbIndexKind kind,
			   const char *member, const DdbExtent *extents, bool on_demand,
			   const DdbDescribe *as)
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
		append_index(buf, desc, &desc->indexes[i], &extents[i + 1], on_demand, as);
	}
	if (n > 0)
		appendStringInfoChar(buf, ']');
}

/*
 * table_status is TableStatus: UPDATING while an index comes or goes.
 */
static const char *
table_status(const DdbTableDesc *desc)
{
	if (!ddb_desc_is_ready(desc))
		return desc->creating ? "CREATING" : "UPDATING";
	for (int i = 0; i < desc->nindexes; i++)
	{
		if (desc->indexes[i].status != DDB_INDEX_ACTIVE)
			return "UPDATING";
	}
	return "ACTIVE";
}

/*
 * append_settings writes what is described from settings.
 */
static void
append_settings(StringInfo buf, const DdbTableDesc *desc, const DdbSettings *settings,
				const char *status)
{
	append_capacity(buf, settings, settings->on_demand, status);
	if (settings->billing_shown)
	{
		appendStringInfo(buf, ", \"BillingModeSummary\": {\"BillingMode\": \"%s\"",
						 settings->on_demand ? "PAY_PER_REQUEST" : "PROVISIONED");
		if (settings->on_demand_at > 0 && strcmp(status, "CREATING") != 0)
			appendStringInfo(buf, ", \"LastUpdateToPayPerRequestDateTime\": %.3f",
							 settings->on_demand_at);
		appendStringInfoChar(buf, '}');
	}
	if (settings->table_class != NULL)
	{
		appendStringInfo(buf, ", \"TableClassSummary\": {\"TableClass\": \"%s\"", settings->table_class);
		if (settings->table_class_at > 0)
			appendStringInfo(buf, ", \"LastUpdateDateTime\": %.3f", settings->table_class_at);
		appendStringInfoChar(buf, '}');
	}
	appendStringInfo(buf, ", \"DeletionProtectionEnabled\": %s",
					 settings->protected ? "true" : "false");
	if (settings->sse_key != NULL)
	{
		appendStringInfoString(buf, ", \"SSEDescription\": {\"Status\": \"ENABLED\", \"SSEType\": \"KMS\", \"KMSMasterKeyArn\": ");
		escape_json(buf, settings->sse_key);
		appendStringInfoChar(buf, '}');
	}
	if (settings->stream_view != NULL)
		appendStringInfo(buf, ", \"StreamSpecification\": {\"StreamEnabled\": true, \"StreamViewType\": \"%s\"}",
						 settings->stream_view);
	if (settings->stream_label != NULL)
	{
		appendStringInfo(buf, ", \"LatestStreamLabel\": \"%s\", \"LatestStreamArn\": ",
						 settings->stream_label);
		escape_json(buf, psprintf("%s/stream/%s", ddb_table_arn(desc->name), settings->stream_label));
	}
}

/*
 * append_definition writes keys, indexes and creation time.
 */
static void
append_definition(StringInfo buf, const DdbTableDesc *desc, const DdbExtent *extents,
				  bool on_demand, const DdbDescribe *as)
{
	int			n = 0;

	appendStringInfoString(buf, ", \"AttributeDefinitions\": [");
	for (int i = 0; i < desc->nattributes; i++)
	{
		const DdbKeyAttribute *att = &desc->attributes[i];

		if (ddb_desc_attribute(desc, att->name, att->name_len) < i)
			continue;			/* its second column */
		appendStringInfo(buf, "%s{\"AttributeName\": ", n++ ? ", " : "");
		escape_json(buf, desc->attributes[i].name);
		appendStringInfo(buf, ", \"AttributeType\": \"%s\"}",
						 ddb_type_name(desc->attributes[i].type));
	}
	appendStringInfoString(buf, "], ");
	append_key_schema(buf, desc, &desc->primary);
	appendStringInfo(buf, ", \"CreationDateTime\": %.3f", epoch_seconds(desc->created_at));
	append_indexes(buf, desc, DDB_INDEX_GLOBAL, "GlobalSecondaryIndexes", extents, on_demand, as);
	append_indexes(buf, desc, DDB_INDEX_LOCAL, "LocalSecondaryIndexes", extents, on_demand, as);
}

Jsonb *
ddb_table_describe(const char *table_name, const DdbDescribe *as, DdbMeasure measure)
{
	static const DdbDescribe as_it_is = {0};
	DdbTableDesc *desc = ddb_desc_open_any(table_name, AccessShareLock);
	DdbExtent	extents[1 + DDB_MAX_GSI + DDB_MAX_LSI];
	StringInfoData buf;
	DdbSettings settings;
	const char *status;

	measure(desc, extents);
	if (as == NULL)
		as = &as_it_is;
	ddb_settings_read(as->settings ? as->settings : desc->settings, &settings);
	status = as->status ? as->status : table_status(desc);
	initStringInfo(&buf);
	appendStringInfoString(&buf, "{\"TableName\": ");
	escape_json(&buf, desc->name);
	appendStringInfo(&buf, ", \"TableStatus\": \"%s\", \"TableSizeBytes\": %lld, \"ItemCount\": %lld, \"TableArn\": ",
					 status, (long long) extents[0].bytes, (long long) extents[0].items);
	escape_json(&buf, ddb_table_arn(desc->name));
	appendStringInfo(&buf, ", \"TableId\": \"%s\"", desc->table_id);
	append_settings(&buf, desc, &settings, status);
	if (!as->brief)
		append_definition(&buf, desc, extents, settings.on_demand, as);
	appendStringInfoChar(&buf, '}');
	ddb_desc_close(desc);
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}
