/*
 * settings.c
 *	  The configuration parameters of the HTTP endpoint.
 *
 * Port and number of workers are fixed when the server starts; the rest follows a
 * reload.
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "settings.h"

int			ddb_http_auth = DDB_AUTH_SIGV4;
char	   *ddb_http_default_role;
bool		ddb_http_any_everywhere;
int			ddb_http_port;
char	   *ddb_http_listen_addresses;
int			ddb_http_workers = 2;
char	   *ddb_http_database;
int			ddb_lock_timeout = 1000;
int			ddb_http_max_connections = 10000;
int			ddb_http_max_header = 16384;
int			ddb_http_max_body = 16384;
int			ddb_http_max_buffered = 256;
int			ddb_http_idle_timeout = 120;
int			ddb_http_read_timeout = 30;
bool		ddb_http_tls;
char	   *ddb_http_tls_cert_file;
char	   *ddb_http_tls_key_file;
int			ddb_http_log_min_duration = -1;
bool		ddb_http_metrics_remote;

static const struct config_enum_entry auth_options[] = {
	{"sigv4", DDB_AUTH_SIGV4, false},
	{"any", DDB_AUTH_ANY, false},
	{NULL, 0, false}
};

static void
define_integer(const char *name, const char *what, int *variable, int low, int high,
			   GucContext context, int flags)
{
	DefineCustomIntVariable(name, what, NULL, variable, *variable, low, high, context, flags,
							NULL, NULL, NULL);
}

static void
define_string(const char *name, const char *what, char **variable, const char *otherwise)
{
	DefineCustomStringVariable(name, what, NULL, variable, otherwise, PGC_SIGHUP, 0,
							   NULL, NULL, NULL);
}

static void
define_bool(const char *name, const char *what, bool *variable)
{
	DefineCustomBoolVariable(name, what, NULL, variable, false, PGC_SIGHUP, 0,
							 NULL, NULL, NULL);
}

/*
 * ddb_http_define_settings defines them all.
 */
void
ddb_http_define_settings(void)
{
	/* a session that loads the library later can't define PGC_POSTMASTER ones */
	GucContext	fixed = process_shared_preload_libraries_in_progress ?
	PGC_POSTMASTER : PGC_SIGHUP;

	define_integer("ddb.http_port", "Port of the HTTP endpoint; 0 turns it off.",
				   &ddb_http_port, 0, 65535, fixed, 0);
	define_integer("ddb.http_workers", "Number of processes that serve HTTP.",
				   &ddb_http_workers, 1, 64, fixed, 0);
	define_string("ddb.http_listen_addresses", "Addresses that the HTTP endpoint listens on.",
				  &ddb_http_listen_addresses, "localhost");
	define_string("ddb.http_database", "Database that the HTTP endpoint serves.",
				  &ddb_http_database, "postgres");
	DefineCustomEnumVariable("ddb.http_auth", "How requests over HTTP are authenticated.",
							 "sigv4 checks signatures; any accepts every well-formed one, for local development.",
							 &ddb_http_auth, DDB_AUTH_SIGV4, auth_options,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	define_string("ddb.http_default_role",
				  "Role that requests run as with ddb.http_auth = any; empty: the cluster's first superuser.",
				  &ddb_http_default_role, "");
	define_bool("ddb.http_any_everywhere",
				"Lets ddb.http_auth = any serve addresses that other machines reach.",
				&ddb_http_any_everywhere);
	define_integer("ddb.lock_timeout",
				   "How long a request over HTTP is tried again that meets a locked item, before TransactionConflictException.",
				   &ddb_lock_timeout, 0, 600000, PGC_SIGHUP, GUC_UNIT_MS);
	define_integer("ddb.http_max_connections", "Connections of the HTTP endpoint, all workers together.",
				   &ddb_http_max_connections, 1, 1000000, PGC_SIGHUP, 0);
	define_integer("ddb.http_max_header_size", "Largest request line and header section of a request.",
				   &ddb_http_max_header, 1024, 1024 * 1024, PGC_SIGHUP, GUC_UNIT_BYTE);
	define_integer("ddb.http_max_body_size", "Largest body of a request.",
				   &ddb_http_max_body, 1, 65536, PGC_SIGHUP, GUC_UNIT_KB);
	define_integer("ddb.http_max_buffered_size",
				   "Memory of each worker for requests that are not complete; what goes beyond is refused.",
				   &ddb_http_max_buffered, 1, 65536, PGC_SIGHUP, GUC_UNIT_MB);
	define_integer("ddb.http_idle_timeout", "How long a connection may be without a request.",
				   &ddb_http_idle_timeout, 1, 86400, PGC_SIGHUP, GUC_UNIT_S);
	define_integer("ddb.http_read_timeout",
				   "How long a request may take to arrive, or an answer to be taken.",
				   &ddb_http_read_timeout, 1, 86400, PGC_SIGHUP, GUC_UNIT_S);
	define_bool("ddb.http_tls", "Serves HTTPS instead of HTTP.", &ddb_http_tls);
	define_string("ddb.http_tls_cert_file", "Certificate for HTTPS; empty: PostgreSQL's ssl_cert_file.",
				  &ddb_http_tls_cert_file, "");
	define_string("ddb.http_tls_key_file", "Private key for HTTPS; empty: PostgreSQL's ssl_key_file.",
				  &ddb_http_tls_key_file, "");
	define_integer("ddb.http_log_min_duration", "Logs requests over HTTP that take at least this long; -1 logs none.",
				   &ddb_http_log_min_duration, -1, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS);
	define_bool("ddb.http_metrics_remote", "Answers GET /metrics to other machines too.",
				&ddb_http_metrics_remote);
}
