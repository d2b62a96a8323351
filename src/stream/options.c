/*
 * options.c
 *	  Options of the output plugin.
 *
 * They are read outside a transaction, so a table's name is checked for its form
 * only; the table may come later too.
 */
#include "postgres.h"

#include "compat.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/builtins.h"

#include "stream/plugin_private.h"

pg_noreturn static void
wrong_value(const DefElem *element, const char *value, const char *expected)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for option \"%s\": \"%s\"", element->defname, value),
			errdetail("Expected is %s.", expected));
}

/*
 * string_value gives an option's value; an option without one is an error.
 */
static char *
string_value(const DefElem *element)
{
	if (element->arg == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("option \"%s\" needs a value", element->defname));
	return strVal(element->arg);
}

/*
 * bool_value gives a boolean option's value; without one it is true.
 */
static bool
bool_value(const DefElem *element)
{
	bool		value = true;

	if (element->arg != NULL && !parse_bool(strVal(element->arg), &value))
		wrong_value(element, strVal(element->arg), "a boolean");
	return value;
}

/*
 * choice gives the number of an option's value among two.
 */
static bool
choice(const DefElem *element, const char *no, const char *yes)
{
	char	   *value = string_value(element);

	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
		wrong_value(element, value, psprintf("\"%s\" or \"%s\"", no, yes));
	return strcmp(value, yes) == 0;
}

/*
 * is_table_name tells whether a table may have a name ("Naming rules").
 */
static bool
is_table_name(const char *name)
{
	size_t		len = strlen(name);

	return len >= 3 && len <= 255 &&
		strspn(name, DDB_NAME_CHARACTERS) == len;
}

/*
 * table_names splits a list of tables' names at commas.
 */
static List *
table_names(const DefElem *element)
{
	char	   *rest = pstrdup(string_value(element));
	List	   *names = NIL;
	char	   *name;

	while ((name = strsep(&rest, ",")) != NULL)
	{
		int			len;

		name += strspn(name, " \t\n");
		len = strlen(name);
		while (len > 0 && strchr(" \t\n", name[len - 1]) != NULL)
			name[--len] = '\0';
		if (!is_table_name(name))
			wrong_value(element, name,
						"a list of table names, each of 3 to 255 letters, digits and \"_\", \"-\", \".\"");
		names = lappend(names, name);
	}
	return names;
}

/*
 * read_option reads one option; false when there is none of that name.
 */
static bool
read_option(const DefElem *element, DdbPluginOptions *options)
{
	if (strcmp(element->defname, "tables") == 0)
		options->tables = table_names(element);
	else if (strcmp(element->defname, "include-xids") == 0)
		options->include_xids = bool_value(element);
	else if (strcmp(element->defname, "format") == 0)
		options->pretty = choice(element, "json", "pretty");
	else if (strcmp(element->defname, "origin") == 0)
		options->local_only = choice(element, "any", "none");
	else if (strcmp(element->defname, "stream-changes") == 0)
		options->stream_changes = bool_value(element);
	else
		return false;
	return true;
}

void
ddb_plugin_options_read(List *elements, DdbPluginOptions *options)
{
	ListCell   *lc;

	memset(options, 0, sizeof(DdbPluginOptions));
	foreach(lc, elements)
	{
		DefElem    *element = lfirst(lc);

		for (int i = 0; i < foreach_current_index(lc); i++)
		{
			if (strcmp(((DefElem *) list_nth(elements, i))->defname, element->defname) == 0)
				ereport(ERROR,
						errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is given twice", element->defname));
		}
		if (!read_option(element, options))
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unknown option \"%s\"", element->defname),
					errhint("There are \"tables\", \"include-xids\", \"format\", \"origin\" and \"stream-changes\"."));
	}
}
