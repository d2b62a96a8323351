/*
 * marks.h
 *	  Marks in the log, for the output plugin: what the changes of rows don't tell.
 */
#ifndef DDB_STREAM_MARKS_H
#define DDB_STREAM_MARKS_H

typedef enum DdbMarkKind
{
	DDB_MARK_NONE,				/* it is another's message */
	DDB_MARK_TTL,				/* deletions from here on are by time to live */
	DDB_MARK_TTL_END,
	DDB_MARK_UNCHANGED			/* see ddb_stream_mark_unchanged */
} DdbMarkKind;

typedef struct DdbMark
{
	DdbMarkKind kind;
	Oid			relid;			/* of DDB_MARK_UNCHANGED; InvalidOid: taken back */
	TransactionId xid;			/* ... the subtransaction */
} DdbMark;

/* ddb_mark_read reads a transactional message of the log. */
extern void ddb_mark_read(const char *prefix, Size size, const char *content, DdbMark *mark);

#endif							/* DDB_STREAM_MARKS_H */
