/*
 * origin.c
 *	  Which web pages may use the endpoint.
 *
 * With signatures any page may: a browser keeps nothing that would sign for it, so a
 * page has what its user gave it, and answers allow every origin, as the service's do.
 *
 * With ddb.http_auth = any whoever reaches the endpoint may do everything, and a
 * browser on this machine reaches it for every page that it shows.  Then only pages of
 * this machine and those of ddb.http_trusted_origins may.  A page tells its origin when
 * it sends something, unless it is one of ours: an attacker can let a name of his own
 * point to this machine, so requests for such a name are not taken either.
 */
#include "postgres.h"

#include "endpoint/protocol.h"
#include "settings.h"

/* Top-level domains whose names no stranger can have. */
static const char *const own_domains[] = {
	"localhost", "local", "internal", "test", "example", "invalid", "arpa"
};

/*
 * host_of finds the host in "host:port" or "[address]:port".  *len is 0 when it is
 * neither.
 */
static const char *
host_of(const char *text, size_t *len)
{
	const char *end;

	if (text[0] == '[')
	{
		end = strchr(text, ']');
		*len = end != NULL ? end + 1 - text : 0;
	}
	else
		*len = strcspn(text, ":");
	end = text + *len;
	if (*end != '\0' && (*end != ':' || end[1 + strspn(end + 1, "0123456789")] != '\0'))
		*len = 0;
	return text;
}

/*
 * is_address tells whether a host is an IP address.
 */
static bool
is_address(const char *host, size_t len)
{
	return len > 0 && (host[0] == '[' || strspn(host, "0123456789.") == len);
}

/*
 * in_domain tells whether a host is a domain's name or of a name in it.
 */
static bool
in_domain(const char *host, size_t len, const char *domain)
{
	size_t		domain_len = strlen(domain);

	return len >= domain_len && pg_strncasecmp(host + len - domain_len, domain, domain_len) == 0 &&
		(len == domain_len || host[len - domain_len - 1] == '.');
}

static bool
is_loopback(const char *host, size_t len)
{
	return in_domain(host, len, "localhost") ||
		(is_address(host, len) && strncmp(host, "127.", 4) == 0) ||
		(len == 5 && strncmp(host, "[::1]", 5) == 0);
}

/*
 * is_trusted looks for a text in ddb.http_trusted_origins, a list with commas.
 */
static bool
is_trusted(const char *text, size_t len)
{
	const char *p = ddb_http_trusted_origins;

	for (;;)
	{
		size_t		entry_len;

		p += strspn(p, ", \t");
		if (*p == '\0')
			return false;
		entry_len = strcspn(p, ", \t");
		if ((entry_len == 1 && *p == '*') ||
			(entry_len == len && pg_strncasecmp(p, text, len) == 0))
			return true;
		p += entry_len;
	}
}

/*
 * origin_allowed tells whether a page of an origin, "http://host:port", may ask.
 */
static bool
origin_allowed(const char *origin)
{
	const char *host = origin;
	size_t		len;

	if (is_trusted(origin, strlen(origin)))
		return true;
	if (strncmp(origin, "http://", 7) == 0)
		host += 7;
	else if (strncmp(origin, "https://", 8) == 0)
		host += 8;
	else
		return false;
	host = host_of(host, &len);
	return is_loopback(host, len);
}

/*
 * host_allowed tells whether requests may be for a host.
 */
static bool
host_allowed(const char *text)
{
	size_t		len;
	const char *host = host_of(text, &len);

	/* no name has another form */
	if (len == 0 || is_address(host, len) || memchr(host, '.', len) == NULL)
		return true;
	for (int i = 0; i < lengthof(own_domains); i++)
	{
		if (in_domain(host, len, own_domains[i]))
			return true;
	}
	return is_trusted(host, len);
}

bool
ddb_origin_check(const DdbHttpRequest *request)
{
	if (ddb_http_auth != DDB_AUTH_ANY)
		return true;
	for (int i = 0; i < request->nheaders; i++)
	{
		const DdbHttpHeader *header = &request->headers[i];

		if (pg_strcasecmp(header->name, "origin") == 0 && !origin_allowed(header->value))
			return false;
		if (pg_strcasecmp(header->name, "host") == 0 && !ddb_http_any_everywhere &&
			!host_allowed(header->value))
			return false;
	}
	return true;
}

const char *
ddb_origin_shown(const DdbHttpRequest *request)
{
	const char *origin = ddb_http_header(request, "origin");

	if (origin == NULL || !ddb_origin_check(request))
		return NULL;
	return ddb_http_auth == DDB_AUTH_ANY ? origin : "*";
}
