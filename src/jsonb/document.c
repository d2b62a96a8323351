/*
 * document.c
 *	  Writing JSON documents that are not items, as jsonb.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "compat.h"
#include "jsonb/document.h"

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

Jsonb *
ddb_json_finish_with(JsonbParseState **state, const DdbJsonPart *parts, int n)
{
	return ddb_json_compose(ddb_json_finish(state), parts, n);
}
