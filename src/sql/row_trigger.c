/*
 * row_trigger.c
 *	  Keeping plain SQL writes to data tables valid, and their streams complete.
 *
 * A BEFORE ROW trigger validates item, makes it canonical and fills the key
 * columns from it, so that INSERT, UPDATE and COPY need to give nothing but
 * item.  The engine's own writes do the same work themselves and fire no
 * trigger.  The key functions serve the fill of a new index.
 *
 * A stream without old images can't tell from the log that an update changed
 * nothing, so such updates are left out.  TRUNCATE leaves no trace of the rows, so
 * with a stream they are deleted first.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "error.h"
#include "store/store.h"
#include "stream/stream_catalog.h"

PG_FUNCTION_INFO_V1(ddb_item_trigger);
PG_FUNCTION_INFO_V1(ddb_truncate_trigger);
PG_FUNCTION_INFO_V1(ddb_key_text);
PG_FUNCTION_INFO_V1(ddb_key_numeric);
PG_FUNCTION_INFO_V1(ddb_key_bytea);

/*
 * same_row tells whether an update leaves a row as it is; item is the new item.
 */
static bool
same_row(TupleDesc tupdesc, HeapTuple old_row, HeapTuple new_row, AttrNumber item_attnum,
		 Jsonb *item)
{
	for (int i = 1; i <= tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i - 1);
		bool		old_isnull;
		bool		new_isnull;
		Datum		old_value = heap_getattr(old_row, i, tupdesc, &old_isnull);
		Datum		new_value = heap_getattr(new_row, i, tupdesc, &new_isnull);

		if (att->attisdropped)
			continue;
		if (old_isnull != new_isnull)
			return false;
		if (old_isnull)
			continue;
		if (i == item_attnum ? !ddb_item_equal(DatumGetJsonbP(old_value), item) :
			!datum_image_eq(old_value, new_value, att->attbyval, att->attlen))
			return false;
	}
	return true;
}

/*
 * brings_key tells whether a new row comes with the columns of the table's key, as those
 * of a dump do.
 */
static bool
brings_key(TriggerData *trigger, const DdbTableDesc *desc)
{
	TupleDesc	tupdesc = RelationGetDescr(trigger->tg_relation);

	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		if (heap_attisnull(trigger->tg_trigtuple,
						   ddb_index_attribute(desc, &desc->primary, i)->attnum, tupdesc))
			return false;
	}
	return true;
}

/*
 * keeps_attribute tells whether an update leaves an attribute of the item as it is.
 */
static bool
keeps_attribute(Jsonb *old, Jsonb *item, const DdbKeyAttribute *att)
{
	DdbValue	a,
				b;

	return ddb_item_lookup(&old->root, att->name, att->name_len, &a) &&
		ddb_item_lookup(&item->root, att->name, att->name_len, &b) &&
		ddb_value_equal(&a, &b);
}

/*
 * fill_columns fills the key columns.  An attribute that was stored before, because an
 * update leaves it alone or the row comes from a dump, may be unfit for an index
 * that came after it.
 */
static void
fill_columns(TriggerData *trigger, const DdbTableDesc *desc, Jsonb *item, DdbColumns *columns)
{
	DdbRowPurpose purposes[DDB_MAX_TABLE_KEYS];
	bool		updates = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	bool		restores = !updates && brings_key(trigger, desc);
	Jsonb	   *old = NULL;
	bool		isnull;
	Datum		datum = heap_getattr(trigger->tg_trigtuple, desc->item_attnum,
									 RelationGetDescr(trigger->tg_relation), &isnull);

	if (updates && !isnull)
		old = DatumGetJsonbP(datum);
	for (int i = 0; i < desc->nattributes; i++)
		purposes[i] = !ddb_desc_is_key(&desc->primary, i) &&
			(old != NULL ? keeps_attribute(old, item, &desc->attributes[i]) : restores) ?
			DDB_ROW_FILL : DDB_ROW_PUT;
	ddb_row_update_columns(desc, item, purposes, columns);
}

/*
 * ddb_item_trigger is the trigger on every data table.
 */
Datum
ddb_item_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple;
	DdbTableDesc *desc;
	DdbColumns	columns;
	Jsonb	   *item;
	int64		size;
	int			attnums[DDB_MAX_TABLE_KEYS + 1];
	Datum		values[DDB_MAX_TABLE_KEYS + 1];
	bool		nulls[DDB_MAX_TABLE_KEYS + 1];
	bool		isnull;
	int			n;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("ddb.item_trigger() must be fired BEFORE INSERT OR UPDATE FOR EACH ROW"));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;

	desc = ddb_desc_open_relid(RelationGetRelid(trigger->tg_relation), RowExclusiveLock);
	item = (Jsonb *) DatumGetPointer(heap_getattr(tuple, desc->item_attnum,
												  RelationGetDescr(trigger->tg_relation),
												  &isnull));
	if (isnull)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("column \"%s\" of table \"%s\" must hold an item, not NULL",
					   DDB_ITEM_COLUMN, RelationGetRelationName(trigger->tg_relation)));
	item = ddb_item_check(DatumGetJsonbP(PointerGetDatum(item)), DDB_VALUES_CURRENT, &size);
	if (size > DDB_MAX_ITEM_SIZE)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Item size has exceeded the maximum allowed size"));
	ddb_row_columns_create(desc, &columns);
	fill_columns(trigger, desc, item, &columns);

	attnums[0] = desc->item_attnum;
	values[0] = JsonbPGetDatum(item);
	nulls[0] = false;
	for (n = 0; n < desc->nattributes; n++)
	{
		attnums[n + 1] = desc->attributes[n].attnum;
		values[n + 1] = columns.values[n];
		nulls[n + 1] = columns.nulls[n];
	}
	tuple = heap_modify_tuple_by_cols(tuple, RelationGetDescr(trigger->tg_relation),
									  n + 1, attnums, values, nulls);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		trigger->tg_relation->rd_rel->relreplident == REPLICA_IDENTITY_INDEX &&
		same_row(RelationGetDescr(trigger->tg_relation), trigger->tg_trigtuple, tuple,
				 desc->item_attnum, item))
		tuple = NULL;
	ddb_desc_close(desc);
	return PointerGetDatum(tuple);
}

/*
 * delete_rows deletes all rows of a relation.  TRUNCATE takes rows too that a
 * transaction with a fixed snapshot does not see; here they are a serialization
 * failure, for there would be no record of them.
 */
static void
delete_rows(Relation relation)
{
	char	   *name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
												  RelationGetRelationName(relation));
	SPIPlanPtr	plan = SPI_prepare(psprintf("DELETE FROM ONLY %s", name), 0, NULL);
	Snapshot	latest = InvalidSnapshot;
	Snapshot	own = InvalidSnapshot;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (IsolationUsesXactSnapshot())
	{
		CommandCounterIncrement();
		latest = GetLatestSnapshot();
		own = GetTransactionSnapshot();
	}
	if (SPI_execute_snapshot(plan, NULL, NULL, latest, own, false, true, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not delete the rows of relation \"%s\"",
			 RelationGetRelationName(relation));
}

/*
 * ddb_truncate_trigger is the trigger that runs before TRUNCATE of a data table.  Who
 * may TRUNCATE need not be allowed to DELETE, so that is done as the owner, and
 * then out of reach of the caller's search_path.
 */
Datum
ddb_truncate_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid			owner;
	Oid			save_user;
	int			save_context;
	int			save_nestlevel;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("ddb.truncate_trigger() must be fired BEFORE TRUNCATE"));
	SPI_connect();
	if (ddb_stream_of_relation(RelationGetRelid(trigger->tg_relation)) != NULL)
	{
		owner = trigger->tg_relation->rd_rel->relowner;
		GetUserIdAndSecContext(&save_user, &save_context);
		save_nestlevel = NewGUCNestLevel();
		if (owner != save_user)
			(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
									 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		SetUserIdAndSecContext(owner, save_context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_NOFORCE_RLS);
		delete_rows(trigger->tg_relation);
		SetUserIdAndSecContext(save_user, save_context);
		AtEOXact_GUC(false, save_nestlevel);
	}
	SPI_finish();
	return PointerGetDatum(NULL);
}

/*
 * key_column gives the value that an item's attribute has as a key of type, or
 * NULL when it can't be one: absent, of another type, empty or too long.
 */
static Datum
key_column(FunctionCallInfo fcinfo, DdbType type)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	text	   *name = PG_GETARG_TEXT_PP(1);
	int64		max_size = PG_GETARG_INT32(2);
	DdbValue	value;

	if (!JB_ROOT_IS_OBJECT(item) ||
		!ddb_item_lookup(&item->root, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &value) ||
		value.type != type || value.len == 0 || ddb_value_size(&value) > max_size)
		PG_RETURN_NULL();
	return ddb_value_to_datum(&value);
}

Datum
ddb_key_text(PG_FUNCTION_ARGS)
{
	return key_column(fcinfo, DDB_S);
}

Datum
ddb_key_numeric(PG_FUNCTION_ARGS)
{
	return key_column(fcinfo, DDB_N);
}

Datum
ddb_key_bytea(PG_FUNCTION_ARGS)
{
	return key_column(fcinfo, DDB_B);
}
