-- Garbled expressions: each gives a result or a ValidationException, and nothing else.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\t on
\pset format unaligned

CREATE TEMP TABLE seed (kind text, expression text);
INSERT INTO seed VALUES
  ('condition', 'a = :v AND (b <> :w OR NOT c.d[1].e >= #n.x) AND size(f) BETWEEN :x AND :y'),
  ('condition', 'attribute_exists(a) AND attribute_not_exists(b.c) OR begins_with(s, :s) AND contains(l, :v)'),
  ('condition', 'a IN (:v, :w, b, size(c)) AND attribute_type(m, :t) OR (n > :x) AND (size(s)) < :y'),
  ('update', 'SET a = :v, m.x = if_not_exists(m.y, :w) + :x, l[1] = l[0], #n = (n - :y) REMOVE b, l[2], m.z ADD n :x, ss :ss DELETE tt :ss'),
  ('update', 'SET l = list_append(if_not_exists(l, :l), :l), m.l[3].k = :v ADD k :x'),
  ('update', 'REMOVE a[0], a[1].b, c.d.e SET #n.#n = :m'),
  ('projection', 'a, b.c, l[0], l[2].x, m.y.z, #n, #n2.x[3]'),
  ('key', 'a = :v AND b BETWEEN :x AND :y'),
  ('key', '#n = :v AND begins_with(s, :s)');

-- Tokens and characters to put in.
CREATE TEMP TABLE bit AS SELECT row_number() OVER () AS n, b FROM unnest(ARRAY['a', 'b', 'l', 'm', '.', '.', '[', ']', '[0]', '[1]', '[99999999999]', '(', '(', ')', ')', ',', '=', '<>', '<', '>=',
  '+', '-', ' ', ' ', ' AND ', ' OR ', ' NOT ', ' IN ', ' BETWEEN ', 'SET ', ' REMOVE ', ' ADD ', ' DELETE ', ':v', ':x', ':ss', ':gone', '#n', '#n2', '#gone', '#', ':', 'size(', 'contains(', 'list_append(',
  'if_not_exists(', 'attribute_type(', 'foo(', 'name', '_', '1', 'é', '💿', E'\n', E'\t', '"', '''', '\', '%', '$1', '--', '/*', chr(1), chr(127), chr(160)]) b;

CREATE FUNCTION pg_temp.garble(e text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  at int;
  len int;
BEGIN
  FOR i IN 1 .. 1 + floor(random() * 4) LOOP
    at := 1 + floor(random() * length(e));
    len := floor(random() * 6);
    CASE floor(random() * 4)
      WHEN 0 THEN e := left(e, at - 1) || substr(e, at + len);
      WHEN 1 THEN e := left(e, at) || (SELECT b FROM bit WHERE n = (SELECT 1 + floor(random() * count(*)) FROM bit)) || substr(e, at + 1);
      WHEN 2 THEN e := left(e, at) || substr(e, 1 + floor(random() * length(e))::int, len * 3) || substr(e, at + 1);
      ELSE e := left(e, at - 1) || reverse(substr(e, at, len)) || substr(e, at + len);
    END CASE;
  END LOOP;
  RETURN e;
END $$;

DO $$
DECLARE
  item jsonb := '{"a": {"S": "x"}, "b": {"M": {"c": {"N": "1"}}}, "l": {"L": [{"S": "0"}, {"M": {"x": {"N": "1"}}}, {"L": []}]}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}, "l": {"L": []}}},
    "n": {"N": "5"}, "s": {"S": "str"}, "ss": {"SS": ["a"]}, "tt": {"SS": ["a", "b"]}, "f": {"B": "AQI="}, "c": {"M": {"d": {"L": [{"S": "x"}, {"M": {"e": {"N": "1"}}}]}}}}';
  all_names jsonb := '{"#n": "n", "#n2": "é x.y"}';
  all_values jsonb := '{":v": {"S": "x"}, ":w": {"N": "1"}, ":x": {"N": "2"}, ":y": {"N": "3"}, ":s": {"S": "s"}, ":t": {"S": "M"}, ":ss": {"SS": ["a", "c"]}, ":l": {"L": [{"S": "x"}]}, ":m": {"M": {}}}';
  names jsonb;
  vals jsonb;
  e text;
  s record;
  good int := 0;
  refused int := 0;
  result text;
BEGIN
  PERFORM setseed(0.42);
  FOR i IN 1 .. 600 LOOP
    FOR s IN SELECT * FROM seed LOOP
      e := pg_temp.garble(s.expression);
      SELECT jsonb_object_agg(key, value) INTO names FROM jsonb_each(all_names) WHERE e ~ (key || '\M');
      SELECT jsonb_object_agg(key, value) INTO vals FROM jsonb_each(all_values) WHERE e ~ (key || '\M');
      BEGIN
        CASE s.kind
          WHEN 'condition' THEN result := ddb_test.condition(e, item, names, vals);
          WHEN 'update' THEN
            result := ddb_test.update_item(e, item, names, vals);
            IF ddb_item(result::jsonb)::text <> result THEN
              RAISE WARNING 'result is not canonical: % -> %', e, result;
            END IF;
          WHEN 'projection' THEN result := ddb_test.project(e, item, names);
          ELSE result := ddb_test.key_condition(e, names, vals);
        END CASE;
        good := good + 1;
      EXCEPTION
        WHEN SQLSTATE 'DY001' THEN
          refused := refused + 1;
        WHEN OTHERS THEN
          RAISE WARNING '% %: % %', SQLSTATE, SQLERRM, s.kind, e;
      END;
    END LOOP;
  END LOOP;
  IF good < 100 OR refused < 1000 THEN
    RAISE WARNING 'unbalanced: % good, % refused', good, refused;
  END IF;
END $$;
