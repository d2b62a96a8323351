-- Plain SQL on a data table: the trigger validates items and fills the key
-- columns; columns and constraints of the user's.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(49);

SELECT ddb_create_table('Plain', 'pk S', 'sk N', global_indexes => '{"gsi": {"partition_key": "g S", "sort_key": "b B"}}') \g /dev/null
CREATE TEMP TABLE got (pk text, sk numeric, g text, b bytea, item jsonb);

-- INSERT
WITH i AS (INSERT INTO ddb_data."Plain" (item) VALUES ('{"pk": {"S": "a"}, "sk": {"N": "1.50"}, "g": {"S": "g"}, "b": {"B": "AP8="}, "n": {"NS": ["1.0", "2e1"]}, "u": {"S": "ä😀"}}') RETURNING *) INSERT INTO got SELECT pk, sk, g, b, item FROM i;
SELECT is(pk || ' ' || sk || ' ' || g || ' ' || b, 'a 1.5 g \x00ff', 'INSERT of an item fills its keys') FROM got;
SELECT is(item, '{"pk": {"S": "a"}, "sk": {"N": "1.5"}, "g": {"S": "g"}, "b": {"B": "AP8="}, "n": {"NS": ["1", "20"]}, "u": {"S": "ä😀"}}', 'and makes it canonical') FROM got;
SELECT is(ddb_get('Plain', '{"pk": {"S": "a"}, "sk": {"N": "15e-1"}}'), (SELECT item FROM got), 'ddb finds it');
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi')), 1::bigint, 'by its index, too');
INSERT INTO ddb_data."Plain" (pk, sk, g, b, item) VALUES ('wrong', 99, 'wrong', '\x99', '{"pk": {"S": "a"}, "sk": {"N": "2"}}');
SELECT is((SELECT pk || ' ' || sk || ' ' || COALESCE(g, 'none') || ' ' || COALESCE(b::text, 'none') FROM ddb_data."Plain" WHERE sk = 2), 'a 2 none none', 'the item wins over contradicting key columns');
INSERT INTO ddb_data."Plain" (item) SELECT jsonb_build_object('pk', '{"S": "many"}'::jsonb, 'sk', jsonb_build_object('N', i || '.0')) FROM generate_series(1, 100) i;
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'pk = :p AND sk <= :s', '{":p": {"S": "many"}, ":s": {"N": "50"}}')), 50::bigint, 'INSERT ... SELECT');

-- what is no item
SELECT throws_ok(format('INSERT INTO ddb_data."Plain" (item) VALUES (%L)', i), s, m, 'INSERT ' || COALESCE(i, 'NULL')) FROM (VALUES
  ('{}', 'DY001', 'One or more parameter values were invalid: Missing the key pk in the item'),
  ('{"pk": {"S": "a"}}', 'DY001', 'One or more parameter values were invalid: Missing the key sk in the item'),
  ('{"pk": {"S": "a"}, "sk": {"S": "1"}}', 'DY001', 'One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S'),
  ('{"pk": {"S": ""}, "sk": {"N": "1"}}', 'DY001', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('{"pk": {"S": "a"}, "sk": {"N": "x"}}', 'DY001', 'The parameter cannot be converted to a numeric value: x'),
  ('{"pk": {"S": "a"}, "sk": {"N": "7"}, "g": {"NULL": true}}', 'DY001', 'One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: NULL IndexName: gsi'),
  ('{"pk": {"S": "a"}, "sk": {"N": "7"}, "v": {"SS": []}}', 'DY001', 'One or more parameter values were invalid: An string set  may not be empty'),
  ('{"pk": "a", "sk": 7}', 'DY011', NULL), ('[]', 'DY011', NULL), ('"x"', 'DY011', NULL),
  (NULL, 'DY001', 'column "item" of table "Plain" must hold an item, not NULL')) c(i, s, m);
SELECT throws_ok($$INSERT INTO ddb_data."Plain" (pk, sk) VALUES ('a', 1)$$, 'DY001', NULL, 'keys without an item');
SELECT throws_ok($$INSERT INTO ddb_data."Plain" (item) VALUES ('{"pk": {"S": "a"}, "sk": {"N": "1.500"}}')$$, '23505', 'duplicate key value violates unique constraint "Plain:primary"', 'a key that exists');

-- UPDATE
UPDATE ddb_data."Plain" SET item = item || '{"g": {"S": "other"}, "n": {"N": "01.10"}}' WHERE pk = 'a' AND sk = 1.5;
SELECT is((SELECT g || ' ' || (item->'n'->>'N') FROM ddb_data."Plain" WHERE pk = 'a' AND sk = 1.5), 'other 1.1', 'UPDATE of the item');
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'g = :g', '{":g": {"S": "other"}}', index_name => 'gsi')), 1::bigint, 'the index follows');
UPDATE ddb_data."Plain" SET g = 'lie', sk = 1000, pk = 'lie' WHERE pk = 'a';
SELECT is((SELECT array_agg(sk ORDER BY sk) FROM ddb_data."Plain" WHERE pk = 'a'), '{1.5,2}', 'UPDATE of key columns alone changes nothing');
UPDATE ddb_data."Plain" SET item = jsonb_set(item, '{sk,N}', '"20.0"') WHERE pk = 'a' AND sk = 2;
SELECT is(ddb_get('Plain', '{"pk": {"S": "a"}, "sk": {"N": "2"}}'), NULL, 'UPDATE of a key in the item moves it');
SELECT is(ddb_get('Plain', '{"pk": {"S": "a"}, "sk": {"N": "20"}}'), '{"pk": {"S": "a"}, "sk": {"N": "20"}}', 'to its new key');
UPDATE ddb_data."Plain" SET item = item - 'g' WHERE pk = 'a';
SELECT is((SELECT count(*) FROM ddb_scan('Plain', index_name => 'gsi')), 0::bigint, 'UPDATE that removes an index key');
SELECT throws_ok($$UPDATE ddb_data."Plain" SET item = item - 'pk' WHERE pk = 'a'$$, 'DY001', 'One or more parameter values were invalid: Missing the key pk in the item', 'UPDATE that removes a key');
SELECT throws_ok($$UPDATE ddb_data."Plain" SET item = NULL WHERE pk = 'a'$$, 'DY001', NULL, 'UPDATE to NULL');
SELECT throws_ok($$UPDATE ddb_data."Plain" SET item = jsonb_set(item, '{sk,N}', '"20"') WHERE pk = 'a'$$, '23505', NULL, 'UPDATE to a key that exists');

-- COPY
COPY ddb_data."Plain" (item) FROM stdin;
{"pk": {"S": "copy"}, "sk": {"N": "1.0"}, "g": {"S": "g"}, "b": {"B": "AA=="}}
{"pk": {"S": "copy"}, "sk": {"N": "2E0"}}
\.
COPY ddb_data."Plain" (pk, sk, item) FROM stdin;
wrong	77	{"pk": {"S": "copy"}, "sk": {"N": "3"}}
\.
SELECT is((SELECT array_agg(i->'sk'->>'N') FROM ddb_query('Plain', 'pk = :p', '{":p": {"S": "copy"}}') i), '{1,2,3}', 'COPY');
SELECT is((SELECT count(*) FROM ddb_scan('Plain', index_name => 'gsi')), 1::bigint, 'into the index, too');
SELECT throws_ok($$COPY ddb_data."Plain" (item) FROM PROGRAM 'printf ''{"pk": {"S": "copy"}, "sk": {"N": "4"}}\n{"pk": {"S": "copy"}, "sk": {"S": "5"}}\n''' $$, 'DY001',
  'One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S', 'COPY of a bad item');
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'pk = :p', '{":p": {"S": "copy"}}')), 3::bigint, 'leaves nothing');

-- MERGE
MERGE INTO ddb_data."Plain" t USING (VALUES ('copy', 1), ('copy', 9)) v(p, s) ON t.pk = v.p AND t.sk = v.s
WHEN MATCHED THEN UPDATE SET item = item || '{"merged": {"N": "1.0"}}'
WHEN NOT MATCHED THEN INSERT (item) VALUES (jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('N', s || '.0')));
SELECT is(ddb_get('Plain', '{"pk": {"S": "copy"}, "sk": {"N": "1"}}', 'merged'), '{"merged": {"N": "1"}}', 'MERGE updates');
SELECT is(ddb_get('Plain', '{"pk": {"S": "copy"}, "sk": {"N": "9"}}'), '{"pk": {"S": "copy"}, "sk": {"N": "9"}}', 'and inserts');
SELECT throws_ok($$MERGE INTO ddb_data."Plain" t USING (VALUES (1)) v(s) ON t.pk = 'copy' AND t.sk = 9 WHEN MATCHED THEN UPDATE SET item = '{}'$$, 'DY001', NULL, 'MERGE of a bad item');

-- INSERT ... ON CONFLICT: refused by PostgreSQL for indexes that are not btree, up to 17
CREATE FUNCTION pg_temp.on_conflict(key text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO ddb_data."Plain" (item) VALUES (%L) ON CONFLICT DO NOTHING', format('{"pk": {"S": "%s"}, "sk": {"N": "1"}}', key));
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  RETURN current_setting('server_version_num')::int < 180000;
END $$;
SELECT is(pg_temp.on_conflict('copy'), true, 'ON CONFLICT DO NOTHING works, or is an error before 18');
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'pk = :p', '{":p": {"S": "copy"}}')), 4::bigint, 'and adds no second item');

-- DELETE, and a mixture with ddb's own writes
DELETE FROM ddb_data."Plain" WHERE pk = 'many' AND sk > 10;
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'pk = :p', '{":p": {"S": "many"}}')), 10::bigint, 'DELETE');
SELECT is(ddb_put('Plain', '{"pk": {"S": "many"}, "sk": {"N": "11"}}', 'attribute_not_exists(pk)'), NULL, 'put of a deleted key');
WITH gone AS (DELETE FROM ddb_data."Plain" WHERE pk = 'many' RETURNING item) SELECT count(ddb_put('Plain', jsonb_set(item, '{pk,S}', '"back"'))) FROM gone \g /dev/null
SELECT is((SELECT count(*) FROM ddb_query('Plain', 'pk = :p', '{":p": {"S": "back"}}')), 11::bigint, 'DELETE ... RETURNING into ddb_put');

-- the planner uses the key columns
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE l text; p text := '';
BEGIN
  FOR l IN EXECUTE 'EXPLAIN (COSTS OFF) ' || q LOOP p := p || l || E'\n'; END LOOP;
  RETURN p;
END $$;
SELECT matches(pg_temp.plan($$SELECT item FROM ddb_data."Plain" WHERE pk = 'back' AND sk > 3 ORDER BY sk$$), 'Index.* Scan using "Plain:primary"', 'WHERE on the keys uses the index');

-- columns of the user's: kept by ddb's writes; NOT NULL holds
ALTER TABLE ddb_data."Plain" ADD COLUMN note text;
UPDATE ddb_data."Plain" SET note = 'kept' WHERE pk = 'back' AND sk = 1;
SELECT ddb_update('Plain', '{"pk": {"S": "back"}, "sk": {"N": "1"}}', 'SET v = :v', "values" => '{":v": {"N": "1"}}') \g /dev/null
SELECT ddb_put('Plain', '{"pk": {"S": "back"}, "sk": {"N": "1"}, "w": {"N": "2"}}') \g /dev/null
SELECT is((SELECT note FROM ddb_data."Plain" WHERE pk = 'back' AND sk = 1), 'kept', 'a column of the user''s is kept');
ALTER TABLE ddb_data."Plain" ADD COLUMN must integer NOT NULL DEFAULT 5;
SELECT throws_ok($$SELECT ddb_put('Plain', '{"pk": {"S": "back"}, "sk": {"N": "100"}}')$$, '23502', 'null value in column "must" of relation "Plain" violates not-null constraint', 'NOT NULL holds for ddb_put');
SELECT throws_ok($$SELECT ddb_import('Plain', 'SELECT ''x'' AS pk, 1 AS sk')$$, '23502', NULL, 'and for ddb_import');
SELECT is(ddb_update('Plain', '{"pk": {"S": "back"}, "sk": {"N": "1"}}', 'SET v = :v', "values" => '{":v": {"N": "2"}}', return_values => 'UPDATED_NEW'), '{"v": {"N": "2"}}', 'items that have a value can be updated');
ALTER TABLE ddb_data."Plain" DROP COLUMN must;
SELECT is(ddb_put('Plain', '{"pk": {"S": "back"}, "sk": {"N": "100"}}'), NULL, 'after the column is dropped');
CREATE UNIQUE INDEX plain_note ON ddb_data."Plain" (note);
CREATE INDEX plain_gin ON ddb_data."Plain" USING gin (item);
SELECT ddb_put('Plain', '{"pk": {"S": "back"}, "sk": {"N": "101"}, "tag": {"S": "gin"}}') \g /dev/null
SELECT is((SELECT count(*) FROM ddb_data."Plain" WHERE item @> '{"tag": {"S": "gin"}}'), 1::bigint, 'indexes of the user''s are kept up');

SELECT is(ddb_index_check('ddb_data."Plain:primary"'), (SELECT count(*) FROM ddb_data."Plain"), 'primary index');
SELECT is(ddb_index_check('ddb_data."Plain:gsi"'), 1::bigint, 'global index');

SELECT * FROM finish();
ROLLBACK;
