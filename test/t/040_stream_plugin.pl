# The output plugin over the replication protocol: large transactions in progress and
# spilled, two-phase commit, the same sequence numbers after a restart, and the
# definition of streams changing in the middle of what is read.

use strict;
use warnings;

use DdbStream;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('streams');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', stream_settings() . <<'END');
shared_buffers = 64MB
max_wal_senders = 4
max_replication_slots = 4
max_prepared_transactions = 4
logical_decoding_work_mem = 64kB
autovacuum = off
END
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION ddb');

sub sql
{
	return $node->safe_psql('postgres', shift);
}

sub put
{
	my ($table, $id, $v) = @_;
	return qq{SELECT ddb_put('$table', jsonb_build_object('id', jsonb_build_object('N', '$id'), 'v', jsonb_build_object('S', '$v')));\n};
}

sub delete_item
{
	my ($table, $id) = @_;
	return qq{SELECT ddb_delete('$table', jsonb_build_object('id', jsonb_build_object('N', '$id')));\n};
}

sub create
{
	my ($table, $view) = @_;
	return qq{SELECT ddb_request('CreateTable', '{"TableName": "$table", "BillingMode": "PAY_PER_REQUEST",
	  "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
	  "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "$view"}}');\n};
}

sub stream
{
	my ($table, $view) = @_;
	my $json = $view ? qq{{"StreamEnabled": true, "StreamViewType": "$view"}} : '{"StreamEnabled": false}';
	return qq{SELECT ddb_request('UpdateTable', '{"TableName": "$table", "StreamSpecification": $json}');\n};
}

# received reads all that is in the slot over the replication protocol, twice (nothing
# is confirmed in between), and gives the lines decoded.
sub received
{
	my ($slot, %options) = @_;
	my $end = sql('SELECT pg_current_wal_insert_lsn()');
	my $peeked = sql("SELECT data FROM pg_logical_slot_peek_changes('$slot', NULL, NULL" .
		join('', map { ", '$_', '$options{$_}'" } sort keys %options) . ')');
	my $got = $node->pg_recvlogical_upto('postgres', $slot, $end, 60, %options);

	chomp $got;
	ok($got eq $peeked, "$slot: read again, the records are the same") or diag("peeked: $peeked\ngot: $got");
	return map { decode_json($_) } split /\n/, $got;
}

# brief shows records as "INSERT 1 new old".
sub brief
{
	return join ', ', map {
		my $d = $_->{dynamodb};
		join ' ', $_->{eventName}, $d->{Keys}{id}{N}, map { $_ ? $_->{v}{S} : () } $d->{NewImage}, $d->{OldImage}
	} @_;
}

# skip_all reads on to the end of the slot.
sub skip_all
{
	my ($slot) = @_;
	return sql("SELECT count(*) FROM pg_logical_slot_get_changes('$slot', NULL, NULL)");
}

my $long = 'x' x 500;

# ---- one transaction makes the table, its stream and the items ----

sql(q{SELECT pg_create_logical_replication_slot('main', 'ddb')});
sql('BEGIN;' . create('Music', 'NEW_AND_OLD_IMAGES') . put('Music', 1, 'a') . stream('Music') .
	put('Music', 1, 'b') . stream('Music', 'NEW_IMAGE') . put('Music', 1, 'c') . 'SAVEPOINT s;' .
	stream('Music') . put('Music', 1, 'd') . 'ROLLBACK TO s;' . put('Music', 2, 'e') . 'COMMIT;');
my @records = received('main');
is(brief(@records), 'INSERT 1 a, MODIFY 1 c, INSERT 2 e', 'a table is created, and its stream changed, in one transaction');
is($records[0]{dynamodb}{StreamViewType}, 'NEW_AND_OLD_IMAGES', 'the first stream');
is($records[1]{dynamodb}{StreamViewType}, 'NEW_IMAGE', 'the second');
is(scalar(keys %{{ map { substr($_->{dynamodb}{SequenceNumber}, 0, 20) => 1 } @records }}), 1, 'they have one LSN');

# ---- a transaction that began before the stream did ----

# Session in which statements are run one by one.
my ($in, $out) = ('', '');
my $session = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
	'<', \$in, '>', \$out, IPC::Run::timeout(120));

sub in_session
{
	my ($statements) = @_;
	$out = '';
	$in .= "$statements\n\\echo done\n";
	$session->pump until $out =~ /^done$/m;
	return;
}

sql(stream('Music') . create('Other', 'KEYS_ONLY'));
in_session('BEGIN;' . put('Other', 1, 'a'));
sql(put('Music', 3, 'unseen') . stream('Music', 'NEW_AND_OLD_IMAGES'));
in_session(put('Music', 3, 'seen'));
in_session('COMMIT;' . put('Music', 5, 'after'));
is(brief(received('main')), 'INSERT 1, MODIFY 3 seen unseen, INSERT 5 after',
	'a stream begins while a transaction is running that writes to the table later');
$in .= "\\q\n";
$session->finish;

# ---- large transactions ----

my @statements = map { put('Music', $_, "$long$_") } 1001 .. 1300;
my $large = 'BEGIN;' . join('', @statements[ 0 .. 99 ]) .
	'SAVEPOINT s;' . join('', map { put('Music', $_, "$long lost") } 1001 .. 1200) . 'ROLLBACK TO s;' .
	'SAVEPOINT t;' . join('', @statements[ 100 .. 299 ]) . 'RELEASE t;' . put('Music', 1001, 'last') . 'COMMIT;';

sql(q{SELECT pg_create_logical_replication_slot('streaming', 'ddb')});
skip_all('main');
sql($large);
@records = received('main');
is(scalar(@records), 301, 'a large transaction that is spilled');
is(join(' ', map { $_->{dynamodb}{NewImage}{id}{N} } @records), join(' ', 1001 .. 1300, 1001), '... in order');
is(join(' ', map { substr($_->{dynamodb}{SequenceNumber}, -10) + 0 } @records), join(' ', 0 .. 300), '... numbered from 0');
is($records[-1]{dynamodb}{OldImage}{v}{S}, "${long}1001", '... with old images');
my $spilled_first = $records[0]{dynamodb}{SequenceNumber};
cmp_ok(sql("SELECT spill_txns FROM pg_stat_replication_slots WHERE slot_name = 'main'"), '>', 0, '... indeed spilled')
	if $node->poll_query_until('postgres', "SELECT spill_txns > 0 FROM pg_stat_replication_slots WHERE slot_name = 'main'");

# replay gives the records of streamed transactions that count, by what is said of
# aborts and commits.
sub replay
{
	my (%pending, @done);
	for my $line (@_)
	{
		if (!$line->{stream})
		{
			push @{ $pending{ $line->{xid} } }, $line;
			next;
		}
		my $xid = $line->{xid};
		if ($line->{stream} eq 'commit')
		{
			push @done, @{ delete $pending{$xid} };
		}
		elsif ($line->{subxid})
		{
			$pending{$xid} = [ grep { ($_->{subxid} // 0) != $line->{subxid} } @{ $pending{$xid} } ];
		}
		else
		{
			delete $pending{$xid};
		}
	}
	return @done;
}

my @lines = received('streaming', 'stream-changes' => 'on');
my ($commit) = grep { ($_->{stream} // '') eq 'commit' } @lines;
my ($abort) = grep { ($_->{stream} // '') eq 'abort' } @lines;
my ($first) = grep { !$_->{stream} } @lines;
is($commit->{SequenceNumber}, $spilled_first, 'streamed in progress: the commit gives the number of ordinal 0');
like($commit->{ApproximateCreationDateTime}, qr/^\d{10}$/, '... and its time');
ok($abort && $abort->{subxid} && $abort->{xid} == $commit->{xid}, '... the savepoint that was rolled back is named');
is_deeply([ sort keys %$first ], [ sort qw(eventName eventVersion eventSource awsRegion dynamodb eventSourceARN xid ordinal) ],
	'... a record has its place in place of what is not known yet');
is_deeply([ sort keys %{ $first->{dynamodb} } ], [ sort qw(Keys NewImage SizeBytes StreamViewType) ], '... also inside');
ok(scalar(grep { ($_->{dynamodb}{NewImage}{v}{S} // '') eq "$long lost" } @lines) > 0, '... what was rolled back was read');
my @replayed = replay(@lines);
is_deeply([ map { [ $_->{eventName}, @{ $_->{dynamodb} }{qw(Keys NewImage OldImage SizeBytes)} ] } @replayed ],
	[ map { [ $_->{eventName}, @{ $_->{dynamodb} }{qw(Keys NewImage OldImage SizeBytes)} ] } @records ],
	'... the rest is what a reader of whole transactions gets');
my @ordinals = map { $_->{ordinal} } @replayed;
ok(!(grep { $ordinals[$_] <= $ordinals[ $_ - 1 ] } 1 .. $#ordinals), '... and its ordinals grow');

# all of it is rolled back
sql('BEGIN;' . join('', @statements) . put('Music', 1, 'x') . 'ROLLBACK;' . put('Music', 6, 'small'));
@lines = received('streaming', 'stream-changes' => 'on');
is(scalar(grep { ($_->{stream} // '') eq 'commit' } @lines), 0, 'a large transaction rolled back: no commit');
is(brief(grep { $_->{eventID} } @lines), 'INSERT 6 small', '... a small one is not streamed');
is(brief(received('main')), 'INSERT 6 small', '... and is the only one for who reads whole ones');

# a mark of expiry reaches every block of a transaction
sql(q{BEGIN; SELECT pg_logical_emit_message(true, 'ddb ttl', '');} . join('', map { delete_item('Music', $_) } 1001 .. 1300) . 'COMMIT;');
@lines = received('streaming', 'stream-changes' => 'on');
is(scalar(grep { ($_->{userIdentity}{PrincipalId} // '') eq 'dynamodb.amazonaws.com' } @lines), 300, 'expirations streamed');
is(scalar(grep { $_->{userIdentity} } received('main')), 300, 'expirations spilled');

# ---- two-phase commit ----

sql(q{SELECT pg_create_logical_replication_slot('twophase', 'ddb', false, true)});
sql('BEGIN;' . put('Music', 20, 'kept') . q{PREPARE TRANSACTION 'kept'});
sql('BEGIN;' . put('Music', 21, 'lost') . join('', map { put('Music', $_, $long) } 2001 .. 2300) . q{PREPARE TRANSACTION 'lost'});
sql(put('Music', 22, 'other'));
is(brief(received($_)), 'INSERT 22 other', "$_: PREPARE TRANSACTION gives nothing") for qw(main twophase);
$node->restart;
sql(q{ROLLBACK PREPARED 'lost'});
sql(put('Music', 23, 'other'));
sql(q{COMMIT PREPARED 'kept'});
# a restart may set a slot back a little
like(brief(received($_)), qr/^(INSERT 22 other, )?INSERT 23 other, INSERT 20 kept$/, "$_: its place is that of COMMIT PREPARED")
	for qw(main twophase);
sql(q{SELECT pg_drop_replication_slot('twophase')});

# ---- restart and crash: nothing is lost, and the numbers stay ----

sql(put('Music', $_, 'r') . delete_item('Music', $_)) for 30 .. 39;
sql('BEGIN;' . join('', @statements) . 'COMMIT;');
my $peek = q{SELECT data FROM pg_logical_slot_peek_changes('main', NULL, NULL)};
my $before = sql($peek);
is(scalar(split /\n/, $before), 320, 'changes to be read again');
$node->restart;
like(sql($peek), qr/^(.*\n)?\Q$before\E$/s, 'after a restart they are the same');
sql('CHECKPOINT');
$node->stop('immediate');
$node->start;
like(sql($peek), qr/^(.*\n)?\Q$before\E$/s, 'after a crash too');
sql(put('Music', 40, 'more'));
like(brief(received('main')), qr/INSERT 1300 \w+, INSERT 40 more$/, 'and more follows');

# ---- history outlives definitions ----

sql(put('Music', 50, 'before'));
sql(q{SELECT ddb_request('DeleteTable', '{"TableName": "Music"}')});
sql(create('Music', 'NEW_IMAGE') . put('Music', 50, 'again'));
@records = received('main');
is(brief(@records), 'INSERT 50 before, INSERT 50 again', 'a table is dropped, and created again');
isnt($records[0]{eventSourceARN}, $records[1]{eventSourceARN}, '... with another stream');
isnt($records[0]{eventID}, $records[1]{eventID}, '... and other ids');
sql(put('Music', 51, 'before'));
sql('VACUUM FULL ddb.streams');
sql('REINDEX TABLE CONCURRENTLY ddb.streams');
sql(stream('Music') . put('Music', 52, 'unseen') . stream('Music', 'KEYS_ONLY'));
sql('VACUUM FULL ddb.streams');
sql(put('Music', 53, 'after'));
is(brief(received('main')), 'INSERT 51 before, INSERT 53', 'the catalog is rewritten');
sql(q{SET allow_in_place_tablespaces = on; CREATE TABLESPACE elsewhere LOCATION ''});
sql(stream('Music') . stream('Music', 'KEYS_ONLY') . put('Music', 55, 'before'));
sql('ALTER TABLE ddb.streams SET TABLESPACE elsewhere');
sql(put('Music', 56, 'after'));
is(brief(received('main')), 'INSERT 55, INSERT 56', 'the catalog is moved to another tablespace');
sql(put('Music', 54, 'before'));
sql('DROP EXTENSION ddb CASCADE; DROP SCHEMA IF EXISTS ddb_data CASCADE');
sql(q{CREATE SCHEMA ddb; CREATE TABLE ddb.streams (relid oid) WITH (user_catalog_table = true);
	CREATE INDEX streams_relid ON ddb.streams (relid);
	CREATE TABLE plain (id int PRIMARY KEY, item jsonb);
	INSERT INTO ddb.streams SELECT 'plain'::regclass; INSERT INTO plain VALUES (1, '{"id": {"N": "1"}}')});
is(brief(received('main')), '', 'without the extension there is nothing to read, and no error');
sql('DROP SCHEMA ddb CASCADE; CREATE EXTENSION ddb;' . create('Music', 'NEW_IMAGE') . put('Music', 1, 'new'));
is(brief(received('main')), 'INSERT 1 new', 'the extension is created again');

$node->stop;
done_testing();
