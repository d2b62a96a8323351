/*
 * jobs.c
 *	  The jobs that domains have registered, and looking for work of all of them.
 *
 * Jobs are registered in the same order in every process, so their numbers mean the
 * same in shared memory.  The first one is of this folder: "dispatch" is a short visit
 * to a database that calls for the jobs that have work there.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "worker/worker_private.h"

#define MAX_VISITS 3			/* at a time, in the whole cluster */

static const DdbJob dispatch = {
	.name = "dispatch",
	.run = ddb_job_find_work,
	.max_running = MAX_VISITS
};

static const DdbJob *jobs[DDB_MAX_JOBS] = {[DDB_DISPATCH_JOB] = &dispatch};
static int	njobs = 1;

void
ddb_worker_register(const DdbJob *job)
{
	if (njobs >= DDB_MAX_JOBS)
		elog(ERROR, "too many jobs");
	jobs[njobs++] = job;
}

int
ddb_job_count(void)
{
	return njobs;
}

const DdbJob *
ddb_job(int number)
{
	return jobs[number];
}

int
ddb_job_number(const char *name)
{
	for (int i = 0; i < njobs; i++)
	{
		if (strcmp(jobs[i]->name, name) == 0)
			return i;
	}
	elog(ERROR, "there is no job \"%s\"", name);
	return -1;
}

bool
ddb_job_has_followers(int number)
{
	for (int i = 0; i < njobs; i++)
	{
		if (jobs[i]->follows != NULL && strcmp(jobs[i]->follows, jobs[number]->name) == 0)
			return true;
	}
	return false;
}

/*
 * has_work asks a job's query.
 */
static bool
has_work(const DdbJob *job)
{
	bool		found;

	ddb_worker_begin();
	SPI_connect();
	if (SPI_execute(job->work_query, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for work of \"%s\"", job->name);
	found = SPI_processed > 0;
	SPI_finish();
	ddb_worker_commit();
	return found;
}

void
ddb_job_find_work(void)
{
	for (int i = 0; i < njobs; i++)
	{
		if (jobs[i]->work_query == NULL || !has_work(jobs[i]))
			continue;
		ddb_worker_lock();
		ddb_worker_want(MyDatabaseId, i);
		ddb_worker_unlock();
	}
}
