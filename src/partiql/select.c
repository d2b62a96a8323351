/*
 * select.c
 *	  Running a SELECT: its reads one after the other, as gets, queries or a scan.
 *
 * Each read counts its capacity by itself, rounded once for a page of it.  What a
 * read of an index shows is the index's projection; a global index has no more
 * to give, of a local one columns that it lacks are fetched.  Conditions on what
 * an index lacks are refused where the key is pinned, by the branch that is
 * read first; in a scan such an attribute is missing.
 */
#include "postgres.h"

#include "storage/lockdefs.h"

#include "error.h"
#include "op/capacity.h"
#include "partiql/next_token.h"
#include "partiql/plan.h"

struct DdbSelection
{
	DdbSelectOp op;
	const DdbBoundStatement *bound;
	MemoryContext context;		/* of readers, which outlive their rows */
	Snapshot	snapshot;
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	DdbBoundExpr *filter;
	bool		filters_entry;
	bool		fetches;
	int			nreads;
	PqlRead    *reads;
	int			at;				/* the read under way or to come */
	DdbReader  *reader;			/* of it, or NULL */
};

/*
 * ddb_select_row gives the columns of an item; a path that leads nowhere is left
 * out.
 */
Jsonb *
ddb_select_row(const DdbBoundStatement *bound, Jsonb *item)
{
	const DdbStatement *statement = bound->statement;
	DdbValue	row = {.type = DDB_M};

	if (statement->ncolumns == 0)
		return item;
	row.attributes = palloc(statement->ncolumns * sizeof(DdbAttribute));
	for (int i = 0; i < statement->ncolumns; i++)
	{
		const PqlColumn *column = &statement->columns[i];
		DdbAttribute *attribute = &row.attributes[row.len];

		if (!ddb_path_lookup(NULL, column->path, &item->root, &attribute->value))
			continue;
		attribute->name = column->name;
		attribute->name_len = column->name_len;
		row.len++;
	}
	return ddb_item_from_value(&row);
}

static Jsonb *
show_row(void *arg, Jsonb *item)
{
	return ddb_select_row(arg, item);
}

/*
 * check_projection applies the rules for what the index does not hold.
 */
static void
check_projection(DdbSelection *s, const PqlPlan *plan)
{
	if (s->index->projection == DDB_PROJECT_ALL)
		return;
	if (plan->unprojected_columns != NULL && s->index->kind == DDB_INDEX_GLOBAL)
		PQL_VALIDATION("One or more parameter values were invalid: Global secondary index %s does not project [%s]",
					   s->index->name, plan->unprojected_columns);
	s->fetches = plan->unprojected_columns != NULL;
	if (!plan->keyed)
		s->filters_entry = s->filter != NULL;
	else if (s->nreads > 0 && plan->branches[s->reads[0].branch].unprojected != NULL)
		PQL_VALIDATION("One or more parameter values were invalid: Secondary index %s does not project one or more filter attributes: [%s]",
					   s->index->name, plan->branches[s->reads[0].branch].unprojected);
}

/*
 * plan_reads finds out what to read.
 */
static void
plan_reads(DdbSelection *s)
{
	const DdbStatement *statement = s->bound->statement;
	const PqlPlan *plan = ddb_pql_plan(&statement, s->desc, s->index);

	ddb_pql_check_order(s->bound, plan, s->desc, s->index);
	if (plan->keyed)
	{
		s->reads = ddb_pql_reads(s->bound, plan, s->desc, s->index, &s->nreads);
		s->filter = plan->filters ? s->bound->where : NULL;
	}
	else
	{
		s->nreads = 1;
		s->reads = palloc0(sizeof(PqlRead));
		s->reads[0].range.index = s->index;
		s->reads[0].range.forward = true;
		s->filter = s->bound->where;
	}
	check_projection(s, plan);
}

/*
 * ddb_select_open plans a SELECT.
 */
DdbSelection *
ddb_select_open(const DdbSelectOp *op, Snapshot snapshot)
{
	DdbSelection *s = palloc0(sizeof(DdbSelection));

	s->op = *op;
	s->bound = op->statement;
	s->context = CurrentMemoryContext;
	s->snapshot = snapshot;
	s->desc = ddb_desc_open(s->bound->statement->table_name, AccessShareLock);
	ddb_check_read(s->desc->relid);
	s->index = ddb_pql_index(s->bound->statement, s->desc, op->consistent);
	ddb_check_key_paths(s->desc, s->bound->where);
	plan_reads(s);
	return s;
}

/*
 * open_reader starts the read that is next, unless it is under way.
 */
static void
open_reader(DdbSelection *s)
{
	DdbRangeRead read = {0};
	MemoryContext old;

	if (s->reader != NULL)
		return;
	read.desc = s->desc;
	read.range = &s->reads[s->at].range;
	read.filter = s->filter;
	read.filters_entry = s->filters_entry;
	read.fetches = s->fetches;
	if (s->bound->statement->ncolumns > 0)
	{
		read.show = show_row;
		read.arg = (void *) s->bound;
	}
	read.consistent = s->op.consistent;
	read.capacity = s->op.capacity;
	old = MemoryContextSwitchTo(s->context);
	s->reader = ddb_reader_open_range(&read, s->snapshot);
	MemoryContextSwitchTo(old);
}

static void
next_read(DdbSelection *s)
{
	if (s->reader != NULL)
		ddb_reader_close(s->reader);
	s->reader = NULL;
	s->at++;
}

/*
 * get_item reads the one item of a read that names its key; NULL: there is none.
 */
static Jsonb *
get_item(DdbSelection *s, int64 *size)
{
	const DdbRange *range = &s->reads[s->at].range;
	Datum		key[2] = {range->partition[0], range->sort[0]};
	Jsonb	   *item = ddb_store_get(s->desc, key, s->snapshot);

	*size = item != NULL ? ddb_item_size_bytes(&item->root) : 0;
	if (s->op.capacity != NULL)
		ddb_capacity_add_read(s->op.capacity, NULL,
							  ddb_read_units(*size, s->op.consistent, false));
	return item;
}

static bool
passes(const DdbSelection *s, Jsonb *item)
{
	return s->filter == NULL || ddb_condition_eval(s->filter, item);
}

/*
 * ddb_select_next gives the next row.
 */
Jsonb *
ddb_select_next(DdbSelection *s)
{
	Jsonb	   *item;
	int64		size;

	while (s->at < s->nreads)
	{
		if (s->reads[s->at].single)
		{
			item = get_item(s, &size);
			next_read(s);
			if (item != NULL && passes(s, item))
				return ddb_select_row(s->bound, item);
			continue;
		}
		open_reader(s);
		item = ddb_reader_next(s->reader);
		if (item != NULL)
			return item;
		next_read(s);
	}
	return NULL;
}

/*
 * add_single adds to a page what a read of one key gives.
 */
static void
add_single(DdbSelection *s, int64 limit, DdbPage *page)
{
	int64		size;
	Jsonb	   *item = get_item(s, &size);

	if (item == NULL)
		return;
	page->scanned++;
	page->size += size;
	if (passes(s, item))
	{
		page->count++;
		ddb_page_add_item(page, ddb_select_row(s->bound, item));
	}
}

/*
 * resume continues after the place that a token names.
 */
static void
resume(DdbSelection *s, const DdbNextToken *token)
{
	if (token->read < 0 || token->read >= s->nreads)
		PQL_VALIDATION("NextToken does not match request");
	s->at = token->read;
	if (token->last_key != NULL)
		ddb_range_set_start(s->desc, &s->reads[s->at].range, token->last_key);
}

/*
 * ddb_select_page reads a page.
 */
void
ddb_select_page(DdbSelection *s, int64 limit, const DdbStatementText *source, DdbText token,
				DdbPage *page, char **next_token)
{
	DdbNextToken next;

	MemSet(page, 0, sizeof(DdbPage));
	*next_token = NULL;
	if (token.data != NULL)
	{
		ddb_next_token_read(token, source, &next);
		resume(s, &next);
	}
	while (s->at < s->nreads)
	{
		if (s->reads[s->at].single)
			add_single(s, limit, page);
		else
		{
			open_reader(s);
			ddb_reader_add_page(s->reader, limit, page);
		}
		if (page->last_key == NULL)
			next_read(s);
		if (s->at == s->nreads || !ddb_page_is_full(page, limit))
			continue;
		next.read = s->at;
		next.last_key = page->last_key;
		*next_token = ddb_next_token_make(&next, source);
		break;
	}
}

void
ddb_select_close(DdbSelection *s)
{
	if (s->reader != NULL)
		ddb_reader_close(s->reader);
	s->reader = NULL;
	ddb_desc_close(s->desc);
}
