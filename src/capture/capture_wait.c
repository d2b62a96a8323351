/*
 * capture_wait.c
 *	  Readers of streams wait for capture.
 *
 * What was acknowledged before GetRecords is called should be among the records.  The
 * worker tells in shared memory up to where it has recorded the log; a reader that finds
 * it behind the end of what has been acknowledged wakes it and looks again a little
 * later, for MAX_WAIT_MS in all: a worker with much to catch up with keeps
 * nobody longer.
 *
 * Acknowledged is what the log is flushed to; with synchronous_commit off it is all that
 * is in the log, which is then flushed first, because the worker reads no
 * further.
 *
 * A process that must not sleep, with many clients to serve, leaves by an error instead
 * (ddb_capture_waiting), and has the request tried again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "miscadmin.h"

#include "capture/capture.h"
#include "stream/stream.h"
#include "worker/worker.h"

#define MAX_WAIT_MS 500
#define STEP_US 1000L

DdbCaptureWaiting ddb_capture_waiting;

/*
 * ddb_capture_log_end is where the log has been inserted up to.  That is said to be behind
 * the header of a page that nothing is on yet, which can't be flushed.
 */
XLogRecPtr
ddb_capture_log_end(void)
{
	XLogRecPtr	end = GetXLogInsertRecPtr();
	uint64		offset = end % XLOG_BLCKSZ;

	if (offset == (XLogSegmentOffset(end, wal_segment_size) < XLOG_BLCKSZ ?
				   SizeOfXLogLongPHD : SizeOfXLogShortPHD))
		end -= offset;
	return end;
}

/*
 * acknowledged is where what has been acknowledged ends, all of it flushed.
 */
static XLogRecPtr
acknowledged(XLogRecPtr captured)
{
	XLogRecPtr	end;

	if (synchronous_commit == SYNCHRONOUS_COMMIT_OFF)
	{
		end = ddb_capture_log_end();
		if (end > captured)
			XLogFlush(end);
		return end;
	}
	return GetFlushRecPtr(NULL);
}

/*
 * ddb_capture_wait_begin begins a wait, or goes on with one after another try.
 */
void
ddb_capture_wait_begin(DdbCaptureWait *wait)
{
	wait->target = ddb_capture_waiting.target;
	wait->waited_ms = ddb_capture_waiting.waited_ms;
}

/*
 * ddb_capture_is_behind tells whether records may be missing that a reader should see.  Where
 * nobody captures there is nothing to wait for.
 */
bool
ddb_capture_is_behind(DdbCaptureWait *wait)
{
	XLogRecPtr	captured = RecoveryInProgress() ? InvalidXLogRecPtr : ddb_worker_progress(DDB_CAPTURE_JOB);

	if (XLogRecPtrIsInvalid(captured))
		return false;
	if (XLogRecPtrIsInvalid(wait->target))
		wait->target = acknowledged(captured);
	return captured < wait->target;
}

/*
 * ddb_capture_wait wakes the worker and waits a moment; false when it has been waited
 * for long enough.
 */
bool
ddb_capture_wait(DdbCaptureWait *wait)
{
	if (wait->waited_ms >= MAX_WAIT_MS)
		return false;
	ddb_worker_nudge(DDB_CAPTURE_JOB);
	if (ddb_capture_waiting.impatient)
	{
		ddb_capture_waiting.target = wait->target;
		ddb_capture_waiting.again = true;
		ereport(ERROR,
				errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				errmsg("stream records are still being captured"));
	}
	CHECK_FOR_INTERRUPTS();
	pg_usleep(STEP_US);
	wait->waited_ms += STEP_US / 1000;
	return true;
}
