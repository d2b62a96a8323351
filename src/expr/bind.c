/*
 * bind.c
 *	  ExpressionAttributeNames and ExpressionAttributeValues, and binding an
 *	  expression to them.
 *
 * A DdbBindings belongs to one request, whose expressions share it: it
 * remembers which placeholders were used by any of them.  Values are checked
 * and made canonical once, when the bindings are created.  Entries keep jsonb's
 * key order (by length, then bytes), so that a look-up is a binary search.
 *
 * Bindings and bound expressions live in CurrentMemoryContext and point
 * into the jsonb documents they came from.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "error.h"
#include "expr/ast.h"

typedef struct Binding
{
	const char *key;			/* with its sigil */
	int			len;
	bool		used;
	DdbName		name;			/* of a #placeholder */
	DdbValue	value;			/* of a :placeholder */
} Binding;

typedef struct BindingSet
{
	const char *parameter;		/* "ExpressionAttributeNames", ... */
	int			count;
	Binding    *entries;
} BindingSet;

struct DdbBindings
{
	BindingSet	names;
	BindingSet	values;
};

static void read_names(BindingSet *set, Jsonb *names);
static void read_values(BindingSet *set, Jsonb *values, DdbValueLayer layer, bool wraps);
static void check_key(const BindingSet *set, const Binding *entry, char sigil);
static void check_total_size(const DdbBindings *bindings, Jsonb *names, Jsonb *values);
static Binding *lookup(const BindingSet *set, const DdbSlot *slot);

/*
 * ddb_bindings_create takes ExpressionAttributeNames and
 * ExpressionAttributeValues (each NULL, or JSON's null, when the request has
 * none) and checks their form: keys, types, the values themselves, sizes.
 * wraps: what is wrong with a value is told with its placeholder.
 */
DdbBindings *
ddb_bindings_create(Jsonb *names, Jsonb *values, DdbValueLayer layer, bool wraps)
{
	DdbBindings *bindings = palloc0(sizeof(DdbBindings));

	bindings->names.parameter = "ExpressionAttributeNames";
	bindings->values.parameter = "ExpressionAttributeValues";
	if (names != NULL)
		read_names(&bindings->names, names);
	if (values != NULL)
		read_values(&bindings->values, values, layer, wraps);
	check_total_size(bindings, names, values);
	return bindings;
}

/*
 * start_set checks that document is a map with members and makes room for them.
 * It is false for JSON's null, which stands for no parameter at all.
 */
static bool
start_set(BindingSet *set, Jsonb *document)
{
	if (JB_ROOT_IS_SCALAR(document))
	{
		JsonbValue	scalar;

		(void) JsonbExtractScalar(&document->root, &scalar);
		if (scalar.type == jbvNull)
			return false;
	}
	if (!JB_ROOT_IS_OBJECT(document))
		ereport(ERROR,
				ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected field type"));
	if (JB_ROOT_COUNT(document) == 0)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("%s must not be empty", set->parameter));
	set->entries = palloc(JB_ROOT_COUNT(document) * sizeof(Binding));
	return true;
}

/*
 * add_entry appends an entry for a key of the document, which it checks.
 */
static Binding *
add_entry(BindingSet *set, const JsonbValue *key, char sigil)
{
	Binding    *entry = &set->entries[set->count++];

	entry->key = key->val.string.val;
	entry->len = key->val.string.len;
	entry->used = false;
	check_key(set, entry, sigil);
	return entry;
}

/*
 * check_key refuses what is no placeholder: the sigil, then letters, digits and
 * underscores.
 */
static void
check_key(const BindingSet *set, const Binding *entry, char sigil)
{
	bool		valid = entry->len > 1 && entry->key[0] == sigil;

	for (int i = 1; i < entry->len && valid; i++)
	{
		char		c = entry->key[i];

		valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_';
	}
	if (!valid)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("%s contains invalid key: Syntax error; key: \"%.*s\"",
					   set->parameter, entry->len, entry->key));
	if (entry->len > DDB_MAX_PLACEHOLDER)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("%s contains invalid key: Member must have length less than or equal to %d; key: \"%.*s\"",
					   set->parameter, DDB_MAX_PLACEHOLDER, entry->len, entry->key));
}

/*
 * refuse_name raises the error for a name that is no string, in the words of
 * DynamoDB's JSON reader.
 */
static void
refuse_name(const JsonbValue *value)
{
	const char *what = NULL;

	if (value->type == jbvNumeric)
		what = "NUMBER_VALUE";
	else if (value->type == jbvBool)
		what = value->val.boolean ? "TRUE_VALUE" : "FALSE_VALUE";
	if (what != NULL)
		ereport(ERROR,
				ddb_errcode(DDB_SERIALIZATION),
				errmsg("%s cannot be converted to String", what));
	ereport(ERROR,
			ddb_errcode(DDB_SERIALIZATION),
			errmsg("Start of structure or map found where not expected"));
}

static void
read_names(BindingSet *set, Jsonb *names)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	jbv;
	Binding    *entry = NULL;

	if (!start_set(set, names))
		return;
	it = JsonbIteratorInit(&names->root);
	while ((token = JsonbIteratorNext(&it, &jbv, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			entry = add_entry(set, &jbv, '#');
		else if (token == WJB_VALUE)
		{
			if (jbv.type != jbvString)
				refuse_name(&jbv);
			if (jbv.val.string.len == 0)
				ereport(ERROR,
						ddb_errcode_parameters(),
						errmsg("%s contains invalid value: Empty attribute name for key %.*s",
							   set->parameter, entry->len, entry->key));
			if (!ddb_text_is_valid(jbv.val.string.val, jbv.val.string.len))
				ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(DDB_ESCAPE_MESSAGE));
			if (ddb_text_length(jbv.val.string.val, jbv.val.string.len) > DDB_MAX_ATTRIBUTE_NAME)
				ereport(ERROR,
						ddb_errcode_parameters(),
						errmsg("%s contains invalid value: Attribute name exceeds %d bytes for key %.*s",
							   set->parameter, DDB_MAX_ATTRIBUTE_NAME, entry->len, entry->key));
			entry->name.name = jbv.val.string.val;
			entry->name.len = jbv.val.string.len;
		}
	}
}

/*
 * read_values reads and checks all values; a bad value's error names its key,
 * where wraps is true.
 */
static void
read_values(BindingSet *set, Jsonb *values, DdbValueLayer layer, bool wraps)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	jbv;
	Binding    *entry = NULL;
	const char *problem;

	if (!start_set(set, values))
		return;
	it = JsonbIteratorInit(&values->root);
	while ((token = JsonbIteratorNext(&it, &jbv, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			entry = add_entry(set, &jbv, ':');
		else if (token == WJB_VALUE && !wraps)
			ddb_value_check(&jbv, layer, &entry->value);
		else if (token == WJB_VALUE)
		{
			problem = ddb_value_validate(&jbv, layer, &entry->value);
			/* a rule for items, told in its own words */
			if (problem != NULL && strcmp(problem, DDB_NESTING_MESSAGE) == 0)
				ereport(ERROR, ddb_errcode_parameters(), errmsg("%s", problem));
			if (problem != NULL)
				ereport(ERROR,
						ddb_errcode_parameters(),
						errmsg("%s contains invalid value: %s for key %.*s",
							   set->parameter, problem, entry->len, entry->key));
		}
	}
}

/*
 * check_total_size holds names and values together to 2 MB.  The documents'
 * own size decides whether to count at all.
 */
static void
check_total_size(const DdbBindings *bindings, Jsonb *names, Jsonb *values)
{
	int64		size = 0;

	if (names != NULL)
		size += VARSIZE(names);
	if (values != NULL)
		size += VARSIZE(values);
	if (size <= DDB_MAX_BINDINGS_SIZE / 2)
		return;
	size = 0;
	for (int i = 0; i < bindings->names.count; i++)
		size += bindings->names.entries[i].len +
			ddb_text_length(bindings->names.entries[i].name.name,
							bindings->names.entries[i].name.len);
	for (int i = 0; i < bindings->values.count; i++)
		size += bindings->values.entries[i].len +
			ddb_value_size(&bindings->values.entries[i].value);
	if (size > DDB_MAX_BINDINGS_SIZE)
		ereport(ERROR,
				ddb_errcode_parameters(),
				errmsg("Total size of ExpressionAttributeNames and ExpressionAttributeValues has exceeded the maximum allowed size; size: " INT64_FORMAT,
					   size));
}

/*
 * check_set_unused raises the error for the members of one parameter that no
 * expression used.
 */
static void
check_set_unused(const BindingSet *set)
{
	StringInfoData keys;
	bool		any = false;

	for (int i = 0; i < set->count && !any; i++)
		any = !set->entries[i].used;
	if (!any)
		return;
	initStringInfo(&keys);
	for (int i = 0; i < set->count; i++)
	{
		const Binding *entry = &set->entries[i];

		if (!entry->used)
			appendStringInfo(&keys, "%s%.*s", keys.len > 0 ? ", " : "",
							 entry->len, entry->key);
	}
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Value provided in %s unused in expressions: keys: {%s}",
				   set->parameter, keys.data));
}

void
ddb_bindings_check_unused(const DdbBindings *bindings)
{
	check_set_unused(&bindings->names);
	check_set_unused(&bindings->values);
}

/*
 * lookup finds a placeholder's entry and marks it used; NULL when there is none.
 */
static Binding *
lookup(const BindingSet *set, const DdbSlot *slot)
{
	int			low = 0;
	int			high = set->count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		Binding    *entry = &set->entries[middle];
		int			order = slot->len - entry->len;

		if (order == 0)
			order = memcmp(slot->key, entry->key, slot->len);
		if (order == 0)
		{
			entry->used = true;
			return entry;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/*
 * create_bound makes room for an expression's names and values.
 */
static DdbBoundExpr *
create_bound(const DdbExpr *expr)
{
	DdbBoundExpr *bound = palloc(MAXALIGN(sizeof(DdbBoundExpr)) +
								 expr->nnames * sizeof(DdbName) +
								 expr->nvalues * sizeof(DdbValue *));

	bound->expr = expr;
	bound->tree = NULL;
	bound->names = (DdbName *) ((char *) bound + MAXALIGN(sizeof(DdbBoundExpr)));
	bound->values = (const DdbValue **) (bound->names + expr->nnames);
	return bound;
}

/*
 * finish_bound checks what is bound and merges its paths where it has a list of
 * them.
 */
static DdbBoundExpr *
finish_bound(DdbBoundExpr *bound)
{
	DdbExprKind kind = bound->expr->kind;

	ddb_expr_check_bound(bound);
	if (kind == DDB_EXPR_UPDATE || kind == DDB_EXPR_PROJECTION)
		bound->tree = ddb_path_tree_build(bound);
	return bound;
}

void
ddb_expr_refuse_value(const DdbExpr *expr, int slot)
{
	ereport(ERROR,
			ddb_errcode_parameters(),
			errmsg("Invalid %s: An expression attribute value used in expression is not defined; attribute value: %.*s",
				   ddb_expr_kind_name(expr->kind),
				   expr->values[slot].len, expr->values[slot].key));
}

DdbBoundExpr *
ddb_expr_bind(const DdbExpr *expr, DdbBindings *bindings)
{
	DdbBoundExpr *bound = create_bound(expr);

	for (int i = 0; i < expr->nnames; i++)
	{
		const Binding *entry = lookup(&bindings->names, &expr->names[i]);

		if (entry == NULL)
			ereport(ERROR,
					ddb_errcode_parameters(),
					errmsg("Invalid %s: An expression attribute name used in the document path is not defined; attribute name: %.*s",
						   ddb_expr_kind_name(expr->kind),
						   expr->names[i].len, expr->names[i].key));
		bound->names[i] = entry->name;
	}
	for (int i = 0; i < expr->nvalues; i++)
	{
		const Binding *entry = lookup(&bindings->values, &expr->values[i]);

		/* of a key condition the first clause that is wrong counts, whatever it is */
		if (entry == NULL && expr->kind != DDB_EXPR_KEY_CONDITION)
			ddb_expr_refuse_value(expr, i);
		bound->values[i] = entry != NULL ? &entry->value : NULL;
	}
	return finish_bound(bound);
}

DdbBoundExpr *
ddb_expr_bind_values(const DdbExpr *expr, const DdbValue *values)
{
	DdbBoundExpr *bound = create_bound(expr);

	Assert(expr->nnames == 0);
	for (int i = 0; i < expr->nvalues; i++)
		bound->values[i] = &values[i];
	return finish_bound(bound);
}

DdbName
ddb_path_part_name(const DdbBoundExpr *bound, const DdbPathPart *part)
{
	if (part->kind == DDB_PART_SLOT)
		return bound->names[part->number];
	return (DdbName)
	{
		part->name, part->len
	};
}

bool
ddb_path_lookup(const DdbBoundExpr *bound, const DdbPath *path,
				JsonbContainer *item, DdbValue *out)
{
	DdbName		name = ddb_path_part_name(bound, &path->parts[0]);

	if (!ddb_item_lookup(item, name.name, name.len, out))
		return false;
	for (int i = 1; i < path->nparts; i++)
	{
		DdbValue	outer = *out;

		if (path->parts[i].kind == DDB_PART_INDEX)
		{
			if (!ddb_list_lookup(&outer, path->parts[i].number, out))
				return false;
			continue;
		}
		name = ddb_path_part_name(bound, &path->parts[i]);
		if (!ddb_map_lookup(&outer, name.name, name.len, out))
			return false;
	}
	return true;
}

static void
top_names_of_node(const DdbBoundExpr *bound, const DdbNode *node,
				  DdbNameCallback callback, void *arg)
{
	check_stack_depth();
	if (node->type == DDB_NODE_PATH)
	{
		DdbName		name = ddb_path_part_name(bound, &node->path->parts[0]);

		callback(name.name, name.len, arg);
	}
	for (int i = 0; i < node->nargs; i++)
		top_names_of_node(bound, node->args[i], callback, arg);
}

/*
 * ddb_expr_top_names calls back with the top-level attribute of each path of
 * the expression, as often as it occurs.  Of an update only the targets count:
 * operands may read any attribute.
 */
void
ddb_expr_top_names(const DdbBoundExpr *bound, DdbNameCallback callback, void *arg)
{
	const DdbExpr *expr = bound->expr;

	if (expr->condition != NULL)
		top_names_of_node(bound, expr->condition, callback, arg);
	for (int i = 0; i < expr->nactions; i++)
	{
		DdbName		name = ddb_path_part_name(bound, &expr->actions[i].path->parts[0]);

		callback(name.name, name.len, arg);
	}
	for (int i = 0; i < expr->npaths; i++)
	{
		DdbName		name = ddb_path_part_name(bound, &expr->paths[i]->parts[0]);

		callback(name.name, name.len, arg);
	}
}

/*
 * nested_name calls back where a path leads beyond its first name.
 */
static void
nested_name(const DdbBoundExpr *bound, const DdbPath *path, DdbNameCallback callback, void *arg)
{
	DdbName		name;

	if (path->nparts < 2)
		return;
	name = ddb_path_part_name(bound, &path->parts[0]);
	callback(name.name, name.len, arg);
}

static void
nested_names_of_node(const DdbBoundExpr *bound, const DdbNode *node,
					 DdbNameCallback callback, void *arg)
{
	check_stack_depth();
	if (node->type == DDB_NODE_PATH)
		nested_name(bound, node->path, callback, arg);
	for (int i = 0; i < node->nargs; i++)
		nested_names_of_node(bound, node->args[i], callback, arg);
}

void
ddb_expr_nested_names(const DdbBoundExpr *bound, DdbNameCallback callback, void *arg)
{
	const DdbExpr *expr = bound->expr;

	if (expr->condition != NULL)
		nested_names_of_node(bound, expr->condition, callback, arg);
	for (int i = 0; i < expr->nactions; i++)
	{
		nested_name(bound, expr->actions[i].path, callback, arg);
		if (expr->actions[i].operand != NULL)
			nested_names_of_node(bound, expr->actions[i].operand, callback, arg);
	}
	for (int i = 0; i < expr->npaths; i++)
		nested_name(bound, expr->paths[i], callback, arg);
}
