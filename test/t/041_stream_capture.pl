# The capture worker: every change is recorded exactly once and in order, whatever
# ends the worker or the server; shards follow each other and expire; streams
# end when they are disabled, lose their slot or fall too far behind.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('capture');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', <<'END');
wal_level = logical
shared_preload_libraries = 'ddb'
max_wal_senders = 4
max_worker_processes = 16
restart_after_crash = on
checkpoint_timeout = 1h
log_statement = none
ddb.stream_shard_duration = 1
END
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION ddb');

sub sql
{
	return $node->safe_psql('postgres', shift);
}

sub wait_for
{
	my ($query, $what) = @_;
	ok($node->poll_query_until('postgres', $query), $what);
	return;
}

sub set_to
{
	my ($setting, $value) = @_;
	sql("ALTER SYSTEM SET $setting = $value");
	$node->reload;
	return;
}

sub create_table
{
	my ($name, $stream) = @_;
	sql(qq{SELECT ddb_request('CreateTable', '{"TableName": "$name", "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]} '::jsonb ||
		jsonb_strip_nulls(jsonb_build_object('StreamSpecification', nullif('$stream', '')::jsonb)))});
	return;
}

my $both = '{"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}';

sub stream
{
	my ($name, $stream) = @_;
	return sql(qq{SELECT ddb_request('UpdateTable', '{"TableName": "$name", "StreamSpecification": $stream}') -> 'TableDescription' ->> 'TableStatus'});
}

sub table_status
{
	my ($name) = @_;
	return qq{SELECT ddb_request('DescribeTable', '{"TableName": "$name"}') -> 'Table' ->> 'TableStatus' = 'ACTIVE'};
}

# caught_up writes an item and waits until it is recorded.
my $marks = 0;

sub caught_up
{
	my ($name, $what) = @_;
	my $mark = 'mark ' . ++$marks;
	sql(qq{SELECT ddb_put('$name', '{"id": {"S": "$mark"}}')});
	wait_for(qq{SELECT EXISTS (SELECT FROM ddb.stream_records WHERE coalesce(new_image, keys) #>> '{id,S}' = '$mark')}, $what);
	return;
}

# ---- a table's first stream ----

create_table('Replay', $both);
is($node->psql('postgres', q{SELECT ddb_put('Replay', '{"id": {"S": "early"}}')}) == 0
	  && sql(q{SELECT captured_at IS NULL FROM ddb.streams}) eq 't', '', 'no write goes to a table whose stream is not taken up');
wait_for(table_status('Replay'), 'the table becomes ACTIVE');
is(sql(q{SELECT status FROM ddb_streams}), 'ENABLED', 'its stream is ENABLED');
is(sql(q{SELECT slot_type || ' ' || plugin || ' ' || active FROM pg_replication_slots}), 'logical ddb true', 'there is a slot');

# ---- what has been acknowledged is there ----

for my $commit ('on', 'off')
{
	is(sql(qq{
		SET synchronous_commit = $commit;
		CREATE TEMP TABLE at AS
		  SELECT ddb_request('GetShardIterator', jsonb_build_object('StreamArn', arn, 'ShardIteratorType', 'LATEST',
		    'ShardId', ddb_request('DescribeStream', jsonb_build_object('StreamArn', arn)) #>> '{StreamDescription,Shards,-1,ShardId}')) AS i
		  FROM (SELECT ddb_request('DescribeTable', '{"TableName": "Replay"}') #>> '{Table,LatestStreamArn}' AS arn) t;
		CREATE TEMP TABLE seen (n integer);
		DO \$\$
		BEGIN
		  FOR n IN 1 .. 20 LOOP
		    PERFORM ddb_put('Replay', jsonb_build_object('id', jsonb_build_object('S', 'seen $commit ' || n)));
		    COMMIT;
		    INSERT INTO seen SELECT jsonb_array_length(ddb_request('GetRecords', i) -> 'Records') FROM at;
		    COMMIT;
		  END LOOP;
		END \$\$;
		SELECT string_agg(n::text, ' ' ORDER BY n) FROM seen}), join(' ', 1 .. 20), "GetRecords sees each write before it, synchronous_commit $commit");
}
my $asked = time;
sql(q{BEGIN; SELECT ddb_put('Replay', '{"id": {"S": "not yet"}}');
	SELECT ddb_request('GetRecords', ddb_request('GetShardIterator', jsonb_build_object('StreamArn', arn, 'ShardIteratorType', 'LATEST',
	  'ShardId', ddb_request('DescribeStream', jsonb_build_object('StreamArn', arn)) #>> '{StreamDescription,Shards,-1,ShardId}')))
	FROM (SELECT ddb_request('DescribeTable', '{"TableName": "Replay"}') #>> '{Table,LatestStreamArn}' AS arn) t; ROLLBACK});
cmp_ok(time - $asked, "<", 20, 'and waits for no open transaction');

# ---- replay, under writers and crashes ----

my $script = $node->basedir . '/writes.sql';
append_to_file($script, <<'END');
\set id random(1, 40)
\set n random(1, 1000000000000)
\set length random(0, 3000)
\set what random(1, 10)
\if :what <= 5
SELECT ddb_put('Replay', jsonb_build_object('id', jsonb_build_object('S', ':id'), 'n', jsonb_build_object('N', ':n'), 'pad', jsonb_build_object('S', repeat('x', :length))));
\elif :what <= 7
SELECT ddb_update('Replay', '{"id": {"S": ":id"}}', 'SET n = :v', "values" => '{":v": {"N": ":n"}}');
\elif :what = 8
SELECT ddb_delete('Replay', '{"id": {"S": ":id"}}');
\elif :what = 9
BEGIN;
SELECT ddb_put('Replay', '{"id": {"S": "lost :id"}, "n": {"N": ":n"}}');
SAVEPOINT s;
SELECT ddb_put('Replay', '{"id": {"S": "also lost :id"}, "n": {"N": ":n"}}');
RELEASE s;
ROLLBACK;
\else
BEGIN;
SELECT ddb_put('Replay', '{"id": {"S": "t:id"}, "n": {"N": ":n"}}');
SAVEPOINT s;
SELECT ddb_put('Replay', '{"id": {"S": "lost :id"}, "n": {"N": ":n"}}');
ROLLBACK TO s;
SELECT ddb_put('Replay', '{"id": {"S": "t:id"}, "n": {"N": "1"}}');
COMMIT;
\endif
END

sub start_writers
{
	my $out = '';
	my $writers = IPC::Run::start(
		[ 'pgbench', '-n', '-c', '8', '-j', '2', '-T', '60', '--max-tries=100', '-f', $script,
			'-h', $node->host, '-p', $node->port, 'postgres' ], '>', \$out, '2>', \$out);
	usleep(700_000 + int(rand(800_000)));
	return $writers;
}

my %ends = (
	'the worker is ended' => sub {
		sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'ddb capture'});
		usleep(500_000);
	},
	'the worker is killed' => sub {
		my $pid = sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb capture'});
		kill 'KILL', $pid;
	},
	'the server stops at once' => sub { $node->stop('immediate'); $node->start; },
	'the server restarts' => sub { $node->stop('fast'); $node->start; });

foreach my $end ('the worker is killed', 'the server stops at once', 'the worker is ended', 'the server restarts')
{
	my $writers = start_writers();

	$ends{$end}->();
	$writers->signal('TERM');
	eval { $writers->finish; };
	$node->poll_query_until('postgres', 'SELECT true');
	caught_up('Replay', "$end: the rest is recorded");
}

my $n = sql(q{SELECT count(*) FROM ddb.stream_records});
note("$n records");
cmp_ok($n, '>', 500, 'there are records');
is(sql(q{SELECT count(*) - count(DISTINCT (stream_id, lsn, ordinal)) FROM ddb.stream_records}), '0',
	'no change is recorded twice');
is( sql(q{SELECT count(*) FROM
	(SELECT event, old_image, lag(new_image) OVER (PARTITION BY coalesce(new_image, old_image) -> 'id' ORDER BY lsn, ordinal) AS before, new_image
	 FROM ddb.stream_records) AS r
	WHERE old_image IS DISTINCT FROM before
	  OR event <> CASE WHEN old_image IS NULL THEN 'I' WHEN new_image IS NULL THEN 'R' ELSE 'M' END}),
	'0', 'each old image is what the record before it left');
is( sql(q{SELECT count(*) FROM
	(SELECT DISTINCT ON (coalesce(new_image, old_image) -> 'id') coalesce(new_image, old_image) -> 'id' AS id, new_image
	 FROM ddb.stream_records ORDER BY coalesce(new_image, old_image) -> 'id', lsn DESC, ordinal DESC) AS r
	FULL JOIN ddb_data."Replay" t ON t.item -> 'id' = r.id
	WHERE t.item IS DISTINCT FROM r.new_image}),
	'0', 'all records make the table');

# ---- shards ----

cmp_ok(sql(q{SELECT count(*) FROM ddb.stream_shards}), '>', 3, 'shards have followed each other');
is(sql(q{SELECT count(*) FROM ddb.stream_shards WHERE closed_at IS NULL}), '1', 'one is open');
is(sql(q{SELECT max(epoch) - min(epoch) + 1 - count(*) FROM ddb.stream_shards}), '0', 'their epochs are consecutive');
is( sql(q{SELECT count(*) FROM ddb.stream_records r LEFT JOIN ddb.stream_shards h USING (stream_id, epoch)
	WHERE h.epoch IS NULL OR r.lsn < h.first_lsn OR (h.last_lsn IS NOT NULL AND (r.lsn, r.ordinal) > (h.last_lsn, h.last_ordinal))}),
	'0', 'every record is between the ends of its shard');
is( sql(q{SELECT count(*) FROM (SELECT first_lsn, lag(last_lsn) OVER (ORDER BY epoch) AS before FROM ddb.stream_shards) AS s
	WHERE first_lsn <= before}),
	'0', 'each shard begins behind the one before');

# readers and other people's rules are in nobody's way
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN; SELECT count(*) FROM ddb_streams');
sql(q{CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no DDL'; END $$;
	CREATE EVENT TRIGGER no_ddl ON ddl_command_start EXECUTE FUNCTION no_ddl()});
my $epoch = sql(q{SELECT epoch FROM ddb.capture});
my $worker = sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb capture'});
caught_up('Replay', 'an open transaction has looked at all streams');
wait_for(qq{SELECT epoch > $epoch FROM ddb.capture}, 'a shard follows');
caught_up('Replay', 'which has records');
is(sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb capture'}), $worker, 'all by one worker');
sql(q{DROP EVENT TRIGGER no_ddl; DROP FUNCTION no_ddl});
$reader->query_safe('COMMIT');
$reader->quit;

# ---- a stream while others are captured ----

sql(q{BEGIN;
	SELECT ddb_request('CreateTable', '{"TableName": "Second", "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
		"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}}');
	SELECT ddb_put('Second', '{"id": {"S": "at once"}}');
	COMMIT});
wait_for(q{SELECT count(*) = 1 FROM ddb.stream_records JOIN ddb.streams USING (stream_id)
	WHERE table_name = 'Second' AND event = 'I' AND keys = '{"id": {"S": "at once"}}'}, 'a table takes writes at once when there is a slot');
sql(q{SELECT ddb_delete_table('Second')});
wait_for(q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'Second'}, 'the stream of a dropped table is DISABLED');

# ---- a transaction that does not fit into memory ----

create_table('Large', $both);
wait_for(table_status('Large'), 'another table is there');
set_to('temp_file_limit', q{'1MB'});
sql(q{DO $$ BEGIN FOR i IN 1..240 LOOP PERFORM ddb_put('Large', jsonb_build_object('id', jsonb_build_object('S', i::text),
	'b', jsonb_build_object('S', repeat(chr(65 + i % 26), 340000)))); END LOOP; END $$});
caught_up('Large', 'a large transaction is recorded');
is( sql(q{SELECT count(*) FROM ddb.stream_records r JOIN ddb_data."Large" t ON t.item = r.new_image
	JOIN ddb.streams s USING (stream_id) WHERE s.table_name = 'Large'}),
	'241', 'all of it');
is( sql(q{SELECT count(*) FROM (SELECT ordinal - row_number() OVER (PARTITION BY lsn ORDER BY ordinal) AS gap FROM ddb.stream_records r
	JOIN ddb.streams s USING (stream_id) WHERE s.table_name = 'Large') AS g WHERE gap <> -1}),
	'0', 'in order');
sql('ALTER SYSTEM RESET temp_file_limit');

# ---- retention ----

my $newest = sql(q{SELECT max(epoch) FROM ddb.stream_shards});
set_to('ddb.stream_shard_duration', '3600');
set_to('ddb.stream_retention', '1');
wait_for(q{SELECT count(DISTINCT epoch) = 1 AND bool_and(closed_at IS NULL) FROM ddb.stream_shards}, 'closed shards expire');
wait_for(q{SELECT count(*) = 1 FROM pg_inherits WHERE inhparent = 'ddb.stream_records'::regclass}, 'their partitions are gone');
cmp_ok(sql(q{SELECT epoch FROM ddb.capture}), '>=', $newest, 'the open shard is not');
is( sql(q{SELECT count(*) FROM pg_depend d JOIN ddb.capture ON objid = ('ddb.stream_records_' || epoch)::regclass WHERE deptype = 'e'}),
	'1', 'partitions are members of the extension');
my $owner = q{SELECT owner::regrole FROM ddb.streams WHERE table_name = 'Large'};
sql(q{CREATE ROLE ddb_t_giver; CREATE ROLE ddb_t_taker; ALTER TABLE ddb_data."Large" OWNER TO ddb_t_giver});
wait_for("SELECT ($owner) = 'ddb_t_giver'::regrole", 'a stream knows who owns its table');
sql(q{REASSIGN OWNED BY ddb_t_giver TO ddb_t_taker});
wait_for("SELECT ($owner) = 'ddb_t_taker'::regrole", 'and soon who got it');
# as a dump leaves it
create_table('Restored', '');
wait_for(table_status('Restored'), 'a table without a stream');
sql(q{UPDATE ddb.tables SET settings = settings || '{"stream_view": "NEW_IMAGE"}' WHERE table_name = 'Restored'});
wait_for(q{SELECT NOT settings ? 'stream_view' FROM ddb.tables WHERE table_name = 'Restored'}, 'shows none soon');
sql(q{SELECT ddb_request('DeleteTable', '{"TableName": "Restored"}')});
sql(q{REASSIGN OWNED BY ddb_t_taker TO CURRENT_USER; DROP ROLE ddb_t_giver, ddb_t_taker});
set_to('ddb.stream_retention', '3600');

# ---- the log is let go while nothing is recorded ----

my $row = sql(q{SELECT xmin FROM ddb.capture});
sql(q{CREATE TABLE other (t text); SELECT pg_current_wal_lsn()});
my $before = sql(q{SELECT pg_current_wal_lsn()});
sql(q{INSERT INTO other SELECT repeat(md5(i::text), 60) FROM generate_series(1, 12000) AS i; CHECKPOINT});
wait_for(qq{SELECT restart_lsn > '$before'::pg_lsn + 16000000 FROM pg_replication_slots}, 'the log is let go of');
is(sql(q{SELECT xmin FROM ddb.capture}), $row, 'without a write');

# ---- disabled and enabled again ----

is(stream('Large', '{"StreamEnabled": false}'), 'UPDATING', 'a stream is disabled');
wait_for(q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'Large'}, 'it becomes DISABLED');
is(sql(q{SELECT count(*) FROM ddb.stream_shards h JOIN ddb.streams USING (stream_id) WHERE table_name = 'Large' AND h.closed_at IS NULL}),
	'0', 'its shards are closed');
caught_up('Replay', 'another stream goes on');
stream('Replay', '{"StreamEnabled": false}');
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'no slot without an enabled stream');
wait_for(q{SELECT count(*) = 0 FROM ddb.capture}, 'no position either');
cmp_ok(sql(q{SELECT count(*) FROM ddb.stream_records}), '>', 0, 'records stay');
$newest = sql(q{SELECT max(epoch) FROM ddb.stream_shards});
stream('Replay', $both);
wait_for(table_status('Replay'), 'a stream is enabled again');
caught_up('Replay', 'it records');
cmp_ok(sql(q{SELECT epoch FROM ddb.capture}), '>', $newest, 'in an epoch of its own');
set_to('ddb.stream_retention', '1');
wait_for(q{SELECT count(*) = 1 FROM ddb.streams}, 'disabled streams go with their records');
set_to('ddb.stream_retention', '3600');

# ---- a stream is enabled while the slot could go ----

create_table('Late', '');
my $open = $node->background_psql('postgres');
$open->query_safe(qq{BEGIN; SELECT ddb_request('UpdateTable', '{"TableName": "Late", "StreamSpecification": $both}')});
stream('Replay', '{"StreamEnabled": false}');
wait_for(q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'Replay'}, 'no stream is left that others see');
usleep(1_500_000);
is(sql(q{SELECT count(*) FROM pg_replication_slots}), '1', 'the slot waits for one that is being enabled');
$open->query_safe('COMMIT');
sql(q{SELECT ddb_put('Late', '{"id": {"S": "late"}}')});
wait_for(q{SELECT EXISTS (SELECT FROM ddb.stream_records WHERE new_image = '{"id": {"S": "late"}}')}, 'which has its first change');
sql(q{SELECT ddb_delete_table('Late')});
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'then the slot goes');
stream('Replay', $both);
wait_for(table_status('Replay'), 'a stream follows');

# ---- too far behind ----

my $log = -s $node->logfile;
# decoding can't start after the first change of an open transaction
$open->query_safe(q{BEGIN; INSERT INTO other VALUES ('open')});
set_to('ddb.stream_max_lag', q{'20MB'});
sql(q{INSERT INTO other SELECT repeat(md5(i::text), 60) FROM generate_series(1, 16000) AS i; CHECKPOINT});
wait_for(q{SELECT status = 'DISABLED' AND failure LIKE '%ddb.stream_max_lag (20 MB)%' FROM ddb_streams ORDER BY created_at DESC LIMIT 1}, 'a stream that holds back too much of the log is disabled');
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'the slot is gone');
like(slurp_file($node->logfile, $log), qr/the streams of database "postgres" are disabled: capture held back \d+ MB of WAL/, 'the log says so');
wait_for(q{SELECT NOT ddb_request('DescribeTable', '{"TableName": "Replay"}') -> 'Table' ? 'StreamSpecification'}, 'the table shows no stream');
is(sql(q{SELECT relreplident FROM pg_class WHERE relname = 'Replay'}), 'd', 'nor does it log for one');
$open->query_safe('ROLLBACK');

stream('Replay', $both);
wait_for(table_status('Replay'), 'a stream is enabled again');
$open->query_safe(qq{BEGIN; SELECT ddb_request('CreateTable', '{"TableName": "Open", "BillingMode": "PAY_PER_REQUEST",
	"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
	"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "StreamSpecification": $both}')});
sql(q{INSERT INTO other SELECT repeat(md5(i::text), 60) FROM generate_series(1, 16000) AS i; CHECKPOINT});
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'the slot goes also while somebody enables a stream');
$open->query_safe('COMMIT');
wait_for(q{SELECT count(*) = 2 FROM ddb_streams WHERE status = 'DISABLED' AND failure LIKE '%ddb.stream_max_lag (20 MB)%'
	AND created_at >= (SELECT max(created_at) FROM ddb_streams WHERE table_name = 'Replay')}, 'and all streams are disabled then');
$open->quit;
sql(q{ALTER SYSTEM RESET ddb.stream_max_lag});
$node->reload;

# ---- the slot is lost ----

stream('Replay', $both);
wait_for(table_status('Replay'), 'a stream is enabled once more');
caught_up('Replay', 'and records');
sql(q{SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots});
sql(q{SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots});
wait_for(q{SELECT failure = 'the replication slot was lost' FROM ddb_streams ORDER BY created_at DESC LIMIT 1}, 'a lost slot ends its streams');
wait_for(q{SELECT NOT ddb_request('DescribeTable', '{"TableName": "Replay"}') -> 'Table' ? 'StreamSpecification'}, 'the table shows that');

# ---- the extension and the database go ----

stream('Replay', $both);
wait_for(table_status('Replay'), 'another stream');
like(sql(qq{BEGIN; DROP EXTENSION ddb CASCADE; DROP SCHEMA IF EXISTS ddb_data CASCADE; CREATE EXTENSION ddb;
	SELECT ddb_request('CreateTable', '{"TableName": "Last", "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "StreamSpecification": $both}');
	SELECT status_until FROM ddb.tables; COMMIT}), qr/^infinity$/m, 'the extension is created anew at once: its first table waits for capture');
wait_for(table_status('Last'), 'which lets go of it');
caught_up('Last', 'and records');
is( sql(q{SELECT count(*) || ' ' || count(to_regclass('ddb.stream_records_' || epoch)) FROM ddb.stream_shards}),
	'1 1', 'which has shards of the new catalog only');
sql('DROP EXTENSION ddb CASCADE');
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'without the extension there is no slot');
wait_for(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ddb capture'}, 'nor a worker');

sql('CREATE DATABASE gone');
$node->safe_psql('gone', 'CREATE EXTENSION ddb');
$node->safe_psql('gone', qq{SELECT ddb_request('CreateTable', '{"TableName": "Gone", "BillingMode": "PAY_PER_REQUEST",
	"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
	"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "StreamSpecification": $both}')});
wait_for(q{SELECT active FROM pg_replication_slots}, 'a database with a stream');
is($node->psql('postgres', 'ALTER DATABASE gone RENAME TO lost'), 0, 'can be renamed');
wait_for(q{SELECT active FROM pg_replication_slots}, 'is captured then');
is($node->psql('lost', 'CREATE DATABASE copied TEMPLATE lost'), 0, 'can be copied, also by who is connected to it');
ok($node->poll_query_until('copied', q{SELECT failure = 'the replication slot was lost' FROM ddb_streams}), 'the copy has no stream');
is($node->psql('postgres', 'DROP DATABASE copied'), 0, 'and can be dropped');

# no worker comes to a database that takes no connections
sql('ALTER DATABASE lost ALLOW_CONNECTIONS false');
sql(q{SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots});
set_to('ddb.stream_max_lag', q{'10MB'});
$log = -s $node->logfile;
sql(q{INSERT INTO other SELECT repeat(md5(i::text), 60) FROM generate_series(1, 8000) AS i});
wait_for(q{SELECT count(*) = 0 FROM pg_replication_slots}, 'a slot that nobody uses and that holds back too much goes');
like(slurp_file($node->logfile, $log), qr/replication slot "ddb_\d+" is dropped: it holds back \d+ MB of WAL/, 'the log says so');
sql('ALTER DATABASE lost ALLOW_CONNECTIONS true');
$node->reload;
ok($node->poll_query_until('lost', q{SELECT failure = 'the replication slot was lost' FROM ddb_streams}), 'its streams are disabled');
sql(q{ALTER SYSTEM RESET ddb.stream_max_lag});
$node->reload;
$node->safe_psql('lost', qq{SELECT ddb_request('CreateTable', '{"TableName": "More", "BillingMode": "PAY_PER_REQUEST",
	"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
	"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "StreamSpecification": $both}')});
wait_for(q{SELECT count(*) = 1 FROM pg_replication_slots WHERE active}, 'a new stream is captured');
# workers go to the database that is chosen, no other
set_to('ddb.database', 'lost');
sql('CREATE EXTENSION ddb');
create_table('Unserved', $both);
usleep(500_000);
is(sql('SELECT count(*) FROM pg_replication_slots'), '1', 'no worker comes to a database that is not the chosen one');
sql('ALTER SYSTEM RESET ddb.database');

is($node->psql('postgres', 'DROP DATABASE lost'), 0, 'the database can be dropped');
is(sql(q{SELECT count(*) FROM pg_replication_slots}), '0', 'and its slot is gone');

# ---- no room for workers ----

$node->append_conf('postgresql.conf', 'max_worker_processes = 2');
$log = -s $node->logfile;
$node->restart;
ok($node->wait_for_log(qr/"ddb dispatch" of database \d+ has to wait: too many background workers/, $log), 'the log says what is waited for');

$node->stop;
done_testing();
