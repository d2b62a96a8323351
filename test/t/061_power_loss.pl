# Power loss is not kill -9: what was written and not synced is gone, too, or part of
# it.  What was acknowledged survives all the same, over HTTP and SQL, and so
# does every stream record that somebody was given; indexes and heap fit together.
# Without fsync the test would fail, which the last part shows.

use strict;
use warnings;

use DdbHttp;
use DdbStream;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PowerLoss;
use Test::More;
use Time::HiRes qw(time sleep);

my $rounds = $ENV{DDB_POWER_CUTS} // 4;
my $seconds = 1.5;
my $json = JSON::PP->new->canonical;

srand($ENV{DDB_POWER_SEED} // 11);
powerloss_build($PostgreSQL::Test::Utils::tmp_check);

# make_node makes a cluster with a table that has a stream and an index.
sub make_node
{
	my ($name, $more) = @_;
	my $node = http_node($name, stream_settings() . <<"END");
ddb.http_workers = 2
autovacuum_naptime = 1s
checkpoint_timeout = 30s
max_wal_size = 64MB
log_statement = none
$more
END
	$node->safe_psql('postgres', q{SELECT ddb_request('CreateTable', '{"TableName": "Log", "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"},
		  {"AttributeName": "g", "AttributeType": "S"}],
		"GlobalSecondaryIndexes": [{"IndexName": "byG", "Projection": {"ProjectionType": "ALL"},
		  "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}],
		"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}')});
	$node->poll_query_until('postgres', q{SELECT status = 'ENABLED' FROM ddb_streams});
	$node->stop;
	return $node;
}

# ---- clients; each notes what it was told ----

# http_writer puts new items and overwrites one, several in flight at once.
sub http_writer
{
	my ($node, $name, $notes) = @_;
	my $socket = connect_http($node) or return;

	for (my $n = 1;; $n += 3)
	{
		my $pad = 'x' x rand 2000;
		my $text = join '', map {
			request_text('PutItem', qq({"TableName": "Log", "Item": {"id": {"S": "$name-$_"}, "n": {"N": "$_"}, "g": {"S": "g"}}}))
		} $n .. $n + 2;
		$text .= request_text('PutItem',
			qq({"TableName": "Log", "Item": {"id": {"S": "$name"}, "n": {"N": "$n"}, "g": {"S": "h"}, "pad": {"S": "$pad"}}}));
		syswrite($socket, $text) // return;
		for my $noted ((map { "$name-$_\t$_" } $n .. $n + 2), "$name\t$n")
		{
			my $answer = receive($socket, 10) or return;
			print $notes "$noted\n" if $answer->{status} == 200;
		}
	}
	return;
}

# sql_writer does the same, one after the other.
sub sql_writer
{
	my ($node, $name, $notes) = @_;

	open my $psql, '-|', 'psql', '-XAtq', '-o', '/dev/null', '-h', $node->host, '-p', $node->port, '-d', 'postgres',
	  '-f', $node->basedir . "/sql-$name"
	  or return;
	while (<$psql>) { print $notes $_; }
	return;
}

sub write_sql
{
	my ($node, $name) = @_;

	open my $file, '>', $node->basedir . "/sql-$name" or die $!;
	for my $n (1 .. 20000)
	{
		print $file qq(SELECT ddb_put('Log', '{"id": {"S": "$name-$n"}, "n": {"N": "$n"}, "g": {"S": "g"}}');\n\\echo '$name-$n\t$n'\n);
		print $file qq(SELECT ddb_put('Log', '{"id": {"S": "$name"}, "n": {"N": "$n"}, "g": {"S": "i"}}');\n\\echo '$name\t$n'\n);
	}
	close $file;
	return;
}

sub call_json
{
	my ($socket, $operation, $body) = @_;

	send_request($socket, $operation, $json->encode($body), 'X-Amz-Target' => "DynamoDBStreams_20120810.$operation");
	my $answer = receive($socket, 10) or return;
	return $answer->{status} == 200 ? $json->decode($answer->{body}) : undef;
}

# reader follows the stream and notes each record it is given.
sub reader
{
	my ($node, $name, $notes) = @_;
	my $socket = connect_http($node) or return;
	my $streams = call_json($socket, 'ListStreams', {}) or return;
	my $arn = $streams->{Streams}[0]{StreamArn};
	my $description = call_json($socket, 'DescribeStream', { StreamArn => $arn }) or return;

	for my $shard (map { $_->{ShardId} } @{ $description->{StreamDescription}{Shards} })
	{
		my $iterator = call_json($socket, 'GetShardIterator',
			{ StreamArn => $arn, ShardId => $shard, ShardIteratorType => 'TRIM_HORIZON' }) or return;
		$iterator = $iterator->{ShardIterator};
		while ($iterator)
		{
			my $records = call_json($socket, 'GetRecords', { ShardIterator => $iterator }) or return;
			for my $record (@{ $records->{Records} })
			{
				my $change = $record->{dynamodb};
				print $notes join("\t", $change->{SequenceNumber}, $change->{Keys}{id}{S}, $change->{NewImage}{n}{N} // ''), "\n";
			}
			$iterator = $records->{NextShardIterator};
			sleep 0.02 unless @{ $records->{Records} };
		}
	}
	return;
}

# run_clients has clients at work for a while and then cuts the power; gives the
# files of their notes, the reader's at last.
sub run_clients
{
	my ($node, $round) = @_;
	my @clients = ([ \&http_writer, "h1.$round" ], [ \&http_writer, "h2.$round" ], [ \&sql_writer, "s.$round" ], [ \&reader, "reader.$round" ]);
	my @children;

	write_sql($node, "s.$round");
	for my $client (@clients)
	{
		my ($what, $name) = @$client;
		my $pid = fork // die $!;
		if ($pid == 0)
		{
			$SIG{PIPE} = 'IGNORE';
			open my $notes, '>', $node->basedir . "/notes-$name" or die $!;
			$notes->autoflush(1);
			$what->($node, $name, $notes);
			require POSIX;
			POSIX::_exit(0);
		}
		push @children, $pid;
	}
	my @files = map { $node->basedir . "/notes-$_->[1]" } @clients;
	sleep $seconds + rand 1;
	# everybody has been told something, however slow the machine is
	for (1 .. 600)
	{
		last unless grep { !-s } @files;
		sleep 0.1;
	}
	powerloss_kill($node);
	waitpid $_, 0 for @children;
	return @files;
}

# lost counts the acknowledged writes, and those that are not there.
sub lost
{
	my ($node, @files) = @_;
	my $copies = join '', map { "COPY noted FROM '$_';" } grep { -s } @files;

	return split /\|/, $node->safe_psql('postgres', qq{
		CREATE TEMP TABLE noted (id text, n numeric);
		$copies
		SELECT count(*), count(*) FILTER (WHERE l.id IS NULL OR l.n < noted.n) FROM noted LEFT JOIN ddb_data."Log" AS l USING (id)});
}

# vanished counts the stream records that a reader was given, and those that are no
# longer there.
sub vanished
{
	my ($node, $file) = @_;

	return (0, 0) unless -s $file;
	return split /\|/, $node->safe_psql('postgres', qq{
		CREATE TEMP TABLE given (sequence text, id text, n text);
		COPY given FROM '$file';
		SELECT count(*), count(*) FILTER (WHERE r.id IS NULL OR r.id <> given.id OR r.n <> given.n)
		FROM given LEFT JOIN (SELECT '1' || lpad((lsn - '0/0')::text, 19, '0') || lpad(ordinal::text, 10, '0') AS sequence,
		    coalesce(new_image, old_image) #>> '{id,S}' AS id, coalesce(new_image #>> '{n,N}', '') AS n
		  FROM ddb.stream_records) AS r USING (sequence)});
}

# ---- the cuts ----

my $node = make_node('power', 'fsync = on');
my ($given, $acknowledged, $blocks) = (0, 0, 0);
for my $round (1 .. $rounds)
{
	powerloss_start($node);
	wait_for_endpoint($node);
	my @files = run_clients($node, $round);
	# nothing that was not synced reached the disk, or half of it did
	$blocks += powerloss_restore($node, $round % 2 ? 0 : 0.5);
	powerloss_start($node);
	wait_for_endpoint($node);
	my ($noted, $lost) = lost($node, @files[ 0 .. 2 ]);
	$acknowledged += $noted;
	is($lost, 0, "cut $round: no acknowledged write is lost ($noted)");

	# the capture worker catches up, with what it had told and what it had not
	$node->safe_psql('postgres', qq{SELECT ddb_put('Log', '{"id": {"S": "mark $round"}}')});
	ok( $node->poll_query_until('postgres', qq{SELECT EXISTS (SELECT FROM ddb.stream_records WHERE new_image #>> '{id,S}' = 'mark $round')}),
		"cut $round: the stream goes on");
	my ($records, $gone) = vanished($node, $files[3]);
	$given += $records;
	is($gone, 0, "cut $round: no record that was given has vanished ($records)");
	is( $node->safe_psql('postgres', q{SELECT count(*) FROM
		(SELECT old_image, lag(new_image) OVER (PARTITION BY coalesce(new_image, old_image) -> 'id' ORDER BY lsn, ordinal) AS before
		 FROM ddb.stream_records) AS r WHERE old_image IS DISTINCT FROM before}),
		'0', "cut $round: records follow each other");
	is( $node->safe_psql('postgres', q{SELECT count(*) FROM
		(SELECT DISTINCT ON (coalesce(new_image, old_image) -> 'id') coalesce(new_image, old_image) -> 'id' AS id, new_image
		 FROM ddb.stream_records ORDER BY 1, lsn DESC, ordinal DESC) AS r
		FULL JOIN ddb_data."Log" AS t ON t.item -> 'id' = r.id WHERE t.item IS DISTINCT FROM r.new_image}),
		'0', "cut $round: and make the table");
	is( $node->safe_psql('postgres', q{SET enable_indexscan = off; SET enable_bitmapscan = off;
		SELECT count(*) || ' ' || count(*) FILTER (WHERE ddb_index_check(indexrelid::regclass) =
		  (SELECT count(*) FROM ddb_data."Log" WHERE indisunique OR g IS NOT NULL AND n IS NOT NULL))
		FROM pg_index WHERE indrelid = 'ddb_data."Log"'::regclass}),
		'2 2', "cut $round: the indexes are right");
	# another cut, right after recovery
	powerloss_kill($node);
	$blocks += powerloss_restore($node, 0);
}
cmp_ok($acknowledged, '>', $rounds, "there were writes ($acknowledged)");
cmp_ok($given, '>', $rounds, "and records ($given)");
cmp_ok($blocks, '>', 10, "and blocks that were lost ($blocks)");

# ---- without fsync it would be noticed ----

my $careless = make_node('careless', 'fsync = off');
powerloss_start($careless);
wait_for_endpoint($careless);
my @files = run_clients($careless, 1);
powerloss_restore($careless, 0);
my $noticed = 'it does not start';
if (powerloss_start($careless, fail_ok => 1))
{
	wait_for_endpoint($careless);
	(undef, my $lost) = lost($careless, @files[ 0 .. 2 ]);
	$noticed = "$lost writes are lost";
	powerloss_kill($careless);
}
isnt($noticed, '0 writes are lost', "without fsync: $noticed");

done_testing();
