-- Global indexes added and dropped by UpdateTable, in transactions that others see:
-- by the API, where a worker builds them if there is one, and by SQL.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

\ir ../psql/refusal.psql
CREATE FUNCTION pg_temp.update(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('UpdateTable', '{"TableName": "Upd"}' || more) -> 'TableDescription' $$;
CREATE FUNCTION pg_temp.now() RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('DescribeTable', '{"TableName": "Upd"}') -> 'Table' $$;
CREATE FUNCTION pg_temp.index_now(name text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_path_query_first(pg_temp.now(), '$.GlobalSecondaryIndexes[*] ? (@.IndexName == $n)', jsonb_build_object('n', name)) $$;

SELECT no_plan();
SELECT ddb_create_table('Upd', 'a S', global_indexes => '{"gsi": {"partition_key": "g S"}}') \g /dev/null
SELECT ddb_put('Upd', '{"a": {"S": "1"}, "h": {"N": "5"}}') \g /dev/null
SELECT pg_temp.update('{"AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "N"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "new", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}}]}') \g /dev/null
DO $$ BEGIN
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN (SELECT status FROM ddb.indexes WHERE table_name = 'Upd' AND index_name = 'new') = 'ACTIVE';
    COMMIT;
    PERFORM pg_sleep(0.05);
    COMMIT;
  END LOOP;
END $$;
SELECT is(pg_temp.index_now('new') ->> 'IndexStatus', 'ACTIVE', 'it becomes ACTIVE');
SELECT is(pg_temp.index_now('new') ? 'Backfilling', false, 'without Backfilling');
SELECT is(pg_temp.now() ->> 'TableStatus', 'ACTIVE', 'so does the table');
SELECT is(ddb_request('Query', '{"TableName": "Upd", "IndexName": "new", "KeyConditionExpression": "h = :h", "ExpressionAttributeValues": {":h": {"N": "5"}}}') -> 'Items', '[{"a": {"S": "1"}, "h": {"N": "5"}}]', 'and it is complete');
SELECT is(jsonb_path_query_first(pg_temp.update('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "new"}}]}'), '$.GlobalSecondaryIndexes[*] ? (@.IndexName == "new").IndexStatus'), '"DELETING"', 'the answer to Delete');
SELECT is(pg_temp.index_now('new'), NULL, 'it is gone');
SELECT is(pg_temp.now() -> 'AttributeDefinitions' @> '[{"AttributeName": "h"}]', false, 'with its attribute');
SELECT is(pg_temp.refusal('Query', '{"TableName": "Upd", "IndexName": "new", "KeyConditionExpression": "h = :h", "ExpressionAttributeValues": {":h": {"N": "5"}}}'), 'ValidationException: The table does not have the specified index: new', 'no index to query');

-- The SQL functions are done when they return.
SELECT is(ddb_update_table('{"TableName": "Upd", "AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "N"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "new", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}}]}'::jsonb) ->> 'TableStatus', 'ACTIVE', 'by SQL: ACTIVE');
SELECT is(count(*), 1::bigint, 'by SQL: filled') FROM ddb_query('Upd', 'h = :h', '{":h": {"N": "5"}}', index_name => 'new');
SELECT ddb_delete_table('Upd') \g /dev/null

-- An index by the API next to one with another limit for the same attribute, in either order.
SELECT ddb_create_table(t, 'a S') FROM unnest(ARRAY['UpdA', 'UpdB']) t \g /dev/null
SELECT ddb_put(t, jsonb_build_object('a', jsonb_build_object('S', size::text), 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', size))))
FROM unnest(ARRAY['UpdA', 'UpdB']) t, unnest(ARRAY[1024, 1025, 2048, 2049]) size \g /dev/null
CREATE PROCEDURE pg_temp.add(table_name text, index_name text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_request('UpdateTable', jsonb_build_object('TableName', table_name,
    'AttributeDefinitions', '[{"AttributeName": "c", "AttributeType": "S"}, {"AttributeName": "x", "AttributeType": "S"}]'::jsonb,
    'GlobalSecondaryIndexUpdates', jsonb_build_array(jsonb_build_object('Create', jsonb_build_object('IndexName', index_name, 'Projection', '{"ProjectionType": "ALL"}'::jsonb,
      'KeySchema', CASE index_name WHEN 'gpart' THEN '[{"AttributeName": "x", "KeyType": "HASH"}]'::jsonb
                   ELSE '[{"AttributeName": "c", "KeyType": "HASH"}, {"AttributeName": "x", "KeyType": "RANGE"}]' END)))));
  COMMIT;
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN (SELECT i.status FROM ddb.indexes i WHERE i.table_name = add.table_name AND i.index_name = add.index_name) = 'ACTIVE';
    COMMIT;
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;
CALL pg_temp.add('UpdA', 'gpart');
CALL pg_temp.add('UpdA', 'gsort');
CALL pg_temp.add('UpdB', 'gsort');
CALL pg_temp.add('UpdB', 'gpart');
SELECT is((SELECT array_agg(i #>> '{a,S}' ORDER BY i #>> '{a,S}') FROM ddb_scan(t, index_name => x) i), held::text[], t || ': ' || x)
FROM unnest(ARRAY['UpdA', 'UpdB']) t, (VALUES ('gpart', '{1024,1025,2048}'), ('gsort', '{1024}')) v(x, held);
SELECT ddb_delete_table(t) FROM unnest(ARRAY['UpdA', 'UpdB']) t \g /dev/null

-- Attribute numbers last for ever: 2,000 indexes, each on attributes of its own.
SELECT ddb_create_table('Cycle', 'id N') \g /dev/null
DO $$ BEGIN
  FOR i IN 1 .. 2000 LOOP
    PERFORM ddb_update_table('Cycle', jsonb_build_object('gsi', jsonb_build_object('partition_key', 'a' || i || ' S', 'sort_key', 'b' || i || ' ' || substr('SN', i % 2 + 1, 1))));
    COMMIT;
    PERFORM ddb_update_table('Cycle', drop_index => 'gsi');
    COMMIT;
  END LOOP;
END $$;
SELECT cmp_ok((SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'ddb_data."Cycle"'::regclass)::int, '<', 10, '2,000 indexes: columns are reused');
SELECT ddb_update_table('Cycle', '{"gsi": {"partition_key": "x S", "sort_key": "y S"}}') \g /dev/null
SELECT ddb_put('Cycle', '{"id": {"N": "1"}, "x": {"S": "x"}, "y": {"S": "y"}}') \g /dev/null
SELECT is(count(*), 1::bigint, '2,000 indexes: the next one works') FROM ddb_query('Cycle', 'x = :x', '{":x": {"S": "x"}}', index_name => 'gsi');
SELECT ddb_delete_table('Cycle') \g /dev/null

SELECT * FROM finish();
