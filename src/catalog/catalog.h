/*
 * catalog.h
 *	  DynamoDB tables: their definitions, descriptors and physical layout.
 */
#ifndef DDB_CATALOG_H
#define DDB_CATALOG_H

#include "access/attnum.h"
#include "nodes/pg_list.h"
#include "datatype/timestamp.h"
#include "storage/lockdefs.h"

#include "item/item.h"

#define DDB_MAX_KEY_ATTRIBUTES	8	/* 4 partition and 4 sort attributes */
#define DDB_MAX_GSI				20
#define DDB_MAX_LSI				5
/* key attributes of a table and all its indexes, none shared */
#define DDB_MAX_TABLE_KEYS \
	(2 + DDB_MAX_GSI * DDB_MAX_KEY_ATTRIBUTES + DDB_MAX_LSI)

#define DDB_MAX_PARTITION_KEY_SIZE 2048 /* bytes */
#define DDB_MAX_SORT_KEY_SIZE 1024

#define DDB_SCHEMA				"ddb"
#define DDB_DATA_SCHEMA			"ddb_data"
#define DDB_ITEM_COLUMN			"item"

typedef enum DdbIndexKind
{
	DDB_INDEX_PRIMARY,
	DDB_INDEX_GLOBAL,
	DDB_INDEX_LOCAL
} DdbIndexKind;

typedef enum DdbIndexStatus
{
	DDB_INDEX_ACTIVE,
	DDB_INDEX_CREATING,			/* kept by writers, not readable yet */
	DDB_INDEX_DELETING
} DdbIndexStatus;

typedef enum DdbProjectionType
{
	DDB_PROJECT_ALL,
	DDB_PROJECT_KEYS_ONLY,
	DDB_PROJECT_INCLUDE
} DdbProjectionType;

/* One attribute that is a key of the table or of an index: a real column. */
typedef struct DdbKeyAttribute
{
	char	   *name;
	int			name_len;
	DdbType		type;			/* S, N or B */
	char	   *column;			/* physical column name */
	AttrNumber	attnum;			/* set in descriptors */
	Oid			typid;			/* text, numeric or bytea */
} DdbKeyAttribute;

/*
 * The primary key or a secondary index.  keys holds the partition attributes,
 * then the sort attributes, as indexes into the table's attributes.
 */
typedef struct DdbIndexDesc
{
	char	   *name;			/* NULL for the primary key */
	char	   *relname;		/* physical index name */
	Oid			indexid;		/* InvalidOid while it is not built */
	DdbIndexKind kind;
	DdbIndexStatus status;
	Jsonb	   *settings;		/* see table_settings.h */
	Jsonb	   *fill;			/* how far, or NULL */
	int			npartition;
	int			nsort;
	int			keys[DDB_MAX_KEY_ATTRIBUTES];
	DdbProjectionType projection;
	int			nincluded;
	char	  **included;		/* projected non-key attributes */
} DdbIndexDesc;

/*
 * A table's descriptor.  It lives in a memory context of its own below the
 * cache's and stays allocated while refcount > 0, though it may be invalid.
 */
typedef struct DdbTableDesc
{
	MemoryContext context;
	bool		valid;
	uint64		generation;		/* no other descriptor of this session has it */
	int			refcount;
	char	   *name;
	char	   *table_id;		/* UUID */
	TimestampTz created_at;
	bool		creating;		/* CREATING, else UPDATING, before ready_at */
	TimestampTz ready_at;		/* 0: ready */
	Jsonb	   *settings;		/* see table_settings.h */
	char	   *ttl_attribute;	/* time to live is enabled on it, or NULL */
	Oid			relid;
	AttrNumber	item_attnum;
	int			natts;			/* of the relation, dropped columns included */
	int			nattributes;
	DdbKeyAttribute *attributes;
	DdbIndexDesc primary;
	int			nindexes;
	DdbIndexDesc *indexes;
	struct DdbTableDesc *next_orphan;	/* desc.c's own */
} DdbTableDesc;

#define ddb_index_nkeys(index) ((index)->npartition + (index)->nsort)
#define ddb_index_attribute(desc, index, i) \
	(&(desc)->attributes[(index)->keys[(i)]])

/* desc.c: the cache */
extern void ddb_catalog_init(void);

/*
 * ddb_desc_open finds the table's current descriptor with its relation locked
 * in lockmode, for operations on its items; raises ResourceNotFoundException
 * when there is none, or it is still CREATING.  table_name may be the table's
 * ARN.  Close with ddb_desc_close(); the lock stays until the transaction ends.
 */
extern DdbTableDesc *ddb_desc_open(const char *table_name, LOCKMODE lockmode);

/* ddb_desc_open_any does the same for operations on tables, whatever their state. */
extern DdbTableDesc *ddb_desc_open_any(const char *table_name, LOCKMODE lockmode);
extern DdbTableDesc *ddb_desc_open_relid(Oid relid, LOCKMODE lockmode);
extern void ddb_desc_close(DdbTableDesc *desc);

/*
 * ddb_desc_index finds a readable secondary index by name, or NULL; one that is
 * still being filled is a ValidationException.
 */
extern const DdbIndexDesc *ddb_desc_index(const DdbTableDesc *desc,
										  const char *index_name);

/* ddb_desc_any_index finds it in whatever state it is. */
extern const DdbIndexDesc *ddb_desc_any_index(const DdbTableDesc *desc,
											  const char *index_name);

/* ddb_table_relid finds a table's data table without locking it, or InvalidOid. */
extern Oid	ddb_table_relid(const char *table_name);

/* ddb_desc_is_ready tells whether a table is past CREATING and UPDATING. */
extern bool ddb_desc_is_ready(const DdbTableDesc *desc);

/* ddb_desc_attribute finds a key attribute by name; -1 when it is none. */
extern int	ddb_desc_attribute(const DdbTableDesc *desc, const char *name,
							   int len);

/* ddb_desc_is_key tells whether attribute i is part of the index's key. */
extern bool ddb_desc_is_key(const DdbIndexDesc *index, int attribute);

/* ddb_catalog_relation_oid is the oid of ddb.<name>. */
extern Oid	ddb_catalog_relation_oid(const char *name);

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

/* spec.c: requests to definitions */
extern void ddb_check_table_name(const char *name);
extern DdbTableSpec *ddb_spec_from_request(JsonbContainer *request);
extern DdbTableSpec *ddb_spec_from_terms(const char *name,
										 const char *partition_key,
										 const char *sort_key,
										 Jsonb *global_indexes,
										 Jsonb *local_indexes);
extern DdbIndexSpec *ddb_index_spec_from_json(JsonbContainer *json,
											  DdbIndexKind kind);
extern List *ddb_index_specs_from_terms(Jsonb *indexes, DdbIndexKind kind,
										const char *table_partition,
										List **attributes);
extern List *ddb_attributes_from_json(JsonbContainer *json);

/* ddb_spec_check applies the rules between a definition's parts. */
extern void ddb_spec_check(const DdbTableSpec *spec);

/* ddb_key_terms splits "Artist S" (or "a S, b N") into names and types. */
extern List *ddb_key_terms(const char *terms, List **attributes);

/* ddl.c: tables come and go */
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

/* index_ddl.c: global indexes come and go */
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

/* describe.c */
/* What a description says instead of the present state. */
typedef struct DdbDescribe
{
	const char *status;			/* TableStatus; NULL: the real one */
	const char *index_name;		/* this index (NULL: every global one) ... */
	const char *index_status;	/* ... has this IndexStatus; NULL: the real one */
	Jsonb	   *settings;		/* the table's settings as they were, or NULL */
	bool		brief;			/* as DeleteTable answers */
} DdbDescribe;

/* ddb_table_describe gives a TableDescription; as may be NULL. */
extern Jsonb *ddb_table_describe(const char *table_name, const DdbDescribe *as);

/* arn.c */
extern char *ddb_table_arn(const char *table_name);

/* ddb_table_name_of gives the table's name of a name or ARN. */
extern const char *ddb_table_name_of(const char *name_or_arn);

/* ddb_arn_table_name gives the table's name of an ARN, or NULL when it is none of ours. */
extern char *ddb_arn_table_name(const char *arn, bool *malformed);

/* ddb_arn_stream does so for a stream's ARN, and gives the stream's label. */
extern char *ddb_arn_stream(const char *arn, char **label, bool *malformed);

/* json.c: members of small JSON objects that are not items */
extern bool ddb_json_member(JsonbContainer *object, const char *name,
							JsonbValue *out);
extern char *ddb_json_string(JsonbContainer *object, const char *name);
extern JsonbContainer *ddb_json_container(JsonbContainer *object,
										  const char *name, bool array);
extern char *ddb_json_cstring(const JsonbValue *value);

#endif							/* DDB_CATALOG_H */
