/*
 * metrics.c
 *	  What the endpoint did: counters in shared memory, shown as Prometheus' text
 *	  and as rows of the view ddb_metrics.
 *
 * Each worker has a block that it alone writes, so counting takes no lock;
 * readers add the blocks up and may be a moment behind.  A block has room for a
 * fixed number of pairs of operation and table; what comes after goes to the
 * operation with an empty table name.  Counters start anew with the server.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "endpoint/metrics.h"
#include "settings.h"
#include "shared_memory.h"

#define MAX_ENTRIES		256
#define NBUCKETS		14
#define NBATCHES		8

/* upper ends of the latency buckets, in microseconds */
static const int64 bucket_us[NBUCKETS] = {
	100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000
};

/* upper ends of the batch size buckets */
static const int batch_sizes[NBATCHES] = {1, 2, 4, 8, 16, 32, 64, 128};

typedef struct Entry
{
	char		operation[48];
	char		table_name[256];
	uint64		requests;
	uint64		client_errors;
	uint64		server_errors;
	uint64		buckets[NBUCKETS + 1];
	uint64		sum_us;
	double		capacity;
} Entry;

typedef struct WorkerBlock
{
	uint64		open;
	uint64		opened;
	uint64		refused;
	uint64		retries;
	uint64		batches[NBATCHES + 1];
	uint64		batch_sum;
	int			nentries;
	Entry		entries[MAX_ENTRIES];
} WorkerBlock;

typedef struct Shared
{
	int			nblocks;
	WorkerBlock blocks[FLEXIBLE_ARRAY_MEMBER];
} Shared;

static Shared *shared;
static WorkerBlock *mine;

static Size
shared_size(void)
{
	return add_size(offsetof(Shared, blocks), mul_size(ddb_http_workers, sizeof(WorkerBlock)));
}

static void
initialise(void *segment)
{
	((Shared *) segment)->nblocks = ddb_http_workers;
}

/*
 * ddb_metrics_install sets up the shared memory.
 */
void
ddb_metrics_install(void)
{
	ddb_shared_memory_request("ddb metrics", shared_size(), (void **) &shared, initialise);
}

/*
 * ddb_metrics_attach makes the block of worker number slot this process's own.
 */
void
ddb_metrics_attach(int slot)
{
	if (shared == NULL || slot < 0 || slot >= shared->nblocks)
		return;
	mine = &shared->blocks[slot];
	mine->open = 0;
}

/* ---- counting ---- */

/*
 * find_entry finds a block's entry, or gives NULL.
 */
static Entry *
find_entry(WorkerBlock *block, const char *operation, const char *table_name)
{
	int			n = block->nentries;

	pg_read_barrier();
	for (int i = 0; i < n; i++)
	{
		Entry	   *entry = &block->entries[i];

		if (strcmp(entry->table_name, table_name) == 0 &&
			strcmp(entry->operation, operation) == 0)
			return entry;
	}
	return NULL;
}

/*
 * add_entry makes an entry, or gives NULL when the block is full.  Readers see it
 * once its names are there.
 */
static Entry *
add_entry(WorkerBlock *block, const char *operation, const char *table_name)
{
	Entry	   *entry;

	if (block->nentries >= MAX_ENTRIES)
		return NULL;
	entry = &block->entries[block->nentries];
	strlcpy(entry->operation, operation, sizeof(entry->operation));
	strlcpy(entry->table_name, table_name, sizeof(entry->table_name));
	pg_write_barrier();
	block->nentries++;
	return entry;
}

/*
 * entry_for finds where to count.  Room for entries without a table is kept.
 */
static Entry *
entry_for(const char *operation, const char *table_name, bool may_add)
{
	Entry	   *entry;

	if (table_name != NULL && table_name[0] != '\0')
	{
		entry = find_entry(mine, operation, table_name);
		if (entry != NULL)
			return entry;
		if (may_add && mine->nentries < MAX_ENTRIES - 64)
			return add_entry(mine, operation, table_name);
	}
	entry = find_entry(mine, operation, "");
	return entry != NULL ? entry : add_entry(mine, operation, "");
}

/*
 * ddb_metrics_request counts an answered call.
 */
void
ddb_metrics_request(const char *operation, const char *table_name, int status,
					int64 duration_us, double capacity_units)
{
	Entry	   *entry;
	int			bucket = 0;

	if (mine == NULL)
		return;
	entry = entry_for(operation, table_name, status == 200);
	if (entry == NULL)
		return;
	while (bucket < NBUCKETS && duration_us > bucket_us[bucket])
		bucket++;
	entry->requests++;
	entry->buckets[bucket]++;
	entry->sum_us += duration_us;
	entry->capacity += capacity_units;
	if (status >= 500)
		entry->server_errors++;
	else if (status >= 400)
		entry->client_errors++;
}

void
ddb_metrics_retry(void)
{
	if (mine != NULL)
		mine->retries++;
}

/*
 * ddb_metrics_batch counts a flush.
 */
void
ddb_metrics_batch(int size)
{
	int			bucket = 0;

	if (mine == NULL)
		return;
	while (bucket < NBATCHES && size > batch_sizes[bucket])
		bucket++;
	mine->batches[bucket]++;
	mine->batch_sum += size;
}

void
ddb_metrics_connections(int open, int opened, int refused)
{
	if (mine == NULL)
		return;
	mine->open = open;
	mine->opened += opened;
	mine->refused += refused;
}

/* ---- showing ---- */

/*
 * add_up adds all workers' blocks; in CurrentMemoryContext.  Without tables, an
 * operation's entries are added up too.
 */
static WorkerBlock *
add_up(bool tables)
{
	WorkerBlock *sum = palloc0(sizeof(WorkerBlock));

	for (int i = 0; shared != NULL && i < shared->nblocks; i++)
	{
		WorkerBlock *block = &shared->blocks[i];
		int			n = block->nentries;

		sum->open += block->open;
		sum->opened += block->opened;
		sum->refused += block->refused;
		sum->retries += block->retries;
		sum->batch_sum += block->batch_sum;
		for (int j = 0; j <= NBATCHES; j++)
			sum->batches[j] += block->batches[j];
		pg_read_barrier();
		for (int j = 0; j < n; j++)
		{
			Entry	   *from = &block->entries[j];
			const char *table_name = tables ? from->table_name : "";
			Entry	   *to = find_entry(sum, from->operation, table_name);

			if (to == NULL)
				to = add_entry(sum, from->operation, table_name);
			if (to == NULL)
				to = find_entry(sum, from->operation, "");
			if (to == NULL)
				continue;
			to->requests += from->requests;
			to->client_errors += from->client_errors;
			to->server_errors += from->server_errors;
			to->sum_us += from->sum_us;
			to->capacity += from->capacity;
			for (int k = 0; k <= NBUCKETS; k++)
				to->buckets[k] += from->buckets[k];
		}
	}
	return sum;
}

/*
 * A sample goes to one of two places: a line of text, or a row.
 */
typedef struct Sink
{
	StringInfo	text;
	ReturnSetInfo *rows;
} Sink;

typedef struct Label
{
	const char *name;
	const char *value;
} Label;

static void
set_label(Label *label, const char *name, const char *value)
{
	label->name = name;
	label->value = value;
}

/*
 * append_label_value writes a label's value as Prometheus wants it; names of tables
 * and operations need no more than this.
 */
static void
append_label_value(StringInfo buf, const char *value)
{
	for (; *value != '\0'; value++)
	{
		if (*value == '"' || *value == '\\')
			appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, *value == '\n' ? ' ' : *value);
	}
}

static void
sample(Sink *sink, const char *name, const Label *labels, int nlabels, double value)
{
	if (sink->text != NULL)
	{
		appendStringInfoString(sink->text, name);
		for (int i = 0; i < nlabels; i++)
		{
			appendStringInfo(sink->text, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
			append_label_value(sink->text, labels[i].value);
			appendStringInfoChar(sink->text, '"');
		}
		appendStringInfo(sink->text, "%s %.15g\n", nlabels > 0 ? "}" : "", value);
	}
	else
	{
		StringInfoData json;
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		initStringInfo(&json);
		appendStringInfoChar(&json, '{');
		for (int i = 0; i < nlabels; i++)
		{
			appendStringInfo(&json, "%s\"%s\":", i == 0 ? "" : ",", labels[i].name);
			escape_json(&json, labels[i].value);
		}
		appendStringInfoChar(&json, '}');
		values[0] = CStringGetTextDatum(name);
		values[1] = DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
		values[2] = Float8GetDatum(value);
		tuplestore_putvalues(sink->rows->setResult, sink->rows->setDesc, values, nulls);
	}
}

static void
describe(Sink *sink, const char *name, const char *type, const char *help)
{
	if (sink->text != NULL)
		appendStringInfo(sink->text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/*
 * histogram shows cumulative buckets, sum and count.
 */
static void
histogram(Sink *sink, const char *name, Label *labels, int nlabels,
		  const uint64 *counts, const double *ends, int n, double sum)
{
	uint64		total = 0;
	char		end[32];

	for (int i = 0; i <= n; i++)
	{
		total += counts[i];
		if (i < n)
			snprintf(end, sizeof(end), "%g", ends[i]);
		else
			strcpy(end, "+Inf");
		set_label(&labels[nlabels], "le", end);
		sample(sink, psprintf("%s_bucket", name), labels, nlabels + 1, total);
	}
	sample(sink, psprintf("%s_sum", name), labels, nlabels, sum);
	sample(sink, psprintf("%s_count", name), labels, nlabels, total);
}

static void
show_entries(Sink *sink, WorkerBlock *sum)
{
	double		ends[NBUCKETS];
	Label		labels[4];

	for (int i = 0; i < NBUCKETS; i++)
		ends[i] = bucket_us[i] / 1e6;
#define FOR_ENTRIES(e) \
	for (Entry *e = sum->entries; e < sum->entries + sum->nentries && \
		 (set_label(&labels[0], "operation", e->operation), \
		  set_label(&labels[1], "table", e->table_name), true); e++)

	describe(sink, "ddb_requests_total", "counter", "Calls answered.");
	FOR_ENTRIES(e)
		sample(sink, "ddb_requests_total", labels, 2, e->requests);
	describe(sink, "ddb_errors_total", "counter", "Calls answered with an error, by whose it is.");
	FOR_ENTRIES(e)
	{
		set_label(&labels[2], "fault", "client");
		sample(sink, "ddb_errors_total", labels, 3, e->client_errors);
		set_label(&labels[2], "fault", "server");
		sample(sink, "ddb_errors_total", labels, 3, e->server_errors);
	}
	describe(sink, "ddb_consumed_capacity_units_total", "counter",
			 "Capacity units consumed by calls that succeeded.");
	FOR_ENTRIES(e)
		sample(sink, "ddb_consumed_capacity_units_total", labels, 2, e->capacity);
	describe(sink, "ddb_request_duration_seconds", "histogram",
			 "Time from a call's last byte until its answer is made, the flush not included.");
	FOR_ENTRIES(e)
		histogram(sink, "ddb_request_duration_seconds", labels, 2, e->buckets, ends,
				  NBUCKETS, e->sum_us / 1e6);
#undef FOR_ENTRIES
}

static void
show(Sink *sink, bool tables)
{
	WorkerBlock *sum = add_up(tables);
	double		ends[NBATCHES];
	Label		labels[1];

	describe(sink, "ddb_connections", "gauge", "Connections open.");
	sample(sink, "ddb_connections", NULL, 0, sum->open);
	describe(sink, "ddb_connections_total", "counter", "Connections accepted.");
	sample(sink, "ddb_connections_total", NULL, 0, sum->opened);
	describe(sink, "ddb_connections_refused_total", "counter", "Connections over the limit.");
	sample(sink, "ddb_connections_refused_total", NULL, 0, sum->refused);
	describe(sink, "ddb_retries_total", "counter", "Tries that met a lock and were made again.");
	sample(sink, "ddb_retries_total", NULL, 0, sum->retries);
	describe(sink, "ddb_commit_batch_size", "histogram", "Writes made durable by one flush.");
	for (int i = 0; i < NBATCHES; i++)
		ends[i] = batch_sizes[i];
	histogram(sink, "ddb_commit_batch_size", labels, 0, sum->batches, ends, NBATCHES, sum->batch_sum);
	show_entries(sink, sum);
}

/*
 * ddb_metrics_text is all of it in Prometheus' text format.
 */
char *
ddb_metrics_text(bool tables)
{
	StringInfoData text;
	Sink		sink = {.text = &text};

	initStringInfo(&text);
	show(&sink, tables);
	return text.data;
}

PG_FUNCTION_INFO_V1(ddb_sql_metrics);

/*
 * ddb_sql_metrics gives the rows of the view ddb_metrics; none when the library
 * was not preloaded.
 */
Datum
ddb_sql_metrics(PG_FUNCTION_ARGS)
{
	Sink		sink = {.rows = (ReturnSetInfo *) fcinfo->resultinfo};

	InitMaterializedSRF(fcinfo, 0);
	if (shared != NULL)
		show(&sink, true);
	return (Datum) 0;
}
