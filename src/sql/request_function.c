/*
 * request_function.c
 *	  The SQL door to the whole API: ddb_request(operation, request) -> jsonb; and what
 *	  tests ask about it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/request.h"
#include "api/unread.h"

PG_FUNCTION_INFO_V1(ddb_request);
PG_FUNCTION_INFO_V1(ddb_sql_operations);
PG_FUNCTION_INFO_V1(ddb_sql_unread_members);

Datum
ddb_request(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_api_request(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									  PG_GETARG_JSONB_P(1), NULL));
}

static Datum
names_array(List *names)
{
	Datum	   *elements = palloc(sizeof(Datum) * (list_length(names) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, names)
		elements[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * ddb_test.operations() -> text[]
 */
Datum
ddb_sql_operations(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(names_array(ddb_api_operations()));
}

/*
 * ddb_test.unread_members(operation, requests jsonb[]) -> text[]
 */
Datum
ddb_sql_unread_members(PG_FUNCTION_ARGS)
{
	List	   *requests = NIL;
	Datum	   *elements;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), JSONBOID, -1, false, TYPALIGN_INT, &elements, NULL, &n);
	for (int i = 0; i < n; i++)
		requests = lappend(requests, DatumGetJsonbP(elements[i]));
	PG_RETURN_DATUM(names_array(ddb_api_unread_members(text_to_cstring(PG_GETARG_TEXT_PP(0)), requests)));
}
