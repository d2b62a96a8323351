/*
 * consumption.c
 *	  What a request consumed and wrote to, by table.
 */
#include "postgres.h"

#include "utils/numeric.h"

#include "api/consumption.h"
#include "api/members.h"
#include "jsonb/document.h"

typedef struct ItemCollection
{
	const char *table_name;
	Jsonb	   *metrics;		/* an ItemCollectionMetrics object */
} ItemCollection;

void
ddb_consumption_init(DdbConsumption *consumption, JsonbContainer *request)
{
	char	   *metrics = ddb_request_string(request, "ReturnItemCollectionMetrics");

	MemSet(consumption, 0, sizeof(DdbConsumption));
	consumption->mode = ddb_request_capacity_mode(request);
	consumption->metrics = metrics != NULL && strcmp(metrics, "SIZE") == 0;
}

DdbCapacity *
ddb_consumption_capacity(DdbConsumption *consumption, const char *table_name)
{
	DdbCapacity *capacity;
	ListCell   *lc;

	foreach(lc, consumption->capacities)
	{
		capacity = lfirst(lc);
		if (strcmp(capacity->table_name, table_name) == 0)
			return capacity;
	}
	capacity = palloc(sizeof(DdbCapacity));
	ddb_capacity_init(capacity, table_name);
	consumption->capacities = lappend(consumption->capacities, capacity);
	return capacity;
}

double
ddb_consumption_total(const DdbConsumption *consumption)
{
	double		sum = 0;
	ListCell   *lc;

	foreach(lc, consumption->capacities)
	{
		DdbUnits	units = ddb_capacity_total(lfirst(lc));

		sum += units.read + units.write;
	}
	return sum;
}

/*
 * collection_metrics describes the item collection of an item or key;
 * NULL when the table has no local index.  Sizes are not tracked: the estimate
 * is always the least range, [0, 1] GB.
 */
static Jsonb *
collection_metrics(const DdbTableDesc *desc, Jsonb *key_holder)
{
	const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, 0);
	JsonbParseState *state;
	JsonbValue	value;
	bool		local = false;

	for (int i = 0; i < desc->nindexes; i++)
		local = local || desc->indexes[i].kind == DDB_INDEX_LOCAL;
	if (!local ||
		!getKeyJsonValueFromContainer(&key_holder->root, att->name, att->name_len, &value))
		return NULL;
	ddb_json_response(&state);
	ddb_json_begin_object(&state, "ItemCollectionKey");
	ddb_json_push_jsonb(&state, att->name, JsonbValueToJsonb(&value));
	ddb_json_end_object(&state);
	ddb_json_begin_array(&state, "SizeEstimateRangeGB");
	ddb_json_push_integer(&state, NULL, 0);
	ddb_json_push_integer(&state, NULL, 1);
	ddb_json_end_array(&state);
	return ddb_json_finish(&state);
}

void
ddb_consumption_add_collection(DdbConsumption *consumption, const DdbTableDesc *desc,
							   Jsonb *key_holder)
{
	ItemCollection *collection;
	Jsonb	   *metrics;
	ListCell   *lc;

	if (!consumption->metrics)
		return;
	metrics = collection_metrics(desc, key_holder);
	if (metrics == NULL)
		return;
	foreach(lc, consumption->collections)
	{
		collection = lfirst(lc);
		if (strcmp(collection->table_name, desc->name) == 0 &&
			compareJsonbContainers(&collection->metrics->root, &metrics->root) == 0)
			return;
	}
	collection = palloc(sizeof(ItemCollection));
	collection->table_name = pstrdup(desc->name);
	collection->metrics = metrics;
	consumption->collections = lappend(consumption->collections, collection);
}

/*
 * push_number appends a number of units with one decimal, "2.0" or "0.5", as
 * DynamoDB does.  Units come in halves, so that says it all.
 */
static void
push_number(JsonbParseState **state, const char *member, double units)
{
	ddb_json_push_numeric(state, member, int64_div_fast_to_numeric((int64) (units * 10), 1));
}

/*
 * push_units appends {"CapacityUnits": n}; transactional ones show reads and
 * writes apart.
 */
static void
push_units(JsonbParseState **state, const DdbUnits *units, bool transactional)
{
	if (transactional && units->read > 0)
		push_number(state, "ReadCapacityUnits", units->read);
	if (transactional && units->write > 0)
		push_number(state, "WriteCapacityUnits", units->write);
	push_number(state, "CapacityUnits", units->read + units->write);
}

static void
push_indexes(JsonbParseState **state, const DdbCapacity *capacity, DdbIndexKind kind,
			 const char *member, bool transactional)
{
	bool		begun = false;

	for (int i = 0; i < capacity->nindexes; i++)
	{
		const DdbIndexCapacity *index = &capacity->indexes[i];

		if (index->kind != kind)
			continue;
		if (!begun)
			ddb_json_begin_object(state, member);
		begun = true;
		ddb_json_begin_object(state, index->name);
		push_units(state, &index->units, transactional);
		ddb_json_end_object(state);
	}
	if (begun)
		ddb_json_end_object(state);
}

/*
 * push_capacity appends a ConsumedCapacity object: as the member of that name, or as
 * an element of the array under construction.
 */
static void
push_capacity(JsonbParseState **state, const DdbConsumption *consumption,
			  const DdbCapacity *capacity, bool as_element)
{
	DdbUnits	total = ddb_capacity_total(capacity);
	bool		transactional = consumption->transactional;

	ddb_json_begin_object(state, as_element ? NULL : "ConsumedCapacity");
	ddb_json_push_string(state, "TableName", capacity->table_name);
	push_units(state, &total, transactional);
	if (consumption->mode == DDB_CAPACITY_INDEXES)
	{
		ddb_json_begin_object(state, "Table");
		push_units(state, &capacity->table, transactional);
		ddb_json_end_object(state);
		push_indexes(state, capacity, DDB_INDEX_LOCAL, "LocalSecondaryIndexes", transactional);
		push_indexes(state, capacity, DDB_INDEX_GLOBAL, "GlobalSecondaryIndexes", transactional);
	}
	ddb_json_end_object(state);
}

void
ddb_consumption_push_one(JsonbParseState **state, const DdbConsumption *consumption)
{
	if (consumption->mode != DDB_CAPACITY_NONE)
		push_capacity(state, consumption, linitial(consumption->capacities), false);
	if (consumption->collections != NIL)
	{
		ItemCollection *collection = linitial(consumption->collections);

		ddb_json_push_jsonb(state, "ItemCollectionMetrics", collection->metrics);
	}
}

/*
 * push_collections appends {"ItemCollectionMetrics": {table: [...], ...}}.
 */
static void
push_collections(JsonbParseState **state, const DdbConsumption *consumption)
{
	ListCell   *lc,
			   *other;

	ddb_json_begin_object(state, "ItemCollectionMetrics");
	foreach(lc, consumption->collections)
	{
		ItemCollection *first = lfirst(lc);
		bool		pushed = false;

		/* one list for each table, where its first collection stands */
		foreach(other, consumption->collections)
		{
			ItemCollection *collection = lfirst(other);

			if (collection == first)
				break;
			pushed = pushed || strcmp(collection->table_name, first->table_name) == 0;
		}
		if (pushed)
			continue;
		ddb_json_begin_array(state, first->table_name);
		for_each_cell(other, consumption->collections, lc)
		{
			ItemCollection *collection = lfirst(other);

			if (strcmp(collection->table_name, first->table_name) == 0)
				ddb_json_push_jsonb(state, NULL, collection->metrics);
		}
		ddb_json_end_array(state);
	}
	ddb_json_end_object(state);
}

void
ddb_consumption_push(JsonbParseState **state, const DdbConsumption *consumption)
{
	ListCell   *lc;

	if (consumption->mode != DDB_CAPACITY_NONE)
	{
		ddb_json_begin_array(state, "ConsumedCapacity");
		foreach(lc, consumption->capacities)
			push_capacity(state, consumption, lfirst(lc), true);
		ddb_json_end_array(state);
	}
	if (consumption->collections != NIL)
		push_collections(state, consumption);
}
