/*
 * batch_requests.c
 *	  BatchGetItem and BatchWriteItem.
 */
#include "postgres.h"

#include "utils/snapmgr.h"

#include "api/legacy.h"
#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/batch.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

static const DdbShape key_list = {
	.kind = DDB_SHAPE_LIST,.has_min = true,.min = 1,.max = DDB_BATCH_MAX_KEYS,
	.new_forms = DDB_NEW_MIN | DDB_NEW_MAX,.element = &ddb_shape_item
};
static const DdbMember keys_members[] = {
	{"Keys", &key_list, true},
	{"AttributesToGet", &ddb_shape_attribute_names},
	{"ConsistentRead", &ddb_shape_boolean},
	{"ProjectionExpression", &ddb_shape_string},
	{"ExpressionAttributeNames", &ddb_shape_names},
	{NULL}
};
static const DdbShape keys_and_attributes = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "KeysAndAttributes",.members = keys_members
};
const DdbShape ddb_shape_batch_get_tables = {
	.kind = DDB_SHAPE_MAP,.has_min = true,.min = 1,.max = DDB_BATCH_MAX_KEYS,
	.new_forms = DDB_NEW_MIN,.key = &ddb_shape_batch_table_name,.element = &keys_and_attributes
};
static const DdbMember batch_get_members[] = {
	{"RequestItems", &ddb_shape_batch_get_tables, true},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{NULL}
};
static const DdbShape batch_get_shape = {.kind = DDB_SHAPE_STRUCT,.members = batch_get_members};

static const DdbMember put_members[] = {{"Item", &ddb_shape_item, true}, {NULL}};
static const DdbMember delete_members[] = {{"Key", &ddb_shape_item, true}, {NULL}};
static const DdbShape put_request = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "PutRequest",.members = put_members
};
static const DdbShape delete_request = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "DeleteRequest",.members = delete_members
};
static const DdbMember write_request_members[] = {
	{"PutRequest", &put_request},
	{"DeleteRequest", &delete_request},
	{NULL}
};
static const DdbShape write_request = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "WriteRequest",.members = write_request_members
};
static const DdbShape write_list = {
	.kind = DDB_SHAPE_LIST,.type_name = "WriteRequest",
	.max = DDB_BATCH_MAX_WRITES,.new_forms = DDB_NEW_MAX,.element = &write_request
};
static const DdbShape write_list_length = {
	.kind = DDB_SHAPE_LIST,.has_min = true,.min = 1,.max = DDB_BATCH_MAX_WRITES
};
const DdbShape ddb_shape_batch_write_tables = {
	.kind = DDB_SHAPE_MAP,.max = DDB_BATCH_MAX_WRITES,.java = true,
	.key = &ddb_shape_batch_table_name,.value = &write_list_length,.element = &write_list
};
static const DdbMember batch_write_members[] = {
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{"RequestItems", &ddb_shape_batch_write_tables, true},
	{NULL}
};
static const DdbShape batch_write_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = batch_write_members,.collects = DDB_COLLECTS_BEFORE_LAST
};

/* What a BatchGetItem says of one table, and the gets made of it. */
typedef struct TableGets
{
	char	   *table_name;
	JsonbContainer *request;
} TableGets;

/*
 * next_table steps through RequestItems, which has no nulls.
 */
static bool
next_table(JsonbIterator **it, char **table_name, JsonbContainer **value)
{
	JsonbValue	key,
				member;

	if (JsonbIteratorNext(it, &key, true) != WJB_KEY)
		return false;
	(void) JsonbIteratorNext(it, &member, true);
	*table_name = pnstrdup(key.val.string.val, key.val.string.len);
	*value = member.val.binary.data;
	return true;
}

/*
 * iterate_tables starts with RequestItems; *ntables gets the most tables there
 * can be.
 */
static JsonbIterator *
iterate_tables(JsonbContainer *request, int *ntables)
{
	JsonbContainer *tables = ddb_json_container(request, "RequestItems", false);
	JsonbIterator *it = JsonbIteratorInit(tables);
	JsonbValue	start;

	*ntables = JsonContainerSize(tables);
	(void) JsonbIteratorNext(&it, &start, true);
	return it;
}

static Jsonb *
element_jsonb(JsonbContainer *array, int i)
{
	return JsonbValueToJsonb(getIthJsonbValueFromContainer(array, i));
}

/*
 * read_gets makes the gets of one table.
 */
static void
read_gets(const TableGets *table, DdbConsumption *consumption, DdbBatchGet *get)
{
	JsonbContainer *keys = ddb_json_container(table->request, "Keys", true);

	MemSet(get, 0, sizeof(DdbBatchGet));
	get->op.table_name = table->table_name;
	get->op.projection = ddb_request_text(table->request, "ProjectionExpression");
	get->op.names = ddb_request_jsonb(table->request, "ExpressionAttributeNames");
	get->op.bound_projection = ddb_legacy_projection(table->request);
	get->op.consistent = ddb_request_bool(table->request, "ConsistentRead", false);
	get->op.batch = true;
	get->op.capacity = ddb_consumption_capacity(consumption, table->table_name);
	get->nkeys = JsonContainerSize(keys);
	get->keys = palloc_array(Jsonb *, Max(get->nkeys, 1));
	for (int i = 0; i < get->nkeys; i++)
		get->keys[i] = element_jsonb(keys, i);
}

/*
 * check_no_mix refuses expressions and legacy parameters in one request, be they
 * for different tables.
 */
static void
check_no_mix(const TableGets *tables, int ntables)
{
	bool		legacy = false;
	bool		expressions = false;

	for (int i = 0; i < ntables; i++)
	{
		legacy = legacy || ddb_request_has(tables[i].request, "AttributesToGet");
		expressions = expressions ||
			ddb_request_has(tables[i].request, "ProjectionExpression");
	}
	if (legacy && expressions)
		VALIDATION("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}");
}

/*
 * push_unprocessed appends what the request said of a table, with the keys not yet
 * read.
 */
static void
push_unprocessed(JsonbParseState **state, const TableGets *table, const DdbBatchGet *get)
{
	if (get->ndone == get->nkeys)
		return;
	ddb_json_begin_object(state, table->table_name);
	for (const DdbMember *m = keys_members; m->name != NULL; m++)
	{
		JsonbValue	value;

		if (strcmp(m->name, "Keys") == 0 ||
			!ddb_json_member(table->request, m->name, &value))
			continue;
		if (value.type == jbvBool)
			ddb_json_push_bool(state, m->name, value.val.boolean);
		else if (value.type == jbvString)
			ddb_json_push_string(state, m->name, ddb_json_cstring(&value));
		else
			ddb_json_push_jsonb(state, m->name, JsonbValueToJsonb(&value));
	}
	ddb_json_begin_array(state, "Keys");
	for (int i = get->ndone; i < get->nkeys; i++)
		ddb_json_push_jsonb(state, NULL, get->keys[i]);
	ddb_json_end_array(state);
	ddb_json_end_object(state);
}

/*
 * batch_get_item answers BatchGetItem.
 */
static Jsonb *
batch_get_item(JsonbContainer *request, DdbConsumption *consumption)
{
	int			most;
	JsonbIterator *it = iterate_tables(request, &most);
	TableGets  *tables = palloc_array(TableGets, most);
	DdbBatchGet *gets = palloc_array(DdbBatchGet, most);
	JsonbParseState *state;
	int			n = 0;

	while (next_table(&it, &tables[n].table_name, &tables[n].request))
		n++;
	check_no_mix(tables, n);
	for (int t = 0; t < n; t++)
		read_gets(&tables[t], consumption, &gets[t]);
	ddb_op_batch_get(gets, n, GetActiveSnapshot());

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "Responses");
	for (int t = 0; t < n; t++)
	{
		ddb_json_begin_array(&state, tables[t].table_name);
		for (int i = 0; i < gets[t].ndone; i++)
		{
			if (gets[t].items[i] != NULL)
				ddb_json_push_jsonb(&state, NULL, gets[t].items[i]);
		}
		ddb_json_end_array(&state);
	}
	ddb_json_end_object(&state);
	ddb_json_begin_object(&state, "UnprocessedKeys");
	for (int t = 0; t < n; t++)
		push_unprocessed(&state, &tables[t], &gets[t]);
	ddb_json_end_object(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

/*
 * read_write makes a write of a WriteRequest.
 */
static void
read_write(JsonbContainer *request, DdbWriteOp *op)
{
	JsonbContainer *put = ddb_json_container(request, "PutRequest", false);
	JsonbContainer *delete = ddb_json_container(request, "DeleteRequest", false);

	if (put != NULL && delete != NULL)
		VALIDATION("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
	if (put == NULL && delete == NULL)
		VALIDATION("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
	op->kind = put != NULL ? DDB_OP_PUT : DDB_OP_DELETE;
	if (put != NULL)
		op->item = ddb_request_jsonb(put, "Item");
	else
		op->key = ddb_request_jsonb(delete, "Key");
	op->batch = true;
}

/*
 * read_batch_write makes the writes of a request and gives their number.
 */
static int
read_batch_write(JsonbContainer *request, DdbConsumption *consumption,
				 DdbWriteOp ops[DDB_BATCH_MAX_WRITES])
{
	int			n = 0;
	int			most;
	JsonbIterator *it = iterate_tables(request, &most);
	char	   *table_name;
	JsonbContainer *list;

	if (most == 0)
		VALIDATION("The requestItems parameter is required for BatchWriteItem");
	while (next_table(&it, &table_name, &list))
	{
		int			count = JsonContainerSize(list);

		if (n + count > DDB_BATCH_MAX_WRITES)
			VALIDATION("Too many items requested for the BatchWriteItem call");
		for (int i = 0; i < count; i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(list, i);

			ops[n].table_name = table_name;
			ops[n].capacity = ddb_consumption_capacity(consumption, table_name);
			read_write(element->val.binary.data, &ops[n]);
			n++;
		}
	}
	return n;
}

/*
 * batch_write_item answers BatchWriteItem.
 */
static Jsonb *
batch_write_item(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbWriteOp	ops[DDB_BATCH_MAX_WRITES] = {{0}};
	DdbItemWrite *items = palloc_array(DdbItemWrite, DDB_BATCH_MAX_WRITES);
	JsonbParseState *state;
	int			n = read_batch_write(request, consumption, ops);

	ddb_op_batch_write(ops, n, items);
	for (int i = 0; i < n; i++)
	{
		ddb_consumption_add_collection(consumption, items[i].write.desc, items[i].item);
		ddb_write_close(&items[i]);
	}

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "UnprocessedItems");
	ddb_json_end_object(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

const DdbOperation ddb_batch_operations[] = {
	{"BatchGetItem", &batch_get_shape, batch_get_item, DDB_API_ITEMS},
	{"BatchWriteItem", &batch_write_shape, batch_write_item, DDB_API_ITEMS},
	{NULL}
};
