# What documents say of settings, functions and operations is what the code has.

use strict;
use warnings;

use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = dirname(__FILE__) . '/../..';
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'ddb'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION ddb');

sub made
{
	my ($part) = @_;

	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = 'postgres';
	my $out = `$root/tools/docs $part`;

	is($?, 0, "tools/docs $part");
	return $out;
}

is(made('settings'), slurp_file("$root/docs/settings.md"), 'docs/settings.md is made from the settings');

my ($functions) = slurp_file("$root/docs/sql.md") =~ /^<!-- functions -->\n\n(.*)/ms;
is(made('functions'), $functions, 'docs/sql.md lists the functions and views');

# Every operation is known or not, as docs/operations.md has it.
my $operations = slurp_file("$root/docs/operations.md");
my $rows = 0;
while ($operations =~ /^\| ([A-Z]\w+) \| ([0-9.]*) ?\|/mg)
{
	my ($name, $since) = ($1, $2);
	my ($ret, $out, $err) = $node->psql('postgres',
		"SELECT ddb_request('$name', '{}')", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);

	next if $name eq 'Operation';
	$rows++;
	is($err =~ /DY012/ ? 'unknown' : 'known', $since eq '' ? 'unknown' : 'known', $name);
}
is($rows, 66, '62 operations of DynamoDB and 4 of DynamoDB Streams');

done_testing();
