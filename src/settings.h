/*
 * settings.h
 *	  The configuration parameters (ddb.*), defined in ddb.c.
 */
#ifndef DDB_SETTINGS_H
#define DDB_SETTINGS_H

extern char *ddb_region;		/* ddb.region: in ARNs */
extern char *ddb_account_id;	/* ddb.account_id: in ARNs */

#endif							/* DDB_SETTINGS_H */
