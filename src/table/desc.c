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
#include "table/indexes_catalog.h"
#include "table/physical.h"
#include "table/tables_catalog.h"
#include "version.h"

typedef struct CacheEntry
{
	char		name[256];		/* hash key: the DynamoDB table name */
	DdbTableDesc *desc;
} CacheEntry;

bool		ddb_desc_refuse_waits;

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

void
ddb_desc_init(void)
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
 * fill_attributes sets the key attributes from a row of ddb.tables.
 */
static void
fill_attributes(DdbTableDesc *desc, Relation heap, const DdbTableRow *row)
{
	desc->nattributes = row->nattributes;
	desc->attributes = palloc0(sizeof(DdbKeyAttribute) * Max(row->nattributes, 1));
	for (int i = 0; i < row->nattributes; i++)
	{
		DdbKeyAttribute *att = &desc->attributes[i];

		att->name = row->attribute_names[i];
		att->name_len = strlen(att->name);
		if (!ddb_type_parse(row->attribute_types[i], strlen(row->attribute_types[i]), &att->type))
			elog(ERROR, "the definition of table \"%s\" is damaged", desc->name);
		att->column = row->column_names[i];
		att->attnum = get_attnum(RelationGetRelid(heap), att->column);
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
			elog(ERROR, "the definition of an index of table \"%s\" is damaged", desc->name);
		index->keys[nkeys + i] = att;
	}
}

/*
 * fill_index sets an index's descriptor from a row of ddb.indexes.
 */
static void
fill_index(DdbTableDesc *desc, DdbIndexDesc *index, Oid nspid, const DdbIndexRow *row)
{
	index->kind = row->kind;
	index->name = row->name;
	index->relname = row->relname;
	index->indexid = get_relname_relid(row->relname, nspid);
	fill_index_keys(desc, index, row->partition, row->npartition, false);
	index->npartition = row->npartition;
	fill_index_keys(desc, index, row->sort, row->nsort, true);
	index->nsort = row->nsort;
	index->projection = row->projection;
	index->nincluded = row->nincluded;
	index->included = row->included;
	index->status = row->status;
	index->settings = row->settings;
	index->filling = row->filling;
	index->fill = row->fill;
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
	bool		have_primary = false;
	char	   *missing = NULL;
	ListCell   *lc;

	desc->indexes = palloc0(sizeof(DdbIndexDesc) * (DDB_MAX_GSI + DDB_MAX_LSI));
	foreach(lc, ddb_indexes_list(desc->name))
	{
		DdbIndexDesc index = {0};

		fill_index(desc, &index, RelationGetNamespace(heap), lfirst(lc));
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
	DdbTableRow row;

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

	if (ddb_tables_find(table_name, &row) && row.relid == desc->relid)
	{
		fill_attributes(desc, heap, &row);
		fill_indexes(desc, heap);
		prune_attributes(desc, heap);
		desc->table_id = row.table_id;
		desc->created_at = row.created_at;
		desc->settings = row.settings;
		desc->creating = row.creating;
		desc->ready_at = row.status_until;
		desc->ttl_attribute = row.ttl_attribute;
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
 * lock_table locks a data table.  A process that must not sleep asks only once.
 */
static void
lock_table(Oid relid, LOCKMODE lockmode)
{
	if (!ddb_desc_refuse_waits)
		LockRelationOid(relid, lockmode);
	else if (!ConditionalLockRelationOid(relid, lockmode))
		ereport(ERROR,
				errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				errmsg("could not obtain lock on the relation with OID %u", relid));
}

/*
 * desc_load reads the catalog for a table that has no valid descriptor; NULL
 * when there is no such table, or it vanished meanwhile.
 */
static DdbTableDesc *
desc_load(const char *table_name, LOCKMODE lockmode)
{
	DdbTableRow row;
	Relation	heap;
	CacheEntry *entry;
	DdbTableDesc *desc = NULL;
	bool		found;

	if (!ddb_tables_find(table_name, &row))
		return NULL;
	lock_table(row.relid, lockmode);
	heap = try_relation_open(row.relid, NoLock);
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
		lock_table(desc->relid, lockmode);
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

DdbTableDesc *
ddb_desc_open(const char *table_name, LOCKMODE lockmode)
{
	DdbTableDesc *desc = find_desc(ddb_table_name_of(table_name), lockmode);

	if (desc == NULL || (desc->creating && !ddb_desc_is_ready(desc)))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found"));
	return desc;
}

bool
ddb_desc_is_ready(const DdbTableDesc *desc)
{
	return desc->ready_at == 0 || GetCurrentTimestamp() >= desc->ready_at;
}

DdbTableDesc *
ddb_desc_open_relid(Oid relid, LOCKMODE lockmode)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;
	char	   *name;

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

	name = ddb_tables_name(relid);
	if (name == NULL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: relation %u is not the data of a DynamoDB table",
					   relid));
	return ddb_desc_open_any(name, lockmode);
}

void
ddb_desc_close(DdbTableDesc *desc)
{
	Assert(desc->refcount > 0 && open_references > 0);
	desc->refcount--;
	open_references--;
}

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
