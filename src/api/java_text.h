/*
 * java_text.h
 *	  Parts of a request as Java prints them, which is how some messages show them.
 */
#ifndef DDB_JAVA_TEXT_H
#define DDB_JAVA_TEXT_H

#include "lib/stringinfo.h"

#include "api/shape.h"

/*
 * ddb_java_append writes a value of a shape, which it fits: "{Music=[WriteRequest(...)]}".
 * NULL is an absent one.  A text that grows beyond 1 MB ends there.
 */
extern void ddb_java_append(StringInfo buf, const DdbShape *shape, const JsonbValue *value);

#endif							/* DDB_JAVA_TEXT_H */
