/*
 * update.c
 *	  Evaluation of update expressions.
 *
 * An update runs in two steps.  First each action's result is computed from the
 * base item alone, so that the order of actions never matters; then the
 * results are written into a copy along the tree of paths.  Attributes and members
 * that no path touches stay in their stored form ("raw") all the way.
 *
 * A path's parent must exist in the base item and be a map or a list as the
 * path says; since paths never overlap, no other action can have made it.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "error.h"
#include "expr/ast.h"

#define INVALID_PATH_MESSAGE \
	"The document path provided in the update expression is invalid for update"

typedef enum ResultKind
{
	RESULT_KEEP,				/* nothing changes at the path */
	RESULT_SET,
	RESULT_REMOVE
} ResultKind;

typedef struct Result
{
	ResultKind	kind;
	DdbValue	value;			/* RESULT_SET */
} Result;

static void eval_action(const DdbBoundExpr *update, const DdbAction *action,
						JsonbContainer *base, Result *result);
static void eval_operand(const DdbBoundExpr *update, const DdbNode *node,
						 JsonbContainer *base, DdbValue *out);
static void write_children(const DdbPathTree *node, DdbValue *value, const Result *results);

/*
 * refuse_type raises the error for an operand, or what it meets in the item, of
 * the wrong type; AttributeUpdates have words of their own for it.
 */
static void
refuse_type(const DdbBoundExpr *update)
{
	ereport(ERROR,
			ddb_errcode(DDB_VALIDATION),
			update->expr->legacy ?
			errmsg("Type mismatch for attribute to update") :
			errmsg("An operand in the update expression has an incorrect data type"));
}

Jsonb *
ddb_update_apply(const DdbBoundExpr *update, Jsonb *base)
{
	const DdbExpr *expr = update->expr;
	Result	   *results = palloc(expr->nactions * sizeof(Result));
	DdbValue	item;

	for (int i = 0; i < expr->nactions; i++)
		eval_action(update, &expr->actions[i], &base->root, &results[i]);
	ddb_item_view(base, &item);
	write_children(update->tree, &item, results);
	return ddb_item_from_value(&item);
}

Jsonb *
ddb_update_project(const DdbBoundExpr *update, Jsonb *item)
{
	bool		empty;
	Jsonb	   *part = ddb_path_tree_project(update->tree, item, &empty);

	return empty ? NULL : part;
}

/* First step: results */

/*
 * check_parent raises the error for a path that leads nowhere in the base item:
 * all but its last part must be there, as maps and lists.
 */
static void
check_parent(const DdbBoundExpr *update, const DdbPath *path, JsonbContainer *base)
{
	DdbPath		parent = *path;
	DdbValue	container;
	DdbType		wanted;

	if (path->nparts == 1)
		return;
	wanted = path->parts[path->nparts - 1].kind == DDB_PART_INDEX ? DDB_L : DDB_M;
	parent.nparts--;
	if (!ddb_path_lookup(update, &parent, base, &container) || container.type != wanted)
		ereport(ERROR,
				ddb_errcode(DDB_VALIDATION),
				errmsg(INVALID_PATH_MESSAGE));
}

static bool
is_set(const DdbValue *value)
{
	return value->type == DDB_SS || value->type == DDB_NS || value->type == DDB_BS;
}

/*
 * compare_members orders members of sets of one type, for looking up equal ones.
 */
static int
compare_members(const void *a, const void *b)
{
	const DdbValue *x = a;
	const DdbValue *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->data, y->data, x->len);
}

/*
 * append_missing appends to out those of the count members that set lacks.  set is
 * expanded.
 */
static void
append_missing(DdbValue *out, const DdbValue *members, int count, const DdbValue *set)
{
	DdbValue   *sorted = palloc(((Size) set->len + 1) * sizeof(DdbValue));

	if (set->len > 0)
		memcpy(sorted, set->elements, set->len * sizeof(DdbValue));
	qsort(sorted, set->len, sizeof(DdbValue), compare_members);
	for (int i = 0; i < count; i++)
	{
		if (bsearch(&members[i], sorted, set->len, sizeof(DdbValue), compare_members) == NULL)
			out->elements[out->len++] = members[i];
	}
	pfree(sorted);
}

/*
 * add_sets gives the union.
 */
static void
add_sets(const DdbValue *a, const DdbValue *b, DdbValue *out)
{
	DdbValue	left = *a;
	DdbValue	right = *b;

	ddb_value_expand(&left);
	ddb_value_expand(&right);
	*out = left;
	out->elements = palloc(((Size) left.len + right.len) * sizeof(DdbValue));
	memcpy(out->elements, left.elements, left.len * sizeof(DdbValue));
	append_missing(out, right.elements, right.len, &left);
	(void) ddb_set_sort(out->elements, out->len);
}

/*
 * subtract_sets gives the members of a that b lacks.
 */
static void
subtract_sets(const DdbValue *a, const DdbValue *b, DdbValue *out)
{
	DdbValue	left = *a;
	DdbValue	right = *b;

	ddb_value_expand(&left);
	ddb_value_expand(&right);
	*out = left;
	out->len = 0;
	out->elements = palloc((Size) left.len * sizeof(DdbValue));
	append_missing(out, left.elements, left.len, &right);
	(void) ddb_set_sort(out->elements, out->len);
}

/*
 * append_lists gives the elements of a, then those of b.
 */
static void
append_lists(const DdbValue *a, const DdbValue *b, DdbValue *out)
{
	DdbValue	left = *a;
	DdbValue	right = *b;

	ddb_value_expand(&left);
	ddb_value_expand(&right);
	*out = left;
	out->len = left.len + right.len;
	out->elements = palloc(((Size) out->len + 1) * sizeof(DdbValue));
	memcpy(out->elements, left.elements, left.len * sizeof(DdbValue));
	memcpy(out->elements + left.len, right.elements, right.len * sizeof(DdbValue));
}

/*
 * eval_add computes ADD: a sum or a union (of lists, which AttributeUpdates alone
 * can add: one after the other), or the operand where there is nothing yet.
 */
static void
eval_add(const DdbBoundExpr *update, const DdbValue *old, const DdbValue *operand,
		 Result *result)
{
	result->kind = RESULT_SET;
	if (old == NULL)
		result->value = *operand;
	else if (old->type != operand->type)
		refuse_type(update);
	else if (is_set(operand))
		add_sets(old, operand, &result->value);
	else if (operand->type == DDB_L)
		append_lists(old, operand, &result->value);
	else
		ddb_number_add(old, operand, false, &result->value);
}

/*
 * eval_delete computes DELETE: a difference, and no attribute where nothing is
 * left of the set.
 */
static void
eval_delete(const DdbBoundExpr *update, const DdbValue *old, const DdbValue *operand,
			Result *result)
{
	result->kind = RESULT_KEEP;
	if (old == NULL)
		return;
	if (old->type != operand->type)
		refuse_type(update);
	subtract_sets(old, operand, &result->value);
	result->kind = result->value.len > 0 ? RESULT_SET : RESULT_REMOVE;
}

/*
 * check_nesting holds the value that an action sets to the depth which its path
 * leaves.  A value at the top was checked when it came in.
 */
static void
check_nesting(const DdbBoundExpr *update, const DdbPath *path, const DdbValue *value)
{
	if (path->nparts > 1 &&
		path->nparts - 1 + ddb_value_nesting(value) > DDB_MAX_NESTING)
		ereport(ERROR,
				ddb_errcode(DDB_VALIDATION),
				update->expr->partiql ? errmsg("Nesting Levels have exceeded supported limits") :
				errmsg(DDB_NESTING_MESSAGE));
}

static void
eval_action(const DdbBoundExpr *update, const DdbAction *action,
			JsonbContainer *base, Result *result)
{
	DdbValue	operand;
	DdbValue	old;
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (action->clause == DDB_CLAUSE_SET)
	{
		eval_operand(update, action->operand, base, &result->value);
		check_parent(update, action->path, base);
		result->kind = RESULT_SET;
	}
	else if (action->clause == DDB_CLAUSE_REMOVE)
	{
		check_parent(update, action->path, base);
		result->kind = RESULT_REMOVE;
	}
	else
	{
		eval_operand(update, action->operand, base, &operand);
		check_parent(update, action->path, base);
		found = ddb_path_lookup(update, action->path, base, &old);
		if (action->clause == DDB_CLAUSE_ADD)
			eval_add(update, found ? &old : NULL, &operand, result);
		else
			eval_delete(update, found ? &old : NULL, &operand, result);
	}
	if (result->kind == RESULT_SET)
		check_nesting(update, action->path, &result->value);
}

/*
 * eval_operand computes the right side of SET, or a part of it, from the base
 * item.
 */
static void
eval_operand(const DdbBoundExpr *update, const DdbNode *node,
			 JsonbContainer *base, DdbValue *out)
{
	DdbValue	a;
	DdbValue	b;

	check_stack_depth();
	if (node->type == DDB_NODE_VALUE)
	{
		*out = *update->values[node->slot];
		return;
	}
	if (node->type == DDB_NODE_PATH)
	{
		if (!ddb_path_lookup(update, node->path, base, out))
			ereport(ERROR,
					ddb_errcode(DDB_VALIDATION),
					errmsg("The provided expression refers to an attribute that does not exist in the item"));
		return;
	}
	if (node->type == DDB_NODE_FUNCTION && node->function == DDB_FN_IF_NOT_EXISTS)
	{
		if (!ddb_path_lookup(update, node->args[0]->path, base, out))
			eval_operand(update, node->args[1], base, out);
		return;
	}
	eval_operand(update, node->args[0], base, &a);
	eval_operand(update, node->args[1], base, &b);
	if (node->type == DDB_NODE_FUNCTION)
	{
		if (a.type != DDB_L || b.type != DDB_L)
			refuse_type(update);
		append_lists(&a, &b, out);
	}
	else
	{
		if (a.type != DDB_N || b.type != DDB_N)
			refuse_type(update);
		ddb_number_add(&a, &b, node->type == DDB_NODE_MINUS, out);
	}
}

/* Second step: the new item */

static int
compare_attributes(const void *a, const void *b)
{
	const DdbAttribute *x = *(DdbAttribute *const *) a;
	const DdbAttribute *y = *(DdbAttribute *const *) b;

	return ddb_name_compare(x->name, x->name_len, y->name, y->name_len);
}

/*
 * sort_attributes gives pointers to the attributes in jsonb's order of keys, which
 * is mostly the one they have.
 */
static DdbAttribute **
sort_attributes(DdbAttribute *attributes, int n)
{
	DdbAttribute **sorted = palloc(((Size) n + 1) * sizeof(DdbAttribute *));

	for (int i = 0; i < n; i++)
		sorted[i] = &attributes[i];
	qsort(sorted, n, sizeof(DdbAttribute *), compare_attributes);
	return sorted;
}

/*
 * write_map writes the results below node into an expanded map: a walk along
 * both lists of names, which have one order.
 */
static void
write_map(const DdbPathTree *node, DdbValue *map, const Result *results)
{
	DdbAttribute *attributes = palloc(((Size) map->len + node->nchildren) * sizeof(DdbAttribute));
	DdbAttribute **sorted = sort_attributes(map->attributes, map->len);
	int			next = 0;		/* in sorted */
	int			count = 0;

	for (int i = 0; i < node->nchildren; i++)
	{
		const DdbPathTree *child = node->children[i];
		const Result *result = child->leaf >= 0 ? &results[child->leaf] : NULL;
		int			order = -1;

		while (next < map->len &&
			   (order = ddb_name_compare(child->name.name, child->name.len,
										 sorted[next]->name, sorted[next]->name_len)) > 0)
			attributes[count++] = *sorted[next++];
		if (next == map->len || order != 0)
		{
			Assert(result != NULL);
			if (result->kind == RESULT_SET)
			{
				attributes[count].name = child->name.name;
				attributes[count].name_len = child->name.len;
				attributes[count++].value = result->value;
			}
			continue;
		}
		attributes[count] = *sorted[next++];
		if (result == NULL)
			write_children(child, &attributes[count].value, results);
		else if (result->kind == RESULT_SET)
			attributes[count].value = result->value;
		if (result == NULL || result->kind != RESULT_REMOVE)
			count++;
	}
	while (next < map->len)
		attributes[count++] = *sorted[next++];
	map->attributes = attributes;
	map->len = count;
}

/*
 * write_list writes the results below node into an expanded list.  Indexes mean
 * the list as it was; what is set beyond its end is appended in their order.
 */
static void
write_list(const DdbPathTree *node, DdbValue *list, const Result *results)
{
	DdbValue   *elements = palloc(((Size) list->len + node->nchildren) * sizeof(DdbValue));
	int			count = 0;
	int			next = 0;		/* of the old list */

	for (int i = 0; i < node->nchildren; i++)
	{
		const DdbPathTree *child = node->children[i];
		const Result *result = child->leaf >= 0 ? &results[child->leaf] : NULL;
		bool		exists = child->index < list->len;

		while (next < Min(child->index, list->len))
			elements[count++] = list->elements[next++];
		if (result == NULL)
		{
			Assert(exists);
			elements[count] = list->elements[next++];
			write_children(child, &elements[count++], results);
		}
		else if (result->kind == RESULT_SET)
		{
			elements[count++] = result->value;
			next += exists;
		}
		else if (result->kind == RESULT_REMOVE)
			next += exists;
	}
	while (next < list->len)
		elements[count++] = list->elements[next++];
	list->elements = elements;
	list->len = count;
}

/*
 * write_children writes the results below node into value, whose type
 * check_parent has seen to.
 */
static void
write_children(const DdbPathTree *node, DdbValue *value, const Result *results)
{
	check_stack_depth();
	ddb_value_expand(value);
	if (value->type == DDB_M)
		write_map(node, value, results);
	else
		write_list(node, value, results);
}
