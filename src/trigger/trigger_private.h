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

#endif							/* DDB_TRIGGER_PRIVATE_H */
