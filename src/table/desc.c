/*
 * desc.c
 *	  Table descriptors and their per-backend cache.
 *
 * A descriptor holds everything an operation must know about its table.  It is
 * built from ddb.tables and ddb.indexes with a fresh catalog snapshot, never
 * with the transaction's: a descriptor that missed a new index would leave
 * rows out of it.
 *
 * Validity: each change to a table's definition sends a relcache invalidation
 * for its data table.  ddb_desc_open() takes the heap lock first, which
 * processes pending invalidations, and looks at the descriptor afterwards; a
 * descriptor is entered as valid before its sources are read, so that an
 * invalidation arriving meanwhile is not lost.  Index definitions can't change
 * while anyone holds even AccessShareLock, because changing them takes
 * ShareRowExclusiveLock or AccessExclusiveLock on the data table.
 *
 * A descriptor in use (refcount > 0) outlives its invalidation.  References
 * left behind by an error are dropped at transaction end.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "error.h"
#include "table/arn.h"
#include "table/desc.h"
#include "table/physical.h"
#include "version.h"

/* Columns of ddb.tables and ddb.indexes; keep in step with ddb--1.1.sql. */
enum
{
	TABLES_NAME = 1,
	TABLES_RELID,
	TABLES_ID,
	TABLES_CREATED_AT,
	TABLES_ATTRIBUTE_NAMES,
	TABLES_ATTRIBUTE_TYPES,
	TABLES_COLUMN_NAMES,
	TABLES_SETTINGS,
	TABLES_STATUS,
	TABLES_STATUS_UNTIL,
	TABLES_TTL_ATTRIBUTE,
	TABLES_NCOLUMNS = TABLES_TTL_ATTRIBUTE
};

enum
{
	INDEXES_TABLE = 1,
	INDEXES_NAME,
	INDEXES_RELNAME,
	INDEXES_KIND,
	INDEXES_PARTITION_KEY,
	INDEXES_SORT_KEY,
	INDEXES_PROJECTION,
	INDEXES_INCLUDED,
	INDEXES_SETTINGS,
	INDEXES_STATUS,
	INDEXES_FILL,
	INDEXES_NCOLUMNS = INDEXES_FILL
};

typedef struct CacheEntry
{
	char		name[256];		/* hash key: the DynamoDB table name */
	DdbTableDesc *desc;
} CacheEntry;

static HTAB *cache;
static MemoryContext cache_context;
static int	open_references;	/* sum of all refcounts */
static DdbTableDesc *orphans;	/* replaced while in use; freed at transaction end */

/*
 * relcache_callback marks the descriptors of relid invalid (all of them when
 * relid is InvalidOid).
 */
static void
relcache_callback(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;

	if (cache == NULL)
		return;
	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (entry->desc != NULL &&
			(relid == InvalidOid || entry->desc->relid == relid))
			entry->desc->valid = false;
	}
}

/*
 * xact_callback forgets the references that errors left behind and frees the
 * descriptors that were replaced while in use.
 */
static void
xact_callback(XactEvent event, void *arg)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;

	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE ||
		event == XACT_EVENT_PARALLEL_PRE_COMMIT)
		return;
	if (open_references > 0)
	{
		hash_seq_init(&status, cache);
		while ((entry = hash_seq_search(&status)) != NULL)
		{
			if (entry->desc != NULL)
				entry->desc->refcount = 0;
		}
		open_references = 0;
	}
	while (orphans != NULL)
	{
		DdbTableDesc *next = orphans->next_orphan;

		MemoryContextDelete(orphans->context);
		orphans = next;
	}
}

/*
 * ddb_catalog_init registers the callbacks; once per backend.
 */
void
ddb_catalog_init(void)
{
	CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
	RegisterXactCallback(xact_callback, NULL);
}

static void
cache_create(void)
{
	HASHCTL		ctl = {0};

	cache_context = AllocSetContextCreate(CacheMemoryContext, "ddb tables",
										  ALLOCSET_DEFAULT_SIZES);
	ctl.keysize = sizeof(((CacheEntry *) NULL)->name);
	ctl.entrysize = sizeof(CacheEntry);
	ctl.hcxt = cache_context;
	cache = hash_create("ddb table descriptors", 64, &ctl,
						HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/*
 * ddb_catalog_relation_oid is the oid of the catalog relation ddb.<name>.
 */
Oid
ddb_catalog_relation_oid(const char *name)
{
	Oid			nspid = ddb_version_check() ? get_namespace_oid(DDB_SCHEMA, true) : InvalidOid;
	Oid			relid = OidIsValid(nspid) ? get_relname_relid(name, nspid) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("the catalog of extension \"ddb\" is missing: no relation %s.%s",
					   DDB_SCHEMA, name),
				errhint("Run CREATE EXTENSION ddb in this database."));
	return relid;
}

/*
 * text_array reads a text[] into palloc'd C strings; NULL is an empty list.
 */
static char **
text_array(Datum datum, bool isnull, int *n)
{
	Datum	   *elems;
	bool	   *nulls;
	char	  **result;

	*n = 0;
	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(datum), TEXTOID, -1, false, TYPALIGN_INT,
					  &elems, &nulls, n);
	result = palloc(sizeof(char *) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
		result[i] = TextDatumGetCString(elems[i]);
	return result;
}

/*
 * scan_table_row finds the row of ddb.tables for table_name, as a copy with
 * its tuple descriptor's values deformed; false when there is none.
 */
static bool
scan_table_row(const char *table_name, Datum *values, bool *nulls)
{
	Relation	rel = table_open(ddb_catalog_relation_oid("tables"), AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, TABLES_NAME, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(table_name));
	scan = systable_beginscan(rel, ddb_catalog_relation_oid("tables_pkey"),
							  true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Assert(RelationGetDescr(rel)->natts == TABLES_NCOLUMNS);
		heap_deform_tuple(heap_copytuple(tuple), RelationGetDescr(rel), values, nulls);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return HeapTupleIsValid(tuple);
}

/*
 * fill_attributes sets the key attributes from a row of ddb.tables.
 */
static void
fill_attributes(DdbTableDesc *desc, Relation heap, Datum *values, bool *nulls)
{
	int			nnames,
				ntypes,
				ncolumns;
	char	  **names = text_array(values[TABLES_ATTRIBUTE_NAMES - 1],
								   nulls[TABLES_ATTRIBUTE_NAMES - 1], &nnames);
	char	  **types = text_array(values[TABLES_ATTRIBUTE_TYPES - 1],
								   nulls[TABLES_ATTRIBUTE_TYPES - 1], &ntypes);
	char	  **columns = text_array(values[TABLES_COLUMN_NAMES - 1],
									 nulls[TABLES_COLUMN_NAMES - 1], &ncolumns);

	if (nnames != ntypes || nnames != ncolumns)
		elog(ERROR, "ddb.tables: row of \"%s\" is damaged", desc->name);
	desc->nattributes = nnames;
	desc->attributes = palloc0(sizeof(DdbKeyAttribute) * Max(nnames, 1));
	for (int i = 0; i < nnames; i++)
	{
		DdbKeyAttribute *att = &desc->attributes[i];

		att->name = names[i];
		att->name_len = strlen(names[i]);
		if (!ddb_type_parse(types[i], strlen(types[i]), &att->type))
			elog(ERROR, "ddb.tables: row of \"%s\" is damaged", desc->name);
		att->column = columns[i];
		att->attnum = get_attnum(RelationGetRelid(heap), columns[i]);
		if (att->attnum != InvalidAttrNumber)
			att->typid = TupleDescAttr(RelationGetDescr(heap), att->attnum - 1)->atttypid;
		att->sort_only = strcmp(att->column, ddb_physical_sort_column_name(att->name)) == 0;
	}
	desc->natts = RelationGetDescr(heap)->natts;
	desc->item_attnum = get_attnum(RelationGetRelid(heap), DDB_ITEM_COLUMN);
	if (desc->item_attnum == InvalidAttrNumber)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("column \"%s\" of table \"%s\" is missing",
					   DDB_ITEM_COLUMN, RelationGetRelationName(heap)));
}

/*
 * find_column finds a key attribute by name, in the column for its use if it has two;
 * -1 when it is none.
 */
static int
find_column(const DdbTableDesc *desc, const char *name, bool sort)
{
	int			found = -1;

	for (int i = 0; i < desc->nattributes; i++)
	{
		if (strcmp(desc->attributes[i].name, name) == 0 &&
			(found < 0 || (desc->attributes[found].sort_only != sort &&
						   desc->attributes[i].sort_only == sort)))
			found = i;
	}
	return found;
}

/*
 * fill_index_keys resolves key attribute names to the table's attributes.
 */
static void
fill_index_keys(DdbTableDesc *desc, DdbIndexDesc *index, char **names, int n, bool sort)
{
	for (int i = 0; i < n; i++)
	{
		int			att = find_column(desc, names[i], sort && index->kind != DDB_INDEX_PRIMARY);
		int			nkeys = ddb_index_nkeys(index);

		if (att < 0 || nkeys + n - i > DDB_MAX_KEY_ATTRIBUTES)
			elog(ERROR, "ddb.indexes: an index of \"%s\" is damaged", desc->name);
		index->keys[nkeys + i] = att;
	}
}

/*
 * fill_index sets an index's descriptor from a row of ddb.indexes.
 */
static void
fill_index(DdbTableDesc *desc, DdbIndexDesc *index, Oid nspid,
		   Datum *values, bool *nulls)
{
	int			npartition,
				nsort;
	char	  **partition = text_array(values[INDEXES_PARTITION_KEY - 1], false,
									   &npartition);
	char	  **sort = text_array(values[INDEXES_SORT_KEY - 1],
								  nulls[INDEXES_SORT_KEY - 1], &nsort);
	char	   *kind = TextDatumGetCString(values[INDEXES_KIND - 1]);
	char	   *projection = TextDatumGetCString(values[INDEXES_PROJECTION - 1]);
	char	   *status = TextDatumGetCString(values[INDEXES_STATUS - 1]);

	index->kind = strcmp(kind, "primary") == 0 ? DDB_INDEX_PRIMARY :
		strcmp(kind, "global") == 0 ? DDB_INDEX_GLOBAL : DDB_INDEX_LOCAL;
	index->name = index->kind == DDB_INDEX_PRIMARY ? NULL :
		TextDatumGetCString(values[INDEXES_NAME - 1]);
	index->relname = TextDatumGetCString(values[INDEXES_RELNAME - 1]);
	index->indexid = get_relname_relid(index->relname, nspid);
	fill_index_keys(desc, index, partition, npartition, false);
	index->npartition = npartition;
	fill_index_keys(desc, index, sort, nsort, true);
	index->nsort = nsort;
	index->projection = strcmp(projection, "ALL") == 0 ? DDB_PROJECT_ALL :
		strcmp(projection, "KEYS_ONLY") == 0 ? DDB_PROJECT_KEYS_ONLY : DDB_PROJECT_INCLUDE;
	index->included = text_array(values[INDEXES_INCLUDED - 1],
								 nulls[INDEXES_INCLUDED - 1], &index->nincluded);
	index->status = strcmp(status, "ACTIVE") == 0 ? DDB_INDEX_ACTIVE :
		strcmp(status, "CREATING") == 0 ? DDB_INDEX_CREATING : DDB_INDEX_DELETING;
	index->settings = DatumGetJsonbPCopy(values[INDEXES_SETTINGS - 1]);
	if (!nulls[INDEXES_FILL - 1])
		index->fill = DatumGetJsonbPCopy(values[INDEXES_FILL - 1]);
}

/*
 * fill_indexes reads all rows of ddb.indexes for the table.  An index whose
 * relation is gone (dropped behind ddb's back) is left out, but not one that is
 * still to be built; without its primary
 * index a table can't be used at all.
 */
static void
fill_indexes(DdbTableDesc *desc, Relation heap)
{
	Relation	rel = table_open(ddb_catalog_relation_oid("indexes"), AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		have_primary = false;
	char	   *missing = NULL;

	desc->indexes = palloc0(sizeof(DdbIndexDesc) * (DDB_MAX_GSI + DDB_MAX_LSI));
	ScanKeyInit(&key, INDEXES_TABLE, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(desc->name));
	scan = systable_beginscan(rel, ddb_catalog_relation_oid("indexes_pkey"),
							  true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		values[INDEXES_NCOLUMNS];
		bool		nulls[INDEXES_NCOLUMNS];
		DdbIndexDesc index = {0};

		heap_deform_tuple(tuple, RelationGetDescr(rel), values, nulls);
		fill_index(desc, &index, RelationGetNamespace(heap), values, nulls);
		if (!OidIsValid(index.indexid) && index.status == DDB_INDEX_ACTIVE)
		{
			if (index.kind == DDB_INDEX_PRIMARY)
				missing = index.relname;
			continue;
		}
		if (index.kind == DDB_INDEX_PRIMARY)
		{
			desc->primary = index;
			have_primary = true;
		}
		else if (desc->nindexes < DDB_MAX_GSI + DDB_MAX_LSI)
			desc->indexes[desc->nindexes++] = index;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);

	if (!have_primary)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("the primary index of table \"%s\" is missing", desc->name),
				missing ? errhint("Create it again: UNIQUE, USING ddb, with the name \"%s\".",
								  missing) : 0);
}

/*
 * prune_attributes leaves out the attributes that no index has as a key any
 * more, because an index, or its column, was dropped behind ddb's back.
 */
static void
prune_attributes(DdbTableDesc *desc, Relation heap)
{
	int			n = 0;

	for (int i = 0; i < desc->nattributes; i++)
	{
		bool		used = false;

		for (int j = -1; j < desc->nindexes; j++)
		{
			DdbIndexDesc *index = j < 0 ? &desc->primary : &desc->indexes[j];

			for (int k = 0; k < ddb_index_nkeys(index); k++)
			{
				if (index->keys[k] == i)
				{
					index->keys[k] = n;
					used = true;
				}
			}
		}
		if (used && desc->attributes[i].attnum == InvalidAttrNumber)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("column \"%s\" of table \"%s\", which holds key attribute \"%s\", is missing",
						   desc->attributes[i].column, RelationGetRelationName(heap),
						   desc->attributes[i].name));
		if (used)
			desc->attributes[n++] = desc->attributes[i];
	}
	desc->nattributes = n;
}

/*
 * desc_build makes the descriptor of a table whose relation is locked, and
 * enters it in the cache.  Gives NULL when the table's catalog row is gone.
 */
static DdbTableDesc *
desc_build(CacheEntry *entry, const char *table_name, Relation heap)
{
	static uint64 generations = 0;
	MemoryContext context,
				old;
	DdbTableDesc *desc;
	Datum		values[TABLES_NCOLUMNS];
	bool		nulls[TABLES_NCOLUMNS];

	context = AllocSetContextCreate(cache_context, "ddb table",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	desc = palloc0(sizeof(DdbTableDesc));
	desc->context = context;
	desc->generation = ++generations;
	desc->name = pstrdup(table_name);
	desc->relid = RelationGetRelid(heap);
	desc->valid = true;
	entry->desc = desc;

	if (scan_table_row(table_name, values, nulls) &&
		DatumGetObjectId(values[TABLES_RELID - 1]) == desc->relid)
	{
		fill_attributes(desc, heap, values, nulls);
		fill_indexes(desc, heap);
		prune_attributes(desc, heap);
		desc->table_id = DatumGetCString(DirectFunctionCall1(uuid_out, values[TABLES_ID - 1]));
		desc->created_at = DatumGetTimestampTz(values[TABLES_CREATED_AT - 1]);
		desc->settings = DatumGetJsonbPCopy(values[TABLES_SETTINGS - 1]);
		desc->creating = strcmp(TextDatumGetCString(values[TABLES_STATUS - 1]), "CREATING") == 0;
		if (!nulls[TABLES_STATUS_UNTIL - 1])
			desc->ready_at = DatumGetTimestampTz(values[TABLES_STATUS_UNTIL - 1]);
		if (!nulls[TABLES_TTL_ATTRIBUTE - 1])
			desc->ttl_attribute = TextDatumGetCString(values[TABLES_TTL_ATTRIBUTE - 1]);
	}
	else
	{
		entry->desc = NULL;
		MemoryContextDelete(context);
		desc = NULL;
	}
	MemoryContextSwitchTo(old);
	return desc;
}

/*
 * desc_load reads the catalog for a table that has no valid descriptor; NULL
 * when there is no such table, or it vanished meanwhile.
 */
static DdbTableDesc *
desc_load(const char *table_name, LOCKMODE lockmode)
{
	Datum		values[TABLES_NCOLUMNS];
	bool		nulls[TABLES_NCOLUMNS];
	Relation	heap;
	CacheEntry *entry;
	DdbTableDesc *desc = NULL;
	bool		found;

	if (!scan_table_row(table_name, values, nulls))
		return NULL;
	heap = try_relation_open(DatumGetObjectId(values[TABLES_RELID - 1]), lockmode);
	if (heap == NULL)
		return NULL;

	entry = hash_search(cache, table_name, HASH_ENTER, &found);
	if (!found)
		entry->desc = NULL;
	if (entry->desc != NULL && entry->desc->refcount == 0)
		MemoryContextDelete(entry->desc->context);
	else if (entry->desc != NULL)
	{
		entry->desc->next_orphan = orphans;
		orphans = entry->desc;
	}
	entry->desc = NULL;

	PG_TRY();
	{
		desc = desc_build(entry, table_name, heap);
	}
	PG_CATCH();
	{
		if (entry->desc != NULL)
			entry->desc->valid = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
	relation_close(heap, NoLock);
	return desc;
}

/*
 * find_desc finds the current descriptor of table_name and locks its relation in
 * lockmode until the transaction's end; NULL when there is no such table.
 */
static DdbTableDesc *
find_desc(const char *table_name, LOCKMODE lockmode)
{
	CacheEntry *entry;
	DdbTableDesc *desc;

	(void) ddb_version_check();
	if (cache == NULL)
		cache_create();
	if (strlen(table_name) >= sizeof(entry->name))
		return NULL;

	entry = hash_search(cache, table_name, HASH_FIND, NULL);
	desc = entry ? entry->desc : NULL;
	if (desc != NULL && desc->valid)
	{
		/* The lock processes invalidations; the entry may be gone after. */
		desc->refcount++;
		open_references++;
		LockRelationOid(desc->relid, lockmode);
		if (desc->valid)
			return desc;
		ddb_desc_close(desc);
	}

	/* A table can be dropped and made again while we wait for its lock. */
	for (int tries = 0; tries < 10; tries++)
	{
		desc = desc_load(table_name, lockmode);
		if (desc != NULL && desc->valid)
		{
			desc->refcount++;
			open_references++;
			return desc;
		}
	}
	return NULL;
}

/*
 * ddb_desc_open_any finds a table in any state.
 */
DdbTableDesc *
ddb_desc_open_any(const char *table_name, LOCKMODE lockmode)
{
	const char *name = ddb_table_name_of(table_name);
	DdbTableDesc *desc = find_desc(name, lockmode);

	if (desc == NULL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: Table: %s not found", name));
	return desc;
}

/*
 * ddb_desc_open finds a table for operations on its items.
 */
DdbTableDesc *
ddb_desc_open(const char *table_name, LOCKMODE lockmode)
{
	DdbTableDesc *desc = find_desc(ddb_table_name_of(table_name), lockmode);

	if (desc == NULL || (desc->creating && !ddb_desc_is_ready(desc)))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found"));
	return desc;
}

/*
 * ddb_table_relid finds a table's data table without locking it.
 */
Oid
ddb_table_relid(const char *table_name)
{
	Datum		values[TABLES_NCOLUMNS];
	bool		nulls[TABLES_NCOLUMNS];

	if (!scan_table_row(table_name, values, nulls) ||
		!SearchSysCacheExists1(RELOID, values[TABLES_RELID - 1]))
		return InvalidOid;
	return DatumGetObjectId(values[TABLES_RELID - 1]);
}

/*
 * ddb_desc_is_ready tells whether a table is past CREATING and UPDATING.
 */
bool
ddb_desc_is_ready(const DdbTableDesc *desc)
{
	return desc->ready_at == 0 || GetCurrentTimestamp() >= desc->ready_at;
}

/*
 * ddb_desc_open_relid does the same for the table whose data table is relid.
 */
DdbTableDesc *
ddb_desc_open_relid(Oid relid, LOCKMODE lockmode)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;
	char	   *name = NULL;
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (cache == NULL)
		cache_create();

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (entry->desc != NULL && entry->desc->relid == relid && entry->desc->valid)
		{
			name = pstrdup(entry->name);
			hash_seq_term(&status);
			return ddb_desc_open_any(name, lockmode);
		}
	}

	rel = table_open(ddb_catalog_relation_oid("tables"), AccessShareLock);
	ScanKeyInit(&key, TABLES_RELID, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ddb_catalog_relation_oid("tables_relid_key"),
							  true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;

		name = TextDatumGetCString(heap_getattr(tuple, TABLES_NAME,
												RelationGetDescr(rel), &isnull));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	if (name == NULL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: relation %u is not the data of a DynamoDB table",
					   relid));
	return ddb_desc_open_any(name, lockmode);
}

/*
 * ddb_desc_close gives back a descriptor.
 */
void
ddb_desc_close(DdbTableDesc *desc)
{
	Assert(desc->refcount > 0 && open_references > 0);
	desc->refcount--;
	open_references--;
}

/*
 * ddb_desc_index finds a readable secondary index by name, or NULL.
 */
const DdbIndexDesc *
ddb_desc_index(const DdbTableDesc *desc, const char *index_name)
{
	const DdbIndexDesc *index = ddb_desc_any_index(desc, index_name);

	if (index == NULL || index->status == DDB_INDEX_DELETING)
		return NULL;
	if (index->status == DDB_INDEX_CREATING)
		ereport(ERROR, ddb_errcode(DDB_VALIDATION),
				errmsg("Cannot read from backfilling global secondary index: %s", index_name));
	return index;
}

/*
 * ddb_desc_any_index finds a secondary index in any state, or NULL.
 */
const DdbIndexDesc *
ddb_desc_any_index(const DdbTableDesc *desc, const char *index_name)
{
	for (int i = 0; i < desc->nindexes; i++)
	{
		if (strcmp(desc->indexes[i].name, index_name) == 0)
			return &desc->indexes[i];
	}
	return NULL;
}

/*
 * ddb_desc_attribute finds a key attribute by name; -1 when it is none.
 */
int
ddb_desc_attribute(const DdbTableDesc *desc, const char *name, int len)
{
	for (int i = 0; i < desc->nattributes; i++)
	{
		if (desc->attributes[i].name_len == len &&
			memcmp(desc->attributes[i].name, name, len) == 0)
			return i;
	}
	return -1;
}

/*
 * ddb_desc_is_key tells whether attribute i is part of the index's key.
 */
bool
ddb_desc_is_key(const DdbIndexDesc *index, int attribute)
{
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		if (index->keys[i] == attribute)
			return true;
	}
	return false;
}

/*
 * ddb_desc_has_key tells whether the attribute of a name is part of the index's key.
 */
bool
ddb_desc_has_key(const DdbTableDesc *desc, const DdbIndexDesc *index,
				 const char *name, int len)
{
	for (int i = 0; i < ddb_index_nkeys(index); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);

		if (att->name_len == len && memcmp(att->name, name, len) == 0)
			return true;
	}
	return false;
}
