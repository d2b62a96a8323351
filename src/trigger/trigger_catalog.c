/*
 * trigger_catalog.c
 *	  The rows of ddb.triggers, of ddb.trigger_states, which tell how far triggers are, and
 *	  of ddb.trigger_failures, the dead letters.
 *
 * Only the triggers worker writes positions, and it saves them with the effects of
 * the function's call in one transaction.  Every update of a position says
 * where it was before, so that a call is rolled back when the trigger is no
 * longer what it was.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

#include "table/spi_run.h"
#include "trigger/filter.h"
#include "trigger/trigger_private.h"

/* A row of a result, and where its values are copied to. */
typedef struct Row
{
	HeapTuple	tuple;
	MemoryContext context;
} Row;

/*
 * run runs a command whose plan is kept from the first time on, inside
 * SPI_connect(); gives the number of rows.
 */
static uint64
run(SPIPlanPtr *plan, const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			rc;

	if (*plan == NULL)
	{
		SPIPlanPtr	made = SPI_prepare(sql, nargs, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare: %s", sql);
		*plan = made;
	}
	rc = SPI_execute_plan(*plan, values, nulls, false, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	return SPI_processed;
}

static Datum
column(const Row *row, int number, bool *isnull)
{
	return SPI_getbinval(row->tuple, SPI_tuptable->tupdesc, number, isnull);
}

static int32
integer_column(const Row *row, int number, bool *present)
{
	bool		isnull;
	Datum		value = column(row, number, &isnull);

	if (present != NULL)
		*present = !isnull;
	return isnull ? 0 : DatumGetInt32(value);
}

static char *
string_column(const Row *row, int number)
{
	MemoryContext old = MemoryContextSwitchTo(row->context);
	char	   *value = SPI_getvalue(row->tuple, SPI_tuptable->tupdesc, number);

	MemoryContextSwitchTo(old);
	return value;
}

/* ---- definitions ---- */

void
ddb_trigger_insert(const DdbTriggerDefinition *definition, const char *table_name,
				   int32 stream_id, DdbSequence position)
{
	Oid			types[] = {TEXTOID, TEXTOID, OIDOID, OIDOID, INT4OID, TEXTOID, JSONBOID, INT4OID, TEXTOID};
	Oid			state_types[] = {UUIDOID, INT4OID, PG_LSNOID, INT4OID};
	Datum		values[9];
	char		nulls[] = "         ";
	bool		isnull;

	values[0] = CStringGetTextDatum(definition->name);
	values[1] = CStringGetTextDatum(table_name);
	values[2] = ObjectIdGetDatum(definition->function);
	values[3] = ObjectIdGetDatum(GetUserId());
	values[4] = Int32GetDatum(definition->batch_size);
	values[5] = CStringGetTextDatum(definition->starting_position);
	values[6] = definition->filter ? JsonbPGetDatum(definition->filter) : (Datum) 0;
	nulls[6] = definition->filter ? ' ' : 'n';
	values[7] = Int32GetDatum(definition->max_retries);
	values[8] = CStringGetTextDatum(definition->on_failure);
	if (ddb_spi_run_as_owner("INSERT INTO ddb.triggers (trigger_name, table_name, function_schema, function_name,"
							 " function_owner, owner, batch_size, starting_position, filter, max_retries, on_failure)"
							 " SELECT $1, $2, n.nspname, p.proname, p.proowner, $4, $5, $6, $7, $8, $9"
							 " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
							 " WHERE p.oid = $3 ON CONFLICT DO NOTHING RETURNING trigger_id",
							 9, types, values, nulls) == 0)
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("trigger \"%s\" already exists", definition->name));
	values[0] = ddb_spi_datum(0, 1, &isnull);
	values[1] = Int32GetDatum(stream_id);
	values[2] = LSNGetDatum(position.lsn);
	values[3] = Int32GetDatum((int32) position.ordinal);
	ddb_spi_run_as_owner("INSERT INTO ddb.trigger_states (trigger_id, stream_id, lsn, ordinal)"
						 " VALUES ($1, $2, $3, $4)", 4, state_types, values, NULL);
}

bool
ddb_trigger_lock(const char *name, Oid *owner, char **table_name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};
	bool		isnull;

	if (ddb_spi_run_as_owner("SELECT owner::oid, table_name FROM ddb.triggers WHERE trigger_name = $1 FOR UPDATE",
							 1, types, values, NULL) == 0)
		return false;
	*owner = DatumGetObjectId(ddb_spi_datum(0, 1, &isnull));
	*table_name = ddb_spi_string(0, 2, CurrentMemoryContext);
	return true;
}

void
ddb_trigger_set_enabled(const char *name, bool enabled)
{
	Oid			types[] = {TEXTOID, BOOLOID};
	Datum		values[] = {CStringGetTextDatum(name), BoolGetDatum(enabled)};

	ddb_spi_run_as_owner("UPDATE ddb.triggers SET enabled = $2 WHERE trigger_name = $1",
						 2, types, values, NULL);
	if (enabled)
		ddb_spi_run_as_owner("UPDATE ddb.trigger_states s SET stopped = false, attempts = 0, failures = 0, retry_at = NULL"
							 " FROM ddb.triggers t WHERE t.trigger_name = $1 AND s.trigger_id = t.trigger_id",
							 1, types, values, NULL);
}

void
ddb_trigger_delete(const char *name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};

	ddb_spi_run_as_owner("DELETE FROM ddb.triggers WHERE trigger_name = $1", 1, types, values, NULL);
}

/* ---- states ---- */

const char	ddb_trigger_work_query[] = "SELECT FROM ddb.triggers LIMIT 1";

bool
ddb_trigger_read_position(const pg_uuid_t *id, DdbTrigger *trigger)
{
	Oid			types[] = {UUIDOID, OIDOID};
	Datum		values[] = {UUIDPGetDatum(id), ObjectIdGetDatum(GetUserId())};
	bool		isnull;

	memset(trigger, 0, sizeof(DdbTrigger));
	if (ddb_spi_run_as_owner("SELECT s.stream_id, s.epoch, s.lsn, s.ordinal, s.finished"
							 " FROM ddb.triggers t JOIN ddb.trigger_states s USING (trigger_id)"
							 " WHERE t.trigger_id = $1 AND pg_catalog.pg_has_role($2, t.owner, 'USAGE')",
							 2, types, values, NULL) == 0)
		return false;
	trigger->stream_id = DatumGetInt32(ddb_spi_datum(0, 1, &isnull));
	trigger->has_stream = !isnull;
	trigger->epoch = DatumGetInt32(ddb_spi_datum(0, 2, &isnull));
	trigger->has_epoch = !isnull;
	trigger->position.lsn = DatumGetLSN(ddb_spi_datum(0, 3, &isnull));
	trigger->position.ordinal = DatumGetInt32(ddb_spi_datum(0, 4, &isnull));
	trigger->finished = DatumGetBool(ddb_spi_datum(0, 5, &isnull));
	return true;
}

/*
 * ddb_trigger_list lists all triggers, in any order: one whose function always ends the
 * worker must not keep others from being served.
 */
List *
ddb_trigger_list(void)
{
	static SPIPlanPtr plan;
	MemoryContext context = CurrentMemoryContext;
	List	   *turns = NIL;

	SPI_connect();
	(void) run(&plan, "SELECT t.trigger_id, t.enabled AND s.stopped IS NOT TRUE, s.retry_at"
			   " FROM ddb.triggers t LEFT JOIN ddb.trigger_states s USING (trigger_id)"
			   " ORDER BY pg_catalog.random()", 0, NULL, NULL, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Row			row = {SPI_tuptable->vals[i], context};
		MemoryContext old = MemoryContextSwitchTo(context);
		DdbTriggerTurn *turn = palloc0(sizeof(DdbTriggerTurn));
		Datum		value;
		bool		isnull;

		turn->id = *DatumGetUUIDP(column(&row, 1, &isnull));
		turn->active = DatumGetBool(column(&row, 2, &isnull));
		value = column(&row, 3, &isnull);
		turn->retry_at = isnull ? 0 : DatumGetTimestampTz(value);
		turns = lappend(turns, turn);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return turns;
}

/*
 * insert_state gives a trigger that came out of a dump its state, unless it has one.
 */
static void
insert_state(Datum *id)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID};

	(void) run(&plan, "INSERT INTO ddb.trigger_states (trigger_id) VALUES ($1) ON CONFLICT DO NOTHING", 1, types, id, NULL);
}

/*
 * read_row copies a trigger from a row; false when it has no state yet.
 */
static bool
read_row(const Row *row, DdbTrigger *trigger)
{
	bool		isnull;
	bool		has_state;
	Datum		filter;

	trigger->name = string_column(row, 1);
	trigger->table_name = string_column(row, 2);
	trigger->function_schema = string_column(row, 3);
	trigger->function_name = string_column(row, 4);
	trigger->function_owner = DatumGetObjectId(column(row, 5, &isnull));
	trigger->owner = DatumGetObjectId(column(row, 6, &isnull));
	trigger->batch_size = integer_column(row, 7, NULL);
	filter = column(row, 8, &isnull);
	if (!isnull)
	{
		MemoryContext old = MemoryContextSwitchTo(row->context);

		trigger->patterns = ddb_filter_read(DatumGetJsonbPCopy(filter));
		MemoryContextSwitchTo(old);
	}
	trigger->max_retries = integer_column(row, 9, NULL);
	trigger->on_failure = string_column(row, 10);
	trigger->stream_id = integer_column(row, 11, &trigger->has_stream);
	trigger->epoch = integer_column(row, 12, &trigger->has_epoch);
	trigger->position.lsn = DatumGetLSN(column(row, 13, &isnull));
	trigger->position.ordinal = integer_column(row, 14, &has_state);
	trigger->finished = DatumGetBool(column(row, 15, &isnull));
	trigger->bisected = integer_column(row, 16, NULL);
	trigger->attempts = integer_column(row, 17, NULL);
	trigger->failures = integer_column(row, 18, NULL);
	return has_state;
}

/*
 * ddb_trigger_read reads a trigger.
 */
bool
ddb_trigger_read(const pg_uuid_t *id, DdbTrigger *trigger)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID};
	Datum		values[] = {UUIDPGetDatum(id)};
	Row			row = {NULL, CurrentMemoryContext};
	bool		found;

	memset(trigger, 0, sizeof(DdbTrigger));
	trigger->id = *id;
	SPI_connect();
	found = run(&plan, "SELECT t.trigger_name, t.table_name, t.function_schema, t.function_name,"
				" t.function_owner::oid, t.owner::oid, t.batch_size, t.filter, t.max_retries, t.on_failure,"
				" s.stream_id, s.epoch, s.lsn, s.ordinal, s.finished, s.bisected, s.attempts, s.failures"
				" FROM ddb.triggers t LEFT JOIN ddb.trigger_states s USING (trigger_id)"
				" WHERE t.trigger_id = $1 AND t.enabled AND s.stopped IS NOT TRUE",
				1, types, values, NULL) > 0;
	if (found)
	{
		row.tuple = SPI_tuptable->vals[0];
		if (!read_row(&row, trigger))
			insert_state(values);
	}
	SPI_finish();
	return found;
}

/*
 * ddb_trigger_hold keeps a trigger from being changed or dropped; who does so has the lock of
 * its row, and may keep it for long.  The state that its first turn gave it is gone when that
 * turn failed.
 */
bool
ddb_trigger_hold(const DdbTrigger *trigger)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID};
	Datum		values[] = {UUIDPGetDatum(&trigger->id)};
	bool		found;

	SPI_connect();
	found = run(&plan, "SELECT FROM ddb.triggers WHERE trigger_id = $1 FOR KEY SHARE SKIP LOCKED",
				1, types, values, NULL) > 0;
	if (found)
		insert_state(values);
	SPI_finish();
	return found;
}

/*
 * ddb_trigger_advance saves what a turn has done.
 */
void
ddb_trigger_advance(const DdbTrigger *trigger, const DdbTrigger *from,
					const DdbTriggerProgress *progress)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID, PG_LSNOID, INT4OID, INT4OID, INT4OID, PG_LSNOID, INT4OID,
	BOOLOID, INT4OID, INT4OID, INT4OID, INT4OID, INT4OID, BOOLOID, TEXTOID};
	char		nulls[] = "               ";
	Datum		values[lengthof(types)];

	StaticAssertStmt(lengthof(types) == 15, "one null flag for each argument");
	values[0] = UUIDPGetDatum(&trigger->id);
	values[1] = LSNGetDatum(from->position.lsn);
	values[2] = Int32GetDatum(from->position.ordinal);
	values[3] = Int32GetDatum(trigger->stream_id);
	nulls[3] = trigger->has_stream ? ' ' : 'n';
	values[4] = Int32GetDatum(trigger->epoch);
	nulls[4] = trigger->has_epoch ? ' ' : 'n';
	values[5] = LSNGetDatum(trigger->position.lsn);
	values[6] = Int32GetDatum(trigger->position.ordinal);
	values[7] = BoolGetDatum(trigger->finished);
	values[8] = Int32GetDatum(trigger->bisected);
	values[9] = Int32GetDatum(progress->processed);
	values[10] = Int32GetDatum(progress->filtered);
	values[11] = Int32GetDatum(progress->given_up);
	values[12] = Int32GetDatum(progress->trimmed ? 1 : 0);
	values[13] = BoolGetDatum(progress->success);
	values[14] = progress->error ? CStringGetTextDatum(progress->error) : (Datum) 0;
	nulls[14] = progress->error ? ' ' : 'n';
	SPI_connect();
	if (run(&plan, "UPDATE ddb.trigger_states SET stream_id = $4, epoch = $5, lsn = $6, ordinal = $7, finished = $8,"
			" bisected = $9, attempts = 0, failures = 0, retry_at = NULL,"
			" processed = processed + $10, filtered = filtered + $11, failed = failed + $12, trimmed = trimmed + $13,"
			" last_success_at = CASE WHEN $14 THEN pg_catalog.clock_timestamp() ELSE last_success_at END,"
			" last_error = coalesce($15, last_error),"
			" last_error_at = CASE WHEN $15 IS NULL THEN last_error_at ELSE pg_catalog.clock_timestamp() END"
			" WHERE trigger_id = $1 AND lsn = $2 AND ordinal = $3",
			lengthof(types), types, values, nulls) != 1)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("trigger \"%s\" was dropped", trigger->name));
	SPI_finish();
}

/*
 * ddb_trigger_schedule_retry saves a failure and when to try again.
 */
void
ddb_trigger_schedule_retry(const DdbTrigger *trigger, const char *error, int pause)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID, INT4OID, INT4OID, INT4OID, TEXTOID, INT4OID};
	Datum		values[lengthof(types)];

	values[0] = UUIDPGetDatum(&trigger->id);
	values[1] = Int32GetDatum(trigger->bisected);
	values[2] = Int32GetDatum(trigger->attempts);
	values[3] = Int32GetDatum(trigger->failures);
	values[4] = CStringGetTextDatum(error);
	values[5] = Int32GetDatum(pause);
	SPI_connect();
	(void) run(&plan, "UPDATE ddb.trigger_states SET bisected = $2, attempts = $3, failures = $4,"
			   " last_error = $5, last_error_at = pg_catalog.clock_timestamp(),"
			   " stopped = $6 < 0, retries = retries + CASE WHEN $6 < 0 THEN 0 ELSE 1 END,"
			   " retry_at = CASE WHEN $6 >= 0 THEN pg_catalog.clock_timestamp() + $6 * interval '1 ms' END"
			   " WHERE trigger_id = $1",
			   lengthof(types), types, values, NULL);
	SPI_finish();
}

/*
 * ddb_trigger_add_dead_letter enters a record into the dead letters.
 */
void
ddb_trigger_add_dead_letter(const DdbTrigger *trigger, DdbSequence sequence, Jsonb *record, const char *error)
{
	static SPIPlanPtr plan;
	Oid			types[] = {UUIDOID, TEXTOID, TEXTOID, TEXTOID, OIDOID, JSONBOID, TEXTOID, INT4OID};
	Datum		values[lengthof(types)];
	char		number[DDB_SEQUENCE_DIGITS + 1];

	ddb_sequence_format(sequence, number);
	values[0] = UUIDPGetDatum(&trigger->id);
	values[1] = CStringGetTextDatum(number);
	values[2] = CStringGetTextDatum(trigger->name);
	values[3] = CStringGetTextDatum(trigger->table_name);
	values[4] = ObjectIdGetDatum(trigger->owner);
	values[5] = JsonbPGetDatum(record);
	values[6] = CStringGetTextDatum(error);
	values[7] = Int32GetDatum(trigger->attempts);
	SPI_connect();
	(void) run(&plan, "INSERT INTO ddb.trigger_failures (trigger_id, sequence_number, trigger_name, table_name, owner,"
			   " record, error, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
			   " ON CONFLICT (trigger_id, sequence_number) DO UPDATE"
			   " SET record = excluded.record, error = excluded.error, attempts = excluded.attempts, failed_at = excluded.failed_at",
			   lengthof(types), types, values, NULL);
	SPI_finish();
}

bool
ddb_trigger_find(const char *name, DdbTrigger *trigger, MemoryContext context)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};
	Row			row = {NULL, context};
	bool		isnull;

	memset(trigger, 0, sizeof(DdbTrigger));
	if (ddb_spi_run_as_owner("SELECT trigger_name, function_schema, function_name, function_owner::oid, owner::oid"
							 " FROM ddb.triggers WHERE trigger_name = $1", 1, types, values, NULL) == 0)
		return false;
	row.tuple = SPI_tuptable->vals[0];
	trigger->name = string_column(&row, 1);
	trigger->function_schema = string_column(&row, 2);
	trigger->function_name = string_column(&row, 3);
	trigger->function_owner = DatumGetObjectId(column(&row, 4, &isnull));
	trigger->owner = DatumGetObjectId(column(&row, 5, &isnull));
	return true;
}

List *
ddb_trigger_lock_letters(const char *name, const char *sequence_number, int max, MemoryContext context)
{
	Oid			types[] = {TEXTOID, OIDOID, TEXTOID, INT4OID};
	Datum		values[4];
	List	   *letters = NIL;
	uint64		n;

	values[0] = CStringGetTextDatum(name);
	values[1] = ObjectIdGetDatum(GetUserId());
	values[2] = sequence_number ? CStringGetTextDatum(sequence_number) : (Datum) 0;
	values[3] = Int32GetDatum(max);
	n = ddb_spi_run_as_owner("SELECT trigger_id, sequence_number, record FROM ddb.trigger_failures"
							 " WHERE trigger_name = $1 AND pg_catalog.pg_has_role($2, owner, 'USAGE')"
							 " AND ($3 IS NULL OR sequence_number = $3)"
							 " ORDER BY sequence_number LIMIT $4 FOR UPDATE SKIP LOCKED",
							 4, types, values, sequence_number ? "    " : "  n ");
	for (uint64 i = 0; i < n; i++)
	{
		Row			row = {SPI_tuptable->vals[i], context};
		MemoryContext old = MemoryContextSwitchTo(context);
		DdbTriggerLetter *letter = palloc0(sizeof(DdbTriggerLetter));
		bool		isnull;

		letter->trigger_id = *DatumGetUUIDP(column(&row, 1, &isnull));
		letter->sequence_number = string_column(&row, 2);
		letter->record = DatumGetJsonbPCopy(column(&row, 3, &isnull));
		letters = lappend(letters, letter);
		MemoryContextSwitchTo(old);
	}
	return letters;
}

void
ddb_trigger_settle_letter(const DdbTriggerLetter *letter, const char *error)
{
	Oid			types[] = {UUIDOID, TEXTOID, TEXTOID};
	Datum		values[3];

	values[0] = UUIDPGetDatum(&letter->trigger_id);
	values[1] = CStringGetTextDatum(letter->sequence_number);
	values[2] = error ? CStringGetTextDatum(error) : (Datum) 0;
	if (error == NULL)
		ddb_spi_run_as_owner("DELETE FROM ddb.trigger_failures WHERE trigger_id = $1 AND sequence_number = $2",
							 2, types, values, NULL);
	else
		ddb_spi_run_as_owner("UPDATE ddb.trigger_failures SET error = $3, attempts = attempts + 1,"
							 " failed_at = pg_catalog.clock_timestamp()"
							 " WHERE trigger_id = $1 AND sequence_number = $2",
							 3, types, values, NULL);
}
