/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

CREATE FUNCTION ddb_jsonb(document json) RETURNS jsonb
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_jsonb(json) IS
  'JSON that may have U+0000 and U+0001, as jsonb for the other functions: U+0000 as \u0001\u0001, U+0001 as \u0001\u0002';
CREATE FUNCTION ddb_json(document jsonb) RETURNS json
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_json(jsonb) IS 'the inverse of ddb_jsonb: JSON with the true characters';
