/*
 * parse.c
 *	  The scanner's bookkeeping: positions of tokens, and which words are
 *	  keywords.
 *
 * Kept out of scan.l so that the generated file holds little but tables.
 */
#include "postgres.h"

#include "expr/parse.h"
#include "expr/gram.tab.h"

#define LONGEST_KEYWORD 7

static const struct
{
	const char *word;
	int			token;
	bool		in_update;		/* else in conditions */
}			keywords[] = {
	{"AND", AND, false},
	{"OR", OR, false},
	{"NOT", NOT, false},
	{"BETWEEN", BETWEEN, false},
	{"IN", IN, false},
	{"SET", SET, true},
	{"REMOVE", REMOVE, true},
	{"ADD", ADD, true},
	{"DELETE", DELETE, true},
};

void
ddb_lexer_begin(DdbLexerState *state, const DdbExpr *expr, const char *text, int len)
{
	memset(state, 0, sizeof(*state));
	state->text = text;
	state->len = len;
	state->kind = expr->kind;
	state->start = -1;
	state->previous_start = -1;
	if (expr->kind == DDB_EXPR_UPDATE)
		state->start_token = START_UPDATE;
	else if (expr->kind == DDB_EXPR_PROJECTION)
		state->start_token = START_PROJECTION;
	else
		state->start_token = START_CONDITION;
}

void
ddb_lexer_advance(DdbLexerState *state, int len)
{
	state->match = state->pos;
	state->pos += len;
}

int
ddb_lexer_token(DdbLexerState *state, int token, DdbToken *value)
{
	state->previous_start = state->start;
	state->previous_end = state->end;
	if (token == 0)
		state->match = state->pos;
	state->at_end = token == 0;
	state->start = state->match;
	state->end = state->pos;
	value->text = state->text + state->start;
	value->len = state->end - state->start;
	return token;
}

int
ddb_lexer_word(DdbLexerState *state, const char *word, int len)
{
	bool		in_update = state->kind == DDB_EXPR_UPDATE;

	if (len > LONGEST_KEYWORD || state->kind == DDB_EXPR_PROJECTION)
		return WORD;
	for (int i = 0; i < lengthof(keywords); i++)
	{
		if (keywords[i].in_update == in_update &&
			strlen(keywords[i].word) == len &&
			pg_strncasecmp(keywords[i].word, word, len) == 0)
			return keywords[i].token;
	}
	return WORD;
}
