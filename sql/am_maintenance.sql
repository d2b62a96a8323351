-- What happens to an index of access method ddb in the course of its life.
CREATE EXTENSION IF NOT EXISTS ddb;
SET client_min_messages = warning;

CREATE TABLE item (pk numeric NOT NULL, sk bytea NOT NULL, gpk text COLLATE "C", n integer) WITH (fillfactor = 80);
INSERT INTO item SELECT i % 97 + 0.50, decode(md5(i::text), 'hex'), CASE WHEN i % 4 > 0 THEN 'g' || i % 7 END, i
  FROM generate_series(1, 4000) AS i;
CREATE UNIQUE INDEX item_key ON item USING ddb (pk ddb.numeric_partition_ops, sk) WITH (fillfactor = 90);
CREATE INDEX CONCURRENTLY item_gsi ON item USING ddb (gpk ddb.text_partition_ops, pk ddb.numeric_partition_ops, sk ddb.bytea_partition_ops);
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
-- equal numbers are one key, however written
SET enable_seqscan = off;
SELECT count(*) FROM item WHERE pk = 7.5;
SELECT count(*) FROM item WHERE pk = 7.5000;
INSERT INTO item SELECT 7.5000, sk FROM item WHERE pk = 7.5 ORDER BY sk LIMIT 1;

REINDEX INDEX item_key;
REINDEX INDEX CONCURRENTLY item_key;
REINDEX TABLE CONCURRENTLY item;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
ALTER INDEX item_key SET (fillfactor = 70);
ALTER INDEX item_key SET (partition_columns = 2);
SELECT relname, amname, reloptions FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE relname LIKE 'item_%' ORDER BY relname;

-- deletes, updates, vacuum
DELETE FROM item WHERE n % 3 = 0;
UPDATE item SET gpk = NULL WHERE n % 5 = 0;
UPDATE item SET gpk = 'was null' WHERE n % 8 = 4;
UPDATE item SET n = n + 1;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
VACUUM item;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi'), count(*), count(gpk) FROM item;
INSERT INTO item SELECT i, decode(md5(i::text), 'hex'), 'g' || i % 7, i FROM generate_series(5000, 8000) AS i;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi'), count(*), count(gpk) FROM item;

-- rewrites
VACUUM FULL item;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
ALTER TABLE item SET UNLOGGED;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
ALTER TABLE item SET LOGGED;
ALTER TABLE item ALTER n TYPE bigint;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
ALTER TABLE item SET TABLESPACE pg_default;
BEGIN;
TRUNCATE item;
SELECT ddb_index_check('item_key');
INSERT INTO item VALUES (1, '\x01', 'g', 1);
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
ROLLBACK;
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');
TRUNCATE item;
INSERT INTO item VALUES (1, '\x01', 'g', 1);
SELECT ddb_index_check('item_key'), ddb_index_check('item_gsi');

-- unlogged and temporary tables, an empty table
CREATE UNLOGGED TABLE fleeting (LIKE item INCLUDING INDEXES);
CREATE TEMP TABLE temporary (LIKE item INCLUDING INDEXES);
SELECT ddb_index_check('fleeting_pk_sk_idx'), ddb_index_check('temporary_pk_sk_idx');
INSERT INTO fleeting TABLE item;
INSERT INTO temporary TABLE item;
SELECT ddb_index_check('fleeting_pk_sk_idx'), ddb_index_check('temporary_pk_sk_idx');
SELECT pg_get_indexdef('fleeting_pk_sk_idx'::regclass);

-- an index with a predicate, an expression that builds an index of its own
-- (and so reloads relation descriptors) and an included column
CREATE TABLE other (k text COLLATE "C");
INSERT INTO other VALUES ('a'), ('b');
CREATE FUNCTION build_an_index(n bigint) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF n IN (2, 50) THEN
    CREATE INDEX ON public.other USING ddb (k ddb.text_partition_ops);
    UPDATE pg_class SET relpages = relpages WHERE relname IN ('subject', 'subject_idx');
  END IF;
  RETURN 'k' || n % 10;
END $$;
CREATE FUNCTION builds_an_index(n bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN RETURN public.build_an_index(n); END $$;
CREATE TABLE subject (pk text COLLATE "C", n bigint);
INSERT INTO subject SELECT 'p' || i % 5, i FROM generate_series(1, 100) AS i;
CREATE INDEX subject_idx ON subject USING ddb
  (pk ddb.text_partition_ops, (builds_an_index(n) COLLATE "C") DESC) INCLUDE (n) WHERE n > 1;
SELECT ddb_index_check('subject_idx');
SELECT DISTINCT ddb_index_check(indexrelid) FROM pg_index WHERE indrelid = 'other'::regclass;
REINDEX INDEX subject_idx;
SELECT ddb_index_check('subject_idx');
-- a build that fails leaves nothing behind
CREATE UNIQUE INDEX failing ON subject USING ddb (pk ddb.text_partition_ops);
CREATE FUNCTION fails(n bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN (1 / (n - 50))::text; END $$;
CREATE INDEX failing ON subject USING ddb (pk ddb.text_partition_ops, fails(n));
CREATE INDEX works ON subject USING ddb (pk ddb.text_partition_ops);
REINDEX TABLE subject;
SELECT ddb_index_check('works'), ddb_index_check('subject_idx');

-- partitioned tables and inheritance
CREATE TABLE parted (pk text COLLATE "C" NOT NULL, sk text COLLATE "C", n integer) PARTITION BY HASH (pk);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT 'p' || i % 10, CASE WHEN i % 2 = 0 THEN 's' || i END, i FROM generate_series(1, 1000) AS i;
CREATE INDEX ON parted USING ddb (pk ddb.text_partition_ops, sk);
SELECT ddb_index_check('parted_0_pk_sk_idx') + ddb_index_check('parted_1_pk_sk_idx') AS entries;
SELECT count(*), count(sk) FROM parted WHERE pk = 'p4';
SELECT count(*), count(sk) FROM parted WHERE pk = 'p5';
EXPLAIN (COSTS OFF) SELECT n FROM parted WHERE pk = 'p4' AND sk > 's1';
SELECT ddb_index_check('parted_pk_sk_idx');

-- an exclusion constraint compares long keys by their value
CREATE TABLE excluding (pk text COLLATE "C", EXCLUDE USING ddb (pk ddb.text_partition_ops WITH =));
INSERT INTO excluding VALUES (NULL), (NULL), (repeat('x', 300)), (repeat('x', 301));
\set VERBOSITY terse
INSERT INTO excluding VALUES (repeat('x', 300));
\set VERBOSITY default

-- ddb_index_check sees a row that an index has missed
UPDATE pg_index SET indisready = false WHERE indexrelid = 'works'::regclass;
INSERT INTO subject VALUES ('missed', 1000);
UPDATE pg_index SET indisready = true WHERE indexrelid = 'works'::regclass;
SELECT ddb_index_check('works');
REINDEX INDEX works;
SELECT ddb_index_check('works');
-- and an entry whose row has got another key
UPDATE pg_index SET indislive = false WHERE indexrelid IN ('works'::regclass, 'subject_idx'::regclass);
UPDATE subject SET pk = 'changed' WHERE n = 100;
UPDATE pg_index SET indislive = true WHERE indexrelid IN ('works'::regclass, 'subject_idx'::regclass);
SELECT ddb_index_check('works');
REINDEX INDEX works;
SELECT ddb_index_check('works');
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'works'::regclass;
SELECT ddb_index_check('works');

DROP TABLE item, fleeting, temporary, other, subject, parted, excluding;
DROP FUNCTION builds_an_index, build_an_index, fails;
