/*
 * am_private.h
 *	  What the files of the access method share among themselves.
 */
#ifndef DDB_AM_PRIVATE_H
#define DDB_AM_PRIVATE_H

#include "access/amapi.h"
#include "access/genam.h"
#include "access/relscan.h"
#include "nodes/execnodes.h"
#include "nodes/tidbitmap.h"

/* How a key column is ordered. */
typedef enum DdbColumnKind
{
	DDB_COLUMN_PLAIN,			/* native order */
	DDB_COLUMN_TEXT,			/* hash first */
	DDB_COLUMN_NUMERIC,
	DDB_COLUMN_BYTEA
} DdbColumnKind;

/* order.c */

/*
 * ddb_am_column_kind tells how key column attno (1-based) of a ddb index is
 * ordered, by its comparison function.
 */
extern DdbColumnKind ddb_am_column_kind(Relation index, int attno);

/* longkey.c */

/*
 * Values of partition columns up to this many bytes are stored as they are,
 * longer ones as digests of DDB_DIGEST_LEN bytes.  The digest fits a one-byte
 * varlena header, so that four partition and two table key columns in digest
 * form leave room for 2048 bytes of sort columns in one index tuple: two of the
 * greatest length, or one in which each character has an escape (item/escape.c).
 */
#define DDB_KEY_INLINE	96
#define DDB_DIGEST_LEN	(DDB_KEY_INLINE + 1)

/* ddb_am_key_is_digest tells a digest form from a value by length and magic. */
extern bool ddb_am_key_is_digest(const char *data, int len);

/* ddb_am_key_digest_hash reads the hash of the whole value from a digest form. */
extern int64 ddb_am_key_digest_hash(const char *data);

/* ddb_am_key_digest gives the digest form of a long text or bytea, palloc'd. */
extern Datum ddb_am_key_digest(Datum value, DdbColumnKind kind);

/*
 * ddb_am_key_is_long tells whether a value is too long to be stored as it is.
 * It looks at the length only and never detoasts.
 */
extern bool ddb_am_key_is_long(Datum value);

/*
 * ddb_am_digest_keys copies the values of an index row to out, long ones in
 * partition columns as digests; false when there is none (out is then not
 * filled).  The digests are palloc'd.
 */
extern bool ddb_am_digest_keys(Relation index, Datum *values,
							   const bool *isnull, Datum *out);

/* ddb_am_has_null_key tells whether a row stays out of the index. */
extern bool ddb_am_has_null_key(Relation index, const bool *isnull);

/* build.c */

/* ddb_am_build is ambuild. */
extern IndexBuildResult *ddb_am_build(Relation heap, Relation index,
									  struct IndexInfo *info);

/* insert.c */

/*
 * ddb_am_insert is aminsert.  A row with a NULL key is left out, and is unique
 * as far as a UNIQUE_CHECK_PARTIAL caller is concerned.
 */
extern bool ddb_am_insert(Relation index, Datum *values, bool *isnull,
						  ItemPointer tid, Relation heap,
						  IndexUniqueCheck check_unique, bool unchanged,
						  struct IndexInfo *info);

/* planner.c */
struct PlannerInfo;
struct IndexPath;

/*
 * ddb_am_costestimate is amcostestimate: nbtree's.  A function of our own marks
 * our indexes in the planner's structures.
 */
extern void ddb_am_costestimate(struct PlannerInfo *root,
								struct IndexPath *path, double loop_count,
								Cost *startup_cost, Cost *total_cost,
								Selectivity *selectivity, double *correlation,
								double *pages);

/* scan.c */

/* ddb_am_beginscan is ambeginscan. */
extern IndexScanDesc ddb_am_beginscan(Relation index, int nkeys, int norderbys);

/*
 * ddb_am_rescan is amrescan.  Rewritten keys live in a context of the scan's
 * that the next rescan resets; keys == NULL keeps the keys there are.
 */
extern void ddb_am_rescan(IndexScanDesc scan, ScanKey keys, int nkeys,
						  ScanKey orderbys, int norderbys);

/* ddb_am_gettuple is amgettuple. */
extern bool ddb_am_gettuple(IndexScanDesc scan, ScanDirection direction);

/*
 * ddb_am_getbitmap is amgetbitmap.  nbtree's own adds rows that need no
 * recheck, so a scan with digests goes row by row; nbtree wants to know the
 * table for that, which a bitmap scan does not tell it.
 */
extern int64 ddb_am_getbitmap(IndexScanDesc scan, TIDBitmap *tbm);

#endif							/* DDB_AM_PRIVATE_H */
