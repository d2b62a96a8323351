-- The output plugin: what stands in the log of a table with a stream.
SET synchronous_commit = on;
SET client_min_messages = error;
\set VERBOSITY terse

-- records() reads the slot to its end, twice; record() shows one without what varies.
CREATE FUNCTION records(VARIADIC options text[] DEFAULT '{}') RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
DECLARE
  peeked text[];
  got text[];
BEGIN
  peeked := ARRAY(SELECT data FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, VARIADIC options));
  got := ARRAY(SELECT data FROM pg_logical_slot_get_changes('regress_ddb', NULL, NULL, VARIADIC options));
  IF peeked IS DISTINCT FROM got THEN
    RAISE EXCEPTION 'read again, the records are others: % and %', peeked, got;
  END IF;
  RETURN QUERY SELECT r::jsonb FROM unnest(got) AS r;
END $$;

CREATE FUNCTION shorten(image jsonb) RETURNS text
RETURN (SELECT string_agg(k || '=' || left(v #>> '{}', 40), ' ' ORDER BY k)
        FROM jsonb_each(image) AS i(k, typed), jsonb_each(typed) AS t(type, v));

CREATE FUNCTION record(r jsonb, OUT "table" text, OUT event text, OUT keys text, OUT new_image text, OUT old_image text)
BEGIN ATOMIC
  SELECT substring(r ->> 'eventSourceARN' FROM 'table/(.*)/stream'), r ->> 'eventName',
    shorten(r #> '{dynamodb,Keys}'), shorten(r #> '{dynamodb,NewImage}'), shorten(r #> '{dynamodb,OldImage}');
END;

CREATE PROCEDURE make_table(name text, view_type text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_request('CreateTable', jsonb_build_object('TableName', name, 'BillingMode', 'PAY_PER_REQUEST',
    'AttributeDefinitions', '[{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}]'::jsonb,
    'KeySchema', '[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]'::jsonb)
    || CASE WHEN view_type IS NULL THEN '{}' ELSE jsonb_build_object('StreamSpecification',
         jsonb_build_object('StreamEnabled', true, 'StreamViewType', view_type)) END);
  COMMIT;
  WHILE ddb_request('DescribeTable', jsonb_build_object('TableName', name)) #>> '{Table,TableStatus}' <> 'ACTIVE' LOOP
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;

CREATE FUNCTION item(id text, n int, rest jsonb DEFAULT '{}') RETURNS jsonb
RETURN jsonb_build_object('id', jsonb_build_object('S', id), 'n', jsonb_build_object('N', n::text)) || rest;

-- 15 kB that no compression makes small
CREATE FUNCTION noise(seed text) RETURNS jsonb
RETURN jsonb_build_object('noise', jsonb_build_object('S',
  (SELECT string_agg(encode(sha256((seed || g)::bytea), 'base64'), '') FROM generate_series(1, 340) AS g)));

SELECT slot_name FROM pg_create_logical_replication_slot('regress_ddb', 'ddb');

-- Every view and event.
CALL make_table('Keys', 'KEYS_ONLY');
CALL make_table('New', 'NEW_IMAGE');
CALL make_table('Old', 'OLD_IMAGE');
CALL make_table('Both', 'NEW_AND_OLD_IMAGES');
CALL make_table('Silent', NULL);
SELECT relname, relreplident FROM pg_class WHERE relnamespace = 'ddb_data'::regnamespace AND relname IN ('Keys', 'New', 'Old', 'Both', 'Silent')
ORDER BY relname;

CREATE PROCEDURE everywhere(operation text, rest jsonb)
LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['Keys', 'New', 'Old', 'Both', 'Silent'] LOOP
    PERFORM ddb_request(operation, jsonb_build_object('TableName', t) || rest);
    COMMIT;
  END LOOP;
END $$;
CALL everywhere('PutItem', jsonb_build_object('Item', item('a', 1, '{"v": {"S": "one"}}')));
CALL everywhere('PutItem', jsonb_build_object('Item', item('a', 1, '{"v": {"S": "two"}}')));
CALL everywhere('UpdateItem', jsonb_build_object('Key', item('a', 1), 'UpdateExpression', 'SET w = :w',
  'ExpressionAttributeValues', '{":w": {"BOOL": true}}'::jsonb));
CALL everywhere('DeleteItem', jsonb_build_object('Key', item('a', 1)));
SELECT (record(r)).* FROM records() AS r;

-- One record in full.
SELECT ddb_put('Both', item('full', -5, '{"b": {"B": "AQI="}, "l": {"L": [{"NULL": true}, {"M": {"x": {"NS": ["2", "1"]}}}]}, "ü": {"S": "\"\\ü\n"}}'));
SELECT jsonb_pretty(r #- '{eventID}' #- '{dynamodb,ApproximateCreationDateTime}' #- '{dynamodb,SequenceNumber}' #- '{eventSourceARN}'),
  r ->> 'eventID' ~ '^[0-9a-f]{32}$' AS id,
  r #>> '{dynamodb,SequenceNumber}' ~ '^1[0-9]{29}$' AS sequence,
  abs((r #>> '{dynamodb,ApproximateCreationDateTime}')::int - extract(epoch FROM now())) < 60 AS time,
  r ->> 'eventSourceARN' = (SELECT 'arn:aws:dynamodb:us-east-1:000000000000:table/Both/stream/' || stream_label
                            FROM ddb.streams WHERE table_name = 'Both') AS arn
FROM records() AS r;

-- Nothing changes, nothing is recorded: the same item, a failed condition, a key
-- that is not there, a set in another order, an update to what is there.
CALL everywhere('PutItem', jsonb_build_object('Item', item('b', 1, '{"s": {"SS": ["x", "y"]}}')));
SELECT count(*) FROM records();
CALL everywhere('PutItem', jsonb_build_object('Item', item('b', 1, '{"s": {"SS": ["x", "y"]}}')));
CALL everywhere('PutItem', jsonb_build_object('Item', item('b', 1, '{"s": {"SS": ["y", "x"]}}')));
CALL everywhere('UpdateItem', jsonb_build_object('Key', item('b', 1), 'UpdateExpression', 'REMOVE nothing'));
CALL everywhere('DeleteItem', jsonb_build_object('Key', item('c', 1)));
DO $$
BEGIN
  PERFORM ddb_request('DeleteItem', jsonb_build_object('TableName', 'Both', 'Key', item('b', 1), 'ConditionExpression', 'attribute_exists(v)'));
EXCEPTION WHEN OTHERS THEN
  RAISE INFO '%', SQLERRM;
END $$;
SELECT (record(r)).* FROM records() AS r;

-- Items out of line: a change, no change, a deletion.
CALL everywhere('PutItem', jsonb_build_object('Item', item('big', 1, noise('a'))));
CALL everywhere('PutItem', jsonb_build_object('Item', item('big', 1, noise('b'))));
CALL everywhere('PutItem', jsonb_build_object('Item', item('big', 1, noise('b'))));
CALL everywhere('DeleteItem', jsonb_build_object('Key', item('big', 1)));
SELECT (record(r)).*, r #>> '{dynamodb,SizeBytes}' AS size FROM records() AS r;

-- A new index fills its column, which changes no item.
CALL everywhere('PutItem', jsonb_build_object('Item', item('g', 1, '{"g": {"S": "key"}}')));
SELECT count(*) FROM records();
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['Keys', 'Both'] LOOP
    PERFORM ddb_request('UpdateTable', jsonb_build_object('TableName', t,
      'AttributeDefinitions', '[{"AttributeName": "g", "AttributeType": "S"}]'::jsonb,
      'GlobalSecondaryIndexUpdates', '[{"Create": {"IndexName": "by_g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"}}}]'::jsonb));
  END LOOP;
END $$;
DO $$
BEGIN
  WHILE EXISTS (SELECT FROM ddb.indexes WHERE status <> 'ACTIVE') LOOP
    PERFORM pg_sleep(0.05);
    COMMIT;
  END LOOP;
END $$;
SELECT "id", g FROM ddb_data."Keys" WHERE g IS NOT NULL;
SELECT (record(r)).* FROM records() AS r;

-- Plain SQL.
INSERT INTO ddb_data."Keys" (item) VALUES (item('sql', 1)), (item('sql', 2));
INSERT INTO ddb_data."Both" (item) VALUES (item('sql', 1)), (item('sql', 2));
UPDATE ddb_data."Keys" SET item = item || '{"v": {"N": "1.0"}}' WHERE n = 1 AND id = 'sql';
UPDATE ddb_data."Both" SET item = item || '{"v": {"N": "1.0"}}' WHERE n = 1 AND id = 'sql';
SELECT (record(r)).* FROM records() AS r;
-- the same again changes nothing
UPDATE ddb_data."Keys" SET item = item || '{"v": {"N": "1"}}' WHERE n = 1 AND id = 'sql';
UPDATE ddb_data."Both" SET item = item || '{"v": {"N": "1"}}' WHERE n = 1 AND id = 'sql';
UPDATE ddb_data."Silent" SET item = item;
-- another key: the old item goes, a new one comes
UPDATE ddb_data."Keys" SET item = item || '{"n": {"N": "7"}}' WHERE n = 1 AND id = 'sql';
UPDATE ddb_data."Both" SET item = item || '{"n": {"N": "7"}}' WHERE n = 1 AND id = 'sql';
DELETE FROM ddb_data."Keys" WHERE id = 'sql' AND n = 7;
DELETE FROM ddb_data."Both" WHERE id = 'sql' AND n = 7;
INSERT INTO ddb_data."New" (item) VALUES (item('sql', 2));
MERGE INTO ddb_data."New" AS t USING (VALUES ('sql', 2), ('sql', 3)) AS v(id, n) ON t.id = v.id AND t.n = v.n
WHEN MATCHED THEN UPDATE SET item = item(v.id, v.n, '{"merged": {"BOOL": true}}')
WHEN NOT MATCHED THEN INSERT (item) VALUES (item(v.id, v.n));
SELECT (record(r)).* FROM records() AS r;
-- a column of the user's own is no part of the item
ALTER TABLE ddb_data."Both" ADD COLUMN note text;
UPDATE ddb_data."Both" SET note = 'x';
SELECT (record(r)).* FROM records() AS r;
ALTER TABLE ddb_data."Both" DROP COLUMN note;

COPY ddb_data."Both" (item) FROM stdin;
{"id": {"S": "copied"}, "n": {"N": "1"}}
{"id": {"S": "copied"}, "n": {"N": "2"}}
\.
SELECT (record(r)).* FROM records() AS r;
SELECT ddb_import('New', $$SELECT item('imported', g, jsonb_build_object('q', jsonb_build_object('N', g::text))) FROM generate_series(1, 1200) AS g$$);
SELECT r ->> 'eventName' AS event, count(*), sum((r #>> '{dynamodb,NewImage,q,N}')::int),
  count(DISTINCT r #>> '{dynamodb,SequenceNumber}') AS numbers, min(right(r #>> '{dynamodb,SequenceNumber}', 10)), max(right(r #>> '{dynamodb,SequenceNumber}', 10))
FROM records() AS r GROUP BY 1;

-- Transactions: all or nothing, in order; what a savepoint took back is not there.
BEGIN;
SELECT ddb_put('Both', item('t', 1, '{"v": {"N": "1"}}'));
SAVEPOINT a;
SELECT ddb_put('Both', item('t', 2));
SELECT ddb_delete('Both', item('t', 1));
SAVEPOINT b;
SELECT ddb_put('Both', item('t', 3));
RELEASE b;
ROLLBACK TO a;
SELECT ddb_put('Keys', item('t', 1));
SELECT ddb_put('Both', item('t', 1, '{"v": {"N": "2"}}'));
SELECT ddb_put('Both', item('t', 1, '{"v": {"N": "2"}}'));
SAVEPOINT c;
SELECT ddb_put('Both', item('t', 4));
RELEASE c;
COMMIT;
BEGIN;
SELECT ddb_put('Both', item('t', 5));
ROLLBACK;
SELECT (record(r)).*, right(r #>> '{dynamodb,SequenceNumber}', 10) AS ordinal FROM records() AS r;
SELECT ddb_request('TransactWriteItems', '{"TransactItems": [
  {"Put": {"TableName": "Both", "Item": {"id": {"S": "tw"}, "n": {"N": "1"}}}},
  {"Put": {"TableName": "Both", "Item": {"id": {"S": "t"}, "n": {"N": "4"}}}},
  {"Delete": {"TableName": "Both", "Key": {"id": {"S": "t"}, "n": {"N": "1"}}}},
  {"ConditionCheck": {"TableName": "Both", "Key": {"id": {"S": "full"}, "n": {"N": "-5"}}, "ConditionExpression": "attribute_exists(id)"}}]}');
SELECT (record(r)).* FROM records() AS r ORDER BY keys;

-- TRUNCATE, also by one who may not delete.
CREATE ROLE regress_ddb_truncater;
GRANT USAGE ON SCHEMA ddb_data TO regress_ddb_truncater;
GRANT TRUNCATE ON ddb_data."Keys" TO regress_ddb_truncater;
SELECT count(*) FROM ddb_data."Keys";
SET ROLE regress_ddb_truncater;
DELETE FROM ddb_data."Keys";
TRUNCATE ddb_data."Keys";
RESET ROLE;
SELECT count(*) FROM ddb_data."Keys";
SELECT (record(r)).* FROM records() AS r ORDER BY keys;
TRUNCATE ddb_data."Silent", ddb_data."New";
SELECT r ->> 'eventName' AS event, count(*) FROM records() AS r GROUP BY 1;
DROP OWNED BY regress_ddb_truncater;
DROP ROLE regress_ddb_truncater;

-- Options.
TRUNCATE ddb_data."Both";
SELECT count(*) FROM records();
BEGIN;
SELECT ddb_put('New', item('o', 1));
SELECT ddb_put('Both', item('o', 2));
SELECT ddb_put('Keys', item('o', 3));
COMMIT;
-- the numbers are the same whatever is left out
CREATE TEMP TABLE everything AS SELECT data::jsonb AS r FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL);
SELECT (record(data::jsonb)).keys, right(data::jsonb #>> '{dynamodb,SequenceNumber}', 10) AS ordinal, data::jsonb IN (TABLE everything) AS same
FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, 'tables', 'Keys, Both');
SELECT count(*) FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, 'tables', 'Another');
SELECT data::jsonb - 'xid' IN (TABLE everything) AS same, data::jsonb ->> 'xid' = xid::text AS xid
FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, 'include-xids', 'on');
SELECT data::jsonb IN (TABLE everything) AS same, length(data) - length(replace(data, E'\n', '')) AS lines
FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, 'format', 'pretty', 'origin', 'any', 'include-xids', 'false');
\set VERBOSITY default
SELECT format('SELECT count(*) FROM pg_logical_slot_peek_changes(''regress_ddb'', NULL, NULL, %s)', args)
FROM (VALUES ($$'nothing', 'x'$$), ($$'Tables', 'Keys'$$), ($$'tables', ''$$), ($$'tables', 'Keys,,Both'$$), ($$'tables', 'Keys,'$$),
  ($$'tables', 'a b c'$$), ($$'tables', repeat('x', 256)$$), ($$'tables', repeat('x', 255)$$), ($$'include-xids', 'maybe'$$),
  ($$'format', 'JSON'$$), ($$'format', ''$$), ($$'origin', 'local'$$), ($$'stream-changes', '2'$$), ($$'format', 'json', 'format', 'json'$$),
  ($$'stream-changes', 'off', 'origin', 'none', 'include-xids', 'f', 'tables', 'Keys'$$)) AS v(args)
\gexec
\set VERBOSITY terse
SELECT (record(r)).* FROM records() AS r;

-- Origins.
SELECT 'origin' FROM pg_replication_origin_create('regress_ddb_origin');
SELECT ddb_put('Keys', item('home', 1));
SELECT pg_replication_origin_session_setup('regress_ddb_origin');
SELECT ddb_put('Keys', item('abroad', 1));
SELECT pg_replication_origin_session_reset();
SELECT (record(data::jsonb)).keys FROM pg_logical_slot_peek_changes('regress_ddb', NULL, NULL, 'origin', 'none');
SELECT (record(r)).keys FROM records('origin', 'any') AS r;
SELECT pg_replication_origin_drop('regress_ddb_origin');

-- Nobody but the store can say that an update leaves its item as it was.
BEGIN;
SELECT 'message' FROM pg_logical_emit_message(true, 'ddb unchanged',
  (SELECT string_agg(substr(int4send(n), i, 1), ''::bytea ORDER BY place, i DESC)
   FROM (VALUES (1, 'ddb_data."Keys"'::regclass::oid::bigint::integer), (2, pg_current_xact_id()::text::integer)) AS v (place, n),
     generate_series(1, 4) AS i) || decode(repeat('00', 32), 'hex'));
SELECT ddb_put('Keys', item('home', 1, '{"v": {"S": "new"}}'));
COMMIT;
SELECT r ->> 'eventName' AS event, (record(r)).keys FROM records() AS r;

-- A message of the time-to-live worker's marks its transaction's deletions.
SELECT ddb_put('Both', item('ttl', g)) FROM generate_series(1, 4) AS g;
BEGIN;
SELECT 'message' FROM pg_logical_emit_message(true, 'ddb ttl', '');
SELECT ddb_delete('Both', item('ttl', 1));
SELECT ddb_delete('Both', item('ttl', 2));
COMMIT;
SELECT ddb_delete('Both', item('ttl', 3));
BEGIN;
SELECT 'message' FROM pg_logical_emit_message(false, 'ddb ttl', '');
SELECT ddb_delete('Both', item('ttl', 4));
COMMIT;
SELECT (record(r)).keys, r -> 'userIdentity' AS "user" FROM records() AS r WHERE r ->> 'eventName' = 'REMOVE';

-- Those that follow ddb.expire_items() in its transaction are somebody's own.
SELECT ddb_put('Both', item('ttl', 5)), ddb_put('Both', item('ttl', 6) || jsonb_build_object('at', jsonb_build_object('N', (extract(epoch FROM now())::bigint - 9)::text)));
BEGIN;
SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Both", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "at"}}');
SELECT ddb.expire_items('Both');
SELECT ddb_delete('Both', item('ttl', 5));
SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Both", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "at"}}');
COMMIT;
SELECT (record(r)).keys, r -> 'userIdentity' AS "user" FROM records() AS r WHERE r ->> 'eventName' = 'REMOVE';

-- A stream ends and another begins.
SELECT ddb_put('Silent', item('s', 1));
SELECT ddb_request('UpdateTable', '{"TableName": "Silent", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}') #>> '{TableDescription,TableName}';
SELECT ddb_put('Silent', item('s', 2));
SELECT ddb_request('UpdateTable', '{"TableName": "Silent", "StreamSpecification": {"StreamEnabled": false}}') #>> '{TableDescription,TableName}';
SELECT ddb_put('Silent', item('s', 3));
SELECT ddb_request('UpdateTable', '{"TableName": "Silent", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}}') #>> '{TableDescription,TableName}';
SELECT ddb_put('Silent', item('s', 3, '{"v": {"BOOL": false}}'));
BEGIN;
SELECT ddb_request('UpdateTable', '{"TableName": "Silent", "StreamSpecification": {"StreamEnabled": false}}') #>> '{TableDescription,TableName}';
SELECT ddb_put('Silent', item('s', 3));
ROLLBACK;
SELECT ddb_put('Silent', item('s', 4));
SELECT (record(r)).*, r ->> 'eventSourceARN' LIKE '%' || stream_label AS newest
FROM records() AS r, (SELECT max(stream_label) AS stream_label FROM ddb.streams WHERE table_name = 'Silent') AS s;

-- A rewrite of the table, and what stands in it afterwards.
VACUUM FULL ddb_data."Both";
SELECT ddb_put('Both', item('rewritten', 1));
SELECT (record(r)).* FROM records() AS r;

-- With the trigger off anything can be written; it does not stop the others.
SET session_replication_role = replica;
INSERT INTO ddb_data."Both" (id, n, item) VALUES ('bad', 1, '{"a": 5}'), ('bad', 2, '[]'), ('bad', 3, item('bad', 3) - 'n'), ('good', 1, item('good', 1));
DELETE FROM ddb_data."Both" WHERE id IN ('bad', 'good');
RESET session_replication_role;
SELECT (record(r)).* FROM records() AS r;

-- Nobody's changes but those of tables with streams.
CREATE TABLE other (a int PRIMARY KEY);
INSERT INTO other VALUES (1);
SELECT (record(r)).* FROM records() AS r;
DROP TABLE other;

SELECT pg_drop_replication_slot('regress_ddb');
SELECT ddb_request('DeleteTable', jsonb_build_object('TableName', t)) #>> '{TableDescription,TableName}'
FROM unnest(ARRAY['Keys', 'New', 'Old', 'Both', 'Silent']) AS t;
DROP PROCEDURE everywhere, make_table;
DROP FUNCTION records, record, shorten, item, noise;
