/*
 * write.c
 *	  PutItem, UpdateItem, DeleteItem, and each write of a batch or transaction.
 *
 * Everything that can be checked without the item is checked before the table
 * is touched.  The rest happens in decide(), which the store calls with the
 * latest version of the item, again if that version turns out to be replaced.
 * A transaction judges its items once before that, locked (ddb_write_judge).
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "jsonb/member.h"
#include "op/steps.h"
#include "op/words.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))
#define UPDATE_SIZE_MESSAGE "Item size to update has exceeded the maximum allowed size"
#define RETURN_VALUES_MESSAGE "ReturnValues can only be ALL_OLD or NONE"
#define BAD_PARAMETERS(...) \
	ereport(ERROR, ddb_errcode_parameters(), errmsg(__VA_ARGS__))

bool
ddb_return_values_parse(const char *name, DdbReturnValues *value)
{
	static const char *const names[] = {
		[DDB_RETURN_NONE] = "NONE",
		[DDB_RETURN_ALL_OLD] = "ALL_OLD",
		[DDB_RETURN_UPDATED_OLD] = "UPDATED_OLD",
		[DDB_RETURN_ALL_NEW] = "ALL_NEW",
		[DDB_RETURN_UPDATED_NEW] = "UPDATED_NEW"
	};

	*value = DDB_RETURN_NONE;
	if (name == NULL)
		return true;
	for (int i = 0; i < lengthof(names); i++)
	{
		*value = (DdbReturnValues) i;
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static Jsonb *
copy_jsonb(Jsonb *jsonb)
{
	Jsonb	   *copy = palloc(VARSIZE(jsonb));

	memcpy(copy, jsonb, VARSIZE(jsonb));
	return copy;
}

/*
 * condition_failed raises ConditionalCheckFailedException; the item goes into
 * the error's detail where the request asked for it.
 */
pg_noreturn static void
condition_failed(const DdbWriteOp *op, Jsonb *old)
{
	ereport(ERROR, ddb_errcode(DDB_CONDITIONAL_CHECK_FAILED),
			errmsg("The conditional request failed"),
			op->return_old_on_failure && old != NULL ?
			errdetail_internal("%s", JsonbToCString(NULL, &old->root, VARSIZE(old))) : 0);
}

/*
 * put_item sets what a put stores and returns.
 */
static void
put_item(DdbItemWrite *w, Jsonb *old)
{
	w->write.item = w->item;
	if (w->op->return_values == DDB_RETURN_ALL_OLD && old != NULL)
		w->attributes = copy_jsonb(old);
}

/*
 * update_purpose tells what the update does to key attribute i, and gives the value
 * that it sets, or NULL.
 */
static DdbRowPurpose
update_purpose(const DdbItemWrite *w, int i, bool exists, const DdbValue **value)
{
	const DdbKeyAttribute *att = &w->write.desc->attributes[i];
	DdbTouch	touch = DDB_TOUCH_NOT;

	*value = NULL;
	if (w->update != NULL)
		touch = ddb_update_touches(w->update, att->name, att->name_len, value);
	if (touch == DDB_TOUCH_NOT)
		return exists ? DDB_ROW_FILL : DDB_ROW_PUT;
	if (w->op->bound_update != NULL)
		return DDB_ROW_PUT;
	return touch == DDB_TOUCH_GIVEN ? DDB_ROW_UPDATE_VALUE : DDB_ROW_UPDATE;
}

/*
 * update_columns fills the columns of an updated item.  What the update does not touch
 * is as it was, though it may not fit an index that came later.
 */
static void
update_columns(DdbItemWrite *w, Jsonb *item, bool exists)
{
	DdbRowPurpose purposes[DDB_MAX_TABLE_KEYS];
	const DdbValue *value;

	for (int i = 0; i < w->write.desc->nattributes; i++)
		purposes[i] = update_purpose(w, i, exists, &value);
	ddb_row_update_columns(w->write.desc, item, purposes, &w->write.columns);
}

/*
 * check_update_values refuses values that an update is to set index keys to and that
 * can't be keys: empty ones alone, or all.
 */
static void
check_update_values(const DdbItemWrite *w, bool only_empty)
{
	const DdbTableDesc *desc = w->write.desc;

	for (int i = 0; w->update != NULL && i < desc->nattributes; i++)
	{
		const DdbValue *value;
		DdbRowPurpose purpose = update_purpose(w, i, true, &value);

		if (value != NULL && !ddb_desc_is_key(&desc->primary, i) &&
			(!only_empty || (value->type == desc->attributes[i].type && value->len == 0)))
			ddb_row_check_value(desc, i, value, purpose);
	}
}

/*
 * update_item computes the new item and what the update returns.  An update that only
 * takes away makes no item where there is none.
 */
static void
update_item(DdbItemWrite *w, Jsonb *old)
{
	Jsonb	   *base = old != NULL ? old : w->item;
	Jsonb	   *new_item = base;

	if (w->update != NULL)
		new_item = ddb_update_apply(w->update, base);
	if (old == NULL && w->update != NULL && ddb_update_only_removes(w->update))
		return;
	w->size = ddb_item_size_bytes(&new_item->root);
	if (w->size > DDB_MAX_ITEM_SIZE)
		VALIDATION(UPDATE_SIZE_MESSAGE);
	update_columns(w, new_item, old != NULL);
	w->write.item = new_item;

	switch (w->op->return_values)
	{
		case DDB_RETURN_NONE:
			break;
		case DDB_RETURN_ALL_OLD:
			w->attributes = old ? copy_jsonb(old) : NULL;
			break;
		case DDB_RETURN_ALL_NEW:
			w->attributes = copy_jsonb(new_item);
			break;
		case DDB_RETURN_UPDATED_OLD:
			w->attributes = old && w->update ?
				ddb_update_project(w->update, old) : NULL;
			break;
		case DDB_RETURN_UPDATED_NEW:
			w->attributes = w->update ?
				ddb_update_project(w->update, new_item) : NULL;
			break;
	}
}

/*
 * count_capacity adds what a write of the version found consumes.  A
 * ConditionCheck costs what writing the item as it is would cost.
 */
static void
count_capacity(DdbItemWrite *w, Jsonb *old)
{
	DdbCapacity *capacity = w->op->capacity;
	Jsonb	   *new = w->op->kind == DDB_OP_DELETE ? NULL :
	w->op->kind == DDB_OP_CHECK ? old : w->write.item;
	int64		old_size = old ? ddb_item_size_bytes(&old->root) : 0;
	int64		new_size = new ? ddb_item_size_bytes(&new->root) : 0;

	*capacity = w->capacity_before;
	ddb_capacity_add_write(capacity, w->write.desc, old, new, w->op->transactional);
	w->larger_size = Max(old_size, new_size);
}

/*
 * needs_old tells whether a write looks at the version it replaces.
 */
static bool
needs_old(const DdbItemWrite *w)
{
	return w->condition != NULL || w->op->kind == DDB_OP_UPDATE ||
		w->op->capacity != NULL || w->op->return_values != DDB_RETURN_NONE;
}

/*
 * check_existence applies what the operation asks of the item's being there.
 */
static void
check_existence(const DdbItemWrite *w)
{
	if (w->op->existence == DDB_EXISTENCE_NEW && w->write.exists)
		ereport(ERROR, ddb_errcode(DDB_DUPLICATE_ITEM),
				errmsg("Duplicate primary key exists in table"));
	if (w->op->existence == DDB_EXISTENCE_REQUIRED && !w->write.exists)
		condition_failed(w->op, NULL);
}

static bool
ignores_condition(const DdbItemWrite *w)
{
	return w->op->existence == DDB_EXISTENCE_OPTIONAL && !w->write.exists;
}

/*
 * judge evaluates the condition on old (NULL: no item) and computes what to
 * write.
 */
static void
judge(DdbItemWrite *w, Jsonb *old)
{
	const DdbWriteOp *op = w->op;

	w->attributes = NULL;
	w->write.item = NULL;
	check_existence(w);
	if (w->condition != NULL && !ignores_condition(w) && !ddb_condition_eval(w->condition, old))
		condition_failed(op, old);
	switch (op->kind)
	{
		case DDB_OP_PUT:
			put_item(w, old);
			break;
		case DDB_OP_UPDATE:
			update_item(w, old);
			break;
		case DDB_OP_DELETE:
			if (op->return_values == DDB_RETURN_ALL_OLD && old != NULL)
				w->attributes = copy_jsonb(old);
			break;
		case DDB_OP_CHECK:
			break;
	}
}

/*
 * decide judges the version found and says what to do with it.
 */
static DdbWriteAction
decide(DdbWrite *write)
{
	DdbItemWrite *w = write->arg;
	Jsonb	   *old = write->exists && needs_old(w) ? ddb_store_write_old(write) : NULL;

	judge(w, old);
	if (w->op->capacity != NULL)
		count_capacity(w, old);
	if (w->op->kind == DDB_OP_DELETE)
		return DDB_WRITE_DELETE;
	return write->item != NULL ? DDB_WRITE_PUT : DDB_WRITE_NOTHING;
}

static bool
is_deep(Jsonb *document)
{
	return document != NULL && ddb_json_is_deep(&document->root, DDB_OLD_FORM_DEPTH);
}

/*
 * check_return_values refuses the values an operation does not have ("API
 * reference: PutItem, DeleteItem").
 */
static void
check_return_values(const DdbWriteOp *op)
{
	if (op->kind == DDB_OP_UPDATE || op->return_values == DDB_RETURN_NONE ||
		op->return_values == DDB_RETURN_ALL_OLD)
		return;
	if (is_deep(op->item) || is_deep(op->key) || is_deep(op->values))
		VALIDATION(RETURN_VALUES_MESSAGE);
	BAD_PARAMETERS(RETURN_VALUES_MESSAGE);
}

/*
 * refuse_key_update is called for each top-level attribute of an update.
 */
static void
refuse_key_update(const char *name, int len, void *arg)
{
	const DdbTableDesc *desc = arg;

	for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, &desc->primary, i);

		if (att->name_len == len && memcmp(att->name, name, len) == 0)
			VALIDATION("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key",
					   att->name);
	}
}

/*
 * create_bindings checks the form of names and values, which are there for
 * expressions only; NULL when the request has no expression.
 */
static DdbBindings *
create_bindings(const DdbWriteOp *op, const DdbWords *words)
{
	if (op->statement)
		return NULL;
	if (op->update.data != NULL || op->condition.data != NULL)
		return ddb_bindings_create(op->names, op->values, words->values, words->wraps);
	/* in a transaction they may stand there for nothing */
	if (op->transactional)
		return NULL;
	if (op->names != NULL)
		BAD_PARAMETERS("ExpressionAttributeNames can only be specified when using expressions");
	if (op->values != NULL)
		BAD_PARAMETERS("ExpressionAttributeValues can only be specified when using expressions");
	return NULL;
}

/*
 * bind_expressions parses and binds a write's expressions, or takes over the trees
 * that stand in their place.
 */
static void
bind_expressions(const DdbWriteOp *op, DdbBindings *bindings, DdbItemWrite *w)
{
	w->update = op->bound_update;
	w->condition = op->bound_condition;
	if (bindings == NULL)
		return;
	if (op->update.data != NULL)
		w->update = ddb_expr_bind(ddb_expr_parse(DDB_EXPR_UPDATE, op->update.data,
												 op->update.len), bindings);
	if (op->condition.data != NULL)
		w->condition = ddb_expr_bind(ddb_expr_parse(DDB_EXPR_CONDITION, op->condition.data,
													op->condition.len), bindings);
	ddb_bindings_check_unused(bindings);
}

/*
 * check_item checks the item or key, and an item's size.
 */
static void
check_item(DdbItemWrite *w, const DdbWriteOp *op, const DdbWords *words)
{
	w->item = ddb_item_check(op->kind == DDB_OP_PUT ? op->item : op->key, words->values,
							 &w->size);
	if (op->kind == DDB_OP_PUT && w->size > DDB_MAX_ITEM_SIZE)
		VALIDATION("Item size has exceeded the maximum allowed size");
}

/*
 * ddb_write_prepare checks values, sizes and expressions.  An action of a transaction
 * has its expressions looked at first.
 */
void
ddb_write_prepare(DdbItemWrite *w, const DdbWriteOp *op)
{
	const DdbWords *words = ddb_words_of_write(op);
	DdbBindings *bindings;

	MemSet(w, 0, offsetof(DdbItemWrite, capacity_before));
	w->op = op;
	w->write.decide = decide;
	w->write.arg = w;
	w->write.nowait = op->nowait;
	PreventCommandIfReadOnly(words->operation);
	PreventCommandDuringRecovery("writing items");
	check_return_values(op);
	bindings = create_bindings(op, words);
	if (!op->transactional)
		check_item(w, op, words);
	bind_expressions(op, bindings, w);
	if (op->transactional)
		check_item(w, op, words);
}

/*
 * ddb_write_open opens the table, locked for writing, and checks rights.
 */
void
ddb_write_open(DdbItemWrite *w)
{
	w->write.desc = ddb_desc_open(w->op->table_name, RowExclusiveLock);
	ddb_check_write(w->write.desc->relid, w->op->kind,
					w->condition != NULL || w->op->return_values != DDB_RETURN_NONE);
	if (w->op->kind == DDB_OP_PUT || w->op->kind == DDB_OP_UPDATE)
		ddb_row_columns_create(w->write.desc, &w->write.columns);
}

/*
 * ddb_write_check_empty refuses empty keys.
 */
void
ddb_write_check_empty(DdbItemWrite *w)
{
	ddb_row_check_empty(w->write.desc, w->item,
						w->op->kind == DDB_OP_PUT ? DDB_ROW_PUT : DDB_ROW_KEY);
	check_update_values(w, true);
}

/*
 * ddb_write_bind_key finds the key, and checks all of the item or the update
 * that the table's schema has rules for.
 */
void
ddb_write_bind_key(DdbItemWrite *w)
{
	DdbTableDesc *desc = w->write.desc;

	if (w->op->kind == DDB_OP_PUT)
	{
		ddb_row_columns(desc, w->item, w->op->batch ? DDB_ROW_BATCH_PUT : DDB_ROW_PUT,
						&w->write.columns);
		for (int i = 0; i < ddb_index_nkeys(&desc->primary); i++)
			w->write.key[i] = w->write.columns.values[desc->primary.keys[i]];
	}
	else
		ddb_row_key(desc, w->item, w->write.key);
	ddb_check_key_paths(desc, w->update);
	ddb_check_key_paths(desc, w->condition);
	if (w->update != NULL)
		ddb_expr_top_names(w->update, refuse_key_update, desc);
	check_update_values(w, false);
	/* a limit of UpdateItem's own, beside that of the item */
	if (w->update != NULL && w->op->bound_update == NULL && !w->op->transactional &&
		ddb_update_charge(w->update) > DDB_MAX_ITEM_SIZE)
		VALIDATION(UPDATE_SIZE_MESSAGE);
}

/*
 * ddb_write_lock locks the key and the item to the transaction's end.
 */
void
ddb_write_lock(DdbItemWrite *w)
{
	w->old = ddb_store_lock(&w->write, w->op->kind == DDB_OP_DELETE, needs_old(w));
}

/*
 * ddb_write_judge finds out whether the write will do on the version locked.
 */
void
ddb_write_judge(DdbItemWrite *w)
{
	judge(w, w->old);
}

/*
 * ddb_write_run writes.  A ConditionCheck was judged already, and its locks
 * keep what it found as it is.
 */
void
ddb_write_run(DdbItemWrite *w)
{
	if (w->op->capacity != NULL)
		w->capacity_before = *w->op->capacity;
	if (w->op->kind != DDB_OP_CHECK)
		ddb_store_write(&w->write);
	else if (w->op->capacity != NULL)
		count_capacity(w, w->old);
}

void
ddb_write_close(DdbItemWrite *w)
{
	ddb_desc_close(w->write.desc);
}

/*
 * prepare_alone prepares the write of an operation that has just one.
 */
static void
prepare_alone(DdbItemWrite *w, const DdbWriteOp *op)
{
	MemoryContext context = CurrentMemoryContext;

	if (!ddb_words_of_write(op)->enveloped)
	{
		ddb_write_prepare(w, op);
		return;
	}
	PG_TRY();
	{
		ddb_write_prepare(w, op);
	}
	PG_CATCH();
	{
		ddb_error_rethrow_enveloped(context);
	}
	PG_END_TRY();
}

/*
 * ddb_op_write runs one write and gives the attributes its ReturnValues asks
 * for, or NULL.
 */
Jsonb *
ddb_op_write(const DdbWriteOp *op)
{
	DdbItemWrite w;

	prepare_alone(&w, op);
	ddb_write_open(&w);
	ddb_write_bind_key(&w);
	ddb_write_run(&w);
	ddb_write_close(&w);
	return w.attributes;
}
