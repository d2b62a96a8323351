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
#include "storage/shmem.h"
#include "utils/lsyscache.h"

#include "settings.h"
#include "worker/worker.h"

#define END_TRIES 500
#define END_PAUSE_US 10000L

typedef struct Shared
{
	LWLock	   *lock;
	pid_t		launcher_pid;	/* 0: not running */
	Latch	   *launcher_latch;
	DdbWorkerSlot slots[DDB_WORKER_SLOTS];
} Shared;

static Shared *shared;
static bool wake_at_commit[DDB_NWORKER_KINDS];
static Oid	wake_database;		/* ... and the jobs' worker of another database */
static shmem_request_hook_type prev_shmem_request_hook;
static shmem_startup_hook_type prev_shmem_startup_hook;

static void
request_shmem(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	RequestAddinShmemSpace(sizeof(Shared));
	RequestNamedLWLockTranche("ddb", 1);
}

static void
startup_shmem(void)
{
	bool		found;

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("ddb workers", sizeof(Shared), &found);
	if (!found)
	{
		memset(shared, 0, sizeof(Shared));
		shared->lock = &GetNamedLWLockTranche("ddb")->lock;
	}
	LWLockRelease(AddinShmemInitLock);
}

/*
 * xact_callback wakes the launcher for what the transaction left to do.
 */
static void
xact_callback(XactEvent event, void *arg)
{
	for (int kind = 0; kind < DDB_NWORKER_KINDS; kind++)
	{
		if (event == XACT_EVENT_COMMIT && wake_at_commit[kind])
		{
			ddb_worker_lock();
			ddb_worker_want(MyDatabaseId, kind);
			ddb_worker_unlock();
		}
		if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
			wake_at_commit[kind] = false;
	}
	if (event == XACT_EVENT_COMMIT && OidIsValid(wake_database))
	{
		ddb_worker_lock();
		ddb_worker_want(wake_database, DDB_WORKER_JOBS);
		ddb_worker_unlock();
	}
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		wake_database = InvalidOid;
}

/*
 * ddb_worker_init prepares everything while the library is preloaded.
 */
void
ddb_worker_init(void)
{
	BackgroundWorker launcher = {0};

	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shmem;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
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

/*
 * ddb_worker_available tells whether a worker would come to the current
 * database.
 */
bool
ddb_worker_available(void)
{
	return shared != NULL && shared->launcher_pid != 0 && is_served(MyDatabaseId);
}

/*
 * ddb_worker_wake calls for a worker once the current transaction has committed.
 */
void
ddb_worker_wake(DdbWorkerKind kind)
{
	wake_at_commit[kind] = shared != NULL && is_served(MyDatabaseId);
}

/*
 * ddb_worker_wake_in has another database looked at once the current transaction has
 * committed.
 */
void
ddb_worker_wake_in(Oid database)
{
	wake_database = is_served(database) ? database : InvalidOid;
}

void
ddb_worker_lock(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
}

void
ddb_worker_unlock(void)
{
	LWLockRelease(shared->lock);
}

DdbWorkerSlot *
ddb_worker_slot(int i)
{
	return &shared->slots[i];
}

/*
 * ddb_worker_want has a database looked at by a worker of a kind: one that runs, and
 * when it ends another, for it may have looked already.  When all slots are taken,
 * by hundreds of databases with the extension, it has to wait for the launcher's
 * next start.
 */
void
ddb_worker_want(Oid database, DdbWorkerKind kind)
{
	DdbWorkerSlot *free = NULL;

	for (int i = 0; i < DDB_WORKER_SLOTS; i++)
	{
		DdbWorkerSlot *slot = &shared->slots[i];

		if (slot->database == database && slot->kind == kind)
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
	free->kind = kind;
	free->wanted = true;
	if (free->latch != NULL)
		SetLatch(free->latch);
	if (shared->launcher_latch != NULL)
		SetLatch(shared->launcher_latch);
}

/*
 * ddb_worker_set_launcher notes that the current process is the launcher, or is
 * no more.
 */
void
ddb_worker_set_launcher(bool running)
{
	shared->launcher_pid = running ? MyProcPid : 0;
	shared->launcher_latch = running ? MyLatch : NULL;
}

/*
 * ddb_worker_end ends the workers of a database.
 */
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
