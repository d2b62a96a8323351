/*
 * ttl_progress.h
 *	  How far the worker that deletes expired items is: the rows of ddb.ttl_progress.
 */
#ifndef DDB_TTL_PROGRESS_H
#define DDB_TTL_PROGRESS_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef struct DdbTtlProgress
{
	Oid			relid;			/* the data table */
	Oid			filenode;		/* its file, in which block is a place */
	int64		block;			/* where the next round begins */
	TimestampTz round_at;		/* when the last round began; 0: there was none */
	TimestampTz lap_at;			/* when the end of the table was last reached; saving 0 keeps it */
	int64		deleted;		/* items; saving adds to it */
	char	   *failure;		/* why the last round left the table alone, or NULL */
} DdbTtlProgress;

/* ddb_ttl_progress_read reads a table's row, into CurrentMemoryContext; all is 0 when there is none. */
extern void ddb_ttl_progress_read(Oid relid, DdbTtlProgress *progress);

/* ddb_ttl_progress_save makes or changes a table's row; inside SPI_connect(). */
extern void ddb_ttl_progress_save(const DdbTtlProgress *progress);

/* ddb_ttl_progress_keep deletes the rows of all but these data tables (an Oid list); inside SPI_connect(). */
extern void ddb_ttl_progress_keep(List *relids);

#endif							/* DDB_TTL_PROGRESS_H */
