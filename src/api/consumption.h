/*
 * consumption.h
 *	  What a request consumed and wrote to, by table: ConsumedCapacity and
 *	  ItemCollectionMetrics.
 *
 * Capacity is counted whether the request asks to be told or not; it comes back
 * beside the response, for metrics and whoever bounds it.
 */
#ifndef DDB_CONSUMPTION_H
#define DDB_CONSUMPTION_H

#include "nodes/pg_list.h"

#include "op/capacity.h"

typedef struct DdbConsumption
{
	DdbCapacityMode mode;		/* ReturnConsumedCapacity */
	bool		transactional;	/* shows reads and writes apart */
	bool		metrics;		/* ReturnItemCollectionMetrics: SIZE */
	List	   *capacities;		/* of DdbCapacity *, in order of first use */
	List	   *collections;	/* of ItemCollection *, in order of first use */
} DdbConsumption;

/* ddb_consumption_init reads what a request that fits its shape wants reported. */
extern void ddb_consumption_init(DdbConsumption *consumption, JsonbContainer *request);

/* ddb_consumption_capacity finds or makes the place where a table's capacity is counted. */
extern DdbCapacity *ddb_consumption_capacity(DdbConsumption *consumption, const char *table_name);

/* ddb_consumption_total is the sum of all units counted. */
extern double ddb_consumption_total(const DdbConsumption *consumption);

/* ddb_consumption_add_collection notes the item collection of a written item or its key, once. */
extern void ddb_consumption_add_collection(DdbConsumption *consumption, const DdbTableDesc *desc,
										   Jsonb *key_holder);

/*
 * ddb_consumption_push_one appends ConsumedCapacity and ItemCollectionMetrics, where
 * asked for, to the response of an operation on one table; ddb_consumption_push does so
 * by table, for operations on several.
 */
extern void ddb_consumption_push_one(JsonbParseState **state, const DdbConsumption *consumption);
extern void ddb_consumption_push(JsonbParseState **state, const DdbConsumption *consumption);

#endif							/* DDB_CONSUMPTION_H */
