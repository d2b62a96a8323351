# No request holds a worker for long: searches take a time in proportion to what they
# search, pages of Query and Scan end when time is up, and other requests that take
# too long are undone.

use strict;
use warnings;

use DdbHttp;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = http_node('budget', <<'END');
ddb.http_workers = 1
END

# ask gives status, answer and time of a call.
sub ask
{
	my ($operation, $body) = @_;
	my $began = time;
	my $answer = call($node, $operation, $body);

	return ($answer->{status}, $answer->{body}, time - $began);
}

# ---- searches ----

$node->safe_psql('postgres', q{
	SELECT ddb_create_table('Long', 'id S');
	SELECT ddb_put('Long', jsonb_build_object('id', '{"S": "a"}'::jsonb, 'v', jsonb_build_object('S', repeat('a', 390000))));
	SELECT ddb_put('Long', jsonb_build_object('id', '{"S": "s"}'::jsonb, 's', jsonb_build_object('NS', (SELECT jsonb_agg(i::text) FROM generate_series(100000, 160000) i))));
});
my ($status, $answer, $took);
for my $needle ('a' x 150_000 . 'b', 'b' . 'a' x 150_000, 'a' x 75_000 . 'b' . 'a' x 75_000, 'a' x 250 . 'b', 'ab' x 100)
{
	my $filter = join ' OR ', map { "contains(v, :n$_)" } 0 .. 9;
	my $values = join ', ', map { qq(":n$_": {"S": "$needle"}) } 0 .. 9;
	($status, $answer, $took) = ask('Scan', qq({"TableName": "Long", "FilterExpression": "$filter", "ExpressionAttributeValues": {$values}}));
	is("$status $answer", '200 {"Count":0,"Items":[],"ScannedCount":2}', 'a search that finds nothing');
	cmp_ok($took, '<', 2, sprintf 'in %.3f s', $took);
}
# all members of a set, in another order, in 20 comparisons
my $set = join ', ', map { "\"$_\"" } reverse 100_000 .. 160_000;
($status, $answer, $took) = ask('Scan', qq({"TableName": "Long", "ProjectionExpression": "id", "FilterExpression": ")
	. join(' AND ', ('s = :s') x 20) . qq(", "ExpressionAttributeValues": {":s": {"NS": [$set]}}}));
like("$status $answer", qr/^200 \{"Count":1,"Items":\[\{"id":\{"S":"s"\}\}\],"ScannedCount":/, 'comparisons of large sets');
cmp_ok($took, '<', 4, sprintf 'in %.3f s', $took);

# ---- pages ----

$node->append_conf('postgresql.conf', 'ddb.http_request_timeout = 1s');
$node->reload;
sleep 0.5;
$node->safe_psql('postgres', q{
	SELECT ddb_create_table('Many', 'id S', 'n N');
	SELECT count(ddb_put('Many', jsonb_build_object('id', '{"S": "a"}'::jsonb, 'n', jsonb_build_object('N', i::text), 't', '{"S": "a"}'::jsonb))) FROM generate_series(1, 30000) i;
});
my $tests = join ' OR ', map { "(contains(t, :v) AND size(t) > :n)" } 1 .. 55;
my $values = '":v": {"S": "b"}, ":n": {"N": "1"}';
for my $read ([ 'Scan', '' ], [ 'Query', ', "KeyConditionExpression": "id = :a"' ])
{
	my ($operation, $more) = @$read;
	my ($start, $scanned, $pages, $longest) = ('', 0, 0, 0);
	my $all = $values . ($more && ', ":a": {"S": "a"}');

	do
	{
		($status, $answer, $took) = ask($operation, qq({"TableName": "Many", "FilterExpression": "$tests", "ExpressionAttributeValues": {$all}$more$start}));
		$longest = $took if $took > $longest;
		$pages++;
		$scanned += $1 if $answer =~ /"ScannedCount":(\d+)/;
		$start = $answer =~ /"LastEvaluatedKey":(\{.*?\}\})/ ? qq(, "ExclusiveStartKey": $1) : '';
	} while ($status == 200 && $start);
	is("$status $scanned", '200 30000', "$operation reads everything once");
	cmp_ok($pages, '>', 1, "in $pages pages");
	cmp_ok($longest, '<', 0.8, sprintf 'of %.3f s at most', $longest);
}

# ---- the rest ----

# a user's function that takes its time, in an index that every write keeps
$node->safe_psql('postgres', q{
	SELECT ddb_create_table('Slow', 'id S');
	CREATE FUNCTION slow(jsonb) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(($1->''s''->>''N'')::float); RETURN 1; END';
	CREATE INDEX ON ddb_data."Slow" (slow(item));
});
($status, $answer, $took) = ask('PutItem', '{"TableName": "Slow", "Item": {"id": {"S": "a"}, "s": {"N": "0.1"}}}');
is("$status $answer", '200 {}', 'a write in time');
($status, $answer, $took) = ask('PutItem', '{"TableName": "Slow", "Item": {"id": {"S": "b"}, "s": {"N": "20"}}}');
like("$status $answer", qr/^400 \{"__type":"com.amazon.coral.availability#ThrottlingException","message":"The request took more work than one request may/,
	'one that takes too long');
cmp_ok($took, '<', 4, sprintf 'ends (%.3f s)', $took);
is((ask('GetItem', '{"TableName": "Slow", "Key": {"id": {"S": "b"}}}'))[1], '{}', 'and is undone');
is((ask('GetItem', '{"TableName": "Slow", "Key": {"id": {"S": "a"}}}'))[0], 200, 'nothing is left of it');

done_testing();
