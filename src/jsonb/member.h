/*
 * member.h
 *	  Members of small JSON objects that are not items.
 */
#ifndef DDB_MEMBER_H
#define DDB_MEMBER_H

#include "utils/jsonb.h"

/* Called, unless NULL, with each member that somebody looks for; see api/unread.c. */
extern void (*ddb_json_member_noted) (JsonbContainer *object, const char *name);

/* ddb_json_member finds object's member name; false when it is absent or null. */
extern bool ddb_json_member(JsonbContainer *object, const char *name,
							JsonbValue *out);

/* ddb_json_string copies object's string member, or gives NULL. */
extern char *ddb_json_string(JsonbContainer *object, const char *name);

/*
 * ddb_json_container gives object's member that is an array or an object, or
 * NULL.
 */
extern JsonbContainer *ddb_json_container(JsonbContainer *object,
										  const char *name, bool array);

/* ddb_json_is_deep tells whether depth objects and arrays or more lie one in another, document included. */
extern bool ddb_json_is_deep(JsonbContainer *document, int depth);

/* ddb_json_cstring copies a JSON string. */
extern char *ddb_json_cstring(const JsonbValue *value);

#endif							/* DDB_MEMBER_H */
