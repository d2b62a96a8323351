-- Best sellers, counted as orders come in: a trigger follows the table's stream.
--
-- Whoever places, changes or cancels an order writes nothing but the order.  The
-- stream has each order line as it was and as it is; the function adds up the
-- differences by album, in a table of its own, exactly once.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;

SELECT ddb_create_table('BestSellers', 'album S',
  global_indexes => '{"chart": {"partition_key": "chart S", "sort_key": "sold N"}}') AS description \g /dev/null
SELECT ddb_request('UpdateTable', '{"TableName": "Pinhead",
  "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}}') AS description \g /dev/null

CREATE FUNCTION pinhead.count_sales(event jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  change record;
BEGIN
  FOR change IN
    SELECT line->'album' AS album, sum(sign * (line->'quantity'->>'N')::integer)::text AS quantity
    FROM jsonb_array_elements(event->'Records') r,
         LATERAL (VALUES (r->'dynamodb'->'NewImage', 1), (r->'dynamodb'->'OldImage', -1)) images (line, sign)
    WHERE line IS NOT NULL
    GROUP BY 1 HAVING sum(sign * (line->'quantity'->>'N')::integer) <> 0
  LOOP
    PERFORM ddb_update('BestSellers', jsonb_build_object('album', change.album), 'SET chart = :chart ADD sold :n',
      "values" => jsonb_build_object(':chart', '{"S": "ALBUMS"}'::jsonb, ':n', jsonb_build_object('N', change.quantity)));
  END LOOP;
END $$;

-- The table is UPDATING until its changes are followed.
DO $$
BEGIN
  FOR i IN 1 .. 300 LOOP
    EXIT WHEN ddb_request('DescribeTable', '{"TableName": "Pinhead"}') -> 'Table' ->> 'TableStatus' = 'ACTIVE';
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;
SELECT ddb_create_trigger('best sellers', 'Pinhead', 'pinhead.count_sales',
  filter => '{"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "LINE#"}]}}}}') \g /dev/null

-- A busy day: 60 orders of one to three tracks, ...
INSERT INTO pinhead.orders (order_id, customer_id, order_date, total)
  SELECT n, n % 59 + 1, '2026-02-01', 0.99 FROM generate_series(2001, 2060) n;
INSERT INTO pinhead.order_line
  SELECT n * 100 + line, n, n * 7 % 400 * 2 + line, 0.99, 1
  FROM generate_series(2001, 2060) n, generate_series(1, n % 3 + 1) line;
SELECT count(ddb_put('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(order_id, 'FM00000')), 'sk', format('LINE#%s', to_char(order_line_id % 100, 'FM00')),
    'track_id', track_id, 'track', t.name, 'album', a.title, 'price', l.unit_price, 'quantity', quantity))))
  FROM pinhead.order_line l JOIN pinhead.track t USING (track_id) JOIN pinhead.album a USING (album_id)
  WHERE order_id BETWEEN 2001 AND 2060 \g /dev/null
-- ... of which some grow, ...
UPDATE pinhead.order_line SET quantity = 5 WHERE order_id BETWEEN 2010 AND 2019;
SELECT count(ddb_update('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(order_id, 'FM00000')), 'sk', format('LINE#%s', to_char(order_line_id % 100, 'FM00')))),
    'SET quantity = :five', "values" => '{":five": {"N": "5"}}'))
  FROM pinhead.order_line WHERE order_id BETWEEN 2010 AND 2019 \g /dev/null
-- ... and some are cancelled.
SELECT count(ddb_delete('Pinhead', ddb_marshal(jsonb_build_object(
    'pk', format('ORDER#%s', to_char(order_id, 'FM00000')), 'sk', format('LINE#%s', to_char(order_line_id % 100, 'FM00'))))))
  FROM pinhead.order_line WHERE order_id BETWEEN 2040 AND 2044 \g /dev/null
DELETE FROM pinhead.order_line WHERE order_id BETWEEN 2040 AND 2044;
DELETE FROM pinhead.orders WHERE order_id BETWEEN 2040 AND 2044;

-- The counters follow within moments.
CREATE VIEW pinhead.day_sales AS
  SELECT a.title AS album, sum(quantity)::integer AS sold
  FROM pinhead.order_line l JOIN pinhead.track t USING (track_id) JOIN pinhead.album a USING (album_id)
  WHERE order_id > 2000 GROUP BY 1;
CREATE VIEW pinhead.day_counters AS
  SELECT p->>'album' AS album, (p->>'sold')::integer AS sold
  FROM ddb_query('BestSellers', 'chart = :c AND sold > :zero', '{":c": {"S": "ALBUMS"}, ":zero": {"N": "0"}}',
                 index_name => 'chart') i, ddb_unmarshal(i) p;
DO $$
BEGIN
  FOR i IN 1 .. 300 LOOP
    EXIT WHEN NOT EXISTS (TABLE pinhead.day_sales EXCEPT TABLE pinhead.day_counters)
          AND NOT EXISTS (TABLE pinhead.day_counters EXCEPT TABLE pinhead.day_sales);
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;

SELECT format('  %s the counters of %s albums are what the joins say: %s records sold, the best seller is "%s"',
              CASE WHEN NOT EXISTS (TABLE pinhead.day_sales EXCEPT TABLE pinhead.day_counters)
                    AND NOT EXISTS (TABLE pinhead.day_counters EXCEPT TABLE pinhead.day_sales) THEN '✓' ELSE '✗' END,
              (SELECT count(*) FROM pinhead.day_counters), (SELECT sum(sold) FROM pinhead.day_counters),
              (SELECT album FROM pinhead.day_counters ORDER BY sold DESC, album LIMIT 1));
SELECT format('    trigger "%s": %s, %s records taken, %s left to look at, %s failed', name, state, processed, lag_records, failed)
FROM ddb_triggers WHERE name = 'best sellers';
