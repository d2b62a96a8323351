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
my @told = IO::Select->new(@readers)->can_read(1);
is(scalar(@told), 0, 'nor is it shown to anybody');
$standby->start;
is(scalar(grep { receive($_)->{body} =~ /"two"/ } @readers), 12, 'until the standby has it');
my $other = put('three');
is(receive($other)->{status}, 200, 'with the standby back writes go on');
is($primary->safe_psql('postgres', q{SELECT string_agg("SongTitle", ' ' ORDER BY "SongTitle") FROM ddb_data."Music"}),
	'one three two', 'all of them are there');

$standby->stop;
$waiting = put('four');
sleep 0.5;
my $began = time;
$primary->stop('fast');
cmp_ok(time - $began, '<', 10, 'a stop does not wait for the standby');
is(receive($waiting, 5), undef, 'and acknowledges nothing');

done_testing();
