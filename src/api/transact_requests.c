/*
 * transact_requests.c
 *	  TransactGetItems and TransactWriteItems: request and response JSON.
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/steps.h"
#include "op/transact.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

static const DdbMember get_members[] = {
	{"Key", &ddb_shape_item, true},
	{"TableName", &ddb_shape_table_name, true},
	{"ProjectionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{NULL}
};
static const DdbShape get_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Get",.members = get_members
};
static const DdbMember get_item_members[] = {{"Get", &get_shape, true}, {NULL}};
static const DdbShape get_item = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "TransactGetItem",.members = get_item_members
};
static const DdbShape get_list = {
	.kind = DDB_SHAPE_LIST,.type_name = "TransactGetItem",
	.has_min = true,.min = 1,.max = DDB_TXN_MAX_ITEMS,
	.new_forms = DDB_NEW_MIN | DDB_NEW_MAX,.element = &get_item
};
static const DdbMember transact_get_members[] = {
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"TransactItems", &get_list, true},
	{NULL}
};
static const DdbShape transact_get_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = transact_get_members
};

static const DdbMember check_members[] = {
	{"Key", &ddb_shape_item, true},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionExpression", &ddb_shape_string, true},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbMember put_members[] = {
	{"Item", &ddb_shape_item, true},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbMember delete_members[] = {
	{"Key", &ddb_shape_item, true},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbMember update_members[] = {
	{"Key", &ddb_shape_item, true},
	{"UpdateExpression", &ddb_shape_string, true},
	{"TableName", &ddb_shape_table_name, true},
	{"ConditionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{"ExpressionAttributeValues", &ddb_shape_item},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape check_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ConditionCheck",.members = check_members
};
static const DdbShape put_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Put",.members = put_members
};
static const DdbShape delete_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Delete",.members = delete_members
};
static const DdbShape update_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "Update",.members = update_members
};
static const DdbMember write_item_members[] = {
	{"ConditionCheck", &check_shape},
	{"Put", &put_shape},
	{"Delete", &delete_shape},
	{"Update", &update_shape},
	{NULL}
};
static const DdbShape write_item = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "TransactWriteItem",.members = write_item_members
};
static const DdbShape write_list = {
	.kind = DDB_SHAPE_LIST,.type_name = "TransactWriteItem",
	.has_min = true,.min = 1,.max = DDB_TXN_MAX_ITEMS,
	.new_forms = DDB_NEW_MIN | DDB_NEW_MAX,.element = &write_item
};
static const DdbShape request_token = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 36,.new_forms = DDB_NEW_MAX
};
static const DdbMember transact_write_members[] = {
	{"ClientRequestToken", &request_token},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"TransactItems", &write_list, true},
	{NULL}
};
static const DdbShape transact_write_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = transact_write_members
};

/* The kinds of a TransactWriteItem. */
static const struct
{
	const char *member;
	DdbWriteKind kind;
}			kinds[] = {
	{"ConditionCheck", DDB_OP_CHECK},
	{"Put", DDB_OP_PUT},
	{"Delete", DDB_OP_DELETE},
	{"Update", DDB_OP_UPDATE}
};

static JsonbContainer *
transact_item(JsonbContainer *list, int i)
{
	return getIthJsonbValueFromContainer(list, i)->val.binary.data;
}

/*
 * transact_get_items answers TransactGetItems.
 */
static Jsonb *
transact_get_items(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *list = ddb_json_container(request, "TransactItems", true);
	int			n = JsonContainerSize(list);
	DdbGetOp   *ops = palloc0(sizeof(DdbGetOp) * n);
	DdbItemGet *gets = palloc_array(DdbItemGet, n);
	JsonbParseState *state;
	Jsonb	  **items;

	consumption->transactional = true;
	for (int i = 0; i < n; i++)
	{
		JsonbContainer *get = ddb_json_container(transact_item(list, i), "Get", false);

		ops[i].table_name = ddb_request_string(get, "TableName");
		ops[i].key = ddb_request_jsonb(get, "Key");
		ops[i].projection = ddb_request_text(get, "ProjectionExpression");
		ops[i].names = ddb_request_jsonb(get, "ExpressionAttributeNames");
		ops[i].transactional = true;
		ops[i].capacity = ddb_consumption_capacity(consumption, ops[i].table_name);
	}
	items = ddb_txn_get(ops, n, gets, GetActiveSnapshot());

	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Responses");
	for (int i = 0; i < n; i++)
	{
		ddb_json_begin_object(&state, NULL);
		/* a projection that leaves nothing is answered like no item */
		if (items[i] != NULL && JB_ROOT_COUNT(items[i]) > 0)
			ddb_json_push_jsonb(&state, "Item", items[i]);
		ddb_json_end_object(&state);
		ddb_get_close(&gets[i]);
	}
	ddb_json_end_array(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

/*
 * read_write makes a write of a TransactWriteItem.
 */
static void
read_write(JsonbContainer *item, DdbConsumption *consumption, DdbWriteOp *op)
{
	JsonbContainer *write = NULL;
	char	   *on_failure;

	for (int i = 0; i < lengthof(kinds); i++)
	{
		JsonbContainer *member = ddb_json_container(item, kinds[i].member, false);

		if (member == NULL)
			continue;
		if (write != NULL)
			VALIDATION("TransactItems can only contain one of Check, Put, Update or Delete");
		write = member;
		op->kind = kinds[i].kind;
	}
	if (write == NULL)
		VALIDATION("1 validation error detected: Value '' at 'transactItems' failed to satisfy constraint: TransactWriteRequest should contain Delete or Put or Update or ConditionCheck");
	on_failure = ddb_request_string(write, "ReturnValuesOnConditionCheckFailure");
	op->table_name = ddb_request_string(write, "TableName");
	op->item = ddb_request_jsonb(write, "Item");
	op->key = ddb_request_jsonb(write, "Key");
	if (op->kind == DDB_OP_UPDATE)
		op->update = ddb_request_text(write, "UpdateExpression");
	op->condition = ddb_request_text(write, "ConditionExpression");
	op->names = ddb_request_jsonb(write, "ExpressionAttributeNames");
	op->values = ddb_request_jsonb(write, "ExpressionAttributeValues");
	op->return_old_on_failure = on_failure != NULL && strcmp(on_failure, "ALL_OLD") == 0;
	op->nowait = true;
	op->transactional = true;
	op->capacity = ddb_consumption_capacity(consumption, op->table_name);
}

/*
 * replay_consumption is what a replay of the transaction reports: its items as read,
 * each 2 units for each 4 KB begun, and the same item collections.
 */
static DdbConsumption
replay_consumption(const DdbConsumption *consumption, const DdbItemWrite *items, int n)
{
	DdbConsumption replay = *consumption;

	replay.capacities = NIL;
	for (int i = 0; i < n; i++)
		ddb_capacity_add_read(ddb_consumption_capacity(&replay, items[i].op->table_name), NULL,
							  ddb_read_units(items[i].larger_size, true, true));
	return replay;
}

/*
 * response is {} with what the request wants reported.
 */
static Jsonb *
response(const DdbConsumption *consumption)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

/*
 * transact_write_items answers TransactWriteItems.
 */
static Jsonb *
transact_write_items(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *list = ddb_json_container(request, "TransactItems", true);
	char	   *token = ddb_request_string(request, "ClientRequestToken");
	int			n = JsonContainerSize(list);
	DdbWriteOp *ops = palloc0(sizeof(DdbWriteOp) * n);
	DdbItemWrite *items = palloc_array(DdbItemWrite, n);
	DdbConsumption replay;
	Jsonb	   *saved;

	consumption->transactional = true;
	for (int i = 0; i < n; i++)
		read_write(transact_item(list, i), consumption, &ops[i]);
	saved = token ? ddb_token_find(token, request) : NULL;
	if (saved != NULL)
		return saved;
	ddb_txn_write(ops, n, items);
	for (int i = 0; i < n; i++)
	{
		if (ops[i].kind != DDB_OP_CHECK)
			ddb_consumption_add_collection(consumption, items[i].write.desc, items[i].item);
		ddb_write_close(&items[i]);
	}
	if (token != NULL)
	{
		replay = replay_consumption(consumption, items, n);
		ddb_token_save(token, request, response(&replay));
	}
	return response(consumption);
}

const DdbOperation ddb_transact_operations[] = {
	{"TransactGetItems", &transact_get_shape, transact_get_items, DDB_API_ITEMS},
	{"TransactWriteItems", &transact_write_shape, transact_write_items, DDB_API_ITEMS},
	{NULL}
};
