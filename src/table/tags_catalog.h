/*
 * tags_catalog.h
 *	  The rows of ddb.tags: tags of tables.
 *
 * Inside SPI_connect(); the table's owner and its definition's lock are the caller's to
 * see to.
 */
#ifndef DDB_TAGS_CATALOG_H
#define DDB_TAGS_CATALOG_H

#include "nodes/pg_list.h"

typedef struct DdbTag
{
	char	   *key;
	char	   *value;
} DdbTag;

/* ddb_tags_set adds a tag to a table, or changes its value. */
extern void ddb_tags_set(const char *table_name, const char *key, const char *value);

/* ddb_tags_delete takes a tag from a table, if it has it. */
extern void ddb_tags_delete(const char *table_name, const char *key);

/* ddb_tags_count gives the number of a table's tags. */
extern uint64 ddb_tags_count(const char *table_name);

/*
 * ddb_tags_list gives up to limit tags (DdbTag *, in context) of a table in the order
 * of their keys, those after a key.
 */
extern List *ddb_tags_list(const char *table_name, const char *after, int limit,
						   MemoryContext context);

#endif							/* DDB_TAGS_CATALOG_H */
