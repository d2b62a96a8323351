-- Pinhead Records by PartiQL: item collections, indexes, a purchase.  After
-- version2.sql; each answer is compared with the join's.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned

CREATE TEMP TABLE answers (what text, statement text, by_statement text[], by_join text[]);

INSERT INTO answers VALUES
  ('an artist with its albums', $$SELECT title, "year" FROM "Pinhead" WHERE pk = 'ARTIST#0090'$$,
   ARRAY(SELECT ddb_unmarshal(i)->>'title' FROM ddb_execute($$SELECT title, "year" FROM "Pinhead" WHERE pk = 'ARTIST#0090'$$) i),
   ARRAY(SELECT name FROM pinhead.artist WHERE artist_id = 90
         UNION ALL (SELECT title FROM pinhead.album WHERE artist_id = 90 ORDER BY release_year, album_id))),
  ('albums by title: The B...', $$SELECT title FROM "Pinhead"."by_title" WHERE kind = 'ALBUM' AND begins_with(title, ?)$$,
   ARRAY(SELECT i #>> '{title,S}' FROM ddb_execute($$SELECT title FROM "Pinhead"."by_title" WHERE kind = 'ALBUM' AND begins_with(title, ?)$$, '[{"S": "The B"}]') i),
   ARRAY(SELECT title FROM pinhead.album WHERE starts_with(title, 'The B') ORDER BY title COLLATE "C")),
  ('albums by genre: Jazz, last title first', $$SELECT title FROM "Pinhead"."by_genre" WHERE genre = 'Jazz' ORDER BY title DESC$$,
   ARRAY(SELECT i #>> '{title,S}' FROM ddb_execute($$SELECT title FROM "Pinhead"."by_genre" WHERE genre = 'Jazz' ORDER BY title DESC$$) i),
   ARRAY(SELECT title FROM pinhead.album_card WHERE genre = 'Jazz' ORDER BY title COLLATE "C" DESC)),
  ('albums of 1980 or 1990', $$SELECT title FROM "Pinhead"."by_year" WHERE kind = 'ALBUM' AND "year" IN [1980, 1990]$$,
   ARRAY(SELECT i #>> '{title,S}' FROM ddb_execute($$SELECT title FROM "Pinhead"."by_year" WHERE kind = 'ALBUM' AND "year" IN [1980, 1990]$$) i ORDER BY 1),
   ARRAY(SELECT title FROM pinhead.album WHERE release_year IN (1980, 1990) ORDER BY 1));

SELECT format(E'%s %s\n    %s\n    %s rows, %s', CASE WHEN by_statement = by_join THEN '✓' ELSE '✗' END, what, statement,
              cardinality(by_statement), (SELECT string_agg(plan, ' |') FROM ddb_explain_statement(statement) plan))
  FROM answers;

-- A purchase, all or nothing: the record is there, and nobody has taken the number of the order.
\echo
SELECT ddb_request('ExecuteTransaction', $$ {"TransactStatements": [
  {"Statement": "EXISTS(SELECT * FROM \"Pinhead\" WHERE pk = 'ALBUM#0095' AND sk = '#META' AND title IS NOT MISSING)"},
  {"Statement": "INSERT INTO \"Pinhead\" VALUE {'pk': 'ORDER#9999', 'sk': '#META', 'total': ?}", "Parameters": [{"N": "9.99"}]}]} $$) AS answer \gset
SELECT CASE WHEN :'answer'::jsonb = '{"Responses": []}' AND count(*) = 1 THEN '✓' ELSE '✗' END || ' a purchase in one transaction of statements'
  FROM ddb_execute($$DELETE FROM "Pinhead" WHERE pk = 'ORDER#9999' AND sk = '#META' RETURNING ALL OLD *$$);
