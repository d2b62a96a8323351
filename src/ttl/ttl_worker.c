/*
 * ttl_worker.c
 *	  The worker that deletes expired items: when, and which part of which table.
 *
 * There is no index on the time to live: it would make every write that extends an
 * item write all indexes of its table.  Instead each table is walked, a part every
 * ddb.ttl_interval seconds (a round), from where the last round stopped:
 *
 * - at most one lap over the table;
 * - ddb.ttl_walk_size (256 MB), or a sixtieth of a table for which that is more, up to
 *   four times the setting.  So a small table is walked whole in each round, one of
 *   60 GB within 60 rounds, and no round reads more than 1 GB of a table in vain;
 * - but on and on while more than one row in a hundred had expired: a backlog is worked
 *   off at full speed.
 *
 * A round ends at the latest when the next is due.  Tables take turns by slices
 * of 32 MB, those that have waited longest first, so that a large one doesn't starve
 * others.  What it costs when nothing expires: reading the part, through a small ring
 * of buffers where the table is large, and 0.2 to 0.5 microseconds of processor time for
 * each item in it: well below a second in each round for a million items.
 *
 * Each batch (ttl_delete.c) is a transaction of its own of some milliseconds.  The worker
 * waits neither for a table's lock nor for a row; it looks again in the next
 * round.  Commits are not waited for: what a crash undoes is expired still.
 *
 * All state is in ddb.ttl_progress, written once a round.  A table that can't be
 * expired (it has triggers, say) is left alone and logged once, until the reason
 * changes.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "settings.h"
#include "shard/shard.h"
#include "table/tables_catalog.h"
#include "ttl/ttl.h"
#include "ttl/ttl_delete.h"
#include "ttl/ttl_progress.h"
#include "worker/worker.h"

#define BLOCKS_OF_MB(mb) ((int64) (mb) * 1024 * 1024 / BLCKSZ)
#define SLICE_BLOCKS BLOCKS_OF_MB(32)
#define BATCH_BLOCKS BLOCKS_OF_MB(8)
#define ROUNDS_OF_A_LAP 60
#define MAX_WALK_FACTOR 4
#define JOB_NAME "ttl"
#define OFF_MS (60 * 60 * 1000L)	/* how long to rest when there are no rounds; a change of the setting
									 * wakes */

/* A table that is due, in a round. */
typedef struct Watched
{
	Oid			relid;
	char	   *name;
	Oid			filenode;		/* in which block is a place */
	int64		block;			/* the next one */
	TimestampTz lap_at;			/* when the end was reached; 0: not yet */
	TimestampTz last_round;		/* when the last one began; 0: there was none */
	int64		deleted;		/* in this round */
	char	   *failure;		/* why it is left alone, or NULL */
	char	   *last_failure;	/* ... in the round before */
	bool		planned;		/* budget and lap are set */
	bool		done;			/* for this round */
	bool		touched;		/* it had its turn */
	int64		walked;			/* blocks, in this round */
	int64		budget;			/* to be walked even if nothing is found */
	int64		lap;			/* at most */
} Watched;

/* The tables that are due, and when the next one is. */
typedef struct Round
{
	MemoryContext context;
	List	   *tables;			/* of Watched * */
	bool		any;			/* any table has a time to live */
	TimestampTz started;
	TimestampTz next;
} Round;

static TimestampTz
due_at(TimestampTz last_round)
{
	return TimestampTzPlusMilliseconds(last_round, ddb_ttl_interval * INT64CONST(1000));
}

/*
 * is_due tells whether a table is due; if not, round->next is no later than when it is.
 */
static bool
is_due(Round *round, TimestampTz last_round)
{
	TimestampTz due = due_at(last_round);

	/* A clock that was set back must not stop the rounds for long. */
	if (last_round == 0 || due <= round->started || due > due_at(round->started))
		return true;
	round->next = Min(round->next, due);
	return false;
}

/*
 * add_table adds a table to the round, if it is due.
 */
static void
add_table(Round *round, const DdbTableName *name)
{
	DdbTtlProgress progress;
	Watched    *table;

	ddb_ttl_progress_read(name->relid, &progress);
	if (!is_due(round, progress.round_at))
		return;
	table = palloc0(sizeof(Watched));
	table->relid = name->relid;
	table->name = name->name;
	table->filenode = progress.filenode;
	table->block = progress.block;
	table->last_round = progress.round_at;
	table->last_failure = progress.failure;
	round->tables = lappend(round->tables, table);
}

static int
by_last_round(const ListCell *a, const ListCell *b)
{
	TimestampTz first = ((Watched *) lfirst(a))->last_round;
	TimestampTz second = ((Watched *) lfirst(b))->last_round;

	return first < second ? -1 : first > second;
}

/*
 * list_tables begins a round: which tables are due?  Those that have waited longest come
 * first.
 */
static void
list_tables(Round *round)
{
	MemoryContext old;
	List	   *names;
	ListCell   *lc;

	round->tables = NIL;
	round->started = GetCurrentTimestamp();
	round->next = due_at(round->started);
	ddb_worker_begin();
	old = MemoryContextSwitchTo(round->context);
	SPI_connect();
	MemoryContextSwitchTo(round->context);
	names = ddb_tables_list_ttl();
	round->any = names != NIL;
	foreach(lc, names)
		add_table(round, lfirst(lc));
	list_sort(round->tables, by_last_round);
	SPI_finish();
	MemoryContextSwitchTo(old);
	ddb_worker_commit();
}

/*
 * plan sets how much of a table this round walks.
 */
static void
plan(Watched *table, Relation heap)
{
	int64		nblocks = RelationGetNumberOfBlocks(heap);
	int64		least = BLOCKS_OF_MB(ddb_ttl_walk_size);

	if (table->filenode != heap->rd_rel->relfilenode)
		table->block = 0;
	table->filenode = heap->rd_rel->relfilenode;
	table->lap = nblocks;
	table->budget = Min(Max(nblocks / ROUNDS_OF_A_LAP, least), least * MAX_WALK_FACTOR);
	table->planned = true;
}

/*
 * walk deletes expired items of the next blocks, up to max; deletion counts them.
 */
static void
walk(Watched *table, DdbTtlWalk *deletion, int64 max)
{
	int64		nblocks = RelationGetNumberOfBlocks(deletion->heap);

	if (!table->planned)
		plan(table, deletion->heap);
	if (table->filenode != deletion->heap->rd_rel->relfilenode)
	{
		table->done = true;		/* rewritten: the next round starts over */
		return;
	}
	if (nblocks == 0)
		table->done = true;		/* nothing to walk, maybe truncated by VACUUM meanwhile */
	if (table->block >= nblocks)
		table->block = 0;
	max = Min(max, table->budget);
	deletion->block = (BlockNumber) table->block;
	deletion->end = (BlockNumber) Min(nblocks, table->block + Min(max, table->lap - table->walked));
	deletion->brief = true;
	ddb_ttl_delete_blocks(deletion);
	table->walked += deletion->block - table->block;
	table->block = deletion->block;
	if (table->block >= nblocks)
		table->lap_at = GetCurrentTimestamp();
	if (table->walked >= table->lap)
		table->done = true;
}

/*
 * run_batch is one transaction in a table.  Whoever changes the table or its time to
 * live comes first: the table is done for this round then.
 */
static void
run_batch(Watched *table, DdbTtlWalk *deletion, int64 max)
{
	ddb_worker_begin();
	if (!ddb_ttl_lock(table->relid, false) ||
		!ConditionalLockRelationOid(table->relid, RowExclusiveLock) ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
		table->done = true;
	else
	{
		deletion->desc = ddb_desc_open_relid(table->relid, RowExclusiveLock);
		if (deletion->desc->ttl_attribute == NULL)
			table->done = true;
		else
		{
			deletion->heap = ddb_shard_open_all(deletion->desc->relid);
			walk(table, deletion, max);
			table_close(deletion->heap, NoLock);
		}
		ddb_desc_close(deletion->desc);
	}
	ddb_worker_commit();
}

/*
 * try_batch is run_batch that survives errors: the table is left alone for the rest
 * of the round.
 */
static void
try_batch(Round *round, Watched *table, DdbTtlWalk *deletion, int64 max)
{
	PG_TRY();
	{
		run_batch(table, deletion, max);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(round->context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		table->done = true;
		table->failure = error->message;
		if (table->last_failure == NULL || strcmp(table->last_failure, table->failure) != 0)
			ereport(LOG,
					errmsg("expired items of table \"%s\" are not deleted: %s",
						   table->name, table->failure));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(round->context);
}

/*
 * is_over tells whether a round has to end.
 */
static bool
is_over(const Round *round)
{
	return ddb_ttl_interval == 0 || GetCurrentTimestamp() >= due_at(round->started);
}

/*
 * take_slice is a table's turn.
 */
static void
take_slice(Round *round, Watched *table)
{
	DdbTtlWalk	deletion = {0};
	int64		before = table->walked;
	int64		deleted = 0;

	table->touched = true;
	while (!table->done)
	{
		int64		max = SLICE_BLOCKS;

		if (table->planned)
			max = Min(SLICE_BLOCKS, table->budget) - (table->walked - before);
		if (max <= 0)
			break;
		deletion.deleted = 0;
		try_batch(round, table, &deletion, Min(max, BATCH_BLOCKS));
		if (table->failure == NULL)
			deleted += deletion.deleted;
		ddb_worker_rest(0);
		if (is_over(round))
			break;
	}
	table->deleted += deleted;
	if (table->walked >= table->budget && deleted * 100 <= deletion.seen)
		table->done = true;
}

/*
 * run_round lets the tables take turns until all are done.
 */
static void
run_round(Round *round)
{
	bool		more = true;

	while (more)
	{
		ListCell   *lc;

		more = false;
		foreach(lc, round->tables)
		{
			Watched    *table = lfirst(lc);

			if (table->done)
				continue;
			take_slice(round, table);
			more |= !table->done;
			if (is_over(round))
				return;
		}
	}
}

static void
save_table(const Round *round, const Watched *table)
{
	DdbTtlProgress progress = {
		.relid = table->relid,.filenode = table->filenode,.block = table->block,
		.round_at = round->started,.lap_at = table->lap_at,.deleted = table->deleted,
		.failure = table->failure
	};

	ddb_ttl_progress_save(&progress);
}

/*
 * save_round keeps where the tables are, and forgets those without a time to
 * live.
 */
static void
save_round(const Round *round)
{
	List	   *relids = NIL;
	ListCell   *lc;

	ddb_worker_begin();
	SPI_connect();
	foreach(lc, round->tables)
	{
		const Watched *table = lfirst(lc);

		if (table->touched)
			save_table(round, table);
	}
	foreach(lc, ddb_tables_list_ttl())
		relids = lappend_oid(relids, ((DdbTableName *) lfirst(lc))->relid);
	ddb_ttl_progress_keep(relids);
	SPI_finish();
	ddb_worker_commit();
	pgstat_report_stat(true);	/* for autovacuum, before a rest */
}

/*
 * run works until no table has a time to live.  Between rounds
 * it looks at what is due whenever it is woken.
 */
static void
run(void)
{
	Round		round = {0};

	round.context = AllocSetContextCreate(TopMemoryContext, "ddb ttl", ALLOCSET_DEFAULT_SIZES);
	SetConfigOption("synchronous_commit", "off", PGC_SUSET, PGC_S_OVERRIDE);
	for (;;)
	{
		MemoryContextSwitchTo(round.context);
		MemoryContextReset(round.context);
		list_tables(&round);
		MemoryContextSwitchTo(round.context);
		if (ddb_ttl_interval > 0 && round.tables != NIL)
			run_round(&round);
		if (round.tables != NIL || !round.any)
			save_round(&round);
		if (!round.any)
			break;
		if (ddb_ttl_interval == 0)
			ddb_worker_rest(OFF_MS);
		else if (round.tables == NIL)
			ddb_worker_rest(Max(1, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), round.next)));
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(round.context);
}

static const DdbJob job = {
	.name = JOB_NAME,
	.work_query = ddb_tables_ttl_work_query,
	.run = run
};

void
ddb_ttl_register(void)
{
	ddb_worker_register(&job);
}

void
ddb_ttl_changed(const char *table_name, bool enabled)
{
	if (enabled && !ddb_worker_available())
		ereport(WARNING,
				errmsg("nothing deletes the expired items of table \"%s\"", table_name),
				errhint("The worker needs shared_preload_libraries = 'ddb'; without it, call ddb.expire_items() from time to time."));
	ddb_worker_wake(JOB_NAME);
}
