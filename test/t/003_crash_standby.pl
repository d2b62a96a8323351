# What ddb acknowledged survives kill -9, and a streaming standby answers reads,
# refuses writes and takes over.  Each writer notes the number of its last
# acknowledged write; afterwards every item must be at least that new.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $writers = 4;
my $keys = 20;    # of each writer, written in turn
my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C' ]);
$primary->append_conf('postgresql.conf', "fsync = on\nlog_statement = none\nautovacuum_naptime = 1s");
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION ddb;
	SELECT ddb_create_table('log', 'w S', 'k N',
	  global_indexes => '{"by_g": {"partition_key": "g S", "sort_key": "n N"}}',
	  local_indexes => '{"by_n": {"sort_key": "n N"}}');
});

# write_script makes a writer's statements for one round: puts that move items
# in both indexes, updates that move nothing, deletes followed by a put.
sub write_script
{
	my ($writer, $first) = @_;
	my $file = $primary->basedir . "/writer$writer.sql";
	my $sql = '';

	foreach my $n ($first .. $first + 19999)
	{
		my $k = $n % $keys;
		my $key = qq{{"w": {"S": "w$writer"}, "k": {"N": "$k"}}};

		$sql .= "SELECT ddb_delete('log', '$key');\n" if $n % 11 == 0;
		$sql .= $n % 3
		  ? qq{SELECT ddb_put('log', '$key'::jsonb || '{"n": {"N": "$n"}, "g": {"S": "g} . $n % 7 . qq{"}}');\n}
		  : qq{SELECT ddb_update('log', '$key', 'SET n = :n', "values" => '{":n": {"N": "$n"}}');\n};
		$sql .= "\\echo $n\n";
	}
	unlink $file;
	append_to_file($file, $sql);
	return $file;
}

# check_indexes compares all indexes of a node with the table.
sub check_indexes
{
	my ($node, $when) = @_;

	foreach my $index ([ 'primary', 'w' ], [ 'by_g', 'g' ], [ 'by_n', 'n' ])
	{
		is( $node->safe_psql('postgres', "SELECT ddb_index_check('ddb_data.\"log:$index->[0]\"')"),
			$node->safe_psql('postgres', "SET enable_indexscan = off; SET enable_bitmapscan = off; SELECT count($index->[1]) FROM ddb_data.log"),
			"$when: index $index->[0] is right");
	}
	return;
}

# restart starts a node whose processes may still be going away.
sub restart
{
	my ($node) = @_;

	foreach my $try (1 .. 100)
	{
		$node->{_pid} = undef;    # of a server that is gone, or going
		return if $node->start(fail_ok => 1);
		usleep(100_000);
	}
	BAIL_OUT('the server did not start again');
	return;
}

my @acked = (0) x $writers;
foreach my $how ('stop immediate', 'kill -9 of the postmaster', 'kill -9 of a backend')
{
	my @runs;

	foreach my $writer (0 .. $writers - 1)
	{
		my $run = { out => '' };
		my $file = write_script($writer, $acked[$writer] + 1);

		$run->{handle} = IPC::Run::start(
			[   'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', $file,
				'-h', $primary->host, '-p', $primary->port, 'postgres' ],
			'<', \undef, '>', \$run->{out}, '2>', \$run->{err});
		push @runs, $run;
	}
	sleep 2;
	if ($how eq 'stop immediate')
	{
		$primary->stop('immediate');
	}
	elsif ($how eq 'kill -9 of the postmaster')
	{
		$primary->kill9;
	}
	else
	{
		# restart_after_crash is off in test clusters: the server goes down
		kill 'KILL', $primary->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT ddb_%' LIMIT 1});
		foreach my $try (1 .. 300)
		{
			last if !-e $primary->data_dir . '/postmaster.pid';
			usleep(100_000);
		}
	}
	foreach my $writer (0 .. $writers - 1)
	{
		$runs[$writer]->{handle}->finish;
		my @lines = grep { /^\d+$/ } split /\n/, $runs[$writer]->{out};
		$acked[$writer] = $lines[-1] if @lines;
	}
	restart($primary);

	foreach my $writer (0 .. $writers - 1)
	{
		my $last = $acked[$writer];
		my $first = $last >= $keys ? $last - $keys + 1 : 1;

		cmp_ok($last, '>', 0, "$how: writer $writer wrote");
		is( $primary->safe_psql('postgres', qq{
				SELECT string_agg(n::text, ',') FROM generate_series($first, $last) AS n
				WHERE n % $keys <> ($last + 1) % $keys
				AND coalesce((ddb_get('log', jsonb_build_object('w', '{"S": "w$writer"}'::jsonb, 'k', jsonb_build_object('N', (n % $keys)::text))) #>> '{n,N}')::int, 0) < n}),
			'', "$how: all that writer $writer was told is there");
	}
	check_indexes($primary, $how);
}

# A standby.  One session of it stays open while tables change on the primary.
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my ($in, $out, $err) = ('', '', '');
my $session = IPC::Run::start(
	[ 'psql', '-XAtq', '-h', $standby->host, '-p', $standby->port, 'postgres' ],
	'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default));

# ask runs a query in that session and gives its answer, or its error.
sub ask
{
	my ($sql) = @_;

	($out, $err) = ('', '');
	$in = "$sql;\n\\echo .done\n\\warn .done\n";
	$session->pump until $out =~ /\.done\n/ && $err =~ /\.done\n/;
	$out =~ s/\.done\n//;
	$err =~ s/\.done\n//;
	return $err || $out;
}

my $put = q{ddb_put('log', '{"w": {"S": "s"}, "k": {"N": "1"}, "n": {"N": "1"}, "g": {"S": "new"}, "h": {"S": "h"}}')};
my $get = q{SELECT ddb_get('log', '{"w": {"S": "s"}, "k": {"N": "1"}}') #>> '{g,S}'};

is(ask($get), "\n", 'standby: the item is not there');
$primary->safe_psql('postgres', "SELECT $put");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is(ask($get), "new\n", 'standby: ddb_get answers');
is(ask(q{SELECT i #>> '{n,N}' FROM ddb_query('log', 'g = :g', '{":g": {"S": "new"}}', index_name => 'by_g') AS i}),
	"1\n", 'standby: ddb_query answers');
is( ask(q{SELECT count(*) FROM ddb_scan('log')}),
	$primary->safe_psql('postgres', q{SELECT count(*) FROM ddb_scan('log')}) . "\n",
	'standby: ddb_scan answers');
like(ask("SELECT $put"), qr/ERROR:  cannot execute PutItem in a read-only transaction/,
	'standby: ddb_put is refused');
like(ask(q{SELECT ddb_update('log', '{"w": {"S": "s"}, "k": {"N": "1"}}', 'REMOVE g')}),
	qr/ERROR:  cannot execute UpdateItem in a read-only transaction/, 'standby: ddb_update is refused');
like(ask(q{SELECT ddb_delete('log', '{"w": {"S": "s"}, "k": {"N": "1"}}')}),
	qr/ERROR:  cannot execute DeleteItem in a read-only transaction/, 'standby: ddb_delete is refused');
like(ask(q{SELECT ddb_import('log', 'SELECT 1')}),
	qr/ERROR:  cannot execute ddb_import\(\) in a read-only transaction/, 'standby: ddb_import is refused');
like(ask(q{SELECT ddb_create_table('other', 'k S')}), qr/ERROR:  cannot .* in a read-only transaction|during recovery/,
	'standby: ddb_create_table is refused');

$primary->safe_psql('postgres', q{SELECT ddb_update_table('log', '{"by_h": {"partition_key": "h S"}}', 'by_g')});
$primary->safe_psql('postgres', q{SELECT ddb_create_table('other', 'k S'); SELECT ddb_put('other', '{"k": {"S": "x"}}')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is(ask(q{SELECT i #>> '{n,N}' FROM ddb_query('log', 'h = :h', '{":h": {"S": "h"}}', index_name => 'by_h') AS i}),
	"1\n", 'standby: an open session uses a new index');
like(ask(q{SELECT ddb_query('log', 'g = :g', '{":g": {"S": "new"}}', index_name => 'by_g')}),
	qr/does not have the specified index/, 'standby: an open session misses a dropped index');
is(ask($get), "new\n", 'standby: the table is still read');
is(ask(q{SELECT ddb_scan('other')}), qq{{"k": {"S": "x"}}\n}, 'standby: an open session sees a new table');
$primary->safe_psql('postgres', q{SELECT ddb_delete_table('other')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
like(ask(q{SELECT ddb_scan('other')}), qr/Requested resource not found/, 'standby: and misses a dropped one');

$primary->stop('immediate');
$standby->promote;
is(ask("SELECT $put; $get"), "\nnew\n", 'promoted: the open session writes');
is( $standby->safe_psql('postgres', q{SELECT ddb_index_check('ddb_data."log:by_h"')}), '1',
	'promoted: index by_h is right');
is( $standby->safe_psql('postgres', q{SELECT ddb_index_check('ddb_data."log:primary"')}),
	$standby->safe_psql('postgres', q{SELECT count(*) FROM ddb_scan('log')}), 'promoted: index primary is right');
$standby->safe_psql('postgres', q{SELECT ddb_update_table('log', '{"by_g": {"partition_key": "g S"}}')});
is( $standby->safe_psql('postgres', q{SELECT count(*) FROM ddb_query('log', 'g = :g', '{":g": {"S": "new"}}', index_name => 'by_g')}),
	'1', 'promoted: a new index is filled');
$in = "\\q\n";
$session->finish;

done_testing();
