/*
 * index_check.c
 *	  ddb_index_check: verifies a ddb index against its table.
 *
 * Everything is judged under one MVCC snapshot with ACCESS SHARE locks, so that
 * the check runs beside reads and writes; what they add after the snapshot is
 * not looked at.
 *
 * Walking the index forward: keys never decrease, no key is NULL, an entry
 * that leads to a visible row carries that row's key, and in a unique index no
 * two such neighbours are equal.  Walking it backward: keys never increase, and
 * the same number of entries leads to visible rows.  Walking the table: each
 * visible row that belongs in the index is found by descending to its own key,
 * and there are as many of them as entries.
 *
 * Index entries are read with nbtree's support for index-only scans
 * (xs_want_itup), which also keeps a pin on the leaf page that was read: vacuum
 * can't make a row's place free for another one while we hold an entry to it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/itup.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"

/*
 * A row whose key many others share (in an index that is not unique) is looked
 * for among so many of them; past that, only the final count vouches for it.
 */
#define CHECK_MAX_DUPLICATES 1000

/* Every so many rows a range scan is tried as well. */
#define CHECK_RANGE_INTERVAL 16

typedef struct IndexCheck
{
	Relation	heap;
	Relation	index;
	IndexInfo  *info;
	Snapshot	snapshot;
	EState	   *estate;
	ExprState  *predicate;
	TupleTableSlot *slot;		/* the row under inspection */
	TupleTableSlot *found;		/* what a lookup finds */
	MemoryContext row_context;	/* reset for each entry or row */
	int			nkeys;
	bool		descending;		/* some column is DESC: no row comparison */
	FmgrInfo   *compare[INDEX_MAX_KEYS];
	ScanKeyData lookup[INDEX_MAX_KEYS];
} IndexCheck;

PG_FUNCTION_INFO_V1(ddb_index_check);

/*
 * corrupted raises the error for an entry or row at tid.
 */
static void
corrupted(IndexCheck *check, ItemPointer tid, const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_INDEX_CORRUPTED),
			errmsg("index \"%s\" is corrupted: %s",
				   RelationGetRelationName(check->index), what),
			errdetail("Table row (%u,%u).",
					  ItemPointerGetBlockNumberNoCheck(tid),
					  ItemPointerGetOffsetNumberNoCheck(tid)),
			errhint("REINDEX it."));
}

/*
 * compare_keys compares two sets of stored key values in index order.
 */
static int
compare_keys(IndexCheck *check, Datum *a, Datum *b)
{
	int			i;

	for (i = 0; i < check->nkeys; i++)
	{
		int32		result =
		DatumGetInt32(FunctionCall2Coll(check->compare[i],
										check->index->rd_indcollation[i],
										a[i], b[i]));

		if (result != 0)
		{
			if (check->index->rd_indoption[i] & INDOPTION_DESC)
				INVERT_COMPARE_RESULT(result);
			return result;
		}
	}
	return 0;
}

/*
 * row_keys computes the key of the row in slot, as plain values; false when the
 * row does not belong in the index.
 */
static bool
row_keys(IndexCheck *check, TupleTableSlot *slot, Datum *values, bool *isnull)
{
	ExprContext *econtext = GetPerTupleExprContext(check->estate);

	econtext->ecxt_scantuple = slot;
	if (check->predicate != NULL && !ExecQual(check->predicate, econtext))
		return false;
	FormIndexDatum(check->info, slot, check->estate, values, isnull);
	return !ddb_am_has_null_key(check->index, isnull);
}

/*
 * check_entry verifies the key of one index entry that leads to the visible row
 * in check->slot.
 */
static void
check_entry(IndexCheck *check, Datum *keys)
{
	Datum		values[INDEX_MAX_KEYS];
	Datum		stored[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	bool		digested;

	if (!row_keys(check, check->slot, values, isnull))
		corrupted(check, &check->slot->tts_tid,
				  "an entry leads to a row that is not to be indexed");
	digested = ddb_am_digest_keys(check->index, values, isnull, stored);
	if (compare_keys(check, keys, digested ? stored : values) != 0)
		corrupted(check, &check->slot->tts_tid,
				  "an entry does not carry its row's key");
}

/*
 * walk_index reads the whole index in one direction and gives the number of
 * entries that lead to visible rows.
 */
static int64
walk_index(IndexCheck *check, ScanDirection direction)
{
	bool		forward = ScanDirectionIsForward(direction);
	IndexScanDesc scan;
	ItemPointer tid;
	IndexTuple	previous = NULL;
	bool		previous_visible = false;
	int64		visible_entries = 0;

	scan = ddb_index_beginscan(check->heap, check->index, check->snapshot, 0);
	scan->xs_want_itup = true;
	index_rescan(scan, NULL, 0, NULL, 0);
	while ((tid = index_getnext_tid(scan, direction)) != NULL)
	{
		TupleDesc	tupdesc = RelationGetDescr(check->index);
		Datum		keys[INDEX_MAX_KEYS];
		bool		isnull[INDEX_MAX_KEYS];
		bool		visible;
		MemoryContext oldcxt;

		CHECK_FOR_INTERRUPTS();
		oldcxt = MemoryContextSwitchTo(check->row_context);
		index_deform_tuple(scan->xs_itup, tupdesc, keys, isnull);
		if (ddb_am_has_null_key(check->index, isnull))
			corrupted(check, tid, "a key is NULL");

		visible = index_fetch_heap(scan, check->slot);
		if (visible)
		{
			visible_entries++;
			if (forward)
				check_entry(check, keys);
		}
		if (previous != NULL)
		{
			Datum		previous_keys[INDEX_MAX_KEYS];
			int			order;

			index_deform_tuple(previous, tupdesc, previous_keys, isnull);
			order = compare_keys(check, previous_keys, keys);
			if (forward ? order > 0 : order < 0)
				corrupted(check, tid, "keys are out of order");
			if (forward && visible && order == 0 && previous_visible &&
				check->index->rd_index->indisunique)
				corrupted(check, tid, "two rows have one unique key");
			/* rows no longer visible may stand between two equal keys */
			if (order == 0 && previous_visible)
				visible = true;
			pfree(previous);
		}
		previous_visible = visible;
		MemoryContextSwitchTo(oldcxt);
		previous = CopyIndexTuple(scan->xs_itup);
		MemoryContextReset(check->row_context);
		ResetPerTupleExprContext(check->estate);
	}
	index_endscan(scan);
	return visible_entries;
}

/*
 * find_row looks the row in check->slot up by its own key.
 */
static void
find_row(IndexCheck *check, IndexScanDesc scan, Datum *keys)
{
	int			seen = 0;
	int			i;

	for (i = 0; i < check->nkeys; i++)
		check->lookup[i].sk_argument = keys[i];
	index_rescan(scan, check->lookup, check->nkeys, NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, check->found))
	{
		CHECK_FOR_INTERRUPTS();
		if (ItemPointerEquals(&check->found->tts_tid, &check->slot->tts_tid) ||
			++seen >= CHECK_MAX_DUPLICATES)
			return;
	}
	corrupted(check, &check->slot->tts_tid,
			  "a row is not found by its own key");
}

/*
 * seek_row begins a range at the key of the row in check->slot, in either
 * direction, and looks at what comes first.
 */
static void
seek_row(IndexCheck *check, IndexScanDesc scan, Datum *keys,
		 ScanDirection direction)
{
	ScanKeyData range;
	ScanKeyData members[INDEX_MAX_KEYS];
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	MemoryContext oldcxt;
	bool		found;

	ddb_am_init_row_key(check->index, 1, check->nkeys,
						ScanDirectionIsForward(direction) ? BTGreaterEqualStrategyNumber : BTLessEqualStrategyNumber,
						keys, &range, members);
	index_rescan(scan, &range, 1, NULL, 0);
	found = index_getnext_slot(scan, direction, check->found);
	oldcxt = MemoryContextSwitchTo(check->row_context);
	if (!found || !row_keys(check, check->found, values, isnull) ||
		compare_keys(check, keys, values) != 0)
		corrupted(check, &check->slot->tts_tid,
				  "a range does not begin with the row it begins at");
	MemoryContextSwitchTo(oldcxt);
}

/*
 * walk_table looks every visible row up in the index and gives their number.
 */
static int64
walk_table(IndexCheck *check)
{
	TableScanDesc table;
	IndexScanDesc scan;
	IndexScanDesc range;
	int64		rows = 0;

	table = table_beginscan(check->heap, check->snapshot, 0, NULL);
	scan = ddb_index_beginscan(check->heap, check->index, check->snapshot,
							   check->nkeys);
	range = ddb_index_beginscan(check->heap, check->index, check->snapshot, 1);
	while (table_scan_getnextslot(table, ForwardScanDirection, check->slot))
	{
		Datum		keys[INDEX_MAX_KEYS];
		bool		isnull[INDEX_MAX_KEYS];
		MemoryContext oldcxt;
		bool		indexed;

		CHECK_FOR_INTERRUPTS();
		oldcxt = MemoryContextSwitchTo(check->row_context);
		indexed = row_keys(check, check->slot, keys, isnull);
		/* nbtree allocates parts of a scan's state while it runs */
		MemoryContextSwitchTo(oldcxt);
		if (indexed)
		{
			find_row(check, scan, keys);
			if (!check->descending && rows % CHECK_RANGE_INTERVAL == 0)
			{
				seek_row(check, range, keys, ForwardScanDirection);
				seek_row(check, range, keys, BackwardScanDirection);
			}
			rows++;
		}
		MemoryContextReset(check->row_context);
		ResetPerTupleExprContext(check->estate);
	}
	index_endscan(range);
	index_endscan(scan);
	table_endscan(table);
	return rows;
}

/*
 * prepare looks up the functions that compare and find keys.
 */
static void
prepare(IndexCheck *check)
{
	Relation	index = check->index;
	int			i;

	check->info = BuildIndexInfo(index);
	check->estate = CreateExecutorState();
	check->predicate = check->info->ii_Predicate == NIL ? NULL : ExecPrepareQual(check->info->ii_Predicate, check->estate);
	check->slot = table_slot_create(check->heap, NULL);
	check->found = table_slot_create(check->heap, NULL);
	check->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "ddb index check",
											   ALLOCSET_DEFAULT_SIZES);
	check->nkeys = IndexRelationGetNumberOfKeyAttributes(index);
	for (i = 0; i < check->nkeys; i++)
	{
		if (index->rd_indoption[i] & INDOPTION_DESC)
			check->descending = true;
		check->compare[i] = index_getprocinfo(index, i + 1, BTORDER_PROC);
		ddb_am_init_key(index, i + 1, BTEqualStrategyNumber, InvalidOid,
						&check->lookup[i], CurrentMemoryContext);
	}
}

/*
 * check_index does the work under one snapshot and gives the number of entries
 * that were checked.
 */
static int64
check_index(Relation heap, Relation index)
{
	IndexCheck	check = {0};
	int64		forward;
	int64		backward;
	int64		rows;

	check.heap = heap;
	check.index = index;
	check.snapshot = RegisterSnapshot(GetTransactionSnapshot());
	if (index->rd_index->indcheckxmin &&
		!TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
							   check.snapshot->xmin))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("index \"%s\" can't be checked under this transaction's snapshot",
					   RelationGetRelationName(index)),
				errhint("Try again when the transactions that were running while it was built have ended."));

	prepare(&check);
	forward = walk_index(&check, ForwardScanDirection);
	backward = walk_index(&check, BackwardScanDirection);
	rows = walk_table(&check);
	if (forward != backward || forward != rows)
		ereport(ERROR,
				errcode(ERRCODE_INDEX_CORRUPTED),
				errmsg("index \"%s\" is corrupted: " INT64_FORMAT " entries forward and " INT64_FORMAT " backward for " INT64_FORMAT " rows",
					   RelationGetRelationName(index), forward, backward, rows),
				errhint("REINDEX it."));

	ExecDropSingleTupleTableSlot(check.found);
	ExecDropSingleTupleTableSlot(check.slot);
	FreeExecutorState(check.estate);
	MemoryContextDelete(check.row_context);
	UnregisterSnapshot(check.snapshot);
	return forward;
}

/*
 * open_checked opens a ddb index and its table, table first, for a caller who
 * owns them.
 */
static void
open_checked(Oid indexid, Relation *heap, Relation *index)
{
	Oid			heapid = IndexGetRelation(indexid, true);

	if (!ddb_owns_relation(indexid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_INDEX,
					   get_rel_name(indexid));
	if (!OidIsValid(heapid))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" is not an index", get_rel_name(indexid)));
	*heap = table_open(heapid, AccessShareLock);
	*index = index_open(indexid, AccessShareLock);
	if ((*index)->rd_rel->relkind != RELKIND_INDEX || !ddb_am_is_index(*index))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" is not an index of access method ddb",
					   RelationGetRelationName(*index)));
	if (RELATION_IS_OTHER_TEMP(*heap))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot check an index on a temporary table of another session"));
	if (!(*index)->rd_index->indisvalid)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("index \"%s\" is not valid",
					   RelationGetRelationName(*index)));
}

/*
 * ddb_index_check(index regclass) -> bigint gives the number of index entries
 * checked, or raises ERRCODE_INDEX_CORRUPTED on the first fault.  The functions
 * in index expressions run as the table's owner, as they do in REINDEX.
 */
Datum
ddb_index_check(PG_FUNCTION_ARGS)
{
	Oid			indexid = PG_GETARG_OID(0);
	Relation	heap;
	Relation	index;
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel;
	int64		checked;

	open_checked(indexid, &heap, &index);
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(heap->rd_rel->relowner,
						   save_sec_context | SECURITY_RESTRICTED_OPERATION);
	save_nestlevel = NewGUCNestLevel();
	ddb_restrict_search_path();

	checked = check_index(heap, index);

	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	index_close(index, AccessShareLock);
	table_close(heap, AccessShareLock);
	PG_RETURN_INT64(checked);
}
