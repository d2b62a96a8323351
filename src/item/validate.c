/*
 * validate.c
 *	  Client input: validation in DynamoDB's words, and the canonical form.
 *
 * One walk over the binary jsonb validates an item, adds up its size and finds
 * out whether it is canonical already.  If it is, the caller gets its own
 * pointer back and nothing was built; else a second pass makes a canonical
 * copy of what the first one found valid.
 *
 * DynamoDB reads the request (SerializationException) before it validates
 * values (ValidationException).  So the walk raises the former at once, but
 * only remembers the first of the latter and walks on.  Attributes are met in
 * jsonb's order of keys, which makes the choice among several errors stable.
 *
 * Members of an attribute value with an unknown type name, or with a JSON null
 * for a value, are as good as absent, in DynamoDB as here.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "error.h"
#include "item/item_private.h"

#define EMPTY_MESSAGE \
	"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define AMBIGUOUS_MESSAGE \
	"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
#define INVALID_PREFIX "One or more parameter values were invalid: "

#define ATTRIBUTE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define MAP_CLASS "java.util.Map<java.lang.String, " ATTRIBUTE_CLASS ">"

/* What the walk has found out so far. */
typedef struct Check
{
	DdbValueLayer layer;
	const char *problem;		/* first ValidationException's message, or NULL */
	bool		of_name;		/* it is an empty name in a map, which nesting comes before */
	bool		altered;		/* not canonical: a copy is needed */
	int64		size;			/* bytes */
} Check;

static void check_value(Check *check, const DdbChild *child, int nesting);
static void check_map(Check *check, JsonbContainer *map, int nesting);
static void build_value(JsonbContainer *wrapper, DdbValue *out);
static void build_map(JsonbContainer *map, DdbValue *out);

/*
 * invalid remembers the first thing that is wrong.
 */
static void
invalid(Check *check, const char *message)
{
	if (check->problem == NULL)
		check->problem = message;
}

/*
 * raise_problem raises the ValidationException that was remembered, if any.
 */
static void
raise_problem(const Check *check)
{
	if (check->problem != NULL)
		ereport(ERROR, ddb_errcode_parameters(), errmsg("%s", check->problem));
}

/*
 * refuse_shape raises a SerializationException.
 */
pg_noreturn static void
refuse_shape(const char *message)
{
	ereport(ERROR, ddb_errcode(DDB_SERIALIZATION), errmsg("%s", message));
}

const char *
ddb_number_json_kind(const struct NumericData *number)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out,
														   PointerGetDatum(number)));

	return strchr(text, '.') != NULL ? "DECIMAL_VALUE" : "NUMBER_VALUE";
}

/*
 * is_array tells the two kinds of JSON container apart.
 */
static bool
is_array(const DdbChild *child)
{
	return child->kind == JENTRY_ISCONTAINER &&
		JsonContainerIsArray(child_container(child));
}

/*
 * refuse_conversion raises the error for a JSON value where a scalar of the Java
 * class ("String", "Boolean") is expected.
 */
pg_noreturn static void
refuse_conversion(const DdbChild *child, const char *class)
{
	switch (child->kind)
	{
		case JENTRY_ISCONTAINER:
			if (is_array(child))
				refuse_shape(psprintf("Unrecognized collection type class java.lang.%s", class));
			refuse_shape("Start of structure or map found where not expected");
		case JENTRY_ISNUMERIC:
			refuse_shape(psprintf("%s cannot be converted to %s",
								  ddb_number_json_kind((Numeric) child->data),
								  class));
		case JENTRY_ISBOOL_TRUE:
			refuse_shape(psprintf("TRUE_VALUE cannot be converted to %s", class));
		case JENTRY_ISBOOL_FALSE:
			refuse_shape(psprintf("FALSE_VALUE cannot be converted to %s", class));
		default:
			refuse_shape(psprintf("STRING_VALUE cannot be converted to %s", class));
	}
}

/*
 * require_list raises an error unless child is a JSON array.
 */
static void
require_list(const DdbChild *child)
{
	if (child->kind != JENTRY_ISCONTAINER)
		refuse_shape("Unexpected field type");
	if (!is_array(child))
		refuse_shape("Start of structure or map found where not expected");
}

/*
 * require_map raises an error unless child is a JSON object.
 */
static void
require_map(const DdbChild *child)
{
	if (child->kind != JENTRY_ISCONTAINER)
		refuse_shape("Unexpected field type");
	if (is_array(child))
		refuse_shape("Unrecognized collection type " MAP_CLASS);
}

/*
 * check_text checks that a name or string is in stored form and adds up its size.
 * has_escape tells what ddb_text_has_escape() says of it, or of more.
 */
static void
check_text(Check *check, const DdbChild *child, bool has_escape)
{
	check->size += child->len;
	if (!has_escape)
		return;
	if (!ddb_text_is_valid(child->data, child->len))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(DDB_ESCAPE_MESSAGE));
	check->size -= ddb_text_count_escapes(child->data, child->len);
}

/*
 * check_number checks the text of one number.  *canonical gets its canonical
 * form: the text itself, or a palloc'd copy.
 */
static void
check_number(Check *check, const DdbChild *child, DdbSlice *canonical)
{
	char		buf[DDB_NUMBER_BUFLEN];
	const char *problem;
	int			len;

	canonical->data = child->data;
	canonical->len = child->len;
	if (!ddb_number_is_canonical(child->data, child->len))
	{
		problem = check->layer == DDB_VALUES_OLDER ?
			ddb_number_read(child->data, child->len, buf, &len) :
			ddb_number_parse(child->data, child->len, buf, &len);
		if (problem != NULL)
		{
			invalid(check, problem);
			return;
		}
		if (len != child->len || memcmp(buf, child->data, len) != 0)
		{
			check->altered = true;
			canonical->data = pnstrdup(buf, len);
			canonical->len = len;
		}
	}
	check->size += ddb_number_size(canonical->data, canonical->len);
}

/*
 * check_scalar checks S, N or B, or a set's member of that type.
 */
static void
check_scalar(Check *check, DdbType type, const DdbChild *child, DdbSlice *canonical)
{
	const char *problem;

	canonical->data = child->data;
	canonical->len = child->len;
	if (type == DDB_B)
	{
		if (child->kind != JENTRY_ISSTRING)
			refuse_shape("only base-64-encoded strings are convertible to bytes");
		problem = ddb_binary_problem(child->data, child->len);
		if (problem != NULL)
			refuse_shape(problem);
		check->size += ddb_binary_length(child->data, child->len);
		return;
	}
	if (child->kind != JENTRY_ISSTRING)
		refuse_conversion(child, "String");
	if (type == DDB_N)
		check_number(check, child, canonical);
	else
		check_text(check, child, ddb_text_has_escape(child->data, child->len));
}

/*
 * read_members views the n members of a set, valid ones, as the client sent them.
 */
static void
read_members(DdbType type, JsonbContainer *set, DdbValue *members, int n)
{
	DdbCursor	cursor;
	DdbChild	child;

	cursor_init(&cursor, set, 0);
	for (int i = 0; i < n; i++)
	{
		cursor_next(&cursor, &child);
		value_init_scalar(&members[i], ddb_set_member_type(type), child.data, child.len);
	}
}

/*
 * are_distinct tells whether n members are different; sorted has room for them.
 */
static bool
are_distinct(const DdbValue *members, int n, DdbValue *sorted)
{
	memcpy(sorted, members, n * sizeof(DdbValue));
	(void) ddb_set_sort(sorted, n);
	for (int i = 1; i < n; i++)
	{
		if (ddb_value_compare(&sorted[i - 1], &sorted[i]) == 0)
			return false;
	}
	return true;
}

/*
 * sort_until_repeat puts the members before the first that is there already in
 * order, as the current layer, which adds one after the other to an ordered set,
 * shows them.
 */
static void
sort_until_repeat(DdbValue *members, int n)
{
	DdbValue   *sorted = palloc_array(DdbValue, n);
	int			distinct = 1;	/* so many are */
	int			repeats = n;	/* so many are not */

	while (repeats - distinct > 1)
	{
		int			middle = distinct + (repeats - distinct) / 2;

		if (are_distinct(members, middle, sorted))
			distinct = middle;
		else
			repeats = middle;
	}
	(void) ddb_set_sort(members, distinct);
	pfree(sorted);
}

/*
 * duplicates_message lists a set's members in the layer's way; those of a number set
 * DynamoDB does not list.
 */
static const char *
duplicates_message(DdbValueLayer layer, DdbType type, JsonbContainer *set)
{
	bool		older = layer == DDB_VALUES_OLDER;
	const char *quote = older ? "" : "\"";
	const char *separator = !older && type == DDB_BS ? "," : ", ";
	int			n = container_count(set);
	DdbValue   *members;
	StringInfoData list;

	if (type == DDB_NS)
		return older ? "Input collection contains duplicates" :
			INVALID_PREFIX "Input collection contains duplicates.";
	members = palloc_array(DdbValue, n);
	read_members(type, set, members, n);
	if (!older)
		sort_until_repeat(members, n);
	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s%s%.*s%s", i > 0 ? separator : "", quote,
						 members[i].len, members[i].data, quote);
	return psprintf(INVALID_PREFIX "Input collection [%s]%s contains duplicates.",
					list.data, type == DDB_BS ? "of type BS" : "");
}

/*
 * check_set checks SS, NS or BS: not empty, members valid, different and in order.
 * Numbers are compared by value, binaries by their bytes, which is equality of
 * canonical texts for both.  DynamoDB's words for a null member are not known to
 * us.
 */
static void
check_set(Check *check, DdbType type, const DdbChild *child)
{
	JsonbContainer *set;
	DdbValue   *members;
	DdbCursor	cursor;
	DdbChild	member;
	int			n;

	require_list(child);
	set = child_container(child);
	n = container_count(set);
	if (n == 0)
	{
		invalid(check,
				type == DDB_SS ? INVALID_PREFIX "An string set  may not be empty" :
				type == DDB_NS ? INVALID_PREFIX "An number set  may not be empty" :
				INVALID_PREFIX "Binary sets should not be empty");
		return;
	}

	members = palloc_array(DdbValue, n);
	cursor_init(&cursor, set, 0);
	for (int i = 0; i < n; i++)
	{
		DdbSlice	canonical;

		cursor_next(&cursor, &member);
		if (member.kind == JENTRY_ISNULL)
		{
			invalid(check, INVALID_PREFIX "A set may not have null as a member");
			continue;
		}
		check_scalar(check, ddb_set_member_type(type), &member, &canonical);
		value_init_scalar(&members[i], ddb_set_member_type(type), canonical.data, canonical.len);
	}
	if (check->problem != NULL)
		return;

	if (ddb_set_sort(members, n))
		check->altered = true;
	for (int i = 1; i < n; i++)
	{
		if (ddb_value_compare(&members[i - 1], &members[i]) == 0)
		{
			invalid(check, duplicates_message(check->layer, type, set));
			break;
		}
	}
	pfree(members);
}

/*
 * check_list checks the elements of an L.
 */
static void
check_list(Check *check, JsonbContainer *list, int nesting)
{
	int			n = container_count(list);
	DdbCursor	cursor;
	DdbChild	element;

	check->size += 3 + (int64) n;
	cursor_init(&cursor, list, 0);
	for (int i = 0; i < n; i++)
	{
		cursor_next(&cursor, &element);
		check_value(check, &element, nesting);
	}
}

/*
 * check_typed checks the value that stands under a type's name.  nesting is
 * how many lists and maps it lies in, the item not counted.
 */
static void
check_typed(Check *check, DdbType type, const DdbChild *child, int nesting)
{
	DdbSlice	canonical;

	switch (type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			check_scalar(check, type, child, &canonical);
			break;
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			check_set(check, type, child);
			break;
		case DDB_BOOL:
		case DDB_NULL:
			if (child->kind != JENTRY_ISBOOL_TRUE && child->kind != JENTRY_ISBOOL_FALSE)
				refuse_conversion(child, "Boolean");
			if (type == DDB_NULL && child->kind == JENTRY_ISBOOL_FALSE)
				invalid(check, INVALID_PREFIX "Null attribute value types must have the value of true");
			check->size += 1;
			break;
		case DDB_M:
		case DDB_L:
			if (type == DDB_M)
				require_map(child);
			else
				require_list(child);
			if (nesting >= DDB_MAX_NESTING)
			{
				if (check->of_name)
					check->problem = NULL;
				check->of_name = false;
				invalid(check, DDB_NESTING_MESSAGE);
				break;
			}
			check_stack_depth();
			if (type == DDB_L)
				check_list(check, child_container(child), nesting + 1);
			else
			{
				check->size += 3 + (int64) container_count(child_container(child));
				check_map(check, child_container(child), nesting + 1);
			}
			break;
	}
}

/*
 * find_datatypes looks at the members of an attribute value and gives the
 * number of those that set a datatype; *type and *child get the first.
 */
static int
find_datatypes(JsonbContainer *wrapper, DdbType *type, DdbChild *child)
{
	int			npairs = container_count(wrapper);
	int			found = 0;
	DdbCursor	keys;
	DdbCursor	values;

	if (npairs == 0)
		return 0;
	cursor_init(&keys, wrapper, 0);
	cursor_init(&values, wrapper, npairs);
	for (int i = 0; i < npairs; i++)
	{
		DdbChild	key;
		DdbChild	value;
		DdbType		this_type;

		cursor_next(&keys, &key);
		cursor_next(&values, &value);
		if (value.kind == JENTRY_ISNULL || !ddb_type_parse(key.data, key.len, &this_type))
			continue;
		if (found++ == 0)
		{
			*type = this_type;
			*child = value;
		}
	}
	return found;
}

/*
 * check_value checks one attribute value, {"S": ...}.
 */
static void
check_value(Check *check, const DdbChild *child, int nesting)
{
	JsonbContainer *wrapper;
	DdbChild	inner;
	DdbType		type;
	int			found;

	CHECK_FOR_INTERRUPTS();
	if (child->kind == JENTRY_ISNULL)
	{
		invalid(check, EMPTY_MESSAGE);
		return;
	}
	if (child->kind != JENTRY_ISCONTAINER)
		refuse_shape("Unexpected value type in payload");
	if (is_array(child))
		refuse_shape("Unrecognized collection type class " ATTRIBUTE_CLASS);

	wrapper = child_container(child);
	found = find_datatypes(wrapper, &type, &inner);
	if (found == 0)
		invalid(check, EMPTY_MESSAGE);
	else
	{
		if (found > 1)
			invalid(check, AMBIGUOUS_MESSAGE);
		if (container_count(wrapper) > 1)
			check->altered = true;
		check_typed(check, type, &inner, nesting);
	}
}

const char *
ddb_name_problem(const char *name, int len)
{
	if (len == 0)
		return "Empty attribute name";
	if (len > DDB_MAX_ATTRIBUTE_NAME && ddb_text_length(name, len) > DDB_MAX_ATTRIBUTE_NAME)
		return INVALID_PREFIX "Attribute name is too large, must be less than 65536 bytes";
	return NULL;
}

static void
check_name(Check *check, const DdbChild *name, int nesting, bool has_escape)
{
	const char *problem = ddb_name_problem(name->data, name->len);

	if (problem != NULL)
	{
		if (check->problem == NULL)
			check->of_name = nesting > 0 && name->len == 0;
		invalid(check, problem);
	}
	check_text(check, name, has_escape);
}

/*
 * check_map checks the attributes of an item or an M, without what an M itself
 * costs.
 */
static void
check_map(Check *check, JsonbContainer *map, int nesting)
{
	int			n = container_count(map);
	DdbCursor	keys;
	DdbCursor	values;
	DdbChild	child;
	bool		has_escape;

	if (n == 0)
		return;
	cursor_init(&keys, map, 0);
	cursor_init(&values, map, n);
	/* the names stand before the values, one behind the other */
	has_escape = ddb_text_has_escape(values.base, values.offset);
	for (int i = 0; i < n; i++)
	{
		cursor_next(&keys, &child);
		check_name(check, &child, nesting, has_escape);
		cursor_next(&values, &child);
		check_value(check, &child, nesting);
	}
}

/*
 * build_scalar gives S, N or B in canonical form.
 */
static void
build_scalar(DdbType type, const DdbChild *child, DdbValue *out)
{
	value_init_scalar(out, type, child->data, child->len);
	if (type == DDB_N && !ddb_number_is_canonical(child->data, child->len))
	{
		char	   *buf = palloc(DDB_NUMBER_BUFLEN);

		out->len = ddb_number_canonical(child->data, child->len, buf);
		out->data = buf;
	}
}

/*
 * build_elements gives the members of a list or set in canonical form.
 */
static void
build_elements(DdbType type, JsonbContainer *array, DdbValue *out)
{
	int			n = container_count(array);
	DdbCursor	cursor;
	DdbChild	child;

	value_init(out, type);
	out->len = n;
	out->elements = palloc_array(DdbValue, (Size) n + 1);
	cursor_init(&cursor, array, 0);
	for (int i = 0; i < n; i++)
	{
		cursor_next(&cursor, &child);
		if (type == DDB_L)
			build_value(child_container(&child), &out->elements[i]);
		else
			build_scalar(ddb_set_member_type(type), &child, &out->elements[i]);
	}
	if (type != DDB_L)
		(void) ddb_set_sort(out->elements, n);
}

/*
 * build_map gives the attributes of an item or M in canonical form.
 */
static void
build_map(JsonbContainer *map, DdbValue *out)
{
	int			n = container_count(map);
	DdbCursor	keys;
	DdbCursor	values;
	DdbChild	child;

	value_init(out, DDB_M);
	out->len = n;
	out->attributes = palloc_array(DdbAttribute, (Size) n + 1);
	if (n == 0)
		return;
	cursor_init(&keys, map, 0);
	cursor_init(&values, map, n);
	for (int i = 0; i < n; i++)
	{
		cursor_next(&keys, &child);
		out->attributes[i].name = child.data;
		out->attributes[i].name_len = child.len;
		cursor_next(&values, &child);
		build_value(child_container(&child), &out->attributes[i].value);
	}
}

/*
 * build_value gives one attribute value, found valid before, in canonical form
 * and expanded all the way down.
 */
static void
build_value(JsonbContainer *wrapper, DdbValue *out)
{
	DdbChild	child;
	DdbType		type;

	CHECK_FOR_INTERRUPTS();
	if (find_datatypes(wrapper, &type, &child) != 1)
		elog(ERROR, "attribute value without exactly one datatype");
	switch (type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			build_scalar(type, &child, out);
			break;
		case DDB_BOOL:
		case DDB_NULL:
			value_init(out, type);
			out->boolean = child.kind == JENTRY_ISBOOL_TRUE;
			break;
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			build_elements(type, child_container(&child), out);
			break;
		case DDB_M:
			build_map(child_container(&child), out);
			break;
	}
}

/*
 * ddb_item_check validates a whole attribute map, in a layer's words.  It gives the same pointer
 * when item is canonical, else a canonical copy; *size gets the item's size in
 * bytes.
 */
Jsonb *
ddb_item_check(Jsonb *item, DdbValueLayer layer, int64 *size)
{
	Check		check = {.layer = layer};
	DdbValue	map;

	if (JB_ROOT_IS_SCALAR(item))
		refuse_shape("Unexpected field type");
	if (!JB_ROOT_IS_OBJECT(item))
		refuse_shape("Unrecognized collection type " MAP_CLASS);

	check_map(&check, &item->root, 0);
	raise_problem(&check);
	*size = check.size;
	if (!check.altered)
		return item;
	build_map(&item->root, &map);
	return ddb_item_from_value(&map);
}

/*
 * read_checked checks one attribute value.  *out gets it, canonical and
 * expanded (one level at least), unless the check has found a problem.
 */
static void
read_checked(Check *check, const JsonbValue *jbv, DdbValue *out)
{
	DdbChild	child;

	ddb_child_from_jsonb(jbv, &child);
	check_value(check, &child, 0);
	if (check->problem != NULL)
		return;
	if (check->altered)
		build_value(child_container(&child), out);
	else
	{
		ddb_value_read_container(child_container(&child), out);
		ddb_value_expand(out);
	}
}

const char *
ddb_value_validate(const JsonbValue *jbv, DdbValueLayer layer, DdbValue *out)
{
	Check		check = {.layer = layer};

	read_checked(&check, jbv, out);
	return check.problem;
}

void
ddb_value_check(const JsonbValue *jbv, DdbValueLayer layer, DdbValue *out)
{
	Check		check = {.layer = layer};

	read_checked(&check, jbv, out);
	raise_problem(&check);
}

void
ddb_item_check_types(JsonbContainer *item)
{
	Check		check = {0};

	check_map(&check, item, 0);
}

void
ddb_value_check_types(JsonbContainer *value)
{
	Check		check = {0};
	DdbChild	child = {.kind = JENTRY_ISCONTAINER,.data = (char *) value};

	check_value(&check, &child, 0);
}
