-- JSON of requests becomes the very jsonb that PostgreSQL makes of it, and what is no
-- JSON is refused.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(13);

-- record_image_eq compares bytes
SELECT is(count(*) FILTER (WHERE NOT record_image_eq(ROW(ddb_jsonb(j::json)), ROW(j::jsonb))), 0::bigint, 'documents')
FROM (VALUES ('{}'), ('[]'), ('[[],{},[{}]]'), (' { "a" : [ 1 , -0.50 , 1e5,1E-7,0 ,12345678901234567890.123e+10 ] , "b":{"b":null} }'),
  ('{"b":1,"a":2,"b":{"x":[]},"aa":true,"":false,"b":3,"a":[]}'), ('["","\"\\\/\b\f\n\r\t\u0041\u00e4\u20ac\ud83d\ude00\u001f\u007f"]'),
  ('"ä€😀"'), ('-7.50'), ('true'), ('false'), ('null'), ('"\u00e4"'), (E'\t\n\r [1] '), ('{"\u0061":1,"a":2}')) v(j);
SELECT is(count(*) FILTER (WHERE NOT record_image_eq(ROW(ddb_jsonb(j::json)), ROW(j::jsonb))), 0::bigint, 'arrays of many lengths')
FROM generate_series(0, 200) n, LATERAL (SELECT '[' || coalesce(string_agg(CASE i % 5 WHEN 0 THEN i::text WHEN 1 THEN '"' || repeat('x', i) || '"' WHEN 2 THEN '[' || i || ']' WHEN 3 THEN 'null' ELSE '{"a":' || i || '}' END, ','), '') || ']'
                                         FROM generate_series(1, n) i) s(j);
SELECT is(count(*) FILTER (WHERE NOT record_image_eq(ROW(ddb_jsonb(j::json)), ROW(j::jsonb))), 0::bigint, 'objects of many sizes, with names twice')
FROM generate_series(0, 200) n, LATERAL (SELECT '{' || coalesce(string_agg('"' || substr(md5((i * 7 % 61)::text), 1, 1 + i % 7) || '":' || i, ','), '') || '}'
                                         FROM generate_series(1, n) i) s(j);

-- documents made at random
CREATE FUNCTION pg_temp.random_json(depth integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n integer := floor(random() * 8);
  result text;
BEGIN
  CASE floor(random() * CASE WHEN depth > 5 THEN 5 ELSE 8 END)
    WHEN 0 THEN RETURN (random() * 10 ^ (random() * 20 - 10)::integer)::numeric::text;
    WHEN 1 THEN RETURN (ARRAY['true', 'false', 'null', '0', '-1'])[1 + floor(random() * 5)];
    WHEN 2, 3, 4 THEN
      RETURN '"' || (SELECT coalesce(string_agg((ARRAY['a', 'ä', '😀', '\\', '\"', '\n', '\u0009', '\u00fc', '\ud83d\ude00', ' '])[1 + floor(random() * 10)], ''), '')
                     FROM generate_series(1, n)) || '"';
    WHEN 5 THEN
      RETURN '[' || (SELECT coalesce(string_agg(pg_temp.random_json(depth + 1), ' , '), '') FROM generate_series(1, n)) || ']';
    ELSE
      RETURN '{' || (SELECT coalesce(string_agg('"' || substr(md5(random()::text), 1, 1 + floor(random() * 2)::integer) || '" :' || pg_temp.random_json(depth + 1), ','), '')
                     FROM generate_series(1, n)) || '}';
  END CASE;
END $$;
SELECT setseed(0.7) \g /dev/null
SELECT is(count(*) FILTER (WHERE NOT record_image_eq(ROW(ddb_jsonb(j::json)), ROW(j::jsonb))), 0::bigint, 'documents made at random')
FROM (SELECT pg_temp.random_json(0) FROM generate_series(1, 2000)) s(j);

-- U+0000 and U+0001 in stored form
SELECT is(ddb_jsonb('{"a\u0000":"\u0000\u0001b\u0002","\\u0000":"\\\u0001"}')::text, '{"a\u0001\u0001": "\u0001\u0001\u0001\u0002b\u0002", "\\u0000": "\\\u0001\u0002"}', 'escapes');
SELECT is(ddb_json(ddb_jsonb('"\u0000"'))::text, '"\u0000"', 'a scalar with one');

-- what is no JSON, as the endpoint meets it (for ddb_jsonb, type json has looked at it before)
CREATE FUNCTION pg_temp.json_read(text) RETURNS jsonb AS '$libdir/ddb', 'ddb_jsonb' LANGUAGE C STRICT;
CREATE FUNCTION pg_temp.refusal(j text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.json_read(j);
  RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.refusal_of_core(j text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM j::jsonb;
  RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT is(string_agg(j, ' ' ORDER BY j) FILTER (WHERE pg_temp.refusal(j) <> '22P02'), NULL, 'malformed')
FROM unnest(ARRAY['', ' ', '{', '}', '[', ']', '[1', '[1,', '[1,]', '[,]', '{,}', '{"a"}', '{"a":}', '{"a":1,}', '{"a" 1}', '{a:1}', '{1:1}', '[1 2]', '[1]]', '{}{}', 'tru', 'nul', 'truex', 'True',
  '"', '"a', '"\', '"\x"', '"\u"', '"\u12"', '"\u12g4"', '"\ud83d"', '"\ud83dx"', '"\ud83d\u0041"', '"\ude00"', E'"\n"', E'"\t"', E'"\x01"', '-', '+1', '01', '.5', '1.', '1.e5', '1e', '1e+', '--1', '0x1', 'NaN', '[1}', '{"a":1]', E'[1]\x0b']) j;
SELECT is(count(*) FILTER (WHERE (pg_temp.refusal(j) = 'taken') IS DISTINCT FROM (pg_temp.refusal_of_core(j) = 'taken')), 0::bigint, 'PostgreSQL refuses the same')
FROM (SELECT overlay(pg_temp.random_json(0) PLACING (ARRAY['', ',', '"', '\', '{', '}', '[', ']', ':', 'e', '.', '-', 'u', '0', ' '])[1 + floor(random() * 15)] FROM 1 + floor(random() * 30)::integer FOR floor(random() * 3)::integer)
      FROM generate_series(1, 3000)) s(j)
WHERE j !~ '\\u000[01]';
SELECT is(pg_temp.refusal(repeat('[', 900) || repeat(']', 900)), 'taken', 'deep');
SELECT is(pg_temp.refusal(repeat('[', n) || repeat(']', n)), '54001', 'too deep: ' || n) FROM unnest('{1001,1000000}'::integer[]) n;
SELECT is(pg_temp.refusal('[' || repeat('0,', 4600000) || '0]'), '54000', 'too many values');

-- as many members as there may be, in an order that is bad for quicksort
SELECT ok((SELECT count(*) FROM jsonb_object_keys(pg_temp.json_read('{' || (SELECT string_agg(format('"%s":1', CASE WHEN i % 2 = 0 THEN i ELSE 200000 - i END), ',') FROM generate_series(1, 200000) i) || '}'))) = 200000, 'many members');

SELECT * FROM finish();
ROLLBACK;
