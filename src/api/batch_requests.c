/*
 * batch_requests.c
 *	  BatchGetItem and BatchWriteItem.
 *
 * A batch checks all of its request before it reads or writes anything.  All
 * gets of a BatchGetItem see one snapshot.  Writes are on their own account in
 * DynamoDB; here they share the caller's transaction, so an error undoes them
 * all, and they are done in the order of order.c, so that two batches never wait
 * for each other in a circle.  None is ever left over: 25 items of 400 KB stay
 * under the 16 MB at which DynamoDB would give some back.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "api/consumption.h"
#include "api/legacy.h"
#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/steps.h"

#define MAX_KEYS 100
#define MAX_WRITES 25
#define MAX_RESPONSE (16 * 1024 * 1024) /* bytes of items */

#define DUPLICATES "Provided list of item keys contains duplicates"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

static const DdbShape key_list = {
	.kind = DDB_SHAPE_LIST,.has_min = true,.min = 1,.max = MAX_KEYS,
	.element = &ddb_shape_item
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
static const DdbShape get_tables = {
	.kind = DDB_SHAPE_MAP,.has_min = true,.min = 1,.max = MAX_KEYS,
	.key = &ddb_shape_table_name,.element = &keys_and_attributes
};
static const DdbMember batch_get_members[] = {
	{"RequestItems", &get_tables, true},
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
	.has_min = true,.min = 1,.max = MAX_WRITES,.element = &write_request
};
static const DdbShape write_tables = {
	.kind = DDB_SHAPE_MAP,.has_min = true,.min = 1,.max = MAX_WRITES,
	.key = &ddb_shape_table_name,.element = &write_list
};
static const DdbMember batch_write_members[] = {
	{"RequestItems", &write_tables, true},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"ReturnItemCollectionMetrics", &ddb_shape_return_item_collection_metrics},
	{NULL}
};
static const DdbShape batch_write_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = batch_write_members
};


/* One table's part of a BatchGetItem. */
typedef struct TableGets
{
	char	   *table_name;
	JsonbContainer *request;
	int			first;			/* of its gets */
	int			count;
	int			done;			/* how many are answered */
} TableGets;

typedef struct BatchGet
{
	DdbTally	tally;
	int			ntables;
	TableGets  *tables;
	int			ngets;
	DdbGetOp   *ops;
	DdbItemGet *gets;
	Jsonb	  **items;
} BatchGet;

/*
 * next_table steps through RequestItems.  A null counts as absent, as it does
 * for the shape.
 */
static bool
next_table(JsonbIterator **it, char **table_name, JsonbContainer **value)
{
	JsonbValue	key,
				member;

	do
	{
		if (JsonbIteratorNext(it, &key, true) != WJB_KEY)
			return false;
		(void) JsonbIteratorNext(it, &member, true);
	} while (member.type == jbvNull);
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
 * read_table_gets makes the gets of one table.
 */
static void
read_table_gets(BatchGet *batch, TableGets *table)
{
	JsonbContainer *keys = ddb_json_container(table->request, "Keys", true);
	DdbGetOp	op = {.table_name = table->table_name};

	table->first = batch->ngets;
	table->count = JsonContainerSize(keys);
	if (batch->ngets + table->count > MAX_KEYS)
		VALIDATION("Too many items requested for the BatchGetItem call");
	op.projection = ddb_request_text(table->request, "ProjectionExpression");
	op.names = ddb_request_jsonb(table->request, "ExpressionAttributeNames");
	op.legacy = table->request;
	op.consistent = ddb_request_bool(table->request, "ConsistentRead", false);
	op.capacity = ddb_tally_capacity(&batch->tally, table->table_name);
	for (int i = 0; i < table->count; i++)
	{
		op.key = element_jsonb(keys, i);
		batch->ops[batch->ngets++] = op;
	}
}

/*
 * check_no_mix refuses expressions and legacy parameters in one request, be they
 * for different tables.
 */
static void
check_no_mix(const BatchGet *batch)
{
	bool		legacy = false;
	bool		expressions = false;

	for (int i = 0; i < batch->ntables; i++)
	{
		legacy = legacy || ddb_request_has(batch->tables[i].request, "AttributesToGet");
		expressions = expressions ||
			ddb_request_has(batch->tables[i].request, "ProjectionExpression");
	}
	if (legacy && expressions)
		VALIDATION("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}");
}

/*
 * read_batch_get makes the gets of a request.
 */
static void
read_batch_get(JsonbContainer *request, BatchGet *batch)
{
	int			most;
	JsonbIterator *it = iterate_tables(request, &most);
	TableGets  *table;

	ddb_tally_init(&batch->tally, request, false);
	batch->tables = palloc_array(TableGets, most);
	batch->ngets = 0;
	batch->ops = palloc_array(DdbGetOp, MAX_KEYS);
	batch->gets = palloc_array(DdbItemGet, MAX_KEYS);
	batch->items = palloc_array(Jsonb *, MAX_KEYS);
	for (table = batch->tables; next_table(&it, &table->table_name, &table->request); table++)
		continue;
	batch->ntables = table - batch->tables;
	check_no_mix(batch);
	for (int i = 0; i < batch->ntables; i++)
		read_table_gets(batch, &batch->tables[i]);
}

/*
 * check_gets_unique refuses a key that a table's list has twice.
 */
static void
check_gets_unique(const BatchGet *batch, const TableGets *table)
{
	for (int i = table->first + 1; i < table->first + table->count; i++)
	{
		for (int j = table->first; j < i; j++)
		{
			if (ddb_store_same_key(batch->gets[i].desc, batch->gets[i].key, batch->gets[j].key))
				VALIDATION(DUPLICATES);
		}
	}
}

/*
 * run_gets reads until all is read or the next item would not fit the response.
 */
static void
run_gets(BatchGet *batch)
{
	int64		size = 0;
	bool		full = false;

	for (int t = 0; t < batch->ntables; t++)
	{
		TableGets  *table = &batch->tables[t];

		for (table->done = 0; table->done < table->count && !full; table->done++)
		{
			int			i = table->first + table->done;
			DdbCapacity *capacity = batch->ops[i].capacity;
			DdbUnits	before = {0, 0};

			CHECK_FOR_INTERRUPTS();
			if (capacity != NULL)
				before = capacity->table;
			batch->items[i] = ddb_get_run(&batch->gets[i], GetActiveSnapshot());
			size += batch->gets[i].size;
			full = size > MAX_RESPONSE;
			if (!full)
				continue;
			if (capacity != NULL)
				capacity->table = before;
			break;
		}
	}
}

/*
 * push_unprocessed appends UnprocessedKeys: what the request said of each table,
 * with the keys not yet read.
 */
static void
push_unprocessed(JsonbParseState **state, const BatchGet *batch)
{
	ddb_json_begin_object(state, "UnprocessedKeys");
	for (int t = 0; t < batch->ntables; t++)
	{
		const TableGets *table = &batch->tables[t];

		if (table->done == table->count)
			continue;
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
		for (int i = table->done; i < table->count; i++)
			ddb_json_push_jsonb(state, NULL, batch->ops[table->first + i].key);
		ddb_json_end_array(state);
		ddb_json_end_object(state);
	}
	ddb_json_end_object(state);
}

/*
 * batch_get_item answers BatchGetItem.
 */
static Jsonb *
batch_get_item(JsonbContainer *request)
{
	BatchGet	batch;
	JsonbParseState *state;

	read_batch_get(request, &batch);
	for (int i = 0; i < batch.ngets; i++)
		ddb_get_prepare(&batch.gets[i], &batch.ops[i]);
	for (int i = 0; i < batch.ngets; i++)
		ddb_get_open(&batch.gets[i]);
	for (int i = 0; i < batch.ngets; i++)
		ddb_get_bind_key(&batch.gets[i]);
	for (int t = 0; t < batch.ntables; t++)
		check_gets_unique(&batch, &batch.tables[t]);
	run_gets(&batch);

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "Responses");
	for (int t = 0; t < batch.ntables; t++)
	{
		const TableGets *table = &batch.tables[t];

		ddb_json_begin_array(&state, table->table_name);
		for (int i = table->first; i < table->first + table->done; i++)
		{
			if (batch.items[i] != NULL)
				ddb_json_push_jsonb(&state, NULL, batch.items[i]);
		}
		ddb_json_end_array(&state);
	}
	ddb_json_end_object(&state);
	push_unprocessed(&state, &batch);
	ddb_tally_push(&state, &batch.tally);
	for (int i = 0; i < batch.ngets; i++)
		ddb_get_close(&batch.gets[i]);
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
read_batch_write(JsonbContainer *request, DdbTally *tally, DdbWriteOp ops[MAX_WRITES])
{
	int			n = 0;
	int			most;
	JsonbIterator *it = iterate_tables(request, &most);
	char	   *table_name;
	JsonbContainer *list;

	while (next_table(&it, &table_name, &list))
	{
		int			count = JsonContainerSize(list);

		if (n + count > MAX_WRITES)
			VALIDATION("Too many items requested for the BatchWriteItem call");
		for (int i = 0; i < count; i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(list, i);

			ops[n].table_name = table_name;
			ops[n].capacity = ddb_tally_capacity(tally, table_name);
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
batch_write_item(JsonbContainer *request)
{
	DdbWriteOp	ops[MAX_WRITES] = {{0}};
	DdbItemWrite *items = palloc_array(DdbItemWrite, MAX_WRITES);
	DdbTally	tally;
	JsonbParseState *state;
	int		   *order;
	int			n;

	ddb_tally_init(&tally, request, false);
	n = read_batch_write(request, &tally, ops);
	for (int i = 0; i < n; i++)
		ddb_write_prepare(&items[i], &ops[i]);
	for (int i = 0; i < n; i++)
		ddb_write_open(&items[i]);
	for (int i = 0; i < n; i++)
		ddb_write_bind_key(&items[i]);
	order = ddb_write_order(items, n, DUPLICATES);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ddb_write_run(&items[order[i]]);
	}
	for (int i = 0; i < n; i++)
		ddb_tally_collection(&tally, items[i].write.desc, items[i].item);

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "UnprocessedItems");
	ddb_json_end_object(&state);
	ddb_tally_push(&state, &tally);
	for (int i = 0; i < n; i++)
		ddb_write_close(&items[i]);
	return ddb_json_finish(&state);
}

const DdbOperation ddb_batch_operations[] = {
	{"BatchGetItem", &batch_get_shape, batch_get_item},
	{"BatchWriteItem", &batch_write_shape, batch_write_item},
	{NULL}
};
