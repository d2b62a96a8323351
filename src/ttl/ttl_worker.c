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
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "settings.h"
#include "shard/shard.h"
#include "ttl/ttl.h"
#include "ttl/ttl_delete.h"
#include "version.h"
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

#define LIST_QUERY \
	"SELECT t.relid::pg_catalog.oid, t.table_name, coalesce(p.filenode, 0), coalesce(p.block, 0)," \
	" p.round_at, p.lap_at, p.failure" \
	" FROM ddb.tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid" \
	" LEFT JOIN ddb.ttl_progress p ON p.relid = t.relid" \
	" WHERE t.ttl_attribute IS NOT NULL ORDER BY p.round_at NULLS FIRST"

#define FORGET_QUERY \
	"DELETE FROM ddb.ttl_progress p WHERE NOT EXISTS" \
	" (SELECT FROM ddb.tables t WHERE t.relid = p.relid AND t.ttl_attribute IS NOT NULL)"

#define SAVE_QUERY \
	"INSERT INTO ddb.ttl_progress AS p (relid, filenode, block, round_at, lap_at, deleted, failure)" \
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (relid) DO UPDATE" \
	" SET filenode = excluded.filenode, block = excluded.block, round_at = excluded.round_at," \
	" lap_at = coalesce(excluded.lap_at, p.lap_at), deleted = p.deleted + excluded.deleted," \
	" failure = excluded.failure"

static TimestampTz
due_at(TimestampTz last_round)
{
	return TimestampTzPlusMilliseconds(last_round, ddb_ttl_interval * INT64CONST(1000));
}

/*
 * read_row makes a Watched of a row of LIST_QUERY and adds it to the round, if it
 * is due.
 */
static void
read_row(Round *round, HeapTuple row, TupleDesc tupdesc)
{
	bool		isnull;
	Watched    *table;
	Datum		last_round = SPI_getbinval(row, tupdesc, 5, &isnull);

	if (!isnull)
	{
		TimestampTz due = due_at(DatumGetTimestampTz(last_round));

		/* A clock that was set back must not stop the rounds for long. */
		if (due > round->started && due <= due_at(round->started))
		{
			round->next = Min(round->next, due);
			return;
		}
	}
	table = palloc0(sizeof(Watched));
	table->relid = DatumGetObjectId(SPI_getbinval(row, tupdesc, 1, &isnull));
	table->name = TextDatumGetCString(SPI_getbinval(row, tupdesc, 2, &isnull));
	table->filenode = DatumGetObjectId(SPI_getbinval(row, tupdesc, 3, &isnull));
	table->block = DatumGetInt64(SPI_getbinval(row, tupdesc, 4, &isnull));
	table->last_failure = SPI_getvalue(row, tupdesc, 7);
	round->tables = lappend(round->tables, table);
}

/*
 * list_tables begins a round: which tables are due?
 */
static void
list_tables(Round *round)
{
	round->tables = NIL;
	round->started = GetCurrentTimestamp();
	round->next = due_at(round->started);
	ddb_worker_begin();
	(void) ddb_version_check();
	SPI_connect();
	if (SPI_execute(LIST_QUERY, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read ddb.tables");
	round->any = SPI_processed > 0;
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(round->context);

		read_row(round, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
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
 * walk deletes expired items of the next blocks, up to max; expiry counts them.
 */
static void
walk(Watched *table, DdbTtlWalk *expiry, int64 max)
{
	int64		nblocks = RelationGetNumberOfBlocks(expiry->heap);

	if (!table->planned)
		plan(table, expiry->heap);
	if (table->filenode != expiry->heap->rd_rel->relfilenode)
	{
		table->done = true;		/* rewritten: the next round starts over */
		return;
	}
	if (nblocks == 0)
		table->done = true;		/* nothing to walk, maybe truncated by VACUUM meanwhile */
	if (table->block >= nblocks)
		table->block = 0;
	max = Min(max, table->budget);
	expiry->block = (BlockNumber) table->block;
	expiry->end = (BlockNumber) Min(nblocks, table->block + Min(max, table->lap - table->walked));
	expiry->brief = true;
	ddb_ttl_delete_blocks(expiry);
	table->walked += expiry->block - table->block;
	table->block = expiry->block;
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
run_batch(Watched *table, DdbTtlWalk *expiry, int64 max)
{
	ddb_worker_begin();
	if (!ddb_ttl_lock(table->relid, false) ||
		!ConditionalLockRelationOid(table->relid, RowExclusiveLock) ||
		!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
		table->done = true;
	else
	{
		expiry->desc = ddb_desc_open_relid(table->relid, RowExclusiveLock);
		if (expiry->desc->ttl_attribute == NULL)
			table->done = true;
		else
		{
			expiry->heap = ddb_shard_open_all(expiry->desc->relid);
			walk(table, expiry, max);
			table_close(expiry->heap, NoLock);
		}
		ddb_desc_close(expiry->desc);
	}
	ddb_worker_commit();
}

/*
 * try_batch is run_batch that survives errors: the table is left alone for the rest
 * of the round.
 */
static void
try_batch(Round *round, Watched *table, DdbTtlWalk *expiry, int64 max)
{
	PG_TRY();
	{
		run_batch(table, expiry, max);
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
	DdbTtlWalk	expiry = {0};
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
		expiry.deleted = 0;
		try_batch(round, table, &expiry, Min(max, BATCH_BLOCKS));
		if (table->failure == NULL)
			deleted += expiry.deleted;
		ddb_worker_rest(0);
		if (is_over(round))
			break;
	}
	table->deleted += deleted;
	if (table->walked >= table->budget && deleted * 100 <= expiry.seen)
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
	Oid			types[] = {OIDOID, OIDOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTOID};
	Datum		values[7];
	char		nulls[] = "       ";

	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = ObjectIdGetDatum(table->filenode);
	values[2] = Int64GetDatum(table->block);
	values[3] = TimestampTzGetDatum(round->started);
	values[4] = TimestampTzGetDatum(table->lap_at);
	if (table->lap_at == 0)
		nulls[4] = 'n';
	values[5] = Int64GetDatum(table->deleted);
	values[6] = (Datum) 0;
	if (table->failure == NULL)
		nulls[6] = 'n';
	else
		values[6] = CStringGetTextDatum(table->failure);
	if (SPI_execute_with_args(SAVE_QUERY, 7, types, values, nulls, false, 0) < 0)
		elog(ERROR, "could not write ddb.ttl_progress");
}

/*
 * save_round keeps where the tables are, and forgets those without a time to
 * live.
 */
static void
save_round(const Round *round)
{
	ListCell   *lc;

	ddb_worker_begin();
	SPI_connect();
	foreach(lc, round->tables)
	{
		const Watched *table = lfirst(lc);

		if (table->touched)
			save_table(round, table);
	}
	if (SPI_execute(FORGET_QUERY, false, 0) < 0)
		elog(ERROR, "could not write ddb.ttl_progress");
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
	.work_query = "SELECT FROM ddb.tables WHERE ttl_attribute IS NOT NULL LIMIT 1",
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
