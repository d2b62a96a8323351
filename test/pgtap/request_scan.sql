-- ddb_request('Scan'): every parameter, parallel segments, pages of 1 MB, capacity.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(49);
\ir ../psql/request.psql

-- the items' keys in order of value, or the error
CREATE FUNCTION pg_temp.keys(req jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text := pg_temp.answer('Scan', '{"TableName": "ReqScan"}' || req);
BEGIN
  IF answer NOT LIKE '{%' THEN RETURN answer; END IF;
  RETURN coalesce((SELECT string_agg(i->'pk'->>'S', ' ' ORDER BY i->'pk'->>'S') FROM jsonb_array_elements(answer::jsonb->'Items') i), 'no items');
END $$;

SELECT ddb_create_table('ReqScan', 'pk S',
  global_indexes => '{"gin": {"partition_key": "gk S", "projection": ["x"]}, "gal": {"partition_key": "gk S"}}') \g /dev/null
SELECT ddb_put('ReqScan', format('{"pk": {"S": "%s"}, "x": {"N": "%s"}, "y": {"S": "why"}}', i, i)::jsonb
  || CASE WHEN i > 3 THEN jsonb_build_object('gk', '{"S": "g"}'::jsonb) ELSE '{}' END)
FROM generate_series(1, 6) i \g /dev/null

SELECT is(pg_temp.keys(req::jsonb), expected, label) FROM (VALUES
  ('all', '{}', '1 2 3 4 5 6'),
  ('FilterExpression', '{"FilterExpression": "x > :v", "ExpressionAttributeValues": {":v": {"N": "4"}}}', '5 6'),
  ('filter on a key', '{"FilterExpression": "#k = :v", "ExpressionAttributeNames": {"#k": "pk"}, "ExpressionAttributeValues": {":v": {"S": "4"}}}', '4'),
  ('a filter sees no more than the index projects', '{"IndexName": "gin", "FilterExpression": "attribute_exists(y) OR x = :v", "ExpressionAttributeValues": {":v": {"N": "5"}}}', '5'),
  ('filter that nothing passes', '{"FilterExpression": "attribute_exists(nothing)"}', 'no items'),
  ('ConsistentRead', '{"ConsistentRead": true}', '1 2 3 4 5 6'),
  ('a sparse global index', '{"IndexName": "gin"}', '4 5 6'),
  ('ConsistentRead on a global index', '{"IndexName": "gin", "ConsistentRead": true}', 'ValidationException: Consistent reads are not supported on global secondary indexes'),
  ('no such index', '{"IndexName": "nix"}', 'ValidationException: The table does not have the specified index: nix'),
  ('one segment of one', '{"Segment": 0, "TotalSegments": 1}', '1 2 3 4 5 6'),
  ('Segment below', '{"Segment": -1, "TotalSegments": 1}', 'ValidationException: 1 validation error detected: Value at ''Segment'' failed to satisfy constraint: Member must have value greater than or equal to 0'),
  ('Segment above', '{"Segment": 1000000, "TotalSegments": 1000000}', 'ValidationException: 1 validation error detected: Value ''1000000'' at ''segment'' failed to satisfy constraint: Member must have value less than or equal to 999999'),
  ('Segment at the edge', '{"Segment": 999999, "TotalSegments": 1000000}', 'no items'),
  ('TotalSegments below', '{"Segment": 0, "TotalSegments": 0}', 'ValidationException: 1 validation error detected: Value ''0'' at ''totalSegments'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('TotalSegments above', '{"Segment": 0, "TotalSegments": 1000001}', 'ValidationException: 1 validation error detected: Value ''1000001'' at ''totalSegments'' failed to satisfy constraint: Member must have value less than or equal to 1000000'),
  ('Segment alone', '{"Segment": 0}', 'ValidationException: The TotalSegments parameter is required but was not present in the request when Segment parameter is present'),
  ('TotalSegments alone', '{"TotalSegments": 2}', 'ValidationException: The Segment parameter is required but was not present in the request when parameter TotalSegments is present'),
  ('Segment beyond', '{"Segment": 2, "TotalSegments": 2}', 'ValidationException: The Segment parameter is zero-based and must be less than parameter TotalSegments'),
  ('Limit below', '{"Limit": 0}', 'ValidationException: 1 validation error detected: Value at ''Limit'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('start key of the wrong type', '{"ExclusiveStartKey": {"pk": {"N": "1"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key with more', '{"ExclusiveStartKey": {"pk": {"S": "1"}, "x": {"N": "1"}}}', 'ValidationException: The provided starting key is invalid'),
  ('start key of the table on an index', '{"IndexName": "gal", "ExclusiveStartKey": {"pk": {"S": "1"}}}', 'ValidationException: The provided starting key is invalid'),
  ('names without expression', '{"ExpressionAttributeNames": {"#a": "a"}}', 'ValidationException: ExpressionAttributeNames can only be specified when using expressions'),
  ('values without filter', '{"ProjectionExpression": "pk", "ExpressionAttributeValues": {":a": {"S": "a"}}}', 'ValidationException: ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null'),
  ('filter of nothing', '{"FilterExpression": ""}', 'ValidationException: Invalid FilterExpression: The expression can not be empty;'),
  ('COUNT with projection', '{"Select": "COUNT", "ProjectionExpression": "pk"}', 'ValidationException: Cannot specify the ProjectionExpression when choosing to get only the Count'),
  ('ALL_PROJECTED_ATTRIBUTES without index', '{"Select": "ALL_PROJECTED_ATTRIBUTES"}', 'ValidationException: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName'),
  ('SPECIFIC_ATTRIBUTES of nothing', '{"Select": "SPECIFIC_ATTRIBUTES"}', 'ValidationException: 1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES'),
  ('ALL_ATTRIBUTES of a global index', '{"IndexName": "gin", "Select": "ALL_ATTRIBUTES"}', 'ValidationException: One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index gin because its projection type is not ALL'),
  ('unknown ReturnConsumedCapacity', '{"ReturnConsumedCapacity": "x"}', 'ValidationException: 1 validation error detected: Value ''x'' at ''returnConsumedCapacity'' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]'),
  ('type of Limit', '{"Limit": "1"}', 'SerializationException: STRING_VALUE cannot be converted to Integer'),
  ('type of ExclusiveStartKey', '{"ExclusiveStartKey": "1"}', 'SerializationException: Unexpected field type')
) v(label, req, expected);

SELECT is(ddb_request('Scan', '{"TableName": "ReqScan", "Select": "COUNT", "FilterExpression": "x < :v", "ExpressionAttributeValues": {":v": {"N": "3"}}}'),
  '{"Count": 2, "ScannedCount": 6}', 'COUNT');
SELECT is(ddb_request('Scan', '{"TableName": "ReqScan", "IndexName": "gin", "FilterExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "5"}}}'),
  '{"Count": 1, "ScannedCount": 3, "Items": [{"pk": {"S": "5"}, "gk": {"S": "g"}, "x": {"N": "5"}}]}', 'an index shows what it projects');
SELECT is(ddb_request('Scan', '{"TableName": "ReqScan", "ProjectionExpression": "x", "FilterExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "5"}}}')->'Items',
  '[{"x": {"N": "5"}}]', 'a filter sees what the projection leaves out');

-- pages: walk all pages of a request and list the keys as they come
CREATE FUNCTION pg_temp.walk(req jsonb, OUT pages int, OUT keys text) LANGUAGE plpgsql AS $$
DECLARE answer jsonb; start_key jsonb;
BEGIN
  pages := 0; keys := '';
  LOOP
    answer := ddb_request('Scan', req || CASE WHEN start_key IS NULL THEN '{}' ELSE jsonb_build_object('ExclusiveStartKey', start_key) END);
    pages := pages + 1;
    keys := keys || coalesce((SELECT string_agg(i->'pk'->>'S', ' ' ORDER BY n) || ' ' FROM jsonb_array_elements(answer->'Items') WITH ORDINALITY v(i, n)), '');
    start_key := answer->'LastEvaluatedKey';
    EXIT WHEN start_key IS NULL;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.sorted(keys text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(k, ' ' ORDER BY k::int) FROM unnest(string_to_array(trim(keys), ' ')) k
$$;
SELECT is((SELECT keys FROM pg_temp.walk('{"TableName": "ReqScan", "Limit": 1}')),
          (SELECT keys FROM pg_temp.walk('{"TableName": "ReqScan"}')), 'one by one is the same as all at once');
SELECT is((SELECT pages FROM pg_temp.walk('{"TableName": "ReqScan", "Limit": 3}')), 3, 'after a page that ends with the last item comes an empty one');
SELECT is((SELECT pages FROM pg_temp.walk('{"TableName": "ReqScan", "Limit": 4}')), 2, 'pages of 4');
SELECT is((SELECT pg_temp.sorted(keys) FROM pg_temp.walk('{"TableName": "ReqScan", "IndexName": "gin", "Limit": 1}')), '4 5 6', 'pages of an index');
SELECT is((SELECT pg_temp.sorted(string_agg(w.keys, '')) FROM generate_series(0, 3) s,
  pg_temp.walk(jsonb_build_object('TableName', 'ReqScan', 'Segment', s, 'TotalSegments', 4, 'Limit', 1)) w), '1 2 3 4 5 6', 'segments have every item once');

CREATE FUNCTION pg_temp.other_segment(s int) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.answer('Scan', jsonb_build_object('TableName', 'ReqScan', 'Segment', s, 'TotalSegments', 2, 'ExclusiveStartKey', '{"pk": {"S": "1"}}'::jsonb))
$$;
SELECT is((SELECT count(*) FROM generate_series(0, 1) s WHERE pg_temp.other_segment(s) LIKE
  'ValidationException: The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: %'), 1::bigint, 'a start key is of one segment');

-- 1 MB: items of exactly 262,144 bytes (names and keys: 7)
SELECT ddb_create_table('ReqScanBig', 'pk S', global_indexes => '{"gko": {"partition_key": "gk S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT ddb_put('ReqScanBig', jsonb_build_object('pk', jsonb_build_object('S', i::text), 'x', jsonb_build_object('S', repeat('x', 262144 - 7)), 'gk', '{"S": "g"}'::jsonb))
FROM generate_series(1, 9) i \g /dev/null
CREATE FUNCTION pg_temp.page(req jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s of %s, %s units%s', a->>'Count', a->>'ScannedCount', a->'ConsumedCapacity'->>'CapacityUnits', CASE WHEN a ? 'LastEvaluatedKey' THEN ', and more' ELSE '' END)
  FROM ddb_request('Scan', '{"TableName": "ReqScanBig", "ReturnConsumedCapacity": "TOTAL"}' || req) a
$$;
SELECT is(pg_temp.page('{}'), '4 of 4, 128.0 units, and more', 'a page of 1 MB exactly');
SELECT is(pg_temp.page('{"ConsistentRead": true}'), '4 of 4, 256.0 units, and more', 'consistent');
SELECT is(pg_temp.page('{"Limit": 3}'), '3 of 3, 96.0 units, and more', 'Limit below 1 MB');
SELECT is(pg_temp.page('{"FilterExpression": "attribute_not_exists(x)"}'), '0 of 4, 128.0 units, and more', '1 MB before the filter');
SELECT is(pg_temp.page('{"ProjectionExpression": "pk"}'), '4 of 4, 128.0 units, and more', '1 MB before the projection');
SELECT is(pg_temp.page('{"IndexName": "gko"}'), '9 of 9, 0.5 units', 'an index counts what it projects');
SELECT is((SELECT pages FROM pg_temp.walk('{"TableName": "ReqScanBig"}')), 3, 'all pages');
SELECT ddb_update('ReqScanBig', jsonb_build_object('pk', jsonb_build_object('S', i::text)), 'SET x = :x', "values" => jsonb_build_object(':x', jsonb_build_object('S', repeat('x', 262144 - 8))))
FROM generate_series(1, 9) i \g /dev/null
SELECT is(pg_temp.page('{}'), '5 of 5, 160.0 units, and more', 'a page one byte an item short of 1 MB takes one more');

SELECT * FROM finish();
ROLLBACK;
