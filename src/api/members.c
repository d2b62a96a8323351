/*
 * members.c
 *	  Reading the members of requests.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "api/members.h"
#include "compat.h"
#include "jsonb/member.h"

/*
 * ddb_request_has tells whether a member is there and not null.
 */
bool
ddb_request_has(JsonbContainer *request, const char *name)
{
	JsonbValue	value;

	return ddb_json_member(request, name, &value);
}

bool
ddb_request_has_any(JsonbContainer *request, const char *const *names)
{
	for (; *names != NULL; names++)
	{
		if (ddb_request_has(request, *names))
			return true;
	}
	return false;
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
	DdbReturnValues value;

	(void) ddb_return_values_parse(ddb_json_string(request, "ReturnValues"), &value);
	return value;
}

DdbCapacityMode
ddb_request_capacity_mode(JsonbContainer *request)
{
	char	   *value = ddb_json_string(request, "ReturnConsumedCapacity");

	if (value == NULL || strcmp(value, "NONE") == 0)
		return DDB_CAPACITY_NONE;
	return strcmp(value, "TOTAL") == 0 ? DDB_CAPACITY_TOTAL : DDB_CAPACITY_INDEXES;
}
