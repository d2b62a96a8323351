-- Key conditions: their terms, and what the language of conditions has more.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ddb_test CASCADE;
\pset null '(null)'
\t on
\pset format unaligned

-- Passes of these values just those that the expression mentions.
CREATE FUNCTION pg_temp.k(VARIADIC expressions text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  e text;
  v jsonb := '{":p": {"S": "p"}, ":n": {"N": "5.0"}, ":m": {"N": "7"}, ":b": {"B": "AQ=="}, ":l": {"L": []}, ":t": {"BOOL": true}, ":s": {"SS": ["a"]}}';
BEGIN
  FOREACH e IN ARRAY expressions LOOP
    BEGIN
      RETURN NEXT e || '  ->  ' || ddb_test.key_condition(e, NULL, (SELECT jsonb_object_agg(key, value) FROM jsonb_each(v)
        WHERE key IN (SELECT m[1] FROM regexp_matches(e, ':\w+', 'g') m)));
    EXCEPTION WHEN OTHERS THEN
      RETURN NEXT e || '  ->  ' || SQLSTATE || ' ' || SQLERRM;
    END;
  END LOOP;
END $$;

-- the operators
SELECT pg_temp.k('pk = :p', 'pk = :p AND sk = :n', 'pk = :p AND sk < :n', 'pk = :p AND sk <= :n', 'pk = :p AND sk > :n', 'pk = :p AND sk >= :n',
  'pk = :p AND sk BETWEEN :n AND :m', 'pk = :p AND begins_with(sk, :p)', 'pk = :p and begins_with (sk, :b)', 'sk > :n AND pk = :p');
-- the value may stand first
SELECT pg_temp.k(':p = pk', ':p = pk AND :n < sk', ':p = pk AND :n <= sk', ':p = pk AND :n > sk', ':p = pk AND :n >= sk');
-- parentheses
SELECT pg_temp.k('(pk = :p)', '(pk = :p) AND (sk = :n)', '(pk = :p AND sk = :n)', '(pk) = (:p) AND (begins_with(sk, :p))', '((pk = :p))', '((pk = :p) AND (sk = :n))');
-- how many there may be, the index says
SELECT pg_temp.k('a = :p AND b = :p AND c = :p AND d = :p AND e = :n AND f = :n AND g = :n AND h > :n',
  'a = :p AND b = :p AND c = :p AND d = :p AND e = :n AND f = :n AND g = :n AND h > :n AND i = :n');
SELECT ddb_test.key_condition('#p = :p AND #s BETWEEN :a AND :b', '{"#p": "part", "#s": "sort.key"}', '{":p": {"S": "x"}, ":a": {"N": "1"}, ":b": {"N": "2"}}');
-- operators that key conditions lack
SELECT pg_temp.k('pk = :p OR sk = :n', 'NOT pk = :p', 'pk <> :p', 'pk IN (:p)', 'attribute_exists(pk)', 'attribute_not_exists(pk)', 'contains(pk, :p)', 'attribute_type(pk, :p)',
  'pk = :p AND (sk = :n OR sk = :m)', 'pk = :p AND NOT sk = :n', 'pk = :p AND contains(sk, :p)');
-- one attribute a term, whole, and first in functions
SELECT pg_temp.k('pk = sk', ':p = :n', 'pk.x = :p', 'pk[1] = :p', 'size(pk) = :n', ':n = size(pk)', 'begins_with(:p, pk)', 'begins_with(pk, sk)', 'begins_with(pk, size(sk))',
  ':n BETWEEN pk AND :m', 'pk BETWEEN sk AND :m', 'pk = :p AND sk > :n AND sk < :m', 'pk = :p AND pk = :n', ':n BETWEEN :n AND :m');
-- the checks of all conditions
SELECT pg_temp.k('', 'pk', 'pk =', 'pk = p', 'pk = :p AND', 'pk = :p sk = :n', 'pk == :p', 'pk = :p, sk = :n', 'name = :p', 'pk = pk', 'begins_with(pk, :n)', 'begins_with(pk)', 'foo(pk)',
  'pk = :p AND sk < :l', 'pk = :p AND sk > :t', 'pk = :p AND sk BETWEEN :m AND :n', 'pk = :p AND sk BETWEEN :n AND :p', 'pk = :x', '#p = :p', 'pk = :p AND begins_with(sk, G_M#)',
  'if_not_exists(pk, :p) = :p');
