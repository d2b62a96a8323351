-- CreateTable: every parameter, what it is described as, and every refusal.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

\ir ../psql/streamed.psql
BEGIN;
\ir ../psql/refusal.psql
CREATE FUNCTION pg_temp.base() RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"TableName": "Tab",
  "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "N"}],
  "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
  "BillingMode": "PAY_PER_REQUEST"}'::jsonb $$;
CREATE FUNCTION pg_temp.defs(VARIADIC names text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('AttributeDefinitions',
    jsonb_agg(jsonb_build_object('AttributeName', n, 'AttributeType', 'S') ORDER BY ord)) FROM unnest(names) WITH ORDINALITY AS u(n, ord) $$;
CREATE FUNCTION pg_temp.keys(VARIADIC names text[]) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(jsonb_build_object('AttributeName', n, 'KeyType', CASE ord WHEN 1 THEN 'HASH' ELSE 'RANGE' END) ORDER BY ord)
  FROM unnest(names) WITH ORDINALITY AS u(n, ord) $$;
CREATE FUNCTION pg_temp.gsi(name text, keys jsonb, more jsonb DEFAULT '{}', projection jsonb DEFAULT '{"ProjectionType": "ALL"}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('IndexName', name, 'KeySchema', keys, 'Projection', projection) || more $$;

SELECT no_plan();

-- A table with everything.
CREATE TEMP TABLE made AS SELECT ddb_request('CreateTable', pg_temp.base() || pg_temp.defs('a', 'b', 'c') ||
  '{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
    "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"},
    "Tags": [{"Key": "k", "Value": ""}], "TableClass": "STANDARD_INFREQUENT_ACCESS",
    "DeletionProtectionEnabled": true, "WarmThroughput": {"ReadUnitsPerSecond": 100, "WriteUnitsPerSecond": 200}}' ||
  jsonb_build_object(
    'LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('lsi', pg_temp.keys('a', 'c'), '{}', '{"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]}')),
    'GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('c'), '{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}', '{"ProjectionType": "KEYS_ONLY"}')))
  ) -> 'TableDescription' AS t;
SELECT is(t -> k, v, 'answer: ' || k) FROM made, jsonb_each('{
  "TableName": "Tab", "TableStatus": "CREATING", "ItemCount": 0, "TableSizeBytes": 0,
  "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab",
  "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "S"}],
  "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
  "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
  "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
  "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:aws:kms:us-east-1:000000000000:alias/mine"},
  "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
  "DeletionProtectionEnabled": true,
  "WarmThroughput": {"Status": "UPDATING", "ReadUnitsPerSecond": 100, "WriteUnitsPerSecond": 200}}') AS e(k, v);
SELECT is(t ? 'BillingModeSummary', false, 'answer: no BillingModeSummary when provisioned') FROM made;
SELECT matches(t ->> 'LatestStreamArn', '^arn:aws:dynamodb:us-east-1:000000000000:table/Tab/stream/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$', 'answer: LatestStreamArn') FROM made;
SELECT is(t ->> 'LatestStreamArn', (t ->> 'TableArn') || '/stream/' || (t ->> 'LatestStreamLabel'), 'answer: LatestStreamLabel') FROM made;
SELECT is(jsonb_typeof(t -> 'CreationDateTime'), 'number', 'answer: CreationDateTime is a number') FROM made;
SELECT matches(t ->> 'TableId', '^[0-9a-f-]{36}$', 'answer: TableId') FROM made;
SELECT is(t -> 'GlobalSecondaryIndexes', '[{"IndexName": "gsi", "IndexStatus": "CREATING", "ItemCount": 0, "IndexSizeBytes": 0,
  "IndexArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab/index/gsi", "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}],
  "Projection": {"ProjectionType": "KEYS_ONLY"}, "WarmThroughput": {"Status": "UPDATING", "ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 2},
  "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 1, "WriteCapacityUnits": 2}}]', 'answer: the global index') FROM made;
SELECT is(t -> 'LocalSecondaryIndexes', '[{"IndexName": "lsi", "ItemCount": 0, "IndexSizeBytes": 0,
  "IndexArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab/index/lsi",
  "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}],
  "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]}}]', 'answer: the local index') FROM made;

CREATE TEMP TABLE described AS SELECT ddb_request('DescribeTable', '{"TableName": "Tab"}') -> 'Table' AS t;
SELECT is(t ->> 'TableStatus', 'ACTIVE', 'described: ACTIVE') FROM described;
SELECT is(t -> 'GlobalSecondaryIndexes' -> 0 ->> 'IndexStatus', 'ACTIVE', 'described: the index is ACTIVE') FROM described;
SELECT is(jsonb_path_query_array(t, '$.**.Status'), '["ENABLED", "ACTIVE", "ACTIVE"]', 'described: other states') FROM described;
SELECT is(d.t - '{TableStatus,GlobalSecondaryIndexes,WarmThroughput}'::text[], m.t - '{TableStatus,GlobalSecondaryIndexes,WarmThroughput}'::text[], 'described: the rest as answered') FROM described d, made m;
SELECT is(ddb_request('DescribeTable', '{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab"}') -> 'Table', t, 'described by its ARN') FROM described;
SELECT is(ddb_request('ListTagsOfResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab"}'), '{"Tags": [{"Key": "k", "Value": ""}]}', 'its tags');
SELECT is(pg_temp.refusal('CreateTable', pg_temp.base()), 'ResourceInUseException: Table already exists: Tab', 'it exists');
SELECT is(pg_temp.refusal('DeleteTable', '{"TableName": "Tab"}'),
  'ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.', 'it is protected');
SELECT ddb_request('UpdateTable', '{"TableName": "Tab", "DeletionProtectionEnabled": false}') \g /dev/null
SELECT is(ddb_request('DeleteTable', '{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab"}') -> 'TableDescription' ->> 'TableStatus', 'DELETING', 'deleted by its ARN');
SELECT is(pg_temp.refusal('DescribeTable', '{"TableName": "Tab"}'), 'ResourceNotFoundException: Requested resource not found: Table: Tab not found', 'gone');
SELECT is((SELECT count(*) FROM ddb.tags), 0::bigint, 'its tags are gone');
SELECT is(pg_temp.refusal('DeleteTable', '{"TableName": "Tab"}'), 'ResourceNotFoundException: Requested resource not found: Table: Tab not found', 'not there to delete');
SELECT is(pg_temp.refusal('PutItem', '{"TableName": "Tab", "Item": {"a": {"S": "a"}, "b": {"N": "1"}}}'), 'ResourceNotFoundException: Requested resource not found', 'an item operation says less');

-- On demand, with maxima.
CREATE TEMP TABLE on_demand AS SELECT ddb_request('CreateTable', pg_temp.base() ||
  '{"OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": -1}, "SSESpecification": {"Enabled": false}}') -> 'TableDescription' AS t;
SELECT is(t -> 'BillingModeSummary', '{"BillingMode": "PAY_PER_REQUEST"}', 'on demand: BillingModeSummary') FROM on_demand;
SELECT is(t -> 'OnDemandThroughput', '{"MaxReadRequestUnits": 10}', 'on demand: OnDemandThroughput, -1 is no limit') FROM on_demand;
SELECT is(t -> 'ProvisionedThroughput', '{"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}', 'on demand: no units') FROM on_demand;
SELECT is(t -> 'WarmThroughput', '{"Status": "UPDATING", "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}', 'on demand: WarmThroughput') FROM on_demand;
SELECT is(t ?| '{SSEDescription,StreamSpecification,LatestStreamArn,TableClassSummary,GlobalSecondaryIndexes,LocalSecondaryIndexes}', false, 'on demand: nothing else') FROM on_demand;
SELECT is(ddb_request('DescribeTable', '{"TableName": "Tab"}') -> 'Table' -> 'BillingModeSummary' ? 'LastUpdateToPayPerRequestDateTime', true, 'on demand: since when');
SELECT is((ddb_request('DeleteTable', '{"TableName": "Tab"}') -> 'TableDescription') - '{TableId,BillingModeSummary,WarmThroughput}'::text[],
  '{"TableName": "Tab", "TableStatus": "DELETING", "ItemCount": 0, "TableSizeBytes": 0, "DeletionProtectionEnabled": false,
    "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab", "OnDemandThroughput": {"MaxReadRequestUnits": 10},
    "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}}', 'what DeleteTable answers');

-- Refusals: members of the request are replaced by those here.
CREATE TEMP TABLE bad (more jsonb, message text);
INSERT INTO bad VALUES
  ('{"TableName": 1}', 'SerializationException: NUMBER_VALUE cannot be converted to String'),
  ('{"AttributeDefinitions": {}}', 'SerializationException: Start of structure or map found where not expected'),
  ('{"BillingMode": true}', 'SerializationException: TRUE_VALUE cannot be converted to String'),
  ('{"DeletionProtectionEnabled": "yes"}', 'SerializationException: Unexpected token received from parser'),
  ('{"ProvisionedThroughput": {"ReadCapacityUnits": "5"}}', 'SerializationException: STRING_VALUE cannot be converted to Long'),
  ('{"TableName": null}', 'ValidationException: The parameter ''TableName'' is required but was not present in the request'),
  ('{"TableName": "ab"}', 'ValidationException: 1 validation error detected: Value ''ab'' at ''tableName'' failed to satisfy constraint: Member must have length greater than or equal to 3'),
  ('{"TableName": "a b c"}', 'ValidationException: 1 validation error detected: Value ''a b c'' at ''tableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  (jsonb_build_object('TableName', repeat('t', 256)), 'ValidationException: 1 validation error detected: Value ''' || repeat('t', 256) || ''' at ''tableName'' failed to satisfy constraint: Member must have length less than or equal to 255'),
  ('{"TableName": null, "KeySchema": null, "AttributeDefinitions": null}', 'ValidationException: The parameter ''TableName'' is required but was not present in the request'),
  ('{"KeySchema": []}', 'ValidationException: 1 validation error detected: Value ''[]'' at ''keySchema'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  ('{"KeySchema": [{"AttributeName": "a"}]}', 'ValidationException: 1 validation error detected: Value null at ''keySchema.1.member.keyType'' failed to satisfy constraint: Member must not be null'),
  ('{"KeySchema": [{"AttributeName": "a", "KeyType": "hash"}]}', 'ValidationException: 1 validation error detected: Value ''hash'' at ''keySchema.1.member.keyType'' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]'),
  ('{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "BOOL"}]}', 'ValidationException: 1 validation error detected: Value ''BOOL'' at ''attributeDefinitions.1.member.attributeType'' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]'),
  ('{"AttributeDefinitions": [{"AttributeName": "", "AttributeType": "S"}]}', 'ValidationException: 1 validation error detected: Value '''' at ''attributeDefinitions.1.member.attributeName'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  ('{"BillingMode": "FREE"}', 'ValidationException: 1 validation error detected: Value ''FREE'' at ''billingMode'' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]'),
  ('{"TableClass": "GOLD"}', 'ValidationException: 1 validation error detected: Value ''GOLD'' at ''tableClass'' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]'),
  ('{"StreamSpecification": {}}', 'ValidationException: 1 validation error detected: Value null at ''streamSpecification.streamEnabled'' failed to satisfy constraint: Member must not be null'),
  ('{"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "ALL"}}', 'ValidationException: 1 validation error detected: Value ''ALL'' at ''streamSpecification.streamViewType'' failed to satisfy constraint: Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]'),
  ('{"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": -1}}', 'ValidationException: 2 validation errors detected: Value ''0'' at ''provisionedThroughput.readCapacityUnits'' failed to satisfy constraint: Member must have value greater than or equal to 1; Value ''-1'' at ''provisionedThroughput.writeCapacityUnits'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('{"Tags": [{"Key": "", "Value": "v"}]}', 'ValidationException: 1 validation error detected: Value '''' at ''tags.1.member.key'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  (jsonb_build_object('Tags', jsonb_build_array(jsonb_build_object('Key', repeat('k', 129), 'Value', 'v'))), 'ValidationException: 1 validation error detected: Value ''' || repeat('k', 129) || ''' at ''tags.1.member.key'' failed to satisfy constraint: Member must have length less than or equal to 128'),
  (jsonb_build_object('Tags', jsonb_build_array(jsonb_build_object('Key', 'k', 'Value', repeat('v', 257)))), 'ValidationException: 1 validation error detected: Value ''' || repeat('v', 257) || ''' at ''tags.1.member.value'' failed to satisfy constraint: Member must have length less than or equal to 256'),
  ('{"BillingMode": null}', 'ValidationException: One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED'),
  ('{"BillingMode": "PROVISIONED"}', 'ValidationException: One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED'),
  ('{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}', 'ValidationException: One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST'),
  ('{"BillingMode": null, "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1}}', 'ValidationException: Given value 1000000000001 for ReadCapacityUnits is out of bounds'),
  ('{"BillingMode": null, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000000000001}}', 'ValidationException: Given value 1000000000001 for WriteCapacityUnits is out of bounds'),
  ('{"BillingMode": null, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "OnDemandThroughput": {"MaxReadRequestUnits": 1}}', 'ValidationException: One or more parameter values were invalid: OnDemandThroughput cannot be specified when BillingMode is PROVISIONED'),
  ('{"OnDemandThroughput": {"MaxReadRequestUnits": 0}}', 'ValidationException: One or more parameter values were invalid: MaxReadRequestUnits must be -1 or greater than or equal to 1'),
  ('{"OnDemandThroughput": {"MaxWriteRequestUnits": 1000000000001}}', 'ValidationException: Given value 1000000000001 for MaxWriteRequestUnits is out of bounds'),
  ('{"WarmThroughput": {"ReadUnitsPerSecond": 1000000000001}}', 'ValidationException: Given value 1000000000001 for ReadUnitsPerSecond is out of bounds'),
  ('{"OnDemandThroughput": {"MaxWriteRequestUnits": -2}}', 'ValidationException: One or more parameter values were invalid: MaxWriteRequestUnits must be -1 or greater than or equal to 1'),
  ('{"StreamSpecification": {"StreamEnabled": true}}', NULL),
  ('{"StreamSpecification": {"StreamEnabled": false, "StreamViewType": "KEYS_ONLY"}}', 'ValidationException: One or more parameter values were invalid: Table is being created with a stream disabled, UpdateViewType should not be specified'),
  ('{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}, {"AttributeName": "c", "KeyType": "RANGE"}]}', 'ValidationException: 1 validation error detected: Value ''[KeySchemaElement(attributeName=a, keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]'' at ''keySchema'' failed to satisfy constraint: Member must have length less than or equal to 2'),
  (jsonb_build_object('LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('ls', pg_temp.keys('a', 'b'))), 'GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gs', pg_temp.keys('b')))), 'ValidationException: 2 validation errors detected: Value ''gs'' at ''globalSecondaryIndexes.1.member.indexName'' failed to satisfy constraint: Member must have length greater than or equal to 3; Value ''ls'' at ''localSecondaryIndexes.1.member.indexName'' failed to satisfy constraint: Member must have length greater than or equal to 3'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b')), pg_temp.gsi('gsi', pg_temp.keys('z')))), 'ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [z], AttributeDefinitions: [a, b]'),
  (jsonb_build_object('LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('one', pg_temp.keys('b', 'a')), pg_temp.gsi('one', pg_temp.keys('a', 'b')))), 'ValidationException: One or more parameter values were invalid: Duplicate index name: one'),
  ('{"SSESpecification": {"Enabled": true, "SSEType": "AES256"}}', NULL),
  ('{"SSESpecification": {"Enabled": false, "KMSMasterKeyId": "x"}}', NULL),
  ('{"KeySchema": [{"AttributeName": "a", "KeyType": "RANGE"}]}', 'ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type'),
  ('{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}]}', 'ValidationException: Invalid KeySchema: The second KeySchemaElement is not a RANGE key type'),
  ('{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}]}', 'ValidationException: Invalid KeySchema: Some index key attribute have no definition'),
  (jsonb_build_object('KeySchema', pg_temp.keys('x')), 'ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [a, b]'),
  (jsonb_build_object('KeySchema', pg_temp.keys('a', 'x')), 'ValidationException: Invalid KeySchema: Some index key attribute have no definition'),
  (jsonb_build_object('KeySchema', pg_temp.keys('a')), 'ValidationException: One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions'),
  (pg_temp.defs('a', 'b', 'c'), 'ValidationException: One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys used: [a, b]'),
  (pg_temp.defs('a', 'b', 'b'), NULL),
  ('{"LocalSecondaryIndexes": []}', 'ValidationException: One or more parameter values were invalid: List of LocalSecondaryIndexes is empty'),
  ('{"GlobalSecondaryIndexes": []}', 'ValidationException: One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty'),
  (jsonb_build_object('LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('lsi', pg_temp.keys('a')))), 'ValidationException: One or more parameter values were invalid: Index KeySchema does not have a range key for index: lsi'),
  (jsonb_build_object('LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('lsi', pg_temp.keys('b', 'a')))), 'ValidationException: One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: lsi. index hash key: b, table hash key: a'),
  (pg_temp.defs('a', 'b') || jsonb_build_object('KeySchema', pg_temp.keys('a'), 'LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('lsi', pg_temp.keys('a', 'b')))), 'ValidationException: One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b')), pg_temp.gsi('gsi', pg_temp.keys('b')))), 'ValidationException: One or more parameter values were invalid: Duplicate index name: gsi'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'))), 'LocalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('a', 'b')))), 'ValidationException: One or more parameter values were invalid: Duplicate index name: gsi'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gs', pg_temp.keys('b')))), 'ValidationException: 1 validation error detected: Value ''gs'' at ''globalSecondaryIndexes.1.member.indexName'' failed to satisfy constraint: Member must have length greater than or equal to 3'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('z')))), 'ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [z], AttributeDefinitions: [a, b]'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{}', '{}'))), 'ValidationException: One or more parameter values were invalid: Unknown ProjectionType: null'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{}', '{"ProjectionType": "SOME"}'))), 'ValidationException: 1 validation error detected: Value ''SOME'' at ''globalSecondaryIndexes.1.member.projection.projectionType'' failed to satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{}', '{"ProjectionType": "INCLUDE"}'))), 'ValidationException: One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{}', '{"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}'))), 'ValidationException: One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{}', '{"ProjectionType": "INCLUDE", "NonKeyAttributes": []}'))), 'ValidationException: 1 validation error detected: Value ''[]'' at ''globalSecondaryIndexes.1.member.projection.nonKeyAttributes'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  (jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}'))), 'ValidationException: One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: gsi when BillingMode is PAY_PER_REQUEST'),
  (jsonb_build_object('BillingMode', NULL, 'ProvisionedThroughput', '{"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}'::jsonb, 'GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b')))), 'ValidationException: One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: gsi'),
  (jsonb_build_object('BillingMode', NULL, 'ProvisionedThroughput', '{"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}'::jsonb, 'GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi', pg_temp.keys('b'), '{"ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1}}'))), 'ValidationException: Given value 1000000000001 for ReadCapacityUnits is out of bounds for index gsi'),
  ((SELECT jsonb_build_object('GlobalSecondaryIndexes', jsonb_agg(pg_temp.gsi('gsi' || n, pg_temp.keys('b')))) FROM generate_series(1, 21) n), 'ValidationException: One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of 20'),
  ((SELECT jsonb_build_object('LocalSecondaryIndexes', jsonb_agg(pg_temp.gsi('lsi' || n, pg_temp.keys('a', 'b')))) FROM generate_series(1, 6) n), 'ValidationException: One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of 5'),
  ((SELECT jsonb_build_object('GlobalSecondaryIndexes', jsonb_agg(pg_temp.gsi('gsi' || n, pg_temp.keys('b'), '{}',
     jsonb_build_object('ProjectionType', 'INCLUDE', 'NonKeyAttributes', (SELECT jsonb_agg('n' || m) FROM generate_series(1, CASE n WHEN 6 THEN 1 ELSE 20 END) m)))))
     FROM generate_series(1, 6) n), NULL),
  ('{"Tags": [{"Key": "aws:x", "Value": "v"}]}', NULL),
  ('{"Tags": [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]}', NULL),
  ((SELECT jsonb_build_object('Tags', jsonb_agg(jsonb_build_object('Key', 'k' || n, 'Value', ''))) FROM generate_series(1, 51) n), NULL);
SELECT CASE WHEN message IS NULL THEN matches(pg_temp.refusal('CreateTable', pg_temp.base() || more), '^ValidationException: ', left(more::text, 120))
       ELSE is(pg_temp.refusal('CreateTable', pg_temp.base() || more), message, left(more::text, 120)) END FROM bad;
SELECT is(ddb_request('ListTables', '{}'), '{"TableNames": ["Streamed"]}', 'none of them left a table');

-- The limits themselves.
CREATE FUNCTION pg_temp.accepted(more jsonb, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEXT is(ddb_request('CreateTable', pg_temp.base() || more) -> 'TableDescription' ->> 'TableStatus', 'CREATING', description);
  PERFORM ddb_request('DeleteTable', jsonb_build_object('TableName', coalesce(more ->> 'TableName', 'Tab')));
END $$;
SELECT pg_temp.accepted('{"TableName": "a.-"}', 'a name of 3');
SELECT pg_temp.accepted(jsonb_build_object('TableName', repeat('t', 255)), 'a name of 255');
SELECT pg_temp.accepted('{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000000, "WriteCapacityUnits": 1}}', 'the most units');
SELECT pg_temp.accepted((SELECT jsonb_build_object('GlobalSecondaryIndexes', jsonb_agg(pg_temp.gsi('gsi' || n, pg_temp.keys('b')))) FROM generate_series(1, 20) n), '20 global indexes');
SELECT pg_temp.accepted((SELECT jsonb_build_object('LocalSecondaryIndexes', jsonb_agg(pg_temp.gsi('lsi' || n, pg_temp.keys('a', 'b')))) FROM generate_series(1, 5) n), '5 local indexes');
SELECT pg_temp.accepted((SELECT jsonb_build_object('GlobalSecondaryIndexes', jsonb_agg(pg_temp.gsi('gsi' || n, pg_temp.keys('b'), '{}',
     jsonb_build_object('ProjectionType', 'INCLUDE', 'NonKeyAttributes', (SELECT jsonb_agg('n' || m) FROM generate_series(1, 20) m)))))
     FROM generate_series(1, 5) n), '100 projected attributes');
SELECT pg_temp.accepted((SELECT jsonb_build_object('Tags', jsonb_agg(jsonb_build_object('Key', 'k' || n || repeat('x', 125), 'Value', repeat('v', 256)))) FROM generate_series(10, 59) n), '50 tags');
SELECT pg_temp.accepted(pg_temp.defs('a', 'b', 'p2', 'p3', 'p4', 's1', 's2', 's3', 's4') || jsonb_build_object('GlobalSecondaryIndexes', jsonb_build_array(pg_temp.gsi('gsi',
  '[{"AttributeName": "b", "KeyType": "HASH"}, {"AttributeName": "p2", "KeyType": "HASH"}, {"AttributeName": "p3", "KeyType": "HASH"}, {"AttributeName": "p4", "KeyType": "HASH"},
    {"AttributeName": "s1", "KeyType": "RANGE"}, {"AttributeName": "s2", "KeyType": "RANGE"}, {"AttributeName": "s3", "KeyType": "RANGE"}, {"AttributeName": "s4", "KeyType": "RANGE"}]'))), 'a key of 4 and 4 attributes');

-- With ddb.table_delay a table is CREATING for a while.
SET LOCAL ddb.table_delay = '300ms';
SELECT ddb_request('CreateTable', pg_temp.base()) \g /dev/null
SELECT is(ddb_request('DescribeTable', '{"TableName": "Tab"}') -> 'Table' ->> 'TableStatus', 'CREATING', 'CREATING is described');
SELECT is(pg_temp.refusal('GetItem', '{"TableName": "Tab", "Key": {"a": {"S": "a"}, "b": {"N": "1"}}}'), 'ResourceNotFoundException: Requested resource not found', 'not readable yet');
SELECT is(pg_temp.refusal('DeleteTable', '{"TableName": "Tab"}'), 'ResourceInUseException: Attempt to change a resource which is still in use: Table is being created: Tab', 'not deletable yet');
SELECT pg_sleep(0.35) \g /dev/null
SELECT is(ddb_request('DescribeTable', '{"TableName": "Tab"}') -> 'Table' ->> 'TableStatus', 'ACTIVE', 'ACTIVE after that');
SELECT is(ddb_request('GetItem', '{"TableName": "Tab", "Key": {"a": {"S": "a"}, "b": {"N": "1"}}}'), '{}', 'and readable');
SELECT ddb_request('UpdateTable', '{"TableName": "Tab", "DeletionProtectionEnabled": false}') \g /dev/null
SELECT is(ddb_request('DescribeTable', '{"TableName": "Tab"}') -> 'Table' ->> 'TableStatus', 'UPDATING', 'UPDATING is described');
SELECT is(ddb_request('GetItem', '{"TableName": "Tab", "Key": {"a": {"S": "a"}, "b": {"N": "1"}}}'), '{}', 'and readable');
SELECT is(pg_temp.refusal('UpdateTable', '{"TableName": "Tab", "DeletionProtectionEnabled": true}'), 'ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: Tab', 'but not changeable');

SELECT is(pg_temp.refusal('CreateTable', '{"TableName": "Twice", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
  "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y", "x"]}}]}'),
  'ValidationException: One or more parameter values were invalid: Duplicate value in NonKeyAttributes: x', 'a projected attribute named twice');
SELECT throws_like(format($$SELECT ddb_create_table('Named', 'a S', global_indexes => '{"gsi": {"partition_key": "a S", "projection": ["%s"]}}')$$, name), '%Member must have length ' || bound, length(name) || ' bytes of a projected name')
FROM (VALUES ('', 'greater than or equal to 1'), (repeat('n', 256), 'less than or equal to 255')) v(name, bound);
SELECT * FROM finish();
ROLLBACK;
SELECT ddb_request('DeleteTable', '{"TableName": "Streamed"}') \g /dev/null
