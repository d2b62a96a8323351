/*
 * http_commits.c
 *	  Commits of the endpoint's workers that can be seen and are not safe yet.
 *
 * A worker commits without waiting and makes a whole turn durable at its end (see
 * http_engine.c).  In between other workers can read what it wrote, and they must not
 * tell a client of what a crash may still take back.  So each worker shows here up
 * to where its commits are not known to be safe, and before another answers, it makes
 * sure of that place of the log itself, which mostly means to wait for a flush that has
 * begun.
 *
 * A worker says that it commits before anybody can see the commit, and where the
 * commit's record ends when it knows.  Whoever has seen it finds either of the two,
 * or nothing any more: then it is flushed.
 *
 * Synchronous standbys may take longer, and may be gone.  What waits for them must not
 * keep other answers waiting, so the ends of commits are noted here by the parts of
 * tables that they wrote as well (footprint.h), before the worker's own entry is
 * cleared.  These only grow: what is not beyond the standbys' position is safe.
 */
#include "postgres.h"

#include "access/xlogdefs.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

#include "endpoint/endpoint.h"
#include "footprint.h"
#include "settings.h"
#include "shared_memory.h"

#define SAFE		UINT64CONST(0)
#define COMMITTING	UINT64CONST(1)	/* no record ends there */
#define PAUSE_US	20L

typedef struct Commits
{
	/* ends in the log of the last ones */
	pg_atomic_uint64 any;
	pg_atomic_uint64 definitions;	/* that changed a table's definition */
	pg_atomic_uint64 unknown;	/* whose parts are not known */
	pg_atomic_uint64 parts[DDB_FOOTPRINT_SLOTS];
	/* of each worker: SAFE, COMMITTING, or the end of its last one */
	pg_atomic_uint64 workers[FLEXIBLE_ARRAY_MEMBER];
} Commits;

static Commits *shared;
static pg_atomic_uint64 *mine;

static Size
shared_size(void)
{
	return add_size(offsetof(Commits, workers), mul_size(ddb_http_workers, sizeof(pg_atomic_uint64)));
}

static void
initialise(void *segment)
{
	Commits    *commits = segment;

	pg_atomic_init_u64(&commits->any, 0);
	pg_atomic_init_u64(&commits->definitions, 0);
	pg_atomic_init_u64(&commits->unknown, 0);
	for (int i = 0; i < DDB_FOOTPRINT_SLOTS; i++)
		pg_atomic_init_u64(&commits->parts[i], 0);
	for (int i = 0; i < ddb_http_workers; i++)
		pg_atomic_init_u64(&commits->workers[i], SAFE);
}

/*
 * ddb_http_commits_install sets up the shared memory.
 */
void
ddb_http_commits_install(void)
{
	ddb_shared_memory_request("ddb http commits", shared_size(), (void **) &shared, initialise);
}

static void
set_mine(uint64 value)
{
	pg_memory_barrier();
	pg_atomic_write_u64(mine, value);
	pg_memory_barrier();
}

/*
 * leave forgets the commits of a worker that ends: nobody is told of them.
 */
static void
leave(int code, Datum arg)
{
	set_mine(SAFE);
}

/*
 * ddb_http_commits_attach makes this process the worker of that number.
 */
void
ddb_http_commits_attach(int worker)
{
	mine = &shared->workers[worker];
	set_mine(SAFE);
	before_shmem_exit(leave, (Datum) 0);
}

/*
 * ddb_http_commits_begin says that a commit can be seen from now on.
 */
void
ddb_http_commits_begin(void)
{
	set_mine(COMMITTING);
}

/*
 * ddb_http_commits_set says up to where this worker's commits are not safe;
 * InvalidXLogRecPtr: all are.
 */
void
ddb_http_commits_set(XLogRecPtr end)
{
	set_mine(end);
}

/*
 * ddb_http_commits_others gives the place up to which the log must be safe before
 * this worker may tell of what it has read; InvalidXLogRecPtr: it is.
 */
XLogRecPtr
ddb_http_commits_others(void)
{
	XLogRecPtr	end = InvalidXLogRecPtr;

	pg_memory_barrier();
	for (int i = 0; i < ddb_http_workers; i++)
	{
		uint64		value;

		if (&shared->workers[i] == mine)
			continue;
		/* a commit takes microseconds, and is not waiting for this process */
		while ((value = pg_atomic_read_u64(&shared->workers[i])) == COMMITTING)
			pg_usleep(PAUSE_US);
		end = Max(end, value);
	}
	return end;
}

static void
raise_to(pg_atomic_uint64 *end, uint64 value)
{
	uint64		old = pg_atomic_read_u64(end);

	while (old < value && !pg_atomic_compare_exchange_u64(end, &old, value))
		continue;
}

void
ddb_http_commits_note(XLogRecPtr end, bool definition, const char *table_name)
{
	raise_to(&shared->any, end);
	if (definition)
	{
		raise_to(&shared->definitions, end);
		if (table_name != NULL)
			raise_to(&shared->parts[ddb_footprint_definition(table_name)], end);
	}
	else if (ddb_footprint.everything || ddb_footprint.nparts == 0)
		raise_to(&shared->unknown, end);
	for (int i = 0; i < ddb_footprint.nparts; i++)
	{
		const DdbFootprintPart *part = &ddb_footprint.parts[i];

		if (!part->written)
			continue;
		raise_to(&shared->parts[part->partition], end);
		raise_to(&shared->parts[part->table], end);
	}
}

XLogRecPtr
ddb_http_commits_depends(const DdbDependence *dependence, const uint32 *slots)
{
	XLogRecPtr	end = pg_atomic_read_u64(&shared->unknown);

	if (dependence->everything)
		return pg_atomic_read_u64(&shared->any);
	end = Max(end, dependence->own);
	if (dependence->definitions)
		end = Max(end, pg_atomic_read_u64(&shared->definitions));
	for (int i = 0; i < dependence->nslots; i++)
		end = Max(end, pg_atomic_read_u64(&shared->parts[slots[i]]));
	return end;
}
