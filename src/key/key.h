/*
 * key.h
 *	  The stable hash of a partition key and its order.
 *
 * The hash is XXH3 (64 bits) of the value's canonical bytes, read as a signed
 * integer: S its UTF-8, N its canonical decimal text, B its bytes.  It never
 * changes, on no machine and in no version: index order, scan segments and
 * shards depend on it.
 */
#ifndef DDB_KEY_H
#define DDB_KEY_H

/* ddb_hash_bytes is the hash of len bytes. */
extern int64 ddb_hash_bytes(const char *data, int len);

/* ddb_hash_bytes_128 is a hash of 128 bits, high half first. */
extern void ddb_hash_bytes_128(const char *data, int len, uint64 hash[2]);
extern int64 ddb_hash_text(Datum value);

/* ddb_hash_numeric hashes a number's canonical decimal text. */
extern int64 ddb_hash_numeric(Datum value);

extern int64 ddb_hash_bytea(Datum value);

/*
 * ddb_key_segment gives the hash range [*low, *high] (both inclusive) of
 * segment (0-based) out of total segments, so that all segments together cover
 * every hash once.
 */
extern void ddb_key_segment(int segment, int total, int64 *low, int64 *high);

#endif							/* DDB_KEY_H */
