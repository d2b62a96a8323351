/*
 * sigv4_private.h
 *	  What the files on Signature Version 4 share.
 */
#ifndef DDB_SIGV4_PRIVATE_H
#define DDB_SIGV4_PRIVATE_H

#include "auth/sigv4.h"

/* canonical.c */
extern void ddb_query_parse(const char *target, DdbSigv4 *sig);
extern char *ddb_uri_decode(const char *text, size_t len);
extern void ddb_sha256(const void *data, size_t len, uint8_t *hash);

#endif							/* DDB_SIGV4_PRIVATE_H */
