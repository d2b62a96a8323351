/*
 * statement_functions.c
 *	  The SQL door to PartiQL: ddb_execute and ddb_explain_statement.
 *
 * ddb_execute is an SQL function around ddb.execute_statement, which is here:
 * being inlined, it gives rows one by one in FROM too, and a LIMIT stops it.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "error.h"
#include "partiql/partiql.h"

PG_FUNCTION_INFO_V1(ddb_sql_execute_statement);
PG_FUNCTION_INFO_V1(ddb_explain_statement);

/* A statement whose rows are being returned. */
typedef struct StatementCall
{
	DdbSelection *selection;	/* of a SELECT, until it ends */
	Jsonb	   *row;			/* of a write, until it is returned */
	ExprContext *econtext;
} StatementCall;

/*
 * shutdown_call ends a SELECT that its query stopped early.
 */
static void
shutdown_call(Datum arg)
{
	StatementCall *call = (StatementCall *) DatumGetPointer(arg);

	if (call->selection != NULL)
		ddb_select_close(call->selection);
	call->selection = NULL;
}

/*
 * arg_parameters reads the parameters: an array of attribute values, or NULL.
 */
static void
arg_parameters(FunctionCallInfo fcinfo, int n, DdbParameters *parameters)
{
	Jsonb	   *list = PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n);

	if (list != NULL && (!JB_ROOT_IS_ARRAY(list) || JB_ROOT_IS_SCALAR(list)))
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("%s", JB_ROOT_IS_OBJECT(list) ?
					   "Start of structure or map found where not expected" :
					   "Unexpected field type"));
	ddb_partiql_parameters(list != NULL ? &list->root : NULL, parameters);
}

/*
 * arg_statement reads the statement, in stored form.
 */
static const DdbStatement *
arg_statement(FunctionCallInfo fcinfo, int n)
{
	text	   *statement = PG_GETARG_TEXT_PP(n);
	int			len = VARSIZE_ANY_EXHDR(statement);
	const char *stored = ddb_text_store(VARDATA_ANY(statement), &len);

	return ddb_partiql_parse(stored, len);
}

/*
 * start_call runs a write, or opens a SELECT.
 */
static void
start_call(FunctionCallInfo fcinfo, StatementCall *call)
{
	DdbParameters parameters;
	DdbBoundStatement *bound;
	DdbSelectOp select = {0};
	DdbWriteOp	write = {0};

	arg_parameters(fcinfo, 1, &parameters);
	bound = ddb_partiql_bind(arg_statement(fcinfo, 0), &parameters);
	if (ddb_partiql_kind(bound) == DDB_STATEMENT_SELECT)
	{
		select.statement = bound;
		call->selection = ddb_select_open(&select, GetActiveSnapshot());
		RegisterExprContextCallback(call->econtext, shutdown_call, PointerGetDatum(call));
		return;
	}
	ddb_partiql_check_alone(bound);
	ddb_partiql_write_op(bound, false, &write);
	call->row = ddb_op_write(&write);
}

/*
 * next_row gives the next row, or NULL.
 */
static Jsonb *
next_row(StatementCall *call)
{
	Jsonb	   *row = call->row;

	call->row = NULL;
	return call->selection != NULL ? ddb_select_next(call->selection) : row;
}

/*
 * ddb.execute_statement(statement, parameters) -> setof jsonb
 */
Datum
ddb_sql_execute_statement(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	StatementCall *call;
	Jsonb	   *row;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		funcctx = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		call = palloc0(sizeof(StatementCall));
		call->econtext = ((ReturnSetInfo *) fcinfo->resultinfo)->econtext;
		funcctx->user_fctx = call;
		if (!PG_ARGISNULL(0))
			start_call(fcinfo, call);
		MemoryContextSwitchTo(old);
	}
	funcctx = SRF_PERCALL_SETUP();
	call = funcctx->user_fctx;
	row = next_row(call);
	if (row != NULL)
		SRF_RETURN_NEXT(funcctx, JsonbPGetDatum(row));
	if (call->selection != NULL)
	{
		UnregisterExprContextCallback(call->econtext, shutdown_call, PointerGetDatum(call));
		shutdown_call(PointerGetDatum(call));
	}
	SRF_RETURN_DONE(funcctx);
}

/*
 * ddb_explain_statement(statement) -> setof text
 */
Datum
ddb_explain_statement(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *lines;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	lines = ddb_partiql_explain(arg_statement(fcinfo, 0));
	foreach(lc, lines)
	{
		Datum		value = CStringGetTextDatum(lfirst(lc));
		bool		isnull = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	PG_RETURN_NULL();
}
