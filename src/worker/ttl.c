/*
 * ttl.c
 *	  Expired items.
 */
#include "postgres.h"

#include "worker/worker.h"

void
ddb_ttl_run(void)
{
}
