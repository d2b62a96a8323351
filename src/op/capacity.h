/*
 * capacity.h
 *	  Consumed capacity: read and write units of a table and its indexes.
 */
#ifndef DDB_CAPACITY_H
#define DDB_CAPACITY_H

#include "table/desc.h"

/* ReturnConsumedCapacity */
typedef enum DdbCapacityMode
{
	DDB_CAPACITY_NONE,
	DDB_CAPACITY_TOTAL,
	DDB_CAPACITY_INDEXES
} DdbCapacityMode;

typedef struct DdbUnits
{
	double		read;
	double		write;
} DdbUnits;

typedef struct DdbIndexCapacity
{
	char	   *name;
	DdbIndexKind kind;
	DdbUnits	units;
} DdbIndexCapacity;

/* What operations on one table consumed. */
typedef struct DdbCapacity
{
	char	   *table_name;
	DdbUnits	table;
	int			nindexes;
	DdbIndexCapacity indexes[DDB_MAX_GSI + DDB_MAX_LSI];
} DdbCapacity;

extern void ddb_capacity_init(DdbCapacity *capacity, const char *table_name);

/*
 * ddb_capacity_add_write counts a write that turned old into new (either may be
 * NULL), on the table and on each index.
 */
extern void ddb_capacity_add_write(DdbCapacity *capacity, const DdbTableDesc *desc,
								   Jsonb *old, Jsonb *new, bool transactional);

/* ddb_read_units is what reading size bytes costs; one unit's worth at least. */
extern double ddb_read_units(int64 size, bool consistent, bool transactional);

/* ddb_capacity_add_read counts read units on the table (index NULL or primary) or an index. */
extern void ddb_capacity_add_read(DdbCapacity *capacity, const DdbIndexDesc *index,
								  double units);

/* ddb_capacity_merge adds another operation's units on the same table. */
extern void ddb_capacity_merge(DdbCapacity *into, const DdbCapacity *from);

/* ddb_capacity_total is the sum of the table and its indexes. */
extern DdbUnits ddb_capacity_total(const DdbCapacity *capacity);

/*
 * ddb_index_projects tells whether an index holds a top-level attribute, and
 * ddb_index_item_size is the size in bytes of what it holds of an item, or -1
 * when the item is not in it.
 */
extern bool ddb_index_projects(const DdbTableDesc *desc, const DdbIndexDesc *index,
							   const char *name, int len);
extern int64 ddb_index_item_size(const DdbTableDesc *desc, const DdbIndexDesc *index,
								 Jsonb *item);

#endif							/* DDB_CAPACITY_H */
