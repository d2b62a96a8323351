/*
 * items.c
 *	  The SQL door to operations on items: ddb_put, ddb_get, ddb_update,
 *	  ddb_delete, ddb_query, ddb_scan.
 *
 * Only arguments are read here, and checked by the shapes of the members of requests
 * that they stand for; what an operation means is in src/op.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "api/shape.h"
#include "compat.h"
#include "error.h"
#include "op/op.h"

PG_FUNCTION_INFO_V1(ddb_put);
PG_FUNCTION_INFO_V1(ddb_get);
PG_FUNCTION_INFO_V1(ddb_update);
PG_FUNCTION_INFO_V1(ddb_delete);
PG_FUNCTION_INFO_V1(ddb_query);
PG_FUNCTION_INFO_V1(ddb_scan);

#define ARG_JSONB(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))
#define ARG_CSTRING(n) (PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n)))

/*
 * arg_text views a text argument.
 */
static DdbText
arg_text(FunctionCallInfo fcinfo, int n)
{
	DdbText		result = {NULL, 0};

	if (!PG_ARGISNULL(n))
	{
		text	   *t = PG_GETARG_TEXT_PP(n);

		result.data = VARDATA_ANY(t);
		result.len = VARSIZE_ANY_EXHDR(t);
	}
	return result;
}

/*
 * check_string checks a text by the shape of the member that it stands for; NULL is an
 * absent one.
 */
static void
check_string(const DdbShape *shape, const char *member, char *text)
{
	JsonbValue	value;

	if (text == NULL)
		ddb_shape_check_member(shape, member, NULL);
	value.type = jbvString;
	value.val.string.val = text;
	value.val.string.len = strlen(text);
	ddb_shape_check_member(shape, member, &value);
}

static void
check_integer(const DdbShape *shape, const char *member, int64 number)
{
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(number);
	ddb_shape_check_member(shape, member, &value);
}

static const char *
arg_table(FunctionCallInfo fcinfo, const DdbShape *shape)
{
	char	   *name = ARG_CSTRING(0);

	check_string(shape, "TableName", name);
	return name;
}

/*
 * required_jsonb reads an argument that must not be NULL; member names it.
 */
static Jsonb *
required_jsonb(FunctionCallInfo fcinfo, int n, const char *member)
{
	if (PG_ARGISNULL(n))
		ddb_shape_check_member(&ddb_shape_item, member, NULL);
	return PG_GETARG_JSONB_P(n);
}

/*
 * arg_return_values reads ReturnValues.
 */
static DdbReturnValues
arg_return_values(FunctionCallInfo fcinfo, int n)
{
	char	   *name = ARG_CSTRING(n);
	DdbReturnValues value;

	if (!ddb_return_values_parse(name, &value))
		check_string(&ddb_shape_return_values, "ReturnValues", name);
	return value;
}

/*
 * read_conditional_args reads what all writes have, from argument first on:
 * condition, names, values, return_values.
 */
static void
read_conditional_args(FunctionCallInfo fcinfo, int first, DdbWriteOp *op)
{
	op->condition = arg_text(fcinfo, first);
	op->names = ARG_JSONB(first + 1);
	op->values = ARG_JSONB(first + 2);
	op->return_values = arg_return_values(fcinfo, first + 3);
}

#define RETURN_JSONB_OR_NULL(jsonb) \
	do { \
		Jsonb *result_ = (jsonb); \
		if (result_ == NULL) \
			PG_RETURN_NULL(); \
		PG_RETURN_JSONB_P(result_); \
	} while (0)

/*
 * ddb_put(table_name, item, condition, names, values, return_values) -> jsonb
 */
Datum
ddb_put(PG_FUNCTION_ARGS)
{
	DdbWriteOp	op = {
		.kind = DDB_OP_PUT,
		.table_name = arg_table(fcinfo, &ddb_shape_written_table_name),
		.item = required_jsonb(fcinfo, 1, "Item")
	};

	read_conditional_args(fcinfo, 2, &op);
	RETURN_JSONB_OR_NULL(ddb_op_write(&op));
}

/*
 * ddb_update(table_name, key, update, condition, names, values, return_values) -> jsonb
 */
Datum
ddb_update(PG_FUNCTION_ARGS)
{
	DdbWriteOp	op = {
		.kind = DDB_OP_UPDATE,
		.table_name = arg_table(fcinfo, &ddb_shape_written_table_name),
		.key = required_jsonb(fcinfo, 1, "Key"),
		.update = arg_text(fcinfo, 2)
	};

	read_conditional_args(fcinfo, 3, &op);
	RETURN_JSONB_OR_NULL(ddb_op_write(&op));
}

/*
 * ddb_delete(table_name, key, condition, names, values, return_values) -> jsonb
 */
Datum
ddb_delete(PG_FUNCTION_ARGS)
{
	DdbWriteOp	op = {
		.kind = DDB_OP_DELETE,
		.table_name = arg_table(fcinfo, &ddb_shape_written_table_name),
		.key = required_jsonb(fcinfo, 1, "Key")
	};

	read_conditional_args(fcinfo, 2, &op);
	RETURN_JSONB_OR_NULL(ddb_op_write(&op));
}

/*
 * ddb_get(table_name, key, projection, names) -> jsonb
 */
Datum
ddb_get(PG_FUNCTION_ARGS)
{
	DdbGetOp	op = {
		.table_name = arg_table(fcinfo, &ddb_shape_table_name),
		.key = required_jsonb(fcinfo, 1, "Key"),
		.projection = arg_text(fcinfo, 2),
		.names = ARG_JSONB(3)
	};

	RETURN_JSONB_OR_NULL(ddb_op_get(&op, GetActiveSnapshot()));
}

/* A set-returning call in progress. */
typedef struct ReadCall
{
	DdbReader  *reader;
	int64		left;			/* items still to return; -1: no limit */
	ExprContext *econtext;
} ReadCall;

/*
 * read_call_shutdown ends a read that its query stopped early.
 */
static void
read_call_shutdown(Datum arg)
{
	ReadCall   *call = (ReadCall *) DatumGetPointer(arg);

	if (call->reader != NULL)
		ddb_reader_close(call->reader);
	call->reader = NULL;
}

/*
 * arg_max_items reads max_items: how many items to return at most.
 */
static int64
arg_max_items(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return -1;
	check_integer(&ddb_shape_limit, "Limit", PG_GETARG_INT64(n));
	return PG_GETARG_INT64(n);
}

/*
 * arg_segment reads segment or total_segments; -1 for none.
 */
static int
arg_segment(FunctionCallInfo fcinfo, int n, const DdbShape *shape, const char *member)
{
	if (PG_ARGISNULL(n))
		return -1;
	check_integer(shape, member, PG_GETARG_INT32(n));
	return PG_GETARG_INT32(n);
}

/*
 * start_read begins a set-returning read in the multi-call context, so that
 * one row a call can be returned and a LIMIT stops it early.
 */
static FuncCallContext *
start_read(FunctionCallInfo fcinfo, const DdbReadOp *op, int64 max_items)
{
	FuncCallContext *funcctx = fcinfo->flinfo->fn_extra;
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
	ReadCall   *call = palloc0(sizeof(ReadCall));

	call->left = max_items;
	call->econtext = rsinfo->econtext;
	call->reader = ddb_reader_open(op, GetActiveSnapshot());
	RegisterExprContextCallback(call->econtext, read_call_shutdown, PointerGetDatum(call));
	funcctx->user_fctx = call;
	MemoryContextSwitchTo(old);
	return funcctx;
}

/*
 * next_read returns the next row of a read, or ends it.
 */
static Datum
next_read(FunctionCallInfo fcinfo)
{
	FuncCallContext *funcctx = SRF_PERCALL_SETUP();
	ReadCall   *call = funcctx->user_fctx;
	Jsonb	   *item = call->left == 0 ? NULL : ddb_reader_next(call->reader);

	if (item != NULL)
	{
		if (call->left > 0)
			call->left--;
		SRF_RETURN_NEXT(funcctx, JsonbPGetDatum(item));
	}
	UnregisterExprContextCallback(call->econtext, read_call_shutdown, PointerGetDatum(call));
	read_call_shutdown(PointerGetDatum(call));
	SRF_RETURN_DONE(funcctx);
}

/*
 * ddb_query(table_name, key_condition, values, names, index_name, filter,
 * projection, scan_forward, max_items, start_key) -> setof jsonb
 */
Datum
ddb_query(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		FuncCallContext *funcctx = SRF_FIRSTCALL_INIT();
		MemoryContext old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		DdbReadOp	op = {
			.query = true,
			.table_name = arg_table(fcinfo, &ddb_shape_table_name),
			.key_condition = arg_text(fcinfo, 1),
			.values = ARG_JSONB(2),
			.names = ARG_JSONB(3),
			.index_name = ARG_CSTRING(4),
			.filter = arg_text(fcinfo, 5),
			.projection = arg_text(fcinfo, 6),
			.forward = PG_ARGISNULL(7) || PG_GETARG_BOOL(7),
			.segment = -1,
			.total_segments = -1,
			.start_key = ARG_JSONB(9)
		};

		MemoryContextSwitchTo(old);
		start_read(fcinfo, &op, arg_max_items(fcinfo, 8));
	}
	return next_read(fcinfo);
}

/*
 * ddb_scan(table_name, filter, values, names, index_name, projection, segment,
 * total_segments, max_items, start_key) -> setof jsonb
 */
Datum
ddb_scan(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		FuncCallContext *funcctx = SRF_FIRSTCALL_INIT();
		MemoryContext old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		DdbReadOp	op = {
			.table_name = arg_table(fcinfo, &ddb_shape_table_name),
			.filter = arg_text(fcinfo, 1),
			.values = ARG_JSONB(2),
			.names = ARG_JSONB(3),
			.index_name = ARG_CSTRING(4),
			.projection = arg_text(fcinfo, 5),
			.forward = true,
			.segment = arg_segment(fcinfo, 6, &ddb_shape_segment, "Segment"),
			.total_segments = arg_segment(fcinfo, 7, &ddb_shape_total_segments,
										  "TotalSegments"),
			.start_key = ARG_JSONB(9)
		};

		MemoryContextSwitchTo(old);
		start_read(fcinfo, &op, arg_max_items(fcinfo, 8));
	}
	return next_read(fcinfo);
}
