/*
 * change.c
 *	  From changes of rows to changes of items, for the output plugin.
 *
 * What the log has of the old row depends on the table's replica identity: with
 * FULL (streams with old images) all of it; with that of the primary index its key
 * columns, and only when the row is deleted or its key changes.
 *
 * An update that leaves the item as it was is no change.  With FULL the items are
 * compared; without, writers mark such an update, or see to it that there is none
 * (store/row_write.c, sql/row_trigger.c).  An item that lies outside of its row and was not written anew
 * appears as a pointer to where it was: it has not changed either.
 *
 * Items hold their keys, so keys are read from columns only where there is no item.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/rel.h"

#include "compat.h"
#include "stream/plugin_private.h"

static void
set_change(DdbItemChange *change, DdbStreamEvent event, Jsonb *old_item, Jsonb *new_item, Jsonb *keys)
{
	change->event = event;
	change->old_item = old_item;
	change->new_item = new_item;
	change->keys = keys;
}

/*
 * key_value views key attribute i of an item, or of Keys.
 */
static void
key_value(const DdbStreamSource *source, Jsonb *item, int i, DdbValue *value)
{
	const char *name = source->key_attributes[i];

	if (!ddb_item_lookup(&item->root, name, strlen(name), value))
		ereport(ERROR, errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("stored item lacks its key attribute \"%s\"", name));
}

/*
 * get_item gives a row's item, or NULL when the log does not have it.
 */
static Jsonb *
get_item(const DdbStreamSource *source, Relation relation, HeapTuple tuple)
{
	bool		isnull = true;
	Datum		datum = (Datum) 0;
	Jsonb	   *item;
	DdbValue	value;

	if (tuple != NULL)
		datum = heap_getattr(tuple, source->item_attnum, RelationGetDescr(relation), &isnull);
	if (isnull || VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum)))
		return NULL;
	item = DatumGetJsonbP(datum);

	/* an item through and through */
	(void) ddb_item_size_bytes(&item->root);
	for (int i = 0; i < source->nkeys; i++)
		key_value(source, item, i, &value);
	return item;
}

/*
 * keys_of_columns makes Keys of a row's key columns; NULL when it has them not.
 */
static Jsonb *
keys_of_columns(const DdbStreamSource *source, Relation relation, HeapTuple tuple)
{
	DdbAttribute attributes[lengthof(source->key_attnums)];
	DdbValue	keys = {.type = DDB_M,.len = source->nkeys,.attributes = attributes};

	if (tuple == NULL)
		return NULL;
	for (int i = 0; i < source->nkeys; i++)
	{
		bool		isnull;
		Datum		datum = heap_getattr(tuple, source->key_attnums[i], RelationGetDescr(relation),
										 &isnull);

		if (isnull)
			return NULL;
		attributes[i].name = source->key_attributes[i];
		attributes[i].name_len = strlen(attributes[i].name);
		ddb_value_from_datum(source->key_types[i], datum, &attributes[i].value);
	}
	return ddb_item_from_value(&keys);
}

/*
 * same_key tells whether two items, or Keys, are of one key.
 */
static bool
same_key(const DdbStreamSource *source, Jsonb *a, Jsonb *b)
{
	for (int i = 0; i < source->nkeys; i++)
	{
		DdbValue	left;
		DdbValue	right;

		key_value(source, a, i, &left);
		key_value(source, b, i, &right);
		if (!ddb_value_equal(&left, &right))
			return false;
	}
	return true;
}

/*
 * decode_update makes item changes of a row's update: one, or two where the key is
 * another now.
 */
static int
decode_update(const DdbStreamSource *source, Relation relation,
			  HeapTuple old_tuple, HeapTuple new_tuple, DdbItemChange *changes)
{
	Jsonb	   *new_item = get_item(source, relation, new_tuple);
	Jsonb	   *old_item;
	Jsonb	   *old_keys = NULL;

	if (new_item == NULL)
		return 0;
	old_item = get_item(source, relation, old_tuple);
	if (old_item != NULL && ddb_item_equal(old_item, new_item))
		return 0;
	if (old_item == NULL)
		old_keys = keys_of_columns(source, relation, old_tuple);
	if ((old_item == NULL && old_keys == NULL) ||
		same_key(source, old_item ? old_item : old_keys, new_item))
	{
		set_change(&changes[0], DDB_EVENT_MODIFY, old_item, new_item, NULL);
		return 1;
	}
	set_change(&changes[0], DDB_EVENT_REMOVE, old_item, NULL, old_keys);
	set_change(&changes[1], DDB_EVENT_INSERT, NULL, new_item, NULL);
	return 2;
}

/*
 * decode_delete makes an item change of a row's deletion.
 */
static int
decode_delete(DdbStreamSource *source, Relation relation, HeapTuple old_tuple,
			  DdbItemChange *changes)
{
	Jsonb	   *old_item = get_item(source, relation, old_tuple);
	Jsonb	   *keys = old_item ? NULL : keys_of_columns(source, relation, old_tuple);

	if (old_item == NULL && keys == NULL)
	{
		if (!source->warned)
			ereport(WARNING,
					errmsg("deletions from relation \"%s\" are not in the stream of table \"%s\"",
						   RelationGetRelationName(relation), source->table_name),
					errdetail("The replica identity of the relation is not what the stream set."));
		source->warned = true;
		return 0;
	}
	set_change(&changes[0], DDB_EVENT_REMOVE, old_item, NULL, keys);
	return 1;
}

int
ddb_change_decode(DdbStreamSource *source, Relation relation, const ReorderBufferChange *change,
				  DdbItemChange changes[DDB_MAX_ITEM_CHANGES])
{
	HeapTuple	old_tuple = ddb_change_old_tuple(change);
	HeapTuple	new_tuple = ddb_change_new_tuple(change);
	Jsonb	   *item;

	switch (change->action)
	{
		case REORDER_BUFFER_CHANGE_INSERT:
			item = get_item(source, relation, new_tuple);
			if (item == NULL)
				return 0;
			set_change(&changes[0], DDB_EVENT_INSERT, NULL, item, NULL);
			return 1;
		case REORDER_BUFFER_CHANGE_UPDATE:
			return decode_update(source, relation, old_tuple, new_tuple, changes);
		case REORDER_BUFFER_CHANGE_DELETE:
			return decode_delete(source, relation, old_tuple, changes);
		default:
			return 0;
	}
}
