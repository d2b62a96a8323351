-- state: statements that bring back what pg_dump leaves out of the relations of version 1.0,
-- for a copy of the database with all the state that the workers had.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on

SELECT format('INSERT INTO ddb.streams (stream_id, table_name, stream_label, relid, owner, view_type, key_attributes, key_columns,'
    ' created_at, disabled_at, captured_at, closed_at, failure) OVERRIDING SYSTEM VALUE VALUES (%L, %L, %L, %L, %L::regrole, %L, %L, %L, %L, %L, %L, %L, %L);',
    stream_id, table_name, stream_label, relid, owner::regrole, view_type, key_attributes, key_columns,
    created_at, disabled_at, captured_at, closed_at, failure)
  FROM ddb.streams ORDER BY stream_id;
SELECT format('SELECT pg_catalog.setval(%L, %L);', 'ddb.streams_stream_id_seq', last_value) FROM ddb.streams_stream_id_seq;
SELECT format('SELECT pg_catalog.setval(%L, %L);', 'ddb.stream_epochs', last_value) FROM ddb.stream_epochs;

-- as the capture worker makes them
SELECT format(E'CREATE TABLE ddb.%1$I (LIKE ddb.stream_records INCLUDING COMPRESSION INCLUDING INDEXES INCLUDING STORAGE)'
    ' WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);\n'
    'ALTER TABLE ddb.stream_records ATTACH PARTITION ddb.%1$I %2$s;\n'
    'ALTER EXTENSION ddb ADD TABLE ddb.%1$I;', relname, pg_get_expr(relpartbound, c.oid))
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'ddb.stream_records'::regclass ORDER BY relname;
SELECT format('INSERT INTO ddb.stream_records VALUES (%L, %L, %L, %L, %L, %L, %L, %L, %L);',
    epoch, stream_id, lsn, ordinal, event, committed_at, keys, new_image, old_image)
  FROM ddb.stream_records ORDER BY lsn, ordinal, stream_id;
SELECT format('INSERT INTO ddb.stream_shards VALUES (%L, %L, %L, %L, %L, %L, %L);',
    stream_id, epoch, first_lsn, last_lsn, last_ordinal, created_at, closed_at)
  FROM ddb.stream_shards ORDER BY stream_id, epoch;
SELECT format('INSERT INTO ddb.capture VALUES (true, %L, %L, %L, %L);', slot_name, captured_lsn, epoch, epoch_since) FROM ddb.capture;

SELECT format('INSERT INTO ddb.trigger_states VALUES (%s);', string_agg(quote_nullable(value), ', ' ORDER BY attnum))
  FROM (SELECT trigger_id, attnum, to_jsonb(s) ->> attname AS value FROM ddb.trigger_states s, pg_attribute
    WHERE attrelid = 'ddb.trigger_states'::regclass AND attnum > 0) v
  GROUP BY trigger_id ORDER BY trigger_id;
SELECT format('INSERT INTO ddb.transactions VALUES (%L::regrole, %L, %L, %L, %L);', role::regrole, token, request_hash, replay, created_at)
  FROM ddb.transactions;
SELECT format('INSERT INTO ddb.ttl_progress VALUES (%L::regclass, pg_catalog.pg_relation_filenode(%1$L), %L, %L, %L, %L, %L, %L);',
    relid::regclass, block, round_at, lap_at, deleted, since, failure)
  FROM ddb.ttl_progress;

-- Tokens and records are kept for some time only: all of it happened just now.
SELECT format(
'UPDATE ddb.transactions SET created_at = created_at + (now() - %1$L);
UPDATE ddb.stream_records SET committed_at = committed_at + (now() - %1$L);
UPDATE ddb.stream_shards SET created_at = created_at + (now() - %1$L), closed_at = closed_at + (now() - %1$L);
UPDATE ddb.streams SET created_at = created_at + (now() - %1$L), disabled_at = disabled_at + (now() - %1$L),
  captured_at = captured_at + (now() - %1$L), closed_at = closed_at + (now() - %1$L);
UPDATE ddb.capture SET epoch_since = epoch_since + (now() - %1$L);', now());
