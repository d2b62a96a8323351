/*
 * physical.c
 *	  Names and columns of the physical layout.
 *
 * The physical side is ordinary SQL run as the calling user, so ownership,
 * privileges, event triggers and (one day) distribution work as for any
 * DDL.
 *
 * Physical names: a DynamoDB name that PostgreSQL can't take (over 63 bytes, or
 * in use) is shortened and given the hash of the whole.  Names made here hold
 * a colon, which no table name can contain, so they never meet a table's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "key/key.h"
#include "table/physical.h"
#include "table/spec.h"

DdbPhysicalColumn
ddb_physical_column(DdbType type)
{
	static const DdbPhysicalColumn s = {"pg_catalog.text COLLATE pg_catalog.\"C\"", "ddb.text_partition_ops", TEXTOID};
	static const DdbPhysicalColumn n = {"pg_catalog.numeric", "ddb.numeric_partition_ops", NUMERICOID};
	static const DdbPhysicalColumn b = {"pg_catalog.bytea", "ddb.bytea_partition_ops", BYTEAOID};

	return type == DDB_S ? s : type == DDB_N ? n : b;
}

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
ddb_physical_qualified(const char *relname)
{
	return quote_qualified_identifier(DDB_DATA_SCHEMA, relname);
}

char *
ddb_physical_qualified_beside(Oid relid, const char *relname)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), relname);
}

DdbAttributeSpec *
ddb_spec_attribute(List *attributes, const char *name, bool sort)
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
ddb_spec_attribute_column(const DdbAttributeSpec *att)
{
	return att->column != NULL ? att->column : ddb_physical_column_name(att->name);
}

/*
 * ddb_physical_append_index_columns writes the column list of an index.  A secondary index
 * ends with the table's own key, which gives its entries a total order that
 * paging can resume from.
 */
void
ddb_physical_append_index_columns(StringInfo buf, const DdbIndexSpec *index,
								  const DdbIndexSpec *table_key, List *attributes)
{
	List	   *seen = NIL;
	const char *separator = "";
	ListCell   *lc;

	foreach(lc, index->partition)
	{
		DdbAttributeSpec *att = ddb_spec_attribute(attributes, lfirst(lc), false);

		appendStringInfo(buf, "%s%s %s", separator,
						 quote_identifier(ddb_spec_attribute_column(att)),
						 ddb_physical_column(att->type).partition_ops);
		seen = lappend(seen, att->name);
		separator = ", ";
	}
	foreach(lc, index->sort)
	{
		DdbAttributeSpec *att = ddb_spec_attribute(attributes, lfirst(lc),
												   index->kind != DDB_INDEX_PRIMARY);

		appendStringInfo(buf, ", %s", quote_identifier(ddb_spec_attribute_column(att)));
		seen = lappend(seen, att->name);
	}
	if (index->kind == DDB_INDEX_PRIMARY)
		return;
	foreach(lc, list_concat_copy(table_key->partition, table_key->sort))
	{
		DdbAttributeSpec *att = ddb_spec_attribute(attributes, lfirst(lc), false);
		ListCell   *s;
		bool		known = false;

		foreach(s, seen)
			known = known || strcmp(lfirst(s), att->name) == 0;
		if (!known)
			appendStringInfo(buf, ", %s %s", quote_identifier(ddb_spec_attribute_column(att)),
							 ddb_physical_column(att->type).partition_ops);
	}
}
