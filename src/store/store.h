/*
 * store.h
 *	  Finding, writing and walking the items of one table.
 *
 * The store goes to heap and index directly, without SQL.  It knows columns,
 * snapshots and races; what a condition means or an update does is decided by
 * callbacks of the operations above it.
 */
#ifndef DDB_STORE_H
#define DDB_STORE_H

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "compat.h"
#include "table/desc.h"

/* row.c: items to key columns */

/* Why an item is turned into columns: decides the words of an error. */
typedef enum DdbRowPurpose
{
	DDB_ROW_PUT,				/* a whole item that a client sent */
	DDB_ROW_BATCH_PUT,			/* the same in a BatchWriteItem */
	DDB_ROW_UPDATE,				/* what an update expression computed */
	DDB_ROW_UPDATE_VALUE,		/* what one was given to set */
	DDB_ROW_KEY,				/* a Key parameter */
	DDB_ROW_FILL				/* a stored item: what can't be an index key is NULL */
} DdbRowPurpose;

typedef struct DdbColumns
{
	Datum	   *values;			/* by key attribute of the descriptor */
	bool	   *nulls;
} DdbColumns;

/* ddb_row_columns fills columns for every key attribute from an item. */
extern void ddb_row_columns(const DdbTableDesc *desc, Jsonb *item,
							DdbRowPurpose purpose, DdbColumns *columns);

/*
 * ddb_row_update_columns does so for an update, with a purpose for each key
 * attribute: DDB_ROW_FILL for those it does not touch, for an item that breaks an index
 * which came after it stays writable.
 */
extern void ddb_row_update_columns(const DdbTableDesc *desc, Jsonb *item,
								   const DdbRowPurpose *purposes, DdbColumns *columns);

/* ddb_row_check_value refuses what can't be key attribute i. */
extern void ddb_row_check_value(const DdbTableDesc *desc, int i, const DdbValue *value,
								DdbRowPurpose purpose);

/* ddb_row_fits tells whether a stored value can be key attribute i, in its column. */
extern bool ddb_row_fits(const DdbTableDesc *desc, int i, const DdbValue *value);

/* ddb_row_key reads a Key parameter: exactly the table's key attributes. */
extern void ddb_row_key(const DdbTableDesc *desc, Jsonb *key, Datum values[2]);

/*
 * ddb_row_check_empty raises the error for an empty key attribute alone, before
 * anything else about the keys is checked; purpose as above.
 */
extern void ddb_row_check_empty(const DdbTableDesc *desc, Jsonb *item,
								DdbRowPurpose purpose);

/* ddb_row_columns_create allocates columns for desc. */
extern void ddb_row_columns_create(const DdbTableDesc *desc, DdbColumns *columns);

/* read.c */

/*
 * ddb_store_get finds the item with the primary key key under snapshot and
 * gives a copy in CurrentMemoryContext, or NULL.
 */
extern Jsonb *ddb_store_get(const DdbTableDesc *desc, const Datum key[2],
							Snapshot snapshot);

/* write.c */
typedef enum DdbWriteAction
{
	DDB_WRITE_NOTHING,
	DDB_WRITE_PUT,
	DDB_WRITE_DELETE
} DdbWriteAction;

typedef struct DdbWrite DdbWrite;

/*
 * A write decides what to do when it sees the latest committed version of its
 * item.  It may be called again with a newer version when another transaction
 * got there first, and must then start over.
 */
typedef DdbWriteAction (*DdbWriteDecision) (DdbWrite *write);

struct DdbWrite
{
	/* given by the caller */
	DdbTableDesc *desc;
	Datum		key[2];			/* primary key values */
	DdbWriteDecision decide;
	void	   *arg;
	bool		maintenance;	/* changes key columns only: users' triggers don't matter */
	bool		nowait;			/* TransactionConflictException instead of waiting */
	/* for decide: the version found */
	bool		exists;
	/* set by decide for DDB_WRITE_PUT; item NULL: that of the version found */
	Jsonb	   *item;
	DdbColumns	columns;
	/* the store's own */
	struct TupleTableSlot *slot;
};

/*
 * Set in processes that must not sleep: a write that meets an item another
 * transaction is writing raises TransactionConflictException.  Unlike nowait it
 * locks nothing beforehand, so it does not rule every wait out; lock_timeout bounds
 * the rest.
 */
extern bool ddb_store_refuse_waits;

/* ddb_store_write runs one write; the version seen by the last decide() is the one replaced. */
extern void ddb_store_write(DdbWrite *write);

/* ddb_store_write_old is the found version's item; valid during decide() only. */
extern Jsonb *ddb_store_write_old(DdbWrite *write);

/*
 * ddb_store_delete_version deletes the version of an item in slot, which snapshot
 * saw, if it is still the latest one and no other transaction has it locked;
 * false if not.  It waits for nobody.  ddb_store_check_plain() is the caller's.
 */
extern bool ddb_store_delete_version(Relation heap, struct TupleTableSlot *slot,
									 Snapshot snapshot);

/* lock.c */

/* The fourth field of the advisory locks that are ddb's. */
typedef enum DdbLockClass
{
	DDB_LOCK_KEY = 0xDDB1,		/* a table and a primary key */
	DDB_LOCK_TOKEN,				/* a ClientRequestToken */
	DDB_LOCK_TOKEN_CLEANUP,		/* who deletes old ones */
	DDB_LOCK_TTL				/* a table whose expired items are being deleted */
} DdbLockClass;

/*
 * ddb_lock_acquire takes the lock of one class on a hash, until the transaction
 * ends or ddb_lock_release().  Without wait it gives false when another
 * transaction has it.
 */
extern bool ddb_lock_acquire(DdbLockClass class, uint64 hash, bool wait);

extern void ddb_lock_release(DdbLockClass class, uint64 hash);

/* ddb_store_key_hash is a hash of a primary key, the same in every table. */
extern uint64 ddb_store_key_hash(const DdbTableDesc *desc, const Datum key[2]);

/* ddb_store_key_locked tells whether another transaction has locked a key. */
extern bool ddb_store_key_locked(const DdbTableDesc *desc, const Datum key[2]);

/* ddb_store_wait_key waits until nobody has a key locked. */
extern void ddb_store_wait_key(const DdbTableDesc *desc, const Datum key[2]);

/*
 * ddb_store_note_partition notes in the request's footprint that items with one
 * partition key, of the table or of a local index, are read or written.
 */
extern void ddb_store_note_partition(const DdbTableDesc *desc, const DdbIndexDesc *index,
									 const Datum *partition, bool written);

/*
 * ddb_store_same_key tells whether two primary keys of a table, made by
 * ddb_row_key() or ddb_row_columns(), are the same.
 */
extern bool ddb_store_same_key(const DdbTableDesc *desc, const Datum a[2], const Datum b[2]);

/*
 * ddb_store_lock locks the key and the item of a write (its desc and key are
 * set) to the transaction's end, never waiting, sets exists, and gives a copy of
 * the latest version where want_old asks for it.  A conflict is a
 * TransactionConflictException.
 */
extern Jsonb *ddb_store_lock(DdbWrite *write, bool for_delete, bool want_old);

/*
 * ddb_store_lock_version locks the version of a row in slot, which snapshot
 * saw.  Without wait it gives TM_WouldBlock when another transaction is in the way.
 */
extern TM_Result ddb_store_lock_version(Relation heap, struct TupleTableSlot *slot,
										Snapshot snapshot, bool for_delete, bool wait);

pg_noreturn extern void ddb_store_conflict(void);
pg_noreturn extern void ddb_store_serialization_failure(void);

/* scan.c */
typedef struct DdbBound
{
	bool		set;
	bool		inclusive;
	Datum		value;
} DdbBound;

#define DDB_MAX_INDEX_COLUMNS (DDB_MAX_KEY_ATTRIBUTES + 2)

typedef struct DdbRange DdbRange;

/*
 * A contiguous range of one index: either one item collection (npartition > 0:
 * equality on all partition attributes), narrowed on its sort attributes, or
 * all of the index, narrowed to partition hashes in [hash_low, hash_high].
 */
struct DdbRange
{
	const DdbIndexDesc *index;
	bool		forward;
	int			npartition;
	Datum		partition[4];
	int			nsort;			/* equalities on leading sort attributes */
	Datum		sort[4];
	DdbBound	lower;			/* on the sort attribute after those */
	DdbBound	upper;
	bool		hash_range;
	int			segment;		/* where the hash range came from, for messages */
	int			total_segments;
	int64		hash_low;
	int64		hash_high;
	bool		after;			/* continue after the entry with these columns */
	Datum		start[DDB_MAX_INDEX_COLUMNS];
};

typedef struct DdbRangeScan DdbRangeScan;

/*
 * ddb_range_scan_begin starts to walk a range under snapshot.  The descriptor's
 * relation is locked already and the descriptor must stay open.
 */
extern DdbRangeScan *ddb_range_scan_begin(DdbTableDesc *desc, const DdbRange *range,
										  Snapshot snapshot);

/* ddb_range_scan_next gives the next item, valid until the next call, or NULL at the end. */
extern Jsonb *ddb_range_scan_next(DdbRangeScan *scan);

/* ddb_range_scan_end frees a scan's resources. */
extern void ddb_range_scan_end(DdbRangeScan *scan);

/*
 * ddb_range_scan_columns lists the descriptor's attributes that are an index's
 * columns in order, tie-breaking table keys included.
 */
extern int	ddb_range_scan_columns(const DdbTableDesc *desc, const DdbIndexDesc *index,
								   int columns[DDB_MAX_INDEX_COLUMNS]);

/* load.c */
typedef struct DdbLoad DdbLoad;

/*
 * ddb_load_begin prepares to load items into the table of desc, which must be
 * open with RowExclusiveLock at least.
 */
extern DdbLoad *ddb_load_begin(DdbTableDesc *desc);

/* ddb_load_item adds one canonical item. */
extern void ddb_load_item(DdbLoad *load, Jsonb *item);

/* ddb_load_end finishes and gives the number of items loaded. */
extern int64 ddb_load_end(DdbLoad *load);

/*
 * ddb_load_indexing tells, for an error's context, which item (from 1) is just
 * being entered into the indexes; 0 when none is.
 */
extern int64 ddb_load_indexing(const DdbLoad *load);

/*
 * ddb_store_check_plain refuses a data table with triggers, constraints or
 * policies of the user's: a direct write would pass them by.
 */
extern void ddb_store_check_plain(Relation heap);

/* ddb_store_check_not_null refuses a row that lacks a value in a NOT NULL column. */
extern void ddb_store_check_not_null(Relation heap, struct TupleTableSlot *row);

/* indexes.c: keeping every index of a relation, ours and the user's */

/*
 * ddb_store_insert_index_entries enters the row in slot (with its tid set) into
 * all indexes of heap.  When speculative, a conflict in the primary index (or
 * its twin) is reported by giving false; any other unique index raises its error.
 * unchanged holds the attribute numbers an update left alone; NULL for a new
 * row.
 */
extern bool ddb_store_insert_index_entries(Relation heap, Oid primary,
										   struct TupleTableSlot *slot,
										   bool speculative,
										   bool only_summarizing,
										   const struct Bitmapset *unchanged);

/* find.c: scan keys on the primary index */

/*
 * ddb_store_find fetches the row with the primary key key that snapshot sees
 * into slot; false when there is none.
 */
extern bool ddb_store_find(Relation heap, Relation index, const DdbTableDesc *desc,
						   const Datum key[2], Snapshot snapshot,
						   struct TupleTableSlot *slot);

/*
 * ddb_store_open_index opens an index of heap, which the caller has locked, for
 * use in direct scans.  While REINDEX CONCURRENTLY waits for its last users, a
 * new index has the name already and a descriptor may still hold the old one's
 * oid: then the new one is taken.
 */
extern Relation ddb_store_open_index(Relation heap, const DdbIndexDesc *desc,
									 LOCKMODE lockmode);

#endif							/* DDB_STORE_H */
