# The workload checker, for a short time: clients of both doors under faults, and a
# judge who finds nothing; and that the judge would find something.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = $ENV{DDB_SOAK_ROUNDS} // 2;
my $seed = $ENV{DDB_SOAK_SEED} // 7;
my $keep = "$PostgreSQL::Test::Utils::log_path/soak";

is(system('/usr/bin/python3', 'test/soak/test_judge.py'), 0, 'the judge knows a violation when he sees one');

my $out = '';
my $status = IPC::Run::run(
	[ 'test/soak/run', '--rounds', $rounds, '--seed', $seed, '--faults-per-round', 6, '--fault-every', 1.2,
		'--clients', 6, '--keep', $keep ],
	'>', \$out, '2>&1', IPC::Run::timeout(300 * $rounds));
note($out);
ok($status, 'nothing is violated') or diag($out);
like($out, qr/^[1-9]\d* operations, @{[6 * $rounds]} faults, 0 violations$/m, 'there were operations and faults');

done_testing();
