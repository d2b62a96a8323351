-- PutItem, GetItem, UpdateItem, DeleteItem: parameters, ReturnValues, missing
-- items, conditions.
\set ON_ERROR_STOP on
\set ECHO none
\pset tuples_only on
\pset format unaligned

BEGIN;
SELECT plan(109);

SELECT ddb_create_table('Items', 'pk S', 'sk N') \g /dev/null
SELECT ddb_create_table('Simple', 'id S') \g /dev/null

CREATE FUNCTION pg_temp.item(pk text, sk numeric, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('N', sk::text)) || rest
$$;
CREATE FUNCTION pg_temp.there(pk text, sk numeric) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT ddb_get('Items', pg_temp.item(pk, sk))
$$;

-- put and get
SELECT is(ddb_put('Items', pg_temp.item('a', 1, '{"v": {"S": "one"}}')), NULL, 'put of a new item returns nothing');
SELECT is(pg_temp.there('a', 1), pg_temp.item('a', 1, '{"v": {"S": "one"}}'), 'and the item is there');
SELECT is(pg_temp.there('a', 2), NULL, 'get of a missing item');
SELECT is(ddb_put('Items', pg_temp.item('a', 1, '{"w": {"S": "two"}}')), NULL, 'overwrite returns nothing');
SELECT is(pg_temp.there('a', 1), pg_temp.item('a', 1, '{"w": {"S": "two"}}'), 'and replaces the item as a whole');
SELECT is(ddb_put('Items', pg_temp.item('a', 1), return_values => 'NONE'), NULL, 'put NONE');
SELECT is(ddb_put('Items', pg_temp.item('a', 1, '{"x": {"BOOL": true}}'), return_values => 'ALL_OLD'),
          pg_temp.item('a', 1), 'put ALL_OLD gives the item replaced');
SELECT is(ddb_put('Items', pg_temp.item('a', 2), return_values => 'ALL_OLD'), NULL, 'put ALL_OLD of a new item gives nothing');
SELECT is(ddb_put('Items', pg_temp.item('a', 1, '{"x": {"BOOL": true}}'), return_values => 'ALL_OLD'),
          pg_temp.item('a', 1, '{"x": {"BOOL": true}}'), 'an identical overwrite');
SELECT throws_ok(format('SELECT ddb_put(''Items'', %L, return_values => %L)', pg_temp.item('a', 1), v), 'DY001',
                 '1 validation error detected: ReturnValues can only be ALL_OLD or NONE', 'put refuses ' || v)
FROM unnest('{ALL_NEW,UPDATED_OLD,UPDATED_NEW}'::text[]) v;
SELECT throws_like(format('SELECT ddb_put(''Items'', %L, return_values => ''some'')', pg_temp.item('a', 1)),
                   '1 validation error detected: Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]',
                   'ReturnValues that do not exist');

-- projections of get
SELECT ddb_put('Items', pg_temp.item('p', 1,
  '{"m": {"M": {"a": {"N": "1"}, "b": {"L": [{"S": "x"}, {"S": "y"}, {"S": "z"}]}}}, "name": {"S": "n"}}')) \g /dev/null
SELECT is(ddb_get('Items', pg_temp.item('p', 1), 'm.a, sk'), '{"sk": {"N": "1"}, "m": {"M": {"a": {"N": "1"}}}}', 'get with a projection');
SELECT is(ddb_get('Items', pg_temp.item('p', 1), 'm.b[2], m.b[0]'), '{"m": {"M": {"b": {"L": [{"S": "x"}, {"S": "z"}]}}}}',
          'elements come in the order of the list');
SELECT is(ddb_get('Items', pg_temp.item('p', 1), '#n', '{"#n": "name"}'), '{"name": {"S": "n"}}', 'get with a placeholder');
SELECT is(ddb_get('Items', pg_temp.item('p', 1), 'nothing, m.c, m.b[7]'), '{}', 'get of attributes that are not there');
SELECT is(ddb_get('Items', pg_temp.item('p', 2), 'sk'), NULL, 'projection of a missing item');
SELECT throws_ok($$SELECT ddb_get('Items', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'name')$$, 'DY001',
  'Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name', 'reserved word');
SELECT throws_ok($$SELECT ddb_get('Items', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', names => '{"#n": "name"}')$$, 'DY001',
  'ExpressionAttributeNames can only be specified when using expressions', 'names without an expression');
SELECT throws_ok($$SELECT ddb_get('Items', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'm', '{"#n": "name"}')$$, 'DY001',
  'Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}', 'unused names');
SELECT throws_like($$SELECT ddb_get('Items', '{"pk": {"S": "p"}, "sk": {"N": "1"}}', 'm, m.a')$$,
  'Invalid ProjectionExpression: Two document paths overlap with each other;%', 'overlapping paths');

-- conditions of put
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "a"}, "sk": {"N": "1"}}', 'attribute_not_exists(pk)')$$,
  'DY002', 'The conditional request failed', 'put if new: the item exists');
SELECT is(pg_temp.there('a', 1), pg_temp.item('a', 1, '{"x": {"BOOL": true}}'), 'and stays');
SELECT lives_ok($$SELECT ddb_put('Items', '{"pk": {"S": "a"}, "sk": {"N": "3"}}', 'attribute_not_exists(pk)')$$, 'put if new: it is');
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "a"}, "sk": {"N": "4"}}', 'attribute_exists(pk)')$$,
  'DY002', 'The conditional request failed', 'put if there: it is not');
SELECT is(pg_temp.there('a', 4), NULL, 'and was not made');
SELECT lives_ok($$SELECT ddb_put('Items', '{"pk": {"S": "a"}, "sk": {"N": "1"}, "y": {"N": "5"}}', '#x = :t', '{"#x": "x"}', '{":t": {"BOOL": true}}')$$,
  'condition with names and values');
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "a"}, "sk": {"N": "1"}}', 'y < :y', "values" => '{":y": {"N": "5"}}')$$,
  'DY002', 'The conditional request failed', 'the condition looks at the old item');
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "new"}, "sk": {"N": "1"}, "y": {"N": "1"}}', 'y = :y', "values" => '{":y": {"N": "1"}}')$$,
  'DY002', 'The conditional request failed', 'not at the new one');
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "new"}, "sk": {"N": "1"}}', 'y <> :y', "values" => '{":y": {"N": "1"}, ":z": {"N": "1"}}')$$,
  'DY001', '1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:z}', 'unused values');
SELECT lives_ok($$SELECT ddb_put('Items', '{"pk": {"S": "new"}, "sk": {"N": "1"}}', 'y <> :y', "values" => '{":y": {"N": "1"}}')$$,
  'an absent attribute differs from every value');
SELECT throws_ok($$SELECT ddb_put('Items', '{"pk": {"S": "new"}, "sk": {"N": "1"}}', "values" => '{":y": {"N": "1"}}')$$,
  'DY001', '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions', 'values without an expression');

-- update: the five ReturnValues
CREATE FUNCTION pg_temp.reset() RETURNS void LANGUAGE sql AS $$
  SELECT ddb_put('Items', pg_temp.item('u', 1, '{"n": {"N": "1"}, "s": {"S": "old"}, "m": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, "l": {"L": [{"S": "0"}, {"S": "1"}]}}'))
$$;
CREATE FUNCTION pg_temp.upd(how text, wanted text, vals jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.reset();
  RETURN ddb_update('Items', pg_temp.item('u', 1), how, "values" => vals, return_values => wanted);
END $$;
SELECT is(pg_temp.upd('SET n = :v', NULL, '{":v": {"N": "2"}}'), NULL, 'update returns nothing by default');
SELECT is(pg_temp.there('u', 1)->'n', '{"N": "2"}', 'and changes the item');
SELECT is(pg_temp.upd('SET n = :v', 'NONE', '{":v": {"N": "2"}}'), NULL, 'update NONE');
SELECT is(pg_temp.upd('SET n = :v', 'ALL_OLD', '{":v": {"N": "2"}}')->'n', '{"N": "1"}', 'ALL_OLD');
SELECT is(pg_temp.upd('SET n = :v', 'ALL_NEW', '{":v": {"N": "2"}}'),
  pg_temp.item('u', 1, '{"n": {"N": "2"}, "s": {"S": "old"}, "m": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, "l": {"L": [{"S": "0"}, {"S": "1"}]}}'), 'ALL_NEW');
SELECT is(pg_temp.upd('SET n = :v, x = :v', 'UPDATED_OLD', '{":v": {"N": "2"}}'), '{"n": {"N": "1"}}', 'UPDATED_OLD');
SELECT is(pg_temp.upd('SET n = :v, x = :v', 'UPDATED_NEW', '{":v": {"N": "2"}}'), '{"n": {"N": "2"}, "x": {"N": "2"}}', 'UPDATED_NEW');
SELECT is(pg_temp.upd('SET m.a = :v', 'UPDATED_NEW', '{":v": {"N": "9"}}'), '{"m": {"M": {"a": {"N": "9"}}}}', 'UPDATED_NEW of a path');
SELECT is(pg_temp.upd('SET m.a = :v', 'UPDATED_OLD', '{":v": {"N": "9"}}'), '{"m": {"M": {"a": {"N": "1"}}}}', 'UPDATED_OLD of a path');
SELECT is(pg_temp.upd('REMOVE s', 'UPDATED_NEW'), NULL, 'UPDATED_NEW of a removal');
SELECT is(pg_temp.upd('REMOVE s', 'UPDATED_OLD'), '{"s": {"S": "old"}}', 'UPDATED_OLD of a removal');
SELECT is(pg_temp.upd('REMOVE nothing', 'ALL_NEW') ? 'nothing', false, 'removing what is not there');
SELECT is(pg_temp.upd('SET n = n + :one, s = if_not_exists(t, :s) REMOVE m.b, l[0] ADD c :one, ns :ns', 'ALL_NEW',
                      '{":one": {"N": "1"}, ":s": {"S": "def"}, ":ns": {"NS": ["1", "2"]}}'),
  pg_temp.item('u', 1, '{"n": {"N": "2"}, "s": {"S": "def"}, "m": {"M": {"a": {"N": "1"}}}, "l": {"L": [{"S": "1"}]}, "c": {"N": "1"}, "ns": {"NS": ["1", "2"]}}'),
  'all at once, on the item as it was');
SELECT is(ddb_update('Items', pg_temp.item('u', 1), 'DELETE ns :ns', "values" => '{":ns": {"NS": ["1.0"]}}', return_values => 'UPDATED_NEW'),
  '{"ns": {"NS": ["2"]}}', 'DELETE from a set');
SELECT is(ddb_update('Items', pg_temp.item('u', 1), 'DELETE ns :ns', "values" => '{":ns": {"NS": ["2"]}}', return_values => 'ALL_NEW') ? 'ns', false,
  'a set without members goes');
SELECT is(pg_temp.upd('SET n = s, s = n', 'UPDATED_NEW'), '{"n": {"S": "old"}, "s": {"N": "1"}}', 'operands are the old values');
SELECT is(pg_temp.upd('SET l = list_append(l, :l)', 'UPDATED_NEW', '{":l": {"L": [{"S": "2"}]}}'), '{"l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}', 'list_append');

-- update of a missing item makes it
SELECT is(ddb_update('Items', pg_temp.item('new', 7), 'SET v = :v', "values" => '{":v": {"S": "x"}}', return_values => 'ALL_OLD'), NULL, 'ALL_OLD of a new item');
SELECT is(pg_temp.there('new', 7), pg_temp.item('new', 7, '{"v": {"S": "x"}}'), 'update makes an item');
SELECT is(ddb_update('Items', pg_temp.item('new', 8), 'SET v = :v', "values" => '{":v": {"S": "x"}}', return_values => 'UPDATED_OLD'), NULL, 'UPDATED_OLD of a new item');
SELECT is(ddb_update('Items', pg_temp.item('new', 9), 'ADD v :v', "values" => '{":v": {"N": "5"}}', return_values => 'UPDATED_NEW'), '{"v": {"N": "5"}}', 'ADD to a new item');
SELECT is(ddb_update('Items', pg_temp.item('new', 10), 'SET v = :v', "values" => '{":v": {"S": "x"}}', return_values => 'ALL_NEW'),
  pg_temp.item('new', 10, '{"v": {"S": "x"}}'), 'ALL_NEW of a new item');
SELECT is(ddb_update('Items', pg_temp.item('new', 11)), NULL, 'update without expression');
SELECT is(pg_temp.there('new', 11), pg_temp.item('new', 11), 'makes an item of its key alone');
SELECT is(ddb_update('Items', pg_temp.item('new', 12), 'REMOVE a', return_values => 'ALL_NEW'), NULL, 'REMOVE alone makes none');
SELECT is(pg_temp.there('new', 12), NULL, 'indeed none');
SELECT is(ddb_update('Items', pg_temp.item('new', 12), 'REMOVE a DELETE b :b', "values" => '{":b": {"SS": ["x"]}}', return_values => 'UPDATED_NEW'), NULL, 'nor with DELETE');
SELECT is(pg_temp.there('new', 12), NULL, 'none again');
SELECT is(ddb_request('UpdateItem', jsonb_build_object('TableName', 'Items', 'Key', pg_temp.item('new', 12), 'ReturnValues', 'ALL_NEW', 'AttributeUpdates', '{"a": {"Action": "DELETE"}, "b": {"Action": "DELETE", "Value": {"NS": ["1"]}}}'::jsonb)), '{}', 'nor by AttributeUpdates');
SELECT is(ddb_request('TransactWriteItems', jsonb_build_object('TransactItems', jsonb_build_array(jsonb_build_object('Update', jsonb_build_object('TableName', 'Items', 'Key', pg_temp.item('new', 12), 'UpdateExpression', 'REMOVE a'))))), '{}', 'nor in a transaction');
SELECT is(pg_temp.there('new', 12), NULL, 'none at all');
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "new"}, "sk": {"N": "12"}}', 'REMOVE a.b')$$, 'DY001',
  'The document path provided in the update expression is invalid for update', 'a path to nowhere is one still');
SELECT is(ddb_update('Items', pg_temp.item('new', 12), 'REMOVE a ADD n :n', "values" => '{":n": {"N": "1"}}', return_values => 'ALL_NEW'), pg_temp.item('new', 12) || '{"n": {"N": "1"}}', 'ADD makes one');
SELECT ddb_delete('Items', pg_temp.item('new', 12)) \g /dev/null
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "new"}, "sk": {"N": "13"}}', 'SET v = w')$$, 'DY001',
  'The provided expression refers to an attribute that does not exist in the item', 'an operand that does not exist');
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "new"}, "sk": {"N": "13"}}', 'SET a.b = :v', "values" => '{":v": {"N": "1"}}')$$, 'DY001',
  'The document path provided in the update expression is invalid for update', 'a path into nothing');
SELECT is(pg_temp.there('new', 13), NULL, 'a failed update makes nothing');

-- conditions of update
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "new"}, "sk": {"N": "14"}}', 'SET v = :v', 'attribute_exists(pk)', "values" => '{":v": {"N": "1"}}')$$,
  'DY002', 'The conditional request failed', 'update if there: it is not');
SELECT is(pg_temp.there('new', 14), NULL, 'and is not made');
SELECT pg_temp.reset() \g /dev/null
SELECT is(ddb_update('Items', pg_temp.item('u', 1), 'SET n = :new', 'n = :old', "values" => '{":new": {"N": "10"}, ":old": {"N": "1.00"}}', return_values => 'UPDATED_NEW'),
  '{"n": {"N": "10"}}', 'compare and set');
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "u"}, "sk": {"N": "1"}}', 'SET n = :new', 'n = :old', "values" => '{":new": {"N": "11"}, ":old": {"N": "1"}}')$$,
  'DY002', 'The conditional request failed', 'compare and set fails the second time');
SELECT is(ddb_update('Items', pg_temp.item('u', 1), condition => 'n = :old', "values" => '{":old": {"N": "10"}}', return_values => 'ALL_NEW')->'n', '{"N": "10"}',
  'a condition without an update');
SELECT throws_ok($$SELECT ddb_update('Items', '{"pk": {"S": "u"}, "sk": {"N": "1"}}', "values" => '{":n": {"N": "1"}}')$$, 'DY001',
  '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions', 'values without any expression');

-- keys can't be updated
SELECT throws_ok(format('SELECT ddb_update(''Items'', %L, %L, "values" => %L)', pg_temp.item('u', 1), u, v), 'DY001',
  'One or more parameter values were invalid: Cannot update attribute ' || a || '. This attribute is part of the key', u)
FROM (VALUES ('SET pk = :v', 'pk', '{":v": {"S": "u"}}'), ('SET sk = :v', 'sk', '{":v": {"N": "1"}}'), ('REMOVE sk', 'sk', NULL),
             ('ADD sk :v', 'sk', '{":v": {"N": "1"}}'), ('SET n = :v, pk = :v', 'pk', '{":v": {"S": "u"}}')) c(u, a, v);
SELECT lives_ok($$SELECT ddb_update('Items', '{"pk": {"S": "u"}, "sk": {"N": "1"}}', 'SET c = sk, d = pk')$$, 'keys may be operands');

-- delete
SELECT is(ddb_delete('Items', pg_temp.item('a', 1)), NULL, 'delete returns nothing');
SELECT is(pg_temp.there('a', 1), NULL, 'and the item is gone');
SELECT is(ddb_delete('Items', pg_temp.item('a', 1)), NULL, 'deleting what is not there');
SELECT is(ddb_delete('Items', pg_temp.item('a', 1), return_values => 'ALL_OLD'), NULL, 'with ALL_OLD, too');
SELECT is(ddb_delete('Items', pg_temp.item('new', 7), return_values => 'ALL_OLD'), pg_temp.item('new', 7, '{"v": {"S": "x"}}'), 'delete ALL_OLD');
SELECT throws_ok(format('SELECT ddb_delete(''Items'', %L, return_values => %L)', pg_temp.item('a', 1), v), 'DY001',
                 '1 validation error detected: ReturnValues can only be ALL_OLD or NONE', 'delete refuses ' || v)
FROM unnest('{ALL_NEW,UPDATED_OLD,UPDATED_NEW}'::text[]) v;
SELECT throws_ok($$SELECT ddb_delete('Items', '{"pk": {"S": "new"}, "sk": {"N": "8"}}', 'v = :v', "values" => '{":v": {"S": "y"}}')$$,
  'DY002', 'The conditional request failed', 'delete with a condition that fails');
SELECT is(pg_temp.there('new', 8) IS NULL, false, 'leaves the item');
SELECT is(ddb_delete('Items', pg_temp.item('new', 8), '#v = :v', '{"#v": "v"}', '{":v": {"S": "x"}}', 'ALL_OLD') -> 'v', '{"S": "x"}', 'delete with a condition that holds');
SELECT throws_ok($$SELECT ddb_delete('Items', '{"pk": {"S": "zz"}, "sk": {"N": "8"}}', 'attribute_exists(pk)')$$,
  'DY002', 'The conditional request failed', 'delete if there: it is not');

-- a table without sort key
SELECT ddb_put('Simple', '{"id": {"S": "1"}, "v": {"N": "1"}}') \g /dev/null
SELECT is(ddb_get('Simple', '{"id": {"S": "1"}}'), '{"id": {"S": "1"}, "v": {"N": "1"}}', 'no sort key: get');
SELECT is(ddb_update('Simple', '{"id": {"S": "1"}}', 'ADD v :v', "values" => '{":v": {"N": "2"}}', return_values => 'UPDATED_NEW'), '{"v": {"N": "3"}}', 'no sort key: update');
SELECT throws_ok($$SELECT ddb_get('Simple', '{"id": {"S": "1"}, "v": {"N": "1"}}')$$, 'DY001', 'The provided key element does not match the schema', 'no sort key: a key with more');
SELECT is(ddb_delete('Simple', '{"id": {"S": "1"}}', return_values => 'ALL_OLD'), '{"id": {"S": "1"}, "v": {"N": "3"}}', 'no sort key: delete');

-- tables that are not there
SELECT throws_ok(q, 'DY003', 'Requested resource not found', q) FROM unnest(ARRAY[
  $$SELECT ddb_put('Nowhere', '{"a": {"S": "a"}}')$$, $$SELECT ddb_get('Nowhere', '{"a": {"S": "a"}}')$$,
  $$SELECT ddb_update('Nowhere', '{"a": {"S": "a"}}')$$, $$SELECT ddb_delete('Nowhere', '{"a": {"S": "a"}}')$$,
  $$SELECT ddb_query('Nowhere', 'a = :a', '{":a": {"S": "a"}}')$$, $$SELECT ddb_scan('Nowhere')$$]) q;

-- sets come back in order: strings and binaries by their bytes, numbers by value
SELECT is(ddb_put('Items', pg_temp.item('sets', 1) || '{"s": {"SS": ["b", "aa", "ä", "a", "B", ""]}, "n": {"NS": ["10", "9", "-1", "-20", "0.5", "1e2"]}, "b": {"BS": ["/w==", "AA==", "AAA=", "", "gA=="]}, "m": {"M": {"l": {"L": [{"NS": ["2", "1"]}]}}}}'), NULL, 'sets in any order');
SELECT is((pg_temp.there('sets', 1) - 'pk' - 'sk')::text, '{"b": {"BS": ["", "AA==", "AAA=", "gA==", "/w=="]}, "m": {"M": {"l": {"L": [{"NS": ["1", "2"]}]}}}, "n": {"NS": ["-20", "-1", "0.5", "9", "10", "100"]}, "s": {"SS": ["", "B", "a", "aa", "b", "ä"]}}', 'come back in one');
SELECT is(ddb_update('Items', pg_temp.item('sets', 1), 'ADD s :s, n :n DELETE b :b SET t = :t', "values" => '{":s": {"SS": ["c", "A"]}, ":n": {"NS": ["95", "-3"]}, ":b": {"BS": ["AA=="]}, ":t": {"SS": ["y", "x"]}}', return_values => 'UPDATED_NEW')::text,
  '{"b": {"BS": ["", "AAA=", "gA==", "/w=="]}, "n": {"NS": ["-20", "-3", "-1", "0.5", "9", "10", "95", "100"]}, "s": {"SS": ["", "A", "B", "a", "aa", "b", "c", "ä"]}, "t": {"SS": ["x", "y"]}}', 'so do those of an update');
SELECT is(ddb_request('UpdateItem', jsonb_build_object('TableName', 'Items', 'Key', pg_temp.item('sets', 1), 'ReturnValues', 'UPDATED_NEW', 'AttributeUpdates', '{"t": {"Action": "ADD", "Value": {"SS": ["z", "a"]}}}'::jsonb))::text,
  '{"Attributes": {"t": {"SS": ["a", "x", "y", "z"]}}}', 'and of AttributeUpdates');
SELECT throws_like($$SELECT ddb_put('Items', '{"pk": {"S": "sets"}, "sk": {"N": "2"}, "n": {"NS": ["1", "3", "2", "3.0"]}}')$$, '%Input collection contains duplicates%', 'duplicates are found in any order');
INSERT INTO ddb_data."Items" (item) VALUES (pg_temp.item('sets', 3) || '{"n": {"NS": ["3", "1", "2"]}}');
SELECT is(pg_temp.there('sets', 3) -> 'n', '{"NS": ["1", "2", "3"]}', 'plain SQL stores them so, too');

SELECT * FROM finish();
ROLLBACK;
