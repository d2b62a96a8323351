/*
 * batches.c
 *	  The SQL door to operations on many items: ddb_batch_get, ddb_batch_write,
 *	  ddb_transact_get, ddb_transact_write.
 *
 * A transaction's items are those of the API, so its functions make the request of
 * their operation and take the answer apart.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/batch.h"

PG_FUNCTION_INFO_V1(ddb_batch_get);
PG_FUNCTION_INFO_V1(ddb_batch_write);
PG_FUNCTION_INFO_V1(ddb_transact_get);
PG_FUNCTION_INFO_V1(ddb_transact_write);

/*
 * require_argument raises the error for an argument that must not be NULL;
 * member names it.
 */
static void
require_argument(FunctionCallInfo fcinfo, int n, const char *member)
{
	if (PG_ARGISNULL(n))
		ddb_shape_check_member(&ddb_shape_item, member, NULL);
}

/*
 * require_array raises the error for JSON that is not an array.
 */
static JsonbContainer *
require_array(Jsonb *json)
{
	if (!JB_ROOT_IS_ARRAY(json) || JB_ROOT_IS_SCALAR(json))
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected field type"));
	return &json->root;
}

/*
 * put_row appends a row to the result of a set-returning function.
 */
static void
put_row(ReturnSetInfo *rsinfo, Jsonb *item)
{
	Datum		value = item ? JsonbPGetDatum(item) : (Datum) 0;
	bool		isnull = item == NULL;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
}

/*
 * array_elements gives the elements of an array of objects, and their number.
 */
static Jsonb **
array_elements(Jsonb *array, int *n)
{
	JsonbContainer *elements = require_array(array);
	Jsonb	  **result;

	*n = JsonContainerSize(elements);
	result = palloc_array(Jsonb *, Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(elements, i);

		if (element->type != jbvBinary || JsonContainerIsArray(element->val.binary.data))
			ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
					errmsg("Unexpected field type"));
		result[i] = JsonbValueToJsonb(element);
	}
	return result;
}

/*
 * is_plain tells whether a batch's table name and number of elements are surely what
 * RequestItems may have.
 */
static bool
is_plain(const char *table_name, int n, int max)
{
	size_t		len = strlen(table_name);

	return n > 0 && n <= max && len >= 3 && len <= 255 &&
		strspn(table_name, DDB_NAME_CHARACTERS) == len;
}

/*
 * check_tables checks RequestItems.
 */
static void
check_tables(const DdbShape *shape, Jsonb *tables)
{
	JsonbValue	value;

	value.type = jbvBinary;
	value.val.binary.data = &tables->root;
	value.val.binary.len = VARSIZE(tables) - VARHDRSZ;
	ddb_shape_check_member(shape, "RequestItems", &value);
}

/*
 * check_gets checks a table's name and number of keys as a request does.
 */
static void
check_gets(const DdbBatchGet *get)
{
	JsonbParseState *state;

	if (is_plain(get->op.table_name, get->nkeys, DDB_BATCH_MAX_KEYS))
		return;
	ddb_json_response(&state);
	ddb_json_begin_object(&state, get->op.table_name);
	ddb_json_begin_array(&state, "Keys");
	for (int i = 0; i < get->nkeys; i++)
		ddb_json_push_jsonb(&state, NULL, get->keys[i]);
	ddb_json_end_array(&state);
	ddb_json_end_object(&state);
	check_tables(&ddb_shape_batch_get_tables, ddb_json_finish(&state));
}

/*
 * check_writes does so for writes.
 */
static void
check_writes(const char *table_name, const DdbWriteOp *ops, int n)
{
	JsonbParseState *state;

	if (is_plain(table_name, n, DDB_BATCH_MAX_WRITES))
		return;
	ddb_json_response(&state);
	ddb_json_begin_array(&state, table_name);
	for (int i = 0; i < n; i++)
	{
		bool		is_put = ops[i].kind == DDB_OP_PUT;

		CHECK_FOR_INTERRUPTS();
		ddb_json_begin_object(&state, NULL);
		ddb_json_begin_object(&state, is_put ? "PutRequest" : "DeleteRequest");
		ddb_json_push_jsonb(&state, is_put ? "Item" : "Key", is_put ? ops[i].item : ops[i].key);
		ddb_json_end_object(&state);
		ddb_json_end_object(&state);
	}
	ddb_json_end_array(&state);
	check_tables(&ddb_shape_batch_write_tables, ddb_json_finish(&state));
}

/*
 * ddb_batch_get(table_name, keys, projection, names) -> setof jsonb.  What one
 * batch leaves unprocessed the next one reads, with the same snapshot.
 */
Datum
ddb_batch_get(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DdbBatchGet get = {0};

	require_argument(fcinfo, 0, "TableName");
	require_argument(fcinfo, 1, "Keys");
	get.op.table_name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	get.keys = array_elements(PG_GETARG_JSONB_P(1), &get.nkeys);
	get.op.batch = true;
	check_gets(&get);
	if (!PG_ARGISNULL(2))
	{
		get.op.projection.data = VARDATA_ANY(PG_GETARG_TEXT_PP(2));
		get.op.projection.len = VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(2));
	}
	get.op.names = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (; get.nkeys > 0; get.keys += get.ndone, get.nkeys -= get.ndone)
	{
		CHECK_FOR_INTERRUPTS();
		ddb_op_batch_get(&get, 1, GetActiveSnapshot());
		for (int i = 0; i < get.ndone; i++)
		{
			if (get.items[i] != NULL)
				put_row(rsinfo, get.items[i]);
		}
	}
	return (Datum) 0;
}

/*
 * add_writes appends a write for each element of an argument that is an array.
 */
static void
add_writes(FunctionCallInfo fcinfo, int arg, DdbWriteKind kind, const char *table_name,
		   DdbWriteOp **ops, int *n)
{
	Jsonb	  **elements;
	int			count;

	if (PG_ARGISNULL(arg))
		return;
	elements = array_elements(PG_GETARG_JSONB_P(arg), &count);
	*ops = repalloc(*ops, (*n + count + 1) * sizeof(DdbWriteOp));
	for (int i = 0; i < count; i++)
	{
		DdbWriteOp *op = &(*ops)[(*n)++];

		MemSet(op, 0, sizeof(DdbWriteOp));
		op->kind = kind;
		op->table_name = table_name;
		op->batch = true;
		if (kind == DDB_OP_PUT)
			op->item = elements[i];
		else
			op->key = elements[i];
	}
}

/*
 * ddb_batch_write(table_name, puts, deletes) -> integer
 */
Datum
ddb_batch_write(PG_FUNCTION_ARGS)
{
	DdbWriteOp *ops = palloc(sizeof(DdbWriteOp));
	DdbItemWrite items[DDB_BATCH_MAX_WRITES];
	char	   *table_name;
	int			n = 0;

	require_argument(fcinfo, 0, "TableName");
	table_name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	add_writes(fcinfo, 1, DDB_OP_PUT, table_name, &ops, &n);
	add_writes(fcinfo, 2, DDB_OP_DELETE, table_name, &ops, &n);
	check_writes(table_name, ops, n);
	ddb_op_batch_write(ops, n, items);
	for (int i = 0; i < n; i++)
		ddb_write_close(&items[i]);
	PG_RETURN_INT32(n);
}

/*
 * transact_get_request makes a TransactGetItems request of an array of gets.
 */
static Jsonb *
transact_get_request(Jsonb *gets)
{
	JsonbContainer *elements = require_array(gets);
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_begin_array(&state, "TransactItems");
	for (int i = 0; i < JsonContainerSize(elements); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(elements, i);

		if (element->type != jbvBinary)
			ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
					errmsg("Unexpected field type"));
		ddb_json_begin_object(&state, NULL);
		ddb_json_push_jsonb(&state, "Get", JsonbValueToJsonb(element));
		ddb_json_end_object(&state);
	}
	ddb_json_end_array(&state);
	return ddb_json_finish(&state);
}

/*
 * ddb_transact_get(gets) -> setof jsonb
 */
Datum
ddb_transact_get(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Jsonb	   *answer;
	JsonbContainer *responses;

	require_argument(fcinfo, 0, "TransactItems");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	answer = ddb_api_request("TransactGetItems", transact_get_request(PG_GETARG_JSONB_P(0)), NULL);
	responses = ddb_json_container(&answer->root, "Responses", true);
	for (int i = 0; i < JsonContainerSize(responses); i++)
	{
		JsonbValue *response = getIthJsonbValueFromContainer(responses, i);

		put_row(rsinfo, ddb_request_jsonb(response->val.binary.data, "Item"));
	}
	return (Datum) 0;
}

/*
 * ddb_transact_write(items, token)
 */
Datum
ddb_transact_write(PG_FUNCTION_ARGS)
{
	JsonbParseState *state;

	require_argument(fcinfo, 0, "TransactItems");
	require_array(PG_GETARG_JSONB_P(0));
	ddb_json_response(&state);
	ddb_json_push_jsonb(&state, "TransactItems", PG_GETARG_JSONB_P(0));
	if (!PG_ARGISNULL(1))
		ddb_json_push_string(&state, "ClientRequestToken",
							 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	(void) ddb_api_request("TransactWriteItems", ddb_json_finish(&state), NULL);
	PG_RETURN_VOID();
}
