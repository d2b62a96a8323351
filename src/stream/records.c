/*
 * records.c
 *	  Reading records of one shard.
 *
 * A shard's records are in one partition of ddb.stream_records, whose primary key
 * is their order.  The partition is read by itself, so that readers and the capture
 * worker, which makes and drops partitions, meet only on that one.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/pg_lsn.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "stream/records.h"

/* What is being read. */
typedef struct Reading
{
	Relation	heap;
	Relation	index;
	Snapshot	snapshot;
	int32		stream_id;
	int			limit;
	Size		max_size;
	Size		size;			/* read so far */
	int			allocated;
	DdbStreamBatch *batch;
} Reading;

/*
 * ddb_stream_partition_name names an epoch's partition.
 */
char *
ddb_stream_partition_name(int32 epoch)
{
	return psprintf("stream_records_%d", epoch);
}

static Jsonb *
copy_image(Datum value, bool isnull, Size *size)
{
	Jsonb	   *copy;

	if (isnull)
		return NULL;
	copy = DatumGetJsonbPCopy(value);
	*size += VARSIZE(copy);
	return copy;
}

/*
 * add_record adds a row to the batch; false when the batch is full without it.
 */
static bool
add_record(Reading *reading, HeapTuple tuple)
{
	DdbStreamBatch *batch = reading->batch;
	Datum		values[DDB_RECORDS_NATTS];
	bool		nulls[DDB_RECORDS_NATTS];
	DdbStreamRecord *record;

	if (batch->n >= reading->limit || (batch->n > 0 && reading->size >= reading->max_size))
	{
		batch->more = true;
		return false;
	}
	if (batch->n >= reading->allocated)
	{
		reading->allocated *= 2;
		batch->records = repalloc(batch->records, sizeof(DdbStreamRecord) * reading->allocated);
	}
	heap_deform_tuple(tuple, RelationGetDescr(reading->heap), values, nulls);
	record = &batch->records[batch->n++];
	record->stream_id = reading->stream_id;
	record->sequence.lsn = DatumGetLSN(values[DDB_RECORDS_LSN - 1]);
	record->sequence.ordinal = DatumGetInt32(values[DDB_RECORDS_ORDINAL - 1]);
	record->event = DatumGetChar(values[DDB_RECORDS_EVENT - 1]);
	record->committed_at = DatumGetTimestampTz(values[DDB_RECORDS_COMMITTED_AT - 1]);
	record->keys = copy_image(values[DDB_RECORDS_KEYS - 1], nulls[DDB_RECORDS_KEYS - 1], &reading->size);
	record->new_image = copy_image(values[DDB_RECORDS_NEW_IMAGE - 1], nulls[DDB_RECORDS_NEW_IMAGE - 1], &reading->size);
	record->old_image = copy_image(values[DDB_RECORDS_OLD_IMAGE - 1], nulls[DDB_RECORDS_OLD_IMAGE - 1], &reading->size);
	return true;
}

/*
 * read_range reads the rows of one range of the index; false when the batch is
 * full.
 */
static bool
read_range(Reading *reading, const ScanKeyData *keys, int nkeys)
{
	ScanKeyData own[3];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		room = true;

	/* up to PostgreSQL 17 the keys' attribute numbers are changed in place */
	memcpy(own, keys, sizeof(ScanKeyData) * nkeys);
	scan = systable_beginscan_ordered(reading->heap, reading->index, reading->snapshot, nkeys, own);
	while (room && HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
		room = add_record(reading, tuple);
	systable_endscan_ordered(scan);
	return room;
}

/*
 * ddb_stream_read reads records of a shard.
 */
void
ddb_stream_read(int32 stream_id, int32 epoch, DdbSequence from, bool inclusive,
				int limit, Size max_size, DdbStreamBatch *batch)
{
	Oid			relid = get_relname_relid(ddb_stream_partition_name(epoch),
										  get_namespace_oid("ddb", false));
	Reading		reading = {.stream_id = stream_id,.limit = limit,.max_size = max_size,.batch = batch};
	ScanKeyData keys[3];

	memset(batch, 0, sizeof(DdbStreamBatch));
	if (OidIsValid(relid))
		reading.heap = try_relation_open(relid, AccessShareLock);
	if (reading.heap == NULL)
	{
		batch->dropped = true;
		return;
	}
	reading.index = index_open(ddb_primary_key_index(reading.heap), AccessShareLock);
	reading.snapshot = RegisterSnapshot(GetLatestSnapshot());
	reading.allocated = Min(limit, 64);
	batch->records = palloc(sizeof(DdbStreamRecord) * reading.allocated);

	/* first the rest of the transaction it begins in, then the later ones */
	ScanKeyInit(&keys[0], DDB_RECORDS_STREAM_ID, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(stream_id));
	ScanKeyInit(&keys[1], DDB_RECORDS_LSN, BTEqualStrategyNumber, F_PG_LSN_EQ,
				LSNGetDatum(from.lsn));
	ScanKeyInit(&keys[2], DDB_RECORDS_ORDINAL,
				inclusive ? BTGreaterEqualStrategyNumber : BTGreaterStrategyNumber,
				inclusive ? F_INT4GE : F_INT4GT, Int32GetDatum((int32) from.ordinal));
	if (read_range(&reading, keys, 3))
	{
		ScanKeyInit(&keys[1], DDB_RECORDS_LSN, BTGreaterStrategyNumber, F_PG_LSN_GT,
					LSNGetDatum(from.lsn));
		(void) read_range(&reading, keys, 2);
	}
	UnregisterSnapshot(reading.snapshot);
	index_close(reading.index, AccessShareLock);
	relation_close(reading.heap, AccessShareLock);
}
