-- Time to live: which items expire, who may ask for it, and what can't be expired.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
CREATE FUNCTION pg_temp.live(table_name text, attribute text, on_or_off boolean DEFAULT true) RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('UpdateTimeToLive', jsonb_build_object('TableName', table_name,
    'TimeToLiveSpecification', jsonb_build_object('Enabled', on_or_off, 'AttributeName', attribute))) $$;
CREATE FUNCTION pg_temp.seconds(ahead numeric) RETURNS text LANGUAGE sql AS $$
  SELECT (extract(epoch FROM clock_timestamp()) + ahead)::numeric(30, 3)::text $$;
CREATE FUNCTION pg_temp.refusal(sql text, OUT message text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  message := 'no error';
EXCEPTION WHEN OTHERS THEN
  message := SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT no_plan();

SELECT is(current_setting('ddb.ttl_walk_size'), '256MB', 'how much of a table is searched at least');
SELECT is((SELECT boot_val || unit FROM pg_settings WHERE name = 'ddb.ttl_interval'), '60s', 'how often');

-- what is expired and what is not
SELECT count(ddb_create_table('Items', 'id S', global_indexes => '{"by_color": {"partition_key": "color S"}}')) \g /dev/null
CREATE TEMP TABLE cases (id text, value jsonb, expires boolean);
INSERT INTO cases VALUES
  ('a second ago', jsonb_build_object('N', pg_temp.seconds(-1)), true),
  ('half a second ago', jsonb_build_object('N', pg_temp.seconds(-0.5)), true),
  ('an hour ago, whole seconds', jsonb_build_object('N', trunc(pg_temp.seconds(-3600)::numeric)::text), true),
  ('almost five years ago', jsonb_build_object('N', pg_temp.seconds(-(1826 * 86400 - 3600))), true),
  ('over five years ago', jsonb_build_object('N', pg_temp.seconds(-(1827 * 86400))), false),
  ('in a minute', jsonb_build_object('N', pg_temp.seconds(60)), false),
  ('in ten years', jsonb_build_object('N', pg_temp.seconds(3650 * 86400)), false),
  ('milliseconds', jsonb_build_object('N', trunc(pg_temp.seconds(-3600)::numeric * 1000)::text), false),
  ('zero', '{"N": "0"}', false),
  ('negative', '{"N": "-1"}', false),
  ('tiny', '{"N": "1E-130"}', false),
  ('huge', '{"N": "9.9E125"}', false),
  ('a string', jsonb_build_object('S', pg_temp.seconds(-60)), false),
  ('a set', jsonb_build_object('NS', jsonb_build_array(pg_temp.seconds(-60))), false),
  ('a list', jsonb_build_object('L', jsonb_build_array(jsonb_build_object('N', pg_temp.seconds(-60)))), false),
  ('deeper down', jsonb_build_object('M', jsonb_build_object('expires', jsonb_build_object('N', pg_temp.seconds(-60)))), false),
  ('null', '{"NULL": true}', false),
  ('a boolean', '{"BOOL": true}', false),
  ('absent', NULL, false);
SELECT count(ddb_put('Items', jsonb_build_object('id', jsonb_build_object('S', id), 'color', '{"S": "red"}'::jsonb) ||
  CASE WHEN value IS NULL THEN '{}' ELSE jsonb_build_object('expires', value) END)) FROM cases \g /dev/null
-- attribute names are case-sensitive, and items of any size expire
SELECT count(ddb_put('Items', jsonb_build_object('id', '{"S": "another name"}'::jsonb, 'Expires', jsonb_build_object('N', pg_temp.seconds(-60))))) \g /dev/null
SELECT count(ddb_put('Items', jsonb_build_object('id', '{"S": "long"}'::jsonb, 'expires', jsonb_build_object('N', pg_temp.seconds(-60)),
  'text', jsonb_build_object('S', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 10000) i))))) \g /dev/null
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('Items')$$), '55000 time to live is not enabled for table "Items"', 'not enabled');
SELECT is(pg_temp.live('Items', 'expires'), '{"TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}}', 'enabled');
SELECT is(ddb.expire_items('Items'), (SELECT count(*) FROM cases WHERE expires) + 1, 'number of items deleted');
SELECT is(ddb_get('Items', jsonb_build_object('id', jsonb_build_object('S', id))) IS NULL, expires, id) FROM cases;
SELECT isnt(ddb_get('Items', '{"id": {"S": "another name"}}'), NULL, 'another name');
SELECT is(ddb_get('Items', '{"id": {"S": "long"}}'), NULL, 'a long item');
SELECT is(count(*), (SELECT count(*) FROM cases WHERE NOT expires), 'they are gone from the index too')
FROM ddb_query('Items', 'color = :c', '{":c": {"S": "red"}}', index_name => 'by_color');
SELECT is(ddb_index_check('ddb_data."Items:by_color"'), (SELECT count(*) FROM cases WHERE NOT expires), 'which is right');
SELECT is(ddb.expire_items('Items'), 0::bigint, 'nothing more');

-- an item written in the same transaction, and one whose deletion is taken back
SELECT count(ddb_put('Items', jsonb_build_object('id', '{"S": "own"}'::jsonb, 'expires', jsonb_build_object('N', pg_temp.seconds(-60))))) \g /dev/null
SAVEPOINT s;
SELECT is(ddb.expire_items('Items'), 1::bigint, 'one''s own item');
ROLLBACK TO s;
SELECT isnt(ddb_get('Items', '{"id": {"S": "own"}}'), NULL, 'it is back');
SELECT is(ddb.expire_items('Items'), 1::bigint, 'and goes again');
SELECT is(ddb.expire_items('arn:aws:dynamodb:us-east-1:000000000000:table/Items'), 0::bigint, 'a table''s ARN');

-- other attributes: a key, a name of 255 characters
SELECT pg_temp.live('Items', 'expires', false) \g /dev/null
SELECT is(ddb_request('DescribeTimeToLive', '{"TableName": "Items"}'), '{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}', 'disabled');
SELECT is(count(*), 0::bigint, 'and not in the view') FROM ddb_ttl WHERE table_name = 'Items';
SELECT count(ddb_create_table('Keys', 'id S', 'at N')) \g /dev/null
SELECT count(ddb_put('Keys', jsonb_build_object('id', '{"S": "a"}'::jsonb, 'at', jsonb_build_object('N', pg_temp.seconds(CASE WHEN d < 0 THEN d ELSE d + 60 END))))) FROM generate_series(-50, 49) d \g /dev/null
SELECT pg_temp.live('Keys', 'at') \g /dev/null
SELECT is(ddb.expire_items('Keys'), 50::bigint, 'a sort key');
SELECT is(pg_temp.live('Items', repeat('n', 255)) #>> '{TimeToLiveSpecification,AttributeName}', repeat('n', 255), 'a long name');
SELECT count(ddb_put('Items', jsonb_build_object('id', '{"S": "own"}'::jsonb, repeat('n', 255), jsonb_build_object('N', pg_temp.seconds(-60))))) \g /dev/null
SELECT is(ddb.expire_items('Items'), 1::bigint, 'of the attribute');
SELECT is(pg_temp.refusal($$SELECT pg_temp.live('Keys', repeat('n', 256), false)$$) LIKE '% Member must have length less than or equal to 255', true, 'too long a name');
SELECT is(pg_temp.refusal($$SELECT pg_temp.live('Keys', '', false)$$) LIKE '% Member must have length greater than or equal to 1', true, 'no name');

-- ... and the view
SELECT is((attribute, last_round, items_deleted, failure, blocks > 0)::text, '(at,,,,t)', 'a table that the worker has not seen yet')
FROM ddb_ttl WHERE table_name = 'Keys';

-- who may, and where
CREATE ROLE ddb_ttl_other;
GRANT ALL ON ddb_data."Keys" TO ddb_ttl_other;
SET ROLE ddb_ttl_other;
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('Keys')$$), '42501 must be owner of table Keys', 'rights are not enough, one must be the owner');
SELECT is(pg_temp.refusal($$SELECT pg_temp.live('Keys', 'at', false)$$), '42501 must be owner of table Keys', 'to disable it too');
SELECT is(count(*) > 0, true, 'anybody sees how it goes') FROM ddb_ttl;
RESET ROLE;
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('None')$$), 'DY003 Requested resource not found: Table: None not found', 'no such table');
SELECT is(ddb.expire_items(NULL), NULL, 'no table');

-- what a direct deletion would pass by
CREATE FUNCTION pg_temp.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
CREATE TRIGGER mine BEFORE DELETE ON ddb_data."Keys" FOR EACH ROW EXECUTE FUNCTION pg_temp.t();
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('Keys')$$), '0A000 table "Keys" has a trigger, which ddb''s own writes would pass by', 'a table with a trigger');
DROP TRIGGER mine ON ddb_data."Keys";
CREATE PUBLICATION ddb_ttl_keys FOR TABLE ddb_data."Keys";
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('Keys')$$), '55000 cannot delete from table "Keys" because it does not have a replica identity and publishes deletes', 'a published table without a replica identity');
DROP PUBLICATION ddb_ttl_keys;
SELECT lives_ok($$SELECT ddb.expire_items('Keys')$$, 'without them');
SET LOCAL transaction_read_only = on;
SELECT is(pg_temp.refusal($$SELECT ddb.expire_items('Keys')$$), '25006 cannot execute ddb.expire_items() in a read-only transaction', 'a read-only transaction');

SELECT finish();
ROLLBACK;
