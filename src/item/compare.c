/*
 * compare.c
 *	  Order and equality of attribute values.
 *
 * All values are canonical, so scalars are equal exactly when their texts are.
 * Order exists for S (UTF-8 bytes), N (numeric value) and B (unsigned bytes).
 */
#include "postgres.h"

#include "miscadmin.h"

#include "item/item_private.h"

int
ddb_slice_compare(const void *a, const void *b)
{
	const DdbSlice *x = a;
	const DdbSlice *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->data, y->data, x->len);
}

int
ddb_value_compare(const DdbValue *a, const DdbValue *b)
{
	int			result;

	Assert(a->type == b->type);
	switch (a->type)
	{
		case DDB_S:
			result = memcmp(a->data, b->data, Min(a->len, b->len));
			if (result != 0)
				return result < 0 ? -1 : 1;
			return a->len < b->len ? -1 : a->len > b->len;
		case DDB_N:
			return ddb_number_compare(a->data, a->len, b->data, b->len);
		case DDB_B:
			return ddb_binary_compare(a->data, a->len, b->data, b->len);
		default:
			elog(ERROR, "values of type %s have no order", ddb_type_name(a->type));
	}
}

static int
compare_members(const void *a, const void *b)
{
	return ddb_value_compare(a, b);
}

bool
ddb_set_sort(DdbValue *members, int n)
{
	int			i = 1;

	while (i < n && ddb_value_compare(&members[i - 1], &members[i]) <= 0)
		i++;
	if (i >= n)
		return false;
	qsort(members, n, sizeof(DdbValue), compare_members);
	return true;
}

/*
 * set_slices gives the texts of a set's members, palloc'd, in stored order.
 */
static DdbSlice *
set_slices(const DdbValue *set)
{
	DdbSlice   *slices = palloc_array(DdbSlice, (Size) set->len + 1);
	DdbCursor	cursor = {0};
	DdbChild	child;

	if (set->raw != NULL)
		cursor_init(&cursor, set->raw, 0);
	for (int i = 0; i < set->len; i++)
	{
		if (set->raw != NULL)
		{
			cursor_next(&cursor, &child);
			if (child.kind != JENTRY_ISSTRING)
				ddb_value_malformed();
			slices[i].data = child.data;
			slices[i].len = child.len;
		}
		else
		{
			slices[i].data = set->elements[i].data;
			slices[i].len = set->elements[i].len;
		}
	}
	return slices;
}

/*
 * slices_equal compares two arrays of n texts member by member.
 */
static bool
slices_equal(const DdbSlice *a, const DdbSlice *b, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (ddb_slice_compare(&a[i], &b[i]) != 0)
			return false;
	}
	return true;
}

/*
 * sets_equal compares two sets of one type and size, whatever their order.
 */
static bool
sets_equal(const DdbValue *a, const DdbValue *b)
{
	DdbSlice   *x = set_slices(a);
	DdbSlice   *y = set_slices(b);
	bool		equal = slices_equal(x, y, a->len);

	if (!equal)
	{
		qsort(x, a->len, sizeof(DdbSlice), ddb_slice_compare);
		qsort(y, b->len, sizeof(DdbSlice), ddb_slice_compare);
		equal = slices_equal(x, y, a->len);
	}
	pfree(x);
	pfree(y);
	return equal;
}

/*
 * maps_equal compares two maps of one size.
 */
static bool
maps_equal(const DdbValue *a, const DdbValue *b)
{
	DdbValue	x = *a;
	DdbValue	y = *b;
	const DdbAttribute **p;
	const DdbAttribute **q;

	ddb_value_expand(&x);
	ddb_value_expand(&y);
	p = ddb_value_sorted_attributes(&x);
	q = ddb_value_sorted_attributes(&y);
	for (int i = 0; i < x.len; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (p[i]->name_len != q[i]->name_len ||
			memcmp(p[i]->name, q[i]->name, p[i]->name_len) != 0 ||
			!ddb_value_equal(&p[i]->value, &q[i]->value))
			return false;
	}
	return true;
}

/*
 * lists_equal compares two lists of one length.
 */
static bool
lists_equal(const DdbValue *a, const DdbValue *b)
{
	DdbValue	x = *a;
	DdbValue	y = *b;

	ddb_value_expand(&x);
	ddb_value_expand(&y);
	for (int i = 0; i < x.len; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!ddb_value_equal(&x.elements[i], &y.elements[i]))
			return false;
	}
	return true;
}

bool
ddb_value_equal(const DdbValue *a, const DdbValue *b)
{
	if (a->type != b->type || a->len != b->len)
		return false;
	switch (a->type)
	{
		case DDB_S:
		case DDB_N:
		case DDB_B:
			return memcmp(a->data, b->data, a->len) == 0;
		case DDB_NULL:
			return true;
		case DDB_BOOL:
			return a->boolean == b->boolean;
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			return sets_equal(a, b);
		case DDB_L:
			check_stack_depth();
			return lists_equal(a, b);
		case DDB_M:
			check_stack_depth();
			return maps_equal(a, b);
	}
	return false;
}

bool
ddb_set_contains(const DdbValue *set, const DdbValue *element)
{
	DdbSlice	wanted;
	DdbCursor	cursor = {0};
	DdbChild	child;

	if (!type_is_set(set->type) || element->type != ddb_set_member_type(set->type))
		return false;
	wanted.data = element->data;
	wanted.len = element->len;
	if (set->raw != NULL)
		cursor_init(&cursor, set->raw, 0);
	for (int i = 0; i < set->len; i++)
	{
		DdbSlice	member;

		if (set->raw != NULL)
		{
			cursor_next(&cursor, &child);
			member.data = child.data;
			member.len = child.len;
		}
		else
		{
			member.data = set->elements[i].data;
			member.len = set->elements[i].len;
		}
		if (ddb_slice_compare(&member, &wanted) == 0)
			return true;
	}
	return false;
}

bool
ddb_item_equal(Jsonb *a, Jsonb *b)
{
	DdbValue	left;
	DdbValue	right;

	if (VARSIZE(a) != VARSIZE(b))
		return false;
	if (memcmp(a, b, VARSIZE(a)) == 0)
		return true;
	ddb_item_view(a, &left);
	ddb_item_view(b, &right);
	return ddb_value_equal(&left, &right);
}
