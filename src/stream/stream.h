/*
 * stream.h
 *	  Streams: item-level changes of a table, in commit order.
 *
 * The write-ahead log is their source.  The output plugin (plugin.c) makes
 * records of it; the capture worker (capture/) stores them in
 * ddb.stream_records; readers (records.c) are GetRecords and triggers.
 *
 * A record's place in the order of all records is its sequence: the LSN of the
 * transaction's commit record and the number of the change in the transaction.
 * It is the same however often the log is read.
 */
#ifndef DDB_STREAM_H
#define DDB_STREAM_H

#include "access/xlogdefs.h"
#include "datatype/timestamp.h"
#include "utils/jsonb.h"

/* sequence.c */

typedef struct DdbSequence
{
	XLogRecPtr	lsn;
	uint32		ordinal;
} DdbSequence;

/* Digits of a SequenceNumber ("API reference: StreamRecord": 21 to 40), without the NUL. */
#define DDB_SEQUENCE_DIGITS 30

/* ddb_sequence_format writes a SequenceNumber; numbers compare as their strings do. */
extern void ddb_sequence_format(DdbSequence sequence, char buf[DDB_SEQUENCE_DIGITS + 1]);

/* ddb_sequence_parse reads one; false when it is none of ours. */
extern bool ddb_sequence_parse(const char *s, DdbSequence *sequence);

/* ddb_sequence_compare is negative, 0 or positive. */
extern int	ddb_sequence_compare(DdbSequence a, DdbSequence b);

/* Records. */

typedef enum DdbStreamView
{
	DDB_VIEW_KEYS_ONLY,
	DDB_VIEW_NEW_IMAGE,
	DDB_VIEW_OLD_IMAGE,
	DDB_VIEW_NEW_AND_OLD_IMAGES
} DdbStreamView;

/* ddb.stream_records.event */
typedef enum DdbStreamEvent
{
	DDB_EVENT_INSERT = 'I',
	DDB_EVENT_MODIFY = 'M',
	DDB_EVENT_REMOVE = 'R',
	DDB_EVENT_TTL_REMOVE = 'T'	/* REMOVE by time to live */
} DdbStreamEvent;

typedef struct DdbStreamRecord
{
	int32		stream_id;
	DdbSequence sequence;
	DdbStreamEvent event;
	TimestampTz committed_at;
	Jsonb	   *keys;			/* the key attributes; NULL where an image below has them */
	Jsonb	   *new_image;		/* as the view wants it, else NULL */
	Jsonb	   *old_image;
} DdbStreamRecord;

/* record.c: what readers of every kind show of a record */

/* INSERT, MODIFY or REMOVE */
extern const char *ddb_stream_event_name(DdbStreamEvent event);

/* the StreamViewType's name, and back (false when it is none) */
extern const char *ddb_stream_view_name(DdbStreamView view);
extern bool ddb_stream_view_parse(const char *name, DdbStreamView *view);

/* the Amazon resource name of a table's stream */
extern char *ddb_stream_arn(const char *table_name, const char *label);

#define DDB_EVENT_ID_DIGITS 32

/* ddb_stream_event_id writes an eventID: the same whenever, and no other record's. */
extern void ddb_stream_event_id(const char *table_name, const char *label, DdbSequence sequence,
								char buf[DDB_EVENT_ID_DIGITS + 1]);

/* ddb_stream_record_keys gives a record's Keys, by the names of the key attributes. */
extern Jsonb *ddb_stream_record_keys(const DdbStreamRecord *record, char *const *key_attributes,
									 int nkeys);

/* ddb_stream_record_size gives SizeBytes: of the keys and the images. */
extern int64 ddb_stream_record_size(const DdbStreamRecord *record, Jsonb *keys);

/* marks.c: marks in the log */

/*
 * ddb_stream_mark_ttl makes every item that the current transaction deletes from
 * here on a REMOVE by time to live, or no longer.
 */
extern void ddb_stream_mark_ttl(bool begin);

/*
 * ddb_stream_mark_unchanged says that the next change that the current (sub)transaction
 * logs of a relation is an update that leaves the item as it was, which the log would not
 * show: no stream gets a record of it.  Whoever then does not make that update takes it
 * back with InvalidOid.
 */
extern void ddb_stream_mark_unchanged(Oid relid);

/* definition.c */

/*
 * ddb_stream_enable gives a table a stream named label, ddb_stream_disable ends the
 * one it has; the settings of the table are the caller's to change.  Both
 * need the table's owner and its definition locked.
 */
extern void ddb_stream_enable(const char *table_name, const char *view_type, const char *label);
extern void ddb_stream_disable(const char *table_name);

/* The job (worker/worker.h) that captures streams: who reads their records follows it. */
#define DDB_CAPTURE_JOB "capture"

/* ddb_stream_slot_name names the current database's replication slot. */
extern const char *ddb_stream_slot_name(void);

/* ddb_stream_slot_ready tells whether the slot holds the log from here on. */
extern bool ddb_stream_slot_ready(void);

/* records.c */

typedef struct DdbStreamBatch
{
	DdbStreamRecord *records;
	int			n;
	bool		more;			/* the shard has more now */
	bool		dropped;		/* the shard's records are gone */
} DdbStreamBatch;

/*
 * ddb_stream_read reads records of a stream's shard (epoch) from a sequence on,
 * that one included or not, in order: at most limit, and no more once images of
 * max_size bytes have been read (at least one record).  They are copies in
 * CurrentMemoryContext.  Rights are the caller's to check.
 */
extern void ddb_stream_read(int32 stream_id, int32 epoch, DdbSequence from, bool inclusive,
							int limit, Size max_size, DdbStreamBatch *batch);

#endif							/* DDB_STREAM_H */
