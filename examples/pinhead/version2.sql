-- Version 2: one table, designed from the access patterns.
--
--   pk             sk                      item
--   ARTIST#0090    #META                   the artist
--                  ALBUM#1982#0095         each album, by year: the card an artist's page shows
--   ALBUM#0095     #META                   the album
--                  TRACK#03                its tracks, in order
--   CUSTOMER#0001  #META                   the customer
--                  ORDER#2021-05-06#00098  each order, by date
--   ORDER#00098    #META                   the order
--                  LINE#02                 its lines
--
-- Numbers are padded with zeros, so that they sort as text.  What one page
-- shows is one item collection, so one Query reads it.  What an item repeats
-- of others (the artist's name on a track) is what its page shows beside it.
--
-- The GSIs are sparse: an item is in one when it has both of its key attributes.
--
--   by_title       kind, title           ARTIST, ALBUM or TRACK, by name
--   by_genre       genre, title          albums
--   by_year        kind, year            albums
--   by_price       kind, price           albums and tracks
--   best_sellers   chart, sold           albums that have sold
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\ir report.sql

BEGIN;

SELECT ddb_create_table('Pinhead',
  partition_key => 'pk S',
  sort_key => 'sk S',
  global_indexes => '{
    "by_title":     {"partition_key": "kind S",  "sort_key": "title S", "projection": "ALL"},
    "by_genre":     {"partition_key": "genre S", "sort_key": "title S", "projection": ["artist", "year", "price"]},
    "by_year":      {"partition_key": "kind S",  "sort_key": "year N",  "projection": ["title", "artist", "price"]},
    "by_price":     {"partition_key": "kind S",  "sort_key": "price N", "projection": ["title", "artist", "year"]},
    "best_sellers": {"partition_key": "chart S", "sort_key": "sold N",  "projection": ["title", "artist"]}
  }') IS NOT NULL AS made
\g /dev/null

SELECT pinhead.import('Pinhead', 'artists', $$
  SELECT ddb_marshal(jsonb_build_object(
    'pk', format('ARTIST#%s', to_char(artist_id, 'FM0000')), 'sk', '#META',
    'kind', 'ARTIST', 'title', name))
  FROM pinhead.artist $$);

SELECT pinhead.import('Pinhead', 'album cards by artist', $$
  SELECT ddb_marshal(jsonb_build_object(
    'pk', format('ARTIST#%s', to_char(artist_id, 'FM0000')),
    'sk', format('ALBUM#%s#%s', release_year, to_char(album_id, 'FM0000')),
    'title', title, 'year', release_year, 'price', price))
  FROM pinhead.album_card $$);

SELECT pinhead.import('Pinhead', 'albums', $$
  SELECT ddb_marshal(jsonb_strip_nulls(jsonb_build_object(
    'pk', format('ALBUM#%s', to_char(album_id, 'FM0000')), 'sk', '#META',
    'kind', 'ALBUM', 'title', title, 'artist', artist, 'artist_id', artist_id, 'genre', genre,
    'year', release_year, 'price', price, 'tracks', tracks,
    'chart', CASE WHEN sold > 0 THEN 'ALBUMS' END, 'sold', sold)))
  FROM pinhead.album_card $$);

SELECT pinhead.import('Pinhead', 'tracks', $$
  SELECT ddb_marshal(jsonb_strip_nulls(jsonb_build_object(
    'pk', format('ALBUM#%s', to_char(t.album_id, 'FM0000')), 'sk', format('TRACK#%s', to_char(t.track_no, 'FM00')),
    'kind', 'TRACK', 'title', t.name, 'track_id', t.track_id, 'composer', t.composer,
    'milliseconds', t.milliseconds, 'bytes', t.bytes, 'media', m.name, 'price', t.unit_price,
    'album', a.title, 'artist', artist.name)))
  FROM pinhead.track_card t
  JOIN pinhead.media_type m USING (media_type_id)
  JOIN pinhead.album a USING (album_id)
  JOIN pinhead.artist USING (artist_id) $$);

SELECT pinhead.import('Pinhead', 'customers', $$
  SELECT ddb_marshal(jsonb_strip_nulls(to_jsonb(c) || jsonb_build_object(
    'pk', format('CUSTOMER#%s', to_char(customer_id, 'FM0000')), 'sk', '#META')))
  FROM pinhead.customer c $$);

SELECT pinhead.import('Pinhead', 'order cards by customer', $$
  SELECT ddb_marshal(jsonb_build_object(
    'pk', format('CUSTOMER#%s', to_char(customer_id, 'FM0000')),
    'sk', format('ORDER#%s#%s', to_char(order_date, 'YYYY-MM-DD'), to_char(order_id, 'FM00000')),
    'order_id', order_id, 'total', total, 'lines', (SELECT count(*) FROM pinhead.order_line l WHERE l.order_id = o.order_id)))
  FROM pinhead.orders o $$);

SELECT pinhead.import('Pinhead', 'orders', $$
  SELECT ddb_marshal(jsonb_strip_nulls(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(order_id, 'FM00000')), 'sk', '#META',
    'order_id', order_id, 'customer_id', customer_id, 'customer', first_name || ' ' || last_name,
    'date', to_char(order_date, 'YYYY-MM-DD'), 'total', total,
    'billing', jsonb_build_object('address', billing_address, 'city', billing_city, 'state', billing_state,
                                  'country', billing_country, 'postal_code', billing_postal_code))))
  FROM pinhead.orders JOIN pinhead.customer USING (customer_id) $$);

SELECT pinhead.import('Pinhead', 'order lines', $$
  SELECT ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(l.order_id, 'FM00000')),
    'sk', format('LINE#%s', to_char(row_number() OVER (PARTITION BY l.order_id ORDER BY l.order_line_id), 'FM00')),
    'track_id', t.track_id, 'track', t.name, 'album', a.title, 'price', l.unit_price, 'quantity', l.quantity))
  FROM pinhead.order_line l
  JOIN pinhead.track t USING (track_id)
  JOIN pinhead.album a USING (album_id) $$);

COMMIT;
