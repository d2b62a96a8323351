# The HTTP endpoint on the wire: DynamoDB's protocol, HTTP's corners, limits, and
# that nothing one client does disturbs another.
#
# The full numbers of connections and requests that leave no memory behind:
#   make check-tap DDB_HTTP_CONNECTIONS=10000 DDB_HTTP_REQUESTS=1000000

use strict;
use warnings;

use Compress::Zlib;
use DdbHttp;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = http_node('http', <<'END');
ddb.http_workers = 1
ddb.lock_timeout = 500ms
ddb.http_read_timeout = 2s
ddb.http_log_min_duration = 100ms
END

my $key = '{"Artist": {"S": "Laika"}, "SongTitle": {"S": "Orbit"}}';
my $put = qq({"TableName": "Music", "Item": {"Artist": {"S": "Laika"}, "SongTitle": {"S": "Orbit"}, "n": {"N": "1.50"}}});
my $get = qq({"TableName": "Music", "Key": $key});

# ---- the protocol ----

# raw sends bytes and gives the first answer.
sub raw
{
	my ($bytes) = @_;
	my $socket = connect_http($node);

	print $socket $bytes;
	return receive($socket);
}

my $answer = call($node, 'PutItem', $put);
is($answer->{status}, 200, 'PutItem');
is($answer->{body}, '{}', 'an answer without members');
$answer = call($node, 'GetItem', $get);
is($answer->{body}, $node->safe_psql('postgres', qq{SELECT ddb_request('GetItem', '$get')}) =~ s/([:,]) /$1/gr,
	'the answer is what ddb_request gives, without blanks');
my $odd = '\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f, : \\u00e4\\ud83d\\ude00';
call($node, 'PutItem', qq({"TableName": "Music", "Item": {"Artist": {"S": "odd"}, "SongTitle": {"S": "x"}, "a $odd": {"L": [{"S": "$odd"}, {"BOOL": true}, {"NULL": true}, {"L": []}, {"M": {}}]}}}));
my $expected = '\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f' . "\x7f, : \xc3\xa4\xf0\x9f\x98\x80";
is(call($node, 'GetItem', '{"TableName": "Music", "Key": {"Artist": {"S": "odd"}, "SongTitle": {"S": "x"}}}')->{body},
	qq({"Item":{"Artist":{"S":"odd"},"SongTitle":{"S":"x"},"a $expected":{"L":[{"S":"$expected"},{"BOOL":true},{"NULL":true},{"L":[]},{"M":{}}]}}}),
	'strings are escaped and JSON has no blanks');
like($answer->{headers}{'x-amzn-requestid'}, qr/^[0-9A-Z]{52}$/, 'x-amzn-RequestId');
is($answer->{headers}{'x-amz-crc32'}, crc32($answer->{body}), 'x-amz-crc32');
is($answer->{headers}{'content-type'}, 'application/x-amz-json-1.0', 'Content-Type');
like($answer->{headers}{date}, qr/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, 'Date');
is(call($node, 'GetItem', $get, 'Content-Type' => 'application/json')->{headers}{'content-type'},
	'application/json', 'the content type is echoed');

like(operation($node, 'GetItem', '{"TableName": "Nope", "Key": {"a": {"S": "b"}}}'),
	qr/^400 \{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found/,
	'ResourceNotFoundException');
is(operation($node, 'Frobnicate', '{}'),
	'400 {"__type":"com.amazon.coral.service#UnknownOperationException"}', 'unknown operation');
is(operation($node, 'CreateBackup', '{}'),
	'400 {"__type":"com.amazon.coral.service#UnknownOperationException","message":"The operation CreateBackup is not supported"}',
	'an operation of the service that ddb lacks is named');
is(call($node, 'GetItem', '{}', 'X-Amz-Target' => 'DynamoDBStreams_20120810.GetItem')->{body},
	'{"__type":"com.amazon.coral.service#UnknownOperationException"}', 'an operation of the other API');
is(operation($node, 'DescribeEndpoints', '{}'), '200 {"Endpoints":[{"Address":"localhost","CachePeriodInMinutes":1440}]}',
	'DescribeEndpoints answers the host that was asked');
like(call($node, 'DescribeEndpoints', '{}', Host => '[::1]:8000')->{body}, qr/"Address":"\[::1\]:8000"/, 'with its port');
like(raw(request_text('DescribeEndpoints', '{}') =~ s{^POST /}{POST http://db.example:8000/}r)->{body}, qr/"Address":"db.example:8000"/,
	'that of the target, if it has one');
like(call($node, 'DescribeEndpoints', '{}', Host => $_)->{body}, qr/"Address":"localhost:\d+"/, 'or its own') for "\xff", '"', '';
my $arn = '"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Music"';
$answer = call($node, 'TagResource', qq({$arn, "Tags": [{"Key": "a", "Value": "b"}]}));
is("$answer->{status} $answer->{headers}{'content-length'} $answer->{headers}{'x-amz-crc32'}", '200 0 0', 'TagResource has no response');
is(operation($node, 'ListTagsOfResource', "{$arn}"), '200 {"Tags":[{"Key":"a","Value":"b"}]}', 'but does what it should');
is(operation($node, 'UntagResource', qq({$arn, "TagKeys": ["a"]})), '200 ', 'nor has UntagResource');
like(operation($node, 'GetItem', '{"TableName": '),
	qr/^400 \{"__type":"com.amazon.coral.service#SerializationException","Message":/, 'no JSON');
like(operation($node, 'GetItem', '[]'), qr/SerializationException/, 'JSON that is no object');
like(operation($node, 'GetItem', '{"a":' x 100000), qr/SerializationException/, 'JSON far too deep');
like(operation($node, 'GetItem', "{\"TableName\": \"\xff\"}"), qr/SerializationException/, 'not UTF-8');
like(operation($node, 'GetItem', "{}\0{}"), qr/SerializationException/, 'a zero byte');
like(operation($node, 'GetItem', ''), qr/SerializationException/, 'no body');
like(operation($node, 'GetItem', '{}'), qr/#ValidationException","message":"/, 'ValidationException');
like( operation($node, 'PutItem',
		qq({"TableName": "Music", "Item": $key, "ConditionExpression": "attribute_not_exists(Artist)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})),
	qr/ConditionalCheckFailedException","Item":\{"n":\{"N":"1\.5"\},"Artist":\{"S":"Laika"\},"SongTitle":\{"S":"Orbit"\}\},"message":"The conditional request failed"\}$/,
	'a failed condition brings the item');
like( operation($node, 'TransactWriteItems',
		qq({"TransactItems": [{"ConditionCheck": {"TableName": "Music", "Key": $key, "ConditionExpression": "attribute_exists(nope)"}}]})),
	qr/TransactionCanceledException","CancellationReasons":\[\{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"\}\],"Message":"Transaction cancelled/,
	'a cancelled transaction brings its reasons');
is(call($node, 'GetItem', $get, 'Content-Type' => 'text/plain')->{status}, 404, 'another content type');
like(call($node, 'GetItem', $get, 'Content-Type' => 'text/plain')->{body}, qr/^<UnknownOperationException/,
	'and its answer');
like(call($node, 'GetItem', $get, 'X-Amz-Target' => undef)->{body}, qr/UnknownOperationException/, 'no target');
like(call($node, 'GetItem', $get, 'Authorization' => undef)->{body}, qr/MissingAuthenticationTokenException/,
	'no signature');

$answer = raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
is($answer->{body}, 'healthy: dynamodb.us-east-1.amazonaws.com ', 'health check');
is(raw("GET $_ HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 200, "absolute form: $_")
	for 'http://localhost:8000/', 'HTTP://localhost', 'https://localhost?a=b';
is(raw("GET $_ HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 404, "absolute form: $_")
	for 'http://localhost:8000/nothing', 'ftp://localhost/';
like(raw(request_text('GetItem', $get) =~ s{^POST /}{POST http://localhost:8000/}r)->{body}, qr/"1\.5"/, 'absolute form of a call');
is(raw("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 404, 'no such path');
$answer = raw("OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n"
	  . "Access-Control-Request-Headers: x-amz-target\r\n\r\n");
is(join(' ', map { $answer->{headers}{"access-control-$_"} } qw(allow-origin max-age allow-methods allow-headers)),
	'http://localhost:3000 172800 POST x-amz-target', 'CORS preflight');
$answer = raw("OPTIONS / HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: a\r\n\r\n");
is($answer->{status}, 200, 'OPTIONS without Origin');
is(join(' ', grep { /^access-control/ } keys %{ $answer->{headers} }), '', 'has nothing to do with CORS');
for my $origin ('http://localhost:3000', 'https://app.localhost', 'http://127.0.0.1', 'http://[::1]:8080')
{
	$answer = call($node, 'GetItem', $get, Origin => $origin);
	is("$answer->{status} $answer->{headers}{'access-control-allow-origin'} $answer->{headers}{vary}", "200 $origin Origin", "CORS for $origin");
}
for my $origin ('http://a', 'https://localhost.example.com', 'http://localhost:3000@a.com', 'http://127.0.0.1.nip.io', 'null', '', 'http://[::1].a.com',
	'http://localhost:3000, http://a')
{
	$answer = call($node, 'GetItem', $get, Origin => $origin);
	is("$answer->{status} " . ($answer->{headers}{'access-control-allow-origin'} // '-'), '403 -', "not for pages of \"$origin\"");
	like($answer->{body}, qr/AccessDeniedException.*ddb\.http_trusted_origins/, 'with the reason') if $origin eq 'http://a';
	$answer = raw("OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: $origin\r\nAccess-Control-Request-Method: POST\r\n\r\n");
	is("$answer->{status} " . ($answer->{headers}{'access-control-allow-methods'} // '-'), '403 -', 'they may not ask');
}
is(call($node, 'GetItem', $get, Host => $_)->{status}, 200, "any: $_ is this machine") for 'localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'ddb', 'db.local:1';
is(call($node, 'GetItem', $get, Host => $_)->{status}, 403, "any: $_ may be a stranger's name") for 'a.com', 'a.com:8000', 'localhost.a.com', '127.0.0.1.nip.io:8000';

# ---- encodings ----

my $zipped = Compress::Zlib::memGzip($get);
like(call($node, 'GetItem', $zipped, 'Content-Encoding' => 'gzip')->{body}, qr/"1\.5"/, 'gzip request');
is(call($node, 'GetItem', join('', map { Compress::Zlib::memGzip($_) } unpack('(a9)*', $get)), 'Content-Encoding' => 'gzip')->{body},
	call($node, 'GetItem', $get)->{body}, 'several gzip members');
like(call($node, 'GetItem', $zipped . 'x', 'Content-Encoding' => 'gzip')->{body}, qr/SerializationException/, 'gzip and something else');
is(call($node, 'GetItem', join('', map { Compress::Zlib::memGzip('x' x 4_000_000) } 1 .. 5), 'Content-Encoding' => 'gzip')->{status}, 413,
	'a gzip bomb of several members');
like(call($node, 'GetItem', compress($get), 'Content-Encoding' => 'deflate')->{body}, qr/"1\.5"/, 'deflate request');
like(call($node, 'GetItem', 'nonsense', 'Content-Encoding' => 'gzip')->{body}, qr/SerializationException/, 'broken gzip');
is(call($node, 'GetItem', Compress::Zlib::memGzip('x' x 20_000_000), 'Content-Encoding' => 'gzip')->{status}, 413,
	'a gzip bomb');
my $long = 'ab' x 10000;
call($node, 'PutItem', qq({"TableName": "Music", "Item": {"Artist": {"S": "long"}, "SongTitle": {"S": "s"}, "v": {"S": "$long"}}}));
my $get_long = '{"TableName": "Music", "Key": {"Artist": {"S": "long"}, "SongTitle": {"S": "s"}}}';
$answer = call($node, 'GetItem', $get_long, 'Accept-Encoding' => 'deflate, gzip');
is($answer->{headers}{'content-encoding'}, 'gzip', 'a long answer is compressed');
is($answer->{headers}{'x-amz-crc32'}, crc32($answer->{body}), 'the checksum is of what is sent');
like(Compress::Zlib::memGunzip($answer->{body}), qr/$long/, 'and it is the answer');
is(call($node, 'GetItem', $get_long)->{headers}{'content-encoding'}, undef, 'not so without Accept-Encoding');
for (
	[ 'gzip;q=0', undef ], [ 'gzip;q=0.0, deflate;q=0.001', 'deflate' ], [ "deflate;q=0.4,\tGZIP ; Q=0.5", 'gzip' ],
	[ 'deflate, gzip;q=0.999', 'deflate' ], [ '*', 'gzip' ], [ '*, gzip;q=0', 'deflate' ], [ 'br, *;q=0.1', 'gzip' ],
	[ '*;q=0', undef ], [ 'identity, gzip;q=0.5', undef ], [ 'identity;q=0.5, gzip;q=0.5', 'gzip' ], [ 'gzip;q=5', undef ],
	[ 'gzip;q=1.001', undef ], [ 'gzip;level=1', undef ], [ 'gzipped', undef ], [ 'x-gzip', 'gzip' ], [ '', undef ], [ 'br;q=1.0', undef ])
{
	is(call($node, 'GetItem', $get_long, 'Accept-Encoding' => $_->[0])->{headers}{'content-encoding'}, $_->[1],
		"Accept-Encoding: $_->[0]");
}

# ---- HTTP ----

my $socket = connect_http($node);
for (1 .. 3)
{
	send_request($socket, 'GetItem', $get);
	like(receive($socket)->{body}, qr/"1\.5"/, "keep-alive $_");
}
print $socket join('', map { request_text('PutItem', qq({"TableName": "Music", "Item": {"Artist": {"S": "pipe"}, "SongTitle": {"S": "$_"}}, "ReturnValues": "ALL_OLD"})) } (1 .. 40, 1 .. 40));
my @pipelined = map { receive($socket)->{body} } 1 .. 80;
is(join(' ', map { /"SongTitle":\{"S":"(\d+)"/ ? $1 : '-' } @pipelined), join(' ', ('-') x 40, 1 .. 40),
	'80 pipelined requests are answered in order');

sub chunked
{
	my ($body, $size) = @_;
	my $text = request_text('GetItem', '', 'Content-Length' => undef, 'Transfer-Encoding' => 'chunked');

	$text .= sprintf("%x\r\n%s\r\n", length($_), $_) for unpack("(a$size)*", $body);
	return "${text}0\r\n\r\n";
}
like(raw(chunked($get, 7))->{body}, qr/"1\.5"/, 'chunked body');
$socket = connect_http($node);
for my $byte (split //, chunked($get, 50))
{
	syswrite($socket, $byte);
}
like(receive($socket)->{body}, qr/"1\.5"/, 'byte by byte');
$socket = connect_http($node);
my ($head, $body) = split /(?<=\r\n\r\n)/, request_text('GetItem', $get, Expect => '100-continue'), 2;
print $socket $head;
is(receive($socket)->{status}, 100, 'Expect: 100-continue');
print $socket $body;
like(receive($socket)->{body}, qr/"1\.5"/, 'and then the body');
is(raw(request_text('GetItem', 'x', 'Content-Length' => 17_000_000))->{status}, 413, 'a body over 16 MB is refused before it comes');
is(raw("GET / HTTP/1.1\r\nHost: x\r\nX: " . 'y' x 17000 . "\r\n\r\n")->{status}, 431, 'headers over 16 kB');
is(raw("GET / HTTP/1.1\r\nHost: x\r\nX: " . 'y' x 15000 . "\r\n\r\n")->{status}, 200, 'headers under 16 kB');
is(raw('GET /?' . 'y' x 17000 . " HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 414, 'a target over 16 kB');
is(raw('GET /?' . 'y' x 15000 . " HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 200, 'a target under 16 kB');
is(raw("GET / HTTP/1.1\r\nHost: x\r\n" . join('', map { "X$_: y\r\n" } 1 .. 200) . "\r\n")->{status}, 431, 'too many headers');
is(raw("\x16\x03\x01\x02\x00\x01\x00" . "\0" x 100)->{status}, 400, 'garbage');
is(raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")->{status}, 400,
	'two lengths');
is(raw(request_text('GetItem', $get) =~ s/Content-Length:/Content-Length :/r)->{status}, 400, 'a space before the colon');
is(raw(request_text('GetItem', $get) =~ s/Content-Length:/X-A\t: b\r\nContent-Length:/r)->{status}, 400, 'a tab before another one');
is(raw("GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n")->{status}, 400, 'two hosts');
is(raw("GET / HTTP/1.1\r\n\r\n")->{status}, 400, 'no host');
is(raw("GET / HTTP/1.0\r\n\r\n")->{status}, 200, 'which HTTP/1.0 did not know');
is(raw("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")->{status}, 400, 'CONNECT');
is(raw(request_text('GetItem', $get, Connection => 'Upgrade', Upgrade => 'h2c'))->{status}, 200, 'an offer to upgrade is ignored');
$answer = raw(request_text('GetItem', $get, Connection => 'close'));
is($answer->{headers}{connection}, 'close', 'Connection: close');
$socket = connect_http($node);
send_request($socket, 'GetItem', $get);
shutdown($socket, 1);
like(receive($socket)->{body}, qr/"1\.5"/, 'a client that is done sending still gets its answer');
is(receive($socket, 3), undef, 'and then the end');

# slow ones are told and dropped; others don't notice
$socket = connect_http($node);
print $socket "POST / HTTP/1.1\r\nHost: x\r\n";
my $half = connect_http($node);
my $began = time;
like(operation($node, 'GetItem', $get), qr/^200/, 'a slow client holds up nobody');
is(receive($socket, 10)->{status}, 408, 'a request that does not arrive');
cmp_ok(time - $began, '<', 6, 'in its time');

# ---- locks ----

my ($in, $out) = ('', '');
my $timer = IPC::Run::timeout(60);
my $psql = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, $timer);
sub sql
{
	my ($statement) = @_;

	$out = '';
	$in .= "$statement;\n\\echo done\n";
	$psql->pump until $out =~ /done/;
	return;
}
sql('BEGIN');
sql(q{SELECT FROM ddb_data."Music" WHERE "Artist" = 'Laika' FOR UPDATE});
$socket = connect_http($node);
$began = time;
send_request($socket, 'PutItem', $put);
my $slowest = 0;
for my $i (1 .. 100)
{
	my $start = time;
	operation($node, 'PutItem', qq({"TableName": "Music", "Item": {"Artist": {"S": "other"}, "SongTitle": {"S": "$i"}}}));
	$slowest = time - $start if time - $start > $slowest;
}
cmp_ok($slowest, '<', 0.2, 'a locked item delays nobody else');
$answer = receive($socket);
like($answer->{body}, qr/#TransactionConflictException","message":"Transaction is ongoing for the item"/,
	'TransactionConflictException');
cmp_ok(time - $began, '>=', 0.45, 'not before ddb.lock_timeout');
send_request($socket, 'PutItem', $put);
sleep 0.1;
sql('ROLLBACK');
is(receive($socket)->{status}, 200, 'a lock that goes away in time');

sql('BEGIN');
sql('LOCK TABLE ddb_data."Music"');
$node->safe_psql('postgres', q{SELECT ddb_create_table('Other', 'a S')});
$began = time;
send_request($socket, 'GetItem', $get);
$slowest = 0;
for my $i (1 .. 50)
{
	my $start = time;
	like(operation($node, 'GetItem', '{"TableName": "Other", "Key": {"a": {"S": "x"}}}'), qr/^200/, 'another table') if $i == 1;
	operation($node, 'GetItem', '{"TableName": "Other", "Key": {"a": {"S": "x"}}}');
	$slowest = time - $start if time - $start > $slowest;
}
cmp_ok($slowest, '<', 0.2, 'a locked table delays nobody else');
like(receive($socket)->{body}, qr/TransactionConflictException/, 'a locked table');
sql('ROLLBACK');
$in .= "\\q\n";
$psql->finish;

# ---- what a table's owner refuses ----

for (
	[ 'Checked', q(ALTER TABLE ddb_data."Checked" ADD CHECK (item ? 'n')), 'ValidationException","message":"table \\"Checked\\" has a CHECK constraint, which ddb\'s own writes would pass by"' ],
	[ 'Triggered', q(CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
		CREATE TRIGGER t BEFORE INSERT ON ddb_data."Triggered" FOR EACH ROW EXECUTE FUNCTION refuse()), 'ValidationException","message":"table \\"Triggered\\" has a trigger, which ddb\'s own writes would pass by"' ],
	[ 'Secured', q(ALTER TABLE ddb_data."Secured" ENABLE ROW LEVEL SECURITY), 'ValidationException","message":"table \\"Secured\\" has a row-level security policy, which ddb\'s own writes would pass by"' ],
	[ 'Full', q(ALTER TABLE ddb_data."Full" ADD more integer NOT NULL), 'ValidationException","message":"null value in column \\"more\\" of relation \\"Full\\" violates not-null constraint"' ],
	[ 'Single', q(ALTER TABLE ddb_data."Single" ADD one boolean UNIQUE NULLS NOT DISTINCT; INSERT INTO ddb_data."Single" (item) VALUES ('{"a": {"S": "y"}}')),
		'ValidationException","message":"duplicate key value violates unique constraint \\"Single_one_key\\""' ],
	[ 'Computed', q(CREATE INDEX ON ddb_data."Computed" (((item->'a'->>'S')::integer))), 'ValidationException","message":"invalid input syntax for type integer: \\"x\\""' ])
{
	my ($table, $refusal, $message) = @$_;

	$node->safe_psql('postgres', "SELECT ddb_create_table('$table', 'a S'); $refusal");
	my $item = operation($node, 'PutItem', qq({"TableName": "$table", "Item": {"a": {"S": "x"}}}));
	is($item =~ s/^400 \{"__type":"com.amazon.coral.validate#//r, "$message}", "refused by design: $table");
}

# ---- what it says about itself ----

$answer = raw("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
like($answer->{body}, qr/^ddb_requests_total\{operation="PutItem",table=""\} \d+$/m, 'metrics as text');
unlike($answer->{body}, qr/Music/, 'show no names of tables');
is(raw("GET /metrics HTTP/1.1\r\nHost: x\r\n$_: 203.0.113.7\r\n\r\n")->{status}, 404, "nor anything to somebody behind a proxy: $_")
	for 'X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP';
is(raw("GET /metrics HTTP/1.1\r\nHost: a.com\r\n\r\n")->{status}, 404, 'or by a name that may be anybody\'s');
$node->append_conf('postgresql.conf', qq(ddb.http_metrics_tables = on\nddb.http_trusted_origins = 'https://a.com, a.com'));
$node->reload;
sleep 0.5;
$answer = raw("GET /metrics HTTP/1.1\r\nHost: a.com\r\n\r\n");
like($answer->{body}, qr/^ddb_requests_total\{operation="PutItem",table="Music"\} \d+$/m, 'unless they are to');
is(call($node, 'GetItem', $get, Host => 'a.com:80', Origin => 'https://a.com')->{headers}{'access-control-allow-origin'}, 'https://a.com',
	'trusted origins and hosts');
is(call($node, 'GetItem', $get, Origin => 'https://a.com:80')->{status}, 403, 'and no others');
like($answer->{body}, qr/^ddb_retries_total [1-9]/m, 'retries are counted');
unlike($answer->{body}, qr/table="Nope"/, 'made-up tables are not');
is( $node->safe_psql('postgres', q{SELECT value > 80 FROM ddb_metrics WHERE name = 'ddb_requests_total'
		AND labels = '{"table": "Music", "operation": "PutItem"}'}), 't', 'metrics as a view');
my $log = slurp_file($node->logfile);
like($log, qr/ddb http: request [0-9A-Z]{52}: PutItem on table "Music" took \d+\.\d+ ms, \d+ tries, status 400/,
	'slow requests are logged');
unlike($log, qr/Laika.*took|took.*Laika/, 'without data');

# ---- memory, connections ----

my @pids = worker_pids($node);
my $connections = $ENV{DDB_HTTP_CONNECTIONS} // 1500;
my $requests = $ENV{DDB_HTTP_REQUESTS} // 5000;

# churn opens and drops connections in several ways, and makes requests.
sub churn
{
	my ($n, $m) = @_;

	for my $i (1 .. $n)
	{
		my $s = connect_http($node) or die "connection $i: $!";
		print $s 'POST / HTTP/1.1' if $i % 3 == 1;
		print $s request_text('GetItem', $get) if $i % 3 == 2;
	}
	my $s = connect_http($node);
	for my $i (1 .. $m / 50)
	{
		print $s request_text('GetItem', $get) x 50;
		receive($s) for 1 .. 50;
	}
	return;
}
churn(500, 2000);
my $before = rss_kb(@pids);
churn($connections, $requests);
my $after = rss_kb(@pids);
cmp_ok($after - $before, '<', 1500, "$connections connections and $requests requests leave no memory behind ($before kB, $after kB)");
my @many = map { connect_http($node) } 1 .. 300;
is(scalar(grep { defined } @many), 300, '300 connections at once');
like(operation($node, 'GetItem', $get), qr/^200/, 'idle connections cost nothing');
is_deeply([ worker_pids($node) ], \@pids, 'the workers are those of the beginning');
@many = ();

# ---- configuration and life ----

$node->append_conf('postgresql.conf', 'ddb.http_max_body_size = 1kB');
$node->reload;
sleep 0.5;
is(call($node, 'GetItem', ' ' x 2000 . $get)->{status}, 413, 'limits follow a reload');
$node->append_conf('postgresql.conf', 'ddb.http_max_body_size = 16MB');
$node->reload;
$node->safe_psql('postgres', 'SET client_min_messages = error; DROP EXTENSION ddb CASCADE');
like(operation($node, 'GetItem', $get), qr/^500 .*InternalServerError/, 'without the extension');
$node->safe_psql('postgres', q{CREATE EXTENSION ddb; SELECT ddb_create_table('Music', 'Artist S', 'SongTitle S')});
like(operation($node, 'GetItem', $get), qr/^200/, 'and with it again');

system_or_bail('openssl', 'req', '-new', '-x509', '-days', '2', '-nodes', '-subj', '/CN=localhost',
	'-out', $node->data_dir . '/server.crt', '-keyout', $node->data_dir . '/server.key');
chmod 0600, $node->data_dir . '/server.key';
$node->append_conf('postgresql.conf', 'ddb.http_tls = on');
$node->reload;
sleep 0.5;
my ($https, $error) = run_command([ 'curl', '-sk', '--max-time', '10', 'https://127.0.0.1:' . http_port($node) . '/' ]);
is($https, 'healthy: dynamodb.us-east-1.amazonaws.com ', 'TLS');
($https) = run_command([ 'curl', '-sk', '--max-time', '20', '-H', 'Content-Type: application/json',
		'-H', 'X-Amz-Target: DynamoDB_20120810.GetItem', '-H', 'Expect:', '-H', 'Authorization: AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=' . '0' x 64,
		'-H', 'X-Amz-Date: 20260101T000000Z', '-d', ' ' x 100000 . $get, 'https://127.0.0.1:' . http_port($node) . '/' ]);
is($https, '{}', 'a long request over TLS');
$node->append_conf('postgresql.conf', 'ddb.http_tls = off');
$node->reload;
sleep 0.5;
wait_for_endpoint($node);

kill 'TERM', @pids;
sleep 0.5;
wait_for_endpoint($node);
isnt((worker_pids($node))[0], $pids[0], 'a worker that ends is replaced');

$socket = connect_http($node);
my $stopping = time;
$node->stop('fast');
cmp_ok(time - $stopping, '<', 5, 'idle connections do not hold up a stop');

done_testing();
