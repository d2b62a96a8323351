/*
 * reasons.c
 *	  CancellationReasons: why a transaction was cancelled, item by item.
 *
 * Codes and messages are in "API reference: TransactWriteItems", under
 * TransactionCanceledException.  The array travels as the error's detail.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "op/transact.h"

/*
 * reason_code is the reason that an exception becomes, or NULL.
 */
static const char *
reason_code(const ErrorData *error)
{
	const DdbErrorInfo *info = ddb_error_from_sqlstate(error->sqlerrcode);

	if (info == NULL)
		return NULL;
	switch (info->code)
	{
		case DDB_CONDITIONAL_CHECK_FAILED:
			return "ConditionalCheckFailed";
		case DDB_TRANSACTION_CONFLICT:
			return "TransactionConflict";
		case DDB_VALIDATION:
			return "ValidationError";
		case DDB_DUPLICATE_ITEM:
			return "DuplicateItem";
		case DDB_RESOURCE_NOT_FOUND:
			return "ResourceNotFound";
		default:
			return NULL;
	}
}

/*
 * ddb_reason_from_error turns the current error into a reason, allocated in
 * context.
 */
void
ddb_reason_from_error(DdbReason *reason, MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	reason->code = reason_code(error);
	if (reason->code == NULL)
		PG_RE_THROW();
	FlushErrorState();
	reason->message = error->message;
	if (error->detail != NULL)
		reason->item = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														  CStringGetDatum(error->detail)));
}

/*
 * ddb_transaction_cancel raises the exception with the reasons of all items.
 */
void
ddb_transaction_cancel(const DdbReason *reasons, int n)
{
	JsonbParseState *state = NULL;
	StringInfoData codes;
	Jsonb	   *json;

	initStringInfo(&codes);
	ddb_json_begin_array(&state, NULL);
	for (int i = 0; i < n; i++)
	{
		const char *code = reasons[i].code ? reasons[i].code : "None";

		appendStringInfo(&codes, "%s%s", i > 0 ? ", " : "", code);
		ddb_json_begin_object(&state, NULL);
		ddb_json_push_string(&state, "Code", code);
		if (reasons[i].message != NULL)
			ddb_json_push_string(&state, "Message", reasons[i].message);
		if (reasons[i].item != NULL)
			ddb_json_push_jsonb(&state, "Item", reasons[i].item);
		ddb_json_end_object(&state);
	}
	json = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
	ereport(ERROR, ddb_errcode(DDB_TRANSACTION_CANCELED),
			errmsg("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]",
				   codes.data),
			errdetail_internal("%s", JsonbToCString(NULL, &json->root, VARSIZE(json))));
}

/*
 * ddb_reasons_check cancels the transaction if an item has a reason.
 */
void
ddb_reasons_check(const DdbReason *reasons, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (reasons[i].code != NULL)
			ddb_transaction_cancel(reasons, n);
	}
}
