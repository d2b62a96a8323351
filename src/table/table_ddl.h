/*
 * table_ddl.h
 *	  Tables come and go.
 */
#ifndef DDB_TABLE_DDL_H
#define DDB_TABLE_DDL_H

#include "table/spec.h"

/* ddb_table_create makes a table with its indexes. */
extern void ddb_table_create(const DdbTableSpec *spec);

/* ddb_table_drop drops a table and its catalog rows. */
extern void ddb_table_drop(const char *table_name);

/*
 * ddb_table_lock_definition keeps others from changing the definition of a
 * table, or creating it, until the transaction ends.
 */
extern void ddb_table_lock_definition(const char *table_name);

/*
 * ddb_table_lock_definition_as_owner does that for an existing table and its owner; whoever
 * else calls it gets the error without having waited for a lock on the table,
 * which would have held up others.
 */
extern void ddb_table_lock_definition_as_owner(const char *table_name);

/* ddb_table_check_owner raises the usual permission error unless the user owns relid. */
extern void ddb_table_check_owner(Oid relid);

#endif							/* DDB_TABLE_DDL_H */
