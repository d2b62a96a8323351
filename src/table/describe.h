/*
 * describe.h
 *	  Descriptions of tables, as DescribeTable gives them.
 */
#ifndef DDB_DESCRIBE_H
#define DDB_DESCRIBE_H

#include "table/desc.h"

/* What a description says instead of the present state. */
typedef struct DdbDescribe
{
	const char *status;			/* TableStatus; NULL: the real one */
	const char *index_name;		/* this index (NULL: every global one) ... */
	const char *index_status;	/* ... has this IndexStatus; NULL: the real one */
	Jsonb	   *settings;		/* the table's settings as they were, or NULL */
	bool		brief;			/* as DeleteTable answers */
} DdbDescribe;

/* How much the table, or an index of it, holds. */
typedef struct DdbExtent
{
	int64		items;
	int64		bytes;
} DdbExtent;

/* A measure fills extents for the table and then for each of its indexes. */
typedef void (*DdbMeasure) (const DdbTableDesc *desc, DdbExtent *extents);

/*
 * ddb_table_describe gives a TableDescription, with numbers from measure; as may be
 * NULL.
 */
extern Jsonb *ddb_table_describe(const char *table_name, const DdbDescribe *as,
								 DdbMeasure measure);

#endif							/* DDB_DESCRIBE_H */
