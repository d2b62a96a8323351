-- ddb_request: GetItem, PutItem, UpdateItem, DeleteItem.  Every parameter, the
-- rules between them, the order of validation, consumed capacity.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(100);
\ir ../psql/request.psql

SELECT ddb_create_table('ReqItem', 'pk S', 'sk N',
  global_indexes => '{"gin": {"partition_key": "gk S", "projection": ["x"]}}',
  local_indexes => '{"lin": {"sort_key": "ls S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT ddb_create_table('ReqItemB', 'pk B') \g /dev/null

-- GetItem
SELECT ddb_put('ReqItem', '{"pk": {"S": "a"}, "sk": {"N": "1"}, "x": {"N": "1"}, "y": {"M": {"z": {"L": [{"S": "0"}, {"S": "1"}]}}}, "size": {"S": "s"}}') \g /dev/null
SELECT is(pg_temp.answer('GetItem', '{"TableName": "ReqItem", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}' || req::jsonb), expected, 'GetItem ' || req) FROM (VALUES
  ('{}', '{"Item": {"x": {"N": "1"}, "y": {"M": {"z": {"L": [{"S": "0"}, {"S": "1"}]}}}, "pk": {"S": "a"}, "sk": {"N": "1"}, "size": {"S": "s"}}}'),
  ('{"ProjectionExpression": "x"}', '{"Item": {"x": {"N": "1"}}}'),
  ('{"ProjectionExpression": "y.z[1], #s", "ExpressionAttributeNames": {"#s": "size"}}', '{"Item": {"y": {"M": {"z": {"L": [{"S": "1"}]}}}, "size": {"S": "s"}}}'),
  ('{"ProjectionExpression": "nothing"}', '{"Item": {}}'),
  ('{"Key": {"pk": {"S": "a"}, "sk": {"N": "2"}}}', '{}'),
  ('{"Key": {"pk": {"S": "a"}, "sk": {"N": "1.00"}}, "ProjectionExpression": "x"}', '{"Item": {"x": {"N": "1"}}}'),
  ('{"ProjectionExpression": "x", "ReturnConsumedCapacity": "TOTAL"}', '{"Item": {"x": {"N": "1"}}, "ConsumedCapacity": {"TableName": "ReqItem", "CapacityUnits": 0.5}}'),
  ('{"ProjectionExpression": "x", "ConsistentRead": true, "ReturnConsumedCapacity": "INDEXES"}', '{"Item": {"x": {"N": "1"}}, "ConsumedCapacity": {"Table": {"CapacityUnits": 1.0}, "TableName": "ReqItem", "CapacityUnits": 1.0}}'),
  ('{"Key": {"pk": {"S": "no"}, "sk": {"N": "1"}}, "ReturnConsumedCapacity": "TOTAL"}', '{"ConsumedCapacity": {"TableName": "ReqItem", "CapacityUnits": 0.5}}'),
  ('{"ProjectionExpression": "x", "ReturnConsumedCapacity": "NONE", "Unknown": 1}', '{"Item": {"x": {"N": "1"}}}'),
  ('{"ProjectionExpression": ""}', 'ValidationException: Invalid ProjectionExpression: The expression can not be empty;'),
  ('{"ProjectionExpression": "x,"}', 'ValidationException: Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","'),
  ('{"ProjectionExpression": "size"}', 'ValidationException: Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: size'),
  ('{"ProjectionExpression": "y, y.z"}', 'ValidationException: Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [y], path two: [y, z]'),
  ('{"ProjectionExpression": "#x"}', 'ValidationException: Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #x'),
  ('{"ProjectionExpression": "x", "ExpressionAttributeNames": {"#y": "y"}}', 'ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#y}'),
  ('{"ProjectionExpression": "x", "ExpressionAttributeNames": {}}', 'ValidationException: ExpressionAttributeNames must not be empty'),
  ('{"ProjectionExpression": "x", "ExpressionAttributeNames": {"y": "y"}}', 'ValidationException: ExpressionAttributeNames contains invalid key: Syntax error; key: "y"'),
  ('{"ExpressionAttributeNames": {"#y": "y"}}', 'ValidationException: ExpressionAttributeNames can only be specified when using expressions'),
  ('{"Key": {"pk": {"S": "a"}}}', 'ValidationException: The provided key element does not match the schema'),
  ('{"Key": {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": {"N": "1"}}}', 'ValidationException: The provided key element does not match the schema'),
  ('{"Key": {"pk": {"S": "a"}, "st": {"N": "1"}}}', 'ValidationException: The provided key element does not match the schema'),
  ('{"Key": {"pk": {"S": "a"}, "sk": {"S": "1"}}}', 'ValidationException: The provided key element does not match the schema'),
  ('{"Key": {"pk": {"S": ""}, "sk": {"N": "1"}}}', 'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('{"Key": {"pk": {"S": "a"}, "sk": {"N": "one"}}}', 'ValidationException: The parameter cannot be converted to a numeric value: one'),
  ('{"Key": {"pk": {}, "sk": {"N": "1"}}}', 'ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'),
  ('{"TableName": null, "Key": null}', 'ValidationException: 2 validation errors detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null; Value null at ''key'' failed to satisfy constraint: Member must not be null'),
  ('{"TableName": "Req Item"}', 'ValidationException: 1 validation error detected: Value ''Req Item'' at ''tableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('{"ConsistentRead": 1}', 'SerializationException: NUMBER_VALUE cannot be converted to Boolean'),
  ('{"ReturnConsumedCapacity": "SOME"}', 'ValidationException: 1 validation error detected: Value ''SOME'' at ''returnConsumedCapacity'' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]')
) v(req, expected);
SELECT alike(pg_temp.answer('GetItem', '{"TableName": "ReqItemNone", "Key": {"pk": {"S": "a"}}}'), 'ResourceNotFoundException: Requested resource not found%', 'GetItem: no such table');
SELECT is(pg_temp.answer('GetItem', '{"TableName": "ReqItemB", "Key": {"pk": {"B": ""}}}'),
  'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk', 'GetItem: empty binary key');

-- the order of validation: each request has two errors or more, the first stage's is told
SELECT is(pg_temp.answer('GetItem', req::jsonb), expected, 'order: ' || label) FROM (VALUES
  ('types before constraints', '{"TableName": "a;", "Key": {"a": {"S": 1}}}', 'SerializationException: NUMBER_VALUE cannot be converted to String'),
  ('constraints before parameters', '{"TableName": "a;b", "Key": {"a": {}}, "AttributesToGet": ["a"], "ProjectionExpression": "a"}', 'ValidationException: 1 validation error detected: Value ''a;b'' at ''tableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('mixed parameters before names', '{"TableName": "NoTable", "Key": {"a": {}}, "AttributesToGet": ["a"], "ProjectionExpression": "", "ExpressionAttributeNames": {}}', 'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}'),
  ('names before values of the key', '{"TableName": "NoTable", "Key": {"a": {}}, "ProjectionExpression": "", "ExpressionAttributeNames": {}}', 'ValidationException: ExpressionAttributeNames must not be empty'),
  ('values of the key before syntax', '{"TableName": "NoTable", "Key": {"a": {}}, "ProjectionExpression": ""}', 'ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'),
  ('duplicates before the table', '{"TableName": "NoTable", "Key": {"a": {"S": "a"}}, "AttributesToGet": ["a", "a"]}', 'ValidationException: One or more parameter values were invalid: Duplicate value in attribute name: a'),
  ('syntax before the table', '{"TableName": "NoTable", "Key": {"a": {"S": "a"}}, "ProjectionExpression": "a b"}', 'ValidationException: Invalid ProjectionExpression: Syntax error; token: "b", near: "a b"')
) v(label, req, expected);

-- PutItem
CREATE FUNCTION pg_temp.put(req text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.answer('PutItem', '{"TableName": "ReqItem", "Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "x": {"N": "01"}}}' || req::jsonb)
$$;
SELECT is(pg_temp.put(req), expected, 'PutItem ' || req) FROM (VALUES
  ('{}', '{}'),
  ('{"ReturnValues": "ALL_OLD"}', '{"Attributes": {"x": {"N": "1"}, "pk": {"S": "p"}, "sk": {"N": "1"}}}'),
  ('{"ReturnValues": "NONE"}', '{}'),
  ('{"ConditionExpression": "attribute_exists(pk)"}', '{}'),
  ('{"ConditionExpression": "x = :v", "ExpressionAttributeValues": {":v": {"N": "1.0"}}}', '{}'),
  ('{"ConditionExpression": "x > :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', 'ConditionalCheckFailedException: The conditional request failed'),
  ('{"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}', 'ConditionalCheckFailedException: The conditional request failed {"x": {"N": "1"}, "pk": {"S": "p"}, "sk": {"N": "1"}}'),
  ('{"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "NONE"}', 'ConditionalCheckFailedException: The conditional request failed'),
  ('{"ReturnConsumedCapacity": "TOTAL"}', '{"ConsumedCapacity": {"TableName": "ReqItem", "CapacityUnits": 1.0}}'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "gk": {"S": "g"}, "ls": {"S": "l"}}, "ReturnConsumedCapacity": "INDEXES"}', '{"ConsumedCapacity": {"Table": {"CapacityUnits": 1.0}, "TableName": "ReqItem", "CapacityUnits": 3.0, "LocalSecondaryIndexes": {"lin": {"CapacityUnits": 1.0}}, "GlobalSecondaryIndexes": {"gin": {"CapacityUnits": 1.0}}}}'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "gk": {"S": "h"}, "ls": {"S": "l"}, "y": {"S": "y"}}, "ReturnConsumedCapacity": "INDEXES"}', '{"ConsumedCapacity": {"Table": {"CapacityUnits": 1.0}, "TableName": "ReqItem", "CapacityUnits": 3.0, "GlobalSecondaryIndexes": {"gin": {"CapacityUnits": 2.0}}}}'),
  ('{"ReturnItemCollectionMetrics": "SIZE"}', '{"ItemCollectionMetrics": {"ItemCollectionKey": {"pk": {"S": "p"}}, "SizeEstimateRangeGB": [0, 1]}}'),
  ('{"ReturnItemCollectionMetrics": "NONE"}', '{}'),
  ('{"Item": {"pk": {"S": "p"}}}', 'ValidationException: One or more parameter values were invalid: Missing the key sk in the item'),
  ('{"Item": {}}', 'ValidationException: One or more parameter values were invalid: Missing the key pk in the item'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"S": "1"}}}', 'ValidationException: One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "gk": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key gk Expected: S Actual: N IndexName: gin'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "gk": {"S": ""}}}', 'ValidationException: One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gin, IndexKey: gk'),
  ('{"ConditionExpression": ""}', 'ValidationException: 1 validation error detected: Invalid ConditionExpression: The expression can not be empty;'),
  ('{"ConditionExpression": "x = "}', 'ValidationException: 1 validation error detected: Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'),
  ('{"ConditionExpression": "x = :v"}', 'ValidationException: 1 validation error detected: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v'),
  ('{"ConditionExpression": "x = :v", "ExpressionAttributeValues": {}}', 'ValidationException: 1 validation error detected: ExpressionAttributeValues must not be empty'),
  ('{"ConditionExpression": "attribute_exists(x)", "ExpressionAttributeValues": {":v": {"N": "1"}}}', 'ValidationException: 1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'),
  ('{"ExpressionAttributeNames": {"#x": "x"}}', 'ValidationException: 1 validation error detected: ExpressionAttributeNames can only be specified when using expressions'),
  ('{"ConditionExpression": "attribute_exists(x)", "Expected": {}}', 'ValidationException: 1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}'),
  ('{"ReturnItemCollectionMetrics": "ALL", "ReturnValuesOnConditionCheckFailure": "ALL_NEW"}', 'ValidationException: 2 validation errors detected: Value ''ALL'' at ''returnItemCollectionMetrics'' failed to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]; Value ''ALL_NEW'' at ''returnValuesOnConditionCheckFailure'' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]'),
  ('{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "b": {"B": "a"}}}', 'SerializationException: Base64 encoded length is expected a multiple of 4 bytes but found: 1'),
  ('{"Item": {"pk": "p"}}', 'SerializationException: Unexpected value type in payload')
) v(req, expected);
SELECT is(pg_temp.put('{"ReturnValues": "ALL_NEW"}'), 'ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or NONE', 'PutItem: ReturnValues ALL_NEW');
SELECT is(pg_temp.put('{"ExpressionAttributeValues": {":v": {"N": "1"}}}'), 'ValidationException: 1 validation error detected: ExpressionAttributeValues can only be specified when using expressions', 'PutItem: values without expression');
-- the item's other attributes have 9 bytes
SELECT is(pg_temp.answer('PutItem', jsonb_build_object('TableName', 'ReqItem', 'Item',
    jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', '{"N": "1"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', 409600 - 8 + n))))), expected, 'PutItem: 400 KB and ' || n)
FROM (VALUES (-1, '{}'), (0, '{}'), (1, 'ValidationException: Item size has exceeded the maximum allowed size')) v(n, expected);

-- UpdateItem
CREATE FUNCTION pg_temp.upd(req text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.answer('UpdateItem', '{"TableName": "ReqItem", "Key": {"pk": {"S": "u"}, "sk": {"N": "1"}}}' || req::jsonb)
$$;
SELECT is(pg_temp.upd(req), expected, 'UpdateItem ' || req) FROM (VALUES
  ('{"ReturnValues": "ALL_NEW"}', '{"Attributes": {"pk": {"S": "u"}, "sk": {"N": "1"}}}'),
  ('{"UpdateExpression": "SET x = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', '{}'),
  ('{"UpdateExpression": "ADD x :v", "ExpressionAttributeValues": {":v": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"}', '{"Attributes": {"x": {"N": "2"}}}'),
  ('{"UpdateExpression": "SET x = x + :v", "ExpressionAttributeValues": {":v": {"N": "1"}}, "ReturnValues": "UPDATED_OLD"}', '{"Attributes": {"x": {"N": "2"}}}'),
  ('{"UpdateExpression": "SET y = x", "ReturnValues": "ALL_OLD"}', '{"Attributes": {"x": {"N": "3"}, "pk": {"S": "u"}, "sk": {"N": "1"}}}'),
  ('{"UpdateExpression": "REMOVE y", "ConditionExpression": "attribute_exists(zz)"}', 'ConditionalCheckFailedException: The conditional request failed'),
  ('{"UpdateExpression": "REMOVE y", "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}', '{"ConsumedCapacity": {"Table": {"CapacityUnits": 1.0}, "TableName": "ReqItem", "CapacityUnits": 1.0}, "ItemCollectionMetrics": {"ItemCollectionKey": {"pk": {"S": "u"}}, "SizeEstimateRangeGB": [0, 1]}}'),
  ('{"UpdateExpression": "SET sk = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key'),
  ('{"UpdateExpression": "SET gk = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key gk Expected: S Actual: N IndexName: gin'),
  ('{"UpdateExpression": "SET x = nothing"}', 'ValidationException: The provided expression refers to an attribute that does not exist in the item'),
  ('{"UpdateExpression": "SET x.a = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', 'ValidationException: The document path provided in the update expression is invalid for update'),
  ('{"UpdateExpression": ""}', 'ValidationException: 1 validation error detected: Invalid UpdateExpression: The expression can not be empty;'),
  ('{"UpdateExpression": "SET x"}', 'ValidationException: 1 validation error detected: Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "x"'),
  ('{"UpdateExpression": "REMOVE x", "AttributeUpdates": {}, "Expected": {}}', 'ValidationException: 1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {UpdateExpression}'),
  ('{"Key": null}', 'ValidationException: 1 validation error detected: Value null at ''key'' failed to satisfy constraint: Member must not be null')
) v(req, expected);
SELECT is(pg_temp.answer('UpdateItem', jsonb_build_object('TableName', 'ReqItem', 'Key', '{"pk": {"S": "v"}, "sk": {"N": "1"}}'::jsonb,
    'UpdateExpression', 'SET x = :x', 'ExpressionAttributeValues', jsonb_build_object(':x', jsonb_build_object('S', repeat('x', 409577 + n))))), expected, 'UpdateItem: a statement of 400 KB and ' || n)
FROM (VALUES (0, '{}'), (1, 'ValidationException: Item size to update has exceeded the maximum allowed size')) v(n, expected);

-- DeleteItem
SELECT is(pg_temp.answer('DeleteItem', '{"TableName": "ReqItem", "Key": {"pk": {"S": "u"}, "sk": {"N": "1"}}}' || req::jsonb), expected, 'DeleteItem ' || req) FROM (VALUES
  ('{"ConditionExpression": "x = :v", "ExpressionAttributeValues": {":v": {"N": "4"}}}', 'ConditionalCheckFailedException: The conditional request failed'),
  ('{"ConditionExpression": "x = :v", "ExpressionAttributeValues": {":v": {"N": "4"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}', 'ConditionalCheckFailedException: The conditional request failed {"x": {"N": "3"}, "pk": {"S": "u"}, "sk": {"N": "1"}}'),
  ('{"ConditionExpression": "x = :v", "ExpressionAttributeValues": {":v": {"N": "3"}}, "ReturnValues": "ALL_OLD"}', '{"Attributes": {"x": {"N": "3"}, "pk": {"S": "u"}, "sk": {"N": "1"}}}'),
  ('{"ReturnValues": "ALL_OLD"}', '{}'),
  ('{"ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE"}', '{"ConsumedCapacity": {"TableName": "ReqItem", "CapacityUnits": 1.0}, "ItemCollectionMetrics": {"ItemCollectionKey": {"pk": {"S": "u"}}, "SizeEstimateRangeGB": [0, 1]}}'),
  ('{"Key": {"pk": {"S": "u"}}}', 'ValidationException: The provided key element does not match the schema'),
  ('{"ConditionExpression": "x", "Expected": {}}', 'ValidationException: 1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}'),
  ('{"ConditionExpression": "x"}', 'ValidationException: 1 validation error detected: Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "x"')
) v(req, expected);
SELECT alike(pg_temp.answer('DeleteItem', '{"TableName": "ReqItem", "Key": {"pk": {"S": "u"}, "sk": {"N": "1"}}, "ReturnValues": "UPDATED_OLD"}'), 'ValidationException: 1 validation error detected: Return%alues %', 'DeleteItem: ReturnValues UPDATED_OLD');

-- not one of the four
SELECT alike(pg_temp.answer('GetItems', '{}'), 'UnknownOperationException: %', 'an unknown operation');
SELECT alike(pg_temp.answer('GetItem', '[]'), 'SerializationException: %', 'a request that is no object');

SELECT * FROM finish();
ROLLBACK;
