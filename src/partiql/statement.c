/*
 * statement.c
 *	  From a parse tree to a statement that can be planned: everything that can
 *	  be said of it without a table and without parameters.
 */
#include "postgres.h"

#include "error.h"
#include "partiql/partiql_private.h"

/*
 * ddb_pql_operation_name is what errors call an expression.
 */
const char *
ddb_pql_operation_name(const PqlNode *node)
{
	static const struct
	{
		const char *word;
		const char *name;
	}			operators[] = {
		{"and", "And"}, {"or", "Or"}, {"not", "Not"}, {"=", "Eq"}, {"<>", "Ne"}, {"<", "Lt"},
		{"<=", "Lte"}, {">", "Gt"}, {">=", "Gte"}, {"in", "InCollection"},
		{"between", "Between"}, {"like", "Like"}, {"+", "Plus"}, {"-", "Minus"},
		{"*", "Times"}, {"/", "Divide"}, {"%", "Modulo"}, {"||", "Concat"},
		{"positive", "Pos"}, {"negative", "Neg"}, {"union", "Union"},
		{"intersect", "Intersect"}, {"except", "Except"}
	};

	switch (node->kind)
	{
		case PQL_NODE_LITERAL:
			return "Lit";
		case PQL_NODE_MISSING:
			return "Missing";
		case PQL_NODE_PARAMETER:
			return "Parameter";
		case PQL_NODE_PATH:
			return node->nparts == 1 && node->root == NULL ? "Id" : "Path";
		case PQL_NODE_LIST:
			return "List";
		case PQL_NODE_BAG:
			return "Bag";
		case PQL_NODE_STRUCT:
			return "Struct";
		case PQL_NODE_CALL:
			return "Call";
		case PQL_NODE_IS:
			return "IsType";
		case PQL_NODE_SELECT:
			return "Select";
		case PQL_NODE_OPERATOR:
			for (int i = 0; i < lengthof(operators); i++)
			{
				if (strcmp(operators[i].word, node->word) == 0)
					return operators[i].name;
			}
			break;
		case PQL_NODE_CHANGE:
		case PQL_NODE_OTHER:
			break;
	}
	return node->word;
}

void
ddb_pql_unsupported(const PqlNode *node)
{
	PQL_VALIDATION("Unsupported operation: %s", ddb_pql_operation_name(node));
}

/*
 * ddb_pql_add_slot adds a value and gives its number.
 */
int
ddb_pql_add_slot(PqlBuilder *builder, PqlSlot slot)
{
	DdbStatement *statement = builder->statement;

	if (statement->nslots == builder->slots_capacity)
	{
		builder->slots_capacity = builder->slots_capacity == 0 ? 8 : 2 * builder->slots_capacity;
		statement->slots = statement->slots == NULL ?
			palloc(builder->slots_capacity * sizeof(PqlSlot)) :
			repalloc(statement->slots, builder->slots_capacity * sizeof(PqlSlot));
	}
	statement->slots[statement->nslots] = slot;
	return statement->nslots++;
}

/*
 * begin_expr starts a tree whose slots are the statement's.
 */
static DdbExpr *
begin_expr(PqlBuilder *builder, DdbExprKind kind)
{
	builder->expr = ddb_expr_create(kind);
	builder->expr->partiql = true;
	return builder->expr;
}

/*
 * read_source reads the name of the table and of an index.
 */
static void
read_source(DdbStatement *statement, const PqlSource *source)
{
	const PqlNode *name = source->name;

	if (source->aliased)
		PQL_VALIDATION("Aliasing is not supported");
	if (source->joined || name == NULL || name->kind != PQL_NODE_PATH || name->root != NULL)
		PQL_VALIDATION("FROM clause may only contain a single table name");
	for (int i = 0; i < name->nparts; i++)
	{
		if (name->parts[i].kind != PQL_PART_NAME)
			PQL_VALIDATION("FROM clause may only contain a single table name");
	}
	if (name->nparts > 2)
		PQL_VALIDATION("A path may contain at most 2 components in the FROM clause");
	for (int i = 0; i < name->nparts; i++)
	{
		if (name->parts[i].token->len == 0)
			PQL_VALIDATION("Path component cannot be an empty string");
	}
	statement->table_name = name->parts[0].token->text;
	if (name->nparts == 2)
		statement->index_name = name->parts[1].token->text;
}

/*
 * read_where translates the WHERE clause.
 */
static void
read_where(PqlBuilder *builder, const PqlNode *where)
{
	if (where == NULL)
		return;
	builder->statement->where = begin_expr(builder, DDB_EXPR_CONDITION);
	ddb_expr_set_condition(builder->expr, ddb_pql_condition(builder, where));
}

/*
 * name_column gives a column the name of its path's last named part, and the
 * indexes behind that.
 */
static void
name_column(PqlColumn *column)
{
	const DdbPath *path = column->path;
	StringInfoData name;
	int			last = path->nparts - 1;

	while (path->parts[last].kind == DDB_PART_INDEX)
		last--;
	initStringInfo(&name);
	appendBinaryStringInfo(&name, path->parts[last].name, path->parts[last].len);
	for (int i = last + 1; i < path->nparts; i++)
		appendStringInfo(&name, "[%d]", path->parts[i].number);
	column->name = name.data;
	column->name_len = name.len;
}

/*
 * read_columns reads the list of columns.  Of two with one name the last counts.
 * A column that is no path is refused, but only once table and index are known.
 */
static void
read_columns(PqlBuilder *builder, const PqlSelect *select)
{
	DdbStatement *statement = builder->statement;

	if (select->aliased)
		PQL_VALIDATION("Aliasing is not supported");
	(void) begin_expr(builder, DDB_EXPR_PROJECTION);
	statement->columns = palloc((select->columns.count + 1) * sizeof(PqlColumn));
	for (int i = 0; i < select->columns.count; i++)
	{
		PqlColumn	column;
		int			at = 0;

		if (select->columns.nodes[i]->kind != PQL_NODE_PATH)
		{
			if (statement->column_problem == NULL)
				statement->column_problem =
					psprintf("Unexpected path component %s",
							 ddb_pql_at(select->columns.nodes[i]->token));
			continue;
		}
		column.path = ddb_pql_path(builder, select->columns.nodes[i]);
		name_column(&column);
		while (at < statement->ncolumns &&
			   (statement->columns[at].name_len != column.name_len ||
				memcmp(statement->columns[at].name, column.name, column.name_len) != 0))
			at++;
		statement->columns[at] = column;
		statement->ncolumns = Max(statement->ncolumns, at + 1);
	}
}

/*
 * read_order reads ORDER BY; which attributes are keys the table says.
 */
static void
read_order(DdbStatement *statement, const PqlSelect *select)
{
	statement->norder = select->norder;
	statement->order = palloc0((select->norder + 1) * sizeof(PqlSortKey));
	for (int i = 0; i < select->norder; i++)
	{
		const PqlNode *key = select->order[i].key;

		if (key->kind != PQL_NODE_PATH || key->root != NULL)
			PQL_VALIDATION("Unexpected path component %s", ddb_pql_at(key->token));
		statement->order[i].descending = select->order[i].descending;
		statement->order[i].name = key->parts[0].token->text;
		statement->order[i].name_len = key->nparts == 1 ? key->parts[0].token->len : -1;
	}
}

static void
read_select(PqlBuilder *builder, const PqlSelect *select)
{
	if (select->unsupported != NULL)
		PQL_VALIDATION("Unsupported clause: %s", select->unsupported);
	read_source(builder->statement, &select->source);
	read_columns(builder, select);
	read_where(builder, select->where);
	read_order(builder->statement, select);
}

/*
 * read_item reads the map of an INSERT.
 */
static void
read_item(PqlBuilder *builder, const PqlNode *item)
{
	DdbStatement *statement = builder->statement;

	if (item->kind != PQL_NODE_STRUCT)
		PQL_VALIDATION("Unsupported data type: %s under key root %s",
					   ddb_pql_operation_name(item), ddb_pql_at(item->token));
	statement->members = palloc((item->nargs / 2 + 1) * sizeof(PqlMember));
	for (int i = 0; i < item->nargs; i += 2)
	{
		const PqlNode *key = item->args[i];
		int			at = 0;

		if (key->kind != PQL_NODE_LITERAL || key->token->type != PQL_STRING)
			PQL_VALIDATION("Unsupported data type: %s under key root %s",
						   ddb_pql_operation_name(key), ddb_pql_at(key->token));
		while (at < statement->nmembers &&
			   (statement->members[at].name_len != key->token->len ||
				memcmp(statement->members[at].name, key->token->text, key->token->len) != 0))
			at++;
		statement->members[at].name = key->token->text;
		statement->members[at].name_len = key->token->len;
		statement->members[at].slot = ddb_pql_value_slot(builder, item->args[i + 1]);
		statement->nmembers = Max(statement->nmembers, at + 1);
	}
}

/*
 * returning_problem gives the error for a form of RETURNING that a statement does
 * not have, or NULL.  In a transaction none is allowed, which is told instead.
 */
static const char *
returning_problem(const PqlChange *change)
{
	static const char *const forms[] = {
		"", "ALL OLD", "MODIFIED OLD", "ALL NEW", "MODIFIED NEW"
	};

	if (change->returning == PQL_RETURNING_NONE)
		return NULL;
	if (change->verb == PQL_DELETE &&
		(change->returning != PQL_RETURNING_ALL_OLD || change->returning_columns))
		return psprintf("Invalid returning clause: RETURNING %s *. Only RETURNING ALL OLD * is allowed in DELETE statements.",
						forms[change->returning]);
	if (change->returning_columns)
		return "Invalid returning clause: only RETURNING (ALL|MODIFIED) (OLD|NEW) * is allowed in UPDATE statements.";
	return NULL;
}

static void
read_change(PqlBuilder *builder, const PqlChange *change)
{
	DdbStatement *statement = builder->statement;

	if (change->unsupported != NULL)
		PQL_VALIDATION("Unsupported operation: %s", change->unsupported);
	statement->verb = change->verb;
	statement->returning = change->returning;
	if (change->verb == PQL_INSERT && change->source.name->nparts > 1)
		PQL_VALIDATION("FROM clause may only contain a single table name");
	read_source(statement, &change->source);
	if (statement->index_name != NULL)
		PQL_VALIDATION("This operation is not supported on an index");
	statement->returning_problem = returning_problem(change);
	if (change->item != NULL)
		read_item(builder, change->item);
	read_where(builder, change->where);
	if (change->nactions == 0)
		return;
	statement->update = begin_expr(builder, DDB_EXPR_UPDATE);
	for (int i = 0; i < change->nactions; i++)
		ddb_pql_set_action(builder, &change->actions[i]);
}

/*
 * count_parameters counts the question marks that became values.
 */
static int
count_parameters(const DdbStatement *statement)
{
	int			count = 0;

	for (int i = 0; i < statement->nslots; i++)
		count = Max(count, statement->slots[i].parameter + 1);
	return count;
}

/*
 * ddb_pql_analyze parses and checks a statement, in CurrentMemoryContext.
 */
DdbStatement *
ddb_pql_analyze(const char *text, int len)
{
	DdbStatement *statement = palloc0(sizeof(DdbStatement));
	PqlBuilder	builder = {.statement = statement};
	PqlNode    *node = ddb_pql_parse(text, len);

	if (node->kind == PQL_NODE_CALL && strcmp(node->word, "exists") == 0 && node->nargs == 1 &&
		node->args[0]->kind == PQL_NODE_SELECT)
	{
		read_select(&builder, node->args[0]->select);
		statement->verb = PQL_EXISTS;
	}
	else if (node->kind == PQL_NODE_SELECT)
		read_select(&builder, node->select);
	else if (node->kind == PQL_NODE_CHANGE)
		read_change(&builder, node->change);
	else if (node->kind == PQL_NODE_CALL)
		PQL_VALIDATION("Unrecognized function: %s %s", node->word, ddb_pql_at(node->token));
	else
		ddb_pql_unsupported(node);
	statement->nparameters = count_parameters(statement);
	if (statement->where != NULL)
		statement->where->nvalues = statement->nslots;
	if (statement->update != NULL)
		statement->update->nvalues = statement->nslots;
	return statement;
}
