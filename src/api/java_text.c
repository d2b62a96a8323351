/*
 * java_text.c
 *	  Parts of a request as Java prints them.
 *
 * Maps are {key=value}, lists [a, b], structures Type(member=value), with all members
 * that they can have; what is absent is null.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "api/java_text.h"
#include "compat.h"
#include "item/item.h"

/* Nobody reads more of it; items in it are some ten times as long as in JSON. */
#define MAX_TEXT (1024 * 1024)

/* An attribute value's members, in the order in which they are printed. */
static const struct
{
	const char *name;			/* in requests */
	const char *printed;
}			value_members[] = {
	{"S", "s"},
	{"N", "n"},
	{"B", "b"},
	{"SS", "sS"},
	{"NS", "nS"},
	{"BS", "bS"},
	{"M", "m"},
	{"L", "l"},
	{"NULL", "nULL"},
	{"BOOL", "bOOL"}
};

static void append_attribute_value(StringInfo buf, const JsonbValue *value);

static void
append_separator(StringInfo buf, bool *first)
{
	if (!*first)
		appendStringInfoString(buf, ", ");
	*first = false;
}

static void
append_scalar(StringInfo buf, const JsonbValue *value)
{
	if (value->type == jbvString)
		appendBinaryStringInfo(buf, value->val.string.val, value->val.string.len);
	else if (value->type == jbvBool)
		appendStringInfoString(buf, value->val.boolean ? "true" : "false");
	else if (value->type == jbvNumeric)
		appendStringInfoString(buf, DatumGetCString(DirectFunctionCall1(numeric_out,
																		NumericGetDatum(value->val.numeric))));
	else
		appendStringInfoString(buf, "null");
}

/*
 * append_bytes shows a binary value as a buffer, of which Java tells the size only.
 */
static void
append_bytes(StringInfo buf, const JsonbValue *value)
{
	DdbValue	binary = {.type = DDB_B,.data = value->val.string.val,.len = value->val.string.len};
	int			size = (int) ddb_value_size(&binary);

	appendStringInfo(buf, "java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", size, size);
}

/*
 * append_attributes shows an item or a map of attribute values.
 */
static void
append_attributes(StringInfo buf, JsonbContainer *map)
{
	JsonbIterator *it = JsonbIteratorInit(map);
	JsonbValue	key,
				value;
	bool		first = true;

	(void) JsonbIteratorNext(&it, &key, true);
	appendStringInfoChar(buf, '{');
	while (buf->len < MAX_TEXT && JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		append_separator(buf, &first);
		appendBinaryStringInfo(buf, key.val.string.val, key.val.string.len);
		appendStringInfoChar(buf, '=');
		append_attribute_value(buf, &value);
	}
	appendStringInfoChar(buf, '}');
}

/*
 * append_elements shows the members of a list or a set.
 */
static void
append_elements(StringInfo buf, const char *type, JsonbContainer *list)
{
	JsonbIterator *it = JsonbIteratorInit(list);
	JsonbValue	value;
	bool		first = true;

	(void) JsonbIteratorNext(&it, &value, true);
	appendStringInfoChar(buf, '[');
	while (buf->len < MAX_TEXT && JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
	{
		append_separator(buf, &first);
		if (strcmp(type, "L") == 0)
			append_attribute_value(buf, &value);
		else if (strcmp(type, "BS") == 0 && value.type == jbvString)
			append_bytes(buf, &value);
		else
			append_scalar(buf, &value);
	}
	appendStringInfoChar(buf, ']');
}

static void
append_attribute_value(StringInfo buf, const JsonbValue *value)
{
	check_stack_depth();
	if (value->type != jbvBinary)
	{
		appendStringInfoString(buf, "null");
		return;
	}
	appendStringInfoString(buf, "AttributeValue(");
	for (int i = 0; i < lengthof(value_members); i++)
	{
		const char *name = value_members[i].name;
		JsonbValue	member;

		appendStringInfo(buf, "%s%s=", i > 0 ? ", " : "", value_members[i].printed);
		if (getKeyJsonValueFromContainer(value->val.binary.data, name, strlen(name), &member) == NULL)
			appendStringInfoString(buf, "null");
		else if (member.type != jbvBinary && strcmp(name, "B") == 0 && member.type == jbvString)
			append_bytes(buf, &member);
		else if (member.type != jbvBinary)
			append_scalar(buf, &member);
		else if (JsonContainerIsArray(member.val.binary.data))
			append_elements(buf, name, member.val.binary.data);
		else
			append_attributes(buf, member.val.binary.data);
	}
	appendStringInfoChar(buf, ')');
}

static void
append_struct(StringInfo buf, const DdbShape *shape, const JsonbValue *value)
{
	bool		first = true;

	appendStringInfo(buf, "%s(", shape->type_name ? shape->type_name : "");
	for (const DdbMember *m = shape->members; m->name != NULL; m++)
	{
		JsonbValue	member;
		bool		found = getKeyJsonValueFromContainer(value->val.binary.data, m->name,
														 strlen(m->name), &member) != NULL;

		append_separator(buf, &first);
		appendStringInfo(buf, "%c%s=", pg_tolower((unsigned char) m->name[0]), m->name + 1);
		ddb_java_append(buf, m->shape, found ? &member : NULL);
	}
	appendStringInfoChar(buf, ')');
}

/*
 * append_collection shows a list, or a map whose keys are names.
 */
static void
append_collection(StringInfo buf, const DdbShape *shape, const JsonbValue *value)
{
	JsonbIterator *it = JsonbIteratorInit(value->val.binary.data);
	bool		is_map = shape->kind == DDB_SHAPE_MAP;
	JsonbValue	member;
	bool		first = true;

	(void) JsonbIteratorNext(&it, &member, true);
	appendStringInfoChar(buf, is_map ? '{' : '[');
	while (buf->len < MAX_TEXT &&
		   JsonbIteratorNext(&it, &member, true) == (is_map ? WJB_KEY : WJB_ELEM))
	{
		append_separator(buf, &first);
		if (is_map)
		{
			appendStringInfo(buf, "%.*s=", member.val.string.len, member.val.string.val);
			(void) JsonbIteratorNext(&it, &member, true);
		}
		ddb_java_append(buf, shape->element, &member);
	}
	appendStringInfoChar(buf, is_map ? '}' : ']');
}

void
ddb_java_append(StringInfo buf, const DdbShape *shape, const JsonbValue *value)
{
	if (value == NULL || value->type != jbvBinary)
	{
		if (value == NULL)
			appendStringInfoString(buf, "null");
		else
			append_scalar(buf, value);
		return;
	}
	switch (shape->kind)
	{
		case DDB_SHAPE_STRUCT:
			append_struct(buf, shape, value);
			break;
		case DDB_SHAPE_ITEM:
			append_attributes(buf, value->val.binary.data);
			break;
		case DDB_SHAPE_VALUE:
			append_attribute_value(buf, value);
			break;
		default:
			append_collection(buf, shape, value);
			break;
	}
}
