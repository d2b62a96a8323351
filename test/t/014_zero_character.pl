# U+0000 through every door: HTTP, the output plugin, GetRecords, triggers; anywhere
# in a request; and data of version 1.0, which had no escape for U+0001.

use strict;
use warnings;

use DdbHttp;
use DdbStream;
use File::Basename;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $json = JSON::PP->new->utf8->canonical;
my $node = http_node('zero', stream_settings() . <<'END');
ddb.http_workers = 1
max_worker_processes = 16
max_replication_slots = 4
END

sub sql { return $node->safe_psql('postgres', shift); }

# ask gives the answer to a request, decoded, over a connection that is kept.
my $socket;

sub ask
{
	my ($operation, $request, $service) = @_;
	my $body = ref $request ? $json->encode($request) : $request;

	for (1 .. 2)
	{
		$socket //= connect_http($node);
		send_request($socket, $operation, $body, $service ? ('X-Amz-Target' => "$service.$operation") : ());
		my $answer = receive($socket);
		$socket = undef if !$answer || ($answer->{headers}{connection} // '') eq 'close';
		next unless $answer;
		my $decoded = eval { $json->decode($answer->{body}) };
		return { status => $answer->{status}, body => $answer->{body}, %{ ref $decoded eq 'HASH' ? $decoded : {} } };
	}
	return { status => 0, body => 'no answer' };
}

sub ask_streams { return ask(@_, 'DynamoDBStreams_20120810'); }

sub wait_active
{
	my ($table) = @_;
	for (1 .. 200)
	{
		return if (ask('DescribeTable', { TableName => $table })->{Table}{TableStatus} // '') eq 'ACTIVE';
		select undef, undef, undef, 0.1;
	}
	die "$table is not active";
}

sub s_ { return { S => $_[0] }; }

# ---- items ----

my ($pk, $sk, $gk) = ("p\0", "s\1", "\0g");
is( ask( 'CreateTable', {
			TableName => 'Zero', BillingMode => 'PAY_PER_REQUEST',
			AttributeDefinitions => [ map { { AttributeName => $_, AttributeType => 'S' } } $pk, $sk, $gk ],
			KeySchema => [ { AttributeName => $pk, KeyType => 'HASH' }, { AttributeName => $sk, KeyType => 'RANGE' } ],
			GlobalSecondaryIndexes => [ {
					IndexName => 'gsi', Projection => { ProjectionType => 'ALL' },
					KeySchema => [ { AttributeName => $gk, KeyType => 'HASH' }, { AttributeName => $sk, KeyType => 'RANGE' } ] } ],
			StreamSpecification => { StreamEnabled => JSON::PP::true, StreamViewType => 'NEW_AND_OLD_IMAGES' } })->{status},
	200, 'CreateTable');
wait_active('Zero');
is_deeply([ map { $_->{AttributeName} } @{ ask('DescribeTable', { TableName => 'Zero' })->{Table}{KeySchema} } ], [ $pk, $sk ], 'DescribeTable');

my $seed = $ENV{DDB_SEED} // int(rand(10000));
diag("zero characters: DDB_SEED=$seed");
srand($seed);
my @alphabet = ("\0", "\0", "\1", "\1", "\2", 'a', '\\', '"', "\x{e9}", "\x{1f600}");
sub random_string { return join '', map { $alphabet[ rand @alphabet ] } 1 .. 1 + rand 5; }

my %model;
for (1 .. 300)
{
	my ($p, $s) = (("\0", "\1", "\0\1", "\2")[ rand 4 ], random_string());
	my $item = { $pk => s_($p), $sk => s_($s), $gk => s_("\0"), c => s_($p), random_string() => { SS => [ "\0", "\1", random_string() . 'x' ] },
		m => { M => { random_string() => { L => [ s_(random_string()), s_('\\u0000') ] } } } };
	ask('PutItem', { TableName => 'Zero', Item => $item })->{status} == 200 or die 'PutItem failed';
	$model{$p}{$s} = $item;
}
my $n = map { keys %$_ } values %model;
my $wrong = 0;
for my $p (keys %model)
{
	for my $s (keys %{ $model{$p} })
	{
		my $answer = ask('GetItem', { TableName => 'Zero', Key => { $pk => s_($p), $sk => s_($s) } });
		for my $item ($answer->{Item}, $model{$p}{$s})
		{
			for my $v (values %$item) { $v->{SS} = [ sort @{ $v->{SS} } ] if $v->{SS}; }
		}
		$wrong++ if $json->encode($answer->{Item} // {}) ne $json->encode($model{$p}{$s});
	}
}
is($wrong, 0, 'GetItem gives what PutItem took');

# all pages, $limit items each, by LastEvaluatedKey
sub pages
{
	my ($operation, $request, $limit) = @_;
	my (@items, $start);

	for (1 .. 1000)
	{
		my $answer = ask($operation, { %$request, Limit => $limit, $start ? (ExclusiveStartKey => $start) : () });
		die $answer->{body} if $answer->{status} != 200;
		push @items, @{ $answer->{Items} };
		$start = $answer->{LastEvaluatedKey} or return @items;
	}
	die 'no end';
}

# perl sorts by code points, which is the order of UTF-8
for my $p (sort keys %model)
{
	my %query = (
		TableName => 'Zero', KeyConditionExpression => '#p = :p',
		ExpressionAttributeNames => { '#p' => $pk }, ExpressionAttributeValues => { ':p' => s_($p) });
	is_deeply([ map { $_->{$sk}{S} } pages('Query', \%query, 7) ], [ sort keys %{ $model{$p} } ], 'pages of a Query');
	is_deeply([ map { $_->{$sk}{S} } pages('Query', { %query, ScanIndexForward => JSON::PP::false }, 7) ],
		[ reverse sort keys %{ $model{$p} } ], 'backward');
	is_deeply([ map { $_->{$sk}{S} } pages('Query', { %query, FilterExpression => 'size(c) = :n',
					ExpressionAttributeValues => { ':p' => s_($p), ':n' => { N => '' . length $p } } }, 50) ],
		[ sort keys %{ $model{$p} } ], 'filtered by size()');
}
is(scalar(pages('Scan', { TableName => 'Zero' }, 11)), $n, 'pages of a Scan');
is(scalar(pages('Scan', { TableName => 'Zero', IndexName => 'gsi' }, 11)), $n, 'of an index');
is( scalar(map { pages('Scan', { TableName => 'Zero', Segment => $_, TotalSegments => 3 }, 11) } 0 .. 2), $n, 'of segments');
is(sql(q{SELECT count(*) FROM ddb_data."Zero" WHERE ddb_json(item)::text LIKE '%\\\\u0000%'}), $n, 'SQL shows them by ddb_json');

my $transaction = ask('TransactWriteItems', { TransactItems => [ {
			ConditionCheck => {
				TableName => 'Zero', Key => { $pk => s_('none'), $sk => s_('x') }, ConditionExpression => 'attribute_exists(#p)',
				ExpressionAttributeNames => { '#p' => $pk } } } , {
			Delete => {
				TableName => 'Zero', Key => { $pk => s_("\0"), $sk => s_((sort keys %{ $model{"\0"} })[0]) }, ConditionExpression => '#p <> :p',
				ExpressionAttributeNames => { '#p' => $pk }, ExpressionAttributeValues => { ':p' => s_("\0") },
				ReturnValuesOnConditionCheckFailure => 'ALL_OLD' } } ] });
is($transaction->{CancellationReasons}[1]{Item}{$pk}{S}, "\0", 'the item in the reasons of a cancelled transaction');
is( ask('PutItem', { TableName => 'Zero', Item => { $pk => s_("\0"), $sk => s_('') } })->{message},
	"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: s\1",
	'a name in a message');
is( ask('GetItem', { TableName => "Zero\0", Key => {} })->{message},
	"1 validation error detected: Value 'Zero\0' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
	'a value in a message');
is(ask('GetItem', { TableName => 'Zero', Key => {}, ProjectionExpression => "a\0b" })->{message},
	"Invalid ProjectionExpression: Syntax error; token: \"\0\", near: \"a\0b\"", 'a token in a message');

# ---- streams ----

sql(q{SELECT pg_create_logical_replication_slot('zero', 'ddb')});
sql(q{CREATE TABLE seen (record json);
	CREATE FUNCTION see(batch jsonb) RETURNS void LANGUAGE sql SET search_path = public, pg_catalog AS $$
		INSERT INTO seen SELECT ddb_json(r) FROM jsonb_array_elements(batch -> 'Records') r $$;
	SELECT ddb_create_trigger('t', 'Zero', 'public.see(jsonb)', filter => ddb_jsonb('{"Filters": [{"Pattern": "{\"dynamodb\": {\"NewImage\": {\"v\": {\"S\": [{\"prefix\": \"\\\\u0000\"}, {\"suffix\": \"\\\\u0002\"}]}}}}"}]}'))});
my ($stream) = map { $_->{StreamArn} } @{ ask_streams('ListStreams', { TableName => 'Zero' })->{Streams} };
$node->poll_query_until('postgres', q{SELECT status = 'ENABLED' FROM ddb_streams WHERE table_name = 'Zero'}) or die 'no stream';
# the second is what the trigger's filter must pass over: it ends in an escape's end
my @values = ("\0v\1", "v\1", "v\2");
ask('PutItem', { TableName => 'Zero', Item => { $pk => s_('stream'), $sk => s_("\0$_"), v => s_($_) } }) for @values;

my @records = map { $json->decode($_) } split /\n/, sql(q{SELECT data FROM pg_logical_slot_get_changes('zero', NULL, NULL)});
is_deeply([ map { $_->{dynamodb}{NewImage}{v}{S} } @records ], \@values, 'the text of the output plugin');
is_deeply($records[0]{dynamodb}{Keys}, { $pk => s_('stream'), $sk => s_("\0\0v\1") }, 'names and keys in it');
# keys: p\0 stream, s\1 and the value; the image has them and v
is($records[0]{dynamodb}{SizeBytes}, 2 * (2 + 6 + 2 + 4) + 1 + 3, 'sizes count true bytes');

sub stream_records
{
	my ($shard) = map { $_->{ShardId} } @{ ask_streams('DescribeStream', { StreamArn => $stream })->{StreamDescription}{Shards} };
	my $iterator = ask_streams('GetShardIterator', { StreamArn => $stream, ShardId => $shard, ShardIteratorType => 'TRIM_HORIZON' })->{ShardIterator};
	my @found;
	while ($iterator)
	{
		my $answer = ask_streams('GetRecords', { ShardIterator => $iterator });
		last unless @{ $answer->{Records} };
		push @found, @{ $answer->{Records} };
		$iterator = $answer->{NextShardIterator};
	}
	return grep { ($_->{dynamodb}{Keys}{$pk}{S} // '') eq 'stream' } @found;
}
my @got;
for (1 .. 100)
{
	@got = stream_records();
	last if @got >= @values;
	select undef, undef, undef, 0.1;
}
is_deeply([ map { $_->{dynamodb} } map { delete @{ $_->{dynamodb} }{qw(ApproximateCreationDateTime SequenceNumber)}; $_ } @got ],
	[ map { $_->{dynamodb} } map { delete @{ $_->{dynamodb} }{qw(ApproximateCreationDateTime SequenceNumber)}; $_ } @records ], 'GetRecords gives the same');
ok($node->poll_query_until('postgres', q{SELECT count(*) >= 2 FROM seen}), 'a trigger gets records');
is_deeply([ map { $json->decode($_)->{dynamodb}{NewImage}{v}{S} } split /\n/, sql('SELECT record FROM seen') ], [ @values[ 0, 2 ] ], 'those that its filter lets through');

# ---- anywhere in a request ----

sql(q{SELECT ddb_create_table('Fuzz', 'p S', 's S', global_indexes => '{"gsi": {"partition_key": "g S"}}');
	SELECT ddb_put('Fuzz', '{"p": {"S": "a"}, "s": {"S": "b"}, "n": {"N": "1"}, "g": {"S": "g"}}')});
my $key = '{"p": {"S": "a"}, "s": {"S": "b"}}';
my @requests = (
	[ 'PutItem', qq({"TableName": "Fuzz", "Item": {"p": {"S": "a"}, "s": {"S": "b"}, "n": {"N": "1"}, "b": {"B": "AA=="}, "m": {"M": {"k": {"SS": ["x"]}}}, "z": {"NULL": true}}, "ConditionExpression": "attribute_exists(#p)", "ExpressionAttributeNames": {"#p": "p"}, "ReturnValues": "ALL_OLD"}) ],
	[ 'GetItem', qq({"TableName": "Fuzz", "Key": $key, "ProjectionExpression": "m.k, n", "ReturnConsumedCapacity": "TOTAL"}) ],
	[ 'UpdateItem', qq({"TableName": "Fuzz", "Key": $key, "UpdateExpression": "SET n = n + :n, x = list_append(:l, :l) ADD y :n REMOVE z", "ConditionExpression": "size(s) < :n OR contains(s, :s)", "ExpressionAttributeValues": {":n": {"N": "7"}, ":l": {"L": [{"S": ""}]}, ":s": {"S": "b"}}}) ],
	[ 'UpdateItem', qq({"TableName": "Fuzz", "Key": $key, "AttributeUpdates": {"u": {"Action": "PUT", "Value": {"NS": ["1"]}}}, "Expected": {"n": {"ComparisonOperator": "NOT_NULL"}}}) ],
	[ 'DeleteItem', qq({"TableName": "Fuzz", "Key": {"p": {"S": "none"}, "s": {"S": "b"}}, "ReturnItemCollectionMetrics": "SIZE"}) ],
	[ 'Query', qq({"TableName": "Fuzz", "KeyConditionExpression": "p = :p AND begins_with(s, :s)", "FilterExpression": "attribute_type(n, :t)", "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"S": "b"}, ":t": {"S": "N"}}, "ExclusiveStartKey": {"p": {"S": "a"}, "s": {"S": "b"}}, "Select": "COUNT"}) ],
	[ 'Query', qq({"TableName": "Fuzz", "IndexName": "gsi", "KeyConditions": {"g": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "g"}]}}, "QueryFilter": {"n": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "0"}]}}, "ConditionalOperator": "AND"}) ],
	[ 'Scan', qq({"TableName": "Fuzz", "IndexName": "gsi", "ExclusiveStartKey": {"p": {"S": "a"}, "s": {"S": "a"}, "g": {"S": "g"}}, "AttributesToGet": ["n"], "Segment": 0, "TotalSegments": 1}) ],
	[ 'BatchGetItem', qq({"RequestItems": {"Fuzz": {"Keys": [$key], "ExpressionAttributeNames": {"#n": "n"}, "ProjectionExpression": "#n"}}}) ],
	[ 'BatchWriteItem', qq({"RequestItems": {"Fuzz": [{"PutRequest": {"Item": $key}}, {"DeleteRequest": {"Key": {"p": {"S": "q"}, "s": {"S": "r"}}}}]}}) ],
	[ 'TransactGetItems', qq({"TransactItems": [{"Get": {"TableName": "Fuzz", "Key": $key}}]}) ],
	[ 'TransactWriteItems', qq({"TransactItems": [{"Update": {"TableName": "Fuzz", "Key": $key, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"BOOL": true}}}}, {"ConditionCheck": {"TableName": "Fuzz", "Key": {"p": {"S": "c"}, "s": {"S": "c"}}, "ConditionExpression": "attribute_not_exists(p)"}}], "ClientRequestToken": "t"}) ],
	[ 'ExecuteStatement', qq({"Statement": "UPDATE \\"Fuzz\\" SET pq = [1, 'x', {'y': ?}] REMOVE u WHERE p = 'a' AND s = ? RETURNING ALL NEW *", "Parameters": [{"S": "z"}, {"S": "b"}]}) ],
	[ 'ExecuteStatement', qq({"Statement": "SELECT n, m.k[0] FROM \\"Fuzz\\".\\"gsi\\" WHERE g = 'g' AND begins_with(s, 'b')"}) ],
	[ 'BatchExecuteStatement', qq({"Statements": [{"Statement": "SELECT * FROM Fuzz WHERE p = 'a' AND s = 'b'"}]}) ],
	[ 'ExecuteTransaction', qq({"TransactStatements": [{"Statement": "DELETE FROM Fuzz WHERE p = 'q' AND s = 'r'"}]}) ],
	[ 'CreateTable', qq({"TableName": "Fuzz", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "Tags": [{"Key": "k", "Value": "v"}]}) ],
	[ 'UpdateTable', qq({"TableName": "Fuzz", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "none"}}]}) ],
	[ 'DescribeTable', qq({"TableName": "Fuzz"}) ], [ 'DeleteTable', qq({"TableName": "None"}) ],
	[ 'ListTables', qq({"ExclusiveStartTableName": "Fuzz"}) ], [ 'DescribeTimeToLive', qq({"TableName": "Fuzz"}) ],
	[ 'UpdateTimeToLive', qq({"TableName": "None", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "t"}}) ],
	[ 'TagResource', qq({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Fuzz", "Tags": [{"Key": "k", "Value": "v"}]}) ],
	[ 'UntagResource', qq({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Fuzz", "TagKeys": ["k"]}) ],
	[ 'ListTagsOfResource', qq({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Fuzz", "NextToken": "x"}) ],
	[ 'ListStreams', qq({"TableName": "Zero", "ExclusiveStartStreamArn": "$stream"}), 'DynamoDBStreams_20120810' ],
	[ 'DescribeStream', qq({"StreamArn": "$stream", "ExclusiveStartShardId": "shardId-00000001"}), 'DynamoDBStreams_20120810' ],
	[ 'GetShardIterator', qq({"StreamArn": "$stream", "ShardId": "shardId-00000001", "ShardIteratorType": "LATEST", "SequenceNumber": "1"}), 'DynamoDBStreams_20120810' ],
	[ 'GetRecords', qq({"ShardIterator": "$stream|1|AAAA"}), 'DynamoDBStreams_20120810' ]);
my @workers = worker_pids($node);
my (%odd, $sent);
for my $request (@requests)
{
	my ($operation, $body, $service) = @$request;
	ok(ask($operation, $body, $service)->{status} =~ /^[24]00$/, "$operation as it is");
	# behind every opening quote, and every byte within quotes
	while ($body =~ /"((?:[^"\\]|\\.)*)"/g)
	{
		for my $at ($-[1] .. $+[1])
		{
			my $changed = substr($body, 0, $at) . '\u0000' . substr($body, $at);
			my $answer = ask($operation, $changed, $service);
			$sent++;
			next if $answer->{status} == 200;
			next if $answer->{status} == 400 && ($answer->{__type} // '') =~ /#\w+(Exception|NotFound)$/ && $answer->{__type} !~ /Internal/;
			$odd{"$operation: $answer->{status} " . substr($answer->{body}, 0, 200)} = $changed;
		}
	}
}
cmp_ok($sent, '>', 2000, 'U+0000 at every place of a request');
is_deeply(\%odd, {}, 'is taken, or refused as DynamoDB does');
is_deeply([ worker_pids($node) ], \@workers, 'and ends no worker');
is(sql(q{SELECT count(*) FROM ddb_data."Fuzz" WHERE ddb_jsonb(ddb_json(item)) <> item}), 0, 'all that was stored is sound');

# ---- data of version 1.0 ----

# No later library fills a database of 1.0: what upgrades are tested with takes a few rows by plain SQL.
sql('CREATE ROLE upgrade_root SUPERUSER LOGIN; CREATE ROLE upgrade_maker; CREATE ROLE upgrade_reader');
sql('CREATE DATABASE old ENCODING UTF8 TEMPLATE template0');
sub old { return $node->safe_psql('old', shift); }
old(q{CREATE EXTENSION ddb VERSION '1.0'});
command_ok([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', $node->connstr('old'), '-f', dirname(__FILE__) . '/../upgrade/filled_1.0.sql' ],
	'a database of version 1.0');
old(q{ALTER TABLE ddb_data."KeysSS" DISABLE TRIGGER ddb_item;
	DELETE FROM ddb_data."KeysSS";
	INSERT INTO ddb_data."KeysSS" (pk, sk, item) SELECT p, s, jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('S', s), s, '{"S": "\\\u0001\\\\\u0001\u0001\u0001"}'::jsonb)
		FROM (VALUES (E'\x01', E'\x01'), (E'\x01', E'\x01\x02'), (E'\x01\x01', E'a\x01b\\\u0001'), ('plain', 'plain')) t (p, s);
	ALTER TABLE ddb_data."KeysSS" ENABLE TRIGGER ddb_item});
# members stand in another order when their names have another length
sub members_sorted { return [ map { $json->encode($json->decode($_)) } split /\n/, shift ]; }
my $before = old(q{SELECT item::text FROM ddb_data."KeysSS" ORDER BY pk, sk});
old(q{ALTER EXTENSION ddb UPDATE});
is_deeply(members_sorted(old(q{SELECT ddb_json(item) FROM ddb_data."KeysSS" ORDER BY pk, sk})), members_sorted($before), 'an upgrade keeps U+0001');
is(old(q{SELECT count(*) FROM ddb_data."KeysSS" o WHERE ddb_get('KeysSS', jsonb_build_object('pk', item -> 'pk', 'sk', item -> 'sk')) = item}), 4, 'in keys too');
is(old(q{SELECT ddb_index_check('ddb_data."KeysSS:primary"')}), 4, 'and in indexes');

done_testing();
