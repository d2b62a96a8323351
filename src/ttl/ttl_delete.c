/*
 * ttl_delete.c
 *	  Deleting items past their time to live.
 *
 * "Using time to live (TTL)" and "API reference: UpdateTimeToLive": an item has
 * expired when its attribute of the name that was enabled, at the top level, is a
 * number of seconds since 1970 that is less than the current time, and not more
 * than five years back.  Whatever else is there is ignored.
 *
 * The table is walked block by block.  Each row is judged as a snapshot sees it and
 * deleted if that version is still the latest one (ddb_store_delete_version): an
 * item that has just been extended, is being written or is locked stays, and
 * another walk looks at it again.
 *
 * Row locks are taken here, and nothing is waited for, so there is no deadlock.
 * ddb_ttl_lock() comes first, then the lock of the table; who changes the time
 * to live takes it too, so that after the answer nothing more is deleted.
 *
 * A transaction that deletes begins its deletions with a mark in the log, where a
 * stream may want to know who deleted (ddb_stream_mark_ttl); a second mark follows
 * them where the transaction is somebody else's, who may go on deleting.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/store.h"
#include "stream/stream.h"
#include "ttl/ttl_delete.h"

/* Bounds of a short transaction; it ends with the block in which one is met. */
#define BRIEF_DELETES 500
#define BRIEF_MS 20

#define MAX_AGE (INT64CONST(5) * 36525 * 864)	/* seconds: five years */

/* Times as canonical numbers. */
typedef struct Window
{
	char		now[DDB_NUMBER_BUFLEN];
	int			now_len;
	char		oldest[DDB_NUMBER_BUFLEN];
	int			oldest_len;
} Window;

/*
 * ddb_ttl_lock takes the lock of a table's expired items.
 */
bool
ddb_ttl_lock(Oid relid, bool wait)
{
	return ddb_lock_acquire(DDB_LOCK_TTL, relid, wait);
}

static int
write_time(int64 seconds, int microseconds, char *buf)
{
	char		s[64];

	snprintf(s, sizeof(s), INT64_FORMAT ".%06d", seconds, microseconds);
	return ddb_number_canonical(s, strlen(s), buf);
}

/*
 * set_window sets the bounds of what has expired now.
 */
static void
set_window(Window *window)
{
	int64		usecs = GetCurrentTimestamp() +
	(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	int64		seconds = usecs / USECS_PER_SEC;
	int			microseconds = usecs % USECS_PER_SEC;

	window->now_len = write_time(seconds, microseconds, window->now);
	window->oldest_len = write_time(seconds - MAX_AGE, microseconds, window->oldest);
}

static bool
has_expired(const Window *window, Jsonb *item, const char *attribute, int len)
{
	DdbValue	value;

	return ddb_item_lookup(&item->root, attribute, len, &value) &&
		value.type == DDB_N &&
		ddb_number_compare(value.data, value.len, window->now, window->now_len) < 0 &&
		ddb_number_compare(value.data, value.len, window->oldest, window->oldest_len) >= 0;
}

/*
 * begin_scan begins to scan blocks [from, to).  A large table goes through
 * a small ring of buffers, as in a sequential scan.
 */
static TableScanDesc
begin_scan(Relation heap, Snapshot snapshot, BlockNumber from, BlockNumber to)
{
	TableScanDesc scan = heap->rd_tableam->scan_begin(heap, snapshot, 0, NULL, NULL,
													  SO_TYPE_TIDRANGESCAN | SO_ALLOW_PAGEMODE |
													  SO_ALLOW_STRAT);
	ItemPointerData first;
	ItemPointerData last;

	ItemPointerSet(&first, from, FirstOffsetNumber);
	ItemPointerSet(&last, to - 1, MaxOffsetNumber);
	heap->rd_tableam->scan_set_tidrange(scan, &first, &last);
	return scan;
}

/*
 * is_streamed tells whether deletions of a table's rows can be seen in the log.
 */
static bool
is_streamed(Relation heap)
{
	return XLogLogicalInfoActive() && RelationNeedsWAL(heap) &&
		(heap->rd_rel->relreplident == REPLICA_IDENTITY_INDEX ||
		 heap->rd_rel->relreplident == REPLICA_IDENTITY_FULL);
}

/*
 * visit looks at the row in slot, and deletes it if it has expired.  *marked: the
 * transaction has its mark.
 */
static void
visit(DdbTtlWalk *deletion, const Window *window, TupleTableSlot *slot, Snapshot snapshot, bool *marked)
{
	const char *attribute = deletion->desc->ttl_attribute;
	bool		isnull;
	Datum		item = slot_getattr(slot, deletion->desc->item_attnum, &isnull);

	deletion->seen++;
	if (isnull || !has_expired(window, DatumGetJsonbP(item), attribute, strlen(attribute)))
		return;
	if (!*marked && is_streamed(deletion->heap))
		ddb_stream_mark_ttl(true);
	*marked = true;
	deletion->deleted += ddb_store_delete_version(deletion->heap, slot, snapshot);
}

/*
 * scan_blocks visits the rows of the deletion's blocks, up to the last or to where enough
 * has been done.
 */
static void
scan_blocks(DdbTtlWalk *deletion, Snapshot snapshot)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb ttl row",
													  ALLOCSET_DEFAULT_SIZES);
	TupleTableSlot *slot = table_slot_create(deletion->heap, NULL);
	TableScanDesc scan = begin_scan(deletion->heap, snapshot, deletion->block, deletion->end);
	TimestampTz started = GetCurrentTimestamp();
	int64		enough = deletion->deleted + BRIEF_DELETES;
	bool		marked = false;
	bool		stopped = false;
	Window		window;

	set_window(&window);
	while (!stopped && table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		BlockNumber block = ItemPointerGetBlockNumber(&slot->tts_tid);
		MemoryContext old;

		if (block != deletion->block)
		{
			CHECK_FOR_INTERRUPTS();
			deletion->block = block;
			stopped = deletion->brief &&
				(deletion->deleted >= enough ||
				 TimestampDifferenceExceeds(started, GetCurrentTimestamp(), BRIEF_MS));
			if (stopped)
				break;
		}
		old = MemoryContextSwitchTo(row_context);
		visit(deletion, &window, slot, snapshot, &marked);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	if (!stopped)
		deletion->block = deletion->end;
	if (marked && !deletion->brief && is_streamed(deletion->heap))
		ddb_stream_mark_ttl(false);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
}

/*
 * ddb_ttl_delete_blocks deletes expired items, as the table's owner.
 */
void
ddb_ttl_delete_blocks(DdbTtlWalk *deletion)
{
	Snapshot	snapshot;
	Oid			save_user;
	int			save_context;

	ddb_store_check_plain(deletion->heap);
	CheckCmdReplicaIdentity(deletion->heap, CMD_DELETE);
	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	GetUserIdAndSecContext(&save_user, &save_context);
	SetUserIdAndSecContext(deletion->heap->rd_rel->relowner,
						   save_context | SECURITY_RESTRICTED_OPERATION);
	if (deletion->block < deletion->end)
		scan_blocks(deletion, snapshot);
	SetUserIdAndSecContext(save_user, save_context);
	UnregisterSnapshot(snapshot);
	CommandCounterIncrement();
}
