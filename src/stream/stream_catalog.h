/*
 * stream_catalog.h
 *	  The rows of ddb.streams.
 *
 * Reading is with the latest snapshot, whatever the transaction's isolation level: how
 * far a stream has come is not a matter of isolation.  Results are in
 * CurrentMemoryContext.
 */
#ifndef DDB_STREAM_CATALOG_H
#define DDB_STREAM_CATALOG_H

#include "nodes/pg_list.h"
#include "utils/relcache.h"

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
	char	  **key_columns;	/* the columns that hold them */
	TimestampTz created_at;
	bool		disabled;
	bool		captured;		/* the capture worker has taken it up */
	bool		closed;			/* ... and finished with it */
} DdbStream;

/* ddb_stream_find and ddb_stream_by_id find a stream, or give NULL. */
extern DdbStream *ddb_stream_find(const char *table_name, const char *label);
extern DdbStream *ddb_stream_by_id(int32 stream_id);

/*
 * ddb_stream_list gives streams (DdbStream *) in the order of table names and
 * labels: of one table, or of all (table_name NULL), after a certain one
 * (after_table NULL: from the first).
 */
extern List *ddb_stream_list(const char *table_name, const char *after_table,
							 const char *after_label);

/* ddb_stream_list_by_id gives all streams in the order of their ids. */
extern List *ddb_stream_list_by_id(void);

/* ddb_stream_of_relation finds the stream of a data table that is enabled, or gives NULL. */
extern DdbStream *ddb_stream_of_relation(Oid relid);

/* ddb_stream_of_relation_in does so in ddb.streams as the caller has it open, under a historic snapshot. */
extern DdbStream *ddb_stream_of_relation_in(Relation streams, Oid relid);

/*
 * ddb_stream_new_label names a table's next stream.  latest is the label of the
 * one before as the table's settings have it, or NULL; the table's definition is
 * locked.
 */
extern char *ddb_stream_new_label(const char *table_name, const char *latest);

/*
 * Writing, as the owner of the catalog, inside SPI_connect().
 */

/* ddb_stream_insert enters a stream; its id, its owner and its states are not given. */
extern void ddb_stream_insert(const DdbStream *stream);

/* ddb_stream_set_disabled disables the stream of a table, if it has one. */
extern void ddb_stream_set_disabled(const char *table_name);

/*
 * For the capture worker.
 */

/* ddb_stream_work_query gives a row when there is a stream. */
extern const char ddb_stream_work_query[];

/* ddb_stream_set_captured notes that a stream is being captured, unless its row is locked. */
extern void ddb_stream_set_captured(int32 stream_id);

/* ddb_stream_set_closed notes that all changes of a disabled stream are recorded. */
extern void ddb_stream_set_closed(int32 stream_id);

/* ddb_stream_set_failed disables a stream, for a reason; ddb.streams is locked. */
extern void ddb_stream_set_failed(int32 stream_id, const char *failure);

/* ddb_stream_follow_owners notes whose the data tables are now. */
extern void ddb_stream_follow_owners(void);

/* ddb_stream_closed_before lists the ids of streams that were closed more than so many seconds ago. */
extern List *ddb_stream_closed_before(int seconds);

extern void ddb_stream_delete(int32 stream_id);

/*
 * ddb_stream_catalog_oid is the oid of ddb.streams, for the lock on it that dropping
 * the slot takes (see definition.c).
 */
extern Oid	ddb_stream_catalog_oid(void);

#endif							/* DDB_STREAM_CATALOG_H */
