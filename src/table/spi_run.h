/*
 * spi_run.h
 *	  Running SQL commands, for the files that own a table or change definitions.
 *
 * All of it inside SPI_connect().  Results are in SPI_tuptable.  CurrentMemoryContext stays
 * what it is, unlike with SPI's own functions.
 */
#ifndef DDB_SPI_RUN_H
#define DDB_SPI_RUN_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* ddb_spi_run executes one command as the current user. */
extern void ddb_spi_run(const char *sql);

/*
 * ddb_spi_run_as_owner executes one command as the owner of the catalog, out of
 * reach of the calling user's search_path, and gives the number of rows.
 */
extern uint64 ddb_spi_run_as_owner(const char *sql, int nargs, Oid *types,
								   Datum *values, const char *nulls);

/* ddb_spi_text_array makes a text[] of a List of C strings. */
extern Datum ddb_spi_text_array(List *strings);

/* ddb_spi_string copies a column of a row of the result into context; NULL is NULL. */
extern char *ddb_spi_string(uint64 row, int column, MemoryContext context);

/* ddb_spi_datum gives a column of a row of the result. */
extern Datum ddb_spi_datum(uint64 row, int column, bool *isnull);

#endif							/* DDB_SPI_RUN_H */
