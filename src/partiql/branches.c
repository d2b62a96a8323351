/*
 * branches.c
 *	  What a WHERE clause says about the key that a SELECT reads by.
 *
 * A clause is a Query's if it pins the partition key, by = or IN, whichever of
 * its alternatives holds; else it is the filter of a Scan.  A pinned clause is
 * taken apart into branches: the disjunctive form over the conditions on the
 * key.  What says nothing about the key stays whole, ORs and NOTs included, so
 * there are only as many branches as the key asks for; more than MAX_BRANCHES
 * are not listed.
 *
 * Everything here depends on the text and on the table's definition alone and is
 * kept with the statement: values are slots.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "error.h"
#include "partiql/plan.h"

#define MAX_BRANCHES 1000
#define MAX_LEAVES 100000		/* in all branches */

/* Conditions that hold together, while a clause is taken apart. */
typedef struct Conjunction
{
	int			nleaves;
	const DdbNode **leaves;
} Conjunction;

typedef struct Disjunction
{
	int			count;
	Conjunction *items;
} Disjunction;

typedef struct Analysis
{
	const DdbTableDesc *desc;
	const DdbIndexDesc *index;
	const DdbKeyAttribute *partition;
	const DdbKeyAttribute *sort;	/* or NULL */
	int			nleaves;		/* made so far */
	bool		too_many;
} Analysis;

static Disjunction take_apart(Analysis *a, const DdbNode *node);

static bool
is_attribute(const DdbNode *node, const DdbKeyAttribute *att)
{
	const DdbPathPart *part;

	if (att == NULL || node->type != DDB_NODE_PATH || node->path->nparts != 1)
		return false;
	part = &node->path->parts[0];
	return part->len == att->name_len && memcmp(part->name, att->name, part->len) == 0;
}

static void
set_slots(PqlTerm *term, DdbNode *const *values, int n)
{
	term->nslots = n;
	term->slots = palloc((n + 1) * sizeof(int));
	for (int i = 0; i < n; i++)
		term->slots[i] = values[i]->slot;
}

/*
 * read_comparison reads "attribute op value" or "value op attribute".
 */
static bool
read_comparison(const DdbNode *node, const DdbKeyAttribute *att, PqlTerm *term)
{
	static const PqlTermKind kinds[] = {
		[DDB_COMPARE_EQ] = PQL_TERM_IN,[DDB_COMPARE_LT] = PQL_TERM_LT,[DDB_COMPARE_LE] = PQL_TERM_LE,
		[DDB_COMPARE_GT] = PQL_TERM_GT,[DDB_COMPARE_GE] = PQL_TERM_GE
	};
	static const DdbCompareOp reversed[] = {
		[DDB_COMPARE_EQ] = DDB_COMPARE_EQ,[DDB_COMPARE_NE] = DDB_COMPARE_NE,[DDB_COMPARE_LT] = DDB_COMPARE_GT,
		[DDB_COMPARE_LE] = DDB_COMPARE_GE,[DDB_COMPARE_GT] = DDB_COMPARE_LT,[DDB_COMPARE_GE] = DDB_COMPARE_LE
	};
	bool		swapped = !is_attribute(node->args[0], att);
	DdbNode    *value = node->args[swapped ? 0 : 1];

	if (node->op == DDB_COMPARE_NE || value->type != DDB_NODE_VALUE ||
		(swapped && !is_attribute(node->args[1], att)))
		return false;
	term->kind = kinds[swapped ? reversed[node->op] : node->op];
	set_slots(term, &value, 1);
	return true;
}

/*
 * read_term reads a condition that narrows a read on one key attribute; false
 * when it is none.
 */
static bool
read_term(const DdbNode *node, const DdbKeyAttribute *att, PqlTerm *term)
{
	if (att == NULL)
		return false;
	if (node->type == DDB_NODE_COMPARE)
		return read_comparison(node, att, term);
	if (node->nargs < 2 || !is_attribute(node->args[0], att))
		return false;
	for (int i = 1; i < node->nargs; i++)
	{
		if (node->args[i]->type != DDB_NODE_VALUE)
			return false;
	}
	if (node->type == DDB_NODE_IN)
		term->kind = PQL_TERM_IN;
	else if (node->type == DDB_NODE_BETWEEN)
		term->kind = PQL_TERM_BETWEEN;
	else if (node->type == DDB_NODE_FUNCTION && node->function == DDB_FN_BEGINS_WITH)
		term->kind = PQL_TERM_BEGINS_WITH;
	else
		return false;
	set_slots(term, &node->args[1], node->nargs - 1);
	return true;
}

/*
 * pins tells whether a condition pins the partition key: of a conjunction one
 * part does, of a disjunction all.
 */
static bool
pins(const Analysis *a, const DdbNode *node)
{
	PqlTerm		term;

	check_stack_depth();
	if (node->type == DDB_NODE_AND)
		return pins(a, node->args[0]) || pins(a, node->args[1]);
	if (node->type == DDB_NODE_OR)
		return pins(a, node->args[0]) && pins(a, node->args[1]);
	return read_term(node, a->partition, &term) && term.kind == PQL_TERM_IN;
}

/*
 * has_term tells whether there is a condition on the key below ANDs and ORs.
 */
static bool
has_term(const Analysis *a, const DdbNode *node)
{
	PqlTerm		term;

	check_stack_depth();
	if (node->type == DDB_NODE_AND || node->type == DDB_NODE_OR)
		return has_term(a, node->args[0]) || has_term(a, node->args[1]);
	return read_term(node, a->sort, &term) ||
		(read_term(node, a->partition, &term) && term.kind == PQL_TERM_IN);
}

/*
 * multiply gives the conjunctions of one of each side.
 */
static Disjunction
multiply(Analysis *a, const Disjunction *x, const Disjunction *y)
{
	Disjunction result = {0};

	if ((int64) x->count * y->count > MAX_BRANCHES)
	{
		a->too_many = true;
		return result;
	}
	result.items = palloc((x->count * y->count + 1) * sizeof(Conjunction));
	for (int i = 0; i < x->count && !a->too_many; i++)
	{
		for (int j = 0; j < y->count; j++)
		{
			const Conjunction *left = &x->items[i];
			const Conjunction *right = &y->items[j];
			Conjunction *item = &result.items[result.count++];

			CHECK_FOR_INTERRUPTS();
			item->nleaves = left->nleaves + right->nleaves;
			a->nleaves += item->nleaves;
			a->too_many = a->nleaves > MAX_LEAVES;
			if (a->too_many)
				break;
			item->leaves = palloc(item->nleaves * sizeof(DdbNode *));
			memcpy(item->leaves, left->leaves, left->nleaves * sizeof(DdbNode *));
			memcpy(item->leaves + left->nleaves, right->leaves, right->nleaves * sizeof(DdbNode *));
		}
	}
	return result;
}

/*
 * add_leaf appends a condition that stays whole to a conjunction.
 */
static void
add_leaf(Conjunction *conjunction, int *capacity, const DdbNode *node)
{
	if (conjunction->nleaves == *capacity)
	{
		*capacity = *capacity == 0 ? 8 : 2 * *capacity;
		conjunction->leaves = conjunction->leaves == NULL ?
			palloc(*capacity * sizeof(DdbNode *)) :
			repalloc(conjunction->leaves, *capacity * sizeof(DdbNode *));
	}
	conjunction->leaves[conjunction->nleaves++] = node;
}

/*
 * collect_conjuncts lists what an AND holds together, down to what is no AND:
 * alternatives about the key apart from all else.
 */
static void
collect_conjuncts(const Analysis *a, const DdbNode *node, Conjunction *leaves, int *capacity,
				  List **alternatives)
{
	check_stack_depth();
	if (node->type == DDB_NODE_AND)
	{
		collect_conjuncts(a, node->args[0], leaves, capacity, alternatives);
		collect_conjuncts(a, node->args[1], leaves, capacity, alternatives);
	}
	else if (node->type == DDB_NODE_OR && has_term(a, node))
		*alternatives = lappend(*alternatives, (void *) node);
	else
		add_leaf(leaves, capacity, node);
}

/*
 * take_or_apart gives the alternatives of both sides.
 */
static Disjunction
take_or_apart(Analysis *a, const DdbNode *node)
{
	Disjunction result = {0};
	Disjunction left = take_apart(a, node->args[0]);
	Disjunction right = take_apart(a, node->args[1]);

	a->too_many = a->too_many || left.count + right.count > MAX_BRANCHES;
	if (a->too_many)
		return result;
	result.count = left.count + right.count;
	result.items = palloc(result.count * sizeof(Conjunction));
	memcpy(result.items, left.items, left.count * sizeof(Conjunction));
	memcpy(result.items + left.count, right.items, right.count * sizeof(Conjunction));
	return result;
}

/*
 * take_apart gives the disjunctive form of a condition.
 */
static Disjunction
take_apart(Analysis *a, const DdbNode *node)
{
	Disjunction result = {0};
	List	   *alternatives = NIL;
	ListCell   *lc;
	int			capacity = 0;

	check_stack_depth();
	if (node->type == DDB_NODE_OR && has_term(a, node))
		return take_or_apart(a, node);
	result.count = 1;
	result.items = palloc0(sizeof(Conjunction));
	collect_conjuncts(a, node, &result.items[0], &capacity, &alternatives);
	foreach(lc, alternatives)
	{
		Disjunction other = take_or_apart(a, lfirst(lc));

		if (a->too_many)
			break;
		result = multiply(a, &result, &other);
	}
	return result;
}

/*
 * is_negation tells conditions on the sort key that are negated: they narrow
 * nothing, and overlap with nothing either.
 */
static bool
is_negation(const Analysis *a, const DdbNode *leaf)
{
	PqlTerm		term;

	if (leaf->type == DDB_NODE_NOT)
		return read_term(leaf->args[0], a->sort, &term);
	if (leaf->type != DDB_NODE_COMPARE || leaf->op != DDB_COMPARE_NE)
		return false;
	return (is_attribute(leaf->args[0], a->sort) && leaf->args[1]->type == DDB_NODE_VALUE) ||
		(is_attribute(leaf->args[1], a->sort) && leaf->args[0]->type == DDB_NODE_VALUE);
}

/* Attributes that the index does not hold. */

typedef struct NameList
{
	const Analysis *analysis;
	StringInfoData text;		/* "a, b" */
	List	   *names;			/* of DdbPathPart * */
} NameList;

static void
add_name(NameList *list, const DdbPathPart *part)
{
	ListCell   *lc;

	if (ddb_index_projects(list->analysis->desc, list->analysis->index, part->name, part->len))
		return;
	foreach(lc, list->names)
	{
		const DdbPathPart *other = lfirst(lc);

		if (other->len == part->len && memcmp(other->name, part->name, part->len) == 0)
			return;
	}
	list->names = lappend(list->names, (void *) part);
	appendStringInfo(&list->text, "%s%.*s", list->text.len > 0 ? ", " : "", part->len, part->name);
}

static void
add_names_of(NameList *list, const DdbNode *node)
{
	check_stack_depth();
	if (node->type == DDB_NODE_PATH)
		add_name(list, &node->path->parts[0]);
	for (int i = 0; i < node->nargs; i++)
		add_names_of(list, node->args[i]);
}

/*
 * unprojected lists the attributes that a branch's conditions read beyond the
 * index: those in alternatives first, then the others, each in the order
 * written.  NULL: none.
 */
static const char *
unprojected(const Analysis *a, const Conjunction *conjunction)
{
	NameList	list = {.analysis = a};

	if (a->index->projection == DDB_PROJECT_ALL)
		return NULL;
	initStringInfo(&list.text);
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < conjunction->nleaves; i++)
		{
			if ((conjunction->leaves[i]->type == DDB_NODE_OR) == (pass == 0))
				add_names_of(&list, conjunction->leaves[i]);
		}
	}
	return list.text.len > 0 ? list.text.data : NULL;
}

/*
 * make_branch sorts a conjunction's conditions.
 */
static void
make_branch(const Analysis *a, const Conjunction *conjunction, PqlBranch *branch)
{
	bool		negated = false;
	bool		narrowed = false;

	memset(branch, 0, sizeof(PqlBranch));
	branch->terms = palloc((conjunction->nleaves + 1) * sizeof(PqlTerm));
	for (int i = 0; i < conjunction->nleaves; i++)
	{
		const DdbNode *leaf = conjunction->leaves[i];
		PqlTerm    *term = &branch->terms[branch->nterms];

		memset(term, 0, sizeof(PqlTerm));
		if (read_term(leaf, a->partition, term) && term->kind == PQL_TERM_IN)
			branch->nterms++;
		else if (read_term(leaf, a->sort, term))
		{
			term->sort = true;
			narrowed = true;
			branch->nterms++;
		}
		else
		{
			branch->filters = true;
			negated = negated || is_negation(a, leaf);
		}
	}
	branch->exempt = negated && !narrowed;
	branch->unprojected = unprojected(a, conjunction);
}

/*
 * ddb_pql_branches fills in a plan what the WHERE clause says about the key of
 * the plan's index.
 */
void
ddb_pql_branches(const DdbStatement *statement, const DdbTableDesc *desc,
				 const DdbIndexDesc *index, PqlPlan *plan)
{
	Analysis	a = {.desc = desc,.index = index};
	Disjunction branches;

	if (statement->where == NULL)
		return;
	a.partition = ddb_index_attribute(desc, index, 0);
	if (index->nsort > 0)
		a.sort = ddb_index_attribute(desc, index, index->npartition);
	plan->keyed = pins(&a, statement->where->condition);
	if (!plan->keyed)
		return;
	branches = take_apart(&a, statement->where->condition);
	plan->too_many = a.too_many;
	if (a.too_many)
		return;
	plan->nbranches = branches.count;
	plan->branches = palloc(branches.count * sizeof(PqlBranch));
	for (int i = 0; i < branches.count; i++)
	{
		make_branch(&a, &branches.items[i], &plan->branches[i]);
		plan->filters = plan->filters || plan->branches[i].filters;
	}
}
