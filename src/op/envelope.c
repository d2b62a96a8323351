/*
 * envelope.c
 *	  The wording of PutItem's and UpdateItem's validation errors.
 *
 * DynamoDB checks the expressions, sets and parameters of these two operations
 * in the same stage as the constraints on members, and words what it finds alike:
 * "1 validation error detected: Invalid UpdateExpression: ...".  What a later stage
 * finds (numbers, empty attribute values, keys against the schema, document
 * paths, sizes) stands bare, and so does everything in other operations.  The
 * same stage sees attribute values before it knows their placeholders, so it
 * doesn't name those.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/elog.h"

#include "compat.h"
#include "error.h"
#include "op/request.h"

#define ENVELOPE "1 validation error detected: "
#define BAD_VALUE "ExpressionAttributeValues contains invalid value: "

/* how the errors of that stage begin */
static const char *const families[] = {
	"Invalid UpdateExpression: ",
	"Invalid ConditionExpression: ",
	"ExpressionAttributeNames ",
	"ExpressionAttributeValues ",
	"Value provided in ExpressionAttribute",
	"Can not use both expression and non-expression parameters",
	"ReturnValues can only be",
	"One or more parameter values were invalid: An string set ",
	"One or more parameter values were invalid: An number set ",
	"One or more parameter values were invalid: Binary sets ",
	"One or more parameter values were invalid: Input collection ",
	"One or more parameter values were invalid: Null attribute value types ",
	"Input collection contains duplicates"
};

static bool
starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * without_placeholder takes "ExpressionAttributeValues contains invalid value: "
 * and " for key :v" from around the message of an attribute value's error.
 */
static char *
without_placeholder(char *message)
{
	char	   *end = NULL;

	if (!starts_with(message, BAD_VALUE))
		return message;
	message += strlen(BAD_VALUE);
	for (char *at = strstr(message, " for key :"); at != NULL; at = strstr(at + 1, " for key :"))
		end = at;
	if (end != NULL)
		*end = '\0';
	return message;
}

/*
 * ddb_rethrow_enveloped raises the error that is being caught again, in the
 * words of PutItem and UpdateItem.  The caller has left ErrorContext.
 */
void
ddb_rethrow_enveloped(void)
{
	ErrorData  *error = CopyErrorData();
	const DdbErrorInfo *info = ddb_error_from_sqlstate(error->sqlerrcode);

	if (info != NULL && info->code == DDB_VALIDATION &&
		!starts_with(error->message, ENVELOPE))
	{
		error->message = without_placeholder(error->message);
		for (int i = 0; i < lengthof(families); i++)
		{
			if (starts_with(error->message, families[i]))
			{
				error->message = psprintf(ENVELOPE "%s", error->message);
				break;
			}
		}
		FlushErrorState();
		ReThrowError(error);
	}
	PG_RE_THROW();
}
