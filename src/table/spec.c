/*
 * spec.c
 *	  Table definitions as requests give them.
 *
 * Two forms lead to one DdbTableSpec: CreateTable's JSON and plain SQL terms
 * ("Artist S").  ddb_spec_check() then applies the rules that hold between the
 * parts, for both ("API reference: CreateTable").
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "error.h"
#include "jsonb/member.h"
#include "table/arn.h"
#include "table/desc.h"
#include "table/spec.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

/*
 * check_name applies the rule for table and index names: 3 to 255 characters of
 * [A-Za-z0-9_.-].
 */
static void
check_name(const char *name, const char *member)
{
	size_t		len = strlen(name);

	if (strspn(name, DDB_NAME_CHARACTERS) != len)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
				   name, member);
	if (len < 3)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length greater than or equal to 3",
				   name, member);
	if (len > 255)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to 255",
				   name, member);
}

void
ddb_table_check_name(const char *name)
{
	check_name(name, "tableName");
}

/*
 * find_attribute finds an attribute definition by name, or NULL.
 */
static DdbAttributeSpec *
find_attribute(List *attributes, const char *name)
{
	ListCell   *lc;

	foreach(lc, attributes)
	{
		DdbAttributeSpec *att = lfirst(lc);

		if (strcmp(att->name, name) == 0)
			return att;
	}
	return NULL;
}

static bool
name_in_list(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

/*
 * make_attribute checks one attribute definition.
 */
static DdbAttributeSpec *
make_attribute(char *name, const char *type)
{
	DdbAttributeSpec *att = palloc0(sizeof(DdbAttributeSpec));

	if (strcmp(type, "S") != 0 && strcmp(type, "N") != 0 && strcmp(type, "B") != 0)
		VALIDATION("1 validation error detected: Value '%s' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]",
				   type);
	if (name[0] == '\0' || ddb_text_length(name, strlen(name)) > 255)
		VALIDATION("1 validation error detected: Value '%s' at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must have length %s",
				   name, name[0] == '\0' ? "greater than or equal to 1" : "less than or equal to 255");
	att->name = name;
	(void) ddb_type_parse(type, 1, &att->type);
	return att;
}

/*
 * array_element gives element i of a JSON array of objects.
 */
static JsonbContainer *
array_element(JsonbContainer *array, int i)
{
	return getIthJsonbValueFromContainer(array, i)->val.binary.data;
}

List *
ddb_spec_attributes_from_json(JsonbContainer *json)
{
	List	   *result = NIL;

	for (int i = 0; i < JsonContainerSize(json); i++)
	{
		JsonbContainer *element = array_element(json, i);
		char	   *name = ddb_json_string(element, "AttributeName");

		if (find_attribute(result, name))
			VALIDATION("One or more parameter values were invalid: Duplicate AttributeName in AttributeDefinitions: %s",
					   name);
		result = lappend(result, make_attribute(name, ddb_json_string(element, "AttributeType")));
	}
	return result;
}

/*
 * read_key_schema reads KeySchema: HASH elements first, RANGE elements after;
 * several of each in a global index only.
 */
static void
read_key_schema(JsonbContainer *json, DdbIndexSpec *spec)
{
	bool		many = spec->kind == DDB_INDEX_GLOBAL;

	for (int i = 0; i < JsonContainerSize(json); i++)
	{
		JsonbContainer *element = array_element(json, i);
		char	   *name = ddb_json_string(element, "AttributeName");
		bool		hash = strcmp(ddb_json_string(element, "KeyType"), "HASH") == 0;

		if (i == 0 && !hash)
			VALIDATION("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
		if (hash && (spec->sort != NIL || (i > 0 && !many)))
			VALIDATION("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
		if (hash)
			spec->partition = lappend(spec->partition, name);
		else
			spec->sort = lappend(spec->sort, name);
	}
	if (list_length(spec->partition) + list_length(spec->sort) > (many ? DDB_MAX_KEY_ATTRIBUTES : 2))
		VALIDATION("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to %d",
				   many ? DDB_MAX_KEY_ATTRIBUTES : 2);
}

/*
 * parse_projection_type understands ALL, KEYS_ONLY and INCLUDE.
 */
static DdbProjectionType
parse_projection_type(const char *type)
{
	if (strcmp(type, "ALL") == 0)
		return DDB_PROJECT_ALL;
	if (strcmp(type, "KEYS_ONLY") == 0)
		return DDB_PROJECT_KEYS_ONLY;
	if (strcmp(type, "INCLUDE") == 0)
		return DDB_PROJECT_INCLUDE;
	VALIDATION("1 validation error detected: Value '%s' at 'projection.projectionType' failed to satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]",
			   type);
	return DDB_PROJECT_ALL;		/* keep compiler quiet */
}

/*
 * read_names reads a JSON array of strings.
 */
static List *
read_names(JsonbContainer *array)
{
	List	   *result = NIL;

	for (int i = 0; i < JsonContainerSize(array); i++)
		result = lappend(result,
						 ddb_json_cstring(getIthJsonbValueFromContainer(array, i)));
	return result;
}

/*
 * read_projection reads Projection ("API reference: Projection").
 */
static void
read_projection(JsonbContainer *projection, DdbIndexSpec *spec)
{
	char	   *type = ddb_json_string(projection, "ProjectionType");
	JsonbContainer *names = ddb_json_container(projection, "NonKeyAttributes", true);

	if (type == NULL)
		VALIDATION("One or more parameter values were invalid: Unknown ProjectionType: null");
	spec->projection = parse_projection_type(type);
	spec->has_projection = true;
	if (names != NULL)
		spec->included = read_names(names);
	if (spec->projection == DDB_PROJECT_INCLUDE && spec->included == NIL)
		VALIDATION("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
	if (spec->projection != DDB_PROJECT_INCLUDE && names != NULL)
		VALIDATION("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified",
				   type);
}

DdbIndexSpec *
ddb_spec_index_from_json(JsonbContainer *json, DdbIndexKind kind)
{
	DdbIndexSpec *spec = palloc0(sizeof(DdbIndexSpec));

	spec->kind = kind;
	spec->name = ddb_json_string(json, "IndexName");
	read_key_schema(ddb_json_container(json, "KeySchema", true), spec);
	read_projection(ddb_json_container(json, "Projection", false), spec);
	return spec;
}

/*
 * read_indexes reads GlobalSecondaryIndexes or LocalSecondaryIndexes.
 */
static List *
read_indexes(JsonbContainer *request, const char *member, DdbIndexKind kind)
{
	JsonbContainer *array = ddb_json_container(request, member, true);
	List	   *result = NIL;

	if (array == NULL)
		return NIL;
	if (JsonContainerSize(array) == 0)
		VALIDATION("One or more parameter values were invalid: List of %s is empty", member);
	for (int i = 0; i < JsonContainerSize(array); i++)
		result = lappend(result,
						 ddb_spec_index_from_json(array_element(array, i), kind));
	return result;
}

DdbTableSpec *
ddb_spec_from_request(JsonbContainer *request)
{
	DdbTableSpec *spec = palloc0(sizeof(DdbTableSpec));

	spec->name = pstrdup(ddb_table_name_of(ddb_json_string(request, "TableName")));
	spec->attributes = ddb_spec_attributes_from_json(ddb_json_container(request, "AttributeDefinitions", true));
	spec->key.kind = DDB_INDEX_PRIMARY;
	read_key_schema(ddb_json_container(request, "KeySchema", true), &spec->key);
	spec->indexes = list_concat(read_indexes(request, "LocalSecondaryIndexes", DDB_INDEX_LOCAL),
								read_indexes(request, "GlobalSecondaryIndexes", DDB_INDEX_GLOBAL));
	return spec;
}

/*
 * ddb_spec_key_terms splits "Artist S" or "a S, b N" into attribute names, adding
 * their definitions to *attributes.  A name may contain blanks: the type is
 * the last word.
 */
List *
ddb_spec_key_terms(const char *terms, List **attributes)
{
	List	   *names = NIL;
	char	   *copy = pstrdup(terms);
	char	   *save = NULL;

	for (char *term = strtok_r(copy, ",", &save); term; term = strtok_r(NULL, ",", &save))
	{
		char	   *end = term + strlen(term);
		char	   *type;
		DdbAttributeSpec *known;

		while (*term == ' ')
			term++;
		while (end > term && end[-1] == ' ')
			*--end = '\0';
		type = strrchr(term, ' ');
		if (type == NULL)
			ereport(ERROR, ddb_errcode(DDB_VALIDATION),
					errmsg("key \"%s\" has no type", term),
					errhint("Write the attribute's name and its type: 'Artist S', 'Year N' or 'Digest B'."));
		for (end = type; end > term && end[-1] == ' ';)
			end--;
		*end = '\0';
		type++;
		known = find_attribute(*attributes, term);
		if (known == NULL)
			*attributes = lappend(*attributes, make_attribute(term, type));
		else if (strcmp(ddb_type_name(known->type), type) != 0)
			VALIDATION("One or more parameter values were invalid: Duplicate AttributeName in AttributeDefinitions: %s",
					   term);
		names = lappend(names, term);
	}
	if (names == NIL)
		VALIDATION("a key needs at least one attribute");
	return names;
}

/*
 * index_spec_from_terms reads one index in SQL terms: {"partition_key":
 * "genre S", "sort_key": "title S", "projection": "ALL" or "KEYS_ONLY" or
 * ["attribute", ...]}.  A local index takes the table's partition key.
 */
static DdbIndexSpec *
index_spec_from_terms(const char *name, JsonbContainer *root, DdbIndexKind kind,
					  const char *table_partition, List **attributes)
{
	DdbIndexSpec *spec = palloc0(sizeof(DdbIndexSpec));
	char	   *partition = ddb_json_string(root, "partition_key");
	char	   *sort = ddb_json_string(root, "sort_key");
	JsonbValue	projection;

	spec->name = pstrdup(name);
	spec->kind = kind;
	check_name(name, "indexName");
	if (partition != NULL)
		spec->partition = ddb_spec_key_terms(partition, attributes);
	else if (kind == DDB_INDEX_LOCAL)
		spec->partition = list_make1(pstrdup(table_partition));
	else
		VALIDATION("index \"%s\" has no partition_key", name);
	if (sort != NULL)
		spec->sort = ddb_spec_key_terms(sort, attributes);
	spec->projection = DDB_PROJECT_ALL;
	spec->has_projection = true;
	if (ddb_json_member(root, "projection", &projection))
	{
		if (projection.type == jbvBinary &&
			JsonContainerIsArray(projection.val.binary.data))
		{
			spec->projection = DDB_PROJECT_INCLUDE;
			spec->included = read_names(projection.val.binary.data);
		}
		else
			spec->projection = parse_projection_type(ddb_json_cstring(&projection));
	}
	return spec;
}

List *
ddb_spec_indexes_from_terms(Jsonb *indexes, DdbIndexKind kind,
							const char *table_partition, List **attributes)
{
	List	   *result = NIL;
	JsonbIterator *it;
	JsonbValue	key;
	JsonbIteratorToken token;

	if (indexes == NULL)
		return NIL;
	if (!JB_ROOT_IS_OBJECT(indexes))
		VALIDATION("indexes must be a JSON object keyed by index name");
	it = JsonbIteratorInit(&indexes->root);
	token = JsonbIteratorNext(&it, &key, true);
	while ((token = JsonbIteratorNext(&it, &key, true)) == WJB_KEY)
	{
		char	   *name = pnstrdup(key.val.string.val, key.val.string.len);
		JsonbValue	value;

		(void) JsonbIteratorNext(&it, &value, true);
		if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
			VALIDATION("index \"%s\" must be a JSON object", name);
		result = lappend(result, index_spec_from_terms(name, value.val.binary.data, kind,
													   table_partition, attributes));
	}
	return result;
}

DdbTableSpec *
ddb_spec_from_terms(const char *name, const char *partition_key,
					const char *sort_key, Jsonb *global_indexes,
					Jsonb *local_indexes)
{
	DdbTableSpec *spec = palloc0(sizeof(DdbTableSpec));

	ddb_table_check_name(name);
	spec->name = pstrdup(name);
	spec->key.kind = DDB_INDEX_PRIMARY;
	spec->key.partition = ddb_spec_key_terms(partition_key, &spec->attributes);
	if (sort_key != NULL)
		spec->key.sort = ddb_spec_key_terms(sort_key, &spec->attributes);
	if (list_length(spec->key.partition) > 1 || list_length(spec->key.sort) > 1)
		VALIDATION("a table's key has one partition attribute and at most one sort attribute");
	spec->indexes =
		list_concat(ddb_spec_indexes_from_terms(global_indexes, DDB_INDEX_GLOBAL, NULL,
												&spec->attributes),
					ddb_spec_indexes_from_terms(local_indexes, DDB_INDEX_LOCAL,
												linitial(spec->key.partition),
												&spec->attributes));
	return spec;
}

/*
 * names_text writes an index's key attributes as "[a, b]".
 */
static char *
names_text(List *names)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	foreach(lc, names)
		appendStringInfo(&buf, "%s%s", buf.len > 1 ? ", " : "", (char *) lfirst(lc));
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

/*
 * attribute_names lists the names of attribute definitions.
 */
static List *
attribute_names(List *attributes)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, attributes)
		names = lappend(names, ((DdbAttributeSpec *) lfirst(lc))->name);
	return names;
}

/*
 * check_key applies the rules for one key schema: each attribute has a definition of
 * its own in defined, counts are within the limits; and adds its attributes to *used.
 */
static void
check_key(const DdbIndexSpec *index, List *defined, List **used)
{
	List	   *names = list_concat_copy(index->partition, index->sort);
	ListCell   *lc;
	List	   *seen = NIL;
	int			ndefined = 0;

	if (list_length(index->partition) > 4 || list_length(index->sort) > 4)
		VALIDATION("One or more parameter values were invalid: a key has at most 4 partition and 4 sort attributes");
	foreach(lc, names)
	{
		char	   *name = lfirst(lc);

		/* an attribute that is named twice has but one definition */
		if (name_in_list(defined, name) && !name_in_list(seen, name))
			ndefined++;
		seen = lappend(seen, name);
		if (!name_in_list(*used, name))
			*used = lappend(*used, name);
	}
	if (ndefined == 0)
		VALIDATION("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
				   names_text(names), names_text(defined));
	if (ndefined < list_length(names))
		VALIDATION("Invalid KeySchema: Some index key attribute have no definition");
}

/*
 * check_local applies the rules for a local index.
 */
static void
check_local(const DdbTableSpec *spec, const DdbIndexSpec *index)
{
	if (spec->key.sort == NIL)
		VALIDATION("One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex");
	if (list_length(index->partition) != 1 ||
		strcmp(linitial(index->partition), linitial(spec->key.partition)) != 0)
		VALIDATION("One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
				   index->name, (char *) linitial(index->partition),
				   (char *) linitial(spec->key.partition));
	if (list_length(index->sort) != 1)
		VALIDATION("One or more parameter values were invalid: Index KeySchema does not have a range key for index: %s",
				   index->name);
}

/*
 * check_counts applies the limits of a table ("Service, account, and table
 * quotas").
 */
static void
check_counts(const DdbTableSpec *spec)
{
	int			nglobal = 0,
				nlocal = 0,
				nincluded = 0;
	ListCell   *lc;

	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);

		if (index->kind == DDB_INDEX_LOCAL)
			nlocal++;
		else
			nglobal++;
		nincluded += list_length(index->included);
	}
	if (nlocal > DDB_MAX_LSI)
		VALIDATION("One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of %d",
				   DDB_MAX_LSI);
	if (nglobal > DDB_MAX_GSI)
		VALIDATION("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d",
				   DDB_MAX_GSI);
	if (nincluded > 100)
		VALIDATION("One or more parameter values were invalid: Number of projected non-key attributes exceeds the limit of 100");
}

/*
 * check_included refuses what is no attribute name, or too long for one that is
 * projected, and an attribute that an index's projection names twice.
 */
static void
check_included(const DdbIndexSpec *index)
{
	ListCell   *a,
			   *b;

	foreach(a, index->included)
	{
		int			len = ddb_text_length(lfirst(a), strlen(lfirst(a)));

		if (len == 0 || len > 255)
			VALIDATION("1 validation error detected: Value '%s' at 'nonKeyAttributes' failed to satisfy constraint: Member must have length %s",
					   (char *) lfirst(a),
					   len == 0 ? "greater than or equal to 1" : "less than or equal to 255");
		for_each_from(b, index->included, foreach_current_index(a) + 1)
		{
			if (strcmp(lfirst(a), lfirst(b)) == 0)
				VALIDATION("One or more parameter values were invalid: Duplicate value in NonKeyAttributes: %s",
						   (char *) lfirst(a));
		}
	}
}

/*
 * check_index_names refuses two indexes of one name.
 */
static void
check_index_names(const DdbTableSpec *spec)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);

		if (name_in_list(names, index->name))
			VALIDATION("One or more parameter values were invalid: Duplicate index name: %s",
					   index->name);
		names = lappend(names, index->name);
	}
}

/*
 * ddb_spec_check applies the rules between a definition's parts: first that attributes
 * are defined, then names, then the rest.  An index that is added (the last one) must
 * find its attributes in the definitions that came with it.
 */
void
ddb_spec_check(const DdbTableSpec *spec)
{
	List	   *defined = attribute_names(spec->attributes);
	List	   *used = NIL;
	ListCell   *lc;

	check_key(&spec->key, defined, &used);
	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);
		bool		added = spec->adding && index == llast(spec->indexes);

		check_key(index, added ? attribute_names(spec->given) : defined, &used);
	}
	check_index_names(spec);
	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);

		if (index->kind == DDB_INDEX_LOCAL)
			check_local(spec, index);
	}
	check_counts(spec);
	foreach(lc, spec->indexes)
	{
		if (!spec->adding || lc == list_last_cell(spec->indexes))
			check_included(lfirst(lc));
	}
	if (spec->adding || list_length(used) == list_length(spec->attributes))
		return;
	if (spec->indexes == NIL && spec->key.sort == NIL)
		VALIDATION("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions");
	VALIDATION("One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s",
			   names_text(defined), names_text(used));
}
