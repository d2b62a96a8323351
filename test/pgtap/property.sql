-- Random puts, updates and deletes against a plain model, over few keys of all
-- three types, with global and local indexes.  After each batch the table and
-- its indexes must show just what the model does.
--
-- A failure names its seed; DDB_SEED=... in the environment repeats it.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
\set seed `echo ${DDB_SEED:-$(date +%N | tail -c 5)}`

SELECT plan(37);
SELECT diag('property test: DDB_SEED=' || :'seed');

CREATE SCHEMA property;
CREATE TABLE property.model (tbl text, pk jsonb, sk jsonb, item jsonb NOT NULL, PRIMARY KEY (tbl, pk, sk));
CREATE TABLE property.types (tbl text PRIMARY KEY, type text);
INSERT INTO property.types VALUES ('PropS', 'S'), ('PropN', 'N'), ('PropB', 'B');
-- The table's keys and the local index's are of the type; the global indexes have all three.
SELECT ddb_create_table(tbl, 'pk ' || type, 'sk ' || type,
  global_indexes => format('{"one": {"partition_key": "gp S", "sort_key": "gs N"}, "two": {"partition_key": "gs N", "projection": "KEYS_ONLY"}, "three": {"partition_key": "gb B", "sort_key": "sk %s", "projection": ["v"]}}', type)::jsonb,
  local_indexes => format('{"lsi": {"sort_key": "ls %s"}}', type)::jsonb)
FROM property.types \g /dev/null

SELECT setseed((:seed % 10000) / 10000.0) \g /dev/null

CREATE FUNCTION property.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT choices[1 + floor(random() * cardinality(choices))::int]
$$;

-- one of n key values of a type, canonical or not
CREATE FUNCTION property.key_value(type text, n int, OUT canonical jsonb, OUT spelled jsonb) LANGUAGE plpgsql VOLATILE AS $$
DECLARE i int := floor(random() * n)::int;
BEGIN
  IF type = 'S' THEN
    canonical := jsonb_build_object('S', (ARRAY['a', 'ab', 'b', 'ä', '😀', 'A', 'a' || chr(1) || chr(2), -- U+0001
      'z"''\', repeat('l', 900)])[1 + i % 9]);
    spelled := canonical;
  ELSIF type = 'N' THEN
    canonical := jsonb_build_object('N', (ARRAY['0', '-1', '1.5', '10', '-10.25', '1000000', '0.001', '2', '12345678901234567890123456789012345678'])[1 + i % 9]);
    spelled := jsonb_build_object('N', (ARRAY['-0.0', '-1.00', '15E-1', '1e1', '-1025e-2', '1E+6', '1E-3', '02', '12345678901234567890123456789012345678.0'])[1 + i % 9]);
    IF random() < 0.5 THEN spelled := canonical; END IF;
  ELSE
    canonical := jsonb_build_object('B', translate(encode((ARRAY['\x00', '\x0000', '\xff', '\xffff', '\x7f80', '\x80', '\xfe', '\x61', decode(repeat('ff', 900), 'hex')]::bytea[])[1 + i % 9], 'base64'), E'\n', ''));
    spelled := canonical;
  END IF;
END $$;

-- a random value for an attribute; NULL for none
CREATE FUNCTION property.attribute(name text, type text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT CASE
    WHEN name = 'gp' THEN jsonb_build_object('S', property.pick('red', 'green', 'blue'))
    WHEN name = 'gs' THEN jsonb_build_object('N', property.pick('1', '2', '3.5', '-7'))
    WHEN name = 'gb' THEN jsonb_build_object('B', property.pick('AA==', '/w==', '//8='))
    WHEN name = 'ls' THEN (SELECT canonical FROM property.key_value(type, 4))
    WHEN name = 'w' THEN (property.pick('{"S": "x"}', '{"L": [{"N": "1"}]}', '{"SS": ["a", "b"]}', '{"NULL": true}', '{"M": {"k": {"BOOL": false}}}'))::jsonb
    ELSE jsonb_build_object('N', floor(random() * 10)::int::text) END
$$;

CREATE FUNCTION property.random_item(type text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT COALESCE(jsonb_object_agg(a, property.attribute(a, type)), '{}') FROM unnest('{gp,gs,gb,ls,v,w}'::text[]) a WHERE random() < 0.6
$$;

CREATE FUNCTION property.part(item jsonb, names text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(item) WHERE key = ANY (names)
$$;

-- A write: what it does to the model, and what ddb must do.
CREATE FUNCTION property.step(t text, ty text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  p record; s record; old jsonb; new jsonb; key jsonb; what text; got jsonb; wanted jsonb;
  returning_ text; cond text; vals jsonb; holds boolean; names text[]; how text; expr text; failed boolean := false; descr text;
BEGIN
  SELECT * INTO p FROM property.key_value(ty, 4);
  SELECT * INTO s FROM property.key_value(ty, 9);
  key := jsonb_build_object('pk', p.spelled, 'sk', s.spelled);
  SELECT item INTO old FROM property.model WHERE tbl = t AND pk = p.canonical AND sk = s.canonical;
  what := property.pick('put', 'put', 'update', 'update', 'update', 'delete', 'sql');

  -- a condition for one write in three
  cond := CASE floor(random() * 15) WHEN 0 THEN 'attribute_exists(pk)' WHEN 1 THEN 'attribute_not_exists(pk)' WHEN 2 THEN 'v > :c'
               WHEN 3 THEN 'attribute_not_exists(gp) OR gs < :c' WHEN 4 THEN 'NOT v = :c' END;
  holds := CASE cond WHEN 'attribute_exists(pk)' THEN old IS NOT NULL WHEN 'attribute_not_exists(pk)' THEN old IS NULL
                     WHEN 'v > :c' THEN COALESCE((old #>> '{v,N}')::numeric > 4, false)
                     WHEN 'attribute_not_exists(gp) OR gs < :c' THEN NOT COALESCE(old ? 'gp', false) OR COALESCE((old #>> '{gs,N}')::numeric < 4, false)
                     WHEN 'NOT v = :c' THEN NOT COALESCE((old #>> '{v,N}')::numeric = 4, false) ELSE true END;
  vals := CASE WHEN cond LIKE '%:c%' THEN '{":c": {"N": "4.0"}}' END;

  BEGIN
    IF what = 'put' THEN
      new := property.random_item(ty) || jsonb_build_object('pk', p.canonical, 'sk', s.canonical);
      returning_ := property.pick('NONE', 'ALL_OLD');
      wanted := CASE returning_ WHEN 'ALL_OLD' THEN old END;
      got := ddb_put(t, new || key, cond, "values" => vals, return_values => returning_);
    ELSIF what = 'delete' THEN
      returning_ := property.pick('NONE', 'ALL_OLD');
      wanted := CASE returning_ WHEN 'ALL_OLD' THEN old END;
      got := ddb_delete(t, key, cond, "values" => vals, return_values => returning_);
    ELSIF what = 'update' THEN
      how := property.pick('set', 'set', 'remove', 'add', 'both', 'none');
      names := ARRAY(SELECT a FROM unnest('{gp,gs,gb,ls,v,w}'::text[]) a ORDER BY random() LIMIT 1 + floor(random() * 3)::int);
      new := COALESCE(old, jsonb_build_object('pk', p.canonical, 'sk', s.canonical));
      IF how = 'set' THEN
        wanted := (SELECT jsonb_object_agg(a, property.attribute(a, ty)) FROM unnest(names) a);
        expr := 'SET ' || (SELECT string_agg(format('%1$s = :%1$s', a), ', ') FROM unnest(names) a);
        vals := COALESCE(vals, '{}') || (SELECT jsonb_object_agg(':' || k, v) FROM jsonb_each(wanted) e(k, v));
        new := new || wanted;
      ELSIF how = 'remove' THEN
        expr := 'REMOVE ' || array_to_string(names, ', ');
        new := new - names;
      ELSIF how = 'add' THEN
        names := '{v}';
        expr := 'ADD v :n';
        vals := COALESCE(vals, '{}') || '{":n": {"N": "1"}}';
        new := new || jsonb_build_object('v', jsonb_build_object('N', (COALESCE((old #>> '{v,N}')::numeric, 0) + 1)::text));
      ELSIF how = 'both' THEN
        names := '{gs,gp,v}';
        expr := 'SET gs = :gs, v = if_not_exists(gs, :gs) REMOVE gp';
        wanted := property.attribute('gs', ty);
        vals := COALESCE(vals, '{}') || jsonb_build_object(':gs', wanted);
        new := (new || jsonb_build_object('gs', wanted, 'v', COALESCE(old->'gs', wanted))) - 'gp';
      ELSE
        names := '{}';
      END IF;
      -- what only takes away makes no item
      IF old IS NULL AND how = 'remove' THEN new := NULL; END IF;
      returning_ := property.pick('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW');
      wanted := CASE returning_ WHEN 'ALL_OLD' THEN old WHEN 'ALL_NEW' THEN new
                                WHEN 'UPDATED_OLD' THEN property.part(old, names) WHEN 'UPDATED_NEW' THEN property.part(new, names) END;
      got := ddb_update(t, key, expr, cond, "values" => vals, return_values => returning_);
    ELSE
      -- plain SQL: the same table by another way
      cond := NULL; holds := true;
      new := property.random_item(ty) || jsonb_build_object('pk', p.canonical, 'sk', s.canonical);
      IF old IS NULL THEN
        EXECUTE format('INSERT INTO ddb_data.%I (item) VALUES ($1)', t) USING new || key;
      ELSIF random() < 0.3 THEN
        EXECUTE format('DELETE FROM ddb_data.%I WHERE item = $1', t) USING old;
        new := NULL;
      ELSE
        EXECUTE format('UPDATE ddb_data.%I SET item = $1 WHERE item = $2', t) USING new || key, old;
      END IF;
    END IF;
    IF random() < 0.1 THEN
      RAISE EXCEPTION 'rolled back' USING ERRCODE = 'XY001';
    END IF;
  EXCEPTION
    WHEN SQLSTATE 'DY002' THEN failed := true;
    WHEN SQLSTATE 'XY001' THEN
      new := old;
      IF new IS NULL THEN what := 'delete'; ELSE what := 'keep'; END IF;
  END;

  descr := format('%s %s key %s expr %s cond %s values %s return %s old %s', what, t, key, expr, cond, vals, returning_, old);
  IF failed AND holds THEN RETURN 'condition failed, should hold: ' || descr; END IF;
  IF failed THEN RETURN NULL; END IF;
  IF NOT holds THEN RETURN 'condition held, should fail: ' || descr; END IF;
  IF what <> 'sql' AND got IS DISTINCT FROM wanted THEN
    RETURN format('returned %s, wanted %s: %s', got, wanted, descr);
  END IF;
  IF what = 'delete' OR new IS NULL THEN
    DELETE FROM property.model WHERE tbl = t AND pk = p.canonical AND sk = s.canonical;
  ELSE
    INSERT INTO property.model VALUES (t, p.canonical, s.canonical, new)
    ON CONFLICT (tbl, pk, sk) DO UPDATE SET item = EXCLUDED.item;
  END IF;
  IF ddb_get(t, key) IS DISTINCT FROM (SELECT item FROM property.model WHERE tbl = t AND pk = p.canonical AND sk = s.canonical) THEN
    RETURN format('item is %s: %s', ddb_get(t, key), descr);
  END IF;
  RETURN NULL;
END $$;

CREATE TABLE property.problems (batch int, problem text);
CREATE PROCEDURE property.batch(b int, steps int) LANGUAGE plpgsql AS $$
DECLARE r record; problem text;
BEGIN
  FOR i IN 1..steps LOOP
    FOR r IN SELECT * FROM property.types ORDER BY tbl LOOP
      problem := property.step(r.tbl, r.type);
      IF problem IS NOT NULL THEN
        INSERT INTO property.problems VALUES (b, problem);
      END IF;
    END LOOP;
    IF random() < 0.3 THEN COMMIT; END IF;
  END LOOP;
END $$;

-- a value in the order of its type, as bytes that compare
CREATE FUNCTION property.bytes(v jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN v ? 'B' THEN decode(v->>'B', 'base64') ELSE convert_to(v->>'S', 'UTF8') END
$$;
CREATE FUNCTION property.less(a jsonb, b jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a ? 'N' THEN (a->>'N')::numeric < (b->>'N')::numeric ELSE property.bytes(a) < property.bytes(b) END
$$;

-- one query in every way: whole, backward, bounded, in pages.  Ties may come in
-- any order, but the same one each time.
CREATE FUNCTION property.check_query(t text, idx text, partition_name text, partition jsonb, sort_name text, shown text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  cond text := partition_name || ' = :p'; vals jsonb := jsonb_build_object(':p', partition);
  got jsonb[]; wanted jsonb[]; start jsonb; page jsonb[]; paged jsonb[] := '{}'; bound jsonb; keys text[]; op text; n int;
BEGIN
  got := ARRAY(SELECT ddb_query(t, cond, vals, index_name => idx));
  wanted := ARRAY(SELECT CASE WHEN shown IS NULL THEN item ELSE property.part(item, shown) END FROM property.model
                  WHERE tbl = t AND item->partition_name = partition AND (sort_name IS NULL OR item ? sort_name));
  IF cardinality(got) <> cardinality(wanted) OR NOT (got @> wanted AND wanted @> got) THEN
    RETURN format('query of %s %s gave %s, wanted %s', t, partition, got, wanted);
  END IF;
  IF sort_name IS NOT NULL AND EXISTS (SELECT FROM unnest(got[2:]) WITH ORDINALITY g(i, o) WHERE property.less(i->sort_name, got[o]->sort_name)) THEN
    RETURN format('query of %s %s is not in order: %s', t, partition, got);
  END IF;
  IF ARRAY(SELECT ddb_query(t, cond, vals, index_name => idx, scan_forward => false)) <> ARRAY(SELECT i FROM unnest(got) WITH ORDINALITY g(i, o) ORDER BY o DESC) THEN
    RETURN format('query of %s %s backward is not the reverse', t, partition);
  END IF;
  IF sort_name IS NOT NULL AND cardinality(got) > 0 THEN
    bound := got[1 + floor(random() * cardinality(got))::int]->sort_name;
    FOREACH op IN ARRAY '{<,<=,>,>=,=}'::text[] LOOP
      page := ARRAY(SELECT ddb_query(t, format('%s AND %s %s :b', cond, sort_name, op), vals || jsonb_build_object(':b', bound), index_name => idx));
      IF page <> ARRAY(SELECT i FROM unnest(got) WITH ORDINALITY g(i, o)
                       WHERE CASE op WHEN '<' THEN property.less(i->sort_name, bound) WHEN '<=' THEN NOT property.less(bound, i->sort_name)
                                     WHEN '>' THEN property.less(bound, i->sort_name) WHEN '>=' THEN NOT property.less(i->sort_name, bound)
                                     ELSE i->sort_name = bound END ORDER BY o) THEN
        RETURN format('query of %s %s, %s %s %s, gave %s', t, partition, sort_name, op, bound, page);
      END IF;
    END LOOP;
  END IF;
  SELECT array_agg(DISTINCT k) INTO keys FROM ddb.indexes i, unnest(partition_key || sort_key) k WHERE i.table_name = t AND i.index_name IN ('', COALESCE(idx, ''));
  n := 1 + floor(random() * 3)::int;
  LOOP
    page := ARRAY(SELECT ddb_query(t, cond, vals, index_name => idx, max_items => n, start_key => start));
    paged := paged || page;
    EXIT WHEN cardinality(page) < n;
    start := property.part(page[n], keys);
  END LOOP;
  IF paged <> got THEN
    RETURN format('query of %s %s in pages of %s gave %s, not %s', t, partition, n, paged, got);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION property.check_scan(t text, idx text, needs text[], shown text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got jsonb[]; wanted jsonb[]; n int := 1 + floor(random() * 4)::int;
BEGIN
  got := ARRAY(SELECT i FROM generate_series(0, n - 1) s, ddb_scan(t, index_name => idx, segment => s, total_segments => n) i);
  wanted := ARRAY(SELECT CASE WHEN shown IS NULL THEN item ELSE property.part(item, shown) END FROM property.model WHERE tbl = t AND item ?& needs);
  IF cardinality(got) <> cardinality(wanted) OR NOT (got @> wanted AND wanted @> got) THEN
    RETURN format('scan of %s %s in %s segments gave %s, wanted %s', t, idx, n, got, wanted);
  END IF;
  IF ARRAY(SELECT ddb_scan(t, index_name => idx)) <> got THEN
    RETURN format('scan of %s %s is not its segments', t, idx);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION property.check() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE r record; v jsonb;
BEGIN
  FOR r IN SELECT * FROM property.types LOOP
    RETURN NEXT property.check_scan(r.tbl, NULL, '{pk}', NULL);
    RETURN NEXT property.check_scan(r.tbl, 'one', '{gp,gs}', NULL);
    RETURN NEXT property.check_scan(r.tbl, 'two', '{gs}', '{pk,sk,gs}');
    RETURN NEXT property.check_scan(r.tbl, 'three', '{gb}', '{pk,sk,gb,v}');
    RETURN NEXT property.check_scan(r.tbl, 'lsi', '{ls}', NULL);
    FOR v IN SELECT DISTINCT pk FROM property.model WHERE tbl = r.tbl LOOP
      RETURN NEXT property.check_query(r.tbl, NULL, 'pk', v, 'sk', NULL);
      RETURN NEXT property.check_query(r.tbl, 'lsi', 'pk', v, 'ls', NULL);
    END LOOP;
    FOREACH v IN ARRAY '{"{\"S\": \"red\"}","{\"S\": \"green\"}"}'::jsonb[] LOOP
      RETURN NEXT property.check_query(r.tbl, 'one', 'gp', v, 'gs', NULL);
    END LOOP;
    FOREACH v IN ARRAY '{"{\"N\": \"1\"}","{\"N\": \"3.5\"}"}'::jsonb[] LOOP
      RETURN NEXT property.check_query(r.tbl, 'two', 'gs', v, NULL, '{pk,sk,gs}');
    END LOOP;
    RETURN NEXT property.check_query(r.tbl, 'three', 'gb', '{"B": "/w=="}', 'sk', '{pk,sk,gb,v}');
  END LOOP;
END $$;

CREATE FUNCTION property.report(b int) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT is((SELECT string_agg(problem, E'\n') FROM (SELECT problem FROM property.problems WHERE batch = b LIMIT 3) p), NULL, format('batch %s: writes', b))
  UNION ALL SELECT is((SELECT string_agg(c, E'\n') FROM (SELECT c FROM property.check() c WHERE c IS NOT NULL LIMIT 3) p), NULL, format('batch %s: reads', b))
$$;

CALL property.batch(1, 450);
SELECT property.report(1);
CALL property.batch(2, 450);
SELECT property.report(2);
CALL property.batch(3, 450);
SELECT property.report(3);
VACUUM ddb_data."PropS", ddb_data."PropN", ddb_data."PropB";
CALL property.batch(4, 450);
SELECT property.report(4);
CALL property.batch(5, 450);
SELECT property.report(5);
REINDEX TABLE ddb_data."PropN";
VACUUM FULL ddb_data."PropB";
CALL property.batch(6, 450);
SELECT property.report(6);
CALL property.batch(7, 450);
SELECT property.report(7);
CALL property.batch(8, 450);
SELECT property.report(8);
CALL property.batch(9, 450);
SELECT property.report(9);
CALL property.batch(10, 450);
SELECT property.report(10);

SELECT cmp_ok((SELECT count(*) FROM property.model), '>', 30::bigint, 'the model was not empty');
SELECT is((SELECT count(*) FROM property.problems), 0::bigint, 'no problem at all, seed ' || :'seed');
SELECT is(ddb_index_check(format('ddb_data.%I', i.relname)::regclass),
  (SELECT count(*) FROM property.model m WHERE m.tbl = i.table_name AND m.item ?& (i.partition_key || i.sort_key)), i.relname || ' is whole')
FROM ddb.indexes i WHERE i.table_name LIKE 'Prop_' ORDER BY i.relname;

SELECT ddb_delete_table(tbl) FROM property.types \g /dev/null
DROP SCHEMA property CASCADE;
SELECT * FROM finish();
