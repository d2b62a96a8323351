/*
 * compat.h
 *	  Every difference between PostgreSQL 15 and 18 that this code meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef DDB_COMPAT_H
#define DDB_COMPAT_H

#include "access/tableam.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "ddb supports PostgreSQL 15 to 18"
#endif

/* Ownership checks were generalised in 16. */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_class.h"
#define ddb_is_relation_owner(relid) \
	object_ownercheck(RelationRelationId, (relid), GetUserId())
#else
#define ddb_is_relation_owner(relid) \
	pg_class_ownercheck((relid), GetUserId())
#endif

/* Macros on varlena values have a header of their own since 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Which indexes an update must write: a flag in 15, an enum since. */
#if PG_VERSION_NUM >= 160000
typedef TU_UpdateIndexes ddb_update_indexes;
#define ddb_updates_indexes(u) ((u) != TU_None)
#define ddb_updates_only_summarizing(u) ((u) == TU_Summarizing)
#define ddb_index_is_summarizing(info) ((info)->ii_Summarizing)
#else
typedef bool ddb_update_indexes;
#define ddb_updates_indexes(u) (u)
#define ddb_updates_only_summarizing(u) false
#define ddb_index_is_summarizing(info) false
#endif

#if PG_VERSION_NUM >= 170000
#define ddb_index_insert_cleanup(index, info) index_insert_cleanup((index), (info))
#else
#define ddb_index_insert_cleanup(index, info) ((void) 0)
#endif

/* Index scans take an instrumentation argument since 18. */
#if PG_VERSION_NUM >= 180000
#define ddb_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan((heap), (index), (snapshot), NULL, (nkeys), 0)
#else
#define ddb_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan((heap), (index), (snapshot), (nkeys), 0)
#endif

/* REINDEX of a relation takes its statement (for the progress report) since 17. */
#if PG_VERSION_NUM >= 170000
#define ddb_reindex_relation(relid) \
	reindex_relation(NULL, (relid), 0, &(ReindexParams) {0})
#else
#define ddb_reindex_relation(relid) \
	reindex_relation((relid), 0, &(ReindexParams) {0})
#endif

/* PostgreSQL 16 has it; 15 got it in a minor release. */
#ifndef palloc_array
#define palloc_array(type, count) \
	((type *) palloc((Size) (count) * sizeof(type)))
#endif

/* PostgreSQL 18 has it, in place of pg_attribute_noreturn(). */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

#endif							/* DDB_COMPAT_H */
