/*
 * settings.c
 *	  The configuration parameters, in one table.
 *
 * Those that only the HTTP endpoint heeds are named ddb.http_*.  Port and number
 * of its workers are fixed when the server starts; a session that loads the library
 * later can't define such settings and takes them as ones that follow a reload.
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "settings.h"

int			ddb_http_auth;
int			ddb_http_idle_timeout;
int			ddb_http_log_min_duration;
int			ddb_http_max_body;
int			ddb_http_max_buffered;
int			ddb_http_max_connections;
int			ddb_http_max_header;
bool		ddb_http_metrics_tables;
char	   *ddb_http_trusted_origins;
int			ddb_http_request_timeout;
int			ddb_http_max_unsent;
int			ddb_http_port;
int			ddb_http_read_timeout;
int			ddb_http_workers;
int			ddb_stream_max_lag;
int			ddb_stream_retention;
int			ddb_stream_shard_duration;
int			ddb_table_delay;
int			ddb_trigger_timeout;
int			ddb_ttl_interval;
int			ddb_ttl_walk_size;
bool		ddb_http_any_everywhere;
bool		ddb_http_metrics_remote;
bool		ddb_http_tls;
char	   *ddb_account_id;
char	   *ddb_database;
char	   *ddb_http_database;
char	   *ddb_http_default_role;
char	   *ddb_http_listen_addresses;
char	   *ddb_http_tls_cert_file;
char	   *ddb_http_tls_key_file;
char	   *ddb_region;

int			ddb_lock_timeout;

static int	lock_timeout;		/* ddb.http_lock_timeout and its former name: */
static int	former_lock_timeout;	/* what counts is ddb_lock_timeout */

static const struct config_enum_entry auth_options[] = {
	{"sigv4", DDB_AUTH_SIGV4, false},
	{"any", DDB_AUTH_ANY, false},
	{NULL, 0, false}
};

/* A parameter: of integer, boolean and string one is set; an enumeration has options too. */
typedef struct Setting
{
	const char *name;
	GucContext	context;
	int			flags;
	const char *what;
	const char *more;
	int		   *integer;
	int			otherwise;		/* its default, as that of a string is text, of a boolean false */
	int			low;
	int			high;
	const struct config_enum_entry *options;
	bool	   *boolean;
	char	  **string;
	const char *text;
} Setting;

/* by name */
static const Setting settings[] = {
	{"ddb.account_id", PGC_SIGHUP, 0,
		"Account number that stands in Amazon resource names.",
		NULL,
	.string = &ddb_account_id,.text = "000000000000"},
	{"ddb.database", PGC_SIGHUP, 0,
		"Database that background workers work in.",
		"Empty: every database that has the extension.",
	.string = &ddb_database,.text = ""},
	{"ddb.http_any_everywhere", PGC_SIGHUP, 0,
		"Lets ddb.http_auth = any serve addresses that other machines reach.",
		NULL,
	.boolean = &ddb_http_any_everywhere},
	{"ddb.http_auth", PGC_SIGHUP, 0,
		"How requests over HTTP are authenticated.",
		"sigv4 checks signatures; any accepts every well-formed one, for local development.",
	.integer = &ddb_http_auth,.otherwise = DDB_AUTH_SIGV4,.options = auth_options},
	{"ddb.http_database", PGC_SIGHUP, 0,
		"Database that the HTTP endpoint serves.",
		NULL,
	.string = &ddb_http_database,.text = "postgres"},
	{"ddb.http_default_role", PGC_SIGHUP, 0,
		"Role that requests run as with ddb.http_auth = any; empty: the cluster's first superuser.",
		NULL,
	.string = &ddb_http_default_role,.text = ""},
	{"ddb.http_idle_timeout", PGC_SIGHUP, GUC_UNIT_S,
		"How long a connection may be without a request.",
		NULL,
	.integer = &ddb_http_idle_timeout,.otherwise = 120,.low = 1,.high = 86400},
	{"ddb.http_listen_addresses", PGC_SIGHUP, 0,
		"Addresses that the HTTP endpoint listens on.",
		NULL,
	.string = &ddb_http_listen_addresses,.text = "localhost"},
	{"ddb.http_lock_timeout", PGC_SIGHUP, GUC_UNIT_MS,
		"How long a request over HTTP is tried again that meets a locked item, before TransactionConflictException.",
		NULL,
	.integer = &lock_timeout,.otherwise = 1000,.low = 0,.high = 600000},
	{"ddb.http_log_min_duration", PGC_SIGHUP, GUC_UNIT_MS,
		"Logs requests over HTTP that take at least this long; -1 logs none.",
		NULL,
	.integer = &ddb_http_log_min_duration,.otherwise = -1,.low = -1,.high = INT_MAX},
	{"ddb.http_max_body_size", PGC_SIGHUP, GUC_UNIT_KB,
		"Largest body of a request.",
		NULL,
	.integer = &ddb_http_max_body,.otherwise = 16384,.low = 1,.high = 65536},
	{"ddb.http_max_buffered_size", PGC_SIGHUP, GUC_UNIT_MB,
		"Memory of each worker for requests that are not complete; what goes beyond is refused.",
		NULL,
	.integer = &ddb_http_max_buffered,.otherwise = 256,.low = 1,.high = 65536},
	{"ddb.http_max_connections", PGC_SIGHUP, 0,
		"Connections of the HTTP endpoint, all workers together.",
		NULL,
	.integer = &ddb_http_max_connections,.otherwise = 10000,.low = 1,.high = 1000000},
	{"ddb.http_max_header_size", PGC_SIGHUP, GUC_UNIT_BYTE,
		"Largest request line and header section of a request.",
		NULL,
	.integer = &ddb_http_max_header,.otherwise = 16384,.low = 1024,.high = 1024 * 1024},
	{"ddb.http_max_unsent_size", PGC_SIGHUP, GUC_UNIT_MB,
		"Memory of each worker for answers that clients have not taken yet.",
		"From half of it on, requests that may have large answers wait, and clients that take nothing are dropped.",
	.integer = &ddb_http_max_unsent,.otherwise = 256,.low = 1,.high = 65536},
	{"ddb.http_metrics_remote", PGC_SIGHUP, 0,
		"Answers GET /metrics to other machines too.",
		NULL,
	.boolean = &ddb_http_metrics_remote},
	{"ddb.http_metrics_tables", PGC_SIGHUP, 0,
		"Shows the names of tables in GET /metrics, which asks for no signature.",
		"Otherwise tables are added up; the view ddb_metrics tells them apart.",
	.boolean = &ddb_http_metrics_tables},
	{"ddb.http_port", PGC_POSTMASTER, 0,
		"Port of the HTTP endpoint; 0 turns it off.",
		NULL,
	.integer = &ddb_http_port,.otherwise = 0,.low = 0,.high = 65535},
	{"ddb.http_read_timeout", PGC_SIGHUP, GUC_UNIT_S,
		"How long a request may take to arrive, or an answer to be taken.",
		NULL,
	.integer = &ddb_http_read_timeout,.otherwise = 30,.low = 1,.high = 86400},
	{"ddb.http_request_timeout", PGC_SIGHUP, GUC_UNIT_MS,
		"How long a request over HTTP may be worked on, before ThrottlingException; 0: no limit.",
		"A page of Query and Scan ends after a tenth of it.",
	.integer = &ddb_http_request_timeout,.otherwise = 5000,.low = 0,.high = 600000},
	{"ddb.http_tls", PGC_SIGHUP, 0,
		"Serves HTTPS instead of HTTP.",
		NULL,
	.boolean = &ddb_http_tls},
	{"ddb.http_tls_cert_file", PGC_SIGHUP, 0,
		"Certificate for HTTPS; empty: PostgreSQL's ssl_cert_file.",
		NULL,
	.string = &ddb_http_tls_cert_file,.text = ""},
	{"ddb.http_tls_key_file", PGC_SIGHUP, 0,
		"Private key for HTTPS; empty: PostgreSQL's ssl_key_file.",
		NULL,
	.string = &ddb_http_tls_key_file,.text = ""},
	{"ddb.http_trusted_origins", PGC_SIGHUP, 0,
		"Origins of web pages, and names of this machine, that ddb.http_auth = any serves besides its own.",
		"A list with commas, such as \"https://app.example.com, db.example.com\"; *: every one.",
	.string = &ddb_http_trusted_origins,.text = ""},
	{"ddb.http_workers", PGC_POSTMASTER, 0,
		"Number of processes that serve HTTP.",
		NULL,
	.integer = &ddb_http_workers,.otherwise = 2,.low = 1,.high = 64},
	{"ddb.lock_timeout", PGC_SIGHUP, GUC_UNIT_MS | GUC_NO_SHOW_ALL,
		"The former name of ddb.http_lock_timeout.",
		"-1: not set; otherwise it takes the place of ddb.http_lock_timeout.",
	.integer = &former_lock_timeout,.otherwise = -1,.low = -1,.high = 600000},
	{"ddb.region", PGC_SIGHUP, 0,
		"Region that stands in Amazon resource names.",
		NULL,
	.string = &ddb_region,.text = "us-east-1"},
	{"ddb.stream_max_lag", PGC_SIGHUP, GUC_UNIT_MB,
		"How much write-ahead log the capture of streams may hold back before its streams are disabled.",
		"0: no limit.",
	.integer = &ddb_stream_max_lag,.otherwise = 10 * 1024,.low = 0,.high = MAX_KILOBYTES},
	{"ddb.stream_retention", PGC_SIGHUP, GUC_UNIT_S,
		"How long stream records are kept.",
		"They are dropped a shard at a time, when its last record is older.",
	.integer = &ddb_stream_retention,.otherwise = 24 * 60 * 60,.low = 1,.high = INT_MAX / 1000},
	{"ddb.stream_shard_duration", PGC_SIGHUP, GUC_UNIT_S,
		"How long a shard of a stream takes records before a new one follows it.",
		NULL,
	.integer = &ddb_stream_shard_duration,.otherwise = 4 * 60 * 60,.low = 1,.high = INT_MAX / 1000},
	{"ddb.table_delay", PGC_USERSET, GUC_UNIT_MS,
		"How long tables show CREATING and UPDATING after a request of the API.",
		NULL,
	.integer = &ddb_table_delay,.otherwise = 0,.low = 0,.high = 60000},
	{"ddb.trigger_timeout", PGC_SIGHUP, GUC_UNIT_MS,
		"How long a trigger's function may take for a batch of stream records.",
		"0: no limit.",
	.integer = &ddb_trigger_timeout,.otherwise = 60 * 1000,.low = 0,.high = INT_MAX},
	{"ddb.ttl_interval", PGC_SIGHUP, GUC_UNIT_S,
		"How often expired items are looked for.",
		"0: never.",
	.integer = &ddb_ttl_interval,.otherwise = 60,.low = 0,.high = 24 * 60 * 60},
	{"ddb.ttl_walk_size", PGC_SIGHUP, GUC_UNIT_MB,
		"How much of a table is searched for expired items each time, if few are found.",
		"Of a table over 60 times as large it is a sixtieth, but at most four times this.",
	.integer = &ddb_ttl_walk_size,.otherwise = 256,.low = 1,.high = 1024 * 1024}
};

static void
assign_lock_timeout(int value, void *extra)
{
	ddb_lock_timeout = former_lock_timeout >= 0 ? former_lock_timeout : value;
}

static void
assign_former_lock_timeout(int value, void *extra)
{
	ddb_lock_timeout = value >= 0 ? value : lock_timeout;
}

static void
define(const Setting *s)
{
	GucContext	context = s->context == PGC_POSTMASTER && !process_shared_preload_libraries_in_progress ?
	PGC_SIGHUP : s->context;

	if (s->options != NULL)
		DefineCustomEnumVariable(s->name, s->what, s->more, s->integer, s->otherwise, s->options,
								 context, s->flags, NULL, NULL, NULL);
	else if (s->integer != NULL)
		DefineCustomIntVariable(s->name, s->what, s->more, s->integer, s->otherwise, s->low, s->high,
								context, s->flags, NULL,
								s->integer == &lock_timeout ? assign_lock_timeout :
								s->integer == &former_lock_timeout ? assign_former_lock_timeout : NULL,
								NULL);
	else if (s->boolean != NULL)
		DefineCustomBoolVariable(s->name, s->what, s->more, s->boolean, false,
								 context, s->flags, NULL, NULL, NULL);
	else
		DefineCustomStringVariable(s->name, s->what, s->more, s->string, s->text,
								   context, s->flags, NULL, NULL, NULL);
}

/*
 * ddb_settings_define defines them all.
 */
void
ddb_settings_define(void)
{
	former_lock_timeout = -1;
	for (int i = 0; i < lengthof(settings); i++)
		define(&settings[i]);
	MarkGUCPrefixReserved("ddb");
}
