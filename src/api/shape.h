/*
 * shape.h
 *	  What requests look like: members, types and constraints, as data.
 *
 * Each operation describes its request with one struct shape.  ddb_shape_check()
 * then does for all of them what DynamoDB's protocol layer does, in its order:
 * first every JSON type (SerializationException at the first wrong one), then
 * every constraint, collected into one ValidationException ("2 validation
 * errors detected: ...").  Members that no shape names are ignored, as DynamoDB does;
 * those that ddb can't do are named as refused, so that none is accepted in silence.
 * A member that is not refused has to be read by the operation's handler, which
 * a test sees to (ddb_test.unread_members).
 *
 * Constraints have two forms.  The old one, "Value 'x' at 'tableName' failed to
 * satisfy constraint: ...", is collected.  The new one, "Value at 'TableName' failed
 * to satisfy constraint: ...", ends the check: it is reported alone.  An enum of the
 * new form, "Failed to satisfy constraint: Member must satisfy enum value set: ...",
 * is collected like those of the old one.  Which form a constraint has is a property
 * of its shape, as is what is reported beside it.
 *
 * Attribute values, and maps of them, are opaque here (DDB_SHAPE_VALUE,
 * DDB_SHAPE_ITEM): src/item checks what is in them.
 */
#ifndef DDB_SHAPE_H
#define DDB_SHAPE_H

#include "utils/jsonb.h"

#include "compat.h"
#include "table/desc.h"

typedef enum DdbShapeKind
{
	DDB_SHAPE_STRING,
	DDB_SHAPE_BOOLEAN,
	DDB_SHAPE_INTEGER,			/* 32 bits */
	DDB_SHAPE_LONG,				/* 64 bits */
	DDB_SHAPE_DOUBLE,
	DDB_SHAPE_LIST,
	DDB_SHAPE_MAP,				/* string to element */
	DDB_SHAPE_STRUCT,
	DDB_SHAPE_ITEM,				/* attribute map */
	DDB_SHAPE_VALUE				/* attribute value */
} DdbShapeKind;

typedef struct DdbShape DdbShape;

typedef struct DdbMember
{
	const char *name;			/* "TableName" */
	const DdbShape *shape;
	bool		required;
	bool		alone;			/* when it is missing that is all that is said, in other words */
	bool		refused;		/* known, but nothing that ddb does */
	bool		ignored;		/* nothing that DynamoDB heeds either */
} DdbMember;

/* How many violated constraints of a request one error reports. */
typedef enum DdbCollects
{
	DDB_COLLECTS_ALL,
	DDB_COLLECTS_AFTER_FIRST,	/* all, but that of the first member alone */
	DDB_COLLECTS_BEFORE_LAST,	/* all, but those of the last member only alone */
	DDB_COLLECTS_ONE
} DdbCollects;

/* Constraints in the new form. */
#define DDB_NEW_MIN (1 << 0)
#define DDB_NEW_MAX (1 << 1)
#define DDB_NEW_ENUM (1 << 2)
#define DDB_NEW_ENUM_BARE (1 << 3)	/* alone, and without "1 validation error detected: " */

struct DdbShape
{
	DdbShapeKind kind;
	/* type's name in messages about collections: "WriteRequest" for a struct */
	const char *type_name;
	/* length of a string, list or map, or value of a number; max 0: no limit */
	bool		has_min;
	int64		min;
	int64		max;
	const char *pattern;		/* strings: characters allowed, as the message shows it */
	const char *characters;		/* the same for strspn() */
	bool		in_characters;	/* strings: that is their length, not bytes */
	bool		arn;			/* strings: or an ARN, up to 1024 bytes */
	const char *const *enums;	/* strings: NULL-terminated, in the order of the message */
	const DdbShape *element;	/* LIST, MAP */
	const DdbShape *key;		/* MAP: constraints on keys, or NULL */
	const DdbShape *value;		/* MAP: those on lengths of values that are told of the map */
	bool		java;			/* MAP: messages show it as Java does, not as JSON */
	const DdbMember *members;	/* STRUCT: ends with a NULL name */
	DdbCollects collects;		/* STRUCT */
	int			new_forms;		/* DDB_NEW_... */
	const char *const *new_enums;	/* strings: the order of the message in the new form */
	/* STRUCT: members in the old form, for a request without a member, or too deep */
	const DdbShape *old_form;
	const char *old_without;
};

/* ddb_shape_check checks a whole request against a struct shape. */
extern void ddb_shape_check(const DdbShape *shape, Jsonb *request);

/*
 * ddb_shape_check_member checks one member of a request on its own, for a door that has
 * no request; value is NULL where it is absent.
 */
extern void ddb_shape_check_member(const DdbShape *shape, const char *name,
								   const JsonbValue *value);

/* ddb_shape_refuse_missing raises the error for an absent member that is `alone`. */
pg_noreturn extern void ddb_shape_refuse_missing(const char *name);

/* Shapes that many requests share. */
extern const DdbShape ddb_shape_string;
extern const DdbShape ddb_shape_boolean;
extern const DdbShape ddb_shape_integer;
extern const DdbShape ddb_shape_long;
extern const DdbShape ddb_shape_double;
extern const DdbShape ddb_shape_item;
extern const DdbShape ddb_shape_value;
extern const DdbShape ddb_shape_value_list;
extern const DdbShape ddb_shape_item_list;
extern const DdbShape ddb_shape_table_name;
extern const DdbShape ddb_shape_written_table_name; /* of PutItem, UpdateItem, DeleteItem */
extern const DdbShape ddb_shape_batch_table_name;	/* key of RequestItems */
extern const DdbShape ddb_shape_index_name;
extern const DdbShape ddb_shape_names;	/* ExpressionAttributeNames */
extern const DdbShape ddb_shape_attribute_names;	/* AttributesToGet */
extern const DdbShape ddb_shape_return_consumed_capacity;
extern const DdbShape ddb_shape_return_item_collection_metrics;
extern const DdbShape ddb_shape_return_values;
extern const DdbShape ddb_shape_return_values_old_form;
extern const DdbShape ddb_shape_return_values_on_failure;
extern const DdbShape ddb_shape_conditional_operator;	/* in the old form */
extern const DdbShape ddb_shape_conditional_operator_new_form;
extern const DdbShape ddb_shape_conditional_operator_bare;
extern const DdbShape ddb_shape_limit;
extern const DdbShape ddb_shape_segment;
extern const DdbShape ddb_shape_total_segments;
extern const DdbShape ddb_shape_batch_get_tables;	/* RequestItems */
extern const DdbShape ddb_shape_batch_write_tables;
extern const DdbShape ddb_shape_expected;	/* map of ExpectedAttributeValue */
extern const DdbShape ddb_shape_conditions; /* map of Condition */
extern const DdbShape ddb_shape_one_table;	/* TableName alone */
extern const DdbShape ddb_shape_nothing;	/* no parameters */

#endif							/* DDB_SHAPE_H */
