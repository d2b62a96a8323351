-- Tables: created in both forms, described, listed, changed, deleted; what is
-- refused and with which words.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- refused runs a statement and gives its SQLSTATE and message.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
-- shown is a description without what differs from run to run.
CREATE FUNCTION shown(description jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_pretty(description - 'TableId' - 'CreationDateTime' - 'TableArn' - 'TableSizeBytes'
                      #- '{GlobalSecondaryIndexes,0,IndexArn}' #- '{LocalSecondaryIndexes,0,IndexArn}')
$$;
-- rows counts the entries of every index of a data table, each checked.
CREATE FUNCTION entries(relation regclass) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT c.relname || ' ' || ddb_index_check(c.oid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
  WHERE indrelid = relation ORDER BY c.relname
$$;

-- In SQL terms, and as a CreateTable request: the same table.
SELECT shown(ddb_create_table('Music', 'Artist S', 'SongTitle S',
  global_indexes => '{"by_genre": {"partition_key": "Genre S", "sort_key": "Year N", "projection": "KEYS_ONLY"}}',
  local_indexes => '{"by_year": {"sort_key": "Year N", "projection": ["Label", "Price"]}}'));
SELECT ddb_create_table('{
  "TableName": "Music2", "BillingMode": "PAY_PER_REQUEST",
  "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "SongTitle", "AttributeType": "S"},
                           {"AttributeName": "Year", "AttributeType": "N"}, {"AttributeName": "Genre", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "SongTitle", "KeyType": "RANGE"}],
  "GlobalSecondaryIndexes": [{"IndexName": "by_genre", "KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}],
                              "Projection": {"ProjectionType": "KEYS_ONLY"}}],
  "LocalSecondaryIndexes": [{"IndexName": "by_year", "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}],
                             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Label", "Price"]}}]}') ->> 'TableName';
SELECT d.key FROM jsonb_each(ddb_describe_table('Music')) d JOIN jsonb_each(ddb_describe_table('Music2')) e USING (key)
WHERE replace(e.value::text, 'Music2', 'Music')::jsonb <> d.value ORDER BY 1;
SELECT ddb_list_tables();
SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
WHERE attrelid = 'ddb_data."Music"'::regclass AND attnum > 0 ORDER BY attnum;
SELECT ddb_delete_table('Music2') ->> 'TableStatus';
SELECT ddb_list_tables();

-- Names.
SELECT refused($$SELECT ddb_create_table('ab', 'k S')$$);
SELECT refused($$SELECT ddb_create_table('a b c', 'k S')$$);
SELECT left(refused(format($$SELECT ddb_create_table(%L, 'k S')$$, repeat('x', 256))), 60);
SELECT refused($$SELECT ddb_create_table(NULL, 'k S')$$);
SELECT refused($$SELECT ddb_create_table('tab', NULL)$$);
SELECT refused($$SELECT ddb_create_table('Music', 'k S')$$);
SELECT refused($$SELECT ddb_describe_table('nope')$$);
SELECT refused($$SELECT ddb_delete_table('nope')$$);
SELECT refused($$SELECT ddb_update_table('nope', drop_index => 'x')$$);

-- Keys.
SELECT refused($$SELECT ddb_create_table('tab', 'k')$$);
SELECT refused($$SELECT ddb_create_table('tab', '')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k X')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k BOOL')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', 'k S')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', 'k N')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', '{"gsi": {"partition_key": "k N"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', global_indexes => '{"gsi": {"partition_key": "k N"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', global_indexes => '{"gsi": {}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', global_indexes => '{"g": {"partition_key": "g S"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', global_indexes => '{"gsi": {"partition_key": "a S, b S, c S, d S, e S"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', global_indexes => '{"gsi": {"partition_key": "a S", "projection": "SOME"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', local_indexes => '{"lsi": {"sort_key": "s S"}}')$$);
SELECT refused($$SELECT ddb_create_table('tab', 'k S', 's S', local_indexes => '{"lsi": {}}')$$);
SELECT refused(format($$SELECT ddb_create_table('tab', 'k S', 's S', local_indexes => %L)$$,
  (SELECT jsonb_object_agg('lsi' || i, jsonb_build_object('sort_key', 'a' || i || ' S')) FROM generate_series(1, 6) AS i)));
SELECT refused(format($$SELECT ddb_create_table('tab', 'k S', global_indexes => %L)$$,
  (SELECT jsonb_object_agg('gsi' || i, jsonb_build_object('partition_key', 'a' || i || ' S')) FROM generate_series(1, 21) AS i)));
SELECT refused(format($$SELECT ddb_create_table('tab', 'k S', global_indexes => %L)$$,
  (SELECT jsonb_build_object('gsi', jsonb_build_object('partition_key', 'a S', 'projection', jsonb_agg('p' || i))) FROM generate_series(1, 101) AS i)));

-- Requests.
SELECT refused($$SELECT ddb_create_table('{}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab"}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "X"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": []}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "RANGE"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}, {"AttributeName": "x", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}, {"AttributeName": "k", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": "k", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [1], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}')$$);
SELECT refused($$SELECT ddb_create_table('[]')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": []}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "Projection": {"ProjectionType": "INCLUDE"}}]}')$$);
SELECT refused($$SELECT ddb_create_table('{"TableName": "tab", "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}}]}')$$);
SELECT ddb_list_tables();

-- An index is added to a table with items: those whose attribute is absent, of
-- another type, empty or too long stay out of it.
SELECT count(ddb_put('Music', i)) FROM (VALUES
  ('{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}, "Mood": {"S": "good"}, "Rank": {"N": "1"}}'::jsonb),
  ('{"Artist": {"S": "a"}, "SongTitle": {"S": "2"}}'),
  ('{"Artist": {"S": "a"}, "SongTitle": {"S": "3"}, "Mood": {"N": "3"}, "Rank": {"S": "x"}}'),
  ('{"Artist": {"S": "a"}, "SongTitle": {"S": "4"}, "Mood": {"S": ""}}'),
  ('{"Artist": {"S": "a"}, "SongTitle": {"S": "6"}, "Mood": {"S": "good"}, "Rank": {"N": "0.5"}}')) AS v(i);
SELECT ddb_put('Music', jsonb_build_object('Artist', '{"S": "a"}'::jsonb, 'SongTitle', jsonb_build_object('S', '5-' || n), 'Mood', jsonb_build_object('S', repeat('m', n))))
FROM unnest(ARRAY[1024, 1025, 2048, 2049]) AS n;
SELECT ddb_update_table('Music', '{"by_mood": {"partition_key": "Mood S"}}') ->> 'TableStatus';
SELECT ddb_update_table('Music', '{"by_rank": {"partition_key": "Rank N", "sort_key": "Label S"}}') ->> 'TableStatus';
SELECT entries('ddb_data."Music"');
SELECT i #>> '{SongTitle,S}' FROM ddb_scan('Music', index_name => 'by_mood') AS i ORDER BY 1;
SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "7"}, "Mood": {"S": "good"}}');
SELECT i #>> '{SongTitle,S}' FROM ddb_query('Music', 'Mood = :m', '{":m": {"S": "good"}}', index_name => 'by_mood') AS i ORDER BY 1;
-- from now on writes are held to the index's key
SELECT refused($$SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "8"}, "Mood": {"N": "1"}}')$$);
SELECT refused($$SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "8"}, "Mood": {"S": ""}}')$$);
SELECT refused($$SELECT ddb_update('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}', 'SET Mood = :m', "values" => '{":m": {"N": "1"}}')$$);
-- an item that the fill left out stays readable and may be repaired
SELECT ddb_get('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "3"}}');
SELECT ddb_update('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "3"}}', 'SET Mood = :m REMOVE #r', names => '{"#r": "Rank"}', "values" => '{":m": {"S": "good"}}', return_values => 'ALL_NEW');
-- an index on attributes that are keys already takes no column
SELECT ddb_update_table('{"TableName": "Music", "AttributeDefinitions": [{"AttributeName": "Mood", "AttributeType": "S"}, {"AttributeName": "Artist", "AttributeType": "S"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_mood_artist", "KeySchema": [{"AttributeName": "Mood", "KeyType": "HASH"}, {"AttributeName": "Artist", "KeyType": "RANGE"}],
                                              "Projection": {"ProjectionType": "ALL"}}}]}') ->> 'TableStatus';
SELECT entries('ddb_data."Music"');

-- What is refused of an update.
SELECT refused($$SELECT ddb_update_table('Music', '{"by_mood": {"partition_key": "Mood S"}}')$$);
SELECT refused($$SELECT ddb_update_table('Music', '{"by_mood2": {"partition_key": "Mood N"}}')$$);
SELECT refused($$SELECT ddb_update_table('Music', drop_index => 'nope')$$);
SELECT refused($$SELECT ddb_update_table('Music', drop_index => 'by_year')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music"}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{}]}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": [1]}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": ["x"]}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_mood"}}, {"Delete": {"IndexName": "by_rank"}}]}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Delete": {}}]}')$$);
SELECT refused($$SELECT ddb_update_table('{"TableName": "Music", "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "new_index", "KeySchema": [{"AttributeName": "undefined", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]}')$$);

-- Indexes that come and go for years leave the number of columns alone.
DO $$
BEGIN
  FOR i IN 1 .. 30 LOOP
    PERFORM ddb_update_table('Music', jsonb_build_object('idx' || i, jsonb_build_object('partition_key', 'tmp' || i || ' S', 'sort_key', 'num' || i % 4 || ' N')));
    PERFORM ddb_put('Music', jsonb_build_object('Artist', '{"S": "tmp"}'::jsonb, 'SongTitle', jsonb_build_object('S', i::text),
                                                'tmp' || i, '{"S": "t"}'::jsonb, 'num' || i % 4, '{"N": "1"}'::jsonb));
    IF (SELECT count(*) FROM ddb_query('Music', '#t = :t', '{":t": {"S": "t"}}', jsonb_build_object('#t', 'tmp' || i), index_name => 'idx' || i)) <> 1 THEN
      RAISE EXCEPTION 'round %', i;
    END IF;
    PERFORM ddb_update_table('Music', drop_index => 'idx' || i);
  END LOOP;
END $$;
SELECT attname, attisdropped FROM pg_attribute WHERE attrelid = 'ddb_data."Music"'::regclass AND attnum > 0 ORDER BY attnum;
SELECT entries('ddb_data."Music"');
-- a column that was used before holds nothing of its past
SELECT ddb_update_table('Music', '{"idx1": {"partition_key": "tmp1 S"}, "idx2": {"partition_key": "tmp2 S"}}', 'by_mood_artist') ->> 'TableStatus';
SELECT entries('ddb_data."Music"');
SELECT ddb_query('Music', 'tmp2 = :t', '{":t": {"S": "t"}}', index_name => 'idx2') - 'num2';

-- Behind ddb's back.
DROP INDEX ddb_data."Music:idx1";
SELECT jsonb_path_query(ddb_describe_table('Music'), '$.GlobalSecondaryIndexes.IndexName');
SELECT refused($$SELECT ddb_query('Music', 'tmp1 = :t', '{":t": {"S": "t"}}', index_name => 'idx1')$$);
SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "9"}, "tmp1": {"N": "1"}}');
SELECT ddb_update_table('Music', '{"idx1": {"partition_key": "tmp1 S"}}') ->> 'TableStatus';
ALTER TABLE ddb_data."Music" DROP COLUMN tmp1;
SELECT jsonb_path_query(ddb_describe_table('Music'), '$.GlobalSecondaryIndexes.IndexName');
SELECT ddb_update_table('Music', '{"idx1": {"partition_key": "tmp1 S"}}') ->> 'TableStatus';
SELECT entries('ddb_data."Music"');
BEGIN;
DROP INDEX ddb_data."Music:primary";
SELECT refused($$SELECT ddb_get('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}')$$);
CREATE UNIQUE INDEX "Music:primary" ON ddb_data."Music" USING ddb ("Artist" ddb.text_partition_ops, "SongTitle");
SELECT ddb_get('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}') #>> '{Mood,S}';
ROLLBACK;
ALTER TABLE ddb_data."Music" RENAME TO tunes;
SELECT ddb_get('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}') #>> '{Mood,S}';
CREATE SCHEMA elsewhere;
ALTER TABLE ddb_data.tunes SET SCHEMA elsewhere;
SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}', return_values => 'ALL_OLD') #>> '{Mood,S}';
SELECT ddb_update_table('Music', '{"by_label": {"partition_key": "Label S"}}', 'idx2') ->> 'TableStatus';
SELECT entries('elsewhere.tunes');
DROP INDEX elsewhere."Music:idx1";
SELECT ddb_update_table('Music', drop_index => 'by_label') ->> 'TableStatus';
ALTER TABLE elsewhere.tunes SET UNLOGGED;
CREATE INDEX ON elsewhere.tunes ((item #>> '{Mood,S}'));
CLUSTER elsewhere.tunes USING tunes_expr_idx;
VACUUM FULL elsewhere.tunes;
ALTER TABLE elsewhere.tunes SET TABLESPACE pg_default;
SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}, "Mood": {"S": "new"}}', return_values => 'ALL_OLD');
SELECT i - 'Artist' FROM ddb_query('Music', 'Mood = :m', '{":m": {"S": "new"}}', index_name => 'by_mood') AS i;
SELECT item FROM elsewhere.tunes WHERE item #>> '{Mood,S}' = 'new';
TRUNCATE elsewhere.tunes;
SELECT count(*) FROM ddb_scan('Music');
SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}, "Mood": {"S": "new"}}', 'attribute_not_exists(Artist)');
SELECT refused($$DROP SCHEMA elsewhere$$);
DROP TABLE elsewhere.tunes;
DROP SCHEMA elsewhere;
SELECT ddb_list_tables();
SELECT count(*) FROM ddb.indexes;
SELECT refused($$SELECT ddb_put('Music', '{"Artist": {"S": "a"}, "SongTitle": {"S": "1"}}')$$);
SELECT ddb_create_table('Music', 'Artist S') ->> 'TableStatus';

-- Names that are no column or relation names of PostgreSQL.
SELECT ddb_create_table(repeat('T', 255), repeat('k', 255) || ' S', 'item N',
  global_indexes => jsonb_build_object(repeat('I', 255), '{"partition_key": "ctid S", "sort_key": "xmax N"}'::jsonb)) ->> 'TableStatus';
SELECT ddb_create_table(repeat('T', 254), 'key:item S', 'spare:1 B', local_indexes => '{"by.x": {"sort_key": "select N"}}') ->> 'TableStatus';
SELECT length(table_name), relid, column_names FROM ddb.tables WHERE table_name LIKE 'TTT%' ORDER BY 1;
SELECT ddb_put(repeat('T', 255), jsonb_build_object(repeat('k', 255), '{"S": "a"}'::jsonb, 'item', '{"N": "1"}'::jsonb, 'ctid', '{"S": "c"}'::jsonb, 'xmax', '{"N": "2"}'::jsonb));
SELECT ddb_query(repeat('T', 255), 'ctid = :c AND xmax > :x', '{":c": {"S": "c"}, ":x": {"N": "1"}}', index_name => repeat('I', 255)) - repeat('k', 255);
SELECT ddb_put(repeat('T', 254), '{"key:item": {"S": "a"}, "spare:1": {"B": "AA=="}, "select": {"N": "1"}}');
INSERT INTO ddb_data."TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT:5b4caee951619dcb" (item) VALUES ('{"key:item": {"S": "a"}, "spare:1": {"B": "AQ=="}, "select": {"N": "2"}}');
SELECT ddb_query(repeat('T', 254), '#k = :a AND #s > :n', '{":a": {"S": "a"}, ":n": {"N": "0"}}', '{"#k": "key:item", "#s": "select"}', 'by.x');
SELECT ddb_delete_table(t) ->> 'TableStatus' FROM ddb_list_tables() AS t;

-- A definition that is rolled back leaves nothing.
BEGIN;
SELECT ddb_create_table('gone', 'k S') ->> 'TableStatus';
SELECT ddb_put('gone', '{"k": {"S": "a"}}');
SAVEPOINT s;
SELECT ddb_update_table('gone', '{"idx": {"partition_key": "g S"}}') ->> 'TableStatus';
SELECT ddb_put('gone', '{"k": {"S": "b"}, "g": {"S": "g"}}');
ROLLBACK TO s;
SELECT ddb_put('gone', '{"k": {"S": "b"}, "g": {"N": "1"}}');
SELECT entries('ddb_data.gone');
SELECT ddb_delete_table('gone') ->> 'TableStatus';
SELECT refused($$SELECT ddb_get('gone', '{"k": {"S": "a"}}')$$);
ROLLBACK;
SELECT ddb_list_tables();

-- A write sees what its own statement has written.
SELECT ddb_create_table('own', 'k S', global_indexes => '{"by_g": {"partition_key": "g S"}}') ->> 'TableStatus';
INSERT INTO ddb_data.own (item) VALUES ('{"k": {"S": "a"}, "g": {"S": "1"}}')
  RETURNING ddb_put('own', '{"k": {"S": "a"}, "g": {"S": "2"}}', return_values => 'ALL_OLD');
UPDATE ddb_data.own SET item = item || '{"g": {"S": "3"}}' WHERE k = 'a'
  RETURNING ddb_update('own', '{"k": {"S": "a"}}', 'SET n = :n', "values" => '{":n": {"N": "1"}}', return_values => 'ALL_NEW');
SELECT ddb_update('own', '{"k": {"S": "a"}}', 'SET n = n + :n', "values" => '{":n": {"N": "1"}}', return_values => 'UPDATED_NEW') FROM generate_series(1, 3);
DELETE FROM ddb_data.own RETURNING ddb_put('own', '{"k": {"S": "a"}, "g": {"S": "4"}}', 'attribute_not_exists(k)');
SELECT ddb_scan('own');
SELECT entries('ddb_data.own');

-- The extension goes with its tables, and only when asked to.
SELECT refused('DROP EXTENSION ddb');
SELECT refused('DROP SCHEMA ddb_data CASCADE');
DROP TABLE ddb_data.own;
CREATE SCHEMA kept;
SELECT ddb_create_table('own', 'k S') ->> 'TableStatus';
BEGIN;
SET LOCAL client_min_messages = error;
DROP EXTENSION ddb CASCADE;
SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ddb%';
SELECT count(*) FROM pg_class WHERE relname = 'own';
ROLLBACK;
SELECT ddb_delete_table('own') ->> 'TableStatus';
DROP SCHEMA kept;
DROP FUNCTION refused, shown, entries;
