-- Triggers: their definitions, rights and errors.  What the worker does with them is
-- tested in test/t.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(72);
SET client_min_messages = error;
SET search_path = public, ddb;

CREATE ROLE trigger_alice;
CREATE ROLE trigger_bob;
CREATE ROLE trigger_boss IN ROLE trigger_alice;
CREATE SCHEMA shop;
GRANT USAGE, CREATE ON SCHEMA shop TO trigger_alice, trigger_bob;
SELECT ddb_create_table('Streamed', 'pk S') \g /dev/null
SELECT ddb_create_table('Plain', 'pk S') \g /dev/null
ALTER TABLE ddb_data."Streamed" OWNER TO trigger_alice;
ALTER TABLE ddb_data."Plain" OWNER TO trigger_alice;
SELECT ddb_update_table('{"TableName": "Streamed", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}'::jsonb) \g /dev/null

SET ROLE trigger_alice;
CREATE FUNCTION shop.take(jsonb) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION shop.take(text) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION shop.secret(jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1';
REVOKE ALL ON FUNCTION shop.secret(jsonb) FROM PUBLIC;
CREATE FUNCTION shop.two(jsonb, integer DEFAULT 1) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION shop.rows(jsonb) RETURNS SETOF integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION shop.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE PROCEDURE shop.proc(jsonb) LANGUAGE sql AS 'SELECT';
CREATE FUNCTION shop."Odd name"(jsonb) RETURNS void LANGUAGE sql SET search_path = shop AS 'SELECT';

-- create
SELECT lives_ok($$SELECT ddb_create_trigger('plain', 'Streamed', 'shop.take')$$, 'a function by its name');
SELECT is((SELECT row(name, table_name, function, owner, state, lag_seconds, lag_records, processed, filtered, failed, retries, trimmed, last_error,
                      batch_size, starting_position, filter, max_retries, on_failure)::text FROM ddb_triggers),
  '(plain,Streamed,"shop.take(jsonb)",trigger_alice,running,0,0,0,0,0,0,0,,100,LATEST,,10,dead_letter)', 'what ddb_triggers shows, with the defaults');
SELECT matches((SELECT position FROM ddb_triggers), '^1[0-9]{19}2147483647$', 'LATEST is behind the log''s end');
SELECT lives_ok($$SELECT ddb_create_trigger('full', 'arn:aws:dynamodb:us-east-1:000000000000:table/Streamed', 'shop."Odd name"(jsonb)', batch_size => 10000,
  starting_position => 'TRIM_HORIZON', filter => '{"eventName": ["INSERT"]}', max_retries => 0, on_failure => 'stop')$$, 'a signature, an ARN, all arguments');
SELECT is((SELECT row(table_name, function, state, position, batch_size, starting_position, filter, max_retries, on_failure)::text FROM ddb_triggers WHERE name = 'full'),
  '(Streamed,"shop.""Odd name""(jsonb)",running,,10000,TRIM_HORIZON,"{""eventName"": [""INSERT""]}",0,stop)', 'what it shows of that');
SELECT lives_ok($$SELECT ddb_create_trigger('oid', 'Streamed', 'shop.take(jsonb)'::regprocedure, max_retries => -1, on_failure => 'skip')$$, 'a regprocedure');
SELECT lives_ok($$SELECT ddb_create_trigger('proc', 'Streamed', 'shop.secret'::regproc)$$, 'a regproc');
SELECT is((SELECT string_agg(name || ' ' || function, ', ' ORDER BY name) FROM ddb_triggers),
  'full shop."Odd name"(jsonb), oid shop.take(jsonb), plain shop.take(jsonb), proc shop.secret(jsonb)', 'four triggers');

-- errors
SELECT throws_ok($$SELECT ddb_create_trigger('plain', 'Streamed', 'shop.take')$$, '42710', 'trigger "plain" already exists', 'a name that is taken');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Plain', 'shop.take')$$, '55000', 'table "Plain" has no stream', 'a table without a stream');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Nowhere', 'shop.take')$$, 'DY003', 'Requested resource not found: Table: Nowhere not found', 'no table');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Streamed', 'shop.nothing')$$, '42883', 'function shop.nothing(jsonb) does not exist', 'no function');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Streamed', 'take')$$, '42883', 'function take(jsonb) does not exist', 'not in the search_path');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Streamed', 0::regprocedure)$$, '42883', 'function with OID 0 does not exist', 'no oid of a function');
SELECT throws_ok(format($$SELECT ddb_create_trigger('x', 'Streamed', %L)$$, f), '42P13', format('function %s can''t take stream records', f), what)
  FROM (VALUES ('shop.take(text)', 'another argument'), ('shop.two(jsonb,integer)', 'two arguments'), ('shop.rows(jsonb)', 'a set'),
               ('shop.fire()', 'a trigger function'), ('shop.proc(jsonb)', 'a procedure')) AS v (f, what);
SELECT throws_ok(format($$SELECT ddb_create_trigger('x', 'Streamed', 'shop.take', %s)$$, argument), '22023', message, argument)
  FROM (VALUES ('batch_size => 0', 'batch_size must be between 1 and 10000'),
               ('batch_size => 10001', 'batch_size must be between 1 and 10000'),
               ('starting_position => ''latest''', 'starting_position must be LATEST or TRIM_HORIZON'),
               ('max_retries => -2', 'max_retries must be 0 or more, or -1 to retry for ever'),
               ('on_failure => ''ignore''', 'on_failure must be dead_letter, skip or stop'),
               ('filter => ''{"eventName": "INSERT"}''', 'invalid filter pattern'),
               ('filter => ''[]''', 'invalid filter pattern')) AS v (argument, message);
SELECT throws_ok($$SELECT ddb_create_trigger('', 'Streamed', 'shop.take')$$, '22023', 'the name of a trigger must have 1 to 255 bytes', 'an empty name');
SELECT throws_ok($$SELECT ddb_create_trigger(repeat('x', 256), 'Streamed', 'shop.take')$$, '22023', NULL, 'a name that is too long');
SELECT throws_ok($$SELECT ddb_create_trigger(NULL, 'Streamed', 'shop.take')$$, '22004', 'name must not be NULL', 'no name');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Streamed', 'shop.take', on_failure => NULL)$$, '22004', 'on_failure must not be NULL', 'a NULL argument');
SELECT is((SELECT count(*) FROM ddb_triggers), 4::bigint, 'none of that left anything');

-- rights: another role
SET ROLE trigger_bob;
SELECT is((SELECT count(*) FROM ddb_triggers), 0::bigint, 'others do not see the triggers');
SELECT throws_ok($$SELECT * FROM ddb.triggers$$, '42501', NULL, 'nor their table');
SELECT throws_ok($$SELECT * FROM ddb.trigger_states$$, '42501', NULL, 'nor their states');
SELECT throws_ok($$SELECT * FROM ddb.trigger_failures$$, '42501', NULL, 'nor the dead letters');
SELECT throws_ok($$SELECT ddb_create_trigger('x', 'Streamed', 'shop.take')$$, '42501', 'must be owner of table Streamed', 'the table is not theirs');
SELECT throws_ok($$SELECT ddb_alter_trigger('plain', enabled => false)$$, '42501', 'must be owner of trigger "plain" or of its table', 'nor to be paused');
SELECT throws_ok($$SELECT ddb_drop_trigger('plain')$$, '42501', 'must be owner of trigger "plain" or of its table', 'nor to be dropped');
RESET ROLE;
SELECT is((SELECT ddb.trigger_lag(trigger_id) IS NULL FROM ddb.triggers WHERE trigger_name = 'plain'), false, 'superusers see the lag');
SELECT set_config('shop.id', trigger_id::text, true) FROM ddb.triggers WHERE trigger_name = 'plain' \g /dev/null
SET ROLE trigger_bob;
SELECT is(ddb.trigger_lag(current_setting('shop.id')::uuid) IS NULL, true, 'others do not');

-- rights: a function that the owner may not call
RESET ROLE;
ALTER TABLE ddb_data."Plain" OWNER TO trigger_bob;
SELECT ddb_update_table('{"TableName": "Plain", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}'::jsonb) \g /dev/null
SET ROLE trigger_bob;
SELECT throws_ok($$SELECT ddb_create_trigger('bobs', 'Plain', 'shop.secret')$$, '42501', 'permission denied for function secret', 'EXECUTE is needed');
SELECT lives_ok($$SELECT ddb_create_trigger('bobs', 'Plain', 'shop.take')$$, 'another''s function may be used');
SELECT is((SELECT string_agg(name, ',') FROM ddb_triggers), 'bobs', 'one''s own triggers are shown');

-- pause, resume, drop
SELECT lives_ok($$SELECT ddb_alter_trigger('bobs', enabled => false)$$, 'pause');
SELECT is((SELECT state FROM ddb_triggers), 'paused', 'it is paused');
SELECT lives_ok($$SELECT ddb_alter_trigger('bobs', enabled => true)$$, 'resume');
SELECT is((SELECT state FROM ddb_triggers), 'running', 'it runs');
RESET ROLE;
UPDATE ddb.trigger_states s SET stopped = true, attempts = 5, failures = 5 FROM ddb.triggers t WHERE t.trigger_name = 'bobs' AND s.trigger_id = t.trigger_id;
SELECT is((SELECT state FROM ddb_triggers WHERE name = 'bobs'), 'stopped', 'a trigger that stopped');
ALTER TABLE ddb_data."Plain" OWNER TO trigger_alice;
SET ROLE trigger_alice;
SELECT is((SELECT count(*) FROM ddb_triggers WHERE name = 'bobs'), 0::bigint, 'the table''s new owner does not see it');
SELECT lives_ok($$SELECT ddb_alter_trigger('bobs', enabled => true)$$, 'but may resume it');
RESET ROLE;
SELECT is((SELECT state FROM ddb_triggers WHERE name = 'bobs'), 'running', 'it is resumed');
SET ROLE trigger_alice;
SELECT lives_ok($$SELECT ddb_drop_trigger('bobs')$$, 'and drop it');
SELECT throws_ok($$SELECT ddb_drop_trigger('bobs')$$, '42704', 'trigger "bobs" does not exist', 'it is gone');
SELECT throws_ok($$SELECT ddb_alter_trigger('bobs', true)$$, '42704', 'trigger "bobs" does not exist', 'for ddb_alter_trigger, too');
RESET ROLE;
SELECT is((SELECT count(*) FROM ddb.trigger_states), 4::bigint, 'and its state with it');

-- dead letters
INSERT INTO ddb.trigger_failures (trigger_id, sequence_number, trigger_name, table_name, owner, record, error, attempts)
  SELECT trigger_id, '100000000000273985670000000000', trigger_name, table_name, owner, '{"eventName": "INSERT"}', 'no', 3 FROM ddb.triggers WHERE trigger_name = 'full';
SET ROLE trigger_bob;
SELECT is((SELECT count(*) FROM ddb_trigger_failures), 0::bigint, 'others do not see dead letters');
DELETE FROM ddb_trigger_failures;
SET ROLE trigger_alice;
SELECT is((SELECT row(trigger_name, table_name, sequence_number, record, error, attempts)::text FROM ddb_trigger_failures),
  '(full,Streamed,100000000000273985670000000000,"{""eventName"": ""INSERT""}",no,3)', 'the owner sees them');
SELECT throws_ok($$UPDATE ddb_trigger_failures SET error = 'yes'$$, '42501', NULL, 'not to be changed');
SET ROLE trigger_bob;
SELECT throws_ok($$SELECT ddb_retry_trigger_failures('full')$$, '42501', 'must be owner of trigger "full"', 'nor do others send them again');
SET ROLE trigger_alice;
SELECT throws_ok($$SELECT ddb_retry_trigger_failures('nobody')$$, '42704', 'trigger "nobody" does not exist', 'no trigger');
SELECT throws_ok($$SELECT ddb_retry_trigger_failures(NULL)$$, '22004', 'name must not be NULL', 'no name');
SELECT throws_ok($$SELECT ddb_retry_trigger_failures('full', max_records => 0)$$, '22023', 'max_records must be 1 or more', 'no records');
SELECT is(ddb_retry_trigger_failures('full', '100000000000273985670000000001'), 0, 'a record that is no dead letter');
ALTER FUNCTION shop."Odd name"(jsonb) RENAME TO "Even name";
SELECT throws_ok($$SELECT ddb_retry_trigger_failures('full')$$, '42883', NULL, 'no function: what is wrong with the trigger is no record''s fault');
CREATE FUNCTION shop."Odd name"(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = shop AS $$ BEGIN RAISE 'still no'; END $$;
SELECT is(ddb_retry_trigger_failures('full'), 0, 'one that fails again');
SELECT is((SELECT row(split_part(error, E'\n', 1), attempts)::text FROM ddb_trigger_failures), '("still no",4)', 'stays, with the new error');
SELECT ddb_drop_trigger('full') \g /dev/null
SET ROLE trigger_boss;
SELECT is((SELECT count(*) FROM ddb_trigger_failures), 1::bigint, 'they outlive the trigger');
DELETE FROM ddb_trigger_failures;
SELECT is((SELECT count(*) FROM ddb_trigger_failures), 0::bigint, 'and can be deleted');
RESET ROLE;
INSERT INTO ddb.trigger_failures (trigger_id, sequence_number, trigger_name, table_name, owner, record, error, attempts)
  SELECT trigger_id, '100000000000273985670000000000', trigger_name, table_name, owner, '{"eventName": "INSERT"}', 'no', 3 FROM ddb.triggers WHERE trigger_name = 'plain';
SET ROLE trigger_boss;
SELECT is(ddb_retry_trigger_failures('plain'), 1, 'a member of the owning role sends them again');
SELECT is((SELECT count(*) FROM ddb_trigger_failures), 0::bigint, 'and no longer has what the function took');
SELECT is((SELECT string_agg(name, ',' ORDER BY name) FROM ddb_triggers), 'oid,plain,proc', 'a member of the owning role sees its triggers');
RESET ROLE;

-- a table that goes
DROP TABLE ddb_data."Streamed";
SELECT is((SELECT count(*) FROM ddb_triggers), 3::bigint, 'triggers outlive the table, whose records are still to be read');

SELECT * FROM finish();
ROLLBACK;
