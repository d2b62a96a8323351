/*
 * triggers.c
 *	  Functions that take stream records.
 */
#include "postgres.h"

#include "worker/worker.h"

void
ddb_triggers_run(void)
{
}
