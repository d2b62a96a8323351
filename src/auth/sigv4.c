/*
 * sigv4.c
 *	  AWS Signature Version 4: parsing and checking what comes before the key.
 *
 * A request is signed in its Authorization header or in its query string
 * (presigned).  The checks and their order are the service's: completeness,
 * date, signed headers, algorithm, credential scope; only then is the key looked
 * up and the signature computed (canonical.c).
 *
 * Everything here comes from strangers.  All strings end with a zero byte; nothing
 * is indexed but what strlen() or a loop up to the zero byte has seen, and what
 * is echoed in a message is made printable and short first.
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "auth/sigv4.h"
#include "auth/sigv4_private.h"
#include "compat.h"
#include "error.h"

#define MAX_SKEW 900			/* s */
#define MAX_SIGNED_HEADERS 128

/*
 * printable makes a client's text fit for a message: ASCII, at most 256 bytes.
 */
static char *
printable(const char *text)
{
	char	   *result = pnstrdup(text, 256);

	for (char *p = result; *p; p++)
	{
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	return result;
}

/*
 * hashed gives what messages show in place of an Authorization header: its
 * SHA-256 in base64.
 */
static char *
hashed(const char *text)
{
	uint8		hash[PG_SHA256_DIGEST_LENGTH];
	int			len = pg_b64_enc_len(sizeof(hash));
	char	   *result = palloc0(len + 1);

	ddb_sigv4_sha256(text, strlen(text), hash);
	ddb_b64_encode(hash, sizeof(hash), result, len);
	return result;
}

/* parameter finds a query parameter, decoded, or NULL. */
static char *
parameter(const DdbSigv4 *sig, const char *name)
{
	for (int i = 0; i < sig->nparams; i++)
	{
		if (strcmp(sig->params[i].name, name) == 0)
			return ddb_sigv4_uri_decode(sig->params[i].value, strlen(sig->params[i].value));
	}
	return NULL;
}

/*
 * parse_pair takes one "key=value" of an Authorization header; the first of a
 * name counts.
 */
static void
parse_pair(DdbSigv4 *sig, const char *pair, const char *authorization)
{
	static const char *const names[] = {"Credential", "SignedHeaders", "Signature"};
	char	  **members[] = {&sig->credential, &sig->signed_headers, &sig->signature};
	const char *equal = strchr(pair, '=');

	if (equal == NULL)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.",
					   hashed(authorization)));
	for (int i = 0; i < lengthof(names); i++)
	{
		if (strlen(names[i]) == equal - pair &&
			strncmp(pair, names[i], equal - pair) == 0 && *members[i] == NULL)
			*members[i] = pstrdup(equal + 1);
	}
}

/*
 * parse_authorization takes an Authorization header apart:
 * "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
 */
static void
parse_authorization(const DdbHttpRequest *request, DdbSigv4 *sig,
					const char *authorization)
{
	static const char separators[] = " \t,";
	const char *p = authorization;
	size_t		len = strcspn(p, " \t");
	StringInfoData missing;

	sig->algorithm = pnstrdup(p, len);
	for (;;)
	{
		p += len;
		p += strspn(p, separators);
		if (*p == '\0')
			break;
		len = strcspn(p, separators);
		parse_pair(sig, pnstrdup(p, len), authorization);
	}
	sig->token = unconstify(char *, ddb_http_header(request, "x-amz-security-token"));
	sig->date_text = unconstify(char *, ddb_http_header(request, "x-amz-date"));
	if (sig->date_text == NULL)
		sig->date_text = unconstify(char *, ddb_http_header(request, "date"));

	initStringInfo(&missing);
	if (sig->credential == NULL || !sig->credential[0])
		appendStringInfoString(&missing, "Authorization header requires 'Credential' parameter. ");
	if (sig->signature == NULL || !sig->signature[0])
		appendStringInfoString(&missing, "Authorization header requires 'Signature' parameter. ");
	if (sig->signed_headers == NULL)
		appendStringInfoString(&missing, "Authorization header requires 'SignedHeaders' parameter. ");
	if (sig->date_text == NULL)
		appendStringInfoString(&missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
	if (missing.len > 0)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("%s(Hashed with SHA-256 and encoded with Base64) Authorization=%s",
					   missing.data, hashed(authorization)));
}

/*
 * parse_parameters takes a signature in the query string apart.
 */
static void
parse_parameters(DdbSigv4 *sig)
{
	static const char *const names[] = {
		"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"
	};
	char	  **members[] = {
		&sig->algorithm, &sig->credential, &sig->signature, &sig->signed_headers, &sig->date_text
	};
	StringInfoData missing;

	initStringInfo(&missing);
	for (int i = 0; i < lengthof(names); i++)
	{
		*members[i] = parameter(sig, names[i]);
		if (*members[i] == NULL || !(*members[i])[0])
			appendStringInfo(&missing, "AWS query-string parameters must include '%s'. ",
							 names[i]);
	}
	if (missing.len > 0)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("%sRe-examine the query-string parameters.", missing.data));
	sig->token = parameter(sig, "X-Amz-Security-Token");
	sig->expires = parameter(sig, "X-Amz-Expires");
	sig->in_query = true;
}

void
ddb_sigv4_parse(const DdbHttpRequest *request, DdbSigv4 *sig)
{
	const char *authorization = ddb_http_header(request, "authorization");
	bool		in_query;

	memset(sig, 0, sizeof(*sig));
	ddb_sigv4_parse_query(request->target, sig);
	in_query = parameter(sig, "X-Amz-Algorithm") != NULL;
	if (authorization != NULL && in_query)
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
				errmsg("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."));
	if (in_query)
		parse_parameters(sig);
	else if (authorization != NULL && strncmp(authorization, "AWS4-", 5) == 0)
		parse_authorization(request, sig, authorization);
	else
		ereport(ERROR, ddb_errcode(DDB_MISSING_AUTHENTICATION_TOKEN),
				errmsg("Request is missing Authentication Token"));
}

/* digits reads n decimal digits; -1 when one of them is none. */
static int
digits(const char *p, int n)
{
	int			result = 0;

	for (int i = 0; i < n; i++)
	{
		if (p[i] < '0' || p[i] > '9')
			return -1;
		result = result * 10 + (p[i] - '0');
	}
	return result;
}

/*
 * unix_time makes seconds since 1970 of a calendar date (UTC); -1 when there is no
 * such date.
 */
static int64
unix_time(int year, int month, int day, int hour, int minute, int second)
{
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
		day > day_tab[isleap(year)][month - 1] || hour < 0 || hour > 23 ||
		minute < 0 || minute > 59 || second < 0 || second > 59)
		return -1;
	return ((int64) (date2j(year, month, day) - UNIX_EPOCH_JDATE) * 24 + hour) * 3600 +
		minute * 60 + second;
}

/*
 * parse_date reads "20150830T123600Z" or "Sun, 30 Aug 2015 12:36:00 GMT" as
 * seconds since 1970; -1 when it is neither.
 */
static int64
parse_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	size_t		len = strlen(text);

	if (len == 16 && text[8] == 'T' && text[15] == 'Z')
		return unix_time(digits(text, 4), digits(text + 4, 2), digits(text + 6, 2),
						 digits(text + 9, 2), digits(text + 11, 2), digits(text + 13, 2));
	if (len == 29 && text[3] == ',' && text[19] == ':' && text[22] == ':' &&
		strcmp(text + 25, " GMT") == 0)
	{
		for (int i = 0; i < 12; i++)
		{
			if (strncmp(text + 8, months + 3 * i, 3) == 0)
				return unix_time(digits(text + 12, 4), i + 1, digits(text + 5, 2),
								 digits(text + 17, 2), digits(text + 20, 2),
								 digits(text + 23, 2));
		}
	}
	return -1;
}

/*
 * format_date writes seconds since 1970 as YYYYMMDDTHHMMSSZ.
 */
static char *
format_date(int64 time, char *date, size_t size)
{
	int			year,
				month,
				day;
	int			second = time % 86400;

	j2date((int) (time / 86400) + UNIX_EPOCH_JDATE, &year, &month, &day);
	snprintf(date, size, "%04d%02d%02dT%02d%02d%02dZ", year, month, day,
			 second / 3600, second / 60 % 60, second % 60);
	return date;
}

/*
 * check_date requires that the request was signed less than 15 minutes ago, or
 * ahead.  X-Amz-Expires can only shorten that: the service takes it as S3 does
 * nowhere else.
 */
static void
check_date(DdbSigv4 *sig, int64 now)
{
	int64		time = parse_date(sig->date_text);
	int64		lifetime = MAX_SKEW;
	char		a[17],
				b[17];

	if (time < 0)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601",
					   printable(sig->date_text)));
	if (strlen(sig->date_text) == sizeof(sig->date) - 1)
		strcpy(sig->date, sig->date_text);
	else
		format_date(time, sig->date, sizeof(sig->date));
	if (time < now - MAX_SKEW)
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
				errmsg("Signature expired: %s is now earlier than %s (%s - 15 min.)", sig->date,
					   format_date(now - MAX_SKEW, a, sizeof(a)), format_date(now, b, sizeof(b))));
	if (time > now + MAX_SKEW)
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
				errmsg("Signature not yet current: %s is still later than %s (%s + 15 min.)", sig->date,
					   format_date(now + MAX_SKEW, a, sizeof(a)), format_date(now, b, sizeof(b))));

	if (sig->expires != NULL)
	{
		size_t		len = strlen(sig->expires);

		lifetime = len > 0 && len <= 9 ? digits(sig->expires, len) : -1;
		if (lifetime < 0)
			ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
					errmsg("X-Amz-Expires should be a number"));
		if (now > time + lifetime)
			ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
					errmsg("Signature expired: %s is now earlier than %s (%s - " INT64_FORMAT " sec.)",
						   sig->date, format_date(now - lifetime, a, sizeof(a)),
						   format_date(now, b, sizeof(b)), lifetime));
	}
}

/* is_signed tells whether a header is in the list of signed ones. */
static bool
is_signed(const DdbSigv4 *sig, const char *name)
{
	const char *p = sig->signed_headers;
	size_t		name_len = strlen(name);

	for (;;)
	{
		size_t		len = strcspn(p, ";");

		if (len == name_len && pg_strncasecmp(p, name, len) == 0)
			return true;
		if (p[len] == '\0')
			return false;
		p += len + 1;
	}
}

/*
 * check_signed_headers requires the headers that must be signed to be: Host, and
 * every X-Amz-* header that is there ("Create a canonical request").
 */
static void
check_signed_headers(const DdbHttpRequest *request, const DdbSigv4 *sig)
{
	int			n = 1;

	for (const char *p = sig->signed_headers; *p; p++)
		n += *p == ';';
	if (n > MAX_SIGNED_HEADERS)
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
				errmsg("There are more than %d 'SignedHeaders' in the AWS Authorization.",
					   MAX_SIGNED_HEADERS));
	if (!is_signed(sig, "host"))
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
				errmsg("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
	for (int i = 0; i < request->nheaders; i++)
	{
		const char *name = request->headers[i].name;

		if (pg_strncasecmp(name, "x-amz-", 6) == 0 && !is_signed(sig, name))
			ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE),
					errmsg("'%s' must be a 'SignedHeader' in the AWS Authorization.",
						   printable(name)));
	}
}

/*
 * check_credential takes the credential apart and checks its scope.  The region
 * may be any, and empty, as some clients sign for an endpoint of the user's: which
 * one it is is a matter of the client's configuration, and there is one endpoint only.
 */
static void
check_credential(DdbSigv4 *sig, const char *service)
{
	char	   *parts[5];
	char	   *p = pstrdup(sig->credential);
	int			n = 0;
	StringInfoData wrong;

	for (;;)
	{
		char	   *slash = strchr(p, '/');

		if (n < lengthof(parts))
			parts[n] = p;
		n++;
		if (slash == NULL)
			break;
		*slash = '\0';
		p = slash + 1;
	}
	if (n != lengthof(parts))
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'",
					   printable(sig->credential)));
	sig->access_key_id = parts[0];
	sig->scope = strchr(sig->credential, '/') + 1;
	sig->scope_date = parts[1];
	sig->region = parts[2];

	initStringInfo(&wrong);
	if (strcmp(parts[3], service) != 0)
		appendStringInfo(&wrong, "Credential should be scoped to correct service: '%s'. ", service);
	if (strcmp(parts[4], "aws4_request") != 0)
		appendStringInfo(&wrong, "Credential should be scoped with a valid terminator: 'aws4_request', not '%s'. ",
						 printable(parts[4]));
	if (strlen(sig->scope_date) != 8 || strncmp(sig->scope_date, sig->date, 8) != 0)
		appendStringInfo(&wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%.8s', from '%s'. ",
						 printable(sig->scope_date), sig->date, sig->date);
	if (wrong.len > 0)
		ereport(ERROR, ddb_errcode(DDB_INVALID_SIGNATURE), errmsg_internal("%s", wrong.data));
}

void
ddb_sigv4_check_request(const DdbHttpRequest *request, DdbSigv4 *sig,
						const char *service, int64_t now)
{
	check_date(sig, now);
	check_signed_headers(request, sig);
	if (strcmp(sig->algorithm, "AWS4-HMAC-SHA256") != 0)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("Unsupported AWS 'algorithm': '%s' (only AWS4-HMAC-SHA256 for now). ",
					   printable(sig->algorithm)));
	check_credential(sig, service);
}
