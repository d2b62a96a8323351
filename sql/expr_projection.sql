-- Projections: paths merged into one skeleton.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\pset null '(null)'
\t on
\pset format unaligned

CREATE TEMP TABLE album AS SELECT '{
  "pk": {"S": "a#1"}, "Released": {"N": "1997"},
  "Tracks": {"L": [{"S": "Hunter"}, {"M": {"Title": {"S": "Jóga"}, "Sec": {"N": "305"}}}, {"N": "7"},
                   {"L": [{"S": "x"}, {"S": "y"}, {"M": {"z": {"S": "z"}}}]}]},
  "Info": {"M": {"Country": {"S": "IS"}, "Sales": {"M": {"US": {"N": "500"}, "UK": {"N": "300"}}}, "a.b": {"S": "dot"}}},
  "Genres": {"SS": ["pop", "electronic"]}, "Nothing": {"M": {}}, "Nobody": {"L": []}
}'::jsonb AS item;
CREATE FUNCTION pg_temp.p(VARIADIC expressions text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  e text;
BEGIN
  FOREACH e IN ARRAY expressions LOOP
    BEGIN
      RETURN NEXT e || '  ->  ' || (SELECT ddb_test.project(e, item) FROM album);
    EXCEPTION WHEN OTHERS THEN
      RETURN NEXT e || '  ->  ' || SQLSTATE || ' ' || SQLERRM;
    END;
  END LOOP;
END $$;

-- top-level attributes
SELECT pg_temp.p('pk', 'Released, pk', 'Gone', 'Gone, pk', 'Genres', 'Nothing', 'Nobody,Nothing');
-- nested paths share their skeleton
SELECT pg_temp.p('Info.Country', 'Info.Country, Info.Sales.US', 'Info.Sales', 'Info.Sales.US, pk, Info.Sales.UK, Info.Country',
  'Info.Gone', 'Info.Gone, Info.Country', 'Info.Country.x', 'Gone.x.y', 'Nothing.x', 'pk.x', 'pk[0]', 'Info[0]', 'Tracks.x', 'Genres[0]');
-- elements of a list move together, in the list's order
SELECT pg_temp.p('Tracks[0]', 'Tracks[2]', 'Tracks[2], Tracks[0]', 'Tracks[9]', 'Tracks[9], Tracks[1]', 'Tracks[1].Sec', 'Tracks[1].Sec, Tracks[1].Title',
  'Tracks[3][2].z', 'Tracks[3][1], Tracks[0], Tracks[3][0]', 'Tracks[0].x', 'Tracks[0].x, Tracks[1].x', 'Tracks[10], Tracks[2], Tracks[1]', 'Nobody[0]');
-- placeholders
SELECT ddb_test.project('#i.#d, #t[1].#s', item, '{"#i": "Info", "#d": "a.b", "#t": "Tracks", "#s": "Sec"}') FROM album;
SELECT ddb_test.project('#i', item, '{"#i": "Info.Country"}') FROM album;
-- without an item
SELECT ddb_test.project('a', NULL);
-- paths that overlap or conflict
SELECT pg_temp.p('pk, pk', 'Info, Info.Country', 'Info.Country, Info', 'Tracks[1], Tracks[1].Sec', 'Tracks[1], Tracks[01]', 'Info.x, Info[0]', 'a[1].b, a[1][2]',
  'a, b, c.d.e, c.d.f, c.d');
SELECT ddb_test.project('a, #a', '{}', '{"#a": "a"}');
-- what is no projection
SELECT pg_temp.p('', ' ', 'a,', ',a', 'a b', 'a..b', 'a.', '.a', 'a[', 'a[]', 'a[x]', 'a[-1]', 'a[1', 'a[1]b', 'a[1].2', '[1]', 'a = b', ':v', 'a-b', '#', 'a, #', 'size(a)',
  'Name', 'a.Name', 'set', 'a.And', 'a[99999999999]', 'a[2147483648]', 'a[2147483647]', '_a', 'a_', 'a1', '1a', 'é', 'a, é', 'a*', '"a"');
SELECT ddb_test.project('#a', '{}');
SELECT ddb_test.project('#a', '{}', '{"#b": "b"}');
SELECT ddb_test.project('a', '{}', '{"#b": "b"}');
SELECT ddb_test.project(repeat('abc, ', 1023) || 'x', '{}');
SELECT ddb_test.project(repeat('x', 4096), '{}');
SELECT ddb_test.project(repeat('x', 4097), '{}');
