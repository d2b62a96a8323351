/*
 * table_shapes.c
 *	  What requests about tables share: keys, indexes, throughput, tags ("API
 *	  reference", data types).
 */
#include "postgres.h"

#include "api/table_shapes.h"

static const char *const attribute_types[] = {"B", "N", "S", NULL};
static const char *const key_types[] = {"HASH", "RANGE", NULL};
static const char *const projection_types[] = {"ALL", "INCLUDE", "KEYS_ONLY", NULL};
static const char *const billing_modes[] = {"PROVISIONED", "PAY_PER_REQUEST", NULL};
static const char *const view_types[] = {
	"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", NULL
};
static const char *const sse_types[] = {"AES256", "KMS", NULL};
static const char *const replication_modes[] = {"ENABLED", "DISABLED", "ENABLED_WITH_OVERRIDES", NULL};
static const char *const table_classes[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS", NULL};

/* Keys and projections */

const DdbShape ddb_shape_key_name = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 255};
static const DdbShape attribute_type = {.kind = DDB_SHAPE_STRING,.enums = attribute_types};
static const DdbMember attribute_definition_members[] = {
	{"AttributeName", &ddb_shape_key_name, true},
	{"AttributeType", &attribute_type, true},
	{NULL}
};
static const DdbShape attribute_definition = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "AttributeDefinition",
	.members = attribute_definition_members
};
const DdbShape ddb_shape_attribute_definitions = {
	.kind = DDB_SHAPE_LIST,.type_name = "AttributeDefinition",.element = &attribute_definition
};

static const DdbShape key_type = {.kind = DDB_SHAPE_STRING,.enums = key_types};
static const DdbMember key_schema_members[] = {
	{"AttributeName", &ddb_shape_key_name, true},
	{"KeyType", &key_type, true},
	{NULL}
};
static const DdbShape key_schema_element = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "KeySchemaElement",.members = key_schema_members
};
const DdbShape ddb_shape_table_key_schema = {
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
	.has_min = true,.min = 1,.max = 20,.element = &ddb_shape_key_name
};
static const DdbMember projection_members[] = {
	{"ProjectionType", &projection_type},
	{"NonKeyAttributes", &non_key_attributes},
	{NULL}
};
const DdbShape ddb_shape_projection = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Projection",.members = projection_members
};

/* Throughput */

const DdbShape ddb_shape_units = {.kind = DDB_SHAPE_LONG,.has_min = true,.min = 1};
static const DdbMember provisioned_members[] = {
	{"ReadCapacityUnits", &ddb_shape_units, true},
	{"WriteCapacityUnits", &ddb_shape_units, true},
	{NULL}
};
const DdbShape ddb_shape_provisioned_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ProvisionedThroughput",.members = provisioned_members
};
static const DdbMember on_demand_members[] = {
	{"MaxReadRequestUnits", &ddb_shape_long},
	{"MaxWriteRequestUnits", &ddb_shape_long},
	{NULL}
};
const DdbShape ddb_shape_on_demand_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "OnDemandThroughput",.members = on_demand_members
};
static const DdbMember warm_members[] = {
	{"ReadUnitsPerSecond", &ddb_shape_units},
	{"WriteUnitsPerSecond", &ddb_shape_units},
	{NULL}
};
const DdbShape ddb_shape_warm_throughput = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "WarmThroughput",.members = warm_members
};

/* Indexes */

static const DdbMember local_index_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"KeySchema", &ddb_shape_table_key_schema, true},
	{"Projection", &ddb_shape_projection, true},
	{NULL}
};
static const DdbShape local_index = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "LocalSecondaryIndex",.members = local_index_members
};
const DdbShape ddb_shape_local_indexes = {
	.kind = DDB_SHAPE_LIST,.type_name = "LocalSecondaryIndex",.element = &local_index
};
static const DdbMember global_index_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"KeySchema", &index_key_schema, true},
	{"Projection", &ddb_shape_projection, true},
	{"ProvisionedThroughput", &ddb_shape_provisioned_throughput},
	{"OnDemandThroughput", &ddb_shape_on_demand_throughput},
	{"WarmThroughput", &ddb_shape_warm_throughput},
	{NULL}
};
const DdbShape ddb_shape_global_index = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "GlobalSecondaryIndex",.members = global_index_members
};
const DdbShape ddb_shape_global_indexes = {
	.kind = DDB_SHAPE_LIST,.type_name = "GlobalSecondaryIndex",.element = &ddb_shape_global_index
};

/* The rest of a table */

const DdbShape ddb_shape_billing_mode = {.kind = DDB_SHAPE_STRING,.enums = billing_modes};
static const DdbShape view_type = {.kind = DDB_SHAPE_STRING,.enums = view_types};
static const DdbMember stream_members[] = {
	{"StreamEnabled", &ddb_shape_boolean, true},
	{"StreamViewType", &view_type},
	{NULL}
};
const DdbShape ddb_shape_stream_specification = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "StreamSpecification",.members = stream_members
};
static const DdbShape sse_type = {.kind = DDB_SHAPE_STRING,.enums = sse_types};
static const DdbMember sse_members[] = {
	{"Enabled", &ddb_shape_boolean},
	{"SSEType", &sse_type},
	{"KMSMasterKeyId", &ddb_shape_string},
	{NULL}
};
const DdbShape ddb_shape_sse_specification = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "SSESpecification",.members = sse_members
};
const DdbShape ddb_shape_table_class = {.kind = DDB_SHAPE_STRING,.enums = table_classes};
const DdbShape ddb_shape_replication_mode = {.kind = DDB_SHAPE_STRING,.enums = replication_modes};

const DdbShape ddb_shape_tag_key = {
	.kind = DDB_SHAPE_STRING,.in_characters = true,.has_min = true,.min = 1,.max = 128
};
static const DdbShape tag_value = {.kind = DDB_SHAPE_STRING,.in_characters = true,.max = 256};
static const DdbMember tag_members[] = {
	{"Key", &ddb_shape_tag_key, true},
	{"Value", &tag_value, true},
	{NULL}
};
static const DdbShape tag = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Tag",.members = tag_members
};
const DdbShape ddb_shape_tags = {.kind = DDB_SHAPE_LIST,.type_name = "Tag",.element = &tag};
