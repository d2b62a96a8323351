/*
 * auth.h
 *	  Who is asking: from a request's signature to a PostgreSQL role.
 */
#ifndef DDB_AUTH_H
#define DDB_AUTH_H

#include "http/http.h"

typedef struct DdbAuth
{
	Oid			roleid;			/* the role that the request runs as */
	char		role[NAMEDATALEN];	/* its name */
	char		access_key_id[129]; /* for the log; empty when there is none */
} DdbAuth;

/*
 * ddb_auth_check finds the role of a request, or raises the exception that
 * answers it: DDB_MISSING_AUTHENTICATION_TOKEN, DDB_INCOMPLETE_SIGNATURE,
 * DDB_UNRECOGNIZED_CLIENT or DDB_INVALID_SIGNATURE.
 *
 * It is called before a request's body is looked at, inside the request's
 * transaction, as the worker's own superuser, with an active snapshot, in a memory
 * context that is reset after the request.  ddb.http_auth and
 * ddb.http_default_role are ddb_http_auth and ddb_http_default_role
 * (settings.h).
 */
extern void ddb_auth_check(const DdbHttpRequest *request, DdbAuth *auth);

/*
 * ddb_auth_begin makes the request's role the current user for the rest of the
 * transaction, and ddb_auth_end, after its commit or abort, the worker's own again.
 */
extern void ddb_auth_begin(const DdbAuth *auth);
extern void ddb_auth_end(void);

#endif							/* DDB_AUTH_H */
