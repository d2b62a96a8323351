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
#include "common/cryptohash.h"
#include "port/pg_bswap.h"

#include "compat.h"
#include "error.h"
#include "partiql/next_token.h"
#include "partiql/partiql_private.h"
#include "stream/iterator.h"

#define VERSION 1
#define DIGEST_BYTES 16			/* half of a SHA-256 is kept */

/* Where things are in the packed form. */
#define AT_VERSION 0
#define AT_READ 1
#define AT_FINGERPRINT 5
#define AT_MAC (AT_FINGERPRINT + DIGEST_BYTES)
#define AT_KEY (AT_MAC + DIGEST_BYTES)

/*
 * fingerprint is of a statement and its parameters.
 */
static void
fingerprint(const DdbStatementText *source, uint8 *out)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	uint32		len = pg_hton32(source->text.len);
	StringInfoData parameters;

	initStringInfo(&parameters);
	if (source->parameters != NULL)
		(void) JsonbToCString(&parameters, source->parameters, source->text.len);
	if (ctx == NULL || pg_cryptohash_init(ctx) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) &len, sizeof(len)) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) source->text.data, source->text.len) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) parameters.data, parameters.len) < 0 ||
		pg_cryptohash_final(ctx, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not hash a statement");
	pg_cryptohash_free(ctx);
	memcpy(out, digest, DIGEST_BYTES);
}

/*
 * sign computes the MAC of a packed token.
 */
static void
sign(const uint8 *packed, int len, uint8 *out)
{
	static const char label[] = "NextToken";
	bytea	   *key = ddb_stream_secret();
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
