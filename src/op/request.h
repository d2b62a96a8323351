/*
 * request.h
 *	  The operations of the API: a request's shape and what answers it.
 */
#ifndef DDB_REQUEST_H
#define DDB_REQUEST_H

#include "compat.h"
#include "op/json.h"
#include "op/shape.h"

/* A handler takes a request that fits its shape and gives the response. */
typedef Jsonb *(*DdbHandler) (JsonbContainer *request);

typedef struct DdbOperation
{
	const char *name;
	const DdbShape *shape;
	DdbHandler	handler;
} DdbOperation;

/* Each family's operations, ending with a NULL name. */
extern const DdbOperation ddb_item_operations[];	/* item_requests.c */

/*
 * ddb_check_no_mix raises the error for a request that mixes expressions with
 * legacy parameters; each list ends with NULL.
 */
extern void ddb_check_no_mix(JsonbContainer *request, const char *const *legacy,
							 const char *const *expressions);

/*
 * ddb_rethrow_enveloped, called in PG_CATCH, raises the caught error again in
 * the words of PutItem and UpdateItem.
 */
pg_noreturn extern void ddb_rethrow_enveloped(void);

/*
 * ddb_push_item_collection_metrics appends ItemCollectionMetrics where the
 * request asks for it and the table has local indexes.  key_holder is the item
 * or key of the write.
 */
extern void ddb_push_item_collection_metrics(JsonbParseState **state,
											 JsonbContainer *request,
											 const char *table_name,
											 Jsonb *key_holder);

#endif							/* DDB_REQUEST_H */
