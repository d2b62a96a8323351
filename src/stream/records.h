/*
 * records.h
 *	  The stored form of stream records: ddb.stream_records and its partitions.
 */
#ifndef DDB_STREAM_RECORDS_H
#define DDB_STREAM_RECORDS_H

#include "stream/stream.h"

/* Columns of ddb.stream_records. */
enum
{
	DDB_RECORDS_EPOCH = 1,
	DDB_RECORDS_STREAM_ID,
	DDB_RECORDS_LSN,
	DDB_RECORDS_ORDINAL,
	DDB_RECORDS_EVENT,
	DDB_RECORDS_COMMITTED_AT,
	DDB_RECORDS_KEYS,
	DDB_RECORDS_NEW_IMAGE,
	DDB_RECORDS_OLD_IMAGE,
	DDB_RECORDS_NATTS = DDB_RECORDS_OLD_IMAGE
};

/* ddb_stream_partition_name names an epoch's partition, in schema ddb. */
extern char *ddb_stream_partition_name(int32 epoch);

#endif							/* DDB_STREAM_RECORDS_H */
