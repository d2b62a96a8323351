/*
 * settings.h
 *	  The configuration parameters (ddb.*).
 */
#ifndef DDB_SETTINGS_H
#define DDB_SETTINGS_H

extern char *ddb_region;		/* ddb.region: in ARNs */
extern char *ddb_account_id;	/* ddb.account_id: in ARNs */

extern int	ddb_table_delay;	/* ddb.table_delay: milliseconds that tables stay CREATING and UPDATING */
extern char *ddb_database;		/* ddb.database: where workers work; empty: everywhere */

extern int	ddb_stream_retention;	/* ddb.stream_retention: seconds that records are kept */
extern int	ddb_stream_shard_duration;	/* ddb.stream_shard_duration: seconds that a shard stays open */
extern int	ddb_stream_max_lag; /* ddb.stream_max_lag: MB of WAL that capture may hold back; 0: no limit */
extern int	ddb_trigger_timeout;	/* ddb.trigger_timeout: milliseconds that a call of a trigger's function
									 * may take; 0: no limit */
extern int	ddb_ttl_interval;	/* ddb.ttl_interval: seconds between rounds; 0: off */
extern int	ddb_ttl_walk_size;	/* ddb.ttl_walk_size: MB of a table that a round walks at least */

/* ddb.http_auth: how much of a signature is checked */
typedef enum DdbHttpAuth
{
	DDB_AUTH_SIGV4,				/* all of it */
	DDB_AUTH_ANY				/* it must be well-formed; any key is accepted */
} DdbHttpAuth;

extern int	ddb_http_auth;		/* a DdbHttpAuth */
extern char *ddb_http_default_role; /* ddb.http_default_role: for DDB_AUTH_ANY */
extern bool ddb_http_any_everywhere;	/* DDB_AUTH_ANY on addresses that others reach too */

/* the HTTP endpoint */
extern int	ddb_http_port;		/* 0: off */
extern char *ddb_http_listen_addresses;
extern int	ddb_http_workers;
extern char *ddb_http_database;
extern int	ddb_lock_timeout;	/* ddb.http_lock_timeout: milliseconds */
extern int	ddb_http_max_connections;	/* of all workers */
extern int	ddb_http_max_header;	/* bytes */
extern int	ddb_http_max_body;	/* kB */
extern int	ddb_http_max_buffered;	/* MB, each worker */
extern int	ddb_http_max_unsent;	/* MB, each worker */
extern int	ddb_http_request_timeout;	/* milliseconds; 0: off */
extern int	ddb_http_idle_timeout;	/* seconds */
extern int	ddb_http_read_timeout;	/* seconds */
extern bool ddb_http_tls;
extern char *ddb_http_tls_cert_file;
extern char *ddb_http_tls_key_file;
extern int	ddb_http_log_min_duration;	/* milliseconds; -1: off */
extern bool ddb_http_metrics_remote;
extern bool ddb_http_metrics_tables;
extern char *ddb_http_trusted_origins;

/* ddb_settings_define defines them; from _PG_init. */
extern void ddb_settings_define(void);

#endif							/* DDB_SETTINGS_H */
