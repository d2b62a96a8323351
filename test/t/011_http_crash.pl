# What was acknowledged over HTTP survives kill -9 of the server, round after round,
# and workers don't outlive their postmaster.

use strict;
use warnings;

use DdbHttp;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $rounds = $ENV{DDB_HTTP_CRASHES} // 20;
my $clients = 4;
my $node = http_node('crash', "ddb.http_workers = 2\nrestart_after_crash = on\nautovacuum = off\ncheckpoint_timeout = 30s");

# client writes items of its own, several in flight at once, until the connection
# breaks; it notes each acknowledged one in a file.
sub client
{
	my ($round, $number, $file) = @_;
	my $socket = connect_http($node) or return;
	my $next = 0;

	open my $notes, '>', $file or die $!;
	$notes->autoflush(1);
	local $SIG{PIPE} = 'IGNORE';
	while (1)
	{
		my $batch = 1 + $next % 7;
		my $text = join '', map {
			request_text('PutItem', qq({"TableName": "Music", "Item": {"Artist": {"S": "$round-$number"}, "SongTitle": {"S": "$_"}}}))
		} $next .. $next + $batch - 1;

		syswrite($socket, $text) // return;
		for my $i ($next .. $next + $batch - 1)
		{
			my $answer = receive($socket, 10) or return;
			print $notes "$round-$number\t$i\n" if $answer->{status} == 200;
		}
		$next += $batch;
	}
}

my ($acknowledged, $lost, $survivors) = (0, 0, 0);
for my $round (1 .. $rounds)
{
	my @files = map { $node->basedir . "/acknowledged.$round.$_" } 1 .. $clients;
	my @children;
	for my $number (1 .. $clients)
	{
		my $pid = fork // die $!;
		if ($pid == 0)
		{
			client($round, $number, $files[ $number - 1 ]);
			require POSIX;
			POSIX::_exit(0);
		}
		push @children, $pid;
	}
	sleep 0.3 + rand 0.5;
	my @workers = worker_pids($node);
	# now and then only a worker dies: the postmaster restarts everything
	if ($round % 4 == 0)
	{
		kill 'KILL', $workers[0];
		waitpid $_, 0 for @children;
	}
	else
	{
		$node->kill9;
		waitpid $_, 0 for @children;
		for (1 .. 50)
		{
			last unless grep { kill 0, $_ } @workers;
			sleep 0.1;
		}
		$survivors += grep { kill 0, $_ } @workers;
		$node->start;
	}
	wait_for_endpoint($node);
	system('cat ' . join(' ', map { "'$_'" } grep { -e } @files) . ' >>' . $node->basedir . '/acknowledged');
	my $file = $node->basedir . '/acknowledged';
	my ($count, $missing) = split /\|/, $node->safe_psql('postgres', qq{
		CREATE TEMP TABLE noted (artist text, title text);
		COPY noted FROM '$file';
		SELECT count(*), count(*) FILTER (WHERE m."Artist" IS NULL)
		FROM noted LEFT JOIN ddb_data."Music" m ON m."Artist" = artist AND m."SongTitle" = title});
	$acknowledged = $count;
	$lost += $missing;
}
is($lost, 0, "no acknowledged write is lost ($acknowledged in $rounds crashes)");
cmp_ok($acknowledged, '>', 100 * $rounds, 'and there were many');
is($survivors, 0, 'workers end with their postmaster');
is($node->safe_psql('postgres', q{SELECT ddb_index_check(indexrelid::regclass) = (SELECT count(*) FROM ddb_data."Music")
	FROM pg_index WHERE indrelid = 'ddb_data."Music"'::regclass}), 't', 'the index is right');
$node->stop;

done_testing();
