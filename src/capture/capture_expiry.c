/*
 * capture_expiry.c
 *	  Stream records go when their time is over.
 *
 * They go an epoch at a time, by dropping its partition, ddb.stream_retention after
 * its last shard was closed; its shards go with it, and a stream with its last
 * shard.  Readers are not waited for: what is being read is dropped later.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/timestamp.h"

#include "capture/capture_private.h"
#include "settings.h"
#include "stream/records.h"
#include "table/desc.h"
#include "table/physical.h"

/* How often to look: a tenth of the retention, but at most and at least so often. */
#define LOOK_MIN_MS 1000
#define LOOK_MAX_MS 30000

/* $1: retention in seconds. */
#define EXPIRED_QUERY \
	"SELECT p.epoch, c.oid FROM pg_catalog.pg_inherits i" \
	" JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid," \
	" LATERAL (SELECT pg_catalog.substr(c.relname, 16)::integer AS epoch) p" \
	" WHERE i.inhparent = 'ddb.stream_records'::regclass AND c.relname ~ '^stream_records_[0-9]{1,9}$'" \
	" AND NOT EXISTS (SELECT FROM ddb.capture WHERE capture.epoch = p.epoch)" \
	" AND NOT EXISTS (SELECT FROM ddb.stream_shards h WHERE h.epoch = p.epoch AND" \
	"  (h.closed_at IS NULL OR h.closed_at > pg_catalog.now() - $1 * interval '1 s'))" \
	" ORDER BY p.epoch"

static uint64
run(const char *command, int32 argument)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(argument)};

	return ddb_sql_run_as_owner(command, 1, types, values, NULL);
}

/*
 * drop_partition drops the partition of an epoch; false when somebody uses it.
 */
static bool
drop_partition(int32 epoch, Oid relid)
{
	char	   *name = ddb_stream_partition_name(epoch);

	if (!ConditionalLockRelationOid(ddb_catalog_relation_oid("stream_records"), AccessExclusiveLock) ||
		!ConditionalLockRelationOid(relid, AccessExclusiveLock))
		return false;
	run(psprintf("ALTER EXTENSION ddb DROP TABLE ddb.%s", name), 0);
	run(psprintf("DROP TABLE ddb.%s", name), 0);
	run("DELETE FROM ddb.stream_shards WHERE epoch = $1", epoch);
	return true;
}

/*
 * expire_epoch drops the n-th of the expired epochs; false when there are not
 * so many.  One transaction each, for the locks are heavy.
 */
static bool
expire_epoch(int *n)
{
	bool		found;

	ddb_capture_begin();
	found = run(EXPIRED_QUERY, ddb_stream_retention) > *n;
	if (found)
	{
		bool		isnull;
		HeapTuple	row = SPI_tuptable->vals[*n];
		int32		epoch = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
		Oid			relid = DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));

		if (!drop_partition(epoch, relid))
			(*n)++;
	}
	ddb_capture_commit(false);
	return found;
}

/*
 * ddb_capture_expire drops what has been kept long enough.  As often it has tables looked
 * at that show a stream they don't have: a restored dump brings such ones.
 */
void
ddb_capture_expire(DdbCapture *capture)
{
	int64		pause = Max(LOOK_MIN_MS, Min((int64) ddb_stream_retention * 100, LOOK_MAX_MS));
	int			n = 0;

	if (!ddb_capture_elapsed(capture->expired, pause))
		return;
	capture->expired = GetCurrentTimestamp();
	capture->reconcile = true;
	while (expire_epoch(&n))
		CHECK_FOR_INTERRUPTS();
	ddb_capture_begin();
	run("DELETE FROM ddb.streams s WHERE closed_at < pg_catalog.now() - $1 * interval '1 s'"
		" AND NOT EXISTS (SELECT FROM ddb.stream_shards h WHERE h.stream_id = s.stream_id)",
		ddb_stream_retention);
	ddb_capture_commit(false);
	ddb_capture_load_streams(capture);
}
