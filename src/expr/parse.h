/*
 * parse.h
 *	  What the scanner and the grammar share; private to them and parse.c.
 *
 * Positions are byte offsets into the text.
 */
#ifndef DDB_EXPR_PARSE_H
#define DDB_EXPR_PARSE_H

#include "expr/ast.h"

typedef struct DdbToken
{
	const char *text;
	int			len;
} DdbToken;

typedef struct DdbLexerState
{
	const char *text;
	int			len;
	DdbExprKind kind;
	int			start_token;	/* still to be given, or 0 */
	int			pos;			/* end of what flex has matched */
	int			match;			/* its start */
	/* the token given last and the one before it; start is -1 for none */
	int			start;
	int			end;
	int			previous_start;
	int			previous_end;
	bool		at_end;			/* the last one was the end of the text */
} DdbLexerState;

/*
 * ddb_lexer_begin prepares to scan len bytes at text, an expression of expr's
 * kind.
 */
extern void ddb_lexer_begin(DdbLexerState *state, const DdbExpr *expr,
							const char *text, int len);

/* ddb_lexer_advance notes that flex matched the next len bytes. */
extern void ddb_lexer_advance(DdbLexerState *state, int len);

/*
 * ddb_lexer_token notes what was matched as a token (0 for the end of the text)
 * and gives it back, with its text in *value.
 */
extern int	ddb_lexer_token(DdbLexerState *state, int token, DdbToken *value);

/*
 * ddb_lexer_word gives the token of a word: one of the keywords, in any
 * mixture of cases, or WORD.
 */
extern int	ddb_lexer_word(DdbLexerState *state, const char *word, int len);

#endif							/* DDB_EXPR_PARSE_H */
