/*
 * plugin_private.h
 *	  What the files of the output plugin share.
 */
#ifndef DDB_STREAM_PLUGIN_PRIVATE_H
#define DDB_STREAM_PLUGIN_PRIVATE_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "replication/reorderbuffer.h"
#include "utils/relcache.h"

#include "stream/plugin.h"
#include "table/desc.h"

/* options.c */

typedef struct DdbPluginOptions
{
	List	   *tables;			/* names of the tables that are wanted; NIL: all */
	bool		include_xids;
	bool		pretty;
	bool		local_only;		/* nothing that came from elsewhere */
	bool		stream_changes;
} DdbPluginOptions;

/* ddb_plugin_options_read reads a list of DefElem. */
extern void ddb_plugin_options_read(List *elements, DdbPluginOptions *options);

/* source.c */

/* The stream of a relation, as a row of ddb.streams says at some moment of history. */
typedef struct DdbStreamSource
{
	MemoryContext context;		/* where it lives */
	struct DdbStreamSource *next_stale;
	int32		stream_id;
	char	   *table_name;
	char	   *label;
	DdbStreamView view;
	AttrNumber	item_attnum;
	int			nkeys;
	char	   *key_attributes[2];
	AttrNumber	key_attnums[2];
	DdbType		key_types[2];
	bool		warned;			/* of deletions that leave no trace */
} DdbStreamSource;

typedef struct DdbSourceCache DdbSourceCache;

/* ddb_source_cache_create makes a cache that lives as long as context. */
extern DdbSourceCache *ddb_source_cache_create(MemoryContext context);

/*
 * ddb_source_find gives a relation's stream under the historic snapshot, or NULL.  It
 * is good until the next call.
 */
extern DdbStreamSource *ddb_source_find(DdbSourceCache *cache, Relation relation);

/* change.c */

/* What happened to one item. */
typedef struct DdbItemChange
{
	DdbStreamEvent event;
	Jsonb	   *old_item;		/* where the log has it */
	Jsonb	   *new_item;
	Jsonb	   *keys;			/* where it has neither */
} DdbItemChange;

#define DDB_MAX_ITEM_CHANGES 2

/*
 * ddb_change_decode makes item changes of a change of a row, and gives their number; an
 * item that is none raises ERRCODE_DATA_CORRUPTED.
 */
extern int	ddb_change_decode(DdbStreamSource *source, Relation relation,
							  const ReorderBufferChange *change,
							  DdbItemChange changes[DDB_MAX_ITEM_CHANGES]);

/* text.c */

/*
 * Where a record's transaction is: the members of the text that depend on it.
 */
typedef struct DdbRecordPlace
{
	bool		streamed;		/* in progress: there is no sequence number yet */
	TransactionId xid;
	TransactionId subxid;
} DdbRecordPlace;

/* ddb_plugin_write_record appends a record's JSON. */
extern void ddb_plugin_write_record(const DdbPluginOptions *options, const DdbStreamSource *source,
									const DdbStreamRecord *record, const DdbRecordPlace *place,
									StringInfo out);

/* what ends a transaction, or a subtransaction, whose records were streamed */

/*
 * ddb_plugin_write_commit appends the end of a transaction whose records were written
 * while it was in progress: the sequence number that its ordinal 0 has.
 */
extern void ddb_plugin_write_commit(const DdbPluginOptions *options, TransactionId xid,
									XLogRecPtr commit_lsn, TimestampTz committed_at,
									StringInfo out);

/*
 * ddb_plugin_write_abort appends that a transaction, or a subtransaction, came to
 * nothing.
 */
extern void ddb_plugin_write_abort(const DdbPluginOptions *options, const DdbRecordPlace *place,
								   StringInfo out);

#endif							/* DDB_STREAM_PLUGIN_PRIVATE_H */
