/*
 * server.c
 *	  The event loop: listening sockets, turns, timeouts, the end.
 *
 * A turn is: wait for sockets and timers, run what is ready (requests go to the
 * engine, their answers pile up), let the engine make everything durable at once,
 * send the answers.  It ends early when it has taken long; then some of the requests
 * that may take long themselves are run.  One loop for a process; nothing here blocks
 * but the wait itself.
 */
#include "http/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LISTENERS	16
#define ACCEPTS			64		/* new connections in one turn, for each listener */
#define HELD_US			1000	/* time between two looks at what is held back */
#define SPARE_FILES		1200	/* file descriptors that PostgreSQL may want */

DdbHttpServer ddb_http_server;

static int	wake_pipe[2] = {-1, -1};
static int	listener_fds[MAX_LISTENERS];
static struct event *listeners[MAX_LISTENERS];
static int	nlisteners;
static bool accepting;
static char *listening_on;		/* what the listeners were opened for */
static struct event *second;
static struct event *held_timer;
static bool watched_ended;

static void stop_listening(void);

/*
 * run_tick asks the engine whether to go on.
 */
static void
run_tick(void)
{
	if (!ddb_http_server.stopping && !ddb_http_server.engine->tick())
	{
		ddb_http_server.stopping = true;
		stop_listening();
	}
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	char		bytes[64];

	(void) what;
	(void) arg;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
	run_tick();
}

static void
on_watched(evutil_socket_t fd, short what, void *arg)
{
	(void) fd;
	(void) what;
	(void) arg;
	watched_ended = true;
}

static void
set_accepting(bool on)
{
	int			i;

	if (accepting == on)
		return;
	accepting = on;
	for (i = 0; i < nlisteners; i++)
	{
		if (on)
			event_add(listeners[i], NULL);
		else
			event_del(listeners[i]);
	}
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	int64_t		now = ddb_http_now_us();
	DdbConn    *conn;

	(void) fd;
	(void) what;
	(void) arg;
	for (conn = ddb_http_server.connections; conn != NULL; conn = conn->next)
		ddb_conn_sweep(conn, now);
	set_accepting(true);
	run_tick();
}

/*
 * on_held looks whether answers that are held back may go out.
 */
static void
on_held(evutil_socket_t fd, short what, void *arg)
{
	DdbConn    *conn;

	(void) fd;
	(void) what;
	(void) arg;
	for (conn = ddb_http_server.connections; conn != NULL && ddb_http_server.nheld > 0; conn = conn->next)
		ddb_conn_release(conn);
}

/*
 * on_connection accepts what is waiting.  Without file descriptors it rests until
 * the next second.
 */
static void
on_connection(evutil_socket_t listener, short what, void *arg)
{
	DdbHttpServer *server = &ddb_http_server;
	int			i;

	(void) what;
	(void) arg;
	for (i = 0; i < ACCEPTS; i++)
	{
		struct sockaddr_storage peer;
		socklen_t	len = sizeof(peer);
		bool		loopback = false;
		int			fd = accept4(listener, (struct sockaddr *) &peer, &len,
								 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
		{
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
				set_accepting(false);
			return;
		}
		if (server->nconnections >= server->limit)
		{
			static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

			if (server->ssl_context == NULL)
				(void) send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL);
			close(fd);
			server->engine->connections(server->nconnections, 0, 1);
			continue;
		}
		if (peer.ss_family == AF_INET)
			loopback = (ntohl(((struct sockaddr_in *) &peer)->sin_addr.s_addr) >> 24) == 127;
		else if (peer.ss_family == AF_INET6)
			loopback = IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *) &peer)->sin6_addr);
		ddb_conn_open(fd, loopback);
	}
}

static void
stop_listening(void)
{
	while (nlisteners > 0)
	{
		nlisteners--;
		event_free(listeners[nlisteners]);
		close(listener_fds[nlisteners]);
	}
}

/*
 * listen_everywhere opens the listeners; true when at least one is open.
 */
static bool
listen_everywhere(const DdbHttpConfig *config)
{
	DdbHttpServer *server = &ddb_http_server;
	char	   *addresses = strdup(config->addresses);
	char	   *rest = addresses;
	char	   *address;

	while (addresses != NULL && nlisteners < MAX_LISTENERS &&
		   (address = strtok_r(rest, ", \t", &rest)) != NULL)
	{
		char		message[512];
		int			n = ddb_transport_listen(address, config, true, listener_fds + nlisteners,
											 MAX_LISTENERS - nlisteners, message,
											 sizeof(message));

		if (n == 0)
			server->engine->log(message);
		for (; n > 0; n--, nlisteners++)
		{
			listeners[nlisteners] = event_new(server->base, listener_fds[nlisteners],
											  EV_READ | EV_PERSIST, on_connection, NULL);
			event_add(listeners[nlisteners], NULL);
		}
	}
	accepting = true;
	free(addresses);
	return nlisteners > 0;
}

/*
 * connection_limit is the number of connections we may have: as configured, but
 * leaving PostgreSQL its file descriptors.
 */
static int
connection_limit(int wanted)
{
	struct rlimit files;
	long		room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return wanted;
	if (files.rlim_cur < files.rlim_max && files.rlim_cur < (rlim_t) wanted + SPARE_FILES)
	{
		rlim_t		cur = (rlim_t) wanted + SPARE_FILES;

		files.rlim_cur = cur < files.rlim_max ? cur : files.rlim_max;
		(void) setrlimit(RLIMIT_NOFILE, &files);
		(void) getrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur >= (rlim_t) wanted + SPARE_FILES)
		return wanted;
	room = (long) files.rlim_cur - SPARE_FILES;
	return room > (long) files.rlim_cur / 4 ? (int) room : (int) (files.rlim_cur / 4);
}

/*
 * ddb_http_server_configure applies addresses and limits; false when it could
 * listen nowhere.
 */
bool
ddb_http_server_configure(const DdbHttpConfig *config)
{
	DdbHttpServer *server = &ddb_http_server;
	char		wanted[1024];

	server->config = *config;
	server->limit = connection_limit(config->max_connections);
	http_parser_set_max_header_size(config->max_header);
	if (!ddb_transport_configure(server, config) && server->ssl_context == NULL)
	{
		/* without its certificate it must not speak plain text */
		stop_listening();
		return false;
	}
	snprintf(wanted, sizeof(wanted), "%d %d %s", config->port, config->loopback_only,
			 config->addresses);
	if (nlisteners > 0 && listening_on != NULL && strcmp(listening_on, wanted) == 0)
		return true;
	stop_listening();
	free(listening_on);
	listening_on = strdup(wanted);
	return listen_everywhere(config);
}

/*
 * ddb_http_server_create makes the event loop.
 */
bool
ddb_http_server_create(const DdbHttpEngine *engine, int watch_fd)
{
	DdbHttpServer *server = &ddb_http_server;
	struct timeval each_second = {1, 0};
	struct event *wake;
	struct event *watch;

	(void) signal(SIGPIPE, SIG_IGN);
	server->engine = engine;
	server->base = event_base_new();
	server->scratch = malloc(DDB_HTTP_SCRATCH);
	if (server->base == NULL || server->scratch == NULL ||
		pipe2(wake_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
		return false;
	wake = event_new(server->base, wake_pipe[0], EV_READ | EV_PERSIST, on_wake, NULL);
	watch = event_new(server->base, watch_fd, EV_READ, on_watched, NULL);
	second = event_new(server->base, -1, EV_PERSIST, on_second, NULL);
	held_timer = evtimer_new(server->base, on_held, NULL);
	return wake != NULL && watch != NULL && second != NULL && held_timer != NULL &&
		event_add(wake, NULL) == 0 && event_add(watch, NULL) == 0 &&
		event_add(second, &each_second) == 0;
}

/*
 * ddb_http_server_wake makes the loop call tick() soon.
 */
void
ddb_http_server_wake(void)
{
	int			saved = errno;

	if (wake_pipe[1] >= 0 && write(wake_pipe[1], "", 1) < 0)
	{
		/* the pipe is full: it is going to wake already */
	}
	errno = saved;
}

/*
 * end_turn makes durable, then sends.
 */
static void
end_turn(void)
{
	DdbHttpServer *server = &ddb_http_server;
	struct timeval soon = {0, HELD_US};
	DdbConn    *dirty = server->dirty;

	server->engine->end_turn();
	server->dirty = NULL;
	while (dirty != NULL)
	{
		DdbConn    *conn = dirty;

		dirty = conn->next_dirty;
		conn->dirty = false;
		ddb_conn_end_turn(conn);
	}
	server->turn_began = 0;
	if (server->nheld > 0 && !evtimer_pending(held_timer, NULL))
		evtimer_add(held_timer, &soon);
}

/*
 * take_leftovers goes on with connections that had more requests than fit in one
 * turn: for as long as a turn may take, then with the next ones in the next turn.
 */
static void
take_leftovers(void)
{
	DdbHttpServer *server = &ddb_http_server;
	DdbConn    *conn = server->leftovers_at;

	server->again = false;
	for (int n = server->nconnections; n > 0; n--)
	{
		if (conn == NULL)
			conn = server->connections;
		if (server->turn_began != 0 &&
			ddb_http_now_us() - server->turn_began > DDB_HTTP_TURN_US)
		{
			server->again = true;
			break;
		}
		ddb_conn_again(conn);
		conn = conn->next;
	}
	server->leftovers_at = conn;
}

/*
 * close_idle ends the connections that are in the middle of nothing.
 */
static void
close_idle(void)
{
	DdbConn    *conn;

	for (conn = ddb_http_server.connections; conn != NULL; conn = conn->next)
	{
		if (conn->state != DDB_CONN_WAITING && !conn->started && conn->in.len == 0 &&
			conn->out.len == 0)
			ddb_conn_close(conn);
	}
}

/*
 * ddb_http_server_run runs until the engine says to end.
 */
void
ddb_http_server_run(int grace)
{
	DdbHttpServer *server = &ddb_http_server;
	int64_t		end = 0;

	while (!watched_ended)
	{
		bool		again = server->again;
		bool		wait = !again && !ddb_conn_can_run_queued();

		if (event_base_loop(server->base, wait ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK) < 0)
			break;
		if (again)
			take_leftovers();
		if (server->stopping)
		{
			if (end == 0)
				end = ddb_http_now_us() + (int64_t) grace * 1000000;
			close_idle();
		}
		end_turn();
		if (ddb_conn_can_run_queued())
		{
			ddb_conn_run_queued();
			end_turn();
		}
		if (server->stopping && (server->nconnections == 0 || ddb_http_now_us() >= end))
			break;
	}
}
