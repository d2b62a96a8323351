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
	ddb_statement_operations,
	ddb_transact_statement_operations,
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

bool
ddb_api_is_streams(const char *operation)
{
	for (const DdbOperation *op = ddb_stream_operations; op->name != NULL; op++)
	{
		if (strcmp(op->name, operation) == 0)
			return true;
	}
	return false;
}

Jsonb *
ddb_api_request(const char *operation, Jsonb *request, DdbConsumption *consumption)
{
	const DdbOperation *op = find_operation(operation);
	DdbConsumption unasked;

	if (op == NULL)
		ereport(ERROR, ddb_errcode(DDB_UNKNOWN_OPERATION),
				errmsg("unknown operation: %s", operation));
	ddb_shape_check(op->shape, request);
	(void) ddb_version_check();
	if (consumption == NULL)
		consumption = &unasked;
	ddb_consumption_init(consumption, &request->root);
	return op->handler(&request->root, consumption);
}
