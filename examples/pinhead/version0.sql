-- Version 0: Pinhead Records as a normalised relational schema.
--
-- Run by psql in this file's folder (the CSV files are read by \copy, on the
-- client's side).  \set data DIR before says where they are, if elsewhere.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

\if :{?data} \else
  \set data data
\endif
\cd :data

BEGIN;

DROP SCHEMA IF EXISTS pinhead CASCADE;
CREATE SCHEMA pinhead;
SET LOCAL search_path = pinhead, public;

CREATE TABLE artist (
  artist_id integer PRIMARY KEY,
  name      text NOT NULL
);

CREATE TABLE genre (
  genre_id integer PRIMARY KEY,
  name     text NOT NULL UNIQUE
);

CREATE TABLE media_type (
  media_type_id integer PRIMARY KEY,
  name          text NOT NULL UNIQUE
);

CREATE TABLE album (
  album_id     integer PRIMARY KEY,
  title        text NOT NULL,
  artist_id    integer NOT NULL REFERENCES artist,
  release_year integer NOT NULL GENERATED ALWAYS AS (1965 + (album_id * 37) % 58) STORED
);
COMMENT ON COLUMN album.release_year IS 'synthetic: Chinook has no years';

CREATE TABLE track (
  track_id      integer PRIMARY KEY,
  name          text NOT NULL,
  album_id      integer NOT NULL REFERENCES album,
  media_type_id integer NOT NULL REFERENCES media_type,
  genre_id      integer NOT NULL REFERENCES genre,
  composer      text,
  milliseconds  integer NOT NULL,
  bytes         integer NOT NULL,
  unit_price    numeric(10,2) NOT NULL
);

CREATE TABLE customer (
  customer_id    integer PRIMARY KEY,
  first_name     text NOT NULL,
  last_name      text NOT NULL,
  company        text,
  address        text,
  city           text,
  state          text,
  country        text,
  postal_code    text,
  phone          text,
  fax            text,
  email          text NOT NULL,
  support_rep_id integer
);

CREATE TABLE orders (
  order_id            integer PRIMARY KEY,
  customer_id         integer NOT NULL REFERENCES customer,
  order_date          timestamp NOT NULL,
  billing_address     text,
  billing_city        text,
  billing_state       text,
  billing_country     text,
  billing_postal_code text,
  total               numeric(10,2) NOT NULL
);

CREATE TABLE order_line (
  order_line_id integer PRIMARY KEY,
  order_id      integer NOT NULL REFERENCES orders,
  track_id      integer NOT NULL REFERENCES track,
  unit_price    numeric(10,2) NOT NULL,
  quantity      integer NOT NULL
);

\copy artist FROM 'artist.csv' WITH (FORMAT csv, HEADER)
\copy genre FROM 'genre.csv' WITH (FORMAT csv, HEADER)
\copy media_type FROM 'mediatype.csv' WITH (FORMAT csv, HEADER)
\copy album (album_id, title, artist_id) FROM 'album.csv' WITH (FORMAT csv, HEADER)
\copy track FROM 'track.csv' WITH (FORMAT csv, HEADER)
\copy customer FROM 'customer.csv' WITH (FORMAT csv, HEADER)
\copy orders FROM 'invoice.csv' WITH (FORMAT csv, HEADER)
\copy order_line FROM 'invoiceline.csv' WITH (FORMAT csv, HEADER)

CREATE INDEX ON album (artist_id);
CREATE INDEX ON album (title);
CREATE INDEX ON album (release_year);
CREATE INDEX ON track (album_id, track_id);
CREATE INDEX ON track (name);
CREATE INDEX ON track (genre_id);
CREATE INDEX ON orders (customer_id, order_date);
CREATE INDEX ON order_line (order_id);
CREATE INDEX ON order_line (track_id);

-- What the shop shows of an album: everything here follows from the tables above.
CREATE VIEW album_card AS
SELECT a.album_id, a.title, a.artist_id, artist.name AS artist, a.release_year,
       t.price, t.tracks, g.name AS genre, coalesce(s.sold, 0)::integer AS sold
FROM album a
JOIN artist USING (artist_id)
JOIN (SELECT album_id, sum(unit_price) AS price, count(*)::integer AS tracks,
             mode() WITHIN GROUP (ORDER BY genre_id) AS genre_id
      FROM track GROUP BY album_id) t USING (album_id)
JOIN genre g USING (genre_id)
LEFT JOIN (SELECT album_id, sum(quantity) AS sold
           FROM order_line JOIN track USING (track_id) GROUP BY album_id) s USING (album_id);
COMMENT ON VIEW album_card IS 'an album with its artist, price, genre and copies sold';

-- Tracks with their place on the album; Chinook numbers them in album order.
CREATE VIEW track_card AS
SELECT t.*, row_number() OVER (PARTITION BY album_id ORDER BY track_id)::integer AS track_no
FROM track t;
COMMENT ON VIEW track_card IS 'a track with its place on the album';

COMMIT;

ANALYZE pinhead.artist, pinhead.album, pinhead.track, pinhead.customer, pinhead.orders, pinhead.order_line;
