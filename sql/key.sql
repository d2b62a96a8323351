-- The partition hash: these values never change.

SELECT v, ddb.partition_hash(v)
  FROM (VALUES (''), ('a'), ('Pinhead'), ('ARTIST#1'), ('Ünïcödé 🎵'), ('0'),
               ('exactly sixteen!'), ('a little over sixteen bytes')) AS t(v);
SELECT n, ddb.partition_hash(repeat('0123456789', n)) FROM (VALUES (10), (20), (30), (205)) AS t(n);

-- numbers: by their canonical decimal text, whatever the display scale
SELECT v, ddb.partition_hash(v)
  FROM (VALUES (0::numeric), (1), (-1), (1.5), (10000), (12345678901234567890123456789012345678),
               (0.00001234), (-0.1), (99999999.99999999), ('NaN'), ('Infinity')) AS t(v);
SELECT ddb.partition_hash(1.0) = ddb.partition_hash(1.00) AS scale,
       ddb.partition_hash(1.0) = ddb.partition_hash(1) AS integer,
       ddb.partition_hash(0.00) = ddb.partition_hash(-0.0) AS zero,
       ddb.partition_hash(1e125) = ddb.partition_hash('1' || repeat('0', 125)) AS large,
       ddb.partition_hash(1e-130) = ddb.partition_hash('0.' || repeat('0', 129) || '1') AS small,
       ddb.partition_hash(1e-4000) = ddb.partition_hash(trim_scale(1e-4000)::text) AS tiny;
SELECT count(*) AS wrong
  FROM generate_series(-130, 125) AS e,
       unnest(ARRAY[1, -1, 12345, 98765.4321, 100.010, 9.9999999999999999999999999999999999999]) AS m,
       LATERAL (SELECT m * ('1e' || e)::numeric AS n) AS x
 WHERE ddb.partition_hash(n) <> ddb.partition_hash(trim_scale(n)::text)
    OR ddb.partition_hash(n) <> ddb.partition_hash(n + 0e-200);

-- binaries: their bytes
SELECT ddb.partition_hash(''::bytea), ddb.partition_hash('\x00'::bytea), ddb.partition_hash('\xdeadbeef'::bytea);
SELECT ddb.partition_hash('Pinhead'::bytea) = ddb.partition_hash('Pinhead'::text) AS same_bytes;

-- compressed and out-of-line values hash as their content
CREATE TEMP TABLE long_values (t text, b bytea, n numeric);
INSERT INTO long_values SELECT repeat('compress me', 10000), convert_to(repeat('compress me', 10000), 'UTF8'), 10::numeric ^ 20000 + 1;
SELECT ddb.partition_hash(t) = ddb.partition_hash(repeat('compress me', 10000)) AS t,
       ddb.partition_hash(b) = ddb.partition_hash(t) AS b,
       ddb.partition_hash(n) = ddb.partition_hash(trim_scale(n)::text) AS n
  FROM long_values;

-- segments: all together cover every hash once
SELECT s, (ddb.hash_segment(s, 3)).* FROM generate_series(0, 2) AS s;
SELECT * FROM ddb.hash_segment(0, 1);
SELECT total,
       count(*) FILTER (WHERE low <> previous::numeric + 1) AS gaps,
       min(low) = -9223372036854775808 AS from_least, max(high) = 9223372036854775807 AS to_greatest,
       max(high::numeric - low) - min(high::numeric - low) <= 1 AS even
  FROM (SELECT total, low, high, lag(high) OVER (PARTITION BY total ORDER BY s) AS previous
          FROM unnest(ARRAY[2, 3, 4, 7, 64, 1000]) AS total,
               generate_series(0, total - 1) AS s, ddb.hash_segment(s, total)) AS x
 GROUP BY total ORDER BY total;
SELECT (ddb.hash_segment(499999, 1000000)).high + 1 = (ddb.hash_segment(500000, 1000000)).low AS adjacent,
       (ddb.hash_segment(999999, 1000000)).high = 9223372036854775807 AS to_greatest;
SELECT ddb.hash_segment(3, 3);
SELECT ddb.hash_segment(-1, 3);
SELECT ddb.hash_segment(0, 0);

-- the order by hash is a total order that agrees with the hash
SELECT count(*) AS wrong
  FROM generate_series(1, 60) AS i, generate_series(1, 60) AS j,
       LATERAL (SELECT 'k' || i AS a, 'k' || j AS b, i::numeric AS m, j::numeric AS n) AS x
 WHERE (a OPERATOR(ddb.<#) b) <> (ddb.partition_hash(a) < ddb.partition_hash(b))
    OR (a OPERATOR(ddb.>=#) b) <> (ddb.partition_hash(a) >= ddb.partition_hash(b))
    OR (m OPERATOR(ddb.<=#) n) <> (ddb.partition_hash(m) <= ddb.partition_hash(n))
    OR (a OPERATOR(ddb.>#) ddb.partition_hash(b)) <> (a OPERATOR(ddb.>#) b)
    OR (a OPERATOR(ddb.<=#) ddb.partition_hash(b)) <> (ddb.partition_hash(a) <= ddb.partition_hash(b));
