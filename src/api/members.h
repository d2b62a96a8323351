/*
 * members.h
 *	  Reading the members of requests.
 *
 * A request was checked against its shape before (shape.h), so the readers
 * here only copy.
 */
#ifndef DDB_MEMBERS_H
#define DDB_MEMBERS_H

#include "op/capacity.h"
#include "op/op.h"

/* Reading.  An absent or null member gives NULL, {NULL, 0}, or the default. */
extern char *ddb_request_string(JsonbContainer *request, const char *name);
extern DdbText ddb_request_text(JsonbContainer *request, const char *name);
extern bool ddb_request_bool(JsonbContainer *request, const char *name, bool otherwise);
extern int64 ddb_request_integer(JsonbContainer *request, const char *name, int64 otherwise);

/* a copy of an object or array member as a jsonb of its own */
extern Jsonb *ddb_request_jsonb(JsonbContainer *request, const char *name);
extern bool ddb_request_has(JsonbContainer *request, const char *name);

/* ddb_request_has_any tells whether one of names, which end with NULL, is there. */
extern bool ddb_request_has_any(JsonbContainer *request, const char *const *names);
extern DdbReturnValues ddb_request_return_values(JsonbContainer *request);
extern DdbCapacityMode ddb_request_capacity_mode(JsonbContainer *request);

#endif							/* DDB_MEMBERS_H */
