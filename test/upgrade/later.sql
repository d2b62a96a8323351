-- later: writes to a database that fill.sql filled, which streams and triggers go on with.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT ddb_put(t, i || '{"later": {"BOOL": true}}') FROM ddb_list_tables() t, ddb_scan(t) i WHERE t NOT LIKE 'Stream-%';
SELECT ddb_update_table('Music', '{"by_label": {"partition_key": "Label S"}}');
SELECT ddb_delete(t, '{"pk": {"S": "c"}}') FROM ddb_list_tables() t WHERE t LIKE 'Stream-%' ORDER BY t;
SELECT ddb_put(t, '{"pk": {"S": "d"}, "later": {"BOOL": true}}') FROM ddb_list_tables() t WHERE t LIKE 'Stream-%' ORDER BY t;
INSERT INTO ddb_data."KeysS" (item) VALUES ('{"pk": {"S": "sql"}}');
SELECT ddb_alter_trigger('sleeper', true);
SELECT ddb_create_access_key('upgrade_reader') IS NOT NULL;
SET ROLE upgrade_maker;
SELECT ddb_create_table('later', 'id S');
RESET ROLE;

-- until the triggers have come to the end
DO $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN (SELECT bool_and(processed + filtered + failed = 8) FROM ddb_triggers);
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;
