/*
 * tables.c
 *	  The SQL door to operations on tables: create, update, describe, delete.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "catalog/catalog.h"
#include "compat.h"
#include "error.h"
#include "op/op.h"

PG_FUNCTION_INFO_V1(ddb_create_table_request);
PG_FUNCTION_INFO_V1(ddb_create_table);
PG_FUNCTION_INFO_V1(ddb_update_table_request);
PG_FUNCTION_INFO_V1(ddb_update_table);
PG_FUNCTION_INFO_V1(ddb_describe_table);
PG_FUNCTION_INFO_V1(ddb_delete_table);
PG_FUNCTION_INFO_V1(ddb_import);

#define ARG_JSONB(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))
#define ARG_CSTRING(n) (PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n)))

/*
 * required_text reads an argument that must not be NULL; member names it.
 */
static char *
required_text(FunctionCallInfo fcinfo, int n, const char *member)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
					   member));
	return ARG_CSTRING(n);
}

/*
 * ddb_create_table(request jsonb) -> jsonb: CreateTable.
 */
Datum
ddb_create_table_request(PG_FUNCTION_ARGS)
{
	DdbTableSpec *spec = ddb_spec_from_request(PG_GETARG_JSONB_P(0));

	ddb_table_create(spec);
	PG_RETURN_JSONB_P(ddb_table_describe(spec->name, "ACTIVE"));
}

/*
 * ddb_create_table(table_name, partition_key, sort_key, global_indexes,
 * local_indexes) -> jsonb
 */
Datum
ddb_create_table(PG_FUNCTION_ARGS)
{
	DdbTableSpec *spec = ddb_spec_from_terms(required_text(fcinfo, 0, "tableName"),
											 required_text(fcinfo, 1, "keySchema"),
											 ARG_CSTRING(2), ARG_JSONB(3), ARG_JSONB(4));

	ddb_table_create(spec);
	PG_RETURN_JSONB_P(ddb_table_describe(spec->name, "ACTIVE"));
}

/*
 * apply_index_update carries out one member of GlobalSecondaryIndexUpdates.
 */
static void
apply_index_update(const char *table_name, JsonbContainer *update, List *attributes)
{
	JsonbContainer *create = ddb_json_container(update, "Create", false);
	JsonbContainer *delete = ddb_json_container(update, "Delete", false);

	if ((create != NULL) + (delete != NULL) != 1)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("One or more parameter values were invalid: Only one global secondary index update per index is allowed simultaneously."));
	if (create != NULL)
		ddb_index_create(table_name,
						 ddb_index_spec_from_json(create, DDB_INDEX_GLOBAL), attributes);
	else
	{
		char	   *name = ddb_json_string(delete, "IndexName");

		if (name == NULL)
			ereport(ERROR, ddb_errcode(DDB_VALIDATION),
					errmsg("1 validation error detected: Value null at 'globalSecondaryIndexUpdates.1.member.delete.indexName' failed to satisfy constraint: Member must not be null"));
		ddb_index_drop(table_name, name);
	}
}

/*
 * nothing_to_update refuses an UpdateTable without a change.
 */
pg_noreturn static void
nothing_to_update(void)
{
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"));
}

/*
 * ddb_update_table(request jsonb) -> jsonb: UpdateTable.
 */
Datum
ddb_update_table_request(PG_FUNCTION_ARGS)
{
	JsonbContainer *root = &PG_GETARG_JSONB_P(0)->root;
	char	   *table_name = ddb_json_string(root, "TableName");
	JsonbContainer *definitions = ddb_json_container(root, "AttributeDefinitions", true);
	JsonbContainer *updates = ddb_json_container(root, "GlobalSecondaryIndexUpdates", true);
	JsonbValue *update;

	if (table_name == NULL)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"));
	if (updates == NULL || JsonContainerSize(updates) == 0)
		nothing_to_update();
	if (JsonContainerSize(updates) > 1)
		ereport(ERROR, ddb_errcode(DDB_LIMIT_EXCEEDED),
				errmsg("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"));
	update = getIthJsonbValueFromContainer(updates, 0);
	if (update->type != jbvBinary || !JsonContainerIsObject(update->val.binary.data))
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected value type in payload"));
	apply_index_update(table_name, update->val.binary.data,
					   definitions ? ddb_attributes_from_json(definitions) : NIL);
	PG_RETURN_JSONB_P(ddb_table_describe(table_name, "ACTIVE"));
}

/*
 * ddb_update_table(table_name, add_index, drop_index) -> jsonb; add_index is an
 * object of indexes in SQL terms, drop_index a name.  PostgreSQL takes a request
 * that is written as a literal without a cast for a table_name; no table has one
 * that begins with a brace.
 */
Datum
ddb_update_table(PG_FUNCTION_ARGS)
{
	char	   *table_name = required_text(fcinfo, 0, "tableName");
	Jsonb	   *add = ARG_JSONB(1);
	char	   *drop = ARG_CSTRING(2);

	if (add == NULL && drop == NULL)
	{
		if (table_name[0] != '{')
			nothing_to_update();
		return DirectFunctionCall1(ddb_update_table_request,
								   DirectFunctionCall1(jsonb_in, CStringGetDatum(table_name)));
	}
	if (drop != NULL)
		ddb_index_drop(table_name, drop);
	if (add != NULL)
	{
		List	   *attributes = NIL;
		List	   *specs = ddb_index_specs_from_terms(add, DDB_INDEX_GLOBAL, NULL, &attributes);
		ListCell   *lc;

		foreach(lc, specs)
			ddb_index_create(table_name, lfirst(lc), attributes);
	}
	PG_RETURN_JSONB_P(ddb_table_describe(table_name, "ACTIVE"));
}

/*
 * ddb_describe_table(table_name) -> jsonb: DescribeTable.
 */
Datum
ddb_describe_table(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_table_describe(text_to_cstring(PG_GETARG_TEXT_PP(0)), "ACTIVE"));
}

/*
 * ddb_delete_table(table_name) -> jsonb: DeleteTable.
 */
Datum
ddb_delete_table(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_table_drop(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/*
 * ddb_import(table_name, query) -> bigint
 */
Datum
ddb_import(PG_FUNCTION_ARGS)
{
	char	   *table_name = required_text(fcinfo, 0, "tableName");
	char	   *query = required_text(fcinfo, 1, "query");

	PG_RETURN_INT64(ddb_op_import(table_name, query));
}
