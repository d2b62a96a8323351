/*
 * filter.c
 *	  Which records a trigger's function gets: filter patterns.
 *
 * The patterns are those of AWS Lambda's event filtering ("AWS Lambda Developer
 * Guide: Control which events Lambda sends to your function").  A pattern is an
 * object; its keys lead down into the record, and at the end of each stands an
 * array of alternatives, one of which has to fit.  Alternatives are values, which
 * must be equal, or comparisons, which are objects with one key.
 *
 * As there, a record's value that is an array fits when one of its elements
 * does, and a pattern speaks of leaves alone: objects and empty arrays are not
 * there for it, whatever is asked of them.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "item/item.h"
#include "trigger/filter.h"

#define bad_filter(...) \
	ereport(ERROR, \
			errcode(ERRCODE_INVALID_PARAMETER_VALUE), \
			errmsg("invalid filter pattern"), \
			errdetail(__VA_ARGS__))

static void check_pattern(JsonbContainer *pattern);
static bool pattern_fits(JsonbContainer *pattern, JsonbContainer *record);

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
is_string(const JsonbValue *value, const char *s)
{
	return value->type == jbvString && value->val.string.len == strlen(s) &&
		memcmp(value->val.string.val, s, strlen(s)) == 0;
}

static char *
string_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/*
 * next_member gives an object's members one after the other; false at the end.
 * *it begins as NULL.
 */
static bool
next_member(JsonbContainer *object, JsonbIterator **it, JsonbValue *key, JsonbValue *value)
{
	JsonbValue	ignored;

	if (*it == NULL)
	{
		*it = JsonbIteratorInit(object);
		(void) JsonbIteratorNext(it, &ignored, true);
	}
	if (JsonbIteratorNext(it, key, true) != WJB_KEY)
		return false;
	(void) JsonbIteratorNext(it, value, true);
	return true;
}

/*
 * only_member gives the member of an object that has to have just one.
 */
static void
only_member(JsonbContainer *object, JsonbValue *key, JsonbValue *value)
{
	JsonbIterator *it = NULL;

	if (JsonContainerSize(object) != 1)
		bad_filter("A comparison is an object with one key, such as {\"prefix\": \"a\"}.");
	(void) next_member(object, &it, key, value);
}

static int
compare_numbers(const JsonbValue *a, const JsonbValue *b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(a->val.numeric),
											 NumericGetDatum(b->val.numeric)));
}

/* ---- validation ---- */

static void
check_string(const JsonbValue *value, const char *comparison)
{
	if (value->type != jbvString)
		bad_filter("\"%s\" takes a string.", comparison);
}

/*
 * check_anything_but: a string or number, an array of them, or a comparison of
 * strings.
 */
static void
check_anything_but(const JsonbValue *value)
{
	bool		right = value->type == jbvString || value->type == jbvNumeric;

	if (is_array(value))
	{
		JsonbContainer *array = value->val.binary.data;

		right = JsonContainerSize(array) > 0;
		for (uint32 i = 0; i < JsonContainerSize(array); i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(array, i);

			right = right && (element->type == jbvString || element->type == jbvNumeric);
		}
	}
	else if (is_object(value))
	{
		JsonbValue	key;
		JsonbValue	operand;

		only_member(value->val.binary.data, &key, &operand);
		right = operand.type == jbvString && (is_string(&key, "prefix") || is_string(&key, "suffix"));
	}
	if (!right)
		bad_filter("\"anything-but\" takes a string, a number, an array of them, {\"prefix\": string} or {\"suffix\": string}.");
}

static bool
is_lower_bound(const JsonbValue *op)
{
	return is_string(op, ">") || is_string(op, ">=");
}

static bool
is_upper_bound(const JsonbValue *op)
{
	return is_string(op, "<") || is_string(op, "<=");
}

/*
 * check_numeric: an operator and a number, or a lower and an upper bound.
 */
static void
check_numeric(const JsonbValue *value)
{
	JsonbContainer *array = is_array(value) ? value->val.binary.data : NULL;
	uint32		n = array == NULL ? 0 : JsonContainerSize(array);
	JsonbValue *terms[4];
	bool		right = n == 2 || n == 4;

	for (uint32 i = 0; right && i < n; i++)
	{
		terms[i] = getIthJsonbValueFromContainer(array, i);
		if (i % 2 == 0)
			right = is_string(terms[i], "=") || is_lower_bound(terms[i]) || is_upper_bound(terms[i]);
		else
			right = terms[i]->type == jbvNumeric;
	}
	if (right && n == 4)
		right = is_lower_bound(terms[0]) && is_upper_bound(terms[2]);
	if (!right)
		bad_filter("\"numeric\" takes an array such as [\"=\", 1], [\">\", 0] or [\">=\", 0, \"<\", 10].");
	if (n == 4 && compare_numbers(terms[1], terms[3]) >= 0)
		bad_filter("In \"numeric\", the lower bound must be below the upper one.");
}

static void
check_comparison(JsonbContainer *comparison)
{
	JsonbValue	key;
	JsonbValue	value;

	only_member(comparison, &key, &value);
	if (is_string(&key, "prefix") || is_string(&key, "suffix") ||
		is_string(&key, "equals-ignore-case"))
		check_string(&value, string_of(&key));
	else if (is_string(&key, "anything-but"))
		check_anything_but(&value);
	else if (is_string(&key, "numeric"))
		check_numeric(&value);
	else if (is_string(&key, "exists"))
	{
		if (value.type != jbvBool)
			bad_filter("\"exists\" takes true or false.");
	}
	else
		bad_filter("There is no comparison \"%s\".", string_of(&key));
}

static void
check_alternatives(JsonbContainer *array, const char *key)
{
	if (JsonContainerSize(array) == 0)
		bad_filter("The array of \"%s\" is empty: nothing fits.", key);
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *value = getIthJsonbValueFromContainer(array, i);

		if (is_array(value))
			bad_filter("An array stands in the array of \"%s\".", key);
		if (is_object(value))
			check_comparison(value->val.binary.data);
	}
}

static void
check_or(const JsonbValue *value)
{
	JsonbContainer *array = is_array(value) ? value->val.binary.data : NULL;

	if (array == NULL || JsonContainerSize(array) == 0)
		bad_filter("\"$or\" takes an array of patterns.");
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *pattern = getIthJsonbValueFromContainer(array, i);

		if (!is_object(pattern))
			bad_filter("\"$or\" takes an array of patterns.");
		check_pattern(pattern->val.binary.data);
	}
}

static void
check_pattern(JsonbContainer *pattern)
{
	JsonbIterator *it = NULL;
	JsonbValue	key;
	JsonbValue	value;

	check_stack_depth();
	if (JsonContainerSize(pattern) == 0)
		bad_filter("A pattern is empty.");
	while (next_member(pattern, &it, &key, &value))
	{
		if (is_string(&key, "$or"))
			check_or(&value);
		else if (is_array(&value))
			check_alternatives(value.val.binary.data, string_of(&key));
		else if (is_object(&value))
			check_pattern(value.val.binary.data);
		else
			bad_filter("The values of \"%s\" must stand in an array.", string_of(&key));
	}
}

/*
 * filter_pattern gives the pattern of an element of Filters.
 */
static Jsonb *
filter_pattern(const JsonbValue *filter)
{
	JsonbValue	key;
	JsonbValue	value;

	if (!is_object(filter) || JsonContainerSize(filter->val.binary.data) != 1)
		bad_filter("Each element of \"Filters\" is an object with the key \"Pattern\".");
	only_member(filter->val.binary.data, &key, &value);
	if (!is_string(&key, "Pattern"))
		bad_filter("Each element of \"Filters\" is an object with the key \"Pattern\".");
	if (value.type == jbvString)
		return ddb_json_read(string_of(&value));
	return JsonbValueToJsonb(&value);
}

/*
 * ddb_filter_read checks a filter and gives its patterns.
 */
List *
ddb_filter_read(Jsonb *filter)
{
	List	   *patterns = NIL;
	JsonbValue	filters;
	ListCell   *lc;

	if (!JB_ROOT_IS_OBJECT(filter))
		bad_filter("A pattern is an object.");
	if (getKeyJsonValueFromContainer(&filter->root, "Filters", strlen("Filters"), &filters) == NULL)
		patterns = list_make1(filter);
	else
	{
		JsonbContainer *array = is_array(&filters) ? filters.val.binary.data : NULL;

		if (array == NULL || JsonContainerSize(array) == 0 || JB_ROOT_COUNT(filter) != 1)
			bad_filter("\"Filters\" stands alone and is an array of {\"Pattern\": ...}.");
		for (uint32 i = 0; i < JsonContainerSize(array); i++)
			patterns = lappend(patterns, filter_pattern(getIthJsonbValueFromContainer(array, i)));
	}
	foreach(lc, patterns)
	{
		Jsonb	   *pattern = lfirst(lc);

		if (!JB_ROOT_IS_OBJECT(pattern))
			bad_filter("A pattern is an object.");
		check_pattern(&pattern->root);
	}
	return patterns;
}

/* ---- matching ---- */

static bool
has_prefix(const JsonbValue *value, const JsonbValue *prefix)
{
	return value->type == jbvString && value->val.string.len >= prefix->val.string.len &&
		memcmp(value->val.string.val, prefix->val.string.val, prefix->val.string.len) == 0;
}

static bool
has_suffix(const JsonbValue *value, const JsonbValue *suffix)
{
	int			skip = value->type == jbvString ?
	value->val.string.len - suffix->val.string.len : -1;

	return skip >= 0 &&
		memcmp(value->val.string.val + skip, suffix->val.string.val, suffix->val.string.len) == 0 &&
		ddb_text_begins_character(value->val.string.val, value->val.string.val + skip);
}

static bool
equals_ignoring_case(const JsonbValue *a, const JsonbValue *b)
{
	return a->type == jbvString &&
		strcmp(str_tolower(a->val.string.val, a->val.string.len, DEFAULT_COLLATION_OID),
			   str_tolower(b->val.string.val, b->val.string.len, DEFAULT_COLLATION_OID)) == 0;
}

/*
 * is_equal compares two scalars; of different types they are not equal.
 */
static bool
is_equal(const JsonbValue *a, const JsonbValue *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case jbvNull:
			return true;
		case jbvBool:
			return a->val.boolean == b->val.boolean;
		case jbvNumeric:
			return compare_numbers(a, b) == 0;
		case jbvString:
			return a->val.string.len == b->val.string.len &&
				memcmp(a->val.string.val, b->val.string.val, a->val.string.len) == 0;
		default:
			return false;
	}
}

static bool
is_other(const JsonbValue *value, const JsonbValue *but)
{
	if (is_object(but))
	{
		JsonbValue	key;
		JsonbValue	operand;

		only_member(but->val.binary.data, &key, &operand);
		return is_string(&key, "prefix") ? !has_prefix(value, &operand) : !has_suffix(value, &operand);
	}
	if (is_array(but))
	{
		for (uint32 i = 0; i < JsonContainerSize(but->val.binary.data); i++)
			if (is_equal(value, getIthJsonbValueFromContainer(but->val.binary.data, i)))
				return false;
		return true;
	}
	return !is_equal(value, but);
}

static bool
number_fits(const JsonbValue *value, JsonbContainer *terms)
{
	if (value->type != jbvNumeric)
		return false;
	for (uint32 i = 0; i < JsonContainerSize(terms); i += 2)
	{
		JsonbValue *op = getIthJsonbValueFromContainer(terms, i);
		int			order = compare_numbers(value, getIthJsonbValueFromContainer(terms, i + 1));

		if (!(is_string(op, "=") ? order == 0 :
			  is_string(op, "<") ? order < 0 :
			  is_string(op, "<=") ? order <= 0 :
			  is_string(op, ">") ? order > 0 : order >= 0))
			return false;
	}
	return true;
}

/*
 * alternative_fits tells whether a leaf, or NULL where there is none, is what one
 * alternative asks for.
 */
static bool
alternative_fits(const JsonbValue *alternative, const JsonbValue *leaf)
{
	JsonbValue	key;
	JsonbValue	operand;

	if (!is_object(alternative))
		return leaf != NULL && is_equal(leaf, alternative);
	only_member(alternative->val.binary.data, &key, &operand);
	if (is_string(&key, "exists"))
		return operand.val.boolean == (leaf != NULL);
	if (leaf == NULL)
		return false;
	if (is_string(&key, "prefix"))
		return has_prefix(leaf, &operand);
	if (is_string(&key, "suffix"))
		return has_suffix(leaf, &operand);
	if (is_string(&key, "equals-ignore-case"))
		return equals_ignoring_case(leaf, &operand);
	if (is_string(&key, "anything-but"))
		return is_other(leaf, &operand);
	return number_fits(leaf, operand.val.binary.data);
}

static bool
any_alternative_fits(JsonbContainer *alternatives, const JsonbValue *leaf)
{
	for (uint32 i = 0; i < JsonContainerSize(alternatives); i++)
		if (alternative_fits(getIthJsonbValueFromContainer(alternatives, i), leaf))
			return true;
	return false;
}

/*
 * leaf_fits tells whether the record's value (NULL: none) fits the alternatives;
 * of an array one of the leaves has to.
 */
static bool
leaf_fits(JsonbContainer *alternatives, const JsonbValue *value)
{
	bool		leaves = false;

	if (value != NULL && value->type != jbvBinary)
		return any_alternative_fits(alternatives, value);
	if (value != NULL && is_array(value))
		for (uint32 i = 0; i < JsonContainerSize(value->val.binary.data); i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);

			if (element->type == jbvBinary)
				continue;
			leaves = true;
			if (any_alternative_fits(alternatives, element))
				return true;
		}
	return !leaves && any_alternative_fits(alternatives, NULL);
}

/*
 * subpattern_fits goes down into the record's value (NULL: none), of an array into
 * each of its objects.
 */
static bool
subpattern_fits(JsonbContainer *pattern, const JsonbValue *value)
{
	bool		objects = false;

	if (value != NULL && is_object(value))
		return pattern_fits(pattern, value->val.binary.data);
	if (value != NULL && is_array(value))
		for (uint32 i = 0; i < JsonContainerSize(value->val.binary.data); i++)
		{
			JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, i);

			if (!is_object(element))
				continue;
			objects = true;
			if (pattern_fits(pattern, element->val.binary.data))
				return true;
		}
	return !objects && pattern_fits(pattern, NULL);
}

/*
 * pattern_fits tells whether a record, or a part of one, fits a pattern: all of its
 * keys.  NULL is a part that the record has not.
 */
static bool
pattern_fits(JsonbContainer *pattern, JsonbContainer *record)
{
	JsonbIterator *it = NULL;
	JsonbValue	key;
	JsonbValue	wanted;

	check_stack_depth();
	while (next_member(pattern, &it, &key, &wanted))
	{
		JsonbValue	found;
		JsonbValue *value = NULL;
		bool		fits = false;

		if (is_string(&key, "$or"))
		{
			JsonbContainer *patterns = wanted.val.binary.data;

			for (uint32 i = 0; !fits && i < JsonContainerSize(patterns); i++)
				fits = pattern_fits(getIthJsonbValueFromContainer(patterns, i)->val.binary.data, record);
			if (!fits)
				return false;
			continue;
		}
		if (record != NULL)
			value = getKeyJsonValueFromContainer(record, key.val.string.val,
												 key.val.string.len, &found);
		fits = is_object(&wanted) ? subpattern_fits(wanted.val.binary.data, value) :
			leaf_fits(wanted.val.binary.data, value);
		if (!fits)
			return false;
	}
	return true;
}

/*
 * ddb_filter_fits tells whether a record fits one of the patterns.
 */
bool
ddb_filter_fits(List *patterns, Jsonb *record)
{
	ListCell   *lc;

	foreach(lc, patterns)
	{
		Jsonb	   *pattern = lfirst(lc);

		if (pattern_fits(&pattern->root, JB_ROOT_IS_OBJECT(record) ? &record->root : NULL))
			return true;
	}
	return patterns == NIL;
}
