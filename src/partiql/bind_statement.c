/*
 * bind_statement.c
 *	  Parameters, and statements with their parameters.
 */
#include "postgres.h"

#include "error.h"
#include "partiql/partiql_private.h"

/*
 * ddb_partiql_parameters checks Parameters one after the other and raises what is
 * wrong with the first bad one.
 */
void
ddb_partiql_parameters(JsonbContainer *list, DdbParameters *parameters)
{
	parameters->count = list != NULL ? JsonContainerSize(list) : 0;
	parameters->values = NULL;
	if (parameters->count == 0)
		return;
	parameters->values = palloc(parameters->count * sizeof(DdbValue));
	for (int i = 0; i < parameters->count; i++)
		ddb_value_check(getIthJsonbValueFromContainer(list, i), DDB_VALUES_OLDER,
						&parameters->values[i]);
}

static bool
is_set(const DdbValue *value)
{
	return value->type == DDB_SS || value->type == DDB_NS || value->type == DDB_BS;
}

/*
 * ddb_partiql_bind gives each slot its value and checks what depends on types.
 */
DdbBoundStatement *
ddb_partiql_bind(const DdbStatement *statement, const DdbParameters *parameters)
{
	DdbBoundStatement *bound = palloc0(sizeof(DdbBoundStatement));

	if (parameters->count != statement->nparameters)
		PQL_VALIDATION("Number of parameters in request and statement don't match.");
	bound->statement = statement;
	bound->values = palloc((statement->nslots + 1) * sizeof(DdbValue));
	for (int i = 0; i < statement->nslots; i++)
	{
		const PqlSlot *slot = &statement->slots[i];

		bound->values[i] = slot->parameter < 0 ? slot->literal :
			parameters->values[slot->parameter];
	}
	if (statement->where != NULL)
		bound->where = ddb_expr_bind_values(statement->where, bound->values);
	for (int i = 0; i < statement->nset_operands; i++)
	{
		const PqlSetOperand *operand = &statement->set_operands[i];

		if (!is_set(&bound->values[operand->slot]))
			PQL_VALIDATION("The second argument to %s must be a value with type SET %s",
						   operand->function, operand->at);
	}
	if (statement->update != NULL)
		bound->update = ddb_expr_bind_values(statement->update, bound->values);
	return bound;
}

DdbStatementKind
ddb_partiql_kind(const DdbBoundStatement *bound)
{
	switch (bound->statement->verb)
	{
		case PQL_SELECT:
			return DDB_STATEMENT_SELECT;
		case PQL_EXISTS:
			return DDB_STATEMENT_EXISTS;
		default:
			return DDB_STATEMENT_WRITE;
	}
}

const char *
ddb_partiql_table_name(const DdbBoundStatement *bound)
{
	return bound->statement->table_name;
}

bool
ddb_partiql_has_returning(const DdbBoundStatement *bound)
{
	return bound->statement->returning != PQL_RETURNING_NONE;
}

void
ddb_partiql_check_no_index(const DdbBoundStatement *bound)
{
	if (bound->statement->index_name != NULL)
		PQL_VALIDATION("Reads on indices are not supported within transactions.");
}

void
ddb_partiql_check_alone(const DdbBoundStatement *bound)
{
	if (bound->statement->verb == PQL_EXISTS)
		PQL_VALIDATION("EXISTS can only be used in ExecuteTransaction write requests.");
	if (bound->statement->returning_problem != NULL)
		PQL_VALIDATION("%s", bound->statement->returning_problem);
}
