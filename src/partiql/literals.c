/*
 * literals.c
 *	  Literals to attribute values, in canonical form.
 *
 * What is wrong with a literal is told with the place where it stands in the
 * value of its attribute or operand: "under root.member[2]".
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "error.h"
#include "partiql/partiql_private.h"

static void read_value(const PqlNode *node, const char *place, int depth, DdbValue *out);

/*
 * refuse raises the error for what is no literal.
 */
pg_noreturn static void
refuse(const PqlNode *node, const char *place)
{
	PQL_VALIDATION("Unsupported data type: %s under key %s %s",
				   node->kind == PQL_NODE_CALL ? node->word : ddb_pql_operation_name(node),
				   place, ddb_pql_at(node->token));
}

/*
 * read_number gives a number in canonical form.
 */
static void
read_number(const PqlNode *node, const char *place, DdbValue *out)
{
	char	   *text = psprintf("%s%s", node->minus ? "-" : "", node->token->text);
	char	   *digits = palloc(DDB_NUMBER_BUFLEN);
	const char *problem = ddb_number_read(text, strlen(text), digits, &out->len);

	if (problem != NULL)
		PQL_VALIDATION("%s under %s", problem, place);
	out->type = DDB_N;
	out->data = digits;
}

static void
check_depth(const char *place, int depth)
{
	if (depth >= DDB_MAX_NESTING)
		PQL_VALIDATION("Nesting Levels have exceeded supported limits under %s", place);
}

static void
read_list(const PqlNode *node, const char *place, int depth, DdbValue *out)
{
	check_depth(place, depth);
	out->type = DDB_L;
	out->len = node->nargs;
	out->elements = palloc0((node->nargs + 1) * sizeof(DdbValue));
	for (int i = 0; i < node->nargs; i++)
		read_value(node->args[i], psprintf("%s[%d]", place, i), depth + 1, &out->elements[i]);
}

/*
 * put_member sets a map's member, which replaces one of its name.
 */
static DdbValue *
put_member(DdbValue *map, const PqlToken *name)
{
	int			i = 0;

	while (i < map->len && (map->attributes[i].name_len != name->len ||
							memcmp(map->attributes[i].name, name->text, name->len) != 0))
		i++;
	if (i == map->len)
		map->len++;
	map->attributes[i].name = name->text;
	map->attributes[i].name_len = name->len;
	memset(&map->attributes[i].value, 0, sizeof(DdbValue));
	return &map->attributes[i].value;
}

static void
read_map(const PqlNode *node, const char *place, int depth, DdbValue *out)
{
	check_depth(place, depth);
	out->type = DDB_M;
	out->attributes = palloc0((node->nargs / 2 + 1) * sizeof(DdbAttribute));
	for (int i = 0; i < node->nargs; i += 2)
	{
		const PqlNode *key = node->args[i];

		if (key->kind != PQL_NODE_LITERAL || key->token->type != PQL_STRING)
			refuse(key, place);
		read_value(node->args[i + 1], psprintf("%s.%s", place, key->token->text), depth + 1,
				   put_member(out, key->token));
	}
}

/*
 * list_texts lists a bag's members as they are written.
 */
static char *
list_texts(const PqlNode *node)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < node->nargs; i++)
		appendStringInfo(&buf, "%s%s%s", i > 0 ? ", " : "", node->args[i]->minus ? "-" : "",
						 node->args[i]->token->text);
	return buf.data;
}

/*
 * read_bag gives a set: of numbers or of strings.
 */
static void
read_bag(const PqlNode *node, const char *place, DdbValue *out)
{
	if (node->nargs == 0)
		PQL_VALIDATION("Empty bags are not supported");
	for (int i = 0; i < node->nargs; i++)
	{
		const PqlNode *member = node->args[i];

		if (member->kind != PQL_NODE_LITERAL ||
			(member->token->type != PQL_STRING && member->token->type != PQL_NUMBER) ||
			member->token->type != node->args[0]->token->type)
			PQL_VALIDATION("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
	}
	out->type = node->args[0]->token->type == PQL_STRING ? DDB_SS : DDB_NS;
	out->len = node->nargs;
	out->elements = palloc0(node->nargs * sizeof(DdbValue));
	for (int i = 0; i < node->nargs; i++)
		read_value(node->args[i], place, 0, &out->elements[i]);
	(void) ddb_set_sort(out->elements, out->len);
	for (int i = 1; i < out->len; i++)
	{
		if (ddb_value_compare(&out->elements[i - 1], &out->elements[i]) != 0)
			continue;
		if (out->type == DDB_SS)
			PQL_VALIDATION("One or more parameter values were invalid: Input collection [%s] contains duplicates.",
						   list_texts(node));
		PQL_VALIDATION("One or more parameter values were invalid: Input collection [%s] contains duplicates! under %s",
					   list_texts(node), place);
	}
}

static void
read_value(const PqlNode *node, const char *place, int depth, DdbValue *out)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	memset(out, 0, sizeof(DdbValue));
	switch (node->kind)
	{
		case PQL_NODE_LIST:
			read_list(node, place, depth, out);
			return;
		case PQL_NODE_STRUCT:
			read_map(node, place, depth, out);
			return;
		case PQL_NODE_BAG:
			read_bag(node, place, out);
			return;
		case PQL_NODE_LITERAL:
			break;
		default:
			refuse(node, place);
	}
	switch (node->token->type)
	{
		case PQL_STRING:
			out->type = DDB_S;
			out->data = node->token->text;
			out->len = node->token->len;
			break;
		case PQL_NUMBER:
			read_number(node, place, out);
			break;
		case PQL_NULL:
			out->type = DDB_NULL;
			out->boolean = true;
			break;
		default:
			out->type = DDB_BOOL;
			out->boolean = node->token->type == PQL_TRUE;
			break;
	}
}

void
ddb_pql_literal(const PqlNode *node, DdbValue *out)
{
	read_value(node, "root", 0, out);
}
