/*
 * trigger_position.c
 *	  Where a trigger reads: from shard to shard, and from stream to stream.
 *
 * What says that a shard or stream has ended is looked at before its records
 * are read, so whoever then finds no more of them may leave it.
 *
 * A table's streams follow each other: a trigger goes on with the next one, as long as
 * its owner owns the table.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "trigger/trigger.h"

/* What the images of one read may take, in bytes, when records are only counted. */
#define LAG_READ_SIZE (1024 * 1024)

/*
 * next_stream finds the table's stream after the one that trigger has done with, or
 * its oldest; NULL when there is none.
 */
static DdbStream *
next_stream(const DdbTrigger *trigger)
{
	DdbStream  *next = NULL;
	ListCell   *lc;

	foreach(lc, ddb_stream_list(trigger->table_name, NULL, NULL))
	{
		DdbStream  *stream = lfirst(lc);

		if ((!trigger->has_stream || stream->id > trigger->stream_id) &&
			(next == NULL || stream->id < next->id))
			next = stream;
	}
	return next;
}

/*
 * begin_stream gives trigger a new stream to read from the start.
 */
static void
begin_stream(DdbTrigger *trigger, const DdbStream *stream)
{
	trigger->has_stream = true;
	trigger->stream_id = stream->id;
	trigger->has_epoch = false;
	trigger->finished = false;
	trigger->bisected = 0;
}

/*
 * find_stream gives the stream that trigger has to read, the next one when it is
 * done with its own; NULL when there is none.
 */
static DdbStream *
find_stream(DdbTrigger *trigger, bool *lost)
{
	DdbStream  *stream = NULL;

	if (trigger->has_stream && !trigger->finished)
		stream = ddb_stream_by_id(trigger->stream_id);
	if (stream != NULL)
		return stream;
	if (trigger->has_stream && !trigger->finished)
	{
		*lost = trigger->finished = true;
		trigger->bisected = 0;
	}
	stream = next_stream(trigger);
	if (stream != NULL)
		begin_stream(trigger, stream);
	return stream;
}

/*
 * ddb_trigger_place moves trigger to the shard that it has to read; false when there is none
 * now.
 */
bool
ddb_trigger_place(DdbTrigger *trigger, DdbTriggerPlace *place)
{
	place->lost = false;
	for (;;)
	{
		List	   *shards;
		DdbStreamShard *shard;

		place->stream = find_stream(trigger, &place->lost);
		if (place->stream == NULL)
			return false;
		shards = ddb_stream_shard_list(trigger->stream_id, trigger->has_epoch ? trigger->epoch : 0, 1);
		if (shards != NIL)
		{
			shard = linitial(shards);
			if (trigger->has_epoch && shard->epoch != trigger->epoch)
			{
				place->lost = true;
				trigger->bisected = 0;
			}
			trigger->has_epoch = true;
			trigger->epoch = shard->epoch;
			place->shard = *shard;
			return true;
		}
		if (!place->stream->closed)
			return false;
		place->lost |= trigger->has_epoch;
		trigger->finished = true;
		trigger->bisected = 0;
	}
}

/*
 * ddb_trigger_leave moves trigger on from a shard that has ended, or whose records are gone;
 * false when there is nowhere to go to yet.
 */
bool
ddb_trigger_leave(DdbTrigger *trigger, const DdbTriggerPlace *place)
{
	List	   *shards = ddb_stream_shard_list(trigger->stream_id, trigger->epoch + 1, 1);

	if (shards != NIL)
		trigger->epoch = ((DdbStreamShard *) linitial(shards))->epoch;
	else if (place->stream->closed)
		trigger->finished = true;
	else
		return false;
	trigger->bisected = 0;
	return true;
}

/*
 * ddb_trigger_check_owner raises an error unless the trigger's owner owns the table of the
 * stream; of a table that is gone, owned it.
 */
void
ddb_trigger_check_owner(const DdbTrigger *trigger, const DdbStream *stream)
{
	bool		owns;

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(trigger->owner)))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("the owner of trigger \"%s\" does not exist", trigger->name));
	owns = SearchSysCacheExists1(RELOID, ObjectIdGetDatum(stream->relid)) ?
		ddb_role_owns_relation(stream->relid, trigger->owner) :
		has_privs_of_role(trigger->owner, stream->owner);
	if (!owns)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("the owner of trigger \"%s\" is not the owner of table \"%s\"",
					   trigger->name, trigger->table_name));
}

/*
 * count_shard counts the records of a shard behind *position, at most max, and notes
 * when the first was committed.
 */
static int
count_shard(const DdbTrigger *trigger, int32 epoch, DdbSequence position, int max,
			TimestampTz *oldest)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ddb trigger lag",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int			n = 0;
	DdbStreamBatch batch;

	do
	{
		ddb_stream_read(trigger->stream_id, epoch, position, false, max - n, LAG_READ_SIZE, &batch);
		if (batch.n > 0)
		{
			if (*oldest == 0)
				*oldest = batch.records[0].committed_at;
			position = batch.records[batch.n - 1].sequence;
			n += batch.n;
		}
		MemoryContextReset(context);
	} while (batch.more && n < max);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return n;
}

/*
 * ddb_trigger_lag counts the records that a trigger has not looked at and gives the time
 * at which the first was committed, or 0.
 */
int
ddb_trigger_lag(const DdbTrigger *trigger, TimestampTz *oldest)
{
	int			n = 0;
	ListCell   *lc;

	*oldest = 0;
	if (!trigger->has_stream || trigger->finished)
		return 0;
	foreach(lc, ddb_stream_shard_list(trigger->stream_id, trigger->has_epoch ? trigger->epoch : 0, PG_INT32_MAX))
	{
		DdbStreamShard *shard = lfirst(lc);

		if (n < DDB_TRIGGER_MAX_LAG)
			n += count_shard(trigger, shard->epoch, trigger->position, DDB_TRIGGER_MAX_LAG - n, oldest);
	}
	return n;
}
