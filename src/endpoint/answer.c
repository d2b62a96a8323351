/*
 * answer.c
 *	  The headers around an answer: content type, request id, checksum,
 *	  compression, CORS.
 *
 * x-amz-crc32 is the checksum of the body as it goes over the wire, compressed or
 * not; SDKs check it.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "endpoint/protocol.h"

#define COMPRESS_FROM	4096	/* bytes */

/*
 * ddb_answer makes a reply of a body.
 */
void
ddb_answer(const DdbHttpRequest *request, const DdbAnswer *answer, DdbHttpReply *reply)
{
	StringInfoData headers;
	const char *body = answer->body;
	size_t		len = answer->len;
	const char *origin = ddb_origin_shown(request);
	DdbEncoding encoding = DDB_ENCODING_IDENTITY;

	if (len > COMPRESS_FROM)
		encoding = ddb_encoding_accepted(request);
	if (encoding != DDB_ENCODING_IDENTITY)
	{
		size_t		compressed_len;
		char	   *compressed = ddb_compress(encoding, body, len, &compressed_len);

		if (compressed == NULL)
			encoding = DDB_ENCODING_IDENTITY;
		else
		{
			body = compressed;
			len = compressed_len;
		}
	}
	initStringInfo(&headers);
	appendStringInfoString(&headers, "Content-Type: ");
	appendStringInfoString(&headers, answer->content_type);
	if (encoding != DDB_ENCODING_IDENTITY)
		appendStringInfoString(&headers, encoding == DDB_ENCODING_GZIP ?
							   "\r\nContent-Encoding: gzip" : "\r\nContent-Encoding: deflate");
	appendStringInfo(&headers, "\r\nx-amzn-RequestId: %s\r\nx-amz-crc32: %u\r\n",
					 request->id, ddb_crc32(body, len));
	if (origin != NULL)
		appendStringInfo(&headers, "Access-Control-Allow-Origin: %s\r\n%s"
						 "Access-Control-Expose-Headers: x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date\r\n",
						 origin, origin[0] == '*' ? "" : "Vary: Origin\r\n");
	if (answer->more_headers != NULL)
		appendStringInfoString(&headers, answer->more_headers);
	reply->status = answer->status;
	reply->headers = headers.data;
	reply->headers_len = headers.len;
	reply->body = body;
	reply->body_len = len;
}

/*
 * ddb_answer_preflight answers OPTIONS.  A browser asks so, with its page's Origin,
 * what it may send: whatever it wants to.
 */
void
ddb_answer_preflight(const DdbHttpRequest *request, DdbHttpReply *reply)
{
	const char *headers = ddb_http_header(request, "access-control-request-headers");
	const char *method = ddb_http_header(request, "access-control-request-method");
	DdbAnswer	answer = {200, "text/plain", "", 0};
	StringInfoData more;

	if (ddb_http_header(request, "origin") == NULL)
	{
		ddb_answer(request, &answer, reply);
		return;
	}
	initStringInfo(&more);
	appendStringInfoString(&more, "Access-Control-Max-Age: 172800\r\n");
	if (headers != NULL)
		appendStringInfo(&more, "Access-Control-Allow-Headers: %s\r\n", headers);
	if (method != NULL)
		appendStringInfo(&more, "Access-Control-Allow-Methods: %s\r\n", method);
	answer.more_headers = more.data;
	ddb_answer(request, &answer, reply);
}
