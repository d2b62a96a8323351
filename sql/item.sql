--
-- Items: validation, canonical form, size, equality, marshalling.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\set VERBOSITY terse

-- what an item is stored as, or the error it is refused with
CREATE FUNCTION pg_temp.try(item text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  exception text;
BEGIN
  RETURN ddb_item(item::jsonb);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS exception = PG_DATATYPE_NAME;
  RETURN SQLSTATE || ' ' || exception || ': ' || SQLERRM;
END $$;
-- a value's size, the attribute's one-byte name taken off
CREATE FUNCTION pg_temp.size(value jsonb) RETURNS int LANGUAGE sql AS $$
  SELECT ddb_item_size(jsonb_build_object('a', value)) - 1;
$$;

-- all ten types
SELECT jsonb_pretty(ddb_item('{"s": {"S": "x"}, "n": {"N": "-1.50"}, "b": {"B": "AQID"}, "t": {"BOOL": true}, "f": {"BOOL": false},
  "u": {"NULL": true}, "l": {"L": [{"S": "x"}, {"N": "1e2"}]}, "m": {"M": {"k": {"N": "0.10"}}},
  "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["2.0", "1"]}, "bs": {"BS": ["Ag==", "AQ=="]}}'));
-- empty strings, binaries, lists, maps, set members and items are fine
SELECT pg_temp.try(i) FROM unnest('{"{}","{\"a\": {\"S\": \"\"}}","{\"a\": {\"B\": \"\"}}","{\"a\": {\"L\": []}}","{\"a\": {\"M\": {}}}",
  "{\"a\": {\"SS\": [\"\"]}}","{\"a\": {\"BS\": [\"\"]}}"}'::text[]) AS i;

-- the wrong number of datatypes
SELECT pg_temp.try('{"a": {}}');
SELECT pg_temp.try('{"a": null}');
SELECT pg_temp.try('{"a": {"S": null}}');
SELECT pg_temp.try('{"a": {"X": "unknown"}}');
SELECT pg_temp.try('{"a": {"s": "lower case"}}');
SELECT pg_temp.try('{"a": {"S": "x", "N": "1"}}');
SELECT pg_temp.try('{"a": {"L": [{}]}}');
SELECT pg_temp.try('{"a": {"M": {"b": {}}}}');
-- what is unknown or null is as good as absent
SELECT pg_temp.try('{"a": {"S": "x", "N": null, "Unknown": 5}}');

-- empty and duplicate sets
SELECT pg_temp.try('{"a": {"SS": []}}');
SELECT pg_temp.try('{"a": {"NS": []}}');
SELECT pg_temp.try('{"a": {"BS": []}}');
SELECT pg_temp.try('{"a": {"SS": ["a", "a"]}}');
SELECT pg_temp.try('{"a": {"SS": ["a", "b", "c", "a"]}}');
SELECT pg_temp.try('{"a": {"NS": ["1", "1"]}}');
SELECT pg_temp.try('{"a": {"NS": ["1", "2", "1.0"]}}');
SELECT pg_temp.try('{"a": {"NS": ["100", "1e2"]}}');
SELECT pg_temp.try('{"a": {"NS": ["0", "-0"]}}');
SELECT pg_temp.try('{"a": {"BS": ["AQ==", "AQ=="]}}');
SELECT pg_temp.try('{"a": {"SS": ["a", "A", "ä", "a "]}}');
SELECT pg_temp.try('{"a": {"NS": ["1", "x"]}}');

-- NULL is true
SELECT pg_temp.try('{"a": {"NULL": false}}');

-- base64: padded, canonical, standard alphabet
SELECT b, pg_temp.try(jsonb_build_object('a', jsonb_build_object('B', b))::text)
FROM unnest('{AA==,AAA=,AAAA,AAAAAA==,+/+/,A,AA,AAA,AAAAA,AB==,AAB=,AA=A,A===,====,=AAA,-_-_,"AA A",AAAä,AÄ}'::text[]) AS b;

-- the wrong JSON
SELECT v, pg_temp.try(format('{"a": {"S": %s}}', v)) AS s, pg_temp.try(format('{"a": {"BOOL": %s}}', v)) AS bool
FROM unnest('{5,true,false,"\"x\"","[]","{}"}'::text[]) AS v;
SELECT v, pg_temp.try(format('{"a": {"N": %s}}', v)) AS n, pg_temp.try(format('{"a": {"NULL": %s}}', v)) AS "null"
FROM unnest('{5,"\"x\""}'::text[]) AS v;
SELECT v, pg_temp.try(format('{"a": {"L": %s}}', v)) AS l, pg_temp.try(format('{"a": {"SS": %s}}', v)) AS ss
FROM unnest('{5,"\"x\"","{}"}'::text[]) AS v;
SELECT v, pg_temp.try(format('{"a": {"M": %s}}', v)) AS m FROM unnest('{5,"\"x\"","[]"}'::text[]) AS v;
SELECT v, pg_temp.try(format('{"a": %s}', v)) AS value, pg_temp.try(v) AS item FROM unnest('{5,"\"x\"","[]",true}'::text[]) AS v;
SELECT pg_temp.try('{"a": {"B": 5}}');
SELECT pg_temp.try('{"a": {"NS": ["1", 2]}}');
SELECT pg_temp.try('{"a": {"SS": ["1", null]}}');
SELECT pg_temp.try('{"a": {"L": ["x"]}}');
SELECT pg_temp.try('null');
-- the request's form is judged before its values, wherever they stand
SELECT pg_temp.try('{"a": {"N": "abc"}, "b": {"S": 5}}');
SELECT pg_temp.try('{"a": {"N": "abc"}, "b": {"SS": []}}');
SELECT pg_temp.try('{"bb": {"N": "abc"}, "a": {"SS": []}}');

-- names: 1 to 65,535 bytes
SELECT pg_temp.try('{"": {"S": "x"}}');
SELECT pg_temp.try('{"a": {"M": {"": {"S": "x"}}}}');
SELECT n, left(pg_temp.try(jsonb_build_object(repeat('n', n), '{"S": ""}'::jsonb)::text), 120)
FROM unnest('{65534,65535,65536}'::int[]) AS n;

-- nesting: 30, 31, 32 levels of lists, of maps, of both; then as deep as jsonb goes
CREATE FUNCTION pg_temp.nest(levels int, opening text, closing text) RETURNS text LANGUAGE sql AS $$
  SELECT format('{"a": %s{"S": "x"}%s}', repeat(opening, levels), repeat(closing, levels));
$$;
SELECT n, left(pg_temp.try(pg_temp.nest(n, '{"L": [', ']}')), 150) AS lists FROM unnest('{30,31,32}'::int[]) AS n;
SELECT n, left(pg_temp.try(pg_temp.nest(n, '{"M": {"k": ', '}}')), 150) AS maps FROM unnest('{30,31,32}'::int[]) AS n;
SELECT left(pg_temp.try(pg_temp.nest(15, '{"M": {"k": {"L": [', ']}}}')), 60) AS "30",
  left(pg_temp.try(pg_temp.nest(16, '{"M": {"k": {"L": [', ']}}}')), 60) AS "32";
-- neither a set nor the item is a level
SELECT left(pg_temp.try(format('{"a": %s{"SS": ["x"]}%s}', repeat('{"L": [', 31), repeat(']}', 31))), 30);
-- a copy made canonical is as deep
SELECT pg_temp.try(format('{"a": %s{"N": "1.0"}%s}', repeat('{"L": [', 31), repeat(']}', 31))) LIKE '%{"N": "1"}%';
SELECT left(pg_temp.try(pg_temp.nest(1000, '{"L": [', ']}')), 60);
SELECT left(ddb_marshal(format('%s1%s', repeat('[', 31), repeat(']', 31))::jsonb)::text, 30);
SELECT ddb_marshal(format('%s1%s', repeat('[', 32), repeat(']', 32))::jsonb);
SELECT ddb_marshal(format('%s1%s', repeat('{"a":', 33), repeat('}', 33))::jsonb);

-- canonical input comes back as it is, other input as a copy that reads the same through PostgreSQL's own functions
SELECT pg_temp.try('{"a": {"L": [{"N": "1.0"}, {"M": {"bb": {"N": "01"}, "a": {"NS": ["1e1", "2"]}, "c": {"B": "AQ=="}}}, {"BOOL": false}, {"NULL": true}]}}');
SELECT count(*), bool_and(copied = built) AS same, bool_and(pg_column_size(copied) = pg_column_size(built)) AS same_size,
  bool_and(copied::text = built::text) AS same_text, bool_and(copied -> 'list' -> 'L' -> (n / 2) -> 'N' IS NOT DISTINCT FROM built -> 'list' -> 'L' -> (n / 2) -> 'N') AS same_element
FROM (
  SELECT n, ddb_item(jsonb_build_object(
      'list', jsonb_build_object('L', (SELECT coalesce(jsonb_agg(jsonb_build_object('N', i || '.0')), '[]') FROM generate_series(1, n) AS i)),
      'map', jsonb_build_object('M', (SELECT coalesce(jsonb_object_agg('k' || i, jsonb_build_object('S', repeat('x', i % 7))), '{}') FROM generate_series(1, n) AS i)),
      'set', jsonb_build_object('NS', (SELECT jsonb_agg(i || '.0') FROM generate_series(0, n) AS i)))) AS copied,
    jsonb_build_object(
      'list', jsonb_build_object('L', (SELECT coalesce(jsonb_agg(jsonb_build_object('N', i::text)), '[]') FROM generate_series(1, n) AS i)),
      'map', jsonb_build_object('M', (SELECT coalesce(jsonb_object_agg('k' || i, jsonb_build_object('S', repeat('x', i % 7))), '{}') FROM generate_series(1, n) AS i)),
      'set', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(0, n) AS i))) AS built
  FROM generate_series(0, 130) AS n) AS t;

-- sizes to the byte
SELECT ddb_item_size('{}'), ddb_item_size('{"name": {"S": "value"}}'), ddb_item_size('{"ä": {"S": "€"}}'), ddb_item_size('{"a": {"S": ""}}');
SELECT v AS value, pg_temp.size(v)
FROM unnest(ARRAY['{"S": "abc"}', '{"S": "äöü"}', '{"N": "0"}', '{"N": "1"}', '{"N": "-1"}', '{"N": "12"}', '{"N": "123"}', '{"N": "-12.3"}',
  '{"N": "1e100"}', '{"N": "0.0001"}', '{"B": ""}', '{"B": "AA=="}', '{"B": "AAA="}', '{"B": "AAAA"}', '{"B": "AAAAAA=="}',
  '{"BOOL": true}', '{"BOOL": false}', '{"NULL": true}', '{"L": []}', '{"L": [{"S": ""}]}', '{"L": [{"S": "a"}, {"S": "b"}]}',
  '{"M": {}}', '{"M": {"a": {"S": ""}}}', '{"M": {"name": {"S": "value"}, "n": {"N": "1"}}}', '{"L": [{"L": []}]}', '{"M": {"m": {"M": {}}}}',
  '{"SS": ["a", "bcd"]}', '{"NS": ["0", "1", "-12.3"]}', '{"BS": ["AA==", "AAAA"]}']::jsonb[]) AS v;
-- 400 KB is counted here and judged by the operations
SELECT ddb_item_size(jsonb_build_object('a', jsonb_build_object('S', repeat('x', n)))) FROM unnest('{409598,409599,409600}'::int[]) AS n;

-- order of strings (bytes of UTF-8) and binaries (unsigned bytes, not base64 text)
SELECT a, b, ddb_test.value_compare(jsonb_build_object('S', a), jsonb_build_object('S', b)) AS s
FROM (VALUES ('a', 'b'), ('b', 'a'), ('a', 'a'), ('', 'a'), ('', ''), ('a', 'aa'), ('B', 'a'), ('ä', 'z'), ('￿', '😀')) AS v (a, b);
WITH v (x) AS (
  SELECT unnest('{"",00,01,ff,0000,0001,00ff,01ff,ff00,fb,fbff,fbffff,000000,00000000,0000000000,fffefd,fffefdfc,7f,80,3e3f,f8,fc}'::text[]))
SELECT count(*), count(*) FILTER (WHERE ddb_test.value_compare(jsonb_build_object('B', encode(decode(a.x, 'hex'), 'base64')),
    jsonb_build_object('B', encode(decode(b.x, 'hex'), 'base64')))
    <> CASE WHEN decode(a.x, 'hex') < decode(b.x, 'hex') THEN -1 WHEN decode(a.x, 'hex') = decode(b.x, 'hex') THEN 0 ELSE 1 END) AS wrong
FROM v a, v b;
SELECT ddb_test.value_compare('{"S": "1"}', '{"N": "1"}');
SELECT ddb_test.value_compare('{"BOOL": true}', '{"BOOL": true}');

-- equality
SELECT a, b, ddb_test.value_equal(a, b), ddb_test.value_equal(b, a) AS the_other_way
FROM (VALUES
  ('{"S": "x"}'::jsonb, '{"S": "x"}'::jsonb), ('{"S": "x"}', '{"S": "y"}'), ('{"S": "1"}', '{"N": "1"}'), ('{"N": "1"}', '{"N": "1.00"}'),
  ('{"N": "1"}', '{"N": "-1"}'), ('{"B": "AA=="}', '{"B": "AA=="}'), ('{"B": "AA=="}', '{"B": "AAA="}'), ('{"BOOL": true}', '{"BOOL": true}'),
  ('{"BOOL": true}', '{"BOOL": false}'), ('{"NULL": true}', '{"NULL": true}'), ('{"NULL": true}', '{"BOOL": true}'),
  ('{"SS": ["a", "b", "cc"]}', '{"SS": ["cc", "b", "a"]}'), ('{"SS": ["a", "b"]}', '{"SS": ["a", "c"]}'), ('{"SS": ["a", "b"]}', '{"SS": ["a"]}'),
  ('{"NS": ["1", "2", "300"]}', '{"NS": ["3e2", "2.0", "1"]}'), ('{"BS": ["AA==", "AQ=="]}', '{"BS": ["AQ==", "AA=="]}'),
  ('{"SS": ["1"]}', '{"NS": ["1"]}'), ('{"L": [{"S": "a"}, {"S": "b"}]}', '{"L": [{"S": "b"}, {"S": "a"}]}'),
  ('{"L": [{"SS": ["a", "b"]}]}', '{"L": [{"SS": ["b", "a"]}]}'), ('{"L": []}', '{"M": {}}'), ('{"M": {}}', '{"M": {}}'),
  ('{"M": {"a": {"NS": ["1", "2"]}, "b": {"S": "x"}}}', '{"M": {"b": {"S": "x"}, "a": {"NS": ["2.0", "1.0"]}}}'),
  ('{"M": {"a": {"S": "x"}}}', '{"M": {"b": {"S": "x"}}}'), ('{"M": {"a": {"L": [{"M": {}}]}}}', '{"M": {"a": {"L": [{"M": {}}]}}}')) AS v (a, b);
SELECT ddb_test.set_contains('{"SS": ["a", "b"]}', '{"S": "b"}'), ddb_test.set_contains('{"SS": ["a", "b"]}', '{"S": "c"}'),
  ddb_test.set_contains('{"NS": ["1", "2"]}', '{"N": "2.0"}'), ddb_test.set_contains('{"NS": ["1.0", "2"]}', '{"N": "1"}'),
  ddb_test.set_contains('{"SS": ["1"]}', '{"N": "1"}'), ddb_test.set_contains('{"BS": ["AA=="]}', '{"B": "AA=="}'),
  ddb_test.set_contains('{"L": [{"S": "a"}]}', '{"S": "a"}');

-- a set of 100,000: checked, a duplicate found, compared without order, searched
SET statement_timeout = '20s';
CREATE TEMP TABLE big AS
SELECT jsonb_build_object('SS', jsonb_agg(md5(i::text) ORDER BY i)) AS s, jsonb_build_object('SS', jsonb_agg(md5(i::text) ORDER BY -i)) AS reversed,
  jsonb_build_object('NS', jsonb_agg(i || '.0' ORDER BY i)) AS n
FROM generate_series(1, 100000) AS i;
SELECT pg_temp.size(s), pg_temp.size(n), ddb_item(jsonb_build_object('a', n)) #>> '{a,NS,99999}' AS last,
  ddb_test.value_equal(s, reversed), ddb_test.set_contains(s, jsonb_build_object('S', md5('100000'))), ddb_test.set_contains(n, '{"N": "100001"}') FROM big;
SELECT left(pg_temp.try(jsonb_build_object('a', jsonb_build_object('SS', s -> 'SS' || jsonb_build_array(md5('5'))))::text), 75),
  right(pg_temp.try(jsonb_build_object('a', jsonb_build_object('NS', n -> 'NS' || '["5"]'))::text), 32) FROM big;
RESET statement_timeout;

-- strings and binaries keep their value through a key column
SELECT ddb_test.key_roundtrip('{"S": "x€"}'), ddb_test.key_roundtrip('{"S": ""}'), ddb_test.key_roundtrip('{"B": ""}'), ddb_test.key_roundtrip('{"B": "AA=="}'),
  ddb_test.key_roundtrip('{"B": "/+8="}'), ddb_test.key_roundtrip('{"B": "AQID"}');
SELECT count(*) FILTER (WHERE ddb_test.key_roundtrip(b) <> b) AS wrong
FROM (SELECT jsonb_build_object('B', translate(encode(decode(string_agg(md5((n * i)::text), ''), 'hex'), 'base64'), E'\n', '')) AS b
      FROM generate_series(1, 50) AS n, generate_series(1, 10) AS i GROUP BY n) AS t;

-- plain JSON to items and back
SELECT ddb_marshal('{"s": "x", "n": 1.50, "e": 1e3, "z": -0.0, "t": true, "f": false, "u": null, "l": [1, "a", [null]], "m": {"k": {}}, "el": []}');
SELECT ddb_marshal('5'), ddb_marshal('"x"'), ddb_marshal('null'), ddb_marshal('true'), ddb_marshal('[1, "a"]'), ddb_marshal('{}'), ddb_marshal('[]');
SELECT ddb_marshal('{"n": 1e126}');
SELECT ddb_marshal('{"n": 1e-131}');
SELECT ddb_marshal('{"n": 123456789012345678901234567890123456789}');
SELECT ddb_marshal('{"": 1}');
SELECT ddb_unmarshal('{"s": {"S": "x"}, "n": {"N": "1.50"}, "b": {"B": "AQID"}, "t": {"BOOL": true}, "f": {"BOOL": false}, "u": {"NULL": true},
  "l": {"L": [{"N": "1"}, {"L": [{"NULL": true}]}]}, "m": {"M": {"k": {"M": {}}}}, "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["2.0", "1e2"]},
  "bs": {"BS": ["AQ=="]}, "S": {"S": "an attribute named S"}}');
SELECT ddb_unmarshal('{}'), ddb_unmarshal('{"n": {"N": "12345678901234567890123456789012345678"}}'), ddb_unmarshal('{"n": {"N": "1e-130"}}') ->> 'n' = 1e-130::text;
SELECT ddb_unmarshal('{"S": "not an item"}');
SELECT j = ddb_unmarshal(ddb_marshal(j)) AS round_trip
FROM (SELECT '{"a": [1, 2.5, "x", null, true, {"b": [], "c": {}}], "long name": -1e-5, "": ""}'::jsonb - '' AS j) AS t;
SELECT ddb_marshal(NULL) IS NULL, ddb_unmarshal(NULL) IS NULL, ddb_item(NULL) IS NULL, ddb_item_size(NULL) IS NULL;
