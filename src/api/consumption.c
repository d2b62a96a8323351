/*
 * consumption.c
 *	  What an operation on many items reports by table.
 */
#include "postgres.h"

#include "api/consumption.h"
#include "api/request.h"
#include "jsonb/document.h"

typedef struct TallyCollection
{
	const char *table_name;
	Jsonb	   *metrics;		/* an ItemCollectionMetrics object */
} TallyCollection;

void
ddb_tally_init(DdbTally *tally, JsonbContainer *request, bool transactional)
{
	MemSet(tally, 0, sizeof(DdbTally));
	tally->mode = ddb_request_capacity_mode(request);
	tally->transactional = transactional;
	tally->metrics = ddb_wants_item_collection_metrics(request);
}

/*
 * ddb_tally_capacity finds or makes the place to count a table.
 */
DdbCapacity *
ddb_tally_capacity(DdbTally *tally, const char *table_name)
{
	DdbCapacity *capacity;
	ListCell   *lc;

	if (tally->mode == DDB_CAPACITY_NONE)
		return NULL;
	foreach(lc, tally->capacities)
	{
		capacity = lfirst(lc);
		if (strcmp(capacity->table_name, table_name) == 0)
			return capacity;
	}
	capacity = palloc(sizeof(DdbCapacity));
	ddb_capacity_init(capacity, table_name);
	tally->capacities = lappend(tally->capacities, capacity);
	return capacity;
}

/*
 * ddb_tally_collection notes an item collection, once.
 */
void
ddb_tally_collection(DdbTally *tally, const DdbTableDesc *desc, Jsonb *key_holder)
{
	TallyCollection *collection;
	Jsonb	   *metrics;
	ListCell   *lc;

	if (!tally->metrics)
		return;
	metrics = ddb_item_collection_metrics(desc, key_holder);
	if (metrics == NULL)
		return;
	foreach(lc, tally->collections)
	{
		collection = lfirst(lc);
		if (strcmp(collection->table_name, desc->name) == 0 &&
			compareJsonbContainers(&collection->metrics->root, &metrics->root) == 0)
			return;
	}
	collection = palloc(sizeof(TallyCollection));
	collection->table_name = pstrdup(desc->name);
	collection->metrics = metrics;
	tally->collections = lappend(tally->collections, collection);
}

/*
 * push_collections appends {"ItemCollectionMetrics": {table: [...], ...}}.
 */
static void
push_collections(JsonbParseState **state, const DdbTally *tally)
{
	ListCell   *lc,
			   *other;

	ddb_json_begin_object(state, "ItemCollectionMetrics");
	foreach(lc, tally->collections)
	{
		TallyCollection *first = lfirst(lc);
		bool		pushed = false;

		/* one list for each table, where its first collection stands */
		foreach(other, tally->collections)
		{
			TallyCollection *collection = lfirst(other);

			if (collection == first)
				break;
			pushed = pushed || strcmp(collection->table_name, first->table_name) == 0;
		}
		if (pushed)
			continue;
		ddb_json_begin_array(state, first->table_name);
		for_each_cell(other, tally->collections, lc)
		{
			TallyCollection *collection = lfirst(other);

			if (strcmp(collection->table_name, first->table_name) == 0)
				ddb_json_push_jsonb(state, NULL, collection->metrics);
		}
		ddb_json_end_array(state);
	}
	ddb_json_end_object(state);
}

/*
 * ddb_tally_push appends what was asked for.
 */
void
ddb_tally_push(JsonbParseState **state, const DdbTally *tally)
{
	ListCell   *lc;

	if (tally->mode != DDB_CAPACITY_NONE)
	{
		ddb_json_begin_array(state, "ConsumedCapacity");
		foreach(lc, tally->capacities)
			ddb_capacity_push(state, lfirst(lc), tally->mode, tally->transactional, true);
		ddb_json_end_array(state);
	}
	if (tally->collections != NIL)
		push_collections(state, tally);
}
