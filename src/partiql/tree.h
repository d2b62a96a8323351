/*
 * tree.h
 *	  Tokens and parse trees of statements; private to this folder.
 *
 * A tree says what was written, not whether the service takes it: the parser
 * knows more of PartiQL than DynamoDB runs, because its errors are those of a
 * parser that does.  Trees are palloc'd in CurrentMemoryContext and point into a
 * copy of the text that lives as long.
 */
#ifndef DDB_PARTIQL_TREE_H
#define DDB_PARTIQL_TREE_H

#include "compat.h"
#include "item/item.h"

typedef enum PqlTokenType
{
	PQL_END,					/* of the statement */
	PQL_WORD,					/* bare identifier */
	PQL_QUOTED,					/* "identifier" */
	PQL_STRING,
	PQL_NUMBER,
	PQL_ION,					/* between backticks */
	PQL_TRUE,
	PQL_FALSE,
	PQL_NULL,
	PQL_MISSING,
	PQL_KEYWORD,
	PQL_OPERATOR,				/* AND, IN, NOT LIKE ... are operators too */
	PQL_STAR,
	PQL_PUNCTUATION				/* ( ) [ ] { } << >> : , . ; ? */
} PqlTokenType;

typedef struct PqlToken
{
	PqlTokenType type;
	const char *text;			/* canonical word; name or string unquoted; digits as written */
	int			len;
	/* where it stands: from 1, in characters */
	int			line;
	int			column;
	int			length;
} PqlToken;

typedef enum PqlKind
{
	PQL_NODE_LITERAL,			/* token is a string, number, TRUE, FALSE or NULL */
	PQL_NODE_MISSING,
	PQL_NODE_PARAMETER,
	PQL_NODE_PATH,				/* one part or more; the first is a name */
	PQL_NODE_LIST,
	PQL_NODE_BAG,
	PQL_NODE_STRUCT,			/* arguments: key, value, key, value, ... */
	PQL_NODE_CALL,				/* word is the function's name in lower case */
	PQL_NODE_OPERATOR,			/* word is the operator */
	PQL_NODE_IS,				/* word is the type's name */
	PQL_NODE_SELECT,
	PQL_NODE_CHANGE,			/* INSERT, UPDATE, DELETE */
	PQL_NODE_OTHER				/* word is what an error calls it */
} PqlKind;

typedef enum PqlPartKind
{
	PQL_PART_NAME,
	PQL_PART_INDEX,				/* [expression] */
	PQL_PART_WILDCARD			/* .* or [*] */
} PqlPartKind;

typedef struct PqlNode PqlNode;

typedef struct PqlPart
{
	PqlPartKind kind;
	const PqlToken *token;		/* the name, or where the index begins */
	PqlNode    *index;
} PqlPart;

struct PqlNode
{
	PqlKind		kind;
	const PqlToken *token;		/* the first, or the operator */
	const char *word;
	bool		negated;		/* NOT IN, IS NOT, NOT BETWEEN, NOT LIKE */
	bool		minus;			/* LITERAL: a number with an odd number of minus signs */
	bool		parens;
	int			number;			/* PARAMETER: from 0 */
	int			nargs;
	PqlNode   **args;
	int			nparts;			/* PATH */
	PqlPart    *parts;
	PqlNode    *root;			/* PATH whose first part is no name, else NULL */
	struct PqlSelect *select;
	struct PqlChange *change;
};

/* A list under construction. */
typedef struct PqlList
{
	int			count;
	int			capacity;
	PqlNode   **nodes;
} PqlList;

typedef struct PqlOrder
{
	PqlNode    *key;
	bool		descending;
} PqlOrder;

/* What follows FROM. */
typedef struct PqlSource
{
	PqlNode    *name;
	bool		aliased;
	bool		joined;
} PqlSource;

typedef struct PqlSelect
{
	bool		all;			/* SELECT * */
	PqlList		columns;
	bool		aliased;		/* a column is */
	PqlSource	source;
	PqlNode    *where;
	int			norder;
	PqlOrder   *order;
	const char *unsupported;	/* a clause that the service lacks, or NULL */
} PqlSelect;

typedef enum PqlVerb
{
	PQL_SELECT,
	PQL_INSERT,
	PQL_UPDATE,
	PQL_DELETE,
	PQL_EXISTS
} PqlVerb;

typedef struct PqlAction
{
	bool		remove;			/* else SET */
	PqlNode    *target;
	PqlNode    *value;			/* of SET */
} PqlAction;

typedef enum PqlReturning
{
	PQL_RETURNING_NONE,
	PQL_RETURNING_ALL_OLD,
	PQL_RETURNING_MODIFIED_OLD,
	PQL_RETURNING_ALL_NEW,
	PQL_RETURNING_MODIFIED_NEW
} PqlReturning;

typedef struct PqlChange
{
	PqlVerb		verb;
	PqlSource	source;
	PqlNode    *item;			/* INSERT */
	int			nactions;
	PqlAction  *actions;
	PqlNode    *where;
	PqlReturning returning;
	bool		returning_columns;	/* not just RETURNING ... * */
	const char *unsupported;	/* as in PqlSelect */
} PqlChange;

/* tokens.c */
extern PqlToken *ddb_pql_tokens(const char *text, int len, int *count);

/* keywords.c */
/* ddb_pql_keyword finds the canonical word of a keyword, or NULL. */
extern const char *ddb_pql_keyword(const char *word, int len);

/* ddb_pql_is_function_keyword tells keywords that may be functions' names. */
extern bool ddb_pql_is_function_keyword(const char *word);

/* ddb_pql_type_arity gives how many numbers may follow a type's name; -1: it is none. */
extern int	ddb_pql_type_arity(const char *word);

/* parser.c: the whole statement */
extern PqlNode *ddb_pql_parse(const char *text, int len);

/* Errors of syntax: "Statement wasn't well formed, ...: " and detail. */
pg_noreturn extern void ddb_pql_malformed(const char *detail);

/* ddb_pql_at is "at L:C:N" for messages. */
extern char *ddb_pql_at(const PqlToken *token);

#endif							/* DDB_PARTIQL_TREE_H */
