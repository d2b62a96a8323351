/*
 * insert.c
 *	  Insertion into a ddb index: sparse, and long keys as digests.
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "catalog/pg_am.h"
#include "utils/rel.h"

#include "am/am_private.h"
#include "compat.h"

/*
 * insert_row calls nbtree.  An assert-enabled nbtree checks that it works on
 * a btree index where it reads fillfactor and deduplicate_items, so it is shown
 * one there.
 */
static bool
insert_row(Relation index, Datum *values, bool *isnull, ItemPointer tid,
		   Relation heap, IndexUniqueCheck check_unique, bool unchanged,
		   struct IndexInfo *info)
{
#ifdef USE_ASSERT_CHECKING
	volatile bool unique = false;
	Oid			relam = index->rd_rel->relam;

	index->rd_rel->relam = BTREE_AM_OID;
	PG_TRY();
	{
		unique = btinsert(index, values, isnull, tid, heap, check_unique,
						  unchanged, info);
	}
	PG_FINALLY();
	{
		index->rd_rel->relam = relam;
	}
	PG_END_TRY();
	return unique;
#else
	return btinsert(index, values, isnull, tid, heap, check_unique,
					unchanged, info);
#endif
}

bool
ddb_am_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid,
			  Relation heap, IndexUniqueCheck check_unique, bool unchanged,
			  struct IndexInfo *info)
{
	Datum		stored[INDEX_MAX_KEYS];
	bool		unique;
	int			i;

	if (ddb_am_has_null_key(index, isnull))
		return true;
	if (!ddb_am_digest_keys(index, values, isnull, stored))
		return insert_row(index, values, isnull, tid, heap, check_unique,
						  unchanged, info);

	unique = insert_row(index, stored, isnull, tid, heap, check_unique,
						unchanged, info);
	for (i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		if (stored[i] != values[i])
			pfree(DatumGetPointer(stored[i]));
	}
	return unique;
}
