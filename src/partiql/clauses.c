/*
 * clauses.c
 *	  From tokens to a tree: the clauses of SELECT, INSERT, UPDATE, DELETE.
 *
 * Each function is called with its keyword behind it.  What the language has
 * and the service has not (joins, GROUP BY, LIMIT, ...) is parsed to its end and
 * noted; the refusal comes later.
 */
#include "postgres.h"

#include "partiql/parser_private.h"

/*
 * accept_alias takes AS name, AT name, BY name or, where bare is set, a mere
 * name.
 */
static bool
accept_alias(PqlParser *parser, const char *keyword, bool bare, const char *name)
{
	const PqlToken *head;

	if (ddb_pql_accept(parser, keyword))
	{
		head = pql_head(parser);
		if (head->type != PQL_WORD && head->type != PQL_QUOTED)
			ddb_pql_malformed(psprintf("Expected identifier for %s-alias", name));
		parser->at++;
		return true;
	}
	head = pql_head(parser);
	if (!bare || (head->type != PQL_WORD && head->type != PQL_QUOTED))
		return false;
	parser->at++;
	return true;
}

/*
 * parse_aliases takes the aliases that may follow a table.
 */
static void
parse_aliases(PqlParser *parser, PqlSource *source)
{
	source->aliased |= accept_alias(parser, "as", true, "AS");
	source->aliased |= accept_alias(parser, "at", false, "AT");
	source->aliased |= accept_alias(parser, "by", false, "BY");
}

/*
 * parse_source parses what follows FROM: tables, joined or not.
 */
static void
parse_source(PqlParser *parser, int binds, PqlSource *source)
{
	if (ddb_pql_accept(parser, "unpivot"))
		source->joined = true;
	source->name = ddb_pql_expression(parser, binds);
	parse_aliases(parser, source);
	while (ddb_pql_is(parser, ",") || ddb_pql_is(parser, "join") || ddb_pql_is(parser, "join on"))
	{
		bool		condition = ddb_pql_is(parser, "join on");

		parser->at++;
		source->joined = true;
		(void) ddb_pql_expression(parser, binds);
		parse_aliases(parser, source);
		if (!condition)
			continue;
		if (!ddb_pql_accept(parser, "on"))
			ddb_pql_malformed("Expected 'ON'");
		(void) ddb_pql_expression(parser, binds);
	}
}

/*
 * parse_columns parses the list between SELECT and FROM.
 */
static void
parse_columns(PqlParser *parser, PqlSelect *select)
{
	int			count = 0;

	do
	{
		count++;
		if (pql_head(parser)->type == PQL_STAR)
		{
			parser->at++;
			select->all = true;
			continue;
		}
		ddb_pql_append(&select->columns, ddb_pql_expression(parser, PQL_BINDS_ANY));
		select->aliased |= accept_alias(parser, "as", true, "AS");
	} while (ddb_pql_accept(parser, ","));
	if (select->all && count > 1)
		ddb_pql_malformed("Other expressions may not be present in the select list when '*' is used without dot notation.");
}

/*
 * parse_order parses the keys of ORDER BY.
 */
static void
parse_order(PqlParser *parser, PqlSelect *select)
{
	int			capacity = 0;

	ddb_pql_expect_token(parser, "by", "BY");
	do
	{
		PqlOrder   *order;

		if (select->norder == capacity)
		{
			capacity = capacity == 0 ? 4 : 2 * capacity;
			select->order = select->order == NULL ? palloc(capacity * sizeof(PqlOrder)) :
				repalloc(select->order, capacity * sizeof(PqlOrder));
		}
		order = &select->order[select->norder++];
		order->key = ddb_pql_expression(parser, PQL_BINDS_ANY);
		order->descending = ddb_pql_accept(parser, "desc");
		if (!order->descending)
			(void) ddb_pql_accept(parser, "asc");
	} while (ddb_pql_accept(parser, ","));
}

/*
 * parse_unsupported parses a clause of one expression that the service lacks.
 */
static void
parse_unsupported(PqlParser *parser, PqlSelect *select, const char *keyword, const char *name)
{
	if (!ddb_pql_accept(parser, keyword))
		return;
	(void) ddb_pql_expression(parser, PQL_BINDS_CLAUSE);
	if (select->unsupported == NULL)
		select->unsupported = name;
}

/*
 * parse_group_by parses GROUP BY.
 */
static void
parse_group_by(PqlParser *parser, PqlSelect *select)
{
	if (!ddb_pql_accept(parser, "group"))
		return;
	(void) ddb_pql_accept(parser, "partial");
	ddb_pql_expect_token(parser, "by", "BY");
	do
	{
		(void) ddb_pql_expression(parser, PQL_BINDS_CLAUSE);
		(void) accept_alias(parser, "as", true, "AS");
	} while (ddb_pql_accept(parser, ","));
	if (ddb_pql_accept(parser, "group"))
	{
		ddb_pql_expect_keyword(parser, "as");
		if (pql_head(parser)->type != PQL_WORD && pql_head(parser)->type != PQL_QUOTED)
			ddb_pql_malformed("Expected identifier for GROUP name");
		parser->at++;
	}
	if (select->unsupported == NULL)
		select->unsupported = "GROUP BY";
}

/*
 * ddb_pql_select parses a SELECT.
 */
PqlNode *
ddb_pql_select(PqlParser *parser, const PqlToken *first)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_SELECT, first);
	PqlSelect  *select = palloc0(sizeof(PqlSelect));

	node->select = select;
	if (ddb_pql_accept(parser, "distinct"))
		select->unsupported = "DISTINCT";
	else
		(void) ddb_pql_accept(parser, "all");
	if (ddb_pql_accept(parser, "value"))
	{
		select->unsupported = "VALUE";
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	}
	else
		parse_columns(parser, select);
	if (!ddb_pql_accept(parser, "from"))
		ddb_pql_malformed("Expected FROM after SELECT list");
	parse_source(parser, PQL_BINDS_CLAUSE, &select->source);
	if (ddb_pql_accept(parser, "let"))
	{
		do
		{
			(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
			if (!ddb_pql_is(parser, "as"))
				ddb_pql_malformed("Expected AS following LET expr");
			(void) accept_alias(parser, "as", false, "AS");
		} while (ddb_pql_accept(parser, ","));
		select->unsupported = "LET";
	}
	if (ddb_pql_accept(parser, "where"))
		select->where = ddb_pql_expression(parser, PQL_BINDS_CLAUSE);
	if (ddb_pql_accept(parser, "order"))
		parse_order(parser, select);
	parse_group_by(parser, select);
	parse_unsupported(parser, select, "having", "HAVING");
	parse_unsupported(parser, select, "limit", "LIMIT");
	return node;
}

/* Changes */

/*
 * parse_insert parses INSERT from the table's name on.
 */
static void
parse_insert(PqlParser *parser, PqlChange *change)
{
	change->verb = PQL_INSERT;
	change->source.name = ddb_pql_simple_path(parser);
	if (!ddb_pql_accept(parser, "value"))
	{
		/* INSERT INTO t <<...>> */
		if (ddb_pql_accept(parser, "values"))
		{
			do
			{
				if (!ddb_pql_accept(parser, "("))
					ddb_pql_malformed("Expected LEFT_PAREN for row value constructor");
				do
					(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
				while (ddb_pql_accept(parser, ","));
				ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
			} while (ddb_pql_accept(parser, ","));
		}
		else
			(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
		change->unsupported = "Insert";
		return;
	}
	change->item = ddb_pql_expression(parser, PQL_BINDS_ANY);
	if (ddb_pql_accept(parser, "at"))
	{
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
		change->unsupported = "InsertValue AT";
	}
	if (ddb_pql_accept(parser, "on conflict"))
	{
		if (!ddb_pql_accept(parser, "where"))
			ddb_pql_malformed("invalid ON CONFLICT syntax");
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
		if (!ddb_pql_accept(parser, "do nothing"))
			ddb_pql_malformed("invalid ON CONFLICT syntax");
		change->unsupported = "ON CONFLICT";
	}
}

static void
add_action(PqlChange *change, int *capacity, PqlAction action)
{
	if (change->nactions == *capacity)
	{
		*capacity = *capacity == 0 ? 4 : 2 * *capacity;
		change->actions = change->actions == NULL ? palloc(*capacity * sizeof(PqlAction)) :
			repalloc(change->actions, *capacity * sizeof(PqlAction));
	}
	change->actions[change->nactions++] = action;
}

/*
 * parse_actions parses the SET and REMOVE clauses of an update.
 */
static void
parse_actions(PqlParser *parser, PqlChange *change)
{
	int			capacity = 0;

	for (;;)
	{
		PqlAction	action = {0};

		if (ddb_pql_accept(parser, "remove"))
		{
			action.remove = true;
			action.target = ddb_pql_simple_path(parser);
			add_action(change, &capacity, action);
		}
		else if (ddb_pql_accept(parser, "set"))
		{
			do
			{
				action.target = ddb_pql_simple_path(parser);
				if (!ddb_pql_accept(parser, "="))
					ddb_pql_malformed("Expected '='");
				action.value = ddb_pql_expression(parser, PQL_BINDS_ANY);
				add_action(change, &capacity, action);
			} while (ddb_pql_accept(parser, ","));
		}
		else if (ddb_pql_accept(parser, "insert into"))
		{
			PqlChange	inner = {0};

			parse_insert(parser, &inner);
			change->unsupported = "InsertValue";
			add_action(change, &capacity, action);
		}
		else
			break;
	}
	if (change->nactions == 0)
		ddb_pql_malformed("Expected data manipulation");
}

static void
parse_where(PqlParser *parser, PqlChange *change)
{
	if (ddb_pql_accept(parser, "where"))
		change->where = ddb_pql_expression(parser, PQL_BINDS_ANY);
}

/*
 * parse_returning parses RETURNING.
 */
static void
parse_returning(PqlParser *parser, PqlChange *change)
{
	static const struct
	{
		const char *word;
		PqlReturning returning;
	}			forms[] = {
		{"all old", PQL_RETURNING_ALL_OLD}, {"modified old", PQL_RETURNING_MODIFIED_OLD},
		{"all new", PQL_RETURNING_ALL_NEW}, {"modified new", PQL_RETURNING_MODIFIED_NEW}
	};

	if (!ddb_pql_accept(parser, "returning"))
		return;
	do
	{
		PqlReturning returning = PQL_RETURNING_NONE;

		for (int i = 0; i < lengthof(forms) && returning == PQL_RETURNING_NONE; i++)
		{
			if (ddb_pql_accept(parser, forms[i].word))
				returning = forms[i].returning;
		}
		if (returning == PQL_RETURNING_NONE)
			ddb_pql_malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.");
		change->returning_columns |= change->returning != PQL_RETURNING_NONE;
		change->returning = returning;
		if (pql_head(parser)->type == PQL_STAR)
			parser->at++;
		else
		{
			PqlNode    *column = ddb_pql_expression(parser, PQL_BINDS_ANY);

			if (column->kind != PQL_NODE_PATH && column->kind != PQL_NODE_LITERAL)
				ddb_pql_malformed("Unsupported syntax in RETURNING columns.");
			if (column->nparts > 2)
				ddb_pql_malformed("More than two paths in RETURNING columns.");
			change->returning_columns = true;
		}
	} while (ddb_pql_accept(parser, ","));
}

/*
 * ddb_pql_change parses a statement that begins with FROM, UPDATE, DELETE, INSERT
 * INTO, SET or REMOVE.  The last two name no table: they are there for their
 * errors.
 */
PqlNode *
ddb_pql_change(PqlParser *parser, const PqlToken *first)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_CHANGE, first);
	PqlChange  *change = palloc0(sizeof(PqlChange));

	node->change = change;
	change->verb = PQL_UPDATE;
	if (strcmp(first->text, "insert into") == 0)
		parse_insert(parser, change);
	else if (strcmp(first->text, "from") == 0)
	{
		parse_source(parser, PQL_BINDS_ANY, &change->source);
		parse_where(parser, change);
		parse_actions(parser, change);
	}
	else if (strcmp(first->text, "update") == 0)
	{
		change->source.name = ddb_pql_simple_path(parser);
		parse_aliases(parser, &change->source);
		parse_actions(parser, change);
		parse_where(parser, change);
	}
	else if (strcmp(first->text, "delete") == 0)
	{
		change->verb = PQL_DELETE;
		if (!ddb_pql_accept(parser, "from"))
			ddb_pql_malformed("Expected FROM after DELETE");
		change->source.name = ddb_pql_simple_path(parser);
		parse_aliases(parser, &change->source);
		parse_where(parser, change);
	}
	else
	{
		parser->at--;
		parse_actions(parser, change);
		change->unsupported = "Set";
	}
	if (change->verb != PQL_INSERT)
		parse_returning(parser, change);
	return node;
}
