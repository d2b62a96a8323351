/*
 * batches.c
 *	  The SQL door to operations on many items: ddb_batch_get, ddb_batch_write,
 *	  ddb_transact_get, ddb_transact_write.
 *
 * Each makes the request of its operation and takes the answer apart.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "api/members.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"

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
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
					   member));
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
 * batch_get_request makes a BatchGetItem request of one table.
 */
static Jsonb *
batch_get_request(FunctionCallInfo fcinfo, const char *table_name)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "RequestItems");
	ddb_json_begin_object(&state, table_name);
	require_array(PG_GETARG_JSONB_P(1));
	ddb_json_push_jsonb(&state, "Keys", PG_GETARG_JSONB_P(1));
	if (!PG_ARGISNULL(2))
		ddb_json_push_string(&state, "ProjectionExpression",
							 text_to_cstring(PG_GETARG_TEXT_PP(2)));
	if (!PG_ARGISNULL(3))
		ddb_json_push_jsonb(&state, "ExpressionAttributeNames", PG_GETARG_JSONB_P(3));
	ddb_json_end_object(&state);
	ddb_json_end_object(&state);
	return ddb_json_finish(&state);
}

/*
 * ddb_batch_get(table_name, keys, projection, names) -> setof jsonb.  What one
 * BatchGetItem leaves unprocessed the next one reads, with the same snapshot.
 */
Datum
ddb_batch_get(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *table_name;
	Jsonb	   *request;

	require_argument(fcinfo, 0, "tableName");
	require_argument(fcinfo, 1, "keys");
	table_name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	request = batch_get_request(fcinfo, table_name);
	while (request != NULL)
	{
		Jsonb	   *answer = ddb_op_request("BatchGetItem", request);
		JsonbContainer *responses = ddb_json_container(&answer->root, "Responses", false);
		JsonbContainer *items = ddb_json_container(responses, table_name, true);
		JsonbContainer *unprocessed = ddb_json_container(&answer->root, "UnprocessedKeys", false);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < JsonContainerSize(items); i++)
			put_row(rsinfo, JsonbValueToJsonb(getIthJsonbValueFromContainer(items, i)));
		request = NULL;
		if (JsonContainerSize(unprocessed) > 0)
		{
			JsonbParseState *state;

			ddb_json_response(&state);
			ddb_json_push_jsonb(&state, "RequestItems",
								ddb_request_jsonb(&answer->root, "UnprocessedKeys"));
			request = ddb_json_finish(&state);
		}
	}
	return (Datum) 0;
}

/*
 * push_writes appends a WriteRequest for each element of an array, and gives
 * their number.
 */
static int
push_writes(JsonbParseState **state, Jsonb *array, const char *request, const char *member)
{
	JsonbContainer *elements = require_array(array);
	int			n = JsonContainerSize(elements);

	for (int i = 0; i < n; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(elements, i);

		if (element->type != jbvBinary)
			ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
					errmsg("Unexpected field type"));
		ddb_json_begin_object(state, NULL);
		ddb_json_begin_object(state, request);
		ddb_json_push_jsonb(state, member, JsonbValueToJsonb(element));
		ddb_json_end_object(state);
		ddb_json_end_object(state);
	}
	return n;
}

/*
 * ddb_batch_write(table_name, puts, deletes) -> integer
 */
Datum
ddb_batch_write(PG_FUNCTION_ARGS)
{
	JsonbParseState *state;
	int			n = 0;

	require_argument(fcinfo, 0, "tableName");
	ddb_json_response(&state);
	ddb_json_begin_object(&state, "RequestItems");
	ddb_json_begin_array(&state, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(1))
		n += push_writes(&state, PG_GETARG_JSONB_P(1), "PutRequest", "Item");
	if (!PG_ARGISNULL(2))
		n += push_writes(&state, PG_GETARG_JSONB_P(2), "DeleteRequest", "Key");
	ddb_json_end_array(&state);
	ddb_json_end_object(&state);
	(void) ddb_op_request("BatchWriteItem", ddb_json_finish(&state));
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

	require_argument(fcinfo, 0, "transactItems");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	answer = ddb_op_request("TransactGetItems", transact_get_request(PG_GETARG_JSONB_P(0)));
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

	require_argument(fcinfo, 0, "transactItems");
	require_array(PG_GETARG_JSONB_P(0));
	ddb_json_response(&state);
	ddb_json_push_jsonb(&state, "TransactItems", PG_GETARG_JSONB_P(0));
	if (!PG_ARGISNULL(1))
		ddb_json_push_string(&state, "ClientRequestToken",
							 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	(void) ddb_op_request("TransactWriteItems", ddb_json_finish(&state));
	PG_RETURN_VOID();
}
