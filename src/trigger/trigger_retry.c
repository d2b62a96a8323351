/*
 * trigger_retry.c
 *	  Dead letters of a trigger are sent again, in the session of who asks for it.
 *
 * The function is called as the worker calls it (trigger_call.c), with one record at a time
 * in a subtransaction of its own.  A record that it takes is no dead letter any more, in the
 * same transaction; one that it fails on stays, with the new error.  Letters that another
 * session is sending are left to it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/uuid.h"

#include "item/item.h"
#include "table/physical.h"
#include "trigger/trigger.h"
#include "trigger/trigger_call.h"

/* A dead letter. */
typedef struct Letter
{
	pg_uuid_t	trigger_id;		/* of the trigger that it comes from */
	char	   *sequence_number;
	Jsonb	   *record;
}			Letter;

/*
 * open_trigger reads what a call needs of a trigger, for a member of its owner.
 */
static void
open_trigger(const char *name, DdbTrigger *trigger)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};
	MemoryContext context = CurrentMemoryContext;
	MemoryContext old;
	HeapTuple	row;
	TupleDesc	desc;
	bool		isnull;

	memset(trigger, 0, sizeof(DdbTrigger));
	SPI_connect();
	if (ddb_sql_run_as_owner("SELECT trigger_name, function_schema, function_name, function_owner::oid, owner::oid"
							 " FROM ddb.triggers WHERE trigger_name = $1", 1, types, values, NULL) == 0)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("trigger \"%s\" does not exist", name));
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	old = MemoryContextSwitchTo(context);
	trigger->name = SPI_getvalue(row, desc, 1);
	trigger->function_schema = SPI_getvalue(row, desc, 2);
	trigger->function_name = SPI_getvalue(row, desc, 3);
	MemoryContextSwitchTo(old);
	trigger->function_owner = DatumGetObjectId(SPI_getbinval(row, desc, 4, &isnull));
	trigger->owner = DatumGetObjectId(SPI_getbinval(row, desc, 5, &isnull));
	SPI_finish();
	if (!has_privs_of_role(GetUserId(), trigger->owner))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of trigger \"%s\"", name));
}

/*
 * lock_letters locks a trigger's dead letters, oldest first: those that the user may see, one
 * of them (sequence_number) or up to max.
 */
static List *
lock_letters(const char *name, const char *sequence_number, int max)
{
	Oid			types[] = {TEXTOID, OIDOID, TEXTOID, INT4OID};
	Datum		values[4];
	MemoryContext context = CurrentMemoryContext;
	List	   *letters = NIL;
	uint64		n;

	values[0] = CStringGetTextDatum(name);
	values[1] = ObjectIdGetDatum(GetUserId());
	values[2] = sequence_number ? CStringGetTextDatum(sequence_number) : (Datum) 0;
	values[3] = Int32GetDatum(max);
	SPI_connect();
	n = ddb_sql_run_as_owner("SELECT trigger_id, sequence_number, record FROM ddb.trigger_failures"
							 " WHERE trigger_name = $1 AND pg_catalog.pg_has_role($2, owner, 'USAGE')"
							 " AND ($3 IS NULL OR sequence_number = $3)"
							 " ORDER BY sequence_number LIMIT $4 FOR UPDATE SKIP LOCKED",
							 4, types, values, sequence_number ? "    " : "  n ");
	for (uint64 i = 0; i < n; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		MemoryContext old = MemoryContextSwitchTo(context);
		Letter	   *letter = palloc0(sizeof(Letter));
		bool		isnull;

		letter->trigger_id = *DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull));
		letter->sequence_number = SPI_getvalue(row, desc, 2);
		letter->record = DatumGetJsonbPCopy(SPI_getbinval(row, desc, 3, &isnull));
		letters = lappend(letters, letter);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return letters;
}

/*
 * settle_letter deletes a dead letter, or notes the error that it failed with again.
 */
static void
settle_letter(const Letter * letter, const char *error)
{
	Oid			types[] = {UUIDOID, TEXTOID, TEXTOID};
	Datum		values[3];

	values[0] = UUIDPGetDatum(&letter->trigger_id);
	values[1] = CStringGetTextDatum(letter->sequence_number);
	values[2] = error ? CStringGetTextDatum(error) : (Datum) 0;
	SPI_connect();
	if (error == NULL)
		ddb_sql_run_as_owner("DELETE FROM ddb.trigger_failures WHERE trigger_id = $1 AND sequence_number = $2",
							 2, types, values, NULL);
	else
		ddb_sql_run_as_owner("UPDATE ddb.trigger_failures SET error = $3, attempts = attempts + 1,"
							 " failed_at = pg_catalog.clock_timestamp()"
							 " WHERE trigger_id = $1 AND sequence_number = $2",
							 3, types, values, NULL);
	SPI_finish();
}

/*
 * call calls the function with a letter's record.
 */
static void
call(const DdbTrigger *trigger, const Letter * letter, bool *called)
{
	Jsonb	   *records[] = {letter->record};
	DdbJsonPart part = {.name = "Records",.elements = records,.nelements = 1};

	ddb_trigger_call(trigger, ddb_json_compose(NULL, &part, 1), called);
}

/*
 * send sends one dead letter; gives the function's error, or NULL.  What is wrong with the
 * trigger itself, or that the user cancels, is no failure of the function.
 */
static char *
send(const DdbTrigger *trigger, const Letter * letter)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile failure = NULL;
	bool		called = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		call(trigger, letter, &called);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		CurrentResourceOwner = owner;
		if (!called || (error->sqlerrcode == ERRCODE_QUERY_CANCELED && !ddb_trigger_call_timed_out()))
			ReThrowError(error);
		failure = ddb_trigger_error_text(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return failure;
}

int
ddb_trigger_retry(const char *name, const char *sequence_number, int max)
{
	DdbTrigger	trigger;
	ListCell   *lc;
	int			sent = 0;

	if (max < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("max_records must be 1 or more"));
	open_trigger(name, &trigger);
	ddb_trigger_call_init();
	foreach(lc, lock_letters(name, sequence_number, max))
	{
		char	   *error;

		CHECK_FOR_INTERRUPTS();
		error = send(&trigger, lfirst(lc));
		settle_letter(lfirst(lc), error);
		if (error == NULL)
			sent++;
	}
	return sent;
}
