/*
 * unread.h
 *	  Which members of requests no handler reads.
 */
#ifndef DDB_UNREAD_H
#define DDB_UNREAD_H

#include "nodes/pg_list.h"

/*
 * ddb_api_unread_members answers requests (Jsonb *) of an operation and gives the paths
 * (char *) of those members of its shape that were in none of them, or not read;
 * those that ddb refuses, or DynamoDB ignores too, are left out.  For tests.
 */
extern List *ddb_api_unread_members(const char *operation, List *requests);

#endif							/* DDB_UNREAD_H */
