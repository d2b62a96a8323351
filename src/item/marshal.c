/*
 * marshal.c
 *	  Plain JSON to items and back, and the SQL functions on items.
 *
 * Marshalling is a matter of shape alone: strings become S, numbers N, booleans
 * BOOL, null NULL, arrays L, objects M.  Plain JSON has no binaries and no sets;
 * whoever wants them writes typed JSON.  The way back turns sets into arrays
 * and binaries into their base64 text, so it loses their types.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "item/item_private.h"

PG_FUNCTION_INFO_V1(ddb_marshal);
PG_FUNCTION_INFO_V1(ddb_unmarshal);
PG_FUNCTION_INFO_V1(ddb_item_size);
PG_FUNCTION_INFO_V1(ddb_item);

static void marshal_container(JsonbContainer *container, DdbValue *out);
static void push_plain(JsonbParseState **state, JsonbIteratorToken token,
					   const DdbValue *value);

/*
 * marshal_child makes an attribute value of one plain JSON value.
 */
static void
marshal_child(const DdbChild *child, DdbValue *out)
{
	switch (child->kind)
	{
		case JENTRY_ISSTRING:
			value_init_scalar(out, DDB_S, child->data, child->len);
			break;
		case JENTRY_ISNUMERIC:
			ddb_value_from_datum(DDB_N, PointerGetDatum(child->data), out);
			break;
		case JENTRY_ISBOOL_TRUE:
		case JENTRY_ISBOOL_FALSE:
			value_init(out, DDB_BOOL);
			out->boolean = child->kind == JENTRY_ISBOOL_TRUE;
			break;
		case JENTRY_ISNULL:
			value_init(out, DDB_NULL);
			out->boolean = true;
			break;
		default:
			marshal_container(child_container(child), out);
	}
}

/*
 * marshal_container makes L of a JSON array and M of an object.
 */
static void
marshal_container(JsonbContainer *container, DdbValue *out)
{
	int			n = container_count(container);
	DdbCursor	keys;
	DdbCursor	values;
	DdbChild	child;

	check_stack_depth();
	value_init(out, JsonContainerIsObject(container) ? DDB_M : DDB_L);
	out->len = n;
	if (n == 0)
		return;
	cursor_init(&keys, container, 0);
	cursor_init(&values, container, out->type == DDB_M ? n : 0);
	if (out->type == DDB_M)
		out->attributes = palloc_array(DdbAttribute, n);
	else
		out->elements = palloc_array(DdbValue, n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (out->type == DDB_M)
		{
			cursor_next(&keys, &child);
			out->attributes[i].name = child.data;
			out->attributes[i].name_len = child.len;
			cursor_next(&values, &child);
			marshal_child(&child, &out->attributes[i].value);
		}
		else
		{
			cursor_next(&values, &child);
			marshal_child(&child, &out->elements[i]);
		}
	}
}

void
ddb_value_from_json(const JsonbValue *jbv, DdbValue *out)
{
	DdbChild	child;

	ddb_child_from_jsonb(jbv, &child);
	marshal_child(&child, out);
}

/*
 * ddb_marshal(jsonb) makes an item of a JSON object, and one attribute value
 * of any other JSON.
 */
Datum
ddb_marshal(PG_FUNCTION_ARGS)
{
	Jsonb	   *plain = PG_GETARG_JSONB_P(0);
	DdbValue	value;
	DdbValue	checked;
	JsonbValue	jbv;
	Jsonb	   *result;
	int64		size;

	if (JB_ROOT_IS_SCALAR(plain))
	{
		DdbCursor	cursor;
		DdbChild	child;

		cursor_init(&cursor, &plain->root, 0);
		cursor_next(&cursor, &child);
		marshal_child(&child, &value);
	}
	else
		marshal_container(&plain->root, &value);

	if (JB_ROOT_IS_OBJECT(plain))
		PG_RETURN_JSONB_P(ddb_item_check(ddb_item_from_value(&value), DDB_VALUES_CURRENT, &size));

	result = ddb_value_to_jsonb(&value);
	jbv.type = jbvBinary;
	jbv.val.binary.data = &result->root;
	jbv.val.binary.len = VARSIZE(result) - VARHDRSZ;
	ddb_value_check(&jbv, DDB_VALUES_CURRENT, &checked);
	PG_RETURN_JSONB_P(result);
}

/*
 * push_plain_members pushes a container's members.
 */
static JsonbValue *
push_plain_members(JsonbParseState **state, DdbValue *value)
{
	bool		map = value->type == DDB_M;

	check_stack_depth();
	ddb_value_expand(value);
	(void) pushJsonbValue(state, map ? WJB_BEGIN_OBJECT : WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < value->len; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (map)
		{
			JsonbValue	key;

			key.type = jbvString;
			key.val.string.val = unconstify(char *, value->attributes[i].name);
			key.val.string.len = value->attributes[i].name_len;
			(void) pushJsonbValue(state, WJB_KEY, &key);
			push_plain(state, WJB_VALUE, &value->attributes[i].value);
		}
		else
			push_plain(state, WJB_ELEM, &value->elements[i]);
	}
	return pushJsonbValue(state, map ? WJB_END_OBJECT : WJB_END_ARRAY, NULL);
}

/*
 * push_plain pushes the plain JSON of one value.
 */
static void
push_plain(JsonbParseState **state, JsonbIteratorToken token, const DdbValue *value)
{
	DdbValue	copy = *value;
	JsonbValue	jbv;

	switch (value->type)
	{
		case DDB_S:
		case DDB_B:
			jbv.type = jbvString;
			jbv.val.string.val = unconstify(char *, value->data);
			jbv.val.string.len = value->len;
			break;
		case DDB_N:
			jbv.type = jbvNumeric;
			jbv.val.numeric = DatumGetNumeric(ddb_value_to_datum(value));
			break;
		case DDB_BOOL:
			jbv.type = jbvBool;
			jbv.val.boolean = value->boolean;
			break;
		case DDB_NULL:
			jbv.type = jbvNull;
			break;
		default:
			(void) push_plain_members(state, &copy);
			return;
	}
	(void) pushJsonbValue(state, token, &jbv);
}

/*
 * ddb_unmarshal(jsonb) makes a plain JSON object of an item: numbers become JSON
 * numbers digit by digit, sets arrays, binaries base64 strings.
 */
Datum
ddb_unmarshal(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	JsonbParseState *state = NULL;
	DdbValue	map;
	int64		size;

	ddb_item_view(ddb_item_check(item, DDB_VALUES_CURRENT, &size), &map);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(push_plain_members(&state, &map)));
}

/*
 * ddb_item_size(jsonb) gives an item's size in bytes, by DynamoDB's rules.
 */
Datum
ddb_item_size(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	int64		size;

	(void) ddb_item_check(item, DDB_VALUES_CURRENT, &size);
	PG_RETURN_INT32((int32) size);
}

/*
 * ddb_item(jsonb) validates an item and gives it in canonical form.
 */
Datum
ddb_item(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	int64		size;

	PG_RETURN_JSONB_P(ddb_item_check(item, DDB_VALUES_CURRENT, &size));
}
