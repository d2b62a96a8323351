/*
 * ddl.c
 *	  Tables and indexes come and go.
 *
 * The physical side is ordinary SQL run as the calling user, so ownership,
 * privileges, event triggers and (one day) distribution work as for any
 * DDL.  The rows of ddb.tables and ddb.indexes are written as the catalog's
 * owner.  Every change of a definition sends a relcache invalidation for the
 * data table, which is what keeps descriptors current (see desc.c).
 *
 * Physical names: a DynamoDB name that PostgreSQL can't take (over 63 bytes, or
 * in use) is shortened and given the hash of the whole.  Names made here hold
 * a colon, which no table name can contain, so they never meet a table's.
 *
 * A column whose last index is dropped is renamed to "spare:<attnum>" and used
 * again by the next index of its type: attribute numbers are finite (1,600
 * in the life of a table).
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "catalog/catalog.h"
#include "compat.h"
#include "error.h"
#include "key/key.h"

/* Room for new versions of items, so that most updates stay on their page. */
#define DATA_FILLFACTOR 85

typedef struct PhysicalColumn
{
	const char *sql_type;		/* with collation */
	const char *partition_ops;
	Oid			typid;
} PhysicalColumn;

/*
 * physical_column gives the column type of a key attribute.
 */
static PhysicalColumn
physical_column(DdbType type)
{
	static const PhysicalColumn s = {"pg_catalog.text COLLATE pg_catalog.\"C\"", "ddb.text_partition_ops", TEXTOID};
	static const PhysicalColumn n = {"pg_catalog.numeric", "ddb.numeric_partition_ops", NUMERICOID};
	static const PhysicalColumn b = {"pg_catalog.bytea", "ddb.bytea_partition_ops", BYTEAOID};

	return type == DDB_S ? s : type == DDB_N ? n : b;
}

/*
 * physical_name makes "<name><suffix>" fit NAMEDATALEN: when it does not, the
 * end of name gives way to a hash of the whole.
 */
static char *
physical_name(const char *name, const char *suffix)
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
 * column_name gives the column for a key attribute: its own name where
 * PostgreSQL can take it, else one that begins with "key:".
 */
static char *
column_name(const char *attribute)
{
	static const char *const reserved[] = {
		DDB_ITEM_COLUMN, "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"
	};

	for (int i = 0; i < lengthof(reserved); i++)
	{
		if (strcmp(attribute, reserved[i]) == 0)
			return psprintf("key:%s", attribute);
	}
	if (strncmp(attribute, "spare:", 6) == 0 || strncmp(attribute, "key:", 4) == 0)
		return physical_name(psprintf("key:%s", attribute), "");
	return physical_name(attribute, "");
}

static char *
index_relname(const char *table_name, const char *index_name)
{
	return physical_name(table_name,
						 psprintf(":%s", index_name ? index_name : "primary"));
}

static char *
qualified(const char *relname)
{
	return quote_qualified_identifier(DDB_DATA_SCHEMA, relname);
}

/*
 * qualified_beside names relname in the schema where relation relid is: ddb_data,
 * unless ALTER TABLE ... SET SCHEMA moved it.
 */
static char *
qualified_beside(Oid relid, const char *relname)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), relname);
}

/*
 * run executes one SQL command as the current user.
 */
static void
run(const char *sql)
{
	int			rc = SPI_execute(sql, false, 0);

	if (rc < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
}

/*
 * run_as_owner executes one SQL command as the owner of the catalog, out of
 * reach of the calling user's search_path.
 */
static uint64
run_as_owner(const char *sql, int nargs, Oid *types, Datum *values,
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
 * text_array_datum makes a text[] of a List of C strings.
 */
static Datum
text_array_datum(List *strings)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * attribute_spec finds the definition of a key attribute.
 */
static DdbAttributeSpec *
attribute_spec(List *attributes, const char *name)
{
	StringInfoData defined;
	ListCell   *lc;

	foreach(lc, attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		if (strcmp(att->name, name) == 0)
			return att;
	}
	initStringInfo(&defined);
	foreach(lc, attributes)
		appendStringInfo(&defined, "%s%s", defined.len > 0 ? ", " : "",
						 ((DdbAttributeSpec *) lfirst(lc))->name);
	ereport(ERROR, ddb_errcode(DDB_VALIDATION),
			errmsg("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
				   name, defined.data));
	return NULL;				/* keep compiler quiet */
}

/*
 * append_index_columns writes the column list of an index.  A secondary index
 * ends with the table's own key, which gives its entries a total order that
 * paging can resume from.
 */
static void
append_index_columns(StringInfo buf, const DdbIndexSpec *index,
					 const DdbIndexSpec *table_key, List *attributes)
{
	List	   *seen = NIL;
	const char *separator = "";
	ListCell   *lc;

	foreach(lc, index->partition)
	{
		DdbAttributeSpec *att = attribute_spec(attributes, lfirst(lc));

		appendStringInfo(buf, "%s%s %s", separator,
						 quote_identifier(column_name(att->name)),
						 physical_column(att->type).partition_ops);
		seen = lappend(seen, att->name);
		separator = ", ";
	}
	foreach(lc, index->sort)
	{
		DdbAttributeSpec *att = attribute_spec(attributes, lfirst(lc));

		appendStringInfo(buf, ", %s", quote_identifier(column_name(att->name)));
		seen = lappend(seen, att->name);
	}
	if (index->kind == DDB_INDEX_PRIMARY)
		return;
	foreach(lc, list_concat_copy(table_key->partition, table_key->sort))
	{
		DdbAttributeSpec *att = attribute_spec(attributes, lfirst(lc));
		ListCell   *s;
		bool		known = false;

		foreach(s, seen)
			known = known || strcmp(lfirst(s), att->name) == 0;
		if (!known)
			appendStringInfo(buf, ", %s %s", quote_identifier(column_name(att->name)),
							 physical_column(att->type).partition_ops);
	}
}

/*
 * create_index creates the physical index and its catalog row; relation is the
 * data table's qualified name.
 */
static void
create_index(const char *table_name, const char *relation,
			 const DdbIndexSpec *index, const DdbIndexSpec *table_key,
			 List *attributes)
{
	static const char *const kinds[] = {"primary", "global", "local"};
	static const char *const projections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
	char	   *index_rel = index_relname(table_name, index->name);
	StringInfoData sql;
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, TEXTARRAYOID};
	Datum		values[8];

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE %sINDEX %s ON %s USING ddb (",
					 index->kind == DDB_INDEX_PRIMARY ? "UNIQUE " : "",
					 quote_identifier(index_rel), relation);
	append_index_columns(&sql, index, table_key, attributes);
	appendStringInfoChar(&sql, ')');
	run(sql.data);

	values[0] = CStringGetTextDatum(table_name);
	values[1] = CStringGetTextDatum(index->name ? index->name : "");
	values[2] = CStringGetTextDatum(index_rel);
	values[3] = CStringGetTextDatum(kinds[index->kind]);
	values[4] = text_array_datum(index->partition);
	values[5] = text_array_datum(index->sort);
	values[6] = CStringGetTextDatum(projections[index->projection]);
	values[7] = text_array_datum(index->included);
	run_as_owner("INSERT INTO ddb.indexes (table_name, index_name, relname, kind, partition_key, sort_key, projection, included)"
				 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
				 8, types, values, NULL);
}

/*
 * insert_table_row enters a new table into ddb.tables.
 */
static void
insert_table_row(const DdbTableSpec *spec, const char *relname)
{
	Oid			types[] = {TEXTOID, REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, JSONBOID};
	Datum		values[6];
	char		nulls[] = "      ";
	List	   *names = NIL,
			   *type_names = NIL,
			   *columns = NIL;
	ListCell   *lc;

	foreach(lc, spec->attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		names = lappend(names, att->name);
		type_names = lappend(type_names, pstrdup(ddb_type_name(att->type)));
		columns = lappend(columns, column_name(att->name));
	}
	values[0] = CStringGetTextDatum(spec->name);
	values[1] = ObjectIdGetDatum(get_relname_relid(relname,
												   get_namespace_oid(DDB_DATA_SCHEMA, false)));
	values[2] = text_array_datum(names);
	values[3] = text_array_datum(type_names);
	values[4] = text_array_datum(columns);
	values[5] = JsonbPGetDatum(spec->settings);
	if (spec->settings == NULL)
		nulls[5] = 'n';
	run_as_owner("INSERT INTO ddb.tables (table_name, relid, attribute_names, attribute_types, column_names, settings)"
				 " VALUES ($1, $2, $3, $4, $5, coalesce($6, '{}'))",
				 6, types, values, nulls);
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

	LockDatabaseObject(ddb_catalog_relation_oid("tables"),
					   (Oid) ddb_hash_bytes(table_name, strlen(table_name)), 0,
					   ExclusiveLock);

	/* A row whose data table is gone is left over from a dropped table. */
	run_as_owner("DELETE FROM ddb.tables t WHERE t.table_name = $1"
				 " AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.relid)",
				 1, types, values, NULL);
	if (run_as_owner("SELECT FROM ddb.tables WHERE table_name = $1",
					 1, types, values, NULL) > 0)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Table already exists: %s", table_name));
}

/*
 * ddb_table_create makes a table with its indexes.
 */
void
ddb_table_create(const DdbTableSpec *spec)
{
	char	   *relname = physical_name(spec->name, "");
	StringInfoData sql;
	ListCell   *lc;

	ddb_spec_check(spec);
	SPI_connect();
	check_not_in_use(spec->name);

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (", qualified(relname));
	foreach(lc, spec->attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);
		bool		not_null = false;
		ListCell   *k;

		foreach(k, list_concat_copy(spec->key.partition, spec->key.sort))
			not_null = not_null || strcmp(lfirst(k), att->name) == 0;
		appendStringInfo(&sql, "%s %s%s, ", quote_identifier(column_name(att->name)),
						 physical_column(att->type).sql_type,
						 not_null ? " NOT NULL" : "");
	}
	appendStringInfo(&sql, "%s pg_catalog.jsonb COMPRESSION lz4 NOT NULL) WITH (fillfactor = %d)",
					 DDB_ITEM_COLUMN, DATA_FILLFACTOR);
	run(sql.data);
	run(psprintf("COMMENT ON TABLE %s IS %s", qualified(relname),
				 quote_literal_cstr(psprintf("DynamoDB table %s", spec->name))));
	insert_table_row(spec, relname);
	create_index(spec->name, qualified(relname), &spec->key, &spec->key, spec->attributes);
	foreach(lc, spec->indexes)
		create_index(spec->name, qualified(relname), lfirst(lc), &spec->key, spec->attributes);
	run(psprintf("CREATE TRIGGER ddb_item BEFORE INSERT OR UPDATE ON %s"
				 " FOR EACH ROW EXECUTE FUNCTION ddb.item_trigger()",
				 qualified(relname)));
	SPI_finish();
}

/*
 * check_owner raises the usual permission error unless the user owns relid.
 */
static void
check_owner(Oid relid)
{
	if (!ddb_owns_relation(relid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
}

/*
 * open_owned opens a table with AccessExclusiveLock for its owner.  Ownership is
 * looked at before the lock, too, or else anyone could hold up a table by
 * waiting for it.
 */
static DdbTableDesc *
open_owned(const char *table_name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};
	Oid			relid = InvalidOid;
	DdbTableDesc *desc;
	bool		isnull;

	SPI_connect();
	if (run_as_owner("SELECT c.oid FROM ddb.tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
					 " WHERE t.table_name = $1", 1, types, values, NULL) > 0)
		relid = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
											   1, &isnull));
	SPI_finish();
	if (OidIsValid(relid))
		check_owner(relid);
	desc = ddb_desc_open(table_name, AccessExclusiveLock);
	check_owner(desc->relid);
	return desc;
}

/*
 * ddb_table_drop drops a table and its catalog rows, and gives its last
 * description.  That is read behind the lock: two sessions that dropped one table
 * would deadlock if they read first and asked for more later.
 */
Jsonb *
ddb_table_drop(const char *table_name)
{
	DdbTableDesc *desc = open_owned(table_name);
	Jsonb	   *description = ddb_table_describe(table_name, "DELETING");
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};
	char	   *relation = qualified_beside(desc->relid, get_rel_name(desc->relid));

	ddb_desc_close(desc);
	SPI_connect();
	run(psprintf("DROP TABLE %s", relation));
	run_as_owner("DELETE FROM ddb.tables WHERE table_name = $1", 1, types, values, NULL);
	SPI_finish();
	return description;
}

/*
 * key_spec gives back the definition of an existing key from its descriptor.
 */
static DdbIndexSpec *
key_spec(const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	DdbIndexSpec *spec = palloc0(sizeof(DdbIndexSpec));

	spec->kind = index->kind;
	spec->name = index->name ? pstrdup(index->name) : NULL;
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		char	   *name = pstrdup(ddb_index_attribute(desc, index, i)->name);

		if (i < index->npartition)
			spec->partition = lappend(spec->partition, name);
		else
			spec->sort = lappend(spec->sort, name);
	}
	spec->projection = index->projection;
	spec->has_projection = true;
	for (int i = 0; i < index->nincluded; i++)
		spec->included = lappend(spec->included, pstrdup(index->included[i]));
	return spec;
}

/*
 * spec_of gives back the whole definition of an existing table.
 */
static DdbTableSpec *
spec_of(const DdbTableDesc *desc)
{
	DdbTableSpec *spec = palloc0(sizeof(DdbTableSpec));

	spec->name = pstrdup(desc->name);
	for (int i = 0; i < desc->nattributes; i++)
	{
		DdbAttributeSpec *att = palloc(sizeof(DdbAttributeSpec));

		att->name = pstrdup(desc->attributes[i].name);
		att->type = desc->attributes[i].type;
		spec->attributes = lappend(spec->attributes, att);
	}
	spec->key = *key_spec(desc, &desc->primary);
	for (int i = 0; i < desc->nindexes; i++)
		spec->indexes = lappend(spec->indexes, key_spec(desc, &desc->indexes[i]));
	return spec;
}

/*
 * save_attributes writes a table's key attributes to ddb.tables.
 */
static void
save_attributes(const char *table_name, List *attributes)
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
		columns = lappend(columns, column_name(att->name));
	}
	values[0] = CStringGetTextDatum(table_name);
	values[1] = text_array_datum(names);
	values[2] = text_array_datum(type_names);
	values[3] = text_array_datum(columns);
	run_as_owner("UPDATE ddb.tables SET attribute_names = $2, attribute_types = $3, column_names = $4"
				 " WHERE table_name = $1", 4, types, values, NULL);
}

/*
 * spare_column finds a column that an earlier index left behind: one with the
 * attribute's own name (its index was dropped behind ddb's back), or any spare
 * one; NULL if there is none.
 */
static char *
spare_column(Relation heap, Oid typid, const char *attribute)
{
	TupleDesc	tupdesc = RelationGetDescr(heap);
	char	   *column = column_name(attribute);

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), column) == 0)
		{
			if (att->atttypid == typid)
				return column;
			ereport(ERROR,
					errcode(ERRCODE_DUPLICATE_COLUMN),
					errmsg("column \"%s\" of table \"%s\" has another type than key attribute \"%s\"",
						   column, RelationGetRelationName(heap), attribute),
					errhint("Rename or drop the column."));
		}
	}
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped && att->atttypid == typid &&
			strncmp(NameStr(att->attname), "spare:", 6) == 0)
			return pstrdup(NameStr(att->attname));
	}
	return NULL;
}

/*
 * add_column gives a new key attribute its column and fills it from the items,
 * by rewriting the table: an UPDATE would leave HOT chains that the new index
 * can't follow for older transactions, and a dead copy of every row.  Items
 * whose attribute can't be a key stay out of the index, as when DynamoDB fills a
 * new one ("Managing Global Secondary Indexes").
 */
static void
add_column(const char *relation, char *spare, const DdbAttributeSpec *att, int max_size)
{
	const char *column = quote_identifier(column_name(att->name));
	PhysicalColumn physical = physical_column(att->type);

	if (spare != NULL && strcmp(spare, column_name(att->name)) == 0)
		;						/* in place already */
	else if (spare != NULL)
		run(psprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", relation,
					 quote_identifier(spare), column));
	else
		run(psprintf("ALTER TABLE %s ADD COLUMN %s %s", relation, column,
					 physical.sql_type));
	run(psprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING ddb.key_%s(%s, %s, %d)",
				 relation, column, physical.sql_type,
				 physical.typid == TEXTOID ? "text" :
				 physical.typid == NUMERICOID ? "numeric" : "bytea",
				 DDB_ITEM_COLUMN, quote_literal_cstr(att->name), max_size));
}

/*
 * ddb_index_create adds a secondary index to a table and fills it.  attributes
 * are the definitions that came with the request.
 */
void
ddb_index_create(const char *table_name, const DdbIndexSpec *index, List *attributes)
{
	DdbTableDesc *desc = open_owned(table_name);
	DdbTableSpec *spec = spec_of(desc);
	Relation	heap = table_open(desc->relid, NoLock);
	char	   *relation = qualified_beside(desc->relid, RelationGetRelationName(heap));
	List	   *new_attributes = NIL,
			   *sort_attributes = NIL,
			   *spares = NIL;
	ListCell   *lc,
			   *ls;

	if (ddb_desc_index(desc, index->name) != NULL)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Attempting to create an index which already exists"));
	foreach(lc, list_concat_copy(index->partition, index->sort))
	{
		DdbAttributeSpec *att = attribute_spec(list_concat_copy(attributes, spec->attributes),
											   lfirst(lc));
		int			known = ddb_desc_attribute(desc, att->name, strlen(att->name));

		if (known >= 0)
		{
			if (desc->attributes[known].type != att->type)
				ereport(ERROR, ddb_errcode(DDB_VALIDATION),
						errmsg("One or more parameter values were invalid: Attribute %s is already defined with type %s",
							   att->name, ddb_type_name(desc->attributes[known].type)));
			continue;
		}
		new_attributes = lappend(new_attributes, att);
		if (foreach_current_index(lc) >= list_length(index->partition))
			sort_attributes = lappend(sort_attributes, att);
		spares = lappend(spares, spare_column(heap, physical_column(att->type).typid,
												   att->name));
	}
	table_close(heap, NoLock);
	ddb_desc_close(desc);

	spec->attributes = list_concat(spec->attributes, new_attributes);
	spec->indexes = lappend(spec->indexes, unconstify(DdbIndexSpec *, index));
	ddb_spec_check(spec);

	SPI_connect();
	forboth(lc, new_attributes, ls, spares)
		add_column(relation, lfirst(ls), lfirst(lc),
				   list_member_ptr(sort_attributes, lfirst(lc)) ?
				   DDB_MAX_SORT_KEY_SIZE : DDB_MAX_PARTITION_KEY_SIZE);
	if (new_attributes != NIL)
		save_attributes(table_name, spec->attributes);
	create_index(table_name, relation, index, &spec->key, spec->attributes);
	SPI_finish();
}

/*
 * ddb_index_drop drops a global secondary index, and frees the columns that
 * were keys of it alone.
 */
void
ddb_index_drop(const char *table_name, const char *index_name)
{
	DdbTableDesc *desc = open_owned(table_name);
	const DdbIndexDesc *index = ddb_desc_index(desc, index_name);
	char	   *relation = qualified_beside(desc->relid, get_rel_name(desc->relid));
	Oid			relid = desc->relid;
	List	   *kept = NIL,
			   *freed = NIL;
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(index_name)};
	char	   *index_rel;
	ListCell   *lc;

	if (index == NULL || index->kind != DDB_INDEX_GLOBAL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found"));
	index_rel = pstrdup(index->relname);
	for (int i = 0; i < desc->nattributes; i++)
	{
		DdbAttributeSpec *att = palloc(sizeof(DdbAttributeSpec));
		bool		used = ddb_desc_is_key(&desc->primary, i);

		for (int j = 0; j < desc->nindexes; j++)
			used = used || (&desc->indexes[j] != index && ddb_desc_is_key(&desc->indexes[j], i));
		att->name = pstrdup(desc->attributes[i].name);
		att->type = desc->attributes[i].type;
		if (used)
			kept = lappend(kept, att);
		else
			freed = lappend(freed, psprintf("ALTER TABLE %s RENAME COLUMN %s TO \"spare:%d\"",
											relation,
											quote_identifier(desc->attributes[i].column),
											desc->attributes[i].attnum));
	}
	ddb_desc_close(desc);

	SPI_connect();
	run(psprintf("DROP INDEX %s", qualified_beside(relid, index_rel)));
	run_as_owner("DELETE FROM ddb.indexes WHERE table_name = $1 AND index_name = $2",
				 2, types, values, NULL);
	foreach(lc, freed)
		run(lfirst(lc));
	if (freed != NIL)
		save_attributes(table_name, kept);
	CacheInvalidateRelcacheByRelid(relid);
	SPI_finish();
}
