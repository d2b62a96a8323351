-- Errors as a client sees them; failed calls change nothing; neither failed nor
-- good calls, however many, use up the session's memory.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(46);

SELECT ddb_create_table('Errors', 'pk S', 'sk N', global_indexes => '{"gsi": {"partition_key": "g S", "projection": "KEYS_ONLY"}}', local_indexes => '{"lsi": {"sort_key": "l S"}}') \g /dev/null
SELECT count(ddb_put('Errors', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 3), 'sk', jsonb_build_object('N', i::text), 'g', '{"S": "g"}'::jsonb, 'v', jsonb_build_object('N', i::text)))) FROM generate_series(1, 30) i \g /dev/null

-- SQLSTATE, exception name, message
CREATE FUNCTION pg_temp.error(q text, OUT state text, OUT exception text, OUT message text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE q;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, exception = PG_DATATYPE_NAME, message = MESSAGE_TEXT;
END $$;
CREATE TEMP TABLE bad (q text, state text, exception text, message text);
INSERT INTO bad VALUES
  ($$SELECT ddb_put('Errors', '{"pk": {"S": "p"}}')$$, 'DY001', 'ValidationException', 'One or more parameter values were invalid: Missing the key sk in the item'),
  ($$SELECT ddb_put('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'v > :v', "values" => '{":v": {"N": "3"}}')$$, 'DY002', 'ConditionalCheckFailedException', 'The conditional request failed'),
  ($$SELECT ddb_put('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}, "g": {"N": "3"}}')$$, 'DY001', 'ValidationException', 'One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi'),
  ($$SELECT ddb_update('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'ADD v :s', "values" => '{":s": {"NS": ["1"]}}')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_update('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'SET v = v + :s', "values" => '{":s": {"N": "99999999999999999999999999999999999999E87"}}')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_update('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'SET g = :s', "values" => '{":s": {"S": ""}}')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_update('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'SET')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_delete('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', 'attribute_not_exists(pk)')$$, 'DY002', 'ConditionalCheckFailedException', 'The conditional request failed'),
  ($$SELECT ddb_delete('Errors', '{"pk": {"S": "p0"}}')$$, 'DY001', 'ValidationException', 'The provided key element does not match the schema'),
  ($$SELECT ddb_get('Missing', '{"pk": {"S": "p0"}}')$$, 'DY003', 'ResourceNotFoundException', 'Requested resource not found'),
  ($$SELECT ddb_query('Errors', 'pk = :p', '{":p": {"S": "p0"}}', index_name => 'none')$$, 'DY001', 'ValidationException', 'The table does not have the specified index: none'),
  ($$SELECT ddb_query('Errors', 'pk == :p', '{":p": {"S": "p0"}}')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_scan('Errors', 'size(v, v) > :p', '{":p": {"N": "0"}}')$$, 'DY001', 'ValidationException', NULL),
  ($$SELECT ddb_create_table('Errors', 'pk S')$$, 'DY004', 'ResourceInUseException', 'Table already exists: Errors'),
  ($$SELECT ddb_put('Errors', '{"pk": {"S": 1}, "sk": {"N": "1"}}')$$, 'DY011', 'SerializationException', 'NUMBER_VALUE cannot be converted to String'),
  ($$SELECT ddb_put('Errors', '{"pk": {"X": "1"}, "sk": {"N": "1"}}')$$, 'DY001', 'ValidationException', '1 validation error detected: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');

CREATE TEMP TABLE before AS SELECT * FROM ddb_data."Errors";
SELECT is(concat_ws(' ', e.state, e.exception, CASE WHEN b.message IS NOT NULL THEN e.message END), concat_ws(' ', b.state, b.exception, b.message), q)
FROM bad b, pg_temp.error(q) e;
SELECT set_eq('SELECT item FROM ddb_data."Errors"', 'SELECT item FROM before', 'failed calls changed nothing');
SELECT is((SELECT count(*) FROM ddb_query('Errors', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi')), 30::bigint, 'in no index');

-- what is wrong with parameters has a mark of its own, and the same words at both
-- doors: in the writes of a single item those of a constraint, in others none
CREATE FUNCTION pg_temp.marked(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE mark text; message text;
BEGIN
  EXECUTE q;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS mark = CONSTRAINT_NAME, message = MESSAGE_TEXT;
  RETURN concat_ws(': ', nullif(mark, ''), message);
END $$;
CREATE TEMP TABLE worded (label text, sql text, operation text, request text, expected text);
INSERT INTO worded VALUES
  ('a put''s set', $$ddb_put('Errors', '{"pk": {"S": "p"}, "sk": {"N": "1"}, "s": {"SS": []}}')$$,
   'PutItem', '{"Item": {"pk": {"S": "p"}, "sk": {"N": "1"}, "s": {"SS": []}}}',
   '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty'),
  ('a put''s number', $$ddb_put('Errors', '{"pk": {"S": "p"}, "sk": {"N": "x"}}')$$,
   'PutItem', '{"Item": {"pk": {"S": "p"}, "sk": {"N": "x"}}}',
   '1 validation error detected: The parameter cannot be converted to a numeric value: x'),
  ('an update''s set', $$ddb_update('Errors', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'SET a = :v', "values" => '{":v": {"NS": ["1", "1.0"]}}')$$,
   'UpdateItem', '{"Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"NS": ["1", "1.0"]}}}',
   '1 validation error detected: One or more parameter values were invalid: Input collection contains duplicates.'),
  ('an update''s number', $$ddb_update('Errors', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'SET a = :v', "values" => '{":v": {"N": "x"}}')$$,
   'UpdateItem', '{"Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"N": "x"}}}',
   '1 validation error detected: The parameter cannot be converted to a numeric value: x'),
  ('a delete''s set', $$ddb_delete('Errors', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'a = :v', "values" => '{":v": {"NS": ["1", "1.0"]}}')$$,
   'DeleteItem', '{"Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"NS": ["1", "1.0"]}}}',
   '1 validation error detected: One or more parameter values were invalid: Input collection contains duplicates.'),
  ('a transaction''s set', $$ddb_transact_write('[{"Update": {"TableName": "Errors", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"NS": ["1", "1.0"]}}}}]')$$,
   'TransactWriteItems', '{"TransactItems": [{"Update": {"TableName": "Errors", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"NS": ["1", "1.0"]}}}}]}',
   'parameters: One or more parameter values were invalid: Input collection contains duplicates.');
SELECT is(pg_temp.marked('SELECT ' || sql), expected, label) FROM worded;
SELECT is(pg_temp.marked(format('SELECT ddb_request(%L, %L)', operation,
  CASE WHEN request LIKE '{"T%' THEN '{}' ELSE '{"TableName": "Errors"}' END::jsonb || request::jsonb)), expected, label || ', through ddb_request') FROM worded;

-- one failing call in a statement takes the others with it
SELECT throws_ok($$SELECT ddb_put('Errors', jsonb_build_object('pk', '{"S": "many"}'::jsonb, 'sk', jsonb_build_object('N', CASE i WHEN 90 THEN 'x' ELSE i::text END))) FROM generate_series(1, 100) i$$,
  'DY001', '1 validation error detected: The parameter cannot be converted to a numeric value: x', 'a statement of a hundred puts');
SELECT is((SELECT count(*) FROM ddb_query('Errors', 'pk = :p', '{":p": {"S": "many"}}')), 0::bigint, 'is all or nothing');
SELECT is(ddb_put('Errors', '{"pk": {"S": "many"}, "sk": {"N": "1"}}', 'attribute_not_exists(pk)'), NULL, 'and its keys are free');

-- memory
CREATE FUNCTION pg_temp.fail(times int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR i IN 1..times LOOP
    FOR r IN SELECT q FROM bad LOOP
      BEGIN
        EXECUTE r.q;
        RAISE EXCEPTION 'no error: %', r.q USING ERRCODE = 'assert_failure';
      EXCEPTION WHEN SQLSTATE 'DY001' OR SQLSTATE 'DY002' OR SQLSTATE 'DY003' OR SQLSTATE 'DY004' OR SQLSTATE 'DY011' THEN NULL;
      END;
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.good(times int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..times LOOP
    PERFORM ddb_put('Errors', jsonb_build_object('pk', '{"S": "m"}'::jsonb, 'sk', jsonb_build_object('N', (i % 10)::text), 'g', jsonb_build_object('S', (i % 3)::text), 'v', jsonb_build_object('N', i::text)),
                    'attribute_not_exists(pk) OR v < :v', "values" => '{":v": {"N": "1000000"}}', return_values => 'ALL_OLD');
    PERFORM ddb_update('Errors', jsonb_build_object('pk', '{"S": "m"}'::jsonb, 'sk', jsonb_build_object('N', (i % 10)::text)), 'ADD v :one SET l = :l', "values" => '{":one": {"N": "1"}, ":l": {"S": "l"}}', return_values => 'UPDATED_NEW');
    PERFORM ddb_get('Errors', jsonb_build_object('pk', '{"S": "m"}'::jsonb, 'sk', jsonb_build_object('N', (i % 10)::text)), 'v, l');
    PERFORM ddb_query('Errors', 'pk = :p', '{":p": {"S": "m"}}', filter => 'v > :p', projection => 'v', index_name => 'lsi', max_items => 3);
    PERFORM * FROM ddb_scan('Errors', index_name => 'gsi', max_items => 3);
    PERFORM (SELECT ddb_scan('Errors') LIMIT 1);
    PERFORM ddb_delete('Errors', jsonb_build_object('pk', '{"S": "m"}'::jsonb, 'sk', jsonb_build_object('N', (i % 10)::text)));
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.expressions(start int, times int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN start..start + times LOOP
    PERFORM ddb_get('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}', format('a%s.b[%s], c%s', i, i % 10, i));
    PERFORM ddb_scan('Errors', format('attribute_exists(a%s) AND size(b%s) > :n', i, i), '{":n": {"N": "1"}}');
    BEGIN
      PERFORM ddb_scan('Errors', format('a%s = = b', i));
    EXCEPTION WHEN SQLSTATE 'DY001' THEN NULL;
    END;
  END LOOP;
END $$;
-- contexts that live as long as the session, and all they hold
CREATE FUNCTION pg_temp.lasting() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts
  WHERE name IN ('TopMemoryContext', 'CacheMemoryContext', 'ddb tables', 'ddb expressions', 'ddb table', 'ddb table descriptors', 'ddb expression')
$$;
CREATE FUNCTION pg_temp.contexts() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'ddb%' $$;
CREATE TEMP TABLE memory (at text PRIMARY KEY, bytes bigint, contexts bigint);
CREATE FUNCTION pg_temp.note(text) RETURNS void LANGUAGE sql AS $$ INSERT INTO memory VALUES ($1, pg_temp.lasting(), pg_temp.contexts()) $$;
CREATE FUNCTION pg_temp.growth(a text, b text) RETURNS bigint LANGUAGE sql AS $$ SELECT n.bytes - o.bytes FROM memory o, memory n WHERE o.at = a AND n.at = b $$;

SELECT pg_temp.fail(20), pg_temp.good(50) \g /dev/null
SELECT pg_temp.note('start') \g /dev/null
SELECT pg_temp.fail(400) \g /dev/null
SELECT pg_temp.note('failed') \g /dev/null
SELECT pg_temp.good(1000) \g /dev/null
SELECT pg_temp.note('good') \g /dev/null
SELECT cmp_ok(pg_temp.growth('start', 'failed'), '<', 65536::bigint, '6400 failing calls leave no memory behind');
SELECT cmp_ok(pg_temp.growth('failed', 'good'), '<', 65536::bigint, 'nor do 7000 good ones');
SELECT is((SELECT contexts FROM memory WHERE at = 'good'), (SELECT contexts FROM memory WHERE at = 'start'), 'nor contexts');
SELECT pg_temp.expressions(1, 1000) \g /dev/null
SELECT pg_temp.note('expressions') \g /dev/null
SELECT pg_temp.expressions(2000, 2000) \g /dev/null
SELECT pg_temp.note('more expressions') \g /dev/null
SELECT cmp_ok(pg_temp.growth('expressions', 'more expressions'), '<', 65536::bigint, 'the cache of expressions is bounded');
SELECT cmp_ok((SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'ddb expression'), '<=', 300::bigint, 'in number, too');

-- tables that come and go
CREATE FUNCTION pg_temp.tables(start int, times int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN start..start + times LOOP
    BEGIN
      PERFORM ddb_create_table('Gone' || i, 'pk S');
      PERFORM ddb_put('Gone' || i, '{"pk": {"S": "x"}}');
      PERFORM ddb_delete_table('Gone' || i);
      RAISE EXCEPTION USING ERRCODE = 'XY001';
    EXCEPTION WHEN SQLSTATE 'XY001' THEN NULL;
    END;
  END LOOP;
END $$;
SELECT pg_temp.tables(1, 60) \g /dev/null
SELECT is((SELECT count(*) FROM pg_class WHERE relname LIKE 'Gone%'), 0::bigint, 'tables made and dropped');

-- a failing call within a read that goes on
CREATE FUNCTION pg_temp.fail_within() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r jsonb; n bigint := 0;
BEGIN
  FOR r IN SELECT ddb_query('Errors', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi') LOOP
    BEGIN
      PERFORM (SELECT ddb_scan('Errors', 'size(v) > :g', '{":g": {"S": "x"}}') LIMIT 1);
      PERFORM ddb_put('Errors', r - 'sk');
    EXCEPTION WHEN SQLSTATE 'DY001' THEN n := n + 1;
    END;
  END LOOP;
  RETURN n;
END $$;
SELECT is(pg_temp.fail_within(), 30::bigint, 'errors within a loop over a query');
SELECT is((SELECT count(*) FROM ddb_query('Errors', 'g = :g', '{":g": {"S": "g"}}', index_name => 'gsi')), 30::bigint, 'which goes on');

-- rights: those on the data table
CREATE ROLE ddb_test_reader;
GRANT SELECT ON ddb_data."Errors" TO ddb_test_reader;
SET LOCAL ROLE ddb_test_reader;
SELECT is(ddb_get('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}') -> 'v', '{"N": "3"}', 'a reader may read');
SELECT throws_ok($$SELECT ddb_put('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}')$$, '42501', NULL, 'but not put');
SELECT throws_ok($$SELECT ddb_delete('Errors', '{"pk": {"S": "p0"}, "sk": {"N": "3"}}')$$, '42501', NULL, 'nor delete');
SELECT throws_ok($$SELECT ddb_import('Errors', 'SELECT 1')$$, '42501', NULL, 'nor import');
SELECT throws_ok($$SELECT ddb_delete_table('Errors')$$, '42501', NULL, 'nor drop the table');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
