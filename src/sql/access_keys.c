/*
 * access_keys.c
 *	  The SQL door to access keys, and to authentication for tests of it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/timestamp.h"

#include "auth/access_key.h"
#include "auth/auth.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(ddb_create_access_key);
PG_FUNCTION_INFO_V1(ddb_alter_access_key);
PG_FUNCTION_INFO_V1(ddb_drop_access_key);
PG_FUNCTION_INFO_V1(ddb_access_keys_changed);
PG_FUNCTION_INFO_V1(ddb_sql_canonical_request);
PG_FUNCTION_INFO_V1(ddb_sql_sigv4_check);
PG_FUNCTION_INFO_V1(ddb_sql_authenticate);

/*
 * ddb_create_access_key(role) -> (access_key_id, secret_access_key)
 */
Datum
ddb_create_access_key(PG_FUNCTION_ARGS)
{
	Oid			roleid = get_role_oid(NameStr(*PG_GETARG_NAME(0)), false);
	char		id[DDB_ACCESS_KEY_ID_LEN + 1];
	char		secret[DDB_SECRET_LEN + 1];
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	ddb_access_key_create(roleid, id, secret);
	values[0] = CStringGetTextDatum(id);
	values[1] = CStringGetTextDatum(secret);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/*
 * ddb_alter_access_key(access_key_id, enabled)
 */
Datum
ddb_alter_access_key(PG_FUNCTION_ARGS)
{
	ddb_access_key_alter(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_GETARG_BOOL(1));
	PG_RETURN_VOID();
}

/*
 * ddb_drop_access_key(access_key_id)
 */
Datum
ddb_drop_access_key(PG_FUNCTION_ARGS)
{
	ddb_access_key_drop(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}

/*
 * ddb_access_keys_changed is the trigger that tells all backends when the table of
 * keys is changed by plain SQL.
 */
Datum
ddb_access_keys_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("ddb.access_keys_changed() is a trigger function"));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	PG_RETURN_POINTER(NULL);
}

/*
 * arg_request makes a request of the first four arguments: method, target,
 * headers ("Name: value"), body.
 */
static void
arg_request(FunctionCallInfo fcinfo, DdbHttpRequest *request)
{
	bytea	   *body = PG_GETARG_BYTEA_PP(3);
	DdbHttpHeader *headers;
	Datum	   *elems;
	bool	   *nulls;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
					  &elems, &nulls, &n);
	headers = palloc_array(DdbHttpHeader, Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		char	   *header = nulls[i] ? pstrdup("") : TextDatumGetCString(elems[i]);
		char	   *colon = strchr(header, ':');

		headers[i].name = header;
		headers[i].value = colon == NULL ? "" : colon + 1 + strspn(colon + 1, " ");
		if (colon != NULL)
			*colon = '\0';
	}
	memset(request, 0, sizeof(*request));
	request->method = text_to_cstring(PG_GETARG_TEXT_PP(0));
	request->target = text_to_cstring(PG_GETARG_TEXT_PP(1));
	request->nheaders = n;
	request->headers = headers;
	request->body = VARDATA_ANY(body);
	request->body_len = VARSIZE_ANY_EXHDR(body);
}

/*
 * ddb_test.canonical_request(method, target, headers, body) -> text
 */
Datum
ddb_sql_canonical_request(PG_FUNCTION_ARGS)
{
	DdbHttpRequest request;
	DdbSigv4	sig;

	arg_request(fcinfo, &request);
	ddb_sigv4_parse(&request, &sig);
	PG_RETURN_TEXT_P(cstring_to_text(ddb_sigv4_canonical_request(&request, &sig)));
}

/*
 * ddb_test.sigv4_check(method, target, headers, body, secret, service, now) -> access key id
 */
Datum
ddb_sql_sigv4_check(PG_FUNCTION_ARGS)
{
	char	   *secret = text_to_cstring(PG_GETARG_TEXT_PP(4));
	char	   *service = text_to_cstring(PG_GETARG_TEXT_PP(5));
	TimestampTz now = PG_GETARG_TIMESTAMPTZ(6);
	DdbHttpRequest request;
	DdbSigv4	sig;
	uint8		key[DDB_SIGNING_KEY_LEN];

	arg_request(fcinfo, &request);
	ddb_sigv4_parse(&request, &sig);
	ddb_sigv4_check_request(&request, &sig, service, (int64) timestamptz_to_time_t(now));
	ddb_sigv4_signing_key(secret, sig.scope_date, sig.region, service, key);
	ddb_sigv4_check_signature(&request, &sig, key);
	PG_RETURN_TEXT_P(cstring_to_text(sig.access_key_id));
}

/*
 * ddb_test.authenticate(method, target, headers, body, loopback) -> name of the role
 */
Datum
ddb_sql_authenticate(PG_FUNCTION_ARGS)
{
	DdbHttpRequest request;
	DdbAuth		auth;

	arg_request(fcinfo, &request);
	request.loopback = PG_GETARG_BOOL(4);
	ddb_auth_check(&request, &auth);
	PG_RETURN_TEXT_P(cstring_to_text(auth.role));
}
