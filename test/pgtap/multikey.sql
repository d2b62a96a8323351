-- Global indexes with several partition and sort attributes, from CreateTable's JSON.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(34);

SELECT ddb_create_table('{"TableName": "Multi", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
    {"AttributeName": "p1", "AttributeType": "S"}, {"AttributeName": "p2", "AttributeType": "N"}, {"AttributeName": "p3", "AttributeType": "B"}, {"AttributeName": "p4", "AttributeType": "S"},
    {"AttributeName": "s1", "AttributeType": "N"}, {"AttributeName": "s2", "AttributeType": "S"}, {"AttributeName": "s3", "AttributeType": "B"}, {"AttributeName": "s4", "AttributeType": "N"}],
  "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
  "GlobalSecondaryIndexes": [
    {"IndexName": "two", "KeySchema": [{"AttributeName": "p1", "KeyType": "HASH"}, {"AttributeName": "p2", "KeyType": "HASH"}, {"AttributeName": "s1", "KeyType": "RANGE"}, {"AttributeName": "s2", "KeyType": "RANGE"}],
     "Projection": {"ProjectionType": "ALL"}},
    {"IndexName": "four", "KeySchema": [{"AttributeName": "p1", "KeyType": "HASH"}, {"AttributeName": "p2", "KeyType": "HASH"}, {"AttributeName": "p3", "KeyType": "HASH"}, {"AttributeName": "p4", "KeyType": "HASH"},
       {"AttributeName": "s1", "KeyType": "RANGE"}, {"AttributeName": "s2", "KeyType": "RANGE"}, {"AttributeName": "s3", "KeyType": "RANGE"}, {"AttributeName": "s4", "KeyType": "RANGE"}],
     "Projection": {"ProjectionType": "KEYS_ONLY"}}]}'::jsonb) \g /dev/null

-- ids in binary: each attribute takes one of two values
SELECT count(ddb_put('Multi', jsonb_build_object('id', jsonb_build_object('S', i::text),
  'p1', jsonb_build_object('S', 'a' || (i & 1)), 'p2', jsonb_build_object('N', (i >> 1 & 1)::text), 'p3', jsonb_build_object('B', CASE i >> 2 & 1 WHEN 0 THEN 'AA==' ELSE '/w==' END),
  'p4', jsonb_build_object('S', 'b' || (i >> 3 & 1)), 's1', jsonb_build_object('N', (i >> 4 & 1)::text), 's2', jsonb_build_object('S', 'c' || (i >> 5 & 1)),
  's3', jsonb_build_object('B', CASE i >> 6 & 1 WHEN 0 THEN 'AA==' ELSE '/w==' END), 's4', jsonb_build_object('N', (i >> 7)::text))))
FROM generate_series(0, 255) i \g /dev/null

CREATE FUNCTION pg_temp.two(c text, v jsonb DEFAULT '{}', f boolean DEFAULT true) RETURNS int[] LANGUAGE sql AS $$
  SELECT array_agg((i->'id'->>'S')::int ORDER BY n) FROM ddb_query('Multi', 'p1 = :p1 AND p2 = :p2' || c, '{":p1": {"S": "a1"}, ":p2": {"N": "0"}}' || v, index_name => 'two', scan_forward => f) WITH ORDINALITY q(i, n)
$$;
CREATE FUNCTION pg_temp.four(c text, v jsonb DEFAULT '{}', f boolean DEFAULT true) RETURNS int[] LANGUAGE sql AS $$
  SELECT array_agg((i->'id'->>'S')::int ORDER BY n) FROM ddb_query('Multi', 'p1 = :p1 AND p2 = :p2 AND p3 = :p3 AND p4 = :p4' || c,
    '{":p1": {"S": "a1"}, ":p2": {"N": "0"}, ":p3": {"B": "/w=="}, ":p4": {"S": "b0"}}' || v, index_name => 'four', scan_forward => f) WITH ORDINALITY q(i, n)
$$;
-- KeyConditions for more attributes than two
CREATE FUNCTION pg_temp.legacy(index_name text, conditions jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_request('Query', jsonb_build_object('TableName', 'Multi', 'IndexName', index_name, 'Select', 'COUNT', 'KeyConditions', conditions) || more) ->> 'Count';
EXCEPTION WHEN SQLSTATE 'DY001' THEN RETURN SQLERRM;
END $$;
CREATE FUNCTION pg_temp.eq(VARIADIC attributes text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_object_agg(a, jsonb_build_object('ComparisonOperator', 'EQ', 'AttributeValueList', jsonb_build_array(CASE a
    WHEN 'p1' THEN '{"S": "a1"}'::jsonb WHEN 'p2' THEN '{"N": "0"}' WHEN 'p3' THEN '{"B": "/w=="}' WHEN 'p4' THEN '{"S": "b0"}'
    WHEN 's1' THEN '{"N": "1"}' WHEN 's2' THEN '{"S": "c0"}' WHEN 's3' THEN '{"B": "AA=="}' ELSE '{"N": "0"}' END))) FROM unnest(attributes) a
$$;
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 'p2')), '64', 'KeyConditions: the partition attributes');
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 'p2', 's1')), '32', 'KeyConditions: three');
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 'p2', 's1') || '{"s2": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "c"}]}}'), '32', 'KeyConditions: four');
SELECT is(pg_temp.legacy('four', pg_temp.eq('p1', 'p2', 'p3', 'p4', 's1', 's2', 's3', 's4')), '1', 'KeyConditions: eight');
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 's1')), 'Query condition missed key schema element: p2', 'KeyConditions: a partition attribute missing');
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 'p2', 's1'), '{"FilterExpression": "s2 <> :c", "ExpressionAttributeValues": {":c": {"S": "c0"}}}'),
  'Filter Expression can only contain non-primary key attributes: Primary key attribute: s2', 'KeyConditions with a filter on a key');
SELECT is(pg_temp.legacy('two', pg_temp.eq('p1', 'p2', 's1'), '{"FilterExpression": "p4 = :b", "ExpressionAttributeValues": {":b": {"S": "b0"}}}'), '16', 'KeyConditions with a filter');

SELECT is(cardinality(pg_temp.two('')), 64, '2+2: a whole item collection');
SELECT is((SELECT array_agg(DISTINCT i & 3) FROM unnest(pg_temp.two('')) i), '{1}', 'of its partition attributes');
SELECT is(cardinality(pg_temp.two(' AND s1 = :s', '{":s": {"N": "1"}}')), 32, '2+2: first sort attribute');
SELECT is(cardinality(pg_temp.two(' AND s1 = :s AND s2 = :t', '{":s": {"N": "1"}, ":t": {"S": "c0"}}')), 16, '2+2: both');
SELECT is((SELECT array_agg(DISTINCT i & 48) FROM unnest(pg_temp.two(' AND s1 = :s AND begins_with(s2, :t)', '{":s": {"N": "1"}, ":t": {"S": "c"}}')) i), '{16,48}', '2+2: begins_with on the second');
SELECT is((SELECT array_agg(DISTINCT i & 16) FROM unnest(pg_temp.two(' AND s1 > :s', '{":s": {"N": "0"}}')) i), '{16}', '2+2: a range on the first');
SELECT is((SELECT bool_and(a <= b) FROM (SELECT (i >> 4 & 1) * 2 + (i >> 5 & 1) AS a, lead((i >> 4 & 1) * 2 + (i >> 5 & 1)) OVER (ORDER BY n) AS b FROM unnest(pg_temp.two('')) WITH ORDINALITY u(i, n)) o WHERE b IS NOT NULL), true, '2+2: in order');
SELECT is(pg_temp.two('', f => false), (SELECT array_agg(i ORDER BY n DESC) FROM unnest(pg_temp.two('')) WITH ORDINALITY u(i, n)), '2+2: backward is the reverse');
SELECT is(pg_temp.four(''), '{5,133,69,197,37,165,101,229,21,149,85,213,53,181,117,245}', '4+4: in order of all four');
SELECT is(pg_temp.four('', f => false), '{245,117,181,53,213,85,149,21,229,101,165,37,197,69,133,5}', '4+4: backward');
SELECT is(pg_temp.four(' AND s1 = :s', '{":s": {"N": "1"}}'), '{21,149,85,213,53,181,117,245}', '4+4: one');
SELECT is(pg_temp.four(' AND s1 = :s AND s2 = :t', '{":s": {"N": "1"}, ":t": {"S": "c1"}}'), '{53,181,117,245}', '4+4: two');
SELECT is(pg_temp.four(' AND s1 = :s AND s2 = :t AND s3 = :u', '{":s": {"N": "1"}, ":t": {"S": "c1"}, ":u": {"B": "/w=="}}'), '{117,245}', '4+4: three');
SELECT is(pg_temp.four(' AND s1 = :s AND s2 = :t AND s3 = :u AND s4 BETWEEN :v AND :w', '{":s": {"N": "1"}, ":t": {"S": "c1"}, ":u": {"B": "/w=="}, ":v": {"N": "0.5"}, ":w": {"N": "9"}}'), '{245}', '4+4: four');
SELECT is(pg_temp.four(' AND s1 = :s AND s2 = :t AND s3 > :u', '{":s": {"N": "1"}, ":t": {"S": "c1"}, ":u": {"B": "AA=="}}'), '{117,245}', '4+4: a range after equalities');

-- what several attributes ask of a key condition
SELECT throws_like($$SELECT ddb_query('Multi', 'p1 = :a', '{":a": {"S": "a1"}}', index_name => 'two')$$, 'Query condition missed key schema element: p2', 'all partition attributes');
SELECT throws_like($$SELECT pg_temp.two(' AND s2 = :s', '{":s": {"S": "c1"}}')$$, 'RANGE key attributes s1 must have equality conditions specified in the query because a condition is present on key attribute s2', 'sort attributes from the left');
SELECT throws_like($$SELECT pg_temp.two(' AND s1 > :s AND s2 = :t', '{":s": {"N": "0"}, ":t": {"S": "c1"}}')$$, 'RANGE key attributes s1 must have equality conditions specified in the query because a condition is present on key attribute s2', 'a range only on the last one');

-- sparse: every attribute must be there
SELECT ddb_update('Multi', '{"id": {"S": "5"}}', 'REMOVE s4') \g /dev/null
SELECT is(cardinality(pg_temp.four('')), 15, 'without its last sort attribute an item is not in the index');
SELECT is(cardinality(pg_temp.two('')), 64, 'but in the one that does not have it');
SELECT ddb_update('Multi', '{"id": {"S": "5"}}', 'SET s4 = :s, s1 = :t', "values" => '{":s": {"N": "0"}, ":t": {"N": "1"}}') \g /dev/null
SELECT is((SELECT array_agg(i ORDER BY i) FROM unnest(pg_temp.four(' AND s1 = :s AND s2 = :t', '{":s": {"N": "1"}, ":t": {"S": "c0"}}')) i), '{5,21,85,149,213}', 'back, elsewhere');
SELECT is((SELECT jsonb_object_agg(k, 1) FROM ddb_scan('Multi', index_name => 'four', max_items => 1) i, jsonb_object_keys(i) k), '{"id": 1, "p1": 1, "p2": 1, "p3": 1, "p4": 1, "s1": 1, "s2": 1, "s3": 1, "s4": 1}', 'KEYS_ONLY shows all of them');

-- paging and segments
CREATE FUNCTION pg_temp.walk(idx text, n int, c text DEFAULT NULL, v jsonb DEFAULT NULL) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE start jsonb; page jsonb[];
BEGIN
  LOOP
    page := ARRAY(SELECT ddb_query('Multi', c, v, index_name => idx, max_items => n, start_key => start) WHERE c IS NOT NULL UNION ALL SELECT ddb_scan('Multi', index_name => idx, max_items => n, start_key => start) WHERE c IS NULL);
    RETURN QUERY SELECT unnest(page);
    EXIT WHEN cardinality(page) < n;
    start := (SELECT jsonb_object_agg(a, page[n]->a) FROM ddb.indexes, unnest('{id}' || partition_key || sort_key) a WHERE table_name = 'Multi' AND index_name = idx);
  END LOOP;
END $$;
SELECT is((SELECT array_agg(i) FROM pg_temp.walk(x, 7) i) = (SELECT array_agg(i) FROM ddb_scan('Multi', index_name => x) i), true, 'scan in pages: ' || x) FROM unnest('{two,four}'::text[]) x;
SELECT is((SELECT array_agg(i->'id') FROM pg_temp.walk('two', 5, 'p1 = :p1 AND p2 = :p2 AND s1 = :s', '{":p1": {"S": "a1"}, ":p2": {"N": "0"}, ":s": {"N": "1"}}') i),
          (SELECT array_agg(i->'id') FROM ddb_query('Multi', 'p1 = :p1 AND p2 = :p2 AND s1 = :s', '{":p1": {"S": "a1"}, ":p2": {"N": "0"}, ":s": {"N": "1"}}', index_name => 'two') i), 'query in pages');
SELECT is((SELECT count(*) || ' ' || count(DISTINCT i) FROM generate_series(0, 4) s, ddb_scan('Multi', index_name => 'four', segment => s, total_segments => 5) i), '256 256', 'segments');

SELECT is(ddb_index_check('ddb_data."Multi:four"'), 256::bigint, 'the index is whole');

SELECT * FROM finish();
ROLLBACK;
