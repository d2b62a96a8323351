/*
 * trigger_call.h
 *	  Calling the function of a trigger.
 */
#ifndef DDB_WORKER_TRIGGER_CALL_H
#define DDB_WORKER_TRIGGER_CALL_H

#include "trigger/trigger.h"

/* ddb_trigger_call_init prepares the worker's process for calls. */
extern void ddb_trigger_call_init(void);

/*
 * ddb_trigger_call calls the function of a trigger, as the trigger's owner; its
 * errors are raised, and so is one when it takes too long.  *called tells whether it
 * came to the call.
 */
extern void ddb_trigger_call(const DdbTrigger *trigger, Jsonb *batch, bool *called);

/*
 * ddb_trigger_call_is_ended tells whether the process is being ended because the function
 * would not end; *error then says so.
 */
extern bool ddb_trigger_call_is_ended(char **error);

/*
 * ddb_trigger_call_cleanup takes away what a call may have left in the session; after
 * the end of its transaction.
 */
extern void ddb_trigger_call_cleanup(void);

/* ddb_trigger_error_text is what users read of an error, cut to a few kB. */
extern char *ddb_trigger_error_text(const ErrorData *error);

/* ddb_trigger_call_timed_out tells whether the last call took longer than it may. */
extern bool ddb_trigger_call_timed_out(void);

#endif							/* DDB_WORKER_TRIGGER_CALL_H */
