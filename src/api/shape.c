/*
 * shape.c
 *	  Checking requests against their shapes.
 *
 * Two walks over the request, each guided by the shape: types first, then
 * constraints.  Recursion follows the shapes, whose depth is fixed, never the
 * request's nesting.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "api/java_text.h"
#include "api/shape.h"
#include "compat.h"
#include "error.h"
#include "item/item.h"
#include "jsonb/member.h"
#include "op/words.h"

#define SERIALIZATION(...) \
	ereport(ERROR, ddb_errcode(DDB_SERIALIZATION), errmsg(__VA_ARGS__))

/* DynamoDB reports no more than this many at once. */
#define MAX_VIOLATIONS 10

#define ENVELOPE "1 validation error detected: "

typedef struct Violations
{
	StringInfoData text;
	int			count;
	const DdbShape *shape;		/* of the request, or NULL */
	const JsonbValue *request;
} Violations;

/* Where a value is in the request; put into words for messages only. */
typedef struct Path
{
	const struct Path *outer;	/* NULL: the request itself */
	const char *name;			/* member of a structure or map; NULL in a list */
	int			len;
	int			index;			/* in a list, from 0 */
	bool		in_struct;
} Path;

static void check_type(const DdbShape *shape, const JsonbValue *value);
static void check_constraints(const DdbShape *shape, const JsonbValue *value,
							  const Path *path, Violations *violations);
static void prefer_old_form(const Violations *violations);
static void raise_violations(const Violations *violations);

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

/*
 * refuse_scalar raises the error for a scalar, or a collection, where a value of
 * the scalar type named java was expected.
 */
pg_noreturn static void
refuse_scalar(const JsonbValue *value, const char *java)
{
	if (is_array(value))
		SERIALIZATION("Unrecognized collection type class java.lang.%s", java);
	if (is_object(value))
		SERIALIZATION("Start of structure or map found where not expected");
	if (strcmp(java, "Boolean") == 0 && value->type == jbvString)
		SERIALIZATION("Unexpected token received from parser");
	SERIALIZATION("%s cannot be converted to %s",
				  value->type == jbvNumeric ? ddb_number_json_kind(value->val.numeric) :
				  value->type == jbvString ? "STRING_VALUE" :
				  value->val.boolean ? "TRUE_VALUE" : "FALSE_VALUE", java);
}

/*
 * refuse_collection raises the error for what is not the list, map or structure
 * that was expected.
 */
pg_noreturn static void
refuse_collection(const DdbShape *shape, const JsonbValue *value)
{
	if (is_object(value))
		SERIALIZATION("Start of structure or map found where not expected");
	if (!is_array(value))
		SERIALIZATION("Unexpected field type");
	if (shape->kind == DDB_SHAPE_MAP || shape->kind == DDB_SHAPE_ITEM)
		SERIALIZATION("Unrecognized collection type java.util.Map<java.lang.String, %s%s>",
					  shape->kind == DDB_SHAPE_MAP && shape->element->kind == DDB_SHAPE_STRING ?
					  "java.lang." : "com.amazonaws.dynamodb.v20120810.",
					  shape->kind == DDB_SHAPE_ITEM ? "AttributeValue" :
					  shape->element->kind == DDB_SHAPE_STRING ? "String" :
					  shape->element->type_name ? shape->element->type_name : "AttributeValue");
	SERIALIZATION("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.%s",
				  shape->type_name ? shape->type_name : "AttributeValue");
}

/*
 * next_pair steps through an object's members; nulls count as absent.
 */
static bool
next_pair(JsonbIterator **it, JsonbValue *key, JsonbValue *value)
{
	while (JsonbIteratorNext(it, key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(it, value, true);
		if (value->type != jbvNull)
			return true;
	}
	return false;
}

static JsonbIterator *
iterate(const JsonbValue *container)
{
	JsonbIterator *it = JsonbIteratorInit(container->val.binary.data);
	JsonbValue	start;

	(void) JsonbIteratorNext(&it, &start, true);
	return it;
}

/*
 * find_value finds a member of an object; a null counts as absent.
 */
static bool
find_value(const JsonbValue *object, const char *name, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object->val.binary.data, name, strlen(name),
										value) != NULL &&
		value->type != jbvNull;
}

/*
 * check_collection_type checks the JSON types inside a list, map or structure.
 */
static void
check_collection_type(const DdbShape *shape, const JsonbValue *value)
{
	JsonbValue	key,
				member;

	if (shape->kind == DDB_SHAPE_LIST)
	{
		for (int i = 0; i < JsonContainerSize(value->val.binary.data); i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);

			if (element->type != jbvNull)
				check_type(shape->element, element);
			pfree(element);
		}
	}
	else if (shape->kind == DDB_SHAPE_MAP)
	{
		JsonbIterator *it = iterate(value);

		while (next_pair(&it, &key, &member))
			check_type(shape->element, &member);
	}
	else if (shape->kind == DDB_SHAPE_STRUCT)
	{
		for (const DdbMember *m = shape->members; m->name != NULL; m++)
		{
			if (find_value(value, m->name, &member))
				check_type(m->shape, &member);
		}
	}
	else if (shape->kind == DDB_SHAPE_ITEM)
		ddb_item_check_types(value->val.binary.data);
	else if (shape->kind == DDB_SHAPE_VALUE)
		ddb_value_check_types(value->val.binary.data);
}

/*
 * check_type checks the JSON type of value, which is not null, and of all that
 * is in it.
 */
static void
check_type(const DdbShape *shape, const JsonbValue *value)
{
	switch (shape->kind)
	{
		case DDB_SHAPE_STRING:
			if (value->type != jbvString)
				refuse_scalar(value, "String");
			break;
		case DDB_SHAPE_BOOLEAN:
			if (value->type != jbvBool)
				refuse_scalar(value, "Boolean");
			break;
		case DDB_SHAPE_INTEGER:
			if (value->type != jbvNumeric)
				refuse_scalar(value, "Integer");
			break;
		case DDB_SHAPE_LONG:
			if (value->type != jbvNumeric)
				refuse_scalar(value, "Long");
			break;
		case DDB_SHAPE_DOUBLE:
			if (value->type != jbvNumeric)
				refuse_scalar(value, "Double");
			break;
		case DDB_SHAPE_LIST:
			if (!is_array(value))
				refuse_collection(shape, value);
			check_collection_type(shape, value);
			break;
		case DDB_SHAPE_MAP:
		case DDB_SHAPE_STRUCT:
		case DDB_SHAPE_ITEM:
		case DDB_SHAPE_VALUE:
			if (!is_object(value))
				refuse_collection(shape, value);
			check_collection_type(shape, value);
			break;
	}
}

/*
 * append_json writes a document without blanks between its tokens.
 */
static void
append_json(StringInfo buf, JsonbContainer *document, int len)
{
	StringInfoData json;

	initStringInfo(&json);
	ddb_json_write(&json, document, len);
	ddb_json_compact(buf, json.data);
	pfree(json.data);
}

/*
 * append_value writes a value as it stands in a constraint message.
 */
static void
append_value(StringInfo buf, const DdbShape *shape, const JsonbValue *value)
{
	if (value != NULL &&
		(shape->java || (shape->kind == DDB_SHAPE_LIST && shape->element->kind == DDB_SHAPE_STRUCT &&
						 shape->element->type_name != NULL)))
	{
		appendStringInfoChar(buf, '\'');
		ddb_java_append(buf, shape, value);
		appendStringInfoChar(buf, '\'');
	}
	else if (value == NULL)
		appendStringInfoString(buf, "null");
	else if (value->type == jbvString)
		appendStringInfo(buf, "'%.*s'", value->val.string.len, value->val.string.val);
	else if (value->type == jbvNumeric)
		appendStringInfo(buf, "'%s'",
						 DatumGetCString(DirectFunctionCall1(numeric_out,
															 NumericGetDatum(value->val.numeric))));
	else if (value->type == jbvBool)
		appendStringInfo(buf, "'%s'", value->val.boolean ? "true" : "false");
	else
	{
		appendStringInfoChar(buf, '\'');
		append_json(buf, value->val.binary.data, value->val.binary.len);
		appendStringInfoChar(buf, '\'');
	}
}

/*
 * append_path writes a path as messages show it: "items.1.member", members of
 * structures with a small first letter in the old form.
 */
static void
append_path(StringInfo buf, const Path *path, bool new_form)
{
	if (path->outer == NULL)
		return;
	append_path(buf, path->outer, new_form);
	if (path->outer->outer != NULL)
		appendStringInfoChar(buf, '.');
	if (path->in_struct)
	{
		appendStringInfoChar(buf, new_form ? path->name[0] :
							 pg_tolower((unsigned char) path->name[0]));
		appendBinaryStringInfo(buf, path->name + 1, path->len - 1);
	}
	else if (path->name != NULL)
		appendStringInfo(buf, "%.*s.member", path->len, path->name);
	else
		appendStringInfo(buf, "%d.member", path->index + 1);
}

/*
 * begin_violation makes room for the text of one more violated constraint; NULL when
 * there are enough.
 */
static StringInfo
begin_violation(Violations *violations)
{
	if (violations->count++ >= MAX_VIOLATIONS)
		return NULL;
	if (violations->count == 1)
		initStringInfo(&violations->text);
	else
		appendStringInfoString(&violations->text, "; ");
	return &violations->text;
}

/*
 * violate notes one violated constraint in the old form.
 */
static void
pg_attribute_printf(5, 6)
violate(Violations *violations, const DdbShape *shape, const JsonbValue *value,
		const Path *path, const char *format,...)
{
	StringInfo	text = begin_violation(violations);
	va_list		args;
	char		constraint[1024];

	if (text == NULL)
		return;
	va_start(args, format);
	vsnprintf(constraint, sizeof(constraint), format, args);
	va_end(args);
	appendStringInfoString(text, "Value ");
	append_value(text, shape, value);
	appendStringInfoString(text, " at '");
	append_path(text, path, false);
	appendStringInfo(text, "' failed to satisfy constraint: %s", constraint);
}

/*
 * violate_bound notes that a length or value is beyond a bound, or raises that error
 * where it has the new form.
 */
static void
violate_bound(Violations *violations, const DdbShape *shape, const JsonbValue *value,
			  const Path *path, bool is_min)
{
	bool		is_number = shape->kind == DDB_SHAPE_INTEGER ||
	shape->kind == DDB_SHAPE_LONG || shape->kind == DDB_SHAPE_DOUBLE;
	char	   *constraint = psprintf("Member must have %s %s than or equal to %lld",
									  is_number ? "value" : "length",
									  is_min ? "greater" : "less",
									  (long long) (is_min ? shape->min : shape->max));
	StringInfoData where;

	if (!(shape->new_forms & (is_min ? DDB_NEW_MIN : DDB_NEW_MAX)))
	{
		violate(violations, shape, value, path, "%s", constraint);
		return;
	}
	prefer_old_form(violations);
	initStringInfo(&where);
	append_path(&where, path, true);
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg(ENVELOPE "Value at '%s' failed to satisfy constraint: %s",
				   where.data, constraint));
}

/*
 * violate_enum does so for a string that is none of an enum's.
 */
static void
violate_enum(Violations *violations, const DdbShape *shape, const JsonbValue *value,
			 const Path *path)
{
	bool		is_new = (shape->new_forms & (DDB_NEW_ENUM | DDB_NEW_ENUM_BARE)) != 0;
	StringInfoData list;

	initStringInfo(&list);
	for (const char *const *e = is_new ? shape->new_enums : shape->enums; *e != NULL; e++)
		appendStringInfo(&list, "%s%s", list.len ? ", " : "", *e);
	if (shape->new_forms & DDB_NEW_ENUM_BARE)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Failed to satisfy constraint: Member must satisfy enum value set: [%s]",
					   list.data));
	if (is_new)
	{
		StringInfo	text = begin_violation(violations);

		if (text != NULL)
			appendStringInfo(text,
							 "Failed to satisfy constraint: Member must satisfy enum value set: [%s]",
							 list.data);
		return;
	}
	violate(violations, shape, value, path, "Member must satisfy enum value set: [%s]", list.data);
}

/*
 * check_string applies enum, pattern and length to a string of len bytes.
 */
static void
check_string(const DdbShape *shape, const JsonbValue *value, const Path *path,
			 Violations *violations)
{
	const char *s = value->val.string.val;
	int			len = value->val.string.len;
	int64		length = shape->in_characters ? pg_mbstrlen_with_len(s, len) : ddb_text_length(s, len);

	if (!ddb_text_is_valid(s, len))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(DDB_ESCAPE_MESSAGE));
	if (shape->enums != NULL)
	{
		for (const char *const *e = shape->enums; *e != NULL; e++)
		{
			if (strlen(*e) == len && memcmp(*e, s, len) == 0)
				return;
		}
		violate_enum(violations, shape, value, path);
		return;
	}
	if (shape->arn && len > 4 && memcmp(s, "arn:", 4) == 0)
	{
		if (len > 1024)
			violate(violations, shape, value, path,
					"Member must have length less than or equal to 1024");
		return;
	}
	if (shape->characters != NULL)
	{
		/* of an empty name of data's table only the length is reported */
		bool		fits = len > 0 || shape->min == 1;

		for (int i = 0; i < len && fits; i++)
			fits = s[i] != '\0' && strchr(shape->characters, s[i]) != NULL;
		if (!fits)
			violate(violations, shape, value, path,
					"Member must satisfy regular expression pattern: %s", shape->pattern);
	}
	if (shape->has_min && length < shape->min)
		violate_bound(violations, shape, value, path, true);
	if (shape->max > 0 && length > shape->max)
		violate_bound(violations, shape, value, path, false);
}

/*
 * check_number applies the bounds of a number.
 */
static void
check_number(const DdbShape *shape, const JsonbValue *value, const Path *path,
			 Violations *violations)
{
	double		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
															NumericGetDatum(value->val.numeric)));

	if (shape->has_min && number < shape->min)
		violate_bound(violations, shape, value, path, true);
	if (shape->max > 0 && number > shape->max)
		violate_bound(violations, shape, value, path, false);
}

/*
 * key_fits tells whether a map's key keeps the constraints on keys.
 */
static bool
key_fits(const DdbShape *shape, const JsonbValue *key)
{
	int			len = key->val.string.len;
	int			length = ddb_text_length(key->val.string.val, len);

	if (shape->arn && len > 4 && memcmp(key->val.string.val, "arn:", 4) == 0)
		return length <= 1024;
	if ((shape->has_min && length < shape->min) || (shape->max > 0 && length > shape->max))
		return false;
	for (int i = 0; shape->characters != NULL && i < len; i++)
	{
		if (strchr(shape->characters, key->val.string.val[i]) == NULL)
			return false;
	}
	return true;
}

/*
 * check_keys applies the constraints on a map's keys, which one message lists
 * whichever is violated.
 */
static void
check_keys(const DdbShape *shape, const JsonbValue *value, const Path *path,
		   Violations *violations)
{
	JsonbIterator *it = iterate(value);
	JsonbValue	key,
				member;

	while (next_pair(&it, &key, &member))
	{
		if (key_fits(shape->key, &key))
			continue;
		violate(violations, shape, value, path,
				"Map keys must satisfy constraint: [Member must have length less than or equal to %lld, Member must have length greater than or equal to %lld, Member must satisfy regular expression pattern: %s]",
				(long long) shape->key->max, (long long) shape->key->min, shape->key->pattern);
		return;
	}
}

/*
 * check_values does so for lists in a map that are too short.
 */
static void
check_values(const DdbShape *shape, const JsonbValue *value, const Path *path,
			 Violations *violations)
{
	JsonbIterator *it = iterate(value);
	JsonbValue	key,
				member;

	while (next_pair(&it, &key, &member))
	{
		if (JsonContainerSize(member.val.binary.data) >= shape->value->min)
			continue;
		violate(violations, shape, value, path,
				"Map value must satisfy constraint: [Member must have length less than or equal to %lld, Member must have length greater than or equal to %lld]",
				(long long) shape->value->max, (long long) shape->value->min);
		return;
	}
}

/*
 * check_collection applies the constraints of a list or map and of what is in
 * it.
 */
static void
check_collection(const DdbShape *shape, const JsonbValue *value, const Path *path,
				 Violations *violations)
{
	int			size = JsonContainerSize(value->val.binary.data);

	if (shape->has_min && size < shape->min)
		violate_bound(violations, shape, value, path, true);
	if (shape->max > 0 && size > shape->max)
		violate_bound(violations, shape, value, path, false);
	if (shape->kind == DDB_SHAPE_MAP && shape->key != NULL)
		check_keys(shape, value, path, violations);
	if (shape->kind == DDB_SHAPE_MAP && shape->value != NULL)
		check_values(shape, value, path, violations);
	if (shape->kind == DDB_SHAPE_LIST)
	{
		for (int i = 0; i < size && violations->count < MAX_VIOLATIONS; i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);
			Path		inner = {.outer = path,.index = i};

			check_constraints(shape->element, element->type == jbvNull ? NULL : element,
							  &inner, violations);
		}
	}
	else
	{
		JsonbIterator *it = iterate(value);
		JsonbValue	key,
					member;

		/* what stands for a member of a structure that is absent is no member of a map */
		while (violations->count < MAX_VIOLATIONS &&
			   JsonbIteratorNext(&it, &key, true) == WJB_KEY)
		{
			Path		inner = {.outer = path,.name = key.val.string.val,.len = key.val.string.len};

			(void) JsonbIteratorNext(&it, &member, true);
			check_constraints(shape->element, member.type == jbvNull ? NULL : &member,
							  &inner, violations);
		}
	}
}

/*
 * check_constraints applies a shape's constraints to value (NULL: absent where
 * it is required).
 */
static void
check_constraints(const DdbShape *shape, const JsonbValue *value, const Path *path,
				  Violations *violations)
{
	if (value == NULL)
	{
		violate(violations, shape, NULL, path, "Member must not be null");
		return;
	}
	switch (shape->kind)
	{
		case DDB_SHAPE_STRING:
			check_string(shape, value, path, violations);
			break;
		case DDB_SHAPE_INTEGER:
		case DDB_SHAPE_LONG:
		case DDB_SHAPE_DOUBLE:
			check_number(shape, value, path, violations);
			break;
		case DDB_SHAPE_LIST:
		case DDB_SHAPE_MAP:
			check_collection(shape, value, path, violations);
			break;
		case DDB_SHAPE_STRUCT:
			for (const DdbMember *m = shape->members; m->name != NULL; m++)
			{
				JsonbValue	member;
				bool		found = find_value(value, m->name, &member);
				Path		inner = {.outer = path,.name = m->name,.len = strlen(m->name),.in_struct = true};

				if (violations->count > 0 && shape->collects == DDB_COLLECTS_BEFORE_LAST &&
					m[1].name == NULL)
					break;
				if (found || m->required)
					check_constraints(m->shape, found ? &member : NULL, &inner, violations);
				if (violations->count > 0 &&
					(shape->collects == DDB_COLLECTS_ONE ||
					 (shape->collects == DDB_COLLECTS_AFTER_FIRST && m == shape->members)))
					break;
			}
			break;
		case DDB_SHAPE_BOOLEAN:
		case DDB_SHAPE_ITEM:
		case DDB_SHAPE_VALUE:
			break;
	}
}

void
ddb_shape_refuse_missing(const char *name)
{
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg("The parameter '%s' is required but was not present in the request", name));
}

/*
 * check_alone refuses a request without a member whose absence comes before all else.
 */
static void
check_alone(const DdbShape *shape, const JsonbValue *request)
{
	JsonbValue	value;

	for (const DdbMember *m = shape->members; m->name != NULL; m++)
	{
		if (m->alone && !find_value(request, m->name, &value))
			ddb_shape_refuse_missing(m->name);
	}
}

/*
 * check_refused refuses what ddb can't do.
 */
static void
check_refused(const DdbShape *shape, const JsonbValue *request)
{
	JsonbValue	value;

	for (const DdbMember *m = shape->members; m->name != NULL; m++)
	{
		if (m->refused && find_value(request, m->name, &value))
			ereport(ERROR, ddb_errcode(DDB_VALIDATION),
					errmsg("One or more parameter values were invalid: ddb does not support %s", m->name));
	}
}

/*
 * check_members checks a structure's members, the whole request's if it is one.
 */
static void
check_members(const DdbShape *shape, const JsonbValue *request)
{
	Violations	violations = {.shape = shape,.request = request};
	Path		top = {0};

	check_constraints(shape, request, &top, &violations);
	raise_violations(&violations);
}

/*
 * prefer_old_form is called when a request has failed: where it is read in its old
 * form, that one's errors are raised.  The constraints are the same.
 */
static void
prefer_old_form(const Violations *violations)
{
	const DdbShape *shape = violations->shape;
	JsonbValue	member;

	if (shape == NULL || shape->old_form == NULL)
		return;
	if ((shape->old_without != NULL &&
		 !find_value(violations->request, shape->old_without, &member)) ||
		ddb_json_is_deep(violations->request->val.binary.data, DDB_OLD_FORM_DEPTH + 1))
		check_members(shape->old_form, violations->request);
}

/*
 * raise_violations raises the error for what is violated, if anything.
 */
static void
raise_violations(const Violations *violations)
{
	if (violations->count == 0)
		return;
	prefer_old_form(violations);
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg("%d validation error%s detected: %s", violations->count,
				   violations->count > 1 ? "s" : "", violations->text.data));
}

/*
 * ddb_shape_check checks a request: all types first, then all constraints.
 */
void
ddb_shape_check(const DdbShape *shape, Jsonb *request)
{
	JsonbValue	root;

	root.type = jbvBinary;
	root.val.binary.data = &request->root;
	root.val.binary.len = VARSIZE(request) - VARHDRSZ;
	if (JB_ROOT_IS_SCALAR(request) || !JB_ROOT_IS_OBJECT(request))
		SERIALIZATION("Unexpected value type in payload");
	check_type(shape, &root);
	check_alone(shape, &root);
	check_members(shape, &root);
	check_refused(shape, &root);
}

void
ddb_shape_check_member(const DdbShape *shape, const char *name, const JsonbValue *value)
{
	Violations	violations = {0};
	Path		top = {0};
	Path		path = {.outer = &top,.name = name,.len = strlen(name),.in_struct = true};

	check_constraints(shape, value, &path, &violations);
	raise_violations(&violations);
}
