-- Version 1: the naive migration.
--
-- Each relation becomes a DynamoDB table of its own and its primary key the
-- partition key; no sort keys, no indexes.  Looking up by key is fine.
-- Everything else is a Scan.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\ir report.sql

BEGIN;

SELECT ddb_create_table(name, partition_key => key) IS NOT NULL AS made
FROM (VALUES ('artist', 'artist_id N'), ('genre', 'genre_id N'), ('media_type', 'media_type_id N'),
             ('album', 'album_id N'), ('track', 'track_id N'), ('customer', 'customer_id N'),
             ('orders', 'order_id N'), ('order_line', 'order_line_id N')) AS tables (name, key)
\g /dev/null

SELECT pinhead.import('artist', 'artist', 'SELECT * FROM pinhead.artist');
SELECT pinhead.import('genre', 'genre', 'SELECT * FROM pinhead.genre');
SELECT pinhead.import('media_type', 'media_type', 'SELECT * FROM pinhead.media_type');
SELECT pinhead.import('album', 'album', 'SELECT * FROM pinhead.album');
SELECT pinhead.import('track', 'track', 'SELECT * FROM pinhead.track');
SELECT pinhead.import('customer', 'customer', 'SELECT * FROM pinhead.customer');
SELECT pinhead.import('orders', 'orders', 'SELECT * FROM pinhead.orders');
SELECT pinhead.import('order_line', 'order_line', 'SELECT * FROM pinhead.order_line');

COMMIT;
