/*
 * durability.c
 *	  When an answer may be sent: what it tells of must survive.
 *
 * Each request is a transaction of its own, committed without waiting for the disk.
 * At the end of the event loop's turn the log is flushed once, up to the last commit
 * of the turn and of those that other workers have not flushed yet; then the loop
 * sends the turn's answers, those of reads included, which may show any of that.
 * (A session of SQL may read it before it is flushed, as after any commit with
 * synchronous_commit off.)
 *
 * Where there are synchronous standbys, an answer waits for them too.  A worker
 * can't sleep until they have the log, for that may be never; and a commit of ours can be
 * seen at once, unlike one that waits for them.  So the parts of tables that each
 * request touched are remembered to the end of the turn, when it is known up to where
 * the log must be with the standbys for its answer to be safe.  The loop keeps
 * such answers back and asks now and then; all others go out.
 *
 * Where synchronous_commit is off, that is the administrator's wish for us too.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "replication/syncrep.h"
#include "replication/walsender.h"
#include "replication/walsender_private.h"
#include "storage/lwlock.h"
#include "utils/memutils.h"

#include "api/request.h"
#include "endpoint/endpoint.h"
#include "endpoint/metrics.h"
#include "footprint.h"

static int	configured_commit;	/* synchronous_commit as configured */
static XLogRecPtr written;		/* what end_turn must make durable */
static int	nwritten;			/* requests in that */
static int	nanswered;			/* requests of this turn, reads included */
static XLogRecPtr own;			/* end of the commit of the request that is being answered */

/* the answers of this turn that may have to wait for standbys */
static DdbDependence *dependences;
static int	ndependences;
static int	dependences_size;
static uint32 *slots;
static int	nslots;
static int	slots_size;
static bool turn_ended;			/* they are those of the turn before */

static XLogRecPtr known_safe;	/* standbys have the log up to here */

/*
 * has_standbys tells whether commits wait for synchronous standbys.
 */
static bool
has_standbys(void)
{
	return configured_commit > SYNCHRONOUS_COMMIT_LOCAL_FLUSH && max_wal_senders > 0 &&
		SyncRepStandbyNames != NULL && SyncRepStandbyNames[0] != '\0';
}

void
ddb_http_durability_start(void)
{
	configured_commit = synchronous_commit;
	ddb_footprint_wanted = has_standbys();
	known_safe = InvalidXLogRecPtr;
}

void
ddb_http_commit(const char *operation, const char *table_name)
{
	bool		wrote = TransactionIdIsValid(GetTopTransactionIdIfAny());

	EndTransactionBlock(false);
	if (wrote && configured_commit > SYNCHRONOUS_COMMIT_OFF)
		ddb_http_commits_begin();
	synchronous_commit = SYNCHRONOUS_COMMIT_OFF;
	CommitTransactionCommand();
	synchronous_commit = configured_commit;
	if (!wrote)
		return;
	own = XactLastCommitEnd;
	written = Max(written, own);
	nwritten++;
	if (configured_commit > SYNCHRONOUS_COMMIT_OFF)
	{
		if (ddb_footprint_wanted)
			ddb_http_commits_note(own, (ddb_api_flags(operation) & DDB_API_DEFINES) != 0,
								  table_name);
		ddb_http_commits_set(written);
	}
}

void
ddb_http_rollback(void)
{
	synchronous_commit = configured_commit;
	AbortOutOfAnyTransaction();
	ddb_http_commits_set(written);
}

/*
 * make_room grows an array to more than n elements.
 */
static void *
make_room(void *array, int n, int *size, Size element)
{
	if (n < *size)
		return array;
	*size = Max(64, *size * 2);
	return array == NULL ? MemoryContextAlloc(TopMemoryContext, *size * element) :
		repalloc(array, *size * element);
}

static void
add_slot(DdbDependence *dependence, uint32 slot)
{
	slots = make_room(slots, nslots, &slots_size, sizeof(uint32));
	slots[nslots++] = slot;
	dependence->nslots++;
}

int
ddb_http_answered(const char *operation, const char *table_name)
{
	DdbDependence *dependence;

	nanswered++;
	if (!ddb_footprint_wanted)
	{
		own = InvalidXLogRecPtr;
		return -1;
	}
	if (turn_ended)
	{
		ndependences = 0;
		nslots = 0;
		turn_ended = false;
	}
	dependences = make_room(dependences, ndependences, &dependences_size, sizeof(DdbDependence));
	dependence = &dependences[ndependences];
	memset(dependence, 0, sizeof(DdbDependence));
	dependence->own = own;
	dependence->first_slot = nslots;
	own = InvalidXLogRecPtr;
	if ((ddb_api_flags(operation) & DDB_API_ITEMS) != 0)
	{
		dependence->everything = ddb_footprint.everything;
		if (table_name != NULL)
			add_slot(dependence, ddb_footprint_definition(table_name));
		for (int i = 0; i < ddb_footprint.nparts; i++)
			add_slot(dependence, ddb_footprint.parts[i].partition);
	}
	else if ((ddb_api_flags(operation) & DDB_API_DESCRIBES) != 0)
		dependence->definitions = true;
	else
		dependence->everything = true;
	return ndependences++;
}

/*
 * ddb_http_durability_end_turn flushes what the turn's answers tell of.
 */
void
ddb_http_durability_end_turn(void)
{
	XLogRecPtr	end;

	if (nanswered == 0)
		return;
	turn_ended = true;
	if (configured_commit > SYNCHRONOUS_COMMIT_OFF)
	{
		end = Max(written, ddb_http_commits_others());
		if (!XLogRecPtrIsInvalid(end))
			XLogFlush(end);
	}
	ddb_http_commits_set(InvalidXLogRecPtr);
	if (nwritten > 0)
		ddb_metrics_batch(nwritten);
	nanswered = 0;
	nwritten = 0;
	written = InvalidXLogRecPtr;
}

/*
 * ddb_http_durability_position gives the place in the log that standbys must have for
 * an answer of the turn that has ended; 0: none.
 */
uint64_t
ddb_http_durability_position(int ticket)
{
	if (ticket < 0 || ticket >= ndependences)
		return 0;
	return ddb_http_commits_depends(&dependences[ticket], slots + dependences[ticket].first_slot);
}

/*
 * ddb_http_durability_safe tells whether the standbys have the log up to position, or
 * nobody asks for standbys any more.
 */
bool
ddb_http_durability_safe(uint64_t position)
{
	int			mode = configured_commit == SYNCHRONOUS_COMMIT_REMOTE_WRITE ? SYNC_REP_WAIT_WRITE :
	configured_commit == SYNCHRONOUS_COMMIT_REMOTE_APPLY ? SYNC_REP_WAIT_APPLY :
	SYNC_REP_WAIT_FLUSH;

	if (position == 0 || position <= known_safe || !has_standbys())
		return true;
	LWLockAcquire(SyncRepLock, LW_SHARED);
	known_safe = WalSndCtl->lsn[mode];
	LWLockRelease(SyncRepLock);
	return position <= known_safe;
}
