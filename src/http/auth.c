/*
 * auth.c
 *	  Who is asking: from a request's signature to a PostgreSQL role.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "error.h"
#include "http/auth.h"
#include "settings.h"

/*
 * ddb_auth_check finds the role of a request, or raises the exception that
 * answers it.  A well-formed signature is enough.
 */
void
ddb_auth_check(const DdbHttpRequest *request, DdbAuth *auth)
{
	const char *authorization = ddb_http_header(request, "authorization");

	auth->access_key_id[0] = '\0';
	if (authorization == NULL)
		ereport(ERROR, ddb_errcode(DDB_MISSING_AUTHENTICATION_TOKEN),
				errmsg("Request is missing Authentication Token"));
	if (strncmp(authorization, "AWS4-HMAC-SHA256 ", 17) != 0)
		ereport(ERROR, ddb_errcode(DDB_INCOMPLETE_SIGNATURE),
				errmsg("Authorization header is not AWS4-HMAC-SHA256"));
	auth->roleid = ddb_http_default_role[0] ?
		get_role_oid(ddb_http_default_role, false) : GetUserId();
}
