/*
 * update_table.c
 *	  UpdateTable.
 *
 * Settings change at once.  A new global index is registered and left to the
 * workers when they run (src/worker), or built before the call returns; a
 * global index is dropped before the call returns.  The API's answer shows the
 * state before: UPDATING, with the old throughput, a new index CREATING.
 */
#include "postgres.h"

#include "storage/lockdefs.h"

#include "api/table_shapes.h"
#include "api/tables.h"
#include "backfill/backfill.h"
#include "error.h"
#include "jsonb/member.h"
#include "settings.h"
#include "stream/stream.h"
#include "table/arn.h"
#include "op/measure.h"
#include "table/describe.h"
#include "table/index_ddl.h"
#include "table/spec.h"
#include "table/table_ddl.h"
#include "worker/worker.h"

static const DdbMember index_update_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{"ProvisionedThroughput", &ddb_shape_provisioned_throughput},
	{"OnDemandThroughput", &ddb_shape_on_demand_throughput},
	{"WarmThroughput", &ddb_shape_warm_throughput},
	{NULL}
};
static const DdbShape index_update = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "UpdateGlobalSecondaryIndexAction",
	.members = index_update_members
};
static const DdbMember index_delete_members[] = {
	{"IndexName", &ddb_shape_index_name, true},
	{NULL}
};
static const DdbShape index_delete = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "DeleteGlobalSecondaryIndexAction",
	.members = index_delete_members
};
static const DdbMember index_change_members[] = {
	{"Update", &index_update},
	{"Create", &ddb_shape_global_index},
	{"Delete", &index_delete},
	{NULL}
};
static const DdbShape index_change = {
	.kind = DDB_SHAPE_STRUCT,.type_name = "GlobalSecondaryIndexUpdate",
	.members = index_change_members
};
static const DdbShape index_changes = {
	.kind = DDB_SHAPE_LIST,.type_name = "GlobalSecondaryIndexUpdate",.element = &index_change
};

/* What ddb refuses, with the types that it has. */
static const char *const consistencies[] = {"EVENTUAL", "STRONG", NULL};
static const DdbShape consistency = {.kind = DDB_SHAPE_STRING,.enums = consistencies};
static const DdbShape replica_updates = {
	.kind = DDB_SHAPE_LIST,.type_name = "ReplicationGroupUpdate",.element = &ddb_shape_nothing
};
static const DdbShape witness_updates = {
	.kind = DDB_SHAPE_LIST,.type_name = "GlobalTableWitnessGroupUpdate",.element = &ddb_shape_nothing
};
static const DdbShape vector_updates = {
	.kind = DDB_SHAPE_LIST,.type_name = "VectorIndexUpdate",.element = &ddb_shape_nothing
};

static const DdbMember update_members[] = {
	{"AttributeDefinitions", &ddb_shape_attribute_definitions},
	{"TableName", &ddb_shape_table_name, true},
	{"BillingMode", &ddb_shape_billing_mode},
	{"ProvisionedThroughput", &ddb_shape_provisioned_throughput},
	{"GlobalSecondaryIndexUpdates", &index_changes},
	{"StreamSpecification", &ddb_shape_stream_specification},
	{"SSESpecification", &ddb_shape_sse_specification},
	{"TableClass", &ddb_shape_table_class},
	{"DeletionProtectionEnabled", &ddb_shape_boolean},
	{"WarmThroughput", &ddb_shape_warm_throughput},
	{"OnDemandThroughput", &ddb_shape_on_demand_throughput},
	{"ReplicaUpdates", &replica_updates,.refused = true},
	{"MultiRegionConsistency", &consistency,.refused = true},
	{"GlobalTableWitnessUpdates", &witness_updates,.refused = true},
	{"GlobalTableSettingsReplicationMode", &ddb_shape_replication_mode,.refused = true},
	{"VectorIndexUpdates", &vector_updates,.refused = true},
	{"DisassociationProtectionEnabled", &ddb_shape_boolean,.refused = true},
	{NULL}
};
const DdbShape ddb_shape_update_table = {.kind = DDB_SHAPE_STRUCT,.members = update_members};

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

/* One UpdateTable under way. */
typedef struct Change
{
	JsonbContainer *request;
	const char *table_name;
	DdbSettings before;
	DdbSettings after;
	bool		settings_changed;
	List	   *attributes;		/* AttributeDefinitions */
	JsonbContainer *create;		/* at most one of these two */
	char	   *drop;
	List	   *updates;		/* of JsonbContainer *: Update actions */
	List	   *update_names;	/* of char *, in step */
	bool		condemn;		/* drop is still being created */
} Change;

static bool
has_name(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

/*
 * read_index_changes sorts GlobalSecondaryIndexUpdates.
 */
static void
read_index_changes(Change *change)
{
	JsonbContainer *array = ddb_json_container(change->request, "GlobalSecondaryIndexUpdates", true);
	List	   *names = NIL;
	int			online = 0;

	for (int i = 0; array != NULL && i < JsonContainerSize(array); i++)
	{
		JsonbContainer *element = getIthJsonbValueFromContainer(array, i)->val.binary.data;
		JsonbContainer *update = ddb_json_container(element, "Update", false);
		JsonbContainer *create = ddb_json_container(element, "Create", false);
		JsonbContainer *delete = ddb_json_container(element, "Delete", false);
		JsonbContainer *action = update ? update : create ? create : delete;
		char	   *name;

		if (action == NULL)
			VALIDATION("One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null");
		if ((update != NULL) + (create != NULL) + (delete != NULL) > 1)
			VALIDATION("One or more parameter values were invalid: Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete may be specified");
		name = ddb_json_string(action, "IndexName");
		if (has_name(names, name))
			VALIDATION("One or more parameter values were invalid: Only one global secondary index update per index is allowed simultaneously. Index: %s",
					   name);
		names = lappend(names, name);
		if (update != NULL)
		{
			change->updates = lappend(change->updates, update);
			change->update_names = lappend(change->update_names, name);
			continue;
		}
		online++;
		if (create != NULL)
			change->create = create;
		else
			change->drop = name;
	}
	if (online > 1)
		ereport(ERROR, ddb_errcode(DDB_LIMIT_EXCEEDED),
				errmsg("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"));
}

/*
 * ddb_update_nothing refuses an UpdateTable without a change.
 */
void
ddb_update_nothing(void)
{
	VALIDATION("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
}

/*
 * check_something refuses a request that asks for nothing.
 */
static void
check_something(const Change *change)
{
	static const char *const members[] = {
		"BillingMode", "ProvisionedThroughput", "StreamSpecification", "SSESpecification",
		"TableClass", "DeletionProtectionEnabled", "WarmThroughput", "OnDemandThroughput"
	};

	if (change->updates != NIL || change->create != NULL || change->drop != NULL)
		return;
	for (int i = 0; i < lengthof(members); i++)
	{
		if (ddb_request_has(change->request, members[i]))
			return;
	}
	ddb_update_nothing();
}

/*
 * check_busy refuses a change while an index is being created or deleted, other
 * than deleting the index that is being created; or any that a worker left and no
 * worker will come for.
 */
static void
check_busy(Change *change, const DdbTableDesc *desc)
{
	ddb_check_table_ready(desc);
	for (int i = 0; i < desc->nindexes; i++)
	{
		if (desc->indexes[i].status == DDB_INDEX_ACTIVE)
			continue;
		if (change->drop != NULL &&
			(desc->indexes[i].status == DDB_INDEX_CREATING || !ddb_worker_available()) &&
			strcmp(change->drop, desc->indexes[i].name) == 0)
		{
			change->condemn = true;
			continue;
		}
		if (change->create != NULL || change->drop != NULL)
			ereport(ERROR, ddb_errcode(DDB_LIMIT_EXCEEDED),
					errmsg("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"));
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_IN_USE),
				errmsg("Attempt to change a resource which is still in use: Table is being updated: %s",
					   desc->name));
	}
}

/*
 * apply_index_updates stores new settings of existing global indexes.
 */
static void
apply_index_updates(Change *change, const DdbTableDesc *desc)
{
	bool		provisioned = change->before.on_demand && !change->after.on_demand;
	ListCell   *lc,
			   *ln;

	for (int i = 0; i < desc->nindexes && provisioned; i++)
	{
		if (desc->indexes[i].kind == DDB_INDEX_GLOBAL &&
			!has_name(change->update_names, desc->indexes[i].name))
			VALIDATION("One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: %s",
					   desc->indexes[i].name);
	}
	forboth(lc, change->updates, ln, change->update_names)
	{
		const DdbIndexDesc *index = ddb_desc_any_index(desc, lfirst(ln));
		DdbSettings settings;

		if (index == NULL || index->kind != DDB_INDEX_GLOBAL)
			ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
					errmsg("Requested resource not found"));
		ddb_settings_read(index->settings, &settings);
		ddb_settings_index_update(lfirst(lc), lfirst(ln), &change->after, &settings);
		ddb_settings_store(desc->name, lfirst(ln), &settings, 0);
	}
}

/*
 * plan checks the change against the table as it is, and changes settings.
 */
static void
plan(Change *change, bool as_api)
{
	DdbTableDesc *desc = ddb_desc_open_any(change->table_name, AccessShareLock);

	check_busy(change, desc);
	if (change->drop != NULL && ddb_desc_any_index(desc, change->drop) == NULL)
		ereport(ERROR, ddb_errcode(DDB_RESOURCE_NOT_FOUND),
				errmsg("Requested resource not found"));
	ddb_settings_read(desc->settings, &change->before);
	ddb_settings_read(desc->settings, &change->after);
	change->settings_changed = ddb_settings_update(change->request, desc, &change->after);
	apply_index_updates(change, desc);
	ddb_desc_close(desc);
	if (change->settings_changed || change->updates != NIL)
		ddb_settings_store(change->table_name, NULL, &change->after, as_api ? ddb_table_delay : 0);
	if (change->before.stream_view == NULL && change->after.stream_view != NULL)
		ddb_stream_enable(change->table_name, change->after.stream_view, change->after.stream_label);
	if (change->before.stream_view != NULL && change->after.stream_view == NULL)
		ddb_stream_disable(change->table_name);
}

/*
 * answer_settings are the table's settings as the answer shows them: the
 * throughput is still the old one, but when it was changed is known.
 */
static Jsonb *
answer_settings(const Change *change)
{
	DdbSettings settings = change->after;

	settings.throughput.read = change->before.throughput.read;
	settings.throughput.write = change->before.throughput.write;
	settings.throughput.decreases = ddb_settings_decreases(&change->before.throughput);
	settings.on_demand = change->before.on_demand;
	settings.billing_shown = change->before.billing_shown;
	settings.on_demand_at = change->before.on_demand_at;
	return ddb_settings_write(&settings);
}

/*
 * change_index creates or drops the index; gives the description that the API
 * answers with.
 */
static Jsonb *
change_index(Change *change, bool as_api)
{
	DdbDescribe as = {.status = "UPDATING",.settings = answer_settings(change)};
	Jsonb	   *description;

	if (change->create != NULL)
	{
		DdbIndexSpec *spec = ddb_spec_index_from_json(change->create, DDB_INDEX_GLOBAL);

		spec->settings = ddb_settings_index(change->create, spec->name, &change->after);
		if (as_api && ddb_worker_available())
		{
			ddb_index_begin(change->table_name, spec, change->attributes);
			ddb_backfill_wake();
		}
		else
			ddb_index_create(change->table_name, spec, change->attributes);
		as.index_name = spec->name;
		as.index_status = "CREATING";
	}
	if (change->drop != NULL)
	{
		as.index_name = change->drop;
		as.index_status = "DELETING";
	}
	description = ddb_table_describe(change->table_name, &as, ddb_op_measure);
	if (change->drop != NULL && change->condemn && ddb_worker_available())
	{
		ddb_index_mark_deleting(change->table_name, change->drop);
		ddb_backfill_wake();
	}
	else if (change->drop != NULL)
		ddb_index_drop(change->table_name, change->drop);
	return description;
}

/*
 * ddb_api_update_table carries out an UpdateTable request and gives the
 * TableDescription.
 */
Jsonb *
ddb_api_update_table(JsonbContainer *request, bool as_api)
{
	JsonbContainer *definitions = ddb_json_container(request, "AttributeDefinitions", true);
	Change		change = {.request = request};
	Jsonb	   *description;

	change.table_name = ddb_table_name_of(ddb_request_string(request, "TableName"));
	if (definitions != NULL)
		change.attributes = ddb_spec_attributes_from_json(definitions);
	read_index_changes(&change);
	check_something(&change);
	ddb_table_lock_definition_as_owner(change.table_name);
	plan(&change, as_api);
	description = change_index(&change, as_api);
	return as_api ? description : ddb_table_describe(change.table_name, NULL, ddb_op_measure);
}
