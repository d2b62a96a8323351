/*
 * fuzz.h
 *	  What the files of the fuzzing library share.
 */
#ifndef DDB_FUZZ_H
#define DDB_FUZZ_H

#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "property violated: %s\n", #condition); \
			__builtin_trap(); \
		} \
	} while (0)

/* fuzz_endpoint.c: inputs of the kinds that fuzz_endpoint_knows(), of any bytes */
extern bool fuzz_endpoint_knows(char kind);
extern void fuzz_endpoint(char kind, const char *data, int len);

#endif							/* DDB_FUZZ_H */
