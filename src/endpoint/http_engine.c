/*
 * http_engine.c
 *	  The engine's side of the HTTP endpoint: requests become transactions.
 *
 * Waiting.  A worker that sleeps on a lock keeps everybody waiting.  So requests
 * don't wait for rows and tables, lock_timeout ends any other wait after a millisecond,
 * and the event loop tries the request again a little later, for ddb.http_lock_timeout in all;
 * then the client gets TransactionConflictException.  A read of a stream whose records
 * are still being captured is tried again too (capture_wait.c).
 *
 * Work.  A request may take ddb.http_request_timeout, watched by PostgreSQL's own
 * statement timeout wherever interrupts are looked for.  Then it is undone and the
 * client gets ThrottlingException, after which clients try again later.  Pages of Query
 * and Scan end well before.
 *
 * Errors.  Whatever a request raises ends its own transaction and nothing else.
 * Clients see exceptions of the API; what else goes wrong is in the server's log
 * under the request's id, without details, which may hold data.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/sinval.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "api/request.h"
#include "auth/auth.h"
#include "capture/capture.h"
#include "compat.h"
#include "endpoint/endpoint.h"
#include "endpoint/metrics.h"
#include "endpoint/protocol.h"
#include "error.h"
#include "footprint.h"
#include "op/op.h"
#include "settings.h"
#include "store/store.h"
#include "table/desc.h"

#define MAX_RETRY_MS	50
#define LISTEN_AGAIN_US	5000000
#define PAGES_PART		10		/* of ddb.http_request_timeout that a page may take */

static MemoryContext request_context;
static char *database;			/* the one this worker serves */
static bool listening;
static int64 tried_to_listen;

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
 * start_budget begins the time that a request may take.
 */
static void
start_budget(void)
{
	ddb_read_deadline = 0;
	if (ddb_http_request_timeout == 0)
		return;
	ddb_read_deadline = GetCurrentTimestamp() + ddb_http_request_timeout * (int64) (1000 / PAGES_PART);
	enable_timeout_after(STATEMENT_TIMEOUT, ddb_http_request_timeout);
}

/*
 * end_budget ends it, with a cancellation that came too late.
 */
static void
end_budget(void)
{
	disable_timeout(STATEMENT_TIMEOUT, false);
	QueryCancelPending = false;
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
		ddb_api_host = ddb_protocol_host(call->request);
		ddb_protocol_answer(call, ddb_api_request(call->operation, body, &consumption), reply);
	}
	else
		ddb_protocol_too_large(call, reply);
	units = ddb_consumption_total(&consumption);
	PopActiveSnapshot();
	ddb_http_commit(call->operation, call->table_name);
	MemoryContextSwitchTo(request_context);
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
 * begin_capture_wait prepares for a request that may have to wait for capture.
 */
static void
begin_capture_wait(const DdbHttpRequest *request)
{
	ddb_capture_waiting.again = false;
	ddb_capture_waiting.target = *request->note;
	ddb_capture_waiting.waited_ms = request->attempt == 0 ? 0 :
		(ddb_http_now_us() - request->received_us) / 1000;
}

/*
 * pause_ms is how long a request waits for its next try.
 */
static int
pause_ms(const DdbHttpRequest *request)
{
	return request->attempt >= 5 ? MAX_RETRY_MS : 1 << request->attempt;
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

	if (ddb_capture_waiting.again)
	{
		*request->note = ddb_capture_waiting.target;
		reply->retry_ms = pause_ms(request);
		return DDB_HTTP_RETRY;
	}
	if (is_conflict(error->sqlerrcode))
	{
		int64		waited = ddb_http_now_us() - request->received_us;

		if (waited < (int64) ddb_lock_timeout * 1000 && !ShutdownRequestPending)
		{
			/* so that the time to find a lock free is a part of the time waited */
			reply->retry_ms = Min(Max(waited / 4000, 1), MAX_RETRY_MS);
			ddb_metrics_retry();
			return DDB_HTTP_RETRY;
		}
		error->sqlerrcode = ddb_error_sqlstate(DDB_TRANSACTION_CONFLICT);
		error->message = "Transaction is ongoing for the item";
		error->detail = NULL;
	}
	else if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
	{
		error->sqlerrcode = ddb_error_sqlstate(DDB_THROTTLING);
		error->message = "The request took more work than one request may, see ddb.http_request_timeout; nothing was done";
		error->detail = NULL;
	}
	else if (ddb_error_for_client(error->sqlerrcode)->code == DDB_INTERNAL)
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
	ddb_footprint_reset();
	reply->ticket = -1;
	if (!ddb_protocol_route(request, &call, reply))
		return DDB_HTTP_DONE;
	begin_capture_wait(request);
	PG_TRY();
	{
		start_budget();
		capacity = answer(&call, reply);
		end_budget();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		end_budget();
		MemoryContextSwitchTo(request_context);
		error = CopyErrorData();
		FlushErrorState();
		ddb_http_rollback();
		MemoryContextSwitchTo(request_context);
		known = error->sqlerrcode != ddb_error_sqlstate(DDB_UNKNOWN_OPERATION);
		result = fail(&call, error, reply);
	}
	PG_END_TRY();
	if (result == DDB_HTTP_DONE)
	{
		reply->ticket = ddb_http_answered(call.operation, call.table_name);
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
	ddb_http_durability_start();
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
		ddb_http_rollback();
	}
	PG_END_TRY();
	return go_on && !ShutdownRequestPending;
}

const DdbHttpEngine ddb_http_engine = {
	.handle = handle,
	.is_long = ddb_protocol_is_long,
	.end_turn = ddb_http_durability_end_turn,
	.position = ddb_http_durability_position,
	.safe = ddb_http_durability_safe,
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
	ddb_http_durability_start();
	ddb_store_refuse_waits = true;
	ddb_desc_refuse_waits = true;
	ddb_capture_waiting.impatient = true;
	start_listening();
}
