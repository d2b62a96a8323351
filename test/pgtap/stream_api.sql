-- ListStreams, DescribeStream, GetShardIterator, GetRecords.  What the capture worker
-- does is done by hand here: shards and records are rows of the test's own.  There may
-- be streams of other tests.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
\ir ../psql/refusal.psql
-- A table whose stream is new waits for the capture worker, which doesn't see this
-- transaction; let it go.
CREATE FUNCTION pg_temp.released(description jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  held regclass;
BEGIN
  UPDATE ddb.tables SET status_until = NULL WHERE table_name = description ->> 'TableName' AND status_until = 'infinity' RETURNING relid INTO held;
  IF held IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 85)', held);
  END IF;
  RETURN description;
END $$;
CREATE FUNCTION pg_temp.make(name text, view text, sort boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.released(ddb_request('CreateTable', jsonb_build_object('TableName', name, 'BillingMode', 'PAY_PER_REQUEST',
    'AttributeDefinitions', '[{"AttributeName": "p", "AttributeType": "S"}]' ||
      CASE WHEN sort THEN '[{"AttributeName": "s", "AttributeType": "N"}]' ELSE '[]'::jsonb END,
    'KeySchema', '[{"AttributeName": "p", "KeyType": "HASH"}]' ||
      CASE WHEN sort THEN '[{"AttributeName": "s", "KeyType": "RANGE"}]' ELSE '[]'::jsonb END)
    || CASE WHEN view IS NULL THEN '{}' ELSE jsonb_build_object('StreamSpecification',
      jsonb_build_object('StreamEnabled', true, 'StreamViewType', view)) END) -> 'TableDescription') ->> 'LatestStreamArn' $$;
CREATE FUNCTION pg_temp.stream(name text, specification jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.released(ddb_request('UpdateTable', jsonb_build_object('TableName', name, 'StreamSpecification', specification)) -> 'TableDescription') $$;
CREATE FUNCTION pg_temp.off(name text) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.stream(name, '{"StreamEnabled": false}') $$;
CREATE FUNCTION pg_temp.describe(arn text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('DescribeStream', jsonb_build_object('StreamArn', arn) || more) -> 'StreamDescription' $$;
CREATE TEMP TABLE t (name text PRIMARY KEY, arn text);
CREATE FUNCTION pg_temp.listed(request jsonb) RETURNS text[] LANGUAGE sql AS $$
  SELECT coalesce(array_agg(s ->> 'StreamArn' ORDER BY i), '{}')
  FROM jsonb_array_elements(ddb_request('ListStreams', request) -> 'Streams') WITH ORDINALITY AS x(s, i)
  WHERE s ->> 'TableName' IN (SELECT 'T' || name FROM t) $$;
-- The number of a record: of its commit record and in its transaction.
CREATE FUNCTION pg_temp.number(lsn bigint, ordinal integer DEFAULT 0) RETURNS text LANGUAGE sql AS $$
  SELECT '1' || lpad(lsn::text, 19, '0') || lpad(ordinal::text, 10, '0') $$;
CREATE FUNCTION pg_temp.lsn(n bigint) RETURNS pg_lsn LANGUAGE sql AS $$ SELECT '0/0'::pg_lsn + n $$;
CREATE FUNCTION pg_temp.iterator(arn text, shard text, kind text, number text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT ddb_request('GetShardIterator', jsonb_strip_nulls(jsonb_build_object('StreamArn', arn, 'ShardId', shard,
    'ShardIteratorType', kind, 'SequenceNumber', number))) ->> 'ShardIterator' $$;
CREATE FUNCTION pg_temp.records(iterator text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('GetRecords', jsonb_build_object('ShardIterator', iterator) || more) $$;
-- A page in short: numbers of commit and change, and "..." when it goes on.  Those
-- behind the log's end are written +1, +2.
\set ahead 1000000000000000
CREATE FUNCTION pg_temp.short(page jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT string_agg(CASE WHEN lsn > 1000000000000000 THEN '+' || lsn - 1000000000000000 ELSE lsn::text END || '.' || right(n, 10)::integer, ' ' ORDER BY i)
    FROM jsonb_array_elements(page -> 'Records') WITH ORDINALITY AS r(record, i), LATERAL (SELECT record -> 'dynamodb' ->> 'SequenceNumber') AS s(n), LATERAL (SELECT substr(n, 2, 19)::bigint) AS l(lsn)),
    CASE WHEN page ? 'NextShardIterator' THEN '...' END) $$;
CREATE FUNCTION pg_temp.read(arn text, shard text, kind text, number text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.short(pg_temp.records(pg_temp.iterator(arn, shard, kind, number))) $$;
CREATE FUNCTION pg_temp.stream_id(arn text) RETURNS integer LANGUAGE sql AS $$
  SELECT stream_id FROM ddb.streams WHERE arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/' || table_name || '/stream/' || stream_label $$;
CREATE FUNCTION pg_temp.arn(name text) RETURNS text LANGUAGE sql AS $$ SELECT arn FROM t WHERE t.name = arn.name $$;
CREATE FUNCTION pg_temp.record(arn text, epoch integer, lsn bigint, ordinal integer, event "char",
  new_image jsonb DEFAULT NULL, old_image jsonb DEFAULT NULL, keys jsonb DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ddb.stream_records VALUES (epoch, pg_temp.stream_id(arn), pg_temp.lsn(lsn), ordinal, event,
    '2026-01-02 03:04:05.678Z', keys, new_image, old_image) $$;
-- All work is done up to here.
CREATE FUNCTION pg_temp.captured(lsn bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ddb.capture (slot_name, captured_lsn, epoch, epoch_since) VALUES ('t', pg_temp.lsn(lsn), 900001, now())
  ON CONFLICT (one) DO UPDATE SET captured_lsn = EXCLUDED.captured_lsn $$;
CREATE FUNCTION pg_temp.shard(arn text, epoch integer, first bigint, last bigint DEFAULT NULL, ordinal integer DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ddb.stream_shards (stream_id, epoch, first_lsn, last_lsn, last_ordinal, created_at, closed_at)
  VALUES (pg_temp.stream_id(arn), epoch, pg_temp.lsn(first), pg_temp.lsn(last), ordinal,
    timestamptz '2026-01-02Z' + epoch % 1000 * interval '1 hour', CASE WHEN last IS NOT NULL THEN now() END);
  UPDATE ddb.streams SET captured_at = coalesce(captured_at, now()) WHERE stream_id = pg_temp.stream_id(arn) $$;
CREATE FUNCTION pg_temp.shard_id(arn text, epoch integer) RETURNS text LANGUAGE sql AS $$
  SELECT s ->> 'ShardId' FROM jsonb_array_elements(pg_temp.describe(arn) -> 'Shards') WITH ORDINALITY AS x(s, i)
  WHERE i = (SELECT count(*) FROM ddb.stream_shards h WHERE h.stream_id = pg_temp.stream_id(arn) AND h.epoch <= shard_id.epoch) $$;

SELECT no_plan();

-- Streams come and go.
INSERT INTO t SELECT v, pg_temp.make('T' || v, v, v = 'OLD_IMAGE') FROM unnest('{KEYS_ONLY,NEW_IMAGE,OLD_IMAGE,NEW_AND_OLD_IMAGES}'::text[]) v;
SELECT matches(arn, '^arn:aws:dynamodb:us-east-1:000000000000:table/T' || name || '/stream/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$', 'the ARN of ' || name) FROM t;
SELECT is(pg_temp.make('Tnone', NULL), NULL, 'a table without a stream');
SELECT results_eq(
  $$SELECT relreplident, (SELECT relname FROM pg_index i JOIN pg_class x ON x.oid = indexrelid WHERE indrelid = c.oid AND indisreplident)
    FROM t, ddb.tables d, pg_class c WHERE d.table_name = 'T' || name AND c.oid = d.relid ORDER BY name$$,
  $$VALUES ('i'::"char", 'TKEYS_ONLY:primary'::name), ('f', NULL), ('i', 'TNEW_IMAGE:primary'), ('f', NULL)$$, 'no more replica identity than the view needs');
SELECT is(ddb_request('DescribeTable', '{"TableName": "TNEW_IMAGE"}') -> 'Table' -> 'StreamSpecification', '{"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}', 'DescribeTable tells');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "TNEW_IMAGE", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}}'),
  'ValidationException: Table already has an enabled stream: TableName: TNEW_IMAGE', 'its view can''t be changed');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "TNEW_IMAGE", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}'),
  'ValidationException: Table already has an enabled stream: TableName: TNEW_IMAGE', 'nor be the same again');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "TNEW_IMAGE", "StreamSpecification": {"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}}'),
  'ValidationException: One or more parameter values were invalid: If stream is being disabled, then UpdateViewType must not be specified', 'no view for no stream');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Tnone", "StreamSpecification": {"StreamEnabled": true}}') ~ '^ValidationException: ', true, 'no stream without a view');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Tnone", "StreamSpecification": {"StreamEnabled": false}}'),
  'ValidationException: Table already has a disabled stream: TableName: Tnone', 'nothing to disable');
CREATE TEMP TABLE answer AS SELECT pg_temp.off('TNEW_IMAGE') AS d;
SELECT is(d ? 'StreamSpecification', false, 'disabled: no StreamSpecification') FROM answer;
SELECT is(d ->> 'LatestStreamArn', pg_temp.arn('NEW_IMAGE'), 'the ARN stays') FROM answer;
SELECT is(d ->> 'TableStatus', 'UPDATING', 'UpdateTable answers UPDATING') FROM answer;
SELECT is((SELECT relreplident FROM pg_class WHERE oid = 'ddb_data."TNEW_IMAGE"'::regclass), 'd', 'the replica identity is back');
TRUNCATE answer;
INSERT INTO answer SELECT pg_temp.stream('TNEW_IMAGE', '{"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}');
SELECT is(d -> 'StreamSpecification', '{"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}', 'enabled again') FROM answer;
SELECT cmp_ok(d ->> 'LatestStreamArn', '>', pg_temp.arn('NEW_IMAGE'), 'with a later ARN') FROM answer;
SELECT is(d ->> 'LatestStreamArn', (d ->> 'TableArn') || '/stream/' || (d ->> 'LatestStreamLabel'), 'and label') FROM answer;
DO $$
BEGIN
  FOR i IN 1 .. 20 LOOP
    PERFORM pg_temp.off('TNEW_IMAGE');
    PERFORM pg_temp.stream('TNEW_IMAGE', '{"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}');
  END LOOP;
END $$;
SELECT is((SELECT array_agg(stream_label ORDER BY stream_id) = array_agg(stream_label ORDER BY stream_label) FROM ddb.streams WHERE table_name = 'TNEW_IMAGE'), true, 'labels grow');
SELECT is((SELECT count(*) FROM ddb.streams WHERE table_name = 'TNEW_IMAGE'), 22::bigint, 'and are unique');
UPDATE ddb.streams SET stream_label = '2199-12-31T23:59:59.999' WHERE table_name = 'TNEW_IMAGE' AND disabled_at IS NULL;
SELECT pg_temp.off('TNEW_IMAGE') \g /dev/null
SELECT is(pg_temp.stream('TNEW_IMAGE', '{"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}') ->> 'LatestStreamLabel', '2200-01-01T00:00:00.000', 'even when the clock was put back');
DELETE FROM ddb.streams WHERE table_name = 'TNEW_IMAGE';
SELECT pg_temp.off('TNEW_IMAGE') \g /dev/null
SELECT is(pg_temp.stream('TNEW_IMAGE', '{"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}') ->> 'LatestStreamLabel', '2200-01-01T00:00:00.001', 'and the stream before is forgotten');
SELECT ddb_request('DeleteTable', '{"TableName": "TNEW_IMAGE"}') \g /dev/null
SELECT is(right(pg_temp.make('TNEW_IMAGE', 'NEW_IMAGE'), 23), '2200-01-01T00:00:00.002', 'and for a table that comes in its place');
DELETE FROM ddb.streams WHERE table_name = 'TNEW_IMAGE';
SELECT ddb_request('DeleteTable', '{"TableName": "TNEW_IMAGE"}') \g /dev/null
UPDATE t SET arn = pg_temp.make('TNEW_IMAGE', 'NEW_IMAGE') WHERE name = 'NEW_IMAGE';

-- ListStreams.
SELECT is(pg_temp.listed('{}'), (SELECT array_agg(arn ORDER BY arn COLLATE "C") FROM t), 'all streams');
SELECT is(ddb_request('ListStreams', '{"TableName": "TKEYS_ONLY"}'),
  jsonb_build_object('Streams', jsonb_build_array(jsonb_build_object('StreamArn', arn, 'TableName', 'TKEYS_ONLY', 'StreamLabel', right(arn, 23)))), 'of one table') FROM t WHERE name = 'KEYS_ONLY';
SELECT is(pg_temp.listed('{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/TKEYS_ONLY"}'), ARRAY[pg_temp.arn('KEYS_ONLY')], 'by its ARN');
SELECT is(ddb_request('ListStreams', '{"TableName": "Tnone"}'), '{"Streams": []}', 'of a table that has none');
SELECT is(ddb_request('ListStreams', '{"TableName": "Nowhere"}'), '{"Streams": []}', 'of no table');
-- in pages, for a role that may read these alone
CREATE ROLE ddb_t_lister;
GRANT SELECT ON ddb_data."TKEYS_ONLY", ddb_data."TNEW_IMAGE", ddb_data."TOLD_IMAGE", ddb_data."TNEW_AND_OLD_IMAGES" TO ddb_t_lister;
CREATE TEMP TABLE pages (n integer, page jsonb);
GRANT ALL ON pages TO PUBLIC;
SET ROLE ddb_t_lister;
INSERT INTO pages
  WITH RECURSIVE pages AS (
    SELECT 1 AS n, ddb_request('ListStreams', '{"Limit": 3}') AS page
    UNION ALL
    SELECT n + 1, ddb_request('ListStreams', jsonb_build_object('Limit', 3, 'ExclusiveStartStreamArn', page -> 'LastEvaluatedStreamArn'))
    FROM pages WHERE page ? 'LastEvaluatedStreamArn')
  SELECT * FROM pages;
INSERT INTO pages SELECT 0, ddb_request('ListStreams', '{"Limit": 4}');
RESET ROLE;
SELECT is((SELECT page ? 'LastEvaluatedStreamArn' FROM pages WHERE n = 0), false, 'no LastEvaluatedStreamArn after the last');
DELETE FROM pages WHERE n = 0;
SELECT is((SELECT array_agg(jsonb_array_length(page -> 'Streams') ORDER BY n) FROM pages), '{3,1}', 'pages of three');
SELECT is((SELECT array_agg(s ->> 'StreamArn' ORDER BY n, i) FROM pages, jsonb_array_elements(page -> 'Streams') WITH ORDINALITY AS x(s, i)), pg_temp.listed('{}'), 'with every stream once');
SELECT pg_temp.off('TKEYS_ONLY'), pg_temp.stream('TKEYS_ONLY', '{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}') \g /dev/null
INSERT INTO t SELECT 'second', ddb_request('DescribeTable', '{"TableName": "TKEYS_ONLY"}') -> 'Table' ->> 'LatestStreamArn';
SELECT is(pg_temp.listed('{"TableName": "TKEYS_ONLY"}'), ARRAY[pg_temp.arn('KEYS_ONLY'), pg_temp.arn('second')], 'old streams are listed too');
SELECT is(pg_temp.listed(jsonb_build_object('TableName', 'TKEYS_ONLY', 'ExclusiveStartStreamArn', pg_temp.arn('KEYS_ONLY'))), ARRAY[pg_temp.arn('second')], 'one table from a place on');
CREATE TEMP TABLE bad (operation text, request jsonb, message text);
INSERT INTO bad VALUES
  ('ListStreams', '{"Limit": 0}', 'ValidationException: 1 validation error detected: Value ''0'' at ''limit'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('ListStreams', '{"Limit": 101}', 'ValidationException: 1 validation error detected: Value ''101'' at ''limit'' failed to satisfy constraint: Member must have value less than or equal to 100'),
  ('ListStreams', '{"Limit": "1"}', 'SerializationException: STRING_VALUE cannot be converted to Integer'),
  ('ListStreams', '{"TableName": "T/"}', 'ValidationException: 1 validation error detected: Value ''T/'' at ''tableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  ('ListStreams', '{"ExclusiveStartStreamArn": "arn"}', 'ValidationException: 1 validation error detected: Value ''arn'' at ''exclusiveStartStreamArn'' failed to satisfy constraint: Member must have length greater than or equal to 37'),
  ('ListStreams', '{"ExclusiveStartStreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tnone"}', 'ValidationException: Invalid StreamArn: arn:aws:dynamodb:us-east-1:000000000000:table/Tnone'),
  ('ListStreams', '{"ExclusiveStartStreamArn": "arn:aws:dynamodb:eu-west-1:000000000000:table/T/stream/x"}', 'ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:eu-west-1:000000000000:table/T/stream/x not found');
SELECT is(pg_temp.refusal(operation, request), message, operation || ' ' || request) FROM bad;

-- DescribeStream.
SELECT is(pg_temp.describe(arn) - 'CreationRequestDateTime', jsonb_build_object('StreamArn', arn, 'StreamLabel', right(arn, 23), 'StreamStatus', 'ENABLING',
    'StreamViewType', 'OLD_IMAGE', 'TableName', 'TOLD_IMAGE', 'Shards', '[]'::jsonb,
    'KeySchema', '[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]'::jsonb), 'a stream that nobody has taken up yet') FROM t WHERE name = 'OLD_IMAGE';
SELECT is((pg_temp.describe(pg_temp.arn('OLD_IMAGE')) ->> 'CreationRequestDateTime')::numeric, round(extract(epoch FROM date_trunc('milliseconds', now())), 3), 'CreationRequestDateTime');
SELECT is(pg_temp.describe(pg_temp.arn('KEYS_ONLY')) ->> 'StreamStatus', 'DISABLING', 'one that was disabled');
UPDATE ddb.streams SET closed_at = now() WHERE stream_id = pg_temp.stream_id(pg_temp.arn('KEYS_ONLY'));
SELECT is(pg_temp.describe(pg_temp.arn('KEYS_ONLY')) ->> 'StreamStatus', 'DISABLED', 'and of which all is recorded');

INSERT INTO t SELECT 'both', arn FROM t WHERE name = 'NEW_AND_OLD_IMAGES';
SELECT pg_temp.shard(pg_temp.arn('both'), 900001, 1000, 1900, 3), pg_temp.shard(pg_temp.arn('both'), 900002, 1901, 2900, 0), pg_temp.shard(pg_temp.arn('both'), 900003, 2901),
  pg_temp.shard(pg_temp.arn('OLD_IMAGE'), 900001, 1000), pg_temp.captured(3500) \g /dev/null
SELECT is(pg_temp.describe(pg_temp.arn('both')) ->> 'StreamStatus', 'ENABLED', 'a stream that is taken up');
CREATE TEMP TABLE shard AS SELECT 900000 + i AS epoch, s, s ->> 'ShardId' AS id
  FROM jsonb_array_elements(pg_temp.describe(pg_temp.arn('both')) -> 'Shards') WITH ORDINALITY AS x(s, i);
CREATE FUNCTION pg_temp.id(epoch integer) RETURNS text LANGUAGE sql AS $$ SELECT id FROM shard WHERE shard.epoch = id.epoch $$;
SELECT matches(id, '^shardId-\d{20}-[0-9a-f]{8}$', 'ShardId') FROM shard;
SELECT is((SELECT array_agg(substr(id, 9, 20)::bigint ORDER BY epoch) FROM shard), (SELECT array_agg((extract(epoch FROM timestamptz '2026-01-02Z' + i * interval '1 hour') * 1000)::bigint ORDER BY i) FROM generate_series(1, 3) i), 'with the time it was made');
SELECT results_eq('SELECT s FROM shard ORDER BY epoch', $$SELECT jsonb_strip_nulls(jsonb_build_object('ShardId', pg_temp.id(e), 'ParentShardId', pg_temp.id(e - 1),
  'SequenceNumberRange', jsonb_build_object('StartingSequenceNumber', pg_temp.number(f), 'EndingSequenceNumber', pg_temp.number(l, o))))
  FROM (VALUES (900001, 1000, 1900, 3), (900002, 1901, 2900, 0), (900003, 2901, NULL, NULL)) AS v(e, f, l, o)$$, 'Shards');
SELECT isnt(pg_temp.describe(pg_temp.arn('OLD_IMAGE')) -> 'Shards' -> 0 ->> 'ShardId', pg_temp.id(900001), 'streams have shards of their own');
TRUNCATE pages;
INSERT INTO pages
  WITH RECURSIVE pages AS (
    SELECT 1 AS n, pg_temp.describe(pg_temp.arn('both'), '{"Limit": 2}') AS page
    UNION ALL
    SELECT n + 1, pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('Limit', 2, 'ExclusiveStartShardId', page -> 'LastEvaluatedShardId'))
    FROM pages WHERE page ? 'LastEvaluatedShardId')
  SELECT * FROM pages;
SELECT results_eq('SELECT e FROM pages, jsonb_array_elements(page -> ''Shards'') WITH ORDINALITY AS x(e, i) ORDER BY n, i', 'SELECT s FROM shard ORDER BY epoch', 'in pages, parents included');
SELECT is((SELECT count(*) FROM pages), 2::bigint, 'two of them');
SELECT is(pg_temp.describe(pg_temp.arn('both'), '{"Limit": 3}') ? 'LastEvaluatedShardId', false, 'no LastEvaluatedShardId after the last');
SELECT is(pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('ExclusiveStartShardId', pg_temp.id(900003))) -> 'Shards', '[]', 'nothing after the last');
SELECT is(pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('ShardFilter', jsonb_build_object('Type', 'CHILD_SHARDS', 'ShardId', pg_temp.id(900001)))) -> 'Shards', jsonb_build_array(s), 'the child of a shard') FROM shard WHERE epoch = 900002;
SELECT is(pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('ShardFilter', jsonb_build_object('Type', 'CHILD_SHARDS', 'ShardId', pg_temp.id(900003)))) -> 'Shards', '[]', 'of one that has none');
SELECT is(pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('ExclusiveStartShardId', id)) -> 'Shards', '[]', 'no shards after ' || what)
FROM (VALUES ('shardId-00000001767312000000-0000000', 'a malformed one'), ('shardId-00000001767312000000-zzzzzzzz', 'another'), (overlay(pg_temp.id(900002) PLACING '9' FROM 9), 'one that is not quite there')) AS v(id, what);
TRUNCATE bad;
INSERT INTO bad SELECT 'DescribeStream', jsonb_build_object('StreamArn', arn) || more::jsonb, message FROM t, (VALUES
  ('{"StreamArn": null}', 'ValidationException: 1 validation error detected: Value null at ''streamArn'' failed to satisfy constraint: Member must not be null'),
  ('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/TOLD_IMAGE/stream/"}', 'ValidationException: Invalid StreamArn: arn:aws:dynamodb:us-east-1:000000000000:table/TOLD_IMAGE/stream/'),
  ('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/TOLD_IMAGE/stream/2020-01-01T00:00:00.000"}', 'ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:us-east-1:000000000000:table/TOLD_IMAGE/stream/2020-01-01T00:00:00.000 not found'),
  ('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere/stream/x"}', 'ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere/stream/x not found'),
  ('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000001:table/TOLD_IMAGE/stream/x"}', 'ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:us-east-1:000000000001:table/TOLD_IMAGE/stream/x not found'),
  ('{"Limit": 101}', 'ValidationException: 1 validation error detected: Value ''101'' at ''limit'' failed to satisfy constraint: Member must have value less than or equal to 100'),
  ('{"ExclusiveStartShardId": "shardId-"}', 'ValidationException: 1 validation error detected: Value ''shardId-'' at ''exclusiveStartShardId'' failed to satisfy constraint: Member must have length greater than or equal to 28'),
  ('{"ShardFilter": {"Type": "ALL"}}', 'ValidationException: 2 validation errors detected: Value ''ALL'' at ''shardFilter.type'' failed to satisfy constraint: Member must satisfy enum value set: [CHILD_SHARDS]; Value null at ''shardFilter.shardId'' failed to satisfy constraint: Member must not be null'),
  ('{"ShardFilter": {"Type": "CHILD_SHARDS"}}', 'ValidationException: 1 validation error detected: Value null at ''shardFilter.shardId'' failed to satisfy constraint: Member must not be null'),
  ('{"ShardFilter": {"ShardId": "shardId-00000001767312000000-00000000"}}', 'ValidationException: 1 validation error detected: Value null at ''shardFilter.type'' failed to satisfy constraint: Member must not be null')
  ) AS v(more, message) WHERE name = 'OLD_IMAGE';
SELECT is(pg_temp.refusal(operation, request), message, operation || ' ' || request) FROM bad;

-- Records, of two shards and a half.
CREATE TABLE ddb.stream_records_900001 PARTITION OF ddb.stream_records FOR VALUES IN (900001);
CREATE TABLE ddb.stream_records_900002 PARTITION OF ddb.stream_records FOR VALUES IN (900002);
CREATE TABLE ddb.stream_records_900003 PARTITION OF ddb.stream_records FOR VALUES IN (900003);
SELECT pg_temp.record(pg_temp.arn('both'), 900001, 1500, 0, 'I', '{"p": {"S": "a"}, "n": {"N": "1"}}'),
  pg_temp.record(pg_temp.arn('both'), 900001, 1500, 1, 'M', '{"p": {"S": "a"}, "n": {"N": "2"}}', '{"p": {"S": "a"}, "n": {"N": "1"}}'),
  pg_temp.record(pg_temp.arn('both'), 900001, 1700, 0, 'R', NULL, '{"p": {"S": "a"}, "n": {"N": "2"}}'),
  pg_temp.record(pg_temp.arn('both'), 900001, 1900, 3, 'T', NULL, '{"p": {"S": "b"}}'),
  pg_temp.record(pg_temp.arn('both'), 900003, 3000, 0, 'I', '{"p": {"S": "c"}}'),
  pg_temp.record(pg_temp.arn('OLD_IMAGE'), 900001, 1500, 2, 'I', NULL, NULL, '{"p": {"S": "x"}, "s": {"N": "5"}}') \g /dev/null
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900001), 'TRIM_HORIZON'), '1500.0 1500.1 1700.0 1900.3', 'TRIM_HORIZON: a closed shard to its end');
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900002), 'TRIM_HORIZON'), '', 'an empty one');
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900003), 'TRIM_HORIZON'), '3000.0 ...', 'an open one');
SELECT is(pg_temp.read(pg_temp.arn('OLD_IMAGE'), pg_temp.shard_id(pg_temp.arn('OLD_IMAGE'), 900001), 'TRIM_HORIZON'), '1500.2 ...', 'another stream''s');
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900001), kind, pg_temp.number(lsn, ordinal)), expected, kind || ' ' || lsn || '.' || ordinal)
  FROM (VALUES ('AT_SEQUENCE_NUMBER', 1000, 0, '1500.0 1500.1 1700.0 1900.3'), ('AT_SEQUENCE_NUMBER', 1500, 0, '1500.0 1500.1 1700.0 1900.3'), ('AFTER_SEQUENCE_NUMBER', 1500, 0, '1500.1 1700.0 1900.3'),
    ('AT_SEQUENCE_NUMBER', 1500, 1, '1500.1 1700.0 1900.3'), ('AFTER_SEQUENCE_NUMBER', 1500, 1, '1700.0 1900.3'), ('AT_SEQUENCE_NUMBER', 1600, 0, '1700.0 1900.3'),
    ('AFTER_SEQUENCE_NUMBER', 1500, 2147483647, '1700.0 1900.3'), ('AT_SEQUENCE_NUMBER', 1900, 3, '1900.3'), ('AFTER_SEQUENCE_NUMBER', 1900, 3, '')) AS v(kind, lsn, ordinal, expected);
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900001), 'LATEST'), '', 'LATEST of a closed shard: nothing more');
SELECT is(pg_temp.records(pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900001), 'AFTER_SEQUENCE_NUMBER', pg_temp.number(1900, 3))), '{"Records": []}', 'the whole answer');

-- Record.
SELECT is(pg_temp.records(pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900001), 'AT_SEQUENCE_NUMBER', pg_temp.number(1500, 1)), '{"Limit": 1}') -> 'Records' -> 0 #- '{eventID}',
  jsonb_build_object('awsRegion', 'us-east-1', 'eventName', 'MODIFY', 'eventSource', 'aws:dynamodb', 'eventVersion', '1.1', 'dynamodb', jsonb_build_object(
    'ApproximateCreationDateTime', 1767323045, 'SequenceNumber', pg_temp.number(1500, 1), 'SizeBytes', 12, 'StreamViewType', 'NEW_AND_OLD_IMAGES',
    'Keys', '{"p": {"S": "a"}}'::jsonb, 'NewImage', '{"p": {"S": "a"}, "n": {"N": "2"}}'::jsonb, 'OldImage', '{"p": {"S": "a"}, "n": {"N": "1"}}'::jsonb)), 'MODIFY');
CREATE TEMP TABLE r AS SELECT i, r FROM jsonb_array_elements(pg_temp.records(pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900001), 'TRIM_HORIZON')) -> 'Records') WITH ORDINALITY AS x(r, i);
SELECT is((SELECT array_agg(r ->> 'eventName' ORDER BY i) FROM r), '{INSERT,MODIFY,REMOVE,REMOVE}', 'eventName');
SELECT is((SELECT count(DISTINCT r ->> 'eventID') FROM r WHERE r ->> 'eventID' ~ '^[0-9a-f]{32}$'), 4::bigint, 'eventID');
SELECT is((SELECT array_agg(r -> 'userIdentity' ORDER BY i) FROM r), ARRAY[NULL, NULL, NULL, '{"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}'::jsonb], 'userIdentity of an expired item');
SELECT is((SELECT array_agg(r -> 'dynamodb' ?& '{NewImage}' ORDER BY i) FROM r), '{t,t,f,f}', 'NewImage where there is one');
SELECT is((SELECT array_agg(r -> 'dynamodb' ?& '{OldImage}' ORDER BY i) FROM r), '{f,t,t,t}', 'OldImage where there is one');
SELECT is(pg_temp.records(pg_temp.iterator(pg_temp.arn('OLD_IMAGE'), pg_temp.shard_id(pg_temp.arn('OLD_IMAGE'), 900001), 'TRIM_HORIZON')) -> 'Records' -> 0 -> 'dynamodb' ->> 'Keys', '{"p": {"S": "x"}, "s": {"N": "5"}}', 'Keys where no image has them');

-- Pages, and following an open shard.
TRUNCATE pages;
INSERT INTO pages
  WITH RECURSIVE pages AS (
    SELECT 1 AS n, pg_temp.records(pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900001), 'TRIM_HORIZON'), '{"Limit": 2}') AS page
    UNION ALL SELECT n + 1, pg_temp.records(page ->> 'NextShardIterator', '{"Limit": 2}') FROM pages WHERE page ? 'NextShardIterator')
  SELECT * FROM pages;
SELECT results_eq('SELECT pg_temp.short(page) FROM pages ORDER BY n', $$VALUES ('1500.0 1500.1 ...'), ('1700.0 1900.3')$$, 'pages of two');
CREATE TEMP TABLE place AS SELECT 'latest' AS what, pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900003), 'LATEST') AS at;
INSERT INTO place SELECT 'idle', pg_temp.records(pg_temp.records(at) ->> 'NextShardIterator') ->> 'NextShardIterator' FROM place WHERE what = 'latest';
INSERT INTO place SELECT 'read', pg_temp.records(pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900003), 'TRIM_HORIZON')) ->> 'NextShardIterator';
SELECT is(pg_temp.short(pg_temp.records(at)), '...', what || ': nothing yet, but it goes on') FROM place;
SELECT pg_temp.record(pg_temp.arn('both'), 900003, :ahead + 1, 0, 'I', '{"p": {"S": "d"}}') \g /dev/null
SELECT is(pg_temp.short(pg_temp.records(at)), '+1.0 ...', what || ': what came') FROM place;
SELECT pg_temp.record(pg_temp.arn('both'), 900003, :ahead + 1, 1, 'I', '{"p": {"S": "e"}}'), pg_temp.record(pg_temp.arn('both'), 900003, :ahead + 2, 0, 'I', '{"p": {"S": "f"}}') \g /dev/null
UPDATE ddb.stream_shards SET last_lsn = pg_temp.lsn(:ahead + 2), last_ordinal = 0, closed_at = now() WHERE epoch = 900003 AND stream_id = pg_temp.stream_id(pg_temp.arn('both'));
SELECT is(pg_temp.short(pg_temp.records(at)), '+1.0 +1.1 +2.0', what || ': and the end') FROM place;
SELECT is(pg_temp.short(pg_temp.records(at, '{"Limit": 2}')), '+1.0 +1.1 ...', what || ': but not before its last record') FROM place;
SELECT is(pg_temp.short(pg_temp.records(at, '{"Limit": 3}')), '+1.0 +1.1 +2.0', what || ': which may fill a page') FROM place;

-- LATEST of a shard that begins behind the log's end.
SELECT pg_temp.shard(pg_temp.arn('OLD_IMAGE'), 900002, :ahead + 5) \g /dev/null
INSERT INTO place SELECT 'early', pg_temp.iterator(pg_temp.arn('OLD_IMAGE'), pg_temp.shard_id(pg_temp.arn('OLD_IMAGE'), 900002), 'LATEST');
SELECT pg_temp.record(pg_temp.arn('OLD_IMAGE'), 900002, :ahead + 5, 0, 'I', NULL, NULL, '{"p": {"S": "k"}, "s": {"N": "5"}}') \g /dev/null
SELECT is(pg_temp.read(pg_temp.arn('OLD_IMAGE'), pg_temp.shard_id(pg_temp.arn('OLD_IMAGE'), 900002), 'AT_SEQUENCE_NUMBER', pg_temp.number(:ahead + 5)), '+5.0 ...', 'the start of a shard that is ahead');
SELECT is(pg_temp.short(pg_temp.records(at)), '+5.0 ...', 'LATEST of a shard that is ahead') FROM place WHERE what = 'early';

-- LATEST does not wait for what is recorded: what was committed before it is left out.
SELECT pg_temp.shard(pg_temp.arn('second'), 900003, 5000) \g /dev/null
INSERT INTO place SELECT 'before', pg_temp.iterator(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'LATEST');
SELECT pg_temp.record(pg_temp.arn('second'), 900003, 5000, 0, 'R', NULL, NULL, '{"p": {"S": "k"}}') \g /dev/null
SELECT is(pg_temp.short(pg_temp.records(at)), '...', 'what is recorded late') FROM place WHERE what = 'before';
-- nor is it taken in by what is not flushed yet, wherever on a page that ends
SELECT pg_current_wal_insert_lsn() - '0/0' AS end, pg_logical_emit_message(false, 'test', '') \gset
INSERT INTO place SELECT 'unflushed', pg_temp.iterator(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'LATEST');
SELECT pg_temp.record(pg_temp.arn('second'), 900003, :end, 0, 'R', NULL, NULL, '{"p": {"S": "k"}}') \g /dev/null
SELECT is(pg_temp.short(pg_temp.records(at)), '...', 'what is not flushed') FROM place WHERE what = 'unflushed';
DELETE FROM ddb.stream_records WHERE lsn = pg_temp.lsn(:end);
CREATE FUNCTION pg_temp.boundaries() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  n integer := 0;
BEGIN
  FOR i IN 1 .. 20000 LOOP
    PERFORM pg_logical_emit_message(false, 'test', repeat('x', i % 16 * 8));
    IF (pg_current_wal_insert_lsn() - '0/0') % current_setting('wal_block_size')::integer <= 40 THEN
      PERFORM pg_temp.iterator(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'LATEST');
      n := n + 1;
    END IF;
  END LOOP;
  RETURN n > 0;
END $$;
SELECT ok(pg_temp.boundaries(), 'behind the header of an empty page');

-- Sizes: a page ends with the record that makes it a megabyte.
SELECT pg_temp.record(pg_temp.arn('second'), 900003, 5000 + i, 0, 'I', jsonb_build_object('p', '{"S": "k"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', 300000)))) FROM generate_series(1, 9) i \g /dev/null
SELECT is(pg_temp.read(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'TRIM_HORIZON'), '5000.0 5001.0 5002.0 5003.0 5004.0 ...', 'a megabyte');
SELECT pg_temp.record(pg_temp.arn('second'), 900003, 5500, i, 'R', NULL, NULL, '{"p": {"S": "k"}}') FROM generate_series(0, 1999) i \g /dev/null
SELECT is((SELECT jsonb_array_length(pg_temp.records(pg_temp.iterator(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'AT_SEQUENCE_NUMBER', pg_temp.number(5500, 7))) -> 'Records')), 1000, 'a thousand records');

-- Wrong places.
TRUNCATE bad;
INSERT INTO bad SELECT 'GetShardIterator', jsonb_build_object('StreamArn', arn, 'ShardId', pg_temp.id(900002), 'ShardIteratorType', 'AT_SEQUENCE_NUMBER', 'SequenceNumber', pg_temp.number(2000)) || more::jsonb, message FROM t, (VALUES
  ('{}', 'no error'),
  ('{"StreamArn": null, "ShardId": null, "ShardIteratorType": null}', 'ValidationException: 3 validation errors detected: Value null at ''streamArn'' failed to satisfy constraint: Member must not be null; Value null at ''shardId'' failed to satisfy constraint: Member must not be null; Value null at ''shardIteratorType'' failed to satisfy constraint: Member must not be null'),
  ('{"ShardIteratorType": "AT_TIMESTAMP"}', 'ValidationException: 1 validation error detected: Value ''AT_TIMESTAMP'' at ''shardIteratorType'' failed to satisfy constraint: Member must satisfy enum value set: [TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER]'),
  ('{"SequenceNumber": null}', 'ValidationException: SequenceNumber must be specified when ShardIteratorType is AT_SEQUENCE_NUMBER'),
  ('{"ShardIteratorType": "LATEST"}', 'ValidationException: SequenceNumber cannot be specified when ShardIteratorType is LATEST'),
  ('{"ShardIteratorType": "TRIM_HORIZON"}', 'ValidationException: SequenceNumber cannot be specified when ShardIteratorType is TRIM_HORIZON'),
  ('{"SequenceNumber": "5"}', 'ValidationException: 1 validation error detected: Value ''5'' at ''sequenceNumber'' failed to satisfy constraint: Member must have length greater than or equal to 21'),
  ('{"SequenceNumber": "100000000000000000001x"}', 'ValidationException: Invalid SequenceNumber: 100000000000000000001x'),
  ('{"SequenceNumber": "200000000000000000000000000000"}', 'ValidationException: Invalid SequenceNumber: 200000000000000000000000000000'),
  (jsonb_build_object('SequenceNumber', pg_temp.number(999, 9))::text, 'TrimmedDataAccessException: The data you are trying to access has been trimmed'),
  (jsonb_build_object('SequenceNumber', pg_temp.number(1900, 9))::text, 'ValidationException: Invalid SequenceNumber: ' || pg_temp.number(1900, 9)),
  (jsonb_build_object('SequenceNumber', pg_temp.number(2900, 1))::text, 'ValidationException: Invalid SequenceNumber: ' || pg_temp.number(2900, 1)),
  ('{"ShardId": "shardId-00000001767312000000-0000000g"}', 'ResourceNotFoundException: Requested resource not found: Shard does not exist'),
  ('{"ShardId": "shardId-00000001767312000000-00000000"}', 'ResourceNotFoundException: Requested resource not found: Shard does not exist'),
  (jsonb_build_object('ShardId', overlay(pg_temp.id(900002) PLACING '9' FROM 9))::text, 'ResourceNotFoundException: Requested resource not found: Shard does not exist'),
  ('{"StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere/stream/x"}', 'ResourceNotFoundException: Requested resource not found: Stream: arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere/stream/x not found')
  ) AS v(more, message) WHERE name = 'both';
SELECT is(pg_temp.refusal(operation, request), message, operation || ' ' || request) FROM bad;
SELECT is(pg_temp.refusal('GetShardIterator', jsonb_build_object('StreamArn', pg_temp.arn('second'), 'ShardId', pg_temp.shard_id(pg_temp.arn('second'), 900003), 'ShardIteratorType', 'AFTER_SEQUENCE_NUMBER', 'SequenceNumber', n)),
  'ValidationException: Invalid SequenceNumber: ' || n, 'a number that is not given out yet') FROM pg_temp.number(9000000000000000000) n;
SELECT is(pg_temp.refusal('GetShardIterator', jsonb_build_object('StreamArn', pg_temp.arn('second'), 'ShardId', id, 'ShardIteratorType', 'LATEST')), 'ResourceNotFoundException: Requested resource not found: Shard does not exist', 'another stream''s shard')
  FROM shard WHERE epoch = 900003;
SELECT is(pg_temp.refusal('GetRecords', request::jsonb), message, request) FROM (VALUES
  ('{}', 'ValidationException: 1 validation error detected: Value null at ''shardIterator'' failed to satisfy constraint: Member must not be null'),
  ('{"ShardIterator": ""}', 'ValidationException: 1 validation error detected: Value '''' at ''shardIterator'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  ('{"ShardIterator": "x"}', 'ValidationException: Invalid ShardIterator'),
  ('{"ShardIterator": "x|1|"}', 'ValidationException: Invalid ShardIterator'),
  ('{"ShardIterator": "x", "Limit": 1001}', 'ValidationException: 1 validation error detected: Value ''1001'' at ''limit'' failed to satisfy constraint: Member must have value less than or equal to 1000'),
  ('{"ShardIterator": "x", "Limit": 0}', 'ValidationException: 1 validation error detected: Value ''0'' at ''limit'' failed to satisfy constraint: Member must have value greater than or equal to 1')) AS v(request, message);

-- Iterators: only ddb makes them, and they end after 15 minutes.
CREATE FUNCTION pg_temp.hmac(data bytea, key bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
  inner_pad bytea := '';
  outer_pad bytea := '';
  b integer;
BEGIN
  FOR i IN 0 .. 63 LOOP
    b := CASE WHEN i < length(key) THEN get_byte(key, i) ELSE 0 END;
    inner_pad := inner_pad || set_byte('\x00', 0, b # 54);
    outer_pad := outer_pad || set_byte('\x00', 0, b # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || data));
END $$;
-- The same place, issued at another time, or signed with another key.
CREATE FUNCTION pg_temp.again(iterator text, later interval, secret bytea) RETURNS text LANGUAGE sql AS $$
  SELECT head || encode(place || substr(pg_temp.hmac(convert_to(head, 'UTF8') || place, secret), 1, 16), 'base64')
  FROM (SELECT substr(iterator, 1, length(iterator) - 60), decode(right(iterator, 60), 'base64')) AS a(head, packed),
    LATERAL (SELECT ('x' || encode(substr(packed, 22, 8), 'hex'))::bit(64)::bigint + (extract(epoch FROM later) * 1000000)::bigint) AS b(issued),
    LATERAL (SELECT substr(packed, 1, 21) || int8send(issued)) AS c(place) $$;
SELECT matches(at, '^' || replace(pg_temp.arn('both'), '.', '\.') || '\|1\|[A-Za-z0-9+/]{60}$', 'an iterator') FROM place WHERE what = 'read';
SELECT is(pg_temp.again(at, '0', secret), at, 'and how it is made') FROM place, ddb.stream_secret WHERE what = 'read';
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', pg_temp.again(at, later::interval, secret))), message, later) FROM place, ddb.stream_secret, (VALUES
  ('-14 min 50 s', 'no error'), ('-15 min', 'ExpiredIteratorException: The provided iterator exceeds the maximum age allowed.'), ('-10 years', 'ExpiredIteratorException: The provided iterator exceeds the maximum age allowed.')) AS v(later, message)
  WHERE what = 'read';
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', pg_temp.again(at, '0', sha256(secret)))), 'ValidationException: Invalid ShardIterator', 'another key') FROM place, ddb.stream_secret WHERE what = 'read';
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', bad)), 'ValidationException: Invalid ShardIterator', how) FROM place,
  LATERAL (VALUES ('another stream in front', pg_temp.arn('second') || right(at, 63)), ('cut', left(at, -1)), ('longer', at || 'A'), ('not base64', left(at, -1) || '!'), ('without its ARN', right(at, 63)), ('and separator', right(at, 60)), ('a blank', ' ' || at)) AS v(how, bad) WHERE what = 'read';
SELECT is((SELECT count(*) FROM place, generate_series(1, 60) i, LATERAL (SELECT overlay(at PLACING CASE WHEN substr(at, length(at) - 60 + i, 1) = 'Q' THEN 'R' ELSE 'Q' END FROM length(at) - 60 + i)) AS b(bad)
  WHERE what = 'read' AND pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', bad)) = 'ValidationException: Invalid ShardIterator'), 60::bigint, 'any other character');
SELECT is(has_table_privilege('public', 'ddb.stream_secret', 'SELECT') OR has_table_privilege('public', 'ddb.stream_records', 'SELECT'), false, 'the key and the records are nobody''s');

-- Rights are those on the table, and then of its owner.
CREATE ROLE ddb_t_reader;
CREATE ROLE ddb_t_owner;
CREATE ROLE ddb_t_friend;
GRANT ddb_t_owner TO ddb_t_friend;
ALTER TABLE ddb_data."TNEW_AND_OLD_IMAGES" OWNER TO ddb_t_owner;
UPDATE ddb.streams SET owner = 'ddb_t_owner'::regrole WHERE table_name = 'TNEW_AND_OLD_IMAGES';
GRANT SELECT ON ddb_data."TNEW_AND_OLD_IMAGES" TO ddb_t_reader;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC', (SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema())); END $$;
GRANT ALL ON ALL TABLES IN SCHEMA pg_temp TO PUBLIC;
GRANT ALL ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;
CREATE FUNCTION pg_temp.rights() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', cardinality(pg_temp.listed('{}')), (SELECT string_agg(regexp_replace(pg_temp.refusal(operation, request), '.*permission denied', 'denied'), ' '
    ORDER BY operation) FROM (VALUES ('DescribeStream', jsonb_build_object('StreamArn', pg_temp.arn('both'))),
    ('GetRecords', jsonb_build_object('ShardIterator', (SELECT at FROM place WHERE what = 'read'))),
    ('GetShardIterator', jsonb_build_object('StreamArn', pg_temp.arn('both'), 'ShardId', pg_temp.id(900003), 'ShardIteratorType', 'LATEST'))) AS v(operation, request))) $$;
CREATE TEMP TABLE rights (who text, stage text, was text);
GRANT ALL ON rights TO PUBLIC;
SELECT pg_temp.rights() AS superuser \gset
SET ROLE ddb_t_reader;
INSERT INTO rights VALUES ('reader', 'alive', pg_temp.rights());
SET ROLE ddb_t_friend;
INSERT INTO rights VALUES ('friend', 'alive', pg_temp.rights());
RESET ROLE;
REVOKE SELECT ON ddb_data."TNEW_AND_OLD_IMAGES" FROM ddb_t_reader;
SET ROLE ddb_t_reader;
INSERT INTO rights VALUES ('reader', 'revoked', pg_temp.rights());
RESET ROLE;
GRANT SELECT ON ddb_data."TNEW_AND_OLD_IMAGES" TO ddb_t_reader;
ALTER TABLE ddb_data."TNEW_AND_OLD_IMAGES" ENABLE ROW LEVEL SECURITY;
SET ROLE ddb_t_reader;
SELECT is(cardinality(pg_temp.listed('{}')), 0, 'row-level security: not listed');
SELECT throws_ok(format('SELECT pg_temp.describe(%L)', pg_temp.arn('both')), '0A000', NULL, 'nor described');
RESET ROLE;
SELECT is(:'superuser'::text, '5 no error no error no error', 'a superuser reads all');
DROP TABLE ddb_data."TNEW_AND_OLD_IMAGES";
SET ROLE ddb_t_reader;
INSERT INTO rights VALUES ('reader', 'dropped', pg_temp.rights());
SET ROLE ddb_t_friend;
INSERT INTO rights VALUES ('friend', 'dropped', pg_temp.rights());
RESET ROLE;
SELECT results_eq('SELECT who, stage, was FROM rights ORDER BY stage, who', $$VALUES ('friend', 'alive', '1 no error no error no error'), ('reader', 'alive', '1 no error no error no error'),
  ('friend', 'dropped', '1 no error no error no error'),
  ('reader', 'dropped', '0 denied for table TNEW_AND_OLD_IMAGES denied for table TNEW_AND_OLD_IMAGES denied for table TNEW_AND_OLD_IMAGES'),
  ('reader', 'revoked', '0 denied for table TNEW_AND_OLD_IMAGES denied for table TNEW_AND_OLD_IMAGES denied for table TNEW_AND_OLD_IMAGES')$$, 'rights');

-- A stream outlives its table, and ends with its records.
SELECT is(pg_temp.describe(pg_temp.arn('both')) ->> 'StreamStatus', 'DISABLING', 'dropped by plain SQL: the stream is disabled');
SELECT is(pg_temp.read(pg_temp.arn('both'), pg_temp.id(900001), 'TRIM_HORIZON'), '1500.0 1500.1 1700.0 1900.3', 'and readable');
SELECT ddb_request('DeleteTable', '{"TableName": "TKEYS_ONLY"}') \g /dev/null
SELECT is(pg_temp.describe(pg_temp.arn('second')) ->> 'StreamStatus', 'DISABLING', 'deleted: the stream is disabled');
SELECT is(jsonb_array_length(pg_temp.records(pg_temp.iterator(pg_temp.arn('second'), pg_temp.shard_id(pg_temp.arn('second'), 900003), 'TRIM_HORIZON')) -> 'Records'), 5, 'and readable');
SELECT pg_temp.make('TKEYS_ONLY', 'KEYS_ONLY') \g /dev/null
SELECT is(cardinality(pg_temp.listed('{"TableName": "TKEYS_ONLY"}')), 3, 'beside that of a new table of the name');
INSERT INTO place SELECT 'first', pg_temp.iterator(pg_temp.arn('both'), pg_temp.id(900001), 'TRIM_HORIZON');
DROP TABLE ddb.stream_records_900001;
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', at)), 'TrimmedDataAccessException: The data you are trying to access has been trimmed', 'records that are gone') FROM place WHERE what = 'first';
DELETE FROM ddb.stream_shards WHERE epoch = 900001;
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', at)), 'TrimmedDataAccessException: The data you are trying to access has been trimmed', 'with their shard') FROM place WHERE what = 'first';
SELECT is(pg_temp.refusal('GetShardIterator', jsonb_build_object('StreamArn', pg_temp.arn('both'), 'ShardId', pg_temp.id(900001), 'ShardIteratorType', 'TRIM_HORIZON')), 'ResourceNotFoundException: Requested resource not found: Shard does not exist', 'no iterator for it');
SELECT is(pg_temp.refusal('GetShardIterator', jsonb_build_object('StreamArn', pg_temp.arn('both'), 'ShardId', pg_temp.id(900002), 'ShardIteratorType', 'AT_SEQUENCE_NUMBER', 'SequenceNumber', pg_temp.number(1500))), 'TrimmedDataAccessException: The data you are trying to access has been trimmed', 'nor for its numbers');
SELECT is(pg_temp.describe(pg_temp.arn('both')) #> '{Shards,0}', (SELECT s - 'ParentShardId' FROM shard WHERE epoch = 900002), 'no parent any more');
SELECT is(jsonb_array_length(pg_temp.describe(pg_temp.arn('both'), jsonb_build_object('ExclusiveStartShardId', pg_temp.id(900001))) -> 'Shards'), 2, 'but a place to go on from');
SELECT is(pg_temp.short(pg_temp.records(at)), '+1.0 +1.1 +2.0', 'the others are there') FROM place WHERE what = 'read';
DELETE FROM ddb.stream_shards WHERE stream_id = pg_temp.stream_id(pg_temp.arn('both'));
DELETE FROM ddb.streams WHERE stream_id = pg_temp.stream_id(pg_temp.arn('both'));
SELECT is(pg_temp.refusal('GetRecords', jsonb_build_object('ShardIterator', at)), 'ResourceNotFoundException: Requested resource not found: Stream: ' || pg_temp.arn('both') || ' not found', 'the stream is gone') FROM place WHERE what = 'read';
SELECT * FROM finish();
ROLLBACK;
