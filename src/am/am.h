/*
 * am.h
 *	  The index access method "ddb": nbtree with hash-ordered partition columns.
 */
#ifndef DDB_AM_H
#define DDB_AM_H

#include "utils/relcache.h"

/* Whether index uses the access method ddb. */
extern bool ddb_am_is_index(Relation index);

/* ddb_am_install_hooks installs the planner hook that keeps sparseness honest. */
extern void ddb_am_install_hooks(void);

#endif							/* DDB_AM_H */
