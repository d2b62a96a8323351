/*
 * capture_expiry.c
 *	  Stream records go when their time is over.
 *
 * They go an epoch at a time, by dropping its partition, ddb.stream_retention after
 * its last shard was closed; its shards go with it, and a stream with its last
 * shard.  Readers are not waited for: what is being read is dropped later.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "capture/capture_private.h"
#include "settings.h"
#include "stream/capture_state.h"
#include "stream/records.h"
#include "stream/stream_catalog.h"
#include "stream/stream_shard.h"

/* How often to look: a tenth of the retention, but at most and at least so often. */
#define LOOK_MIN_MS 1000
#define LOOK_MAX_MS 30000

/*
 * old_epochs lists the epochs whose partition is to go: not the present one, and not
 * those with a shard that is open or was closed within the retention.
 */
static List *
old_epochs(void)
{
	List	   *kept = ddb_stream_shard_kept_epochs(ddb_stream_retention);
	ListCell   *next = list_head(kept);
	DdbCaptureState state;
	bool		capturing = ddb_capture_state_read(&state);
	List	   *old = NIL;
	ListCell   *lc;

	/* both lists are in order */
	foreach(lc, ddb_records_partitions())
	{
		int32		epoch = lfirst_int(lc);

		while (next != NULL && lfirst_int(next) < epoch)
			next = lnext(kept, next);
		if ((next == NULL || lfirst_int(next) != epoch) && !(capturing && state.epoch == epoch))
			old = lappend_int(old, epoch);
	}
	return old;
}

/*
 * drop_epoch drops the n-th of the old epochs, or goes on to the next when somebody uses
 * it; false when there are not so many.  One transaction each, for the locks are heavy.
 */
static bool
drop_epoch(int *n)
{
	List	   *epochs;
	bool		found;

	ddb_capture_begin();
	epochs = old_epochs();
	found = list_length(epochs) > *n;
	if (found)
	{
		int32		epoch = list_nth_int(epochs, *n);

		if (ddb_records_drop_partition(epoch))
			ddb_stream_shard_delete(epoch);
		else
			(*n)++;
	}
	ddb_capture_commit(false);
	return found;
}

/*
 * drop_streams deletes the streams that were closed long enough ago and have no shard left.
 */
static void
drop_streams(void)
{
	ListCell   *lc;

	ddb_capture_begin();
	foreach(lc, ddb_stream_closed_before(ddb_stream_retention))
	{
		if (ddb_stream_shard_list(lfirst_int(lc), 0, 1) == NIL)
			ddb_stream_delete(lfirst_int(lc));
	}
	ddb_capture_commit(false);
}

/*
 * ddb_capture_expire drops what has been kept long enough.  As often it has tables looked
 * at that show a stream they don't have: a restored dump brings such ones.
 */
void
ddb_capture_expire(DdbCapture *capture)
{
	int64		pause = Max(LOOK_MIN_MS, Min((int64) ddb_stream_retention * 100, LOOK_MAX_MS));
	int			n = 0;

	if (!ddb_capture_elapsed(capture->expired, pause))
		return;
	capture->expired = GetCurrentTimestamp();
	capture->reconcile = true;
	while (drop_epoch(&n))
		CHECK_FOR_INTERRUPTS();
	drop_streams();
	ddb_capture_load_streams(capture);
}
