/*
 * read.c
 *	  Query, Scan.
 *
 * What a read of an index shows: a global index its projected attributes and
 * nothing else; a local index those too, unless the request names attributes,
 * which are then fetched from the item ("Global secondary indexes", "Local
 * secondary indexes" in the developer guide).
 */
#include "postgres.h"

#include "storage/lockdefs.h"
#include "utils/memutils.h"

#include "error.h"
#include "op/capacity.h"
#include "op/op.h"
#include "op/range.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

struct DdbReader
{
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	DdbRange	range;
	DdbRangeScan    *scan;
	DdbBoundExpr *filter;
	DdbBoundExpr *projection;
	MemoryContext row_context;
};

/*
 * bind parses and binds one expression, or gives NULL when there is none.
 */
static DdbBoundExpr *
bind(DdbExprKind kind, const DdbText *text, DdbBindings *bindings)
{
	if (text->data == NULL)
		return NULL;
	return ddb_expr_bind(ddb_expr_parse(kind, text->data, text->len), bindings);
}

/*
 * project_index reduces an item to what the index holds.
 */
static Jsonb *
project_index(const DdbTableDesc *desc, const DdbIndexDesc *index, Jsonb *item)
{
	JsonbParseState *state = NULL;
	JsonbIterator *it = JsonbIteratorInit(&item->root);
	JsonbValue	key,
				value;
	JsonbIteratorToken token;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	token = JsonbIteratorNext(&it, &key, true);
	while ((token = JsonbIteratorNext(&it, &key, true)) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		if (!ddb_index_projects(desc, index, key.val.string.val, key.val.string.len))
			continue;
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * refuse_key_in_filter is called for each top-level attribute of a Query's
 * filter.
 */
static void
refuse_key_in_filter(const char *name, int len, void *arg)
{
	DdbReader  *reader = arg;
	int			att = ddb_desc_attribute(reader->desc, name, len);

	if (att >= 0 && ddb_desc_is_key(reader->index, att))
		VALIDATION("Filter Expression can only contain non-primary key attributes: Primary key attribute: %.*s",
				   len, name);
}

/*
 * refuse_unprojected is called for each top-level attribute that a read of a
 * global index asks for.
 */
static void
refuse_unprojected(const char *name, int len, void *arg)
{
	DdbReader  *reader = arg;

	if (!ddb_index_projects(reader->desc, reader->index, name, len))
		VALIDATION("One or more parameter values were invalid: Global secondary index %s does not project [%.*s]",
				   reader->index->name, len, name);
}

/*
 * check_segment applies the rules for parallel scans ("API reference: Scan").
 */
static void
check_segment(const DdbReadOp *op)
{
	if (op->segment < 0 && op->total_segments < 0)
		return;
	if (op->total_segments < 0)
		VALIDATION("The TotalSegments parameter is required but was not present in the request when Segment parameter is present");
	if (op->segment < 0)
		VALIDATION("The Segment parameter is required but was not present in the request when parameter TotalSegments is present");
	if (op->total_segments < 1 || op->total_segments > 1000000)
		VALIDATION("1 validation error detected: Value '%d' at 'totalSegments' failed to satisfy constraint: Member must have value %s",
				   op->total_segments,
				   op->total_segments < 1 ? "greater than or equal to 1" : "less than or equal to 1000000");
	if (op->segment >= op->total_segments)
		VALIDATION("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d",
				   op->segment, op->total_segments);
}

/*
 * open_index finds the index to read.
 */
static const DdbIndexDesc *
open_index(const DdbTableDesc *desc, const char *index_name)
{
	const DdbIndexDesc *index;

	if (index_name == NULL)
		return &desc->primary;
	index = ddb_desc_index(desc, index_name);
	if (index == NULL)
		VALIDATION("The table does not have the specified index: %s", index_name);
	return index;
}

/*
 * ddb_reader_open starts a Query (with a key condition) or a Scan (without).
 */
DdbReader *
ddb_reader_open(const DdbReadOp *op, Snapshot snapshot)
{
	DdbReader  *reader = palloc0(sizeof(DdbReader));
	DdbBindings *bindings = ddb_bindings_create(op->names, op->values);
	DdbBoundExpr *condition = bind(DDB_EXPR_KEY_CONDITION, &op->key_condition, bindings);
	DdbKeyTerm	terms[DDB_MAX_KEY_TERMS];
	Jsonb	   *start_key = NULL;
	int			nterms = 0;
	int64		size;

	if (condition != NULL)
		nterms = ddb_key_condition_terms(condition, terms);
	else
		check_segment(op);
	reader->filter = bind(DDB_EXPR_FILTER, &op->filter, bindings);
	reader->projection = bind(DDB_EXPR_PROJECTION, &op->projection, bindings);
	ddb_bindings_check_unused(bindings);
	if (op->start_key != NULL)
		start_key = ddb_item_check(op->start_key, &size);

	reader->desc = ddb_desc_open(op->table_name, AccessShareLock);
	ddb_check_read(reader->desc->relid);
	reader->index = open_index(reader->desc, op->index_name);
	reader->range.index = reader->index;
	reader->range.forward = condition == NULL || op->forward;
	if (condition != NULL)
	{
		ddb_range_from_terms(reader->desc, reader->index, terms, nterms, &reader->range);
		if (reader->filter != NULL)
			ddb_expr_top_names(reader->filter, refuse_key_in_filter, reader);
	}
	else if (op->total_segments > 0)
		ddb_range_set_segment(&reader->range, op->segment, op->total_segments);
	if (start_key != NULL)
		ddb_range_set_start(reader->desc, &reader->range, start_key);
	if (reader->index->kind == DDB_INDEX_GLOBAL &&
		reader->index->projection != DDB_PROJECT_ALL)
	{
		if (reader->projection != NULL)
			ddb_expr_top_names(reader->projection, refuse_unprojected, reader);
		if (reader->filter != NULL)
			ddb_expr_top_names(reader->filter, refuse_unprojected, reader);
	}

	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb reader row",
												ALLOCSET_DEFAULT_SIZES);
	reader->scan = ddb_range_scan_begin(reader->desc, &reader->range, snapshot);
	return reader;
}

/*
 * show turns a stored item into what the read answers, in the row context.
 * NULL when the filter leaves it out.
 */
static Jsonb *
show(DdbReader *reader, Jsonb *item)
{
	if (reader->filter != NULL && !ddb_condition_eval(reader->filter, item))
		return NULL;
	if (reader->projection != NULL)
		return ddb_projection_apply(reader->projection, item);
	if (reader->index->projection != DDB_PROJECT_ALL)
		return project_index(reader->desc, reader->index, item);
	return item;
}

/*
 * ddb_reader_next gives the next item, copied to CurrentMemoryContext; NULL at
 * the end.
 */
Jsonb *
ddb_reader_next(DdbReader *reader)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb	   *item;

	for (;;)
	{
		MemoryContextReset(reader->row_context);
		MemoryContextSwitchTo(reader->row_context);
		item = ddb_range_scan_next(reader->scan);
		if (item == NULL)
			break;
		item = show(reader, item);
		if (item != NULL)
			break;
	}
	MemoryContextSwitchTo(caller);
	if (item != NULL)
	{
		Jsonb	   *copy = palloc(VARSIZE(item));

		memcpy(copy, item, VARSIZE(item));
		item = copy;
	}
	return item;
}

/*
 * ddb_reader_close frees a reader's resources.
 */
void
ddb_reader_close(DdbReader *reader)
{
	ddb_range_scan_end(reader->scan);
	ddb_desc_close(reader->desc);
	MemoryContextDelete(reader->row_context);
}
