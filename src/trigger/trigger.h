/*
 * trigger.h
 *	  Triggers: functions that take stream records.
 */
#ifndef DDB_TRIGGER_H
#define DDB_TRIGGER_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "stream/stream.h"
#include "stream/stream_catalog.h"
#include "stream/stream_shard.h"

/* trigger_worker.c */

#define DDB_TRIGGER_JOB "triggers"

/* ddb_trigger_register registers the job that calls the functions; from _PG_init. */
extern void ddb_trigger_register(void);

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

/* trigger_catalog.c: how far they are; inside a transaction, as the worker */

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
	int			bisected;		/* so many of the next records failed together; half are tried next */
	int			attempts;
	int			failures;
} DdbTrigger;

/*
 * ddb_trigger_read_position reads where a trigger of the current user is, and nothing else
 * of it; inside SPI_connect().  False when there is none.
 */
extern bool ddb_trigger_read_position(const pg_uuid_t *id, DdbTrigger *trigger);

/* ddb_trigger_work_query gives a row when there is a trigger. */
extern const char ddb_trigger_work_query[];

/* When a trigger has to be looked at. */
typedef struct DdbTriggerTurn
{
	pg_uuid_t	id;
	bool		active;			/* neither paused nor stopped */
	TimestampTz retry_at;		/* 0: now */
} DdbTriggerTurn;

/* ddb_trigger_list lists all triggers: DdbTriggerTurn * */
extern List *ddb_trigger_list(void);

/* ddb_trigger_read reads one that is active; false when it is not there. */
extern bool ddb_trigger_read(const pg_uuid_t *id, DdbTrigger *trigger);

/*
 * ddb_trigger_hold keeps a trigger from being changed or dropped until the end of the
 * transaction, and makes sure that it has a state, so that nothing is waited for when that is
 * saved; false when it is gone, or somebody is about to change it.
 */
extern bool ddb_trigger_hold(const DdbTrigger *trigger);

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

/* ddb_trigger_schedule_retry saves a failure; pause is in milliseconds, -1: stop. */
extern void ddb_trigger_schedule_retry(const DdbTrigger *trigger, const char *error, int pause);

/* ddb_trigger_add_dead_letter enters a record into the dead letters (ddb.trigger_failures). */
extern void ddb_trigger_add_dead_letter(const DdbTrigger *trigger, DdbSequence sequence, Jsonb *record,
										const char *error);

/* trigger_retry.c */

/*
 * ddb_trigger_retry sends up to max dead letters of a trigger again, or the one with
 * sequence_number (or NULL), for who has the privileges of its owner; gives how many
 * its function took.
 */
extern int	ddb_trigger_retry(const char *name, const char *sequence_number, int max);

/* trigger_position.c: following a table's streams and their shards */

/* Where a trigger reads. */
typedef struct DdbTriggerPlace
{
	DdbStream  *stream;
	DdbStreamShard shard;
	bool		lost;			/* records may have been dropped unread */
} DdbTriggerPlace;

/*
 * ddb_trigger_place moves trigger to the shard that it has to read, from a shard or stream
 * that is gone or done with to the next; false when there is none now.
 */
extern bool ddb_trigger_place(DdbTrigger *trigger, DdbTriggerPlace *place);

/* ddb_trigger_leave moves it on from a shard; false when there is nowhere to go to yet. */
extern bool ddb_trigger_leave(DdbTrigger *trigger, const DdbTriggerPlace *place);

/* ddb_trigger_check_owner raises an error unless its owner still owns the table. */
extern void ddb_trigger_check_owner(const DdbTrigger *trigger, const DdbStream *stream);

/*
 * ddb_trigger_lag counts, up to DDB_TRIGGER_MAX_LAG, the records that it has not looked at
 * and gives the time at which the first was committed, or 0.
 */
extern int	ddb_trigger_lag(const DdbTrigger *trigger, TimestampTz *oldest);

#endif							/* DDB_TRIGGER_H */
