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

extern bool ddb_key_is_digest(const char *data, int len);
extern int64 ddb_key_digest_hash(const char *data);
extern Datum ddb_key_digest(Datum value, DdbColumnKind kind);
extern bool ddb_key_is_long(Datum value);
extern bool ddb_am_digest_keys(Relation index, Datum *values,
							   const bool *isnull, Datum *out);
extern bool ddb_am_has_null_key(Relation index, const bool *isnull);

/* build.c */
extern IndexBuildResult *ddb_am_build(Relation heap, Relation index,
									  struct IndexInfo *info);

/* insert.c */
extern bool ddb_am_insert(Relation index, Datum *values, bool *isnull,
						  ItemPointer tid, Relation heap,
						  IndexUniqueCheck check_unique, bool unchanged,
						  struct IndexInfo *info);

/* planner.c */
struct PlannerInfo;
struct IndexPath;
extern void ddb_am_costestimate(struct PlannerInfo *root,
								struct IndexPath *path, double loop_count,
								Cost *startup_cost, Cost *total_cost,
								Selectivity *selectivity, double *correlation,
								double *pages);

/* scan.c */
extern IndexScanDesc ddb_am_beginscan(Relation index, int nkeys, int norderbys);
extern void ddb_am_rescan(IndexScanDesc scan, ScanKey keys, int nkeys,
						  ScanKey orderbys, int norderbys);
extern bool ddb_am_gettuple(IndexScanDesc scan, ScanDirection direction);
extern int64 ddb_am_getbitmap(IndexScanDesc scan, TIDBitmap *tbm);

#endif							/* DDB_AM_PRIVATE_H */
