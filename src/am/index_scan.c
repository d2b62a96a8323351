/*
 * index_scan.c
 *	  Scans of a ddb index: nbtree's, with search keys put into stored form.
 *
 * Two things are done to the scan keys of partition columns before nbtree
 * sees them:
 *
 * - A long search value becomes a digest (longkey.c).  The scan then sets
 *   xs_recheck, so that the row itself is what decides.
 *
 * - Bounds on the hash (strategies with subtype int8) become strict.  nbtree
 *   takes an inclusive bound on one column and a bound on the next one for a
 *   common starting point; but the values that share the bounding hash are not
 *   in the order of the next column.  It never does so behind a strict bound.
 *
 * A scan without either costs a look at each key in amrescan and nothing more.
 * nbtree leaves the fields of IndexScanDesc for ordering operators alone, so
 * they carry our state: xs_recheckorderby says that keys are digests, and
 * xs_orderbyvals points to the MemoryContext of rewritten keys.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "access/skey.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"

#define SCAN_HAS_DIGESTS(scan) ((scan)->xs_recheckorderby)
#define SCAN_CONTEXT(scan) (*(MemoryContext *) &(scan)->xs_orderbyvals)

IndexScanDesc
ddb_am_beginscan(Relation index, int nkeys, int norderbys)
{
	IndexScanDesc scan = btbeginscan(index, nkeys, norderbys);

	SCAN_HAS_DIGESTS(scan) = false;
	SCAN_CONTEXT(scan) = NULL;
	return scan;
}

/*
 * array_has_long tells whether an array of text or bytea has a long element.
 */
static bool
array_has_long(ArrayType *array, Datum **elems, bool **nulls, int *nelems)
{
	int			i;

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT,
					  elems, nulls, nelems);
	for (i = 0; i < *nelems; i++)
	{
		if (!(*nulls)[i] && ddb_am_key_is_long((*elems)[i]))
			return true;
	}
	return false;
}

/*
 * digest_array replaces the long elements of a search array, and drops its
 * NULLs, which match nothing; false when there are no long ones.
 */
static bool
digest_array(ScanKey key, DdbColumnKind kind)
{
	ArrayType  *array = DatumGetArrayTypeP(key->sk_argument);
	Datum	   *elems;
	bool	   *nulls;
	int			nelems;
	int			n = 0;
	int			i;

	if (!array_has_long(array, &elems, &nulls, &nelems))
		return false;
	for (i = 0; i < nelems; i++)
	{
		if (nulls[i])
			continue;
		elems[n++] = ddb_am_key_is_long(elems[i]) ? ddb_am_key_digest(elems[i], kind) : elems[i];
	}
	array = construct_array(elems, n, ARR_ELEMTYPE(array), -1, false,
							TYPALIGN_INT);
	key->sk_argument = PointerGetDatum(array);
	return true;
}

/*
 * hash_bound_of_array reduces "column op ANY (array of hashes)" to the one
 * element that decides: the least for > and >=, the greatest for < and <=.
 * false when the array has no element, and so nothing matches.
 */
static bool
hash_bound_of_array(ScanKey key)
{
	ArrayType  *array = DatumGetArrayTypeP(key->sk_argument);
	bool		greater = key->sk_strategy >= BTGreaterEqualStrategyNumber;
	Datum	   *elems;
	bool	   *nulls;
	int			nelems;
	bool		found = false;
	int64		bound = 0;
	int			i;

	deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &elems, &nulls, &nelems);
	for (i = 0; i < nelems; i++)
	{
		int64		element;

		if (nulls[i])
			continue;
		element = DatumGetInt64(elems[i]);
		if (!found || (greater ? element < bound : element > bound))
			bound = element;
		found = true;
	}
	if (found)
	{
		key->sk_flags &= ~SK_SEARCHARRAY;
		key->sk_argument = Int64GetDatum(bound);
	}
	return found;
}

void
ddb_am_init_key(Relation index, int attno, StrategyNumber strategy,
				Oid subtype, ScanKey key, MemoryContext context)
{
	Oid			opfamily = index->rd_opfamily[attno - 1];
	Oid			opcintype = index->rd_opcintype[attno - 1];
	Oid			righttype = OidIsValid(subtype) ? subtype : opcintype;
	Oid			operator = get_opfamily_member(opfamily, opcintype, righttype,
											   strategy);
	FmgrInfo	function;

	if (!OidIsValid(operator))
		elog(ERROR, "missing operator %d(%u,%u) in opfamily %u",
			 strategy, opcintype, righttype, opfamily);
	fmgr_info_cxt(get_opcode(operator), &function, context);
	ScanKeyEntryInitializeWithInfo(key, 0, attno, strategy, subtype,
								   index->rd_indcollation[attno - 1],
								   &function, (Datum) 0);
}

void
ddb_am_init_row_key(Relation index, int first_attno, int n,
					StrategyNumber strategy, const Datum *values,
					ScanKey key, ScanKey members)
{
	int			i;

	if (n == 1)
	{
		/* nbtree has no row comparison of one column */
		ddb_am_init_key(index, first_attno, strategy, InvalidOid, key,
						CurrentMemoryContext);
		key->sk_argument = values[0];
		return;
	}
	for (i = 0; i < n; i++)
	{
		int			attno = first_attno + i;

		ScanKeyEntryInitializeWithInfo(&members[i],
									   SK_ROW_MEMBER | (i == n - 1 ? SK_ROW_END : 0),
									   attno, strategy, InvalidOid,
									   index->rd_indcollation[attno - 1],
									   index_getprocinfo(index, attno, BTORDER_PROC),
									   values[i]);
	}
	memset(key, 0, sizeof(ScanKeyData));
	key->sk_flags = SK_ROW_HEADER;
	key->sk_attno = first_attno;
	key->sk_strategy = strategy;
	key->sk_argument = PointerGetDatum(members);
}

/*
 * make_strict turns an inclusive bound on the hash of a column into a strict
 * one; a bound that every hash satisfies becomes IS NOT NULL, which every entry
 * satisfies.
 */
static void
make_strict(Relation index, ScanKey key)
{
	bool		greater = key->sk_strategy == BTGreaterEqualStrategyNumber;
	int64		bound = DatumGetInt64(key->sk_argument);

	if (bound == (greater ? PG_INT64_MIN : PG_INT64_MAX))
	{
		ScanKeyEntryInitialize(key, SK_ISNULL | SK_SEARCHNOTNULL,
							   key->sk_attno, InvalidStrategy, InvalidOid,
							   InvalidOid, InvalidOid, (Datum) 0);
		return;
	}

	ddb_am_init_key(index, key->sk_attno,
					greater ? BTGreaterStrategyNumber : BTLessStrategyNumber,
					INT8OID, key, CurrentMemoryContext);
	key->sk_argument = Int64GetDatum(greater ? bound - 1 : bound + 1);
}

/*
 * rewrite_hash_key puts a bound on the hash of a column into strict form.
 */
static void
rewrite_hash_key(Relation index, ScanKey key)
{
	if ((key->sk_flags & SK_SEARCHARRAY) && !hash_bound_of_array(key))
		return;
	if (key->sk_strategy == BTGreaterEqualStrategyNumber ||
		key->sk_strategy == BTLessEqualStrategyNumber)
		make_strict(index, key);
}

/*
 * rewrite_row replaces long values in a row comparison by digests, in a copy of
 * its member keys; false when there is none.
 */
static bool
rewrite_row(Relation index, ScanKey key)
{
	ScanKey		members = (ScanKey) DatumGetPointer(key->sk_argument);
	ScanKey		copy;
	bool		digested = false;
	int			n = 0;
	int			i;

	while (!(members[n++].sk_flags & SK_ROW_END))
		;
	copy = palloc(n * sizeof(ScanKeyData));
	memcpy(copy, members, n * sizeof(ScanKeyData));
	for (i = 0; i < n; i++)
	{
		DdbColumnKind kind = ddb_am_column_kind(index, copy[i].sk_attno);

		if ((kind != DDB_COLUMN_TEXT && kind != DDB_COLUMN_BYTEA) ||
			(copy[i].sk_flags & SK_ISNULL) ||
			!ddb_am_key_is_long(copy[i].sk_argument))
			continue;
		copy[i].sk_argument = ddb_am_key_digest(copy[i].sk_argument, kind);
		digested = true;
	}
	key->sk_argument = PointerGetDatum(copy);
	return digested;
}

/*
 * must_rewrite is the quick look at one key: whether rewrite_key may have work.
 */
static bool
must_rewrite(Relation index, ScanKey key)
{
	DdbColumnKind kind;

	if (key->sk_flags & SK_ROW_HEADER)
		return true;
	if (key->sk_flags & SK_ISNULL)
		return false;
	kind = ddb_am_column_kind(index, key->sk_attno);
	if (kind == DDB_COLUMN_PLAIN)
		return false;
	if (key->sk_subtype == INT8OID)
		return (key->sk_flags & SK_SEARCHARRAY) != 0 ||
			key->sk_strategy == BTGreaterEqualStrategyNumber ||
			key->sk_strategy == BTLessEqualStrategyNumber;
	if (kind == DDB_COLUMN_NUMERIC)
		return false;
	return (key->sk_flags & SK_SEARCHARRAY) != 0 ||
		ddb_am_key_is_long(key->sk_argument);
}

/*
 * rewrite_key puts one key into stored form; true when that made a digest.
 */
static bool
rewrite_key(Relation index, ScanKey key)
{
	DdbColumnKind kind;

	if (key->sk_flags & SK_ROW_HEADER)
		return rewrite_row(index, key);
	if (key->sk_subtype == INT8OID)
	{
		rewrite_hash_key(index, key);
		return false;
	}
	kind = ddb_am_column_kind(index, key->sk_attno);
	if (key->sk_flags & SK_SEARCHARRAY)
		return digest_array(key, kind);
	key->sk_argument = ddb_am_key_digest(key->sk_argument, kind);
	return true;
}

void
ddb_am_rescan(IndexScanDesc scan, ScanKey keys, int nkeys,
			  ScanKey orderbys, int norderbys)
{
	Relation	index = scan->indexRelation;
	MemoryContext oldcxt;
	ScanKey		rewritten;
	int			i;

	if (keys == NULL || nkeys == 0)
	{
		btrescan(scan, keys, nkeys, orderbys, norderbys);
		return;
	}

	SCAN_HAS_DIGESTS(scan) = false;
	for (i = 0; i < nkeys; i++)
	{
		if (must_rewrite(index, &keys[i]))
			break;
	}
	if (i == nkeys)
	{
		btrescan(scan, keys, nkeys, orderbys, norderbys);
		return;
	}

	if (SCAN_CONTEXT(scan) == NULL)
		SCAN_CONTEXT(scan) =
			AllocSetContextCreate(GetMemoryChunkContext(scan),
								  "ddb scan keys", ALLOCSET_SMALL_SIZES);
	else
		MemoryContextReset(SCAN_CONTEXT(scan));
	oldcxt = MemoryContextSwitchTo(SCAN_CONTEXT(scan));
	rewritten = palloc(nkeys * sizeof(ScanKeyData));
	memcpy(rewritten, keys, nkeys * sizeof(ScanKeyData));
	for (i = 0; i < nkeys; i++)
	{
		if (must_rewrite(index, &rewritten[i]) &&
			rewrite_key(index, &rewritten[i]))
			SCAN_HAS_DIGESTS(scan) = true;
	}
	MemoryContextSwitchTo(oldcxt);
	btrescan(scan, rewritten, nkeys, orderbys, norderbys);
}

bool
ddb_am_gettuple(IndexScanDesc scan, ScanDirection direction)
{
	bool		found = btgettuple(scan, direction);

	if (SCAN_HAS_DIGESTS(scan))
		scan->xs_recheck = true;
	return found;
}

int64
ddb_am_getbitmap(IndexScanDesc scan, TIDBitmap *tbm)
{
	Relation	heap;
	int64		n = 0;

	if (!SCAN_HAS_DIGESTS(scan))
		return btgetbitmap(scan, tbm);

	heap = table_open(scan->indexRelation->rd_index->indrelid, NoLock);
	scan->heapRelation = heap;
	while (btgettuple(scan, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		tbm_add_tuples(tbm, &scan->xs_heaptid, 1, true);
		n++;
	}
	scan->heapRelation = NULL;
	table_close(heap, NoLock);
	return n;
}
