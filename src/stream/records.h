/*
 * records.h
 *	  The rows of ddb.stream_records and its partitions, for who writes them.
 *
 * All but the first functions are inside SPI_connect(), as the owner of the catalog.
 */
#ifndef DDB_STREAM_RECORDS_H
#define DDB_STREAM_RECORDS_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

#include "stream/stream.h"

/* ddb_records_descriptor makes the descriptor of the rows that are written; inside a transaction. */
extern TupleDesc ddb_records_descriptor(void);

/* ddb_records_form makes a row of a record; it touches no table. */
extern HeapTuple ddb_records_form(TupleDesc tupdesc, const DdbStreamRecord *record, int32 epoch);

/*
 * ddb_records_complete gives a row as a partition has it: the same one, or, if that has
 * columns that the library doesn't know, a copy with their defaults.
 */
extern HeapTuple ddb_records_complete(Relation partition, HeapTuple row);

/* ddb_records_stream_id gives the stream of a row. */
extern int32 ddb_records_stream_id(HeapTuple row);

#define DDB_RECORDS_NKEYS 4

/* ddb_records_primary_key gives a row's columns in the primary key; none is NULL. */
extern void ddb_records_primary_key(HeapTuple row, Datum values[DDB_RECORDS_NKEYS]);

/* ddb_records_open opens the partition of an epoch to write to it. */
extern Relation ddb_records_open(int32 epoch);

/* ddb_records_any tells whether an epoch has a record. */
extern bool ddb_records_any(int32 epoch);

/* ddb_records_free_epoch gives the first number from epoch on that no relation is in the way of. */
extern int32 ddb_records_free_epoch(int32 epoch);

/* ddb_records_create_partition makes the partition of an epoch, a member of the extension. */
extern void ddb_records_create_partition(int32 epoch);

/* ddb_records_partitions lists the epochs that have a partition, in order. */
extern List *ddb_records_partitions(void);

/* ddb_records_drop_partition drops the partition of an epoch; false when somebody uses it. */
extern bool ddb_records_drop_partition(int32 epoch);

#endif							/* DDB_STREAM_RECORDS_H */
