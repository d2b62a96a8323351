/*
 * transport.c
 *	  Sockets: listening, plain and TLS.
 *
 * Every worker has listening sockets of its own on the same addresses
 * (SO_REUSEPORT), and the kernel spreads new connections over them.  Because that
 * option would let a second cluster of the same user share the port silently, it is
 * tried without before the first worker starts (ddb_http_addresses_free).
 *
 * TLS is OpenSSL on the non-blocking socket.
 */
#include "http/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * ddb_transport_configure loads certificate and key, if TLS is asked for.  The
 * old ones stay in use when that fails.
 */
bool
ddb_transport_configure(DdbHttpServer *server, const DdbHttpConfig *config)
{
	SSL_CTX    *context = NULL;

	if (config->tls)
	{
		context = SSL_CTX_new(TLS_server_method());
		if (context == NULL ||
			!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
			SSL_CTX_use_certificate_chain_file(context, config->tls_certificate) != 1 ||
			SSL_CTX_use_PrivateKey_file(context, config->tls_key, SSL_FILETYPE_PEM) != 1 ||
			SSL_CTX_check_private_key(context) != 1)
		{
			char		message[512];
			char		reason[256];

			ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
			snprintf(message, sizeof(message), "could not use certificate \"%s\" and key \"%s\": %s",
					 config->tls_certificate, config->tls_key, reason);
			server->engine->log(message);
			ERR_clear_error();
			SSL_CTX_free(context);
			return false;
		}
		SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
						 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
		SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	}
	if (server->ssl_context != NULL)
		SSL_CTX_free(server->ssl_context);
	server->ssl_context = context;
	return true;
}

/*
 * ddb_transport_start prepares an accepted socket.
 */
bool
ddb_transport_start(DdbConn *conn)
{
	int			on = 1;

	(void) setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void) setsockopt(conn->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (ddb_http_server.ssl_context == NULL)
		return true;
	conn->ssl = SSL_new(ddb_http_server.ssl_context);
	if (conn->ssl == NULL || !SSL_set_fd(conn->ssl, conn->fd))
		return false;
	SSL_set_accept_state(conn->ssl);
	return true;
}

/*
 * tls_result turns what OpenSSL gave into a count, DDB_IO_AGAIN, DDB_IO_ERROR or 0
 * for the end.
 */
static long
tls_result(DdbConn *conn, int result)
{
	int			error;

	if (result > 0)
		return result;
	error = SSL_get_error(conn->ssl, result);
	ERR_clear_error();
	if (error == SSL_ERROR_WANT_WRITE)
		conn->ssl_wants_write = true;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return DDB_IO_AGAIN;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : DDB_IO_ERROR;
}

static long
plain_result(ssize_t result)
{
	if (result >= 0)
		return result;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ?
		DDB_IO_AGAIN : DDB_IO_ERROR;
}

/*
 * ddb_transport_read gives the number of bytes read, 0 at the end.
 */
long
ddb_transport_read(DdbConn *conn, char *data, size_t len)
{
	if (conn->ssl == NULL)
		return plain_result(recv(conn->fd, data, len, 0));
	conn->ssl_wants_write = false;
	ERR_clear_error();
	return tls_result(conn, SSL_read(conn->ssl, data, (int) len));
}

/*
 * ddb_transport_write gives the number of bytes written.
 */
long
ddb_transport_write(DdbConn *conn, const char *data, size_t len)
{
	long		result;

	if (conn->ssl == NULL)
		return plain_result(send(conn->fd, data, len, MSG_NOSIGNAL));
	ERR_clear_error();
	if (len > 1024 * 1024)
		len = 1024 * 1024;
	result = tls_result(conn, SSL_write(conn->ssl, data, (int) len));
	return result == 0 ? DDB_IO_ERROR : result;
}

/*
 * ddb_transport_end says that nothing more will be sent.
 */
void
ddb_transport_end(DdbConn *conn)
{
	if (conn->ssl != NULL)
	{
		ERR_clear_error();
		(void) SSL_shutdown(conn->ssl);
		ERR_clear_error();
	}
	(void) shutdown(conn->fd, SHUT_WR);
}

static bool
is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *) address)->sin_addr.s_addr) >> 24) == 127;
	if (address->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *) address)->sin6_addr);
	return false;
}

/*
 * listen_on makes one listening socket.
 */
static int
listen_on(const struct addrinfo *info, bool reuse_port)
{
	int			on = 1;
	int			fd = socket(info->ai_family,
							SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, info->ai_protocol);

	if (fd < 0)
		return -1;
	(void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6)
		(void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if ((reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) ||
		bind(fd, info->ai_addr, info->ai_addrlen) < 0 ||
		listen(fd, 1024) < 0)
	{
		int			saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/*
 * ddb_transport_listen opens listening sockets for a name or address: on every
 * address that the name has and that works.  "*" is every address of the machine.
 */
int
ddb_transport_listen(const char *address, const DdbHttpConfig *config, bool reuse_port,
					 int *fds, int room, char *message, size_t size)
{
	struct addrinfo hints;
	struct addrinfo *found = NULL;
	struct addrinfo *info;
	char		service[16];
	int			n = 0;
	int			error;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	snprintf(service, sizeof(service), "%d", config->port);
	error = getaddrinfo(strcmp(address, "*") == 0 ? NULL : address, service, &hints, &found);
	if (error != 0)
	{
		snprintf(message, size, "could not listen on \"%s\": %s", address, gai_strerror(error));
		errno = 0;
		return 0;
	}
	error = 0;
	for (info = found; info != NULL && n < room; info = info->ai_next)
	{
		if (config->loopback_only && !is_loopback(info->ai_addr))
		{
			error = EPERM;
			continue;
		}
		fds[n] = listen_on(info, reuse_port);
		if (fds[n] >= 0)
			n++;
		else if (error != EADDRINUSE)
			error = errno;
	}
	freeaddrinfo(found);
	if (n == 0 && config->loopback_only && error == EPERM)
		snprintf(message, size, "not listening on \"%s\": with ddb.http_auth = any only addresses of this machine itself are served", address);
	else if (n == 0)
		snprintf(message, size, "could not listen on \"%s\", port %d: %s", address, config->port, strerror(error));
	errno = error;
	return n;
}

/*
 * ddb_http_addresses_free tells whether nobody listens on any of the addresses,
 * by listening there for a moment alone.
 */
bool
ddb_http_addresses_free(const DdbHttpConfig *config, char *message, size_t size)
{
	char	   *addresses = strdup(config->addresses);
	char	   *rest = addresses;
	char	   *address;
	bool		all_free = true;

	while (addresses != NULL && all_free && (address = strtok_r(rest, ", \t", &rest)) != NULL)
	{
		int			fds[16];
		int			n = ddb_transport_listen(address, config, false, fds, 16, message, size);

		if (errno == EADDRINUSE)
		{
			snprintf(message, size, "waiting for port %d of \"%s\", which is in use",
					 config->port, address);
			all_free = false;
		}
		while (n > 0)
			close(fds[--n]);
	}
	free(addresses);
	return all_free;
}
