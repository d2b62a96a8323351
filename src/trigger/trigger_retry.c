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
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/resowner.h"

#include "item/item.h"
#include "trigger/trigger_call.h"
#include "trigger/trigger_private.h"

/*
 * open_trigger reads what a call needs of a trigger, for who has its owner's privileges.
 */
static void
open_trigger(const char *name, DdbTrigger *trigger)
{
	MemoryContext context = CurrentMemoryContext;
	bool		found;

	SPI_connect();
	found = ddb_trigger_find(name, trigger, context);
	SPI_finish();
	if (!found)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("trigger \"%s\" does not exist", name));
	if (!has_privs_of_role(GetUserId(), trigger->owner))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of trigger \"%s\"", name));
}

/*
 * call calls the function with a letter's record.
 */
static void
call(const DdbTrigger *trigger, const DdbTriggerLetter *letter, bool *called)
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
send(const DdbTrigger *trigger, const DdbTriggerLetter *letter)
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
	List	   *letters;
	ListCell   *lc;
	MemoryContext context = CurrentMemoryContext;
	int			sent = 0;

	if (max < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("max_records must be 1 or more"));
	open_trigger(name, &trigger);
	ddb_trigger_call_init();
	SPI_connect();
	letters = ddb_trigger_lock_letters(name, sequence_number, max, context);
	SPI_finish();
	foreach(lc, letters)
	{
		char	   *error;

		CHECK_FOR_INTERRUPTS();
		error = send(&trigger, lfirst(lc));
		SPI_connect();
		ddb_trigger_settle_letter(lfirst(lc), error);
		SPI_finish();
		if (error == NULL)
			sent++;
	}
	return sent;
}
