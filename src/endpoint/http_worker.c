/*
 * http_worker.c
 *	  A worker of the HTTP endpoint: start, signals, end.
 *
 * The event loop waits for sockets, not for the process latch.  So each signal
 * handler, after what it does in any backend, writes into the loop's wake pipe; the
 * loop then calls the engine's tick, which does what a backend does between
 * commands.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "postmaster/postmaster.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"

#include "compat.h"
#include "endpoint/endpoint.h"
#include "endpoint/metrics.h"
#include "settings.h"

#define GRACE_S		5			/* seconds that a stop waits for what is in flight */

static void
on_reload(SIGNAL_ARGS)
{
	SignalHandlerForConfigReload(postgres_signal_arg);
	ddb_http_server_wake();
}

static void
on_stop(SIGNAL_ARGS)
{
	SignalHandlerForShutdownRequest(postgres_signal_arg);
	ddb_http_server_wake();
}

static void
on_message(SIGNAL_ARGS)
{
	procsignal_sigusr1_handler(postgres_signal_arg);
	ddb_http_server_wake();
}

/*
 * set fixes a parameter for this process, whatever the configuration says.
 */
static void
set(const char *name, const char *value)
{
	SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * ddb_http_worker_main is a worker's main function; arg is its number.
 */
void
ddb_http_worker_main(Datum arg)
{
	pqsignal(SIGHUP, on_reload);
	pqsignal(SIGTERM, on_stop);
	pqsignal(SIGINT, StatementCancelHandler);
	pqsignal(SIGUSR1, on_message);
	BackgroundWorkerUnblockSignals();

	set("search_path", "pg_catalog");
	set("default_transaction_isolation", "read committed");
	set("default_transaction_read_only", "off");
	set("default_transaction_deferrable", "off");
	/* a request that would wait for a lock is tried again: see http_engine.c */
	set("lock_timeout", "1ms");
	set("statement_timeout", "0");
	set("idle_in_transaction_session_timeout", "0");
	BackgroundWorkerInitializeConnection(ddb_http_database, NULL, 0);
	pgstat_report_appname("ddb http");
	pgstat_report_activity(STATE_IDLE, NULL);
	ddb_metrics_attach(DatumGetInt32(arg));
	ddb_http_commits_attach(DatumGetInt32(arg));

	if (!ddb_http_server_create(&ddb_http_engine, postmaster_alive_fds[POSTMASTER_FD_WATCH]))
		ereport(ERROR, errmsg("ddb http: could not create the event loop: %m"));
	ddb_http_engine_start();
	ddb_http_server_run(GRACE_S);
	if (!PostmasterIsAlive())
		proc_exit(1);
	proc_exit(0);
}
