-- U+0000 in strings, keys and names, against a model of code points: order, equality,
-- prefixes, substrings and sizes are those of the true UTF-8, whatever is stored.
--
-- A failure names its seed; DDB_SEED=... in the environment repeats it.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
\set seed `echo ${DDB_SEED:-$(date +%N | tail -c 5)}`

BEGIN;
SELECT no_plan();
SELECT diag('zero characters: DDB_SEED=' || :'seed');
SELECT setseed((:seed % 10000) / 10000.0) \g /dev/null

-- ---- a model: strings are arrays of code points ----

CREATE FUNCTION pg_temp.utf8(s int[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(CASE WHEN c = 0 THEN '\x00' ELSE convert_to(chr(c), 'UTF8') END, '' ORDER BY i), '')
  FROM unnest(s) WITH ORDINALITY AS u(c, i) $$;
-- as JSON, written in one way or another
CREATE FUNCTION pg_temp.json(s int[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT '"' || coalesce(string_agg(CASE WHEN c < 32 OR (c < 128 AND random() < 0.2) THEN '\u00' || lpad(to_hex(c), 2, '0') ELSE regexp_replace(to_json(chr(c))::text, '^"|"$', '', 'g') END, '' ORDER BY i), '') || '"'
  FROM unnest(s) WITH ORDINALITY AS u(c, i) $$;
CREATE FUNCTION pg_temp.s(s int[]) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_jsonb(('{"S": ' || pg_temp.json(s) || '}')::json) $$;
CREATE FUNCTION pg_temp.named(name int[], value jsonb) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT jsonb_build_object(ddb_jsonb(pg_temp.json(name)::json) #>> '{}', value) $$;
CREATE FUNCTION pg_temp.random_string(most int) RETURNS int[] LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(array_agg((ARRAY[0, 0, 0, 1, 1, 1, 2, 2, 97, 92, 233, 128512])[1 + floor(random() * 12)::int]), '{}')
  FROM generate_series(1, floor(random() * (most + 1))::int) $$;
CREATE FUNCTION pg_temp.units(s int[]) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT cardinality(s) + (SELECT count(*) FROM unnest(s) c WHERE c > 65535)::int $$;
CREATE FUNCTION pg_temp.begins(s int[], t int[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT s[1:cardinality(t)] = t OR t = '{}' $$;
CREATE FUNCTION pg_temp.holds(s int[], t int[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT t = '{}' OR EXISTS (SELECT FROM generate_series(1, cardinality(s)) i WHERE s[i : i + cardinality(t) - 1] = t) $$;

CREATE TEMP TABLE strings AS SELECT DISTINCT pg_temp.random_string(4) AS s FROM generate_series(1, 150);
INSERT INTO strings VALUES ('{}'), ('{0}'), ('{1}'), ('{2}'), ('{0,0}'), ('{0,1}'), ('{1,0}'), ('{1,1}'), ('{1,2}'), ('{2,1}'), ('{97}'), ('{97,0}'), ('{97,1}');
CREATE TEMP TABLE texts AS SELECT DISTINCT ON (s) s, pg_temp.utf8(s) AS utf8, pg_temp.s(s) AS v FROM strings;
-- every string with itself, and enough with others
CREATE TEMP TABLE pairs AS SELECT a.s AS a, b.s AS b, a.utf8 AS au, b.utf8 AS bu, a.v AS av, b.v AS bv
  FROM texts a, texts b WHERE a.s = b.s OR cardinality(a.s) + cardinality(b.s) < 4 OR random() < 0.3;

SELECT is((SELECT count(*) FROM texts WHERE ddb_jsonb(ddb_json(v)) <> v), 0::bigint, 'ddb_json and ddb_jsonb: there and back');
SELECT is((SELECT count(*) FROM texts WHERE ddb_json(v)::text ~ '\\u0001\\u000[12]' AND s @> '{1}' IS FALSE), 0::bigint, 'ddb_json shows no escape');
SELECT is((SELECT count(*) FROM texts WHERE (v ->> 'S') <> (SELECT coalesce(string_agg(CASE c WHEN 0 THEN E'\x01\x01' WHEN 1 THEN E'\x01\x02' ELSE chr(c) END, '' ORDER BY i), '')
  FROM unnest(s) WITH ORDINALITY AS u(c, i))), 0::bigint, 'the stored form');
SELECT is(ddb_json(ddb_jsonb('["\u0000", "\\u0000", "\\\u0000", "\\\\u0001\u0001\u0002", "\"\u0000\"", {"\u0000": "\u0001\u0001"}]'))::text,
  '["\u0000", "\\u0000", "\\\u0000", "\\\\u0001\u0001\u0002", "\"\u0000\"", {"\u0000": "\u0001\u0001"}]', 'backslashes are counted');
SELECT is((ddb_jsonb('["\\u0000", "\\\\u0001\\u0001"]') ->> 1), '\\u0001\u0001', 'and what is no escape in JSON stays');
SELECT is(ddb_json(ddb_jsonb('"\u0000"'))::text, '"\u0000"', 'a scalar');
SELECT throws_ok($$SELECT ddb_jsonb('"\ud800\u0000"')$$, '22P02', NULL, 'half a surrogate pair is no character');

SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.value_compare(av, bv) <> sign(CASE WHEN au < bu THEN -1 WHEN au > bu THEN 1 ELSE 0 END)), 0::bigint, 'order');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.value_equal(av, bv) <> (a = b)), 0::bigint, 'equality');
SELECT is((SELECT count(*) FROM pairs WHERE (av ->> 'S' < bv ->> 'S' COLLATE "C") <> (au < bu)), 0::bigint, 'order of key columns');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.condition('begins_with(a, :b)', jsonb_build_object('a', av), NULL, jsonb_build_object(':b', bv)) <> pg_temp.begins(a, b)), 0::bigint, 'begins_with');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.condition('contains(a, :b)', jsonb_build_object('a', av), NULL, jsonb_build_object(':b', bv)) <> pg_temp.holds(a, b)), 0::bigint, 'contains');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.filter_matches(jsonb_build_object('a', jsonb_build_array(jsonb_build_object('suffix', bv -> 'S'))), jsonb_build_object('a', av -> 'S'))
  <> (cardinality(a) >= cardinality(b) AND a[cardinality(a) - cardinality(b) + 1 :] = b) AND b <> '{}'), 0::bigint, 'a suffix in a trigger''s filter');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.filter_matches(jsonb_build_object('a', jsonb_build_array(jsonb_build_object('prefix', bv -> 'S'))), jsonb_build_object('a', av -> 'S'))
  <> pg_temp.begins(a, b) AND b <> '{}'), 0::bigint, 'a prefix there');
SELECT is((SELECT count(*) FROM texts WHERE NOT ddb_test.condition('size(a) = :n', jsonb_build_object('a', v), NULL, jsonb_build_object(':n', jsonb_build_object('N', pg_temp.units(s)::text)))), 0::bigint, 'size()');
SELECT is((SELECT count(*) FROM texts WHERE ddb_item_size(jsonb_build_object('a', v)) <> 1 + length(utf8)), 0::bigint, 'size of a string');
SELECT is((SELECT count(*) FROM texts WHERE s <> '{}' AND ddb_item_size(pg_temp.named(s, '{"NULL": true}')) <> 1 + length(utf8)), 0::bigint, 'size of a name');
SELECT is((SELECT count(*) FROM texts WHERE s <> '{}' AND ddb_item_size(jsonb_build_object('a', jsonb_build_object('M', pg_temp.named(s, v)))) <> 1 + 4 + 2 * length(utf8)), 0::bigint, 'size of a map''s member');
SELECT is(ddb_item_size(jsonb_build_object('a', jsonb_build_object('SS', (SELECT jsonb_agg(v -> 'S') FROM texts)))), 1 + (SELECT sum(length(utf8)) FROM texts)::int, 'a set of them all');
SELECT is((SELECT count(*) FROM pairs WHERE ddb_test.set_contains(jsonb_build_object('SS', jsonb_build_array(av -> 'S', 'other')), bv) <> (a = b)), 0::bigint, 'members of a set');
SELECT is((SELECT count(*) FROM texts WHERE ddb_test.key_roundtrip(v) <> v), 0::bigint, 'through a key column');
SELECT is((SELECT count(*) FROM texts WHERE ddb_unmarshal(jsonb_build_object('a', v)) <> jsonb_build_object('a', v -> 'S')
  OR ddb_marshal(jsonb_build_object('a', v -> 'S')) <> jsonb_build_object('a', v)), 0::bigint, 'ddb_marshal and ddb_unmarshal');

-- ---- tables ----

SELECT ddb_request('CreateTable', ddb_jsonb('{"TableName": "Zero", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "p\u0000", "AttributeType": "S"}, {"AttributeName": "s\u0001", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "p\u0000", "KeyType": "HASH"}, {"AttributeName": "s\u0001", "KeyType": "RANGE"}],
  "LocalSecondaryIndexes": [{"IndexName": "local", "KeySchema": [{"AttributeName": "p\u0000", "KeyType": "HASH"}, {"AttributeName": "g", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n\u0000"]}}],
  "GlobalSecondaryIndexes": [{"IndexName": "global", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "s\u0001", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}]}')) \g /dev/null
SELECT is(ddb_json(ddb_describe_table('Zero') -> 'KeySchema')::text, '[{"KeyType": "HASH", "AttributeName": "p\u0000"}, {"KeyType": "RANGE", "AttributeName": "s\u0001"}]', 'names of keys');

CREATE FUNCTION pg_temp.key(p int[], s int[]) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.named('{112,0}', pg_temp.s(p)) || pg_temp.named('{115,1}', pg_temp.s(s)) $$;
-- Writes are separate statements: one that runs ddb_put sees no more than its snapshot.
CREATE FUNCTION pg_temp.put(p int[], s int[], more jsonb) RETURNS void LANGUAGE sql VOLATILE AS $$
  SELECT ddb_put('Zero', pg_temp.key(p, s) || more) $$;
CREATE TEMP TABLE parts (p int[] PRIMARY KEY);
INSERT INTO parts VALUES ('{0}'), ('{1}'), ('{0,0}'), ('{97,0}'), ('{97}'), ('{1,2}'), ('{2}');
CREATE TEMP TABLE model AS SELECT p, s, (ARRAY['{0}', '{1}', '{2}', '{1,0}'])[1 + floor(random() * 4)::int]::int[] AS g, false AS twice
  FROM parts, (SELECT s FROM texts WHERE s <> '{}' ORDER BY random() LIMIT 40) t;
SELECT count(pg_temp.put(p, s, jsonb_build_object('g', pg_temp.s(g)) || pg_temp.named('{110,0}', pg_temp.s(s)))) FROM model \g /dev/null
UPDATE model SET twice = true WHERE random() < 0.3;
SELECT count(pg_temp.put(p, s, jsonb_build_object('g', pg_temp.s(g), 'w', pg_temp.s(p)))) FROM model WHERE twice \g /dev/null

SELECT is((SELECT count(*) FROM ddb_scan('Zero')), (SELECT count(*) FROM model), 'each key once');
SELECT is((SELECT count(*) FROM model WHERE ddb_get('Zero', pg_temp.key(p, s)) IS NULL), 0::bigint, 'all are found');
SELECT is((SELECT count(*) FROM model WHERE ddb_get('Zero', pg_temp.key(s, p)) IS NULL AND EXISTS (SELECT FROM model m WHERE m.p = model.s AND m.s = model.p)), 0::bigint, 'and no others');

CREATE FUNCTION pg_temp.query(condition text, vals jsonb, index text DEFAULT NULL, forward boolean DEFAULT true) RETURNS jsonb[] LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(array_agg(q -> E's\x01\x02'), '{}') FROM ddb_query('Zero', condition, vals,
    (SELECT jsonb_object_agg(n, v) FROM jsonb_each(ddb_jsonb('{"#p": "p\u0000", "#s": "s\u0001"}')) x(n, v) WHERE position(n in condition) > 0),
    index, scan_forward => forward) q $$;
SELECT is((SELECT count(*) FROM parts WHERE pg_temp.query('#p = :p', jsonb_build_object(':p', pg_temp.s(p))) <>
  (SELECT array_agg(pg_temp.s(m.s) ORDER BY pg_temp.utf8(m.s)) FROM model m WHERE m.p = parts.p)), 0::bigint, 'Query: in order');
SELECT is((SELECT count(*) FROM parts WHERE pg_temp.query('#p = :p', jsonb_build_object(':p', pg_temp.s(p)), forward => false) <>
  (SELECT array_agg(pg_temp.s(m.s) ORDER BY pg_temp.utf8(m.s) DESC) FROM model m WHERE m.p = parts.p)), 0::bigint, 'backward');
SELECT is((SELECT count(*) FROM texts t WHERE s <> '{}' AND pg_temp.query('#p = :p AND begins_with(#s, :s)', jsonb_build_object(':p', pg_temp.s('{0}'), ':s', v)) <>
  coalesce((SELECT array_agg(pg_temp.s(m.s) ORDER BY pg_temp.utf8(m.s)) FROM model m WHERE m.p = '{0}' AND pg_temp.begins(m.s, t.s)), '{}')), 0::bigint, 'begins_with in a key condition');
SELECT is((SELECT count(*) FROM texts t WHERE s <> '{}' AND pg_temp.query('#p = :p AND #s > :s', jsonb_build_object(':p', pg_temp.s('{1}'), ':s', v)) <>
  coalesce((SELECT array_agg(pg_temp.s(m.s) ORDER BY pg_temp.utf8(m.s)) FROM model m WHERE m.p = '{1}' AND pg_temp.utf8(m.s) > t.utf8), '{}')), 0::bigint, 'greater');
SELECT is((SELECT count(*) FROM texts t WHERE s <> '{}' AND pg_temp.query('#p = :p AND #s BETWEEN :z AND :s', jsonb_build_object(':p', pg_temp.s('{1}'), ':z', pg_temp.s('{0}'), ':s', v)) <>
  coalesce((SELECT array_agg(pg_temp.s(m.s) ORDER BY pg_temp.utf8(m.s)) FROM model m WHERE m.p = '{1}' AND pg_temp.utf8(m.s) BETWEEN '\x00' AND t.utf8), '{}')), 0::bigint, 'between');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT g FROM model) x WHERE (SELECT array_agg(v ORDER BY v COLLATE "C") FROM (SELECT ddb_json(v)::text AS v FROM unnest(pg_temp.query('g = :g', jsonb_build_object(':g', pg_temp.s(g)), 'global')) v) t) <>
  (SELECT array_agg(v ORDER BY v COLLATE "C") FROM (SELECT ddb_json(pg_temp.s(m.s))::text AS v FROM model m WHERE m.g = x.g) t)), 0::bigint, 'Query of a global index');
SELECT is(ddb_index_check('ddb_data."Zero:primary"'), (SELECT count(*) FROM model), 'the index is sound');

-- pages, with LastEvaluatedKey as JSON text in between
CREATE FUNCTION pg_temp.pages(operation text, request text, OUT keys jsonb[], OUT n int) LANGUAGE plpgsql VOLATILE AS $$
DECLARE start json; answer jsonb;
BEGIN
  n := 0;
  LOOP
    answer := ddb_request(operation, ddb_jsonb(request::json) || CASE WHEN start IS NULL THEN '{}' ELSE jsonb_build_object('ExclusiveStartKey', ddb_jsonb(start)) END);
    keys := keys || (SELECT array_agg(i -> E's\x01\x02') FROM jsonb_array_elements(answer -> 'Items') i);
    n := n + 1;
    start := ddb_json(answer -> 'LastEvaluatedKey');
    EXIT WHEN start IS NULL OR n > 2000;
  END LOOP;
END $$;
SELECT is((SELECT cardinality(keys) FROM pg_temp.pages('Scan', '{"TableName": "Zero", "Limit": 7}')), (SELECT count(*)::int FROM model), 'pages of a Scan');
SELECT is((SELECT cardinality(keys) FROM pg_temp.pages('Scan', '{"TableName": "Zero", "Limit": 7, "IndexName": "global"}')), (SELECT count(*)::int FROM model), 'of an index');
SELECT is((SELECT keys FROM pg_temp.pages('Query', '{"TableName": "Zero", "Limit": 1, "KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "p\u0000"}, "ExpressionAttributeValues": {":p": {"S": "\u0000"}}}')),
  pg_temp.query('#p = :p', jsonb_build_object(':p', pg_temp.s('{0}'))), 'pages of a Query');
SELECT is((SELECT keys FROM pg_temp.pages('Query', '{"TableName": "Zero", "Limit": 2, "KeyConditions": {"p\u0000": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "\u0000"}]}, "s\u0001": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "\u0000"}]}}}')),
  nullif(pg_temp.query('#p = :p AND begins_with(#s, :s)', jsonb_build_object(':p', pg_temp.s('{0}'), ':s', pg_temp.s('{0}'))), '{}'), 'KeyConditions');

-- ---- all the rest ----

CREATE FUNCTION pg_temp.ask(operation text, request text) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT ddb_json(ddb_request(operation, ddb_jsonb(request::json))) $$;
SELECT is(pg_temp.ask('PutItem', '{"TableName": "Zero", "Item": {"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}, "m": {"M": {"k\u0000": {"L": [{"S": "\u0000"}, {"SS": ["\u0000", "\u0001"]}]}}}, "\u0000": {"S": "\\u0000"}}}'), '{}', 'PutItem');
SELECT is(pg_temp.ask('GetItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}}, "ProjectionExpression": "m.#k[0], #z", "ExpressionAttributeNames": {"#k": "k\u0000", "#z": "\u0000"}}'),
  '{"Item": {"m": {"M": {"k\u0000": {"L": [{"S": "\u0000"}]}}}, "\u0000": {"S": "\\u0000"}}}', 'a projection');
SELECT is(pg_temp.ask('GetItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}}, "AttributesToGet": ["\u0000"]}'), '{"Item": {"\u0000": {"S": "\\u0000"}}}', 'AttributesToGet');
SELECT is(pg_temp.ask('UpdateItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}}, "UpdateExpression": "SET m.#k[2] = :v ADD ss :s REMOVE #z", "ConditionExpression": "m.#k[0] = :c AND contains(m.#k[1], :c)",
  "ExpressionAttributeNames": {"#k": "k\u0000", "#z": "\u0000"}, "ExpressionAttributeValues": {":v": {"S": "new\u0000"}, ":s": {"SS": ["\u0001\u0002"]}, ":c": {"S": "\u0000"}}, "ReturnValues": "UPDATED_NEW"}'),
  '{"Attributes": {"m": {"M": {"k\u0000": {"L": [{"S": "new\u0000"}]}}}, "ss": {"SS": ["\u0001\u0002"]}}}', 'UpdateItem');
SELECT is(pg_temp.ask('UpdateItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}}, "AttributeUpdates": {"l\u0000": {"Value": {"S": "\u0001"}}}, "Expected": {"ss": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "\u0001\u0002"}]}}, "ReturnValues": "UPDATED_NEW"}'),
  '{"Attributes": {"l\u0000": {"S": "\u0001"}}}', 'AttributeUpdates and Expected');
SELECT is(pg_temp.ask('BatchGetItem', '{"RequestItems": {"Zero": {"Keys": [{"p\u0000": {"S": "x"}, "s\u0001": {"S": "\u0000"}}], "ProjectionExpression": "ss"}}}'), '{"Responses": {"Zero": [{"ss": {"SS": ["\u0001\u0002"]}}]}, "UnprocessedKeys": {}}', 'BatchGetItem');
SELECT is(pg_temp.ask('BatchWriteItem', '{"RequestItems": {"Zero": [{"PutRequest": {"Item": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0000"}}}}, {"PutRequest": {"Item": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0001"}}}}]}}'), '{"UnprocessedItems": {}}', 'BatchWriteItem: two keys');
SELECT throws_ok($$SELECT pg_temp.ask('BatchWriteItem', '{"RequestItems": {"Zero": [{"PutRequest": {"Item": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0000"}}}}, {"PutRequest": {"Item": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0000"}}}}]}}')$$,
  'DY001', 'Provided list of item keys contains duplicates', 'one key twice');
SELECT is(pg_temp.ask('TransactWriteItems', '{"ClientRequestToken": "\u0000", "TransactItems": [{"Put": {"TableName": "Zero", "Item": {"p\u0000": {"S": "t"}, "s\u0001": {"S": "\u0000"}, "v": {"S": "\u0000"}}}}, {"Delete": {"TableName": "Zero", "Key": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0001"}}}}, {"ConditionCheck": {"TableName": "Zero", "Key": {"p\u0000": {"S": "b"}, "s\u0001": {"S": "\u0000"}}, "ConditionExpression": "attribute_exists(#s)", "ExpressionAttributeNames": {"#s": "s\u0001"}}}]}'), '{}', 'TransactWriteItems');
SELECT is(pg_temp.ask('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "Zero", "Key": {"p\u0000": {"S": "t"}, "s\u0001": {"S": "\u0000"}}}}, {"Get": {"TableName": "Zero", "Key": {"p\u0000": {"S": "t"}, "s\u0001": {"S": "\u0001"}}}}]}'),
  '{"Responses": [{"Item": {"v": {"S": "\u0000"}, "p\u0000": {"S": "t"}, "s\u0001": {"S": "\u0000"}}}, {}]}', 'TransactGetItems');
SELECT throws_ok($$SELECT pg_temp.ask('DeleteItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "t"}, "s\u0001": {"S": "\u0000"}}, "ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": {"S": "\u0001"}}}')$$,
  'DY002', 'The conditional request failed', 'U+0000 is not U+0001');
SELECT is(ddb_json(ddb_request('Scan', ddb_jsonb('{"TableName": "Zero", "FilterExpression": "v >= :v AND v < :w", "ExpressionAttributeValues": {":v": {"S": "\u0000"}, ":w": {"S": "\u0001"}}, "ProjectionExpression": "v"}')) -> 'Items')::text, '[{"v": {"S": "\u0000"}}]', 'a filter');
SELECT is((SELECT count(*) FROM ddb_scan('Zero', 'contains(v, :v)', '{":v": {"S": "\u0002"}}')), 0::bigint, 'finds no part of an escape');

-- PartiQL
SELECT is(pg_temp.ask('ExecuteStatement', $${"Statement": "INSERT INTO \"Zero\" VALUE {'p\u0000': 'pql', 's\u0001': '\u0000', 'v': '\u0001\u0002', 'l': ['\u0000']}"}$$), '{"Items": []}', 'PartiQL: INSERT');
SELECT is(pg_temp.ask('ExecuteStatement', $${"Statement": "SELECT l, v FROM \"Zero\" WHERE \"p\u0000\" = 'pql' AND \"s\u0001\" = ? AND contains(v, '\u0001')", "Parameters": [{"S": "\u0000"}]}$$),
  '{"Items": [{"l": {"L": [{"S": "\u0000"}]}, "v": {"S": "\u0001\u0002"}}]}', 'SELECT');
SELECT is(ddb_json(ddb_request('ExecuteStatement', ddb_jsonb($${"Statement": "SELECT l FROM \"Zero\" WHERE \"p\u0000\" = 'pql' AND \"s\u0001\" = '\u0001'"}$$)) -> 'Items')::text, '[]', 'of another key');

-- plain SQL
INSERT INTO ddb_data."Zero" (item) VALUES (ddb_jsonb('{"p\u0000": {"S": "sql"}, "s\u0001": {"S": "\u0000"}, "w": {"S": "\u0000\u0001"}}'));
SELECT is(pg_temp.ask('GetItem', '{"TableName": "Zero", "Key": {"p\u0000": {"S": "sql"}, "s\u0001": {"S": "\u0000"}}}'), '{"Item": {"w": {"S": "\u0000\u0001"}, "p\u0000": {"S": "sql"}, "s\u0001": {"S": "\u0000"}}}', 'an item by INSERT');

-- import: text columns are PostgreSQL's text, json is JSON, jsonb has stored form
SELECT ddb_create_table('ZeroImport', 'k S') \g /dev/null
SELECT is(ddb_import('ZeroImport', $$SELECT E'a\x01' AS k, '{"v\u0000": "\u0000"}'::json AS j, ddb_jsonb('"\u0000\u0001"') AS b, ARRAY[E'\x01\x01'] AS a, E'\x02' AS "n"$$), 1::bigint, 'import');
SELECT is(ddb_json((SELECT ddb_scan('ZeroImport')))::text, '{"a": {"L": [{"S": "\u0001\u0001"}]}, "b": {"S": "\u0000\u0001"}, "j": {"M": {"v\u0000": {"S": "\u0000"}}}, "k": {"S": "a\u0001"}, "n": {"S": "\u0002"}}', 'each by its type');
SELECT is(ddb_import('ZeroImport', $$SELECT ddb_jsonb('{"k": {"S": "\u0000"}}')$$), 1::bigint, 'whole items');
SELECT is(pg_temp.ask('GetItem', '{"TableName": "ZeroImport", "Key": {"k": {"S": "\u0000"}}}'), '{"Item": {"k": {"S": "\u0000"}}}', 'are there');

-- ---- limits count true bytes ----

SELECT is(pg_temp.ask('PutItem', format('{"TableName": "Zero", "Item": {"p\u0000": {"S": "%s"}, "s\u0001": {"S": "%s"}, "g": {"S": "%1$s"}}}', repeat('\u0000', 1024), repeat('\u0000\u0001', 512))), '{}', 'the longest keys');
SELECT is(ddb_json(ddb_get('Zero', pg_temp.key(array_fill(0, ARRAY[1024]), (SELECT array_agg(i % 2) FROM generate_series(0, 1023) i))) -> 'g')::text, '{"S": "' || repeat('\u0000', 1024) || '"}', 'are found');
SELECT is((SELECT count(*) FROM ddb_query('Zero', 'g = :g', ddb_jsonb(format('{":g": {"S": "%s"}}', repeat('\u0000', 1024))::json), index_name => 'global')), 1::bigint, 'in an index too');
SELECT is(pg_temp.ask('PutItem', format('{"TableName": "Zero", "Item": {"p\u0000": {"S": "%s"}, "s\u0001": {"S": "s"}}}', repeat('\u0000', 2048))), '{}', 'the longest partition key');
SELECT throws_ok(format('SELECT pg_temp.ask(''PutItem'', %L)', format('{"TableName": "Zero", "Item": {"p\u0000": {"S": "%s"}, "s\u0001": {"S": "s"}}}', repeat('\u0000', 2049))),
  'DY001', 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes', 'a byte more');
SELECT throws_ok(format('SELECT pg_temp.ask(''PutItem'', %L)', format('{"TableName": "Zero", "Item": {"p\u0000": {"S": "p"}, "s\u0001": {"S": "%s"}}}', repeat('\u0001', 1025))),
  'DY001', 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes', 'a sort key a byte too long');
SELECT is(pg_temp.ask('PutItem', format('{"TableName": "ZeroImport", "Item": {"k": {"S": "k"}, "v": {"S": "%s"}}}', repeat('\u0000', 409597))), '{}', 'the largest item');
SELECT throws_ok(format('SELECT pg_temp.ask(''PutItem'', %L)', format('{"TableName": "ZeroImport", "Item": {"k": {"S": "k"}, "v": {"S": "%s"}}}', repeat('\u0000', 409598))),
  'DY001', 'Item size has exceeded the maximum allowed size', 'a byte more');
SELECT is(pg_temp.ask('PutItem', format('{"TableName": "ZeroImport", "Item": {"k": {"S": "k"}, "%s": {"NULL": true}}}', repeat('\u0000', 65535))), '{}', 'the longest name');
SELECT throws_ok(format('SELECT pg_temp.ask(''PutItem'', %L)', format('{"TableName": "ZeroImport", "Item": {"k": {"S": "k"}, "%s": {"NULL": true}}}', repeat('\u0000', 65536))),
  'DY001', NULL, 'a byte more');
SELECT throws_ok(format('SELECT pg_temp.ask(''UpdateItem'', %L)', format('{"TableName": "ZeroImport", "Key": {"k": {"S": "k"}}, "UpdateExpression": "SET #n = :v", "ExpressionAttributeNames": {"#n": "%s"}, "ExpressionAttributeValues": {":v": {"NULL": true}}}', repeat('\u0000', 65536))),
  'DY001', NULL, 'in an update too');
SELECT throws_ok(format('SELECT pg_temp.ask(''GetItem'', %L)', format('{"TableName": "ZeroImport", "Key": {"k": {"S": "k"}}, "ProjectionExpression": "%s"}', repeat('\u0000', 4097))),
  'DY001', 'Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097', 'an expression''s size');

-- Keys of the greatest length that don't compress, with more and more characters that take two bytes.
CREATE FUNCTION pg_temp.noise(bytes int, share float) RETURNS int[] LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(CASE WHEN random() < share THEN floor(random() * 2)::int ELSE 33 + floor(random() * 90)::int END) FROM generate_series(1, bytes) $$;
SELECT is((SELECT count(*) - count(ddb_put('Zero', pg_temp.key(pg_temp.noise(2048, f), pg_temp.noise(1024, f)) || jsonb_build_object('g', pg_temp.s(pg_temp.noise(1024, f)))))
  FROM generate_series(0, 0.9, 0.1) f), 10::bigint, 'keys that do not compress');
SELECT is((SELECT count(*) FROM ddb_scan('Zero', 'size(g) = :n', '{":n": {"N": "1024"}}', index_name => 'global')), 11::bigint, 'are in the indexes');

-- ---- messages, and what is not in stored form ----

SELECT throws_ok($$SELECT pg_temp.ask('GetItem', '{"TableName": "Zero\u0000", "Key": {"k": {"S": "k"}}}')$$, 'DY001',
  E'1 validation error detected: Value \'Zero\x01\x01\' at \'tableName\' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+', 'a table''s name');
SELECT throws_ok($$SELECT pg_temp.ask('GetItem', '{"TableName": "Zero", "Key": {"k": {"S": "k"}}, "ProjectionExpression": "a, \u0000b"}')$$, 'DY001',
  E'Invalid ProjectionExpression: Syntax error; token: "\x01\x01", near: ", \x01\x01b"', 'in an expression it is one character');
SELECT throws_ok(format('SELECT %s', call), 'DY001', 'Invalid text in jsonb: U+0000 is \u0001\u0001 there and U+0001 is \u0001\u0002, as ddb_jsonb() gives them', 'a bare U+0001 in ' || what)
FROM (VALUES ('a string', $$ddb_put('ZeroImport', '{"k": {"S": "\u0001"}}')$$), ('a set', $$ddb_put('ZeroImport', '{"k": {"S": "k"}, "v": {"SS": ["a", "b\u0001\u0003"]}}')$$),
  ('an attribute''s name', $$ddb_put('ZeroImport', '{"k": {"S": "k"}, "\u0001": {"S": "v"}}')$$),
  ('a map''s name', $$ddb_put('ZeroImport', '{"k": {"S": "k"}, "m": {"M": {"\u0001": {"S": "v"}}}}')$$),
  ('a name for an update', $$ddb_update('ZeroImport', '{"k": {"S": "k"}}', 'SET #n = :v', names => '{"#n": "\u0001"}', "values" => '{":v": {"S": ""}}')$$),
  ('AttributeUpdates', $$ddb_request('UpdateItem', '{"TableName": "ZeroImport", "Key": {"k": {"S": "k"}}, "AttributeUpdates": {"\u0001": {"Value": {"S": "v"}}}}')$$),
  ('a request', $$ddb_request('GetItem', '{"TableName": "\u0001"}')$$)) t (what, call);
SELECT throws_ok($$INSERT INTO ddb_data."ZeroImport" (item) VALUES ('{"k": {"S": "\u0001"}}')$$, 'DY001', NULL, 'or by plain SQL');
SELECT throws_ok($$SELECT ddb_update('ZeroImport', '{"k": {"S": "k"}}', 'SET a = :v', "values" => '{":v": {"S": "\u0001\u0001\u0001"}}')$$, 'DY001',
  'Invalid text in jsonb: U+0000 is \u0001\u0001 there and U+0001 is \u0001\u0002, as ddb_jsonb() gives them', 'a value');

SELECT * FROM finish();
ROLLBACK;
