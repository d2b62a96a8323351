/*
 * http_engine.c
 *	  The engine's side of the HTTP endpoint: requests become transactions.
 *
 * Durability.  Each request is a transaction of its own, committed without waiting
 * for the disk.  At the end of the event loop's turn end_turn() flushes the WAL
 * once, up to the last commit of the turn and of those that other workers have not
 * flushed yet, and waits for synchronous standbys where there are any; only then the
 * loop sends the turn's answers, those of reads included, which may show any of that.
 * (A session of SQL may read it before it is flushed, as after any commit with
 * synchronous_commit off.)  Where synchronous_commit is off, that is the
 * administrator's wish for us too.
 *
 * Waiting.  A worker that sleeps on a lock keeps everybody waiting.  So writes
 * don't wait for rows, lock_timeout ends any other wait after a millisecond, and
 * the event loop tries the request again a little later, for ddb.http_lock_timeout in all;
 * then the client gets TransactionConflictException.
 *
 * Errors.  Whatever a request raises ends its own transaction and nothing else.
 * Clients see exceptions of the API; what else goes wrong is in the server's log
 * under the request's id, without details, which may hold data.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "replication/syncrep.h"
#include "replication/walsender.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/sinval.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"

#include "api/request.h"
#include "auth/auth.h"
#include "compat.h"
#include "endpoint/endpoint.h"
#include "endpoint/metrics.h"
#include "endpoint/protocol.h"
#include "error.h"
#include "op/op.h"
#include "settings.h"
#include "store/store.h"

#define MAX_RETRY_MS	20
#define LISTEN_AGAIN_US	5000000

static MemoryContext request_context;
static char *database;			/* the one this worker serves */
static int	configured_commit;	/* synchronous_commit as configured */
static XLogRecPtr written;		/* what end_turn() must make durable */
static int	nwritten;			/* requests in that */
static int	nanswered;			/* requests of this turn, reads included */
static bool listening;
static int64 tried_to_listen;
static volatile sig_atomic_t waiting_for_standby;

/* ---- transactions ---- */

/*
 * begin starts a request's transaction: a block, as after BEGIN.
 */
static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	BeginTransactionBlock();
	CommitTransactionCommand();
	StartTransactionCommand();
	MemoryContextSwitchTo(request_context);
}

/*
 * commit ends a request's transaction and notes what is to be flushed.
 */
static void
commit(void)
{
	bool		wrote = TransactionIdIsValid(GetTopTransactionIdIfAny());

	EndTransactionBlock(false);
	if (wrote && configured_commit > SYNCHRONOUS_COMMIT_OFF)
		ddb_http_commits_begin();
	synchronous_commit = SYNCHRONOUS_COMMIT_OFF;
	CommitTransactionCommand();
	synchronous_commit = configured_commit;
	MemoryContextSwitchTo(request_context);
	if (wrote)
	{
		written = Max(written, XactLastCommitEnd);
		nwritten++;
		if (configured_commit > SYNCHRONOUS_COMMIT_OFF)
			ddb_http_commits_set(written);
	}
}

/*
 * rollback ends a request's transaction after an error.
 */
static void
rollback(void)
{
	synchronous_commit = configured_commit;
	AbortOutOfAnyTransaction();
	ddb_http_commits_set(written);
	MemoryContextSwitchTo(request_context);
}

/*
 * wait_for_standbys waits until the standbys that synchronous_standby_names asks
 * for have the log up to end.  A stop of the server ends the wait, and then this
 * process, without sending what is not known to be safe.
 */
static void
wait_for_standbys(XLogRecPtr end)
{
	if (!SyncRepRequested())
		return;
	waiting_for_standby = true;
	if (ShutdownRequestPending)
		ddb_http_request_stop();
	HOLD_INTERRUPTS();
	SyncRepWaitForLSN(end, true);
	RESUME_INTERRUPTS();
	waiting_for_standby = false;
	CHECK_FOR_INTERRUPTS();
}

/*
 * ddb_http_request_stop is called by the handler of SIGTERM.
 */
void
ddb_http_request_stop(void)
{
	if (waiting_for_standby)
	{
		InterruptPending = true;
		ProcDiePending = true;
	}
}

static void
end_turn(void)
{
	XLogRecPtr	end;

	if (nanswered == 0)
		return;
	if (configured_commit > SYNCHRONOUS_COMMIT_OFF)
	{
		end = Max(written, ddb_http_commits_others());
		if (!XLogRecPtrIsInvalid(end))
		{
			XLogFlush(end);
			wait_for_standbys(end);
		}
	}
	ddb_http_commits_set(InvalidXLogRecPtr);
	if (nwritten > 0)
		ddb_metrics_batch(nwritten);
	nanswered = 0;
	nwritten = 0;
	written = InvalidXLogRecPtr;
}

/* ---- requests ---- */

/*
 * answer runs a call in its transaction and gives the capacity units that it consumed.
 * Raises whatever the call raises.
 */
static double
answer(DdbCall *call, DdbHttpReply *reply)
{
	DdbConsumption consumption = {0};
	DdbAuth		auth;
	Jsonb	   *body;
	double		units;

	begin();
	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_auth_check(call->request, &auth);
	call->role_name = pstrdup(auth.role);
	ddb_auth_begin(&auth);
	body = ddb_protocol_body(call);
	if (call->streams != ddb_api_is_streams(call->operation))
		ereport(ERROR, ddb_errcode(DDB_UNKNOWN_OPERATION),
				errmsg("unknown operation: %s", call->operation));
	if (body != NULL)
	{
		ddb_protocol_answer(call, ddb_api_request(call->operation, body, &consumption), reply);
	}
	else
		ddb_protocol_too_large(call, reply);
	units = ddb_consumption_total(&consumption);
	PopActiveSnapshot();
	commit();
	ddb_auth_end();
	return units;
}

/*
 * is_conflict tells whether an error means that somebody else holds a lock, and
 * that nothing was done.
 */
static bool
is_conflict(int sqlerrcode)
{
	const DdbErrorInfo *info = ddb_error_from_sqlstate(sqlerrcode);

	return sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		(info != NULL && info->code == DDB_TRANSACTION_CONFLICT);
}

/*
 * log_internal logs an error that the client learns nothing about.
 */
static void
log_internal(const DdbCall *call, const ErrorData *error)
{
	char		state[6];

	strlcpy(state, unpack_sql_state(error->sqlerrcode), sizeof(state));
	ereport(LOG,
			errmsg("ddb http: request %s: %s failed: %s", call->request->id, call->operation,
				   error->message),
			errdetail_log("SQLSTATE %s, %s:%d.", state, error->filename ? error->filename : "",
						  error->lineno));
}

/*
 * fail makes the reply to an error, or asks for another try.
 */
static DdbHttpResult
fail(DdbCall *call, ErrorData *error, DdbHttpReply *reply)
{
	const DdbHttpRequest *request = call->request;

	if (is_conflict(error->sqlerrcode))
	{
		int64		waited = ddb_http_now_us() - request->received_us;

		if (waited < (int64) ddb_lock_timeout * 1000 && !ShutdownRequestPending)
		{
			reply->retry_ms = request->attempt >= 5 ? MAX_RETRY_MS : 1 << request->attempt;
			ddb_metrics_retry();
			return DDB_HTTP_RETRY;
		}
		error->sqlerrcode = MAKE_SQLSTATE('D', 'Y', '0', '0', '9');
		error->message = "Transaction is ongoing for the item";
		error->detail = NULL;
	}
	else if (error->sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE &&
			 ddb_error_from_sqlstate(error->sqlerrcode) == NULL)
		log_internal(call, error);
	ddb_protocol_error(call, error, reply);
	return DDB_HTTP_DONE;
}

/*
 * account counts an answered call, and logs a slow one.
 */
static void
account(const DdbCall *call, int status, double capacity)
{
	int64		took = ddb_http_now_us() - call->request->received_us;

	ddb_metrics_request(call->operation, call->table_name, status, took, capacity);
	if (ddb_http_log_min_duration >= 0 && took >= (int64) ddb_http_log_min_duration * 1000)
		ereport(LOG,
				errmsg("ddb http: request %s: %s on table \"%s\" took %.3f ms, %d tries, status %d",
					   call->request->id, call->operation,
					   call->table_name ? call->table_name : "", took / 1000.0,
					   call->request->attempt + 1, status));
}

/*
 * handle answers one request.
 */
static DdbHttpResult
handle(const DdbHttpRequest *request, DdbHttpReply *reply)
{
	DdbCall		call = {0};
	DdbHttpResult result = DDB_HTTP_DONE;
	bool		known = true;
	volatile double capacity = 0;

	MemoryContextReset(request_context);
	MemoryContextSwitchTo(request_context);
	if (!ddb_protocol_route(request, &call, reply))
		return DDB_HTTP_DONE;
	PG_TRY();
	{
		capacity = answer(&call, reply);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(request_context);
		error = CopyErrorData();
		FlushErrorState();
		rollback();
		known = error->sqlerrcode != MAKE_SQLSTATE('D', 'Y', '0', '1', '2');
		result = fail(&call, error, reply);
	}
	PG_END_TRY();
	if (result == DDB_HTTP_DONE)
	{
		nanswered++;
		if (!known)
			call.operation = "unknown";
		account(&call, reply->status, capacity);
	}
	return result;
}

/* ---- between requests ---- */

/*
 * start_listening opens the listeners, as the settings say now.
 */
static void
start_listening(void)
{
	DdbHttpConfig config;

	ddb_http_config(&config);
	tried_to_listen = ddb_http_now_us();
	listening = ddb_http_server_configure(&config);
}

/*
 * log_once writes a line from the event loop, unless it is the same again.
 */
static void
log_once(const char *message)
{
	static char last[512];

	if (strcmp(last, message) == 0)
		return;
	strlcpy(last, message, sizeof(last));
	ereport(LOG, errmsg("ddb http: %s", message));
}

/*
 * reload follows a change of the configuration; false when it asks for another
 * database, which takes another process.
 */
static bool
reload(void)
{
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	configured_commit = synchronous_commit;
	if (strcmp(database, ddb_http_database) != 0)
		return false;
	start_listening();
	return true;
}

/*
 * tick does what a backend does between commands.
 */
static bool
tick(void)
{
	volatile bool go_on = true;

	ResetLatch(MyLatch);
	PG_TRY();
	{
		CHECK_FOR_INTERRUPTS();
		if (catchupInterruptPending)
			ProcessCatchupInterrupt();
		if (ConfigReloadPending)
			go_on = reload();
		else if (!listening && ddb_http_now_us() - tried_to_listen > LISTEN_AGAIN_US)
			start_listening();
		pgstat_report_stat(false);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(request_context);
		EmitErrorReport();
		FlushErrorState();
		rollback();
	}
	PG_END_TRY();
	return go_on && !ShutdownRequestPending;
}

const DdbHttpEngine ddb_http_engine = {
	.handle = handle,
	.end_turn = end_turn,
	.tick = tick,
	.connections = ddb_metrics_connections,
	.log = log_once,
};

/*
 * ddb_http_engine_start makes the engine ready and opens the listeners.
 */
void
ddb_http_engine_start(void)
{
	request_context = AllocSetContextCreate(TopMemoryContext, "ddb http request",
											ALLOCSET_DEFAULT_SIZES);
	database = MemoryContextStrdup(TopMemoryContext, ddb_http_database);
	configured_commit = synchronous_commit;
	ddb_store_refuse_waits = true;
	start_listening();
}
