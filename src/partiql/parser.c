/*
 * parser.c
 *	  From tokens to a tree: expressions.
 *
 * A precedence climber over an array of tokens, as the open-source parser of
 * PartiQL was that the service began with: what the service says about a
 * malformed statement, and which statements it takes for one, follow from
 * that structure.  A statement is an expression like any other, a verb is one
 * of its terms, and what is left over behind it is the error.  A grammar for
 * bison would have other states at the points where errors are told.
 *
 * Depth is limited, so that no text can exhaust the stack; chains of AND and OR
 * are no depth here.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "partiql/parser_private.h"

#define MAX_DEPTH 500

static PqlNode *parse_term(PqlParser *parser);

PqlNode *
ddb_pql_node(PqlKind kind, const PqlToken *token)
{
	PqlNode    *node = palloc0(sizeof(PqlNode));

	node->kind = kind;
	node->token = token;
	node->word = token->text;
	return node;
}

void
ddb_pql_append(PqlList *list, PqlNode *node)
{
	if (list->count == list->capacity)
	{
		list->capacity = list->capacity == 0 ? 4 : 2 * list->capacity;
		list->nodes = list->nodes == NULL ? palloc(list->capacity * sizeof(PqlNode *)) :
			repalloc(list->nodes, list->capacity * sizeof(PqlNode *));
	}
	list->nodes[list->count++] = node;
}

static void
set_arguments(PqlNode *node, const PqlList *list)
{
	node->nargs = list->count;
	node->args = list->nodes;
}

static PqlNode *
make_operator(const PqlToken *token, const char *word, PqlNode *left, PqlNode *right)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_OPERATOR, token);
	PqlList		list = {0};

	node->word = word;
	ddb_pql_append(&list, left);
	if (right != NULL)
		ddb_pql_append(&list, right);
	set_arguments(node, &list);
	return node;
}

/* Tokens */

/*
 * ddb_pql_is tells whether the next token is a keyword, operator or mark.
 */
bool
ddb_pql_is(const PqlParser *parser, const char *word)
{
	const PqlToken *head = pql_head(parser);

	return (head->type == PQL_KEYWORD || head->type == PQL_OPERATOR ||
			head->type == PQL_PUNCTUATION) &&
		strcmp(head->text, word) == 0;
}

static const PqlToken *
next(PqlParser *parser)
{
	const PqlToken *head = pql_head(parser);

	if (head->type != PQL_END)
		parser->at++;
	return head;
}

bool
ddb_pql_accept(PqlParser *parser, const char *word)
{
	if (!ddb_pql_is(parser, word))
		return false;
	(void) next(parser);
	return true;
}

void
ddb_pql_expect_keyword(PqlParser *parser, const char *word)
{
	char	   *upper;

	if (ddb_pql_accept(parser, word))
		return;
	upper = pstrdup(word);
	for (char *c = upper; *c != '\0'; c++)
		*c = pg_ascii_toupper((unsigned char) *c);
	ddb_pql_malformed(psprintf("Expected %s keyword", upper));
}

void
ddb_pql_expect_token(PqlParser *parser, const char *text, const char *name)
{
	if (!ddb_pql_accept(parser, text))
		ddb_pql_malformed(psprintf("Expected %s", name));
}

/*
 * at_end tells whether nothing follows token number at but a semicolon.
 */
static bool
at_end(const PqlParser *parser, int at)
{
	const PqlToken *token = &parser->tokens[at];

	return token->type == PQL_END ||
		(token->type == PQL_PUNCTUATION && token->text[0] == ';' &&
		 token[1].type == PQL_END);
}

/* Operators */

/*
 * infix_binding is how tightly a token binds as an infix operator; 0: it is none.
 */
static int
infix_binding(const PqlToken *token)
{
	static const struct
	{
		const char *word;
		int			binds;
	}			operators[] = {
		{"union", PQL_BINDS_SET}, {"intersect", PQL_BINDS_SET}, {"except", PQL_BINDS_SET},
		{"or", PQL_BINDS_OR}, {"and", PQL_BINDS_AND},
		{"=", PQL_BINDS_EQUALITY}, {"<>", PQL_BINDS_EQUALITY}, {"is", PQL_BINDS_EQUALITY},
		{"is not", PQL_BINDS_EQUALITY}, {"in", PQL_BINDS_EQUALITY},
		{"not in", PQL_BINDS_EQUALITY},
		{"<", PQL_BINDS_COMPARISON}, {"<=", PQL_BINDS_COMPARISON}, {">", PQL_BINDS_COMPARISON},
		{">=", PQL_BINDS_COMPARISON}, {"between", PQL_BINDS_COMPARISON},
		{"not between", PQL_BINDS_COMPARISON}, {"like", PQL_BINDS_COMPARISON},
		{"not like", PQL_BINDS_COMPARISON},
		{"+", PQL_BINDS_SUM}, {"-", PQL_BINDS_SUM}, {"||", PQL_BINDS_SUM},
		{"/", PQL_BINDS_PRODUCT}, {"%", PQL_BINDS_PRODUCT},
	};

	if (token->type == PQL_STAR)
		return PQL_BINDS_PRODUCT;
	if (token->type != PQL_OPERATOR)
		return 0;
	for (int i = 0; i < lengthof(operators); i++)
	{
		if (strcmp(operators[i].word, token->text) == 0)
			return operators[i].binds;
	}
	return 0;
}

/*
 * parse_right parses the right side of the infix operator before it.
 */
static PqlNode *
parse_right(PqlParser *parser, int binds)
{
	if (parser->at >= parser->count)
		ddb_pql_malformed("Missing right-hand side expression of infix operator");
	return ddb_pql_expression(parser, binds);
}

/*
 * parse_type parses a type's name and the numbers that belong to it.
 */
static const char *
parse_type(PqlParser *parser)
{
	const PqlToken *head = pql_head(parser);
	PqlList		numbers = {0};
	int			arity;

	arity = head->type == PQL_KEYWORD || head->type == PQL_NULL ||
		head->type == PQL_MISSING ? ddb_pql_type_arity(head->text) : -1;
	if (arity < 0)
		ddb_pql_malformed("Expected type name");
	(void) next(parser);
	if (ddb_pql_accept(parser, "("))
	{
		ddb_pql_expressions(parser, &numbers);
		ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
	}
	if (numbers.count > arity)
		ddb_pql_malformed(psprintf("CAST for %s must have arity of 0..%d", head->text, arity));
	for (int i = 0; i < numbers.count; i++)
	{
		if (numbers.nodes[i]->kind != PQL_NODE_LITERAL ||
			numbers.nodes[i]->token->type != PQL_NUMBER || numbers.nodes[i]->minus ||
			strspn(numbers.nodes[i]->token->text, "0123456789") != numbers.nodes[i]->token->len)
			ddb_pql_malformed("Type parameter must be an unsigned integer literal");
	}
	return head->text;
}

/*
 * parse_is parses IS [NOT] and a type; op is the token before it.
 */
static PqlNode *
parse_is(PqlParser *parser, const PqlToken *op, PqlNode *left)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_IS, op);
	PqlList		list = {0};

	node->negated = strcmp(op->text, "is not") == 0;
	node->word = parse_type(parser);
	ddb_pql_append(&list, left);
	set_arguments(node, &list);
	return node;
}

/*
 * parse_in parses the right side of [NOT] IN: a list in parentheses, or an
 * expression.
 */
static PqlNode *
parse_in(PqlParser *parser, const PqlToken *op, PqlNode *left)
{
	PqlNode    *right;
	PqlNode    *node;
	PqlList		list = {0};

	if (ddb_pql_is(parser, "(") &&
		!(parser->tokens[parser->at + 1].type == PQL_KEYWORD &&
		  (strcmp(parser->tokens[parser->at + 1].text, "select") == 0 ||
		   strcmp(parser->tokens[parser->at + 1].text, "values") == 0)))
	{
		right = ddb_pql_node(PQL_NODE_LIST, next(parser));
		ddb_pql_expressions(parser, &list);
		ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
		set_arguments(right, &list);
	}
	else
		right = parse_right(parser, PQL_BINDS_EQUALITY);
	node = make_operator(op, "in", left, right);
	node->negated = strcmp(op->text, "not in") == 0;
	return node;
}

/*
 * parse_third parses what comes after the second operand: AND of BETWEEN, ESCAPE
 * of LIKE.
 */
static void
parse_third(PqlParser *parser, PqlNode *node, const char *keyword)
{
	if (at_end(parser, parser->at))
		ddb_pql_malformed(psprintf("Expected expression after %s",
								   strcmp(keyword, "and") == 0 ? "AND" : "ESCAPE"));
	node->args = repalloc(node->args, 3 * sizeof(PqlNode *));
	node->args[node->nargs++] = ddb_pql_expression(parser, PQL_BINDS_COMPARISON);
}

/*
 * parse_infix parses an infix operator and all that belongs to it.
 */
static PqlNode *
parse_infix(PqlParser *parser, PqlNode *left, int binds)
{
	const PqlToken *op = next(parser);
	bool		negated = strncmp(op->text, "not ", 4) == 0;
	const char *word = op->type == PQL_STAR ? "*" : negated ? op->text + 4 : op->text;
	PqlNode    *node;

	if (strcmp(word, "is") == 0 || strcmp(word, "is not") == 0)
		return parse_is(parser, op, left);
	if (strcmp(word, "in") == 0)
		return parse_in(parser, op, left);
	node = make_operator(op, word, left, parse_right(parser, binds));
	node->negated = negated;
	if (strcmp(word, "between") == 0)
	{
		ddb_pql_expect_keyword(parser, "and");
		parse_third(parser, node, "and");
	}
	else if (strcmp(word, "like") == 0 && ddb_pql_accept(parser, "escape"))
		parse_third(parser, node, "escape");
	return node;
}

/*
 * parse_signs parses + and - before a term.  Before a number they become part of
 * it, else an operator that nobody takes.
 */
static PqlNode *
parse_signs(PqlParser *parser)
{
	const PqlToken *first = pql_head(parser);
	bool		minus = false;
	PqlNode    *term;

	while (ddb_pql_is(parser, "+") || ddb_pql_is(parser, "-"))
		minus ^= next(parser)->text[0] == '-';
	term = parse_term(parser);
	if (term->kind == PQL_NODE_LITERAL && term->token->type == PQL_NUMBER)
	{
		term->minus ^= minus;
		return term;
	}
	return make_operator(first, first->text[0] == '-' ? "negative" : "positive", term, NULL);
}

/*
 * ddb_pql_expression parses as far as operators bind more tightly than binds.
 */
PqlNode *
ddb_pql_expression(PqlParser *parser, int binds)
{
	PqlNode    *expr;
	int			operator;

	check_stack_depth();
	if (++parser->depth > MAX_DEPTH)
		ddb_pql_malformed("Expressions are nested too deeply");
	if (ddb_pql_is(parser, "not"))
	{
		const PqlToken *op = next(parser);

		expr = make_operator(op, "not", ddb_pql_expression(parser, PQL_BINDS_NOT), NULL);
	}
	else if (ddb_pql_is(parser, "+") || ddb_pql_is(parser, "-"))
		expr = parse_signs(parser);
	else
		expr = parse_term(parser);
	while ((operator = infix_binding(pql_head(parser))) > 0 && binds < operator)
		expr = parse_infix(parser, expr, operator);
	parser->depth--;
	return expr;
}

/*
 * ddb_pql_expressions parses one expression or more, with commas between them.
 */
void
ddb_pql_expressions(PqlParser *parser, PqlList *list)
{
	do
		ddb_pql_append(list, ddb_pql_expression(parser, PQL_BINDS_ANY));
	while (ddb_pql_accept(parser, ","));
}

/* Paths */

static void
add_part(PqlNode *path, int *capacity, PqlPart part)
{
	if (path->nparts == *capacity)
	{
		*capacity = *capacity == 0 ? 4 : 2 * *capacity;
		path->parts = path->parts == NULL ? palloc(*capacity * sizeof(PqlPart)) :
			repalloc(path->parts, *capacity * sizeof(PqlPart));
	}
	path->parts[path->nparts++] = part;
}

/*
 * parse_steps parses what follows a term: .name, [index], wildcards.  The term
 * becomes the root of a path unless it is one.
 */
static PqlNode *
parse_steps(PqlParser *parser, PqlNode *term, bool simple)
{
	PqlNode    *path = term;
	int			capacity = term->nparts;

	while (ddb_pql_is(parser, ".") || ddb_pql_is(parser, "["))
	{
		const PqlToken *mark = next(parser);
		PqlPart		part = {.kind = PQL_PART_NAME,.token = pql_head(parser)};

		if (path->kind != PQL_NODE_PATH)
		{
			path = ddb_pql_node(PQL_NODE_PATH, term->token);
			path->root = term;
			capacity = 0;
		}
		if (mark->text[0] == '.')
		{
			if (part.token->type == PQL_STAR && !simple)
				part.kind = PQL_PART_WILDCARD;
			else if (part.token->type != PQL_WORD && part.token->type != PQL_QUOTED)
				ddb_pql_malformed(part.token->type == PQL_STAR ?
								  "Invalid path dot component for simple path" :
								  "Invalid path dot component");
			(void) next(parser);
		}
		else
		{
			if (part.token->type == PQL_STAR)
			{
				part.kind = PQL_PART_WILDCARD;
				(void) next(parser);
			}
			else
			{
				part.kind = PQL_PART_INDEX;
				part.index = ddb_pql_expression(parser, PQL_BINDS_ANY);
			}
			ddb_pql_expect_token(parser, "]", "RIGHT_BRACKET");
		}
		add_part(path, &capacity, part);
	}
	return path;
}

/*
 * make_path makes a path of one name.
 */
static PqlNode *
make_path(const PqlToken *name)
{
	PqlNode    *path = ddb_pql_node(PQL_NODE_PATH, name);
	PqlPart		part = {.kind = PQL_PART_NAME,.token = name};
	int			capacity = 0;

	add_part(path, &capacity, part);
	return path;
}

/*
 * ddb_pql_simple_path parses a path that begins with a name.
 */
PqlNode *
ddb_pql_simple_path(PqlParser *parser)
{
	const PqlToken *head = pql_head(parser);

	if (head->type != PQL_WORD && head->type != PQL_QUOTED)
		ddb_pql_malformed("Expected identifier for simple path");
	return parse_steps(parser, make_path(next(parser)), true);
}

/* Terms */

/*
 * parse_call parses a function's arguments; its name and the parenthesis are
 * behind us.
 */
static PqlNode *
parse_call(PqlParser *parser, const PqlToken *name)
{
	static const char *const aggregates[] = {"count", "avg", "max", "min", "sum"};
	PqlNode    *node = ddb_pql_node(PQL_NODE_CALL, name);
	PqlList		list = {0};
	char	   *word = pstrdup(name->text);
	bool		aggregate = false;

	for (char *c = word; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	node->word = word;
	for (int i = 0; i < lengthof(aggregates); i++)
		aggregate = aggregate || strcmp(aggregates[i], word) == 0;
	if (aggregate && !ddb_pql_accept(parser, "distinct"))
		(void) ddb_pql_accept(parser, "all");
	if (pql_head(parser)->type == PQL_STAR)
	{
		if (strcmp(word, "count") != 0)
			ddb_pql_malformed(psprintf("%s(*) is not allowed", word));
		(void) next(parser);
	}
	else if (!ddb_pql_is(parser, ")"))
		ddb_pql_expressions(parser, &list);
	else if (aggregate)
		ddb_pql_malformed("Aggregate functions are always unary");
	ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
	if (aggregate && list.count > 1)
		ddb_pql_malformed("Aggregate functions are always unary");
	set_arguments(node, &list);
	return node;
}

/*
 * parse_group parses what stands in parentheses: an expression, or several,
 * which are a list.
 */
static PqlNode *
parse_group(PqlParser *parser, const PqlToken *first)
{
	PqlList		list = {0};
	PqlNode    *node;

	ddb_pql_expressions(parser, &list);
	ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
	if (list.count == 1)
	{
		list.nodes[0]->parens = true;
		return list.nodes[0];
	}
	node = ddb_pql_node(PQL_NODE_LIST, first);
	set_arguments(node, &list);
	return node;
}

/*
 * parse_collection parses a list or a bag up to its closing mark.
 */
static PqlNode *
parse_collection(PqlParser *parser, const PqlToken *first, PqlKind kind, const char *close,
				 const char *close_name)
{
	PqlNode    *node = ddb_pql_node(kind, first);
	PqlList		list = {0};

	if (!ddb_pql_is(parser, close))
		ddb_pql_expressions(parser, &list);
	ddb_pql_expect_token(parser, close, close_name);
	set_arguments(node, &list);
	return node;
}

static PqlNode *
parse_struct(PqlParser *parser, const PqlToken *first)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_STRUCT, first);
	PqlList		list = {0};

	if (!ddb_pql_is(parser, "}"))
	{
		do
		{
			ddb_pql_append(&list, ddb_pql_expression(parser, PQL_BINDS_ANY));
			ddb_pql_expect_token(parser, ":", "COLON");
			ddb_pql_append(&list, ddb_pql_expression(parser, PQL_BINDS_ANY));
		} while (ddb_pql_accept(parser, ","));
	}
	ddb_pql_expect_token(parser, "}", "RIGHT_CURLY");
	set_arguments(node, &list);
	return node;
}

/*
 * parse_case parses CASE ... END.
 */
static PqlNode *
parse_case(PqlParser *parser, const PqlToken *first)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_OTHER, first);

	node->word = ddb_pql_is(parser, "when") ? "SearchedCase" : "SimpleCase";
	if (!ddb_pql_is(parser, "when"))
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	if (!ddb_pql_is(parser, "when"))
		ddb_pql_malformed("Expected a WHEN clause in CASE");
	while (ddb_pql_accept(parser, "when"))
	{
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
		ddb_pql_expect_keyword(parser, "then");
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	}
	if (ddb_pql_accept(parser, "else"))
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	ddb_pql_expect_keyword(parser, "end");
	return node;
}

static PqlNode *
parse_cast(PqlParser *parser, const PqlToken *first)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_OTHER, first);

	node->word = "Cast";
	if (!ddb_pql_accept(parser, "("))
		ddb_pql_malformed("Missing left parenthesis after CAST");
	(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	ddb_pql_expect_token(parser, "as", "AS");
	(void) parse_type(parser);
	ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
	return node;
}

/*
 * parse_keyword_call parses the functions whose arguments SQL writes with words
 * between them.  The service has none of them, so only their extent matters.
 */
static PqlNode *
parse_keyword_call(PqlParser *parser, const PqlToken *name)
{
	PqlNode    *node = ddb_pql_node(PQL_NODE_CALL, name);

	if (!ddb_pql_accept(parser, "("))
		ddb_pql_malformed("Expected LEFT_PAREN");
	(void) ddb_pql_accept(parser, "from");
	do
		(void) ddb_pql_expression(parser, PQL_BINDS_ANY);
	while (ddb_pql_accept(parser, ",") || ddb_pql_accept(parser, "from") ||
		   ddb_pql_accept(parser, "for"));
	ddb_pql_expect_token(parser, ")", "RIGHT_PAREN");
	return node;
}

/*
 * parse_keyword parses a term that begins with a keyword.
 */
static PqlNode *
parse_keyword(PqlParser *parser)
{
	static const char *const special[] = {
		"substring", "trim", "extract", "date_add", "date_diff"
	};
	static const char *const changes[] = {"insert into", "set", "remove", "update", "delete", "from"};
	const PqlToken *head = next(parser);
	PqlNode    *node;

	if (strcmp(head->text, "select") == 0)
		return ddb_pql_select(parser, head);
	for (int i = 0; i < lengthof(changes); i++)
	{
		if (strcmp(head->text, changes[i]) == 0)
			return ddb_pql_change(parser, head);
	}
	for (int i = 0; i < lengthof(special); i++)
	{
		if (strcmp(head->text, special[i]) == 0)
			return parse_keyword_call(parser, head);
	}
	if (strcmp(head->text, "case") == 0)
		return parse_case(parser, head);
	if (strcmp(head->text, "cast") == 0)
		return parse_cast(parser, head);
	if (ddb_pql_is_function_keyword(head->text) && ddb_pql_accept(parser, "("))
		return parse_call(parser, head);
	if ((strcmp(head->text, "date") == 0 || strcmp(head->text, "time") == 0) &&
		pql_head(parser)->type == PQL_STRING)
	{
		(void) next(parser);
		node = ddb_pql_node(PQL_NODE_OTHER, head);
		node->word = strcmp(head->text, "date") == 0 ? "Date" : "LitTime";
		return node;
	}
	ddb_pql_malformed("Unexpected keyword");
}

/*
 * parse_plain_term parses a term without what may follow it.
 */
static PqlNode *
parse_plain_term(PqlParser *parser)
{
	const PqlToken *head = pql_head(parser);
	PqlNode    *node;

	switch (head->type)
	{
		case PQL_OPERATOR:
			ddb_pql_malformed(head->text[0] == '@' ? "Identifier must follow @-operator" :
							  "Unexpected operator");
		case PQL_KEYWORD:
			return parse_keyword(parser);
		case PQL_WORD:
		case PQL_QUOTED:
			(void) next(parser);
			if (ddb_pql_accept(parser, "("))
				return parse_call(parser, head);
			return make_path(head);
		case PQL_STRING:
		case PQL_NUMBER:
		case PQL_TRUE:
		case PQL_FALSE:
		case PQL_NULL:
			return ddb_pql_node(PQL_NODE_LITERAL, next(parser));
		case PQL_ION:
			node = ddb_pql_node(PQL_NODE_OTHER, next(parser));
			node->word = "Lit";
			return node;
		case PQL_MISSING:
			return ddb_pql_node(PQL_NODE_MISSING, next(parser));
		case PQL_PUNCTUATION:
			if (ddb_pql_accept(parser, "?"))
			{
				node = ddb_pql_node(PQL_NODE_PARAMETER, head);
				node->number = parser->nparameters++;
				return node;
			}
			if (ddb_pql_accept(parser, "("))
				return parse_group(parser, head);
			if (ddb_pql_accept(parser, "["))
				return parse_collection(parser, head, PQL_NODE_LIST, "]", "RIGHT_BRACKET");
			if (ddb_pql_accept(parser, "<<"))
				return parse_collection(parser, head, PQL_NODE_BAG, ">>",
										"RIGHT_DOUBLE_ANGLE_BRACKET");
			if (ddb_pql_accept(parser, "{"))
				return parse_struct(parser, head);
			break;
		default:
			break;
	}
	ddb_pql_malformed("Unexpected term");
}

static PqlNode *
parse_term(PqlParser *parser)
{
	return parse_steps(parser, parse_plain_term(parser), false);
}

/* Statements */

/*
 * check_top_level refuses a change of data inside of another expression.
 */
static void
check_top_level(const PqlNode *node, int level)
{
	check_stack_depth();
	if (node == NULL)
		return;
	if (node->kind == PQL_NODE_CHANGE && level > 0)
		ddb_pql_malformed(psprintf("Keyword %s only expected at the top level in the query",
								   node->token->text));
	for (int i = 0; i < node->nargs; i++)
		check_top_level(node->args[i], level + 1);
	if (node->kind == PQL_NODE_SELECT)
	{
		check_top_level(node->select->source.name, level + 1);
		check_top_level(node->select->where, level + 1);
		for (int i = 0; i < node->select->columns.count; i++)
			check_top_level(node->select->columns.nodes[i], level + 1);
	}
	if (node->kind == PQL_NODE_CHANGE)
	{
		check_top_level(node->change->item, level + 1);
		check_top_level(node->change->where, level + 1);
		for (int i = 0; i < node->change->nactions; i++)
			check_top_level(node->change->actions[i].value, level + 1);
	}
}

/*
 * ddb_pql_parse parses a whole statement.
 */
PqlNode *
ddb_pql_parse(const char *text, int len)
{
	PqlParser	parser = {0};
	PqlNode    *node;

	parser.tokens = ddb_pql_tokens(text, len, &parser.count);
	node = ddb_pql_expression(&parser, PQL_BINDS_ANY);
	if (!at_end(&parser, parser.at))
		ddb_pql_malformed(ddb_pql_is(&parser, ";") ?
						  "Unexpected token after semicolon. (Only one query is allowed.)" :
						  "Unexpected token after expression");
	check_top_level(node, 0);
	return node;
}
