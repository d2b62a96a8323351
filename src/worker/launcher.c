/*
 * launcher.c
 *	  The launcher and the main function of its workers.
 *
 * The launcher has no database.  It starts a worker for each slot that wants
 * one; of those that do jobs, a few at a time.  A worker that ends without having marked its slot done
 * failed: it is started again after a while, unless its database is gone.
 * Databases known to have the extension are looked at every few minutes
 * besides, for what nobody could announce (COMMIT PREPARED).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "settings.h"
#include "version.h"
#include "worker/worker.h"

#define MAX_RUNNING 3
#define RETRY_MS 5000
#define BUSY_POLL_MS 1000
#define IDLE_POLL_MS (5 * 60 * 1000)
#define LAG_POLL_MS 5000

PGDLLEXPORT void ddb_launcher_main(Datum arg);
PGDLLEXPORT void ddb_worker_main(Datum arg);

static BackgroundWorkerHandle *handles[DDB_WORKER_SLOTS];

/* Each kind: what its processes are called, what they run, and whether there is work. */
typedef struct Kind
{
	const char *title;
	void		(*run) (void);
	const char *needed;
} Kind;

static void run_jobs(void);

static int	my_slot;			/* of the current process, a worker */

static const Kind kinds[DDB_NWORKER_KINDS] = {
	[DDB_WORKER_JOBS] = {"ddb worker", run_jobs, NULL},
	[DDB_WORKER_CAPTURE] = {"ddb capture", ddb_capture_run, "SELECT FROM ddb.streams UNION ALL"
	" SELECT FROM ddb.tables WHERE settings ? 'stream_view' OR status_until = 'infinity' LIMIT 1"},
	[DDB_WORKER_TRIGGERS] = {"ddb triggers", ddb_triggers_run, "SELECT FROM ddb.triggers LIMIT 1"},
	[DDB_WORKER_TTL] = {"ddb ttl", ddb_ttl_run, "SELECT FROM ddb.tables WHERE ttl_attribute IS NOT NULL LIMIT 1"}
};

static void
forget_launcher(int code, Datum arg)
{
	ddb_worker_lock();
	ddb_worker_set_launcher(false);
	ddb_worker_unlock();
}

/*
 * list_databases gives the oids of the databases that workers may go to.
 */
static List *
list_databases(void)
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *result = NIL;
	Relation	rel;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		if (!database->datallowconn || database->datistemplate || database->datconnlimit == -2)
			continue;
		if (ddb_database[0] == '\0' || strcmp(NameStr(database->datname), ddb_database) == 0)
		{
			MemoryContext old = MemoryContextSwitchTo(caller);

			result = lappend_oid(result, database->oid);
			MemoryContextSwitchTo(old);
		}
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
	return result;
}

/*
 * start_worker starts a worker for a slot; false when there is no room for one, which
 * the log says once.
 */
static bool
start_worker(int i)
{
	static bool told = false;
	BackgroundWorker worker = {0};
	bool		started;

	strlcpy(worker.bgw_name, kinds[ddb_worker_slot(i)->kind].title, BGW_MAXLEN);
	strlcpy(worker.bgw_type, kinds[ddb_worker_slot(i)->kind].title, BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "ddb", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "ddb_worker_main", sizeof(worker.bgw_function_name));
	worker.bgw_main_arg = Int32GetDatum(i);
	worker.bgw_notify_pid = MyProcPid;
	started = RegisterDynamicBackgroundWorker(&worker, &handles[i]);
	if (!started && !told)
		ereport(LOG,
				errmsg("\"%s\" of database %u has to wait: too many background workers",
					   worker.bgw_name, ddb_worker_slot(i)->database),
				errhint("Consider increasing max_worker_processes."));
	told = !started;
	return started;
}

/*
 * reap looks after workers that have ended; gives the number still running jobs.
 */
static int
reap(void)
{
	List	   *databases = NIL;
	bool		listed = false;
	int			running = 0;

	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = ddb_worker_slot(i);
		pid_t		pid;

		if (handles[i] == NULL)
			continue;
		if (GetBackgroundWorkerPid(handles[i], &pid) != BGWH_STOPPED)
		{
			running += slot->kind == DDB_WORKER_JOBS;
			continue;
		}
		pfree(handles[i]);
		handles[i] = NULL;
		if (!listed)
			databases = list_databases();
		listed = true;
		ddb_worker_lock();
		if (!list_member_oid(databases, slot->database))
			memset(slot, 0, sizeof(DdbWorkerSlot));
		else if (!slot->done)
		{
			slot->wanted = true;
			slot->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), RETRY_MS);
		}
		else if (!slot->wanted && !slot->extension)
			memset(slot, 0, sizeof(DdbWorkerSlot));
		ddb_worker_unlock();
	}
	return running;
}

/*
 * start_wanted starts workers for the slots that want them; gives the time in
 * milliseconds after which to look again.
 */
static long
start_wanted(int running)
{
	TimestampTz now = GetCurrentTimestamp();
	long		timeout = running > 0 ? BUSY_POLL_MS : IDLE_POLL_MS;

	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = ddb_worker_slot(i);
		bool		start;

		ddb_worker_lock();
		start = slot->wanted && slot->pid == 0 && handles[i] == NULL;
		if (start && (slot->not_before > now ||
					  (slot->kind == DDB_WORKER_JOBS && running >= MAX_RUNNING)))
		{
			timeout = BUSY_POLL_MS;
			start = false;
		}
		if (start)
			slot->wanted = slot->done = false;
		else if (slot->wanted)
			timeout = BUSY_POLL_MS;
		ddb_worker_unlock();
		if (!start)
			continue;
		running += slot->kind == DDB_WORKER_JOBS;
		timeout = BUSY_POLL_MS;
		if (!start_worker(i))
		{
			ddb_worker_lock();
			slot->wanted = true;
			slot->not_before = TimestampTzPlusMilliseconds(now, RETRY_MS);
			ddb_worker_unlock();
		}
	}
	return timeout;
}

/*
 * want_all has databases looked at: all of them, or those that are known to have
 * the extension.
 */
static void
want_all(bool known)
{
	ListCell   *lc;

	if (known)
	{
		ddb_worker_lock();
		for (int i = 0; i < DDB_WORKER_SLOTS; i++)
			ddb_worker_slot(i)->wanted |= ddb_worker_slot(i)->extension &&
				ddb_worker_slot(i)->kind == DDB_WORKER_JOBS;
		ddb_worker_unlock();
		return;
	}
	foreach(lc, list_databases())
	{
		ddb_worker_lock();
		ddb_worker_want(lfirst_oid(lc), DDB_WORKER_JOBS);
		ddb_worker_unlock();
	}
}

/*
 * ddb_launcher_main is the launcher.
 */
void
ddb_launcher_main(Datum arg)
{
	TimestampTz checked = GetCurrentTimestamp();
	TimestampTz lag_checked = checked;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	ddb_worker_lock();
	ddb_worker_set_launcher(true);
	ddb_worker_unlock();
	before_shmem_exit(forget_launcher, (Datum) 0);

	want_all(false);
	for (;;)
	{
		long		timeout = start_wanted(reap());

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(timeout, LAG_POLL_MS), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			want_all(false);
		}
		if (TimestampDifferenceExceeds(lag_checked, GetCurrentTimestamp(), LAG_POLL_MS))
		{
			lag_checked = GetCurrentTimestamp();
			ddb_capture_drop_excess();
		}
		if (TimestampDifferenceExceeds(checked, GetCurrentTimestamp(), IDLE_POLL_MS))
		{
			checked = GetCurrentTimestamp();
			want_all(true);
		}
	}
}

static void
release_slot(int code, Datum arg)
{
	ddb_worker_lock();
	ddb_worker_slot(DatumGetInt32(arg))->pid = 0;
	ddb_worker_slot(DatumGetInt32(arg))->latch = NULL;
	ddb_worker_unlock();
}

/*
 * claim_slot makes the current process the worker of a slot and gives its
 * database; InvalidOid when it has a worker already.
 */
static Oid
claim_slot(int i)
{
	DdbWorkerSlot *slot = ddb_worker_slot(i);
	Oid			database = InvalidOid;

	ddb_worker_lock();
	if (slot->pid == 0)
	{
		slot->pid = MyProcPid;
		slot->latch = MyLatch;
		database = slot->database;
	}
	ddb_worker_unlock();
	return database;
}

/*
 * has_extension tells whether the current database has the extension, and raises an
 * error when it is of another version than the library.
 */
static bool
has_extension(void)
{
	bool		found;

	StartTransactionCommand();
	found = ddb_version_check();
	CommitTransactionCommand();
	return found;
}

/*
 * call_others wants workers of the other kinds where there is work for them.
 */
static void
call_others(void)
{
	for (int kind = 0; kind < DDB_NWORKER_KINDS; kind++)
	{
		bool		needed;

		if (kinds[kind].needed == NULL)
			continue;
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		SPI_connect();
		if (SPI_execute(kinds[kind].needed, true, 1) != SPI_OK_SELECT)
			elog(ERROR, "could not look for work");
		needed = SPI_processed > 0;
		SPI_finish();
		PopActiveSnapshot();
		CommitTransactionCommand();
		if (needed)
		{
			ddb_worker_lock();
			ddb_worker_want(MyDatabaseId, kind);
			ddb_worker_unlock();
		}
	}
}

static void
run_jobs(void)
{
	call_others();
	while (has_extension() && ddb_backfill_step())
		CHECK_FOR_INTERRUPTS();
}

/*
 * ddb_worker_begin begins a transaction of a worker.
 */
void
ddb_worker_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

/*
 * ddb_worker_commit ends it.
 */
void
ddb_worker_commit(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_stat(false);
}

/*
 * ddb_worker_rest waits between two rounds of work.
 */
bool
ddb_worker_rest(long timeout)
{
	int			events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
								   timeout, PG_WAIT_EXTENSION);

	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	ddb_worker_lock();
	ddb_worker_slot(my_slot)->wanted = false;	/* for it looks now */
	ddb_worker_unlock();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	return (events & WL_LATCH_SET) != 0;
}

/*
 * ddb_worker_main is a worker: it does what there is to do in its slot's
 * database.  An error ends it, and the launcher starts another.
 */
void
ddb_worker_main(Datum arg)
{
	int			i = DatumGetInt32(arg);
	Oid			database;
	bool		extension;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	database = claim_slot(i);
	if (!OidIsValid(database))
		proc_exit(0);
	my_slot = i;
	on_shmem_exit(release_slot, arg);	/* after its replication slot is */
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_SUSET, PGC_S_OVERRIDE);

	extension = has_extension();
	if (extension)
		kinds[ddb_worker_slot(i)->kind].run();
	else
		ddb_capture_abandon();
	ddb_worker_lock();
	ddb_worker_slot(i)->done = true;
	ddb_worker_slot(i)->extension = extension;
	ddb_worker_unlock();
	proc_exit(0);
}
