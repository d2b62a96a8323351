/*
 * measure.c
 *	  How many items a table and its indexes hold, and their bytes.
 *
 * DynamoDB shows a survey some hours old.  Here the answer is found when it is asked
 * for, so that writes pay nothing for it, at a cost that has a bound:
 *
 * - A small table is read whole, and its numbers are exact.
 * - Of a larger one some blocks are read, evenly spread.  They tell how large items are
 *   and which part of them is in an index.  How many there are PostgreSQL's
 *   statistics know better, unless what the blocks say is far from it: statistics are
 *   lost in a crash.
 * - An index of a few pages is walked: blocks of the table would miss its entries.
 * - Items are looked into up to a number of bytes; the rest count as their mean.
 */
#include "postgres.h"

#include <math.h>

#include "access/detoast.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "common/pg_prng.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "op/capacity.h"
#include "op/measure.h"
#include "shard/shard.h"
#include "store/store.h"

#define EXACT_BLOCKS 512		/* read whole up to here, TOAST included: 4 MB */
#define SAMPLE_BLOCKS 64
#define SMALL_INDEX_BLOCKS 16
#define SMALL_INDEX_ITEMS 10000
#define MAX_BYTES (16 * 1024 * 1024)	/* of items looked into */
#define STATISTICS_TRUST 0.25	/* part by which they may differ from a sample */

/* What was seen of the table or of one index. */
typedef struct Seen
{
	int64		items;
	int64		measured;		/* of them, those looked into */
	int64		bytes;			/* that these have */
} Seen;

typedef struct Survey
{
	const DdbTableDesc *desc;
	Relation	heap;
	Snapshot	snapshot;
	TupleTableSlot *slot;
	MemoryContext row_context;
	int64		budget;			/* bytes that may still be looked into */
	Seen		table;
	Seen		indexes[DDB_MAX_GSI + DDB_MAX_LSI];
} Survey;

/*
 * look_into gives the item in datum, unless the budget is spent.
 */
static Jsonb *
look_into(Survey *survey, Datum datum)
{
	if (survey->budget <= 0)
		return NULL;
	survey->budget -= toast_raw_datum_size(datum);
	return DatumGetJsonbP(datum);
}

static void
add_item(Seen *seen, bool measured, int64 bytes)
{
	seen->items++;
	if (measured)
	{
		seen->measured++;
		seen->bytes += bytes;
	}
}

/*
 * in_index tells whether the row in slot has all key columns of an index.
 */
static bool
in_index(const DdbTableDesc *desc, const DdbIndexDesc *index, TupleTableSlot *slot)
{
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		if (slot_attisnull(slot, ddb_index_attribute(desc, index, i)->attnum))
			return false;
	}
	return true;
}

/*
 * see_row counts the row in the survey's slot for the table and the indexes it is in.
 */
static void
see_row(Survey *survey)
{
	const DdbTableDesc *desc = survey->desc;
	MemoryContext old = MemoryContextSwitchTo(survey->row_context);
	bool		isnull;
	Datum		datum = slot_getattr(survey->slot, desc->item_attnum, &isnull);
	Jsonb	   *item = look_into(survey, datum);

	add_item(&survey->table, item != NULL, item ? ddb_item_size_bytes(&item->root) : 0);
	for (int i = 0; i < desc->nindexes; i++)
	{
		const DdbIndexDesc *index = &desc->indexes[i];

		if (in_index(desc, index, survey->slot))
			add_item(&survey->indexes[i], item != NULL,
					 item ? Max(ddb_index_item_size(desc, index, item), 0) : 0);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(survey->row_context);
}

/*
 * see_blocks counts the rows of blocks [from, to).
 */
static void
see_blocks(Survey *survey, BlockNumber from, BlockNumber to)
{
	ItemPointerData first,
				last;
	TableScanDesc scan;

	ItemPointerSet(&first, from, FirstOffsetNumber);
	ItemPointerSet(&last, to - 1, MaxOffsetNumber);
	scan = table_beginscan_tidrange(survey->heap, survey->snapshot, &first, &last);
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, survey->slot))
	{
		CHECK_FOR_INTERRUPTS();
		see_row(survey);
	}
	table_endscan(scan);
}

/*
 * sample_blocks counts the rows of some blocks, one at random out of each part of the
 * table.
 */
static void
sample_blocks(Survey *survey, BlockNumber nblocks)
{
	for (int i = 0; i < SAMPLE_BLOCKS; i++)
	{
		BlockNumber from = (BlockNumber) ((uint64) nblocks * i / SAMPLE_BLOCKS);
		BlockNumber to = (BlockNumber) ((uint64) nblocks * (i + 1) / SAMPLE_BLOCKS);
		BlockNumber block = from + (BlockNumber) pg_prng_uint64_range(&pg_global_prng_state, 0, to - from - 1);

		see_blocks(survey, block, block + 1);
	}
}

/*
 * walk_index counts all items of a small index; false when they are many after all.
 */
static bool
walk_index(Survey *survey, const DdbIndexDesc *index, Seen *seen)
{
	DdbRange	range = {.index = index,.forward = true};
	DdbRangeScan *scan = ddb_range_scan_begin(unconstify(DdbTableDesc *, survey->desc), &range,
											  survey->snapshot);
	MemoryContext old = MemoryContextSwitchTo(survey->row_context);
	Jsonb	   *item;

	MemSet(seen, 0, sizeof(Seen));
	while (seen->items < SMALL_INDEX_ITEMS && (item = ddb_range_scan_next(scan)) != NULL)
	{
		int64		size = ddb_index_item_size(survey->desc, index, item);

		survey->budget -= VARSIZE(item);
		add_item(seen, true, Max(size, 0));
		MemoryContextReset(survey->row_context);
		if (survey->budget <= 0)
			break;
	}
	MemoryContextSwitchTo(old);
	ddb_range_scan_end(scan);
	return seen->items < SMALL_INDEX_ITEMS && survey->budget > 0;
}

static BlockNumber
blocks_of(Oid relid)
{
	Relation	rel;
	BlockNumber nblocks;

	if (!OidIsValid(relid))
		return 0;
	rel = relation_open(relid, AccessShareLock);
	nblocks = RelationGetNumberOfBlocks(rel);
	relation_close(rel, AccessShareLock);
	return nblocks;
}

/*
 * extent_of gives numbers of so many items like those seen.
 */
static DdbExtent
extent_of(const Seen *seen, double items)
{
	DdbExtent	extent = {.items = (int64) rint(items)};

	if (seen->measured > 0)
		extent.bytes = (int64) rint(items * seen->bytes / seen->measured);
	return extent;
}

/*
 * estimate_items gives the number of a table's items from a sample and statistics.
 */
static double
estimate_items(const Survey *survey, BlockNumber nblocks)
{
	double		sampled = (double) survey->table.items * nblocks / SAMPLE_BLOCKS;
	double		known = DatumGetInt64(DirectFunctionCall1(pg_stat_get_live_tuples,
														  ObjectIdGetDatum(RelationGetRelid(survey->heap))));

	return fabs(known - sampled) <= sampled * STATISTICS_TRUST ? known : sampled;
}

/*
 * measure_sample fills extents of a table that is too large to be read whole.
 */
static void
measure_sample(Survey *survey, BlockNumber nblocks, DdbExtent *extents)
{
	const DdbTableDesc *desc = survey->desc;
	double		items;

	sample_blocks(survey, nblocks);
	items = estimate_items(survey, nblocks);
	extents[0] = extent_of(&survey->table, items);
	for (int i = 0; i < desc->nindexes; i++)
	{
		const DdbIndexDesc *index = &desc->indexes[i];
		Seen	   *seen = &survey->indexes[i];
		Seen		walked;

		survey->budget = MAX_BYTES;
		if (index->status == DDB_INDEX_ACTIVE && OidIsValid(index->indexid) &&
			blocks_of(index->indexid) <= SMALL_INDEX_BLOCKS && walk_index(survey, index, &walked))
			extents[i + 1] = extent_of(&walked, walked.items);
		else
			extents[i + 1] = extent_of(seen, survey->table.items == 0 ? 0 :
									   items * seen->items / survey->table.items);
	}
}

/*
 * ddb_op_measure counts a table's items and those of its indexes.
 */
void
ddb_op_measure(const DdbTableDesc *desc, DdbExtent *extents)
{
	Survey		survey = {.desc = desc,.budget = MAX_BYTES};
	BlockNumber nblocks;

	survey.heap = ddb_shard_open_all(desc->relid);
	survey.snapshot = RegisterSnapshot(GetTransactionSnapshot());
	survey.slot = table_slot_create(survey.heap, NULL);
	survey.row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb measured row",
											   ALLOCSET_DEFAULT_SIZES);
	nblocks = RelationGetNumberOfBlocks(survey.heap);
	if (nblocks + blocks_of(survey.heap->rd_rel->reltoastrelid) > EXACT_BLOCKS &&
		nblocks > SAMPLE_BLOCKS)
		measure_sample(&survey, nblocks, extents);
	else
	{
		if (nblocks > 0)
			see_blocks(&survey, 0, nblocks);
		extents[0] = extent_of(&survey.table, survey.table.items);
		for (int i = 0; i < desc->nindexes; i++)
			extents[i + 1] = extent_of(&survey.indexes[i], survey.indexes[i].items);
	}
	MemoryContextDelete(survey.row_context);
	ExecDropSingleTupleTableSlot(survey.slot);
	UnregisterSnapshot(survey.snapshot);
	table_close(survey.heap, NoLock);
}
