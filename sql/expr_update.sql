-- Update expressions: the four clauses, their operands and what they refuse.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\pset null '(null)'
\t on
\pset format unaligned

CREATE FUNCTION pg_temp.u(expression text, item jsonb, "values" jsonb DEFAULT NULL, names jsonb DEFAULT NULL,
                          return_values text DEFAULT 'ALL_NEW') RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_test.update_item(expression, item, names, "values", return_values);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- SET
SELECT pg_temp.u('SET a = :v', '{"pk": {"S": "k"}}', '{":v": {"S": "x"}}');
SELECT pg_temp.u('SET a = :v', '{"pk": {"S": "k"}, "a": {"N": "1"}}', '{":v": {"L": [{"M": {"b": {"NULL": true}}}, {"SS": ["b", "a"]}]}}');
SELECT pg_temp.u('set a = b', '{"b": {"M": {"x": {"L": []}}}}');
SELECT pg_temp.u('SET a = b, b = a', '{"a": {"S": "A"}, "b": {"S": "B"}}');
SELECT pg_temp.u('SET a = c', '{"b": {"S": "B"}}');
SELECT pg_temp.u('SET a = b.c[1]', '{"b": {"M": {"c": {"L": [{"S": "0"}, {"S": "1"}]}}}}');
SELECT pg_temp.u('SET #a.#b = :v', '{"x y": {"M": {}}}', '{":v": {"BOOL": true}}', '{"#a": "x y", "#b": "名"}');
-- arithmetic
SELECT pg_temp.u('SET n = n + :i', '{"n": {"N": "1"}}', '{":i": {"N": "2.50"}}');
SELECT pg_temp.u('SET n = n - :i', '{"n": {"N": "1"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n = :i - n', '{"n": {"N": "1"}}', '{":i": {"N": "0.1"}}');
SELECT pg_temp.u('SET n = (n + :i)', '{"n": {"N": "1"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n = (n) + (:i)', '{"n": {"N": "1"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n=n+:i,m=n-:i', '{"n": {"N": "10"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n = if_not_exists(n, :z) + :i', '{"pk": {"S": "k"}}', '{":i": {"N": "1"}, ":z": {"N": "0"}}');
SELECT pg_temp.u('SET n = n + :i', '{"pk": {"S": "k"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n = n + :i', '{"n": {"S": "1"}}', '{":i": {"N": "1"}}');
SELECT pg_temp.u('SET n = n + :i', '{"n": {"N": "1"}}', '{":i": {"S": "1"}}');
SELECT pg_temp.u('SET n = n + m', '{"n": {"N": "9007199254740993"}, "m": {"N": "1E-20"}}');
SELECT pg_temp.u('SET n = n + m', '{"n": {"N": "1E+30"}, "m": {"N": "1E-20"}}');
SELECT pg_temp.u('SET n = n + n', '{"n": {"N": "9E+125"}}');
SELECT pg_temp.u('SET n = a + b + c', '{}');
SELECT pg_temp.u('SET n = (a + b) + c', '{}');
SELECT pg_temp.u('SET n = ((a + b))', '{}');
SELECT pg_temp.u('SET n = ((a))', '{}');
-- if_not_exists
SELECT pg_temp.u('SET a = if_not_exists(a, :v)', '{"a": {"S": "old"}}', '{":v": {"S": "new"}}');
SELECT pg_temp.u('SET a = if_not_exists(a, :v)', '{"b": {"S": "old"}}', '{":v": {"S": "new"}}');
SELECT pg_temp.u('SET a = if_not_exists(b.c, if_not_exists(b, :v))', '{"b": {"S": "old"}}', '{":v": {"S": "new"}}');
SELECT pg_temp.u('SET a = if_not_exists(a, c)', '{"b": {"S": "old"}}');
SELECT pg_temp.u('SET a = if_not_exists(:v, a)', '{}', '{":v": {"S": "new"}}');
SELECT pg_temp.u('SET a = if_not_exists(a)', '{}');
-- list_append
SELECT pg_temp.u('SET l = list_append(l, :v)', '{"l": {"L": [{"S": "0"}]}}', '{":v": {"L": [{"S": "1"}, {"N": "2"}]}}');
SELECT pg_temp.u('SET l = list_append(:v, l)', '{"l": {"L": [{"S": "0"}]}}', '{":v": {"L": [{"S": "1"}]}}');
SELECT pg_temp.u('SET l = list_append(if_not_exists(l, :e), :v)', '{"pk": {"S": "k"}}', '{":v": {"L": [{"S": "1"}]}, ":e": {"L": []}}');
SELECT pg_temp.u('SET l = list_append(list_append(l, :v), :v)', '{"l": {"L": []}}', '{":v": {"L": []}}');
SELECT pg_temp.u('SET l = list_append(l, list_append(:v, :v))', '{"l": {"L": []}}', '{":v": {"L": []}}');
SELECT pg_temp.u('SET l = list_append(l, l)', '{"l": {"L": [{"S": "0"}]}}');
SELECT pg_temp.u('SET l = list_append(l, :v)', '{"pk": {"S": "k"}}', '{":v": {"L": [{"S": "1"}]}}');
SELECT pg_temp.u('SET l = list_append(l, :v)', '{"l": {"S": "0"}}', '{":v": {"L": [{"S": "1"}]}}');
SELECT pg_temp.u('SET l = list_append(l, :v)', '{"l": {"L": []}}', '{":v": {"S": "1"}}');
SELECT pg_temp.u('SET l = list_append(:v)', '{}', '{":v": {"L": []}}');
-- nested paths
SELECT pg_temp.u('SET m.a = :v, m.b.c = :v, m.l[0] = :v', '{"m": {"M": {"b": {"M": {"x": {"N": "1"}}}, "l": {"L": [{"N": "0"}, {"N": "1"}]}}}, "z": {"S": "z"}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m.a = :v', '{"pk": {"S": "k"}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m.a.b = :v', '{"m": {"M": {}}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m.a = :v', '{"m": {"L": []}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m[0] = :v', '{"m": {"M": {}}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m[0].a = :v', '{"m": {"L": []}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET m.a = :v', '{"m": {"S": "x"}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('REMOVE m.a.b', '{"m": {"M": {}}}');
SELECT pg_temp.u('REMOVE m.a', '{"pk": {"S": "k"}}');
SELECT pg_temp.u('ADD m.a :n', '{"pk": {"S": "k"}}', '{":n": {"N": "1"}}');
-- lists: beyond the end appends, in the order of the indexes
SELECT pg_temp.u('SET l[7] = :b, l[5] = :a, l[1] = :c', '{"l": {"L": [{"S": "0"}, {"S": "1"}]}}', '{":a": {"S": "five"}, ":b": {"S": "seven"}, ":c": {"S": "one"}}');
SELECT pg_temp.u('REMOVE l[0], l[2]', '{"l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}, {"S": "3"}]}}');
SELECT pg_temp.u('REMOVE l[2], l[0], l[9]', '{"l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}');
SELECT pg_temp.u('REMOVE l[0] SET l[2] = :v, l[9] = :v', '{"l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}', '{":v": {"S": "v"}}');
SELECT pg_temp.u('SET l[1][0].x = :v REMOVE l[0]', '{"l": {"L": [{"S": "0"}, {"L": [{"M": {"y": {"N": "1"}}}]}]}}', '{":v": {"S": "v"}}');
-- REMOVE
SELECT pg_temp.u('REMOVE a', '{"a": {"S": "x"}, "b": {"S": "y"}}');
SELECT pg_temp.u('REMOVE a, c, m.x', '{"a": {"S": "x"}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}}');
SELECT pg_temp.u('REMOVE a', '{"a": {"S": "x"}}');
-- ADD
SELECT pg_temp.u('ADD n :n', '{"n": {"N": "1"}}', '{":n": {"N": "-2"}}');
SELECT pg_temp.u('ADD n :n', '{"pk": {"S": "k"}}', '{":n": {"N": "5"}}');
SELECT pg_temp.u('ADD s :s', '{"s": {"SS": ["b", "a"]}}', '{":s": {"SS": ["c", "a"]}}');
SELECT pg_temp.u('ADD s :s', '{"pk": {"S": "k"}}', '{":s": {"BS": ["AQ=="]}}');
SELECT pg_temp.u('ADD s :s', '{"s": {"NS": ["1", "2"]}}', '{":s": {"NS": ["1.0", "3"]}}');
SELECT pg_temp.u('ADD s :s', '{"s": {"SS": ["1"]}}', '{":s": {"NS": ["1"]}}');
SELECT pg_temp.u('ADD s :s', '{"s": {"N": "1"}}', '{":s": {"NS": ["1"]}}');
SELECT pg_temp.u('ADD s :s', '{"s": {"S": "1"}}', '{":s": {"N": "1"}}');
SELECT pg_temp.u('ADD m.n :n, l[0] :n, l[4] :n', '{"m": {"M": {}}, "l": {"L": [{"N": "1"}]}}', '{":n": {"N": "1"}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"S": "x"}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"L": []}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"M": {}}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"BOOL": true}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"NULL": true}}');
SELECT pg_temp.u('ADD s :s', '{}', '{":s": {"B": "AQ=="}}');
SELECT pg_temp.u('ADD s b', '{}');
-- DELETE
SELECT pg_temp.u('DELETE s :s', '{"s": {"SS": ["a", "b", "c"]}}', '{":s": {"SS": ["b", "x"]}}');
SELECT pg_temp.u('DELETE s :s', '{"s": {"SS": ["a", "b"]}}', '{":s": {"SS": ["b", "a"]}}');
SELECT pg_temp.u('DELETE s :s', '{"pk": {"S": "k"}}', '{":s": {"SS": ["b", "a"]}}');
SELECT pg_temp.u('DELETE s :s', '{"s": {"NS": ["1"]}}', '{":s": {"SS": ["1"]}}');
SELECT pg_temp.u('DELETE s :s', '{"s": {"S": "a"}}', '{":s": {"SS": ["a"]}}');
SELECT pg_temp.u('DELETE s :s', '{}', '{":s": {"N": "1"}}');
SELECT pg_temp.u('DELETE s :s', '{}', '{":s": {"S": "1"}}');
SELECT pg_temp.u('DELETE m.s :s', '{"m": {"M": {"s": {"NS": ["1"]}}}}', '{":s": {"NS": ["1"]}}');
-- all clauses at once, in any order; right sides see the old item
SELECT pg_temp.u('DELETE d :s ADD n :n REMOVE r SET a = n, b = r', '{"d": {"SS": ["x", "y"]}, "n": {"N": "1"}, "r": {"S": "r"}}', '{":s": {"SS": ["x"]}, ":n": {"N": "9"}}');
SELECT pg_temp.u('SET a = :v SET b = :v', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('REMOVE a ADD n :v REMOVE b', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('ADD a :v ADD b :v', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('DELETE a :v DELETE b :v', '{}', '{":v": {"NS": ["1"]}}');
-- paths that overlap or conflict
SELECT pg_temp.u('SET a = :v, a = :v', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('SET a = :v, a.b = :v', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('SET a.b[1].c = :v REMOVE a.b', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('SET a.b = :v ADD a[1] :v', '{}', '{":v": {"N": "1"}}');
SELECT pg_temp.u('SET a.b = :v, #x.c = :v, a.#y = :v', '{}', '{":v": {"N": "1"}}', '{"#x": "a", "#y": "c"}');
SELECT pg_temp.u('REMOVE a.b, a.c, a.b.d', '{}');
SELECT pg_temp.u('SET a[1] = :v, a[2] = :v, b.x = :v, b.y = :v', '{"a": {"L": []}, "b": {"M": {}}}', '{":v": {"N": "1"}}');
-- functions
SELECT pg_temp.u('SET a = size(b)', '{}');
SELECT pg_temp.u('SET a = attribute_exists(b)', '{}');
SELECT pg_temp.u('SET a = foo(b)', '{}');
SELECT pg_temp.u('SET a = LIST_APPEND(b, c)', '{}');
SELECT pg_temp.u('SET a = list_append(:v, b)', '{}', '{":v": {"S": "x"}}');
SELECT pg_temp.u('SET a = list_append(b + :v, b)', '{}', '{":v": {"S": "x"}}');
-- depth of the result: 31 levels
SELECT left(pg_temp.u('SET ' || repeat('m.', 30) || 'm = :v', ('{"m":' || repeat('{"M":{"m":', 30) || '{"M":{}}' || repeat('}}', 30) || '}')::jsonb, '{":v": {"M": {}}}'), 120);
SELECT left(pg_temp.u('SET ' || repeat('m.', 30) || 'm = :v', ('{"m":' || repeat('{"M":{"m":', 30) || '{"M":{}}' || repeat('}}', 30) || '}')::jsonb, '{":v": {"L": [{"L": []}]}}'), 120);
SELECT right(pg_temp.u('SET ' || repeat('m.', 30) || 'm = :v', ('{"m":' || repeat('{"M":{"m":', 29) || '{"M":{}}' || repeat('}}', 29) || '}')::jsonb, '{":v": {"S": "deep"}}'), 100);
SELECT right(pg_temp.u('SET ' || repeat('m.', 29) || 'm = :v', ('{"m":' || repeat('{"M":{"m":', 29) || '{"M":{}}' || repeat('}}', 29) || '}')::jsonb, '{":v": {"S": "deep"}}'), 100);
SELECT pg_temp.u('SET ' || repeat('m.', 32) || 'm = :v', '{}', '{":v": {"S": "deep"}}');
-- UPDATED_OLD and UPDATED_NEW give just what the paths name
SELECT r, pg_temp.u('SET a = :v, m.x = :v, l[1] = :v REMOVE b ADD n :n', '{"pk": {"S": "k"}, "a": {"S": "old"}, "b": {"S": "b"}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}',
  '{":v": {"S": "new"}, ":n": {"N": "1"}}', NULL, r) FROM unnest('{UPDATED_OLD,UPDATED_NEW,ALL_NEW}'::text[]) r;
SELECT r, pg_temp.u('SET a = :v', '{"pk": {"S": "k"}}', '{":v": {"S": "new"}}', NULL, r) FROM unnest('{UPDATED_OLD,UPDATED_NEW}'::text[]) r;
SELECT r, pg_temp.u('REMOVE a', '{"pk": {"S": "k"}, "a": {"S": "old"}}', NULL, NULL, r) FROM unnest('{UPDATED_OLD,UPDATED_NEW}'::text[]) r;
-- a long list of actions, and sets without duplicates
SELECT length(ddb_test.update_item('SET ' || string_agg(format('a%s = :v', i), ', '), '{}', NULL, '{":v": {"N": "1"}}')::text) FROM generate_series(1, 300) i;
SELECT count(*) FROM jsonb_array_elements(ddb_test.update_item('ADD s :s', jsonb_build_object('s', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(1, 5000) i))), NULL,
  jsonb_build_object(':s', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(2500, 7500) i)))) #> '{s,NS}');
SELECT count(*) FROM jsonb_array_elements(ddb_test.update_item('DELETE s :s', jsonb_build_object('s', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(1, 5000) i))), NULL,
  jsonb_build_object(':s', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(2500, 7500) i)))) #> '{s,NS}');
