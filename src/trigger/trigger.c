/*
 * trigger.c
 *	  Triggers come and go.
 *
 * The owner of a table gives its stream to a function, which the worker calls as
 * that role.  A function is looked up by name at each call; that it belongs to
 * the same role as when the trigger was made keeps others from putting theirs in
 * its place.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "compat.h"
#include "error.h"
#include "stream/stream_catalog.h"
#include "table/arn.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "trigger/filter.h"
#include "trigger/trigger.h"
#include "trigger/trigger_private.h"
#include "worker/worker.h"

#define MAX_NAME_LENGTH 255

/*
 * ddb_trigger_function finds the function that a user names, with or without its
 * argument's type.
 */
Oid
ddb_trigger_function(const char *name)
{
	Oid			argument = JSONBOID;

	if (strchr(name, '(') != NULL)
		return DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(name)));
	return LookupFuncName(textToQualifiedNameList(cstring_to_text(name)), 1, &argument, false);
}

/*
 * has_own_path tells whether a function has a setting of search_path; config is
 * its pg_proc.proconfig.
 */
static bool
has_own_path(Datum config)
{
	Datum	   *settings;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT,
					  &settings, NULL, &n);
	for (int i = 0; i < n; i++)
		if (strncmp(TextDatumGetCString(settings[i]), "search_path=", strlen("search_path=")) == 0)
			return true;
	return false;
}

/*
 * check_function refuses functions that the worker could not call.
 */
static void
check_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	Datum		config;
	bool		none;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FUNCTION),
				errmsg("function with OID %u does not exist", function));
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->prokind != PROKIND_FUNCTION || proc->proretset ||
		proc->pronargs != 1 || proc->proargtypes.values[0] != JSONBOID ||
		(get_typtype(proc->prorettype) == TYPTYPE_PSEUDO && proc->prorettype != VOIDOID))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				errmsg("function %s can't take stream records", format_procedure(function)),
				errdetail("It must take one argument of type jsonb, and return neither a set nor a pseudo-type other than void."));
	if (!ddb_may_execute(function, GetUserId()))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, NameStr(proc->proname));
	config = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proconfig, &none);
	if (none || !has_own_path(config))
		ereport(NOTICE,
				errmsg("function %s will run with search_path = pg_catalog, pg_temp",
					   format_procedure(function)),
				errhint("Qualify the names in it, or use ALTER FUNCTION ... SET search_path."));
	ReleaseSysCache(tuple);
}

#define bad_argument(...) \
	ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg(__VA_ARGS__))

static void
check_arguments(const DdbTriggerDefinition *definition)
{
	size_t		length = strlen(definition->name);

	if (length == 0 || length > MAX_NAME_LENGTH)
		bad_argument("the name of a trigger must have 1 to %d bytes", MAX_NAME_LENGTH);
	if (definition->batch_size < 1 || definition->batch_size > DDB_TRIGGER_MAX_BATCH)
		bad_argument("batch_size must be between 1 and %d", DDB_TRIGGER_MAX_BATCH);
	if (strcmp(definition->starting_position, "LATEST") != 0 &&
		strcmp(definition->starting_position, "TRIM_HORIZON") != 0)
		bad_argument("starting_position must be LATEST or TRIM_HORIZON");
	if (definition->max_retries < -1)
		bad_argument("max_retries must be 0 or more, or -1 to retry for ever");
	if (strcmp(definition->on_failure, "dead_letter") != 0 &&
		strcmp(definition->on_failure, "skip") != 0 && strcmp(definition->on_failure, "stop") != 0)
		bad_argument("on_failure must be dead_letter, skip or stop");
	if (definition->filter != NULL)
		(void) ddb_filter_read(definition->filter);
}

/*
 * enabled_stream finds a table's stream.
 */
static DdbStream *
enabled_stream(const char *table_name)
{
	ListCell   *lc;

	foreach(lc, ddb_stream_list(table_name, NULL, NULL))
	{
		DdbStream  *stream = lfirst(lc);

		if (!stream->disabled)
			return stream;
	}
	ereport(ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("table \"%s\" has no stream", table_name),
			errhint("Enable one: SELECT ddb_update_table('{\"TableName\": \"%s\", \"StreamSpecification\": {\"StreamEnabled\": true, \"StreamViewType\": \"NEW_AND_OLD_IMAGES\"}}'::jsonb)",
					table_name));
	return NULL;
}

/*
 * starting_position is where a new trigger begins: before everything, or, for LATEST,
 * behind everything whose commit is in the log by now.
 */
static DdbSequence
starting_position(const DdbTriggerDefinition *definition)
{
	DdbSequence position = {0};

	if (strcmp(definition->starting_position, "LATEST") == 0)
	{
		position.lsn = GetXLogInsertRecPtr() - 1;
		position.ordinal = PG_INT32_MAX;
	}
	return position;
}

/*
 * ddb_trigger_create makes a trigger.
 */
void
ddb_trigger_create(const DdbTriggerDefinition *definition)
{
	const char *table_name = ddb_table_name_of(definition->table_name);
	DdbStream  *stream;

	check_arguments(definition);
	ddb_table_lock_definition_as_owner(table_name);
	stream = enabled_stream(table_name);
	check_function(definition->function);
	SPI_connect();
	ddb_trigger_insert(definition, table_name, stream->id, starting_position(definition));
	SPI_finish();
	if (!ddb_worker_available())
		ereport(WARNING,
				errmsg("nothing calls the function of trigger \"%s\"", definition->name),
				errhint("The worker needs shared_preload_libraries = 'ddb'."));
	ddb_worker_wake(DDB_TRIGGER_JOB);
}

/*
 * check_may_change refuses a change to all but the trigger's owner and the
 * table's.
 */
static void
check_may_change(const char *name)
{
	Oid			owner;
	char	   *table_name;
	Oid			relid;

	if (!ddb_trigger_lock(name, &owner, &table_name))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("trigger \"%s\" does not exist", name));
	relid = ddb_tables_relid(table_name);
	if (!has_privs_of_role(GetUserId(), owner) && (!OidIsValid(relid) || !ddb_owns_relation(relid)))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of trigger \"%s\" or of its table", name));
}

/*
 * ddb_trigger_enable pauses a trigger, or resumes it: then it tries at once what
 * had failed.
 */
void
ddb_trigger_enable(const char *name, bool enabled)
{
	SPI_connect();
	check_may_change(name);
	ddb_trigger_set_enabled(name, enabled);
	SPI_finish();
	ddb_worker_wake(DDB_TRIGGER_JOB);
}

/*
 * ddb_trigger_drop drops a trigger; a call that is under way is rolled back.
 */
void
ddb_trigger_drop(const char *name)
{
	SPI_connect();
	check_may_change(name);
	ddb_trigger_delete(name);
	SPI_finish();
	ddb_worker_wake(DDB_TRIGGER_JOB);
}
