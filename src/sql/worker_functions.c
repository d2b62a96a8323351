/*
 * worker_functions.c
 *	  The SQL door to the background workers.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"

#include "worker/worker.h"

PG_FUNCTION_INFO_V1(ddb_sql_wake_workers);

/*
 * ddb.wake_workers(): a trigger of catalog relations whose rows may mean work
 */
Datum
ddb_sql_wake_workers(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("ddb.wake_workers() must be called as a trigger"));
	ddb_worker_wake_any(MyDatabaseId);
	return PointerGetDatum(NULL);
}
