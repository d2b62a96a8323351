/*
 * tables.c
 *	  The SQL door to operations on tables: create, update, describe, delete.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "api/table_shapes.h"
#include "api/tables.h"
#include "error.h"
#include "op/op.h"
#include "table/desc.h"
#include "op/measure.h"
#include "table/describe.h"
#include "table/index_ddl.h"
#include "table/spec.h"
#include "table/table_ddl.h"
#include "worker/worker.h"

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
	Jsonb	   *request = PG_GETARG_JSONB_P(0);

	ddb_shape_check(&ddb_shape_create_table, request);
	PG_RETURN_JSONB_P(ddb_api_create_table(&request->root, false));
}

/*
 * ddb_create_table(table_name, partition_key, sort_key, global_indexes,
 * local_indexes) -> jsonb; billed on demand.
 */
Datum
ddb_create_table(PG_FUNCTION_ARGS)
{
	DdbTableSpec *spec;
	DdbSettings settings = {.on_demand = true,.billing_shown = true};

	if (PG_ARGISNULL(0))
		ddb_shape_refuse_missing("TableName");
	spec = ddb_spec_from_terms(ARG_CSTRING(0), required_text(fcinfo, 1, "keySchema"),
							   ARG_CSTRING(2), ARG_JSONB(3), ARG_JSONB(4));
	spec->settings = ddb_settings_write(&settings);
	ddb_table_create(spec);
	PG_RETURN_JSONB_P(ddb_table_describe(spec->name, NULL, ddb_op_measure));
}

/*
 * ddb_update_table(request jsonb) -> jsonb: UpdateTable.
 */
Datum
ddb_update_table_request(PG_FUNCTION_ARGS)
{
	Jsonb	   *request = PG_GETARG_JSONB_P(0);

	ddb_shape_check(&ddb_shape_update_table, request);
	PG_RETURN_JSONB_P(ddb_api_update_table(&request->root, false));
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
			ddb_update_nothing();
		return DirectFunctionCall1(ddb_update_table_request,
								   DirectFunctionCall1(jsonb_in, CStringGetDatum(table_name)));
	}
	ddb_index_check_idle(table_name, ddb_worker_available() ? NULL : drop);
	if (drop != NULL)
		ddb_index_drop(table_name, drop);
	if (add != NULL)
	{
		List	   *attributes = NIL;
		List	   *specs = ddb_spec_indexes_from_terms(add, DDB_INDEX_GLOBAL, NULL, &attributes);
		ListCell   *lc;

		foreach(lc, specs)
			ddb_index_create(table_name, lfirst(lc), attributes);
	}
	PG_RETURN_JSONB_P(ddb_table_describe(table_name, NULL, ddb_op_measure));
}

/*
 * ddb_describe_table(table_name) -> jsonb: DescribeTable.
 */
Datum
ddb_describe_table(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_table_describe(text_to_cstring(PG_GETARG_TEXT_PP(0)), NULL, ddb_op_measure));
}

/*
 * ddb_delete_table(table_name) -> jsonb: DeleteTable.
 */
Datum
ddb_delete_table(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_api_delete_table(text_to_cstring(PG_GETARG_TEXT_PP(0))));
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
