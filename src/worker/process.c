/*
 * process.c
 *	  A worker: the process that does a job in a database.
 *
 * It takes its slot, connects to the slot's database and runs the job.  A slot that it
 * leaves without having marked it done failed: the launcher starts another worker.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#include "version.h"
#include "worker/worker_private.h"

PGDLLEXPORT void ddb_worker_main(Datum arg);

static int	my_slot;
static int	my_job;

static void
release_slot(int code, Datum arg)
{
	ddb_worker_lock();
	ddb_worker_slot(my_slot)->pid = 0;
	ddb_worker_slot(my_slot)->latch = NULL;
	ddb_worker_slot(my_slot)->progress = 0;
	ddb_worker_unlock();
}

/*
 * acquire_slot makes the current process the worker of a slot and gives its
 * database; InvalidOid when it has a worker already.
 */
static Oid
acquire_slot(int i)
{
	DdbWorkerSlot *slot = ddb_worker_slot(i);
	Oid			database = InvalidOid;

	ddb_worker_lock();
	if (slot->pid == 0)
	{
		slot->pid = MyProcPid;
		slot->latch = MyLatch;
		database = slot->database;
		my_slot = i;
		my_job = slot->job;
	}
	ddb_worker_unlock();
	return database;
}

bool
ddb_worker_has_extension(void)
{
	bool		found;

	StartTransactionCommand();
	found = ddb_version_check();
	CommitTransactionCommand();
	return found;
}

void
ddb_worker_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
ddb_worker_commit(void)
{
	bool		changed = TransactionIdIsValid(GetTopTransactionIdIfAny());

	PopActiveSnapshot();
	CommitTransactionCommand();
	if (changed && ddb_job_has_followers(my_job))
		ddb_worker_wake_followers(MyDatabaseId, my_job);
	pgstat_report_stat(false);
}

void
ddb_worker_report(uint64 progress)
{
	ddb_worker_lock();
	ddb_worker_slot(my_slot)->progress = progress;
	ddb_worker_unlock();
}

/*
 * take_call tells whether somebody has called, or nudged the process, and forgets it, for
 * the process looks now.
 * A latch alone doesn't tell: whatever waited for something meanwhile has reset it.
 */
static bool
take_call(bool *nudged)
{
	bool		called;

	ddb_worker_lock();
	called = ddb_worker_slot(my_slot)->wanted;
	*nudged = ddb_worker_slot(my_slot)->nudged;
	ddb_worker_slot(my_slot)->wanted = ddb_worker_slot(my_slot)->nudged = false;
	ddb_worker_unlock();
	return called;
}

bool
ddb_worker_rest(long timeout)
{
	bool		woken;
	bool		nudged;

	ResetLatch(MyLatch);
	woken = take_call(&nudged);
	if (!woken && !nudged && !ConfigReloadPending)
	{
		int			events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
									   timeout, PG_WAIT_EXTENSION);

		ResetLatch(MyLatch);
		woken = take_call(&nudged) || ((events & WL_LATCH_SET) != 0 && !nudged);
	}
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	return woken;
}

/*
 * abandon_all gives up what jobs have in a database without the extension.
 */
static void
abandon_all(void)
{
	for (int i = 0; i < ddb_job_count(); i++)
	{
		if (ddb_job(i)->abandon != NULL)
			ddb_job(i)->abandon();
	}
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
	database = acquire_slot(i);
	if (!OidIsValid(database))
		proc_exit(0);
	on_shmem_exit(release_slot, (Datum) 0); /* after its replication slot is */
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_SUSET, PGC_S_OVERRIDE);

	extension = ddb_worker_has_extension();
	if (extension)
		ddb_job(my_job)->run();
	else
		abandon_all();
	ddb_worker_lock();
	ddb_worker_slot(i)->done = true;
	ddb_worker_slot(i)->extension = extension;
	ddb_worker_unlock();
	proc_exit(0);
}
