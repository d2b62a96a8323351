/*
 * shared_memory.h
 *	  Segments of shared memory, for whoever wants one.
 */
#ifndef DDB_SHARED_MEMORY_H
#define DDB_SHARED_MEMORY_H

/*
 * ddb_shared_memory_request asks for a segment: size bytes under a name that no other
 * segment of the server has.  From _PG_init only, while the library is being preloaded.
 * When the server has it, *segment points to it in every process; initialise is called
 * once, on memory that is zero, before anybody else sees it.  name has to last.
 */
extern void ddb_shared_memory_request(const char *name, Size size, void **segment,
									  void (*initialise) (void *segment));

#endif							/* DDB_SHARED_MEMORY_H */
