/*
 * planner.c
 *	  Keeps the planner honest about sparse indexes.
 *
 * The planner takes an index without a predicate to hold every row that a
 * condition on its first column can match.  A ddb index leaves out rows with a
 * NULL in any key column, so that is wrong of nullable columns behind the
 * first.  A get_relation_info_hook makes the truth visible: it adds
 * "column IS NOT NULL" to the index's predicate, for the planner alone, and the
 * planner's own machinery for partial indexes does the rest.  (A condition
 * such as column > 'a' implies the predicate.)
 *
 * The planner has loaded an index's access method, and with it this library,
 * before it calls the hook for the table.
 */
#include "postgres.h"

#include "access/table.h"
#include "nodes/makefuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/plancat.h"
#include "utils/index_selfuncs.h"
#include "utils/rel.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"

static get_relation_info_hook_type previous_hook = NULL;

void
ddb_am_costestimate(PlannerInfo *root, IndexPath *path, double loop_count,
					Cost *startup_cost, Cost *total_cost,
					Selectivity *selectivity, double *correlation,
					double *pages)
{
	btcostestimate(root, path, loop_count, startup_cost, total_cost,
				   selectivity, correlation, pages);
}

static bool
is_ddb_index(IndexOptInfo *index)
{
	return (void *) index->amcostestimate == (void *) ddb_am_costestimate;
}

/*
 * not_null_tests gives an implicit-AND list of IS NOT NULL tests on the
 * nullable key columns of an index.
 */
static List *
not_null_tests(IndexOptInfo *index, TupleDesc table)
{
	List	   *tests = NIL;
	int			i;

	for (i = 0; i < index->nkeycolumns; i++)
	{
		TargetEntry *column = list_nth_node(TargetEntry, index->indextlist, i);
		int			attno = index->indexkeys[i];
		NullTest   *test;

		if (attno > 0 && ddb_column_is_not_null(table, attno))
			continue;
		test = makeNode(NullTest);
		test->arg = copyObject(column->expr);
		test->nulltesttype = IS_NOT_NULL;
		test->argisrow = false;
		test->location = -1;
		tests = lappend(tests, test);
	}
	return tests;
}

/*
 * add_sparse_predicates is the get_relation_info_hook.
 */
static void
add_sparse_predicates(PlannerInfo *root, Oid relid, bool inhparent,
					  RelOptInfo *rel)
{
	Relation	table = NULL;
	ListCell   *lc;

	if (previous_hook)
		previous_hook(root, relid, inhparent, rel);

	foreach(lc, rel->indexlist)
	{
		IndexOptInfo *index = lfirst_node(IndexOptInfo, lc);

		if (!is_ddb_index(index))
			continue;
		if (table == NULL)
			table = table_open(relid, NoLock);
		index->indpred = list_concat(index->indpred,
									 not_null_tests(index,
													RelationGetDescr(table)));
	}
	if (table != NULL)
		table_close(table, NoLock);
}

void
ddb_am_install_hooks(void)
{
	previous_hook = get_relation_info_hook;
	get_relation_info_hook = add_sparse_predicates;
}
