/*
 * index_ddl.c
 *	  Global secondary indexes come and go.
 *
 * Two ways to add one.  ddb_index_create() does all in one transaction, rewriting
 * the table to fill a new key column.  ddb_index_begin() only registers the
 * index, with status CREATING: once its transaction has committed every writer
 * fills the new column, because changing the definition took AccessExclusiveLock
 * and so nobody with an older descriptor is left.  A worker then fills the
 * column in the rows that were there (ddb.indexes.fill holds its position),
 * builds the index with CREATE INDEX CONCURRENTLY and calls
 * ddb_index_activate().
 *
 * What an index holds depends on that index alone.  An attribute that is a partition
 * key of one index and a sort key of another, added later, gets a column for either
 * use, for their limits differ.
 *
 * A column whose last index is dropped is renamed to "spare:<attnum>" and used
 * again by the next index of its type: attribute numbers are finite (1,600
 * in the life of a table).  What it held is stale; filling compares every row.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "error.h"
#include "table/arn.h"
#include "table/desc.h"
#include "table/index_ddl.h"
#include "table/indexes_catalog.h"
#include "table/physical.h"
#include "table/spec.h"
#include "table/spi_run.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"

/* A table of so many blocks is read while it is locked for a new index. */
#define MAX_CHECKED_BLOCKS 1280

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

static DdbAttributeSpec
attribute_spec(const DdbKeyAttribute *att)
{
	return (DdbAttributeSpec)
	{
		.name = pstrdup(att->name),.type = att->type,
			.column = pstrdup(att->column),.sort_only = att->sort_only
	};
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

		*att = attribute_spec(&desc->attributes[i]);
		spec->attributes = lappend(spec->attributes, att);
	}
	spec->key = *key_spec(desc, &desc->primary);
	for (int i = 0; i < desc->nindexes; i++)
		spec->indexes = lappend(spec->indexes, key_spec(desc, &desc->indexes[i]));
	return spec;
}

/*
 * spare_column finds a column that an earlier index left behind: one with the
 * attribute's own name (its index was dropped behind ddb's back), or any spare
 * one that is not taken; NULL if there is none.
 */
static char *
spare_column(Relation heap, Oid typid, const DdbAttributeSpec *key, List *taken)
{
	TupleDesc	tupdesc = RelationGetDescr(heap);
	char	   *column = key->column;

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
						   column, RelationGetRelationName(heap), key->name),
					errhint("Rename or drop the column."));
		}
	}
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		ListCell   *lc;
		bool		free = !att->attisdropped && att->atttypid == typid &&
		strncmp(NameStr(att->attname), "spare:", 6) == 0;

		foreach(lc, taken)
			free = free && (lfirst(lc) == NULL || strcmp(lfirst(lc), NameStr(att->attname)) != 0);
		if (free)
			return pstrdup(NameStr(att->attname));
	}
	return NULL;
}

/* What adding an index to a table needs to know. */
typedef struct Addition
{
	char	   *table_name;
	Oid			relid;
	char	   *relation;		/* data table, qualified */
	BlockNumber nblocks;		/* its size */
	bool		online;			/* a worker fills and builds the index */
	Oid			filenode;
	DdbTableSpec *spec;			/* with the new index */
	List	   *attributes;		/* of DdbAttributeSpec *: those that need a column */
	List	   *spares;			/* of char *, in step: column to reuse, or NULL */
	List	   *sort;			/* those of attributes that are sort keys */
	List	   *renamed;		/* of DdbAttributeSpec *: those whose column becomes sort_only */
} Addition;

/*
 * is_sort_key tells whether attribute i, in its column, is a sort key of the table or
 * of an index.
 */
static bool
is_sort_key(const DdbTableDesc *desc, int i, bool of_table)
{
	for (int j = of_table ? -1 : 0; j < (of_table ? 0 : desc->nindexes); j++)
	{
		const DdbIndexDesc *index = j < 0 ? &desc->primary : &desc->indexes[j];

		for (int k = index->npartition; k < ddb_index_nkeys(index); k++)
		{
			if (index->keys[k] == i)
				return true;
		}
	}
	return false;
}

static bool
is_partition_key(const DdbTableDesc *desc, int i)
{
	for (int j = -1; j < desc->nindexes; j++)
	{
		const DdbIndexDesc *index = j < 0 ? &desc->primary : &desc->indexes[j];

		for (int k = 0; k < index->npartition; k++)
		{
			if (index->keys[k] == i)
				return true;
		}
	}
	return false;
}

/*
 * all_short tells whether every value of a column could be a sort key.  It looks at
 * dead rows too, for an index may get entries of them.
 */
static bool
all_short(Relation heap, AttrNumber attnum)
{
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	TableScanDesc scan = table_beginscan(heap, SnapshotAny, 0, NULL);
	bool		result = true;

	while (result && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		Datum		value = slot_getattr(slot, attnum, &isnull);

		CHECK_FOR_INTERRUPTS();
		result = isnull || toast_raw_datum_size(value) - VARHDRSZ <= DDB_MAX_SORT_KEY_SIZE;
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return result;
}

/*
 * serves tells whether the column of attribute i holds what a new index needs of it.
 * A column of sort keys lacks longer values; one of partition keys may have values too
 * long for a sort key.  Where it has none it can be shared, for from now on all
 * writes obey both limits.  An index that clients wait for does not keep them waiting
 * until that is known of a large table.
 */
static bool
serves(const Addition *add, const DdbTableDesc *desc, Relation heap, int i, bool sort)
{
	if (desc->attributes[i].type == DDB_N || is_sort_key(desc, i, true))
		return true;
	if (!sort)
		return is_partition_key(desc, i);
	return is_sort_key(desc, i, false) ||
		((!add->online || add->nblocks <= MAX_CHECKED_BLOCKS) &&
		 all_short(heap, desc->attributes[i].attnum));
}

/*
 * new_column plans a column of its own for a key attribute of the new index.  Where
 * the attribute has a column named after it that has other values, the column of
 * the sort keys is the one that is named otherwise.
 */
static void
new_column(Addition *add, DdbTableDesc *desc, Relation heap, const DdbAttributeSpec *definition,
		   bool sort)
{
	int			other = ddb_desc_attribute(desc, definition->name, strlen(definition->name));
	DdbAttributeSpec *att = palloc(sizeof(DdbAttributeSpec));
	bool		renames = other >= 0 && !sort && !desc->attributes[other].sort_only;

	*att = *definition;
	att->sort_only = other >= 0 && sort;
	att->column = att->sort_only ? ddb_physical_sort_column_name(att->name) :
		ddb_physical_column_name(att->name);
	if (renames)
	{
		DdbAttributeSpec *sorted = list_nth(add->spec->attributes, other);

		sorted->sort_only = true;
		add->renamed = lappend(add->renamed, sorted);
	}
	add->spares = lappend(add->spares, renames ? NULL :
						  spare_column(heap, ddb_physical_column(att->type).typid, att,
									   add->spares));
	add->attributes = lappend(add->attributes, att);
}

/*
 * resolve_attributes finds the definitions of the index's key attributes, among
 * those of the request and those of the table, and the columns for them.
 */
static void
resolve_attributes(Addition *add, DdbTableDesc *desc, Relation heap,
				   const DdbIndexSpec *index, List *attributes)
{
	List	   *definitions = list_concat_copy(attributes, add->spec->attributes);
	ListCell   *lc;

	foreach(lc, list_concat_copy(index->partition, index->sort))
	{
		DdbAttributeSpec *att = ddb_spec_attribute(definitions, lfirst(lc), false);
		bool		sort = foreach_current_index(lc) >= list_length(index->partition);
		bool		served = false;

		for (int i = 0; i < desc->nattributes; i++)
		{
			if (strcmp(desc->attributes[i].name, att->name) != 0)
				continue;
			if (desc->attributes[i].type != att->type)
				ereport(ERROR, ddb_errcode(DDB_VALIDATION),
						errmsg("One or more parameter values were invalid: Attribute %s is already defined with type %s",
							   att->name, ddb_type_name(desc->attributes[i].type)));
			served = served || serves(add, desc, heap, i, sort);
		}
		if (served)
			continue;
		new_column(add, desc, heap, att, sort);
		if (sort)
			add->sort = lappend(add->sort, llast(add->attributes));
	}
}

/*
 * prepare_addition locks the table and checks that the index can be added.
 */
static Addition *
prepare_addition(const char *table_name, const DdbIndexSpec *index, List *attributes,
				 bool online)
{
	Addition   *add = palloc0(sizeof(Addition));
	DdbTableDesc *desc;
	Relation	heap;

	ddb_table_lock_definition_as_owner(table_name);
	ddb_index_check_idle(table_name, NULL);
	desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	if (ddb_desc_any_index(desc, index->name) != NULL)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Attempting to create an index which already exists"));
	heap = table_open(desc->relid, NoLock);
	add->table_name = pstrdup(desc->name);
	add->relid = desc->relid;
	add->relation = ddb_physical_qualified_beside(desc->relid, RelationGetRelationName(heap));
	add->nblocks = RelationGetNumberOfBlocks(heap);
	add->filenode = heap->rd_rel->relfilenode;
	add->online = online;
	add->spec = spec_of(desc);
	add->spec->adding = true;
	add->spec->indexes = lappend(add->spec->indexes, unconstify(DdbIndexSpec *, index));
	add->spec->given = attributes;
	ddb_spec_check(add->spec);
	resolve_attributes(add, desc, heap, index, attributes);
	add->spec->attributes = list_concat(add->spec->attributes, add->attributes);
	table_close(heap, NoLock);
	ddb_desc_close(desc);
	return add;
}

/*
 * place_column gives a new key attribute its column, without filling it.
 */
static void
place_column(const char *relation, const char *spare, const DdbAttributeSpec *att)
{
	if (spare == NULL)
		ddb_spi_run(psprintf("ALTER TABLE %s ADD COLUMN %s %s", relation,
							 quote_identifier(att->column), ddb_physical_column(att->type).sql_type));
	else if (strcmp(spare, att->column) != 0)
		ddb_spi_run(psprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", relation,
							 quote_identifier(spare), quote_identifier(att->column)));
}

/*
 * rewrite_column fills a column from the items by rewriting the table: an
 * UPDATE would leave HOT chains that an index built in the same transaction
 * can't follow for older ones, and a dead copy of every row.  Items whose
 * attribute can't be a key stay out of the index, as when DynamoDB fills a
 * new one ("Managing Global Secondary Indexes").
 */
static void
rewrite_column(const char *relation, const DdbAttributeSpec *att, int max_size)
{
	DdbPhysicalColumn physical = ddb_physical_column(att->type);

	ddb_spi_run(psprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING ddb.key_%s(%s, %s, %d)",
						 relation, quote_identifier(att->column),
						 physical.sql_type,
						 physical.typid == TEXTOID ? "text" :
						 physical.typid == NUMERICOID ? "numeric" : "bytea",
						 DDB_ITEM_COLUMN, quote_literal_cstr(att->name), max_size));
}

static void
place_columns(const Addition *add)
{
	ListCell   *lc,
			   *ls;

	foreach(lc, add->renamed)
	{
		DdbAttributeSpec *att = lfirst(lc);
		char	   *column = ddb_physical_sort_column_name(att->name);

		ddb_spi_run(psprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", add->relation,
							 quote_identifier(att->column), quote_identifier(column)));
		att->column = column;
	}
	forboth(lc, add->attributes, ls, add->spares)
		place_column(add->relation, lfirst(ls), lfirst(lc));
	if (add->attributes != NIL)
		ddb_tables_set_attributes(add->table_name, add->spec->attributes);
}

void
ddb_index_create(const char *table_name, const DdbIndexSpec *index, List *attributes)
{
	Addition   *add = prepare_addition(table_name, index, attributes, false);
	ListCell   *lc;

	SPI_connect();
	place_columns(add);
	if (add->nblocks > 0)
	{
		foreach(lc, add->attributes)
			rewrite_column(add->relation, lfirst(lc),
						   list_member_ptr(add->sort, lfirst(lc)) ?
						   DDB_MAX_SORT_KEY_SIZE : DDB_MAX_PARTITION_KEY_SIZE);
	}
	ddb_spi_run(ddb_index_create_sql(add->table_name, add->relation, index, add->spec, false));
	ddb_indexes_insert(add->table_name, index, DDB_INDEX_ACTIVE, NULL);
	CacheInvalidateRelcacheByRelid(add->relid);
	SPI_finish();
}

void
ddb_index_begin(const char *table_name, const DdbIndexSpec *index, List *attributes)
{
	Addition   *add = prepare_addition(table_name, index, attributes, true);
	DdbFill		fill = {.end = add->nblocks,.filenode = add->filenode};

	SPI_connect();
	place_columns(add);
	ddb_indexes_insert(add->table_name, index, DDB_INDEX_CREATING,
					   add->attributes != NIL && add->nblocks > 0 ? &fill : NULL);
	CacheInvalidateRelcacheByRelid(add->relid);
	SPI_finish();
}

void
ddb_index_save_fill(const DdbTableDesc *desc, const char *index_name, const DdbFill *fill)
{
	SPI_connect();
	ddb_indexes_set_fill(desc->name, index_name, fill);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
}

static void
set_status(const DdbTableDesc *desc, const char *index_name, DdbIndexStatus status)
{
	SPI_connect();
	ddb_indexes_set_status(desc->name, index_name, status);
	SPI_finish();
	CacheInvalidateRelcacheByRelid(desc->relid);
}

void
ddb_index_activate(const DdbTableDesc *desc, const char *index_name)
{
	set_status(desc, index_name, DDB_INDEX_ACTIVE);
}

void
ddb_index_mark_deleting(const char *table_name, const char *index_name)
{
	DdbTableDesc *desc;

	ddb_table_lock_definition_as_owner(table_name);
	desc = ddb_desc_open_any(table_name, AccessShareLock);
	set_status(desc, index_name, DDB_INDEX_DELETING);
	ddb_desc_close(desc);
}

char *
ddb_index_build_sql(const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	DdbTableSpec *spec = spec_of(desc);

	return ddb_index_create_sql(desc->name,
								ddb_physical_qualified_beside(desc->relid, get_rel_name(desc->relid)),
								key_spec(desc, index), spec, true);
}

char *
ddb_index_drop_sql(const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	return psprintf("DROP INDEX CONCURRENTLY IF EXISTS %s",
					ddb_physical_qualified_beside(desc->relid, index->relname));
}

/*
 * ddb_index_check_idle refuses a change of a table while an index is being
 * created or deleted by the worker, but for index but.  It asks the catalog
 * without locking the table: the build waits for whoever waits for it.
 */
void
ddb_index_check_idle(const char *table_name, const char *but)
{
	bool		busy;

	SPI_connect();
	busy = ddb_indexes_busy(ddb_table_name_of(table_name), but);
	SPI_finish();
	if (busy)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Attempt to change a resource which is still in use: Table is being updated: %s",
					   ddb_table_name_of(table_name)));
}

/*
 * split_attributes sorts a table's attributes into those that other indexes need
 * and commands that free the columns of the rest.
 */
static void
split_attributes(const DdbTableDesc *desc, const DdbIndexDesc *index, const char *relation,
				 List **kept, List **freed)
{
	for (int i = 0; i < desc->nattributes; i++)
	{
		DdbAttributeSpec *att = palloc(sizeof(DdbAttributeSpec));
		bool		used = ddb_desc_is_key(&desc->primary, i);

		for (int j = 0; j < desc->nindexes; j++)
			used = used || (&desc->indexes[j] != index && ddb_desc_is_key(&desc->indexes[j], i));
		*att = attribute_spec(&desc->attributes[i]);
		if (used)
			*kept = lappend(*kept, att);
		else
			*freed = lappend(*freed, psprintf("ALTER TABLE %s RENAME COLUMN %s TO \"spare:%d\"",
											  relation,
											  quote_identifier(desc->attributes[i].column),
											  desc->attributes[i].attnum));
	}
}

void
ddb_index_drop(const char *table_name, const char *index_name)
{
	DdbTableDesc *desc;
	const DdbIndexDesc *index;
	List	   *kept = NIL,
			   *freed = NIL;
	char	   *relation;
	char	   *index_rel;
	ListCell   *lc;

	ddb_table_lock_definition_as_owner(table_name);
	desc = ddb_desc_open_any(table_name, AccessExclusiveLock);
	index = ddb_desc_any_index(desc, index_name);
	if (index == NULL || index->kind != DDB_INDEX_GLOBAL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found"));
	relation = ddb_physical_qualified_beside(desc->relid, get_rel_name(desc->relid));
	index_rel = ddb_physical_qualified_beside(desc->relid, index->relname);
	split_attributes(desc, index, relation, &kept, &freed);
	CacheInvalidateRelcacheByRelid(desc->relid);
	table_name = pstrdup(desc->name);
	ddb_desc_close(desc);

	SPI_connect();
	ddb_spi_run(psprintf("DROP INDEX IF EXISTS %s", index_rel));
	ddb_indexes_delete(table_name, index_name);
	foreach(lc, freed)
		ddb_spi_run(lfirst(lc));
	if (freed != NIL)
		ddb_tables_set_attributes(table_name, kept);
	SPI_finish();
}
