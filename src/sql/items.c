/*
 * items.c
 *	  The SQL door to operations on items: ddb_put, ddb_get, ddb_update,
 *	  ddb_delete, ddb_query, ddb_scan.
 *
 * Only arguments are read here; what an operation means is in src/op.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

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

static const char *
arg_table(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"));
	return ARG_CSTRING(0);
}

/*
 * required_jsonb reads an argument that must not be NULL; member names it.
 */
static Jsonb *
required_jsonb(FunctionCallInfo fcinfo, int n, const char *member)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
					   member));
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
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value '%s' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
					   name));
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
		.table_name = arg_table(fcinfo),
		.item = required_jsonb(fcinfo, 1, "item")
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
		.table_name = arg_table(fcinfo),
		.key = required_jsonb(fcinfo, 1, "key"),
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
		.table_name = arg_table(fcinfo),
		.key = required_jsonb(fcinfo, 1, "key")
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
		.table_name = arg_table(fcinfo),
		.key = required_jsonb(fcinfo, 1, "key"),
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
	if (PG_GETARG_INT64(n) < 1)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value '%lld' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
					   (long long) PG_GETARG_INT64(n)));
	return PG_GETARG_INT64(n);
}

/*
 * arg_segment reads segment or total_segments, whose least value is given; -1
 * for none.
 */
static int
arg_segment(FunctionCallInfo fcinfo, int n, const char *member, int least)
{
	if (PG_ARGISNULL(n))
		return -1;
	if (PG_GETARG_INT32(n) < least)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d",
					   PG_GETARG_INT32(n), member, least));
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
			.table_name = arg_table(fcinfo),
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
			.table_name = arg_table(fcinfo),
			.filter = arg_text(fcinfo, 1),
			.values = ARG_JSONB(2),
			.names = ARG_JSONB(3),
			.index_name = ARG_CSTRING(4),
			.projection = arg_text(fcinfo, 5),
			.forward = true,
			.segment = arg_segment(fcinfo, 6, "segment", 0),
			.total_segments = arg_segment(fcinfo, 7, "totalSegments", 1),
			.start_key = ARG_JSONB(9)
		};

		MemoryContextSwitchTo(old);
		start_read(fcinfo, &op, arg_max_items(fcinfo, 8));
	}
	return next_read(fcinfo);
}
