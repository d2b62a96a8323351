/*
 * protocol.c
 *	  DynamoDB's protocol, JSON 1.0 over HTTP.
 *
 * A request is looked at in the service's order: content type, operation, (then
 * its signature, which is not this file's,) then the body.  An answer is what
 * ddb_json(ddb_request()) gives, without the white space.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "api/request.h"
#include "compat.h"
#include "endpoint/metrics.h"
#include "endpoint/protocol.h"
#include "error.h"
#include "settings.h"
#include "table/arn.h"
#include "table/desc.h"

#define JSON_1_0 "application/x-amz-json-1.0"
#define LONG_BODY 65536			/* bytes */
#define MAX_BODY ((size_t) ddb_http_max_body * 1024)

static const char unknown_operation[] =
"{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}";

static const char foreign_origin[] =
"{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"With ddb.http_auth = any this host and origin must be of this machine, or in ddb.http_trusted_origins\"}";

/* ---- what is asked for ---- */

static void
plain_answer(const DdbHttpRequest *request, int status, const char *content_type,
			 const char *body, DdbHttpReply *reply)
{
	DdbAnswer	answer = {status, content_type, body, strlen(body)};

	ddb_answer(request, &answer, reply);
}

/*
 * media_type compares a Content-Type header, parameters aside.
 */
static bool
media_type(const char *header, const char *type)
{
	size_t		len = strlen(type);

	return pg_strncasecmp(header, type, len) == 0 &&
		(header[len] == '\0' || strchr("; \t", header[len]) != NULL);
}

/*
 * is_path tells whether a request is for a path, whatever its query string.  The
 * empty path is "/".
 */
static bool
is_path(const DdbHttpRequest *request, const char *path)
{
	const char *wanted = ddb_http_target_path(request);
	size_t		len = strlen(path);

	if (wanted != request->target && (*wanted == '\0' || *wanted == '?'))
		return strcmp(path, "/") == 0;
	return strncmp(wanted, path, len) == 0 && (wanted[len] == '\0' || wanted[len] == '?');
}

/*
 * may_see_metrics tells whether a request comes from this machine, not only by way
 * of a proxy on it, or may come from elsewhere.
 */
static bool
may_see_metrics(const DdbHttpRequest *request)
{
	static const char *const of_proxies[] = {"forwarded", "via", "x-forwarded-for", "x-real-ip"};

	if (ddb_http_metrics_remote)
		return true;
	for (int i = 0; i < lengthof(of_proxies); i++)
	{
		if (ddb_http_header(request, of_proxies[i]) != NULL)
			return false;
	}
	return request->loopback && ddb_origin_check(request);
}

/*
 * route_get answers GET and HEAD.
 */
static void
route_get(const DdbHttpRequest *request, DdbHttpReply *reply)
{
	if (is_path(request, "/"))
		plain_answer(request, 200, "text/plain",
					 psprintf("healthy: dynamodb.%s.amazonaws.com ", ddb_region), reply);
	else if (is_path(request, "/metrics") && may_see_metrics(request))
		plain_answer(request, 200, "text/plain; version=0.0.4",
					 ddb_metrics_text(ddb_http_metrics_tables), reply);
	else
		plain_answer(request, 404, JSON_1_0, "<UnknownOperationException/>\n", reply);
}

/*
 * ddb_protocol_route finds out what a request asks for.
 */
bool
ddb_protocol_route(const DdbHttpRequest *request, DdbCall *call, DdbHttpReply *reply)
{
	static const char *const services[] = {"DynamoDB_20120810.", "DynamoDBStreams_20120810."};
	const char *content_type;
	const char *target;

	if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)
	{
		route_get(request, reply);
		return false;
	}
	if (!ddb_origin_check(request))
	{
		plain_answer(request, 403, JSON_1_0, foreign_origin, reply);
		return false;
	}
	if (strcmp(request->method, "OPTIONS") == 0)
	{
		ddb_answer_preflight(request, reply);
		return false;
	}
	content_type = ddb_http_header(request, "content-type");
	if (strcmp(request->method, "POST") != 0 || !is_path(request, "/") ||
		content_type == NULL ||
		(!media_type(content_type, JSON_1_0) && !media_type(content_type, "application/json")))
	{
		plain_answer(request, 404, JSON_1_0, "<UnknownOperationException/>\n", reply);
		return false;
	}
	call->request = request;
	call->content_type = media_type(content_type, JSON_1_0) ? JSON_1_0 : "application/json";
	call->table_name = NULL;
	call->stream_arn = NULL;
	call->role_name = NULL;
	call->operation = NULL;
	target = ddb_http_header(request, "x-amz-target");
	for (int i = 0; target != NULL && i < lengthof(services); i++)
	{
		if (strncmp(target, services[i], strlen(services[i])) != 0)
			continue;
		call->operation = target + strlen(services[i]);
		call->streams = i == 1;
	}
	if (call->operation == NULL)
	{
		plain_answer(request, 400, call->content_type, unknown_operation, reply);
		return false;
	}
	return true;
}

/*
 * ddb_protocol_is_long tells whether a request may take long: one that is not for a
 * single item, or is large.
 */
bool
ddb_protocol_is_long(const DdbHttpRequest *request)
{
	static const char *const quick[] = {"GetItem", "PutItem", "UpdateItem", "DeleteItem"};
	const char *target = ddb_http_header(request, "x-amz-target");
	const char *operation = target != NULL ? strchr(target, '.') : NULL;

	if (request->body_len > LONG_BODY)
		return true;
	if (operation == NULL)
		return false;
	for (int i = 0; i < lengthof(quick); i++)
	{
		if (strcmp(operation + 1, quick[i]) == 0)
			return false;
	}
	return true;
}

/* ---- the body ---- */

pg_noreturn static void
serialization(const char *message)
{
	ereport(ERROR, ddb_errcode(DDB_SERIALIZATION), errmsg("%s", message));
}

/*
 * decode undoes a Content-Encoding; gives a body that ends with a zero byte, or
 * NULL when it is too large.
 */
static const char *
decode(const DdbHttpRequest *request, size_t *len)
{
	DdbEncoding encoding = ddb_encoding_named(ddb_http_header(request, "content-encoding"));
	const char *body;

	*len = request->body_len;
	if (encoding == DDB_ENCODING_IDENTITY)
		return request->body;
	if (encoding == DDB_ENCODING_UNKNOWN)
		serialization("Unsupported Content-Encoding");
	body = ddb_decompress(request->body, request->body_len, MAX_BODY, len);
	if (body == NULL)
		serialization("Content-Encoding does not match the content");
	return *len > MAX_BODY ? NULL : body;
}

/*
 * parse turns JSON into jsonb.  What is no JSON, or nested too deeply, is a
 * SerializationException.
 */
static Jsonb *
parse(const char *body)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb	   *volatile result = NULL;
	int			problem = 0;

	PG_TRY();
	{
		result = ddb_json_read(body);
	}
	PG_CATCH();
	{
		problem = geterrcode();
		/* out of memory and interrupts are not the client's mistakes */
		if (problem == ERRCODE_OUT_OF_MEMORY || problem == ERRCODE_QUERY_CANCELED ||
			problem == ERRCODE_ADMIN_SHUTDOWN)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();

	if (problem == ERRCODE_STATEMENT_TOO_COMPLEX)
		serialization("Nesting of the request is too deep");
	if (problem != 0)
		serialization("Unable to parse the request as JSON");
	return result;
}

/*
 * string_member gives a copy of a member that is a string, or NULL.
 */
static char *
string_member(Jsonb *request, const char *name)
{
	JsonbValue	value;

	if (getKeyJsonValueFromContainer(&request->root, name, strlen(name), &value) == NULL ||
		value.type != jbvString)
		return NULL;
	return pnstrdup(value.val.string.val, value.val.string.len);
}

/*
 * note_resource notes what a request is about, for statistics and messages: a
 * table, or a stream, whose ARN begins a shard iterator too.
 */
static void
note_resource(DdbCall *call, Jsonb *request)
{
	char	   *label;
	bool		malformed;

	call->table_name = string_member(request, "TableName");
	if (!call->streams)
		return;
	call->stream_arn = string_member(request, "StreamArn");
	if (call->stream_arn == NULL)
		call->stream_arn = string_member(request, "ShardIterator");
	if (call->stream_arn == NULL)
		return;
	call->stream_arn[strcspn(call->stream_arn, "|")] = '\0';
	call->table_name = ddb_arn_stream(call->stream_arn, &label, &malformed);
}

/*
 * ddb_protocol_body reads a call's JSON.
 */
Jsonb *
ddb_protocol_body(DdbCall *call)
{
	size_t		len;
	const char *body = decode(call->request, &len);
	Jsonb	   *result;

	if (body == NULL)
		return NULL;
	if (strlen(body) != len || !pg_verify_mbstr(PG_UTF8, body, len, true))
		serialization("Request is not UTF-8");
	result = parse(body);
	if (!JB_ROOT_IS_OBJECT(result))
		serialization("Start of structure or map expected");
	note_resource(call, result);
	ddb_api_set_source(body, len);
	return result;
}

/*
 * ddb_protocol_host gives the host that a request was sent to, with its port: of the
 * target, if it is in absolute form, else of the Host header.  NULL when that is none.
 */
const char *
ddb_protocol_host(const DdbHttpRequest *request)
{
	static const char characters[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._:[]";
	const char *path = ddb_http_target_path(request);
	const char *host = ddb_http_header(request, "host");

	if (path != request->target)
	{
		const char *start = strstr(request->target, "://") + 3;

		host = pnstrdup(start, path - start);
	}
	if (host == NULL || host[0] == '\0' || strlen(host) > 300 ||
		host[strspn(host, characters)] != '\0')
		return NULL;
	return host;
}

/* ---- the answer ---- */

void
ddb_protocol_too_large(const DdbCall *call, DdbHttpReply *reply)
{
	plain_answer(call->request, 413, call->content_type,
				 "{\"message\":\"Request is too large\"}", reply);
}

/*
 * ddb_protocol_answer is the reply with a response.
 */
void
ddb_protocol_answer(const DdbCall *call, Jsonb *response, DdbHttpReply *reply)
{
	StringInfoData text;
	DdbAnswer	answer = {200, call->content_type};

	initStringInfo(&text);
	if ((ddb_api_flags(call->operation) & DDB_API_NO_OUTPUT) == 0)
		ddb_json_text(&text, &response->root);
	ddb_json_show(&text, 0);
	answer.body = text.data;
	answer.len = text.len;
	ddb_answer(call->request, &answer, reply);
}

/*
 * message_member is the name of an exception's message.  It is not the same
 * everywhere; SDKs accept both, and this is what the service sends.
 */
static const char *
message_member(const DdbErrorInfo *info)
{
	switch (info->code)
	{
		case DDB_SERIALIZATION:
		case DDB_ACCESS_DENIED:
		case DDB_TRANSACTION_CANCELED:
		case DDB_IDEMPOTENT_PARAMETER_MISMATCH:
		case DDB_TRANSACTION_IN_PROGRESS:
			return "Message";
		default:
			return "message";
	}
}

/*
 * client_message is what a client is told.
 */
static const char *
client_message(const DdbCall *call, const DdbErrorInfo *info, const ErrorData *error)
{
	if (info->code == DDB_INTERNAL)
		return "The request processing has failed because of an unknown error, exception or failure.";
	if (info->code == DDB_ACCESS_DENIED && error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return psprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: dynamodb:%s on resource: %s because no identity-based policy allows the dynamodb:%s action",
						ddb_account_id, call->role_name ? call->role_name : "", call->operation,
						call->stream_arn ? call->stream_arn :
						ddb_table_arn(call->table_name ? call->table_name : "*"),
						call->operation);
	return error->message;
}

/*
 * ddb_protocol_error is the reply to an error.
 */
void
ddb_protocol_error(const DdbCall *call, const ErrorData *error, DdbHttpReply *reply)
{
	const DdbErrorInfo *info = ddb_error_for_client(error->sqlerrcode);
	DdbAnswer	answer = {400, call->content_type};
	StringInfoData body;

	/* the service says no more of what is no operation of its own */
	if (info->code == DDB_UNKNOWN_OPERATION && !ddb_api_lacks(call->operation))
	{
		plain_answer(call->request, 400, call->content_type, unknown_operation, reply);
		return;
	}
	initStringInfo(&body);
	appendStringInfo(&body, "{\"__type\":\"%s%s\",", info->prefix, info->name);
	if (info->detail_member != NULL && error->detail != NULL)
	{
		appendStringInfo(&body, "\"%s\":", info->detail_member);
		ddb_json_compact(&body, error->detail);
		appendStringInfoChar(&body, ',');
	}
	appendStringInfo(&body, "\"%s\":", message_member(info));
	escape_json(&body, client_message(call, info, error));
	appendStringInfoChar(&body, '}');
	ddb_json_show(&body, 0);
	answer.status = info->http_status;
	answer.body = body.data;
	answer.len = body.len;
	ddb_answer(call->request, &answer, reply);
}
