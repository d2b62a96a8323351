/*
 * desc.h
 *	  DynamoDB tables: what a descriptor holds, and the cache of descriptors.
 */
#ifndef DDB_DESC_H
#define DDB_DESC_H

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

/* names of tables and indexes: the pattern as messages show it, and the same for strspn() */
#define DDB_NAME_PATTERN "[a-zA-Z0-9_.-]+"
#define DDB_NAME_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

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

/*
 * One attribute that is a key of the table or of an index: a real column.  Its
 * value is NULL where it can't be a key.  A partition key may be longer than a sort
 * key, so an attribute that is both may have two columns and be here twice, once
 * sort_only; then each index has the column of its own use.
 */
typedef struct DdbKeyAttribute
{
	char	   *name;
	int			name_len;
	DdbType		type;			/* S, N or B */
	char	   *column;			/* physical column name */
	AttrNumber	attnum;			/* set in descriptors */
	Oid			typid;			/* text, numeric or bytea */
	bool		sort_only;		/* for sort keys of indexes, beside another column */
} DdbKeyAttribute;

/* How far the rows that were there before a new index have been filled. */
typedef struct DdbFill
{
	uint32		block;			/* the next one */
	uint32		end;
	Oid			filenode;		/* the blocks' file: a rewrite starts over */
} DdbFill;

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
	bool		filling;		/* CREATING: rows that were there before are still to be filled */
	DdbFill		fill;			/* how far */
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
	int			refcount;
	uint64		generation;		/* no other descriptor of this session has it */
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

/* ddb_desc_init registers the callbacks; once per backend. */
extern void ddb_desc_init(void);

/*
 * Set in processes that must not sleep: a table that another transaction has locked
 * is an error (ERRCODE_LOCK_NOT_AVAILABLE).
 */
extern bool ddb_desc_refuse_waits;

/*
 * ddb_desc_open finds the table's current descriptor with its relation locked
 * in lockmode, for operations on its items; raises ResourceNotFoundException
 * when there is none, or it is still CREATING.  table_name may be the table's
 * ARN.  Close with ddb_desc_close(); the lock stays until the transaction ends.
 */
extern DdbTableDesc *ddb_desc_open(const char *table_name, LOCKMODE lockmode);

/* ddb_desc_open_any does the same for operations on tables, whatever their state. */
extern DdbTableDesc *ddb_desc_open_any(const char *table_name, LOCKMODE lockmode);

/* ddb_desc_open_relid does the same for the table whose data table is relid. */
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

/* ddb_desc_is_ready tells whether a table is past CREATING and UPDATING. */
extern bool ddb_desc_is_ready(const DdbTableDesc *desc);

/* ddb_desc_attribute finds a key attribute by name; -1 when it is none. */
extern int	ddb_desc_attribute(const DdbTableDesc *desc, const char *name,
							   int len);

/* ddb_desc_is_key tells whether attribute i, in its column, is part of the index's key. */
extern bool ddb_desc_is_key(const DdbIndexDesc *index, int attribute);

/* ddb_desc_has_key tells whether the attribute of a name is part of the index's key. */
extern bool ddb_desc_has_key(const DdbTableDesc *desc, const DdbIndexDesc *index,
							 const char *name, int len);

#endif							/* DDB_DESC_H */
