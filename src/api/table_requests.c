/*
 * table_requests.c
 *	  CreateTable, DescribeTable, DeleteTable, ListTables: request and response
 *	  JSON.
 *
 * The work is done when the call returns; the answers of the API show the
 * states that DynamoDB's pass through (CREATING, DELETING).  With
 * ddb.table_delay set, a table stays CREATING or UPDATING for that long.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "api/table_shapes.h"
#include "api/tables.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "settings.h"
#include "stream/stream_catalog.h"
#include "op/measure.h"
#include "table/describe.h"
#include "table/index_ddl.h"
#include "table/spec.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "worker/worker.h"

static const DdbShape new_table_name = {
	.kind = DDB_SHAPE_STRING,.arn = true,.has_min = true,.min = 3,.max = 255,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
static const DdbShape vector_indexes = {
	.kind = DDB_SHAPE_LIST,.type_name = "VectorIndex",.element = &ddb_shape_nothing
};
static const DdbMember create_members[] = {
	{"AttributeDefinitions", &ddb_shape_attribute_definitions, true},
	{"TableName", &new_table_name, true,.alone = true},
	{"KeySchema", &ddb_shape_table_key_schema, true},
	{"GlobalSecondaryIndexes", &ddb_shape_global_indexes},
	{"LocalSecondaryIndexes", &ddb_shape_local_indexes},
	{"BillingMode", &ddb_shape_billing_mode},
	{"ProvisionedThroughput", &ddb_shape_provisioned_throughput},
	{"StreamSpecification", &ddb_shape_stream_specification},
	{"SSESpecification", &ddb_shape_sse_specification},
	{"Tags", &ddb_shape_tags},
	{"TableClass", &ddb_shape_table_class},
	{"DeletionProtectionEnabled", &ddb_shape_boolean},
	{"WarmThroughput", &ddb_shape_warm_throughput},
	{"OnDemandThroughput", &ddb_shape_on_demand_throughput},
	{"ResourcePolicy", &ddb_shape_string,.refused = true},
	{"GlobalTableSourceArn", &ddb_shape_string,.refused = true},
	{"GlobalTableSettingsReplicationMode", &ddb_shape_replication_mode,.refused = true},
	{"VectorIndexes", &vector_indexes,.refused = true},
	{NULL}
};
const DdbShape ddb_shape_create_table = {.kind = DDB_SHAPE_STRUCT,.members = create_members};

static const DdbShape start_name = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 3,.max = 255,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
static const DdbShape tables_limit = {.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.max = 100};
static const DdbMember list_tables_members[] = {
	{"ExclusiveStartTableName", &start_name},
	{"Limit", &tables_limit},
	{NULL}
};
static const DdbShape list_tables_shape = {.kind = DDB_SHAPE_STRUCT,.members = list_tables_members};

#define DEFAULT_LIST_LIMIT 100

/*
 * read_index_settings gives each global index of a new table its settings.
 */
static void
read_index_settings(JsonbContainer *request, DdbTableSpec *spec, const DdbSettings *settings)
{
	JsonbContainer *array = ddb_json_container(request, "GlobalSecondaryIndexes", true);
	ListCell   *lc;
	int			n = 0;

	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);

		if (index->kind == DDB_INDEX_GLOBAL)
			index->settings = ddb_settings_index(getIthJsonbValueFromContainer(array, n++)->val.binary.data,
												 index->name, settings);
	}
}

/*
 * ddb_api_create_table creates a table from a CreateTable request and gives its
 * TableDescription.
 */
Jsonb *
ddb_api_create_table(JsonbContainer *request, bool as_api)
{
	DdbDescribe creating = {.status = "CREATING",.index_status = "CREATING"};
	JsonbContainer *tags = ddb_json_container(request, "Tags", true);
	DdbSettings settings;
	DdbTableSpec *spec;

	ddb_settings_create(request, &settings);
	spec = ddb_spec_from_request(request);
	read_index_settings(request, spec, &settings);
	if (tags != NULL)
		ddb_tags_check(tags);
	if (settings.stream_view != NULL)
	{
		ddb_table_lock_definition(spec->name);
		settings.stream_label = ddb_stream_new_label(spec->name, NULL);
	}
	spec->settings = ddb_settings_write(&settings);
	spec->delay = as_api ? ddb_table_delay : 0;
	ddb_table_create(spec);
	if (settings.stream_view != NULL)
		ddb_stream_enable(spec->name, settings.stream_view, settings.stream_label);
	if (tags != NULL)
		ddb_tags_store(spec->name, tags);
	return ddb_table_describe(spec->name, as_api ? &creating : NULL, ddb_op_measure);
}

/*
 * ddb_check_table_ready refuses to change a table that is not ready for it.
 */
void
ddb_check_table_ready(const DdbTableDesc *desc)
{
	if (!ddb_desc_is_ready(desc))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Attempt to change a resource which is still in use: Table is being %s: %s",
					   desc->creating ? "created" : "updated", desc->name));
}

/*
 * ddb_api_delete_table drops a table and gives its last TableDescription.
 */
Jsonb *
ddb_api_delete_table(const char *table_name)
{
	DdbDescribe deleting = {.status = "DELETING",.brief = true};
	DdbTableDesc *desc;
	DdbSettings settings;
	Jsonb	   *description;

	ddb_table_lock_definition_as_owner(table_name);
	desc = ddb_desc_open_any(table_name, AccessShareLock);
	ddb_settings_read(desc->settings, &settings);
	ddb_check_table_ready(desc);
	if (settings.protected)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."));
	if (ddb_worker_available())
		ddb_index_check_idle(desc->name, NULL);
	description = ddb_table_describe(table_name, &deleting, ddb_op_measure);
	ddb_desc_close(desc);
	ddb_table_drop(table_name);
	return description;
}

/*
 * respond wraps a description in the response's one member.
 */
static Jsonb *
respond(const char *member, Jsonb *description)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_push_jsonb(&state, member, description);
	return ddb_json_finish(&state);
}

static Jsonb *
create_table(JsonbContainer *request, DdbConsumption *consumption)
{
	return respond("TableDescription", ddb_api_create_table(request, true));
}

static Jsonb *
describe_table(JsonbContainer *request, DdbConsumption *consumption)
{
	return respond("Table", ddb_table_describe(ddb_request_string(request, "TableName"), NULL, ddb_op_measure));
}

static Jsonb *
update_table(JsonbContainer *request, DdbConsumption *consumption)
{
	return respond("TableDescription", ddb_api_update_table(request, true));
}

static Jsonb *
delete_table(JsonbContainer *request, DdbConsumption *consumption)
{
	return respond("TableDescription", ddb_api_delete_table(ddb_request_string(request, "TableName")));
}

/*
 * list_tables answers ListTables: names in order, LastEvaluatedTableName while
 * there are more.
 */
static Jsonb *
list_tables(JsonbContainer *request, DdbConsumption *consumption)
{
	char	   *start = ddb_request_string(request, "ExclusiveStartTableName");
	int64		limit = ddb_request_integer(request, "Limit", DEFAULT_LIST_LIMIT);
	List	   *names = ddb_tables_list(start ? start : "", limit + 1);
	bool		more = list_length(names) > limit;
	JsonbParseState *state;
	ListCell   *lc;

	if (more)
		names = list_truncate(names, limit);
	ddb_json_response(&state);
	ddb_json_begin_array(&state, "TableNames");
	foreach(lc, names)
		ddb_json_push_string(&state, NULL, lfirst(lc));
	ddb_json_end_array(&state);
	if (more)
		ddb_json_push_string(&state, "LastEvaluatedTableName", llast(names));
	return ddb_json_finish(&state);
}

const DdbOperation ddb_table_operations[] = {
	{"CreateTable", &ddb_shape_create_table, create_table, DDB_API_DEFINES},
	{"DescribeTable", &ddb_shape_one_table, describe_table, DDB_API_DESCRIBES},
	{"UpdateTable", &ddb_shape_update_table, update_table, DDB_API_DEFINES},
	{"DeleteTable", &ddb_shape_one_table, delete_table, DDB_API_DEFINES},
	{"ListTables", &list_tables_shape, list_tables, DDB_API_DESCRIBES},
	{NULL}
};
