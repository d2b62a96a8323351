--
-- Numbers: canonical form, limits, size, order, arithmetic.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\set VERBOSITY terse

-- what a number is stored as, or the message it is refused with
CREATE FUNCTION pg_temp.canon(n text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_item(jsonb_build_object('n', jsonb_build_object('N', n))) #>> '{n,N}';
EXCEPTION WHEN SQLSTATE 'DY001' OR SQLSTATE 'DY011' THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- what it counts for, the attribute's one-byte name taken off
CREATE FUNCTION pg_temp.size(n text) RETURNS int LANGUAGE sql AS $$
  SELECT ddb_item_size(jsonb_build_object('n', jsonb_build_object('N', n))) - 1;
$$;

-- canonical form
SELECT n, pg_temp.canon(n), pg_temp.size(n)
FROM unnest('{0,-0,+0,0.0,00,.0,0.,0e5,0e125,0.00e125,0e-130,-0.00,1,-1,+1,01,007,1.0,1.50,1.05,-1.50,1.,.5,-.5,0.5,00.50,
  1e2,1E2,1e+2,1e-2,1.5e1,1.5e-1,12.34e1,12.34e2,12.34e3,100,100.00,1000,1200,120,12,123,1234,12345,
  0.1,0.12,0.123,0.01,0.001,0.0012,10.01,1.01,1000.5,-100,-0.001,-12.3}'::text[]) AS n;

-- what is no number
SELECT n, pg_temp.canon(n)
FROM unnest(ARRAY['', 'abc', '-', '+', '.', '-.', 'e5', '.e5', '1e', '1e+', '1e1.5', '1.2.3', '--1', '+-1', ' 1', '1 ', '1,5',
  '0x10', 'NaN', 'Infinity', '-Infinity', '1_000', '1e5x', '١', '1d', '1f']) AS n;

-- magnitude: one below, at and above each limit
SELECT label, n = pg_temp.canon(n) AS stored_as_is, left(pg_temp.canon(n), 45) AS canonical, length(pg_temp.canon(n))
FROM (VALUES
  ('largest', repeat('9', 38) || repeat('0', 88)),
  ('-largest', '-' || repeat('9', 38) || repeat('0', 88)),
  ('1E125', '1' || repeat('0', 125)),
  ('1E126', '1' || repeat('0', 126)),
  ('smallest', '0.' || repeat('0', 129) || '1'),
  ('-smallest', '-0.' || repeat('0', 129) || '1'),
  ('1E-131', '0.' || repeat('0', 130) || '1'),
  ('38 digits at the bottom', '-0.' || repeat('0', 129) || repeat('7', 38))) AS v (label, n);
SELECT n, left(pg_temp.canon(n), 90) AS canonical, length(pg_temp.canon(n))
FROM unnest('{1e124,1e125,1e126,-1e125,-1e126,9.9999999999999999999999999999999999999E+125,
  9.99999999999999999999999999999999999999E+125,99e124,99e125,0.1e126,0.1e127,
  1e-129,1e-130,1e-131,-1e-130,-1e-131,9.9e-131,10e-131,0.1e-129,0.1e-130,
  1e99999999999999999999,1e-99999999999999999999,1e9223372036854775807,1e9223372036854775808,1e-9223372036854775808,1e-9223372036854775809,1e2147483648,1e-2147483649,
  0e126,-0e126,0.00e126,0e-131,0e999999999999,123456789012345678901234567890123456789e200}'::text[]) AS n;

-- a mantissa of many zeros that its exponent takes back
SELECT pg_temp.canon('1' || repeat('0', 1000) || 'e-1000'), pg_temp.canon('0.' || repeat('0', 999) || '1e1000'),
  pg_temp.canon(repeat('0', 1000) || '7.5' || repeat('0', 1000));

-- precision: 37, 38, 39 digits; zeros at either end don't count
SELECT length(n) AS characters, pg_temp.canon(n) AS canonical, pg_temp.canon('-' || n) = '-' || n AS negative_too
FROM (VALUES (repeat('1', 37)), (repeat('1', 38)), (repeat('1', 39)), (repeat('1', 20) || '.' || repeat('1', 18)),
  (repeat('1', 20) || '.' || repeat('1', 19)), ('0.' || repeat('1', 38)), ('0.' || repeat('1', 39)),
  ('0.000' || repeat('1', 38)), (repeat('1', 38) || '000'), ('1' || repeat('0', 37) || '1'),
  ('1' || repeat('0', 36) || '1')) AS v (n);
SELECT pg_temp.canon(repeat('1', 38) || '.000'), pg_temp.canon('000' || repeat('1', 38)),
  pg_temp.canon('1.' || repeat('0', 37) || '10'), pg_temp.canon('1.' || repeat('0', 36) || '10');

-- sizes of the longest
SELECT pg_temp.size(repeat('9', 38)), pg_temp.size('-' || repeat('9', 38)), pg_temp.size('-' || repeat('9', 19) || '.' || repeat('9', 19)),
  pg_temp.size('1e125'), pg_temp.size('1e-130'), pg_temp.size('-1e-130');

-- order agrees with numeric's, both ways round
WITH n (n) AS (
  SELECT unnest('{0,1,-1,2,10,9,99,100,101,0.1,0.01,0.09,0.1001,1.1,1.01,1.10,1.9,-0.1,-0.01,-10,-9,-9.5,
    1e125,-1e125,1e-130,-1e-130,123456789012345678,1234567890123456789,-1234567890123456789,
    12345678901234567890123456789012345678,0.12345678901234567890123456789012345678}'::text[]))
SELECT count(*),
  count(*) FILTER (WHERE ddb_test.value_compare(jsonb_build_object('N', a.n), jsonb_build_object('N', b.n))
    <> sign(a.n::numeric - b.n::numeric)) AS wrong
FROM n a, n b;

-- random numbers: order, equality, sums and the way through numeric agree with numeric
SELECT setseed(0.25);
CREATE TEMP TABLE pairs AS
SELECT jsonb_build_object('N', a::text) AS ja, jsonb_build_object('N', b::text) AS jb, a, b
FROM (SELECT round((random() * 2000 - 1000)::numeric, (random() * 6)::int) * 10::numeric ^ (random() * 6 - 3)::int::numeric AS a,
             round((random() * 2000 - 1000)::numeric, (random() * 6)::int) AS b
      FROM generate_series(1, 2000)) AS r;
SELECT count(*),
  count(*) FILTER (WHERE ddb_test.value_compare(ja, jb) <> sign(a - b)) AS wrong_order,
  count(*) FILTER (WHERE ddb_test.value_equal(ja, jb) <> (a = b)) AS wrong_equality,
  count(*) FILTER (WHERE (ddb_test.number_add(ja, jb) ->> 'N') <> trim_scale(a + b)::text) AS wrong_sum,
  count(*) FILTER (WHERE (ddb_test.number_add(ja, jb, true) ->> 'N') <> trim_scale(a - b)::text) AS wrong_difference,
  count(*) FILTER (WHERE (ddb_test.key_roundtrip(ja) ->> 'N') <> trim_scale(a)::text) AS wrong_round_trip
FROM pairs;

-- arithmetic: exact, canonical, within the limits
CREATE FUNCTION pg_temp.add(a text, b text, subtract boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN ddb_test.number_add(jsonb_build_object('N', a), jsonb_build_object('N', b), subtract) ->> 'N';
EXCEPTION WHEN SQLSTATE 'DY001' THEN
  RETURN SQLERRM;
END $$;
SELECT pg_temp.add('1', '2'), pg_temp.add('0.1', '0.2'), pg_temp.add('1', '1', true), pg_temp.add('0.5', '0.5'),
  pg_temp.add('-1', '1'), pg_temp.add('0.10', '0.05', true);
SELECT pg_temp.add('999999999999999999', '999999999999999999'), pg_temp.add('-999999999999999999', '999999999999999999', true),
  pg_temp.add('9999999999999999999', '1'), pg_temp.add('1e20', '1', true);
SELECT pg_temp.add(repeat('9', 38), '1') AS carry, pg_temp.add(repeat('9', 37) || '8', '1') AS fits,
  pg_temp.add('1' || repeat('0', 37) || '0', '1') AS "39 digits";
SELECT pg_temp.add('9.9999999999999999999999999999999999999E125', '1E88') AS overflow;
SELECT pg_temp.add('-9.9999999999999999999999999999999999999E125', '1E88', true) AS overflow;
SELECT pg_temp.add('1E-130', '1.1E-130', true) AS underflow, pg_temp.add('1E-130', '1E-130', true) AS zero,
  pg_temp.add('1E125', '1E-130') AS "256 digits";

-- numbers keep their value through a key column
SELECT n, ddb_test.key_roundtrip(jsonb_build_object('N', n)) ->> 'N' = pg_temp.canon(n) AS same
FROM unnest('{0,-1,1,999999999999999999,-999999999999999999,1000000000000000000,0.5,-0.001,1e125,-1e125,1e-130,1e2,
  12345678901234567890123456789012345678}'::text[]) AS n;
