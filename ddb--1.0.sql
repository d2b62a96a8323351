/* ddb--1.0.sql: the objects of the extension, in the order a user meets them. */

\echo Use "CREATE EXTENSION ddb" to load this file. \quit

-- ---------------------------------------------------------------------------
-- 0. Schemas
-- ---------------------------------------------------------------------------

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
-- 1. Attribute values
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

-- ---------------------------------------------------------------------------
-- 2. The index access method
-- ---------------------------------------------------------------------------

-- ---------------------------------------------------------------------------
-- 3. Catalog
-- ---------------------------------------------------------------------------

-- ---------------------------------------------------------------------------
-- 4. Tables
-- ---------------------------------------------------------------------------

-- ---------------------------------------------------------------------------
-- 5. Items
-- ---------------------------------------------------------------------------

-- ---------------------------------------------------------------------------
-- 6. Import
-- ---------------------------------------------------------------------------

-- ---------------------------------------------------------------------------
-- 7. Expressions (internals for tests)
-- ---------------------------------------------------------------------------
