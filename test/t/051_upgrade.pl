# An upgrade of a filled database of version 1.0 brings it to what CREATE EXTENSION makes
# today, and it answers and goes on as one that today's version filled.  So does a dump of
# it.  Until the upgrade, everything says what to run.

use strict;
use warnings;

use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use DdbStream;

my $folder = dirname(__FILE__) . '/../upgrade';
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', stream_settings() . <<'END');
shared_preload_libraries = 'ddb'
autovacuum = off
max_worker_processes = 32
max_replication_slots = 10
log_statement = none
log_line_prefix = '%b[%p] '
timezone = 'UTC'
ddb.ttl_interval = 1
END
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE upgrade_root SUPERUSER LOGIN;
	CREATE ROLE upgrade_maker LOGIN;
	CREATE ROLE upgrade_reader LOGIN});

# run gives what psql prints of a file, or of commands.
sub run
{
	my ($db, $file_or_sql) = @_;
	my @how = -f "$folder/$file_or_sql" ? ('-f', "$folder/$file_or_sql") : ('-c', $file_or_sql);
	my ($out, $err) = run_command([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-U', 'upgrade_root', '-d', $node->connstr($db), @how ]);
	die "$file_or_sql in $db: $err" if $err =~ /ERROR|FATAL/;
	return $out;
}

sub database
{
	my ($db, $version) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db OWNER upgrade_root");
	run($db, 'CREATE EXTENSION ddb' . ($version ? " VERSION '$version'" : '')) if defined $version;
	return;
}

# same compares lines, and shows those that only one side has.
sub same
{
	my ($got, $expected, $what) = @_;
	my (%count, @only);
	$count{$_}++ for split /\n/, $got;
	$count{$_}-- for split /\n/, $expected;
	@only = grep { $count{$_} } sort keys %count;
	ok($got eq $expected && length $got > 100, $what)
	  or diag($#only < 0 ? 'the order differs' : join("\n", map { ($count{$_} > 0 ? 'only here: ' : 'missing: ') . substr $_, 0, 500 } @only[0 .. ($#only < 30 ? $#only : 30)]));
	return;
}

# ---- today's version ----

database('fresh', '');
run('fresh', 'fill.sql');
my $surface = run('fresh', 'surface.sql');
unlike($surface, qr/unknown kind of object/, 'surface.sql knows all kinds of objects');
unlike($surface, qr/ddb_test/, 'functions for tests are no part of ddb');

# Members without a comment, and columns.
is( run('fresh', q{
	SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND extname = 'ddb' AND obj_description(d.objid, d.classid::regclass::name) IS NULL
	  AND pg_describe_object(d.classid, d.objid, 0) !~ 'stream_records_'
	UNION ALL
	SELECT a.attrelid::regclass || '.' || attname FROM pg_attribute a JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = attrelid
	JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_class c ON c.oid = attrelid
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND extname = 'ddb' AND relkind <> 'S' AND attnum > 0
	  AND col_description(attrelid, attnum) IS NULL AND relname !~ '^stream_records_'}),
	'', 'every object and column has a comment');

# ---- version 1.0, as it was filled ----

# load makes a database of version 1.0 and fills it.  A log that goes on where the records'
# ends is part of the copy, and so is the slot.
sub load
{
	my ($db) = @_;
	database($db, '1.0');
	run($db, 'filled_1.0.sql');
	run($db, q{
		DO $$
		BEGIN
		  WHILE pg_current_wal_lsn() < (SELECT max(lsn) FROM ddb.stream_records) + 1000000 LOOP
		    PERFORM pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal();
		  END LOOP;
		END $$});
	run($db, q{
		SELECT pg_create_logical_replication_slot('ddb_' || oid, 'ddb') FROM pg_database WHERE datname = current_database()});
	run($db, q{
		UPDATE ddb.capture c SET slot_name = s.slot_name, captured_lsn = s.confirmed_flush_lsn
		FROM pg_replication_slots s WHERE s.database = current_database()});
	return;
}

load('old');
my $hint = qr/ERROR:  extension "ddb" of database "old" has version 1\.0, but its library has [0-9.]+\nHINT:  Run ALTER EXTENSION ddb UPDATE in this database\./;
for my $command (
	q{SELECT ddb_request('ListTables', '{}')},
	q{SELECT ddb_get('Counter', '{"id": {"S": "c"}}')},
	q{SELECT ddb_create_table('more', 'id S')},
	q{SELECT ddb_drop_trigger('taker')},
	q{SELECT ddb_create_access_key()},
	q{INSERT INTO ddb_data."Counter" (item) VALUES ('{"id": {"S": "sql"}}')})
{
	my ($ret, $out, $err) = $node->psql('old', $command);
	like($err, $hint, "before the upgrade: $command");
}
is(run('old', q{SELECT ddb_marshal('{"a": 1}')}), '{"a": {"N": "1"}}', 'before the upgrade: what needs no catalog works');
my $indexes = q{SELECT count(*), sum(ddb_index_check(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
	WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'ddb')};
is(run('old', $indexes), run('fresh', $indexes), 'before the upgrade: indexes work');
my $complaint = qr/ddb[^\n]*\] ERROR:  extension "ddb" of database "old" has version 1\.0.*?HINT:  Run ALTER EXTENSION ddb UPDATE/s;
for (1 .. 150)
{
	last if slurp_file($node->logfile) =~ $complaint;
	usleep(200_000);
}
like(slurp_file($node->logfile), $complaint, 'before the upgrade: workers say it too');
is(run('old', q{SELECT count(*) FROM ddb.streams s, pg_replication_slots WHERE failure IS NULL AND database = current_database()}),
	4, 'before the upgrade: workers leave streams and slot alone');

my $dump = $node->basedir . '/dump';
for my $db ('old', 'fresh')
{
	$node->command_ok([ 'pg_dump', '-U', 'upgrade_root', '-Fc', '-f', "$dump.$db", $node->connstr($db) ], "dump of $db");
}

run('old', 'ALTER EXTENSION ddb UPDATE');
same(run('old', 'surface.sql'), $surface, 'the objects are the same after the upgrade');

# ---- the data ----

# settled waits for what the workers do by themselves.
sub settled
{
	my ($db) = @_;
	ok($node->poll_query_until($db, q{SELECT bool_and(status IN ('ENABLED', 'DISABLED') AND coalesce(lag_bytes, 0) < 100000) FROM ddb_streams}),
		"$db: the streams are captured");
	return;
}

settled('old');
same(run('old', 'answers.sql'), run('fresh', 'answers.sql'), 'the upgraded database answers the same');
run($_, 'later.sql') for 'old', 'fresh';
my $answers = run('fresh', 'answers.sql');
like($answers, qr/^Stream-NEW_AND_OLD_IMAGES\|.*"later"/m, 'later changes are in the streams');
same(run('old', 'answers.sql'), $answers, 'and so does it after more writes, with its streams and triggers');
same(run('old', 'surface.sql'), run('fresh', 'surface.sql'), 'the objects are still the same');

# ---- dumps ----

# restored gives what a database answers that was made of a dump.
sub restored
{
	my ($db) = @_;
	database("restored_$db");
	$node->command_ok([ 'pg_restore', '-U', 'upgrade_root', '--exit-on-error', '-d', $node->connstr("restored_$db"), "$dump.$db" ], "restore of $db");
	return run("restored_$db", 'surface.sql') . run("restored_$db", 'answers.sql');
}

# No worker looks at what is restored before it is compared.
$node->safe_psql('postgres', q{ALTER SYSTEM SET ddb.database = 'elsewhere'});
$node->reload;
same(restored('old'), restored('fresh'), 'a dump of version 1.0 gives the same database as one of today');

# ---- sessions with the library of before ----

my ($ret, $out, $err) = $node->psql('fresh', q{
	SELECT ddb_get('Counter', '{"id": {"S": "c"}}') IS NULL;
	BEGIN;
	UPDATE pg_extension SET extversion = '1.100' WHERE extname = 'ddb';
	CREATE FUNCTION of_a_later_version() RETURNS void LANGUAGE sql AS '';
	SELECT ddb_get('Counter', '{"id": {"S": "c"}}')}, on_error_stop => 1);
like($err, qr/has version 1\.100, but its library has [0-9.]+\nHINT:  This process loaded the library of an earlier installation: connect again/,
	'a library notices when the objects become those of a later version');

done_testing();
