/*
 * next_token.c
 *	  NextToken: where the next page of a statement begins.
 *
 *		base64 of: version | read | fingerprint | MAC | last key, as jsonb, or nothing
 *
 * The fingerprint is of the statement's text and its parameters, so a token
 * continues nothing else.  The MAC is an HMAC-SHA-256 of all the rest under the
 * database's secret, so what is in a token is what this database put there and
 * needs no other check; nothing is kept on the server.
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "error.h"
#include "key/key.h"
#include "partiql/next_token.h"
#include "partiql/partiql_private.h"
#include "stream/iterator.h"
#include "table/catalog_row.h"

#define VERSION 1
#define DIGEST_BYTES 16			/* of a MAC half is kept */
#define SECRET_LIFE_US USECS_PER_SEC

/* Where things are in the packed form. */
#define AT_VERSION 0
#define AT_READ 1
#define AT_FINGERPRINT 5
#define AT_MAC (AT_FINGERPRINT + DIGEST_BYTES)
#define AT_KEY (AT_MAC + DIGEST_BYTES)

/*
 * fingerprint is of a statement and its parameters.  It need not resist anybody:
 * the MAC does.
 */
static void
fingerprint(const DdbStatementText *source, uint8 *out)
{
	StringInfoData buf;
	uint64		hash[2];

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, source->text.data, source->text.len);
	appendStringInfoChar(&buf, '\0');
	if (source->parameters != NULL)
		(void) JsonbToCString(&buf, source->parameters, source->text.len);
	ddb_hash_bytes_128(buf.data, buf.len, hash);
	for (int i = 0; i < 2; i++)
		hash[i] = pg_hton64(hash[i]);
	StaticAssertStmt(sizeof(hash) == DIGEST_BYTES, "a fingerprint has as many bytes as a digest");
	memcpy(out, hash, DIGEST_BYTES);
}

/*
 * secret gives the database's key, which is read from its table once in a while.
 */
static const bytea *
secret(void)
{
	static bytea *cached = NULL;
	static Oid	cached_for = InvalidOid;
	static TimestampTz read_at = 0;
	Oid			relid = ddb_catalog_relation_oid("stream_secret");
	TimestampTz now = GetCurrentTimestamp();
	bytea	   *key;

	if (cached != NULL && cached_for == relid && now >= read_at &&
		now - read_at < SECRET_LIFE_US)
		return cached;
	key = ddb_stream_secret();
	if (cached != NULL)
		pfree(cached);
	cached = NULL;
	cached = MemoryContextAlloc(TopMemoryContext, VARSIZE(key));
	memcpy(cached, key, VARSIZE(key));
	cached_for = relid;
	read_at = now;
	return cached;
}

/*
 * sign computes the MAC of a packed token.
 */
static void
sign(const uint8 *packed, int len, uint8 *out)
{
	static const char label[] = "NextToken";
	const bytea *key = secret();
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_hmac_ctx *ctx = pg_hmac_create(PG_SHA256);

	if (ctx == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	if (pg_hmac_init(ctx, (const uint8 *) VARDATA(key), VARSIZE(key) - VARHDRSZ) < 0 ||
		pg_hmac_update(ctx, (const uint8 *) label, sizeof(label)) < 0 ||
		pg_hmac_update(ctx, packed, AT_MAC) < 0 ||
		pg_hmac_update(ctx, packed + AT_KEY, len - AT_KEY) < 0 ||
		pg_hmac_final(ctx, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute HMAC: %s", pg_hmac_error(ctx));
	pg_hmac_free(ctx);
	memcpy(out, digest, DIGEST_BYTES);
}

/*
 * ddb_next_token_make writes a token.
 */
char *
ddb_next_token_make(const DdbNextToken *token, const DdbStatementText *source)
{
	int			key_len = token->last_key != NULL ? VARSIZE(token->last_key) : 0;
	int			len = AT_KEY + key_len;
	uint8	   *packed = palloc(len);
	uint32		read = pg_hton32((uint32) token->read);
	int			text_len = pg_b64_enc_len(len);
	char	   *text = palloc(text_len + 1);

	packed[AT_VERSION] = VERSION;
	memcpy(packed + AT_READ, &read, sizeof(read));
	fingerprint(source, packed + AT_FINGERPRINT);
	if (key_len > 0)
		memcpy(packed + AT_KEY, token->last_key, key_len);
	sign(packed, len, packed + AT_MAC);
	text_len = pg_b64_encode((const void *) packed, len, text, text_len);
	if (text_len < 0)
		elog(ERROR, "could not encode a token");
	text[text_len] = '\0';
	return text;
}

/*
 * ddb_next_token_read reads a token.
 */
void
ddb_next_token_read(DdbText text, const DdbStatementText *source, DdbNextToken *token)
{
	int			room = pg_b64_dec_len(text.len);
	uint8	   *packed = palloc(room + 1);
	int			len = pg_b64_decode(text.data, text.len, (void *) packed, room);
	uint8		digest[DIGEST_BYTES];
	uint32		read;
	uint8		difference = 0;

	if (len < AT_KEY || packed[AT_VERSION] != VERSION)
		PQL_VALIDATION("Invalid NextToken");
	sign(packed, len, digest);
	for (int i = 0; i < DIGEST_BYTES; i++)
		difference |= digest[i] ^ packed[AT_MAC + i];
	if (difference != 0)
		PQL_VALIDATION("Invalid NextToken");
	fingerprint(source, digest);
	if (memcmp(digest, packed + AT_FINGERPRINT, DIGEST_BYTES) != 0)
		PQL_VALIDATION("NextToken does not match request");
	memcpy(&read, packed + AT_READ, sizeof(read));
	token->read = (int) pg_ntoh32(read);
	token->last_key = NULL;
	if (len == AT_KEY)
		return;
	token->last_key = palloc(len - AT_KEY);
	memcpy(token->last_key, packed + AT_KEY, len - AT_KEY);
}
