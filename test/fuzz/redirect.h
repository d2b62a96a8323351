/*
 * redirect.h
 *	  Included before everything else in the fuzzing build: allocations of ddb's
 *	  own end in poisoned bytes, so that AddressSanitizer sees overruns inside
 *	  the blocks of a memory context.
 *
 * What PostgreSQL's own code allocates, and what it reallocates for us, is not
 * covered.  All poison is taken away after each input, before the allocator
 * uses the memory again.
 */
#ifndef DDB_FUZZ_REDIRECT_H
#define DDB_FUZZ_REDIRECT_H

#include "postgres.h"
#include "utils/palloc.h"

extern void *ddb_fuzz_palloc(Size size);
extern void *ddb_fuzz_palloc0(Size size);
extern void *ddb_fuzz_repalloc(void *pointer, Size size);
extern void ddb_fuzz_pfree(void *pointer);
extern void ddb_fuzz_unpoison_all(void);

#define palloc(size) ddb_fuzz_palloc(size)
#define palloc0(size) ddb_fuzz_palloc0(size)
#define repalloc(pointer, size) ddb_fuzz_repalloc((pointer), (size))
#define repalloc_huge(pointer, size) ddb_fuzz_repalloc((pointer), (size))
#define pfree(pointer) ddb_fuzz_pfree(pointer)

#endif							/* DDB_FUZZ_REDIRECT_H */
