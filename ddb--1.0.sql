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
--
--   CREATE UNIQUE INDEX ON t USING ddb (pk ddb.text_partition_ops, sk);
--
-- The columns of a partition class, which lead, are ordered by hash; those
-- behind them natively.  A row with a NULL in a key column is not in the index.

CREATE FUNCTION ddb.index_handler(internal) RETURNS index_am_handler
AS 'MODULE_PATHNAME', 'ddb_index_handler' LANGUAGE C;
COMMENT ON FUNCTION ddb.index_handler(internal) IS 'handler of the index access method ddb';

CREATE ACCESS METHOD ddb TYPE INDEX HANDLER ddb.index_handler;
COMMENT ON ACCESS METHOD ddb IS 'hash-ordered partition columns, ordered sort columns, sparse';

-- Sort columns: the native order, and the default class of each type.

CREATE OPERATOR CLASS ddb.text_ops DEFAULT FOR TYPE text USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 bttextcmp(text, text),
  FUNCTION 2 bttextsortsupport(internal),
  FUNCTION 4 btvarstrequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.text_ops USING ddb IS 'sort column: native order';

CREATE OPERATOR CLASS ddb.numeric_ops DEFAULT FOR TYPE numeric USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 numeric_cmp(numeric, numeric),
  FUNCTION 2 numeric_sortsupport(internal);
COMMENT ON OPERATOR CLASS ddb.numeric_ops USING ddb IS 'sort column: native order';

CREATE OPERATOR CLASS ddb.bytea_ops DEFAULT FOR TYPE bytea USING ddb AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
  FUNCTION 1 byteacmp(bytea, bytea),
  FUNCTION 2 bytea_sortsupport(internal),
  FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS ddb.bytea_ops USING ddb IS 'sort column: native order';

-- Partition columns: for each type T
--
--   ddb.partition_hash(T) -> bigint         the stable hash
--   ddb.<#  <=#  >=#  >#  (T, T)            order by hash, then by value
--   ddb.<#  <=#  >=#  >#  (T, bigint)       the hash against a number
--   ddb.T_partition_ops                     the class for ddb indexes
--   ddb.T_partition_order                   a btree class: how the planner
--                                           knows this order from the native

DO $$
DECLARE
  t text;
  op record;
  equalimage text;
BEGIN
  FOREACH t IN ARRAY ARRAY['text', 'numeric', 'bytea'] LOOP
    EXECUTE format($f$CREATE FUNCTION ddb.partition_hash(%1$s) RETURNS bigint
      AS 'MODULE_PATHNAME', 'ddb_partition_hash_%1$s' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t);
    EXECUTE format($f$COMMENT ON FUNCTION ddb.partition_hash(%1$s) IS
      'stable 64-bit hash of a partition key'$f$, t);

    EXECUTE format($f$CREATE FUNCTION ddb.%1$s_partition_cmp(%1$s, %1$s) RETURNS integer
      AS 'MODULE_PATHNAME', 'ddb_%1$s_partition_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t);
    EXECUTE format($f$COMMENT ON FUNCTION ddb.%1$s_partition_cmp(%1$s, %1$s) IS
      'compares by hash, then by value'$f$, t);
    EXECUTE format($f$CREATE FUNCTION ddb.%1$s_hash_cmp(%1$s, bigint) RETURNS integer
      AS 'MODULE_PATHNAME', 'ddb_%1$s_hash_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t);
    EXECUTE format($f$COMMENT ON FUNCTION ddb.%1$s_hash_cmp(%1$s, bigint) IS
      'compares the hash with a number'$f$, t);
    EXECUTE format($f$CREATE FUNCTION ddb.%1$s_partition_sortsupport(internal) RETURNS void
      AS 'MODULE_PATHNAME', 'ddb_%1$s_partition_sortsupport' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t);
    EXECUTE format($f$COMMENT ON FUNCTION ddb.%1$s_partition_sortsupport(internal) IS
      'sort support, abbreviated to the hash'$f$, t);

    FOR op IN
      SELECT * FROM (VALUES ('lt', '<#',  '>#',  '>=#', 'scalarlt'),
                            ('le', '<=#', '>=#', '>#',  'scalarle'),
                            ('ge', '>=#', '<=#', '<#',  'scalarge'),
                            ('gt', '>#',  '<#',  '<=#', 'scalargt'))
        AS v(name, sign, commutator, negator, estimator)
    LOOP
      EXECUTE format($f$CREATE FUNCTION ddb.%1$s_partition_%2$s(%1$s, %1$s) RETURNS boolean
        AS 'MODULE_PATHNAME', 'ddb_%1$s_partition_%2$s' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t, op.name);
      EXECUTE format($f$COMMENT ON FUNCTION ddb.%1$s_partition_%2$s(%1$s, %1$s) IS
        'implementation of operator ddb.%3$s'$f$, t, op.name, op.sign);
      EXECUTE format($f$CREATE OPERATOR ddb.%3$s (
        FUNCTION = ddb.%1$s_partition_%2$s, LEFTARG = %1$s, RIGHTARG = %1$s,
        COMMUTATOR = OPERATOR(ddb.%4$s), NEGATOR = OPERATOR(ddb.%5$s),
        RESTRICT = %6$ssel, JOIN = %6$sjoinsel)$f$,
        t, op.name, op.sign, op.commutator, op.negator, op.estimator);
      EXECUTE format($f$COMMENT ON OPERATOR ddb.%2$s (%1$s, %1$s) IS
        'compares by hash, then by value'$f$, t, op.sign);

      EXECUTE format($f$CREATE FUNCTION ddb.%1$s_hash_%2$s(%1$s, bigint) RETURNS boolean
        AS 'MODULE_PATHNAME', 'ddb_%1$s_hash_%2$s' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE$f$, t, op.name);
      EXECUTE format($f$COMMENT ON FUNCTION ddb.%1$s_hash_%2$s(%1$s, bigint) IS
        'implementation of operator ddb.%3$s'$f$, t, op.name, op.sign);
      EXECUTE format($f$CREATE OPERATOR ddb.%3$s (
        FUNCTION = ddb.%1$s_hash_%2$s, LEFTARG = %1$s, RIGHTARG = bigint,
        NEGATOR = OPERATOR(ddb.%4$s), RESTRICT = %5$ssel)$f$,
        t, op.name, op.sign, op.negator, op.estimator);
      EXECUTE format($f$COMMENT ON OPERATOR ddb.%2$s (%1$s, bigint) IS
        'compares the hash with a number'$f$, t, op.sign);
    END LOOP;

    -- equal numerics may differ in their display scale
    equalimage := CASE WHEN t <> 'numeric' THEN ', FUNCTION 4 btequalimage(oid)' ELSE '' END;
    EXECUTE format($f$CREATE OPERATOR CLASS ddb.%1$s_partition_ops FOR TYPE %1$s USING ddb AS
      OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
      OPERATOR 1 ddb.<# (%1$s, bigint), OPERATOR 2 ddb.<=# (%1$s, bigint),
      OPERATOR 4 ddb.>=# (%1$s, bigint), OPERATOR 5 ddb.># (%1$s, bigint),
      FUNCTION 1 ddb.%1$s_partition_cmp(%1$s, %1$s),
      FUNCTION 1 (%1$s, bigint) ddb.%1$s_hash_cmp(%1$s, bigint),
      FUNCTION 2 ddb.%1$s_partition_sortsupport(internal) %2$s$f$, t, equalimage);
    EXECUTE format($f$COMMENT ON OPERATOR CLASS ddb.%1$s_partition_ops USING ddb IS
      'partition column: ordered by hash'$f$, t);
    EXECUTE format($f$CREATE OPERATOR CLASS ddb.%1$s_partition_order FOR TYPE %1$s USING btree AS
      OPERATOR 1 ddb.<#, OPERATOR 2 ddb.<=#, OPERATOR 3 =, OPERATOR 4 ddb.>=#, OPERATOR 5 ddb.>#,
      FUNCTION 1 ddb.%1$s_partition_cmp(%1$s, %1$s),
      FUNCTION 2 ddb.%1$s_partition_sortsupport(internal)$f$, t);
    EXECUTE format($f$COMMENT ON OPERATOR CLASS ddb.%1$s_partition_order USING btree IS
      'the order of ddb.%1$s_partition_ops, for the planner'$f$, t);
  END LOOP;
END $$;

CREATE FUNCTION ddb.hash_segment(segment integer, total integer, OUT low bigint, OUT high bigint)
AS 'MODULE_PATHNAME', 'ddb_hash_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ddb.hash_segment(integer, integer) IS
  'the range of partition hashes, both ends inclusive, of one of total scan segments (from 0)';

CREATE FUNCTION ddb_index_check(index regclass) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ddb_index_check(regclass) IS
  'verifies an index of access method ddb against its table; the number of entries checked';

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
