/*
 * table_ddl.c
 *	  Tables come and go.
 *
 * Every change of a definition sends a relcache invalidation for the data table,
 * which is what keeps descriptors current (see desc.c).  Who changes a
 * definition holds ddb_table_lock_definition() from before looking at it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "error.h"
#include "key/key.h"
#include "table/arn.h"
#include "table/catalog_row.h"
#include "table/desc.h"
#include "table/indexes_catalog.h"
#include "table/physical.h"
#include "table/spec.h"
#include "table/spi_run.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"

/* Room for new versions of items, so that most updates stay on their page. */
#define DATA_FILLFACTOR 85

char *
ddb_index_create_sql(const char *table_name, const char *relation, const DdbIndexSpec *index,
					 const DdbTableSpec *table, bool concurrently)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE %sINDEX %s%s ON %s USING ddb (",
					 index->kind == DDB_INDEX_PRIMARY ? "UNIQUE " : "",
					 concurrently ? "CONCURRENTLY " : "",
					 quote_identifier(ddb_physical_index_name(table_name, index->name)),
					 relation);
	ddb_physical_append_index_columns(&sql, index, &table->key, table->attributes);
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

void
ddb_table_lock_definition(const char *table_name)
{
	LockDatabaseObject(ddb_catalog_relation_oid("tables"),
					   (Oid) ddb_hash_bytes(table_name, strlen(table_name)), 0,
					   ExclusiveLock);
}

/*
 * check_not_in_use raises ResourceInUseException when the table exists.  It
 * waits for a transaction that is creating a table of this name.
 */
static void
check_not_in_use(const char *table_name)
{
	ddb_table_lock_definition(table_name);
	if (ddb_tables_exists(table_name))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Table already exists: %s", table_name));
}

/*
 * create_index creates an index of a new table.
 */
static void
create_index(const DdbTableSpec *spec, const char *relname, const DdbIndexSpec *index)
{
	ddb_spi_run(ddb_index_create_sql(spec->name, ddb_physical_qualified(relname), index, spec, false));
	ddb_indexes_insert(spec->name, index, DDB_INDEX_ACTIVE, NULL);
}

void
ddb_table_create(const DdbTableSpec *spec)
{
	char	   *relname = ddb_physical_name(spec->name, "");
	StringInfoData sql;
	ListCell   *lc;

	ddb_spec_check(spec);
	SPI_connect();
	check_not_in_use(spec->name);

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (", ddb_physical_qualified(relname));
	foreach(lc, spec->attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);
		bool		not_null = false;
		ListCell   *k;

		foreach(k, list_concat_copy(spec->key.partition, spec->key.sort))
			not_null = not_null || strcmp(lfirst(k), att->name) == 0;
		appendStringInfo(&sql, "%s %s%s, ", quote_identifier(ddb_spec_attribute_column(att)),
						 ddb_physical_column(att->type).sql_type,
						 not_null ? " NOT NULL" : "");
	}
	appendStringInfo(&sql, "%s pg_catalog.jsonb COMPRESSION lz4 NOT NULL) WITH (fillfactor = %d)",
					 DDB_ITEM_COLUMN, DATA_FILLFACTOR);
	ddb_spi_run(sql.data);
	ddb_spi_run(psprintf("COMMENT ON TABLE %s IS %s", ddb_physical_qualified(relname),
						 quote_literal_cstr(psprintf("DynamoDB table %s", spec->name))));
	ddb_tables_insert(spec, get_relname_relid(relname, get_namespace_oid(DDB_DATA_SCHEMA, false)));
	create_index(spec, relname, &spec->key);
	foreach(lc, spec->indexes)
		create_index(spec, relname, lfirst(lc));
	ddb_spi_run(psprintf("CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON %s"
						 " FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger()",
						 ddb_physical_qualified(relname)));
	ddb_spi_run(psprintf("CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON %s"
						 " FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger()",
						 ddb_physical_qualified(relname)));
	ddb_spi_run(psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER ddb_truncate",
						 ddb_physical_qualified(relname)));
	SPI_finish();
}

void
ddb_table_check_owner(Oid relid)
{
	if (!ddb_owns_relation(relid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
}

void
ddb_table_lock_definition_as_owner(const char *table_name)
{
	const char *name = ddb_table_name_of(table_name);
	Oid			relid = ddb_tables_relid(name);

	if (OidIsValid(relid))
		ddb_table_check_owner(relid);
	ddb_table_lock_definition(name);
	relid = ddb_tables_relid(name);
	if (!OidIsValid(relid))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: Table: %s not found", name));
	ddb_table_check_owner(relid);
}

void
ddb_table_drop(const char *table_name)
{
	DdbTableDesc *desc;
	char	   *relation;

	ddb_table_lock_definition_as_owner(table_name);
	desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	relation = ddb_physical_qualified_beside(desc->relid, get_rel_name(desc->relid));
	table_name = pstrdup(desc->name);
	ddb_desc_close(desc);
	SPI_connect();
	ddb_spi_run(psprintf("DROP TABLE %s", relation));
	ddb_tables_delete(table_name);
	SPI_finish();
}
