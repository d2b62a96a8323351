/*
 * ddb.c
 *	  Module start: magic block, settings, hooks.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "am/am.h"
#include "compat.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	ddb_am_install_hooks();
	MarkGUCPrefixReserved("ddb");
}
