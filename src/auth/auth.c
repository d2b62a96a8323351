/*
 * auth.c
 *	  Who is asking: from a request's signature to a PostgreSQL role.
 *
 * ddb.http_auth = sigv4 verifies signatures; the key decides the role.  With any,
 * for development, a well-formed signature is enough and every request is
 * ddb.http_default_role's: so it is served to this machine alone, unless
 * ddb.http_any_everywhere is on.  The event loop keeps to such addresses; here is
 * the second look, for connections older than a change of the settings.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "auth/access_key.h"
#include "auth/auth.h"
#include "error.h"
#include "settings.h"

/* seconds since 1970 */
static int64
unix_now(void)
{
	return GetCurrentTimestamp() / USECS_PER_SEC +
		(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
}

/*
 * check_signature verifies a signature and finds the role of its key.
 */
static void
check_signature(const DdbHttpRequest *request, DdbSigv4 *sig, DdbAuth *auth)
{
	DdbAccessKey *key;
	uint8		signing_key[DDB_SIGNING_KEY_LEN];

	ddb_sigv4_check_request(request, sig, "dynamodb", unix_now());
	strlcpy(auth->access_key_id, sig->access_key_id, sizeof(auth->access_key_id));
	key = ddb_access_key_find(sig->access_key_id);
	if (key == NULL)
		ereport(ERROR, ddb_errcode(DDB_UNRECOGNIZED_CLIENT),
				errmsg("The security token included in the request is invalid."));
	auth->roleid = ddb_access_key_role(key);
	ddb_access_key_sign(key, sig->scope_date, sig->region, signing_key);
	ddb_sigv4_check_signature(request, sig, signing_key);

	/* Keys here are for good: none comes with a session token. */
	if (sig->token != NULL)
		ereport(ERROR, ddb_errcode(DDB_UNRECOGNIZED_CLIENT),
				errmsg("The security token included in the request is invalid."));
}

/*
 * accept_any finds the role of a request whose signature nobody checks.
 */
static void
accept_any(const DdbHttpRequest *request, const DdbSigv4 *sig, DdbAuth *auth)
{
	if (!request->loopback && !ddb_http_any_everywhere)
		ereport(ERROR, ddb_errcode(DDB_UNRECOGNIZED_CLIENT),
				errmsg("The security token included in the request is invalid."),
				errdetail_log("ddb.http_auth is \"any\", which is not for requests from other machines."));
	strlcpy(auth->access_key_id, sig->credential,
			Min(sizeof(auth->access_key_id), strcspn(sig->credential, "/") + 1));
	auth->roleid = ddb_http_default_role[0] ?
		get_role_oid(ddb_http_default_role, false) : BOOTSTRAP_SUPERUSERID;
}

void
ddb_auth_check(const DdbHttpRequest *request, DdbAuth *auth)
{
	DdbSigv4	sig;

	memset(auth, 0, sizeof(*auth));
	ddb_sigv4_parse(request, &sig);
	if (ddb_http_auth == DDB_AUTH_ANY)
		accept_any(request, &sig, auth);
	else
		check_signature(request, &sig, auth);
	strlcpy(auth->role, GetUserNameFromId(auth->roleid, false), sizeof(auth->role));
}

/*
 * ddb_auth_begin switches to the role.  The two flags keep whatever code of a
 * user's runs in the request (a function in a table's definition, say) from going
 * back to the worker's superuser by SET ROLE, and from leaving temporary tables and
 * the like behind for the next request.
 */
void
ddb_auth_begin(const DdbAuth *auth)
{
	SetUserIdAndSecContext(auth->roleid,
						   SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

void
ddb_auth_end(void)
{
	SetUserIdAndSecContext(GetSessionUserId(), 0);
}
