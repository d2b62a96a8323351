/*
 * table_ddl.c
 *	  Tables come and go.
 *
 * Every change of a definition sends a relcache invalidation for the data table,
 * which is what keeps descriptors current (see desc.c).  Who changes a
 * definition holds ddb_lock_table_definition() from before looking at it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
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
#include "table/desc.h"
#include "table/physical.h"
#include "table/spec.h"
#include "table/table_ddl.h"

/* Room for new versions of items, so that most updates stay on their page. */
#define DATA_FILLFACTOR 85

/*
 * ddb_index_sql is the command that creates an index's relation; relation is
 * the data table's qualified name.
 */
char *
ddb_index_sql(const char *table_name, const char *relation, const DdbIndexSpec *index,
			  const DdbTableSpec *table, bool concurrently)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE %sINDEX %s%s ON %s USING ddb (",
					 index->kind == DDB_INDEX_PRIMARY ? "UNIQUE " : "",
					 concurrently ? "CONCURRENTLY " : "",
					 quote_identifier(ddb_physical_index_name(table_name, index->name)),
					 relation);
	ddb_append_index_columns(&sql, index, &table->key, table->attributes);
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/*
 * ddb_insert_index_row enters an index into ddb.indexes.
 */
void
ddb_insert_index_row(const char *table_name, const DdbIndexSpec *index,
					 const char *status, Jsonb *fill)
{
	static const char *const kinds[] = {"primary", "global", "local"};
	static const char *const projections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
	TEXTARRAYOID, JSONBOID, TEXTOID, JSONBOID};
	Datum		values[11];
	char		nulls[] = "           ";

	values[0] = CStringGetTextDatum(table_name);
	values[1] = CStringGetTextDatum(index->name ? index->name : "");
	values[2] = CStringGetTextDatum(ddb_physical_index_name(table_name, index->name));
	values[3] = CStringGetTextDatum(kinds[index->kind]);
	values[4] = ddb_sql_text_array(index->partition);
	values[5] = ddb_sql_text_array(index->sort);
	values[6] = CStringGetTextDatum(projections[index->projection]);
	values[7] = ddb_sql_text_array(index->included);
	values[8] = JsonbPGetDatum(index->settings);
	if (index->settings == NULL)
		nulls[8] = 'n';
	values[9] = CStringGetTextDatum(status);
	values[10] = JsonbPGetDatum(fill);
	if (fill == NULL)
		nulls[10] = 'n';
	ddb_sql_run_as_owner("INSERT INTO ddb.indexes (table_name, index_name, relname, kind, partition_key, sort_key,"
						 " projection, included, settings, status, fill)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'), $10, $11)",
						 11, types, values, nulls);
}

/*
 * ddb_save_attributes writes a table's key attributes to ddb.tables.
 */
void
ddb_save_attributes(const char *table_name, List *attributes)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[4];
	List	   *names = NIL,
			   *type_names = NIL,
			   *columns = NIL;
	ListCell   *lc;

	foreach(lc, attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		names = lappend(names, att->name);
		type_names = lappend(type_names, pstrdup(ddb_type_name(att->type)));
		columns = lappend(columns, ddb_attribute_column(att));
	}
	values[0] = CStringGetTextDatum(table_name);
	values[1] = ddb_sql_text_array(names);
	values[2] = ddb_sql_text_array(type_names);
	values[3] = ddb_sql_text_array(columns);
	ddb_sql_run_as_owner("UPDATE ddb.tables SET attribute_names = $2, attribute_types = $3, column_names = $4"
						 " WHERE table_name = $1", 4, types, values, NULL);
}

/*
 * insert_table_row enters a new table into ddb.tables.
 */
static void
insert_table_row(const DdbTableSpec *spec, const char *relname)
{
	Oid			types[] = {TEXTOID, REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, JSONBOID, INT4OID};
	Datum		values[7];
	char		nulls[] = "       ";
	List	   *names = NIL,
			   *type_names = NIL,
			   *columns = NIL;
	ListCell   *lc;

	foreach(lc, spec->attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		names = lappend(names, att->name);
		type_names = lappend(type_names, pstrdup(ddb_type_name(att->type)));
		columns = lappend(columns, ddb_attribute_column(att));
	}
	values[0] = CStringGetTextDatum(spec->name);
	values[1] = ObjectIdGetDatum(get_relname_relid(relname,
												   get_namespace_oid(DDB_DATA_SCHEMA, false)));
	values[2] = ddb_sql_text_array(names);
	values[3] = ddb_sql_text_array(type_names);
	values[4] = ddb_sql_text_array(columns);
	values[5] = JsonbPGetDatum(spec->settings);
	if (spec->settings == NULL)
		nulls[5] = 'n';
	values[6] = Int32GetDatum(spec->delay);
	ddb_sql_run_as_owner("INSERT INTO ddb.tables (table_name, relid, attribute_names, attribute_types, column_names, settings,"
						 " status, status_until)"
						 " VALUES ($1, $2, $3, $4, $5, coalesce($6, '{}'), 'CREATING',"
						 " CASE WHEN $7 > 0 THEN pg_catalog.clock_timestamp() + $7 * interval '1 ms' END)",
						 7, types, values, nulls);
}

/*
 * ddb_lock_table_definition keeps others from changing the definition of a table, or
 * creating it, until the transaction ends.
 */
void
ddb_lock_table_definition(const char *table_name)
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
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};

	ddb_lock_table_definition(table_name);

	/* A row whose data table is gone is left over from a dropped table. */
	ddb_sql_run_as_owner("DELETE FROM ddb.tables t WHERE t.table_name = $1"
						 " AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.relid)",
						 1, types, values, NULL);
	if (ddb_sql_run_as_owner("SELECT FROM ddb.tables WHERE table_name = $1",
							 1, types, values, NULL) > 0)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Table already exists: %s", table_name));
}

/*
 * create_index creates an index of a new table.
 */
static void
create_index(const DdbTableSpec *spec, const char *relname, const DdbIndexSpec *index)
{
	ddb_sql_run(ddb_index_sql(spec->name, ddb_qualified(relname), index, spec, false));
	ddb_insert_index_row(spec->name, index, "ACTIVE", NULL);
}

/*
 * ddb_table_create makes a table with its indexes.
 */
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
	appendStringInfo(&sql, "CREATE TABLE %s (", ddb_qualified(relname));
	foreach(lc, spec->attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);
		bool		not_null = false;
		ListCell   *k;

		foreach(k, list_concat_copy(spec->key.partition, spec->key.sort))
			not_null = not_null || strcmp(lfirst(k), att->name) == 0;
		appendStringInfo(&sql, "%s %s%s, ", quote_identifier(ddb_attribute_column(att)),
						 ddb_physical_column(att->type).sql_type,
						 not_null ? " NOT NULL" : "");
	}
	appendStringInfo(&sql, "%s pg_catalog.jsonb COMPRESSION lz4 NOT NULL) WITH (fillfactor = %d)",
					 DDB_ITEM_COLUMN, DATA_FILLFACTOR);
	ddb_sql_run(sql.data);
	ddb_sql_run(psprintf("COMMENT ON TABLE %s IS %s", ddb_qualified(relname),
						 quote_literal_cstr(psprintf("DynamoDB table %s", spec->name))));
	insert_table_row(spec, relname);
	create_index(spec, relname, &spec->key);
	foreach(lc, spec->indexes)
		create_index(spec, relname, lfirst(lc));
	ddb_sql_run(psprintf("CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON %s"
						 " FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger()",
						 ddb_qualified(relname)));
	ddb_sql_run(psprintf("CREATE TRIGGER ddb_truncate BEFORE TRUNCATE ON %s"
						 " FOR EACH STATEMENT EXECUTE FUNCTION ddb.truncate_trigger()",
						 ddb_qualified(relname)));
	ddb_sql_run(psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER ddb_truncate",
						 ddb_qualified(relname)));
	SPI_finish();
}

/*
 * ddb_check_owner raises the usual permission error unless the user owns relid.
 */
void
ddb_check_owner(Oid relid)
{
	if (!ddb_owns_relation(relid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
}

/*
 * ddb_claim_definition locks the definition of an existing table for its owner.
 */
void
ddb_claim_definition(const char *table_name)
{
	const char *name = ddb_table_name_of(table_name);
	Oid			relid = ddb_table_relid(name);

	if (OidIsValid(relid))
		ddb_check_owner(relid);
	ddb_lock_table_definition(name);
	relid = ddb_table_relid(name);
	if (!OidIsValid(relid))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: Table: %s not found", name));
	ddb_check_owner(relid);
}

/*
 * ddb_table_drop drops a table and its catalog rows.
 */
void
ddb_table_drop(const char *table_name)
{
	DdbTableDesc *desc;
	Oid			types[] = {TEXTOID};
	Datum		values[1];
	char	   *relation;

	ddb_claim_definition(table_name);
	desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	relation = ddb_qualified_beside(desc->relid, get_rel_name(desc->relid));
	values[0] = CStringGetTextDatum(desc->name);
	ddb_desc_close(desc);
	SPI_connect();
	ddb_sql_run(psprintf("DROP TABLE %s", relation));
	ddb_sql_run_as_owner("DELETE FROM ddb.tables WHERE table_name = $1", 1, types, values, NULL);
	SPI_finish();
}
