/*
 * sigv4.h
 *	  AWS Signature Version 4: what a request is signed with, and whether that is
 *	  right.
 */
#ifndef DDB_SIGV4_H
#define DDB_SIGV4_H

#include "http/http.h"

#define DDB_SIGNING_KEY_LEN 32	/* bytes: a SHA-256 */

/* A query parameter; both as canonical requests write them. */
typedef struct DdbQueryParam
{
	char	   *name;
	char	   *value;
} DdbQueryParam;

/* The signature of a request, taken apart.  Strings are palloc'd. */
typedef struct DdbSigv4
{
	bool		in_query;		/* in the query string, not in Authorization */
	char	   *algorithm;
	char	   *credential;		/* the five elements below, with slashes */
	char	   *signed_headers; /* names, lower case, with semicolons */
	char	   *signature;		/* hex */
	char	   *token;			/* session token, or NULL */
	char	   *expires;		/* X-Amz-Expires, or NULL */
	char	   *date_text;		/* the date as it was sent */

	/* set by ddb_sigv4_check_request */
	char		date[17];		/* YYYYMMDDTHHMMSSZ */
	char	   *access_key_id;
	char	   *scope;			/* date/region/service/terminator */
	char	   *scope_date;
	char	   *region;

	int			nparams;
	DdbQueryParam *params;		/* in canonical order */
} DdbSigv4;

/* The functions raise the exception that answers the request. */

/*
 * ddb_sigv4_parse finds the signature of a request and takes it apart.  Raises
 * MissingAuthenticationTokenException when there is none,
 * IncompleteSignatureException when a part is missing, and
 * InvalidSignatureException when there are two.
 */
extern void ddb_sigv4_parse(const DdbHttpRequest *request, DdbSigv4 *sig);

extern void ddb_sigv4_check_request(const DdbHttpRequest *request, DdbSigv4 *sig,
									const char *service, int64_t now);

/*
 * ddb_sigv4_check_signature computes the signature and compares it, in a time that
 * does not depend on where they differ.  A request whose Host header is signed without
 * its port passes too.
 */
extern void ddb_sigv4_check_signature(const DdbHttpRequest *request,
									  const DdbSigv4 *sig,
									  const uint8_t *signing_key);

/* ddb_sigv4_canonical_request spells a request as it is signed. */
extern char *ddb_sigv4_canonical_request(const DdbHttpRequest *request,
										 const DdbSigv4 *sig);

/*
 * ddb_sigv4_signing_key derives the key that a secret has for one day, region and
 * service.
 */
extern void ddb_sigv4_signing_key(const char *secret, const char *date,
								  const char *region, const char *service,
								  uint8_t *signing_key);

#endif							/* DDB_SIGV4_H */
