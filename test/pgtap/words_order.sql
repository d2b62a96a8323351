-- Words of key conditions, and the order of checks: constraints on members, then
-- expressions and values, then tables, keys and duplicates, then conditions; the
-- actions of a transaction one after the other.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(49);
\ir ../psql/request.psql

SELECT ddb_create_table('Words', 'pk S', 'sk N') \g /dev/null
SELECT ddb_create_table('WordsHash', 'pk S') \g /dev/null
SELECT ddb_request('CreateTable', '{"TableName": "WordsMany", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
  "GlobalSecondaryIndexes": [{"IndexName": "many", "Projection": {"ProjectionType": "ALL"},
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "RANGE"}, {"AttributeName": "c", "KeyType": "RANGE"}]}]}') \g /dev/null

CREATE FUNCTION pg_temp.words(op text, req jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(pg_temp.answer(op, req), '^ValidationException: ', '')
$$;
CREATE FUNCTION pg_temp.deep(wrappers int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT (repeat('{"M": {"k": ', wrappers) || '{"S": "x"}' || repeat('}}', wrappers))::jsonb
$$;
-- a Query with the values :s, :t, :n, :m, :b that the condition has
CREATE FUNCTION pg_temp.query(condition text, rest jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.words('Query', '{"TableName": "Words"}' || rest || jsonb_build_object('KeyConditionExpression', condition, 'ExpressionAttributeValues',
    (SELECT jsonb_object_agg(key, value) FROM jsonb_each('{":s": {"S": "a"}, ":t": {"S": "b"}, ":n": {"N": "1"}, ":m": {"N": "2"}, ":b": {"BOOL": true}}') WHERE strpos(condition, key) > 0)))
$$;
SELECT is(regexp_replace(pg_temp.query(condition, rest::jsonb), '^Invalid KeyConditionExpression: ', '# '), expected, condition || ' ' || rest) FROM (VALUES
  -- clauses are walked as written, and the first problem wins
  ('pk = :s AND begins_with(sk, :n) AND a = :undefined', '{}', '# Incorrect operand type for operator or function; operator or function: begins_with, operand type: N'),
  ('pk = :undefined AND begins_with(sk, :n)', '{}', '# An expression attribute value used in expression is not defined; attribute value: :undefined'),
  ('pk = :s AND sk < :b', '{}', '# Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'),
  ('pk = :s AND sk <= :b', '{}', '# Incorrect operand type for operator or function; operator or function: <=, operand type: BOOL'),
  ('pk = :s AND sk > :b', '{}', '# Incorrect operand type for operator or function; operator or function: >, operand type: BOOL'),
  ('pk = :s AND sk >= :b', '{}', '# Incorrect operand type for operator or function; operator or function: >=, operand type: BOOL'),
  ('pk = :s AND sk BETWEEN :b AND :b', '{}', '# Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: BOOL'),
  ('pk = :s AND :b < sk', '{}', '# Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'),
  -- then how many there are
  ('pk = :s AND sk > :n AND sk < :m', '{}', '# KeyConditionExpressions must only contain one condition per key'),
  ('pk = :s AND pk = :t', '{}', '# KeyConditionExpressions must only contain one condition per key'),
  ('pk = :s AND sk = :n AND a = :s', '{}', 'The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)'),
  ('pk = :s AND a = :s', '{"TableName": "WordsHash"}', 'The number of query conditions (2) exceeds the number of key attributes defined in the schema (1)'),
  ('a1 = :s AND a2 = :s AND a3 = :s AND a4 = :s AND a5 = :s AND a6 = :s AND a7 = :s AND a8 = :s AND a9 = :s AND a10 = :s', '{}', 'The number of query conditions (10) exceeds the number of key attributes defined in the schema (2)'),
  ('a1 = :s AND a2 = :s AND a3 = :s AND a4 = :s AND a5 = :s AND a6 = :s AND a7 = :s AND a8 = :s AND a9 = :s AND a9 = :s', '{}', '# KeyConditionExpressions must only contain one condition per key'),
  -- then the schema
  ('pk = :s AND sk = :b', '{}', 'One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('pk = :n', '{}', 'One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('sk = :n', '{}', 'Query condition missed key schema element: pk'),
  -- several sort attributes
  ('pk = :s AND a = :s AND c = :s', '{"TableName": "WordsMany", "IndexName": "many"}', 'RANGE key attributes b must have equality conditions specified in the query because a condition is present on key attribute c'),
  ('pk = :s AND b = :s', '{"TableName": "WordsMany", "IndexName": "many"}', 'RANGE key attributes a must have equality conditions specified in the query because a condition is present on key attribute b'),
  ('pk = :s AND a > :s AND b = :s', '{"TableName": "WordsMany", "IndexName": "many"}', 'RANGE key attributes a must have equality conditions specified in the query because a condition is present on key attribute b'),
  -- and the table after all that the request alone shows
  ('pk = :s AND sk < :b', '{"TableName": "Nowhere"}', '# Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'),
  ('pk = :undefined', '{"TableName": "Nowhere"}', '# An expression attribute value used in expression is not defined; attribute value: :undefined'),
  ('pk = :s', '{"TableName": "Nowhere"}', 'ResourceNotFoundException: Requested resource not found')) v(condition, rest, expected);
SELECT throws_ok($$SELECT ddb_query('Words', 'pk = :s AND sk = :n AND a = :s', '{":s": {"S": "a"}, ":n": {"N": "1"}}')$$, 'DY001',
  'The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)', 'the same from SQL');

SELECT is(pg_temp.words(op, req::jsonb), expected, op || ' ' || left(req, 100)) FROM (VALUES
  -- members, then expressions and values, then the table
  ('PutItem', '{"TableName": "Nowhere", "Item": {"a": {"N": "x"}}, "ReturnConsumedCapacity": "c"}', '1 validation error detected: Value ''c'' at ''returnConsumedCapacity'' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]'),
  ('PutItem', '{"TableName": "Nowhere", "Item": {"a": {"N": "x"}}}', '1 validation error detected: The parameter cannot be converted to a numeric value: x'),
  ('DeleteItem', '{"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "a = :v"}', '1 validation error detected: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v'),
  ('UpdateItem', '{"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "REMOVE a", "ExpressionAttributeNames": {"#a": "a"}}', '1 validation error detected: Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}'),
  ('GetItem', '{"TableName": "Nowhere", "Key": {"pk": {"N": "x"}}}', 'The parameter cannot be converted to a numeric value: x'),
  ('GetItem', '{"TableName": "Nowhere", "Key": {"pk": {"S": ""}}}', 'ResourceNotFoundException: Requested resource not found'),
  -- duplicates come late
  ('BatchGetItem', '{"RequestItems": {"Words": {"Keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}, {"pk": {"S": "a"}, "sk": {"N": "1.0"}}], "ProjectionExpression": "a,"}}}', 'Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","'),
  ('BatchGetItem', '{"RequestItems": {"Words": {"Keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}, {"pk": {"S": "a"}, "sk": {"N": "1.0"}}]}}}', 'Provided list of item keys contains duplicates'),
  ('BatchWriteItem', '{"RequestItems": {"Words": [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "x"}}}}]}}', 'The parameter cannot be converted to a numeric value: x'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}}}, {"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}}}, {"Delete": {"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}}}]}', 'ResourceNotFoundException: Requested resource not found'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}}}, {"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}}}]}', 'Transaction request cannot include multiple operations on one item'),
  -- the first action with a problem, and constraints of the whole request before it
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": {"N": "x"}}}}, {"Delete": {"TableName": "bad!name", "Key": {"pk": {"S": "a"}}}}]}', '1 validation error detected: Value ''bad!name'' at ''transactItems.2.member.delete.tableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": {"N": "x"}}}}, {"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "a"}}]}', 'The parameter cannot be converted to a numeric value: x'),
  ('TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "a"}}, {"Delete": {"TableName": "WordsHash", "Key": {"pk": {"N": "x"}}}}]}', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "a"'),
  ('TransactWriteItems', format('{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": %s}, "ConditionExpression": "a"}}]}', pg_temp.deep(100)), 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "a"'),
  ('TransactWriteItems', format('{"TransactItems": [{"Delete": {"TableName": "WordsHash", "Key": {"pk": %s}}}, {"Delete": {"TableName": "WordsHash", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "a"}}]}', pg_temp.deep(40)), 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'),
  ('TransactWriteItems', format('{"TransactItems": [{"Put": {"TableName": "WordsHash", "Item": {"pk": {"S": "a"}, "": {"S": "b"}, "a": %s}}}]}', pg_temp.deep(40)), 'Empty attribute name'),
  ('TransactWriteItems', format('{"TransactItems": [{"Put": {"TableName": "WordsHash", "Item": {"pk": {"S": "a"}, "a": {"M": {"": {"S": "b"}}}, "d": %s}}}]}', pg_temp.deep(33)), 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'),
  ('TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "WordsHash", "Item": {"pk": {"S": "a"}, "a": {"M": {"": {"S": "b"}}}}}}]}', 'Empty attribute name')) v(op, req, expected);

-- keys in transactions: an empty one is refused, a wrong one cancels
SELECT is(pg_temp.words('TransactWriteItems', jsonb_build_object('TransactItems', jsonb_build_array(jsonb_build_object(action, '{"TableName": "WordsHash"}' || req::jsonb)))),
  CASE WHEN expected LIKE '{%' THEN 'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError] [{"Code": "ValidationError", "Message": "' || trim(expected, '{}') || '"}]' ELSE expected END,
  action || ' ' || req) FROM (VALUES
  ('Put', '{"Item": {"pk": {"N": "1"}}}', '{One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N}'),
  ('Delete', '{"Key": {"pk": {"N": "1"}}}', '{The provided key element does not match the schema}'),
  ('Update', '{"Key": {"pk": {"N": "1"}}, "UpdateExpression": "REMOVE a"}', '{The provided key element does not match the schema}'),
  ('ConditionCheck', '{"Key": {"pk": {"N": "1"}}, "ConditionExpression": "attribute_exists(a)"}', '{The provided key element does not match the schema}'),
  ('Put', '{"Item": {"pk": {"S": ""}}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('Delete', '{"Key": {"pk": {"S": ""}}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk')) v(action, req, expected);

SELECT * FROM finish();
ROLLBACK;
