# Who may ask what over HTTP: signatures, access keys and the rights of their roles,
# as Digest::SHA and botocore sign; ddb.http_auth = any; keys in dumps.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(strftime);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('main');
my $port = PostgreSQL::Test::Cluster::get_free_port();
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', qq{
shared_preload_libraries = 'ddb'
ddb.http_port = $port
});
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION ddb;
	CREATE ROLE app LOGIN;
	CREATE ROLE leaver LOGIN;
	SELECT ddb_create_table('Music', 'Artist S');
	SELECT ddb_put('Music', '{"Artist": {"S": "a"}}');
	GRANT SELECT ON ddb_data."Music" TO app, leaver});
my %key;
foreach my $role (qw(postgres app leaver))
{
	my $who = $role eq 'postgres' ? 'current_user' : "'$role'";
	$key{$role} = [ split /\|/, $node->safe_psql('postgres', "SELECT * FROM ddb_create_access_key($who)") ];
}

my $http = HTTP::Tiny->new(keep_alive => 1, timeout => 20);
my $json = JSON::PP->new->canonical;

# the endpoint comes up in a moment
sub wait_for_endpoint
{
	for (1 .. 200)
	{
		return if $http->get("http://localhost:$port/")->{success};
		usleep(50_000);
	}
	die 'no endpoint';
}
wait_for_endpoint();

# signature signs a canonical request.
sub signature
{
	my ($secret, $date, $region, $canonical) = @_;
	my $scope = substr($date, 0, 8) . "/$region/dynamodb/aws4_request";
	my $k = "AWS4$secret";

	$k = hmac_sha256($_, $k) foreach split m{/}, $scope;
	return hmac_sha256_hex("AWS4-HMAC-SHA256\n$date\n$scope\n" . sha256_hex($canonical), $k);
}

# post sends a signed request and gives status, exception and message or answer.
sub post
{
	my ($key, $operation, $request, %how) = @_;
	my ($id, $secret) = @$key;
	my $body = $json->encode($request);
	my $date = strftime('%Y%m%dT%H%M%SZ', gmtime(time + ($how{ahead} // 0)));
	my $region = $how{region} // 'us-east-1';
	my %headers = ('content-type' => 'application/x-amz-json-1.0', 'x-amz-date' => $date,
		'x-amz-target' => "DynamoDB_20120810.$operation");
	my %signed = (%headers, host => $how{host} // "localhost:$port");
	my $names = join ';', sort keys %signed;
	my $canonical = join "\n", 'POST', '/', '', (map { "$_:$signed{$_}" } sort keys %signed), '', $names, sha256_hex($body);

	$headers{authorization} = "AWS4-HMAC-SHA256 Credential=$id/" . substr($date, 0, 8) . "/$region/dynamodb/aws4_request, "
		. "SignedHeaders=$names, Signature=" . signature($secret, $date, $region, $canonical);
	$headers{authorization} = $how{authorization} if exists $how{authorization};
	delete $headers{authorization} if !defined $headers{authorization};
	my $content = $body;
	if ($how{chunked})
	{
		my @parts = split /(?<=,)/, $body;
		$content = sub { shift @parts };
	}
	return answer($http->post("http://localhost:$port/", { headers => \%headers, content => $how{body} // $content }));
}

sub answer
{
	my ($response) = @_;
	my $answer = eval { $json->decode($response->{content}) } // { raw => $response->{content} };

	return "$response->{status}: " . $json->encode($answer) if !$answer->{__type};
	return "$response->{status} " . ($answer->{__type} =~ s/.*#//r) . ': ' . ($answer->{message} // $answer->{Message} // '');
}

my @get = ('GetItem', { TableName => 'Music', Key => { Artist => { S => 'a' } } });
my @put = ('PutItem', { TableName => 'Music', Item => { Artist => { S => 'b' } } });
my $item = '200: {"Item":{"Artist":{"S":"a"}}}';
my $unknown = '400 UnrecognizedClientException: The security token included in the request is invalid.';
my $mismatch = '400 InvalidSignatureException: The request signature we calculated does not match the signature you provided. '
	. 'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

# signatures
is(post($key{postgres}, @get), $item, 'a signed request');
is(post($key{postgres}, @get, region => 'eu-north-1'), $item, 'for another region');
is(post($key{postgres}, @get, region => ''), $item, 'for none');
is(post($key{postgres}, @get, host => 'localhost'), $item, 'the host signed without its port');
is(post($key{postgres}, @get, host => 'localhos'), $mismatch, 'another host signed');
is(post($key{postgres}, @get, chunked => 1), $item, 'in chunks');
is(post($key{postgres}, @get, ahead => -890), $item, 'a clock that is nearly 15 minutes slow');
is(post($key{postgres}, @get, body => '{"TableName": "Music"}'), $mismatch, 'another body');
is(post([ $key{postgres}[0], 'wrong' ], @get), $mismatch, 'another secret');
is(post([ 'AKIAIOSFODNN7EXAMPLE', 'wrong' ], @get), $unknown, 'an unknown key');
like(post($key{postgres}, @get, ahead => -920),
	qr/^400 InvalidSignatureException: Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/, 'too old');
like(post([ 'AKIAIOSFODNN7EXAMPLE', 'wrong' ], @get, ahead => 920),
	qr/^400 InvalidSignatureException: Signature not yet current: /, 'too young, before the key is looked up');
is(post($key{postgres}, @get, authorization => undef), '400 MissingAuthenticationTokenException: Request is missing Authentication Token', 'none');
like(post($key{postgres}, @get, authorization => 'AWS4-HMAC-SHA256 Credential=x'),
	qr/^400 IncompleteSignatureException: Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\./, 'half of one');
like(post($key{postgres}, @get, authorization => $_), qr/^400 \w+Exception: /, 'garbage')
	foreach ('AWS4-', 'AWS4-HMAC-SHA256 "=";', 'AWS4-HMAC-SHA256 ' . 'Credential=/' x 1000, 'AWS4-HMAC-SHA256 ' . '=,' x 7000);

{
	my $socket = IO::Socket::INET->new("localhost:$port") or die;
	print $socket "POST /?%ff&%ff=%=%0 HTTP/1.1\r\nHost: \xfe\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\nX-Amz-More: \xff\r\n"
		. "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: \xff\r\nContent-Length: 0\r\nConnection: close\r\n"
		. "Authorization: AWS4-HMAC-SHA256 Credential=\xff/,SignedHeaders=host;\xff,Signature=\xff\r\n\r\n";
	like(join('', <$socket>), qr/"Date must be in ISO-8601 'basic format'. Got '\?'. See /, 'bytes of no encoding');
}

# in the query string
{
	my $date = strftime('%Y%m%dT%H%M%SZ', gmtime);
	my $body = $json->encode($get[1]);
	my $query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=$key{app}[0]%2F" . substr($date, 0, 8)
		. "%2Fus-east-1%2Fdynamodb%2Faws4_request&X-Amz-Date=$date&X-Amz-Expires=300&X-Amz-SignedHeaders=host%3Bx-amz-target";
	my $canonical = "POST\n/\n$query\nhost:localhost:$port\nx-amz-target:DynamoDB_20120810.GetItem\n\nhost;x-amz-target\n" . sha256_hex($body);
	my $signature = signature($key{app}[1], $date, 'us-east-1', $canonical);
	my $send = sub {
		answer($http->post("http://localhost:$port/?$query&X-Amz-Signature=$_[0]", { content => $body,
			headers => { 'x-amz-target' => 'DynamoDB_20120810.GetItem', 'content-type' => 'application/x-amz-json-1.0' } }));
	};
	is($send->($signature), $item, 'presigned');
	is($send->($signature =~ tr/0-9a-f/1-9a-f0/r), $mismatch, 'presigned wrongly');
}

# rights
my $denied = sub { "400 AccessDeniedException: User: arn:aws:iam::000000000000:user/$_[0] is not authorized to perform: dynamodb:$_[1] on resource: arn:aws:dynamodb:us-east-1:000000000000:table/Music" };
is(post($key{app}, @get), $item, 'a role with SELECT reads');
like(post($key{app}, @put), qr/^\Q${\$denied->('app', 'PutItem')}\E/, 'and does not write');
$node->safe_psql('postgres', 'GRANT INSERT, UPDATE ON ddb_data."Music" TO app');
is(post($key{app}, @put), '200: {}', 'until it may');
$node->safe_psql('postgres', 'REVOKE ALL ON ddb_data."Music" FROM app');
like(post($key{app}, @get), qr/^\Q${\$denied->('app', 'GetItem')}\E/, 'nor reads when it must not');
is(post($key{postgres}, @get), $item, 'a superuser does all the while');
$node->safe_psql('postgres', 'GRANT SELECT ON ddb_data."Music" TO app');

# tables belong to who makes them
my @create = ('CreateTable', { TableName => 'Own', BillingMode => 'PAY_PER_REQUEST', KeySchema => [ { AttributeName => 'id', KeyType => 'HASH' } ],
	AttributeDefinitions => [ { AttributeName => 'id', AttributeType => 'S' } ] });
like(post($key{app}, @create), qr/^400 AccessDeniedException: .* dynamodb:CreateTable on resource: .*:table\/Own/, 'no right to make tables');
$node->safe_psql('postgres', 'GRANT CREATE ON SCHEMA ddb_data TO app');
like(post($key{app}, @create), qr/^200: /, 'makes a table');
is($node->safe_psql('postgres', q{SELECT relowner::regrole FROM pg_class WHERE oid = 'ddb_data."Own"'::regclass}), 'app', 'and owns it');
like(post($key{leaver}, 'DeleteTable', { TableName => 'Own' }), qr/^400 AccessDeniedException: /, 'another can not drop it');
like(post($key{app}, 'DeleteTable', { TableName => 'Own' }), qr/^200: /, 'the owner can');

# as botocore signs
{
	my $client = sub {
		my ($key, $call) = @_;
		my ($stdout, $stderr) = ('', '');
		IPC::Run::run([ '/usr/bin/python3', '-c', qq{
import botocore.session, botocore.config
c = botocore.session.Session().create_client('dynamodb', region_name='sa-east-1', endpoint_url='http://localhost:$port',
    aws_access_key_id='$key->[0]', aws_secret_access_key='$key->[1]', config=botocore.config.Config(retries={'max_attempts': 0}))
try:
    print(c.$call.get('Item'))
except botocore.exceptions.ClientError as e:
    print(type(e).__name__, e.response['Error']['Code'])
} ], '>', \$stdout, '2>', \$stderr);
		diag($stderr) if $stderr;
		chomp $stdout;
		return $stdout;
	};
	is($client->($key{app}, q(get_item(TableName='Music', Key={'Artist': {'S': 'a'}}))), "{'Artist': {'S': 'a'}}", 'botocore');
	is($client->($key{app}, q(put_item(TableName='Music', Item={'Artist': {'S': 'Ä'}}))), 'ClientError AccessDeniedException', 'botocore is denied');
	is($client->([ $key{app}[0], 'wrong' ], q(get_item(TableName='Music', Key={'Artist': {'S': 'a'}}))), 'ClientError InvalidSignatureException', 'botocore with a wrong secret');
}

# with signatures every page may ask
is($http->get("http://localhost:$port/", { headers => { origin => 'http://a' } })->{headers}{'access-control-allow-origin'}, '*', 'CORS');
is($http->request('OPTIONS', "http://localhost:$port/", { headers => { origin => 'http://a' } })->{status}, 200, 'preflight');

# keys that end
$node->safe_psql('postgres', "SELECT ddb_alter_access_key('$key{app}[0]', false)");
is(post($key{app}, @get), $unknown, 'turned off');
$node->safe_psql('postgres', "SELECT ddb_alter_access_key('$key{app}[0]', true)");
is(post($key{app}, @get), $item, 'turned on');
$node->safe_psql('postgres', 'ALTER ROLE app NOLOGIN');
is(post($key{app}, @get), $unknown, 'the role can not log in');
$node->safe_psql('postgres', 'ALTER ROLE app LOGIN');
$node->safe_psql('postgres', q(ALTER ROLE app VALID UNTIL '2020-01-01'));
is(post($key{app}, @get), $unknown, 'the role is past its VALID UNTIL');
$node->safe_psql('postgres', q{DO $$BEGIN EXECUTE format('ALTER ROLE app VALID UNTIL %L', clock_timestamp() + interval '2 s'); END$$});
is(post($key{app}, @get), $item, 'it has two seconds left');
usleep(2_100_000);
is(post($key{app}, @get), $unknown, 'which end while the key is known');
$node->safe_psql('postgres', q(ALTER ROLE app VALID UNTIL 'infinity'));
is(post($key{app}, @get), $item, 'no end');
is(post($key{leaver}, @get), $item, 'another key');
$node->safe_psql('postgres', 'DROP OWNED BY leaver; DROP ROLE leaver');
is(post($key{leaver}, @get), $unknown, 'the role is gone');
my ($spare) = split /\|/, $node->safe_psql('postgres', "SELECT * FROM ddb_create_access_key('app')");
$node->safe_psql('postgres', "SELECT ddb_drop_access_key('$spare')");
is(post([ $spare, 'x' ], @get), $unknown, 'dropped');
is(post($key{app}, @get), $item, 'the others are as they were');

# dumps: keys of roles that are there, and none where they are left out
sub restore
{
	my ($db, @options) = @_;
	my $file = $node->basedir . "/$db.sql";

	$node->command_ok([ 'pg_dump', '-f', $file, @options, $node->connstr('postgres') ], "dump for $db");
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file, $node->connstr($db) ], "restore into $db");
	return $node->safe_psql($db, 'SELECT access_key_id, role, secret_access_key FROM ddb.access_keys ORDER BY role::text');
}
is(restore('with_keys'), "$key{app}[0]|app|$key{app}[1]\n$key{postgres}[0]|" . $node->safe_psql('postgres', 'SELECT current_user') . "|$key{postgres}[1]", 'keys are in a dump');
is(restore('without_keys', '--exclude-table-data=ddb.access_keys'), '', 'and can be left out');

# ddb.http_auth = any
sub configure
{
	my ($setting) = @_;

	$node->append_conf('postgresql.conf', $setting);
	$node->reload;
	usleep(300_000);
	wait_for_endpoint();
}
configure("ddb.http_auth = any\nddb.http_default_role = app");
is(post([ 'fake', 'fake' ], @get), $item, 'any: any key');
is(post([ 'fake', 'fake' ], @get, ahead => -100000), $item, 'any: any date');
like(post([ 'fake', 'fake' ], @put), qr/^\Q${\$denied->('app', 'PutItem')}\E/, 'any: the rights of the default role');
is(post([ 'fake', 'fake' ], @get, authorization => undef), '400 MissingAuthenticationTokenException: Request is missing Authentication Token', 'any: a signature must be there');
configure("ddb.http_default_role = ''");
is(post([ 'fake', 'fake' ], @put), '200: {}', 'any: a superuser when no role is set');
configure("ddb.http_auth = sigv4");
is(post([ 'fake', 'fake' ], @get), $unknown, 'no longer');
is(post($key{app}, @get), $item, 'but with a key');

done_testing();
