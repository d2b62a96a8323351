# A global index is added to a table of 50,000 items while 8 clients write: no
# write fails, the index is complete once it is ACTIVE, and a crash at any step
# of its creation is made good after the restart.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $items = 50_000;
my $node = PostgreSQL::Test::Cluster->new('online');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'ddb'\nshared_buffers = 64MB\nlog_statement = none");
$node->start;

my $next_index = 1;

sub sql
{
	return $node->safe_psql('postgres', shift);
}

# add_index sends UpdateTable and gives the name of the new index; each index has
# an attribute of its own, g1, g2, ..., so that there is a column to fill.
sub add_index
{
	my $n = $next_index++;
	my $answer = sql(qq{SELECT t ->> 'TableStatus', i ->> 'IndexStatus', i ->> 'Backfilling'
		FROM (SELECT ddb_request('UpdateTable', '{"TableName": "Big",
		  "AttributeDefinitions": [{"AttributeName": "g$n", "AttributeType": "S"}, {"AttributeName": "id", "AttributeType": "N"}],
		  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_g$n",
		    "KeySchema": [{"AttributeName": "g$n", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
		    "Projection": {"ProjectionType": "KEYS_ONLY"}}}]}') -> 'TableDescription') AS u(t),
		jsonb_array_elements(t -> 'GlobalSecondaryIndexes') AS i WHERE i ->> 'IndexName' = 'by_g$n'});
	is($answer, 'UPDATING|CREATING|false', "by_g$n: the answer of UpdateTable");
	return "by_g$n";
}

sub status
{
	my ($index) = @_;
	return sql(qq{SELECT i ->> 'IndexStatus'
		FROM jsonb_array_elements(ddb_request('DescribeTable', '{"TableName": "Big"}') -> 'Table' -> 'GlobalSecondaryIndexes') AS i
		WHERE i ->> 'IndexName' = '$index'});
}

# check_index compares a finished index with the table.
sub check_index
{
	my ($index, $when) = @_;
	my ($g) = $index =~ /by_(.*)/;

	ok($node->poll_query_until('postgres', qq{SELECT status = 'ACTIVE' FROM ddb.indexes WHERE index_name = '$index'}),
		"$when: it becomes ACTIVE");
	is(status($index), 'ACTIVE', "$when: DescribeTable says so");
	is(sql(q{SELECT ddb_request('DescribeTable', '{"TableName": "Big"}') -> 'Table' ->> 'TableStatus'}),
		'ACTIVE', "$when: so does the table");
	my $expected = sql(qq{SELECT count(*) FROM ddb_data."Big" WHERE item -> '$g' ? 'S'});
	is(sql(qq{SELECT count(*) FROM ddb_data."Big" WHERE "$g" IS DISTINCT FROM item -> '$g' ->> 'S'}),
		'0', "$when: every row has its column");
	is(sql(qq{SELECT ddb_index_check('ddb_data."Big:$index"')}), $expected, "$when: the index is right");
	is(sql(qq{SELECT count(*) FROM ddb_scan('Big', index_name => '$index')}), $expected,
		"$when: a scan of it finds all items");
	return;
}

# wait_for gives true once a query gives t.
sub wait_for
{
	my ($query, $what) = @_;
	ok($node->poll_query_until('postgres', $query), $what);
	return;
}

sub crash
{
	$node->stop('immediate');
	$node->start;
	return;
}

sql(q{CREATE EXTENSION ddb});
sql(q{SELECT ddb_create_table('Big', 'id N')});
sql(qq{SELECT ddb_import('Big', 'SELECT jsonb_build_object(''id'', jsonb_build_object(''N'', i::text),
	''v'', jsonb_build_object(''S'', repeat(''v'', 100))) || (SELECT jsonb_object_agg(''g'' || n,
	  CASE WHEN (i + n) % 10 = 0 THEN jsonb_build_object(''N'', ''1'') ELSE jsonb_build_object(''S'', (i % 97)::text) END)
	  FROM generate_series(1, 9) n WHERE (i + n) % 7 > 0) FROM generate_series(1, $items) i')});

# Puts, updates and deletes over the whole table, and of new items.  Values that
# can't be keys of the new indexes are left alone: once an index is registered
# DynamoDB refuses them.
my $script = $node->basedir . '/writes.sql';
append_to_file($script, <<"END");
\\set id random(1, $items + 5000)
\\set g random(1, 97)
\\set op random(1, 10)
\\if :op <= 4
SELECT ddb_put('Big', '{"id": {"N": ":id"}, "g1": {"S": ":g"}, "g2": {"S": ":g"}, "g3": {"S": ":g"}, "g4": {"S": ":g"}, "g5": {"S": ":g"}}');
\\elif :op <= 8
SELECT ddb_put('Big', '{"id": {"N": ":id"}, "g1": {"S": "x:g"}, "g2": {"S": ":g"}, "v": {"S": "w"}}');
\\else
SELECT ddb_delete('Big', '{"id": {"N": ":id"}}');
\\endif
END
# pgbench replaces :name inside quotes, too, in simple protocol.

my ($out, $err);

sub start_writers
{
	my ($seconds) = @_;
	$out = $err = '';
	return IPC::Run::start(
		[   'pgbench', '-n', '-c', '8', '-j', '2', '-T', $seconds, '-f', $script,
			'-h', $node->host, '-p', $node->port, 'postgres' ],
		'<', \undef, '>', \$out, '2>', \$err);
}

# Without a crash: not one write fails.
my $writers = start_writers(8);
usleep(500_000);
my $index = add_index();
my ($ret, $stdout, $stderr) =
  $node->psql('postgres', qq{SELECT count(*) FROM ddb_query('Big', 'g1 = :g', '{":g": {"S": "1"}}', index_name => '$index')});
like($stderr, qr/Cannot read from backfilling global secondary index: by_g1/, 'a query before ACTIVE is refused')
  if status($index) eq 'CREATING';
($ret, $stdout, $stderr) = $node->psql('postgres', q{SELECT ddb_request('DeleteTable', '{"TableName": "Big"}')});
like($stderr, qr/Attempt to change a resource which is still in use: Table is being updated: Big/,
	'the table can not be deleted meanwhile');
$writers->finish;
unlike($err, qr/ERROR|aborted/, 'no write failed while the index was created');
like($out, qr/number of transactions actually processed: [1-9]/, 'and writes went on');
check_index($index, 'under load');

# A crash in the middle of filling, with writers.
$writers = start_writers(20);
$index = add_index();
wait_for(qq{SELECT (fill ->> 'block')::int > 20 FROM ddb.indexes WHERE index_name = '$index'}, 'it is being filled');
is(sql(qq{SELECT i ->> 'Backfilling' FROM jsonb_array_elements(ddb_request('DescribeTable', '{"TableName": "Big"}') -> 'Table' -> 'GlobalSecondaryIndexes') AS i
	WHERE i ->> 'IndexName' = '$index' AND i ->> 'IndexStatus' = 'CREATING'
	UNION ALL SELECT 'true' LIMIT 1}), 'true', 'Backfilling is shown');
crash();
$writers->finish;
check_index($index, 'after a crash while it was filled');

# A crash right after UpdateTable.
$index = add_index();
crash();
check_index($index, 'after a crash at the start');

# A crash while it is built: an old snapshot holds CREATE INDEX CONCURRENTLY up.
my $old = $node->background_psql('postgres');
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$index = add_index();
wait_for(qq{SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ddb_data."Big:$index"')}, 'it is being built');
is(status($index), 'CREATING', 'CREATING while it is built');
$node->stop('immediate');
$old->{run}->finish;
$node->start;
check_index($index, 'after a crash while it was built');

# A crash between the build and ACTIVE: the row in the catalog is locked.
$old = $node->background_psql('postgres');
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$index = add_index();
wait_for(qq{SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ddb_data."Big:$index"')}, 'it is being built');
my $locker = $node->background_psql('postgres');
$locker->query_safe(qq{BEGIN; SELECT 1 FROM ddb.indexes WHERE index_name = '$index' FOR UPDATE});
$old->quit;
wait_for(qq{SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ddb_data."Big:$index"')}, 'it is built');
is(status($index), 'CREATING', 'CREATING before all is done');
$node->stop('immediate');
$locker->{run}->finish;
$node->start;
check_index($index, 'after a crash before ACTIVE');

# A long transaction that has changed an item holds filling up, nobody else, and
# is not hurt.
$old = $node->background_psql('postgres');
$old->query_safe(q{BEGIN; SELECT 1});
$index = add_index();
$old->query_safe(q{SELECT ddb_put('Big', '{"id": {"N": "1"}, "g6": {"S": "mine"}}')});
sql(q{SELECT ddb_put('Big', '{"id": {"N": "2"}, "g6": {"S": "yours"}}')});
usleep(1_500_000);
$old->query_safe(q{SELECT ddb_put('Big', '{"id": {"N": "50000"}, "g6": {"S": "mine"}}')});
$old->query_safe('COMMIT');
check_index($index, 'after a long transaction');
$old->quit;

# An index that is being created can be deleted.
$old = $node->background_psql('postgres');
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
$index = add_index();
wait_for(qq{SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ddb_data."Big:$index"')}, 'it is being built');
($ret, $stdout, $stderr) = $node->psql('postgres', q{SELECT ddb_request('UpdateTable', '{"TableName": "Big", "DeletionProtectionEnabled": true}')});
like($stderr, qr/Table is being updated: Big/, 'no other change meanwhile');
($ret, $stdout, $stderr) = $node->psql('postgres', q{SELECT ddb_request('UpdateTable', '{"TableName": "Big", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_g1"}}]}')});
like($stderr, qr/Only 1 online index can be created or deleted simultaneously per table/, 'no other index change');
sql(qq{SELECT ddb_request('UpdateTable', '{"TableName": "Big", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "$index"}}]}')});
is(status($index), 'DELETING', 'it is being deleted');
$old->quit;
wait_for(qq{SELECT count(*) = 0 FROM ddb.indexes WHERE index_name = '$index'}, 'it goes away');
is(sql(qq{SELECT to_regclass('ddb_data."Big:$index"') IS NULL}), 't', 'and its relation too');

# A reused column holds stale values until it is filled.
sql(q{SELECT ddb_update_table('Big', drop_index => 'by_g1')});
is(sql(q{SELECT count(*) > 1000 FROM pg_attribute WHERE attrelid = 'ddb_data."Big"'::regclass AND attname LIKE 'spare:%'}),
	'f', 'columns are few');
$index = add_index();
check_index($index, 'in a column that was used before');

# A rewrite of the table moves its rows: filling starts over.
$old = $node->background_psql('postgres');
$old->query_safe(q{BEGIN; SELECT ddb_put('Big', '{"id": {"N": "3"}, "g9": {"S": "held"}}')});
($ret, $stdout, $stderr) = $node->psql('postgres', q{SET lock_timeout = '300ms'; SELECT ddb_request('UpdateTable', '{"TableName": "Big",
  "AttributeDefinitions": [{"AttributeName": "g9", "AttributeType": "S"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_g9", "KeySchema": [{"AttributeName": "g9", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"}}}]}')});
like($stderr, qr/lock timeout/, 'UpdateTable waits for transactions that know nothing of the index');
$old->query_safe('COMMIT');
$index = add_index();
$old->query_safe(q{BEGIN; SELECT count(*) FROM (SELECT FROM ddb_data."Big" WHERE ctid = (SELECT max(ctid) FROM ddb_data."Big" WHERE g9 IS NULL AND item -> 'g9' ? 'S') FOR UPDATE) AS t});
my $rewrite = IPC::Run::start([ 'psql', '-X', '-c', 'VACUUM FULL ddb_data."Big"', '-h', $node->host, '-p', $node->port, 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$err);
usleep(500_000);
$old->query_safe('COMMIT');
$rewrite->finish;
check_index($index, 'after VACUUM FULL');
$old->quit;

# The extension goes while workers know the database; a database goes.
sql(q{SELECT ddb_delete_table('Big')});
sql(q{DROP EXTENSION ddb CASCADE});
sql(q{CREATE DATABASE other});
$node->safe_psql('other', q{CREATE EXTENSION ddb; SELECT ddb_create_table('Gone', 'id N')});
$node->safe_psql('other', q{SELECT ddb_request('UpdateTable', '{"TableName": "Gone",
  "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}],
  "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "by_g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"}}}]}')});
sql(q{DROP DATABASE other WITH (FORCE)});
$node->restart;
sql(q{CREATE EXTENSION ddb});
sql(q{SELECT ddb_create_table('Big', 'id N')});
sql(q{SELECT ddb_put('Big', '{"id": {"N": "1"}, "g10": {"S": "a"}}')});
$next_index = 10;
check_index(add_index(), 'after all that');

$node->stop;
done_testing();
