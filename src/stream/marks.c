/*
 * marks.c
 *	  Marks in the log, for the output plugin: what the changes of rows don't tell.
 *
 * A mark is a transactional message: it comes to the plugin in its place among
 * the changes of its transaction, and not at all when that, or the subtransaction,
 * is rolled back.  Origins say where a change came from, which is somebody else's
 * to use; they say nothing of what a change is.
 *
 * Anybody may write messages (pg_logical_emit_message).  A mark of time to live only
 * says who deleted; but one that has a change left out of the stream must be ours, so
 * it is signed, for its relation and its transaction, with a secret of the cluster
 * that SQL doesn't show.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_control.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "replication/message.h"

#include "compat.h"
#include "stream/marks.h"
#include "stream/stream.h"

#define TTL_MARK "ddb ttl"
#define TTL_MARK_END "end"
#define UNCHANGED_MARK "ddb unchanged"

/* What is in a mark of an unchanged item. */
typedef struct Unchanged
{
	Oid			relid;
	TransactionId xid;
	uint8		signature[PG_SHA256_DIGEST_LENGTH];
} Unchanged;

#define SIGNED_SIZE offsetof(Unchanged, signature)

/*
 * sign computes the signature of a mark.
 */
static void
sign(const Unchanged *content, uint8 *signature)
{
	pg_hmac_ctx *ctx = pg_hmac_create(PG_SHA256);

	if (ctx == NULL ||
		pg_hmac_init(ctx, (const uint8 *) GetMockAuthenticationNonce(), MOCK_AUTH_NONCE_LEN) < 0 ||
		pg_hmac_update(ctx, (const uint8 *) UNCHANGED_MARK, strlen(UNCHANGED_MARK)) < 0 ||
		pg_hmac_update(ctx, (const uint8 *) content, SIGNED_SIZE) < 0 ||
		pg_hmac_final(ctx, signature, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute HMAC: %s", pg_hmac_error(ctx));
	pg_hmac_free(ctx);
}

void
ddb_stream_mark_ttl(bool begin)
{
	const char *content = begin ? "" : TTL_MARK_END;

	(void) ddb_log_message(TTL_MARK, content, strlen(content));
}

void
ddb_stream_mark_unchanged(Oid relid)
{
	Unchanged	content;

	content.relid = relid;
	content.xid = GetCurrentTransactionId();
	sign(&content, content.signature);
	(void) ddb_log_message(UNCHANGED_MARK, (const char *) &content, sizeof(content));
}

void
ddb_mark_read(const char *prefix, Size size, const char *content, DdbMark *mark)
{
	memset(mark, 0, sizeof(DdbMark));
	if (strcmp(prefix, TTL_MARK) == 0)
		mark->kind = size == strlen(TTL_MARK_END) && memcmp(content, TTL_MARK_END, size) == 0 ?
			DDB_MARK_TTL_END : DDB_MARK_TTL;
	else if (strcmp(prefix, UNCHANGED_MARK) == 0 && size == sizeof(Unchanged))
	{
		Unchanged	unchanged;
		uint8		signature[PG_SHA256_DIGEST_LENGTH];

		memcpy(&unchanged, content, sizeof(unchanged));
		sign(&unchanged, signature);
		if (memcmp(signature, unchanged.signature, sizeof(signature)) != 0)
			return;
		mark->kind = DDB_MARK_UNCHANGED;
		mark->relid = unchanged.relid;
		mark->xid = unchanged.xid;
	}
}
