/*
 * steps.h
 *	  The steps of one item's write or read, for operations on many items.
 *
 * ddb_op_write() and ddb_op_get() take all steps at once.  Batches and
 * transactions take each step for all their items before the next one, so that
 * errors come in DynamoDB's order and nothing is written before everything was
 * checked.
 */
#ifndef DDB_STEPS_H
#define DDB_STEPS_H

#include "op/capacity.h"
#include "op/op.h"
#include "store/store.h"

typedef struct DdbItemWrite
{
	const DdbWriteOp *op;
	DdbWrite	write;			/* desc and key are the table and the item's key */
	DdbBoundExpr *condition;
	DdbBoundExpr *update;
	Jsonb	   *item;			/* canonical item, or key to start from */
	int64		size;			/* bytes of what is written, once that is known */
	int64		larger_size;	/* of old and new item; where capacity is counted */
	Jsonb	   *old;			/* the version locked, where it is needed */
	Jsonb	   *attributes;		/* what ReturnValues asks for */
	DdbCapacity capacity_before;	/* to count anew when decide() is called again */
} DdbItemWrite;

/* ddb_write_prepare checks all that needs no table.  op must outlive w. */
extern void ddb_write_prepare(DdbItemWrite *w, const DdbWriteOp *op);

/* ddb_write_open opens the table and checks rights. */
extern void ddb_write_open(DdbItemWrite *w);

/* ddb_write_check_empty refuses empty keys, ddb_write_bind_key all other wrong ones. */
extern void ddb_write_check_empty(DdbItemWrite *w);
extern void ddb_write_bind_key(DdbItemWrite *w);

/* ddb_write_lock locks key and item to the transaction's end (ddb_store_lock). */
extern void ddb_write_lock(DdbItemWrite *w);

/*
 * ddb_write_judge raises the errors that the write would have on the version
 * locked.  It touches memory alone, so its errors can be caught.
 */
extern void ddb_write_judge(DdbItemWrite *w);

/* ddb_write_run writes; ddb_write_close closes the table. */
extern void ddb_write_run(DdbItemWrite *w);
extern void ddb_write_close(DdbItemWrite *w);

/* order.c: the order of locking, for many writes; an error if two are of one item */
extern int *ddb_write_order(const DdbItemWrite *items, int n, const char *duplicates);

typedef struct DdbItemGet
{
	const DdbGetOp *op;
	DdbBoundExpr *projection;
	Jsonb	   *key_item;		/* canonical */
	DdbTableDesc *desc;
	Datum		key[2];
	int64		size;			/* bytes of the item read */
} DdbItemGet;

extern void ddb_get_prepare(DdbItemGet *g, const DdbGetOp *op);
extern void ddb_get_open(DdbItemGet *g);
extern void ddb_get_check_empty(DdbItemGet *g);
extern void ddb_get_bind_key(DdbItemGet *g);

/* ddb_get_run gives the item, projected, or NULL, and counts its capacity. */
extern Jsonb *ddb_get_run(DdbItemGet *g, Snapshot snapshot);
extern void ddb_get_close(DdbItemGet *g);

#endif							/* DDB_STEPS_H */
