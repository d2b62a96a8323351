/*
 * table_settings.c
 *	  Reading and writing the settings of tables and indexes.
 *
 * The stored form leaves out what has its default, so that a table made with
 * plain SQL terms has {}: provisioned with nothing, no stream, unprotected.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "jsonb/member.h"
#include "table/indexes_catalog.h"
#include "table/table_ddl.h"
#include "table/table_settings.h"
#include "table/tables_catalog.h"

static double
read_number(Jsonb *stored, const char *name)
{
	JsonbValue	value;

	if (!ddb_json_member(&stored->root, name, &value) || value.type != jbvNumeric)
		return 0;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
											  NumericGetDatum(value.val.numeric)));
}

static bool
read_bool(Jsonb *stored, const char *name)
{
	JsonbValue	value;

	return ddb_json_member(&stored->root, name, &value) && value.type == jbvBool &&
		value.val.boolean;
}

void
ddb_settings_read(Jsonb *stored, DdbSettings *settings)
{
	memset(settings, 0, sizeof(DdbSettings));
	if (stored == NULL || !JB_ROOT_IS_OBJECT(stored))
		return;
	settings->throughput.read = (int64) read_number(stored, "read");
	settings->throughput.write = (int64) read_number(stored, "write");
	settings->throughput.increased_at = read_number(stored, "increased_at");
	settings->throughput.decreased_at = read_number(stored, "decreased_at");
	settings->throughput.decreases = (int64) read_number(stored, "decreases");
	settings->max_read = (int64) read_number(stored, "max_read");
	settings->max_write = (int64) read_number(stored, "max_write");
	settings->warm_read = (int64) read_number(stored, "warm_read");
	settings->warm_write = (int64) read_number(stored, "warm_write");
	settings->on_demand = read_bool(stored, "on_demand");
	settings->billing_shown = read_bool(stored, "billing_shown");
	settings->on_demand_at = read_number(stored, "on_demand_at");
	settings->table_class = ddb_json_string(&stored->root, "table_class");
	settings->table_class_at = read_number(stored, "table_class_at");
	settings->protected = read_bool(stored, "protected");
	settings->sse_key = ddb_json_string(&stored->root, "sse_key");
	settings->stream_view = ddb_json_string(&stored->root, "stream_view");
	settings->stream_label = ddb_json_string(&stored->root, "stream_label");
}

static void
push_member(JsonbParseState **state, const char *name, JsonbValue *value)
{
	JsonbValue	key;

	key.type = jbvString;
	key.val.string.val = unconstify(char *, name);
	key.val.string.len = strlen(name);
	pushJsonbValue(state, WJB_KEY, &key);
	pushJsonbValue(state, WJB_VALUE, value);
}

static void
push_number(JsonbParseState **state, const char *name, double number)
{
	JsonbValue	value;

	if (number == 0)
		return;
	value.type = jbvNumeric;
	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in,
															CStringGetDatum(psprintf("%.3f", number)),
															ObjectIdGetDatum(InvalidOid),
															Int32GetDatum(-1)));
	push_member(state, name, &value);
}

static void
push_bool(JsonbParseState **state, const char *name, bool boolean)
{
	JsonbValue	value;

	if (!boolean)
		return;
	value.type = jbvBool;
	value.val.boolean = true;
	push_member(state, name, &value);
}

static void
push_string(JsonbParseState **state, const char *name, char *string)
{
	JsonbValue	value;

	if (string == NULL)
		return;
	value.type = jbvString;
	value.val.string.val = string;
	value.val.string.len = strlen(string);
	push_member(state, name, &value);
}

Jsonb *
ddb_settings_write(const DdbSettings *settings)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_number(&state, "read", settings->throughput.read);
	push_number(&state, "write", settings->throughput.write);
	push_number(&state, "increased_at", settings->throughput.increased_at);
	push_number(&state, "decreased_at", settings->throughput.decreased_at);
	push_number(&state, "decreases", settings->throughput.decreases);
	push_number(&state, "max_read", settings->max_read);
	push_number(&state, "max_write", settings->max_write);
	push_number(&state, "warm_read", settings->warm_read);
	push_number(&state, "warm_write", settings->warm_write);
	push_bool(&state, "on_demand", settings->on_demand);
	push_bool(&state, "billing_shown", settings->billing_shown);
	push_number(&state, "on_demand_at", settings->on_demand_at);
	push_string(&state, "table_class", settings->table_class);
	push_number(&state, "table_class_at", settings->table_class_at);
	push_bool(&state, "protected", settings->protected);
	push_string(&state, "sse_key", settings->sse_key);
	push_string(&state, "stream_view", settings->stream_view);
	push_string(&state, "stream_label", settings->stream_label);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

double
ddb_settings_now(void)
{
	int64		milliseconds = GetCurrentTimestamp() / 1000;

	return milliseconds / 1000.0 +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (double) SECS_PER_DAY;
}

/*
 * ddb_settings_decreases is NumberOfDecreasesToday: what was counted on an
 * earlier UTC day is forgotten ("API reference:
 * ProvisionedThroughputDescription").
 */
int64
ddb_settings_decreases(const DdbThroughput *throughput)
{
	int64		today = (int64) (ddb_settings_now() / SECS_PER_DAY);

	return (int64) (throughput->decreased_at / SECS_PER_DAY) == today ? throughput->decreases : 0;
}

void
ddb_settings_store(const char *table_name, const char *index_name,
				   const DdbSettings *settings, int delay)
{
	DdbTableDesc *desc = ddb_desc_open_any(table_name, AccessShareLock);
	Jsonb	   *stored = ddb_settings_write(settings);

	ddb_table_check_owner(desc->relid);
	SPI_connect();
	if (index_name != NULL)
		ddb_indexes_set_settings(desc->name, index_name, stored);
	else
		ddb_tables_set_settings(desc->name, stored, delay);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
}
