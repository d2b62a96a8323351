/*
 * request.h
 *	  The operations of the API: a request's shape and what answers it.
 */
#ifndef DDB_REQUEST_H
#define DDB_REQUEST_H

#include "api/consumption.h"
#include "api/members.h"
#include "api/shape.h"

/* A handler takes a request that fits its shape, gives the response and counts what it consumed. */
typedef Jsonb *(*DdbHandler) (JsonbContainer *request, DdbConsumption *consumption);

typedef struct DdbOperation
{
	const char *name;
	const DdbShape *shape;
	DdbHandler	handler;
	int			flags;			/* DDB_API_... */
} DdbOperation;

#define DDB_API_DEFINES		1	/* changes what a table is, not its items */
#define DDB_API_NO_OUTPUT	2	/* has no response in the service's model: over HTTP an empty body */
#define DDB_API_ITEMS		4	/* what it reads and writes is in its footprint (footprint.h) */
#define DDB_API_DESCRIBES	8	/* reads what tables are, not their items */

/* Each family's operations, ending with a NULL name. */
extern const DdbOperation ddb_item_operations[];	/* item_requests.c */
extern const DdbOperation ddb_table_operations[];	/* table_requests.c */
extern const DdbOperation ddb_tag_operations[]; /* tag_requests.c */
extern const DdbOperation ddb_account_operations[]; /* account_requests.c */
extern const DdbOperation ddb_read_operations[];	/* read_requests.c */
extern const DdbOperation ddb_batch_operations[];	/* batch_requests.c */
extern const DdbOperation ddb_transact_operations[];	/* transact_requests.c */
extern const DdbOperation ddb_statement_operations[];	/* statement_requests.c */
extern const DdbOperation ddb_transact_statement_operations[];	/* transact_statements.c */
extern const DdbOperation ddb_stream_operations[];	/* stream_requests.c */

/*
 * ddb_api_request answers any request of the API: operation is "PutItem" and so
 * on, request its JSON.  Every door's JSON comes through here.  What it consumed is
 * left in consumption, which may be NULL.
 */
extern Jsonb *ddb_api_request(const char *operation, Jsonb *request, DdbConsumption *consumption);

/* ddb_api_shape gives the shape of an operation's requests; an error when there is none. */
extern const DdbShape *ddb_api_shape(const char *operation);

/* ddb_api_operations lists the names of all operations (char *). */
extern List *ddb_api_operations(void);

/*
 * ddb_api_set_source tells the text of the next request, for errors that go by its
 * order; NULL: unknown.  It must live as long as the request is answered.
 */
extern void ddb_api_set_source(const char *text, size_t len);

/*
 * ddb_api_is_streams tells whether an operation is one of the Streams API, which
 * has a service name of its own over HTTP.
 */
extern bool ddb_api_is_streams(const char *operation);

/* ddb_api_flags are the flags of an operation, 0 for an unknown one. */
extern int	ddb_api_flags(const char *operation);

/* ddb_api_lacks tells whether an operation is one of the service's that ddb has not. */
extern bool ddb_api_lacks(const char *operation);

/*
 * ddb_api_host is the host that a request over HTTP was sent to, with its port, for
 * DescribeEndpoints; NULL for requests that did not come so.
 */
extern const char *ddb_api_host;

#endif							/* DDB_REQUEST_H */
