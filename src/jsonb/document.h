/*
 * document.h
 *	  Writing JSON documents that are not items, as jsonb.
 *
 * A document is built with a JsonbParseState; a member's name NULL means that the
 * value is an element of the array under construction.
 */
#ifndef DDB_DOCUMENT_H
#define DDB_DOCUMENT_H

#include "item/item.h"

extern void ddb_json_begin_object(JsonbParseState **state, const char *name);
extern void ddb_json_end_object(JsonbParseState **state);
extern void ddb_json_begin_array(JsonbParseState **state, const char *name);
extern void ddb_json_end_array(JsonbParseState **state);
extern void ddb_json_push_string(JsonbParseState **state, const char *name, const char *value);
extern void ddb_json_push_numeric(JsonbParseState **state, const char *name, Numeric value);
extern void ddb_json_push_integer(JsonbParseState **state, const char *name, int64 value);
extern void ddb_json_push_bool(JsonbParseState **state, const char *name, bool value);

/* ddb_json_push_jsonb appends a whole object or array. */
extern void ddb_json_push_jsonb(JsonbParseState **state, const char *name, Jsonb *value);

/* ddb_json_response starts a response object; ddb_json_finish ends it. */
extern void ddb_json_response(JsonbParseState **state);
extern Jsonb *ddb_json_finish(JsonbParseState **state);

/* ddb_json_finish_with ends it and adds members that are copied as they are. */
extern Jsonb *ddb_json_finish_with(JsonbParseState **state, const DdbJsonPart *parts, int n);

#endif							/* DDB_DOCUMENT_H */
