-- Access keys: who may make, see and change them, that secrets stay secret, and that
-- every change counts at once.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(49);

CREATE ROLE ddb_t_app LOGIN;
CREATE ROLE ddb_t_other LOGIN;
CREATE ROLE ddb_t_team;
CREATE ROLE ddb_t_boss LOGIN NOINHERIT;
GRANT ddb_t_app TO ddb_t_boss;

-- sign makes the headers of a signed request.
CREATE FUNCTION pg_temp.sign(id text, secret text, at timestamptz DEFAULT clock_timestamp(), more text[] DEFAULT '{}')
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  stamp text := to_char(at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');
  scope text := left(stamp, 8) || '/us-east-1/dynamodb/aws4_request';
  canonical text := format(E'POST\n/\n\nhost:h\nx-amz-date:%s\n%s\nhost;x-amz-date%s\n%s', stamp,
    CASE WHEN more <> '{}' THEN E'x-amz-security-token:t\n' ELSE '' END,
    CASE WHEN more <> '{}' THEN ';x-amz-security-token' ELSE '' END, encode(sha256('{}'), 'hex'));
  key bytea := convert_to('AWS4' || secret, 'UTF8');
  part text;
BEGIN
  FOREACH part IN ARRAY string_to_array(scope, '/') || format(E'AWS4-HMAC-SHA256\n%s\n%s\n%s', stamp, scope, encode(sha256(convert_to(canonical, 'UTF8')), 'hex')) LOOP
    key := pg_temp.hmac(convert_to(part, 'UTF8'), key);
  END LOOP;
  RETURN ARRAY['Host: h', 'X-Amz-Date: ' || stamp,
    format('Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=host;x-amz-date%s, Signature=%s', id, scope,
           CASE WHEN more <> '{}' THEN ';x-amz-security-token' ELSE '' END, encode(key, 'hex'))] || more;
END $$;
-- hmac is HMAC-SHA-256, from its definition (RFC 2104).
CREATE FUNCTION pg_temp.hmac(data bytea, key bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
  inner_pad bytea := '';
  outer_pad bytea := '';
  b integer;
BEGIN
  IF length(key) > 64 THEN key := sha256(key); END IF;
  FOR i IN 0 .. 63 LOOP
    b := CASE WHEN i < length(key) THEN get_byte(key, i) ELSE 0 END;
    inner_pad := inner_pad || set_byte('\x00', 0, b # 54);
    outer_pad := outer_pad || set_byte('\x00', 0, b # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || data));
END $$;
CREATE FUNCTION pg_temp.who(id text, secret text, at timestamptz DEFAULT clock_timestamp(), more text[] DEFAULT '{}')
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_test.authenticate('POST', '/', pg_temp.sign(id, secret, at, more), '{}');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
GRANT ALL ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;
\set unknown '''DY022 The security token included in the request is invalid.'''
\set mismatch '''DY023 The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'''

SELECT is(pg_temp.hmac('what do ya want for nothing?', 'Jefe'), '\x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hmac (RFC 4231)');

-- making one
CREATE TEMP TABLE k (who text, id text, secret text);
GRANT ALL ON k TO PUBLIC;
INSERT INTO k SELECT 'app', * FROM ddb_create_access_key('ddb_t_app');
INSERT INTO k SELECT 'me', * FROM ddb_create_access_key();
SELECT matches(id, '^DDBK[A-Z2-7]{16}$', 'an id') FROM k WHERE who = 'app';
SELECT matches(secret, '^[A-Za-z0-9+/]{40}$', 'a secret') FROM k WHERE who = 'app';
SELECT is(count(DISTINCT id) + count(DISTINCT secret), 4::bigint, 'each its own') FROM k;
SELECT throws_ok($$SELECT ddb_create_access_key('ddb_t_team')$$, '28000', 'role "ddb_t_team" is not permitted to log in', 'for a role that can''t log in');
SELECT throws_ok($$SELECT ddb_create_access_key('ddb_t_nobody')$$, '42704', 'role "ddb_t_nobody" does not exist', 'for nobody');

-- asking with it
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'runs as its role') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(id, secret), session_user::text, 'the other as the other') FROM k WHERE who = 'me';
SELECT is(pg_temp.who(id, 'wrong'), :mismatch, 'another secret') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(a.id, m.secret), :mismatch, 'another''s secret') FROM k a, k m WHERE a.who = 'app' AND m.who = 'me';
SELECT is(pg_temp.who('DDBKAAAAAAAAAAAAAAAA', secret), :unknown, 'an unknown id') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(lower(id), secret), :unknown, 'ids have case') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(repeat('x', 200), secret), :unknown, 'a long id') FROM k WHERE who = 'app';
SELECT is(pg_temp.who('', secret), :unknown, 'an empty id') FROM k WHERE who = 'app';
SELECT matches(pg_temp.who(id, secret, clock_timestamp() - interval '16 min'), '^DY023 Signature expired: ', 'an old date') FROM k WHERE who = 'app';
SELECT matches(pg_temp.who('DDBKAAAAAAAAAAAAAAAA', 'x', clock_timestamp() + interval '16 min'), '^DY023 Signature not yet current: ', 'the date comes before the key');
SELECT is(pg_temp.who(id, secret, more => '{X-Amz-Security-Token: t}'), :unknown, 'no session tokens') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(id, 'wrong', more => '{X-Amz-Security-Token: t}'), :mismatch, 'after the signature') FROM k WHERE who = 'app';
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'still good') FROM k WHERE who = 'app';

-- off and on
SELECT ddb_alter_access_key(id, false) FROM k WHERE who = 'app' \g /dev/null
SELECT is(pg_temp.who(id, secret), :unknown, 'off') FROM k WHERE who = 'app';
SELECT ddb_alter_access_key(id, enabled => true) FROM k WHERE who = 'app' \g /dev/null
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'on') FROM k WHERE who = 'app';
UPDATE ddb.access_keys SET enabled = false WHERE access_key_id = (SELECT id FROM k WHERE who = 'app');
SELECT is(pg_temp.who(id, secret), :unknown, 'off by SQL') FROM k WHERE who = 'app';
UPDATE ddb.access_keys SET enabled = true;
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'on by SQL') FROM k WHERE who = 'app';
SET LOCAL session_replication_role = replica;
UPDATE ddb.access_keys SET enabled = false;
SELECT is(pg_temp.who(id, secret), :unknown, 'off as a replica does') FROM k WHERE who = 'app';
RESET session_replication_role;
UPDATE ddb.access_keys SET enabled = true;
SAVEPOINT s;
TRUNCATE ddb.access_keys;
SELECT is(pg_temp.who(id, secret), :unknown, 'truncated') FROM k WHERE who = 'app';
ROLLBACK TO s;
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'and back') FROM k WHERE who = 'app';

-- the role
ALTER ROLE ddb_t_app NOLOGIN;
SELECT is(pg_temp.who(id, secret), :unknown, 'the role can''t log in') FROM k WHERE who = 'app';
ALTER ROLE ddb_t_app LOGIN;
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'it can again') FROM k WHERE who = 'app';
ALTER ROLE ddb_t_app RENAME TO ddb_t_renamed;
SELECT is(pg_temp.who(id, secret), 'ddb_t_renamed', 'renamed') FROM k WHERE who = 'app';
ALTER ROLE ddb_t_renamed RENAME TO ddb_t_app;
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT is(pg_temp.who(id, secret), :unknown, 'it may not connect') FROM k WHERE who = 'app';
SELECT throws_ok($$SELECT ddb_create_access_key('ddb_t_app')$$, '28000', 'role "ddb_t_app" may not connect to this database', 'and gets no key');
SELECT format('GRANT CONNECT ON DATABASE %I TO PUBLIC', current_database()) \gexec
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'it may again') FROM k WHERE who = 'app';

-- whose it is
SET ROLE ddb_t_other;
SELECT throws_ok('SELECT * FROM ddb.access_keys', '42501', 'permission denied for table access_keys', 'the table is nobody''s');
SELECT throws_ok($$SELECT ddb_test.authenticate('POST', '/', '{}', '')$$, '42501', 'permission denied for function authenticate', 'nor is authentication');
SELECT throws_ok($$SELECT ddb_create_access_key('ddb_t_app')$$, '42501', 'must be a member of role "ddb_t_app" to create an access key for it', 'no key for another');
SELECT is((SELECT count(*) FROM ddb_list_access_keys()), 0::bigint, 'sees nobody''s');
SELECT throws_ok(format('SELECT ddb_alter_access_key(%L, false)', id), '42704', format('access key "%s" does not exist', id), 'turns nobody''s off') FROM k WHERE who = 'app';
SELECT throws_ok(format('SELECT ddb_drop_access_key(%L)', id), '42704', format('access key "%s" does not exist', id), 'drops nobody''s') FROM k WHERE who = 'app';
INSERT INTO k SELECT 'other', * FROM ddb_create_access_key();
SELECT results_eq('SELECT access_key_id, role::text, enabled FROM ddb_list_access_keys()', $$SELECT id, 'ddb_t_other', true FROM k WHERE who = 'other'$$, 'its own');
SELECT is((SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'ddb.own_access_keys'::regclass AND attnum > 0),
          '{access_key_id,role,enabled,created_at}', 'without secrets');
SELECT is((SELECT count(*) FROM pg_stats WHERE schemaname = 'ddb' AND tablename = 'access_keys'), 0::bigint, 'nor are there statistics');
SELECT ddb_alter_access_key(id, false) FROM k WHERE who = 'other' \g /dev/null
SELECT is((SELECT enabled FROM ddb_list_access_keys()), false, 'turned off');
SELECT ddb_drop_access_key(id) FROM k WHERE who = 'other' \g /dev/null
SELECT is((SELECT count(*) FROM ddb_list_access_keys()), 0::bigint, 'dropped');
SELECT throws_ok($$SELECT ddb_drop_access_key('x')$$, '42704', 'access key "x" does not exist', 'an unknown one');
RESET ROLE;
SELECT is(pg_temp.who(id, secret), :unknown, 'dropped is dropped') FROM k WHERE who = 'other';

SET ROLE ddb_t_boss;
INSERT INTO k SELECT 'boss', * FROM ddb_create_access_key('ddb_t_app');
SELECT is((SELECT count(*) FROM ddb_list_access_keys() WHERE role = 'ddb_t_app'::regrole), 2::bigint, 'a member sees them');
SELECT lives_ok(format('SELECT ddb_drop_access_key(%L)', id), 'and drops them') FROM k WHERE who = 'boss';
RESET ROLE;

-- a definer's function has its owner's rights to keys, not its caller's
SELECT set_config('ddb_t.me', session_user, true) \g /dev/null
CREATE FUNCTION pg_temp.trap() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
  SELECT access_key_id FROM ddb_create_access_key(current_setting('ddb_t.me')) $$;
ALTER FUNCTION pg_temp.trap() OWNER TO ddb_t_other;
SELECT throws_like('SELECT pg_temp.trap()', 'must be a member of role %', 'no key through a definer''s function');

-- a search_path of somebody's making changes nothing
CREATE SCHEMA trap;
CREATE TABLE trap.access_keys (LIKE ddb.access_keys);
CREATE FUNCTION trap.pg_has_role(oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SET LOCAL search_path = trap, public, pg_catalog;
SELECT is(pg_temp.who(id, secret), 'ddb_t_app', 'search_path') FROM k WHERE who = 'app';
RESET search_path;

SELECT * FROM finish();
ROLLBACK;
