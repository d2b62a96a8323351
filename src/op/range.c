/*
 * range.c
 *	  From a key condition or a scan segment to a range of an index.
 *
 * Rules from "API reference: Query, Scan".
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "compat.h"
#include "error.h"
#include "key/key.h"
#include "op/range.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

/*
 * operand checks a key condition's value against its attribute and gives its
 * datum.
 */
static Datum
operand(const DdbKeyAttribute *att, const DdbValue *value, bool may_be_empty)
{
	if (value->type != att->type)
		VALIDATION("One or more parameter values were invalid: Condition parameter type does not match schema type");
	if (value->len == 0 && !may_be_empty)
		VALIDATION("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				   att->type == DDB_B ? "binary" : "string", att->name);
	return ddb_value_to_datum(value);
}

static void
set_bound(DdbBound *bound, bool inclusive, Datum value)
{
	bound->set = true;
	bound->inclusive = inclusive;
	bound->value = value;
}

/*
 * set_prefix_bounds turns begins_with into bounds: from the prefix itself to,
 * not including, the first string that is greater than all it begins.
 */
static void
set_prefix_bounds(DdbRange *range, Datum prefix)
{
	struct varlena *upper = (struct varlena *) PG_DETOAST_DATUM_COPY(prefix);
	unsigned char *bytes = (unsigned char *) VARDATA(upper);
	int			len = VARSIZE(upper) - VARHDRSZ;

	set_bound(&range->lower, true, prefix);
	while (len > 0 && bytes[len - 1] == 0xFF)
		len--;
	if (len == 0)
		return;
	bytes[len - 1]++;
	SET_VARSIZE(upper, len + VARHDRSZ);
	set_bound(&range->upper, false, PointerGetDatum(upper));
}

/*
 * ddb_range_set_sort applies a condition that is not an equality on a sort
 * attribute.
 */
void
ddb_range_set_sort(DdbRange *range, const DdbKeyAttribute *att, const DdbKeyTerm *term)
{
	Datum		a = operand(att, &term->a, term->op == DDB_KEY_BEGINS_WITH);

	switch (term->op)
	{
		case DDB_KEY_LT:
		case DDB_KEY_LE:
			set_bound(&range->upper, term->op == DDB_KEY_LE, a);
			break;
		case DDB_KEY_GT:
		case DDB_KEY_GE:
			set_bound(&range->lower, term->op == DDB_KEY_GE, a);
			break;
		case DDB_KEY_BETWEEN:
			set_bound(&range->lower, true, a);
			set_bound(&range->upper, true, operand(att, &term->b, false));
			break;
		case DDB_KEY_BEGINS_WITH:
			set_prefix_bounds(range, a);
			break;
		case DDB_KEY_EQ:
			break;
	}
}

static const DdbKeyTerm *
find_term(const DdbKeyTerm *terms, int nterms, const DdbKeyAttribute *att)
{
	for (int i = 0; i < nterms; i++)
	{
		if (terms[i].name_len == att->name_len &&
			memcmp(terms[i].name, att->name, att->name_len) == 0)
			return &terms[i];
	}
	return NULL;
}

/*
 * check_gap refuses a condition on a sort attribute of an index with several where
 * one before it has no equality.
 */
static void
check_gap(const DdbTableDesc *desc, const DdbIndexDesc *index, const DdbKeyTerm *terms, int nterms)
{
	StringInfoData unequal;
	int			last = ddb_index_nkeys(index) - 1;

	while (last >= index->npartition &&
		   find_term(terms, nterms, ddb_index_attribute(desc, index, last)) == NULL)
		last--;
	initStringInfo(&unequal);
	for (int i = index->npartition; i < last; i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);
		const DdbKeyTerm *term = find_term(terms, nterms, att);

		if (term == NULL || term->op != DDB_KEY_EQ)
			appendStringInfo(&unequal, "%s%s", unequal.len > 0 ? ", " : "", att->name);
	}
	if (unequal.len > 0)
		VALIDATION("RANGE key attributes %s must have equality conditions specified in the query because a condition is present on key attribute %s",
				   unequal.data, ddb_index_attribute(desc, index, last)->name);
}

/*
 * ddb_range_from_terms fills range from the terms of a key condition: every
 * partition attribute by equality; sort attributes from the left by equality,
 * the last one named by any operator.
 */
void
ddb_range_from_terms(const DdbTableDesc *desc, const DdbIndexDesc *index,
					 const DdbKeyTerm *terms, int nterms, DdbRange *range)
{
	int			used = 0;

	range->index = index;
	for (int i = 0; i < index->npartition; i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);
		const DdbKeyTerm *term = find_term(terms, nterms, att);

		if (term == NULL)
			VALIDATION("Query condition missed key schema element: %s", att->name);
		if (term->op != DDB_KEY_EQ)
			VALIDATION("Query key condition not supported");
		range->partition[range->npartition++] = operand(att, &term->a, false);
		used++;
	}
	for (int i = index->npartition; i < ddb_index_nkeys(index); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);
		const DdbKeyTerm *term = find_term(terms, nterms, att);

		if (term == NULL)
			break;
		used++;
		if (term->op == DDB_KEY_EQ)
		{
			range->sort[range->nsort++] = operand(att, &term->a, false);
			continue;
		}
		ddb_range_set_sort(range, att, term);
		break;
	}
	if (used == nterms)
		return;
	check_gap(desc, index, terms, nterms);
	for (int i = index->npartition; i < ddb_index_nkeys(index); i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);

		if (find_term(terms, nterms, att) == NULL)
			VALIDATION("Query condition missed key schema element: %s", att->name);
	}
	VALIDATION("Query key condition not supported");
}

/*
 * hash_of is the partition hash of a key column's value.
 */
static int64
hash_of(const DdbKeyAttribute *att, Datum value)
{
	return att->typid == TEXTOID ? ddb_hash_text(value) :
		att->typid == NUMERICOID ? ddb_hash_numeric(value) : ddb_hash_bytea(value);
}

/*
 * ddb_range_compare orders two values of one key column.
 */
int
ddb_range_compare(const DdbKeyAttribute *att, Datum a, Datum b)
{
	DdbValue	va,
				vb;

	ddb_value_from_datum(att->type, a, &va);
	ddb_value_from_datum(att->type, b, &vb);
	return ddb_value_compare(&va, &vb);
}

/*
 * ddb_range_is_single tells whether a range can't have more than one item.
 */
bool
ddb_range_is_single(const DdbRange *range)
{
	return range->npartition > 0 && range->index->kind == DDB_INDEX_PRIMARY &&
		range->index->nsort == 0;
}

/*
 * ddb_range_check_start refuses a starting key that lies outside of the range.
 */
void
ddb_range_check_start(const DdbTableDesc *desc, const DdbRange *range)
{
	const DdbIndexDesc *index = range->index;
	int			fixed = range->npartition + range->nsort;

	if (!range->after)
		return;
	if (ddb_range_is_single(range))
		VALIDATION("The provided exclusive start key is invalid: The key identifies the only item of the query");
	for (int i = 0; i < fixed; i++)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, i);
		Datum		wanted = i < range->npartition ? range->partition[i] :
		range->sort[i - range->npartition];

		if (ddb_range_compare(att, range->start[i], wanted) == 0)
			continue;
		if (i < range->npartition)
			VALIDATION("The provided starting key is outside query boundaries based on provided conditions");
		VALIDATION("The provided starting key does not match the range key predicate");
	}
	if (range->lower.set || range->upper.set)
	{
		const DdbKeyAttribute *att = ddb_index_attribute(desc, index, fixed);
		int			low = range->lower.set ?
		ddb_range_compare(att, range->start[fixed], range->lower.value) : 1;
		int			high = range->upper.set ?
		ddb_range_compare(att, range->start[fixed], range->upper.value) : -1;

		if (low < 0 || (low == 0 && !range->lower.inclusive) ||
			high > 0 || (high == 0 && !range->upper.inclusive))
			VALIDATION("The provided starting key does not match the range key predicate");
	}
	if (range->hash_range)
	{
		int64		hash = hash_of(ddb_index_attribute(desc, index, 0), range->start[0]);

		if (hash < range->hash_low || hash > range->hash_high)
			VALIDATION("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d",
					   range->total_segments, range->segment);
	}
}

/*
 * ddb_range_set_segment narrows a scan to one segment.
 */
void
ddb_range_set_segment(DdbRange *range, int segment, int total_segments)
{
	range->hash_range = true;
	range->segment = segment;
	range->total_segments = total_segments;
	ddb_key_segment(segment, total_segments, &range->hash_low, &range->hash_high);
}

/*
 * ddb_range_set_start continues a range after start_key, an ExclusiveStartKey:
 * exactly the attributes of the index's key and of the table's.
 */
void
ddb_range_set_start(const DdbTableDesc *desc, DdbRange *range, Jsonb *start_key)
{
	int			columns[DDB_MAX_INDEX_COLUMNS];
	int			n = ddb_range_scan_columns(desc, range->index, columns);

	if (JB_ROOT_COUNT(start_key) != n)
		VALIDATION("The provided starting key is invalid");
	for (int i = 0; i < n; i++)
	{
		const DdbKeyAttribute *att = &desc->attributes[columns[i]];
		DdbValue	value;

		if (!ddb_item_lookup(&start_key->root, att->name, att->name_len, &value) ||
			value.type != att->type)
			VALIDATION("The provided starting key is invalid");
		if (value.len == 0)
			VALIDATION("The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
					   att->type == DDB_B ? "binary" : "string", att->name);
		range->start[i] = ddb_value_to_datum(&value);
	}
	range->after = true;
}
