/*
 * ttl_functions.c
 *	  The SQL door to deletion.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "error.h"
#include "shard/shard.h"
#include "table/arn.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "ttl/ttl_delete.h"

PG_FUNCTION_INFO_V1(ddb_sql_expire_items);

/*
 * ddb.expire_items(table_name text) -> bigint: one walk over a whole table, in the
 * caller's transaction.
 */
Datum
ddb_sql_expire_items(PG_FUNCTION_ARGS)
{
	const char *table_name = ddb_table_name_of(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	Oid			relid = ddb_tables_relid(table_name);
	DdbTtlWalk	deletion = {0};

	PreventCommandIfReadOnly("ddb.expire_items()");
	PreventCommandDuringRecovery("ddb.expire_items()");
	if (!OidIsValid(relid))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: Table: %s not found", table_name));
	ddb_table_check_owner(relid);
	ddb_ttl_lock(relid, true);
	AcceptInvalidationMessages();
	deletion.desc = ddb_desc_open(table_name, RowExclusiveLock);
	ddb_table_check_owner(deletion.desc->relid);
	if (deletion.desc->ttl_attribute == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("time to live is not enabled for table \"%s\"", table_name));
	deletion.heap = ddb_shard_open_all(deletion.desc->relid);
	deletion.end = RelationGetNumberOfBlocks(deletion.heap);
	ddb_ttl_delete_blocks(&deletion);
	table_close(deletion.heap, NoLock);
	ddb_desc_close(deletion.desc);
	PG_RETURN_INT64(deletion.deleted);
}
