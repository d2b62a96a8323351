/*
 * definition.c
 *	  Streams begin and end.
 *
 * A stream's row in ddb.streams is what the output plugin goes by: it reads the
 * row as of each change it decodes, so a stream holds the changes of the
 * transactions that see it enabled, whoever reads the log and whenever.
 *
 * The log is there to be read from where the database's replication slot begins,
 * so while there is none, a table whose stream is new stays CREATING or UPDATING
 * (status_until is infinity), and takes no writes that would be missed.  The
 * capture worker makes the slot, takes the stream up and lets go of the table.
 *
 * Against a slot that goes away meanwhile: the stream's row is inserted, which locks
 * ddb.streams in ROW EXCLUSIVE mode until the end of the transaction, before the
 * slot is looked for.  The worker drops a slot only with ddb.streams locked in SHARE
 * ROW EXCLUSIVE mode, after having seen there, with the lock, that no stream needs it.
 * A slot that holds back too much of the log goes without: the worker disables the
 * streams that relied on it when it gets the lock.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "replication/slot.h"
#include "storage/spin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "error.h"
#include "stream/capture_state.h"
#include "stream/stream.h"
#include "stream/stream_catalog.h"
#include "table/desc.h"
#include "table/physical.h"
#include "table/spi_run.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "worker/worker.h"

const char *
ddb_stream_slot_name(void)
{
	static char name[NAMEDATALEN];

	snprintf(name, sizeof(name), "ddb_%u", MyDatabaseId);
	return name;
}

/*
 * ddb_stream_slot_ready tells whether the slot is there and its snapshot is
 * complete: what commits from now on can be decoded.  Without its row in ddb.capture
 * it may be one that the worker drops, of an extension that was dropped before.
 */
bool
ddb_stream_slot_ready(void)
{
	ReplicationSlot *slot = SearchNamedReplicationSlot(ddb_stream_slot_name(), true);
	DdbCaptureState state;
	bool		ready;

	if (slot == NULL || !ddb_capture_state_read(&state))
		return false;
	SpinLockAcquire(&slot->mutex);
	ready = slot->in_use && slot->data.database == MyDatabaseId &&
		slot->data.confirmed_flush != InvalidXLogRecPtr && !ddb_slot_is_invalid(slot);
	SpinLockRelease(&slot->mutex);
	return ready;
}

static void
insert_stream(const DdbTableDesc *desc, const char *view_type, const char *label)
{
	DdbStream	stream = {
		.table_name = desc->name,.label = unconstify(char *, label),.relid = desc->relid,
		.view_type = unconstify(char *, view_type),.nkeys = ddb_index_nkeys(&desc->primary)
	};

	stream.key_attributes = palloc(sizeof(char *) * stream.nkeys);
	stream.key_columns = palloc(sizeof(char *) * stream.nkeys);
	for (int i = 0; i < stream.nkeys; i++)
	{
		stream.key_attributes[i] = ddb_index_attribute(desc, &desc->primary, i)->name;
		stream.key_columns[i] = ddb_index_attribute(desc, &desc->primary, i)->column;
	}
	ddb_stream_insert(&stream);
}

void
ddb_stream_enable(const char *table_name, const char *view_type, const char *label)
{
	DdbTableDesc *desc;
	bool		full = strcmp(view_type, "OLD_IMAGE") == 0 ||
	strcmp(view_type, "NEW_AND_OLD_IMAGES") == 0;
	const char *relation;

	if (wal_level < WAL_LEVEL_LOGICAL)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("One or more parameter values were invalid: streams are not available on this server, whose wal_level is not logical"),
				errhint("Set wal_level = logical and restart the server."));
	desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	ddb_table_check_owner(desc->relid);
	relation = ddb_physical_qualified_beside(desc->relid, get_rel_name(desc->relid));
	SPI_connect();
	ddb_spi_run(full ? psprintf("ALTER TABLE %s REPLICA IDENTITY FULL", relation) :
				psprintf("ALTER TABLE %s REPLICA IDENTITY USING INDEX %s", relation,
						 quote_identifier(desc->primary.relname)));
	insert_stream(desc, view_type, label);
	if (!ddb_worker_available())
		ereport(WARNING,
				errmsg("nothing captures the stream of table \"%s\"", table_name),
				errhint("The capture worker needs shared_preload_libraries = 'ddb'."));
	else if (!ddb_stream_slot_ready())
		ddb_tables_set_waiting(desc->name);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
	ddb_worker_wake(DDB_CAPTURE_JOB);
}

void
ddb_stream_disable(const char *table_name)
{
	DdbTableDesc *desc = ddb_desc_open_any(table_name, AccessExclusiveLock);

	ddb_table_check_owner(desc->relid);
	SPI_connect();
	ddb_spi_run(psprintf("ALTER TABLE %s REPLICA IDENTITY DEFAULT",
						 ddb_physical_qualified_beside(desc->relid, get_rel_name(desc->relid))));
	ddb_stream_set_disabled(desc->name);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
	ddb_worker_wake(DDB_CAPTURE_JOB);
}
