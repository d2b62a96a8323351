/*
 * http.h
 *	  What the event loop and the engine say to each other.
 *
 * The event loop (server.c and its neighbours) knows sockets and HTTP and
 * nothing of PostgreSQL; the engine side (protocol.c, worker/http_worker.c)
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
	const char *target;			/* as it was sent: "/path?query" */
	int			nheaders;
	const DdbHttpHeader *headers;	/* in the order they were sent */
	const char *body;			/* chunks put together; still in its Content-Encoding */
	size_t		body_len;
	bool		tls;			/* came over TLS */
	bool		loopback;		/* came from this machine */
	int64_t		received_us;	/* monotonic time at which it was complete */
	int			attempt;		/* how often it was tried before: 0, 1, ... */
	char		id[53];			/* x-amzn-RequestId */
} DdbHttpRequest;

/*
 * ddb_http_header finds a header by its name, in any case; NULL when there is
 * none.  The first one counts.
 */
extern const char *ddb_http_header(const DdbHttpRequest *request, const char *name);

#endif							/* DDB_HTTP_H */
