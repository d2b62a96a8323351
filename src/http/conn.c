/*
 * conn.c
 *	  One connection: reading, asking the engine, writing.
 *
 * Answers are collected in conn->out and go out at the end of the loop's turn, when
 * the engine has made durable what they acknowledge; those that have to wait for more
 * than that are held back, and no more requests are taken from their connection
 * meanwhile.  At most one request of a connection is with the engine; what was pipelined
 * behind it waits in conn->in, unread once that is long.
 *
 * Requests that may take long, and those that the engine wants to be asked about again,
 * wait in a queue that is worked off after the others, a few of them in each turn.
 * It stands still while clients leave too many answers untaken.
 *
 * A connection is freed at the end of a turn only, so callbacks may go on using it
 * after ddb_conn_close().
 */
#include "http/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINGER_US	2000000
#define RATE_BYTES	(1024 * 1024)	/* of an answer to be taken in each read_timeout */
#define STALLED_US	1000000		/* time without taking anything that is too long when memory is short */
#define STALLED_BYTES	65536	/* unsent answers that matter then */

/*
 * ddb_conn_mark has the connection looked at at the end of the turn.
 */
void
ddb_conn_mark(DdbConn *conn)
{
	if (conn->dirty)
		return;
	conn->dirty = true;
	conn->next_dirty = ddb_http_server.dirty;
	ddb_http_server.dirty = conn;
}

/*
 * ddb_conn_close ends a connection; its memory goes at the end of the turn.
 */
void
ddb_conn_close(DdbConn *conn)
{
	conn->dead = true;
	ddb_conn_mark(conn);
}

static size_t
unsent(const DdbConn *conn)
{
	return conn->out.len - conn->out_sent;
}

/*
 * under_pressure tells whether so many answers are untaken that requests which may
 * make large ones have to wait.
 */
static bool
under_pressure(void)
{
	return ddb_http_server.unsent >= ddb_http_server.config.max_unsent / 2;
}

/* ---- the queue ---- */

static void
enqueue(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;

	conn->state = DDB_CONN_QUEUED;
	conn->prev_queued = server->last_queued;
	conn->next_queued = NULL;
	if (server->last_queued != NULL)
		server->last_queued->next_queued = conn;
	else
		server->first_queued = conn;
	server->last_queued = conn;
	ddb_conn_mark(conn);
}

static void
dequeue(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;

	if (conn->prev_queued != NULL)
		conn->prev_queued->next_queued = conn->next_queued;
	else
		server->first_queued = conn->next_queued;
	if (conn->next_queued != NULL)
		conn->next_queued->prev_queued = conn->prev_queued;
	else
		server->last_queued = conn->prev_queued;
	conn->state = DDB_CONN_READING;
}

static void
free_conn(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;

	if (conn->state == DDB_CONN_QUEUED)
		dequeue(conn);
	if (conn->held)
		server->nheld--;
	if (server->leftovers_at == conn)
		server->leftovers_at = conn->next;
	server->unsent -= unsent(conn);
	event_del(&conn->event);
	event_del(&conn->timer);
	if (conn->ssl != NULL)
		SSL_free(conn->ssl);
	close(conn->fd);
	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		server->connections = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	server->nconnections--;
	ddb_parse_reset(conn);
	ddb_buffer_free(&conn->in);
	ddb_buffer_free(&conn->head);
	ddb_buffer_free(&conn->body);
	ddb_buffer_free(&conn->out);
	free(conn);
	server->engine->connections(server->nconnections, 0, 0);
}

/* ---- answers ---- */

static const char *
reason(int status)
{
	switch (status)
	{
		case 200:
			return "OK";
		case 400:
			return "Bad Request";
		case 403:
			return "Forbidden";
		case 404:
			return "Not Found";
		case 408:
			return "Request Timeout";
		case 413:
			return "Request Entity Too Large";
		case 414:
			return "URI Too Long";
		case 431:
			return "Request Header Fields Too Large";
		case 503:
			return "Service Unavailable";
		default:
			return status >= 500 ? "Internal Server Error" : "Error";
	}
}

/*
 * http_date gives the time as HTTP writes it; made anew once a second.
 */
static const char *
http_date(void)
{
	static char text[40];
	static time_t made;
	time_t		now = time(NULL);

	if (now != made)
	{
		static const char days[] = "SunMonTueWedThuFriSat";
		static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
		struct tm	tm;

		gmtime_r(&now, &tm);
		snprintf(text, sizeof(text), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
				 days + 3 * tm.tm_wday, tm.tm_mday % 100, months + 3 * tm.tm_mon,
				 (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
		made = now;
	}
	return text;
}

/*
 * ddb_conn_put appends to what the connection sends; false when there is no memory,
 * which is its end.
 */
bool
ddb_conn_put(DdbConn *conn, const void *data, size_t len)
{
	if (conn->out_sent > DDB_HTTP_SLICE && conn->out_sent > conn->out.len / 2)
	{
		ddb_buffer_drop(&conn->out, conn->out_sent);
		conn->out_ready -= conn->out_sent;
		conn->out_due -= conn->out_sent;
		conn->out_sent = 0;
	}
	if (!ddb_buffer_append(&conn->out, data, len))
	{
		ddb_conn_close(conn);
		return false;
	}
	ddb_http_server.unsent += len;
	return true;
}

/*
 * answer puts a reply into the connection's output.
 */
static void
answer(DdbConn *conn, const DdbHttpReply *reply)
{
	char		head[256];
	int			len = snprintf(head, sizeof(head),
							   "HTTP/1.1 %d %s\r\nServer: Server\r\nDate: %s\r\nContent-Length: %zu\r\nConnection: %s\r\n",
							   reply->status, reason(reply->status), http_date(), reply->body_len,
							   conn->keep_alive ? "keep-alive" : "close");
	bool		head_only = conn->parser.method == HTTP_HEAD;

	(void) (ddb_conn_put(conn, head, len) &&
			ddb_conn_put(conn, reply->headers, reply->headers_len) &&
			ddb_conn_put(conn, "\r\n", 2) &&
			ddb_conn_put(conn, reply->body, head_only ? 0 : reply->body_len));
	if (!conn->keep_alive)
		conn->state = DDB_CONN_CLOSING;
	ddb_conn_mark(conn);
}

/*
 * refuse answers a request that the engine never sees, and takes no more.
 */
static void
refuse(DdbConn *conn, int status)
{
	DdbHttpReply reply = {.status = status};
	char		headers[160];
	char		id[53];

	ddb_http_make_id(id);
	reply.headers_len = snprintf(headers, sizeof(headers),
								 "Content-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: %s\r\n", id);
	reply.headers = headers;
	reply.body = status == 413 ? "{\"message\":\"Request is too large\"}" :
		status == 503 ? "{\"message\":\"Too many unfinished requests\"}" :
		status == 408 ? "{\"message\":\"Request took too long to arrive\"}" :
		"{\"message\":\"Request is not HTTP/1.1 as this server understands it\"}";
	reply.body_len = strlen(reply.body);
	conn->keep_alive = false;
	ddb_parse_reset(conn);
	ddb_buffer_free(&conn->in);
	answer(conn, &reply);
}

/* ---- requests ---- */

/*
 * view_request makes the complete request as the engine sees it.
 */
static void
view_request(DdbConn *conn, DdbHttpRequest *request,
			 DdbHttpHeader headers[DDB_HTTP_MAX_HEADERS])
{
	int			i;

	for (i = 0; i < conn->nheaders; i++)
	{
		headers[i].name = conn->head.data + conn->names[i];
		headers[i].value = conn->head.data + conn->values[i];
	}
	memset(request, 0, sizeof(*request));
	request->method = http_method_str(conn->parser.method);
	request->target = conn->head.data;
	request->nheaders = conn->nheaders;
	request->headers = headers;
	request->body = conn->body.data;
	request->body_len = conn->body.len - 1;
	request->tls = conn->ssl != NULL;
	request->loopback = conn->loopback;
	request->received_us = conn->received_us;
	request->attempt = conn->attempt;
	request->note = &conn->note;
	memcpy(request->id, conn->id, sizeof(request->id));
}

/*
 * ask hands the complete request to the engine, for the first time or again.  When
 * this turn's requests have taken long enough, what else is ready waits for the next.
 */
static void
ask(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;
	DdbHttpHeader headers[DDB_HTTP_MAX_HEADERS];
	DdbHttpRequest request;
	DdbHttpReply reply = {.ticket = -1};
	DdbHttpResult result;
	int64_t		now = ddb_http_now_us();

	if (server->turn_began == 0)
		server->turn_began = now;
	view_request(conn, &request, headers);
	if (server->stopping)
		conn->keep_alive = false;
	result = server->engine->handle(&request, &reply);
	now = ddb_http_now_us();
	if (now - server->turn_began > DDB_HTTP_TURN_US)
		event_base_loopbreak(server->base);
	if (result == DDB_HTTP_RETRY)
	{
		struct timeval delay = {reply.retry_ms / 1000, reply.retry_ms % 1000 * 1000};

		conn->attempt++;
		conn->state = DDB_CONN_WAITING;
		event_add(&conn->timer, &delay);
		ddb_conn_mark(conn);
		return;
	}
	conn->state = DDB_CONN_READING;
	conn->tickets[conn->ntickets++] = reply.ticket;
	answer(conn, &reply);
	ddb_parse_reset(conn);
	conn->deadline = now + (int64_t) server->config.idle_timeout * 1000000;
}

/*
 * take_request asks the engine about a request that is complete, or puts it in the
 * queue.
 */
static void
take_request(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;
	DdbHttpHeader headers[DDB_HTTP_MAX_HEADERS];
	DdbHttpRequest request;

	ddb_http_make_id(conn->id);
	conn->received_us = ddb_http_now_us();
	view_request(conn, &request, headers);
	if (server->unsent >= server->config.max_unsent || server->engine->is_long(&request))
		enqueue(conn);
	else
		ask(conn);
}

/*
 * take parses bytes and takes the requests in them; gives how many bytes it took.  It
 * takes no more while a request or an answer waits, and so that one connection can't
 * keep the loop to itself, after a number of requests.
 */
static size_t
take(DdbConn *conn, const char *data, size_t len)
{
	size_t		taken = 0;

	while (taken < len && conn->state == DDB_CONN_READING && !conn->dead && !conn->held)
	{
		if (conn->ntickets == DDB_HTTP_PIPELINE || unsent(conn) > DDB_HTTP_MAX_OUT)
			break;
		taken += ddb_parse(conn, data + taken, len - taken);
		if (conn->refuse != 0)
		{
			refuse(conn, conn->refuse);
			return len;
		}
		if (conn->complete)
			take_request(conn);
	}
	return conn->state == DDB_CONN_CLOSING ? len : taken;
}

/*
 * process takes what was kept back in conn->in.
 */
static void
process(DdbConn *conn)
{
	DdbBuffer	in = conn->in;
	size_t		taken;

	/* refuse() frees conn->in: hold the bytes here meanwhile */
	memset(&conn->in, 0, sizeof(DdbBuffer));
	taken = take(conn, in.data, in.len);
	if (conn->refuse != 0)
	{
		ddb_buffer_free(&in);
		return;
	}
	ddb_buffer_drop(&in, taken);
	conn->in = in;
}

/*
 * feed takes bytes that just came.
 */
static void
feed(DdbConn *conn, const char *data, size_t len)
{
	size_t		taken = 0;

	if (conn->state >= DDB_CONN_CLOSING)
		return;
	if (conn->in.len == 0)
		taken = take(conn, data, len);
	if (taken < len && !ddb_buffer_append(&conn->in, data + taken, len - taken))
		ddb_conn_close(conn);
}

/*
 * at_end is called when the client sends no more.
 */
static void
at_end(DdbConn *conn)
{
	conn->peer_closed = true;
	ddb_conn_mark(conn);
	if (conn->state == DDB_CONN_READING && conn->in.len == 0)
		conn->state = DDB_CONN_CLOSING;
	else if (conn->state == DDB_CONN_LINGERING)
		ddb_conn_close(conn);
}

static void
on_readable(DdbConn *conn)
{
	char	   *scratch = ddb_http_server.scratch;
	int			rounds = conn->ssl != NULL ? 16 : 4;

	while (rounds-- > 0 && !conn->dead && conn->in.len < DDB_HTTP_SCRATCH &&
		   (conn->state == DDB_CONN_READING || conn->state == DDB_CONN_LINGERING))
	{
		long		len = ddb_transport_read(conn, scratch, DDB_HTTP_SCRATCH);

		if (len == DDB_IO_AGAIN)
			break;
		if (len == DDB_IO_ERROR)
		{
			ddb_conn_close(conn);
			break;
		}
		if (len == 0)
		{
			at_end(conn);
			break;
		}
		feed(conn, scratch, len);
		if (conn->ssl == NULL && len < DDB_HTTP_SCRATCH)
			break;
	}
	/* the end of the turn looks for what is left in conn->in or in OpenSSL */
	if (conn->in.len > 0 || conn->ssl != NULL)
		ddb_conn_mark(conn);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	DdbConn    *conn = arg;

	(void) fd;
	if (conn->dead)
		return;
	if (what & EV_WRITE)
	{
		ddb_conn_mark(conn);
		if (conn->ssl_wants_write)
			what |= EV_READ;
	}
	if (what & EV_READ)
		on_readable(conn);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	DdbConn    *conn = arg;

	(void) fd;
	(void) what;
	if (!conn->dead && conn->state == DDB_CONN_WAITING)
		enqueue(conn);
}

/*
 * ddb_conn_can_run_queued tells whether requests of the queue can be worked off.
 */
bool
ddb_conn_can_run_queued(void)
{
	return ddb_http_server.first_queued != NULL && !under_pressure();
}

/*
 * ddb_conn_run_queued works off the queue for a while, one request at least.
 */
void
ddb_conn_run_queued(void)
{
	DdbHttpServer *server = &ddb_http_server;
	int64_t		end = ddb_http_now_us() + DDB_HTTP_LONG_US;

	while (ddb_conn_can_run_queued())
	{
		DdbConn    *conn = server->first_queued;

		dequeue(conn);
		if (!conn->dead)
			ask(conn);
		ddb_conn_mark(conn);
		if (ddb_http_now_us() >= end)
			break;
	}
}

/* ---- the end of a turn ---- */

/*
 * settle finds out which answers may go out: all, or those of earlier turns while the
 * latest have to wait.
 */
static void
settle(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;

	for (int i = 0; i < conn->ntickets; i++)
	{
		uint64_t	position = server->engine->position(conn->tickets[i]);

		if (position > conn->position)
			conn->position = position;
	}
	conn->ntickets = 0;
	if (!conn->held && conn->position != 0 && !server->engine->safe(conn->position))
	{
		conn->held = true;
		server->nheld++;
	}
	if (conn->held || conn->out_ready == conn->out.len)
		return;
	conn->position = 0;
	if (conn->out_sent == conn->out_ready)
	{
		conn->taken_us = ddb_http_now_us();
		conn->deadline = conn->taken_us + (int64_t) server->config.read_timeout * 1000000;
		conn->out_due = conn->out_sent + RATE_BYTES;
	}
	conn->out_ready = conn->out.len;
}

/*
 * ddb_conn_release sends what is held, if its position is safe now.
 */
void
ddb_conn_release(DdbConn *conn)
{
	if (conn->dead || !conn->held || !ddb_http_server.engine->safe(conn->position))
		return;
	conn->held = false;
	ddb_http_server.nheld--;
	ddb_conn_mark(conn);
}

/*
 * send_out writes a slice of what there is to send; the socket may not take it all.
 * The client has read_timeout for each megabyte, and for the rest.
 */
static void
send_out(DdbConn *conn)
{
	DdbHttpServer *server = &ddb_http_server;
	size_t		end = conn->out_ready;

	if (end - conn->out_sent > DDB_HTTP_SLICE)
		end = conn->out_sent + DDB_HTTP_SLICE;
	while (conn->out_sent < end)
	{
		long		len = ddb_transport_write(conn, conn->out.data + conn->out_sent,
											  end - conn->out_sent);

		if (len == DDB_IO_AGAIN)
			return;
		if (len == DDB_IO_ERROR)
		{
			conn->dead = true;
			return;
		}
		conn->out_sent += len;
		server->unsent -= len;
		conn->taken_us = ddb_http_now_us();
		if (conn->out_sent >= conn->out_due)
		{
			conn->deadline = conn->taken_us + (int64_t) server->config.read_timeout * 1000000;
			conn->out_due = conn->out_sent + RATE_BYTES;
		}
	}
	if (conn->out_sent < conn->out.len)
		return;
	conn->out_sent = 0;
	conn->out_ready = 0;
	ddb_buffer_clear(&conn->out);
	conn->deadline = conn->taken_us +
		(int64_t) (conn->started ? server->config.read_timeout : server->config.idle_timeout) * 1000000;
}

/*
 * watch tells the loop what the connection waits for.
 */
static void
watch(DdbConn *conn)
{
	short		wanted = 0;

	if ((conn->state == DDB_CONN_READING && conn->in.len < DDB_HTTP_SCRATCH &&
		 unsent(conn) <= DDB_HTTP_MAX_OUT) ||
		conn->state == DDB_CONN_LINGERING)
		wanted |= EV_READ;
	if (conn->out_ready > conn->out_sent || conn->ssl_wants_write)
		wanted |= EV_WRITE;
	if (conn->peer_closed)
		wanted &= ~EV_READ;
	if (wanted == conn->watching)
		return;
	if (conn->watching != 0)
		event_del(&conn->event);
	conn->watching = wanted;
	if (wanted == 0)
		return;
	event_assign(&conn->event, ddb_http_server.base, conn->fd, wanted | EV_PERSIST, on_event, conn);
	event_add(&conn->event, NULL);
}

/*
 * has_leftovers tells whether there are bytes to go on with that the socket no
 * longer tells of.
 */
static bool
has_leftovers(DdbConn *conn)
{
	return conn->state == DDB_CONN_READING && !conn->held &&
		unsent(conn) <= DDB_HTTP_MAX_OUT &&
		(conn->in.len > 0 || (conn->ssl != NULL && SSL_pending(conn->ssl) > 0));
}

/*
 * ddb_conn_end_turn sends answers, takes up requests left over, and closes what
 * is done.
 */
void
ddb_conn_end_turn(DdbConn *conn)
{
	if (!conn->dead)
		settle(conn);
	if (!conn->dead && conn->out_ready > conn->out_sent)
		send_out(conn);
	if (!conn->dead && conn->state == DDB_CONN_CLOSING && conn->out.len == 0)
	{
		if (conn->peer_closed)
			conn->dead = true;
		else
		{
			/* closing with unread input would reset the connection, and the answer be lost */
			ddb_transport_end(conn);
			conn->state = DDB_CONN_LINGERING;
			conn->deadline = ddb_http_now_us() + LINGER_US;
		}
	}
	if (conn->peer_closed && conn->state == DDB_CONN_READING && conn->in.len == 0 &&
		conn->out.len == 0)
		conn->dead = true;
	if (conn->dead)
	{
		free_conn(conn);
		return;
	}
	if (has_leftovers(conn))
		ddb_http_server.again = true;
	watch(conn);
}

/*
 * ddb_conn_again goes on with a connection's leftovers.
 */
void
ddb_conn_again(DdbConn *conn)
{
	if (conn->dead || !has_leftovers(conn))
		return;
	if (conn->in.len > 0)
		process(conn);
	else
		on_readable(conn);
	ddb_conn_mark(conn);
}

/*
 * ddb_conn_sweep ends a connection whose time is up.  One that was in the middle
 * of a request is told so.  When memory is short, time is up for clients that leave
 * large answers untaken.
 */
void
ddb_conn_sweep(DdbConn *conn, int64_t now)
{
	bool		sending = conn->out_ready > conn->out_sent;

	if (conn->dead)
		return;
	if (sending && under_pressure() && unsent(conn) > STALLED_BYTES &&
		now - conn->taken_us > STALLED_US)
	{
		ddb_conn_close(conn);
		return;
	}
	if (now < conn->deadline || conn->state == DDB_CONN_WAITING ||
		conn->state == DDB_CONN_QUEUED || (conn->held && !sending))
		return;
	if (conn->state == DDB_CONN_READING && conn->started && conn->out.len == 0)
		refuse(conn, 408);
	else
		ddb_conn_close(conn);
}

/*
 * ddb_conn_open takes over an accepted socket.
 */
void
ddb_conn_open(int fd, bool loopback)
{
	DdbHttpServer *server = &ddb_http_server;
	DdbConn    *conn = calloc(1, sizeof(DdbConn));

	if (conn == NULL)
	{
		close(fd);
		return;
	}
	conn->fd = fd;
	conn->loopback = loopback;
	conn->deadline = ddb_http_now_us() + (int64_t) server->config.idle_timeout * 1000000;
	conn->next = server->connections;
	if (conn->next != NULL)
		conn->next->prev = conn;
	server->connections = conn;
	server->nconnections++;
	ddb_parse_init(conn);
	evtimer_assign(&conn->timer, server->base, on_timer, conn);
	event_assign(&conn->event, server->base, fd, EV_READ | EV_PERSIST, on_event, conn);
	event_add(&conn->event, NULL);
	conn->watching = EV_READ;
	if (!ddb_transport_start(conn))
		ddb_conn_close(conn);
	server->engine->connections(server->nconnections, 1, 0);
}
