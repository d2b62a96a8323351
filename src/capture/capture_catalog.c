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
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "capture/capture_private.h"
#include "settings.h"
#include "stream/capture_state.h"
#include "stream/records.h"
#include "stream/stream_catalog.h"
#include "stream/stream_shard.h"
#include "table/desc.h"
#include "table/physical.h"
#include "table/spi_run.h"
#include "table/tables_catalog.h"
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

/*
 * ddb_capture_load reads ddb.capture.
 */
bool
ddb_capture_load(DdbCapture *capture)
{
	DdbCaptureState state;
	bool		found;

	ddb_capture_begin();
	found = ddb_capture_state_read(&state);
	if (found)
	{
		capture->captured = state.captured;
		capture->epoch = state.epoch;
		capture->epoch_since = state.epoch_since;
		capture->epoch_used = ddb_records_any(state.epoch);
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
	List	   *rows = ddb_stream_list_by_id();
	List	   *with_shard = ddb_stream_shard_open_streams(capture->epoch);
	ListCell   *shard = list_head(with_shard);
	DdbCapturedStream *streams;
	int			n = 0;
	ListCell   *lc;

	streams = MemoryContextAllocZero(capture->context, sizeof(DdbCapturedStream) * Max(list_length(rows), 1));
	foreach(lc, rows)
	{
		const DdbStream *row = lfirst(lc);
		DdbCapturedStream *stream = &streams[n++];
		DdbCapturedStream *before = find_stream(capture, row->id);

		stream->id = row->id;
		stream->enabled = !row->disabled;
		stream->taken = row->captured;
		stream->closed = row->closed;
		while (shard != NULL && lfirst_int(shard) < row->id)
			shard = lnext(with_shard, shard);
		stream->has_shard = shard != NULL && lfirst_int(shard) == row->id;
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
 * open_shards gives every stream that is not closed, as last read, a shard in the
 * epoch, from a position on.
 */
static void
open_shards(const DdbCapture *capture, int32 epoch, XLogRecPtr first)
{
	for (int i = 0; i < capture->nstreams; i++)
	{
		if (!capture->streams[i].closed)
			ddb_stream_shard_open(capture->streams[i].id, epoch, first);
	}
}

/*
 * set_epoch notes that the worker is in a new epoch, whose row of ddb.capture is state.
 */
static void
set_epoch(DdbCapture *capture, const DdbCaptureState *state)
{
	capture->captured = state->captured;
	capture->epoch = state->epoch;
	capture->epoch_since = state->epoch_since;
	capture->epoch_used = false;
}

/*
 * ddb_capture_start makes the first epoch of a new slot, and the row of ddb.capture.
 */
void
ddb_capture_start(DdbCapture *capture)
{
	DdbCaptureState state = {.captured = ddb_capture_slot_position() - 1,.epoch_since = GetCurrentTimestamp()};

	ddb_capture_begin();
	state.epoch = ddb_records_free_epoch(ddb_capture_state_next_epoch());
	ddb_records_create_partition(state.epoch);
	set_epoch(capture, &state);
	ddb_capture_state_insert(ddb_stream_slot_name(), &state);
	ddb_capture_commit(true);
}

/*
 * check_epoch ends the process when the catalog does not have its epoch: the extension
 * has been dropped and created again.  The next process begins with what is there.
 */
static void
check_epoch(DdbCapture *capture)
{
	DdbCaptureState state;

	if (!ddb_capture_state_read(&state) || state.epoch != capture->epoch)
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
		open_shards(capture, capture->epoch, capture->captured + 1);
		for (int i = 0; i < capture->nstreams; i++)
		{
			if (!capture->streams[i].taken)
				ddb_stream_set_captured(capture->streams[i].id);
		}
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
	ddb_stream_follow_owners();
	ddb_capture_commit(false);
}

/*
 * waits_for_capture tells whether a table has a stream that is still to be taken up.
 */
static bool
waits_for_capture(const char *table_name)
{
	ListCell   *lc;

	foreach(lc, ddb_stream_list(table_name, NULL, NULL))
	{
		const DdbStream *stream = lfirst(lc);

		if (!stream->disabled && !stream->captured)
			return true;
	}
	return false;
}

/*
 * ddb_capture_activate_tables lets tables be ACTIVE whose stream has been taken up.  Their
 * rows are locked before streams are looked at: a stream that is enabled meanwhile
 * has its table wait after this.
 */
void
ddb_capture_activate_tables(DdbCapture *capture)
{
	ListCell   *lc;

	if (!capture->activate)
		return;
	ddb_capture_begin();
	foreach(lc, ddb_tables_list_waiting(true))
	{
		const DdbTableName *table = lfirst(lc);

		if (waits_for_capture(table->name))
			continue;
		ddb_tables_end_waiting(table->name);
		if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
			CacheInvalidateRelcacheByRelid(table->relid);
	}
	capture->activate = ddb_tables_any_waiting();
	ddb_capture_commit(true);
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
		ddb_stream_shard_close(stream->id, capture->captured);
		ddb_stream_set_closed(stream->id);
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
	DdbCaptureState state;

	if (!capture->epoch_used || capture->decoding->reader->EndRecPtr < capture->started ||
		!ddb_capture_elapsed(capture->epoch_since, (int64) ddb_stream_shard_duration * 1000))
		return;
	ddb_capture_begin();
	check_epoch(capture);
	load_streams(capture);
	state.captured = capture->captured;
	state.epoch = ddb_records_free_epoch(capture->epoch + 1);
	state.epoch_since = GetCurrentTimestamp();
	ddb_records_create_partition(state.epoch);
	ddb_stream_shard_close(0, capture->captured);
	open_shards(capture, state.epoch, capture->captured + 1);
	ddb_capture_state_use_epoch(state.epoch);
	ddb_capture_state_update(&state);
	set_epoch(capture, &state);
	load_streams(capture);
	ddb_capture_commit(true);
}

/*
 * is_waiting tells whether a table is one of those that wait for their stream.
 */
static bool
is_waiting(List *waiting, const char *table_name)
{
	ListCell   *lc;

	foreach(lc, waiting)
	{
		if (strcmp(((DdbTableName *) lfirst(lc))->name, table_name) == 0)
			return true;
	}
	return false;
}

/*
 * fail_streams disables the streams that relied on the slot: not those whose
 * tables wait for one.  Gives their number.
 */
static int
fail_streams(DdbCapture *capture, const char *failure)
{
	List	   *waiting = ddb_tables_list_waiting(false);
	int			n = 0;
	ListCell   *lc;

	ddb_stream_shard_close(0, capture->captured);
	foreach(lc, ddb_stream_list_by_id())
	{
		const DdbStream *stream = lfirst(lc);

		if (stream->disabled || (!stream->captured && is_waiting(waiting, stream->table_name)))
			continue;
		ddb_stream_set_failed(stream->id, failure);
		if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(stream->relid)))
			CacheInvalidateRelcacheByRelid(stream->relid);
		n++;
	}
	return n;
}

/*
 * needs_slot tells whether some stream still needs the slot: while changes are decoded
 * a disabled one does too, until it is closed.
 */
static bool
needs_slot(const DdbCapture *capture)
{
	ListCell   *lc;

	foreach(lc, ddb_stream_list_by_id())
	{
		const DdbStream *stream = lfirst(lc);

		if (!stream->disabled || (capture->decoding != NULL && !stream->closed))
			return true;
	}
	return false;
}

/*
 * close_disabled closes the streams that are disabled: nothing will be recorded for them.
 */
static void
close_disabled(void)
{
	ListCell   *lc;

	foreach(lc, ddb_stream_list_by_id())
	{
		const DdbStream *stream = lfirst(lc);

		if (stream->disabled && !stream->closed)
			ddb_stream_set_closed(stream->id);
	}
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
	int			failed = 0;

	ddb_capture_begin();
	lock.relId = ddb_stream_catalog_oid();
	if (!ConditionalLockRelationOid(lock.relId, ShareRowExclusiveLock))
	{
		ddb_capture_commit(false);
		return false;
	}
	if (failure != NULL)
		failed = fail_streams(capture, failure);
	else if (needs_slot(capture))
	{
		ddb_capture_commit(false);
		return false;
	}
	close_disabled();
	ddb_capture_state_delete();
	load_streams(capture);
	if (failed > 0)
		ereport(LOG,
				errmsg("the streams of database \"%s\" are disabled: %s",
					   get_database_name(MyDatabaseId), failure),
				errdetail("Streams disabled: %d. What has been recorded stays readable for ddb.stream_retention.",
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
	const DdbTableName *table = NULL;
	ListCell   *lc;

	foreach(lc, ddb_tables_list_streamed())
	{
		table = lfirst(lc);
		if (ddb_stream_of_relation(table->relid) == NULL)
			break;
		table = NULL;
	}
	capture->reconcile = table != NULL;
	if (table == NULL)
		return false;
	if (!ConditionalLockRelationOid(table->relid, AccessExclusiveLock) ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
		return false;
	/* who enables a stream has that lock */
	if (ddb_stream_of_relation(table->relid) == NULL)
	{
		ddb_tables_remove_stream(table->name);
		ddb_spi_run(psprintf("ALTER TABLE %s REPLICA IDENTITY DEFAULT",
							 ddb_physical_qualified_beside(table->relid, get_rel_name(table->relid))));
	}
	CacheInvalidateRelcacheByRelid(table->relid);
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
