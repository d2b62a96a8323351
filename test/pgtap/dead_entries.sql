-- A read that meets index entries of deleted rows marks them dead on its way.
-- Not one transaction: the deletes must be seen by all before the reads.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

SELECT plan(4);

SELECT ddb_create_table('Dead', 'pk S', 'sk N') \g /dev/null
SELECT count(ddb_put('Dead', jsonb_build_object(
  'pk', '{"S": "a"}'::jsonb, 'sk', jsonb_build_object('N', i::text),
  'v', jsonb_build_object('S', repeat('x', i % 300))))) FROM generate_series(1, 3000) i \g /dev/null
SELECT count(ddb_delete('Dead', jsonb_build_object(
  'pk', '{"S": "a"}'::jsonb, 'sk', jsonb_build_object('N', i::text))))
FROM generate_series(1, 3000) i WHERE i % 3 <> 0 \g /dev/null

CREATE FUNCTION pg_temp.digest(OUT items bigint, OUT keys numeric, OUT bytes bigint) LANGUAGE sql AS $$
  SELECT count(*), sum((i->'sk'->>'N')::numeric), sum(length(i->'v'->>'S'))
  FROM ddb_query('Dead', 'pk = :pk', '{":pk": {"S": "a"}}', projection => 'sk, v') i
$$;
CREATE TEMP TABLE expected AS
  SELECT count(*) AS items, sum(i)::numeric AS keys, sum(i % 300) AS bytes FROM generate_series(3, 3000, 3) i;

SELECT results_eq('SELECT * FROM pg_temp.digest()', 'SELECT * FROM expected', 'query among dead entries, first time');
SELECT results_eq('SELECT * FROM pg_temp.digest()', 'SELECT * FROM expected', 'query among dead entries, again');
SELECT is(count(*), 1000::bigint, 'backward')
FROM ddb_query('Dead', 'pk = :pk', '{":pk": {"S": "a"}}', projection => 'sk', scan_forward => false);
SELECT is(ddb_index_check((SELECT format('ddb_data.%I', relname)::regclass FROM ddb.indexes WHERE table_name = 'Dead')) >= 1000,
          true, 'the index is whole');

SELECT ddb_delete_table('Dead') \g /dev/null
SELECT * FROM finish();
