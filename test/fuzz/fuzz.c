/*
 * fuzz.c
 *	  libFuzzer inside a backend: what parses client input, with the real
 *	  memory contexts, errors and jsonb around it.
 *
 * A build of ddb with AddressSanitizer, UndefinedBehaviorSanitizer and coverage
 * instrumentation is loaded into a single-user server, and the SQL function
 * ddb_fuzz(arguments) hands the process to libFuzzer, which calls run_input()
 * until it has enough.  The first byte of an input says what the rest is:
 *
 *		c f k u p	an expression (condition, filter, key condition, update,
 *					projection), bound to a fixed set of placeholders and
 *					evaluated on a fixed item
 *		n			a number's text
 *		b			base64 text
 *		i			JSON of an item
 *		s			a statement of PartiQL, run on table Fuzz with as many parameters as it
 *					has; a SELECT finds what a scan with its condition finds, in one
 *					go and by pages
 *		r			a request: operation, space, JSON
 *		h g z t s e	what surrounds requests: fuzz_endpoint.c
 *
 * An input fails when a sanitizer objects, when an error is raised that is no
 * DynamoDB exception and none that a client may cause (an internal error, XX000),
 * or when one of the properties below does not hold.
 *
 * palloc() is covered by redirect.h: ddb's own allocations end in poisoned bytes,
 * which come from the allocator's chunk and are given back clean.
 */
#include "postgres.h"

#include <sanitizer/asan_interface.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "error.h"
#include "expr/expr.h"
#include "item/item_private.h"
#include "api/request.h"
#include "partiql/partiql_private.h"

#include "fuzz.h"

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv,
								int (*callback) (const uint8_t *data, size_t size));

PG_FUNCTION_INFO_V1(ddb_fuzz);

#define MAX_INPUT 65536

static MemoryContext input_context;
static Jsonb *fixed_item;
static Jsonb *fixed_names;
static Jsonb *fixed_values;

static const char *const parameters[] = {
	"{\"S\": \"k1\"}", "{\"N\": \"4\"}", "{\"S\": \"g\"}", "{\"NS\": [\"1\", \"2\"]}", "{\"BOOL\": true}",
	"{\"L\": [{\"S\": \"q\"}]}", "{\"B\": \"AA==\"}", "{\"NULL\": true}"
};

static Jsonb *
parse_json(const char *text)
{
	return ddb_json_read(text);
}

/*
 * fuzz_expression parses, binds and evaluates.
 */
static void
fuzz_expression(DdbExprKind kind, const char *text, int len)
{
	const DdbExpr *expr = ddb_expr_parse(kind, text, len);
	DdbBindings *bindings = ddb_bindings_create(fixed_names, fixed_values, DDB_VALUES_CURRENT, false);
	DdbBoundExpr *bound = ddb_expr_bind(expr, bindings);
	DdbKeyTerm *terms;
	Jsonb	   *result;
	int64		size;

	switch (kind)
	{
		case DDB_EXPR_CONDITION:
		case DDB_EXPR_FILTER:
			(void) ddb_condition_eval(bound, fixed_item);
			(void) ddb_condition_eval(bound, NULL);
			break;
		case DDB_EXPR_KEY_CONDITION:
			(void) ddb_key_condition_terms(bound, &terms);
			break;
		case DDB_EXPR_UPDATE:
			result = ddb_update_apply(bound, fixed_item);
			/* what an update makes is canonical; it may be too deep or too large */
			REQUIRE(ddb_item_check(result, DDB_VALUES_CURRENT, &size) == result);
			REQUIRE(size == ddb_item_size_bytes(&result->root));
			(void) ddb_update_project(bound, result);
			break;
		case DDB_EXPR_PROJECTION:
			result = ddb_projection_apply(bound, fixed_item);
			REQUIRE(ddb_item_check(result, DDB_VALUES_CURRENT, &size) == result);
			break;
	}
}

/*
 * fuzz_number: what is accepted is canonical when taken again, has the
 * value that numeric reads, and equals itself.
 */
static void
fuzz_number(const char *text, int len)
{
	char		buf[DDB_NUMBER_BUFLEN];
	char		again[DDB_NUMBER_BUFLEN];
	int			n;
	Datum		ours;
	Datum		theirs;

	n = ddb_number_canonical(text, len, buf);
	REQUIRE(n > 0 && n < DDB_NUMBER_BUFLEN);
	/* a quick test that may say no */
	REQUIRE(!ddb_number_is_canonical(text, len) || (n == len && memcmp(text, buf, n) == 0));
	REQUIRE(ddb_number_canonical(buf, n, again) == n && memcmp(buf, again, n) == 0);
	REQUIRE(ddb_number_compare(buf, n, again, n) == 0);
	ours = DirectFunctionCall3(numeric_in, CStringGetDatum(pnstrdup(buf, n)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	theirs = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	REQUIRE(DatumGetBool(DirectFunctionCall2(numeric_eq, ours, theirs)));
}

/*
 * fuzz_binary: what is accepted decodes to the length that was announced.
 */
static void
fuzz_binary(const char *text, int len)
{
	DdbValue	value;
	int			n;

	if (ddb_binary_problem(text, len) != NULL)
		return;
	value_init_scalar(&value, DDB_B, text, len);
	(void) ddb_binary_decode(&value, &n);
	REQUIRE(n == ddb_binary_length(text, len));
	REQUIRE(ddb_binary_compare(text, len, text, len) == 0);
}

/*
 * fuzz_item: what is accepted is canonical when taken again, of the same size,
 * equal to itself, and to what is read of it written as JSON.
 */
static void
fuzz_item(const char *text)
{
	Jsonb	   *item = parse_json(text);
	Jsonb	   *canonical;
	int64		size;
	int64		again;
	DdbValue	a;
	DdbValue	b;
	StringInfoData json;

	canonical = ddb_item_check(item, DDB_VALUES_CURRENT, &size);
	REQUIRE(ddb_item_check(canonical, DDB_VALUES_CURRENT, &again) == canonical && again == size);
	REQUIRE(ddb_item_size_bytes(&canonical->root) == size);
	ddb_item_view(canonical, &a);
	ddb_item_view(canonical, &b);
	REQUIRE(ddb_value_equal(&a, &b));
	initStringInfo(&json);
	ddb_json_write(&json, &canonical->root, VARSIZE(canonical));
	REQUIRE(ddb_item_equal(ddb_json_read(json.data), canonical));
}

/*
 * fuzz_request splits "operation json" and answers it.
 */
static void
fuzz_request(const char *text)
{
	const char *space = strchr(text, ' ');

	if (space != NULL)
		(void) ddb_api_request(pnstrdup(text, space - text), parse_json(space + 1), NULL);
}

/*
 * bind_statement gives a statement as many parameters as it has.
 */
static DdbBoundStatement *
bind_statement(const DdbStatement *statement)
{
	DdbParameters given = {.count = statement->nparameters};

	given.values = palloc((given.count + 1) * sizeof(DdbValue));
	for (int i = 0; i < given.count; i++)
	{
		Jsonb	   *jsonb = parse_json(parameters[i % lengthof(parameters)]);
		JsonbValue	root = {.type = jbvBinary};

		root.val.binary.data = &jsonb->root;
		root.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
		ddb_value_check(&root, DDB_VALUES_OLDER, &given.values[i]);
	}
	return ddb_partiql_bind(statement, &given);
}

/*
 * count_matches counts the items of a table that meet a statement's condition.
 */
static int
count_matches(const DdbBoundStatement *bound)
{
	DdbReadOp	op = {.table_name = bound->statement->table_name,.forward = true,.segment = -1};
	DdbReader  *reader;
	Jsonb	   *item;
	int			count = 0;

	op.total_segments = -1;
	reader = ddb_reader_open(&op, GetActiveSnapshot());
	while ((item = ddb_reader_next(reader)) != NULL)
		count += bound->where == NULL || ddb_condition_eval(bound->where, item);
	ddb_reader_close(reader);
	return count;
}

/*
 * count_paged counts a SELECT's rows, read by pages of two items.
 */
static int
count_paged(const DdbSelectOp *op, const DdbStatementText *source)
{
	DdbText		token = {0};
	DdbPage		page;
	char	   *next;
	int			count = 0;

	do
	{
		DdbSelection *selection = ddb_select_open(op, GetActiveSnapshot());

		ddb_select_page(selection, 2, source, token, &page, &next);
		ddb_select_close(selection);
		count += page.nitems;
		token.data = next;
		token.len = next != NULL ? strlen(next) : 0;
	} while (next != NULL);
	return count;
}

/*
 * fuzz_statement runs a statement.
 */
static void
fuzz_statement(const char *text, int len)
{
	DdbBoundStatement *bound = bind_statement(ddb_partiql_parse(text, len));
	DdbStatementText source = {.text = {text, len}};
	DdbSelectOp op = {.statement = bound};
	DdbWriteOp	write = {0};
	DdbSelection *selection;
	int			count = 0;

	if (ddb_partiql_kind(bound) != DDB_STATEMENT_SELECT)
	{
		ddb_partiql_write_op(bound, len % 2 == 0, &write);
		(void) ddb_op_write(&write);
		(void) ddb_partiql_explain(bound->statement);
		return;
	}
	selection = ddb_select_open(&op, GetActiveSnapshot());
	while (ddb_select_next(selection) != NULL)
		count++;
	ddb_select_close(selection);
	REQUIRE(count_paged(&op, &source) == count);
	if (bound->statement->index_name == NULL)
		REQUIRE(count == count_matches(bound));
	(void) ddb_partiql_explain(bound->statement);
}

static void
fuzz(char kind, const char *text, int len)
{
	switch (kind)
	{
		case 'c':
			fuzz_expression(DDB_EXPR_CONDITION, text, len);
			break;
		case 'f':
			fuzz_expression(DDB_EXPR_FILTER, text, len);
			break;
		case 'k':
			fuzz_expression(DDB_EXPR_KEY_CONDITION, text, len);
			break;
		case 'u':
			fuzz_expression(DDB_EXPR_UPDATE, text, len);
			break;
		case 'p':
			fuzz_expression(DDB_EXPR_PROJECTION, text, len);
			break;
		case 'n':
			fuzz_number(text, len);
			break;
		case 'b':
			fuzz_binary(text, len);
			break;
		case 'i':
			fuzz_item(text);
			break;
		case 's':
			fuzz_statement(text, len);
			break;
		case 'r':
			fuzz_request(text);
			break;
	}
}

/*
 * may_happen tells whether an input may end with this error: DynamoDB's
 * exceptions (but for InternalServerError), JSON that is none, data that
 * PostgreSQL's types refuse, limits.
 */
static bool
may_happen(const ErrorData *error)
{
	const DdbErrorInfo *info = ddb_error_from_sqlstate(error->sqlerrcode);
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (info != NULL)
		return info->code != DDB_INTERNAL;
	return category == ERRCODE_DATA_EXCEPTION ||
		category == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
		category == ERRCODE_FEATURE_NOT_SUPPORTED;
}

/*
 * run_input runs one input in a subtransaction that is always rolled back.
 */
static int
run_input(const uint8_t *data, size_t size)
{
	ResourceOwner owner = CurrentResourceOwner;
	char	   *text;

	if (size < 1 || size > MAX_INPUT)
		return -1;
	if (!fuzz_endpoint_knows(data[0]) &&
		(memchr(data, '\0', size) != NULL ||
		 !pg_verify_mbstr(PG_UTF8, (const char *) data, (int) size, true)))
		return -1;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(input_context);
	text = palloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	PG_TRY();
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		if (fuzz_endpoint_knows(data[0]))
			fuzz_endpoint(data[0], text, (int) size - 1);
		else
			fuzz(data[0], text, (int) size - 1);
		PopActiveSnapshot();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(input_context);
		error = CopyErrorData();
		FlushErrorState();
		if (!may_happen(error))
		{
			fprintf(stderr, "unexpected error %s: %s (%s, %s:%d)\n",
					unpack_sql_state(error->sqlerrcode), error->message,
					error->funcname, error->filename, error->lineno);
			if (error->backtrace != NULL)
				fprintf(stderr, "%s\n", error->backtrace);
			__builtin_trap();
		}
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	CurrentResourceOwner = owner;
	ddb_fuzz_unpoison_all();
	MemoryContextReset(input_context);
	MemoryContextSwitchTo(input_context);
	return 0;
}

/*
 * ddb_fuzz(arguments text[]): runs libFuzzer, which ends the process.
 */
Datum
ddb_fuzz(PG_FUNCTION_ARGS)
{
	Datum	   *arguments;
	int			count;
	int			argc = 1;
	char	  **argv;
	int64		size;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &arguments, NULL, &count);
	argv = palloc0((count + 2) * sizeof(char *));
	argv[0] = "ddb_fuzz";
	for (int i = 0; i < count; i++)
		argv[argc++] = TextDatumGetCString(arguments[i]);

	fixed_item = ddb_item_check(parse_json("{\"a\": {\"N\": \"1\"}, \"b\": {\"S\": \"x\"}, \"c\": {\"B\": \"AAE=\"},"
										   " \"l\": {\"L\": [{\"N\": \"1\"}, {\"M\": {\"x\": {\"S\": \"y\"}}}]},"
										   " \"m\": {\"M\": {\"x\": {\"N\": \"2\"}, \"l\": {\"L\": []}}},"
										   " \"ns\": {\"NS\": [\"1\", \"2\"]}, \"ss\": {\"SS\": [\"a\", \"b\"]},"
										   " \"bs\": {\"BS\": [\"AA==\"]}, \"t\": {\"BOOL\": true}, \"z\": {\"NULL\": true}}"),
								DDB_VALUES_CURRENT, &size);
	fixed_names = parse_json("{\"#a\": \"a\", \"#l\": \"l\", \"#m\": \"m\", \"#n\": \"none\"}");
	fixed_values = parse_json("{\":n\": {\"N\": \"3\"}, \":s\": {\"S\": \"S\"}, \":b\": {\"B\": \"AA==\"},"
							  " \":l\": {\"L\": [{\"S\": \"q\"}]}, \":m\": {\"M\": {}}, \":t\": {\"BOOL\": false},"
							  " \":ns\": {\"NS\": [\"2\", \"7\"]}, \":ss\": {\"SS\": [\"b\"]}, \":bs\": {\"BS\": [\"AA==\"]},"
							  " \":z\": {\"NULL\": true}}");
	input_context = AllocSetContextCreate(TopMemoryContext, "ddb fuzz input",
										  ALLOCSET_DEFAULT_SIZES);
	ddb_fuzz_unpoison_all();
	exit(LLVMFuzzerRunDriver(&argc, &argv, run_input));
}
