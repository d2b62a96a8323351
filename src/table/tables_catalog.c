/*
 * tables_catalog.c
 *	  The rows of ddb.tables.
 *
 * Reads that descriptors are made of go by a catalog snapshot, never by the
 * transaction's.  Writes are SQL, so that foreign keys and the columns' checks hold.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"

#include "table/catalog_row.h"
#include "table/physical.h"
#include "table/spi_run.h"
#include "table/tables_catalog.h"

/* Columns of ddb.tables; keep in step with the script. */
enum
{
	TABLES_NAME = 1,
	TABLES_RELID,
	TABLES_ID,
	TABLES_CREATED_AT,
	TABLES_ATTRIBUTE_NAMES,
	TABLES_ATTRIBUTE_TYPES,
	TABLES_COLUMN_NAMES,
	TABLES_SETTINGS,
	TABLES_STATUS,
	TABLES_STATUS_UNTIL,
	TABLES_TTL_ATTRIBUTE,
	TABLES_NCOLUMNS = TABLES_TTL_ATTRIBUTE
};

static void
read_row(const DdbCatalogRow *from, const char *table_name, DdbTableRow *row)
{
	int			ntypes,
				ncolumns;
	char	   *status = ddb_catalog_string(from, TABLES_STATUS);

	row->relid = DatumGetObjectId(ddb_catalog_datum(from, TABLES_RELID));
	row->table_id = DatumGetCString(DirectFunctionCall1(uuid_out, ddb_catalog_datum(from, TABLES_ID)));
	row->created_at = DatumGetTimestampTz(ddb_catalog_datum(from, TABLES_CREATED_AT));
	row->attribute_names = ddb_catalog_strings(from, TABLES_ATTRIBUTE_NAMES, &row->nattributes);
	row->attribute_types = ddb_catalog_strings(from, TABLES_ATTRIBUTE_TYPES, &ntypes);
	row->column_names = ddb_catalog_strings(from, TABLES_COLUMN_NAMES, &ncolumns);
	if (row->nattributes != ntypes || row->nattributes != ncolumns)
		elog(ERROR, "ddb.tables: row of \"%s\" is damaged", table_name);
	row->settings = ddb_catalog_jsonb(from, TABLES_SETTINGS);
	row->creating = status != NULL && strcmp(status, "CREATING") == 0;
	row->status_until = DatumGetTimestampTz(ddb_catalog_datum(from, TABLES_STATUS_UNTIL));
	row->ttl_attribute = ddb_catalog_string(from, TABLES_TTL_ATTRIBUTE);
}

bool
ddb_tables_find(const char *table_name, DdbTableRow *row)
{
	DdbCatalogScan scan = {.table = "tables",.index = "tables_pkey",.ncolumns = TABLES_NCOLUMNS};
	ScanKeyData key;
	bool		found;

	ddb_catalog_key(&key, TABLES_NAME, F_TEXTEQ, CStringGetTextDatum(table_name));
	ddb_catalog_scan_begin(&scan, &key, 1);
	found = ddb_catalog_scan_next(&scan, ForwardScanDirection);
	if (found)
		read_row(&scan.row, table_name, row);
	ddb_catalog_scan_end(&scan);
	return found;
}

Oid
ddb_tables_relid(const char *table_name)
{
	DdbTableRow row;

	if (!ddb_tables_find(table_name, &row) ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(row.relid)))
		return InvalidOid;
	return row.relid;
}

char *
ddb_tables_name(Oid relid)
{
	DdbCatalogScan scan = {.table = "tables",.index = "tables_relid_key",.ncolumns = TABLES_NCOLUMNS};
	ScanKeyData key;
	char	   *name = NULL;

	ddb_catalog_key(&key, TABLES_RELID, F_OIDEQ, ObjectIdGetDatum(relid));
	ddb_catalog_scan_begin(&scan, &key, 1);
	if (ddb_catalog_scan_next(&scan, ForwardScanDirection))
		name = ddb_catalog_string(&scan.row, TABLES_NAME);
	ddb_catalog_scan_end(&scan);
	return name;
}

List *
ddb_tables_list(const char *after, int64 limit)
{
	Oid			types[] = {TEXTOID, INT8OID};
	Datum		values[] = {CStringGetTextDatum(after), Int64GetDatum(limit)};
	MemoryContext context = CurrentMemoryContext;
	List	   *names = NIL;

	SPI_connect();
	if (SPI_execute_with_args("SELECT t.table_name FROM ddb.tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
							  " WHERE t.table_name > $1 ORDER BY t.table_name LIMIT $2",
							  2, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not list tables");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		names = lappend(names, ddb_spi_string(i, 1, context));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return names;
}

/*
 * attribute_arrays sets the arrays of the names, the types and the columns of attributes.
 */
static void
attribute_arrays(List *attributes, Datum arrays[3])
{
	List	   *names = NIL,
			   *types = NIL,
			   *columns = NIL;
	ListCell   *lc;

	foreach(lc, attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		names = lappend(names, att->name);
		types = lappend(types, pstrdup(ddb_type_name(att->type)));
		columns = lappend(columns, ddb_spec_attribute_column(att));
	}
	arrays[0] = ddb_spi_text_array(names);
	arrays[1] = ddb_spi_text_array(types);
	arrays[2] = ddb_spi_text_array(columns);
}

void
ddb_tables_insert(const DdbTableSpec *spec, Oid relid)
{
	Oid			types[] = {TEXTOID, REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, JSONBOID, INT4OID};
	Datum		values[7];
	char		nulls[] = "       ";

	values[0] = CStringGetTextDatum(spec->name);
	values[1] = ObjectIdGetDatum(relid);
	attribute_arrays(spec->attributes, &values[2]);
	values[5] = JsonbPGetDatum(spec->settings);
	if (spec->settings == NULL)
		nulls[5] = 'n';
	values[6] = Int32GetDatum(spec->delay);
	ddb_spi_run_as_owner("INSERT INTO ddb.tables (table_name, relid, attribute_names, attribute_types, column_names, settings,"
						 " status, status_until)"
						 " VALUES ($1, $2, $3, $4, $5, coalesce($6, '{}'), 'CREATING',"
						 " CASE WHEN $7 > 0 THEN pg_catalog.clock_timestamp() + $7 * interval '1 ms' END)",
						 7, types, values, nulls);
}

/*
 * run_named runs a command whose $1 is a table's name, and gives the number of rows.
 */
static uint64
run_named(const char *sql, const char *table_name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};

	return ddb_spi_run_as_owner(sql, 1, types, values, NULL);
}

void
ddb_tables_delete(const char *table_name)
{
	run_named("DELETE FROM ddb.tables WHERE table_name = $1", table_name);
}

bool
ddb_tables_exists(const char *table_name)
{
	run_named("DELETE FROM ddb.tables t WHERE t.table_name = $1"
			  " AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.relid)", table_name);
	return run_named("SELECT FROM ddb.tables WHERE table_name = $1", table_name) > 0;
}

void
ddb_tables_set_attributes(const char *table_name, List *attributes)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[4];

	values[0] = CStringGetTextDatum(table_name);
	attribute_arrays(attributes, &values[1]);
	ddb_spi_run_as_owner("UPDATE ddb.tables SET attribute_names = $2, attribute_types = $3, column_names = $4"
						 " WHERE table_name = $1", 4, types, values, NULL);
}

void
ddb_tables_set_settings(const char *table_name, Jsonb *settings, int delay)
{
	Oid			types[] = {TEXTOID, JSONBOID, INT4OID};
	Datum		values[] = {CStringGetTextDatum(table_name), JsonbPGetDatum(settings), Int32GetDatum(delay)};

	ddb_spi_run_as_owner("UPDATE ddb.tables SET settings = $2, status = 'UPDATING',"
						 " status_until = pg_catalog.clock_timestamp() + $3 * interval '1 ms'"
						 " WHERE table_name = $1", 3, types, values, NULL);
}

void
ddb_tables_set_ttl(const char *table_name, const char *attribute)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name),
	attribute ? CStringGetTextDatum(attribute) : (Datum) 0};

	ddb_spi_run_as_owner("UPDATE ddb.tables SET ttl_attribute = $2 WHERE table_name = $1",
						 2, types, values, attribute ? NULL : " n");
}

void
ddb_tables_set_waiting(const char *table_name)
{
	run_named("UPDATE ddb.tables SET status_until = 'infinity' WHERE table_name = $1", table_name);
}

/* ---- for workers ---- */

const char	ddb_tables_ttl_work_query[] = "SELECT FROM ddb.tables WHERE ttl_attribute IS NOT NULL LIMIT 1";
const char	ddb_tables_stream_work_query[] =
"SELECT FROM ddb.tables WHERE settings ? 'stream_view' OR status_until = 'infinity' LIMIT 1";

#define SELECT_NAMES \
	"SELECT t.table_name, t.relid::pg_catalog.oid FROM ddb.tables t" \
	" JOIN pg_catalog.pg_class c ON c.oid = t.relid WHERE "

/*
 * list_names makes a list of the result of a query that begins with SELECT_NAMES.
 */
static List *
list_names(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	uint64		n = ddb_spi_run_as_owner(sql, 0, NULL, NULL, NULL);
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *names = NIL;

	for (uint64 i = 0; i < n; i++)
	{
		DdbTableName *name = palloc(sizeof(DdbTableName));
		bool		isnull;

		name->name = ddb_spi_string(i, 1, context);
		name->relid = DatumGetObjectId(ddb_spi_datum(i, 2, &isnull));
		names = lappend(names, name);
	}
	MemoryContextSwitchTo(old);
	return names;
}

List *
ddb_tables_list_ttl(void)
{
	return list_names(SELECT_NAMES "t.ttl_attribute IS NOT NULL");
}

List *
ddb_tables_list_waiting(bool lock)
{
	return list_names(lock ? SELECT_NAMES "t.status_until = 'infinity' FOR UPDATE OF t SKIP LOCKED" :
					  SELECT_NAMES "t.status_until = 'infinity'");
}

bool
ddb_tables_any_waiting(void)
{
	return ddb_spi_run_as_owner("SELECT FROM ddb.tables WHERE status_until = 'infinity' LIMIT 1",
								0, NULL, NULL, NULL) > 0;
}

void
ddb_tables_end_waiting(const char *table_name)
{
	run_named("UPDATE ddb.tables SET status_until = NULL WHERE table_name = $1", table_name);
}

List *
ddb_tables_list_streamed(void)
{
	return list_names(SELECT_NAMES "t.settings ? 'stream_view' ORDER BY pg_catalog.random()");
}

void
ddb_tables_remove_stream(const char *table_name)
{
	run_named("UPDATE ddb.tables SET settings = settings - 'stream_view' WHERE table_name = $1", table_name);
}
