/*
 * shard.h
 *	  From a table and a partition key to a physical relation.
 *
 * Only this module knows which relation holds an item collection.  On one node
 * it is always the data table itself.
 */
#ifndef DDB_SHARD_H
#define DDB_SHARD_H

#include "utils/relcache.h"

/*
 * ddb_shard_open opens the relation that holds the item collection of
 * partition (a value of the partition key's column type) of the data table
 * relid.  The caller's descriptor holds the lock already.  Close with
 * table_close(rel, NoLock).
 */
extern Relation ddb_shard_open(Oid relid, Datum partition);

/* ddb_shard_open_all opens the one relation that holds every item of the table. */
extern Relation ddb_shard_open_all(Oid relid);

/* ddb_shard_index is the index of rel that serves the table's index indexid. */
extern Oid	ddb_shard_index(Relation rel, Oid indexid);

#endif							/* DDB_SHARD_H */
