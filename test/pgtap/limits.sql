-- Sizes: items, nesting, expressions, values; and that a refused call changes nothing.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(63);

SELECT ddb_create_table('Limits', 'pk S', global_indexes => '{"gsi": {"partition_key": "gp S"}}') \g /dev/null

-- an item of size bytes in all: 3 for pk and its value, the rest v
CREATE FUNCTION pg_temp.sized(size integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('pk', '{"S": "k"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', size - 4)))
$$;
SELECT is(ddb_item_size(pg_temp.sized(409600)), 409600, 'size of an item');
SELECT is(ddb_put('Limits', pg_temp.sized(409600)), NULL, 'the largest item');
SELECT is(ddb_get('Limits', '{"pk": {"S": "k"}}') = pg_temp.sized(409600), true, 'comes back');
SELECT throws_ok('SELECT ddb_put(''Limits'', pg_temp.sized(409601))', 'DY001', 'Item size has exceeded the maximum allowed size', 'one byte more');
SELECT throws_ok($$SELECT ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET v = :v', "values" => jsonb_build_object(':v', jsonb_build_object('S', repeat('y', 409597))))$$,
  'DY001', 'Item size to update has exceeded the maximum allowed size', 'one byte more by update');
SELECT is(ddb_get('Limits', '{"pk": {"S": "k"}}') = pg_temp.sized(409600), true, 'the item is as it was');
SELECT throws_ok($$SELECT ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET w = :v', "values" => '{":v": {"S": ""}}')$$,
  'DY001', 'Item size to update has exceeded the maximum allowed size', 'a new attribute makes it too large');
-- UpdateItem has a limit for the statement besides: 3, and 19 with target and value for each SET
CREATE FUNCTION pg_temp.value(size integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(':v', jsonb_build_object('S', repeat('y', size)))
$$;
SELECT is(ddb_put('Limits', jsonb_build_object('pk', '{"S": "k"}'::jsonb, 'o', jsonb_build_object('S', repeat('o', 18)))), NULL, 'beside 22 other bytes');
SELECT is(ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET v = :v', "values" => pg_temp.value(409577)), NULL, 'the largest by update');
SELECT is(ddb_item_size(ddb_get('Limits', '{"pk": {"S": "k"}}')), 409600, 'is stored');
CREATE FUNCTION pg_temp.charged(expression text, size integer, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_update('Limits', '{"pk": {"S": "charge"}}', expression, condition => 'attribute_exists(nowhere)', "values" => pg_temp.value(size) || more);
  RETURN 'stored';
EXCEPTION WHEN SQLSTATE 'DY001' OR SQLSTATE 'DY002' THEN
  RETURN SQLERRM;
END $$;
-- the largest value whose statement passes and comes to the condition, and one byte more
SELECT is(ARRAY[pg_temp.charged(expression, size, more), pg_temp.charged(expression, size + 1, more)],
  ARRAY['The conditional request failed', 'Item size to update has exceeded the maximum allowed size'], expression)
FROM (VALUES
  ('SET v = :v', 409577, '{}'),
  ('SET abc.de[12] = :v', 409563, '{}'),
  ('SET a = if_not_exists(bc, :v)', 409521, '{}'),
  ('SET a = list_append(lost, :l), v = :v', 409600 - 3 - (19 + 1 + 37 + 1 + 14 + 4 + 8) - 20, '{":l": {"L": [{"S": "four"}]}}'),
  ('SET a = b.c + :n, v = :v', 409600 - 3 - (19 + 1 + 34 + 1 + 15 + 15 + 2) - 20, '{":n": {"N": "12"}}'),
  ('SET a = b[3] - :n, v = :v', 409600 - 3 - (19 + 1 + 37 + 1 + 15 + 15 + 2) - 20, '{":n": {"N": "12"}}'),
  ('ADD s :ss SET v = :v', 409600 - 3 - (19 + 1 + 5) - 20, '{":ss": {"SS": ["ab", "cde"]}}'),
  ('REMOVE x, y.z DELETE s :ss SET v = :v', 409600 - 3 - 2 - 7 - 2 - 20, '{":ss": {"SS": ["ab", "cde"]}}')) AS t (expression, size, more_text),
  LATERAL (SELECT more_text::jsonb AS more) m;
SELECT is(pg_temp.charged('SET v = :v, w = :v', 204778), 'The conditional request failed', 'a value counts as often as it is used');
SELECT is(pg_temp.charged('SET v = :v, w = :v', 204779), 'Item size to update has exceeded the maximum allowed size', 'and no more');
SELECT throws_ok($$SELECT ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET d = :v REMOVE o, v', "values" => pg_temp.value(409590 - 6))$$,
  'DY001', 'Item size to update has exceeded the maximum allowed size', 'an item of 409,590 bytes by SET alone');
SELECT is(ddb_request('UpdateItem', jsonb_build_object('TableName', 'Limits', 'Key', '{"pk": {"S": "k"}}'::jsonb, 'AttributeUpdates', jsonb_build_object('o', '{"Action": "DELETE"}'::jsonb, 'v', jsonb_build_object('Value', jsonb_build_object('S', repeat('y', 409596)))))),
  '{}', 'AttributeUpdates have the limit of the item alone');
SELECT is(ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET w = :v REMOVE v', "values" => '{":v": {"S": "small"}}', return_values => 'ALL_NEW'),
  '{"pk": {"S": "k"}, "w": {"S": "small"}}', 'only the result counts');
SELECT throws_ok($$SELECT ddb_update('Limits', '{"pk": {"S": "other"}}', 'SET v = :v', "values" => jsonb_build_object(':v', jsonb_build_object('S', repeat('y', 409600))))$$,
  'DY001', 'Item size to update has exceeded the maximum allowed size', 'a new item too large by update');
SELECT is(ddb_get('Limits', '{"pk": {"S": "other"}}'), NULL, 'is not made');
SELECT throws_ok($$INSERT INTO ddb_data."Limits" (item) VALUES (pg_temp.sized(409601))$$, 'DY001', 'Item size has exceeded the maximum allowed size', 'by plain SQL');
-- UTF-8 counts by the byte, names too
SELECT throws_ok($$SELECT ddb_put('Limits', jsonb_build_object('pk', '{"S": "k"}'::jsonb, 'v', jsonb_build_object('S', repeat('€', 136532) || 'x')))$$,
  'DY001', 'Item size has exceeded the maximum allowed size', 'bytes, not characters');
SELECT is(ddb_put('Limits', jsonb_build_object('pk', '{"S": "k"}'::jsonb, 'v', jsonb_build_object('S', repeat('€', 136532)))), NULL, 'as many bytes as fit');
SELECT throws_ok($$SELECT ddb_put('Limits', jsonb_build_object('pk', '{"S": "k"}'::jsonb, repeat('n', 65536), '{"S": ""}'::jsonb))$$, 'DY001', NULL, 'a name too long');
SELECT is(ddb_put('Limits', jsonb_build_object('pk', '{"S": "k"}'::jsonb, repeat('n', 65535), '{"S": ""}'::jsonb)), NULL, 'the longest name');
SELECT is(ddb_put('Limits', (SELECT jsonb_object_agg('a' || i, '{"NULL": true}'::jsonb) || '{"pk": {"S": "many"}}' FROM generate_series(1, 20000) i)), NULL, 'many attributes');
SELECT is((SELECT count(*) FROM jsonb_object_keys(ddb_get('Limits', '{"pk": {"S": "many"}}'))), 20001::bigint, 'come back');

-- nesting
CREATE FUNCTION pg_temp.nested(depth integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT (repeat('{"L": [', depth) || '{"S": "x"}' || repeat(']}', depth))::jsonb
$$;
CREATE FUNCTION pg_temp.deep(depth integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('pk', '{"S": "deep"}'::jsonb, 'v', pg_temp.nested(depth))
$$;
CREATE FUNCTION pg_temp.deep_value(depth integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(':v', pg_temp.nested(depth))
$$;
SELECT is(ddb_put('Limits', pg_temp.deep(31)), NULL, '31 levels');
SELECT is(ddb_get('Limits', '{"pk": {"S": "deep"}}') -> 'v' = pg_temp.nested(31), true, 'come back');
SELECT throws_like(command, '%Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit', label) FROM (VALUES
  ($$SELECT ddb_put('Limits', pg_temp.deep(32))$$, '32 levels of a put'),
  ($$SELECT ddb_put('Limits', jsonb_build_object('pk', '{"S": "deep"}'::jsonb, 'v', (repeat('{"M": {"a": ', 32) || '{"NS": ["1"]}' || repeat('}}', 32))::jsonb))$$, '32 maps around a set'),
  ($$SELECT ddb_update('Limits', '{"pk": {"S": "deep"}}', 'SET w = :v', "values" => pg_temp.deep_value(32))$$, 'in a value'),
  ($$SELECT ddb_update('Limits', '{"pk": {"S": "deep"}}', 'SET v[0] = :v', "values" => pg_temp.deep_value(31))$$, 'made by an update'),
  ($$SELECT ddb_update('Limits', '{"pk": {"S": "deep"}}', 'SET v[0][0] = v')$$, 'copied deeper'),
  ($$SELECT ddb_put('Limits', '{"pk": {"S": "x"}}', condition => 'a = :v', "values" => pg_temp.deep_value(32))$$, 'in the value of a condition'),
  ($$SELECT ddb_delete('Limits', '{"pk": {"S": "x"}}', condition => 'a = :v', "values" => pg_temp.deep_value(32))$$, 'of a delete'),
  ($$SELECT * FROM ddb_scan('Limits', filter => 'a = :v', "values" => pg_temp.deep_value(32))$$, 'of a filter'),
  ($$SELECT ddb_request('BatchWriteItem', jsonb_build_object('RequestItems', jsonb_build_object('Limits', jsonb_build_array(jsonb_build_object('PutRequest', jsonb_build_object('Item', pg_temp.deep(32)))))))$$, 'in a batch'),
  ($$SELECT ddb_request('TransactWriteItems', jsonb_build_object('TransactItems', jsonb_build_array(jsonb_build_object('Put', jsonb_build_object('TableName', 'Limits', 'Item', pg_temp.deep(32))))))$$, 'in a transaction'),
  ($$SELECT ddb_request('UpdateItem', jsonb_build_object('TableName', 'Limits', 'Key', '{"pk": {"S": "deep"}}'::jsonb, 'AttributeUpdates', jsonb_build_object('w', jsonb_build_object('Value', pg_temp.nested(32)))))$$, 'in AttributeUpdates'),
  ($$SELECT ddb_request('PutItem', jsonb_build_object('TableName', 'Limits', 'Item', '{"pk": {"S": "x"}}'::jsonb, 'Expected', jsonb_build_object('w', jsonb_build_object('Value', pg_temp.nested(32)))))$$, 'in Expected'),
  ($$INSERT INTO ddb_data."Limits" (item) VALUES (pg_temp.deep(32))$$, 'in plain SQL')) AS t (command, label);
SELECT is(ddb_update('Limits', '{"pk": {"S": "deep"}}', 'SET v[0] = :v', "values" => pg_temp.deep_value(30), return_values => 'ALL_NEW') -> 'v' = pg_temp.nested(31), true, 'as deep as can be by an update');
SELECT is(ddb_get('Limits', '{"pk": {"S": "deep"}}') -> 'v' = pg_temp.nested(31), true, 'the item is as it was');
SELECT throws_ok(format($$SELECT ddb_get('Limits', '{"pk": {"S": "k"}}', 'a%s')$$, repeat('[0]', 32)), 'DY001',
  'Invalid ProjectionExpression: The document path has too many nesting elements; nesting depth: 32', 'a path of 33 elements');
SELECT is(ddb_get('Limits', '{"pk": {"S": "deep"}}', 'v' || repeat('[0]', 31)) -> 'v' = pg_temp.nested(31), true, 'one of 32 leads to the leaf');
SELECT throws_ok($$SELECT ddb_put('Limits', jsonb_build_object('pk', '{"S": "deep"}'::jsonb, 'v', pg_temp.nested(2000)))$$, 'DY001',
  NULL, '2000 levels');

-- expressions and their values
SELECT throws_ok($$SELECT ddb_get('Limits', '{"pk": {"S": "k"}}', repeat('a', 1000000))$$, 'DY001',
  'Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; expression size: 1000000', 'an expression of 1 MB');
SELECT throws_ok($$SELECT ddb_put('Limits', '{"pk": {"S": "k"}}', repeat('(', 1000000))$$, 'DY001',
  '1 validation error detected: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 1000000', '1 MB of brackets');
SELECT throws_ok($$SELECT ddb_update('Limits', '{"pk": {"S": "k"}}', 'SET a = :v' || repeat(' ', 1000000), "values" => '{":v": {"S": ""}}')$$, 'DY001',
  '1 validation error detected: Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;', '1 MB of blanks');
SELECT throws_ok($$SELECT ddb_scan('Limits', repeat('NOT ', 250000) || 'attribute_exists(a)')$$, 'DY001', NULL, '1 MB of NOT');
SELECT throws_ok($$SELECT ddb_query('Limits', repeat('pk = :p AND ', 100000) || 'pk = :p', '{":p": {"S": "k"}}')$$, 'DY001', NULL, '1 MB of key condition');
SELECT throws_ok($$SELECT ddb_put('Limits', '{"pk": {"S": "k"}}', 'attribute_exists(' || repeat('a', 4079) || ')')$$, 'DY001',
  '1 validation error detected: Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097', '4097 bytes');
SELECT throws_ok($$SELECT ddb_put('Limits', '{"pk": {"S": "k"}}', 'attribute_exists(' || repeat('a', 4078) || ')')$$, 'DY002', NULL, '4096 bytes are read');
SELECT throws_ok($$SELECT ddb_put('Limits', '{"pk": {"S": "k"}}', repeat('(', 600) || 'attribute_exists(a)' || repeat(')', 600))$$, 'DY001', NULL, 'too many brackets');
SELECT throws_like($$SELECT ddb_put('Limits', '{"pk": {"S": "k"}}', 'a = :v', "values" => jsonb_build_object(':v', jsonb_build_object('S', repeat('x', 2100000))))$$,
  '1 validation error detected: Total size of ExpressionAttributeNames and ExpressionAttributeValues has exceeded the maximum allowed size%', '2 MB of values');
SELECT is((SELECT count(*) FROM ddb_scan('Limits')), 3::bigint, 'three items in the end');
SELECT is(ddb_index_check(format('ddb_data.%I', relname)::regclass), 3::bigint, 'and in the primary index') FROM ddb.indexes WHERE table_name = 'Limits' AND kind = 'primary';

SELECT * FROM finish();
ROLLBACK;
