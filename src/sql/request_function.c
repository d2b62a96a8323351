/*
 * request_function.c
 *	  The SQL door to the whole API: ddb_request(operation, request) -> jsonb.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/request.h"

PG_FUNCTION_INFO_V1(ddb_request);

Datum
ddb_request(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(ddb_api_request(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									  PG_GETARG_JSONB_P(1), NULL));
}
