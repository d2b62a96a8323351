# A ddb index survives kill -9 under load, follows to a standby, and is right
# after promotion.  ddb_index_check is the judge, beside counts through the index
# against counts through the table.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C' ]);
$primary->append_conf('postgresql.conf', "shared_buffers = 8MB\nautovacuum_naptime = 1s");
$primary->start;

$primary->safe_psql('postgres', q{
	CREATE EXTENSION ddb;
	CREATE TABLE item (pk text COLLATE "C" NOT NULL, sk numeric NOT NULL, gpk text COLLATE "C", v text);
	CREATE UNIQUE INDEX item_key ON item USING ddb (pk ddb.text_partition_ops, sk);
	CREATE INDEX item_gsi ON item USING ddb
	  (gpk ddb.text_partition_ops, sk, pk ddb.text_partition_ops);
	CREATE UNLOGGED TABLE fleeting (LIKE item INCLUDING INDEXES);
	INSERT INTO fleeting SELECT 'p' || i, i FROM generate_series(1, 100) AS i;

	-- puts a key, moves it in the second index or takes it out of it, or
	-- deletes it; every tenth partition key is a long one
	CREATE PROCEDURE step(a integer, b integer) LANGUAGE plpgsql AS $$
	DECLARE
	  key text := 'p' || a || CASE WHEN a % 10 = 0 THEN repeat('long', 300) ELSE '' END;
	  g text := CASE WHEN b % 3 > 0 THEN 'g' || b % 5 END;
	BEGIN
	  IF b % 7 = 0 THEN
	    DELETE FROM item WHERE pk = key AND sk = b;
	  ELSE
	    UPDATE item SET gpk = g, v = md5(v) WHERE pk = key AND sk = b;
	    IF NOT FOUND THEN
	      INSERT INTO item VALUES (key, b, g, 'v');
	    END IF;
	  END IF;
	EXCEPTION WHEN unique_violation THEN
	  NULL;
	END $$;
});
my $script = $primary->basedir . '/load.sql';
append_to_file($script, "\\set a random(1, 200)\n\\set b random(1, 1000)\nCALL step(:a, :b);\n");

# check_node compares what a node's indexes say with what its table says.
sub check_node
{
	my ($node, $when) = @_;
	my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM item');
	my $members = $node->safe_psql('postgres', 'SELECT count(gpk) FROM item');

	cmp_ok($rows, '>', 0, "$when: there are rows");
	is($node->safe_psql('postgres', q{SELECT ddb_index_check('item_key')}), $rows,
		"$when: the primary index is right");
	is($node->safe_psql('postgres', q{SELECT ddb_index_check('item_gsi')}), $members,
		"$when: the second index is right");
	is( $node->safe_psql('postgres', q{
			SET enable_seqscan = off;
			SELECT count(*) FROM item WHERE pk OPERATOR(ddb.>=#) (-9223372036854775808)::bigint}),
		$rows, "$when: a scan of all hashes finds every row");
	return;
}

for my $round (1 .. 3)
{
	my $pgbench = IPC::Run::start(
		[   'pgbench', '-n', '-c', '4', '-T', '60', '-f', $script,
			'-h', $primary->host, '-p', $primary->port, 'postgres' ],
		'<', \undef, '>', \my $out, '2>', \my $err);
	sleep 3;
	$primary->safe_psql('postgres', 'REINDEX INDEX CONCURRENTLY item_gsi') if $round == 2;
	$primary->stop('immediate');
	$pgbench->finish;
	$primary->start;
	check_node($primary, "crash $round");
	is($primary->safe_psql('postgres', q{SELECT ddb_index_check('fleeting_pk_sk_idx')}), '0',
		"crash $round: the index of an unlogged table is empty");
	$primary->safe_psql('postgres', q{INSERT INTO fleeting VALUES ('p', 1)});
}

# A standby, under load and then caught up.
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->command_ok(
	[   'pgbench', '-n', '-c', '4', '-T', '3', '-f', $script,
		'-h', $primary->host, '-p', $primary->port, 'postgres' ],
	'load with a standby');
$primary->safe_psql('postgres', 'VACUUM item');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
check_node($standby, 'standby');

my $query = q{SELECT string_agg(sk::text, ',' ORDER BY sk DESC) FROM item WHERE pk = 'p7' AND sk > 500};
my $plan = $standby->safe_psql('postgres', "SET enable_seqscan = off; EXPLAIN (COSTS OFF) $query");
like($plan, qr/item_key/, 'the standby uses the index');
is( $standby->safe_psql('postgres', "SET enable_seqscan = off; $query"),
	$primary->safe_psql('postgres', "SET enable_indexscan = off; SET enable_bitmapscan = off; $query"),
	'the standby answers as the primary does');

$primary->stop('immediate');
$standby->promote;
check_node($standby, 'promoted');
$standby->safe_psql('postgres', 'CALL step(1, 1); REINDEX TABLE item');
check_node($standby, 'promoted and reindexed');

done_testing();
