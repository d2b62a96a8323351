/*
 * legacy.h
 *	  The parameters of before expressions, translated into expression trees.
 *
 * Each function reads its parameters from a request that fits its shape, checks
 * what can be checked without the table, and gives the same bound expression as
 * an expression would, or NULL when the request has none of the parameters.
 * What it gives lives in CurrentMemoryContext and points into the request.
 */
#ifndef DDB_LEGACY_H
#define DDB_LEGACY_H

#include "api/shape.h"
#include "expr/expr.h"

extern const DdbShape ddb_shape_attribute_updates;	/* AttributeUpdates */

/*
 * ddb_legacy_check_no_mix raises the error for a request that mixes expressions with
 * legacy parameters; each list ends with NULL.
 */
extern void ddb_legacy_check_no_mix(JsonbContainer *request, const char *const *legacy,
									const char *const *expressions);

/* Values are checked in the words of the operation's layer (op/words.h). */

/* AttributesToGet -> projection */
extern DdbBoundExpr *ddb_legacy_projection(JsonbContainer *request);

/* Expected and ConditionalOperator -> condition */
extern DdbBoundExpr *ddb_legacy_expected(JsonbContainer *request, DdbValueLayer layer);

/* AttributeUpdates -> update */
extern DdbBoundExpr *ddb_legacy_attribute_updates(JsonbContainer *request, DdbValueLayer layer);

/* KeyConditions -> key condition */
extern DdbBoundExpr *ddb_legacy_key_conditions(JsonbContainer *request, DdbValueLayer layer);

/* QueryFilter or ScanFilter (named by member) and ConditionalOperator -> filter */
extern DdbBoundExpr *ddb_legacy_filter(JsonbContainer *request, const char *member,
									   DdbValueLayer layer);

#endif							/* DDB_LEGACY_H */
