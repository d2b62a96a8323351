/*
 * sigv4_private.h
 *	  What the files on Signature Version 4 share.
 */
#ifndef DDB_SIGV4_PRIVATE_H
#define DDB_SIGV4_PRIVATE_H

#include "auth/sigv4.h"

/* canonical.c */

/*
 * ddb_sigv4_parse_query sets the parameters of the target's query, in canonical
 * spelling and order.
 */
extern void ddb_sigv4_parse_query(const char *target, DdbSigv4 *sig);

/* ddb_sigv4_uri_decode undoes %XX.  What is no such escape, and %00, stays as it is. */
extern char *ddb_sigv4_uri_decode(const char *text, size_t len);

/* ddb_sigv4_sha256 computes a SHA-256. */
extern void ddb_sigv4_sha256(const void *data, size_t len, uint8_t *hash);

#endif							/* DDB_SIGV4_PRIVATE_H */
