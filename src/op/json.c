/*
 * json.c
 *	  Reading requests and writing responses, both jsonb.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "compat.h"
#include "op/json.h"

/*
 * ddb_request_has tells whether a member is there and not null.
 */
bool
ddb_request_has(JsonbContainer *request, const char *name)
{
	JsonbValue	value;

	return ddb_json_member(request, name, &value);
}

char *
ddb_request_string(JsonbContainer *request, const char *name)
{
	return ddb_json_string(request, name);
}

/*
 * ddb_request_text views a string member.
 */
DdbText
ddb_request_text(JsonbContainer *request, const char *name)
{
	JsonbValue	value;
	DdbText		text = {NULL, 0};

	if (ddb_json_member(request, name, &value))
	{
		text.data = value.val.string.val;
		text.len = value.val.string.len;
	}
	return text;
}

bool
ddb_request_bool(JsonbContainer *request, const char *name, bool otherwise)
{
	JsonbValue	value;

	return ddb_json_member(request, name, &value) ? value.val.boolean : otherwise;
}

/*
 * ddb_request_integer reads a number; a fraction is cut off, as DynamoDB does.
 */
int64
ddb_request_integer(JsonbContainer *request, const char *name, int64 otherwise)
{
	JsonbValue	value;
	double		number;

	if (!ddb_json_member(request, name, &value))
		return otherwise;
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												NumericGetDatum(value.val.numeric)));
	if (number >= (double) PG_INT64_MAX)
		return PG_INT64_MAX;
	if (number <= (double) PG_INT64_MIN)
		return PG_INT64_MIN;
	return (int64) number;
}

Jsonb *
ddb_request_jsonb(JsonbContainer *request, const char *name)
{
	JsonbValue	value;

	return ddb_json_member(request, name, &value) ? JsonbValueToJsonb(&value) : NULL;
}

DdbReturnValues
ddb_request_return_values(JsonbContainer *request)
{
	char	   *value = ddb_json_string(request, "ReturnValues");

	if (value == NULL || strcmp(value, "NONE") == 0)
		return DDB_RETURN_NONE;
	return strcmp(value, "ALL_OLD") == 0 ? DDB_RETURN_ALL_OLD :
		strcmp(value, "UPDATED_OLD") == 0 ? DDB_RETURN_UPDATED_OLD :
		strcmp(value, "ALL_NEW") == 0 ? DDB_RETURN_ALL_NEW : DDB_RETURN_UPDATED_NEW;
}

DdbCapacityMode
ddb_request_capacity_mode(JsonbContainer *request)
{
	char	   *value = ddb_json_string(request, "ReturnConsumedCapacity");

	if (value == NULL || strcmp(value, "NONE") == 0)
		return DDB_CAPACITY_NONE;
	return strcmp(value, "TOTAL") == 0 ? DDB_CAPACITY_TOTAL : DDB_CAPACITY_INDEXES;
}

static void
push_name(JsonbParseState **state, const char *name)
{
	JsonbValue	key;

	if (name == NULL)
		return;
	key.type = jbvString;
	key.val.string.val = pstrdup(name);
	key.val.string.len = strlen(name);
	pushJsonbValue(state, WJB_KEY, &key);
}

static void
push_value(JsonbParseState **state, const char *name, JsonbValue *value)
{
	push_name(state, name);
	pushJsonbValue(state, name ? WJB_VALUE : WJB_ELEM, value);
}

void
ddb_json_begin_object(JsonbParseState **state, const char *name)
{
	push_name(state, name);
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
}

void
ddb_json_end_object(JsonbParseState **state)
{
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

void
ddb_json_begin_array(JsonbParseState **state, const char *name)
{
	push_name(state, name);
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
}

void
ddb_json_end_array(JsonbParseState **state)
{
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

void
ddb_json_push_string(JsonbParseState **state, const char *name, const char *value)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = pstrdup(value);
	v.val.string.len = strlen(value);
	push_value(state, name, &v);
}

void
ddb_json_push_numeric(JsonbParseState **state, const char *name, Numeric value)
{
	JsonbValue	v;

	v.type = jbvNumeric;
	v.val.numeric = value;
	push_value(state, name, &v);
}

void
ddb_json_push_integer(JsonbParseState **state, const char *name, int64 value)
{
	ddb_json_push_numeric(state, name, int64_to_numeric(value));
}

void
ddb_json_push_bool(JsonbParseState **state, const char *name, bool value)
{
	JsonbValue	v;

	v.type = jbvBool;
	v.val.boolean = value;
	push_value(state, name, &v);
}

/*
 * ddb_json_push_jsonb appends a whole object or array.
 */
void
ddb_json_push_jsonb(JsonbParseState **state, const char *name, Jsonb *value)
{
	JsonbValue	v;

	v.type = jbvBinary;
	v.val.binary.data = &value->root;
	v.val.binary.len = VARSIZE(value) - VARHDRSZ;
	push_value(state, name, &v);
}

void
ddb_json_response(JsonbParseState **state)
{
	*state = NULL;
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
}

Jsonb *
ddb_json_finish(JsonbParseState **state)
{
	return JsonbValueToJsonb(pushJsonbValue(state, WJB_END_OBJECT, NULL));
}

/*
 * ddb_json_finish_with ends a response and adds members whose documents, items
 * mostly, are not taken apart.
 */
Jsonb *
ddb_json_finish_with(JsonbParseState **state, const DdbJsonPart *parts, int n)
{
	return ddb_json_compose(ddb_json_finish(state), parts, n);
}
