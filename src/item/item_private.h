/*
 * item_private.h
 *	  What the files of src/item share and nobody else needs.
 *
 * The children of a jsonb container are read here straight from its JEntry
 * array, in order, without the allocations and the state machine of
 * JsonbIterator.  Everything handed out points into the container.
 */
#ifndef DDB_ITEM_PRIVATE_H
#define DDB_ITEM_PRIVATE_H

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

/*
 * ddb_child_from_jsonb gives a JsonbValue as read by PostgreSQL's functions
 * the form that a cursor gives.
 */
extern void ddb_child_from_jsonb(const JsonbValue *jbv, DdbChild *child);

/*
 * ddb_value_read_container views the attribute value whose {"S": ...} object
 * is wrapper.
 */
extern void ddb_value_read_container(JsonbContainer *wrapper, DdbValue *out);

/* ddb_value_container_size gives the bytes that a container takes. */
extern int	ddb_value_container_size(JsonbContainer *container);

/* ddb_value_malformed complains of stored jsonb that is no attribute value. */
pg_noreturn extern void ddb_value_malformed(void);

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

/*
 * ddb_value_sorted_attributes gives pointers to an expanded map's attributes in
 * jsonb's order of keys.
 */
extern const DdbAttribute **ddb_value_sorted_attributes(const DdbValue *map);

/* number.c */

/*
 * ddb_number_is_canonical tells canonical numbers of up to 38 characters,
 * which are in range whatever they say.  False for longer ones means nothing.
 */
extern bool ddb_number_is_canonical(const char *s, int len);

/*
 * ddb_number_parse writes the canonical form of s to buf[DDB_NUMBER_BUFLEN]
 * and its length to *buflen; it gives NULL, or DynamoDB's message on what is
 * wrong with s.
 */
extern const char *ddb_number_parse(const char *s, int len, char *buf, int *buflen);

/*
 * ddb_number_size gives the bytes that a canonical number counts for in an
 * item: 1, half a byte for each significant digit (integer and fraction
 * rounded up apart), 1 for the minus; leading and trailing zeros are free.
 */
extern int	ddb_number_size(const char *s, int len);

/* binary.c */

/*
 * ddb_binary_problem gives NULL for the canonical base64 of some bytes, else
 * the message of the SerializationException.  DynamoDB takes nothing but padded
 * base64 with the unused bits zero, so there is nothing to make canonical.
 */
extern const char *ddb_binary_problem(const char *s, int len);

/* ddb_binary_length gives the number of bytes behind a canonical text. */
extern int	ddb_binary_length(const char *s, int len);

/*
 * ddb_binary_compare compares the bytes behind two canonical texts, as
 * unsigned bytes (developer guide, "Data types: Binary"): -1, 0 or 1.  Only the first four
 * characters that differ are decoded.
 */
extern int	ddb_binary_compare(const char *a, int alen, const char *b, int blen);

/* compare.c */

/*
 * ddb_slice_compare orders DdbSlices by length, then bytes: a quick order for
 * finding equal ones.  For qsort.
 */
extern int	ddb_slice_compare(const void *a, const void *b);

#endif							/* DDB_ITEM_PRIVATE_H */
