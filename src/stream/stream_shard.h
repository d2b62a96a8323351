/*
 * stream_shard.h
 *	  Shards of streams: the rows of ddb.stream_shards, and ShardIds.
 *
 * An epoch is a generation of shards: all streams change to a new shard together, and
 * the parent of a shard is the stream's shard of the epoch before.
 */
#ifndef DDB_STREAM_SHARD_H
#define DDB_STREAM_SHARD_H

#include "nodes/pg_list.h"

#include "stream/stream.h"

typedef struct DdbStreamShard
{
	int32		epoch;
	DdbSequence first;			/* no record is before */
	bool		closed;
	DdbSequence last;			/* of a closed one: no record is after */
	TimestampTz created_at;
} DdbStreamShard;

/*
 * Reading, with the latest snapshot, whatever the transaction's isolation level.
 */

/* ddb_stream_shard_find finds a stream's shard; false when there is none. */
extern bool ddb_stream_shard_find(int32 stream_id, int32 epoch, DdbStreamShard *shard);

/* ddb_stream_shard_list gives up to max shards (DdbStreamShard *) in order, from an epoch on. */
extern List *ddb_stream_shard_list(int32 stream_id, int32 from_epoch, int max);

/* Digits and letters of a ShardId, without the NUL. */
#define DDB_STREAM_SHARD_ID_LENGTH 37

/* ddb_stream_shard_id_format writes a ShardId. */
extern void ddb_stream_shard_id_format(int32 stream_id, const DdbStreamShard *shard,
									   char buf[DDB_STREAM_SHARD_ID_LENGTH + 1]);

/* ddb_stream_shard_id_parse gives the epoch in a ShardId of the stream; false when it can't be one. */
extern bool ddb_stream_shard_id_parse(int32 stream_id, const char *id, int32 *epoch);

/*
 * For the capture worker, inside SPI_connect().  Lists are in CurrentMemoryContext.
 */

/* ddb_stream_shard_open_streams lists the ids of the streams with an open shard in an epoch, in order. */
extern List *ddb_stream_shard_open_streams(int32 epoch);

/* ddb_stream_shard_kept_epochs lists in order the epochs with a shard that is open, or was retention seconds ago. */
extern List *ddb_stream_shard_kept_epochs(int retention);

/* ddb_stream_shard_open gives a stream a shard whose records are from first on, unless it has it. */
extern void ddb_stream_shard_open(int32 stream_id, int32 epoch, XLogRecPtr first);

/* ddb_stream_shard_close closes the open shards of a stream, or of all (0): no record is after last. */
extern void ddb_stream_shard_close(int32 stream_id, XLogRecPtr last);

/* ddb_stream_shard_delete deletes the shards of an epoch. */
extern void ddb_stream_shard_delete(int32 epoch);

#endif							/* DDB_STREAM_SHARD_H */
