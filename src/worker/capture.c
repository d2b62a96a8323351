/*
 * capture.c
 *	  Streams: from the log into ddb.stream_records.
 */
#include "postgres.h"

#include "worker/worker.h"

void
ddb_capture_run(void)
{
}
