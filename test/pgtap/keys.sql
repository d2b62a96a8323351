-- Key values: types, canonical numbers, limits, index keys, names of all kinds.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(104);

SELECT ddb_create_table('KeysS', 'pk S', 'sk S',
  global_indexes => '{"gsi": {"partition_key": "gp S", "sort_key": "gs N"}, "bin": {"partition_key": "gb B"}}',
  local_indexes => '{"lsi": {"sort_key": "ls S"}}') \g /dev/null
SELECT ddb_create_table('KeysN', 'pk N', 'sk N') \g /dev/null
SELECT ddb_create_table('KeysB', 'pk B', 'sk B') \g /dev/null

CREATE FUNCTION pg_temp.put(item jsonb, table_name text DEFAULT 'KeysS') RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_put(table_name, item, return_values => 'ALL_OLD')
$$;
CREATE FUNCTION pg_temp.s(text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('S', $1) $$;
CREATE FUNCTION pg_temp.b(bytea) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('B', translate(encode($1, 'base64'), E'\n', ''))
$$;
CREATE FUNCTION pg_temp.key(pk jsonb, sk jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('pk', pk, 'sk', sk) $$;

-- equal numbers are one key
SELECT ddb_put('KeysN', '{"pk": {"N": "100"}, "sk": {"N": "-0.5"}, "v": {"S": "x"}}') \g /dev/null
SELECT is(ddb_get('KeysN', format('{"pk": {"N": "%s"}, "sk": {"N": "%s"}}', p, s)::jsonb),
          '{"pk": {"N": "100"}, "sk": {"N": "-0.5"}, "v": {"S": "x"}}', format('%s, %s', p, s))
FROM (VALUES ('100', '-0.5'), ('1e2', '-5E-1'), ('100.000', '-.5'), ('+100', '-0.50'), ('00100', '-00.5'), ('0.1E+3', '-50e-2')) n(p, s);
SELECT is(pg_temp.put('{"pk": {"N": "1E2"}, "sk": {"N": "-0.500"}, "v": {"S": "y"}}', 'KeysN') -> 'v', '{"S": "x"}', 'overwrite in another spelling');
SELECT is((SELECT array_agg(i) FROM ddb_scan('KeysN') i), ARRAY['{"pk": {"N": "100"}, "sk": {"N": "-0.5"}, "v": {"S": "y"}}'::jsonb], 'one item, canonical');
SELECT is(pg_temp.put('{"pk": {"N": "0"}, "sk": {"N": "0"}, "v": {"S": "zero"}}', 'KeysN'), NULL, 'zero');
SELECT is(ddb_get('KeysN', '{"pk": {"N": "-0.0"}, "sk": {"N": "0E5"}}') -> 'v', '{"S": "zero"}', 'minus zero is zero');
SELECT is(ddb_delete('KeysN', '{"pk": {"N": "0e-9"}, "sk": {"N": "-0"}}', return_values => 'ALL_OLD') -> 'v', '{"S": "zero"}', 'delete in another spelling');

-- 38 digits, and no fewer
SELECT is(pg_temp.put(format('{"pk": {"N": "%s"}, "sk": {"N": "%s"}}', p, s)::jsonb, 'KeysN'), NULL, format('put %s, %s', p, s))
FROM (VALUES ('12345678901234567890123456789012345678', '0.12345678901234567890123456789012345678'),
             ('12345678901234567890123456789012345679', '-99999999999999999999999999999999999999'),
             ('9.9999999999999999999999999999999999999E+125', '1E-130'),
             ('-9.9999999999999999999999999999999999999E+125', '-1E-130')) n(p, s);
SELECT is(ddb_get('KeysN', '{"pk": {"N": "12345678901234567890123456789012345678"}, "sk": {"N": "0.12345678901234567890123456789012345678"}}') -> 'pk' ->> 'N',
          '12345678901234567890123456789012345678', '38 digits come back');
SELECT is(ddb_get('KeysN', '{"pk": {"N": "12345678901234567890123456789012345679"}, "sk": {"N": "0.12345678901234567890123456789012345678"}}'), NULL, 'the last digit counts');
SELECT throws_like($$SELECT ddb_put('KeysN', '{"pk": {"N": "123456789012345678901234567890123456789"}, "sk": {"N": "1"}}')$$, '%more than 38 significant digits%', '39 digits');
SELECT throws_like($$SELECT ddb_put('KeysN', '{"pk": {"N": "1E126"}, "sk": {"N": "1"}}')$$, '%Number overflow%', 'too large');
SELECT throws_like($$SELECT ddb_put('KeysN', '{"pk": {"N": "1E-131"}, "sk": {"N": "1"}}')$$, '%Number underflow%', 'too small');
SELECT throws_like(format('SELECT ddb_get(''KeysN'', %L)', format('{"pk": {"N": "%s"}, "sk": {"N": "1"}}', n)), '%cannot be converted to a numeric value%', format('not a number: "%s"', n))
FROM unnest('{x,1x,NaN,Infinity,0x10,1 2,--1,1e}'::text[]) n;
SELECT throws_ok($$SELECT ddb_get('KeysN', '{"pk": {"N": 1}, "sk": {"N": "1"}}')$$, 'DY011', 'NUMBER_VALUE cannot be converted to String', 'a JSON number is no N');

-- binary keys
SELECT is(pg_temp.put(pg_temp.key(pg_temp.b('\x00ff'), pg_temp.b('\xff')), 'KeysB'), NULL, 'put B');
SELECT is(ddb_get('KeysB', pg_temp.key(pg_temp.b('\x00ff'), pg_temp.b('\xff'))), pg_temp.key('{"B": "AP8="}', '{"B": "/w=="}'), 'get B');
SELECT is(ddb_get('KeysB', pg_temp.key(pg_temp.b('\x00ff'), pg_temp.b('\xff00'))), NULL, 'a longer B is another');
SELECT throws_ok($$SELECT ddb_get('KeysB', '{"pk": {"B": "AP8"}, "sk": {"B": "/w=="}}')$$, 'DY011', NULL, 'no base64');

-- limits: 2048 and 1024 bytes, of UTF-8 or of the binary itself
SELECT is(pg_temp.put(pg_temp.key(pg_temp.s(repeat('p', 2048)), pg_temp.s(repeat('s', 1024)))), NULL, 'the longest S keys');
SELECT is(ddb_get('KeysS', pg_temp.key(pg_temp.s(repeat('p', 2048)), pg_temp.s(repeat('s', 1024)))) IS NULL, false, 'are found');
SELECT is(ddb_get('KeysS', pg_temp.key(pg_temp.s(repeat('p', 2047) || 'q'), pg_temp.s(repeat('s', 1024)))), NULL, 'and told from others that begin alike');
SELECT is(pg_temp.put(pg_temp.key(pg_temp.s(repeat('ä', 1024)), pg_temp.s(repeat('€', 341)))), NULL, 'characters of several bytes');
SELECT is(pg_temp.put(pg_temp.key(pg_temp.b(decode(repeat('ff', 2048), 'hex')), pg_temp.b(decode(repeat('00', 1024), 'hex'))), 'KeysB'), NULL, 'the longest B keys');
SELECT is(ddb_get('KeysB', pg_temp.key(pg_temp.b(decode(repeat('ff', 2048), 'hex')), pg_temp.b(decode(repeat('00', 1024), 'hex')))) IS NULL, false, 'are found');
SELECT throws_ok(format('SELECT %s', q), 'DY001', 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes', 'partition key too long: ' || d)
FROM (VALUES ($$ddb_put('KeysS', pg_temp.key(pg_temp.s(repeat('p', 2049)), pg_temp.s('s')))$$, 'put'),
             ($$ddb_put('KeysS', pg_temp.key(pg_temp.s(repeat('ä', 1024) || 'x'), pg_temp.s('s')))$$, 'put, UTF-8'),
             ($$ddb_get('KeysS', pg_temp.key(pg_temp.s(repeat('p', 2049)), pg_temp.s('s')))$$, 'get'),
             ($$ddb_update('KeysS', pg_temp.key(pg_temp.s(repeat('p', 2049)), pg_temp.s('s')))$$, 'update'),
             ($$ddb_delete('KeysB', pg_temp.key(pg_temp.b(decode(repeat('00', 2049), 'hex')), pg_temp.b('\x00')))$$, 'delete, B')) q(q, d);
SELECT throws_ok(format('SELECT %s', q), 'DY001', 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes', 'sort key too long: ' || d)
FROM (VALUES ($$ddb_put('KeysS', pg_temp.key(pg_temp.s('p'), pg_temp.s(repeat('s', 1025))))$$, 'put'),
             ($$ddb_get('KeysS', pg_temp.key(pg_temp.s('p'), pg_temp.s(repeat('s', 1025))))$$, 'get'),
             ($$ddb_put('KeysB', pg_temp.key(pg_temp.b('\x00'), pg_temp.b(decode(repeat('00', 1025), 'hex'))))$$, 'put, B'),
             ($$ddb_put('KeysS', pg_temp.key(pg_temp.s('p'), pg_temp.s('s')) || jsonb_build_object('ls', pg_temp.s(repeat('s', 1025))))$$, 'of a local index')) q(q, d);

-- what is wrong with a put's key
SELECT throws_ok(format('SELECT ddb_put(''KeysS'', %L)', item), 'DY001', message, message)
FROM (VALUES
  ('{}', 'One or more parameter values were invalid: Missing the key pk in the item'),
  ('{"sk": {"S": "s"}}', 'One or more parameter values were invalid: Missing the key pk in the item'),
  ('{"pk": {"S": "p"}}', 'One or more parameter values were invalid: Missing the key sk in the item'),
  ('{"pk": {"N": "1"}, "sk": {"S": "s"}}', 'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N'),
  ('{"pk": {"S": "p"}, "sk": {"SS": ["s"]}}', 'One or more parameter values were invalid: Type mismatch for key sk expected: S actual: SS'),
  ('{"pk": {"S": ""}, "sk": {"S": "s"}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('{"pk": {"S": "p"}, "sk": {"S": ""}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: sk'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "gp": {"N": "1"}}', 'One or more parameter values were invalid: Type mismatch for Index Key gp Expected: S Actual: N IndexName: gsi'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "gs": {"S": "1"}}', 'One or more parameter values were invalid: Type mismatch for Index Key gs Expected: N Actual: S IndexName: gsi'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "gp": {"NULL": true}}', 'One or more parameter values were invalid: Type mismatch for Index Key gp Expected: S Actual: NULL IndexName: gsi'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "ls": {"BOOL": true}}', 'One or more parameter values were invalid: Type mismatch for Index Key ls Expected: S Actual: BOOL IndexName: lsi'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "gp": {"S": ""}}', 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi, IndexKey: gp'),
  ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "gb": {"B": ""}}', 'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: bin, IndexKey: gb')
) c(item, message);
SELECT throws_ok($$SELECT ddb_put('KeysB', '{"pk": {"B": ""}, "sk": {"B": "/w=="}}')$$, 'DY001',
  'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk', 'an empty binary');

-- what is wrong with a Key
SELECT throws_ok(format('SELECT %s(''KeysS'', %L)', f, key), 'DY001', 'The provided key element does not match the schema', f || ' ' || key)
FROM (VALUES ('{}'), ('{"pk": {"S": "p"}}'), ('{"pk": {"S": "p"}, "sk": {"N": "1"}}'), ('{"pk": {"S": "p"}, "sk": {"S": "s"}, "x": {"S": "s"}}'),
             ('{"pk": {"S": "p"}, "xk": {"S": "s"}}')) k(key), (VALUES ('ddb_get'), ('ddb_update'), ('ddb_delete')) f(f);
SELECT throws_ok($$SELECT ddb_get('KeysS', '{"pk": {"S": ""}, "sk": {"S": "s"}}')$$, 'DY001',
  'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk', 'an empty string in a Key');

-- updates of index keys: the index follows
CREATE FUNCTION pg_temp.gsi(text) RETURNS text[] LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(i->'sk'->>'S' ORDER BY n) FROM ddb_query('KeysS', 'gp = :p', format('{":p": {"S": "%s"}}', $1)::jsonb, index_name => 'gsi') WITH ORDINALITY q(i, n)
$$;
CREATE FUNCTION pg_temp.lsi() RETURNS text[] LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(i->'sk'->>'S' ORDER BY n) FROM ddb_query('KeysS', 'pk = :p', '{":p": {"S": "i"}}', index_name => 'lsi') WITH ORDINALITY q(i, n)
$$;
CREATE FUNCTION pg_temp.upd(sk text, how text, vals jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_update('KeysS', pg_temp.key(pg_temp.s('i'), pg_temp.s(sk)), how, "values" => vals)
$$;
SELECT ddb_put('KeysS', pg_temp.key(pg_temp.s('i'), pg_temp.s(s)) || '{"gp": {"S": "g"}}' || jsonb_build_object('gs', jsonb_build_object('N', n::text), 'ls', pg_temp.s(l)))
FROM (VALUES ('1', 30, 'c'), ('2', 20, 'b'), ('3', 10, 'a')) v(s, n, l) \g /dev/null
SELECT is(pg_temp.gsi('g'), '{3,2,1}', 'in the order of the index');
SELECT is(pg_temp.lsi(), '{3,2,1}', 'in the order of the local index');
SELECT pg_temp.upd('3', 'SET gs = :n, ls = :l', '{":n": {"N": "100"}, ":l": {"S": "d"}}') \g /dev/null
SELECT is(pg_temp.gsi('g'), '{2,1,3}', 'a changed sort key moves it');
SELECT is(pg_temp.lsi(), '{2,1,3}', 'in the local index, too');
SELECT pg_temp.upd('2', 'SET gp = :g REMOVE ls', '{":g": {"S": "h"}}') \g /dev/null
SELECT is(pg_temp.gsi('g'), '{1,3}', 'a changed partition key takes it away');
SELECT is(pg_temp.gsi('h'), '{2}', 'to another collection');
SELECT is(pg_temp.lsi(), '{1,3}', 'a removed key takes it out');
SELECT pg_temp.upd('1', 'REMOVE gp') \g /dev/null
SELECT is(pg_temp.gsi('g'), '{3}', 'removed from the global index');
SELECT pg_temp.upd('1', 'SET gp = :g ADD gs :n', '{":g": {"S": "g"}, ":n": {"N": "1000"}}') \g /dev/null
SELECT is(pg_temp.gsi('g'), '{3,1}', 'added again');
SELECT throws_ok($$SELECT pg_temp.upd('1', 'SET gp = :g', '{":g": {"N": "1"}}')$$, 'DY001',
  'One or more parameter values were invalid: Type mismatch for Index Key gp Expected: S Actual: N IndexName: gsi', 'update to another type');
SELECT throws_ok($$SELECT ddb_update('KeysS', '{"pk": {"S": "a"}, "sk": {"S": "a"}}', 'SET gp = if_not_exists(nowhere, :v)', "values" => '{":v": {"N": "1"}}')$$, 'DY001',
  'The update expression attempted to update the secondary index key to unsupported type', 'update to another type that is computed');
SELECT throws_ok($$SELECT pg_temp.upd('1', 'SET gp = :g', '{":g": {"S": ""}}')$$, 'DY001',
  'One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.', 'update to an empty string');
SELECT is(pg_temp.gsi('g'), '{3,1}', 'and nothing changed');
SELECT ddb_delete('KeysS', pg_temp.key(pg_temp.s('i'), pg_temp.s('3'))) \g /dev/null
SELECT is(pg_temp.gsi('g'), '{1}', 'a deleted item is in no index');

-- names of all kinds, as keys and attributes
SELECT ddb_create_table('Names', 'a "quoted" name S', 'with.dot N',
  global_indexes => '{"item": {"partition_key": "item S", "sort_key": "Ünïcödé 😀 S"}}') \g /dev/null
SELECT is(ddb_put('Names', '{"a \"quoted\" name": {"S": "x''y"}, "with.dot": {"N": "1"}, "item": {"S": "i"}, "Ünïcödé 😀": {"S": "ß"}, "a.b[0]": {"S": "odd"}}'), NULL, 'odd names');
SELECT is(ddb_get('Names', '{"a \"quoted\" name": {"S": "x''y"}, "with.dot": {"N": "1.0"}}', '#o', '{"#o": "a.b[0]"}'), '{"a.b[0]": {"S": "odd"}}', 'get by odd names');
SELECT is((SELECT i->'a.b[0]' FROM ddb_query('Names', '#i = :i AND begins_with(#u, :u)', '{":i": {"S": "i"}, ":u": {"S": "ß"}}', '{"#i": "item", "#u": "Ünïcödé 😀"}', 'item') i),
  '{"S": "odd"}', 'query by odd names');
SELECT is(ddb_update('Names', '{"a \"quoted\" name": {"S": "x''y"}, "with.dot": {"N": "1"}}', 'SET #o = :o', names => '{"#o": "a.b[0]"}', "values" => '{":o": {"S": "new"}}', return_values => 'UPDATED_NEW'),
  '{"a.b[0]": {"S": "new"}}', 'update by odd names');
SELECT throws_ok($$SELECT ddb_update('Names', '{"a \"quoted\" name": {"S": "x''y"}, "with.dot": {"N": "1"}}', 'REMOVE #k', names => '{"#k": "with.dot"}')$$, 'DY001',
  'One or more parameter values were invalid: Cannot update attribute with.dot. This attribute is part of the key', 'a key behind a placeholder');

SELECT cmp_ok(ddb_index_check(c.oid), '>', 0::bigint, c.relname || ' is whole')
FROM (SELECT oid, relname FROM pg_class WHERE relkind = 'i' AND relnamespace = 'ddb_data'::regnamespace
        AND relname IN (SELECT relname FROM ddb.indexes WHERE table_name ~ '^(Keys|Names)' AND index_name <> 'bin')
      ORDER BY relname) c;

SELECT * FROM finish();
ROLLBACK;
