-- PartiQL: parameters, literals, and conditions.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(153);

\ir ../psql/partiql.psql
SELECT ddb_create_table('Pql', 'pk S', 'sk S') \g /dev/null
SELECT pg_temp.run($$INSERT INTO "Pql" VALUE {'pk': 'a', 'sk': '1', 's': 'str', 'n': 5, 't': true, 'f': false, 'nul': null, 'l': [1, 'two', [3]], 'm': {'k': {'x': 1}, 'y': 'z'}, 'ss': <<'a', 'b'>>, 'ns': <<1, 2>>, 'b': ?, 'bs': ?}$$, '[{"B": "AQI="}, {"BS": ["AQ==", "Ag=="]}]') \g /dev/null
-- whether the item meets a condition
CREATE FUNCTION pg_temp.holds(condition text, parameters jsonb DEFAULT NULL) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT jsonb_array_length(pg_temp.items('SELECT pk FROM "Pql" WHERE ' || condition, parameters)) = 1
$$;
CREATE FUNCTION pg_temp.refused(condition text, parameters jsonb DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.error('SELECT pk FROM "Pql" WHERE ' || condition, parameters)
$$;
CREATE FUNCTION pg_temp.nested(depth int, leaf text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT (repeat('{"L": [', depth) || leaf || repeat(']}', depth))::jsonb
$$;

-- 3 Parameters
SELECT ok(pg_temp.holds('s = ? AND n = ?', '[{"S": "str"}, {"N": "5.0"}]'), '3: parameters in textual order');
SELECT is(pg_temp.refused('s = 1', '[{"X": "str"}]'), 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes', '3: an unknown type, in a parameter that is not used');
SELECT is(pg_temp.error('not a statement', '[{}]'), 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes', '3: parameters are read before the statement');
SELECT is(pg_temp.refused('s = ?', '[{"S": "str", "N": "1"}]'), 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes', '3: two types');
SELECT is(pg_temp.refused('s = ?', '[{"M": {"a": {"L": [{"S": "str", "N": "1"}]}}}]'), 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes', '3: two types further down');
SELECT is(pg_temp.refused('s = ?', '[{"B": "AQI"}]'), 'SerializationException: Base64 encoded length is expected a multiple of 4 bytes but found: 3', '3: bad base64');
SELECT is(pg_temp.refused('s = ?', '[{"NULL": false}]'), 'One or more parameter values were invalid: Null attribute value types must have the value of true', '3: NULL false');
SELECT is(pg_temp.refused('s = ?', '[{"SS": ["a", "a"]}]'), 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.', '3: duplicates in a set');
SELECT is(pg_temp.refused('s = ?', '[{"SS": []}]'), 'One or more parameter values were invalid: An string set  may not be empty', '3: an empty set');
SELECT is(pg_temp.refused('s = ?', jsonb_build_array(pg_temp.nested(d, '{"N": "bad"}'))), 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit', '3: nesting of ' || d || ', before a bad number further down') FROM unnest('{40,100}'::int[]) d;
SELECT is(pg_temp.refused('s = ? OR s = ?', jsonb_build_array(pg_temp.nested(40, '{"S": "x"}'), '{"N": "bad"}'::jsonb)), 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit', '3: the first problem is told');
SELECT is(pg_temp.refused('s = ? OR s = ?', jsonb_build_array('{"N": "bad"}'::jsonb, pg_temp.nested(40, '{"S": "x"}'))), 'The parameter cannot be converted to a numeric value: bad', '3: whichever it is');
SELECT is(pg_temp.refused('s = ?', '[{"N": ""}]'), 'The parameter cannot be converted to a numeric value', '3: an empty number');
SELECT is(pg_temp.refused('n = ?', jsonb_build_array(jsonb_build_object('N', n))), 'The parameter cannot be converted to a numeric value: ' || n, '3: number ' || n) FROM unnest('{1e2147483648,1e10000000000,1.5e-2147483648,1e,0x1," 1",1_0,NaN}'::text[]) n;
SELECT is(pg_temp.refused('n = ?', '[{"N": "1e2147483647"}]'), 'Number underflow. Attempting to store a number with magnitude smaller than supported range', '3: magnitude wraps in 32 bits');
SELECT is(pg_temp.refused('n = ?', '[{"N": "1e126"}]'), 'Number overflow. Attempting to store a number with magnitude larger than supported range', '3: too large, with no path');
SELECT is(pg_temp.refused('n = ?', '[{"N": "1e-131"}]'), 'Number underflow. Attempting to store a number with magnitude smaller than supported range', '3: too small');
SELECT is(pg_temp.refused('n = ?', '[{"N": "123456789012345678901234567890123456789"}]'), 'Attempting to store more than 38 significant digits in a Number', '3: too precise');
SELECT is(pg_temp.refused('l = [?]', '[{"N": "1"}]'), 'Unsupported data type: Parameter under key root[0] at 1:33:1', '3: a parameter in a list');
SELECT is(pg_temp.error($$INSERT INTO "Pql" VALUE {'pk': 'x', 'sk': '1', 'm': {'k': ?}}$$, '[{"N": "1"}]'), 'Unsupported data type: Parameter under key root.k at 1:59:1', '3: a parameter in a map');
SELECT is(pg_temp.items($$UPDATE "Pql" SET p = ? WHERE pk = ? AND sk = ? RETURNING MODIFIED NEW *$$, '[{"L": [{"N": "1"}]}, {"S": "a"}, {"S": "1"}]'), '[{"p": {"L": [{"N": "1"}]}}]', '3: a parameter as a whole right side');
SELECT ok(pg_temp.holds('n IN [?, ?]', '[{"N": "4"}, {"N": "5"}]'), '3: parameters in IN');
SELECT is(pg_temp.refused('n = ?'), 'Number of parameters in request and statement don''t match.', '3: too few parameters');
SELECT is(pg_temp.refused('n = ?', '[{"N": "4"}, {"N": "5"}]'), 'Number of parameters in request and statement don''t match.', '3: too many');
SELECT matches(pg_temp.refused('n = 5', '[]'), '''parameters'' failed to satisfy constraint: Member must have length greater than or equal to 1', '3: an empty list');

-- 4 Literals
SELECT is(pg_temp.error('INSERT INTO "Pql" VALUE {''pk'': ' || v || '}'), e, '4: ' || v) FROM (VALUES
  ('1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range under root'),
  ('-1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range under root'),
  ('123456789012345678901234567890123456789', 'Attempting to store more than 38 significant digits in a Number under root'),
  ('{''x'': 1e126}', 'Number overflow. Attempting to store a number with magnitude larger than supported range under root.x'),
  ('[1, 1e126]', 'Number overflow. Attempting to store a number with magnitude larger than supported range under root[1]'),
  ('{''x'': [{''y'': 1e126}]}', 'Number overflow. Attempting to store a number with magnitude larger than supported range under root.x[0].y'),
  ('<<>>', 'Empty bags are not supported'),
  ('<<1, ''a''>>', 'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags'),
  ('<<true>>', 'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags'),
  ('<<?>>', 'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags'),
  ('<<''a'', ''b'', ''a''>>', 'One or more parameter values were invalid: Input collection [a, b, a] contains duplicates.'),
  ('<<2, 2.0>>', 'One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root'),
  ('set_add(a, 1)', 'Unsupported data type: set_add under key root at 1:32:7')) AS x(v, e);
SELECT is(pg_temp.refused('n = 1e126'), 'Number overflow. Attempting to store a number with magnitude larger than supported range under root', '4: root is the value of an operand too');
SELECT is(pg_temp.error('INSERT INTO "Pql" VALUE {''pk'': ' || repeat('{''a'': ', 32) || '1' || repeat('}', 33)), 'Nesting Levels have exceeded supported limits under root' || repeat('.a', 31), '4: nesting above 32');
SELECT is(pg_temp.items($$SELECT ss, ns, l, m, t, f, nul FROM "Pql" WHERE pk = 'a' AND sk = '1'$$), '[{"ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "l": {"L": [{"N": "1"}, {"S": "two"}, {"L": [{"N": "3"}]}]}, "m": {"M": {"k": {"M": {"x": {"N": "1"}}}, "y": {"S": "z"}}}, "t": {"BOOL": true}, "f": {"BOOL": false}, "nul": {"NULL": true}}]', '4: literals of every type');

-- 5 Conditions: equality of every type
SELECT ok(pg_temp.holds(c), '5: ' || c) FROM unnest(ARRAY['s = ''str''', 'n = 5.00', 't = true', 'nul = null', 'l = [1, ''two'', [3]]', 'm = {''y'': ''z'', ''k'': {''x'': 1}}', 'ss = <<''b'', ''a''>>', 'ns = <<2, 1>>']) c;
SELECT ok(pg_temp.holds('b = ? AND bs = ?', '[{"B": "AQI="}, {"BS": ["Ag==", "AQ=="]}]'), '5: = of binaries');
SELECT ok(NOT pg_temp.holds(c), '5: not ' || c) FROM unnest(ARRAY['s <> ''str''', 'n <> 5', 'l = [''two'', 1, [3]]', 's = 5', 'none = 1', 'none <> 1', 'none < 1', 'none BETWEEN 1 AND 2', 'none IN [1]', 's < 5', 'n > ''a''']) c;
SELECT ok(pg_temp.holds(c), '5: ' || c) FROM unnest(ARRAY['s <> 5', 'NOT none = 1', 'NOT none <> 1', 'NOT s < 5', 'l <> [1]', 'n < 6', 'n <= 5', 'n > 4', 'n >= 5', '5 = n', '4 < n', 'n BETWEEN 5 AND 6', 'n NOT BETWEEN 6 AND 7', 'n IN [1, 5]', 'n IN (1, 5)', 'n NOT IN [1]', 's IN [5, ''str'']']) c;
-- types of operands
SELECT is(pg_temp.error(format('SELECT pk FROM "None" WHERE %s', c)), 'Incorrect operand type for operator or function; operator or function: ' || o, '5: before the table: ' || c) FROM (VALUES
  ('n < true', '<, operand type: BOOL'), ('n >= null', '>=, operand type: NULL'), ('n <= [1]', '<=, operand type: L'),
  ('n > {''a'': 1}', '>, operand type: M'), ('<<''a''>> < n', '<, operand type: SS'), ('n < <<1>>', '<, operand type: NS'),
  ('n BETWEEN true AND 2', 'BETWEEN, operand type: BOOL'), ('n BETWEEN 1 AND [2]', 'BETWEEN, operand type: L'),
  ('attribute_type(n, 1)', 'attribute_type, operand type: N'), ('(n = 1) < 2', '<, operand type: BOOL')) AS x(c, o);
SELECT is(pg_temp.refused('n < ?', '[{"BS": ["AQ=="]}]'), 'Incorrect operand type for operator or function; operator or function: <, operand type: BS', '5: a parameter of the wrong type');
-- IS
SELECT is(pg_temp.holds(c), h, '5: ' || c) FROM (VALUES ('nul IS NULL', true), ('nul IS NOT NULL', false), ('n IS NULL', false), ('n IS NOT NULL', true),
  ('none IS NULL', false), ('none IS NOT NULL', true), ('none IS MISSING', true), ('none IS NOT MISSING', false), ('n IS MISSING', false), ('n IS NOT MISSING', true),
  ('m.none IS MISSING', true), ('l[2][0] IS NOT MISSING', true), ('m.k.x = 1', true),
  ('s IS STRING', true), ('n IS NUMERIC', true), ('l IS LIST', true), ('m IS STRUCT', true), ('t IS BOOLEAN', true), ('b IS BLOB', true), ('ss IS BAG', true), ('bs IS NOT BAG', false), ('s IS NOT INT', true)) AS x(c, h);
-- functions
SELECT is(pg_temp.holds(c), h, '5: ' || c) FROM (VALUES ('attribute_exists(n)', true), ('ATTRIBUTE_EXISTS  (none)', false), ('attribute_not_exists(none)', true),
  ('attribute_type(s, ''S'')', true), ('attribute_type(s, ''N'')', false), ('size(s) = 3', true), ('size(l) > 2', true), ('begins_with(s, ''st'')', true), ('contains(s, ''tr'')', true), ('contains(ss, ''a'')', true), ('contains(l, 1)', true), ('NOT contains(l, 9)', true)) AS x(c, h);
SELECT is(pg_temp.refused(c), e, '5: ' || c) FROM (VALUES
  ('exists(n)', 'Unrecognized function: exists at 1:28:6'), ('n = 1 AND SET_ADD(n, 1)', 'Unrecognized function: set_add at 1:38:7'),
  ('attribute_exists(''n'')', 'Operator or function requires a document path; operator or function: attribute_exists'),
  ('attribute_exists(n, s)', 'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2'),
  ('begins_with(s)', 'Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1'),
  ('attribute_type(n, ''X'')', 'Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}'),
  ('size(s)', 'The function is not allowed to be used this way in an expression; function: size')) AS x(c, e);
SELECT is(pg_temp.refused('attribute_exists(?)', '[{"S": "n"}]'), 'Operator or function requires a document path; operator or function: attribute_exists', '5: attribute_exists of a parameter');
-- conditions are values
SELECT is(pg_temp.holds(c), h, '5: ' || c) FROM (VALUES ('(n = 5) = true', true), ('attribute_exists(n) = t', true), ('(n = 5 AND s = ''x'') = f', true), ('(n BETWEEN 1 AND 9) = (s = ''str'')', true),
  ('(n = 5) = 5', false), ('(n = 5) <> 5', true), ('begins_with(s, ''s'') IN [true, false]', true), ('(n = 6) IN [true]', false), ('(n = 5) = none', false), ('t', true), ('f', false), ('NOT f AND t', true)) AS x(c, h);
SELECT is(pg_temp.refused('n IN [' || repeat('0, ', 100) || '0]'), 'The IN operator is provided with too many operands; number of operands: 101', '5: IN with more than 100 operands');
SELECT is(pg_temp.error('DELETE FROM "None" WHERE n IN (' || repeat('0, ', 100) || '0)'), 'The IN operator is provided with too many operands; number of operands: 101', '5: in any statement');
SELECT * FROM finish();
ROLLBACK;
