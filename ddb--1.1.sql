/*
 * ddb--1.1.sql: the objects of the extension, in the order a user meets them.
 *
 * Each section has first the functions that users call, then what ddb keeps for
 * itself, in schema ddb, with the views of it that are for users.
 *
 *    1. Tables                       7. Streams
 *    2. Items                        8. Triggers
 *    3. The whole API                9. Access keys of the HTTP endpoint
 *    4. Import                      10. Metrics of the HTTP endpoint
 *    5. Attribute values            11. Data tables
 *    6. Time to live                12. The index access method
 *
 * What changes here changes in ddb--1.0--1.1.sql too.
 */

\echo Use "CREATE EXTENSION ddb" to load this file. \quit

DO $$
BEGIN
  IF getdatabaseencoding() <> 'UTF8' THEN
    RAISE EXCEPTION 'ddb needs a database with encoding UTF8, not %', getdatabaseencoding()
      USING ERRCODE = 'feature_not_supported',
            HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0';
  END IF;
END $$;

CREATE SCHEMA ddb;
COMMENT ON SCHEMA ddb IS 'catalog and internals of the extension ddb';
CREATE SCHEMA ddb_data;
COMMENT ON SCHEMA ddb_data IS 'one heap table for each DynamoDB table';
GRANT USAGE ON SCHEMA ddb TO PUBLIC;
GRANT USAGE ON SCHEMA ddb_data TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 1. Tables
-- ---------------------------------------------------------------------------

-- ddb_create_table('Music', 'Artist S', 'SongTitle S',
--   global_indexes => '{"by_genre": {"partition_key": "Genre S", "projection": "KEYS_ONLY"}}',
--   local_indexes  => '{"by_year": {"sort_key": "Year N", "projection": ["Label"]}}')
CREATE FUNCTION ddb_create_table(table_name text, partition_key text, sort_key text DEFAULT NULL,
                                 global_indexes jsonb DEFAULT NULL, local_indexes jsonb DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_create_table' LANGUAGE C;
COMMENT ON FUNCTION ddb_create_table(text, text, text, jsonb, jsonb) IS 'creates a DynamoDB table; gives its TableDescription';

CREATE FUNCTION ddb_create_table(request jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_create_table_request' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_create_table(jsonb) IS 'creates a DynamoDB table from a CreateTable request; gives its TableDescription';

CREATE FUNCTION ddb_update_table(table_name text, add_indexes jsonb DEFAULT NULL, drop_index text DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_update_table' LANGUAGE C;
COMMENT ON FUNCTION ddb_update_table(text, jsonb, text) IS 'drops a global index and adds global indexes, filled when the call returns';

CREATE FUNCTION ddb_update_table(request jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_update_table_request' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_update_table(jsonb) IS 'adds or drops a global index from an UpdateTable request';

CREATE FUNCTION ddb_describe_table(table_name text) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ddb_describe_table(text) IS 'the TableDescription of a table';

CREATE FUNCTION ddb_list_tables() RETURNS SETOF text
  LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT t.table_name FROM ddb.tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid ORDER BY t.table_name $$;
COMMENT ON FUNCTION ddb_list_tables() IS 'the names of all DynamoDB tables';

CREATE FUNCTION ddb_delete_table(table_name text) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_delete_table(text) IS 'drops a table with all its items; gives its last TableDescription';

CREATE TABLE ddb.tables (
  table_name       text COLLATE "C" PRIMARY KEY,
  relid            regclass NOT NULL UNIQUE,
  table_id         uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at       timestamptz NOT NULL DEFAULT now(),
  attribute_names  text[] NOT NULL,
  attribute_types  text[] NOT NULL,
  column_names     text[] NOT NULL,
  settings         jsonb NOT NULL DEFAULT '{}',
  status           text NOT NULL DEFAULT 'CREATING' CHECK (status IN ('CREATING', 'UPDATING')),
  status_until     timestamptz,
  ttl_attribute    text
);
COMMENT ON TABLE ddb.tables IS 'DynamoDB tables; written by ddb''s functions only';
COMMENT ON COLUMN ddb.tables.table_name IS 'name of the DynamoDB table';
COMMENT ON COLUMN ddb.tables.relid IS 'the data table in schema ddb_data';
COMMENT ON COLUMN ddb.tables.table_id IS 'its TableId';
COMMENT ON COLUMN ddb.tables.created_at IS 'its CreationDateTime';
COMMENT ON COLUMN ddb.tables.attribute_names IS 'attributes that are keys of the table or of an index';
COMMENT ON COLUMN ddb.tables.attribute_types IS 'their types: S, N or B';
COMMENT ON COLUMN ddb.tables.column_names IS 'the columns that hold them';
COMMENT ON COLUMN ddb.tables.settings IS 'billing, throughput, class, encryption, stream, protection';
COMMENT ON COLUMN ddb.tables.status IS 'what the table shows before status_until; ACTIVE after';
COMMENT ON COLUMN ddb.tables.status_until IS 'when it is ACTIVE';
COMMENT ON COLUMN ddb.tables.ttl_attribute IS 'attribute with the time to live, while that is enabled';

CREATE TABLE ddb.indexes (
  table_name     text COLLATE "C" NOT NULL,
  index_name     text COLLATE "C" NOT NULL,
  relname        text NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('primary', 'global', 'local')),
  partition_key  text[] NOT NULL,
  sort_key       text[] NOT NULL,
  projection     text NOT NULL CHECK (projection IN ('ALL', 'KEYS_ONLY', 'INCLUDE')),
  included       text[] NOT NULL DEFAULT '{}',
  settings       jsonb NOT NULL DEFAULT '{}',
  status         text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'CREATING', 'DELETING')),
  fill           jsonb,
  PRIMARY KEY (table_name, index_name)
);
COMMENT ON TABLE ddb.indexes IS 'primary keys (index_name empty) and secondary indexes; written by ddb''s functions only';
COMMENT ON COLUMN ddb.indexes.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.indexes.index_name IS 'empty for the primary key';
COMMENT ON COLUMN ddb.indexes.relname IS 'the PostgreSQL index, in the data table''s schema';
COMMENT ON COLUMN ddb.indexes.kind IS 'primary, global or local';
COMMENT ON COLUMN ddb.indexes.partition_key IS 'names of the partition key attributes';
COMMENT ON COLUMN ddb.indexes.sort_key IS 'names of the sort key attributes';
COMMENT ON COLUMN ddb.indexes.projection IS 'ALL, KEYS_ONLY or INCLUDE';
COMMENT ON COLUMN ddb.indexes.included IS 'non-key attributes of an INCLUDE projection';
COMMENT ON COLUMN ddb.indexes.settings IS 'throughput of a global index';
COMMENT ON COLUMN ddb.indexes.status IS 'CREATING: kept by writes, still to be filled and built; DELETING: still to be dropped';
COMMENT ON COLUMN ddb.indexes.fill IS 'how far the rows that were there before have been filled; NULL: all';

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

CREATE TABLE ddb.tags (
  table_name  text COLLATE "C" NOT NULL,
  tag_key     text COLLATE "C" NOT NULL,
  tag_value   text NOT NULL,
  PRIMARY KEY (table_name, tag_key)
);
COMMENT ON TABLE ddb.tags IS 'tags of DynamoDB tables; written by ddb''s functions only';
COMMENT ON COLUMN ddb.tags.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.tags.tag_key IS 'key of the tag';
COMMENT ON COLUMN ddb.tags.tag_value IS 'its value';

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

GRANT SELECT ON ddb.tables, ddb.indexes, ddb.tags TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('ddb.tables', '');
SELECT pg_catalog.pg_extension_config_dump('ddb.indexes', '');
SELECT pg_catalog.pg_extension_config_dump('ddb.tags', '');

-- ---------------------------------------------------------------------------
-- 2. Items
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_put(table_name text, item jsonb, condition text DEFAULT NULL,
                        names jsonb DEFAULT NULL, "values" jsonb DEFAULT NULL,
                        return_values text DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_put(text, jsonb, text, jsonb, jsonb, text) IS
  'PutItem: creates or replaces an item, if the condition holds; return_values NONE or ALL_OLD';

CREATE FUNCTION ddb_get(table_name text, key jsonb, projection text DEFAULT NULL,
                        names jsonb DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ddb_get(text, jsonb, text, jsonb) IS 'GetItem: the item with a key, or NULL';

CREATE FUNCTION ddb_update(table_name text, key jsonb, update text DEFAULT NULL,
                           condition text DEFAULT NULL, names jsonb DEFAULT NULL,
                           "values" jsonb DEFAULT NULL, return_values text DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_update(text, jsonb, text, text, jsonb, jsonb, text) IS
  'UpdateItem: changes or creates an item, if the condition holds; return_values NONE, ALL_OLD, UPDATED_OLD, ALL_NEW or UPDATED_NEW';

CREATE FUNCTION ddb_delete(table_name text, key jsonb, condition text DEFAULT NULL,
                           names jsonb DEFAULT NULL, "values" jsonb DEFAULT NULL,
                           return_values text DEFAULT NULL)
  RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_delete(text, jsonb, text, jsonb, jsonb, text) IS
  'DeleteItem: deletes an item, if the condition holds; return_values NONE or ALL_OLD';

CREATE FUNCTION ddb_query(table_name text, key_condition text, "values" jsonb DEFAULT NULL,
                          names jsonb DEFAULT NULL, index_name text DEFAULT NULL,
                          filter text DEFAULT NULL, projection text DEFAULT NULL,
                          scan_forward boolean DEFAULT true, max_items bigint DEFAULT NULL,
                          start_key jsonb DEFAULT NULL)
  RETURNS SETOF jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION ddb_query(text, text, jsonb, jsonb, text, text, text, boolean, bigint, jsonb) IS
  'Query: the items of one partition key in sort key order, at most max_items, after start_key';

CREATE FUNCTION ddb_scan(table_name text, filter text DEFAULT NULL, "values" jsonb DEFAULT NULL,
                         names jsonb DEFAULT NULL, index_name text DEFAULT NULL,
                         projection text DEFAULT NULL, segment integer DEFAULT NULL,
                         total_segments integer DEFAULT NULL, max_items bigint DEFAULT NULL,
                         start_key jsonb DEFAULT NULL)
  RETURNS SETOF jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION ddb_scan(text, text, jsonb, jsonb, text, text, integer, integer, bigint, jsonb) IS
  'Scan: all items of a table or index, or of one segment of it, at most max_items, after start_key';

-- ddb_batch_get('Music', '[{"Artist": {"S": "Rema"}, "SongTitle": {"S": "Calm Down"}}, ...]')
CREATE FUNCTION ddb_batch_get(table_name text, keys jsonb, projection text DEFAULT NULL,
                              names jsonb DEFAULT NULL)
  RETURNS SETOF jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION ddb_batch_get(text, jsonb, text, jsonb) IS
  'BatchGetItem: the items with up to 100 keys (a JSON array) of one table, those that are there';

CREATE FUNCTION ddb_batch_write(table_name text, puts jsonb DEFAULT NULL, deletes jsonb DEFAULT NULL)
  RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_batch_write(text, jsonb, jsonb) IS
  'BatchWriteItem: puts items and deletes keys (JSON arrays), up to 25 in all, and gives their number';

-- ddb_transact_get('[{"TableName": "Music", "Key": {...}, "ProjectionExpression": "Genre"}, ...]')
CREATE FUNCTION ddb_transact_get(gets jsonb) RETURNS SETOF jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION ddb_transact_get(jsonb) IS
  'TransactGetItems: up to 100 items of any tables as they are at one moment, in order, NULL for one that is not there';

-- ddb_transact_write('[{"Put": {"TableName": "Music", "Item": {...}}}, {"ConditionCheck": {...}}, ...]')
CREATE FUNCTION ddb_transact_write(items jsonb, token text DEFAULT NULL) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_transact_write(jsonb, text) IS
  'TransactWriteItems: up to 100 Put, Update, Delete and ConditionCheck, all or none; with a token, once in ten minutes';

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

CREATE TABLE ddb.transactions (
  role          oid NOT NULL,
  token         text COLLATE "C" NOT NULL,
  request_hash  bytea NOT NULL,
  replay        jsonb NOT NULL,
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (role, token, created_at)
);
CREATE INDEX transactions_created_at ON ddb.transactions (created_at);
COMMENT ON TABLE ddb.transactions IS
  'the ClientRequestTokens of the last ten minutes, and some older ones yet to be deleted; written by ddb''s functions only';
COMMENT ON COLUMN ddb.transactions.role IS 'the role that used the token';
COMMENT ON COLUMN ddb.transactions.token IS 'the ClientRequestToken';
COMMENT ON COLUMN ddb.transactions.request_hash IS 'SHA-256 of the request, to tell a repeated request from another one';
COMMENT ON COLUMN ddb.transactions.replay IS 'what a repeated request is answered';
COMMENT ON COLUMN ddb.transactions.created_at IS 'when it was used';

-- ---------------------------------------------------------------------------
-- 3. The whole API
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_request(operation text, request jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_request(text, jsonb) IS
  'answers any request of the DynamoDB API, JSON in and JSON out: ddb_request(''GetItem'', ''{"TableName": ...}'')';

-- ---------------------------------------------------------------------------
-- 4. Import
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_import(table_name text, query text) RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_import(text, text) IS
  'makes an item of each row of a query (columns marshalled, or one jsonb column that is an item) and gives their number';

-- ---------------------------------------------------------------------------
-- 5. Attribute values
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_marshal(plain jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_marshal(jsonb) IS
  'plain JSON object -> item: strings become S, numbers N, booleans BOOL, null NULL, arrays L, objects M; '
  'other JSON becomes one attribute value; binaries and sets have no plain JSON and are written as typed JSON';

CREATE FUNCTION ddb_unmarshal(item jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_unmarshal(jsonb) IS
  'item -> plain JSON object: N becomes an exact JSON number, sets become arrays, B its base64 text';

CREATE FUNCTION ddb_item(item jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_item(jsonb) IS
  'validates an item as DynamoDB would and gives it in canonical form';

CREATE FUNCTION ddb_item_size(item jsonb) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_item_size(jsonb) IS
  'size of an item in bytes by DynamoDB''s rules; 409600 is the most a table takes';

-- jsonb can't have U+0000.  So in every jsonb that these functions take and give, and
-- in the data tables, the two characters U+0001 U+0001 stand for U+0000, and
-- U+0001 U+0002 for U+0001:
--   ddb_put('Music', ddb_jsonb('{"Artist": {"S": "a\u0000b"}}'))
--   ddb_json(ddb_get('Music', ddb_jsonb('{"Artist": {"S": "a\u0000b"}}')))
CREATE FUNCTION ddb_jsonb(document json) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_jsonb(json) IS
  'JSON that may have U+0000 and U+0001, as jsonb for the other functions: U+0000 as \u0001\u0001, U+0001 as \u0001\u0002';
CREATE FUNCTION ddb_json(document jsonb) RETURNS json
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_json(jsonb) IS 'the inverse of ddb_jsonb: JSON with the true characters';

-- ---------------------------------------------------------------------------
-- 6. Time to live
-- ---------------------------------------------------------------------------
--
-- Items past their time to live (UpdateTimeToLive) are deleted by a worker.

CREATE FUNCTION ddb.expire_items(table_name text) RETURNS bigint
  AS 'MODULE_PATHNAME', 'ddb_sql_expire_items' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb.expire_items(text) IS
  'deletes the items of a table whose time to live is over, all of them but those that others are writing, and gives their number; for the table''s owner';

CREATE TABLE ddb.ttl_progress (
  relid     oid PRIMARY KEY,
  filenode  oid NOT NULL,
  block     bigint NOT NULL,
  round_at  timestamptz NOT NULL,
  lap_at    timestamptz,
  deleted   bigint NOT NULL,
  since     timestamptz NOT NULL DEFAULT now(),
  failure   text
);
COMMENT ON TABLE ddb.ttl_progress IS 'how far the worker that deletes expired items is in each table; written by it once a round';
COMMENT ON COLUMN ddb.ttl_progress.relid IS 'the data table';
COMMENT ON COLUMN ddb.ttl_progress.filenode IS 'its file, in which block is a place';
COMMENT ON COLUMN ddb.ttl_progress.block IS 'where the next round begins';
COMMENT ON COLUMN ddb.ttl_progress.round_at IS 'when the last round began';
COMMENT ON COLUMN ddb.ttl_progress.lap_at IS 'when the end of the table was last reached';
COMMENT ON COLUMN ddb.ttl_progress.deleted IS 'items deleted since the time in column since';
COMMENT ON COLUMN ddb.ttl_progress.since IS 'since when they are counted';
COMMENT ON COLUMN ddb.ttl_progress.failure IS 'why the last round left the table alone';

CREATE VIEW ddb_ttl AS
  SELECT t.table_name, t.ttl_attribute AS attribute, p.round_at AS last_round, p.lap_at AS last_at_end,
    p.block AS next_block,
    pg_catalog.pg_relation_size(t.relid) / pg_catalog.current_setting('block_size')::bigint AS blocks,
    p.deleted AS items_deleted, p.since AS deleted_since, p.failure
  FROM ddb.tables t LEFT JOIN ddb.ttl_progress p ON p.relid = t.relid::oid
  WHERE t.ttl_attribute IS NOT NULL;
COMMENT ON VIEW ddb_ttl IS
  'the tables with a time to live: when expired items were last looked for, how far into the table (block next_block of blocks), '
  'how many were deleted, and what keeps them from being deleted (failure)';
COMMENT ON COLUMN ddb_ttl.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb_ttl.attribute IS 'that holds the time to live';
COMMENT ON COLUMN ddb_ttl.last_round IS 'when expired items were last looked for';
COMMENT ON COLUMN ddb_ttl.last_at_end IS 'when the end of the table was last reached';
COMMENT ON COLUMN ddb_ttl.next_block IS 'where the next round begins';
COMMENT ON COLUMN ddb_ttl.blocks IS 'size of the table';
COMMENT ON COLUMN ddb_ttl.items_deleted IS 'items deleted since the time in column deleted_since';
COMMENT ON COLUMN ddb_ttl.deleted_since IS 'since when they are counted';
COMMENT ON COLUMN ddb_ttl.failure IS 'why the last round left the table alone';
GRANT SELECT ON ddb.ttl_progress, ddb_ttl TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 7. Streams
-- ---------------------------------------------------------------------------
--
-- The write-ahead log is the source.  The output plugin "ddb" decodes changes of
-- tables that have a row in ddb.streams at that moment of history, which is why
-- that table is a user catalog table.  The capture worker keeps the records.

CREATE TABLE ddb.streams (
  stream_id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  table_name      text COLLATE "C" NOT NULL,
  stream_label    text COLLATE "C" NOT NULL,
  relid           regclass NOT NULL,
  owner           oid NOT NULL,
  view_type       text NOT NULL
                  CHECK (view_type IN ('KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES')),
  key_attributes  text[] NOT NULL,
  key_columns     text[] NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  disabled_at     timestamptz,
  captured_at     timestamptz,
  closed_at       timestamptz,
  failure         text,
  UNIQUE (table_name, stream_label)
) WITH (user_catalog_table = true);
CREATE INDEX streams_relid ON ddb.streams (relid);
COMMENT ON TABLE ddb.streams IS 'streams of DynamoDB tables, the disabled ones too until their records are gone; written by ddb only';
COMMENT ON COLUMN ddb.streams.stream_id IS 'the stream, in the relations of streams and triggers';
COMMENT ON COLUMN ddb.streams.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb.streams.stream_label IS 'tells the streams of a table apart';
COMMENT ON COLUMN ddb.streams.relid IS 'the data table, which may be gone';
COMMENT ON COLUMN ddb.streams.owner IS 'its owner, or last owner: who may read the stream of a table that is gone';
COMMENT ON COLUMN ddb.streams.view_type IS 'what the records show of an item';
COMMENT ON COLUMN ddb.streams.key_attributes IS 'partition key and sort key';
COMMENT ON COLUMN ddb.streams.key_columns IS 'the columns that hold them';
COMMENT ON COLUMN ddb.streams.created_at IS 'when it was enabled';
COMMENT ON COLUMN ddb.streams.disabled_at IS 'changes committed later are not in the stream';
COMMENT ON COLUMN ddb.streams.captured_at IS 'since when the stream is captured; NULL: ENABLING';
COMMENT ON COLUMN ddb.streams.closed_at IS 'when all changes of a disabled stream had been recorded; NULL: DISABLING';
COMMENT ON COLUMN ddb.streams.failure IS 'why it was disabled, when not by request';
COMMENT ON SEQUENCE ddb.streams_stream_id_seq IS 'the latest stream''s number';

-- Partitions, one for each epoch, are made and dropped by the capture worker; they
-- are members of the extension, so a dump leaves them out.
CREATE TABLE ddb.stream_records (
  epoch         integer NOT NULL,
  stream_id     integer NOT NULL,
  lsn           pg_lsn NOT NULL,
  ordinal       integer NOT NULL,
  event         "char" NOT NULL,
  committed_at  timestamptz NOT NULL,
  keys          jsonb COMPRESSION lz4,
  new_image     jsonb COMPRESSION lz4,
  old_image     jsonb COMPRESSION lz4,
  PRIMARY KEY (stream_id, lsn, ordinal, epoch)
) PARTITION BY LIST (epoch);
COMMENT ON TABLE ddb.stream_records IS 'item-level changes; (lsn, ordinal) is the sequence number';
COMMENT ON COLUMN ddb.stream_records.epoch IS 'generation of shards; all streams change to a new one together';
COMMENT ON COLUMN ddb.stream_records.stream_id IS 'the stream';
COMMENT ON COLUMN ddb.stream_records.lsn IS 'the transaction''s commit record';
COMMENT ON COLUMN ddb.stream_records.ordinal IS 'number of the change in its transaction, from 0';
COMMENT ON COLUMN ddb.stream_records.event IS 'I: INSERT, M: MODIFY, R: REMOVE, T: REMOVE by time to live';
COMMENT ON COLUMN ddb.stream_records.committed_at IS 'when the change was committed';
COMMENT ON COLUMN ddb.stream_records.keys IS 'the key attributes, where no image has them';
COMMENT ON COLUMN ddb.stream_records.new_image IS 'the item after the change, where the view type has it';
COMMENT ON COLUMN ddb.stream_records.old_image IS 'the item before the change, where the view type has it';

CREATE TABLE ddb.stream_shards (
  stream_id     integer NOT NULL,
  epoch         integer NOT NULL,
  first_lsn     pg_lsn NOT NULL,
  last_lsn      pg_lsn,
  last_ordinal  integer,
  created_at    timestamptz NOT NULL,
  closed_at     timestamptz,
  PRIMARY KEY (stream_id, epoch)
);
COMMENT ON TABLE ddb.stream_shards IS 'shards: what an epoch holds of a stream; the parent is that of the epoch before';
COMMENT ON COLUMN ddb.stream_shards.stream_id IS 'the stream';
COMMENT ON COLUMN ddb.stream_shards.epoch IS 'the generation of shards';
COMMENT ON COLUMN ddb.stream_shards.first_lsn IS 'no record has an earlier one';
COMMENT ON COLUMN ddb.stream_shards.last_lsn IS 'with last_ordinal: no record is later; NULL while the shard is open';
COMMENT ON COLUMN ddb.stream_shards.last_ordinal IS 'of the last record; NULL while the shard is open';
COMMENT ON COLUMN ddb.stream_shards.created_at IS 'when the shard was opened';
COMMENT ON COLUMN ddb.stream_shards.closed_at IS 'when it was closed; NULL while it is open';

CREATE TABLE ddb.capture (
  one           boolean PRIMARY KEY DEFAULT true CHECK (one),
  slot_name     name NOT NULL,
  captured_lsn  pg_lsn NOT NULL,
  epoch         integer NOT NULL,
  epoch_since   timestamptz NOT NULL
);
COMMENT ON TABLE ddb.capture IS 'how far the capture worker is; a row while it has a replication slot';
COMMENT ON COLUMN ddb.capture.one IS 'there is one row at most';
COMMENT ON COLUMN ddb.capture.slot_name IS 'the replication slot';
COMMENT ON COLUMN ddb.capture.captured_lsn IS 'every transaction whose commit record begins before or at this is recorded';
COMMENT ON COLUMN ddb.capture.epoch IS 'the shards being written';
COMMENT ON COLUMN ddb.capture.epoch_since IS 'when that began';

-- What signs shard iterators.  It is not part of a dump: another database has
-- its own.
CREATE TABLE ddb.stream_secret (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  secret  bytea NOT NULL
);
REVOKE ALL ON ddb.stream_secret FROM PUBLIC;
COMMENT ON TABLE ddb.stream_secret IS 'the key that shard iterators are signed with: for superusers only';
COMMENT ON COLUMN ddb.stream_secret.one IS 'there is one row';
COMMENT ON COLUMN ddb.stream_secret.secret IS '32 bytes';
INSERT INTO ddb.stream_secret (secret)
  SELECT pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) ||
                           pg_catalog.uuid_send(pg_catalog.gen_random_uuid()));

CREATE SEQUENCE ddb.stream_epochs AS integer;
COMMENT ON SEQUENCE ddb.stream_epochs IS 'the latest epoch; no number comes again';

GRANT SELECT ON ddb.streams, ddb.stream_shards, ddb.capture TO PUBLIC;

CREATE VIEW ddb_streams AS
  SELECT s.table_name, s.stream_label,
    pg_catalog.concat('table/', s.table_name, '/stream/', s.stream_label) AS resource,
    s.view_type,
    CASE WHEN s.disabled_at IS NULL THEN CASE WHEN s.captured_at IS NULL THEN 'ENABLING' ELSE 'ENABLED' END
         WHEN s.closed_at IS NULL THEN 'DISABLING' ELSE 'DISABLED' END AS status,
    s.created_at, s.disabled_at, s.failure,
    (SELECT count(*) FROM ddb.stream_shards h WHERE h.stream_id = s.stream_id) AS shards,
    (SELECT r.committed_at FROM ddb.stream_records r WHERE r.stream_id = s.stream_id
     ORDER BY r.lsn, r.ordinal LIMIT 1) AS oldest_record,
    CASE WHEN s.closed_at IS NULL THEN
      (SELECT greatest(pg_catalog.pg_wal_lsn_diff(
                CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                     ELSE pg_catalog.pg_current_wal_flush_lsn() END,
                greatest(c.captured_lsn, p.confirmed_flush_lsn)), 0)::bigint
       FROM ddb.capture c LEFT JOIN pg_catalog.pg_replication_slots p USING (slot_name)) END AS lag_bytes,
    CASE WHEN s.closed_at IS NULL THEN
      (SELECT pg_catalog.pg_wal_lsn_diff(
                CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                     ELSE pg_catalog.pg_current_wal_flush_lsn() END, p.restart_lsn)::bigint
       FROM ddb.capture c JOIN pg_catalog.pg_replication_slots p USING (slot_name)) END AS held_bytes
  FROM ddb.streams s;
COMMENT ON VIEW ddb_streams IS 'streams of tables, and how they are captured';
COMMENT ON COLUMN ddb_streams.table_name IS 'the DynamoDB table';
COMMENT ON COLUMN ddb_streams.stream_label IS 'tells the streams of a table apart';
COMMENT ON COLUMN ddb_streams.resource IS 'the end of the stream''s ARN';
COMMENT ON COLUMN ddb_streams.view_type IS 'KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES';
COMMENT ON COLUMN ddb_streams.status IS 'ENABLING, ENABLED, DISABLING or DISABLED';
COMMENT ON COLUMN ddb_streams.created_at IS 'when it was enabled';
COMMENT ON COLUMN ddb_streams.disabled_at IS 'when it was disabled; NULL: it is enabled';
COMMENT ON COLUMN ddb_streams.failure IS 'why it was disabled, when not by request';
COMMENT ON COLUMN ddb_streams.shards IS 'number of shards with records that can still be read, or to come';
COMMENT ON COLUMN ddb_streams.oldest_record IS 'when the oldest change was committed that can still be read';
COMMENT ON COLUMN ddb_streams.lag_bytes IS 'size of the write-ahead log that is still to be looked through';
COMMENT ON COLUMN ddb_streams.held_bytes IS 'size of the write-ahead log that is kept for capture; ddb.stream_max_lag limits it';
GRANT SELECT ON ddb_streams TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 8. Triggers: functions that take stream records
-- ---------------------------------------------------------------------------

-- The function takes {"Records": [record, ...]}, records as AWS Lambda gets them.
--   name, table_name   the table must have a stream, and the caller own it
--   function           'f', 'schema.f' or 'schema.f(jsonb)'; it runs as the caller, with search_path pg_catalog, pg_temp
--   batch_size         records in a call, at most
--   starting_position  LATEST: what commits from now on; TRIM_HORIZON: all that the stream still has
--   filter             AWS Lambda's filter patterns
--   max_retries        of a record that fails by itself; -1: for ever
--   on_failure         of a record given up: dead_letter (in ddb_trigger_failures), skip or stop
CREATE FUNCTION ddb_create_trigger(name text, table_name text, function text,
                                   batch_size integer DEFAULT 100,
                                   starting_position text DEFAULT 'LATEST',
                                   filter jsonb DEFAULT NULL,
                                   max_retries integer DEFAULT 10,
                                   on_failure text DEFAULT 'dead_letter') RETURNS void
  AS 'MODULE_PATHNAME', 'ddb_create_trigger' LANGUAGE C;
COMMENT ON FUNCTION ddb_create_trigger(text, text, text, integer, text, jsonb, integer, text) IS
  'has a function called with batches of a table''s stream records';
CREATE FUNCTION ddb_create_trigger(name text, table_name text, function regprocedure,
                                   batch_size integer DEFAULT 100,
                                   starting_position text DEFAULT 'LATEST',
                                   filter jsonb DEFAULT NULL,
                                   max_retries integer DEFAULT 10,
                                   on_failure text DEFAULT 'dead_letter') RETURNS void
  AS 'MODULE_PATHNAME', 'ddb_create_trigger_regprocedure' LANGUAGE C;
COMMENT ON FUNCTION ddb_create_trigger(text, text, regprocedure, integer, text, jsonb, integer, text) IS
  'has a function called with batches of a table''s stream records';

CREATE FUNCTION ddb_alter_trigger(name text, enabled boolean) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_alter_trigger(text, boolean) IS
  'pauses a trigger, or resumes one that was paused or has stopped, where it was';

CREATE FUNCTION ddb_drop_trigger(name text) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_drop_trigger(text) IS 'drops a trigger; its dead letters stay';

-- Sends dead letters again, in the caller's session: one (sequence_number) or the oldest
-- max_records of the trigger.  What its function takes is deleted; what it fails on stays.
CREATE FUNCTION ddb_retry_trigger_failures(name text, sequence_number text DEFAULT NULL,
                                           max_records integer DEFAULT 1000) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION ddb_retry_trigger_failures(text, text, integer) IS
  'calls a trigger''s function with its dead letters again, oldest first, and deletes those that it takes; gives their number';

-- A function is kept by name and not by its number, so that dumps and upgrades of the server
-- carry it; whoever made another of that name must have been the same owner.
CREATE TABLE ddb.triggers (
  trigger_name       text COLLATE "C" PRIMARY KEY,
  trigger_id         uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  table_name         text COLLATE "C" NOT NULL,
  function_schema    name NOT NULL,
  function_name      name NOT NULL,
  function_owner     regrole NOT NULL,
  owner              regrole NOT NULL,
  batch_size         integer NOT NULL CHECK (batch_size BETWEEN 1 AND 10000),
  starting_position  text NOT NULL CHECK (starting_position IN ('TRIM_HORIZON', 'LATEST')),
  filter             jsonb,
  max_retries        integer NOT NULL CHECK (max_retries >= -1),
  on_failure         text NOT NULL CHECK (on_failure IN ('dead_letter', 'skip', 'stop')),
  enabled            boolean NOT NULL DEFAULT true,
  created_at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ddb.triggers IS 'functions that take stream records; written by ddb''s functions only';
COMMENT ON COLUMN ddb.triggers.trigger_name IS 'name of the trigger';
COMMENT ON COLUMN ddb.triggers.trigger_id IS 'names it in the relations of triggers';
COMMENT ON COLUMN ddb.triggers.table_name IS 'the DynamoDB table whose stream it reads';
COMMENT ON COLUMN ddb.triggers.function_schema IS 'schema of the function';
COMMENT ON COLUMN ddb.triggers.function_name IS 'name of the function';
COMMENT ON COLUMN ddb.triggers.function_owner IS 'its owner: a function of another''s is not called';
COMMENT ON COLUMN ddb.triggers.owner IS 'the role that the function runs as';
COMMENT ON COLUMN ddb.triggers.batch_size IS 'records in a call, at most';
COMMENT ON COLUMN ddb.triggers.starting_position IS 'where in the stream it began';
COMMENT ON COLUMN ddb.triggers.filter IS 'records that do not fit it are passed over';
COMMENT ON COLUMN ddb.triggers.max_retries IS 'how often a record that fails by itself is tried again; -1: for ever';
COMMENT ON COLUMN ddb.triggers.on_failure IS 'what becomes of a record given up';
COMMENT ON COLUMN ddb.triggers.enabled IS 'false: paused';
COMMENT ON COLUMN ddb.triggers.created_at IS 'when the trigger was created';
CREATE TRIGGER wake_workers AFTER INSERT ON ddb.triggers FOR EACH STATEMENT
  EXECUTE FUNCTION ddb.wake_workers();
COMMENT ON TRIGGER wake_workers ON ddb.triggers IS 'restored triggers are work';

-- A trigger without a row here came out of a dump: it begins with the table's oldest stream.
CREATE TABLE ddb.trigger_states (
  trigger_id       uuid PRIMARY KEY REFERENCES ddb.triggers (trigger_id) ON DELETE CASCADE,
  stream_id        integer,
  epoch            integer,
  lsn              pg_lsn NOT NULL DEFAULT '0/0',
  ordinal          integer NOT NULL DEFAULT 0,
  finished         boolean NOT NULL DEFAULT false,
  stopped          boolean NOT NULL DEFAULT false,
  bisected         integer NOT NULL DEFAULT 0,
  attempts         integer NOT NULL DEFAULT 0,
  failures         integer NOT NULL DEFAULT 0,
  retry_at         timestamptz,
  processed        bigint NOT NULL DEFAULT 0,
  filtered         bigint NOT NULL DEFAULT 0,
  failed           bigint NOT NULL DEFAULT 0,
  retries          bigint NOT NULL DEFAULT 0,
  trimmed          bigint NOT NULL DEFAULT 0,
  last_error       text,
  last_error_at    timestamptz,
  last_success_at  timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE ddb.trigger_states IS 'how far triggers are; written in the transaction in which the function ran';
COMMENT ON COLUMN ddb.trigger_states.trigger_id IS 'the trigger';
COMMENT ON COLUMN ddb.trigger_states.stream_id IS 'the stream being read; NULL: the table''s next one';
COMMENT ON COLUMN ddb.trigger_states.epoch IS 'its shard being read; NULL: the oldest';
COMMENT ON COLUMN ddb.trigger_states.lsn IS 'with ordinal: the last record that is done with';
COMMENT ON COLUMN ddb.trigger_states.ordinal IS 'number of that record in its transaction';
COMMENT ON COLUMN ddb.trigger_states.finished IS 'that stream has ended and all of it is done with';
COMMENT ON COLUMN ddb.trigger_states.stopped IS 'by on_failure stop';
COMMENT ON COLUMN ddb.trigger_states.bisected IS 'so many of the next records failed as one batch, which is bisected; 0: none';
COMMENT ON COLUMN ddb.trigger_states.attempts IS 'how often the next record failed by itself';
COMMENT ON COLUMN ddb.trigger_states.failures IS 'failures in a row, for the pause before the next';
COMMENT ON COLUMN ddb.trigger_states.retry_at IS 'when the function is called again after a failure';
COMMENT ON COLUMN ddb.trigger_states.processed IS 'records that the function took';
COMMENT ON COLUMN ddb.trigger_states.filtered IS 'records passed over because of the filter';
COMMENT ON COLUMN ddb.trigger_states.failed IS 'records given up';
COMMENT ON COLUMN ddb.trigger_states.retries IS 'calls repeated after a failure';
COMMENT ON COLUMN ddb.trigger_states.trimmed IS 'how often records were gone before they were read';
COMMENT ON COLUMN ddb.trigger_states.last_error IS 'that the function raised last';
COMMENT ON COLUMN ddb.trigger_states.last_error_at IS 'when it did';
COMMENT ON COLUMN ddb.trigger_states.last_success_at IS 'when it last returned';

CREATE TABLE ddb.trigger_failures (
  trigger_id       uuid NOT NULL,
  sequence_number  text COLLATE "C" NOT NULL,
  trigger_name     text COLLATE "C" NOT NULL,
  table_name       text COLLATE "C" NOT NULL,
  owner            regrole NOT NULL,
  record           jsonb NOT NULL,
  error            text NOT NULL,
  attempts         integer NOT NULL,
  failed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (trigger_id, sequence_number)
);
COMMENT ON TABLE ddb.trigger_failures IS 'records that a trigger''s function failed on and were given up; they outlive the trigger';
COMMENT ON COLUMN ddb.trigger_failures.trigger_id IS 'the trigger, which may be gone';
COMMENT ON COLUMN ddb.trigger_failures.sequence_number IS 'of the record';
COMMENT ON COLUMN ddb.trigger_failures.trigger_name IS 'its name';
COMMENT ON COLUMN ddb.trigger_failures.table_name IS 'its table';
COMMENT ON COLUMN ddb.trigger_failures.owner IS 'who may see and delete the record';
COMMENT ON COLUMN ddb.trigger_failures.record IS 'what the function was called with';
COMMENT ON COLUMN ddb.trigger_failures.error IS 'that the function raised last';
COMMENT ON COLUMN ddb.trigger_failures.attempts IS 'how often it was called with the record alone';
COMMENT ON COLUMN ddb.trigger_failures.failed_at IS 'when the record was given up';

-- Roles that are gone are not dumped: their number may be another role's elsewhere.
SELECT pg_catalog.pg_extension_config_dump('ddb.triggers',
  'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = owner)'
  ' AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = function_owner)');
SELECT pg_catalog.pg_extension_config_dump('ddb.trigger_failures',
  'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = owner)');

CREATE FUNCTION ddb.trigger_lag(trigger_id uuid, OUT seconds double precision, OUT records integer)
  AS 'MODULE_PATHNAME', 'ddb_sql_trigger_lag' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb.trigger_lag(uuid) IS
  'age of the oldest record that a trigger still has to look at, and the number of them, at most 1000';

CREATE VIEW ddb_triggers WITH (security_barrier) AS
  SELECT t.trigger_name AS name, t.table_name,
         pg_catalog.format('%I.%I(jsonb)', t.function_schema, t.function_name) AS function, t.owner,
         CASE WHEN NOT t.enabled THEN 'paused'
              WHEN s.stopped THEN 'stopped'
              WHEN s.retry_at IS NOT NULL THEN 'waiting for retry'
              WHEN s.finished OR s.stream_id IS NULL THEN 'stream gone'
              ELSE 'running' END AS state,
         CASE WHEN s.lsn > '0/0'
              THEN '1' || pg_catalog.lpad((s.lsn - '0/0')::pg_catalog.text, 19, '0')
                   || pg_catalog.lpad(s.ordinal::pg_catalog.text, 10, '0') END AS position,
         lag.seconds AS lag_seconds, lag.records AS lag_records,
         s.processed, s.filtered, s.failed, s.retries, s.trimmed,
         s.last_error, s.last_error_at, s.last_success_at,
         t.batch_size, t.starting_position, t.filter, t.max_retries, t.on_failure, t.created_at
  FROM ddb.triggers t
  LEFT JOIN ddb.trigger_states s USING (trigger_id)
  CROSS JOIN LATERAL ddb.trigger_lag(t.trigger_id) lag
  WHERE pg_catalog.pg_has_role(t.owner, 'USAGE');
COMMENT ON VIEW ddb_triggers IS
  'the triggers of the roles that the user is a member of: state, position (SequenceNumber), lag (of captured records; '
  'counted up to 1000), records processed, filtered out and failed, retries, gaps, errors';
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

CREATE VIEW ddb_trigger_failures WITH (security_barrier) AS
  SELECT trigger_name, table_name, sequence_number, record, error, attempts, failed_at
  FROM ddb.trigger_failures
  WHERE pg_catalog.pg_has_role(owner, 'USAGE');
COMMENT ON VIEW ddb_trigger_failures IS
  'dead letters: records that were given up, for the owner of the trigger to look at and delete';
COMMENT ON COLUMN ddb_trigger_failures.trigger_name IS 'the trigger that gave the record up';
COMMENT ON COLUMN ddb_trigger_failures.table_name IS 'its table';
COMMENT ON COLUMN ddb_trigger_failures.sequence_number IS 'of the record';
COMMENT ON COLUMN ddb_trigger_failures.record IS 'what the function was called with';
COMMENT ON COLUMN ddb_trigger_failures.error IS 'that the function raised last';
COMMENT ON COLUMN ddb_trigger_failures.attempts IS 'how often it was called with the record alone';
COMMENT ON COLUMN ddb_trigger_failures.failed_at IS 'when the record was given up';
GRANT SELECT ON ddb_triggers TO PUBLIC;
GRANT SELECT, DELETE ON ddb_trigger_failures TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 9. Access keys of the HTTP endpoint
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_create_access_key(role name DEFAULT current_user,
                                      OUT access_key_id text, OUT secret_access_key text)
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_create_access_key(name) IS
  'makes an access key for the HTTP endpoint, whose requests run as role; the secret is shown this once';

CREATE FUNCTION ddb_list_access_keys()
  RETURNS TABLE (access_key_id text, role regrole, enabled boolean, created_at timestamptz)
  LANGUAGE sql STABLE AS
$$ SELECT k.access_key_id, k.role, k.enabled, k.created_at FROM ddb.own_access_keys k ORDER BY k.created_at, k.access_key_id $$;
COMMENT ON FUNCTION ddb_list_access_keys() IS 'the access keys of the roles that the user is a member of';

CREATE FUNCTION ddb_alter_access_key(access_key_id text, enabled boolean) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_alter_access_key(text, boolean) IS 'turns an access key off or on again, at once';

CREATE FUNCTION ddb_drop_access_key(access_key_id text) RETURNS void
  AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_drop_access_key(text) IS 'drops an access key for good';

-- Secrets stand here as they are, because both sides of a signature compute with
-- them.  Nobody but superusers may read the table.  It is part of a dump (leave it
-- out with pg_dump --exclude-table-data=ddb.access_keys); keys whose role is gone
-- are not, for their number may be another role's elsewhere.
CREATE TABLE ddb.access_keys (
  access_key_id      text COLLATE "C" PRIMARY KEY CHECK (access_key_id ~ '^[A-Za-z0-9_]{16,128}$'),
  role               regrole NOT NULL,
  secret_access_key  text NOT NULL CHECK (octet_length(secret_access_key) BETWEEN 16 AND 128),
  enabled            boolean NOT NULL DEFAULT true,
  created_at         timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON ddb.access_keys FROM PUBLIC;
COMMENT ON TABLE ddb.access_keys IS 'access keys of the HTTP endpoint, secrets included: for superusers only';
COMMENT ON COLUMN ddb.access_keys.access_key_id IS 'what a signature names';
COMMENT ON COLUMN ddb.access_keys.role IS 'the role that requests signed with the key run as';
COMMENT ON COLUMN ddb.access_keys.secret_access_key IS 'what both sides compute signatures with';
COMMENT ON COLUMN ddb.access_keys.enabled IS 'requests signed with a key that is not are refused';
COMMENT ON COLUMN ddb.access_keys.created_at IS 'when the key was made';
SELECT pg_catalog.pg_extension_config_dump('ddb.access_keys',
  'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = role)');

CREATE FUNCTION ddb.access_keys_changed() RETURNS trigger
  AS 'MODULE_PATHNAME', 'ddb_access_keys_changed' LANGUAGE C;
COMMENT ON FUNCTION ddb.access_keys_changed() IS 'tells the endpoint that keys have changed';
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON ddb.access_keys
  FOR EACH ROW EXECUTE FUNCTION ddb.access_keys_changed();
COMMENT ON TRIGGER changed ON ddb.access_keys IS 'tells the endpoint that keys have changed';
CREATE TRIGGER emptied AFTER TRUNCATE ON ddb.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION ddb.access_keys_changed();
COMMENT ON TRIGGER emptied ON ddb.access_keys IS 'tells the endpoint that keys have changed';
ALTER TABLE ddb.access_keys ENABLE ALWAYS TRIGGER changed, ENABLE ALWAYS TRIGGER emptied;

CREATE VIEW ddb.own_access_keys WITH (security_barrier) AS
  SELECT access_key_id, role, enabled, created_at FROM ddb.access_keys
  WHERE pg_catalog.pg_has_role(role, 'MEMBER');
COMMENT ON VIEW ddb.own_access_keys IS 'the access keys of the roles that the user is a member of, without secrets';
COMMENT ON COLUMN ddb.own_access_keys.access_key_id IS 'what a signature names';
COMMENT ON COLUMN ddb.own_access_keys.role IS 'the role that requests signed with the key run as';
COMMENT ON COLUMN ddb.own_access_keys.enabled IS 'requests signed with a key that is not are refused';
COMMENT ON COLUMN ddb.own_access_keys.created_at IS 'when the key was made';
GRANT SELECT ON ddb.own_access_keys TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 10. Metrics of the HTTP endpoint
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb.metrics(OUT name text, OUT labels jsonb, OUT value double precision)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'ddb_sql_metrics' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ddb.metrics() IS 'counters of the HTTP endpoint, from shared memory';
REVOKE ALL ON FUNCTION ddb.metrics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ddb.metrics() TO pg_monitor;

CREATE VIEW ddb_metrics AS SELECT name, labels, value FROM ddb.metrics();
COMMENT ON VIEW ddb_metrics IS
  'what the HTTP endpoint did since the server started, as GET /metrics does, by table: requests, errors, latencies, connections, '
  'commit batches, retries; empty when ddb is not preloaded';
COMMENT ON COLUMN ddb_metrics.name IS 'of the metric, as in GET /metrics';
COMMENT ON COLUMN ddb_metrics.labels IS 'which part of it: operation, error, bucket';
COMMENT ON COLUMN ddb_metrics.value IS 'since the server started';
GRANT SELECT ON ddb_metrics TO pg_monitor;

-- ---------------------------------------------------------------------------
-- 11. Data tables
-- ---------------------------------------------------------------------------
--
-- What keeps the tables in schema ddb_data, and what is known of them, right when
-- plain SQL writes to them or drops them.

-- A data table or index dropped by plain SQL takes its catalog rows along.
CREATE FUNCTION ddb.forget_dropped() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM ddb.tables t USING pg_event_trigger_dropped_objects() d
    WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND t.relid = d.objid;
  UPDATE ddb.streams s SET disabled_at = pg_catalog.clock_timestamp()
    FROM pg_event_trigger_dropped_objects() d
    WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND s.relid = d.objid AND s.disabled_at IS NULL;
  -- A primary index may come back, as in pg_restore --clean: its row stays.
  DELETE FROM ddb.indexes i
    USING ddb.tables t, pg_class c, pg_namespace n, pg_event_trigger_dropped_objects() d
    WHERE t.table_name = i.table_name AND c.oid = t.relid AND n.oid = c.relnamespace
      AND d.object_type = 'index' AND d.schema_name = n.nspname AND d.object_name = i.relname
      AND i.kind <> 'primary' AND i.status = 'ACTIVE';
END $$;
COMMENT ON FUNCTION ddb.forget_dropped() IS 'keeps the catalog right when data tables and indexes are dropped by plain SQL';
CREATE EVENT TRIGGER ddb_forget_dropped ON sql_drop EXECUTE FUNCTION ddb.forget_dropped();
COMMENT ON EVENT TRIGGER ddb_forget_dropped IS 'keeps the catalog right when data tables and indexes are dropped by plain SQL';

CREATE FUNCTION ddb.item_trigger() RETURNS trigger
  AS 'MODULE_PATHNAME', 'ddb_item_trigger' LANGUAGE C;
COMMENT ON FUNCTION ddb.item_trigger() IS 'validates the item of a plain SQL write and fills its key columns';

CREATE FUNCTION ddb.truncate_trigger() RETURNS trigger
  AS 'MODULE_PATHNAME', 'ddb_truncate_trigger' LANGUAGE C;
COMMENT ON FUNCTION ddb.truncate_trigger() IS 'deletes the items before TRUNCATE, where a stream is to have a record of each';

CREATE FUNCTION ddb.key_text(item jsonb, attribute text, max_size integer) RETURNS text
  AS 'MODULE_PATHNAME', 'ddb_key_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.key_text(jsonb, text, integer) IS 'an S attribute as a key column; NULL where it can''t be a key';
CREATE FUNCTION ddb.key_numeric(item jsonb, attribute text, max_size integer) RETURNS numeric
  AS 'MODULE_PATHNAME', 'ddb_key_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.key_numeric(jsonb, text, integer) IS 'an N attribute as a key column; NULL where it can''t be a key';
CREATE FUNCTION ddb.key_bytea(item jsonb, attribute text, max_size integer) RETURNS bytea
  AS 'MODULE_PATHNAME', 'ddb_key_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.key_bytea(jsonb, text, integer) IS 'a B attribute as a key column; NULL where it can''t be a key';

-- ---------------------------------------------------------------------------
-- 12. The index access method
-- ---------------------------------------------------------------------------
--
--   CREATE UNIQUE INDEX ON t USING ddb (pk ddb.text_partition_ops, sk);
--
-- The columns of a partition class, which lead, are ordered by hash; those
-- behind them natively.  A row with a NULL in a key column is not in the index.

CREATE FUNCTION ddb.index_handler(internal) RETURNS index_am_handler
AS 'MODULE_PATHNAME', 'ddb_index_handler' LANGUAGE C;
COMMENT ON FUNCTION ddb.index_handler(internal) IS 'handler of the index access method ddb';

CREATE ACCESS METHOD ddb TYPE INDEX HANDLER ddb.index_handler;
COMMENT ON ACCESS METHOD ddb IS 'hash-ordered partition columns, ordered sort columns, sparse';

-- Sort columns: the native order, and the default class of each type.

CREATE OPERATOR CLASS ddb.text_ops DEFAULT FOR TYPE text USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 bttextcmp(text, text),
  FUNCTION 2 bttextsortsupport(internal),
  FUNCTION 4 btvarstrequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.text_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.text_ops USING ddb IS 'sort column: native order';

CREATE OPERATOR CLASS ddb.numeric_ops DEFAULT FOR TYPE numeric USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 numeric_cmp(numeric, numeric),
  FUNCTION 2 numeric_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.numeric_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.numeric_ops USING ddb IS 'sort column: native order';

CREATE OPERATOR CLASS ddb.bytea_ops DEFAULT FOR TYPE bytea USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 byteacmp(bytea, bytea),
  FUNCTION 2 bytea_sortsupport(internal),
  FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.bytea_ops USING ddb IS 'sort column: native order';
COMMENT ON OPERATOR FAMILY ddb.bytea_ops USING ddb IS 'sort column: native order';

-- Partition columns: for each type T
--
--   ddb.partition_hash(T) -> bigint         the stable hash
--   ddb.<#  <=#  >=#  >#  (T, T)            order by hash, then by value
--   ddb.<#  <=#  >=#  >#  (T, bigint)       the hash against a number
--   ddb.T_partition_ops                     the class for ddb indexes
--   ddb.T_partition_order                   a btree class: how the planner
--                                           knows this order from the native

-- text

CREATE FUNCTION ddb.partition_hash(text) RETURNS bigint
  AS 'MODULE_PATHNAME', 'ddb_partition_hash_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.partition_hash(text) IS 'stable 64-bit hash of a partition key';

CREATE FUNCTION ddb.text_partition_cmp(text, text) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_text_partition_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_cmp(text, text) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.text_hash_cmp(text, bigint) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_text_hash_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_hash_cmp(text, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.text_partition_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME', 'ddb_text_partition_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_sortsupport(internal) IS 'sort support, abbreviated to the hash';

CREATE FUNCTION ddb.text_partition_lt(text, text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_partition_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_lt(text, text) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.text_partition_lt, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(ddb.>#), NEGATOR = OPERATOR(ddb.>=#),
  RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ddb.<# (text, text) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.text_partition_le(text, text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_partition_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_le(text, text) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.text_partition_le, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(ddb.>=#), NEGATOR = OPERATOR(ddb.>#),
  RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ddb.<=# (text, text) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.text_partition_ge(text, text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_partition_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_ge(text, text) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.text_partition_ge, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(ddb.<=#), NEGATOR = OPERATOR(ddb.<#),
  RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ddb.>=# (text, text) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.text_partition_gt(text, text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_partition_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_partition_gt(text, text) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.text_partition_gt, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(ddb.<#), NEGATOR = OPERATOR(ddb.<=#),
  RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ddb.># (text, text) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.text_hash_lt(text, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_hash_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_hash_lt(text, bigint) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.text_hash_lt, LEFTARG = text, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>=#), RESTRICT = scalarltsel
);
COMMENT ON OPERATOR ddb.<# (text, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.text_hash_le(text, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_hash_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_hash_le(text, bigint) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.text_hash_le, LEFTARG = text, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>#), RESTRICT = scalarlesel
);
COMMENT ON OPERATOR ddb.<=# (text, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.text_hash_ge(text, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_hash_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_hash_ge(text, bigint) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.text_hash_ge, LEFTARG = text, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<#), RESTRICT = scalargesel
);
COMMENT ON OPERATOR ddb.>=# (text, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.text_hash_gt(text, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_text_hash_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.text_hash_gt(text, bigint) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.text_hash_gt, LEFTARG = text, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<=#), RESTRICT = scalargtsel
);
COMMENT ON OPERATOR ddb.># (text, bigint) IS 'compares the hash with a number';

CREATE OPERATOR CLASS ddb.text_partition_ops FOR TYPE text USING ddb AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  OPERATOR 1 ddb.<# (text, bigint), OPERATOR 2 ddb.<=# (text, bigint),
  OPERATOR 4 ddb.>=# (text, bigint), OPERATOR 5 ddb.># (text, bigint),
  FUNCTION 1 ddb.text_partition_cmp(text, text),
  FUNCTION 1 (text, bigint) ddb.text_hash_cmp(text, bigint),
  FUNCTION 2 ddb.text_partition_sortsupport(internal),
  FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.text_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.text_partition_ops USING ddb IS 'partition column: ordered by hash';

CREATE OPERATOR CLASS ddb.text_partition_order FOR TYPE text USING btree AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  FUNCTION 1 ddb.text_partition_cmp(text, text),
  FUNCTION 2 ddb.text_partition_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.text_partition_order USING btree IS 'the order of ddb.text_partition_ops, for the planner';
COMMENT ON OPERATOR FAMILY ddb.text_partition_order USING btree IS 'the order of ddb.text_partition_ops, for the planner';

-- numeric

CREATE FUNCTION ddb.partition_hash(numeric) RETURNS bigint
  AS 'MODULE_PATHNAME', 'ddb_partition_hash_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.partition_hash(numeric) IS 'stable 64-bit hash of a partition key';

CREATE FUNCTION ddb.numeric_partition_cmp(numeric, numeric) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_cmp(numeric, numeric) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.numeric_hash_cmp(numeric, bigint) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_numeric_hash_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_hash_cmp(numeric, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.numeric_partition_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_sortsupport(internal) IS 'sort support, abbreviated to the hash';

CREATE FUNCTION ddb.numeric_partition_lt(numeric, numeric) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_lt(numeric, numeric) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.numeric_partition_lt, LEFTARG = numeric, RIGHTARG = numeric,
  COMMUTATOR = OPERATOR(ddb.>#), NEGATOR = OPERATOR(ddb.>=#),
  RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ddb.<# (numeric, numeric) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.numeric_partition_le(numeric, numeric) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_le(numeric, numeric) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.numeric_partition_le, LEFTARG = numeric, RIGHTARG = numeric,
  COMMUTATOR = OPERATOR(ddb.>=#), NEGATOR = OPERATOR(ddb.>#),
  RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ddb.<=# (numeric, numeric) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.numeric_partition_ge(numeric, numeric) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_ge(numeric, numeric) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.numeric_partition_ge, LEFTARG = numeric, RIGHTARG = numeric,
  COMMUTATOR = OPERATOR(ddb.<=#), NEGATOR = OPERATOR(ddb.<#),
  RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ddb.>=# (numeric, numeric) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.numeric_partition_gt(numeric, numeric) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_partition_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_partition_gt(numeric, numeric) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.numeric_partition_gt, LEFTARG = numeric, RIGHTARG = numeric,
  COMMUTATOR = OPERATOR(ddb.<#), NEGATOR = OPERATOR(ddb.<=#),
  RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ddb.># (numeric, numeric) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.numeric_hash_lt(numeric, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_hash_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_hash_lt(numeric, bigint) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.numeric_hash_lt, LEFTARG = numeric, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>=#), RESTRICT = scalarltsel
);
COMMENT ON OPERATOR ddb.<# (numeric, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.numeric_hash_le(numeric, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_hash_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_hash_le(numeric, bigint) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.numeric_hash_le, LEFTARG = numeric, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>#), RESTRICT = scalarlesel
);
COMMENT ON OPERATOR ddb.<=# (numeric, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.numeric_hash_ge(numeric, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_hash_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_hash_ge(numeric, bigint) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.numeric_hash_ge, LEFTARG = numeric, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<#), RESTRICT = scalargesel
);
COMMENT ON OPERATOR ddb.>=# (numeric, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.numeric_hash_gt(numeric, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_numeric_hash_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.numeric_hash_gt(numeric, bigint) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.numeric_hash_gt, LEFTARG = numeric, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<=#), RESTRICT = scalargtsel
);
COMMENT ON OPERATOR ddb.># (numeric, bigint) IS 'compares the hash with a number';

-- No function 4: equal numerics may differ in their display scale.
CREATE OPERATOR CLASS ddb.numeric_partition_ops FOR TYPE numeric USING ddb AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  OPERATOR 1 ddb.<# (numeric, bigint), OPERATOR 2 ddb.<=# (numeric, bigint),
  OPERATOR 4 ddb.>=# (numeric, bigint), OPERATOR 5 ddb.># (numeric, bigint),
  FUNCTION 1 ddb.numeric_partition_cmp(numeric, numeric),
  FUNCTION 1 (numeric, bigint) ddb.numeric_hash_cmp(numeric, bigint),
  FUNCTION 2 ddb.numeric_partition_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.numeric_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.numeric_partition_ops USING ddb IS 'partition column: ordered by hash';

CREATE OPERATOR CLASS ddb.numeric_partition_order FOR TYPE numeric USING btree AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  FUNCTION 1 ddb.numeric_partition_cmp(numeric, numeric),
  FUNCTION 2 ddb.numeric_partition_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.numeric_partition_order USING btree IS 'the order of ddb.numeric_partition_ops, for the planner';
COMMENT ON OPERATOR FAMILY ddb.numeric_partition_order USING btree IS 'the order of ddb.numeric_partition_ops, for the planner';

-- bytea

CREATE FUNCTION ddb.partition_hash(bytea) RETURNS bigint
  AS 'MODULE_PATHNAME', 'ddb_partition_hash_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.partition_hash(bytea) IS 'stable 64-bit hash of a partition key';

CREATE FUNCTION ddb.bytea_partition_cmp(bytea, bytea) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_cmp(bytea, bytea) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.bytea_hash_cmp(bytea, bigint) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_bytea_hash_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_hash_cmp(bytea, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.bytea_partition_sortsupport(internal) RETURNS void
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_sortsupport(internal) IS 'sort support, abbreviated to the hash';

CREATE FUNCTION ddb.bytea_partition_lt(bytea, bytea) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_lt(bytea, bytea) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.bytea_partition_lt, LEFTARG = bytea, RIGHTARG = bytea,
  COMMUTATOR = OPERATOR(ddb.>#), NEGATOR = OPERATOR(ddb.>=#),
  RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ddb.<# (bytea, bytea) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.bytea_partition_le(bytea, bytea) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_le(bytea, bytea) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.bytea_partition_le, LEFTARG = bytea, RIGHTARG = bytea,
  COMMUTATOR = OPERATOR(ddb.>=#), NEGATOR = OPERATOR(ddb.>#),
  RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ddb.<=# (bytea, bytea) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.bytea_partition_ge(bytea, bytea) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_ge(bytea, bytea) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.bytea_partition_ge, LEFTARG = bytea, RIGHTARG = bytea,
  COMMUTATOR = OPERATOR(ddb.<=#), NEGATOR = OPERATOR(ddb.<#),
  RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ddb.>=# (bytea, bytea) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.bytea_partition_gt(bytea, bytea) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_partition_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_partition_gt(bytea, bytea) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.bytea_partition_gt, LEFTARG = bytea, RIGHTARG = bytea,
  COMMUTATOR = OPERATOR(ddb.<#), NEGATOR = OPERATOR(ddb.<=#),
  RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ddb.># (bytea, bytea) IS 'compares by hash, then by value';

CREATE FUNCTION ddb.bytea_hash_lt(bytea, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_hash_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_hash_lt(bytea, bigint) IS 'implementation of operator ddb.<#';
CREATE OPERATOR ddb.<# (
  FUNCTION = ddb.bytea_hash_lt, LEFTARG = bytea, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>=#), RESTRICT = scalarltsel
);
COMMENT ON OPERATOR ddb.<# (bytea, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.bytea_hash_le(bytea, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_hash_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_hash_le(bytea, bigint) IS 'implementation of operator ddb.<=#';
CREATE OPERATOR ddb.<=# (
  FUNCTION = ddb.bytea_hash_le, LEFTARG = bytea, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.>#), RESTRICT = scalarlesel
);
COMMENT ON OPERATOR ddb.<=# (bytea, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.bytea_hash_ge(bytea, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_hash_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_hash_ge(bytea, bigint) IS 'implementation of operator ddb.>=#';
CREATE OPERATOR ddb.>=# (
  FUNCTION = ddb.bytea_hash_ge, LEFTARG = bytea, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<#), RESTRICT = scalargesel
);
COMMENT ON OPERATOR ddb.>=# (bytea, bigint) IS 'compares the hash with a number';

CREATE FUNCTION ddb.bytea_hash_gt(bytea, bigint) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_bytea_hash_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.bytea_hash_gt(bytea, bigint) IS 'implementation of operator ddb.>#';
CREATE OPERATOR ddb.># (
  FUNCTION = ddb.bytea_hash_gt, LEFTARG = bytea, RIGHTARG = bigint,
  NEGATOR = OPERATOR(ddb.<=#), RESTRICT = scalargtsel
);
COMMENT ON OPERATOR ddb.># (bytea, bigint) IS 'compares the hash with a number';

CREATE OPERATOR CLASS ddb.bytea_partition_ops FOR TYPE bytea USING ddb AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  OPERATOR 1 ddb.<# (bytea, bigint), OPERATOR 2 ddb.<=# (bytea, bigint),
  OPERATOR 4 ddb.>=# (bytea, bigint), OPERATOR 5 ddb.># (bytea, bigint),
  FUNCTION 1 ddb.bytea_partition_cmp(bytea, bytea),
  FUNCTION 1 (bytea, bigint) ddb.bytea_hash_cmp(bytea, bigint),
  FUNCTION 2 ddb.bytea_partition_sortsupport(internal),
  FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.bytea_partition_ops USING ddb IS 'partition column: ordered by hash';
COMMENT ON OPERATOR FAMILY ddb.bytea_partition_ops USING ddb IS 'partition column: ordered by hash';

CREATE OPERATOR CLASS ddb.bytea_partition_order FOR TYPE bytea USING btree AS
  OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
  FUNCTION 1 ddb.bytea_partition_cmp(bytea, bytea),
  FUNCTION 2 ddb.bytea_partition_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.bytea_partition_order USING btree IS 'the order of ddb.bytea_partition_ops, for the planner';
COMMENT ON OPERATOR FAMILY ddb.bytea_partition_order USING btree IS 'the order of ddb.bytea_partition_ops, for the planner';

CREATE FUNCTION ddb.hash_segment(segment integer, total integer, OUT low bigint, OUT high bigint)
AS 'MODULE_PATHNAME', 'ddb_hash_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.hash_segment(integer, integer) IS
  'the range of partition hashes, both ends inclusive, of one of total scan segments (from 0)';

CREATE FUNCTION ddb_index_check(index regclass) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ddb_index_check(regclass) IS
  'verifies an index of access method ddb against its table; the number of entries checked';
