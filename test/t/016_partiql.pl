# PartiQL over HTTP and between sessions: the order of a request's text, tokens of
# other workers and servers' lives, concurrent statements.

use strict;
use warnings;

use DdbHttp;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = http_node('partiql', <<'END');
ddb.http_workers = 2
ddb.http_lock_timeout = 300ms
wal_level = logical
END

# statement sends an ExecuteStatement; more members of the request may follow.
sub statement
{
	my ($text, $more) = @_;
	$text =~ s/(["\\])/\\$1/g;
	return ask('ExecuteStatement', qq({"Statement": "$text") . ($more ? ", $more" : '') . '}');
}

# ask sends a request and gives its answer without the spaces of jsonb.
sub ask
{
	return compact(operation($node, @_));
}

sub compact { return $_[0] =~ s/": /":/gr =~ s/, (?=["{])/,/gr; }

my $invalid = '400 {"__type":"com.amazon.coral.validate#ValidationException","message":';

is(statement(qq(INSERT INTO "Music" VALUE {'Artist': 'A', 'SongTitle': 'S$_', 'n': $_})), '200 {"Items":[]}', "8: INSERT $_") for 1 .. 5;
is(statement(q(SELECT n FROM "Music" WHERE Artist = 'A' AND SongTitle = 'S3')), '200 {"Items":[{"n":{"N":"3"}}]}', 'SELECT');
my $request = q({"Statement": "SELECT * FROM \"Music\" WHERE Artist = ?", "Parameters": [{"S": "A"}], "ReturnConsumedCapacity": "INDEXES"});
is(ask('ExecuteStatement', $request), '200 ' . compact($node->safe_psql('postgres', qq{SELECT ddb_request('ExecuteStatement', '$request')})),
	'the answer is what ddb_request gives');
like(statement(q(INSERT INTO "Music" VALUE {'Artist': 'A', 'SongTitle': 'S1'})),
	qr/^400 \{"__type":"com.amazonaws.dynamodb.v20120810#DuplicateItemException","message":"Duplicate primary key exists in table"\}$/, 'DuplicateItemException');
like(statement(q(UPDATE "Music" SET n = 9 WHERE Artist = 'A' AND SongTitle = 'S1' AND n > 5), '"ReturnValuesOnConditionCheckFailure": "ALL_OLD"'),
	qr/ConditionalCheckFailedException","Item":\{.*"n":\s*\{"N":\s*"1"\}.*\},"message":"The conditional request failed"\}$/, '12: a failed condition brings the item');

# 3: the first problem in the order in which the request was sent
my $bad = sub { qq($invalid"The parameter cannot be converted to a numeric value: $_[0]"}) };
is(statement('x', '"Parameters": [{"M": {"zz": {"N": "first"}, "a": {"N": "second"}}}]'), $bad->('first'), '3: members of a map in the order sent');
is(statement('x', '"Parameters": [{"M": {"a": {"N": "first"}, "zz": {"N": "second"}}}]'), $bad->('first'), '3: whichever that is');
is(statement('x', '"Parameters": [{"S": "fine"}, {"L": [{"M": {"bb": {"L": [{"N": "first"}]}, "a": {"SS": ["x", "x"]}}}]}]'), $bad->('first'), '3: further down');
is(statement('x', '"Parameters": [{"M": {"bb": {"N": "first"}, "a": ' . '{"L": [' x 40 . '{"N": "second"}' . ']}' x 40 . '}}]'), $bad->('first'), '3: before what is too deep');
is( statement('x', '"Parameters": [{"M": {"bb": ' . '{"L": [' x 40 . '{"N": "second"}' . ']}' x 40 . ', "a": {"N": "second"}}}]'),
	qq($invalid"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"}), '3: and after it');
is( ask('ExecuteTransaction', '{"TransactStatements": [{"Statement": "x"}, {"Statement": "x", "Parameters": [{"M": {"zz": {"N": "first"}, "a": {"N": "second"}}}]}]}'),
	$bad->('first'), '3: in a transaction, bare');
is( ask('BatchExecuteStatement', '{"Statements": [{"Statement": "x", "Parameters": [{"M": {"zz": {"N": "first"}, "a": {"N": "second"}}}]}]}'),
	'200 {"Responses":[{"Error":{"Code":"ValidationError","Message":"The parameter cannot be converted to a numeric value: first"}}]}', '3: in a batch, the member\'s');

# characters that jsonb can't have
is(ask('ExecuteStatement', q({"Statement": "INSERT INTO \"Music\" VALUE {'Artist': 'zero', 'SongTitle': 'a\u0000b'}"})), '200 {"Items":[]}', 'U+0000 in a literal');
is(ask('ExecuteStatement', q({"Statement": "SELECT SongTitle FROM \"Music\" WHERE Artist = 'zero' AND SongTitle = ?", "Parameters": [{"S": "a\u0000b"}]})),
	'200 {"Items":[{"SongTitle":{"S":"a\u0000b"}}]}', 'is the same in a parameter');
like(ask('ExecuteStatement', q({"Statement": "SELECT * FROM \"Music\" WHERE Artist = '\u0000' AND foo(n)"})), qr/Unrecognized function: foo at 1:46:3"/, '2: and one character');

# tokens: from one worker to the other, and over a restart
my ($token, $pages, @titles) = ('', 0);
do
{
	my $page = statement(q(SELECT SongTitle FROM "Music" WHERE Artist = 'A'), '"Limit": 1' . ($token ? qq(, "NextToken": "$token") : ''));
	push @titles, $page =~ /"S":"(S\d)"/g;
	$token = $page =~ /"NextToken":"([^"]+)"/ ? $1 : '';
	if (++$pages == 2)
	{
		$node->restart;
		wait_for_endpoint($node);
	}
} while ($token && $pages < 20);
is("@titles", 'S1 S2 S3 S4 S5', '6: pages by several workers, and over a restart');

# concurrent statements
$node->safe_psql('postgres', q{SELECT * FROM ddb_execute($$INSERT INTO "Music" VALUE {'Artist': 'C', 'SongTitle': 'count', 'n': 0}$$)});
my $script = PostgreSQL::Test::Utils::tempdir() . '/count.sql';
PostgreSQL::Test::Utils::append_to_file($script, q{SELECT * FROM ddb_execute($$UPDATE "Music" SET n = n + 1 WHERE Artist = 'C' AND SongTitle = 'count'$$);} . "\n");
$node->command_ok([ 'pgbench', '-n', '-c', 4, '-j', 2, '-t', 50, '-f', $script, 'postgres' ], '200 updates by four sessions');
is($node->safe_psql('postgres', q{SELECT x #>> '{n,N}' FROM ddb_execute($$SELECT n FROM "Music" WHERE Artist = 'C' AND SongTitle = 'count'$$) x}), '200', 'none is lost');

# an item that somebody else has
my $other = $node->background_psql('postgres');
$other->query_safe(q{BEGIN; SELECT * FROM ddb_execute($$UPDATE "Music" SET n = 0 WHERE Artist = 'C' AND SongTitle = 'count'$$)});
like(statement(q(UPDATE "Music" SET n = 1 WHERE Artist = 'C' AND SongTitle = 'count')), qr/^400 .*#TransactionConflictException/, 'a conflict');
like( ask('BatchExecuteStatement', q({"Statements": [{"Statement": "INSERT INTO \"Music\" VALUE {'Artist': 'B', 'SongTitle': 'b'}"}, {"Statement": "UPDATE \"Music\" SET n = 1 WHERE Artist = 'C' AND SongTitle = 'count'"}]})),
	qr/^400 .*#TransactionConflictException/, 'is a whole batch\'s');
like( ask('ExecuteTransaction', q({"TransactStatements": [{"Statement": "UPDATE \"Music\" SET n = 1 WHERE Artist = 'C' AND SongTitle = 'count'"}]})),
	qr/TransactionCanceledException.*"TransactionConflict"|#TransactionConflictException/, '10: and cancels a transaction');
$other->query_safe('ROLLBACK');
$other->quit;
is(statement(q(SELECT * FROM "Music" WHERE Artist = 'B')), '200 {"Items":[]}', 'a batch in conflict leaves nothing behind');
is(statement(q(UPDATE "Music" SET n = n + 1 WHERE Artist = 'C' AND SongTitle = 'count' RETURNING MODIFIED NEW *)), '200 {"Items":[{"n":{"N":"201"}}]}', 'then it goes on');

# rights
$node->safe_psql('postgres', 'CREATE ROLE reader; GRANT SELECT ON ddb_data."Music" TO reader');
my ($ret, $out, $err) = $node->psql('postgres', q{SET ROLE reader; SELECT count(*) FROM ddb_execute($$SELECT * FROM "Music" WHERE Artist = 'A'$$)});
is($out, '5', 'SELECT is the right to read');
($ret, $out, $err) = $node->psql('postgres', q{SET ROLE reader; SELECT * FROM ddb_execute($$DELETE FROM "Music" WHERE Artist = 'A' AND SongTitle = 'S1'$$)});
like($err, qr/permission denied for table Music/, 'and none to delete');
($ret, $out, $err) = $node->psql('postgres', q{BEGIN READ ONLY; SELECT * FROM ddb_execute($$DELETE FROM "Music" WHERE Artist = 'A' AND SongTitle = 'S1'$$)});
like($err, qr/cannot execute ExecuteStatement in a read-only transaction/, 'nor is there a write in a read-only transaction');

done_testing();
