-- ListTables, tags, time to live, backups, limits, endpoints.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
\ir ../psql/refusal.psql
CREATE FUNCTION pg_temp.arn(name text) RETURNS text LANGUAGE sql AS $$ SELECT 'arn:aws:dynamodb:us-east-1:000000000000:table/' || name $$;

SELECT no_plan();

-- ListTables
SELECT is(ddb_request('ListTables', '{}'), '{"TableNames": []}', 'no tables');
SELECT count(ddb_create_table('T' || to_char(i, 'FM000'), 'a S')) FROM generate_series(1, 101) i \g /dev/null
SELECT is(jsonb_array_length(t -> 'TableNames') || ' ' || (t ->> 'LastEvaluatedTableName'), '100 T100', 'a page of 100') FROM ddb_request('ListTables', '{}') AS t;
SELECT is(ddb_request('ListTables', '{"ExclusiveStartTableName": "T100"}'), '{"TableNames": ["T101"]}', 'the last page');
SELECT is(ddb_request('ListTables', '{"Limit": 2}'), '{"TableNames": ["T001", "T002"], "LastEvaluatedTableName": "T002"}', 'Limit');
SELECT is(ddb_request('ListTables', '{"Limit": 2, "ExclusiveStartTableName": "T099"}'), '{"TableNames": ["T100", "T101"]}', 'a full last page');
SELECT is(ddb_request('ListTables', '{"ExclusiveStartTableName": "T0995"}') -> 'TableNames' -> 0, '"T100"', 'a start that is no table');
SELECT is(ddb_request('ListTables', '{"ExclusiveStartTableName": "zzz"}'), '{"TableNames": []}', 'a start behind all');
SELECT is(jsonb_array_length(ddb_request('ListTables', '{"Limit": 100}') -> 'TableNames'), 100, 'Limit 100');
CREATE TEMP TABLE bad (operation text, request jsonb, message text);
INSERT INTO bad VALUES
  ('ListTables', '{"Limit": 0}', 'ValidationException: 1 validation error detected: Value ''0'' at ''limit'' failed to satisfy constraint: Member must have value greater than or equal to 1'),
  ('ListTables', '{"Limit": 101}', 'ValidationException: 1 validation error detected: Value ''101'' at ''limit'' failed to satisfy constraint: Member must have value less than or equal to 100'),
  ('ListTables', '{"Limit": "1"}', 'SerializationException: STRING_VALUE cannot be converted to Integer'),
  ('ListTables', '{"ExclusiveStartTableName": "ab"}', 'ValidationException: 1 validation error detected: Value ''ab'' at ''exclusiveStartTableName'' failed to satisfy constraint: Member must have length greater than or equal to 3'),
  ('ListTables', '{"ExclusiveStartTableName": "a;c"}', 'ValidationException: 1 validation error detected: Value ''a;c'' at ''exclusiveStartTableName'' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');

-- Tags
SELECT is(ddb_request('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', (SELECT jsonb_agg(jsonb_build_object('Key', 'k' || n, 'Value', n::text)) FROM generate_series(10, 59) n))), '{}', '50 tags');
SELECT is(pg_temp.refusal('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "one", "Value": "more"}]'::jsonb)) LIKE 'ValidationException: %', true, '51 tags');
SELECT is(ddb_request('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "k10", "Value": "new"}]'::jsonb)), '{}', 'a new value');
SELECT is(jsonb_array_length(t -> 'Tags') || ' ' || (t -> 'Tags' -> 0)::text, '10 {"Key": "k10", "Value": "new"}', 'ten a page') FROM ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'))) t;
WITH RECURSIVE page(n, t) AS (
  SELECT 1, ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001')))
  UNION ALL SELECT n + 1, ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'NextToken', t -> 'NextToken')) FROM page WHERE t ? 'NextToken')
SELECT is(max(n) || ' ' || count(DISTINCT k), '5 50', 'five pages, every tag') FROM page, jsonb_path_query(t, '$.Tags[*].Key') k;
SELECT is(ddb_request('UntagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'TagKeys', (SELECT jsonb_agg('k' || n) FROM generate_series(11, 70) n))), '{}', 'untagged, tags that were not there too');
SELECT is(ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'))), '{"Tags": [{"Key": "k10", "Value": "new"}]}', 'what is left');
SELECT is(ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T002'))), '{"Tags": []}', 'no tags');
SELECT ddb_request('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T002'), 'Tags', jsonb_build_array(jsonb_build_object('Key', repeat('ä', 128), 'Value', 'Größe 10 + - = . _ : / 東京')))) \g /dev/null
SELECT is(ddb_request('ListTagsOfResource', jsonb_build_object('ResourceArn', pg_temp.arn('T002'))) #>> '{Tags,0,Value}', 'Größe 10 + - = . _ : / 東京', 'letters of any script, lengths in characters');
INSERT INTO bad SELECT op, more || v.request, replace(v.message, '#', op)
FROM (VALUES ('TagResource', '{"Tags": [{"Key": "k", "Value": "v"}]}'::jsonb), ('UntagResource', '{"TagKeys": ["k"]}'), ('ListTagsOfResource', '{}')) AS o(op, more),
  (VALUES ('{}'::jsonb, 'ValidationException: 1 validation error detected: Value null at ''resourceArn'' failed to satisfy constraint: Member must not be null'),
    ('{"ResourceArn": "abcd"}', 'ValidationException: ARNs must start with ''arn:'''),
    ('{"ResourceArn": "arn:aws:dynamodb"}', 'ValidationException: Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb'),
    ('{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000001:table/T001"}', format('AccessDeniedException: User: arn:aws:iam::000000000000:user/%s is not authorized to perform: dynamodb:%s on resource: arn:aws:dynamodb:us-east-1:000000000001:table/T001', current_user, '#')),
    ('{"ResourceArn": "arn:aws:s3:us-east-1:000000000000:table/T001"}', 'ValidationException: Invalid TableArn: Invalid ResourceArn provided as input arn:aws:s3:us-east-1:000000000000:table/T001'),
    (jsonb_build_object('ResourceArn', pg_temp.arn('None')), 'ResourceNotFoundException: Requested resource not found: ResourcArn: ' || pg_temp.arn('None') || ' not found'),
    ('{"ResourceArn": "arn:aws:dynamodb:eu-west-9:000000000000:table/T001"}', 'ResourceNotFoundException: Requested resource not found: ResourcArn: arn:aws:dynamodb:eu-west-9:000000000000:table/T001 not found'),
    ('{"ResourceArn": 1}', 'SerializationException: NUMBER_VALUE cannot be converted to String')) AS v(request, message);
INSERT INTO bad VALUES
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001')), 'ValidationException: 1 validation error detected: Value null at ''tags'' failed to satisfy constraint: Member must not be null'),
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "a&b", "Value": "v"}]'::jsonb), 'ValidationException: One or more parameter values were invalid: The tag key contains invalid characters: a&b. It may have letters, white space, numbers and + - = . _ : /'),
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "a", "Value": "50 €"}]'::jsonb), 'ValidationException: One or more parameter values were invalid: The tag value contains invalid characters: 50 €. It may have letters, white space, numbers and + - = . _ : /'),
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', jsonb_build_array(jsonb_build_object('Key', repeat('ä', 129), 'Value', ''))), format('ValidationException: 1 validation error detected: Value ''%s'' at ''tags.1.member.key'' failed to satisfy constraint: Member must have length less than or equal to 128', repeat('ä', 129))),
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[]'::jsonb), 'ValidationException: Atleast one Tag needs to be provided as Input.'),
  ('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "k"}]'::jsonb), 'ValidationException: 1 validation error detected: Value null at ''tags.1.member.value'' failed to satisfy constraint: Member must not be null'),
  ('UntagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001')), 'ValidationException: 1 validation error detected: Value null at ''tagKeys'' failed to satisfy constraint: Member must not be null'),
  ('UntagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'TagKeys', '[]'::jsonb), 'ValidationException: Atleast one Tag Key needs to be provided as Input.');

-- Time to live
SELECT is(ddb_request('DescribeTimeToLive', '{"TableName": "T001"}'), '{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}', 'no time to live');
SELECT is(pg_temp.refusal('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "ttl"}}'), 'ValidationException: TimeToLive is already disabled', 'disabled already');
SELECT is(ddb_request('UpdateTimeToLive', jsonb_build_object('TableName', pg_temp.arn('T001'), 'TimeToLiveSpecification', '{"Enabled": true, "AttributeName": "ttl"}'::jsonb)),
  '{"TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ttl"}}', 'enabled');
SELECT is(ddb_request('DescribeTimeToLive', '{"TableName": "T001"}'), '{"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}}', 'described');
SELECT is(pg_temp.refusal('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ttl"}}'), 'ValidationException: TimeToLive is already enabled', 'enabled already');
SELECT is(pg_temp.refusal('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "other"}}'), 'ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is ttl', 'another attribute');
SELECT is(pg_temp.refusal('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "other"}}'), 'ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is ttl', 'disabling another attribute');
SELECT is(ddb_request('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "ttl"}}'), '{"TimeToLiveSpecification": {"Enabled": false, "AttributeName": "ttl"}}', 'disabled');
SELECT is(ddb_request('DescribeTimeToLive', '{"TableName": "T001"}'), '{"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}', 'described as disabled');
INSERT INTO bad VALUES
  ('UpdateTimeToLive', '{"TableName": "T001"}', 'ValidationException: 1 validation error detected: Value null at ''timeToLiveSpecification'' failed to satisfy constraint: Member must not be null'),
  ('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {}}', 'ValidationException: 2 validation errors detected: Value null at ''timeToLiveSpecification.enabled'' failed to satisfy constraint: Member must not be null; Value null at ''timeToLiveSpecification.attributeName'' failed to satisfy constraint: Member must not be null'),
  ('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": ""}}', 'ValidationException: 1 validation error detected: Value '''' at ''timeToLiveSpecification.attributeName'' failed to satisfy constraint: Member must have length greater than or equal to 1'),
  ('UpdateTimeToLive', jsonb_build_object('TableName', 'T001', 'TimeToLiveSpecification', jsonb_build_object('Enabled', true, 'AttributeName', repeat('a', 256))), 'ValidationException: 1 validation error detected: Value ''' || repeat('a', 256) || ''' at ''timeToLiveSpecification.attributeName'' failed to satisfy constraint: Member must have length less than or equal to 255'),
  ('UpdateTimeToLive', '{"TableName": "None", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "ttl"}}', 'ResourceNotFoundException: Requested resource not found: Table: None not found'),
  ('DescribeTimeToLive', '{"TableName": "None"}', 'ResourceNotFoundException: Requested resource not found: Table: None not found'),
  ('DescribeTimeToLive', '{}', 'ValidationException: 1 validation error detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null'),
  ('DescribeTable', '{}', 'ValidationException: 1 validation error detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null'),
  ('DescribeTable', '{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:index/x"}', 'ValidationException: Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb:us-east-1:000000000000:index/x'),
  ('DeleteTable', '{}', 'ValidationException: 1 validation error detected: Value null at ''tableName'' failed to satisfy constraint: Member must not be null'),
  ('DescribeContinuousBackups', '{"TableName": "None"}', 'TableNotFoundException: Table not found: None'),
  ('DescribeNothing', '{}', 'UnknownOperationException: unknown operation: DescribeNothing');
SELECT is(pg_temp.refusal(operation, request), message, operation || ' ' || left(request::text, 100)) FROM bad;

-- The rest
SELECT is(ddb_request('DescribeContinuousBackups', '{"TableName": "T001"}'),
  '{"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}}', 'no point in time recovery');
SELECT is(ddb_request('DescribeLimits', '{}'), '{"AccountMaxReadCapacityUnits": 80000, "AccountMaxWriteCapacityUnits": 80000, "TableMaxReadCapacityUnits": 40000, "TableMaxWriteCapacityUnits": 40000}', 'limits');
SELECT is(ddb_request('DescribeEndpoints', '{}'), '{"Endpoints": [{"Address": "dynamodb.us-east-1.amazonaws.com", "CachePeriodInMinutes": 1440}]}', 'endpoints');

SELECT count(ddb_put('T001', jsonb_build_object('a', jsonb_build_object('S', i::text)))) FROM generate_series(1, 100) i \g /dev/null

-- Items by the table's ARN; the answer names what the request named.
SELECT is(ddb_request('GetItem', jsonb_build_object('TableName', pg_temp.arn('T001'), 'Key', '{"a": {"S": "7"}}'::jsonb, 'ReturnConsumedCapacity', 'TOTAL')),
  jsonb_build_object('Item', '{"a": {"S": "7"}}'::jsonb, 'ConsumedCapacity', jsonb_build_object('TableName', pg_temp.arn('T001'), 'CapacityUnits', 0.5)), 'GetItem by ARN');

-- Rights: the owner's operations are the owner's.
CREATE ROLE ddb_table_reader;
GRANT SELECT ON ddb_data."T001" TO ddb_table_reader;
SET LOCAL ROLE ddb_table_reader;
SELECT is((ddb_request('DescribeTable', '{"TableName": "T001"}') -> 'Table' ->> 'TableName'), 'T001', 'anybody may look');
SELECT is(left(pg_temp.refusal('UpdateTable', '{"TableName": "T001", "DeletionProtectionEnabled": true}'), 24), ': must be owner of table', 'only the owner may change');
SELECT is(left(pg_temp.refusal('DeleteTable', '{"TableName": "T001"}'), 24), ': must be owner of table', 'or delete');
SELECT is(left(pg_temp.refusal('UpdateTimeToLive', '{"TableName": "T001", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "t"}}'), 24), ': must be owner of table', 'or let items expire');
SELECT is(left(pg_temp.refusal('TagResource', jsonb_build_object('ResourceArn', pg_temp.arn('T001'), 'Tags', '[{"Key": "k", "Value": "v"}]'::jsonb)), 24), ': must be owner of table', 'or tag');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
