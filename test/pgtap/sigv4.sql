-- Signature Version 4: canonical requests, signatures in header and query, and the
-- errors of what is incomplete, late or wrong.  The expected signatures were computed
-- from the specification by another program; those of "nothing but a host" and
-- "ListUsers" are the documentation's own.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(69);

CREATE FUNCTION pg_temp.auth(signature text, signed text DEFAULT 'host;x-amz-date', service text DEFAULT 'service',
                             scope text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT format('Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%s, SignedHeaders=%s, Signature=%s',
                coalesce(scope, '20150830/us-east-1/' || service || '/aws4_request'), signed, signature)
$$;
CREATE FUNCTION pg_temp.check(method text, target text, headers text[], body text DEFAULT '', service text DEFAULT 'service',
                              at text DEFAULT '2015-08-30 12:36:00Z') RETURNS text LANGUAGE sql AS $$
  SELECT ddb_test.sigv4_check(method, target, headers || '{X-Amz-Date: 20150830T123600Z}', convert_to(body, 'UTF8'),
                         'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', service, at::timestamptz)
$$;
CREATE FUNCTION pg_temp.canonical(target text, VARIADIC more text[] DEFAULT '{}') RETURNS text[] LANGUAGE sql AS $$
  SELECT string_to_array(ddb_test.canonical_request('GET', target, ARRAY[pg_temp.auth('x', 'host;a'), 'Date: x', 'Host: h'] || more), E'\n')
$$;

-- signatures in the header
SELECT is(pg_temp.check('GET', '/', ARRAY['Host: example.amazonaws.com', pg_temp.auth('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')]), 'AKIDEXAMPLE', 'nothing but a host');
SELECT is(pg_temp.check('GET', '/?Action=ListUsers&Version=2010-05-08', ARRAY['Host: iam.amazonaws.com', 'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
            pg_temp.auth('5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7', 'content-type;host;x-amz-date', 'iam')], service => 'iam'), 'AKIDEXAMPLE', 'ListUsers');
SELECT is(pg_temp.check('GET', target, ARRAY['Host: example.amazonaws.com', pg_temp.auth(signature)]), 'AKIDEXAMPLE', target)
FROM (VALUES
  ('/?Param1=value1&Param2=value2', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'),
  ('/?Param2=value2&Param1=value1', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'),
  ('/?Param1=value2&Param1=value1', '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694'),
  ('/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
   '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197'),
  ('/?ሴ=bar', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'),
  ('/?%e1%88%b4=bar', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'),
  ('/ሴ', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'),
  ('/./example', 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5'),
  ('//', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
  ('/example/..', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
  ('http://example.amazonaws.com', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')) v(target, signature);
SELECT is(pg_temp.check('GET', '/', ARRAY['Host: example.amazonaws.com', 'My-Header1:  value1', E'My-Header2: "a   b \t c" ',
            pg_temp.auth('acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736', 'host;my-header1;my-header2;x-amz-date')]), 'AKIDEXAMPLE', 'white space of values');
SELECT is(pg_temp.check('GET', '/', ARRAY['Host: example.amazonaws.com', 'My-Header1: value2', 'my-header1: value2', 'MY-HEADER1: value1',
            pg_temp.auth('c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea', 'host;my-header1;x-amz-date')]), 'AKIDEXAMPLE', 'a header three times');
SELECT is(pg_temp.check('GET', '/', ARRAY['Host: example.amazonaws.com', E'My-Header1: value1\r\n  value2\r\n\tvalue3',
            pg_temp.auth('cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd', 'host;my-header1;x-amz-date')]), 'AKIDEXAMPLE', 'a folded header');
SELECT is(pg_temp.check('POST', '/', ARRAY['Host: example.amazonaws.com', 'Content-Type: application/x-www-form-urlencoded',
            pg_temp.auth('ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a', 'content-type;host;x-amz-date')], 'Param1=value1'), 'AKIDEXAMPLE', 'a body');

-- a request to DynamoDB, in a region of the client's choice
CREATE FUNCTION pg_temp.list(body text DEFAULT '{}', target text DEFAULT 'DynamoDB_20120810.ListTables',
    signature text DEFAULT '163b1eaf727f826a0ca6ad3853ee6eb76dcfb5e815c4aeac5ddcc4af90e105d8',
    signed text DEFAULT 'content-type;host;x-amz-date;x-amz-target', scope text DEFAULT '20150830/eu-central-1/dynamodb/aws4_request',
    at text DEFAULT '2015-08-30 12:36:00Z', more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.check('POST', '/', ARRAY['host: localhost:8000', 'content-type: application/x-amz-json-1.0', 'x-amz-target: ' || target,
                       pg_temp.auth(signature, signed, scope => scope)] || more, body, 'dynamodb', at)
$$;
SELECT is(pg_temp.list(), 'AKIDEXAMPLE', 'ListTables in eu-central-1');
SELECT throws_ok(sql, 'DY023', 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.', name)
FROM (VALUES
  ($$SELECT pg_temp.list(body => '{ }')$$, 'another body'),
  ($$SELECT pg_temp.list(target => 'DynamoDB_20120810.DeleteTable')$$, 'another operation'),
  ($$SELECT pg_temp.list(scope => '20150830/eu-central-2/dynamodb/aws4_request')$$, 'another region'),
  ($$SELECT pg_temp.list(signature => '163b1eaf727f826a0ca6ad3853ee6eb76dcfb5e815c4aeac5ddcc4af90e105d9')$$, 'the last digit'),
  ($$SELECT pg_temp.list(signature => '163B1EAF727F826A0CA6AD3853EE6EB76DCFB5E815C4AEAC5DDCC4AF90E105D8')$$, 'capitals'),
  ($$SELECT pg_temp.list(signature => '163b')$$, 'a short one'),
  ($$SELECT pg_temp.list(signature => repeat('0', 100000))$$, 'a long one'),
  ($$SELECT pg_temp.list(signed => 'host;content-type;x-amz-date;x-amz-target')$$, 'names in another order'),
  ($$SELECT pg_temp.list(signed => 'content-type;host;nothing;x-amz-date;x-amz-target')$$, 'a header that is not there'),
  ($$SELECT pg_temp.list(more => '{x-amz-target: again}')$$, 'a second target'),
  ($$SELECT pg_temp.list(signed => 'content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target', more => '{x-amz-content-sha256: UNSIGNED-PAYLOAD}',
                         signature => '119a2cbd45378472026c9f0146fff80dc695ef56a3d2ff296a836020f3038c87')$$, 'UNSIGNED-PAYLOAD')) v(sql, name);

-- the date comes first
SELECT is(pg_temp.list(at => '2015-08-30 12:51:00Z'), 'AKIDEXAMPLE', '15 minutes old');
SELECT is(pg_temp.list(at => '2015-08-30 12:21:00Z'), 'AKIDEXAMPLE', '15 minutes ahead');
SELECT throws_ok($$SELECT pg_temp.list(at => '2015-08-30 12:51:01Z', scope => 'x')$$, 'DY023',
  'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)', 'older');
SELECT throws_ok($$SELECT pg_temp.list(at => '2015-08-30 12:20:59Z', scope => 'x')$$, 'DY023',
  'Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)', 'further ahead');
SELECT is(ddb_test.sigv4_check('POST', '/', ARRAY['host: localhost:8000', 'Date: ' || d, pg_temp.auth(s, 'host', 'dynamodb')], '', 'secret', at => '2015-08-30 12:36:00Z'), 'AKIDEXAMPLE', d)
FROM (VALUES ('Sun, 30 Aug 2015 12:36:00 GMT', 'bb585ce52c36405773de4db0a85deee83bf4f1e7f5903ab4cd145fb377441d31'), ('20150830T123600Z', 'bb585ce52c36405773de4db0a85deee83bf4f1e7f5903ab4cd145fb377441d31')) v(d, s);
SELECT throws_ok(format($$SELECT ddb_test.sigv4_check('POST', '/', ARRAY['host: h', 'X-Amz-Date: %s', pg_temp.auth('x')], '', 's')$$, d), 'DY021',
  format('Date must be in ISO-8601 ''basic format''. Got ''%s''. See http://en.wikipedia.org/wiki/ISO_8601', d), 'no date: ' || d)
FROM unnest('{x,20150230T000000Z,20151330T000000Z,20150830T240000Z,20150830T123600,2015-08-30T12:36:00Z,"Sun, 30 Foo 2015 12:36:00 GMT"}'::text[]) d;

-- then what must be signed, the algorithm, and the credential
SELECT throws_ok($$SELECT pg_temp.list(signed => 'content-type;x-amz-date;x-amz-target')$$, 'DY023',
  '''Host'' or '':authority'' must be a ''SignedHeader'' in the AWS Authorization.', 'the host is not signed');
SELECT throws_ok($$SELECT pg_temp.list(signed => 'content-type;host;x-amz-date')$$, 'DY023',
  '''x-amz-target'' must be a ''SignedHeader'' in the AWS Authorization.', 'the target is not signed');
SELECT throws_ok($$SELECT pg_temp.list(signed => repeat('a;', 200))$$, 'DY023', NULL, 'too many headers');
SELECT throws_ok($$SELECT pg_temp.check('POST', '/', ARRAY['host: h', 'Authorization: AWS4-HMAC-SHA25 Credential=x, SignedHeaders=host;x-amz-date, Signature=x'])$$, 'DY021',
  'Unsupported AWS ''algorithm'': ''AWS4-HMAC-SHA25'' (only AWS4-HMAC-SHA256 for now). ', 'another algorithm');
SELECT throws_ok($$SELECT pg_temp.list(scope => '20150830/dynamodb')$$, 'DY021',
  'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got ''AKIDEXAMPLE/20150830/dynamodb''', 'elements are missing');
SELECT throws_ok($$SELECT pg_temp.list(scope => '20150831//s3/aws5')$$, 'DY023',
  'Credential should be scoped to correct service: ''dynamodb''. '
  'Credential should be scoped with a valid terminator: ''aws4_request'', not ''aws5''. '
  'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ''20150831'' != ''20150830'', from ''20150830T123600Z''. ', 'a wrong scope');

-- what is missing
SELECT throws_ok($$SELECT ddb_test.sigv4_check('POST', '/', '{host: h}', '', 's')$$, 'DY020', 'Request is missing Authentication Token', 'no signature');
SELECT throws_ok($$SELECT ddb_test.sigv4_check('POST', '/', '{host: h,Authorization: Bearer x}', '', 's')$$, 'DY020', 'Request is missing Authentication Token', 'another scheme');
SELECT throws_ok($$SELECT ddb_test.sigv4_check('POST', '/', '{host: h,Authorization: AWS4-HMAC-SHA256}', '', 's')$$, 'DY021',
  'Authorization header requires ''Credential'' parameter. Authorization header requires ''Signature'' parameter. Authorization header requires ''SignedHeaders'' parameter. '
  'Authorization header requires existence of either a ''X-Amz-Date'' or a ''Date'' header. (Hashed with SHA-256 and encoded with Base64) Authorization='
  || encode(sha256('AWS4-HMAC-SHA256'), 'base64'), 'nothing but an algorithm');
SELECT throws_ok($$SELECT ddb_test.sigv4_check('POST', '/', ARRAY['Date: x', 'Authorization: AWS4-HMAC-SHA256 Credential=a,Signature='], '', 's')$$, 'DY021',
  'Authorization header requires ''Signature'' parameter. Authorization header requires ''SignedHeaders'' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization='
  || encode(sha256('AWS4-HMAC-SHA256 Credential=a,Signature='), 'base64'), 'some');
SELECT throws_ok($$SELECT ddb_test.sigv4_check('POST', '/', '{Authorization: AWS4-HMAC-SHA256 Credential= a}', '', 's')$$, 'DY021',
  'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '''
  || encode(sha256('AWS4-HMAC-SHA256 Credential= a'), 'base64') || '''.', 'no pair');

-- signatures in the query string
\set presigned '''/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fdynamodb%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-target'''
CREATE FUNCTION pg_temp.query(target text, at text DEFAULT '2015-08-30 12:36:30Z', VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT ddb_test.sigv4_check('POST', target, ARRAY['Host: localhost:8000', 'X-Amz-Target: DynamoDB_20120810.ListTables'] || more, '{}',
                         'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', at => at::timestamptz)
$$;
CREATE TEMP TABLE q AS SELECT :presigned || '&X-Amz-Signature=98a804c8d4a10816343b72e0f24162a91ab88186381119fadb8f643b991979df' AS signed;
SELECT is(pg_temp.query(signed), 'AKIDEXAMPLE', 'presigned') FROM q;
SELECT throws_ok(format('SELECT pg_temp.query(%L)', signed || '&more=1'), 'DY023', NULL, 'another parameter') FROM q;
SELECT throws_ok(format('SELECT pg_temp.query(%L, %L)', signed, '2015-08-30 12:37:01Z'), 'DY023',
  'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T123701Z - 60 sec.)', 'after X-Amz-Expires') FROM q;
SELECT throws_ok(format('SELECT pg_temp.query(%L, %L)', replace(signed, '=60', '=86400'), '2015-08-30 12:52Z'), 'DY023',
  'Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T125200Z - 15 min.)', 'never more than 15 minutes') FROM q;
SELECT throws_ok(format('SELECT pg_temp.query(%L)', replace(signed, '=60', '=6x')), 'DY021', 'X-Amz-Expires should be a number', 'X-Amz-Expires') FROM q;
SELECT throws_ok(format('SELECT pg_temp.query(%L, ''2015-08-30 12:36Z'', VARIADIC %L)', signed, '{Authorization: AWS4-HMAC-SHA256}'), 'DY023',
  'Found both ''X-Amz-Algorithm'' as a query-string param and ''Authorization'' as HTTP header.', 'signed twice') FROM q;
SELECT throws_ok($$SELECT pg_temp.query('/?X-Amz-Algorithm=')$$, 'DY021',
  'AWS query-string parameters must include ''X-Amz-Algorithm''. AWS query-string parameters must include ''X-Amz-Credential''. '
  'AWS query-string parameters must include ''X-Amz-Signature''. AWS query-string parameters must include ''X-Amz-SignedHeaders''. '
  'AWS query-string parameters must include ''X-Amz-Date''. Re-examine the query-string parameters.', 'incomplete');

-- canonical spelling
SELECT is(pg_temp.canonical('/a//b/./c/../d%20e/?b&a=%&=x&a=%00&c=1+2&%41=%c3%9F#f=1'),
          ARRAY['GET', '/a/b/d%2520e/', '=x&A=%C3%9F&a=%25&a=%2500&b=&c=1%2B2', 'host:h', 'a:', '', 'host;a', encode(sha256(''), 'hex')], 'path and query');
SELECT is((pg_temp.canonical(target))[2], path, target)
FROM (VALUES ('/', '/'), ('', '/'), ('/..', '/'), ('/../../a', '/a'), ('/a/../..', '/'), ('*', '/%2A'), ('/a/b/', '/a/b/')) v(target, path);

-- whatever comes, an answer
CREATE FUNCTION pg_temp.garbage() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  whole bytea := convert_to(E'/?X-Amz-Date=20150830T123600Z&a=%41\nHost: h\nX-Amz-Date: 20150830T123600Z\n' || pg_temp.auth('0123', 'host;x-amz-date', 'dynamodb'), 'UTF8');
  presigned bytea := convert_to((SELECT signed FROM q) || E'\nHost: h', 'UTF8');
  b bytea;
  at integer;
  lines text[];
  states text[] := '{}';
BEGIN
  PERFORM setseed(0.4);
  FOR i IN 1 .. 4000 LOOP
    b := CASE WHEN i % 2 = 0 THEN whole ELSE presigned END;
    FOR j IN 0 .. i % 5 LOOP
      at := floor(random() * length(b));
      b := CASE floor(random() * 3)
             WHEN 0 THEN set_byte(b, at, (ARRAY[1, 32, 37, 38, 44, 47, 59, 61, 63, 48, 97, 127])[1 + floor(random() * 12)])
             WHEN 1 THEN substr(b, 1, at) || substr(b, at + 2)
             ELSE substr(b, 1, at) || substr(b, 1 + floor(random() * length(b))::integer) END;
      EXIT WHEN length(b) < 2;
    END LOOP;
    lines := string_to_array(convert_from(b, 'UTF8'), E'\n');
    BEGIN
      PERFORM ddb_test.canonical_request('POST', coalesce(lines[1], ''), lines[2:]);
      PERFORM ddb_test.sigv4_check('POST', coalesce(lines[1], ''), lines[2:], b, 's', at => '2015-08-30 12:36:00Z');
    EXCEPTION WHEN OTHERS THEN
      IF NOT SQLSTATE = ANY (states) THEN states := states || SQLSTATE::text; END IF;
    END;
  END LOOP;
  RETURN (SELECT string_agg(s, ' ' ORDER BY s) FROM unnest(states) s);
END $$;
SELECT is(pg_temp.garbage(), 'DY020 DY021 DY023', 'garbage raises nothing else');

SELECT * FROM finish();
ROLLBACK;
