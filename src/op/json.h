/*
 * json.h
 *	  Reading requests and writing responses, both jsonb.
 *
 * A request was checked against its shape before (shape.h), so the readers
 * here only copy.  A response is built with a JsonbParseState; a member's name
 * NULL means that the value is an element of the array under construction.
 */
#ifndef DDB_OP_JSON_H
#define DDB_OP_JSON_H

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
extern DdbReturnValues ddb_request_return_values(JsonbContainer *request);
extern DdbCapacityMode ddb_request_capacity_mode(JsonbContainer *request);

/* Writing. */
extern void ddb_json_begin_object(JsonbParseState **state, const char *name);
extern void ddb_json_end_object(JsonbParseState **state);
extern void ddb_json_begin_array(JsonbParseState **state, const char *name);
extern void ddb_json_end_array(JsonbParseState **state);
extern void ddb_json_push_string(JsonbParseState **state, const char *name, const char *value);
extern void ddb_json_push_numeric(JsonbParseState **state, const char *name, Numeric value);
extern void ddb_json_push_integer(JsonbParseState **state, const char *name, int64 value);
extern void ddb_json_push_bool(JsonbParseState **state, const char *name, bool value);
extern void ddb_json_push_jsonb(JsonbParseState **state, const char *name, Jsonb *value);

/* ddb_json_response starts a response object; ddb_json_finish ends it. */
extern void ddb_json_response(JsonbParseState **state);
extern Jsonb *ddb_json_finish(JsonbParseState **state);

/* ddb_json_finish_with ends it and adds members that are copied as they are. */
extern Jsonb *ddb_json_finish_with(JsonbParseState **state, const DdbJsonPart *parts, int n);

#endif							/* DDB_OP_JSON_H */
