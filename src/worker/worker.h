/*
 * worker.h
 *	  Background workers: what is left to do after a request has been answered.
 *
 * One launcher starts, for each database with something to do, a worker that
 * does it and exits.  What there is to do stands in that database's catalog
 * (ddb.indexes that are not ACTIVE), so a crash loses nothing: at its start the
 * launcher has every database looked at.
 */
#ifndef DDB_WORKER_H
#define DDB_WORKER_H

#include "datatype/timestamp.h"

/* ddb_worker_init reserves shared memory and registers the launcher; from _PG_init, while preloading. */
extern void ddb_worker_init(void);
/* ddb_worker_available tells whether a worker would come to the current database. */
extern bool ddb_worker_available(void);
/* ddb_worker_wake calls for a worker once the current transaction has committed. */
extern void ddb_worker_wake(void);

/* backfill.c */

/* ddb_backfill_step does one thing that is to be done; false when there is none. */
extern bool ddb_backfill_step(void);

/* shared.c, for the launcher and the workers */

#define DDB_WORKER_SLOTS 1024

/* One database. */
typedef struct DdbWorkerSlot
{
	Oid			database;		/* InvalidOid: free */
	bool		wanted;			/* a worker is to look at it */
	bool		done;			/* the last worker found nothing more to do */
	bool		extension;		/* ... and that the database has the extension */
	pid_t		pid;			/* of its worker, or 0 */
	TimestampTz not_before;		/* when to start the next worker at the earliest */
} DdbWorkerSlot;

extern void ddb_worker_lock(void);
extern void ddb_worker_unlock(void);
/* both with the lock held */
extern DdbWorkerSlot *ddb_worker_slot(int i);
extern void ddb_worker_want(Oid database);
extern void ddb_worker_set_launcher(bool running);

#endif							/* DDB_WORKER_H */
