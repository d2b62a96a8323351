-- Who may do what: the rights on the data table and its schema decide.
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

CREATE ROLE rights_owner;
CREATE ROLE rights_reader;
CREATE ROLE rights_writer;
CREATE ROLE rights_upserter;
CREATE ROLE rights_deleter;
CREATE ROLE rights_nobody;
-- tried runs a statement as a role and gives its result or its error.
CREATE FUNCTION tried(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  IF statement LIKE 'SELECT%' THEN
    EXECUTE statement INTO result;
  ELSE
    EXECUTE statement;
  END IF;
  RESET ROLE;
  RETURN coalesce(result, 'done');
EXCEPTION WHEN OTHERS THEN
  RESET ROLE;
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- Creating takes CREATE on schema ddb_data; the creator owns the table.
SELECT tried('rights_owner', $$SELECT ddb_create_table('mine', 'k S')$$);
GRANT CREATE ON SCHEMA ddb_data TO rights_owner;
SELECT tried('rights_owner', $$SELECT ddb_create_table('mine', 'k S', global_indexes => '{"by_g": {"partition_key": "g S"}}') ->> 'TableStatus'$$);
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'ddb_data.mine'::regclass;
SELECT tried('rights_owner', $$SELECT ddb_put('mine', '{"k": {"S": "a"}, "g": {"S": "g"}}')$$);

-- Nothing is granted to others by itself.
SELECT role, tried(role, $$SELECT ddb_get('mine', '{"k": {"S": "a"}}')$$)
FROM (VALUES ('rights_reader'), ('rights_writer'), ('rights_nobody')) AS v(role);
GRANT SELECT ON ddb_data.mine TO rights_reader;
GRANT SELECT, INSERT, UPDATE ON ddb_data.mine TO rights_writer;
GRANT INSERT, UPDATE ON ddb_data.mine TO rights_upserter;
GRANT DELETE ON ddb_data.mine TO rights_deleter;

-- Every kind of access by every role.
SELECT name, role, tried(role, statement)
FROM (VALUES (1, 'get', $$SELECT ddb_get('mine', '{"k": {"S": "a"}}')$$),
             (2, 'query', $$SELECT count(*) FROM ddb_query('mine', 'g = :g', '{":g": {"S": "g"}}', index_name => 'by_g')$$),
             (3, 'scan', $$SELECT count(*) FROM ddb_scan('mine')$$),
             (4, 'put', $$SELECT ddb_put('mine', '{"k": {"S": "a"}, "g": {"S": "g"}}')$$),
             (5, 'put if', $$SELECT ddb_put('mine', '{"k": {"S": "a"}, "g": {"S": "g"}}', 'attribute_exists(k)')$$),
             (6, 'put, old', $$SELECT ddb_put('mine', '{"k": {"S": "a"}, "g": {"S": "g"}}', return_values => 'ALL_OLD')$$),
             (7, 'update', $$SELECT ddb_update('mine', '{"k": {"S": "a"}}', 'SET v = :v', "values" => '{":v": {"S": "v"}}')$$),
             (8, 'update, new', $$SELECT ddb_update('mine', '{"k": {"S": "a"}}', 'SET v = :v', "values" => '{":v": {"S": "v"}}', return_values => 'ALL_NEW')$$),
             (9, 'delete', $$SELECT ddb_delete('mine', '{"k": {"S": "none"}}')$$),
             (10, 'delete if', $$SELECT ddb_delete('mine', '{"k": {"S": "none"}}', 'attribute_not_exists(k)')$$),
             (11, 'import', $$SELECT ddb_import('mine', 'SELECT 1 AS k WHERE false')$$),
             (12, 'sql', $$INSERT INTO ddb_data.mine (item) SELECT '{}' WHERE false$$)) AS s(i, name, statement),
     unnest(ARRAY['rights_reader', 'rights_writer', 'rights_upserter', 'rights_deleter', 'rights_nobody']) AS role
ORDER BY i, role;

-- Anyone sees which tables there are; changing and dropping them is the owner's.
SELECT tried('rights_nobody', $$SELECT string_agg(t, ' ') FROM ddb_list_tables() AS t$$);
SELECT tried('rights_nobody', $$SELECT ddb_describe_table('mine') ->> 'TableName'$$);
SELECT tried('rights_writer', $$SELECT ddb_delete_table('mine')$$);
SELECT tried('rights_writer', $$SELECT ddb_update_table('mine', drop_index => 'by_g')$$);
SELECT tried('rights_writer', $$SELECT ddb_update_table('mine', '{"by_h": {"partition_key": "h S"}}')$$);
SELECT tried('rights_writer', $$DROP TABLE ddb_data.mine$$);
SELECT tried('rights_writer', $$DROP INDEX ddb_data."mine:by_g"$$);
-- the catalog is out of reach
SELECT tried('rights_owner', $$UPDATE ddb.tables SET table_name = 'yours'$$);
SELECT tried('rights_owner', $$DELETE FROM ddb.indexes$$);
SELECT tried('rights_owner', $$INSERT INTO ddb.tables SELECT * FROM ddb.tables$$);
-- the owner changes, and drops by plain SQL, which the catalog follows
SELECT tried('rights_owner', $$SELECT ddb_update_table('mine', '{"by_h": {"partition_key": "h S"}}', 'by_g') ->> 'TableStatus'$$);
SELECT tried('rights_owner', $$DROP INDEX ddb_data."mine:by_h"$$);
SELECT ddb_describe_table('mine') -> 'GlobalSecondaryIndexes';
ALTER TABLE ddb_data.mine OWNER TO rights_writer;
SELECT tried('rights_owner', $$SELECT ddb_delete_table('mine')$$);
SELECT tried('rights_owner', $$SELECT ddb_get('mine', '{"k": {"S": "a"}}')$$);
SELECT tried('rights_writer', $$DROP TABLE ddb_data.mine$$);
SELECT ddb_list_tables();

-- A function that reads as its owner.
SELECT tried('rights_owner', $$SELECT ddb_create_table('mine', 'k S') ->> 'TableStatus'$$);
CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM ddb_scan('mine') $$;
ALTER FUNCTION peek() OWNER TO rights_owner;
SELECT tried('rights_nobody', 'SELECT peek()');
SELECT tried('rights_nobody', $$SELECT count(*) FROM ddb_scan('mine')$$);

-- Row-level security, foreign triggers and constraints are not passed by.
GRANT SELECT, INSERT, UPDATE, DELETE ON ddb_data.mine TO rights_writer;
ALTER TABLE ddb_data.mine ENABLE ROW LEVEL SECURITY;
SELECT tried('rights_writer', $$SELECT ddb_get('mine', '{"k": {"S": "a"}}')$$);
SELECT tried('rights_writer', $$SELECT count(*) FROM ddb_scan('mine')$$);
SELECT tried('rights_writer', $$SELECT ddb_put('mine', '{"k": {"S": "a"}}')$$);
ALTER TABLE ddb_data.mine DISABLE ROW LEVEL SECURITY;
ALTER TABLE ddb_data.mine ADD CHECK (k <> 'a');
SELECT tried('rights_writer', $$SELECT ddb_put('mine', '{"k": {"S": "a"}}')$$);
SELECT tried('rights_writer', $$SELECT ddb_import('mine', $q$SELECT 'a' AS k$q$)$$);
SELECT tried('rights_writer', $$SELECT ddb_get('mine', '{"k": {"S": "a"}}')$$);

ALTER TABLE ddb_data.mine DROP CONSTRAINT mine_k_check, ADD EXCLUDE USING btree (k WITH =);
SELECT tried('rights_writer', $$SELECT ddb_put('mine', '{"k": {"S": "a"}}')$$);
SELECT tried('rights_writer', $$INSERT INTO ddb_data.mine (item) VALUES ('{"k": {"S": "a"}}')$$);

-- Read-only transactions write nothing.
BEGIN READ ONLY;
SELECT ddb_get('mine', '{"k": {"S": "a"}}');
SELECT ddb_put('mine', '{"k": {"S": "a"}}');
ROLLBACK;

SELECT tried('rights_owner', $$SELECT ddb_delete_table('mine') ->> 'TableStatus'$$);
REVOKE CREATE ON SCHEMA ddb_data FROM rights_owner;
DROP FUNCTION tried, peek;
DROP ROLE rights_owner, rights_reader, rights_writer, rights_upserter, rights_deleter, rights_nobody;
