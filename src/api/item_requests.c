/*
 * item_requests.c
 *	  GetItem, PutItem, UpdateItem, DeleteItem: request and response JSON.
 */
#include "postgres.h"

#include "storage/lockdefs.h"
#include "utils/snapmgr.h"

#include "api/legacy.h"
#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"

static const DdbMember get_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"Key", &ddb_shape_item, true},
	{"AttributesToGet", &ddb_shape_attribute_names},
	{"ConsistentRead", &ddb_shape_boolean},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ProjectionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{NULL}
};
static const DdbShape get_shape = {.kind = DDB_SHAPE_STRUCT,.members = get_members};

static const DdbMember put_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"Item", &ddb_shape_item, true},
	{"Expected", &ddb_shape_expected},
	{"ReturnValues", &ddb_shape_return_values},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape put_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = put_members,.collects = DDB_COLLECTS_AFTER_FIRST
};

static const DdbMember update_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"Key", &ddb_shape_item, true},
	{"AttributeUpdates", &ddb_shape_attribute_updates},
	{"Expected", &ddb_shape_expected},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ReturnValues", &ddb_shape_return_values},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"UpdateExpression", &ddb_shape_string},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape update_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = update_members,.collects = DDB_COLLECTS_ONE
};

static const DdbMember delete_members[] = {
	{"TableName", &ddb_shape_table_name, true},
	{"Key", &ddb_shape_item, true},
	{"Expected", &ddb_shape_expected},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ReturnValues", &ddb_shape_return_values},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape delete_shape = {.kind = DDB_SHAPE_STRUCT,.members = delete_members};

static const char *const legacy_get[] = {"AttributesToGet", NULL};
static const char *const expression_get[] = {"ProjectionExpression", NULL};

/*
 * get_item answers GetItem.
 */
static Jsonb *
get_item(JsonbContainer *request)
{
	DdbCapacityMode mode = ddb_request_capacity_mode(request);
	DdbCapacity capacity;
	DdbGetOp	op = {0};
	JsonbParseState *state;
	DdbJsonPart part = {.name = "Item"};

	ddb_check_no_mix(request, legacy_get, expression_get);
	op.table_name = ddb_request_string(request, "TableName");
	op.key = ddb_request_jsonb(request, "Key");
	op.projection = ddb_request_text(request, "ProjectionExpression");
	op.names = ddb_request_jsonb(request, "ExpressionAttributeNames");
	op.consistent = ddb_request_bool(request, "ConsistentRead", false);
	op.legacy = request;
	if (mode != DDB_CAPACITY_NONE)
	{
		ddb_capacity_init(&capacity, op.table_name);
		op.capacity = &capacity;
	}
	part.value = ddb_op_get(&op, GetActiveSnapshot());
	if (mode == DDB_CAPACITY_NONE)
		return ddb_json_compose(NULL, &part, part.value != NULL ? 1 : 0);

	ddb_json_response(&state);
	ddb_capacity_push(&state, &capacity, mode, false, false);
	return ddb_json_finish_with(&state, &part, part.value != NULL ? 1 : 0);
}

/*
 * ddb_wants_item_collection_metrics reads ReturnItemCollectionMetrics.
 */
bool
ddb_wants_item_collection_metrics(JsonbContainer *request)
{
	char	   *wanted = ddb_request_string(request, "ReturnItemCollectionMetrics");

	return wanted != NULL && strcmp(wanted, "SIZE") == 0;
}

/*
 * ddb_item_collection_metrics describes the item collection of an item or key;
 * NULL when the table has no local index.  Sizes are not tracked: the estimate
 * is always the least range, [0, 1] GB.
 */
Jsonb *
ddb_item_collection_metrics(const DdbTableDesc *desc, Jsonb *key_holder)
{
	const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, 0);
	JsonbParseState *state;
	JsonbValue	value;
	bool		local = false;

	for (int i = 0; i < desc->nindexes; i++)
		local = local || desc->indexes[i].kind == DDB_INDEX_LOCAL;
	if (!local ||
		!getKeyJsonValueFromContainer(&key_holder->root, att->name, att->name_len, &value))
		return NULL;
	ddb_json_response(&state);
	ddb_json_begin_object(&state, "ItemCollectionKey");
	ddb_json_push_jsonb(&state, att->name, JsonbValueToJsonb(&value));
	ddb_json_end_object(&state);
	ddb_json_begin_array(&state, "SizeEstimateRangeGB");
	ddb_json_push_integer(&state, NULL, 0);
	ddb_json_push_integer(&state, NULL, 1);
	ddb_json_end_array(&state);
	return ddb_json_finish(&state);
}

/*
 * push_item_collection_metrics appends ItemCollectionMetrics where the request
 * asks for it.
 */
static void
push_item_collection_metrics(JsonbParseState **state, JsonbContainer *request,
							 const char *table_name, Jsonb *key_holder)
{
	DdbTableDesc *desc;
	Jsonb	   *metrics;

	if (!ddb_wants_item_collection_metrics(request))
		return;
	desc = ddb_desc_open(table_name, AccessShareLock);
	metrics = ddb_item_collection_metrics(desc, key_holder);
	if (metrics != NULL)
		ddb_json_push_jsonb(state, "ItemCollectionMetrics", metrics);
	ddb_desc_close(desc);
}

/*
 * write_item answers PutItem, UpdateItem and DeleteItem.
 */
static Jsonb *
write_item(JsonbContainer *request, DdbWriteKind kind)
{
	DdbCapacityMode mode = ddb_request_capacity_mode(request);
	char	   *on_failure = ddb_request_string(request, "ReturnValuesOnConditionCheckFailure");
	DdbCapacity capacity;
	DdbWriteOp	op = {0};
	JsonbParseState *state;
	DdbJsonPart part = {.name = "Attributes"};

	op.kind = kind;
	op.table_name = ddb_request_string(request, "TableName");
	op.item = ddb_request_jsonb(request, "Item");
	op.key = ddb_request_jsonb(request, "Key");
	op.update = ddb_request_text(request, "UpdateExpression");
	op.condition = ddb_request_text(request, "ConditionExpression");
	op.names = ddb_request_jsonb(request, "ExpressionAttributeNames");
	op.values = ddb_request_jsonb(request, "ExpressionAttributeValues");
	op.return_values = ddb_request_return_values(request);
	op.return_old_on_failure = on_failure != NULL && strcmp(on_failure, "ALL_OLD") == 0;
	op.legacy = request;
	if (mode != DDB_CAPACITY_NONE)
	{
		ddb_capacity_init(&capacity, op.table_name);
		op.capacity = &capacity;
	}
	part.value = ddb_op_write(&op);

	ddb_json_response(&state);
	if (mode != DDB_CAPACITY_NONE)
		ddb_capacity_push(&state, &capacity, mode, false, false);
	push_item_collection_metrics(&state, request, op.table_name,
								 kind == DDB_OP_PUT ? op.item : op.key);
	return ddb_json_finish_with(&state, &part, part.value != NULL ? 1 : 0);
}

static Jsonb *
put_item(JsonbContainer *request)
{
	return write_item(request, DDB_OP_PUT);
}

static Jsonb *
update_item(JsonbContainer *request)
{
	return write_item(request, DDB_OP_UPDATE);
}

static Jsonb *
delete_item(JsonbContainer *request)
{
	return write_item(request, DDB_OP_DELETE);
}

const DdbOperation ddb_item_operations[] = {
	{"GetItem", &get_shape, get_item},
	{"PutItem", &put_shape, put_item},
	{"UpdateItem", &update_shape, update_item},
	{"DeleteItem", &delete_shape, delete_item},
	{NULL}
};
