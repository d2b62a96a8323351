/*
 * capture_state.h
 *	  How far streams are captured: the row of ddb.capture, and the numbers of epochs.
 *
 * There is a row while the database has a replication slot that streams rely on.
 */
#ifndef DDB_CAPTURE_STATE_H
#define DDB_CAPTURE_STATE_H

#include "access/xlogdefs.h"
#include "datatype/timestamp.h"

typedef struct DdbCaptureState
{
	XLogRecPtr	captured;		/* every commit record up to here is recorded */
	int32		epoch;			/* the present one */
	TimestampTz epoch_since;
} DdbCaptureState;

/* ddb_capture_state_read reads the row, with the latest snapshot; false when there is none. */
extern bool ddb_capture_state_read(DdbCaptureState *state);

/* For the capture worker, inside SPI_connect(). */

/* ddb_capture_state_insert makes the row, for a slot of that name. */
extern void ddb_capture_state_insert(const char *slot_name, const DdbCaptureState *state);

/* ddb_capture_state_update changes all of the row but the slot's name. */
extern void ddb_capture_state_update(const DdbCaptureState *state);
extern void ddb_capture_state_delete(void);

/* ddb_capture_state_set_captured notes how far the log is recorded; without SPI. */
extern void ddb_capture_state_set_captured(XLogRecPtr captured);

/* ddb_capture_state_next_epoch gives a number that no epoch has had. */
extern int32 ddb_capture_state_next_epoch(void);

/* ddb_capture_state_use_epoch has no epoch get a number up to this again. */
extern void ddb_capture_state_use_epoch(int32 epoch);

#endif							/* DDB_CAPTURE_STATE_H */
