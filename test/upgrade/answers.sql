-- answers: what a database filled by fill.sql answers, without what is different each time
-- it is filled: identifiers, times, estimates, and the places of records in the log.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- Everything but those.
CREATE FUNCTION pg_temp.plain(document jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(document)
    WHEN 'object' THEN (SELECT jsonb_object_agg(key, pg_temp.plain(value)) FROM jsonb_each(document)
      WHERE key !~ '(Arn|ARN|ItemCount|DateTime|Id|Label|Bytes|SequenceNumber|Token|eventID)$')
    WHEN 'array' THEN (SELECT jsonb_agg(pg_temp.plain(value) ORDER BY value ->> 'AttributeName', value ->> 'IndexName', i)
      FROM jsonb_array_elements(document) WITH ORDINALITY e (value, i))
    ELSE document END $$;

-- An item, with its sets in one order: versions store them in different ones.
CREATE FUNCTION pg_temp.sets(document jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(document)
    WHEN 'object' THEN (SELECT jsonb_object_agg(key, CASE WHEN key IN ('SS', 'NS', 'BS') AND jsonb_typeof(value) = 'array'
        THEN (SELECT jsonb_agg(e ORDER BY e) FROM jsonb_array_elements(value) e) ELSE pg_temp.sets(value) END) FROM jsonb_each(document))
    WHEN 'array' THEN (SELECT jsonb_agg(pg_temp.sets(value) ORDER BY i) FROM jsonb_array_elements(document) WITH ORDINALITY e (value, i))
    ELSE document END $$;

\echo tables
SELECT t, pg_temp.plain(ddb_describe_table(t)) FROM ddb_list_tables() t ORDER BY 1;
SELECT t, pg_temp.plain(ddb_request('DescribeTimeToLive', jsonb_build_object('TableName', t))) FROM ddb_list_tables() t ORDER BY 1;
SELECT t, pg_temp.plain(ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', ddb_describe_table(t) ->> 'TableArn')))
  FROM ddb_list_tables() t ORDER BY 1;

\echo items
SELECT t, pg_temp.sets(i) FROM ddb_list_tables() t, ddb_scan(t) i ORDER BY t, 2;
SELECT t, x, pg_temp.sets(i) FROM ddb_list_tables() t, jsonb_path_query(ddb_describe_table(t), '$.*[*].IndexName') x,
    ddb_scan(t, index_name => x #>> '{}') i ORDER BY t, x, 3;
SELECT i #>> '{SongTitle,S}' FROM ddb_query('Music', 'Artist = :a AND #y > :y', '{":a": {"S": "A1"}, ":y": {"N": "1985"}}', '{"#y": "Year"}',
  index_name => 'by_year') i;

\echo physical tables
SELECT t.table_name, c.relowner::regrole, a.acl, c.relreplident FROM ddb.tables t JOIN pg_class c ON c.oid = t.relid
  LEFT JOIN LATERAL (SELECT string_agg(a::text, ' ' ORDER BY a::text) AS acl FROM unnest(c.relacl) a) a ON true ORDER BY 1;
SELECT t.table_name, pg_get_triggerdef(g.oid), tgenabled FROM ddb.tables t JOIN pg_trigger g ON g.tgrelid = t.relid ORDER BY 1, 2;
-- which columns hold the keys is a matter of the version that made the index
SELECT t.table_name, c.relname, indisunique, ddb_index_check(indexrelid)
  FROM ddb.tables t JOIN pg_index i ON i.indrelid = t.relid JOIN pg_class c ON c.oid = i.indexrelid ORDER BY 1, 2;

\echo streams
SELECT table_name, view_type, status, failure FROM ddb_streams ORDER BY 1;
-- All records, shard after shard.
CREATE FUNCTION pg_temp.records(arn text) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE
  shard text;
  page jsonb;
BEGIN
  FOR shard IN SELECT s ->> 'ShardId' FROM ddb_request('DescribeStream', jsonb_build_object('StreamArn', arn)) d,
      jsonb_array_elements(d #> '{StreamDescription,Shards}') s ORDER BY s #>> '{SequenceNumberRange,StartingSequenceNumber}' LOOP
    page := jsonb_build_object('NextShardIterator', ddb_request('GetShardIterator', jsonb_build_object('StreamArn', arn, 'ShardId', shard,
      'ShardIteratorType', 'TRIM_HORIZON')) -> 'ShardIterator', 'Records', '[true]'::jsonb);
    WHILE page ->> 'NextShardIterator' IS NOT NULL AND page -> 'Records' <> '[]' LOOP
      page := ddb_request('GetRecords', jsonb_build_object('ShardIterator', page -> 'NextShardIterator'));
      RETURN QUERY SELECT jsonb_array_elements(page -> 'Records');
    END LOOP;
  END LOOP;
END $$;
CREATE TEMP TABLE record AS
  SELECT row_number() OVER () AS n, s.table_name, r FROM (SELECT * FROM ddb_streams ORDER BY table_name) s
  JOIN LATERAL (SELECT l ->> 'StreamArn' AS arn FROM jsonb_array_elements(ddb_request('ListStreams', '{}') -> 'Streams') l
    WHERE l ->> 'TableName' = s.table_name AND l ->> 'StreamLabel' = s.stream_label) l ON true,
  pg_temp.records(l.arn) r;
SELECT table_name, pg_temp.plain(r) - 'awsRegion' FROM record ORDER BY n;
SELECT 'sequence numbers out of order:', count(*) FROM record a JOIN record b USING (table_name)
  WHERE a.n < b.n AND a.r #>> '{dynamodb,SequenceNumber}' >= b.r #>> '{dynamodb,SequenceNumber}';

\echo triggers
SELECT name, table_name, function, owner, state, processed, filtered, failed, trimmed, last_error, batch_size, starting_position, filter,
  max_retries, on_failure FROM ddb_triggers ORDER BY 1;
SELECT trigger_name, table_name, pg_temp.plain(record) - 'awsRegion', error, attempts FROM ddb_trigger_failures ORDER BY 1, 2, sequence_number;
SELECT trigger, event, pk, count(*) FROM effect GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

\echo keys and tokens
SELECT role, enabled, octet_length(secret_access_key) FROM ddb.access_keys ORDER BY 1;
SELECT ddb_transact_write('[{"Update": {"TableName": "Counter", "Key": {"id": {"S": "c"}}, "UpdateExpression": "ADD n :one",
  "ExpressionAttributeValues": {":one": {"N": "1"}}}}]', 'token');
SELECT ddb_get('Counter', '{"id": {"S": "c"}}');
SELECT attribute, items_deleted, failure, last_at_end IS NOT NULL FROM ddb_ttl;
