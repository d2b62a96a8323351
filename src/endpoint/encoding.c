/*
 * encoding.c
 *	  gzip, deflate and CRC32, by zlib.
 *
 * zlib's memory is palloc'ed, so an error anywhere leaves nothing behind.
 */
#include "postgres.h"

#include <zlib.h>

#include "miscadmin.h"
#include "port.h"

#include "endpoint/protocol.h"

static voidpf
zlib_alloc(voidpf arg, uInt items, uInt size)
{
	return palloc_extended((Size) items * size, MCXT_ALLOC_NO_OOM);
}

static void
zlib_free(voidpf arg, voidpf pointer)
{
	pfree(pointer);
}

/*
 * accepts tells whether an Accept-Encoding header names a coding, and not with
 * q=0.
 */
static bool
accepts(const char *header, const char *coding)
{
	size_t		len = strlen(coding);

	while (*header != '\0')
	{
		const char *end;

		header += strspn(header, ", \t");
		end = header + strcspn(header, ",");
		if (pg_strncasecmp(header, coding, len) == 0 &&
			(header[len] == '\0' || strchr(",; \t", header[len]) != NULL))
		{
			const char *q = strstr(header, "q=");

			return q == NULL || q >= end || strtod(q + 2, NULL) > 0;
		}
		header = end;
	}
	return false;
}

/*
 * ddb_encoding_accepted is the encoding for an answer.
 */
DdbEncoding
ddb_encoding_accepted(const char *accept_encoding)
{
	if (accept_encoding == NULL)
		return DDB_ENCODING_IDENTITY;
	if (accepts(accept_encoding, "gzip"))
		return DDB_ENCODING_GZIP;
	if (accepts(accept_encoding, "deflate"))
		return DDB_ENCODING_DEFLATE;
	return DDB_ENCODING_IDENTITY;
}

/*
 * ddb_encoding_named is the encoding that a Content-Encoding header names.
 */
DdbEncoding
ddb_encoding_named(const char *content_encoding)
{
	if (content_encoding == NULL || content_encoding[0] == '\0' ||
		pg_strcasecmp(content_encoding, "identity") == 0)
		return DDB_ENCODING_IDENTITY;
	if (pg_strcasecmp(content_encoding, "gzip") == 0 ||
		pg_strcasecmp(content_encoding, "x-gzip") == 0)
		return DDB_ENCODING_GZIP;
	if (pg_strcasecmp(content_encoding, "deflate") == 0)
		return DDB_ENCODING_DEFLATE;
	return DDB_ENCODING_UNKNOWN;
}

/*
 * ddb_compress compresses an answer, or gives NULL when that makes it no smaller.
 */
char *
ddb_compress(DdbEncoding encoding, const char *data, size_t len, size_t *out_len)
{
	z_stream	stream = {.zalloc = zlib_alloc,.zfree = zlib_free};
	char	   *out;
	int			result;

	if (deflateInit2(&stream, 1, Z_DEFLATED, encoding == DDB_ENCODING_GZIP ? 15 + 16 : 15,
					 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	out = MemoryContextAllocHuge(CurrentMemoryContext, len);
	stream.next_in = (Bytef *) data;
	stream.avail_in = len;
	stream.next_out = (Bytef *) out;
	stream.avail_out = len > 0 ? len - 1 : 0;
	result = deflate(&stream, Z_FINISH);
	*out_len = stream.total_out;
	deflateEnd(&stream);
	return result == Z_STREAM_END ? out : NULL;
}

/*
 * inflate_all decompresses with one kind of header; NULL when the data is not of
 * that kind.  Past limit it stops: *out_len is larger than limit then.
 */
static char *
inflate_all(const char *data, size_t len, int window_bits, size_t limit, size_t *out_len)
{
	z_stream	stream = {.zalloc = zlib_alloc,.zfree = zlib_free};
	size_t		size = Min(limit, Max(len * 4, 4096)) + 2;
	char	   *out;
	int			result;

	if (inflateInit2(&stream, window_bits) != Z_OK)
		return NULL;
	out = palloc(size);
	stream.next_in = (Bytef *) data;
	stream.avail_in = len;
	for (;;)
	{
		stream.next_out = (Bytef *) out + stream.total_out;
		stream.avail_out = size - 1 - stream.total_out;
		result = inflate(&stream, Z_NO_FLUSH);
		if (result != Z_OK || stream.total_out > limit || stream.avail_out > 0)
			break;
		size = Min(limit + 2, size * 2);
		out = repalloc(out, size);
		CHECK_FOR_INTERRUPTS();
	}
	*out_len = stream.total_out;
	inflateEnd(&stream);
	if (result != Z_STREAM_END && *out_len <= limit)
		return NULL;
	out[Min(*out_len, size - 1)] = '\0';
	return out;
}

/*
 * ddb_decompress decompresses a request: gzip, zlib, or deflate without a header,
 * which some clients take for "deflate".
 */
char *
ddb_decompress(const char *data, size_t len, size_t limit, size_t *out_len)
{
	char	   *out = inflate_all(data, len, 15 + 32, limit, out_len);

	return out != NULL ? out : inflate_all(data, len, -15, limit, out_len);
}

uint32
ddb_crc32(const char *data, size_t len)
{
	return crc32(crc32(0, Z_NULL, 0), (const Bytef *) data, len);
}
