-- What an index holds depends on that index alone: whatever was there before, and in
-- whichever order indexes came.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT no_plan();
\ir ../psql/refusal.psql

-- items whose x has so many bytes
CREATE FUNCTION pg_temp.fill(table_name text) RETURNS void LANGUAGE sql AS $$
  SELECT ddb_put(table_name, jsonb_build_object('p', jsonb_build_object('S', size::text), 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', size))))
  FROM unnest(ARRAY[1024, 1025, 2048, 2049]) size
$$;
CREATE FUNCTION pg_temp.held(table_name text, index_name text) RETURNS text[] LANGUAGE sql AS $$
  SELECT array_agg(i #>> '{p,S}' ORDER BY i #>> '{p,S}') FROM ddb_scan(table_name, index_name => index_name) i
$$;
CREATE FUNCTION pg_temp.add(table_name text, index_name text) RETURNS void LANGUAGE sql AS $$
  SELECT ddb_update_table(table_name, jsonb_build_object(index_name, CASE index_name
    WHEN 'gpart' THEN '{"partition_key": "x S"}'::jsonb
    WHEN 'gsort' THEN '{"partition_key": "c S", "sort_key": "x S"}'
    WHEN 'gsort2' THEN '{"partition_key": "p S", "sort_key": "x S"}'
    WHEN 'gkey' THEN '{"partition_key": "c S", "sort_key": "p S"}' END))
$$;

-- one after the other, in either order, with and without c as the table's sort key
SELECT ddb_create_table('Part1st', 'p S') \g /dev/null
SELECT ddb_create_table('Sort1st', 'p S') \g /dev/null
SELECT ddb_create_table('Part1stC', 'p S', 'c S') \g /dev/null
SELECT ddb_create_table('Sort1stC', 'p S', 'c S') \g /dev/null
SELECT pg_temp.fill(t) FROM unnest(ARRAY['Part1st', 'Sort1st', 'Part1stC', 'Sort1stC']) t \g /dev/null
SELECT pg_temp.add(t, 'gpart') FROM unnest(ARRAY['Part1st', 'Part1stC']) t \g /dev/null
SELECT is(pg_temp.held(t, 'gpart'), '{1024,1025,2048}', t || ': gpart alone') FROM unnest(ARRAY['Part1st', 'Part1stC']) t;
SELECT pg_temp.add(t, 'gsort') FROM unnest(ARRAY['Part1st', 'Sort1st', 'Part1stC', 'Sort1stC']) t \g /dev/null
SELECT pg_temp.add(t, 'gpart') FROM unnest(ARRAY['Sort1st', 'Sort1stC']) t \g /dev/null
SELECT pg_temp.add(t, 'gsort2') FROM unnest(ARRAY['Part1st', 'Sort1st']) t \g /dev/null
SELECT unnest(ARRAY[is(pg_temp.held(t, 'gpart'), '{1024,1025,2048}', t || ': gpart has what fits a partition key'),
       is(pg_temp.held(t, 'gsort'), '{1024}', t || ': gsort has what fits a sort key')])
FROM unnest(ARRAY['Part1st', 'Sort1st', 'Part1stC', 'Sort1stC']) t;
SELECT is(pg_temp.held(t, 'gsort2'), '{1024}', t || ': so has another one') FROM unnest(ARRAY['Part1st', 'Sort1st']) t;
SELECT is(jsonb_path_query_array(ddb_describe_table(t), '$.AttributeDefinitions[*].AttributeName') @> '["x"]' AND
          jsonb_array_length(ddb_describe_table(t) -> 'AttributeDefinitions') = 3, true, t || ': x is defined once')
FROM unnest(ARRAY['Part1st', 'Sort1st', 'Part1stC', 'Sort1stC']) t;

-- both answer queries, and show what an item is to become
SELECT unnest(ARRAY[is((SELECT array_agg(i #>> '{p,S}') FROM ddb_query(t, 'x = :x', jsonb_build_object(':x', jsonb_build_object('S', repeat('x', 2048))), index_name => 'gpart') i), '{2048}', t || ': a query of gpart'),
       is((SELECT array_agg(i #>> '{p,S}') FROM ddb_query(t, 'c = :c AND begins_with(x, :x)', '{":c": {"S": "c"}, ":x": {"S": "x"}}', index_name => 'gsort') i), '{1024}', t || ': a query of gsort')])
FROM unnest(ARRAY['Part1st', 'Sort1st', 'Part1stC', 'Sort1stC']) t;

-- what is written is checked by the rules of all indexes, but for what an update leaves alone
SELECT throws_ok(format($$SELECT ddb_put(%L, '{"p": {"S": "new"}, "c": {"S": "c"}, "x": {"S": "%s"}}')$$, t, repeat('x', 1025)), 'DY001',
  'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes', t || ': a put obeys both') FROM unnest(ARRAY['Part1st', 'Sort1st']) t;
SELECT is(ddb_update(t, jsonb_build_object('p', jsonb_build_object('S', size)), 'SET y = :y', "values" => '{":y": {"N": "1"}}'), NULL, format('%s: an update of %s', t, size))
FROM unnest(ARRAY['Part1st', 'Sort1st']) t, unnest(ARRAY['1024', '1025', '2048', '2049']) size;
SELECT unnest(ARRAY[is(pg_temp.held(t, 'gpart'), '{1024,1025,2048}', t || ': gpart after it'), is(pg_temp.held(t, 'gsort'), '{1024}', t || ': gsort after it')])
FROM unnest(ARRAY['Part1st', 'Sort1st']) t;
SELECT is(ddb_update(t, '{"p": {"S": "2049"}}', 'SET x = :x', "values" => '{":x": {"S": "short"}}'), NULL, t || ': now it fits') FROM unnest(ARRAY['Part1st', 'Sort1st']) t;
SELECT unnest(ARRAY[is(pg_temp.held(t, 'gpart'), '{1024,1025,2048,2049}', t || ': and is in gpart'), is(pg_temp.held(t, 'gsort'), '{1024,2049}', t || ': and in gsort')])
FROM unnest(ARRAY['Part1st', 'Sort1st']) t;
SELECT ddb_update(t, '{"p": {"S": "1024"}}', 'REMOVE x') FROM unnest(ARRAY['Part1st', 'Sort1st']) t \g /dev/null
SELECT unnest(ARRAY[is(pg_temp.held(t, 'gpart'), '{1025,2048,2049}', t || ': gone from gpart'), is(pg_temp.held(t, 'gsort'), '{2049}', t || ': and from gsort')])
FROM unnest(ARRAY['Part1st', 'Sort1st']) t;

-- one goes and comes back: the other is as it was, and the columns are used again
SELECT ddb_update_table('Part1st', drop_index => 'gpart') \g /dev/null
SELECT is(pg_temp.held('Part1st', 'gsort'), '{2049}', 'gsort without gpart');
SELECT pg_temp.add('Part1st', 'gpart') \g /dev/null
SELECT is(pg_temp.held('Part1st', 'gpart'), '{1025,2048,2049}', 'gpart again');
SELECT ddb_update_table('Part1st', drop_index => 'gsort') \g /dev/null
SELECT ddb_update_table('Part1st', drop_index => 'gsort2') \g /dev/null
SELECT is(pg_temp.held('Part1st', 'gpart'), '{1025,2048,2049}', 'gpart without them');
SELECT ddb_put('Part1st', jsonb_build_object('p', '{"S": "1500"}'::jsonb, 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', 1500)))) \g /dev/null
SELECT pg_temp.add('Part1st', 'gsort') \g /dev/null
SELECT unnest(ARRAY[is(pg_temp.held('Part1st', 'gsort'), '{2049}', 'gsort again'), is(pg_temp.held('Part1st', 'gpart'), '{1025,1500,2048,2049}', 'gpart then')]);
DO $$ BEGIN
  FOR i IN 1 .. 20 LOOP
    PERFORM ddb_update_table('Part1st', drop_index => 'gpart');
    PERFORM pg_temp.add('Part1st', 'gpart');
    PERFORM ddb_update_table('Part1st', drop_index => 'gsort');
    PERFORM pg_temp.add('Part1st', 'gsort');
  END LOOP;
END $$;
SELECT cmp_ok((SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'ddb_data."Part1st"'::regclass)::int, '<=', 7, 'coming and going takes no new columns');

-- both from the start: one column serves them, until one is gone
SELECT ddb_create_table('Both', 'p S', global_indexes => '{"gpart": {"partition_key": "x S"}, "gsort": {"partition_key": "c S", "sort_key": "x S"}}') \g /dev/null
SELECT ddb_put('Both', '{"p": {"S": "1"}, "c": {"S": "c"}, "x": {"S": "x"}}') \g /dev/null
SELECT ddb_update_table('Both', drop_index => 'gsort') \g /dev/null
SELECT pg_temp.fill('Both') WHERE false \g /dev/null
SELECT ddb_put('Both', jsonb_build_object('p', '{"S": "2048"}'::jsonb, 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', 2048)))) \g /dev/null
SELECT pg_temp.add('Both', 'gsort') \g /dev/null
SELECT unnest(ARRAY[is(pg_temp.held('Both', 'gpart'), '{1,2048}', 'gpart keeps the long one'), is(pg_temp.held('Both', 'gsort'), '{1}', 'a new gsort does not have it')]);

-- the table's own partition key as a sort key
SELECT ddb_create_table('Own', 'p S') \g /dev/null
SELECT ddb_put('Own', jsonb_build_object('p', jsonb_build_object('S', repeat('p', size)), 'c', '{"S": "c"}'::jsonb)) FROM unnest(ARRAY[1024, 1025]) size \g /dev/null
SELECT pg_temp.add('Own', 'gkey') \g /dev/null
SELECT is((SELECT array_agg(length(i #>> '{p,S}')) FROM ddb_scan('Own', index_name => 'gkey') i), '{1024}', 'a long key is not in the index');
SELECT is((SELECT count(*) FROM ddb_scan('Own')), 2::bigint, 'but in the table');
SELECT is(ddb_update('Own', jsonb_build_object('p', jsonb_build_object('S', repeat('p', 1025))), 'SET y = :y', "values" => '{":y": {"N": "1"}}', return_values => 'UPDATED_NEW'), '{"y": {"N": "1"}}', 'and can be updated');
SELECT is((SELECT array_agg(length(i #>> '{p,S}')) FROM ddb_query('Own', 'c = :c', '{":c": {"S": "c"}}', index_name => 'gkey') i), '{1024}', 'it stays out');
SELECT is(ddb_delete('Own', jsonb_build_object('p', jsonb_build_object('S', repeat('p', 1025))), return_values => 'ALL_OLD') -> 'y', '{"N": "1"}', 'and deleted');

-- no long key: the columns are shared, and plain SQL finds the index
SELECT ddb_create_table('Shared', 'p S', 's S', global_indexes => '{"gpart": {"partition_key": "x S"}}') \g /dev/null
SELECT ddb_put('Shared', jsonb_build_object('p', jsonb_build_object('S', repeat('p', size)), 's', '{"S": "s"}'::jsonb, 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', size)))) FROM unnest(ARRAY[1, 1024]) size \g /dev/null
SELECT ddb_update_table('Shared', '{"inverted": {"partition_key": "s S", "sort_key": "p S"}}') \g /dev/null
SELECT pg_temp.add('Shared', 'gsort') \g /dev/null
SELECT is((SELECT count(*) FROM pg_attribute WHERE attrelid = 'ddb_data."Shared"'::regclass AND attname LIKE 'sort:%'), 0::bigint, 'no column of its own');
SELECT is((SELECT count(*) FROM ddb_scan('Shared', index_name => i)), 2::bigint, i || ' has both items') FROM unnest(ARRAY['gpart', 'inverted', 'gsort']) i;
SELECT throws_ok(format($$SELECT ddb_put('Shared', '{"p": {"S": "%s"}, "s": {"S": "s"}}')$$, repeat('p', 1025)), 'DY001',
  'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes', 'a put obeys the index');
SELECT throws_ok(format($$SELECT ddb_update('Shared', '{"p": {"S": "%s"}, "s": {"S": "s"}}', 'SET y = :y', "values" => '{":y": {"N": "1"}}')$$, repeat('p', 1025)), 'DY001',
  'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes', 'so does an update that makes an item');
SELECT is(ddb_get('Shared', format('{"p": {"S": "%s"}, "s": {"S": "s"}}', repeat('p', 1025))::jsonb), NULL, 'a key of the table may be longer, there is just no item');

-- pages of an index whose sort key has a column of its own
SELECT ddb_put('Sort1st', jsonb_build_object('p', jsonb_build_object('S', 'page' || i), 'c', '{"S": "d"}'::jsonb, 'x', jsonb_build_object('S', 'x' || i))) FROM generate_series(1, 5) i \g /dev/null
SELECT is((WITH RECURSIVE pages AS (
    SELECT ddb_request('Query', q) AS page FROM (SELECT '{"TableName": "Sort1st", "IndexName": "gsort", "Limit": 2, "KeyConditionExpression": "c = :c", "ExpressionAttributeValues": {":c": {"S": "d"}}}'::jsonb) f(q)
    UNION ALL
    SELECT ddb_request('Query', '{"TableName": "Sort1st", "IndexName": "gsort", "Limit": 2, "KeyConditionExpression": "c = :c", "ExpressionAttributeValues": {":c": {"S": "d"}}}' || jsonb_build_object('ExclusiveStartKey', page -> 'LastEvaluatedKey')) FROM pages WHERE page ? 'LastEvaluatedKey')
  SELECT array_agg(i #>> '{x,S}') FROM pages, jsonb_array_elements(page -> 'Items') i), '{x1,x2,x3,x4,x5}', 'in pages');

-- an item of another type, or empty, that was there before the index
SELECT ddb_create_table('Hello', 'pk S') \g /dev/null
SELECT ddb_put('Hello', item::jsonb) FROM (VALUES ('{"pk": {"S": "1"}, "x": {"N": "1"}}'), ('{"pk": {"S": "2"}, "x": {"S": ""}}'), ('{"pk": {"S": "3"}, "x": {"M": {"a": {"S": "b"}}}}')) i(item) \g /dev/null
SELECT ddb_update_table('Hello', '{"hello": {"partition_key": "x S"}}') \g /dev/null
SELECT is((SELECT count(*) FROM ddb_scan('Hello', index_name => 'hello')), 0::bigint, 'none of them fits');
SELECT is(ddb_update('Hello', jsonb_build_object('pk', jsonb_build_object('S', k)), 'SET y = :y', "values" => '{":y": {"N": "1"}}', return_values => 'UPDATED_NEW'), '{"y": {"N": "1"}}', 'an update of ' || k) FROM unnest(ARRAY['1', '2', '3']) k;
SELECT is(ddb_request('UpdateItem', '{"TableName": "Hello", "Key": {"pk": {"S": "1"}}, "AttributeUpdates": {"y": {"Value": {"N": "2"}}}}'), '{}', 'by AttributeUpdates');
SELECT is(ddb_request('TransactWriteItems', '{"TransactItems": [{"Update": {"TableName": "Hello", "Key": {"pk": {"S": "1"}}, "UpdateExpression": "ADD y :y", "ExpressionAttributeValues": {":y": {"N": "1"}}}}]}'), '{}', 'in a transaction');
UPDATE ddb_data."Hello" SET item = item || '{"z": {"N": "1"}}';
SELECT is(ddb_get('Hello', '{"pk": {"S": "1"}}'), '{"pk": {"S": "1"}, "x": {"N": "1"}, "y": {"N": "3"}, "z": {"N": "1"}}', 'and in SQL');
DO $$ BEGIN
  CREATE TEMP TABLE dumped ON COMMIT DROP AS SELECT * FROM ddb_data."Hello";
  DELETE FROM ddb_data."Hello";
  INSERT INTO ddb_data."Hello" SELECT * FROM dumped;
END $$;
SELECT is((SELECT count(*) FROM ddb_scan('Hello')), 3::bigint, 'rows of a dump come back');
SELECT throws_ok($$INSERT INTO ddb_data."Hello" (item) VALUES ('{"pk": {"S": "4"}, "x": {"N": "2"}}')$$, 'DY001',
  'One or more parameter values were invalid: Type mismatch for Index Key x Expected: S Actual: N IndexName: hello', 'a new item is checked');
SELECT throws_ok($$UPDATE ddb_data."Hello" SET item = item || '{"x": {"N": "2"}}'$$, 'DY001',
  'One or more parameter values were invalid: Type mismatch for Index Key x Expected: S Actual: N IndexName: hello', 'but x itself is checked');
SELECT throws_ok(format($$SELECT ddb_update('Hello', '{"pk": {"S": "1"}}', 'SET x = :v', "values" => '{":v": %s}')$$, v), 'DY001', message, 'SET x to ' || v) FROM (VALUES
  ('{"M": {}}', 'One or more parameter values were invalid: Type mismatch for Index Key x Expected: S Actual: M IndexName: hello'),
  ('{"N": "1"}', 'One or more parameter values were invalid: Type mismatch for Index Key x Expected: S Actual: N IndexName: hello'),
  ('{"S": ""}', 'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.')) t (v, message);
SELECT throws_ok($$SELECT ddb_update('Hello', '{"pk": {"S": "1"}}', 'SET x = y')$$, 'DY001',
  'The update expression attempted to update the secondary index key to unsupported type', 'from another attribute');
SELECT is(pg_temp.refusal('TransactWriteItems', '{"TransactItems": [{"Update": {"TableName": "Hello", "Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"S": ""}}}}]}'),
  'ValidationException: One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.', 'an empty one is found before a transaction begins');
SELECT throws_ok($$SELECT ddb_put('Hello', '{"pk": {"S": "1"}, "x": {"N": "1"}}')$$, 'DY001',
  'One or more parameter values were invalid: Type mismatch for Index Key x Expected: S Actual: N IndexName: hello', 'a put brings x');
SELECT is(ddb_update('Hello', '{"pk": {"S": "1"}}', 'SET x = :v', "values" => '{":v": {"S": "fits"}}'), NULL, 'a value that fits');
SELECT is((SELECT count(*) FROM ddb_scan('Hello', index_name => 'hello')), 1::bigint, 'is in the index');

-- a path into a key attribute is refused everywhere
SELECT is(pg_temp.refusal(operation, '{"TableName": "Hello"}' || request::jsonb), 'ValidationException: Key attributes must be scalars; list random access ''[]'' and map lookup ''.'' are not allowed: ' || key, operation || ' ' || request) FROM (VALUES
  ('GetItem', '{"Key": {"pk": {"S": "1"}}, "ProjectionExpression": "pk.a"}', 'Key: pk'),
  ('GetItem', '{"Key": {"pk": {"S": "1"}}, "ProjectionExpression": "y, x[0]"}', 'IndexKey: x'),
  ('PutItem', '{"Item": {"pk": {"S": "1"}}, "ConditionExpression": "attribute_exists(pk[1])"}', 'Key: pk'),
  ('PutItem', '{"Item": {"pk": {"S": "1"}}, "ConditionExpression": "attribute_exists(y) AND NOT x.a.b = x"}', 'IndexKey: x'),
  ('DeleteItem', '{"Key": {"pk": {"S": "1"}}, "ConditionExpression": "size(#p.a) > y", "ExpressionAttributeNames": {"#p": "pk"}}', 'Key: pk'),
  ('UpdateItem', '{"Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET pk.a = y"}', 'Key: pk'),
  ('UpdateItem', '{"Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET x.a = y"}', 'IndexKey: x'),
  ('UpdateItem', '{"Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET y = if_not_exists(x[0], y)"}', 'IndexKey: x'),
  ('UpdateItem', '{"Key": {"pk": {"S": "1"}}, "UpdateExpression": "REMOVE y, x[1]"}', 'IndexKey: x'),
  ('UpdateItem', '{"Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET y = y", "ConditionExpression": "pk.a = y"}', 'Key: pk'),
  ('Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "1"}}, "FilterExpression": "attribute_exists(x.a)"}', 'IndexKey: x'),
  ('Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "1"}}, "ProjectionExpression": "pk[0]"}', 'Key: pk'),
  ('Scan', '{"FilterExpression": "attribute_exists(pk.a)"}', 'Key: pk'),
  ('Scan', '{"ProjectionExpression": "x.a"}', 'IndexKey: x')) t (operation, request, key);
SELECT is(pg_temp.refusal('BatchGetItem', '{"RequestItems": {"Hello": {"Keys": [{"pk": {"S": "1"}}], "ProjectionExpression": "x.a"}}}'), 'ValidationException: Key attributes must be scalars; list random access ''[]'' and map lookup ''.'' are not allowed: IndexKey: x', 'BatchGetItem');

SELECT * FROM finish();
ROLLBACK;
