/*
 * encode.c
 *	  Attribute values to jsonb, written directly in jsonb's disk format.
 *
 * Changing one attribute of an item must not cost a parse and a rebuild of all
 * others: what is still raw in a value is copied as one block of bytes, which
 * jsonb's format allows because offsets in a container count from the
 * container and its alignment is four bytes (see utils/jsonb.h).
 *
 * Invariants: an object's keys come in jsonb's order (length, then bytes),
 * each once; every JB_OFFSET_STRIDE'th entry holds an offset, the others a
 * length; the leading padding of a child counts in its length.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "compat.h"
#include "error.h"
#include "item/item_private.h"

/* The entries of a container under construction. */
typedef struct Entries
{
	int			at;				/* position of the first in the buffer */
	int			count;			/* written so far */
	uint32		total;			/* bytes of data they describe */
} Entries;

static void write_members(StringInfo buf, const DdbValue *value);

/*
 * pad fills the buffer with zeros up to the next multiple of four.
 */
static void
pad(StringInfo buf)
{
	int			padding = INTALIGN(buf->len) - buf->len;

	if (padding > 0)
		appendBinaryStringInfo(buf, "\0\0\0", padding);
}

/*
 * begin_container writes the header and leaves room for n entries.
 */
static void
begin_container(StringInfo buf, uint32 flag, uint32 count, uint32 n, Entries *entries)
{
	uint32		header = count | flag;
	Size		room = (Size) n * sizeof(JEntry);

	if (count > JB_CMASK || room > JENTRY_OFFLENMASK)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Item size has exceeded the maximum allowed size"));
	appendBinaryStringInfo(buf, (char *) &header, sizeof(header));
	entries->at = buf->len;
	entries->count = 0;
	entries->total = 0;
	enlargeStringInfo(buf, (int) room);
	memset(buf->data + buf->len, 0, room);
	buf->len += (int) room;
}

/*
 * add_entry writes the next entry, for len bytes of data of the given kind.
 */
static void
add_entry(StringInfo buf, Entries *entries, uint32 kind, int len)
{
	JEntry		entry = kind | (uint32) len;

	/* The limit of jsonb, far beyond that of an item. */
	if ((uint32) len > JENTRY_OFFLENMASK - entries->total)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Item size has exceeded the maximum allowed size"));
	entries->total += len;
	if (entries->count % JB_OFFSET_STRIDE == 0)
		entry = kind | entries->total | JENTRY_HAS_OFF;
	memcpy(buf->data + entries->at + entries->count * sizeof(JEntry),
		   &entry, sizeof(entry));
	entries->count++;
}

/*
 * write_value writes the object {"S": ...} of one value, aligned.
 */
static void
write_value(StringInfo buf, const DdbValue *value)
{
	const char *name = ddb_type_name(value->type);
	Entries		entries;
	uint32		kind = JENTRY_ISSTRING;
	int			start;

	check_stack_depth();
	pad(buf);
	begin_container(buf, JB_FOBJECT, 1, 2, &entries);
	appendBinaryStringInfo(buf, name, strlen(name));
	add_entry(buf, &entries, JENTRY_ISSTRING, strlen(name));

	start = buf->len;
	switch (value->type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			appendBinaryStringInfo(buf, value->data, value->len);
			break;
		case DDB_NULL:
			kind = JENTRY_ISBOOL_TRUE;
			break;
		case DDB_BOOL:
			kind = value->boolean ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
			break;
		case DDB_M:
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			kind = JENTRY_ISCONTAINER;
			write_members(buf, value);
			break;
	}
	add_entry(buf, &entries, kind, buf->len - start);
}

/*
 * compare_attributes is jsonb's order of keys.
 */
static int
compare_attributes(const void *a, const void *b)
{
	const DdbAttribute *x = *(const DdbAttribute *const *) a;
	const DdbAttribute *y = *(const DdbAttribute *const *) b;

	if (x->name_len != y->name_len)
		return x->name_len < y->name_len ? -1 : 1;
	return memcmp(x->name, y->name, x->name_len);
}

const DdbAttribute **
ddb_value_sorted_attributes(const DdbValue *map)
{
	const DdbAttribute **sorted = palloc_array(const DdbAttribute *, (Size) map->len + 1);

	Assert(map->type == DDB_M && map->raw == NULL);
	for (int i = 0; i < map->len; i++)
		sorted[i] = &map->attributes[i];
	qsort(sorted, map->len, sizeof(sorted[0]), compare_attributes);
	return sorted;
}

/*
 * write_map writes an expanded map's object.
 */
static void
write_map(StringInfo buf, const DdbValue *map)
{
	const DdbAttribute **sorted = ddb_value_sorted_attributes(map);
	Entries		entries;

	begin_container(buf, JB_FOBJECT, map->len, 2 * (uint32) map->len, &entries);
	for (int i = 0; i < map->len; i++)
	{
		if (i > 0 && compare_attributes(&sorted[i - 1], &sorted[i]) == 0)
			elog(ERROR, "attribute \"%.*s\" occurs twice in a map",
				 sorted[i]->name_len, sorted[i]->name);
		appendBinaryStringInfo(buf, sorted[i]->name, sorted[i]->name_len);
		add_entry(buf, &entries, JENTRY_ISSTRING, sorted[i]->name_len);
	}
	for (int i = 0; i < map->len; i++)
	{
		int			start = buf->len;

		CHECK_FOR_INTERRUPTS();
		write_value(buf, &sorted[i]->value);
		add_entry(buf, &entries, JENTRY_ISCONTAINER, buf->len - start);
	}
	pfree(sorted);
}

/*
 * write_members writes the object or array inside a container value, aligned.
 */
static void
write_members(StringInfo buf, const DdbValue *value)
{
	Entries		entries;

	pad(buf);
	if (value->raw != NULL)
	{
		appendBinaryStringInfo(buf, (const char *) value->raw,
							   ddb_value_container_size(value->raw));
		return;
	}
	if (value->type == DDB_M)
	{
		write_map(buf, value);
		return;
	}
	begin_container(buf, JB_FARRAY, value->len, value->len, &entries);
	for (int i = 0; i < value->len; i++)
	{
		const DdbValue *element = &value->elements[i];
		int			start = buf->len;

		CHECK_FOR_INTERRUPTS();
		if (type_is_set(value->type))
		{
			appendBinaryStringInfo(buf, element->data, element->len);
			add_entry(buf, &entries, JENTRY_ISSTRING, element->len);
		}
		else
		{
			write_value(buf, element);
			add_entry(buf, &entries, JENTRY_ISCONTAINER, buf->len - start);
		}
	}
}

/*
 * begin_jsonb starts a buffer with room for the varlena header.
 */
static void
begin_jsonb(StringInfo buf)
{
	initStringInfo(buf);
	appendBinaryStringInfo(buf, "\0\0\0\0", VARHDRSZ);
}

Jsonb *
ddb_item_from_value(const DdbValue *map)
{
	StringInfoData buf;

	Assert(map->type == DDB_M);
	begin_jsonb(&buf);
	write_members(&buf, map);
	SET_VARSIZE(buf.data, buf.len);
	return (Jsonb *) buf.data;
}

Jsonb *
ddb_value_to_jsonb(const DdbValue *value)
{
	StringInfoData buf;

	begin_jsonb(&buf);
	write_value(&buf, value);
	SET_VARSIZE(buf.data, buf.len);
	return (Jsonb *) buf.data;
}

/* A member of an object put together from parts. */
typedef struct Member
{
	const char *name;
	int			name_len;
	DdbChild	child;			/* unless part is set */
	const DdbJsonPart *part;
} Member;

/*
 * compare_members is jsonb's order of keys.
 */
static int
compare_members(const void *a, const void *b)
{
	const Member *x = a;
	const Member *y = b;

	if (x->name_len != y->name_len)
		return x->name_len < y->name_len ? -1 : 1;
	return memcmp(x->name, y->name, x->name_len);
}

/*
 * write_root writes the object or array that is a whole document.
 */
static void
write_root(StringInfo buf, const Jsonb *document)
{
	pad(buf);
	appendBinaryStringInfo(buf, (const char *) &document->root, VARSIZE(document) - VARHDRSZ);
}

/*
 * write_part writes a part's object or array, aligned.
 */
static void
write_part(StringInfo buf, const DdbJsonPart *part)
{
	Entries		entries;

	if (part->value != NULL)
	{
		write_root(buf, part->value);
		return;
	}
	pad(buf);
	begin_container(buf, JB_FARRAY, part->nelements, part->nelements, &entries);
	for (int i = 0; i < part->nelements; i++)
	{
		int			start = buf->len;

		CHECK_FOR_INTERRUPTS();
		write_root(buf, part->elements[i]);
		add_entry(buf, &entries, JENTRY_ISCONTAINER, buf->len - start);
	}
}

/*
 * list_members gives the members of base and the parts in jsonb's order.
 */
static Member *
list_members(Jsonb *base, const DdbJsonPart *parts, int n, int *count)
{
	int			nbase = base != NULL ? container_count(&base->root) : 0;
	Member	   *members = palloc_array(Member, nbase + n + 1);
	DdbCursor	keys;
	DdbCursor	values;

	if (nbase > 0)
	{
		cursor_init(&keys, &base->root, 0);
		cursor_init(&values, &base->root, nbase);
	}
	for (int i = 0; i < nbase; i++)
	{
		DdbChild	key;

		cursor_next(&keys, &key);
		cursor_next(&values, &members[i].child);
		members[i].name = key.data;
		members[i].name_len = key.len;
		members[i].part = NULL;
	}
	for (int i = 0; i < n; i++)
	{
		members[nbase + i].name = parts[i].name;
		members[nbase + i].name_len = strlen(parts[i].name);
		members[nbase + i].part = &parts[i];
	}
	*count = nbase + n;
	qsort(members, *count, sizeof(Member), compare_members);
	return members;
}

Jsonb *
ddb_json_compose(Jsonb *base, const DdbJsonPart *parts, int n)
{
	StringInfoData buf;
	Entries		entries;
	int			count;
	Member	   *members = list_members(base, parts, n, &count);

	begin_jsonb(&buf);
	begin_container(&buf, JB_FOBJECT, count, 2 * (uint32) count, &entries);
	for (int i = 0; i < count; i++)
	{
		appendBinaryStringInfo(&buf, members[i].name, members[i].name_len);
		add_entry(&buf, &entries, JENTRY_ISSTRING, members[i].name_len);
	}
	for (int i = 0; i < count; i++)
	{
		const DdbChild *child = &members[i].child;
		uint32		kind = members[i].part != NULL ? JENTRY_ISCONTAINER : child->kind;
		int			start = buf.len;

		if (members[i].part != NULL)
			write_part(&buf, members[i].part);
		else
		{
			if (kind == JENTRY_ISCONTAINER || kind == JENTRY_ISNUMERIC)
				pad(&buf);
			appendBinaryStringInfo(&buf, child->data, child->len);
		}
		add_entry(&buf, &entries, kind, buf.len - start);
	}
	SET_VARSIZE(buf.data, buf.len);
	return (Jsonb *) buf.data;
}
