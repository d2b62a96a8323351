/*
 * physical.h
 *	  Names and columns of the physical layout, and running SQL for it; for the
 *	  catalog's own files.
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
 * the column of a key attribute, that of its sort keys alone where it has two, and
 * the relation of an index (NULL: the primary key)
 */
extern char *ddb_physical_column_name(const char *attribute);
extern char *ddb_physical_sort_column_name(const char *attribute);
extern char *ddb_physical_index_name(const char *table_name, const char *index_name);

/* relname in ddb_data, and in the schema that relid is in, quoted */
extern char *ddb_qualified(const char *relname);
extern char *ddb_qualified_beside(Oid relid, const char *relname);

/* ddb_attribute_spec finds a key attribute by name, in its column for sort keys of indexes or any other use. */
extern DdbAttributeSpec *ddb_attribute_spec(List *attributes, const char *name, bool sort);
extern char *ddb_attribute_column(const DdbAttributeSpec *att);

/* ddb_append_index_columns writes the column list of an index. */
extern void ddb_append_index_columns(StringInfo buf, const DdbIndexSpec *index,
									 const DdbIndexSpec *table_key, List *attributes);

/*
 * One SQL command inside SPI_connect(): as the current user, or as the owner of
 * the catalog.  The second gives the number of rows.
 */
extern void ddb_sql_run(const char *sql);
extern uint64 ddb_sql_run_as_owner(const char *sql, int nargs, Oid *types,
								   Datum *values, const char *nulls);
extern Datum ddb_sql_text_array(List *strings);

/* ddl.c, for index_ddl.c */
extern void ddb_save_attributes(const char *table_name, List *attributes);

/* ddb_index_sql is the command that creates an index's relation; relation is the data table, qualified. */
extern char *ddb_index_sql(const char *table_name, const char *relation,
						   const DdbIndexSpec *index, const DdbTableSpec *table,
						   bool concurrently);

/* ddb_insert_index_row enters an index into ddb.indexes; fill is the state of its filling, or NULL. */
extern void ddb_insert_index_row(const char *table_name, const DdbIndexSpec *index,
								 const char *status, Jsonb *fill);

#endif							/* DDB_PHYSICAL_H */
