-- BatchGetItem and BatchWriteItem, through ddb_request and the SQL functions:
-- every parameter, error and limit.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(85);

SELECT ddb_create_table('Batch', 'pk S', 'sk N',
  global_indexes => '{"gsi": {"partition_key": "g S"}}', local_indexes => '{"lsi": {"sort_key": "l S"}}') \g /dev/null
SELECT ddb_create_table('Single', 'id S') \g /dev/null
SELECT ddb_create_table('Binary', 'id B') \g /dev/null

CREATE FUNCTION pg_temp.key(pk text, sk numeric DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('N', sk::text))
$$;
CREATE FUNCTION pg_temp.get(tables jsonb, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('BatchGetItem', jsonb_build_object('RequestItems', tables) || rest)
$$;
CREATE FUNCTION pg_temp.write(tables jsonb, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('BatchWriteItem', jsonb_build_object('RequestItems', tables) || rest)
$$;
CREATE FUNCTION pg_temp.puts(VARIADIC items jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(jsonb_build_object('PutRequest', jsonb_build_object('Item', i))) FROM unnest(items) i
$$;
CREATE FUNCTION pg_temp.deletes(VARIADIC keys jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(jsonb_build_object('DeleteRequest', jsonb_build_object('Key', k))) FROM unnest(keys) k
$$;
CREATE FUNCTION pg_temp.keys(n integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(pg_temp.key('k', i)) FROM generate_series(1, n) i
$$;
-- the error of a request: "exception: message"
CREATE FUNCTION pg_temp.error(operation text, request jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  exception text;
  message text;
BEGIN
  PERFORM ddb_request(operation, request);
  RETURN 'none';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS exception = PG_DATATYPE_NAME, message = MESSAGE_TEXT;
  RETURN exception || ': ' || message;
END $$;
CREATE FUNCTION pg_temp.get_error(tables jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.error('BatchGetItem', jsonb_build_object('RequestItems', tables))
$$;
CREATE FUNCTION pg_temp.write_error(tables jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.error('BatchWriteItem', jsonb_build_object('RequestItems', tables))
$$;

-- writing
SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('a', 1), pg_temp.key('a', 2) || '{"v": {"S": "x"}}'))),
          '{"UnprocessedItems": {}}', 'two puts');
SELECT is(ddb_get('Batch', pg_temp.key('a', 2)), pg_temp.key('a', 2) || '{"v": {"S": "x"}}', 'are written');
SELECT is(pg_temp.write(jsonb_build_object(
  'Batch', pg_temp.puts(pg_temp.key('b', 1)) || pg_temp.deletes(pg_temp.key('a', 1), pg_temp.key('none', 1)),
  'Single', pg_temp.puts('{"id": {"S": "s"}}'))), '{"UnprocessedItems": {}}', 'puts and deletes in two tables');
SELECT is(ddb_get('Batch', pg_temp.key('a', 1)), NULL, 'the delete is done');
SELECT is(ddb_get('Batch', pg_temp.key('b', 1)), pg_temp.key('b', 1), 'and the put');
SELECT is(ddb_get('Single', '{"id": {"S": "s"}}'), '{"id": {"S": "s"}}', 'and the put in the other table');
SELECT is(pg_temp.write('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "n"}, "sk": {"N": "1.50"}}}}]}'),
          '{"UnprocessedItems": {}}', 'numbers come in any form');
SELECT is(ddb_get('Batch', pg_temp.key('n', 1.5)), pg_temp.key('n', 1.5), 'and are stored in one');

SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(
    pg_temp.key('c', 1) || '{"g": {"S": "1"}, "l": {"S": "2"}}', pg_temp.key('c', 2))),
  '{"ReturnConsumedCapacity": "TOTAL"}'),
  '{"UnprocessedItems": {}, "ConsumedCapacity": [{"TableName": "Batch", "CapacityUnits": 4}]}', 'ReturnConsumedCapacity TOTAL');
SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(
    pg_temp.key('d', 1) || '{"g": {"S": "1"}, "l": {"S": "2"}}', pg_temp.key('d', 2)), 'Single', pg_temp.deletes('{"id": {"S": "no"}}')),
  '{"ReturnConsumedCapacity": "INDEXES"}'),
  '{"UnprocessedItems": {}, "ConsumedCapacity": [
    {"TableName": "Batch", "CapacityUnits": 4, "Table": {"CapacityUnits": 2},
     "LocalSecondaryIndexes": {"lsi": {"CapacityUnits": 1}}, "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 1}}},
    {"TableName": "Single", "CapacityUnits": 1, "Table": {"CapacityUnits": 1}}]}', 'ReturnConsumedCapacity INDEXES, two tables');
SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('e', 1))), '{"ReturnConsumedCapacity": "NONE"}'),
          '{"UnprocessedItems": {}}', 'ReturnConsumedCapacity NONE');
SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('f', 1), pg_temp.key('f', 2), pg_temp.key('g', 1)),
                                          'Single', pg_temp.puts('{"id": {"S": "t"}}')), '{"ReturnItemCollectionMetrics": "SIZE"}'),
  '{"UnprocessedItems": {}, "ItemCollectionMetrics": {"Batch": [
    {"ItemCollectionKey": {"pk": {"S": "f"}}, "SizeEstimateRangeGB": [0, 1]},
    {"ItemCollectionKey": {"pk": {"S": "g"}}, "SizeEstimateRangeGB": [0, 1]}]}}',
  'ItemCollectionMetrics: each collection once, tables with local indexes only');
SELECT is(pg_temp.write(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('f', 1))), '{"ReturnItemCollectionMetrics": "NONE"}'),
          '{"UnprocessedItems": {}}', 'ReturnItemCollectionMetrics NONE');

SELECT is(pg_temp.write_error(jsonb_build_object('Batch', (SELECT pg_temp.puts(VARIADIC array_agg(pg_temp.key('k', i))) FROM generate_series(1, 24) i))),
          'none', '24 writes');
SELECT is(pg_temp.write_error(jsonb_build_object('Batch', (SELECT pg_temp.puts(VARIADIC array_agg(pg_temp.key('k', i))) FROM generate_series(1, 25) i))),
          'none', '25 writes');
SELECT matches(pg_temp.write_error(jsonb_build_object('Batch', (SELECT pg_temp.puts(VARIADIC array_agg(pg_temp.key('k', i))) FROM generate_series(1, 26) i))),
          '^ValidationException: 1 validation error detected: Value at ''RequestItems.Batch.member'' failed to satisfy constraint: Member must have length less than or equal to 25$',
          '26 writes in one table');
SELECT is(pg_temp.write_error(jsonb_build_object(
    'Batch', (SELECT pg_temp.puts(VARIADIC array_agg(pg_temp.key('k', i))) FROM generate_series(1, 24) i),
    'Single', pg_temp.puts('{"id": {"S": "x"}}', '{"id": {"S": "y"}}'))),
  'ValidationException: Too many items requested for the BatchWriteItem call', '26 writes in two tables');
SELECT is(ddb_get('Single', '{"id": {"S": "x"}}'), NULL, 'and nothing is written');

SELECT is(pg_temp.error('BatchWriteItem', '{}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems'' failed to satisfy constraint: Member must not be null', 'no RequestItems');
SELECT is(pg_temp.write_error('{}'),
  'ValidationException: The requestItems parameter is required for BatchWriteItem', 'no table');
SELECT is(pg_temp.write_error('{"Batch": []}'),
  'ValidationException: 1 validation error detected: Value ''{Batch=[]}'' at ''requestItems'' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]', 'no write');
SELECT matches(pg_temp.write_error('{"n?o": [{"PutRequest": {"Item": {}}}]}'), 'Map keys must satisfy constraint: \[Member must have length less than or equal to .*, Member must satisfy regular expression pattern: \[a-zA-Z0-9_.-\]\+\]$',
  'a table name that can''t be');
SELECT matches(pg_temp.write_error('{"": [{"PutRequest": {"Item": {}}}]}'), 'Map keys must satisfy constraint: \[Member must have length less than or equal to \d+, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: \[a-zA-Z0-9_.-\]\+\]$',
  'an empty table name');
SELECT is(pg_temp.write_error('{"Batch": [{}]}'),
  'ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes', 'a WriteRequest with nothing in it');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {}}, "DeleteRequest": {"Key": {}}}]}'),
  'ValidationException: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes', 'a WriteRequest with both');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {}}]}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems.Batch.member.1.member.putRequest.item'' failed to satisfy constraint: Member must not be null', 'a put of nothing');
SELECT is(pg_temp.write_error('{"Batch": [{"DeleteRequest": {}}]}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems.Batch.member.1.member.deleteRequest.key'' failed to satisfy constraint: Member must not be null', 'a delete of nothing');
SELECT matches(pg_temp.write_error('{"Batch": {}}'), '^SerializationException: ', 'an object for a list');
SELECT matches(pg_temp.write_error('{"Batch": [1]}'), '^SerializationException: ', 'a number for a write');
SELECT is(pg_temp.write_error(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('x', 1)) || pg_temp.deletes(pg_temp.key('x', 1)))),
  'ValidationException: Provided list of item keys contains duplicates', 'put and delete of one key');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "x"}, "sk": {"N": "1"}}}}, {"PutRequest": {"Item": {"pk": {"S": "x"}, "sk": {"N": "1.0"}, "v": {"S": "v"}}}}]}'),
  'ValidationException: Provided list of item keys contains duplicates', 'one key written in two ways');
SELECT matches(pg_temp.write_error(jsonb_build_object('Batch', pg_temp.puts(pg_temp.key('x', 1)), 'Missing', pg_temp.puts(pg_temp.key('x', 1)))),
  '^ResourceNotFoundException: Requested resource not found', 'a table that is not there');
SELECT is(ddb_get('Batch', pg_temp.key('x', 1)), NULL, 'keeps the others from being written');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "x"}}}}]}'),
  'ValidationException: The provided key element does not match the schema', 'put without a key attribute');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "x"}, "sk": {"S": "1"}}}}]}'),
  'ValidationException: The provided key element does not match the schema', 'put with a key of the wrong type');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "x"}, "sk": {"N": "1"}, "g": {"N": "1"}}}}]}'),
  'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi', 'put with an index key of the wrong type');
SELECT is(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": ""}, "sk": {"N": "1"}}}}]}'),
  'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk', 'put with an empty key');
SELECT is(pg_temp.write_error('{"Batch": [{"DeleteRequest": {"Key": {"pk": {"S": "x"}}}}]}'),
  'ValidationException: The provided key element does not match the schema', 'delete with half a key');
SELECT is(pg_temp.write_error('{"Batch": [{"DeleteRequest": {"Key": {"pk": {"S": "x"}, "sk": {"N": "1"}, "v": {"S": "v"}}}}]}'),
  'ValidationException: The provided key element does not match the schema', 'delete with more than a key');
SELECT is(pg_temp.write_error(jsonb_build_object('Single', pg_temp.puts(jsonb_build_object('id', '{"S": "i"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', 409600 - 4)))))),
          'none', 'an item of 400 KB');
SELECT is(pg_temp.write_error(jsonb_build_object('Single', pg_temp.puts(jsonb_build_object('id', '{"S": "i"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', 409600 - 3)))))),
  'ValidationException: Item size has exceeded the maximum allowed size', 'and one byte more');
SELECT matches(pg_temp.write_error('{"Batch": [{"PutRequest": {"Item": {"pk": {"S": "x"}, "sk": {"N": "x"}}}}]}'), '^ValidationException: .*numeric value: x', 'a number that is none');
SELECT matches(pg_temp.error('BatchWriteItem', '{"RequestItems": {"Batch": [{"DeleteRequest": {"Key": {}}}]}, "ReturnConsumedCapacity": "ALL", "ReturnItemCollectionMetrics": "ALL"}'),
  '^ValidationException: 2 validation errors detected: .*returnConsumedCapacity.*returnItemCollectionMetrics', 'wrong enums are collected');

-- reading
SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', jsonb_build_array(pg_temp.key('b', 1), pg_temp.key('no', 1), pg_temp.key('a', 2))))),
  jsonb_build_object('Responses', jsonb_build_object('Batch', jsonb_build_array(pg_temp.key('b', 1), pg_temp.key('a', 2) || '{"v": {"S": "x"}}')), 'UnprocessedKeys', '{}'::jsonb),
  'the items that are there, in the order of their keys');
SELECT is(pg_temp.get('{"Single": {"Keys": [{"id": {"S": "no"}}]}}'), '{"Responses": {"Single": []}, "UnprocessedKeys": {}}', 'nothing there');
SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', jsonb_build_array(pg_temp.key('a', 2)), 'ProjectionExpression', 'v'),
                                         'Single', '{"Keys": [{"id": {"S": "s"}}], "AttributesToGet": null}'::jsonb)),
  '{"Responses": {"Batch": [{"v": {"S": "x"}}], "Single": [{"id": {"S": "s"}}]}, "UnprocessedKeys": {}}', 'two tables, one with a projection');
SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', jsonb_build_array(pg_temp.key('a', 2), pg_temp.key('b', 1)),
    'ProjectionExpression', '#v', 'ExpressionAttributeNames', '{"#v": "v"}'::jsonb))),
  '{"Responses": {"Batch": [{"v": {"S": "x"}}, {}]}, "UnprocessedKeys": {}}', 'a projection with names; an item without its attributes is {}');
SELECT is(pg_temp.get('{"Batch": {"Keys": [{"pk": {"S": "n"}, "sk": {"N": "15e-1"}}]}}') #> '{Responses,Batch,0}', pg_temp.key('n', 1.5), 'a key in another form');

SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', jsonb_build_array(pg_temp.key('a', 2), pg_temp.key('no', 1)))), '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity',
  '[{"TableName": "Batch", "CapacityUnits": 1}]', 'eventually consistent: half a unit each, missing items too');
SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('ConsistentRead', true, 'Keys', jsonb_build_array(pg_temp.key('a', 2), pg_temp.key('no', 1)))), '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity',
  '[{"TableName": "Batch", "CapacityUnits": 2}]', 'ConsistentRead: one unit each');
SELECT ddb_put('Single', jsonb_build_object('id', '{"S": "5k"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', 5000)))) \g /dev/null
SELECT is(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('ConsistentRead', true, 'Keys', jsonb_build_array(pg_temp.key('a', 2))),
                                         'Single', '{"Keys": [{"id": {"S": "5k"}}, {"id": {"S": "s"}}], "ProjectionExpression": "id"}'::jsonb), '{"ReturnConsumedCapacity": "INDEXES"}') -> 'ConsumedCapacity',
  '[{"TableName": "Batch", "CapacityUnits": 1, "Table": {"CapacityUnits": 1}}, {"TableName": "Single", "CapacityUnits": 1.5, "Table": {"CapacityUnits": 1.5}}]',
  'each item is rounded up alone, by its size before projection');

SELECT is(jsonb_array_length(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', pg_temp.keys(99)))) #> '{Responses,Batch}'), 25, '99 keys');
SELECT is(jsonb_array_length(pg_temp.get(jsonb_build_object('Batch', jsonb_build_object('Keys', pg_temp.keys(100)))) #> '{Responses,Batch}'), 25, '100 keys');
SELECT matches(pg_temp.get_error(jsonb_build_object('Batch', jsonb_build_object('Keys', pg_temp.keys(101)))),
  '^ValidationException: 1 validation error detected: Value at ''RequestItems.Batch.member.Keys'' failed to satisfy constraint: Member must have length less than or equal to 100$', '101 keys of one table');
SELECT is(pg_temp.get_error(jsonb_build_object('Batch', jsonb_build_object('Keys', pg_temp.keys(100)), 'Single', '{"Keys": [{"id": {"S": "s"}}]}'::jsonb)),
  'ValidationException: Too many items requested for the BatchGetItem call', '101 keys of two tables');
SELECT is(pg_temp.error('BatchGetItem', '{}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems'' failed to satisfy constraint: Member must not be null', 'no RequestItems');
SELECT is(pg_temp.get_error('{}'),
  'ValidationException: 1 validation error detected: Value at ''RequestItems'' failed to satisfy constraint: Member must have length greater than or equal to 1', 'no table');
SELECT is(pg_temp.get_error('{"Batch": {}}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems.Batch.member.keys'' failed to satisfy constraint: Member must not be null', 'no Keys');
SELECT is(pg_temp.get_error('{"Batch": {"Keys": []}}'),
  'ValidationException: 1 validation error detected: Value at ''RequestItems.Batch.member.Keys'' failed to satisfy constraint: Member must have length greater than or equal to 1', 'no key');
SELECT is(pg_temp.get_error(jsonb_build_object('Batch', jsonb_build_object('Keys', jsonb_build_array(pg_temp.key('a', 2), pg_temp.key('a', 2))))),
  'ValidationException: Provided list of item keys contains duplicates', 'a key twice');
SELECT is(pg_temp.get_error('{"Batch": {"Keys": [{"pk": {"S": "n"}, "sk": {"N": "1.5"}}, {"sk": {"N": "1.50"}, "pk": {"S": "n"}}]}}'),
  'ValidationException: Provided list of item keys contains duplicates', 'a key twice in different forms');
SELECT is(pg_temp.get_error('{"Binary": {"Keys": [{"id": {"B": "YWJj"}}, {"id": {"B": "YWJk"}}]}}'), 'none', 'binary keys');
SELECT is(pg_temp.get_error('{"Batch": {"Keys": [{"pk": {"S": "a"}}]}}'), 'ValidationException: The provided key element does not match the schema', 'half a key');
SELECT is(pg_temp.get_error('{"Batch": {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "1"}}]}}'), 'ValidationException: The provided key element does not match the schema', 'a key of the wrong type');
SELECT matches(pg_temp.get_error('{"Missing": {"Keys": [{"pk": {"S": "a"}}]}}'), '^ResourceNotFoundException: Requested resource not found', 'a table that is not there');
SELECT matches(pg_temp.get_error('{"Missing": {"Keys": [{"pk": {"S": "a"}}], "ProjectionExpression": "a,"}}'), '^ValidationException: Invalid ProjectionExpression: Syntax error', 'a wrong projection comes first');
SELECT is(pg_temp.get_error('{"Single": {"Keys": [{"id": {"S": "a"}}], "ExpressionAttributeNames": {"#a": "a"}}}'),
  'ValidationException: ExpressionAttributeNames can only be specified when using expressions', 'names without an expression');
SELECT is(pg_temp.get_error('{"Single": {"Keys": [{"id": {"S": "a"}}], "ProjectionExpression": "v", "ExpressionAttributeNames": {"#a": "a"}}}'),
  'ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}', 'unused names');
SELECT is(pg_temp.get_error('{"Single": {"Keys": [{"id": {"S": "a"}}], "ProjectionExpression": "v"}, "Missing": {"Keys": [{"id": {"S": "a"}}], "AttributesToGet": ["v"]}}'),
  'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}', 'expression and AttributesToGet, for two tables');
SELECT is(pg_temp.get_error('{"Single": {"Keys": [{"id": {"S": "a"}}], "ProjectionExpression": "v", "AttributesToGet": ["v"]}}'),
  'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}', 'expression and AttributesToGet');
SELECT matches(pg_temp.get_error('{"Single": {"Keys": {"id": {"S": "a"}}}}'), '^SerializationException: ', 'an object for a list of keys');

SELECT is(pg_temp.get_error('{"Batch": null, "Single": {"Keys": [{"id": {"S": "no"}}]}}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems.Batch.member'' failed to satisfy constraint: Member must not be null', 'a null for a table''s keys');
SELECT is(pg_temp.write_error('{"Batch": null}'),
  'ValidationException: 1 validation error detected: Value null at ''requestItems.Batch.member'' failed to satisfy constraint: Member must not be null', 'and for its writes');

-- 16 MB: 40 items of 400 KB less one byte fit, 41 don't
INSERT INTO ddb_data."Single" (item)
  SELECT jsonb_build_object('id', jsonb_build_object('S', to_char(i, 'FM00')), 'v', jsonb_build_object('S', repeat('x', 409600 - 5 - 1)))
  FROM generate_series(1, 45) i;
CREATE TEMP TABLE big AS SELECT pg_temp.get(jsonb_build_object('Single', jsonb_build_object('ConsistentRead', true, 'ProjectionExpression', '#id',
    'ExpressionAttributeNames', '{"#id": "id"}'::jsonb,
    'Keys', (SELECT jsonb_agg(jsonb_build_object('id', jsonb_build_object('S', to_char(i, 'FM00')))) FROM generate_series(1, 45) i))),
  '{"ReturnConsumedCapacity": "TOTAL"}') AS r;
SELECT is(jsonb_array_length(r #> '{Responses,Single}'), 40, '16 MB of items, before projection') FROM big;
SELECT is(r #> '{UnprocessedKeys,Single}', '{"ConsistentRead": true, "ProjectionExpression": "#id", "ExpressionAttributeNames": {"#id": "id"},
  "Keys": [{"id": {"S": "41"}}, {"id": {"S": "42"}}, {"id": {"S": "43"}}, {"id": {"S": "44"}}, {"id": {"S": "45"}}]}', 'the rest is UnprocessedKeys, ready to be sent') FROM big;
SELECT is(r -> 'ConsumedCapacity', '[{"TableName": "Single", "CapacityUnits": 4000}]', 'and costs nothing') FROM big;
SELECT is(jsonb_array_length(ddb_request('BatchGetItem', jsonb_build_object('RequestItems', r -> 'UnprocessedKeys')) #> '{Responses,Single}'), 5, 'and is then read') FROM big;

-- SQL functions
SELECT is(ddb_batch_write('Single', '[{"id": {"S": "p"}}, {"id": {"S": "q"}}]', '[{"id": {"S": "s"}}]'), 3, 'ddb_batch_write');
SELECT is(ddb_batch_write('Single', deletes => '[{"id": {"S": "q"}}]'), 1, 'ddb_batch_write without puts');
SELECT results_eq($$SELECT * FROM ddb_batch_get('Single', '[{"id": {"S": "p"}}, {"id": {"S": "q"}}, {"id": {"S": "s"}}]')$$,
                  $$VALUES ('{"id": {"S": "p"}}'::jsonb)$$, 'ddb_batch_get');
SELECT is(count(*), 45::bigint, 'ddb_batch_get reads on past 16 MB')
FROM ddb_batch_get('Single', (SELECT jsonb_agg(jsonb_build_object('id', jsonb_build_object('S', to_char(i, 'FM00')))) FROM generate_series(1, 45) i), '#i', '{"#i": "id"}');
SELECT throws_ok($$SELECT ddb_batch_get('Single', NULL)$$, 'DY001', '1 validation error detected: Value null at ''keys'' failed to satisfy constraint: Member must not be null', 'ddb_batch_get without keys');
SELECT throws_ok($$SELECT ddb_batch_get('Single', '{"id": {"S": "p"}}')$$, 'DY011', NULL, 'ddb_batch_get with one key for an array');
SELECT throws_ok($$SELECT ddb_batch_write('Single', '[1]')$$, 'DY011', NULL, 'ddb_batch_write of a number');
SELECT throws_ok($$SELECT ddb_batch_write(NULL, '[]')$$, 'DY001', NULL, 'ddb_batch_write without a table');

SELECT * FROM finish();
ROLLBACK;
