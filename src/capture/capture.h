/*
 * capture.h
 *	  Capture of streams: a job that records them in ddb.stream_records.
 */
#ifndef DDB_CAPTURE_H
#define DDB_CAPTURE_H

/* ddb_capture_register registers the job, by the name DDB_CAPTURE_JOB; from _PG_init. */
extern void ddb_capture_register(void);

#endif							/* DDB_CAPTURE_H */
