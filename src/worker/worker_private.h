/*
 * worker_private.h
 *	  What the launcher and its workers share.
 */
#ifndef DDB_WORKER_PRIVATE_H
#define DDB_WORKER_PRIVATE_H

#include "datatype/timestamp.h"
#include "storage/latch.h"

#include "worker/worker.h"

/* jobs.c: jobs have numbers, in the order in which they were registered */

/* The first looks for work of the others. */
#define DDB_DISPATCH_JOB 0

extern int	ddb_job_count(void);
extern const DdbJob *ddb_job(int number);

/* ddb_job_number finds a job by its name; an error when there is none. */
extern int	ddb_job_number(const char *name);

/* ddb_job_has_followers tells whether a job follows that one. */
extern bool ddb_job_has_followers(int number);

/* ddb_job_find_work calls for the jobs that have work in the current database. */
extern void ddb_job_find_work(void);

/* slots.c */

#define DDB_WORKER_SLOTS 1024

/* One job in one database. */
typedef struct DdbWorkerSlot
{
	Oid			database;		/* InvalidOid: free */
	int			job;
	bool		wanted;			/* a worker is to look at it */
	bool		nudged;			/* its worker is not to rest */
	bool		done;			/* the last worker found nothing more to do */
	bool		extension;		/* ... and that the database has the extension */
	pid_t		pid;			/* of its worker, or 0 */
	Latch	   *latch;			/* of its worker, or NULL */
	uint64		progress;		/* reported by its worker; 0: none */
	TimestampTz not_before;		/* when to start the next worker at the earliest */
} DdbWorkerSlot;

extern void ddb_worker_lock(void);
extern void ddb_worker_unlock(void);

/* with the lock held */

extern DdbWorkerSlot *ddb_worker_slot(int i);

/*
 * ddb_worker_want has a database looked at by a worker for a job: one that runs, and
 * when it ends another, for it may have looked already.  When all slots are taken,
 * by hundreds of databases with the extension, it has to wait for the launcher's
 * next start.
 */
extern void ddb_worker_want(Oid database, int job);

/* ddb_worker_set_launcher notes that the current process is the launcher, or is no more. */
extern void ddb_worker_set_launcher(bool running);

/* without it */

/* ddb_worker_wake_followers wakes the processes in a database whose jobs follow that one. */
extern void ddb_worker_wake_followers(Oid database, int job);

/* ddb_worker_end ends the workers of a database and waits for that, for some seconds. */
extern void ddb_worker_end(Oid database);

/* database_ddl.c */

/* ddb_worker_watch_databases has such commands end the workers of the database. */
extern void ddb_worker_watch_databases(void);

#endif							/* DDB_WORKER_PRIVATE_H */
