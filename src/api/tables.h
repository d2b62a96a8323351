/*
 * tables.h
 *	  Operations on tables: what the SQL door and the requests share.
 */
#ifndef DDB_OP_TABLES_H
#define DDB_OP_TABLES_H

#include "api/request.h"
#include "compat.h"
#include "table/table_settings.h"

/*
 * table_requests.c: requests that fit their shapes.  Both give a
 * TableDescription: as the API answers, or as things are when all is done.
 */
extern Jsonb *ddb_api_create_table(JsonbContainer *request, bool as_api);
extern Jsonb *ddb_api_delete_table(const char *table_name);

/* ddb_check_table_ready refuses to change a table that is CREATING or UPDATING. */
extern void ddb_check_table_ready(const DdbTableDesc *desc);

/* update_table.c */
pg_noreturn extern void ddb_update_nothing(void);
extern Jsonb *ddb_api_update_table(JsonbContainer *request, bool as_api);

/* table_settings.c */

/* ddb_settings_create reads the settings of a new table. */
extern void ddb_settings_create(JsonbContainer *request, DdbSettings *settings);

/* ddb_settings_update applies UpdateTable's; false when it has none. */
extern bool ddb_settings_update(JsonbContainer *request, const DdbTableDesc *desc,
								DdbSettings *settings);

/* ddb_settings_index reads those of a new global index of a table with settings table. */
extern Jsonb *ddb_settings_index(JsonbContainer *index, const char *name,
								 const DdbSettings *table);

/* ddb_settings_index_update applies GlobalSecondaryIndexUpdates' Update. */
extern void ddb_settings_index_update(JsonbContainer *update, const char *name,
									  const DdbSettings *table, DdbSettings *settings);

/* tag_requests.c */
extern void ddb_tags_check(JsonbContainer *tags);
extern void ddb_tags_store(const char *table_name, JsonbContainer *tags);

#endif							/* DDB_OP_TABLES_H */
