/*
 * size.c
 *	  What attribute values count for in an item's size.
 *
 * Developer guide, "DynamoDB item sizes and formats": names and strings count
 * their UTF-8 bytes, binaries their bytes, numbers by digits (ddb_number_size),
 * BOOL and NULL one byte; lists and maps three bytes and one for each element;
 * a set the sum of its members.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "item/item_private.h"

/*
 * scalar_size gives the size of S, N or B text.
 */
static int64
scalar_size(DdbType type, const char *data, int len)
{
	switch (type)
	{
		case DDB_N:
			return ddb_number_size(data, len);
		case DDB_B:
			return ddb_binary_length(data, len);
		default:
			return ddb_text_length(data, len);
	}
}

/*
 * raw_size gives the size of a raw container's members with their names, but
 * without what the container itself costs.
 */
static int64
raw_size(DdbType type, JsonbContainer *raw)
{
	DdbCursor	values;
	DdbChild	child;
	int			n = container_count(raw);
	int64		size = 0;

	if (n == 0)
		return 0;
	cursor_init(&values, raw, type == DDB_M ? n : 0);
	/* a map's names stand before its values, one behind the other */
	if (type == DDB_M)
		size += ddb_text_length(values.base, values.offset);
	for (int i = 0; i < n; i++)
	{
		DdbValue	member;

		cursor_next(&values, &child);
		if (type_is_set(type))
		{
			if (child.kind != JENTRY_ISSTRING)
				ddb_value_malformed();
			size += scalar_size(ddb_set_member_type(type), child.data, child.len);
			continue;
		}
		if (child.kind != JENTRY_ISCONTAINER)
			ddb_value_malformed();
		ddb_value_read_container(child_container(&child), &member);
		size += ddb_value_size(&member);
	}
	return size;
}

int64
ddb_value_size(const DdbValue *value)
{
	int64		size = 0;

	switch (value->type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			return scalar_size(value->type, value->data, value->len);
		case DDB_BOOL:
		case DDB_NULL:
			return 1;
		case DDB_M:
		case DDB_L:
			size = 3 + (int64) value->len;
			break;
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			break;
	}

	check_stack_depth();
	if (value->raw != NULL)
		return size + raw_size(value->type, value->raw);
	for (int i = 0; i < value->len; i++)
	{
		if (value->type == DDB_M)
			size += ddb_text_length(value->attributes[i].name, value->attributes[i].name_len) +
				ddb_value_size(&value->attributes[i].value);
		else
			size += ddb_value_size(&value->elements[i]);
	}
	return size;
}

int64
ddb_item_size_bytes(JsonbContainer *item)
{
	if (!JsonContainerIsObject(item))
		ddb_value_malformed();
	return raw_size(DDB_M, item);
}
