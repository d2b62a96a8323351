/*
 * compat.h
 *	  Every difference between PostgreSQL 15 and 18 that this code meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef DDB_COMPAT_H
#define DDB_COMPAT_H

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "ddb supports PostgreSQL 15 to 18"
#endif

/* PostgreSQL 16 has it; 15 got it in a minor release. */
#ifndef palloc_array
#define palloc_array(type, count) \
	((type *) palloc((Size) (count) * sizeof(type)))
#endif

/* PostgreSQL 18 has it, in place of pg_attribute_noreturn(). */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

#endif							/* DDB_COMPAT_H */
