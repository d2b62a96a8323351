/*
 * trigger_worker.c
 *	  The worker that calls functions with stream records.
 *
 * Triggers are served in turn, a batch each.  A turn is one transaction: it reads
 * records, calls the function with those that pass the filter, and saves how far it
 * came.  What the function does in the database therefore happens once for each
 * record, whatever breaks down in between; what it does outside, at least once.
 *
 * When the function fails the turn is rolled back and the failure is noted in
 * a transaction of its own.  The batch is halved until the record that fails
 * stands alone; that one is tried again, with growing pauses, and at last given up.
 * All of that stands in ddb.trigger_states, so a restart changes nothing of it.
 * What is wrong with the trigger itself (the function is gone, a right is missing) is no
 * record's fault: it is tried again for ever.
 *
 * Between rounds of turns the worker sleeps until capture has committed something
 * (worker.h: it follows that job), a trigger is changed, or a retry is due.
 *
 * Who changes or drops a trigger is not waited for, since his transaction may be a long one:
 * a call is rolled back then, and made again if the trigger is still there.
 *
 * The function is anybody's code in a superuser's process: trigger_call.c.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "item/item.h"
#include "stream/record_json.h"
#include "trigger/filter.h"
#include "trigger/trigger.h"
#include "trigger/trigger_call.h"
#include "worker/worker.h"

#define BLOCKED_MS 1000			/* somebody is changing a trigger */
#define IDLE_MS (5 * 60 * 1000) /* nobody has called: for changes that no call told of */

#define FIRST_PAUSE_MS 100
#define MAX_PAUSE_MS (10 * 1000)

/* What one turn takes at most. */
#define MAX_BATCH_SIZE (6 * 1024 * 1024)	/* bytes of images, as Lambda's payload */
#define MAX_SCANNED 10000		/* records */
#define MIN_READ 100			/* records, when a filter drops some */

/* What came of a turn. */
typedef enum Outcome
{
	IDLE,						/* there was nothing to do */
	MOVED,						/* there may be more */
	FAILED,						/* a retry is scheduled */
	BLOCKED						/* the trigger is being changed */
} Outcome;

/* A turn of a trigger; it outlives its transaction. */
typedef struct Turn
{
	DdbTrigger	from;			/* as it was before */
	DdbTrigger	trigger;
	DdbTriggerProgress progress;
	List	   *records;		/* Jsonb *: those for the function */
	DdbSequence last;			/* ... and the last of them */
	bool		called;			/* the function has been called */
} Turn;

static Turn *current_turn;		/* while its function may be running */

/*
 * wanted_records is how many records the function is to be called with.
 */
static int
wanted_records(const DdbTrigger *trigger)
{
	if (trigger->bisected > 0)
		return Max(1, trigger->bisected / 2);
	return trigger->batch_size;
}

/*
 * fits tells whether the trigger's function is to have a record.  What a comparison
 * takes in memory grows with the filter.
 */
static bool
fits(const DdbTrigger *trigger, Jsonb *record, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	bool		result = ddb_filter_fits(trigger->patterns, record);

	MemoryContextSwitchTo(old);
	MemoryContextReset(context);
	return result;
}

/*
 * take_records takes records of one read for the function, up to wanted in all.
 */
static void
take_records(Turn *turn, const DdbStream *stream, const DdbStreamBatch *batch, int wanted)
{
	DdbTrigger *trigger = &turn->trigger;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ddb trigger filter",
												  ALLOCSET_DEFAULT_SIZES);

	for (int i = 0; i < batch->n && list_length(turn->records) < wanted; i++)
	{
		Jsonb	   *record = ddb_stream_record_json(stream, &batch->records[i], true);

		CHECK_FOR_INTERRUPTS();
		trigger->position = batch->records[i].sequence;
		if (fits(trigger, record, context))
		{
			turn->records = lappend(turn->records, record);
			turn->last = trigger->position;
		}
		else
		{
			turn->progress.filtered++;
			pfree(record);
		}
	}
	MemoryContextDelete(context);
}

/*
 * images_size is what a record takes in memory, about.
 */
static Size
images_size(const DdbStreamRecord *record)
{
	return (record->new_image ? VARSIZE(record->new_image) : 0) +
		(record->old_image ? VARSIZE(record->old_image) : 0) +
		(record->keys ? VARSIZE(record->keys) : 0);
}

/*
 * collect reads the next records of the trigger's shard, and leaves the shard when
 * there are none and will be none.
 */
static void
collect(Turn *turn, DdbTriggerPlace *place)
{
	DdbTrigger *trigger = &turn->trigger;
	int			wanted = wanted_records(trigger);
	int			scanned = 0;
	Size		size = 0;
	DdbStreamBatch batch;

	do
	{
		int			limit = wanted - list_length(turn->records);

		if (trigger->patterns != NIL)
			limit = Max(limit, MIN_READ);
		ddb_stream_read(trigger->stream_id, trigger->epoch, trigger->position, false,
						limit, MAX_BATCH_SIZE - size, &batch);
		take_records(turn, place->stream, &batch, wanted);
		scanned += batch.n;
		for (int i = 0; i < batch.n; i++)
			size += images_size(&batch.records[i]);
	} while (batch.more && list_length(turn->records) < wanted &&
			 scanned < MAX_SCANNED && size < MAX_BATCH_SIZE);

	if (scanned == 0 && (place->shard.closed || place->stream->closed || batch.dropped) &&
		ddb_trigger_leave(trigger, place))
		place->lost |= batch.dropped &&
			!(place->shard.closed && ddb_sequence_compare(turn->from.position, place->shard.last) >= 0);
}

/*
 * batch_jsonb is the function's argument.
 */
static Jsonb *
batch_jsonb(List *records)
{
	DdbJsonPart part = {.name = "Records",.nelements = list_length(records)};
	ListCell   *lc;
	int			n = 0;

	part.elements = palloc(sizeof(Jsonb *) * part.nelements);
	foreach(lc, records)
		part.elements[n++] = lfirst(lc);
	return ddb_json_compose(NULL, &part, 1);
}

/*
 * count_success counts a call that went well.
 */
static void
count_success(Turn *turn)
{
	turn->progress.processed = list_length(turn->records);
	turn->progress.success = true;
	turn->trigger.bisected = Max(0, turn->trigger.bisected - turn->progress.processed);
}

/*
 * count_loss says that records were gone.
 */
static void
count_loss(Turn *turn)
{
	turn->progress.trimmed = true;
	turn->progress.error = "records may have expired before they were read; it goes on with the oldest there are";
	ereport(LOG, errmsg("trigger \"%s\": %s", turn->trigger.name, turn->progress.error));
}

/*
 * has_moved tells whether a turn has anything to save.
 */
static bool
has_moved(const Turn *turn)
{
	const DdbTrigger *a = &turn->from;
	const DdbTrigger *b = &turn->trigger;

	return turn->progress.trimmed || a->finished != b->finished ||
		a->has_stream != b->has_stream || a->stream_id != b->stream_id ||
		a->has_epoch != b->has_epoch || a->epoch != b->epoch ||
		ddb_sequence_compare(a->position, b->position) != 0;
}

/*
 * do_turn serves a trigger; gives whether there was anything to do.  A move to another
 * stream or shard is a turn of its own: what becomes of a batch counts from there.
 */
static bool
do_turn(const pg_uuid_t *id, Turn *turn)
{
	MemoryContext context = CurrentMemoryContext;
	DdbTriggerPlace place;
	bool		moved;

	ddb_worker_begin();
	MemoryContextSwitchTo(context);
	if (!ddb_trigger_read(id, &turn->trigger))
	{
		ddb_worker_commit();
		return false;
	}
	turn->from = turn->trigger;
	if (ddb_trigger_place(&turn->trigger, &place))
	{
		ddb_trigger_check_owner(&turn->trigger, place.stream);
		if (!place.lost && !has_moved(turn))
			collect(turn, &place);
	}
	if (place.lost)
		count_loss(turn);
	if (turn->records != NIL)
	{
		ddb_trigger_call(&turn->trigger, batch_jsonb(turn->records), &turn->called);
		count_success(turn);
	}
	moved = has_moved(turn);
	if (moved)
	{
		if (!ddb_trigger_hold(&turn->trigger))
			ereport(ERROR,
					errcode(ERRCODE_OBJECT_IN_USE),
					errmsg("trigger \"%s\" is being changed or dropped", turn->trigger.name));
		ddb_trigger_advance(&turn->trigger, &turn->from, &turn->progress);
	}
	ddb_worker_commit();
	return moved;
}

/*
 * give_up does with a record that fails for good what the trigger's on_failure
 * says.
 */
static void
give_up(Turn *turn, const char *error)
{
	DdbTrigger *trigger = &turn->trigger;

	ereport(LOG,
			errmsg("trigger \"%s\" gives up on a record after %d attempts: %s",
				   trigger->name, trigger->attempts, error));
	if (strcmp(trigger->on_failure, "stop") == 0)
	{
		ddb_trigger_schedule_retry(trigger, error, -1);
		return;
	}
	if (strcmp(trigger->on_failure, "dead_letter") == 0)
		ddb_trigger_add_dead_letter(trigger, turn->last, linitial(turn->records), error);
	trigger->bisected = 0;
	turn->progress.given_up = 1;
	turn->progress.error = error;
	ddb_trigger_advance(trigger, &turn->from, &turn->progress);
}

/*
 * note_failure decides how a turn that failed is to be tried again.
 */
static Outcome
note_failure(Turn *turn, const char *error)
{
	DdbTrigger *trigger = &turn->trigger;
	int			pause = FIRST_PAUSE_MS;

	ddb_worker_begin();
	if (!ddb_trigger_hold(trigger))
	{
		ddb_worker_commit();	/* changed or dropped meanwhile: no failure of the function's */
		return BLOCKED;
	}
	if (turn->from.failures == 0)
		ereport(LOG,
				errmsg("trigger \"%s\" failed on %d records: %s", trigger->name,
					   list_length(turn->records), error));
	trigger->failures++;
	if (turn->called)
		trigger->bisected = list_length(turn->records);
	if (turn->called && trigger->bisected == 1 && ++trigger->attempts > trigger->max_retries &&
		trigger->max_retries >= 0)
		give_up(turn, error);
	else
	{
		if (!turn->called || trigger->bisected == 1)
			pause = Min(MAX_PAUSE_MS, FIRST_PAUSE_MS << Min(turn->called ? trigger->attempts - 1 : trigger->failures - 1, 10));
		ddb_trigger_schedule_retry(trigger, error, pause);
	}
	ddb_worker_commit();
	return FAILED;
}

/*
 * note_end counts a call that the process did not survive.  It runs while that
 * exits.
 */
static void
note_end(int code, Datum arg)
{
	Turn	   *turn = current_turn;
	char	   *error;

	current_turn = NULL;
	if (turn == NULL || !ddb_trigger_call_is_ended(&error))
		return;
	AbortOutOfAnyTransaction();
	(void) note_failure(turn, error);
}

/*
 * serve is do_turn that survives an error.
 */
static Outcome
serve(const pg_uuid_t *id)
{
	MemoryContext context = CurrentMemoryContext;
	Turn	   *turn = palloc0(sizeof(Turn));
	volatile Outcome outcome = IDLE;
	char	   *volatile error = NULL;

	current_turn = turn;
	PG_TRY();
	{
		if (do_turn(id, turn))
			outcome = MOVED;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = ddb_trigger_error_text(CopyErrorData());
		FlushErrorState();
		AbortCurrentTransaction();
	}
	PG_END_TRY();
	current_turn = NULL;
	MemoryContextSwitchTo(context);
	ddb_trigger_call_cleanup();
	if (error != NULL)
	{
		if (turn->trigger.name == NULL)
			elog(ERROR, "%s", error);	/* not a trigger's: of the catalog, say */
		outcome = note_failure(turn, error);
	}
	MemoryContextSwitchTo(context);
	return outcome;
}

/*
 * list_triggers lists the triggers; NIL also when the extension is gone.
 */
static List *
list_triggers(void)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *triggers;

	if (!ddb_worker_has_extension())
		return NIL;
	ddb_worker_begin();
	MemoryContextSwitchTo(context);
	triggers = ddb_trigger_list();
	ddb_worker_commit();
	MemoryContextSwitchTo(context);
	return triggers;
}

/* How a round is to be followed by the next. */
typedef struct Next
{
	long		pause;			/* milliseconds at most */
	bool		look;			/* then at all triggers; not only at those with a retry that is due */
} Next;

/*
 * follow_up has the next round come as early as a turn's outcome wants it.
 */
static void
follow_up(Next *next, Outcome outcome)
{
	static const long pauses[] = {[IDLE] = IDLE_MS,[MOVED] = 0,[FAILED] = FIRST_PAUSE_MS,[BLOCKED] = BLOCKED_MS};

	next->pause = Min(next->pause, pauses[outcome]);
	next->look |= outcome == MOVED || outcome == BLOCKED;
}

/*
 * round_of_turns serves each trigger once: with look, those that may have new records, and
 * those with a retry that is due.  False when there are no triggers.
 */
static bool
round_of_turns(bool look, Next *next)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ddb trigger turn",
												  ALLOCSET_DEFAULT_SIZES);
	TimestampTz now = GetCurrentTimestamp();
	List	   *triggers = list_triggers();
	ListCell   *lc;

	next->pause = IDLE_MS;
	next->look = false;
	foreach(lc, triggers)
	{
		DdbTriggerTurn *turn = lfirst(lc);
		MemoryContext old;

		if (!turn->active || (turn->retry_at == 0 && !look))
			continue;
		if (turn->retry_at > now)
		{
			next->pause = Min(next->pause, TimestampDifferenceMilliseconds(now, turn->retry_at));
			continue;
		}
		old = MemoryContextSwitchTo(context);
		follow_up(next, serve(&turn->id));
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(context);
	next->look |= next->pause == IDLE_MS;
	return triggers != NIL;
}

/*
 * run calls the functions of the current database's triggers, as long as there are any.
 */
static void
run(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ddb triggers",
												  ALLOCSET_DEFAULT_SIZES);
	bool		look = true;
	Next		next;

	ddb_trigger_call_init();
	before_shmem_exit(note_end, (Datum) 0);
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(context);
	while (round_of_turns(look, &next))
	{
		MemoryContextReset(context);
		look = ddb_worker_rest(next.pause) || next.look;
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
}

static const DdbJob job = {
	.name = DDB_TRIGGER_JOB,
	.work_query = ddb_trigger_work_query,
	.run = run,
	.follows = DDB_CAPTURE_JOB
};

void
ddb_trigger_register(void)
{
	ddb_worker_register(&job);
}
