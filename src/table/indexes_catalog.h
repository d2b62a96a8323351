/*
 * indexes_catalog.h
 *	  The rows of ddb.indexes.
 *
 * The writing functions act as the owner of the catalog, inside SPI_connect(), and
 * leave the invalidation of the data table to the caller.
 */
#ifndef DDB_INDEXES_CATALOG_H
#define DDB_INDEXES_CATALOG_H

#include "nodes/pg_list.h"

#include "table/spec.h"

typedef struct DdbIndexRow
{
	char	   *name;			/* NULL for the primary key */
	char	   *relname;		/* the index, in the data table's schema */
	DdbIndexKind kind;
	int			npartition;
	char	  **partition;		/* names of key attributes */
	int			nsort;
	char	  **sort;
	DdbProjectionType projection;
	int			nincluded;
	char	  **included;
	Jsonb	   *settings;
	DdbIndexStatus status;
	bool		filling;		/* fill is set */
	DdbFill		fill;			/* how far the rows that were there before have been filled */
} DdbIndexRow;

/*
 * ddb_indexes_list reads the rows (DdbIndexRow *) of a table, the primary key's first,
 * with a fresh catalog snapshot, into CurrentMemoryContext.  Without SPI.
 */
extern List *ddb_indexes_list(const char *table_name);

/* ddb_indexes_insert enters an index; fill is the state of its filling, or NULL. */
extern void ddb_indexes_insert(const char *table_name, const DdbIndexSpec *index,
							   DdbIndexStatus status, const DdbFill *fill);
extern void ddb_indexes_delete(const char *table_name, const char *index_name);

/* ddb_indexes_set_status changes an index's status, with which filling is over. */
extern void ddb_indexes_set_status(const char *table_name, const char *index_name,
								   DdbIndexStatus status);

/* ddb_indexes_set_fill keeps how far an index is filled; NULL when it is. */
extern void ddb_indexes_set_fill(const char *table_name, const char *index_name,
								 const DdbFill *fill);
extern void ddb_indexes_set_settings(const char *table_name, const char *index_name,
									 Jsonb *settings);

/* ddb_indexes_busy tells whether an index of a table, except one (or NULL), is not ACTIVE. */
extern bool ddb_indexes_busy(const char *table_name, const char *but);

/* An index that is not ACTIVE: a worker's work. */
typedef struct DdbUnreadyIndex
{
	char	   *table_name;
	char	   *index_name;
	bool		deleting;		/* else it is being created */
} DdbUnreadyIndex;

/*
 * ddb_indexes_unready gives one (in CurrentMemoryContext) of the indexes that are not
 * ACTIVE and whose data table is there, any of them: one that always fails must not
 * keep others waiting.  False when there is none.
 */
extern bool ddb_indexes_unready(DdbUnreadyIndex *index);

/* ddb_indexes_work_query gives a row when an index is not ACTIVE. */
extern const char ddb_indexes_work_query[];

#endif							/* DDB_INDEXES_CATALOG_H */
