/*
 * http.h
 *	  What the event loop and the engine say to each other.
 *
 * The event loop (server.c and its neighbours) knows sockets and HTTP and
 * nothing of PostgreSQL; the engine side (protocol.c, endpoint/http_worker.c)
 * knows transactions and never calls a socket.  This header is all they share,
 * so it includes nothing of either.
 */
#ifndef DDB_HTTP_H
#define DDB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One header field; both strings end with a zero byte and hold none. */
typedef struct DdbHttpHeader
{
	const char *name;			/* as it was sent */
	const char *value;			/* without the white space around it */
} DdbHttpHeader;

/*
 * A whole request.  Everything belongs to the event loop and stays valid until
 * the reply is done.
 */
typedef struct DdbHttpRequest
{
	const char *method;			/* "POST" */
	const char *target;			/* as it was sent: "/path?query", or with "http://host" before it */
	int			nheaders;
	const DdbHttpHeader *headers;	/* in the order they were sent */
	const char *body;			/* chunks put together; still in its Content-Encoding */
	size_t		body_len;
	bool		tls;			/* came over TLS */
	bool		loopback;		/* came from this machine */
	int64_t		received_us;	/* monotonic time at which it was complete */
	int			attempt;		/* how often it was tried before: 0, 1, ... */
	uint64_t   *note;			/* the engine's, kept from try to try; 0 at the first */
	char		id[53];			/* x-amzn-RequestId */
} DdbHttpRequest;

/*
 * The answer to a request.  What it points to belongs to the engine and stays
 * valid until the engine is called again.
 */
typedef struct DdbHttpReply
{
	int			status;			/* 200 */
	const char *headers;		/* "Name: value\r\n" lines, all but Content-Length, Date, Server, Connection */
	size_t		headers_len;
	const char *body;
	size_t		body_len;
	int			retry_ms;		/* DDB_HTTP_RETRY: when to try again */
	int			ticket;			/* for position(); -1: the answer waits for the end of the turn only */
} DdbHttpReply;

typedef enum DdbHttpResult
{
	DDB_HTTP_DONE,				/* the reply is there */
	DDB_HTTP_RETRY				/* nothing has happened; call again in retry_ms */
} DdbHttpResult;

/* What the event loop asks of the engine.  No function ever raises an error. */
typedef struct DdbHttpEngine
{
	/* answers a request, or asks for it to be tried again later */
	DdbHttpResult (*handle) (const DdbHttpRequest *request, DdbHttpReply *reply);
	/* tells whether a request may take long: then it comes after those that don't */
	bool		(*is_long) (const DdbHttpRequest *request);
	/* makes everything durable here that was answered since the last call; then the answers go out */
	void		(*end_turn) (void);
	/* after end_turn, what an answer must wait for besides: a position, or 0 for nothing */
	uint64_t	(*position) (int ticket);
	/* tells whether an answer that waits for position may go out */
	bool		(*safe) (uint64_t position);
	/* called when woken and once a second; false asks the loop to end */
	bool		(*tick) (void);
	/* connections open now, for the statistics; refused ones count up */
	void		(*connections) (int open, int opened, int refused);
	/* writes a line to the server's log */
	void		(*log) (const char *message);
} DdbHttpEngine;

/* Limits and addresses; the engine fills it from its settings. */
typedef struct DdbHttpConfig
{
	int			port;
	const char *addresses;		/* comma-separated; "*" is any */
	bool		loopback_only;	/* leave out every other address */
	int			max_connections;
	int			max_header;		/* bytes */
	size_t		max_body;		/* bytes */
	size_t		max_buffered;	/* bytes of all unfinished requests */
	size_t		max_unsent;		/* bytes of all answers that clients have not taken */
	int			idle_timeout;	/* seconds between requests */
	int			read_timeout;	/* seconds for a request to arrive, or an answer to be taken */
	bool		tls;
	const char *tls_certificate;	/* file names */
	const char *tls_key;
} DdbHttpConfig;

/* server.c */

/*
 * ddb_http_server_create makes the event loop; ddb_http_server_configure gives it
 * addresses and limits, at once and whenever they change: false when it could
 * listen nowhere, which can be tried again.  ddb_http_server_run runs until
 * tick() says to end and what is in flight is answered, or grace seconds have
 * passed, or watch_fd becomes readable.
 */
extern bool ddb_http_server_create(const DdbHttpEngine *engine, int watch_fd);
extern bool ddb_http_server_configure(const DdbHttpConfig *config);
extern void ddb_http_server_run(int grace);

/*
 * ddb_http_addresses_free tells whether nobody listens on any of config's
 * addresses; false comes with a message.  SO_REUSEPORT, which our workers
 * listen with, would let another cluster of the same user share them silently.
 */
extern bool ddb_http_addresses_free(const DdbHttpConfig *config, char *message, size_t size);

/* ddb_http_server_wake makes the loop call tick() soon; safe in signal handlers. */
extern void ddb_http_server_wake(void);

/* http.c */
extern int64_t ddb_http_now_us(void);
extern void ddb_http_make_id(char id[53]);

/*
 * ddb_http_header finds a header by its name, in any case; NULL when there is
 * none.  The first one counts.
 */
extern const char *ddb_http_header(const DdbHttpRequest *request, const char *name);

/*
 * ddb_http_target_path is a request's target from its path on: without the scheme
 * and host that the absolute form begins with ("RFC 9112: absolute-form").  A target
 * without a path gives what follows the host.
 */
extern const char *ddb_http_target_path(const DdbHttpRequest *request);

#endif							/* DDB_HTTP_H */
