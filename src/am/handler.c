/*
 * handler.c
 *	  The access method ddb: nbtree's routine with a few entries of our own.
 *
 * Pages, WAL, recovery, vacuum, deduplication, concurrency and parallel scans
 * are nbtree's, untouched.  What differs: the order of partition columns
 * (order.c), sparseness (insert.c, build.c, planner.c) and digests for long
 * values (longkey.c, scan.c).
 */
#include "postgres.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "access/nbtree.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "am/am.h"
#include "am/am_private.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(ddb_index_handler);

/*
 * complain reports one fault of an operator class, as amvalidate functions do.
 */
static void
complain(Oid opclass, const char *what)
{
	ereport(INFO,
			errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			errmsg("operator class %u of access method ddb %s", opclass, what));
}

/*
 * validate_operators checks the signatures of a family's operators.
 */
static bool
validate_operators(Oid opclass, Oid opfamily)
{
	CatCList   *list = SearchSysCacheList1(AMOPSTRATEGY,
										   ObjectIdGetDatum(opfamily));
	bool		valid = true;
	int			i;

	for (i = 0; i < list->n_members; i++)
	{
		Form_pg_amop amop = (Form_pg_amop) GETSTRUCT(&list->members[i]->tuple);

		if (amop->amopstrategy < BTLessStrategyNumber ||
			amop->amopstrategy > BTGreaterStrategyNumber ||
			amop->amoppurpose != AMOP_SEARCH ||
			!check_amop_signature(amop->amopopr, BOOLOID,
								  amop->amoplefttype, amop->amoprighttype))
		{
			complain(opclass, "has an unsuitable operator");
			valid = false;
		}
	}
	ReleaseCatCacheList(list);
	return valid;
}

/*
 * validate_functions checks the signatures of a family's support functions.
 */
static bool
validate_functions(Oid opclass, Oid opfamily)
{
	CatCList   *list = SearchSysCacheList1(AMPROCNUM,
										   ObjectIdGetDatum(opfamily));
	bool		valid = true;
	int			i;

	for (i = 0; i < list->n_members; i++)
	{
		Form_pg_amproc amproc =
		(Form_pg_amproc) GETSTRUCT(&list->members[i]->tuple);
		bool		suitable = false;

		switch (amproc->amprocnum)
		{
			case BTORDER_PROC:
				suitable = check_amproc_signature(amproc->amproc, INT4OID, true,
												  2, 2, amproc->amproclefttype,
												  amproc->amprocrighttype);
				break;
			case BTSORTSUPPORT_PROC:
				suitable = check_amproc_signature(amproc->amproc, VOIDOID, true,
												  1, 1, INTERNALOID);
				break;
			case BTEQUALIMAGE_PROC:
				suitable = check_amproc_signature(amproc->amproc, BOOLOID, true,
												  1, 1, OIDOID);
				break;
		}
		if (!suitable)
		{
			complain(opclass, "has an unsuitable support function");
			valid = false;
		}
	}
	ReleaseCatCacheList(list);
	return valid;
}

/*
 * ddb_am_validate is amvalidate.  btvalidate() would ask for equality with int8
 * in the partition classes, which must not be (order.c).
 */
static bool
ddb_am_validate(Oid opclass)
{
	Oid			opfamily = get_opclass_family(opclass);
	Oid			type = get_opclass_input_type(opclass);
	bool		valid = validate_operators(opclass, opfamily);
	int			strategy;

	if (!validate_functions(opclass, opfamily))
		valid = false;
	for (strategy = BTLessStrategyNumber; strategy <= BTGreaterStrategyNumber;
		 strategy++)
	{
		if (!OidIsValid(get_opfamily_member(opfamily, type, type, strategy)))
		{
			complain(opclass, "lacks an operator");
			valid = false;
		}
	}
	if (!OidIsValid(get_opfamily_proc(opfamily, type, type, BTORDER_PROC)))
	{
		complain(opclass, "lacks its comparison function");
		valid = false;
	}
	return valid;
}

/*
 * ddb_index_handler is the handler of CREATE ACCESS METHOD.
 */
Datum
ddb_index_handler(PG_FUNCTION_ARGS)
{
	IndexAmRoutine *am =
	(IndexAmRoutine *) DatumGetPointer(OidFunctionCall1(F_BTHANDLER,
														PointerGetDatum(NULL)));

	am->amoptionalkey = false;	/* a scan needs a key on the first column */
	am->amsearchnulls = false;	/* there are none */
	am->amclusterable = false;
	am->amcanreturn = NULL;		/* a digest is no value */
	am->amproperty = NULL;
	ddb_am_adjust_routine(am);

	am->ambuild = ddb_am_build;
	am->aminsert = ddb_am_insert;
	am->amcostestimate = ddb_am_costestimate;
	am->amvalidate = ddb_am_validate;
	am->ambeginscan = ddb_am_beginscan;
	am->amrescan = ddb_am_rescan;
	am->amgettuple = ddb_am_gettuple;
	am->amgetbitmap = ddb_am_getbitmap;
	PG_RETURN_POINTER(am);
}

bool
ddb_am_is_index(Relation index)
{
	return index->rd_indam != NULL && index->rd_indam->aminsert == ddb_am_insert;
}
