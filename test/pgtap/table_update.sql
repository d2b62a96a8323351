-- UpdateTable: settings, throughput, global indexes; and what it refuses.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

\ir ../psql/streamed.psql
BEGIN;
\ir ../psql/refusal.psql
CREATE FUNCTION pg_temp.update(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('UpdateTable', '{"TableName": "Upd"}' || more) -> 'TableDescription' $$;
CREATE FUNCTION pg_temp.now() RETURNS jsonb LANGUAGE sql AS $$
  SELECT ddb_request('DescribeTable', '{"TableName": "Upd"}') -> 'Table' $$;
CREATE FUNCTION pg_temp.index_now(name text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_path_query_first(pg_temp.now(), '$.GlobalSecondaryIndexes[*] ? (@.IndexName == $n)', jsonb_build_object('n', name)) $$;
CREATE FUNCTION pg_temp.units(description jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws('/', p ->> 'ReadCapacityUnits', p ->> 'WriteCapacityUnits', p ->> 'NumberOfDecreasesToday',
    CASE WHEN p ? 'LastIncreaseDateTime' THEN 'up' END, CASE WHEN p ? 'LastDecreaseDateTime' THEN 'down' END)
  FROM (SELECT description -> 'ProvisionedThroughput') AS d(p) $$;

SELECT no_plan();
SELECT ddb_request('CreateTable', '{"TableName": "Upd", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
  "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
    "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 3}}]}') \g /dev/null

-- What can't be meant.
CREATE TEMP TABLE bad (more jsonb, message text);
INSERT INTO bad VALUES
  ('{}', 'ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required'),
  ('{"GlobalSecondaryIndexUpdates": []}', 'ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required'),
  ('{"TableName": null}', 'ValidationException: 1 validation error detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null'),
  ('{"TableName": "Nowhere", "DeletionProtectionEnabled": true}', 'ResourceNotFoundException: Requested resource not found: Table: Nowhere not found'),
  ('{"GlobalSecondaryIndexUpdates": [{}]}', 'ValidationException: One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null'),
  ('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gsi"}, "Update": {"IndexName": "gsi"}}]}', NULL),
  ('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gsi"}}, {"Update": {"IndexName": "gsi"}}]}', 'ValidationException: One or more parameter values were invalid: Only one global secondary index update per index is allowed simultaneously. Index: gsi'),
  ('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gsi"}}, {"Delete": {"IndexName": "gsj"}}]}', 'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table'),
  ('{"GlobalSecondaryIndexUpdates": [{"Delete": {}}]}', 'ValidationException: 1 validation error detected: Value null at ''globalSecondaryIndexUpdates.1.member.delete.indexName'' failed to satisfy constraint: Member must not be null'),
  ('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "none"}}]}', 'ResourceNotFoundException: Requested resource not found'),
  ('{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "none", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]}', 'ResourceNotFoundException: Requested resource not found'),
  ('{"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}', 'ValidationException: The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.'),
  ('{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "gsi", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 3}}}]}', 'ValidationException: The provisioned throughput for the index gsi will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the index: 3. Requested ReadCapacityUnits: 3. Current WriteCapacityUnits provisioned for the index: 3. Requested WriteCapacityUnits: 3. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.'),
  ('{"ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 5}}', 'ValidationException: Given value 1000000000001 for ReadCapacityUnits is out of bounds'),
  ('{"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}', 'ValidationException: One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST'),
  ('{"StreamSpecification": {"StreamEnabled": false}}', 'ValidationException: Table already has a disabled stream: TableName: Upd'),
  ('{"OnDemandThroughput": {"MaxReadRequestUnits": 5}}', 'ValidationException: One or more parameter values were invalid: OnDemandThroughput cannot be specified when BillingMode is PROVISIONED'),
  ('{"AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "gsi2", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]}', 'ValidationException: One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: gsi2'),
  ('{"AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "gsi", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]}', 'ValidationException: Attempting to create an index which already exists'),
  ('{"AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "gsi2", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]}', 'ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [h], AttributeDefinitions: [x]'),
  ('{"AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "N"}], "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "gsi2", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]}', NULL);
SELECT CASE WHEN message IS NULL THEN matches(pg_temp.refusal('UpdateTable', '{"TableName": "Upd"}' || more), '^ValidationException: ', left(more::text, 120))
       ELSE is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd"}' || more), message, left(more::text, 120)) END FROM bad;

-- Throughput: the answer has the old values.
SELECT is(pg_temp.units(pg_temp.now()), '5/5/0', 'units at first');
CREATE TEMP TABLE answer AS SELECT pg_temp.update('{"ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}}') AS t;
SELECT is(t ->> 'TableStatus', 'UPDATING', 'more: UPDATING') FROM answer;
SELECT is(pg_temp.units(t), '5/5/0/up', 'more: the answer has the old units, and when they change') FROM answer;
SELECT is(pg_temp.now() ->> 'TableStatus', 'ACTIVE', 'more: ACTIVE then');
SELECT is(pg_temp.units(pg_temp.now()), '7/5/0/up', 'more: new units, LastIncreaseDateTime');
SELECT is(pg_temp.units(pg_temp.update('{"ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 4}}')), '7/5/0/up/down', 'less: the answer tells when, but counts it not yet');
SELECT is(pg_temp.units(pg_temp.now()), '7/4/1/up/down', 'less: one decrease');
SELECT pg_temp.update('{"ProvisionedThroughput": {"ReadCapacityUnits": 6, "WriteCapacityUnits": 9}}') \g /dev/null
SELECT is(pg_temp.units(pg_temp.now()), '6/9/2/up/down', 'both: another decrease');
SELECT pg_temp.update('{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "gsi", "ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 2}}}]}') \g /dev/null
SELECT is(pg_temp.units(pg_temp.index_now('gsi')), '4/2/1/up/down', 'units of an index');
SELECT is(pg_temp.units(pg_temp.now()), '6/9/2/up/down', 'those of the table stay');

-- Billing.
TRUNCATE answer;
INSERT INTO answer SELECT pg_temp.update('{"BillingMode": "PAY_PER_REQUEST"}');
SELECT is(pg_temp.units(t), '6/9/2/up/down', 'to on demand: the answer has the old units') FROM answer;
SELECT is(pg_temp.now() -> 'BillingModeSummary' ->> 'BillingMode', 'PAY_PER_REQUEST', 'to on demand');
SELECT is(pg_temp.now() -> 'BillingModeSummary' ? 'LastUpdateToPayPerRequestDateTime', true, 'to on demand: since when');
SELECT is(split_part(pg_temp.units(pg_temp.now()), '/', 1), '0', 'to on demand: no units');
SELECT is(split_part(pg_temp.units(pg_temp.index_now('gsi')), '/', 1), '0', 'to on demand: the index has none either');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}'),
  'ValidationException: One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST', 'no units on demand');
SELECT pg_temp.update('{"OnDemandThroughput": {"MaxReadRequestUnits": 50}, "WarmThroughput": {"ReadUnitsPerSecond": 20000, "WriteUnitsPerSecond": 5000}}') \g /dev/null
SELECT is(pg_temp.now() -> 'OnDemandThroughput', '{"MaxReadRequestUnits": 50}', 'OnDemandThroughput');
SELECT pg_temp.update('{"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 7}}') \g /dev/null
SELECT is(pg_temp.now() -> 'OnDemandThroughput', '{"MaxWriteRequestUnits": 7}', '-1 takes a limit away');
SELECT pg_temp.update('{"OnDemandThroughput": {"MaxWriteRequestUnits": -1}}') \g /dev/null
SELECT is(pg_temp.now() -> 'OnDemandThroughput', NULL, 'and the last one');
SELECT is(pg_temp.now() -> 'WarmThroughput', '{"Status": "ACTIVE", "ReadUnitsPerSecond": 20000, "WriteUnitsPerSecond": 5000}', 'WarmThroughput');
SELECT matches(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "WarmThroughput": {"ReadUnitsPerSecond": 19999}}'), '^ValidationException: ', 'it can not fall');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "BillingMode": "PROVISIONED"}'),
  'ValidationException: One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED', 'back without units');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}'),
  'ValidationException: One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: gsi', 'back without units of the index');
SELECT pg_temp.update('{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
  "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "gsi", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}}]}') \g /dev/null
SELECT matches(pg_temp.units(pg_temp.now()) || ' ' || pg_temp.units(pg_temp.index_now('gsi')), '^1/2/.* 3/4/', 'back with all');
SELECT is(pg_temp.now() -> 'BillingModeSummary' ->> 'BillingMode', 'PROVISIONED', 'back: BillingModeSummary stays');
SELECT pg_temp.update('{"BillingMode": "PAY_PER_REQUEST"}') \g /dev/null

-- The other settings.
SELECT is(pg_temp.update('{"TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": true}') ->> 'TableStatus', 'UPDATING', 'class and protection');
SELECT is(pg_temp.now() -> 'TableClassSummary' ->> 'TableClass', 'STANDARD_INFREQUENT_ACCESS', 'TableClassSummary');
SELECT is(pg_temp.now() -> 'TableClassSummary' ? 'LastUpdateDateTime', true, 'LastUpdateDateTime');
SELECT is(pg_temp.now() -> 'DeletionProtectionEnabled', 'true', 'DeletionProtectionEnabled');
SELECT is(pg_temp.refusal('DeleteTable', '{"TableName": "Upd"}'), 'ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.', 'protected');
SELECT throws_ok($$SELECT ddb_delete_table('Upd')$$, 'DY001', NULL, 'against the SQL function as well');
SELECT is(pg_temp.update('{"DeletionProtectionEnabled": false}') -> 'DeletionProtectionEnabled', 'false', 'unprotected');
SELECT pg_temp.update('{"SSESpecification": {"Enabled": true}}') \g /dev/null
SELECT is(pg_temp.now() -> 'SSEDescription' ->> 'Status', 'ENABLED', 'SSEDescription');
SELECT pg_temp.update('{"SSESpecification": {"Enabled": false}}') \g /dev/null
SELECT is(pg_temp.now() ? 'SSEDescription', false, 'no SSEDescription');
SELECT is(pg_temp.update('{"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}') -> 'StreamSpecification', '{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}', 'a stream');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}'), 'ValidationException: Table already has an enabled stream: TableName: Upd', 'there is one');
SELECT pg_temp.update('{"StreamSpecification": {"StreamEnabled": false}}') \g /dev/null
SELECT is(pg_temp.now() ? 'StreamSpecification' OR NOT pg_temp.now() ? 'LatestStreamArn', false, 'no stream, but its ARN');

-- Indexes.  Nobody outside sees this transaction, so a new one stays CREATING when
-- there are workers.
SELECT ddb_put('Upd', '{"a": {"S": "1"}, "h": {"N": "5"}}') \g /dev/null
TRUNCATE answer;
INSERT INTO answer SELECT pg_temp.update('{"AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "N"}, {"AttributeName": "a", "AttributeType": "S"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "new", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}}]}');
SELECT is(t ->> 'TableStatus', 'UPDATING', 'new index: UPDATING') FROM answer;
SELECT is(jsonb_path_query_first(t, '$.GlobalSecondaryIndexes[*] ? (@.IndexName == "new")') - '{WarmThroughput,ProvisionedThroughput}'::text[],
  '{"IndexName": "new", "IndexStatus": "CREATING", "Backfilling": false, "ItemCount": 0, "IndexSizeBytes": 0, "Projection": {"ProjectionType": "KEYS_ONLY"},
    "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}],
    "IndexArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Upd/index/new"}', 'new index: CREATING') FROM answer;
SELECT is(t -> 'AttributeDefinitions' @> '[{"AttributeName": "h", "AttributeType": "N"}]', true, 'new index: its attribute is defined') FROM answer;
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass('no workers: the index is ACTIVE')
  ELSE is(pg_temp.index_now('new') ->> 'IndexStatus', 'CREATING', 'new index: described as CREATING') END;
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass()
  ELSE is(pg_temp.refusal('Query', '{"TableName": "Upd", "IndexName": "new", "KeyConditionExpression": "h = :h", "ExpressionAttributeValues": {":h": {"N": "5"}}}'),
    'ValidationException: Cannot read from backfilling global secondary index: new', 'not readable') END;
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass()
  ELSE is(pg_temp.refusal('Scan', '{"TableName": "Upd", "IndexName": "new"}'),
    'ValidationException: Cannot read from backfilling global secondary index: new', 'not scannable') END;
SELECT is(pg_temp.refusal('PutItem', '{"TableName": "Upd", "Item": {"a": {"S": "2"}, "h": {"S": "x"}}}'),
  'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key h Expected: N Actual: S IndexName: new', 'writes obey it already');
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass()
  ELSE is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "DeletionProtectionEnabled": true}'), 'ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: Upd', 'no other change') END;
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass()
  ELSE is(pg_temp.refusal('DeleteTable', '{"TableName": "Upd"}'), 'ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: Upd', 'no deletion') END;
SELECT CASE WHEN current_setting('shared_preload_libraries') <> 'ddb' THEN pass()
  ELSE is(pg_temp.refusal('UpdateTable', '{"TableName": "Upd", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gsi"}}]}'), 'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table', 'no other index') END;
SELECT * FROM finish();
ROLLBACK;
SELECT ddb_request('DeleteTable', '{"TableName": "Streamed"}') \g /dev/null
