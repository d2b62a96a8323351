-- fill: what a database with ddb can hold, made by operations.  Version 1.0 must take it
-- too, for filled_1.0.sql was recorded from there (see record).  Expects an empty
-- database with the extension, a superuser upgrade_root who runs this, the roles
-- upgrade_maker and upgrade_reader, and workers.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.wait_for(condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  met boolean;
BEGIN
  FOR i IN 1 .. 600 LOOP
    EXECUTE 'SELECT ' || condition INTO met;
    IF met THEN
      RETURN;
    END IF;
    PERFORM pg_sleep(0.1);
  END LOOP;
  RAISE 'waited in vain for %', condition;
END $$;

-- a key of each type, by number
CREATE FUNCTION pg_temp.key(type text, i integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE type
    WHEN 'S' THEN jsonb_build_object('S', 'key ' || i)
    WHEN 'N' THEN jsonb_build_object('N', (i * 1.5 - 3)::text)
    ELSE jsonb_build_object('B', encode(set_byte('\xff00', 1, i), 'base64')) END $$;

-- ---- keys of all types ----

DO $$
DECLARE
  name text;
  p text;
  s text;
BEGIN
  FOR p, s IN SELECT * FROM unnest(ARRAY['S', 'N', 'B']) p, unnest(ARRAY[NULL, 'S', 'N', 'B']) s LOOP
    name := 'Keys' || p || coalesce(s, '');
    PERFORM ddb_create_table(name, 'pk ' || p, 'sk ' || s,
      global_indexes => jsonb_build_object('by_g', jsonb_build_object('partition_key', 'g ' || coalesce(s, 'N'))));
    PERFORM ddb_put(name, jsonb_build_object('pk', pg_temp.key(p, CASE WHEN s IS NULL THEN i ELSE i % 2 END),
        'sk', pg_temp.key(coalesce(s, 'S'), i))
        || CASE WHEN i % 2 = 0 THEN jsonb_build_object('g', pg_temp.key(coalesce(s, 'N'), i)) ELSE '{}' END)
      FROM generate_series(1, 4) i;
  END LOOP;
END $$;

-- and values of all types
SELECT ddb_put('KeysS', '{"pk": {"S": "all"}, "all": {"M": {"s": {"S": ""}, "n": {"N": "-1E-100"}, "b": {"B": "AAEC"}, "t": {"BOOL": true},
  "0": {"NULL": true}, "l": {"L": [{"N": "1"}, {"S": "\u00e9"}]}, "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["2", "10"]},
  "bs": {"BS": ["/w==", "AA=="]}}}}');

-- ---- indexes, settings, tags, time to live ----

SELECT ddb_create_table('{"TableName": "Music",
  "AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "SongTitle", "AttributeType": "S"},
    {"AttributeName": "Genre", "AttributeType": "S"}, {"AttributeName": "Year", "AttributeType": "N"}],
  "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "SongTitle", "KeyType": "RANGE"}],
  "LocalSecondaryIndexes": [{"IndexName": "by_year", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Label"]},
    "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}]}],
  "GlobalSecondaryIndexes": [{"IndexName": "by_genre", "Projection": {"ProjectionType": "KEYS_ONLY"},
    "KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}],
    "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}}],
  "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 4},
  "Tags": [{"Key": "team", "Value": "records"}, {"Key": "stage", "Value": ""}],
  "DeletionProtectionEnabled": true, "TableClass": "STANDARD_INFREQUENT_ACCESS"}');
SELECT ddb_update_table('Music', '{"by_parts": {"partition_key": "Genre S, Label S", "sort_key": "Year N, Artist S"},
  "by_gone": {"partition_key": "gone S"}}');
SELECT ddb_update_table('Music', drop_index => 'by_gone');
SELECT ddb_put('Music', ddb_marshal(jsonb_build_object('Artist', 'A' || i % 5, 'SongTitle', 'T' || i, 'Genre', 'G' || i % 3,
    'Label', 'L' || i % 2, 'Year', 1980 + i, 'expires', 4102444800 + i)))
  FROM generate_series(1, 20) i;
SELECT ddb_put('Music', '{"Artist": {"S": "sparse"}, "SongTitle": {"S": "x"}}');
SELECT ddb_put('Music', jsonb_build_object('Artist', jsonb_build_object('S', repeat('long', 80)), 'SongTitle', '{"S": "x"}'::jsonb,
  'Genre', jsonb_build_object('S', repeat('long', 60))));
SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Music", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}}');
SELECT ddb_request('TagResource', jsonb_build_object('ResourceArn', ddb_describe_table('KeysS') ->> 'TableArn', 'Tags', '[{"Key": "k", "Value": "v"}]'::jsonb));

-- names that no column and no relation can have
SELECT ddb_create_table(repeat('Long', 50), repeat('k', 200) || ' S', 'item N',
  global_indexes => jsonb_build_object(repeat('I', 200), '{"partition_key": "ctid B", "sort_key": "spare:1 S"}'::jsonb));
SELECT ddb_put(repeat('Long', 50), jsonb_build_object(repeat('k', 200), '{"S": "a"}'::jsonb, 'item', '{"N": "1.5"}'::jsonb,
  'ctid', '{"B": "/w=="}'::jsonb, 'spare:1', '{"S": "s"}'::jsonb));

-- ---- owners and rights ----

GRANT CREATE ON SCHEMA ddb_data TO upgrade_maker;
SET ROLE upgrade_maker;
SELECT ddb_create_table('a.b-C_d', 'id S');
GRANT SELECT ON ddb_data."a.b-C_d" TO upgrade_reader;
SELECT ddb_put('a.b-C_d', '{"id": {"S": "1"}}');
RESET ROLE;
SELECT FROM ddb_create_access_key('upgrade_maker');
SELECT ddb_alter_access_key(k.access_key_id, false) FROM ddb_create_access_key('upgrade_reader') k;

-- ---- a token ----

SELECT ddb_create_table('Counter', 'id S');
SELECT ddb_transact_write('[{"Update": {"TableName": "Counter", "Key": {"id": {"S": "c"}}, "UpdateExpression": "ADD n :one",
  "ExpressionAttributeValues": {":one": {"N": "1"}}}}]', 'token');

-- ---- streams and triggers ----

SELECT ddb_create_table(format('{"TableName": "Stream-%s", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "%1$s"}}', view)::jsonb)
  FROM unnest(ARRAY['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) view;
SELECT pg_temp.wait_for('count(*) = 4 FROM ddb_streams WHERE status = ''ENABLED''');

CREATE TABLE effect (trigger text, event text, pk text);
CREATE FUNCTION take(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO effect SELECT 'take', r ->> 'eventName', r #>> '{dynamodb,Keys,pk,S}' FROM jsonb_array_elements($1 -> 'Records') r;
  IF $1 @? '$.Records[*].dynamodb.Keys.pk ? (@.S == "bad")' THEN
    RAISE 'no good';
  END IF;
END $$;
SELECT ddb_create_trigger('taker', 'Stream-NEW_AND_OLD_IMAGES', 'take', max_retries => 0);
SELECT ddb_create_trigger('chooser', 'Stream-NEW_AND_OLD_IMAGES', 'take', batch_size => 3, starting_position => 'TRIM_HORIZON',
  filter => '{"eventName": ["REMOVE"]}', on_failure => 'stop');
SELECT ddb_create_trigger('sleeper', 'Stream-KEYS_ONLY', 'take', max_retries => 0, on_failure => 'skip');
SELECT ddb_alter_trigger('sleeper', false);

CREATE FUNCTION pg_temp.changes(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_put(name, jsonb_build_object('pk', jsonb_build_object('S', k), 'v', '{"N": "1"}'::jsonb))
    FROM unnest(ARRAY['a', 'b', 'bad', 'c']) k;
  PERFORM ddb_update(name, '{"pk": {"S": "a"}}', 'SET v = v + :one', "values" => '{":one": {"N": "1"}}');
  PERFORM ddb_delete(name, '{"pk": {"S": "b"}}');
END $$;
SELECT format('SELECT pg_temp.changes(%L)', 'Stream-' || view) FROM unnest(ARRAY['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) view
\gexec
SELECT pg_temp.wait_for('bool_and(processed + filtered + failed = 6) FROM ddb_triggers WHERE name <> ''sleeper''');

SELECT ddb_update_table('{"TableName": "Stream-OLD_IMAGE", "StreamSpecification": {"StreamEnabled": false}}');
SELECT pg_temp.wait_for('status = ''DISABLED'' FROM ddb_streams WHERE table_name = ''Stream-OLD_IMAGE''');
SELECT pg_temp.wait_for('EXISTS (SELECT FROM ddb_ttl WHERE last_at_end IS NOT NULL)');
