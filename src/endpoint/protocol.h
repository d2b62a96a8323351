/*
 * protocol.h
 *	  DynamoDB's protocol over HTTP: what a request asks for, how an answer looks.
 *
 * Everything is allocated in CurrentMemoryContext.
 */
#ifndef DDB_PROTOCOL_H
#define DDB_PROTOCOL_H

#include "lib/stringinfo.h"
#include "utils/elog.h"
#include "utils/jsonb.h"

#include "http/http.h"

/* One call of the API. */
typedef struct DdbCall
{
	const DdbHttpRequest *request;
	const char *operation;		/* "GetItem" */
	bool		streams;		/* asked of the Streams API */
	const char *content_type;	/* echoed */
	char	   *table_name;		/* as the request gives it, or NULL */
	char	   *stream_arn;		/* of the stream that the request is about, or NULL */
	char	   *role_name;		/* who it runs as; NULL until that is known */
} DdbCall;

/*
 * ddb_protocol_route finds out what a request asks for.  True: call is filled,
 * for the engine to answer.  False: reply is the answer already (the health
 * check, the statistics, CORS, requests that are none of the API's).
 */
extern bool ddb_protocol_route(const DdbHttpRequest *request, DdbCall *call,
							   DdbHttpReply *reply);

/* ddb_protocol_is_long tells whether a request may take long. */
extern bool ddb_protocol_is_long(const DdbHttpRequest *request);

/*
 * ddb_protocol_body reads a call's JSON; raises SerializationException and the
 * like.  NULL: decompressed, it is too large.
 */
extern Jsonb *ddb_protocol_body(DdbCall *call);
extern void ddb_protocol_too_large(const DdbCall *call, DdbHttpReply *reply);

/* ddb_protocol_host gives the host that a request was sent to, with its port, or NULL. */
extern const char *ddb_protocol_host(const DdbHttpRequest *request);

/* ddb_protocol_answer is the reply with a response. */
extern void ddb_protocol_answer(const DdbCall *call, Jsonb *response, DdbHttpReply *reply);

/*
 * ddb_protocol_error is the reply to an error, as which exception it appears to
 * the client (an SQLSTATE); errors that are no exception of the API's
 * become InternalServerError without details.
 */
extern void ddb_protocol_error(const DdbCall *call, const ErrorData *error, DdbHttpReply *reply);

/* answer.c */
typedef struct DdbAnswer
{
	int			status;
	const char *content_type;
	const char *body;
	size_t		len;
	const char *more_headers;	/* "Name: value\r\n" lines, or NULL */
} DdbAnswer;

extern void ddb_answer(const DdbHttpRequest *request, const DdbAnswer *answer,
					   DdbHttpReply *reply);

/* ddb_answer_preflight answers OPTIONS, whose origin is one that may ask. */
extern void ddb_answer_preflight(const DdbHttpRequest *request, DdbHttpReply *reply);

/* origin.c */

/* ddb_origin_check tells whether the page that a request comes from, if any, may ask. */
extern bool ddb_origin_check(const DdbHttpRequest *request);

/*
 * ddb_origin_shown is the origin whose pages may see the answer; NULL when the request
 * comes from none, or from one that may not.
 */
extern const char *ddb_origin_shown(const DdbHttpRequest *request);

/* json_text.c */

/* ddb_json_text appends a document's text, without white space. */
extern void ddb_json_text(StringInfo out, JsonbContainer *document);

/* encoding.c */
typedef enum DdbEncoding
{
	DDB_ENCODING_IDENTITY,
	DDB_ENCODING_GZIP,
	DDB_ENCODING_DEFLATE,
	DDB_ENCODING_UNKNOWN
} DdbEncoding;

/* ddb_encoding_accepted is the encoding for an answer: the best that Accept-Encoding allows. */
extern DdbEncoding ddb_encoding_accepted(const DdbHttpRequest *request);
extern DdbEncoding ddb_encoding_named(const char *content_encoding);

/* ddb_compress gives NULL when the result would not be smaller. */
extern char *ddb_compress(DdbEncoding encoding, const char *data, size_t len, size_t *out_len);

/* ddb_decompress ends with a zero byte; NULL: the data is broken; *out_len > limit: too much. */
extern char *ddb_decompress(const char *data, size_t len, size_t limit, size_t *out_len);
extern uint32 ddb_crc32(const char *data, size_t len);

#endif							/* DDB_PROTOCOL_H */
