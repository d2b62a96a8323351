/*
 * text.c
 *	  Records as JSON, for the output plugin.
 *
 * The shape is that of the Streams API ("API reference: Record"), and the stream's
 * Amazon resource name as in the events that functions get.  A record whose
 * transaction is still in progress has no sequence number; its place there is given
 * instead.
 *
 * jansson allocates with malloc.  Nothing that raises an error comes between the
 * first object and its release, but for running out of memory.
 */
#include "postgres.h"

#include <jansson.h>

#include "utils/timestamp.h"

#include "settings.h"
#include "stream/plugin_private.h"

/*
 * new_object makes an empty object.  PostgreSQL has a json_object() of its own, which
 * a direct call would reach.
 */
static json_t *
new_object(void)
{
	return json_pack("{}");
}

/*
 * put adds a member; value is a new reference.
 */
static void
put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new_nocheck(object, name, value) != 0)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
}

static void
put_string(json_t *object, const char *name, const char *value)
{
	put(object, name, json_string_nocheck(value));
}

static json_t *image_json(JsonbContainer *container);

/*
 * value_json converts one value inside an image.
 */
static json_t *
value_json(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvBinary:
			return image_json(value->val.binary.data);
		case jbvString:
			return json_stringn_nocheck(value->val.string.val, value->val.string.len);
		case jbvBool:
			return json_boolean(value->val.boolean);
		default:
			/* attribute values hold no other kind */
			return json_null();
	}
}

/*
 * image_json converts a part of an image.
 */
static json_t *
image_json(JsonbContainer *container)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;
	json_t	   *json = JsonContainerIsObject(container) ? new_object() : json_array();
	char	   *name = NULL;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
		{
			put(json, name, value_json(&value));
			pfree(name);
		}
		else if (token == WJB_ELEM && json_array_append_new(json, value_json(&value)) != 0)
			ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	}
	return json;
}

static int
append_text(const char *buffer, size_t size, void *out)
{
	appendBinaryStringInfo(out, buffer, size);
	return 0;
}

/*
 * write_json appends the text of json and releases it.
 */
static void
write_json(const DdbPluginOptions *options, json_t *json, StringInfo out)
{
	int			from = out->len;
	int			result = json_dump_callback(json, append_text, out,
											options->pretty ? JSON_INDENT(2) : JSON_COMPACT);

	json_decref(json);
	if (result != 0)
		elog(ERROR, "could not write a stream record as JSON");
	ddb_json_show(out, from);
}

static void
put_sequence(json_t *object, DdbSequence sequence)
{
	char		number[DDB_SEQUENCE_DIGITS + 1];

	ddb_sequence_format(sequence, number);
	put_string(object, "SequenceNumber", number);
}

/*
 * put_time adds when a transaction was committed, to the second as in the Streams API.
 */
static void
put_time(json_t *object, TimestampTz committed_at)
{
	put(object, "ApproximateCreationDateTime", json_integer(timestamptz_to_time_t(committed_at)));
}

/*
 * put_place adds the members that tell transactions in progress apart.
 */
static void
put_place(json_t *object, const DdbRecordPlace *place)
{
	put(object, "xid", json_integer(place->xid));
	if (place->subxid != place->xid)
		put(object, "subxid", json_integer(place->subxid));
}

/*
 * stream_record_json makes the member "dynamodb".
 */
static json_t *
stream_record_json(const DdbStreamSource *source, const DdbStreamRecord *record, Jsonb *keys,
				   bool streamed)
{
	int64		size = ddb_stream_record_size(record, keys);
	json_t	   *json = new_object();

	if (!streamed)
		put_time(json, record->committed_at);
	put(json, "Keys", image_json(&keys->root));
	if (record->new_image != NULL)
		put(json, "NewImage", image_json(&record->new_image->root));
	if (record->old_image != NULL)
		put(json, "OldImage", image_json(&record->old_image->root));
	if (!streamed)
		put_sequence(json, record->sequence);
	put(json, "SizeBytes", json_integer(size));
	put_string(json, "StreamViewType", ddb_stream_view_name(source->view));
	return json;
}

void
ddb_plugin_write_record(const DdbPluginOptions *options, const DdbStreamSource *source,
						const DdbStreamRecord *record, const DdbRecordPlace *place, StringInfo out)
{
	Jsonb	   *keys = ddb_stream_record_keys(record, source->key_attributes, source->nkeys);
	char	   *arn = ddb_stream_arn(source->table_name, source->label);
	char		event_id[DDB_EVENT_ID_DIGITS + 1];
	json_t	   *json;

	ddb_stream_event_id(source->table_name, source->label, record->sequence, event_id);
	json = new_object();
	if (!place->streamed)
		put_string(json, "eventID", event_id);
	put_string(json, "eventName", ddb_stream_event_name(record->event));
	put_string(json, "eventVersion", "1.1");
	put_string(json, "eventSource", "aws:dynamodb");
	put_string(json, "awsRegion", ddb_region);
	put(json, "dynamodb", stream_record_json(source, record, keys, place->streamed));
	if (record->event == DDB_EVENT_TTL_REMOVE)
		put(json, "userIdentity", json_pack("{s:s, s:s}", "Type", "Service",
											"PrincipalId", "dynamodb.amazonaws.com"));
	put_string(json, "eventSourceARN", arn);
	if (place->streamed || options->include_xids)
		put_place(json, place);
	if (place->streamed)
		put(json, "ordinal", json_integer(record->sequence.ordinal));
	write_json(options, json, out);
}

void
ddb_plugin_write_commit(const DdbPluginOptions *options, TransactionId xid,
						XLogRecPtr commit_lsn, TimestampTz committed_at, StringInfo out)
{
	json_t	   *json = new_object();
	DdbSequence first = {commit_lsn, 0};

	put_string(json, "stream", "commit");
	put(json, "xid", json_integer(xid));
	put_sequence(json, first);
	put_time(json, committed_at);
	write_json(options, json, out);
}

void
ddb_plugin_write_abort(const DdbPluginOptions *options, const DdbRecordPlace *place,
					   StringInfo out)
{
	json_t	   *json = new_object();

	put_string(json, "stream", "abort");
	put_place(json, place);
	write_json(options, json, out);
}
