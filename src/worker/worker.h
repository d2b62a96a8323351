/*
 * worker.h
 *	  Background workers: what is left to do after a request has been answered.
 *
 * A domain registers a job.  One launcher starts, in each database with work for it,
 * a process that does the job and exits when there is no more to do: at most one for a
 * job and a database.  What there is to do stands in the database's catalog, so a
 * crash loses nothing: at its start the launcher has every database looked at.
 *
 * To add a job (a backup, a replica, capacity that follows the load): describe it in a
 * DdbJob and have _PG_init register it.  Nothing in this folder, and no other job, has to
 * know of it:
 *
 *		static const DdbJob backup_job = {
 *			.name = "backup",
 *			.work_query = "SELECT FROM ddb.backups WHERE status = 'CREATING' LIMIT 1",
 *			.run = run_backups,
 *			.max_running = 1
 *		};
 *
 *		void
 *		ddb_backup_register(void)
 *		{
 *			ddb_worker_register(&backup_job);
 *		}
 *
 * Who makes work calls ddb_worker_wake("backup") in the transaction that enters it in
 * the catalog.  A catalog relation whose rows come out of dumps and mean work has the
 * trigger ddb.wake_workers() besides, since restoring calls nobody.
 */
#ifndef DDB_WORKER_H
#define DDB_WORKER_H

#define DDB_MAX_JOBS 16

typedef struct DdbJob
{
	/* For ddb_worker_wake; "ddb <name>" is the backend_type of its processes. */
	const char *name;

	/*
	 * Gives a row when there is work in the current database: asked where the extension is, with its
	 * script's version whatever it is.  NULL: only whoever makes work wakes.
	 */
	const char *work_query;

	/*
	 * Does the work.  Called outside a transaction, in a database with the extension, with search_path =
	 * pg_catalog, pg_temp; it returns when there is nothing to do, and an error ends the process: the
	 * launcher starts another after a while.
	 */
	void		(*run) (void);

	/* Gives up what a database has that no longer has the extension; or NULL. */
	void		(*abandon) (void);

	/*
	 * Called by the launcher every few seconds; or NULL.  It has no database there, so it looks at shared
	 * memory only, and it must neither fail nor wait.
	 */
	void		(*supervise) (void);

	/* Processes at a time in the whole cluster; 0: one for each database. */
	int			max_running;

	/*
	 * Another job's name, or NULL: a process of this one that runs in the same database is woken whenever
	 * that one has committed a change.
	 */
	const char *follows;
} DdbJob;

/*
 * ddb_worker_register adds a job, which has to last; from _PG_init, preloaded or not, in
 * the same order in every process.
 */
extern void ddb_worker_register(const DdbJob *job);

/* ddb_worker_init registers the launcher and its shared memory; from _PG_init, while preloading. */
extern void ddb_worker_init(void);

/* ddb_worker_available tells whether a worker would come to the current database. */
extern bool ddb_worker_available(void);

/*
 * ddb_worker_wake calls for a job's process once the current transaction has
 * committed; one that runs already is woken.  After PREPARE TRANSACTION nobody is
 * called: such work is found within minutes.
 */
extern void ddb_worker_wake(const char *job);

/*
 * ddb_worker_wake_any has a database looked at for work of every job, once the current
 * transaction has committed: the current one, or another.
 */
extern void ddb_worker_wake_any(Oid database);

/*
 * ddb_worker_nudge ends the rest of a job's process in the current database, if there is one:
 * at once, and whatever becomes of the transaction.  It has no more to do than it has now and then.
 */
extern void ddb_worker_nudge(const char *job);

/*
 * ddb_worker_progress gives what a job's process in the current database has last reported;
 * 0 when there is none.
 */
extern uint64 ddb_worker_progress(const char *job);

/* For jobs' processes. */

/* ddb_worker_report tells how far the process has come, in a number of the job's own. */
extern void ddb_worker_report(uint64 progress);

/*
 * ddb_worker_has_extension tells whether the current database has the extension; an error
 * when that is of another version than the library.  Outside a transaction.
 */
extern bool ddb_worker_has_extension(void);

/*
 * ddb_worker_begin begins a transaction with a snapshot; ddb_worker_commit ends it, and
 * wakes the jobs that follow this one if it has changed anything.
 */
extern void ddb_worker_begin(void);
extern void ddb_worker_commit(void);

/*
 * ddb_worker_rest waits up to timeout milliseconds, or until the process is woken (true),
 * and does what a process does between commands: interrupts, configuration.  Whoever
 * called since the last rest is not forgotten: then it doesn't wait.  A nudge ends a rest
 * too, but that gives false.
 */
extern bool ddb_worker_rest(long timeout);

#endif							/* DDB_WORKER_H */
