/*
 * settings.h
 *	  The configuration parameters (ddb.*), defined in ddb.c.
 */
#ifndef DDB_SETTINGS_H
#define DDB_SETTINGS_H

extern char *ddb_region;		/* ddb.region: in ARNs */
extern char *ddb_account_id;	/* ddb.account_id: in ARNs */

/* ddb.http_auth: how much of a signature is checked */
typedef enum DdbHttpAuth
{
	DDB_AUTH_SIGV4,				/* all of it */
	DDB_AUTH_ANY				/* it must be well-formed; any key is accepted */
} DdbHttpAuth;

extern int	ddb_http_auth;		/* a DdbHttpAuth */
extern char *ddb_http_default_role; /* ddb.http_default_role: for DDB_AUTH_ANY */
extern bool ddb_http_auth_force;	/* ddb.http_auth_force: DDB_AUTH_ANY for other machines, too */

#endif							/* DDB_SETTINGS_H */
