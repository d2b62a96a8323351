/*
 * indexes_catalog.c
 *	  The rows of ddb.indexes.
 *
 * Column fill is {"block": n, "end": n, "filenode": n}: blocks from block up to end of
 * the data table's file are still to be filled.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "jsonb/member.h"
#include "table/catalog_row.h"
#include "table/indexes_catalog.h"
#include "table/physical.h"
#include "table/spi_run.h"
#include "table/tables_catalog.h"

/* Columns of ddb.indexes; keep in step with the script. */
enum
{
	INDEXES_TABLE = 1,
	INDEXES_NAME,
	INDEXES_RELNAME,
	INDEXES_KIND,
	INDEXES_PARTITION_KEY,
	INDEXES_SORT_KEY,
	INDEXES_PROJECTION,
	INDEXES_INCLUDED,
	INDEXES_SETTINGS,
	INDEXES_STATUS,
	INDEXES_FILL,
	INDEXES_NCOLUMNS = INDEXES_FILL
};

/* Values of columns, by enum. */
static const char *const kinds[] = {"primary", "global", "local"};
static const char *const projections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
static const char *const statuses[] = {"ACTIVE", "CREATING", "DELETING"};

/*
 * value_number gives the number of a column's value among its n values.
 */
static int
value_number(const DdbCatalogRow *row, int column, const char *const *values, int n)
{
	char	   *value = ddb_catalog_string(row, column);

	for (int i = 0; i < n; i++)
	{
		if (value != NULL && strcmp(value, values[i]) == 0)
			return i;
	}
	elog(ERROR, "ddb.indexes: column %d has an unknown value \"%s\"", column, value ? value : "");
	return 0;
}

static uint32
fill_member(Jsonb *fill, const char *name)
{
	JsonbValue	value;

	if (!ddb_json_member(&fill->root, name, &value) || value.type != jbvNumeric)
		elog(ERROR, "ddb.indexes.fill is damaged");
	return (uint32) DatumGetInt64(DirectFunctionCall1(numeric_int8,
													  NumericGetDatum(value.val.numeric)));
}

/*
 * fill_datum writes column fill.
 */
static Datum
fill_datum(const DdbFill *fill)
{
	char	   *text;

	if (fill == NULL)
		return (Datum) 0;
	text = psprintf("{\"block\": %u, \"end\": %u, \"filenode\": %u}", fill->block, fill->end, fill->filenode);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}

static DdbIndexRow *
read_row(const DdbCatalogRow *from)
{
	DdbIndexRow *row = palloc0(sizeof(DdbIndexRow));
	Jsonb	   *fill = ddb_catalog_jsonb(from, INDEXES_FILL);

	row->kind = value_number(from, INDEXES_KIND, kinds, lengthof(kinds));
	row->name = row->kind == DDB_INDEX_PRIMARY ? NULL : ddb_catalog_string(from, INDEXES_NAME);
	row->relname = ddb_catalog_string(from, INDEXES_RELNAME);
	row->partition = ddb_catalog_strings(from, INDEXES_PARTITION_KEY, &row->npartition);
	row->sort = ddb_catalog_strings(from, INDEXES_SORT_KEY, &row->nsort);
	row->projection = value_number(from, INDEXES_PROJECTION, projections, lengthof(projections));
	row->included = ddb_catalog_strings(from, INDEXES_INCLUDED, &row->nincluded);
	row->status = value_number(from, INDEXES_STATUS, statuses, lengthof(statuses));
	row->settings = ddb_catalog_jsonb(from, INDEXES_SETTINGS);
	row->filling = fill != NULL;
	if (fill != NULL)
	{
		row->fill.block = fill_member(fill, "block");
		row->fill.end = fill_member(fill, "end");
		row->fill.filenode = fill_member(fill, "filenode");
	}
	return row;
}

List *
ddb_indexes_list(const char *table_name)
{
	DdbCatalogScan scan = {.table = "indexes",.index = "indexes_pkey",.ncolumns = INDEXES_NCOLUMNS};
	ScanKeyData key;
	List	   *rows = NIL;

	ddb_catalog_key(&key, INDEXES_TABLE, F_TEXTEQ, CStringGetTextDatum(table_name));
	ddb_catalog_scan_begin(&scan, &key, 1);
	while (ddb_catalog_scan_next(&scan, ForwardScanDirection))
		rows = lappend(rows, read_row(&scan.row));
	ddb_catalog_scan_end(&scan);
	return rows;
}

void
ddb_indexes_insert(const char *table_name, const DdbIndexSpec *index,
				   DdbIndexStatus status, const DdbFill *fill)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
	TEXTARRAYOID, JSONBOID, TEXTOID, JSONBOID};
	Datum		values[11];
	char		nulls[] = "           ";

	values[0] = CStringGetTextDatum(table_name);
	values[1] = CStringGetTextDatum(index->name ? index->name : "");
	values[2] = CStringGetTextDatum(ddb_physical_index_name(table_name, index->name));
	values[3] = CStringGetTextDatum(kinds[index->kind]);
	values[4] = ddb_spi_text_array(index->partition);
	values[5] = ddb_spi_text_array(index->sort);
	values[6] = CStringGetTextDatum(projections[index->projection]);
	values[7] = ddb_spi_text_array(index->included);
	values[8] = JsonbPGetDatum(index->settings);
	nulls[8] = index->settings == NULL ? 'n' : ' ';
	values[9] = CStringGetTextDatum(statuses[status]);
	values[10] = fill_datum(fill);
	nulls[10] = fill == NULL ? 'n' : ' ';
	ddb_spi_run_as_owner("INSERT INTO ddb.indexes (table_name, index_name, relname, kind, partition_key, sort_key,"
						 " projection, included, settings, status, fill)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'), $10, $11)",
						 11, types, values, nulls);
}

/*
 * run_on runs a command on one row: $1 and $2 are its key, $3 is a value of the type,
 * NULL when present is false.
 */
static void
run_on(const char *sql, const char *table_name, const char *index_name, Oid type, Datum value,
	   bool present)
{
	Oid			types[] = {TEXTOID, TEXTOID, type};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(index_name), value};

	ddb_spi_run_as_owner(sql, 3, types, values, present ? NULL : "  n");
}

void
ddb_indexes_delete(const char *table_name, const char *index_name)
{
	run_on("DELETE FROM ddb.indexes WHERE table_name = $1 AND index_name = $2",
		   table_name, index_name, TEXTOID, (Datum) 0, false);
}

void
ddb_indexes_set_status(const char *table_name, const char *index_name, DdbIndexStatus status)
{
	run_on("UPDATE ddb.indexes SET status = $3, fill = NULL WHERE table_name = $1 AND index_name = $2",
		   table_name, index_name, TEXTOID, CStringGetTextDatum(statuses[status]), true);
}

void
ddb_indexes_set_fill(const char *table_name, const char *index_name, const DdbFill *fill)
{
	run_on("UPDATE ddb.indexes SET fill = $3 WHERE table_name = $1 AND index_name = $2",
		   table_name, index_name, JSONBOID, fill_datum(fill), fill != NULL);
}

void
ddb_indexes_set_settings(const char *table_name, const char *index_name, Jsonb *settings)
{
	run_on("UPDATE ddb.indexes SET settings = $3 WHERE table_name = $1 AND index_name = $2",
		   table_name, index_name, JSONBOID, JsonbPGetDatum(settings), true);
}

bool
ddb_indexes_busy(const char *table_name, const char *but)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(but ? but : "")};

	return ddb_spi_run_as_owner("SELECT FROM ddb.indexes WHERE table_name = $1 AND index_name <> $2"
								" AND status <> 'ACTIVE'", 2, types, values, NULL) > 0;
}

bool
ddb_indexes_unready(DdbUnreadyIndex *index)
{
	MemoryContext context = CurrentMemoryContext;
	bool		found = false;

	SPI_connect();
	if (SPI_execute("SELECT table_name, index_name, status = 'DELETING' FROM ddb.indexes"
					" WHERE status <> 'ACTIVE' ORDER BY pg_catalog.random()", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read ddb.indexes");
	for (uint64 i = 0; i < SPI_processed && !found; i++)
	{
		bool		isnull;

		index->table_name = ddb_spi_string(i, 1, context);
		index->index_name = ddb_spi_string(i, 2, context);
		index->deleting = DatumGetBool(ddb_spi_datum(i, 3, &isnull));
		found = OidIsValid(ddb_tables_relid(index->table_name));
	}
	SPI_finish();
	return found;
}

const char	ddb_indexes_work_query[] = "SELECT FROM ddb.indexes WHERE status <> 'ACTIVE' LIMIT 1";
