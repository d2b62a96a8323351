/*
 * capacity.c
 *	  Consumed capacity: read and write units of a table and its indexes.
 *
 * Rules from "Read and write operations" in the developer guide:
 *
 * - A read costs one unit for each 4 KB begun, half of that when eventually
 *   consistent, double when transactional.
 * - A write costs one unit for each 1 KB begun of the larger of old and new
 *   item, double when transactional.  Its indexes cost the same in a transaction.
 * - An index costs one write (by the projected size) when an entry comes, goes or
 *   changes, two when its key moves, nothing when it stays as it is.
 */
#include "postgres.h"

#include "op/capacity.h"
#include "store/store.h"

/*
 * ddb_capacity_init starts counting for a table.
 */
void
ddb_capacity_init(DdbCapacity *capacity, const char *table_name)
{
	MemSet(capacity, 0, sizeof(DdbCapacity));
	capacity->table_name = pstrdup(table_name);
}

static double
units_of(int64 size, int64 unit)
{
	return Max(1, (size + unit - 1) / unit);
}

/*
 * ddb_read_units is what reading size bytes costs.
 */
double
ddb_read_units(int64 size, bool consistent, bool transactional)
{
	double		units = units_of(size, 4096);

	if (transactional)
		return units * 2;
	return consistent ? units : units / 2;
}

/*
 * index_capacity finds or makes the place to count an index.
 */
static DdbIndexCapacity *
index_capacity(DdbCapacity *capacity, const char *name, DdbIndexKind kind)
{
	DdbIndexCapacity *result;

	for (int i = 0; i < capacity->nindexes; i++)
	{
		if (strcmp(capacity->indexes[i].name, name) == 0)
			return &capacity->indexes[i];
	}
	Assert(capacity->nindexes < lengthof(capacity->indexes));
	result = &capacity->indexes[capacity->nindexes++];
	result->name = pstrdup(name);
	result->kind = kind;
	result->units.read = result->units.write = 0;
	return result;
}

/*
 * ddb_index_projects tells whether an index holds a top-level attribute.
 */
bool
ddb_index_projects(const DdbTableDesc *desc, const DdbIndexDesc *index,
				   const char *name, int len)
{
	if (index->projection == DDB_PROJECT_ALL ||
		ddb_desc_has_key(desc, index, name, len) ||
		ddb_desc_has_key(desc, &desc->primary, name, len))
		return true;
	for (int i = 0; i < index->nincluded; i++)
	{
		if (strlen(index->included[i]) == len && memcmp(index->included[i], name, len) == 0)
			return true;
	}
	return false;
}

/*
 * in_index tells whether an item has an index's whole key.
 */
static bool
in_index(const DdbTableDesc *desc, const DdbIndexDesc *index, Jsonb *item)
{
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);
		DdbValue	value;

		if (!ddb_item_lookup(&item->root, att->name, att->name_len, &value) ||
			!ddb_row_fits(desc, index->keys[i], &value))
			return false;
	}
	return true;
}

/*
 * ddb_index_item_size is the size in bytes of what an index holds of an item,
 * or -1 when the item is not in it.
 */
int64
ddb_index_item_size(const DdbTableDesc *desc, const DdbIndexDesc *index, Jsonb *item)
{
	DdbValue	view;
	int64		size = 0;

	if (item == NULL || !in_index(desc, index, item))
		return -1;
	if (index->projection == DDB_PROJECT_ALL)
		return ddb_item_size_bytes(&item->root);
	ddb_item_view(item, &view);
	ddb_value_expand(&view);
	for (int i = 0; i < view.len; i++)
	{
		DdbAttribute *attribute = &view.attributes[i];

		if (ddb_index_projects(desc, index, attribute->name, attribute->name_len))
			size += ddb_text_length(attribute->name, attribute->name_len) +
				ddb_value_size(&attribute->value);
	}
	return size;
}

/*
 * same_attribute compares one attribute of two items.
 */
static bool
same_attribute(Jsonb *a, Jsonb *b, const char *name, int len)
{
	DdbValue	va,
				vb;
	bool		has_a = ddb_item_lookup(&a->root, name, len, &va);
	bool		has_b = ddb_item_lookup(&b->root, name, len, &vb);

	return has_a == has_b && (!has_a || ddb_value_equal(&va, &vb));
}

/*
 * same_entry tells whether two items look the same to an index: its projected
 * attributes are equal.  Both are walked, for either may have attributes that the
 * other lacks.
 */
static bool
same_entry(const DdbTableDesc *desc, const DdbIndexDesc *index, Jsonb *a, Jsonb *b)
{
	Jsonb	   *items[] = {a, b};

	for (int i = 0; i < 2; i++)
	{
		DdbValue	view;

		ddb_item_view(items[i], &view);
		ddb_value_expand(&view);
		for (int j = 0; j < view.len; j++)
		{
			DdbAttribute *attribute = &view.attributes[j];

			if (ddb_index_projects(desc, index, attribute->name, attribute->name_len) &&
				!same_attribute(a, b, attribute->name, attribute->name_len))
				return false;
		}
	}
	return true;
}

/*
 * index_write_units is what a write costs one index.
 */
static double
index_write_units(const DdbTableDesc *desc, const DdbIndexDesc *index,
				  Jsonb *old, Jsonb *new)
{
	int64		old_size = ddb_index_item_size(desc, index, old);
	int64		new_size = ddb_index_item_size(desc, index, new);

	if (old_size < 0 && new_size < 0)
		return 0;
	if (old_size < 0 || new_size < 0)
		return units_of(Max(old_size, new_size), 1024);
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);

		if (!same_attribute(old, new, att->name, att->name_len))
			return units_of(old_size, 1024) + units_of(new_size, 1024);
	}
	if (same_entry(desc, index, old, new))
		return 0;
	return units_of(Max(old_size, new_size), 1024);
}

/*
 * ddb_capacity_add_write counts a write that turned old into new.
 */
void
ddb_capacity_add_write(DdbCapacity *capacity, const DdbTableDesc *desc,
					   Jsonb *old, Jsonb *new, bool transactional)
{
	int64		old_size = old ? ddb_item_size_bytes(&old->root) : 0;
	int64		new_size = new ? ddb_item_size_bytes(&new->root) : 0;
	int			factor = transactional ? 2 : 1;

	capacity->table.write += factor * units_of(Max(old_size, new_size), 1024);
	for (int i = 0; i < desc->nindexes; i++)
	{
		const DdbIndexDesc *index = &desc->indexes[i];
		double		units = index_write_units(desc, index, old, new);

		if (units > 0)
			index_capacity(capacity, index->name, index->kind)->units.write += units;
	}
}

/*
 * ddb_capacity_add_read counts read units.
 */
void
ddb_capacity_add_read(DdbCapacity *capacity, const DdbIndexDesc *index, double units)
{
	if (index == NULL || index->kind == DDB_INDEX_PRIMARY)
		capacity->table.read += units;
	else
		index_capacity(capacity, index->name, index->kind)->units.read += units;
}

/*
 * ddb_capacity_merge adds another operation's units on the same table.
 */
void
ddb_capacity_merge(DdbCapacity *into, const DdbCapacity *from)
{
	into->table.read += from->table.read;
	into->table.write += from->table.write;
	for (int i = 0; i < from->nindexes; i++)
	{
		DdbIndexCapacity *index = index_capacity(into, from->indexes[i].name,
												 from->indexes[i].kind);

		index->units.read += from->indexes[i].units.read;
		index->units.write += from->indexes[i].units.write;
	}
}

DdbUnits
ddb_capacity_total(const DdbCapacity *capacity)
{
	DdbUnits	total = capacity->table;

	for (int i = 0; i < capacity->nindexes; i++)
	{
		total.read += capacity->indexes[i].units.read;
		total.write += capacity->indexes[i].units.write;
	}
	return total;
}
