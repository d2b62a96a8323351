/*
 * access_key.h
 *	  Access keys: table ddb.access_keys, and a cache of it for the endpoint.
 */
#ifndef DDB_ACCESS_KEY_H
#define DDB_ACCESS_KEY_H

#include "auth/sigv4.h"

#define DDB_MAX_ACCESS_KEY_ID 128	/* bytes; the service's limit */

/* A key whose requests are served. */
typedef struct DdbAccessKey DdbAccessKey;

/*
 * ddb_access_key_find finds a key that may be used: it exists, is enabled, and
 * its role may log in, is not past its VALID UNTIL, and may connect to this database.
 * NULL when there is none.
 * The key stays valid until the next call.
 */
extern DdbAccessKey *ddb_access_key_find(const char *access_key_id);
extern Oid	ddb_access_key_role(const DdbAccessKey *key);

/* ddb_access_key_sign copies the signing key of a day and region. */
extern void ddb_access_key_sign(DdbAccessKey *key, const char *date,
								const char *region, uint8_t *signing_key);

/*
 * What SQL does with keys; the current user must be, or be a member of, the
 * key's role.  secret takes DDB_SECRET_LEN characters and a zero byte, id
 * DDB_ACCESS_KEY_ID_LEN.
 */
#define DDB_ACCESS_KEY_ID_LEN 20
#define DDB_SECRET_LEN 40

/* ddb_access_key_create makes a key for a role and gives its id and secret. */
extern void ddb_access_key_create(Oid roleid, char *id, char *secret);

extern void ddb_access_key_alter(const char *id, bool enabled);
extern void ddb_access_key_drop(const char *id);

#endif							/* DDB_ACCESS_KEY_H */
