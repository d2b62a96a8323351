/*
 * plugin.c
 *	  The output plugin.
 */
#include "postgres.h"

#include "compat.h"
#include "replication/message.h"

#include "stream/plugin.h"

/* Prefix of the logical message that marks a transaction of the time-to-live worker. */
#define EXPIRY_MARK "ddb ttl"

static DdbStreamSink plugin_sink;
static void *plugin_sink_arg;

/*
 * ddb_plugin_set_sink gives the records of decoding contexts created from now on to
 * sink.
 */
void
ddb_plugin_set_sink(DdbStreamSink sink, void *arg)
{
	plugin_sink = sink;
	plugin_sink_arg = arg;
}

/*
 * ddb_stream_mark_expiry makes every item that the current transaction deletes from
 * here on a REMOVE by time to live.
 */
void
ddb_stream_mark_expiry(void)
{
	(void) ddb_log_message(EXPIRY_MARK, "", 0);
}
