-- What the example's other files say their results with.
SET client_min_messages = warning;

-- import loads a query's rows into a DynamoDB table and says how that went.
CREATE OR REPLACE FUNCTION pinhead.import(table_name text, what text, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  started timestamptz := clock_timestamp();
  items bigint;
  ms numeric;
BEGIN
  items := ddb_import(table_name, query);
  ms := extract(epoch FROM clock_timestamp() - started) * 1000;
  RETURN format('    %s %s items  %s ms', rpad(what, 26), lpad(items::text, 6), lpad(round(ms)::text, 5));
END $$;

DROP TABLE IF EXISTS pinhead.finding;
CREATE TABLE pinhead.finding (
  pattern text PRIMARY KEY,
  ok      boolean NOT NULL,
  v1_read bigint NOT NULL,
  v2_read bigint NOT NULL
);

-- answer runs a query twice and gives its rows as a JSON array, and the second run's milliseconds.
CREATE OR REPLACE FUNCTION pinhead.answer(query text, OUT rows jsonb, OUT ms numeric)
LANGUAGE plpgsql AS $$
DECLARE
  started timestamptz;
BEGIN
  FOR run IN 1 .. 2 LOOP
    started := clock_timestamp();
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(r)), ''[]'') FROM (%s) r', query) INTO rows;
    ms := extract(epoch FROM clock_timestamp() - started) * 1000;
  END LOOP;
END $$;

-- compare answers one access pattern three ways, by joins, on version 2 and on version 1, and says whether
-- the answers agree.  v2_read and v1_read are expressions for the items that are read, $1 being the number of
-- rows in the answer.
CREATE OR REPLACE FUNCTION pinhead.compare(pattern text, joins text, v2 text, v2_read text, v1 text, v1_read text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  by_joins record;
  by_v2 record;
  by_v1 record;
  n integer;
  read_v2 bigint;
  read_v1 bigint;
  ok boolean;
BEGIN
  by_joins := pinhead.answer(joins);
  by_v2 := pinhead.answer(v2);
  by_v1 := pinhead.answer(v1);
  n := jsonb_array_length(by_joins.rows);
  EXECUTE 'SELECT ' || v2_read INTO read_v2 USING n;
  EXECUTE 'SELECT ' || v1_read INTO read_v1 USING n;
  ok := n > 0 AND by_v2.rows = by_joins.rows AND by_v1.rows = by_joins.rows;
  INSERT INTO pinhead.finding VALUES (pattern, ok, read_v1, read_v2)
    ON CONFLICT ON CONSTRAINT finding_pkey DO UPDATE
    SET ok = excluded.ok, v1_read = excluded.v1_read, v2_read = excluded.v2_read;
  RETURN format('  %s %s %s   %s %s   %s %s   %s',
    CASE WHEN ok THEN '✓' ELSE '✗' END, rpad(pattern, 36), lpad(n::text, 4),
    lpad(read_v1::text, 5), lpad(round(by_v1.ms, 1)::text, 6),
    lpad(read_v2::text, 5), lpad(round(by_v2.ms, 1)::text, 6),
    lpad(round(by_joins.ms, 1)::text, 6))
    || CASE WHEN ok THEN '' ELSE format(E'\n    DIFFERS\n    joins     %s\n    version 2 %s\n    version 1 %s',
                                        left(by_joins.rows::text, 400), left(by_v2.rows::text, 400), left(by_v1.rows::text, 400)) END;
END $$;
