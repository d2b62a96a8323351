/*
 * update_target.c
 *	  What an update aims at and what its statement counts for, without an item.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "expr/ast.h"

DdbTouch
ddb_update_touches(const DdbBoundExpr *update, const char *name, int len,
				   const DdbValue **value)
{
	const DdbExpr *expr = update->expr;

	for (int i = 0; i < expr->nactions; i++)
	{
		const DdbAction *action = &expr->actions[i];
		DdbName		target = ddb_path_part_name(update, &action->path->parts[0]);

		if (target.len != len || memcmp(target.name, name, len) != 0)
			continue;
		if (action->clause != DDB_CLAUSE_SET || action->path->nparts > 1 ||
			action->operand->type != DDB_NODE_VALUE)
			return DDB_TOUCH_COMPUTED;
		*value = update->values[action->operand->slot];
		return DDB_TOUCH_GIVEN;
	}
	return DDB_TOUCH_NOT;
}

bool
ddb_update_only_removes(const DdbBoundExpr *update)
{
	for (int i = 0; i < update->expr->nactions; i++)
	{
		DdbClause	clause = update->expr->actions[i].clause;

		if (clause != DDB_CLAUSE_REMOVE && clause != DDB_CLAUSE_DELETE)
			return false;
	}
	return true;
}

/*
 * path_charge counts the elements of a path: bytes of a name, digits of an index, and
 * so much for each.
 */
static int64
path_charge(const DdbBoundExpr *update, const DdbPath *path, int each)
{
	int64		charge = 0;

	for (int i = 0; i < path->nparts; i++)
	{
		const DdbPathPart *part = &path->parts[i];

		charge += each;
		if (part->kind == DDB_PART_INDEX)
			charge += snprintf(NULL, 0, "%d", part->number);
		else
		{
			DdbName		name = ddb_path_part_name(update, part);

			charge += ddb_text_length(name.name, name.len);
		}
	}
	return charge;
}

/*
 * operand_charge counts an operand: a value by its size as often as it is used, a path by
 * its text and not by what is there, operators and functions so much each.
 */
static int64
operand_charge(const DdbBoundExpr *update, const DdbNode *node)
{
	int64		charge = 0;

	check_stack_depth();
	switch (node->type)
	{
		case DDB_NODE_VALUE:
			return ddb_value_size(update->values[node->slot]);
		case DDB_NODE_PATH:
			return 1 + path_charge(update, node->path, 14);
		case DDB_NODE_PLUS:
			charge = 34;
			break;
		case DDB_NODE_FUNCTION:
			charge = node->function == DDB_FN_IF_NOT_EXISTS ? 39 : 37;
			break;
		default:
			charge = 37;		/* DDB_NODE_MINUS */
			break;
	}
	for (int i = 0; i < node->nargs; i++)
		charge += operand_charge(update, node->args[i]);
	return charge;
}

int64
ddb_update_charge(const DdbBoundExpr *update)
{
	int64		charge = 3;

	for (int i = 0; i < update->expr->nactions; i++)
	{
		const DdbAction *action = &update->expr->actions[i];

		charge += path_charge(update, action->path, 4) - 4;
		if (action->clause == DDB_CLAUSE_REMOVE || action->clause == DDB_CLAUSE_DELETE)
			charge += 1;
		else
			charge += 19 + operand_charge(update, action->operand);
	}
	return charge;
}
