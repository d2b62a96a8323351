/*
 * backfill.c
 *	  Making new global indexes whole, while writes go on.
 *
 * ddb_index_begin() has registered the index and every writer fills its key
 * columns.  Here:
 *
 * 1. The rows that were there before are filled, block by block in small
 *    transactions that remember their position in the catalog.  Each row goes
 *    through the store's write path, so a concurrent change is never lost.
 *    A wait for a row's lock is cut short and the batch given up, before a
 *    deadlock with a client could be noticed and cost the client its transaction.
 * 2. CREATE INDEX CONCURRENTLY builds the index.  A crash leaves an index that is
 *    not valid: it is dropped and built anew.
 * 3. The index becomes ACTIVE.
 *
 * After a crash at any point the next worker takes up where this one was.
 * User-defined functions (of expression indexes on the data table) run as the
 * table's owner.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/portal.h"
#include "utils/syscache.h"
#include "utils/wait_event.h"

#include "backfill/backfill.h"
#include "compat.h"
#include "jsonb/member.h"
#include "store/store.h"
#include "table/index_ddl.h"
#include "table/indexes_catalog.h"
#include "worker/worker.h"

#define MAX_BATCH_BLOCKS 8
#define LOCK_TIMEOUT "200ms"	/* well below anybody's deadlock_timeout */
#define BLOCKED_PAUSE_MS 200

#define JOB_NAME "backfill"
#define MAX_RUNNING 3			/* it reads whole tables, and nobody waits for it */

/*
 * next_task finds an index that is not ACTIVE, into context; false when there is
 * none.
 */
static bool
next_task(DdbUnreadyIndex *task, MemoryContext context)
{
	MemoryContext old;
	bool		found;

	ddb_worker_begin();
	old = MemoryContextSwitchTo(context);
	found = ddb_indexes_unready(task);
	MemoryContextSwitchTo(old);
	ddb_worker_commit();
	return found;
}

/*
 * row_is_right tells whether the key columns of the row in slot are what its item
 * says; columns gets the right ones.
 */
static bool
row_is_right(const DdbTableDesc *desc, TupleTableSlot *slot, Jsonb *item, DdbColumns *columns)
{
	ddb_row_columns(desc, item, DDB_ROW_FILL, columns);
	for (int i = 0; i < desc->nattributes; i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(slot, desc->attributes[i].attnum, &isnull);

		if (isnull != columns->nulls[i] ||
			(!isnull && !datum_image_eq(value, columns->values[i], false, -1)))
			return false;
	}
	return true;
}

/*
 * decide_fill is the decision of the store's write: the same item, with its
 * columns.
 */
static DdbWriteAction
decide_fill(DdbWrite *write)
{
	if (!write->exists ||
		row_is_right(write->desc, write->slot, ddb_store_write_old(write), &write->columns))
		return DDB_WRITE_NOTHING;
	write->item = NULL;
	return DDB_WRITE_PUT;
}

/*
 * fill_row fills the columns of the row in slot, which a scan has found.
 */
static void
fill_row(DdbTableDesc *desc, TupleTableSlot *slot)
{
	DdbWrite	write = {.desc = desc,.decide = decide_fill,.maintenance = true};
	bool		isnull;
	Datum		item = slot_getattr(slot, desc->item_attnum, &isnull);

	ddb_row_columns_create(desc, &write.columns);
	if (row_is_right(desc, slot, DatumGetJsonbP(item), &write.columns))
		return;
	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
		write.key[i] = slot_getattr(slot, ddb_index_attribute(desc, &desc->primary, i)->attnum,
									&isnull);
	ddb_store_write(&write);
}

/*
 * fill_blocks fills the rows of blocks [from, to), as the table's owner.
 */
static void
fill_blocks(DdbTableDesc *desc, Relation heap, BlockNumber from, BlockNumber to)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "ddb fill row",
													  ALLOCSET_DEFAULT_SIZES);
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ItemPointerData first,
				last;
	TableScanDesc scan;
	Oid			save_user;
	int			save_context;

	ItemPointerSet(&first, from, FirstOffsetNumber);
	ItemPointerSet(&last, to - 1, MaxOffsetNumber);
	GetUserIdAndSecContext(&save_user, &save_context);
	SetUserIdAndSecContext(heap->rd_rel->relowner, save_context | SECURITY_RESTRICTED_OPERATION);
	scan = table_beginscan_tidrange(heap, snapshot, &first, &last);
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		fill_row(desc, slot);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	table_endscan(scan);
	SetUserIdAndSecContext(save_user, save_context);
	UnregisterSnapshot(snapshot);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
}

/*
 * fill_batch fills up to nblocks blocks in one transaction; false when all are
 * filled, or the index is no longer to be created.
 */
static bool
fill_batch(const DdbUnreadyIndex *task, int nblocks)
{
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	bool		more = false;

	ddb_worker_begin();
	desc = ddb_desc_open_any(task->table_name, RowExclusiveLock);
	index = ddb_desc_any_index(desc, task->index_name);
	if (index != NULL && index->status == DDB_INDEX_CREATING && index->filling)
	{
		Relation	heap = table_open(desc->relid, NoLock);
		DdbFill		fill = index->fill;
		BlockNumber size = RelationGetNumberOfBlocks(heap);
		BlockNumber to;

		if (fill.filenode != heap->rd_rel->relfilenode)
		{
			fill.block = 0;
			fill.end = size;
			fill.filenode = heap->rd_rel->relfilenode;
		}
		fill.end = Min(fill.end, size);
		to = Min(fill.end, fill.block + nblocks);
		if (fill.block < to)
			fill_blocks(desc, heap, fill.block, to);
		more = to < fill.end;
		fill.block = to;
		table_close(heap, NoLock);
		ddb_index_save_fill(desc, task->index_name, more ? &fill : NULL);
	}
	ddb_desc_close(desc);
	ddb_worker_commit();
	return more;
}

/*
 * is_passing tells whether an error only means that somebody was in the way.
 */
static bool
is_passing(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE;
}

/*
 * try_batch is fill_batch that survives a lock it did not get: *blocked.
 */
static bool
try_batch(const DdbUnreadyIndex *task, int nblocks, bool *blocked)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool more = true;

	*blocked = false;
	PG_TRY();
	{
		more = fill_batch(task, nblocks);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!is_passing(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		FreeErrorData(error);
		AbortCurrentTransaction();
		*blocked = true;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	return more;
}

/*
 * fill fills all rows.  Batches grow while they succeed.
 */
static void
fill(const DdbUnreadyIndex *task)
{
	int			nblocks = 1;
	bool		more = true;

	SetConfigOption("lock_timeout", LOCK_TIMEOUT, PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("synchronous_commit", "off", PGC_SUSET, PGC_S_OVERRIDE);
	while (more)
	{
		bool		blocked;

		more = try_batch(task, nblocks, &blocked);
		nblocks = blocked ? 1 : Min(nblocks * 2, MAX_BATCH_BLOCKS);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 blocked ? BLOCKED_PAUSE_MS : 0, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	SetConfigOption("lock_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("synchronous_commit", "on", PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * run_utility runs a command that manages transactions itself, in a portal as a
 * client's command: event triggers need one.  sql and CurrentMemoryContext must
 * outlive the transactions.
 */
static void
run_utility(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	RawStmt    *raw = linitial_node(RawStmt, pg_parse_query(sql));
	PlannedStmt *statement = makeNode(PlannedStmt);
	List	   *statements = list_make1(statement);
	Portal		portal;

	statement->commandType = CMD_UTILITY;
	statement->canSetTag = true;
	statement->utilityStmt = raw->stmt;
	statement->stmt_len = strlen(sql);

	pgstat_report_activity(STATE_RUNNING, sql);
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	portal = CreatePortal("", true, true);
	portal->visible = false;
	PortalDefineQuery(portal, NULL, sql, CreateCommandTag(raw->stmt),
					  statements, NULL);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	(void) ddb_portal_run(portal);
	PortalDrop(portal, false);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	pgstat_report_activity(STATE_IDLE, NULL);
}

/* What is to be done next about an index's relation. */
typedef enum Step
{
	NOTHING,					/* no longer to be created */
	DROP_INVALID,
	BUILD,
	ACTIVATE
} Step;

static bool
index_is_valid(Oid indexid)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
	bool		valid = false;

	if (HeapTupleIsValid(tuple))
	{
		valid = ((Form_pg_index) GETSTRUCT(tuple))->indisvalid;
		ReleaseSysCache(tuple);
	}
	return valid;
}

/*
 * next_step looks at how far the index is and makes the command for it, in
 * context; an index that is built becomes ACTIVE here.
 */
static Step
next_step(const DdbUnreadyIndex *task, MemoryContext context, char **sql)
{
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	Step		step = NOTHING;
	MemoryContext old;

	ddb_worker_begin();
	desc = ddb_desc_open_any(task->table_name, AccessShareLock);
	index = ddb_desc_any_index(desc, task->index_name);
	if (index != NULL && index->status == DDB_INDEX_CREATING)
		step = !OidIsValid(index->indexid) ? BUILD :
			index_is_valid(index->indexid) ? ACTIVATE : DROP_INVALID;
	old = MemoryContextSwitchTo(context);
	if (step == BUILD)
		*sql = ddb_index_build_sql(desc, index);
	if (step == DROP_INVALID)
		*sql = ddb_index_drop_sql(desc, index);
	MemoryContextSwitchTo(old);
	if (step == ACTIVATE)
		ddb_index_activate(desc, task->index_name);
	ddb_desc_close(desc);
	ddb_worker_commit();
	return step;
}

/*
 * build makes the index and ends its creation.
 */
static void
build(const DdbUnreadyIndex *task)
{
	MemoryContext context = CurrentMemoryContext;

	for (;;)
	{
		char	   *sql;
		Step		step = next_step(task, context, &sql);

		MemoryContextSwitchTo(context);
		if (step != BUILD && step != DROP_INVALID)
			return;
		run_utility(sql);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * step finishes the creation or deletion of one index; false when
 * there is none to finish.
 */
static bool
step(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ddb backfill",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	DdbUnreadyIndex task;
	bool		found = next_task(&task, context);

	MemoryContextSwitchTo(context);
	if (found && task.deleting)
	{
		ddb_worker_begin();
		ddb_index_drop(task.table_name, task.index_name);
		ddb_worker_commit();
	}
	else if (found)
	{
		fill(&task);
		build(&task);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return found;
}

static void
run(void)
{
	while (ddb_worker_has_extension() && step())
		CHECK_FOR_INTERRUPTS();
}

static const DdbJob job = {
	.name = JOB_NAME,
	.work_query = ddb_indexes_work_query,
	.run = run,
	.max_running = MAX_RUNNING
};

void
ddb_backfill_register(void)
{
	ddb_worker_register(&job);
}

void
ddb_backfill_wake(void)
{
	ddb_worker_wake(JOB_NAME);
}
