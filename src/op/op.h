/*
 * op.h
 *	  The operations on items, one struct each, whatever door they come through.
 *
 * All members point to memory of the caller's.  Results are allocated in
 * CurrentMemoryContext.  Errors are DynamoDB's exceptions.
 */
#ifndef DDB_OP_H
#define DDB_OP_H

#include "expr/expr.h"
#include "table/desc.h"
#include "datatype/timestamp.h"
#include "utils/snapshot.h"

/* A string parameter; data is NULL when the request does not have it. */
typedef struct DdbText
{
	const char *data;
	int			len;
} DdbText;

typedef enum DdbReturnValues
{
	DDB_RETURN_NONE,
	DDB_RETURN_ALL_OLD,
	DDB_RETURN_UPDATED_OLD,
	DDB_RETURN_ALL_NEW,
	DDB_RETURN_UPDATED_NEW
} DdbReturnValues;

/* ddb_return_values_parse reads "ALL_OLD" and so on; NULL is NONE; false for what is none of them. */
extern bool ddb_return_values_parse(const char *name, DdbReturnValues *value);

typedef enum DdbWriteKind
{
	DDB_OP_PUT,
	DDB_OP_UPDATE,
	DDB_OP_DELETE,
	DDB_OP_CHECK				/* a ConditionCheck: locks and judges, writes nothing */
} DdbWriteKind;

/* What a write asks of the item's being there, besides its condition. */
typedef enum DdbExistence
{
	DDB_EXISTENCE_ANY,
	DDB_EXISTENCE_NEW,			/* else DuplicateItemException */
	DDB_EXISTENCE_REQUIRED,		/* else ConditionalCheckFailedException */
	DDB_EXISTENCE_OPTIONAL		/* without an item the condition does not matter */
} DdbExistence;

struct DdbCapacity;

/* PutItem, UpdateItem, DeleteItem, and each write of a batch or transaction */
typedef struct DdbWriteOp
{
	DdbWriteKind kind;
	const char *table_name;
	Jsonb	   *item;			/* PUT */
	Jsonb	   *key;			/* the others */
	DdbText		update;			/* UPDATE */
	DdbText		condition;
	Jsonb	   *names;
	Jsonb	   *values;
	DdbBoundExpr *bound_update; /* a tree in place of a text, or NULL */
	DdbBoundExpr *bound_condition;
	DdbExistence existence;
	bool		statement;		/* of PartiQL: the trees are all there is */
	DdbReturnValues return_values;
	bool		return_old_on_failure;	/* ReturnValuesOnConditionCheckFailure */
	bool		nowait;			/* TransactionConflictException instead of waiting */
	bool		batch;			/* of a BatchWriteItem: has words of its own for wrong keys */
	bool		transactional;	/* of a transaction: costs double */
	struct DdbCapacity *capacity;	/* what it consumes is added here, or NULL */
} DdbWriteOp;

/* ddb_op_write runs one write and gives its Attributes, or NULL. */
extern Jsonb *ddb_op_write(const DdbWriteOp *op);

/* GetItem */
typedef struct DdbGetOp
{
	const char *table_name;
	Jsonb	   *key;
	DdbText		projection;
	Jsonb	   *names;
	DdbBoundExpr *bound_projection; /* a tree in place of a text, or NULL */
	bool		consistent;		/* ConsistentRead: what it costs */
	bool		batch;			/* of a BatchGetItem */
	bool		transactional;	/* of a transaction: costs double */
	struct DdbCapacity *capacity;	/* what it consumes is added here, or NULL */
} DdbGetOp;

/* ddb_op_get gives the item, projected, or NULL. */
extern Jsonb *ddb_op_get(const DdbGetOp *op, Snapshot snapshot);

/* Query and Scan */
typedef enum DdbSelect
{
	DDB_SELECT_DEFAULT,			/* by index and projection */
	DDB_SELECT_ALL,
	DDB_SELECT_PROJECTED,
	DDB_SELECT_SPECIFIC,
	DDB_SELECT_COUNT
} DdbSelect;

typedef struct DdbReadOp
{
	bool		query;			/* else a Scan */
	const char *table_name;
	const char *index_name;		/* NULL: the table itself */
	DdbText		key_condition;	/* Query */
	DdbText		filter;
	DdbText		projection;
	Jsonb	   *names;
	Jsonb	   *values;
	bool		forward;		/* Query: ScanIndexForward */
	int			segment;		/* Scan: -1 when not parallel */
	int			total_segments;
	Jsonb	   *start_key;		/* ExclusiveStartKey, or NULL */
	DdbSelect	select;
	bool		consistent;		/* ConsistentRead */
	DdbBoundExpr *bound_key_condition;	/* trees in place of texts, or NULL */
	DdbBoundExpr *bound_filter; /* messages call it QueryFilter */
	DdbBoundExpr *bound_projection;
	struct DdbCapacity *capacity;	/* what a page consumes is added here, or NULL */
} DdbReadOp;

/* What a request of Query or Scan answers. */
typedef struct DdbPage
{
	Jsonb	  **items;			/* projected; none when only counted */
	int			nitems;
	int64		count;			/* items that passed the filter */
	int64		scanned;		/* items read */
	Jsonb	   *last_key;		/* LastEvaluatedKey, or NULL at the end of the range */
	/* for who adds to it */
	int64		size;			/* bytes read */
	int64		work;			/* operators and values looked at */
	int			room;			/* for items */
} DdbPage;

typedef struct DdbReader DdbReader;

/*
 * ddb_reader_open starts a Query or Scan under snapshot, which must stay
 * registered or active.  The reader lives in CurrentMemoryContext.
 */
extern DdbReader *ddb_reader_open(const DdbReadOp *op, Snapshot snapshot);

/* ddb_reader_next gives a copy of the next item that passes the filter, projected; NULL at the end. */
extern Jsonb *ddb_reader_next(DdbReader *reader);

/*
 * Time at which pages end, in a process that serves others meanwhile; 0: none.  A page
 * has one item at least.
 */
extern TimestampTz ddb_read_deadline;

/*
 * ddb_reader_page reads up to limit items (0: no limit) and 1 MB, both counted
 * before the filter.  The page is in CurrentMemoryContext.
 */
extern void ddb_reader_page(DdbReader *reader, int64 limit, DdbPage *page);

/* ddb_reader_add_page continues a page that other reads have begun. */
extern void ddb_reader_add_page(DdbReader *reader, int64 limit, DdbPage *page);

/* ddb_page_add_item appends a copy of an item; ddb_page_is_full: nothing more is to be read. */
extern void ddb_page_add_item(DdbPage *page, Jsonb *item);
extern bool ddb_page_is_full(const DdbPage *page, int64 limit);
extern void ddb_reader_close(DdbReader *reader);

struct DdbRange;

/* A read that its caller has planned. */
typedef struct DdbRangeRead
{
	DdbTableDesc *desc;			/* stays the caller's, open until the reader is closed */
	const struct DdbRange *range;
	DdbBoundExpr *filter;		/* or NULL */
	bool		filters_entry;	/* the filter sees what the index holds and no more */
	bool		fetches;		/* reads attributes that the local index lacks */
	/* what the read answers of an item; NULL: what the index holds of it */
	Jsonb	   *(*show) (void *arg, Jsonb *item);
	void	   *arg;
	bool		consistent;
	struct DdbCapacity *capacity;
} DdbRangeRead;

/* ddb_reader_open_range starts it, as ddb_reader_open() does. */
extern DdbReader *ddb_reader_open_range(const DdbRangeRead *read, Snapshot snapshot);

/* key_paths.c: expr may be NULL */
extern void ddb_check_key_paths(const DdbTableDesc *desc, const DdbBoundExpr *expr);

/* access.c: rights on a data table; raise the usual permission error */
extern void ddb_check_read(Oid relid);

/* ddb_may_read tells whether ddb_check_read() would pass; false for a table that is gone */
extern bool ddb_may_read(Oid relid);
extern void ddb_check_write(Oid relid, DdbWriteKind kind, bool also_reads);

/* import.c */
extern int64 ddb_op_import(const char *table_name, const char *query);

#endif							/* DDB_OP_H */
