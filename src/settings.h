/*
 * settings.h
 *	  The configuration parameters (ddb.*), defined in ddb.c.
 */
#ifndef DDB_SETTINGS_H
#define DDB_SETTINGS_H

extern char *ddb_region;		/* ddb.region: in ARNs */
extern char *ddb_account_id;	/* ddb.account_id: in ARNs */

extern int	ddb_table_delay;	/* ddb.table_delay: milliseconds that tables stay CREATING and UPDATING */
extern char *ddb_database;		/* ddb.database: where workers work; empty: everywhere */

#endif							/* DDB_SETTINGS_H */
