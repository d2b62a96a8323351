# Jobs of the background workers: a database without work has no process and does
# nothing; a worker that waits for events sleeps, and misses none; restored work is found
# at once; a server that has no place for workers, or none at all, says so.

use strict;
use warnings;

use DdbStream;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $node = PostgreSQL::Test::Cluster->new('jobs');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', stream_settings() . <<'END');
shared_preload_libraries = 'ddb'
max_worker_processes = 16
autovacuum = off
log_statement = none
END
$node->start;

sub sql
{
	my ($query, $db) = @_;
	return $node->safe_psql($db // 'postgres', $query);
}

sub wait_for
{
	my ($query, $what) = @_;
	return ok($node->poll_query_until('postgres', $query), $what);
}

# workers is a query for the number of processes in a database, of a job or of all.
sub workers
{
	my ($db, $job) = @_;
	my $type = $job ? "= 'ddb $job'" : q{LIKE 'ddb %'};
	return "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND backend_type $type";
}

# ---- nothing to do ----

sql('CREATE DATABASE idle');
sql(q{CREATE EXTENSION ddb; SELECT ddb_create_table('Things', 'pk S'); SELECT ddb_put('Things', '{"pk": {"S": "a"}}')}, 'idle');
usleep(1_500_000);
wait_for("SELECT (" . workers('idle') . ') = 0', 'a database without work has no worker');
usleep(1_500_000);
my $transactions = q{SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'idle'};
my $before = sql($transactions);
usleep(3_000_000);
is(sql($transactions), $before, 'and nobody runs a transaction there');

# ---- a sleeping worker ----

sql(q{CREATE EXTENSION ddb;
	CREATE TABLE effect (pk text);
	CREATE FUNCTION take(jsonb) RETURNS void LANGUAGE sql SET search_path = public, pg_catalog AS $$
	  INSERT INTO effect SELECT r #>> '{dynamodb,Keys,pk,S}' FROM jsonb_array_elements($1 -> 'Records') AS r $$;
	CREATE FUNCTION slow(jsonb) RETURNS void LANGUAGE sql SET search_path = public, pg_catalog AS $$
	  SELECT pg_sleep(0.3); SELECT take($1) $$;
	SELECT ddb_create_table('Streamed', 'pk S');
	SELECT ddb_update_table('{"TableName": "Streamed", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}'::jsonb)});
wait_for(q{SELECT status = 'ENABLED' FROM ddb_streams}, 'there is a stream');
wait_for('SELECT (' . workers('postgres', 'capture') . ') = 1 AND (' . workers('postgres', 'triggers') . ') = 0',
	'without a trigger only capture has a worker');

# put writes an item and gives the seconds until its record had its effect.
sub put
{
	my ($key) = @_;
	my $began = time();
	sql(qq{SELECT ddb_put('Streamed', '{"pk": {"S": "$key"}}')});
	wait_for("SELECT EXISTS (SELECT FROM effect WHERE pk = '$key')", "the trigger gets $key");
	return time() - $began;
}

# wakeups counts how often a process has slept.
sub wakeups
{
	my ($pid) = @_;
	my ($n) = slurp_file("/proc/$pid/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
	return $n;
}

sql(q{SELECT ddb_create_trigger('take', 'Streamed', 'take')});
put('first');
my $pid = sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb triggers'");
usleep(2_000_000);
my $slept = wakeups($pid);
usleep(4_000_000);
cmp_ok(wakeups($pid) - $slept, '<=', 2, 'a worker of triggers sleeps while there are no records');
cmp_ok(put("after $_"), '<', 10, 'and wakes when there is one') for 1 .. 3;
is(sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb triggers'"), $pid, 'it is the same process');

# A function that waits resets the process's latch.
sql(q{SELECT ddb_drop_trigger('take'); TRUNCATE effect; SELECT ddb_create_trigger('slow', 'Streamed', 'slow', batch_size => 1)});
for my $i (1 .. 12)
{
	sql(qq{SELECT ddb_put('Streamed', '{"pk": {"S": "slow $i"}}')});
	usleep(150_000 + 20_000 * $i);
}
wait_for('SELECT count(*) = 12 FROM effect', 'what comes while a function waits is not forgotten');
sql(q{SELECT ddb_drop_trigger('slow')});
wait_for('SELECT (' . workers('postgres', 'triggers') . ') = 0', 'the worker goes with the last trigger');

# ---- work that is restored ----

sql(q{SELECT ddb_create_trigger('take', 'Streamed', 'take');
	SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Streamed", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "at"}}')});
my ($err);
is($node->psql('postgres', q{SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Streamed", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "at"}}');
	SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Streamed", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "at"}}')}, stderr => \$err), 0, 'a time to live');
is($err, '', 'there is no warning where a worker comes');
for my $options ([], ['--inserts'])
{
	my $name = 'restored' . @$options;
	my $dump = $node->basedir . "/$name.sql";

	$node->command_ok([ 'pg_dump', @$options, '-f', $dump, $node->connstr('postgres') ], "pg_dump @$options");
	sql("CREATE DATABASE $name");
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr($name) ], 'restored');
	my $began = time();
	wait_for('SELECT (' . workers($name, $_) . ') = 1', "$name: $_ has its worker") for 'triggers', 'ttl';
	cmp_ok(time() - $began, '<', 20, "$name: at once");
	sql("DROP DATABASE $name");
}

# ---- no place for workers ----

sub log_lines
{
	my ($pattern, $from) = @_;
	my $log = substr(slurp_file($node->logfile), $from);
	return scalar(() = $log =~ /$pattern/g);
}

$node->append_conf('postgresql.conf', 'max_worker_processes = 3');
my $log = -s $node->logfile;
$node->restart;
ok($node->wait_for_log(qr/has to wait: too many background workers/, $log), 'the log says that a worker finds no place');
ok($node->wait_for_log(qr/DETAIL: +max_worker_processes is 3, for all that use background workers; the jobs of ddb need at least \d+ now/, $log), 'and what is needed');
usleep(12_000_000);
is(log_lines(qr/has to wait: too many background workers/, $log), 1, 'once');

# ---- no workers ----

$node->append_conf('postgresql.conf', q{shared_preload_libraries = ''});
$node->restart;
$node->psql('postgres', q{SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Streamed", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "at"}}')}, stderr => \$err);
is($err, '', 'disabling needs no worker');
$node->psql('postgres', q{SELECT ddb_request('UpdateTimeToLive', '{"TableName": "Streamed", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "at"}}')}, stderr => \$err);
like($err, qr/WARNING: +nothing deletes the expired items of table "Streamed"\nHINT: .*shared_preload_libraries = 'ddb'.*ddb.expire_items\(\)/, 'enabling a time to live warns');

$node->stop;
done_testing();
