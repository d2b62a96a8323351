/*
 * transact.c
 *	  Running a transaction: check everything, lock everything, judge
 *	  everything, then write.
 *
 * The order of the steps is the order in which errors win:
 *
 *	1. What can be told without a table: values, sizes, expressions.
 *	2. Tables, rights, empty keys.  Errors so far are raised as they are; from
 *	   here on they cancel the transaction, with a reason for each item.
 *	3. Keys against the schema; then no item may come twice.
 *	4. Locks on all keys and items, in the order of order.c.  Nobody waits: a
 *	   conflict cancels.
 *	5. Conditions and updates are evaluated on the versions locked, all of them,
 *	   so that each item gets its reason.
 *	6. Writes.  The locks leave nothing that could fail here but a row put in by
 *	   plain SQL, which takes no key locks; the store then judges the condition
 *	   again, and that cancels too.
 *
 * Errors of steps 3 and 5 are collected with PG_TRY and no subtransaction: these
 * steps work in memory only.  Those of 4 and 6 are turned into the one that
 * cancels, which aborts the PostgreSQL statement and with it all that was
 * written.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "op/steps.h"
#include "op/transact.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#define DUPLICATES "Transaction request cannot include multiple operations on one item"

typedef void (*WriteStep) (DdbItemWrite *item);

/*
 * check_size refuses a transaction of more than 4 MB.
 */
static void
check_size(int64 size)
{
	if (size > DDB_TXN_MAX_SIZE)
		VALIDATION("The aggregate size of the items in the transaction cannot exceed 4 MB");
}

static void
check_write_size(const DdbItemWrite *items, int n)
{
	int64		size = 0;

	for (int i = 0; i < n; i++)
		size += items[i].size;
	check_size(size);
}

/*
 * try_step takes one step of one item and turns its error into a reason.
 */
static void
try_step(WriteStep step, DdbItemWrite *item, DdbReason *reason)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		step(item);
	}
	PG_CATCH();
	{
		ddb_reason_from_error(reason, context);
	}
	PG_END_TRY();
}

/*
 * ddb_txn_write runs a transaction's writes.
 */
void
ddb_txn_write(const DdbWriteOp *ops, int n, DdbItemWrite *items)
{
	DdbReason  *reasons = palloc0(sizeof(DdbReason) * n);
	int		   *order;

	for (int i = 0; i < n; i++)
		ddb_write_prepare(&items[i], &ops[i]);
	check_write_size(items, n);
	for (int i = 0; i < n; i++)
		ddb_write_open(&items[i]);
	for (int i = 0; i < n; i++)
		ddb_write_check_empty(&items[i]);
	for (int i = 0; i < n; i++)
		try_step(ddb_write_bind_key, &items[i], &reasons[i]);
	ddb_reasons_check(reasons, n);

	order = ddb_write_order(items, n, DUPLICATES);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		try_step(ddb_write_lock, &items[order[i]], &reasons[order[i]]);
		if (reasons[order[i]].code != NULL)
			ddb_transaction_cancel(reasons, n);
	}
	for (int i = 0; i < n; i++)
		try_step(ddb_write_judge, &items[i], &reasons[i]);
	ddb_reasons_check(reasons, n);
	check_write_size(items, n);

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		try_step(ddb_write_run, &items[i], &reasons[i]);
		if (reasons[i].code != NULL)
			ddb_transaction_cancel(reasons, n);
	}
}

/*
 * bind_get_key is ddb_get_bind_key() with its error turned into a reason.
 */
static void
bind_get_key(DdbItemGet *get, DdbReason *reason)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		ddb_get_bind_key(get);
	}
	PG_CATCH();
	{
		ddb_reason_from_error(reason, context);
	}
	PG_END_TRY();
}

/*
 * check_gets_unique refuses two gets of one item.
 */
static void
check_gets_unique(DdbItemGet *gets, int n)
{
	for (int i = 1; i < n; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (gets[i].desc->relid == gets[j].desc->relid &&
				ddb_store_same_key(gets[i].desc, gets[i].key, gets[j].key))
				VALIDATION(DUPLICATES);
		}
	}
}

/*
 * ddb_txn_get reads a transaction's items, all with one snapshot.
 */
Jsonb **
ddb_txn_get(const DdbGetOp *ops, int n, DdbItemGet *gets, Snapshot snapshot)
{
	DdbReason  *reasons = palloc0(sizeof(DdbReason) * n);
	Jsonb	  **found = palloc_array(Jsonb *, n);
	int64		size = 0;

	for (int i = 0; i < n; i++)
		ddb_get_prepare(&gets[i], &ops[i]);
	for (int i = 0; i < n; i++)
		ddb_get_open(&gets[i]);
	for (int i = 0; i < n; i++)
		ddb_get_check_empty(&gets[i]);
	for (int i = 0; i < n; i++)
		bind_get_key(&gets[i], &reasons[i]);
	ddb_reasons_check(reasons, n);
	check_gets_unique(gets, n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		found[i] = ddb_get_run(&gets[i], snapshot);
		size += gets[i].size;
		check_size(size);
	}
	return found;
}
