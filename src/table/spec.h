/*
 * spec.h
 *	  Definitions of tables and indexes, as requests give them.
 */
#ifndef DDB_SPEC_H
#define DDB_SPEC_H

#include "nodes/pg_list.h"

#include "table/desc.h"

/* Definitions as requests give them, before they have columns and oids. */
typedef struct DdbIndexSpec
{
	char	   *name;
	DdbIndexKind kind;
	List	   *partition;		/* of char * */
	List	   *sort;
	DdbProjectionType projection;
	bool		has_projection;
	List	   *included;		/* of char * */
	Jsonb	   *settings;		/* see table_settings.h, or NULL */
} DdbIndexSpec;

typedef struct DdbAttributeSpec
{
	char	   *name;
	DdbType		type;
	char	   *column;			/* physical column; NULL: the one named after it */
	bool		sort_only;		/* see DdbKeyAttribute */
} DdbAttributeSpec;

typedef struct DdbTableSpec
{
	char	   *name;
	List	   *attributes;		/* of DdbAttributeSpec * */
	DdbIndexSpec key;			/* kind DDB_INDEX_PRIMARY, name NULL */
	List	   *indexes;		/* of DdbIndexSpec * */
	Jsonb	   *settings;		/* see table_settings.h, or NULL */
	int			delay;			/* milliseconds that it shows CREATING */
	bool		adding;			/* an index is added to an existing table ... */
	List	   *given;			/* ... with these attribute definitions */
} DdbTableSpec;


/* ddb_table_check_name refuses what can't be a table's name. */
extern void ddb_table_check_name(const char *name);

/*
 * ddb_spec_from_request reads CreateTable's JSON, whose shape was checked;
 * settings are left to the caller.
 */
extern DdbTableSpec *ddb_spec_from_request(JsonbContainer *request);

/* ddb_spec_from_terms makes a definition from plain SQL terms. */
extern DdbTableSpec *ddb_spec_from_terms(const char *name,
										 const char *partition_key,
										 const char *sort_key,
										 Jsonb *global_indexes,
										 Jsonb *local_indexes);

/*
 * ddb_spec_index_from_json reads one GlobalSecondaryIndex or
 * LocalSecondaryIndex, whose shape was checked.
 */
extern DdbIndexSpec *ddb_spec_index_from_json(JsonbContainer *json,
											  DdbIndexKind kind);

/*
 * ddb_spec_indexes_from_terms reads a JSON object of indexes in SQL terms, keyed
 * by name.
 */
extern List *ddb_spec_indexes_from_terms(Jsonb *indexes, DdbIndexKind kind,
										 const char *table_partition,
										 List **attributes);

/* ddb_spec_attributes_from_json reads AttributeDefinitions. */
extern List *ddb_spec_attributes_from_json(JsonbContainer *json);

/* ddb_spec_check applies the rules between a definition's parts. */
extern void ddb_spec_check(const DdbTableSpec *spec);

/* ddb_spec_key_terms splits "Artist S" (or "a S, b N") into names and types. */
extern List *ddb_spec_key_terms(const char *terms, List **attributes);

#endif							/* DDB_SPEC_H */
