/*
 * tags_catalog.c
 *	  The rows of ddb.tags: tags of tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "table/spi_run.h"
#include "table/tags_catalog.h"

void
ddb_tags_set(const char *table_name, const char *key, const char *value)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(key),
	CStringGetTextDatum(value)};

	ddb_spi_run_as_owner("INSERT INTO ddb.tags (table_name, tag_key, tag_value) VALUES ($1, $2, $3)"
						 " ON CONFLICT (table_name, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
						 3, types, values, NULL);
}

void
ddb_tags_delete(const char *table_name, const char *key)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(key)};

	ddb_spi_run_as_owner("DELETE FROM ddb.tags WHERE table_name = $1 AND tag_key = $2",
						 2, types, values, NULL);
}

uint64
ddb_tags_count(const char *table_name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(table_name)};

	return ddb_spi_run_as_owner("SELECT FROM ddb.tags WHERE table_name = $1", 1, types, values, NULL);
}

List *
ddb_tags_list(const char *table_name, const char *after, int limit, MemoryContext context)
{
	Oid			types[] = {TEXTOID, TEXTOID, INT4OID};
	Datum		values[] = {CStringGetTextDatum(table_name), CStringGetTextDatum(after), Int32GetDatum(limit)};
	List	   *tags = NIL;

	if (SPI_execute_with_args("SELECT tag_key, tag_value FROM ddb.tags WHERE table_name = $1 AND tag_key > $2"
							  " ORDER BY tag_key LIMIT $3", 3, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not list tags");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		DdbTag	   *tag = palloc(sizeof(DdbTag));

		tag->key = ddb_spi_string(i, 1, context);
		tag->value = ddb_spi_string(i, 2, context);
		tags = lappend(tags, tag);
		MemoryContextSwitchTo(old);
	}
	return tags;
}
