/*
 * metrics.h
 *	  What the endpoint did, counted in shared memory.
 */
#ifndef DDB_METRICS_H
#define DDB_METRICS_H

/* ddb_metrics_install sets up the shared memory; in _PG_init, when preloaded. */
extern void ddb_metrics_install(void);

/* ddb_metrics_attach makes the counters of worker number slot this process's own. */
extern void ddb_metrics_attach(int slot);

/*
 * ddb_metrics_request counts an answered call.  A table gets counters of its own
 * only when a call on it has succeeded once, so that made-up names fill nothing.
 */
extern void ddb_metrics_request(const char *operation, const char *table_name, int status,
								int64 duration_us, double capacity_units);
extern void ddb_metrics_retry(void);

/* ddb_metrics_batch counts a flush that made size requests durable. */
extern void ddb_metrics_batch(int size);
extern void ddb_metrics_connections(int open, int opened, int refused);

/*
 * ddb_metrics_text is all of it in Prometheus' text format; without tables, those of
 * one operation are added up.
 */
extern char *ddb_metrics_text(bool tables);

#endif							/* DDB_METRICS_H */
