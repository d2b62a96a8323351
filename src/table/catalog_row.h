/*
 * catalog_row.h
 *	  Rows of the extension's own tables, the relations in schema ddb.
 *
 * Each of them has one file that knows its columns; that file reads and writes its
 * rows with these functions.  A library may meet a table of another version of the
 * script: columns that it doesn't know are left alone, and get their default in
 * new rows; columns that it knows and that are not there read as NULL.
 */
#ifndef DDB_CATALOG_ROW_H
#define DDB_CATALOG_ROW_H

#include "access/genam.h"
#include "access/htup.h"
#include "access/sdir.h"
#include "access/skey.h"
#include "access/tupdesc.h"
#include "storage/lockdefs.h"
#include "utils/jsonb.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

/* ddb_catalog_relation_oid is the oid of ddb.<name>; raises an error when it is missing. */
extern Oid	ddb_catalog_relation_oid(const char *name);

/*
 * A row taken apart.  The values are those of the tuple, copied by whoever keeps them
 * longer than it.  Columns are numbered from 1, up to the ncolumns that the reader knows.
 */
typedef struct DdbCatalogRow
{
	int			ncolumns;
	Datum	   *values;			/* by column - 1 */
	bool	   *nulls;
} DdbCatalogRow;

/* ddb_catalog_row_init makes room for rows of tupdesc, in CurrentMemoryContext. */
extern void ddb_catalog_row_init(DdbCatalogRow *row, TupleDesc tupdesc, int ncolumns);

/* ddb_catalog_row_deform takes a tuple of that descriptor apart. */
extern void ddb_catalog_row_deform(DdbCatalogRow *row, HeapTuple tuple, TupleDesc tupdesc);

/*
 * ddb_catalog_row_form makes a tuple of a row's first ncolumns columns.  Those behind
 * them get their default, as in an INSERT that doesn't name them.
 */
extern HeapTuple ddb_catalog_row_form(Relation rel, int ncolumns, const Datum *values,
									  const bool *nulls);

/* One column's value, copied into CurrentMemoryContext; what stands for NULL is said of each. */
extern char *ddb_catalog_string(const DdbCatalogRow *row, int column);	/* text; NULL */
extern Jsonb *ddb_catalog_jsonb(const DdbCatalogRow *row, int column);	/* NULL */
extern char **ddb_catalog_strings(const DdbCatalogRow *row, int column, int *n);	/* text[]; none */

static inline bool
ddb_catalog_is_null(const DdbCatalogRow *row, int column)
{
	return row->nulls[column - 1];
}

static inline Datum
ddb_catalog_datum(const DdbCatalogRow *row, int column) /* 0 */
{
	return row->nulls[column - 1] ? (Datum) 0 : row->values[column - 1];
}

/*
 * A scan of one table.  The caller sets what is above the line, the others are the
 * scan's own.
 */
typedef struct DdbCatalogScan
{
	const char *table;			/* in schema ddb */
	const char *index;			/* scanned in its order; NULL: the heap is scanned */
	int			ncolumns;		/* that the caller knows */
	LOCKMODE	lockmode;		/* of the table.  0: AccessShareLock, until the end of the scan; any other is
								 * kept until the end of the transaction */
	bool		latest;			/* with the latest snapshot, which sees what was committed before; else with
								 * a catalog snapshot, which is renewed by invalidations alone */
	/*----------*/
	Relation	rel;
	Relation	index_rel;
	Snapshot	snapshot;
	SysScanDesc scan;
	HeapTuple	tuple;			/* the current row ... */
	DdbCatalogRow row;			/* ... taken apart; valid until the next one */
} DdbCatalogScan;

/*
 * ddb_catalog_scan_begin begins a scan for the rows that keys select; they name columns
 * of the table, and with an index only columns of it.
 */
extern void ddb_catalog_scan_begin(DdbCatalogScan *scan, ScanKey keys, int nkeys);

/* ddb_catalog_scan_next steps to the next row; false at the end. */
extern bool ddb_catalog_scan_next(DdbCatalogScan *scan, ScanDirection direction);
extern void ddb_catalog_scan_end(DdbCatalogScan *scan);

/* ddb_catalog_key sets a scan key: column is equal to value, by the function with that oid. */
extern void ddb_catalog_key(ScanKey key, int column, Oid function, Datum value);

#endif							/* DDB_CATALOG_ROW_H */
