/*
 * capture_batch.c
 *	  Records on their way from the log into ddb.stream_records.
 *
 * A batch holds the records of whole transactions, as rows ready to be inserted: in
 * memory, and what goes beyond MAX_MEMORY in a temporary file.  Adding
 * happens while a transaction is being decoded, so it touches no table.
 *
 * Writing is one transaction, which also notes in ddb.capture how far the log is
 * recorded: both are there after a crash, or neither.  Rows go to the heap
 * and the primary key directly, in chunks.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pg_lsn.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "capture/capture_private.h"
#include "compat.h"
#include "stream/capture_state.h"
#include "stream/records.h"

#define FULL_RECORDS 5000
#define FULL_SIZE (8 * 1024 * 1024)
#define FULL_MS 200
#define CLOCK_EVERY 64			/* the time is looked at every so often */
#define MAX_MEMORY (64 * 1024 * 1024)
#define KEPT_SIZE (1024 * 1024) /* memory that stays with an empty batch */
#define CHUNK_ROWS 500
#define CHUNK_SIZE (1024 * 1024)

struct DdbCaptureBatch
{
	TupleDesc	descriptor;		/* of ddb.stream_records */
	MemoryContext context;		/* what follows; emptied with the batch */
	HeapTuple  *rows;
	int			nrows;
	int			allocated;
	Size		size;			/* of the rows in memory */
	BufFile    *file;			/* further rows: length, content */
	int64		nspilled;
	TimestampTz since;			/* when the first was added */
	uint32		asked;			/* how often it was asked whether it is full */
};

/* Where rows go. */
typedef struct Target
{
	DdbCapture *capture;
	Relation	heap;
	Relation	index;
	IndexInfo  *index_info;
	MemoryContext chunk;
	TupleTableSlot *slots[CHUNK_ROWS];
	int			n;				/* slots in use */
	Size		size;
} Target;

/*
 * ddb_capture_batch_create makes an empty batch; inside a transaction.
 */
DdbCaptureBatch *
ddb_capture_batch_create(MemoryContext parent)
{
	MemoryContext old = MemoryContextSwitchTo(parent);
	DdbCaptureBatch *batch = palloc0(sizeof(DdbCaptureBatch));

	batch->descriptor = ddb_records_descriptor();
	batch->context = AllocSetContextCreate(parent, "ddb capture batch",
										   KEPT_SIZE, KEPT_SIZE, ALLOCSET_DEFAULT_MAXSIZE);
	MemoryContextSwitchTo(old);
	return batch;
}

/*
 * ddb_capture_batch_clear empties the batch.
 */
void
ddb_capture_batch_clear(DdbCaptureBatch *batch)
{
	if (batch->file != NULL)
		BufFileClose(batch->file);
	MemoryContextReset(batch->context);
	batch->file = NULL;
	batch->rows = NULL;
	batch->nrows = batch->allocated = 0;
	batch->nspilled = 0;
	batch->size = 0;
}

bool
ddb_capture_batch_is_empty(const DdbCaptureBatch *batch)
{
	return batch->nrows == 0;
}

/*
 * ddb_capture_batch_is_full tells whether the batch should be written.
 */
bool
ddb_capture_batch_is_full(DdbCaptureBatch *batch)
{
	return batch->nrows > 0 &&
		(batch->nrows >= FULL_RECORDS || batch->size >= FULL_SIZE ||
		 (++batch->asked % CLOCK_EVERY == 0 &&
		  ddb_capture_elapsed(batch->since, FULL_MS)));
}

/*
 * spill puts a row into the file and frees it.  The file belongs to no transaction,
 * for the one that decoding runs in is aborted.
 */
static void
spill(DdbCaptureBatch *batch, HeapTuple row)
{
	if (batch->file == NULL)
		batch->file = BufFileCreateTemp(true);
	BufFileWrite(batch->file, &row->t_len, sizeof(row->t_len));
	BufFileWrite(batch->file, row->t_data, row->t_len);
	batch->nspilled++;
	heap_freetuple(row);
}

/*
 * ddb_capture_batch_add adds a record.
 */
void
ddb_capture_batch_add(DdbCaptureBatch *batch, const DdbStreamRecord *record, int32 epoch)
{
	MemoryContext old = MemoryContextSwitchTo(batch->context);
	HeapTuple	row = ddb_records_form(batch->descriptor, record, epoch);

	if (batch->nrows == 0)
	{
		batch->allocated = 256;
		batch->rows = palloc(sizeof(HeapTuple) * batch->allocated);
		batch->since = GetCurrentTimestamp();
	}
	if (batch->size >= MAX_MEMORY)
		spill(batch, row);
	else
	{
		if (batch->nrows >= batch->allocated)
		{
			batch->allocated *= 2;
			batch->rows = repalloc_huge(batch->rows, sizeof(HeapTuple) * batch->allocated);
		}
		batch->rows[batch->nrows++] = row;
		batch->size += HEAPTUPLESIZE + row->t_len;
	}
	MemoryContextSwitchTo(old);
}

/* read_bytes reads so many bytes of the file. */
static void
read_bytes(BufFile *file, void *to, Size n)
{
	if (BufFileRead(file, to, n) != n)
		ereport(ERROR,
				errcode_for_file_access(),
				errmsg("could not read the temporary file of stream records: %m"));
}

/*
 * unspill reads the next row of the file.
 */
static HeapTuple
unspill(DdbCaptureBatch *batch)
{
	uint32		length;
	HeapTuple	row;

	read_bytes(batch->file, &length, sizeof(length));
	row = palloc(HEAPTUPLESIZE + length);
	row->t_len = length;
	row->t_data = (HeapTupleHeader) ((char *) row + HEAPTUPLESIZE);
	ItemPointerSetInvalid(&row->t_self);
	row->t_tableOid = InvalidOid;
	read_bytes(batch->file, row->t_data, length);
	return row;
}

/*
 * insert_entry enters a row into the primary key.
 */
static void
insert_entry(Target *target, TupleTableSlot *slot, HeapTuple row)
{
	Datum		values[DDB_RECORDS_NKEYS];
	bool		nulls[DDB_RECORDS_NKEYS] = {false};

	ddb_records_primary_key(row, values);
	(void) index_insert(target->index, values, nulls, &slot->tts_tid, target->heap,
						UNIQUE_CHECK_YES, false, target->index_info);
}

/*
 * insert_chunk inserts the rows in the slots.
 */
static void
insert_chunk(Target *target)
{
	MemoryContext old = MemoryContextSwitchTo(target->chunk);

	if (target->n > 0)
		table_multi_insert(target->heap, target->slots, target->n,
						   GetCurrentCommandId(true), 0, NULL);
	for (int i = 0; i < target->n; i++)
	{
		insert_entry(target, target->slots[i],
					 ExecFetchSlotHeapTuple(target->slots[i], false, NULL));
		ExecClearTuple(target->slots[i]);
	}
	target->n = 0;
	target->size = 0;
	MemoryContextSwitchTo(old);
	MemoryContextReset(target->chunk);
	CHECK_FOR_INTERRUPTS();
}

/*
 * insert_row inserts a row, sooner or later; it has to last until then.
 */
static void
insert_row(Target *target, HeapTuple row)
{
	MemoryContext old;

	if (!ddb_capture_has_shard(target->capture, ddb_records_stream_id(row)))
		return;
	old = MemoryContextSwitchTo(target->chunk);
	row = ddb_records_complete(target->heap, row);
	MemoryContextSwitchTo(old);
	if (target->slots[target->n] == NULL)
		target->slots[target->n] = MakeSingleTupleTableSlot(RelationGetDescr(target->heap),
															&TTSOpsHeapTuple);
	ExecStoreHeapTuple(row, target->slots[target->n++], false);
	target->size += row->t_len;
	if (target->n == CHUNK_ROWS || target->size >= CHUNK_SIZE)
		insert_chunk(target);
}

/*
 * insert_rows inserts all rows of the batch.
 */
static void
insert_rows(DdbCapture *capture)
{
	DdbCaptureBatch *batch = capture->batch;
	Target	   *target = palloc0(sizeof(Target));

	target->capture = capture;
	target->heap = ddb_records_open(capture->epoch);
	target->index = index_open(ddb_primary_key_index(target->heap), RowExclusiveLock);
	target->index_info = BuildIndexInfo(target->index);
	target->chunk = AllocSetContextCreate(CurrentMemoryContext, "ddb capture chunk",
										  ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < batch->nrows; i++)
		insert_row(target, batch->rows[i]);
	insert_chunk(target);
	if (batch->file != NULL)
	{
		if (BufFileSeek(batch->file, 0, 0, SEEK_SET) != 0)
			ereport(ERROR,
					errcode_for_file_access(),
					errmsg("could not rewind the temporary file of stream records: %m"));
		for (int64 i = 0; i < batch->nspilled; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(target->chunk);
			HeapTuple	row = unspill(batch);

			MemoryContextSwitchTo(old);
			insert_row(target, row);
		}
		insert_chunk(target);
	}
	for (int i = 0; i < CHUNK_ROWS && target->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(target->slots[i]);
	ddb_index_insert_cleanup(target->index, target->index_info);
	index_close(target->index, NoLock);
	table_close(target->heap, NoLock);
}

/*
 * ddb_capture_batch_write records what is in the batch.
 */
void
ddb_capture_batch_write(DdbCapture *capture, XLogRecPtr captured)
{
	ddb_capture_begin();
	insert_rows(capture);
	ddb_capture_state_set_captured(captured);
	ddb_capture_commit(false);
	ddb_capture_batch_clear(capture->batch);
	capture->captured = captured;
	capture->epoch_used = true;
}
