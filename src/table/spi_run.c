/*
 * spi_run.c
 *	  Running SQL commands.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "table/catalog_row.h"
#include "table/spi_run.h"

void
ddb_spi_run(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	int			rc = SPI_execute(sql, false, 0);

	MemoryContextSwitchTo(context);
	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
}

uint64
ddb_spi_run_as_owner(const char *sql, int nargs, Oid *types, Datum *values,
					 const char *nulls)
{
	Relation	tables = table_open(ddb_catalog_relation_oid("tables"), AccessShareLock);
	Oid			owner = tables->rd_rel->relowner;
	MemoryContext context = CurrentMemoryContext;
	Oid			save_user;
	int			save_context;
	int			save_nestlevel;
	int			rc;

	table_close(tables, AccessShareLock);
	GetUserIdAndSecContext(&save_user, &save_context);
	SetUserIdAndSecContext(owner, save_context | SECURITY_LOCAL_USERID_CHANGE);
	save_nestlevel = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	rc = SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0);
	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_user, save_context);
	MemoryContextSwitchTo(context); /* SPI leaves its own */
	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
	return SPI_processed;
}

Datum
ddb_spi_text_array(List *strings)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT));
}

char *
ddb_spi_string(uint64 row, int column, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	char	   *string = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);

	MemoryContextSwitchTo(old);
	return string;
}

Datum
ddb_spi_datum(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, isnull);
}
