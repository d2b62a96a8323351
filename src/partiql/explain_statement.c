/*
 * explain_statement.c
 *	  ddb_explain_statement: how a statement is run, in lines of text.
 *
 * No parameters are needed: they are shown as ?1, ?2.  What depends on their
 * values (how many reads there are, and in which order) is told as far as it is
 * known.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"

#include "error.h"
#include "partiql/plan.h"

typedef struct Explain
{
	const DdbStatement *statement;
	const DdbTableDesc *desc;
	const DdbIndexDesc *index;
	List	   *lines;
} Explain;

static void append_node(StringInfo buf, const Explain *e, const DdbNode *node, bool nested);

static void
add_line(Explain *e, const char *line)
{
	e->lines = lappend(e->lines, pstrdup(line));
}

static void
append_slot(StringInfo buf, const Explain *e, int slot)
{
	const PqlSlot *s = &e->statement->slots[slot];
	Jsonb	   *value;

	if (s->parameter >= 0)
	{
		appendStringInfo(buf, "?%d", s->parameter + 1);
		return;
	}
	value = ddb_value_to_jsonb(&s->literal);
	(void) JsonbToCString(buf, &value->root, VARSIZE(value));
}

static void
append_path(StringInfo buf, const DdbPath *path)
{
	for (int i = 0; i < path->nparts; i++)
	{
		const DdbPathPart *part = &path->parts[i];

		if (part->kind == DDB_PART_INDEX)
			appendStringInfo(buf, "[%d]", part->number);
		else
			appendStringInfo(buf, "%s%.*s", i > 0 ? "." : "", part->len, part->name);
	}
}

/*
 * append_arguments appends operands from number first on, with separators.
 */
static void
append_arguments(StringInfo buf, const Explain *e, const DdbNode *node, int first,
				 const char *separator)
{
	for (int i = first; i < node->nargs; i++)
	{
		if (i > first)
			appendStringInfoString(buf, separator);
		append_node(buf, e, node->args[i], true);
	}
}

static void
append_node(StringInfo buf, const Explain *e, const DdbNode *node, bool nested)
{
	bool		parens = nested && (node->type == DDB_NODE_AND || node->type == DDB_NODE_OR ||
									node->type == DDB_NODE_COMPARE || node->type == DDB_NODE_NOT ||
									node->type == DDB_NODE_IN || node->type == DDB_NODE_BETWEEN);

	check_stack_depth();
	if (parens)
		appendStringInfoChar(buf, '(');
	switch (node->type)
	{
		case DDB_NODE_PATH:
			append_path(buf, node->path);
			break;
		case DDB_NODE_VALUE:
			append_slot(buf, e, node->slot);
			break;
		case DDB_NODE_FUNCTION:
			appendStringInfo(buf, "%s(", ddb_node_operator_name(node));
			append_arguments(buf, e, node, 0, ", ");
			appendStringInfoChar(buf, ')');
			break;
		case DDB_NODE_NOT:
			appendStringInfoString(buf, "NOT ");
			append_node(buf, e, node->args[0], true);
			break;
		case DDB_NODE_BETWEEN:
			append_node(buf, e, node->args[0], true);
			appendStringInfoString(buf, " BETWEEN ");
			append_arguments(buf, e, node, 1, " AND ");
			break;
		case DDB_NODE_IN:
			append_node(buf, e, node->args[0], true);
			appendStringInfoString(buf, " IN [");
			append_arguments(buf, e, node, 1, ", ");
			appendStringInfoChar(buf, ']');
			break;
		default:
			append_arguments(buf, e, node, 0, psprintf(" %s ", ddb_node_operator_name(node)));
			break;
	}
	if (parens)
		appendStringInfoChar(buf, ')');
}

static void
add_condition(Explain *e, const char *label, const DdbExpr *expr)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "  %s: ", label);
	append_node(&buf, e, expr->condition, false);
	add_line(e, buf.data);
}

/*
 * append_term appends a condition on a key attribute.
 */
static void
append_term(StringInfo buf, const Explain *e, const PqlTerm *term)
{
	static const char *const operators[] = {
		[PQL_TERM_LT] = "<",[PQL_TERM_LE] = "<=",[PQL_TERM_GT] = ">",[PQL_TERM_GE] = ">="
	};
	const DdbKeyAttribute *att = ddb_index_attribute(e->desc, e->index,
													 term->sort ? e->index->npartition : 0);

	if (term->kind == PQL_TERM_BEGINS_WITH)
	{
		appendStringInfo(buf, "begins_with(%s, ", att->name);
		append_slot(buf, e, term->slots[0]);
		appendStringInfoChar(buf, ')');
		return;
	}
	appendStringInfo(buf, "%s %s%s", att->name,
					 term->kind == PQL_TERM_BETWEEN ? "BETWEEN" :
					 term->kind != PQL_TERM_IN ? operators[term->kind] :
					 term->nslots == 1 ? "=" : "IN",
					 term->kind == PQL_TERM_IN && term->nslots != 1 ? " [" : " ");
	for (int i = 0; i < term->nslots; i++)
	{
		if (i > 0)
			appendStringInfoString(buf, term->kind == PQL_TERM_BETWEEN ? " AND " : ", ");
		append_slot(buf, e, term->slots[i]);
	}
	if (term->kind == PQL_TERM_IN && term->nslots != 1)
		appendStringInfoChar(buf, ']');
}

static void
add_branch(Explain *e, const PqlBranch *branch)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "  Key: ");
	for (int i = 0; i < branch->nterms; i++)
	{
		if (i > 0)
			appendStringInfoString(&buf, " AND ");
		append_term(&buf, e, &branch->terms[i]);
	}
	add_line(e, buf.data);
}

/*
 * is_get tells whether a plan comes down to reads of whole primary keys.
 */
static bool
is_get(const Explain *e, const PqlPlan *plan)
{
	bool		all = plan->keyed && e->index->kind == DDB_INDEX_PRIMARY;

	for (int i = 0; i < plan->nbranches && all; i++)
	{
		bool		sort = e->index->nsort == 0;

		for (int j = 0; j < plan->branches[i].nterms; j++)
			sort = sort || (plan->branches[i].terms[j].sort &&
							plan->branches[i].terms[j].kind == PQL_TERM_IN);
		all = sort && !plan->branches[i].exempt;
	}
	return all;
}

static void
add_columns(Explain *e, const PqlPlan *plan)
{
	StringInfoData buf;

	if (e->statement->ncolumns == 0)
		return;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "  Columns: ");
	for (int i = 0; i < e->statement->ncolumns; i++)
	{
		if (i > 0)
			appendStringInfoString(&buf, ", ");
		append_path(&buf, e->statement->columns[i].path);
	}
	add_line(e, buf.data);
	if (plan->unprojected_columns != NULL)
		add_line(e, psprintf("  Fetched from the table: %s", plan->unprojected_columns));
}

static void
add_order(Explain *e)
{
	StringInfoData buf;

	if (e->statement->norder == 0)
		return;
	initStringInfo(&buf);
	for (int i = 0; i < e->statement->norder; i++)
		appendStringInfo(&buf, "%s%s%s", i > 0 ? ", " : "  Order: ", e->statement->order[i].name,
						 e->statement->order[i].descending ? " DESC" : "");
	add_line(e, buf.data);
}

/*
 * explain_select tells how a SELECT is read.
 */
static void
explain_select(Explain *e)
{
	DdbBoundStatement bound = {.statement = e->statement};
	const PqlPlan *plan;

	e->index = ddb_pql_index(e->statement, e->desc, false);
	plan = ddb_pql_plan(&e->statement, e->desc, e->index);
	ddb_pql_check_order(&bound, plan, e->desc, e->index);
	if (plan->keyed)
		(void) ddb_pql_check_reads(plan);
	add_line(e, psprintf("%s on table \"%s\"%s", is_get(e, plan) ? "Get" :
						 plan->keyed ? "Query" : "Scan", e->statement->table_name,
						 e->statement->index_name == NULL ? "" :
						 psprintf(", index \"%s\"", e->statement->index_name)));
	for (int i = 0; i < plan->nbranches; i++)
		add_branch(e, &plan->branches[i]);
	if (e->statement->where != NULL && (!plan->keyed || plan->filters))
		add_condition(e, "Filter", e->statement->where);
	add_order(e);
	add_columns(e, plan);
}

/*
 * explain_update tells what an update sets.
 */
static void
explain_update(Explain *e)
{
	static const char *const clauses[] = {"Set", "Remove", "Add to", "Delete from"};
	const DdbExpr *update = e->statement->update;

	for (int i = 0; i < update->nactions; i++)
	{
		const DdbAction *action = &update->actions[i];
		StringInfoData buf;

		initStringInfo(&buf);
		appendStringInfo(&buf, "  %s: ", clauses[action->clause]);
		append_path(&buf, action->path);
		if (action->operand != NULL)
		{
			appendStringInfoString(&buf, action->clause == DDB_CLAUSE_SET ? " = " : ", ");
			append_node(&buf, e, action->operand, false);
		}
		add_line(e, buf.data);
	}
}

static void
explain_write(Explain *e)
{
	static const char *const verbs[] = {
		[PQL_INSERT] = "Put",[PQL_UPDATE] = "Update",[PQL_DELETE] = "Delete",
		[PQL_EXISTS] = "Condition check"
	};
	static const char *const returning[] = {
		NULL, "ALL OLD", "MODIFIED OLD", "ALL NEW", "MODIFIED NEW"
	};
	const DdbStatement *statement = e->statement;

	add_line(e, psprintf("%s on table \"%s\"", verbs[statement->verb], statement->table_name));
	if (statement->where != NULL)
		add_condition(e, "Key and condition", statement->where);
	if (statement->update != NULL)
		explain_update(e);
	if (returning[statement->returning] != NULL)
		add_line(e, psprintf("  Returning: %s", returning[statement->returning]));
}

/*
 * ddb_partiql_explain gives the lines.
 */
List *
ddb_partiql_explain(const DdbStatement *statement)
{
	Explain		e = {.statement = statement};
	DdbTableDesc *desc = ddb_desc_open(e.statement->table_name, AccessShareLock);

	ddb_check_read(desc->relid);
	e.desc = desc;
	if (e.statement->verb == PQL_SELECT)
		explain_select(&e);
	else
		explain_write(&e);
	ddb_desc_close(desc);
	return e.lines;
}
