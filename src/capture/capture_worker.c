/*
 * capture_worker.c
 *	  The capture worker: streams, from the log into ddb.stream_records.
 *
 * It decodes the log through a replication slot of its own and the output plugin,
 * in this process, and records what the plugin gives in batches.  A batch and the
 * position in the log that it reaches (ddb.capture) commit together.  The slot's
 * position, from where the log is decoded again after a restart, follows once that
 * commit is flushed; changes that are then decoded a second time are known by
 * their position.  So every change is recorded exactly once, in commit order.
 *
 * The process decodes with historic snapshots and reads and writes tables with
 * ordinary ones.  What the caches hold of one time is wrong for the other: they
 * are emptied on the way from decoding to looking after streams (maintain), and
 * back.  Writing a batch needs no such care, because
 * none of the relations it uses is ever decoded (settle).
 *
 * Streams, shards, epochs and their catalog: capture_catalog.c.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "replication/logical.h"
#include "replication/origin.h"
#include "replication/slot.h"
#include "storage/standby.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "capture/capture.h"
#include "capture/capture_private.h"
#include "settings.h"
#include "stream/plugin.h"
#include "stream/stream_catalog.h"
#include "table/tables_catalog.h"
#include "worker/worker.h"

#define BUSY_REST_MS 50
#define IDLE_REST_MS 200
#define MAINTAIN_MS 1000
#define MAX_FOLLOW_MS 1000
#define CLOCK_EVERY 256			/* log records, stream records */
#define SNAPSHOT_LAG (16 * 1024 * 1024)

/* A position in the log that is recorded once the log is flushed up to durable. */
typedef struct Progress
{
	XLogRecPtr	durable;
	XLogRecPtr	position;
} Progress;

static Progress confirming;		/* the one waited for */
static Progress written;		/* the latest */
static List *unknown;			/* ids of the batch's streams that have no shard yet */

/*
 * check_limit ends the process while it decodes a transaction whose log is beyond
 * the limit; the next one gives up the slot before it decodes.
 */
static void
check_limit(void)
{
	if (ddb_capture_lags_too_much(ddb_capture_lag()))
		ereport(ERROR,
				errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				errmsg("capture of streams holds back more WAL than ddb.stream_max_lag (%d MB)",
					   ddb_stream_max_lag));
}

/*
 * sink takes a record from the output plugin.
 */
static void
sink(const DdbStreamRecord *record, void *arg)
{
	DdbCapture *capture = arg;
	static uint32 count = 0;

	if (++count % CLOCK_EVERY == 0)
	{
		CHECK_FOR_INTERRUPTS();
		check_limit();
	}
	if (record->sequence.lsn <= capture->captured)
		return;
	if (!ddb_capture_has_shard(capture, record->stream_id))
	{
		MemoryContext old = MemoryContextSwitchTo(capture->context);

		unknown = list_append_unique_int(unknown, record->stream_id);
		MemoryContextSwitchTo(old);
	}
	ddb_capture_batch_add(capture->batch, record, capture->epoch);
}

/*
 * look_up_unknown removes the streams from unknown that are known by now.
 */
static void
look_up_unknown(DdbCapture *capture)
{
	ListCell   *lc;

	ddb_capture_set_historic(false);
	ddb_capture_open_streams(capture);
	foreach(lc, unknown)
	{
		if (ddb_capture_has_shard(capture, lfirst_int(lc)))
			unknown = foreach_delete_current(unknown, lc);
	}
}

/*
 * oldest_running gives the oldest transaction that is not over.
 */
static TransactionId
oldest_running(void)
{
	TransactionId xmin;

	StartTransactionCommand();
	xmin = GetTransactionSnapshot()->xmin;
	CommitTransactionCommand();
	return xmin;
}

/*
 * wait_for_unknown takes up the streams of which the batch has the first records.  A
 * transaction is in the log before others see what it did, so a stream's row may
 * take a moment to appear; when all transactions of that time are over, there
 * is none: somebody deleted it, and its records are left out.
 */
static void
wait_for_unknown(DdbCapture *capture)
{
	TransactionId next;

	if (unknown == NIL)
		return;
	next = ReadNextTransactionId();
	look_up_unknown(capture);
	while (unknown != NIL && TransactionIdPrecedes(oldest_running(), next))
	{
		ddb_worker_rest(10);
		look_up_unknown(capture);
	}
	if (unknown != NIL)
		look_up_unknown(capture);
	list_free(unknown);
	unknown = NIL;
}

/*
 * write_batch records the batch.
 */
static void
write_batch(DdbCapture *capture)
{
	XLogReaderState *reader = capture->decoding->reader;

	if (!ddb_capture_batch_is_empty(capture->batch))
	{
		wait_for_unknown(capture);
		ddb_capture_batch_write(capture, reader->ReadRecPtr);
		written.durable = XactLastCommitEnd;
	}
	else if (!XLogRecPtrIsInvalid(reader->ReadRecPtr))
		capture->captured = Max(capture->captured, reader->ReadRecPtr);
	written.position = reader->EndRecPtr;
	MemoryContextSwitchTo(capture->context);
}

/*
 * confirm moves the slot to what is recorded for good.
 */
static void
confirm(void)
{
	XLogRecPtr	flushed = GetFlushRecPtr(NULL);

	for (int i = 0; i < 2 && confirming.durable <= flushed; i++)
	{
		if (confirming.position > MyReplicationSlot->data.confirmed_flush)
			LogicalConfirmReceivedLocation(confirming.position);
		confirming = written;
	}
}

/*
 * follow decodes what there is of the log, for a second at most, and records it.
 * True when there is more, or there was much: it is worth looking again soon.
 */
static bool
follow(DdbCapture *capture)
{
	TimestampTz began = GetCurrentTimestamp();
	bool		recorded = false;
	bool		more = true;
	bool		late = false;

	for (int i = 1; more && !late; i++)
	{
		more = ddb_capture_read(capture);
		CHECK_FOR_INTERRUPTS();
		late = i % CLOCK_EVERY == 0 && ddb_capture_elapsed(began, MAX_FOLLOW_MS);
		if (!more || late || ddb_capture_batch_is_full(capture->batch))
		{
			recorded = recorded || !ddb_capture_batch_is_empty(capture->batch);
			write_batch(capture);
		}
	}
	ddb_worker_report(more ? capture->decoding->reader->EndRecPtr :
					  Max(capture->flushed, capture->decoding->reader->EndRecPtr));
	confirm();
	return more || recorded;
}

/*
 * give_up_on_lag disables all streams when they hold back too much of the log.  A
 * transaction that is enabling or disabling one is not waited for: then only the slot
 * goes, and the streams with it once that transaction is over.
 */
static bool
give_up_on_lag(DdbCapture *capture)
{
	uint64		lag = ddb_capture_lag();
	char	   *failure;

	if (!ddb_capture_lags_too_much(lag))
		return false;
	MemoryContextSwitchTo(capture->context);
	failure = psprintf("capture held back " UINT64_FORMAT " MB of WAL, more than ddb.stream_max_lag (%d MB)",
					   lag / (1024 * 1024), ddb_stream_max_lag);
	if (!ddb_capture_stop(capture, failure))
	{
		ereport(LOG,
				errmsg("replication slot \"%s\" is dropped: %s", ddb_stream_slot_name(), failure),
				errdetail("The streams of its database have lost changes and will be disabled."));
		capture->failure = failure;
		ddb_capture_batch_clear(capture->batch);
		ddb_capture_slot_release(capture);
		ddb_capture_slot_drop();
	}
	return true;
}

/*
 * log_running_transactions has the server log which transactions are running, as it does now and
 * then by itself: the slot can only let go of the log before such records.
 */
static void
log_running_transactions(DdbCapture *capture)
{
	if (ddb_capture_lag() > SNAPSHOT_LAG &&
		capture->decoding->reader->EndRecPtr + SNAPSHOT_LAG > GetFlushRecPtr(NULL))
		(void) LogStandbySnapshot();
}

/*
 * start takes the slot, or makes it when there are streams for it.  When the slot
 * is gone that streams relied on, they have lost changes, and are disabled.
 */
static void
start(DdbCapture *capture)
{
	bool		had_slot = ddb_capture_load(capture);
	DdbSlotState state = ddb_capture_slot_state();
	bool		needed = false;
	bool		unclosed = false;

	if ((had_slot && state == DDB_SLOT_NONE) || state == DDB_SLOT_LOST)
	{
		if (!ddb_capture_stop(capture, capture->failure ? capture->failure :
							  "the replication slot was lost"))
			return;
		capture->failure = NULL;
		had_slot = false;
		state = DDB_SLOT_NONE;
	}
	ddb_capture_load_streams(capture);
	for (int i = 0; i < capture->nstreams; i++)
	{
		needed = needed || capture->streams[i].enabled;
		unclosed = unclosed || !capture->streams[i].closed;
	}
	if (!needed && !(unclosed && state == DDB_SLOT_READY))
	{
		if (had_slot || unclosed || state != DDB_SLOT_NONE)
			(void) ddb_capture_stop(capture, NULL);
		return;
	}
	if (state == DDB_SLOT_NONE)
		ddb_capture_slot_create();
	if (!had_slot)
		ddb_capture_start(capture);
	ddb_capture_slot_take(capture);
	memset(&confirming, 0, sizeof(confirming));
	memset(&written, 0, sizeof(written));
}

/*
 * mark_end finds where the changes of streams end that have been disabled: before
 * a record that is logged now.
 */
static void
mark_end(DdbCapture *capture)
{
	XLogRecPtr	end = InvalidXLogRecPtr;

	for (int i = 0; i < capture->nstreams; i++)
	{
		DdbCapturedStream *stream = &capture->streams[i];

		if (stream->enabled || stream->closed || !XLogRecPtrIsInvalid(stream->end))
			continue;
		if (XLogRecPtrIsInvalid(end))
		{
			end = LogStandbySnapshot();
			XLogFlush(end);
		}
		stream->end = end;
	}
}

/*
 * maintain looks after streams, shards and the slot; false when there is nothing
 * left to do here.
 */
static bool
maintain(DdbCapture *capture)
{
	bool		unclosed = false;

	ddb_capture_set_historic(false);
	if (!ddb_worker_has_extension())
	{
		ddb_capture_slot_release(capture);
		ddb_capture_slot_drop();
		return false;
	}
	if (capture->decoding == NULL)
		start(capture);
	if (capture->decoding != NULL && !give_up_on_lag(capture))
	{
		ddb_capture_open_streams(capture);
		mark_end(capture);
		ddb_capture_close_streams(capture);
		ddb_capture_roll_over(capture);
		log_running_transactions(capture);
		for (int i = 0; i < capture->nstreams; i++)
			unclosed = unclosed || !capture->streams[i].closed;
		if (!unclosed)
			(void) ddb_capture_stop(capture, NULL);
	}
	ddb_capture_follow_owners();
	ddb_capture_activate_tables(capture);
	ddb_capture_reconcile_tables(capture);
	ddb_capture_expire(capture);
	pgstat_report_stat(false);
	MemoryContextSwitchTo(capture->context);
	return capture->nstreams > 0 || capture->decoding != NULL || capture->activate || capture->reconcile;
}

/*
 * settle makes the process's settings.  A limit on what a session's commands may take
 * must not stop it for good at a large transaction, nor an event trigger that
 * refuses CREATE TABLE at a new shard.  Newer servers have to be told which
 * libraries may be output plugins; this process uses one only, and nobody else
 * decides which.
 *
 * What it writes must stay out of decoding, before any plugin looks at relations: it
 * would decode its own records for ever, and fill the caches of ddb.stream_records and
 * ddb.capture with what they were in the past while it writes to them.  So it takes the
 * origin that PostgreSQL has for this.  It writes the extension's bookkeeping only, never
 * an item, so no change of an item has this origin, or lacks one that it should have.
 */
static void
settle(void)
{
	SetConfigOption("synchronous_commit", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("temp_tablespaces", "", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("temp_file_limit", "-1", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("session_replication_role", "replica", PGC_SUSET, PGC_S_OVERRIDE);
	if (GetConfigOption("transaction_timeout", true, false) != NULL)
		SetConfigOption("transaction_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	if (GetConfigOption("output_plugin_libraries", true, false) != NULL)
		SetConfigOption("output_plugin_libraries", "ddb", PGC_SUSET, PGC_S_OVERRIDE);
	replorigin_session_origin = DoNotReplicateId;
}

/*
 * run captures the streams of the current database, and keeps their records for their
 * time.
 */
static void
run(void)
{
	DdbCapture	capture = {0};
	TimestampTz maintained = 0;
	bool		woken = true;

	settle();
	capture.context = AllocSetContextCreate(TopMemoryContext, "ddb capture", ALLOCSET_DEFAULT_SIZES);
	capture.activate = capture.reconcile = true;
	StartTransactionCommand();
	capture.batch = ddb_capture_batch_create(capture.context);
	CommitTransactionCommand();
	MemoryContextSwitchTo(capture.context);
	ddb_plugin_set_sink(sink, &capture);
	for (;;)
	{
		bool		busy = false;

		if (woken || ddb_capture_elapsed(maintained, MAINTAIN_MS))
		{
			if (!maintain(&capture))
				break;
			maintained = GetCurrentTimestamp();
		}
		if (capture.decoding != NULL)
			busy = follow(&capture);
		else
			ddb_worker_report(InvalidXLogRecPtr);
		woken = ddb_worker_rest(busy ? BUSY_REST_MS : IDLE_REST_MS);
	}
	ddb_plugin_set_sink(NULL, NULL);
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(capture.context);
}

static DdbJob job = {
	.name = DDB_CAPTURE_JOB,
	.run = run,
	.abandon = ddb_capture_abandon,
	.supervise = ddb_capture_drop_excess
};

void
ddb_capture_register(void)
{
	job.work_query = MemoryContextStrdup(TopMemoryContext,
										 psprintf("(%s) UNION ALL (%s) LIMIT 1", ddb_stream_work_query,
												  ddb_tables_stream_work_query));
	ddb_worker_register(&job);
}
