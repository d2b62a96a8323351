/*
 * slots.c
 *	  Shared memory of the workers, and waking the launcher.
 *
 * All of it is guarded by one lock.  Whether there is such memory at all is how
 * the rest knows that the library was preloaded.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"

#include "settings.h"
#include "shared_memory.h"
#include "worker/worker_private.h"

#define END_TRIES 500
#define END_PAUSE_US 10000L

typedef struct Shared
{
	LWLock		lock;
	pid_t		launcher_pid;	/* 0: not running */
	Latch	   *launcher_latch;
	DdbWorkerSlot slots[DDB_WORKER_SLOTS];
} Shared;

static Shared *shared;
static bool wake_at_commit[DDB_MAX_JOBS];
static Oid	wake_database;		/* ... and have all jobs looked at in another database */

static void
initialise(void *segment)
{
	LWLock	   *lock = &((Shared *) segment)->lock;

	LWLockInitialize(lock, LWLockNewTrancheId());
	LWLockRegisterTranche(lock->tranche, "ddb");
}

/* call is ddb_worker_want that takes the lock. */
static void
call(Oid database, int job)
{
	ddb_worker_lock();
	ddb_worker_want(database, job);
	ddb_worker_unlock();
}

/*
 * xact_callback wakes the launcher for what the transaction left to do.
 */
static void
xact_callback(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	for (int job = 0; job < ddb_job_count(); job++)
	{
		if (wake_at_commit[job] && event == XACT_EVENT_COMMIT)
			call(MyDatabaseId, job);
		wake_at_commit[job] = false;
	}
	if (OidIsValid(wake_database) && event == XACT_EVENT_COMMIT)
		call(wake_database, DDB_DISPATCH_JOB);
	wake_database = InvalidOid;
}

void
ddb_worker_init(void)
{
	BackgroundWorker launcher = {0};

	ddb_shared_memory_request("ddb workers", sizeof(Shared), (void **) &shared, initialise);
	RegisterXactCallback(xact_callback, NULL);
	ddb_worker_watch_databases();

	strlcpy(launcher.bgw_name, "ddb launcher", BGW_MAXLEN);
	strlcpy(launcher.bgw_type, "ddb launcher", BGW_MAXLEN);
	launcher.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	launcher.bgw_start_time = BgWorkerStart_RecoveryFinished;
	launcher.bgw_restart_time = 1;
	strlcpy(launcher.bgw_library_name, "ddb", sizeof(launcher.bgw_library_name));
	strlcpy(launcher.bgw_function_name, "ddb_launcher_main", sizeof(launcher.bgw_function_name));
	RegisterBackgroundWorker(&launcher);
}

/*
 * is_served tells whether workers go to a database.
 */
static bool
is_served(Oid database)
{
	const char *name = ddb_database[0] != '\0' ? get_database_name(database) : NULL;

	return ddb_database[0] == '\0' || (name != NULL && strcmp(name, ddb_database) == 0);
}

bool
ddb_worker_available(void)
{
	return shared != NULL && shared->launcher_pid != 0 && is_served(MyDatabaseId);
}

void
ddb_worker_wake(const char *job)
{
	wake_at_commit[ddb_job_number(job)] = shared != NULL && is_served(MyDatabaseId);
}

void
ddb_worker_wake_any(Oid database)
{
	if (shared == NULL || !is_served(database))
		return;
	if (database == MyDatabaseId)
		wake_at_commit[DDB_DISPATCH_JOB] = true;
	else
		wake_database = database;
}

void
ddb_worker_lock(void)
{
	LWLockAcquire(&shared->lock, LW_EXCLUSIVE);
}

void
ddb_worker_unlock(void)
{
	LWLockRelease(&shared->lock);
}

DdbWorkerSlot *
ddb_worker_slot(int i)
{
	return &shared->slots[i];
}

void
ddb_worker_want(Oid database, int job)
{
	DdbWorkerSlot *free = NULL;

	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = &shared->slots[i];

		if (slot->database == database && slot->job == job)
		{
			free = slot;
			break;
		}
		if (free == NULL && slot->database == InvalidOid)
			free = slot;
	}
	if (free == NULL)
		return;
	free->database = database;
	free->job = job;
	free->wanted = true;
	if (free->latch != NULL)
		SetLatch(free->latch);
	if (shared->launcher_latch != NULL)
		SetLatch(shared->launcher_latch);
}

/*
 * running_slot finds the slot of a job's process in the current database; NULL when none runs.
 * With the lock held.
 */
static DdbWorkerSlot *
running_slot(int job)
{
	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = &shared->slots[i];

		if (slot->database == MyDatabaseId && slot->job == job)
			return slot->pid != 0 ? slot : NULL;
	}
	return NULL;
}

void
ddb_worker_nudge(const char *job)
{
	DdbWorkerSlot *slot;

	if (shared == NULL)
		return;
	ddb_worker_lock();
	slot = running_slot(ddb_job_number(job));
	if (slot != NULL)
	{
		slot->nudged = true;
		SetLatch(slot->latch);
	}
	ddb_worker_unlock();
}

uint64
ddb_worker_progress(const char *job)
{
	DdbWorkerSlot *slot;
	uint64		progress;

	if (shared == NULL)
		return 0;
	LWLockAcquire(&shared->lock, LW_SHARED);
	slot = running_slot(ddb_job_number(job));
	progress = slot != NULL ? slot->progress : 0;
	ddb_worker_unlock();
	return progress;
}

void
ddb_worker_set_launcher(bool running)
{
	shared->launcher_pid = running ? MyProcPid : 0;
	shared->launcher_latch = running ? MyLatch : NULL;
}

void
ddb_worker_wake_followers(Oid database, int job)
{
	ddb_worker_lock();
	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = &shared->slots[i];
		const char *follows;

		if (slot->database != database || slot->pid == 0)
			continue;
		follows = ddb_job(slot->job)->follows;
		if (follows == NULL || strcmp(follows, ddb_job(job)->name) != 0)
			continue;
		slot->wanted = true;
		SetLatch(slot->latch);
	}
	ddb_worker_unlock();
}

void
ddb_worker_end(Oid database)
{
	bool		running = shared != NULL;

	for (int tries = 0; running && tries < END_TRIES; tries++)
	{
		running = false;
		ddb_worker_lock();
		for (int i = 0; i < DDB_WORKER_SLOTS; i++)
		{
			if (shared->slots[i].database != database || shared->slots[i].pid == 0)
				continue;
			if (tries == 0)
				(void) kill(shared->slots[i].pid, SIGTERM);
			running = true;
		}
		ddb_worker_unlock();
		CHECK_FOR_INTERRUPTS();
		if (running)
			pg_usleep(END_PAUSE_US);
	}
}
