/*
 * translate.c
 *	  Conditions, paths and assignments to the trees of src/expr.
 *
 * What a condition means is said there and nowhere else; here IS MISSING becomes
 * attribute_not_exists, IS NULL attribute_type, and so on.  The trees are marked
 * as PartiQL's: their conditions are values that can be compared, a comparison
 * with a missing attribute is false (<> too), and errors have no prefix.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "error.h"
#include "partiql/partiql_private.h"

static DdbNode *operand(PqlBuilder *builder, const PqlNode *node);
static DdbNode *set_operand(PqlBuilder *builder, const PqlNode *node);

/*
 * ddb_pql_value_slot gives the slot of a literal or a parameter.
 */
int
ddb_pql_value_slot(PqlBuilder *builder, const PqlNode *node)
{
	PqlSlot		slot = {.parameter = -1};

	if (node->kind == PQL_NODE_PARAMETER)
		slot.parameter = node->number;
	else
		ddb_pql_literal(node, &slot.literal);
	return ddb_pql_add_slot(builder, slot);
}

static DdbNode *
make_value(PqlBuilder *builder, int slot)
{
	DdbNode    *node = ddb_node_next_value(builder->expr);

	node->slot = slot;
	return node;
}

static DdbNode *
make_string(PqlBuilder *builder, const char *text)
{
	PqlSlot		slot = {.parameter = -1};

	slot.literal.type = DDB_S;
	slot.literal.data = text;
	slot.literal.len = strlen(text);
	return make_value(builder, ddb_pql_add_slot(builder, slot));
}

static DdbNode *
make_function(PqlBuilder *builder, DdbFunction function, DdbNode *a, DdbNode *b)
{
	const char *name = ddb_expr_function_name(function);
	DdbNodeList *list = ddb_node_list_append(NULL, a);

	if (b != NULL)
		list = ddb_node_list_append(list, b);
	return ddb_node_function(builder->expr, name, strlen(name), list);
}

static DdbNode *
negate(PqlBuilder *builder, DdbNode *node, bool negated)
{
	return negated ? ddb_node_operator(builder->expr, DDB_NODE_NOT, node, NULL) : node;
}

/* Paths */

pg_noreturn static void
refuse_component(const PqlToken *token)
{
	PQL_VALIDATION("Unexpected path component %s", ddb_pql_at(token));
}

/*
 * add_index adds a list index.
 */
static void
add_index(PqlBuilder *builder, DdbPath *path, const PqlNode *index)
{
	const PqlToken *token = index->token;
	int64		value = 0;

	if (index->kind != PQL_NODE_LITERAL || token->type != PQL_NUMBER ||
		strspn(token->text, "0123456789") != token->len)
		refuse_component(token);
	for (const char *c = token->text; *c != '\0' && value <= PG_INT32_MAX; c++)
		value = value * 10 + (*c - '0');
	if (value > PG_INT32_MAX || (index->minus && value > 0))
		PQL_VALIDATION("List index is not within the allowable range; index: [%s%s] %s",
					   index->minus ? "-" : "", token->text, ddb_pql_at(token));
	ddb_path_add_index(builder->expr, path, token->text, token->len);
}

/*
 * ddb_pql_path translates a document path.
 */
DdbPath *
ddb_pql_path(PqlBuilder *builder, const PqlNode *node)
{
	DdbPath    *path = ddb_path_create();

	if (node->kind != PQL_NODE_PATH)
		refuse_component(node->token);
	if (node->root != NULL)
		refuse_component(node->root->token);
	for (int i = 0; i < node->nparts; i++)
	{
		const PqlPart *part = &node->parts[i];

		if (part->kind == PQL_PART_WILDCARD)
			refuse_component(part->token);
		if (part->kind == PQL_PART_INDEX)
		{
			add_index(builder, path, part->index);
			continue;
		}
		if (part->token->len == 0)
			PQL_VALIDATION("Path component cannot be an empty string");
		ddb_path_add_name(builder->expr, path, part->token->text, part->token->len);
	}
	if (path->nparts - 1 > DDB_MAX_NESTING)
		PQL_VALIDATION("The document path has too many nesting elements; nesting depth: %d",
					   path->nparts - 1);
	return path;
}

/* Conditions */

/*
 * translate_is translates IS [NOT] and a type.
 */
static DdbNode *
translate_is(PqlBuilder *builder, const PqlNode *node)
{
	static const struct
	{
		const char *word;
		const char *types[3];
	}			types[] = {
		{"null", {"NULL"}}, {"bool", {"BOOL"}}, {"boolean", {"BOOL"}}, {"string", {"S"}},
		{"varchar", {"S"}}, {"char", {"S"}}, {"character", {"S"}}, {"character varying", {"S"}},
		{"smallint", {"N"}}, {"int2", {"N"}}, {"integer2", {"N"}}, {"int4", {"N"}},
		{"integer4", {"N"}}, {"int8", {"N"}}, {"integer8", {"N"}}, {"bigint", {"N"}},
		{"int", {"N"}}, {"integer", {"N"}}, {"float", {"N"}}, {"real", {"N"}},
		{"double precision", {"N"}}, {"dec", {"N"}}, {"decimal", {"N"}}, {"numeric", {"N"}},
		{"blob", {"B"}}, {"list", {"L"}}, {"struct", {"M"}}, {"tuple", {"M"}},
		{"bag", {"SS", "NS", "BS"}},
	};
	DdbNode    *value = operand(builder, node->args[0]);
	DdbNode    *result = NULL;

	if (strcmp(node->word, "missing") == 0)
		return negate(builder, make_function(builder, DDB_FN_ATTRIBUTE_NOT_EXISTS, value, NULL),
					  node->negated);
	for (int i = 0; i < lengthof(types); i++)
	{
		if (strcmp(types[i].word, node->word) != 0)
			continue;
		for (int j = 0; j < 3 && types[i].types[j] != NULL; j++)
		{
			DdbNode    *test = make_function(builder, DDB_FN_ATTRIBUTE_TYPE, value,
											 make_string(builder, types[i].types[j]));

			result = result == NULL ? test :
				ddb_node_operator(builder->expr, DDB_NODE_OR, result, test);
		}
	}
	if (result == NULL)
		ddb_pql_unsupported(node);
	return negate(builder, result, node->negated);
}

/*
 * translate_in translates [NOT] IN.
 */
static DdbNode *
translate_in(PqlBuilder *builder, const PqlNode *node)
{
	const PqlNode *members = node->args[1];
	DdbNode    *value = operand(builder, node->args[0]);
	DdbNodeList *list = palloc0(sizeof(DdbNodeList));

	if (members->kind != PQL_NODE_LIST && members->kind != PQL_NODE_BAG)
		ddb_pql_unsupported(node);
	if (members->nargs > DDB_MAX_IN_OPERANDS)
		PQL_VALIDATION("The IN operator is provided with too many operands; number of operands: %d",
					   members->nargs);
	for (int i = 0; i < members->nargs; i++)
		list = ddb_node_list_append(list, operand(builder, members->args[i]));
	return negate(builder, ddb_node_in(builder->expr, value, list), node->negated);
}

/*
 * translate_call translates a function.
 */
static DdbNode *
translate_call(PqlBuilder *builder, const PqlNode *node)
{
	static const DdbFunction functions[] = {
		DDB_FN_ATTRIBUTE_EXISTS, DDB_FN_ATTRIBUTE_NOT_EXISTS, DDB_FN_ATTRIBUTE_TYPE,
		DDB_FN_BEGINS_WITH, DDB_FN_CONTAINS, DDB_FN_SIZE
	};
	DdbNodeList *list = palloc0(sizeof(DdbNodeList));

	for (int i = 0; i < lengthof(functions); i++)
	{
		const char *name = ddb_expr_function_name(functions[i]);

		if (strcmp(name, node->word) != 0)
			continue;
		for (int j = 0; j < node->nargs; j++)
			list = ddb_node_list_append(list, operand(builder, node->args[j]));
		return ddb_node_function(builder->expr, name, strlen(name), list);
	}
	PQL_VALIDATION("Unrecognized function: %s %s", node->word, ddb_pql_at(node->token));
}

/*
 * translate_operator translates an operator.
 */
static DdbNode *
translate_operator(PqlBuilder *builder, const PqlNode *node)
{
	static const struct
	{
		const char *word;
		DdbCompareOp op;
	}			comparisons[] = {
		{"=", DDB_COMPARE_EQ}, {"<>", DDB_COMPARE_NE}, {"<", DDB_COMPARE_LT}, {"<=", DDB_COMPARE_LE},
		{">", DDB_COMPARE_GT}, {">=", DDB_COMPARE_GE}
	};
	DdbExpr    *expr = builder->expr;
	DdbNode    *left;

	if (strcmp(node->word, "and") == 0 || strcmp(node->word, "or") == 0)
	{
		left = ddb_pql_condition(builder, node->args[0]);
		return ddb_node_operator(expr, node->word[0] == 'a' ? DDB_NODE_AND : DDB_NODE_OR,
								 left, ddb_pql_condition(builder, node->args[1]));
	}
	if (strcmp(node->word, "not") == 0)
		return negate(builder, ddb_pql_condition(builder, node->args[0]), true);
	if (strcmp(node->word, "in") == 0)
		return translate_in(builder, node);
	if (strcmp(node->word, "between") == 0)
	{
		DdbNode    *low;

		left = operand(builder, node->args[0]);
		low = operand(builder, node->args[1]);
		return negate(builder, ddb_node_between(expr, left, low, operand(builder, node->args[2])),
					  node->negated);
	}
	for (int i = 0; i < lengthof(comparisons); i++)
	{
		if (strcmp(comparisons[i].word, node->word) != 0)
			continue;
		left = operand(builder, node->args[0]);
		return ddb_node_compare(expr, comparisons[i].op, left, operand(builder, node->args[1]));
	}
	ddb_pql_unsupported(node);
}

/*
 * operand translates what is compared or a function's argument: a path, a value,
 * a function, or a condition, which is a value too.
 */
static DdbNode *
operand(PqlBuilder *builder, const PqlNode *node)
{
	check_stack_depth();
	switch (node->kind)
	{
		case PQL_NODE_PATH:
			return ddb_node_path(ddb_pql_path(builder, node));
		case PQL_NODE_CALL:
			return translate_call(builder, node);
		case PQL_NODE_OPERATOR:
			return translate_operator(builder, node);
		case PQL_NODE_IS:
			return translate_is(builder, node);
		case PQL_NODE_LITERAL:
		case PQL_NODE_PARAMETER:
		case PQL_NODE_LIST:
		case PQL_NODE_BAG:
		case PQL_NODE_STRUCT:
			return make_value(builder, ddb_pql_value_slot(builder, node));
		default:
			ddb_pql_unsupported(node);
	}
}

/*
 * ddb_pql_condition translates a condition; a BOOL attribute is one.
 */
DdbNode *
ddb_pql_condition(PqlBuilder *builder, const PqlNode *node)
{
	DdbNode    *condition = operand(builder, node);

	if (condition->type == DDB_NODE_FUNCTION && !ddb_node_is_condition(condition))
		PQL_VALIDATION("The function is not allowed to be used this way in an expression; function: %s",
					   ddb_node_operator_name(condition));
	return condition;
}

/* Assignments */

static bool
same_path(const DdbPath *a, const DdbPath *b)
{
	if (a->nparts != b->nparts)
		return false;
	for (int i = 0; i < a->nparts; i++)
	{
		if (a->parts[i].kind != b->parts[i].kind)
			return false;
		if (a->parts[i].kind == DDB_PART_INDEX ? a->parts[i].number != b->parts[i].number :
			a->parts[i].len != b->parts[i].len ||
			memcmp(a->parts[i].name, b->parts[i].name, a->parts[i].len) != 0)
			return false;
	}
	return true;
}

/*
 * set_function translates set_add and set_delete, which are the clauses ADD and
 * DELETE of an update expression.
 */
static void
set_function(PqlBuilder *builder, DdbPath *target, const PqlNode *call)
{
	DdbStatement *statement = builder->statement;
	bool		add = strcmp(call->word, "set_add") == 0;
	const char *name = add ? "SET_ADD" : "SET_DELETE";
	PqlSetOperand *check;
	int			slot;

	if (call->nargs != 2)
		PQL_VALIDATION("%s must have exactly two arguments %s", name, ddb_pql_at(call->token));
	if (call->args[0]->kind != PQL_NODE_PATH ||
		!same_path(target, ddb_pql_path(builder, call->args[0])))
		PQL_VALIDATION("The first argument to %s must equal the assignment value %s", name,
					   ddb_pql_at(call->token));
	if (call->args[1]->kind != PQL_NODE_BAG && call->args[1]->kind != PQL_NODE_PARAMETER)
		PQL_VALIDATION("The second argument to %s must be a value with type SET %s", name,
					   ddb_pql_at(call->args[0]->token));
	slot = ddb_pql_value_slot(builder, call->args[1]);
	if (statement->set_operands == NULL)
		statement->set_operands = palloc(sizeof(PqlSetOperand));
	else
		statement->set_operands = repalloc(statement->set_operands,
										   (statement->nset_operands + 1) * sizeof(PqlSetOperand));
	check = &statement->set_operands[statement->nset_operands++];
	check->slot = slot;
	check->function = name;
	check->at = ddb_pql_at(call->args[0]->token);
	ddb_expr_add_action(builder->expr, add ? DDB_CLAUSE_ADD : DDB_CLAUSE_DELETE, target,
						make_value(builder, slot));
}

/*
 * set_call translates list_append, the one function that gives a value.
 */
static DdbNode *
set_call(PqlBuilder *builder, const PqlNode *node)
{
	DdbNodeList *list = palloc0(sizeof(DdbNodeList));

	if (strcmp(node->word, "list_append") != 0)
		PQL_VALIDATION("Unrecognized function: %s %s", node->word, ddb_pql_at(node->token));
	for (int i = 0; i < node->nargs; i++)
		list = ddb_node_list_append(list, set_operand(builder, node->args[i]));
	return ddb_node_function(builder->expr, "list_append", strlen("list_append"), list);
}

/*
 * set_operand translates the right side of SET, or a part of it.
 */
static DdbNode *
set_operand(PqlBuilder *builder, const PqlNode *node)
{
	DdbNode    *left;
	bool		plus;

	check_stack_depth();
	switch (node->kind)
	{
		case PQL_NODE_PATH:
			return ddb_node_path(ddb_pql_path(builder, node));
		case PQL_NODE_CALL:
			return set_call(builder, node);
		case PQL_NODE_OPERATOR:
			plus = strcmp(node->word, "+") == 0;
			if (!plus && strcmp(node->word, "-") != 0)
				ddb_pql_unsupported(node);
			left = set_operand(builder, node->args[0]);
			return ddb_node_operator(builder->expr, plus ? DDB_NODE_PLUS : DDB_NODE_MINUS, left,
									 set_operand(builder, node->args[1]));
		case PQL_NODE_LITERAL:
		case PQL_NODE_PARAMETER:
		case PQL_NODE_LIST:
		case PQL_NODE_BAG:
		case PQL_NODE_STRUCT:
			return make_value(builder, ddb_pql_value_slot(builder, node));
		default:
			ddb_pql_unsupported(node);
	}
}

/*
 * ddb_pql_set_action translates one assignment of SET, or one REMOVE.
 */
void
ddb_pql_set_action(PqlBuilder *builder, const PqlAction *action)
{
	DdbPath    *target = ddb_pql_path(builder, action->target);
	const PqlNode *value = action->value;

	if (action->remove)
		ddb_expr_add_action(builder->expr, DDB_CLAUSE_REMOVE, target, NULL);
	else if (value->kind == PQL_NODE_CALL &&
			 (strcmp(value->word, "set_add") == 0 || strcmp(value->word, "set_delete") == 0))
		set_function(builder, target, value);
	else
		ddb_expr_add_action(builder->expr, DDB_CLAUSE_SET, target, set_operand(builder, value));
}
