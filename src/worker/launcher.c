/*
 * launcher.c
 *	  The launcher: it starts a worker for each slot that wants one.
 *
 * The launcher has no database.  A job may limit how many of its workers run at a
 * time.  A worker that ends without having marked its slot done failed: it is started
 * again after a while, unless its database is gone.  Databases known to have the
 * extension are visited every few minutes besides, for what nobody could announce
 * (COMMIT PREPARED, rows restored with triggers turned off).
 *
 * Of max_worker_processes this takes, at most:
 *
 *	  1				the launcher
 *	  3 a database	as long as it has work of that kind: one while any of its tables has a
 *					stream, one while there are triggers on streams, one while any table
 *					has a time to live
 *	  3 + 3			in the whole cluster, for moments: visits that look for work, and
 *					filling new indexes
 *	  1 + n			the HTTP endpoint, if there is one, with ddb.http_workers = n
 *
 * to which come the server's own (logical replication, parallel queries) and other
 * extensions'.  So the default of 8 is enough for one database with all three and an
 * endpoint of two workers, as long as nobody else takes any.  When there are too few,
 * nothing is lost: what finds no place waits and is tried again, and the log says so
 * once.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
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
#include "worker/worker_private.h"

#define RETRY_MS 5000
#define BUSY_POLL_MS 1000
#define IDLE_POLL_MS (5 * 60 * 1000)
#define SUPERVISE_MS 5000

PGDLLEXPORT void ddb_launcher_main(Datum arg);

static BackgroundWorkerHandle *handles[DDB_WORKER_SLOTS];
static bool waiting[DDB_WORKER_SLOTS];	/* for a place among the background workers */
static bool told;				/* ... which the log says */
static int	running[DDB_MAX_JOBS];

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
 * tell_shortage says in the log, once until everything has found a place, that a worker
 * has found none.
 */
static void
tell_shortage(const char *worker, Oid database)
{
	int			needed = 1;		/* this process */

	if (told)
		return;
	told = true;
	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
		needed += handles[i] != NULL || waiting[i];
	ereport(LOG,
			errmsg("\"%s\" of database %u has to wait: too many background workers", worker, database),
			errdetail("max_worker_processes is %d, for all that use background workers; the jobs of ddb need at least %d now, its HTTP endpoint not counted.",
					  max_worker_processes, needed),
			errhint("Increase max_worker_processes and restart the server: ddb needs up to three for each database that uses streams, triggers and time to live, and up to seven for the whole cluster."));
}

/*
 * start_worker starts a worker for a slot; false when there is no room for one.
 */
static bool
start_worker(int i)
{
	const DdbWorkerSlot *slot = ddb_worker_slot(i);
	BackgroundWorker worker = {0};

	snprintf(worker.bgw_name, BGW_MAXLEN, "ddb %s", ddb_job(slot->job)->name);
	strlcpy(worker.bgw_type, worker.bgw_name, BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "ddb", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "ddb_worker_main", sizeof(worker.bgw_function_name));
	worker.bgw_main_arg = Int32GetDatum(i);
	worker.bgw_notify_pid = MyProcPid;
	waiting[i] = !RegisterDynamicBackgroundWorker(&worker, &handles[i]);
	if (waiting[i])
		tell_shortage(worker.bgw_name, slot->database);
	return !waiting[i];
}

/*
 * reap looks after workers that have ended, and counts those that run.
 */
static void
reap(void)
{
	List	   *databases = NIL;
	bool		listed = false;

	memset(running, 0, sizeof(running));
	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = ddb_worker_slot(i);
		pid_t		pid;

		if (handles[i] == NULL)
			continue;
		if (GetBackgroundWorkerPid(handles[i], &pid) != BGWH_STOPPED)
		{
			running[slot->job]++;
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
		else if (!slot->wanted && !(slot->extension && slot->job == DDB_DISPATCH_JOB))
			memset(slot, 0, sizeof(DdbWorkerSlot));
		ddb_worker_unlock();
	}
}

/*
 * may_start decides whether a slot gets its worker now: *later when it has to be looked at
 * again soon.
 */
static bool
may_start(int i, TimestampTz now, bool *later)
{
	DdbWorkerSlot *slot = ddb_worker_slot(i);
	bool		start;
	int			max;

	ddb_worker_lock();
	max = ddb_job(slot->job)->max_running;
	*later |= slot->wanted && handles[i] == NULL;
	start = slot->wanted && slot->pid == 0 && handles[i] == NULL && slot->not_before <= now &&
		(max == 0 || running[slot->job] < max);
	if (start)
		slot->wanted = slot->done = false;
	ddb_worker_unlock();
	return start;
}

/*
 * start_wanted starts workers for the slots that want them; gives the time in
 * milliseconds after which to look again.
 */
static long
start_wanted(void)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		later = false;
	bool		shortage = false;

	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = ddb_worker_slot(i);

		if (may_start(i, now, &later))
		{
			running[slot->job]++;
			if (!start_worker(i))
			{
				running[slot->job]--;
				ddb_worker_lock();
				slot->wanted = true;
				slot->not_before = TimestampTzPlusMilliseconds(now, RETRY_MS);
				ddb_worker_unlock();
			}
		}
		waiting[i] = waiting[i] && OidIsValid(slot->database);
		shortage |= waiting[i];
	}
	told = told && shortage;
	for (int job = 0; job < ddb_job_count(); job++)
		later |= ddb_job(job)->max_running > 0 && running[job] > 0;
	return later ? BUSY_POLL_MS : IDLE_POLL_MS;
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
				ddb_worker_slot(i)->job == DDB_DISPATCH_JOB;
		ddb_worker_unlock();
		return;
	}
	foreach(lc, list_databases())
	{
		ddb_worker_lock();
		ddb_worker_want(lfirst_oid(lc), DDB_DISPATCH_JOB);
		ddb_worker_unlock();
	}
}

/*
 * supervise has jobs look after what is theirs in shared memory.
 */
static void
supervise(void)
{
	for (int job = 0; job < ddb_job_count(); job++)
	{
		if (ddb_job(job)->supervise != NULL)
			ddb_job(job)->supervise();
	}
}

/*
 * ddb_launcher_main is the launcher.
 */
void
ddb_launcher_main(Datum arg)
{
	TimestampTz checked = GetCurrentTimestamp();
	TimestampTz supervised = checked;

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
		long		timeout;

		reap();
		timeout = start_wanted();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(timeout, SUPERVISE_MS), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			want_all(false);
		}
		if (TimestampDifferenceExceeds(supervised, GetCurrentTimestamp(), SUPERVISE_MS))
		{
			supervised = GetCurrentTimestamp();
			supervise();
		}
		if (TimestampDifferenceExceeds(checked, GetCurrentTimestamp(), IDLE_POLL_MS))
		{
			checked = GetCurrentTimestamp();
			want_all(true);
		}
	}
}
