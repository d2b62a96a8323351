/*
 * stream_shapes.c
 *	  Shapes of the requests of the Streams API ("API reference: DynamoDB
 *	  Streams").
 */
#include "postgres.h"

#include "api/stream_shapes.h"

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
const DdbShape ddb_shape_list_streams = {.kind = DDB_SHAPE_STRUCT,.members = list_streams_members};

static const DdbMember shard_filter_members[] = {
	{"Type", &filter_type},
	{"ShardId", &shard_id},
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
const DdbShape ddb_shape_describe_stream = {
	.kind = DDB_SHAPE_STRUCT,.members = describe_stream_members
};

static const DdbMember get_shard_iterator_members[] = {
	{"StreamArn", &stream_arn, true},
	{"ShardId", &shard_id, true},
	{"ShardIteratorType", &iterator_type, true},
	{"SequenceNumber", &sequence_number},
	{NULL}
};
const DdbShape ddb_shape_get_shard_iterator = {
	.kind = DDB_SHAPE_STRUCT,.members = get_shard_iterator_members
};

static const DdbMember get_records_members[] = {
	{"ShardIterator", &iterator, true},
	{"Limit", &thousand},
	{NULL}
};
const DdbShape ddb_shape_get_records = {.kind = DDB_SHAPE_STRUCT,.members = get_records_members};
