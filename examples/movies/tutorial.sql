-- The "Movies" tutorial: 4,609 films and the operations of AWS's getting-started guide.
--
-- Run by psql in this file's folder.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\pset footer off
SET client_min_messages = warning;

-- The file is one JSON array.  As a CSV of one row and one column, with
-- delimiters that JSON has no use for, it comes through COPY as it is.
CREATE TEMP TABLE file (films jsonb);
\copy file FROM PROGRAM 'gzip -dc moviedata.json.gz | tr -d "\n"' WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

SELECT ddb_create_table('Movies', partition_key => 'year N', sort_key => 'title S') IS NOT NULL AS made
\g /dev/null

SELECT format('    %s films imported', ddb_import('Movies',
  $$ SELECT ddb_marshal(film) FROM file, jsonb_array_elements(films) film $$));

\echo
\echo '    put      The Big New Movie (2015)'
SELECT ddb_put('Movies', '{
  "year":  {"N": "2015"},
  "title": {"S": "The Big New Movie"},
  "info":  {"M": {"plot": {"S": "Nothing happens at all."}, "rating": {"N": "0"}}}
}') AS item \g /dev/null

\set movie '{"year": {"N": "2015"}, "title": {"S": "The Big New Movie"}}'

SELECT '    get      ' || ddb_unmarshal(ddb_get('Movies', :'movie'))::text;

SELECT '    update   ' || ddb_unmarshal(ddb_update('Movies', :'movie',
  'SET info.rating = :r, info.plot = :p, info.actors = :a',
  "values" => '{":r": {"N": "5.5"}, ":p": {"S": "Everything happens all at once."},
                ":a": {"L": [{"S": "Larry"}, {"S": "Moe"}, {"S": "Curly"}]}}',
  return_values => 'UPDATED_NEW'))::text;

SELECT '    count    ' || ddb_unmarshal(ddb_update('Movies', :'movie',
  'SET info.rating = info.rating + :one', "values" => '{":one": {"N": "1"}}', return_values => 'UPDATED_NEW'))::text;

SELECT '    if       only with three actors or more: ' || ddb_unmarshal(ddb_update('Movies', :'movie',
  'REMOVE info.actors[0]', condition => 'size(info.actors) >= :n',
  "values" => '{":n": {"N": "3"}}', return_values => 'UPDATED_NEW'))::text;

-- The same update again: two actors are left, so the condition fails and nothing changes.
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'was not refused';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END $$;

SELECT '    again    ' || pg_temp.refusal(format($$
  SELECT ddb_update('Movies', %L, 'REMOVE info.actors[0]', condition => 'size(info.actors) >= :n',
                    "values" => '{":n": {"N": "3"}}') $$, :'movie'));

SELECT '    delete   if rated 5 or less: ' || pg_temp.refusal(format($$
  SELECT ddb_delete('Movies', %L, condition => 'info.rating <= :r', "values" => '{":r": {"N": "5"}}') $$, :'movie'));

SELECT '    delete   ' || (ddb_unmarshal(ddb_delete('Movies', :'movie', return_values => 'ALL_OLD'))->>'title');
SELECT '    get      ' || coalesce(ddb_get('Movies', :'movie')::text, 'nothing: it is gone');

\echo
SELECT format('    query    films of 1985: %s', count(*))
FROM ddb_query('Movies', '#y = :y', '{":y": {"N": "1985"}}', '{"#y": "year"}');

SELECT format('    query    films of 1992 from A to L, with genres and first actor: %s', count(*))
FROM ddb_query('Movies', '#y = :y AND title BETWEEN :a AND :l',
               '{":y": {"N": "1992"}, ":a": {"S": "A"}, ":l": {"S": "L"}}', '{"#y": "year"}',
               projection => '#y, title, info.genres, info.actors[0]');

SELECT format('               %s  %s, %s', rpad(p->>'title', 24), p->'info'->'genres'->>0, p->'info'->'actors'->>0)
FROM ddb_query('Movies', '#y = :y AND title BETWEEN :a AND :l',
               '{":y": {"N": "1992"}, ":a": {"S": "A"}, ":l": {"S": "L"}}', '{"#y": "year"}',
               projection => '#y, title, info.genres, info.actors[0]', max_items => 3) i, ddb_unmarshal(i) p;

SELECT format('    scan     films of the fifties: %s', count(*))
FROM ddb_scan('Movies', '#y BETWEEN :from AND :to', '{":from": {"N": "1950"}, ":to": {"N": "1959"}}', '{"#y": "year"}',
              projection => '#y, title, info.rating');

-- Counted once more without ddb: from the file itself.
SELECT CASE WHEN agrees THEN '  ✓' ELSE '  ✗' END || ' the table holds what the file does: '
       || films || ' films, year by year'
FROM (SELECT bool_and(x.n IS NOT DISTINCT FROM y.n) AS agrees, sum(x.n) AS films
      FROM (SELECT (film->>'year')::numeric AS year, count(*) AS n
            FROM file, jsonb_array_elements(films) film GROUP BY 1) x
      FULL JOIN (SELECT year, count(*) AS n FROM ddb_data."Movies" GROUP BY 1) y USING (year)) compared;
