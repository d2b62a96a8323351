/*
 * plan.c
 *	  Table, index and key of a SELECT, and its plan, which is made once for each
 *	  version of the table's definition.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "error.h"
#include "op/capacity.h"
#include "partiql/plan.h"

/*
 * ddb_pql_index finds the index that a SELECT reads, the primary key if it names
 * none, and refuses what can't be read.
 */
const DdbIndexDesc *
ddb_pql_index(const DdbStatement *statement, const DdbTableDesc *desc, bool consistent)
{
	const DdbIndexDesc *index = &desc->primary;

	if (statement->index_name != NULL)
	{
		index = ddb_desc_index(desc, statement->index_name);
		if (index == NULL)
			PQL_VALIDATION("The table does not have the specified index");
		if (consistent && index->kind == DDB_INDEX_GLOBAL)
			PQL_VALIDATION("Strongly consistent read is not supported on Global Secondary Indexes");
		if (index->npartition > 1 || index->nsort > 1)
			PQL_VALIDATION("PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.");
	}
	if (statement->column_problem != NULL)
		PQL_VALIDATION("%s", statement->column_problem);
	return index;
}

/*
 * unprojected_columns lists the columns that an index does not hold, each once;
 * NULL: none.
 */
static const char *
unprojected_columns(const DdbStatement *statement, const DdbTableDesc *desc,
					const DdbIndexDesc *index)
{
	StringInfoData list;

	if (index->projection == DDB_PROJECT_ALL || statement->ncolumns == 0)
		return NULL;
	initStringInfo(&list);
	for (int i = 0; i < statement->ncolumns; i++)
	{
		const DdbPathPart *part = &statement->columns[i].path->parts[0];
		bool		again = false;

		for (int j = 0; j < i && !again; j++)
		{
			const DdbPathPart *other = &statement->columns[j].path->parts[0];

			again = other->len == part->len && memcmp(other->name, part->name, part->len) == 0;
		}
		if (!again && !ddb_index_projects(desc, index, part->name, part->len))
			appendStringInfo(&list, "%s%.*s", list.len > 0 ? ", " : "", part->len, part->name);
	}
	return list.len > 0 ? list.data : NULL;
}

/*
 * ddb_pql_plan gives the plan of a SELECT.  A statement that was planned for
 * another version of the table's definition is renewed, and *statement is the new
 * one then; slots and trees are alike.
 */
const PqlPlan *
ddb_pql_plan(const DdbStatement **statement, const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	MemoryContext context;
	MemoryContext old;
	PqlPlan    *plan;

	while ((*statement)->plan != NULL)
	{
		if ((*statement)->plan->generation == desc->generation)
			return (*statement)->plan;
		*statement = ddb_pql_renew(*statement);
	}
	context = AllocSetContextCreate(CurrentMemoryContext, "ddb statement plan",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	plan = palloc0(sizeof(PqlPlan));
	plan->generation = desc->generation;
	plan->unprojected_columns = unprojected_columns(*statement, desc, index);
	ddb_pql_branches(*statement, desc, index, plan);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, ddb_pql_context(*statement));
	((DdbStatement *) *statement)->plan = plan;
	return plan;
}
