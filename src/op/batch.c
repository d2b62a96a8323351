/*
 * batch.c
 *	  BatchGetItem and BatchWriteItem.
 *
 * Writes are on their own account in DynamoDB; here they share the caller's
 * transaction, so an error undoes them all, and they are done in the order of
 * lock_order.c, so that two batches never wait for each other in a circle.  None is
 * ever left over: 25 items of 400 KB stay under the 16 MB at which DynamoDB would
 * give some back.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "error.h"
#include "op/batch.h"

#define MAX_RESPONSE (16 * 1024 * 1024) /* bytes of items */

#define DUPLICATES "Provided list of item keys contains duplicates"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

/* The gets of a batch, and one table's among them. */
typedef struct BatchGets
{
	int			n;
	DdbGetOp	ops[DDB_BATCH_MAX_KEYS];
	DdbItemGet	gets[DDB_BATCH_MAX_KEYS];
	int64		size;			/* bytes of items read */
	bool		full;
} BatchGets;

/*
 * check_unique refuses a key that a table's list has twice.
 */
static void
check_unique(const DdbItemGet *gets, int n)
{
	for (int i = 1; i < n; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (ddb_store_same_key(gets[i].desc, gets[i].key, gets[j].key))
				VALIDATION(DUPLICATES);
		}
	}
}

/*
 * read_table reads a table's items until the next one would not fit the response.
 * What was counted for that one is taken back.
 */
static void
read_table(BatchGets *batch, DdbBatchGet *table, DdbItemGet *gets, Snapshot snapshot)
{
	table->items = palloc_array(Jsonb *, Max(table->nkeys, 1));
	for (table->ndone = 0; table->ndone < table->nkeys && !batch->full; table->ndone++)
	{
		DdbItemGet *get = &gets[table->ndone];
		DdbCapacity *capacity = table->op.capacity;
		DdbUnits	before = {0, 0};

		CHECK_FOR_INTERRUPTS();
		if (capacity != NULL)
			before = capacity->table;
		table->items[table->ndone] = ddb_get_run(get, snapshot);
		batch->size += get->size;
		batch->full = batch->size > MAX_RESPONSE;
		if (!batch->full)
			continue;
		if (capacity != NULL)
			capacity->table = before;
		break;
	}
}

void
ddb_op_batch_get(DdbBatchGet *tables, int ntables, Snapshot snapshot)
{
	BatchGets  *batch = palloc(sizeof(BatchGets));
	int			first = 0;

	batch->n = 0;
	batch->size = 0;
	batch->full = false;
	for (int t = 0; t < ntables; t++)
	{
		if (batch->n + tables[t].nkeys > DDB_BATCH_MAX_KEYS)
			VALIDATION("Too many items requested for the BatchGetItem call");
		for (int i = 0; i < tables[t].nkeys; i++)
		{
			batch->ops[batch->n] = tables[t].op;
			batch->ops[batch->n++].key = tables[t].keys[i];
		}
	}
	for (int i = 0; i < batch->n; i++)
		ddb_get_prepare(&batch->gets[i], &batch->ops[i]);
	for (int i = 0; i < batch->n; i++)
		ddb_get_open(&batch->gets[i]);
	for (int i = 0; i < batch->n; i++)
		ddb_get_bind_key(&batch->gets[i]);
	for (int t = 0; t < ntables; first += tables[t++].nkeys)
		check_unique(&batch->gets[first], tables[t].nkeys);
	first = 0;
	for (int t = 0; t < ntables; first += tables[t++].nkeys)
		read_table(batch, &tables[t], &batch->gets[first], snapshot);
	for (int i = 0; i < batch->n; i++)
		ddb_get_close(&batch->gets[i]);
}

void
ddb_op_batch_write(const DdbWriteOp *ops, int n, DdbItemWrite *items)
{
	int		   *order;

	if (n > DDB_BATCH_MAX_WRITES)
		VALIDATION("Too many items requested for the BatchWriteItem call");
	for (int i = 0; i < n; i++)
		ddb_write_prepare(&items[i], &ops[i]);
	for (int i = 0; i < n; i++)
		ddb_write_open(&items[i]);
	for (int i = 0; i < n; i++)
		ddb_write_bind_key(&items[i]);
	order = ddb_write_order(items, n, DUPLICATES);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ddb_write_run(&items[order[i]]);
	}
}
