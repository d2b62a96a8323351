/*
 * item.h
 *	  Attribute values: the ten DynamoDB types, stored as typed JSON in jsonb.
 *
 * An item is a jsonb object {"Artist": {"S": "..."}, "Year": {"N": "1986"}}.
 * What the store holds is always canonical: numbers in plain decimal notation
 * without superfluous zeros, binaries in padded standard base64, sets free of
 * duplicates and in order.  Client input becomes canonical in ddb_item_check() and
 * ddb_value_check() and nowhere else; every other function trusts its input.
 *
 * A DdbValue is a view: scalars point into the jsonb they were read from (or
 * into palloc'd memory), and a container stays in its jsonb form ("raw")
 * until ddb_value_expand() is asked for its members.  The jsonb must outlive
 * the view.
 */
#ifndef DDB_ITEM_H
#define DDB_ITEM_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

/* In the order of DynamoDB's own type letters in its error messages. */
typedef enum DdbType
{
	DDB_S,
	DDB_N,
	DDB_B,
	DDB_SS,
	DDB_NS,
	DDB_BS,
	DDB_M,
	DDB_L,
	DDB_NULL,
	DDB_BOOL
} DdbType;

#define DDB_NTYPES 10

/* Limits; see "Limits" in the developer guide. */
#define DDB_MAX_ITEM_SIZE		409600	/* bytes, by ddb_item_size() */
#define DDB_MAX_NESTING			31	/* lists and maps around a leaf */
#define DDB_MAX_NUMBER_DIGITS	38
#define DDB_NUMBER_BUFLEN		176 /* longest canonical number, with NUL */
#define DDB_MAX_ATTRIBUTE_NAME	65535	/* bytes */

#define DDB_NESTING_MESSAGE \
	"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"

typedef struct DdbAttribute DdbAttribute;

typedef struct DdbValue
{
	DdbType		type;
	bool		boolean;		/* BOOL */
	int			len;			/* S, N, B: bytes; containers: members */
	const char *data;			/* S: stored text; N: canonical decimal; B: base64 */
	JsonbContainer *raw;		/* M, L, sets: unexpanded form, else NULL */
	struct DdbValue *elements;	/* L and sets, once expanded */
	DdbAttribute *attributes;	/* M, once expanded; no order promised */
} DdbValue;

struct DdbAttribute
{
	const char *name;
	int			name_len;
	DdbValue	value;
};

/* "S", "N", ...; and back (false when it is no type) */

/* ddb_type_name gives the type's letters, as in requests and messages. */
extern const char *ddb_type_name(DdbType type);

/* ddb_type_parse is the inverse of ddb_type_name; false when name is no type. */
extern bool ddb_type_parse(const char *name, int len, DdbType *type);

/*
 * DynamoDB checks values in two layers, and an operation's values go through one of
 * them: the current one reads numbers with an exponent of 64 bits and quotes the
 * members of a set with duplicates, the older one, which PartiQL has too, reads them
 * as Java's BigDecimal does and lists members as sent.
 */
typedef enum DdbValueLayer
{
	DDB_VALUES_CURRENT,
	DDB_VALUES_OLDER
} DdbValueLayer;

/*
 * Client input.  Both raise a ValidationException (or SerializationException
 * where the JSON has the wrong shape) in DynamoDB's words.
 */

/*
 * ddb_item_check validates a whole attribute map and gives it in canonical
 * form: the same pointer when it already was.  *size gets the item size in
 * bytes.  The 400 KB limit is left to the caller, whose message depends on
 * the operation.
 */
extern Jsonb *ddb_item_check(Jsonb *item, DdbValueLayer layer, int64 *size);

/*
 * ddb_value_check does the same for one attribute value (an expression
 * attribute value, say), expanded and canonical.
 */
extern void ddb_value_check(const JsonbValue *jbv, DdbValueLayer layer, DdbValue *out);

/*
 * ddb_value_validate is ddb_value_check for callers that put the complaint
 * into a sentence of their own ("ExpressionAttributeValues contains invalid
 * value: ... for key :v"): it gives NULL, or the message of the
 * ValidationException it did not raise.  It still raises SerializationExceptions.
 */
extern const char *ddb_value_validate(const JsonbValue *jbv, DdbValueLayer layer, DdbValue *out);

/* ddb_name_problem is what is wrong with the length of an attribute name, or NULL. */
extern const char *ddb_name_problem(const char *name, int len);

/*
 * ddb_item_check_types and ddb_value_check_types raise just the
 * SerializationExceptions, which in a request come before any other error: for an
 * attribute map, and for the {"S": ...} object of one value.
 */
extern void ddb_item_check_types(JsonbContainer *item);
extern void ddb_value_check_types(JsonbContainer *value);

/* Stored data. */

/* ddb_value_read views one stored attribute value: jbv is the {"S": ...} object. */
extern void ddb_value_read(const JsonbValue *jbv, DdbValue *out);

/* ddb_item_lookup views one attribute of an item; false when it is absent. */
extern bool ddb_item_lookup(JsonbContainer *item, const char *name, int len,
							DdbValue *out);

/* ddb_map_lookup and ddb_list_lookup reach one level into a value, raw or expanded; the wrong type gives false. */
extern bool ddb_map_lookup(const DdbValue *map, const char *name, int len,
						   DdbValue *out);
extern bool ddb_list_lookup(const DdbValue *list, int64 index, DdbValue *out);

/* ddb_value_expand fills elements or attributes (one level) from raw, in CurrentMemoryContext. */
extern void ddb_value_expand(DdbValue *value);

/* ddb_value_nesting is how many lists and maps lie one in another in value: 0 for a scalar or a set. */
extern int	ddb_value_nesting(const DdbValue *value);

/* ddb_value_member_count is the number of members of M, L or a set, raw or expanded. */
extern int	ddb_value_member_count(const DdbValue *value);

/* ddb_item_view makes an M value (raw) of a whole item. */
extern void ddb_item_view(Jsonb *item, DdbValue *out);

/* ddb_item_from_value writes an M value as an item. */
extern Jsonb *ddb_item_from_value(const DdbValue *map);

/* ddb_value_to_jsonb writes the one attribute value, {"S": ...}. */
extern Jsonb *ddb_value_to_jsonb(const DdbValue *value);

/* ddb_value_push appends {"S": ...} for value to a jsonb under construction. */
extern void ddb_value_push(JsonbParseState **state, const DdbValue *value,
						   bool as_element);

/*
 * ddb_json_compose puts an object together from finished parts, which are copied
 * as they are: the members of base (NULL: none) and n more, each an object or
 * array, or an array of elements.  No name may come twice.
 */
typedef struct DdbJsonPart
{
	const char *name;
	Jsonb	   *value;			/* or NULL: the array of elements */
	Jsonb	  **elements;
	int			nelements;
} DdbJsonPart;

extern Jsonb *ddb_json_compose(Jsonb *base, const DdbJsonPart *parts, int n);

/* Sizes in bytes by DynamoDB's rules. */

/* ddb_value_size gives the size of one value, in bytes. */
extern int64 ddb_value_size(const DdbValue *value);

/* ddb_item_size_bytes gives the size of a stored item, in bytes. */
extern int64 ddb_item_size_bytes(JsonbContainer *item);

/* Comparison.  Compare takes two values of one type S, N or B. */

/* ddb_value_compare gives -1, 0 or 1 for two values of one type S, N or B. */
extern int	ddb_value_compare(const DdbValue *a, const DdbValue *b);

/*
 * ddb_set_sort puts n members of a set in the order in which sets are stored and
 * returned: strings and binaries by their bytes, numbers by value.  It tells whether
 * they were in another one.
 */
extern bool ddb_set_sort(DdbValue *members, int n);

/* Equality of any two values: numbers by value, sets without order, maps and lists deeply. */

/* ddb_value_equal tells whether two values of any types are the same. */
extern bool ddb_value_equal(const DdbValue *a, const DdbValue *b);

/* Whether two stored items are equal in that sense. */

/*
 * ddb_item_equal tells whether two stored items are equal.  Both are canonical, so
 * equal ones can differ in the order of their sets only, which takes the same room.
 */
extern bool ddb_item_equal(Jsonb *a, Jsonb *b);

/* Whether set (SS, NS, BS) holds element (S, N, B). */

/*
 * ddb_set_contains tells whether a set holds element; false when their types
 * do not go together.
 */
extern bool ddb_set_contains(const DdbValue *set, const DdbValue *element);

/* Numbers. */

/*
 * ddb_number_canonical writes the canonical form of the len bytes at s to
 * buf[DDB_NUMBER_BUFLEN] and gives its length; raises a ValidationException for
 * what is no number, too precise or out of range.
 */
extern int	ddb_number_canonical(const char *s, int len, char *buf);

/*
 * ddb_number_read reads a number as the older layer does, which is as Java's
 * BigDecimal does, with exponent and scale in 32 bits: magnitude, which is precision less
 * scale, wraps, so that 1e2147483647 is too small.  It writes the canonical form and
 * its length, and gives NULL, or the message on what is wrong.  ddb_number_scale_fits
 * tells whether exponent and scale of a number are in 32 bits.
 */
extern const char *ddb_number_read(const char *s, int len, char *buf, int *buflen);
extern bool ddb_number_scale_fits(const char *s, int len);

/* ddb_number_compare gives -1, 0 or 1 for two canonical numbers. */
extern int	ddb_number_compare(const char *a, int alen, const char *b, int blen);

/* a + b or a - b, canonical; ValidationException on overflow. */

/*
 * ddb_number_add sets *out to a + b, or a - b, in canonical form, in palloc'd
 * memory.  A result out of range or of more than 38 digits is a
 * ValidationException.
 */
extern void ddb_number_add(const DdbValue *a, const DdbValue *b, bool subtract,
						   DdbValue *out);

/*
 * ddb_number_json_kind names a JSON number in messages: NUMBER_VALUE, or
 * DECIMAL_VALUE when it has a fraction.
 */
extern const char *ddb_number_json_kind(const struct NumericData *number);

/*
 * ddb_value_from_json marshals plain JSON: strings to S, numbers to N, booleans
 * to BOOL, null to NULL, arrays to L, objects to M.  Attribute names and nesting
 * are not checked here.
 */
extern void ddb_value_from_json(const JsonbValue *jbv, DdbValue *out);

/*
 * Text.  DdbValues, names, jsonb and key columns hold it in stored form, in which two
 * characters have escapes of two bytes; escape.c says why that does no harm.
 */

#define DDB_ESCAPE_MESSAGE \
	"Invalid text in jsonb: U+0000 is \\u0001\\u0001 there and U+0001 is \\u0001\\u0002, as ddb_jsonb() gives them"

/* ddb_word_has_escape tells whether one of a word's bytes is 01. */
static inline bool
ddb_word_has_escape(uint64 word)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);

	/* the usual test for a zero byte, after 01 became zero */
	word ^= ones;
	return ((word - ones) & ~word & (ones << 7)) != 0;
}

/*
 * ddb_text_has_escape tells whether a stored text has an escape: the byte 01.  Most
 * texts are short, so a few words, which may overlap, are looked at in line.
 */
static inline bool
ddb_text_has_escape(const char *data, int len)
{
	uint64		word;
	uint32		first;
	uint32		last;

	if (len > 64)
		return memchr(data, '\1', len) != NULL;
	if (len >= 8)
	{
		for (int i = 0; i < len - 8; i += 8)
		{
			memcpy(&word, data + i, 8);
			if (ddb_word_has_escape(word))
				return true;
		}
		memcpy(&word, data + len - 8, 8);
		return ddb_word_has_escape(word);
	}
	if (len >= 4)
	{
		memcpy(&first, data, 4);
		memcpy(&last, data + len - 4, 4);
		return ddb_word_has_escape((uint64) first << 32 | last);
	}
	return len > 0 && (data[0] == '\1' || data[len / 2] == '\1' || data[len - 1] == '\1');
}

/* ddb_text_count_escapes counts the escapes in a stored text that has the byte 01. */
extern int	ddb_text_count_escapes(const char *data, int len);

/* ddb_text_length is the bytes of the true text. */
static inline int
ddb_text_length(const char *data, int len)
{
	return ddb_text_has_escape(data, len) ? len - ddb_text_count_escapes(data, len) : len;
}

/* ddb_text_is_valid tells whether text that came as jsonb is in stored form. */
extern bool ddb_text_is_valid(const char *data, int len);

/*
 * ddb_text_begins_character tells whether a character begins, or the text ends, at a
 * byte of the stored text at data: whoever searches stored text must ask.
 */
extern bool ddb_text_begins_character(const char *data, const char *at);

/*
 * ddb_text_true gives the true text, which may have zero bytes, of a stored one of *len
 * bytes: itself, or a palloc'd copy.
 */
extern const char *ddb_text_true(const char *data, int *len);

/* ddb_text_store gives PostgreSQL's own text, *len bytes, in stored form: itself or a palloc'd copy. */
extern const char *ddb_text_store(const char *data, int *len);

/* ddb_json_read turns JSON text into jsonb; raises jsonb_in()'s errors. */
extern Jsonb *ddb_json_read(const char *json);

/* ddb_json_write appends a document of about len bytes as JSON text. */
extern void ddb_json_write(StringInfo out, JsonbContainer *document, int len);

/* ddb_json_compact appends JSON text without the white space that it has between its tokens. */
extern void ddb_json_compact(StringInfo out, const char *json);

/*
 * ddb_json_show makes JSON text of ddb_json_write() from what PostgreSQL or jansson wrote of
 * stored text, from offset from to the end of json.
 */
extern void ddb_json_show(StringInfo json, int from);

/* Key columns. */

/* ddb_value_to_datum gives S as text, N as numeric, B as bytea. */
extern Datum ddb_value_to_datum(const DdbValue *value);

/* ddb_value_from_datum is its inverse; type is S, N or B. */
extern void ddb_value_from_datum(DdbType type, Datum datum, DdbValue *out);

/* decoded bytes of a B value; *len gets their number */

/*
 * ddb_binary_decode gives the bytes of a B value, palloc'd, and in *len their
 * number.
 */
extern char *ddb_binary_decode(const DdbValue *value, int *len);

#endif							/* DDB_ITEM_H */
