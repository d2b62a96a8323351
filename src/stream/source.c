/*
 * source.c
 *	  Which stream a relation's changes belong to, for the output plugin.
 *
 * That stands in ddb.streams, a user catalog table, and is read as of the change
 * that is decoded.  What was read is kept by relation until a relcache invalidation:
 * enabling and disabling a stream send one, as does whatever changes the relation,
 * and the log repeats it at that place of history.  Invalidations of the present
 * come in between; they cost a look, no more.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "stream/plugin_private.h"
#include "stream/stream_catalog.h"

typedef struct CacheEntry
{
	Oid			relid;
	DdbStreamSource *source;	/* NULL: it has no stream */
} CacheEntry;

struct DdbSourceCache
{
	MemoryContext context;
	HTAB	   *entries;
	DdbStreamSource *stale;		/* to be freed, when nobody looks at them */
	DdbSourceCache *next;
	MemoryContextCallback callback;
};

/* Every one of this process. */
static DdbSourceCache *caches;

static void
forget_entry(DdbSourceCache *cache, CacheEntry *entry)
{
	if (entry->source != NULL)
	{
		entry->source->next_stale = cache->stale;
		cache->stale = entry->source;
	}
	(void) hash_search(cache->entries, &entry->relid, HASH_REMOVE, NULL);
}

/*
 * relcache_callback forgets what is known of a relation, or of all.
 */
static void
relcache_callback(Datum arg, Oid relid)
{
	for (DdbSourceCache *cache = caches; cache != NULL; cache = cache->next)
	{
		CacheEntry *entry;

		if (OidIsValid(relid))
		{
			entry = hash_search(cache->entries, &relid, HASH_FIND, NULL);
			if (entry != NULL)
				forget_entry(cache, entry);
		}
		else
		{
			HASH_SEQ_STATUS status;

			hash_seq_init(&status, cache->entries);
			while ((entry = hash_seq_search(&status)) != NULL)
				forget_entry(cache, entry);
		}
	}
}

/*
 * unlink_cache is called when the cache's memory is about to go.
 */
static void
unlink_cache(void *arg)
{
	DdbSourceCache **link = &caches;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

DdbSourceCache *
ddb_source_cache_create(MemoryContext parent)
{
	static bool registered;
	MemoryContext context = AllocSetContextCreate(parent, "ddb streams", ALLOCSET_DEFAULT_SIZES);
	DdbSourceCache *cache = MemoryContextAllocZero(context, sizeof(DdbSourceCache));
	HASHCTL		ctl = {0};

	if (!registered)
	{
		CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
		registered = true;
	}
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CacheEntry);
	ctl.hcxt = context;
	cache->context = context;
	cache->entries = hash_create("ddb streams by relation", 64, &ctl,
								 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	cache->callback.func = unlink_cache;
	cache->callback.arg = cache;
	MemoryContextRegisterResetCallback(context, &cache->callback);
	cache->next = caches;
	caches = cache;
	return cache;
}

/*
 * column_number finds a column of a type by name; 0 when there is none.
 */
static AttrNumber
column_number(TupleDesc tupdesc, const char *name)
{
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0)
			return att->attnum;
	}
	return InvalidAttrNumber;
}

/*
 * set_columns finds the columns of the item and of its keys in the relation.
 */
static bool
set_columns(DdbStreamSource *source, Relation relation, const DdbStream *stream)
{
	TupleDesc	tupdesc = RelationGetDescr(relation);

	source->item_attnum = column_number(tupdesc, DDB_ITEM_COLUMN);
	source->nkeys = stream->nkeys;
	if (stream->nkeys > lengthof(source->key_attnums) ||
		source->item_attnum == InvalidAttrNumber ||
		TupleDescAttr(tupdesc, source->item_attnum - 1)->atttypid != JSONBOID)
		return false;
	for (int i = 0; i < stream->nkeys; i++)
	{
		AttrNumber	attnum = column_number(tupdesc, stream->key_columns[i]);
		Oid			typid;

		if (attnum == InvalidAttrNumber)
			return false;
		typid = TupleDescAttr(tupdesc, attnum - 1)->atttypid;
		if (typid != TEXTOID && typid != NUMERICOID && typid != BYTEAOID)
			return false;
		source->key_attributes[i] = stream->key_attributes[i];
		source->key_attnums[i] = attnum;
		source->key_types[i] = typid == TEXTOID ? DDB_S : typid == NUMERICOID ? DDB_N : DDB_B;
	}
	return true;
}

/*
 * is_there tells whether a relation is there now, whatever the historic snapshot says.
 */
static bool
is_there(Oid relid)
{
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(classes, ClassOidIndexId, true,
							  GetNonHistoricCatalogSnapshot(RelationRelationId), 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	return found;
}

/*
 * open_present_file opens a catalog table under a historic snapshot.  PostgreSQL takes
 * its file's number from the present, and means to take its tablespace, but sets
 * that aside only after having used the one of old.
 */
static Relation
open_present_file(Oid relid)
{
	Relation	relation = table_open(relid, NoLock);
	Oid			tablespace = relation->rd_rel->reltablespace;

	if (!OidIsValid(tablespace))
		tablespace = MyDatabaseTableSpace;
	if (ddb_file_tablespace(relation) != tablespace)
	{
		RelationCloseSmgr(relation);
		ddb_file_tablespace(relation) = tablespace;
	}
	return relation;
}

/*
 * open_streams opens ddb.streams.  NULL when the database has no extension, or has it
 * no more: PostgreSQL reads catalog tables of old from the file of today.
 */
static Relation
open_streams(void)
{
	Oid			nspid = get_namespace_oid(DDB_SCHEMA, true);
	Oid			relid;

	/* a schema of that name may be anybody's */
	if (!OidIsValid(nspid) || !OidIsValid(get_extension_oid("ddb", true)))
		return NULL;
	relid = get_relname_relid("streams", nspid);
	if (!OidIsValid(relid))
		return NULL;
	LockRelationOid(relid, AccessShareLock);
	if (is_there(relid))
		return open_present_file(relid);
	UnlockRelationOid(relid, AccessShareLock);
	return NULL;
}

/*
 * read_source reads the stream of a relation; NULL when it has none.  What is read
 * lives with the source.
 */
static DdbStreamSource *
read_source(DdbSourceCache *cache, Relation relation)
{
	Relation	streams = open_streams();
	MemoryContext context,
				old;
	DdbStream  *stream;
	DdbStreamSource *source = NULL;

	if (streams == NULL)
		return NULL;
	context = AllocSetContextCreate(cache->context, "ddb stream", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	stream = ddb_stream_of_relation_in(streams, RelationGetRelid(relation));
	table_close(streams, AccessShareLock);
	if (stream != NULL)
	{
		source = palloc0(sizeof(DdbStreamSource));
		source->context = context;
		source->stream_id = stream->id;
		source->table_name = stream->table_name;
		source->label = stream->label;
		if (!ddb_stream_view_parse(stream->view_type, &source->view) ||
			!set_columns(source, relation, stream))
		{
			ereport(WARNING,
					errmsg("the stream of table \"%s\" does not fit relation \"%s\": its changes are not in the stream",
						   source->table_name, RelationGetRelationName(relation)));
			source = NULL;
		}
	}
	MemoryContextSwitchTo(old);
	if (source == NULL)
		MemoryContextDelete(context);
	return source;
}

DdbStreamSource *
ddb_source_find(DdbSourceCache *cache, Relation relation)
{
	Oid			relid = RelationGetRelid(relation);
	CacheEntry *entry = hash_search(cache->entries, &relid, HASH_FIND, NULL);

	while (cache->stale != NULL)
	{
		DdbStreamSource *stale = cache->stale;

		cache->stale = stale->next_stale;
		MemoryContextDelete(stale->context);
	}
	if (entry == NULL)
	{
		DdbStreamSource *source = read_source(cache, relation);

		entry = hash_search(cache->entries, &relid, HASH_ENTER, NULL);
		entry->source = source;
	}
	return entry->source;
}
