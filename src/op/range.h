/*
 * range.h
 *	  From a key condition or a scan segment to a range of an index.
 */
#ifndef DDB_RANGE_H
#define DDB_RANGE_H

#include "expr/expr.h"
#include "store/store.h"

extern void ddb_range_from_terms(const DdbTableDesc *desc, const DdbIndexDesc *index,
								 const DdbKeyTerm *terms, int nterms,
								 DdbRange *range);

/* ddb_range_set_sort applies a condition other than an equality on a sort attribute. */
extern void ddb_range_set_sort(DdbRange *range, const DdbKeyAttribute *att,
							   const DdbKeyTerm *term);

/* ddb_range_compare orders two values of one key column. */
extern int	ddb_range_compare(const DdbKeyAttribute *att, Datum a, Datum b);
extern void ddb_range_set_segment(DdbRange *range, int segment, int total_segments);

/* ddb_range_set_start continues a range after start_key, an ExclusiveStartKey. */
extern void ddb_range_set_start(const DdbTableDesc *desc, DdbRange *range,
								Jsonb *start_key);

/* ddb_range_check_start refuses a start that is not in the range, which is complete. */
extern void ddb_range_check_start(const DdbTableDesc *desc, const DdbRange *range);

/* ddb_range_is_single tells a query of a table without a sort key: there is one item, or none. */
extern bool ddb_range_is_single(const DdbRange *range);

#endif							/* DDB_RANGE_H */
