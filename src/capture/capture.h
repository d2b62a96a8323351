/*
 * capture.h
 *	  Capture of streams: a job that records them in ddb.stream_records.
 */
#ifndef DDB_CAPTURE_H
#define DDB_CAPTURE_H

#include "access/xlogdefs.h"

/* ddb_capture_register registers the job, by the name DDB_CAPTURE_JOB; from _PG_init. */
extern void ddb_capture_register(void);

/* capture_wait.c: readers wait for it */

typedef struct DdbCaptureWait
{
	XLogRecPtr	target;			/* the log is to be recorded up to here; 0: not known yet */
	int64		waited_ms;
} DdbCaptureWait;

/* For a process that may not sleep. */
typedef struct DdbCaptureWaiting
{
	bool		impatient;		/* ddb_capture_wait raises an error instead of sleeping */
	XLogRecPtr	target;			/* kept between the tries of a request; 0 at the first */
	int64		waited_ms;		/* since the request came */
	bool		again;			/* out: that error has been raised, the request is to be tried again */
} DdbCaptureWaiting;

extern DdbCaptureWaiting ddb_capture_waiting;

/*
 * A reader begins a wait, asks whether capture is behind before it reads, and when it was,
 * waits and reads again, until ddb_capture_wait gives false.
 */
extern void ddb_capture_wait_begin(DdbCaptureWait *wait);
extern bool ddb_capture_is_behind(DdbCaptureWait *wait);
extern bool ddb_capture_wait(DdbCaptureWait *wait);

/* ddb_capture_log_end is where the log ends that can be flushed. */
extern XLogRecPtr ddb_capture_log_end(void);

#endif							/* DDB_CAPTURE_H */
