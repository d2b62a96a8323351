/*
 * longkey.c
 *	  Digest forms of long partition key values.
 *
 * nbtree refuses index tuples over a third of a page, but a DynamoDB key may
 * have 2048 bytes of partition key and a GSI entry carries up to four keys.
 * A partition column is only ever compared for equality and by its hash, so a
 * value longer than DDB_KEY_INLINE bytes is stored as a digest of
 * DDB_DIGEST_LEN bytes:
 *
 *		offset	bytes
 *		0		48		the value's first bytes, for error messages
 *		48		9		magic, "..." and zeros
 *		57		8		the 64-bit hash of the whole value
 *		65		32		SHA-256 of the whole value
 *
 * A digest can't be mistaken for a value: a text never contains a zero byte,
 * and in an index every bytea of DDB_DIGEST_LEN bytes is itself a digest.
 * (Outside an index a bytea that imitates one sorts by the hash it carries.)
 * The zero byte also ends what text output shows of a digest, so a message
 * reads (pk)=(first bytes...).
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
#include "utils/rel.h"

#include "am/am_private.h"
#include "compat.h"
#include "key/key.h"

#define DIGEST_PREFIX_LEN 48
#define DIGEST_MAGIC "...\0\0ddb\1"
#define DIGEST_MAGIC_LEN 9
#define DIGEST_HASH_OFFSET (DIGEST_PREFIX_LEN + DIGEST_MAGIC_LEN)
#define DIGEST_SHA_OFFSET (DIGEST_HASH_OFFSET + sizeof(int64))

StaticAssertDecl(DIGEST_SHA_OFFSET + PG_SHA256_DIGEST_LENGTH == DDB_DIGEST_LEN,
				 "the digest form has DDB_DIGEST_LEN bytes");

bool
ddb_am_key_is_digest(const char *data, int len)
{
	return len == DDB_DIGEST_LEN &&
		memcmp(data + DIGEST_PREFIX_LEN, DIGEST_MAGIC, DIGEST_MAGIC_LEN) == 0;
}

int64
ddb_am_key_digest_hash(const char *data)
{
	int64		hash;

	memcpy(&hash, data + DIGEST_HASH_OFFSET, sizeof(hash));
	return hash;
}

bool
ddb_am_key_is_long(Datum value)
{
	return toast_raw_datum_size(value) > DDB_KEY_INLINE + VARHDRSZ;
}

/*
 * sha256 computes SHA-256 of len bytes.
 */
static void
sha256(const char *data, int len, uint8 *out)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);

	if (ctx == NULL ||
		pg_cryptohash_init(ctx) < 0 ||
		pg_cryptohash_update(ctx, (const uint8 *) data, len) < 0 ||
		pg_cryptohash_final(ctx, out, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute %s of a key", "SHA-256");
	pg_cryptohash_free(ctx);
}

Datum
ddb_am_key_digest(Datum value, DdbColumnKind kind)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	const char *data = VARDATA_ANY(packed);
	int			len = VARSIZE_ANY_EXHDR(packed);
	struct varlena *result = palloc(VARHDRSZ + DDB_DIGEST_LEN);
	char	   *out = VARDATA(result);
	int			prefix = DIGEST_PREFIX_LEN;
	int64		hash;

	SET_VARSIZE(result, VARHDRSZ + DDB_DIGEST_LEN);
	if (kind == DDB_COLUMN_TEXT)
		prefix = pg_mbcliplen(data, len, DIGEST_PREFIX_LEN);
	memcpy(out, data, prefix);
	memset(out + prefix, '.', DIGEST_PREFIX_LEN - prefix);
	memcpy(out + DIGEST_PREFIX_LEN, DIGEST_MAGIC, DIGEST_MAGIC_LEN);
	hash = ddb_hash_bytes(data, len);
	memcpy(out + DIGEST_HASH_OFFSET, &hash, sizeof(hash));
	sha256(data, len, (uint8 *) out + DIGEST_SHA_OFFSET);

	if (packed != (struct varlena *) DatumGetPointer(value))
		pfree(packed);
	return PointerGetDatum(result);
}

bool
ddb_am_digest_keys(Relation index, Datum *values, const bool *isnull,
				   Datum *out)
{
	int			nkeys = IndexRelationGetNumberOfKeyAttributes(index);
	bool		found = false;
	int			i;

	for (i = 0; i < nkeys; i++)
	{
		DdbColumnKind kind = ddb_am_column_kind(index, i + 1);

		if ((kind != DDB_COLUMN_TEXT && kind != DDB_COLUMN_BYTEA) ||
			isnull[i] || !ddb_am_key_is_long(values[i]))
			continue;
		if (!found)
			memcpy(out, values, sizeof(Datum) * IndexRelationGetNumberOfAttributes(index));
		found = true;
		out[i] = ddb_am_key_digest(values[i], kind);
	}
	return found;
}

bool
ddb_am_has_null_key(Relation index, const bool *isnull)
{
	int			nkeys = IndexRelationGetNumberOfKeyAttributes(index);
	int			i;

	for (i = 0; i < nkeys; i++)
	{
		if (isnull[i])
			return true;
	}
	return false;
}
