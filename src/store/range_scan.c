/*
 * range_scan.c
 *	  Walking a contiguous range of one index.
 *
 * Query and Scan are the same here: scan keys on the leading columns of an
 * index.  To continue after an entry, a row comparison over the columns that
 * are not fixed by equality gives nbtree its starting point, so a page costs
 * the same wherever it starts.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "compat.h"
#include "footprint.h"
#include "shard/shard.h"
#include "store/store.h"

/* equalities, two bounds, and the header of a row comparison */
#define MAX_SCAN_KEYS (DDB_MAX_KEY_ATTRIBUTES + 3)

struct DdbRangeScan
{
	MemoryContext context;		/* of the scan, which outlives its rows */
	DdbTableDesc *desc;
	DdbRange	range;
	Relation	heap;
	Relation	index;
	Snapshot	snapshot;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	int			ncolumns;
	int			columns[DDB_MAX_INDEX_COLUMNS];
	int			nkeys;
	ScanKeyData keys[MAX_SCAN_KEYS];
	ScanKeyData row[DDB_MAX_INDEX_COLUMNS];
};

int
ddb_range_scan_columns(const DdbTableDesc *desc, const DdbIndexDesc *index,
					   int columns[DDB_MAX_INDEX_COLUMNS])
{
	int			n = ddb_index_nkeys(index);

	memcpy(columns, index->keys, n * sizeof(int));
	if (index->kind != DDB_INDEX_PRIMARY)
	{
		for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
		{
			const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);

			if (!ddb_desc_has_key(desc, index, att->name, att->name_len))
				columns[n++] = desc->primary.keys[i];
		}
	}
	return n;
}

static const DdbKeyAttribute *
column(const DdbRangeScan *scan, int i)
{
	return &scan->desc->attributes[scan->columns[i]];
}

/*
 * add_key adds a scan key on index column i (from 0); subtype is InvalidOid or
 * the type of argument.
 */
static void
add_key(DdbRangeScan *scan, int i, StrategyNumber strategy, Oid subtype, Datum argument)
{
	Oid			family = scan->index->rd_opfamily[i];
	Oid			type = scan->index->rd_opcintype[i];
	Oid			operator = get_opfamily_member(family, type,
											   OidIsValid(subtype) ? subtype : type,
											   strategy);

	if (!OidIsValid(operator))
		elog(ERROR, "index \"%s\" has no operator %d on column %d",
			 RelationGetRelationName(scan->index), strategy, i + 1);
	ScanKeyEntryInitialize(&scan->keys[scan->nkeys++], 0, i + 1, strategy, subtype,
						   C_COLLATION_OID, get_opcode(operator), argument);
}

static void
add_bound(DdbRangeScan *scan, int i, const DdbBound *bound, bool lower)
{
	StrategyNumber strategy;

	if (!bound->set)
		return;
	if (lower)
		strategy = bound->inclusive ? BTGreaterEqualStrategyNumber : BTGreaterStrategyNumber;
	else
		strategy = bound->inclusive ? BTLessEqualStrategyNumber : BTLessStrategyNumber;
	add_key(scan, i, strategy, InvalidOid, bound->value);
}

/*
 * add_start adds the comparison that continues after range->start, over the
 * columns from first on.  False when there are no such columns: then nothing
 * comes after.
 */
static bool
add_start(DdbRangeScan *scan, int first)
{
	const DdbRange *range = &scan->range;
	StrategyNumber strategy = range->forward ? BTGreaterStrategyNumber : BTLessStrategyNumber;
	int			n = scan->ncolumns - first;

	if (n <= 0)
		return false;
	ddb_am_init_row_key(scan->index, first + 1, n, strategy, &range->start[first],
						&scan->keys[scan->nkeys++], scan->row);
	return true;
}

/*
 * build_keys turns the range into scan keys; false when it is surely empty.
 */
static bool
build_keys(DdbRangeScan *scan)
{
	const DdbRange *range = &scan->range;
	int			fixed = range->npartition + range->nsort;

	for (int i = 0; i < range->npartition; i++)
		add_key(scan, i, BTEqualStrategyNumber, InvalidOid, range->partition[i]);
	for (int i = 0; i < range->nsort; i++)
		add_key(scan, range->npartition + i, BTEqualStrategyNumber, InvalidOid, range->sort[i]);

	/* A starting point lies within the range and replaces the bound it passes. */
	if (!(range->after && range->forward))
		add_bound(scan, fixed, &range->lower, true);
	if (!(range->after && !range->forward))
		add_bound(scan, fixed, &range->upper, false);
	/* Strict bounds spare nbtree a catalog lookup; see am.h. */
	if (range->hash_range)
	{
		if (!(range->after && range->forward) && range->hash_low > PG_INT64_MIN)
			add_key(scan, 0, BTGreaterStrategyNumber, INT8OID,
					Int64GetDatum(range->hash_low - 1));
		if (range->hash_high < PG_INT64_MAX)
			add_key(scan, 0, BTLessStrategyNumber, INT8OID,
					Int64GetDatum(range->hash_high + 1));
	}
	return !range->after || add_start(scan, fixed);
}

DdbRangeScan *
ddb_range_scan_begin(DdbTableDesc *desc, const DdbRange *range, Snapshot snapshot)
{
	DdbRangeScan *scan = palloc0(sizeof(DdbRangeScan));

	scan->context = CurrentMemoryContext;
	scan->desc = desc;
	scan->range = *range;
	if (range->npartition > 0 && range->index->kind != DDB_INDEX_GLOBAL)
		ddb_store_note_partition(desc, range->index, range->partition, false);
	else
		ddb_footprint_table(desc->name);
	scan->heap = range->npartition > 0 && range->index->kind != DDB_INDEX_GLOBAL ?
		ddb_shard_open(desc->relid, range->partition[0]) : ddb_shard_open_all(desc->relid);
	scan->index = ddb_store_open_index(scan->heap, range->index, AccessShareLock);
	scan->ncolumns = ddb_range_scan_columns(desc, range->index, scan->columns);
	if (scan->ncolumns != IndexRelationGetNumberOfKeyAttributes(scan->index))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("index \"%s\" does not have the columns that ddb gave it",
					   RelationGetRelationName(scan->index)));
	if (!build_keys(scan))
		return scan;
	scan->slot = table_slot_create(scan->heap, NULL);
	scan->snapshot = RegisterSnapshot(snapshot);
	scan->scan = ddb_index_beginscan(scan->heap, scan->index, scan->snapshot, scan->nkeys);
	index_rescan(scan->scan, scan->keys, scan->nkeys, NULL, 0);
	return scan;
}

/*
 * in_range compares a row with the equalities of the range, which is needed when
 * the index could not tell (xs_recheck).
 */
static bool
in_range(DdbRangeScan *scan)
{
	for (int i = 0; i < scan->range.npartition; i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(scan->slot, column(scan, i)->attnum, &isnull);

		if (isnull ||
			!DatumGetBool(FunctionCall2Coll(&scan->keys[i].sk_func, C_COLLATION_OID,
											value, scan->range.partition[i])))
			return false;
	}
	return true;
}

/*
 * next_slot steps the index scan in the scan's own context: nbtree allocates on
 * the way (the list of dead entries, say) what must live until the scan's end,
 * and callers reset theirs with each row.
 */
static bool
next_slot(DdbRangeScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	bool		found = index_getnext_slot(scan->scan,
										   scan->range.forward ? ForwardScanDirection : BackwardScanDirection,
										   scan->slot);

	MemoryContextSwitchTo(old);
	return found;
}

Jsonb *
ddb_range_scan_next(DdbRangeScan *scan)
{
	if (scan->scan == NULL)
		return NULL;
	while (next_slot(scan))
	{
		bool		isnull;
		Datum		item;

		CHECK_FOR_INTERRUPTS();
		if (scan->scan->xs_recheck && !in_range(scan))
			continue;
		item = slot_getattr(scan->slot, scan->desc->item_attnum, &isnull);
		if (!isnull)
			return DatumGetJsonbP(item);
	}
	return NULL;
}

void
ddb_range_scan_end(DdbRangeScan *scan)
{
	if (scan->scan != NULL)
	{
		index_endscan(scan->scan);
		UnregisterSnapshot(scan->snapshot);
		ExecDropSingleTupleTableSlot(scan->slot);
	}
	index_close(scan->index, NoLock);
	table_close(scan->heap, NoLock);
	pfree(scan);
}
