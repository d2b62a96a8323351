/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

-- ---------------------------------------------------------------------------
-- Functions for tests, which are in an extension of their own now
-- ---------------------------------------------------------------------------

DROP FUNCTION ddb.value_compare(jsonb, jsonb);
DROP FUNCTION ddb.value_equal(jsonb, jsonb);
DROP FUNCTION ddb.set_contains(jsonb, jsonb);
DROP FUNCTION ddb.number_add(jsonb, jsonb, boolean);
DROP FUNCTION ddb.key_roundtrip(jsonb);
DROP FUNCTION ddb.condition(text, jsonb, jsonb, jsonb, boolean);
DROP FUNCTION ddb.update_item(text, jsonb, jsonb, jsonb, text);
DROP FUNCTION ddb.project(text, jsonb, jsonb);
DROP FUNCTION ddb.key_condition(text, jsonb, jsonb);
DROP FUNCTION ddb.filter_matches(jsonb, jsonb);
DROP FUNCTION ddb.canonical_request(text, text, text[], bytea);
DROP FUNCTION ddb.sigv4_check(text, text, text[], bytea, text, text, timestamptz);
DROP FUNCTION ddb.authenticate(text, text, text[], bytea, boolean);

-- ---------------------------------------------------------------------------
-- 1. Tables
-- ---------------------------------------------------------------------------

COMMENT ON COLUMN ddb.tables.table_name IS 'name of the DynamoDB table';
COMMENT ON COLUMN ddb.tables.table_id IS 'its TableId';
COMMENT ON COLUMN ddb.tables.created_at IS 'its CreationDateTime';
COMMENT ON COLUMN ddb.tables.status_until IS 'when it is ACTIVE';
COMMENT ON COLUMN ddb.indexes.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.indexes.index_name IS 'empty for the primary key';
COMMENT ON COLUMN ddb.indexes.kind IS 'primary, global or local';
COMMENT ON COLUMN ddb.indexes.projection IS 'ALL, KEYS_ONLY or INCLUDE';

CREATE FUNCTION ddb.wake_workers() RETURNS trigger
  AS 'MODULE_PATHNAME', 'ddb_sql_wake_workers' LANGUAGE C;
COMMENT ON FUNCTION ddb.wake_workers() IS 'has background workers look for work, as after rows have been restored';
CREATE TRIGGER wake_workers AFTER INSERT ON ddb.tables FOR EACH ROW
  WHEN (NEW.ttl_attribute IS NOT NULL OR NEW.settings ? 'stream_view' OR NEW.status_until = 'infinity')
  EXECUTE FUNCTION ddb.wake_workers();
COMMENT ON TRIGGER wake_workers ON ddb.tables IS 'a restored table with a time to live or a stream is work';
CREATE TRIGGER wake_workers AFTER INSERT ON ddb.indexes FOR EACH ROW
  WHEN (NEW.status <> 'ACTIVE')
  EXECUTE FUNCTION ddb.wake_workers();
COMMENT ON TRIGGER wake_workers ON ddb.indexes IS 'a restored index that is not ACTIVE is work';

ALTER TABLE ddb.indexes DROP CONSTRAINT indexes_table_name_fkey;
ALTER TABLE ddb.tags DROP CONSTRAINT tags_table_name_fkey;
-- In place of foreign keys: pg_restore with several jobs may fill the tables in any order.
CREATE FUNCTION ddb.forget_table() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM ddb.indexes WHERE table_name = OLD.table_name;
  DELETE FROM ddb.tags WHERE table_name = OLD.table_name;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION ddb.forget_table() IS 'takes a table''s indexes and tags along when its row goes';
CREATE TRIGGER forget_table AFTER DELETE ON ddb.tables FOR EACH ROW EXECUTE FUNCTION ddb.forget_table();
COMMENT ON TRIGGER forget_table ON ddb.tables IS 'takes the table''s indexes and tags along';

COMMENT ON COLUMN ddb.tags.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.tags.tag_key IS 'key of the tag';
COMMENT ON COLUMN ddb.tags.tag_value IS 'its value';

-- ---------------------------------------------------------------------------
-- 2. Items
-- ---------------------------------------------------------------------------

COMMENT ON COLUMN ddb.transactions.token IS 'the ClientRequestToken';
COMMENT ON COLUMN ddb.transactions.created_at IS 'when it was used';

-- ---------------------------------------------------------------------------
-- 5. Attribute values
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_jsonb(document json) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_jsonb(json) IS
  'JSON that may have U+0000 and U+0001, as jsonb for the other functions: U+0000 as \u0001\u0001, U+0001 as \u0001\u0002';
CREATE FUNCTION ddb_json(document jsonb) RETURNS json
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_json(jsonb) IS 'the inverse of ddb_jsonb: JSON with the true characters';

-- Version 1.0 stored U+0001 as itself and refused U+0000.  Now both have escapes.
CREATE FUNCTION ddb.escaped(document jsonb) RETURNS jsonb LANGUAGE sql AS
$$ SELECT pg_catalog.regexp_replace(document::text, '(?<!\\)((?:\\\\)*)\\u0001', '\1\\u0001\\u0002', 'g')::jsonb $$;
DO $$
DECLARE
  named text;
  data regclass;
BEGIN
  SELECT pg_catalog.concat('table ', t.table_name) INTO named
    FROM ddb.tables t LEFT JOIN ddb.indexes i USING (table_name)
    WHERE pg_catalog.concat(t.attribute_names, t.ttl_attribute, i.included) ~ E'\x01';
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'an attribute that a key, a projection or the time to live of % names has U+0001 in its name', named
      USING HINT = 'Copy the items to a table that names no such attribute and delete this one.';
  END IF;
  FOR data IN SELECT relid FROM ddb.tables LOOP
    EXECUTE pg_catalog.format('UPDATE %s SET item = ddb.escaped(item) WHERE item::text LIKE %L', data, '%\\u0001%');
  END LOOP;
  UPDATE ddb.stream_records SET keys = ddb.escaped(keys), new_image = ddb.escaped(new_image), old_image = ddb.escaped(old_image)
    WHERE pg_catalog.concat(keys, new_image, old_image) LIKE '%\\u0001%';
  UPDATE ddb.triggers SET filter = ddb.escaped(filter) WHERE filter::text LIKE '%\\u0001%';
  UPDATE ddb.trigger_failures SET record = ddb.escaped(record) WHERE record::text LIKE '%\\u0001%';
END $$;
DROP FUNCTION ddb.escaped(jsonb);

-- ---------------------------------------------------------------------------
-- 6. Time to live
-- ---------------------------------------------------------------------------

COMMENT ON COLUMN ddb.ttl_progress.since IS 'since when they are counted';
COMMENT ON COLUMN ddb_ttl.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb_ttl.attribute IS 'that holds the time to live';
COMMENT ON COLUMN ddb_ttl.last_round IS 'when expired items were last looked for';
COMMENT ON COLUMN ddb_ttl.last_at_end IS 'when the end of the table was last reached';
COMMENT ON COLUMN ddb_ttl.next_block IS 'where the next round begins';
COMMENT ON COLUMN ddb_ttl.blocks IS 'size of the table';
COMMENT ON COLUMN ddb_ttl.items_deleted IS 'items deleted since the time in column deleted_since';
COMMENT ON COLUMN ddb_ttl.deleted_since IS 'since when they are counted';
COMMENT ON COLUMN ddb_ttl.failure IS 'why the last round left the table alone';

-- ---------------------------------------------------------------------------
-- 7. Streams
-- ---------------------------------------------------------------------------

COMMENT ON COLUMN ddb.streams.stream_id IS 'the stream, in the relations of streams and triggers';
COMMENT ON COLUMN ddb.streams.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.streams.stream_label IS 'tells the streams of a table apart';
COMMENT ON COLUMN ddb.streams.view_type IS 'what the records show of an item';
COMMENT ON COLUMN ddb.streams.created_at IS 'when it was enabled';
COMMENT ON COLUMN ddb.streams.captured_at IS 'since when the stream is captured; NULL: ENABLING';
COMMENT ON SEQUENCE ddb.streams_stream_id_seq IS 'the latest stream''s number';
COMMENT ON COLUMN ddb.stream_records.stream_id IS 'the stream';
COMMENT ON COLUMN ddb.stream_records.committed_at IS 'when the change was committed';
COMMENT ON COLUMN ddb.stream_records.new_image IS 'the item after the change, where the view type has it';
COMMENT ON COLUMN ddb.stream_records.old_image IS 'the item before the change, where the view type has it';
COMMENT ON COLUMN ddb.stream_shards.stream_id IS 'the stream';
COMMENT ON COLUMN ddb.stream_shards.epoch IS 'the generation of shards';
COMMENT ON COLUMN ddb.stream_shards.last_ordinal IS 'of the last record; NULL while the shard is open';
COMMENT ON COLUMN ddb.stream_shards.created_at IS 'when the shard was opened';
COMMENT ON COLUMN ddb.stream_shards.closed_at IS 'when it was closed; NULL while it is open';
COMMENT ON COLUMN ddb.capture.one IS 'there is one row at most';
COMMENT ON COLUMN ddb.capture.slot_name IS 'the replication slot';
COMMENT ON COLUMN ddb.capture.epoch IS 'the shards being written';
COMMENT ON COLUMN ddb.capture.epoch_since IS 'when that began';
COMMENT ON COLUMN ddb.stream_secret.one IS 'there is one row';
COMMENT ON COLUMN ddb.stream_secret.secret IS '32 bytes';
COMMENT ON COLUMN ddb_streams.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb_streams.stream_label IS 'tells the streams of a table apart';
COMMENT ON COLUMN ddb_streams.view_type IS 'KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES';
COMMENT ON COLUMN ddb_streams.created_at IS 'when it was enabled';
COMMENT ON COLUMN ddb_streams.disabled_at IS 'when it was disabled; NULL: it is enabled';
COMMENT ON COLUMN ddb_streams.shards IS 'number of shards with records that can still be read, or to come';

-- ---------------------------------------------------------------------------
-- 8. Triggers: functions that take stream records
-- ---------------------------------------------------------------------------

-- Sends dead letters again, in the caller's session: one (sequence_number) or the oldest
-- max_records of the trigger.  What its function takes is deleted; what it fails on stays.
CREATE FUNCTION ddb_retry_trigger_failures(name text, sequence_number text DEFAULT NULL,
                                           max_records integer DEFAULT 1000) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_retry_trigger_failures(text, text, integer) IS
  'calls a trigger''s function with its dead letters again, oldest first, and deletes those that it takes; gives their number';

COMMENT ON COLUMN ddb.triggers.trigger_name IS 'name of the trigger';
COMMENT ON COLUMN ddb.triggers.trigger_id IS 'names it in the relations of triggers';
COMMENT ON COLUMN ddb.triggers.table_name IS 'the DynamoDB table whose stream it reads';
COMMENT ON COLUMN ddb.triggers.function_schema IS 'schema of the function';
COMMENT ON COLUMN ddb.triggers.function_name IS 'name of the function';
COMMENT ON COLUMN ddb.triggers.batch_size IS 'records in a call, at most';
COMMENT ON COLUMN ddb.triggers.starting_position IS 'where in the stream it began';
COMMENT ON COLUMN ddb.triggers.on_failure IS 'what becomes of a record given up';
COMMENT ON COLUMN ddb.triggers.enabled IS 'false: paused';
COMMENT ON COLUMN ddb.triggers.created_at IS 'when the trigger was created';
CREATE TRIGGER wake_workers AFTER INSERT ON ddb.triggers FOR EACH STATEMENT
  EXECUTE FUNCTION ddb.wake_workers();
COMMENT ON TRIGGER wake_workers ON ddb.triggers IS 'restored triggers are work';
COMMENT ON COLUMN ddb.trigger_states.trigger_id IS 'the trigger';
COMMENT ON COLUMN ddb.trigger_states.ordinal IS 'number of that record in its transaction';
ALTER TABLE ddb.trigger_states RENAME COLUMN suspects TO bisected;
COMMENT ON COLUMN ddb.trigger_states.bisected IS 'so many of the next records failed as one batch, which is bisected; 0: none';
COMMENT ON COLUMN ddb.trigger_states.retry_at IS 'when the function is called again after a failure';
COMMENT ON COLUMN ddb.trigger_states.processed IS 'records that the function took';
COMMENT ON COLUMN ddb.trigger_states.filtered IS 'records passed over because of the filter';
COMMENT ON COLUMN ddb.trigger_states.failed IS 'records given up';
COMMENT ON COLUMN ddb.trigger_states.retries IS 'calls repeated after a failure';
COMMENT ON COLUMN ddb.trigger_states.last_error IS 'that the function raised last';
COMMENT ON COLUMN ddb.trigger_states.last_error_at IS 'when it did';
COMMENT ON COLUMN ddb.trigger_states.last_success_at IS 'when it last returned';
COMMENT ON COLUMN ddb.trigger_failures.trigger_id IS 'the trigger, which may be gone';
COMMENT ON COLUMN ddb.trigger_failures.sequence_number IS 'of the record';
COMMENT ON COLUMN ddb.trigger_failures.trigger_name IS 'its name';
COMMENT ON COLUMN ddb.trigger_failures.table_name IS 'its table';
COMMENT ON COLUMN ddb.trigger_failures.owner IS 'who may see and delete the record';
COMMENT ON COLUMN ddb.trigger_failures.record IS 'what the function was called with';
COMMENT ON COLUMN ddb.trigger_failures.error IS 'that the function raised last';
COMMENT ON COLUMN ddb.trigger_failures.attempts IS 'how often it was called with the record alone';
COMMENT ON COLUMN ddb.trigger_failures.failed_at IS 'when the record was given up';
COMMENT ON COLUMN ddb_triggers.name IS 'of the trigger';
COMMENT ON COLUMN ddb_triggers.table_name IS 'the table whose stream it reads';
COMMENT ON COLUMN ddb_triggers.function IS 'that is called';
COMMENT ON COLUMN ddb_triggers.owner IS 'the role that the function runs as';
COMMENT ON COLUMN ddb_triggers.state IS 'running, paused, stopped, waiting for retry or stream gone';
COMMENT ON COLUMN ddb_triggers.position IS 'SequenceNumber of the last record that is done with';
COMMENT ON COLUMN ddb_triggers.lag_seconds IS 'age of the oldest record still to be looked at';
COMMENT ON COLUMN ddb_triggers.lag_records IS 'number of records still to be looked at, counted up to 1000';
COMMENT ON COLUMN ddb_triggers.processed IS 'records that the function took';
COMMENT ON COLUMN ddb_triggers.filtered IS 'records passed over because of the filter';
COMMENT ON COLUMN ddb_triggers.failed IS 'records given up';
COMMENT ON COLUMN ddb_triggers.retries IS 'calls repeated after a failure';
COMMENT ON COLUMN ddb_triggers.trimmed IS 'how often records were gone before they were read';
COMMENT ON COLUMN ddb_triggers.last_error IS 'that the function raised last';
COMMENT ON COLUMN ddb_triggers.last_error_at IS 'when it did';
COMMENT ON COLUMN ddb_triggers.last_success_at IS 'when it last returned';
COMMENT ON COLUMN ddb_triggers.batch_size IS 'records in a call, at most';
COMMENT ON COLUMN ddb_triggers.starting_position IS 'TRIM_HORIZON or LATEST';
COMMENT ON COLUMN ddb_triggers.filter IS 'records that do not fit it are passed over';
COMMENT ON COLUMN ddb_triggers.max_retries IS 'how often a record that fails by itself is tried again; -1: for ever';
COMMENT ON COLUMN ddb_triggers.on_failure IS 'what becomes of a record given up: dead_letter, skip or stop';
COMMENT ON COLUMN ddb_triggers.created_at IS 'when the trigger was created';
COMMENT ON COLUMN ddb_trigger_failures.trigger_name IS 'the trigger that gave the record up';
COMMENT ON COLUMN ddb_trigger_failures.table_name IS 'its table';
COMMENT ON COLUMN ddb_trigger_failures.sequence_number IS 'of the record';
COMMENT ON COLUMN ddb_trigger_failures.record IS 'what the function was called with';
COMMENT ON COLUMN ddb_trigger_failures.error IS 'that the function raised last';
COMMENT ON COLUMN ddb_trigger_failures.attempts IS 'how often it was called with the record alone';
COMMENT ON COLUMN ddb_trigger_failures.failed_at IS 'when the record was given up';

-- ---------------------------------------------------------------------------
-- 9. Access keys of the HTTP endpoint
-- ---------------------------------------------------------------------------

COMMENT ON COLUMN ddb.access_keys.access_key_id IS 'what a signature names';
COMMENT ON COLUMN ddb.access_keys.secret_access_key IS 'what both sides compute signatures with';
COMMENT ON COLUMN ddb.access_keys.enabled IS 'requests signed with a key that is not are refused';
COMMENT ON COLUMN ddb.access_keys.created_at IS 'when the key was made';
COMMENT ON COLUMN ddb.own_access_keys.access_key_id IS 'what a signature names';
COMMENT ON COLUMN ddb.own_access_keys.role IS 'the role that requests signed with the key run as';
COMMENT ON COLUMN ddb.own_access_keys.enabled IS 'requests signed with a key that is not are refused';
COMMENT ON COLUMN ddb.own_access_keys.created_at IS 'when the key was made';

-- ---------------------------------------------------------------------------
-- 10. Metrics of the HTTP endpoint
-- ---------------------------------------------------------------------------

COMMENT ON VIEW ddb_metrics IS
  'what the HTTP endpoint did since the server started, as GET /metrics does, by table: requests, errors, latencies, connections, '
  'commit batches, retries; empty when ddb is not preloaded';
COMMENT ON COLUMN ddb_metrics.name IS 'of the metric, as in GET /metrics';
COMMENT ON COLUMN ddb_metrics.labels IS 'which part of it: operation, error, bucket';
COMMENT ON COLUMN ddb_metrics.value IS 'since the server started';

-- ---------------------------------------------------------------------------
-- 12. The index access method
-- ---------------------------------------------------------------------------

COMMENT ON OPERATOR FAMILY ddb.text_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.numeric_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.bytea_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.text_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.text_partition_order USING btree IS 'the order of ddb.text_partition_ops, for the planner';
COMMENT ON OPERATOR FAMILY ddb.numeric_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.numeric_partition_order USING btree IS 'the order of ddb.numeric_partition_ops, for the planner';
COMMENT ON OPERATOR FAMILY ddb.bytea_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.bytea_partition_order USING btree IS 'the order of ddb.bytea_partition_ops, for the planner';

-- PartiQL, statements with parameters as ExecuteStatement takes them:
--   SELECT * FROM ddb_execute($$SELECT * FROM "Music" WHERE "Artist" = ?$$, '[{"S": "Rema"}]')
CREATE FUNCTION ddb.execute_statement(statement text, parameters jsonb) RETURNS SETOF jsonb
  AS 'MODULE_PATHNAME', 'ddb_sql_execute_statement' LANGUAGE C ROWS 100;
COMMENT ON FUNCTION ddb.execute_statement(text, jsonb) IS
  'what ddb_execute calls';

-- STABLE, though a statement may write: PostgreSQL inlines it then, so that rows
-- come one by one in FROM too and a LIMIT stops reading.  It is never run twice or
-- left out for being STABLE, for it returns a set.
CREATE FUNCTION ddb_execute(statement text, parameters jsonb DEFAULT NULL) RETURNS SETOF jsonb
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  AS 'SELECT ddb.execute_statement($1, $2)';
COMMENT ON FUNCTION ddb_execute(text, jsonb) IS
  'ExecuteStatement: runs a PartiQL statement with parameters (a JSON array of attribute values) in this transaction and gives its rows one by one';

CREATE FUNCTION ddb_explain_statement(statement text) RETURNS SETOF text
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT STABLE ROWS 10;
COMMENT ON FUNCTION ddb_explain_statement(text) IS
  'tells how a PartiQL statement is run: table or index, Get, Query or Scan, key, filter, order';
