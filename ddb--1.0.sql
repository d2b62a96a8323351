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
