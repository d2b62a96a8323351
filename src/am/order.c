/*
 * order.c
 *	  The order of partition columns: by hash, then by value.
 *
 * Three groups of functions for each of text, numeric and bytea:
 *
 *		cmp, sortsupport, lt, le, ge, gt	(type, type)	the order itself
 *		hash_cmp, hash_lt, ... hash_gt		(type, bigint)	the hash alone
 *
 * The second group lets a scan key bound the hash of a column.  It has no
 * equality: several values may share a hash, and nbtree takes an equality on a
 * column to mean that the next column is in order behind it.
 *
 * All of them see stored values and search values of an index, where long
 * values are digests, and values of the heap, where they are not.  Both give
 * one order: values with equal hashes are compared in the form an index
 * stores, bytewise (numbers by value).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/sortsupport.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"
#include "key/key.h"

PG_FUNCTION_INFO_V1(ddb_text_partition_cmp);
PG_FUNCTION_INFO_V1(ddb_numeric_partition_cmp);
PG_FUNCTION_INFO_V1(ddb_bytea_partition_cmp);

/* An int64 as -1, 0 or 1 against another. */
static inline int
compare_hashes(int64 a, int64 b)
{
	return (a > b) - (a < b);
}

/*
 * key_hash is the hash of a text or bytea that may be a digest.
 */
static inline int64
key_hash(const char *data, int len)
{
	if (unlikely(len == DDB_DIGEST_LEN) && ddb_am_key_is_digest(data, len))
		return ddb_am_key_digest_hash(data);
	return ddb_hash_bytes(data, len);
}

static int64
bytes_key_hash(Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	int64		hash = key_hash(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));

	if (packed != (struct varlena *) DatumGetPointer(value))
		pfree(packed);
	return hash;
}

/*
 * compare_stored_forms orders two values with one hash: bytewise, long ones as
 * their digests.  It only happens when 64-bit hashes collide.
 */
static int
compare_stored_forms(struct varlena *a, struct varlena *b, DdbColumnKind kind)
{
	int			alen;
	int			blen;
	int			result;

	if (VARSIZE_ANY_EXHDR(a) > DDB_KEY_INLINE &&
		!ddb_am_key_is_digest(VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a)))
		a = (struct varlena *) DatumGetPointer(ddb_am_key_digest(PointerGetDatum(a), kind));
	if (VARSIZE_ANY_EXHDR(b) > DDB_KEY_INLINE &&
		!ddb_am_key_is_digest(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)))
		b = (struct varlena *) DatumGetPointer(ddb_am_key_digest(PointerGetDatum(b), kind));

	alen = VARSIZE_ANY_EXHDR(a);
	blen = VARSIZE_ANY_EXHDR(b);
	result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(alen, blen));
	return result != 0 ? result : alen - blen;
}

/*
 * compare_bytes is the order of text and bytea.
 */
static int
compare_bytes(Datum left, Datum right, DdbColumnKind kind)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(left);
	struct varlena *b = PG_DETOAST_DATUM_PACKED(right);
	int			alen = VARSIZE_ANY_EXHDR(a);
	int			blen = VARSIZE_ANY_EXHDR(b);
	int			result = 0;

	if (alen != blen || memcmp(VARDATA_ANY(a), VARDATA_ANY(b), alen) != 0)
	{
		result = compare_hashes(key_hash(VARDATA_ANY(a), alen),
								key_hash(VARDATA_ANY(b), blen));
		if (unlikely(result == 0))
			result = compare_stored_forms(a, b, kind);
	}
	if (a != (struct varlena *) DatumGetPointer(left))
		pfree(a);
	if (b != (struct varlena *) DatumGetPointer(right))
		pfree(b);
	return result;
}

static int
compare_text(Datum a, Datum b)
{
	return compare_bytes(a, b, DDB_COLUMN_TEXT);
}

static int
compare_bytea(Datum a, Datum b)
{
	return compare_bytes(a, b, DDB_COLUMN_BYTEA);
}

static int
compare_numeric(Datum a, Datum b)
{
	int			result;

	if (datumIsEqual(a, b, false, -1))
		return 0;
	result = compare_hashes(ddb_hash_numeric(a), ddb_hash_numeric(b));
	if (result != 0)
		return result;
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/*
 * The functions that SQL knows.  TYPE is part of the names, COMPARE and HASH
 * are the functions above.
 */
#define COMPARISON(name, test) \
	PG_FUNCTION_INFO_V1(name); \
	Datum                      \
	name(PG_FUNCTION_ARGS)     \
	{                          \
		PG_RETURN_BOOL(test);  \
	}

#define COMPARE_WITH_HASH(hash) \
	compare_hashes(hash(PG_GETARG_DATUM(0)), PG_GETARG_INT64(1))

#define DEFINE_ORDER(type, compare, hash)                                                       \
	COMPARISON(ddb_##type##_partition_lt, compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) < 0)  \
	COMPARISON(ddb_##type##_partition_le, compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) <= 0) \
	COMPARISON(ddb_##type##_partition_ge, compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) >= 0) \
	COMPARISON(ddb_##type##_partition_gt, compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) > 0)  \
	COMPARISON(ddb_##type##_hash_lt, COMPARE_WITH_HASH(hash) < 0)                               \
	COMPARISON(ddb_##type##_hash_le, COMPARE_WITH_HASH(hash) <= 0)                              \
	COMPARISON(ddb_##type##_hash_ge, COMPARE_WITH_HASH(hash) >= 0)                              \
	COMPARISON(ddb_##type##_hash_gt, COMPARE_WITH_HASH(hash) > 0)                               \
	PG_FUNCTION_INFO_V1(ddb_##type##_hash_cmp);                                                 \
	Datum                                                                                       \
		ddb_##type##_hash_cmp(PG_FUNCTION_ARGS)                                                 \
	{                                                                                           \
		PG_RETURN_INT32(COMPARE_WITH_HASH(hash));                                               \
	}                                                                                           \
	Datum                                                                                       \
		ddb_##type##_partition_cmp(PG_FUNCTION_ARGS)                                            \
	{                                                                                           \
		PG_RETURN_INT32(compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));                       \
	}                                                                                           \
	static int                                                                                  \
		type##_sort_compare(Datum a, Datum b, SortSupport ssup)                                 \
	{                                                                                           \
		return compare(a, b);                                                                   \
	}                                                                                           \
	static Datum                                                                                \
		type##_abbreviate(Datum value, SortSupport ssup)                                        \
	{                                                                                           \
		return Int64GetDatum(hash(value));                                                      \
	}                                                                                           \
	PG_FUNCTION_INFO_V1(ddb_##type##_partition_sortsupport);                                    \
	Datum                                                                                       \
		ddb_##type##_partition_sortsupport(PG_FUNCTION_ARGS)                                    \
	{                                                                                           \
		prepare_sort((SortSupport) PG_GETARG_POINTER(0),                                        \
					 type##_sort_compare, type##_abbreviate);                                   \
		PG_RETURN_VOID();                                                                       \
	}

typedef int (*SortCompare) (Datum a, Datum b, SortSupport ssup);
typedef Datum (*SortAbbreviate) (Datum value, SortSupport ssup);

/*
 * never_abort keeps abbreviation on: a hash always tells values apart.
 */
static bool
never_abort(int memtupcount, SortSupport ssup)
{
	return false;
}

/*
 * prepare_sort sets up a sort with the hash as the abbreviated key where a
 * Datum has room for it.
 */
static void
prepare_sort(SortSupport ssup, SortCompare compare, SortAbbreviate abbreviate)
{
	ssup->comparator = compare;
#if SIZEOF_DATUM >= 8
	if (ssup->abbreviate)
	{
		ssup->comparator = ssup_datum_signed_cmp;
		ssup->abbrev_converter = abbreviate;
		ssup->abbrev_abort = never_abort;
		ssup->abbrev_full_comparator = compare;
	}
#endif
}

DEFINE_ORDER(text, compare_text, bytes_key_hash)
DEFINE_ORDER(numeric, compare_numeric, ddb_hash_numeric)
DEFINE_ORDER(bytea, compare_bytea, bytes_key_hash)

DdbColumnKind
ddb_am_column_kind(Relation index, int attno)
{
	PGFunction	compare = index_getprocinfo(index, attno, BTORDER_PROC)->fn_addr;

	if (compare == ddb_text_partition_cmp)
		return DDB_COLUMN_TEXT;
	if (compare == ddb_numeric_partition_cmp)
		return DDB_COLUMN_NUMERIC;
	if (compare == ddb_bytea_partition_cmp)
		return DDB_COLUMN_BYTEA;
	return DDB_COLUMN_PLAIN;
}

int
ddb_am_partition_columns(Relation index)
{
	int			nkeys = IndexRelationGetNumberOfKeyAttributes(index);
	int			n = 0;

	while (n < nkeys && ddb_am_column_kind(index, n + 1) != DDB_COLUMN_PLAIN)
		n++;
	return n;
}
