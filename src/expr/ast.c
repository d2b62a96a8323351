/*
 * ast.c
 *	  Constructors of syntax trees.
 *
 * Everything is palloc'd in CurrentMemoryContext.  A constructor that finds an
 * error which needs no bindings notes it in the DdbExpr instead of raising it:
 * a syntax error further on in the text goes first, and among several the
 * order is fixed (ddb_expr_check_static).  Operators and functions are
 * counted here, whoever builds the tree.
 */
#include "postgres.h"

#include "error.h"
#include "expr/ast.h"

static const struct
{
	const char *name;
	bool		in_update;		/* else in conditions */
	bool		is_condition;	/* gives true or false */
}			functions[] = {
	[DDB_FN_ATTRIBUTE_EXISTS] = {"attribute_exists", false, true},
	[DDB_FN_ATTRIBUTE_NOT_EXISTS] = {"attribute_not_exists", false, true},
	[DDB_FN_ATTRIBUTE_TYPE] = {"attribute_type", false, true},
	[DDB_FN_BEGINS_WITH] = {"begins_with", false, true},
	[DDB_FN_CONTAINS] = {"contains", false, true},
	[DDB_FN_SIZE] = {"size", false, false},
	[DDB_FN_IF_NOT_EXISTS] = {"if_not_exists", true, false},
	[DDB_FN_LIST_APPEND] = {"list_append", true, false},
};

static const char *const clause_names[] = {"SET", "REMOVE", "ADD", "DELETE"};
static const char *const compare_names[] = {"=", "<>", "<", "<=", ">", ">="};

static const struct
{
	const char *parameter;		/* as messages begin */
	const char *article;		/* "a filter", as in "not allowed in a filter expression" */
}			kinds[] = {
	[DDB_EXPR_CONDITION] = {"ConditionExpression", "a condition"},
	[DDB_EXPR_FILTER] = {"FilterExpression", "a filter"},
	[DDB_EXPR_KEY_CONDITION] = {"KeyConditionExpression", "a key condition"},
	[DDB_EXPR_UPDATE] = {"UpdateExpression", "an update"},
	[DDB_EXPR_PROJECTION] = {"ProjectionExpression", "a projection"},
};

const char *
ddb_expr_kind_name(DdbExprKind kind)
{
	return kinds[kind].parameter;
}

const char *
ddb_expr_function_name(DdbFunction function)
{
	return functions[function].name;
}

const char *
ddb_node_operator_name(const DdbNode *node)
{
	switch (node->type)
	{
		case DDB_NODE_FUNCTION:
			return ddb_expr_function_name(node->function);
		case DDB_NODE_PLUS:
			return "+";
		case DDB_NODE_MINUS:
			return "-";
		case DDB_NODE_COMPARE:
			return compare_names[node->op];
		case DDB_NODE_BETWEEN:
			return "BETWEEN";
		case DDB_NODE_IN:
			return "IN";
		case DDB_NODE_AND:
			return "AND";
		case DDB_NODE_OR:
			return "OR";
		case DDB_NODE_NOT:
			return "NOT";
		case DDB_NODE_PATH:
		case DDB_NODE_VALUE:
			break;
	}
	return "";
}

void
ddb_expr_static_error(DdbExpr *expr, DdbStaticError error, const char *message)
{
	if (expr->errors[error] == NULL)
		expr->errors[error] = message;
}

void
ddb_expr_check_static(const DdbExpr *expr)
{
	for (int i = 0; i < DDB_NSTATIC_ERRORS; i++)
	{
		if (expr->errors[i] != NULL)
			ddb_expr_fail(expr, expr->errors[i]);
	}
}

void
ddb_expr_fail(const DdbExpr *expr, const char *message)
{
	if (expr->partiql)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg("%s", message));
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Invalid %s: %s", ddb_expr_kind_name(expr->kind), message));
}

bool
ddb_node_is_condition(const DdbNode *node)
{
	switch (node->type)
	{
		case DDB_NODE_FUNCTION:
			return functions[node->function].is_condition;
		case DDB_NODE_COMPARE:
		case DDB_NODE_BETWEEN:
		case DDB_NODE_IN:
		case DDB_NODE_AND:
		case DDB_NODE_OR:
		case DDB_NODE_NOT:
			return true;
		default:
			return false;
	}
}

DdbExpr *
ddb_expr_create(DdbExprKind kind)
{
	DdbExpr    *expr = palloc0(sizeof(DdbExpr));

	expr->kind = kind;
	return expr;
}

/*
 * grow makes room for one more element in an array of count elements.
 */
static void *
grow(void *array, int count, int *capacity, Size size)
{
	if (count < *capacity)
		return array;
	if (array == NULL)
	{
		*capacity = 4;
		return palloc(*capacity * size);
	}
	*capacity *= 2;
	return repalloc(array, *capacity * size);
}

/*
 * find_slot gives the number of a placeholder among *slots, adding it where it
 * is new.
 */
static int
find_slot(DdbSlot **slots, int *count, int *capacity, const char *key, int len)
{
	for (int i = 0; i < *count; i++)
	{
		if ((*slots)[i].len == len && memcmp((*slots)[i].key, key, len) == 0)
			return i;
	}
	*slots = grow(*slots, *count, capacity, sizeof(DdbSlot));
	(*slots)[*count].key = key;
	(*slots)[*count].len = len;
	return (*count)++;
}

static void
count_operator(DdbExpr *expr)
{
	if (++expr->noperators == DDB_MAX_OPERATORS + 1)
		ddb_expr_static_error(expr, DDB_STATIC_LIMIT,
							  psprintf("The expression contains too many operators; operator count: %d",
									   expr->noperators));
}

/* Paths */

DdbPath *
ddb_path_create(void)
{
	return palloc0(sizeof(DdbPath));
}

/*
 * add_part appends a part.  A path may lead as deep as an item goes; what real
 * DynamoDB says about a deeper one is not known for certain.
 */
static void
add_part(DdbExpr *expr, DdbPath *path, DdbPathPart part)
{
	path->parts = grow(path->parts, path->nparts, &path->capacity,
					   sizeof(DdbPathPart));
	path->parts[path->nparts++] = part;
	if (path->nparts - 1 > DDB_MAX_NESTING)
		ddb_expr_static_error(expr, DDB_STATIC_LIMIT,
							  psprintf("The document path has too many nesting elements; nesting depth: %d",
									   path->nparts - 1));
}

void
ddb_path_add_name(DdbExpr *expr, DdbPath *path, const char *name, int len)
{
	DdbPathPart part = {.kind = DDB_PART_NAME,.name = name,.len = len};

	add_part(expr, path, part);
	if (ddb_expr_is_reserved(name, len))
		ddb_expr_static_error(expr, DDB_STATIC_RESERVED,
							  psprintf("Attribute name is a reserved keyword; reserved keyword: %.*s",
									   len, name));
}

void
ddb_path_add_placeholder(DdbExpr *expr, DdbPath *path, const char *key, int len)
{
	int			slot = find_slot(&expr->names, &expr->nnames,
								 &expr->names_capacity, key, len);
	DdbPathPart part = {.kind = DDB_PART_SLOT,.number = slot};

	add_part(expr, path, part);
}

void
ddb_path_add_index(DdbExpr *expr, DdbPath *path, const char *digits, int len)
{
	DdbPathPart part = {.kind = DDB_PART_INDEX};
	int64		index = 0;

	for (int i = 0; i < len && index <= PG_INT32_MAX; i++)
		index = index * 10 + (digits[i] - '0');
	if (index > PG_INT32_MAX)
	{
		ddb_expr_static_error(expr, DDB_STATIC_LIMIT,
							  psprintf("List index is not within the allowable range; index: [%.*s]",
									   len, digits));
		index = 0;
	}
	part.number = (int) index;
	add_part(expr, path, part);
}

/* Nodes */

static DdbNode *
make_node(DdbNodeType type, int nargs)
{
	DdbNode    *node = palloc0(sizeof(DdbNode));

	node->type = type;
	node->nargs = nargs;
	if (nargs > 0)
		node->args = palloc(nargs * sizeof(DdbNode *));
	return node;
}

DdbNode *
ddb_node_path(DdbPath *path)
{
	DdbNode    *node = make_node(DDB_NODE_PATH, 0);

	node->path = path;
	return node;
}

DdbNode *
ddb_node_value(DdbExpr *expr, const char *key, int len)
{
	DdbNode    *node = make_node(DDB_NODE_VALUE, 0);

	node->slot = find_slot(&expr->values, &expr->nvalues,
						   &expr->values_capacity, key, len);
	return node;
}

DdbNode *
ddb_node_next_value(DdbExpr *expr)
{
	DdbNode    *node = make_node(DDB_NODE_VALUE, 0);

	node->slot = expr->nvalues++;
	return node;
}

/*
 * check_operand notes the misuse of a function that gives true or false where a
 * value is wanted.
 */
static void
check_operand(DdbExpr *expr, const DdbNode *node)
{
	if (node->type == DDB_NODE_FUNCTION && functions[node->function].is_condition)
		ddb_expr_static_error(expr, DDB_STATIC_MISUSE,
							  psprintf("The function is not allowed to be used this way in an expression; function: %s",
									   ddb_expr_function_name(node->function)));
}

/*
 * check_list_operand notes a list_append within a list_append: a list may come from
 * the item, from the request or from if_not_exists.
 */
static void
check_list_operand(DdbExpr *expr, const DdbNode *node, const DdbNode *operand)
{
	if (node->function == DDB_FN_LIST_APPEND && operand->type == DDB_NODE_FUNCTION &&
		operand->function == DDB_FN_LIST_APPEND)
		ddb_expr_static_error(expr, DDB_STATIC_MISUSE,
							  psprintf("The function is not allowed to be used this way in an expression; function: %s",
									   ddb_expr_function_name(operand->function)));
}

/*
 * check_condition notes the misuse of a function that gives a value where a
 * condition is wanted.
 */
static void
check_condition(DdbExpr *expr, const DdbNode *node)
{
	if (node->type == DDB_NODE_FUNCTION && !functions[node->function].is_condition)
		ddb_expr_static_error(expr, DDB_STATIC_MISUSE,
							  psprintf("The function is not allowed to be used this way in an expression; function: %s",
									   ddb_expr_function_name(node->function)));
}

DdbNode *
ddb_node_function(DdbExpr *expr, const char *name, int len, DdbNodeList *args)
{
	DdbNode    *node = make_node(DDB_NODE_FUNCTION, args->count);
	int			i;

	count_operator(expr);
	for (i = 0; i < lengthof(functions); i++)
	{
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			break;
	}
	if (i == lengthof(functions))
	{
		ddb_expr_static_error(expr, DDB_STATIC_FUNCTION,
							  psprintf("Invalid function name; function: %.*s", len, name));
		i = 0;
	}
	else if (functions[i].in_update != (expr->kind == DDB_EXPR_UPDATE))
		ddb_expr_static_error(expr, DDB_STATIC_FUNCTION,
							  psprintf("The function is not allowed in %s expression; function: %.*s",
									   kinds[expr->kind].article, len, name));
	node->function = (DdbFunction) i;
	for (i = 0; i < args->count; i++)
	{
		check_operand(expr, args->nodes[i]);
		check_list_operand(expr, node, args->nodes[i]);
		node->args[i] = args->nodes[i];
	}
	return node;
}

DdbNode *
ddb_node_compare(DdbExpr *expr, DdbCompareOp op, DdbNode *left, DdbNode *right)
{
	DdbNode    *node = make_node(DDB_NODE_COMPARE, 2);

	count_operator(expr);
	check_operand(expr, left);
	check_operand(expr, right);
	node->op = op;
	node->args[0] = left;
	node->args[1] = right;
	return node;
}

DdbNode *
ddb_node_between(DdbExpr *expr, DdbNode *operand, DdbNode *low, DdbNode *high)
{
	DdbNode    *node = make_node(DDB_NODE_BETWEEN, 3);

	count_operator(expr);
	check_operand(expr, operand);
	check_operand(expr, low);
	check_operand(expr, high);
	node->args[0] = operand;
	node->args[1] = low;
	node->args[2] = high;
	return node;
}

DdbNode *
ddb_node_in(DdbExpr *expr, DdbNode *operand, DdbNodeList *list)
{
	DdbNode    *node = make_node(DDB_NODE_IN, list->count + 1);

	count_operator(expr);
	check_operand(expr, operand);
	if (list->count > DDB_MAX_IN_OPERANDS)
		ddb_expr_static_error(expr, DDB_STATIC_LIMIT,
							  psprintf("The IN operator is provided with too many operands; number of operands: %d",
									   list->count));
	node->args[0] = operand;
	for (int i = 0; i < list->count; i++)
	{
		check_operand(expr, list->nodes[i]);
		node->args[i + 1] = list->nodes[i];
	}
	return node;
}

DdbNode *
ddb_node_operator(DdbExpr *expr, DdbNodeType type, DdbNode *left, DdbNode *right)
{
	DdbNode    *node = make_node(type, right == NULL ? 1 : 2);
	bool		logical = type == DDB_NODE_AND || type == DDB_NODE_OR || type == DDB_NODE_NOT;

	count_operator(expr);
	node->args[0] = left;
	if (right != NULL)
		node->args[1] = right;
	for (int i = 0; i < node->nargs; i++)
	{
		if (logical)
			check_condition(expr, node->args[i]);
		else
			check_operand(expr, node->args[i]);
	}
	return node;
}

DdbNodeList *
ddb_node_list_append(DdbNodeList *list, DdbNode *node)
{
	if (list == NULL)
		list = palloc0(sizeof(DdbNodeList));
	list->nodes = grow(list->nodes, list->count, &list->capacity, sizeof(DdbNode *));
	list->nodes[list->count++] = node;
	return list;
}

/* Whole expressions */

void
ddb_expr_set_condition(DdbExpr *expr, DdbNode *condition)
{
	check_condition(expr, condition);
	expr->condition = condition;
}

void
ddb_expr_begin_clause(DdbExpr *expr, DdbClause clause)
{
	if (expr->clause_seen[clause])
		ddb_expr_static_error(expr, DDB_STATIC_CLAUSE,
							  psprintf("The \"%s\" section can only be used once in an update expression;",
									   clause_names[clause]));
	expr->clause_seen[clause] = true;
}

void
ddb_expr_add_action(DdbExpr *expr, DdbClause clause, DdbPath *path, DdbNode *operand)
{
	DdbAction  *action;

	expr->actions = grow(expr->actions, expr->nactions, &expr->actions_capacity,
						 sizeof(DdbAction));
	action = &expr->actions[expr->nactions++];
	action->clause = clause;
	action->path = path;
	action->operand = operand;
}

void
ddb_expr_add_path(DdbExpr *expr, DdbPath *path)
{
	expr->paths = grow(expr->paths, expr->npaths, &expr->paths_capacity,
					   sizeof(DdbPath *));
	expr->paths[expr->npaths++] = path;
}
