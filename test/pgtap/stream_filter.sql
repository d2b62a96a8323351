-- Filter patterns of triggers: which records fit, and which patterns are refused.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(104);

CREATE FUNCTION pg_temp.fits(pattern jsonb) RETURNS boolean LANGUAGE sql AS $$
  SELECT ddb_test.filter_matches(pattern, '{
    "eventID": "c4ca4238", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
    "dynamodb": {
      "ApproximateCreationDateTime": 1795264411,
      "Keys": {"pk": {"S": "ORDER#00098"}, "sk": {"S": "LINE#02"}},
      "NewImage": {"pk": {"S": "ORDER#00098"}, "sk": {"S": "LINE#02"}, "album": {"S": "Let There Be Rock"}, "quantity": {"N": "2"},
                   "gift": {"BOOL": true}, "note": {"NULL": true}, "empty": {"S": ""},
                   "tags": {"SS": ["loud", "old"]}, "list": {"L": [{"S": "x"}, {"N": "7"}, {"M": {"deep": {"S": "down"}}}]},
                   "none": {"L": []}, "map": {"M": {"city": {"S": "Köln"}}}, "void": {"M": {}}},
      "OldImage": {"pk": {"S": "ORDER#00098"}, "sk": {"S": "LINE#02"}, "quantity": {"N": "1"}},
      "SequenceNumber": "100000000000274011280000000000", "SizeBytes": 120, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "nothing": null, "yes": true, "ratio": 1.50
  }') $$;

CREATE FUNCTION pg_temp.check(expected boolean, pattern jsonb, what text) RETURNS text LANGUAGE sql AS
$$ SELECT is(pg_temp.fits(pattern), expected, what) $$;

CREATE FUNCTION pg_temp.refused(pattern jsonb, detail text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  state text;
  message text;
  got text;
BEGIN
  PERFORM pg_temp.fits(pattern);
  RETURN fail('refused: ' || pattern::text);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, got = PG_EXCEPTION_DETAIL;
  RETURN is(state || ' ' || message || ': ' || got, '22023 invalid filter pattern: ' || detail, 'refused: ' || pattern::text);
END $$;

-- equal values
SELECT pg_temp.check(true, '{"eventName": ["MODIFY"]}', 'a string');
SELECT pg_temp.check(false, '{"eventName": ["INSERT"]}', 'another string');
SELECT pg_temp.check(false, '{"eventName": ["modify"]}', 'in another case');
SELECT pg_temp.check(true, '{"eventName": ["INSERT", "MODIFY"]}', 'one of two');
SELECT pg_temp.check(true, '{"eventName": ["MODIFY"], "eventVersion": ["1.1"]}', 'both keys fit');
SELECT pg_temp.check(false, '{"eventName": ["MODIFY"], "eventVersion": ["1.0"]}', 'one of two keys does not');
SELECT pg_temp.check(true, '{"dynamodb": {"Keys": {"sk": {"S": ["LINE#02"]}}}}', 'deep down');
SELECT pg_temp.check(false, '{"dynamodb": {"Keys": {"sk": {"N": ["LINE#02"]}}}}', 'a type descriptor that is not there');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [120]}}', 'a number');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [1.2e2]}}', 'a number written otherwise');
SELECT pg_temp.check(true, '{"ratio": [1.5]}', 'a number with another scale');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": ["120"]}}', 'a string is no number');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"quantity": {"N": [2]}}}}', 'N holds a string');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"quantity": {"N": ["2"]}}}}', 'which can be equal');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"gift": {"BOOL": [true]}}}}', 'a boolean');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"gift": {"BOOL": [false]}}}}', 'the other boolean');
SELECT pg_temp.check(true, '{"nothing": [null]}', 'null');
SELECT pg_temp.check(false, '{"absent": [null]}', 'what is absent is not null');
SELECT pg_temp.check(false, '{"eventName": [null]}', 'a string is not null');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"empty": {"S": [""]}}}}', 'the empty string');
SELECT pg_temp.check(false, '{"dynamodb": ["MODIFY"]}', 'an object is no leaf');
SELECT pg_temp.check(false, '{"eventName": {"S": ["MODIFY"]}}', 'a leaf is no object');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"map": {"M": {"city": {"S": ["Köln"]}}}}}}', 'an attribute in a map');

-- arrays of the record
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"tags": {"SS": ["old"]}}}}', 'an element of a set');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"tags": {"SS": ["new"]}}}}', 'no element of a set');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"tags": {"SS": [{"prefix": "lo"}]}}}}', 'a comparison with an element');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"list": {"L": {"S": ["x"]}}}}}', 'an element of a list');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"list": {"L": {"S": ["7"]}}}}}', 'of another type');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"list": {"L": {"M": {"deep": {"S": ["down"]}}}}}}}', 'in a map in a list');

-- prefix, suffix, equals-ignore-case
SELECT pg_temp.check(true, '{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ORDER#"}]}}}}', 'prefix');
SELECT pg_temp.check(false, '{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "order#"}]}}}}', 'another prefix');
SELECT pg_temp.check(false, '{"eventName": [{"prefix": "MODIFYING"}]}', 'a prefix that is longer');
SELECT pg_temp.check(true, '{"eventName": [{"prefix": ""}]}', 'the empty prefix');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"prefix": "1"}]}}', 'prefix of a number');
SELECT pg_temp.check(true, '{"eventName": [{"prefix": "X"}, {"prefix": "MOD"}]}', 'one of two prefixes');
SELECT pg_temp.check(true, '{"dynamodb": {"Keys": {"sk": {"S": [{"suffix": "#02"}]}}}}', 'suffix');
SELECT pg_temp.check(false, '{"dynamodb": {"Keys": {"sk": {"S": [{"suffix": "#03"}]}}}}', 'another suffix');
SELECT pg_temp.check(false, '{"eventName": [{"suffix": "REMODIFY"}]}', 'a suffix that is longer');
SELECT pg_temp.check(false, '{"absent": [{"suffix": ""}]}', 'suffix of nothing');
SELECT pg_temp.check(true, '{"eventName": [{"equals-ignore-case": "modify"}]}', 'equals-ignore-case');
SELECT pg_temp.check(false, '{"eventName": [{"equals-ignore-case": "modif"}]}', 'equals-ignore-case, not equal');

-- anything-but
SELECT pg_temp.check(true, '{"eventName": [{"anything-but": "REMOVE"}]}', 'anything-but');
SELECT pg_temp.check(false, '{"eventName": [{"anything-but": "MODIFY"}]}', 'anything-but just that');
SELECT pg_temp.check(true, '{"eventName": [{"anything-but": ["REMOVE", "INSERT"]}]}', 'anything-but a list');
SELECT pg_temp.check(false, '{"eventName": [{"anything-but": ["REMOVE", "MODIFY"]}]}', 'anything-but a list that has it');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"anything-but": [1, 2]}]}}', 'anything-but numbers');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"anything-but": 120.0}]}}', 'anything-but this number');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"anything-but": "120"}]}}', 'a number is anything but a string');
SELECT pg_temp.check(false, '{"eventName": [{"anything-but": {"prefix": "MOD"}}]}', 'anything-but a prefix');
SELECT pg_temp.check(true, '{"eventName": [{"anything-but": {"prefix": "REM"}}]}', 'anything-but another prefix');
SELECT pg_temp.check(false, '{"eventName": [{"anything-but": {"suffix": "FY"}}]}', 'anything-but a suffix');
SELECT pg_temp.check(false, '{"absent": [{"anything-but": "x"}]}', 'anything-but needs a value');
SELECT pg_temp.check(false, '{"dynamodb": [{"anything-but": "x"}]}', 'that is a leaf');

-- numeric
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": ["=", 120]}]}}', 'numeric =');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"numeric": ["=", 121]}]}}', 'numeric =, not equal');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": [">", 119.5]}]}}', 'numeric >');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"numeric": [">", 120]}]}}', 'numeric >, equal');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": [">=", 120]}]}}', 'numeric >=');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": ["<", 121]}]}}', 'numeric <');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"numeric": ["<", 120]}]}}', 'numeric <, equal');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": ["<=", 120]}]}}', 'numeric <=');
SELECT pg_temp.check(true, '{"dynamodb": {"SizeBytes": [{"numeric": [">", 0, "<=", 120]}]}}', 'a range');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"numeric": [">", 0, "<", 120]}]}}', 'outside of a range, above');
SELECT pg_temp.check(false, '{"dynamodb": {"SizeBytes": [{"numeric": [">=", 121, "<", 200]}]}}', 'outside of a range, below');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"quantity": {"N": [{"numeric": [">", 0]}]}}}}', 'numeric does not work on N, a string');

-- exists
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"album": {"S": [{"exists": true}]}}}}', 'exists');
SELECT pg_temp.check(false, '{"dynamodb": {"OldImage": {"album": {"S": [{"exists": true}]}}}}', 'exists, absent');
SELECT pg_temp.check(true, '{"dynamodb": {"OldImage": {"album": {"S": [{"exists": false}]}}}}', 'does not exist');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"album": {"S": [{"exists": false}]}}}}', 'does not exist, present');
SELECT pg_temp.check(true, '{"other": {"OldImage": {"album": {"S": [{"exists": false}]}}}}', 'does not exist, nor what it would be in');
SELECT pg_temp.check(false, '{"other": {"x": [{"exists": false}], "y": ["z"]}}', 'beside a key that has to');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": [{"exists": true}]}}', 'exists works on leaves alone');
SELECT pg_temp.check(false, '{"dynamodb": {"NewImage": {"album": [{"exists": true}]}}}', 'an attribute is no leaf, its value is');
SELECT pg_temp.check(true, '{"nothing": [{"exists": true}]}', 'null exists');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"none": {"L": [{"exists": false}]}}}}', 'an empty list has no leaf');
SELECT pg_temp.check(true, '{"dynamodb": {"NewImage": {"tags": {"SS": [{"exists": true}]}}}}', 'a set has');
SELECT pg_temp.check(true, '{"absent": [{"exists": false}, "x"]}', 'absent or x');

-- $or and Filters
SELECT pg_temp.check(true, '{"$or": [{"eventName": ["INSERT"]}, {"eventVersion": ["1.1"]}]}', '$or');
SELECT pg_temp.check(false, '{"$or": [{"eventName": ["INSERT"]}, {"eventVersion": ["1.0"]}]}', '$or, none');
SELECT pg_temp.check(false, '{"$or": [{"eventName": ["INSERT"]}, {"eventVersion": ["1.1"]}], "eventID": ["x"]}', '$or and another key');
SELECT pg_temp.check(true, '{"dynamodb": {"$or": [{"SizeBytes": [1]}, {"Keys": {"pk": {"S": [{"prefix": "ORDER"}]}}}]}}', '$or inside');
SELECT pg_temp.check(true, '{"none": {"$or": [{"a": ["b"]}, {"c": [{"exists": false}]}]}}', '$or in what is absent');
SELECT pg_temp.check(true, '{"Filters": [{"Pattern": {"eventName": ["INSERT"]}}, {"Pattern": {"eventName": ["MODIFY"]}}]}', 'two filters');
SELECT pg_temp.check(false, '{"Filters": [{"Pattern": {"eventName": ["INSERT"]}}, {"Pattern": {"eventName": ["REMOVE"]}}]}', 'two filters, none');
SELECT pg_temp.check(true, '{"Filters": [{"Pattern": "{ \"eventName\": [ \"MODIFY\" ] }"}]}', 'a pattern as a string');
SELECT is(ddb_test.filter_matches('{"a": ["b"]}', '[1]'), false, 'a record that is no object');

-- refused
SELECT pg_temp.refused('[]', 'A pattern is an object.');
SELECT pg_temp.refused('{}', 'A pattern is empty.');
SELECT pg_temp.refused('{"dynamodb": {}}', 'A pattern is empty.');
SELECT pg_temp.refused('{"eventName": "INSERT"}', 'The values of "eventName" must stand in an array.');
SELECT pg_temp.refused('{"eventName": []}', 'The array of "eventName" is empty: nothing fits.');
SELECT pg_temp.refused('{"eventName": [["INSERT"]]}', 'An array stands in the array of "eventName".');
SELECT pg_temp.refused('{"eventName": [{"wildcard": "I*"}]}', 'There is no comparison "wildcard".');
SELECT pg_temp.refused('{"eventName": [{"prefix": "I", "suffix": "T"}]}', 'A comparison is an object with one key, such as {"prefix": "a"}.');
SELECT pg_temp.refused('{"eventName": [{"prefix": 1}]}', '"prefix" takes a string.');
SELECT pg_temp.refused('{"eventName": [{"exists": "no"}]}', '"exists" takes true or false.');
SELECT pg_temp.refused('{"a": [{"numeric": [">", 5, "<", 5]}]}', 'In "numeric", the lower bound must be below the upper one.');
SELECT pg_temp.refused('{"a": [{"numeric": ["<", 5, ">", 1]}]}', '"numeric" takes an array such as ["=", 1], [">", 0] or [">=", 0, "<", 10].');
SELECT pg_temp.refused('{"a": [{"numeric": [">", "5"]}]}', '"numeric" takes an array such as ["=", 1], [">", 0] or [">=", 0, "<", 10].');
SELECT pg_temp.refused('{"a": [{"anything-but": [true]}]}', '"anything-but" takes a string, a number, an array of them, {"prefix": string} or {"suffix": string}.');
SELECT pg_temp.refused('{"a": [{"anything-but": {"numeric": [">", 1]}}]}', '"anything-but" takes a string, a number, an array of them, {"prefix": string} or {"suffix": string}.');
SELECT pg_temp.refused('{"$or": {"a": ["b"]}}', '"$or" takes an array of patterns.');
SELECT pg_temp.refused('{"Filters": []}', '"Filters" stands alone and is an array of {"Pattern": ...}.');
SELECT pg_temp.refused('{"Filters": [{"pattern": {"a": ["b"]}}]}', 'Each element of "Filters" is an object with the key "Pattern".');

SELECT * FROM finish();
ROLLBACK;
