/*
 * ddb.c
 *	  Module start: magic block, settings, hooks.
 *
 * All SQL works without shared_preload_libraries: the library is then loaded by
 * the first function or index of the extension that a session uses.  Preloaded,
 * it starts the background workers as well.
 */
#include "postgres.h"

#include "commands/extension.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "am/am.h"
#include "catalog/catalog.h"
#include "compat.h"
#include "settings.h"
#include "worker/http.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

char	   *ddb_region;
char	   *ddb_account_id;
char	   *ddb_database;
int			ddb_table_delay;
int			ddb_stream_retention;
int			ddb_stream_shard_duration;
int			ddb_stream_max_lag;
int			ddb_trigger_timeout;
int			ddb_ttl_interval;
int			ddb_ttl_walk_size;

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomStringVariable("ddb.region",
							   "Region that stands in Amazon resource names.",
							   NULL, &ddb_region, "us-east-1",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("ddb.account_id",
							   "Account number that stands in Amazon resource names.",
							   NULL, &ddb_account_id, "000000000000",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("ddb.database",
							   "Database that background workers work in.",
							   "Empty: every database that has the extension.",
							   &ddb_database, "",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.table_delay",
							"How long tables show CREATING and UPDATING after a request of the API.",
							NULL, &ddb_table_delay, 0, 0, 60000,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.stream_retention",
							"How long stream records are kept.",
							"They are dropped a shard at a time, when its last record is older.",
							&ddb_stream_retention, 24 * 60 * 60, 1, INT_MAX / 1000,
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.stream_shard_duration",
							"How long a shard of a stream takes records before a new one follows it.",
							NULL, &ddb_stream_shard_duration, 4 * 60 * 60, 1, INT_MAX / 1000,
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.stream_max_lag",
							"How much write-ahead log the capture of streams may hold back before its streams are disabled.",
							"0: no limit.",
							&ddb_stream_max_lag, 10 * 1024, 0, MAX_KILOBYTES,
							PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.trigger_timeout",
							"How long a trigger's function may take for a batch of stream records.",
							"0: no limit.",
							&ddb_trigger_timeout, 60 * 1000, 0, INT_MAX,
							PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.ttl_interval",
							"How often expired items are looked for.",
							"0: never.",
							&ddb_ttl_interval, 60, 0, 24 * 60 * 60,
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomIntVariable("ddb.ttl_walk_size",
							"How much of a table is searched for expired items each time, if few are found.",
							"Of a table over 60 times as large it is a sixtieth, but at most four times this.",
							&ddb_ttl_walk_size, 256, 1, 1024 * 1024,
							PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);
	ddb_http_define_settings();
	MarkGUCPrefixReserved("ddb");

	ddb_catalog_init();
	ddb_am_install_hooks();
	ddb_http_init();
	if (IsBinaryUpgrade)
		return;
	if (process_shared_preload_libraries_in_progress)
		ddb_worker_init();
	else
		ereport(creating_extension ? NOTICE : DEBUG1,
				errmsg("ddb runs without its background workers"),
				errhint("They need shared_preload_libraries = 'ddb', and let an index be added to a large table while writes go on."));
}
