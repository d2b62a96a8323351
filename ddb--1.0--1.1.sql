/* ddb--1.0--1.1.sql: from the objects of version 1.0 to those of ddb--1.1.sql, in its order. */

\echo Use "ALTER EXTENSION ddb UPDATE TO '1.1'" to load this file. \quit

COMMENT ON VIEW ddb_metrics IS
  'what the HTTP endpoint did since the server started, as GET /metrics does, by table: requests, errors, latencies, connections, '
  'commit batches, retries; empty when ddb is not preloaded';
