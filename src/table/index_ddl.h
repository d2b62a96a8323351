/*
 * index_ddl.h
 *	  Global indexes come and go.
 */
#ifndef DDB_INDEX_DDL_H
#define DDB_INDEX_DDL_H

#include "table/spec.h"

extern void ddb_index_create(const char *table_name, const DdbIndexSpec *spec,
							 List *attributes);
extern void ddb_index_drop(const char *table_name, const char *index_name);

/* How far the rows that were there before a new index have been filled. */
typedef struct DdbFill
{
	uint32		block;			/* the next one */
	uint32		end;
	Oid			filenode;		/* the blocks' file: a rewrite starts over */
} DdbFill;

/*
 * ddb_index_begin registers a new index for a worker to fill and build;
 * ddb_index_condemn marks one for a worker to drop.
 */
extern void ddb_index_begin(const char *table_name, const DdbIndexSpec *spec,
							List *attributes);
extern void ddb_index_condemn(const char *table_name, const char *index_name);

/* ddb_check_index_idle refuses a change while an index, except one, is not ACTIVE. */
extern void ddb_check_index_idle(const char *table_name, const char *but);
extern void ddb_index_save_fill(const DdbTableDesc *desc, const char *index_name,
								const DdbFill *fill);
extern void ddb_index_activate(const DdbTableDesc *desc, const char *index_name);
extern char *ddb_index_build_sql(const DdbTableDesc *desc, const DdbIndexDesc *index);
extern char *ddb_index_drop_sql(const DdbTableDesc *desc, const DdbIndexDesc *index);

#endif							/* DDB_INDEX_DDL_H */
