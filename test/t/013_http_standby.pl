# With a synchronous standby a write over HTTP is acknowledged when the standby has
# it, and not before; and a stop of the server does not wait for a standby that is
# gone.  Until then no worker tells of it either.

use strict;
use warnings;

use DdbHttp;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $primary = http_node('primary', "ddb.http_workers = 3\nwal_level = replica\nmax_wal_senders = 5");
$primary->safe_psql('postgres', q{SELECT ddb_create_table('Other', 'id S')});
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
my $standby_port = use_port($standby);
$standby->append_conf('postgresql.conf', "ddb.http_port = $standby_port");
$standby->start;
$primary->append_conf('postgresql.conf', q{synchronous_standby_names = 'standby'});
$primary->reload;
sleep 0.5;

# put sends a PutItem and gives its connection.
sub put
{
	my ($title) = @_;
	my $socket = connect_http($primary);

	send_request($socket, 'PutItem',
		qq({"TableName": "Music", "Item": {"Artist": {"S": "a"}, "SongTitle": {"S": "$title"}}}));
	return $socket;
}

is(receive(put('one'))->{status}, 200, 'a write with the standby there');
is($standby->safe_psql('postgres', q{SELECT pg_last_wal_receive_lsn() IS NOT NULL}), 't', 'which follows');
wait_for_endpoint($standby);
my $get = '{"TableName": "Music", "Key": {"Artist": {"S": "a"}, "SongTitle": {"S": "one"}}}';
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
like(operation($standby, 'GetItem', $get), qr/^200 .*"one"/, 'a standby serves reads');
like(operation($standby, 'PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}, "SongTitle": {"S": "b"}}}'),
	qr/^400 .*#AccessDeniedException","Message":"cannot execute PutItem in a read-only transaction"/, 'and refuses writes for good');
like(operation($standby, $_->[0], $_->[1]), qr/^400 .*#AccessDeniedException","Message":"cannot execute \w+ in a read-only transaction"/, "and $_->[0]")
	for [ 'CreateTable', '{"TableName": "More", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}' ],
	[ 'DeleteTable', '{"TableName": "Music"}' ], [ 'UpdateTable', '{"TableName": "Music", "DeletionProtectionEnabled": true}' ],
	[ 'UpdateTimeToLive', '{"TableName": "Music", "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": true}}' ],
	[ 'TransactWriteItems', '{"TransactItems": [{"Delete": {"TableName": "Music", "Key": {"Artist": {"S": "a"}, "SongTitle": {"S": "b"}}}}]}' ];

$standby->stop;
my $waiting = put('two');
is(receive($waiting, 2), undef, 'no answer without the standby');
my @readers = map { connect_http($primary) } 1 .. 12;
send_request($_, 'GetItem', $get =~ s/one/two/r) for @readers;
my %asks = (
	'Query of its partition' => [ 'Query', '{"TableName": "Music", "KeyConditionExpression": "Artist = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}' ],
	'Scan' => [ 'Scan', '{"TableName": "Music"}' ],
	'BatchGetItem' => [ 'BatchGetItem', '{"RequestItems": {"Music": {"Keys": [{"Artist": {"S": "b"}, "SongTitle": {"S": "x"}}, {"Artist": {"S": "a"}, "SongTitle": {"S": "two"}}]}}}' ],
	'TransactGetItems' => [ 'TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "Music", "Key": {"Artist": {"S": "a"}, "SongTitle": {"S": "two"}}}}]}' ],
	'a condition' => [ 'PutItem', '{"TableName": "Music", "Item": {"Artist": {"S": "a"}, "SongTitle": {"S": "two"}}, "ConditionExpression": "attribute_not_exists(Artist)"}' ]);
for my $ask (sort keys %asks)
{
	push @readers, connect_http($primary);
	send_request($readers[-1], @{ $asks{$ask} });
}
my @told = IO::Select->new(@readers)->can_read(1);
is(scalar(@told), 0, 'nor is it shown to anybody');
my $began = time;
like(operation($primary, @$_), qr/^200/, "what does not depend on it is answered: $_->[0] $_->[1]")
	for [ 'GetItem', $get =~ s/"a"/"b"/r ], [ 'GetItem', '{"TableName": "Other", "Key": {"id": {"S": "x"}}}' ], [ 'Scan', '{"TableName": "Other"}' ],
	[ 'Query', '{"TableName": "Music", "KeyConditionExpression": "Artist = :a", "ExpressionAttributeValues": {":a": {"S": "b"}}}' ],
	[ 'DescribeTable', '{"TableName": "Music"}' ], [ 'ListTables', '{}' ];
my $socket = connect_http($primary);
print $socket "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
is(receive($socket)->{status}, 200, 'so is the health check');
cmp_ok(time - $began, '<', 1, 'without delay');
my $create = connect_http($primary);
send_request($create, 'CreateTable', '{"TableName": "Late", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}');
is(receive($create, 1), undef, 'a new table waits');
$create = connect_http($primary);
send_request($create, 'GetItem', '{"TableName": "Late", "Key": {"a": {"S": "x"}}}');
is(receive($create, 1), undef, 'and is not shown');
like(operation($primary, 'GetItem', '{"TableName": "Other", "Key": {"id": {"S": "x"}}}'), qr/^200/, 'but others are');
$standby->start;
is(scalar(grep { receive($_)->{body} =~ /"two"|ConditionalCheckFailed/ } @readers), 17, 'until the standby has it');
my $other = put('three');
is(receive($other)->{status}, 200, 'with the standby back writes go on');
is($primary->safe_psql('postgres', q{SELECT string_agg("SongTitle", ' ' ORDER BY "SongTitle") FROM ddb_data."Music"}),
	'one three two', 'all of them are there');

$standby->stop;
$waiting = put('unasked');
is(receive($waiting, 1), undef, 'without it they wait again');
$primary->adjust_conf('postgresql.conf', 'synchronous_standby_names', q(''));
$primary->reload;
is(receive(put('at once'))->{status}, 200, 'until nobody asks for a standby');
$primary->adjust_conf('postgresql.conf', 'synchronous_standby_names', 'standby');
$primary->reload;
sleep 0.5;

$waiting = put('four');
sleep 0.5;
$began = time;
$primary->stop('fast');
cmp_ok(time - $began, '<', 10, 'a stop does not wait for the standby');
is(receive($waiting, 5), undef, 'and acknowledges nothing');

done_testing();
