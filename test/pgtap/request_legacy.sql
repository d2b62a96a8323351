-- The parameters of before expressions: AttributesToGet, Expected,
-- ConditionalOperator, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(202);
\ir ../psql/request.psql

SELECT ddb_create_table('Legacy', 'pk S', 'sk N', local_indexes => '{"lin": {"sort_key": "ls S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT ddb_put('Legacy', '{"pk": {"S": "k"}, "sk": {"N": "1"}, "s": {"S": "hello"}, "n": {"N": "5"}, "b": {"B": "aGVsbG8="}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": ["YQ=="]}, "l": {"L": [{"S": "a"}, {"N": "1"}]}, "m": {"M": {"x": {"S": "y"}}}, "bo": {"BOOL": true}, "nu": {"NULL": true}, "size": {"N": "3"}}') \g /dev/null

-- every comparison operator, as a ScanFilter on one item: whether it passes
CREATE FUNCTION pg_temp.filter(attribute text, op text, vals jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('Scan', jsonb_build_object('TableName', 'Legacy', 'Select', 'COUNT', 'ScanFilter',
  jsonb_build_object(attribute, jsonb_strip_nulls(jsonb_build_object('ComparisonOperator', op, 'AttributeValueList', vals)))));
BEGIN
  RETURN CASE WHEN answer LIKE '{%' THEN (answer::jsonb->>'Count') ELSE substr(answer, 22) END;
END $$;
SELECT is(pg_temp.filter(a, op, vals::jsonb), expected, concat_ws(' ', a, op, vals)) FROM (VALUES
  ('s', 'EQ', '[{"S": "hello"}]', '1'), ('s', 'EQ', '[{"S": "hell"}]', '0'), ('s', 'EQ', '[{"N": "5"}]', '0'),
  ('n', 'EQ', '[{"N": "5.0"}]', '1'), ('ss', 'EQ', '[{"SS": ["b", "a"]}]', '1'), ('m', 'EQ', '[{"M": {"x": {"S": "y"}}}]', '1'),
  ('l', 'EQ', '[{"L": [{"S": "a"}, {"N": "1"}]}]', '1'), ('bo', 'EQ', '[{"BOOL": true}]', '1'), ('nu', 'EQ', '[{"NULL": true}]', '1'),
  ('zz', 'EQ', '[{"S": "hello"}]', '0'), ('size', 'EQ', '[{"N": "3"}]', '1'),
  ('s', 'NE', '[{"S": "hello"}]', '0'), ('s', 'NE', '[{"N": "5"}]', '1'), ('zz', 'NE', '[{"S": "hello"}]', '1'),
  ('n', 'LE', '[{"N": "5"}]', '1'), ('n', 'LE', '[{"N": "4"}]', '0'), ('n', 'LT', '[{"N": "5"}]', '0'), ('n', 'LT', '[{"N": "10"}]', '1'),
  ('n', 'GE', '[{"N": "5"}]', '1'), ('n', 'GE', '[{"N": "6"}]', '0'), ('n', 'GT', '[{"N": "5"}]', '0'), ('n', 'GT', '[{"N": "-10"}]', '1'),
  ('s', 'LT', '[{"N": "9"}]', '0'), ('b', 'GT', '[{"B": "aGVsbA=="}]', '1'), ('zz', 'LT', '[{"N": "9"}]', '0'),
  ('s', 'NOT_NULL', NULL, '1'), ('zz', 'NOT_NULL', NULL, '0'), ('nu', 'NOT_NULL', NULL, '1'), ('s', 'NOT_NULL', '[]', '1'),
  ('s', 'NULL', NULL, '0'), ('zz', 'NULL', NULL, '1'), ('nu', 'NULL', NULL, '0'),
  ('s', 'CONTAINS', '[{"S": "ell"}]', '1'), ('s', 'CONTAINS', '[{"S": "x"}]', '0'), ('b', 'CONTAINS', '[{"B": "ZWw="}]', '1'),
  ('ss', 'CONTAINS', '[{"S": "a"}]', '1'), ('ns', 'CONTAINS', '[{"N": "1.0"}]', '1'), ('bs', 'CONTAINS', '[{"B": "YQ=="}]', '1'),
  ('l', 'CONTAINS', '[{"N": "1"}]', '1'), ('l', 'CONTAINS', '[{"S": "1"}]', '0'), ('zz', 'CONTAINS', '[{"S": "a"}]', '0'),
  ('s', 'NOT_CONTAINS', '[{"S": "ell"}]', '0'), ('s', 'NOT_CONTAINS', '[{"S": "x"}]', '1'), ('zz', 'NOT_CONTAINS', '[{"S": "x"}]', '0'),
  ('s', 'BEGINS_WITH', '[{"S": "he"}]', '1'), ('s', 'BEGINS_WITH', '[{"S": "el"}]', '0'), ('b', 'BEGINS_WITH', '[{"B": "aGU="}]', '1'), ('zz', 'BEGINS_WITH', '[{"S": "he"}]', '0'),
  ('s', 'IN', '[{"S": "x"}, {"S": "hello"}]', '1'), ('s', 'IN', '[{"S": "x"}]', '0'), ('zz', 'IN', '[{"S": "x"}]', '0'),
  ('n', 'BETWEEN', '[{"N": "5"}, {"N": "6"}]', '1'), ('n', 'BETWEEN', '[{"N": "5"}, {"N": "5"}]', '1'), ('n', 'BETWEEN', '[{"N": "5.1"}, {"N": "6"}]', '0'),
  -- and their arguments
  ('s', 'EQ', NULL, 'One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator'),
  ('s', 'EQ', '[]', 'One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator'),
  ('s', 'EQ', '[{"S": "a"}, {"S": "b"}]', 'One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator'),
  ('s', 'NOT_NULL', '[{"S": "a"}]', 'One or more parameter values were invalid: Invalid number of argument(s) for the NOT_NULL ComparisonOperator'),
  ('s', 'NULL', '[{"S": "a"}]', 'One or more parameter values were invalid: Invalid number of argument(s) for the NULL ComparisonOperator'),
  ('s', 'IN', '[]', 'One or more parameter values were invalid: Invalid number of argument(s) for the IN ComparisonOperator'),
  ('s', 'BETWEEN', '[{"S": "a"}]', 'One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN ComparisonOperator'),
  ('s', 'BETWEEN', '[{"S": "a"}, {"S": "b"}, {"S": "c"}]', 'One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN ComparisonOperator'),
  ('s', 'LE', '[{"BOOL": true}]', 'One or more parameter values were invalid: ComparisonOperator LE is not valid for BOOL AttributeValue type'),
  ('s', 'GT', '[{"SS": ["a"]}]', 'One or more parameter values were invalid: ComparisonOperator GT is not valid for SS AttributeValue type'),
  ('s', 'CONTAINS', '[{"SS": ["a"]}]', 'One or more parameter values were invalid: ComparisonOperator CONTAINS is not valid for SS AttributeValue type'),
  ('s', 'NOT_CONTAINS', '[{"M": {}}]', 'One or more parameter values were invalid: ComparisonOperator NOT_CONTAINS is not valid for M AttributeValue type'),
  ('s', 'BEGINS_WITH', '[{"N": "1"}]', 'One or more parameter values were invalid: ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type'),
  ('s', 'IN', '[{"L": []}]', 'One or more parameter values were invalid: ComparisonOperator IN is not valid for L AttributeValue type'),
  ('s', 'IN', '[{"S": "a"}, {"N": "1"}]', 'One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type'),
  ('s', 'BETWEEN', '[{"S": "a"}, {"N": "1"}]', 'One or more parameter values were invalid: AttributeValues inside AttributeValueList must be of same type'),
  ('s', 'BETWEEN', '[{"S": "b"}, {"S": "a"}]', 'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound'),
  ('s', 'EQ', '[{}]', 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'),
  ('s', 'EQ', '[{"N": "x"}]', 'The parameter cannot be converted to a numeric value: x'),
  ('s', 'IS', '[{"S": "a"}]', '1 validation error detected: Value ''IS'' at ''scanFilter.s.member.comparisonOperator'' failed to satisfy constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]'),
  ('s', NULL, '[{"S": "a"}]', '1 validation error detected: Value null at ''scanFilter.s.member.comparisonOperator'' failed to satisfy constraint: Member must not be null')
) v(a, op, vals, expected);

-- Expected, ConditionalOperator
CREATE FUNCTION pg_temp.expect(expected text, operator text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('DeleteItem', '{"TableName": "Legacy", "Key": {"pk": {"S": "nobody"}, "sk": {"N": "1"}}}'
  || coalesce(jsonb_build_object('Expected', expected::jsonb), '{}') || CASE WHEN operator IS NULL THEN '{}' ELSE jsonb_build_object('ConditionalOperator', operator) END);
BEGIN
  RETURN CASE WHEN answer LIKE '{%' THEN 'yes' WHEN answer LIKE 'ConditionalCheckFailedException: The conditional request failed' THEN 'no' ELSE answer END;
END $$;
CREATE FUNCTION pg_temp.expect_item(expected text, operator text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('UpdateItem', '{"TableName": "Legacy", "Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}}'
  || jsonb_build_object('Expected', expected::jsonb) || CASE WHEN operator IS NULL THEN '{}' ELSE jsonb_build_object('ConditionalOperator', operator) END);
BEGIN
  RETURN CASE WHEN answer LIKE '{%' THEN 'yes' WHEN answer LIKE 'ConditionalCheckFailedException: The conditional request failed' THEN 'no' ELSE answer END;
END $$;
SELECT is(pg_temp.expect_item(e, o), expected, concat_ws(' ', 'Expected', e, o)) FROM (VALUES
  ('{"s": {"Value": {"S": "hello"}}}', NULL, 'yes'),
  ('{"s": {"Value": {"S": "hello"}, "Exists": true}}', NULL, 'yes'),
  ('{"s": {"Value": {"S": "x"}}}', NULL, 'no'),
  ('{"s": {"Exists": false}}', NULL, 'no'),
  ('{"zz": {"Exists": false}}', NULL, 'yes'),
  ('{"zz": {"Value": {"S": "x"}}}', NULL, 'no'),
  ('{"n": {"ComparisonOperator": "LT", "Value": {"N": "6"}}}', NULL, 'yes'),
  ('{"n": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "5"}]}}', NULL, 'no'),
  ('{"zz": {"ComparisonOperator": "NULL"}}', NULL, 'yes'),
  ('{"s": {"Value": {"S": "hello"}}, "n": {"Value": {"N": "6"}}}', NULL, 'no'),
  ('{"s": {"Value": {"S": "hello"}}, "n": {"Value": {"N": "6"}}}', 'AND', 'no'),
  ('{"s": {"Value": {"S": "hello"}}, "n": {"Value": {"N": "6"}}}', 'OR', 'yes'),
  ('{"s": {"Value": {"S": "x"}}, "n": {"Value": {"N": "6"}}, "zz": {"Exists": false}}', 'OR', 'yes'),
  ('{}', NULL, 'yes'),
  ('{"s": {"Value": {"S": "x"}, "Exists": false}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Value cannot be used when Exists is false for Attribute: s'),
  ('{"s": {"Exists": true}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: s'),
  ('{"s": {}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Value must be provided when Exists is null for Attribute: s'),
  ('{"s": {"Exists": true, "ComparisonOperator": "EQ", "Value": {"S": "x"}}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Exists and ComparisonOperator cannot be used together for Attribute: s'),
  ('{"s": {"Value": {"S": "x"}, "AttributeValueList": [{"S": "x"}]}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Value and AttributeValueList cannot be used together for Attribute: s'),
  ('{"s": {"AttributeValueList": [{"S": "x"}]}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: AttributeValueList can only be used with a ComparisonOperator for Attribute: s'),
  ('{"s": {"ComparisonOperator": "GE"}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Value or AttributeValueList must be used with ComparisonOperator: GE for Attribute: s'),
  ('{"s": {"ComparisonOperator": "BETWEEN", "Value": {"S": "x"}}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Invalid number of argument(s) for the BETWEEN ComparisonOperator'),
  ('{"s": {"ComparisonOperator": "NULL", "Value": {"S": "x"}}}', NULL, 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Invalid number of argument(s) for the NULL ComparisonOperator'),
  ('{"s": {"Value": {"N": ""}}}', NULL, 'ValidationException: 1 validation error detected: The parameter cannot be converted to a numeric value: '),
  ('{"s": {"Exists": false}}', 'OR', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: ConditionalOperator can only be used when Filter or Expected has two or more elements'),
  ('{"s": {"Exists": false}}', 'XOR', 'ValidationException: 1 validation error detected: Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]'),
  ('{"s": {"Exists": "false"}}', NULL, 'SerializationException: Unexpected token received from parser')
) v(e, o, expected);
SELECT is(pg_temp.expect('{"s": {"Exists": false}}'), 'yes', 'Expected where there is no item');
SELECT is(pg_temp.expect('{"s": {"Value": {"S": "x"}}}'), 'no', 'Expected of a value where there is no item');
SELECT is(pg_temp.expect(NULL, 'OR'), 'ValidationException: 1 validation error detected: One or more parameter values were invalid: ConditionalOperator cannot be used without Filter or Expected', 'ConditionalOperator alone');
SELECT is(pg_temp.answer('PutItem', '{"TableName": "Legacy", "Item": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "Expected": {"pk": {"Exists": false}}}'), '{}', 'PutItem, once');
SELECT is(pg_temp.answer('PutItem', '{"TableName": "Legacy", "Item": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "Expected": {"pk": {"Exists": false}}}'),
  'ConditionalCheckFailedException: The conditional request failed', 'PutItem, twice');

-- AttributeUpdates
CREATE FUNCTION pg_temp.upd(pk text, updates text, returns text DEFAULT 'ALL_NEW') RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '{%' THEN ((a::jsonb->'Attributes') - 'pk' - 'sk')::text ELSE a END
  FROM pg_temp.answer('UpdateItem', jsonb_build_object('TableName', 'Legacy', 'Key', jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', '{"N": "1"}'::jsonb),
    'AttributeUpdates', updates::jsonb, 'ReturnValues', returns)) a
$$;
SELECT is(pg_temp.upd('u', updates), expected, updates) FROM (VALUES
  ('{}', '{}'),
  ('{"a": {"Value": {"S": "1"}}}', '{"a": {"S": "1"}}'),
  ('{"a": {"Action": "PUT", "Value": {"L": [{"S": "x"}]}}, "size": {"Value": {"N": "1"}}}', '{"a": {"L": [{"S": "x"}]}, "size": {"N": "1"}}'),
  ('{"a": {"Action": "ADD", "Value": {"L": [{"S": "y"}, {"N": "2"}]}}}', '{"a": {"L": [{"S": "x"}, {"S": "y"}, {"N": "2"}]}, "size": {"N": "1"}}'),
  ('{"size": {"Action": "ADD", "Value": {"N": "-2.5"}}, "a": {"Action": "DELETE"}}', '{"size": {"N": "-1.5"}}'),
  ('{"ss": {"Action": "ADD", "Value": {"SS": ["a", "b"]}}, "l": {"Action": "ADD", "Value": {"L": []}}, "nn": {"Action": "ADD", "Value": {"N": "7"}}}', '{"l": {"L": []}, "nn": {"N": "7"}, "ss": {"SS": ["a", "b"]}, "size": {"N": "-1.5"}}'),
  ('{"ss": {"Action": "ADD", "Value": {"SS": ["c", "b"]}}, "l": {"Action": "DELETE"}, "nn": {"Action": "DELETE"}, "size": {"Action": "DELETE"}}', '{"ss": {"SS": ["a", "b", "c"]}}'),
  ('{"ss": {"Action": "DELETE", "Value": {"SS": ["c", "zz"]}}, "zz": {"Action": "DELETE"}, "yy": {"Action": "DELETE", "Value": {"NS": ["1"]}}}', '{"ss": {"SS": ["a", "b"]}}'),
  ('{"ss": {"Action": "DELETE", "Value": {"SS": ["a", "b"]}}}', '{}'),
  ('{"a.b": {"Value": {"S": "a dot"}}}', '{"a.b": {"S": "a dot"}}'),
  ('{"n": {"Value": {"N": "1"}}, "s": {"Value": {"S": "s"}}}', '{"n": {"N": "1"}, "s": {"S": "s"}, "a.b": {"S": "a dot"}}'),
  ('{"n": {"Action": "ADD", "Value": {"SS": ["a"]}}}', 'ValidationException: Type mismatch for attribute to update'),
  ('{"s": {"Action": "ADD", "Value": {"N": "1"}}}', 'ValidationException: Type mismatch for attribute to update'),
  ('{"s": {"Action": "ADD", "Value": {"L": []}}}', 'ValidationException: Type mismatch for attribute to update'),
  ('{"s": {"Action": "DELETE", "Value": {"SS": ["a"]}}}', 'ValidationException: Type mismatch for attribute to update'),
  ('{"s": {}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified'),
  ('{"s": {"Action": "PUT"}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified'),
  ('{"s": {"Action": "ADD"}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: Only DELETE action is allowed when no attribute value is specified'),
  ('{"s": {"Action": "ADD", "Value": {"S": "x"}}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: ADD action is not supported for the type S'),
  ('{"s": {"Action": "ADD", "Value": {"M": {}}}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: ADD action is not supported for the type M'),
  ('{"s": {"Action": "DELETE", "Value": {"S": "s"}}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: DELETE action with value is not supported for the type S'),
  ('{"s": {"Action": "DELETE", "Value": {"N": "1"}}}', 'ValidationException: 1 validation error detected: One or more parameter values were invalid: DELETE action with value is not supported for the type N'),
  ('{"sk": {"Value": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key'),
  ('{"ls": {"Value": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key ls Expected: S Actual: N IndexName: lin'),
  ('{"s": {"Action": "SET", "Value": {"S": "x"}}}', 'ValidationException: 1 validation error detected: Value ''SET'' at ''attributeUpdates.s.member.action'' failed to satisfy constraint: Member must satisfy enum value set: [ADD, PUT, DELETE]'),
  ('{"s": {"Value": {"S": "x", "N": "1"}}}', 'ValidationException: 1 validation error detected: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes')
) v(updates, expected);
SELECT is(pg_temp.upd('k', '{"n": {"Action": "ADD", "Value": {"N": "1"}}, "s": {"Action": "DELETE"}}', 'UPDATED_OLD'), '{"n": {"N": "5"}, "s": {"S": "hello"}}', 'UPDATED_OLD');
SELECT is(pg_temp.upd('k', '{"n": {"Action": "ADD", "Value": {"N": "1"}}, "zz": {"Action": "DELETE"}}', 'UPDATED_NEW'), '{"n": {"N": "7"}}', 'UPDATED_NEW');
SELECT is(pg_temp.upd('d', '{"s": {"Action": "DELETE"}, "t": {"Action": "DELETE", "Value": {"SS": ["a"]}}}'), NULL, 'DELETE actions alone create no item');
SELECT is(ddb_get('Legacy', '{"pk": {"S": "d"}, "sk": {"N": "1"}}'), NULL, 'none is there');
SELECT is(pg_temp.upd('d', '{"s": {"Action": "DELETE"}, "n": {"Action": "ADD", "Value": {"N": "1"}}}'), '{"n": {"N": "1"}}', 'with an ADD they do');
SELECT is(pg_temp.upd('e', '{}'), '{}', 'nothing to do creates an item');

-- AttributesToGet
SELECT is(pg_temp.answer('GetItem', '{"TableName": "Legacy", "Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}}' || req::jsonb), expected, req) FROM (VALUES
  ('{"AttributesToGet": ["n", "size", "zz"]}', '{"Item": {"n": {"N": "7"}, "size": {"N": "3"}}}'),
  ('{"AttributesToGet": ["zz"]}', '{"Item": {}}'),
  ('{"AttributesToGet": []}', 'ValidationException: 1 validation error detected: Value ''[]'' at ''attributesToGet'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  ('{"AttributesToGet": ["a", "b", "a"]}', 'ValidationException: One or more parameter values were invalid: Duplicate value in attribute name: a'),
  ('{"AttributesToGet": ["a"], "ProjectionExpression": "a"}', 'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}'),
  ('{"AttributesToGet": "a"}', 'SerializationException: Unexpected field type')
) v(req, expected);

-- KeyConditions, QueryFilter
CREATE FUNCTION pg_temp.query(req text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN a LIKE '{%' THEN (a::jsonb->>'Count') ELSE a END
  FROM pg_temp.answer('Query', '{"TableName": "Legacy", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}}'
    || CASE WHEN req LIKE '{"sk":%' THEN jsonb_build_object('KeyConditions', req::jsonb || '{"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}') ELSE req::jsonb END) a
$$;
SELECT is(pg_temp.query(req), expected, req) FROM (VALUES
  ('{}', '1'),
  ('{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}}', '1'),
  ('{"sk": {"ComparisonOperator": "LE", "AttributeValueList": [{"N": "1"}]}}', '1'),
  ('{"sk": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "1"}]}}', '0'),
  ('{"sk": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "1"}]}}', '1'),
  ('{"sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "1"}]}}', '0'),
  ('{"sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "0"}, {"N": "1"}]}}', '1'),
  ('{"sk": {"ComparisonOperator": "NE", "AttributeValueList": [{"N": "1"}]}}', 'ValidationException: Attempted conditional constraint is not an indexable operation'),
  ('{"sk": {"ComparisonOperator": "NOT_NULL"}}', 'ValidationException: Attempted conditional constraint is not an indexable operation'),
  ('{"sk": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "1"}]}}', 'ValidationException: Attempted conditional constraint is not an indexable operation'),
  ('{"sk": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"N": "1"}]}}', 'ValidationException: Attempted conditional constraint is not an indexable operation'),
  ('{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}}', 'ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('{"KeyConditions": {}}', 'ValidationException: Conditions can be of length 1 or 2 only'),
  ('{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}, "ss": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}}', 'ValidationException: Conditions can be of length 1 or 2 only'),
  ('{"KeyConditions": {"pk": {"ComparisonOperator": "GT", "AttributeValueList": [{"S": "k"}]}}}', 'ValidationException: Query key condition not supported'),
  ('{"KeyConditions": {"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}}}', 'ValidationException: Query condition missed key schema element: pk'),
  ('{"QueryFilter": {"n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "1"}]}}}', '1'),
  ('{"QueryFilter": {"n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "7"}]}}}', '0'),
  ('{"QueryFilter": {"n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "7"}]}, "zz": {"ComparisonOperator": "NULL"}}, "ConditionalOperator": "OR"}', '1'),
  ('{"QueryFilter": {"sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "1"}]}}}', 'ValidationException: QueryFilter can only contain non-primary key attributes: Primary key attribute: sk'),
  ('{"ConditionalOperator": "OR"}', 'ValidationException: One or more parameter values were invalid: ConditionalOperator cannot be used without Filter or Expected'),
  ('{"Select": "COUNT", "AttributesToGet": ["n"]}', 'ValidationException: 1 validation error detected: Cannot specify the AttributesToGet when choosing to get only the Count'),
  ('{"KeyConditionExpression": "pk = :p", "FilterExpression": "n = :p"}', 'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {KeyConditions} Expression parameters: {FilterExpression, KeyConditionExpression}')
) v(req, expected);

-- KeyConditions goes with the expressions that are not its successor
SELECT is(ddb_request('Query', '{"TableName": "Legacy", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}}' || req::jsonb) -> 'Items', items::jsonb, 'KeyConditions with ' || req) FROM (VALUES
  ('{"FilterExpression": "n = :n", "ProjectionExpression": "n, ns", "ExpressionAttributeValues": {":n": {"N": "7"}}}', '[{"n": {"N": "7"}, "ns": {"NS": ["1", "2"]}}]'),
  ('{"FilterExpression": "n > :n", "ExpressionAttributeValues": {":n": {"N": "7"}}}', '[]'),
  ('{"ProjectionExpression": "#s", "ExpressionAttributeNames": {"#s": "n"}, "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}, "sk": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "2"}]}}}', '[{"n": {"N": "7"}}]')) v(req, items);
SELECT is(pg_temp.answer('Query', '{"TableName": "Legacy", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}, "ExpressionAttributeValues": {":p": {"S": "k"}}}' || req::jsonb),
  'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: ' || old || ' Expression parameters: ' || new, 'KeyConditions with ' || req) FROM (VALUES
  ('{"KeyConditionExpression": "pk = :p"}', '{KeyConditions}', '{KeyConditionExpression}'),
  ('{"KeyConditionExpression": "pk = :p", "ProjectionExpression": "n", "QueryFilter": {}}', '{QueryFilter, KeyConditions}', '{ProjectionExpression, KeyConditionExpression}'),
  ('{"FilterExpression": "n = :p", "QueryFilter": {}}', '{QueryFilter}', '{FilterExpression}'),
  ('{"FilterExpression": "n = :p", "AttributesToGet": ["n"]}', '{AttributesToGet}', '{FilterExpression}')) v(req, old, new);
SELECT is(pg_temp.answer('Query', '{"TableName": "Legacy", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}, "sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}, "s": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}}'),
  'ValidationException: Conditions can be of length 1 or 2 only', 'three KeyConditions for a key of two attributes');

-- attribute names are checked in every parameter
SELECT matches(pg_temp.answer(op, '{"TableName": "Legacy"}' || replace(req, '%', name)::jsonb), problem || '$', format('%s %s: %s bytes', op, req, length(name)))
FROM (VALUES ('', 'Empty attribute name'), (repeat('n', 65536), 'Attribute name is too large, must be less than 65536 bytes')) n(name, problem), (VALUES
  ('GetItem', '{"Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "AttributesToGet": ["%"]}'),
  ('PutItem', '{"Item": {"pk": {"S": "k"}, "sk": {"N": "1"}, "%": {"S": "x"}}}'),
  ('PutItem', '{"Item": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "Expected": {"%": {"Exists": false}}}'),
  ('DeleteItem', '{"Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "Expected": {"%": {"Value": {"S": "x"}}}}'),
  ('UpdateItem', '{"Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "AttributeUpdates": {"%": {"Value": {"S": "x"}}}}'),
  ('UpdateItem', '{"Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "AttributeUpdates": {"%": {"Action": "DELETE"}}}'),
  ('UpdateItem', '{"Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"M": {"%": {"S": "x"}}}}}'),
  ('Query', '{"KeyConditions": {"%": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}}'),
  ('Query', '{"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}, "QueryFilter": {"%": {"ComparisonOperator": "NULL"}}}'),
  ('Query', '{"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}, "AttributesToGet": ["n", "%"]}'),
  ('Query', '{"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}, "ExclusiveStartKey": {"pk": {"S": "k"}, "%": {"N": "1"}}}'),
  ('Scan', '{"ScanFilter": {"%": {"ComparisonOperator": "NULL"}}}'),
  ('Scan', '{"AttributesToGet": ["%"]}')) v(op, req)
WHERE name = '' OR req NOT LIKE '%AttributesToGet%';
SELECT matches(pg_temp.answer('BatchGetItem', '{"RequestItems": {"Legacy": {"Keys": [{"pk": {"S": "k"}, "sk": {"N": "1"}}], "AttributesToGet": [""]}}}'), 'Empty attribute name$', 'BatchGetItem');
SELECT matches(pg_temp.answer('Scan', jsonb_build_object('TableName', 'Legacy', 'AttributesToGet', jsonb_build_array(repeat('n', 65536)))), 'Member must have length less than or equal to 65535', 'AttributesToGet has a limit among the constraints');
SELECT is(pg_temp.answer('UpdateItem', '{"TableName": "Legacy", "Key": {"pk": {"S": "k"}, "sk": {"N": "1"}}, "AttributeUpdates": {"a": null}}'),
  'ValidationException: 1 validation error detected: Value null at ''attributeUpdates.a.member'' failed to satisfy constraint: Member must not be null', 'a null is no update');

SELECT * FROM finish();
ROLLBACK;
