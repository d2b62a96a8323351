/*
 * pathtree.c
 *	  The paths of an update or a projection, merged into one tree.
 *
 * Merging is also where overlapping and conflicting paths come to light: a path
 * that ends inside another one (overlap), or that takes for a map what another
 * one takes for a list (conflict).  So in a finished tree a node is either a
 * leaf, where a path ends, or has children of one sort.
 *
 * List indexes are those of the item as it was, in ascending order.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "error.h"
#include "expr/ast.h"

static void add_path(const DdbBoundExpr *bound, DdbPathTree *root, int number);
static bool project_node(const DdbPathTree *node, const DdbValue *value, DdbValue *out);

static const DdbPath *
get_path(const DdbExpr *expr, int number)
{
	return expr->kind == DDB_EXPR_UPDATE ? expr->actions[number].path : expr->paths[number];
}

DdbPathTree *
ddb_path_tree_build(const DdbBoundExpr *bound)
{
	const DdbExpr *expr = bound->expr;
	DdbPathTree *root = palloc0(sizeof(DdbPathTree));
	int			n = expr->kind == DDB_EXPR_UPDATE ? expr->nactions : expr->npaths;

	root->leaf = -1;
	for (int i = 0; i < n; i++)
		add_path(bound, root, i);
	return root;
}

/*
 * first_leaf finds the first path, in the order written, at or below node.
 */
static int
first_leaf(const DdbPathTree *node)
{
	int			first = node->leaf;

	for (int i = 0; i < node->nchildren; i++)
	{
		int			leaf = first_leaf(node->children[i]);

		if (first < 0 || leaf < first)
			first = leaf;
	}
	return first;
}

/*
 * refuse_paths raises the error for path number and one before it, which ends at
 * or below node.
 */
static void
refuse_paths(const DdbBoundExpr *bound, const char *verb, const DdbPathTree *node,
			 int number)
{
	const DdbExpr *expr = bound->expr;

	ddb_expr_fail(expr,
				  psprintf("Two document paths %s with each other; must remove or rewrite one of these paths; path one: %s, path two: %s",
						   verb, ddb_path_text(bound, get_path(expr, first_leaf(node))),
						   ddb_path_text(bound, get_path(expr, number))));
}

/*
 * insert_child adds an empty child at position at.
 */
static DdbPathTree *
insert_child(DdbPathTree *node, int at)
{
	DdbPathTree *child = palloc0(sizeof(DdbPathTree));

	child->leaf = -1;
	if (node->nchildren == node->capacity)
	{
		node->capacity = node->capacity == 0 ? 4 : 2 * node->capacity;
		if (node->children == NULL)
			node->children = palloc(node->capacity * sizeof(DdbPathTree *));
		else
			node->children = repalloc(node->children,
									  node->capacity * sizeof(DdbPathTree *));
	}
	memmove(&node->children[at + 1], &node->children[at],
			(node->nchildren - at) * sizeof(DdbPathTree *));
	node->children[at] = child;
	node->nchildren++;
	return child;
}

/*
 * descend_index finds or adds the child for a list index.
 */
static DdbPathTree *
descend_index(DdbPathTree *node, int index)
{
	DdbPathTree *child;
	int			at = 0;

	while (at < node->nchildren && node->children[at]->index < index)
		at++;
	if (at < node->nchildren && node->children[at]->index == index)
		return node->children[at];
	child = insert_child(node, at);
	child->is_index = true;
	child->index = index;
	return child;
}

/*
 * descend_name finds or adds the child for a map's member.
 */
static DdbPathTree *
descend_name(DdbPathTree *node, DdbName name)
{
	DdbPathTree *child;
	int			low = 0;
	int			high = node->nchildren;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order;

		child = node->children[middle];
		order = ddb_name_compare(name.name, name.len, child->name.name, child->name.len);
		if (order == 0)
			return child;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	child = insert_child(node, low);
	child->name = name;
	return child;
}

/*
 * add_path adds path number to the tree, or raises the error for one that
 * overlaps or conflicts with a path before it.
 */
static void
add_path(const DdbBoundExpr *bound, DdbPathTree *root, int number)
{
	const DdbPath *path = get_path(bound->expr, number);
	DdbPathTree *node = root;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < path->nparts; i++)
	{
		const DdbPathPart *part = &path->parts[i];
		bool		is_index = part->kind == DDB_PART_INDEX;

		if (node->leaf >= 0)
			refuse_paths(bound, "overlap", node, number);
		if (node->nchildren > 0 && node->children[0]->is_index != is_index)
			refuse_paths(bound, "conflict", node, number);
		if (is_index)
			node = descend_index(node, part->number);
		else
			node = descend_name(node, ddb_path_part_name(bound, part));
	}
	if (node->leaf >= 0 || node->nchildren > 0)
		refuse_paths(bound, "overlap", node, number);
	node->leaf = number;
}

/*
 * project_map gives the members of a map that node's children name.
 */
static void
project_map(const DdbPathTree *node, const DdbValue *map, DdbValue *out)
{
	out->attributes = palloc(node->nchildren * sizeof(DdbAttribute));
	for (int i = 0; i < node->nchildren; i++)
	{
		const DdbPathTree *child = node->children[i];
		DdbAttribute *attribute = &out->attributes[out->len];
		DdbValue	member;

		if (!ddb_map_lookup(map, child->name.name, child->name.len, &member) ||
			!project_node(child, &member, &attribute->value))
			continue;
		attribute->name = child->name.name;
		attribute->name_len = child->name.len;
		out->len++;
	}
}

/*
 * project_list gives the elements of a list that node's children name, in their
 * order and without gaps.
 */
static void
project_list(const DdbPathTree *node, const DdbValue *list, DdbValue *out)
{
	out->elements = palloc(node->nchildren * sizeof(DdbValue));
	for (int i = 0; i < node->nchildren; i++)
	{
		const DdbPathTree *child = node->children[i];
		DdbValue	member;

		if (ddb_list_lookup(list, child->index, &member) &&
			project_node(child, &member, &out->elements[out->len]))
			out->len++;
	}
}

/*
 * project_node gives what is left of value when only the paths below node count;
 * false when that is nothing.
 */
static bool
project_node(const DdbPathTree *node, const DdbValue *value, DdbValue *out)
{
	bool		is_index;

	if (node->leaf >= 0)
	{
		*out = *value;
		return true;
	}
	check_stack_depth();
	memset(out, 0, sizeof(*out));
	out->type = value->type;
	is_index = node->nchildren > 0 && node->children[0]->is_index;
	if (value->type == DDB_M && !is_index)
		project_map(node, value, out);
	else if (value->type == DDB_L && is_index)
		project_list(node, value, out);
	return out->len > 0;
}

Jsonb *
ddb_path_tree_project(const DdbPathTree *tree, Jsonb *item, bool *empty)
{
	DdbValue	whole;
	DdbValue	part;

	ddb_item_view(item, &whole);
	*empty = !project_node(tree, &whole, &part);
	return ddb_item_from_value(&part);
}
