-- ItemCount, TableSizeBytes, IndexSizeBytes: exact for small tables, near the truth for
-- larger ones, with or without statistics.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(29);

-- "items bytes" of the table or an index of it
CREATE FUNCTION pg_temp.held(table_name text, index_name text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN index_name IS NULL THEN concat_ws(' ', t ->> 'ItemCount', t ->> 'TableSizeBytes')
    ELSE (SELECT concat_ws(' ', i ->> 'ItemCount', i ->> 'IndexSizeBytes')
          FROM jsonb_array_elements(coalesce(t -> 'GlobalSecondaryIndexes', '[]') || coalesce(t -> 'LocalSecondaryIndexes', '[]')) i WHERE i ->> 'IndexName' = index_name) END
  FROM (SELECT ddb_request('DescribeTable', jsonb_build_object('TableName', table_name)) -> 'Table') d(t)
$$;
-- what the items say
CREATE FUNCTION pg_temp.told(table_name text, index_name text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', count(*), coalesce(sum(ddb_item_size(i)), 0)) FROM ddb_scan(table_name, index_name => index_name) i
$$;

SELECT ddb_create_table('Small', 'pk S', 'sk N',
  global_indexes => '{"all": {"partition_key": "g S"}, "keys": {"partition_key": "g S", "sort_key": "n N", "projection": "KEYS_ONLY"}, "some": {"partition_key": "n N", "projection": ["v"]}}',
  local_indexes => '{"lsi": {"sort_key": "l S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT is(pg_temp.held('Small'), '0 0', 'an empty table');
SELECT is(pg_temp.held('Small', i), '0 0', 'and its index ' || i) FROM unnest('{all,keys,some,lsi}'::text[]) i;
SELECT count(ddb_put('Small', jsonb_strip_nulls(jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 7), 'sk', jsonb_build_object('N', i::text),
  'g', CASE WHEN i % 10 = 0 THEN '{"S": "g"}'::jsonb END, 'n', CASE WHEN i % 4 = 0 THEN jsonb_build_object('N', (i % 3)::text) END,
  'l', CASE WHEN i % 50 = 0 THEN '{"S": "l"}'::jsonb END, 'v', jsonb_build_object('S', repeat('ä', i)))))) FROM generate_series(1, 300) i \g /dev/null
SELECT ddb_delete('Small', '{"pk": {"S": "p0"}, "sk": {"N": "280"}}') \g /dev/null
SELECT ddb_update('Small', '{"pk": {"S": "p1"}, "sk": {"N": "1"}}', 'SET v = :v', "values" => jsonb_build_object(':v', jsonb_build_object('S', repeat('long', 50000)))) \g /dev/null
SELECT is(pg_temp.held('Small'), pg_temp.told('Small'), 'a small table is counted, and what TOAST holds of it');
SELECT is(pg_temp.held('Small', i), pg_temp.told('Small', i), 'so is its index ' || i) FROM unnest('{all,keys,some,lsi}'::text[]) i;
SELECT is(split_part(pg_temp.held('Small', i), ' ', 1)::int, n, i || ' is sparse') FROM (VALUES ('all', 29), ('keys', 14), ('some', 74), ('lsi', 6)) v(i, n);
ANALYZE ddb_data."Small";
SELECT is(pg_temp.held('Small'), pg_temp.told('Small'), 'ANALYZE changes nothing');
SELECT is(pg_temp.held('Small', i), pg_temp.told('Small', i), 'nor for index ' || i) FROM unnest('{all,keys,some,lsi}'::text[]) i;
SELECT is(ddb_request('UpdateTable', '{"TableName": "Small", "DeletionProtectionEnabled": true}') -> 'TableDescription' ->> 'ItemCount', '299', 'UpdateTable tells them, too');
SELECT ddb_request('UpdateTable', '{"TableName": "Small", "DeletionProtectionEnabled": false}') \g /dev/null
SELECT is(ddb_request('DeleteTable', '{"TableName": "Small"}') -> 'TableDescription' ->> 'ItemCount', '299', 'and DeleteTable');

-- 20,000 items of 280 bytes: one in two in one index, one in a thousand in another
SELECT ddb_create_table('Large', 'pk S', global_indexes => '{"half": {"partition_key": "h S"}, "few": {"partition_key": "f N", "projection": "KEYS_ONLY"}}') \g /dev/null
INSERT INTO ddb_data."Large" (item)
SELECT jsonb_strip_nulls(jsonb_build_object('pk', jsonb_build_object('S', i::text), 'v', jsonb_build_object('S', repeat(md5(i::text), 8)),
  'h', CASE WHEN i % 2 = 0 THEN '{"S": "h"}'::jsonb END, 'f', CASE WHEN i % 1000 = 0 THEN jsonb_build_object('N', i::text) END)) FROM generate_series(1, 20000) i;
SELECT cmp_ok(pg_relation_size('ddb_data."Large"'), '>', 5000000::bigint, 'too large to be read whole');
CREATE FUNCTION pg_temp.off(index_name text, part int) RETURNS numeric LANGUAGE sql AS $$
  SELECT abs(split_part(pg_temp.held('Large', index_name), ' ', part)::numeric / split_part(pg_temp.told('Large', index_name), ' ', part)::numeric - 1)
$$;
SELECT cmp_ok(pg_temp.off(NULL, 1), '<', 0.1, 'items, without statistics');
SELECT cmp_ok(pg_temp.off(NULL, 2), '<', 0.1, 'their bytes');
SELECT cmp_ok(pg_temp.off('half', part), '<', 0.2, 'of the index, ' || part) FROM generate_series(1, 2) part;
SELECT is(pg_temp.held('Large', 'few'), pg_temp.told('Large', 'few'), 'an index of few items is counted');
DELETE FROM ddb_data."Large" WHERE (item #>> '{pk,S}')::int > 10000;
SELECT cmp_ok(pg_temp.off(NULL, 1), '<', 0.35, 'half of them deleted, not vacuumed');
SELECT is(pg_temp.held('Large', 'few'), pg_temp.told('Large', 'few'), 'few are counted again');

SELECT * FROM finish();
ROLLBACK;
