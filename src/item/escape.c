/*
 * escape.c
 *	  How text with U+0000 is stored, read from JSON and written to JSON.
 *
 * DynamoDB's strings may have U+0000; PostgreSQL's text and jsonb may not.  So
 * all text of items, keys, names and requests is held in stored form, in jsonb
 * as in key columns:
 *
 *		U+0000		01 01
 *		U+0001		01 02
 *		others		their UTF-8
 *
 * U+0001 must have an escape too: a string that ends in U+0000 is to sort before
 * the one that ends in U+0001 instead, and no byte is left between the end and 01.
 *
 * Every character has a code, and no code begins another one (01 begins just the
 * escapes, which their second bytes tell apart).  Therefore
 *
 * - a stored text reads in one way only: equal texts have equal stored forms and
 *	 different ones different forms, whatever a client sends.  Uniqueness, sets,
 *	 lookups of names and hashes of the stored bytes go by that.
 * - bytes of stored text sort as those of the true text.  Where two texts first
 *	 differ the codes before are the same, and codes sort as their characters'
 *	 first bytes do: 01 01 < 01 02 < 02 < ...; a text that ends there is shorter
 *	 in either form.
 * - one text begins with another exactly when its stored form does: behind the same
 *	 bytes a reader of both is at the same character.  Ranges for a prefix are right
 *	 as they are.
 * - one text contains, or ends with, another exactly when the stored form has the
 *	 other's bytes at the beginning of a character (ddb_text_begins_character());
 *	 U+0002's code is also the end of U+0001's.
 *
 * What has neither character is stored as it is, and costs a look for the byte 01
 * where text is read, measured or written.
 *
 * Text enters as JSON through ddb_json_read() and leaves as JSON through
 * ddb_json_write() and ddb_json_show(): HTTP, the output plugin, and the SQL
 * functions ddb_jsonb() and ddb_json().  A jsonb that SQL functions take or give,
 * and the data table, has stored form.  There, a U+0001 that begins no escape is an
 * error (ddb_text_is_valid()); where one is found in stored data, from versions
 * before the escapes, it counts as itself.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "item/item.h"

PG_FUNCTION_INFO_V1(ddb_json);
PG_FUNCTION_INFO_V1(ddb_jsonb);

#define ESCAPE '\1'

/* In JSON text: of an escape, and of what it stands for, all but the last digit. */
#define JSON_ESCAPE "\\u0001\\u000"
#define JSON_ESCAPE_LEN 12
#define JSON_CHARACTER "\\u000"
#define JSON_CHARACTER_LEN 6

/*
 * is_escape tells whether an escape begins at p, end being behind the text.
 */
static inline bool
is_escape(const char *p, const char *end)
{
	return end - p >= 2 && p[0] == ESCAPE && (p[1] == '\1' || p[1] == '\2');
}

/*
 * next_escape finds the next byte 01; NULL when there is none.
 */
static inline const char *
next_escape(const char *p, const char *end)
{
	return p < end ? memchr(p, ESCAPE, end - p) : NULL;
}

int
ddb_text_count_escapes(const char *data, int len)
{
	const char *end = data + len;
	int			n = 0;

	for (const char *p = data; (p = next_escape(p, end)) != NULL;)
	{
		bool		found = is_escape(p, end);

		n += found;
		p += found ? 2 : 1;
	}
	return n;
}

bool
ddb_text_is_valid(const char *data, int len)
{
	const char *end = data + len;

	if (!ddb_text_has_escape(data, len))
		return true;
	for (const char *p = data; (p = next_escape(p, end)) != NULL; p += 2)
	{
		if (!is_escape(p, end))
			return false;
	}
	return true;
}

/*
 * ddb_text_begins_character tells whether the byte at, in or behind a valid stored
 * text that begins at data, is not the end of an escape.  Going back over bytes 01 to
 * the first of them gives the place where an escape must begin.
 */
bool
ddb_text_begins_character(const char *data, const char *at)
{
	const char *p = at;

	while (p > data && p[-1] == ESCAPE)
		p--;
	return (at - p) % 2 == 0;
}

const char *
ddb_text_true(const char *data, int *len)
{
	const char *end = data + *len;
	char	   *copy;
	char	   *out;

	if (!ddb_text_has_escape(data, *len))
		return data;
	copy = palloc(*len);
	out = copy;
	for (const char *p = data; p < end;)
	{
		bool		escape = is_escape(p, end);

		*out++ = escape ? p[1] - 1 : *p;
		p += escape ? 2 : 1;
	}
	*len = out - copy;
	return copy;
}

const char *
ddb_text_store(const char *data, int *len)
{
	const char *end = data + *len;
	StringInfoData buf;
	const char *from = data;

	if (!ddb_text_has_escape(data, *len))
		return data;
	initStringInfo(&buf);
	for (const char *p = data; (p = next_escape(p, end)) != NULL;)
	{
		p++;
		appendBinaryStringInfo(&buf, from, p - from);
		appendStringInfoChar(&buf, '\2');
		from = p;
	}
	appendBinaryStringInfo(&buf, from, end - from);
	*len = buf.len;
	return buf.data;
}

/*
 * find_in_json finds the next place of JSON text from p on where pattern, which begins
 * with a backslash, stands: not behind the first of two backslashes.  NULL when there is
 * none.  No backslash before p is escaped by one before that.
 */
static char *
find_in_json(char *p, const char *pattern)
{
	char	   *found = p;

	while ((found = strstr(found, pattern)) != NULL)
	{
		char	   *first = found;

		while (first > p && first[-1] == '\\')
			first--;
		if ((found - first) % 2 == 0)
			return found;
		found++;
	}
	return NULL;
}

/*
 * ddb_json_show turns stored form into true text in the JSON text from offset from to
 * the end of json.
 */
void
ddb_json_show(StringInfo json, int from)
{
	char	   *in = json->data + from;
	char	   *out = in;
	char	   *p = in;

	while ((p = find_in_json(p, JSON_ESCAPE)) != NULL)
	{
		char		digit = p[JSON_ESCAPE_LEN - 1];
		size_t		n = p + JSON_CHARACTER_LEN - 1 - in;

		if (digit != '1' && digit != '2')
		{
			p += JSON_CHARACTER_LEN;
			continue;
		}
		memmove(out, in, n);
		out += n;
		*out++ = digit - 1;
		p += JSON_ESCAPE_LEN;
		in = p;
	}
	if (out == in)
		return;
	memmove(out, in, json->data + json->len - in);
	json->len -= in - out;
	json->data[json->len] = '\0';
}

void
ddb_json_write(StringInfo out, JsonbContainer *document, int len)
{
	int			from = out->len;

	(void) JsonbToCString(out, document, len);
	ddb_json_show(out, from);
}

/*
 * ddb_json(jsonb) gives JSON text with the true characters.
 */
Datum
ddb_json(PG_FUNCTION_ARGS)
{
	Jsonb	   *document = PG_GETARG_JSONB_P(0);
	StringInfoData text;

	initStringInfo(&text);
	ddb_json_write(&text, &document->root, VARSIZE(document));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/*
 * ddb_jsonb(json) gives JSON text in stored form, for all functions that take jsonb.
 */
Datum
ddb_jsonb(PG_FUNCTION_ARGS)
{
	char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(0));

	PG_RETURN_JSONB_P(ddb_json_read(json));
}

void
ddb_json_compact(StringInfo out, const char *json)
{
	bool		quoted = false;

	for (; *json != '\0'; json++)
	{
		if (!quoted && strchr(" \t\r\n", *json) != NULL)
			continue;
		appendStringInfoCharMacro(out, *json);
		if (*json == '"')
			quoted = !quoted;
		else if (*json == '\\' && json[1] != '\0')
		{
			json++;
			appendStringInfoCharMacro(out, *json);
		}
	}
}
