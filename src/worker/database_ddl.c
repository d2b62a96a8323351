/*
 * database_ddl.c
 *	  Commands that need a database to themselves.
 *
 * DROP DATABASE, its renaming, moving and copying fail while somebody is connected to
 * the database.  Workers are in nobody's way: they are ended first.  The launcher starts
 * them again after a while, if the database is still there.
 *
 * A database that is copied, or gets the extension, may have work for them of which
 * nobody tells: they are called.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/acl.h"

#include "compat.h"
#include "worker/worker_private.h"

static ProcessUtility_hook_type previous_hook;

/*
 * option gives the value of an option of CREATE or ALTER DATABASE, or NULL.
 */
static const char *
option(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *element = lfirst_node(DefElem, lc);

		if (strcmp(element->defname, name) == 0 && element->arg != NULL)
			return defGetString(element);
	}
	return NULL;
}

/*
 * needed_database names the database that a command needs to itself, or gives NULL.
 */
static const char *
needed_database(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			return castNode(DropdbStmt, statement)->dbname;
		case T_CreatedbStmt:
			return option(castNode(CreatedbStmt, statement)->options, "template");
		case T_AlterDatabaseStmt:
			return option(castNode(AlterDatabaseStmt, statement)->options, "tablespace") ?
				castNode(AlterDatabaseStmt, statement)->dbname : NULL;
		case T_RenameStmt:
			return castNode(RenameStmt, statement)->renameType == OBJECT_DATABASE ?
				castNode(RenameStmt, statement)->subname : NULL;
		default:
			return NULL;
	}
}

/*
 * end_workers ends the workers of the database that a command needs to itself.  Only a
 * copy may be made of the one that is connected to.
 */
static void
end_workers(Node *statement)
{
	const char *name = needed_database(statement);
	Oid			database = name != NULL ? get_database_oid(name, true) : InvalidOid;

	if (OidIsValid(database) && (database != MyDatabaseId || IsA(statement, CreatedbStmt)) &&
		ddb_owns_database(database))
		ddb_worker_end(database);
}

/*
 * call_workers calls workers to a database that a command has made, or to the current
 * one that has the extension now.
 */
static void
call_workers(Node *statement)
{
	if (IsA(statement, CreatedbStmt))
	{
		CommandCounterIncrement();
		ddb_worker_wake_any(get_database_oid(castNode(CreatedbStmt, statement)->dbname, true));
	}
	else if (IsA(statement, CreateExtensionStmt) &&
			 strcmp(castNode(CreateExtensionStmt, statement)->extname, "ddb") == 0)
		ddb_worker_wake_any(MyDatabaseId);
}

static void
utility_hook(PlannedStmt *statement, const char *query, bool read_only,
			 ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *environment,
			 DestReceiver *dest, QueryCompletion *completion)
{
	NodeTag		tag = nodeTag(statement->utilityStmt);

	if (context == PROCESS_UTILITY_TOPLEVEL && IsTransactionState())
		end_workers(statement->utilityStmt);
	if (previous_hook)
		previous_hook(statement, query, read_only, context, params, environment, dest, completion);
	else
		standard_ProcessUtility(statement, query, read_only, context, params, environment, dest,
								completion);
	/* others may have ended the transaction, and the statement with it */
	if (tag == T_CreatedbStmt || tag == T_CreateExtensionStmt)
		call_workers(statement->utilityStmt);
}

void
ddb_worker_watch_databases(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = utility_hook;
}
