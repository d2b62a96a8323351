/*
 * batch.h
 *	  BatchGetItem and BatchWriteItem.
 *
 * Both check all of their keys and items before they read or write anything.  All
 * gets see one snapshot.
 */
#ifndef DDB_BATCH_H
#define DDB_BATCH_H

#include "op/steps.h"

#define DDB_BATCH_MAX_KEYS 100
#define DDB_BATCH_MAX_WRITES 25

/* One table's part of a BatchGetItem. */
typedef struct DdbBatchGet
{
	/* given by the caller */
	DdbGetOp	op;				/* what the table's gets share; its key is not used */
	int			nkeys;
	Jsonb	  **keys;
	/* the answer */
	int			ndone;			/* so many keys are answered ... */
	Jsonb	  **items;			/* ... with these; NULL where there is none */
} DdbBatchGet;

/*
 * ddb_op_batch_get reads until everything is read or the next item would make the items
 * larger than 16 MB in all ("API reference: BatchGetItem"); the keys from ndone on are
 * left unprocessed.
 */
extern void ddb_op_batch_get(DdbBatchGet *tables, int ntables, Snapshot snapshot);

/*
 * ddb_op_batch_write runs puts and deletes, each with batch set, and leaves their
 * final state in items.  The caller closes them (ddb_write_close).
 */
extern void ddb_op_batch_write(const DdbWriteOp *ops, int n, DdbItemWrite *items);

#endif							/* DDB_BATCH_H */
