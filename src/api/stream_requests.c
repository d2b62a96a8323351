/*
 * stream_requests.c
 *	  The Streams API: ListStreams, DescribeStream, GetShardIterator, GetRecords.
 *
 * A stream is readable by who may SELECT from its table; when the table is gone, by
 * who has the privileges of the role that owned it.
 *
 * The end of a shard.  GetRecords must not tell that a closed shard has been read to
 * its end while a reader has not seen all its records.  The capture worker commits
 * a shard's end together with its last records or after them.  So the shard is
 * looked up first, and its records are read with a later snapshot: when the
 * first look finds the shard closed, the second sees every record.
 *
 * LATEST is the end of the log at the time of the call: what was acknowledged before
 * is not delivered, even if it is recorded only later, and all that is begun
 * afterwards is.  The log is flushed up to there first: what synchronous_commit = off
 * has acknowledged may not be yet, and a crash could take the place back.  When the
 * shard has closed before that place, nothing is left in it; its child then begins
 * with what was committed before the call but recorded after it.
 *
 * A shard's parent is the stream's shard before it, as long as that one is kept.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "api/request.h"
#include "capture/capture.h"
#include "compat.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "stream/iterator.h"
#include "stream/record_json.h"
#include "stream/stream_catalog.h"
#include "stream/stream_shard.h"
#include "table/arn.h"
#include "table/tables_catalog.h"

static const char *const iterator_types[] = {
	"TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", NULL
};
static const char *const filter_types[] = {"CHILD_SHARDS", NULL};

static const DdbShape stream_arn = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 37,.max = 1024};
static const DdbShape shard_id = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 28,.max = 65};
static const DdbShape sequence_number = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 21,.max = 40};
static const DdbShape iterator = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 2048};
static const DdbShape iterator_type = {.kind = DDB_SHAPE_STRING,.enums = iterator_types};
static const DdbShape filter_type = {.kind = DDB_SHAPE_STRING,.enums = filter_types};
static const DdbShape hundred = {.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.max = 100};
static const DdbShape thousand = {.kind = DDB_SHAPE_INTEGER,.has_min = true,.min = 1,.max = 1000};

static const DdbMember list_streams_members[] = {
	{"TableName", &ddb_shape_table_name},
	{"Limit", &hundred},
	{"ExclusiveStartStreamArn", &stream_arn},
	{NULL}
};
static const DdbShape list_streams_shape = {.kind = DDB_SHAPE_STRUCT,.members = list_streams_members};

static const DdbMember shard_filter_members[] = {
	{"Type", &filter_type, true},
	{"ShardId", &shard_id, true},
	{NULL}
};
static const DdbShape shard_filter = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "ShardFilter",.members = shard_filter_members
};
static const DdbMember describe_stream_members[] = {
	{"StreamArn", &stream_arn, true},
	{"Limit", &hundred},
	{"ExclusiveStartShardId", &shard_id},
	{"ShardFilter", &shard_filter},
	{NULL}
};
static const DdbShape describe_stream_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = describe_stream_members
};

static const DdbMember get_shard_iterator_members[] = {
	{"StreamArn", &stream_arn, true},
	{"ShardId", &shard_id, true},
	{"ShardIteratorType", &iterator_type, true},
	{"SequenceNumber", &sequence_number},
	{NULL}
};
static const DdbShape get_shard_iterator_shape = {
	.kind = DDB_SHAPE_STRUCT,.members = get_shard_iterator_members
};

static const DdbMember get_records_members[] = {
	{"ShardIterator", &iterator, true},
	{"Limit", &thousand},
	{NULL}
};
static const DdbShape get_records_shape = {.kind = DDB_SHAPE_STRUCT,.members = get_records_members};

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#define DEFAULT_LIST_LIMIT 100
#define DEFAULT_RECORDS_LIMIT 1000
#define MAX_RECORDS_SIZE (1024 * 1024)
#define NOTHING_AFTER PG_INT32_MAX	/* an epoch that no shard has or follows */
#define ITERATOR_LIFE_MS (15 * 60 * 1000)

/* ---- streams ---- */

/*
 * table_lives tells whether a stream's table is still there.
 */
static bool
table_lives(const DdbStream *stream)
{
	return ddb_tables_relid(stream->table_name) == stream->relid;
}

static bool
may_read(const DdbStream *stream)
{
	return table_lives(stream) ? ddb_may_read(stream->relid) :
		has_privs_of_role(GetUserId(), stream->owner);
}

/*
 * check_access raises the usual permission error.
 */
static void
check_access(const DdbStream *stream)
{
	if (table_lives(stream))
		ddb_check_read(stream->relid);
	else if (!has_privs_of_role(GetUserId(), stream->owner))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, stream->table_name);
}

pg_noreturn static void
stream_not_found(const char *arn)
{
	ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
			errmsg("Requested resource not found: Stream: %s not found", arn));
}

/*
 * parse_arn splits a stream's ARN; false when it is of another region or account.
 */
static bool
parse_arn(const char *arn, char **table_name, char **label)
{
	bool		malformed;

	*table_name = ddb_arn_stream(arn, label, &malformed);
	if (malformed)
		VALIDATION("Invalid StreamArn: %s", arn);
	return *table_name != NULL;
}

/*
 * open_stream finds the stream that StreamArn names, for a user who may read it.
 */
static DdbStream *
open_stream(JsonbContainer *request)
{
	char	   *arn = ddb_request_string(request, "StreamArn");
	char	   *table_name;
	char	   *label;
	DdbStream  *stream = NULL;

	if (parse_arn(arn, &table_name, &label))
		stream = ddb_stream_find(table_name, label);
	if (stream == NULL)
		stream_not_found(arn);
	check_access(stream);
	return stream;
}

/*
 * list_streams answers ListStreams.
 */
static Jsonb *
list_streams(JsonbContainer *request, DdbConsumption *consumption)
{
	char	   *table_name = ddb_request_string(request, "TableName");
	char	   *start = ddb_request_string(request, "ExclusiveStartStreamArn");
	int64		limit = ddb_request_integer(request, "Limit", DEFAULT_LIST_LIMIT);
	char	   *start_table = NULL;
	char	   *start_label = NULL;
	char	   *last = NULL;
	int64		n = 0;
	JsonbParseState *state;
	ListCell   *lc;

	if (table_name != NULL)
		table_name = pstrdup(ddb_table_name_of(table_name));
	if (start != NULL && !parse_arn(start, &start_table, &start_label))
		stream_not_found(start);
	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Streams");
	foreach(lc, ddb_stream_list(table_name, start_table, start_label))
	{
		DdbStream  *stream = lfirst(lc);

		if (!may_read(stream))
			continue;
		if (n++ == limit)
			break;
		last = ddb_stream_arn(stream->table_name, stream->label);
		ddb_json_begin_object(&state, NULL);
		ddb_json_push_string(&state, "StreamArn", last);
		ddb_json_push_string(&state, "TableName", stream->table_name);
		ddb_json_push_string(&state, "StreamLabel", stream->label);
		ddb_json_end_object(&state);
	}
	ddb_json_end_array(&state);
	if (n > limit)
		ddb_json_push_string(&state, "LastEvaluatedStreamArn", last);
	return ddb_json_finish(&state);
}

/* ---- shards ---- */

pg_noreturn static void
trimmed(void)
{
	ereport(ERROR, ddb_errcode(DDB_TRIMMED_DATA_ACCESS),
			errmsg("The data you are trying to access has been trimmed"));
}

/*
 * shard_epoch reads a ShardId; NOTHING_AFTER for what is none of the stream's.  One whose
 * shard is gone meanwhile is as good as any.
 */
static int32
shard_epoch(const DdbStream *stream, const char *id)
{
	char		real_id[DDB_STREAM_SHARD_ID_LENGTH + 1];
	DdbStreamShard shard;
	int32		epoch;

	if (!ddb_stream_shard_id_parse(stream->id, id, &epoch) || epoch < 0)
		return NOTHING_AFTER;
	if (!ddb_stream_shard_find(stream->id, epoch, &shard))
		return epoch;
	ddb_stream_shard_id_format(stream->id, &shard, real_id);
	return strcmp(id, real_id) == 0 ? epoch : NOTHING_AFTER;
}

/*
 * open_shard finds the shard that ShardId names.
 */
static void
open_shard(const DdbStream *stream, const char *id, DdbStreamShard *shard)
{
	int32		epoch = shard_epoch(stream, id);

	if (epoch != NOTHING_AFTER && ddb_stream_shard_find(stream->id, epoch, shard))
		return;
	ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
			errmsg("Requested resource not found: Shard does not exist"));
}

static void
push_shard(JsonbParseState **state, const DdbStream *stream, const DdbStreamShard *shard,
		   const DdbStreamShard *parent)
{
	char		id[DDB_STREAM_SHARD_ID_LENGTH + 1];
	char		number[DDB_SEQUENCE_DIGITS + 1];

	ddb_json_begin_object(state, NULL);
	ddb_stream_shard_id_format(stream->id, shard, id);
	ddb_json_push_string(state, "ShardId", id);
	ddb_json_begin_object(state, "SequenceNumberRange");
	ddb_sequence_format(shard->first, number);
	ddb_json_push_string(state, "StartingSequenceNumber", number);
	if (shard->closed)
	{
		ddb_sequence_format(shard->last, number);
		ddb_json_push_string(state, "EndingSequenceNumber", number);
	}
	ddb_json_end_object(state);
	if (parent != NULL)
	{
		ddb_stream_shard_id_format(stream->id, parent, id);
		ddb_json_push_string(state, "ParentShardId", id);
	}
	ddb_json_end_object(state);
}

/*
 * push_shards writes Shards: after a certain epoch, up to limit; and
 * LastEvaluatedShardId when there are more.
 */
static void
push_shards(JsonbParseState **state, const DdbStream *stream, int32 after, int64 limit)
{
	/* one more in front, which may be the first one's parent, and one behind */
	List	   *shards = ddb_stream_shard_list(stream->id, after, limit + 2);
	DdbStreamShard *previous = NULL;
	int64		n = 0;
	ListCell   *lc;
	char		id[DDB_STREAM_SHARD_ID_LENGTH + 1];

	ddb_json_begin_array(state, "Shards");
	foreach(lc, shards)
	{
		DdbStreamShard *shard = lfirst(lc);

		if (shard->epoch > after)
		{
			if (n++ == limit)
				break;
			push_shard(state, stream, shard, previous);
		}
		previous = shard;
	}
	ddb_json_end_array(state);
	if (n > limit)
	{
		ddb_stream_shard_id_format(stream->id, previous, id);
		ddb_json_push_string(state, "LastEvaluatedShardId", id);
	}
}

/*
 * push_children writes Shards with the child of a shard: the one that follows it.
 */
static void
push_children(JsonbParseState **state, const DdbStream *stream, int32 parent, int32 after)
{
	DdbStreamShard *previous = NULL;
	ListCell   *lc;

	ddb_json_begin_array(state, "Shards");
	foreach(lc, ddb_stream_shard_list(stream->id, parent, 2))
	{
		DdbStreamShard *shard = lfirst(lc);

		if (shard->epoch > parent)
		{
			if (shard->epoch > after)
				push_shard(state, stream, shard, previous);
			break;
		}
		previous = shard;
	}
	ddb_json_end_array(state);
}

static const char *
stream_status(const DdbStream *stream)
{
	if (stream->disabled)
		return stream->closed ? "DISABLED" : "DISABLING";
	return stream->captured ? "ENABLED" : "ENABLING";
}

static void
push_key_schema(JsonbParseState **state, const DdbStream *stream)
{
	ddb_json_begin_array(state, "KeySchema");
	for (int i = 0; i < stream->nkeys; i++)
	{
		ddb_json_begin_object(state, NULL);
		ddb_json_push_string(state, "AttributeName", stream->key_attributes[i]);
		ddb_json_push_string(state, "KeyType", i == 0 ? "HASH" : "RANGE");
		ddb_json_end_object(state);
	}
	ddb_json_end_array(state);
}

/*
 * epoch_ms is a time in milliseconds since 1970.
 */
static int64
epoch_ms(TimestampTz time)
{
	return time / 1000 +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY * 1000;
}

/*
 * describe_stream answers DescribeStream.  An ExclusiveStartShardId whose shard is
 * gone meanwhile is still good to go on from; no shards are after one that never was.
 */
static Jsonb *
describe_stream(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *filter = ddb_json_container(request, "ShardFilter", false);
	char	   *start = ddb_request_string(request, "ExclusiveStartShardId");
	bool		children = filter && strcmp(ddb_request_string(filter, "Type"), "CHILD_SHARDS") == 0;
	int64		limit = ddb_request_integer(request, "Limit", DEFAULT_LIST_LIMIT);
	DdbStream  *stream = open_stream(request);
	int32		after = start ? shard_epoch(stream, start) : PG_INT32_MIN;
	JsonbParseState *state;

	ddb_json_response(&state);
	ddb_json_begin_object(&state, "StreamDescription");
	ddb_json_push_string(&state, "StreamArn", ddb_stream_arn(stream->table_name, stream->label));
	ddb_json_push_string(&state, "StreamLabel", stream->label);
	ddb_json_push_string(&state, "StreamStatus", stream_status(stream));
	ddb_json_push_string(&state, "StreamViewType", stream->view_type);
	ddb_json_push_numeric(&state, "CreationRequestDateTime",
						  int64_div_fast_to_numeric(epoch_ms(stream->created_at), 3));
	ddb_json_push_string(&state, "TableName", stream->table_name);
	push_key_schema(&state, stream);
	if (children)
		push_children(&state, stream, shard_epoch(stream, ddb_request_string(filter, "ShardId")), after);
	else
		push_shards(&state, stream, after, limit);
	ddb_json_end_object(&state);
	return ddb_json_finish(&state);
}

/* ---- iterators ---- */

/*
 * log_end is where the log that can have been recorded ends.  What has been recorded
 * is no bound for sequence numbers: after a crash the capture worker may have to
 * record again what readers have seen.
 */
static XLogRecPtr
log_end(void)
{
	return RecoveryInProgress() ? GetXLogReplayRecPtr(NULL) : GetFlushRecPtr(NULL);
}

/*
 * place_at sets a position by SequenceNumber, which has to lie in the shard.
 */
static void
place_at(DdbIterator *iterator, const DdbStreamShard *shard, const char *number)
{
	bool		inside = ddb_sequence_parse(number, &iterator->position);

	if (inside && ddb_sequence_compare(iterator->position, shard->first) < 0)
	{
		List	   *oldest = ddb_stream_shard_list(iterator->stream_id, PG_INT32_MIN, 1);

		if (oldest != NIL &&
			ddb_sequence_compare(iterator->position, ((DdbStreamShard *) linitial(oldest))->first) < 0)
			trimmed();
		inside = false;
	}
	else if (inside && shard->closed)
		inside = ddb_sequence_compare(iterator->position, shard->last) <= 0;
	else if (inside)
		inside = iterator->position.lsn <= Max(log_end(), shard->first.lsn);
	if (!inside)
		VALIDATION("Invalid SequenceNumber: %s", number);
}

/*
 * place_latest sets the position behind what is committed now.
 */
static void
place_latest(DdbIterator *iterator, const DdbStreamShard *shard)
{
	DdbSequence end = {0};

	if (!RecoveryInProgress())
		XLogFlush(ddb_capture_log_end());
	end.lsn = log_end();

	iterator->inclusive = true;
	iterator->position = ddb_sequence_compare(end, shard->first) > 0 ? end : shard->first;
}

/*
 * get_shard_iterator answers GetShardIterator.
 */
static Jsonb *
get_shard_iterator(JsonbContainer *request, DdbConsumption *consumption)
{
	char	   *type = ddb_request_string(request, "ShardIteratorType");
	char	   *number = ddb_request_string(request, "SequenceNumber");
	bool		by_number = strstr(type, "SEQUENCE_NUMBER") != NULL;
	DdbIterator iterator = {.inclusive = true};
	DdbStream  *stream;
	DdbStreamShard shard;
	JsonbParseState *state;

	if (by_number && number == NULL)
		VALIDATION("SequenceNumber must be specified when ShardIteratorType is %s", type);
	if (!by_number && number != NULL)
		VALIDATION("SequenceNumber cannot be specified when ShardIteratorType is %s", type);
	stream = open_stream(request);
	open_shard(stream, ddb_request_string(request, "ShardId"), &shard);
	iterator.stream_id = stream->id;
	iterator.epoch = shard.epoch;
	iterator.issued_at = GetCurrentTimestamp();
	if (by_number)
	{
		place_at(&iterator, &shard, number);
		iterator.inclusive = strcmp(type, "AT_SEQUENCE_NUMBER") == 0;
	}
	else if (strcmp(type, "LATEST") == 0)
		place_latest(&iterator, &shard);
	else
		iterator.position = shard.first;

	ddb_json_response(&state);
	ddb_json_push_string(&state, "ShardIterator",
						 ddb_iterator_write(ddb_stream_arn(stream->table_name, stream->label),
											&iterator));
	return ddb_json_finish(&state);
}

/* ---- records ---- */

/*
 * open_iterator reads ShardIterator, for a user who may read the stream.
 */
static DdbStream *
open_iterator(JsonbContainer *request, DdbIterator *iterator)
{
	char	   *text = ddb_request_string(request, "ShardIterator");
	DdbStream  *stream;

	if (!ddb_iterator_read(text, iterator))
		VALIDATION("Invalid ShardIterator");
	stream = ddb_stream_by_id(iterator->stream_id);
	if (stream == NULL)
		stream_not_found(pnstrdup(text, strcspn(text, "|")));
	check_access(stream);
	if (TimestampDifferenceExceeds(iterator->issued_at, GetCurrentTimestamp(), ITERATOR_LIFE_MS))
		ereport(ERROR, ddb_errcode(DDB_EXPIRED_ITERATOR),
				errmsg("The provided iterator exceeds the maximum age allowed."));
	return stream;
}

/*
 * read_records reads the records at an iterator, and its shard first; see above about
 * the end of a shard.  It waits a little for those that were acknowledged before the call.
 */
static void
read_records(const DdbStream *stream, const DdbIterator *iterator, int64 limit,
			 DdbStreamShard *shard, DdbStreamBatch *batch)
{
	DdbCaptureWait wait;
	bool		behind;

	ddb_capture_wait_begin(&wait);
	do
	{
		behind = ddb_capture_is_behind(&wait);
		if (!ddb_stream_shard_find(stream->id, iterator->epoch, shard))
			trimmed();
		ddb_stream_read(stream->id, iterator->epoch, iterator->position, iterator->inclusive,
						limit, MAX_RECORDS_SIZE, batch);
		if (batch->dropped)
			trimmed();
	} while (behind && !shard->closed && !batch->more && batch->n < limit && ddb_capture_wait(&wait));
}

/*
 * get_records answers GetRecords.
 */
static Jsonb *
get_records(JsonbContainer *request, DdbConsumption *consumption)
{
	int64		limit = ddb_request_integer(request, "Limit", DEFAULT_RECORDS_LIMIT);
	DdbIterator iterator;
	DdbStream  *stream = open_iterator(request, &iterator);
	DdbStreamBatch batch;
	DdbStreamShard shard;
	DdbJsonPart records = {.name = "Records"};
	JsonbParseState *state;

	read_records(stream, &iterator, limit, &shard, &batch);
	records.elements = palloc(sizeof(Jsonb *) * Max(batch.n, 1));
	records.nelements = batch.n;
	for (int i = 0; i < batch.n; i++)
		records.elements[i] = ddb_stream_record_json(stream, &batch.records[i], false);

	ddb_json_response(&state);
	if (!shard.closed || batch.more)
	{
		if (batch.n > 0)
		{
			iterator.position = batch.records[batch.n - 1].sequence;
			iterator.inclusive = false;
		}
		iterator.issued_at = GetCurrentTimestamp();
		ddb_json_push_string(&state, "NextShardIterator",
							 ddb_iterator_write(ddb_stream_arn(stream->table_name, stream->label),
												&iterator));
	}
	return ddb_json_finish_with(&state, &records, 1);
}

const DdbOperation ddb_stream_operations[] = {
	{"ListStreams", &list_streams_shape, list_streams},
	{"DescribeStream", &describe_stream_shape, describe_stream},
	{"GetShardIterator", &get_shard_iterator_shape, get_shard_iterator},
	{"GetRecords", &get_records_shape, get_records},
	{NULL}
};
