-- Long partition keys are stored as digests and behave as themselves.
CREATE EXTENSION IF NOT EXISTS ddb;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

-- len characters that compression does not shorten much
CREATE FUNCTION pg_temp.ascii_noise(seed text, len integer) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT left(string_agg(translate(encode(sha256(convert_to(seed || i, 'UTF8')), 'base64'), E'\n', ''), ''), len)
     FROM generate_series(1, len / 40 + 1) AS i $$;

CREATE TABLE long (pk text COLLATE "C" NOT NULL, sk text COLLATE "C" NOT NULL,
                   gpk text COLLATE "C", gsk text COLLATE "C", bpk bytea, bsk bytea, n integer);
ALTER TABLE long ALTER pk SET STORAGE external, ALTER sk SET STORAGE external;
CREATE UNIQUE INDEX long_key ON long USING ddb (pk ddb.text_partition_ops, sk);
CREATE INDEX long_gsi ON long USING ddb
  (gpk ddb.text_partition_ops, gsk, pk ddb.text_partition_ops, sk ddb.text_partition_ops);
CREATE INDEX long_bytes ON long USING ddb (bpk ddb.bytea_partition_ops, bsk);

-- every length around the limit, and the longest keys DynamoDB has
INSERT INTO long
SELECT pg_temp.ascii_noise('p' || len, len), pg_temp.ascii_noise('s' || j, 1024),
       pg_temp.ascii_noise('g' || len, 2048), pg_temp.ascii_noise('t' || j, 1024),
       convert_to(pg_temp.ascii_noise('b' || len, len), 'UTF8'), convert_to(pg_temp.ascii_noise('c' || j, 1024), 'UTF8'),
       len * 10 + j
  FROM unnest(ARRAY[1, 56, 57, 94, 95, 96, 97, 98, 99, 125, 126, 127, 500, 1024, 2047, 2048]) AS len,
       generate_series(1, 5) AS j;
SELECT min(length(pk)), max(length(pk)), min(length(sk)), count(*) FROM long;
SELECT ddb_index_check('long_key'), ddb_index_check('long_gsi'), ddb_index_check('long_bytes');

SET enable_seqscan = off;
SET enable_bitmapscan = off;
PREPARE by_key(text) AS SELECT n FROM long WHERE pk = $1 ORDER BY sk;
PREPARE by_key_backward(text) AS SELECT n FROM long WHERE pk = $1 ORDER BY sk DESC;
EXPLAIN (COSTS OFF) EXECUTE by_key('x');
EXECUTE by_key(pg_temp.ascii_noise('p2048', 2048));
EXECUTE by_key_backward(pg_temp.ascii_noise('p2048', 2048));
EXECUTE by_key(pg_temp.ascii_noise('p97', 97));
EXECUTE by_key(pg_temp.ascii_noise('p2048', 2048) || '!');
EXECUTE by_key(left(pg_temp.ascii_noise('p2048', 2048), 2047));
SELECT count(*) FROM long WHERE pk = pg_temp.ascii_noise('p2048', 2048) AND sk > pg_temp.ascii_noise('s1', 1024);
SELECT count(*) FROM long a JOIN long b ON a.pk = b.pk AND a.sk = b.sk;
SELECT count(*) FROM long WHERE gpk = pg_temp.ascii_noise('g2048', 2048) AND gsk >= pg_temp.ascii_noise('t3', 1024);
SELECT count(*) FROM long WHERE bpk = convert_to(pg_temp.ascii_noise('b2047', 2047), 'UTF8') AND bsk IS NOT NULL;
SELECT array_agg(n ORDER BY n) FROM long WHERE pk IN
  (pg_temp.ascii_noise('p2048', 2048), pg_temp.ascii_noise('p96', 96), pg_temp.ascii_noise('p97', 97), NULL, 'nobody');
SELECT count(*) FROM long WHERE pk = ANY (ARRAY[NULL, repeat('x', 3000)]);
-- ranges in the partition order
SELECT count(*) FILTER (WHERE o) , count(*) FROM
  (SELECT pk OPERATOR(ddb.>=#) lag(pk) OVER () AS o FROM
    (SELECT pk FROM long WHERE pk OPERATOR(ddb.>#) (-9223372036854775808)::bigint) AS x) AS y;
SELECT (SELECT count(*) FROM long WHERE pk OPERATOR(ddb.>#) k) + (SELECT count(*) FROM long WHERE pk OPERATOR(ddb.<=#) k) AS split
  FROM (SELECT pg_temp.ascii_noise('p1024', 1024) AS k UNION ALL SELECT repeat('y', 5000)) AS x;
SELECT count(*) FROM long WHERE pk OPERATOR(ddb.>=#) ddb.partition_hash(pg_temp.ascii_noise('p2048', 2048))
  AND pk OPERATOR(ddb.<=#) ddb.partition_hash(pg_temp.ascii_noise('p2048', 2048));
-- through a bitmap
SET enable_bitmapscan = on;
SET enable_indexscan = off;
EXECUTE by_key(pg_temp.ascii_noise('p2048', 2048));
SELECT count(*) FROM long WHERE pk = pg_temp.ascii_noise('p97', 97) OR pk = pg_temp.ascii_noise('p2047', 2047);
RESET enable_indexscan;

-- unique, with a message that shows how the key begins
INSERT INTO long (pk, sk) VALUES ('Ünïcödé ' || repeat('é', 200), 'x');
INSERT INTO long (pk, sk) VALUES ('Ünïcödé ' || repeat('é', 200), 'x');
INSERT INTO long (pk, sk) VALUES ('Ünïcödé ' || repeat('é', 201), 'x');

VACUUM FULL long;
SELECT ddb_index_check('long_key'), ddb_index_check('long_gsi'), ddb_index_check('long_bytes');
REINDEX TABLE long;
SELECT ddb_index_check('long_key'), ddb_index_check('long_gsi'), ddb_index_check('long_bytes');
DELETE FROM long WHERE n % 2 = 0;
VACUUM long;
SELECT ddb_index_check('long_key'), ddb_index_check('long_gsi'), ddb_index_check('long_bytes');

-- A bytea that imitates a digest (the stored form of some long value) is one
-- more long value to the index.
CREATE TABLE imitation (pk bytea NOT NULL, n integer);
CREATE UNIQUE INDEX imitation_key ON imitation USING ddb (pk ddb.bytea_partition_ops);
INSERT INTO imitation SELECT decode(repeat('61', 48) || '2e2e2e000064646201' || encode(int8send(0), 'hex') || encode(sha256(repeat('a', 200)::bytea), 'hex'), 'hex'), 1;
INSERT INTO imitation VALUES (repeat('a', 200)::bytea, 2);
\set VERBOSITY terse
INSERT INTO imitation SELECT pk, 3 FROM imitation WHERE n = 1;
\set VERBOSITY default
SELECT octet_length(pk), n FROM imitation WHERE pk = (SELECT pk FROM imitation WHERE n = 1);
SELECT octet_length(pk), n FROM imitation WHERE pk = repeat('a', 200)::bytea;
SELECT ddb_index_check('imitation_key');

-- several partition and sort attributes at their longest: two sort keys fit
CREATE TABLE wide (p1 text COLLATE "C", p2 text COLLATE "C", p3 text COLLATE "C", p4 text COLLATE "C",
                   s1 text COLLATE "C", s2 text COLLATE "C", s3 text COLLATE "C",
                   pk text COLLATE "C", sk text COLLATE "C");
CREATE INDEX wide_gsi ON wide USING ddb
  (p1 ddb.text_partition_ops, p2 ddb.text_partition_ops, p3 ddb.text_partition_ops, p4 ddb.text_partition_ops,
   s1, s2, pk ddb.text_partition_ops, sk ddb.text_partition_ops);
INSERT INTO wide SELECT pg_temp.ascii_noise('1', 2048), pg_temp.ascii_noise('2', 2048), pg_temp.ascii_noise('3', 2048),
  pg_temp.ascii_noise('4', 2048), pg_temp.ascii_noise('5', 1024), pg_temp.ascii_noise('6', 1024), pg_temp.ascii_noise('7', 1024),
  pg_temp.ascii_noise('8', 2048), pg_temp.ascii_noise('9', 1024);
SELECT ddb_index_check('wide_gsi');
SELECT count(*) FROM wide WHERE (p1, p2, p3, p4) = (SELECT p1, p2, p3, p4 FROM wide) AND s1 > 'A' AND s2 IS NOT NULL
   AND pk IS NOT NULL AND sk IS NOT NULL;
-- two partition columns, one around the limit (the check tries row comparisons)
INSERT INTO wide (p1, p2, s1, s2, pk, sk, p3, p4)
SELECT repeat('p', 90 + i % 10), 'q' || i, 's', 's', 'k', 'k', 'x', 'y' FROM generate_series(1, 100) AS i;
CREATE INDEX wide_rows ON wide USING ddb (p1 ddb.text_partition_ops, p2 ddb.text_partition_ops);
SELECT ddb_index_check('wide_rows'), ddb_index_check('wide_gsi');
\set VERBOSITY terse
CREATE INDEX wide_gsi3 ON wide USING ddb (p1 ddb.text_partition_ops, s1, s2, s3, pk ddb.text_partition_ops, sk ddb.text_partition_ops);
\set VERBOSITY default
DROP TABLE long, imitation, wide;
