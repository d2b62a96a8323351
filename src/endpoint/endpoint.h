/*
 * endpoint.h
 *	  The processes of the HTTP endpoint.
 */
#ifndef DDB_ENDPOINT_H
#define DDB_ENDPOINT_H

#include "access/xlogdefs.h"

#include "http/http.h"

/*
 * ddb_http_init registers the launcher and the shared memory, when the library
 * is being preloaded and ddb.http_port is set.
 */
extern void ddb_http_init(void);

/* ddb_http_config fills the event loop's configuration from the settings. */
extern void ddb_http_config(DdbHttpConfig *config);

/* http_engine.c */
extern const DdbHttpEngine ddb_http_engine;
extern void ddb_http_engine_start(void);

/* http_commits.c */
extern void ddb_http_commits_install(void);
extern void ddb_http_commits_attach(int worker);
extern void ddb_http_commits_begin(void);
extern void ddb_http_commits_set(XLogRecPtr end);
extern XLogRecPtr ddb_http_commits_others(void);

/*
 * ddb_http_commits_note notes where the commit of what ddb_footprint shows ends.
 * definition: it changed the definition of the table of that name, or, if that is
 * NULL, of another.
 */
extern void ddb_http_commits_note(XLogRecPtr end, bool definition, const char *table_name);

/* What an answer depends on. */
typedef struct DdbDependence
{
	XLogRecPtr	own;			/* end of its own commit, or InvalidXLogRecPtr */
	bool		everything;		/* on all commits before it */
	bool		definitions;	/* on those that changed a table's definition */
	int			nslots;			/* and on those that wrote these parts */
	int			first_slot;
} DdbDependence;

/*
 * ddb_http_commits_depends gives the place up to which the log must be safe.  Called
 * after ddb_http_commits_others(): the commits that it waits for are noted then.
 */
extern XLogRecPtr ddb_http_commits_depends(const DdbDependence *dependence,
										   const uint32 *slots);

/* durability.c: what makes a turn's answers safe to send */

/* ddb_http_durability_start reads the settings, anew after a reload. */
extern void ddb_http_durability_start(void);

/* ddb_http_commit ends a request's transaction, and notes what is to be flushed. */
extern void ddb_http_commit(const char *operation, const char *table_name);
extern void ddb_http_rollback(void);

/*
 * ddb_http_answered counts an answer of this turn, and gives its ticket: the number
 * that ddb_http_durability_position() takes at the end of the turn.  -1: it has to wait
 * for nothing but the flush.
 */
extern int	ddb_http_answered(const char *operation, const char *table_name);
extern void ddb_http_durability_end_turn(void);
extern uint64_t ddb_http_durability_position(int ticket);
extern bool ddb_http_durability_safe(uint64_t position);

extern PGDLLEXPORT void ddb_http_launcher_main(Datum arg);
extern PGDLLEXPORT void ddb_http_worker_main(Datum arg);

#endif							/* DDB_ENDPOINT_H */
