-- ExclusiveStartKey: pages of every size put together are the whole, on tables
-- and indexes, both ways, in segments, and after the item a page ended with
-- was deleted.  Segments cover every item once.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(86);

SELECT ddb_create_table('Paged', 'pk S', 'sk N',
  global_indexes => '{"same": {"partition_key": "g S"}, "ties": {"partition_key": "g S", "sort_key": "t N", "projection": "KEYS_ONLY"}, "sparse": {"partition_key": "x B", "sort_key": "y S"}}',
  local_indexes => '{"lsi": {"sort_key": "t N"}}') \g /dev/null
SELECT ddb_create_table('PagedB', 'pk B') \g /dev/null
SELECT ddb_create_table('PagedN', 'pk N', 'sk S') \g /dev/null

-- 40 partitions of 75 items; one value of g; ten of t; x and y for one in ten.
-- One partition key in four is long.
SELECT count(ddb_put('Paged', jsonb_build_object(
    'pk', jsonb_build_object('S', p || CASE WHEN p % 4 = 0 THEN repeat('long', 500) ELSE '' END), 'sk', jsonb_build_object('N', (s - 30)::text),
    'g', '{"S": "all"}'::jsonb, 't', jsonb_build_object('N', (s % 10)::text)) ||
  CASE WHEN s % 10 = 0 THEN jsonb_build_object('x', jsonb_build_object('B', repeat('QUJD', 1 + p % 3)), 'y', jsonb_build_object('S', repeat('y', 1 + s))) ELSE '{}' END))
FROM generate_series(1, 40) p, generate_series(1, 75) s \g /dev/null
SELECT count(ddb_put('PagedB', jsonb_build_object('pk', jsonb_build_object('B', translate(encode(int4send(i), 'base64'), E'\n', ''))))) FROM generate_series(1, 1000) i \g /dev/null
SELECT count(ddb_put('PagedN', jsonb_build_object('pk', jsonb_build_object('N', (i / 7.0)::numeric(20, 5)::text), 'sk', jsonb_build_object('S', i::text)))) FROM generate_series(-500, 500) i \g /dev/null

-- the keys of an item in an index: what LastEvaluatedKey is
CREATE FUNCTION pg_temp.last_key(tbl text, idx text, item jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_object_agg(a, item->a) FROM (SELECT DISTINCT unnest(partition_key || sort_key) AS a FROM ddb.indexes i
    WHERE i.table_name = tbl AND index_name IN ('', COALESCE(idx, ''))) k
$$;

-- query(...) or scan(...) in pages of n
CREATE FUNCTION pg_temp.pages(tbl text, n bigint, cond text, vals jsonb, idx text, fwd boolean, flt text, seg int, total int, proj text DEFAULT NULL)
RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE start jsonb; page jsonb[];
BEGIN
  LOOP
    IF cond IS NOT NULL THEN
      page := ARRAY(SELECT ddb_query(tbl, cond, vals, index_name => idx, scan_forward => fwd, max_items => n, start_key => start, filter => flt));
    ELSE
      page := ARRAY(SELECT ddb_scan(tbl, flt, vals, index_name => idx, segment => seg, total_segments => total, max_items => n, start_key => start));
    END IF;
    RETURN QUERY SELECT unnest(page);
    EXIT WHEN cardinality(page) < n;
    start := pg_temp.last_key(tbl, idx, page[n]);
  END LOOP;
END $$;

CREATE FUNCTION pg_temp.whole(tbl text, cond text, vals jsonb, idx text, fwd boolean, flt text, seg int, total int)
RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN
  IF cond IS NOT NULL THEN
    RETURN QUERY SELECT ddb_query(tbl, cond, vals, index_name => idx, scan_forward => fwd, filter => flt);
  ELSE
    RETURN QUERY SELECT ddb_scan(tbl, flt, vals, index_name => idx, segment => seg, total_segments => total);
  END IF;
END $$;

CREATE FUNCTION pg_temp.same(descr text, tbl text, n bigint, wanted bigint, cond text DEFAULT NULL, vals jsonb DEFAULT NULL, idx text DEFAULT NULL,
                             fwd boolean DEFAULT true, flt text DEFAULT NULL, seg int DEFAULT NULL, total int DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE pages jsonb[]; whole jsonb[];
BEGIN
  pages := ARRAY(SELECT pg_temp.pages(tbl, n, cond, vals, idx, fwd, flt, seg, total));
  whole := ARRAY(SELECT pg_temp.whole(tbl, cond, vals, idx, fwd, flt, seg, total));
  RETURN is(pages = whole AND cardinality(whole) = COALESCE(wanted, cardinality(whole)), true,
            format('%s, pages of %s, %s of %s items', descr, n, cardinality(pages), cardinality(whole)));
END $$;

SELECT pg_temp.same('query', 'Paged', n, 75, 'pk = :p', '{":p": {"S": "7"}}') FROM unnest('{1,7,74,75,76}'::int[]) n;
SELECT pg_temp.same('query backward', 'Paged', n, 75, 'pk = :p', '{":p": {"S": "7"}}', fwd => false) FROM unnest('{1,7,75}'::int[]) n;
SELECT pg_temp.same('query of a long key', 'Paged', 10, 75, 'pk = :p', jsonb_build_object(':p', jsonb_build_object('S', '4' || repeat('long', 500))));
SELECT pg_temp.same('query with bounds', 'Paged', n, 21, 'pk = :p AND sk BETWEEN :a AND :b', '{":p": {"S": "7"}, ":a": {"N": "-10"}, ":b": {"N": "10"}}', fwd => f)
FROM unnest('{1,7,20,21}'::int[]) n, unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('query with an open end', 'Paged', 4, 44, 'pk = :p AND sk > :a', '{":p": {"S": "7"}, ":a": {"N": "1"}}', fwd => f) FROM unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('scan', 'Paged', n, 3000) FROM unnest('{97,1000,3000}'::int[]) n;
SELECT pg_temp.same('scan, B keys', 'PagedB', n, 1000) FROM unnest('{13,999}'::int[]) n;
SELECT pg_temp.same('scan, N keys', 'PagedN', n, 1001) FROM unnest('{13,1000}'::int[]) n;
SELECT pg_temp.same('3000 equal index keys', 'Paged', n, 3000, 'g = :g', '{":g": {"S": "all"}}', 'same', f) FROM unnest('{97,1001}'::int[]) n, unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('320 ties in a sort key', 'Paged', n, 320, 'g = :g AND t = :t', '{":g": {"S": "all"}, ":t": {"N": "5"}}', 'ties', f) FROM unnest('{17,320}'::int[]) n, unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('ties with bounds', 'Paged', 97, 880, 'g = :g AND t BETWEEN :t AND :u', '{":g": {"S": "all"}, ":t": {"N": "5"}, ":u": {"N": "7"}}', 'ties', f) FROM unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('local index', 'Paged', n, 75, 'pk = :p', '{":p": {"S": "7"}}', 'lsi', f) FROM unnest('{1,8,75}'::int[]) n, unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('local index with bounds', 'Paged', 5, 14, 'pk = :p AND t >= :t', '{":p": {"S": "7"}, ":t": {"N": "8"}}', 'lsi', f) FROM unnest('{t,f}'::boolean[]) f;
SELECT pg_temp.same('scan of a sparse index', 'Paged', n, 280, idx => 'sparse') FROM unnest('{1,30,279}'::int[]) n;
SELECT pg_temp.same('scan of a local index', 'Paged', 271, 3000, idx => 'lsi');
SELECT pg_temp.same('scan of equal index keys', 'Paged', 271, 3000, idx => 'ties');
SELECT pg_temp.same('segment ' || s, 'Paged', 101, NULL, seg => s, total => 3) FROM generate_series(0, 2) s;
SELECT pg_temp.same('segment of an index ' || s, 'Paged', 11, NULL, idx => 'sparse', seg => s, total => 2) FROM generate_series(0, 1) s;

-- segments: together everything, and nothing twice
CREATE FUNCTION pg_temp.segments(tbl text, idx text, total int) RETURNS SETOF jsonb LANGUAGE sql AS $$
  SELECT i FROM generate_series(0, total - 1) s, ddb_scan(tbl, index_name => idx, segment => s, total_segments => total) i
$$;
SELECT is((SELECT count(*) || ' ' || count(DISTINCT i) FROM pg_temp.segments('Paged', NULL, n) i), '3000 3000', n || ' segments of a table') FROM generate_series(1, 7) n;
SELECT is((SELECT count(*) || ' ' || count(DISTINCT i) FROM pg_temp.segments('PagedN', NULL, n) i), '1001 1001', n || ' segments, N keys') FROM unnest('{2,7,1000}'::int[]) n;
SELECT is((SELECT count(*) || ' ' || count(DISTINCT i) FROM pg_temp.segments('Paged', 'sparse', n) i), '280 280', n || ' segments of an index') FROM unnest('{3,7}'::int[]) n;
SELECT is((SELECT count(*) FROM generate_series(0, 6) s WHERE (SELECT count(*) FROM ddb_scan('PagedB', segment => s, total_segments => 7)) BETWEEN 90 AND 200), 7::bigint, 'segments are of like size');
SELECT is((SELECT count(*) FROM ddb_scan('PagedB', segment => 999999, total_segments => 1000000)) < 5, true, 'a million segments');

-- the item a page ended with may be gone
SELECT is((SELECT array_agg((i->'sk'->>'N')::int) FROM ddb_query('Paged', 'pk = :p', '{":p": {"S": "9"}}', start_key => '{"pk": {"S": "9"}, "sk": {"N": "0.5"}}', max_items => 2) i), '{1,2}', 'a start that never was');
SELECT ddb_delete('Paged', '{"pk": {"S": "9"}, "sk": {"N": "10"}}') \g /dev/null
SELECT is((SELECT array_agg((i->'sk'->>'N')::int) FROM ddb_query('Paged', 'pk = :p', '{":p": {"S": "9"}}', start_key => '{"pk": {"S": "9"}, "sk": {"N": "10"}}', max_items => 2) i), '{11,12}', 'a deleted start');
SELECT is((SELECT array_agg((i->'sk'->>'N')::int) FROM ddb_query('Paged', 'pk = :p', '{":p": {"S": "9"}}', start_key => '{"pk": {"S": "9"}, "sk": {"N": "1E1"}}', max_items => 2, scan_forward => false) i), '{9,8}', 'backward');
CREATE TEMP TABLE walk AS SELECT i, n FROM ddb_query('Paged', 'g = :g', '{":g": {"S": "all"}}', index_name => 'same') WITH ORDINALITY q(i, n);
SELECT ddb_delete('Paged', jsonb_build_object('pk', i->'pk', 'sk', i->'sk')) FROM walk WHERE n = 1500 \g /dev/null
SELECT is((SELECT array_agg(q ORDER BY o) FROM ddb_query('Paged', 'g = :g', '{":g": {"S": "all"}}', index_name => 'same', start_key => pg_temp.last_key('Paged', 'same', (SELECT i FROM walk WHERE n = 1500))) WITH ORDINALITY x(q, o))
        = (SELECT array_agg(i ORDER BY n) FROM walk WHERE n > 1500), true, 'a deleted start among equal index keys');
SELECT is((SELECT array_agg(q ORDER BY o) FROM ddb_query('Paged', 'g = :g', '{":g": {"S": "all"}}', index_name => 'same', scan_forward => false, start_key => pg_temp.last_key('Paged', 'same', (SELECT i FROM walk WHERE n = 1500))) WITH ORDINALITY x(q, o))
        = (SELECT array_agg(i ORDER BY n DESC) FROM walk WHERE n < 1500), true, 'backward');

-- starts that can't be
SELECT throws_like(format('SELECT ddb_query(''Paged'', ''pk = :p AND sk > :a'', ''{":p": {"S": "9"}, ":a": {"N": "0"}}'', start_key => %L)', k), m, k)
FROM (VALUES ('{"pk": {"S": "9"}}', 'The provided starting key is invalid%'),
             ('{"pk": {"S": "9"}, "sk": {"S": "1"}}', 'The provided starting key is invalid%'),
             ('{"pk": {"S": "9"}, "sk": {"N": "1"}, "g": {"S": "all"}}', 'The provided starting key is invalid%'),
             ('{"pk": {"S": "8"}, "sk": {"N": "1"}}', 'The provided starting key is outside query boundaries based on provided conditions'),
             ('{"pk": {"S": "9"}, "sk": {"N": "-1"}}', 'The provided starting key does not match the range key predicate')) c(k, m);
SELECT throws_like($$SELECT ddb_query('Paged', 'g = :g', '{":g": {"S": "all"}}', index_name => 'same', start_key => '{"g": {"S": "all"}}')$$, 'The provided starting key is invalid%', 'an index''s start needs the table''s key');
SELECT throws_like(q, m, q) FROM (VALUES
  ($$SELECT ddb_scan('Paged', segment => 1)$$, 'The TotalSegments parameter is required%'),
  ($$SELECT ddb_scan('Paged', total_segments => 1)$$, 'The Segment parameter is required%'),
  ($$SELECT ddb_scan('Paged', segment => 3, total_segments => 3)$$, 'The Segment parameter is zero-based and must be less than parameter TotalSegments'),
  ($$SELECT ddb_scan('Paged', segment => 0, total_segments => 0)$$, '%Value ''0'' at ''totalSegments''%greater than or equal to 1'),
  ($$SELECT ddb_scan('Paged', segment => -1, total_segments => 2)$$, '%Value at ''Segment''%greater than or equal to 0'),
  ($$SELECT ddb_scan('Paged', segment => 0, total_segments => -2)$$, '%Value ''-2'' at ''totalSegments''%greater than or equal to 1'),
  ($$SELECT ddb_scan('Paged', segment => 0, total_segments => 1000001)$$, '%Value ''1000001'' at ''totalSegments''%less than or equal to 1000000')) c(q, m);

SELECT * FROM finish();
ROLLBACK;
