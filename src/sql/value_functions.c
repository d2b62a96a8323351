/*
 * value_functions.c
 *	  SQL functions of the schema ddb that let tests and the curious see how
 *	  attribute values compare and add up.
 *
 * Each takes attribute values as a client would send them, {"N": "1.50"}, and
 * checks them first.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "item/item_private.h"

PG_FUNCTION_INFO_V1(ddb_sql_value_compare);
PG_FUNCTION_INFO_V1(ddb_sql_value_equal);
PG_FUNCTION_INFO_V1(ddb_sql_set_contains);
PG_FUNCTION_INFO_V1(ddb_sql_number_add);
PG_FUNCTION_INFO_V1(ddb_sql_key_roundtrip);

/*
 * get_value checks argument number i, an attribute value.
 */
static void
get_value(FunctionCallInfo fcinfo, int i, DdbValue *out)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(i);
	JsonbValue	jbv;

	jbv.type = jbvBinary;
	jbv.val.binary.data = &jb->root;
	jbv.val.binary.len = VARSIZE(jb) - VARHDRSZ;
	ddb_value_check(&jbv, DDB_VALUES_CURRENT, out);
}

/*
 * require_key_type raises an error unless value is S, N or B.
 */
static void
require_key_type(const DdbValue *value)
{
	if (value->type != DDB_S && value->type != DDB_N && value->type != DDB_B)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("values of type %s have no order", ddb_type_name(value->type)));
}

/*
 * ddb_test.value_compare(a, b): -1, 0 or 1; null for values of different types.
 */
Datum
ddb_sql_value_compare(PG_FUNCTION_ARGS)
{
	DdbValue	a;
	DdbValue	b;

	get_value(fcinfo, 0, &a);
	get_value(fcinfo, 1, &b);
	require_key_type(&a);
	require_key_type(&b);
	if (a.type != b.type)
		PG_RETURN_NULL();
	PG_RETURN_INT32(ddb_value_compare(&a, &b));
}

/*
 * ddb_test.value_equal(a, b)
 */
Datum
ddb_sql_value_equal(PG_FUNCTION_ARGS)
{
	DdbValue	a;
	DdbValue	b;

	get_value(fcinfo, 0, &a);
	get_value(fcinfo, 1, &b);
	PG_RETURN_BOOL(ddb_value_equal(&a, &b));
}

/*
 * ddb_test.set_contains(set, element)
 */
Datum
ddb_sql_set_contains(PG_FUNCTION_ARGS)
{
	DdbValue	set;
	DdbValue	element;

	get_value(fcinfo, 0, &set);
	get_value(fcinfo, 1, &element);
	PG_RETURN_BOOL(ddb_set_contains(&set, &element));
}

/*
 * ddb_test.number_add(a, b, subtract): the sum or difference as an attribute value.
 */
Datum
ddb_sql_number_add(PG_FUNCTION_ARGS)
{
	DdbValue	a;
	DdbValue	b;
	DdbValue	sum;

	get_value(fcinfo, 0, &a);
	get_value(fcinfo, 1, &b);
	if (a.type != DDB_N || b.type != DDB_N)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("only numbers can be added"));
	ddb_number_add(&a, &b, PG_GETARG_BOOL(2), &sum);
	PG_RETURN_JSONB_P(ddb_value_to_jsonb(&sum));
}

/*
 * ddb_test.key_roundtrip(value): S, N or B to its key column's type and back.
 */
Datum
ddb_sql_key_roundtrip(PG_FUNCTION_ARGS)
{
	DdbValue	value;
	DdbValue	back;

	get_value(fcinfo, 0, &value);
	require_key_type(&value);
	ddb_value_from_datum(value.type, ddb_value_to_datum(&value), &back);
	PG_RETURN_JSONB_P(ddb_value_to_jsonb(&back));
}
