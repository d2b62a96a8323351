/*
 * statements.h
 *	  What the requests that have statements of PartiQL share.
 */
#ifndef DDB_STATEMENTS_H
#define DDB_STATEMENTS_H

#include "api/shape.h"
#include "partiql/partiql.h"

extern const DdbShape ddb_shape_statement;
extern const DdbShape ddb_shape_parameters;

/*
 * ddb_statement_parameters reads and checks Parameters of a request, or of the
 * member of its list that has this index (from 0).  The first problem in the order
 * of the request's text is raised, where that is known.
 */
extern void ddb_statement_parameters(JsonbContainer *request, const char *list, int index,
									 DdbParameters *parameters);

/* ddb_statement_of parses a request's Statement and binds it. */
extern DdbBoundStatement *ddb_statement_of(JsonbContainer *request,
										   const DdbParameters *parameters);

#endif							/* DDB_STATEMENTS_H */
