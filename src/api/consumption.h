/*
 * consumption.h
 *	  What an operation on many items reports by table: ConsumedCapacity and
 *	  ItemCollectionMetrics.
 */
#ifndef DDB_TALLY_H
#define DDB_TALLY_H

#include "nodes/pg_list.h"

#include "op/capacity.h"

typedef struct DdbTally
{
	DdbCapacityMode mode;
	bool		transactional;
	bool		metrics;		/* ReturnItemCollectionMetrics: SIZE */
	List	   *capacities;		/* of DdbCapacity *, in order of first use */
	List	   *collections;	/* of TallyCollection *, in order of first use */
} DdbTally;

/* ddb_tally_init reads what the request wants reported. */
extern void ddb_tally_init(DdbTally *tally, JsonbContainer *request, bool transactional);

/* ddb_tally_capacity is where a table's capacity is counted; NULL if nobody asked. */
extern DdbCapacity *ddb_tally_capacity(DdbTally *tally, const char *table_name);

/* ddb_tally_collection notes the item collection of a written item or its key. */
extern void ddb_tally_collection(DdbTally *tally, const DdbTableDesc *desc, Jsonb *key_holder);

/* ddb_tally_push appends both members to a response, where asked for. */
extern void ddb_tally_push(JsonbParseState **state, const DdbTally *tally);

#endif							/* DDB_TALLY_H */
