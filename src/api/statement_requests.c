/*
 * statement_requests.c
 *	  ExecuteStatement and BatchExecuteStatement.
 *
 * A batch's members fail on their own.  A read touches nothing that its error
 * would have to undo; each write is a subtransaction.  An error that is no
 * answer of the API's, and one that asks for another try (somebody else has the
 * item), is the whole request's.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "api/request.h"
#include "api/statements.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "op/steps.h"
#include "partiql/partiql.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#define MAX_STATEMENTS 25

const DdbShape ddb_shape_statement = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 8192
};
const DdbShape ddb_shape_parameters = {
	.kind = DDB_SHAPE_LIST,.type_name = "AttributeValue",.has_min = true,.min = 1,
	.element = &ddb_shape_value
};
static const DdbShape limit_shape = {.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1};
static const DdbShape next_token_shape = {
	.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 32768
};
static const DdbMember execute_members[] = {
	{"Statement", &ddb_shape_statement, true},
	{"Parameters", &ddb_shape_parameters},
	{"ConsistentRead", &ddb_shape_boolean},
	{"NextToken", &next_token_shape},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{"Limit", &limit_shape},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure},
	{NULL}
};
static const DdbShape execute_shape = {.kind = DDB_SHAPE_STRUCT,.members = execute_members};

static const DdbMember member_members[] = {
	{"Statement", &ddb_shape_statement, true},
	{"Parameters", &ddb_shape_parameters},
	{"ConsistentRead", &ddb_shape_boolean},
	{"ReturnValuesOnConditionCheckFailure", &ddb_shape_return_values_on_failure,.ignored = true},
	{NULL}
};
static const DdbShape member_shape = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "BatchStatementRequest",.members = member_members
};
static const DdbShape member_list = {
	.kind = DDB_SHAPE_LIST,.type_name = "BatchStatementRequest",
	.has_min = true,.min = 1,.max = MAX_STATEMENTS,.element = &member_shape
};
static const DdbMember batch_members[] = {
	{"Statements", &member_list, true},
	{"ReturnConsumedCapacity", &ddb_shape_return_consumed_capacity},
	{NULL}
};
static const DdbShape batch_shape = {.kind = DDB_SHAPE_STRUCT,.members = batch_members};

DdbBoundStatement *
ddb_statement_of(JsonbContainer *request, const DdbParameters *parameters)
{
	DdbText		text = ddb_request_text(request, "Statement");

	return ddb_partiql_bind(ddb_partiql_parse(text.data, text.len), parameters);
}

/* ExecuteStatement */

/*
 * run_select answers a SELECT.
 */
static void
run_select(JsonbContainer *request, const DdbBoundStatement *statement, DdbCapacity *capacity,
		   DdbJsonPart *items, char **next_token)
{
	DdbSelectOp op = {.statement = statement,.capacity = capacity};
	DdbStatementText source;
	DdbSelection *selection;
	DdbPage		page;

	source.text = ddb_request_text(request, "Statement");
	source.parameters = ddb_json_container(request, "Parameters", true);
	op.consistent = ddb_request_bool(request, "ConsistentRead", false);
	selection = ddb_select_open(&op, GetActiveSnapshot());
	ddb_select_page(selection, ddb_request_integer(request, "Limit", 0), &source,
					ddb_request_text(request, "NextToken"), &page, next_token);
	ddb_select_close(selection);
	items->elements = page.items;
	items->nelements = page.nitems;
}

static bool
returns_old_on_failure(JsonbContainer *request)
{
	char	   *wanted = ddb_request_string(request, "ReturnValuesOnConditionCheckFailure");

	return wanted != NULL && strcmp(wanted, "ALL_OLD") == 0;
}

/*
 * execute_statement answers ExecuteStatement.
 */
static Jsonb *
execute_statement(JsonbContainer *request, DdbConsumption *consumption)
{
	DdbJsonPart items = {.name = "Items"};
	DdbParameters parameters;
	DdbBoundStatement *statement;
	DdbWriteOp	op = {0};
	DdbCapacity *capacity;
	JsonbParseState *state;
	char	   *next_token = NULL;
	Jsonb	   *row;

	ddb_statement_parameters(request, NULL, 0, &parameters);
	statement = ddb_statement_of(request, &parameters);
	capacity = ddb_consumption_capacity(consumption, ddb_partiql_table_name(statement));
	if (ddb_partiql_kind(statement) == DDB_STATEMENT_SELECT)
		run_select(request, statement, capacity, &items, &next_token);
	else
	{
		ddb_partiql_check_alone(statement);
		ddb_partiql_write_op(statement, false, &op);
		op.return_old_on_failure = returns_old_on_failure(request);
		op.capacity = capacity;
		row = ddb_op_write(&op);
		items.elements = &row;
		items.nelements = row != NULL ? 1 : 0;
	}
	ddb_json_response(&state);
	ddb_consumption_push_one(&state, consumption);
	if (next_token != NULL)
		ddb_json_push_string(&state, "NextToken", next_token);
	return ddb_json_finish_with(&state, &items, 1);
}

/* BatchExecuteStatement */

typedef struct Member
{
	int			index;
	JsonbContainer *request;
	DdbBoundStatement *statement;
	DdbStatementKind kind;
	DdbGetOp	op;				/* of a read */
	DdbItemGet	get;
	bool		open;			/* get is */
	bool		done;			/* read or written, else refused */
	bool		reached;		/* the table: an answer names it */
	DdbCapacity capacity;		/* of a write */
	Jsonb	   *item;			/* or NULL */
	const char *code;			/* of an error, or NULL */
	char	   *message;
} Member;

typedef void (*MemberStep) (Member *member);

/*
 * note_error turns the current error into a member's, or raises it again.
 */
static void
note_error(Member *member, MemoryContext context)
{
	ErrorData  *error;
	const DdbErrorInfo *info;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	info = ddb_error_from_sqlstate(error->sqlerrcode);
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		member->code = "AccessDenied";
	else if (info == NULL || info->code == DDB_TRANSACTION_CONFLICT || info->code == DDB_INTERNAL)
		PG_RE_THROW();
	else if (info->code == DDB_VALIDATION)
		member->code = "ValidationError";
	else
		member->code = pnstrdup(info->name, strlen(info->name) - strlen("Exception"));
	FlushErrorState();
	member->message = error->message;
}

/*
 * try_step takes a step of a member whose errors leave nothing to clean up.
 */
static void
try_step(MemberStep step, Member *member)
{
	MemoryContext context = CurrentMemoryContext;

	if (member->code != NULL)
		return;
	PG_TRY();
	{
		step(member);
	}
	PG_CATCH();
	{
		note_error(member, context);
	}
	PG_END_TRY();
}

/*
 * prepare reads a member and finds out what it is.
 */
static void
prepare(Member *member)
{
	DdbParameters parameters;

	ddb_statement_parameters(member->request, "Statements", member->index, &parameters);
	member->statement = ddb_statement_of(member->request, &parameters);
	member->kind = ddb_partiql_kind(member->statement);
	ddb_partiql_check_alone(member->statement);
}

/*
 * plan_read makes a read's get.
 */
static void
plan_read(Member *member)
{
	ddb_select_get_op(member->statement, false,
					  ddb_request_bool(member->request, "ConsistentRead", false), &member->op);
	ddb_get_prepare(&member->get, &member->op);
}

static void
bind_read(Member *member)
{
	ddb_get_bind_key(&member->get);
}

/*
 * check_unique refuses two reads of one item.
 */
static void
check_unique(const Member *members, int n)
{
	for (int i = 1; i < n; i++)
	{
		for (int j = 0; j < i && members[i].code == NULL; j++)
		{
			if (members[j].code == NULL &&
				members[i].get.desc->relid == members[j].get.desc->relid &&
				ddb_store_same_key(members[i].get.desc, members[i].get.key, members[j].get.key))
				VALIDATION("Provided list of item keys contains duplicates");
		}
	}
}

/*
 * read_members runs the members of a batch of reads.
 */
static void
read_members(Member *members, int n, DdbConsumption *consumption)
{
	for (int i = 0; i < n; i++)
	{
		Member	   *member = &members[i];

		try_step(plan_read, member);
		if (member->code != NULL)
			continue;
		ddb_get_open(&member->get);
		member->open = true;
		try_step(bind_read, member);
	}
	check_unique(members, n);
	for (int i = 0; i < n; i++)
	{
		Member	   *member = &members[i];

		CHECK_FOR_INTERRUPTS();
		if (member->code == NULL)
		{
			member->op.capacity = ddb_consumption_capacity(consumption, member->op.table_name);
			member->item = ddb_get_run(&member->get, GetActiveSnapshot());
			if (member->item != NULL)
				member->item = ddb_select_row(member->statement, member->item);
			member->done = true;
			member->reached = true;
		}
		if (member->open)
			ddb_get_close(&member->get);
	}
}

/*
 * write_member runs a member that writes.
 */
static void
write_member(Member *member)
{
	DdbWriteOp	op = {0};
	DdbItemWrite write;

	ddb_partiql_write_op(member->statement, false, &op);
	ddb_capacity_init(&member->capacity, op.table_name);
	op.capacity = &member->capacity;
	ddb_write_prepare(&write, &op);
	ddb_write_open(&write);
	ddb_write_bind_key(&write);
	member->reached = true;
	ddb_write_run(&write);
	ddb_write_close(&write);
	member->item = write.attributes;
	member->done = true;
}

/*
 * try_write runs a member that writes in a subtransaction of its own.
 */
static void
try_write(Member *member)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	if (member->code != NULL)
		return;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		write_member(member);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		note_error(member, context);
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

/*
 * count_write counts what a write consumed, if it succeeded.
 */
static void
count_write(const Member *member, DdbConsumption *consumption)
{
	if (member->code == NULL)
		ddb_capacity_merge(ddb_consumption_capacity(consumption,
													ddb_partiql_table_name(member->statement)),
						   &member->capacity);
}

/*
 * check_kinds refuses a batch of both reads and writes.
 */
static bool
check_kinds(const Member *members, int n)
{
	bool		reads = false;
	bool		writes = false;

	for (int i = 0; i < n; i++)
	{
		if (members[i].statement == NULL || members[i].code != NULL)
			continue;
		reads = reads || members[i].kind == DDB_STATEMENT_SELECT;
		writes = writes || members[i].kind == DDB_STATEMENT_WRITE;
	}
	if (reads && writes)
		VALIDATION("BatchExecuteStatement API does not support both read and write operations in the same request.");
	return writes;
}

/*
 * plain_answer gives a member's answer without its item.
 */
static Jsonb *
plain_answer(const Member *member)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	if (member->code != NULL)
	{
		ddb_json_begin_object(&state, "Error");
		ddb_json_push_string(&state, "Code", member->code);
		ddb_json_push_string(&state, "Message", member->message);
		ddb_json_end_object(&state);
	}
	if (member->reached)
		ddb_json_push_string(&state, "TableName", ddb_partiql_table_name(member->statement));
	return ddb_json_finish(&state);
}

/*
 * member_answer gives a member's answer; its item is copied as it stands.  plain is
 * that of the member before, which serves again for another success on its table.
 */
static Jsonb *
member_answer(const Member *member, const Member *before, Jsonb **plain)
{
	DdbJsonPart part = {.name = "Item",.value = member->item};

	if (before == NULL || before->code != NULL || member->code != NULL ||
		strcmp(ddb_partiql_table_name(before->statement),
			   ddb_partiql_table_name(member->statement)) != 0)
		*plain = plain_answer(member);
	if (member->code != NULL || member->item == NULL)
		return *plain;
	return ddb_json_compose(*plain, &part, 1);
}

/*
 * respond writes the response.
 */
static Jsonb *
respond(const Member *members, int n, DdbConsumption *consumption)
{
	DdbJsonPart responses = {.name = "Responses",.nelements = n};
	JsonbParseState *state;
	Jsonb	   *plain = NULL;

	responses.elements = palloc_array(Jsonb *, n);
	for (int i = 0; i < n; i++)
		responses.elements[i] = member_answer(&members[i], i > 0 ? &members[i - 1] : NULL,
											  &plain);
	ddb_json_response(&state);
	if (consumption->capacities != NIL)
		ddb_consumption_push(&state, consumption);
	return ddb_json_finish_with(&state, &responses, 1);
}

/*
 * batch_execute_statement answers BatchExecuteStatement.
 */
static Jsonb *
batch_execute_statement(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *list = ddb_json_container(request, "Statements", true);
	int			n = JsonContainerSize(list);
	Member	   *members = palloc0(sizeof(Member) * n);

	for (int i = 0; i < n; i++)
	{
		members[i].index = i;
		members[i].request = getIthJsonbValueFromContainer(list, i)->val.binary.data;
		try_step(prepare, &members[i]);
	}
	if (check_kinds(members, n))
	{
		for (int i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			try_write(&members[i]);
			count_write(&members[i], consumption);
		}
	}
	else
		read_members(members, n, consumption);
	return respond(members, n, consumption);
}

const DdbOperation ddb_statement_operations[] = {
	{"ExecuteStatement", &execute_shape, execute_statement, DDB_API_ITEMS},
	{"BatchExecuteStatement", &batch_shape, batch_execute_statement, DDB_API_ITEMS},
	{NULL}
};
