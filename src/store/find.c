/*
 * find.c
 *	  One item by its primary key.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "shard/shard.h"
#include "store/store.h"

/*
 * check_index refuses an index that a direct scan must not use; for
 * SQL the planner makes the same test.
 */
static void
check_index(Relation index)
{
	if (!index->rd_index->indisvalid)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("index \"%s\" is not valid", RelationGetRelationName(index)),
				errhint("REINDEX INDEX makes it whole."));
	if (index->rd_index->indcheckxmin &&
		!TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
							   TransactionXmin))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("index \"%s\" is too new for this transaction's snapshot",
					   RelationGetRelationName(index)));
}

Relation
ddb_store_open_index(Relation heap, const DdbIndexDesc *desc, LOCKMODE lockmode)
{
	Relation	index = index_open(ddb_shard_index(heap, desc->indexid), lockmode);

	if (!index->rd_index->indisvalid)
	{
		Oid			current = get_relname_relid(desc->relname, RelationGetNamespace(heap));

		if (OidIsValid(current) && current != RelationGetRelid(index))
		{
			index_close(index, NoLock);
			index = index_open(current, lockmode);
		}
	}
	check_index(index);
	return index;
}

/*
 * ddb_store_check_plain refuses a data table whose writes have more to do than
 * ours: triggers (foreign keys included), CHECK constraints, generated columns,
 * row-level security.  Plain SQL on the data table observes them all.
 */
void
ddb_store_check_plain(Relation heap)
{
	TupleConstr *constr = RelationGetDescr(heap)->constr;
	TriggerDesc *triggers = heap->trigdesc;
	const char *what = NULL;

	if (triggers != NULL)
	{
		for (int i = 0; i < triggers->numtriggers; i++)
		{
			if (strcmp(triggers->triggers[i].tgname, "ddb_item") != 0 &&
				strcmp(triggers->triggers[i].tgname, "ddb_truncate") != 0 &&
				triggers->triggers[i].tgenabled != TRIGGER_DISABLED)
				what = "trigger";
		}
	}
	if (constr != NULL && constr->num_check > 0)
		what = "CHECK constraint";
	if (constr != NULL && constr->has_generated_stored)
		what = "generated column";
	if (heap->rd_rel->relrowsecurity)
		what = "row-level security policy";
	if (what != NULL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("table \"%s\" has a %s, which ddb's own writes would pass by",
					   RelationGetRelationName(heap), what),
				errhint("Write to this table with plain SQL, or drop it."));
}

/*
 * ddb_store_check_not_null raises the usual error when a row lacks a value in a
 * NOT NULL column, which can only be one that the user added: direct writes
 * leave it NULL in a new row, whatever its default.
 */
void
ddb_store_check_not_null(Relation heap, TupleTableSlot *row)
{
	TupleDesc	tupdesc = RelationGetDescr(heap);

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (row->tts_isnull[i] && att->attnotnull && !att->attisdropped)
			ereport(ERROR,
					errcode(ERRCODE_NOT_NULL_VIOLATION),
					errmsg("null value in column \"%s\" of relation \"%s\" violates not-null constraint",
						   NameStr(att->attname), RelationGetRelationName(heap)),
					errhint("ddb's own writes give values to key columns and the item only."),
					errtablecol(heap, i + 1));
	}
}

/*
 * equality_proc is the equality function of a key column's type.
 */
static RegProcedure
equality_proc(Oid typid)
{
	return typid == TEXTOID ? F_TEXTEQ : typid == NUMERICOID ? F_NUMERIC_EQ : F_BYTEAEQ;
}

/*
 * key_matches compares a fetched row with the key searched for, which is
 * needed when the index could not tell (xs_recheck).
 */
static bool
key_matches(const DdbTableDesc *desc, const Datum key[2], TupleTableSlot *slot)
{
	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);
		bool		isnull;
		Datum		value = slot_getattr(slot, att->attnum, &isnull);

		if (isnull ||
			!DatumGetBool(OidFunctionCall2Coll(equality_proc(att->typid),
											   C_COLLATION_OID, value, key[i])))
			return false;
	}
	return true;
}

bool
ddb_store_find(Relation heap, Relation index, const DdbTableDesc *desc,
			   const Datum key[2], Snapshot snapshot, TupleTableSlot *slot)
{
	int			nkeys = ddb_index_nkeys(&desc->primary);
	ScanKeyData keys[2];
	IndexScanDesc scan;
	bool		found = false;

	for (int i = 0; i < nkeys; i++)
		ScanKeyEntryInitialize(&keys[i], 0, i + 1, BTEqualStrategyNumber, InvalidOid,
							   C_COLLATION_OID,
							   equality_proc(ddb_index_attribute(desc, &desc->primary, i)->typid),
							   key[i]);
	scan = ddb_index_beginscan(heap, index, snapshot, nkeys);
	index_rescan(scan, keys, nkeys, NULL, 0);
	while (!found && index_getnext_slot(scan, ForwardScanDirection, slot))
		found = !scan->xs_recheck || key_matches(desc, key, slot);
	index_endscan(scan);
	return found;
}

Jsonb *
ddb_store_get(const DdbTableDesc *desc, const Datum key[2], Snapshot snapshot)
{
	Relation	heap = ddb_shard_open(desc->relid, key[0]);
	Relation	index = ddb_store_open_index(heap, &desc->primary, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	Jsonb	   *item = NULL;

	ddb_store_note_partition(desc, &desc->primary, key, false);
	if (ddb_store_find(heap, index, desc, key, snapshot, slot))
	{
		bool		isnull;
		Datum		datum = slot_getattr(slot, desc->item_attnum, &isnull);

		item = (Jsonb *) PG_DETOAST_DATUM_COPY(datum);
	}
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, NoLock);
	table_close(heap, NoLock);
	return item;
}
