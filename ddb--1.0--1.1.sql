/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

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

COMMENT ON VIEW ddb_metrics IS
  'what the HTTP endpoint did since the server started, as GET /metrics does, by table: requests, errors, latencies, connections, '
  'commit batches, retries; empty when ddb is not preloaded';
