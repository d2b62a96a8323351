/*
 * read_requests.c
 *	  Query and Scan: request and response JSON.
 *
 * What can be judged by the parameters alone, without an expression's text, is
 * judged here, in DynamoDB's order; the rest in read.c.
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "api/legacy.h"
#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "op/words.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

static const char *const selects[] = {
	"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", NULL
};
static const DdbShape select_shape = {.kind = DDB_SHAPE_STRING,.enums = selects};

static const DdbMember query_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"IndexName", &ddb_shape_index_name},
	{"Select", &select_shape},
	{"AttributesToGet", &ddb_shape_attribute_names},
	{"Limit", &ddb_shape_limit},
	{"ConsistentRead", &ddb_shape_boolean},
	{"KeyConditions", &ddb_shape_conditions},
	{"QueryFilter", &ddb_shape_conditions},
	{"ConditionalOperator", &ddb_shape_conditional_operator_bare},
	{"ScanIndexForward", &ddb_shape_boolean},
	{"ExclusiveStartKey", &ddb_shape_item},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ProjectionExpression", &ddb_shape_string},
	{"FilterExpression", &ddb_shape_string},
	{"KeyConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{NULL}
};
static const DdbShape query_shape = {.kind = DDB_SHAPE_STRUCT,.members = query_members};

static const DdbMember scan_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"IndexName", &ddb_shape_index_name},
	{"AttributesToGet", &ddb_shape_attribute_names},
	{"Limit", &ddb_shape_limit},
	{"Select", &select_shape},
	{"ScanFilter", &ddb_shape_conditions},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ExclusiveStartKey", &ddb_shape_item},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"TotalSegments", &ddb_shape_total_segments},
	{"Segment", &ddb_shape_segment},
	{"ProjectionExpression", &ddb_shape_string},
	{"FilterExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ConsistentRead", &ddb_shape_boolean},
	{NULL}
};
static const DdbShape scan_shape = {.kind = DDB_SHAPE_STRUCT,.members = scan_members};

static const char *const query_legacy[] = {
	"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions", NULL
};
static const char *const query_legacy_but_keys[] = {
	"AttributesToGet", "QueryFilter", "ConditionalOperator", NULL
};
static const char *const query_expressions[] = {
	"ProjectionExpression", "FilterExpression", "KeyConditionExpression", NULL
};
static const char *const scan_legacy[] = {
	"AttributesToGet", "ScanFilter", "ConditionalOperator", NULL
};
static const char *const scan_expressions[] = {
	"ProjectionExpression", "FilterExpression", NULL
};

static DdbSelect
read_select(JsonbContainer *request)
{
	static const DdbSelect values[] = {
		DDB_SELECT_SPECIFIC, DDB_SELECT_COUNT, DDB_SELECT_ALL, DDB_SELECT_PROJECTED
	};
	char	   *name = ddb_request_string(request, "Select");

	for (int i = 0; name != NULL && selects[i] != NULL; i++)
	{
		if (strcmp(name, selects[i]) == 0)
			return values[i];
	}
	return DDB_SELECT_DEFAULT;
}

/*
 * check_select applies the rules between Select, a projection and IndexName ("API
 * reference: Query, Select").  Query begins the message as it does those of
 * collected constraints, Scan only where a projection is missing.
 */
static void
check_select(JsonbContainer *request, const DdbReadOp *op)
{
	const char *prefix = op->query ? "1 validation error detected: " : "";
	const char *projection = op->projection.data != NULL ? "ProjectionExpression" :
	ddb_request_has(request, "AttributesToGet") ? "AttributesToGet" : NULL;

	if (op->select == DDB_SELECT_DEFAULT)
		return;
	if (projection != NULL && op->select != DDB_SELECT_SPECIFIC)
		VALIDATION("%sCannot specify the %s when choosing to get %s", prefix, projection,
				   op->select == DDB_SELECT_COUNT ? "only the Count" :
				   op->select == DDB_SELECT_ALL ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES");
	if (projection == NULL && op->select == DDB_SELECT_SPECIFIC)
		VALIDATION("1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
	if (op->select == DDB_SELECT_PROJECTED && op->index_name == NULL)
		VALIDATION("%sALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
				   prefix);
}

/*
 * read_op reads what Query and Scan share.
 */
static void
read_op(JsonbContainer *request, DdbReadOp *op)
{
	op->table_name = ddb_request_string(request, "TableName");
	op->index_name = ddb_request_string(request, "IndexName");
	op->filter = ddb_request_text(request, "FilterExpression");
	op->projection = ddb_request_text(request, "ProjectionExpression");
	op->names = ddb_request_jsonb(request, "ExpressionAttributeNames");
	op->values = ddb_request_jsonb(request, "ExpressionAttributeValues");
	op->start_key = ddb_request_jsonb(request, "ExclusiveStartKey");
	op->select = read_select(request);
	op->consistent = ddb_request_bool(request, "ConsistentRead", false);
	op->segment = -1;
	op->total_segments = -1;
}

/*
 * read_legacy translates the parameters of before expressions.
 */
static void
read_legacy(JsonbContainer *request, DdbReadOp *op)
{
	DdbValueLayer layer = ddb_words_of_read(op)->values;

	op->bound_projection = ddb_legacy_projection(request);
	op->bound_filter = ddb_legacy_filter(request, op->query ? "QueryFilter" : "ScanFilter", layer);
	if (op->query)
		op->bound_key_condition = ddb_legacy_key_conditions(request, layer);
}

/*
 * respond reads one page and writes the response.
 */
static Jsonb *
respond(JsonbContainer *request, DdbReadOp *op, DdbConsumption *consumption)
{
	DdbJsonPart parts[2] = {{.name = "LastEvaluatedKey"}, {.name = "Items"}};
	bool		counts = op->select == DDB_SELECT_COUNT;
	DdbReader  *reader;
	DdbPage		page;
	JsonbParseState *state;

	op->capacity = ddb_consumption_capacity(consumption, op->table_name);
	reader = ddb_reader_open(op, GetActiveSnapshot());
	ddb_reader_page(reader, ddb_request_integer(request, "Limit", 0), &page);
	ddb_reader_close(reader);

	ddb_json_response(&state);
	ddb_json_push_integer(&state, "Count", page.count);
	ddb_json_push_integer(&state, "ScannedCount", page.scanned);
	ddb_consumption_push_one(&state, consumption);
	parts[0].value = page.last_key;
	parts[1].elements = page.items;
	parts[1].nelements = page.nitems;
	return ddb_json_finish_with(&state, page.last_key != NULL ? &parts[0] : &parts[1],
								(page.last_key != NULL) + !counts);
}

/*
 * query answers Query.
 */
static Jsonb *
query(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbReadOp	op = {.query = true};

	read_op(request, &op);
	op.key_condition = ddb_request_text(request, "KeyConditionExpression");
	op.forward = ddb_request_bool(request, "ScanIndexForward", true);
	check_select(request, &op);
	/* KeyConditions is at odds with its own successor only */
	ddb_legacy_check_no_mix(request, op.key_condition.data != NULL ? query_legacy : query_legacy_but_keys,
							query_expressions);
	read_legacy(request, &op);
	return respond(request, &op, consumption);
}

/*
 * scan answers Scan.
 */
static Jsonb *
scan(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbReadOp	op = {0};

	read_op(request, &op);
	op.forward = true;
	op.segment = (int) ddb_request_integer(request, "Segment", -1);
	op.total_segments = (int) ddb_request_integer(request, "TotalSegments", -1);
	ddb_legacy_check_no_mix(request, scan_legacy, scan_expressions);
	check_select(request, &op);
	read_legacy(request, &op);
	return respond(request, &op, consumption);
}

const DdbOperation ddb_read_operations[] = {
	{"Query", &query_shape, query, DDB_API_ITEMS},
	{"Scan", &scan_shape, scan, DDB_API_ITEMS},
	{NULL}
};
