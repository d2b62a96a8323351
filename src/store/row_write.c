/*
 * row_write.c
 *	  Writing one item: find, decide, put or delete as one atomic step.
 *
 * How lost updates and stale conditions are kept out:
 *
 * - Each attempt takes a fresh snapshot (in READ COMMITTED) and finds the
 *   version it sees.  decide() judges that version.  table_tuple_update() and
 *   table_tuple_delete() then succeed only if it is still the latest one; when
 *   another transaction replaced it meanwhile they wait for that transaction
 *   and report TM_Updated or TM_Deleted, and we start over with a new snapshot.
 *   So a write always replaces the very version its condition was judged on.
 * - An MVCC snapshot is used rather than a dirty one: while an update moves a
 *   row to a new index entry, a dirty scan can miss both versions.
 * - An item that does not exist is inserted speculatively.  When the primary
 *   index reports a conflict the tuple is killed, we wait for the other
 *   transaction and start over: no unique violation reaches a client, and two
 *   inserters never deadlock on each other.
 * - A new item whose key a transaction has locked is taken back before anyone
 *   can see it (lock.c), so that it can't appear under a transaction that found
 *   it absent.
 * - A write that must not wait (nowait) locks the version it found before it
 *   replaces it; whatever it would have to wait for is a
 *   TransactionConflictException.  In an impatient process (one that serves many
 *   clients) any write looks before it leaps, without a lock.
 * - A put of the item that is there already, into a table with a stream, only locks
 *   the version, for there must be no stream record.  A later reader can't tell the
 *   difference, a concurrent writer waits for the lock as it would for the
 *   update, and in SERIALIZABLE the version counts as read.
 * - Expiry deletes one version that it has judged, or nothing: whatever became of
 *   the item meanwhile is none of its business (ddb_store_delete_version).
 * - In REPEATABLE READ and SERIALIZABLE the snapshot is the transaction's, and
 *   any such conflict is a serialization failure, as for UPDATE.
 *
 * Each write ends with CommandCounterIncrement(), so the next one in the same
 * statement sees it; and begins with it, so that it sees what the statement
 * around it has written (INSERT ... RETURNING ddb_put(...)).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_collation.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "nodes/bitmapset.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "error.h"
#include "shard/shard.h"
#include "store/store.h"
#include "stream/stream.h"

bool		ddb_store_refuse_waits;

/* What one attempt came to. */
typedef enum Outcome
{
	DONE,
	RETRY
} Outcome;

Jsonb *
ddb_store_write_old(DdbWrite *write)
{
	bool		isnull;
	Datum		datum;

	Assert(write->exists);
	datum = slot_getattr(write->slot, write->desc->item_attnum, &isnull);
	return DatumGetJsonbP(datum);
}

/*
 * form_row makes the new row in a virtual slot.  Columns that are not ours keep
 * the values of the version replaced (*unchanged gets the attribute numbers
 * whose values stay the same), or NULL.
 */
static TupleTableSlot *
form_row(Relation heap, DdbWrite *write, Bitmapset **unchanged)
{
	DdbTableDesc *desc = write->desc;
	TupleTableSlot *row = MakeSingleTupleTableSlot(RelationGetDescr(heap), &TTSOpsVirtual);
	int			natts = RelationGetDescr(heap)->natts;

	memset(row->tts_isnull, true, natts * sizeof(bool));
	if (write->exists)
	{
		slot_getallattrs(write->slot);
		memcpy(row->tts_values, write->slot->tts_values, natts * sizeof(Datum));
		memcpy(row->tts_isnull, write->slot->tts_isnull, natts * sizeof(bool));
	}
	for (int i = 0; i < desc->nattributes; i++)
	{
		DdbKeyAttribute *att = &desc->attributes[i];
		int			a = att->attnum - 1;

		if (write->exists && unchanged != NULL &&
			row->tts_isnull[a] == write->columns.nulls[i] &&
			(row->tts_isnull[a] ||
			 datum_image_eq(row->tts_values[a], write->columns.values[i], false, -1)))
			*unchanged = bms_add_member(*unchanged, att->attnum);
		row->tts_values[a] = write->columns.values[i];
		row->tts_isnull[a] = write->columns.nulls[i];
	}
	if (write->item != NULL)
	{
		row->tts_values[desc->item_attnum - 1] = JsonbPGetDatum(write->item);
		row->tts_isnull[desc->item_attnum - 1] = false;
	}
	ddb_store_check_not_null(heap, row);
	ExecStoreVirtualTuple(row);
	row->tts_tableOid = RelationGetRelid(heap);
	return row;
}

/*
 * judge turns the table access method's verdict into an outcome.
 */
static Outcome
judge(TM_Result result)
{
	switch (result)
	{
		case TM_Ok:
			return DONE;
		case TM_WouldBlock:
			ddb_store_conflict();
			return RETRY;
		case TM_Updated:
		case TM_Deleted:
			if (IsolationUsesXactSnapshot())
				ddb_store_serialization_failure();
			return RETRY;
		default:
			elog(ERROR, "unexpected result %d of writing an item", result);
			return RETRY;
	}
}

/*
 * being_written tells whether another transaction is about to replace or delete the
 * version in slot, as far as a look without a lock can tell.
 */
static bool
being_written(TupleTableSlot *slot)
{
	HeapTuple	tuple;
	bool		copied;
	TransactionId xmax;

	if (!TTS_IS_BUFFERTUPLE(slot))
		return false;
	tuple = ExecFetchSlotHeapTuple(slot, false, &copied);
	if ((tuple->t_data->t_infomask & (HEAP_XMAX_INVALID | HEAP_XMAX_IS_MULTI)) != 0 ||
		HEAP_XMAX_IS_KEYSHR_LOCKED(tuple->t_data->t_infomask))
		return false;
	xmax = HeapTupleHeaderGetRawXmax(tuple->t_data);
	return TransactionIdIsValid(xmax) && !TransactionIdIsCurrentTransactionId(xmax) &&
		TransactionIdIsInProgress(xmax);
}

/*
 * lock_found makes sure that a write which must not wait won't: it locks the
 * version in write->slot.
 */
static Outcome
lock_found(Relation heap, DdbWrite *write, Snapshot snapshot, bool for_delete)
{
	if (!write->nowait)
	{
		if (ddb_store_refuse_waits && being_written(write->slot))
			ddb_store_conflict();
		return DONE;
	}
	return judge(ddb_store_lock_version(heap, write->slot, snapshot, for_delete, false));
}

/*
 * keeps_item tells whether a write leaves the item as it is.  Only a stream wants to
 * know: it holds no record when nothing changed.
 */
static bool
keeps_item(Relation heap, DdbWrite *write)
{
	return write->item == NULL ||
		(heap->rd_rel->relreplident != REPLICA_IDENTITY_DEFAULT &&
		 ddb_item_equal(ddb_store_write_old(write), write->item));
}

/*
 * keeps_columns tells whether the key columns are right already.
 */
static bool
keeps_columns(DdbWrite *write)
{
	for (int i = 0; i < write->desc->nattributes; i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(write->slot, write->desc->attributes[i].attnum, &isnull);

		if (isnull != write->columns.nulls[i] ||
			(!isnull && !datum_image_eq(value, write->columns.values[i], false, -1)))
			return false;
	}
	return true;
}

/*
 * write_version replaces the version in write->slot by row.  unchanged: the item stays, and
 * the log would not show that, so it gets a mark.
 */
static TM_Result
write_version(Relation heap, DdbWrite *write, TupleTableSlot *row, Snapshot snapshot,
			  bool unchanged, ddb_update_indexes *update_indexes)
{
	LockTupleMode lockmode;
	TM_FailureData tmfd;
	TM_Result	result;

	if (unchanged)
		ddb_stream_mark_unchanged(RelationGetRelid(heap));
	result = table_tuple_update(heap, &write->slot->tts_tid, row, GetCurrentCommandId(true),
								snapshot, InvalidSnapshot, true, &tmfd, &lockmode, update_indexes);
	if (unchanged && result != TM_Ok)
		ddb_stream_mark_unchanged(InvalidOid);
	return result;
}

/*
 * update_row replaces the version in write->slot.  A put that would change nothing in
 * a table with a stream locks the version instead, so that other transactions meet
 * what they would have met.
 */
static Outcome
update_row(Relation heap, Relation primary, DdbWrite *write, Snapshot snapshot)
{
	Bitmapset  *unchanged = NULL;
	TupleTableSlot *row;
	ddb_update_indexes update_indexes;
	bool		same;
	Outcome		outcome;

	CheckCmdReplicaIdentity(heap, CMD_UPDATE);
	if (lock_found(heap, write, snapshot, false) == RETRY)
		return RETRY;
	same = keeps_item(heap, write);
	if (same && write->item != NULL && keeps_columns(write))
		return write->nowait ? DONE :
			judge(ddb_store_lock_version(heap, write->slot, snapshot, false, true));
	row = form_row(heap, write, &unchanged);
	outcome = judge(write_version(heap, write, row, snapshot,
								  same && XLogLogicalInfoActive() && RelationNeedsWAL(heap) &&
								  heap->rd_rel->relreplident == REPLICA_IDENTITY_INDEX,
								  &update_indexes));
	if (outcome == DONE && ddb_updates_indexes(update_indexes))
		ddb_store_insert_index_entries(heap, RelationGetRelid(primary), row, false,
									   ddb_updates_only_summarizing(update_indexes),
									   unchanged);
	ExecDropSingleTupleTableSlot(row);
	bms_free(unchanged);
	return outcome;
}

/*
 * delete_row deletes the version in write->slot.
 */
static Outcome
delete_row(Relation heap, DdbWrite *write, Snapshot snapshot)
{
	TM_FailureData tmfd;

	CheckCmdReplicaIdentity(heap, CMD_DELETE);
	if (lock_found(heap, write, snapshot, true) == RETRY)
		return RETRY;
	return judge(table_tuple_delete(heap, &write->slot->tts_tid,
									GetCurrentCommandId(true), snapshot,
									InvalidSnapshot, true, &tmfd, false));
}

/*
 * wait_for_conflict looks at the item that kept us from inserting.  If its
 * transaction is still in progress it waits for that; gives true when the item
 * is there to stay, which a transaction with a fixed snapshot can't get past.
 */
static bool
wait_for_conflict(Relation heap, Relation primary, DdbWrite *write)
{
	SnapshotData dirty;
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	ItemPointerData tid;
	TransactionId xid = InvalidTransactionId;
	bool		found;

	InitDirtySnapshot(dirty);
	found = ddb_store_find(heap, primary, write->desc, write->key, &dirty, slot);
	if (found)
	{
		xid = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
		tid = slot->tts_tid;
	}
	ExecDropSingleTupleTableSlot(slot);
	if (!TransactionIdIsValid(xid))
		return found;
	if (write->nowait || ddb_store_refuse_waits)
		ddb_store_conflict();
	if (TransactionIdIsValid(dirty.xmin) && dirty.speculativeToken != 0)
		SpeculativeInsertionWait(dirty.xmin, dirty.speculativeToken);
	else
		XactLockTableWait(xid, heap, &tid, XLTW_InsertIndex);
	return false;
}

/*
 * insert_row inserts an item that was not found, unless another one or a
 * transaction with its key is in the way.
 */
static Outcome
insert_row(Relation heap, Relation primary, DdbWrite *write)
{
	TupleTableSlot *row = form_row(heap, write, NULL);
	uint32		token = SpeculativeInsertionLockAcquire(GetCurrentTransactionId());
	bool		satisfied;
	bool		locked;

	table_tuple_insert_speculative(heap, row, GetCurrentCommandId(true), 0, NULL, token);
	satisfied = ddb_store_insert_index_entries(heap, RelationGetRelid(primary), row,
											   true, false, NULL);
	locked = satisfied && ddb_store_key_locked(write->desc, write->key);
	table_tuple_complete_speculative(heap, row, token, satisfied && !locked);
	SpeculativeInsertionLockRelease(GetCurrentTransactionId());
	ExecDropSingleTupleTableSlot(row);
	if (satisfied && !locked)
		return DONE;
	if (!locked)
	{
		if (wait_for_conflict(heap, primary, write) && IsolationUsesXactSnapshot())
			ddb_store_serialization_failure();
		return RETRY;
	}
	if (write->nowait || ddb_store_refuse_waits)
		ddb_store_conflict();
	ddb_store_wait_key(write->desc, write->key);
	return RETRY;
}

/*
 * attempt finds the item, lets decide() judge it and carries out the decision.
 */
static Outcome
attempt(Relation heap, Relation primary, DdbWrite *write)
{
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	Outcome		outcome = DONE;

	write->exists = ddb_store_find(heap, primary, write->desc, write->key,
								   snapshot, write->slot);
	switch (write->decide(write))
	{
		case DDB_WRITE_NOTHING:
			break;
		case DDB_WRITE_PUT:
			outcome = write->exists ? update_row(heap, primary, write, snapshot) :
				insert_row(heap, primary, write);
			break;
		case DDB_WRITE_DELETE:
			if (write->exists)
				outcome = delete_row(heap, write, snapshot);
			break;
	}
	UnregisterSnapshot(snapshot);
	ExecClearTuple(write->slot);
	return outcome;
}

void
ddb_store_write(DdbWrite *write)
{
	Relation	heap = ddb_shard_open(write->desc->relid, write->key[0]);
	Relation	primary = ddb_store_open_index(heap, &write->desc->primary, RowExclusiveLock);

	ddb_store_note_partition(write->desc, &write->desc->primary, write->key, true);
	if (!write->maintenance)
		ddb_store_check_plain(heap);
	CommandCounterIncrement();
	write->slot = table_slot_create(heap, NULL);
	while (attempt(heap, primary, write) == RETRY)
		CHECK_FOR_INTERRUPTS();
	ExecDropSingleTupleTableSlot(write->slot);
	write->slot = NULL;
	index_close(primary, NoLock);
	table_close(heap, NoLock);
	CommandCounterIncrement();
}

/*
 * ddb_store_delete_version deletes one version of an item.
 *
 * Without waiting, the table access method deletes it only if it is the latest and
 * nobody holds it: an item that was just replaced, is about to be, or is locked
 * (a transaction locks the row of every item it has, besides the key) gives
 * another result and is left as it is.  An item whose row is seen is not absent, so
 * the lock on its key need not be looked at.
 */
bool
ddb_store_delete_version(Relation heap, TupleTableSlot *slot, Snapshot snapshot)
{
	TM_FailureData tmfd;

	return table_tuple_delete(heap, &slot->tts_tid, GetCurrentCommandId(true), snapshot,
							  InvalidSnapshot, false, &tmfd, false) == TM_Ok;
}
