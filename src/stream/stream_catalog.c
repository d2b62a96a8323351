/*
 * stream_catalog.c
 *	  Looking up streams and shards.
 *
 * The tables are read directly, by their indexes: every GetRecords comes by here.
 *
 * A ShardId is "shardId-", the milliseconds since 1970 at which the shard was
 * made (20 digits), and 8 hexadecimal digits of the epoch, mixed with the stream
 * so that shards of one epoch have different ids.  Ids of a stream's later shards
 * sort behind those of earlier ones.
 */
#include "postgres.h"

#include <inttypes.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/pg_lsn.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "stream/stream_catalog.h"
#include "table/desc.h"

#define MS_BETWEEN_EPOCHS \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * INT64CONST(86400000))

/* Columns of ddb.streams. */
enum
{
	STREAMS_ID = 1,
	STREAMS_TABLE_NAME,
	STREAMS_LABEL,
	STREAMS_RELID,
	STREAMS_OWNER,
	STREAMS_VIEW_TYPE,
	STREAMS_KEY_ATTRIBUTES,
	STREAMS_KEY_COLUMNS,
	STREAMS_CREATED_AT,
	STREAMS_DISABLED_AT,
	STREAMS_CAPTURED_AT,
	STREAMS_CLOSED_AT
};

/* Columns of ddb.stream_shards. */
enum
{
	SHARDS_STREAM_ID = 1,
	SHARDS_EPOCH,
	SHARDS_FIRST_LSN,
	SHARDS_LAST_LSN,
	SHARDS_LAST_ORDINAL,
	SHARDS_CREATED_AT,
	SHARDS_CLOSED_AT
};

#define CAPTURE_CAPTURED_LSN 3	/* column of ddb.capture */

/* A scan of one of the tables; the columns of the current row. */
typedef struct Scan
{
	Relation	rel;
	Relation	index;			/* NULL: none */
	Snapshot	snapshot;
	SysScanDesc scan;
	Datum	   *values;
	bool	   *nulls;
} Scan;

static void
begin_scan(Scan *scan, const char *table, const char *index, ScanKey keys, int nkeys)
{
	scan->rel = table_open(ddb_catalog_relation_oid(table), AccessShareLock);
	scan->index = index ? index_open(ddb_catalog_relation_oid(index), AccessShareLock) : NULL;
	scan->snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan->scan = scan->index ?
		systable_beginscan_ordered(scan->rel, scan->index, scan->snapshot, nkeys, keys) :
		systable_beginscan(scan->rel, InvalidOid, false, scan->snapshot, nkeys, keys);
	scan->values = palloc(sizeof(Datum) * RelationGetNumberOfAttributes(scan->rel));
	scan->nulls = palloc(sizeof(bool) * RelationGetNumberOfAttributes(scan->rel));
}

/*
 * next_row steps to the next row; false at the end.
 */
static bool
next_row(Scan *scan, ScanDirection direction)
{
	HeapTuple	tuple = scan->index ? systable_getnext_ordered(scan->scan, direction) :
	systable_getnext(scan->scan);

	if (HeapTupleIsValid(tuple))
		heap_deform_tuple(tuple, RelationGetDescr(scan->rel), scan->values, scan->nulls);
	return HeapTupleIsValid(tuple);
}

static void
end_scan(Scan *scan)
{
	if (scan->index != NULL)
	{
		systable_endscan_ordered(scan->scan);
		index_close(scan->index, AccessShareLock);
	}
	else
		systable_endscan(scan->scan);
	UnregisterSnapshot(scan->snapshot);
	table_close(scan->rel, AccessShareLock);
	pfree(scan->values);
	pfree(scan->nulls);
}

/* ---- streams ---- */

/*
 * read_stream copies the current row of ddb.streams.
 */
static DdbStream *
read_stream(const Scan *scan)
{
	DdbStream  *stream = palloc0(sizeof(DdbStream));
	Datum	   *names;

	stream->id = DatumGetInt32(scan->values[STREAMS_ID - 1]);
	stream->table_name = TextDatumGetCString(scan->values[STREAMS_TABLE_NAME - 1]);
	stream->label = TextDatumGetCString(scan->values[STREAMS_LABEL - 1]);
	stream->relid = DatumGetObjectId(scan->values[STREAMS_RELID - 1]);
	stream->owner = DatumGetObjectId(scan->values[STREAMS_OWNER - 1]);
	stream->view_type = TextDatumGetCString(scan->values[STREAMS_VIEW_TYPE - 1]);
	deconstruct_array(DatumGetArrayTypeP(scan->values[STREAMS_KEY_ATTRIBUTES - 1]), TEXTOID,
					  -1, false, TYPALIGN_INT, &names, NULL, &stream->nkeys);
	stream->key_attributes = palloc(sizeof(char *) * stream->nkeys);
	for (int i = 0; i < stream->nkeys; i++)
		stream->key_attributes[i] = TextDatumGetCString(names[i]);
	stream->created_at = DatumGetTimestampTz(scan->values[STREAMS_CREATED_AT - 1]);
	stream->disabled = !scan->nulls[STREAMS_DISABLED_AT - 1];
	stream->captured = !scan->nulls[STREAMS_CAPTURED_AT - 1];
	stream->closed = !scan->nulls[STREAMS_CLOSED_AT - 1];
	return stream;
}

static DdbStream *
find_stream(const char *index, ScanKey keys, int nkeys)
{
	DdbStream  *stream = NULL;
	Scan		scan;

	begin_scan(&scan, "streams", index, keys, nkeys);
	if (next_row(&scan, ForwardScanDirection))
		stream = read_stream(&scan);
	end_scan(&scan);
	return stream;
}

/*
 * ddb_stream_by_id finds a stream.
 */
DdbStream *
ddb_stream_by_id(int32 stream_id)
{
	ScanKeyData key;

	ScanKeyInit(&key, STREAMS_ID, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(stream_id));
	return find_stream("streams_pkey", &key, 1);
}

/*
 * ddb_stream_find finds a stream by its table's name and its label.
 */
DdbStream *
ddb_stream_find(const char *table_name, const char *label)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], STREAMS_TABLE_NAME, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(table_name));
	ScanKeyInit(&keys[1], STREAMS_LABEL, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(label));
	return find_stream("streams_table_name_stream_label_key", keys, 2);
}

/*
 * ddb_stream_list gives streams in order.
 */
List *
ddb_stream_list(const char *table_name, const char *after_table, const char *after_label)
{
	List	   *streams = NIL;
	ScanKeyData keys[2];
	int			nkeys = 0;
	Scan		scan;

	if (table_name != NULL)
		ScanKeyInit(&keys[nkeys++], STREAMS_TABLE_NAME, BTEqualStrategyNumber, F_TEXTEQ,
					CStringGetTextDatum(table_name));
	if (after_table != NULL)
		ScanKeyInit(&keys[nkeys++], STREAMS_TABLE_NAME, BTGreaterEqualStrategyNumber, F_TEXT_GE,
					CStringGetTextDatum(after_table));
	begin_scan(&scan, "streams", "streams_table_name_stream_label_key", keys, nkeys);
	while (next_row(&scan, ForwardScanDirection))
	{
		DdbStream  *stream = read_stream(&scan);

		if (after_table == NULL || strcmp(stream->table_name, after_table) > 0 ||
			strcmp(stream->label, after_label) > 0)
			streams = lappend(streams, stream);
	}
	end_scan(&scan);
	return streams;
}

/*
 * label_ms is the time that a label names, in milliseconds.
 */
static int64
label_ms(const char *label)
{
	return DatumGetTimestamp(DirectFunctionCall3(timestamp_in, CStringGetDatum(label),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1))) / 1000;
}

/*
 * ddb_stream_new_label names a stream by the time it is enabled, in UTC, to the
 * millisecond; a later one than any before of the table, or of another table that
 * had the name.
 */
char *
ddb_stream_new_label(const char *table_name, const char *latest)
{
	int64		ms = GetCurrentTimestamp() / 1000;
	pg_time_t	seconds;
	struct pg_tm *tm;
	ScanKeyData key;
	Scan		scan;

	ScanKeyInit(&key, STREAMS_TABLE_NAME, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(table_name));
	begin_scan(&scan, "streams", "streams_table_name_stream_label_key", &key, 1);
	if (next_row(&scan, BackwardScanDirection))
		ms = Max(ms, label_ms(TextDatumGetCString(scan.values[STREAMS_LABEL - 1])) + 1);
	end_scan(&scan);
	if (latest != NULL)
		ms = Max(ms, label_ms(latest) + 1);
	ms += MS_BETWEEN_EPOCHS;
	seconds = (pg_time_t) (ms / 1000);
	tm = pg_gmtime(&seconds);
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03d", tm->tm_year + 1900, tm->tm_mon + 1,
					tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, (int) (ms % 1000));
}

/* ---- shards ---- */

static void
read_shard(const Scan *scan, DdbShard *shard)
{
	memset(shard, 0, sizeof(DdbShard));
	shard->epoch = DatumGetInt32(scan->values[SHARDS_EPOCH - 1]);
	shard->first.lsn = DatumGetLSN(scan->values[SHARDS_FIRST_LSN - 1]);
	shard->created_at = DatumGetTimestampTz(scan->values[SHARDS_CREATED_AT - 1]);
	shard->closed = !scan->nulls[SHARDS_LAST_LSN - 1];
	if (shard->closed)
	{
		shard->last.lsn = DatumGetLSN(scan->values[SHARDS_LAST_LSN - 1]);
		shard->last.ordinal = DatumGetInt32(scan->values[SHARDS_LAST_ORDINAL - 1]);
	}
}

/*
 * ddb_shard_list gives shards in order.
 */
List *
ddb_shard_list(int32 stream_id, int32 from_epoch, int max)
{
	List	   *shards = NIL;
	ScanKeyData keys[2];
	Scan		scan;

	ScanKeyInit(&keys[0], SHARDS_STREAM_ID, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(stream_id));
	ScanKeyInit(&keys[1], SHARDS_EPOCH, BTGreaterEqualStrategyNumber, F_INT4GE,
				Int32GetDatum(from_epoch));
	begin_scan(&scan, "stream_shards", "stream_shards_pkey", keys, 2);
	while (list_length(shards) < max && next_row(&scan, ForwardScanDirection))
	{
		DdbShard   *shard = palloc(sizeof(DdbShard));

		read_shard(&scan, shard);
		shards = lappend(shards, shard);
	}
	end_scan(&scan);
	return shards;
}

/*
 * ddb_shard_find finds a shard.
 */
bool
ddb_shard_find(int32 stream_id, int32 epoch, DdbShard *shard)
{
	List	   *shards = ddb_shard_list(stream_id, epoch, 1);

	if (shards == NIL || ((DdbShard *) linitial(shards))->epoch != epoch)
		return false;
	*shard = *(DdbShard *) linitial(shards);
	return true;
}

/*
 * mix hides an epoch, and finds it again.
 */
static uint32
mix(int32 stream_id, uint32 epoch)
{
	return epoch ^ ((uint32) stream_id * 0x9E3779B1u);
}

/*
 * ddb_shard_id_format writes a ShardId.
 */
void
ddb_shard_id_format(int32 stream_id, const DdbShard *shard, char buf[DDB_SHARD_ID_LENGTH + 1])
{
	snprintf(buf, DDB_SHARD_ID_LENGTH + 1, "shardId-%020" PRId64 "-%08x",
			 shard->created_at / 1000 + MS_BETWEEN_EPOCHS, mix(stream_id, shard->epoch));
}

/*
 * ddb_shard_id_parse gives the epoch in a ShardId.
 */
bool
ddb_shard_id_parse(int32 stream_id, const char *id, int32 *epoch)
{
	if (strlen(id) != DDB_SHARD_ID_LENGTH || strncmp(id, "shardId-", 8) != 0 ||
		strspn(id + 8, "0123456789") != 20 || id[28] != '-' ||
		strspn(id + 29, "0123456789abcdef") != 8)
		return false;
	*epoch = (int32) mix(stream_id, (uint32) strtoul(id + 29, NULL, 16));
	return true;
}

/* ---- capture ---- */

/*
 * ddb_stream_captured is how far all streams are recorded.
 */
bool
ddb_stream_captured(XLogRecPtr *lsn)
{
	Scan		scan;
	bool		found;

	begin_scan(&scan, "capture", NULL, NULL, 0);
	found = next_row(&scan, ForwardScanDirection);
	if (found)
		*lsn = DatumGetLSN(scan.values[CAPTURE_CAPTURED_LSN - 1]);
	end_scan(&scan);
	return found;
}
