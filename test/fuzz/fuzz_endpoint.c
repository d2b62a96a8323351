/*
 * fuzz_endpoint.c
 *	  Inputs for what reads requests before and beside their JSON.
 *
 *		h	an HTTP request as the event loop gives it: "METHOD target", "Name: value" lines,
 *			an empty line, the body; routed, decoded, parsed and answered
 *		g	such a request's signature, in the header or the query string, checked against
 *			a fixed secret
 *		z	bytes to be decompressed; compressed again they come back
 *		t	a shard iterator: 29 bytes of its place, the rest its stream's ARN; read back
 *			it is the same, and with any byte changed it is refused
 *		s	a sequence number, an ARN, a table's name
 *		e	a trigger's filter, laid on a fixed record
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/request.h"
#include "auth/sigv4.h"
#include "endpoint/protocol.h"
#include "stream/iterator.h"
#include "table/arn.h"
#include "trigger/filter.h"

#include "fuzz.h"

#define MAX_HEADERS 100
#define MAX_DECOMPRESSED (1024 * 1024)
#define NOW INT64CONST(1767225600)	/* 2026-01-01 */
#define PLACE_BYTES 29

/*
 * take_line cuts the next line off *rest, a copy that ends with a zero byte.  Lines end
 * with a line feed; a zero byte in one ends it too, as none comes through the event loop.
 */
static char *
take_line(const char **rest, const char *end)
{
	const char *start = *rest;
	const char *stop = memchr(start, '\n', end - start);

	if (stop == NULL)
		stop = end;
	*rest = stop < end ? stop + 1 : end;
	return pnstrdup(start, stop - start);
}

/*
 * read_request fills a request from text.
 */
static void
read_request(const char *data, int len, DdbHttpRequest *request)
{
	DdbHttpHeader *headers = palloc(sizeof(DdbHttpHeader) * MAX_HEADERS);
	const char *end = data + len;
	char	   *line = take_line(&data, end);
	char	   *body;

	memset(request, 0, sizeof(*request));
	request->method = line;
	request->target = "";
	line = strchr(line, ' ');
	if (line != NULL)
	{
		*line = '\0';
		request->target = line + 1;
	}
	while (data < end && request->nheaders < MAX_HEADERS)
	{
		char	   *colon;

		line = take_line(&data, end);
		if (*line == '\0')
			break;
		colon = strchr(line, ':');
		if (colon == NULL)
			continue;
		*colon++ = '\0';
		headers[request->nheaders].name = line;
		headers[request->nheaders++].value = colon + strspn(colon, " ");
	}
	request->headers = headers;
	/* the event loop ends bodies with a zero byte, too */
	request->body_len = end - data;
	body = palloc(request->body_len + 1);
	memcpy(body, data, request->body_len);
	body[request->body_len] = '\0';
	request->body = body;
	request->loopback = true;
	strcpy(request->id, "FUZZ");
}

static void
check_reply(const DdbHttpReply *reply)
{
	REQUIRE(reply->status >= 200 && reply->status < 600);
	REQUIRE(reply->body_len == 0 || reply->body != NULL);
	REQUIRE(reply->headers_len == 0 || memchr(reply->headers, '\0', reply->headers_len) == NULL);
}

static void
fuzz_http(const char *data, int len)
{
	DdbHttpRequest request;
	DdbHttpReply reply = {0};
	DdbCall		call = {0};
	Jsonb	   *body;

	read_request(data, len, &request);
	if (!ddb_protocol_route(&request, &call, &reply))
	{
		check_reply(&reply);
		return;
	}
	body = ddb_protocol_body(&call);
	if (body == NULL)
		ddb_protocol_too_large(&call, &reply);
	else
		ddb_protocol_answer(&call, ddb_api_request(call.operation, body, NULL), &reply);
	check_reply(&reply);
}

static void
fuzz_signature(const char *data, int len)
{
	DdbHttpRequest request;
	DdbSigv4	sig;
	uint8		key[DDB_SIGNING_KEY_LEN];

	read_request(data, len, &request);
	ddb_sigv4_parse(&request, &sig);
	ddb_sigv4_check_request(&request, &sig, "dynamodb", NOW);
	REQUIRE(ddb_sigv4_canonical_request(&request, &sig) != NULL);
	ddb_sigv4_signing_key("secret", sig.scope_date, sig.region, "dynamodb", key);
	ddb_sigv4_check_signature(&request, &sig, key);
}

static void
fuzz_decompress(const char *data, int len)
{
	size_t		out_len = 0;
	char	   *out = ddb_decompress(data, len, MAX_DECOMPRESSED, &out_len);

	if (out != NULL && out_len <= MAX_DECOMPRESSED)
		REQUIRE(out[out_len] == '\0');
	for (DdbEncoding encoding = DDB_ENCODING_GZIP; encoding <= DDB_ENCODING_DEFLATE; encoding++)
	{
		size_t		packed_len;
		char	   *packed = ddb_compress(encoding, data, len, &packed_len);

		if (packed == NULL)
			continue;
		REQUIRE(packed_len < len);
		out = ddb_decompress(packed, packed_len, MAX_DECOMPRESSED, &out_len);
		REQUIRE(out != NULL && out_len == len && memcmp(out, data, len) == 0);
	}
}

static void
fuzz_iterator(const char *data, int len)
{
	DdbIterator iterator;
	DdbIterator again;
	char	   *text;
	int			at;

	if (len < PLACE_BYTES || memchr(data + PLACE_BYTES, '\0', len - PLACE_BYTES) != NULL)
		return;
	memset(&iterator, 0, sizeof(iterator));
	memset(&again, 0, sizeof(again));
	memcpy(&iterator.stream_id, data, 4);
	memcpy(&iterator.epoch, data + 4, 4);
	memcpy(&iterator.position.lsn, data + 8, 8);
	memcpy(&iterator.position.ordinal, data + 16, 4);
	iterator.inclusive = data[20] & 1;
	memcpy(&iterator.issued_at, data + 21, 8);
	text = ddb_iterator_write(pnstrdup(data + PLACE_BYTES, len - PLACE_BYTES), &iterator);
	REQUIRE(ddb_iterator_read(text, &again));
	REQUIRE(again.stream_id == iterator.stream_id && again.epoch == iterator.epoch &&
			again.position.lsn == iterator.position.lsn &&
			again.position.ordinal == iterator.position.ordinal &&
			again.inclusive == iterator.inclusive && again.issued_at == iterator.issued_at);
	at = (uint8) data[0] * strlen(text) / 256;
	text[at] = text[at] == 'A' ? 'B' : 'A';
	REQUIRE(!ddb_iterator_read(text, &again));
	/* and what the client made himself */
	REQUIRE(!ddb_iterator_read(pnstrdup(data + PLACE_BYTES, len - PLACE_BYTES), &again));
}

static void
fuzz_names(const char *data, int len)
{
	char	   *text = pnstrdup(data, len);
	char		again[DDB_SEQUENCE_DIGITS + 1];
	DdbSequence sequence;
	char	   *label = NULL;
	char	   *table;
	bool		malformed;

	if (ddb_sequence_parse(text, &sequence))
	{
		ddb_sequence_format(sequence, again);
		REQUIRE(strcmp(text, again) == 0);
	}
	(void) ddb_arn_table_name(text, &malformed);
	table = ddb_arn_stream(text, &label, &malformed);
	REQUIRE(table == NULL || (label != NULL && strstr(text, table) != NULL));
	REQUIRE(ddb_table_name_of(text) != NULL);
}

static void
fuzz_filter(const char *data, int len)
{
	static const char record[] =
	"{\"eventName\": \"MODIFY\", \"dynamodb\": {\"Keys\": {\"pk\": {\"S\": \"k\"}},"
	" \"NewImage\": {\"pk\": {\"S\": \"k\"}, \"n\": {\"N\": \"10\"}, \"l\": {\"L\": [{\"S\": \"x\"}, {\"N\": \"2\"}]},"
	" \"m\": {\"M\": {\"z\": {\"NULL\": true}}}}}}";
	List	   *patterns;

	if (!pg_verify_mbstr(PG_UTF8, data, len, true))
		return;
	patterns = ddb_filter_read(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(data, len)))));
	(void) ddb_filter_fits(patterns,
						   DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(record))));
}

bool
fuzz_endpoint_knows(char kind)
{
	return kind != '\0' && strchr("hgztse", kind) != NULL;
}

void
fuzz_endpoint(char kind, const char *data, int len)
{
	switch (kind)
	{
		case 'h':
			fuzz_http(data, len);
			break;
		case 'g':
			fuzz_signature(data, len);
			break;
		case 'z':
			fuzz_decompress(data, len);
			break;
		case 't':
			fuzz_iterator(data, len);
			break;
		case 's':
			fuzz_names(data, len);
			break;
		case 'e':
			fuzz_filter(data, len);
			break;
	}
}
