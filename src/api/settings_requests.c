/*
 * settings_requests.c
 *	  Throughput, billing, class, encryption, stream and protection of tables:
 *	  what requests may say about them.
 *
 * Rules from "API reference: CreateTable, UpdateTable"; the time of day comes
 * into it for LastIncreaseDateTime and the like.
 */
#include "postgres.h"

#include "pgtime.h"
#include "utils/builtins.h"

#include "api/tables.h"
#include "error.h"
#include "jsonb/member.h"
#include "settings.h"
#include "stream/stream_catalog.h"

#define VALIDATION(...) \
	ereport(ERROR, ddb_errcode(DDB_VALIDATION), errmsg(__VA_ARGS__))

#define MAX_UNITS INT64CONST(1000000000000)

#define NO_UNITS_ON_DEMAND \
	"One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
#define UNITS_NEEDED \
	"One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"

/*
 * check_bound refuses more units than there can be.
 */
static void
check_bound(int64 value, const char *member, const char *index_name)
{
	if (value > MAX_UNITS)
		VALIDATION("Given value %lld for %s is out of bounds%s%s", (long long) value, member,
				   index_name ? " for index " : "", index_name ? index_name : "");
}

/*
 * read_throughput reads ProvisionedThroughput; false when it is absent.
 */
static bool
read_throughput(JsonbContainer *object, const char *index_name, int64 *read, int64 *write)
{
	JsonbContainer *throughput = ddb_json_container(object, "ProvisionedThroughput", false);

	if (throughput == NULL)
		return false;
	*read = ddb_request_integer(throughput, "ReadCapacityUnits", 0);
	*write = ddb_request_integer(throughput, "WriteCapacityUnits", 0);
	check_bound(*read, "ReadCapacityUnits", index_name);
	check_bound(*write, "WriteCapacityUnits", index_name);
	return true;
}

/*
 * read_maximum reads a member of OnDemandThroughput; -1 takes the limit away.
 */
static void
read_maximum(JsonbContainer *max, const char *member, const char *index_name, int64 *limit)
{
	int64		value = ddb_request_integer(max, member, 0);

	if (!ddb_request_has(max, member))
		return;
	if (value < -1 || value == 0)
		VALIDATION("One or more parameter values were invalid: %s must be -1 or greater than or equal to 1", member);
	check_bound(value, member, index_name);
	*limit = value == -1 ? 0 : value;
}

/*
 * read_maxima reads OnDemandThroughput and WarmThroughput; false when there is
 * neither.
 */
static bool
read_maxima(JsonbContainer *object, bool on_demand, const char *index_name, DdbSettings *settings)
{
	JsonbContainer *max = ddb_json_container(object, "OnDemandThroughput", false);
	JsonbContainer *warm = ddb_json_container(object, "WarmThroughput", false);

	if (max != NULL)
	{
		if (!on_demand)
			VALIDATION("One or more parameter values were invalid: OnDemandThroughput cannot be specified when BillingMode is PROVISIONED");
		read_maximum(max, "MaxReadRequestUnits", index_name, &settings->max_read);
		read_maximum(max, "MaxWriteRequestUnits", index_name, &settings->max_write);
	}
	if (warm != NULL)
	{
		int64		read = ddb_request_integer(warm, "ReadUnitsPerSecond", settings->warm_read);
		int64		write = ddb_request_integer(warm, "WriteUnitsPerSecond", settings->warm_write);

		check_bound(read, "ReadUnitsPerSecond", index_name);
		check_bound(write, "WriteUnitsPerSecond", index_name);
		if (read < settings->warm_read || write < settings->warm_write)
			VALIDATION("One or more parameter values were invalid: Requested WarmThroughput is lower than the current WarmThroughput. Decreasing WarmThroughput is not supported");
		settings->warm_read = read;
		settings->warm_write = write;
	}
	return max != NULL || warm != NULL;
}

/*
 * read_encryption reads SSESpecification: a key of the customer's or the
 * account's; disabled means DynamoDB's own, which is not described.
 */
static void
read_encryption(JsonbContainer *request, DdbSettings *settings)
{
	JsonbContainer *sse = ddb_json_container(request, "SSESpecification", false);
	char	   *key;
	char	   *type;

	if (sse == NULL)
		return;
	key = ddb_json_string(sse, "KMSMasterKeyId");
	type = ddb_json_string(sse, "SSEType");
	if (!ddb_request_bool(sse, "Enabled", false))
	{
		if (key != NULL || type != NULL)
			VALIDATION("One or more parameter values were invalid: SSEType and KMSMasterKeyId can only be specified when SSE is enabled");
		settings->sse_key = NULL;
		return;
	}
	if (type != NULL && strcmp(type, "AES256") == 0)
		VALIDATION("One or more parameter values were invalid: SSEType AES256 is not supported");
	settings->sse_key = key != NULL && strncmp(key, "arn:", 4) == 0 ? key :
		psprintf("arn:aws:kms:%s:%s:%s%s", ddb_region, ddb_account_id,
				 key != NULL && strncmp(key, "alias/", 6) == 0 ? "" : "key/",
				 key != NULL ? key : "00000000-0000-0000-0000-000000000000");
}

/*
 * read_stream reads StreamSpecification; table_name is NULL for a new table.  A new
 * stream has no label yet.
 */
static void
read_stream(JsonbContainer *request, const char *table_name, DdbSettings *settings)
{
	JsonbContainer *stream = ddb_json_container(request, "StreamSpecification", false);
	char	   *view;
	bool		enabled;

	if (stream == NULL)
		return;
	view = ddb_json_string(stream, "StreamViewType");
	enabled = ddb_request_bool(stream, "StreamEnabled", false);
	if (enabled && view == NULL)
		VALIDATION("One or more parameter values were invalid: StreamSpecification.StreamViewType must be specified when StreamEnabled is true");
	if (table_name != NULL && !enabled && view != NULL)
		VALIDATION("One or more parameter values were invalid: If stream is being disabled, then UpdateViewType must not be specified");
	if (!enabled && view != NULL)
		VALIDATION("One or more parameter values were invalid: Table is being created with a stream disabled, UpdateViewType should not be specified");
	if (table_name != NULL && enabled && settings->stream_view != NULL)
		VALIDATION("Table already has an enabled stream: TableName: %s", table_name);
	if (table_name != NULL && !enabled && settings->stream_view == NULL)
		VALIDATION("Table already has a disabled stream: TableName: %s", table_name);
	settings->stream_view = view;
}

/*
 * ddb_settings_create reads the settings of a new table.
 */
void
ddb_settings_create(JsonbContainer *request, DdbSettings *settings)
{
	char	   *mode = ddb_json_string(request, "BillingMode");
	bool		given;

	memset(settings, 0, sizeof(DdbSettings));
	settings->on_demand = mode != NULL && strcmp(mode, "PAY_PER_REQUEST") == 0;
	given = read_throughput(request, NULL, &settings->throughput.read, &settings->throughput.write);
	if (settings->on_demand && given)
		VALIDATION(NO_UNITS_ON_DEMAND);
	if (!settings->on_demand && !given)
		VALIDATION(UNITS_NEEDED);
	settings->billing_shown = settings->on_demand;
	if (settings->on_demand)
		settings->on_demand_at = ddb_settings_now();
	(void) read_maxima(request, settings->on_demand, NULL, settings);
	read_encryption(request, settings);
	read_stream(request, NULL, settings);
	settings->table_class = ddb_json_string(request, "TableClass");
	settings->protected = ddb_request_bool(request, "DeletionProtectionEnabled", false);
}

/*
 * change_throughput provisions new units, noting when they rose or fell.
 */
static void
change_throughput(DdbThroughput *throughput, int64 read, int64 write)
{
	double		now = ddb_settings_now();

	if (read < throughput->read || write < throughput->write)
	{
		throughput->decreases = ddb_settings_decreases(throughput) + 1;
		throughput->decreased_at = now;
	}
	if (read > throughput->read || write > throughput->write)
		throughput->increased_at = now;
	throughput->read = read;
	throughput->write = write;
}

/*
 * refuse_same_throughput raises the error for units that are provisioned already;
 * where is "table" or "index NAME".
 */
static void
refuse_same_throughput(const DdbThroughput *current, int64 read, int64 write,
					   const char *index_name)
{
	const char *kind = index_name ? "index" : "table";

	if (current->read != read || current->write != write)
		return;
	VALIDATION("The provisioned throughput for the %s%s%s will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the %s: %lld. Requested ReadCapacityUnits: %lld. Current WriteCapacityUnits provisioned for the %s: %lld. Requested WriteCapacityUnits: %lld. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
			   kind, index_name ? " " : "", index_name ? index_name : "",
			   kind, (long long) current->read, (long long) read,
			   kind, (long long) current->write, (long long) write);
}

/*
 * update_billing applies BillingMode and ProvisionedThroughput; false when there
 * is neither.
 */
static bool
update_billing(JsonbContainer *request, DdbSettings *settings)
{
	char	   *mode = ddb_json_string(request, "BillingMode");
	bool		on_demand = mode ? strcmp(mode, "PAY_PER_REQUEST") == 0 : settings->on_demand;
	bool		switched = on_demand != settings->on_demand;
	int64		read,
				write;
	bool		given = read_throughput(request, NULL, &read, &write);

	if (mode == NULL && !given)
		return false;
	if (on_demand && given)
		VALIDATION(NO_UNITS_ON_DEMAND);
	if (!on_demand && switched && !given)
		VALIDATION(UNITS_NEEDED);
	if (given && !switched)
		refuse_same_throughput(&settings->throughput, read, write, NULL);
	if (mode != NULL)
		settings->billing_shown = true;
	if (switched && on_demand)
	{
		settings->on_demand_at = ddb_settings_now();
		settings->throughput.read = settings->throughput.write = 0;
	}
	if (switched && !on_demand)
		settings->max_read = settings->max_write = 0;
	settings->on_demand = on_demand;
	if (given)
		change_throughput(&settings->throughput, read, write);
	return true;
}

/*
 * ddb_settings_update applies UpdateTable's settings.
 */
bool
ddb_settings_update(JsonbContainer *request, const DdbTableDesc *desc, DdbSettings *settings)
{
	char	   *class = ddb_json_string(request, "TableClass");
	bool		changed = update_billing(request, settings);

	changed |= read_maxima(request, settings->on_demand, NULL, settings);
	if (ddb_request_has(request, "SSESpecification"))
	{
		read_encryption(request, settings);
		changed = true;
	}
	if (ddb_request_has(request, "StreamSpecification"))
	{
		read_stream(request, desc->name, settings);
		if (settings->stream_view != NULL)
			settings->stream_label = ddb_stream_new_label(desc->name, settings->stream_label);
		changed = true;
	}
	if (class != NULL)
	{
		if (settings->table_class == NULL || strcmp(settings->table_class, class) != 0)
			settings->table_class_at = ddb_settings_now();
		settings->table_class = class;
		changed = true;
	}
	if (ddb_request_has(request, "DeletionProtectionEnabled"))
	{
		settings->protected = ddb_request_bool(request, "DeletionProtectionEnabled", false);
		changed = true;
	}
	return changed;
}

/*
 * ddb_settings_index reads the settings of a new global index.
 */
Jsonb *
ddb_settings_index(JsonbContainer *index, const char *name, const DdbSettings *table)
{
	DdbSettings settings = {0};
	bool		given = read_throughput(index, name, &settings.throughput.read,
										&settings.throughput.write);

	if (table->on_demand && given)
		VALIDATION("One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST",
				   name);
	if (!table->on_demand && !given)
		VALIDATION("One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: %s",
				   name);
	(void) read_maxima(index, table->on_demand, name, &settings);
	return ddb_settings_write(&settings);
}

/*
 * ddb_settings_index_update applies an Update of a global index.
 */
void
ddb_settings_index_update(JsonbContainer *update, const char *name,
						  const DdbSettings *table, DdbSettings *settings)
{
	int64		read,
				write;
	bool		given = read_throughput(update, name, &read, &write);

	if (table->on_demand && given)
		VALIDATION(NO_UNITS_ON_DEMAND);
	if (given)
	{
		refuse_same_throughput(&settings->throughput, read, write, name);
		change_throughput(&settings->throughput, read, write);
	}
	if (!read_maxima(update, table->on_demand, name, settings) && !given)
		VALIDATION("One or more parameter values were invalid: At least one of ProvisionedThroughput, OnDemandThroughput or WarmThroughput is required for index: %s",
				   name);
}
