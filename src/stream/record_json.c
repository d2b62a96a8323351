/*
 * record_json.c
 *	  A stream record as JSON.
 *
 * "API reference: Record, StreamRecord"; for functions "AWS Lambda Developer Guide:
 * Using AWS Lambda with Amazon DynamoDB", which adds the stream and spells the
 * identity's members otherwise.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "jsonb/document.h"
#include "settings.h"
#include "stream/record_json.h"

/*
 * epoch_seconds is a time in seconds since 1970.
 */
static int64
epoch_seconds(TimestampTz at)
{
	return (int64) timestamptz_to_time_t(at);
}

/*
 * dynamodb_member is the StreamRecord.
 */
static Jsonb *
dynamodb_member(const DdbStream *stream, const DdbStreamRecord *record)
{
	Jsonb	   *keys = ddb_stream_record_keys(record, stream->key_attributes, stream->nkeys);
	DdbJsonPart images[3] = {{.name = "Keys",.value = keys}};
	int			n = 1;
	char		number[DDB_SEQUENCE_DIGITS + 1];
	JsonbParseState *state;

	if (record->new_image != NULL)
	{
		images[n].name = "NewImage";
		images[n++].value = record->new_image;
	}
	if (record->old_image != NULL)
	{
		images[n].name = "OldImage";
		images[n++].value = record->old_image;
	}
	ddb_sequence_format(record->sequence, number);
	ddb_json_response(&state);
	ddb_json_push_integer(&state, "ApproximateCreationDateTime", epoch_seconds(record->committed_at));
	ddb_json_push_string(&state, "SequenceNumber", number);
	ddb_json_push_integer(&state, "SizeBytes", ddb_stream_record_size(record, keys));
	ddb_json_push_string(&state, "StreamViewType", stream->view_type);
	return ddb_json_finish_with(&state, images, n);
}

Jsonb *
ddb_stream_record_json(const DdbStream *stream, const DdbStreamRecord *record, bool for_function)
{
	DdbJsonPart inner = {.name = "dynamodb",.value = dynamodb_member(stream, record)};
	char		event_id[DDB_EVENT_ID_DIGITS + 1];
	JsonbParseState *state;

	ddb_stream_event_id(stream->table_name, stream->label, record->sequence, event_id);
	ddb_json_response(&state);
	ddb_json_push_string(&state, "eventID", event_id);
	ddb_json_push_string(&state, "eventName", ddb_stream_event_name(record->event));
	ddb_json_push_string(&state, "eventVersion", "1.1");
	ddb_json_push_string(&state, "eventSource", "aws:dynamodb");
	ddb_json_push_string(&state, "awsRegion", ddb_region);
	if (for_function)
		ddb_json_push_string(&state, "eventSourceARN",
							 ddb_stream_arn(stream->table_name, stream->label));
	if (record->event == DDB_EVENT_TTL_REMOVE)
	{
		ddb_json_begin_object(&state, "userIdentity");
		ddb_json_push_string(&state, for_function ? "principalId" : "PrincipalId", "dynamodb.amazonaws.com");
		ddb_json_push_string(&state, for_function ? "type" : "Type", "Service");
		ddb_json_end_object(&state);
	}
	return ddb_json_finish_with(&state, &inner, 1);
}
