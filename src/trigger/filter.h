/*
 * filter.h
 *	  Filter patterns: which records a trigger's function gets.
 */
#ifndef DDB_TRIGGER_FILTER_H
#define DDB_TRIGGER_FILTER_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/*
 * ddb_filter_read checks a filter, {"Filters": [{"Pattern": pattern}, ...]} or one
 * pattern, and gives its patterns; they may point into filter.
 */
extern List *ddb_filter_read(Jsonb *filter);

/* ddb_filter_fits tells whether a record fits one of the patterns; NIL: it does. */
extern bool ddb_filter_fits(List *patterns, Jsonb *record);

#endif							/* DDB_TRIGGER_FILTER_H */
