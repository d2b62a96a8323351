/*
 * request.c
 *	  ddb_request: any operation of the API, JSON in, JSON out.
 *
 * Finds the operation, checks the request against its shape, and lets its
 * handler answer.
 */
#include "postgres.h"

#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "version.h"

static const DdbOperation *const families[] = {
	ddb_item_operations,
	ddb_table_operations,
	ddb_tag_operations,
	ddb_account_operations,
	ddb_read_operations,
	ddb_batch_operations,
	ddb_transact_operations,
	ddb_stream_operations
};

static const DdbOperation *
find_operation(const char *name)
{
	for (int i = 0; i < lengthof(families); i++)
	{
		for (const DdbOperation *op = families[i]; op->name != NULL; op++)
		{
			if (strcmp(op->name, name) == 0)
				return op;
		}
	}
	return NULL;
}

/*
 * ddb_op_is_streams tells whether an operation is one of the Streams API.
 */
bool
ddb_op_is_streams(const char *operation)
{
	for (const DdbOperation *op = ddb_stream_operations; op->name != NULL; op++)
	{
		if (strcmp(op->name, operation) == 0)
			return true;
	}
	return false;
}

/*
 * ddb_op_request answers a request.
 */
Jsonb *
ddb_op_request(const char *operation, Jsonb *request)
{
	const DdbOperation *op = find_operation(operation);

	if (op == NULL)
		ereport(ERROR, ddb_errcode(DDB_UNKNOWN_OPERATION),
				errmsg("unknown operation: %s", operation));
	ddb_shape_check(op->shape, request);
	(void) ddb_version_check();
	return op->handler(&request->root);
}

/*
 * present_names lists the members of a request that are in names, as "{a, b}".
 */
static char *
present_names(JsonbContainer *request, const char *const *names)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (; *names != NULL; names++)
	{
		if (ddb_request_has(request, *names))
			appendStringInfo(&buf, "%s%s", buf.len ? ", " : "{", *names);
	}
	if (buf.len == 0)
		return NULL;
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

/*
 * ddb_check_no_mix refuses a request that mixes expressions with legacy
 * parameters ("Legacy conditional parameters").
 */
void
ddb_check_no_mix(JsonbContainer *request, const char *const *legacy,
				 const char *const *expressions)
{
	char	   *old = present_names(request, legacy);
	char	   *new = old ? present_names(request, expressions) : NULL;

	if (new != NULL)
		ereport(ERROR, ddb_errcode_parameters(),
				errmsg("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: %s Expression parameters: %s",
					   old, new));
}
