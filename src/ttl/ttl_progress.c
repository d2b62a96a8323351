/*
 * ttl_progress.c
 *	  The rows of ddb.ttl_progress.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "table/catalog_row.h"
#include "table/spi_run.h"
#include "ttl/ttl_progress.h"

/* Columns of ddb.ttl_progress; keep in step with the script. */
enum
{
	PROGRESS_RELID = 1,
	PROGRESS_FILENODE,
	PROGRESS_BLOCK,
	PROGRESS_ROUND_AT,
	PROGRESS_LAP_AT,
	PROGRESS_DELETED,
	PROGRESS_SINCE,
	PROGRESS_FAILURE,
	PROGRESS_NCOLUMNS = PROGRESS_FAILURE
};

void
ddb_ttl_progress_read(Oid relid, DdbTtlProgress *progress)
{
	DdbCatalogScan scan = {.table = "ttl_progress",.index = "ttl_progress_pkey",
	.ncolumns = PROGRESS_NCOLUMNS,.latest = true};
	ScanKeyData key;

	memset(progress, 0, sizeof(DdbTtlProgress));
	progress->relid = relid;
	ddb_catalog_key(&key, PROGRESS_RELID, F_OIDEQ, ObjectIdGetDatum(relid));
	ddb_catalog_scan_begin(&scan, &key, 1);
	if (ddb_catalog_scan_next(&scan, ForwardScanDirection))
	{
		progress->filenode = DatumGetObjectId(ddb_catalog_datum(&scan.row, PROGRESS_FILENODE));
		progress->block = DatumGetInt64(ddb_catalog_datum(&scan.row, PROGRESS_BLOCK));
		progress->round_at = DatumGetTimestampTz(ddb_catalog_datum(&scan.row, PROGRESS_ROUND_AT));
		progress->lap_at = DatumGetTimestampTz(ddb_catalog_datum(&scan.row, PROGRESS_LAP_AT));
		progress->deleted = DatumGetInt64(ddb_catalog_datum(&scan.row, PROGRESS_DELETED));
		progress->failure = ddb_catalog_string(&scan.row, PROGRESS_FAILURE);
	}
	ddb_catalog_scan_end(&scan);
}

void
ddb_ttl_progress_save(const DdbTtlProgress *progress)
{
	Oid			types[] = {OIDOID, OIDOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTOID};
	Datum		values[7];
	char		nulls[] = "       ";

	values[0] = ObjectIdGetDatum(progress->relid);
	values[1] = ObjectIdGetDatum(progress->filenode);
	values[2] = Int64GetDatum(progress->block);
	values[3] = TimestampTzGetDatum(progress->round_at);
	values[4] = TimestampTzGetDatum(progress->lap_at);
	nulls[4] = progress->lap_at == 0 ? 'n' : ' ';
	values[5] = Int64GetDatum(progress->deleted);
	values[6] = progress->failure ? CStringGetTextDatum(progress->failure) : (Datum) 0;
	nulls[6] = progress->failure ? ' ' : 'n';
	ddb_spi_run_as_owner("INSERT INTO ddb.ttl_progress AS p (relid, filenode, block, round_at, lap_at, deleted, failure)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (relid) DO UPDATE"
						 " SET filenode = excluded.filenode, block = excluded.block, round_at = excluded.round_at,"
						 " lap_at = coalesce(excluded.lap_at, p.lap_at), deleted = p.deleted + excluded.deleted,"
						 " failure = excluded.failure", 7, types, values, nulls);
}

void
ddb_ttl_progress_keep(List *relids)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(relids), 1));
	Oid			types[] = {OIDARRAYOID};
	Datum		values[1];
	int			n = 0;
	ListCell   *lc;

	foreach(lc, relids)
		elements[n++] = ObjectIdGetDatum(lfirst_oid(lc));
	values[0] = PointerGetDatum(construct_array(elements, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	ddb_spi_run_as_owner("DELETE FROM ddb.ttl_progress p WHERE NOT EXISTS"
						 " (SELECT FROM pg_catalog.unnest($1) AS kept (relid) WHERE kept.relid = p.relid)",
						 1, types, values, NULL);
}
