-- PartiQL: how a SELECT is read, from tables and from indexes.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(164);

\ir ../psql/partiql.psql
SELECT ddb_create_table('Sel', 'pk S', 'sk S',
  global_indexes => '{"gsi": {"partition_key": "g S", "sort_key": "sk S", "projection": ["p"]}, "keys": {"partition_key": "g S", "projection": "KEYS_ONLY"}, "whole": {"partition_key": "g S"}}',
  local_indexes => '{"lsi": {"sort_key": "l N", "projection": ["p"]}}') \g /dev/null
SELECT ddb_create_table('Num', 'id N') \g /dev/null
SELECT ddb_put('Sel', jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('S', s::text), 'n', jsonb_build_object('N', s::text)))
  FROM unnest('{a,b}'::text[]) p, generate_series(1, 5) s \g /dev/null
SELECT ddb_put('Num', jsonb_build_object('id', jsonb_build_object('N', i::text))) FROM generate_series(1, 60) i \g /dev/null
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS text LANGUAGE sql AS $$
  SELECT split_part(l, ' ', 1) FROM ddb_explain_statement(statement) WITH ORDINALITY x(l, o) WHERE o = 1
$$;
CREATE FUNCTION pg_temp.sel(w text, parameters jsonb DEFAULT NULL, rest jsonb DEFAULT '{}') RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.keys('SELECT * FROM "Sel" WHERE ' || w, parameters, rest)
$$;
CREATE FUNCTION pg_temp.refused(w text, parameters jsonb DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.error('SELECT * FROM "Sel" WHERE ' || w, parameters)
$$;
\set overlap '\'Overlapping conditions with range keys are not supported in where clause\''
\set toomany '\'Too many decomposed read operations for a given query.\''

-- 6 Get, Query or Scan
SELECT is(pg_temp.plan_of('SELECT * FROM "Sel" WHERE ' || w), p, '6: ' || w) FROM (VALUES
  ('pk = ''a''', 'Query'), ('pk = ''a'' AND sk = ''1''', 'Get'), ('(sk = ?) AND (pk = ?)', 'Get'), ('''a'' = pk', 'Query'),
  ('pk IN [''a'', ''b''] AND sk > ''3''', 'Query'), ('pk = ''a'' OR pk = ''b''', 'Query'), ('(pk = ''a'' AND n = 1) OR pk = ''b''', 'Query'),
  ('pk > ''a''', 'Scan'), ('pk = ''a'' OR n = 1', 'Scan'), ('sk = ''1''', 'Scan'), ('NOT pk = ''a''', 'Scan'), ('pk <> ''a''', 'Scan'),
  ('pk = sk', 'Scan'), ('pk BETWEEN ''a'' AND ''b''', 'Scan'), ('begins_with(pk, ''a'')', 'Scan'), ('attribute_exists(pk)', 'Scan')) AS x(w, p);
SELECT is(pg_temp.plan_of('SELECT * FROM "Sel"'), 'Scan', '6: without WHERE');
SELECT is(pg_temp.sel(w), r, '6: ' || w) FROM (VALUES
  ('pk = ''a''', 'a/1 a/2 a/3 a/4 a/5'), ('pk = ''a'' AND sk > ''3''', 'a/4 a/5'), ('pk = ''a'' AND sk >= ''4''', 'a/4 a/5'), ('pk = ''a'' AND sk < ''2''', 'a/1'), ('pk = ''a'' AND ''2'' >= sk', 'a/1 a/2'),
  ('pk = ''a'' AND sk BETWEEN ''2'' AND ''3''', 'a/2 a/3'), ('pk = ''a'' AND begins_with(sk, ''4'')', 'a/4'), ('pk = ''a'' AND sk IN [''5'', ''1'']', 'a/1 a/5'),
  ('pk = ''a'' AND sk > ''1'' AND sk < ''4''', 'a/2 a/3'), ('pk = ''a'' AND sk > ''1'' AND n < 3', 'a/2'), ('pk = ''a'' AND NOT sk = ''3'' AND sk > ''2''', 'a/4 a/5'),
  ('pk = ''a'' AND sk <> ''1'' AND contains(sk, ''2'')', 'a/2'), ('pk = ''a'' AND attribute_exists(sk) AND n > 4', 'a/5'),
  ('pk = ''a'' AND sk = ''1'' AND sk > ''0''', 'a/1'), ('pk = ''a'' AND sk = ''1'' AND sk > ''1''', ''), ('pk = ''a'' AND pk = ''b''', ''), ('pk = ''a'' AND sk > ''4'' AND sk < ''2''', ''),
  ('pk = ''a'' AND sk > 5', ''), ('pk = ''a'' AND pk = ''a'' AND sk = ''2''', 'a/2'), ('pk IN [] ', ''), ('pk = ''none''', ''),
  ('pk = ''a'' AND (n = 1 OR n = 2)', 'a/1 a/2'), ('pk = ''a'' AND NOT (n = 1 OR n = 2 OR sk = ''3'')', 'a/4 a/5')) AS x(w, r);
-- partitions are read in the order of their keys' MD5
SELECT is(pg_temp.sel('pk IN [''a'', ''b''] AND sk = ''1'''), CASE WHEN md5('a') < md5('b') THEN 'a/1 b/1' ELSE 'b/1 a/1' END, '6: IN on the partition key');
SELECT is(pg_temp.sel('(pk = ''a'' AND sk < ''2'') OR (sk > ''4'' AND pk = ''b'')'), CASE WHEN md5('a') < md5('b') THEN 'a/1 b/5' ELSE 'b/5 a/1' END, '6: branches');
SELECT is(pg_temp.sel('pk = ''a'' AND (sk < ''2'' OR sk > ''4'' OR sk = ''3'')'), 'a/1 a/3 a/5', '6: ranges that share nothing, in order');
-- how many
SELECT is(pg_temp.keys('SELECT * FROM "Num" WHERE id IN [' || (SELECT string_agg(i::text, ',') FROM generate_series(1, 50) i) || ']') IS NOT NULL, true, '6: 50 reads');
SELECT is(jsonb_array_length(pg_temp.items('SELECT * FROM "Num" WHERE id IN [' || (SELECT string_agg(i::text, ',') FROM generate_series(1, 50) i) || ']')), 50, '6: all 50 of them');
SELECT is(pg_temp.error('SELECT * FROM "Num" WHERE id IN [' || (SELECT string_agg(i::text, ',') FROM generate_series(1, 51) i) || ']'), :toomany, '6: 51 are too many');
SELECT is(pg_temp.refused('pk IN [''a'',''b'',''c'',''d'',''e'',''f'',''g'',''h''] AND sk IN [''1'',''2'',''3'',''4'',''5'',''6'',''7'']'), :toomany, '6: 8 times 7 are too many');
SELECT is(jsonb_array_length(pg_temp.items('SELECT * FROM "Num" WHERE id IN [' || (SELECT string_agg(i::text, ',') FROM generate_series(1, 51) i) || '] OR x = 1')), 51, '6: not if a branch does not pin the partition');
SELECT is(pg_temp.refused((SELECT string_agg('(pk = ''a'' OR sk = ''' || i || ''')', ' AND ') FROM generate_series(1, 40) i) || ' AND pk = ''a'''), :toomany, '6: branches without number');
-- overlap
SELECT is(pg_temp.refused(w), :overlap, '6: overlap: ' || w) FROM unnest(ARRAY[
  'pk IN [''a'', ''a'']', 'pk = ''a'' AND sk IN [''1'', ''1'']', 'pk = ''a'' OR (pk = ''a'' AND sk = ''1'')', 'pk = ''a'' OR pk = ''a''', '(pk = ''a'' AND n = 1) OR (pk = ''a'' AND n = 2)', '(pk = ''a'' AND n <> 1) OR (pk = ''a'' AND sk = ''1'')',
  'pk = ''a'' AND (sk <= ''1'' OR sk >= ''1'')', 'pk = ''a'' AND (sk BETWEEN ''1'' AND ''3'' OR sk = ''2'')', 'pk = ''a'' AND (begins_with(sk, ''1'') OR sk = ''12'')', 'pk = ''a'' AND (sk = ''1'' OR n = 1)', 'pk = ''b'' OR pk IN [''a'', ''b'']']) w;
SELECT is(pg_temp.sel(w), r, '6: no overlap: ' || w) FROM (VALUES
  ('pk = ''a'' AND (sk < ''1'' OR sk > ''1'' OR sk = ''1'')', 'a/1 a/2 a/3 a/4 a/5'),
  ('(pk = ''a'' AND sk <> ''1'') OR (pk = ''a'' AND sk = ''1'')', 'a/1 a/2 a/3 a/4 a/5'), ('(pk = ''a'' AND NOT sk = ''1'') OR pk = ''a''', 'a/1 a/2 a/3 a/4 a/5'),
  ('(pk = ''a'' AND NOT begins_with(sk, ''1'')) OR (pk = ''a'' AND NOT sk IN [''1'', ''2''])', 'a/2 a/3 a/4 a/5'), ('(pk = ''a'' AND NOT sk > ''2'') OR (pk = ''a'' AND sk > ''4'')', 'a/1 a/2 a/5'),
  ('pk = ''a'' AND (begins_with(sk, ''1'') OR sk = ''2'')', 'a/1 a/2')) AS x(w, r);
-- types of keys
SELECT is(pg_temp.refused(w), 'Key attribute''s data type should match its data type in table''s schema: Key ' || k, '6: ' || w) FROM (VALUES ('pk = 1', 'pk'), ('pk IN [''a'', 1]', 'pk'), ('pk = ''a'' AND sk = 1', 'sk'), ('pk = ''a'' AND sk IN [1]', 'sk')) AS x(w, k);
SELECT is(pg_temp.refused('pk = '''''), 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk', '6: an empty key');
-- ORDER BY
SELECT is(pg_temp.error('SELECT * FROM "Sel" ORDER BY sk'), 'Must have WHERE clause in the statement when using ORDER BY clause.', '6: ORDER BY without WHERE');
SELECT is(pg_temp.refused('pk = ''a'' ORDER BY n'), 'Attribute n in ORDER BY clause must be part of the primary key', '6: ORDER BY of no key');
SELECT is(pg_temp.refused('n = 1 ORDER BY sk'), 'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.', '6: ORDER BY of a scan');
SELECT is(pg_temp.refused('pk IN [''a'', ''b''] ORDER BY sk'), 'Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.', '6: ORDER BY of several partitions');
SELECT is(pg_temp.sel(w), r, '6: ' || w) FROM (VALUES
  ('pk = ''a'' ORDER BY sk', 'a/1 a/2 a/3 a/4 a/5'), ('pk = ''a'' ORDER BY sk ASC', 'a/1 a/2 a/3 a/4 a/5'), ('pk = ''a'' AND sk < ''4'' ORDER BY sk DESC', 'a/3 a/2 a/1'),
  ('pk = ''a'' ORDER BY pk', 'a/5 a/4 a/3 a/2 a/1'), ('pk = ''a'' ORDER BY pk ASC', 'a/5 a/4 a/3 a/2 a/1'),
  ('pk IN [''a'', ''b''] AND sk > ''3'' ORDER BY pk', 'a/5 a/4 b/5 b/4'), ('pk IN [''a'', ''b''] AND sk > ''3'' ORDER BY pk DESC, sk ASC', 'b/4 b/5 a/4 a/5'), ('pk IN [''b'', ''a''] AND sk > ''3'' ORDER BY pk ASC, sk DESC', 'a/5 a/4 b/5 b/4'),
  ('pk = ''a'' AND (sk < ''2'' OR sk > ''4'') ORDER BY sk DESC', 'a/5 a/1')) AS x(w, r);
-- columns
SELECT is(pg_temp.items($$UPDATE "Sel" SET m = {'sub': 1, 'k': [10, 11]} SET tags = ['x', 'y'] SET g = 'g1' SET l = 1 SET p = 'proj' SET u = 'unproj' WHERE pk = 'a' AND sk = '1'$$), '[]', 'attributes for the rest');
SELECT is(pg_temp.items($$SELECT m.sub, tags[1], m.k[0], none, m.none.x FROM "Sel" WHERE pk = 'a' AND sk = '1'$$), '[{"sub": {"N": "1"}, "tags[1]": {"S": "y"}, "k[0]": {"N": "10"}}]', '6: names of columns; a path that is not there is left out');
SELECT is(pg_temp.items($$SELECT none FROM "Sel" WHERE pk = 'a' AND sk IN ['1', '2']$$), '[{}, {}]', '12: a column that no item has');
-- pages
CREATE FUNCTION pg_temp.pages(statement text, size int, parameters jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  page jsonb;
  result text := '';
  rest jsonb := jsonb_build_object('Limit', size);
BEGIN
  FOR i IN 1..30 LOOP
    page := pg_temp.run(statement, parameters, rest);
    result := result || '[' || coalesce((SELECT string_agg(concat(x #>> '{pk,S}', x #>> '{sk,S}'), ' ' ORDER BY o) FROM jsonb_array_elements(page->'Items') WITH ORDINALITY y(x, o)), '') || ']';
    EXIT WHEN NOT page ? 'NextToken';
    rest := rest || jsonb_build_object('NextToken', page->>'NextToken');
  END LOOP;
  RETURN result;
END $$;
SELECT is(pg_temp.pages(s, n), r, '6: pages of ' || n || ': ' || s) FROM (VALUES
  ('SELECT * FROM "Sel" WHERE pk = ''a''', 2, '[a1 a2][a3 a4][a5]'), ('SELECT * FROM "Sel" WHERE pk = ''a''', 5, '[a1 a2 a3 a4 a5][]'), ('SELECT * FROM "Sel" WHERE pk = ''a'' AND n > 3', 2, '[][a4][a5]'),
  ('SELECT * FROM "Sel" WHERE pk IN [''a'', ''b''] AND sk > ''3'' ORDER BY pk, sk', 3, '[a4 a5 b4][b5]'), ('SELECT * FROM "Sel" WHERE pk = ''a'' AND sk IN [''1'', ''3'', ''5''] ORDER BY sk DESC', 1, '[a5][a3][a1]'),
  ('SELECT * FROM "Sel" WHERE pk = ''a'' ORDER BY sk DESC', 3, '[a5 a4 a3][a2 a1]'), ('SELECT * FROM "Sel" WHERE pk = ''a'' AND sk = ''1''', 1, '[a1]'), ('SELECT * FROM "Sel" WHERE pk = ''a'' AND sk = ''9''', 1, '[]')) AS x(s, n, r);
SELECT is((SELECT count(*) FROM regexp_matches(pg_temp.pages('SELECT * FROM "Sel"', 3), '[ab]\d', 'g')), 10::bigint, '6: pages of a scan');
SELECT is(pg_temp.items('SELECT * FROM "Sel" WHERE pk = ''none'''), '[]', '6: Items is always there');
SELECT ok(NOT pg_temp.run('SELECT * FROM "Sel"') ?| '{Count,ScannedCount,NextToken}', '6: no Count');
-- tokens
SELECT pg_temp.run('SELECT * FROM "Sel" WHERE pk = ?', '[{"S": "a"}]', '{"Limit": 2}') ->> 'NextToken' AS token \gset
SELECT is(pg_temp.keys('SELECT * FROM "Sel" WHERE pk = ?', '[{"S": "a"}]', jsonb_build_object('NextToken', :'token', 'Limit', 1, 'ConsistentRead', true)), 'a/3', '6: another Limit or ConsistentRead is fine');
SELECT is(pg_temp.error('SELECT * FROM "Sel" WHERE pk = ?', '[{"S": "b"}]', jsonb_build_object('NextToken', :'token')), 'NextToken does not match request', '6: other parameters');
SELECT is(pg_temp.error('SELECT * FROM "Sel" WHERE pk=?', '[{"S": "a"}]', jsonb_build_object('NextToken', :'token')), 'NextToken does not match request', '6: another text');
SELECT is(pg_temp.error('SELECT * FROM "Num" WHERE id = ?', '[{"N": "1"}]', jsonb_build_object('NextToken', :'token')), 'NextToken does not match request', '6: another table');
SELECT is(pg_temp.error('SELECT * FROM "Sel" WHERE pk = ?', '[{"S": "a"}]', jsonb_build_object('NextToken', t)), 'Invalid NextToken', '6: a token that is none') FROM unnest(ARRAY['x', 'AAAA', repeat('A', 200), left(:'token', 40) || CASE substr(:'token', 41, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(:'token', 42), :'token' || 'AAAA']) t;

-- 7 Index qualifier
SELECT pg_temp.items(format($$UPDATE "Sel" SET g = '%s' SET l = %s SET p = 'p%s' SET u = 'u%s' WHERE pk = 'a' AND sk = '%s'$$, CASE WHEN i < 4 THEN 'x' ELSE 'y' END, 10 - i, i, i, i)) FROM generate_series(1, 5) i \g /dev/null
SELECT is(pg_temp.error('SELECT * FROM "None"."gsi"'), 'ResourceNotFoundException: Requested resource not found', '7: the table comes first');
SELECT is(pg_temp.error(s), 'The table does not have the specified index', '7: ' || s) FROM unnest(ARRAY['SELECT * FROM "Sel"."none"', 'SELECT * FROM "Sel"."Sel"']) s;
SELECT is(pg_temp.error('SELECT * FROM "Sel"."gsi"', NULL, '{"ConsistentRead": true}'), 'Strongly consistent read is not supported on Global Secondary Indexes', '7: ConsistentRead on a GSI');
SELECT is(pg_temp.error('SELECT * FROM "Sel"."lsi" WHERE pk = ''a''', NULL, '{"ConsistentRead": true}'), 'none', '7: but on an LSI');
SELECT is(pg_temp.items('SELECT * FROM "Sel"."gsi" WHERE g = ''x'' AND sk < ''2'''), '[{"pk": {"S": "a"}, "sk": {"S": "1"}, "g": {"S": "x"}, "p": {"S": "p1"}}]', '7: * is the projection of a GSI');
SELECT is(pg_temp.items('SELECT * FROM "Sel"."lsi" WHERE pk = ''a'' AND l = 9'), '[{"pk": {"S": "a"}, "sk": {"S": "1"}, "l": {"N": "9"}, "p": {"S": "p1"}}]', '7: and of an LSI');
SELECT is(pg_temp.keys('SELECT sk FROM "Sel"."lsi" WHERE pk = ''a'' ORDER BY l DESC'), '1 2 3 4 5', '7: ORDER BY the index''s key');
SELECT is(pg_temp.error('SELECT * FROM "Sel"."gsi" WHERE g = ''x'' ORDER BY pk'), 'Attribute pk in ORDER BY clause must be part of the primary key', '7: not the table''s');
SELECT is(pg_temp.error('SELECT u, p, m.a, u FROM "Sel"."gsi"' || w), 'One or more parameter values were invalid: Global secondary index gsi does not project [u, m]', '7: columns outside of the projection of a GSI' || w) FROM unnest(ARRAY['', ' WHERE g = ''x''']) w;
SELECT is(pg_temp.items('SELECT u, p FROM "Sel"."lsi" WHERE pk = ''a'' AND l > 8'), '[{"u": {"S": "u1"}, "p": {"S": "p1"}}]', '7: an LSI fetches them');
SELECT is(pg_temp.error('SELECT p FROM "Sel".' || w), 'One or more parameter values were invalid: Secondary index ' || e, '7: ' || w) FROM (VALUES
  ('"gsi" WHERE g = ''x'' AND u = 1', 'gsi does not project one or more filter attributes: [u]'), ('"lsi" WHERE pk = ''a'' AND NOT (u = 1)', 'lsi does not project one or more filter attributes: [u]'),
  ('"gsi" WHERE g = ''x'' AND b = ''1'' AND (a = ''2'' OR p = ''3'')', 'gsi does not project one or more filter attributes: [a, b]'),
  ('"gsi" WHERE g = ''x'' AND (zz = 1 OR aa = 1 OR mm = 1)', 'gsi does not project one or more filter attributes: [zz, aa, mm]'),
  ('"gsi" WHERE (g = ''b'' AND u1 = 1) OR (g = ''q'' AND u2 = 1)', 'gsi does not project one or more filter attributes: [u2]')) AS x(w, e);
SELECT is(pg_temp.error('SELECT p FROM "Sel"."gsi" WHERE ' || w), 'none', '7: only the branch read first is looked at: ' || w) FROM unnest(ARRAY['(g = ''y'' AND p = ''1'') OR (g = ''z'' AND u = 1)', '(g = ''y'' AND u = 1) OR (g = ''y2'' AND p = ''1'')']) w;
SELECT is(pg_temp.error('SELECT p FROM "Sel"."gsi" WHERE g = ''x'' AND (sk = ''1'' OR u = 1)'), :overlap, '7: overlap comes before the projection');
SELECT is(pg_temp.keys('SELECT * FROM "Sel"."gsi" WHERE ' || w), r, '7: unkeyed: ' || w) FROM (VALUES ('g > ''x'' AND u = ''u4''', ''), ('u IS MISSING AND p = ''p4''', 'a/4/y'), ('g = ''x'' OR u = ''u4''', 'a/1/x a/2/x a/3/x')) AS x(w, r);
SELECT is((SELECT jsonb_agg(x ORDER BY x->'sk') FROM jsonb_array_elements(pg_temp.items('SELECT * FROM "Sel"."keys" WHERE g = ''y'' AND pk = ''a''')) x), '[{"pk": {"S": "a"}, "sk": {"S": "4"}, "g": {"S": "y"}}, {"pk": {"S": "a"}, "sk": {"S": "5"}, "g": {"S": "y"}}]', '7: the table''s keys are in every index');
SELECT is(pg_temp.pages('SELECT * FROM "Sel"."gsi" WHERE g IN [''x'', ''y''] ORDER BY g, sk', 2), '[a1 a2][a3 a4][a5]', '7: pages of an index');
SELECT is(pg_temp.error(s), e, '7: ' || s) FROM (VALUES
  ('INSERT INTO "None"."none" VALUE {''pk'': ''a''}', 'FROM clause may only contain a single table name'), ('UPDATE "None"."gsi" SET n = 1 WHERE pk = ''a''', 'This operation is not supported on an index'), ('DELETE FROM "None"."gsi" WHERE pk = ''a''', 'This operation is not supported on an index')) AS x(s, e);
-- multi-attribute keys
SELECT ddb_request('CreateTable', '{"TableName": "Multi", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "multi", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}},
   {"IndexName": "one", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}, {"IndexName": "sorts", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}]}') \g /dev/null
SELECT is(pg_temp.error(s), 'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.', '7: ' || s) FROM unnest(ARRAY['SELECT * FROM "Multi"."multi" WHERE a = 1', 'SELECT COUNT(*) FROM "Multi"."multi"', 'SELECT * FROM "Multi"."sorts" WHERE pk = ''a'' OR pk = ''a''']) s;
SELECT is(pg_temp.error(s), 'none', '7: ' || s) FROM unnest(ARRAY['INSERT INTO "Multi" VALUE {''pk'': ''p'', ''a'': ''1'', ''b'': ''2''}', 'SELECT * FROM "Multi" WHERE pk = ''p''', 'SELECT * FROM "Multi"."one" WHERE a = ''1''', 'UPDATE "Multi" SET x = 1 WHERE pk = ''p''']) s;
SELECT is(pg_temp.error('SELECT * FROM "Multi"."multi" WHERE n < true'), 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL', '7: rules of the statement come before');

-- 11 Capacity of reads
CREATE FUNCTION pg_temp.units(statement text, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT (pg_temp.run(statement, NULL, '{"ReturnConsumedCapacity": "INDEXES"}'::jsonb || rest) -> 'ConsumedCapacity') - 'TableName'
$$;
SELECT pg_temp.items(format($$INSERT INTO "Sel" VALUE {'pk': 'c', 'sk': '%s', 'l': %s, 'g': 'c', 'u': '%s'}$$, i, i, repeat('x', 7000))) FROM generate_series(1, 3) i \g /dev/null
SELECT is(pg_temp.run('SELECT * FROM "Sel" WHERE pk = ''none''', NULL, '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity', '{"TableName": "Sel", "CapacityUnits": 0.5}', '11: TOTAL, for nothing found');
SELECT is(pg_temp.run('SELECT * FROM "Sel" WHERE pk = ''none'' AND sk = ''1''', NULL, '{"ReturnConsumedCapacity": "TOTAL", "ConsistentRead": true}') -> 'ConsumedCapacity', '{"TableName": "Sel", "CapacityUnits": 1.0}', '11: consistent');
SELECT is(pg_temp.units('SELECT pk FROM "Sel" WHERE pk = ''c'' AND n = 99'), '{"CapacityUnits": 3.0, "Table": {"CapacityUnits": 3.0}}', '11: bytes walked, before filter and columns, rounded once');
SELECT is(pg_temp.units('SELECT pk FROM "Sel" WHERE pk = ''c'' AND sk = ''1'''), '{"CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}', '11: of one item');
SELECT is(pg_temp.units('SELECT * FROM "Sel"."gsi" WHERE g = ''c'''), '{"CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.0}, "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 0.5}}}', '11: a GSI has it all');
SELECT is(pg_temp.units('SELECT u FROM "Sel"."lsi" WHERE pk = ''c'' AND p IS NOT MISSING'), '{"CapacityUnits": 3.5, "Table": {"CapacityUnits": 3.0}, "LocalSecondaryIndexes": {"lsi": {"CapacityUnits": 0.5}}}', '11: an LSI''s fetches, each item rounded by itself, dropped or not');
SELECT is(pg_temp.units('SELECT u FROM "Sel"."lsi" WHERE pk = ''c''', '{"Limit": 1, "ConsistentRead": true}'), '{"CapacityUnits": 3.0, "Table": {"CapacityUnits": 2.0}, "LocalSecondaryIndexes": {"lsi": {"CapacityUnits": 1.0}}}', '11: bounded by Limit');
SELECT is(pg_temp.units('SELECT pk FROM "Sel" WHERE pk IN [''a'', ''b'']'), '{"CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}', '11: each read is rounded by itself');

-- plans follow the table's definition
SELECT ddb_create_table('Change', 'pk S') \g /dev/null
SELECT is(pg_temp.items($$INSERT INTO "Change" VALUE {'pk': 'k', 'v': 'w'}$$), '[]', 'an item');
SELECT is(pg_temp.items('SELECT * FROM "Change" WHERE v = ''w'' AND pk = ''k'''), '[{"pk": {"S": "k"}, "v": {"S": "w"}}]', 'a plan');
SELECT ddb_delete_table('Change') \g /dev/null
SELECT ddb_create_table('Change', 'v S') \g /dev/null
SELECT is(pg_temp.items($$INSERT INTO "Change" VALUE {'pk': 'k', 'v': 'w'}$$), '[]', 'another key');
SELECT is(pg_temp.items('SELECT * FROM "Change" WHERE v = ''w'' AND pk = ''k'''), '[{"pk": {"S": "k"}, "v": {"S": "w"}}]', 'another plan for the same text');
SELECT is(array_to_string(ARRAY(SELECT ddb_explain_statement('SELECT * FROM "Change" WHERE v = ''w'' AND pk = ''k''')), '|'), 'Get on table "Change"|  Key: v = {"S": "w"}|  Filter: (v = {"S": "w"}) AND (pk = {"S": "k"})', 'as it is explained');
SELECT is(array_to_string(ARRAY(SELECT ddb_explain_statement('SELECT u, p FROM "Sel"."lsi" WHERE pk IN [?, ?] AND l BETWEEN 1 AND ? AND NOT begins_with(p, ''x'') ORDER BY pk DESC, l')), '|'), 'Query on table "Sel", index "lsi"|  Key: pk IN [?1, ?2] AND l BETWEEN {"N": "1"} AND ?3|  Filter: ((pk IN [?1, ?2]) AND (l BETWEEN {"N": "1"} AND ?3)) AND (NOT begins_with(p, {"S": "x"}))|  Order: pk DESC, l|  Columns: u, p|  Fetched from the table: u', 'a longer one');
-- in SQL
SELECT is((SELECT array_agg(x->'sk'->>'S') FROM ddb_execute($$SELECT sk FROM "Sel" WHERE pk = ?$$, '[{"S": "a"}]') x), '{1,2,3,4,5}', 'ddb_execute');
SELECT is((SELECT array_agg(x->'sk'->>'S') FROM (SELECT * FROM ddb_execute($$SELECT sk FROM "Sel" WHERE pk IN ['a', 'b'] ORDER BY pk DESC, sk DESC$$) LIMIT 7) AS y(x)), '{5,4,3,2,1,5,4}', 'with a LIMIT');
SELECT is((SELECT count(*) FROM ddb_execute($$SELECT * FROM "Num"$$)), 60::bigint, 'a scan');
SELECT is((SELECT count(*) FROM generate_series(1, 3) i, LATERAL (SELECT * FROM ddb_execute($$SELECT * FROM "Num" WHERE id = ?$$, jsonb_build_array(jsonb_build_object('N', i::text)))) x), 3::bigint, 'again and again');
SELECT is((SELECT count(*) FROM ddb_execute(format($$SELECT * FROM "Sel" WHERE pk = 'a' AND sk <> '%s'$$, E'\x01'))), 5::bigint, 'U+0001 in a statement');
SELECT throws_ok($$SELECT * FROM ddb_execute('SELECT * FROM "Sel"', '{"S": "a"}')$$, 'DY011', 'Start of structure or map found where not expected', 'parameters that are no array');
SELECT throws_ok($$SELECT * FROM ddb_execute('EXISTS(SELECT * FROM "Sel" WHERE pk = ''a'')')$$, 'DY001', 'EXISTS can only be used in ExecuteTransaction write requests.', 'EXISTS alone');
SELECT * FROM finish();
ROLLBACK;
