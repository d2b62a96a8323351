/*
 * legacy.h
 *	  The parameters of before expressions, translated into expression trees.
 *
 * Each function reads its parameters from a request that fits its shape and
 * gives a tree for ddb_expr_bind(), or NULL when the request has none of them.
 * The trees live in CurrentMemoryContext.
 */
#ifndef DDB_LEGACY_H
#define DDB_LEGACY_H

#include "expr/expr.h"
#include "op/shape.h"

extern const DdbShape ddb_shape_attribute_updates;	/* AttributeUpdates */

/* AttributesToGet -> projection */
extern const DdbExpr *ddb_legacy_projection(JsonbContainer *request);
/* Expected and ConditionalOperator -> condition */
extern const DdbExpr *ddb_legacy_expected(JsonbContainer *request);
/* AttributeUpdates -> update */
extern const DdbExpr *ddb_legacy_attribute_updates(JsonbContainer *request);
/* KeyConditions -> key condition */
extern const DdbExpr *ddb_legacy_key_conditions(JsonbContainer *request);
/* QueryFilter or ScanFilter (named by member) and ConditionalOperator -> filter */
extern const DdbExpr *ddb_legacy_filter(JsonbContainer *request, const char *member);

#endif							/* DDB_LEGACY_H */
