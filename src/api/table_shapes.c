/*
 * table_shapes.c
 *	  Shapes of requests about tables ("API reference": CreateTable, UpdateTable,
 *	  ListTables, TagResource, UpdateTimeToLive, and their data types).
 */
#include "postgres.h"

#include "api/table_shapes.h"

#define NAME_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static const char *const attribute_types[] = {"B", "N", "S", NULL};
static const char *const key_types[] = {"HASH", "RANGE", NULL};
static const char *const projection_types[] = {"ALL", "INCLUDE", "KEYS_ONLY", NULL};
static const char *const billing_modes[] = {"PROVISIONED", "PAY_PER_REQUEST", NULL};
static const char *const view_types[] = {
	"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", NULL
};
static const char *const sse_types[] = {"AES256", "KMS", NULL};
static const char *const table_classes[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS", NULL};

/* Keys and projections */

static const DdbShape key_name = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 255};
static const DdbShape attribute_type = {.kind = DDB_SHAPE_STRING,.enums = attribute_types};
static const DdbMember attribute_definition_members[] = {
	{"AttributeName", &key_name, true},
	{"AttributeType", &attribute_type, true},
	{NULL}
};
static const DdbShape attribute_definition = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "AttributeDefinition",
	.members = attribute_definition_members
};
static const DdbShape attribute_definitions = {
	.kind = DDB_SHAPE_LIST,.type_name = "AttributeDefinition",.element = &attribute_definition
};

static const DdbShape key_type = {.kind = DDB_SHAPE_STRING,.enums = key_types};
static const DdbMember key_schema_members[] = {
	{"AttributeName", &key_name, true},
	{"KeyType", &key_type, true},
	{NULL}
};
static const DdbShape key_schema_element = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "KeySchemaElement",.members = key_schema_members
};
static const DdbShape table_key_schema = {
	.kind = DDB_SHAPE_LIST,.type_name = "KeySchemaElement",
	.has_min = true,.min = 1,.max = 2,.element = &key_schema_element
};

/* A global index has up to 4 partition and 4 sort attributes. */
static const DdbShape index_key_schema = {
	.kind = DDB_SHAPE_LIST,.type_name = "KeySchemaElement",
	.has_min = true,.min = 1,.max = 8,.element = &key_schema_element
};

static const DdbShape projection_type = {.kind = DDB_SHAPE_STRING,.enums = projection_types};
static const DdbShape non_key_attributes = {
	.kind = DDB_SHAPE_LIST,.type_name = "NonKeyAttributeName",
	.has_min = true,.min = 1,.max = 20,.element = &key_name
};
static const DdbMember projection_members[] = {
	{"ProjectionType", &projection_type},
	{"NonKeyAttributes", &non_key_attributes},
	{NULL}
};
static const DdbShape projection = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Projection",.members = projection_members
};

/* Throughput */

static const DdbShape units = {.kind = DDB_SHAPE_LONG,.has_min = true,.min = 1};
static const DdbMember provisioned_members[] = {
	{"ReadCapacityUnits", &units, true},
	{"WriteCapacityUnits", &units, true},
	{NULL}
};
static const DdbShape provisioned_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ProvisionedThroughput",.members = provisioned_members
};
static const DdbMember on_demand_members[] = {
	{"MaxReadRequestUnits", &ddb_shape_long},
	{"MaxWriteRequestUnits", &ddb_shape_long},
	{NULL}
};
static const DdbShape on_demand_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "OnDemandThroughput",.members = on_demand_members
};
static const DdbMember warm_members[] = {
	{"ReadUnitsPerSecond", &units},
	{"WriteUnitsPerSecond", &units},
	{NULL}
};
static const DdbShape warm_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "WarmThroughput",.members = warm_members
};

/* Indexes */

static const DdbMember local_index_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"KeySchema", &table_key_schema, true},
	{"Projection", &projection, true},
	{NULL}
};
static const DdbShape local_index = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "LocalSecondaryIndex",.members = local_index_members
};
static const DdbShape local_indexes = {
	.kind = DDB_SHAPE_LIST,.type_name = "LocalSecondaryIndex",.element = &local_index
};
static const DdbMember global_index_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"KeySchema", &index_key_schema, true},
	{"Projection", &projection, true},
	{"ProvisionedThroughput", &provisioned_throughput},
	{"OnDemandThroughput", &on_demand_throughput},
	{"WarmThroughput", &warm_throughput},
	{NULL}
};
static const DdbShape global_index = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "GlobalSecondaryIndex",.members = global_index_members
};
static const DdbShape global_indexes = {
	.kind = DDB_SHAPE_LIST,.type_name = "GlobalSecondaryIndex",.element = &global_index
};
static const DdbMember index_update_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"ProvisionedThroughput", &provisioned_throughput},
	{"OnDemandThroughput", &on_demand_throughput},
	{"WarmThroughput", &warm_throughput},
	{NULL}
};
static const DdbShape index_update = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "UpdateGlobalSecondaryIndexAction",
	.members = index_update_members
};
static const DdbMember index_delete_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{NULL}
};
static const DdbShape index_delete = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "DeleteGlobalSecondaryIndexAction",
	.members = index_delete_members
};
static const DdbMember index_change_members[] = {
	{"Update", &index_update},
	{"Create", &global_index},
	{"Delete", &index_delete},
	{NULL}
};
static const DdbShape index_change = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "GlobalSecondaryIndexUpdate",
	.members = index_change_members
};
static const DdbShape index_changes = {
	.kind = DDB_SHAPE_LIST,.type_name = "GlobalSecondaryIndexUpdate",.element = &index_change
};

/* The rest of a table */

static const DdbShape billing_mode = {.kind = DDB_SHAPE_STRING,.enums = billing_modes};
static const DdbShape view_type = {.kind = DDB_SHAPE_STRING,.enums = view_types};
static const DdbMember stream_members[] = {
	{"StreamEnabled", &ddb_shape_boolean, true},
	{"StreamViewType", &view_type},
	{NULL}
};
static const DdbShape stream_specification = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "StreamSpecification",.members = stream_members
};
static const DdbShape sse_type = {.kind = DDB_SHAPE_STRING,.enums = sse_types};
static const DdbMember sse_members[] = {
	{"Enabled", &ddb_shape_boolean},
	{"SSEType", &sse_type},
	{"KMSMasterKeyId", &ddb_shape_string},
	{NULL}
};
static const DdbShape sse_specification = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "SSESpecification",.members = sse_members
};
static const DdbShape table_class = {.kind = DDB_SHAPE_STRING,.enums = table_classes};

static const DdbShape tag_key = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 128};
static const DdbShape tag_value = {.kind = DDB_SHAPE_STRING,.max = 256};
static const DdbMember tag_members[] = {
	{"Key", &tag_key, true},
	{"Value", &tag_value, true},
	{NULL}
};
static const DdbShape tag = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Tag",.members = tag_members
};
static const DdbShape tags = {.kind = DDB_SHAPE_LIST,.type_name = "Tag",.element = &tag};

static const DdbShape new_table_name = {
	.kind = DDB_SHAPE_STRING,.arn = true,.has_min = true,.min = 3,.max = 255,
	.pattern = "[a-zA-Z0-9_.-]+",.characters = NAME_CHARACTERS
};
static const DdbMember create_members[] = {
	{"AttributeDefinitions", &attribute_definitions, true},
	{"TableName", &new_table_name, true},
	{"KeySchema", &table_key_schema, true},
	{"LocalSecondaryIndexes", &local_indexes},
	{"GlobalSecondaryIndexes", &global_indexes},
	{"BillingMode", &billing_mode},
	{"ProvisionedThroughput", &provisioned_throughput},
	{"StreamSpecification", &stream_specification},
	{"SSESpecification", &sse_specification},
	{"Tags", &tags},
	{"TableClass", &table_class},
	{"DeletionProtectionEnabled", &ddb_shape_boolean},
	{"WarmThroughput", &warm_throughput},
	{"OnDemandThroughput", &on_demand_throughput},
	{NULL}
};
const DdbShape ddb_shape_create_table = {.kind = DDB_SHAPE_STRUCT,.members = create_members};

static const DdbMember update_members[] = {
	{"AttributeDefinitions", &attribute_definitions},
	{"TableName", &ddb_shape_table_name, true},
	{"BillingMode", &billing_mode},
	{"ProvisionedThroughput", &provisioned_throughput},
	{"GlobalSecondaryIndexUpdates", &index_changes},
	{"StreamSpecification", &stream_specification},
	{"SSESpecification", &sse_specification},
	{"TableClass", &table_class},
	{"DeletionProtectionEnabled", &ddb_shape_boolean},
	{"WarmThroughput", &warm_throughput},
	{"OnDemandThroughput", &on_demand_throughput},
	{NULL}
};
const DdbShape ddb_shape_update_table = {.kind = DDB_SHAPE_STRUCT,.members = update_members};

static const DdbMember one_table_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{NULL}
};
const DdbShape ddb_shape_one_table = {.kind = DDB_SHAPE_STRUCT,.members = one_table_members};

static const DdbShape start_name = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 3,.max = 255,
	.pattern = "[a-zA-Z0-9_.-]+",.characters = NAME_CHARACTERS
};
static const DdbShape tables_limit = {.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.max = 100};
static const DdbMember list_tables_members[] = {
	{"ExclusiveStartTableName", &start_name},
	{"Limit", &tables_limit},
	{NULL}
};
const DdbShape ddb_shape_list_tables = {.kind = DDB_SHAPE_STRUCT,.members = list_tables_members};

/* Tags, time to live, and what takes no parameters */

static const DdbShape resource_arn = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 1283};
static const DdbShape tag_keys = {.kind = DDB_SHAPE_LIST,.type_name = "TagKeyString",.element = &tag_key};
static const DdbMember tag_resource_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"Tags", &tags, true},
	{NULL}
};
const DdbShape ddb_shape_tag_resource = {.kind = DDB_SHAPE_STRUCT,.members = tag_resource_members};

static const DdbMember untag_resource_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"TagKeys", &tag_keys, true},
	{NULL}
};
const DdbShape ddb_shape_untag_resource = {.kind = DDB_SHAPE_STRUCT,.members = untag_resource_members};

static const DdbMember list_tags_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"NextToken", &ddb_shape_string},
	{NULL}
};
const DdbShape ddb_shape_list_tags = {.kind = DDB_SHAPE_STRUCT,.members = list_tags_members};

static const DdbMember ttl_specification_members[] = {
	{"Enabled", &ddb_shape_boolean, true},
	{"AttributeName", &key_name, true},
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
const DdbShape ddb_shape_update_time_to_live = {
	.kind = DDB_SHAPE_STRUCT,.members = update_ttl_members
};

static const DdbMember no_members[] = {{NULL}};

const DdbShape ddb_shape_nothing = {.kind = DDB_SHAPE_STRUCT,.members = no_members};
