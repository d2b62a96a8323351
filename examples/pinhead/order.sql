-- A customer buys a record: version 0 and version 2 change in one transaction.
--
-- The relational rows and the DynamoDB items commit together or not at all,
-- for both are PostgreSQL's.  A conditional put refuses an order number
-- that was used before.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;

CREATE OR REPLACE FUNCTION pinhead.place_order(number integer) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pinhead.orders (order_id, customer_id, order_date, total) VALUES (number, 1, '2026-01-05', 0.99);
  INSERT INTO pinhead.order_line VALUES (number * 100, number, 1212, 0.99, 1);

  PERFORM ddb_put('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(number, 'FM00000')), 'sk', '#META', 'order_id', number, 'customer_id', 1,
    'customer', 'Luís Gonçalves', 'date', '2026-01-05', 'total', 0.99)),
    condition => 'attribute_not_exists(pk)');
  PERFORM ddb_put('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(number, 'FM00000')), 'sk', 'LINE#01', 'track_id', 1212,
    'track', t.name, 'album', a.title, 'price', 0.99, 'quantity', 1)))
    FROM pinhead.track t JOIN pinhead.album a USING (album_id) WHERE track_id = 1212;
  PERFORM ddb_put('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', 'CUSTOMER#0001', 'sk', format('ORDER#2026-01-05#%s', to_char(number, 'FM00000')),
    'order_id', number, 'total', 0.99, 'lines', 1)));
  PERFORM ddb_update('Pinhead',
    ddb_marshal(jsonb_build_object('pk', format('ALBUM#%s', to_char(album_id, 'FM0000')), 'sk', '#META')),
    'SET chart = :chart ADD sold :one', "values" => '{":chart": {"S": "ALBUMS"}, ":one": {"N": "1"}}')
    FROM pinhead.track WHERE track_id = 1212;
  RETURN 'committed';
EXCEPTION WHEN OTHERS THEN
  RETURN 'refused and rolled back: ' || SQLERRM;
END $$;

-- DynamoDB's side refuses: the number was used by an item that the relational side knows nothing of.
SELECT ddb_put('Pinhead', '{"pk": {"S": "ORDER#00999"}, "sk": {"S": "#META"}}') AS item \g /dev/null
SELECT '    order 999: ' || pinhead.place_order(999);
SELECT format('      rows and items of it left behind: %s',
              (SELECT count(*) FROM pinhead.orders WHERE order_id = 999)
              + (SELECT count(*) FROM ddb_query('Pinhead', 'pk = :c AND sk = :o',
                   '{":c": {"S": "CUSTOMER#0001"}, ":o": {"S": "ORDER#2026-01-05#00999"}}')));
SELECT ddb_delete('Pinhead', '{"pk": {"S": "ORDER#00999"}, "sk": {"S": "#META"}}') AS item \g /dev/null

SELECT '    order 413: ' || pinhead.place_order(413);

WITH items AS (
  SELECT (SELECT count(*) FROM ddb_query('Pinhead', 'pk = :c AND begins_with(sk, :o)',
                                         '{":c": {"S": "CUSTOMER#0001"}, ":o": {"S": "ORDER#"}}')) AS orders,
         (SELECT (ddb_unmarshal(ddb_get('Pinhead', ddb_marshal(jsonb_build_object(
            'pk', format('ALBUM#%s', to_char(album_id, 'FM0000')), 'sk', '#META'))))->>'sold')::integer
          FROM pinhead.track WHERE track_id = 1212) AS sold),
rows AS (
  SELECT (SELECT count(*) FROM pinhead.orders WHERE customer_id = 1) AS orders,
         (SELECT sold FROM pinhead.album_card JOIN pinhead.track USING (album_id) WHERE track_id = 1212) AS sold)
SELECT format('  %s both sides agree: the customer has %s orders, the album sold %s',
              CASE WHEN items = rows THEN '✓' ELSE '✗' END, items.orders, items.sold)
FROM items, rows;
