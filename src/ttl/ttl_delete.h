/*
 * ttl_delete.h
 *	  Items past their time to live.
 */
#ifndef DDB_TTL_DELETE_H
#define DDB_TTL_DELETE_H

#include "storage/block.h"
#include "utils/relcache.h"

#include "table/desc.h"

/* A part of a table to be searched. */
typedef struct DdbTtlWalk
{
	/* given by the caller */
	DdbTableDesc *desc;			/* with ttl_attribute, its relation locked (RowExclusiveLock) */
	Relation	heap;
	BlockNumber block;			/* where to begin; in the end where to go on */
	BlockNumber end;
	bool		brief;			/* stop early, so that the transaction is a short one */
	/* what was found; added to */
	int64		seen;
	int64		deleted;
} DdbTtlWalk;

/*
 * ddb_ttl_lock keeps others from deleting expired items of a table, and its
 * time to live from being changed, until the transaction ends.  A descriptor
 * opened before may be out of date then.  Without wait it gives false when another
 * transaction has the lock.
 */
extern bool ddb_ttl_lock(Oid relid, bool wait);

/*
 * ddb_ttl_delete_blocks deletes the expired items of blocks [block, end), but for those
 * that another transaction has locked or is changing.  It waits for nobody.
 */
extern void ddb_ttl_delete_blocks(DdbTtlWalk *deletion);

#endif							/* DDB_TTL_DELETE_H */
