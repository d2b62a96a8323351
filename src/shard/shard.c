/*
 * shard.c
 *	  Resolving a table and a partition key to a relation: one node, one relation.
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/rel.h"

#include "shard/shard.h"

Relation
ddb_shard_open(Oid relid, Datum partition)
{
	return table_open(relid, NoLock);
}

Relation
ddb_shard_open_all(Oid relid)
{
	return table_open(relid, NoLock);
}

Oid
ddb_shard_index(Relation rel, Oid indexid)
{
	return indexid;
}
