/*
 * projection.c
 *	  Projections: a part of an item.
 */
#include "postgres.h"

#include "expr/ast.h"

/*
 * ddb_projection_apply gives the projected item: nested paths as one skeleton of
 * maps and lists, elements of a list moved together; {} when nothing is left.
 */
Jsonb *
ddb_projection_apply(const DdbBoundExpr *projection, Jsonb *item)
{
	bool		empty;

	return ddb_path_tree_project(projection->tree, item, &empty);
}
