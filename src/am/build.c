/*
 * build.c
 *	  Index build: nbtree's sorted build over the rows that belong in the index.
 *
 * nbtree's build has no hook for what it reads, and its sort setup insists on
 * an index of access method btree.  So btbuild() is called with two things
 * switched for the time it needs them:
 *
 * - the heap's table access method is a copy whose index_build_range_scan is
 *   ours, until that is reached.  It puts the real one back and calls it with a
 *   callback that skips rows with NULL keys and digests long values.
 *
 * - the index says it is a btree, except while the heap is read: expressions of
 *   the index may run any function there, and even build other indexes.
 *
 * An invalidation message may reload either relcache entry at any catalog
 * access, which undoes a switch; a relcache callback redoes it.  If our scan
 * was not reached all the same, the build fails rather than make a wrong index.
 * There are no parallel workers: the planner gives them to btree alone on
 * PostgreSQL 15 and 16, and amcanbuildparallel says no after that.
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "nodes/execnodes.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"

typedef struct DdbBuild
{
	struct DdbBuild *outer;		/* the build whose expression runs this one */
	Relation	heap;
	Relation	index;
	const TableAmRoutine *real_tableam;
	TableAmRoutine tableam;		/* the copy with our scan */
	Oid			real_relam;
	bool		heap_switched;
	bool		index_switched;
	bool		reached;		/* our scan was called */
	MemoryContext row_context;	/* digests of one row */
	IndexBuildCallback callback;
	void	   *callback_state;
} DdbBuild;

/* The innermost build in progress. */
static DdbBuild *current_build = NULL;

/*
 * apply_switches makes the two relcache entries look as the build wants them.
 */
static void
apply_switches(DdbBuild *build)
{
	if (build->heap_switched)
		build->heap->rd_tableam = &build->tableam;
	if (build->index_switched)
		build->index->rd_rel->relam = BTREE_AM_OID;
}

static void
unswitch_heap(DdbBuild *build)
{
	if (build->heap_switched && build->heap->rd_tableam == &build->tableam)
		build->heap->rd_tableam = build->real_tableam;
	build->heap_switched = false;
}

static void
unswitch_index(DdbBuild *build)
{
	if (build->index_switched)
		build->index->rd_rel->relam = build->real_relam;
	build->index_switched = false;
}

/*
 * relcache_callback redoes the switches after a relcache entry was reloaded.
 */
static void
relcache_callback(Datum arg, Oid relid)
{
	if (current_build != NULL)
		apply_switches(current_build);
}

/*
 * build_row is the build callback: it passes a row that belongs in the index on
 * to nbtree.
 */
static void
build_row(Relation index, ItemPointer tid, Datum *values, bool *isnull,
		  bool alive, void *state)
{
	DdbBuild   *build = (DdbBuild *) state;
	Datum		stored[INDEX_MAX_KEYS];
	MemoryContext oldcxt;
	bool		digested;

	if (ddb_am_has_null_key(index, isnull))
		return;
	oldcxt = MemoryContextSwitchTo(build->row_context);
	digested = ddb_am_digest_keys(index, values, isnull, stored);
	MemoryContextSwitchTo(oldcxt);
	build->callback(index, tid, digested ? stored : values, isnull, alive,
					build->callback_state);
	if (digested)
		MemoryContextReset(build->row_context);
}

/*
 * build_range_scan stands in for the heap's index_build_range_scan.
 */
static double
build_range_scan(Relation heap, Relation index, struct IndexInfo *info,
				 bool allow_sync, bool anyvisible, bool progress,
				 BlockNumber start_blockno, BlockNumber numblocks,
				 IndexBuildCallback callback, void *callback_state,
				 TableScanDesc scan)
{
	DdbBuild   *build = current_build;
	double		reltuples;

	if (build == NULL || build->heap != heap || build->index != index ||
		build->reached)
		elog(ERROR, "index build of access method ddb reached the wrong table");
	unswitch_heap(build);
	unswitch_index(build);
	build->reached = true;
	build->callback = callback;
	build->callback_state = callback_state;
	reltuples = build->real_tableam->index_build_range_scan(heap, index, info,
															allow_sync,
															anyvisible,
															progress,
															start_blockno,
															numblocks,
															build_row, build,
															scan);

	/* merging and loading the sorted rows checks the access method again */
	build->index_switched = true;
	apply_switches(build);
	return reltuples;
}

/*
 * check_definition refuses what the access method can't do.
 */
static void
check_definition(Relation index, struct IndexInfo *info)
{
	int			nkeys = IndexRelationGetNumberOfKeyAttributes(index);
	int			i;

	if (ddb_am_partition_columns(index) == 0)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("the first column of index \"%s\" is not a partition column",
					   RelationGetRelationName(index)),
				errdetail("An index of access method ddb begins with one or more columns of a partition operator class."),
				errhint("Write USING ddb (partition_key ddb.text_partition_ops, sort_key), or ddb.numeric_partition_ops or ddb.bytea_partition_ops."));
	if (info->ii_NullsNotDistinct)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("access method ddb does not support NULLS NOT DISTINCT"),
				errdetail("Rows with a NULL in a key column are not in the index."));
	for (i = 0; i < nkeys; i++)
	{
		if (ddb_am_column_kind(index, i + 1) == DDB_COLUMN_TEXT &&
			index->rd_indcollation[i] != C_COLLATION_OID &&
			index->rd_indcollation[i] != POSIX_COLLATION_OID)
			ereport(ERROR,
					errcode(ERRCODE_INDETERMINATE_COLLATION),
					errmsg("partition column %d of index \"%s\" must have collation \"C\"",
						   i + 1, RelationGetRelationName(index)),
					errhint("Declare the column COLLATE \"C\", or write the collation in the index definition."));
	}
}

IndexBuildResult *
ddb_am_build(Relation heap, Relation index, struct IndexInfo *info)
{
	static bool registered = false;
	IndexBuildResult *volatile result = NULL;
	DdbBuild	build = {0};

	check_definition(index, info);
	if (!registered)
	{
		CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
		registered = true;
	}

	build.outer = current_build;
	build.heap = heap;
	build.index = index;
	build.real_tableam = heap->rd_tableam;
	build.tableam = *heap->rd_tableam;
	build.tableam.index_build_range_scan = build_range_scan;
	build.real_relam = index->rd_rel->relam;
	build.row_context = AllocSetContextCreate(CurrentMemoryContext,
											  "ddb index build",
											  ALLOCSET_SMALL_SIZES);
	current_build = &build;
	PG_TRY();
	{
		build.heap_switched = true;
		build.index_switched = true;
		apply_switches(&build);
		result = btbuild(heap, index, info);
	}
	PG_FINALLY();
	{
		unswitch_heap(&build);
		unswitch_index(&build);
		current_build = build.outer;
	}
	PG_END_TRY();

	MemoryContextDelete(build.row_context);
	if (!build.reached)
		elog(ERROR, "index build of access method ddb did not reach its table scan");
	return result;
}
