/*
 * catalog_row.c
 *	  Reading and writing rows of the extension's own tables.
 *
 * Arrays are as long as the table's descriptor or the caller's columns, whichever is
 * more: a table may have columns that were added by a later version of the
 * extension's script, or lack those that a later library knows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "table/catalog_row.h"
#include "table/desc.h"
#include "version.h"

Oid
ddb_catalog_relation_oid(const char *name)
{
	Oid			nspid = ddb_version_check() ? get_namespace_oid(DDB_SCHEMA, true) : InvalidOid;
	Oid			relid = OidIsValid(nspid) ? get_relname_relid(name, nspid) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("the catalog of extension \"ddb\" is missing: no relation %s.%s",
					   DDB_SCHEMA, name),
				errhint("Run CREATE EXTENSION ddb in this database."));
	return relid;
}

void
ddb_catalog_row_init(DdbCatalogRow *row, TupleDesc tupdesc, int ncolumns)
{
	int			n = Max(tupdesc->natts, ncolumns);

	row->ncolumns = ncolumns;
	row->values = palloc(sizeof(Datum) * n);
	row->nulls = palloc(sizeof(bool) * n);
}

void
ddb_catalog_row_deform(DdbCatalogRow *row, HeapTuple tuple, TupleDesc tupdesc)
{
	heap_deform_tuple(tuple, tupdesc, row->values, row->nulls);
	for (int i = tupdesc->natts; i < row->ncolumns; i++)
	{
		row->values[i] = (Datum) 0;
		row->nulls[i] = true;
	}
}

/*
 * default_value evaluates the default of a column that the caller doesn't know.
 */
static Datum
default_value(Relation rel, Form_pg_attribute att, EState *estate, bool *isnull)
{
	Node	   *expression = att->attisdropped || att->attgenerated ? NULL :
	build_column_default(rel, att->attnum);
	Datum		value = (Datum) 0;

	*isnull = true;
	if (expression != NULL)
		value = ExecEvalExpr(ExecPrepareExpr((Expr *) expression, estate),
							 GetPerTupleExprContext(estate), isnull);
	if (*isnull && att->attnotnull && !att->attisdropped)
		ereport(ERROR,
				errcode(ERRCODE_NOT_NULL_VIOLATION),
				errmsg("column \"%s\" of relation \"%s\" is not known to the library and has no default",
					   NameStr(att->attname), RelationGetRelationName(rel)),
				errhint("Run ALTER EXTENSION ddb UPDATE, and restart what has loaded another version of the library."));
	return value;
}

HeapTuple
ddb_catalog_row_form(Relation rel, int ncolumns, const Datum *values, const bool *nulls)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	EState	   *estate;
	Datum	   *all_values;
	bool	   *all_nulls;
	HeapTuple	tuple;

	if (tupdesc->natts <= ncolumns)
		return heap_form_tuple(tupdesc, unconstify(Datum *, values), unconstify(bool *, nulls));
	all_values = palloc(sizeof(Datum) * tupdesc->natts);
	all_nulls = palloc(sizeof(bool) * tupdesc->natts);
	memcpy(all_values, values, sizeof(Datum) * ncolumns);
	memcpy(all_nulls, nulls, sizeof(bool) * ncolumns);
	estate = CreateExecutorState();
	for (int i = ncolumns; i < tupdesc->natts; i++)
		all_values[i] = default_value(rel, TupleDescAttr(tupdesc, i), estate, &all_nulls[i]);
	tuple = heap_form_tuple(tupdesc, all_values, all_nulls);
	FreeExecutorState(estate);
	pfree(all_values);
	pfree(all_nulls);
	return tuple;
}

char *
ddb_catalog_string(const DdbCatalogRow *row, int column)
{
	return row->nulls[column - 1] ? NULL : TextDatumGetCString(row->values[column - 1]);
}

Jsonb *
ddb_catalog_jsonb(const DdbCatalogRow *row, int column)
{
	return row->nulls[column - 1] ? NULL : DatumGetJsonbPCopy(row->values[column - 1]);
}

char **
ddb_catalog_strings(const DdbCatalogRow *row, int column, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	char	  **strings;

	*n = 0;
	if (row->nulls[column - 1])
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(row->values[column - 1]), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, n);
	strings = palloc(sizeof(char *) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			elog(ERROR, "NULL in an array of ddb's catalog");
		strings[i] = TextDatumGetCString(elements[i]);
	}
	return strings;
}

void
ddb_catalog_scan_begin(DdbCatalogScan *scan, ScanKey keys, int nkeys)
{
	scan->rel = table_open(ddb_catalog_relation_oid(scan->table),
						   scan->lockmode == NoLock ? AccessShareLock : scan->lockmode);
	scan->index_rel = scan->index == NULL ? NULL :
		index_open(ddb_catalog_relation_oid(scan->index), AccessShareLock);
	scan->snapshot = scan->latest ? RegisterSnapshot(GetLatestSnapshot()) : NULL;
	scan->scan = scan->index_rel != NULL ?
		systable_beginscan_ordered(scan->rel, scan->index_rel, scan->snapshot, nkeys, keys) :
		systable_beginscan(scan->rel, InvalidOid, false, scan->snapshot, nkeys, keys);
	ddb_catalog_row_init(&scan->row, RelationGetDescr(scan->rel), scan->ncolumns);
}

bool
ddb_catalog_scan_next(DdbCatalogScan *scan, ScanDirection direction)
{
	scan->tuple = scan->index_rel != NULL ? systable_getnext_ordered(scan->scan, direction) :
		systable_getnext(scan->scan);
	if (HeapTupleIsValid(scan->tuple))
		ddb_catalog_row_deform(&scan->row, scan->tuple, RelationGetDescr(scan->rel));
	return HeapTupleIsValid(scan->tuple);
}

void
ddb_catalog_scan_end(DdbCatalogScan *scan)
{
	if (scan->index_rel != NULL)
	{
		systable_endscan_ordered(scan->scan);
		index_close(scan->index_rel, AccessShareLock);
	}
	else
		systable_endscan(scan->scan);
	if (scan->snapshot != NULL)
		UnregisterSnapshot(scan->snapshot);
	table_close(scan->rel, scan->lockmode == NoLock ? AccessShareLock : NoLock);
	pfree(scan->row.values);
	pfree(scan->row.nulls);
}

void
ddb_catalog_key(ScanKey key, int column, Oid function, Datum value)
{
	ScanKeyInit(key, column, BTEqualStrategyNumber, function, value);
}
