/*
 * keywords.c
 *	  The words that are no identifiers: those of SQL-92 and those that
 *	  PartiQL adds.
 */
#include "postgres.h"

#include "partiql/tree.h"

#define LONGEST_KEYWORD 17

/* In the order of strcmp(): a binary search finds them. */
static const char *const keywords[] = {
	"absolute", "action", "add", "all", "allocate", "alter", "and", "any", "are", "as", "asc",
	"assertion", "at", "authorization", "avg", "bag", "begin", "between", "bigint", "bit",
	"bit_length", "blob", "bool", "boolean", "by", "can_cast", "can_lossless_cast", "cascade",
	"cascaded", "case", "cast", "catalog", "char", "char_length", "character",
	"character_length", "check", "clob", "close", "coalesce", "collate", "collation", "column",
	"commit", "conflict", "connect", "connection", "constraint", "constraints", "continue",
	"convert", "corresponding", "count", "create", "cross", "current", "current_date",
	"current_time", "current_timestamp", "current_user", "cursor", "date", "date_add",
	"date_diff", "deallocate", "dec", "decimal", "declare", "default", "deferrable", "deferred",
	"delete", "desc", "describe", "descriptor", "diagnostics", "disconnect", "distinct", "do",
	"domain", "double", "drop", "else", "end", "escape", "except", "exception", "exec",
	"execute", "exists", "external", "extract", "false", "fetch", "first", "float", "for",
	"foreign", "found", "from", "full", "get", "global", "go", "goto", "grant", "group",
	"having", "identity", "immediate", "in", "index", "indicator", "initially", "inner",
	"input", "insensitive", "insert", "int", "int2", "int4", "int8", "integer", "integer2",
	"integer4", "integer8", "intersect", "interval", "into", "is", "isolation", "join", "key",
	"language", "last", "left", "let", "level", "like", "limit", "list", "local", "lower",
	"match", "max", "min", "missing", "modified", "module", "names", "national", "natural",
	"nchar", "new", "next", "no", "not", "nothing", "null", "nullif", "numeric",
	"octet_length", "of", "offset", "old", "on", "only", "open", "option", "or", "order",
	"outer", "output", "overlaps", "pad", "partial", "pivot", "position", "precision",
	"prepare", "preserve", "primary", "prior", "privileges", "procedure", "public", "read",
	"real", "references", "relative", "remove", "restrict", "returning", "revoke", "right",
	"rollback", "rows", "schema", "scroll", "section", "select", "session", "session_user",
	"set", "sexp", "size", "smallint", "some", "space", "sql", "sqlcode", "sqlerror",
	"sqlstate", "string", "struct", "substring", "sum", "symbol", "system_user", "table",
	"temporary", "then", "time", "timestamp", "to", "transaction", "translate", "translation",
	"trim", "true", "tuple", "union", "unique", "unknown", "unpivot", "update", "upper",
	"usage", "user", "using", "value", "values", "varchar", "varying", "view", "when",
	"whenever", "where", "with", "work", "write", "zone"
};

static const char *const function_keywords[] = {
	"exists", "count", "avg", "max", "min", "sum", "substring", "char_length",
	"character_length", "octet_length", "bit_length", "upper", "lower", "size", "sexp", "list",
	"bag"
};

/* Types by all their names, and how many numbers in parentheses may follow. */
static const struct
{
	const char *word;
	int			arity;
}			types[] = {
	{"missing", 0}, {"null", 0}, {"boolean", 0}, {"bool", 0}, {"smallint", 0}, {"int2", 0},
	{"integer2", 0}, {"integer4", 0}, {"int4", 0}, {"integer8", 0}, {"int8", 0}, {"bigint", 0},
	{"integer", 0}, {"int", 0}, {"float", 1}, {"real", 0}, {"double precision", 0},
	{"decimal", 2}, {"dec", 2}, {"numeric", 2}, {"timestamp", 0}, {"date", 0}, {"time", 1},
	{"character", 1}, {"char", 1}, {"character varying", 1}, {"varchar", 1}, {"string", 0},
	{"symbol", 0}, {"clob", 0}, {"blob", 0}, {"struct", 0}, {"tuple", 0}, {"list", 0},
	{"sexp", 0}, {"bag", 0}, {"any", 0}
};

/*
 * ddb_pql_keyword finds a word among the keywords, whatever its case.
 */
const char *
ddb_pql_keyword(const char *word, int len)
{
	char		lower[LONGEST_KEYWORD + 1];
	int			low = 0;
	int			high = lengthof(keywords);

	if (len > LONGEST_KEYWORD)
		return NULL;
	for (int i = 0; i < len; i++)
		lower[i] = pg_ascii_tolower((unsigned char) word[i]);
	lower[len] = '\0';
	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(lower, keywords[middle]);

		if (order == 0)
			return keywords[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
ddb_pql_is_function_keyword(const char *word)
{
	for (int i = 0; i < lengthof(function_keywords); i++)
	{
		if (strcmp(function_keywords[i], word) == 0)
			return true;
	}
	return false;
}

int
ddb_pql_type_arity(const char *word)
{
	for (int i = 0; i < lengthof(types); i++)
	{
		if (strcmp(types[i].word, word) == 0)
			return types[i].arity;
	}
	return -1;
}
