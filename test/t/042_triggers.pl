# Triggers end to end: functions get every record once, in order for each key,
# whatever crashes; a record that fails is found and put away; a slow or malicious
# function harms nobody; a table's streams follow each other.

use strict;
use warnings;

use DdbStream;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $node = PostgreSQL::Test::Cluster->new('triggers');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', stream_settings() . <<'END');
shared_preload_libraries = 'ddb'
max_worker_processes = 16
restart_after_crash = on
log_statement = none
END
$node->start;

sub sql
{
	return $node->safe_psql('postgres', shift);
}

sub wait_for
{
	my ($query, $what) = @_;
	my $ok = $node->poll_query_until('postgres', $query);
	diag(sql('SELECT row_to_json(t) FROM ddb_triggers t')) unless $ok;
	return ok($ok, $what);
}

# column gives one column of ddb_triggers.
sub column
{
	my ($name, $column) = @_;
	return sql("SELECT $column FROM ddb_triggers WHERE name = '$name'");
}

# stream_table makes a table with a stream that is being captured.
sub stream_table
{
	my ($name) = @_;
	sql("SELECT ddb_create_table('$name', 'pk S'); SELECT " . enable($name));
	$node->poll_query_until('postgres', "SELECT status = 'ENABLED' FROM ddb_streams WHERE table_name = '$name'")
	  or die "no stream of $name";
	return;
}

sub enable
{
	my ($name) = @_;
	return qq{ddb_update_table('{"TableName": "$name", "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}'::jsonb)};
}

sub put
{
	my ($table, $from, $to, $extra) = @_;
	$extra //= '';
	sql("SELECT count(ddb_put('$table', ddb_marshal(jsonb_build_object('pk', 'k' || i, 'v', i) $extra))) FROM generate_series($from, $to) i");
	return;
}

sql(q{
	CREATE EXTENSION ddb;
	CREATE TABLE effect (n bigserial, trigger text, pk text, v integer, event text, calls integer DEFAULT 1);
	CREATE FUNCTION take(trigger text, batch jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$
	  INSERT INTO effect (trigger, pk, v, event)
	  SELECT trigger, r #>> '{dynamodb,Keys,pk,S}', (r #>> '{dynamodb,NewImage,v,N}')::integer, r ->> 'eventName'
	  FROM jsonb_array_elements(batch -> 'Records') WITH ORDINALITY AS e (r, i) ORDER BY i $$;
	CREATE FUNCTION count_all(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$ SELECT take('count', $1) $$;
});

# ---- order and exactly-once effects, across crashes ----

stream_table('Counter');
sql(q{SELECT ddb_create_trigger('count', 'Counter', 'count_all', batch_size => 7)});
my $keys = 10;
my $clients = 4;

# client_sql adds one to the counters, each time in a transaction of its own.
sub client_sql
{
	return "DO \$\$ BEGIN FOR i IN 1 .. 40 LOOP
	  PERFORM ddb_update('Counter', jsonb_build_object('pk', jsonb_build_object('S', 'k' || (i % $keys))), 'ADD v :one', \"values\" => '{\":one\": {\"N\": \"1\"}}');
	  COMMIT; PERFORM pg_sleep(0.002); END LOOP; END \$\$;";
}

# kill9 kills a process of the server and waits until that is up again.
sub kill9
{
	my ($type) = @_;
	my $pid = sql("SELECT pid FROM pg_stat_activity WHERE backend_type = '$type'");
	return unless $pid;
	kill 'KILL', $pid;
	usleep(300_000);
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
	return;
}

for my $victim ('ddb triggers', 'ddb capture', 'ddb triggers')
{
	my @running = map {
		my ($out, $err) = ('', '');
		IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', client_sql() ], '>', \$out, '2>', \$err)
	} 1 .. $clients;
	usleep(250_000);
	kill9($victim);
	for my $client (@running)
	{
		eval { $client->finish };
	}
}
sql(client_sql());
my $sum = sql(q{SELECT sum((i #>> '{v,N}')::integer) FROM ddb_scan('Counter') AS i});
cmp_ok($sum, '>', 40, "the clients have counted to $sum");
wait_for("SELECT count(*) >= $sum FROM effect WHERE trigger = 'count'", 'the trigger comes to the end');
usleep(300_000);
is(sql(q{SELECT count(*) FROM effect WHERE trigger = 'count'}), $sum, 'each record had its effect once');
is(sql(q{SELECT count(*) FROM (SELECT v, row_number() OVER (PARTITION BY pk ORDER BY n) AS place FROM effect WHERE trigger = 'count') t
	WHERE v <> place}), '0', 'in order for each key');
is(column('count', 'processed'), $sum, 'and was counted once');
is(column('count', q{state || ' ' || failed || ' ' || trimmed || ' ' || lag_records}), 'running 0 0 0', 'nothing failed on the way');
sql(q{SELECT ddb_drop_trigger('count')});

# ---- a record that fails stands alone in the end ----

sql(q{
	CREATE FUNCTION picky(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
	BEGIN
	  IF $1 @> '{"Records": [{"dynamodb": {"Keys": {"pk": {"S": "k137"}}}}]}' THEN
	    RAISE 'poison in % records', jsonb_array_length($1 -> 'Records') USING DETAIL = 'It is k137.';
	  END IF;
	  PERFORM take('picky', $1);
	END $$;
});
stream_table('Picky');
sql(q{SELECT ddb_create_trigger('picky', 'Picky', 'picky', max_retries => 2)});
put('Picky', 1, 250);
put('Picky', 137, 137, q{|| '{"again": true}'});
put('Picky', 300, 310);
wait_for(q{SELECT processed + failed = 262 FROM ddb_triggers WHERE name = 'picky'}, 'a poisoned stream is worked off');
is(sql(q{SELECT count(*) || ' ' || count(DISTINCT pk) FROM effect WHERE trigger = 'picky'}), '260 260', 'all others had their effect once');
is(sql(q{SELECT count(*) FROM (SELECT n, v, lag(v) OVER (ORDER BY n) AS before FROM effect WHERE trigger = 'picky') t WHERE v < before}), '0', 'in order');
is(sql(q{SELECT string_agg((record #>> '{dynamodb,Keys,pk,S}') || ' ' || (record ->> 'eventName') || ' ' || attempts || ' ' || (error LIKE E'poison in 1 records\nDETAIL: It is k137.\nCONTEXT: PL/pgSQL function%'),
	', ' ORDER BY sequence_number) FROM ddb_trigger_failures}), 'k137 INSERT 3 true, k137 MODIFY 3 true', 'the dead letters');
is(column('picky', q{failed || ' ' || state}), '2 running', 'and what ddb_triggers says');
cmp_ok(column('picky', 'retries'), '<=', 24, 'halving takes few calls');

# ---- dead letters are sent again ----

sql(q{
	CREATE TABLE closed (until text); INSERT INTO closed VALUES ('k3');
	CREATE FUNCTION resent(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
	BEGIN
	  PERFORM take('resent', $1);
	  IF $1 #>> '{Records,0,dynamodb,Keys,pk,S}' <= (SELECT until FROM closed) THEN RAISE 'closed'; END IF;
	END $$;
});
stream_table('Resend');
sql(q{SELECT ddb_create_trigger('resent', 'Resend', 'resent', batch_size => 1, max_retries => 0)});
put('Resend', 1, 4);
wait_for(q{SELECT processed + failed = 4 FROM ddb_triggers WHERE name = 'resent'}, 'three records are given up');
my $letters = q{SELECT string_agg((record #>> '{dynamodb,Keys,pk,S}') || ' ' || attempts, ', ' ORDER BY sequence_number) FROM ddb_trigger_failures WHERE trigger_name = 'resent'};
is(sql($letters), 'k1 1, k2 1, k3 1', 'which are dead letters');
is(sql(q{SELECT ddb_retry_trigger_failures('resent', max_records => 2)}) . ' ' . sql($letters), '0 k1 2, k2 2, k3 1', 'sent again they fail again');
is(sql(q{SELECT count(*) FROM effect WHERE trigger = 'resent'}), '1', 'without an effect');
sql(q{UPDATE closed SET until = 'k1'});
is(sql(q{SELECT ddb_retry_trigger_failures('resent', (SELECT max(sequence_number) FROM ddb_trigger_failures WHERE trigger_name = 'resent'))}) . ' ' . sql($letters),
	'1 k1 2, k2 2', 'one of them is taken');
is(sql(q{SELECT ddb_retry_trigger_failures('resent')}) . ' ' . sql($letters), '1 k1 3', 'and of the others what the function takes');
is(sql(q{SELECT string_agg(pk, ' ' ORDER BY n) FROM effect WHERE trigger = 'resent'}), 'k4 k3 k2', 'each had its effect');
sql(q{UPDATE closed SET until = ''; BEGIN; SELECT ddb_retry_trigger_failures('resent'); ROLLBACK});
is(sql($letters), 'k1 3', 'a rollback keeps the letter');
sql(q{CREATE OR REPLACE FUNCTION resent(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS 'SELECT pg_sleep(60)';
	SET ddb.trigger_timeout = '200ms'; SELECT ddb_retry_trigger_failures('resent')});
like(sql(q{SELECT error FROM ddb_trigger_failures WHERE trigger_name = 'resent'}), qr/^the function took longer than ddb.trigger_timeout, 200 ms/, 'no call takes for ever');
sql(q{DELETE FROM ddb_trigger_failures WHERE trigger_name = 'resent'; SELECT ddb_drop_trigger('resent')});

# ---- stop and resume; skip ----

sql(q{
	CREATE TABLE mood (bad boolean); INSERT INTO mood VALUES (true);
	CREATE FUNCTION moody(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
	BEGIN
	  IF (SELECT bad FROM mood) THEN RAISE 'in a bad mood'; END IF;
	  PERFORM take('moody', $1);
	END $$;
	CREATE FUNCTION fussy(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
	BEGIN
	  IF $1 @> '{"Records": [{"dynamodb": {"Keys": {"pk": {"S": "k3"}}}}]}' THEN RAISE 'not k3'; END IF;
	  PERFORM take('fussy', $1);
	END $$;
});
stream_table('Mood');
sql(q{SELECT ddb_create_trigger('moody', 'Mood', 'moody', max_retries => 1, on_failure => 'stop');
	SELECT ddb_create_trigger('fussy', 'Mood', 'fussy', max_retries => 0, on_failure => 'skip');
	SELECT ddb_create_trigger('paused', 'Mood', 'moody', filter => '{"eventName": ["REMOVE"]}');
	SELECT ddb_alter_trigger('paused', enabled => false)});
put('Mood', 1, 10);
wait_for(q{SELECT state = 'stopped' FROM ddb_triggers WHERE name = 'moody'}, 'a trigger stops');
is(column('moody', q{split_part(last_error, E'\n', 1) || ' ' || processed || ' ' || failed}), 'in a bad mood 0 0', 'with the reason');
wait_for(q{SELECT processed + failed = 10 FROM ddb_triggers WHERE name = 'fussy'}, 'others go on');
is(sql(q{SELECT count(*) FROM effect WHERE trigger = 'fussy'}) . column('fussy', q{' ' || failed}), '9 1', 'one that skips has passed over a record');
put('Mood', 11, 12);
$node->restart;
usleep(500_000);
is(column('moody', q{state || ' ' || lag_records}), 'stopped 12', 'it is still stopped after a restart, and has kept its place');
sql(q{UPDATE mood SET bad = false; SELECT ddb_alter_trigger('moody', enabled => true)});
wait_for(q{SELECT processed = 12 AND state = 'running' FROM ddb_triggers WHERE name = 'moody'}, 'resumed, it takes all');
is(sql(q{SELECT string_agg(v::text, ' ' ORDER BY n) FROM effect WHERE trigger = 'moody'}), '1 2 3 4 5 6 7 8 9 10 11 12', 'from where it had stopped');
is(column('paused', q{state || ' ' || lag_records}), 'paused 12', 'one that is paused waits');
sql(q{SELECT ddb_delete('Mood', '{"pk": {"S": "k1"}}'); SELECT ddb_alter_trigger('paused', enabled => true)});
wait_for(q{SELECT processed = 1 AND filtered = 12 FROM ddb_triggers WHERE name = 'paused'}, 'resumed, it takes what its filter lets through');
is(sql(q{SELECT pk || ' ' || event FROM effect WHERE trigger = 'moody' ORDER BY n DESC LIMIT 1}), 'k1 REMOVE', 'which has no new image');
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name <> 'picky'});

# ---- functions that take their time, and functions that mean harm ----

sql(q{ALTER SYSTEM SET ddb.trigger_timeout = '500ms'});
sql(q{SELECT pg_reload_conf()});
sql(q{
	CREATE ROLE mallory;
	GRANT CREATE, USAGE ON SCHEMA public TO mallory;
	GRANT SELECT, INSERT ON effect TO mallory;
	GRANT USAGE ON SEQUENCE effect_n_seq TO mallory;
	CREATE FUNCTION fast(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$ SELECT take('fast', $1) $$;
	CREATE FUNCTION sleepy(jsonb) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(60)';
	CREATE FUNCTION waiting(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS 'LOCK mood; SELECT take(''waiting'', $1)';
});
stream_table('Slow');
my $locker = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', 'BEGIN; LOCK mood; SELECT pg_sleep(4)' ], '>', \my $out, '2>', \my $err);
sql(q{SELECT ddb_create_trigger('sleepy', 'Slow', 'sleepy', batch_size => 1, max_retries => 0);
	SELECT ddb_create_trigger('waiting', 'Slow', 'waiting', max_retries => -1);
	SELECT ddb_create_trigger('fast', 'Slow', 'fast', batch_size => 1)});
my $begun = time;
put('Slow', 1, 4);
wait_for(q{SELECT processed = 4 FROM ddb_triggers WHERE name = 'fast'}, 'a fast function is served beside slow ones');
wait_for(q{SELECT failed = 4 FROM ddb_triggers WHERE name = 'sleepy'}, 'one that is too slow is given up on');
is(column('sleepy', q{split_part(last_error, E'\n', 1)}), 'the function took longer than ddb.trigger_timeout, 500 ms', 'for that reason');
wait_for(q{SELECT processed = 4 AND retries > 0 FROM ddb_triggers WHERE name = 'waiting'}, 'one that waited for a lock comes through when it is free');
cmp_ok(time - $begun, '<', 20, 'all of that in time');
$locker->finish;
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name IN ('sleepy', 'waiting')});

stream_table('Evil');
sql(q{
	ALTER TABLE ddb_data."Evil" OWNER TO mallory;
	CREATE TABLE treasure (x integer);
	SET ROLE mallory;
	CREATE TABLE later (x integer);
	CREATE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.treasure VALUES (1); RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER steal AFTER INSERT ON later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION steal();
	CREATE FUNCTION evil_reset(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; INSERT INTO public.treasure VALUES (1); END $$;
	CREATE FUNCTION evil_session(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET SESSION AUTHORIZATION DEFAULT; INSERT INTO public.treasure VALUES (1); END $$;
	CREATE FUNCTION evil_commit(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
	CREATE FUNCTION evil_later(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.later VALUES (1); END $$;
	CREATE FUNCTION evil_temp(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TEMP TABLE pg_class (x integer); END $$;
	CREATE FUNCTION evil_read(jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM * FROM ddb.access_keys; END $$;
	CREATE FUNCTION odd_settings(jsonb) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
	  INSERT INTO public.effect (trigger, pk) VALUES ('settings', current_user || ' ' || current_setting('search_path') || ' ' || current_setting('work_mem')
	    || ' ' || pg_try_advisory_lock(7)::text);
	  SET search_path = public; SET work_mem = '77kB'; SET lock_timeout = 0;
	END $$;
});
my @evil = qw(evil_reset evil_session evil_commit evil_later evil_temp evil_read);
sql(join ';', 'SET ROLE mallory', (map { "SELECT ddb_create_trigger('$_', 'Evil', '$_', max_retries => 0)" } @evil),
	q{SELECT ddb_create_trigger('settings', 'Evil', 'odd_settings', batch_size => 1)});
put('Evil', 1, 2);
wait_for(q{SELECT bool_and(failed = 2) FROM ddb_triggers WHERE name LIKE 'evil%'}, 'malicious functions fail');
is(sql(q{SELECT string_agg(name || ': ' || split_part(last_error, E'\n', 1), '; ' ORDER BY name) FROM ddb_triggers WHERE name LIKE 'evil%'}),
	'evil_commit: invalid transaction termination; '
	  . 'evil_later: cannot fire deferred trigger within security-restricted operation; '
	  . 'evil_read: permission denied for table access_keys; '
	  . 'evil_reset: cannot set parameter "role" within security-definer function; '
	  . 'evil_session: cannot set parameter "session_authorization" within security-definer function; '
	  . 'evil_temp: cannot create temporary table within security-restricted operation', 'each for its own reason');
is(sql('SELECT count(*) FROM treasure'), '0', 'and have got nothing');
wait_for(q{SELECT processed = 2 FROM ddb_triggers WHERE name = 'settings'}, 'a function may change settings');
is(sql(q{SELECT string_agg(DISTINCT pk, ', ') FROM effect WHERE trigger = 'settings'}), 'mallory pg_catalog, pg_temp 4MB true',
	'it ran as its owner, and changed them for that call alone');
is(sql('SELECT pg_try_advisory_lock(7)'), 't', 'locks of the session are released');
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name LIKE 'evil%'});

# rights are looked at each time
sql(q{REVOKE EXECUTE ON FUNCTION odd_settings(jsonb) FROM PUBLIC, mallory});
put('Evil', 3, 3);
wait_for(q{SELECT state = 'waiting for retry' AND last_error LIKE 'permission denied for function odd_settings%' FROM ddb_triggers WHERE name = 'settings'}, 'a right that was taken away');
sql(q{GRANT EXECUTE ON FUNCTION odd_settings(jsonb) TO mallory; ALTER FUNCTION odd_settings(jsonb) OWNER TO CURRENT_USER});
wait_for(q{SELECT last_error LIKE 'function odd_settings(jsonb) belongs to another role%' OR last_error LIKE 'function public.odd_settings(jsonb) belongs to another role%' FROM ddb_triggers WHERE name = 'settings'}, 'a function that has another owner');
sql(q{ALTER FUNCTION odd_settings(jsonb) OWNER TO mallory; ALTER TABLE ddb_data."Evil" OWNER TO CURRENT_USER});
wait_for(q{SELECT last_error = 'the owner of trigger "settings" is not the owner of table "Evil"' FROM ddb_triggers WHERE name = 'settings'}, 'a table that has another owner');
sql(q{ALTER TABLE ddb_data."Evil" OWNER TO mallory});
wait_for(q{SELECT processed = 3 AND failed = 0 AND state = 'running' FROM ddb_triggers WHERE name = 'settings'}, 'it goes on when all is well again');
sql(q{SELECT ddb_drop_trigger('settings')});

# a function that does not let itself be cancelled
sql(q{
	CREATE FUNCTION stubborn(jsonb) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
	  LOOP
	    BEGIN
	      PERFORM pg_sleep(60);
	    EXCEPTION WHEN query_canceled THEN NULL;
	    END;
	  END LOOP;
	END $$;
	SELECT ddb_create_trigger('stubborn', 'Slow', 'stubborn', max_retries => 0)});
put('Slow', 5, 5);
my $log_before = -s $node->logfile;
ok($node->wait_for_log(qr/terminating background worker "ddb triggers"/, $log_before), 'its process is ended');
wait_for(q{SELECT processed = 5 FROM ddb_triggers WHERE name = 'fast'}, 'others are served');
is(column('stubborn', q{failed || ' ' || last_error}), '1 the function took longer than ddb.trigger_timeout, 500 ms, and did not let itself be cancelled',
	'and the record is given up');
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name IN ('stubborn', 'fast')});

# ---- one stream after the other ----

stream_table('Twice');
put('Twice', 1, 2);
sql(q{CREATE FUNCTION twice(jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$ SELECT take('twice', $1) $$;
	SELECT ddb_create_trigger('latest', 'Twice', 'fast');
	SELECT ddb_create_trigger('twice', 'Twice', 'twice', starting_position => 'TRIM_HORIZON')});
sql(q{SELECT ddb_alter_trigger('twice', enabled => false)});
put('Twice', 3, 4);
sql(q{SELECT ddb_update_table('{"TableName": "Twice", "StreamSpecification": {"StreamEnabled": false}}'::jsonb)});
$node->poll_query_until('postgres', q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'Twice'}) or die;
put('Twice', 5, 6);
sql(q{SELECT ddb_alter_trigger('twice', enabled => true)});
wait_for(q{SELECT bool_and(state = 'stream gone') FROM ddb_triggers WHERE name IN ('twice', 'latest')}, 'a disabled stream is read to its end');
is(column('twice', 'processed') . ' ' . column('latest', 'processed'), '4 2', 'TRIM_HORIZON and LATEST');
sql('SELECT ' . enable('Twice'));
$node->poll_query_until('postgres', q{SELECT bool_or(status = 'ENABLED') FROM ddb_streams WHERE table_name = 'Twice'}) or die;
put('Twice', 7, 8);
wait_for(q{SELECT processed = 6 AND state = 'running' FROM ddb_triggers WHERE name = 'twice'}, 'it goes on with the next stream of the table');
is(sql(q{SELECT string_agg(v::text, ' ' ORDER BY n) FROM effect WHERE trigger = 'twice'}), '1 2 3 4 7 8', 'without what was in none');

# the first records of a stream fail, and those of a trigger without a state, as out of a dump
sql(q{
	CREATE FUNCTION sore(jsonb) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
	BEGIN
	  IF $1 @> '{"Records": [{"dynamodb": {"Keys": {"pk": {"S": "k12"}}}}]}' THEN RAISE '%', repeat('s', 100000) USING HINT = repeat('h', 100000); END IF;
	  PERFORM take('sore', $1);
	END $$;
});
stream_table('Sore');
sql(q{SELECT ddb_create_trigger('sore', 'Sore', 'sore', max_retries => 1); SELECT ddb_alter_trigger('sore', enabled => false)});
sql(q{SELECT ddb_update_table('{"TableName": "Sore", "StreamSpecification": {"StreamEnabled": false}}'::jsonb)});
$node->poll_query_until('postgres', q{SELECT status = 'DISABLED' FROM ddb_streams WHERE table_name = 'Sore'}) or die;
sql('SELECT ' . enable('Sore'));
$node->poll_query_until('postgres', q{SELECT bool_or(status = 'ENABLED') FROM ddb_streams WHERE table_name = 'Sore'}) or die;
put('Sore', 11, 14);
$node->poll_query_until('postgres', q{SELECT count(*) = 4 FROM ddb.stream_records WHERE stream_id = (SELECT max(stream_id) FROM ddb.streams)}) or die;
sql(q{SELECT ddb_create_trigger('restored', 'Sore', 'sore', starting_position => 'TRIM_HORIZON', max_retries => 1); DELETE FROM ddb.trigger_states WHERE trigger_id = (SELECT trigger_id FROM ddb.triggers WHERE trigger_name = 'restored')});
sql(q{SELECT ddb_alter_trigger('sore', enabled => true)});
wait_for(q{SELECT bool_and(processed = 3 AND failed = 1) FROM ddb_triggers WHERE name IN ('sore', 'restored')}, 'a record that fails at the begin of a stream is found');
is(column('sore', q{left(last_error, 2010) = repeat('s', 2000) || E'...\nHINT: ' AND length(last_error) < 6020}), 't', 'no more than the begin of a long error is kept');
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name IN ('sore', 'restored')});

# ---- dropped while its function runs ----

my $pid = sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ddb triggers'});
sql(q{CREATE FUNCTION snooze(jsonb) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(0.4)';
	SELECT ddb_create_trigger('snooze', 'Sore', 'snooze', max_retries => 0)});
put('Sore', 15, 15);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query = 'trigger snooze' AND wait_event = 'PgSleep'}) or die;
sql(q{SELECT ddb_drop_trigger('snooze')});
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE query = 'trigger snooze' AND state = 'active'}), 'a call ends after its trigger was dropped');
is(sql(q{SELECT count(*) FROM ddb_trigger_failures WHERE trigger_name = 'snooze'}), '0', 'it leaves nothing');
is(sql(qq{SELECT count(*) FROM pg_stat_activity WHERE pid = $pid}), '1', 'and the worker goes on');

# one that is about to be dropped holds up no other
sql(q{SELECT ddb_create_trigger(name, 'Sore', 'sore') FROM unnest('{held,free}'::text[]) AS name});
my $dropper = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', q{BEGIN; SELECT ddb_drop_trigger('held'); SELECT pg_sleep(2.5); ROLLBACK} ], '>', \$out, '2>', \$err);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die;
for my $n (1, 2)
{
	put('Sore', 20 + $n, 20 + $n);
	$node->poll_query_until('postgres', qq{SELECT processed = $n FROM ddb_triggers WHERE name = 'free'}) or die;
}
is(sql(q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) . column('held', q{' ' || processed || ' ' || retries}), '1 0 0',
	'a trigger is served while another is being dropped');
$dropper->finish;
wait_for(q{SELECT processed = 2 FROM ddb_triggers WHERE name = 'held'}, 'that one goes on if it is not');
sql(q{SELECT ddb_drop_trigger(name) FROM ddb_triggers WHERE name IN ('held', 'free')});

# ---- records that expire unread ----

sql(q{SELECT ddb_alter_trigger('twice', enabled => false)});
put('Twice', 9, 9);
my $epoch = sql(q{SELECT max(epoch) FROM ddb.stream_shards});
sql(q{ALTER SYSTEM SET ddb.stream_retention = '1s'});
sql(q{ALTER SYSTEM SET ddb.stream_shard_duration = '1s'});
sql(q{SELECT pg_reload_conf()});
wait_for(qq{SELECT count(*) = 0 FROM ddb.stream_shards WHERE epoch <= $epoch}, 'a shard is dropped');
sql(q{ALTER SYSTEM RESET ddb.stream_retention});
sql(q{ALTER SYSTEM RESET ddb.stream_shard_duration});
sql(q{SELECT pg_reload_conf()});
put('Twice', 10, 10);
sql(q{SELECT ddb_alter_trigger('twice', enabled => true)});
wait_for(q{SELECT processed = 7 AND trimmed = 1 FROM ddb_triggers WHERE name = 'twice'}, 'it goes on with the oldest there is');
like(column('twice', 'last_error'), qr/^records may have expired before they were read/, 'and says so');
is(column('latest', 'trimmed'), '0', 'one that kept up has lost nothing');

# ---- out of a dump ----

command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $node->basedir . '/dump.sql' ], 'pg_dump');
sql('CREATE DATABASE copy');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $node->basedir . '/dump.sql' ], 'restored');
is($node->safe_psql('copy', q{SELECT string_agg(trigger_name || ' ' || function_name, ', ' ORDER BY trigger_name) FROM ddb.triggers}),
	'latest fast, picky picky, twice twice', 'the definitions are there');
is($node->safe_psql('copy', 'SELECT count(*) FROM ddb_trigger_failures WHERE trigger_name = \'picky\''), '2', 'the dead letters, too');

$node->stop;
done_testing();
