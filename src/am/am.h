/*
 * am.h
 *	  The index access method "ddb": nbtree with hash-ordered partition columns.
 *
 * For the engine, which scans and fills indexes without the planner:
 *
 * Scanning.  index_beginscan(heap, index, snapshot, nkeys, 0), index_rescan()
 * with ScanKeys in column order, index_getnext_slot() in either direction.
 * sk_collation is the column's (index->rd_indcollation[attno - 1]).
 *
 *	partition column	BTEqualStrategyNumber, subtype InvalidOid, texteq,
 *						numeric_eq or byteaeq
 *	sort column			any strategy, subtype InvalidOid, the native operator's
 *						function (text_lt, numeric_ge, bytealt, ...)
 *	hash range			BTGreaterStrategyNumber or BTLessStrategyNumber, subtype
 *						INT8OID, argument the hash.  Bounds are strict: from
 *						low to high inclusive is "> low - 1" and "< high + 1",
 *						and no key at all where low or high is the least or
 *						greatest int64.  Inclusive strategies work too, at the
 *						price of catalog lookups in each rescan.
 *	first column after	BTGreaterStrategyNumber, subtype InvalidOid, argument a
 *	a given value		value of the partition key: all that come behind it in
 *						hash order (with one partition column, "the items
 *						after this item collection")
 *
 *	entries after one	a row comparison over the columns behind the equalities,
 *						BTGreaterStrategyNumber or (backward scans)
 *						BTLessStrategyNumber: gpk = x AND (gsk, pk, sk) > (...)
 *						resumes a GSI query in one range.  See
 *						ddb_am_init_row_key(); columns must not be DESC.
 *
 * ddb_am_init_key() fills a simple key, looking the function up by strategy and
 * subtype in the column's operator family.  Look up once, keep the ScanKey, set
 * sk_argument.
 *
 * Arguments are plain values, long ones too (they are put into stored form in
 * index_rescan).  After a row was found and scan->xs_recheck is set, compare
 * the row's own columns with the keys before trusting it.
 *
 * Scans look at no index validity: check rd_index->indisvalid and, under an old
 * snapshot, indcheckxmin.
 *
 * Filling.  index_insert(index, values, isnull, tid, heap, check, false, info)
 * takes what FormIndexDatum() gives, or the same values put together by hand: the
 * columns as they are in the row.  Long values and NULLs are dealt with
 * inside.  UNIQUE_CHECK_PARTIAL gives true for a row left out because of a NULL.
 */
#ifndef DDB_AM_H
#define DDB_AM_H

#include "access/skey.h"
#include "utils/relcache.h"

/* Whether index uses the access method ddb. */

/* ddb_am_is_index tells whether an index uses this access method. */
extern bool ddb_am_is_index(Relation index);

/*
 * ddb_am_init_key fills key for column attno (1-based) of a ddb index, with the
 * function of the operator for strategy and subtype (InvalidOid or INT8OID).
 * The argument is left 0.  What the key caches lives in context.
 */
extern void ddb_am_init_key(Relation index, int attno, StrategyNumber strategy,
							Oid subtype, ScanKey key, MemoryContext context);

/*
 * ddb_am_init_row_key fills key and its members[n] with a row comparison of the
 * n columns from first_attno (1-based) on with values.  The members must live
 * as long as the key.  A single column gives a plain key.
 */
extern void ddb_am_init_row_key(Relation index, int first_attno, int n,
								StrategyNumber strategy, const Datum *values,
								ScanKey key, ScanKey members);

/* Number of leading columns ordered by hash: the partition key. */

/* ddb_am_partition_columns counts the leading hash-ordered columns. */
extern int	ddb_am_partition_columns(Relation index);

/* ddb_am_install_hooks installs the planner hook that keeps sparseness honest. */
extern void ddb_am_install_hooks(void);

#endif							/* DDB_AM_H */
