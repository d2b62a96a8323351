/*
 * lock_order.c
 *	  The order in which an operation on many items locks them.
 *
 * It is the same for all operations: by table, then by the hash of the key.  So
 * two batches that share items never wait for each other in a circle, and of two
 * transactions that do, the one that comes first to the first of them gets on.
 */
#include "postgres.h"

#include "compat.h"
#include "error.h"
#include "op/steps.h"

typedef struct Place
{
	Oid			relid;
	uint64		hash;
	int			item;
} Place;

static int
compare_places(const void *a, const void *b)
{
	const Place *x = a;
	const Place *y = b;

	if (x->relid != y->relid)
		return x->relid < y->relid ? -1 : 1;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->item - y->item;
}

/*
 * ddb_write_order gives the numbers of n writes, with their keys bound, in
 * the order of locking.  Two writes of one item are a ValidationException that
 * says what duplicates says.
 */
int *
ddb_write_order(const DdbItemWrite *items, int n, const char *duplicates)
{
	Place	   *places = palloc_array(Place, n);
	int		   *order = palloc_array(int, n);

	for (int i = 0; i < n; i++)
	{
		places[i].relid = items[i].write.desc->relid;
		places[i].hash = ddb_store_key_hash(items[i].write.desc, items[i].write.key);
		places[i].item = i;
	}
	qsort(places, n, sizeof(Place), compare_places);
	for (int i = 0; i < n; i++)
	{
		const DdbWrite *write = &items[places[i].item].write;

		/* keys with equal hashes lie side by side, but need not be the same */
		for (int j = i - 1; j >= 0 && places[j].relid == places[i].relid &&
			 places[j].hash == places[i].hash; j--)
		{
			if (ddb_store_same_key(write->desc, write->key, items[places[j].item].write.key))
				ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg("%s", duplicates));
		}
		order[i] = places[i].item;
	}
	pfree(places);
	return order;
}
