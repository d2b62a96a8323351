/*
 * trigger_functions.c
 *	  The SQL door to triggers on streams.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

#include "trigger/filter.h"
#include "trigger/trigger.h"

PG_FUNCTION_INFO_V1(ddb_create_trigger);
PG_FUNCTION_INFO_V1(ddb_create_trigger_regprocedure);
PG_FUNCTION_INFO_V1(ddb_alter_trigger);
PG_FUNCTION_INFO_V1(ddb_drop_trigger);
PG_FUNCTION_INFO_V1(ddb_retry_trigger_failures);
PG_FUNCTION_INFO_V1(ddb_sql_trigger_lag);
PG_FUNCTION_INFO_V1(ddb_sql_filter_matches);

static const char *const arguments[] = {
	"name", "table_name", "function", "batch_size", "starting_position", "filter", "max_retries", "on_failure"
};

#define FILTER_ARGUMENT 5

/*
 * read_arguments reads the arguments of ddb_create_trigger, all but the function.
 */
static void
read_arguments(FunctionCallInfo fcinfo, DdbTriggerDefinition *definition)
{
	for (int i = 0; i < lengthof(arguments); i++)
		if (PG_ARGISNULL(i) && i != FILTER_ARGUMENT)
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("%s must not be NULL", arguments[i]));
	definition->name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	definition->table_name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	definition->batch_size = PG_GETARG_INT32(3);
	definition->starting_position = text_to_cstring(PG_GETARG_TEXT_PP(4));
	definition->filter = PG_ARGISNULL(FILTER_ARGUMENT) ? NULL : PG_GETARG_JSONB_P(FILTER_ARGUMENT);
	definition->max_retries = PG_GETARG_INT32(6);
	definition->on_failure = text_to_cstring(PG_GETARG_TEXT_PP(7));
}

/*
 * ddb_create_trigger(name, table_name, function text, ...)
 */
Datum
ddb_create_trigger(PG_FUNCTION_ARGS)
{
	DdbTriggerDefinition definition;

	read_arguments(fcinfo, &definition);
	definition.function = ddb_trigger_function(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	ddb_trigger_create(&definition);
	PG_RETURN_VOID();
}

/*
 * ddb_create_trigger(name, table_name, function regprocedure, ...)
 */
Datum
ddb_create_trigger_regprocedure(PG_FUNCTION_ARGS)
{
	DdbTriggerDefinition definition;

	read_arguments(fcinfo, &definition);
	definition.function = PG_GETARG_OID(2);
	ddb_trigger_create(&definition);
	PG_RETURN_VOID();
}

/*
 * ddb_alter_trigger(name, enabled)
 */
Datum
ddb_alter_trigger(PG_FUNCTION_ARGS)
{
	ddb_trigger_enable(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

/*
 * ddb_drop_trigger(name)
 */
Datum
ddb_drop_trigger(PG_FUNCTION_ARGS)
{
	ddb_trigger_drop(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}

/*
 * ddb_retry_trigger_failures(name, sequence_number, max_records) -> integer
 */
Datum
ddb_retry_trigger_failures(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("%s must not be NULL", PG_ARGISNULL(0) ? "name" : "max_records"));
	PG_RETURN_INT32(ddb_trigger_retry(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									  PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)),
									  PG_GETARG_INT32(2)));
}

/*
 * ddb.trigger_lag(trigger_id) -> (seconds, records)
 */
Datum
ddb_sql_trigger_lag(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	DdbTrigger	trigger;
	TimestampTz oldest = 0;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	bool		found;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	SPI_connect();
	found = ddb_trigger_read_position(PG_GETARG_UUID_P(0), &trigger);
	SPI_finish();
	if (!found)
		PG_RETURN_NULL();
	values[1] = Int32GetDatum(ddb_trigger_lag(&trigger, &oldest));
	values[0] = Float8GetDatum(oldest == 0 ? 0 :
							   Max(0, GetCurrentTimestamp() - oldest) / (double) USECS_PER_SEC);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/*
 * ddb_test.filter_matches(pattern, record) -> boolean
 */
Datum
ddb_sql_filter_matches(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ddb_filter_fits(ddb_filter_read(PG_GETARG_JSONB_P(0)), PG_GETARG_JSONB_P(1)));
}
