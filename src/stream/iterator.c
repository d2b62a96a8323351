/*
 * iterator.c
 *	  Shard iterators.
 *
 *		arn:aws:dynamodb:...:table/Music/stream/2024-...|1|base64
 *
 * The base64 is of a place, packed big end first, and of the first half of an
 * HMAC-SHA-256 of all that stands before it.  So an iterator needs no memory on the
 * server, is good after a restart and for every process, and a forged or
 * damaged one is known as such.  Who may use it is not in it: each use checks that.
 *
 * The HMAC's key is made with the extension, one for each database, and stands
 * in ddb.stream_secret, which is read directly: users have no rights on it.
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "compat.h"
#include "stream/iterator.h"
#include "table/catalog_row.h"

#define SEPARATOR "|1|"
#define MAC_BYTES 16

/* Columns of ddb.stream_secret; keep in step with the script. */
enum
{
	SECRET_ONE = 1,
	SECRET_SECRET,
	SECRET_NCOLUMNS = SECRET_SECRET
};

/* Where things are in the packed form. */
#define AT_STREAM_ID 0
#define AT_EPOCH 4
#define AT_LSN 8
#define AT_ORDINAL 16
#define AT_INCLUSIVE 20
#define AT_ISSUED 21
#define AT_MAC 29
#define PACKED_BYTES (AT_MAC + MAC_BYTES)
#define TEXT_LENGTH (PACKED_BYTES / 3 * 4)

StaticAssertDecl(PACKED_BYTES % 3 == 0, "iterators have no padding");

bytea *
ddb_stream_secret(void)
{
	DdbCatalogScan scan = {.table = "stream_secret",.ncolumns = SECRET_NCOLUMNS,.latest = true};
	bytea	   *key = NULL;

	ddb_catalog_scan_begin(&scan, NULL, 0);
	if (ddb_catalog_scan_next(&scan, ForwardScanDirection) &&
		!ddb_catalog_is_null(&scan.row, SECRET_SECRET))
		key = DatumGetByteaPCopy(ddb_catalog_datum(&scan.row, SECRET_SECRET));
	ddb_catalog_scan_end(&scan);
	if (key == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("ddb.stream_secret is empty"));
	return key;
}

/*
 * sign computes the MAC of an iterator: of its text up to the base64, and of what
 * is packed before the MAC.
 */
static void
sign(const char *text, size_t len, const uint8 *packed, uint8 *mac)
{
	bytea	   *key = ddb_stream_secret();
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_hmac_ctx *ctx = pg_hmac_create(PG_SHA256);

	if (ctx == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	if (pg_hmac_init(ctx, (const uint8 *) VARDATA(key), VARSIZE(key) - VARHDRSZ) < 0 ||
		pg_hmac_update(ctx, (const uint8 *) text, len) < 0 ||
		pg_hmac_update(ctx, packed, AT_MAC) < 0 ||
		pg_hmac_final(ctx, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute HMAC: %s", pg_hmac_error(ctx));
	pg_hmac_free(ctx);
	memcpy(mac, digest, MAC_BYTES);
}

static void
pack32(uint8 *at, uint32 value)
{
	value = pg_hton32(value);
	memcpy(at, &value, sizeof(value));
}

static void
pack64(uint8 *at, uint64 value)
{
	value = pg_hton64(value);
	memcpy(at, &value, sizeof(value));
}

static uint32
unpack32(const uint8 *at)
{
	uint32		value;

	memcpy(&value, at, sizeof(value));
	return pg_ntoh32(value);
}

static uint64
unpack64(const uint8 *at)
{
	uint64		value;

	memcpy(&value, at, sizeof(value));
	return pg_ntoh64(value);
}

char *
ddb_iterator_write(const char *stream_arn, const DdbIterator *iterator)
{
	size_t		len = strlen(stream_arn) + strlen(SEPARATOR);
	char	   *text = palloc0(len + TEXT_LENGTH + 1);
	uint8		packed[PACKED_BYTES];

	strcpy(text, stream_arn);
	strcat(text, SEPARATOR);
	pack32(packed + AT_STREAM_ID, iterator->stream_id);
	pack32(packed + AT_EPOCH, iterator->epoch);
	pack64(packed + AT_LSN, iterator->position.lsn);
	pack32(packed + AT_ORDINAL, iterator->position.ordinal);
	packed[AT_INCLUSIVE] = iterator->inclusive;
	pack64(packed + AT_ISSUED, iterator->issued_at);
	sign(text, len, packed, packed + AT_MAC);
	ddb_b64_encode(packed, PACKED_BYTES, text + len, TEXT_LENGTH);
	return text;
}

/*
 * same compares MACs in a time that does not tell where they differ.
 */
static bool
same(const uint8 *a, const uint8 *b)
{
	uint8		difference = 0;

	for (int i = 0; i < MAC_BYTES; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

bool
ddb_iterator_read(const char *text, DdbIterator *iterator)
{
	const char *code = strrchr(text, '|');
	uint8		packed[PACKED_BYTES];
	uint8		mac[MAC_BYTES];

	if (code == NULL || strlen(++code) != TEXT_LENGTH ||
		pg_b64_decode(code, TEXT_LENGTH, (void *) packed, PACKED_BYTES) != PACKED_BYTES)
		return false;
	sign(text, code - text, packed, mac);
	if (!same(mac, packed + AT_MAC))
		return false;
	iterator->stream_id = (int32) unpack32(packed + AT_STREAM_ID);
	iterator->epoch = (int32) unpack32(packed + AT_EPOCH);
	iterator->position.lsn = unpack64(packed + AT_LSN);
	iterator->position.ordinal = unpack32(packed + AT_ORDINAL);
	iterator->inclusive = packed[AT_INCLUSIVE] != 0;
	iterator->issued_at = (TimestampTz) unpack64(packed + AT_ISSUED);
	return true;
}
