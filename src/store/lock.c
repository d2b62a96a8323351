/*
 * lock.c
 *	  Locks on keys and on items, for transactions.
 *
 * A transaction (TransactWriteItems) locks each of its keys, whether or not
 * there is an item, until the PostgreSQL transaction ends: a heavyweight lock
 * of the advisory class, told apart from users' advisory locks by its fourth
 * field (PostgreSQL uses 1 and 2).  Then it locks the rows that are there.  The
 * row lock keeps every other writer out, plain SQL too.  Where there is no row,
 * ddb_store_write() looks for the lock after it entered a new one speculatively,
 * and takes it back if the key is locked:
 *
 * - A writer whose entry comes after the key was locked sees the lock.
 * - One whose entry came before is seen by the transaction, which looks with a
 *   dirty snapshot once it has the lock.
 *
 * So an absent item stays absent while its key is locked, and a condition that
 * was judged on its absence holds until the transaction ends.  (A writer could
 * take the lock while it inserts, but to look for it is cheaper.)
 *
 * Nothing here waits for a transaction unless the caller says so: a conflict
 * raises TransactionConflictException.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "error.h"
#include "footprint.h"
#include "key/key.h"
#include "shard/shard.h"
#include "store/store.h"

void
ddb_store_serialization_failure(void)
{
	ereport(ERROR,
			errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			errmsg("could not serialize access due to concurrent update"));
}

void
ddb_store_conflict(void)
{
	ereport(ERROR, ddb_errcode(DDB_TRANSACTION_CONFLICT),
			errmsg("Transaction is ongoing for the item"));
}

static void
set_tag(LOCKTAG *tag, DdbLockClass class, uint64 hash)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 (uint16) class);
}

bool
ddb_lock_acquire(DdbLockClass class, uint64 hash, bool wait)
{
	LOCKTAG		tag;

	set_tag(&tag, class, hash);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

void
ddb_lock_release(DdbLockClass class, uint64 hash)
{
	LOCKTAG		tag;

	set_tag(&tag, class, hash);
	LockRelease(&tag, ExclusiveLock, false);
}

uint64
ddb_store_key_hash(const DdbTableDesc *desc, const Datum key[2])
{
	int64		parts[2] = {0, 0};

	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);

		parts[i] = att->typid == TEXTOID ? ddb_hash_text(key[i]) :
			att->typid == NUMERICOID ? ddb_hash_numeric(key[i]) : ddb_hash_bytea(key[i]);
	}
	return (uint64) ddb_hash_bytes((const char *) parts, sizeof(parts));
}

void
ddb_store_note_partition(const DdbTableDesc *desc, const DdbIndexDesc *index,
						 const Datum *partition, bool written)
{
	int64		hash = 0;

	if (!ddb_footprint_wanted)
		return;
	for (int i = 0; i < index->npartition; i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);

		hash = hash * 31 + (att->typid == TEXTOID ? ddb_hash_text(partition[i]) :
							att->typid == NUMERICOID ? ddb_hash_numeric(partition[i]) :
							ddb_hash_bytea(partition[i]));
	}
	ddb_footprint_partition(desc->name, hash, written);
}

/*
 * key_lock_hash is what the lock of a table's key is on.
 */
static uint64
key_lock_hash(const DdbTableDesc *desc, const Datum key[2])
{
	uint64		parts[2] = {desc->relid, ddb_store_key_hash(desc, key)};

	return (uint64) ddb_hash_bytes((const char *) parts, sizeof(parts));
}

bool
ddb_store_key_locked(const DdbTableDesc *desc, const Datum key[2])
{
	LOCKTAG		tag;
	VirtualTransactionId *holders;
	bool		locked;

	set_tag(&tag, DDB_LOCK_KEY, key_lock_hash(desc, key));
	holders = GetLockConflicts(&tag, ExclusiveLock, NULL);
	locked = VirtualTransactionIdIsValid(holders[0]);
	pfree(holders);
	return locked;
}

void
ddb_store_wait_key(const DdbTableDesc *desc, const Datum key[2])
{
	uint64		hash = key_lock_hash(desc, key);

	(void) ddb_lock_acquire(DDB_LOCK_KEY, hash, true);
	ddb_lock_release(DDB_LOCK_KEY, hash);
}

bool
ddb_store_same_key(const DdbTableDesc *desc, const Datum a[2], const Datum b[2])
{
	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		if (!datum_image_eq(a[i], b[i], false, -1))
			return false;
	}
	return true;
}

TM_Result
ddb_store_lock_version(Relation heap, TupleTableSlot *slot, Snapshot snapshot, bool for_delete,
					   bool wait)
{
	TupleTableSlot *locked = table_slot_create(heap, NULL);
	TM_FailureData tmfd;
	TM_Result	result;

	result = table_tuple_lock(heap, &slot->tts_tid, snapshot, locked,
							  GetCurrentCommandId(true),
							  for_delete ? LockTupleExclusive : LockTupleNoKeyExclusive,
							  wait ? LockWaitBlock : LockWaitSkip, 0, &tmfd);
	ExecDropSingleTupleTableSlot(locked);
	return result;
}

/*
 * check_absent is called when no version of an item was seen and its key is
 * locked.  False when there is one by now: look again.
 */
static bool
check_absent(Relation heap, Relation primary, DdbWrite *write)
{
	SnapshotData dirty;
	bool		found;

	InitDirtySnapshot(dirty);
	found = ddb_store_find(heap, primary, write->desc, write->key, &dirty, write->slot);
	if (found && TransactionIdIsValid(dirty.xmin))
		ddb_store_conflict();
	if (found && IsolationUsesXactSnapshot())
		ddb_store_serialization_failure();
	return !found;
}

/*
 * lock_attempt finds the latest version of the item and locks it; false when it
 * was replaced meanwhile.
 */
static bool
lock_attempt(Relation heap, Relation primary, DdbWrite *write, bool for_delete)
{
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	bool		done = true;

	write->exists = ddb_store_find(heap, primary, write->desc, write->key,
								   snapshot, write->slot);
	if (!write->exists)
		done = check_absent(heap, primary, write);
	else
	{
		TM_Result	result = ddb_store_lock_version(heap, write->slot, snapshot, for_delete,
													false);

		if (result == TM_WouldBlock)
			ddb_store_conflict();
		done = result == TM_Ok;
		if (!done && result != TM_Updated && result != TM_Deleted)
			elog(ERROR, "unexpected result %d of locking an item", result);
		if (!done && IsolationUsesXactSnapshot())
			ddb_store_serialization_failure();
	}
	UnregisterSnapshot(snapshot);
	return done;
}

/*
 * ddb_store_lock locks the key of write and the item, if there is one, until
 * the transaction ends, and sets write->exists.  Gives the item's latest version
 * when the caller wants it, a copy; NULL when there is none.
 */
Jsonb *
ddb_store_lock(DdbWrite *write, bool for_delete, bool want_old)
{
	Relation	heap = ddb_shard_open(write->desc->relid, write->key[0]);
	Relation	primary;
	Jsonb	   *old = NULL;

	ddb_store_note_partition(write->desc, &write->desc->primary, write->key, true);
	if (!ddb_lock_acquire(DDB_LOCK_KEY, key_lock_hash(write->desc, write->key), false))
		ddb_store_conflict();
	primary = ddb_store_open_index(heap, &write->desc->primary, RowExclusiveLock);
	ddb_store_check_plain(heap);
	CommandCounterIncrement();
	write->slot = table_slot_create(heap, NULL);
	while (!lock_attempt(heap, primary, write, for_delete))
		CHECK_FOR_INTERRUPTS();
	if (write->exists && want_old)
	{
		bool		isnull;
		Datum		datum = slot_getattr(write->slot, write->desc->item_attnum, &isnull);

		old = (Jsonb *) PG_DETOAST_DATUM_COPY(datum);
	}
	ExecDropSingleTupleTableSlot(write->slot);
	write->slot = NULL;
	index_close(primary, NoLock);
	table_close(heap, NoLock);
	return old;
}
