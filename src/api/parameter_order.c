/*
 * parameter_order.c
 *	  The first bad parameter of a statement, in the order of the request's text.
 *
 * A request is read as jsonb, which keeps the order of an array's elements but
 * not that of an object's members.  DynamoDB tells of the first problem in the
 * order in which a request was sent.  So when parameters are found bad and the
 * request's text is at hand (over HTTP it is), the text is read once more for the
 * one that comes first.
 *
 * jansson keeps the order of members, and allocates with malloc: what it gave is
 * freed before an error leaves.
 */
#include "postgres.h"

#include <jansson.h>

#include "miscadmin.h"

#include "api/request.h"
#include "api/statements.h"
#include "compat.h"
#include "error.h"
#include "jsonb/member.h"

static const char *source_text; /* of the request being answered, or NULL */
static size_t source_len;

void
ddb_api_set_source(const char *text, size_t len)
{
	source_text = text;
	source_len = len;
}

/*
 * sole_container gives the map or list of an attribute value that is just that,
 * or NULL.
 */
static json_t *
sole_container(json_t *value)
{
	json_t	   *found = NULL;
	const char *name;
	json_t	   *member;
	int			types = 0;

	if (!json_is_object(value))
		return NULL;
	json_object_foreach(value, name, member)
	{
		DdbType		type;

		if (json_is_null(member) || !ddb_type_parse(name, strlen(name), &type))
			continue;
		types++;
		if ((type == DDB_M && json_is_object(member)) || (type == DDB_L && json_is_array(member)))
			found = member;
	}
	return types == 1 ? found : NULL;
}

/*
 * check_leaf checks a value, or a part of one, as it is.
 */
static void
check_leaf(json_t *value)
{
	char	   *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	char	   *copy;
	Jsonb	   *jsonb;
	JsonbValue	root;
	DdbValue	checked;

	if (text == NULL)
		return;
	copy = pstrdup(text);
	free(text);
	jsonb = ddb_json_read(copy);
	if (JB_ROOT_IS_SCALAR(jsonb))
		return;
	root.type = jbvBinary;
	root.val.binary.data = &jsonb->root;
	root.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	ddb_value_check(&root, DDB_VALUES_OLDER, &checked);
}

/*
 * check_value raises the first problem of a value; depth is how many lists and
 * maps it lies in.
 */
static void
check_value(json_t *value, int depth)
{
	json_t	   *container = sole_container(value);
	const char *name;
	json_t	   *member;
	size_t		i;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (container == NULL)
	{
		check_leaf(value);
		return;
	}
	if (depth >= DDB_MAX_NESTING)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(DDB_NESTING_MESSAGE));
	if (json_is_object(container))
	{
		json_object_foreach(container, name, member)
			check_value(member, depth + 1);
	}
	else
	{
		json_array_foreach(container, i, member)
			check_value(member, depth + 1);
	}
}

/*
 * check_source raises the first problem of one statement's parameters in the
 * request's text, if it finds one.
 */
static void
check_source(const char *list, int index)
{
	json_error_t error;
	json_t	   *root = json_loadb(source_text, source_len, JSON_ALLOW_NUL, &error);
	json_t	   *request = root;
	json_t	   *value;
	size_t		i;

	if (root == NULL)
		return;
	if (list != NULL)
		request = json_array_get(json_object_get(root, list), index);
	PG_TRY();
	{
		json_array_foreach(json_object_get(request, "Parameters"), i, value)
			check_value(value, 0);
	}
	PG_FINALLY();
	{
		json_decref(root);
	}
	PG_END_TRY();
}

void
ddb_statement_parameters(JsonbContainer *request, const char *list, int index,
						 DdbParameters *parameters)
{
	MemoryContext context = CurrentMemoryContext;
	JsonbContainer *values = ddb_json_container(request, "Parameters", true);

	if (source_text == NULL)
	{
		ddb_partiql_parameters(values, parameters);
		return;
	}
	PG_TRY();
	{
		ddb_partiql_parameters(values, parameters);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		check_source(list, index);
		ReThrowError(error);
	}
	PG_END_TRY();
}
