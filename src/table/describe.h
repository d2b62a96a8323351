/*
 * describe.h
 *	  Descriptions of tables, as DescribeTable gives them.
 */
#ifndef DDB_DESCRIBE_H
#define DDB_DESCRIBE_H

#include "utils/jsonb.h"

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

#endif							/* DDB_DESCRIBE_H */
