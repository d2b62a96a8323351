-- The index access method ddb.  PostgreSQL 17 plans and shows otherwise: am_1.out; 18
-- otherwise again: am_2.out.
CREATE EXTENSION IF NOT EXISTS ddb;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

CREATE TABLE music (
  artist text COLLATE "C" NOT NULL,
  song text COLLATE "C" NOT NULL,
  genre text COLLATE "C",
  price numeric,
  n integer
);
INSERT INTO music
SELECT 'artist ' || i % 50, 'song ' || to_char(i, 'FM00000'),
       CASE WHEN i % 3 > 0 THEN 'genre ' || i % 10 END,
       CASE WHEN i % 2 = 0 THEN i / 4.0 END, i
  FROM generate_series(1, 5000) AS i;
CREATE UNIQUE INDEX music_key ON music USING ddb (artist ddb.text_partition_ops, song);
CREATE INDEX music_genre ON music USING ddb
  (genre ddb.text_partition_ops, price, artist ddb.text_partition_ops, song ddb.text_partition_ops);
ANALYZE music;
SELECT ddb_index_check('music_key'), ddb_index_check('music_genre');
SELECT count(*) FROM music WHERE genre IS NOT NULL AND price IS NOT NULL;
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcnamespace = 'ddb'::regnamespace ORDER BY opcname;

-- Plans.  The index gives the order of the sort column, both ways ...
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist = 'artist 7' AND song > 'song 00500' ORDER BY song;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist = 'artist 7' AND song > 'song 00500' ORDER BY song DESC;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist = 'artist 7' ORDER BY artist, song LIMIT 3;
EXPLAIN (COSTS OFF) SELECT max(song) FROM music WHERE artist = 'artist 7';
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist = 'artist 7' AND song LIKE 'song 01%';
SELECT array_agg(n) FROM (SELECT n FROM music WHERE artist = 'artist 7' AND song > 'song 04700' ORDER BY song) AS x;
SELECT array_agg(n) FROM (SELECT n FROM music WHERE artist = 'artist 7' AND song > 'song 04700' ORDER BY song DESC) AS x;
SELECT n FROM music WHERE artist = 'artist 7' AND song BETWEEN 'song 00600' AND 'song 00700' ORDER BY song;
SELECT max(song), (SELECT min(song) FROM music WHERE artist = 'artist 7') FROM music WHERE artist = 'artist 7';
-- ... and never the order of the partition column
EXPLAIN (COSTS OFF) SELECT artist FROM music ORDER BY artist;
EXPLAIN (COSTS OFF) SELECT artist, song FROM music WHERE artist IN ('artist 1', 'artist 2') ORDER BY artist, song;
EXPLAIN (COSTS OFF) SELECT artist FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint ORDER BY artist LIMIT 1;
SELECT array_agg(artist ORDER BY o) = array_agg(artist ORDER BY artist) AS sorted
  FROM (SELECT artist, row_number() OVER () AS o FROM
         (SELECT DISTINCT artist FROM music WHERE artist > 'artist 3' ORDER BY artist) AS y) AS x;
-- except by its own operators
EXPLAIN (COSTS OFF) SELECT artist FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint
  ORDER BY artist USING OPERATOR(ddb.<#), song LIMIT 1;
-- no scan without a partition key, no index-only scan, no range by the native order
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE song = 'song 00001';
EXPLAIN (COSTS OFF) SELECT artist, song FROM music WHERE artist = 'artist 7' AND song = 'song 00007';
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist < 'artist 2';
SELECT count(*) FROM music WHERE artist < 'artist 2';

-- IN lists, joins, bitmap scans, prepared statements
SELECT array_agg(n ORDER BY n) FROM music
 WHERE artist IN ('artist 1', 'artist 2', 'nobody', NULL) AND song IN ('song 00001', 'song 00052', 'song 04901');
EXPLAIN (COSTS OFF) SELECT n FROM music
 WHERE artist IN ('artist 1', 'artist 2') AND song IN ('song 00001', 'song 00052');
SET enable_hashjoin = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT m.n FROM (VALUES ('artist 1'), ('artist 2')) AS a(name) JOIN music m ON m.artist = a.name
 WHERE m.song > 'song 04900';
SELECT array_agg(m.n ORDER BY n) FROM (VALUES ('artist 1'), ('artist 2')) AS a(name) JOIN music m ON m.artist = a.name
 WHERE m.song > 'song 04900';
RESET enable_hashjoin;
SET enable_nestloop = off;
SET enable_hashjoin = off;
SET enable_mergejoin = on;
EXPLAIN (COSTS OFF) SELECT count(*) FROM music a JOIN music b ON a.artist = b.artist AND a.song = b.song
 WHERE a.artist OPERATOR(ddb.>#) 0::bigint AND b.artist OPERATOR(ddb.<#) 5000000000000000000::bigint;
SELECT count(*) FROM music a JOIN music b ON a.artist = b.artist AND a.song = b.song
 WHERE a.artist OPERATOR(ddb.>#) 0::bigint AND b.artist OPERATOR(ddb.<#) 5000000000000000000::bigint;
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint AND artist OPERATOR(ddb.<#) 5000000000000000000::bigint;
RESET enable_mergejoin;
RESET enable_hashjoin;
RESET enable_nestloop;
SET enable_bitmapscan = on;
SET enable_indexscan = off;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist = 'artist 7' AND song < 'song 00100';
SELECT array_agg(n ORDER BY n) FROM music WHERE artist = 'artist 7' AND song < 'song 00100';
RESET enable_indexscan;
SET enable_bitmapscan = off;
SET plan_cache_mode = force_generic_plan;
PREPARE by_key(text, text) AS SELECT n FROM music WHERE artist = $1 AND song = $2;
EXPLAIN (COSTS OFF) EXECUTE by_key('artist 7', 'song 00007');
EXECUTE by_key('artist 7', 'song 00007');
EXECUTE by_key('artist 7', NULL);

-- Sparse: the index is used only where it can't hide a row.
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre = 'genre 1';
SELECT count(*), count(price) FROM music WHERE genre = 'genre 1';
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre = 'genre 1' AND price > 1000;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre = 'genre 1' AND price IS NOT NULL ORDER BY price DESC LIMIT 2;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre IN ('genre 1', 'genre 2') AND price > 1000;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre = 'genre 1' AND price IS NULL;
SELECT count(*) FROM music WHERE genre IN ('genre 1', 'genre 2') AND price > 1000;
PREPARE by_genre(text) AS SELECT count(*), count(price) FROM music WHERE genre = $1;
PREPARE by_genre_price(text, numeric) AS SELECT count(*) FROM music WHERE genre = $1 AND price > $2;
EXECUTE by_genre('genre 1');
EXPLAIN (COSTS OFF) EXECUTE by_genre_price('genre 1', 1000);
EXECUTE by_genre_price('genre 1', 1000);
SET enable_bitmapscan = on;
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE genre = 'genre 1' OR (genre = 'genre 2' AND price > 1000);
SELECT count(*) FROM music WHERE genre = 'genre 1' OR (genre = 'genre 2' AND price > 1000);
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT a.n FROM music a LEFT JOIN music b ON b.genre = a.genre WHERE a.artist = 'artist 7';
RESET plan_cache_mode;
-- a plan made while a column was NOT NULL does not outlive that
CREATE TABLE nullable (pk text COLLATE "C" NOT NULL, sk text COLLATE "C" NOT NULL);
CREATE INDEX ON nullable USING ddb (pk ddb.text_partition_ops, sk);
PREPARE count_nullable AS SELECT count(*) FROM nullable WHERE pk = 'a';
INSERT INTO nullable VALUES ('a', 'b');
EXECUTE count_nullable;
ALTER TABLE nullable ALTER sk DROP NOT NULL;
INSERT INTO nullable VALUES ('a', NULL);
EXECUTE count_nullable;
-- updates move a row in and out of the index
UPDATE nullable SET sk = 'c' WHERE sk IS NULL;
SELECT ddb_index_check('nullable_pk_sk_idx');
UPDATE nullable SET sk = NULL WHERE sk = 'b';
SELECT ddb_index_check('nullable_pk_sk_idx');
DROP TABLE nullable;

-- Ranges of hashes are what a scan's segments are made of.
EXPLAIN (COSTS OFF) SELECT n FROM music WHERE artist OPERATOR(ddb.>=#) 0::bigint AND artist OPERATOR(ddb.<=#) 1000::bigint;
SELECT sum(c), sum(d) FROM generate_series(0, 6) AS s, ddb.hash_segment(s, 7),
  LATERAL (SELECT count(*) AS c, count(DISTINCT artist) AS d FROM music
            WHERE artist OPERATOR(ddb.>=#) low AND artist OPERATOR(ddb.<=#) high) AS x;
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>=#) ddb.partition_hash('artist 7'::text)
   AND artist OPERATOR(ddb.<=#) ddb.partition_hash('artist 7'::text) AND song >= 'song 04000' AND song < 'song 04500';
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>=#) (-9223372036854775808)::bigint
   AND artist OPERATOR(ddb.<=#) 9223372036854775807::bigint AND song <= 'song 00100';
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>=#) ANY (ARRAY[ddb.partition_hash('artist 7'::text), 9223372036854775807])
   AND artist OPERATOR(ddb.<=#) ANY (ARRAY[NULL, ddb.partition_hash('artist 7'::text)]);
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>#) ANY ('{}'::bigint[]);
SELECT count(*) FROM music WHERE artist = 'artist 7' AND artist OPERATOR(ddb.>#) ddb.partition_hash('artist 7'::text);
SELECT count(*) FROM music WHERE artist = 'artist 7' AND artist OPERATOR(ddb.>=#) ddb.partition_hash('artist 7'::text);
-- by parallel workers
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_index_scan_size = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint;
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) FROM music WHERE artist OPERATOR(ddb.>#) 0::bigint;
-- the partition key after a given one, walking all of them
WITH RECURSIVE walk(artist, i) AS (
  (SELECT artist, 1 FROM music WHERE artist OPERATOR(ddb.>=#) (-9223372036854775808)::bigint
    ORDER BY artist USING OPERATOR(ddb.<#) LIMIT 1)
  UNION ALL
  SELECT (SELECT m.artist FROM music m WHERE m.artist OPERATOR(ddb.>#) w.artist
           ORDER BY m.artist USING OPERATOR(ddb.<#) LIMIT 1), i + 1
    FROM walk w WHERE w.artist IS NOT NULL)
SELECT count(artist), count(DISTINCT artist),
       array_agg(ddb.partition_hash(artist) ORDER BY i) = array_agg(ddb.partition_hash(artist) ORDER BY ddb.partition_hash(artist)) AS in_order
  FROM walk WHERE artist IS NOT NULL;

-- Uniqueness.
\set SHOW_CONTEXT never
DO $$
DECLARE d text;
BEGIN
  INSERT INTO music VALUES ('artist 7', 'song 00007');
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
  RAISE WARNING '% %: %', SQLSTATE, SQLERRM, d;
END $$;
CREATE UNIQUE INDEX twice ON music USING ddb (artist ddb.text_partition_ops, genre);

-- What is refused.
CREATE INDEX bad ON music USING ddb (artist, song);
CREATE INDEX bad ON music USING ddb (n);
CREATE INDEX bad ON music USING ddb ((artist COLLATE "default") ddb.text_partition_ops);
CREATE UNIQUE INDEX bad ON music USING ddb (genre ddb.text_partition_ops) NULLS NOT DISTINCT;
CLUSTER music USING music_key;
SELECT ddb_index_check('music');
SELECT ddb_index_check('pg_class_oid_index');
CREATE ROLE regress_ddb_reader;
SET ROLE regress_ddb_reader;
SELECT ddb_index_check('music_key');
RESET ROLE;
DROP ROLE regress_ddb_reader;
DROP TABLE music;
