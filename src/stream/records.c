/*
 * records.c
 *	  Stream records: the rows of ddb.stream_records and its partitions.
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
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/pg_lsn.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "stream/records.h"
#include "table/catalog_row.h"
#include "table/desc.h"
#include "table/spi_run.h"

/* Columns of ddb.stream_records; keep in step with the script. */
enum
{
	RECORDS_EPOCH = 1,
	RECORDS_STREAM_ID,
	RECORDS_LSN,
	RECORDS_ORDINAL,
	RECORDS_EVENT,
	RECORDS_COMMITTED_AT,
	RECORDS_KEYS,
	RECORDS_NEW_IMAGE,
	RECORDS_OLD_IMAGE,
	RECORDS_NCOLUMNS = RECORDS_OLD_IMAGE
};

/* How a row begins: the columns that can't be null. */
typedef struct RowHead
{
	int32		epoch;
	int32		stream_id;
	XLogRecPtr	lsn;
	int32		ordinal;
	char		event;
} RowHead;

#define ROW_HEAD(tuple) ((const RowHead *) GETSTRUCT(tuple))

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
	DdbCatalogRow row;
	DdbStreamBatch *batch;
} Reading;

/*
 * partition_name names an epoch's partition.
 */
static char *
partition_name(int32 epoch)
{
	return psprintf("stream_records_%d", epoch);
}

static Jsonb *
copy_image(const DdbCatalogRow *row, int column, Size *size)
{
	Jsonb	   *copy = ddb_catalog_jsonb(row, column);

	if (copy != NULL)
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
	const DdbCatalogRow *row = &reading->row;
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
	ddb_catalog_row_deform(&reading->row, tuple, RelationGetDescr(reading->heap));
	record = &batch->records[batch->n++];
	record->stream_id = reading->stream_id;
	record->sequence.lsn = DatumGetLSN(ddb_catalog_datum(row, RECORDS_LSN));
	record->sequence.ordinal = DatumGetInt32(ddb_catalog_datum(row, RECORDS_ORDINAL));
	record->event = DatumGetChar(ddb_catalog_datum(row, RECORDS_EVENT));
	record->committed_at = DatumGetTimestampTz(ddb_catalog_datum(row, RECORDS_COMMITTED_AT));
	record->keys = copy_image(row, RECORDS_KEYS, &reading->size);
	record->new_image = copy_image(row, RECORDS_NEW_IMAGE, &reading->size);
	record->old_image = copy_image(row, RECORDS_OLD_IMAGE, &reading->size);
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

void
ddb_stream_read(int32 stream_id, int32 epoch, DdbSequence from, bool inclusive,
				int limit, Size max_size, DdbStreamBatch *batch)
{
	Oid			relid = get_relname_relid(partition_name(epoch), get_namespace_oid(DDB_SCHEMA, false));
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
	ddb_catalog_row_init(&reading.row, RelationGetDescr(reading.heap), RECORDS_NCOLUMNS);
	reading.allocated = Min(limit, 64);
	batch->records = palloc(sizeof(DdbStreamRecord) * reading.allocated);

	/* first the rest of the transaction it begins in, then the later ones */
	ScanKeyInit(&keys[0], RECORDS_STREAM_ID, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(stream_id));
	ScanKeyInit(&keys[1], RECORDS_LSN, BTEqualStrategyNumber, F_PG_LSN_EQ,
				LSNGetDatum(from.lsn));
	ScanKeyInit(&keys[2], RECORDS_ORDINAL,
				inclusive ? BTGreaterEqualStrategyNumber : BTGreaterStrategyNumber,
				inclusive ? F_INT4GE : F_INT4GT, Int32GetDatum((int32) from.ordinal));
	if (read_range(&reading, keys, 3))
	{
		ScanKeyInit(&keys[1], RECORDS_LSN, BTGreaterStrategyNumber, F_PG_LSN_GT,
					LSNGetDatum(from.lsn));
		(void) read_range(&reading, keys, 2);
	}
	UnregisterSnapshot(reading.snapshot);
	index_close(reading.index, AccessShareLock);
	relation_close(reading.heap, AccessShareLock);
}

/* ---- for the capture worker ---- */

TupleDesc
ddb_records_descriptor(void)
{
	Relation	rel = table_open(ddb_catalog_relation_oid("stream_records"), AccessShareLock);
	TupleDesc	tupdesc = CreateTemplateTupleDesc(RECORDS_NCOLUMNS);

	for (int i = 1; i <= RECORDS_NCOLUMNS; i++)
		TupleDescCopyEntry(tupdesc, i, RelationGetDescr(rel), i);
	table_close(rel, AccessShareLock);
	return tupdesc;
}

HeapTuple
ddb_records_form(TupleDesc tupdesc, const DdbStreamRecord *record, int32 epoch)
{
	Datum		values[RECORDS_NCOLUMNS];
	bool		nulls[RECORDS_NCOLUMNS] = {false};

	values[RECORDS_EPOCH - 1] = Int32GetDatum(epoch);
	values[RECORDS_STREAM_ID - 1] = Int32GetDatum(record->stream_id);
	values[RECORDS_LSN - 1] = LSNGetDatum(record->sequence.lsn);
	values[RECORDS_ORDINAL - 1] = Int32GetDatum((int32) record->sequence.ordinal);
	values[RECORDS_EVENT - 1] = CharGetDatum(record->event);
	values[RECORDS_COMMITTED_AT - 1] = TimestampTzGetDatum(record->committed_at);
	values[RECORDS_KEYS - 1] = JsonbPGetDatum(record->keys);
	nulls[RECORDS_KEYS - 1] = record->keys == NULL;
	values[RECORDS_NEW_IMAGE - 1] = JsonbPGetDatum(record->new_image);
	nulls[RECORDS_NEW_IMAGE - 1] = record->new_image == NULL;
	values[RECORDS_OLD_IMAGE - 1] = JsonbPGetDatum(record->old_image);
	nulls[RECORDS_OLD_IMAGE - 1] = record->old_image == NULL;
	return heap_form_tuple(tupdesc, values, nulls);
}

HeapTuple
ddb_records_complete(Relation partition, HeapTuple row)
{
	TupleDesc	tupdesc = RelationGetDescr(partition);
	DdbCatalogRow values;

	if (tupdesc->natts <= RECORDS_NCOLUMNS)
		return row;
	ddb_catalog_row_init(&values, tupdesc, RECORDS_NCOLUMNS);
	ddb_catalog_row_deform(&values, row, tupdesc);
	return ddb_catalog_row_form(partition, RECORDS_NCOLUMNS, values.values, values.nulls);
}

int32
ddb_records_stream_id(HeapTuple row)
{
	return ROW_HEAD(row)->stream_id;
}

void
ddb_records_primary_key(HeapTuple row, Datum values[DDB_RECORDS_NKEYS])
{
	const RowHead *head = ROW_HEAD(row);

	values[0] = Int32GetDatum(head->stream_id);
	values[1] = LSNGetDatum(head->lsn);
	values[2] = Int32GetDatum(head->ordinal);
	values[3] = Int32GetDatum(head->epoch);
}

Relation
ddb_records_open(int32 epoch)
{
	return table_open(ddb_catalog_relation_oid(partition_name(epoch)), RowExclusiveLock);
}

bool
ddb_records_any(int32 epoch)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(epoch)};

	return ddb_spi_run_as_owner("SELECT FROM ddb.stream_records WHERE epoch = $1 LIMIT 1",
								1, types, values, NULL) > 0;
}

int32
ddb_records_free_epoch(int32 epoch)
{
	Oid			nspid = get_namespace_oid(DDB_SCHEMA, false);

	while (OidIsValid(get_relname_relid(partition_name(epoch), nspid)))
		epoch++;
	return epoch;
}

static void
run(const char *sql)
{
	ddb_spi_run_as_owner(sql, 0, NULL, NULL, NULL);
}

/*
 * ddb_records_create_partition attaches the partition when it is made: one that is made as a
 * partition would wait for whoever has looked at ddb_streams in a transaction that is
 * still open.
 */
void
ddb_records_create_partition(int32 epoch)
{
	char	   *name = partition_name(epoch);

	run(psprintf("CREATE TABLE ddb.%s (LIKE ddb.stream_records"
				 " INCLUDING COMPRESSION INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE)"
				 " WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off)", name));
	run(psprintf("ALTER TABLE ddb.stream_records ATTACH PARTITION ddb.%s FOR VALUES IN (%d)", name, epoch));
	run(psprintf("ALTER EXTENSION ddb ADD TABLE ddb.%s", name));
}

List *
ddb_records_partitions(void)
{
	MemoryContext context = CurrentMemoryContext;
	uint64		n = ddb_spi_run_as_owner("SELECT pg_catalog.substr(c.relname, 16)::integer AS epoch"
										 " FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid"
										 " WHERE i.inhparent = 'ddb.stream_records'::regclass"
										 " AND c.relname ~ '^stream_records_[0-9]{1,9}$' ORDER BY epoch",
										 0, NULL, NULL, NULL);
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *epochs = NIL;
	bool		isnull;

	for (uint64 i = 0; i < n; i++)
		epochs = lappend_int(epochs, DatumGetInt32(ddb_spi_datum(i, 1, &isnull)));
	MemoryContextSwitchTo(old);
	return epochs;
}

bool
ddb_records_drop_partition(int32 epoch)
{
	char	   *name = partition_name(epoch);

	if (!ConditionalLockRelationOid(ddb_catalog_relation_oid("stream_records"), AccessExclusiveLock) ||
		!ConditionalLockRelationOid(ddb_catalog_relation_oid(name), AccessExclusiveLock))
		return false;
	run(psprintf("ALTER EXTENSION ddb DROP TABLE ddb.%s", name));
	run(psprintf("DROP TABLE ddb.%s", name));
	return true;
}
