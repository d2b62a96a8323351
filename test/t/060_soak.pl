# The workload checker, for a short time: clients of both doors under faults, and a
# judge who finds nothing; and that the judge would find something.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

my $minutes = $ENV{DDB_SOAK_MINUTES} // 0.4;
my $seed = $ENV{DDB_SOAK_SEED} // 7;
my $keep = "$PostgreSQL::Test::Utils::log_path/soak";

is(system('/usr/bin/python3', 'test/soak/test_judge.py'), 0, 'the judge knows a violation when he sees one');

my $out = '';
my $status = IPC::Run::run(
	[ 'test/soak/run', '--minutes', $minutes, '--seed', $seed, '--round', 12, '--fault-every', 1.2,
		'--clients', 6, '--keep', $keep ],
	'>', \$out, '2>&1', IPC::Run::timeout(60 * $minutes + 240));
note($out);
ok($status, 'nothing is violated') or diag($out);
my ($operations, $faults) = $out =~ /^(\d+) operations, (\d+) faults, 0 violations$/m;
cmp_ok($operations // 0, '>', 500, 'there were operations');
cmp_ok($faults // 0, '>', 5, 'there were faults');

done_testing();
