/*
 * projection.c
 *	  Projections: a part of an item.
 */
#include "postgres.h"

#include "expr/ast.h"

Jsonb *
ddb_projection_apply(const DdbBoundExpr *projection, Jsonb *item)
{
	bool		empty;

	return ddb_path_tree_project(projection->tree, item, &empty);
}
