/*
 * backfill.h
 *	  Making new global indexes whole, and dropping old ones, while writes go on: a job.
 */
#ifndef DDB_BACKFILL_H
#define DDB_BACKFILL_H

/* ddb_backfill_register registers the job; from _PG_init. */
extern void ddb_backfill_register(void);

/* ddb_backfill_wake calls for it in the current database, once the transaction has committed. */
extern void ddb_backfill_wake(void);

#endif							/* DDB_BACKFILL_H */
