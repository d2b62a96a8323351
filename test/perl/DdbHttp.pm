# DdbHttp: a server with the HTTP endpoint on, and a client that shows the wire.

package DdbHttp;

use strict;
use warnings;

use Compress::Zlib ();
use Exporter 'import';
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time sleep);

our @EXPORT = qw(http_node use_port wait_for_endpoint http_port connect_http call send_request
  receive request_text operation worker_pids rss_kb);

my %ports;

# http_node starts a cluster with the endpoint on and table Music in database
# postgres; more configuration may be given.
sub http_node
{
	my ($name, $configuration) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $port = PostgreSQL::Test::Cluster::get_free_port();

	$ports{ $node->name } = $port;
	$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', <<"END");
shared_preload_libraries = 'ddb'
synchronous_commit = on
ddb.http_port = $port
ddb.http_listen_addresses = '127.0.0.1'
ddb.http_database = 'postgres'
ddb.http_auth = any
$configuration
END
	$node->start;
	$node->safe_psql('postgres', q{
		CREATE EXTENSION ddb;
		SELECT ddb_create_table('Music', 'Artist S', 'SongTitle S');
	});
	wait_for_endpoint($node);
	return $node;
}

# use_port gives another server's endpoint a port.
sub use_port
{
	my ($node) = @_;

	return $ports{ $node->name } = PostgreSQL::Test::Cluster::get_free_port();
}

sub http_port { return $ports{ $_[0]->name }; }

# wait_for_endpoint waits, for half a minute, until the endpoint answers.
sub wait_for_endpoint
{
	my ($node) = @_;

	for (1 .. 300)
	{
		my $socket = connect_http($node);
		if ($socket)
		{
			print $socket "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
			my $answer = receive($socket);
			return 1 if $answer && $answer->{status} == 200;
		}
		sleep 0.1;
	}
	die 'the endpoint does not answer';
}

sub connect_http
{
	my ($node) = @_;
	my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => http_port($node), Proto => 'tcp', Timeout => 5);

	return unless $socket;
	binmode $socket;
	$socket->autoflush(1);
	setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
	return $socket;
}

# request_text is a request as it goes over the wire.
sub request_text
{
	my ($operation, $body, %headers) = @_;
	my %all = (
		'Host' => 'localhost',
		'X-Amz-Target' => "DynamoDB_20120810.$operation",
		'Content-Type' => 'application/x-amz-json-1.0',
		'Authorization' => 'AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/dynamodb/aws4_request, '
		  . 'SignedHeaders=host;x-amz-date, Signature=' . '0' x 64,
		'X-Amz-Date' => '20260101T000000Z',
		'Content-Length' => length($body),
		%headers);

	return join("\r\n", 'POST / HTTP/1.1', map({ "$_: $all{$_}" } grep { defined $all{$_} } sort keys %all))
	  . "\r\n\r\n$body";
}

sub send_request
{
	my ($socket, @request) = @_;

	print $socket request_text(@request);
	return;
}

# receive reads one answer: {status, headers (lower case), body}; undef when the
# connection ends or nothing comes for the given number of seconds.
sub receive
{
	my ($socket, $timeout) = @_;
	my ($head, $body) = ('', '');
	my %headers;

	local $SIG{ALRM} = sub { die "timeout\n" };
	alarm($timeout // 20);
	my $ok = eval {
		while ($head !~ /\r\n\r\n\z/)
		{
			sysread($socket, my $byte, 1) or die "end\n";
			$head .= $byte;
		}
		%headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } split /\r\n/, $head;
		my $length = $headers{'content-length'} // 0;
		while (length($body) < $length)
		{
			sysread($socket, $body, $length - length($body), length($body)) or die "end\n";
		}
		1;
	};
	alarm(0);
	return unless $ok;
	my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};
	return { status => $status, headers => \%headers, body => $body };
}

# call is one request on a connection of its own.
sub call
{
	my ($node, @request) = @_;
	my $socket = connect_http($node) or return;

	send_request($socket, @request);
	return receive($socket);
}

# operation gives status and body of a call, as one string.
sub operation
{
	my ($node, $operation, $body) = @_;
	my $answer = call($node, $operation, $body) or return 'no answer';

	return "$answer->{status} $answer->{body}";
}

sub worker_pids
{
	my ($node) = @_;

	return split /\n/, $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb http worker' ORDER BY pid});
}

# rss_kb is the memory that processes have to themselves.
sub rss_kb
{
	my $sum = 0;

	for my $pid (@_)
	{
		open my $file, '<', "/proc/$pid/status" or next;
		while (<$file>) { $sum += $1 if /^RssAnon:\s+(\d+)/ }
		close $file;
	}
	return $sum;
}

1;
