-- Words of constraints on members, operation by operation: which have the old form
-- ("Value 'x' at 'tableName' ...") and which the new one ("Value at 'TableName' ..."),
-- what is reported alone and what is joined, and in which order.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(82);
\ir ../psql/request.psql

SELECT ddb_create_table('Words', 'pk S') \g /dev/null

-- the message of a ValidationException, which stands here without what all have
CREATE FUNCTION pg_temp.words(op text, req jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(replace(replace(pg_temp.answer(op, req), ' failed to satisfy constraint: ', ' !: '), 'Member must ', ''), '^ValidationException: ', '')
$$;
-- wrappers maps, one in another, around a string
CREATE FUNCTION pg_temp.deep(wrappers int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT (repeat('{"M": {"k": ', wrappers) || '{"S": "x"}' || repeat('}}', wrappers))::jsonb
$$;
CREATE TEMP TABLE lists (name text, list text);
INSERT INTO lists VALUES
  ('rcc', 'satisfy enum value set: [INDEXES, TOTAL, NONE]'), ('ricm', 'satisfy enum value set: [SIZE, NONE]'),
  ('rv', 'Failed to satisfy constraint: satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]'),
  ('old_rv', 'satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]'),
  ('co', 'Failed to satisfy constraint: satisfy enum value set: [ALL, OR]'), ('old_co', 'satisfy enum value set: [OR, AND]'),
  ('keys', 'Map keys must satisfy constraint: [have length less than or equal to 255, have length greater than or equal to 3, satisfy regular expression pattern: [a-zA-Z0-9_.-]+]');
-- %name% stands for one of the lists
CREATE FUNCTION pg_temp.full(text text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE l lists;
BEGIN
  FOR l IN SELECT * FROM lists LOOP text := replace(text, '%' || l.name || '%', l.list); END LOOP;
  RETURN text;
END $$;

-- the three writes of one item
SELECT is(pg_temp.words(op, member || req::jsonb), pg_temp.full(expected), op || ' ' || label)
FROM (VALUES ('PutItem', '{"Item": {"pk": {"S": "a"}}}'::jsonb), ('UpdateItem', '{"Key": {"pk": {"S": "a"}}}'), ('DeleteItem', '{"Key": {"pk": {"S": "a"}}}')) o(op, member), (VALUES
  ('an empty table name', '{"TableName": ""}', '1 validation error detected: Value at ''TableName'' !: have length greater than or equal to 1'),
  ('an empty table name beside bad enums', '{"TableName": "", "ReturnValues": "x", "ReturnConsumedCapacity": "x"}', '1 validation error detected: Value at ''TableName'' !: have length greater than or equal to 1'),
  ('an empty table name beside an empty item', '{"TableName": "", "Item": {}, "Key": {}}', '1 validation error detected: Value at ''TableName'' !: have length greater than or equal to 1'),
  ('no table name', '{}', '1 validation error detected: Value null at ''tableName'' !: not be null'),
  ('a table name with blanks', '{"TableName": "a b"}', '1 validation error detected: Value ''a b'' at ''tableName'' !: satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('ConditionalOperator', '{"TableName": "Words", "ConditionalOperator": "XOR"}', '1 validation error detected: %co%')) v(label, req, expected);
SELECT is(pg_temp.words('PutItem', jsonb_build_object('TableName', repeat('t', 256), 'Item', '{}'::jsonb)),
  '1 validation error detected: Value ''' || repeat('t', 256) || ''' at ''tableName'' !: have length less than or equal to 255', 'PutItem a table name of 256 characters');

-- how many enums are reported, and in which order
SELECT is(pg_temp.words(op, '{"TableName": "Words"}' || req::jsonb), pg_temp.full(expected), op || ' ' || label) FROM (VALUES
  ('PutItem', 'all three enums', '{"Item": {"pk": {"S": "a"}}, "ReturnValues": "v", "ReturnItemCollectionMetrics": "m", "ReturnConsumedCapacity": "c"}',
   '3 validation errors detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%; %rv%; Value ''m'' at ''returnItemCollectionMetrics'' !: %ricm%'),
  ('PutItem', 'ReturnValues', '{"Item": {"pk": {"S": "a"}}, "ReturnValues": "v"}', '1 validation error detected: %rv%'),
  ('DeleteItem', 'two enums', '{"Key": {"pk": {"S": "a"}}, "ReturnValues": "v", "ReturnConsumedCapacity": "c"}', '2 validation errors detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%; %rv%'),
  ('UpdateItem', 'two enums', '{"Key": {"pk": {"S": "a"}}, "ReturnValues": "v", "ReturnConsumedCapacity": "c"}', '1 validation error detected: %rv%'),
  ('UpdateItem', 'without Key', '{"TableName": "", "ReturnValues": "v", "ReturnConsumedCapacity": "c"}',
   '4 validation errors detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%; Value '''' at ''tableName'' !: have length greater than or equal to 1; Value ''v'' at ''returnValues'' !: %old_rv%; Value null at ''key'' !: not be null'),
  ('UpdateItem', 'without Key, XOR', '{"ConditionalOperator": "XOR"}', '2 validation errors detected: Value ''XOR'' at ''conditionalOperator'' !: %old_co%; Value null at ''key'' !: not be null'),
  ('DeleteItem', 'UPDATED_NEW', '{"Key": {"pk": {"S": "a"}}, "ReturnValues": "UPDATED_NEW"}', '1 validation error detected: ReturnValues can only be ALL_OLD or NONE'),
  ('PutItem', 'ALL_NEW', '{"Item": {"pk": {"S": "a"}}, "ReturnValues": "ALL_NEW"}', '1 validation error detected: ReturnValues can only be ALL_OLD or NONE')) v(op, label, req, expected);

-- from 63 levels on the old form is back, and before the depth
SELECT is(pg_temp.words('PutItem', '{"TableName": "Words", "Item": {"pk": {"S": "a"}}}' || jsonb_set(req::jsonb, '{Item}', jsonb_build_object('pk', '{"S": "a"}'::jsonb, 'd', pg_temp.deep(levels)))), pg_temp.full(expected), format('PutItem of %s levels, %s', levels, req)) FROM (VALUES
  (62, '{"ConditionalOperator": "XOR"}', '1 validation error detected: %co%'),
  (63, '{"ConditionalOperator": "XOR"}', '1 validation error detected: Value ''XOR'' at ''conditionalOperator'' !: %old_co%'),
  (63, '{"ReturnValues": "v"}', '1 validation error detected: Value ''v'' at ''returnValues'' !: %old_rv%'),
  (62, '{"ReturnValues": "ALL_NEW"}', '1 validation error detected: ReturnValues can only be ALL_OLD or NONE'),
  (63, '{"ReturnValues": "ALL_NEW"}', 'ReturnValues can only be ALL_OLD or NONE')) v(levels, req, expected);
SELECT is(pg_temp.words('DeleteItem', jsonb_build_object('TableName', 'Words', 'ReturnValues', 'UPDATED_NEW', 'Key', jsonb_build_object('pk', pg_temp.deep(63)))), 'ReturnValues can only be ALL_OLD or NONE', 'DeleteItem with a key of 63 levels');
SELECT is(pg_temp.words('UpdateItem', jsonb_build_object('TableName', 'Words', 'ReturnValues', 'v', 'Key', '{"pk": {"S": "a"}}'::jsonb, 'UpdateExpression', 'SET a = :a', 'ExpressionAttributeValues', jsonb_build_object(':a', pg_temp.deep(63)))),
  pg_temp.full('1 validation error detected: Value ''v'' at ''returnValues'' !: %old_rv%'), 'UpdateItem with a value of 63 levels');

-- Query and Scan
SELECT is(pg_temp.words(op, '{"TableName": "Words"}' || req::jsonb), pg_temp.full(expected), op || ' ' || req) FROM (VALUES
  ('Query', '{"Limit": 0}', '1 validation error detected: Value at ''Limit'' !: have value greater than or equal to 1'),
  ('Query', '{"Select": "x", "ReturnConsumedCapacity": "c"}', '2 validation errors detected: Value ''x'' at ''select'' !: satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]; Value ''c'' at ''returnConsumedCapacity'' !: %rcc%'),
  ('Query', '{"ConditionalOperator": "XOR", "Select": "x", "QueryFilter": {"a": {"ComparisonOperator": "NULL"}, "b": {"ComparisonOperator": "NULL"}}}', '%co%'),
  ('Query', '{"Select": "SPECIFIC_ATTRIBUTES"}', '1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'),
  ('Scan', '{"Select": "SPECIFIC_ATTRIBUTES"}', '1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'),
  ('Scan', '{"Limit": 0}', '1 validation error detected: Value at ''Limit'' !: have value greater than or equal to 1'),
  ('Scan', '{"Segment": -1, "TotalSegments": 2}', '1 validation error detected: Value at ''Segment'' !: have value greater than or equal to 0'),
  ('Scan', '{"Segment": 5, "TotalSegments": 5}', 'The Segment parameter is zero-based and must be less than parameter TotalSegments'),
  ('Scan', '{"Segment": 5}', 'The TotalSegments parameter is required but was not present in the request when Segment parameter is present'),
  ('Scan', '{"TotalSegments": 5}', 'The Segment parameter is required but was not present in the request when parameter TotalSegments is present'),
  ('Scan', '{"ExclusiveStartKey": {"other": {"S": "a"}}}', 'The provided starting key is invalid'),
  ('Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}, "ExclusiveStartKey": {"other": {"S": "a"}}}', 'The provided starting key is invalid')) v(op, req, expected);

-- batches
CREATE FUNCTION pg_temp.many(n int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(jsonb_build_object('pk', jsonb_build_object('S', i::text))) FROM generate_series(1, n) i
$$;
SELECT is(pg_temp.words(op, req::jsonb), pg_temp.full(expected), op || ' ' || left(req, 80)) FROM (VALUES
  ('BatchGetItem', '{"RequestItems": {}}', '1 validation error detected: Value at ''RequestItems'' !: have length greater than or equal to 1'),
  ('BatchGetItem', '{"RequestItems": {"Words": {"Keys": []}}}', '1 validation error detected: Value at ''RequestItems.Words.member.Keys'' !: have length greater than or equal to 1'),
  ('BatchGetItem', format('{"RequestItems": {"Words": {"Keys": %s}}}', pg_temp.many(101)), '1 validation error detected: Value at ''RequestItems.Words.member.Keys'' !: have length less than or equal to 100'),
  ('BatchGetItem', '{"RequestItems": {"bad!name": {"Keys": [{"pk": {"S": "a"}}]}}, "ReturnConsumedCapacity": "c"}',
   '2 validation errors detected: Value ''{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}'' at ''requestItems'' !: %keys%; Value ''c'' at ''returnConsumedCapacity'' !: %rcc%'),
  ('BatchGetItem', '{"RequestItems": {"Nowhere": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "a"}}]}}, "ReturnConsumedCapacity": "c"}', '1 validation error detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%'),
  ('BatchWriteItem', '{"RequestItems": {}}', 'The requestItems parameter is required for BatchWriteItem'),
  ('BatchWriteItem', '{"RequestItems": {"Words": []}}', '1 validation error detected: Value ''{Words=[]}'' at ''requestItems'' !: Map value must satisfy constraint: [have length less than or equal to 25, have length greater than or equal to 1]'),
  ('BatchWriteItem', format('{"RequestItems": {"Words": %s}}', (SELECT jsonb_agg('{"PutRequest": {"Item": {"pk": {"S": "a"}}}}'::jsonb) FROM generate_series(1, 26))), '1 validation error detected: Value at ''RequestItems.Words.member'' !: have length less than or equal to 25'),
  ('BatchWriteItem', '{"RequestItems": {"bad!name": [{"PutRequest": {"Item": {"pk": {"S": "k0"}}}}]}}',
   '1 validation error detected: Value ''{bad!name=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(s=k0, n=null, b=null, sS=null, nS=null, bS=null, m=null, l=null, nULL=null, bOOL=null)}), deleteRequest=null)]}'' at ''requestItems'' !: %keys%'),
  ('BatchWriteItem', '{"RequestItems": {"bad!name": [{"DeleteRequest": {"Key": {"pk": {"B": "AAE="}, "l": {"L": [{"BOOL": true}]}, "m": {"M": {"x": {"NS": ["1", "2"]}}}}}}]}}',
   '1 validation error detected: Value ''{bad!name=[WriteRequest(putRequest=null, deleteRequest=DeleteRequest(key={l=AttributeValue(s=null, n=null, b=null, sS=null, nS=null, bS=null, m=null, l=[AttributeValue(s=null, n=null, b=null, sS=null, nS=null, bS=null, m=null, l=null, nULL=null, bOOL=true)], nULL=null, bOOL=null), m=AttributeValue(s=null, n=null, b=null, sS=null, nS=null, bS=null, m={x=AttributeValue(s=null, n=null, b=null, sS=null, nS=[1, 2], bS=null, m=null, l=null, nULL=null, bOOL=null)}, l=null, nULL=null, bOOL=null), pk=AttributeValue(s=null, n=null, b=java.nio.HeapByteBuffer[pos=0 lim=2 cap=2], sS=null, nS=null, bS=null, m=null, l=null, nULL=null, bOOL=null)}))]}'' at ''requestItems'' !: %keys%'),
  ('BatchWriteItem', '{"RequestItems": {"bad!name": [{"PutRequest": {"Item": {"pk": {"S": "k0"}}}}]}, "ReturnItemCollectionMetrics": "m", "ReturnConsumedCapacity": "c"}',
   '2 validation errors detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%; Value ''m'' at ''returnItemCollectionMetrics'' !: %ricm%')) v(op, req, expected);

-- transactions
CREATE FUNCTION pg_temp.actions(action jsonb, n int) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(action) FROM generate_series(1, n) $$;
SELECT is(pg_temp.words(op, req::jsonb), pg_temp.full(expected), op || ' ' || left(req, 80)) FROM (VALUES
  ('TransactWriteItems', '{"TransactItems": []}', '1 validation error detected: Value at ''TransactItems'' !: have length greater than or equal to 1'),
  ('TransactGetItems', '{"TransactItems": []}', '1 validation error detected: Value at ''TransactItems'' !: have length greater than or equal to 1'),
  ('TransactWriteItems', format('{"TransactItems": %s}', pg_temp.actions('{"Delete": {"TableName": "Words", "Key": {"pk": {"S": "a"}}}}', 101)), '1 validation error detected: Value at ''TransactItems'' !: have length less than or equal to 100'),
  ('TransactGetItems', format('{"TransactItems": %s}', pg_temp.actions('{"Get": {"TableName": "Words", "Key": {"pk": {"S": "a"}}}}', 101)), '1 validation error detected: Value at ''TransactItems'' !: have length less than or equal to 100'),
  ('TransactWriteItems', format('{"ClientRequestToken": "%s", "ReturnConsumedCapacity": "c", "TransactItems": [{}]}', repeat('t', 37)), '1 validation error detected: Value at ''ClientRequestToken'' !: have length less than or equal to 36'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "Words", "Key": {"pk": {"S": "a"}}}}, {"Put": {"TableName": "bad!name", "Item": {"pk": {"S": "a"}}}}]}',
   '1 validation error detected: Value ''bad!name'' at ''transactItems.2.member.put.tableName'' !: satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('TransactWriteItems', '{"TransactItems": [{"ConditionCheck": {"TableName": "bad!name", "ConditionExpression": "a = a", "Key": {"pk": {"S": "a"}}}}]}',
   '1 validation error detected: Value ''bad!name'' at ''transactItems.1.member.conditionCheck.tableName'' !: satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "bad!name", "Key": {"pk": {"S": "a"}}}}]}',
   '1 validation error detected: Value ''bad!name'' at ''transactItems.1.member.get.tableName'' !: satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "Nowhere", "Key": {"pk": {"N": "x"}}}}], "ReturnItemCollectionMetrics": "m", "ReturnConsumedCapacity": "c"}',
   '2 validation errors detected: Value ''c'' at ''returnConsumedCapacity'' !: %rcc%; Value ''m'' at ''returnItemCollectionMetrics'' !: %ricm%'),
  ('TransactWriteItems', '{"TransactItems": [{}]}', '1 validation error detected: Value '''' at ''transactItems'' !: TransactWriteRequest should contain Delete or Put or Update or ConditionCheck')) v(op, req, expected);

-- the SQL functions have the same words
CREATE FUNCTION pg_temp.sql(q text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT ' || q;
  RETURN 'none';
EXCEPTION WHEN OTHERS THEN
  RETURN replace(replace(SQLERRM, ' failed to satisfy constraint: ', ' !: '), 'Member must ', '');
END $$;
SELECT is(pg_temp.sql(q), pg_temp.full(expected), left(q, 80)) FROM (VALUES
  ($$ddb_put('', '{"pk": {"S": "a"}}')$$, '1 validation error detected: Value at ''TableName'' !: have length greater than or equal to 1'),
  ($$ddb_update('a b', '{"pk": {"S": "a"}}')$$, '1 validation error detected: Value ''a b'' at ''tableName'' !: satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ($$ddb_delete(NULL, '{"pk": {"S": "a"}}')$$, '1 validation error detected: Value null at ''tableName'' !: not be null'),
  ($$ddb_get('', '{"pk": {"S": "a"}}')$$, '1 validation error detected: Value '''' at ''tableName'' !: have length greater than or equal to 1'),
  ($$ddb_delete('Words', '{"pk": {"S": "a"}}', return_values => 'v')$$, '1 validation error detected: %rv%'),
  ($$ddb_scan('Words', max_items => 0)$$, '1 validation error detected: Value at ''Limit'' !: have value greater than or equal to 1'),
  ($$ddb_scan('Words', segment => -1, total_segments => 1)$$, '1 validation error detected: Value at ''Segment'' !: have value greater than or equal to 0'),
  ($$ddb_scan('Words', segment => 0, total_segments => 0)$$, '1 validation error detected: Value ''0'' at ''totalSegments'' !: have value greater than or equal to 1'),
  ($$ddb_batch_get('Words', '[]')$$, '1 validation error detected: Value at ''RequestItems.Words.member.Keys'' !: have length greater than or equal to 1'),
  ($$ddb_batch_get('Words', pg_temp.many(101))$$, '1 validation error detected: Value at ''RequestItems.Words.member.Keys'' !: have length less than or equal to 100'),
  ($$ddb_batch_write('Words')$$, '1 validation error detected: Value ''{Words=[]}'' at ''requestItems'' !: Map value must satisfy constraint: [have length less than or equal to 25, have length greater than or equal to 1]'),
  ($$ddb_batch_write('Words', pg_temp.many(26))$$, '1 validation error detected: Value at ''RequestItems.Words.member'' !: have length less than or equal to 25'),
  ($$ddb_batch_write('a b', '[{"pk": {"S": "k0"}}]')$$,
   '1 validation error detected: Value ''{a b=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(s=k0, n=null, b=null, sS=null, nS=null, bS=null, m=null, l=null, nULL=null, bOOL=null)}), deleteRequest=null)]}'' at ''requestItems'' !: %keys%'),
  ($$ddb_batch_get('a b', '[{"pk": {"S": "k0"}}]')$$, '1 validation error detected: Value ''{"a b":{"Keys":[{"pk":{"S":"k0"}}]}}'' at ''requestItems'' !: %keys%'),
  ($$ddb_transact_write('[]')$$, '1 validation error detected: Value at ''TransactItems'' !: have length greater than or equal to 1')) v(q, expected);

SELECT * FROM finish();
ROLLBACK;
