# The endpoint's event loop under malicious clients, built with the address and
# undefined-behaviour sanitizers.  See test/fuzz/http_loop.c.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = "$FindBin::RealBin/../..";
my $program = PostgreSQL::Test::Utils::tempdir() . '/http_loop';
my $seconds = $ENV{DDB_FUZZ_SECONDS} // 6;

command_ok([ 'cc', '-g', '-O1', '-D_GNU_SOURCE', '-fsanitize=address,undefined', '-fno-sanitize-recover=all',
		"-I$root/src", '-o', $program, "$root/test/fuzz/http_loop.c",
		glob("$root/src/http/*.c"),
		'-levent_core', '-lhttp_parser', '-lssl', '-lcrypto' ], 'builds');
for my $seed (1, time)
{
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	command_ok([ $program, $port, $seconds, $seed ], "seed $seed");
}

done_testing();
