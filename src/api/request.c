/*
 * request.c
 *	  ddb_request: any operation of the API, JSON in, JSON out.
 *
 * Finds the operation, checks the request against its shape, and lets its
 * handler answer.
 */
#include "postgres.h"

#include "miscadmin.h"

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

/* The service's operations that no family has, or had not. */
static const char *const others[] = {
	"BatchExecuteStatement", "CancelBulkOperation", "CreateBackup", "CreateGlobalTable",
	"DeleteBackup", "DeleteResourcePolicy", "DescribeBackup", "DescribeBulkOperation",
	"DescribeContributorInsights", "DescribeExport", "DescribeGlobalTable",
	"DescribeGlobalTableSettings", "DescribeImport", "DescribeKinesisStreamingDestination",
	"DescribeTableReplicaAutoScaling", "DisableKinesisStreamingDestination",
	"EnableKinesisStreamingDestination", "ExecuteStatement", "ExecuteTransaction",
	"ExportTableToPointInTime", "GetResourcePolicy", "ImportTable", "ListBackups",
	"ListBulkOperations", "ListContributorInsights", "ListExports", "ListGlobalTables",
	"ListImports", "PutResourcePolicy", "RestoreTableFromBackup", "RestoreTableToPointInTime",
	"SearchVectors", "StartBulkPutItems", "UpdateContinuousBackups",
	"UpdateContributorInsights", "UpdateGlobalTable", "UpdateGlobalTableSettings",
	"UpdateKinesisStreamingDestination", "UpdateTableReplicaAutoScaling"
};

const char *ddb_api_host;

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
 * require_operation finds an operation that there has to be.
 */
static const DdbOperation *
require_operation(const char *name)
{
	const DdbOperation *op = find_operation(name);

	if (op == NULL && ddb_api_lacks(name))
		ereport(ERROR, ddb_errcode(DDB_UNKNOWN_OPERATION),
				errmsg("The operation %s is not supported", name));
	if (op == NULL)
		ereport(ERROR, ddb_errcode(DDB_UNKNOWN_OPERATION),
				errmsg("unknown operation: %s", name));
	return op;
}

const DdbShape *
ddb_api_shape(const char *operation)
{
	return require_operation(operation)->shape;
}

List *
ddb_api_operations(void)
{
	List	   *names = NIL;

	for (int i = 0; i < lengthof(families); i++)
	{
		for (const DdbOperation *op = families[i]; op->name != NULL; op++)
			names = lappend(names, unconstify(char *, op->name));
	}
	return names;
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

int
ddb_api_flags(const char *operation)
{
	const DdbOperation *op = find_operation(operation);

	return op != NULL ? op->flags : 0;
}

bool
ddb_api_lacks(const char *operation)
{
	for (int i = 0; i < lengthof(others); i++)
	{
		if (strcmp(others[i], operation) == 0)
			return find_operation(operation) == NULL;
	}
	return false;
}

Jsonb *
ddb_api_request(const char *operation, Jsonb *request, DdbConsumption *consumption)
{
	const DdbOperation *op = require_operation(operation);
	DdbConsumption unasked;

	ddb_shape_check(op->shape, request);
	(void) ddb_version_check();
	if ((op->flags & DDB_API_DEFINES) != 0)
		PreventCommandIfReadOnly(op->name);
	if (consumption == NULL)
		consumption = &unasked;
	ddb_consumption_init(consumption, &request->root);
	return op->handler(&request->root, consumption);
}
