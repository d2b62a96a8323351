/*
 * http_loop.c
 *	  The endpoint's event loop, by itself, under clients that mean it harm.
 *
 * Built with the sanitizers from the event loop's own sources and a make-believe
 * engine that answers at once, late, or never with success.  A child process sends
 * requests that are whole, mutilated, cut, repeated, chunked and mixed, in pieces of
 * any size, and hangs up whenever it likes; in between it makes sure that a good
 * request still gets its answer.  Arguments: port, seconds, seed.  Exit code 0 when
 * every good request was answered and nothing is left of the bad ones.
 */
#include "http/conn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t client;
static bool client_failed;
static int	answered;

/* ---- the engine ---- */

static DdbHttpResult
handle(const DdbHttpRequest *request, DdbHttpReply *reply)
{
	static char body[200000];
	size_t		sum = request->body_len;
	int			i;

	/* touch everything, for the sanitizer to see */
	sum += strlen(request->method) + strlen(request->target) + strlen(request->body) + strlen(request->id);
	for (i = 0; i < request->nheaders; i++)
		sum += strlen(request->headers[i].name) + strlen(request->headers[i].value);
	for (i = 0; i < (int) request->body_len; i++)
		sum += (unsigned char) request->body[i];
	if (request->attempt < (int) (sum % 4) && strcmp(request->target, "/good") != 0)
	{
		reply->retry_ms = 1;
		return DDB_HTTP_RETRY;
	}
	memset(body, 'x', sizeof(body));
	reply->status = 200;
	reply->headers = "Content-Type: text/plain\r\n";
	reply->headers_len = strlen(reply->headers);
	reply->body = body;
	reply->body_len = strcmp(request->target, "/good") == 0 ? 4 : sum % sizeof(body);
	reply->ticket = answered % 5;
	if (reply->ticket != 1)
		reply->ticket = -1;
	answered++;
	return DDB_HTTP_DONE;
}

/* every third request goes to the queue, every fifth answer is held back for a while */

static bool
is_long(const DdbHttpRequest *request)
{
	return request->body_len % 3 == 1;
}

static void
end_turn(void)
{
}

static uint64_t
position(int ticket)
{
	return ticket > 0 ? ddb_http_now_us() + 3000 : 0;
}

static bool
safe(uint64_t position)
{
	return (uint64_t) ddb_http_now_us() >= position;
}

static bool
tick(void)
{
	int			status;

	if (waitpid(client, &status, WNOHANG) != client)
		return true;
	client_failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	return false;
}

static void
count_connections(int open, int opened, int refused)
{
	(void) open;
	(void) opened;
	(void) refused;
}

static void
say(const char *message)
{
	fprintf(stderr, "%s\n", message);
}

static const DdbHttpEngine engine = {
	.handle = handle,
	.is_long = is_long,
	.end_turn = end_turn,
	.position = position,
	.safe = safe,
	.tick = tick,
	.connections = count_connections,
	.log = say
};

/* ---- the client ---- */

static int
connect_to(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,.sin_port = htons(port)};
	struct timeval patience = {10, 0};
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0)
	{
		close(fd);
		return -1;
	}
	return fd;
}

static const char *const seeds[] = {
	"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
	"POST /?a=b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
	"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
	"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
	"CONNECT a:1 HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nPRI",
	"OPTIONS * HTTP/1.1\r\nA:\r\nB: \r\n folded\r\nConnection: close\r\n\r\n",
};

/*
 * make_input puts together a few seeds and spoils some of them.
 */
static size_t
make_input(char *out, size_t size)
{
	size_t		len = 0;
	int			parts = 1 + rand() % 30;

	while (parts-- > 0)
	{
		const char *seed = seeds[rand() % (sizeof(seeds) / sizeof(seeds[0]))];
		size_t		n = strlen(seed);
		int			spoil = rand() % 3 == 0 ? rand() % 8 : 0;

		if (len + n > size)
			break;
		memcpy(out + len, seed, n);
		while (spoil-- > 0)
		{
			size_t		at = len + rand() % n;

			switch (rand() % 4)
			{
				case 0:
					out[at] = rand();
					break;
				case 1:
					out[at] = "\r\n: \0;,"[rand() % 7];
					break;
				case 2:
					n = at - len + 1;
					break;
				default:
					out[at] ^= 1 << rand() % 8;
			}
		}
		len += n;
	}
	return len;
}

static bool
good_request(int port)
{
	static const char request[] = "POST /good HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
	char		answer[1024];
	size_t		len = 0;
	int			fd = connect_to(port);
	bool		good = false;

	if (fd < 0 || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return false;
	while (!good && len < sizeof(answer) - 1)
	{
		ssize_t		n = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);

		if (n <= 0)
			break;
		len += n;
		answer[len] = '\0';
		good = strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0 && strstr(answer, "\r\n\r\nxxxx") != NULL;
	}
	close(fd);
	return good;
}

static int
run_client(int port, int seconds, int seed)
{
	int64_t		end = ddb_http_now_us() + (int64_t) seconds * 1000000;
	int			rounds = 0;

	srand(seed);
	while (ddb_http_now_us() < end)
	{
		char		input[16384];
		char		ignored[65536];
		size_t		len = make_input(input, sizeof(input));
		size_t		sent = 0;
		int			fd = connect_to(port);
		size_t		piece = rand() % 4 == 0 ? 1 + rand() % 20 : len;

		if (fd < 0)
			return 1;
		while (sent < len)
		{
			size_t		n = len - sent < piece ? len - sent : piece;

			if (send(fd, input + sent, n, MSG_NOSIGNAL) < 0)
				break;
			sent += n;
			if (rand() % 16 == 0)
				(void) recv(fd, ignored, sizeof(ignored), MSG_DONTWAIT);
			if (rand() % 500 == 0)
				break;
		}
		if (rand() % 2)
			shutdown(fd, SHUT_WR);
		if (rand() % 4 == 0)
			(void) recv(fd, ignored, sizeof(ignored), 0);
		close(fd);
		if (++rounds % 20 == 0 && !good_request(port))
		{
			fprintf(stderr, "a good request got no answer in round %d\n", rounds);
			return 1;
		}
	}
	printf("%d connections\n", rounds);
	return 0;
}

int
main(int argc, char **argv)
{
	DdbHttpConfig config = {
		.addresses = "127.0.0.1",.loopback_only = true,.max_connections = 500,.max_header = 4096,
		.max_body = 100000,.max_buffered = 1000000,.max_unsent = 2000000,.idle_timeout = 2,.read_timeout = 1
	};
	int			never[2];

	if (argc != 4 || pipe(never) != 0)
		return 2;
	config.port = atoi(argv[1]);
	if (!ddb_http_server_create(&engine, never[0]) || !ddb_http_server_configure(&config))
		return 2;
	client = fork();
	if (client == 0)
	{
		int			result = run_client(config.port, atoi(argv[2]), atoi(argv[3]));

		fflush(stdout);
		_exit(result);
	}
	ddb_http_server_run(5);
	if (ddb_http_server.nconnections != 0 || ddb_http_server.buffered != 0 ||
		ddb_http_server.unsent != 0 || ddb_http_server.nheld != 0 || ddb_http_server.first_queued != NULL)
	{
		fprintf(stderr, "left over: %d connections, %zu and %zu bytes, %d held\n", ddb_http_server.nconnections,
				ddb_http_server.buffered, ddb_http_server.unsent, ddb_http_server.nheld);
		return 1;
	}
	printf("%d answers\n", answered);
	return client_failed ? 1 : 0;
}
