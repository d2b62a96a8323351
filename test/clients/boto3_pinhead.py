#!/usr/bin/python3
"""boto3's client API: Pinhead Records version 2, one table with five GSIs, loaded
whole; the shop's access patterns, transactions, and conflicts that are retried.

Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one.
"""

import os
import sys
import threading
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
sys.dont_write_bytecode = True

import server  # noqa: E402

server.ensure(__file__)

import boto3  # noqa: E402
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # noqa: E402
from botocore.config import Config  # noqa: E402
from tap import equal, ok, raises, run  # noqa: E402

import pinhead  # noqa: E402

endpoint = os.environ["DDB_ENDPOINT"]
client = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
errors = client.exceptions
marshal = TypeSerializer().serialize
unmarshal = TypeDeserializer().deserialize


def typed(**attributes):
    """Attributes as the client API wants them; names may begin with a colon."""
    return {k: marshal(v) for k, v in attributes.items()}


def values(**attributes):
    return {f":{k}": marshal(v) for k, v in attributes.items()}


def native(items):
    return [{k: unmarshal(v) for k, v in item.items()} for item in items]


def query(condition, **parameters):
    """All items of a Query, by the paginator."""
    names = {k: v for k, v in {"#y": "year"}.items() if k in condition}
    if names:
        parameters["ExpressionAttributeNames"] = names
    pages = client.get_paginator("query").paginate(
        TableName="Pinhead", KeyConditionExpression=condition, **parameters)
    return native(item for page in pages for item in page["Items"])


def load():
    """The table with its indexes is made, and 7,000 items go in through batch_writer."""
    description = client.create_table(**pinhead.table())["TableDescription"]
    equal(len(description["GlobalSecondaryIndexes"]), 5, "five indexes")
    client.get_waiter("table_exists").wait(TableName="Pinhead", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    table = client.describe_table(TableName="Pinhead")["Table"]
    equal({i["IndexStatus"] for i in table["GlobalSecondaryIndexes"]}, {"ACTIVE"}, "each of them ACTIVE")
    equal(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST", "billed by request")
    items = list(pinhead.items())
    with boto3.resource("dynamodb", endpoint_url=endpoint).Table("Pinhead").batch_writer() as batch:
        for item in items:
            batch.put_item(Item=item)
    pages = list(client.get_paginator("scan").paginate(TableName="Pinhead", PaginationConfig={"PageSize": 1000}))
    equal([p["Count"] for p in pages], [1000] * (len(items) // 1000) + [len(items) % 1000], "paged by 1,000")
    key = (lambda item: (item["pk"], item["sk"]))
    equal(sorted(native(i for p in pages for i in p["Items"]), key=key), sorted(items, key=key), "every item as it was")


def collections():
    """Item collections: an artist's page, an album's, a customer's, an order's."""
    page = query("pk = :pk", ExpressionAttributeValues=values(pk="ARTIST#0090"))
    expected = sorted((a.year, a.id, a.title) for a in pinhead.albums if a.artist_id == 90)
    equal([page[0]["title"]] + [i["title"] for i in page[1:]],
          ["Iron Maiden"] + [title for _, _, title in expected], "an artist with its albums by year")
    page = query("pk = :pk AND begins_with(sk, :sk)", ExpressionAttributeValues=values(pk="ALBUM#0095", sk="TRACK#"))
    equal([i["title"] for i in page], [t["Name"] for t in pinhead.tracks_of[95]], "an album's tracks in order")
    page = query("pk = :pk AND begins_with(sk, :sk)", ScanIndexForward=False, PaginationConfig={"PageSize": 2},
                 ExpressionAttributeValues=values(pk="CUSTOMER#0001", sk="ORDER#"))
    expected = sorted(((o["InvoiceDate"], int(o["InvoiceId"])) for o in pinhead.orders if o["CustomerId"] == "1"), reverse=True)
    equal([i["order_id"] for i in page], [n for _, n in expected], "a customer's orders, newest first, two a page")
    page = query("pk = :pk", ExpressionAttributeValues=values(pk="ORDER#00278"))
    equal([page[0]["order_id"]] + [i["track"] for i in page[1:]],
          [278] + [pinhead.track_by_id[line["TrackId"]]["Name"] for line in pinhead.lines_of[278]], "an order with its lines")
    page = client.query(TableName="Pinhead", KeyConditionExpression="pk = :pk AND sk BETWEEN :a AND :b",
                        ExpressionAttributeValues=values(pk="ALBUM#0001", a="TRACK#03", b="TRACK#05"),
                        ProjectionExpression="title, price", ReturnConsumedCapacity="INDEXES")
    equal(page["Items"][0].keys(), {"title", "price"}, "a range of tracks, projected")
    equal(page["ConsumedCapacity"], {"TableName": "Pinhead", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}},
          "and what it costs")


def indexes():
    """GSI queries: by title, genre, year, price; best sellers."""
    def by_title(a):
        return a.title.encode()
    found = query("kind = :k AND begins_with(title, :t)", IndexName="by_title", ExpressionAttributeValues=values(k="ALBUM", t="The B"))
    equal([i["title"] for i in found], [a.title for a in sorted(pinhead.albums, key=by_title) if a.title.startswith("The B")],
          "albums whose title begins with The B")
    found = query("genre = :g", IndexName="by_genre", ExpressionAttributeValues=values(g="Jazz"), PaginationConfig={"PageSize": 5})
    expected = [a for a in sorted(pinhead.albums, key=by_title) if a.genre == "Jazz"]
    equal([i["title"] for i in found], [a.title for a in expected], "jazz albums by title, five a page")
    equal(found[0].keys(), {"pk", "sk", "genre", "title", "artist", "year", "price"}, "with what is projected, and both keys")
    found = query("kind = :k AND #y BETWEEN :a AND :b", IndexName="by_year", ExpressionAttributeValues=values(k="ALBUM", a=1980, b=1984))
    equal(sorted((i["year"], i["title"]) for i in found),
          sorted((a.year, a.title) for a in pinhead.albums if 1980 <= a.year <= 1984), "albums of 1980 to 1984")
    ok(all(x["year"] <= y["year"] for x, y in zip(found, found[1:])), "in order of the year")
    found = query("kind = :k AND price >= :p", IndexName="by_price", ScanIndexForward=False, ExpressionAttributeValues=values(k="ALBUM", p=20))
    equal([i["price"] for i in found], sorted((a.price for a in pinhead.albums if a.price >= 20), reverse=True), "the dear ones first")
    found = query("chart = :c", IndexName="best_sellers", ScanIndexForward=False, ExpressionAttributeValues=values(c="ALBUMS"),
                  PaginationConfig={"MaxItems": 10})
    equal([i["sold"] for i in found], sorted((a.sold for a in pinhead.albums), reverse=True)[:10], "the ten best sellers")
    page = client.query(TableName="Pinhead", IndexName="by_title", Limit=1, KeyConditionExpression="kind = :k",
                        ExpressionAttributeValues=values(k="TRACK"))
    equal(page["LastEvaluatedKey"].keys(), {"pk", "sk", "kind", "title"}, "a page's last key has both keys")
    pages = client.get_paginator("scan").paginate(TableName="Pinhead", IndexName="best_sellers", Select="COUNT")
    equal(sum(p["Count"] for p in pages), sum(a.sold > 0 for a in pinhead.albums), "the index of what sold is sparse")
    error = raises(client.exceptions.ClientError, lambda: client.query(
        TableName="Pinhead", IndexName="by_title", KeyConditionExpression="kind = :k", ConsistentRead=True,
        ExpressionAttributeValues=values(k="TRACK")), "no consistent reads of a GSI")
    equal(error and error.response["Error"]["Message"],
          "Consistent reads are not supported on global secondary indexes", "its message")


def order(number, **more):
    """The transaction of a customer who buys a record."""
    return dict(TransactItems=[
        {"Put": {"TableName": "Pinhead", "ConditionExpression": "attribute_not_exists(pk)",
                 "Item": typed(pk=f"ORDER#{number:05}", sk="#META", order_id=number, customer_id=1, total=Decimal("0.99"))}},
        {"Put": {"TableName": "Pinhead",
                 "Item": typed(pk="CUSTOMER#0001", sk=f"ORDER#2026-01-05#{number:05}", order_id=number, lines=1)}},
        {"Update": {"TableName": "Pinhead", "Key": typed(pk="ALBUM#0096", sk="#META"),
                    "UpdateExpression": "SET chart = :chart ADD sold :one",
                    "ExpressionAttributeValues": values(chart="ALBUMS", one=1)}},
        {"ConditionCheck": {"TableName": "Pinhead", "Key": typed(pk="CUSTOMER#0001", sk="#META"),
                            "ConditionExpression": "attribute_exists(pk)"}}], **more)


def album_sold():
    key = typed(pk="ALBUM#0096", sk="#META")
    item = client.get_item(TableName="Pinhead", Key=key, ConsistentRead=True, ProjectionExpression="sold")["Item"]
    return int(item.get("sold", {"N": "0"})["N"])


def transactions():
    """A customer buys a record: all of it or nothing, once."""
    before = album_sold()
    client.transact_write_items(**order(413))
    equal(album_sold(), before + 1, "an order counts the album up")
    failed = raises(errors.TransactionCanceledException, lambda: client.transact_write_items(**order(413)),
                    "its number can't be used again")
    if failed:
        equal([r["Code"] for r in failed.response["CancellationReasons"]],
              ["ConditionalCheckFailed", "None", "None", "None"], "the reasons say which item")
        equal(failed.response["CancellationReasons"][0]["Message"], "The conditional request failed", "and why")
        equal(failed.response["Error"]["Message"],
              "Transaction cancelled, please refer cancellation reasons for specific reasons "
              "[ConditionalCheckFailed, None, None, None]", "as does the message")
    equal(album_sold(), before + 1, "nothing of it was written")
    request = order(414)
    request["TransactItems"][0]["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    request["TransactItems"][0]["Put"]["Item"] = typed(pk="ORDER#00413", sk="#META")
    failed = raises(errors.TransactionCanceledException, lambda: client.transact_write_items(**request), "the old item comes with the reason")
    equal(failed and failed.response["CancellationReasons"][0]["Item"]["order_id"], {"N": "413"}, "when asked for")
    for _ in range(2):
        client.transact_write_items(**order(415, ClientRequestToken="once-only"))
    equal(album_sold(), before + 2, "a token makes it idempotent")
    raises(errors.IdempotentParameterMismatchException,
           lambda: client.transact_write_items(**order(416, ClientRequestToken="once-only")), "but not for another order")
    answer = client.transact_get_items(TransactItems=[
        {"Get": {"TableName": "Pinhead", "Key": typed(pk="ORDER#00413", sk="#META"), "ProjectionExpression": "order_id"}},
        {"Get": {"TableName": "Pinhead", "Key": typed(pk="ORDER#09999", sk="#META")}}])
    equal(answer["Responses"], [{"Item": {"order_id": {"N": "413"}}}, {}], "transact_get: an item, and none")


def conflicts():
    """A session of SQL holds an item: a conflict after ddb.lock_timeout, or a retry that wins."""
    update = dict(TableName="Pinhead", Key=typed(pk="ALBUM#0096", sk="#META"), UpdateExpression="ADD sold :one",
                  ExpressionAttributeValues=values(one=1))
    before = album_sold()
    session = server.psql()
    session.stdin.write("""BEGIN;
        SELECT 'locked' FROM ddb_data."Pinhead" WHERE pk = 'ALBUM#0096' AND sk = '#META' FOR UPDATE;\n""")
    session.stdin.flush()
    equal(session.stdout.readline().strip(), "locked", "the item is locked")
    began = time.monotonic()
    raises(errors.TransactionConflictException, lambda: client.update_item(**update), "an update gives up")
    ok(0.5 < time.monotonic() - began < 5, "after about a second")
    failed = raises(errors.TransactionCanceledException, lambda: client.transact_write_items(**order(417)), "a transaction too")
    equal(failed and [r["Code"] for r in failed.response["CancellationReasons"]],
          ["None", "None", "TransactionConflict", "None"], "and says on which item")
    equal(album_sold(), before, "reads don't wait")

    def release():
        time.sleep(2)
        session.communicate("COMMIT;\n", timeout=30)
    thread = threading.Thread(target=release)
    thread.start()
    # boto3 does not take TransactionConflictException for one to repeat: the shop does.
    for attempt in range(20):
        try:
            client.update_item(**update)
            break
        except errors.TransactionConflictException:
            pass
    thread.join(30)
    ok(0 < attempt < 20, f"repeated until it is free ({attempt})")
    equal(album_sold(), before + 1, "and counted once")


def counters():
    """Eight threads count one item up 200 times, and transactions among them."""
    key = typed(pk="COUNTER", sk="#META")
    client.put_item(TableName="Pinhead", Item={**key, **typed(n=0)})
    done, conflicts_seen = [], []

    def count(worker):
        own = boto3.session.Session().client("dynamodb", endpoint_url=endpoint)
        step = dict(TableName="Pinhead", Key=key, UpdateExpression="SET n = n + :one", ExpressionAttributeValues=values(one=1))
        for i in range(25):
            while True:
                try:
                    if worker % 2:
                        own.transact_write_items(TransactItems=[{"Update": step}])
                    else:
                        own.update_item(**step)
                    done.append(1)
                    break
                except (own.exceptions.TransactionConflictException, own.exceptions.TransactionCanceledException) as e:
                    conflicts_seen.append(e)
                    if len(conflicts_seen) > 10000:
                        return
    threads = [threading.Thread(target=count, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    equal(len(done), 200, f"all of them count ({len(conflicts_seen)} conflicts)")
    item = client.get_item(TableName="Pinhead", Key=key, ConsistentRead=True)["Item"]
    equal(item["n"], {"N": "200"}, "and none is lost")


run(load, collections, indexes, transactions, conflicts, counters)
