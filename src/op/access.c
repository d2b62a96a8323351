/*
 * access.c
 *	  Rights: those on the data table decide.
 *
 * SELECT for reads; INSERT and UPDATE for puts and updates, DELETE for deletes;
 * and SELECT for a write that shows or tests what was there.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "op/op.h"

static void
check(Oid relid, AclMode mode)
{
	AclResult	result = pg_class_aclmask(relid, GetUserId(), mode, ACLMASK_ALL) == mode ?
	ACLCHECK_OK : ACLCHECK_NO_PRIV;

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE, get_rel_name(relid));
}

/*
 * ddb_check_read requires SELECT, and that no row-level security stands
 * between the user and the rows.
 */
void
ddb_check_read(Oid relid)
{
	check(relid, ACL_SELECT);
	if (check_enable_rls(relid, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("table \"%s\" has row-level security, which ddb's own reads would pass by",
					   get_rel_name(relid)),
				errhint("Read this table with plain SQL."));
}

/*
 * ddb_may_read tells whether a user may read.
 */
bool
ddb_may_read(Oid relid)
{
	bool		is_missing = false;

	return pg_class_aclcheck_ext(relid, GetUserId(), ACL_SELECT, &is_missing) == ACLCHECK_OK &&
		!is_missing && check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

/*
 * ddb_check_write requires what a write of this kind needs.
 */
void
ddb_check_write(Oid relid, DdbWriteKind kind, bool also_reads)
{
	AclMode		mode = kind == DDB_OP_CHECK ? ACL_SELECT :
	kind == DDB_OP_DELETE ? ACL_DELETE : ACL_INSERT | ACL_UPDATE;

	if (also_reads)
		mode |= ACL_SELECT;
	check(relid, mode);
}
