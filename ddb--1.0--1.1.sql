/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

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
