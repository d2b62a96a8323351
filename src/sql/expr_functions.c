/*
 * expr_functions.c
 *	  SQL functions in schema ddb that show this module to the tests: one
 *	  expression, one item, no table.
 *
 * They do what an operation does: check the input, parse, bind, refuse unused
 * placeholders, evaluate.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "error.h"
#include "expr/ast.h"

PG_FUNCTION_INFO_V1(ddb_expr_condition);
PG_FUNCTION_INFO_V1(ddb_expr_update_item);
PG_FUNCTION_INFO_V1(ddb_expr_project);
PG_FUNCTION_INFO_V1(ddb_expr_key_condition);

static Jsonb *
get_jsonb(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n);
}

/*
 * get_item gives argument n as a canonical item; NULL for SQL's NULL.
 */
static Jsonb *
get_item(FunctionCallInfo fcinfo, int n)
{
	int64		size;

	return PG_ARGISNULL(n) ? NULL : ddb_item_check(PG_GETARG_JSONB_P(n), DDB_VALUES_CURRENT, &size);
}

/*
 * bind_argument parses and binds the expression that is argument 0.
 */
static DdbBoundExpr *
bind_argument(FunctionCallInfo fcinfo, DdbExprKind kind, Jsonb *names, Jsonb *values)
{
	DdbBindings *bindings;
	DdbBoundExpr *bound;
	text	   *expression;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("expression must not be null"));
	expression = PG_GETARG_TEXT_PP(0);
	bindings = ddb_bindings_create(names, values, DDB_VALUES_OLDER, true);
	bound = ddb_expr_bind(ddb_expr_parse(kind, VARDATA_ANY(expression),
										 VARSIZE_ANY_EXHDR(expression)),
						  bindings);
	ddb_bindings_check_unused(bindings);
	return bound;
}

/*
 * ddb_test.condition(expression, item, names, values, filter): whether item (NULL for
 * none) meets a condition, or a filter.
 */
Datum
ddb_expr_condition(PG_FUNCTION_ARGS)
{
	DdbExprKind kind = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4) ? DDB_EXPR_FILTER : DDB_EXPR_CONDITION;
	Jsonb	   *item = get_item(fcinfo, 1);
	DdbBoundExpr *bound = bind_argument(fcinfo, kind, get_jsonb(fcinfo, 2), get_jsonb(fcinfo, 3));

	PG_RETURN_BOOL(ddb_condition_eval(bound, item));
}

/*
 * ddb_test.update_item(expression, item, names, values, return_values): the new
 * item, or just the attributes that UPDATED_OLD or UPDATED_NEW return.
 */
Datum
ddb_expr_update_item(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = get_item(fcinfo, 1);
	DdbBoundExpr *bound = bind_argument(fcinfo, DDB_EXPR_UPDATE,
										get_jsonb(fcinfo, 2), get_jsonb(fcinfo, 3));
	char	   *wanted = PG_ARGISNULL(4) ? "ALL_NEW" : text_to_cstring(PG_GETARG_TEXT_PP(4));
	Jsonb	   *result;

	if (item == NULL)
		PG_RETURN_NULL();
	result = ddb_update_apply(bound, item);
	if (strcmp(wanted, "UPDATED_OLD") == 0)
		result = ddb_update_project(bound, item);
	else if (strcmp(wanted, "UPDATED_NEW") == 0)
		result = ddb_update_project(bound, result);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(result);
}

/*
 * ddb_test.project(expression, item, names): the projected item.
 */
Datum
ddb_expr_project(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = get_item(fcinfo, 1);
	DdbBoundExpr *bound = bind_argument(fcinfo, DDB_EXPR_PROJECTION, get_jsonb(fcinfo, 2), NULL);

	if (item == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(ddb_projection_apply(bound, item));
}

static void
push_key(JsonbParseState **state, const char *key)
{
	JsonbValue	jbv;

	jbv.type = jbvString;
	jbv.val.string.val = unconstify(char *, key);
	jbv.val.string.len = strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &jbv);
}

static void
push_string(JsonbParseState **state, const char *s, int len)
{
	JsonbValue	jbv;

	jbv.type = jbvString;
	jbv.val.string.val = unconstify(char *, s);
	jbv.val.string.len = len;
	(void) pushJsonbValue(state, WJB_VALUE, &jbv);
}

/*
 * ddb_test.key_condition(expression, names, values): the terms, as an array of
 * {"name": ..., "op": ..., "a": ..., "b": ...}.
 */
Datum
ddb_expr_key_condition(PG_FUNCTION_ARGS)
{
	static const char *const ops[] = {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"};
	DdbBoundExpr *bound = bind_argument(fcinfo, DDB_EXPR_KEY_CONDITION,
										get_jsonb(fcinfo, 1), get_jsonb(fcinfo, 2));
	DdbKeyTerm *terms;
	int			count = ddb_key_condition_terms(bound, &terms);
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < count; i++)
	{
		const DdbKeyTerm *term = &terms[i];

		(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_key(&state, "name");
		push_string(&state, term->name, term->name_len);
		push_key(&state, "op");
		push_string(&state, ops[term->op], strlen(ops[term->op]));
		push_key(&state, "a");
		ddb_value_push(&state, &term->a, false);
		if (term->op == DDB_KEY_BETWEEN)
		{
			push_key(&state, "b");
			ddb_value_push(&state, &term->b, false);
		}
		(void) pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL)));
}
