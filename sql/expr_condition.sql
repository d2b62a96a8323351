-- Conditions and filters: comparison, logic, functions, paths, missing attributes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
SET jit = off;
\pset null '(null)'
\t on
\pset format unaligned

-- Each row: the expression and whether the item meets it, or the error.
CREATE FUNCTION pg_temp.meets(expression text, item jsonb, names jsonb DEFAULT NULL,
                              "values" jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_test.condition(expression, item, names, "values");
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE TEMP TABLE album AS SELECT '{
  "Artist": {"S": "Björk"}, "Released": {"N": "1997"}, "Rating": {"N": "4.50"}, "Balance": {"N": "-3"},
  "Cover": {"B": "AQIDBA=="}, "Live": {"BOOL": false}, "Label": {"NULL": true},
  "Genres": {"SS": ["pop", "electronic"]}, "Charts": {"NS": ["1", "2.0"]}, "Hashes": {"BS": ["AQ==", "Ag=="]},
  "Blank": {"S": ""}, "Nobody": {"L": []}, "Nothing": {"M": {}},
  "Tracks": {"L": [{"S": "Hunter"}, {"M": {"Title": {"S": "Jóga"}, "Sec": {"N": "305"}}}, {"N": "7"}, {"L": [{"S": "x"}]}]},
  "Info": {"M": {"Country": {"S": "IS"}, "Sales": {"M": {"US": {"N": "500"}}}, "a.b": {"S": "dot"}}},
  "Same": {"N": "1997"}, "Released2": {"S": "1997"}
}'::jsonb AS item;

CREATE TEMP TABLE v AS SELECT '{
  ":artist": {"S": "Björk"}, ":b": {"S": "Bj"}, ":z": {"S": "Z"}, ":a": {"S": "A"}, ":empty": {"S": ""},
  ":y": {"N": "1997.0"}, ":y0": {"N": "1990"}, ":y9": {"N": "1999"}, ":ys": {"S": "1997"}, ":n0": {"N": "0"},
  ":big": {"N": "1E+125"}, ":neg": {"N": "-10"}, ":rating": {"N": "4.5"}, ":n7": {"N": "7"}, ":n2": {"N": "2"},
  ":bin": {"B": "AQIDBA=="}, ":bin2": {"B": "AQI="}, ":bin3": {"B": "AgM="}, ":bin1": {"B": "AQ=="}, ":bin9": {"B": "/w=="},
  ":true": {"BOOL": true}, ":false": {"BOOL": false}, ":null": {"NULL": true},
  ":ss": {"SS": ["electronic", "pop"]}, ":ss1": {"SS": ["pop"]}, ":ns": {"NS": ["2", "1"]}, ":pop": {"S": "pop"},
  ":po": {"S": "po"}, ":hunter": {"S": "Hunter"}, ":track2": {"M": {"Sec": {"N": "305"}, "Title": {"S": "Jóga"}}},
  ":list": {"L": [{"S": "x"}]}, ":elist": {"L": []}, ":emap": {"M": {}}, ":is": {"S": "IS"}, ":500": {"N": "500"},
  ":N": {"S": "N"}, ":S": {"S": "S"}, ":L": {"S": "L"}, ":M": {"S": "M"}, ":B": {"S": "B"}, ":SS": {"S": "SS"},
  ":NS": {"S": "NS"}, ":BS": {"S": "BS"}, ":BOOL": {"S": "BOOL"}, ":NULL": {"S": "NULL"},
  ":i1": {"N": "1"}, ":i3": {"N": "3"}, ":i4": {"N": "4"}, ":i5": {"N": "5"}, ":dot": {"S": "dot"}
}'::jsonb AS all_values;

-- Passes of all values just those that the expression mentions.
CREATE FUNCTION pg_temp.t(VARIADIC expressions text[]) RETURNS SETOF text
LANGUAGE sql AS $$
  SELECT e || '  ->  ' || coalesce(pg_temp.meets(e, item, NULL,
    (SELECT jsonb_object_agg(key, value) FROM jsonb_each(all_values)
      WHERE key = ANY (ARRAY(SELECT m[1] FROM regexp_matches(e, ':\w+', 'g') m)))), '(null)')
  FROM unnest(expressions) WITH ORDINALITY x (e, n), album, v ORDER BY n
$$;

-- equality of every type
SELECT pg_temp.t('Artist = :artist', 'Artist = :b', 'Released = :y', 'Released = :ys', 'Released2 = :ys', 'Rating = :rating',
  'Cover = :bin', 'Cover = :bin2', 'Live = :false', 'Live = :true', 'Label = :null', 'Genres = :ss', 'Genres = :ss1',
  'Charts = :ns', 'Blank = :empty', 'Nobody = :elist', 'Nothing = :emap', 'Tracks[1] = :track2', 'Tracks[3] = :list',
  'Released = Same', 'Released = Released2', ':y = Released', ':true = :true', ':a = :z');
-- inequality: true for other types and for what is missing
SELECT pg_temp.t('Artist <> :artist', 'Artist <> :b', 'Artist <> :y', 'Absent <> :y', 'Absent = :y', 'Absent <> Gone',
  'Absent = Gone', 'NOT Absent = :y', 'Info.Absent <> :a', 'Genres <> :ss');
-- order
SELECT pg_temp.t('Released < :y9', 'Released < :y', 'Released <= :y', 'Released > :y0', 'Released >= :y', 'Released > :y', 'Released > :neg', 'Released < :big',
  'Balance < :n0', 'Balance > :neg', 'Artist > :a', 'Artist < :z', 'Artist < :artist', 'Artist < :y', 'Artist >= :y',
  'Cover > :bin2', 'Cover < :bin9', 'Absent < :y', 'Absent >= :y', 'NOT Absent < :y', 'Genres < :z', 'Live < :z', ':y0 < Released',
  'Blank < :a');
-- BETWEEN and IN
SELECT pg_temp.t('Released BETWEEN :y0 AND :y9', 'Released BETWEEN :y AND :y', 'Released between :y9 and :big', 'Artist BETWEEN :a AND :z',
  'Artist BETWEEN :y0 AND :y9', 'Absent BETWEEN :a AND :z', 'Cover BETWEEN :bin1 AND :bin9', ':y BETWEEN :y0 AND Same',
  'Released BETWEEN Artist AND :y9', 'Released BETWEEN :y9 AND Balance',
  'Released BETWEEN :y0 AND :y9 AND Artist = :artist', 'Artist IN (:a, :artist, :z)', 'Artist IN (:a)', 'Artist in (:y, :true, :null)',
  'Live IN (:true, :false)', 'Genres IN (:ss1, :ss)', 'Absent IN (:a)', 'NOT Absent IN (:a)', 'Released IN (Same, :a)',
  ':pop IN (Artist, Genres)');
-- logic, precedence and parentheses
SELECT pg_temp.t('Artist = :artist OR Artist = :a AND Released = :y0', '(Artist = :artist OR Artist = :a) AND Released = :y0',
  'NOT Artist = :artist OR Released = :y', 'NOT (Artist = :artist OR Released = :y)', 'NOT NOT Artist = :artist',
  'not artist = :artist AnD rELEASED2 <> :a', 'attribute_exists(Artist) AND NOT attribute_exists(Gone)',
  '(attribute_exists(Artist)) AND (Released = :y)', '(Artist) = (:artist)', '(size(Artist)) > :i1',
  'Artist = :a AND Released = :y OR Live = :false', 'Artist=:artist AND(Released=:y)OR(Live=:true)');
-- paths
SELECT pg_temp.t('Info.Country = :is', 'Info.Sales.US = :500', 'Tracks[0] = :hunter', 'Tracks[1].Sec > :n0', 'Tracks [ 1 ] . Sec > :n0',
  'Tracks[9] = :hunter', 'Info[0] = :is', 'Artist.Country = :is', 'Artist[0] = :is', 'Tracks.Country = :is', 'Info.Country.x = :is',
  'Genres[0] = :pop', 'Tracks[2147483647] = :hunter', 'Tracks[007] = :hunter', 'attribute_exists(Tracks[3][0])', 'attribute_exists(Tracks[3][1])');
SELECT pg_temp.meets('#i.#c = :is AND #i.#d = :dot AND #t[#n] = :is', item, '{"#i": "Info", "#c": "Country", "#d": "a.b", "#t": "x", "#n": "0"}',
  '{":is": {"S": "IS"}, ":dot": {"S": "dot"}}') FROM album;
SELECT pg_temp.meets('#i.#c = :is AND #i.#d = :dot', item, '{"#i": "Info", "#c": "Country", "#d": "a.b"}',
  '{":is": {"S": "IS"}, ":dot": {"S": "dot"}}') FROM album;
-- a dot in a placeholder's name is part of the name
SELECT pg_temp.meets('attribute_exists(#x)', item, '{"#x": "Info.Country"}') FROM album;
SELECT pg_temp.meets('#0.#_ = :1', item, '{"#0": "Info", "#_": "Country"}', '{":1": {"S": "IS"}}') FROM album;
-- attribute_exists, attribute_not_exists
SELECT pg_temp.t('attribute_exists(Artist)', 'attribute_exists(Label)', 'attribute_exists(Gone)', 'attribute_exists(Info.Country)',
  'attribute_exists(Info.Gone)', 'attribute_not_exists(Artist)', 'attribute_not_exists(Gone)', 'attribute_not_exists(Gone.x[1])');
-- attribute_type
SELECT pg_temp.t('attribute_type(Artist, :S)', 'attribute_type(Artist, :N)', 'attribute_type(Released, :N)', 'attribute_type(Cover, :B)',
  'attribute_type(Genres, :SS)', 'attribute_type(Charts, :NS)', 'attribute_type(Hashes, :BS)', 'attribute_type(Tracks, :L)',
  'attribute_type(Info, :M)', 'attribute_type(Live, :BOOL)', 'attribute_type(Label, :NULL)', 'attribute_type(Gone, :S)',
  'attribute_type(Genres, :S)');
-- begins_with
SELECT pg_temp.t('begins_with(Artist, :b)', 'begins_with(Artist, :artist)', 'begins_with(Artist, :empty)', 'begins_with(Artist, :z)',
  'begins_with(Cover, :bin2)', 'begins_with(Cover, :bin3)', 'begins_with(Cover, :b)', 'begins_with(Released, :b)', 'begins_with(Gone, :b)',
  'begins_with(Genres, :b)', 'begins_with(:artist, :b)', 'begins_with(Artist, Gone)', 'begins_with(Blank, :a)');
-- contains
SELECT pg_temp.t('contains(Artist, :b)', 'contains(Artist, :z)', 'contains(Artist, :empty)', 'contains(Cover, :bin3)', 'contains(Cover, :bin9)',
  'contains(Cover, :b)', 'contains(Genres, :pop)', 'contains(Genres, :po)', 'contains(Charts, :i1)', 'contains(Charts, :n2)', 'contains(Charts, :n7)',
  'contains(Charts, :pop)', 'contains(Hashes, :bin1)', 'contains(Hashes, :bin2)', 'contains(Tracks, :hunter)', 'contains(Tracks, :track2)',
  'contains(Tracks, :list)', 'contains(Tracks, :n7)', 'contains(Tracks, :pop)', 'contains(Released, :n7)', 'contains(Info, :is)', 'contains(Gone, :b)',
  'contains(Blank, :empty)', 'contains(:artist, Artist)', 'contains(Nobody, :a)');
-- size: UTF-16 units of a string, bytes of a binary, members of a container
SELECT pg_temp.t('size(Artist) = :i5', 'size(Blank) = :n0', 'size(Cover) = :i4', 'size(Genres) = :n2', 'size(Charts) = :n2', 'size(Hashes) = :n2',
  'size(Tracks) = :i4', 'size(Info) = :i3', 'size(Nobody) = :n0', 'size(Nothing) = :n0', 'size(Gone) = :n0', 'size(Released) > :n0', 'size(Live) = :i1',
  'size(Tracks[1].Title) = :i4', 'size(Genres) < size(Tracks)', 'size(Artist) BETWEEN :i1 AND :i5', 'size(Artist) IN (:i1, :i5)',
  'size(Artist) > :artist', ':i4 < size(Artist)', 'size(:artist) = :i5');
SELECT pg_temp.meets('size(s) = :n', '{"s": {"S": "é𝄞"}}', NULL, '{":n": {"N": "3"}}');
-- without an item
SELECT pg_temp.meets('attribute_not_exists(pk)', NULL);
SELECT pg_temp.meets('attribute_exists(pk)', NULL);
SELECT pg_temp.meets('pk = :v', NULL, NULL, '{":v": {"S": "x"}}');
SELECT pg_temp.meets('pk <> :v', NULL, NULL, '{":v": {"S": "x"}}');
SELECT pg_temp.meets('attribute_not_exists(pk) OR n < :v', NULL, NULL, '{":v": {"N": "1"}}');

-- operands of a type that can never do
SELECT pg_temp.t('Released < :true', ':null >= Released', 'Released > :ss', 'Released <= :list', 'Released < :emap', 'Released BETWEEN :true AND :false',
  'begins_with(Artist, :y)', 'begins_with(:y, :a)', 'begins_with(Artist, :ss)', 'begins_with(Artist, size(Artist))', 'contains(:y, Artist)',
  'contains(:true, :a)', 'contains(:emap, :a)', 'size(:y) > :n0', 'size(:true) > :n0', 'size(:null) > :n0',
  'attribute_type(Artist, Released)', 'attribute_type(Artist, :y)', 'attribute_type(Artist, :a)',
  'attribute_exists(:a)', 'attribute_not_exists(size(Artist))', 'Released BETWEEN :y9 AND :y0', 'Artist BETWEEN :z AND :a',
  'Released BETWEEN :a AND :y0', 'Cover BETWEEN :bin9 AND :bin1');
-- operands that must be distinct
SELECT pg_temp.t('Artist = Artist', 'Info.Country <> Info.Country', 'Tracks[1] >= Tracks[1]', 'Released IN (:y, Released)', 'Released BETWEEN Released AND :y9',
  'contains(Artist, Artist)', 'begins_with(Artist, Artist)', 'Tracks[1] = Tracks[2]', 'Info = Info.Country');
SELECT pg_temp.meets('#a = Artist', item, '{"#a": "Artist"}') FROM album;
-- numbers of operands
SELECT pg_temp.t('attribute_exists(Artist, Released)', 'attribute_type(Artist)', 'begins_with(Artist)', 'contains(Artist, :a, :z)', 'size(Artist, Released) > :y',
  'size(Artist) = size(Artist, Released)');
-- functions out of place
SELECT pg_temp.t('size(Artist)', 'NOT size(Artist)', 'contains(Artist, :a) = :true', 'attribute_exists(attribute_exists(Artist))', 'if_not_exists(Artist, :a) = :a',
  'list_append(Artist, :a)', 'foo(Artist)', 'SIZE(Artist) > :y', 'Attribute_Exists(Artist)', 'Artist IN (contains(Artist, :a))', 'size(size(Artist)) > :y');
-- a filter has its own name
SELECT ddb_test.condition('a = = b', NULL, filter => true);
SELECT ddb_test.condition('if_not_exists(a, b) = b', NULL, filter => true);
