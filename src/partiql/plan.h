/*
 * plan.h
 *	  How a SELECT is read; private to this folder.
 */
#ifndef DDB_PARTIQL_PLAN_H
#define DDB_PARTIQL_PLAN_H

#include "op/range.h"
#include "partiql/partiql_private.h"

#define PQL_MAX_READS 50

typedef enum PqlTermKind
{
	PQL_TERM_IN,				/* one value or more; = is IN of one */
	PQL_TERM_LT,
	PQL_TERM_LE,
	PQL_TERM_GT,
	PQL_TERM_GE,
	PQL_TERM_BETWEEN,
	PQL_TERM_BEGINS_WITH
} PqlTermKind;

/* A condition on the partition or the sort key. */
typedef struct PqlTerm
{
	bool		sort;			/* on the sort key */
	PqlTermKind kind;
	int			nslots;
	int		   *slots;
} PqlTerm;

/* Conditions that hold together. */
typedef struct PqlBranch
{
	int			nterms;
	PqlTerm    *terms;
	bool		filters;		/* there are others besides the terms */
	bool		exempt;			/* may overlap: only negated conditions on the sort key */
	const char *unprojected;	/* "a, b": what its conditions read beyond the index */
} PqlBranch;

/* What is known of a SELECT without values; in the statement's memory. */
typedef struct PqlPlan
{
	uint64		generation;		/* of the table's descriptor */
	bool		keyed;			/* reads by partition key; else it scans */
	bool		too_many;		/* branches, more than are listed */
	bool		filters;		/* the reads need a filter */
	int			nbranches;
	PqlBranch  *branches;
	const char *unprojected_columns;	/* "a, b", or NULL */
} PqlPlan;

/* One read that a SELECT comes down to. */
typedef struct PqlRead
{
	DdbRange	range;
	int			branch;
	bool		single;			/* of one whole primary key */
	bool		merged;			/* of all of a partition, whatever the branches say */
	uint8		order[16];		/* partitions are read in this order */
} PqlRead;

/* branches.c */
extern void ddb_pql_branches(const DdbStatement *statement, const DdbTableDesc *desc,
							 const DdbIndexDesc *index, PqlPlan *plan);

/* reads.c */
/* ddb_pql_reads gives the reads of a keyed plan, in the order in which they are read. */
extern PqlRead *ddb_pql_reads(const DdbBoundStatement *bound, const PqlPlan *plan,
							  const DdbTableDesc *desc, const DdbIndexDesc *index, int *count);

/* ddb_pql_check_reads refuses too many reads; it gives the most there can be. */
extern int64 ddb_pql_check_reads(const PqlPlan *plan);

/* ddb_pql_check_order applies the rules of ORDER BY. */
extern void ddb_pql_check_order(const DdbBoundStatement *bound, const PqlPlan *plan,
								const DdbTableDesc *desc, const DdbIndexDesc *index);

/* plan.c */
extern const PqlPlan *ddb_pql_plan(const DdbStatement **statement, const DdbTableDesc *desc,
								   const DdbIndexDesc *index);
extern const DdbIndexDesc *ddb_pql_index(const DdbStatement *statement, const DdbTableDesc *desc,
										 bool consistent);

/* statement_cache.c */
/* ddb_pql_context is where a cached statement lives. */
extern MemoryContext ddb_pql_context(const DdbStatement *statement);

/* ddb_pql_renew parses a cached statement again, for another version of its table. */
extern const DdbStatement *ddb_pql_renew(const DdbStatement *statement);

#endif							/* DDB_PARTIQL_PLAN_H */
