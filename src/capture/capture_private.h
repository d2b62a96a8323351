/*
 * capture_private.h
 *	  The capture worker's parts.
 */
#ifndef DDB_CAPTURE_PRIVATE_H
#define DDB_CAPTURE_PRIVATE_H

#include "access/xlogdefs.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "stream/stream.h"

/* A row of ddb.streams. */
typedef struct DdbCapturedStream
{
	int32		id;
	bool		enabled;
	bool		taken;			/* captured_at is set */
	bool		closed;			/* all its changes have been recorded */
	bool		has_shard;		/* in the current epoch */
	XLogRecPtr	end;			/* its last change is before; 0: not known */
} DdbCapturedStream;

typedef struct DdbCaptureBatch DdbCaptureBatch;

typedef struct DdbCapture
{
	MemoryContext context;		/* lives as long as the worker */
	struct LogicalDecodingContext *decoding;	/* NULL: there is no slot */
	DdbCaptureBatch *batch;

	/* ddb.capture, while decoding */
	XLogRecPtr	captured;		/* commit records up to here are recorded, or nothing to record */
	int32		epoch;
	TimestampTz epoch_since;
	bool		epoch_used;		/* it has a record */

	/* ddb.streams, as last read */
	DdbCapturedStream *streams; /* by id */
	int			nstreams;
	DdbCapturedStream *latest;	/* the one last found by id, or NULL */

	XLogRecPtr	flushed;		/* the log is flushed at least so far */
	XLogRecPtr	started;		/* the end of the log when decoding started */
	bool		activate;		/* some table may wait for its stream to be captured */
	bool		reconcile;		/* some table may show a stream that it hasn't */
	char	   *failure;		/* why the slot was dropped, until streams are disabled for it */
	TimestampTz expired;		/* when expired shards were last looked for */
} DdbCapture;

/*
 * ddb_capture_elapsed tells whether so many milliseconds have passed since then; a clock
 * that has been set back makes nobody wait for it to come there again.
 */
static inline bool
ddb_capture_elapsed(TimestampTz since, int64 ms)
{
	TimestampTz now = GetCurrentTimestamp();

	return now < since || now - since >= ms * 1000;
}

/* capture_slot.c: the replication slot */

typedef enum DdbSlotState
{
	DDB_SLOT_NONE,
	DDB_SLOT_LOST,				/* there, but the log it needs may be gone */
	DDB_SLOT_READY
} DdbSlotState;

extern DdbSlotState ddb_capture_slot_state(void);

/* ddb_capture_slot_create makes the slot; it waits for the transactions that are running. */
extern void ddb_capture_slot_create(void);

/* ddb_capture_slot_position is where the slot's changes begin. */
extern XLogRecPtr ddb_capture_slot_position(void);

/* ddb_capture_slot_take begins to decode; ddb_capture_slot_release ends it. */
extern void ddb_capture_slot_take(DdbCapture *capture);
extern void ddb_capture_slot_release(DdbCapture *capture);

/* ddb_capture_slot_drop drops the slot, if there is one, which nobody uses. */
extern void ddb_capture_slot_drop(void);

/* ddb_capture_abandon drops the slot of a database that no longer has the extension. */
extern void ddb_capture_abandon(void);

/*
 * ddb_capture_drop_excess drops slots, of any database, that nobody uses and that keep more
 * of the log than they may.  The worker, when there is one again, disables the streams.
 */
extern void ddb_capture_drop_excess(void);

/* ddb_capture_read reads the next record; false when no more of the log is flushed. */
extern bool ddb_capture_read(DdbCapture *capture);

/* ddb_capture_set_historic prepares the caches for decoding (back), or for the present. */
extern void ddb_capture_set_historic(bool back);

/* ddb_capture_lag is the size of the log that the slot in use holds back. */
extern uint64 ddb_capture_lag(void);

/* ddb_capture_lags_too_much tells whether that is more than ddb.stream_max_lag. */
extern bool ddb_capture_lags_too_much(uint64 lag);

/* capture_batch.c: records on their way into ddb.stream_records */

extern DdbCaptureBatch *ddb_capture_batch_create(MemoryContext parent);
extern void ddb_capture_batch_add(DdbCaptureBatch *batch, const DdbStreamRecord *record, int32 epoch);
extern bool ddb_capture_batch_is_empty(const DdbCaptureBatch *batch);

/* ddb_capture_batch_is_full tells whether it should be written, large or old as it is. */
extern bool ddb_capture_batch_is_full(DdbCaptureBatch *batch);

/*
 * ddb_capture_batch_write records what is in the batch, except records of streams
 * that are not known, and that captured is reached; the batch is empty then.
 */
extern void ddb_capture_batch_write(DdbCapture *capture, XLogRecPtr captured);

/* ddb_capture_batch_clear empties the batch. */
extern void ddb_capture_batch_clear(DdbCaptureBatch *batch);

/* capture_catalog.c: streams, shards and epochs in the catalog */

/* A transaction of the worker's; a durable one is flushed when it ends. */
extern void ddb_capture_begin(void);
extern void ddb_capture_commit(bool durable);

/* ddb_capture_load reads ddb.capture; false when there is no row. */
extern bool ddb_capture_load(DdbCapture *capture);

/* ddb_capture_load_streams reads ddb.streams. */
extern void ddb_capture_load_streams(DdbCapture *capture);

/* ddb_capture_has_shard tells whether a stream has a shard in the current epoch. */
extern bool ddb_capture_has_shard(DdbCapture *capture, int32 stream_id);

/* ddb_capture_start makes the first epoch of a new slot, and the row. */
extern void ddb_capture_start(DdbCapture *capture);

/* ddb_capture_open_streams gives new streams their first shard. */
extern void ddb_capture_open_streams(DdbCapture *capture);

/* ddb_capture_follow_owners notes whose the tables are now. */
extern void ddb_capture_follow_owners(void);

/* ddb_capture_activate_tables lets tables be ACTIVE whose stream is being captured. */
extern void ddb_capture_activate_tables(DdbCapture *capture);

/* ddb_capture_reconcile_tables has tables show no stream that have none: it failed, or was not restored. */
extern void ddb_capture_reconcile_tables(DdbCapture *capture);

/* ddb_capture_close_streams closes disabled streams whose last change has been recorded. */
extern void ddb_capture_close_streams(DdbCapture *capture);

/* ddb_capture_roll_over begins a new epoch if it is time. */
extern void ddb_capture_roll_over(DdbCapture *capture);

/*
 * ddb_capture_stop gives up the slot when no stream needs it, or, for a reason,
 * with the streams that do: they have failed then.  False when somebody is in the way: later.
 */
extern bool ddb_capture_stop(DdbCapture *capture, const char *failure);

/* capture_expiry.c: records and streams go */

/* ddb_capture_expire drops an epoch whose time is over, and the streams that had their last there. */
extern void ddb_capture_expire(DdbCapture *capture);

#endif							/* DDB_CAPTURE_PRIVATE_H */
