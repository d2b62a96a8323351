/*
 * parser_private.h
 *	  What the two files of the parser share.
 */
#ifndef DDB_PARTIQL_PARSER_PRIVATE_H
#define DDB_PARTIQL_PARSER_PRIVATE_H

#include "partiql/tree.h"

typedef struct PqlParser
{
	const PqlToken *tokens;
	int			count;			/* PQL_END not counted */
	int			at;
	int			depth;			/* of expressions one in another */
	int			nparameters;
} PqlParser;

/* how tightly operators bind: an expression ends where one binds less tightly */
#define PQL_BINDS_ANY (-1)
#define PQL_BINDS_SET 5
#define PQL_BINDS_CLAUSE 6		/* within the clauses of a SELECT */
#define PQL_BINDS_OR 10
#define PQL_BINDS_AND 20
#define PQL_BINDS_NOT 30
#define PQL_BINDS_EQUALITY 40
#define PQL_BINDS_COMPARISON 50
#define PQL_BINDS_SUM 60
#define PQL_BINDS_PRODUCT 70

static inline const PqlToken *
pql_head(const PqlParser *parser)
{
	return &parser->tokens[parser->at];
}

/* expressions: parser.c */
extern PqlNode *ddb_pql_expression(PqlParser *parser, int binds);
extern PqlNode *ddb_pql_simple_path(PqlParser *parser);
extern PqlNode *ddb_pql_node(PqlKind kind, const PqlToken *token);
extern void ddb_pql_append(PqlList *list, PqlNode *node);
extern void ddb_pql_expressions(PqlParser *parser, PqlList *list);
extern bool ddb_pql_is(const PqlParser *parser, const char *word);
extern bool ddb_pql_accept(PqlParser *parser, const char *word);
extern void ddb_pql_expect_keyword(PqlParser *parser, const char *word);
extern void ddb_pql_expect_token(PqlParser *parser, const char *text, const char *name);

/* statements: clauses.c */
extern PqlNode *ddb_pql_select(PqlParser *parser, const PqlToken *first);
extern PqlNode *ddb_pql_change(PqlParser *parser, const PqlToken *first);

#endif							/* DDB_PARTIQL_PARSER_PRIVATE_H */
