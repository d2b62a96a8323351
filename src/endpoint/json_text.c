/*
 * json_text.c
 *	  Documents as the service writes them: JSON without white space.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "endpoint/protocol.h"

/*
 * append_string appends a string in quotes.  What needs no escape goes in runs.
 */
static void
append_string(StringInfo out, const char *data, int len)
{
	static const char hex[] = "0123456789abcdef";
	int			done = 0;

	appendStringInfoCharMacro(out, '"');
	for (int i = 0; i < len; i++)
	{
		unsigned char c = data[i];
		char		escape[7] = "\\u00";
		int			escape_len = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		appendBinaryStringInfo(out, data + done, i - done);
		done = i + 1;
		switch (c)
		{
			case '"':
			case '\\':
				escape[1] = c;
				break;
			case '\b':
				escape[1] = 'b';
				break;
			case '\f':
				escape[1] = 'f';
				break;
			case '\n':
				escape[1] = 'n';
				break;
			case '\r':
				escape[1] = 'r';
				break;
			case '\t':
				escape[1] = 't';
				break;
			default:
				escape[4] = hex[c >> 4];
				escape[5] = hex[c & 15];
				escape_len = 6;
		}
		appendBinaryStringInfo(out, escape, escape_len);
	}
	appendBinaryStringInfo(out, data + done, len - done);
	appendStringInfoCharMacro(out, '"');
}

static void
append_scalar(StringInfo out, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			appendBinaryStringInfo(out, "null", 4);
			break;
		case jbvString:
			append_string(out, value->val.string.val, value->val.string.len);
			break;
		case jbvNumeric:
			appendStringInfoString(out,
								   DatumGetCString(DirectFunctionCall1(numeric_out,
																	   NumericGetDatum(value->val.numeric))));
			break;
		case jbvBool:
			appendStringInfoString(out, value->val.boolean ? "true" : "false");
			break;
		default:
			elog(ERROR, "unexpected scalar of type %d in a document", (int) value->type);
	}
}

/*
 * ddb_json_text appends a document's text.
 */
void
ddb_json_text(StringInfo out, JsonbContainer *document)
{
	JsonbIterator *it = JsonbIteratorInit(document);
	JsonbIteratorToken token;
	JsonbValue	value;
	bool		first = true;	/* no comma before what comes next */

	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		if (!first && (token == WJB_KEY || token == WJB_ELEM || token == WJB_BEGIN_OBJECT ||
					   token == WJB_BEGIN_ARRAY))
			appendStringInfoCharMacro(out, ',');
		first = token == WJB_KEY || token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY;
		switch (token)
		{
			case WJB_KEY:
				append_string(out, value.val.string.val, value.val.string.len);
				appendStringInfoCharMacro(out, ':');
				break;
			case WJB_VALUE:
			case WJB_ELEM:
				append_scalar(out, &value);
				break;
			case WJB_BEGIN_OBJECT:
				appendStringInfoCharMacro(out, '{');
				break;
			case WJB_END_OBJECT:
				appendStringInfoCharMacro(out, '}');
				break;
			case WJB_BEGIN_ARRAY:
				appendStringInfoCharMacro(out, '[');
				break;
			case WJB_END_ARRAY:
				appendStringInfoCharMacro(out, ']');
				break;
			default:
				break;
		}
	}
}
