-- The functions as parts of SQL: LIMIT, joins, cursors, loops, nested calls,
-- what a statement sees of its own writes.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(39);

SELECT ddb_create_table('Used', 'pk S', 'sk N', global_indexes => '{"gsi": {"partition_key": "g S"}}') \g /dev/null
SELECT ddb_create_table('Copy', 'pk S', 'sk N') \g /dev/null
SELECT count(ddb_put('Used', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 2), 'sk', jsonb_build_object('N', i::text), 'g', '{"S": "g"}'::jsonb, 'fill', jsonb_build_object('S', repeat('x', 300)))))
FROM generate_series(1, 10000) i \g /dev/null

-- how many pages a statement touches in the session's buffers
CREATE FUNCTION pg_temp.pages(q text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || q INTO plan;
  RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
END $$;
SELECT pg_temp.pages($$SELECT ddb_scan('Used') LIMIT 1$$) \g /dev/null
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_scan('Used')$$), '>', 400::bigint, 'a whole scan reads many pages');
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_scan('Used') LIMIT 10$$), '<', 60::bigint, 'LIMIT stops a scan');
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}') LIMIT 10$$), '<', 60::bigint, 'LIMIT stops a query');
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_query('Used', 'g = :p', '{":p": {"S": "g"}}', index_name => 'gsi') LIMIT 10$$), '<', 60::bigint, 'LIMIT stops a query of an index');
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}', scan_forward => false, start_key => '{"pk": {"S": "p1"}, "sk": {"N": "5001"}}') LIMIT 10$$), '<', 60::bigint, 'wherever it starts');
SELECT cmp_ok(pg_temp.pages($$SELECT * FROM ddb_scan('Used', max_items => 10)$$), '<', 60::bigint, 'max_items stops a scan in FROM');
SELECT cmp_ok(pg_temp.pages($$SELECT ddb_get('Used', '{"pk": {"S": "p1"}, "sk": {"N": "5001"}}')$$), '<', 30::bigint, 'a get reads a few pages');
SELECT is((SELECT array_agg(n) FROM (SELECT (ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}')->'sk'->>'N')::int LIMIT 3) q(n)), '{1,3,5}', 'LIMIT in a subquery');
SELECT is((SELECT array_agg(n) FROM (SELECT (ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}')->'sk'->>'N')::int OFFSET 2 LIMIT 3) q(n)), '{5,7,9}', 'OFFSET');
SELECT is((SELECT count(*) FROM (SELECT ddb_scan('Used'), ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}') LIMIT 20) q), 20::bigint, 'two in one select list');
SELECT is(EXISTS (SELECT ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}')), true, 'EXISTS');
SELECT is((SELECT count(*) FROM generate_series(1, 5) n, LATERAL (SELECT ddb_query('Used', 'pk = :p AND sk >= :s', jsonb_build_object(':p', '{"S": "p1"}'::jsonb, ':s', jsonb_build_object('N', n::text))) LIMIT 2) q), 10::bigint, 'a LATERAL subquery with LIMIT, again and again');

-- joins
CREATE TEMP TABLE side AS SELECT n, 'p' || n % 2 AS pk FROM generate_series(1, 20) n;
SELECT is((SELECT count(*) FROM side s JOIN ddb_scan('Used') i ON i->'sk'->>'N' = s.n::text AND i->'pk'->>'S' = s.pk), 20::bigint, 'join with a scan');
SELECT is((SELECT array_agg((i->'sk'->>'N')::int ORDER BY n) FROM side s, ddb_query('Used', 'pk = :p AND sk = :n', jsonb_build_object(':p', jsonb_build_object('S', s.pk), ':n', jsonb_build_object('N', s.n::text))) i), (SELECT array_agg(n) FROM side), 'a query for each row');
SELECT is((SELECT array_agg((ddb_get('Used', jsonb_build_object('pk', jsonb_build_object('S', s.pk), 'sk', jsonb_build_object('N', s.n::text)))->'sk'->>'N')::int ORDER BY n) FROM side s), (SELECT array_agg(n) FROM side), 'a get for each row');
SELECT is((SELECT count(*) FROM side s LEFT JOIN LATERAL ddb_query('Used', 'pk = :p AND sk = :n', jsonb_build_object(':p', '{"S": "none"}'::jsonb, ':n', jsonb_build_object('N', s.n::text))) i ON true WHERE i IS NULL), 20::bigint, 'LEFT JOIN LATERAL');
SELECT is((SELECT count(*) FROM ddb_data."Used" d JOIN ddb_scan('Used') i ON i = d.item), 10000::bigint, 'join with the data table');
SELECT is((SELECT count(*) FROM ROWS FROM (ddb_scan('Used', max_items => 5), ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}', max_items => 3)) AS r(a, b) WHERE b IS NULL), 2::bigint, 'ROWS FROM');

-- cursors
DECLARE c SCROLL CURSOR FOR SELECT (i->'sk'->>'N')::int FROM ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}') i;
DECLARE d NO SCROLL CURSOR FOR SELECT (ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}')->'sk'->>'N')::int;
DECLARE h CURSOR WITH HOLD FOR SELECT (ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}', max_items => 4)->'sk'->>'N')::int;
CREATE FUNCTION pg_temp.fetch(name refcursor, how text) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE r int; result int[];
BEGIN
  FOR i IN 1..split_part(how, ' ', 2)::int LOOP
    IF how LIKE 'next%' THEN FETCH NEXT FROM name INTO r; ELSE FETCH PRIOR FROM name INTO r; END IF;
    EXIT WHEN NOT FOUND;
    result := result || r;
  END LOOP;
  RETURN result;
END $$;
SELECT is(pg_temp.fetch('c', 'next 3'), '{1,3,5}', 'FETCH');
SELECT is(pg_temp.fetch('c', 'prior 2'), '{3,1}', 'FETCH PRIOR');
SELECT is(pg_temp.fetch('d', 'next 2'), '{1,3}', 'FETCH from the select list');
SELECT ddb_delete('Used', '{"pk": {"S": "p1"}, "sk": {"N": "5"}}') \g /dev/null
SELECT ddb_put('Used', '{"pk": {"S": "p1"}, "sk": {"N": "6"}, "g": {"S": "new"}}') \g /dev/null
SELECT is(pg_temp.fetch('d', 'next 3'), '{5,7,9}', 'a cursor keeps its snapshot');
SELECT is(pg_temp.fetch('h', 'next 9'), '{1,3,5,7}', 'to its end');
CLOSE d;

-- plpgsql
CREATE FUNCTION pg_temp.loop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r jsonb; n bigint := 0;
BEGIN
  FOR r IN SELECT ddb_scan('Used', '#g = :g', '{":g": {"S": "g"}}', '{"#g": "g"}') LOOP
    -- writing what is being read
    PERFORM ddb_update('Used', jsonb_build_object('pk', r->'pk', 'sk', r->'sk'), 'SET g = :h, seen = :one REMOVE fill', "values" => '{":h": {"S": "h"}, ":one": {"N": "1"}}');
    n := n + 1;
    IF n % 1000 = 0 THEN
      BEGIN
        PERFORM ddb_put('Used', '{"pk": {"N": "1"}}');
      EXCEPTION WHEN SQLSTATE 'DY001' THEN NULL;
      END;
    END IF;
    EXIT WHEN n = 5000;
  END LOOP;
  RETURN n;
END $$;
SELECT is(pg_temp.loop(), 5000::bigint, 'a loop that writes what it reads, and leaves early');
SELECT is((SELECT count(*) FROM ddb_query('Used', 'g = :g', '{":g": {"S": "h"}}', index_name => 'gsi')), 5000::bigint, 'wrote each once');

-- nested calls in one statement
SELECT is((SELECT count(*) FROM (SELECT ddb_put('Copy', i) FROM ddb_query('Used', 'pk = :p', '{":p": {"S": "p1"}}', max_items => 100) i) q), 100::bigint, 'put of a query');
SELECT is((SELECT count(*) FROM ddb_scan('Copy')), 100::bigint, 'all of it');
SELECT is((SELECT count(ddb_put('Copy', jsonb_set(i, '{pk,S}', '"again"'))) FROM ddb_scan('Copy') i), 0::bigint, 'a table copied into itself');
SELECT is((SELECT count(*) FROM ddb_scan('Copy')), 200::bigint, 'does not meet its own copies');
SELECT count(ddb_put('Copy', i)) FROM (SELECT jsonb_set(ddb_scan('Copy'), '{pk,S}', '"third"') AS i) q \g /dev/null
SELECT is((SELECT count(*) FROM ddb_scan('Copy')), 300::bigint, 'nor in the select list');

-- reads see what the statement saw when it began; writes see each other
SELECT is((SELECT array_agg(ddb_update('Copy', '{"pk": {"S": "n"}, "sk": {"N": "1"}}', 'ADD c :one', "values" => '{":one": {"N": "1"}}', return_values => 'UPDATED_NEW')->'c'->>'N') FROM generate_series(1, 5)), '{1,2,3,4,5}', 'writes in one statement see each other');
SELECT is((SELECT array_agg(a) FROM (SELECT ddb_put('Copy', '{"pk": {"S": "own"}, "sk": {"N": "1"}}') IS NULL, ddb_get('Copy', '{"pk": {"S": "own"}, "sk": {"N": "1"}}') IS NULL) q(w, a)), '{t}', 'a read in the statement of a write sees the time before it');
SELECT is(ddb_get('Copy', '{"pk": {"S": "own"}, "sk": {"N": "1"}}'), '{"pk": {"S": "own"}, "sk": {"N": "1"}}', 'the next statement sees it');
CREATE FUNCTION pg_temp.put_and_get() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_put('Copy', '{"pk": {"S": "own"}, "sk": {"N": "2"}}');
  RETURN ddb_get('Copy', '{"pk": {"S": "own"}, "sk": {"N": "2"}}');
END $$;
SELECT is(pg_temp.put_and_get(), '{"pk": {"S": "own"}, "sk": {"N": "2"}}', 'statements of a function see those before them');

-- savepoints
SAVEPOINT s;
SELECT ddb_put('Copy', '{"pk": {"S": "save"}, "sk": {"N": "1"}}') \g /dev/null
SELECT ddb_delete('Copy', '{"pk": {"S": "own"}, "sk": {"N": "1"}}') \g /dev/null
ROLLBACK TO s;
SELECT is(ddb_get('Copy', '{"pk": {"S": "save"}, "sk": {"N": "1"}}'), NULL, 'a put is rolled back');
SELECT is(ddb_get('Copy', '{"pk": {"S": "own"}, "sk": {"N": "1"}}') IS NULL, false, 'so is a delete');
SELECT is(ddb_put('Copy', '{"pk": {"S": "save"}, "sk": {"N": "1"}}', 'attribute_not_exists(pk)'), NULL, 'and the key is free again');

SELECT throws_ok($$SET LOCAL transaction_read_only = on; SELECT ddb_put('Copy', '{"pk": {"S": "ro"}, "sk": {"N": "1"}}')$$, '25006', NULL, 'a read-only transaction');
SET LOCAL transaction_read_only = off;
SELECT is((SELECT bool_and(ddb_index_check(format('ddb_data.%I', i.relname)::regclass) >= 0) FROM ddb.indexes i WHERE table_name IN ('Used', 'Copy')), true, 'indexes are whole');

SELECT * FROM finish();
ROLLBACK;
