-- TransactWriteItems and TransactGetItems in one session: every parameter, error
-- and limit.  What happens between sessions is in test/isolation and test/t.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(117);

SELECT ddb_create_table('Acct', 'id S') \g /dev/null
SELECT ddb_create_table('Sorted', 'pk S', 'sk N',
  global_indexes => '{"gsi": {"partition_key": "g S"}}', local_indexes => '{"lsi": {"sort_key": "l S"}}') \g /dev/null

CREATE FUNCTION pg_temp.tw(items jsonb, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('TransactWriteItems', jsonb_build_object('TransactItems', items) || rest)
$$;
CREATE FUNCTION pg_temp.tg(items jsonb, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('TransactGetItems', jsonb_build_object('TransactItems', items) || rest)
$$;
CREATE FUNCTION pg_temp.id(id text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('id', jsonb_build_object('S', id))
$$;
-- one entry of TransactItems on table Acct
CREATE FUNCTION pg_temp.put(id text, attributes jsonb DEFAULT '{}', rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('Put', jsonb_build_object('TableName', 'Acct', 'Item', pg_temp.id(id) || attributes) || rest)
$$;
CREATE FUNCTION pg_temp.op(kind text, id text, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(kind, jsonb_build_object('TableName', 'Acct', 'Key', pg_temp.id(id)) || rest)
$$;
CREATE FUNCTION pg_temp.list(VARIADIC items jsonb[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(items) $$;
CREATE FUNCTION pg_temp.there(id text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT ddb_get('Acct', pg_temp.id(id)) $$;
-- the error of a request: "exception: message", with the detail for cancellations
CREATE FUNCTION pg_temp.error(operation text, request jsonb, OUT what text, OUT reasons jsonb) LANGUAGE plpgsql AS $$
DECLARE
  exception text;
  message text;
  detail text;
BEGIN
  PERFORM ddb_request(operation, request);
  what := 'none';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS exception = PG_DATATYPE_NAME, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  what := exception || ': ' || message;
  reasons := nullif(detail, '')::jsonb;
END $$;
CREATE FUNCTION pg_temp.tw_error(items jsonb, rest jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT what FROM pg_temp.error('TransactWriteItems', jsonb_build_object('TransactItems', items) || rest)
$$;
CREATE FUNCTION pg_temp.tw_reasons(items jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT reasons FROM pg_temp.error('TransactWriteItems', jsonb_build_object('TransactItems', items))
$$;
CREATE FUNCTION pg_temp.tg_error(items jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT what FROM pg_temp.error('TransactGetItems', jsonb_build_object('TransactItems', items))
$$;
CREATE FUNCTION pg_temp.cancelled(VARIADIC codes text[]) RETURNS text LANGUAGE sql AS $$
  SELECT 'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [' || array_to_string(codes, ', ') || ']'
$$;

-- all kinds
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('a', '{"n": {"N": "1"}}'), pg_temp.put('b', '{"n": {"N": "2"}}'), pg_temp.put('gone'))), '{}', 'three puts');
SELECT is(pg_temp.there('b'), '{"id": {"S": "b"}, "n": {"N": "2"}}', 'are written');
SELECT is(pg_temp.tw(pg_temp.list(
  pg_temp.op('Update', 'a', '{"UpdateExpression": "SET n = n + :x", "ConditionExpression": "n = :one", "ExpressionAttributeValues": {":x": {"N": "10"}, ":one": {"N": "1"}}}'),
  pg_temp.op('Delete', 'gone', '{"ConditionExpression": "attribute_exists(#i)", "ExpressionAttributeNames": {"#i": "id"}}'),
  pg_temp.op('ConditionCheck', 'b', '{"ConditionExpression": "n = :two", "ExpressionAttributeValues": {":two": {"N": "2"}}}'),
  pg_temp.op('ConditionCheck', 'never', '{"ConditionExpression": "attribute_not_exists(id)"}'),
  pg_temp.put('c', '{}', '{"ConditionExpression": "attribute_not_exists(id)"}'),
  '{"Put": {"TableName": "Sorted", "Item": {"pk": {"S": "p"}, "sk": {"N": "1.50"}}}}')), '{}', 'every kind, two tables');
SELECT is(pg_temp.there('a') #>> '{n,N}', '11', 'the update is done');
SELECT is(pg_temp.there('gone'), NULL, 'and the delete');
SELECT is(pg_temp.there('c'), pg_temp.id('c'), 'and the put');
SELECT is(pg_temp.there('never'), NULL, 'a check writes nothing');
SELECT is(pg_temp.there('b') #>> '{n,N}', '2', 'and changes nothing');
SELECT is(ddb_get('Sorted', '{"pk": {"S": "p"}, "sk": {"N": "1.5"}}'), '{"pk": {"S": "p"}, "sk": {"N": "1.5"}}', 'nor is the other table forgotten');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Update', 'new', '{"UpdateExpression": "SET n = :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}'),
                                 pg_temp.op('Delete', 'none'))), '{}', 'update and delete of items that are not there');
SELECT is(pg_temp.there('new'), '{"id": {"S": "new"}, "n": {"N": "1"}}', 'the update creates one');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('a', '{"n": {"N": "1"}}'), pg_temp.put('c', '{"n": {"N": "3"}}'))), '{}', 'put over items');

-- cancelled: all reasons in order, nothing changed
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('x1'), pg_temp.put('a', '{"z": {"N": "1"}}', '{"ConditionExpression": "attribute_not_exists(id)"}'), pg_temp.op('Delete', 'b'))),
  pg_temp.cancelled('None', 'ConditionalCheckFailed', 'None'), 'a condition that fails');
SELECT is(pg_temp.there('x1'), NULL, 'undoes the put before it');
SELECT is(pg_temp.there('b') #>> '{n,N}', '2', 'and the delete behind it');
SELECT is(pg_temp.tw_reasons(pg_temp.list(pg_temp.put('x1'), pg_temp.put('a', '{}', '{"ConditionExpression": "attribute_not_exists(id)"}'))),
  '[{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]', 'CancellationReasons');
SELECT is(pg_temp.tw_reasons(pg_temp.list(
    pg_temp.put('a', '{}', '{"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
    pg_temp.op('Delete', 'b', '{"ConditionExpression": "n > :x", "ExpressionAttributeValues": {":x": {"N": "5"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
    pg_temp.op('ConditionCheck', 'c', '{"ConditionExpression": "n > :x", "ExpressionAttributeValues": {":x": {"N": "5"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
    pg_temp.op('Update', 'new', '{"UpdateExpression": "REMOVE n", "ConditionExpression": "n > :x", "ExpressionAttributeValues": {":x": {"N": "5"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
    pg_temp.op('Update', 'absent', '{"UpdateExpression": "REMOVE n", "ConditionExpression": "attribute_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
    pg_temp.put('Sorted', '{}', '{"ConditionExpression": "attribute_exists(id)", "ReturnValuesOnConditionCheckFailure": "NONE"}'))),
  '[{"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": {"S": "a"}, "n": {"N": "1"}}},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": {"S": "b"}, "n": {"N": "2"}}},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": {"S": "c"}, "n": {"N": "3"}}},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": {"S": "new"}, "n": {"N": "1"}}},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]',
  'ReturnValuesOnConditionCheckFailure gives the item there is');
SELECT is(pg_temp.tw_reasons(pg_temp.list(
    pg_temp.op('Update', 'a', '{"UpdateExpression": "SET n = nowhere"}'),
    pg_temp.op('Update', 'b', '{"UpdateExpression": "ADD id2.x :x", "ExpressionAttributeValues": {":x": {"N": "5"}}}'),
    pg_temp.op('Update', 'c', '{"UpdateExpression": "SET n = :x + n", "ConditionExpression": "attribute_not_exists(n)", "ExpressionAttributeValues": {":x": {"N": "5"}}}'))),
  '[{"Code": "ValidationError", "Message": "The provided expression refers to an attribute that does not exist in the item"},
    {"Code": "ValidationError", "Message": "The document path provided in the update expression is invalid for update"},
    {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]',
  'errors of updates are reasons, beside conditions');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('str', '{"s": {"S": "x"}}'))), '{}', 'an item with a string');
SELECT is(pg_temp.tw_reasons(pg_temp.list(pg_temp.op('Update', 'str', '{"UpdateExpression": "ADD s :x", "ExpressionAttributeValues": {":x": {"N": "5"}}}'))) #>> '{0,Message}',
  'An operand in the update expression has an incorrect data type', 'an operand of the wrong type');
SELECT is(pg_temp.tw_reasons('[{"Update": {"TableName": "Sorted", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET g = :x", "ExpressionAttributeValues": {":x": {"N": "5"}}}}]') #>> '{0,Message}',
  'One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi', 'an index key of the wrong type');

-- item size
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('s', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409600 - 4)))))), 'none', 'a put of 400 KB');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a'), pg_temp.put('s', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409600 - 3)))))),
  'ValidationException: Item size has exceeded the maximum allowed size', 'a put of more is refused');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.op('Update', 's', '{"UpdateExpression": "SET w = :w", "ExpressionAttributeValues": {":w": {"BOOL": true}}}'))),
  pg_temp.cancelled('ValidationError'), 'an update to more cancels');
SELECT is(pg_temp.tw_reasons(pg_temp.list(pg_temp.op('Update', 's', '{"UpdateExpression": "SET w = :w", "ExpressionAttributeValues": {":w": {"BOOL": true}}}'))),
  '[{"Code": "ValidationError", "Message": "Item size to update has exceeded the maximum allowed size"}]', 'with its reason');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Update', 's', '{"UpdateExpression": "REMOVE v SET w = :w", "ExpressionAttributeValues": {":w": {"BOOL": true}}}'))), '{}', 'an update to less');

-- 4 MB: ten items of 400 KB and one of 98,304 bytes make 4,194,304
CREATE FUNCTION pg_temp.big(last integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(pg_temp.put('m' || i % 10, jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409600 - 5))))) ||
    pg_temp.list(pg_temp.put('ml', jsonb_build_object('v', jsonb_build_object('S', repeat('x', last - 5)))))
  FROM generate_series(1, 10) i
$$;
SELECT is(pg_temp.tw_error(pg_temp.big(98303)), 'none', '4 MB less a byte');
SELECT is(pg_temp.tw_error(pg_temp.big(98304)), 'none', '4 MB');
SELECT is(pg_temp.tw_error(pg_temp.big(98305)), 'ValidationException: The aggregate size of the items in the transaction cannot exceed 4 MB', '4 MB and a byte');
SELECT is(pg_temp.tg_error((SELECT jsonb_agg(pg_temp.op('Get', i)) FROM unnest('{m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,ml}'::text[]) i)), 'none', 'a get of 4 MB');
SELECT is(pg_temp.tg_error((SELECT jsonb_agg(pg_temp.op('Get', i)) FROM unnest('{m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,ml,a}'::text[]) i)),
  'ValidationException: The aggregate size of the items in the transaction cannot exceed 4 MB', 'a get of more');

-- one item twice
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a'), pg_temp.op('ConditionCheck', 'a', '{"ConditionExpression": "attribute_exists(id)"}'))),
  'ValidationException: Transaction request cannot include multiple operations on one item', 'put and check of one item');
SELECT is(pg_temp.tw_error('[{"Put": {"TableName": "Sorted", "Item": {"pk": {"S": "p"}, "sk": {"N": "1.0"}}}}, {"Delete": {"TableName": "Sorted", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}}}]'),
  'ValidationException: Transaction request cannot include multiple operations on one item', 'its number written in two ways');
SELECT is(pg_temp.tw_error('[{"Put": {"TableName": "Sorted", "Item": {"pk": {"S": "p"}, "sk": {"N": "1"}}}}, {"Delete": {"TableName": "Sorted", "Key": {"pk": {"S": "p"}, "sk": {"N": "2"}}}}]'),
  'none', 'two items of one collection');
SELECT is(pg_temp.tg_error(pg_temp.list(pg_temp.op('Get', 'a'), pg_temp.op('Get', 'a'))),
  'ValidationException: Transaction request cannot include multiple operations on one item', 'two gets of one item');

-- how many
SELECT is(pg_temp.tw_error((SELECT jsonb_agg(pg_temp.put('n' || i)) FROM generate_series(1, 99) i)), 'none', '99 items');
SELECT is(pg_temp.tw_error((SELECT jsonb_agg(pg_temp.put('n' || i)) FROM generate_series(1, 100) i)), 'none', '100 items');
SELECT matches(pg_temp.tw_error((SELECT jsonb_agg(pg_temp.put('n' || i)) FROM generate_series(1, 101) i)),
  '^ValidationException: 1 validation error detected: Value at ''TransactItems'' failed to satisfy constraint: Member must have length less than or equal to 100$', '101 items');
SELECT is(pg_temp.tw_error('[]'), 'ValidationException: 1 validation error detected: Value at ''TransactItems'' failed to satisfy constraint: Member must have length greater than or equal to 1', 'no items');
SELECT is((SELECT what FROM pg_temp.error('TransactWriteItems', '{}')), 'ValidationException: 1 validation error detected: Value null at ''transactItems'' failed to satisfy constraint: Member must not be null', 'no TransactItems');
SELECT is(pg_temp.tg_error((SELECT jsonb_agg(pg_temp.op('Get', 'n' || i)) FROM generate_series(1, 100) i)), 'none', '100 gets');
SELECT matches(pg_temp.tg_error((SELECT jsonb_agg(pg_temp.op('Get', 'n' || i)) FROM generate_series(1, 101) i)),
  'Value at ''TransactItems'' failed to satisfy constraint: Member must have length less than or equal to 100$', '101 gets');
SELECT matches(pg_temp.tg_error('[]'), 'Member must have length greater than or equal to 1$', 'no gets');

-- shapes
SELECT is(pg_temp.tw_error('[{}]'), 'ValidationException: 1 validation error detected: Value '''' at ''transactItems'' failed to satisfy constraint: TransactWriteRequest should contain Delete or Put or Update or ConditionCheck', 'an item with nothing in it');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a') || pg_temp.op('Delete', 'a'))), 'ValidationException: TransactItems can only contain one of Check, Put, Update or Delete', 'an item with two operations');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.op('ConditionCheck', 'a'))),
  'ValidationException: 1 validation error detected: Value null at ''transactItems.1.member.conditionCheck.conditionExpression'' failed to satisfy constraint: Member must not be null', 'a check without a condition');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a'), pg_temp.op('Update', 'b'))),
  'ValidationException: 1 validation error detected: Value null at ''transactItems.2.member.update.updateExpression'' failed to satisfy constraint: Member must not be null', 'an update without an expression');
SELECT matches(pg_temp.tw_error('[{"Put": {}}]'), '^ValidationException: 2 validation errors detected: .*transactItems.1.member.put.item.*transactItems.1.member.put.tableName', 'a put without members');
SELECT matches(pg_temp.tw_error('[{"Delete": {}}]'), '^ValidationException: 2 validation errors detected: .*transactItems.1.member.delete.key', 'a delete without members');
SELECT is(pg_temp.tg_error('[{}]'), 'ValidationException: 1 validation error detected: Value null at ''transactItems.1.member.get'' failed to satisfy constraint: Member must not be null', 'a get without Get');
SELECT matches(pg_temp.tg_error('[{"Get": {}}]'), '^ValidationException: 2 validation errors detected: ', 'a get without members');
SELECT matches(pg_temp.tw_error('{"Put": {}}'), '^SerializationException: ', 'an object for a list');
SELECT matches(pg_temp.tw_error('[[]]'), '^SerializationException: ', 'a list for an object');
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a', '{}', '{"ReturnValuesOnConditionCheckFailure": "ALL_NEW"}'))), 'Member must satisfy enum value set: \[ALL_OLD, NONE\]$', 'a wrong ReturnValuesOnConditionCheckFailure');
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a')), '{"ReturnConsumedCapacity": "x", "ReturnItemCollectionMetrics": "y"}'), '^ValidationException: 2 validation errors detected: ', 'wrong enums of the request');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a')), '{"ClientRequestToken": ""}'),
  'ValidationException: 1 validation error detected: Value '''' at ''clientRequestToken'' failed to satisfy constraint: Member must have length greater than or equal to 1', 'an empty token');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a')), jsonb_build_object('ClientRequestToken', repeat('t', 36))), 'none', 'a token of 36 characters');
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a')), jsonb_build_object('ClientRequestToken', repeat('t', 37))), 'Member must have length less than or equal to 36$', 'and of 37');

-- expressions, keys, tables: what is refused and what cancels
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a'), pg_temp.op('Update', 'b', '{"UpdateExpression": "SET"}'))), '^ValidationException: Invalid UpdateExpression: Syntax error', 'a syntax error');
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a', '{}', '{"ConditionExpression": "attribute_exists(#x)"}'))), '^ValidationException: Invalid ConditionExpression: An expression attribute name used in the document path is not defined', 'an undefined name');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.put('a', '{}', '{"ConditionExpression": "attribute_exists(id)", "ExpressionAttributeNames": {"#x": "x"}}'))),
  'ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}', 'an unused name');
SELECT lives_ok($$SELECT pg_temp.tw(pg_temp.list(pg_temp.put('a', '{}', '{"ExpressionAttributeValues": {":x": {"N": "1"}}}')))$$, 'values without an expression are no error in a transaction');
SELECT matches(pg_temp.tw_error(pg_temp.list(pg_temp.put('a'), '{"Put": {"TableName": "Missing", "Item": {"id": {"S": "x"}}}}')), '^ResourceNotFoundException: Requested resource not found', 'a table that is not there');
SELECT matches(pg_temp.tg_error('[{"Get": {"TableName": "Missing", "Key": {"id": {"S": "x"}}}}]'), '^ResourceNotFoundException: Requested resource not found', 'in a get too');
SELECT is(pg_temp.tw_error('[{"Put": {"TableName": "Acct", "Item": {"id": {"S": ""}}}}]'),
  'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id', 'an empty key in a put is refused');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.op('Delete', ''))),
  'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id', 'and in a key');
SELECT is(pg_temp.tg_error(pg_temp.list(pg_temp.op('Get', ''))),
  'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id', 'and in a get');
SELECT is(pg_temp.tw_reasons('[{"Put": {"TableName": "Acct", "Item": {"x": {"S": "a"}}}}, {"Put": {"TableName": "Acct", "Item": {"id": {"N": "1"}}}}, {"Delete": {"TableName": "Acct", "Key": {"id": {"N": "1"}}}},
    {"Update": {"TableName": "Acct", "Key": {"id": {"S": "1"}, "x": {"S": "1"}}, "UpdateExpression": "REMOVE y"}}, {"Put": {"TableName": "Acct", "Item": {"id": {"S": "fine"}}}}]'),
  '[{"Code": "ValidationError", "Message": "One or more parameter values were invalid: Missing the key id in the item"},
    {"Code": "ValidationError", "Message": "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"},
    {"Code": "ValidationError", "Message": "The provided key element does not match the schema"},
    {"Code": "ValidationError", "Message": "The provided key element does not match the schema"}, {"Code": "None"}]', 'other wrong keys cancel');
SELECT is(pg_temp.tw_reasons(pg_temp.list(pg_temp.op('Update', 'a', '{"UpdateExpression": "SET id = :x", "ExpressionAttributeValues": {":x": {"S": "b"}}}'))),
  '[{"Code": "ValidationError", "Message": "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"}]', 'so does an update of the key');
SELECT is((SELECT reasons FROM pg_temp.error('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "Acct", "Key": {"id": {"S": "a"}}}}, {"Get": {"TableName": "Acct", "Key": {"x": {"S": "a"}}}}]}')),
  '[{"Code": "None"}, {"Code": "ValidationError", "Message": "The provided key element does not match the schema"}]', 'and a wrong key of a get');
SELECT is(pg_temp.tg_error('[{"Get": {"TableName": "Acct", "Key": {"x": {"S": "a"}}}}]'), pg_temp.cancelled('ValidationError'), 'with the exception''s words');

-- gets
SELECT is(pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'b'), pg_temp.op('Get', 'none'), pg_temp.op('Get', 'c', '{"ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "n"}}'),
    '{"Get": {"TableName": "Sorted", "Key": {"pk": {"S": "p"}, "sk": {"N": "1.50"}}}}')),
  '{"Responses": [{"Item": {"id": {"S": "b"}, "n": {"N": "2"}}}, {}, {"Item": {"n": {"N": "3"}}}, {"Item": {"pk": {"S": "p"}, "sk": {"N": "1.5"}}}]}', 'items in order, {} for one that is not there');
SELECT is(pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'b', '{"ProjectionExpression": "nothing"}'))), '{"Responses": [{}]}', 'an item without the attributes asked for');
SELECT matches(pg_temp.tg_error(pg_temp.list(pg_temp.op('Get', 'b', '{"ProjectionExpression": "a,"}'))), '^ValidationException: Invalid ProjectionExpression: Syntax error', 'a wrong projection');
SELECT lives_ok($$SELECT pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'b', '{"ExpressionAttributeNames": {"#n": "n"}}')))$$, 'nor are names without a projection');

-- capacity
SELECT pg_temp.tw(pg_temp.list(pg_temp.put('5k', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 5000)))))) \g /dev/null
SELECT is(pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'b'), pg_temp.op('Get', 'none'), pg_temp.op('Get', '5k', '{"ProjectionExpression": "id"}')), '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity',
  '[{"TableName": "Acct", "CapacityUnits": 8, "ReadCapacityUnits": 8}]', 'gets cost double: 2 + 2 + 4');
SELECT is(pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'b'), '{"Get": {"TableName": "Sorted", "Key": {"pk": {"S": "p"}, "sk": {"N": "1.50"}}}}'), '{"ReturnConsumedCapacity": "INDEXES"}') -> 'ConsumedCapacity',
  '[{"TableName": "Acct", "CapacityUnits": 2, "ReadCapacityUnits": 2, "Table": {"CapacityUnits": 2, "ReadCapacityUnits": 2}},
    {"TableName": "Sorted", "CapacityUnits": 2, "ReadCapacityUnits": 2, "Table": {"CapacityUnits": 2, "ReadCapacityUnits": 2}}]', 'two tables, INDEXES');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('w1'), pg_temp.op('Delete', 'none'), pg_temp.op('ConditionCheck', 'b', '{"ConditionExpression": "attribute_exists(id)"}'), pg_temp.op('Delete', '5k')),
    '{"ReturnConsumedCapacity": "TOTAL"}'),
  '{"ConsumedCapacity": [{"TableName": "Acct", "CapacityUnits": 16, "WriteCapacityUnits": 16}]}', 'writes cost double: 2 + 2 + 2 + 10');
SELECT is(pg_temp.tw('[{"Put": {"TableName": "Sorted", "Item": {"pk": {"S": "i"}, "sk": {"N": "1"}, "g": {"S": "g"}, "l": {"S": "l"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}') -> 'ConsumedCapacity',
  '[{"TableName": "Sorted", "CapacityUnits": 4, "WriteCapacityUnits": 4, "Table": {"CapacityUnits": 2, "WriteCapacityUnits": 2},
     "LocalSecondaryIndexes": {"lsi": {"CapacityUnits": 1, "WriteCapacityUnits": 1}}, "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 1, "WriteCapacityUnits": 1}}}]', 'a new item in two indexes: only the table counts double');
SELECT is(pg_temp.tw('[{"Update": {"TableName": "Sorted", "Key": {"pk": {"S": "i"}, "sk": {"N": "1"}}, "UpdateExpression": "SET g = :g", "ExpressionAttributeValues": {":g": {"S": "h"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}') #> '{ConsumedCapacity,0,GlobalSecondaryIndexes}',
  '{"gsi": {"CapacityUnits": 2, "WriteCapacityUnits": 2}}', 'an index key that moves');
SELECT is(pg_temp.tw('[{"ConditionCheck": {"TableName": "Sorted", "Key": {"pk": {"S": "i"}, "sk": {"N": "1"}}, "ConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "h"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}') -> 'ConsumedCapacity',
  '[{"TableName": "Sorted", "CapacityUnits": 2, "WriteCapacityUnits": 2, "Table": {"CapacityUnits": 2, "WriteCapacityUnits": 2}}]', 'a check alone');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('w1')), '{"ReturnConsumedCapacity": "NONE", "ReturnItemCollectionMetrics": "SIZE"}'), '{}', 'NONE; no item collections without local indexes');
SELECT is(pg_temp.tw('[{"Put": {"TableName": "Sorted", "Item": {"pk": {"S": "i"}, "sk": {"N": "1"}}}}, {"Delete": {"TableName": "Sorted", "Key": {"pk": {"S": "i"}, "sk": {"N": "2"}}}},
    {"Delete": {"TableName": "Sorted", "Key": {"pk": {"S": "j"}, "sk": {"N": "2"}}}}, {"ConditionCheck": {"TableName": "Sorted", "Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "ConditionExpression": "attribute_not_exists(pk)"}}]', '{"ReturnItemCollectionMetrics": "SIZE"}'),
  '{"ItemCollectionMetrics": {"Sorted": [{"ItemCollectionKey": {"pk": {"S": "i"}}, "SizeEstimateRangeGB": [0, 1]}, {"ItemCollectionKey": {"pk": {"S": "j"}}, "SizeEstimateRangeGB": [0, 1]}]}}',
  'ItemCollectionMetrics of what is written');

-- tokens
CREATE FUNCTION pg_temp.bump(token text, by integer DEFAULT 1, rest jsonb DEFAULT '{"ReturnConsumedCapacity": "INDEXES"}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.tw(pg_temp.list(pg_temp.op('Update', 'counter', jsonb_build_object('UpdateExpression', 'ADD n :x',
    'ExpressionAttributeValues', jsonb_build_object(':x', jsonb_build_object('N', by::text)))), pg_temp.op('Delete', 'none')), jsonb_build_object('ClientRequestToken', token) || rest)
$$;
SELECT is(pg_temp.bump('one'), '{"ConsumedCapacity": [{"TableName": "Acct", "CapacityUnits": 4, "WriteCapacityUnits": 4, "Table": {"CapacityUnits": 4, "WriteCapacityUnits": 4}}]}', 'with a token');
SELECT is(pg_temp.bump('one')::text, '{"ConsumedCapacity": [{"Table": {"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}, "TableName": "Acct", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]}', 'a replay costs reads');
SELECT is(pg_temp.there('counter') #>> '{n,N}', '1', 'and does nothing');
SELECT is(pg_temp.bump('two'), pg_temp.bump('three'), 'other tokens');
SELECT is(pg_temp.there('counter') #>> '{n,N}', '3', 'are other transactions');
SELECT throws_like($$SELECT pg_temp.bump('one', 2)$$, 'The request uses the same client token as a previous, but non-identical request.%', 'a token with another request');
SELECT throws_ok($$SELECT pg_temp.bump('one', 2)$$, 'DY010', NULL, 'is IdempotentParameterMismatchException');
SELECT throws_ok($$SELECT pg_temp.bump('one', 1, '{}')$$, 'DY010', NULL, 'other parameters count too');
SELECT is(pg_temp.tw_error(pg_temp.list(pg_temp.op('Delete', 'a', '{"ConditionExpression": "attribute_exists(nope)"}')), '{"ClientRequestToken": "failing"}'), pg_temp.cancelled('ConditionalCheckFailed'), 'a cancelled transaction');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Delete', 'a')), '{"ClientRequestToken": "failing"}'), '{}', 'does not use up its token');
SELECT is(pg_temp.bump('capacity', 1, '{"ReturnItemCollectionMetrics": "SIZE"}'), '{}', 'a token without ReturnConsumedCapacity');
SELECT is(pg_temp.bump('capacity', 1, '{"ReturnItemCollectionMetrics": "SIZE"}'), '{}', 'and its replay');
UPDATE ddb.transactions SET created_at = created_at - interval '9 minutes 58 seconds' WHERE token = 'one';
SELECT is(pg_temp.bump('one') #> '{ConsumedCapacity,0,ReadCapacityUnits}', '4', 'a token almost ten minutes old is replayed');
UPDATE ddb.transactions SET created_at = created_at - interval '3 seconds' WHERE token = 'one';
SELECT is(pg_temp.bump('one') #> '{ConsumedCapacity,0,WriteCapacityUnits}', '4', 'one of ten minutes is new');
UPDATE ddb.transactions SET created_at = created_at - interval '1 hour';
INSERT INTO ddb.transactions SELECT role, 'old' || i, request_hash, replay, created_at - i * interval '1 second' FROM ddb.transactions, generate_series(1, 20) i WHERE token = 'two';
SELECT pg_temp.bump('sweep1') \g /dev/null
SELECT is(count(*) FILTER (WHERE created_at > now() - interval '1 minute'), 1::bigint, 'old tokens are swept, not the new') FROM ddb.transactions;
SELECT cmp_ok(count(*), '>', 10::bigint, 'a few at a time') FROM ddb.transactions;
SELECT pg_temp.bump('sweep2') \g /dev/null
SELECT pg_temp.bump('sweep3') \g /dev/null
SELECT pg_temp.bump('sweep4') \g /dev/null
SELECT is(string_agg(token, ',' ORDER BY token), 'sweep1,sweep2,sweep3,sweep4', 'until all are gone') FROM ddb.transactions;

-- what the same PostgreSQL transaction wrote or locked is no conflict
SELECT ddb_put('Acct', pg_temp.id('own') || '{"n": {"N": "1"}}') \g /dev/null
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Update', 'own', '{"UpdateExpression": "ADD n :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}'))), '{}', 'an item written before');
SELECT count(*) FROM (SELECT FROM ddb_data."Acct" WHERE id IN ('own', 'b') FOR UPDATE) locked \g /dev/null
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Update', 'own', '{"UpdateExpression": "ADD n :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}'), pg_temp.put('b'))), '{}', 'items locked before');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('Delete', 'own'), pg_temp.op('Update', 'b', '{"UpdateExpression": "REMOVE x"}'))), '{}', 'and again, one deleted');
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.put('own', '{}', '{"ConditionExpression": "attribute_not_exists(id)"}'))), '{}', 'and put anew');

-- roles
CREATE ROLE ddb_txn_reader;
CREATE ROLE ddb_txn_writer;
GRANT SELECT ON ddb_data."Acct" TO ddb_txn_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ddb_data."Acct" TO ddb_txn_writer;
SET LOCAL ROLE ddb_txn_writer;
SELECT is(pg_temp.bump('sweep4') #> '{ConsumedCapacity,0,WriteCapacityUnits}', '4', 'tokens belong to a role');
SELECT throws_ok('TABLE ddb.transactions', '42501', NULL, 'which can''t read them');
SET LOCAL ROLE ddb_txn_reader;
SELECT is(pg_temp.tw(pg_temp.list(pg_temp.op('ConditionCheck', 'b', '{"ConditionExpression": "attribute_exists(id)"}'))), '{}', 'a check needs SELECT');
SELECT throws_ok($$SELECT pg_temp.tw(pg_temp.list(pg_temp.put('b')))$$, '42501', NULL, 'a put needs more');
SELECT throws_ok($$SELECT pg_temp.tw(pg_temp.list(pg_temp.op('Delete', 'b')))$$, '42501', NULL, 'and a delete');
SELECT is(pg_temp.tg(pg_temp.list(pg_temp.op('Get', 'c'))) #>> '{Responses,0,Item,id,S}', 'c', 'a get needs SELECT');
RESET ROLE;

-- SQL functions
SELECT lives_ok($$SELECT ddb_transact_write(pg_temp.list(pg_temp.put('sql1'), pg_temp.put('sql2')))$$, 'ddb_transact_write');
SELECT results_eq($$SELECT i ->> 'id' IS NULL, i FROM ddb_transact_get('[{"TableName": "Acct", "Key": {"id": {"S": "sql2"}}}, {"TableName": "Acct", "Key": {"id": {"S": "none"}}}]') i$$,
  $$VALUES (false, '{"id": {"S": "sql2"}}'::jsonb), (true, NULL)$$, 'ddb_transact_get gives NULL for an item that is not there');
SELECT lives_ok($$SELECT ddb_transact_write(pg_temp.list(pg_temp.op('Update', 'sql1', '{"UpdateExpression": "ADD n :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}')), token => 'sql') FROM generate_series(1, 3)$$, 'ddb_transact_write with a token');
SELECT is(pg_temp.there('sql1') #>> '{n,N}', '1', 'runs once');
SELECT throws_ok($$SELECT ddb_transact_write(NULL)$$, 'DY001', '1 validation error detected: Value null at ''transactItems'' failed to satisfy constraint: Member must not be null', 'ddb_transact_write of nothing');
SELECT throws_ok($$SELECT ddb_transact_get('{}')$$, 'DY011', NULL, 'ddb_transact_get of an object');
SELECT throws_ok($$SELECT ddb_transact_get('[1]')$$, 'DY011', NULL, 'ddb_transact_get of a number');

SELECT * FROM finish();
ROLLBACK;
