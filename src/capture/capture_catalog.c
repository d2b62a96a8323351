/*
 * capture_catalog.c
 *	  Streams, shards and epochs in the catalog, for the capture worker.
 *
 * All streams change to a new shard together: an epoch.  An epoch's records are one
 * partition of ddb.stream_records.  A shard is closed at a position in the log
 * that everything recorded is before and nothing to come is; the next shard
 * begins right behind it.  Within the life of a slot epochs have consecutive
 * numbers; no number comes again.
 *
 * Nothing here waits for users' transactions: rows of ddb.streams and ddb.tables
 * that they hold are passed over and looked at again the next time, and so is
 * the lock on ddb.streams that dropping the slot needs (see stream/definition.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "replication/logical.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_lsn.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "capture/capture_private.h"
#include "settings.h"
#include "stream/records.h"
#include "table/desc.h"
#include "table/physical.h"
#include "worker/worker.h"

/*
 * ddb_capture_begin begins a transaction, with SPI.
 */
void
ddb_capture_begin(void)
{
	ddb_worker_begin();
	SPI_connect();
}

/*
 * ddb_capture_commit ends it.
 */
void
ddb_capture_commit(bool durable)
{
	SPI_finish();
	ddb_worker_commit();
	if (durable)
		XLogFlush(XactLastCommitEnd);
}

/* sql runs a command with the worker's usual parameters: $1 a position, $2 an epoch. */
static uint64
sql(const char *command, XLogRecPtr position, int32 epoch)
{
	Oid			types[] = {PG_LSNOID, INT4OID};
	Datum		values[] = {LSNGetDatum(position), Int32GetDatum(epoch)};

	return ddb_sql_run_as_owner(command, 2, types, values, NULL);
}

/* column gives a column of a row of the result. */
static Datum
column(uint64 row, int i, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, i, isnull);
}

/*
 * ddb_capture_load reads ddb.capture.
 */
bool
ddb_capture_load(DdbCapture *capture)
{
	bool		found;
	bool		isnull;

	ddb_capture_begin();
	found = sql("SELECT captured_lsn, epoch, epoch_since,"
				" EXISTS (SELECT FROM ddb.stream_records r WHERE r.epoch = c.epoch) FROM ddb.capture c",
				InvalidXLogRecPtr, 0) > 0;
	if (found)
	{
		capture->captured = DatumGetLSN(column(0, 1, &isnull));
		capture->epoch = DatumGetInt32(column(0, 2, &isnull));
		capture->epoch_since = DatumGetTimestampTz(column(0, 3, &isnull));
		capture->epoch_used = DatumGetBool(column(0, 4, &isnull));
	}
	ddb_capture_commit(false);
	return found;
}

/*
 * find_stream finds a stream by its id, or gives NULL.
 */
static DdbCapturedStream *
find_stream(const DdbCapture *capture, int32 stream_id)
{
	int			low = 0;
	int			high = capture->nstreams;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		DdbCapturedStream *stream = &capture->streams[middle];

		if (stream->id == stream_id)
			return stream;
		if (stream->id < stream_id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * ddb_capture_has_shard tells whether a stream has a shard in the current epoch.
 */
bool
ddb_capture_has_shard(DdbCapture *capture, int32 stream_id)
{
	if (capture->latest == NULL || capture->latest->id != stream_id)
		capture->latest = find_stream(capture, stream_id);
	return capture->latest != NULL && capture->latest->has_shard;
}

/*
 * load_streams reads ddb.streams within a transaction.
 */
static void
load_streams(DdbCapture *capture)
{
	DdbCapturedStream *streams;
	int			n = sql("SELECT stream_id, disabled_at IS NULL, captured_at IS NOT NULL, closed_at IS NOT NULL,"
						" EXISTS (SELECT FROM ddb.stream_shards h"
						" WHERE h.stream_id = s.stream_id AND h.epoch = $2 AND h.closed_at IS NULL)"
						" FROM ddb.streams s ORDER BY stream_id", InvalidXLogRecPtr, capture->epoch);

	streams = MemoryContextAllocZero(capture->context, sizeof(DdbCapturedStream) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		DdbCapturedStream *stream = &streams[i];
		DdbCapturedStream *before;
		bool		isnull;

		stream->id = DatumGetInt32(column(i, 1, &isnull));
		stream->enabled = DatumGetBool(column(i, 2, &isnull));
		stream->taken = DatumGetBool(column(i, 3, &isnull));
		stream->closed = DatumGetBool(column(i, 4, &isnull));
		stream->has_shard = DatumGetBool(column(i, 5, &isnull));
		before = find_stream(capture, stream->id);
		if (before != NULL)
			stream->end = before->end;
	}
	if (capture->streams != NULL)
		pfree(capture->streams);
	capture->streams = streams;
	capture->nstreams = n;
	capture->latest = NULL;
}

/*
 * ddb_capture_load_streams reads ddb.streams.
 */
void
ddb_capture_load_streams(DdbCapture *capture)
{
	ddb_capture_begin();
	load_streams(capture);
	ddb_capture_commit(false);
}

/*
 * open_shards gives every stream that is not closed a shard in the epoch, from
 * a position on.
 */
static void
open_shards(int32 epoch, XLogRecPtr first)
{
	sql("INSERT INTO ddb.stream_shards (stream_id, epoch, first_lsn, created_at)"
		" SELECT stream_id, $2, $1, pg_catalog.clock_timestamp() FROM ddb.streams WHERE closed_at IS NULL"
		" ON CONFLICT DO NOTHING", first, epoch);
}

/*
 * create_partition makes the partition of an epoch, a member of the extension.  It is
 * attached afterwards: a partition that is made as one would wait for whoever has
 * looked at ddb_streams in a transaction that is still open.
 */
static void
create_partition(int32 epoch)
{
	char	   *name = ddb_stream_partition_name(epoch);

	sql(psprintf("CREATE TABLE ddb.%s (LIKE ddb.stream_records"
				 " INCLUDING COMPRESSION INCLUDING INDEXES INCLUDING STORAGE)"
				 " WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off)", name),
		InvalidXLogRecPtr, 0);
	sql(psprintf("ALTER TABLE ddb.stream_records ATTACH PARTITION ddb.%s FOR VALUES IN (%d)", name, epoch),
		InvalidXLogRecPtr, 0);
	sql(psprintf("ALTER EXTENSION ddb ADD TABLE ddb.%s", name), InvalidXLogRecPtr, 0);
}

/*
 * free_epoch gives the first number from epoch on that no relation is in the way of.
 */
static int32
free_epoch(int32 epoch)
{
	Oid			nspid = get_namespace_oid(DDB_SCHEMA, false);

	while (OidIsValid(get_relname_relid(ddb_stream_partition_name(epoch), nspid)))
		epoch++;
	return epoch;
}

/*
 * ddb_capture_start makes the first epoch of a new slot, and the row of ddb.capture.
 */
void
ddb_capture_start(DdbCapture *capture)
{
	XLogRecPtr	position = ddb_capture_slot_position();
	Oid			types[] = {NAMEOID, PG_LSNOID, INT4OID, TIMESTAMPTZOID};
	Datum		values[4];
	bool		isnull;
	int32		epoch;

	ddb_capture_begin();
	sql("SELECT pg_catalog.nextval('ddb.stream_epochs')::integer", InvalidXLogRecPtr, 0);
	epoch = free_epoch(DatumGetInt32(column(0, 1, &isnull)));
	create_partition(epoch);
	capture->captured = position - 1;
	capture->epoch = epoch;
	capture->epoch_since = GetCurrentTimestamp();
	capture->epoch_used = false;
	values[0] = DirectFunctionCall1(namein, CStringGetDatum(ddb_capture_slot_name()));
	values[1] = LSNGetDatum(capture->captured);
	values[2] = Int32GetDatum(epoch);
	values[3] = TimestampTzGetDatum(capture->epoch_since);
	ddb_sql_run_as_owner("INSERT INTO ddb.capture (slot_name, captured_lsn, epoch, epoch_since)"
						 " VALUES ($1, $2, $3, $4)", 4, types, values, NULL);
	ddb_capture_commit(true);
}

/*
 * check_epoch ends the process when the catalog does not have its epoch: the extension
 * has been dropped and created again.  The next process begins with what is there.
 */
static void
check_epoch(DdbCapture *capture)
{
	if (sql("SELECT FROM ddb.capture WHERE epoch = $2", InvalidXLogRecPtr, capture->epoch) == 0)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("extension \"ddb\" has been created anew: capture starts again"));
}

/*
 * ddb_capture_open_streams gives new streams their first shard.
 */
void
ddb_capture_open_streams(DdbCapture *capture)
{
	bool		new = false;

	ddb_capture_begin();
	load_streams(capture);
	for (int i = 0; i < capture->nstreams; i++)
		new = new || (!capture->streams[i].closed &&
					  (!capture->streams[i].taken || !capture->streams[i].has_shard));
	if (new)
	{
		check_epoch(capture);
		open_shards(capture->epoch, capture->captured + 1);
		sql("UPDATE ddb.streams SET captured_at = pg_catalog.clock_timestamp() WHERE stream_id IN"
			" (SELECT stream_id FROM ddb.streams WHERE captured_at IS NULL FOR UPDATE SKIP LOCKED)",
			InvalidXLogRecPtr, 0);
		load_streams(capture);
		capture->activate = true;
	}
	ddb_capture_commit(new);
}

/*
 * ddb_capture_follow_owners notes whose the tables are now: when they are gone, their
 * last owners may read their streams.
 */
void
ddb_capture_follow_owners(void)
{
	ddb_capture_begin();
	if (sql("SELECT FROM ddb.streams s JOIN pg_catalog.pg_class c ON c.oid = s.relid"
			" WHERE s.owner <> c.relowner LIMIT 1", InvalidXLogRecPtr, 0) > 0)
		sql("UPDATE ddb.streams s SET owner = c.relowner FROM pg_catalog.pg_class c"
			" WHERE c.oid = s.relid AND s.stream_id IN (SELECT o.stream_id FROM ddb.streams o"
			" JOIN pg_catalog.pg_class p ON p.oid = o.relid WHERE o.owner <> p.relowner"
			" FOR UPDATE OF o SKIP LOCKED)", InvalidXLogRecPtr, 0);
	ddb_capture_commit(false);
}

/*
 * ddb_capture_activate_tables lets tables be ACTIVE whose stream is being captured.
 */
void
ddb_capture_activate_tables(DdbCapture *capture)
{
	uint64		n;

	if (!capture->activate)
		return;
	ddb_capture_begin();
	n = sql("UPDATE ddb.tables SET status_until = NULL WHERE table_name IN"
			" (SELECT t.table_name FROM ddb.tables t WHERE t.status_until = 'infinity'"
			" AND NOT EXISTS (SELECT FROM ddb.streams s WHERE s.table_name = t.table_name"
			" AND s.disabled_at IS NULL AND s.captured_at IS NULL) FOR UPDATE SKIP LOCKED)"
			" RETURNING relid", InvalidXLogRecPtr, 0);
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(column(i, 1, &isnull));

		if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
			CacheInvalidateRelcacheByRelid(relid);
	}
	capture->activate = sql("SELECT FROM ddb.tables WHERE status_until = 'infinity' LIMIT 1",
							InvalidXLogRecPtr, 0) > 0;
	ddb_capture_commit(true);
}

/*
 * close_shards closes shards at the position that is recorded: of one stream, or
 * (0) of all.
 */
static void
close_shards(DdbCapture *capture, int32 stream_id)
{
	sql(psprintf("UPDATE ddb.stream_shards SET last_lsn = $1, last_ordinal = %d,"
				 " closed_at = pg_catalog.clock_timestamp() WHERE closed_at IS NULL AND %d IN (0, stream_id)",
				 PG_INT32_MAX, stream_id),
		capture->captured, 0);
}

/*
 * ddb_capture_close_streams closes disabled streams.
 */
void
ddb_capture_close_streams(DdbCapture *capture)
{
	bool		any = false;

	for (int i = 0; i < capture->nstreams; i++)
	{
		DdbCapturedStream *stream = &capture->streams[i];

		if (stream->enabled || stream->closed || XLogRecPtrIsInvalid(stream->end) ||
			capture->decoding->reader->EndRecPtr < stream->end)
			continue;
		if (!any)
			ddb_capture_begin();
		any = true;
		close_shards(capture, stream->id);
		sql("UPDATE ddb.streams SET closed_at = pg_catalog.clock_timestamp() WHERE stream_id = $2",
			InvalidXLogRecPtr, stream->id);
	}
	if (!any)
		return;
	load_streams(capture);
	ddb_capture_commit(true);
}

/*
 * ddb_capture_roll_over begins a new epoch once the present one has lasted
 * ddb.stream_shard_duration and has a record.  Not before what was in the log
 * when decoding started has been decoded: it may have been in the present
 * epoch already, in a commit that a crash took back.
 */
void
ddb_capture_roll_over(DdbCapture *capture)
{
	int32		epoch;

	if (!capture->epoch_used || capture->decoding->reader->EndRecPtr < capture->started ||
		!ddb_capture_elapsed(capture->epoch_since, (int64) ddb_stream_shard_duration * 1000))
		return;
	ddb_capture_begin();
	check_epoch(capture);
	epoch = free_epoch(capture->epoch + 1);
	create_partition(epoch);
	close_shards(capture, 0);
	open_shards(epoch, capture->captured + 1);
	sql("SELECT pg_catalog.setval('ddb.stream_epochs', $2)", InvalidXLogRecPtr, epoch);
	sql("UPDATE ddb.capture SET captured_lsn = $1, epoch = $2, epoch_since = pg_catalog.clock_timestamp()",
		capture->captured, epoch);
	capture->epoch = epoch;
	capture->epoch_since = GetCurrentTimestamp();
	capture->epoch_used = false;
	load_streams(capture);
	ddb_capture_commit(true);
}

/*
 * fail_streams disables the streams that relied on the slot: not those whose
 * tables wait for one.  Gives their number.
 */
static uint64
fail_streams(DdbCapture *capture, const char *failure)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(failure)};
	uint64		n;

	close_shards(capture, 0);
	n = ddb_sql_run_as_owner("UPDATE ddb.streams s SET disabled_at = pg_catalog.clock_timestamp(), failure = $1"
							 " WHERE disabled_at IS NULL AND NOT (captured_at IS NULL AND EXISTS"
							 " (SELECT FROM ddb.tables t WHERE t.table_name = s.table_name AND t.status_until = 'infinity'))"
							 " RETURNING relid", 1, types, values, NULL);
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(column(i, 1, &isnull));

		if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
			CacheInvalidateRelcacheByRelid(relid);
	}
	return n;
}

/*
 * ddb_capture_stop gives up the slot.  Whoever enables a stream meanwhile waits for
 * the lock, and finds no slot then.  The row of ddb.capture goes first: a slot
 * without it is one that nobody relied on, if the server crashes in between.
 */
bool
ddb_capture_stop(DdbCapture *capture, const char *failure)
{
	LockRelId	lock = {.dbId = MyDatabaseId};
	uint64		failed = 0;

	ddb_capture_begin();
	lock.relId = ddb_catalog_relation_oid("streams");
	if (!ConditionalLockRelationOid(lock.relId, ShareRowExclusiveLock))
	{
		ddb_capture_commit(false);
		return false;
	}
	if (failure != NULL)
		failed = fail_streams(capture, failure);
	else if (sql("SELECT FROM ddb.streams WHERE disabled_at IS NULL OR ($2 > 0 AND closed_at IS NULL)",
				 InvalidXLogRecPtr, capture->decoding != NULL) > 0)
	{
		ddb_capture_commit(false);
		return false;
	}
	sql("UPDATE ddb.streams SET closed_at = pg_catalog.clock_timestamp()"
		" WHERE disabled_at IS NOT NULL AND closed_at IS NULL", InvalidXLogRecPtr, 0);
	sql("DELETE FROM ddb.capture", InvalidXLogRecPtr, 0);
	load_streams(capture);
	if (failed > 0)
		ereport(LOG,
				errmsg("the streams of database \"%s\" are disabled: %s",
					   get_database_name(MyDatabaseId), failure),
				errdetail("Streams disabled: " UINT64_FORMAT ". What has been recorded stays readable for ddb.stream_retention.",
						  failed));
	LockRelationIdForSession(&lock, ShareRowExclusiveLock);
	ddb_capture_commit(true);
	ddb_capture_batch_clear(capture->batch);
	ddb_capture_slot_release(capture);
	ddb_capture_slot_drop();
	UnlockRelationIdForSession(&lock, ShareRowExclusiveLock);
	capture->activate = capture->reconcile = true;
	return true;
}

/*
 * reconcile_table has one table show that it has no stream now; false when there is
 * none left, or somebody uses it: then capture->reconcile stays.
 */
static bool
reconcile_table(DdbCapture *capture)
{
	bool		isnull;
	Oid			relid;

	capture->reconcile = sql("SELECT t.relid FROM ddb.tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
							 " WHERE t.settings ? 'stream_view' AND NOT EXISTS (SELECT FROM ddb.streams s"
							 " WHERE s.table_name = t.table_name AND s.disabled_at IS NULL)"
							 " ORDER BY pg_catalog.random() LIMIT 1", InvalidXLogRecPtr, 0) > 0;
	if (!capture->reconcile)
		return false;
	relid = DatumGetObjectId(column(0, 1, &isnull));
	if (!ConditionalLockRelationOid(relid, AccessExclusiveLock) ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		return false;
	if (sql("UPDATE ddb.tables t SET settings = settings - 'stream_view' WHERE relid = $2::oid"
			" AND NOT EXISTS (SELECT FROM ddb.streams s WHERE s.table_name = t.table_name AND s.disabled_at IS NULL)",
			InvalidXLogRecPtr, relid) > 0)
		ddb_sql_run(psprintf("ALTER TABLE %s REPLICA IDENTITY DEFAULT",
							 ddb_qualified_beside(relid, get_rel_name(relid))));
	CacheInvalidateRelcacheByRelid(relid);
	return true;
}

/*
 * ddb_capture_reconcile_tables has tables show no stream that have none, and log no
 * more than others.
 */
void
ddb_capture_reconcile_tables(DdbCapture *capture)
{
	bool		more = capture->reconcile;

	while (more)
	{
		ddb_capture_begin();
		more = reconcile_table(capture);
		ddb_capture_commit(true);
		CHECK_FOR_INTERRUPTS();
	}
}
