/*
 * next_token.h
 *	  NextToken of ExecuteStatement; private to this folder.
 */
#ifndef DDB_PARTIQL_NEXT_TOKEN_H
#define DDB_PARTIQL_NEXT_TOKEN_H

#include "partiql/partiql.h"

/* Where a statement's next page begins. */
typedef struct DdbNextToken
{
	int			read;			/* among the reads that the statement comes down to */
	Jsonb	   *last_key;		/* the key read last there; NULL: it has not begun */
} DdbNextToken;

extern char *ddb_next_token_make(const DdbNextToken *token, const DdbStatementText *source);

/*
 * ddb_next_token_read raises "Invalid NextToken" for what no server with this
 * database's secret made, "NextToken does not match request" for that of
 * another statement or of other parameters.
 */
extern void ddb_next_token_read(DdbText text, const DdbStatementText *source,
								DdbNextToken *token);

#endif							/* DDB_PARTIQL_NEXT_TOKEN_H */
