/*
 * shared_memory.c
 *	  Segments of shared memory: the one place that chains the server's hooks for it.
 *
 * Segments are noted while the library is preloaded.  The server asks for their size
 * once all libraries are there, and has them found, in each process, when there is
 * memory.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "shared_memory.h"

#define MAX_SEGMENTS 16

typedef struct Segment
{
	const char *name;
	Size		size;
	void	  **segment;
	void		(*initialise) (void *segment);
} Segment;

static Segment segments[MAX_SEGMENTS];
static int	nsegments;
static shmem_request_hook_type previous_request_hook;
static shmem_startup_hook_type previous_startup_hook;

static void
request(void)
{
	if (previous_request_hook)
		previous_request_hook();
	for (int i = 0; i < nsegments; i++)
		RequestAddinShmemSpace(segments[i].size);
}

static void
startup(void)
{
	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (int i = 0; i < nsegments; i++)
	{
		Segment    *s = &segments[i];
		bool		found;

		*s->segment = ShmemInitStruct(s->name, s->size, &found);
		if (found)
			continue;
		memset(*s->segment, 0, s->size);
		s->initialise(*s->segment);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
ddb_shared_memory_request(const char *name, Size size, void **segment,
						  void (*initialise) (void *segment))
{
	if (!process_shared_preload_libraries_in_progress || nsegments >= MAX_SEGMENTS)
		elog(ERROR, "could not request shared memory \"%s\"", name);
	if (nsegments == 0)
	{
		previous_request_hook = shmem_request_hook;
		shmem_request_hook = request;
		previous_startup_hook = shmem_startup_hook;
		shmem_startup_hook = startup;
	}
	segments[nsegments].name = name;
	segments[nsegments].size = size;
	segments[nsegments].segment = segment;
	segments[nsegments++].initialise = initialise;
}
