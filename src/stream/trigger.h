/*
 * trigger.h
 *	  Triggers: functions that take stream records.
 */
#ifndef DDB_STREAM_TRIGGER_H
#define DDB_STREAM_TRIGGER_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "stream/stream.h"

/* trigger.c: definitions */

#define DDB_TRIGGER_MAX_BATCH 10000
#define DDB_TRIGGER_MAX_LAG 1000	/* counted by ddb_trigger_lag */

typedef struct DdbTriggerDefinition
{
	const char *name;
	const char *table_name;
	Oid			function;
	int			batch_size;
	const char *starting_position;
	Jsonb	   *filter;			/* or NULL */
	int			max_retries;
	const char *on_failure;
} DdbTriggerDefinition;

/* ddb_trigger_function finds the function that a user names. */
extern Oid	ddb_trigger_function(const char *name);
extern void ddb_trigger_create(const DdbTriggerDefinition *definition);
/* both for the trigger's owner or the table's */
extern void ddb_trigger_enable(const char *name, bool enabled);
extern void ddb_trigger_drop(const char *name);

/* trigger_state.c: how far they are; inside a transaction, as the worker */

/* A trigger and its state, as read at the begin of a turn. */
typedef struct DdbTrigger
{
	pg_uuid_t	id;
	char	   *name;
	char	   *table_name;
	char	   *function_schema;
	char	   *function_name;
	Oid			function_owner;
	Oid			owner;
	int			batch_size;
	List	   *patterns;		/* of its filter */
	int			max_retries;
	char	   *on_failure;

	bool		has_stream;
	int32		stream_id;
	bool		has_epoch;
	int32		epoch;
	DdbSequence position;		/* done with, that one included */
	bool		finished;
	int			suspects;
	int			attempts;
	int			failures;
} DdbTrigger;

/* When a trigger has to be looked at. */
typedef struct DdbTriggerTurn
{
	pg_uuid_t	id;
	bool		active;			/* neither paused nor stopped */
	TimestampTz retry_at;		/* 0: now */
} DdbTriggerTurn;

/* ddb_trigger_list lists all triggers: DdbTriggerTurn *; *captured is how far capture is, or 0. */
extern List *ddb_trigger_list(XLogRecPtr *captured);
/* ddb_trigger_read reads one that is active; false when it is not there. */
extern bool ddb_trigger_read(const pg_uuid_t *id, DdbTrigger *trigger);
/* What a turn has done, to be saved with its effects. */
typedef struct DdbTriggerProgress
{
	int			processed;
	int			filtered;
	int			given_up;
	bool		trimmed;
	bool		success;		/* the function returned */
	const char *error;			/* or NULL: the last one stays */
} DdbTriggerProgress;

/*
 * ddb_trigger_advance saves the state of trigger, which was at position from; an error
 * when that is no longer so, because it was dropped.
 */
extern void ddb_trigger_advance(const DdbTrigger *trigger, const DdbTrigger *from,
								const DdbTriggerProgress *progress);
/* ddb_trigger_put_off saves a failure; pause is in milliseconds, -1: stop. */
extern void ddb_trigger_put_off(const DdbTrigger *trigger, const char *error, int pause);
extern void ddb_trigger_bury(const DdbTrigger *trigger, DdbSequence sequence, Jsonb *record,
							 const char *error);

/* trigger_position.c: following a table's streams and their shards */

typedef struct DdbTriggerShard
{
	bool		ended;			/* nothing will be added to what is there now */
	bool		last;			/* ... nor to the stream */
} DdbTriggerShard;

/*
 * ddb_trigger_find_shard moves trigger to the shard it has to read, from a shard or
 * stream that is gone to the next; false when there is none.  *lost tells whether records may
 * have gone unread.
 */
extern bool ddb_trigger_find_shard(DdbTrigger *trigger, DdbTriggerShard *shard, bool *lost);

#endif							/* DDB_STREAM_TRIGGER_H */
