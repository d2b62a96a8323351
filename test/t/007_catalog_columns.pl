# Tables of the catalog that have more columns than the library knows, as after a later
# version's ALTER EXTENSION UPDATE: rows are read by the tables' own descriptors, and new
# rows get the defaults of what is not known.  Operations of every kind go on.

use strict;
use warnings;

use DdbStream;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $columns = 150;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', stream_settings() . <<'END');
shared_preload_libraries = 'ddb'
max_worker_processes = 16
restart_after_crash = off
ddb.ttl_interval = 1
ddb.stream_shard_duration = 1
log_statement = none
END
$node->start;

sub sql
{
	return $node->safe_psql('postgres', shift);
}

# wait_for gives true once a query gives t.
sub wait_for
{
	my ($query, $what) = @_;
	return ok($node->poll_query_until('postgres', $query), $what);
}

# request answers a request of the API.
sub request
{
	my ($operation, $request) = @_;
	return sql("SELECT ddb_request('$operation', \$\$$request\$\$)");
}

# catalog lists the tables of the catalog, partitions of stream records left out.
sub catalog
{
	return split /\n/, sql(q{SELECT relname FROM pg_class WHERE relnamespace = 'ddb'::regnamespace
		AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname});
}

# rows counts a table's rows that have something else than the defaults in the new columns.
sub odd_rows
{
	my ($table) = @_;
	return sql("SELECT count(*) FROM ddb.$table WHERE (later_1, later_2, later_$columns) IS DISTINCT FROM (1, 'two', $columns)"
		. " OR later_7 IS NOT NULL");
}

sub create_stream
{
	my ($table) = @_;
	request('CreateTable', qq({"TableName": "$table", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
		"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}));
	return wait_for("SELECT status = 'ENABLED' FROM ddb_streams WHERE table_name = '$table'", "stream of $table");
}

# records counts the records that GetRecords gives of a table's stream, of all shards.
sub records
{
	my ($table) = @_;
	return sql(qq{WITH stream AS (SELECT a -> 'StreamArn' AS arn FROM
		jsonb_array_elements(ddb_request('ListStreams', '{"TableName": "$table"}') -> 'Streams') a),
		shards AS (SELECT arn, s -> 'ShardId' AS id FROM stream, jsonb_array_elements(
		ddb_request('DescribeStream', jsonb_build_object('StreamArn', arn)) #> '{StreamDescription,Shards}') s),
		iterators AS (SELECT ddb_request('GetShardIterator', jsonb_build_object('StreamArn', arn, 'ShardId', id,
		'ShardIteratorType', 'TRIM_HORIZON')) AS iterator FROM shards)
		SELECT sum(jsonb_array_length(ddb_request('GetRecords', iterator) -> 'Records')) FROM iterators});
}

sql(q{
	CREATE EXTENSION ddb;
	CREATE TABLE taken (pk text);
	CREATE FUNCTION take(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$
	  INSERT INTO taken SELECT r #>> '{dynamodb,Keys,pk,S}' FROM jsonb_array_elements($1 -> 'Records') r $$;
	CREATE FUNCTION fail(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
	SELECT ddb_create_table('Before', 'pk S', 'sk N', global_indexes => '{"by_color": {"partition_key": "color S"}}');
	SELECT ddb_put('Before', '{"pk": {"S": "a"}, "sk": {"N": "1"}, "color": {"S": "red"}}');
});
create_stream('Old');
sql(q{SELECT ddb_create_trigger('old', 'Old', 'take')});
my ($old_key) = split /\|/, sql('SELECT * FROM ddb_create_access_key()');

# ---- the columns come ----

my @catalog = catalog();
cmp_ok(scalar @catalog, '>=', 12, 'the catalog has tables');
foreach my $table (@catalog)
{
	# dropped columns keep their place in a row
	my @add = map { "ADD later_$_ " . ($_ == 2 ? "text NOT NULL DEFAULT 'tw' || 'o'" : $_ == 7 ? 'jsonb' :
			"bigint NOT NULL DEFAULT $_") } 1 .. $columns;
	sql("ALTER TABLE ddb.$table " . join(', ', @add));
	sql("ALTER TABLE ddb.$table DROP later_5");
}

# ---- operations of every kind, in a session that begins after ----

is(sql(q{SELECT ddb_get('Before', '{"pk": {"S": "a"}, "sk": {"N": "1"}}') #>> '{color,S}'}), 'red', 'GetItem');
is(sql(q{SELECT count(*) FROM ddb_query('Before', 'color = :c', '{":c": {"S": "red"}}', index_name => 'by_color')}),
	'1', 'Query of an index');
sql(q{SELECT ddb_create_table('After', 'pk S', 'sk N', global_indexes => '{"by_color": {"partition_key": "color S"}}',
	local_indexes => '{"by_size": {"sort_key": "size N"}}')});
sql(q{SELECT count(ddb_put('After', ddb_marshal(jsonb_build_object('pk', i::text, 'sk', i, 'color', 'red', 'size', i))))
	FROM generate_series(1, 50) i});
is(sql(q{SELECT count(*) FROM ddb_scan('After', index_name => 'by_color')}), '50', 'a table made after, and an index of it');
sql(q{SELECT ddb_update('After', '{"pk": {"S": "1"}, "sk": {"N": "1"}}', 'SET color = :c', "values" => '{":c": {"S": "blue"}}')});
sql(q{SELECT ddb_delete('After', '{"pk": {"S": "2"}, "sk": {"N": "2"}}')});
is(sql(q{SELECT count(*) FROM ddb_query('After', 'color = :c', '{":c": {"S": "red"}}', index_name => 'by_color')}), '48',
	'UpdateItem and DeleteItem');

# definitions
request('UpdateTable', q({"TableName": "After", "AttributeDefinitions": [{"AttributeName": "taste", "AttributeType": "S"}],
	"GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_taste", "Projection": {"ProjectionType": "ALL"},
	"KeySchema": [{"AttributeName": "taste", "KeyType": "HASH"}]}}]}));
wait_for(q{SELECT status = 'ACTIVE' FROM ddb.indexes WHERE index_name = 'by_taste'}, 'an index is filled and built online');
request('UpdateTable', q({"TableName": "After", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_color"}}]}));
request('UpdateTable', q({"TableName": "Old", "DeletionProtectionEnabled": true}));
like(request('DescribeTable', '{"TableName": "After"}'), qr/"IndexName": "by_taste"/, 'DescribeTable');
unlike(request('DescribeTable', '{"TableName": "After"}'), qr/"IndexName": "by_color"/, 'an index is dropped');
like(request('DescribeTable', '{"TableName": "Old"}'), qr/"DeletionProtectionEnabled": true/, 'settings');
like(request('ListTables', '{}'), qr/"After", "Before", "Old"/, 'ListTables');
my $arn = sql(q{SELECT ddb_describe_table('After') ->> 'TableArn'});
request('TagResource', qq({"ResourceArn": "$arn", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}));
request('UntagResource', qq({"ResourceArn": "$arn", "TagKeys": ["a"]}));
like(request('ListTagsOfResource', qq({"ResourceArn": "$arn"})), qr/\[\{"Key": "b", "Value": "2"\}\]/, 'tags');

# transactions with a token: saved, and found again
for (1 .. 2)
{
	request('TransactWriteItems', q({"ClientRequestToken": "token", "TransactItems": [{"Update": {"TableName": "After",
		"Key": {"pk": {"S": "3"}, "sk": {"N": "3"}}, "UpdateExpression": "ADD n :one",
		"ExpressionAttributeValues": {":one": {"N": "1"}}}}]}));
}
is(sql(q{SELECT ddb_get('After', '{"pk": {"S": "3"}, "sk": {"N": "3"}}') #>> '{n,N}'}), '1', 'a token is remembered');
is(sql('SELECT count(*) FROM ddb.transactions'), '1', 'in a row');

# access keys
my ($key) = split /\|/, sql('SELECT * FROM ddb_create_access_key()');
sql("SELECT ddb_alter_access_key('$old_key', false); SELECT ddb_alter_access_key('$key', false)");
is(sql('SELECT count(*) FROM ddb_list_access_keys() WHERE NOT enabled'), '2', 'access keys');
is(odd_rows('access_keys'), '0', 'their rows have the defaults');
sql("SELECT ddb_drop_access_key('$old_key')");
is(sql('SELECT count(*) FROM ddb_list_access_keys()'), '1', 'an access key is dropped');

# streams: the worker that ran before, a stream made after, and one that ends
sql(q{SELECT count(ddb_put('Old', jsonb_build_object('pk', jsonb_build_object('S', i::text)))) FROM generate_series(1, 20) i});
create_stream('New');
sql(q{SELECT ddb_create_trigger('new', 'New', 'take', starting_position => 'TRIM_HORIZON')});
sql(q{SELECT ddb_create_trigger('failing', 'New', 'fail', starting_position => 'TRIM_HORIZON', max_retries => 0)});
sql(q{SELECT count(ddb_put('New', jsonb_build_object('pk', jsonb_build_object('S', 'n' || i)))) FROM generate_series(1, 20) i});
wait_for(q{SELECT count(*) = 40 FROM taken}, 'triggers get what both streams record');
wait_for(q{SELECT count(*) > 0 FROM ddb_trigger_failures WHERE trigger_name = 'failing'}, 'a dead letter');
is(records('Old'), '20', 'GetRecords of a stream from before');
is(records('New'), '20', 'and of one from after');
wait_for(q{SELECT count(*) > 2 FROM ddb.stream_shards}, 'a new epoch begins');
sql(q{SELECT ddb_alter_trigger('new', false); SELECT ddb_alter_trigger('new', true)});
is(sql(q{SELECT processed FROM ddb_triggers WHERE name = 'new'}), '20', 'ddb_triggers');
my $decoded = q{SELECT count(*) FROM pg_logical_slot_get_changes('plugin', NULL, NULL)};
sql(q{SELECT pg_create_logical_replication_slot('plugin', 'ddb')});
sql(q{SELECT ddb_put('New', '{"pk": {"S": "more"}}')});
is(sql($decoded), '1', 'the output plugin finds the stream');
sql(q{SELECT pg_drop_replication_slot('plugin')});
sql('TRUNCATE ddb_data."New"');
wait_for(q{SELECT (SELECT count(*) FROM ddb.stream_records WHERE event = 'R') = 21}, 'TRUNCATE of a streamed table is recorded');
request('UpdateTable', q({"TableName": "New", "StreamSpecification": {"StreamEnabled": false}}));
wait_for(q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'New'}, 'a stream ends');
sql(q{SELECT ddb_drop_trigger(t) FROM unnest(ARRAY['new', 'failing', 'old']) t});

# time to live
request('UpdateTimeToLive', q({"TableName": "After", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}}));
sql(q{SELECT ddb_put('After', ddb_marshal(jsonb_build_object('pk', 'gone', 'sk', 0,
	'expires', extract(epoch FROM now())::bigint - 10)))});
wait_for(q{SELECT ddb_get('After', '{"pk": {"S": "gone"}, "sk": {"N": "0"}}') IS NULL}, 'an expired item is deleted');
wait_for(q{SELECT items_deleted = 1 FROM ddb_ttl WHERE table_name = 'After'}, 'and that is noted');

# what a table's rows hold now
foreach my $table (grep { !/^(?:stream_records|capture|transactions)$/ } @catalog)
{
	is(odd_rows($table), '0', "rows of ddb.$table have the defaults of what the library doesn't know");
}
foreach my $table (qw(stream_records capture transactions))
{
	is(odd_rows($table), '0', "rows of ddb.$table, which are written without SQL, too");
}

# ---- a restart, and the end ----

$node->restart;
request('UpdateTable', q({"TableName": "Old", "DeletionProtectionEnabled": false}));
sql(q{SELECT ddb_put('Old', '{"pk": {"S": "last"}}')});
wait_for(q{SELECT count(*) = 1 FROM ddb.stream_records WHERE keys #>> '{pk,S}' = 'last' OR new_image #>> '{pk,S}' = 'last'},
	'capture goes on after a restart');
request('DeleteTable', qq({"TableName": "$_"})) foreach qw(Before After Old New);
is(sql('SELECT count(*) FROM ddb.tables'), '0', 'tables are dropped');
is(sql('SELECT 1'), '1', 'no backend has crashed');

done_testing();
