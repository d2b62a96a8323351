/*
 * reads.c
 *	  The reads of a SELECT whose partition key is pinned, once values are known.
 *
 * Each value of the partition key, times each value of the sort key where it is
 * given by = or IN, is a read of its own; other conditions on the sort key narrow
 * it.  There may be PQL_MAX_READS, and two of one partition must not overlap,
 * so that no item comes twice.  Branches that are exempt from that turn all
 * reads of their partition into one of the whole partition, which the filter
 * reduces to what the clause says.
 */
#include "postgres.h"

#include "common/md5.h"

#include "compat.h"
#include "error.h"
#include "partiql/plan.h"

/* Values that an attribute may have, while a branch is read. */
typedef struct Values
{
	bool		given;			/* else any */
	int			count;
	const DdbValue **values;
} Values;

typedef struct Builder
{
	const DdbBoundStatement *bound;
	const DdbTableDesc *desc;
	const DdbIndexDesc *index;
	const DdbKeyAttribute *partition;
	const DdbKeyAttribute *sort;	/* or NULL */
	int			count;
	PqlRead    *reads;
} Builder;

static bool
has_value(const Values *values, const DdbValue *value)
{
	for (int i = 0; i < values->count; i++)
	{
		if (ddb_value_equal(values->values[i], value))
			return true;
	}
	return false;
}

/*
 * check_empty refuses an empty key value.
 */
static void
check_empty(const DdbKeyAttribute *att, const DdbValue *value)
{
	if (value->len == 0)
		PQL_VALIDATION("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
					   att->type == DDB_B ? "binary" : "string", att->name);
}

/*
 * add_values reads the values of = or IN: those of the first such condition that
 * the later ones have too.  A value written twice stays twice.
 */
static void
add_values(const Builder *b, const DdbKeyAttribute *att, const PqlTerm *term, Values *values)
{
	Values		listed = {.given = true};

	listed.values = palloc((term->nslots + 1) * sizeof(DdbValue *));
	for (int i = 0; i < term->nslots; i++)
	{
		const DdbValue *value = &b->bound->values[term->slots[i]];

		if (value->type != att->type)
			PQL_VALIDATION("Key attribute's data type should match its data type in table's schema: Key %s",
						   att->name);
		check_empty(att, value);
		listed.values[listed.count++] = value;
	}
	if (!values->given)
	{
		*values = listed;
		return;
	}
	for (int i = 0; i < values->count; i++)
	{
		if (!has_value(&listed, values->values[i]))
		{
			memmove(&values->values[i], &values->values[i + 1],
					(values->count - i - 1) * sizeof(DdbValue *));
			values->count--;
			i--;
		}
	}
}

/* Ranges of the sort key */

/*
 * tighten makes bound the tighter of itself and another one.
 */
static void
tighten(const DdbKeyAttribute *att, DdbBound *bound, const DdbBound *other, bool lower)
{
	int			order;

	if (!other->set)
		return;
	order = bound->set ? ddb_range_compare(att, other->value, bound->value) : 0;
	if (!lower)
		order = -order;
	if (!bound->set || order > 0)
		*bound = *other;
	else if (order == 0)
		bound->inclusive = bound->inclusive && other->inclusive;
}

/*
 * narrow applies a condition to a range; false when it holds for no value of the
 * attribute's type.
 */
static bool
narrow(const Builder *b, const PqlTerm *term, DdbRange *range)
{
	static const DdbKeyOp ops[] = {
		[PQL_TERM_LT] = DDB_KEY_LT,[PQL_TERM_LE] = DDB_KEY_LE,[PQL_TERM_GT] = DDB_KEY_GT,
		[PQL_TERM_GE] = DDB_KEY_GE,[PQL_TERM_BETWEEN] = DDB_KEY_BETWEEN,
		[PQL_TERM_BEGINS_WITH] = DDB_KEY_BEGINS_WITH
	};
	DdbKeyTerm	key = {.op = ops[term->kind]};
	DdbRange	other = {0};

	key.a = b->bound->values[term->slots[0]];
	if (term->nslots > 1)
		key.b = b->bound->values[term->slots[1]];
	if (key.a.type != b->sort->type || (term->nslots > 1 && key.b.type != b->sort->type) ||
		(term->kind == PQL_TERM_BEGINS_WITH && b->sort->type == DDB_N))
		return false;
	ddb_range_set_sort(&other, b->sort, &key);
	tighten(b->sort, &range->lower, &other.lower, true);
	tighten(b->sort, &range->upper, &other.upper, false);
	return true;
}

/*
 * bound_of gives an end of what a read can find; a single value is both ends.
 */
static DdbBound
bound_of(const PqlRead *read, bool lower)
{
	DdbBound	bound = {.set = true,.inclusive = true};

	if (read->range.nsort == 0)
		return lower ? read->range.lower : read->range.upper;
	bound.value = read->range.sort[0];
	return bound;
}

/*
 * ends_before tells whether nothing at or after lower can be at or before upper.
 */
static bool
ends_before(const DdbKeyAttribute *att, const DdbBound *upper, const DdbBound *lower)
{
	int			order;

	if (!upper->set || !lower->set)
		return false;
	order = ddb_range_compare(att, upper->value, lower->value);
	return order < 0 || (order == 0 && !(upper->inclusive && lower->inclusive));
}

static bool
is_empty(const Builder *b, const DdbBound *lower, const DdbBound *upper)
{
	return b->sort != NULL && ends_before(b->sort, upper, lower);
}

static bool
same_partition(const Builder *b, const PqlRead *x, const PqlRead *y)
{
	return ddb_range_compare(b->partition, x->range.partition[0], y->range.partition[0]) == 0;
}

static bool
overlap(const Builder *b, const PqlRead *x, const PqlRead *y)
{
	DdbBound	xlow = bound_of(x, true);
	DdbBound	xhigh = bound_of(x, false);
	DdbBound	ylow = bound_of(y, true);
	DdbBound	yhigh = bound_of(y, false);

	if (!same_partition(b, x, y))
		return false;
	if (b->sort == NULL)
		return true;
	return !ends_before(b->sort, &xhigh, &ylow) && !ends_before(b->sort, &yhigh, &xlow);
}

/* Reads */

static void
add_read(Builder *b, int branch, const DdbValue *partition, const DdbRange *range,
		 const DdbValue *sort)
{
	PqlRead    *read;

	read = &b->reads[b->count++];
	memset(read, 0, sizeof(PqlRead));
	read->branch = branch;
	read->range = *range;
	read->range.index = b->index;
	read->range.forward = true;
	read->range.npartition = 1;
	read->range.partition[0] = ddb_value_to_datum(partition);
	if (sort != NULL)
	{
		read->range.nsort = 1;
		read->range.sort[0] = ddb_value_to_datum(sort);
		read->range.lower.set = read->range.upper.set = false;
	}
	read->single = b->index->kind == DDB_INDEX_PRIMARY && (sort != NULL || b->sort == NULL);
}

/*
 * is_within tells whether a value of the sort key is in a range.
 */
static bool
is_within(const Builder *b, const DdbRange *range, const DdbValue *value)
{
	DdbBound	point = {.set = true,.inclusive = true};

	point.value = ddb_value_to_datum(value);
	return !ends_before(b->sort, &range->upper, &point) &&
		!ends_before(b->sort, &point, &range->lower);
}

/*
 * add_branch adds the reads of one branch.
 */
static void
add_branch(Builder *b, const PqlBranch *branch, int number)
{
	Values		partitions = {0};
	Values		sorts = {0};
	DdbRange	range = {0};
	bool		possible = true;

	for (int i = 0; i < branch->nterms; i++)
	{
		const PqlTerm *term = &branch->terms[i];

		if (term->kind != PQL_TERM_IN)
			possible = narrow(b, term, &range) && possible;
		else if (term->sort)
			add_values(b, b->sort, term, &sorts);
		else
			add_values(b, b->partition, term, &partitions);
	}
	if (!possible || is_empty(b, &range.lower, &range.upper))
		return;
	for (int i = 0; i < partitions.count; i++)
	{
		if (!sorts.given)
			add_read(b, number, partitions.values[i], &range, NULL);
		for (int j = 0; j < sorts.count; j++)
		{
			if (is_within(b, &range, sorts.values[j]))
				add_read(b, number, partitions.values[i], &range, sorts.values[j]);
		}
	}
}

/*
 * check_overlap refuses two reads that could find the same item.
 */
static void
check_overlap(const Builder *b, const PqlPlan *plan)
{
	for (int i = 1; i < b->count; i++)
	{
		if (plan->branches[b->reads[i].branch].exempt)
			continue;
		for (int j = 0; j < i; j++)
		{
			if (!plan->branches[b->reads[j].branch].exempt &&
				overlap(b, &b->reads[i], &b->reads[j]))
				PQL_VALIDATION("Overlapping conditions with range keys are not supported in where clause");
		}
	}
}

/*
 * merge_exempt makes one read of each partition that has an exempt one.
 */
static void
merge_exempt(Builder *b, const PqlPlan *plan)
{
	for (int i = 0; i < b->count; i++)
	{
		PqlRead    *read = &b->reads[i];

		if (!plan->branches[read->branch].exempt || read->merged)
			continue;
		read->merged = true;
		read->single = b->sort == NULL && read->single;
		for (int j = 0; j < b->count; j++)
		{
			if (j == i || !same_partition(b, read, &b->reads[j]))
				continue;
			memmove(&b->reads[j], &b->reads[j + 1], (b->count - j - 1) * sizeof(PqlRead));
			b->count--;
			if (j < i)
			{
				i--;
				read--;
			}
			j--;
		}
	}
}

/* Order */

/*
 * find_order finds an attribute in ORDER BY, or gives NULL.
 */
static const PqlSortKey *
find_order(const DdbStatement *statement, const DdbKeyAttribute *att)
{
	for (int i = 0; att != NULL && i < statement->norder; i++)
	{
		if (statement->order[i].name_len == att->name_len &&
			memcmp(statement->order[i].name, att->name, att->name_len) == 0)
			return &statement->order[i];
	}
	return NULL;
}

typedef struct ReadOrder
{
	const Builder *builder;
	const PqlSortKey *partition;	/* in ORDER BY, or NULL */
	bool		descending;		/* in a partition */
} ReadOrder;

/*
 * compare_reads orders reads: by partition, as ORDER BY says or by hash, and
 * within one by sort key.
 */
static int
compare_reads(const void *a, const void *b, void *arg)
{
	const PqlRead *x = a;
	const PqlRead *y = b;
	const ReadOrder *order = arg;
	int			result = ddb_range_compare(order->builder->partition, x->range.partition[0],
										   y->range.partition[0]);
	DdbBound	xlow;
	DdbBound	ylow;

	if (result != 0)
	{
		if (order->partition == NULL)
			result = memcmp(x->order, y->order, sizeof(x->order));
		else if (order->partition->descending)
			result = -result;
		return result;
	}
	if (order->builder->sort == NULL)
		return 0;
	xlow = bound_of(x, true);
	ylow = bound_of(y, true);
	if (!xlow.set || !ylow.set)
		result = (int) xlow.set - (int) ylow.set;
	else
	{
		result = ddb_range_compare(order->builder->sort, xlow.value, ylow.value);
		if (result == 0)
			result = (int) ylow.inclusive - (int) xlow.inclusive;
	}
	return order->descending ? -result : result;
}

/*
 * set_hash notes the MD5 of a partition's value, by which partitions are read.
 */
static void
set_hash(const Builder *b, PqlRead *read)
{
	DdbValue	value;
	const char *bytes;
	int			len;
	const char *problem = NULL;

	ddb_value_from_datum(b->partition->type, read->range.partition[0], &value);
	bytes = value.data;
	len = value.len;
	if (value.type == DDB_B)
		bytes = ddb_binary_decode(&value, &len);
	if (!pg_md5_binary(bytes, len, read->order, &problem))
		elog(ERROR, "could not compute MD5: %s", problem);
}

/*
 * ddb_pql_check_order applies the rules of ORDER BY that need no values.
 */
void
ddb_pql_check_order(const DdbBoundStatement *bound, const PqlPlan *plan,
					const DdbTableDesc *desc, const DdbIndexDesc *index)
{
	const DdbStatement *statement = bound->statement;

	if (statement->norder == 0)
		return;
	if (statement->where == NULL)
		PQL_VALIDATION("Must have WHERE clause in the statement when using ORDER BY clause.");
	for (int i = 0; i < statement->norder; i++)
	{
		const PqlSortKey *key = &statement->order[i];
		int			att = key->name_len < 0 ? -1 : ddb_desc_attribute(desc, key->name, key->name_len);

		if (att < 0 || !ddb_desc_is_key(index, att))
			PQL_VALIDATION("Attribute %s in ORDER BY clause must be part of the primary key",
						   key->name);
	}
	if (!plan->keyed)
		PQL_VALIDATION("Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
}

/*
 * sort_reads puts the reads in order and gives each its direction.
 */
static void
sort_reads(Builder *b)
{
	const DdbStatement *statement = b->bound->statement;
	const PqlSortKey *sort = find_order(statement, b->sort);
	ReadOrder	order = {.builder = b};

	order.partition = find_order(statement, b->partition);
	if (sort != NULL)
		order.descending = sort->descending;
	else
		order.descending = order.partition != NULL;
	for (int i = 0; i < b->count; i++)
		b->reads[i].range.forward = !order.descending;
	if (b->count < 2)
		return;
	for (int i = 1; i < b->count && statement->norder > 0 && order.partition == NULL; i++)
	{
		if (!same_partition(b, &b->reads[0], &b->reads[i]))
			PQL_VALIDATION("Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.");
	}
	for (int i = 0; i < b->count; i++)
		set_hash(b, &b->reads[i]);
	qsort_arg(b->reads, b->count, sizeof(PqlRead), compare_reads, &order);
}

/*
 * widen makes a read that stands for all of its partition one.
 */
static void
widen(PqlRead *read)
{
	if (!read->merged)
		return;
	read->range.nsort = 0;
	read->range.lower.set = read->range.upper.set = false;
}

/*
 * ddb_pql_check_reads refuses a plan that comes down to too many reads, and gives
 * the most that it can come down to.
 */
int64
ddb_pql_check_reads(const PqlPlan *plan)
{
	int64		total = 0;

	for (int i = 0; i < plan->nbranches; i++)
	{
		int64		partitions = -1;
		int64		sorts = -1;

		for (int j = 0; j < plan->branches[i].nterms; j++)
		{
			const PqlTerm *term = &plan->branches[i].terms[j];
			int64	   *least = term->sort ? &sorts : &partitions;

			if (term->kind == PQL_TERM_IN)
				*least = *least < 0 ? term->nslots : Min(*least, term->nslots);
		}
		total += partitions * (sorts < 0 ? 1 : sorts);
	}
	if (plan->too_many || total > PQL_MAX_READS)
		PQL_VALIDATION("Too many decomposed read operations for a given query.");
	return total;
}

/*
 * ddb_pql_reads gives the reads of a keyed plan.
 */
PqlRead *
ddb_pql_reads(const DdbBoundStatement *bound, const PqlPlan *plan, const DdbTableDesc *desc,
			  const DdbIndexDesc *index, int *count)
{
	Builder		b = {.bound = bound,.desc = desc,.index = index};
	int64		most = ddb_pql_check_reads(plan);

	b.partition = ddb_index_attribute(desc, index, 0);
	if (index->nsort > 0)
		b.sort = ddb_index_attribute(desc, index, index->npartition);
	b.reads = palloc((most + 1) * sizeof(PqlRead));
	for (int i = 0; i < plan->nbranches; i++)
		add_branch(&b, &plan->branches[i], i);
	check_overlap(&b, plan);
	merge_exempt(&b, plan);
	for (int i = 0; i < b.count; i++)
		widen(&b.reads[i]);
	sort_reads(&b);
	*count = b.count;
	return b.reads;
}
