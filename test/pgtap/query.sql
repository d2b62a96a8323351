-- Query: operators on S, N and B sort keys, order, filters, projections, what
-- an index shows.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(83);

SELECT ddb_create_table('QueryS', 'pk S', 'sk S') \g /dev/null
SELECT ddb_create_table('QueryN', 'pk S', 'sk N') \g /dev/null
SELECT ddb_create_table('QueryB', 'pk S', 'sk B') \g /dev/null

CREATE FUNCTION pg_temp.b(bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('B', translate(encode($1, 'base64'), E'\n', ''))
$$;
CREATE FUNCTION pg_temp.hex(jsonb) RETURNS text LANGUAGE sql AS $$ SELECT encode(decode($1->>'B', 'base64'), 'hex') $$;

-- neighbours in partition key must never show
SELECT ddb_put('QueryS', jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('S', s)))
FROM unnest(ARRAY['A', 'a', 'ab', 'abc', 'abd', 'b', 'z', 'Ä', 'ä', 'é', 'éa', '€', '😀', '😀a', '日本', '日本語', '~', '0', '10', '9']) s, unnest('{p,q}'::text[]) p \g /dev/null
SELECT ddb_put('QueryN', jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('N', n)))
FROM unnest('{-1E100,-10,-9.5,-9,-1E-100,0,1E-100,1.5,2,9,10,100,1E100}'::text[]) n, unnest('{p,q}'::text[]) p \g /dev/null
SELECT ddb_put('QueryB', jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', pg_temp.b(decode(h, 'hex'))))
FROM unnest('{00,0000,0001,01,7f,80,fe,feff,ff,ff00,fffe,ffff,ffff00,ffffff}'::text[]) h, unnest('{p,q}'::text[]) p \g /dev/null

CREATE FUNCTION pg_temp.s(cond text, vals jsonb DEFAULT '{}', fwd boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(i->'sk'->>'S', ' ' ORDER BY n)
  FROM ddb_query('QueryS', 'pk = :p' || cond, vals || '{":p": {"S": "p"}}', scan_forward => fwd) WITH ORDINALITY q(i, n)
$$;
CREATE FUNCTION pg_temp.n(cond text, vals jsonb DEFAULT '{}', fwd boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(CASE WHEN length(i->'sk'->>'N') > 20 THEN to_char((i->'sk'->>'N')::float8, '9EEEE') ELSE i->'sk'->>'N' END, ' ' ORDER BY n)
  FROM ddb_query('QueryN', 'pk = :p' || cond, vals || '{":p": {"S": "p"}}', scan_forward => fwd) WITH ORDINALITY q(i, n)
$$;
CREATE FUNCTION pg_temp.bin(cond text, a text DEFAULT NULL, b text DEFAULT NULL, fwd boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(pg_temp.hex(i->'sk'), ' ' ORDER BY n)
  FROM ddb_query('QueryB', 'pk = :p' || cond,
    '{":p": {"S": "p"}}' || CASE WHEN a IS NULL THEN '{}' ELSE jsonb_build_object(':a', pg_temp.b(decode(a, 'hex'))) END
                         || CASE WHEN b IS NULL THEN '{}' ELSE jsonb_build_object(':b', pg_temp.b(decode(b, 'hex'))) END,
    scan_forward => fwd) WITH ORDINALITY q(i, n)
$$;

-- strings: the order of their UTF-8 bytes
SELECT is(pg_temp.s(''), '0 10 9 A a ab abc abd b z ~ Ä ä é éa € 日本 日本語 😀 😀a', 'S: all');
SELECT is(pg_temp.s('', fwd => false), '😀a 😀 日本語 日本 € éa é ä Ä ~ z b abd abc ab a A 9 10 0', 'S: backward');
SELECT is(pg_temp.s(' AND sk = :a', '{":a": {"S": "ab"}}'), 'ab', 'S: =');
SELECT is(pg_temp.s(' AND sk < :a', '{":a": {"S": "ab"}}'), '0 10 9 A a', 'S: <');
SELECT is(pg_temp.s(' AND sk <= :a', '{":a": {"S": "ab"}}'), '0 10 9 A a ab', 'S: <=');
SELECT is(pg_temp.s(' AND sk > :a', '{":a": {"S": "€"}}'), '日本 日本語 😀 😀a', 'S: >');
SELECT is(pg_temp.s(' AND sk >= :a', '{":a": {"S": "€"}}'), '€ 日本 日本語 😀 😀a', 'S: >=');
SELECT is(pg_temp.s(' AND sk BETWEEN :a AND :b', '{":a": {"S": "ab"}, ":b": {"S": "b"}}'), 'ab abc abd b', 'S: BETWEEN');
SELECT is(pg_temp.s(' AND sk BETWEEN :a AND :a', '{":a": {"S": "abd"}}'), 'abd', 'S: BETWEEN equals');
SELECT is(pg_temp.s(' AND begins_with(sk, :a)', '{":a": {"S": "ab"}}'), 'ab abc abd', 'S: begins_with');
SELECT is(pg_temp.s(' AND begins_with(sk, :a)', '{":a": {"S": "日本"}}'), '日本 日本語', 'S: begins_with 日本');
SELECT is(pg_temp.s(' AND begins_with(sk, :a)', '{":a": {"S": "é"}}'), 'é éa', 'S: begins_with é');
SELECT is(pg_temp.s(' AND begins_with(sk, :a)', '{":a": {"S": "😀"}}', false), '😀a 😀', 'S: begins_with 😀, backward');
SELECT is(pg_temp.s(' AND begins_with(sk, :a)', '{":a": {"S": "x"}}'), NULL, 'S: begins_with nothing');
SELECT is(pg_temp.s(' AND sk > :a', '{":a": {"S": "😀a"}}'), NULL, 'S: past the end');
SELECT is(pg_temp.s(' AND sk < :a', '{":a": {"S": "0"}}', false), NULL, 'S: before the start');

-- numbers: by value
SELECT is(pg_temp.n(''), '-1e+100 -10 -9.5 -9 -1e-100 0  1e-100 1.5 2 9 10 100  1e+100', 'N: all');
SELECT is(pg_temp.n('', fwd => false), ' 1e+100 100 10 9 2 1.5  1e-100 0 -1e-100 -9 -9.5 -10 -1e+100', 'N: backward');
SELECT is(pg_temp.n(' AND sk = :a', '{":a": {"N": "1.50"}}'), '1.5', 'N: =');
SELECT is(pg_temp.n(' AND sk < :a', '{":a": {"N": "-9"}}'), '-1e+100 -10 -9.5', 'N: <');
SELECT is(pg_temp.n(' AND sk <= :a', '{":a": {"N": "-9.0"}}'), '-1e+100 -10 -9.5 -9', 'N: <=');
SELECT is(pg_temp.n(' AND sk > :a', '{":a": {"N": "9"}}'), '10 100  1e+100', 'N: >');
SELECT is(pg_temp.n(' AND sk >= :a', '{":a": {"N": "9E0"}}'), '9 10 100  1e+100', 'N: >=');
SELECT is(pg_temp.n(' AND sk BETWEEN :a AND :b', '{":a": {"N": "-9.4"}, ":b": {"N": "1.5"}}'), '-9 -1e-100 0  1e-100 1.5', 'N: BETWEEN');
SELECT is(pg_temp.n(' AND sk BETWEEN :a AND :b', '{":a": {"N": "0"}, ":b": {"N": "10"}}', false), '10 9 2 1.5  1e-100 0', 'N: BETWEEN, backward');

-- binaries: unsigned bytes
SELECT is(pg_temp.bin(''), '00 0000 0001 01 7f 80 fe feff ff ff00 fffe ffff ffff00 ffffff', 'B: all');
SELECT is(pg_temp.bin(' AND sk = :a', 'ff'), 'ff', 'B: =');
SELECT is(pg_temp.bin(' AND sk < :a', '01'), '00 0000 0001', 'B: <');
SELECT is(pg_temp.bin(' AND sk <= :a', '01'), '00 0000 0001 01', 'B: <=');
SELECT is(pg_temp.bin(' AND sk > :a', 'ffff'), 'ffff00 ffffff', 'B: >');
SELECT is(pg_temp.bin(' AND sk >= :a', 'ffff'), 'ffff ffff00 ffffff', 'B: >=');
SELECT is(pg_temp.bin(' AND sk BETWEEN :a AND :b', '7f', 'ff'), '7f 80 fe feff ff', 'B: BETWEEN');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', '00'), '00 0000 0001', 'B: begins_with 00');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'fe'), 'fe feff', 'B: begins_with fe');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'feff'), 'feff', 'B: begins_with feff');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'ff'), 'ff ff00 fffe ffff ffff00 ffffff', 'B: begins_with ff');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'ffff'), 'ffff ffff00 ffffff', 'B: begins_with ffff');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'ffff', fwd => false), 'ffffff ffff00 ffff', 'B: begins_with ffff, backward');
SELECT is(pg_temp.bin(' AND begins_with(sk, :a)', 'ffffff'), 'ffffff', 'B: begins_with ffffff');

-- what a key condition can't be
SELECT throws_like(format('SELECT ddb_query(''QueryS'', %L, %L)', c, v), m, c)
FROM (VALUES
  ('sk = :a', '{":a": {"S": "x"}}', 'Query condition missed key schema element: pk'),
  ('pk > :a', '{":a": {"S": "x"}}', 'Query key condition not supported'),
  ('begins_with(pk, :a)', '{":a": {"S": "x"}}', 'Query key condition not supported'),
  ('pk = :a AND sk <> :a', '{":a": {"S": "x"}}', 'Invalid operator used in KeyConditionExpression: <>%'),
  ('pk = :a AND foo = :a', '{":a": {"S": "x"}}', 'Query condition missed key schema element: sk'),
  ('pk = :a AND sk = :b', '{":a": {"S": "x"}, ":b": {"N": "1"}}', 'One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('pk = :a', '{":a": {"N": "1"}}', 'One or more parameter values were invalid: Condition parameter type does not match schema type'),
  ('pk = :a', '{":a": {"S": ""}}', 'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk'),
  ('pk = :a OR sk = :a', '{":a": {"S": "x"}}', 'Invalid operator used in KeyConditionExpression: OR'),
  ('NOT pk = :a', '{":a": {"S": "x"}}', 'Invalid operator used in KeyConditionExpression: NOT'),
  ('pk = :a AND contains(sk, :a)', '{":a": {"S": "x"}}', 'Invalid operator used in KeyConditionExpression: contains'),
  ('pk = :a AND sk IN (:a)', '{":a": {"S": "x"}}', 'Invalid operator used in KeyConditionExpression: IN'),
  ('pk = :a AND sk > :a AND sk < :b', '{":a": {"S": "x"}, ":b": {"S": "z"}}', '%only contain one condition per key%'),
  ('pk = :a AND sk BETWEEN :b AND :a', '{":a": {"S": "x"}, ":b": {"S": "z"}}', '%BETWEEN operator requires upper bound to be greater than or equal to lower bound%'),
  ('pk = :a AND sk BETWEEN :a AND :b', '{":a": {"S": "x"}, ":b": {"N": "1"}}', '%BETWEEN operator requires same data type for lower and upper bounds%'),
  ('pk = :a AND begins_with(sk, :b)', '{":a": {"S": "x"}, ":b": {"N": "1"}}', '%Incorrect operand type for operator or function; operator or function: begins_with, operand type: N'),
  ('pk = :a', NULL, 'Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :a'),
  ('', NULL, 'Invalid KeyConditionExpression: The expression can not be empty;'),
  ('pk = ', NULL, 'Invalid KeyConditionExpression: Syntax error;%')
) c(c, v, m);
SELECT throws_ok('SELECT ddb_query(''QueryS'', NULL)', 'DY001',
  'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.', 'no key condition');
SELECT throws_ok($$SELECT ddb_query('QueryS', 'pk = :a', '{":a": {"S": "x"}}', max_items => 0)$$, 'DY001',
  '1 validation error detected: Value at ''Limit'' failed to satisfy constraint: Member must have value greater than or equal to 1', 'max_items 0');
SELECT is((SELECT array_agg(i->'sk'->>'S') FROM ddb_query('QueryS', 'pk = :a', '{":a": {"S": "p"}}', max_items => 3) i), '{0,10,9}', 'max_items');

-- filters and projections
SELECT ddb_create_table('Shop', 'cust S', 'ord N',
  global_indexes => '{"all": {"partition_key": "st S", "sort_key": "tot N"},
                      "keys": {"partition_key": "st S", "projection": "KEYS_ONLY"},
                      "some": {"partition_key": "st S", "sort_key": "due S", "projection": ["note", "ls"]}}',
  local_indexes => '{"by_total": {"sort_key": "tot N", "projection": "KEYS_ONLY"},
                     "by_due": {"sort_key": "due S", "projection": ["note"]}}') \g /dev/null
SELECT ddb_put('Shop', jsonb_strip_nulls(jsonb_build_object('cust', '{"S": "c1"}'::jsonb, 'ord', jsonb_build_object('N', n::text),
  'st', CASE WHEN n % 2 = 0 THEN '{"S": "open"}'::jsonb END, 'tot', CASE WHEN n <> 3 THEN jsonb_build_object('N', (100 - n)::text) END,
  'due', jsonb_build_object('S', 'd' || n), 'note', jsonb_build_object('S', 'n' || n),
  'ls', jsonb_build_object('L', jsonb_build_array(jsonb_build_object('M', jsonb_build_object('sku', jsonb_build_object('S', 'x' || n), 'qty', jsonb_build_object('N', n::text))))))))
FROM generate_series(1, 6) n \g /dev/null

CREATE FUNCTION pg_temp.shop(idx text, proj text DEFAULT NULL, cond text DEFAULT 'st = :s', vals jsonb DEFAULT '{":s": {"S": "open"}}', flt text DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(ddb_unmarshal(i) ORDER BY n) FROM ddb_query('Shop', cond, vals, index_name => idx, projection => proj, filter => flt) WITH ORDINALITY q(i, n)
$$;
SELECT is(pg_temp.shop(NULL, 'ord', 'cust = :c', '{":c": {"S": "c1"}, ":n": {"S": "n4"}}', 'note >= :n'), '[{"ord": 4}, {"ord": 5}, {"ord": 6}]', 'filter on the table');
SELECT is(pg_temp.shop(NULL, 'ls[0].qty', 'cust = :c AND ord < :o', '{":c": {"S": "c1"}, ":o": {"N": "3"}}'),
  '[{"ls": [{"qty": 1}]}, {"ls": [{"qty": 2}]}]', 'nested projection');
SELECT is(pg_temp.shop(NULL, 'ord', 'cust = :c', '{":c": {"S": "c1"}, ":q": {"N": "5"}}', 'ls[0].qty >= :q'), '[{"ord": 5}, {"ord": 6}]', 'nested filter');
SELECT is(pg_temp.shop(NULL, 'ls[1], ls[0].nix', 'cust = :c AND ord = :o', '{":c": {"S": "c1"}, ":o": {"N": "3"}}'), '[{}]', 'a projection that leaves nothing');
SELECT throws_ok($$SELECT ddb_query('Shop', 'cust = :c', '{":c": {"S": "c1"}}', filter => 'ord > :c')$$, 'DY001',
  'Filter Expression can only contain non-primary key attributes: Primary key attribute: ord', 'a key in a filter');
SELECT throws_ok($$SELECT ddb_query('Shop', 'st = :c', '{":c": {"S": "c1"}}', index_name => 'all', filter => 'tot > :c')$$, 'DY001',
  'Filter Expression can only contain non-primary key attributes: Primary key attribute: tot', 'the index''s key in a filter');
SELECT is(pg_temp.shop('all', 'ord', vals => '{":s": {"S": "open"}, ":c": {"N": "4"}}', flt => 'ord < :c'), '[{"ord": 2}]', 'the table''s key in a filter on an index');

-- what indexes show
SELECT is(pg_temp.shop('all') #> '{0}', '{"ord": 6, "cust": "c1", "st": "open", "tot": 94, "due": "d6", "note": "n6", "ls": [{"sku": "x6", "qty": 6}]}', 'ALL');
SELECT is((SELECT jsonb_agg(x ORDER BY x->'ord') FROM jsonb_array_elements(pg_temp.shop('keys')) x), '[{"ord": 2, "cust": "c1", "st": "open"}, {"ord": 4, "cust": "c1", "st": "open"}, {"ord": 6, "cust": "c1", "st": "open"}]', 'KEYS_ONLY');
SELECT is(pg_temp.shop('some') #> '{0}', '{"ord": 2, "cust": "c1", "st": "open", "due": "d2", "note": "n2", "ls": [{"sku": "x2", "qty": 2}]}', 'INCLUDE');
SELECT is(pg_temp.shop('some', 'ls[0].sku, ord') #> '{0}', '{"ord": 2, "ls": [{"sku": "x2"}]}', 'a projection of it');
SELECT throws_like($$SELECT pg_temp.shop('keys', 'note')$$, '%Global secondary index keys does not project [note]%', 'a global index does not fetch');
SELECT throws_like($$SELECT pg_temp.shop('some', 'ord, tot')$$, '%Global secondary index some does not project [tot]%', 'not even another index''s key');
SELECT throws_like($$SELECT pg_temp.shop('keys', flt => 'note = :s')$$, '%Secondary index keys does not project one or more filter attributes: [note]%', 'nor for a filter');
SELECT is(pg_temp.shop('by_total', cond => 'cust = :c', vals => '{":c": {"S": "c1"}}'),
  '[{"ord": 6, "cust": "c1", "tot": 94}, {"ord": 5, "cust": "c1", "tot": 95}, {"ord": 4, "cust": "c1", "tot": 96}, {"ord": 2, "cust": "c1", "tot": 98}, {"ord": 1, "cust": "c1", "tot": 99}]',
  'a local index shows its projection, and no item without its key');
SELECT is(pg_temp.shop('by_total', 'note', 'cust = :c AND tot > :t', '{":c": {"S": "c1"}, ":t": {"N": "97"}}'), '[{"note": "n2"}, {"note": "n1"}]', 'a local index fetches');
SELECT is(pg_temp.shop('by_due', NULL, 'cust = :c AND begins_with(due, :d)', '{":c": {"S": "c1"}, ":d": {"S": "d3"}}'), '[{"ord": 3, "cust": "c1", "due": "d3", "note": "n3"}]', 'a local index with INCLUDE');
SELECT throws_ok($$SELECT ddb_query('Shop', 'cust = :c', '{":c": {"S": "c1"}}', index_name => 'none')$$, 'DY001', 'The table does not have the specified index: none', 'no such index');
SELECT is((SELECT count(*) FROM ddb_scan('Shop', index_name => 'all')), 3::bigint, 'a scan of a sparse index');
SELECT is((SELECT count(*) FROM ddb_scan('Shop', index_name => 'by_total')), 5::bigint, 'of a sparse local index');
SELECT is((SELECT jsonb_agg(i ORDER BY i->'ord'->>'N') FROM ddb_scan('Shop', index_name => 'keys') i) #> '{2}', '{"ord": {"N": "6"}, "cust": {"S": "c1"}, "st": {"S": "open"}}', 'with its projection');
SELECT is((SELECT count(*) FROM ddb_scan('Shop', 'ord > :o AND cust = :c', '{":o": {"N": "2"}, ":c": {"S": "c1"}}')), 4::bigint, 'a scan may filter by keys');

SELECT * FROM finish();
ROLLBACK;
