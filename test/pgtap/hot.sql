-- Updates that leave key attributes alone write no index, however many there
-- are.  Each update is a transaction of its own, as in life.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

SELECT plan(12);

SELECT ddb_create_table('Hot', 'pk S', 'sk N',
  global_indexes => '{"one": {"partition_key": "g1 S"}, "two": {"partition_key": "g2 N", "sort_key": "g1 S"}, "three": {"partition_key": "g3 B", "projection": ["v"]}}') \g /dev/null
-- autovacuum would come in between
ALTER TABLE ddb_data."Hot" SET (autovacuum_enabled = off);
SELECT count(ddb_put('Hot', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 10), 'sk', jsonb_build_object('N', i::text),
  'g1', jsonb_build_object('S', 'g' || i % 7), 'g2', jsonb_build_object('N', (i % 5)::text), 'g3', '{"B": "AAAA"}'::jsonb, 'v', '{"N": "0"}'::jsonb, 'fill', jsonb_build_object('S', repeat('x', 200)))))
FROM generate_series(1, 2000) i \g /dev/null

CREATE VIEW pg_temp.sizes AS
  SELECT c.relname, pg_relation_size(c.oid) AS size FROM pg_class c JOIN ddb.indexes i USING (relname) WHERE i.table_name = 'Hot';
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.sizes;
CREATE FUNCTION pg_temp.stats(OUT updates bigint, OUT hot bigint) LANGUAGE sql AS $$
  SELECT pg_stat_force_next_flush();
  SELECT pg_stat_clear_snapshot();
  SELECT pg_stat_get_tuples_updated('ddb_data."Hot"'::regclass), pg_stat_get_tuples_hot_updated('ddb_data."Hot"'::regclass);
$$;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT 1 \g /dev/null
CREATE TEMP TABLE stats AS SELECT 'start' AS at, * FROM pg_temp.stats();

DO $$
BEGIN
  FOR i IN 1..6000 LOOP
    PERFORM ddb_update('Hot', jsonb_build_object('pk', jsonb_build_object('S', 'p' || (i % 2000 + 1) % 10), 'sk', jsonb_build_object('N', (i % 2000 + 1)::text)),
      'ADD v :one SET w = :w', "values" => jsonb_build_object(':one', '{"N": "1"}'::jsonb, ':w', jsonb_build_object('S', i::text)));
    COMMIT;
  END LOOP;
  PERFORM pg_stat_force_next_flush();
END $$;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT 1 \g /dev/null
INSERT INTO stats SELECT 'update', * FROM pg_temp.stats();
SELECT is(b.updates - a.updates, 6000::bigint, '6000 updates') FROM stats a, stats b WHERE a.at = 'start' AND b.at = 'update';
SELECT cmp_ok((b.hot - a.hot)::numeric / (b.updates - a.updates), '>=', 0.95, 'at least 95% are HOT') FROM stats a, stats b WHERE a.at = 'start' AND b.at = 'update';
SELECT is((SELECT string_agg(relname || ' ' || size, ', ' ORDER BY relname) FROM pg_temp.sizes), (SELECT string_agg(relname || ' ' || size, ', ' ORDER BY relname) FROM before), 'no index grew');
SELECT is((SELECT sum((ddb_unmarshal(i)->>'v')::int) FROM ddb_scan('Hot') i), 6000::bigint, 'no update was lost');

-- so are puts that keep the keys, identical ones, and equal numbers
DO $$
BEGIN
  FOR i IN 1..2000 LOOP
    PERFORM ddb_put('Hot', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 10), 'sk', jsonb_build_object('N', i || '.0'),
      'g1', jsonb_build_object('S', 'g' || i % 7), 'g2', jsonb_build_object('N', '0' || i % 5 || '.00'), 'g3', '{"B": "AAAA"}'::jsonb, 'fill', jsonb_build_object('S', repeat('y', 200))));
    COMMIT;
  END LOOP;
  PERFORM pg_stat_force_next_flush();
END $$;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT 1 \g /dev/null
INSERT INTO stats SELECT 'put', * FROM pg_temp.stats();
SELECT is(b.updates - a.updates, 2000::bigint, '2000 overwrites') FROM stats a, stats b WHERE a.at = 'update' AND b.at = 'put';
SELECT cmp_ok((b.hot - a.hot)::numeric / (b.updates - a.updates), '>=', 0.95, 'that keep the keys are HOT') FROM stats a, stats b WHERE a.at = 'update' AND b.at = 'put';

-- an update of an index key is not
DO $$
BEGIN
  FOR i IN 1..200 LOOP
    PERFORM ddb_update('Hot', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 10), 'sk', jsonb_build_object('N', i::text)), 'SET g1 = :g', "values" => '{":g": {"S": "moved"}}');
    COMMIT;
  END LOOP;
  PERFORM pg_stat_force_next_flush();
END $$;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT 1 \g /dev/null
INSERT INTO stats SELECT 'move', * FROM pg_temp.stats();
SELECT is((b.hot - a.hot), 0::bigint, 'an update of an index key is not') FROM stats a, stats b WHERE a.at = 'put' AND b.at = 'move';
SELECT is((SELECT count(*) FROM ddb_query('Hot', 'g1 = :g', '{":g": {"S": "moved"}}', index_name => 'one')), 200::bigint, 'and the index follows');
SELECT is(ddb_index_check(format('ddb_data.%I', relname)::regclass) >= 2000, true, relname || ' is whole') FROM ddb.indexes WHERE table_name = 'Hot' ORDER BY index_name;

SELECT ddb_delete_table('Hot') \g /dev/null
SELECT * FROM finish();
