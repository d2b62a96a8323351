-- PartiQL: BatchExecuteStatement and ExecuteTransaction.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(75);

\ir ../psql/partiql.psql
SELECT ddb_create_table('Bat', 'pk S', 'sk S', global_indexes => '{"gsi": {"partition_key": "g S"}, "two": {"partition_key": "g S, h S"}}') \g /dev/null
SELECT ddb_create_table('One', 'pk S') \g /dev/null
CREATE FUNCTION pg_temp.put(pk text, sk text, attributes jsonb DEFAULT '{}') RETURNS void LANGUAGE sql VOLATILE AS $$
  SELECT ddb_put('Bat', jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('S', sk)) || attributes)
$$;
CREATE FUNCTION pg_temp.there(pk text, sk text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_get('Bat', jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('S', sk))) - 'pk' - 'sk'
$$;
CREATE FUNCTION pg_temp.batch_request(statements text[], rest jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('Statements', (SELECT jsonb_agg(jsonb_build_object('Statement', s) ORDER BY o) FROM unnest(statements) WITH ORDINALITY x(s, o))) || rest
$$;
CREATE FUNCTION pg_temp.batch(statements text[], rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('BatchExecuteStatement', pg_temp.batch_request(statements, rest))
$$;
CREATE FUNCTION pg_temp.batch_error(statements text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.request_error('BatchExecuteStatement', pg_temp.batch_request(statements, '{}'))
$$;
-- the answer to one member
CREATE FUNCTION pg_temp.member(statement text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.batch(ARRAY[statement]) #> '{Responses,0}'
$$;
CREATE FUNCTION pg_temp.failure(code text, message text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('Error', jsonb_build_object('Code', code, 'Message', message))
$$;
SELECT pg_temp.put('a', i::text, jsonb_build_object('n', jsonb_build_object('N', i::text))) FROM generate_series(1, 5) i \g /dev/null

-- 9 BatchExecuteStatement: reads
SELECT is(pg_temp.batch(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''', 'SELECT n FROM "Bat" WHERE sk = ''2'' AND pk IN [''a'']', 'SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''none''']),
  '{"Responses": [{"TableName": "Bat", "Item": {"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "1"}}}, {"TableName": "Bat", "Item": {"n": {"N": "2"}}}, {"TableName": "Bat"}]}', '9: three reads');
SELECT is(pg_temp.member('SELECT * FROM "Bat"' || w), pg_temp.failure('ValidationError', 'Select statements within BatchExecuteStatement must specify the primary key in the where clause.'), '9: SELECT' || w) FROM unnest(ARRAY[
  '', ' WHERE pk = ''a''', ' WHERE pk = ''a'' AND sk > ''1''', ' WHERE pk = ''a'' AND sk IN [''1'', ''2'']', ' WHERE pk = ''a'' AND sk = ''1'' AND n = 1', ' WHERE pk = ''a'' AND sk = ''1'' AND attribute_exists(n)', ' WHERE (pk = ''a'' AND sk = ''1'') OR (pk = ''a'' AND sk = ''2'')']) w;
SELECT is(pg_temp.member('SELECT * FROM "Bat"."gsi" WHERE g = ''x'''), pg_temp.failure('ValidationError', 'Select statements within BatchExecuteStatement must specify the primary key in the where clause.'), '9: no index');
SELECT is(pg_temp.member('SELECT * FROM "Bat" WHERE pk IN [' || (SELECT string_agg(quote_literal(i), ',') FROM generate_series(1, 51) i) || ']'), pg_temp.failure('ValidationError', 'Too many decomposed read operations for a given query.'), '9: too many reads come first');
SELECT is(pg_temp.member('SELECT * FROM "Bat"."two"'), pg_temp.failure('ValidationError', 'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.'), '9: so do keys of several attributes');
SELECT is(pg_temp.member(s), pg_temp.failure(c, m), '9: ' || s) FROM (VALUES
  ('SELECT * FROM "None" WHERE pk = ''a''', 'ResourceNotFound', 'Requested resource not found'), ('SELECT', 'ValidationError', 'Statement wasn''t well formed, can''t be processed: Unexpected term'),
  ('SELECT * FROM "Bat" WHERE pk = 1 AND sk = ''1''', 'ValidationError', 'Key attribute''s data type should match its data type in table''s schema: Key pk'),
  ('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'')', 'ValidationError', 'EXISTS can only be used in ExecuteTransaction write requests.')) AS x(s, c, m);
SELECT is(ddb_request('BatchExecuteStatement', '{"Statements": [{"Statement": "SELECT * FROM \"Bat\" WHERE pk = ? AND sk = ?", "Parameters": [{"N": "x"}, {"S": "1"}]}]}') #> '{Responses,0}', pg_temp.failure('ValidationError', 'The parameter cannot be converted to a numeric value: x'), '3: a parameter''s problem is the member''s');
SELECT is(pg_temp.batch(ARRAY['SELECT nothing', 'SELECT n FROM "Bat" WHERE pk = ''a'' AND sk = ''3''']) #> '{Responses,1}', '{"TableName": "Bat", "Item": {"n": {"N": "3"}}}', '9: a member''s failure fails only it');
SELECT is(pg_temp.batch_error(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''', 'SELECT n FROM "Bat" WHERE sk = ''1'' AND pk = ''a''']), 'Provided list of item keys contains duplicates', '9: two reads of one item');
SELECT is(pg_temp.batch_error(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''', 'DELETE FROM "Bat" WHERE sk = ''1'' AND pk = ''a''']), 'BatchExecuteStatement API does not support both read and write operations in the same request.', '9: reads and writes');
-- writes
SELECT is(pg_temp.batch(ARRAY['INSERT INTO "Bat" VALUE {''pk'': ''b'', ''sk'': ''1'', ''n'': 1}', 'INSERT INTO "Bat" VALUE {''pk'': ''b'', ''sk'': ''1'', ''n'': 2}', 'UPDATE "Bat" SET n = n + 1 WHERE pk = ''b'' AND sk = ''1'' RETURNING MODIFIED NEW *',
    'UPDATE "Bat" SET n = n + 1 WHERE pk = ''b'' AND sk = ''1'' AND n = 99', 'UPDATE "Bat" SET fresh = 1 WHERE pk = ''b'' AND sk = ''1'' RETURNING MODIFIED OLD *', 'DELETE FROM "None" WHERE pk = ''a''', 'DELETE FROM "Bat" WHERE pk = ''b''', 'INSERT INTO "One" VALUE {''pk'': ''o''}']) -> 'Responses',
  jsonb_build_array('{"TableName": "Bat"}'::jsonb, pg_temp.failure('DuplicateItem', 'Duplicate primary key exists in table') || '{"TableName": "Bat"}', '{"TableName": "Bat", "Item": {"n": {"N": "2"}}}'::jsonb, pg_temp.failure('ConditionalCheckFailed', 'The conditional request failed') || '{"TableName": "Bat"}',
    '{"TableName": "Bat"}'::jsonb, pg_temp.failure('ResourceNotFound', 'Requested resource not found'), pg_temp.failure('ValidationError', 'Where clause does not contain a mandatory equality on all key attributes'), '{"TableName": "One"}'::jsonb), '9: writes, each with its own fate');
SELECT is(pg_temp.there('b', '1'), '{"n": {"N": "2"}, "fresh": {"N": "1"}}', '9: those that succeeded are written');
SELECT pg_temp.put('deep', '1', '{"m": {"M": {}}}') \g /dev/null
SELECT is(pg_temp.member('UPDATE "Bat" SET m.x = ' || repeat('[', 31) || repeat(']', 31) || ' WHERE pk = ''deep'' AND sk = ''1'''), pg_temp.failure('ValidationError', 'Nesting Levels have exceeded supported limits') || '{"TableName": "Bat"}', '9: an item too deep names the table');
SELECT is(ddb_request('BatchExecuteStatement', '{"Statements": [{"Statement": "UPDATE \"Bat\" SET n = 1 WHERE pk = ''b'' AND sk = ''1'' AND n = 99", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}]}') #> '{Responses,0}', pg_temp.failure('ConditionalCheckFailed', 'The conditional request failed') || '{"TableName": "Bat"}', '9: ReturnValuesOnConditionCheckFailure is ignored');
-- capacity
SELECT is(pg_temp.batch(ARRAY['INSERT INTO "Bat" VALUE {''pk'': ''c'', ''sk'': ''1''}', 'INSERT INTO "Bat" VALUE {''pk'': ''c'', ''sk'': ''1''}', 'INSERT INTO "One" VALUE {''pk'': ''p''}', 'INSERT INTO "Bat" VALUE {''pk'': ''c'', ''sk'': ''2''}'], '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity',
  '[{"TableName": "Bat", "CapacityUnits": 2.0}, {"TableName": "One", "CapacityUnits": 1.0}]', '9: capacity by table, of the members that succeeded');
SELECT is(pg_temp.batch(ARRAY['INSERT INTO "Bat" VALUE {''pk'': ''c'', ''sk'': ''1''}'], '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity', NULL, '9: absent if none did');
SELECT is(ddb_request('BatchExecuteStatement', '{"ReturnConsumedCapacity": "TOTAL", "Statements": [{"Statement": "SELECT * FROM \"Bat\" WHERE pk = ''a'' AND sk = ''1''", "ConsistentRead": true}, {"Statement": "SELECT * FROM \"Bat\" WHERE pk = ''a'' AND sk = ''2''"}]}') -> 'ConsumedCapacity', '[{"TableName": "Bat", "CapacityUnits": 1.5}]', '9: ConsistentRead counts for each member');
SELECT matches(pg_temp.batch_error(array_fill('SELECT 1'::text, ARRAY[26])), 'at ''statements'' failed to satisfy constraint: Member must have length less than or equal to 25', '9: 26 members');
SELECT matches(pg_temp.request_error('BatchExecuteStatement', '{"Statements": []}'), 'at ''statements'' failed to satisfy constraint: Member must have length greater than or equal to 1', '9: none');

-- 10 ExecuteTransaction
CREATE FUNCTION pg_temp.tx_request(statements text[], rest jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('TransactStatements', (SELECT jsonb_agg(jsonb_build_object('Statement', s) ORDER BY o) FROM unnest(statements) WITH ORDINALITY x(s, o))) || rest
$$;
CREATE FUNCTION pg_temp.tx(statements text[], rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_request('ExecuteTransaction', pg_temp.tx_request(statements, rest))
$$;
CREATE FUNCTION pg_temp.tx_error(statements text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT pg_temp.request_error('ExecuteTransaction', pg_temp.tx_request(statements, '{}'))
$$;
-- the reasons of a cancelled one
CREATE FUNCTION pg_temp.reasons(VARIADIC statements text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM ddb_request('ExecuteTransaction', pg_temp.tx_request(statements, '{}'));
  RETURN NULL;
EXCEPTION WHEN SQLSTATE 'DY008' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;
\set ins '\'INSERT INTO "Bat" VALUE {\'\'pk\'\': \'\'t\'\', \'\'sk\'\': \'\'1\'\', \'\'n\'\': 1}\''
\set del '\'DELETE FROM "Bat" WHERE pk = \'\'t\'\' AND sk = \'\'none\'\'\''
\set none '\'{"Code": "None"}\''
SELECT is(pg_temp.tx(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''', 'SELECT n FROM "Bat" WHERE pk = ''a'' AND sk IN [''2'']', 'SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''none''']),
  '{"Responses": [{"Item": {"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "1"}}}, {"Item": {"n": {"N": "2"}}}, {}]}', '10: reads have an entry each');
SELECT is(pg_temp.tx(ARRAY[:ins, 'UPDATE "Bat" SET n = n + 10 WHERE pk = ''a'' AND sk = ''1''', :del, 'EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''2'' AND n = 2)']), '{"Responses": []}', '10: writes have none');
SELECT is(ARRAY[pg_temp.there('t', '1') #>> '{n,N}', pg_temp.there('a', '1') #>> '{n,N}'], '{1,11}', '10: all is done');
-- what comes first
SELECT is(pg_temp.request_error('ExecuteTransaction', '{"TransactStatements": [{"Statement": "nonsense"}, {"Statement": "nonsense", "Parameters": [{"N": "x"}]}]}'), 'The parameter cannot be converted to a numeric value: x', '10: parameters, bare');
SELECT is(pg_temp.tx_error(s), 'Validation failed in TransactStatements[' || e, '10: ' || array_to_string(s, '; ')) FROM (VALUES
  (ARRAY[:ins, 'INSERT INTO "Bat" VALUE'], '1]: Statement wasn''t well formed, can''t be processed: Unexpected term'), (ARRAY['INSERT INTO "Bat" VALUE {''pk'': 1e126}'], '0]: Number overflow. Attempting to store a number with magnitude larger than supported range under root'),
  (ARRAY['DELETE FROM "Bat" WHERE n IN [' || repeat('0,', 100) || '0]'], '0]: The IN operator is provided with too many operands; number of operands: 101'),
  (ARRAY['DELETE FROM "Bat" WHERE pk = ''a'' AND sk = ''1'' RETURNING ALL NEW *'], '0]: RETURNING clause is not supported in ExecuteTransaction.'),
  (ARRAY['DELETE FROM "Bat" WHERE pk = ''a'' AND sk = ''1'' RETURNING ALL OLD *'], '0]: RETURNING clause is not supported in ExecuteTransaction.'),
  (ARRAY['SELECT * FROM "Bat"."gsi" WHERE g = ''a'''], '0]: Reads on indices are not supported within transactions.'), (ARRAY['UPDATE "Bat"."gsi" SET n = 1'], '0]: This operation is not supported on an index'),
  (ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'''], '0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.'), (ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1'' AND n = 1'], '0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.'),
  (ARRAY['EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1'')'], '0]: EXISTS() must contain a single item read with additional condition'), (ARRAY['DELETE FROM "None" WHERE pk = ''a'' RETURNING ALL OLD *'], '0]: RETURNING clause is not supported in ExecuteTransaction.'),
  (ARRAY['DELETE FROM "None" WHERE pk = ''a''', 'SELECT * FROM "Bat"'], '1]: Select statements within ExecuteTransaction must specify the primary key in the where clause.')) AS x(s, e);
SELECT is(pg_temp.tx_error(ARRAY[:ins, 'SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''']), 'ExecuteTransaction API does not support both read and write operations in the same request.', '10: reads and writes');
SELECT is(pg_temp.tx_error(ARRAY['EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''2'' AND n = 2)', 'SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''']), 'ExecuteTransaction API does not support both read and write operations in the same request.', '10: EXISTS counts as a write');
SELECT is(pg_temp.tx_error(ARRAY[:del, :del]), 'Transaction request cannot include multiple operations on one item', '10: one item twice');
SELECT is(pg_temp.tx_error(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1''', 'SELECT n FROM "Bat" WHERE pk = ''a'' AND sk = ''1''']), 'Transaction request cannot include multiple operations on one item', '10: also read');
-- cancellation
SELECT is(pg_temp.tx_error(ARRAY[:del, :ins]), 'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, DuplicateItem]', '10: cancellation');
SELECT is(pg_temp.reasons(:del, :ins), jsonb_build_array(:none::jsonb, '{"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}'::jsonb), '10: DuplicateItem');
SELECT is(pg_temp.reasons('DELETE FROM "None" WHERE pk = ''a''', :del), jsonb_build_array('{"Code": "ResourceNotFound", "Message": "Requested resource not found"}'::jsonb, :none::jsonb), '10: ResourceNotFound');
SELECT is(pg_temp.reasons(:del, 'UPDATE "Bat" SET n = 1 WHERE pk = ''a'' AND sk = ''2'' AND n = 99'), jsonb_build_array(:none::jsonb, '{"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}'::jsonb), '10: ConditionalCheckFailed');
SELECT is(pg_temp.reasons(s), '[{"Code": "ValidationError", "Message": "The provided key element does not match the schema"}]', '10: ' || s) FROM unnest(ARRAY['DELETE FROM "Bat" WHERE pk = ''a''', 'UPDATE "Bat" SET n = 1', 'DELETE FROM "Bat" WHERE pk = ''a'' AND sk IN [''1'']', 'DELETE FROM "Bat" WHERE pk = ''a'' AND pk = ''b'' AND sk = ''1''', 'DELETE FROM "Bat" WHERE pk = 1 AND sk = ''1''', 'SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = 1']) s;
SELECT is(pg_temp.reasons(:del, :del, 'DELETE FROM "Bat" WHERE pk = ''a''') -> 2, '{"Code": "ValidationError", "Message": "The provided key element does not match the schema"}', '10: a key problem comes before one item twice');
SELECT is(pg_temp.reasons('INSERT INTO "Bat" VALUE {''pk'': ''x''}'), '[{"Code": "ValidationError", "Message": "One or more parameter values were invalid: Missing the key sk in the item"}]', '10: a missing key');
SELECT is(pg_temp.reasons('UPDATE "Bat" SET m.x = ' || repeat('[', 31) || repeat(']', 31) || ' WHERE pk = ''deep'' AND sk = ''1'''), '[{"Code": "ValidationError", "Message": "Nesting Levels have exceeded supported limits"}]', '10: an item too deep');
SELECT is(pg_temp.reasons('UPDATE "Bat" SET n = 1 WHERE pk = ''t'' AND sk = ''gone''', :ins) -> 0 ->> 'Code', 'ConditionalCheckFailed', '10: an update creates nothing');
-- EXISTS
SELECT is(pg_temp.reasons(:del, s) #>> '{1,Code}', c, '10: ' || s) FROM (VALUES
  ('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''2'' AND n = 2)', NULL), ('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''2'' AND n = 3)', 'ConditionalCheckFailed'), ('exists ( SELECT n FROM "Bat" WHERE pk = ''a'' AND sk = ''none'' AND n = 3)', 'ConditionalCheckFailed'),
  ('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''none'' AND n IS MISSING)', NULL), ('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''2'' AND sk = ''3'' AND n = 2)', NULL), ('EXISTS(SELECT * FROM "Bat" WHERE sk = ''2'' AND n = 2)', 'ValidationError')) AS x(s, c);
SELECT is(pg_temp.error('EXISTS(SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1'' AND n = 2)'), 'EXISTS can only be used in ExecuteTransaction write requests.', '10: EXISTS alone');
-- tokens and capacity
SELECT is(pg_temp.tx(ARRAY['UPDATE "Bat" SET n = n + 1 WHERE pk = ''a'' AND sk = ''5'''], '{"ClientRequestToken": "tok", "ReturnConsumedCapacity": "TOTAL"}'), '{"Responses": [], "ConsumedCapacity": [{"TableName": "Bat", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]}', '10: the first call reports write units');
SELECT is(pg_temp.tx(ARRAY['UPDATE "Bat" SET n = n + 1 WHERE pk = ''a'' AND sk = ''5'''], '{"ClientRequestToken": "tok", "ReturnConsumedCapacity": "TOTAL"}'), '{"Responses": [], "ConsumedCapacity": [{"TableName": "Bat", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]}', '10: a repeat reports read units');
SELECT is(pg_temp.there('a', '5'), '{"n": {"N": "6"}}', '10: and changes nothing');
SELECT is(pg_temp.request_error('ExecuteTransaction', pg_temp.tx_request(ARRAY['UPDATE "Bat" SET n = n + 2 WHERE pk = ''a'' AND sk = ''5'''], '{"ClientRequestToken": "tok"}')), 'IdempotentParameterMismatchException: The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical', '10: a token with another statement');
SELECT is(pg_temp.tx(ARRAY['SELECT * FROM "Bat" WHERE pk = ''a'' AND sk = ''1'''], '{"ReturnConsumedCapacity": "TOTAL"}') -> 'ConsumedCapacity', '[{"TableName": "Bat", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]', '11: transactions cost double');
SELECT matches(pg_temp.tx_error(array_fill('SELECT 1'::text, ARRAY[101])), 'at ''transactStatements'' failed to satisfy constraint: Member must have length less than or equal to 100', '10: 101 statements');
SELECT * FROM finish();
ROLLBACK;
