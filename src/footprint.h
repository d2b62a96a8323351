/*
 * footprint.h
 *	  What a request has read and written, so that its answer waits for no other
 *	  commits than those that it may show.
 *
 * Parts of tables are told apart by hashes: two that fall on one slot make an answer
 * wait a little longer than it must, never too short.  Nothing is collected unless
 * ddb_footprint_wanted is set, which the HTTP endpoint does while there are
 * synchronous standbys.
 */
#ifndef DDB_FOOTPRINT_H
#define DDB_FOOTPRINT_H

#define DDB_FOOTPRINT_SLOTS	16384

/* A part of a table; slot numbers are under DDB_FOOTPRINT_SLOTS. */
typedef struct DdbFootprintPart
{
	uint32		partition;		/* slot of one partition key, or of the whole table */
	uint32		table;			/* slot of the whole table */
	bool		written;
} DdbFootprintPart;

/*
 * The parts in the order they were met; everything: there are more, or they can't
 * be told.
 */
typedef struct DdbFootprint
{
	int			nparts;
	bool		everything;
	DdbFootprintPart parts[128];
} DdbFootprint;

extern bool ddb_footprint_wanted;
extern DdbFootprint ddb_footprint;

/* ddb_footprint_reset begins a request. */
extern void ddb_footprint_reset(void);

/* ddb_footprint_partition notes items of one partition key, given by its hash. */
extern void ddb_footprint_partition(const char *table_name, int64 hash, bool written);

/* ddb_footprint_table notes that items of any partition key are read. */
extern void ddb_footprint_table(const char *table_name);

/* ddb_footprint_everything notes what is in no table of items. */
extern void ddb_footprint_everything(void);

/* ddb_footprint_definition is the slot of a table's definition. */
extern uint32 ddb_footprint_definition(const char *table_name);

#endif							/* DDB_FOOTPRINT_H */
