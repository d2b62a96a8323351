/*
 * partiql_private.h
 *	  Statements as the files of this folder share them.
 */
#ifndef DDB_PARTIQL_PRIVATE_H
#define DDB_PARTIQL_PRIVATE_H

#include "expr/ast.h"
#include "op/op.h"
#include "partiql/partiql.h"
#include "partiql/tree.h"

/* A value of a statement: a literal or a parameter.  Expressions name it by number. */
typedef struct PqlSlot
{
	int			parameter;		/* from 0; -1: literal */
	DdbValue	literal;
} PqlSlot;

/* A column of SELECT. */
typedef struct PqlColumn
{
	DdbPath    *path;
	const char *name;			/* of the member it becomes */
	int			name_len;
} PqlColumn;

/* A member of INSERT's map. */
typedef struct PqlMember
{
	const char *name;
	int			name_len;
	int			slot;
} PqlMember;

typedef struct PqlSortKey
{
	const char *name;			/* attribute; NULL for a path that can be none */
	int			name_len;
	bool		descending;
} PqlSortKey;

/* A slot that must be a set when its value is known. */
typedef struct PqlSetOperand
{
	int			slot;
	const char *function;		/* "SET_ADD" */
	const char *at;				/* "at L:C:N" of the first argument */
} PqlSetOperand;

struct PqlPlan;

/*
 * A statement parsed and checked as far as its text goes.  It is read-only, and
 * lives in a memory context of its own in the cache.
 */
struct DdbStatement
{
	PqlVerb		verb;			/* of EXISTS: PQL_EXISTS */
	const char *table_name;
	const char *index_name;		/* or NULL */
	int			nparameters;
	int			nslots;
	PqlSlot    *slots;
	DdbExpr    *where;			/* or NULL */
	DdbExpr    *update;			/* UPDATE */
	int			ncolumns;		/* 0: all attributes */
	PqlColumn  *columns;
	const char *column_problem; /* the error for one that is no path, or NULL */
	int			norder;
	PqlSortKey *order;
	int			nmembers;		/* INSERT */
	PqlMember  *members;
	int			nset_operands;
	PqlSetOperand *set_operands;
	PqlReturning returning;
	const char *returning_problem;	/* the error for one that the statement lacks, or NULL */
	struct PqlPlan *plan;		/* for the table as it was last, or NULL */
};

/* A statement with its parameters. */
struct DdbBoundStatement
{
	const DdbStatement *statement;
	DdbValue   *values;			/* by slot */
	DdbBoundExpr *where;
	DdbBoundExpr *update;
};

/* Literals and expressions under construction. */
typedef struct PqlBuilder
{
	DdbStatement *statement;
	DdbExpr    *expr;			/* the one under construction */
	int			slots_capacity;
} PqlBuilder;

/* statement.c */
extern DdbStatement *ddb_pql_analyze(const char *text, int len);
extern int	ddb_pql_add_slot(PqlBuilder *builder, PqlSlot slot);
pg_noreturn extern void ddb_pql_unsupported(const PqlNode *node);
extern const char *ddb_pql_operation_name(const PqlNode *node);

/* literals.c */
/* ddb_pql_literal gives the value of a literal, one attribute's or one operand's. */
extern void ddb_pql_literal(const PqlNode *node, DdbValue *out);

/* translate.c */
extern DdbNode *ddb_pql_condition(PqlBuilder *builder, const PqlNode *node);
extern DdbPath *ddb_pql_path(PqlBuilder *builder, const PqlNode *node);
extern int	ddb_pql_value_slot(PqlBuilder *builder, const PqlNode *node);
extern void ddb_pql_set_action(PqlBuilder *builder, const PqlAction *action);

#define PQL_VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#endif							/* DDB_PARTIQL_PRIVATE_H */
