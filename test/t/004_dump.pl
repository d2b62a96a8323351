# pg_dump and pg_restore carry a database with DynamoDB tables over: items,
# indexes, catalog and rights, whatever the names.  Afterwards everything answers,
# the indexes are right and new writes work.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;

my $dir = $node->basedir;
my $long_table = 'T' x 200;
my $long_key = "k\xc3\xa9y-" . 'k' x 195;

$node->safe_psql('postgres', 'CREATE DATABASE old; CREATE ROLE maker; CREATE ROLE reader');
$node->safe_psql('old', qq{
	CREATE EXTENSION ddb;
	GRANT CREATE ON SCHEMA ddb_data TO maker;
	SELECT ddb_create_table('Music', 'Artist S', 'SongTitle S',
	  global_indexes => '{"by_genre": {"partition_key": "Genre S", "sort_key": "Year N", "projection": "KEYS_ONLY"},
	                      "by_parts": {"partition_key": "Genre S, Label S", "sort_key": "Year N, Artist S"}}',
	  local_indexes => '{"by_year": {"sort_key": "Year N", "projection": ["Label"]}}');
	SELECT count(ddb_put('Music', ddb_marshal(jsonb_build_object('Artist', 'A' || i % 10, 'SongTitle', 'T' || i, 'Genre', 'G' || i % 3, 'Label', 'L', 'Year', i))))
	  FROM generate_series(1, 300) AS i;
	SELECT ddb_put('Music', ddb_marshal(jsonb_build_object('Artist', 'no index', 'SongTitle', repeat('long', 250))));
	SELECT ddb_put('Music', ddb_marshal(jsonb_build_object('Artist', repeat('long', 250), 'SongTitle', 'x', 'Genre', repeat('long', 500), 'Label', 'L', 'Year', 7)));
	-- a table that has seen columns come and go
	SELECT ddb_update_table('Music', '{"by_tmp": {"partition_key": "tmp S"}}');
	SELECT ddb_update_table('Music', drop_index => 'by_tmp');

	SELECT ddb_create_table('$long_table', '$long_key S', 'item N',
	  global_indexes => jsonb_build_object('I' || repeat('i', 200), '{"partition_key": "ctid B", "sort_key": "spare:1 S"}'::jsonb));
	SELECT ddb_put('$long_table', jsonb_build_object('$long_key', '{"S": "a"}'::jsonb, 'item', '{"N": "1.5"}'::jsonb, 'ctid', '{"B": "/w=="}'::jsonb, 'spare:1', '{"S": "s"}'::jsonb));
	-- an attribute with a column for either use
	SELECT ddb_create_table('Split', 'p S');
	SELECT ddb_put('Split', jsonb_build_object('p', jsonb_build_object('S', i::text), 'c', '{"S": "c"}'::jsonb, 'x', jsonb_build_object('S', repeat('x', i))))
	  FROM unnest(ARRAY[1, 1024, 1025, 2048, 2049]) AS i;
	SELECT ddb_update_table('Split', '{"by_sort": {"partition_key": "c S", "sort_key": "x S"}}');
	SELECT ddb_update_table('Split', '{"by_part": {"partition_key": "x S"}}');
	SET ROLE maker;
	SELECT ddb_create_table('a.b-C_d', 'id S');
	GRANT SELECT ON ddb_data."a.b-C_d" TO reader;
});
my $old_items = items('old');

# items gives what the tables of a database hold, through every index.
sub items
{
	my ($db) = @_;

	return $node->safe_psql($db, q{
		SELECT t, i FROM ddb_list_tables() AS t, ddb_scan(t) AS i ORDER BY 1, 2;
		SELECT t, x, i FROM ddb_list_tables() AS t,
		  jsonb_path_query(ddb_describe_table(t), '$.*[*].IndexName') AS x,
		  ddb_scan(t, index_name => x #>> '{}') AS i ORDER BY 1, 2, 3;
		SELECT ddb_describe_table(t) - 'GlobalSecondaryIndexes' - 'LocalSecondaryIndexes'
		  FROM ddb_list_tables() AS t;
		SELECT i FROM ddb_list_tables() AS t,
		  jsonb_path_query(ddb_describe_table(t), '$.*[*] ? (exists (@.IndexName))') AS i ORDER BY 1});
}

# check tests a restored database.
sub check
{
	my ($db, $what) = @_;

	is(items($db), $old_items, "$what: items, indexes and descriptions are the same");
	is( $node->safe_psql($db, q{
			SELECT count(*), sum(ddb_index_check(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
			WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'ddb')}),
		$node->safe_psql('old', q{
			SELECT count(*), sum(ddb_index_check(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
			WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'ddb')}),
		"$what: every index is right");
	is( $node->safe_psql($db, qq{
			SELECT ddb_put('Music', '{"Artist": {"S": "new"}, "SongTitle": {"S": "x"}, "Genre": {"S": "G1"}, "Year": {"N": "1"}}');
			SELECT ddb_put('Music', '{"Artist": {"S": "new"}, "SongTitle": {"S": "x"}, "Genre": {"S": "G9"}, "Label": {"S": "L"}, "Year": {"N": "1"}}', return_values => 'ALL_OLD') #>> '{Genre,S}';
			SELECT i #>> '{Artist,S}' FROM ddb_query('Music', 'Genre = :g', '{":g": {"S": "G9"}}', index_name => 'by_genre') AS i;
			SELECT ddb_update('$long_table', jsonb_build_object('$long_key', '{"S": "a"}'::jsonb, 'item', '{"N": "1.5"}'::jsonb), 'SET ctid = :b', "values" => '{":b": {"B": "/g=="}}', return_values => 'UPDATED_OLD') #>> '{ctid,B}'}),
		"\nG1\nnew\n/w==", "$what: writes work");
	$node->safe_psql($db, q{
		INSERT INTO ddb_data."Music" (item) VALUES ('{"Artist": {"S": "sql"}, "SongTitle": {"S": "x"}, "Label": {"S": "M"}}');
		SELECT ddb_update_table('Music', '{"by_label": {"partition_key": "Label S"}}')});
	is( $node->safe_psql($db, q{SELECT i #>> '{Artist,S}' FROM ddb_query('Music', 'Label = :l', '{":l": {"S": "M"}}', index_name => 'by_label') AS i}),
		'sql', "$what: plain SQL writes and new indexes work");
	my ($ret, $out, $err) = $node->psql($db, q{INSERT INTO ddb_data."Music" (item) VALUES ('{"Artist": {"S": "sql"}}')});
	like($err, qr/Missing the key SongTitle/, "$what: plain SQL writes are checked");
	is( $node->safe_psql($db, q{
			SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'a.b-C_d';
			SET ROLE reader; SELECT count(*) FROM ddb_scan('a.b-C_d')}),
		"maker\n0", "$what: owners and rights are the same");
	$node->safe_psql($db, q{SET ROLE maker; SELECT ddb_create_table('more', 'id S')});
	return;
}

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom", $node->connstr('old') ], 'dump, custom format');
$node->safe_psql('postgres', 'CREATE DATABASE custom');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('custom'), "$dir/custom" ], 'restore, custom format');
check('custom', 'custom');

$node->safe_psql('postgres', 'CREATE DATABASE parallel');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $node->connstr('parallel'), "$dir/custom" ], 'restore, two jobs');
check('parallel', 'parallel');

$node->command_ok([ 'pg_dump', '-f', "$dir/plain.sql", $node->connstr('old') ], 'dump, plain');
$node->safe_psql('postgres', 'CREATE DATABASE plain');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", $node->connstr('plain') ], 'restore, plain');
check('plain', 'plain');

# In two pieces: the data alone goes through the triggers of the schema.
$node->safe_psql('postgres', 'CREATE DATABASE pieces');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-s', '-d', $node->connstr('pieces'), "$dir/custom" ], 'restore, schema only');
is($node->safe_psql('pieces', 'SELECT count(*) FROM ddb_list_tables()'), '0', 'schema only: tables without their catalog rows');
$node->command_ok([ 'pg_dump', '-a', '-f', "$dir/data.sql", $node->connstr('old') ], 'dump, data only');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/data.sql", $node->connstr('pieces') ], 'restore, data only');
check('pieces', 'in pieces');

# One table's data alone.
$node->command_ok([ 'pg_dump', '-a', '--inserts', '-t', 'ddb_data."Music"', '-f', "$dir/music.sql", $node->connstr('old') ], 'dump of one table');
$node->safe_psql('custom', 'TRUNCATE ddb_data."Music"');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/music.sql", $node->connstr('custom') ], 'restore of one table');
is( $node->safe_psql('custom', q{SELECT count(*) FROM ddb_scan('Music')}),
	$node->safe_psql('old', q{SELECT count(*) FROM ddb_scan('Music')}), 'one table: its items are back');

# A dump of a restored database, over an existing one.
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/again", $node->connstr('plain') ], 'second dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--clean', '--if-exists', '-d', $node->connstr('parallel'), "$dir/again" ], 'restore over a database');
is(items('parallel'), items('plain'), 'over a database: the same items');

# Databases of other encodings are refused.
foreach my $encoding ('LATIN1', 'SQL_ASCII')
{
	$node->safe_psql('postgres', "CREATE DATABASE \"$encoding\" ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	my ($ret, $out, $err) = $node->psql($encoding, 'CREATE EXTENSION ddb');
	like($err, qr/ddb needs a database with encoding UTF8, not $encoding/, "$encoding is refused");
}

done_testing();
