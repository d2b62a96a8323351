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
#include "op/words.h"

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

/*
 * PutItem, UpdateItem and DeleteItem have their members in the order in which their
 * violated constraints are reported, a table name's first; the old form had another.
 */
static const DdbMember put_old_members[] = {
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ReturnValues", &ddb_shape_return_values_old_form},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"Item", &ddb_shape_item, true},
	{"Expected", &ddb_shape_expected},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape put_old_shape = {.kind = DDB_SHAPE_STRUCT,.members = put_old_members};
static const DdbMember put_members[] = {
	{"TableName", &ddb_shape_written_table_name, true},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnValues", &ddb_shape_return_values},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"Item", &ddb_shape_item, true},
	{"Expected", &ddb_shape_expected},
	{"ConditionalOperator", &ddb_shape_conditional_operator_new_form},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape put_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = put_members,.collects = DDB_COLLECTS_AFTER_FIRST,
	.old_form = &put_old_shape
};

static const DdbMember key_old_members[] = {
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionalOperator", &ddb_shape_conditional_operator},
	{"ReturnValues", &ddb_shape_return_values_old_form},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"Key", &ddb_shape_item, true},
	{"AttributeUpdates", &ddb_shape_attribute_updates},
	{"Expected", &ddb_shape_expected},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape key_old_shape = {.kind = DDB_SHAPE_STRUCT,.members = key_old_members};
static const DdbMember update_members[] = {
	{"TableName", &ddb_shape_written_table_name, true},
	{"ReturnValues", &ddb_shape_return_values},
	{"Key", &ddb_shape_item, true},
	{"AttributeUpdates", &ddb_shape_attribute_updates},
	{"Expected", &ddb_shape_expected},
	{"ConditionalOperator", &ddb_shape_conditional_operator_new_form},
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
	.kind = DDB_SHAPE_STRUCT,.members = update_members,.collects = DDB_COLLECTS_ONE,
	.old_form = &key_old_shape,.old_without = "Key"
};

static const DdbMember delete_members[] = {
	{"TableName", &ddb_shape_written_table_name, true},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnValues", &ddb_shape_return_values},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"Key", &ddb_shape_item, true},
	{"Expected", &ddb_shape_expected},
	{"ConditionalOperator", &ddb_shape_conditional_operator_new_form},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape delete_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = delete_members,.old_form = &key_old_shape
};

static const char *const legacy_get[] = {"AttributesToGet", NULL};
static const char *const expression_get[] = {"ProjectionExpression", NULL};
static const char *const legacy_write[] = {
	"AttributeUpdates", "Expected", "ConditionalOperator", NULL
};
static const char *const expression_write[] = {
	"UpdateExpression", "ConditionExpression", NULL
};

/*
 * get_item answers GetItem.
 */
static Jsonb *
get_item(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbGetOp	op = {0};
	JsonbParseState *state;
	DdbJsonPart part = {.name = "Item"};

	ddb_legacy_check_no_mix(request, legacy_get, expression_get);
	op.table_name = ddb_request_string(request, "TableName");
	op.key = ddb_request_jsonb(request, "Key");
	op.projection = ddb_request_text(request, "ProjectionExpression");
	op.names = ddb_request_jsonb(request, "ExpressionAttributeNames");
	op.consistent = ddb_request_bool(request, "ConsistentRead", false);
	op.bound_projection = ddb_legacy_projection(request);
	op.capacity = ddb_consumption_capacity(consumption, op.table_name);
	part.value = ddb_op_get(&op, GetActiveSnapshot());
	if (consumption->mode == DDB_CAPACITY_NONE)
		return ddb_json_compose(NULL, &part, part.value != NULL ? 1 : 0);

	ddb_json_response(&state);
	ddb_consumption_push_one(&state, consumption);
	return ddb_json_finish_with(&state, &part, part.value != NULL ? 1 : 0);
}

/*
 * read_legacy translates a write's parameters of before expressions.  What is wrong
 * with them is worded as in ddb_op_write().
 */
static void
read_legacy(JsonbContainer *request, DdbWriteOp *op)
{
	const DdbWords *words = ddb_words_of_write(op);
	MemoryContext context = CurrentMemoryContext;

	if (!ddb_request_has_any(request, legacy_write))
		return;
	PG_TRY();
	{
		ddb_legacy_check_no_mix(request, legacy_write, expression_write);
		if (op->kind == DDB_OP_UPDATE)
			op->bound_update = ddb_legacy_attribute_updates(request, words->values);
		op->bound_condition = ddb_legacy_expected(request, words->values);
	}
	PG_CATCH();
	{
		if (!words->enveloped)
			PG_RE_THROW();
		ddb_error_rethrow_enveloped(context);
	}
	PG_END_TRY();
}

/*
 * add_collection notes the item collection that was written to, where the request
 * wants it reported.
 */
static void
add_collection(DdbConsumption *consumption, const char *table_name, Jsonb *key_holder)
{
	DdbTableDesc *desc;

	if (!consumption->metrics)
		return;
	desc = ddb_desc_open(table_name, AccessShareLock);
	ddb_consumption_add_collection(consumption, desc, key_holder);
	ddb_desc_close(desc);
}

/*
 * write_item answers PutItem, UpdateItem and DeleteItem.
 */
static Jsonb *
write_item(JsonbContainer *request, DdbWriteKind kind, DdbConsumption *consumption)
{
	char	   *on_failure = ddb_request_string(request, "ReturnValuesOnConditionCheckFailure");
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
	op.capacity = ddb_consumption_capacity(consumption, op.table_name);
	read_legacy(request, &op);
	part.value = ddb_op_write(&op);
	add_collection(consumption, op.table_name, kind == DDB_OP_PUT ? op.item : op.key);

	ddb_json_response(&state);
	ddb_consumption_push_one(&state, consumption);
	return ddb_json_finish_with(&state, &part, part.value != NULL ? 1 : 0);
}

static Jsonb *
put_item(JsonbContainer *request, DdbConsumption *consumption)
{
	return write_item(request, DDB_OP_PUT, consumption);
}

static Jsonb *
update_item(JsonbContainer *request, DdbConsumption *consumption)
{
	return write_item(request, DDB_OP_UPDATE, consumption);
}

static Jsonb *
delete_item(JsonbContainer *request, DdbConsumption *consumption)
{
	return write_item(request, DDB_OP_DELETE, consumption);
}

const DdbOperation ddb_item_operations[] = {
	{"GetItem", &get_shape, get_item, DDB_API_ITEMS},
	{"PutItem", &put_shape, put_item, DDB_API_ITEMS},
	{"UpdateItem", &update_shape, update_item, DDB_API_ITEMS},
	{"DeleteItem", &delete_shape, delete_item, DDB_API_ITEMS},
	{NULL}
};
