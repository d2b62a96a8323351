/*
 * ttl.h
 *	  Time to live: a job that deletes expired items.
 */
#ifndef DDB_TTL_H
#define DDB_TTL_H

/* ddb_ttl_register registers the job; from _PG_init. */
extern void ddb_ttl_register(void);

/*
 * ddb_ttl_changed says that the time to live of a table has been enabled, or disabled:
 * the job is called for once the transaction has committed.  A warning when nobody
 * will come to delete what expires.
 */
extern void ddb_ttl_changed(const char *table_name, bool enabled);

#endif							/* DDB_TTL_H */
