/*
 * expr.h
 *	  The DynamoDB expression language.
 *
 * An expression goes through three stages:
 *
 *		text --parse--> DdbExpr --bind--> DdbBoundExpr --evaluate--> result
 *
 * Parsing depends on the text alone and is cached for the session.  Binding
 * resolves placeholders against one request's names and values, checks
 * everything that can be checked without an item, and lives in
 * CurrentMemoryContext.  All errors are ValidationExceptions in DynamoDB's words.
 *
 * The parameter's name ("ConditionExpression", ...) stands in the messages,
 * so it is part of the kind.
 */
#ifndef DDB_EXPR_H
#define DDB_EXPR_H

#include "item/item.h"

typedef enum DdbExprKind
{
	DDB_EXPR_CONDITION,			/* ConditionExpression */
	DDB_EXPR_FILTER,			/* FilterExpression */
	DDB_EXPR_KEY_CONDITION,		/* KeyConditionExpression */
	DDB_EXPR_UPDATE,			/* UpdateExpression */
	DDB_EXPR_PROJECTION			/* ProjectionExpression */
} DdbExprKind;

typedef struct DdbExpr DdbExpr; /* parsed, cached, read-only */
typedef struct DdbBoundExpr DdbBoundExpr;
typedef struct DdbBindings DdbBindings;

/*
 * ddb_expr_parse parses text or finds it in the session's cache (bounded, least
 * recently used goes first).  What it gives is good until CurrentMemoryContext
 * is reset or deleted.
 */
extern const DdbExpr *ddb_expr_parse(DdbExprKind kind, const char *text, int len);

/*
 * ddb_bindings_create takes ExpressionAttributeNames and
 * ExpressionAttributeValues (each NULL when the request has none) and checks
 * their form, values in a layer's words.  Where the operation wraps these, what is
 * wrong with a value is told as "ExpressionAttributeValues contains invalid value: ...
 * for key :v".
 */
extern DdbBindings *ddb_bindings_create(Jsonb *names, Jsonb *values, DdbValueLayer layer,
										bool wraps);

/* ddb_bindings_check_unused raises the error for names and values no bound expression used. */
extern void ddb_bindings_check_unused(const DdbBindings *bindings);

/*
 * ddb_expr_bind resolves an expression's placeholders and checks everything
 * that can be checked without an item.
 */
extern DdbBoundExpr *ddb_expr_bind(const DdbExpr *expr, DdbBindings *bindings);

/*
 * Conditions and filters; item is NULL when there is no item.  Evaluation may
 * leave a few bytes in CurrentMemoryContext: a scan resets it from item to item.
 */

/*
 * ddb_condition_eval tells whether item, or no item where it is NULL, meets the
 * condition.
 */
extern bool ddb_condition_eval(const DdbBoundExpr *cond, Jsonb *item);

/* ddb_condition_work is the number of operators and values that an evaluation may look at. */
extern int	ddb_condition_work(const DdbBoundExpr *cond);

/*
 * ddb_expr_top_names calls back with the top-level attribute name of every path
 * in the expression (any kind), for rules such as "Filter Expression can only
 * contain non-primary key attributes" and "Cannot update attribute ... This
 * attribute is part of the key".  Of an update only the targets count, not the
 * paths that its operands read.
 */
typedef void (*DdbNameCallback) (const char *name, int len, void *arg);
extern void ddb_expr_top_names(const DdbBoundExpr *expr, DdbNameCallback callback,
							   void *arg);

/*
 * ddb_expr_nested_names calls back with the top-level attribute name of every path that
 * leads further, wherever it stands.
 */
extern void ddb_expr_nested_names(const DdbBoundExpr *expr, DdbNameCallback callback,
								  void *arg);

/*
 * Updates.  ddb_update_apply gives the new item.  old is NULL when there is no
 * item; base is what the update starts from (old, or the key attributes of
 * an item to be created).  Operands read base.
 */
extern Jsonb *ddb_update_apply(const DdbBoundExpr *update, Jsonb *base);

/*
 * ddb_update_project gives of item just what the update's paths name
 * (UPDATED_OLD, UPDATED_NEW), or NULL when that is nothing.
 */
extern Jsonb *ddb_update_project(const DdbBoundExpr *update, Jsonb *item);

/* What an update does to a top-level attribute. */
typedef enum DdbTouch
{
	DDB_TOUCH_NOT,
	DDB_TOUCH_GIVEN,			/* sets it to a value of the request */
	DDB_TOUCH_COMPUTED
} DdbTouch;

/* ddb_update_touches tells which; *value gets the value given. */
extern DdbTouch ddb_update_touches(const DdbBoundExpr *update, const char *name, int len,
								   const DdbValue **value);

/* ddb_update_only_removes tells whether an update has no action that could create an item. */
extern bool ddb_update_only_removes(const DdbBoundExpr *update);

/*
 * ddb_update_charge is what an update's text and values count for, in bytes: an
 * UpdateItem has a limit for it besides that of the item it makes.
 */
extern int64 ddb_update_charge(const DdbBoundExpr *update);

/* ddb_projection_apply gives the projected item; {} when nothing is left. */
extern Jsonb *ddb_projection_apply(const DdbBoundExpr *projection, Jsonb *item);

/* Key conditions. */
typedef enum DdbKeyOp
{
	DDB_KEY_EQ,
	DDB_KEY_LT,
	DDB_KEY_LE,
	DDB_KEY_GT,
	DDB_KEY_GE,
	DDB_KEY_BETWEEN,
	DDB_KEY_BEGINS_WITH
} DdbKeyOp;

typedef struct DdbKeyTerm
{
	const char *name;			/* attribute */
	int			name_len;
	DdbKeyOp	op;
	DdbValue	a;				/* operand, or BETWEEN's lower bound */
	DdbValue	b;				/* BETWEEN's upper bound */
} DdbKeyTerm;

#define DDB_MAX_KEY_TERMS 8		/* 4 partition and 4 sort attributes */

/* what KeyConditions answers where a key has no more than two attributes */
#define DDB_KEY_CONDITIONS_MESSAGE "Conditions can be of length 1 or 2 only"

/*
 * ddb_key_condition_terms gives the terms of a bound key condition, in the
 * order written: AND of comparisons of one attribute with values.  Other
 * operators, OR, NOT, a second condition on one attribute and nested paths are
 * refused here; which attributes are keys, and how many there may be, is the
 * caller's business.
 */
extern int	ddb_key_condition_terms(const DdbBoundExpr *cond, DdbKeyTerm **terms);

#endif							/* DDB_EXPR_H */
