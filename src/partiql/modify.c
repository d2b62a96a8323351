/*
 * modify.c
 *	  INSERT, UPDATE, DELETE and EXISTS as writes, and SELECTs of one item as gets.
 *
 * Such a statement names its item by equality on each key attribute, among the
 * conditions that hold together at the top of its WHERE clause.  All of the
 * clause is the write's condition, unless it says nothing beyond the key; EXISTS
 * checks just what goes beyond the key.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lockdefs.h"

#include "error.h"
#include "partiql/plan.h"

/* What a WHERE clause says about one key attribute. */
typedef struct KeyValue
{
	const DdbKeyAttribute *att;
	int			count;			/* of different values */
	const DdbValue *value;		/* the first */
} KeyValue;

typedef struct KeyClause
{
	const DdbBoundStatement *bound;
	bool		accepts_in;		/* IN with one value is an equality */
	int			nkeys;
	KeyValue	keys[2];
	List	   *others;			/* other conditions, of const DdbNode * */
} KeyClause;

static bool
is_attribute(const DdbNode *node, const DdbKeyAttribute *att)
{
	const DdbPathPart *part;

	if (node->type != DDB_NODE_PATH || node->path->nparts != 1)
		return false;
	part = &node->path->parts[0];
	return part->len == att->name_len && memcmp(part->name, att->name, part->len) == 0;
}

/*
 * equality_value gives the value that a condition sets an attribute equal to, or
 * NULL.
 */
static const DdbValue *
equality_value(const KeyClause *clause, const DdbNode *node, const DdbKeyAttribute *att)
{
	bool		equality = node->type == DDB_NODE_COMPARE && node->op == DDB_COMPARE_EQ;

	if (node->type == DDB_NODE_IN && node->nargs == 2 && clause->accepts_in)
		equality = true;
	if (!equality)
		return NULL;
	for (int i = 0; i < 2; i++)
	{
		if (is_attribute(node->args[i], att) && node->args[1 - i]->type == DDB_NODE_VALUE)
			return clause->bound->where->values[node->args[1 - i]->slot];
	}
	return NULL;
}

/*
 * read_clause goes through the conditions that hold together.
 */
static void
read_clause(KeyClause *clause, const DdbNode *node)
{
	check_stack_depth();
	if (node->type == DDB_NODE_AND)
	{
		read_clause(clause, node->args[0]);
		read_clause(clause, node->args[1]);
		return;
	}
	for (int i = 0; i < clause->nkeys; i++)
	{
		KeyValue   *key = &clause->keys[i];
		const DdbValue *value = equality_value(clause, node, key->att);

		if (value == NULL)
			continue;
		if (key->count == 0)
			key->value = value;
		if (key->count == 0 || !ddb_value_equal(key->value, value))
			key->count++;
		return;
	}
	clause->others = lappend(clause->others, (void *) node);
}

static void
begin_clause(KeyClause *clause, const DdbBoundStatement *bound, const DdbTableDesc *desc,
			 bool accepts_in)
{
	memset(clause, 0, sizeof(KeyClause));
	clause->bound = bound;
	clause->accepts_in = accepts_in;
	clause->nkeys = ddb_index_nkeys(&desc->primary);
	for (int i = 0; i < clause->nkeys; i++)
		clause->keys[i].att = ddb_index_attribute(desc, &desc->primary, i);
	if (bound->where != NULL)
		read_clause(clause, bound->where->expr->condition);
}

/*
 * make_key gives the key that a clause names: what it has of it.  In a
 * transaction one with two values is no key.
 */
static Jsonb *
make_key(const KeyClause *clause, bool one_value)
{
	DdbAttribute attributes[2];
	DdbValue	map = {.type = DDB_M,.attributes = attributes};

	for (int i = 0; i < clause->nkeys; i++)
	{
		const KeyValue *key = &clause->keys[i];

		if (key->count == 0 || (one_value && key->count > 1))
			continue;
		attributes[map.len].name = key->att->name;
		attributes[map.len].name_len = key->att->name_len;
		attributes[map.len].value = *key->value;
		map.len++;
	}
	return ddb_item_from_value(&map);
}

/*
 * check_key refuses a clause that does not name one item.
 */
static void
check_key(const KeyClause *clause)
{
	for (int i = 0; i < clause->nkeys; i++)
	{
		if (clause->keys[i].count == 0)
			PQL_VALIDATION("Where clause does not contain a mandatory equality on all key attributes");
	}
	for (int i = 0; i < clause->nkeys; i++)
	{
		if (clause->keys[i].count > 1)
			PQL_VALIDATION("Multiple conditions on same key %s. Only single item Update/Insert/Delete are supported",
						   clause->keys[i].att->name);
	}
}

/*
 * make_item gives the item of an INSERT.
 */
static Jsonb *
make_item(const DdbBoundStatement *bound)
{
	const DdbStatement *statement = bound->statement;
	DdbValue	map = {.type = DDB_M};

	map.len = statement->nmembers;
	map.attributes = palloc((map.len + 1) * sizeof(DdbAttribute));
	for (int i = 0; i < map.len; i++)
	{
		map.attributes[i].name = statement->members[i].name;
		map.attributes[i].name_len = statement->members[i].name_len;
		map.attributes[i].value = bound->values[statement->members[i].slot];
	}
	return ddb_item_from_value(&map);
}

/*
 * other_conditions gives what a clause says beyond the key.
 */
static DdbBoundExpr *
other_conditions(const KeyClause *clause)
{
	const DdbBoundExpr *where = clause->bound->where;
	DdbExpr    *expr = palloc(sizeof(DdbExpr));
	DdbBoundExpr *bound = palloc(sizeof(DdbBoundExpr));
	ListCell   *lc;

	*expr = *where->expr;
	*bound = *where;
	bound->expr = expr;
	expr->condition = NULL;
	foreach(lc, clause->others)
	{
		DdbNode    *node = lfirst(lc);

		expr->condition = expr->condition == NULL ? node :
			ddb_node_operator(expr, DDB_NODE_AND, expr->condition, node);
	}
	return bound;
}

/*
 * address finds the item that a statement names.
 */
static void
address(const DdbBoundStatement *bound, bool transactional, const DdbTableDesc *desc,
		DdbWriteOp *op)
{
	KeyClause	clause;

	begin_clause(&clause, bound, desc, false);
	if (op->kind == DDB_OP_CHECK && clause.others == NIL)
		PQL_VALIDATION("EXISTS() must contain a single item read with additional condition");
	if (!transactional)
		check_key(&clause);
	op->key = make_key(&clause, op->kind != DDB_OP_CHECK);
	if (op->kind == DDB_OP_CHECK)
		op->bound_condition = other_conditions(&clause);
	else if (clause.others != NIL)
		op->bound_condition = bound->where;
}

/*
 * ddb_partiql_write_op makes a write.
 */
void
ddb_partiql_write_op(const DdbBoundStatement *bound, bool transactional, DdbWriteOp *op)
{
	static const DdbReturnValues return_values[] = {
		[PQL_RETURNING_NONE] = DDB_RETURN_NONE,
		[PQL_RETURNING_ALL_OLD] = DDB_RETURN_ALL_OLD,
		[PQL_RETURNING_MODIFIED_OLD] = DDB_RETURN_UPDATED_OLD,
		[PQL_RETURNING_ALL_NEW] = DDB_RETURN_ALL_NEW,
		[PQL_RETURNING_MODIFIED_NEW] = DDB_RETURN_UPDATED_NEW
	};
	const DdbStatement *statement = bound->statement;
	DdbTableDesc *desc;

	op->table_name = statement->table_name;
	op->statement = true;
	op->return_values = return_values[statement->returning];
	switch (statement->verb)
	{
		case PQL_INSERT:
			op->kind = DDB_OP_PUT;
			op->existence = DDB_EXISTENCE_NEW;
			op->item = make_item(bound);
			return;
		case PQL_UPDATE:
			op->kind = DDB_OP_UPDATE;
			op->existence = DDB_EXISTENCE_REQUIRED;
			op->bound_update = bound->update;
			break;
		case PQL_DELETE:
			op->kind = DDB_OP_DELETE;
			op->existence = DDB_EXISTENCE_OPTIONAL;
			break;
		default:
			/* as ConditionCheck, which an item that is not there can pass */
			op->kind = DDB_OP_CHECK;
			break;
	}
	desc = ddb_desc_open(statement->table_name,
						 op->kind == DDB_OP_CHECK ? AccessShareLock : RowExclusiveLock);
	PG_TRY();
	{
		address(bound, transactional, desc, op);
	}
	PG_FINALLY();
	{
		ddb_desc_close(desc);
	}
	PG_END_TRY();
}

/*
 * check_by_key refuses a SELECT that does not ask for one item by its key and
 * nothing else.
 */
static void
check_by_key(const KeyClause *clause, bool transactional, const DdbTableDesc *desc,
			 const DdbIndexDesc *index)
{
	const DdbStatement *statement = clause->bound->statement;
	bool		by_key = index->kind == DDB_INDEX_PRIMARY && clause->others == NIL &&
	statement->norder == 0;
	const PqlPlan *plan;

	for (int i = 0; i < clause->nkeys; i++)
		by_key = by_key && clause->keys[i].count == 1;
	if (by_key)
		return;
	plan = ddb_pql_plan(&statement, desc, index);
	if (plan->keyed)
		(void) ddb_pql_check_reads(plan);	/* which refuses first */
	PQL_VALIDATION("Select statements within %s must specify the primary key in the where clause.",
				   transactional ? "ExecuteTransaction" : "BatchExecuteStatement");
}

/*
 * plan_get makes the get; in a transaction a key of the wrong type is the get's own
 * error.
 */
static void
plan_get(const DdbBoundStatement *bound, bool transactional, const DdbTableDesc *desc, DdbGetOp *op)
{
	const DdbIndexDesc *index = ddb_pql_index(bound->statement, desc, op->consistent);
	KeyClause	clause;

	begin_clause(&clause, bound, desc, true);
	check_by_key(&clause, transactional, desc, index);
	for (int i = 0; i < clause.nkeys && !transactional; i++)
	{
		if (clause.keys[i].value->type != clause.keys[i].att->type)
			PQL_VALIDATION("Key attribute's data type should match its data type in table's schema: Key %s",
						   clause.keys[i].att->name);
	}
	op->table_name = bound->statement->table_name;
	op->key = make_key(&clause, true);
	op->transactional = transactional;
}

/*
 * ddb_select_get_op makes the get of a SELECT of one item.
 */
void
ddb_select_get_op(const DdbBoundStatement *bound, bool transactional, bool consistent,
				  DdbGetOp *op)
{
	DdbTableDesc *desc = ddb_desc_open(bound->statement->table_name, AccessShareLock);

	op->consistent = consistent;
	PG_TRY();
	{
		ddb_check_read(desc->relid);
		plan_get(bound, transactional, desc, op);
	}
	PG_FINALLY();
	{
		ddb_desc_close(desc);
	}
	PG_END_TRY();
}
