/*
 * redirect.c
 *	  Allocations with poisoned ends; see redirect.h.
 *
 * Poisoned stretches are listed, so that pfree(), repalloc() and the end of an
 * input can clean them.  A context that is reset in the middle of an input
 * would leave poison behind in memory that the allocator uses again, so only
 * allocations in the input's own context get any.
 */
#include "redirect.h"

#include <sanitizer/asan_interface.h>

#include "utils/memutils.h"

/* here the real ones are meant */
#undef palloc
#undef palloc0
#undef repalloc
#undef pfree

#define REDZONE 16
#define MAX_STRETCHES 100000

typedef struct Stretch
{
	char	   *start;			/* of the chunk */
	Size		size;			/* asked for */
} Stretch;

static Stretch stretches[MAX_STRETCHES];
static int	nstretches;

/*
 * is_covered tells whether the current context lives until the input ends.
 */
static bool
is_covered(void)
{
	return CurrentMemoryContext->name != NULL &&
		strcmp(CurrentMemoryContext->name, "ddb fuzz input") == 0 &&
		nstretches < MAX_STRETCHES;
}

static void
poison(char *pointer, Size size)
{
	ASAN_POISON_MEMORY_REGION(pointer + size, REDZONE);
	stretches[nstretches].start = pointer;
	stretches[nstretches].size = size;
	nstretches++;
}

/*
 * clean takes a chunk's poison away and forgets it; false when it has none.
 */
static bool
clean(char *pointer, Size *size)
{
	for (int i = nstretches - 1; i >= 0; i--)
	{
		if (stretches[i].start != pointer)
			continue;
		ASAN_UNPOISON_MEMORY_REGION(pointer + stretches[i].size, REDZONE);
		*size = stretches[i].size;
		stretches[i] = stretches[--nstretches];
		return true;
	}
	return false;
}

void *
ddb_fuzz_palloc(Size size)
{
	char	   *pointer;

	if (!is_covered())
		return palloc(size);
	pointer = palloc(size + REDZONE);
	poison(pointer, size);
	return pointer;
}

void *
ddb_fuzz_palloc0(Size size)
{
	void	   *pointer = ddb_fuzz_palloc(size);

	memset(pointer, 0, size);
	return pointer;
}

void *
ddb_fuzz_repalloc(void *pointer, Size size)
{
	Size		old;

	if (!clean(pointer, &old))
		return repalloc(pointer, size);
	pointer = repalloc(pointer, size + REDZONE);
	poison(pointer, size);
	return pointer;
}

void
ddb_fuzz_pfree(void *pointer)
{
	Size		size;

	(void) clean(pointer, &size);
	pfree(pointer);
}

void
ddb_fuzz_unpoison_all(void)
{
	for (int i = 0; i < nstretches; i++)
		ASAN_UNPOISON_MEMORY_REGION(stretches[i].start + stretches[i].size, REDZONE);
	nstretches = 0;
}
