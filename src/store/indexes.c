/*
 * indexes.c
 *	  Keeping every index of a data table: ddb's own and those users add.
 *
 * The list comes from the relation, not from ddb's catalog, so an index made
 * with plain CREATE INDEX (on an expression, partial, GIN, ...) is kept too.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "nodes/bitmapset.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "compat.h"
#include "store/store.h"

/*
 * key_unchanged tells whether an update left all columns of an index alone,
 * which lets nbtree clean up version churn.
 */
static bool
key_unchanged(const IndexInfo *info, const Bitmapset *unchanged)
{
	if (unchanged == NULL || info->ii_Expressions != NIL || info->ii_Predicate != NIL)
		return false;
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		if (!bms_is_member(info->ii_IndexAttrNumbers[i], unchanged))
			return false;
	}
	return true;
}

/*
 * form_entry computes the entry of a row; false when a predicate leaves the
 * row out.  *estate is made on first need.
 */
static bool
form_entry(IndexInfo *info, TupleTableSlot *slot, EState **estate,
		   Datum *values, bool *nulls)
{
	if (info->ii_Expressions != NIL || info->ii_Predicate != NIL)
	{
		if (*estate == NULL)
			*estate = CreateExecutorState();
		GetPerTupleExprContext(*estate)->ecxt_scantuple = slot;
		if (info->ii_Predicate != NIL)
		{
			ExprState  *predicate = ExecPrepareQual(info->ii_Predicate, *estate);

			if (!ExecQual(predicate, GetPerTupleExprContext(*estate)))
				return false;
		}
	}
	FormIndexDatum(info, slot, *estate, values, nulls);
	return true;
}

/*
 * is_twin tells whether a unique index has the key of the primary index, as the
 * two indexes of a REINDEX CONCURRENTLY under way have.  Who loses the race for a
 * key may lose it in either of them.
 */
static bool
is_twin(Relation index, Oid primary)
{
	Relation	other;
	Form_pg_index a = index->rd_index;
	Form_pg_index b;
	bool		twin;

	if (RelationGetRelid(index) == primary)
		return true;
	other = index_open(primary, NoLock);
	b = other->rd_index;
	twin = index->rd_rel->relam == other->rd_rel->relam &&
		a->indnkeyatts == b->indnkeyatts &&
		memcmp(a->indkey.values, b->indkey.values,
			   a->indnkeyatts * sizeof(a->indkey.values[0])) == 0 &&
		RelationGetIndexExpressions(index) == NIL &&
		RelationGetIndexPredicate(index) == NIL;
	index_close(other, NoLock);
	return twin;
}

bool
ddb_store_insert_index_entries(Relation heap, Oid primary, TupleTableSlot *slot,
							   bool speculative, bool only_summarizing,
							   const Bitmapset *unchanged)
{
	List	   *indexes = RelationGetIndexList(heap);
	EState	   *estate = NULL;
	bool		satisfied = true;
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Oid			indexid = lfirst_oid(lc);
		Relation	index = index_open(indexid, RowExclusiveLock);
		IndexInfo  *info = BuildIndexInfo(index);
		Datum		values[INDEX_MAX_KEYS];
		bool		nulls[INDEX_MAX_KEYS];
		IndexUniqueCheck check = UNIQUE_CHECK_NO;

		if (info->ii_ExclusionOps != NULL)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("table \"%s\" has an exclusion constraint, which ddb's own writes would pass by",
						   RelationGetRelationName(heap)),
					errhint("Write to this table with plain SQL, or drop it."));
		if (info->ii_ReadyForInserts &&
			(!only_summarizing || ddb_index_is_summarizing(info)) &&
			form_entry(info, slot, &estate, values, nulls))
		{
			if (index->rd_index->indisunique)
				check = speculative && is_twin(index, primary) ?
					UNIQUE_CHECK_PARTIAL : UNIQUE_CHECK_YES;
			if (!index_insert(index, values, nulls, &slot->tts_tid, heap, check,
							  key_unchanged(info, unchanged), info) &&
				check == UNIQUE_CHECK_PARTIAL)
				satisfied = false;
			ddb_index_insert_cleanup(index, info);
		}
		index_close(index, NoLock);
		if (!satisfied)
			break;
	}
	list_free(indexes);
	if (estate != NULL)
		FreeExecutorState(estate);
	return satisfied;
}
