/*
 * item_private.h
 *	  What the files of src/item share and nobody else needs.
 *
 * The children of a jsonb container are read here straight from its JEntry
 * array, in order, without the allocations and the state machine of
 * JsonbIterator.  Everything handed out points into the container.
 */
#ifndef DDB_ITEM_INTERNAL_H
#define DDB_ITEM_INTERNAL_H

#include "compat.h"
#include "item/item.h"

/* One child of a container: a key, an element or an object's value. */
typedef struct DdbChild
{
	uint32		kind;			/* JENTRY_IS... */
	int			len;			/* bytes */
	char	   *data;
} DdbChild;

#define child_container(c)	((JsonbContainer *) (c)->data)

/* The next child that will be read. */
typedef struct DdbCursor
{
	JsonbContainer *container;
	char	   *base;			/* start of the children's data */
	uint32		index;
	uint32		offset;			/* from base */
} DdbCursor;

/* A run of bytes that somebody else owns. */
typedef struct DdbSlice
{
	const char *data;
	int			len;
} DdbSlice;

/* number of elements, or of pairs */
static inline int
container_count(const JsonbContainer *container)
{
	return (int) JsonContainerSize(container);
}

/* number of JEntrys */
static inline uint32
container_children(const JsonbContainer *container)
{
	uint32		n = JsonContainerSize(container);

	return JsonContainerIsObject(container) ? 2 * n : n;
}

/*
 * cursor_init sets the cursor on child number index: 0 for elements and keys,
 * the number of pairs for an object's values.
 */
static inline void
cursor_init(DdbCursor *cursor, JsonbContainer *container, uint32 index)
{
	cursor->container = container;
	cursor->base = (char *) &container->children[container_children(container)];
	cursor->index = index;
	cursor->offset = index == 0 ? 0 : getJsonbOffset(container, index);
}

/*
 * cursor_next reads one child.  The caller counts: there is no end mark.
 */
static inline void
cursor_next(DdbCursor *cursor, DdbChild *child)
{
	JEntry		entry = cursor->container->children[cursor->index++];
	uint32		start = cursor->offset;

	JBE_ADVANCE_OFFSET(cursor->offset, entry);
	child->kind = entry & JENTRY_TYPEMASK;
	if (child->kind == JENTRY_ISCONTAINER || child->kind == JENTRY_ISNUMERIC)
		start = INTALIGN(start);
	child->data = cursor->base + start;
	child->len = (int) (cursor->offset - start);
}

/* value.c */
extern void ddb_child_from_jsonb(const JsonbValue *jbv, DdbChild *child);
extern void ddb_value_read_container(JsonbContainer *wrapper, DdbValue *out);
extern int	ddb_container_size(JsonbContainer *container);
pg_noreturn extern void ddb_malformed(void);

static inline bool
type_is_set(DdbType type)
{
	return type == DDB_SS || type == DDB_NS || type == DDB_BS;
}

/* ddb_set_member_type: SS -> S, NS -> N, BS -> B */
static inline DdbType
ddb_set_member_type(DdbType set)
{
	return set == DDB_SS ? DDB_S : set == DDB_NS ? DDB_N : DDB_B;
}

static inline void
value_init(DdbValue *value, DdbType type)
{
	value->type = type;
	value->boolean = false;
	value->len = 0;
	value->data = NULL;
	value->raw = NULL;
	value->elements = NULL;
	value->attributes = NULL;
}

static inline void
value_init_scalar(DdbValue *value, DdbType type, const char *data, int len)
{
	value_init(value, type);
	value->data = data;
	value->len = len;
}

/* write.c */
extern const DdbAttribute **ddb_attributes_sorted(const DdbValue *map);

/* number.c */
extern bool ddb_number_is_canonical(const char *s, int len);
extern const char *ddb_number_parse(const char *s, int len, char *buf, int *buflen);
extern int	ddb_number_size(const char *s, int len);

/* binary.c */
extern const char *ddb_binary_problem(const char *s, int len);
extern int	ddb_binary_length(const char *s, int len);
extern int	ddb_binary_compare(const char *a, int alen, const char *b, int blen);

/* compare.c */
extern int	ddb_slice_compare(const void *a, const void *b);

#endif							/* DDB_ITEM_INTERNAL_H */
