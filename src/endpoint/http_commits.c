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
 * or nothing any more: then it is safe.
 */
#include "postgres.h"

#include "access/xlogdefs.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

#include "endpoint/endpoint.h"
#include "settings.h"
#include "shared_memory.h"

#define SAFE		UINT64CONST(0)
#define COMMITTING	UINT64CONST(1)	/* no record ends there */
#define PAUSE_US	20L

static pg_atomic_uint64 *commits;	/* of each worker: one of these, or the end of its last one */
static pg_atomic_uint64 *mine;

static Size
shared_size(void)
{
	return mul_size(ddb_http_workers, sizeof(pg_atomic_uint64));
}

static void
initialise(void *segment)
{
	pg_atomic_uint64 *workers = segment;

	for (int i = 0; i < ddb_http_workers; i++)
		pg_atomic_init_u64(&workers[i], SAFE);
}

/*
 * ddb_http_commits_install sets up the shared memory.
 */
void
ddb_http_commits_install(void)
{
	ddb_shared_memory_request("ddb http commits", shared_size(), (void **) &commits, initialise);
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
	mine = &commits[worker];
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

		if (&commits[i] == mine)
			continue;
		/* a commit takes microseconds, and is not waiting for this process */
		while ((value = pg_atomic_read_u64(&commits[i])) == COMMITTING)
			pg_usleep(PAUSE_US);
		end = Max(end, value);
	}
	return end;
}
