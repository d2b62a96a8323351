/*
 * value.c
 *	  Views of stored attribute values: read, look up, expand, push.
 *
 * Reading {"S": "x"} is on the path of every operation, so a view is made
 * straight from the container's three words and allocates nothing.  The store
 * holds canonical items only; a shape that cannot be is reported as data
 * corruption and never followed.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "item/item_private.h"

static const char *const type_names[DDB_NTYPES] = {
	"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"
};

const char *
ddb_type_name(DdbType type)
{
	Assert(type >= 0 && type < DDB_NTYPES);
	return type_names[type];
}

bool
ddb_type_parse(const char *name, int len, DdbType *type)
{
	switch (len)
	{
		case 1:
			switch (name[0])
			{
				case 'S':
					*type = DDB_S;
					return true;
				case 'N':
					*type = DDB_N;
					return true;
				case 'B':
					*type = DDB_B;
					return true;
				case 'M':
					*type = DDB_M;
					return true;
				case 'L':
					*type = DDB_L;
					return true;
			}
			return false;
		case 2:
			if (name[1] != 'S')
				return false;
			switch (name[0])
			{
				case 'S':
					*type = DDB_SS;
					return true;
				case 'N':
					*type = DDB_NS;
					return true;
				case 'B':
					*type = DDB_BS;
					return true;
			}
			return false;
		case 4:
			if (memcmp(name, "NULL", 4) == 0)
			{
				*type = DDB_NULL;
				return true;
			}
			if (memcmp(name, "BOOL", 4) == 0)
			{
				*type = DDB_BOOL;
				return true;
			}
			return false;
	}
	return false;
}

void
ddb_value_malformed(void)
{
	ereport(ERROR, errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("stored item holds a malformed attribute value"));
}

void
ddb_value_read_container(JsonbContainer *wrapper, DdbValue *out)
{
	DdbCursor	cursor;
	DdbChild	key;
	DdbChild	child;
	DdbType		type;

	if (wrapper->header != (JB_FOBJECT | 1))
		ddb_value_malformed();
	cursor_init(&cursor, wrapper, 0);
	cursor_next(&cursor, &key);
	cursor_next(&cursor, &child);
	if (!ddb_type_parse(key.data, key.len, &type))
		ddb_value_malformed();

	value_init(out, type);
	switch (type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			if (child.kind != JENTRY_ISSTRING)
				ddb_value_malformed();
			out->data = child.data;
			out->len = child.len;
			break;
		case DDB_BOOL:
		case DDB_NULL:
			out->boolean = child.kind == JENTRY_ISBOOL_TRUE;
			if (!out->boolean &&
				(type == DDB_NULL || child.kind != JENTRY_ISBOOL_FALSE))
				ddb_value_malformed();
			break;
		case DDB_M:
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			if (child.kind != JENTRY_ISCONTAINER ||
				!JsonContainerIsObject(child_container(&child)) != (type != DDB_M))
				ddb_value_malformed();
			out->raw = child_container(&child);
			out->len = container_count(out->raw);
			break;
	}
}

void
ddb_value_read(const JsonbValue *jbv, DdbValue *out)
{
	if (jbv->type != jbvBinary)
		ddb_value_malformed();
	ddb_value_read_container(jbv->val.binary.data, out);
}

/*
 * read_child views a container's child: an attribute value in a map or list,
 * a bare string in a set.
 */
static void
read_child(DdbType container, const DdbChild *child, DdbValue *out)
{
	if (type_is_set(container))
	{
		if (child->kind != JENTRY_ISSTRING)
			ddb_value_malformed();
		value_init_scalar(out, ddb_set_member_type(container), child->data, child->len);
	}
	else
	{
		if (child->kind != JENTRY_ISCONTAINER)
			ddb_value_malformed();
		ddb_value_read_container(child_container(child), out);
	}
}

void
ddb_child_from_jsonb(const JsonbValue *jbv, DdbChild *child)
{
	child->data = NULL;
	child->len = 0;
	switch (jbv->type)
	{
		case jbvNull:
			child->kind = JENTRY_ISNULL;
			break;
		case jbvString:
			child->kind = JENTRY_ISSTRING;
			child->data = jbv->val.string.val;
			child->len = jbv->val.string.len;
			break;
		case jbvNumeric:
			child->kind = JENTRY_ISNUMERIC;
			child->data = (char *) jbv->val.numeric;
			child->len = VARSIZE_ANY(jbv->val.numeric);
			break;
		case jbvBool:
			child->kind = jbv->val.boolean ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
			break;
		case jbvBinary:
			child->kind = JENTRY_ISCONTAINER;
			child->data = (char *) jbv->val.binary.data;
			child->len = jbv->val.binary.len;
			break;
		default:
			elog(ERROR, "unexpected jsonb value type %d", (int) jbv->type);
	}
}

int
ddb_value_container_size(JsonbContainer *container)
{
	uint32		n = container_children(container);
	int			size = offsetof(JsonbContainer, children) + n * sizeof(JEntry);

	if (n > 0)
		size += getJsonbOffset(container, n - 1) + getJsonbLength(container, n - 1);
	return size;
}

/*
 * lookup_container views the attribute called name in a jsonb map.
 */
static bool
lookup_container(JsonbContainer *map, const char *name, int len, DdbValue *out)
{
	JsonbValue	jbv;

	if (!JsonContainerIsObject(map) ||
		getKeyJsonValueFromContainer(map, name, len, &jbv) == NULL)
		return false;
	ddb_value_read(&jbv, out);
	return true;
}

bool
ddb_item_lookup(JsonbContainer *item, const char *name, int len, DdbValue *out)
{
	return lookup_container(item, name, len, out);
}

bool
ddb_map_lookup(const DdbValue *map, const char *name, int len, DdbValue *out)
{
	if (map->type != DDB_M)
		return false;
	if (map->raw != NULL)
		return lookup_container(map->raw, name, len, out);
	for (int i = 0; i < map->len; i++)
	{
		const DdbAttribute *attribute = &map->attributes[i];

		if (attribute->name_len == len && memcmp(attribute->name, name, len) == 0)
		{
			*out = attribute->value;
			return true;
		}
	}
	return false;
}

bool
ddb_list_lookup(const DdbValue *list, int64 index, DdbValue *out)
{
	DdbCursor	cursor;
	DdbChild	child;

	if (list->type != DDB_L || index < 0 || index >= list->len)
		return false;
	if (list->raw == NULL)
	{
		*out = list->elements[index];
		return true;
	}
	cursor_init(&cursor, list->raw, (uint32) index);
	cursor_next(&cursor, &child);
	read_child(DDB_L, &child, out);
	return true;
}

/*
 * ddb_value_expand turns a raw container into an array of its members (whose
 * own containers stay raw), allocated in CurrentMemoryContext.  Scalars and
 * what is expanded already are left alone.
 */
void
ddb_value_expand(DdbValue *value)
{
	JsonbContainer *raw = value->raw;
	DdbCursor	keys;
	DdbCursor	values;
	DdbChild	child;
	int			n = value->len;

	if (raw == NULL)
		return;
	if (value->type == DDB_M)
	{
		/* one more, so that appending one attribute needs no reallocation */
		DdbAttribute *attributes = palloc_array(DdbAttribute, (Size) n + 1);

		cursor_init(&keys, raw, 0);
		if (n > 0)
			cursor_init(&values, raw, n);
		for (int i = 0; i < n; i++)
		{
			cursor_next(&keys, &child);
			attributes[i].name = child.data;
			attributes[i].name_len = child.len;
			cursor_next(&values, &child);
			read_child(DDB_M, &child, &attributes[i].value);
		}
		value->attributes = attributes;
	}
	else
	{
		DdbValue   *elements = palloc_array(DdbValue, (Size) n + 1);

		cursor_init(&values, raw, 0);
		for (int i = 0; i < n; i++)
		{
			cursor_next(&values, &child);
			read_child(value->type, &child, &elements[i]);
		}
		value->elements = elements;
	}
	value->raw = NULL;
}

int
ddb_value_member_count(const DdbValue *value)
{
	switch (value->type)
	{
		case DDB_M:
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			return value->len;
		default:
			return 0;
	}
}

int
ddb_value_nesting(const DdbValue *value)
{
	DdbValue	copy = *value;
	int			deepest = 0;

	if (value->type != DDB_M && value->type != DDB_L)
		return 0;
	check_stack_depth();
	ddb_value_expand(&copy);
	for (int i = 0; i < copy.len; i++)
	{
		const DdbValue *member = copy.type == DDB_M ?
		&copy.attributes[i].value : &copy.elements[i];
		int			nesting = ddb_value_nesting(member);

		/* Not in Max() itself, which evaluates its arguments twice. */
		deepest = Max(deepest, nesting);
	}
	return deepest + 1;
}

void
ddb_item_view(Jsonb *item, DdbValue *out)
{
	if (!JB_ROOT_IS_OBJECT(item))
		ddb_value_malformed();
	value_init(out, DDB_M);
	out->raw = &item->root;
	out->len = container_count(&item->root);
}

/*
 * push_string pushes a key, value or element without copying it.
 */
static void
push_string(JsonbParseState **state, JsonbIteratorToken token,
			const char *data, int len)
{
	JsonbValue	jbv;

	jbv.type = jbvString;
	jbv.val.string.val = unconstify(char *, data);
	jbv.val.string.len = len;
	(void) pushJsonbValue(state, token, &jbv);
}

/*
 * push_members pushes the inside of a container as the value of the key just
 * pushed.
 */
static void
push_members(JsonbParseState **state, const DdbValue *value)
{
	JsonbValue	jbv;

	if (value->raw != NULL)
	{
		jbv.type = jbvBinary;
		jbv.val.binary.data = value->raw;
		jbv.val.binary.len = ddb_value_container_size(value->raw);
		(void) pushJsonbValue(state, WJB_VALUE, &jbv);
	}
	else if (value->type == DDB_M)
	{
		(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
		for (int i = 0; i < value->len; i++)
		{
			push_string(state, WJB_KEY, value->attributes[i].name,
						value->attributes[i].name_len);
			ddb_value_push(state, &value->attributes[i].value, false);
		}
		(void) pushJsonbValue(state, WJB_END_OBJECT, NULL);
	}
	else
	{
		(void) pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
		for (int i = 0; i < value->len; i++)
		{
			if (type_is_set(value->type))
				push_string(state, WJB_ELEM, value->elements[i].data,
							value->elements[i].len);
			else
				ddb_value_push(state, &value->elements[i], true);
		}
		(void) pushJsonbValue(state, WJB_END_ARRAY, NULL);
	}
}

/*
 * ddb_value_push appends {"S": ...} for value to a jsonb under construction, as
 * an array's element or as the value of the key just pushed.  (pushJsonbValue
 * finds out which from its own state; as_element is for the reader.)
 */
void
ddb_value_push(JsonbParseState **state, const DdbValue *value, bool as_element)
{
	const char *name = ddb_type_name(value->type);
	JsonbValue	jbv;

	check_stack_depth();
	(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY, name, strlen(name));
	switch (value->type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			push_string(state, WJB_VALUE, value->data, value->len);
			break;
		case DDB_BOOL:
		case DDB_NULL:
			jbv.type = jbvBool;
			jbv.val.boolean = value->type == DDB_NULL || value->boolean;
			(void) pushJsonbValue(state, WJB_VALUE, &jbv);
			break;
		case DDB_M:
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			push_members(state, value);
			break;
	}
	(void) pushJsonbValue(state, WJB_END_OBJECT, NULL);
}
