/*
 * physical.h
 *	  Names and columns of the physical layout.
 */
#ifndef DDB_PHYSICAL_H
#define DDB_PHYSICAL_H

#include "lib/stringinfo.h"

#include "table/desc.h"
#include "table/spec.h"

typedef struct DdbPhysicalColumn
{
	const char *sql_type;		/* with collation */
	const char *partition_ops;
	Oid			typid;
} DdbPhysicalColumn;

/* ddb_physical_column gives the column type of a key attribute. */
extern DdbPhysicalColumn ddb_physical_column(DdbType type);

/* ddb_physical_name makes "<name><suffix>" fit NAMEDATALEN. */
extern char *ddb_physical_name(const char *name, const char *suffix);

/*
 * ddb_physical_column_name gives the column for a key attribute: its own name where
 * PostgreSQL can take it, else one that begins with "key:".
 */
extern char *ddb_physical_column_name(const char *attribute);

/* ddb_physical_sort_column_name gives the column for sort keys alone, where an attribute has two. */
extern char *ddb_physical_sort_column_name(const char *attribute);

/* ddb_physical_index_name gives the relation of an index (NULL: the primary key). */
extern char *ddb_physical_index_name(const char *table_name, const char *index_name);

/* ddb_physical_qualified names a relation in ddb_data, quoted. */
extern char *ddb_physical_qualified(const char *relname);

/*
 * ddb_physical_qualified_beside names relname in the schema where relation relid is: ddb_data,
 * unless ALTER TABLE ... SET SCHEMA moved it.
 */
extern char *ddb_physical_qualified_beside(Oid relid, const char *relname);

/* ddb_spec_attribute finds a key attribute by name, in its column for sort keys of indexes or any other use. */
extern DdbAttributeSpec *ddb_spec_attribute(List *attributes, const char *name, bool sort);

/* ddb_spec_attribute_column gives the column of a key attribute. */
extern char *ddb_spec_attribute_column(const DdbAttributeSpec *att);

/* ddb_physical_append_index_columns writes the column list of an index. */
extern void ddb_physical_append_index_columns(StringInfo buf, const DdbIndexSpec *index,
											  const DdbIndexSpec *table_key, List *attributes);

/* ddb_index_create_sql is the command that creates an index's relation; relation is the data table, qualified. */
extern char *ddb_index_create_sql(const char *table_name, const char *relation,
								  const DdbIndexSpec *index, const DdbTableSpec *table,
								  bool concurrently);

#endif							/* DDB_PHYSICAL_H */
