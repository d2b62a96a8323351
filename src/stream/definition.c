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
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "replication/slot.h"
#include "storage/spin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "error.h"
#include "stream/stream.h"
#include "stream/stream_catalog.h"
#include "table/desc.h"
#include "table/physical.h"
#include "table/table_ddl.h"
#include "worker/worker.h"

/*
 * ddb_capture_slot_name names the current database's slot.
 */
const char *
ddb_capture_slot_name(void)
{
	static char name[NAMEDATALEN];

	snprintf(name, sizeof(name), "ddb_%u", MyDatabaseId);
	return name;
}

/*
 * hold keeps the table CREATING or UPDATING until the capture worker says
 * otherwise.
 */
static void
hold(const DdbTableDesc *desc)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(desc->name)};

	ddb_sql_run_as_owner("UPDATE ddb.tables SET status_until = 'infinity' WHERE table_name = $1",
						 1, types, values, NULL);
}

/*
 * ddb_capture_slot_ready tells whether the slot is there and its snapshot is
 * complete: what commits from now on can be decoded.  Without its row in ddb.capture
 * it may be one that the worker drops, of an extension that was dropped before.
 */
bool
ddb_capture_slot_ready(void)
{
	ReplicationSlot *slot = SearchNamedReplicationSlot(ddb_capture_slot_name(), true);
	XLogRecPtr	captured;
	bool		ready;

	if (slot == NULL || !ddb_stream_captured(&captured))
		return false;
	SpinLockAcquire(&slot->mutex);
	ready = slot->in_use && slot->data.database == MyDatabaseId &&
		slot->data.confirmed_flush != InvalidXLogRecPtr && !ddb_slot_is_invalid(slot);
	SpinLockRelease(&slot->mutex);
	return ready;
}

/*
 * key_strings lists the table's key attributes, or their columns, as text[].
 */
static Datum
key_strings(const DdbTableDesc *desc, bool columns)
{
	List	   *strings = NIL;

	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);

		strings = lappend(strings, columns ? att->column : att->name);
	}
	return ddb_sql_text_array(strings);
}

static void
insert_row(const DdbTableDesc *desc, const char *view_type, const char *label)
{
	Oid			types[] = {TEXTOID, TEXTOID, REGCLASSOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[6];

	values[0] = CStringGetTextDatum(desc->name);
	values[1] = CStringGetTextDatum(label);
	values[2] = ObjectIdGetDatum(desc->relid);
	values[3] = CStringGetTextDatum(view_type);
	values[4] = key_strings(desc, false);
	values[5] = key_strings(desc, true);
	ddb_sql_run_as_owner("INSERT INTO ddb.streams (table_name, stream_label, relid, owner, view_type, key_attributes, key_columns)"
						 " SELECT $1, $2, $3, relowner, $4, $5, $6 FROM pg_catalog.pg_class WHERE oid = $3",
						 6, types, values, NULL);
}

/*
 * ddb_stream_enable gives a table a stream.
 */
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
	ddb_check_owner(desc->relid);
	relation = ddb_qualified_beside(desc->relid, get_rel_name(desc->relid));
	SPI_connect();
	ddb_sql_run(full ? psprintf("ALTER TABLE %s REPLICA IDENTITY FULL", relation) :
				psprintf("ALTER TABLE %s REPLICA IDENTITY USING INDEX %s", relation,
						 quote_identifier(desc->primary.relname)));
	insert_row(desc, view_type, label);
	if (!ddb_worker_available())
		ereport(WARNING,
				errmsg("nothing captures the stream of table \"%s\"", table_name),
				errhint("The capture worker needs shared_preload_libraries = 'ddb'."));
	else if (!ddb_capture_slot_ready())
		hold(desc);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
	ddb_worker_wake(DDB_CAPTURE_JOB);
}

/*
 * ddb_stream_disable ends a table's stream; its records stay for their time.
 */
void
ddb_stream_disable(const char *table_name)
{
	DdbTableDesc *desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(desc->name)};

	ddb_check_owner(desc->relid);
	SPI_connect();
	ddb_sql_run(psprintf("ALTER TABLE %s REPLICA IDENTITY DEFAULT",
						 ddb_qualified_beside(desc->relid, get_rel_name(desc->relid))));
	ddb_sql_run_as_owner("UPDATE ddb.streams SET disabled_at = pg_catalog.clock_timestamp()"
						 " WHERE table_name = $1 AND disabled_at IS NULL",
						 1, types, values, NULL);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
	ddb_desc_close(desc);
	ddb_worker_wake(DDB_CAPTURE_JOB);
}
