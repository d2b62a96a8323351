-- ddb_import: columns of every type, jsonb items, bad rows, duplicates, what
-- stays after an error.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(102);

SELECT ddb_create_table('Typed', 'id N', global_indexes => '{"gsi": {"partition_key": "s S"}}') \g /dev/null
CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN pg_temp.positive AS integer CHECK (value > 0);
CREATE DOMAIN pg_temp.doc AS jsonb;
CREATE DOMAIN pg_temp.numbers AS integer[];
CREATE TYPE pg_temp.pair AS (a integer, b text);
SET LOCAL timezone = 'UTC';

-- one column of each type; what becomes of it
CREATE TEMP TABLE kinds (id serial, expr text, value jsonb);
INSERT INTO kinds (expr, value) VALUES
  ('7::smallint', '{"N": "7"}'), ('-7::integer', '{"N": "-7"}'), ('9223372036854775807::bigint', '{"N": "9223372036854775807"}'),
  ('1.50::numeric', '{"N": "1.5"}'), ('100::numeric(10,4)', '{"N": "100"}'), ('12345678901234567890.123456789012345678::numeric', '{"N": "12345678901234567890.123456789012345678"}'),
  ('0.1::float8', '{"N": "0.1"}'), ('0.1::float4', '{"N": "0.1"}'), ('1e25::float8', '{"N": "10000000000000000000000000"}'), ('-0.0::float8', '{"N": "0"}'), ('5e-130::float8', format('{"N": "0.%s5"}', repeat('0', 129))::jsonb),
  ('12::oid', '{"N": "12"}'), ('true', '{"BOOL": true}'), ('false', '{"BOOL": false}'),
  ('''text''::text', '{"S": "text"}'), ('''''::text', '{"S": ""}'), ('''v''::varchar(10)', '{"S": "v"}'), ('''n''::name', '{"S": "n"}'), ('''ä€😀''::text', '{"S": "ä€😀"}'),
  ('''\x00ff''::bytea', '{"B": "AP8="}'), ('''''::bytea', '{"B": ""}'),
  ('date ''2024-02-29''', '{"S": "2024-02-29"}'), ('timestamp ''2024-02-29 12:00:00.5''', '{"S": "2024-02-29 12:00:00.5"}'), ('timestamptz ''2024-02-29 12:00:00+00''', '{"S": "2024-02-29 12:00:00+00"}'),
  ('interval ''1 day''', '{"S": "1 day"}'), ('time ''12:00''', '{"S": "12:00:00"}'), ('''00000000-0000-0000-0000-000000000001''::uuid', '{"S": "00000000-0000-0000-0000-000000000001"}'),
  ('inet ''10.0.0.1''', '{"S": "10.0.0.1"}'), ('int4range(1, 3)', '{"S": "[1,3)"}'),
  ('''{"a": [1, null, {"b": "c"}], "d": true}''::json', '{"M": {"a": {"L": [{"N": "1"}, {"NULL": true}, {"M": {"b": {"S": "c"}}}]}, "d": {"BOOL": true}}}'),
  ('''{"a": 1.50}''::jsonb', '{"M": {"a": {"N": "1.5"}}}'), ('''[]''::jsonb', '{"L": []}'), ('''"s"''::jsonb', '{"S": "s"}'), ('''2''::jsonb', '{"N": "2"}'), ('''null''::jsonb', '{"NULL": true}'), ('''false''::json', '{"BOOL": false}'),
  ('''{1,2,NULL}''::int[]', '{"L": [{"N": "1"}, {"N": "2"}, {"NULL": true}]}'), ('''{{a,b},{c,d}}''::text[]', '{"L": [{"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "c"}, {"S": "d"}]}]}'),
  ('''{}''::text[]', '{"L": []}'), ('''[2:3]={5,6}''::int[]', '{"L": [{"N": "5"}, {"N": "6"}]}'), ('''{t,f}''::boolean[]', '{"L": [{"BOOL": true}, {"BOOL": false}]}'),
  ('ROW(1, NULL)::pg_temp.pair', '{"M": {"a": {"N": "1"}, "b": {"NULL": true}}}'), ('ARRAY[ROW(1, ''x'')::pg_temp.pair]', '{"L": [{"M": {"a": {"N": "1"}, "b": {"S": "x"}}}]}'),
  ('ARRAY[''\x00ff''::bytea, '''']', '{"L": [{"B": "AP8="}, {"B": ""}]}'), ('ROW(''\x01''::bytea, 1.50, ROW(''{1.0}''::numeric[]))', '{"M": {"f1": {"B": "AQ=="}, "f2": {"N": "1.5"}, "f3": {"M": {"f1": {"L": [{"N": "1"}]}}}}}'),
  ('ARRAY[timestamp ''2024-02-29 12:00'']', '{"L": [{"S": "2024-02-29 12:00:00"}]}'), ('ARRAY[NULL, ''{"a": [1]}''::jsonb]', '{"L": [{"NULL": true}, {"M": {"a": {"L": [{"N": "1"}]}}}]}'),
  ('''1 2 3''::int2vector', '{"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}'),
  ('5::pg_temp.positive', '{"N": "5"}'), ('''{"x": 1}''::pg_temp.doc', '{"M": {"x": {"N": "1"}}}'), ('''{7}''::pg_temp.numbers', '{"L": [{"N": "7"}]}'), ('''sad''::pg_temp.mood', '{"S": "sad"}'),
  ('NULL::text', NULL), ('NULL::int[]', NULL), ('NULL', NULL);
SELECT sum(ddb_import('Typed', format('SELECT %s AS id, %s AS v', id, expr))) FROM kinds \g /dev/null
SELECT is(ddb_get('Typed', jsonb_build_object('id', jsonb_build_object('N', id::text))), jsonb_strip_nulls(jsonb_build_object('id', jsonb_build_object('N', id::text), 'v', value)), expr) FROM kinds ORDER BY id;

-- all columns at once, names as they are
SELECT is(ddb_import('Typed', $$SELECT 1000 AS id, 1 AS "Two Words", 2 AS "a.b", 'x' AS s, 3 AS "?"$$), 1::bigint, 'several columns');
SELECT is(ddb_get('Typed', '{"id": {"N": "1000"}}'), '{"id": {"N": "1000"}, "Two Words": {"N": "1"}, "a.b": {"N": "2"}, "s": {"S": "x"}, "?": {"N": "3"}}', 'make one item');
SELECT is((SELECT count(*) FROM ddb_query('Typed', 's = :s', '{":s": {"S": "x"}}', index_name => 'gsi')), 1::bigint, 'that is in the index');

-- a single jsonb column is the item itself
SELECT is(ddb_import('Typed', $$SELECT '{"id": {"N": "2e3"}, "set": {"SS": ["a", "b"]}, "bin": {"B": "AA=="}}'::jsonb$$), 1::bigint, 'an item');
SELECT is(ddb_get('Typed', '{"id": {"N": "2000"}}'), '{"id": {"N": "2000"}, "set": {"SS": ["a", "b"]}, "bin": {"B": "AA=="}}', 'becomes canonical');

-- bad rows name themselves and leave nothing
CREATE FUNCTION pg_temp.fails(query text, OUT state text, OUT message text, OUT context text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_import('Typed', query);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
  message := message || COALESCE(' ' || (regexp_match(context, 'ddb_import, row \d+'))[1], '');
END $$;
SELECT is((pg_temp.fails(q)).message, m, q) FROM (VALUES
  ($$SELECT 3000 AS id, 'NaN'::float8 AS v$$, 'The parameter cannot be converted to a numeric value: NaN ddb_import, row 1'),
  ($$SELECT 3000 AS id, '-Infinity'::float8 AS v$$, 'The parameter cannot be converted to a numeric value: -Infinity ddb_import, row 1'),
  ($$SELECT 3000 AS id, 'NaN'::numeric AS v$$, 'The parameter cannot be converted to a numeric value: NaN ddb_import, row 1'),
  ($$SELECT 3000 AS id, ARRAY[1, 'NaN']::float8[] AS v$$, 'The parameter cannot be converted to a numeric value: NaN ddb_import, row 1'),
  ($$SELECT i + 3000 AS id, CASE i WHEN 1234 THEN '' ELSE 's' END AS s FROM generate_series(1, 3000) i$$, 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi, IndexKey: s ddb_import, row 1234'),
  ($$SELECT i % 1100 + 3000 AS id FROM generate_series(1, 1500) i$$, 'duplicate key value violates unique constraint "Typed:primary" ddb_import, row 1101'),
  ($$SELECT i + 999 AS id FROM generate_series(1, 3) i$$, 'duplicate key value violates unique constraint "Typed:primary" ddb_import, row 1'),
  ($$SELECT CASE i WHEN 2 THEN NULL ELSE i + 3000 END AS id FROM generate_series(1, 3) i$$, 'One or more parameter values were invalid: Missing the key id in the item ddb_import, row 2'),
  ($$SELECT 'x' AS id$$, 'One or more parameter values were invalid: Type mismatch for key id expected: N actual: S ddb_import, row 1'),
  ($$SELECT 3000 AS id, repeat('x', 410000) AS big$$, 'Item size has exceeded the maximum allowed size ddb_import, row 1'),
  ($$SELECT j FROM (VALUES ('{"id": {"N": "3001"}}'::jsonb), ('{"id": {"N": "x"}}'), (NULL)) v(j)$$, 'The parameter cannot be converted to a numeric value: x ddb_import, row 2'),
  ($$SELECT j FROM (VALUES ('{"id": {"N": "3001"}}'::jsonb), (NULL)) v(j)$$, 'an item must not be NULL ddb_import, row 2'),
  ($$SELECT 1 AS id, 2 AS id$$, 'the query of ddb_import has two columns named "id"'),
  ($$SELECT i + 3000 AS id, 1 / (i - 2000) AS v FROM generate_series(1, 3000) i$$, 'division by zero'),
  ($$SELEC 1$$, 'syntax error at or near "SELEC"'),
  ($$$$, 'the query of ddb_import must return rows'),
  ($$SELECT 3000 AS id; SELECT 3001 AS id$$, 'the query of ddb_import must return rows'),
  ($$CREATE TABLE nonsense (a int)$$, 'the query of ddb_import must return rows'),
  ($$DELETE FROM kinds$$, 'the query of ddb_import must return rows')) c(q, m);
SELECT is((SELECT count(*) FROM ddb_scan('Typed')), (SELECT count(*) + 2 FROM kinds), 'nothing of them stays');
SELECT is(ddb_index_check('ddb_data."Typed:primary"'), (SELECT count(*) + 2 FROM kinds), 'in the index, either');
SELECT throws_ok($$SELECT ddb_import('Nowhere', 'SELECT 1 AS id')$$, 'DY003', 'Requested resource not found', 'no table');
SELECT is(ddb_import('Typed', 'SELECT 1 AS id WHERE false'), 0::bigint, 'no rows');
SELECT is(ddb_import('Typed', 'VALUES (NULL::jsonb) LIMIT 0'), 0::bigint, 'VALUES');
SELECT is(ddb_import('Typed', $$INSERT INTO kinds (id, expr) VALUES (4000, 'x'), (4001, 'y') RETURNING id$$), 2::bigint, 'a statement with RETURNING');

-- an empty table takes the fast path
SELECT ddb_create_table('Fresh', 'pk S', 'sk N', global_indexes => '{"gsi": {"partition_key": "g S", "projection": "KEYS_ONLY"}}') \g /dev/null
SELECT throws_ok($$SELECT ddb_import('Fresh', 'SELECT ''p'' AS pk, i % 1000 AS sk FROM generate_series(1, 1001) i')$$, '23505', NULL, 'duplicates in the query itself');
SELECT is((SELECT count(*) FROM ddb_scan('Fresh')), 0::bigint, 'leave nothing');
SAVEPOINT s;
SELECT is(ddb_import('Fresh', $$SELECT 'p' || i % 10 AS pk, i AS sk, CASE WHEN i % 5 = 0 THEN 'g' END AS g FROM generate_series(1, 5000) i$$), 5000::bigint, 'five thousand');
SELECT is((SELECT count(*) FROM ddb_scan('Fresh')), 5000::bigint, 'are there');
ROLLBACK TO s;
SELECT is((SELECT count(*) FROM ddb_scan('Fresh')), 0::bigint, 'rolled back');
SELECT is(ddb_index_check('ddb_data."Fresh:primary"'), 0::bigint, 'from the index, too');
SELECT is(ddb_import('Fresh', $$SELECT 'p' || i % 10 AS pk, i AS sk, CASE WHEN i % 5 = 0 THEN 'g' END AS g FROM generate_series(1, 5000) i$$), 5000::bigint, 'again');
SELECT is((SELECT count(*) FROM ddb_query('Fresh', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi')), 1000::bigint, 'the index is filled');
SELECT is(ddb_import('Fresh', $$SELECT 'q' AS pk, i AS sk, 'g' AS g FROM generate_series(1, 1000) i$$), 1000::bigint, 'more into a table with items');
SELECT is((SELECT count(*) FROM ddb_query('Fresh', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi')), 2000::bigint, 'go into the index as they come');
SELECT is(ddb_import('Fresh', $$SELECT jsonb_set(i, '{pk,S}', '"copy"') FROM ddb_query('Fresh', 'pk = :q', '{":q": {"S": "q"}}') i$$), 1000::bigint, 'a table''s items into itself');
SELECT is(ddb_update('Fresh', '{"pk": {"S": "copy"}, "sk": {"N": "7"}}', 'SET x = :x', "values" => '{":x": {"N": "1"}}', return_values => 'UPDATED_NEW'), '{"x": {"N": "1"}}', 'they can be updated');
SELECT is(ddb_index_check('ddb_data."Fresh:primary"'), 7000::bigint, 'primary index');
SELECT is(ddb_index_check('ddb_data."Fresh:gsi"'), 3000::bigint, 'global index');

-- memory does not grow with the number of rows
SELECT ddb_create_table('Large', 'id N') \g /dev/null
CREATE TEMP TABLE memory (at text, bytes bigint);
CREATE FUNCTION pg_temp.memory(i integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  IF i IN (20, 200) THEN
    INSERT INTO memory SELECT i, sum(used_bytes) FROM pg_backend_memory_contexts;
  END IF;
  RETURN i;
END $$;
SELECT is(ddb_import('Large', $$SELECT pg_temp.memory(i) AS id, repeat('x', 300000) AS big FROM generate_series(1, 210) i$$), 210::bigint, 'very large items');
SELECT cmp_ok(b.bytes - a.bytes, '<', 8000000::bigint, 'take no more memory as they become more') FROM memory a, memory b WHERE a.at = '20' AND b.at = '200';
SELECT is((SELECT sum(ddb_item_size(i)) FROM ddb_scan('Large') i) > 63000000, true, 'and are all there');

SELECT * FROM finish();
ROLLBACK;
