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

#include "catalog/catalog.h"
#include "error.h"

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

	if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") != len)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
				   name, member);
	if (len < 3)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length greater than or equal to 3",
				   name, member);
	if (len > 255)
		VALIDATION("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to 255",
				   name, member);
}

/*
 * ddb_check_table_name refuses what can't be a table's name.
 */
void
ddb_check_table_name(const char *name)
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
	DdbAttributeSpec *att = palloc(sizeof(DdbAttributeSpec));

	if (strcmp(type, "S") != 0 && strcmp(type, "N") != 0 && strcmp(type, "B") != 0)
		VALIDATION("1 validation error detected: Value '%s' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]",
				   type);
	if (name[0] == '\0' || strlen(name) > 255)
		VALIDATION("1 validation error detected: Value '%s' at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must have length %s",
				   name, name[0] == '\0' ? "greater than or equal to 1" : "less than or equal to 255");
	att->name = name;
	(void) ddb_type_parse(type, 1, &att->type);
	return att;
}

/*
 * array_element gives element i of a JSON array, which must be an object.
 */
static JsonbContainer *
array_element(JsonbContainer *array, int i)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		ereport(ERROR, ddb_errcode(DDB_SERIALIZATION),
				errmsg("Unexpected value type in payload"));
	return value->val.binary.data;
}

/*
 * required_string is ddb_json_string for a member that must be there; path
 * names it in the message.
 */
static char *
required_string(JsonbContainer *object, const char *name, const char *path)
{
	char	   *value = ddb_json_string(object, name);

	if (value == NULL)
		VALIDATION("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
				   path);
	return value;
}

/*
 * ddb_attributes_from_json reads AttributeDefinitions.
 */
List *
ddb_attributes_from_json(JsonbContainer *json)
{
	List	   *result = NIL;

	for (int i = 0; i < JsonContainerSize(json); i++)
	{
		JsonbContainer *element = array_element(json, i);
		char	   *name = required_string(element, "AttributeName",
										   psprintf("attributeDefinitions.%d.member.attributeName", i + 1));
		char	   *type = required_string(element, "AttributeType",
										   psprintf("attributeDefinitions.%d.member.attributeType", i + 1));

		if (find_attribute(result, name))
			VALIDATION("One or more parameter values were invalid: Duplicate AttributeName in AttributeDefinitions: %s",
					   name);
		result = lappend(result, make_attribute(name, type));
	}
	return result;
}

/*
 * read_key_schema reads KeySchema: HASH elements first, RANGE elements after.
 */
static void
read_key_schema(JsonbContainer *json, DdbIndexSpec *spec)
{
	int			max = spec->kind == DDB_INDEX_GLOBAL ? DDB_MAX_KEY_ATTRIBUTES : 2;
	int			n = JsonContainerSize(json);

	if (n < 1 || n > max)
		VALIDATION("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length %s %d",
				   n < 1 ? "greater than or equal to" : "less than or equal to",
				   n < 1 ? 1 : max);
	for (int i = 0; i < n; i++)
	{
		JsonbContainer *element = array_element(json, i);
		char	   *name = required_string(element, "AttributeName",
										   psprintf("keySchema.%d.member.attributeName", i + 1));
		char	   *type = required_string(element, "KeyType",
										   psprintf("keySchema.%d.member.keyType", i + 1));

		if (strcmp(type, "HASH") == 0)
		{
			if (spec->sort != NIL)
				VALIDATION("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
			spec->partition = lappend(spec->partition, name);
		}
		else if (strcmp(type, "RANGE") == 0)
		{
			if (spec->partition == NIL)
				VALIDATION("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
			spec->sort = lappend(spec->sort, name);
		}
		else
			VALIDATION("1 validation error detected: Value '%s' at 'keySchema.%d.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]",
					   type, i + 1);
	}
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
 * ddb_index_spec_from_json reads one GlobalSecondaryIndex or
 * LocalSecondaryIndex.
 */
DdbIndexSpec *
ddb_index_spec_from_json(JsonbContainer *json, DdbIndexKind kind)
{
	DdbIndexSpec *spec = palloc0(sizeof(DdbIndexSpec));
	JsonbContainer *schema = ddb_json_container(json, "KeySchema", true);
	JsonbContainer *projection = ddb_json_container(json, "Projection", false);

	spec->kind = kind;
	spec->name = required_string(json, "IndexName", "indexName");
	check_name(spec->name, "indexName");
	if (schema == NULL)
		VALIDATION("1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null");
	read_key_schema(schema, spec);
	if (projection == NULL)
		VALIDATION("1 validation error detected: Value null at 'projection' failed to satisfy constraint: Member must not be null");
	else
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
		VALIDATION("One or more parameter values were invalid: List of %s is empty",
				   kind == DDB_INDEX_GLOBAL ? "GlobalSecondaryIndexes" : "LocalSecondaryIndexes");
	for (int i = 0; i < JsonContainerSize(array); i++)
		result = lappend(result,
						 ddb_index_spec_from_json(array_element(array, i), kind));
	return result;
}

/*
 * ddb_spec_from_request reads CreateTable's JSON.  Members that don't shape
 * the physical table are kept in settings, as they are, to be described.
 */
DdbTableSpec *
ddb_spec_from_request(Jsonb *request)
{
	DdbTableSpec *spec = palloc0(sizeof(DdbTableSpec));
	JsonbContainer *root = &request->root;
	JsonbContainer *definitions,
			   *schema;

	spec->name = required_string(root, "TableName", "tableName");
	ddb_check_table_name(spec->name);
	definitions = ddb_json_container(root, "AttributeDefinitions", true);
	if (definitions == NULL)
		VALIDATION("1 validation error detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null");
	schema = ddb_json_container(root, "KeySchema", true);
	if (schema == NULL)
		VALIDATION("1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null");
	spec->attributes = ddb_attributes_from_json(definitions);
	spec->key.kind = DDB_INDEX_PRIMARY;
	read_key_schema(schema, &spec->key);
	spec->indexes = list_concat(read_indexes(root, "GlobalSecondaryIndexes", DDB_INDEX_GLOBAL),
								read_indexes(root, "LocalSecondaryIndexes", DDB_INDEX_LOCAL));
	spec->settings = request;
	return spec;
}

/*
 * ddb_key_terms splits "Artist S" or "a S, b N" into attribute names, adding
 * their definitions to *attributes.  A name may contain blanks: the type is
 * the last word.
 */
List *
ddb_key_terms(const char *terms, List **attributes)
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
		spec->partition = ddb_key_terms(partition, attributes);
	else if (kind == DDB_INDEX_LOCAL)
		spec->partition = list_make1(pstrdup(table_partition));
	else
		VALIDATION("index \"%s\" has no partition_key", name);
	if (sort != NULL)
		spec->sort = ddb_key_terms(sort, attributes);
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

/*
 * ddb_index_specs_from_terms reads a JSON object of indexes in SQL terms, keyed
 * by name.
 */
List *
ddb_index_specs_from_terms(Jsonb *indexes, DdbIndexKind kind,
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

/*
 * ddb_spec_from_terms makes a definition from plain SQL terms.
 */
DdbTableSpec *
ddb_spec_from_terms(const char *name, const char *partition_key,
					const char *sort_key, Jsonb *global_indexes,
					Jsonb *local_indexes)
{
	DdbTableSpec *spec = palloc0(sizeof(DdbTableSpec));

	ddb_check_table_name(name);
	spec->name = pstrdup(name);
	spec->key.kind = DDB_INDEX_PRIMARY;
	spec->key.partition = ddb_key_terms(partition_key, &spec->attributes);
	if (sort_key != NULL)
		spec->key.sort = ddb_key_terms(sort_key, &spec->attributes);
	if (list_length(spec->key.partition) > 1 || list_length(spec->key.sort) > 1)
		VALIDATION("a table's key has one partition attribute and at most one sort attribute");
	spec->indexes =
		list_concat(ddb_index_specs_from_terms(global_indexes, DDB_INDEX_GLOBAL, NULL,
											   &spec->attributes),
					ddb_index_specs_from_terms(local_indexes, DDB_INDEX_LOCAL,
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
 * check_key applies the rules for one key schema: each attribute is defined,
 * none twice, counts within the limits.
 */
static void
check_key(const DdbTableSpec *spec, const DdbIndexSpec *index, List **used)
{
	List	   *names = list_concat_copy(index->partition, index->sort);
	ListCell   *lc;
	List	   *seen = NIL;
	List	   *defined = NIL;

	foreach(lc, spec->attributes)
		defined = lappend(defined, ((DdbAttributeSpec *) lfirst(lc))->name);
	if (list_length(index->partition) > 4 || list_length(index->sort) > 4)
		VALIDATION("One or more parameter values were invalid: a key has at most 4 partition and 4 sort attributes");
	foreach(lc, names)
	{
		char	   *name = lfirst(lc);

		if (!name_in_list(defined, name))
			VALIDATION("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
					   names_text(list_make1(name)), names_text(defined));
		if (name_in_list(seen, name))
			VALIDATION("Both the Hash Key and the Range Key element in the KeySchema have the same name");
		seen = lappend(seen, name);
		if (!name_in_list(*used, name))
			*used = lappend(*used, name);
	}
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
 * ddb_spec_check applies the rules between a definition's parts.
 */
void
ddb_spec_check(const DdbTableSpec *spec)
{
	List	   *used = NIL;
	List	   *names = NIL;
	int			nglobal = 0,
				nlocal = 0,
				nincluded = 0;
	ListCell   *lc;

	check_key(spec, &spec->key, &used);
	foreach(lc, spec->indexes)
	{
		DdbIndexSpec *index = lfirst(lc);

		if (name_in_list(names, index->name))
			VALIDATION("One or more parameter values were invalid: Duplicate index name: %s",
					   index->name);
		names = lappend(names, index->name);
		check_key(spec, index, &used);
		if (index->kind == DDB_INDEX_LOCAL)
		{
			check_local(spec, index);
			nlocal++;
		}
		else
			nglobal++;
		nincluded += list_length(index->included);
	}
	if (nlocal > DDB_MAX_LSI)
		VALIDATION("One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of %d",
				   DDB_MAX_LSI);
	if (nglobal > DDB_MAX_GSI)
		ereport(ERROR, ddb_errcode(DDB_LIMIT_EXCEEDED),
				errmsg("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d",
					   DDB_MAX_GSI));
	if (nincluded > 100)
		VALIDATION("One or more parameter values were invalid: Number of projected non-key attributes exceeds the limit of 100");
	if (list_length(used) != list_length(spec->attributes))
		VALIDATION("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions");
}
