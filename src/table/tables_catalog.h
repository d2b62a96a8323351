/*
 * tables_catalog.h
 *	  The rows of ddb.tables.
 *
 * Names are those of tables, never ARNs.  The writing functions act as the owner of the
 * catalog; whose business a change is has been checked before.  They run inside
 * SPI_connect() unless it says otherwise, and send no invalidation: that is the
 * caller's, who knows the data table.
 */
#ifndef DDB_TABLES_CATALOG_H
#define DDB_TABLES_CATALOG_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "table/spec.h"

typedef struct DdbTableRow
{
	Oid			relid;			/* the data table, which may be gone */
	char	   *table_id;		/* UUID */
	TimestampTz created_at;
	int			nattributes;
	char	  **attribute_names;
	char	  **attribute_types;
	char	  **column_names;
	Jsonb	   *settings;		/* see table_settings.h */
	bool		creating;		/* CREATING, else UPDATING, before status_until */
	TimestampTz status_until;	/* 0: it has no such state */
	char	   *ttl_attribute;	/* or NULL */
} DdbTableRow;

/*
 * ddb_tables_find reads the row of a table with a fresh catalog snapshot, into
 * CurrentMemoryContext; false when there is none.  Without SPI.
 */
extern bool ddb_tables_find(const char *table_name, DdbTableRow *row);

/* ddb_tables_relid finds a table's data table without locking it; InvalidOid when it isn't there. */
extern Oid	ddb_tables_relid(const char *table_name);

/* ddb_tables_name finds the table whose data table is relid, or gives NULL.  Without SPI. */
extern char *ddb_tables_name(Oid relid);

/*
 * ddb_tables_list gives the names (char *, in CurrentMemoryContext) of up to limit
 * tables in order, those after a name.  It calls SPI_connect() itself, and sees what the
 * transaction's snapshot does.
 */
extern List *ddb_tables_list(const char *after, int64 limit);

/* ddb_tables_insert enters a new table, whose data table is relid. */
extern void ddb_tables_insert(const DdbTableSpec *spec, Oid relid);

/* ddb_tables_delete deletes a table's row; the rows of its indexes and tags go with it. */
extern void ddb_tables_delete(const char *table_name);

/*
 * ddb_tables_exists tells whether there is a row of that name.  One whose data table is
 * gone, left over from a table that was dropped, is deleted.
 */
extern bool ddb_tables_exists(const char *table_name);

/* ddb_tables_set_attributes keeps a table's key attributes (of DdbAttributeSpec *). */
extern void ddb_tables_set_attributes(const char *table_name, List *attributes);

/* ddb_tables_set_settings keeps settings; the table shows UPDATING for delay milliseconds. */
extern void ddb_tables_set_settings(const char *table_name, Jsonb *settings, int delay);

/* ddb_tables_set_ttl keeps the attribute of the time to live, or NULL. */
extern void ddb_tables_set_ttl(const char *table_name, const char *attribute);

/* ddb_tables_set_waiting keeps a table CREATING or UPDATING until its stream is captured. */
extern void ddb_tables_set_waiting(const char *table_name);

/* A table of a list, and its data table. */
typedef struct DdbTableName
{
	char	   *name;
	Oid			relid;
} DdbTableName;

/* For workers: lists of DdbTableName *, in CurrentMemoryContext, of tables whose data table is there. */

/* These queries give a row when a table has a time to live, or something to do with a stream. */
extern const char ddb_tables_ttl_work_query[];
extern const char ddb_tables_stream_work_query[];

/* ddb_tables_list_ttl lists the tables with a time to live. */
extern List *ddb_tables_list_ttl(void);

/*
 * ddb_tables_list_waiting lists the tables that wait for their stream to be captured; with
 * lock it locks their rows, so that none begins to wait meanwhile, and leaves out
 * those that others have locked.
 */
extern List *ddb_tables_list_waiting(bool lock);
extern bool ddb_tables_any_waiting(void);

/* ddb_tables_end_waiting has a table be ACTIVE. */
extern void ddb_tables_end_waiting(const char *table_name);

/* ddb_tables_list_streamed lists, in any order, the tables whose settings have a stream. */
extern List *ddb_tables_list_streamed(void);

/* ddb_tables_remove_stream takes the stream out of a table's settings. */
extern void ddb_tables_remove_stream(const char *table_name);

#endif							/* DDB_TABLES_CATALOG_H */
