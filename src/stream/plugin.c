/*
 * plugin.c
 *	  The output plugin "ddb": item-level changes from the write-ahead log.
 *
 * Changes of relations that have a stream at that moment of history (source.c) become
 * changes of items (change.c), become records: each as a line of JSON (text.c), or
 * for the process's own sink.
 *
 * A record's sequence is where its transaction's commit record begins, and its number
 * among the transaction's records.  All records are numbered, also those that the
 * options leave out, so whoever reads the log gets the same numbers.
 *
 * A transaction is read when it has been committed.  With the option "stream-changes"
 * a large one is read while it is in progress, subtransactions that will be rolled
 * back included: its numbers may then have gaps, but stay in order.
 *
 * Prepared transactions are read at COMMIT PREPARED: there are no callbacks for
 * PREPARE.  TRUNCATE needs none either, for it deletes the items first
 * (sql/trigger.c).
 *
 * An item that is none, which only somebody who turned the data table's trigger off
 * can have written, must not keep all streams from going on: the change is left out,
 * with a warning.
 */
#include "postgres.h"

#include "compat.h"
#include "fmgr.h"
#include "replication/logical.h"
#include "replication/origin.h"
#include "replication/output_plugin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "stream/marks.h"
#include "stream/plugin_private.h"

typedef struct Plugin
{
	DdbPluginOptions options;
	DdbStreamSink sink;			/* NULL: records are written as text */
	void	   *sink_arg;
	DdbSourceCache *sources;
	MemoryContext context;		/* of what one change takes */
} Plugin;

/* What is kept of a transaction, at its output_plugin_private. */
typedef struct Transaction
{
	uint32		ordinal;		/* of the next record */
	bool		written;		/* something was given out */
	bool		by_ttl;			/* deletions are by time to live */
	DdbMark		unchanged;		/* of the change that comes next, if it has a relation */
} Transaction;

static DdbStreamSink plugin_sink;
static void *plugin_sink_arg;

void
ddb_plugin_set_sink(DdbStreamSink sink, void *arg)
{
	plugin_sink = sink;
	plugin_sink_arg = arg;
}

static void
startup(LogicalDecodingContext *ctx, OutputPluginOptions *output, bool is_init)
{
	Plugin	   *plugin = palloc0(sizeof(Plugin));

	ddb_plugin_options_read(ctx->output_plugin_options, &plugin->options);
	plugin->sink = plugin_sink;
	plugin->sink_arg = plugin_sink_arg;
	plugin->sources = ddb_source_cache_create(ctx->context);
	plugin->context = AllocSetContextCreate(ctx->context, "ddb output plugin",
											ALLOCSET_DEFAULT_SIZES);
	ctx->output_plugin_private = plugin;
	ctx->streaming &= plugin->options.stream_changes;
	output->output_type = OUTPUT_PLUGIN_TEXTUAL_OUTPUT;
	output->receive_rewrites = false;
}

/*
 * filter_by_origin leaves out, with the option "origin", whatever came from elsewhere; and
 * always what has PostgreSQL's own "do not replicate", as the capture worker's
 * bookkeeping does (capture_worker.c): no item is written so.
 */
static bool
filter_by_origin(LogicalDecodingContext *ctx, RepOriginId origin)
{
	Plugin	   *plugin = ctx->output_plugin_private;

	return origin == DoNotReplicateId ||
		(plugin->options.local_only && origin != InvalidRepOriginId);
}

/*
 * transaction_of gives what is kept of a transaction, from its first callback on.
 */
static Transaction *
transaction_of(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	if (txn->output_plugin_private == NULL)
		txn->output_plugin_private = MemoryContextAllocZero(ctx->context, sizeof(Transaction));
	return txn->output_plugin_private;
}

static void
end_transaction(ReorderBufferTXN *txn)
{
	if (txn->output_plugin_private != NULL)
		pfree(txn->output_plugin_private);
	txn->output_plugin_private = NULL;
}

/*
 * is_wanted tells whether the options let a table's records through.
 */
static bool
is_wanted(const DdbPluginOptions *options, const DdbStreamSource *source)
{
	ListCell   *lc;

	if (options->tables == NIL)
		return true;
	foreach(lc, options->tables)
	{
		if (strcmp(lfirst(lc), source->table_name) == 0)
			return true;
	}
	return false;
}

/*
 * set_images gives a record what its stream's view shows of a change.
 */
static void
set_images(const DdbStreamSource *source, const DdbItemChange *change, DdbStreamRecord *record)
{
	bool		with_new = source->view == DDB_VIEW_NEW_IMAGE ||
	source->view == DDB_VIEW_NEW_AND_OLD_IMAGES;
	bool		with_old = source->view == DDB_VIEW_OLD_IMAGE ||
	source->view == DDB_VIEW_NEW_AND_OLD_IMAGES;

	record->keys = change->keys;
	record->new_image = change->new_item;
	record->old_image = change->old_item;
	if (!(with_new && change->new_item != NULL) && !(with_old && change->old_item != NULL))
		record->keys = ddb_stream_record_keys(record, source->key_attributes, source->nkeys);
	if (!with_new)
		record->new_image = NULL;
	if (!with_old)
		record->old_image = NULL;
}

/*
 * deliver gives out the record of one change of an item.
 */
static void
deliver(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, const DdbStreamSource *source,
		const DdbItemChange *change, const DdbRecordPlace *place)
{
	Plugin	   *plugin = ctx->output_plugin_private;
	Transaction *transaction = transaction_of(ctx, txn);
	DdbStreamRecord record = {.stream_id = source->stream_id};

	record.sequence.ordinal = transaction->ordinal++;
	if (!is_wanted(&plugin->options, source))
		return;
	record.event = change->event;
	if (record.event == DDB_EVENT_REMOVE && change->new_item == NULL && transaction->by_ttl)
		record.event = DDB_EVENT_TTL_REMOVE;
	if (!place->streamed)
	{
		record.sequence.lsn = txn->final_lsn;
		record.committed_at = txn->xact_time.commit_time;
	}
	set_images(source, change, &record);
	transaction->written = true;
	if (plugin->sink != NULL)
	{
		plugin->sink(&record, plugin->sink_arg);
		return;
	}
	OutputPluginPrepareWrite(ctx, true);
	ddb_plugin_write_record(&plugin->options, source, &record, place, ctx->out);
	OutputPluginWrite(ctx, true);
}

/*
 * decode makes item changes of a change of a row, none when an item is none.
 */
static int
decode(DdbStreamSource *source, Relation relation, ReorderBufferChange *change,
	   DdbItemChange changes[DDB_MAX_ITEM_CHANGES])
{
	MemoryContext context = CurrentMemoryContext;
	volatile int n = 0;

	PG_TRY();
	{
		n = ddb_change_decode(source, relation, change, changes);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_DATA_CORRUPTED)
			PG_RE_THROW();
		FlushErrorState();
		ereport(WARNING,
				errmsg("a change of relation \"%s\" is not in the stream of table \"%s\": %s",
					   RelationGetRelationName(relation), source->table_name, error->message));
	}
	PG_END_TRY();
	return n;
}

/*
 * take_unchanged tells whether a change is the update that a mark said leaves the item as it
 * was.  The mark is for one change only.
 */
static bool
take_unchanged(Transaction *transaction, Relation relation, const ReorderBufferChange *change)
{
	DdbMark		mark = transaction->unchanged;

	transaction->unchanged.relid = InvalidOid;
	return mark.relid == RelationGetRelid(relation) && change->txn != NULL &&
		mark.xid == change->txn->xid && change->action == REORDER_BUFFER_CHANGE_UPDATE;
}

/*
 * process_change takes a change of a row.
 */
static void
process_change(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, Relation relation,
			   ReorderBufferChange *change, bool streamed)
{
	Plugin	   *plugin = ctx->output_plugin_private;
	MemoryContext old = MemoryContextSwitchTo(plugin->context);
	DdbStreamSource *source = ddb_source_find(plugin->sources, relation);
	bool		unchanged = take_unchanged(transaction_of(ctx, txn), relation, change);

	if (source != NULL && !unchanged)
	{
		DdbRecordPlace place = {.streamed = streamed,.xid = txn->xid,.subxid = txn->xid};
		DdbItemChange changes[DDB_MAX_ITEM_CHANGES];
		int			n = decode(source, relation, change, changes);

		if (streamed && change->txn != NULL)
			place.subxid = change->txn->xid;
		for (int i = 0; i < n; i++)
			deliver(ctx, txn, source, &changes[i], &place);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(plugin->context);
}

static void
begin(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	(void) transaction_of(ctx, txn);
}

static void
change(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, Relation relation,
	   ReorderBufferChange *change)
{
	process_change(ctx, txn, relation, change, false);
}

static void
commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	bool		written = transaction_of(ctx, txn)->written;

	end_transaction(txn);
	OutputPluginUpdateProgress(ctx, !written);
}

/*
 * message takes the marks.
 */
static void
message(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr lsn, bool transactional,
		const char *prefix, Size size, const char *content)
{
	DdbMark		mark;

	if (!transactional)
		return;
	ddb_mark_read(prefix, size, content, &mark);
	if (mark.kind == DDB_MARK_TTL || mark.kind == DDB_MARK_TTL_END)
		transaction_of(ctx, txn)->by_ttl = mark.kind == DDB_MARK_TTL;
	else if (mark.kind == DDB_MARK_UNCHANGED)
		transaction_of(ctx, txn)->unchanged = mark;
}

static void
stream_start(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
	(void) transaction_of(ctx, txn);
}

static void
stream_stop(LogicalDecodingContext *ctx, ReorderBufferTXN *txn)
{
}

static void
stream_change(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, Relation relation,
			  ReorderBufferChange *change)
{
	process_change(ctx, txn, relation, change, true);
}

/*
 * stream_abort says that a transaction or a subtransaction came to nothing, if
 * something of the transaction was written.
 */
static void
stream_abort(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr abort_lsn)
{
	Plugin	   *plugin = ctx->output_plugin_private;
	ReorderBufferTXN *top = txn->toptxn ? txn->toptxn : txn;

	if (transaction_of(ctx, top)->written)
	{
		DdbRecordPlace place = {.streamed = true,.xid = top->xid,.subxid = txn->xid};

		OutputPluginPrepareWrite(ctx, true);
		ddb_plugin_write_abort(&plugin->options, &place, ctx->out);
		OutputPluginWrite(ctx, true);
	}
	if (top == txn)
		end_transaction(txn);
}

static void
stream_commit(LogicalDecodingContext *ctx, ReorderBufferTXN *txn, XLogRecPtr commit_lsn)
{
	Plugin	   *plugin = ctx->output_plugin_private;
	bool		written = transaction_of(ctx, txn)->written;

	if (written)
	{
		OutputPluginPrepareWrite(ctx, true);
		ddb_plugin_write_commit(&plugin->options, txn->xid, commit_lsn, txn->xact_time.commit_time,
								ctx->out);
		OutputPluginWrite(ctx, true);
	}
	end_transaction(txn);
	OutputPluginUpdateProgress(ctx, !written);
}

/*
 * _PG_output_plugin_init is what PostgreSQL looks for.
 */
void
_PG_output_plugin_init(OutputPluginCallbacks *callbacks)
{
	callbacks->startup_cb = startup;
	callbacks->filter_by_origin_cb = filter_by_origin;
	callbacks->begin_cb = begin;
	callbacks->change_cb = change;
	callbacks->message_cb = message;
	callbacks->commit_cb = commit;
	callbacks->stream_start_cb = stream_start;
	callbacks->stream_stop_cb = stream_stop;
	callbacks->stream_change_cb = stream_change;
	callbacks->stream_message_cb = message;
	callbacks->stream_abort_cb = stream_abort;
	callbacks->stream_commit_cb = stream_commit;
}
