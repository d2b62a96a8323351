/*
 * tag_requests.c
 *	  TagResource, UntagResource, ListTagsOfResource.
 *
 * Tags belong to tables, which these operations name by ARN ("API reference").
 */
#include "postgres.h"

#include <ctype.h>

#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "api/table_shapes.h"
#include "api/tables.h"
#include "error.h"
#include "jsonb/document.h"
#include "jsonb/member.h"
#include "settings.h"
#include "table/arn.h"
#include "table/table_ddl.h"
#include "table/tables_catalog.h"
#include "table/tags_catalog.h"

static const DdbShape resource_arn = {.kind = DDB_SHAPE_STRING,.has_min = true,.min = 1,.max = 1283};
static const DdbShape tag_keys = {.kind = DDB_SHAPE_LIST,.type_name = "TagKeyString",.element = &ddb_shape_tag_key};
static const DdbMember tag_resource_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"Tags", &ddb_shape_tags, true},
	{NULL}
};
static const DdbShape tag_resource_shape = {.kind = DDB_SHAPE_STRUCT,.members = tag_resource_members};

static const DdbMember untag_resource_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"TagKeys", &tag_keys, true},
	{NULL}
};
static const DdbShape untag_resource_shape = {.kind = DDB_SHAPE_STRUCT,.members = untag_resource_members};

static const DdbMember list_tags_members[] = {
	{"ResourceArn", &resource_arn, true},
	{"NextToken", &ddb_shape_string},
	{NULL}
};
static const DdbShape list_tags_shape = {.kind = DDB_SHAPE_STRUCT,.members = list_tags_members};

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#define MAX_TAGS 50
#define TAGS_PER_PAGE 10

/*
 * open_resource locks the table of ResourceArn against changes of its definition
 * and gives its name.
 */
static char *
open_resource(JsonbContainer *request, const char *operation, bool change)
{
	char	   *arn = ddb_request_string(request, "ResourceArn");
	bool		malformed;
	char	   *name = ddb_arn_table_name(arn, &malformed);
	DdbTableDesc *desc;

	if (strncmp(arn, "arn:", 4) != 0)
		VALIDATION("ARNs must start with 'arn:'");
	if (!malformed && ddb_arn_is_foreign(arn))
		ereport(ERROR, ddb_errcode(DDB_ACCESS_DENIED),
				errmsg("User: arn:aws:iam::%s:user/%s is not authorized to perform: dynamodb:%s on resource: %s",
					   ddb_account_id, GetUserNameFromId(GetUserId(), false), operation, arn));
	if (malformed)
		VALIDATION("Invalid TableArn: Invalid ResourceArn provided as input %s", arn);
	if (name == NULL || !OidIsValid(ddb_tables_relid(name)))
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found: ResourcArn: %s not found", arn));
	if (change)
		ddb_table_lock_definition_as_owner(name);
	desc = ddb_desc_open_any(name, AccessShareLock);
	if (change)
		ddb_check_table_ready(desc);
	ddb_desc_close(desc);
	return name;
}

/*
 * is_tag_character tells whether a tag may have a character: letters, digits and spaces of
 * any script, and a few marks ("Tagging restrictions in DynamoDB").  Beyond ASCII it
 * refuses the blocks of control characters, punctuation and symbols.
 */
static bool
is_tag_character(pg_wchar c)
{
	static const pg_wchar others[][2] = {
		{0x80, 0x9F}, {0xA1, 0xA9}, {0xAB, 0xB1}, {0xB4, 0xB4}, {0xB6, 0xB8}, {0xBB, 0xBB},
		{0xBF, 0xBF}, {0xD7, 0xD7}, {0xF7, 0xF7}, {0x200B, 0x2027}, {0x202A, 0x202E},
		{0x2030, 0x205E}, {0x2060, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x245F},
		{0x2500, 0x2BFF}, {0x3001, 0x3004}, {0x3008, 0x3020}, {0xD800, 0xF8FF},
		{0xFE00, 0xFE0F}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}
	};

	if (c < 0x80)
		return isalnum(c) || (c != 0 && strchr(" +-=._:/", c) != NULL);
	for (int i = 0; i < lengthof(others); i++)
	{
		if (c >= others[i][0] && c <= others[i][1])
			return false;
	}
	return true;
}

/*
 * check_characters refuses a tag's key or value with a character that it can't have;
 * what is "tag key" or "tag value".  Bytes above ASCII of another encoding than UTF-8 pass.
 */
static void
check_characters(const char *text, const char *what)
{
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;

	for (const char *p = text; *p != '\0'; p += pg_mblen(p))
	{
		if ((utf8 || !IS_HIGHBIT_SET(*p)) &&
			!is_tag_character(utf8_to_unicode((const unsigned char *) p)))
			VALIDATION("One or more parameter values were invalid: The %s contains invalid characters: %s. It may have letters, white space, numbers and + - = . _ : /",
					   what, text);
	}
}

/*
 * ddb_tags_check applies the rules for a list of tags.
 */
void
ddb_tags_check(JsonbContainer *tags)
{
	int			n = JsonContainerSize(tags);
	List	   *keys = NIL;

	if (n > MAX_TAGS)
		VALIDATION("One or more parameter values were invalid: Number of tags exceeds the limit of %d", MAX_TAGS);
	for (int i = 0; i < n; i++)
	{
		JsonbContainer *tag = getIthJsonbValueFromContainer(tags, i)->val.binary.data;
		char	   *key = ddb_json_string(tag, "Key");
		ListCell   *lc;

		if (pg_strncasecmp(key, "aws:", 4) == 0)
			VALIDATION("One or more parameter values were invalid: Tag keys that begin with aws: are reserved for system use");
		check_characters(key, "tag key");
		check_characters(ddb_json_string(tag, "Value"), "tag value");
		foreach(lc, keys)
		{
			if (strcmp(lfirst(lc), key) == 0)
				VALIDATION("One or more parameter values were invalid: Duplicate tag key: %s", key);
		}
		keys = lappend(keys, key);
	}
}

/*
 * ddb_tags_store adds tags to a table, replacing those with the same key.
 */
void
ddb_tags_store(const char *table_name, JsonbContainer *tags)
{
	uint64		count;

	SPI_connect();
	for (int i = 0; i < JsonContainerSize(tags); i++)
	{
		JsonbContainer *tag = getIthJsonbValueFromContainer(tags, i)->val.binary.data;

		ddb_tags_set(table_name, ddb_json_string(tag, "Key"), ddb_json_string(tag, "Value"));
	}
	count = ddb_tags_count(table_name);
	SPI_finish();
	if (count > MAX_TAGS)
		VALIDATION("One or more parameter values were invalid: Number of tags exceeds the limit of %d", MAX_TAGS);
}

static Jsonb *
empty_response(void)
{
	JsonbParseState *state;

	ddb_json_response(&state);
	return ddb_json_finish(&state);
}

static Jsonb *
tag_resource(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *tags = ddb_json_container(request, "Tags", true);
	char	   *table_name;

	if (JsonContainerSize(tags) == 0)
		VALIDATION("Atleast one Tag needs to be provided as Input.");
	ddb_tags_check(tags);
	table_name = open_resource(request, "TagResource", true);
	ddb_tags_store(table_name, tags);
	return empty_response();
}

static Jsonb *
untag_resource(JsonbContainer *request, DdbConsumption *consumption)
{
	JsonbContainer *keys = ddb_json_container(request, "TagKeys", true);
	char	   *table_name;

	if (JsonContainerSize(keys) == 0)
		VALIDATION("Atleast one Tag Key needs to be provided as Input.");
	table_name = open_resource(request, "UntagResource", true);
	SPI_connect();
	for (int i = 0; i < JsonContainerSize(keys); i++)
		ddb_tags_delete(table_name, ddb_json_cstring(getIthJsonbValueFromContainer(keys, i)));
	SPI_finish();
	return empty_response();
}

/*
 * list_tags answers ListTagsOfResource, ten tags a page; NextToken is the last
 * key of the page.
 */
static Jsonb *
list_tags(JsonbContainer *request, DdbConsumption *consumption)
{
	char	   *token = ddb_request_string(request, "NextToken");
	char	   *table_name = open_resource(request, "ListTagsOfResource", false);
	MemoryContext context = CurrentMemoryContext;
	List	   *tags;
	ListCell   *lc;
	JsonbParseState *state;

	SPI_connect();
	tags = ddb_tags_list(table_name, token ? token : "", TAGS_PER_PAGE + 1, context);
	SPI_finish();
	ddb_json_response(&state);
	ddb_json_begin_array(&state, "Tags");
	foreach(lc, tags)
	{
		DdbTag	   *tag = lfirst(lc);

		if (foreach_current_index(lc) == TAGS_PER_PAGE)
			break;
		ddb_json_begin_object(&state, NULL);
		ddb_json_push_string(&state, "Key", tag->key);
		ddb_json_push_string(&state, "Value", tag->value);
		ddb_json_end_object(&state);
	}
	ddb_json_end_array(&state);
	if (list_length(tags) > TAGS_PER_PAGE)
		ddb_json_push_string(&state, "NextToken", ((DdbTag *) list_nth(tags, TAGS_PER_PAGE - 1))->key);
	return ddb_json_finish(&state);
}

const DdbOperation ddb_tag_operations[] = {
	{"TagResource", &tag_resource_shape, tag_resource, DDB_API_DEFINES | DDB_API_NO_OUTPUT},
	{"UntagResource", &untag_resource_shape, untag_resource, DDB_API_DEFINES | DDB_API_NO_OUTPUT},
	{"ListTagsOfResource", &list_tags_shape, list_tags, DDB_API_DESCRIBES},
	{NULL}
};
