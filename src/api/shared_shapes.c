/*
 * shared_shapes.c
 *	  Shapes that many requests share ("API reference": data types).
 */
#include "postgres.h"

#include "api/shape.h"

static const char *const capacity_modes[] = {"INDEXES", "TOTAL", "NONE", NULL};
static const char *const metrics_modes[] = {"SIZE", "NONE", NULL};
static const char *const return_values[] = {
	"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW", NULL
};

/* the new form lists these two in another order, and with mistakes of its own */
static const char *const new_return_values[] = {
	"ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATE_NEW", "NONE", NULL
};
static const char *const new_conditional_operators[] = {"ALL", "OR", NULL};
static const char *const return_on_failure[] = {"ALL_OLD", "NONE", NULL};
static const char *const conditional_operators[] = {"OR", "AND", NULL};
static const char *const comparison_operators[] = {
	"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE",
	"BEGINS_WITH", "GE", "CONTAINS", NULL
};

const DdbShape ddb_shape_string = {.kind = DDB_SHAPE_STRING};
const DdbShape ddb_shape_boolean = {.kind = DDB_SHAPE_BOOLEAN};
const DdbShape ddb_shape_integer = {.kind = DDB_SHAPE_INTEGER};
const DdbShape ddb_shape_long = {.kind = DDB_SHAPE_LONG};
const DdbShape ddb_shape_double = {.kind = DDB_SHAPE_DOUBLE};
const DdbShape ddb_shape_item = {.kind = DDB_SHAPE_ITEM};
const DdbShape ddb_shape_value = {.kind = DDB_SHAPE_VALUE,.type_name = "AttributeValue"};
const DdbShape ddb_shape_value_list = {.kind = DDB_SHAPE_LIST,.element = &ddb_shape_value};
const DdbShape ddb_shape_item_list = {.kind = DDB_SHAPE_LIST,.element = &ddb_shape_item};

/*
 * Requests on data may name a table by its ARN too, so the least length here is
 * 1; only CreateTable asks for 3.
 */
const DdbShape ddb_shape_table_name = {
	.kind = DDB_SHAPE_STRING,.arn = true,
	.has_min = true,.min = 1,.max = 255,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
const DdbShape ddb_shape_written_table_name = {
	.kind = DDB_SHAPE_STRING,.arn = true,
	.has_min = true,.min = 1,.max = 255,.new_forms = DDB_NEW_MIN,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
const DdbShape ddb_shape_batch_table_name = {
	.kind = DDB_SHAPE_STRING,.arn = true,
	.has_min = true,.min = 3,.max = 255,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
const DdbShape ddb_shape_index_name = {
	.kind = DDB_SHAPE_STRING,
	.has_min = true,.min = 3,.max = 255,
	.pattern = DDB_NAME_PATTERN,.characters = DDB_NAME_CHARACTERS
};
const DdbShape ddb_shape_names = {.kind = DDB_SHAPE_MAP,.element = &ddb_shape_string};

static const DdbShape attribute_name = {.kind = DDB_SHAPE_STRING,.max = 65535};

const DdbShape ddb_shape_attribute_names = {
	.kind = DDB_SHAPE_LIST,.has_min = true,.min = 1,.max = 255,.element = &attribute_name
};
const DdbShape ddb_shape_return_consumed_capacity = {
	.kind = DDB_SHAPE_STRING,.enums = capacity_modes
};
const DdbShape ddb_shape_return_item_collection_metrics = {
	.kind = DDB_SHAPE_STRING,.enums = metrics_modes
};
const DdbShape ddb_shape_return_values = {
	.kind = DDB_SHAPE_STRING,.enums = return_values,
	.new_forms = DDB_NEW_ENUM,.new_enums = new_return_values
};
const DdbShape ddb_shape_return_values_old_form = {
	.kind = DDB_SHAPE_STRING,.enums = return_values
};
const DdbShape ddb_shape_return_values_on_failure = {
	.kind = DDB_SHAPE_STRING,.enums = return_on_failure
};
const DdbShape ddb_shape_conditional_operator = {
	.kind = DDB_SHAPE_STRING,.enums = conditional_operators
};

const DdbShape ddb_shape_conditional_operator_new_form = {
	.kind = DDB_SHAPE_STRING,.enums = conditional_operators,
	.new_forms = DDB_NEW_ENUM,.new_enums = new_conditional_operators
};
const DdbShape ddb_shape_conditional_operator_bare = {
	.kind = DDB_SHAPE_STRING,.enums = conditional_operators,
	.new_forms = DDB_NEW_ENUM_BARE,.new_enums = new_conditional_operators
};
const DdbShape ddb_shape_limit = {
	.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.new_forms = DDB_NEW_MIN
};
const DdbShape ddb_shape_segment = {
	.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 0,.max = 999999,.new_forms = DDB_NEW_MIN
};
const DdbShape ddb_shape_total_segments = {
	.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.max = 1000000
};

static const DdbShape comparison_operator = {
	.kind = DDB_SHAPE_STRING,.enums = comparison_operators
};
static const DdbMember expected_members[] = {
	{"Value", &ddb_shape_value},
	{"Exists", &ddb_shape_boolean},
	{"ComparisonOperator", &comparison_operator},
	{"AttributeValueList", &ddb_shape_value_list},
	{NULL}
};
static const DdbShape expected_value = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ExpectedAttributeValue",.members = expected_members
};
const DdbShape ddb_shape_expected = {.kind = DDB_SHAPE_MAP,.element = &expected_value};

static const DdbMember condition_members[] = {
	{"AttributeValueList", &ddb_shape_value_list},
	{"ComparisonOperator", &comparison_operator, true},
	{NULL}
};
static const DdbShape condition = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Condition",.members = condition_members
};
const DdbShape ddb_shape_conditions = {.kind = DDB_SHAPE_MAP,.element = &condition};

static const DdbMember one_table_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{NULL}
};
const DdbShape ddb_shape_one_table = {.kind = DDB_SHAPE_STRUCT,.members = one_table_members};

static const DdbMember no_members[] = {{NULL}};

const DdbShape ddb_shape_nothing = {.kind = DDB_SHAPE_STRUCT,.members = no_members};
