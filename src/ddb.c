/*
 * ddb.c
 *	  Module start: magic block, settings, hooks.
 *
 * Only background workers need shared_preload_libraries: without it the library
 * is loaded by the first function or index of the extension that a session uses.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "am/am.h"
#include "catalog/catalog.h"
#include "compat.h"
#include "settings.h"
#include "worker/http.h"

PG_MODULE_MAGIC;

char	   *ddb_region;
char	   *ddb_account_id;

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
	ddb_http_define_settings();
	MarkGUCPrefixReserved("ddb");

	ddb_catalog_init();
	ddb_am_install_hooks();
	ddb_http_init();
}
