# The worker that deletes expired items: it starts and ends with the time to live, works
# off a backlog, goes on after a crash, walks a large table in parts, leaves alone what it
# can't expire and nothing else, spares items that are extended meanwhile, marks its
# deletions in the log, and stays away from a standby.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = PostgreSQL::Test::Cluster->new('ttl');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ], allows_streaming => 'logical');
$node->append_conf('postgresql.conf', <<'END');
shared_preload_libraries = 'ddb'
ddb.ttl_interval = 1
autovacuum = off
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

# live enables or disables time to live, on attribute "expires".
sub live
{
	my ($table, $on) = @_;
	return sql(qq{SELECT ddb_request('UpdateTimeToLive', '{"TableName": "$table",
		"TimeToLiveSpecification": {"Enabled": $on, "AttributeName": "expires"}}')});
}

# fill puts n items into a table; $ahead is SQL, of the item's number i.
sub fill
{
	my ($table, $from, $to, $ahead) = @_;
	sql(qq{SELECT ddb_import('$table', \$\$SELECT jsonb_build_object('id', jsonb_build_object('S', i::text),
		'color', jsonb_build_object('S', 'c' || i % 10), 'text', jsonb_build_object('S', repeat('x', 100)),
		'expires', jsonb_build_object('N', (extract(epoch FROM now())::bigint + $ahead)::text))
		FROM generate_series($from, $to) i\$\$)});
	return;
}

sub create
{
	my ($table) = @_;
	sql(qq{SELECT ddb_create_table('$table', 'id S', global_indexes => '{"by_color": {"partition_key": "color S"}}')});
	return;
}

sub wait_gone
{
	my ($table, $left, $what) = @_;
	return wait_for(qq{SELECT count(*) = $left FROM ddb_data."$table"}, $what);
}

# rounds waits until the worker has begun and ended $n more rounds of a table.
sub rounds
{
	my ($table, $n) = @_;
	for (1 .. $n)
	{
		my $last = sql(qq{SELECT coalesce(last_round::text, '-infinity') FROM ddb_ttl WHERE table_name = '$table'});
		$node->poll_query_until('postgres', qq{SELECT last_round > '$last' FROM ddb_ttl WHERE table_name = '$table'})
			or die "no more rounds of $table";
	}
	return;
}

my $workers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'ddb ttl'};

sql('CREATE EXTENSION ddb');
sleep 0.5;
is(sql($workers), '0', 'no worker before there is a time to live');

# ---- it deletes what has expired ----

create('Items');
fill('Items', 1, 20_000, '-i');
fill('Items', 20_001, 20_100, 'i');
my $started = time;
live('Items', 'true');
wait_gone('Items', 100, 'expired items go');
cmp_ok(time - $started, '<', 30, 'soon');
is(sql($workers), '1', 'by a worker');
is(sql(q{SELECT ddb_index_check('ddb_data."Items:by_color"')}), '100', 'the index has the rest');
wait_for(q{SELECT items_deleted = 20000 AND failure IS NULL AND last_at_end IS NOT NULL FROM ddb_ttl WHERE table_name = 'Items'},
	'the view counts them');
wait_for(q{SELECT n_tup_del = 20000 FROM pg_stat_user_tables WHERE relname = 'Items'}, 'and so do statistics');
fill('Items', 1, 10, '1 - i');
wait_gone('Items', 100, 'items that expire later go later');

# ---- off, by the setting and by the API ----

$node->append_conf('postgresql.conf', 'ddb.ttl_interval = 0');
$node->reload;
sleep 0.5;
fill('Items', 1, 10, '-i');
sleep 2;
is(sql('SELECT count(*) FROM ddb_data."Items"'), '110', 'interval 0: nothing is deleted');
$node->append_conf('postgresql.conf', 'ddb.ttl_interval = 1');
$node->reload;
wait_gone('Items', 100, 'another interval counts at once');
live('Items', 'false');
wait_for("SELECT ($workers) = 0", 'the worker ends with the last time to live');
fill('Items', 1, 10, '-i');
sleep 2;
is(sql('SELECT count(*) FROM ddb_data."Items"'), '110', 'disabled: nothing is deleted');
live('Items', 'true');
wait_gone('Items', 100, 'enabled again');

# ---- what it can't expire, and locks ----

create('Odd');
sql(q{CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
	CREATE TRIGGER mine BEFORE DELETE ON ddb_data."Odd" FOR EACH ROW EXECUTE FUNCTION nothing()});
fill('Items', 1, 10, '-i');
sql(q{INSERT INTO ddb_data."Odd" (item) VALUES (jsonb_build_object('id', '{"S": "a"}'::jsonb, 'expires', jsonb_build_object('N', (extract(epoch FROM now())::bigint - 10)::text)))});
my $log = -s $node->logfile;
live('Odd', 'true');
wait_for(q{SELECT failure LIKE '%has a trigger%' FROM ddb_ttl WHERE table_name = 'Odd'}, 'a table with a trigger');
rounds('Odd', 3);
is(sql('SELECT count(*) FROM ddb_data."Odd"'), '1', 'is left alone');
my @lines = slurp_file($node->logfile, $log) =~ /expired items of table "Odd" are not deleted: table "Odd" has a trigger/g;
is(scalar(@lines), 1, 'logged once');
wait_gone('Items', 100, 'the other one is not');
sql(q{DROP TRIGGER mine ON ddb_data."Odd"});
wait_gone('Odd', 0, 'without the trigger');
wait_for(q{SELECT failure IS NULL FROM ddb_ttl WHERE table_name = 'Odd'}, 'all is well');

my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN; LOCK TABLE ddb_data."Odd"');
fill('Items', 1, 10, '-i');
wait_gone('Items', 100, 'a locked table does not keep others waiting');
is(sql(q{SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE backend_type = 'ddb ttl' AND NOT granted}), '0',
	'nor the worker');
$holder->query_safe('ROLLBACK; BEGIN');
fill('Items', 1, 10, '-i');
$holder->query_safe(q{SELECT FROM ddb_data."Items" WHERE id = '3' FOR UPDATE});
sleep 0.1;
$holder->quit;
wait_gone('Items', 100, 'a locked item goes when it is free');
sql(q{SELECT ddb_delete_table('Odd')});

# ---- extended while they expire ----

create('Race');
# one expires after the other, within four seconds; half of them are extended at just that
# time, and a quarter a moment too late
fill('Race', 1, 40_000, '5 + i / 10000.0');
sql('CREATE TABLE extended (id text PRIMARY KEY)');
my $writers = q{
	CREATE PROCEDURE extend(remainder integer, late numeric) LANGUAGE plpgsql AS $$
	DECLARE
		first numeric := (SELECT min((item #>> '{expires,N}')::numeric) FROM ddb_data."Race");
	BEGIN
		FOR i IN 1 .. 40000 LOOP
			CONTINUE WHEN i % 4 <> remainder;
			PERFORM pg_sleep(first + i / 10000.0 + late - extract(epoch FROM clock_timestamp()));
			BEGIN
				PERFORM ddb_update('Race', jsonb_build_object('id', jsonb_build_object('S', i::text)),
					'SET expires = :t', 'attribute_exists(id)',
					"values" => jsonb_build_object(':t', jsonb_build_object('N', (extract(epoch FROM clock_timestamp())::bigint + 100000)::text)));
				INSERT INTO extended VALUES (i::text);
			EXCEPTION WHEN SQLSTATE 'DY002' THEN
				NULL;
			END;
			COMMIT;
		END LOOP;
	END $$;
	CREATE PROCEDURE expire() LANGUAGE plpgsql AS $$
	DECLARE
		until timestamptz := clock_timestamp() + '10 s';
	BEGIN
		WHILE clock_timestamp() < until LOOP
			PERFORM ddb.expire_items('Race');
			COMMIT;
		END LOOP;
	END $$};
sql($writers);
live('Race', 'true');
my @writers = map { IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-c', "CALL $_" ]) } ('extend(1, -0.002)', 'extend(3, -0.002)', 'extend(0, 0.3)', 'expire()');
$_->finish for @writers;
ok(!(grep { $_->result != 0 } @writers), 'writers meet no error');
wait_for(q{SELECT count(*) = (SELECT count(*) FROM extended) FROM ddb_data."Race"}, 'what is left is what was extended');
is(sql(q{SELECT count(*) FROM extended e WHERE ddb_get('Race', jsonb_build_object('id', jsonb_build_object('S', e.id))) IS NULL}), '0',
	'every item that was extended is there');
cmp_ok(sql('SELECT count(*) FROM extended'), '>', 100, 'there are many');
cmp_ok(sql('SELECT count(*) FROM extended'), '<', 30_000, 'and some were too late');
is(sql(q{SELECT ddb_index_check('ddb_data."Race:by_color"') = (SELECT count(*) FROM extended)}), 't', 'the index is right');

# ---- a large table is walked in parts ----

$node->append_conf('postgresql.conf', 'ddb.ttl_walk_size = 1');
$node->reload;
create('Large');
fill('Large', 1, 40_000, '100000');
my $blocks = sql(q{SELECT pg_relation_size('ddb_data."Large"') / 8192});
cmp_ok($blocks, '>', 5 * 128, 'some megabytes');
live('Large', 'true');
rounds('Large', 1);
my ($before, $last) = split /\|/, sql(q{SELECT next_block, last_round FROM ddb_ttl WHERE table_name = 'Large'});
for (1 .. 4)
{
	rounds('Large', 1);
	# rounds are a second apart at least
	my ($next, $now, $rounds) = split /\|/,
		sql(qq{SELECT next_block, last_round, ceil(extract(epoch FROM last_round - '$last')) FROM ddb_ttl WHERE table_name = 'Large'});
	my $walked = ($next - $before) % $blocks;
	cmp_ok($walked, '>', 0, 'a round walks on');
	cmp_ok($walked, '<=', 128 * $rounds, 'and no more than a megabyte');
	($before, $last) = ($next, $now);
}
fill('Large', 50_001, 50_010, '-10');
wait_gone('Large', 40_000, 'an item in it goes within a lap');
my $first_lap = sql(q{SELECT last_at_end FROM ddb_ttl WHERE table_name = 'Large'});
wait_for(qq{SELECT last_at_end > coalesce(nullif('$first_lap', '')::timestamptz, '-infinity') FROM ddb_ttl WHERE table_name = 'Large'}, 'the end is reached again and again');

sql(q{VACUUM FULL ddb_data."Large"});
rounds('Large', 1);
is(sql(q{SELECT p.filenode = pg_relation_filenode('ddb_data."Large"') FROM ddb.ttl_progress p WHERE relid = 'ddb_data."Large"'::regclass}),
	't', 'a rewritten table is walked from its beginning');
live('Large', 'false');

# ---- a backlog is worked off, and a crash on the way changes nothing ----

create('Backlog');
fill('Backlog', 1, 150_000, '-i');
cmp_ok(sql(q{SELECT pg_relation_size('ddb_data."Backlog"') / 1024 / 1024}), '>', 25, 'far more megabytes than a round walks in vain');
$started = time;
live('Backlog', 'true');
wait_gone('Backlog', 0, 'a backlog');
cmp_ok(time - $started, '<', 20, 'takes few rounds');

$node->append_conf('postgresql.conf', 'ddb.ttl_walk_size = 256');
$node->reload;
create('Crash');
fill('Crash', 1, 200_000, '-i');
fill('Crash', 200_001, 200_100, '100000');
live('Crash', 'true');
for (1 .. 500)
{
	last if sql('SELECT count(*) < 190000 FROM ddb_data."Crash"') eq 't';
	sleep 0.01;
}
$node->stop('immediate');
$node->start;
wait_gone('Crash', 100, 'after a crash the worker goes on');
is(sql(q{SELECT ddb_index_check('ddb_data."Crash:by_color"')}), '100', 'and the index is right');

# ---- its deletions carry a mark in the log ----

create('Streamed');
create('Plain');
sql(q{SELECT pg_create_logical_replication_slot('s', 'test_decoding')});
sql(q{ALTER TABLE ddb_data."Streamed" REPLICA IDENTITY FULL});
fill('Streamed', 1, 1500, '-i');
fill('Plain', 1, 100, '-i');
live('Streamed', 'true');
live('Plain', 'true');
wait_gone('Streamed', 0, 'a table with a stream');
wait_gone('Plain', 0, 'and one without');
my $changes = sql(q{SELECT xid || ' ' || data FROM pg_logical_slot_get_changes('s', NULL, NULL)});
my (%marked, $deleted, $unmarked, %others);
foreach (split /\n/, $changes)
{
	my ($xid, $change) = /^(\d+) (.*)$/ or next;
	$marked{$xid} = 1 if $change =~ /^message: transactional: 1 prefix: ddb ttl/;
	$others{$xid} = 1 if $change =~ /^table ddb_data\."Plain": DELETE/;
	next unless $change =~ /^table ddb_data\."Streamed": DELETE/;
	$deleted++;
	$unmarked++ unless $marked{$xid};
}
is($deleted, 1500, 'its deletions are in the log');
is($unmarked // 0, 0, 'each behind a mark');
cmp_ok(scalar(keys %marked), '>', 1, 'in several transactions');
is(scalar(grep { $marked{$_} } keys %others), 0, 'no mark where nobody looks');
sql(q{SELECT pg_drop_replication_slot('s')});

# ---- a standby ----

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('ttl_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
fill('Items', 1, 10, '-i');
wait_gone('Items', 100, 'the primary deletes');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT count(*) FROM ddb_data."Items"'), '100', 'the standby follows');
is($standby->safe_psql('postgres', $workers), '0', 'and has no worker');
my ($code, $out, $error) = $standby->psql('postgres', q{SELECT ddb.expire_items('Items')});
like($error, qr/cannot execute ddb.expire_items\(\) in a read-only transaction/, 'nor can one ask it');
$node->append_conf('postgresql.conf', 'ddb.ttl_interval = 0');
$node->reload;
sleep 0.5;
fill('Items', 1, 10, '-i');
$node->wait_for_catchup($standby);
$node->stop;
$standby->promote;
ok($standby->poll_query_until('postgres', 'SELECT count(*) = 100 FROM ddb_data."Items"'), 'once promoted it deletes');
$standby->stop;

done_testing();
