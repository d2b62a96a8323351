/*
 * trigger_call.c
 *	  Calling the function of a trigger.
 *
 * The worker's session is a superuser's and the function anybody's.  It runs as the
 * trigger's owner in a security-restricted operation, as maintenance commands run
 * what users define: it can't change its role, end the transaction, or leave
 * prepared statements, temporary tables or deferred triggers (which would fire as the
 * superuser) behind.  Settings that it changes are set back, and locks of
 * the session released.
 *
 * A call that takes longer than ddb.trigger_timeout is cancelled, also while it waits for
 * a lock.  A function that catches even that is cancelled again every second, and
 * at last its process is ended.
 */
#include "postgres.h"

#include <signal.h>

#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "pgstat.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "settings.h"
#include "trigger/trigger_call.h"

#define CANCEL_AGAIN_MS 1000
#define MAX_CANCELS 5
#define MAX_ERROR_PART 2000		/* bytes that are kept of a message, a detail ... */

static TimeoutId timeout_id;
static volatile sig_atomic_t cancels;

/*
 * cancel_call is the timeout's handler: a signal handler.
 */
static void
cancel_call(void)
{
	if (++cancels <= MAX_CANCELS)
		kill(MyProcPid, SIGINT);
	else
		kill(MyProcPid, SIGTERM);
}

/*
 * ddb_trigger_call_init registers the timeout, once in a process.
 */
void
ddb_trigger_call_init(void)
{
	static bool registered = false;

	if (registered)
		return;
	registered = true;
	timeout_id = RegisterTimeout(USER_TIMEOUT, cancel_call);
}

/*
 * ddb_trigger_call_is_ended tells whether the process is being ended because of the
 * function, and says so.
 */
bool
ddb_trigger_call_is_ended(char **error)
{
	if (cancels <= MAX_CANCELS)
		return false;
	*error = psprintf("the function took longer than ddb.trigger_timeout, %d ms, and did not let itself be cancelled",
					  ddb_trigger_timeout);
	return true;
}

bool
ddb_trigger_call_timed_out(void)
{
	return cancels > 0;
}

static void
start_clock(void)
{
	cancels = 0;
	if (ddb_trigger_timeout > 0)
		enable_timeout_every(timeout_id,
							 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ddb_trigger_timeout),
							 CANCEL_AGAIN_MS);
}

/*
 * stop_clock stops the timeout; a cancel that came too late is forgotten.
 */
static void
stop_clock(void)
{
	disable_timeout(timeout_id, false);
	if (cancels > 0)
		QueryCancelPending = false;
}

/*
 * find_function finds the trigger's function, as the trigger's owner.
 */
static Oid
find_function(const DdbTrigger *trigger)
{
	Oid			argument = JSONBOID;
	List	   *name = list_make2(makeString(trigger->function_schema),
								  makeString(trigger->function_name));
	Oid			function = LookupFuncName(name, 1, &argument, false);
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->proowner != trigger->function_owner)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("function %s belongs to another role than when the trigger was created",
					   format_procedure(function)));
	if (proc->prokind != PROKIND_FUNCTION || proc->proretset)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				errmsg("function %s can't take stream records", format_procedure(function)));
	ReleaseSysCache(tuple);
	if (!ddb_may_execute(function, GetUserId()))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, trigger->function_name);
	return function;
}

/*
 * invoke calls the function within the time that it has.
 */
static void
invoke(Oid function, Jsonb *batch)
{
	MemoryContext context = CurrentMemoryContext;
	FmgrInfo	info;
	ErrorData  *error;

	LOCAL_FCINFO(fcinfo, 1);

	fmgr_info(function, &info);
	InitFunctionCallInfoData(*fcinfo, &info, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = JsonbPGetDatum(batch);
	fcinfo->args[0].isnull = false;
	start_clock();
	PG_TRY();
	{
		(void) FunctionCallInvoke(fcinfo);
	}
	PG_CATCH();
	{
		stop_clock();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (cancels > 0 && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
			error->message = psprintf("the function took longer than ddb.trigger_timeout, %d ms",
									  ddb_trigger_timeout);
		ReThrowError(error);
	}
	PG_END_TRY();
	stop_clock();
}

/*
 * ddb_trigger_call calls the function of a trigger.
 */
void
ddb_trigger_call(const DdbTrigger *trigger, Jsonb *batch, bool *called)
{
	Oid			function;
	Oid			save_user;
	int			save_context;
	int			save_nestlevel;

	pgstat_report_activity(STATE_RUNNING,
						   psprintf("trigger %s", quote_identifier(trigger->name)));
	GetUserIdAndSecContext(&save_user, &save_context);
	save_nestlevel = NewGUCNestLevel();
	SetUserIdAndSecContext(trigger->owner, save_context |
						   SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	function = find_function(trigger);
	*called = true;
	invoke(function, batch);
	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_user, save_context);
}

/*
 * ddb_trigger_call_cleanup releases the session's advisory locks.
 */
void
ddb_trigger_call_cleanup(void)
{
	LockReleaseSession(USER_LOCKMETHOD);
	pgstat_report_activity(STATE_IDLE, NULL);
}

/*
 * append_part appends the begin of a part of an error, which may have any length.
 */
static void
append_part(StringInfo text, const char *title, const char *part)
{
	int			length;

	if (part == NULL)
		return;
	length = strnlen(part, MAX_ERROR_PART + 1);
	appendStringInfoString(text, title);
	if (length <= MAX_ERROR_PART)
		appendStringInfoString(text, part);
	else
	{
		appendBinaryStringInfo(text, part, pg_mbcliplen(part, length, MAX_ERROR_PART));
		appendStringInfoString(text, "...");
	}
}

/*
 * ddb_trigger_error_text is what users read of an error.
 */
char *
ddb_trigger_error_text(const ErrorData *error)
{
	StringInfoData text;

	initStringInfo(&text);
	append_part(&text, "", error->message);
	append_part(&text, "\nDETAIL: ", error->detail);
	append_part(&text, "\nHINT: ", error->hint);
	append_part(&text, "\nCONTEXT: ", error->context);
	return text.data;
}
