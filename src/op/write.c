/*
 * write.c
 *	  PutItem, UpdateItem, DeleteItem.
 *
 * Everything that can be checked without the item is checked before the table
 * is touched.  The rest happens in decide(), which the store calls with the
 * latest version of the item, again if that version turns out to be replaced.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "error.h"
#include "op/capacity.h"
#include "op/op.h"
#include "store/store.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

typedef struct WriteState
{
	const DdbWriteOp *op;
	DdbBoundExpr *condition;
	DdbBoundExpr *update;
	Jsonb	   *item;			/* canonical item, or key to start from */
	Jsonb	   *attributes;		/* what ReturnValues asks for */
	DdbCapacity capacity_before;	/* to count anew when decide() is called again */
} WriteState;

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
put_item(WriteState *state, DdbWrite *write, Jsonb *old)
{
	write->item = state->item;
	if (state->op->return_values == DDB_RETURN_ALL_OLD && old != NULL)
		state->attributes = copy_jsonb(old);
}

/*
 * update_item computes the new item and what the update returns.
 */
static void
update_item(WriteState *state, DdbWrite *write, Jsonb *old)
{
	Jsonb	   *base = old != NULL ? old : state->item;
	Jsonb	   *new_item = base;

	if (state->update != NULL)
		new_item = ddb_update_apply(state->update, base);
	if (ddb_item_size_bytes(&new_item->root) > DDB_MAX_ITEM_SIZE)
		VALIDATION("Item size to update has exceeded the maximum allowed size");
	ddb_row_columns(write->desc, new_item, DDB_ROW_UPDATE, &write->columns);
	write->item = new_item;

	switch (state->op->return_values)
	{
		case DDB_RETURN_NONE:
			break;
		case DDB_RETURN_ALL_OLD:
			state->attributes = old ? copy_jsonb(old) : NULL;
			break;
		case DDB_RETURN_ALL_NEW:
			state->attributes = copy_jsonb(new_item);
			break;
		case DDB_RETURN_UPDATED_OLD:
			state->attributes = old && state->update ?
				ddb_update_project(state->update, old) : NULL;
			break;
		case DDB_RETURN_UPDATED_NEW:
			state->attributes = state->update ?
				ddb_update_project(state->update, new_item) : NULL;
			break;
	}
}

/*
 * count_capacity adds what a write of the version found consumes.
 */
static void
count_capacity(WriteState *state, DdbWrite *write, Jsonb *old)
{
	DdbCapacity *capacity = state->op->capacity;

	*capacity = state->capacity_before;
	ddb_capacity_add_write(capacity, write->desc, old,
						   state->op->kind == DDB_OP_DELETE ? NULL : write->item, false);
}

/*
 * decide judges the version found and says what to do with it.
 */
static DdbWriteAction
decide(DdbWrite *write)
{
	WriteState *state = write->arg;
	const DdbWriteOp *op = state->op;
	Jsonb	   *old = NULL;

	state->attributes = NULL;
	if (write->exists &&
		(state->condition != NULL || op->kind == DDB_OP_UPDATE ||
		 op->capacity != NULL || op->return_values != DDB_RETURN_NONE))
		old = ddb_write_old(write);
	if (state->condition != NULL && !ddb_condition_eval(state->condition, old))
		condition_failed(op, old);

	switch (op->kind)
	{
		case DDB_OP_PUT:
			put_item(state, write, old);
			break;
		case DDB_OP_UPDATE:
			update_item(state, write, old);
			break;
		case DDB_OP_DELETE:
			if (op->return_values == DDB_RETURN_ALL_OLD && old != NULL)
				state->attributes = copy_jsonb(old);
			break;
	}
	if (op->capacity != NULL)
		count_capacity(state, write, old);
	return op->kind == DDB_OP_DELETE ? DDB_WRITE_DELETE : DDB_WRITE_PUT;
}

/*
 * check_return_values refuses the values an operation does not have ("API
 * reference: PutItem, DeleteItem").
 */
static void
check_return_values(const DdbWriteOp *op)
{
	if (op->kind != DDB_OP_UPDATE && op->return_values != DDB_RETURN_NONE &&
		op->return_values != DDB_RETURN_ALL_OLD)
		VALIDATION("ReturnValues can only be ALL_OLD or NONE");
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
 * bind_expressions parses and binds a write's expressions.
 */
static void
bind_expressions(const DdbWriteOp *op, WriteState *state)
{
	DdbBindings *bindings;

	if (op->update_tree != NULL || op->condition_tree != NULL)
	{
		bindings = ddb_bindings_create(NULL, NULL);
		if (op->update_tree != NULL)
			state->update = ddb_expr_bind(op->update_tree, bindings);
		if (op->condition_tree != NULL)
			state->condition = ddb_expr_bind(op->condition_tree, bindings);
		return;
	}
	if (op->update.data == NULL && op->condition.data == NULL)
	{
		if (op->names != NULL)
			VALIDATION("ExpressionAttributeNames can only be specified when using expressions");
		if (op->values != NULL)
			VALIDATION("ExpressionAttributeValues can only be specified when using expressions: %s",
					   op->kind == DDB_OP_UPDATE ? "UpdateExpression and ConditionExpression are null" : "ConditionExpression is null");
		return;
	}
	bindings = ddb_bindings_create(op->names, op->values);
	if (op->update.data != NULL)
		state->update = ddb_expr_bind(ddb_expr_parse(DDB_EXPR_UPDATE, op->update.data,
													 op->update.len), bindings);
	if (op->condition.data != NULL)
		state->condition = ddb_expr_bind(ddb_expr_parse(DDB_EXPR_CONDITION, op->condition.data,
														op->condition.len), bindings);
	ddb_bindings_check_unused(bindings);
}

/*
 * prepare_put checks the item of a put and takes its key from it.
 */
static void
prepare_put(WriteState *state, DdbWrite *write)
{
	ddb_row_columns(write->desc, state->item, DDB_ROW_PUT, &write->columns);
	for (int i = 0; i < ddb_index_nkeys(&write->desc->primary); i++)
		write->key[i] = write->columns.values[write->desc->primary.keys[i]];
}

/*
 * ddb_op_write runs one write and gives the attributes its ReturnValues asks
 * for, or NULL.
 */
Jsonb *
ddb_op_write(const DdbWriteOp *op)
{
	WriteState	state;
	DdbWrite	write = {.decide = decide,.arg = &state};
	int64		size;

	MemSet(&state, 0, offsetof(WriteState, capacity_before));
	state.op = op;
	if (op->capacity != NULL)
		state.capacity_before = *op->capacity;
	PreventCommandIfReadOnly(op->kind == DDB_OP_PUT ? "ddb_put()" :
							 op->kind == DDB_OP_UPDATE ? "ddb_update()" : "ddb_delete()");
	PreventCommandDuringRecovery("writing items");
	check_return_values(op);
	state.item = ddb_item_check(op->kind == DDB_OP_PUT ? op->item : op->key, &size);
	if (op->kind == DDB_OP_PUT && size > DDB_MAX_ITEM_SIZE)
		VALIDATION("Item size has exceeded the maximum allowed size");
	bind_expressions(op, &state);

	write.desc = ddb_desc_open(op->table_name, RowExclusiveLock);
	ddb_check_write(write.desc->relid, op->kind,
					state.condition != NULL || op->return_values != DDB_RETURN_NONE);
	if (op->kind != DDB_OP_DELETE)
		ddb_row_columns_create(write.desc, &write.columns);
	if (op->kind == DDB_OP_PUT)
		prepare_put(&state, &write);
	else
		ddb_row_key(write.desc, state.item, write.key);
	if (state.update != NULL)
		ddb_expr_top_names(state.update, refuse_key_update, write.desc);
	ddb_store_write(&write);
	ddb_desc_close(write.desc);
	return state.attributes;
}
