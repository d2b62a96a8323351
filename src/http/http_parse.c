/*
 * http_parse.c
 *	  From bytes to a request, by http-parser.
 *
 * The parser is paused at the end of each message, so that pipelined requests
 * are answered one after another.  Everything it may make us keep is bounded: the
 * header section by the parser, the number of headers and the body here, and all
 * unfinished requests together by config.max_buffered.  Content-Length beside
 * Transfer-Encoding, which is how requests are smuggled, the parser refuses.
 */
#include "http/conn.h"

#include <string.h>
#include <strings.h>

static bool
keep(DdbConn *conn, DdbBuffer *buffer, const char *data, size_t len)
{
	if (!ddb_buffer_append(buffer, data, len))
	{
		conn->refuse = 503;
		return false;
	}
	ddb_http_server.buffered += len;
	return true;
}

/*
 * keep_text appends to the head; a zero byte in it would cut a value short.
 */
static int
keep_text(DdbConn *conn, const char *data, size_t len)
{
	if (memchr(data, '\0', len) != NULL)
	{
		conn->refuse = 400;
		return 1;
	}
	return keep(conn, &conn->head, data, len) ? 0 : 1;
}

static int
end_text(DdbConn *conn)
{
	return keep(conn, &conn->head, "", 1) ? 0 : 1;
}

static int
on_message_begin(http_parser *parser)
{
	DdbConn    *conn = parser->data;

	conn->started = true;
	conn->deadline = ddb_http_now_us() +
		(int64_t) ddb_http_server.config.read_timeout * 1000000;
	return 0;
}

static int
on_url(http_parser *parser, const char *data, size_t len)
{
	return keep_text(parser->data, data, len);
}

static int
on_header_field(http_parser *parser, const char *data, size_t len)
{
	DdbConn    *conn = parser->data;

	if (conn->headers_done)
		return 0;				/* a trailer */
	if (conn->in_value || conn->nheaders == 0)
	{
		if (end_text(conn))
			return 1;
		conn->in_value = false;
		if (conn->nheaders >= DDB_HTTP_MAX_HEADERS)
		{
			conn->refuse = 431;
			return 1;
		}
		conn->names[conn->nheaders] = conn->head.len;
		conn->values[conn->nheaders] = 0;
		conn->nheaders++;
	}
	return keep_text(conn, data, len);
}

static int
on_header_value(http_parser *parser, const char *data, size_t len)
{
	DdbConn    *conn = parser->data;

	if (conn->headers_done)
		return 0;
	if (!conn->in_value)
	{
		if (end_text(conn))
			return 1;
		conn->in_value = true;
		conn->values[conn->nheaders - 1] = conn->head.len;
	}
	return keep_text(conn, data, len);
}

/*
 * value_of finds a header of a request whose head is complete.
 */
static const char *
value_of(DdbConn *conn, const char *name)
{
	int			i;

	for (i = 0; i < conn->nheaders; i++)
	{
		if (strcasecmp(conn->head.data + conn->names[i], name) == 0)
			return conn->head.data + conn->values[i];
	}
	return NULL;
}

/*
 * head_problem looks for what the parser lets pass and a proxy before us may read
 * otherwise; gives the status that answers it, or 0.  A name is a token, with nothing
 * between it and its colon ("RFC 9112: Field Line Parsing"), and there is one Host
 * ("Request Target").
 */
static int
head_problem(const DdbConn *conn)
{
	static const char token[] =
	"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	int			hosts = 0;

	for (int i = 0; i < conn->nheaders; i++)
	{
		const char *name = conn->head.data + conn->names[i];

		if (name[0] == '\0' || name[strspn(name, token)] != '\0')
			return 400;
		hosts += strcasecmp(name, "host") == 0;
	}
	if (hosts > 1)
		return 400;
	if (hosts == 0 && (conn->parser.http_major > 1 || conn->parser.http_minor > 0))
		return 400;
	return 0;
}

static int
on_headers_complete(http_parser *parser)
{
	DdbConn    *conn = parser->data;
	const char *expect;

	if (end_text(conn))
		return -1;
	/* a value that was empty points to the zero byte behind everything */
	for (int i = 0; i < conn->nheaders; i++)
	{
		if (conn->values[i] == 0)
			conn->values[i] = conn->head.len - 1;
	}
	conn->headers_done = true;
	conn->refuse = head_problem(conn);
	if (conn->refuse != 0)
		return -1;
	conn->keep_alive = http_should_keep_alive(parser);
	/* offers to upgrade to another protocol are ignored */
	if (parser->method != HTTP_CONNECT)
		parser->upgrade = 0;
	if (parser->content_length != UINT64_MAX &&
		parser->content_length > ddb_http_server.config.max_body)
	{
		conn->refuse = 413;
		return -1;
	}
	expect = value_of(conn, "expect");
	if (expect != NULL && strcasecmp(expect, "100-continue") == 0 &&
		(parser->http_major > 1 || parser->http_minor > 0))
	{
		static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

		if (!ddb_conn_put(conn, go_on, sizeof(go_on) - 1))
			conn->refuse = 503;
		ddb_conn_mark(conn);
	}
	return conn->refuse ? -1 : 0;
}

static int
on_body(http_parser *parser, const char *data, size_t len)
{
	DdbConn    *conn = parser->data;

	if (conn->body.len + len > ddb_http_server.config.max_body)
		conn->refuse = 413;
	else if (ddb_http_server.buffered + len > ddb_http_server.config.max_buffered)
		conn->refuse = 503;
	else
		(void) keep(conn, &conn->body, data, len);
	return conn->refuse ? 1 : 0;
}

static int
on_message_complete(http_parser *parser)
{
	DdbConn    *conn = parser->data;

	if (!keep(conn, &conn->body, "", 1))	/* the body ends with a zero byte too */
		return 1;
	conn->complete = true;
	http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings callbacks = {
	.on_message_begin = on_message_begin,
	.on_url = on_url,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void
ddb_parse_init(DdbConn *conn)
{
	http_parser_init(&conn->parser, HTTP_REQUEST);
	conn->parser.data = conn;
}

/*
 * ddb_parse takes bytes and gives how many it took.  It stops early when a
 * request is complete (conn->complete) or is to be refused (conn->refuse, an HTTP
 * status).
 */
size_t
ddb_parse(DdbConn *conn, const char *data, size_t len)
{
	size_t		taken = http_parser_execute(&conn->parser, &callbacks, data, len);
	enum http_errno error = HTTP_PARSER_ERRNO(&conn->parser);

	if (error == HPE_PAUSED)
		http_parser_pause(&conn->parser, 0);
	else if (error == HPE_HEADER_OVERFLOW)
		conn->refuse = conn->nheaders == 0 ? 414 : 431;
	else if (error != HPE_OK && conn->refuse == 0)
		conn->refuse = 400;
	if (conn->parser.upgrade && conn->refuse == 0)
		conn->refuse = 400;		/* CONNECT */
	return taken;
}

/*
 * ddb_parse_reset forgets a request that is answered.
 */
void
ddb_parse_reset(DdbConn *conn)
{
	ddb_http_server.buffered -= conn->head.len + conn->body.len;
	ddb_buffer_clear(&conn->head);
	ddb_buffer_clear(&conn->body);
	conn->started = false;
	conn->headers_done = false;
	conn->in_value = false;
	conn->complete = false;
	conn->nheaders = 0;
	conn->attempt = 0;
	conn->note = 0;
}
