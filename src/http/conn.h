/*
 * conn.h
 *	  Inside the event loop: connections, their buffers and their sockets.
 */
#ifndef DDB_HTTP_CONN_H
#define DDB_HTTP_CONN_H

#include "http/http.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <http_parser.h>
#include <openssl/ssl.h>

#ifdef POSTGRES_H
#error "the event loop must not see PostgreSQL's headers"
#endif

#define DDB_HTTP_MAX_HEADERS	100
#define DDB_HTTP_SCRATCH		65536	/* bytes read at once */
#define DDB_HTTP_PIPELINE		16	/* requests of one connection in one turn */
#define DDB_HTTP_MAX_OUT		(4 * 1024 * 1024)	/* unsent bytes at which we stop reading */
#define DDB_HTTP_SLICE			(256 * 1024)	/* bytes of a connection sent in one turn */
#define DDB_HTTP_TURN_US		5000	/* requests of a turn after which the others wait for the next */
#define DDB_HTTP_LONG_US		2000	/* the same for requests that take long */
#define DDB_HTTP_KEEP			4096	/* bytes an idle connection's buffer may hold on to */

/* Bytes in malloc's memory. */
typedef struct DdbBuffer
{
	char	   *data;
	size_t		len;
	size_t		size;
} DdbBuffer;

typedef enum DdbConnState
{
	DDB_CONN_READING,			/* waiting for a request, or in the middle of one */
	DDB_CONN_WAITING,			/* the engine wants to be asked again */
	DDB_CONN_QUEUED,			/* its request waits among those that take long */
	DDB_CONN_CLOSING,			/* no more requests; the rest of the answers goes out */
	DDB_CONN_LINGERING			/* everything is sent; reading what the client still sends */
} DdbConnState;

typedef struct DdbConn DdbConn;

struct DdbConn
{
	DdbConn    *prev;			/* all connections */
	DdbConn    *next;
	DdbConn    *next_dirty;		/* those with something to do at the end of the turn */
	bool		dirty;
	bool		dead;			/* to be freed at the end of the turn */
	DdbConn    *prev_queued;	/* QUEUED */
	DdbConn    *next_queued;
	DdbConnState state;
	int			fd;
	SSL		   *ssl;
	bool		ssl_wants_write;	/* TLS must write before it can read */
	bool		loopback;
	bool		peer_closed;	/* no more bytes will come */
	short		watching;		/* EV_READ, EV_WRITE */
	struct event event;
	struct event timer;			/* WAITING: when to ask again */
	int64_t		deadline;		/* microseconds; the connection ends then */

	http_parser parser;
	DdbBuffer	in;				/* received and not parsed */
	DdbBuffer	head;			/* target, header names and values, each with a zero byte */
	DdbBuffer	body;
	DdbBuffer	out;
	size_t		out_sent;
	size_t		out_ready;		/* up to here it may be sent */
	size_t		out_due;		/* sending up to here moves the deadline */
	int64_t		taken_us;		/* when the client took something last, or had to begin */
	int			ntickets;		/* answers of this turn */
	int			tickets[DDB_HTTP_PIPELINE];
	bool		held;			/* what is beyond out_ready waits for a position */
	uint64_t	position;

	/* the request being received */
	bool		started;
	bool		headers_done;
	bool		in_value;		/* the last header callback was for a value */
	bool		complete;
	int			refuse;			/* status that answers a request we won't take, or 0 */
	int			nheaders;
	uint32_t	names[DDB_HTTP_MAX_HEADERS];	/* offsets in head */
	uint32_t	values[DDB_HTTP_MAX_HEADERS];
	bool		keep_alive;
	uint64_t	note;			/* see http.h */
	int			attempt;
	int64_t		received_us;
	char		id[53];
};

/* What the event loop of this process knows. */
typedef struct DdbHttpServer
{
	const DdbHttpEngine *engine;
	DdbHttpConfig config;
	struct event_base *base;
	SSL_CTX    *ssl_context;
	DdbConn    *connections;
	int			nconnections;
	DdbConn    *dirty;
	DdbConn    *first_queued;
	DdbConn    *last_queued;
	int			nheld;			/* connections that are held */
	DdbConn    *leftovers_at;	/* whose leftovers are to be looked at next */
	int64_t		turn_began;		/* first request of this turn, or 0 */
	bool		again;			/* a connection has requests left for the next turn */
	bool		stopping;
	size_t		buffered;		/* bytes of unfinished requests */
	size_t		unsent;			/* bytes of answers */
	int			limit;			/* connections */
	char	   *scratch;
} DdbHttpServer;

extern DdbHttpServer ddb_http_server;

/* buffer.c */
extern bool ddb_buffer_reserve(DdbBuffer *buffer, size_t len);
extern bool ddb_buffer_append(DdbBuffer *buffer, const void *data, size_t len);
extern void ddb_buffer_drop(DdbBuffer *buffer, size_t len);
extern void ddb_buffer_clear(DdbBuffer *buffer);
extern void ddb_buffer_free(DdbBuffer *buffer);

/* transport.c: like read and write, with these for what is no count */
#define DDB_IO_AGAIN	(-1)
#define DDB_IO_ERROR	(-2)
extern bool ddb_transport_configure(DdbHttpServer *server, const DdbHttpConfig *config);
extern bool ddb_transport_start(DdbConn *conn);
extern long ddb_transport_read(DdbConn *conn, char *data, size_t len);
extern long ddb_transport_write(DdbConn *conn, const char *data, size_t len);
extern void ddb_transport_end(DdbConn *conn);

/*
 * ddb_transport_listen opens listening sockets for one name or address, at most
 * room of them, and gives their number; 0 comes with a message and errno.
 */
extern int	ddb_transport_listen(const char *address, const DdbHttpConfig *config,
								 bool reuse_port, int *fds, int room,
								 char *message, size_t size);

/* conn.c */
extern void ddb_conn_open(int fd, bool loopback);
extern void ddb_conn_end_turn(DdbConn *conn);
extern void ddb_conn_close(DdbConn *conn);
extern void ddb_conn_sweep(DdbConn *conn, int64_t now);
extern void ddb_conn_mark(DdbConn *conn);
extern bool ddb_conn_put(DdbConn *conn, const void *data, size_t len);
extern void ddb_conn_again(DdbConn *conn);

/* ddb_conn_release sends what is held, if its position is safe now. */
extern void ddb_conn_release(DdbConn *conn);

/* ddb_conn_run_queued runs requests that take long, for DDB_HTTP_LONG_US or one of them. */
extern bool ddb_conn_can_run_queued(void);
extern void ddb_conn_run_queued(void);

/* parse.c */
extern void ddb_parse_init(DdbConn *conn);

/* ddb_parse takes bytes from *data; it stops after a whole request (conn->complete) or one to refuse. */
extern size_t ddb_parse(DdbConn *conn, const char *data, size_t len);
extern void ddb_parse_reset(DdbConn *conn);

#endif							/* DDB_HTTP_CONN_H */
