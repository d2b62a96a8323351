/*
 * ddb.c
 *	  Module start: magic block, settings, hooks.
 *
 * Nothing here needs shared_preload_libraries: the library is loaded by the
 * first function or index of the extension that a session uses.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "am/am.h"
#include "catalog/catalog.h"
#include "compat.h"
#include "settings.h"

PG_MODULE_MAGIC;

char	   *ddb_region;
char	   *ddb_account_id;
int			ddb_http_auth = DDB_AUTH_SIGV4;
char	   *ddb_http_default_role;
bool		ddb_http_auth_force;

static const struct config_enum_entry http_auth_options[] = {
	{"sigv4", DDB_AUTH_SIGV4, false},
	{"any", DDB_AUTH_ANY, false},
	{NULL, 0, false}
};

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
	DefineCustomEnumVariable("ddb.http_auth",
							 "How requests over HTTP are authenticated.",
							 "sigv4 checks signatures; any accepts every well-formed one, for local development.",
							 &ddb_http_auth, DDB_AUTH_SIGV4, http_auth_options,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("ddb.http_default_role",
							   "Role that requests run as when ddb.http_auth is any.",
							   "Empty: the superuser that the cluster was made with.",
							   &ddb_http_default_role, "",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("ddb.http_auth_force",
							 "Lets ddb.http_auth = any serve other machines, too.",
							 "Whoever reaches the endpoint can then do what ddb.http_default_role may do.",
							 &ddb_http_auth_force, false,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("ddb");

	ddb_catalog_init();
	ddb_am_install_hooks();
}
