/*
 * hash.c
 *	  The stable 64-bit hash of partition keys, and scan segments over it.
 *
 * The hash is XXH3 (64 bits, seed 0) of a value's canonical bytes.  It is part
 * of the on-disk format: a change here would need every index rebuilt and
 * every stored token thrown away.  The expected values in sql/key.sql pin it.
 *
 * Numbers are hashed as their canonical decimal text, so that values which are
 * equal hash equally whatever their display scale.  Comparisons hash numbers
 * all the time, so the text is written straight from the numeric's stored
 * digits; only the rare shapes go through numeric_normalize().
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* Everything of xxHash becomes static here: no library to link or to trust. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "compat.h"
#include "key/key.h"

/*
 * The stored form of a numeric: a 16-bit header, for the long format a second
 * one with the weight, then base-10000 digits, most significant first; the
 * first digit and the last are not zero.
 */
#define NUM_SIGN_MASK 0xC000
#define NUM_SHORT 0x8000
#define NUM_SPECIAL 0xC000
#define NUM_NEG 0x4000
#define NUM_SHORT_NEG 0x2000
#define NUM_SHORT_WEIGHT_NEG 0x0040
#define NUM_SHORT_WEIGHT_MASK 0x003F

/* Base-10000 digits on either side of the point that the fast path writes. */
#define NUM_MAX_GROUPS 40
#define NUM_TEXT_LEN (2 * 4 * NUM_MAX_GROUPS + 3)

PG_FUNCTION_INFO_V1(ddb_partition_hash_text);
PG_FUNCTION_INFO_V1(ddb_partition_hash_numeric);
PG_FUNCTION_INFO_V1(ddb_partition_hash_bytea);
PG_FUNCTION_INFO_V1(ddb_hash_segment);

int64
ddb_hash_bytes(const char *data, int len)
{
	return (int64) XXH3_64bits(data, (size_t) len);
}

void
ddb_hash_bytes_128(const char *data, int len, uint64 hash[2])
{
	XXH128_hash_t result = XXH3_128bits(data, (size_t) len);

	hash[0] = result.high64;
	hash[1] = result.low64;
}

/*
 * hash_varlena hashes the content of a text or bytea in whatever form it is
 * stored, and frees what detoasting took.
 */
static int64
hash_varlena(Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	int64		hash;

	hash = ddb_hash_bytes(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
	if (packed != (struct varlena *) DatumGetPointer(value))
		pfree(packed);
	return hash;
}

/*
 * put_group writes the four decimal digits of one base-10000 digit.
 */
static inline char *
put_group(char *out, int digit)
{
	out[0] = '0' + digit / 1000;
	out[1] = '0' + digit / 100 % 10;
	out[2] = '0' + digit / 10 % 10;
	out[3] = '0' + digit % 10;
	return out + 4;
}

/*
 * numeric_text writes the canonical decimal text of the numeric stored in the
 * len bytes at data (varlena header excluded) to out[NUM_TEXT_LEN] and gives its
 * length, or -1 for a special value or one with more digits than fit.
 */
static int
numeric_text(const char *data, int len, char *out)
{
	uint16		header;
	int			weight;
	int			ndigits;
	bool		negative;
	const char *digits;
	char	   *p = out;
	char	   *end;
	int			i;
	int16		digit;

	memcpy(&header, data, sizeof(header));
	if ((header & NUM_SIGN_MASK) == NUM_SPECIAL)
		return -1;
	if ((header & NUM_SIGN_MASK) == NUM_SHORT)
	{
		negative = (header & NUM_SHORT_NEG) != 0;
		weight = header & NUM_SHORT_WEIGHT_MASK;
		if (header & NUM_SHORT_WEIGHT_NEG)
			weight |= ~NUM_SHORT_WEIGHT_MASK;
		digits = data + sizeof(uint16);
	}
	else
	{
		int16		long_weight;

		negative = (header & NUM_SIGN_MASK) == NUM_NEG;
		memcpy(&long_weight, data + sizeof(uint16), sizeof(long_weight));
		weight = long_weight;
		digits = data + 2 * sizeof(uint16);
	}
	ndigits = (len - (int) (digits - data)) / (int) sizeof(int16);
	if (weight + 1 > NUM_MAX_GROUPS || ndigits - weight - 1 > NUM_MAX_GROUPS)
		return -1;

	if (ndigits == 0)
	{
		out[0] = '0';
		return 1;
	}
	if (negative)
		*p++ = '-';

	/* the integer part, without leading zeros */
	if (weight < 0)
		*p++ = '0';
	for (i = 0; i <= weight; i++)
	{
		digit = 0;
		if (i < ndigits)
			memcpy(&digit, digits + i * sizeof(int16), sizeof(digit));
		p = put_group(p, digit);
		if (i == 0)
		{
			int			zeros = (digit < 1000) + (digit < 100) + (digit < 10);

			memmove(p - 4, p - 4 + zeros, 4);
			p -= zeros;
		}
	}

	/* the fraction, without trailing zeros, and no point without a fraction */
	end = p;
	*p++ = '.';
	for (i = weight + 1; i < ndigits; i++)
	{
		digit = 0;
		if (i >= 0)
			memcpy(&digit, digits + i * sizeof(int16), sizeof(digit));
		p = put_group(p, digit);
	}
	while (p > end + 1 && p[-1] == '0')
		p--;
	if (p > end + 1)
		end = p;
	return (int) (end - out);
}

int64
ddb_hash_text(Datum value)
{
	return hash_varlena(value);
}

int64
ddb_hash_bytea(Datum value)
{
	return hash_varlena(value);
}

int64
ddb_hash_numeric(Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	char		text[NUM_TEXT_LEN];
	int			len;
	int64		hash;

	len = numeric_text(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed), text);
	if (len >= 0)
		hash = ddb_hash_bytes(text, len);
	else
	{
		Numeric		number = DatumGetNumeric(PointerGetDatum(packed));
		char	   *normal = numeric_normalize(number);

		hash = ddb_hash_bytes(normal, strlen(normal));
		pfree(normal);
		if ((struct varlena *) number != packed)
			pfree(number);
	}
	if (packed != (struct varlena *) DatumGetPointer(value))
		pfree(packed);
	return hash;
}

/*
 * ddb_key_segment gives the hash range of one segment.  The 2^64 hashes are
 * divided as evenly as integers allow: segment s starts at
 * floor(s * 2^64 / total), counted from the smallest int64.
 */
void
ddb_key_segment(int segment, int total, int64 *low, int64 *high)
{
	uint64		quotient;
	uint64		remainder;
	uint64		start;
	uint64		end;

	if (total < 1 || segment < 0 || segment >= total)
		elog(ERROR, "segment %d of %d does not exist", segment, total);
	if (total == 1)
	{
		*low = PG_INT64_MIN;
		*high = PG_INT64_MAX;
		return;
	}

	/* 2^64 = quotient * total + remainder, without a 128-bit integer */
	quotient = PG_UINT64_MAX / total;
	remainder = PG_UINT64_MAX % total + 1;
	if (remainder == (uint64) total)
	{
		quotient++;
		remainder = 0;
	}
	start = quotient * segment + remainder * segment / total;
	if (segment == total - 1)
		end = PG_UINT64_MAX;
	else
		end = quotient * (segment + 1) + remainder * (segment + 1) / total - 1;

	/* shift the origin from 0 to the smallest int64 */
	*low = (int64) (start ^ ((uint64) 1 << 63));
	*high = (int64) (end ^ ((uint64) 1 << 63));
}

/* ddb.partition_hash(text | numeric | bytea) -> bigint */

Datum
ddb_partition_hash_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(ddb_hash_text(PG_GETARG_DATUM(0)));
}

Datum
ddb_partition_hash_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(ddb_hash_numeric(PG_GETARG_DATUM(0)));
}

Datum
ddb_partition_hash_bytea(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(ddb_hash_bytea(PG_GETARG_DATUM(0)));
}

/*
 * ddb.hash_segment(segment, total) -> (low, high) is ddb_key_segment() for SQL.
 */
Datum
ddb_hash_segment(PG_FUNCTION_ARGS)
{
	int32		segment = PG_GETARG_INT32(0);
	int32		total = PG_GETARG_INT32(1);
	TupleDesc	tupdesc;
	Datum		values[2];
	bool		isnull[2] = {false, false};
	int64		low;
	int64		high;

	if (total < 1 || segment < 0 || segment >= total)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("segment %d of %d does not exist", segment, total));
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	ddb_key_segment(segment, total, &low, &high);
	values[0] = Int64GetDatum(low);
	values[1] = Int64GetDatum(high);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
													  values, isnull)));
}
