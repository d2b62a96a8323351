/*
 * stream_catalog.h
 *	  Looking up streams and shards (ddb.streams, ddb.stream_shards, ddb.capture).
 *
 * All of it reads with the latest snapshot, whatever the transaction's isolation
 * level: how far a stream has come is not a matter of isolation.  Results are in
 * CurrentMemoryContext.
 */
#ifndef DDB_STREAM_CATALOG_H
#define DDB_STREAM_CATALOG_H

#include "nodes/pg_list.h"

#include "stream/stream.h"

typedef struct DdbStream
{
	int32		id;
	char	   *table_name;
	char	   *label;
	Oid			relid;			/* the data table, which may be gone */
	Oid			owner;
	char	   *view_type;
	int			nkeys;
	char	  **key_attributes; /* partition key and sort key */
	TimestampTz created_at;
	bool		disabled;
	bool		captured;		/* the capture worker has taken it up */
	bool		closed;			/* ... and finished with it */
} DdbStream;

typedef struct DdbShard
{
	int32		epoch;
	DdbSequence first;			/* no record is before */
	bool		closed;
	DdbSequence last;			/* of a closed one: no record is after */
	TimestampTz created_at;
} DdbShard;

/* both NULL when there is none */
extern DdbStream *ddb_stream_find(const char *table_name, const char *label);
extern DdbStream *ddb_stream_by_id(int32 stream_id);

/*
 * ddb_stream_list gives streams (DdbStream *) in the order of table names and
 * labels: of one table, or of all (table_name NULL), after a certain one
 * (after_table NULL: from the first).
 */
extern List *ddb_stream_list(const char *table_name, const char *after_table,
							 const char *after_label);

/*
 * ddb_stream_new_label names a table's next stream.  latest is the label of the
 * one before as the table's settings have it, or NULL; the table's definition is
 * locked.
 */
extern char *ddb_stream_new_label(const char *table_name, const char *latest);

/* ddb_shard_find finds a stream's shard; false when there is none. */
extern bool ddb_shard_find(int32 stream_id, int32 epoch, DdbShard *shard);

/* ddb_shard_list gives up to max shards (DdbShard *) in order, from an epoch on. */
extern List *ddb_shard_list(int32 stream_id, int32 from_epoch, int max);

/* Digits and letters of a ShardId, without the NUL. */
#define DDB_SHARD_ID_LENGTH 37

/* ddb_shard_id_format writes a ShardId. */
extern void ddb_shard_id_format(int32 stream_id, const DdbShard *shard,
								char buf[DDB_SHARD_ID_LENGTH + 1]);

/* ddb_shard_id_parse gives the epoch in a ShardId of the stream; false when it can't be one. */
extern bool ddb_shard_id_parse(int32 stream_id, const char *id, int32 *epoch);

/*
 * ddb_stream_captured is how far all streams are recorded; false when nothing
 * is being recorded.
 */
extern bool ddb_stream_captured(XLogRecPtr *lsn);

#endif							/* DDB_STREAM_CATALOG_H */
