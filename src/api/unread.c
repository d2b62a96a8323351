/*
 * unread.c
 *	  Which members of requests no handler reads: for the test that nothing is accepted
 *	  and ignored.
 *
 * While requests are answered, every member that is asked for by its name is noted
 * with the object that it was asked of.  A walk along the shape then finds the members that
 * were in a request and asked for; those of the shape that never were are the result.
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "api/request.h"
#include "api/unread.h"
#include "jsonb/member.h"

typedef struct Read
{
	JsonbContainer *object;
	const char *name;
} Read;

static MemoryContext reads_context;
static List *reads;				/* Read * */
static List *read_paths;		/* char *: "Tags.Key" */

static void
note_read(JsonbContainer *object, const char *name)
{
	MemoryContext old = MemoryContextSwitchTo(reads_context);
	Read	   *read = palloc(sizeof(Read));

	read->object = object;
	read->name = pstrdup(name);
	reads = lappend(reads, read);
	MemoryContextSwitchTo(old);
}

static bool
was_read(JsonbContainer *object, const char *name)
{
	ListCell   *lc;

	foreach(lc, reads)
	{
		Read	   *read = lfirst(lc);

		if (read->object == object && strcmp(read->name, name) == 0)
			return true;
	}
	return false;
}

static bool
has_path(const char *path)
{
	ListCell   *lc;

	foreach(lc, read_paths)
	{
		if (strcmp(lfirst(lc), path) == 0)
			return true;
	}
	return false;
}

static char *
inner_path(const char *path, const char *name)
{
	return path[0] == '\0' ? pstrdup(name) : psprintf("%s.%s", path, name);
}

/*
 * walk_request notes the paths of members that are in value and were read.
 */
static void
walk_request(const DdbShape *shape, const JsonbValue *value, const char *path)
{
	JsonbContainer *container;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	member;

	if (value->type != jbvBinary)
		return;
	container = value->val.binary.data;
	if (shape->kind == DDB_SHAPE_STRUCT)
	{
		for (const DdbMember *m = shape->members; m->name != NULL; m++)
		{
			if (getKeyJsonValueFromContainer(container, m->name, strlen(m->name), &member) == NULL)
				continue;
			if (was_read(container, m->name))
				read_paths = lappend(read_paths, inner_path(path, m->name));
			walk_request(m->shape, &member, inner_path(path, m->name));
		}
		return;
	}
	if (shape->kind != DDB_SHAPE_LIST && shape->kind != DDB_SHAPE_MAP)
		return;
	it = JsonbIteratorInit(container);
	token = JsonbIteratorNext(&it, &member, true);
	while ((token = JsonbIteratorNext(&it, &member, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM || token == WJB_VALUE)
			walk_request(shape->element, &member, path);
	}
}

/*
 * walk_shape adds the members of a shape that were not read to result.
 */
static void
walk_shape(const DdbShape *shape, const char *path, List **result)
{
	if (shape->kind == DDB_SHAPE_LIST || shape->kind == DDB_SHAPE_MAP)
		walk_shape(shape->element, path, result);
	if (shape->kind != DDB_SHAPE_STRUCT)
		return;
	for (const DdbMember *m = shape->members; m->name != NULL; m++)
	{
		char	   *inner = inner_path(path, m->name);

		if (m->refused || m->ignored)
			continue;
		if (!has_path(inner))
			*result = lappend(*result, inner);
		walk_shape(m->shape, inner, result);
	}
}

/*
 * answer answers one request and looks at what was read of it; an error undoes what it
 * did and is no matter: what had been read until then counts.
 */
static void
answer(const char *operation, const DdbShape *shape, Jsonb *request)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	JsonbValue	root;

	reads = NIL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	ddb_json_member_noted = note_read;
	PG_TRY();
	{
		(void) ddb_api_request(operation, request, NULL);
		ddb_json_member_noted = NULL;
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ddb_json_member_noted = NULL;
		MemoryContextSwitchTo(context);
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	root.type = jbvBinary;
	root.val.binary.data = &request->root;
	root.val.binary.len = VARSIZE(request) - VARHDRSZ;
	walk_request(shape, &root, "");
}

List *
ddb_api_unread_members(const char *operation, List *requests)
{
	const DdbShape *shape = ddb_api_shape(operation);
	List	   *result = NIL;
	ListCell   *lc;

	reads_context = CurrentMemoryContext;
	read_paths = NIL;
	foreach(lc, requests)
		answer(operation, shape, lfirst(lc));
	walk_shape(shape, "", &result);
	return result;
}
