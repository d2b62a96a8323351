/*
 * version.c
 *	  Whether the extension's objects in this database are of the library's version.
 *
 * A library and a script of different versions meet after an upgrade of the files,
 * until ALTER EXTENSION ddb UPDATE, and in sessions that loaded the library
 * before it.  The two may disagree on columns of ddb's catalog, so nothing works
 * then but what never looks there: indexes and functions on values.
 *
 * An answer holds until a function of the database changes, for no script changes
 * a version and no function; pg_extension itself sends no invalidations.  Only
 * agreement is remembered.  It is entered before pg_extension is read, so that an
 * invalidation arriving meanwhile is not lost.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "version.h"

static bool agreed;

static void
function_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	agreed = false;
}

/*
 * installed_version reads the version of the objects; NULL when there are none.
 */
static char *
installed_version(void)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	char	   *version = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("ddb"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		datum = heap_getattr(tuple, Anum_pg_extension_extversion,
										 RelationGetDescr(rel), &isnull);

		version = isnull ? pstrdup("") : TextDatumGetCString(datum);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return version;
}

/*
 * is_older tells whether version a comes before b; both are numbers with dots between.
 */
static bool
is_older(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0')
	{
		char	   *a_end;
		char	   *b_end;
		unsigned long x = strtoul(a, &a_end, 10);
		unsigned long y = strtoul(b, &b_end, 10);

		if (x != y)
			return x < y;
		if (a_end == a || b_end == b)
			return false;		/* not a number */
		a = a_end + (*a_end != '\0');
		b = b_end + (*b_end != '\0');
	}
	return *a == '\0' && *b != '\0';
}

/*
 * raise_difference says that version is not the library's, and what to do.
 */
static void
raise_difference(const char *version)
{
	ereport(ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("extension \"ddb\" of database \"%s\" has version %s, but its library has %s",
				   get_database_name(MyDatabaseId), version, DDB_VERSION),
			is_older(version, DDB_VERSION) ?
			errhint("Run ALTER EXTENSION ddb UPDATE in this database.") :
			errhint("This process loaded the library of an earlier installation: connect again, or restart the server if it preloads ddb.  If that doesn't help, install version %s.",
					version));
}

bool
ddb_version_check(void)
{
	static bool watching;
	char	   *version;

	if (agreed)
		return true;
	if (!watching)
	{
		CacheRegisterSyscacheCallback(PROCOID, function_callback, (Datum) 0);
		watching = true;
	}
	agreed = true;
	PG_TRY();
	{
		version = installed_version();
	}
	PG_CATCH();
	{
		agreed = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (version != NULL && strcmp(version, DDB_VERSION) == 0)
		return true;
	agreed = false;
	if (version != NULL)
		raise_difference(version);
	return false;
}
