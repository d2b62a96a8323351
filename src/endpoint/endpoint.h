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
extern void ddb_http_request_stop(void);	/* SIGTERM came */

/* http_commits.c */
extern void ddb_http_commits_install(void);
extern void ddb_http_commits_attach(int worker);
extern void ddb_http_commits_begin(void);
extern void ddb_http_commits_set(XLogRecPtr end);
extern XLogRecPtr ddb_http_commits_others(void);

extern PGDLLEXPORT void ddb_http_launcher_main(Datum arg);
extern PGDLLEXPORT void ddb_http_worker_main(Datum arg);

#endif							/* DDB_ENDPOINT_H */
