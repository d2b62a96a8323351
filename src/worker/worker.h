/*
 * worker.h
 *	  Background workers: what is left to do after a request has been answered.
 *
 * One launcher starts, for each database with something to do, workers that do it
 * and exit when there is no more: of four kinds, at most one of a kind in a
 * database.  What there is to do stands in that database's catalog, so a crash
 * loses nothing: at its start the launcher has every database looked at.
 */
#ifndef DDB_WORKER_H
#define DDB_WORKER_H

#include "datatype/timestamp.h"
#include "storage/latch.h"

typedef enum DdbWorkerKind
{
	DDB_WORKER_JOBS,			/* indexes that are not ACTIVE; calls the other kinds */
	DDB_WORKER_CAPTURE,			/* streams: from the log into ddb.stream_records */
	DDB_WORKER_TRIGGERS,		/* functions that take stream records */
	DDB_WORKER_TTL				/* expired items */
} DdbWorkerKind;

#define DDB_NWORKER_KINDS 4

/* ddb_worker_init reserves shared memory and registers the launcher; from _PG_init, while preloading. */
extern void ddb_worker_init(void);

/* ddb_worker_available tells whether a worker would come to the current database. */
extern bool ddb_worker_available(void);

/*
 * ddb_worker_wake calls for a worker of a kind once the current transaction has
 * committed; one that runs already has its latch set.
 */
extern void ddb_worker_wake(DdbWorkerKind kind);

/* ddb_worker_wake_in has another database looked at, for any kind of work, then. */
extern void ddb_worker_wake_in(Oid database);

/* backfill.c */

/* ddb_backfill_step does one thing that is to be done; false when there is none. */
extern bool ddb_backfill_step(void);

/*
 * The main functions of the other kinds (capture.c, triggers.c, ttl.c).  They are
 * called outside a transaction, in a database with the extension, and return
 * when there is nothing for them to do: whoever makes work for them wakes them.  An
 * error ends the process; the launcher starts another after a while.
 */
extern void ddb_capture_run(void);
extern void ddb_triggers_run(void);
extern void ddb_ttl_run(void);

/* ddb_capture_abandon drops the slot of a database that no longer has the extension. */
extern void ddb_capture_abandon(void);

/* ddb_capture_drop_excess drops slots that keep too much of the log and that nobody uses. */
extern void ddb_capture_drop_excess(void);

/* ddb_worker_begin begins a transaction of a worker, with a snapshot; ddb_worker_commit ends it. */
extern void ddb_worker_begin(void);
extern void ddb_worker_commit(void);

/*
 * ddb_worker_rest waits up to timeout milliseconds, or until the worker is woken
 * (true), and does what a process does between commands: interrupts, configuration.
 */
extern bool ddb_worker_rest(long timeout);

/* shared.c, for the launcher and the workers */

#define DDB_WORKER_SLOTS 1024

/* One kind of worker in one database. */
typedef struct DdbWorkerSlot
{
	Oid			database;		/* InvalidOid: free */
	DdbWorkerKind kind;
	bool		wanted;			/* a worker is to look at it */
	bool		done;			/* the last worker found nothing more to do */
	bool		extension;		/* ... and that the database has the extension */
	pid_t		pid;			/* of its worker, or 0 */
	Latch	   *latch;			/* of its worker, or NULL */
	TimestampTz not_before;		/* when to start the next worker at the earliest */
} DdbWorkerSlot;

extern void ddb_worker_lock(void);
extern void ddb_worker_unlock(void);

/* both with the lock held */
extern DdbWorkerSlot *ddb_worker_slot(int i);
extern void ddb_worker_want(Oid database, DdbWorkerKind kind);
extern void ddb_worker_set_launcher(bool running);

/* ddb_worker_end ends the workers of a database and waits for that, for some seconds. */
extern void ddb_worker_end(Oid database);

/* database_ddl.c */
extern void ddb_worker_watch_databases(void);

#endif							/* DDB_WORKER_H */
