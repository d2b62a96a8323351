# Under load the endpoint goes on: small requests pass large ones and those that wait
# for locks, and clients that take no answers cost bounded memory and end in time.

use strict;
use warnings;

use DdbHttp;
use IO::Select;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = http_node('load', <<'END');
ddb.http_workers = 1
ddb.http_read_timeout = 4s
ddb.http_max_unsent_size = 64MB
ddb.http_lock_timeout = 2s
END
my $get = '{"TableName": "Music", "Key": {"Artist": {"S": "small"}, "SongTitle": {"S": "x"}}}';

# 40 items of 390 kB: a BatchGetItem answers nearly 16 MB
$node->safe_psql('postgres', q{
	SELECT ddb_create_table('Locked', 'id S');
	SELECT count(ddb_put('Music', jsonb_build_object('Artist', '{"S": "big"}'::jsonb, 'SongTitle', jsonb_build_object('S', i::text),
		'v', jsonb_build_object('S', repeat(md5(i::text), 12187))))) FROM generate_series(1, 40) i;
	SELECT ddb_put('Music', '{"Artist": {"S": "small"}, "SongTitle": {"S": "x"}}');
});
my $batch = '{"RequestItems": {"Music": {"Keys": ['
	. join(', ', map { qq({"Artist": {"S": "big"}, "SongTitle": {"S": "$_"}}) } 1 .. 40) . ']}}}';

# slowest makes requests for a small item one after another, for some seconds, and
# gives the longest time and the number of those that took long.
sub slowest
{
	my ($seconds) = @_;
	my $socket = connect_http($node);
	my ($slowest, $slow, $n) = (0, 0, 0);
	my $end = time + $seconds;

	while (time < $end)
	{
		my $began = time;
		send_request($socket, 'GetItem', $get);
		my $answer = receive($socket, 30);
		die 'no answer' unless $answer && $answer->{body} eq '{"Item":{"Artist":{"S":"small"},"SongTitle":{"S":"x"}}}';
		my $took = time - $began;
		$slowest = $took if $took > $slowest;
		$slow++ if $took > 0.1;
		$n++;
		sleep 0.002;
	}
	return ($slowest, $slow / $n);
}

# ---- large answers ----

is(length(call($node, 'BatchGetItem', $batch)->{body}) > 15_600_000, 1, 'a large answer');
my $alone = do { my $began = time; call($node, 'BatchGetItem', $batch); time - $began };
my @large = map { connect_http($node) } 1 .. 60;
my $reader = fork // die;
if ($reader == 0)
{
	# a client that takes what comes
	my $select = IO::Select->new(@large);
	my ($left, $bytes) = (time + 60, '');
	send_request($_, 'BatchGetItem', $batch) for @large;
	while ($select->count && time < $left)
	{
		for my $socket ($select->can_read(1))
		{
			$select->remove($socket) unless sysread($socket, $bytes, 1 << 20);
		}
	}
	require POSIX;
	POSIX::_exit(0);
}
sleep 0.3;
my ($slowest) = slowest(2);
cmp_ok($slowest, '<', 8 * $alone + 0.3, "behind 60 BatchGetItems a small request waits for few of them ($slowest s, one takes $alone s)");
kill 'TERM', $reader;
waitpid($reader, 0);
@large = ();

# ---- nobody takes them ----

my @pids = worker_pids($node);
my $before = rss_kb(@pids);
my @lazy = map { connect_http($node) } 1 .. 24;
send_request($_, 'BatchGetItem', $batch) for @lazy;
my $most = 0;
my $closed = 0;
my $began = time;
while (time - $began < 30 && $closed < @lazy)
{
	my $now = rss_kb(@pids);
	$most = $now if $now > $most;
	like(operation($node, 'GetItem', $get), qr/^200/, 'others are answered') if $most == $now && $closed == 0;
	sleep 0.25;
	# the server's end is closed: nothing of it is left in the list of TCP connections
	my $port = sprintf '%04X', http_port($node);
	open my $tcp, '<', '/proc/net/tcp' or die;
	my $open = grep { /^\s*\d+: 0100007F:$port 0100007F:[0-9A-F]{4} 01 / } <$tcp>;
	$closed = @lazy - $open if $open < @lazy;
}
cmp_ok($most - $before, '<', 64 * 1024 + 100 * 1024, 'unread answers are limited (' . ($most - $before) . ' kB)');
is($closed, 24, 'and who takes nothing is dropped');
is_deeply([ worker_pids($node) ], \@pids, 'by the same worker');
@lazy = ();

# ---- locks ----

my ($in, $out) = ('', '');
my $timer = IPC::Run::timeout(60);
my $psql = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, $timer);
$in .= qq(BEGIN;\nLOCK TABLE ddb_data."Locked";\n\\echo locked\n);
$psql->pump until $out =~ /locked/;
my @knocking = map { connect_http($node) } 1 .. 150;
send_request($_, 'GetItem', '{"TableName": "Locked", "Key": {"id": {"S": "x"}}}') for @knocking;
my ($longest, $share) = slowest(1.5);
cmp_ok($share, '<', 0.01, "150 clients of a locked table hold up nobody ($longest s)");
$in .= "ROLLBACK;\n\\q\n";
$psql->finish;
is(scalar(grep { receive($_)->{status} == 200 } @knocking), 150, 'and get their answers');

done_testing();
