/*
 * ast.h
 *	  Syntax trees of expressions, and what the files of this folder share.
 *
 * A tree is immutable once built and belongs to the memory context it was built
 * in; the constructors palloc in CurrentMemoryContext.  Placeholders are slots:
 * the tree holds the slot's number, and binding fills one array of names and one
 * of values.  So a tree can serve several bindings at a time.
 *
 * The constructors are not the grammar's alone: a translator of the legacy
 * parameters (Expected, AttributeUpdates, QueryFilter) builds the same trees
 * with ddb_expr_create() and the ddb_node_ functions, in that order of calls.
 * Its values have slots without keys (ddb_node_next_value, ddb_expr_bind_values),
 * and what the constructors note as errors of syntax does not concern it.  The
 * same goes for PartiQL's statements.
 */
#ifndef DDB_EXPR_AST_H
#define DDB_EXPR_AST_H

#include "compat.h"
#include "expr/expr.h"

/* Limits; see "Expression parameters" in the developer guide's quotas. */
#define DDB_MAX_EXPRESSION_SIZE 4096	/* bytes */
#define DDB_MAX_OPERATORS		300
#define DDB_MAX_IN_OPERANDS		100
#define DDB_MAX_PLACEHOLDER		255 /* bytes, sigil included */
#define DDB_MAX_BINDINGS_SIZE	(2 * 1024 * 1024)	/* bytes, names and values */

typedef enum DdbPartKind
{
	DDB_PART_NAME,				/* bare attribute name */
	DDB_PART_SLOT,				/* #placeholder */
	DDB_PART_INDEX				/* [n] */
} DdbPartKind;

typedef struct DdbPathPart
{
	DdbPartKind kind;
	int			number;			/* slot or index */
	const char *name;			/* DDB_PART_NAME */
	int			len;
} DdbPathPart;

typedef struct DdbPath
{
	int			nparts;
	int			capacity;
	DdbPathPart *parts;			/* the first is never an index */
} DdbPath;

typedef enum DdbNodeType
{
	/* operands */
	DDB_NODE_PATH,
	DDB_NODE_VALUE,				/* :placeholder */
	DDB_NODE_FUNCTION,			/* some are conditions */
	DDB_NODE_PLUS,				/* update expressions only */
	DDB_NODE_MINUS,
	/* conditions */
	DDB_NODE_COMPARE,
	DDB_NODE_BETWEEN,
	DDB_NODE_IN,
	DDB_NODE_AND,
	DDB_NODE_OR,
	DDB_NODE_NOT
} DdbNodeType;

typedef enum DdbCompareOp
{
	DDB_COMPARE_EQ,
	DDB_COMPARE_NE,
	DDB_COMPARE_LT,
	DDB_COMPARE_LE,
	DDB_COMPARE_GT,
	DDB_COMPARE_GE
} DdbCompareOp;

typedef enum DdbFunction
{
	DDB_FN_ATTRIBUTE_EXISTS,
	DDB_FN_ATTRIBUTE_NOT_EXISTS,
	DDB_FN_ATTRIBUTE_TYPE,
	DDB_FN_BEGINS_WITH,
	DDB_FN_CONTAINS,
	DDB_FN_SIZE,
	DDB_FN_IF_NOT_EXISTS,
	DDB_FN_LIST_APPEND
} DdbFunction;

typedef struct DdbNode
{
	DdbNodeType type;
	DdbCompareOp op;			/* DDB_NODE_COMPARE */
	DdbFunction function;		/* DDB_NODE_FUNCTION */
	int			slot;			/* DDB_NODE_VALUE */
	DdbPath    *path;			/* DDB_NODE_PATH */
	int			nargs;			/* operands: BETWEEN and IN have theirs first */
	struct DdbNode **args;
} DdbNode;

/* Lists of the grammar, grown by appending. */
typedef struct DdbNodeList
{
	int			count;
	int			capacity;
	DdbNode   **nodes;
} DdbNodeList;

typedef enum DdbClause
{
	DDB_CLAUSE_SET,
	DDB_CLAUSE_REMOVE,
	DDB_CLAUSE_ADD,
	DDB_CLAUSE_DELETE
} DdbClause;

#define DDB_NCLAUSES 4

typedef struct DdbAction
{
	DdbClause	clause;
	DdbPath    *path;
	DdbNode    *operand;		/* NULL for REMOVE */
} DdbAction;

typedef struct DdbSlot
{
	const char *key;			/* "#n" or ":v" */
	int			len;
} DdbSlot;

/* Errors that need no bindings; where there are several, the first of this order is raised. */
typedef enum DdbStaticError
{
	DDB_STATIC_LIMIT,
	DDB_STATIC_PARENS,
	DDB_STATIC_FUNCTION,
	DDB_STATIC_MISUSE,
	DDB_STATIC_RESERVED,
	DDB_STATIC_CLAUSE
} DdbStaticError;

#define DDB_NSTATIC_ERRORS 6

struct DdbExpr
{
	DdbExprKind kind;
	bool		legacy;			/* translated from a parameter of before expressions */
	bool		partiql;		/* translated from a statement of PartiQL */

	/* placeholders, each once, in the order of their first use */
	int			nnames;
	int			names_capacity;
	DdbSlot    *names;
	int			nvalues;
	int			values_capacity;
	DdbSlot    *values;

	DdbNode    *condition;		/* the three kinds of conditions */
	int			nactions;		/* updates, in the order written */
	int			actions_capacity;
	DdbAction  *actions;
	int			npaths;			/* projections */
	int			paths_capacity;
	DdbPath   **paths;

	int			noperators;
	bool		clause_seen[DDB_NCLAUSES];
	const char *errors[DDB_NSTATIC_ERRORS]; /* the first of each sort, or NULL */
};

/* A name resolved: it lives in the tree or in the bindings. */
typedef struct DdbName
{
	const char *name;
	int			len;
} DdbName;

/*
 * The paths of an update or a projection merged into one tree.  A node's
 * children are all names or all indexes; a leaf has none.
 */
typedef struct DdbPathTree
{
	DdbName		name;			/* unless is_index */
	int			index;
	bool		is_index;
	int			leaf;			/* number of the action or path, or -1 */
	int			nchildren;
	int			capacity;
	struct DdbPathTree **children;	/* names in jsonb's order, indexes ascending */
} DdbPathTree;

struct DdbBoundExpr
{
	const DdbExpr *expr;
	DdbName    *names;			/* by slot */
	const DdbValue **values;	/* by slot */
	DdbPathTree *tree;			/* updates and projections */
};

/* ast.c: constructors */
extern DdbExpr *ddb_expr_create(DdbExprKind kind);
extern DdbPath *ddb_path_create(void);

/*
 * ddb_path_add_name appends a bare attribute name; name must live as long as the
 * tree.
 */
extern void ddb_path_add_name(DdbExpr *expr, DdbPath *path, const char *name, int len);

/*
 * ddb_path_add_placeholder appends a #placeholder; key must live as long as the
 * tree.
 */
extern void ddb_path_add_placeholder(DdbExpr *expr, DdbPath *path, const char *key, int len);

/* ddb_path_add_index appends a list index given in decimal digits. */
extern void ddb_path_add_index(DdbExpr *expr, DdbPath *path, const char *digits, int len);

extern DdbNode *ddb_node_path(DdbPath *path);

/*
 * ddb_node_value makes an operand of a :placeholder; key must live as long as
 * the tree.
 */
extern DdbNode *ddb_node_value(DdbExpr *expr, const char *key, int len);

extern DdbNode *ddb_node_next_value(DdbExpr *expr);

/*
 * ddb_node_function makes a function call.  Names are case-sensitive; an
 * unknown one gives a node that never outlives ddb_expr_check_static().  The
 * number of operands is checked at binding, after the placeholders.
 */
extern DdbNode *ddb_node_function(DdbExpr *expr, const char *name, int len, DdbNodeList *args);

extern DdbNode *ddb_node_compare(DdbExpr *expr, DdbCompareOp op, DdbNode *left, DdbNode *right);
extern DdbNode *ddb_node_between(DdbExpr *expr, DdbNode *operand, DdbNode *low, DdbNode *high);
extern DdbNode *ddb_node_in(DdbExpr *expr, DdbNode *operand, DdbNodeList *list);

/* ddb_node_operator makes AND, OR, NOT (right is NULL), PLUS or MINUS. */
extern DdbNode *ddb_node_operator(DdbExpr *expr, DdbNodeType type, DdbNode *left, DdbNode *right);

/* ddb_node_list_append appends to list, or to a new list where it is NULL. */
extern DdbNodeList *ddb_node_list_append(DdbNodeList *list, DdbNode *node);

extern void ddb_expr_set_condition(DdbExpr *expr, DdbNode *condition);

/* ddb_expr_begin_clause opens SET, REMOVE, ADD or DELETE, each at most once. */
extern void ddb_expr_begin_clause(DdbExpr *expr, DdbClause clause);

extern void ddb_expr_add_action(DdbExpr *expr, DdbClause clause, DdbPath *path, DdbNode *operand);
extern void ddb_expr_add_path(DdbExpr *expr, DdbPath *path);

/* ddb_expr_static_error notes the first error of a sort. */
extern void ddb_expr_static_error(DdbExpr *expr, DdbStaticError error, const char *message);

/* ddb_expr_check_static raises what the constructors noted. */
extern void ddb_expr_check_static(const DdbExpr *expr);

/* ddb_expr_fail raises an error of an expression, which says which one unless it is a statement's. */
pg_noreturn extern void ddb_expr_fail(const DdbExpr *expr, const char *message);

/* ddb_node_is_condition tells whether a node gives true or false. */
extern bool ddb_node_is_condition(const DdbNode *node);

/* ddb_expr_kind_name gives the parameter's name: "ConditionExpression". */
extern const char *ddb_expr_kind_name(DdbExprKind kind);

extern const char *ddb_expr_function_name(DdbFunction function);

/* ddb_node_operator_name gives an operator or function as messages name it. */
extern const char *ddb_node_operator_name(const DdbNode *node);

/* reserved.c */

/*
 * ddb_expr_is_reserved tells whether the len bytes at word are a reserved word,
 * in any mixture of cases.
 */
extern bool ddb_expr_is_reserved(const char *word, int len);

/* bind.c */
/*
 * ddb_expr_bind_values binds a tree of bare names and of slots without keys: slot
 * i is values[i], which must outlive what it gives.
 */
extern DdbBoundExpr *ddb_expr_bind_values(const DdbExpr *expr, const DdbValue *values);

/* ddb_path_part_name gives the attribute name of a path's part that is no index. */
extern DdbName ddb_path_part_name(const DdbBoundExpr *bound, const DdbPathPart *part);

/*
 * ddb_path_lookup follows a path into an item, reading nothing else of it; false
 * when there is nothing at the path.
 */
extern bool ddb_path_lookup(const DdbBoundExpr *bound, const DdbPath *path,
							JsonbContainer *item, DdbValue *out);

/* check.c */

/* ddb_expr_refuse_value raises the error for a value that is not defined. */
pg_noreturn extern void ddb_expr_refuse_value(const DdbExpr *expr, int slot);

/* ddb_expr_check_bound raises the first error of the bound expression. */
extern void ddb_expr_check_bound(const DdbBoundExpr *bound);

/* ddb_path_text prints a path as messages show it: [a, [3], b]. */
extern char *ddb_path_text(const DdbBoundExpr *bound, const DdbPath *path);

/* ddb_name_compare is jsonb's order of keys: by length, then bytes. */
static inline int
ddb_name_compare(const char *a, int alen, const char *b, int blen)
{
	if (alen != blen)
		return alen < blen ? -1 : 1;
	return memcmp(a, b, alen);
}

/* pathtree.c */

/*
 * ddb_path_tree_build merges the targets of an update's actions, or the paths of
 * a projection.  The root stands for the item.
 */
extern DdbPathTree *ddb_path_tree_build(const DdbBoundExpr *bound);

/*
 * ddb_path_tree_project gives of an item just what the tree's paths lead to,
 * maps and lists on the way reduced to it; *empty tells that this is nothing.
 */
extern Jsonb *ddb_path_tree_project(const DdbPathTree *tree, Jsonb *item, bool *empty);

/* parse.c and the generated gram.tab.c, scan.c */
extern void ddb_expr_parse_text(DdbExpr *expr, const char *text, int len);

#endif							/* DDB_EXPR_AST_H */
