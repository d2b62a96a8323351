# common.sh: what the benchmarks share; sourced after their arguments are read, with
# port and data set.  It stops the server at the end.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
bindir=$("$PG_CONFIG" --bindir)
scratch=$(mktemp -d /var/tmp/ddb-bench.XXXXXX)
chmod 755 "$scratch"
data=${data:-$scratch/cluster}
keep=${keep:-false}

finish()
{
	if [ "$keep" = true ]; then
		echo "kept: $root/bin/ddb-local psql --data $data" >&2
		rm -f "$scratch"/*.sql
	else
		"$root/bin/ddb-local" stop --data "$data" >/dev/null 2>&1 || true
		rm -rf "$scratch"
	fi
}
trap finish EXIT
trap 'exit 130' INT TERM

note() { printf '%s\n' "$*" >&2; }
sql() { "$bindir/psql" -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# column N FILE: the median of a column
column() { awk -v n="$1" '{ print $n }' "$2" | median; }

# start_server HTTP_PORT starts the server, durable, and lets psql find it; postmaster
# is its process.
start_server()
{
	"$root/bin/ddb-local" start --data "$data" --port "$port" --http-port "$1" --preset durable >&2
	PGHOST=$("$root/bin/ddb-local" status --data "$data" | sed -n 's/^socket *//p')
	export PGHOST PGPORT=$port PGUSER=postgres PGDATABASE=ddb PGOPTIONS='-c client_min_messages=warning'
	postmaster=$("$root/bin/ddb-local" status --data "$data" | sed -n 's/^pid *//p')
}

# start_endpoint WORKERS starts the server with the endpoint, which verifies
# signatures, on the port after its own, and makes an access key.
start_endpoint()
{
	start_server $((port + 1))
	sql 'ALTER SYSTEM SET ddb.http_auth = sigv4' # what the endpoint does by default
	sql "ALTER SYSTEM SET ddb.http_workers = $1"
	"$root/bin/ddb-local" stop --data "$data" >&2
	start_server $((port + 1))
	read -r key secret < <(sql 'SELECT * FROM ddb_create_access_key()' | tr '|' ' ')
}

# ---- items of about 300 bytes, ten to a partition: pk is first to last, sk 101 to 110 ----

text='Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo.'
# the attributes besides the key, as JSON; %d is a number that varies
rest="\"points\":{\"N\":\"%d\"},\"artist\":{\"S\":\"The Pinheads\"},\"genre\":{\"S\":\"Surf Rock\"},\"price\":{\"N\":\"12.5\"},\"sold\":{\"BOOL\": false},\"note\":{\"S\":\"$text\"}"
first=1000001

# item PK SK POINTS: the SQL expression of an item, from text expressions.
item()
{
	local attributes=${rest/"%d"/"' || $3 || '"}
	printf '%s' "('{\"pk\":{\"S\":\"' || $1 || '\"},\"sk\":{\"S\":\"' || $2 || '\"},$attributes}')::jsonb"
}

# count_items ITEMS sets parts and last.
count_items()
{
	parts=$((($1 + 9) / 10))
	last=$((first + parts - 1))
}

# ---- requests ----

# sign OPERATION URL writes signed requests, good for a quarter of an hour, as a Lua
# table of bodies and signatures.  The second half has the keys of the first again, so
# that each put of an item differs from the one before.
sign()
{
	perl - "$1" "${2#http://}" "$key" "$secret" "$first" "$parts" "$rest" >"$scratch/$1.lua" <<'END'
use strict; use warnings;
use Digest::SHA qw(sha256_hex hmac_sha256 hmac_sha256_hex);
use POSIX qw(strftime);
my ($op, $host, $key, $secret, $first, $parts, $rest) = @ARGV;
my %target = (get => 'GetItem', put => 'PutItem', query => 'Query', update => 'UpdateItem', batch => 'BatchGetItem',
	select_get => 'ExecuteStatement', select_query => 'ExecuteStatement', select_update => 'ExecuteStatement',
	select_batch => 'BatchExecuteStatement');
my @now = gmtime;
my ($day, $date) = (strftime('%Y%m%d', @now), strftime('%Y%m%dT%H%M%SZ', @now));
my $signer = "AWS4$secret";
$signer = hmac_sha256($_, $signer) for $day, 'us-east-1', 'dynamodb', 'aws4_request';
my (@keys, %taken);
my $points = 2 * int rand 1e9;
print "local r = {\n";
for (1 .. 4000)
{
	my ($p, $s);
	do { ($p, $s) = ($first + int rand $parts, 101 + int rand 10) } while $taken{"$p $s"}++ && $_ <= 2000;
	($p, $s) = @{$keys[$_ - 2001]} if $_ > 2000;
	push @keys, [ $p, $s ];
	my $k = qq("pk":{"S":"$p"},"sk":{"S":"$s"});
	# what each operation asks; those with select_ ask the same by statement
	my $v = $points + ($_ > 2000);
	my @batch = map { my $i = $_; sprintf '%s', $first + ($p - $first + $i) % $parts } 0 .. 24;
	my $statement = sub { qq("Statement":"$_[0]","Parameters":[) . join(',', @_[1 .. $#_]) . ']' };
	my ($ps, $ss) = (qq({"S":"$p"}), qq({"S":"$s"}));
	my %body = (
		update => qq({"TableName":"Bench","Key":{$k},"UpdateExpression":"SET points = :v","ExpressionAttributeValues":{":v":{"N":"$v"}}}),
		batch => '{"RequestItems":{"Bench":{"Keys":[' . join(',', map { qq({"pk":{"S":"$_"},"sk":$ss}) } @batch) . ']}}}',
		select_get => '{' . $statement->('SELECT * FROM \\"Bench\\" WHERE pk = ? AND sk = ?', $ps, $ss) . '}',
		select_query => '{' . $statement->('SELECT * FROM \\"Bench\\" WHERE pk = ?', $ps) . ',"Limit":10}',
		select_update => '{' . $statement->('UPDATE \\"Bench\\" SET points = ? WHERE pk = ? AND sk = ?', qq({"N":"$v"}), $ps, $ss) . '}',
		select_batch => '{"Statements":[' . join(',', map { '{' . $statement->('SELECT * FROM \\"Bench\\" WHERE pk = ? AND sk = ?', qq({"S":"$_"}), $ss) . '}' } @batch) . ']}');
	my $body = $body{$op} ? $body{$op} : $op eq 'get' ? qq({"TableName":"Bench","Key":{$k}}) :
		$op eq 'put' ? sprintf(qq({"TableName":"Bench","Item":{$k,$rest}}), $points + ($_ > 2000)) :
		qq({"TableName":"Bench","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"$p"}},"Limit":10});
	my $canonical = join "\n", 'POST', '/', '', 'content-type:application/x-amz-json-1.0', "host:$host",
		"x-amz-date:$date", "x-amz-target:DynamoDB_20120810.$target{$op}", '',
		'content-type;host;x-amz-date;x-amz-target', sha256_hex($body);
	my $signature = hmac_sha256_hex(join("\n", 'AWS4-HMAC-SHA256', $date, "$day/us-east-1/dynamodb/aws4_request",
		sha256_hex($canonical)), $signer);
	print "{[==[$body]==],\"$signature\"},\n";
}
print <<"LUA";
}
local bad, reported = 0, false
init = function()
  for i, v in ipairs(r) do
    r[i] = wrk.format("POST", "/", {["Host"] = "$host", ["Content-Type"] = "application/x-amz-json-1.0",
      ["X-Amz-Date"] = "$date", ["X-Amz-Target"] = "DynamoDB_20120810.$target{$op}",
      ["Authorization"] = "AWS4-HMAC-SHA256 Credential=$key/$day/us-east-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" .. v[2]}, v[1])
  end
  math.randomseed(os.time())
  n = math.random(#r)
end
request = function()
  n = n % #r + 1
  return r[n]
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %.3f %.3f %.3f %d\\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
LUA
END
}

# cpu prints the CPU time in ticks that the server's processes have used, ended ones too.
cpu()
{
	local stat
	for stat in "/proc/$postmaster/stat" $(pgrep -P "$postmaster" | sed 's|.*|/proc/&/stat|'); do
		cat "$stat" 2>/dev/null || true
	done | sed 's/^.*) //' |
		awk -v own=1 '{ sum += $12 + $13; if (NR == 1) sum += $14 + $15 } END { print sum }'
}
hz=$(getconf CLK_TCK)

# run_wrk prints: requests a second, CPU microseconds a request, p50 and p99 in ms.
run_wrk() # URL OPERATION CONNECTIONS
{
	local before after requests duration p50 p99 errors out
	# what wrk asks is made anew for each run: signatures hold for a quarter of an hour
	sign "$2" "$1"
	before=$(cpu)
	out=$(wrk -t1 -c"$3" -d"$seconds"s -s "$scratch/$2.lua" "$1/")
	after=$(cpu)
	read -r _ requests duration p50 p99 errors < <(grep ^RESULT <<<"$out")
	[ "$errors" = 0 ] || { note "$errors of $requests requests failed: $out"; exit 1; }
	awk -v n="$requests" -v d="$duration" -v c="$((after - before))" -v hz="$hz" -v a="$p50" -v b="$p99" \
		'BEGIN { print n / d, c / hz * 1e6 / n, a, b }'
}
