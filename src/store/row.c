/*
 * row.c
 *	  Items to key columns, with the rules for key values.
 *
 * Rules and words are those of PutItem, UpdateItem and the Key parameter ("API
 * reference"; "Naming rules and data types").  A key attribute of a secondary
 * index may be absent, which leaves the item out of that index; present, it
 * must have the right type and not be empty.
 */
#include "postgres.h"

#include "compat.h"
#include "error.h"
#include "store/store.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

void
ddb_row_columns_create(const DdbTableDesc *desc, DdbColumns *columns)
{
	columns->values = palloc0(sizeof(Datum) * desc->nattributes);
	columns->nulls = palloc(sizeof(bool) * desc->nattributes);
	memset(columns->nulls, true, sizeof(bool) * desc->nattributes);
}

/*
 * using_index finds the first index, by name, that has the attribute in its key; NULL
 * for the primary key.
 */
static const DdbIndexDesc *
using_index(const DdbTableDesc *desc, int i)
{
	const DdbKeyAttribute *att = &desc->attributes[i];

	if (ddb_desc_is_key(&desc->primary, i))
		return NULL;
	for (int j = 0; j < desc->nindexes; j++)
	{
		if (ddb_desc_has_key(desc, &desc->indexes[j], att->name, att->name_len))
			return &desc->indexes[j];
	}
	return NULL;
}

pg_noreturn static void
type_mismatch(const DdbTableDesc *desc, int i, DdbType actual, DdbRowPurpose purpose)
{
	const DdbKeyAttribute *att = &desc->attributes[i];
	const DdbIndexDesc *index = using_index(desc, i);

	if (purpose == DDB_ROW_KEY || (purpose == DDB_ROW_BATCH_PUT && index == NULL))
		VALIDATION("The provided key element does not match the schema");
	if (index == NULL)
		VALIDATION("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s",
				   att->name, ddb_type_name(att->type), ddb_type_name(actual));
	if (purpose == DDB_ROW_UPDATE)
		VALIDATION("The update expression attempted to update the secondary index key to unsupported type");
	VALIDATION("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
			   att->name, ddb_type_name(att->type), ddb_type_name(actual), index->name);
}

pg_noreturn static void
empty_key(const DdbTableDesc *desc, int i, DdbRowPurpose purpose)
{
	const DdbKeyAttribute *att = &desc->attributes[i];
	const DdbIndexDesc *index = using_index(desc, i);
	const char *what = att->type == DDB_B ? "binary" : "string";

	if (index == NULL)
		VALIDATION("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				   what, att->name);
	if (purpose == DDB_ROW_UPDATE || purpose == DDB_ROW_UPDATE_VALUE)
		VALIDATION("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty %s value.",
				   what);
	VALIDATION("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
			   what, index->name, att->name);
}

/*
 * max_size is the longest value of key attribute i, in bytes, that all its uses
 * in this column allow.  The table's own key is the first of them: what is stored has
 * passed it.
 */
static int
max_size(const DdbTableDesc *desc, int i)
{
	if (ddb_desc_is_key(&desc->primary, i))
		return DDB_MAX_PARTITION_KEY_SIZE;
	for (int j = 0; j < desc->nindexes; j++)
	{
		const DdbIndexDesc *index = &desc->indexes[j];

		for (int k = index->npartition; k < ddb_index_nkeys(index); k++)
		{
			if (index->keys[k] == i)
				return DDB_MAX_SORT_KEY_SIZE;
		}
	}
	return DDB_MAX_PARTITION_KEY_SIZE;
}

bool
ddb_row_fits(const DdbTableDesc *desc, int i, const DdbValue *value)
{
	return value->type == desc->attributes[i].type && value->len > 0 &&
		ddb_value_size(value) <= max_size(desc, i);
}

/*
 * check_size refuses a key value that is too long for one of its uses; a Key has
 * those of the table alone.
 */
static void
check_size(const DdbTableDesc *desc, int i, int64 size, DdbRowPurpose purpose)
{
	bool		partition = false;
	bool		sort = false;

	if (size <= DDB_MAX_SORT_KEY_SIZE)
		return;
	for (int j = -1; j < (purpose == DDB_ROW_KEY ? 0 : desc->nindexes); j++)
	{
		const DdbIndexDesc *index = j < 0 ? &desc->primary : &desc->indexes[j];

		for (int k = 0; k < ddb_index_nkeys(index); k++)
		{
			if (index->keys[k] == i && k < index->npartition)
				partition = true;
			else if (index->keys[k] == i)
				sort = true;
		}
	}
	if (partition && size > DDB_MAX_PARTITION_KEY_SIZE)
		VALIDATION("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes");
	if (sort)
		VALIDATION("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
}

void
ddb_row_check_value(const DdbTableDesc *desc, int i, const DdbValue *value,
					DdbRowPurpose purpose)
{
	if (value->type != desc->attributes[i].type)
		type_mismatch(desc, i, value->type, purpose);
	if (value->len == 0)
		empty_key(desc, i, purpose);
	if (value->len > DDB_MAX_SORT_KEY_SIZE)
		check_size(desc, i, ddb_value_size(value), purpose);
}

/*
 * column_value checks the value of key attribute i and gives its datum.
 */
static Datum
column_value(const DdbTableDesc *desc, int i, const DdbValue *value,
			 DdbRowPurpose purpose)
{
	/* what was stored fits already; only its own table's key may be longer */
	if (purpose != DDB_ROW_FILL)
		ddb_row_check_value(desc, i, value, purpose);
	return ddb_value_to_datum(value);
}

/*
 * fill_column fills the column of key attribute i from an item.
 */
static void
fill_column(const DdbTableDesc *desc, int i, Jsonb *item, DdbRowPurpose purpose,
			DdbColumns *columns)
{
	const DdbKeyAttribute *att = &desc->attributes[i];
	DdbValue	value;
	bool		found = ddb_item_lookup(&item->root, att->name, att->name_len, &value);

	columns->nulls[i] = true;
	if (purpose == DDB_ROW_FILL && (!found || !ddb_row_fits(desc, i, &value)))
		return;
	if (found)
	{
		columns->values[i] = column_value(desc, i, &value, purpose);
		columns->nulls[i] = false;
	}
	else if (!ddb_desc_is_key(&desc->primary, i))
		return;
	else if (purpose == DDB_ROW_BATCH_PUT)
		VALIDATION("The provided key element does not match the schema");
	else
		VALIDATION("One or more parameter values were invalid: Missing the key %s in the item",
				   att->name);
}

void
ddb_row_columns(const DdbTableDesc *desc, Jsonb *item, DdbRowPurpose purpose,
				DdbColumns *columns)
{
	for (int i = 0; i < desc->nattributes; i++)
		fill_column(desc, i, item, purpose, columns);
}

void
ddb_row_update_columns(const DdbTableDesc *desc, Jsonb *item,
					   const DdbRowPurpose *purposes, DdbColumns *columns)
{
	for (int i = 0; i < desc->nattributes; i++)
		fill_column(desc, i, item, purposes[i], columns);
}

/*
 * ddb_row_check_empty refuses empty key attributes and looks at nothing else.
 * Transactions refuse them before they begin; what else is wrong with a key
 * cancels them.
 */
void
ddb_row_check_empty(const DdbTableDesc *desc, Jsonb *item, DdbRowPurpose purpose)
{
	for (int i = 0; i < desc->nattributes; i++)
	{
		const DdbKeyAttribute *att = &desc->attributes[i];
		DdbValue	value;

		if ((purpose != DDB_ROW_KEY || ddb_desc_is_key(&desc->primary, i)) &&
			ddb_item_lookup(&item->root, att->name, att->name_len, &value) &&
			value.type == att->type && value.type != DDB_N && value.len == 0)
			empty_key(desc, i, purpose);
	}
}

void
ddb_row_key(const DdbTableDesc *desc, Jsonb *key, Datum values[2])
{
	int			n = ddb_index_nkeys(&desc->primary);

	if (JB_ROOT_COUNT(key) != n)
		VALIDATION("The provided key element does not match the schema");
	for (int i = 0; i < n; i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);
		DdbValue	value;

		if (!ddb_item_lookup(&key->root, att->name, att->name_len, &value))
			VALIDATION("The provided key element does not match the schema");
		values[i] = column_value(desc, desc->primary.keys[i], &value, DDB_ROW_KEY);
	}
}
