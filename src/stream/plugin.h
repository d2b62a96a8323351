/*
 * plugin.h
 *	  The output plugin, for a process that decodes the log itself.
 */
#ifndef DDB_STREAM_PLUGIN_H
#define DDB_STREAM_PLUGIN_H

#include "stream/stream.h"

/*
 * A sink takes records as they are decoded, in commit order.  It is called under a
 * historic snapshot: it copies what it wants, and reads no table.
 */
typedef void (*DdbStreamSink) (const DdbStreamRecord *record, void *arg);

/*
 * ddb_plugin_set_sink gives the records of this process's decoding contexts that are
 * created from now on to sink, in place of writing them out; NULL: no more.
 */
extern void ddb_plugin_set_sink(DdbStreamSink sink, void *arg);

#endif							/* DDB_STREAM_PLUGIN_H */
