%{
/*
 * gram.y
 *	  Grammar of the expression language: conditions, updates, projections.
 *
 * The scanner gives START_CONDITION, START_UPDATE or START_PROJECTION first, which
 * chooses the language.  The grammar is without conflicts.
 *
 * In a condition, f(x) may be a condition or an operand, in parentheses too, and
 * only what follows tells which; "call" stands for both until then.
 *
 * Parentheses directly around parentheses are an error of their own
 * ("redundant"), so the nonterminals in parentheses carry a flag.
 */
#include "postgres.h"

#include "error.h"
#include "expr/parse.h"
#include "expr/gram.tab.h"

#define YYMALLOC palloc
#define YYFREE pfree

extern int	ddb_expr_yylex(DDB_EXPR_YYSTYPE *value, void *scanner);
extern DdbLexerState *ddb_expr_yyget_extra(void *scanner);

static void ddb_expr_yyerror(DdbExpr *expr, void *scanner, const char *message);
static DdbWrapped wrap(DdbExpr *expr, DdbWrapped inner);
%}

%code requires
{
#include "expr/parse.h"

/* a node, and whether it stands in parentheses */
typedef struct DdbWrapped
{
	DdbNode    *node;
	bool		parens;
} DdbWrapped;
}

%define api.pure full
%define api.prefix {ddb_expr_yy}
%parse-param {DdbExpr *expr} {void *scanner}
%lex-param {void *scanner}
%expect 0

%union
{
	DdbToken	token;
	DdbPath    *path;
	DdbNode    *node;
	DdbNodeList *list;
	DdbWrapped	wrapped;
	int			op;
}

%token START_CONDITION START_UPDATE START_PROJECTION
%token <token> WORD DIGITS NAME_REF VALUE_REF
%token <token> NOT_EQUAL LESS_EQUAL GREATER_EQUAL UNKNOWN
%token <token> AND OR NOT BETWEEN IN SET REMOVE ADD DELETE
%token <token> '=' '<' '>' '(' ')' '[' ']' '.' ',' '+' '-'

%left OR
%left AND
%precedence NOT

%type <path> path
%type <list> operands
%type <op> comparator
%type <node> function value_node set_value
%type <wrapped> call operand plain_operand condition plain_condition
%type <wrapped> update_operand arithmetic

%%

start:
	START_CONDITION condition
		{
			ddb_expr_set_condition(expr, $2.node);
			(void) yynerrs;				/* which bison counts and nobody reads */
		}
	| START_UPDATE clauses
	| START_PROJECTION projection
	;

/* Paths and values */

path:
	WORD								{ $$ = ddb_path_create(); ddb_path_add_name(expr, $$, $1.text, $1.len); }
	| NAME_REF							{ $$ = ddb_path_create(); ddb_path_add_placeholder(expr, $$, $1.text, $1.len); }
	| path '.' WORD						{ $$ = $1; ddb_path_add_name(expr, $$, $3.text, $3.len); }
	| path '.' NAME_REF					{ $$ = $1; ddb_path_add_placeholder(expr, $$, $3.text, $3.len); }
	| path '[' DIGITS ']'				{ $$ = $1; ddb_path_add_index(expr, $$, $3.text, $3.len); }
	;

value_node:
	VALUE_REF							{ $$ = ddb_node_value(expr, $1.text, $1.len); }
	;

function:
	WORD '(' operands ')'				{ $$ = ddb_node_function(expr, $1.text, $1.len, $3); }
	;

operands:
	operand								{ $$ = ddb_node_list_append(NULL, $1.node); }
	| operands ',' operand				{ $$ = ddb_node_list_append($1, $3.node); }
	;

/* Conditions */

call:
	function							{ $$.node = $1; $$.parens = false; }
	| '(' call ')'						{ $$ = wrap(expr, $2); }
	;

operand:
	call								{ $$ = $1; }
	| plain_operand						{ $$ = $1; }
	;

plain_operand:
	path								{ $$.node = ddb_node_path($1); $$.parens = false; }
	| value_node						{ $$.node = $1; $$.parens = false; }
	| '(' plain_operand ')'				{ $$ = wrap(expr, $2); }
	;

condition:
	call								{ $$ = $1; }
	| plain_condition					{ $$ = $1; }
	;

plain_condition:
	operand comparator operand
		{ $$.node = ddb_node_compare(expr, $2, $1.node, $3.node); $$.parens = false; }
	| operand BETWEEN operand AND operand
		{ $$.node = ddb_node_between(expr, $1.node, $3.node, $5.node); $$.parens = false; }
	| operand IN '(' operands ')'
		{ $$.node = ddb_node_in(expr, $1.node, $4); $$.parens = false; }
	| condition AND condition
		{ $$.node = ddb_node_operator(expr, DDB_NODE_AND, $1.node, $3.node); $$.parens = false; }
	| condition OR condition
		{ $$.node = ddb_node_operator(expr, DDB_NODE_OR, $1.node, $3.node); $$.parens = false; }
	| NOT condition
		{ $$.node = ddb_node_operator(expr, DDB_NODE_NOT, $2.node, NULL); $$.parens = false; }
	| '(' plain_condition ')'			{ $$ = wrap(expr, $2); }
	;

comparator:
	'='									{ $$ = DDB_COMPARE_EQ; }
	| NOT_EQUAL							{ $$ = DDB_COMPARE_NE; }
	| '<'								{ $$ = DDB_COMPARE_LT; }
	| LESS_EQUAL						{ $$ = DDB_COMPARE_LE; }
	| '>'								{ $$ = DDB_COMPARE_GT; }
	| GREATER_EQUAL						{ $$ = DDB_COMPARE_GE; }
	;

/* Updates */

clauses:
	clause
	| clauses clause
	;

clause:
	SET									{ ddb_expr_begin_clause(expr, DDB_CLAUSE_SET); } sets
	| REMOVE							{ ddb_expr_begin_clause(expr, DDB_CLAUSE_REMOVE); } removes
	| ADD								{ ddb_expr_begin_clause(expr, DDB_CLAUSE_ADD); } adds
	| DELETE							{ ddb_expr_begin_clause(expr, DDB_CLAUSE_DELETE); } deletes
	;

sets:
	set
	| sets ',' set
	;

set:
	path '=' set_value					{ ddb_expr_add_action(expr, DDB_CLAUSE_SET, $1, $3); }
	;

set_value:
	update_operand						{ $$ = $1.node; }
	| arithmetic						{ $$ = $1.node; }
	;

update_operand:
	path								{ $$.node = ddb_node_path($1); $$.parens = false; }
	| value_node						{ $$.node = $1; $$.parens = false; }
	| function							{ $$.node = $1; $$.parens = false; }
	| '(' update_operand ')'			{ $$ = wrap(expr, $2); }
	;

arithmetic:
	update_operand '+' update_operand
		{ $$.node = ddb_node_operator(expr, DDB_NODE_PLUS, $1.node, $3.node); $$.parens = false; }
	| update_operand '-' update_operand
		{ $$.node = ddb_node_operator(expr, DDB_NODE_MINUS, $1.node, $3.node); $$.parens = false; }
	| '(' arithmetic ')'				{ $$ = wrap(expr, $2); }
	;

removes:
	path								{ ddb_expr_add_action(expr, DDB_CLAUSE_REMOVE, $1, NULL); }
	| removes ',' path					{ ddb_expr_add_action(expr, DDB_CLAUSE_REMOVE, $3, NULL); }
	;

adds:
	path value_node						{ ddb_expr_add_action(expr, DDB_CLAUSE_ADD, $1, $2); }
	| adds ',' path value_node			{ ddb_expr_add_action(expr, DDB_CLAUSE_ADD, $3, $4); }
	;

deletes:
	path value_node						{ ddb_expr_add_action(expr, DDB_CLAUSE_DELETE, $1, $2); }
	| deletes ',' path value_node		{ ddb_expr_add_action(expr, DDB_CLAUSE_DELETE, $3, $4); }
	;

/* Projections */

projection:
	path								{ ddb_expr_add_path(expr, $1); }
	| projection ',' path				{ ddb_expr_add_path(expr, $3); }
	;

%%

/*
 * wrap puts parentheses around inner.
 */
static DdbWrapped
wrap(DdbExpr *expr, DdbWrapped inner)
{
	if (inner.parens)
		ddb_expr_static_error(expr, DDB_STATIC_PARENS,
							  "The expression has redundant parentheses;");
	inner.parens = true;
	return inner;
}

/*
 * ddb_expr_yyerror raises the syntax error at the token read last.  DynamoDB
 * quotes the token, and near it the text from the token before to the token
 * after it.
 */
static void
ddb_expr_yyerror(DdbExpr *expr, void *scanner, const char *message)
{
	DdbLexerState *state = ddb_expr_yyget_extra(scanner);
	DDB_EXPR_YYSTYPE value;
	bool		at_end = state->at_end;
	int			start = state->start;
	int			end = state->end;
	int			near_start = state->previous_start >= 0 ? state->previous_start : start;
	int			near_end = at_end ? state->previous_end : end;

	if (!at_end && ddb_expr_yylex(&value, scanner) != 0)
		near_end = state->end;
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Invalid %s: Syntax error; token: \"%.*s\", near: \"%.*s\"",
				   ddb_expr_kind_name(expr->kind),
				   at_end ? 5 : end - start, at_end ? "<EOF>" : state->text + start,
				   near_end - near_start, state->text + near_start));
}
