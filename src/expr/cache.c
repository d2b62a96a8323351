/*
 * cache.c
 *	  The session's cache of parsed expressions.
 *
 * Entries are found by kind and text.  Each has its own memory context under one
 * parent, and the least recently used one goes when there are more than
 * DDB_EXPR_CACHE_SIZE.
 *
 * An entry that is in use is never dropped: ddb_expr_parse() pins it for the
 * caller's CurrentMemoryContext, and a reset callback of that context unpins it.
 * So a tree lives at least as long as what the caller allocates beside it,
 * across errors and nested calls.  While everything is pinned the cache may grow
 * past its bound; it shrinks again with the next new expressions.
 *
 * An entry comes into the cache only when it is complete: until then its context
 * hangs below the caller's, and an error takes it along.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "error.h"
#include "expr/ast.h"

#define DDB_EXPR_CACHE_SIZE 256

typedef struct CacheKey
{
	const char *text;
	int			len;
	DdbExprKind kind;
} CacheKey;

typedef struct CacheEntry
{
	CacheKey	key;			/* the hash table's key; its text is ours */
	DdbExpr    *expr;
	MemoryContext context;		/* of tree, text and nothing else */
	int			pins;
	MemoryContext pinned_for;	/* the context pinned last, while it lives */
	dlist_node	node;			/* in lru, most recently used first */
} CacheEntry;

typedef struct Pin
{
	MemoryContextCallback callback;
	MemoryContext context;
	CacheEntry *entry;
} Pin;

static HTAB *cache = NULL;
static MemoryContext cache_context = NULL;
static dlist_head lru = DLIST_STATIC_INIT(lru);

static uint32
hash_key(const void *key, Size size)
{
	const CacheKey *k = key;

	return hash_bytes((const unsigned char *) k->text, k->len) + k->kind;
}

static int
match_keys(const void *a, const void *b, Size size)
{
	const CacheKey *x = a;
	const CacheKey *y = b;

	if (x->kind != y->kind || x->len != y->len)
		return 1;
	return memcmp(x->text, y->text, x->len);
}

static void
create_cache(void)
{
	HASHCTL		ctl = {
		.keysize = sizeof(CacheKey),
		.entrysize = sizeof(CacheEntry),
		.hash = hash_key,
		.match = match_keys,
	};

	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(TopMemoryContext, "ddb expressions",
											  ALLOCSET_SMALL_SIZES);
	ctl.hcxt = cache_context;
	cache = hash_create("ddb expressions", DDB_EXPR_CACHE_SIZE, &ctl,
						HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

static void
unpin(void *arg)
{
	Pin		   *pin = arg;

	pin->entry->pins--;
	if (pin->entry->pinned_for == pin->context)
		pin->entry->pinned_for = NULL;
}

/*
 * pin_entry keeps an entry for as long as CurrentMemoryContext is neither reset
 * nor deleted.
 */
static void
pin_entry(CacheEntry *entry)
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
 * make_room drops the least recently used entries that nobody uses until one
 * more fits.
 */
static void
make_room(void)
{
	dlist_node *node = dlist_is_empty(&lru) ? NULL : dlist_tail_node(&lru);

	while (node != NULL && hash_get_num_entries(cache) >= DDB_EXPR_CACHE_SIZE)
	{
		CacheEntry *entry = dlist_container(CacheEntry, node, node);

		node = dlist_has_prev(&lru, node) ? dlist_prev_node(&lru, node) : NULL;
		if (entry->pins == 0)
		{
			MemoryContext context = entry->context;

			dlist_delete(&entry->node);
			hash_search(cache, &entry->key, HASH_REMOVE, NULL);
			MemoryContextDelete(context);
		}
	}
}

/*
 * check_text refuses an empty and an overlong expression.  Of an
 * UpdateExpression real DynamoDB doesn't tell the size.
 */
static void
check_text(DdbExprKind kind, const char *text, int len)
{
	int			i = 0;

	while (i < len && strchr(" \t\n\r\f\v", text[i]) != NULL)
		i++;
	if (i == len)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("Invalid %s: The expression can not be empty;",
					   ddb_expr_kind_name(kind)));
	if (len <= DDB_MAX_EXPRESSION_SIZE)
		return;
	len = ddb_text_length(text, len);
	if (len <= DDB_MAX_EXPRESSION_SIZE)
		return;
	if (kind == DDB_EXPR_UPDATE)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("Invalid %s: Expression size has exceeded the maximum allowed size;",
					   ddb_expr_kind_name(kind)));
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d",
				   ddb_expr_kind_name(kind), len));
}

/*
 * add_entry parses an expression and puts it into the cache.
 */
static CacheEntry *
add_entry(const CacheKey *key)
{
	MemoryContext context;
	MemoryContext old_context;
	CacheKey	own_key = *key;
	CacheEntry *entry;
	DdbExpr    *expr;
	char	   *text;
	bool		found;

	context = AllocSetContextCreate(CurrentMemoryContext, "ddb expression",
									ALLOCSET_SMALL_SIZES);
	old_context = MemoryContextSwitchTo(context);
	text = pnstrdup(key->text, key->len);
	expr = ddb_expr_create(key->kind);
	ddb_expr_parse_text(expr, text, key->len);
	MemoryContextSwitchTo(old_context);

	if (cache == NULL)
		create_cache();
	make_room();
	own_key.text = text;
	entry = hash_search(cache, &own_key, HASH_ENTER, &found);
	Assert(!found);
	entry->expr = expr;
	entry->context = context;
	entry->pins = 0;
	entry->pinned_for = NULL;
	MemoryContextSetParent(context, cache_context);
	dlist_push_head(&lru, &entry->node);
	return entry;
}

const DdbExpr *
ddb_expr_parse(DdbExprKind kind, const char *text, int len)
{
	CacheKey	key = {text, len, kind};
	CacheEntry *entry = NULL;

	if (cache != NULL)
		entry = hash_search(cache, &key, HASH_FIND, NULL);
	if (entry == NULL)
	{
		check_text(kind, text, len);
		entry = add_entry(&key);
	}
	else
		dlist_move_head(&lru, &entry->node);
	pin_entry(entry);
	return entry->expr;
}
