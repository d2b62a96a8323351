-- Nothing is accepted and ignored: each member of each operation's requests is read by its
-- handler, or refused by name.  An operation or a member that is new fails here until it
-- stands in a request below.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
\ir ../psql/refusal.psql
SET ddb.table_delay = 0;
CREATE TEMP TABLE sent (operation text, request jsonb);

SELECT no_plan();
SELECT count(ddb_create_table(name, 'a S', 'b S', '{"gsi": {"partition_key": "c S"}}')) FROM unnest(ARRAY['Music', 'Other']) name \g /dev/null

INSERT INTO sent VALUES
  ('GetItem', '{"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL", "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "a"}}'),
  ('GetItem', '{"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "AttributesToGet": ["a"]}'),
  ('PutItem', '{"TableName": "Music", "Item": {"a": {"S": "1"}, "b": {"S": "1"}}, "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE", "ConditionExpression": "#a <> :v", "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
  ('UpdateItem', '{"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE", "UpdateExpression": "SET d = :v", "ConditionExpression": "#a <> :v", "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
  ('UpdateItem', '{"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "AttributeUpdates": {"d": {"Action": "PUT", "Value": {"S": "v"}}}}'),
  ('DeleteItem', '{"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE", "ConditionExpression": "#a <> :v", "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
  ('Query', '{"TableName": "Music", "IndexName": "gsi", "Select": "SPECIFIC_ATTRIBUTES", "Limit": 1, "ConsistentRead": false, "ScanIndexForward": false, "ReturnConsumedCapacity": "TOTAL", "KeyConditionExpression": "c = :v", "FilterExpression": "#d = :v", "ProjectionExpression": "#d", "ExpressionAttributeNames": {"#d": "d"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ExclusiveStartKey": {"a": {"S": "1"}, "b": {"S": "1"}, "c": {"S": "v"}}}'),
  ('Query', '{"TableName": "Music", "AttributesToGet": ["a"], "ConditionalOperator": "OR", "KeyConditions": {"a": {"AttributeValueList": [{"S": "1"}], "ComparisonOperator": "EQ"}}, "QueryFilter": {"x": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}, "y": {"ComparisonOperator": "NOT_NULL"}}}'),
  ('Scan', '{"TableName": "Music", "IndexName": "gsi", "Select": "SPECIFIC_ATTRIBUTES", "Limit": 1, "ConsistentRead": false, "ReturnConsumedCapacity": "TOTAL", "FilterExpression": "#d = :v", "ProjectionExpression": "#d", "ExpressionAttributeNames": {"#d": "d"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ExclusiveStartKey": {"a": {"S": "1"}, "b": {"S": "1"}, "c": {"S": "v"}}}'),
  ('Scan', '{"TableName": "Music", "AttributesToGet": ["a"], "ConditionalOperator": "OR", "Segment": 0, "TotalSegments": 2, "ScanFilter": {"x": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}, "y": {"ComparisonOperator": "NOT_NULL"}}}'),
  ('BatchGetItem', '{"RequestItems": {"Music": {"Keys": [{"a": {"S": "1"}, "b": {"S": "1"}}], "ConsistentRead": true, "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "a"}}}, "ReturnConsumedCapacity": "TOTAL"}'),
  ('BatchGetItem', '{"RequestItems": {"Music": {"Keys": [{"a": {"S": "1"}, "b": {"S": "1"}}], "AttributesToGet": ["a"]}}}'),
  ('BatchWriteItem', '{"RequestItems": {"Music": [{"PutRequest": {"Item": {"a": {"S": "1"}, "b": {"S": "1"}}}}, {"DeleteRequest": {"Key": {"a": {"S": "2"}, "b": {"S": "1"}}}}]}, "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE"}'),
  ('TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "Music", "Key": {"a": {"S": "1"}, "b": {"S": "1"}}, "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "a"}}}], "ReturnConsumedCapacity": "TOTAL"}'),
  ('ExecuteStatement', '{"Statement": "SELECT * FROM Music WHERE a = ?", "Parameters": [{"S": "1"}], "ConsistentRead": true, "Limit": 1, "ReturnConsumedCapacity": "TOTAL", "ReturnValuesOnConditionCheckFailure": "ALL_OLD", "NextToken": "x"}'),
  ('ExecuteStatement', '{"Statement": "UPDATE Music SET d = 1 WHERE a = ''1'' AND b = ''1''", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}'),
  ('BatchExecuteStatement', '{"Statements": [{"Statement": "SELECT * FROM Music WHERE a = ? AND b = ?", "Parameters": [{"S": "1"}, {"S": "1"}], "ConsistentRead": true, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}], "ReturnConsumedCapacity": "TOTAL"}'),
  ('ExecuteTransaction', '{"TransactStatements": [{"Statement": "INSERT INTO Music VALUE {''a'': ?, ''b'': ''1''}", "Parameters": [{"S": "x"}], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}], "ClientRequestToken": "members", "ReturnConsumedCapacity": "TOTAL"}'),
  ('CreateTable', '{"TableName": "New", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "c", "KeyType": "HASH"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["d"]}, "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}, "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}}],
    "LocalSecondaryIndexes": [{"IndexName": "lsi", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["d"]}}],
    "BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}, "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}, "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
    "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/k"}, "Tags": [{"Key": "k", "Value": "v"}], "TableClass": "STANDARD", "DeletionProtectionEnabled": false}'),
  ('CreateTable', '{"TableName": "Old", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "gsi", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}], "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}'),
  ('DescribeTable', '{"TableName": "Music"}'),
  ('UpdateTable', '{"TableName": "Music", "AttributeDefinitions": [{"AttributeName": "z", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}, "WarmThroughput": {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}, "TableClass": "STANDARD", "DeletionProtectionEnabled": false, "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/k"}, "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
    "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "made", "KeySchema": [{"AttributeName": "z", "KeyType": "HASH"}], "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["d"]}, "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}, "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}}},
      {"Update": {"IndexName": "gsi", "OnDemandThroughput": {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5}, "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000}}}]}'),
  ('UpdateTable', '{"TableName": "Other", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 7}, "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "gsi", "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 7}}}, {"Create": {"IndexName": "new", "KeySchema": [{"AttributeName": "z", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 7}}}], "AttributeDefinitions": [{"AttributeName": "z", "AttributeType": "S"}]}'),
  ('UpdateTable', '{"TableName": "Other", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gsi"}}]}'),
  ('ListTables', '{"ExclusiveStartTableName": "aaa", "Limit": 1}'),
  ('DeleteTable', '{"TableName": "Old"}'),
  ('TagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music", "Tags": [{"Key": "k", "Value": "v"}]}'),
  ('UntagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music", "TagKeys": ["k"]}'),
  ('ListTagsOfResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music", "NextToken": "k"}'),
  ('UpdateTimeToLive', '{"TableName": "Music", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ttl"}}'),
  ('DescribeTimeToLive', '{"TableName": "Music"}'),
  ('DescribeContinuousBackups', '{"TableName": "Music"}'),
  ('DescribeLimits', '{}'),
  ('DescribeEndpoints', '{}'),
  ('ListStreams', '{"TableName": "Music", "Limit": 1, "ExclusiveStartStreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music/stream/2026-01-01T00:00:00.000"}');

-- legacy parameters of writes, with every part of an Expected
INSERT INTO sent
  SELECT o, jsonb_build_object('TableName', 'Music', CASE o WHEN 'PutItem' THEN 'Item' ELSE 'Key' END, '{"a": {"S": "1"}, "b": {"S": "1"}}'::jsonb,
    'ConditionalOperator', 'OR', 'Expected', '{"v": {"Value": {"S": "1"}, "Exists": true}, "w": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}}'::jsonb)
  FROM unnest(ARRAY['PutItem', 'UpdateItem', 'DeleteItem']) o;
-- every action of a transaction, with all that it can have
INSERT INTO sent
  SELECT 'TransactWriteItems', jsonb_build_object('ClientRequestToken', 'members ' || action, 'ReturnConsumedCapacity', 'TOTAL', 'ReturnItemCollectionMetrics', 'SIZE',
    'TransactItems', jsonb_build_array(jsonb_build_object(action, jsonb_build_object('TableName', 'Music', CASE action WHEN 'Put' THEN 'Item' ELSE 'Key' END, '{"a": {"S": "t"}, "b": {"S": "1"}}'::jsonb)
      || CASE action WHEN 'Update' THEN '{"UpdateExpression": "SET d = :v"}' ELSE '{}' END::jsonb
      || '{"ConditionExpression": "#a <> :v", "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":v": {"S": "v"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}')))
  FROM unnest(ARRAY['ConditionCheck', 'Put', 'Update', 'Delete']) action;
-- a stream that nobody has captured yet
SELECT ddb_request('CreateTable', '{"TableName": "streamed", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}') #>> '{TableDescription,LatestStreamArn}' AS arn \gset
INSERT INTO sent VALUES
  ('DescribeStream', jsonb_build_object('StreamArn', :'arn', 'Limit', 1, 'ExclusiveStartShardId', 'shardId-00000001767312000000-00000000', 'ShardFilter', '{"Type": "CHILD_SHARDS", "ShardId": "shardId-00000001767312000000-00000000"}'::jsonb)),
  ('GetShardIterator', jsonb_build_object('StreamArn', :'arn', 'ShardId', 'shardId-00000001767312000000-00000000', 'ShardIteratorType', 'AT_SEQUENCE_NUMBER', 'SequenceNumber', '000000000000000000001')),
  ('GetRecords', '{"ShardIterator": "x", "Limit": 1}');

SELECT is((SELECT array_agg(o ORDER BY o) FROM unnest(ddb_test.operations()) o WHERE o NOT IN (SELECT operation FROM sent)), NULL, 'every operation is asked');
SELECT is(ddb_test.unread_members(operation, array_agg(request)), '{}', operation || ' reads all that it takes') FROM sent GROUP BY operation ORDER BY operation;

-- What ddb can't do is refused by name, beside other changes too; nothing is changed.
CREATE TEMP TABLE refused (operation text, member text, value jsonb);
INSERT INTO refused VALUES
  ('CreateTable', 'ResourcePolicy', '"not json"'),
  ('CreateTable', 'GlobalTableSourceArn', '"arn:aws:dynamodb:eu-west-1:000000000000:table/New"'),
  ('CreateTable', 'GlobalTableSettingsReplicationMode', '"ENABLED"'),
  ('CreateTable', 'VectorIndexes', '[{"IndexName": "vix", "VectorAttribute": {"AttributeName": "e"}, "Dimensions": 0}]'),
  ('UpdateTable', 'ReplicaUpdates', '[{"Create": {"RegionName": "eu-west-1"}}]'),
  ('UpdateTable', 'MultiRegionConsistency', '"STRONG"'),
  ('UpdateTable', 'GlobalTableWitnessUpdates', '[{"Create": {"RegionName": "eu-west-1"}}]'),
  ('UpdateTable', 'GlobalTableSettingsReplicationMode', '"ENABLED"'),
  ('UpdateTable', 'VectorIndexUpdates', '[{"Delete": {"IndexName": "vix"}}]'),
  ('UpdateTable', 'DisassociationProtectionEnabled', 'true');
CREATE FUNCTION pg_temp.with_refused(operation text, member text, value jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object(member, value) || CASE operation
    WHEN 'CreateTable' THEN '{"TableName": "refused", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}'::jsonb
    ELSE '{"TableName": "Music", "DeletionProtectionEnabled": true}' END $$;
SELECT is(pg_temp.refusal(operation, pg_temp.with_refused(operation, member, value)),
  'ValidationException: One or more parameter values were invalid: ddb does not support ' || member, operation || ' ' || member) FROM refused;
SELECT is((SELECT count(*)::int FROM ddb.tables WHERE table_name = 'refused'), 0, 'no table is made');
SELECT is(ddb_request('DescribeTable', '{"TableName": "Music"}') #> '{Table,DeletionProtectionEnabled}', 'false', 'nor one changed');
SELECT is(pg_temp.refusal('CreateTable', pg_temp.with_refused('CreateTable', 'VectorIndexes', '"x"')),
  'SerializationException: Unexpected field type', 'a refused member has its type all the same');
SELECT is(pg_temp.refusal('UpdateTable', pg_temp.with_refused('UpdateTable', 'MultiRegionConsistency', '"WEAK"')),
  'ValidationException: 1 validation error detected: Value ''WEAK'' at ''multiRegionConsistency'' failed to satisfy constraint: Member must satisfy enum value set: [EVENTUAL, STRONG]', 'and its values');
SELECT is(ddb_request('DescribeTable', '{"TableName": "Music", "Unheard": {"of": 1}}') #>> '{Table,TableName}', 'Music', 'a member that no shape knows is ignored');

SELECT * FROM finish();
ROLLBACK;
