/*
 * trigger.c
 *	  Keeping plain SQL writes to data tables valid.
 *
 * A BEFORE ROW trigger validates item, makes it canonical and fills the key
 * columns from it, so that INSERT, UPDATE and COPY need to give nothing but
 * item.  The engine's own writes do the same work themselves and fire no
 * trigger.  The key functions serve the fill of a new index.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat.h"
#include "error.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(ddb_item_trigger);
PG_FUNCTION_INFO_V1(ddb_key_text);
PG_FUNCTION_INFO_V1(ddb_key_numeric);
PG_FUNCTION_INFO_V1(ddb_key_bytea);

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
	item = ddb_item_check(DatumGetJsonbP(PointerGetDatum(item)), &size);
	if (size > DDB_MAX_ITEM_SIZE)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Item size has exceeded the maximum allowed size"));
	ddb_row_columns_create(desc, &columns);
	ddb_row_columns(desc, item, DDB_ROW_PUT, &columns);

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
	ddb_desc_close(desc);
	return PointerGetDatum(tuple);
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
