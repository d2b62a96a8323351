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
 * Weights that Accept-Encoding gives to codings, in thousandths; UNSAID where it
 * doesn't name one.
 */
#define UNSAID	(-1)

typedef struct Weights
{
	int			gzip;
	int			deflate;
	int			identity;
	int			others;			/* "*" */
} Weights;

/*
 * parse_weight reads what follows a coding's name up to end: nothing, or ";q=0.5",
 * with white space around the semicolon ("RFC 9110: Quality Values").  -1 when it is
 * something else.
 */
static int
parse_weight(const char *text, const char *end)
{
	int			weight;

	while (end > text && strchr(" \t", end[-1]) != NULL)
		end--;
	text += strspn(text, " \t");
	if (text >= end)
		return 1000;
	if (*text++ != ';')
		return -1;
	text += strspn(text, " \t");
	if (end - text < 3 || pg_tolower((unsigned char) text[0]) != 'q' || text[1] != '=' ||
		(text[2] != '0' && text[2] != '1'))
		return -1;
	weight = 1000 * (text[2] - '0');
	text += 3;
	if (text < end && *text++ != '.')
		return -1;
	if (end - text > 3)
		return -1;
	for (int digit = 100; text < end; text++, digit /= 10)
	{
		if (*text < '0' || *text > '9')
			return -1;
		weight += digit * (*text - '0');
	}
	return weight <= 1000 ? weight : -1;
}

/*
 * parse_accepted notes the weights that one Accept-Encoding header gives.  What is
 * malformed or unknown says nothing.
 */
static void
parse_accepted(const char *header, Weights *weights)
{
	const struct
	{
		const char *name;
		int		   *weight;
	}			codings[] = {
		{"gzip", &weights->gzip}, {"x-gzip", &weights->gzip}, {"deflate", &weights->deflate},
		{"identity", &weights->identity}, {"*", &weights->others}
	};

	for (;;)
	{
		const char *end;
		size_t		len;
		int			weight;

		header += strspn(header, ", \t");
		if (*header == '\0')
			return;
		end = header + strcspn(header, ",");
		len = strcspn(header, "; \t,");
		weight = parse_weight(header + len, end);
		for (int i = 0; i < lengthof(codings) && weight >= 0; i++)
		{
			if (strlen(codings[i].name) == len &&
				pg_strncasecmp(header, codings[i].name, len) == 0)
				*codings[i].weight = Max(*codings[i].weight, weight);
		}
		header = end;
	}
}

/*
 * ddb_encoding_accepted is the encoding for an answer: of those with the largest
 * weight the one that compresses best.  What nobody names has the weight of "*";
 * without that, a coding is not wanted, and plain text is as good as any.  If
 * nothing is acceptable the answer is plain.
 */
DdbEncoding
ddb_encoding_accepted(const DdbHttpRequest *request)
{
	Weights		weights = {UNSAID, UNSAID, UNSAID, UNSAID};
	int			otherwise;

	for (int i = 0; i < request->nheaders; i++)
	{
		if (pg_strcasecmp(request->headers[i].name, "accept-encoding") == 0)
			parse_accepted(request->headers[i].value, &weights);
	}
	otherwise = Max(weights.others, 0);
	if (weights.gzip == UNSAID)
		weights.gzip = otherwise;
	if (weights.deflate == UNSAID)
		weights.deflate = otherwise;
	/* not named, plain text is acceptable, but a coding that is named is preferred */
	if (weights.identity == UNSAID)
		weights.identity = otherwise;
	if (weights.gzip > 0 && weights.gzip >= Max(weights.deflate, weights.identity))
		return DDB_ENCODING_GZIP;
	if (weights.deflate > 0 && weights.deflate >= weights.identity)
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
 * that kind.  Past limit it stops: *out_len is larger than limit then.  A gzip file
 * may have several members, which are one content ("RFC 1952: Overall conventions").
 */
static char *
inflate_all(const char *data, size_t len, int window_bits, size_t limit, size_t *out_len)
{
	z_stream	stream = {.zalloc = zlib_alloc,.zfree = zlib_free};
	bool		gzip = len > 1 && (uint8) data[0] == 0x1f && (uint8) data[1] == 0x8b;
	size_t		size = Min(limit, Max(len * 4, 4096)) + 2;
	size_t		done = 0;
	char	   *out;
	int			result;

	if (inflateInit2(&stream, window_bits) != Z_OK)
		return NULL;
	out = palloc(size);
	stream.next_in = (Bytef *) data;
	stream.avail_in = len;
	for (;;)
	{
		stream.next_out = (Bytef *) out + done;
		stream.avail_out = size - 1 - done;
		result = inflate(&stream, Z_NO_FLUSH);
		done = size - 1 - stream.avail_out;
		if (result == Z_STREAM_END && gzip && stream.avail_in > 0 && done <= limit &&
			inflateReset(&stream) == Z_OK)
		{
			CHECK_FOR_INTERRUPTS();
			continue;
		}
		if (done > limit || stream.avail_out > 0 || (result != Z_OK && result != Z_BUF_ERROR))
			break;
		size = Min(limit + 2, size * 2);
		out = repalloc(out, size);
		CHECK_FOR_INTERRUPTS();
	}
	*out_len = done;
	inflateEnd(&stream);
	if (done <= limit && (result != Z_STREAM_END || (gzip && stream.avail_in > 0)))
		return NULL;
	out[Min(done, size - 1)] = '\0';
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
