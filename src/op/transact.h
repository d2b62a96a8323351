/*
 * transact.h
 *	  TransactWriteItems and TransactGetItems: all or nothing.
 *
 * Both raise TransactionCanceledException with the reasons of all their items
 * (error.h says where a door finds them).  Both leave it to the PostgreSQL
 * transaction they run in to make what they did lasting, or undo it.
 */
#ifndef DDB_TXN_H
#define DDB_TXN_H

#include "op/op.h"

#define DDB_TXN_MAX_ITEMS 100
#define DDB_TXN_MAX_SIZE (4 * 1024 * 1024)	/* bytes of items */

struct DdbItemWrite;
struct DdbItemGet;

/*
 * ddb_txn_write runs the writes of a transaction, each with nowait and
 * transactional set, and leaves their final state in items.  The caller closes them
 * (ddb_write_close).
 */
extern void ddb_txn_write(const DdbWriteOp *ops, int n, struct DdbItemWrite *items);

/*
 * ddb_txn_get gives the items that snapshot sees, projected, NULL where
 * there is none.  The caller closes gets (ddb_get_close).
 */
extern Jsonb **ddb_txn_get(const DdbGetOp *ops, int n, struct DdbItemGet *gets,
						   Snapshot snapshot);

/* reasons.c */
typedef struct DdbReason
{
	const char *code;			/* NULL: "None" */
	char	   *message;
	Jsonb	   *item;			/* or NULL */
} DdbReason;

/*
 * ddb_reason_from_error is for PG_CATCH: it turns the error into an item's reason
 * and forgets it, or raises it again when it is none that cancels a
 * transaction.
 */
extern void ddb_reason_from_error(DdbReason *reason, MemoryContext context);

/* ddb_transaction_cancel raises TransactionCanceledException. */
pg_noreturn extern void ddb_transaction_cancel(const DdbReason *reasons, int n);

/* ddb_reasons_check does that if there is any reason. */
extern void ddb_reasons_check(const DdbReason *reasons, int n);

/* token.c */

/*
 * ddb_token_find gives what was saved with a ClientRequestToken within the last
 * ten minutes, or NULL for a token that is new and now this transaction's.
 * Raises IdempotentParameterMismatchException when it came with another request,
 * TransactionInProgressException when a transaction with it is under way.
 */
extern Jsonb *ddb_token_find(const char *token, JsonbContainer *request);

/* ddb_token_save remembers the token with what a replay needs. */
extern void ddb_token_save(const char *token, JsonbContainer *request, Jsonb *saved);

#endif							/* DDB_TXN_H */
