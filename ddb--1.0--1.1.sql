/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

-- Workers look for work when rows are restored.
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
CREATE TRIGGER wake_workers AFTER INSERT ON ddb.triggers FOR EACH STATEMENT
  EXECUTE FUNCTION ddb.wake_workers();
COMMENT ON TRIGGER wake_workers ON ddb.triggers IS 'restored triggers are work';

COMMENT ON COLUMN ddb.streams.captured_at IS 'since when the stream is captured; NULL: ENABLING';
COMMENT ON COLUMN ddb.trigger_states.suspects IS 'so many of the next records failed as one batch, which is bisected; 0: none';
