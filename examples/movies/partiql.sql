-- The films by PartiQL: reads, writes, plans.  After tutorial.sql, whose table it uses.
\set ON_ERROR_STOP on
\pset footer off

\echo 'PartiQL: one film by its key, a few columns'
SELECT film FROM ddb_execute($$SELECT title, info.rating, info.actors[0] FROM "Movies" WHERE "year" = 2013 AND title = 'Rush'$$) AS film;

\echo 'Films of two years that begin with "The S", newest year first'
SELECT ddb_unmarshal(film) FROM ddb_execute($$
  SELECT "year", title FROM "Movies" WHERE "year" IN [?, ?] AND begins_with(title, 'The S') ORDER BY "year" DESC, title ASC
$$, '[{"N": "2012"}, {"N": "2013"}]') AS film LIMIT 5;

\echo 'How that is read'
SELECT * FROM ddb_explain_statement($$SELECT "year", title FROM "Movies" WHERE "year" IN [?, ?] AND begins_with(title, 'The S') ORDER BY "year" DESC, title ASC$$) AS plan;

\echo 'A condition on no key is a scan: LIMIT stops it'
SELECT * FROM ddb_explain_statement($$SELECT * FROM "Movies" WHERE info.rating > 8.5$$) AS plan;
SELECT ddb_unmarshal(film) FROM ddb_execute($$SELECT title FROM "Movies" WHERE info.rating > 8.9$$) AS film LIMIT 3;

\echo 'Insert, update, delete'
BEGIN;
SELECT * FROM ddb_execute($$INSERT INTO "Movies" VALUE {'year': 2026, 'title': 'The Query', 'info': {'rating': 7, 'genres': <<'Drama'>>}}$$) AS film;
SELECT * FROM ddb_execute($$
  UPDATE "Movies" SET info.rating = info.rating + 0.5 SET info.genres = set_add(info.genres, <<'Comedy'>>)
  WHERE "year" = 2026 AND title = 'The Query' AND info.rating < 10 RETURNING MODIFIED NEW *$$) AS film;
SELECT * FROM ddb_execute($$DELETE FROM "Movies" WHERE "year" = 2026 AND title = 'The Query' RETURNING ALL OLD *$$) AS film;
COMMIT;
