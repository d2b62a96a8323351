/*
 * keycond.c
 *	  Key conditions: a list of terms "attribute operator value".
 *
 * The language of KeyConditionExpression is a part of that of conditions, and
 * what it leaves out is refused here in the words of real DynamoDB, which for
 * these errors don't begin with "Invalid KeyConditionExpression: ".
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "error.h"
#include "expr/ast.h"

typedef struct TermList
{
	const DdbBoundExpr *bound;
	DdbKeyTerm *terms;
	int			count;
	int			room;
} TermList;

/*
 * refuse_operator raises the error for an operator that key conditions lack.
 */
static void
refuse_operator(const DdbNode *node)
{
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Invalid operator used in KeyConditionExpression: %s",
				   ddb_node_operator_name(node)));
}

/*
 * find_attribute gives the position of node's one operand that is a path; the
 * others must be values.
 */
static int
find_attribute(const DdbNode *node)
{
	int			position = -1;

	for (int i = 0; i < node->nargs; i++)
	{
		const DdbNode *operand = node->args[i];

		if (operand->type == DDB_NODE_FUNCTION)
			ereport(ERROR,
					ddb_errcode_parameters(),
					errmsg("KeyConditionExpressions cannot contain nested operations"));
		if (operand->type != DDB_NODE_PATH)
			continue;
		if (position >= 0)
			ereport(ERROR,
					ddb_errcode_parameters(),
					errmsg("Invalid condition in KeyConditionExpression: multiple attribute names used in one condition"));
		if (operand->path->nparts > 1)
			ereport(ERROR,
					ddb_errcode_parameters(),
					errmsg("KeyConditionExpressions cannot have conditions on nested attributes"));
		position = i;
	}
	if (position < 0)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("Invalid condition in KeyConditionExpression: No key attribute specified"));
	if (position > 0 && node->type != DDB_NODE_COMPARE)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand",
					   ddb_node_operator_name(node)));
	return position;
}

/*
 * key_operator translates node's operator; reversed is for "value op
 * attribute".
 */
static DdbKeyOp
key_operator(const DdbNode *node, bool reversed)
{
	if (node->type == DDB_NODE_BETWEEN)
		return DDB_KEY_BETWEEN;
	if (node->type == DDB_NODE_FUNCTION && node->function == DDB_FN_BEGINS_WITH)
		return DDB_KEY_BEGINS_WITH;
	if (node->type == DDB_NODE_COMPARE)
	{
		switch (node->op)
		{
			case DDB_COMPARE_EQ:
				return DDB_KEY_EQ;
			case DDB_COMPARE_LT:
				return reversed ? DDB_KEY_GT : DDB_KEY_LT;
			case DDB_COMPARE_LE:
				return reversed ? DDB_KEY_GE : DDB_KEY_LE;
			case DDB_COMPARE_GT:
				return reversed ? DDB_KEY_LT : DDB_KEY_GT;
			case DDB_COMPARE_GE:
				return reversed ? DDB_KEY_LE : DDB_KEY_GE;
			case DDB_COMPARE_NE:
				break;
		}
	}
	refuse_operator(node);
	return DDB_KEY_EQ;			/* keep compiler quiet */
}

static void
add_term(TermList *list, const DdbNode *node)
{
	DdbKeyOp	op = key_operator(node, false);
	int			position = find_attribute(node);
	const DdbNode **values = (const DdbNode **) node->args;
	DdbName		name = ddb_path_part_name(list->bound, &node->args[position]->path->parts[0]);
	DdbKeyTerm *term;

	for (int i = 0; i < list->count; i++)
	{
		if (list->terms[i].name_len == name.len &&
			memcmp(list->terms[i].name, name.name, name.len) == 0)
			ereport(ERROR,
					ddb_errcode_parameters(),
					errmsg("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"));
	}
	if (list->count == list->room)
	{
		list->room *= 2;
		list->terms = repalloc(list->terms, list->room * sizeof(DdbKeyTerm));
	}

	if (position > 0)
		op = key_operator(node, true);
	term = &list->terms[list->count++];
	memset(term, 0, sizeof(*term));
	term->name = name.name;
	term->name_len = name.len;
	term->op = op;
	term->a = *list->bound->values[values[position == 0 ? 1 : 0]->slot];
	if (op == DDB_KEY_BETWEEN)
		term->b = *list->bound->values[values[2]->slot];
}

static void
add_terms(TermList *list, const DdbNode *node)
{
	check_stack_depth();
	if (node->type == DDB_NODE_AND)
	{
		add_terms(list, node->args[0]);
		add_terms(list, node->args[1]);
		return;
	}
	add_term(list, node);
}

int
ddb_key_condition_terms(const DdbBoundExpr *cond, DdbKeyTerm **terms)
{
	TermList	list = {.bound = cond,.room = DDB_MAX_KEY_TERMS};

	list.terms = palloc_array(DdbKeyTerm, list.room);
	add_terms(&list, cond->expr->condition);
	*terms = list.terms;
	return list.count;
}
