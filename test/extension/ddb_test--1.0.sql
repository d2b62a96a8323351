/* ddb_test--1.0.sql: parts of ddb that have no other door, for its tests. */

\echo Use "CREATE EXTENSION ddb_test" to load this file. \quit

CREATE SCHEMA ddb_test;
COMMENT ON SCHEMA ddb_test IS 'functions for tests of the extension ddb';
GRANT USAGE ON SCHEMA ddb_test TO PUBLIC;

-- ---------------------------------------------------------------------------
-- 1. Attribute values
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_test.value_compare(a jsonb, b jsonb) RETURNS integer
  AS 'MODULE_PATHNAME', 'ddb_sql_value_compare' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.value_compare(jsonb, jsonb) IS
  'order of two S, N or B attribute values: -1, 0, 1, or null for different types';

CREATE FUNCTION ddb_test.value_equal(a jsonb, b jsonb) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_sql_value_equal' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.value_equal(jsonb, jsonb) IS
  'whether two attribute values are the same: numbers by value, sets without order';

CREATE FUNCTION ddb_test.set_contains(set jsonb, element jsonb) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_sql_set_contains' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.set_contains(jsonb, jsonb) IS
  'whether an SS, NS or BS attribute value holds an S, N or B';

CREATE FUNCTION ddb_test.number_add(a jsonb, b jsonb, subtract boolean DEFAULT false) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_sql_number_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.number_add(jsonb, jsonb, boolean) IS
  'sum or difference of two N attribute values';

CREATE FUNCTION ddb_test.key_roundtrip(value jsonb) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'ddb_sql_key_roundtrip' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.key_roundtrip(jsonb) IS
  'an S, N or B attribute value after a trip through its key column''s type';

-- ---------------------------------------------------------------------------
-- 2. Expressions
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_test.condition(expression text, item jsonb, names jsonb DEFAULT NULL,
                                   "values" jsonb DEFAULT NULL, filter boolean DEFAULT false)
RETURNS boolean
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_condition';
COMMENT ON FUNCTION ddb_test.condition(text, jsonb, jsonb, jsonb, boolean) IS
  'whether an item (NULL for none) meets a ConditionExpression, or a FilterExpression';

CREATE FUNCTION ddb_test.update_item(expression text, item jsonb, names jsonb DEFAULT NULL,
                                     "values" jsonb DEFAULT NULL, return_values text DEFAULT 'ALL_NEW')
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_update_item';
COMMENT ON FUNCTION ddb_test.update_item(text, jsonb, jsonb, jsonb, text) IS
  'the item after an UpdateExpression, or what UPDATED_OLD or UPDATED_NEW return of it';

CREATE FUNCTION ddb_test.project(expression text, item jsonb, names jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_project';
COMMENT ON FUNCTION ddb_test.project(text, jsonb, jsonb) IS
  'what a ProjectionExpression takes of an item';

CREATE FUNCTION ddb_test.key_condition(expression text, names jsonb DEFAULT NULL,
                                       "values" jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE C IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'ddb_expr_key_condition';
COMMENT ON FUNCTION ddb_test.key_condition(text, jsonb, jsonb) IS
  'the terms of a KeyConditionExpression';

-- ---------------------------------------------------------------------------
-- 3. Triggers
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_test.filter_matches(pattern jsonb, record jsonb) RETURNS boolean
  AS 'MODULE_PATHNAME', 'ddb_sql_filter_matches' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb_test.filter_matches(jsonb, jsonb) IS 'whether a trigger with this filter gets this record';

-- ---------------------------------------------------------------------------
-- 4. Signatures
-- ---------------------------------------------------------------------------

-- Requests as method, target, headers ("Name: value") and body.
CREATE FUNCTION ddb_test.canonical_request(method text, target text, headers text[], body bytea DEFAULT '')
  RETURNS text
  AS 'MODULE_PATHNAME', 'ddb_sql_canonical_request' LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ddb_test.canonical_request(text, text, text[], bytea) IS 'what Signature Version 4 signs of a request';

CREATE FUNCTION ddb_test.sigv4_check(method text, target text, headers text[], body bytea,
                                     secret_access_key text, service text DEFAULT 'dynamodb',
                                     at timestamptz DEFAULT now())
  RETURNS text
  AS 'MODULE_PATHNAME', 'ddb_sql_sigv4_check' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_test.sigv4_check(text, text, text[], bytea, text, text, timestamptz) IS
  'verifies a request''s signature; the id of its access key';

CREATE FUNCTION ddb_test.authenticate(method text, target text, headers text[], body bytea,
                                      loopback boolean DEFAULT true)
  RETURNS text
  AS 'MODULE_PATHNAME', 'ddb_sql_authenticate' LANGUAGE C STRICT;
COMMENT ON FUNCTION ddb_test.authenticate(text, text, text[], bytea, boolean) IS
  'the role that the HTTP endpoint would run a request as';
REVOKE EXECUTE ON FUNCTION ddb_test.authenticate(text, text, text[], bytea, boolean) FROM PUBLIC;

-- ---------------------------------------------------------------------------
-- 5. Requests
-- ---------------------------------------------------------------------------

CREATE FUNCTION ddb_test.operations() RETURNS text[]
  AS 'MODULE_PATHNAME', 'ddb_sql_operations' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ddb_test.operations() IS 'the operations of the API that ddb knows';

CREATE FUNCTION ddb_test.unread_members(operation text, requests jsonb[]) RETURNS text[]
  AS 'MODULE_PATHNAME', 'ddb_sql_unread_members' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ddb_test.unread_members(text, jsonb[]) IS
  'answers requests of an operation and gives the members of its shape that none of them had or no handler read';
