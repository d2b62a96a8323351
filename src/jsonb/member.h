/*
 * member.h
 *	  Members of small JSON objects that are not items.
 */
#ifndef DDB_MEMBER_H
#define DDB_MEMBER_H

#include "utils/jsonb.h"

extern bool ddb_json_member(JsonbContainer *object, const char *name,
							JsonbValue *out);
extern char *ddb_json_string(JsonbContainer *object, const char *name);
extern JsonbContainer *ddb_json_container(JsonbContainer *object,
										  const char *name, bool array);

/* ddb_json_is_deep tells whether depth objects and arrays or more lie one in another, document included. */
extern bool ddb_json_is_deep(JsonbContainer *document, int depth);
extern char *ddb_json_cstring(const JsonbValue *value);

#endif							/* DDB_MEMBER_H */
