/*
 * access_key.c
 *	  Access keys: table ddb.access_keys, and a cache of it for the endpoint.
 *
 * The table holds secrets as they are: Signature Version 4 never sends a secret,
 * both sides compute an HMAC with it, so a hash of it would be of no use here.
 * Nobody but superusers may read the table; the functions of this file do so for
 * everybody and check for themselves whose key it is.
 *
 * The cache lives in each backend and is emptied as a whole when the table, a
 * role or the rights on the database change.  It is marked valid before it is
 * filled, so a change that arrives meanwhile is not lost.  Its entries go away
 * only in ddb_access_key_find(), so that a caller's key stays where it is.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "common/base64.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "auth/access_key.h"
#include "compat.h"
#include "error.h"
#include "table/catalog_row.h"
#include "table/desc.h"

/* Columns of ddb.access_keys; keep in step with ddb--1.1.sql. */
enum
{
	KEYS_ID = 1,
	KEYS_ROLE,
	KEYS_SECRET,
	KEYS_ENABLED,
	KEYS_CREATED_AT,
	KEYS_NCOLUMNS = 5
};

#define MAX_CACHED_KEYS 10000
#define SIGNING_KEYS 4			/* days and regions in use at a time */
#define MAX_SECRET 128			/* bytes */

typedef struct SigningKey
{
	char		date[9];		/* empty: not in use */
	char		region[32];
	uint8		key[DDB_SIGNING_KEY_LEN];
} SigningKey;

struct DdbAccessKey
{
	char		id[DDB_MAX_ACCESS_KEY_ID + 1];	/* hash key */
	bool		usable;
	Oid			roleid;
	TimestampTz valid_until;	/* of the role */
	char		secret[MAX_SECRET + 1];
	int			next_slot;		/* of signing_keys to be replaced */
	SigningKey	signing_keys[SIGNING_KEYS];
};

static HTAB *cache;
static bool cache_valid;
static Oid	table_relid;

static void
relcache_callback(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == table_relid)
		cache_valid = false;
}

static void
syscache_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	cache_valid = false;
}

/*
 * cache_prepare makes the cache, or empties it when it is no longer valid.
 */
static void
cache_prepare(void)
{
	if (cache == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(((DdbAccessKey *) NULL)->id);
		ctl.entrysize = sizeof(DdbAccessKey);
		ctl.hcxt = CacheMemoryContext;
		cache = hash_create("ddb access keys", 64, &ctl,
							HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
		CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
		CacheRegisterSyscacheCallback(AUTHOID, syscache_callback, (Datum) 0);
		CacheRegisterSyscacheCallback(AUTHMEMMEMROLE, syscache_callback, (Datum) 0);
		CacheRegisterSyscacheCallback(DATABASEOID, syscache_callback, (Datum) 0);
	}
	if (!cache_valid || hash_get_num_entries(cache) >= MAX_CACHED_KEYS)
	{
		HASH_SEQ_STATUS status;
		DdbAccessKey *key;

		hash_seq_init(&status, cache);
		while ((key = hash_seq_search(&status)) != NULL)
		{
			explicit_bzero(key->secret, sizeof(key->secret));
			explicit_bzero(key->signing_keys, sizeof(key->signing_keys));
			(void) hash_search(cache, key->id, HASH_REMOVE, NULL);
		}
		cache_valid = true;
		table_relid = ddb_catalog_relation_oid("access_keys");
	}
}

/*
 * role_may_connect tells whether requests can run as a role; if not, why is what
 * is wrong with it.  A key is a secret that opens the door, as the role's password is, so
 * VALID UNTIL ends both; *valid_until is that time, or infinity.
 */
static bool
role_may_connect(Oid roleid, TimestampTz *valid_until, const char **why)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(roleid));
	bool		login;
	Datum		until;
	bool		isnull;

	*valid_until = DT_NOEND;

	*why = "does not exist";
	if (!HeapTupleIsValid(tuple))
		return false;
	login = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	until = SysCacheGetAttr(AUTHOID, tuple, Anum_pg_authid_rolvaliduntil, &isnull);
	if (!isnull)
		*valid_until = DatumGetTimestampTz(until);
	ReleaseSysCache(tuple);
	*why = "is not permitted to log in";
	if (!login)
		return false;
	*why = "is past its VALID UNTIL";
	if (*valid_until <= GetCurrentTimestamp())
		return false;
	*why = "may not connect to this database";
	return ddb_may_connect(MyDatabaseId, roleid);
}

/*
 * find_row begins a scan for the row of a key and steps to it; false when there is none.
 * A lockmode is that of a change, kept until the end of the transaction.
 */
static bool
find_row(DdbCatalogScan *scan, const char *id, LOCKMODE lockmode)
{
	ScanKeyData key;

	*scan = (DdbCatalogScan)
	{
		.table = "access_keys",.index = "access_keys_pkey",.ncolumns = KEYS_NCOLUMNS,.lockmode = lockmode
	};
	ddb_catalog_key(&key, KEYS_ID, F_TEXTEQ, CStringGetTextDatum(id));
	ddb_catalog_scan_begin(scan, &key, 1);
	return ddb_catalog_scan_next(scan, ForwardScanDirection);
}

/*
 * load enters the key of a row in the cache.
 */
static DdbAccessKey *
load(const char *id, const DdbCatalogRow *row)
{
	Oid			roleid = DatumGetObjectId(ddb_catalog_datum(row, KEYS_ROLE));
	char	   *secret = ddb_catalog_string(row, KEYS_SECRET);
	bool		usable = DatumGetBool(ddb_catalog_datum(row, KEYS_ENABLED));
	DdbAccessKey *key;
	const char *why;
	TimestampTz valid_until = DT_NOEND;

	if (usable && !role_may_connect(roleid, &valid_until, &why))
	{
		ereport(LOG,
				errmsg("access key \"%s\" can't be used: its role (%u) %s", id, roleid, why));
		usable = false;
	}

	key = hash_search(cache, id, HASH_ENTER, NULL);
	memset((char *) key + sizeof(key->id), 0, sizeof(*key) - sizeof(key->id));
	key->usable = usable;
	key->roleid = roleid;
	key->valid_until = valid_until;
	strlcpy(key->secret, secret, sizeof(key->secret));
	explicit_bzero(secret, strlen(secret));
	return key;
}

DdbAccessKey *
ddb_access_key_find(const char *access_key_id)
{
	DdbAccessKey *key;

	if (strlen(access_key_id) > DDB_MAX_ACCESS_KEY_ID)
		return NULL;
	cache_prepare();
	key = hash_search(cache, access_key_id, HASH_FIND, NULL);
	if (key == NULL)
	{
		DdbCatalogScan scan;

		if (find_row(&scan, access_key_id, NoLock))
			key = load(access_key_id, &scan.row);
		ddb_catalog_scan_end(&scan);
	}
	if (key == NULL || !key->usable ||
		(key->valid_until != DT_NOEND && key->valid_until <= GetCurrentTimestamp()))
		return NULL;
	return key;
}

Oid
ddb_access_key_role(const DdbAccessKey *key)
{
	return key->roleid;
}

void
ddb_access_key_sign(DdbAccessKey *key, const char *date, const char *region,
					uint8_t *signing_key)
{
	SigningKey *slot;

	for (int i = 0; i < SIGNING_KEYS; i++)
	{
		slot = &key->signing_keys[i];
		if (strcmp(slot->date, date) == 0 && strcmp(slot->region, region) == 0)
		{
			memcpy(signing_key, slot->key, DDB_SIGNING_KEY_LEN);
			return;
		}
	}
	ddb_sigv4_signing_key(key->secret, date, region, "dynamodb", signing_key);
	if (strlen(date) < sizeof(slot->date) && strlen(region) < sizeof(slot->region))
	{
		slot = &key->signing_keys[key->next_slot];
		key->next_slot = (key->next_slot + 1) % SIGNING_KEYS;
		strlcpy(slot->date, date, sizeof(slot->date));
		strlcpy(slot->region, region, sizeof(slot->region));
		memcpy(slot->key, signing_key, DDB_SIGNING_KEY_LEN);
	}
}

/*
 * random_bytes fills buf from the system's source of secrets.
 */
static void
random_bytes(void *buf, size_t len)
{
	if (!pg_strong_random(buf, len))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate a random secret"));
}

void
ddb_access_key_create(Oid roleid, char *id, char *secret)
{
	static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8		random[DDB_SECRET_LEN / 4 * 3];
	Relation	rel;
	Datum		values[KEYS_NCOLUMNS];
	bool		nulls[KEYS_NCOLUMNS] = {0};
	const char *why;
	TimestampTz valid_until;

	if (!ddb_may_act_as(GetUserId(), roleid))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be a member of role \"%s\" to create an access key for it",
					   GetUserNameFromId(roleid, false)));
	if (!role_may_connect(roleid, &valid_until, &why))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				errmsg("role \"%s\" %s", GetUserNameFromId(roleid, false), why),
				errdetail("Requests signed with an access key run as its role."));

	strcpy(id, "DDBK");
	random_bytes(random, DDB_ACCESS_KEY_ID_LEN - 4);
	for (int i = 4; i < DDB_ACCESS_KEY_ID_LEN; i++)
		id[i] = base32[random[i - 4] % 32];
	id[DDB_ACCESS_KEY_ID_LEN] = '\0';
	random_bytes(random, sizeof(random));
	memset(secret, 0, DDB_SECRET_LEN + 1);
	ddb_b64_encode(random, sizeof(random), secret, DDB_SECRET_LEN);
	explicit_bzero(random, sizeof(random));

	rel = table_open(ddb_catalog_relation_oid("access_keys"), RowExclusiveLock);
	values[KEYS_ID - 1] = CStringGetTextDatum(id);
	values[KEYS_ROLE - 1] = ObjectIdGetDatum(roleid);
	values[KEYS_SECRET - 1] = CStringGetTextDatum(secret);
	values[KEYS_ENABLED - 1] = BoolGetDatum(true);
	values[KEYS_CREATED_AT - 1] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	CatalogTupleInsert(rel, ddb_catalog_row_form(rel, KEYS_NCOLUMNS, values, nulls));
	CacheInvalidateRelcache(rel);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * find_own finds the row of a key that the current user may change.  A key of
 * somebody else does not exist.
 */
static void
find_own(DdbCatalogScan *scan, const char *id)
{
	if (!find_row(scan, id, RowExclusiveLock) ||
		!ddb_may_act_as(GetUserId(), DatumGetObjectId(ddb_catalog_datum(&scan->row, KEYS_ROLE))))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("access key \"%s\" does not exist", id));
}

void
ddb_access_key_alter(const char *id, bool enabled)
{
	DdbCatalogScan scan;
	int			column = KEYS_ENABLED;
	Datum		value = BoolGetDatum(enabled);
	bool		isnull = false;
	HeapTuple	changed;

	find_own(&scan, id);
	changed = heap_modify_tuple_by_cols(scan.tuple, RelationGetDescr(scan.rel),
										1, &column, &value, &isnull);
	CatalogTupleUpdate(scan.rel, &scan.tuple->t_self, changed);
	CacheInvalidateRelcache(scan.rel);
	ddb_catalog_scan_end(&scan);
	CommandCounterIncrement();
}

void
ddb_access_key_drop(const char *id)
{
	DdbCatalogScan scan;

	find_own(&scan, id);
	CatalogTupleDelete(scan.rel, &scan.tuple->t_self);
	CacheInvalidateRelcache(scan.rel);
	ddb_catalog_scan_end(&scan);
	CommandCounterIncrement();
}
