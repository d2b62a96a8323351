/*
 * shard.c
 *	  Resolving a table and a partition key to a relation: one node, one relation.
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/rel.h"

#include "shard/shard.h"

Relation
ddb_shard_open(const DdbTableDesc *desc, Datum partition)
{
	return table_open(desc->relid, NoLock);
}

Relation
ddb_shard_open_all(const DdbTableDesc *desc)
{
	return table_open(desc->relid, NoLock);
}

Oid
ddb_shard_index(Relation rel, const DdbIndexDesc *index)
{
	return index->indexid;
}
