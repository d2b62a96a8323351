/*
 * condition.c
 *	  Evaluation of conditions and filters on an item.
 *
 * Lazy: a path reads just what it leads to, and AND and OR stop as soon as the
 * result is known.  A missing operand makes every test false, except for <>, and
 * NOT of it (API reference: condition expressions); so there is no third truth
 * value.  Evaluation raises no error.
 *
 * In statements of PartiQL a missing operand makes <> false too, and conditions
 * are values: they can be compared, and an attribute can be one.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "expr/ast.h"

static bool eval_node(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item);
static bool eval_operand(const DdbBoundExpr *bound, const DdbNode *node,
						 JsonbContainer *item, DdbValue *out);
static bool eval_compare(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item);
static bool eval_between(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item);
static bool eval_in(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item);
static bool eval_function(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item);

bool
ddb_condition_eval(const DdbBoundExpr *cond, Jsonb *item)
{
	return eval_node(cond, cond->expr->condition, item == NULL ? NULL : &item->root);
}

int
ddb_condition_work(const DdbBoundExpr *cond)
{
	return cond->expr->noperators + cond->expr->nvalues;
}

static bool
eval_node(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item)
{
	DdbValue	value;

	check_stack_depth();
	switch (node->type)
	{
		case DDB_NODE_AND:
			return eval_node(bound, node->args[0], item) &&
				eval_node(bound, node->args[1], item);
		case DDB_NODE_OR:
			return eval_node(bound, node->args[0], item) ||
				eval_node(bound, node->args[1], item);
		case DDB_NODE_NOT:
			return !eval_node(bound, node->args[0], item);
		case DDB_NODE_COMPARE:
			return eval_compare(bound, node, item);
		case DDB_NODE_BETWEEN:
			return eval_between(bound, node, item);
		case DDB_NODE_IN:
			return eval_in(bound, node, item);
		case DDB_NODE_FUNCTION:
			return eval_function(bound, node, item);
		case DDB_NODE_PATH:
		case DDB_NODE_VALUE:
			return eval_operand(bound, node, item, &value) &&
				value.type == DDB_BOOL && value.boolean;
		case DDB_NODE_PLUS:
		case DDB_NODE_MINUS:
			break;
	}
	elog(ERROR, "unexpected node %d in a condition", (int) node->type);
	return false;
}

/*
 * utf16_length counts the UTF-16 code units of a UTF-8 string: one for each
 * character, two beyond the Basic Multilingual Plane.
 */
static int
utf16_length(const char *s, int len)
{
	int			units = 0;

	for (int i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) s[i];

		if ((c & 0xC0) != 0x80)
			units += c >= 0xF0 ? 2 : 1;
	}
	return units;
}

/*
 * eval_size gives size(operand): UTF-16 code units of a string, as real DynamoDB
 * counts, bytes of a binary, members of a container.  Other types have no
 * size.
 */
static bool
eval_size(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item,
		  DdbValue *out)
{
	DdbValue	value;
	char	   *digits;
	int			size;

	if (!eval_operand(bound, node->args[0], item, &value))
		return false;
	switch (value.type)
	{
		case DDB_S:
			size = utf16_length(value.data, value.len) -
				(ddb_text_has_escape(value.data, value.len) ?
				 ddb_text_count_escapes(value.data, value.len) : 0);
			break;
		case DDB_B:
			size = value.len / 4 * 3;
			for (int i = value.len; i > 0 && value.data[i - 1] == '='; i--)
				size--;
			break;
		case DDB_M:
		case DDB_L:
		case DDB_SS:
		case DDB_NS:
		case DDB_BS:
			size = ddb_value_member_count(&value);
			break;
		default:
			return false;
	}
	digits = palloc(12);
	memset(out, 0, sizeof(*out));
	out->type = DDB_N;
	out->data = digits;
	out->len = pg_ltoa(size, digits);
	return true;
}

/*
 * eval_operand finds an operand's value; false when it has none.
 */
static bool
eval_operand(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item,
			 DdbValue *out)
{
	switch (node->type)
	{
		case DDB_NODE_VALUE:
			*out = *bound->values[node->slot];
			return true;
		case DDB_NODE_PATH:
			return item != NULL && ddb_path_lookup(bound, node->path, item, out);
		case DDB_NODE_FUNCTION:
			if (node->function == DDB_FN_SIZE)
				return eval_size(bound, node, item, out);
			break;
		default:
			break;
	}
	memset(out, 0, sizeof(*out));
	out->type = DDB_BOOL;
	out->boolean = eval_node(bound, node, item);
	return true;
}

static inline bool
is_ordered(DdbType type)
{
	return type == DDB_S || type == DDB_N || type == DDB_B;
}

static bool
eval_compare(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item)
{
	DdbValue	a;
	DdbValue	b;
	int			order;

	if (!eval_operand(bound, node->args[0], item, &a) ||
		!eval_operand(bound, node->args[1], item, &b))
		return node->op == DDB_COMPARE_NE && !bound->expr->partiql;
	if (node->op == DDB_COMPARE_EQ)
		return ddb_value_equal(&a, &b);
	if (node->op == DDB_COMPARE_NE)
		return !ddb_value_equal(&a, &b);
	if (a.type != b.type || !is_ordered(a.type))
		return false;
	order = ddb_value_compare(&a, &b);
	switch (node->op)
	{
		case DDB_COMPARE_LT:
			return order < 0;
		case DDB_COMPARE_LE:
			return order <= 0;
		case DDB_COMPARE_GT:
			return order > 0;
		default:
			return order >= 0;
	}
}

static bool
eval_between(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item)
{
	DdbValue	value;
	DdbValue	low;
	DdbValue	high;

	return eval_operand(bound, node->args[0], item, &value) &&
		is_ordered(value.type) &&
		eval_operand(bound, node->args[1], item, &low) &&
		low.type == value.type && ddb_value_compare(&low, &value) <= 0 &&
		eval_operand(bound, node->args[2], item, &high) &&
		high.type == value.type && ddb_value_compare(&value, &high) <= 0;
}

static bool
eval_in(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item)
{
	DdbValue	value;
	DdbValue	member;

	if (!eval_operand(bound, node->args[0], item, &value))
		return false;
	for (int i = 1; i < node->nargs; i++)
	{
		if (eval_operand(bound, node->args[i], item, &member) &&
			ddb_value_equal(&value, &member))
			return true;
	}
	return false;
}

/*
 * get_bytes gives the bytes of a string or a binary.
 */
static const char *
get_bytes(const DdbValue *value, int *len)
{
	if (value->type == DDB_B)
		return ddb_binary_decode(value, len);
	*len = value->len;
	return value->data;
}

static bool
eval_begins_with(const DdbValue *value, const DdbValue *prefix)
{
	const char *bytes;
	const char *prefix_bytes;
	int			len;
	int			prefix_len;

	if (value->type != prefix->type || (value->type != DDB_S && value->type != DDB_B))
		return false;
	bytes = get_bytes(value, &len);
	prefix_bytes = get_bytes(prefix, &prefix_len);
	return len >= prefix_len && memcmp(bytes, prefix_bytes, prefix_len) == 0;
}

/*
 * has_substring looks for needle in haystack.  The C library's search takes a time in
 * proportion to the sum of the lengths, whatever they hold.  Of stored text, a match may
 * begin in the middle of an escape only where needle begins with a byte that can stand
 * there; then the true texts are searched.
 */
static bool
has_substring(const char *haystack, int len, const char *needle, int needle_len, bool text)
{
	CHECK_FOR_INTERRUPTS();
	if (needle_len == 0)
		return true;
	if (text && (needle[0] == '\1' || needle[0] == '\2'))
	{
		haystack = ddb_text_true(haystack, &len);
		needle = ddb_text_true(needle, &needle_len);
	}
	return memmem(haystack, len, needle, needle_len) != NULL;
}

/*
 * eval_contains tells whether a string or binary has member as a substring, or a
 * set or list has it as a member.
 */
static bool
eval_contains(DdbValue *value, const DdbValue *member)
{
	const char *bytes;
	const char *member_bytes;
	int			len;
	int			member_len;

	switch (value->type)
	{
		case DDB_S:
		case DDB_B:
			if (member->type != value->type)
				return false;
			bytes = get_bytes(value, &len);
			member_bytes = get_bytes(member, &member_len);
			return has_substring(bytes, len, member_bytes, member_len, value->type == DDB_S);
		case DDB_SS:
			return member->type == DDB_S && ddb_set_contains(value, member);
		case DDB_NS:
			return member->type == DDB_N && ddb_set_contains(value, member);
		case DDB_BS:
			return member->type == DDB_B && ddb_set_contains(value, member);
		case DDB_L:
			ddb_value_expand(value);
			for (int i = 0; i < value->len; i++)
			{
				CHECK_FOR_INTERRUPTS();
				if (ddb_value_equal(&value->elements[i], member))
					return true;
			}
			return false;
		default:
			return false;
	}
}

static bool
eval_function(const DdbBoundExpr *bound, const DdbNode *node, JsonbContainer *item)
{
	DdbValue	value;
	DdbValue	operand;
	bool		found = eval_operand(bound, node->args[0], item, &value);

	if (node->function == DDB_FN_ATTRIBUTE_NOT_EXISTS)
		return !found;
	if (!found)
		return false;
	if (node->function == DDB_FN_ATTRIBUTE_EXISTS)
		return true;
	if (!eval_operand(bound, node->args[1], item, &operand))
		return false;
	switch (node->function)
	{
		case DDB_FN_ATTRIBUTE_TYPE:
			{
				const char *name = ddb_type_name(value.type);

				return operand.len == strlen(name) &&
					memcmp(operand.data, name, operand.len) == 0;
			}
		case DDB_FN_BEGINS_WITH:
			return eval_begins_with(&value, &operand);
		case DDB_FN_CONTAINS:
			return eval_contains(&value, &operand);
		default:
			elog(ERROR, "function %s is no condition", ddb_node_operator_name(node));
			return false;
	}
}
