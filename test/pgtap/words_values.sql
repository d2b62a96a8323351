-- Words of values and expressions: the envelope that the writes of a single item put
-- around what needs the request alone, the two layers that check values, nesting and
-- sizes.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(223);
\ir ../psql/request.psql

SELECT ddb_create_table('Words', 'pk S', global_indexes => '{"gsi1": {"partition_key": "xa S"}, "gsi2": {"partition_key": "xa S", "sort_key": "pk S"}}') \g /dev/null
SELECT ddb_put('Words', '{"pk": {"S": "there"}}') \g /dev/null

CREATE FUNCTION pg_temp.words(op text, req jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(pg_temp.answer(op, req), '^ValidationException: ', '')
$$;
CREATE FUNCTION pg_temp.deep(wrappers int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT (repeat('{"M": {"k": ', wrappers) || '{"S": "x"}' || repeat('}}', wrappers))::jsonb
$$;
-- a request of each kind that brings a value, and how its words are: E in the envelope, B bare, W with its placeholder
CREATE TEMP TABLE places (name text, op text, layer text, form text, request text);
INSERT INTO places VALUES
  ('put item', 'PutItem', 'current', 'E', '{"TableName": "Words", "Item": {"pk": {"S": "a"}, "v": %}}'),
  ('put item, nested', 'PutItem', 'current', 'E', '{"TableName": "Words", "Item": {"pk": {"S": "a"}, "v": {"M": {"l": {"L": [%]}}}}}'),
  ('put condition', 'PutItem', 'current', 'E', '{"TableName": "Words", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": %}}'),
  ('put Expected', 'PutItem', 'current', 'E', '{"TableName": "Words", "Item": {"pk": {"S": "a"}}, "Expected": {"a": {"Value": %}}}'),
  ('update key', 'UpdateItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": %}}'),
  ('update value', 'UpdateItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": %}}'),
  ('AttributeUpdates', 'UpdateItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "AttributeUpdates": {"a": {"Value": %}}}'),
  ('delete key', 'DeleteItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": %}}'),
  ('delete condition', 'DeleteItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": %}}'),
  ('delete Expected', 'DeleteItem', 'current', 'E', '{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "Expected": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [%]}}}'),
  ('get key', 'GetItem', 'current', 'B', '{"TableName": "Words", "Key": {"pk": %}}'),
  ('batch get key', 'BatchGetItem', 'current', 'B', '{"RequestItems": {"Words": {"Keys": [{"pk": %}]}}}'),
  ('query key', 'Query', 'current', 'B', '{"TableName": "Words", "KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": %}}'),
  ('query start', 'Query', 'current', 'B', '{"TableName": "Words", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}, "ExclusiveStartKey": {"pk": %}}'),
  ('QueryFilter', 'Query', 'current', 'B', '{"TableName": "Words", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}, "QueryFilter": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [%]}}}'),
  ('scan filter', 'Scan', 'older', 'W', '{"TableName": "Words", "FilterExpression": "a = :v", "ExpressionAttributeValues": {":v": %}}'),
  ('ScanFilter', 'Scan', 'older', 'B', '{"TableName": "Words", "ScanFilter": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [%]}}}'),
  ('batch put', 'BatchWriteItem', 'older', 'B', '{"RequestItems": {"Words": [{"PutRequest": {"Item": {"pk": {"S": "a"}, "v": %}}}]}}'),
  ('batch delete', 'BatchWriteItem', 'older', 'B', '{"RequestItems": {"Words": [{"DeleteRequest": {"Key": {"pk": %}}}]}}'),
  ('transact put', 'TransactWriteItems', 'current', 'B', '{"TransactItems": [{"Put": {"TableName": "Words", "Item": {"pk": {"S": "a"}, "v": %}}}]}'),
  ('transact update', 'TransactWriteItems', 'current', 'B', '{"TransactItems": [{"Update": {"TableName": "Words", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": %}}}]}'),
  ('transact get', 'TransactGetItems', 'current', 'B', '{"TransactItems": [{"Get": {"TableName": "Words", "Key": {"pk": %}}}]}');
CREATE TEMP TABLE bad_values (value text, layer text, message text);
INSERT INTO bad_values VALUES
  ('{"N": "abc"}', NULL, 'The parameter cannot be converted to a numeric value: abc'),
  ('{"N": ""}', 'current', 'The parameter cannot be converted to a numeric value: '),
  ('{"N": ""}', 'older', 'The parameter cannot be converted to a numeric value'),
  ('{"N": "1e2147483647"}', 'current', 'Number overflow. Attempting to store a number with magnitude larger than supported range'),
  ('{"N": "1e2147483647"}', 'older', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'),
  ('{"N": "1e-2147483648"}', 'current', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'),
  ('{"SS": ["b", "a", "b"]}', 'current', 'One or more parameter values were invalid: Input collection ["a", "b", "b"] contains duplicates.'),
  ('{"SS": ["b", "a", "b"]}', 'older', 'One or more parameter values were invalid: Input collection [b, a, b] contains duplicates.'),
  ('{"BS": ["/w==", "AA==", "AA=="]}', 'current', 'One or more parameter values were invalid: Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.'),
  ('{"BS": ["/w==", "AA==", "AA=="]}', 'older', 'One or more parameter values were invalid: Input collection [/w==, AA==, AA==]of type BS contains duplicates.'),
  ('{"NS": ["1", "1.0"]}', 'current', 'One or more parameter values were invalid: Input collection contains duplicates.'),
  ('{"NS": ["1", "1.0"]}', 'older', 'Input collection contains duplicates');
SELECT is(pg_temp.words(op, replace(request, '%', value)::jsonb),
  CASE form WHEN 'E' THEN '1 validation error detected: ' || message
            WHEN 'W' THEN 'ExpressionAttributeValues contains invalid value: ' || message || ' for key :v' ELSE message END,
  name || ' ' || value)
FROM places p JOIN bad_values v ON coalesce(v.layer, p.layer) = p.layer;

-- what the current layer lists: in order up to the first repeat, then as sent
SELECT is(pg_temp.words('PutItem', format('{"TableName": "Words", "Item": {"pk": {"S": "a"}, "s": {"SS": %s}}}', sent)::jsonb),
  '1 validation error detected: One or more parameter values were invalid: Input collection ' || shown || ' contains duplicates.', sent) FROM (VALUES
  ('["c", "b", "c", "a", "b"]', '["b", "c", "c", "a", "b"]'), ('["z", "z", "a"]', '["z", "z", "a"]'), ('["d", "c", "b", "a", "a"]', '["a", "b", "c", "d", "a"]')) v(sent, shown);
-- numbers at the edges of exponents
SELECT is(pg_temp.words('PutItem', format('{"TableName": "Words", "Item": {"pk": {"S": "a"}, "n": {"N": "%s"}}}', n)::jsonb), coalesce('1 validation error detected: ' || problem, '{}'), n) FROM (VALUES
  ('1e9223372036854775808', 'The parameter cannot be converted to a numeric value: 1e9223372036854775808'),
  ('1e9223372036854775807', 'Number overflow. Attempting to store a number with magnitude larger than supported range'),
  ('0e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'),
  ('0e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'), ('0e125', NULL)) v(n, problem);

-- values in the envelope, and what needs a table bare
SELECT is(pg_temp.words(op, '{"TableName": "Words"}' || req::jsonb), expected, op || ' ' || req) FROM (VALUES
  ('PutItem', '{"Item": {"pk": {"S": "a"}, "v": {"SS": []}}}', '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty'),
  ('PutItem', '{"Item": {"pk": {"S": "a"}, "v": {"NULL": false}}}', '1 validation error detected: One or more parameter values were invalid: Null attribute value types must have the value of true'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "contains(a, a)"}', '1 validation error detected: Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a]'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "((a = b))"}', '1 validation error detected: Invalid ConditionExpression: The expression has redundant parentheses;'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": ""}', '1 validation error detected: Invalid ConditionExpression: The expression can not be empty;'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = :v"}', '1 validation error detected: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = b", "ExpressionAttributeValues": {":v": {"S": "v"}}}', '1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = b", "ExpressionAttributeNames": {}}', '1 validation error detected: ExpressionAttributeNames must not be empty'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ExpressionAttributeNames": {"#n": "n"}}', '1 validation error detected: ExpressionAttributeNames can only be specified when using expressions'),
  ('PutItem', '{"Item": {"pk": {"S": "a"}}, "ExpressionAttributeValues": {":v": {"S": "v"}}}', '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = b", "Expected": {"a": {"Exists": false}}}', '1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "Expected": {"a": {"Exists": true}}}', '1 validation error detected: One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: a'),
  ('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "Expected": {"a": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"S": "a"}]}}}', '1 validation error detected: One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN ComparisonOperator'),
  ('UpdateItem', '{"Key": {"pk": {"S": "a"}}, "AttributeUpdates": {"a": {"Action": "PUT"}}}', '1 validation error detected: One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified'),
  ('DeleteItem', '{"Key": {"sk": {"S": "a"}}}', 'The provided key element does not match the schema'),
  ('DeleteItem', '{"Key": {"pk": {"S": ""}}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('UpdateItem', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET pk = :v", "ExpressionAttributeValues": {":v": {"S": "v"}}}', 'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key'),
  ('GetItem', '{"Key": {"pk": {"S": "a"}}, "ProjectionExpression": "a,"}', 'Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","'),
  -- secondary index keys: the first index by name
  ('PutItem', '{"Item": {"pk": {"S": "a"}, "xa": {"N": "1"}}}', 'One or more parameter values were invalid: Type mismatch for Index Key xa Expected: S Actual: N IndexName: gsi1'),
  ('PutItem', '{"Item": {"pk": {"S": "a"}, "xa": {"S": ""}}}', 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi1, IndexKey: xa'),
  ('UpdateItem', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET xa = :v", "ExpressionAttributeValues": {":v": {"S": ""}}}', 'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.')) v(op, req, expected);

-- in transactions an index key of the wrong type cancels, an empty one is refused
SELECT is(pg_temp.words('TransactWriteItems', jsonb_build_object('TransactItems', jsonb_build_array(jsonb_build_object(action, '{"TableName": "Words"}' || req::jsonb)))),
  CASE WHEN expected LIKE '{%' THEN 'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError] [{"Code": "ValidationError", "Message": "' || trim(expected, '{}') || '"}]' ELSE expected END,
  action || ' ' || req) FROM (VALUES
  ('Put', '{"Item": {"pk": {"S": "a"}, "xa": {"N": "1"}}}', '{One or more parameter values were invalid: Type mismatch for Index Key xa Expected: S Actual: N IndexName: gsi1}'),
  ('Update', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET xa = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}', '{One or more parameter values were invalid: Type mismatch for Index Key xa Expected: S Actual: N IndexName: gsi1}'),
  ('Update', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET xa = :v", "ExpressionAttributeValues": {":v": {"M": {}}}}', '{One or more parameter values were invalid: Type mismatch for Index Key xa Expected: S Actual: M IndexName: gsi1}'),
  ('Put', '{"Item": {"pk": {"S": "a"}, "xa": {"S": ""}}}', 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi1, IndexKey: xa'),
  ('Update', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET xa = :v", "ExpressionAttributeValues": {":v": {"S": ""}}}', 'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.')) v(action, req, expected);

-- nesting: 31 levels pass, 32 don't, whatever brings them
SELECT is(pg_temp.answer(op, replace(request, '%', pg_temp.deep(31)::text)::jsonb) ~ 'Nesting', false, name || ' of 31 levels')
FROM places WHERE name !~ 'nested|key|start|delete';
SELECT is(pg_temp.words(op, replace(request, '%', pg_temp.deep(32)::text)::jsonb),
  CASE form WHEN 'E' THEN '1 validation error detected: ' ELSE '' END || 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit', name || ' of 32 levels')
FROM places WHERE name !~ 'nested';

-- sizes of expressions and items
SELECT is(pg_temp.words(op, req::jsonb), expected, label) FROM (VALUES
  ('a condition in a transaction', 'TransactWriteItems', format('{"TransactItems": [{"Delete": {"TableName": "Words", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "%s = b"}}]}', repeat('a', 4105)),
   'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4109'),
  ('an update', 'UpdateItem', format('{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "REMOVE %s"}', repeat('a', 4096)),
   '1 validation error detected: Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;'),
  ('a put of too much', 'PutItem', format('{"TableName": "Words", "Item": {"pk": {"S": "a"}, "v": {"S": "%s"}}}', repeat('v', 409600)), 'Item size has exceeded the maximum allowed size'),
  ('a put of too much in a batch', 'BatchWriteItem', format('{"RequestItems": {"Words": [{"PutRequest": {"Item": {"pk": {"S": "a"}, "v": {"S": "%s"}}}}]}}', repeat('v', 409600)), 'Item size has exceeded the maximum allowed size'),
  ('a put of too much in a transaction', 'TransactWriteItems', format('{"TransactItems": [{"Put": {"TableName": "Words", "Item": {"pk": {"S": "a"}, "v": {"S": "%s"}}}}]}', repeat('v', 409600)), 'Item size has exceeded the maximum allowed size'),
  ('an update to too much', 'UpdateItem', format('{"TableName": "Words", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "%s"}}}', repeat('v', 409600)), 'Item size to update has exceeded the maximum allowed size')) v(label, op, req, expected);

SELECT * FROM finish();
ROLLBACK;
