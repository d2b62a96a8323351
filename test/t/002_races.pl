# Eight clients write a few keys as fast as they can while the table is vacuumed
# and its indexes are rebuilt.  Each write notes itself in a plain table, in its
# own transaction, so that what was acknowledged is known: counters must add up to
# it, keys must be there once, and every index must agree with the table.  No error
# but a failed condition may reach a client.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('races');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf',
	"autovacuum_naptime = 1s\nautovacuum_vacuum_threshold = 10\nautovacuum_vacuum_scale_factor = 0");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION ddb;
SELECT ddb_create_table('hot', 'pk S', 'sk N',
  global_indexes => '{"by_g": {"partition_key": "g S", "sort_key": "v N"}, "by_v": {"partition_key": "v N"}}',
  local_indexes => '{"by_l": {"sort_key": "v N"}}');
CREATE TABLE acks (kind text NOT NULL, n int NOT NULL);

CREATE FUNCTION hot_key(i int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 3), 'sk', jsonb_build_object('N', i::text)) $$;
CREATE FUNCTION numbers(VARIADIC a text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_object_agg(a[i], jsonb_build_object('N', a[i + 1])) FROM generate_series(1, cardinality(a), 2) AS i $$;

-- One more on a counter.  Every third time the item moves in all its indexes.
CREATE FUNCTION bump(i int, r int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF r % 3 = 0 THEN
    PERFORM ddb_update('hot', hot_key(i), 'SET n = if_not_exists(n, :zero) + :one, v = :v, g = :g',
                       "values" => numbers(':zero', '0', ':one', '1', ':v', r::text)
                                   || jsonb_build_object(':g', jsonb_build_object('S', 'g' || r % 2)));
  ELSE
    PERFORM ddb_update('hot', hot_key(i), 'ADD n :one', "values" => numbers(':one', '1'));
  END IF;
  INSERT INTO acks VALUES ('bump', i);
END $$;

-- One more, if nobody else was there since the item was read.
CREATE FUNCTION claim(i int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  seen text := ddb_get('hot', hot_key(i)) #>> '{version,N}';
BEGIN
  IF seen IS NULL THEN
    PERFORM ddb_put('hot', hot_key(i) || numbers('version', '1', 'v', '1'), 'attribute_not_exists(pk)');
  ELSE
    PERFORM ddb_update('hot', hot_key(i), 'SET version = version + :one', 'version = :seen',
                       "values" => numbers(':one', '1', ':seen', seen));
  END IF;
  INSERT INTO acks VALUES ('claim', i);
EXCEPTION WHEN SQLSTATE 'DY002' THEN
  NULL;
END $$;

-- Creates an item that must not be there, or deletes one that must.
CREATE FUNCTION flip(i int, r int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF r % 2 = 0 THEN
    PERFORM ddb_put('hot', hot_key(i) || numbers('v', r::text) || '{"g": {"S": "g2"}}', 'attribute_not_exists(pk)');
    INSERT INTO acks VALUES ('flip', i);
  ELSE
    PERFORM ddb_delete('hot', hot_key(i), 'attribute_exists(pk)');
    INSERT INTO acks VALUES ('flip', -i);
  END IF;
EXCEPTION WHEN SQLSTATE 'DY002' THEN
  NULL;
END $$;

-- Writes and deletes without conditions, by ddb and by SQL.
CREATE FUNCTION churn(i int, r int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CASE r % 4
    WHEN 0 THEN PERFORM ddb_put('hot', hot_key(i) || numbers('v', r::text));
    WHEN 1 THEN PERFORM ddb_delete('hot', hot_key(i));
    WHEN 2 THEN PERFORM ddb_update('hot', hot_key(i), 'SET v = :v, g = :g',
                                   "values" => numbers(':v', r::text) || '{":g": {"S": "g3"}}');
    ELSE UPDATE ddb_data.hot SET item = item || numbers('v', r::text) WHERE pk = 'p' || i % 3 AND sk = i;
  END CASE;
END $$;

-- In one snapshot every key is there once, and an index shows what the table has.
CREATE FUNCTION look() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT format('%s items, %s keys, %s by g, %s with g, %s by v, %s with v',
                count(*), count(DISTINCT i -> 'sk'), g.n, count(i -> 'g'), v.n, count(i -> 'v'))
    INTO problem
    FROM ddb_scan('hot') AS i,
         (SELECT count(*) AS n FROM ddb_scan('hot', index_name => 'by_g')) AS g,
         (SELECT count(*) AS n FROM ddb_scan('hot', index_name => 'by_v')) AS v
    GROUP BY g.n, v.n
    HAVING count(*) <> count(DISTINCT i -> 'sk') OR g.n <> count(i -> 'g') OR v.n <> count(i -> 'v');
  IF FOUND THEN
    RAISE EXCEPTION '%', problem;
  END IF;
END $$;
SQL

my %script = (
	bump => "\\set i random(1, 4)\nSELECT bump(:i, :r);\n",
	claim => "\\set i random(11, 13)\nSELECT claim(:i);\n",
	flip => "\\set i random(21, 24)\nSELECT flip(:i, :r);\n",
	churn => "\\set i random(31, 36)\nSELECT churn(:i, :r);\n",
	look => "SELECT look();\n");
my @files;
foreach my $name (sort keys %script)
{
	my $file = $node->basedir . "/$name.sql";
	append_to_file($file, "\\set r random(1, 1000)\n$script{$name}");
	push @files, '-f', $file . ($name eq 'look' ? '@1' : '@3');
}

# load starts eight clients for some seconds; give further options of pgbench.
sub load
{
	my ($seconds, @options) = @_;
	my $run = { out => '', err => '' };

	$run->{handle} = IPC::Run::start(
		[   'pgbench', '-n', '-c', '8', '-j', '2', '-T', $seconds, @options, @files,
			'-h', $node->host, '-p', $node->port, 'postgres' ],
		'<', \undef, '>', \$run->{out}, '2>', \$run->{err});
	return $run;
}

# finished waits for clients and checks that they had no error.
sub finished
{
	my ($run, $what) = @_;

	$run->{handle}->finish;
	is($run->{handle}->result(0), 0, "$what: clients ended well");
	unlike($run->{err}, qr/ERROR|abort/, "$what: no error reached a client");
	like($run->{out}, qr/number of transactions actually processed: [1-9]/, "$what: transactions");
	return;
}

# check compares the table with what was acknowledged.
sub check
{
	my ($what) = @_;
	my $all = '(SELECT i, (i #>> \'{sk,N}\')::int AS sk FROM ddb_scan(\'hot\') AS i) AS items';

	is( $node->safe_psql('postgres', "SELECT sk, i #>> '{n,N}' FROM $all WHERE sk < 10 ORDER BY 1"),
		$node->safe_psql('postgres', "SELECT n, count(*) FROM acks WHERE kind = 'bump' GROUP BY 1 ORDER BY 1"),
		"$what: no increment is lost");
	is( $node->safe_psql('postgres', "SELECT sk, i #>> '{version,N}' FROM $all WHERE sk BETWEEN 10 AND 19 ORDER BY 1"),
		$node->safe_psql('postgres', "SELECT n, count(*) FROM acks WHERE kind = 'claim' GROUP BY 1 ORDER BY 1"),
		"$what: each version was claimed once");
	is( $node->safe_psql('postgres', "SELECT k, (SELECT count(*) FROM $all WHERE sk = k) FROM generate_series(21, 24) AS k ORDER BY 1"),
		$node->safe_psql('postgres', "SELECT k, (SELECT coalesce(sum(sign(n)), 0) FROM acks WHERE kind = 'flip' AND abs(n) = k) FROM generate_series(21, 24) AS k ORDER BY 1"),
		"$what: creations and deletions take turns");
	foreach my $index ([ 'primary', 'pk' ], [ 'by_g', 'g' ], [ 'by_v', 'v' ], [ 'by_l', 'v' ])
	{
		is( $node->safe_psql('postgres', "SELECT ddb_index_check('ddb_data.\"hot:$index->[0]\"')"),
			$node->safe_psql('postgres', "SET enable_indexscan = off; SET enable_bitmapscan = off; SELECT count($index->[1]) FROM ddb_data.hot"),
			"$what: index $index->[0] is right");
	}
	$node->safe_psql('postgres', 'SELECT look()');
	return;
}

my $run = load(8);
foreach my $round (1 .. 3)
{
	foreach my $index (qw(primary by_g by_v by_l))
	{
		$node->safe_psql('postgres', "REINDEX INDEX CONCURRENTLY ddb_data.\"hot:$index\"");
		$node->safe_psql('postgres', 'VACUUM ddb_data.hot');
	}
}
finished($run, 'read committed');
check('read committed');

# With a fixed snapshot conflicts are serialization failures, and pgbench tries again.
foreach my $level ('repeatable read', 'serializable')
{
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
	my $run = load(3, '--max-tries=0');
	local $ENV{PGOPTIONS};

	finished($run, $level);
	check($level);
}

unlike(slurp_file($node->logfile),
	qr/ERROR:  (?!could not serialize|canceling autovacuum)/, 'no other error in the log');

done_testing();
