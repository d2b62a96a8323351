-- PartiQL: INSERT, UPDATE, DELETE.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(91);

\ir ../psql/partiql.psql
SELECT ddb_create_table('Wri', 'pk S', 'sk S', global_indexes => '{"gsi": {"partition_key": "g S"}}') \g /dev/null
CREATE FUNCTION pg_temp.there(sk text DEFAULT '1') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_get('Wri', jsonb_build_object('pk', '{"S": "a"}'::jsonb, 'sk', jsonb_build_object('S', sk))) - 'pk' - 'sk'
$$;
CREATE FUNCTION pg_temp.put(attributes jsonb, sk text DEFAULT '1') RETURNS void LANGUAGE sql VOLATILE AS $$
  SELECT ddb_put('Wri', jsonb_build_object('pk', '{"S": "a"}'::jsonb, 'sk', jsonb_build_object('S', sk)) || attributes)
$$;
-- UPDATE of item a/1, and the error of one
CREATE FUNCTION pg_temp.set(ops text, parameters jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.items('UPDATE "Wri" ' || ops || ' WHERE pk = ''a'' AND sk = ''1'' RETURNING ALL NEW *', parameters) -> 0 #- '{pk}' #- '{sk}'
$$;
CREATE FUNCTION pg_temp.set_error(ops text, parameters jsonb DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.error('UPDATE "Wri" ' || ops || ' WHERE pk = ''a'' AND sk = ''1''', parameters)
$$;
CREATE FUNCTION pg_temp.returning(what text, ops text, item jsonb) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.put(item);
  SELECT pg_temp.items('UPDATE "Wri" ' || ops || ' WHERE pk = ''a'' AND sk = ''1'' RETURNING ' || what || ' *');
$$;

-- 8 INSERT
SELECT is(pg_temp.run($$INSERT INTO "Wri" VALUE {'pk': 'a', 'sk': '1', 'n': 1}$$), '{"Items": []}', '8: INSERT answers Items: []');
SELECT is(pg_temp.there(), '{"n": {"N": "1"}}', '8: and inserts');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'a', 'sk': '1', 'n': 2}$$), 'DuplicateItemException: Duplicate primary key exists in table', '8: INSERT never overwrites');
SELECT is(pg_temp.there(), '{"n": {"N": "1"}}', '8: and has not');
SELECT is(pg_temp.items($$INSERT INTO "Wri" VALUE {'pk': ?, 'sk': ?, 'x': ?}$$, '[{"S": "a"}, {"S": "2"}, {"M": {"k": {"L": [{"N": "1.0"}]}}}]'), '[]', '8: parameters');
SELECT is(pg_temp.there('2'), '{"x": {"M": {"k": {"L": [{"N": "1"}]}}}}', '8: parameters are values');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'a', 'n': 2}$$), 'One or more parameter values were invalid: Missing the key sk in the item', '8: a missing key');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'a', 'sk': 2}$$), 'One or more parameter values were invalid: Type mismatch for key sk expected: S actual: N', '8: a key of another type');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'x', 'sk': '1', 'a': ?}$$, jsonb_build_array(jsonb_build_object('S', repeat('x', 409600)))), 'Item size has exceeded the maximum allowed size', '8: too large an item');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'x', 'sk': '1', 'a': ?}$$, jsonb_build_array(jsonb_build_object('S', repeat('x', 409600 - 7)))), 'none', '8: just not too large');
SELECT is(pg_temp.error($$INSERT INTO "Wri" <<{'pk': 'x', 'sk': '9'}>>$$), 'Unsupported operation: Insert', '12: INSERT of a bag');
SELECT is(pg_temp.error($$INSERT INTO "None" VALUE {'pk': 'x'}$$), 'ResourceNotFoundException: Requested resource not found', '8: no such table');
SELECT is(pg_temp.error($$INSERT INTO "Wri" VALUE {'pk': 'x', 'sk': '9'} RETURNING ALL OLD *$$), pg_temp.malformed('Unexpected token after expression'), '8: INSERT has no RETURNING');

-- which item
SELECT is(pg_temp.error(s), 'Where clause does not contain a mandatory equality on all key attributes', '8: ' || s) FROM unnest(ARRAY[
  'UPDATE "Wri" SET n = 2', 'UPDATE "Wri" SET n = 2 WHERE pk = ''a''', 'UPDATE "Wri" SET n = 2 WHERE pk = ''a'' AND sk > ''0''', 'UPDATE "Wri" SET n = 2 WHERE pk = ''a'' AND (sk = ''1'' OR sk = ''2'')',
  'UPDATE "Wri" SET n = 2 WHERE pk = ''a'' AND sk IN [''1'']', 'FROM "Wri" WHERE pk = ''a'' SET n = 2', 'DELETE FROM "Wri"', 'DELETE FROM "Wri" WHERE sk = ''1''', 'DELETE FROM "Wri" WHERE NOT (pk = ''a'' AND sk = ''1'')']) s;
SELECT is(pg_temp.error($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = '1' AND pk = 'b'$$), 'Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported', '8: two values for a key');
SELECT is(pg_temp.items($$UPDATE "Wri" SET n = 2 WHERE (pk = 'a' AND (sk = '1')) AND pk = 'a' RETURNING MODIFIED NEW *$$), '[{"n": {"N": "2"}}]', '8: the same value twice, in parentheses');
SELECT is(pg_temp.error($$UPDATE "Wri" SET n = 2 WHERE pk = 1 AND sk = '1'$$), 'The provided key element does not match the schema', '8: a key of another type');
SELECT is(pg_temp.set_error('SET pk = ''b'''), 'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key', '8: keys can''t be updated');

-- conditions
SELECT is(pg_temp.error($$UPDATE "Wri" SET n = 3 WHERE pk = 'a' AND sk = '1' AND n = 9$$), 'ConditionalCheckFailedException: The conditional request failed', '8: a condition that fails');
SELECT is(pg_temp.error($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = '1' AND n = 9$$), 'ConditionalCheckFailedException: The conditional request failed', '8: of a DELETE');
SELECT is(pg_temp.error(format('UPDATE "Wri" SET n = 3 WHERE pk = ''a'' AND sk = ''none'' %s', w)), 'ConditionalCheckFailedException: The conditional request failed', '8: an update creates nothing ' || w) FROM unnest(ARRAY['', 'AND attribute_not_exists(pk)', 'AND n IS MISSING']) w;
SELECT is(pg_temp.there('none'), NULL, '8: nothing');
SELECT is(pg_temp.items($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = 'none' AND n = 9 RETURNING ALL OLD *$$), '[]', '8: DELETE of a missing item does not look at the condition');
SELECT is((SELECT detail FROM (SELECT pg_temp.request_error('ExecuteStatement', '{"Statement": "UPDATE \"Wri\" SET n = 3 WHERE pk = ''a'' AND sk = ''1'' AND n = 9", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}') AS detail) d), 'ConditionalCheckFailedException: The conditional request failed', '12: ReturnValuesOnConditionCheckFailure');

-- SET and REMOVE
SELECT pg_temp.put('{"n": {"N": "5"}, "l": {"L": [{"S": "a"}, {"S": "b"}]}, "m": {"M": {"x": {"N": "1"}}}, "s": {"SS": ["a"]}, "r": {"S": "r"}}') \g /dev/null
SELECT is(pg_temp.set('SET n = n + 1, t = n SET u = 10 - n REMOVE r SET l = list_append(l, [''c'']) REMOVE m.x'),
  '{"n": {"N": "6"}, "t": {"N": "5"}, "u": {"N": "5"}, "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}, "m": {"M": {}}, "s": {"SS": ["a"]}}', '8: any number of SET and REMOVE, in any order');
SELECT is(pg_temp.set('SET l = list_append([0], l), m.y = {''z'': 1}') #> '{l,L,0}', '{"N": "0"}', '8: list_append of a literal list');
SELECT is(pg_temp.set('SET l[0] = ?, l[99] = ''end''', '[{"BOOL": true}]') -> 'l', '{"L": [{"BOOL": true}, {"S": "a"}, {"S": "b"}, {"S": "c"}, {"S": "end"}]}', '8: an index beyond the end appends');
SELECT is(pg_temp.set_error(o), e, '8: ' || o) FROM (VALUES
  ('SET n = n + ''x''', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'),
  ('SET n = n - true', 'Incorrect operand type for operator or function; operator or function: -, operand type: BOOL'),
  ('SET n = s + 1', 'An operand in the update expression has an incorrect data type'),
  ('SET l = list_append(none, [1])', 'The provided expression refers to an attribute that does not exist in the item'),
  ('SET n = none', 'The provided expression refers to an attribute that does not exist in the item'),
  ('SET none.x = 1', 'The document path provided in the update expression is invalid for update'), ('SET none[0] = 1', 'The document path provided in the update expression is invalid for update'),
  ('SET n = if_not_exists(n, 1)', 'Unrecognized function: if_not_exists at 1:22:13'),
  ('SET n = 1 REMOVE n', 'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]'),
  ('SET n = 1 SET m.y = 2, m = 3', 'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, y], path two: [m]')) AS x(o, e);
SELECT is(pg_temp.error($$UPDATE "Wri" SET n = n + 'x' WHERE pk = 'a' AND sk = '1' AND n = 99$$), 'Incorrect operand type for operator or function; operator or function: +, operand type: S', '8: before the condition');
-- sets
SELECT is(pg_temp.set('SET s = set_add(s, <<''b'', ''a''>>)') -> 's', '{"SS": ["a", "b"]}', '8: set_add adds members');
SELECT is(pg_temp.set('SET ns = SET_ADD(ns, <<1>>)') -> 'ns', '{"NS": ["1"]}', '8: set_add creates a set');
SELECT is(pg_temp.set('SET bs = set_add(bs, ?)', '[{"BS": ["AQ=="]}]') -> 'bs', '{"BS": ["AQ=="]}', '8: of a parameter');
SELECT is(pg_temp.set('SET s = set_delete(s, <<''a'', ''x''>>)') -> 's', '{"SS": ["b"]}', '8: set_delete removes members');
SELECT is(pg_temp.set('SET s = set_delete(s, <<''b''>>)') -> 's', NULL, '8: the attribute goes with the last one');
SELECT is(pg_temp.set('SET s = set_delete(s, <<''b''>>)') -> 's', NULL, '8: nothing happens if it is missing');
SELECT is(pg_temp.set_error(o), e, '8: ' || o) FROM (VALUES
  ('SET s = set_add(s)', 'SET_ADD must have exactly two arguments at 1:22:7'), ('SET s = set_delete(s, <<1>>, <<2>>)', 'SET_DELETE must have exactly two arguments at 1:22:10'),
  ('SET s = set_add(t, <<1>>)', 'The first argument to SET_ADD must equal the assignment value at 1:22:7'), ('SET s = set_delete(<<1>>, <<1>>)', 'The first argument to SET_DELETE must equal the assignment value at 1:22:10'),
  ('SET s = set_add(s, 1)', 'The second argument to SET_ADD must be a value with type SET at 1:30:1'), ('SET ns = set_add(ns, <<''a''>>)', 'An operand in the update expression has an incorrect data type'),
  ('SET n = set_add(n, <<1>>)', 'An operand in the update expression has an incorrect data type'), ('SET n = set_delete(n, <<1>>)', 'An operand in the update expression has an incorrect data type')) AS x(o, e);
SELECT is(pg_temp.set_error('SET s = set_add(s, ?)', '[{"L": []}]'), 'The second argument to SET_ADD must be a value with type SET at 1:30:1', '8: a parameter that is no set');
-- sizes and depth
SELECT is(pg_temp.set_error('SET big = ?', jsonb_build_array(jsonb_build_object('S', repeat('x', 409600)))), 'Item size to update has exceeded the maximum allowed size', '8: too large an update');
SELECT pg_temp.put('{}') \g /dev/null
SELECT is(pg_temp.set_error('SET x = ?', jsonb_build_array(jsonb_build_object('S', repeat('x', 409600 - 7)))), 'none', '8: the finished item counts');
SELECT pg_temp.put('{"m": {"M": {}}}') \g /dev/null
SELECT is(pg_temp.set_error('SET m.x = ' || repeat('[', 31) || repeat(']', 31)), 'Nesting Levels have exceeded supported limits', '8: an update that makes the item too deep');

-- RETURNING
\set lm '\'{"l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "n": {"N": "1"}}\''
SELECT is(pg_temp.returning(w, 'SET n = 2', '{"n": {"N": "1"}, "o": {"S": "o"}}'), r::jsonb, '8: RETURNING ' || w) FROM (VALUES
  ('ALL OLD', '[{"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "1"}, "o": {"S": "o"}}]'), ('ALL NEW', '[{"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "2"}, "o": {"S": "o"}}]'),
  ('MODIFIED OLD', '[{"n": {"N": "1"}}]'), ('MODIFIED NEW', '[{"n": {"N": "2"}}]')) AS x(w, r);
SELECT is(pg_temp.returning(w, o, :lm), r::jsonb, '8: ' || o || ' MODIFIED ' || w) FROM (VALUES
  ('MODIFIED NEW', 'SET m.x = 9', '[{"m": {"M": {"x": {"N": "9"}}}}]'), ('MODIFIED OLD', 'SET m.x = 9', '[{"m": {"M": {"x": {"N": "1"}}}}]'),
  ('MODIFIED OLD', 'SET fresh = 9', '[]'), ('MODIFIED NEW', 'REMOVE n', '[]'), ('MODIFIED NEW', 'REMOVE l[1]', '[{"l": {"L": [{"S": "c"}]}}]'), ('MODIFIED OLD', 'REMOVE l[1]', '[{"l": {"L": [{"S": "b"}]}}]'),
  ('MODIFIED NEW', 'SET l[5] = ''z''', '[]'), ('MODIFIED NEW', 'SET l[3] = ''z''', '[{"l": {"L": [{"S": "z"}]}}]'), ('MODIFIED NEW', 'SET l[2] = ''z'', l[0] = ''y''', '[{"l": {"L": [{"S": "y"}, {"S": "z"}]}}]')) AS x(w, o, r);
SELECT is(pg_temp.error($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = '1' RETURNING MODIFIED OLD *$$), 'Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.', '8: DELETE only takes ALL OLD');
SELECT is(pg_temp.error($$DELETE FROM "None" WHERE pk = 'a' RETURNING ALL NEW *$$), 'Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements.', '8: before the table');
SELECT is(pg_temp.error($$UPDATE "Wri" SET n = 1 WHERE pk = 'a' AND sk = '1' RETURNING OLD *$$), pg_temp.malformed('Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.'), '8: no such form');
SELECT pg_temp.put('{"n": {"N": "1"}}') \g /dev/null
SELECT is(pg_temp.items($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = '1' RETURNING ALL OLD *$$), '[{"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "1"}}]', '8: DELETE returns what it deleted');
SELECT is(pg_temp.there(), NULL, '8: and has deleted it');
SELECT is(pg_temp.run($$DELETE FROM "Wri" WHERE pk = 'a' AND sk = '1'$$), '{"Items": []}', '8: DELETE of nothing');

-- 11 Capacity of writes
CREATE FUNCTION pg_temp.units(statement text, mode text DEFAULT 'INDEXES') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT (pg_temp.run(statement, NULL, jsonb_build_object('ReturnConsumedCapacity', mode)) -> 'ConsumedCapacity') - 'TableName'
$$;
SELECT is(pg_temp.units($$INSERT INTO "Wri" VALUE {'pk': 'c', 'sk': '1', 'g': 'g'}$$), '{"CapacityUnits": 2.0, "Table": {"CapacityUnits": 1.0}, "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 1.0}}}', '11: INSERT');
SELECT is(pg_temp.units($$UPDATE "Wri" SET g = 'h' WHERE pk = 'c' AND sk = '1'$$), '{"CapacityUnits": 3.0, "Table": {"CapacityUnits": 1.0}, "GlobalSecondaryIndexes": {"gsi": {"CapacityUnits": 2.0}}}', '11: UPDATE that moves an index key');
SELECT is(pg_temp.units($$DELETE FROM "Wri" WHERE pk = 'c' AND sk = 'none'$$, 'TOTAL'), '{"CapacityUnits": 1.0}', '11: DELETE of nothing');
-- in SQL
SELECT is((SELECT count(*) FROM ddb_execute($$INSERT INTO "Wri" VALUE {'pk': 'a', 'sk': 'sql', 'n': 1}$$)), 0::bigint, 'INSERT by ddb_execute');
SELECT is((SELECT x FROM ddb_execute($$UPDATE "Wri" SET n = n + ? WHERE pk = 'a' AND sk = 'sql' RETURNING MODIFIED NEW *$$, '[{"N": "41"}]') x), '{"n": {"N": "42"}}', 'UPDATE returns its row');
SELECT is(pg_temp.there('sql'), '{"n": {"N": "42"}}', 'once');
SELECT * FROM finish();
ROLLBACK;
