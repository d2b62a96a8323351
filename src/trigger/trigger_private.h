/*
 * trigger_private.h
 *	  Definitions of triggers in the catalog; inside SPI_connect(), as its owner.
 */
#ifndef DDB_TRIGGER_PRIVATE_H
#define DDB_TRIGGER_PRIVATE_H

#include "trigger/trigger.h"

/*
 * ddb_trigger_insert enters a trigger of the current user's, and that it has read the
 * stream up to a position.  An error when there is one of that name.
 */
extern void ddb_trigger_insert(const DdbTriggerDefinition *definition, const char *table_name,
							   int32 stream_id, DdbSequence position);

/* ddb_trigger_lock locks a trigger's row and gives its owner and its table's name; false when there is none. */
extern bool ddb_trigger_lock(const char *name, Oid *owner, char **table_name);

/* ddb_trigger_set_enabled pauses a trigger, or has it try at once what had failed. */
extern void ddb_trigger_set_enabled(const char *name, bool enabled);
extern void ddb_trigger_delete(const char *name);

/* ddb_trigger_find reads a trigger's function and owners, in context; false when there is none. */
extern bool ddb_trigger_find(const char *name, DdbTrigger *trigger, MemoryContext context);

/* A dead letter. */
typedef struct DdbTriggerLetter
{
	pg_uuid_t	trigger_id;		/* of the trigger that it comes from */
	char	   *sequence_number;
	Jsonb	   *record;
} DdbTriggerLetter;

/*
 * ddb_trigger_lock_letters locks dead letters of a trigger of that name, oldest first: those of
 * roles that the user is a member of, one (sequence_number) or up to max, in context; none that
 * somebody else has locked.
 */
extern List *ddb_trigger_lock_letters(const char *name, const char *sequence_number, int max,
									  MemoryContext context);

/* ddb_trigger_settle_letter deletes a dead letter, or notes the error that it failed with again. */
extern void ddb_trigger_settle_letter(const DdbTriggerLetter *letter, const char *error);

#endif							/* DDB_TRIGGER_PRIVATE_H */
