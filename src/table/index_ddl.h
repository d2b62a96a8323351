/*
 * index_ddl.h
 *	  Global indexes come and go.
 */
#ifndef DDB_INDEX_DDL_H
#define DDB_INDEX_DDL_H

#include "table/spec.h"

/*
 * ddb_index_create adds a secondary index to a table and fills it.  attributes
 * are the definitions that came with the request.
 */
extern void ddb_index_create(const char *table_name, const DdbIndexSpec *spec,
							 List *attributes);

/*
 * ddb_index_drop drops a global secondary index, and frees the columns that
 * were keys of it alone.
 */
extern void ddb_index_drop(const char *table_name, const char *index_name);

/*
 * ddb_index_begin registers a new index for a worker to fill and build;
 * ddb_index_mark_deleting marks one for a worker to drop.
 */
extern void ddb_index_begin(const char *table_name, const DdbIndexSpec *spec,
							List *attributes);
extern void ddb_index_mark_deleting(const char *table_name, const char *index_name);

/* ddb_index_check_idle refuses a change while an index, except one, is not ACTIVE. */
extern void ddb_index_check_idle(const char *table_name, const char *but);

/* ddb_index_save_fill keeps how far a new index is filled. */
extern void ddb_index_save_fill(const DdbTableDesc *desc, const char *index_name,
								const DdbFill *fill);

/* ddb_index_activate ends the creation of an index. */
extern void ddb_index_activate(const DdbTableDesc *desc, const char *index_name);

/* ddb_index_build_sql is the command that builds a registered index. */
extern char *ddb_index_build_sql(const DdbTableDesc *desc, const DdbIndexDesc *index);

/* ddb_index_drop_sql is the command that drops an index's relation. */
extern char *ddb_index_drop_sql(const DdbTableDesc *desc, const DdbIndexDesc *index);

#endif							/* DDB_INDEX_DDL_H */
