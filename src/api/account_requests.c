/*
 * account_requests.c
 *	  UpdateTimeToLive, DescribeTimeToLive, DescribeContinuousBackups,
 *	  DescribeLimits, DescribeEndpoints.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/inval.h"

#include "api/table_shapes.h"
#include "api/tables.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "settings.h"
#include "table/arn.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "ttl/ttl.h"
#include "ttl/ttl_delete.h"

static const DdbMember ttl_specification_members[] = {
	{"Enabled", &ddb_shape_boolean, true},
	{"AttributeName", &ddb_shape_key_name, true},
	{NULL}
};
static const DdbShape ttl_specification = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "TimeToLiveSpecification",
	.members = ttl_specification_members
};
static const DdbMember update_ttl_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"TimeToLiveSpecification", &ttl_specification, true},
	{NULL}
};
static const DdbShape update_time_to_live_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = update_ttl_members
};

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

/*
 * update_time_to_live answers UpdateTimeToLive.  The change is made when it is
 * answered, so a table is never ENABLING or DISABLING, and can be changed again at
 * once (DynamoDB wants an hour between two changes).
 */
static Jsonb *
update_time_to_live(JsonbContainer *request, DdbConsumption *consumption)
{
	const char *table_name = ddb_table_name_of(ddb_request_string(request, "TableName"));
	JsonbContainer *specification = ddb_json_container(request, "TimeToLiveSpecification", false);
	char	   *attribute = ddb_json_string(specification, "AttributeName");
	bool		enabled = ddb_request_bool(specification, "Enabled", false);
	DdbTableDesc *desc;
	JsonbParseState *state;

	ddb_table_lock_definition_as_owner(table_name);
	desc = ddb_desc_open_any(table_name, AccessShareLock);
	ddb_check_table_ready(desc);
	if (enabled && desc->ttl_attribute != NULL && strcmp(desc->ttl_attribute, attribute) == 0)
		VALIDATION("TimeToLive is already enabled");
	if (!enabled && desc->ttl_attribute == NULL)
		VALIDATION("TimeToLive is already disabled");
	if (desc->ttl_attribute != NULL && strcmp(desc->ttl_attribute, attribute) != 0)
		VALIDATION("TimeToLive is active on a different AttributeName: current AttributeName is %s",
				   desc->ttl_attribute);
	ddb_ttl_lock(desc->relid, true);
	SPI_connect();
	ddb_tables_set_ttl(desc->name, enabled ? attribute : NULL);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
	ddb_ttl_changed(table_name, enabled);

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "TimeToLiveSpecification");
	ddb_json_push_bool(&state, "Enabled", enabled);
	ddb_json_push_string(&state, "AttributeName", attribute);
	ddb_json_end_object(&state);
	return ddb_json_finish(&state);
}

static Jsonb *
describe_time_to_live(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbTableDesc *desc = ddb_desc_open_any(ddb_request_string(request, "TableName"),
										   AccessShareLock);
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "TimeToLiveDescription");
	ddb_json_push_string(&state, "TimeToLiveStatus", desc->ttl_attribute ? "ENABLED" : "DISABLED");
	if (desc->ttl_attribute != NULL)
		ddb_json_push_string(&state, "AttributeName", desc->ttl_attribute);
	ddb_json_end_object(&state);
	ddb_desc_close(desc);
	return ddb_json_finish(&state);
}

/*
 * describe_continuous_backups answers DescribeContinuousBackups: backups are on
 * for every table, point in time recovery is not.
 */
static Jsonb *
describe_continuous_backups(JsonbContainer *request, DdbConsumption *consumption)
{
	const char *table_name = ddb_table_name_of(ddb_request_string(request, "TableName"));
	JsonbParseState *state;

	if (!OidIsValid(ddb_tables_relid(table_name)))
		ereport(ERROR, ddb_errcode(DDB_TABLE_NOT_FOUND),
				errmsg("Table not found: %s", table_name));
	ddb_json_response(&state);
	ddb_json_begin_object(&state, "ContinuousBackupsDescription");
	ddb_json_push_string(&state, "ContinuousBackupsStatus", "ENABLED");
	ddb_json_begin_object(&state, "PointInTimeRecoveryDescription");
	ddb_json_push_string(&state, "PointInTimeRecoveryStatus", "DISABLED");
	ddb_json_end_object(&state);
	ddb_json_end_object(&state);
	return ddb_json_finish(&state);
}

/*
 * describe_limits answers DescribeLimits with the quotas of a new account
 * ("Service, account, and table quotas").
 */
static Jsonb *
describe_limits(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_push_integer(&state, "AccountMaxReadCapacityUnits", 80000);
	ddb_json_push_integer(&state, "AccountMaxWriteCapacityUnits", 80000);
	ddb_json_push_integer(&state, "TableMaxReadCapacityUnits", 40000);
	ddb_json_push_integer(&state, "TableMaxWriteCapacityUnits", 40000);
	return ddb_json_finish(&state);
}

/*
 * describe_endpoints answers DescribeEndpoints with the host that was asked: a client
 * that discovers endpoints sends its requests there.
 */
static Jsonb *
describe_endpoints(JsonbContainer *request, DdbConsumption *consumption)
{
	const char *host = ddb_api_host;
	JsonbParseState *state;

	if (host == NULL && ddb_http_port > 0)
		host = psprintf("localhost:%d", ddb_http_port);
	else if (host == NULL)
		host = psprintf("dynamodb.%s.amazonaws.com", ddb_region);
	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Endpoints");
	ddb_json_begin_object(&state, NULL);
	ddb_json_push_string(&state, "Address", host);
	ddb_json_push_integer(&state, "CachePeriodInMinutes", 1440);
	ddb_json_end_object(&state);
	ddb_json_end_array(&state);
	return ddb_json_finish(&state);
}

const DdbOperation ddb_account_operations[] = {
	{"UpdateTimeToLive", &update_time_to_live_shape, update_time_to_live, DDB_API_DEFINES},
	{"DescribeTimeToLive", &ddb_shape_one_table, describe_time_to_live, DDB_API_DESCRIBES},
	{"DescribeContinuousBackups", &ddb_shape_one_table, describe_continuous_backups, DDB_API_DESCRIBES},
	{"DescribeLimits", &ddb_shape_nothing, describe_limits, DDB_API_DESCRIBES},
	{"DescribeEndpoints", &ddb_shape_nothing, describe_endpoints, DDB_API_DESCRIBES},
	{NULL}
};
