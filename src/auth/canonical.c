/*
 * canonical.c
 *	  AWS Signature Version 4: canonical requests and their signatures.
 *
 *		method, path, query, headers, names of the headers, SHA-256 of the body
 *
 * one below the other, in one canonical spelling, are the canonical request; its
 * hash, with date and scope, is what is signed ("Create a signed AWS API
 * request").  The hash is always that of the body as it came over the wire:
 * UNSIGNED-PAYLOAD and STREAMING-... in x-amz-content-sha256 belong to S3, and
 * DynamoDB finds that such a signature does not match.
 */
#include "postgres.h"

#include "common/hmac.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "auth/sigv4_private.h"
#include "error.h"

#define HEX_LEN (2 * PG_SHA256_DIGEST_LENGTH)

void
ddb_sigv4_sha256(const void *data, size_t len, uint8_t *hash)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);

	if (ctx == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	if (pg_cryptohash_init(ctx) < 0 ||
		pg_cryptohash_update(ctx, data, len) < 0 ||
		pg_cryptohash_final(ctx, hash, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(ctx));
	pg_cryptohash_free(ctx);
}

/*
 * hmac computes an HMAC-SHA-256; mac may be key.
 */
static void
hmac(const void *key, size_t key_len, const void *data, size_t len, uint8 *mac)
{
	pg_hmac_ctx *ctx = pg_hmac_create(PG_SHA256);

	if (ctx == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	if (pg_hmac_init(ctx, key, key_len) < 0 ||
		pg_hmac_update(ctx, data, len) < 0 ||
		pg_hmac_final(ctx, mac, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute HMAC: %s", pg_hmac_error(ctx));
	pg_hmac_free(ctx);
}

static void
append_hex_of_hash(StringInfo buf, const void *data, size_t len)
{
	uint8		hash[PG_SHA256_DIGEST_LENGTH];

	ddb_sigv4_sha256(data, len, hash);
	enlargeStringInfo(buf, HEX_LEN);
	hex_encode((const char *) hash, sizeof(hash), buf->data + buf->len);
	buf->len += HEX_LEN;
	buf->data[buf->len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

char *
ddb_sigv4_uri_decode(const char *text, size_t len)
{
	char	   *result = palloc(len + 1);
	char	   *out = result;

	for (size_t i = 0; i < len; i++)
	{
		int			high = text[i] == '%' && len - i > 2 ? hex_digit(text[i + 1]) : -1;
		int			low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low >= 0 && high + low > 0)
		{
			*out++ = (char) (high << 4 | low);
			i += 2;
		}
		else
			*out++ = text[i];
	}
	*out = '\0';
	return result;
}

/*
 * append_encoded appends len bytes with all but the unreserved characters
 * escaped.
 */
static void
append_encoded(StringInfo buf, const char *text, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = text[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.' || c == '~')
			appendStringInfoChar(buf, c);
		else
		{
			appendStringInfoChar(buf, '%');
			appendStringInfoChar(buf, hex[c >> 4]);
			appendStringInfoChar(buf, hex[c & 15]);
		}
	}
}

/* canonical_text spells len bytes of a query canonically. */
static char *
canonical_text(const char *text, size_t len)
{
	char	   *decoded = ddb_sigv4_uri_decode(text, len);
	StringInfoData buf;

	initStringInfo(&buf);
	append_encoded(&buf, decoded, strlen(decoded));
	pfree(decoded);
	return buf.data;
}

static int
compare_params(const void *a, const void *b)
{
	const DdbQueryParam *left = a,
			   *right = b;
	int			result = strcmp(left->name, right->name);

	return result != 0 ? result : strcmp(left->value, right->value);
}

void
ddb_sigv4_parse_query(const char *target, DdbSigv4 *sig)
{
	const char *p = strchr(target, '?');
	int			allocated = 0;

	sig->nparams = 0;
	sig->params = NULL;
	while (p != NULL && *p && *p != '#')
	{
		size_t		len,
					name_len;

		p++;
		len = strcspn(p, "&#");
		name_len = strcspn(p, "=&#");
		if (len > 0)
		{
			DdbQueryParam *param;

			if (sig->nparams == allocated)
			{
				allocated = allocated ? 2 * allocated : 16;
				sig->params = sig->params ?
					repalloc(sig->params, allocated * sizeof(DdbQueryParam)) :
					palloc(allocated * sizeof(DdbQueryParam));
			}
			param = &sig->params[sig->nparams++];
			param->name = canonical_text(p, name_len);
			param->value = name_len < len ?
				canonical_text(p + name_len + 1, len - name_len - 1) : pstrdup("");
		}
		p += len;
	}
	if (sig->nparams > 1)
		qsort(sig->params, sig->nparams, sizeof(DdbQueryParam), compare_params);
}

/*
 * append_path appends the target's path: without dot segments and doubled
 * slashes, each segment escaped (once more, as it is for every service but S3).
 */
static void
append_path(StringInfo buf, const char *target)
{
	int			start = buf->len;
	const char *p = target;
	const char *end = target + strcspn(target, "?#");
	bool		slash = true;	/* it ends with one */

	/* http://host/path */
	if (*p != '/' && strstr(p, "://") != NULL)
	{
		p = strstr(p, "://") + 3;
		p += strcspn(p, "/?#");
	}
	while (p < end)
	{
		size_t		len = strcspn(p, "/?#");

		slash = len == 0 || (len == 1 && p[0] == '.');
		if (len == 2 && p[0] == '.' && p[1] == '.')
		{
			slash = true;
			while (buf->len > start && buf->data[--buf->len] != '/')
				;
			buf->data[buf->len] = '\0';
		}
		else if (!slash)
		{
			appendStringInfoChar(buf, '/');
			append_encoded(buf, p, len);
		}
		p += len;
		if (p < end)
		{
			p++;
			slash = slash || p == end;
		}
	}
	if (slash || buf->len == start)
		appendStringInfoChar(buf, '/');
}

/*
 * append_value appends a header's value with its runs of white space made one
 * blank each, and none at the ends.
 */
static void
append_value(StringInfo buf, const char *value)
{
	static const char space[] = " \t\r\n\v\f";

	for (const char *p = value + strspn(value, space); *p;)
	{
		size_t		len = strcspn(p, space);

		appendBinaryStringInfo(buf, p, len);
		p += len;
		p += strspn(p, space);
		if (*p)
			appendStringInfoChar(buf, ' ');
	}
}

/*
 * is_host tells whether the len bytes of a signed header's name are "host".
 */
static bool
is_host(const char *name, size_t len)
{
	return len == 4 && pg_strncasecmp(name, "host", len) == 0;
}

/*
 * without_port gives a Host header's value without its port, palloc'd, or NULL when
 * there is none.
 */
static char *
without_port(const char *host)
{
	const char *colon = strrchr(host, ':');

	if (colon == NULL || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return NULL;
	return pnstrdup(host, colon - host);
}

/*
 * append_headers appends the signed headers; those of one name are joined with
 * commas.
 */
static void
append_headers(StringInfo buf, const DdbHttpRequest *request, const DdbSigv4 *sig,
			   const char *host)
{
	const char *name = sig->signed_headers;

	for (;;)
	{
		size_t		len = strcspn(name, ";");
		bool		first = true;

		appendBinaryStringInfo(buf, name, len);
		appendStringInfoChar(buf, ':');
		for (int i = 0; i < request->nheaders; i++)
		{
			const DdbHttpHeader *header = &request->headers[i];

			if (pg_strncasecmp(header->name, name, len) != 0 || strlen(header->name) != len)
				continue;
			if (!first)
				appendStringInfoChar(buf, ',');
			first = false;
			append_value(buf, host != NULL && is_host(name, len) ? host : header->value);
		}
		appendStringInfoChar(buf, '\n');
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
}

/*
 * canonical_request spells a request as it is signed; host, unless NULL, stands for
 * the value of its Host header.
 */
static char *
canonical_request(const DdbHttpRequest *request, const DdbSigv4 *sig, const char *host)
{
	StringInfoData buf;
	bool		first = true;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%s\n", request->method);
	append_path(&buf, request->target);
	appendStringInfoChar(&buf, '\n');
	for (int i = 0; i < sig->nparams; i++)
	{
		if (sig->in_query && strcmp(sig->params[i].name, "X-Amz-Signature") == 0)
			continue;
		if (!first)
			appendStringInfoChar(&buf, '&');
		first = false;
		appendStringInfoString(&buf, sig->params[i].name);
		appendStringInfoChar(&buf, '=');
		appendStringInfoString(&buf, sig->params[i].value);
	}
	appendStringInfoChar(&buf, '\n');
	append_headers(&buf, request, sig, host);
	appendStringInfo(&buf, "\n%s\n", sig->signed_headers);
	append_hex_of_hash(&buf, request->body, request->body_len);
	return buf.data;
}

char *
ddb_sigv4_canonical_request(const DdbHttpRequest *request, const DdbSigv4 *sig)
{
	return canonical_request(request, sig, NULL);
}

void
ddb_sigv4_signing_key(const char *secret, const char *date, const char *region,
					  const char *service, uint8_t *signing_key)
{
	char	   *seed = psprintf("AWS4%s", secret);

	hmac(seed, strlen(seed), date, strlen(date), signing_key);
	hmac(signing_key, DDB_SIGNING_KEY_LEN, region, strlen(region), signing_key);
	hmac(signing_key, DDB_SIGNING_KEY_LEN, service, strlen(service), signing_key);
	hmac(signing_key, DDB_SIGNING_KEY_LEN, "aws4_request", 12, signing_key);
	explicit_bzero(seed, strlen(seed));
	pfree(seed);
}

/*
 * matches computes the signature of a canonical request and compares it, in a time
 * that does not depend on where they differ.
 */
static bool
matches(const DdbSigv4 *sig, const char *canonical, const uint8_t *signing_key)
{
	uint8		mac[PG_SHA256_DIGEST_LENGTH];
	char		expected[HEX_LEN];
	StringInfoData buf;
	volatile unsigned char difference = 0;

	initStringInfo(&buf);
	appendStringInfo(&buf, "AWS4-HMAC-SHA256\n%s\n%s\n", sig->date, sig->scope);
	append_hex_of_hash(&buf, canonical, strlen(canonical));
	hmac(signing_key, DDB_SIGNING_KEY_LEN, buf.data, buf.len, mac);
	hex_encode((const char *) mac, sizeof(mac), expected);

	if (strlen(sig->signature) != HEX_LEN)
		return false;
	for (int i = 0; i < HEX_LEN; i++)
		difference |= (unsigned char) expected[i] ^ (unsigned char) sig->signature[i];
	return difference == 0;
}

void
ddb_sigv4_check_signature(const DdbHttpRequest *request, const DdbSigv4 *sig,
						  const uint8_t *signing_key)
{
	const char *host = ddb_http_header(request, "host");

	if (matches(sig, canonical_request(request, sig, NULL), signing_key))
		return;
	/* some clients send the port of an endpoint and don't sign it */
	host = host != NULL ? without_port(host) : NULL;
	if (host != NULL && matches(sig, canonical_request(request, sig, host), signing_key))
		return;
	ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
			errmsg("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."));
}
