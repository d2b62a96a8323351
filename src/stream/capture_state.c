/*
 * capture_state.c
 *	  How far streams are captured: the row of ddb.capture, and the numbers of epochs.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/fmgrprotos.h"
#include "utils/pg_lsn.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "stream/capture_state.h"
#include "table/catalog_row.h"
#include "table/spi_run.h"

/* Columns of ddb.capture; keep in step with the script. */
enum
{
	CAPTURE_ONE = 1,
	CAPTURE_SLOT_NAME,
	CAPTURE_CAPTURED_LSN,
	CAPTURE_EPOCH,
	CAPTURE_EPOCH_SINCE,
	CAPTURE_NCOLUMNS = CAPTURE_EPOCH_SINCE
};

bool
ddb_capture_state_read(DdbCaptureState *state)
{
	DdbCatalogScan scan = {.table = "capture",.ncolumns = CAPTURE_NCOLUMNS,.latest = true};
	bool		found;

	ddb_catalog_scan_begin(&scan, NULL, 0);
	found = ddb_catalog_scan_next(&scan, ForwardScanDirection);
	if (found)
	{
		state->captured = DatumGetLSN(ddb_catalog_datum(&scan.row, CAPTURE_CAPTURED_LSN));
		state->epoch = DatumGetInt32(ddb_catalog_datum(&scan.row, CAPTURE_EPOCH));
		state->epoch_since = DatumGetTimestampTz(ddb_catalog_datum(&scan.row, CAPTURE_EPOCH_SINCE));
	}
	ddb_catalog_scan_end(&scan);
	return found;
}

void
ddb_capture_state_insert(const char *slot_name, const DdbCaptureState *state)
{
	Oid			types[] = {NAMEOID, PG_LSNOID, INT4OID, TIMESTAMPTZOID};
	Datum		values[4];

	values[0] = DirectFunctionCall1(namein, CStringGetDatum(slot_name));
	values[1] = LSNGetDatum(state->captured);
	values[2] = Int32GetDatum(state->epoch);
	values[3] = TimestampTzGetDatum(state->epoch_since);
	ddb_spi_run_as_owner("INSERT INTO ddb.capture (slot_name, captured_lsn, epoch, epoch_since)"
						 " VALUES ($1, $2, $3, $4)", 4, types, values, NULL);
}

void
ddb_capture_state_update(const DdbCaptureState *state)
{
	Oid			types[] = {PG_LSNOID, INT4OID, TIMESTAMPTZOID};
	Datum		values[3];

	values[0] = LSNGetDatum(state->captured);
	values[1] = Int32GetDatum(state->epoch);
	values[2] = TimestampTzGetDatum(state->epoch_since);
	ddb_spi_run_as_owner("UPDATE ddb.capture SET captured_lsn = $1, epoch = $2, epoch_since = $3",
						 3, types, values, NULL);
}

void
ddb_capture_state_delete(void)
{
	ddb_spi_run_as_owner("DELETE FROM ddb.capture", 0, NULL, NULL, NULL);
}

void
ddb_capture_state_set_captured(XLogRecPtr captured)
{
	DdbCatalogScan scan = {.table = "capture",.ncolumns = CAPTURE_NCOLUMNS,.lockmode = RowExclusiveLock};
	int			column = CAPTURE_CAPTURED_LSN;
	Datum		value = LSNGetDatum(captured);
	bool		isnull = false;
	HeapTuple	changed;

	ddb_catalog_scan_begin(&scan, NULL, 0);
	if (!ddb_catalog_scan_next(&scan, ForwardScanDirection))
		elog(ERROR, "ddb.capture is empty");
	changed = heap_modify_tuple_by_cols(scan.tuple, RelationGetDescr(scan.rel), 1, &column, &value, &isnull);
	CatalogTupleUpdate(scan.rel, &scan.tuple->t_self, changed);
	ddb_catalog_scan_end(&scan);
}

int32
ddb_capture_state_next_epoch(void)
{
	bool		isnull;

	ddb_spi_run_as_owner("SELECT pg_catalog.nextval('ddb.stream_epochs')::integer", 0, NULL, NULL, NULL);
	return DatumGetInt32(ddb_spi_datum(0, 1, &isnull));
}

void
ddb_capture_state_use_epoch(int32 epoch)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(epoch)};

	ddb_spi_run_as_owner("SELECT pg_catalog.setval('ddb.stream_epochs', $1)", 1, types, values, NULL);
}
