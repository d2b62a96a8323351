/*
 * token.c
 *	  ClientRequestToken: a transaction asked for twice is run once.
 *
 * ddb.transactions remembers each token with a hash of its request and what a
 * replay answers.  A row is written by the transaction it stands for, so it is
 * there exactly if the transaction was committed.  While that is under way a lock
 * on the token keeps a second user of it out; who gets the lock later looks
 * with a new snapshot, whatever the isolation level, and finds the row.
 *
 * Tokens belong to the role that uses them.  Each is good for ten minutes ("API
 * reference: TransactWriteItems").  A row past that is passed over by
 * ddb_token_find() and deleted by some later ddb_token_save(): one transaction at
 * a time, MAX_DELETED_ROWS at once, which is more than it adds.
 *
 * The table is read and written directly: users have no rights on it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "error.h"
#include "footprint.h"
#include "key/key.h"
#include "op/transact.h"
#include "store/store.h"
#include "table/catalog_row.h"
#include "table/desc.h"

#define TOKEN_LIFE (10 * 60)	/* seconds */
#define MAX_DELETED_ROWS 10

/* Columns of ddb.transactions. */
enum
{
	COLUMN_ROLE = 1,
	COLUMN_TOKEN,
	COLUMN_HASH,
	COLUMN_SAVED,
	COLUMN_CREATED,
	NCOLUMNS = COLUMN_CREATED
};

/*
 * request_hash is the SHA-256 of a request without its token.  Equal jsonb
 * values that were built alike have equal bytes.
 */
static bytea *
request_hash(JsonbContainer *request)
{
	JsonbParseState *state = NULL;
	JsonbIterator *it = JsonbIteratorInit(request);
	JsonbValue	key,
				value;
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);
	bytea	   *hash = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	Jsonb	   *rest;

	(void) JsonbIteratorNext(&it, &key, true);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		if (key.val.string.len == strlen("ClientRequestToken") &&
			memcmp(key.val.string.val, "ClientRequestToken", key.val.string.len) == 0)
			continue;
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	rest = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));

	SET_VARSIZE(hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	if (ctx == NULL || pg_cryptohash_init(ctx) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) VARDATA(rest), VARSIZE(rest) - VARHDRSZ) < 0 ||
		pg_cryptohash_final(ctx, (uint8 *) VARDATA(hash), PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not hash a request");
	pg_cryptohash_free(ctx);
	return hash;
}

/*
 * lock_token takes the token for this transaction.
 */
static void
lock_token(const char *token)
{
	char	   *name = psprintf("%u:%s", GetUserId(), token);

	if (!ddb_lock_acquire(DDB_LOCK_TOKEN, (uint64) ddb_hash_bytes(name, strlen(name)), false))
		ereport(ERROR, ddb_errcode(DDB_TRANSACTION_IN_PROGRESS),
				errmsg("The transaction with the given request token is already in progress."));
}

static TimestampTz
oldest_alive(void)
{
	return GetCurrentTimestamp() - (TimestampTz) TOKEN_LIFE * USECS_PER_SEC;
}

/*
 * ddb_token_find looks a token up and makes it this transaction's.
 */
Jsonb *
ddb_token_find(const char *token, JsonbContainer *request)
{
	DdbCatalogScan scan = {.table = "transactions",.index = "transactions_pkey",.ncolumns = NCOLUMNS,
	.lockmode = RowExclusiveLock,.latest = true};
	ScanKeyData keys[3];
	Jsonb	   *saved = NULL;

	ddb_footprint_everything();
	lock_token(token);
	ddb_catalog_key(&keys[0], COLUMN_ROLE, F_OIDEQ, ObjectIdGetDatum(GetUserId()));
	ddb_catalog_key(&keys[1], COLUMN_TOKEN, F_TEXTEQ, CStringGetTextDatum(token));
	ScanKeyInit(&keys[2], COLUMN_CREATED, BTGreaterStrategyNumber, F_TIMESTAMPTZ_GT,
				TimestampTzGetDatum(oldest_alive()));
	ddb_catalog_scan_begin(&scan, keys, 3);
	if (ddb_catalog_scan_next(&scan, ForwardScanDirection))
	{
		if (!DatumGetBool(DirectFunctionCall2(byteaeq, ddb_catalog_datum(&scan.row, COLUMN_HASH),
											  PointerGetDatum(request_hash(request)))))
			ereport(ERROR, ddb_errcode(DDB_IDEMPOTENT_PARAMETER_MISMATCH),
					errmsg("The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical"));
		saved = ddb_catalog_jsonb(&scan.row, COLUMN_SAVED);
	}
	ddb_catalog_scan_end(&scan);
	return saved;
}

/*
 * delete_old deletes some rows that are past their life, unless another transaction
 * is at it.
 */
static void
delete_old(void)
{
	DdbCatalogScan scan = {.table = "transactions",.index = "transactions_created_at",.ncolumns = NCOLUMNS,
	.lockmode = RowExclusiveLock,.latest = true};
	ScanKeyData key;
	int			left = MAX_DELETED_ROWS;

	if (!ddb_lock_acquire(DDB_LOCK_TOKEN_CLEANUP, 0, false))
		return;
	ScanKeyInit(&key, COLUMN_CREATED, BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE,
				TimestampTzGetDatum(oldest_alive()));
	ddb_catalog_scan_begin(&scan, &key, 1);
	while (left-- > 0 && ddb_catalog_scan_next(&scan, ForwardScanDirection))
		CatalogTupleDelete(scan.rel, &scan.tuple->t_self);
	ddb_catalog_scan_end(&scan);
}

/*
 * ddb_token_save remembers that the token's transaction was run, and deletes old rows.
 */
void
ddb_token_save(const char *token, JsonbContainer *request, Jsonb *saved)
{
	Relation	rel = table_open(ddb_catalog_relation_oid("transactions"), RowExclusiveLock);
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {false};
	HeapTuple	tuple;

	values[COLUMN_ROLE - 1] = ObjectIdGetDatum(GetUserId());
	values[COLUMN_TOKEN - 1] = CStringGetTextDatum(token);
	values[COLUMN_HASH - 1] = PointerGetDatum(request_hash(request));
	values[COLUMN_SAVED - 1] = JsonbPGetDatum(saved);
	values[COLUMN_CREATED - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	tuple = ddb_catalog_row_form(rel, NCOLUMNS, values, nulls);
	CatalogTupleInsert(rel, tuple);
	heap_freetuple(tuple);
	table_close(rel, NoLock);
	delete_old();
	CommandCounterIncrement();
}
