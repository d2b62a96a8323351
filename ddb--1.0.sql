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

CREATE FUNCTION ddb.value_compare(a jsonb, b jsonb) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_sql_value_compare' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.value_compare(jsonb, jsonb) IS
  'order of two S, N or B attribute values: -1, 0, 1, or null for different types';

CREATE FUNCTION ddb.value_equal(a jsonb, b jsonb) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_sql_value_equal' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.value_equal(jsonb, jsonb) IS
  'whether two attribute values are the same: numbers by value, sets without order';

CREATE FUNCTION ddb.set_contains(set jsonb, element jsonb) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_sql_set_contains' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.set_contains(jsonb, jsonb) IS
  'whether an SS, NS or BS attribute value holds an S, N or B';

CREATE FUNCTION ddb.number_add(a jsonb, b jsonb, subtract boolean DEFAULT false) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_sql_number_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.number_add(jsonb, jsonb, boolean) IS
  'sum or difference of two N attribute values';

CREATE FUNCTION ddb.key_roundtrip(value jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_sql_key_roundtrip' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.key_roundtrip(jsonb) IS
  'an S, N or B attribute value after a trip through its key column''s type';

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

CREATE FUNCTION ddb.condition(expression text, item jsonb, names jsonb DEFAULT NULL,
                              "values" jsonb DEFAULT NULL, filter boolean DEFAULT false)
RETURNS boolean
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_condition';
COMMENT ON FUNCTION ddb.condition(text, jsonb, jsonb, jsonb, boolean) IS
  'whether an item (NULL for none) meets a ConditionExpression, or a FilterExpression';

CREATE FUNCTION ddb.update_item(expression text, item jsonb, names jsonb DEFAULT NULL,
                                "values" jsonb DEFAULT NULL, return_values text DEFAULT 'ALL_NEW')
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_update_item';
COMMENT ON FUNCTION ddb.update_item(text, jsonb, jsonb, jsonb, text) IS
  'the item after an UpdateExpression, or what UPDATED_OLD or UPDATED_NEW return of it';

CREATE FUNCTION ddb.project(expression text, item jsonb, names jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_project';
COMMENT ON FUNCTION ddb.project(text, jsonb, jsonb) IS
  'what a ProjectionExpression takes of an item';

CREATE FUNCTION ddb.key_condition(expression text, names jsonb DEFAULT NULL,
                                  "values" jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_key_condition';
COMMENT ON FUNCTION ddb.key_condition(text, jsonb, jsonb) IS
  'the terms of a KeyConditionExpression';
