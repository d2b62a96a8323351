-- The shop's access patterns: on version 2, on version 1, and by joins over
-- version 0.  Every answer is compared with the join's.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\ir report.sql

\echo '                                               version 1        version 2      joins'
\echo '    pattern                              rows    read     ms      read     ms       ms'

SELECT pinhead.compare('an artist with its albums',
  $$ SELECT name AS title, NULL::integer AS year FROM pinhead.artist WHERE artist_id = 90
     UNION ALL
     (SELECT title, release_year FROM pinhead.album WHERE artist_id = 90 ORDER BY release_year, album_id) $$,
  $$ SELECT p->>'title' AS title, (p->>'year')::integer AS year
     FROM ddb_query('Pinhead', 'pk = :artist', '{":artist": {"S": "ARTIST#0090"}}') i, ddb_unmarshal(i) p $$,
  '$1',
  $$ SELECT ddb_unmarshal(ddb_get('artist', '{"artist_id": {"N": "90"}}'))->>'name' AS title, NULL::integer AS year
     UNION ALL
     (SELECT p->>'title', (p->>'release_year')::integer
      FROM ddb_scan('album', 'artist_id = :artist', '{":artist": {"N": "90"}}') i, ddb_unmarshal(i) p
      ORDER BY 2, (p->>'album_id')::integer) $$,
  '1 + (SELECT count(*) FROM ddb_data.album)');

SELECT pinhead.compare('an album with its tracks in order',
  $$ SELECT title, NULL::integer AS milliseconds FROM pinhead.album WHERE album_id = 95
     UNION ALL
     (SELECT name, milliseconds FROM pinhead.track WHERE album_id = 95 ORDER BY track_id) $$,
  $$ SELECT p->>'title' AS title, (p->>'milliseconds')::integer AS milliseconds
     FROM ddb_query('Pinhead', 'pk = :album', '{":album": {"S": "ALBUM#0095"}}') i, ddb_unmarshal(i) p $$,
  '$1',
  $$ SELECT ddb_unmarshal(ddb_get('album', '{"album_id": {"N": "95"}}'))->>'title' AS title, NULL::integer AS milliseconds
     UNION ALL
     (SELECT p->>'name', (p->>'milliseconds')::integer
      FROM ddb_scan('track', 'album_id = :album', '{":album": {"N": "95"}}') i, ddb_unmarshal(i) p
      ORDER BY (p->>'track_id')::integer) $$,
  '1 + (SELECT count(*) FROM ddb_data.track)');

SELECT pinhead.compare('albums by title: The B...',
  $$ SELECT title FROM pinhead.album WHERE starts_with(title, 'The B') ORDER BY title COLLATE "C" $$,
  $$ SELECT ddb_unmarshal(i)->>'title' AS title
     FROM ddb_query('Pinhead', 'kind = :kind AND begins_with(title, :start)',
                    '{":kind": {"S": "ALBUM"}, ":start": {"S": "The B"}}', index_name => 'by_title') i $$,
  '$1',
  $$ SELECT ddb_unmarshal(i)->>'title' AS title
     FROM ddb_scan('album', 'begins_with(title, :start)', '{":start": {"S": "The B"}}') i
     ORDER BY (ddb_unmarshal(i)->>'title') COLLATE "C" $$,
  '(SELECT count(*) FROM ddb_data.album)');

SELECT pinhead.compare('albums by genre: Jazz',
  $$ SELECT title, artist FROM pinhead.album_card WHERE genre = 'Jazz' ORDER BY title COLLATE "C" $$,
  $$ SELECT p->>'title' AS title, p->>'artist' AS artist
     FROM ddb_query('Pinhead', 'genre = :genre', '{":genre": {"S": "Jazz"}}', index_name => 'by_genre') i,
          ddb_unmarshal(i) p $$,
  '$1',
  $$ WITH album_genre AS (
       SELECT (t->>'album_id')::integer AS album_id, mode() WITHIN GROUP (ORDER BY (t->>'genre_id')::integer) AS genre_id
       FROM ddb_scan('track') i, ddb_unmarshal(i) t GROUP BY 1)
     SELECT a->>'title' AS title, r->>'name' AS artist
     FROM ddb_scan('genre', '#n = :genre', '{":genre": {"S": "Jazz"}}', '{"#n": "name"}') gi, ddb_unmarshal(gi) g,
          album_genre ag,
          ddb_unmarshal(ddb_get('album', ddb_marshal(jsonb_build_object('album_id', ag.album_id)))) a,
          ddb_unmarshal(ddb_get('artist', ddb_marshal(jsonb_build_object('artist_id', a->'artist_id')))) r
     WHERE ag.genre_id = (g->>'genre_id')::integer
     ORDER BY (a->>'title') COLLATE "C" $$,
  '(SELECT count(*) FROM ddb_data.track) + (SELECT count(*) FROM ddb_data.genre) + 2 * $1');

SELECT pinhead.compare('albums by year: 1980 to 1984',
  $$ SELECT release_year AS year, title FROM pinhead.album WHERE release_year BETWEEN 1980 AND 1984 ORDER BY 1, 2 $$,
  $$ SELECT (p->>'year')::integer AS year, p->>'title' AS title
     FROM ddb_query('Pinhead', 'kind = :kind AND #y BETWEEN :from AND :to',
                    '{":kind": {"S": "ALBUM"}, ":from": {"N": "1980"}, ":to": {"N": "1984"}}', '{"#y": "year"}',
                    index_name => 'by_year') i, ddb_unmarshal(i) p
     ORDER BY 1, 2 $$,
  '$1',
  $$ SELECT (p->>'release_year')::integer AS year, p->>'title' AS title
     FROM ddb_scan('album', 'release_year BETWEEN :from AND :to', '{":from": {"N": "1980"}, ":to": {"N": "1984"}}') i,
          ddb_unmarshal(i) p
     ORDER BY 1, 2 $$,
  '(SELECT count(*) FROM ddb_data.album)');

SELECT pinhead.compare('albums by price: 20.00 and more',
  $$ SELECT price, title FROM pinhead.album_card WHERE price >= 20 ORDER BY 1 DESC, 2 $$,
  $$ SELECT (p->>'price')::numeric AS price, p->>'title' AS title
     FROM ddb_query('Pinhead', 'kind = :kind AND price >= :price', '{":kind": {"S": "ALBUM"}, ":price": {"N": "20"}}',
                    index_name => 'by_price', scan_forward => false) i, ddb_unmarshal(i) p
     ORDER BY 1 DESC, 2 $$,
  '$1',
  $$ SELECT s.price, ddb_unmarshal(ddb_get('album', ddb_marshal(jsonb_build_object('album_id', s.album_id))))->>'title' AS title
     FROM (SELECT (t->>'album_id')::integer AS album_id, sum((t->>'unit_price')::numeric) AS price
           FROM ddb_scan('track') i, ddb_unmarshal(i) t GROUP BY 1) s
     WHERE s.price >= 20
     ORDER BY 1 DESC, 2 $$,
  '(SELECT count(*) FROM ddb_data.track) + $1');

SELECT pinhead.compare('tracks by name: Hallowed Be Thy Name',
  $$ SELECT t.name, a.title AS album, r.name AS artist, t.milliseconds
     FROM pinhead.track t JOIN pinhead.album a USING (album_id) JOIN pinhead.artist r USING (artist_id)
     WHERE t.name = 'Hallowed Be Thy Name' ORDER BY album $$,
  $$ SELECT p->>'title' AS name, p->>'album' AS album, p->>'artist' AS artist, (p->>'milliseconds')::integer AS milliseconds
     FROM ddb_query('Pinhead', 'kind = :kind AND title = :name',
                    '{":kind": {"S": "TRACK"}, ":name": {"S": "Hallowed Be Thy Name"}}', index_name => 'by_title') i,
          ddb_unmarshal(i) p
     ORDER BY album $$,
  '$1',
  $$ SELECT t->>'name' AS name, a->>'title' AS album, r->>'name' AS artist, (t->>'milliseconds')::integer AS milliseconds
     FROM ddb_scan('track', '#n = :name', '{":name": {"S": "Hallowed Be Thy Name"}}', '{"#n": "name"}') i, ddb_unmarshal(i) t,
          ddb_unmarshal(ddb_get('album', ddb_marshal(jsonb_build_object('album_id', t->'album_id')))) a,
          ddb_unmarshal(ddb_get('artist', ddb_marshal(jsonb_build_object('artist_id', a->'artist_id')))) r
     ORDER BY album $$,
  '(SELECT count(*) FROM ddb_data.track) + 2 * $1');

SELECT pinhead.compare('a customer by number',
  $$ SELECT first_name, last_name, email FROM pinhead.customer WHERE customer_id = 1 $$,
  $$ SELECT p->>'first_name' AS first_name, p->>'last_name' AS last_name, p->>'email' AS email
     FROM ddb_unmarshal(ddb_get('Pinhead', '{"pk": {"S": "CUSTOMER#0001"}, "sk": {"S": "#META"}}')) p $$,
  '1',
  $$ SELECT p->>'first_name' AS first_name, p->>'last_name' AS last_name, p->>'email' AS email
     FROM ddb_unmarshal(ddb_get('customer', '{"customer_id": {"N": "1"}}')) p $$,
  '1');

SELECT pinhead.compare('a customer''s orders, newest first',
  $$ SELECT order_id, total FROM pinhead.orders WHERE customer_id = 1 ORDER BY order_date DESC, order_id DESC $$,
  $$ SELECT (p->>'order_id')::integer AS order_id, (p->>'total')::numeric AS total
     FROM ddb_query('Pinhead', 'pk = :customer AND begins_with(sk, :order)',
                    '{":customer": {"S": "CUSTOMER#0001"}, ":order": {"S": "ORDER#"}}', scan_forward => false) i,
          ddb_unmarshal(i) p $$,
  '$1',
  $$ SELECT (p->>'order_id')::integer AS order_id, (p->>'total')::numeric AS total
     FROM ddb_scan('orders', 'customer_id = :customer', '{":customer": {"N": "1"}}') i, ddb_unmarshal(i) p
     ORDER BY p->>'order_date' DESC, 1 DESC $$,
  '(SELECT count(*) FROM ddb_data.orders)');

SELECT pinhead.compare('one order with its lines',
  $$ SELECT c.first_name || ' ' || c.last_name AS what, o.total AS amount
     FROM pinhead.orders o JOIN pinhead.customer c USING (customer_id) WHERE order_id = 278
     UNION ALL
     (SELECT t.name, l.unit_price FROM pinhead.order_line l JOIN pinhead.track t USING (track_id)
      WHERE order_id = 278 ORDER BY order_line_id) $$,
  $$ SELECT coalesce(p->>'customer', p->>'track') AS what, coalesce(p->>'total', p->>'price')::numeric AS amount
     FROM ddb_query('Pinhead', 'pk = :order', '{":order": {"S": "ORDER#00278"}}') i, ddb_unmarshal(i) p
     ORDER BY p->>'sk' COLLATE "C" $$,
  '$1',
  $$ SELECT format('%s %s', c->>'first_name', c->>'last_name') AS what, (o->>'total')::numeric AS amount
     FROM ddb_unmarshal(ddb_get('orders', '{"order_id": {"N": "278"}}')) o,
          ddb_unmarshal(ddb_get('customer', ddb_marshal(jsonb_build_object('customer_id', o->'customer_id')))) c
     UNION ALL
     (SELECT t->>'name', (l->>'unit_price')::numeric
      FROM ddb_scan('order_line', 'order_id = :order', '{":order": {"N": "278"}}') i, ddb_unmarshal(i) l,
           ddb_unmarshal(ddb_get('track', ddb_marshal(jsonb_build_object('track_id', l->'track_id')))) t
      ORDER BY (l->>'order_line_id')::integer) $$,
  '2 + (SELECT count(*) FROM ddb_data.order_line) + $1 - 1');

-- Albums that sold equally often share a place, and the tenth place may have more holders than the page has
-- room for: the figures are compared in order, and the titles of those that lead.
SELECT pinhead.compare('best sellers: the top ten albums',
  $$ SELECT sold, CASE WHEN sold > 18 THEN title END AS title
     FROM (SELECT * FROM pinhead.album_card WHERE sold > 0 ORDER BY sold DESC LIMIT 10) top ORDER BY 1 DESC, 2 $$,
  $$ SELECT (p->>'sold')::integer AS sold, CASE WHEN (p->>'sold')::integer > 18 THEN p->>'title' END AS title
     FROM ddb_query('Pinhead', 'chart = :chart', '{":chart": {"S": "ALBUMS"}}', index_name => 'best_sellers',
                    scan_forward => false, max_items => 10) i, ddb_unmarshal(i) p
     ORDER BY 1 DESC, 2 $$,
  '$1',
  $$ WITH top AS (
       SELECT (t->>'album_id')::integer AS album_id, sum((l->>'quantity')::integer)::integer AS sold
       FROM ddb_scan('order_line') li, ddb_unmarshal(li) l
       JOIN (SELECT ddb_unmarshal(ti) AS t FROM ddb_scan('track') ti) tracks ON t->'track_id' = l->'track_id'
       GROUP BY 1 ORDER BY 2 DESC LIMIT 10)
     SELECT sold, CASE WHEN sold > 18 THEN
              ddb_unmarshal(ddb_get('album', ddb_marshal(jsonb_build_object('album_id', album_id))))->>'title' END AS title
     FROM top ORDER BY 1 DESC, 2 $$,
  '(SELECT count(*) FROM ddb_data.order_line) + (SELECT count(*) FROM ddb_data.track) + $1');

\echo
SELECT format('  %s of %s patterns answer as the joins do. Items read in all: version 1 %s, version 2 %s.',
              count(*) FILTER (WHERE ok), count(*), sum(v1_read), sum(v2_read))
FROM pinhead.finding;
