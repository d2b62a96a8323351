/*
 * error.c
 *	  DynamoDB exception -> SQLSTATE -> HTTP status.
 *
 * SQLSTATE class DY is ddb's own.  Codes are stable: applications may test
 * for them, so a new exception takes a new code and none is ever reused.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "error.h"

#define SERVICE "com.amazonaws.dynamodb.v20120810#"
#define VALIDATE "com.amazon.coral.validate#"
#define CORAL "com.amazon.coral.service#"
#define AVAILABILITY "com.amazon.coral.availability#"

/* CONSTRAINT NAME of ddb_errcode_parameters() */
#define PARAMETERS "parameters"

static const DdbErrorInfo error_table[] = {
	{DDB_VALIDATION, "ValidationException", VALIDATE, "DY001", 400},
	{DDB_CONDITIONAL_CHECK_FAILED, "ConditionalCheckFailedException", SERVICE, "DY002", 400, "Item"},
	{DDB_RESOURCE_NOT_FOUND, "ResourceNotFoundException", SERVICE, "DY003", 400},
	{DDB_RESOURCE_IN_USE, "ResourceInUseException", SERVICE, "DY004", 400},
	{DDB_TABLE_NOT_FOUND, "TableNotFoundException", SERVICE, "DY005", 400},
	{DDB_LIMIT_EXCEEDED, "LimitExceededException", SERVICE, "DY006", 400},
	{DDB_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "ItemCollectionSizeLimitExceededException", SERVICE, "DY007", 400},
	{DDB_TRANSACTION_CANCELED, "TransactionCanceledException", SERVICE, "DY008", 400, "CancellationReasons"},
	{DDB_TRANSACTION_CONFLICT, "TransactionConflictException", SERVICE, "DY009", 400},
	{DDB_IDEMPOTENT_PARAMETER_MISMATCH, "IdempotentParameterMismatchException", SERVICE, "DY010", 400},
	{DDB_SERIALIZATION, "SerializationException", CORAL, "DY011", 400},
	{DDB_UNKNOWN_OPERATION, "UnknownOperationException", CORAL, "DY012", 400},
	{DDB_ACCESS_DENIED, "AccessDeniedException", CORAL, "DY013", 400},
	{DDB_TRANSACTION_IN_PROGRESS, "TransactionInProgressException", SERVICE, "DY014", 400},
	{DDB_EXPIRED_ITERATOR, "ExpiredIteratorException", SERVICE, "DY015", 400},
	{DDB_TRIMMED_DATA_ACCESS, "TrimmedDataAccessException", SERVICE, "DY016", 400},
	{DDB_THROTTLING, "ThrottlingException", AVAILABILITY, "DY018", 400},
	{DDB_MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationTokenException", CORAL, "DY020", 400},
	{DDB_INCOMPLETE_SIGNATURE, "IncompleteSignatureException", CORAL, "DY021", 400},
	{DDB_UNRECOGNIZED_CLIENT, "UnrecognizedClientException", CORAL, "DY022", 400},
	{DDB_INVALID_SIGNATURE, "InvalidSignatureException", CORAL, "DY023", 400},
	{DDB_DUPLICATE_ITEM, "DuplicateItemException", SERVICE, "DY017", 400},
	{DDB_INTERNAL, "InternalServerError", SERVICE, "DY099", 500},
};

/*
 * ddb_error_info describes one exception.
 */
const DdbErrorInfo *
ddb_error_info(DdbErrorCode code)
{
	Assert(code >= 0 && code < lengthof(error_table));
	Assert(error_table[code].code == code);
	return &error_table[code];
}

int
ddb_error_sqlstate(DdbErrorCode code)
{
	const char *s = ddb_error_info(code)->sqlstate;

	return MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
}

/*
 * ddb_errcode is errcode() for DynamoDB exceptions: it sets the SQLSTATE and
 * names the exception in the DATATYPE NAME field.  For use inside ereport().
 */
int
ddb_errcode(DdbErrorCode code)
{
	errcode(ddb_error_sqlstate(code));
	return err_generic_string(PG_DIAG_DATATYPE_NAME, ddb_error_info(code)->name);
}

/*
 * ddb_errcode_parameters is ddb_errcode(DDB_VALIDATION) for what is wrong with a
 * request's parameters as such.
 */
int
ddb_errcode_parameters(void)
{
	ddb_errcode(DDB_VALIDATION);
	return err_generic_string(PG_DIAG_CONSTRAINT_NAME, PARAMETERS);
}

/*
 * ddb_error_of_parameters tells whether ddb_errcode_parameters() raised error.
 */
bool
ddb_error_of_parameters(const ErrorData *error)
{
	const DdbErrorInfo *info = ddb_error_from_sqlstate(error->sqlerrcode);

	return info != NULL && info->code == DDB_VALIDATION &&
		error->constraint_name != NULL && strcmp(error->constraint_name, PARAMETERS) == 0;
}

void
ddb_error_rethrow_enveloped(MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	if (!ddb_error_of_parameters(error))
		PG_RE_THROW();
	FlushErrorState();
	error->message = psprintf("1 validation error detected: %s", error->message);
	error->constraint_name = NULL;	/* done */
	ReThrowError(error);
}

/*
 * ddb_error_from_sqlstate finds the exception that raised sqlerrcode, or NULL
 * when it is not one of ours.
 */
const DdbErrorInfo *
ddb_error_from_sqlstate(int sqlerrcode)
{
	for (int i = 0; i < lengthof(error_table); i++)
	{
		const char *s = error_table[i].sqlstate;

		if (sqlerrcode == MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]))
			return &error_table[i];
	}
	return NULL;
}

const DdbErrorInfo *
ddb_error_for_client(int sqlerrcode)
{
	const DdbErrorInfo *info = ddb_error_from_sqlstate(sqlerrcode);

	if (info != NULL)
		return info;
	if (sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ||
		sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION)
		return ddb_error_info(DDB_ACCESS_DENIED);
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_DATA_EXCEPTION:
		case ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION:
		case ERRCODE_WITH_CHECK_OPTION_VIOLATION:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case ERRCODE_PLPGSQL_ERROR:
			return ddb_error_info(DDB_VALIDATION);
		default:
			return ddb_error_info(DDB_INTERNAL);
	}
}
