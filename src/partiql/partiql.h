/*
 * partiql.h
 *	  PartiQL: statements in, operations and their results out.
 *
 *		text --parse--> DdbStatement --bind--> DdbBoundStatement --> operations
 *
 * A statement is parsed once and kept in the session's cache by its text; the
 * reads that a SELECT needs are planned once for each version of its table's
 * definition.  Conditions, updates, reads and writes are those of src/expr and
 * src/op: nothing has a meaning of its own here.
 *
 * Errors are DynamoDB's, in the order in which it finds them: parameters, text,
 * tree, table, index, keys.  Results are allocated in CurrentMemoryContext.
 */
#ifndef DDB_PARTIQL_H
#define DDB_PARTIQL_H

#include "op/capacity.h"
#include "op/op.h"

typedef struct DdbStatement DdbStatement;
typedef struct DdbBoundStatement DdbBoundStatement;

typedef struct DdbParameters
{
	int			count;
	DdbValue   *values;
} DdbParameters;

typedef enum DdbStatementKind
{
	DDB_STATEMENT_SELECT,
	DDB_STATEMENT_WRITE,		/* INSERT, UPDATE, DELETE */
	DDB_STATEMENT_EXISTS		/* a condition check of a transaction */
} DdbStatementKind;

/*
 * ddb_partiql_parameters checks a request's Parameters (NULL: none), the first
 * thing that is done with a statement.
 */
extern void ddb_partiql_parameters(JsonbContainer *list, DdbParameters *parameters);

/*
 * ddb_partiql_parse parses a statement or finds it in the session's cache
 * (bounded, least recently used goes first).  What it gives is good until
 * CurrentMemoryContext is reset or deleted.
 */
extern const DdbStatement *ddb_partiql_parse(const char *text, int len);

/* ddb_partiql_bind gives a statement its parameters and checks types of operands. */
extern DdbBoundStatement *ddb_partiql_bind(const DdbStatement *statement,
										   const DdbParameters *parameters);
extern DdbStatementKind ddb_partiql_kind(const DdbBoundStatement *statement);
extern const char *ddb_partiql_table_name(const DdbBoundStatement *statement);
extern bool ddb_partiql_has_returning(const DdbBoundStatement *statement);

/* ddb_partiql_check_alone refuses what a statement outside of a transaction can't be. */
extern void ddb_partiql_check_alone(const DdbBoundStatement *statement);

/* ddb_partiql_check_no_index raises the error for a read of an index in a transaction. */
extern void ddb_partiql_check_no_index(const DdbBoundStatement *statement);

/* SELECT */
typedef struct DdbSelectOp
{
	const DdbBoundStatement *statement;
	bool		consistent;		/* ConsistentRead */
	struct DdbCapacity *capacity;	/* what it consumes is added here, or NULL */
} DdbSelectOp;

typedef struct DdbSelection DdbSelection;

/*
 * ddb_select_open plans a SELECT and starts it under snapshot, which must stay
 * registered or active.  The selection lives in CurrentMemoryContext.
 */
extern DdbSelection *ddb_select_open(const DdbSelectOp *op, Snapshot snapshot);

/* ddb_select_next gives the next row, or NULL at the end. */
extern Jsonb *ddb_select_next(DdbSelection *selection);

/*
 * ddb_select_page reads up to limit items (0: no limit) and 1 MB, both counted
 * before the filter.  next_token continues an earlier page (NULL: none) of the
 * statement with the same text and parameters, whose fingerprint is given; the new
 * one is in *next_token, NULL at the end.
 */
typedef struct DdbStatementText
{
	DdbText		text;
	JsonbContainer *parameters; /* as the request has them, or NULL */
} DdbStatementText;

extern void ddb_select_page(DdbSelection *selection, int64 limit,
							const DdbStatementText *source, DdbText token,
							DdbPage *page, char **next_token);
extern void ddb_select_close(DdbSelection *selection);

/* ddb_select_row gives of an item what the statement's columns are. */
extern Jsonb *ddb_select_row(const DdbBoundStatement *statement, Jsonb *item);

/*
 * ddb_select_get_op makes the get of a SELECT, in a batch or transaction, which
 * must ask for one item by its key.  In a transaction a key of the wrong type is
 * the get's error.  Errors leave nothing open, so they can be caught.
 */
extern void ddb_select_get_op(const DdbBoundStatement *statement, bool transactional,
							  bool consistent, DdbGetOp *op);

/*
 * ddb_partiql_write_op makes the write of INSERT, UPDATE and DELETE, or the check
 * of EXISTS.  In a transaction a clause that names no whole key is the write's
 * error.  Errors leave nothing open.
 */
extern void ddb_partiql_write_op(const DdbBoundStatement *statement, bool transactional,
								 DdbWriteOp *op);

/* ddb_partiql_explain gives the lines that tell how a statement is run. */
extern List *ddb_partiql_explain(const DdbStatement *statement);

#endif							/* DDB_PARTIQL_H */
