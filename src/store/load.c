/*
 * load.c
 *	  Loading many new items at once.
 *
 * Rows go to the heap in batches.  An empty table is loaded without its indexes,
 * which are rebuilt at the end: several times faster than entering the rows one
 * by one.  That takes AccessExclusiveLock on the table; a table that has rows
 * already gets its index entries as the rows come.  Either way a second item with
 * a key that exists is an error, which takes the whole load with it.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "shard/shard.h"
#include "store/store.h"

#define BATCH_ROWS 500
#define BATCH_BYTES (1024 * 1024)

struct DdbLoad
{
	DdbTableDesc *desc;
	Relation	heap;
	bool		rebuild;		/* indexes are built at the end */
	BulkInsertState bulk;
	DdbColumns	columns;
	TupleTableSlot *slots[BATCH_ROWS];
	int			nslots;
	Size		bytes;
	int64		count;
	int64		indexing;		/* number of the item entering the indexes, or 0 */
	MemoryContext context;		/* where all this lives */
	MemoryContext batch_context;
};

DdbLoad *
ddb_load_begin(DdbTableDesc *desc)
{
	DdbLoad    *load = palloc0(sizeof(DdbLoad));

	load->context = CurrentMemoryContext;
	load->desc = desc;
	load->heap = ddb_shard_open_all(desc->relid);
	if (RelationGetNumberOfBlocks(load->heap) == 0 &&
		ConditionalLockRelationOid(desc->relid, AccessExclusiveLock))
		load->rebuild = RelationGetNumberOfBlocks(load->heap) == 0;
	ddb_store_check_plain(load->heap);
	load->bulk = GetBulkInsertState();
	ddb_row_columns_create(desc, &load->columns);
	load->batch_context = AllocSetContextCreate(CurrentMemoryContext, "ddb load batch",
												ALLOCSET_DEFAULT_SIZES);
	return load;
}

/*
 * flush writes the batch.
 */
static void
flush(DdbLoad *load)
{
	MemoryContext old;

	if (load->nslots == 0)
		return;
	old = MemoryContextSwitchTo(load->batch_context);
	table_multi_insert(load->heap, load->slots, load->nslots,
					   GetCurrentCommandId(true), 0, load->bulk);
	for (int i = 0; i < load->nslots; i++)
	{
		load->indexing = load->count - load->nslots + i + 1;
		if (!load->rebuild)
			ddb_store_insert_index_entries(load->heap, load->desc->primary.indexid,
										   load->slots[i], false, false, NULL);
		ExecClearTuple(load->slots[i]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(load->batch_context);
	load->nslots = 0;
	load->bytes = 0;
	load->indexing = 0;
}

int64
ddb_load_indexing(const DdbLoad *load)
{
	return load->indexing;
}

void
ddb_load_item(DdbLoad *load, Jsonb *item)
{
	DdbTableDesc *desc = load->desc;
	TupleTableSlot *slot = load->slots[load->nslots];

	if (slot == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(load->context);

		slot = MakeSingleTupleTableSlot(RelationGetDescr(load->heap), &TTSOpsVirtual);
		load->slots[load->nslots] = slot;
		MemoryContextSwitchTo(old);
	}
	ddb_row_columns(desc, item, DDB_ROW_PUT, &load->columns);
	memset(slot->tts_isnull, true, RelationGetDescr(load->heap)->natts * sizeof(bool));
	for (int i = 0; i < desc->nattributes; i++)
	{
		slot->tts_values[desc->attributes[i].attnum - 1] = load->columns.values[i];
		slot->tts_isnull[desc->attributes[i].attnum - 1] = load->columns.nulls[i];
	}
	slot->tts_values[desc->item_attnum - 1] = JsonbPGetDatum(item);
	slot->tts_isnull[desc->item_attnum - 1] = false;
	ddb_store_check_not_null(load->heap, slot);
	ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
	slot->tts_tableOid = RelationGetRelid(load->heap);
	load->nslots++;
	load->count++;
	load->bytes += VARSIZE_ANY(item);
	if (load->nslots == BATCH_ROWS || load->bytes > BATCH_BYTES)
		flush(load);
}

int64
ddb_load_end(DdbLoad *load)
{
	Oid			relid = load->desc->relid;

	flush(load);
	for (int i = 0; i < BATCH_ROWS && load->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(load->slots[i]);
	FreeBulkInsertState(load->bulk);
	table_finish_bulk_insert(load->heap, 0);
	table_close(load->heap, NoLock);
	CommandCounterIncrement();
	if (load->rebuild && load->count > 0)
		ddb_reindex_relation(relid);
	return load->count;
}
