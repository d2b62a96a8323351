/*
 * error.h
 *	  The one table of DynamoDB exceptions: name, SQLSTATE, HTTP status.
 *
 * Every error a client can cause is raised as
 *
 *		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
 *				errmsg("The provided key element does not match the schema"));
 *
 * ddb_errcode() takes the place of errcode() and also fills the error's
 * DATATYPE NAME field with the exception's name, so that clients can tell
 * errors apart without parsing messages.
 *
 * A ValidationException about what needs the request alone takes
 * ddb_errcode_parameters() instead: expressions with their names and values,
 * attribute values, parameters that exclude each other, legacy parameters,
 * ReturnValues.  DynamoDB finds these in the same stage as broken constraints on
 * members, and some operations word them alike (op/words.h,
 * ddb_error_rethrow_enveloped).  What needs the table or the item (keys, index keys,
 * sizes) does not.  Such an error's CONSTRAINT NAME field is "parameters".
 *
 * Two exceptions have a member beside the message: ConditionalCheckFailedException
 * has Item where ReturnValuesOnConditionCheckFailure asks for it, and
 * TransactionCanceledException has CancellationReasons.  Its value is the error's
 * detail, JSON as it stands; detail_member is its name.  An error without a
 * detail is without the member.
 */
#ifndef DDB_ERROR_H
#define DDB_ERROR_H

#include "compat.h"

typedef enum DdbErrorCode
{
	DDB_VALIDATION,
	DDB_CONDITIONAL_CHECK_FAILED,
	DDB_RESOURCE_NOT_FOUND,
	DDB_RESOURCE_IN_USE,
	DDB_TABLE_NOT_FOUND,
	DDB_LIMIT_EXCEEDED,
	DDB_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED,
	DDB_TRANSACTION_CANCELED,
	DDB_TRANSACTION_CONFLICT,
	DDB_IDEMPOTENT_PARAMETER_MISMATCH,
	DDB_SERIALIZATION,
	DDB_UNKNOWN_OPERATION,
	DDB_ACCESS_DENIED,
	DDB_TRANSACTION_IN_PROGRESS,
	DDB_EXPIRED_ITERATOR,
	DDB_TRIMMED_DATA_ACCESS,
	DDB_THROTTLING,
	DDB_MISSING_AUTHENTICATION_TOKEN,
	DDB_INCOMPLETE_SIGNATURE,
	DDB_UNRECOGNIZED_CLIENT,
	DDB_INVALID_SIGNATURE,
	DDB_DUPLICATE_ITEM,
	DDB_INTERNAL
} DdbErrorCode;

typedef struct DdbErrorInfo
{
	DdbErrorCode code;
	const char *name;			/* "ValidationException" */
	const char *prefix;			/* "com.amazon.coral.validate#" */
	const char *sqlstate;		/* five characters, class DY */
	int			http_status;
	const char *detail_member;	/* "CancellationReasons", or NULL */
} DdbErrorInfo;

extern int	ddb_errcode(DdbErrorCode code);
extern int	ddb_errcode_parameters(void);
extern bool ddb_error_of_parameters(const ErrorData *error);

/*
 * ddb_error_rethrow_enveloped is for PG_CATCH in the operations that word what is
 * wrong with parameters as they do a broken constraint: it raises the error again,
 * such a one with "1 validation error detected: " before its message.  context is
 * the memory context that was current before PG_TRY.
 */
pg_noreturn extern void ddb_error_rethrow_enveloped(MemoryContext context);

/* ddb_error_sqlstate is an exception's SQLSTATE, as ErrorData has it. */
extern int	ddb_error_sqlstate(DdbErrorCode code);
extern const DdbErrorInfo *ddb_error_info(DdbErrorCode code);
extern const DdbErrorInfo *ddb_error_from_sqlstate(int sqlerrcode);

/*
 * ddb_error_for_client is the exception that tells a client of any error.  What the
 * owner of a table or of the server refuses by design (constraints, triggers that
 * raise exceptions, what ddb doesn't do, a read-only server) comes as one that isn't
 * tried again; its message is for the client.  The rest is DDB_INTERNAL.
 */
extern const DdbErrorInfo *ddb_error_for_client(int sqlerrcode);

#endif							/* DDB_ERROR_H */
