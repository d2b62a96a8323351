/*
 * physical.c
 *	  Names and columns of the physical layout, and running SQL for it.
 *
 * The physical side is ordinary SQL run as the calling user, so ownership,
 * privileges, event triggers and (one day) distribution work as for any
 * DDL.  The rows of the catalog are written as the catalog's owner.
 *
 * Physical names: a DynamoDB name that PostgreSQL can't take (over 63 bytes, or
 * in use) is shortened and given the hash of the whole.  Names made here hold
 * a colon, which no table name can contain, so they never meet a table's.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "key/key.h"
#include "table/physical.h"
#include "table/spec.h"

/*
 * ddb_physical_column gives the column type of a key attribute.
 */
DdbPhysicalColumn
ddb_physical_column(DdbType type)
{
	static const DdbPhysicalColumn s = {"pg_catalog.text COLLATE pg_catalog.\"C\"", "ddb.text_partition_ops", TEXTOID};
	static const DdbPhysicalColumn n = {"pg_catalog.numeric", "ddb.numeric_partition_ops", NUMERICOID};
	static const DdbPhysicalColumn b = {"pg_catalog.bytea", "ddb.bytea_partition_ops", BYTEAOID};

	return type == DDB_S ? s : type == DDB_N ? n : b;
}

/*
 * ddb_physical_name makes "<name><suffix>" fit NAMEDATALEN: when it does not, the
 * end of name gives way to a hash of the whole.
 */
char *
ddb_physical_name(const char *name, const char *suffix)
{
	char	   *whole = psprintf("%s%s", name, suffix);
	char	   *hash;
	int			room;

	if (strlen(whole) < NAMEDATALEN)
		return whole;
	hash = psprintf(":%016llx",
					(unsigned long long) ddb_hash_bytes(whole, strlen(whole)));
	room = pg_mbcliplen(whole, strlen(whole), NAMEDATALEN - 1 - (int) strlen(hash));
	return psprintf("%.*s%s", room, whole, hash);
}

/*
 * ddb_physical_column_name gives the column for a key attribute: its own name where
 * PostgreSQL can take it, else one that begins with "key:".
 */
char *
ddb_physical_column_name(const char *attribute)
{
	static const char *const reserved[] = {
		DDB_ITEM_COLUMN, "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"
	};

	for (int i = 0; i < lengthof(reserved); i++)
	{
		if (strcmp(attribute, reserved[i]) == 0)
			return psprintf("key:%s", attribute);
	}
	if (strncmp(attribute, "spare:", 6) == 0 || strncmp(attribute, "key:", 4) == 0 ||
		strncmp(attribute, "sort:", 5) == 0)
		return ddb_physical_name(psprintf("key:%s", attribute), "");
	return ddb_physical_name(attribute, "");
}

/*
 * ddb_physical_sort_column_name gives the column that holds a key attribute for sort keys
 * alone.
 */
char *
ddb_physical_sort_column_name(const char *attribute)
{
	return ddb_physical_name(psprintf("sort:%s", attribute), "");
}

char *
ddb_physical_index_name(const char *table_name, const char *index_name)
{
	return ddb_physical_name(table_name,
							 psprintf(":%s", index_name ? index_name : "primary"));
}

char *
ddb_qualified(const char *relname)
{
	return quote_qualified_identifier(DDB_DATA_SCHEMA, relname);
}

/*
 * ddb_qualified_beside names relname in the schema where relation relid is: ddb_data,
 * unless ALTER TABLE ... SET SCHEMA moved it.
 */
char *
ddb_qualified_beside(Oid relid, const char *relname)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), relname);
}

/*
 * ddb_sql_run executes one SQL command as the current user.
 */
void
ddb_sql_run(const char *sql)
{
	int			rc = SPI_execute(sql, false, 0);

	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
}

/*
 * ddb_sql_run_as_owner executes one SQL command as the owner of the catalog, out of
 * reach of the calling user's search_path.
 */
uint64
ddb_sql_run_as_owner(const char *sql, int nargs, Oid *types, Datum *values,
					 const char *nulls)
{
	Relation	tables = table_open(ddb_catalog_relation_oid("tables"), AccessShareLock);
	Oid			owner = tables->rd_rel->relowner;
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
	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
	return SPI_processed;
}

/*
 * ddb_sql_text_array makes a text[] of a List of C strings.
 */
Datum
ddb_sql_text_array(List *strings)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT));
}

DdbAttributeSpec *
ddb_attribute_spec(List *attributes, const char *name, bool sort)
{
	DdbAttributeSpec *found = NULL;
	ListCell   *lc;

	foreach(lc, attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		if (strcmp(att->name, name) == 0 && (found == NULL || (found->sort_only != sort && att->sort_only == sort)))
			found = att;
	}
	if (found == NULL)
		elog(ERROR, "key attribute \"%s\" is not defined", name);
	return found;
}

char *
ddb_attribute_column(const DdbAttributeSpec *att)
{
	return att->column != NULL ? att->column : ddb_physical_column_name(att->name);
}

/*
 * ddb_append_index_columns writes the column list of an index.  A secondary index
 * ends with the table's own key, which gives its entries a total order that
 * paging can resume from.
 */
void
ddb_append_index_columns(StringInfo buf, const DdbIndexSpec *index,
						 const DdbIndexSpec *table_key, List *attributes)
{
	List	   *seen = NIL;
	const char *separator = "";
	ListCell   *lc;

	foreach(lc, index->partition)
	{
		DdbAttributeSpec *att = ddb_attribute_spec(attributes, lfirst(lc), false);

		appendStringInfo(buf, "%s%s %s", separator,
						 quote_identifier(ddb_attribute_column(att)),
						 ddb_physical_column(att->type).partition_ops);
		seen = lappend(seen, att->name);
		separator = ", ";
	}
	foreach(lc, index->sort)
	{
		DdbAttributeSpec *att = ddb_attribute_spec(attributes, lfirst(lc),
												   index->kind != DDB_INDEX_PRIMARY);

		appendStringInfo(buf, ", %s", quote_identifier(ddb_attribute_column(att)));
		seen = lappend(seen, att->name);
	}
	if (index->kind == DDB_INDEX_PRIMARY)
		return;
	foreach(lc, list_concat_copy(table_key->partition, table_key->sort))
	{
		DdbAttributeSpec *att = ddb_attribute_spec(attributes, lfirst(lc), false);
		ListCell   *s;
		bool		known = false;

		foreach(s, seen)
			known = known || strcmp(lfirst(s), att->name) == 0;
		if (!known)
			appendStringInfo(buf, ", %s %s", quote_identifier(ddb_attribute_column(att)),
							 ddb_physical_column(att->type).partition_ops);
	}
}
