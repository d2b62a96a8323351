/*
 * capture_slot.c
 *	  The capture worker's replication slot, and reading the log through it.
 *
 * The slot is kept acquired while the worker decodes.  Only what is flushed is
 * read, and reading never waits: a record whose end is still to be flushed is
 * read later.
 *
 * Decoding contexts are made inside a transaction.  Otherwise PostgreSQL marks the
 * process as one whose snapshots hold back no vacuum (PROC_IN_LOGICAL_DECODING),
 * which is wrong for one that reads tables as well.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlogutils.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "replication/decode.h"
#include "replication/logical.h"
#include "replication/slot.h"
#include "storage/spin.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "capture/capture_private.h"
#include "compat.h"
#include "settings.h"

#define PLUGIN "ddb"
#define CREATE_TIMEOUT "60s"

/*
 * ddb_capture_slot_state looks for the current database's slot.
 */
DdbSlotState
ddb_capture_slot_state(void)
{
	ReplicationSlot *slot = SearchNamedReplicationSlot(ddb_stream_slot_name(), true);
	bool		lost;

	if (slot == NULL)
		return DDB_SLOT_NONE;
	SpinLockAcquire(&slot->mutex);
	lost = slot->data.database != MyDatabaseId ||
		strcmp(NameStr(slot->data.plugin), PLUGIN) != 0 ||
		XLogRecPtrIsInvalid(slot->data.confirmed_flush) || ddb_slot_is_invalid(slot);
	SpinLockRelease(&slot->mutex);
	return lost ? DDB_SLOT_LOST : DDB_SLOT_READY;
}

/*
 * ddb_capture_slot_position is where the slot's changes begin.
 */
XLogRecPtr
ddb_capture_slot_position(void)
{
	ReplicationSlot *slot = SearchNamedReplicationSlot(ddb_stream_slot_name(), true);
	XLogRecPtr	position = InvalidXLogRecPtr;

	if (slot != NULL)
	{
		SpinLockAcquire(&slot->mutex);
		position = slot->data.confirmed_flush;
		SpinLockRelease(&slot->mutex);
	}
	return position;
}

/*
 * ddb_capture_slot_create makes the slot.  The transactions that are waited for
 * may take long, and the new slot holds back the log meanwhile: after
 * CREATE_TIMEOUT the attempt is given up with an error, for the next worker to
 * make a new one.
 */
void
ddb_capture_slot_create(void)
{
	LogicalDecodingContext *context;

	SetConfigOption("lock_timeout", CREATE_TIMEOUT, PGC_SUSET, PGC_S_OVERRIDE);
	StartTransactionCommand();
	CheckLogicalDecodingRequirements();
	ddb_slot_create(ddb_stream_slot_name());
	context = CreateInitDecodingContext(PLUGIN, NIL, false, InvalidXLogRecPtr,
										XL_ROUTINE(.page_read = read_local_xlog_page,
												   .segment_open = wal_segment_open,
												   .segment_close = wal_segment_close),
										NULL, NULL, NULL);
	DecodingContextFindStartpoint(context);
	FreeDecodingContext(context);
	ReplicationSlotPersist();
	ReplicationSlotRelease();
	CommitTransactionCommand();
	SetConfigOption("lock_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * read_page reads a page of the log, as far as it is flushed.
 */
static int
read_page(XLogReaderState *state, XLogRecPtr page, int length, XLogRecPtr record, char *buffer)
{
	if (page + length > GetFlushRecPtr(NULL))
		return -1;
	return read_local_xlog_page(state, page, length, record, buffer);
}

/*
 * ddb_capture_slot_take begins to decode where the slot stands.
 */
void
ddb_capture_slot_take(DdbCapture *capture)
{
	MemoryContext old;

	ddb_slot_acquire(ddb_stream_slot_name());
	StartTransactionCommand();
	old = MemoryContextSwitchTo(capture->context);
	capture->decoding = CreateDecodingContext(InvalidXLogRecPtr, NIL, false,
											  XL_ROUTINE(.page_read = read_page,
														 .segment_open = wal_segment_open,
														 .segment_close = wal_segment_close),
											  NULL, NULL, NULL);
	MemoryContextSwitchTo(old);
	CommitTransactionCommand();
	MemoryContextSwitchTo(capture->context);
	XLogBeginRead(capture->decoding->reader, MyReplicationSlot->data.restart_lsn);
	capture->started = capture->flushed = GetFlushRecPtr(NULL);
}

/*
 * ddb_capture_slot_release ends decoding.
 */
void
ddb_capture_slot_release(DdbCapture *capture)
{
	if (capture->decoding == NULL)
		return;
	FreeDecodingContext(capture->decoding);
	capture->decoding = NULL;
	ReplicationSlotRelease();
}

/*
 * ddb_capture_slot_drop drops the slot, if there is one.
 */
void
ddb_capture_slot_drop(void)
{
	if (SearchNamedReplicationSlot(ddb_stream_slot_name(), true) != NULL)
		ReplicationSlotDrop(ddb_stream_slot_name(), true);
}

/*
 * ddb_capture_set_historic empties the caches when they hold what was seen of another time.
 */
void
ddb_capture_set_historic(bool back)
{
	static bool historic = false;

	if (historic == back)
		return;
	InvalidateSystemCaches();
	historic = back;
}

/*
 * ddb_capture_read reads and decodes the next record.
 */
bool
ddb_capture_read(DdbCapture *capture)
{
	XLogReaderState *reader = capture->decoding->reader;
	char	   *error = NULL;

	if (reader->EndRecPtr >= capture->flushed)
		capture->flushed = GetFlushRecPtr(NULL);
	if (reader->EndRecPtr >= capture->flushed)
		return false;
	if (XLogReadRecord(reader, &error) == NULL)
	{
		if (error != NULL)
			ereport(ERROR,
					errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("could not read the write-ahead log at %X/%X: %s",
						   LSN_FORMAT_ARGS(reader->EndRecPtr), error));
		return false;
	}
	ddb_capture_set_historic(true);
	LogicalDecodingProcessRecord(capture->decoding, reader);
	return true;
}

/*
 * ddb_capture_lag is the size of the log that is kept for the slot in use.
 */
uint64
ddb_capture_lag(void)
{
	return GetXLogInsertRecPtr() - MyReplicationSlot->data.restart_lsn;
}

/*
 * ddb_capture_lags_too_much compares it with the limit.
 */
bool
ddb_capture_lags_too_much(uint64 lag)
{
	return ddb_stream_max_lag > 0 && lag > (uint64) ddb_stream_max_lag * 1024 * 1024;
}

void
ddb_capture_abandon(void)
{
	if (ddb_capture_slot_state() != DDB_SLOT_NONE)
		ddb_capture_slot_drop();
}

/*
 * over_limit tells whether a slot of any database's capture is not in use and
 * keeps more of the log than it may; name gets its name, lag how much.
 */
static bool
over_limit(ReplicationSlot *slot, XLogRecPtr now, NameData *name, uint64 *lag)
{
	ReplicationSlotPersistentData data;
	pid_t		active;
	bool		invalid;
	char		expected[NAMEDATALEN];

	if (!slot->in_use)
		return false;
	SpinLockAcquire(&slot->mutex);
	data = slot->data;
	active = slot->active_pid;
	invalid = ddb_slot_is_invalid(slot);
	SpinLockRelease(&slot->mutex);
	snprintf(expected, sizeof(expected), "ddb_%u", data.database);
	if (active != 0 || invalid || strcmp(NameStr(data.name), expected) != 0 ||
		strcmp(NameStr(data.plugin), PLUGIN) != 0 || XLogRecPtrIsInvalid(data.restart_lsn))
		return false;
	*name = data.name;
	*lag = now - data.restart_lsn;
	return ddb_capture_lags_too_much(*lag);
}

void
ddb_capture_drop_excess(void)
{
	XLogRecPtr	now;

	if (ddb_stream_max_lag == 0 || RecoveryInProgress())
		return;
	now = GetXLogInsertRecPtr();
	for (int i = 0; i < max_replication_slots; i++)
	{
		NameData	name;
		uint64		lag;
		bool		excess;

		LWLockAcquire(ReplicationSlotControlLock, LW_SHARED);
		excess = over_limit(&ReplicationSlotCtl->replication_slots[i], now, &name, &lag);
		LWLockRelease(ReplicationSlotControlLock);
		if (!excess)
			continue;
		ereport(LOG,
				errmsg("replication slot \"%s\" is dropped: it holds back " UINT64_FORMAT
					   " MB of WAL, more than ddb.stream_max_lag (%d MB), and no capture worker uses it",
					   NameStr(name), lag / (1024 * 1024), ddb_stream_max_lag),
				errdetail("The streams of its database have lost changes and will be disabled."));
		ReplicationSlotDrop(NameStr(name), true);
	}
}
