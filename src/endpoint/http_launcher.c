/*
 * http_launcher.c
 *	  Starts the workers of the HTTP endpoint and keeps them running.
 *
 * The launcher belongs to no database.  It waits until ddb.http_database exists,
 * starts the workers in it, and starts them anew when they end: after an error, or
 * when the database was dropped and made again.  What it waits for it logs once.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "endpoint/endpoint.h"
#include "endpoint/metrics.h"
#include "settings.h"

#define PAUSE_MS	1000		/* before a worker that ended is started again */

static BackgroundWorkerHandle **handles;
static char complained[512];	/* what it waits for, logged already */

/*
 * ddb_http_init registers the launcher.
 */
void
ddb_http_init(void)
{
	BackgroundWorker worker = {0};

	if (!process_shared_preload_libraries_in_progress)
	{
		if (ddb_http_port > 0 && MyBackendType == B_BACKEND)
			ereport(WARNING,
					errmsg("ddb.http_port is set, but the HTTP endpoint is not running"),
					errhint("Background workers serve it: add ddb to shared_preload_libraries and restart the server."));
		return;
	}
	if (ddb_http_port == 0 || IsBinaryUpgrade)
		return;
	ddb_metrics_install();
	ddb_http_commits_install();
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = 1;
	strlcpy(worker.bgw_library_name, "ddb", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "ddb_http_launcher_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "ddb http launcher", sizeof(worker.bgw_name));
	strlcpy(worker.bgw_type, "ddb http launcher", sizeof(worker.bgw_type));
	RegisterBackgroundWorker(&worker);
}

/*
 * ddb_http_config fills the event loop's configuration from the settings.
 */
void
ddb_http_config(DdbHttpConfig *config)
{
	memset(config, 0, sizeof(DdbHttpConfig));
	config->port = ddb_http_port;
	config->addresses = ddb_http_listen_addresses;
	config->loopback_only = ddb_http_auth == DDB_AUTH_ANY && !ddb_http_any_everywhere;
	config->max_connections = (ddb_http_max_connections + ddb_http_workers - 1) / ddb_http_workers;
	config->max_header = ddb_http_max_header;
	config->max_body = (size_t) ddb_http_max_body * 1024;
	config->max_buffered = (size_t) ddb_http_max_buffered * 1024 * 1024;
	config->max_unsent = (size_t) ddb_http_max_unsent * 1024 * 1024;
	config->idle_timeout = ddb_http_idle_timeout;
	config->read_timeout = ddb_http_read_timeout;
	config->tls = ddb_http_tls;
	config->tls_certificate = ddb_http_tls_cert_file[0] ? ddb_http_tls_cert_file :
		GetConfigOption("ssl_cert_file", false, false);
	config->tls_key = ddb_http_tls_key_file[0] ? ddb_http_tls_key_file :
		GetConfigOption("ssl_key_file", false, false);
}

/*
 * complain logs what the launcher waits for, unless it just did.
 */
static void
complain(const char *message)
{
	if (strcmp(complained, message) == 0)
		return;
	strlcpy(complained, message, sizeof(complained));
	ereport(LOG, errmsg("ddb http: %s", message));
}

/*
 * database_exists looks for ddb.http_database.  A process without a database can't
 * rely on indexes of the catalog, so it reads pg_database from end to end.
 */
static bool
database_exists(void)
{
	Relation	databases;
	TableScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	databases = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(databases, 0, NULL);
	while (!found && (tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		found = database->datallowconn && strcmp(NameStr(database->datname), ddb_http_database) == 0;
	}
	table_endscan(scan);
	table_close(databases, AccessShareLock);
	CommitTransactionCommand();
	return found;
}

/*
 * running counts the workers, and forgets those that ended.
 */
static int
running(void)
{
	int			n = 0;

	for (int i = 0; i < ddb_http_workers; i++)
	{
		pid_t		pid;

		if (handles[i] == NULL)
			continue;
		if (GetBackgroundWorkerPid(handles[i], &pid) == BGWH_STOPPED)
		{
			pfree(handles[i]);
			handles[i] = NULL;
		}
		else
			n++;
	}
	return n;
}

/*
 * start_worker starts worker number i.
 */
static void
start_worker(int i)
{
	BackgroundWorker worker = {0};

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = Int32GetDatum(i);
	worker.bgw_notify_pid = MyProcPid;
	strlcpy(worker.bgw_library_name, "ddb", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "ddb_http_worker_main", sizeof(worker.bgw_function_name));
	snprintf(worker.bgw_name, sizeof(worker.bgw_name), "ddb http worker %d", i);
	strlcpy(worker.bgw_type, "ddb http worker", sizeof(worker.bgw_type));
	if (!RegisterDynamicBackgroundWorker(&worker, &handles[i]))
		complain("no room for another background worker: raise max_worker_processes");
}

/*
 * start_workers starts those that are missing, if they can run.
 */
static void
start_workers(void)
{
	int			n = running();
	DdbHttpConfig config;
	char		message[512];

	if (n == ddb_http_workers)
		return;
	ddb_http_config(&config);
	if (!database_exists())
	{
		complain(psprintf("waiting for database \"%s\"", ddb_http_database));
		return;
	}
	if (n == 0 && !ddb_http_addresses_free(&config, message, sizeof(message)))
	{
		complain(message);
		return;
	}
	complained[0] = '\0';
	for (int i = 0; i < ddb_http_workers; i++)
	{
		if (handles[i] == NULL)
			start_worker(i);
	}
}

static void
stop_workers(void)
{
	for (int i = 0; i < ddb_http_workers; i++)
	{
		if (handles[i] != NULL)
			TerminateBackgroundWorker(handles[i]);
	}
}

/*
 * ddb_http_launcher_main is the launcher's main function.
 */
void
ddb_http_launcher_main(Datum arg)
{
	TimestampTz looked = 0;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	handles = MemoryContextAllocZero(TopMemoryContext,
									 ddb_http_workers * sizeof(BackgroundWorkerHandle *));
	while (!ShutdownRequestPending)
	{
		MemoryContext context;

		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (TimestampDifferenceExceeds(looked, GetCurrentTimestamp(), PAUSE_MS))
		{
			looked = GetCurrentTimestamp();
			context = MemoryContextSwitchTo(TopMemoryContext);
			start_workers();
			MemoryContextSwitchTo(context);
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 PAUSE_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	stop_workers();
	/* the postmaster starts it again, unless it is going down itself */
	proc_exit(1);
}
