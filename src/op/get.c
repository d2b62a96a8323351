/*
 * get.c
 *	  Reading one item by its key: GetItem, and each key of a BatchGetItem or
 *	  TransactGetItems.
 */
#include "postgres.h"

#include "storage/lockdefs.h"

#include "error.h"
#include "op/steps.h"
#include "op/words.h"

/*
 * ddb_get_prepare checks the form of the key and binds the projection.
 */
void
ddb_get_prepare(DdbItemGet *g, const DdbGetOp *op)
{
	const DdbWords *words = ddb_words_of_get(op);
	DdbBindings *bindings = NULL;
	int64		size;

	MemSet(g, 0, sizeof(DdbItemGet));
	g->op = op;
	if (op->projection.data != NULL)
		bindings = ddb_bindings_create(op->names, NULL, words->values, words->wraps);
	else if (op->names != NULL && !op->transactional)
		ereport(ERROR, ddb_errcode_parameters(),
				errmsg("ExpressionAttributeNames can only be specified when using expressions"));
	g->key_item = ddb_item_check(op->key, words->values, &size);
	g->projection = op->bound_projection;
	if (bindings != NULL)
	{
		g->projection = ddb_expr_bind(ddb_expr_parse(DDB_EXPR_PROJECTION, op->projection.data,
													 op->projection.len), bindings);
		ddb_bindings_check_unused(bindings);
	}
}

/*
 * ddb_get_open opens the table and checks the right to read it.
 */
void
ddb_get_open(DdbItemGet *g)
{
	g->desc = ddb_desc_open(g->op->table_name, AccessShareLock);
	ddb_check_read(g->desc->relid);
}

void
ddb_get_check_empty(DdbItemGet *g)
{
	ddb_row_check_empty(g->desc, g->key_item, DDB_ROW_KEY);
}

void
ddb_get_bind_key(DdbItemGet *g)
{
	ddb_row_key(g->desc, g->key_item, g->key);
	ddb_check_key_paths(g->desc, g->projection);
}

/*
 * ddb_get_run reads the item that snapshot sees.
 */
Jsonb *
ddb_get_run(DdbItemGet *g, Snapshot snapshot)
{
	Jsonb	   *item = ddb_store_get(g->desc, g->key, snapshot);

	g->size = item ? ddb_item_size_bytes(&item->root) : 0;
	if (g->op->capacity != NULL)
		ddb_capacity_add_read(g->op->capacity, NULL,
							  ddb_read_units(g->size, g->op->consistent, g->op->transactional));
	if (item != NULL && g->projection != NULL)
		item = ddb_projection_apply(g->projection, item);
	return item;
}

void
ddb_get_close(DdbItemGet *g)
{
	ddb_desc_close(g->desc);
}

/*
 * ddb_op_get gives the item with a key, projected, or NULL.
 */
Jsonb *
ddb_op_get(const DdbGetOp *op, Snapshot snapshot)
{
	DdbItemGet	g;
	Jsonb	   *item;

	ddb_get_prepare(&g, op);
	ddb_get_open(&g);
	ddb_get_bind_key(&g);
	item = ddb_get_run(&g, snapshot);
	ddb_get_close(&g);
	return item;
}
