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

#endif							/* DDB_COMPAT_H */
