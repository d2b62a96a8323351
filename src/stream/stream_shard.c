/*
 * stream_shard.c
 *	  Shards of streams: the rows of ddb.stream_shards, and ShardIds.
 *
 * A ShardId is "shardId-", the milliseconds since 1970 at which the shard was
 * made (20 digits), and 8 hexadecimal digits of the epoch, mixed with the stream
 * so that shards of one epoch have different ids.  Ids of a stream's later shards
 * sort behind those of earlier ones.
 */
#include "postgres.h"

#include <inttypes.h>

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/fmgroids.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

#include "stream/stream_shard.h"
#include "table/catalog_row.h"
#include "table/spi_run.h"

#define MS_BETWEEN_EPOCHS \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * INT64CONST(86400000))

/* Columns of ddb.stream_shards; keep in step with the script. */
enum
{
	SHARDS_STREAM_ID = 1,
	SHARDS_EPOCH,
	SHARDS_FIRST_LSN,
	SHARDS_LAST_LSN,
	SHARDS_LAST_ORDINAL,
	SHARDS_CREATED_AT,
	SHARDS_CLOSED_AT,
	SHARDS_NCOLUMNS = SHARDS_CLOSED_AT
};

static void
read_shard(const DdbCatalogRow *row, DdbStreamShard *shard)
{
	memset(shard, 0, sizeof(DdbStreamShard));
	shard->epoch = DatumGetInt32(ddb_catalog_datum(row, SHARDS_EPOCH));
	shard->first.lsn = DatumGetLSN(ddb_catalog_datum(row, SHARDS_FIRST_LSN));
	shard->created_at = DatumGetTimestampTz(ddb_catalog_datum(row, SHARDS_CREATED_AT));
	shard->closed = !ddb_catalog_is_null(row, SHARDS_LAST_LSN);
	if (shard->closed)
	{
		shard->last.lsn = DatumGetLSN(ddb_catalog_datum(row, SHARDS_LAST_LSN));
		shard->last.ordinal = DatumGetInt32(ddb_catalog_datum(row, SHARDS_LAST_ORDINAL));
	}
}

List *
ddb_stream_shard_list(int32 stream_id, int32 from_epoch, int max)
{
	DdbCatalogScan scan = {.table = "stream_shards",.index = "stream_shards_pkey",
	.ncolumns = SHARDS_NCOLUMNS,.latest = true};
	List	   *shards = NIL;
	ScanKeyData keys[2];

	ddb_catalog_key(&keys[0], SHARDS_STREAM_ID, F_INT4EQ, Int32GetDatum(stream_id));
	ScanKeyInit(&keys[1], SHARDS_EPOCH, BTGreaterEqualStrategyNumber, F_INT4GE,
				Int32GetDatum(from_epoch));
	ddb_catalog_scan_begin(&scan, keys, 2);
	while (list_length(shards) < max && ddb_catalog_scan_next(&scan, ForwardScanDirection))
	{
		DdbStreamShard *shard = palloc(sizeof(DdbStreamShard));

		read_shard(&scan.row, shard);
		shards = lappend(shards, shard);
	}
	ddb_catalog_scan_end(&scan);
	return shards;
}

bool
ddb_stream_shard_find(int32 stream_id, int32 epoch, DdbStreamShard *shard)
{
	List	   *shards = ddb_stream_shard_list(stream_id, epoch, 1);

	if (shards == NIL || ((DdbStreamShard *) linitial(shards))->epoch != epoch)
		return false;
	*shard = *(DdbStreamShard *) linitial(shards);
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

void
ddb_stream_shard_id_format(int32 stream_id, const DdbStreamShard *shard,
						   char buf[DDB_STREAM_SHARD_ID_LENGTH + 1])
{
	snprintf(buf, DDB_STREAM_SHARD_ID_LENGTH + 1, "shardId-%020" PRId64 "-%08x",
			 shard->created_at / 1000 + MS_BETWEEN_EPOCHS, mix(stream_id, shard->epoch));
}

bool
ddb_stream_shard_id_parse(int32 stream_id, const char *id, int32 *epoch)
{
	if (strlen(id) != DDB_STREAM_SHARD_ID_LENGTH || strncmp(id, "shardId-", 8) != 0 ||
		strspn(id + 8, "0123456789") != 20 || id[28] != '-' ||
		strspn(id + 29, "0123456789abcdef") != 8)
		return false;
	*epoch = (int32) mix(stream_id, (uint32) strtoul(id + 29, NULL, 16));
	return true;
}

/*
 * integers copies the integer column 1 of the result.
 */
static List *
integers(uint64 n, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *list = NIL;
	bool		isnull;

	for (uint64 i = 0; i < n; i++)
		list = lappend_int(list, DatumGetInt32(ddb_spi_datum(i, 1, &isnull)));
	MemoryContextSwitchTo(old);
	return list;
}

List *
ddb_stream_shard_open_streams(int32 epoch)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(epoch)};
	MemoryContext context = CurrentMemoryContext;
	uint64		n = ddb_spi_run_as_owner("SELECT stream_id FROM ddb.stream_shards"
										 " WHERE epoch = $1 AND closed_at IS NULL ORDER BY stream_id",
										 1, types, values, NULL);

	return integers(n, context);
}

List *
ddb_stream_shard_kept_epochs(int retention)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(retention)};
	MemoryContext context = CurrentMemoryContext;
	uint64		n = ddb_spi_run_as_owner("SELECT DISTINCT epoch FROM ddb.stream_shards"
										 " WHERE closed_at IS NULL OR closed_at > pg_catalog.now() - $1 * interval '1 s'"
										 " ORDER BY epoch", 1, types, values, NULL);

	return integers(n, context);
}

void
ddb_stream_shard_open(int32 stream_id, int32 epoch, XLogRecPtr first)
{
	Oid			types[] = {INT4OID, INT4OID, PG_LSNOID};
	Datum		values[] = {Int32GetDatum(stream_id), Int32GetDatum(epoch), LSNGetDatum(first)};

	ddb_spi_run_as_owner("INSERT INTO ddb.stream_shards (stream_id, epoch, first_lsn, created_at)"
						 " VALUES ($1, $2, $3, pg_catalog.clock_timestamp()) ON CONFLICT DO NOTHING",
						 3, types, values, NULL);
}

void
ddb_stream_shard_close(int32 stream_id, XLogRecPtr last)
{
	Oid			types[] = {INT4OID, PG_LSNOID, INT4OID};
	Datum		values[] = {Int32GetDatum(stream_id), LSNGetDatum(last), Int32GetDatum(PG_INT32_MAX)};

	ddb_spi_run_as_owner("UPDATE ddb.stream_shards SET last_lsn = $2, last_ordinal = $3,"
						 " closed_at = pg_catalog.clock_timestamp() WHERE closed_at IS NULL AND $1 IN (0, stream_id)",
						 3, types, values, NULL);
}

void
ddb_stream_shard_delete(int32 epoch)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(epoch)};

	ddb_spi_run_as_owner("DELETE FROM ddb.stream_shards WHERE epoch = $1", 1, types, values, NULL);
}
