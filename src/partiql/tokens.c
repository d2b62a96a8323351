/*
 * tokens.c
 *	  From a statement's text to its tokens.
 *
 * The whole text becomes an array of tokens, the last of which is PQL_END; a
 * statement has 8,192 characters at most.  Words that belong together (NOT IN,
 * CHARACTER VARYING, INSERT INTO, ALL OLD) are merged into one token here,
 * whatever stands between them.
 *
 * Written by hand: positions count characters, not bytes, a word's meaning
 * depends on words before it, and an error of this stage has no detail.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "error.h"
#include "partiql/tree.h"

typedef struct Lexer
{
	const char *at;
	const char *end;
	int			line;
	int			column;			/* of the next character */
	bool		after_return;	/* the last character was a carriage return */
	PqlToken   *tokens;
	int			count;
	int			capacity;
} Lexer;

/* Words that make one token, longest first where one begins another. */
static const struct
{
	const char *words[4];
	const char *merged;
	PqlTokenType type;
}			merges[] = {
	{{"not", "in"}, "not in", PQL_OPERATOR},
	{{"is", "not"}, "is not", PQL_OPERATOR},
	{{"not", "between"}, "not between", PQL_OPERATOR},
	{{"not", "like"}, "not like", PQL_OPERATOR},
	{{"union", "all"}, "union", PQL_OPERATOR},
	{{"intersect", "all"}, "intersect", PQL_OPERATOR},
	{{"except", "all"}, "except", PQL_OPERATOR},
	{{"character", "varying"}, "character varying", PQL_KEYWORD},
	{{"double", "precision"}, "double precision", PQL_KEYWORD},
	{{"cross", "join"}, "join", PQL_KEYWORD},
	{{"inner", "join"}, "join on", PQL_KEYWORD},
	{{"left", "join"}, "join on", PQL_KEYWORD},
	{{"left", "outer", "join"}, "join on", PQL_KEYWORD},
	{{"left", "cross", "join"}, "join", PQL_KEYWORD},
	{{"right", "join"}, "join on", PQL_KEYWORD},
	{{"right", "outer", "join"}, "join on", PQL_KEYWORD},
	{{"right", "cross", "join"}, "join", PQL_KEYWORD},
	{{"outer", "join"}, "join on", PQL_KEYWORD},
	{{"full", "join"}, "join on", PQL_KEYWORD},
	{{"full", "outer", "join"}, "join on", PQL_KEYWORD},
	{{"full", "cross", "join"}, "join", PQL_KEYWORD},
	{{"insert", "into"}, "insert into", PQL_KEYWORD},
	{{"on", "conflict"}, "on conflict", PQL_KEYWORD},
	{{"do", "nothing"}, "do nothing", PQL_KEYWORD},
	{{"modified", "old"}, "modified old", PQL_KEYWORD},
	{{"modified", "new"}, "modified new", PQL_KEYWORD},
	{{"all", "old"}, "all old", PQL_KEYWORD},
	{{"all", "new"}, "all new", PQL_KEYWORD},
};

/* Keywords that are operators by themselves. */
static const char *const word_operators[] = {
	"and", "or", "not", "is", "in", "between", "like", "union", "except", "intersect"
};

/*
 * ddb_pql_malformed raises the error for what is no statement.
 */
void
ddb_pql_malformed(const char *detail)
{
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg("Statement wasn't well formed, can't be processed: %s", detail));
}

char *
ddb_pql_at(const PqlToken *token)
{
	return psprintf("at %d:%d:%d", token->line, token->column, token->length);
}

/*
 * advance steps over one character and counts lines: CR, LF and CR LF each end
 * one.
 */
static void
advance(Lexer *lexer)
{
	char		c = *lexer->at;

	/* in stored form U+0000 and U+0001 are two bytes (src/item/escape.c) */
	int			bytes = c == '\1' ? 2 : pg_utf_mblen((const unsigned char *) lexer->at);

	lexer->at += Min(bytes, lexer->end - lexer->at);
	if (c == '\n')
	{
		if (!lexer->after_return)
			lexer->line++;
		lexer->column = 1;
		lexer->after_return = false;
		return;
	}
	lexer->after_return = c == '\r';
	if (c == '\r')
	{
		lexer->line++;
		lexer->column = 1;
	}
	else
		lexer->column++;
}

static int
peek(const Lexer *lexer, int ahead)
{
	return lexer->end - lexer->at > ahead ? (unsigned char) lexer->at[ahead] : 0;
}

static inline bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_word_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/*
 * begin_token adds a token that starts here.
 */
static PqlToken *
begin_token(Lexer *lexer, PqlTokenType type)
{
	PqlToken   *token;

	if (lexer->count == lexer->capacity)
	{
		lexer->capacity *= 2;
		lexer->tokens = repalloc(lexer->tokens, lexer->capacity * sizeof(PqlToken));
	}
	token = &lexer->tokens[lexer->count++];
	memset(token, 0, sizeof(PqlToken));
	token->type = type;
	token->text = lexer->at;
	token->line = lexer->line;
	token->column = lexer->column;
	return token;
}

/*
 * take makes a token of the next n bytes, which are ASCII.
 */
static PqlToken *
take(Lexer *lexer, PqlTokenType type, int n)
{
	PqlToken   *token = begin_token(lexer, type);

	token->text = pnstrdup(lexer->at, n);
	token->len = n;
	token->length = n;
	for (int i = 0; i < n; i++)
		advance(lexer);
	return token;
}

/*
 * skip_comment skips a comment that begins here; false if none does.
 */
static bool
skip_comment(Lexer *lexer)
{
	if (peek(lexer, 0) == '-' && peek(lexer, 1) == '-')
	{
		while (lexer->at < lexer->end && *lexer->at != '\n' && *lexer->at != '\r')
			advance(lexer);
		return true;
	}
	if (peek(lexer, 0) != '/' || peek(lexer, 1) != '*')
		return false;
	advance(lexer);
	advance(lexer);
	while (!(peek(lexer, 0) == '*' && peek(lexer, 1) == '/'))
	{
		if (lexer->at >= lexer->end)
			ddb_pql_malformed("");
		advance(lexer);
	}
	advance(lexer);
	advance(lexer);
	return true;
}

/*
 * take_quoted makes a token of what stands in quotes; a quote in it is doubled.
 * Its length counts characters, quotes included.
 */
static void
take_quoted(Lexer *lexer, PqlTokenType type)
{
	PqlToken   *token = begin_token(lexer, type);
	char		quote = *lexer->at;
	char	   *text = palloc(lexer->end - lexer->at + 1);
	int			len = 0;

	advance(lexer);
	token->length = 1;
	for (;;)
	{
		const char *from = lexer->at;

		if (lexer->at >= lexer->end)
			ddb_pql_malformed("");
		if (*from == quote && !(quote != '`' && peek(lexer, 1) == quote))
			break;
		if (*from == quote)
		{
			advance(lexer);
			token->length++;
		}
		from = lexer->at;
		advance(lexer);
		token->length++;
		memcpy(text + len, from, lexer->at - from);
		len += lexer->at - from;
	}
	advance(lexer);
	token->length++;
	text[len] = '\0';
	token->text = text;
	token->len = len;
}

/*
 * take_number makes a token of digits, a fraction and an exponent.  An exponent,
 * or a scale that comes of it, beyond 32 bits is refused.
 */
static void
take_number(Lexer *lexer)
{
	PqlToken   *token;
	int			n = 0;

	while (is_digit(peek(lexer, n)))
		n++;
	if (peek(lexer, n) == '.')
	{
		n++;
		while (is_digit(peek(lexer, n)))
			n++;
	}
	if (peek(lexer, n) == 'e' || peek(lexer, n) == 'E')
	{
		n++;
		if (peek(lexer, n) == '+' || peek(lexer, n) == '-')
			n++;
		if (!is_digit(peek(lexer, n)))
			ddb_pql_malformed("");
		while (is_digit(peek(lexer, n)))
			n++;
	}
	token = take(lexer, PQL_NUMBER, n);
	if (!ddb_number_scale_fits(token->text, token->len))
		ddb_pql_malformed("");
}

/*
 * merge joins the last tokens where they are words that belong together.
 */
static void
merge(Lexer *lexer)
{
	for (int i = 0; i < lengthof(merges); i++)
	{
		PqlToken   *first;
		PqlToken   *last = &lexer->tokens[lexer->count - 1];
		int			n = 0;
		bool		same = true;

		while (n < 4 && merges[i].words[n] != NULL)
			n++;
		if (n > lexer->count)
			continue;
		first = &lexer->tokens[lexer->count - n];
		for (int j = 0; j < n && same; j++)
			same = (first[j].type == PQL_KEYWORD || first[j].type == PQL_OPERATOR) &&
				strcmp(first[j].text, merges[i].words[j]) == 0;
		if (!same)
			continue;
		if (first->line == last->line)
			first->length = last->column + last->length - first->column;
		first->type = merges[i].type;
		first->text = merges[i].merged;
		first->len = strlen(merges[i].merged);
		lexer->count -= n - 1;
		return;
	}
}

/*
 * take_word makes a token of a bare identifier or keyword.
 */
static void
take_word(Lexer *lexer)
{
	PqlToken   *token;
	const char *keyword;
	int			n = 1;

	while (is_word_start(peek(lexer, n)) || is_digit(peek(lexer, n)))
		n++;
	token = take(lexer, PQL_WORD, n);
	keyword = ddb_pql_keyword(token->text, token->len);
	if (keyword == NULL)
		return;
	token->text = keyword;
	token->type = strcmp(keyword, "true") == 0 ? PQL_TRUE :
		strcmp(keyword, "false") == 0 ? PQL_FALSE :
		strcmp(keyword, "null") == 0 ? PQL_NULL :
		strcmp(keyword, "missing") == 0 ? PQL_MISSING : PQL_KEYWORD;
	for (int i = 0; i < lengthof(word_operators); i++)
	{
		if (strcmp(word_operators[i], keyword) == 0)
			token->type = PQL_OPERATOR;
	}
	merge(lexer);
}

/*
 * take_symbol makes a token of an operator or a punctuation mark.
 */
static void
take_symbol(Lexer *lexer)
{
	int			c = peek(lexer, 0);
	int			next = peek(lexer, 1);

	switch (c)
	{
		case '(':
		case ')':
		case '[':
		case ']':
		case '{':
		case '}':
		case ':':
		case ',':
		case '.':
		case ';':
		case '?':
			take(lexer, PQL_PUNCTUATION, 1);
			break;
		case '*':
			take(lexer, PQL_STAR, 1);
			break;
		case '+':
		case '-':
		case '/':
		case '%':
		case '=':
		case '@':
			take(lexer, PQL_OPERATOR, 1);
			break;
		case '<':
			if (next == '<')
				take(lexer, PQL_PUNCTUATION, 2);
			else
				take(lexer, PQL_OPERATOR, next == '=' || next == '>' ? 2 : 1);
			break;
		case '>':
			if (next == '>')
				take(lexer, PQL_PUNCTUATION, 2);
			else
				take(lexer, PQL_OPERATOR, next == '=' ? 2 : 1);
			break;
		case '!':
			if (next != '=')
				ddb_pql_malformed("");
			take(lexer, PQL_OPERATOR, 2)->text = "<>";
			break;
		case '|':
			if (next != '|')
				ddb_pql_malformed("");
			take(lexer, PQL_OPERATOR, 2);
			break;
		default:
			ddb_pql_malformed("");
	}
}

/*
 * ddb_pql_tokens gives the tokens of a text; *count leaves PQL_END out.
 */
PqlToken *
ddb_pql_tokens(const char *text, int len, int *count)
{
	Lexer		lexer = {.at = text,.end = text + len,.line = 1,.column = 1,.capacity = 64};

	lexer.tokens = palloc(lexer.capacity * sizeof(PqlToken));
	while (lexer.at < lexer.end)
	{
		int			c = peek(&lexer, 0);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f')
			advance(&lexer);
		else if (skip_comment(&lexer))
			continue;
		else if (c == '\'')
			take_quoted(&lexer, PQL_STRING);
		else if (c == '"')
			take_quoted(&lexer, PQL_QUOTED);
		else if (c == '`')
			take_quoted(&lexer, PQL_ION);
		else if (is_digit(c) || (c == '.' && is_digit(peek(&lexer, 1))))
			take_number(&lexer);
		else if (is_word_start(c))
			take_word(&lexer);
		else
			take_symbol(&lexer);
	}
	begin_token(&lexer, PQL_END)->text = "";
	*count = lexer.count - 1;
	return lexer.tokens;
}
