/*
 * member.c
 *	  Reading the members of small JSON objects that are not items.
 *
 * Requests that define tables are read with these; a member of the wrong JSON
 * type is a SerializationException, as in DynamoDB.
 */
#include "postgres.h"

#include "error.h"
#include "jsonb/member.h"

void		(*ddb_json_member_noted) (JsonbContainer *object, const char *name);

bool
ddb_json_member(JsonbContainer *object, const char *name, JsonbValue *out)
{
	if (!JsonContainerIsObject(object))
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected value type in payload"));
	if (unlikely(ddb_json_member_noted != NULL))
		ddb_json_member_noted(object, name);
	return getKeyJsonValueFromContainer(object, name, strlen(name), out) != NULL &&
		out->type != jbvNull;
}

char *
ddb_json_cstring(const JsonbValue *value)
{
	if (value->type != jbvString)
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("%s cannot be converted to String",
					   value->type == jbvNumeric ? "NUMBER_VALUE" :
					   value->type == jbvBool ? (value->val.boolean ? "TRUE_VALUE" : "FALSE_VALUE") :
					   "Start of structure or map found where not expected"));
	return pnstrdup(value->val.string.val, value->val.string.len);
}

char *
ddb_json_string(JsonbContainer *object, const char *name)
{
	JsonbValue	value;

	if (!ddb_json_member(object, name, &value))
		return NULL;
	return ddb_json_cstring(&value);
}

JsonbContainer *
ddb_json_container(JsonbContainer *object, const char *name, bool array)
{
	JsonbValue	value;

	if (!ddb_json_member(object, name, &value))
		return NULL;
	if (value.type != jbvBinary ||
		JsonContainerIsArray(value.val.binary.data) != array)
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected value type in payload"));
	return value.val.binary.data;
}

bool
ddb_json_is_deep(JsonbContainer *document, int depth)
{
	JsonbIterator *it = JsonbIteratorInit(document);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			nested = 0;

	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			nested--;
		else if ((token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY) && ++nested >= depth)
			return true;
	}
	return false;
}
