/*
 * transact_statements.c
 *	  ExecuteTransaction: statements that are all read, or all written, or none.
 *
 * The order in which errors win: parameters, bare; then statement by statement
 * what can be said without running it, after "Validation failed in
 * TransactStatements[i]: "; then reads beside writes; then a table that is not
 * there, which is its statement's reason to cancel; then what TransactGetItems
 * and TransactWriteItems find.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/request.h"
#include "api/statements.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/steps.h"
#include "op/transact.h"
#include "partiql/partiql.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

static const DdbMember statement_members[] = {
	{"Statement", &ddb_shape_statement, true},
	{"Parameters", &ddb_shape_parameters},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape statement_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ParameterizedStatement",.members = statement_members
};
static const DdbShape statement_list = {
	.kind = DDB_SHAPE_LIST,.type_name = "ParameterizedStatement",
	.has_min = true,.min = 1,.max = DDB_TXN_MAX_ITEMS,.element = &statement_shape
};
static const DdbShape request_token = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 36
};
static const DdbMember transaction_members[] = {
	{"TransactStatements", &statement_list, true},
	{"ClientRequestToken", &request_token},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{NULL}
};
static const DdbShape transaction_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = transaction_members
};

typedef struct Transaction
{
	int			n;
	JsonbContainer **requests;
	DdbParameters *parameters;
	DdbBoundStatement **statements;
	DdbReason  *reasons;		/* tables that are not there */
	int			nreads;
	DdbGetOp   *gets;
	DdbWriteOp *writes;
} Transaction;

/*
 * plan_statement makes the operation of one statement.
 */
static void
plan_statement(Transaction *t, int i)
{
	DdbBoundStatement *statement = ddb_statement_of(t->requests[i], &t->parameters[i]);
	char	   *on_failure = ddb_request_string(t->requests[i],
												"ReturnValuesOnConditionCheckFailure");

	t->statements[i] = statement;
	if (ddb_partiql_has_returning(statement))
		VALIDATION("RETURNING clause is not supported in ExecuteTransaction.");
	if (ddb_partiql_kind(statement) == DDB_STATEMENT_SELECT)
		t->nreads++;
	ddb_partiql_check_no_index(statement);
	if (ddb_partiql_kind(statement) == DDB_STATEMENT_SELECT)
	{
		ddb_select_get_op(statement, true, false, &t->gets[i]);
		return;
	}
	ddb_partiql_write_op(statement, true, &t->writes[i]);
	t->writes[i].return_old_on_failure = on_failure != NULL && strcmp(on_failure, "ALL_OLD") == 0;
	t->writes[i].nowait = true;
	t->writes[i].transactional = true;
}

/*
 * explain_failure raises the current error again, with the statement's number if
 * it is a ValidationException; a table that is not there is noted instead.
 */
static void
explain_failure(Transaction *t, int i, MemoryContext context)
{
	ErrorData  *error;
	const DdbErrorInfo *info;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	info = ddb_error_from_sqlstate(error->sqlerrcode);
	if (info != NULL && info->code == DDB_RESOURCE_NOT_FOUND)
	{
		ddb_reason_from_error(&t->reasons[i], context);
		return;
	}
	if (info == NULL || info->code != DDB_VALIDATION)
		PG_RE_THROW();
	FlushErrorState();
	error->message = psprintf("Validation failed in TransactStatements[%d]: %s", i, error->message);
	ReThrowError(error);
}

static void
plan_statements(Transaction *t)
{
	MemoryContext context = CurrentMemoryContext;

	for (int i = 0; i < t->n; i++)
	{
		PG_TRY();
		{
			plan_statement(t, i);
		}
		PG_CATCH();
		{
			explain_failure(t, i, context);
		}
		PG_END_TRY();
	}
	if (t->nreads != 0 && t->nreads != t->n)
		VALIDATION("ExecuteTransaction API does not support both read and write operations in the same request.");
	ddb_reasons_check(t->reasons, t->n);
}

/*
 * read_transaction reads the requests and all their parameters.
 */
static void
read_transaction(JsonbContainer *request, Transaction *t)
{
	JsonbContainer *list = ddb_json_container(request, "TransactStatements", true);

	memset(t, 0, sizeof(Transaction));
	t->n = JsonContainerSize(list);
	t->requests = palloc_array(JsonbContainer *, t->n);
	t->parameters = palloc_array(DdbParameters, t->n);
	t->statements = palloc0(sizeof(DdbBoundStatement *) * t->n);
	t->reasons = palloc0(sizeof(DdbReason) * t->n);
	t->gets = palloc0(sizeof(DdbGetOp) * t->n);
	t->writes = palloc0(sizeof(DdbWriteOp) * t->n);
	for (int i = 0; i < t->n; i++)
	{
		t->requests[i] = getIthJsonbValueFromContainer(list, i)->val.binary.data;
		ddb_statement_parameters(t->requests[i], "TransactStatements", i, &t->parameters[i]);
	}
}

/*
 * run_reads answers a transaction of SELECTs: an entry for each, {} where there
 * is no item.
 */
static Jsonb *
run_reads(Transaction *t, DdbConsumption *consumption)
{
	DdbItemGet *gets = palloc_array(DdbItemGet, t->n);
	JsonbParseState *state;
	Jsonb	  **items;

	for (int i = 0; i < t->n; i++)
		t->gets[i].capacity = ddb_consumption_capacity(consumption, t->gets[i].table_name);
	items = ddb_txn_get(t->gets, t->n, gets, GetActiveSnapshot());
	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Responses");
	for (int i = 0; i < t->n; i++)
	{
		Jsonb	   *row = items[i] != NULL ? ddb_select_row(t->statements[i], items[i]) : NULL;

		ddb_json_begin_object(&state, NULL);
		if (row != NULL && JB_ROOT_COUNT(row) > 0)
			ddb_json_push_jsonb(&state, "Item", row);
		ddb_json_end_object(&state);
		ddb_get_close(&gets[i]);
	}
	ddb_json_end_array(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

/*
 * write_response is what a transaction of writes answers: no entries.
 */
static Jsonb *
write_response(const DdbConsumption *consumption)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Responses");
	ddb_json_end_array(&state);
	ddb_consumption_push(&state, consumption);
	return ddb_json_finish(&state);
}

/*
 * run_writes runs a transaction of writes, once for each token.
 */
static Jsonb *
run_writes(Transaction *t, JsonbContainer *request, DdbConsumption *consumption)
{
	char	   *token = ddb_request_string(request, "ClientRequestToken");
	DdbItemWrite *items = palloc_array(DdbItemWrite, t->n);
	DdbConsumption replay = *consumption;
	Jsonb	   *saved = token != NULL ? ddb_token_find(token, request) : NULL;

	if (saved != NULL)
		return saved;
	for (int i = 0; i < t->n; i++)
		t->writes[i].capacity = ddb_consumption_capacity(consumption, t->writes[i].table_name);
	ddb_txn_write(t->writes, t->n, items);
	for (int i = 0; i < t->n; i++)
	{
		ddb_capacity_add_read(ddb_consumption_capacity(&replay, t->writes[i].table_name), NULL,
							  ddb_read_units(items[i].larger_size, true, true));
		ddb_write_close(&items[i]);
	}
	if (token != NULL)
		ddb_token_save(token, request, write_response(&replay));
	return write_response(consumption);
}

/*
 * execute_transaction answers ExecuteTransaction.
 */
static Jsonb *
execute_transaction(JsonbContainer *request, DdbConsumption *consumption)
{
	Transaction t;

	consumption->transactional = true;
	read_transaction(request, &t);
	plan_statements(&t);
	if (t.nreads > 0)
		return run_reads(&t, consumption);
	return run_writes(&t, request, consumption);
}

const DdbOperation ddb_transact_statement_operations[] = {
	{"ExecuteTransaction", &transaction_shape, execute_transaction, DDB_API_ITEMS},
	{NULL}
};
