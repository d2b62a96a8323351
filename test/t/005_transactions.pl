# Eight clients run overlapping transactions, batches and single writes on a few
# items for fifteen seconds, and read them in between.  Money moved between accounts
# is conserved, no read is torn, no condition is passed on what was there before,
# each acknowledged write is there, and no error reaches a client but the
# documented ones: above all no deadlock.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('transactions');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf',
	"deadlock_timeout = 200ms\nautovacuum_naptime = 1s\nautovacuum_vacuum_threshold = 10\nautovacuum_vacuum_scale_factor = 0");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION ddb;
SELECT ddb_create_table('account', 'id S', global_indexes => '{"by_n": {"partition_key": "n N"}}');
SELECT ddb_create_table('flag', 'id S', 'side S');
CREATE TABLE acks (kind text NOT NULL, n int NOT NULL);

CREATE FUNCTION id(i int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_build_object('id', jsonb_build_object('S', 'a' || i)) $$;
CREATE FUNCTION flag(i int, side text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_build_object('id', jsonb_build_object('S', 'f' || i), 'side', jsonb_build_object('S', side)) $$;
CREATE FUNCTION number(name text, n int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_build_object(name, jsonb_build_object('N', n::text)) $$;
CREATE FUNCTION op(kind text, tab text, what jsonb, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$ SELECT jsonb_build_object(kind, jsonb_build_object('TableName', tab, CASE WHEN kind = 'Put' THEN 'Item' ELSE 'Key' END, what) || rest) $$;

-- Ten accounts of 100, and no flag up.
SELECT ddb_put('account', id(i) || number('n', 100)) FROM generate_series(1, 10) AS i;

-- Runs a transaction; false when it was cancelled by a condition or a conflict.
CREATE FUNCTION run(VARIADIC items jsonb[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  reasons text;
BEGIN
  PERFORM ddb_transact_write(to_jsonb(items));
  RETURN true;
EXCEPTION WHEN SQLSTATE 'DY008' THEN
  GET STACKED DIAGNOSTICS reasons = PG_EXCEPTION_DETAIL;
  IF EXISTS (SELECT FROM jsonb_array_elements(reasons::jsonb) r
             WHERE r ->> 'Code' NOT IN ('None', 'ConditionalCheckFailed', 'TransactionConflict')) OR
     NOT EXISTS (SELECT FROM jsonb_array_elements(reasons::jsonb) r WHERE r ->> 'Code' <> 'None') THEN
    RAISE EXCEPTION 'wrong reasons: %', reasons;
  END IF;
  INSERT INTO acks SELECT r ->> 'Code', 1 FROM jsonb_array_elements(reasons::jsonb) r WHERE r ->> 'Code' <> 'None';
  RETURN false;
END $$;

-- Moves money if there is enough, and counts a third account's part in it.
CREATE FUNCTION move(a int, b int, c int, amount int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF a = b OR a = c OR b = c THEN
    RETURN;
  END IF;
  IF run(op('Update', 'account', id(a), jsonb_build_object('UpdateExpression', 'SET n = n - :x', 'ConditionExpression', 'n >= :x',
                                                           'ExpressionAttributeValues', number(':x', amount))),
         op('Update', 'account', id(b), jsonb_build_object('UpdateExpression', 'SET n = n + :x',
                                                           'ExpressionAttributeValues', number(':x', amount))),
         op('Update', 'account', id(c), jsonb_build_object('UpdateExpression', 'ADD hits :x',
                                                           'ExpressionAttributeValues', number(':x', 1)))) THEN
    INSERT INTO acks VALUES ('hit', c);
  END IF;
END $$;

-- The same count as a single write.
CREATE FUNCTION hit(c int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_update('account', id(c), 'ADD hits :x', "values" => number(':x', 1));
  INSERT INTO acks VALUES ('hit', c);
END $$;

-- Raises the left or right flag if the other one is down: never both are up.
CREATE FUNCTION raise_flag(i int, side text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF run(op('Put', 'flag', flag(i, side), '{"ConditionExpression": "attribute_not_exists(id)"}'),
         op('ConditionCheck', 'flag', flag(i, CASE side WHEN 'l' THEN 'r' ELSE 'l' END), '{"ConditionExpression": "attribute_not_exists(id)"}')) THEN
    INSERT INTO acks VALUES ('flag ' || side, i);
  END IF;
END $$;
-- Takes it down: a single write, or both sides in a transaction.
CREATE FUNCTION lower_flag(i int, side text, alone boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT alone THEN
    IF run(op('Delete', 'flag', flag(i, side), '{"ConditionExpression": "attribute_exists(id)"}'),
           op('Delete', 'flag', flag(i, CASE side WHEN 'l' THEN 'r' ELSE 'l' END))) THEN
      INSERT INTO acks VALUES ('flag ' || side, -i);
    END IF;
    RETURN;
  END IF;
  BEGIN
    PERFORM ddb_delete('flag', flag(i, side), 'attribute_exists(id)');
    INSERT INTO acks VALUES ('flag ' || side, -i);
  EXCEPTION WHEN SQLSTATE 'DY002' THEN
    NULL;
  END;
END $$;

-- Creates an item that must not be there: by a transaction, by a single write.
CREATE FUNCTION create_once(i int, alone boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT alone THEN
    IF run(op('Put', 'flag', flag(i, 'once'), '{"ConditionExpression": "attribute_not_exists(id)"}'),
           op('Put', 'flag', flag(i, 'twin'))) THEN
      INSERT INTO acks VALUES ('once', i);
    END IF;
    RETURN;
  END IF;
  BEGIN
    PERFORM ddb_put('flag', flag(i, 'once'), 'attribute_not_exists(id)');
    INSERT INTO acks VALUES ('once', i);
  EXCEPTION WHEN SQLSTATE 'DY002' THEN
    NULL;
  END;
END $$;

-- Writes and deletes the same items in any order.
CREATE FUNCTION batch(r int) RETURNS void LANGUAGE sql AS $$
  SELECT ddb_batch_write('flag',
    (SELECT jsonb_agg(flag(i, 'batch') || number('v', r) ORDER BY random()) FROM generate_series(900, 904) AS i),
    (SELECT jsonb_agg(flag(i, 'batch') ORDER BY random()) FROM generate_series(905, 909) AS i));
  SELECT ddb_batch_write('flag',
    (SELECT jsonb_agg(flag(i, 'batch') || number('v', r) ORDER BY random()) FROM generate_series(905, 909) AS i)) WHERE r % 2 = 0
$$;

CREATE FUNCTION look() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  total int;
  up int;
BEGIN
  SELECT sum((item #>> '{n,N}')::int) INTO total FROM ddb_transact_get((
    SELECT jsonb_agg(jsonb_build_object('TableName', 'account', 'Key', id(i))) FROM generate_series(1, 10) AS i)) AS item;
  IF total <> 1000 THEN
    RAISE EXCEPTION 'TransactGetItems saw % in all', total;
  END IF;
  SELECT sum((item #>> '{n,N}')::int) INTO total FROM ddb_batch_get('account', (SELECT jsonb_agg(id(i)) FROM generate_series(1, 10) AS i)) AS item;
  IF total <> 1000 THEN
    RAISE EXCEPTION 'BatchGetItem saw % in all', total;
  END IF;
  SELECT max(n) INTO up FROM (SELECT count(*) AS n FROM ddb_scan('flag', 'side <> :o AND side <> :t AND side <> :b', '{":o": {"S": "once"}, ":t": {"S": "twin"}, ":b": {"S": "batch"}}') AS f
                              GROUP BY f -> 'id') AS flags;
  IF up > 1 THEN
    RAISE EXCEPTION 'both flags are up';
  END IF;
END $$;

-- A token of a few, used by many at once: each works once.
CREATE FUNCTION token(i int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ddb_transact_write(jsonb_build_array(op('Update', 'account', jsonb_build_object('id', jsonb_build_object('S', 'token ' || i)),
      '{"UpdateExpression": "ADD uses :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}')), 'token ' || i);
EXCEPTION WHEN SQLSTATE 'DY014' THEN
  INSERT INTO acks VALUES ('in progress', i);
WHEN SQLSTATE 'DY008' THEN
  RAISE EXCEPTION 'a token did not keep another use of it out';
END $$;
SQL

my %script = (
	'move@6' => "\\set a random(1, 10)\n\\set b random(1, 10)\n\\set c random(1, 10)\n\\set x random(1, 60)\nSELECT move(:a, :b, :c, :x);\n",
	'hit@3' => "\\set c random(1, 10)\nSELECT hit(:c);\n",
	'up@4' => "\\set i random(1, 3)\n\\set s random(0, 1)\nSELECT raise_flag(:i, substr('lr', 1 + :s, 1));\n",
	'down@3' => "\\set i random(1, 3)\n\\set s random(0, 1)\n\\set r random(0, 1)\nSELECT lower_flag(:i, substr('lr', 1 + :s, 1), :r = 0);\n",
	'once@3' => "\\set i random(100, 800)\n\\set r random(0, 1)\nSELECT create_once(:i, :r = 0);\n",
	'batch@1' => "\\set r random(1, 1000)\nSELECT batch(:r);\n",
	'token@2' => "\\set i random(1, 500)\nSELECT token(:i);\n",
	'look@3' => "SELECT look();\n");
my @files;
foreach my $name (sort keys %script)
{
	my ($base, $weight) = split /@/, $name;
	my $file = $node->basedir . "/$base.sql";
	append_to_file($file, $script{$name});
	push @files, '-f', "$file\@$weight";
}

my ($out, $err) = ('', '');
my $pgbench = IPC::Run::run(
	[   'pgbench', '-n', '-c', '8', '-j', '2', '-T', '15', @files,
		'-h', $node->host, '-p', $node->port, 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$err);
ok($pgbench, 'clients ended well');
unlike($err, qr/ERROR|abort/, 'no error reached a client');
like($out, qr/number of transactions actually processed: [1-9]/, 'there were transactions');

my $query = sub { return $node->safe_psql('postgres', $_[0]); };
is($query->(q{SELECT sum((i #>> '{n,N}')::int), count(*) FILTER (WHERE (i #>> '{n,N}')::int < 0) FROM ddb_scan('account', 'attribute_exists(n)') AS i}),
	'1000|0', 'money is conserved, no account overdrawn');
is($query->(q{SELECT i #>> '{id,S}', i #>> '{hits,N}' FROM ddb_scan('account', 'attribute_exists(hits)') AS i ORDER BY 1}),
	$query->(q{SELECT 'a' || n, count(*) FROM acks WHERE kind = 'hit' GROUP BY n ORDER BY 1}),
	'each acknowledged count is there, once');
is($query->(q{SELECT side, i, (ddb_get('flag', flag(i, side)) IS NOT NULL)::int FROM unnest('{l,r}'::text[]) AS side, generate_series(1, 3) AS i ORDER BY 1, 2}),
	$query->(q{SELECT side, i, (SELECT coalesce(sum(sign(n)), 0) FROM acks WHERE kind = 'flag ' || side AND abs(n) = i) FROM unnest('{l,r}'::text[]) AS side, generate_series(1, 3) AS i ORDER BY 1, 2}),
	'flags went up and down in turns');
is($query->(q{SELECT count(*) FROM (SELECT n FROM acks WHERE kind = 'once' GROUP BY n HAVING count(*) > 1) AS twice}),
	'0', 'what must not be there was created once');
is($query->(q{SELECT count(*) FROM ddb_scan('flag', 'side = :o', '{":o": {"S": "once"}}')}),
	$query->(q{SELECT count(*) FROM acks WHERE kind = 'once'}), 'and is there');
is($query->(q{SELECT count(*) FROM ddb_scan('account', 'attribute_exists(uses) AND uses <> :one', '{":one": {"N": "1"}}')}), '0', 'each token was used once');
cmp_ok($query->(q{SELECT count(*) FROM ddb_scan('account', 'uses = :one', '{":one": {"N": "1"}}')}), '>', 0, 'and tokens were used');
foreach my $code ('ConditionalCheckFailed', 'TransactionConflict')
{
	cmp_ok($query->("SELECT count(*) FROM acks WHERE kind = '$code'"), '>', 0, "there were reasons $code");
}
foreach my $index ('account:primary', 'account:by_n', 'flag:primary')
{
	my $table = $index =~ s/:.*//r;
	my $column = $index =~ /by_n/ ? 'n' : '*';
	is($query->("SELECT ddb_index_check('ddb_data.\"$index\"')"),
		$query->("SET enable_indexscan = off; SET enable_bitmapscan = off; SELECT count($column) FROM ddb_data.$table"),
		"index $index is right");
}
note($out =~ /(number of transactions actually processed: \d+)/,
	', reasons: ' . $query->(q{SELECT string_agg(kind || ' ' || n, ', ') FROM (SELECT kind, count(*) AS n FROM acks GROUP BY kind) AS k}));
my $log = slurp_file($node->logfile);
unlike($log, qr/ERROR:  (?!Transaction cancelled|The conditional request failed|The transaction with the given request token|canceling autovacuum)/,
	'no other error in the log');

done_testing();
