/*
 * request.h
 *	  The operations of the API: a request's shape and what answers it.
 */
#ifndef DDB_REQUEST_H
#define DDB_REQUEST_H

#include "api/members.h"
#include "api/shape.h"

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
extern const DdbOperation ddb_table_operations[];	/* table_requests.c */
extern const DdbOperation ddb_tag_operations[]; /* tag_requests.c */
extern const DdbOperation ddb_account_operations[]; /* account_requests.c */
extern const DdbOperation ddb_read_operations[];	/* read_requests.c */
extern const DdbOperation ddb_batch_operations[];	/* batch_requests.c */
extern const DdbOperation ddb_transact_operations[];	/* transact_requests.c */
extern const DdbOperation ddb_stream_operations[];	/* stream_requests.c */

/*
 * ddb_check_no_mix raises the error for a request that mixes expressions with
 * legacy parameters; each list ends with NULL.
 */
extern void ddb_check_no_mix(JsonbContainer *request, const char *const *legacy,
							 const char *const *expressions);

/* ddb_wants_item_collection_metrics reads ReturnItemCollectionMetrics. */
extern bool ddb_wants_item_collection_metrics(JsonbContainer *request);

/*
 * ddb_item_collection_metrics is the ItemCollectionMetrics object of an item or
 * key, or NULL when the table has no local index.
 */
extern Jsonb *ddb_item_collection_metrics(const DdbTableDesc *desc, Jsonb *key_holder);

#endif							/* DDB_REQUEST_H */
