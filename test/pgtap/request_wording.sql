-- How ddb_request words what is wrong with the parameters of PutItem, UpdateItem and
-- DeleteItem, which the envelope of constraints on members is around, and of other
-- operations, where it is not; and how many violated constraints are reported.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

SELECT plan(25);

SELECT ddb_create_table('Wording', 'pk S') \g /dev/null

CREATE FUNCTION pg_temp.refused(operation text, rest jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE type text; message text;
BEGIN
  PERFORM ddb_request(operation, '{"TableName": "Wording"}' || rest ||
    CASE operation WHEN 'PutItem' THEN jsonb_build_object('Item', '{"pk": {"S": "a"}}' || coalesce(rest->'Item', '{}'))
      ELSE '{"Key": {"pk": {"S": "a"}}}' END);
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS type = PG_DATATYPE_NAME, message = MESSAGE_TEXT;
  RETURN CASE WHEN type = 'ValidationException' THEN '' ELSE type || ': ' END || message;
END $$;

-- expressions
SELECT is(pg_temp.refused('UpdateItem', '{"UpdateExpression": "SET name = a"}'),
  '1 validation error detected: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name', 'update');
SELECT is(pg_temp.refused('PutItem', '{"ConditionExpression": "a = "}'),
  '1 validation error detected: Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="', 'put');
SELECT is(pg_temp.refused('DeleteItem', '{"ConditionExpression": "a = "}'),
  '1 validation error detected: Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="', 'delete');
SELECT is(pg_temp.refused('GetItem', '{"ProjectionExpression": "name"}'),
  'Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name', 'get');
SELECT is(pg_temp.refused('UpdateItem', '{"ExpressionAttributeValues": {":v": {"S": "x"}}}'),
  '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions', 'values without expression');
SELECT is(pg_temp.refused('DeleteItem', '{"ExpressionAttributeValues": {":v": {"S": "x"}}}'),
  '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions', 'values without condition');

-- sets and nulls, in items and in expression values
SELECT is(pg_temp.refused('PutItem', '{"Item": {"a": {"SS": []}}}'),
  '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty', 'empty set');
SELECT is(pg_temp.refused('PutItem', '{"Item": {"a": {"NS": ["1", "1.0"]}}}'),
  '1 validation error detected: One or more parameter values were invalid: Input collection contains duplicates.', 'duplicates');
SELECT is(pg_temp.refused('PutItem', '{"Item": {"a": {"NULL": false}}}'),
  '1 validation error detected: One or more parameter values were invalid: Null attribute value types must have the value of true', 'NULL false');
SELECT is(pg_temp.refused('UpdateItem', '{"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"SS": []}}}'),
  '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty', 'empty set as a value');
SELECT is(pg_temp.refused('DeleteItem', '{"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"SS": []}}}'),
  '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty', 'empty set as a value of a delete');

SELECT is(pg_temp.refused('PutItem', '{"Item": {"a": {"N": "x"}}}'),
  '1 validation error detected: The parameter cannot be converted to a numeric value: x', 'number');
SELECT is(pg_temp.refused('UpdateItem', '{"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {}}}'),
  '1 validation error detected: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes', 'empty attribute value');
-- what needs the table or the item stands bare
SELECT is(pg_temp.refused('UpdateItem', '{"UpdateExpression": "REMOVE a.b"}'),
  'The document path provided in the update expression is invalid for update', 'document path');
SELECT is(pg_temp.refused('UpdateItem', '{"UpdateExpression": "REMOVE pk"}'),
  'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key', 'key attribute');
SELECT is(pg_temp.refused('PutItem', '{"Item": {"pk": {"N": "1"}}}'),
  'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N', 'key type');

-- ReturnValues
SELECT is(pg_temp.refused('PutItem', '{"ReturnValues": "ALL_NEW"}'),
  '1 validation error detected: ReturnValues can only be ALL_OLD or NONE', 'ReturnValues of a put');
SELECT is(pg_temp.refused('DeleteItem', '{"ReturnValues": "ALL_NEW"}'),
  '1 validation error detected: ReturnValues can only be ALL_OLD or NONE', 'ReturnValues of a delete');

-- constraints on members: how many are reported
SELECT is(pg_temp.refused('PutItem', '{"TableName": "", "ReturnValues": "x"}'),
  '1 validation error detected: Value at ''TableName'' failed to satisfy constraint: Member must have length greater than or equal to 1', 'the table name alone');
SELECT is(left(pg_temp.refused('PutItem', '{"ReturnValues": "x", "ReturnConsumedCapacity": "y"}'), 28), '2 validation errors detected', 'put collects');
SELECT is(left(pg_temp.refused('UpdateItem', '{"ReturnValues": "x", "ReturnConsumedCapacity": "y"}'), 57),
  '1 validation error detected: Failed to satisfy constraint', 'update reports the first');
SELECT is(left(pg_temp.refused('DeleteItem', '{"ReturnValues": "x", "ReturnConsumedCapacity": "y"}'), 28), '2 validation errors detected', 'delete collects');
SELECT matches(pg_temp.refused('GetItem', '{"TableName": "ab"}'), '^ResourceNotFoundException: Requested resource not found', 'a short name may be asked for');

-- JSON types
SELECT is(pg_temp.refused('GetItem', '{"ProjectionExpression": 1.5}'), 'SerializationException: DECIMAL_VALUE cannot be converted to String', 'a decimal');
SELECT is(pg_temp.refused('GetItem', '{"ProjectionExpression": 15}'), 'SerializationException: NUMBER_VALUE cannot be converted to String', 'an integer');

SELECT ddb_delete_table('Wording') \g /dev/null
SELECT * FROM finish();
