/*
 * table_ddl.h
 *	  Tables come and go.
 */
#ifndef DDB_TABLE_DDL_H
#define DDB_TABLE_DDL_H

#include "table/spec.h"

extern void ddb_table_create(const DdbTableSpec *spec);
extern void ddb_table_drop(const char *table_name);

/*
 * ddb_lock_table_definition keeps others from changing the definition of a
 * table, or creating it, until the transaction ends.
 */
extern void ddb_lock_table_definition(const char *table_name);

/*
 * ddb_claim_definition does that for an existing table and its owner; whoever
 * else calls it gets the error without having waited for a lock on the table,
 * which would have held up others.
 */
extern void ddb_claim_definition(const char *table_name);
extern void ddb_check_owner(Oid relid);

#endif							/* DDB_TABLE_DDL_H */
