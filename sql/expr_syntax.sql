-- Syntax errors, reserved words, placeholders and limits, for every kind of expression.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\pset null '(null)'
\t on
\pset format unaligned

CREATE FUNCTION pg_temp.c(VARIADIC expressions text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  e text;
BEGIN
  FOREACH e IN ARRAY expressions LOOP
    BEGIN
      RETURN NEXT e || '  ->  ' || ddb_test.condition(e, '{}');
    EXCEPTION WHEN SQLSTATE 'DY001' THEN
      RETURN NEXT e || '  ->  ' || SQLERRM;
    END;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.u(VARIADIC expressions text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  e text;
BEGIN
  FOREACH e IN ARRAY expressions LOOP
    BEGIN
      RETURN NEXT e || '  ->  ' || ddb_test.update_item(e, '{}');
    EXCEPTION WHEN SQLSTATE 'DY001' THEN
      RETURN NEXT e || '  ->  ' || SQLERRM;
    END;
  END LOOP;
END $$;

-- the error's SQLSTATE and exception name
DO $$
DECLARE
  exception_name text;
BEGIN
  PERFORM ddb_test.condition('a', '{}');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS exception_name = PG_DATATYPE_NAME;
  RAISE WARNING '% % %', SQLSTATE, exception_name, SQLERRM;
END $$;
-- the token, and the text from the token before it to the one after it
SELECT pg_temp.c('', '   ', 'a', 'a =', 'a =   ', '= a', 'a = b c', 'a = = b', 'a == b', 'a != b', 'a = "x"', 'a = ''x''', 'a = 5', 'a = -5', 'a-b', 'a = b AND', 'a = b AND OR c = d',
  'a = b AND NOT c', 'NOT', 'NOT a', 'AND', '(a = b', 'a = b)', '()', '(a)', 'a', 'a IN', 'a IN ()', 'a IN b', 'a IN (b', 'a IN (b,)', 'a BETWEEN b', 'a BETWEEN b OR c', 'a BETWEEN b AND',
  'f(', 'f()', 'f(a', 'f(a,)', 'f(a)(b)', 'a(b) = c', 'a.b(c)', 'a = b < c', 'a = (b = c)', 'f(a = b)', 'a..b = c', 'a.1 = b', 'a[b] = c', 'a[:v] = c', 'a[1.5] = c', 'a [1] [2', '_a = b', 'a = __b',
  '1a = b', '# = a', '#a# = b', ': = a', ':a:b = c', 'a ; b', E'a\n=\n\n;', 'é = a', 'a = é', 'a é b', 'a = 💿', 'a = b /* c */', 'a = b -- c', 'a\b = c', 'a + b = c', 'a = b + c', 'SET a = b');
SELECT pg_temp.u('', 'a = b', 'INVALID SYNTAX HERE', 'SET', 'SET a', 'SET a =', 'SET a = b,', 'SET a = b, , c = d', 'SET a = b, updated = c d', 'SET a b', 'SET = a', 'SET :v = a', 'SET a = b = c', 'SET a += b', 'SET a = b * c',
  'SET a = b + ', 'SET a = + b', 'SET a = -b', 'SET a = b - c - d', 'SET a = (b', 'SET a = b)', 'SET f(a) = b', 'SET a = f()', 'SET a = f(b,)', 'SET a = NOT b', 'SET a = b AND c', 'SET a = 5', 'SET a = ''x''',
  'REMOVE', 'REMOVE a,', 'REMOVE a b', 'REMOVE :v', 'REMOVE a = b', 'ADD', 'ADD a', 'ADD a b', 'ADD a 1', 'ADD hits : incr', 'ADD a :v, b', 'DELETE', 'DELETE a', 'DELETE a b', 'SET a = b REMOVE', 'SET a = b, REMOVE c',
  'set set = a', 'SET a = b SETc = d', 'UPSERT a = b', 'SET _a = b', 'SET __typename = b', 'SET _123 = b', 'SET a = if_not_exists (b, c)', 'SET remove = a', 'SET a.add = b');
-- redundant parentheses
SELECT pg_temp.c('(a = b)', '((a = b))', '(((a = b)))', '((a = b) AND (c = d))', '(((a = b)) AND (c = d))', '((a)) = b', '(a) = b', 'a = ((b))', '((size(a))) > b', '((attribute_exists(a)))', '(attribute_exists(a))',
  'NOT (NOT (a = b))', 'NOT ((a = b))', 'a IN ((b))', 'f((a))', 'attribute_exists((a))', 'attribute_exists(((a)))');
-- reserved words, in any case; keywords of other kinds of expressions are only that
SELECT pg_temp.c('name = a', 'NAME = a', 'NaMe = a', 'a.size = b', 'a[0].status = b', 'a = b.values', 'attribute_exists(count)', 'set = a', 'remove <> a', 'flattern = a', 'flatten = a', 'abort = a', 'zone = a', 'zones = a', 'aborts = a',
  'size = a', 'size(size) = a', 'specifictype = a', 'localtimestamp = a', 'begins_with = a', 'ttl = a', 'url = a', 'user = a', 'data = a');
SELECT pg_temp.u('SET name = a', 'SET a = name', 'SET a.timestamp = b', 'REMOVE date', 'REMOVE a, b, year', 'SET and = a', 'SET between = a', 'SET in = or');
-- which error goes first: syntax, limits, parentheses, functions, reserved words, placeholders, operands
SELECT pg_temp.c('name = ((a)) AND', 'name = ((a))', 'foo(name) AND ((a = b))', 'foo(name)', 'name = :v', '#a = :v', ':v = #a', 'size(:v, a) = a', 'size(a, b) = a');
-- names
SELECT ddb_test.condition('#a = b', '{}');
SELECT ddb_test.condition('#a = b', '{}', '{"#A": "a"}');
SELECT ddb_test.condition('a.#b.c = #d', '{}', '{"#b": "x"}');
SELECT ddb_test.condition('a = b', '{}', '{"#a": "a"}');
SELECT ddb_test.condition('#bb = b', '{}', '{"#a": "a", "#bb": "x", "#c": "c"}');
SELECT ddb_test.condition('#a = b', '{}', '{"#a": "name"}');
SELECT ddb_test.condition('a = b', '{}', '{}');
SELECT ddb_test.condition('a = b', '{}', 'null');
SELECT ddb_test.condition('a = b', '{}', '[]');
SELECT ddb_test.condition('a = b', '{}', '"#a"');
SELECT ddb_test.condition('a = b', '{}', '{"n": "a"}');
SELECT ddb_test.condition('a = b', '{}', '{"#": "a"}');
SELECT ddb_test.condition('a = b', '{}', '{"": "a"}');
SELECT ddb_test.condition('a = b', '{}', '{":n": "a"}');
SELECT ddb_test.condition('a = b', '{}', '{"#a-b": "a"}');
SELECT ddb_test.condition('a = b', '{}', '{"#é": "a"}');
SELECT ddb_test.condition('#a = b', '{}', '{"#a": ""}');
SELECT ddb_test.condition('#a = b', '{}', '{"#a": 1}');
SELECT ddb_test.condition('#a = b', '{}', '{"#a": true}');
SELECT ddb_test.condition('#a = b', '{}', '{"#a": {"S": "a"}}');
-- values
SELECT ddb_test.condition('a = :v', '{}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":V": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', NULL, '{":v": {"S": "a"}}');
SELECT ddb_test.condition('a = :b', '{}', NULL, '{":a": {"S": "a"}, ":b": {"S": "a"}, ":cc": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', '{"#n": "n"}', '{":v": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', NULL, '{}');
SELECT ddb_test.condition('a = b', '{}', NULL, 'null');
SELECT ddb_test.condition('a = b', '{}', NULL, '[]');
SELECT ddb_test.condition('a = b', '{}', NULL, '{"v": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', NULL, '{"#v": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', NULL, '{":v w": {"S": "a"}}');
SELECT ddb_test.condition('a = b', '{}', NULL, '{":": {"S": "a"}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {"N": "x"}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {"SS": []}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":a": {"S": "fine"}, ":v": {"SS": ["a", "a"]}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {"S": "a", "N": "1"}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {"NULL": false}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": {"X": "a"}}');
SELECT ddb_test.condition('a = :v', '{}', NULL, '{":v": "a"}');
-- limits: 4,096 bytes, 300 operators, 100 operands of IN, placeholders of 255 bytes, 2 MB of names and values
SELECT length(e), ddb_test.condition(e, '{}') FROM (SELECT rpad('a <> b', 4096) AS e) x;
SELECT ddb_test.condition(rpad('a <> b', 4097), '{}');
SELECT ddb_test.update_item(rpad('REMOVE a', 4097), '{}');
SELECT ddb_test.condition(repeat('é', 2049), '{}');
SELECT ddb_test.condition(repeat('a<b OR ', 149) || 'NOT a<b', '{}');
SELECT ddb_test.condition(repeat('a<b OR ', 150) || 'a<b', '{}');
SELECT ddb_test.condition(repeat('NOT ', 299) || 'a=b', '{}');
SELECT ddb_test.condition(repeat('NOT ', 300) || 'a=b', '{}');
SELECT ddb_test.condition(repeat('(a=b AND ', 149) || 'a=b' || repeat(')', 149), '{}');
SELECT ddb_test.condition('a IN (b' || repeat(',c', 99) || ')', '{}');
SELECT ddb_test.condition('a IN (b' || repeat(',c', 100) || ')', '{}');
SELECT ddb_test.condition(repeat('(', 2000) || 'a = b' || repeat(')', 2000), '{}');
SELECT ddb_test.update_item('SET a = ' || repeat('(', 2000) || 'b' || repeat(')', 2000), '{}');
SELECT ddb_test.update_item('SET a = ' || repeat('if_not_exists(b,', 200) || 'c' || repeat(')', 200), '{"c": {"S": "deep"}}');
SELECT ddb_test.condition('#' || repeat('n', 254) || ' <> b', '{}', jsonb_build_object('#' || repeat('n', 254), 'a'));
DO $$
BEGIN
  PERFORM ddb_test.condition('#' || repeat('n', 255) || ' <> b', '{}', jsonb_build_object('#' || repeat('n', 255), 'a'));
EXCEPTION WHEN SQLSTATE 'DY001' THEN
  RAISE WARNING '%', regexp_replace(SQLERRM, 'n{200,}', '...');
END $$;
SELECT ddb_test.condition('a <> :v', '{}', NULL, jsonb_build_object(':v', jsonb_build_object('S', repeat('x', 2097149))));
SELECT ddb_test.condition('a <> :v', '{}', NULL, jsonb_build_object(':v', jsonb_build_object('S', repeat('x', 2097151))));
-- the cache: more expressions than it holds, some in use at a time
SELECT count(*), count(*) FILTER (WHERE ddb_test.condition(format('a%s <> b', i % 700), '{}')) FROM generate_series(1, 3000) i;
SELECT count(*) FILTER (WHERE c LIKE '%Syntax error%') FROM generate_series(1, 1000) i, pg_temp.c('a' || i || ' = ') c;
SELECT ddb_test.condition('a1 <> b', '{}'), ddb_test.condition('a1 = b', '{}'), ddb_test.condition('a1 <> b', '{}', filter => true);
