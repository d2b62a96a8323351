/*
 * static_check.c
 *	  Checks of a bound expression that need no item: numbers of operands,
 *	  distinct operands, and types of operands that are constant.
 *
 * The tree is walked bottom up and from left to right, and the first error is
 * raised.  A path's type is unknown here and never an error.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "error.h"
#include "expr/ast.h"

#define TYPE_BIT(type) (1 << (type))
#define ORDERED_TYPES (TYPE_BIT(DDB_S) | TYPE_BIT(DDB_N) | TYPE_BIT(DDB_B))
#define SET_TYPES (TYPE_BIT(DDB_SS) | TYPE_BIT(DDB_NS) | TYPE_BIT(DDB_BS))
#define SIZED_TYPES \
	(TYPE_BIT(DDB_S) | TYPE_BIT(DDB_B) | SET_TYPES | TYPE_BIT(DDB_M) | TYPE_BIT(DDB_L))

static const int operand_counts[] = {
	[DDB_FN_ATTRIBUTE_EXISTS] = 1,
	[DDB_FN_ATTRIBUTE_NOT_EXISTS] = 1,
	[DDB_FN_ATTRIBUTE_TYPE] = 2,
	[DDB_FN_BEGINS_WITH] = 2,
	[DDB_FN_CONTAINS] = 2,
	[DDB_FN_SIZE] = 1,
	[DDB_FN_IF_NOT_EXISTS] = 2,
	[DDB_FN_LIST_APPEND] = 2,
};

/* types as ADD and DELETE name them */
static const char *const long_type_names[] = {
	[DDB_S] = "STRING",
	[DDB_N] = "NUMBER",
	[DDB_B] = "BINARY",
	[DDB_SS] = "STRING_SET",
	[DDB_NS] = "NUMBER_SET",
	[DDB_BS] = "BINARY_SET",
	[DDB_M] = "MAP",
	[DDB_L] = "LIST",
	[DDB_NULL] = "NULL",
	[DDB_BOOL] = "BOOLEAN",
};

static void check_node(const DdbBoundExpr *bound, const DdbNode *node);
static void check_function(const DdbBoundExpr *bound, const DdbNode *node);
static void check_between(const DdbBoundExpr *bound, const DdbNode *node);
static void check_distinct(const DdbBoundExpr *bound, const DdbNode *node);
static void check_action(const DdbBoundExpr *bound, const DdbAction *action);

void
ddb_expr_check_bound(const DdbBoundExpr *bound)
{
	if (bound->expr->condition != NULL)
		check_node(bound, bound->expr->condition);
	for (int i = 0; i < bound->expr->nactions; i++)
		check_action(bound, &bound->expr->actions[i]);
}

static void
fail(const DdbBoundExpr *bound, const char *message)
{
	ddb_expr_fail(bound->expr, message);
}

/*
 * static_type finds the type an operand has whatever the item; false when it
 * depends on the item.
 */
static bool
static_type(const DdbBoundExpr *bound, const DdbNode *node, DdbType *type)
{
	if (node->type == DDB_NODE_VALUE)
		*type = bound->values[node->slot]->type;
	else if (node->type == DDB_NODE_FUNCTION && node->function == DDB_FN_LIST_APPEND)
		*type = DDB_L;
	else if (node->type == DDB_NODE_FUNCTION && node->function == DDB_FN_SIZE)
		*type = DDB_N;
	else if (node->type == DDB_NODE_PLUS || node->type == DDB_NODE_MINUS)
		*type = DDB_N;
	else if (ddb_node_is_condition(node))
		*type = DDB_BOOL;		/* in statements of PartiQL */
	else
		return false;
	return true;
}

/*
 * check_type refuses an operand of node whose type is known and not among
 * allowed (a set of TYPE_BITs).
 */
static void
check_type(const DdbBoundExpr *bound, const DdbNode *node, int operand, int allowed)
{
	DdbType		type;

	if (static_type(bound, node->args[operand], &type) && !(allowed & TYPE_BIT(type)))
		fail(bound,
			 psprintf("Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
					  ddb_node_operator_name(node), ddb_type_name(type)));
}

static void
check_node(const DdbBoundExpr *bound, const DdbNode *node)
{
	check_stack_depth();
	for (int i = 0; i < node->nargs; i++)
		check_node(bound, node->args[i]);
	switch (node->type)
	{
		case DDB_NODE_FUNCTION:
			check_function(bound, node);
			break;
		case DDB_NODE_COMPARE:
			check_distinct(bound, node);
			if (node->op != DDB_COMPARE_EQ && node->op != DDB_COMPARE_NE)
			{
				check_type(bound, node, 0, ORDERED_TYPES);
				check_type(bound, node, 1, ORDERED_TYPES);
			}
			break;
		case DDB_NODE_BETWEEN:
			check_distinct(bound, node);
			check_between(bound, node);
			break;
		case DDB_NODE_IN:
			check_distinct(bound, node);
			break;
		case DDB_NODE_PLUS:
		case DDB_NODE_MINUS:
			check_type(bound, node, 0, TYPE_BIT(DDB_N));
			check_type(bound, node, 1, TYPE_BIT(DDB_N));
			break;
		case DDB_NODE_VALUE:
			if (bound->values[node->slot] == NULL)
				ddb_expr_refuse_value(bound->expr, node->slot);
			break;
		case DDB_NODE_PATH:
		case DDB_NODE_AND:
		case DDB_NODE_OR:
		case DDB_NODE_NOT:
			break;
	}
}

/*
 * check_attribute_type checks the second operand of attribute_type: a string
 * constant that names a type.  The lists of types are in the order in which
 * DynamoDB prints them.
 */
static void
check_attribute_type(const DdbBoundExpr *bound, const DdbNode *node)
{
	const DdbNode *operand = node->args[1];
	const DdbValue *value;
	DdbType		type;

	if (operand->type != DDB_NODE_VALUE)
		fail(bound,
			 "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
	check_type(bound, node, 1, TYPE_BIT(DDB_S));
	value = bound->values[operand->slot];
	if (!ddb_type_parse(value->data, value->len, &type))
		fail(bound,
			 psprintf("Invalid attribute type name found; type: %.*s, valid types: {%s}",
					  value->len, value->data,
					  bound->expr->partiql ? "N,BS,L,B,NULL,M,S,SS,NS,BOOL" :
					  "B,NULL,SS,BOOL,L,BS,N,NS,S,M"));
}

static void
check_function(const DdbBoundExpr *bound, const DdbNode *node)
{
	if (node->nargs != operand_counts[node->function])
		fail(bound,
			 psprintf("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d",
					  ddb_node_operator_name(node), node->nargs));
	switch (node->function)
	{
		case DDB_FN_ATTRIBUTE_EXISTS:
		case DDB_FN_ATTRIBUTE_NOT_EXISTS:
		case DDB_FN_IF_NOT_EXISTS:
			if (node->args[0]->type != DDB_NODE_PATH)
				fail(bound,
					 psprintf("Operator or function requires a document path; operator or function: %s",
							  ddb_node_operator_name(node)));
			break;
		case DDB_FN_ATTRIBUTE_TYPE:
			check_attribute_type(bound, node);
			break;
		case DDB_FN_BEGINS_WITH:
			check_distinct(bound, node);
			check_type(bound, node, 0, TYPE_BIT(DDB_S) | TYPE_BIT(DDB_B));
			check_type(bound, node, 1, TYPE_BIT(DDB_S) | TYPE_BIT(DDB_B));
			break;
		case DDB_FN_CONTAINS:
			/* any type will do; what contains nothing gives false */
			check_distinct(bound, node);
			break;
		case DDB_FN_SIZE:
			check_type(bound, node, 0, SIZED_TYPES);
			break;
		case DDB_FN_LIST_APPEND:
			check_type(bound, node, 0, TYPE_BIT(DDB_L));
			check_type(bound, node, 1, TYPE_BIT(DDB_L));
			break;
	}
}

/*
 * value_text prints a scalar as messages show it: {N:2}.
 */
static char *
value_text(const DdbValue *value)
{
	return psprintf("{%s:%.*s}", ddb_type_name(value->type), value->len, value->data);
}

/*
 * check_between checks the operands' types and, where both bounds are
 * constant, that they are of one type and in order.
 */
static void
check_between(const DdbBoundExpr *bound, const DdbNode *node)
{
	const DdbValue *low;
	const DdbValue *high;
	const char *wanted;

	for (int i = 0; i < node->nargs; i++)
		check_type(bound, node, i, ORDERED_TYPES);
	if (node->args[1]->type != DDB_NODE_VALUE || node->args[2]->type != DDB_NODE_VALUE)
		return;
	low = bound->values[node->args[1]->slot];
	high = bound->values[node->args[2]->slot];
	if (low->type != high->type)
		wanted = "same data type for lower and upper bounds";
	else if (ddb_value_compare(low, high) > 0)
		wanted = "upper bound to be greater than or equal to lower bound";
	else
		return;
	fail(bound,
		 psprintf("The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
				  wanted, value_text(low), value_text(high)));
}

char *
ddb_path_text(const DdbBoundExpr *bound, const DdbPath *path)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < path->nparts; i++)
	{
		appendStringInfoString(&text, i == 0 ? "[" : ", ");
		if (path->parts[i].kind == DDB_PART_INDEX)
			appendStringInfo(&text, "[%d]", path->parts[i].number);
		else
		{
			DdbName		name = ddb_path_part_name(bound, &path->parts[i]);

			appendBinaryStringInfo(&text, name.name, name.len);
		}
	}
	appendStringInfoChar(&text, ']');
	return text.data;
}

static bool
paths_equal(const DdbBoundExpr *bound, const DdbPath *a, const DdbPath *b)
{
	if (a->nparts != b->nparts)
		return false;
	for (int i = 0; i < a->nparts; i++)
	{
		const DdbPathPart *x = &a->parts[i];
		const DdbPathPart *y = &b->parts[i];
		DdbName		m;
		DdbName		n;

		if ((x->kind == DDB_PART_INDEX) != (y->kind == DDB_PART_INDEX))
			return false;
		if (x->kind == DDB_PART_INDEX)
		{
			if (x->number != y->number)
				return false;
			continue;
		}
		m = ddb_path_part_name(bound, x);
		n = ddb_path_part_name(bound, y);
		if (m.len != n.len || memcmp(m.name, n.name, m.len) != 0)
			return false;
	}
	return true;
}

/*
 * check_distinct refuses a first operand that is the same path as another one.
 */
static void
check_distinct(const DdbBoundExpr *bound, const DdbNode *node)
{
	const DdbNode *first = node->args[0];

	if (first->type != DDB_NODE_PATH)
		return;
	for (int i = 1; i < node->nargs; i++)
	{
		if (node->args[i]->type == DDB_NODE_PATH &&
			paths_equal(bound, first->path, node->args[i]->path))
			fail(bound,
				 psprintf("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s",
						  ddb_node_operator_name(node), ddb_path_text(bound, first->path)));
	}
}

/*
 * check_action checks an action of an update: the right side of SET, and that
 * ADD's operand is a number or a set, DELETE's a set.
 */
static void
check_action(const DdbBoundExpr *bound, const DdbAction *action)
{
	DdbType		type;
	int			allowed = SET_TYPES;

	if (action->clause == DDB_CLAUSE_REMOVE)
		return;
	if (action->clause == DDB_CLAUSE_SET)
	{
		check_node(bound, action->operand);
		return;
	}
	if (action->clause == DDB_CLAUSE_ADD)
		allowed |= TYPE_BIT(DDB_N);
	/* AttributeUpdates can append to a list. */
	if (action->clause == DDB_CLAUSE_ADD && bound->expr->legacy)
		allowed |= TYPE_BIT(DDB_L);
	if (static_type(bound, action->operand, &type) && !(allowed & TYPE_BIT(type)))
	{
		const char *clause = action->clause == DDB_CLAUSE_ADD ? "ADD" : "DELETE";

		fail(bound,
			 psprintf("Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND",
					  clause, long_type_names[type], clause));
	}
}
