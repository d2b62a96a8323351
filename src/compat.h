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

/*
 * REINDEX of a relation takes its statement (for the progress report) since 17.
 * Without the flag uniqueness would go unchecked.
 */
#if PG_VERSION_NUM >= 170000
#define ddb_reindex_relation(relid) \
	reindex_relation(NULL, (relid), REINDEX_REL_CHECK_CONSTRAINTS, &(ReindexParams) {0})
#else
#define ddb_reindex_relation(relid) \
	reindex_relation((relid), REINDEX_REL_CHECK_CONSTRAINTS, &(ReindexParams) {0})
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

/* PostgreSQL 18 has no name for it. */
#ifndef POSIX_COLLATION_OID
#define POSIX_COLLATION_OID 951
#endif

/*
 * pg_b64_encode() into a buffer that is large enough, whose result PostgreSQL 18 wants
 * looked at; needs common/base64.h.
 */
#define ddb_b64_encode(src, len, dst, size) \
	do { \
		if (pg_b64_encode((const void *) (src), (len), (dst), (size)) < 0) \
			elog(ERROR, "base64 does not fit"); \
	} while (0)

/*
 * Index access methods.  The partition classes of ddb share "=" with btree's
 * families but not their order, so PostgreSQL 18 is told not to mix them.
 */
#if PG_VERSION_NUM >= 180000
#define ddb_am_adjust_routine(am) \
	((am)->amcanbuildparallel = false, \
	 (am)->amconsistentequality = false, \
	 (am)->amconsistentordering = false)
#elif PG_VERSION_NUM >= 170000
#define ddb_am_adjust_routine(am) ((am)->amcanbuildparallel = false)
#else
#define ddb_am_adjust_routine(am) ((void) (am))
#endif

/* Whether a column is NOT NULL, and every row is known to obey. */
#if PG_VERSION_NUM >= 180000
#define ddb_column_is_not_null(tupdesc, attno) \
	(TupleDescCompactAttr(tupdesc, (attno) - 1)->attnullability == \
	 ATTNULLABLE_VALID)
#else
#define ddb_column_is_not_null(tupdesc, attno) \
	(TupleDescAttr(tupdesc, (attno) - 1)->attnotnull)
#endif

/* index_beginscan() without ordering operators. */
#if PG_VERSION_NUM >= 180000
#define ddb_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#else
#define ddb_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, nkeys, 0)
#endif

/* Where a relation's file is: its tablespace. */
#if PG_VERSION_NUM >= 160000
#define ddb_file_tablespace(rel) ((rel)->rd_locator.spcOid)
#else
#define ddb_file_tablespace(rel) ((rel)->rd_node.spcNode)
#endif

/* Whether the current user owns a relation; needs utils/acl.h and miscadmin.h. */
#if PG_VERSION_NUM >= 160000
#define ddb_owns_relation(relid) \
	object_ownercheck(RelationRelationId, relid, GetUserId())
#else
#define ddb_owns_relation(relid) pg_class_ownercheck(relid, GetUserId())
#endif

/* Whether the current user owns a database; needs utils/acl.h and catalog/pg_database.h. */
#if PG_VERSION_NUM >= 160000
#define ddb_owns_database(dbid) \
	object_ownercheck(DatabaseRelationId, dbid, GetUserId())
#else
#define ddb_owns_database(dbid) pg_database_ownercheck(dbid, GetUserId())
#endif

/* Whether a role may do everything as another; needs utils/acl.h. */
#if PG_VERSION_NUM >= 160000
#define ddb_may_act_as(member, roleid) member_can_set_role(member, roleid)
#else
#define ddb_may_act_as(member, roleid) is_member_of_role(member, roleid)
#endif

/* Whether a role may connect to a database; needs utils/acl.h and catalog/pg_database.h. */
#if PG_VERSION_NUM >= 160000
#define ddb_may_connect(dbid, roleid) \
	(object_aclcheck(DatabaseRelationId, dbid, roleid, ACL_CONNECT) == ACLCHECK_OK)
#else
#define ddb_may_connect(dbid, roleid) \
	(pg_database_aclcheck(dbid, roleid, ACL_CONNECT) == ACLCHECK_OK)
#endif

/* Whether a role may call a function, and owns a relation; need utils/acl.h and catalog/pg_proc.h, pg_class.h. */
#if PG_VERSION_NUM >= 160000
#define ddb_may_execute(function, roleid) \
	(object_aclcheck(ProcedureRelationId, function, roleid, ACL_EXECUTE) == ACLCHECK_OK)
#define ddb_role_owns_relation(relid, roleid) \
	object_ownercheck(RelationRelationId, relid, roleid)
#else
#define ddb_may_execute(function, roleid) \
	(pg_proc_aclcheck(function, roleid, ACL_EXECUTE) == ACLCHECK_OK)
#define ddb_role_owns_relation(relid, roleid) pg_class_ownercheck(relid, roleid)
#endif

/* PortalRun() to the end, without output; needs tcop/pquery.h. */
#if PG_VERSION_NUM >= 180000
#define ddb_portal_run(portal) \
	PortalRun(portal, FETCH_ALL, true, None_Receiver, None_Receiver, NULL)
#else
#define ddb_portal_run(portal) \
	PortalRun(portal, FETCH_ALL, true, true, None_Receiver, None_Receiver, NULL)
#endif

/* RestrictSearchPath() of maintenance commands, where there is one. */
#if PG_VERSION_NUM >= 170000
#define ddb_restrict_search_path() RestrictSearchPath()
#else
#define ddb_restrict_search_path() ((void) 0)
#endif

/* Replication slots; need replication/slot.h. */
#if PG_VERSION_NUM >= 170000
#define ddb_slot_create(name) ReplicationSlotCreate((name), true, RS_EPHEMERAL, false, false, false)
#else
#define ddb_slot_create(name) ReplicationSlotCreate((name), true, RS_EPHEMERAL, false)
#endif

#if PG_VERSION_NUM >= 180000
#define ddb_slot_acquire(name) ReplicationSlotAcquire((name), true, true)
#else
#define ddb_slot_acquire(name) ReplicationSlotAcquire((name), true)
#endif

/* Whether the log that the slot needs may be gone; with the slot's mutex held. */
#if PG_VERSION_NUM >= 160000
#define ddb_slot_is_invalid(slot) ((slot)->data.invalidated != RS_INVAL_NONE)
#else
#define ddb_slot_is_invalid(slot) (XLogRecPtrIsInvalid((slot)->data.restart_lsn))
#endif

/* RelationGetPrimaryKeyIndex() of a key that is not deferrable. */
#if PG_VERSION_NUM >= 180000
#define ddb_primary_key_index(rel) RelationGetPrimaryKeyIndex((rel), false)
#else
#define ddb_primary_key_index(rel) RelationGetPrimaryKeyIndex(rel)
#endif

/* A transactional logical message; needs replication/message.h. */
#if PG_VERSION_NUM >= 170000
#define ddb_log_message(prefix, data, size) LogLogicalMessage(prefix, data, size, true, false)
#else
#define ddb_log_message(prefix, data, size) LogLogicalMessage(prefix, data, size, true)
#endif

/* The old and the new row of a decoded change, or NULL; needs replication/reorderbuffer.h. */
#if PG_VERSION_NUM >= 170000
#define ddb_change_old_tuple(change) ((change)->data.tp.oldtuple)
#define ddb_change_new_tuple(change) ((change)->data.tp.newtuple)
#else
#define ddb_change_old_tuple(change) \
	((change)->data.tp.oldtuple != NULL ? &(change)->data.tp.oldtuple->tuple : NULL)
#define ddb_change_new_tuple(change) \
	((change)->data.tp.newtuple != NULL ? &(change)->data.tp.newtuple->tuple : NULL)
#endif

/* The output plugin's entry point has a prototype since 16. */
#if PG_VERSION_NUM < 160000
struct OutputPluginCallbacks;
extern PGDLLEXPORT void _PG_output_plugin_init(struct OutputPluginCallbacks *callbacks);
#endif

#endif							/* DDB_COMPAT_H */
