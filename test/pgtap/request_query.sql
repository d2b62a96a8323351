-- ddb_request('Query'): every parameter, the rules between them, pages, capacity.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(94);
\ir ../psql/request.psql

CREATE FUNCTION pg_temp.q(req jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"TableName": "ReqQuery", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}'::jsonb || req
$$;
-- sort keys of the items, or the error; then the sort key of LastEvaluatedKey
CREATE FUNCTION pg_temp.keys(req jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('Query', pg_temp.q(req));
BEGIN
  IF answer NOT LIKE '{%' THEN RETURN answer; END IF;
  RETURN coalesce((SELECT string_agg(i->'sk'->>'N', ' ' ORDER BY n) FROM jsonb_array_elements(answer::jsonb->'Items') WITH ORDINALITY v(i, n)), '')
    || coalesce(' > ' || (answer::jsonb->'LastEvaluatedKey'->'sk'->>'N'), '');
END $$;

SELECT ddb_create_table('ReqQuery', 'pk S', 'sk N',
  global_indexes => '{"gin": {"partition_key": "gk S", "sort_key": "sk N", "projection": ["x"]}, "gal": {"partition_key": "gk S"}}',
  local_indexes => '{"lin": {"sort_key": "ls S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT ddb_put('ReqQuery', format('{"pk": {"S": "a"}, "sk": {"N": "%s"}, "gk": {"S": "g"}, "ls": {"S": "%s"}, "x": {"N": "%s"}, "y": {"S": "why"}}', i, 9 - i, i % 2)::jsonb)
FROM generate_series(1, 6) i \g /dev/null
SELECT ddb_put('ReqQuery', '{"pk": {"S": "b"}, "sk": {"N": "1"}}') \g /dev/null

-- key conditions
SELECT is(pg_temp.keys(req::jsonb), expected, label) FROM (VALUES
  ('partition key', '{}', '1 2 3 4 5 6'),
  ('sort key', '{"KeyConditionExpression": "pk = :p AND sk > :s", "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"N": "4"}}}', '5 6'),
  ('names', '{"KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "pk"}}', '1 2 3 4 5 6'),
  ('ScanIndexForward false', '{"ScanIndexForward": false}', '6 5 4 3 2 1'),
  ('ScanIndexForward true', '{"ScanIndexForward": true}', '1 2 3 4 5 6'),
  ('ScanIndexForward null', '{"ScanIndexForward": null}', '1 2 3 4 5 6'),
  ('another partition', '{"ExpressionAttributeValues": {":p": {"S": "b"}}}', '1'),
  ('an empty partition', '{"ExpressionAttributeValues": {":p": {"S": "c"}}}', ''),
  ('FilterExpression', '{"FilterExpression": "x = :one", "ExpressionAttributeValues": {":p": {"S": "a"}, ":one": {"N": "1"}}}', '1 3 5'),
  ('global index', '{"IndexName": "gin", "KeyConditionExpression": "gk = :p", "ExpressionAttributeValues": {":p": {"S": "g"}}, "ScanIndexForward": false}', '6 5 4 3 2 1'),
  ('local index', '{"IndexName": "lin"}', '6 5 4 3 2 1'),
  ('local index, sort key', '{"IndexName": "lin", "KeyConditionExpression": "pk = :p AND begins_with(ls, :l)", "ExpressionAttributeValues": {":p": {"S": "a"}, ":l": {"S": "5"}}}', '4'),
  ('no key condition', '{"KeyConditionExpression": null, "ExpressionAttributeValues": null}', 'ValidationException: Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'),
  ('key condition empty', '{"KeyConditionExpression": "", "ExpressionAttributeValues": null}', 'ValidationException: Invalid KeyConditionExpression: The expression can not be empty;'),
  ('partition key missing', '{"KeyConditionExpression": "sk = :p"}', 'ValidationException: Query condition missed key schema element: pk'),
  ('sort key misspelt', '{"KeyConditionExpression": "pk = :p AND ss = :p"}', 'ValidationException: Query condition missed key schema element: sk'),
  ('partition key not by =', '{"KeyConditionExpression": "pk > :p"}', 'ValidationException: Query key condition not supported'),
  ('type of partition key', '{"ExpressionAttributeValues": {":p": {"N": "1"}}}', 'ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('type of sort key', '{"KeyConditionExpression": "pk = :p AND sk = :p"}', 'ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('<>', '{"KeyConditionExpression": "pk <> :p"}', 'ValidationException: Invalid operator used in KeyConditionExpression: <>'),
  ('OR', '{"KeyConditionExpression": "pk = :p OR sk = :p"}', 'ValidationException: Invalid operator used in KeyConditionExpression: OR'),
  ('filter on the key', '{"FilterExpression": "sk > :p"}', 'ValidationException: Filter Expression can only contain non-primary key attributes: Primary key attribute: sk'),
  ('filter beyond a global index', '{"IndexName": "gin", "KeyConditionExpression": "gk = :p", "FilterExpression": "attribute_exists(y) OR attribute_exists(x)"}', 'ValidationException: One or more parameter values were invalid: Secondary index gin does not project one or more filter attributes: [y]'),
  ('filter beyond a local index', '{"IndexName": "lin", "FilterExpression": "attribute_exists(y)"}', 'ValidationException: One or more parameter values were invalid: Secondary index lin does not project one or more filter attributes: [y]'),
  ('filter empty', '{"FilterExpression": " "}', 'ValidationException: Invalid FilterExpression: The expression can not be empty;'),
  ('projection empty', '{"ProjectionExpression": ""}', 'ValidationException: Invalid ProjectionExpression: The expression can not be empty;'),
  ('names unused', '{"ExpressionAttributeNames": {"#u": "u"}}', 'ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}'),
  ('names empty', '{"ExpressionAttributeNames": {}}', 'ValidationException: ExpressionAttributeNames must not be empty'),
  ('values unused', '{"ExpressionAttributeValues": {":p": {"S": "a"}, ":u": {"S": "a"}}}', 'ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}'),
  ('values empty', '{"ExpressionAttributeValues": {}}', 'ValidationException: ExpressionAttributeValues must not be empty'),
  ('values missing', '{"ExpressionAttributeValues": null}', 'ValidationException: Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :p'),
  ('no table', '{"TableName": null}', 'ValidationException: 1 validation error detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null'),
  ('no such index', '{"IndexName": "nix"}', 'ValidationException: The table does not have the specified index: nix'),
  ('IndexName too short', '{"IndexName": "ix"}', 'ValidationException: 1 validation error detected: Value ''ix'' at ''indexName'' failed to satisfy constraint: Member must have length greater than or equal to 3'),
  ('ConsistentRead on a global index', '{"IndexName": "gal", "KeyConditionExpression": "gk = :p", "ConsistentRead": true}', 'ValidationException: Consistent reads are not supported on global secondary indexes'),
  ('ConsistentRead on a local index', '{"IndexName": "lin", "ConsistentRead": true, "Limit": 1}', '6 > 6'),
  ('ConsistentRead', '{"ConsistentRead": true}', '1 2 3 4 5 6'),
  ('type of ConsistentRead', '{"ConsistentRead": "true"}', 'SerializationException: Unexpected token received from parser'),
  ('values without an expression for them', '{"KeyConditionExpression": null, "ProjectionExpression": "sk"}', 'ValidationException: ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null'),
  ('names without expression', '{"KeyConditionExpression": null, "ExpressionAttributeValues": null, "ExpressionAttributeNames": {"#a": "a"}}', 'ValidationException: ExpressionAttributeNames can only be specified when using expressions'),
  ('Limit below', '{"Limit": 0}', 'ValidationException: 1 validation error detected: Value at ''Limit'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('Limit at the edge', '{"Limit": 1}', '1 > 1'),
  ('Limit of all', '{"Limit": 6}', '1 2 3 4 5 6 > 6'),
  ('Limit beyond all', '{"Limit": 7}', '1 2 3 4 5 6'),
  ('Limit before the filter', '{"Limit": 2, "FilterExpression": "x = :one", "ExpressionAttributeValues": {":p": {"S": "a"}, ":one": {"N": "1"}}}', '1 > 2'),
  ('a page on', '{"Limit": 2, "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "2"}}}', '3 4 > 4'),
  ('a page back', '{"Limit": 2, "ScanIndexForward": false, "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "5.0"}}}', '4 3 > 3'),
  ('from a key that is no item''s', '{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "4.5"}}}', '5 6'),
  ('past the end', '{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "6"}}}', ''),
  ('start key of another partition', '{"ExclusiveStartKey": {"pk": {"S": "b"}, "sk": {"N": "2"}}}', 'ValidationException: The provided starting key is outside query boundaries based on provided conditions'),
  ('start key against the sort condition', '{"KeyConditionExpression": "pk = :p AND sk > :s", "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"N": "4"}}, "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "2"}}}', 'ValidationException: The provided starting key does not match the range key predicate'),
  ('start key without sort key', '{"ExclusiveStartKey": {"pk": {"S": "a"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key empty', '{"ExclusiveStartKey": {}}', 'ValidationException: The provided starting key is invalid'),
  ('start key of the wrong type', '{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"S": "2"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key of other attributes', '{"ExclusiveStartKey": {"pk": {"S": "a"}, "st": {"N": "2"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key with an empty string', '{"ExclusiveStartKey": {"pk": {"S": ""}, "sk": {"N": "2"}}}', 'ValidationException: The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('start key that is no value', '{"ExclusiveStartKey": {"pk": {}, "sk": {"N": "2"}}}', 'ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'),
  ('start key that is no number', '{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "x"}}}', 'ValidationException: The parameter cannot be converted to a numeric value: x'),
  ('start key of the table on an index', '{"IndexName": "lin", "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "2"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key of an index', '{"IndexName": "lin", "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "4"}, "ls": {"S": "5"}}}', '3 2 1'),
  ('type of start key', '{"ExclusiveStartKey": {"pk": {"S": 1}, "sk": {"N": "2"}}, "Limit": 0}', 'SerializationException: NUMBER_VALUE cannot be converted to String')
) v(label, req, expected);

-- Select and projections
CREATE FUNCTION pg_temp.shows(req jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('Query', pg_temp.q('{"Limit": 1}') || req);
BEGIN
  IF answer NOT LIKE '{%' THEN RETURN answer; END IF;
  RETURN coalesce((SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(answer::jsonb->'Items'->0) k),
                  CASE WHEN answer::jsonb ? 'Items' THEN 'no item' ELSE 'no Items' END);
END $$;
SELECT is(pg_temp.shows(req::jsonb || CASE WHEN req LIKE '%"g__"%' THEN '{"KeyConditionExpression": "gk = :p", "ExpressionAttributeValues": {":p": {"S": "g"}}}' ELSE '{}' END::jsonb), expected, label) FROM (VALUES
  ('table', '{}', 'gk ls pk sk x y'),
  ('ALL_ATTRIBUTES', '{"Select": "ALL_ATTRIBUTES"}', 'gk ls pk sk x y'),
  ('COUNT', '{"Select": "COUNT"}', 'no Items'),
  ('projection', '{"ProjectionExpression": "x, nothing"}', 'x'),
  ('SPECIFIC_ATTRIBUTES', '{"Select": "SPECIFIC_ATTRIBUTES", "ProjectionExpression": "y"}', 'y'),
  ('global index, INCLUDE', '{"IndexName": "gin"}', 'gk pk sk x'),
  ('global index, ALL_PROJECTED_ATTRIBUTES', '{"IndexName": "gin", "Select": "ALL_PROJECTED_ATTRIBUTES"}', 'gk pk sk x'),
  ('global index, projection', '{"IndexName": "gin", "ProjectionExpression": "x, pk"}', 'pk x'),
  ('global index of ALL, ALL_ATTRIBUTES', '{"IndexName": "gal", "Select": "ALL_ATTRIBUTES"}', 'gk ls pk sk x y'),
  ('global index, ALL_ATTRIBUTES', '{"IndexName": "gin", "Select": "ALL_ATTRIBUTES"}', 'ValidationException: One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index gin because its projection type is not ALL'),
  ('global index, not projected', '{"IndexName": "gin", "ProjectionExpression": "x, y, z"}', 'ValidationException: One or more parameter values were invalid: Global secondary index gin does not project [y, z]'),
  ('local index', '{"IndexName": "lin"}', 'ls pk sk'),
  ('local index, ALL_ATTRIBUTES', '{"IndexName": "lin", "Select": "ALL_ATTRIBUTES"}', 'gk ls pk sk x y'),
  ('local index, not projected', '{"IndexName": "lin", "ProjectionExpression": "ls, y"}', 'ls y'),
  ('unknown Select', '{"Select": "SOME"}', 'ValidationException: 1 validation error detected: Value ''SOME'' at ''select'' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]'),
  ('SPECIFIC_ATTRIBUTES of nothing', '{"Select": "SPECIFIC_ATTRIBUTES"}', 'ValidationException: 1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'),
  ('COUNT with projection', '{"Select": "COUNT", "ProjectionExpression": "x"}', 'ValidationException: 1 validation error detected: Cannot specify the ProjectionExpression when choosing to get only the Count'),
  ('ALL_ATTRIBUTES with projection', '{"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "x"}', 'ValidationException: 1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES'),
  ('ALL_PROJECTED_ATTRIBUTES with projection', '{"Select": "ALL_PROJECTED_ATTRIBUTES", "ProjectionExpression": "x"}', 'ValidationException: 1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES'),
  ('ALL_PROJECTED_ATTRIBUTES without index', '{"Select": "ALL_PROJECTED_ATTRIBUTES"}', 'ValidationException: 1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
) v(label, req, expected);

-- counts and keys
SELECT is(ddb_request('Query', pg_temp.q('{"Select": "COUNT", "FilterExpression": "x = :one", "ExpressionAttributeValues": {":p": {"S": "a"}, ":one": {"N": "1"}}}')),
  '{"Count": 3, "ScannedCount": 6}', 'counts before and after the filter');
SELECT is(ddb_request('Query', pg_temp.q('{"IndexName": "gin", "Limit": 1, "KeyConditionExpression": "gk = :p", "ExpressionAttributeValues": {":p": {"S": "g"}}}'))->'LastEvaluatedKey',
  '{"gk": {"S": "g"}, "sk": {"N": "1"}, "pk": {"S": "a"}}', 'LastEvaluatedKey: index key and table key');

-- capacity: 40 items of 5,000 bytes, which lin holds 20 bytes of and gin 5,009
SELECT ddb_put('ReqQuery', jsonb_build_object('pk', '{"S": "c"}'::jsonb, 'sk', jsonb_build_object('N', i::text), 'gk', '{"S": "c"}'::jsonb, 'ls', '{"S": "0123456789"}'::jsonb,
  'x', jsonb_build_object('S', repeat('x', 4975)))) FROM generate_series(1, 9) i \g /dev/null
CREATE FUNCTION pg_temp.units(req jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('Query', pg_temp.q('{"ReturnConsumedCapacity": "INDEXES", "ExpressionAttributeValues": {":p": {"S": "c"}}}') || req)->'ConsumedCapacity'
$$;
SELECT is(pg_temp.units(req::jsonb), expected::jsonb, label) FROM (VALUES
  ('9 items of 5,000 bytes: one sum, rounded up, halved', '{}', '{"TableName": "ReqQuery", "CapacityUnits": 5.5, "Table": {"CapacityUnits": 5.5}}'),
  ('consistent', '{"ConsistentRead": true}', '{"TableName": "ReqQuery", "CapacityUnits": 11, "Table": {"CapacityUnits": 11}}'),
  ('TOTAL', '{"ReturnConsumedCapacity": "TOTAL"}', '{"TableName": "ReqQuery", "CapacityUnits": 5.5}'),
  ('nothing read', '{"ExpressionAttributeValues": {":p": {"S": "none"}}}', '{"TableName": "ReqQuery", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}'),
  ('local index', '{"IndexName": "lin"}', '{"TableName": "ReqQuery", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0}, "LocalSecondaryIndexes": {"lin": {"CapacityUnits": 0.5}}}'),
  ('local index and what it fetches, item by item', '{"IndexName": "lin", "ProjectionExpression": "x"}', '{"TableName": "ReqQuery", "CapacityUnits": 9.5, "Table": {"CapacityUnits": 9}, "LocalSecondaryIndexes": {"lin": {"CapacityUnits": 0.5}}}'),
  ('global index', '{"IndexName": "gal", "KeyConditionExpression": "gk = :p"}', '{"TableName": "ReqQuery", "CapacityUnits": 5.5, "Table": {"CapacityUnits": 0}, "GlobalSecondaryIndexes": {"gal": {"CapacityUnits": 5.5}}}')
) v(label, req, expected);
SELECT is(ddb_request('Query', pg_temp.q('{"ReturnConsumedCapacity": "NONE", "Select": "COUNT"}')), '{"Count": 6, "ScannedCount": 6}', 'NONE');

-- a table without a sort key has one item for a key, and nothing after it
SELECT ddb_create_table('ReqHash', 'pk S') \g /dev/null
SELECT ddb_put('ReqHash', '{"pk": {"S": "a"}}') \g /dev/null
SELECT is(ddb_request('Query', '{"TableName": "ReqHash", "Limit": 1, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}'), '{"Count": 1, "Items": [{"pk": {"S": "a"}}], "ScannedCount": 1}', 'no page follows');
SELECT matches(pg_temp.answer('Query', '{"TableName": "ReqHash", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}, "ExclusiveStartKey": {"pk": {"S": "a"}}}'),
  '^ValidationException: The provided exclusive start key is invalid: ', 'nor can one be asked for');
SELECT is(ddb_request('Scan', '{"TableName": "ReqHash", "ExclusiveStartKey": {"pk": {"S": "a"}}}'), '{"Count": 0, "Items": [], "ScannedCount": 0}', 'a Scan can');

SELECT * FROM finish();
ROLLBACK;
