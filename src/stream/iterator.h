/*
 * iterator.h
 *	  Shard iterators: places in a shard, as text that only ddb can make.
 */
#ifndef DDB_ITERATOR_H
#define DDB_ITERATOR_H

#include "stream/stream.h"

typedef struct DdbIterator
{
	int32		stream_id;
	int32		epoch;			/* the shard */
	DdbSequence position;
	bool		inclusive;		/* from position on, else after it */
	TimestampTz issued_at;
} DdbIterator;

/* ddb_iterator_write gives an iterator's text; stream_arn begins it. */
extern char *ddb_iterator_write(const char *stream_arn, const DdbIterator *iterator);

/* ddb_iterator_read reads one; false for what ddb has not written. */
extern bool ddb_iterator_read(const char *text, DdbIterator *iterator);

/* ddb_stream_secret gives the key that this database signs iterators and the like with. */
extern bytea *ddb_stream_secret(void);

#endif							/* DDB_ITERATOR_H */
