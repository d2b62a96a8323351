/*
 * legacy.c
 *	  The parameters of before expressions, translated into expression trees.
 *
 * AttributesToGet, Expected, AttributeUpdates, KeyConditions, QueryFilter,
 * ScanFilter and ConditionalOperator ("Legacy conditional parameters" in the
 * developer guide; API reference: Condition, ExpectedAttributeValue,
 * AttributeValueUpdate) say less than expressions do, so that one evaluator
 * serves both.  What differs is in the trees:
 *
 * - NE is true of an absent attribute, NOT_CONTAINS is not.
 * - ADD of AttributeUpdates appends to lists, and their errors of type have words
 *   of their own (DdbExpr.legacy).
 *
 * Attribute names are taken as they are: no placeholders, paths or reserved words.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "api/legacy.h"
#include "api/request.h"
#include "compat.h"
#include "error.h"
#include "expr/ast.h"
#include "jsonb/member.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode_parameters(), errmsg(__VA_ARGS__))
#define INVALID(format, ...) \
	VALIDATION("One or more parameter values were invalid: " format, ##__VA_ARGS__)

#define TYPE_BIT(type) (1 << (type))
#define ANY_TYPE (~0)
#define SCALAR_TYPES (TYPE_BIT(DDB_S) | TYPE_BIT(DDB_N) | TYPE_BIT(DDB_B))
#define SET_TYPES (TYPE_BIT(DDB_SS) | TYPE_BIT(DDB_NS) | TYPE_BIT(DDB_BS))

/* AttributeUpdates */

static const char *const actions[] = {"ADD", "PUT", "DELETE", NULL};
static const DdbShape action = {.kind = DDB_SHAPE_STRING,.enums = actions};
static const DdbMember update_members[] = {
	{"Value", &ddb_shape_value},
	{"Action", &action},
	{NULL}
};
static const DdbShape attribute_value_update = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "AttributeValueUpdate",.members = update_members
};
const DdbShape ddb_shape_attribute_updates = {
	.kind = DDB_SHAPE_MAP,.element = &attribute_value_update
};

typedef enum Operator
{
	OP_EQ,
	OP_NE,
	OP_LE,
	OP_LT,
	OP_GE,
	OP_GT,
	OP_NOT_NULL,
	OP_NULL,
	OP_CONTAINS,
	OP_NOT_CONTAINS,
	OP_BEGINS_WITH,
	OP_IN,
	OP_BETWEEN
} Operator;

/* The 13 comparison operators: how many arguments of what types they take, and where. */
static const struct
{
	const char *name;
	int			min;
	int			max;
	int			types;
	bool		in_keys;		/* allowed in KeyConditions */
}			operators[] = {
	[OP_EQ] = {"EQ", 1, 1, ANY_TYPE, true},
	[OP_NE] = {"NE", 1, 1, ANY_TYPE, false},
	[OP_LE] = {"LE", 1, 1, SCALAR_TYPES, true},
	[OP_LT] = {"LT", 1, 1, SCALAR_TYPES, true},
	[OP_GE] = {"GE", 1, 1, SCALAR_TYPES, true},
	[OP_GT] = {"GT", 1, 1, SCALAR_TYPES, true},
	[OP_NOT_NULL] = {"NOT_NULL", 0, 0, ANY_TYPE, false},
	[OP_NULL] = {"NULL", 0, 0, ANY_TYPE, false},
	[OP_CONTAINS] = {"CONTAINS", 1, 1, SCALAR_TYPES, false},
	[OP_NOT_CONTAINS] = {"NOT_CONTAINS", 1, 1, SCALAR_TYPES, false},
	[OP_BEGINS_WITH] = {"BEGINS_WITH", 1, 1, TYPE_BIT(DDB_S) | TYPE_BIT(DDB_B), true},
	[OP_IN] = {"IN", 1, PG_INT32_MAX, SCALAR_TYPES, false},
	[OP_BETWEEN] = {"BETWEEN", 2, 2, SCALAR_TYPES, true},
};

/* A comparison read from a request. */
typedef struct Comparison
{
	const char *name;			/* attribute */
	int			name_len;
	Operator	op;
	int			nargs;
	DdbValue   *args;
} Comparison;

/* A tree under construction with the values of its slots. */
typedef struct Translation
{
	DdbExpr    *expr;
	DdbValue   *values;
	int			capacity;
	DdbNodeList *conditions;
} Translation;

/* Trees */

static void
begin(Translation *t, DdbExprKind kind)
{
	t->expr = ddb_expr_create(kind);
	t->expr->legacy = true;
	t->values = NULL;
	t->capacity = 0;
	t->conditions = NULL;
}

/*
 * make_path makes a path of one attribute name, which it checks: every name in these
 * parameters comes through here.
 */
static DdbPath *
make_path(Translation *t, const char *name, int len)
{
	DdbPath    *path = ddb_path_create();
	const char *problem = ddb_name_problem(name, len);

	if (problem != NULL)
		VALIDATION("%s", problem);
	if (!ddb_text_is_valid(name, len))
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(DDB_ESCAPE_MESSAGE));
	ddb_path_add_name(t->expr, path, name, len);
	return path;
}

static DdbNode *
make_value(Translation *t, const DdbValue *value)
{
	DdbNode    *node = ddb_node_next_value(t->expr);

	if (t->values == NULL)
	{
		t->capacity = 8;
		t->values = palloc_array(DdbValue, t->capacity);
	}
	else if (node->slot == t->capacity)
	{
		t->capacity *= 2;
		t->values = repalloc_huge(t->values, t->capacity * sizeof(DdbValue));
	}
	t->values[node->slot] = *value;
	return node;
}

static DdbNode *
make_function(Translation *t, DdbFunction function, DdbNode *a, DdbNode *b)
{
	const char *name = ddb_expr_function_name(function);
	DdbNodeList *args = ddb_node_list_append(NULL, a);

	if (b != NULL)
		args = ddb_node_list_append(args, b);
	return ddb_node_function(t->expr, name, strlen(name), args);
}

/*
 * make_condition translates one comparison.
 */
static DdbNode *
make_condition(Translation *t, const Comparison *c)
{
	static const DdbCompareOp compare[] = {
		[OP_EQ] = DDB_COMPARE_EQ,[OP_NE] = DDB_COMPARE_NE,[OP_LE] = DDB_COMPARE_LE,
		[OP_LT] = DDB_COMPARE_LT,[OP_GE] = DDB_COMPARE_GE,[OP_GT] = DDB_COMPARE_GT
	};
	DdbExpr    *expr = t->expr;
	DdbNode    *path = ddb_node_path(make_path(t, c->name, c->name_len));
	DdbNode    *a = c->nargs > 0 && c->op != OP_IN ? make_value(t, &c->args[0]) : NULL;
	DdbNodeList *list = NULL;

	switch (c->op)
	{
		case OP_NOT_NULL:
			return make_function(t, DDB_FN_ATTRIBUTE_EXISTS, path, NULL);
		case OP_NULL:
			return make_function(t, DDB_FN_ATTRIBUTE_NOT_EXISTS, path, NULL);
		case OP_CONTAINS:
			return make_function(t, DDB_FN_CONTAINS, path, a);
		case OP_NOT_CONTAINS:
			return ddb_node_operator(expr, DDB_NODE_AND,
									 make_function(t, DDB_FN_ATTRIBUTE_EXISTS, path, NULL),
									 ddb_node_operator(expr, DDB_NODE_NOT,
													   make_function(t, DDB_FN_CONTAINS, path, a),
													   NULL));
		case OP_BEGINS_WITH:
			return make_function(t, DDB_FN_BEGINS_WITH, path, a);
		case OP_IN:
			for (int i = 0; i < c->nargs; i++)
				list = ddb_node_list_append(list, make_value(t, &c->args[i]));
			return ddb_node_in(expr, path, list);
		case OP_BETWEEN:
			return ddb_node_between(expr, path, a, make_value(t, &c->args[1]));
		default:
			return ddb_node_compare(expr, compare[c->op], path, a);
	}
}

/*
 * combine joins n conditions by AND or OR into a tree as shallow as can be.
 */
static DdbNode *
combine(Translation *t, DdbNodeType type, DdbNode **nodes, int n)
{
	if (n == 1)
		return nodes[0];
	return ddb_node_operator(t->expr, type, combine(t, type, nodes, n / 2),
							 combine(t, type, nodes + n / 2, n - n / 2));
}

/*
 * finish joins the conditions and binds the tree; NULL when there is none.
 */
static DdbBoundExpr *
finish(Translation *t, DdbNodeType type)
{
	if (t->conditions == NULL)
		return NULL;
	ddb_expr_set_condition(t->expr, combine(t, type, t->conditions->nodes,
											t->conditions->count));
	return ddb_expr_bind_values(t->expr, t->values);
}

/* Reading */

/*
 * member_container gives a member that is an object or array, or NULL.
 */
static JsonbContainer *
member_container(JsonbContainer *object, const char *name)
{
	JsonbValue	value;

	return ddb_json_member(object, name, &value) ? value.val.binary.data : NULL;
}

/*
 * next_member steps through the members of a map of structures, which has no nulls.
 */
static bool
next_member(JsonbIterator **it, JsonbContainer *map, JsonbValue *key, JsonbContainer **value)
{
	JsonbValue	jbv;

	if (*it == NULL)
	{
		*it = JsonbIteratorInit(map);
		(void) JsonbIteratorNext(it, &jbv, true);
	}
	CHECK_FOR_INTERRUPTS();
	if (JsonbIteratorNext(it, key, true) != WJB_KEY)
		return false;
	(void) JsonbIteratorNext(it, &jbv, true);
	*value = jbv.val.binary.data;
	return true;
}

/*
 * next_element steps through the elements of a list.
 */
static bool
next_element(JsonbIterator **it, JsonbContainer *list, JsonbValue *element)
{
	if (*it == NULL)
	{
		*it = JsonbIteratorInit(list);
		(void) JsonbIteratorNext(it, element, true);
	}
	CHECK_FOR_INTERRUPTS();
	return JsonbIteratorNext(it, element, true) == WJB_ELEM;
}

/*
 * read_operator finds a ComparisonOperator, which fits its shape.
 */
static Operator
read_operator(JsonbContainer *condition)
{
	char	   *name = ddb_json_string(condition, "ComparisonOperator");

	for (int i = 0; i < lengthof(operators); i++)
	{
		if (name != NULL && strcmp(operators[i].name, name) == 0)
			return (Operator) i;
	}
	elog(ERROR, "unexpected comparison operator");
	return OP_EQ;				/* keep compiler quiet */
}

/*
 * read_list checks the values of an AttributeValueList.
 */
static void
read_list(JsonbContainer *list, DdbValueLayer layer, Comparison *c)
{
	JsonbIterator *it = NULL;
	JsonbValue	value;

	c->nargs = 0;
	c->args = palloc_array(DdbValue, Max(JsonContainerSize(list), 1));
	while (next_element(&it, list, &value))
		ddb_value_check(&value, layer, &c->args[c->nargs++]);
}

/*
 * read_value checks the one value of an Expected's Value.
 */
static void
read_value(const JsonbValue *value, DdbValueLayer layer, Comparison *c)
{
	c->nargs = 1;
	c->args = palloc_array(DdbValue, 1);
	ddb_value_check(value, layer, &c->args[0]);
}

/*
 * check_comparison applies the rules for the operator's arguments: their number,
 * their types, and the order of BETWEEN's bounds.
 */
static void
check_comparison(const Comparison *c)
{
	if (c->nargs < operators[c->op].min || c->nargs > operators[c->op].max)
		INVALID("Invalid number of argument(s) for the %s ComparisonOperator",
				operators[c->op].name);
	for (int i = 0; i < c->nargs; i++)
	{
		if (!(operators[c->op].types & TYPE_BIT(c->args[i].type)))
			INVALID("ComparisonOperator %s is not valid for %s AttributeValue type",
					operators[c->op].name, ddb_type_name(c->args[i].type));
		if (c->args[i].type != c->args[0].type)
			INVALID("AttributeValues inside AttributeValueList must be of same type");
	}
	if (c->op == OP_BETWEEN && ddb_value_compare(&c->args[0], &c->args[1]) > 0)
		VALIDATION("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
}

/*
 * read_condition reads and checks a Condition.
 */
static void
read_condition(const JsonbValue *name, JsonbContainer *condition, DdbValueLayer layer,
			   Comparison *c)
{
	JsonbContainer *list = member_container(condition, "AttributeValueList");

	c->name = name->val.string.val;
	c->name_len = name->val.string.len;
	c->op = read_operator(condition);
	c->nargs = 0;
	if (list != NULL)
		read_list(list, layer, c);
	check_comparison(c);
}

/*
 * read_expected_value reads an ExpectedAttributeValue without a
 * ComparisonOperator: equal to Value, or absent.
 */
static void
read_expected_value(JsonbContainer *expected, DdbValueLayer layer, Comparison *c)
{
	JsonbValue	value;
	JsonbValue	exists;
	bool		has_exists = ddb_json_member(expected, "Exists", &exists);

	c->op = OP_EQ;
	c->nargs = 0;
	if (ddb_request_has(expected, "AttributeValueList"))
		INVALID("AttributeValueList can only be used with a ComparisonOperator for Attribute: %.*s",
				c->name_len, c->name);
	if (ddb_json_member(expected, "Value", &value))
	{
		read_value(&value, layer, c);
		if (has_exists && !exists.val.boolean)
			INVALID("Value cannot be used when Exists is false for Attribute: %.*s",
					c->name_len, c->name);
	}
	else if (has_exists && !exists.val.boolean)
		c->op = OP_NULL;
	else
		INVALID("Value must be provided when Exists is %s for Attribute: %.*s",
				has_exists ? "true" : "null", c->name_len, c->name);
}

/*
 * read_expected reads and checks an ExpectedAttributeValue ("API reference:
 * ExpectedAttributeValue").
 */
static void
read_expected(const JsonbValue *name, JsonbContainer *expected, DdbValueLayer layer,
			  Comparison *c)
{
	JsonbContainer *list = member_container(expected, "AttributeValueList");
	JsonbValue	value;
	bool		has_value = ddb_json_member(expected, "Value", &value);

	c->name = name->val.string.val;
	c->name_len = name->val.string.len;
	if (list != NULL && has_value)
		INVALID("Value and AttributeValueList cannot be used together for Attribute: %.*s",
				c->name_len, c->name);
	if (!ddb_request_has(expected, "ComparisonOperator"))
	{
		read_expected_value(expected, layer, c);
		return;
	}
	if (ddb_request_has(expected, "Exists"))
		INVALID("Exists and ComparisonOperator cannot be used together for Attribute: %.*s",
				c->name_len, c->name);
	c->op = read_operator(expected);
	c->nargs = 0;
	if (list != NULL)
		read_list(list, layer, c);
	else if (has_value)
		read_value(&value, layer, c);
	else if (c->op != OP_NULL && c->op != OP_NOT_NULL)
		INVALID("Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %.*s",
				operators[c->op].name, c->name_len, c->name);
	check_comparison(c);
}

/*
 * read_conditional_operator reads ConditionalOperator, which needs two conditions
 * to join.
 */
static DdbNodeType
read_conditional_operator(JsonbContainer *request, JsonbContainer *conditions)
{
	char	   *value = ddb_json_string(request, "ConditionalOperator");

	if (value == NULL)
		return DDB_NODE_AND;
	if (conditions == NULL)
		INVALID("ConditionalOperator cannot be used without Filter or Expected");
	if (JsonContainerSize(conditions) < 2)
		INVALID("ConditionalOperator can only be used when Filter or Expected has two or more elements");
	return strcmp(value, "OR") == 0 ? DDB_NODE_OR : DDB_NODE_AND;
}

/* Parameters */

/*
 * present_names lists the members of a request that are in names, as "{a, b}".
 */
static char *
present_names(JsonbContainer *request, const char *const *names)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (; *names != NULL; names++)
	{
		if (ddb_request_has(request, *names))
			appendStringInfo(&buf, "%s%s", buf.len ? ", " : "{", *names);
	}
	if (buf.len == 0)
		return NULL;
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

/*
 * ddb_legacy_check_no_mix refuses a request that mixes expressions with legacy
 * parameters ("Legacy conditional parameters").
 */
void
ddb_legacy_check_no_mix(JsonbContainer *request, const char *const *legacy,
						const char *const *expressions)
{
	char	   *old = present_names(request, legacy);
	char	   *new = old ? present_names(request, expressions) : NULL;

	if (new != NULL)
		ereport(ERROR, ddb_errcode_parameters(),
				errmsg("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: %s Expression parameters: %s",
					   old, new));
}

/*
 * translate_conditions translates a map of comparisons, each of which read_one
 * reads and checks, joined by the request's ConditionalOperator.
 */
static DdbBoundExpr *
translate_conditions(JsonbContainer *request, const char *member, DdbExprKind kind,
					 DdbValueLayer layer,
					 void (*read_one) (const JsonbValue *, JsonbContainer *, DdbValueLayer,
									   Comparison *))
{
	JsonbContainer *map = member_container(request, member);
	DdbNodeType type = read_conditional_operator(request, map);
	JsonbIterator *it = NULL;
	JsonbContainer *condition;
	JsonbValue	name;
	Translation t;

	if (map == NULL)
		return NULL;
	begin(&t, kind);
	while (next_member(&it, map, &name, &condition))
	{
		Comparison	c;

		read_one(&name, condition, layer, &c);
		t.conditions = ddb_node_list_append(t.conditions, make_condition(&t, &c));
	}
	return finish(&t, type);
}

/*
 * ddb_legacy_expected translates Expected and ConditionalOperator.
 */
DdbBoundExpr *
ddb_legacy_expected(JsonbContainer *request, DdbValueLayer layer)
{
	return translate_conditions(request, "Expected", DDB_EXPR_CONDITION, layer,
								read_expected);
}

/*
 * ddb_legacy_filter translates QueryFilter or ScanFilter, and
 * ConditionalOperator.
 */
DdbBoundExpr *
ddb_legacy_filter(JsonbContainer *request, const char *member, DdbValueLayer layer)
{
	return translate_conditions(request, member, DDB_EXPR_FILTER, layer, read_condition);
}

/*
 * ddb_legacy_key_conditions translates KeyConditions.  Each condition is checked
 * before their number is, and that before their operators.  How many there may be
 * depends on the index.
 */
DdbBoundExpr *
ddb_legacy_key_conditions(JsonbContainer *request, DdbValueLayer layer)
{
	JsonbContainer *map = member_container(request, "KeyConditions");
	JsonbIterator *it = NULL;
	JsonbContainer *condition;
	JsonbValue	name;
	Translation t;
	bool		indexable = true;

	if (map == NULL)
		return NULL;
	begin(&t, DDB_EXPR_KEY_CONDITION);
	while (next_member(&it, map, &name, &condition))
	{
		Comparison	c;

		read_condition(&name, condition, layer, &c);
		indexable = indexable && operators[c.op].in_keys;
		t.conditions = ddb_node_list_append(t.conditions, make_condition(&t, &c));
	}
	if (t.conditions == NULL || t.conditions->count > DDB_MAX_KEY_TERMS)
		VALIDATION(DDB_KEY_CONDITIONS_MESSAGE);
	if (!indexable)
		VALIDATION("Attempted conditional constraint is not an indexable operation");
	return finish(&t, DDB_NODE_AND);
}

/*
 * ddb_legacy_projection translates AttributesToGet.
 */
DdbBoundExpr *
ddb_legacy_projection(JsonbContainer *request)
{
	JsonbContainer *list = member_container(request, "AttributesToGet");
	JsonbIterator *it = NULL;
	JsonbValue	value;
	Translation t;

	if (list == NULL)
		return NULL;
	begin(&t, DDB_EXPR_PROJECTION);
	while (next_element(&it, list, &value))
	{
		const char *name = value.val.string.val;
		int			len = value.val.string.len;

		for (int i = 0; i < t.expr->npaths; i++)
		{
			const DdbPathPart *part = &t.expr->paths[i]->parts[0];

			if (part->len == len && memcmp(part->name, name, len) == 0)
				INVALID("Duplicate value in attribute name: %.*s", len, name);
		}
		ddb_expr_add_path(t.expr, make_path(&t, name, len));
	}
	return ddb_expr_bind_values(t.expr, NULL);
}

/*
 * add_update translates one AttributeValueUpdate.
 */
static void
add_update(Translation *t, const JsonbValue *name, JsonbContainer *update, DdbValueLayer layer)
{
	DdbPath    *path = make_path(t, name->val.string.val, name->val.string.len);
	char	   *action_name = ddb_json_string(update, "Action");
	bool		is_add = action_name != NULL && strcmp(action_name, "ADD") == 0;
	bool		is_delete = action_name != NULL && strcmp(action_name, "DELETE") == 0;
	DdbClause	clause = is_add ? DDB_CLAUSE_ADD :
	is_delete ? DDB_CLAUSE_DELETE : DDB_CLAUSE_SET;
	JsonbValue	jbv;
	DdbValue	value;

	if (!ddb_json_member(update, "Value", &jbv))
	{
		if (!is_delete)
			INVALID("Only DELETE action is allowed when no attribute value is specified");
		ddb_expr_add_action(t->expr, DDB_CLAUSE_REMOVE, path, NULL);
		return;
	}
	ddb_value_check(&jbv, layer, &value);
	if (is_delete && !(SET_TYPES & TYPE_BIT(value.type)))
		INVALID("DELETE action with value is not supported for the type %s",
				ddb_type_name(value.type));
	if (is_add && !((SET_TYPES | TYPE_BIT(DDB_N) | TYPE_BIT(DDB_L)) & TYPE_BIT(value.type)))
		INVALID("ADD action is not supported for the type %s", ddb_type_name(value.type));
	ddb_expr_add_action(t->expr, clause, path, make_value(t, &value));
}

/*
 * ddb_legacy_attribute_updates translates AttributeUpdates.
 */
DdbBoundExpr *
ddb_legacy_attribute_updates(JsonbContainer *request, DdbValueLayer layer)
{
	JsonbContainer *map = member_container(request, "AttributeUpdates");
	JsonbIterator *it = NULL;
	JsonbContainer *update;
	JsonbValue	name;
	Translation t;

	if (map == NULL)
		return NULL;
	begin(&t, DDB_EXPR_UPDATE);
	while (next_member(&it, map, &name, &update))
		add_update(&t, &name, update, layer);
	return t.expr->nactions > 0 ? ddb_expr_bind_values(t.expr, t.values) : NULL;
}
