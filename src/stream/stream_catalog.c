/*
 * stream_catalog.c
 *	  The rows of ddb.streams.
 *
 * They are read directly, by an index: every GetRecords comes by here.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "stream/stream_catalog.h"
#include "table/catalog_row.h"
#include "table/spi_run.h"

#define MS_BETWEEN_EPOCHS \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * INT64CONST(86400000))

/* Columns of ddb.streams; keep in step with the script. */
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
	STREAMS_CLOSED_AT,
	STREAMS_NCOLUMNS = STREAMS_CLOSED_AT
};

#define STREAMS_SCAN(by) \
	{.table = "streams",.index = (by),.ncolumns = STREAMS_NCOLUMNS,.latest = true}
#define BY_NAME "streams_table_name_stream_label_key"

/*
 * read_stream copies the current row of ddb.streams.
 */
static DdbStream *
read_stream(const DdbCatalogRow *row)
{
	DdbStream  *stream = palloc0(sizeof(DdbStream));
	int			ncolumns;

	stream->id = DatumGetInt32(ddb_catalog_datum(row, STREAMS_ID));
	stream->table_name = ddb_catalog_string(row, STREAMS_TABLE_NAME);
	stream->label = ddb_catalog_string(row, STREAMS_LABEL);
	stream->relid = DatumGetObjectId(ddb_catalog_datum(row, STREAMS_RELID));
	stream->owner = DatumGetObjectId(ddb_catalog_datum(row, STREAMS_OWNER));
	stream->view_type = ddb_catalog_string(row, STREAMS_VIEW_TYPE);
	stream->key_attributes = ddb_catalog_strings(row, STREAMS_KEY_ATTRIBUTES, &stream->nkeys);
	stream->key_columns = ddb_catalog_strings(row, STREAMS_KEY_COLUMNS, &ncolumns);
	if (ncolumns != stream->nkeys)
		elog(ERROR, "ddb.streams: row of stream %d is damaged", stream->id);
	stream->created_at = DatumGetTimestampTz(ddb_catalog_datum(row, STREAMS_CREATED_AT));
	stream->disabled = !ddb_catalog_is_null(row, STREAMS_DISABLED_AT);
	stream->captured = !ddb_catalog_is_null(row, STREAMS_CAPTURED_AT);
	stream->closed = !ddb_catalog_is_null(row, STREAMS_CLOSED_AT);
	return stream;
}

static DdbStream *
find_stream(const char *index, ScanKey keys, int nkeys)
{
	DdbCatalogScan scan = STREAMS_SCAN(index);
	DdbStream  *stream = NULL;

	ddb_catalog_scan_begin(&scan, keys, nkeys);
	if (ddb_catalog_scan_next(&scan, ForwardScanDirection))
		stream = read_stream(&scan.row);
	ddb_catalog_scan_end(&scan);
	return stream;
}

DdbStream *
ddb_stream_by_id(int32 stream_id)
{
	ScanKeyData key;

	ddb_catalog_key(&key, STREAMS_ID, F_INT4EQ, Int32GetDatum(stream_id));
	return find_stream("streams_pkey", &key, 1);
}

DdbStream *
ddb_stream_find(const char *table_name, const char *label)
{
	ScanKeyData keys[2];

	ddb_catalog_key(&keys[0], STREAMS_TABLE_NAME, F_TEXTEQ, CStringGetTextDatum(table_name));
	ddb_catalog_key(&keys[1], STREAMS_LABEL, F_TEXTEQ, CStringGetTextDatum(label));
	return find_stream(BY_NAME, keys, 2);
}

List *
ddb_stream_list(const char *table_name, const char *after_table, const char *after_label)
{
	DdbCatalogScan scan = STREAMS_SCAN(BY_NAME);
	List	   *streams = NIL;
	ScanKeyData keys[2];
	int			nkeys = 0;

	if (table_name != NULL)
		ddb_catalog_key(&keys[nkeys++], STREAMS_TABLE_NAME, F_TEXTEQ, CStringGetTextDatum(table_name));
	if (after_table != NULL)
		ScanKeyInit(&keys[nkeys++], STREAMS_TABLE_NAME, BTGreaterEqualStrategyNumber, F_TEXT_GE,
					CStringGetTextDatum(after_table));
	ddb_catalog_scan_begin(&scan, keys, nkeys);
	while (ddb_catalog_scan_next(&scan, ForwardScanDirection))
	{
		DdbStream  *stream = read_stream(&scan.row);

		if (after_table == NULL || strcmp(stream->table_name, after_table) > 0 ||
			strcmp(stream->label, after_label) > 0)
			streams = lappend(streams, stream);
	}
	ddb_catalog_scan_end(&scan);
	return streams;
}

List *
ddb_stream_list_by_id(void)
{
	DdbCatalogScan scan = STREAMS_SCAN("streams_pkey");
	List	   *streams = NIL;

	ddb_catalog_scan_begin(&scan, NULL, 0);
	while (ddb_catalog_scan_next(&scan, ForwardScanDirection))
		streams = lappend(streams, read_stream(&scan.row));
	ddb_catalog_scan_end(&scan);
	return streams;
}

DdbStream *
ddb_stream_of_relation(Oid relid)
{
	DdbCatalogScan scan = STREAMS_SCAN("streams_relid");
	DdbStream  *stream = NULL;
	ScanKeyData key;

	ddb_catalog_key(&key, STREAMS_RELID, F_OIDEQ, ObjectIdGetDatum(relid));
	ddb_catalog_scan_begin(&scan, &key, 1);
	while (stream == NULL && ddb_catalog_scan_next(&scan, ForwardScanDirection))
	{
		if (ddb_catalog_is_null(&scan.row, STREAMS_DISABLED_AT))
			stream = read_stream(&scan.row);
	}
	ddb_catalog_scan_end(&scan);
	return stream;
}

DdbStream *
ddb_stream_of_relation_in(Relation streams, Oid relid)
{
	TupleDesc	tupdesc = RelationGetDescr(streams);
	DdbStream  *stream = NULL;
	DdbCatalogRow row;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ddb_catalog_row_init(&row, tupdesc, STREAMS_NCOLUMNS);
	ddb_catalog_key(&key, STREAMS_RELID, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(streams, InvalidOid, false, NULL, 1, &key);
	while (stream == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		ddb_catalog_row_deform(&row, tuple, tupdesc);
		if (ddb_catalog_is_null(&row, STREAMS_DISABLED_AT))
			stream = read_stream(&row);
	}
	systable_endscan(scan);
	return stream;
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
	DdbCatalogScan scan = STREAMS_SCAN(BY_NAME);
	ScanKeyData key;

	ddb_catalog_key(&key, STREAMS_TABLE_NAME, F_TEXTEQ, CStringGetTextDatum(table_name));
	ddb_catalog_scan_begin(&scan, &key, 1);
	if (ddb_catalog_scan_next(&scan, BackwardScanDirection))
		ms = Max(ms, label_ms(ddb_catalog_string(&scan.row, STREAMS_LABEL)) + 1);
	ddb_catalog_scan_end(&scan);
	if (latest != NULL)
		ms = Max(ms, label_ms(latest) + 1);
	ms += MS_BETWEEN_EPOCHS;
	seconds = (pg_time_t) (ms / 1000);
	tm = pg_gmtime(&seconds);
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03d", tm->tm_year + 1900, tm->tm_mon + 1,
					tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, (int) (ms % 1000));
}

void
ddb_stream_insert(const DdbStream *stream)
{
	Oid			types[] = {TEXTOID, TEXTOID, REGCLASSOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[6];
	List	   *attributes = NIL,
			   *columns = NIL;

	for (int i = 0; i < stream->nkeys; i++)
	{
		attributes = lappend(attributes, stream->key_attributes[i]);
		columns = lappend(columns, stream->key_columns[i]);
	}
	values[0] = CStringGetTextDatum(stream->table_name);
	values[1] = CStringGetTextDatum(stream->label);
	values[2] = ObjectIdGetDatum(stream->relid);
	values[3] = CStringGetTextDatum(stream->view_type);
	values[4] = ddb_spi_text_array(attributes);
	values[5] = ddb_spi_text_array(columns);
	ddb_spi_run_as_owner("INSERT INTO ddb.streams (table_name, stream_label, relid, owner, view_type, key_attributes, key_columns)"
						 " SELECT $1, $2, $3, relowner, $4, $5, $6 FROM pg_catalog.pg_class WHERE oid = $3",
						 6, types, values, NULL);
}

void
ddb_stream_set_disabled(const char *table_name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};

	ddb_spi_run_as_owner("UPDATE ddb.streams SET disabled_at = pg_catalog.clock_timestamp()"
						 " WHERE table_name = $1 AND disabled_at IS NULL",
						 1, types, values, NULL);
}

/* ---- for the capture worker ---- */

const char	ddb_stream_work_query[] = "SELECT FROM ddb.streams";

/*
 * run_on runs a command whose $1 is an integer, and gives the number of rows.
 */
static uint64
run_on(const char *sql, int32 argument)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(argument)};

	return ddb_spi_run_as_owner(sql, 1, types, values, NULL);
}

void
ddb_stream_set_captured(int32 stream_id)
{
	run_on("UPDATE ddb.streams SET captured_at = pg_catalog.clock_timestamp() WHERE stream_id IN"
		   " (SELECT stream_id FROM ddb.streams WHERE stream_id = $1 AND captured_at IS NULL"
		   " FOR UPDATE SKIP LOCKED)", stream_id);
}

void
ddb_stream_set_closed(int32 stream_id)
{
	run_on("UPDATE ddb.streams SET closed_at = pg_catalog.clock_timestamp() WHERE stream_id = $1", stream_id);
}

void
ddb_stream_set_failed(int32 stream_id, const char *failure)
{
	Oid			types[] = {INT4OID, TEXTOID};
	Datum		values[] = {Int32GetDatum(stream_id), CStringGetTextDatum(failure)};

	ddb_spi_run_as_owner("UPDATE ddb.streams SET disabled_at = pg_catalog.clock_timestamp(), failure = $2"
						 " WHERE stream_id = $1", 2, types, values, NULL);
}

void
ddb_stream_follow_owners(void)
{
	if (run_on("SELECT FROM ddb.streams s JOIN pg_catalog.pg_class c ON c.oid = s.relid"
			   " WHERE s.owner <> c.relowner LIMIT 1", 0) > 0)
		run_on("UPDATE ddb.streams s SET owner = c.relowner FROM pg_catalog.pg_class c"
			   " WHERE c.oid = s.relid AND s.stream_id IN (SELECT o.stream_id FROM ddb.streams o"
			   " JOIN pg_catalog.pg_class p ON p.oid = o.relid WHERE o.owner <> p.relowner"
			   " FOR UPDATE OF o SKIP LOCKED)", 0);
}

List *
ddb_stream_closed_before(int seconds)
{
	MemoryContext context = CurrentMemoryContext;
	uint64		n = run_on("SELECT stream_id FROM ddb.streams"
						   " WHERE closed_at < pg_catalog.now() - $1 * interval '1 s'", seconds);
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *ids = NIL;
	bool		isnull;

	for (uint64 i = 0; i < n; i++)
		ids = lappend_int(ids, DatumGetInt32(ddb_spi_datum(i, 1, &isnull)));
	MemoryContextSwitchTo(old);
	return ids;
}

void
ddb_stream_delete(int32 stream_id)
{
	run_on("DELETE FROM ddb.streams WHERE stream_id = $1", stream_id);
}

Oid
ddb_stream_catalog_oid(void)
{
	return ddb_catalog_relation_oid("streams");
}
