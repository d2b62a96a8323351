/*
 * legacy.c
 *	  The parameters of before expressions, translated into expression trees.
 */
#include "postgres.h"

#include "error.h"
#include "op/legacy.h"
#include "op/request.h"

static const DdbShape attribute_value_update = {.kind = DDB_SHAPE_STRUCT,.type_name = "AttributeValueUpdate",.members = (DdbMember[]) {{NULL}}};

const DdbShape ddb_shape_attribute_updates = {.kind = DDB_SHAPE_MAP,.element = &attribute_value_update};

/*
 * refuse raises an error where the request has a legacy parameter.
 */
static void
refuse(JsonbContainer *request, const char *member)
{
	if (ddb_request_has(request, member))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("%s is not supported", member));
}

const DdbExpr *
ddb_legacy_projection(JsonbContainer *request)
{
	refuse(request, "AttributesToGet");
	return NULL;
}

const DdbExpr *
ddb_legacy_expected(JsonbContainer *request)
{
	refuse(request, "Expected");
	return NULL;
}

const DdbExpr *
ddb_legacy_attribute_updates(JsonbContainer *request)
{
	refuse(request, "AttributeUpdates");
	return NULL;
}

const DdbExpr *
ddb_legacy_key_conditions(JsonbContainer *request)
{
	refuse(request, "KeyConditions");
	return NULL;
}

const DdbExpr *
ddb_legacy_filter(JsonbContainer *request, const char *member)
{
	refuse(request, member);
	return NULL;
}
