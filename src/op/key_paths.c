/*
 * key_paths.c
 *	  Key attributes are scalars: no path leads into one.
 */
#include "postgres.h"

#include "error.h"
#include "op/op.h"

/*
 * refuse_key is called for each top-level attribute that a path leads into.
 */
static void
refuse_key(const char *name, int len, void *arg)
{
	const DdbTableDesc *desc = arg;
	int			att = ddb_desc_attribute(desc, name, len);

	if (att >= 0)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: %s: %s",
					   ddb_desc_has_key(desc, &desc->primary, name, len) ? "Key" : "IndexKey",
					   desc->attributes[att].name));
}

/*
 * ddb_check_key_paths refuses an expression with a path into a key attribute.
 */
void
ddb_check_key_paths(const DdbTableDesc *desc, const DdbBoundExpr *expr)
{
	if (expr != NULL)
		ddb_expr_nested_names(expr, refuse_key, unconstify(DdbTableDesc *, desc));
}
