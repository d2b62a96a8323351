-- PartiQL: the text of statements (lexer, parser, forms of statements).
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(111);

\ir ../psql/partiql.psql
SELECT ddb_create_table('Pql', 'pk S', 'sk S', global_indexes => '{"gsi": {"partition_key": "g S"}}') \g /dev/null
SELECT pg_temp.run($$INSERT INTO "Pql" VALUE {'pk': 'a', 'sk': '1', 'n': 1, 'name': 'it''s', 'val': 1, 'status': 's', 'flag': true, 'keep': 1, 'data': 1, 'tags': ['x']}$$) \g /dev/null

-- 1 Lexer: comments and white space between tokens
SELECT is(pg_temp.keys(E'-- first\nSELECT /* a */ * FROM "Pql" -- end'), 'a/1', '1: comments first, inside and last');
SELECT is(pg_temp.keys(E'SELECT * FROM "Pql" WHERE pk /* in\nan expression */ = \t\n ''a'''), 'a/1', '1: a comment inside an expression');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE name = 'it''s'$$), 'a/1', '1: a doubled quote is one');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE name = '-- no comment'$$), '', '1: no comment inside quotes');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" /* never closed$$), pg_temp.malformed(''), '1: unterminated comment');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = 'a$$), pg_temp.malformed(''), '1: unterminated string');
SELECT is(pg_temp.error($$SELECT * FROM "Pql$$), pg_temp.malformed(''), '1: unterminated identifier');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = # 'a'$$), pg_temp.malformed(''), '1: a character that begins nothing');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = 'é' AND é = 1$$), pg_temp.malformed(''), '1: bare identifiers are ASCII');
SELECT is(pg_temp.error(E'UPDATE "Pql" SET n=n--1 WHERE pk=''a'' AND sk=''1'''), 'Where clause does not contain a mandatory equality on all key attributes', '1: n=n--1 loses the rest of its line');
SELECT is(pg_temp.keys($$sElEcT * fRoM "Pql" wHeRe pk = 'a' aNd Begins_With(sk, '1')$$), 'a/1', '1: keywords and functions in any case');
SELECT is(pg_temp.keys($$SELECT * FROM Pql WHERE data = 1 AND name IS NOT MISSING AND val = 1 AND status = 's' AND flag = true AND tags[0] = 'x' AND keep = 1 AND n = 1$$), 'a/1', '1: words that are no keywords');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE order = 1$$), pg_temp.malformed('Unexpected keyword'), '1: a keyword is no identifier');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n = .1e1$$), 'a/1', '1: .1e1 is one number');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n = 10E-1 AND n = 1.0 AND n = 0.1e+1$$), 'a/1', '1: exponents with signs');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = 1 e5$$), pg_temp.malformed('Unexpected token after expression'), '1: 1 e5 is a number and a word');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = 1e$$), pg_temp.malformed(''), '1: an exponent without digits');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = 1e2147483648$$), pg_temp.malformed(''), '1: an exponent beyond 32 bits');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = 1.5e-2147483648$$), pg_temp.malformed(''), '1: a scale beyond 32 bits');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = 1e10000000000$$), pg_temp.malformed(''), '1: an exponent of many digits');
SELECT is(pg_temp.keys(E'SELECT * FROM "Pql" WHERE n = - + - /* x */ 1'), 'a/1', '1: signs fold into a number');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = -?$$, '[{"N": "1"}]'), 'Unsupported operation: Neg', '1: a sign before a parameter');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n = -n$$), 'Unsupported operation: Neg', '1: a sign before a path');
SELECT is(pg_temp.items($$SELECT sk FROM "Pql" WHERE pk='a' AND sk='1' AND flag = TRUE AND n <> null;$$), '[{"sk": {"S": "1"}}]', '1: one semicolon may end the statement');
SELECT is(pg_temp.error($$SELECT * FROM "Pql";;$$), pg_temp.malformed('Unexpected token after semicolon. (Only one query is allowed.)'), '1: but not two');

-- 2 Statements: what is left over
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = 'a' )$$), pg_temp.malformed('Unexpected token after expression'), '2: a parenthesis left over');
SELECT is(pg_temp.error($$DELETE FROM "Pql" WHERE pk = 'a' AND sk = '1' ORDER BY sk$$), pg_temp.malformed('Unexpected token after expression'), '2: ORDER BY on a DELETE');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" ORDER BY sk WHERE pk = 'a'$$), pg_temp.malformed('Unexpected token after expression'), '2: WHERE after ORDER BY');
SELECT is(pg_temp.error($$FROM "Pql" SET n = 2 WHERE pk = 'a' AND sk = '1'$$), pg_temp.malformed('Unexpected token after expression'), '2: WHERE after SET in the FROM-first form');
SELECT is(pg_temp.error($$INSERT INTO "Pql" t VALUE {'pk': 'b', 'sk': '1'}$$), pg_temp.malformed('Unexpected token after expression'), '2: an alias in INSERT');
SELECT is(pg_temp.error($$UPDATE "Pql" SET n = 2 REMOVE val, keep WHERE pk = 'a' AND sk = '1'$$), pg_temp.malformed('Unexpected token after expression'), '2: REMOVE takes one path');
SELECT is(pg_temp.error($$INVALID STATEMENT$$), pg_temp.malformed('Unexpected token after expression'), '2: two words');
SELECT is(pg_temp.items($$SELECT n FROM "Pql"$$), '[{"n": {"N": "1"}}]', '2: and nothing ran');
-- a term is due
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE$$), pg_temp.malformed('Unexpected term'), '2: nothing after WHERE');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE;$$), pg_temp.malformed('Unexpected term'), '2: a semicolon after WHERE');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE NOT$$), pg_temp.malformed('Unexpected term'), '2: nothing after NOT');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE ($$), pg_temp.malformed('Unexpected term'), '2: nothing after a parenthesis');
SELECT is(pg_temp.error($$SELECT * FROM$$), pg_temp.malformed('Unexpected term'), '2: nothing after FROM');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = 'a' AND$$), pg_temp.malformed('Missing right-hand side expression of infix operator'), '2: nothing after AND');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = 'a' OR$$), pg_temp.malformed('Missing right-hand side expression of infix operator'), '2: nothing after OR');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk =$$), pg_temp.malformed('Missing right-hand side expression of infix operator'), '2: nothing after =');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE pk = ;$$), pg_temp.malformed('Unexpected term'), '2: a semicolon after =');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE IS MISSING$$), pg_temp.malformed('Unexpected operator'), '2: an operator where a term is due');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE LIKE 'a'$$), pg_temp.malformed('Unexpected operator'), '2: LIKE where a term is due');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE ORDER BY pk$$), pg_temp.malformed('Unexpected keyword'), '2: a keyword where a term is due');
SELECT is(pg_temp.error($$SELEKT * FROM "Pql"$$), pg_temp.malformed('Expected data manipulation'), '2: no known verb');
SELECT is(pg_temp.error($$UPDATE "Pql" WHERE pk = 'a'$$), pg_temp.malformed('Expected data manipulation'), '2: neither SET nor REMOVE');
SELECT is(pg_temp.error($$FROM "Pql" WHERE pk = 'a'$$), pg_temp.malformed('Expected data manipulation'), '2: nor in the FROM-first form');
SELECT is(pg_temp.error($$DELETE FROM$$), pg_temp.malformed('Expected identifier for simple path'), '2: DELETE without a name');
SELECT is(pg_temp.error($$DELETE FROM ;$$), pg_temp.malformed('Expected identifier for simple path'), '2: DELETE FROM and a semicolon');
SELECT is(pg_temp.error($$DELETE FROM WHERE pk = 'a'$$), pg_temp.malformed('Expected identifier for simple path'), '2: DELETE FROM WHERE');
SELECT is(pg_temp.error($$UPDATE SET n = 1$$), pg_temp.malformed('Expected identifier for simple path'), '2: UPDATE without a name');
SELECT is(pg_temp.error($$SELECT m.inner FROM "Pql"$$), pg_temp.malformed('Invalid path dot component'), '2: a keyword after a dot');
SELECT is(pg_temp.error($$SELECT m.'x' FROM "Pql"$$), pg_temp.malformed('Invalid path dot component'), '2: a string after a dot');
SELECT is(pg_temp.items($$SELECT m."inner" FROM "Pql"$$), '[{}]', '2: a keyword in quotes');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n IS$$), pg_temp.malformed('Expected type name'), '2: IS without a type');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE n IS foo$$), pg_temp.malformed('Expected type name'), '2: IS with a word that is no type');
SELECT is(pg_temp.keys('SELECT * FROM "Pql" WHERE n IS ' || t), 'a/1', '2: type ' || t) FROM unnest('{INT4,INT8,DOUBLE PRECISION,bigint,NUMERIC}'::text[]) t;
SELECT is(pg_temp.keys('SELECT * FROM "Pql" WHERE name IS ' || t), 'a/1', '2: type ' || t) FROM unnest('{CHARACTER VARYING,STRING,varchar}'::text[]) t;
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE flag IS BOOL$$), 'a/1', '2: type BOOL');
SELECT is(pg_temp.error($$x IS INT4$$), 'Unsupported operation: IsType', '2: a bare expression');
-- aliases
SELECT is(pg_temp.error(s), 'Aliasing is not supported', '2: ' || s) FROM unnest(ARRAY[
  'SELECT * FROM "Pql" t', 'SELECT * FROM "Pql" AS t', 'UPDATE "Pql" t SET n = 2 WHERE pk = ''a'' AND sk = ''1''',
  'DELETE FROM "Pql" AS t WHERE pk = ''a'' AND sk = ''1''', 'SELECT n AS m FROM "Pql"']) s;
SELECT is(pg_temp.keys($$SELECT * FROM "Pql"$$), 'a/1', '2: with an alias nothing runs');
-- names
SELECT is(pg_temp.error(s), 'Path component cannot be an empty string', '2: ' || s) FROM unnest(ARRAY[
  'SELECT * FROM ""', 'SELECT * FROM "Pql".""', 'SELECT * FROM "".""']) s;
SELECT is(pg_temp.error($$SELECT * FROM "None"."a"."b"$$), 'A path may contain at most 2 components in the FROM clause', '2: three components, before the table');
SELECT is(pg_temp.error($$SELECT * FROM "None"$$), 'ResourceNotFoundException: Requested resource not found', '2: no such table');
-- columns that are no paths
SELECT is(pg_temp.error($$SELECT COUNT(*) FROM "Pql"$$), 'Unexpected path component at 1:8:5', '2: COUNT(*), with its position');
SELECT is(pg_temp.error(E'SELECT\n  /* é */ size(n) FROM "Pql"'), 'Unexpected path component at 2:11:4', '2: lines and columns count from 1, in characters');
SELECT is(pg_temp.error($$SELECT n, size(n) FROM "None"$$), 'ResourceNotFoundException: Requested resource not found', '2: the table comes before columns');
SELECT is(pg_temp.error($$SELECT * FROM "Pql" WHERE "é" = 1 AND "foo"(n)$$), 'Unrecognized function: foo at 1:39:5', '2: a quoted name counts its quotes');
-- list indexes
SELECT is(pg_temp.error($$SELECT tags[-1] FROM "Pql"$$), 'List index is not within the allowable range; index: [-1] at 1:14:1', '2: a negative index');
SELECT is(pg_temp.error($$SELECT tags[2147483648] FROM "Pql"$$), 'List index is not within the allowable range; index: [2147483648] at 1:13:10', '2: an index beyond 31 bits');
SELECT is(pg_temp.items($$SELECT tags[-0] FROM "Pql"$$), '[{"tags[0]": {"S": "x"}}]', '2: -0 is 0');
SELECT isnt(pg_temp.error($$SELECT tags[1.5] FROM "Pql"$$), 'none', '2: a fraction is refused');
-- precedence
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n = 1 OR n = 2 AND n = 3$$), 'a/1', '2: AND binds before OR');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE NOT n = 2 AND n = 1$$), 'a/1', '2: NOT binds before AND');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n BETWEEN 0 AND 2 AND n = 1$$), 'a/1', '2: BETWEEN takes the nearest AND');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n < 2 = true$$), 'a/1', '2: comparisons bind before =');
SELECT is(pg_temp.keys($$SELECT * FROM "Pql" WHERE n != 2$$), 'a/1', '2: != is <>');
-- UPDATE and its FROM-first form
SELECT is(pg_temp.items($$FROM "Pql" WHERE pk = 'a' AND sk = '1' SET n = 2 RETURNING MODIFIED NEW *$$), '[{"n": {"N": "2"}}]', '2: FROM first');
SELECT is(pg_temp.items($$insert into "Pql" value {'pk': 'b', 'sk': '1'}$$), '[]', '2: VALUE in any case');
-- 12: what the language has and the service has not
SELECT is(pg_temp.error('SELECT * FROM "Pql" WHERE ' || w), e, '12: ' || w) FROM (VALUES
  ('name LIKE ''i%''', 'Unsupported operation: Like'), ('n * 2 = 2', 'Unsupported operation: Times'),
  ('n / 2 = 2', 'Unsupported operation: Divide'), ('name || ''x'' = ''y''', 'Unsupported operation: Concat'),
  ('n + 1 = 2', 'Unsupported operation: Plus'), ('CASE WHEN n = 1 THEN true END', 'Unsupported operation: SearchedCase'),
  ('CAST(n AS INT) = 1', 'Unsupported operation: Cast'), ('n = MISSING', 'Unsupported operation: Missing')) AS x(w, e);
SELECT is(pg_temp.error(s), e, '12: ' || s) FROM (VALUES
  ('SELECT * FROM "Pql" LIMIT 1', 'Unsupported clause: LIMIT'), ('SELECT * FROM "Pql" GROUP BY n', 'Unsupported clause: GROUP BY'),
  ('SELECT DISTINCT n FROM "Pql"', 'Unsupported clause: DISTINCT'), ('SELECT VALUE n FROM "Pql"', 'Unsupported clause: VALUE'),
  ('SELECT * FROM "Pql", "Other"', 'FROM clause may only contain a single table name'),
  ('SELECT * FROM "Pql" JOIN "Other" ON true', 'Aliasing is not supported') ) AS x(s, e) WHERE s NOT LIKE '%JOIN%';
SELECT is(pg_temp.error($$SELECT * FROM "Pql" INNER JOIN "Other" ON true$$), 'FROM clause may only contain a single table name', '12: joins');
SELECT matches(pg_temp.error(''), 'Value '''' at ''statement'' failed to satisfy constraint: Member must have length greater than or equal to 1', '12: an empty statement');
SELECT matches(pg_temp.error('SELECT * FROM "Pql"' || repeat(' ', 8192)), 'at ''statement'' failed to satisfy constraint: Member must have length less than or equal to 8192', '12: a statement of more than 8192 characters');
SELECT is(pg_temp.error('SELECT * FROM "Pql" WHERE ' || repeat('(', 4000) || 'n = 1' || repeat(')', 4000)), pg_temp.malformed('Expressions are nested too deeply'), 'deep nesting is refused');
SELECT is(pg_temp.keys('SELECT * FROM "Pql" WHERE pk = ''a''' || repeat(' AND n=2', 1000)), 'a/1', 'a long chain is not');
SELECT * FROM finish();
ROLLBACK;
