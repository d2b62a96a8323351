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

#include "lib/stringinfo.h"
#include "storage/lockdefs.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "error.h"
#include "op/capacity.h"
#include "op/op.h"
#include "op/range.h"
#include "op/words.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))
#define BAD_PARAMETERS(...) \
	ereport(ERROR, ddb_errcode_parameters(), errmsg(__VA_ARGS__))

/* A page ends with the item that reaches this size ("API reference: Query"). */
#define MAX_PAGE_SIZE (1024 * 1024)
/*
 * It also ends after so many operators and values were looked at: filters of the
 * parameters of before expressions may be as large as a request, items as small
 * as their key.
 */
#define MAX_PAGE_WORK (100 * 1000 * 1000)

TimestampTz ddb_read_deadline;

struct DdbReader
{
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	DdbRange	range;
	DdbRangeScan *scan;
	DdbBoundExpr *filter;
	bool		legacy_filter;	/* filter comes from QueryFilter */
	DdbBoundExpr *projection;
	DdbSelect	select;
	bool		consistent;
	bool		fetches;		/* reads attributes that the local index lacks */
	bool		filters_entry;	/* the filter must not see them */
	Jsonb	   *(*show) (void *arg, Jsonb *item);	/* of a planned read, or NULL */
	void	   *show_arg;
	bool		borrowed;		/* desc is the caller's */
	struct DdbCapacity *capacity;
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

	if (ddb_desc_has_key(reader->desc, reader->index, name, len))
		VALIDATION("%s can only contain non-primary key attributes: Primary key attribute: %.*s",
				   reader->legacy_filter ? "QueryFilter" : "Filter Expression", len, name);
}

/* The attributes of an expression that an index does not hold. */
typedef struct Unprojected
{
	const DdbReader *reader;
	StringInfoData names;		/* "a, b" */
} Unprojected;

static void
add_unprojected(const char *name, int len, void *arg)
{
	Unprojected *list = arg;

	if (!ddb_index_projects(list->reader->desc, list->reader->index, name, len))
		appendStringInfo(&list->names, "%s%.*s", list->names.len > 0 ? ", " : "", len, name);
}

/*
 * unprojected lists what an expression reads beyond the index, or gives NULL.
 */
static const char *
unprojected(const DdbReader *reader, const DdbBoundExpr *expr)
{
	Unprojected list = {.reader = reader};

	if (expr == NULL || reader->index->projection == DDB_PROJECT_ALL)
		return NULL;
	initStringInfo(&list.names);
	ddb_expr_top_names(expr, add_unprojected, &list);
	return list.names.len > 0 ? list.names.data : NULL;
}

/*
 * check_projection: a global index has no more to give than it holds, for a local
 * one the rest is fetched from the item.
 */
static void
check_projection(DdbReader *reader)
{
	const char *names = unprojected(reader, reader->projection);

	if (names == NULL)
		return;
	if (reader->index->kind == DDB_INDEX_GLOBAL)
		VALIDATION("One or more parameter values were invalid: Global secondary index %s does not project [%s]",
				   reader->index->name, names);
	reader->fetches = true;
}

/*
 * check_filter: a filter sees what the index holds and no more.  A Query refuses
 * one that asks for more; to a Scan's such attributes are missing.
 */
static void
check_filter(DdbReader *reader, bool query)
{
	const char *names = unprojected(reader, reader->filter);

	if (names == NULL)
		return;
	if (query)
		VALIDATION("One or more parameter values were invalid: Secondary index %s does not project one or more filter attributes: [%s]",
				   reader->index->name, names);
	reader->filters_entry = true;
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
		VALIDATION("The Segment parameter is zero-based and must be less than parameter TotalSegments");
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
 * create_bindings checks the form of names and values, which are there for
 * expressions only; NULL when the request has no expression.
 */
static DdbBindings *
create_bindings(const DdbReadOp *op)
{
	const DdbWords *words = ddb_words_of_read(op);
	bool		has_values = op->filter.data != NULL || op->key_condition.data != NULL;

	if (op->names != NULL && !has_values && op->projection.data == NULL)
		BAD_PARAMETERS("ExpressionAttributeNames can only be specified when using expressions");
	if (op->values != NULL && !has_values)
		BAD_PARAMETERS("ExpressionAttributeValues can only be specified when using expressions: %s",
					   op->query ? "FilterExpression and KeyConditionExpression are null" :
					   "FilterExpression is null");
	if (!has_values && op->projection.data == NULL)
		return NULL;
	return ddb_bindings_create(op->names, op->values, words->values, words->wraps);
}

/*
 * check_start_key checks the values of an ExclusiveStartKey and gives it in
 * canonical form, or NULL when there is none.  Scan says of what they are.
 */
static Jsonb *
check_start_key(const DdbReadOp *op)
{
	const DdbWords *words = ddb_words_of_read(op);
	Jsonb	   *key = op->start_key;
	JsonbIterator *it;
	JsonbValue	value;
	int64		size;

	if (key == NULL)
		return NULL;
	if (!op->query && JB_ROOT_IS_OBJECT(key))
	{
		it = JsonbIteratorInit(&key->root);
		(void) JsonbIteratorNext(&it, &value, true);
		while (JsonbIteratorNext(&it, &value, true) == WJB_KEY)
		{
			DdbValue	attribute;
			const char *problem;

			(void) JsonbIteratorNext(&it, &value, true);
			problem = ddb_value_validate(&value, words->values, &attribute);
			if (problem != NULL)
				VALIDATION("The provided starting key is invalid: %s", problem);
		}
	}
	return ddb_item_check(key, words->values, &size);
}

/*
 * bind_expressions parses and binds expressions, or takes over the trees that stand
 * in their place.  It gives the key condition of a Query.
 */
static DdbBoundExpr *
bind_expressions(DdbReader *reader, const DdbReadOp *op, DdbBindings *bindings)
{
	DdbBoundExpr *condition = op->bound_key_condition;

	reader->projection = op->bound_projection;
	reader->filter = op->bound_filter;
	reader->legacy_filter = op->bound_filter != NULL;
	if (op->query && condition == NULL && op->key_condition.data == NULL)
		VALIDATION("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
	if (bindings == NULL)
		return condition;
	if (op->key_condition.data != NULL)
		condition = bind(DDB_EXPR_KEY_CONDITION, &op->key_condition, bindings);
	if (op->filter.data != NULL)
		reader->filter = bind(DDB_EXPR_FILTER, &op->filter, bindings);
	if (op->projection.data != NULL)
		reader->projection = bind(DDB_EXPR_PROJECTION, &op->projection, bindings);
	ddb_bindings_check_unused(bindings);
	return condition;
}

/*
 * check_term_count refuses more conditions than the key has attributes.  KeyConditions
 * knows no more than that there are two at most, unless the index has more.
 */
static void
check_term_count(const DdbReadOp *op, const DdbIndexDesc *index, int nterms)
{
	int			nkeys = ddb_index_nkeys(index);

	if (op->bound_key_condition == NULL && nterms > nkeys)
		VALIDATION("The number of query conditions (%d) exceeds the number of key attributes defined in the schema (%d)",
				   nterms, nkeys);
	if (op->bound_key_condition != NULL && nterms > Max(2, nkeys))
		VALIDATION(DDB_KEY_CONDITIONS_MESSAGE);
}

/*
 * check_index applies the rules for what can be read of the index, and notes
 * whether items must be fetched besides.
 */
static void
check_index(DdbReader *reader, bool query)
{
	const DdbIndexDesc *index = reader->index;

	if (index->kind == DDB_INDEX_GLOBAL && index->projection != DDB_PROJECT_ALL &&
		reader->select == DDB_SELECT_ALL)
		VALIDATION("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL",
				   index->name);
	reader->fetches = index->projection != DDB_PROJECT_ALL && reader->select == DDB_SELECT_ALL;
	check_projection(reader);
	check_filter(reader, query);
}

/*
 * ddb_reader_open starts a Query or a Scan.
 */
DdbReader *
ddb_reader_open(const DdbReadOp *op, Snapshot snapshot)
{
	DdbReader  *reader = palloc0(sizeof(DdbReader));
	DdbBindings *bindings = create_bindings(op);
	DdbBoundExpr *condition;
	DdbKeyTerm *terms = NULL;
	Jsonb	   *start_key;
	int			nterms = 0;

	if (!op->query)
		check_segment(op);
	start_key = check_start_key(op);
	condition = bind_expressions(reader, op, bindings);
	if (condition != NULL)
		nterms = ddb_key_condition_terms(condition, &terms);
	reader->select = op->select;
	reader->consistent = op->consistent;
	reader->capacity = op->capacity;

	reader->desc = ddb_desc_open(op->table_name, AccessShareLock);
	ddb_check_read(reader->desc->relid);
	reader->index = open_index(reader->desc, op->index_name);
	check_term_count(op, reader->index, nterms);
	ddb_check_key_paths(reader->desc, reader->filter);
	ddb_check_key_paths(reader->desc, reader->projection);
	if (op->consistent && reader->index->kind == DDB_INDEX_GLOBAL)
		VALIDATION("Consistent reads are not supported on global secondary indexes");
	reader->range.index = reader->index;
	reader->range.forward = !op->query || op->forward;
	if (start_key != NULL)
		ddb_range_set_start(reader->desc, &reader->range, start_key);
	if (op->query)
	{
		ddb_range_from_terms(reader->desc, reader->index, terms, nterms, &reader->range);
		if (reader->filter != NULL)
			ddb_expr_top_names(reader->filter, refuse_key_in_filter, reader);
	}
	else if (op->total_segments > 0)
		ddb_range_set_segment(&reader->range, op->segment, op->total_segments);
	check_index(reader, op->query);
	ddb_range_check_start(reader->desc, &reader->range);

	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb reader row",
												ALLOCSET_DEFAULT_SIZES);
	reader->scan = ddb_range_scan_begin(reader->desc, &reader->range, snapshot);
	return reader;
}

/*
 * ddb_reader_open_range starts a read that is planned already.
 */
DdbReader *
ddb_reader_open_range(const DdbRangeRead *read, Snapshot snapshot)
{
	DdbReader  *reader = palloc0(sizeof(DdbReader));

	reader->desc = read->desc;
	reader->borrowed = true;
	reader->range = *read->range;
	reader->index = reader->range.index;
	reader->filter = read->filter;
	reader->filters_entry = read->filters_entry;
	reader->fetches = read->fetches;
	reader->show = read->show;
	reader->show_arg = read->arg;
	reader->consistent = read->consistent;
	reader->capacity = read->capacity;
	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb reader row",
												ALLOCSET_DEFAULT_SIZES);
	reader->scan = ddb_range_scan_begin(reader->desc, &reader->range, snapshot);
	return reader;
}

static bool
passes(const DdbReader *reader, Jsonb *item)
{
	if (reader->filter == NULL)
		return true;
	if (reader->filters_entry)
		item = project_index(reader->desc, reader->index, item);
	return ddb_condition_eval(reader->filter, item);
}

/*
 * show turns a stored item into what the read answers, in the row context.
 */
static Jsonb *
show(const DdbReader *reader, Jsonb *item)
{
	if (reader->show != NULL)
		return reader->show(reader->show_arg, item);
	if (reader->projection != NULL)
		return ddb_projection_apply(reader->projection, item);
	if (reader->index->projection != DDB_PROJECT_ALL && reader->select != DDB_SELECT_ALL)
		return project_index(reader->desc, reader->index, item);
	return item;
}

static Jsonb *
copy_jsonb(Jsonb *jsonb)
{
	Jsonb	   *copy = palloc(VARSIZE(jsonb));

	memcpy(copy, jsonb, VARSIZE(jsonb));
	return copy;
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
		if (item == NULL || passes(reader, item))
			break;
	}
	if (item != NULL)
		item = show(reader, item);
	MemoryContextSwitchTo(caller);
	return item != NULL ? copy_jsonb(item) : NULL;
}

/* Pages */

/*
 * ddb_page_add_item appends a copy of an item to a page.
 */
void
ddb_page_add_item(DdbPage *page, Jsonb *item)
{
	if (page->nitems == page->room)
	{
		page->room = page->room == 0 ? 64 : page->room * 2;
		page->items = page->items == NULL ? palloc_array(Jsonb *, page->room) :
			repalloc(page->items, page->room * sizeof(Jsonb *));
	}
	page->items[page->nitems++] = copy_jsonb(item);
}

/*
 * make_last_key gives the LastEvaluatedKey that continues after an item: the
 * attributes of the index's key and of the table's.
 */
static Jsonb *
make_last_key(const DdbReader *reader, Jsonb *item)
{
	int			columns[DDB_MAX_INDEX_COLUMNS];
	int			n = ddb_range_scan_columns(reader->desc, reader->index, columns);
	DdbAttribute attributes[DDB_MAX_INDEX_COLUMNS];
	DdbValue	map = {.type = DDB_M,.len = n,.attributes = attributes};

	for (int i = 0; i < n; i++)
	{
		const DdbKeyAttribute *att = &reader->desc->attributes[columns[i]];

		attributes[i].name = att->name;
		attributes[i].name_len = att->name_len;
		if (!ddb_item_lookup(&item->root, att->name, att->name_len, &attributes[i].value))
			elog(ERROR, "an item in index \"%s\" lacks attribute \"%s\"",
				 reader->index->relname, att->name);
	}
	return ddb_item_from_value(&map);
}

/*
 * read_size is the bytes that a read of an item counts: what the index holds of
 * it.
 */
static int64
read_size(const DdbReader *reader, Jsonb *item)
{
	if (reader->index->projection == DDB_PROJECT_ALL)
		return ddb_item_size_bytes(&item->root);
	return Max(ddb_index_item_size(reader->desc, reader->index, item), 0);
}

/*
 * count_page adds what a page consumed: its size rounded up once, and the table
 * units of what a local index had to fetch ("Local secondary indexes").
 */
static void
count_page(const DdbReader *reader, int64 size, double fetched)
{
	if (reader->capacity == NULL)
		return;
	ddb_capacity_add_read(reader->capacity, reader->index,
						  ddb_read_units(size, reader->consistent, false));
	if (fetched > 0)
		ddb_capacity_add_read(reader->capacity, NULL, fetched);
}

/*
 * ddb_page_is_full tells whether a page ends after what it has read.
 */
bool
ddb_page_is_full(const DdbPage *page, int64 limit)
{
	if ((limit > 0 && page->scanned >= limit) || page->size >= MAX_PAGE_SIZE ||
		page->work >= MAX_PAGE_WORK)
		return true;
	/* something was done in time */
	return page->scanned > 0 && ddb_read_deadline != 0 &&
		GetCurrentTimestamp() >= ddb_read_deadline;
}

/*
 * ddb_reader_add_page reads on: until limit items (0: no limit) or 1 MB were
 * read, filtered out or not, or time is up.  Then last_key is set, even if nothing
 * follows, but where nothing can: such a key would be refused.
 */
void
ddb_reader_add_page(DdbReader *reader, int64 limit, DdbPage *page)
{
	MemoryContext caller = CurrentMemoryContext;
	int			item_work = reader->filter != NULL ? ddb_condition_work(reader->filter) : 0;
	int64		before = page->size;
	double		fetched = 0;
	Jsonb	   *item;

	for (;;)
	{
		bool		found;

		MemoryContextReset(reader->row_context);
		MemoryContextSwitchTo(reader->row_context);
		item = ddb_range_scan_next(reader->scan);
		if (item == NULL)
			break;
		page->scanned++;
		page->size += read_size(reader, item);
		page->work += item_work;
		if (reader->fetches)
			fetched += ddb_read_units(ddb_item_size_bytes(&item->root),
									  reader->consistent, false);
		found = passes(reader, item);
		if (found)
			page->count++;
		if (found && reader->select != DDB_SELECT_COUNT)
		{
			Jsonb	   *shown = show(reader, item);

			MemoryContextSwitchTo(caller);
			ddb_page_add_item(page, shown);
		}
		if (ddb_page_is_full(page, limit))
		{
			MemoryContextSwitchTo(caller);
			if (!ddb_range_is_single(&reader->range))
				page->last_key = make_last_key(reader, item);
			break;
		}
	}
	MemoryContextSwitchTo(caller);
	count_page(reader, page->size - before, fetched);
}

/*
 * ddb_reader_page reads a page of its own.
 */
void
ddb_reader_page(DdbReader *reader, int64 limit, DdbPage *page)
{
	MemSet(page, 0, sizeof(DdbPage));
	ddb_reader_add_page(reader, limit, page);
}

/*
 * ddb_reader_close frees a reader's resources.
 */
void
ddb_reader_close(DdbReader *reader)
{
	ddb_range_scan_end(reader->scan);
	if (!reader->borrowed)
		ddb_desc_close(reader->desc);
	MemoryContextDelete(reader->row_context);
}
