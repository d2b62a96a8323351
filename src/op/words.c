/*
 * words.c
 *	  The table of operations and their words.
 */
#include "postgres.h"

#include "op/words.h"

typedef enum Operation
{
	GET_ITEM,
	PUT_ITEM,
	UPDATE_ITEM,
	DELETE_ITEM,
	QUERY,
	SCAN,
	BATCH_GET,
	BATCH_WRITE,
	TRANSACT_GET,
	TRANSACT_WRITE,
	STATEMENT
} Operation;

static const DdbWords table[] = {
	[GET_ITEM] = {"GetItem", false, DDB_VALUES_CURRENT, false},
	[PUT_ITEM] = {"PutItem", true, DDB_VALUES_CURRENT, false},
	[UPDATE_ITEM] = {"UpdateItem", true, DDB_VALUES_CURRENT, false},
	[DELETE_ITEM] = {"DeleteItem", true, DDB_VALUES_CURRENT, false},
	[QUERY] = {"Query", false, DDB_VALUES_CURRENT, false},
	[SCAN] = {"Scan", false, DDB_VALUES_OLDER, true},
	[BATCH_GET] = {"BatchGetItem", false, DDB_VALUES_CURRENT, false},
	[BATCH_WRITE] = {"BatchWriteItem", false, DDB_VALUES_OLDER, false},
	[TRANSACT_GET] = {"TransactGetItems", false, DDB_VALUES_CURRENT, false},
	[TRANSACT_WRITE] = {"TransactWriteItems", false, DDB_VALUES_CURRENT, false},
	[STATEMENT] = {"ExecuteStatement", false, DDB_VALUES_OLDER, false}
};

const DdbWords *
ddb_words_of_write(const DdbWriteOp *op)
{
	if (op->statement)
		return &table[STATEMENT];
	if (op->transactional)
		return &table[TRANSACT_WRITE];
	if (op->batch)
		return &table[BATCH_WRITE];
	return &table[op->kind == DDB_OP_PUT ? PUT_ITEM :
				  op->kind == DDB_OP_UPDATE ? UPDATE_ITEM : DELETE_ITEM];
}

const DdbWords *
ddb_words_of_get(const DdbGetOp *op)
{
	return &table[op->transactional ? TRANSACT_GET : op->batch ? BATCH_GET : GET_ITEM];
}

const DdbWords *
ddb_words_of_read(const DdbReadOp *op)
{
	return &table[op->query ? QUERY : SCAN];
}
