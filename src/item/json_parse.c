/*
 * json_parse.c
 *	  From JSON text to jsonb, for requests of up to 16 MB.
 *
 * The result is, byte for byte, what jsonb_in() makes of the same text with its strings
 * in stored form (escape.c), in a fraction of its time and memory: a first pass lists
 * the tokens, each with the number of what is in it, a second one writes containers
 * front to back with their sizes known.  Both look for interrupts.
 *
 * Every token takes room, so their number is limited: to more than any request within
 * DynamoDB's limits can have, of which the smallest value, in a set, takes four bytes.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "compat.h"
#include "item/item.h"

#define MAX_TOKENS	(4500 * 1000)
#define MAX_DEPTH	1000
#define FEW			12			/* members that are sorted by insertion */

typedef enum TokenKind
{
	OBJECT,
	ARRAY,
	STRING,						/* of a member's name too: those stand before its value */
	NUMBER,
	WORD_TRUE,
	WORD_FALSE,
	WORD_NULL
} TokenKind;

typedef struct Token
{
	uint32		kind;
	uint32		count;			/* containers: elements, or members; others: length */
	union
	{
		const char *text;		/* strings in stored form, numbers as they stand */
		uint32		next;		/* containers: number of the token behind */
	};
} Token;

typedef struct Parser
{
	const char *p;
	const char *end;			/* of the text, which has a zero byte there */
	char	   *unescaped;		/* room for strings with escapes */
	Token	   *tokens;
	uint32		ntokens;
	uint32		size;
} Parser;

pg_noreturn static void
malformed(void)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			errmsg("invalid input syntax for type json"));
}

/* ---- tokens ---- */

static uint32
add_token(Parser *parser, TokenKind kind, const char *text, uint32 count)
{
	Token	   *token;

	if (parser->ntokens == parser->size)
	{
		if (parser->size >= MAX_TOKENS)
			ereport(ERROR,
					errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("JSON has more values than a request can have"));
		parser->size = Min(parser->size * 2, MAX_TOKENS);
		parser->tokens = repalloc_huge(parser->tokens, parser->size * sizeof(Token));
	}
	if (parser->ntokens % 1024 == 0)
		CHECK_FOR_INTERRUPTS();
	token = &parser->tokens[parser->ntokens];
	token->kind = kind;
	token->count = count;
	token->text = text;
	return parser->ntokens++;
}

static inline void
skip_space(Parser *parser)
{
	while (*parser->p == ' ' || *parser->p == '\n' || *parser->p == '\r' || *parser->p == '\t')
		parser->p++;
}

/*
 * hex4 reads the four digits of a \u escape.
 */
static pg_wchar
hex4(Parser *parser)
{
	pg_wchar	code = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = *parser->p++;

		if (c >= '0' && c <= '9')
			code = code * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			code = code * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			code = code * 16 + (c - 'A' + 10);
		else
			malformed();
	}
	return code;
}

/*
 * unicode reads a \u escape, two of them for a character beyond the Basic
 * Multilingual Plane, and appends the character in stored form.
 */
static char *
unicode(Parser *parser, char *out)
{
	pg_wchar	code = hex4(parser);

	if (is_utf16_surrogate_second(code))
		malformed();
	if (is_utf16_surrogate_first(code))
	{
		pg_wchar	second;

		if (parser->p[0] != '\\' || parser->p[1] != 'u')
			malformed();
		parser->p += 2;
		second = hex4(parser);
		if (!is_utf16_surrogate_second(second))
			malformed();
		code = surrogate_pair_to_codepoint(code, second);
	}
	if (code <= 1)
	{
		*out++ = '\1';
		*out++ = '\1' + code;
		return out;
	}
	unicode_to_utf8(code, (unsigned char *) out);
	return out + pg_utf_mblen((unsigned char *) out);
}

/*
 * parse_escaped goes on with a string at its first escape.
 */
static void
parse_escaped(Parser *parser, const char *start)
{
	char	   *text = parser->unescaped;
	char	   *out = text + (parser->p - start);

	memcpy(text, start, parser->p - start);
	for (;;)
	{
		unsigned char c = *parser->p++;

		if (c == '"')
			break;
		if (c < 0x20)
			malformed();
		if (c != '\\')
		{
			*out++ = c;
			continue;
		}
		switch (c = *parser->p++)
		{
			case '"':
			case '\\':
			case '/':
				*out++ = c;
				break;
			case 'b':
				*out++ = '\b';
				break;
			case 'f':
				*out++ = '\f';
				break;
			case 'n':
				*out++ = '\n';
				break;
			case 'r':
				*out++ = '\r';
				break;
			case 't':
				*out++ = '\t';
				break;
			case 'u':
				out = unicode(parser, out);
				break;
			default:
				malformed();
		}
	}
	parser->unescaped = out;
	(void) add_token(parser, STRING, text, out - text);
}

/*
 * parse_string reads a string, whose quote has been read.
 */
static void
parse_string(Parser *parser)
{
	const char *start = parser->p;

	for (;;)
	{
		unsigned char c = *parser->p;

		if (c == '"')
			break;
		if (c < 0x20)
			malformed();
		if (c == '\\')
		{
			parse_escaped(parser, start);
			return;
		}
		parser->p++;
	}
	(void) add_token(parser, STRING, start, parser->p - start);
	parser->p++;
}

static bool
skip_digits(Parser *parser)
{
	const char *start = parser->p;

	while (*parser->p >= '0' && *parser->p <= '9')
		parser->p++;
	return parser->p > start;
}

/*
 * parse_number reads a number ("RFC 8259: Numbers").
 */
static void
parse_number(Parser *parser)
{
	const char *start = parser->p;

	if (*parser->p == '-')
		parser->p++;
	if (*parser->p == '0')
		parser->p++;
	else if (!skip_digits(parser))
		malformed();
	if (*parser->p == '.')
	{
		parser->p++;
		if (!skip_digits(parser))
			malformed();
	}
	if (*parser->p == 'e' || *parser->p == 'E')
	{
		parser->p++;
		if (*parser->p == '+' || *parser->p == '-')
			parser->p++;
		if (!skip_digits(parser))
			malformed();
	}
	(void) add_token(parser, NUMBER, start, parser->p - start);
}

static void
parse_word(Parser *parser, const char *word, TokenKind kind)
{
	size_t		len = strlen(word);

	if (strncmp(parser->p, word, len) != 0)
		malformed();
	parser->p += len;
	(void) add_token(parser, kind, NULL, 0);
}

/*
 * parse_scalar reads a value that is no container.
 */
static void
parse_scalar(Parser *parser)
{
	switch (*parser->p)
	{
		case '"':
			parser->p++;
			parse_string(parser);
			break;
		case 't':
			parse_word(parser, "true", WORD_TRUE);
			break;
		case 'f':
			parse_word(parser, "false", WORD_FALSE);
			break;
		case 'n':
			parse_word(parser, "null", WORD_NULL);
			break;
		default:
			parse_number(parser);
	}
}

/*
 * parse_name reads a member's name and its colon.
 */
static void
parse_name(Parser *parser)
{
	skip_space(parser);
	if (*parser->p++ != '"')
		malformed();
	parse_string(parser);
	skip_space(parser);
	if (*parser->p++ != ':')
		malformed();
}

/*
 * parse_all lists the tokens of a container and what is in it.
 */
static void
parse_all(Parser *parser)
{
	uint32		open[MAX_DEPTH];	/* containers that we are in */
	int			depth = 0;

	for (;;)
	{
		bool		is_object;

		/* a value */
		skip_space(parser);
		if (*parser->p == '{' || *parser->p == '[')
		{
			is_object = *parser->p++ == '{';
			if (depth == MAX_DEPTH)
				ereport(ERROR,
						errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
						errmsg("JSON is nested too deeply"));
			open[depth++] = add_token(parser, is_object ? OBJECT : ARRAY, NULL, 0);
			skip_space(parser);
			if (*parser->p != (is_object ? '}' : ']'))
			{
				parser->tokens[open[depth - 1]].count = 1;
				if (is_object)
					parse_name(parser);
				continue;
			}
		}
		else
			parse_scalar(parser);

		/* what follows: the end of containers, and another value */
		for (;;)
		{
			skip_space(parser);
			if (depth == 0)
				return;
			is_object = parser->tokens[open[depth - 1]].kind == OBJECT;
			if (*parser->p != (is_object ? '}' : ']'))
				break;
			parser->p++;
			parser->tokens[open[--depth]].next = parser->ntokens;
		}
		if (*parser->p++ != ',')
			malformed();
		parser->tokens[open[depth - 1]].count++;
		if (is_object)
			parse_name(parser);
	}
}

/* ---- jsonb ---- */

static void write_value(StringInfo out, const Parser *parser, const Token *token, JEntry *entry);

/*
 * pad aligns what comes next; gives the number of bytes.
 */
static int
pad(StringInfo out)
{
	int			n = INTALIGN(out->len) - out->len;

	for (int i = 0; i < n; i++)
		appendStringInfoCharMacro(out, '\0');
	return n;
}

static void
write_number(StringInfo out, const Token *token, JEntry *entry)
{
	char		buf[64];
	char	   *text = token->count < sizeof(buf) ? buf : palloc(token->count + 1);
	int			padding = pad(out);
	Numeric		number;

	memcpy(text, token->text, token->count);
	text[token->count] = '\0';
	number = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	appendBinaryStringInfo(out, (char *) number, VARSIZE_ANY(number));
	*entry = JENTRY_ISNUMERIC | (padding + VARSIZE_ANY(number));
	pfree(number);
	if (text != buf)
		pfree(text);
}

/*
 * begin_container writes a container's header and makes room for the entries of what is
 * in it; gives their place.
 */
static int
begin_container(StringInfo out, uint32 header, uint32 nentries)
{
	int			entries;

	(void) pad(out);
	appendBinaryStringInfo(out, (char *) &header, sizeof(header));
	entries = out->len;
	enlargeStringInfo(out, nentries * sizeof(JEntry));
	out->len += nentries * sizeof(JEntry);
	return entries;
}

/*
 * set_entry puts entry number i into its place.  *total is the length of those up to
 * it; some entries hold that instead of their own.
 */
static void
set_entry(StringInfo out, int entries, uint32 i, JEntry entry, int64 *total)
{
	*total += JBE_OFFLENFLD(entry);
	if (*total > JENTRY_OFFLENMASK)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("JSON is too large"));
	if (i % JB_OFFSET_STRIDE == 0)
		entry = (entry & JENTRY_TYPEMASK) | (uint32) *total | JENTRY_HAS_OFF;
	memcpy(out->data + entries + i * sizeof(JEntry), &entry, sizeof(JEntry));
}

/*
 * behind gives the token that follows a value.
 */
static inline const Token *
behind(const Parser *parser, const Token *token)
{
	return token->kind <= ARRAY ? parser->tokens + token->next : token + 1;
}

static void
write_array(StringInfo out, const Parser *parser, const Token *token)
{
	uint32		n = token->count;
	int			entries = begin_container(out, n | JB_FARRAY, n);
	int64		total = 0;

	token++;
	for (uint32 i = 0; i < n; i++)
	{
		JEntry		entry;

		write_value(out, parser, token, &entry);
		set_entry(out, entries, i, entry, &total);
		token = behind(parser, token);
	}
}

/*
 * compare_names orders names as jsonb does, by length and bytes.
 */
static inline int
compare_names(const Token *a, const Token *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return memcmp(a->text, b->text, a->count);
}

/*
 * is_before orders members by their names; of several with one name the last in the
 * text comes first.
 */
static inline bool
is_before(const Token *a, const Token *b)
{
	int			order = compare_names(a, b);

	return order != 0 ? order < 0 : a > b;
}

/*
 * merge_sort orders n members, in a time that does not depend on how a client
 * arranges them; scratch has room for as many.
 */
static void
merge_sort(const Token **members, const Token **scratch, uint32 n)
{
	uint32		middle = n / 2;
	uint32		i = 0,
				left = 0,
				right = middle;

	if (n <= FEW)
	{
		for (i = 1; i < n; i++)
		{
			const Token *member = members[i];
			uint32		at = i;

			for (; at > 0 && is_before(member, members[at - 1]); at--)
				members[at] = members[at - 1];
			members[at] = member;
		}
		return;
	}
	CHECK_FOR_INTERRUPTS();
	merge_sort(members, scratch, middle);
	merge_sort(members + middle, scratch, n - middle);
	if (!is_before(members[middle], members[middle - 1]))
		return;
	memcpy(scratch, members, middle * sizeof(Token *));
	while (left < middle)
	{
		if (right < n && is_before(members[right], scratch[left]))
			members[i++] = members[right++];
		else
			members[i++] = scratch[left++];
	}
}

/*
 * sort_members orders n members, given by their names' tokens, and leaves one of each
 * name; gives how many those are.
 */
static uint32
sort_members(const Token **members, const Token **scratch, uint32 n)
{
	uint32		kept = 1;

	merge_sort(members, scratch, n);
	for (uint32 i = 1; i < n; i++)
	{
		if (compare_names(members[i], members[kept - 1]) != 0)
			members[kept++] = members[i];
	}
	return n == 0 ? 0 : kept;
}

static void
write_object(StringInfo out, const Parser *parser, const Token *token)
{
	const Token *few[FEW];
	const Token **members = few;
	uint32		n = token->count;
	int64		total = 0;
	int			entries;
	JEntry		entry;

	if (n > FEW)
		members = palloc_extended(n * 2 * sizeof(Token *), MCXT_ALLOC_HUGE);
	token++;
	for (uint32 i = 0; i < n; i++)
	{
		members[i] = token;
		token = behind(parser, token + 1);
	}
	n = sort_members(members, members + n, n);
	entries = begin_container(out, n | JB_FOBJECT, 2 * n);
	for (uint32 i = 0; i < n; i++)
	{
		write_value(out, parser, members[i], &entry);
		set_entry(out, entries, i, entry, &total);
	}
	for (uint32 i = 0; i < n; i++)
	{
		write_value(out, parser, members[i] + 1, &entry);
		set_entry(out, entries, n + i, entry, &total);
	}
	if (members != few)
		pfree(members);
}

/*
 * write_value appends a value; entry tells its type and length.
 */
static void
write_value(StringInfo out, const Parser *parser, const Token *token, JEntry *entry)
{
	int			start = out->len;

	switch ((TokenKind) token->kind)
	{
		case OBJECT:
		case ARRAY:
			CHECK_FOR_INTERRUPTS();
			check_stack_depth();
			if (token->kind == OBJECT)
				write_object(out, parser, token);
			else
				write_array(out, parser, token);
			*entry = JENTRY_ISCONTAINER | (out->len - start);
			break;
		case STRING:
			appendBinaryStringInfo(out, token->text, token->count);
			*entry = JENTRY_ISSTRING | token->count;
			break;
		case NUMBER:
			write_number(out, token, entry);
			break;
		case WORD_TRUE:
			*entry = JENTRY_ISBOOL_TRUE;
			break;
		case WORD_FALSE:
			*entry = JENTRY_ISBOOL_FALSE;
			break;
		case WORD_NULL:
			*entry = JENTRY_ISNULL;
			break;
	}
}

Jsonb *
ddb_json_read(const char *json)
{
	size_t		len = strlen(json);
	Parser		parser = {.p = json,.end = json + len};
	StringInfoData out;
	JEntry		root;

	if (len >= JENTRY_OFFLENMASK)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("JSON is too large"));
	parser.size = 64;
	parser.tokens = palloc(parser.size * sizeof(Token));
	if (memchr(json, '\\', len) != NULL)
		parser.unescaped = palloc(len);
	parse_all(&parser);
	if (parser.p != parser.end)
		malformed();

	initStringInfo(&out);
	out.len = VARHDRSZ;
	if (parser.tokens->kind <= ARRAY)
		write_value(&out, &parser, parser.tokens, &root);
	else
	{
		/* jsonb holds a scalar in an array */
		int			entries = begin_container(&out, 1 | JB_FARRAY | JB_FSCALAR, 1);
		int64		total = 0;

		write_value(&out, &parser, parser.tokens, &root);
		set_entry(&out, entries, 0, root, &total);
	}
	SET_VARSIZE(out.data, out.len);
	pfree(parser.tokens);
	return (Jsonb *) out.data;
}
