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

#include "am/am.h"
#include "backfill/backfill.h"
#include "capture/capture.h"
#include "compat.h"
#include "endpoint/endpoint.h"
#include "settings.h"
#include "table/desc.h"
#include "trigger/trigger.h"
#include "ttl/ttl.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	ddb_settings_define();
	ddb_desc_init();
	ddb_am_install_hooks();
	ddb_http_init();
	ddb_capture_register();
	ddb_trigger_register();
	ddb_ttl_register();
	ddb_backfill_register();
	if (IsBinaryUpgrade)
		return;
	if (process_shared_preload_libraries_in_progress)
		ddb_worker_init();
	else
		ereport(creating_extension ? NOTICE : DEBUG1,
				errmsg("ddb runs without its background workers"),
				errhint("They need shared_preload_libraries = 'ddb', and let an index be added to a large table while writes go on."));
}
