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
extern char *ddb_json_cstring(const JsonbValue *value);

#endif							/* DDB_MEMBER_H */
