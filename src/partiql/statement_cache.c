/*
 * statement_cache.c
 *	  The session's cache of statements, found by their text.
 *
 * As the cache of expressions (src/expr/cache.c): each entry has a memory
 * context of its own, the least recently used one goes when there are more than
 * CACHE_SIZE, and none that is in use is ever dropped, for ddb_partiql_parse()
 * pins it for the caller's CurrentMemoryContext.
 *
 * With a statement goes its plan, made for one version of its table's
 * definition.  For another version the statement is parsed anew and the entry
 * replaced; the old one lives on, out of the cache, while it is pinned.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "partiql/plan.h"

#define CACHE_SIZE 256

typedef struct CacheKey
{
	const char *text;
	int			len;
} CacheKey;

typedef struct Entry
{
	DdbStatement statement;		/* first: a statement's entry is found by it */
	CacheKey	key;			/* its text is ours */
	MemoryContext context;		/* of everything here */
	int			pins;
	MemoryContext pinned_for;	/* the context pinned last, while it lives */
	bool		cached;			/* else to be freed with the last pin */
	dlist_node	node;			/* in lru, most recently used first */
} Entry;

/* The hash table holds pointers, for an entry can leave it and live on. */
typedef struct Slot
{
	CacheKey	key;
	Entry	   *entry;
} Slot;

typedef struct Pin
{
	MemoryContextCallback callback;
	MemoryContext context;
	Entry	   *entry;
} Pin;

static HTAB *cache = NULL;
static MemoryContext cache_context = NULL;
static dlist_head lru = DLIST_STATIC_INIT(lru);

static uint32
hash_key(const void *key, Size size)
{
	const CacheKey *k = key;

	return hash_bytes((const unsigned char *) k->text, k->len);
}

static int
match_keys(const void *a, const void *b, Size size)
{
	const CacheKey *x = a;
	const CacheKey *y = b;

	return x->len != y->len ? 1 : memcmp(x->text, y->text, x->len);
}

static void
create_cache(void)
{
	HASHCTL		ctl = {
		.keysize = sizeof(CacheKey),
		.entrysize = sizeof(Slot),
		.hash = hash_key,
		.match = match_keys,
	};

	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(TopMemoryContext, "ddb statements",
											  ALLOCSET_SMALL_SIZES);
	ctl.hcxt = cache_context;
	cache = hash_create("ddb statements", CACHE_SIZE, &ctl,
						HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/*
 * leave takes an entry out of the cache, and frees it unless it is in use.
 */
static void
leave(Entry *entry)
{
	dlist_delete(&entry->node);
	hash_search(cache, &entry->key, HASH_REMOVE, NULL);
	entry->cached = false;
	if (entry->pins == 0)
		MemoryContextDelete(entry->context);
}

static void
unpin(void *arg)
{
	Pin		   *pin = arg;
	Entry	   *entry = pin->entry;

	entry->pins--;
	if (entry->pinned_for == pin->context)
		entry->pinned_for = NULL;
	if (entry->pins == 0 && !entry->cached)
		MemoryContextDelete(entry->context);
}

/*
 * pin_entry keeps an entry for as long as CurrentMemoryContext is neither reset
 * nor deleted.
 */
static void
pin_entry(Entry *entry)
{
	Pin		   *pin;

	if (entry->pinned_for == CurrentMemoryContext)
		return;
	pin = palloc(sizeof(Pin));
	pin->entry = entry;
	pin->context = CurrentMemoryContext;
	pin->callback.func = unpin;
	pin->callback.arg = pin;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &pin->callback);
	entry->pins++;
	entry->pinned_for = CurrentMemoryContext;
}

/*
 * make_room drops the least recently used entries until one more fits.
 */
static void
make_room(void)
{
	while (hash_get_num_entries(cache) >= CACHE_SIZE)
		leave(dlist_container(Entry, node, dlist_tail_node(&lru)));
}

/*
 * add_entry parses a statement and puts it into the cache.  Until it is complete
 * its context hangs below the caller's, and an error takes it along.
 */
static Entry *
add_entry(const char *text, int len)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ddb statement",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Entry	   *entry = palloc0(sizeof(Entry));
	Slot	   *slot;
	bool		found;

	entry->key.text = pnstrdup(text, len);
	entry->key.len = len;
	entry->context = context;
	entry->statement = *ddb_pql_analyze(entry->key.text, len);
	MemoryContextSwitchTo(old);

	if (cache == NULL)
		create_cache();
	make_room();
	slot = hash_search(cache, &entry->key, HASH_ENTER, &found);
	Assert(!found);
	slot->entry = entry;
	entry->cached = true;
	MemoryContextSetParent(context, cache_context);
	dlist_push_head(&lru, &entry->node);
	return entry;
}

/*
 * ddb_partiql_parse parses a statement or finds it in the session's cache.
 */
const DdbStatement *
ddb_partiql_parse(const char *text, int len)
{
	CacheKey	key = {text, len};
	Slot	   *slot = cache != NULL ? hash_search(cache, &key, HASH_FIND, NULL) : NULL;
	Entry	   *entry;

	if (slot == NULL)
		entry = add_entry(text, len);
	else
	{
		entry = slot->entry;
		dlist_move_head(&lru, &entry->node);
	}
	pin_entry(entry);
	return &entry->statement;
}

/*
 * ddb_pql_renew replaces a statement by one that is not planned yet.
 */
const DdbStatement *
ddb_pql_renew(const DdbStatement *statement)
{
	Entry	   *entry = (Entry *) statement;

	pin_entry(entry);
	if (entry->cached)
		leave(entry);
	return ddb_partiql_parse(entry->key.text, entry->key.len);
}

MemoryContext
ddb_pql_context(const DdbStatement *statement)
{
	return ((Entry *) statement)->context;
}
