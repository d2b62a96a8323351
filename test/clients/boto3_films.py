#!/usr/bin/python3
"""boto3's resource API: the films tutorial, from creating the table to deleting it.

Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one.
"""

import gzip
import json
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
sys.dont_write_bytecode = True

import server  # noqa: E402

server.ensure(__file__)

import boto3  # noqa: E402
from boto3.dynamodb.conditions import Attr, Key  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from tap import equal, ok, raises, run  # noqa: E402

dynamodb = boto3.resource("dynamodb", endpoint_url=os.environ["DDB_ENDPOINT"])
errors = dynamodb.meta.client.exceptions
with gzip.open(f"{server.root}/examples/movies/moviedata.json.gz") as file:
    films = json.load(file, parse_float=Decimal)
movies = dynamodb.Table("Movies")
new_movie = {"year": 2015, "title": "The Big New Movie"}


def all_pages(operation, **parameters):
    """The items of all pages of Query or Scan, and the number of pages."""
    items, pages = [], 0
    while True:
        page = operation(**parameters)
        items += page["Items"]
        pages += 1
        if "LastEvaluatedKey" not in page:
            return items, pages
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def create():
    """A table with a numeric partition key is created and becomes active."""
    gone = raises(ClientError, movies.load, "loading a table that does not exist fails")
    equal(gone and gone.response["Error"]["Code"], "ResourceNotFoundException", "its code")
    equal(gone and gone.response["Error"]["Message"],
          "Requested resource not found: Table: Movies not found", "its message")
    table = dynamodb.create_table(
        TableName="Movies",
        KeySchema=[{"AttributeName": "year", "KeyType": "HASH"},
                   {"AttributeName": "title", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "year", "AttributeType": "N"},
                              {"AttributeName": "title", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 10})
    equal(table.table_status, "CREATING", "a new table is CREATING")
    table.wait_until_exists()
    table.reload()
    equal(table.table_status, "ACTIVE", "and then ACTIVE")
    equal(table.item_count, 0, "without items")
    equal(table.provisioned_throughput["ReadCapacityUnits"], 10, "with the throughput asked for")
    equal([t.name for t in dynamodb.tables.all()], ["Movies"], "and among the tables")
    raises(errors.ResourceInUseException, lambda: dynamodb.create_table(
        TableName="Movies", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST"), "a second one of its name is refused")


def one_film():
    """An item is put, read, changed, counted up, changed under a condition, deleted."""
    movies.put_item(Item={**new_movie, "info": {"plot": "Nothing happens at all.", "rating": Decimal(0)}})
    item = movies.get_item(Key=new_movie)["Item"]
    equal(item["info"], {"plot": "Nothing happens at all.", "rating": Decimal(0)}, "what was put comes back")
    answer = movies.update_item(
        Key=new_movie, UpdateExpression="SET info.rating = :r, info.plot = :p, info.actors = :a",
        ExpressionAttributeValues={":r": Decimal("5.5"), ":p": "Everything happens all at once.",
                                   ":a": ["Larry", "Moe", "Curly"]},
        ReturnValues="UPDATED_NEW")
    equal(answer["Attributes"], {"info": {"rating": Decimal("5.5"), "plot": "Everything happens all at once.",
                                          "actors": ["Larry", "Moe", "Curly"]}}, "an update gives what is new")
    answer = movies.update_item(Key=new_movie, UpdateExpression="SET info.rating = info.rating + :v",
                                ExpressionAttributeValues={":v": Decimal(1)}, ReturnValues="UPDATED_NEW")
    equal(answer["Attributes"], {"info": {"rating": Decimal("6.5")}}, "a number counts up")

    def remove_actor():
        return movies.update_item(Key=new_movie, UpdateExpression="REMOVE info.actors[0]",
                                  ConditionExpression=Attr("info.actors").size().gte(3),
                                  ReturnValues="ALL_NEW")
    equal(remove_actor()["Attributes"]["info"]["actors"], ["Moe", "Curly"], "the condition holds once")
    failed = raises(errors.ConditionalCheckFailedException, remove_actor, "and then no more")
    equal(failed and failed.response["Error"]["Message"], "The conditional request failed", "its message")
    equal(failed and failed.response["ResponseMetadata"]["HTTPStatusCode"], 400, "its status")
    raises(errors.ConditionalCheckFailedException, lambda: movies.delete_item(
        Key=new_movie, ConditionExpression="info.rating <= :v", ExpressionAttributeValues={":v": Decimal(5)}),
        "a well-rated film is not deleted")
    raises(errors.ConditionalCheckFailedException, lambda: movies.put_item(
        Item=new_movie, ConditionExpression=Attr("title").not_exists()), "nor put again if it must be new")
    old = movies.delete_item(Key=new_movie, ReturnValues="ALL_OLD")["Attributes"]
    equal(old["title"], "The Big New Movie", "deleting gives the old item")
    ok("Item" not in movies.get_item(Key=new_movie), "and it is gone")
    ok("Attributes" not in movies.delete_item(Key=new_movie, ReturnValues="ALL_OLD"), "as often as one likes")


def bulk():
    """4,609 films go in through batch_writer."""
    with movies.batch_writer(overwrite_by_pkeys=["year", "title"]) as batch:
        batch.put_item(Item=new_movie)
        batch.delete_item(Key=new_movie)
        for film in films:
            batch.put_item(Item=film)
    equal(server.sql('SELECT count(*) FROM ddb_data."Movies"'), str(len(films)), "every film is a row")
    found, pages = all_pages(movies.scan)
    ok(pages >= 2, f"a scan of them takes more than a page of 1 MB ({pages})")
    equal(sorted(found, key=lambda f: (f["year"], f["title"])),
          sorted(films, key=lambda f: (f["year"], f["title"])), "and gives each film as it was")


def queries():
    """Key conditions, projections, filters, both directions."""
    answer = movies.query(KeyConditionExpression=Key("year").eq(1985))
    expected = sorted((f["title"] for f in films if f["year"] == 1985), key=str.encode)
    equal([f["title"] for f in answer["Items"]], expected, "the films of 1985, by title")
    equal((answer["Count"], answer["ScannedCount"]), (len(expected), len(expected)), "counted")
    answer = movies.query(KeyConditionExpression=Key("year").eq(1985), ScanIndexForward=False, Limit=3)
    equal([f["title"] for f in answer["Items"]], expected[:-4:-1], "the last three, backwards")
    equal(answer["LastEvaluatedKey"], {"year": 1985, "title": expected[-3]}, "with the key to go on from")
    answer = movies.query(
        ProjectionExpression="#yr, title, info.genres, info.actors[0]", ExpressionAttributeNames={"#yr": "year"},
        KeyConditionExpression=Key("year").eq(1992) & Key("title").between("A", "L"))
    expected = [{"year": f["year"], "title": f["title"],
                 "info": {k: f["info"][k][:1] if k == "actors" else f["info"][k]
                          for k in ("genres", "actors") if k in f["info"]}}
                for f in sorted(films, key=lambda f: f["title"].encode())
                if f["year"] == 1992 and "A" <= f["title"] <= "L"]
    equal(answer["Items"], expected, "films of 1992 from A to L, projected")
    found, pages = all_pages(movies.query, KeyConditionExpression=Key("year").eq(2013) & Key("title").begins_with("The "),
                             FilterExpression=Attr("info.rating").gte(Decimal("7.5")) & Attr("info.genres").contains("Drama"),
                             Limit=7)
    expected = sorted((f["title"] for f in films if f["year"] == 2013 and f["title"].startswith("The ")
                       and f["info"].get("rating", 0) >= Decimal("7.5") and "Drama" in f["info"].get("genres", [])),
                      key=str.encode)
    equal([f["title"] for f in found], expected, f"a filter over pages of seven ({pages})")


def scans():
    """Filters, segments, and counts."""
    found, _ = all_pages(movies.scan, FilterExpression=Key("year").between(1950, 1959),
                         ProjectionExpression="#yr, title, info.rating", ExpressionAttributeNames={"#yr": "year"})
    equal(len(found), sum(1950 <= f["year"] <= 1959 for f in films), "the films of the fifties")
    parts = [all_pages(movies.scan, Segment=i, TotalSegments=4, ProjectionExpression="title")[0] for i in range(4)]
    equal(sorted(f["title"] for part in parts for f in part), sorted(f["title"] for f in films),
          "four segments hold every film once")
    ok(all(len(part) > 0 for part in parts), "and none is empty")
    answer = movies.scan(Select="COUNT", ReturnConsumedCapacity="TOTAL")
    ok("Items" not in answer and answer["ConsumedCapacity"]["CapacityUnits"] > 100, "a count has no items and its price")


def batch_get():
    """BatchGetItem through the resource."""
    keys = [{"year": f["year"], "title": f["title"]} for f in films[:100]]
    answer = dynamodb.batch_get_item(RequestItems={"Movies": {"Keys": keys, "ProjectionExpression": "title"}})
    equal(sorted(f["title"] for f in answer["Responses"]["Movies"]), sorted(k["title"] for k in keys), "100 films at once")
    equal(answer["UnprocessedKeys"], {}, "none left out")
    error = raises(ClientError, lambda: dynamodb.batch_get_item(RequestItems={"Movies": {"Keys": keys + [new_movie]}}),
                   "101 are refused")
    equal(error and error.response["Error"]["Code"], "ValidationException", "its code")


def statements():
    """PartiQL: statements with parameters, pages, a batch, a transaction."""
    client = dynamodb.meta.client
    answer = client.execute_statement(
        Statement='SELECT title, info.rating FROM "Movies" WHERE "year" = ? AND title BETWEEN ? AND ?',
        Parameters=[2013, "R", "S"], ReturnConsumedCapacity="TOTAL")
    expected = [{"title": f["title"], **({"rating": f["info"]["rating"]} if "rating" in f["info"] else {})}
                for f in sorted(films, key=lambda f: str.encode(f["title"])) if f["year"] == 2013 and "R" <= f["title"] <= "S"]
    equal(answer["Items"], expected, "a range of titles, as the resource's types")
    ok(answer["ConsumedCapacity"]["CapacityUnits"] >= 0.5, "and its price")

    def titles(statement, **parameters):
        found, token = [], {}
        while token is not None:
            page = client.execute_statement(Statement=statement, **parameters, **token)
            found += [f["title"] for f in page["Items"]]
            token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
        return found

    equal(titles('SELECT title FROM "Movies" WHERE "year" = 2013 ORDER BY title DESC', Limit=50), sorted((f["title"] for f in films if f["year"] == 2013), key=str.encode, reverse=True), "pages, last title first")
    equal(sorted(titles('SELECT title FROM "Movies" WHERE info.rating > 8.8 AND contains(info.genres, \'Drama\')')),
          sorted(f["title"] for f in films if f["info"].get("rating", 0) > Decimal("8.8") and "Drama" in f["info"].get("genres", [])),
          "a scan with a filter")
    film = {"year": 2030, "title": "Statements"}
    client.execute_statement(Statement='INSERT INTO "Movies" VALUE {\'year\': ?, \'title\': ?, \'info\': ?}',
                             Parameters=[2030, "Statements", {"rating": Decimal("1.5"), "genres": ["Test"]}])
    equal(movies.get_item(Key=film)["Item"]["info"]["rating"], Decimal("1.5"), "INSERT")
    raises(errors.DuplicateItemException, lambda: client.execute_statement(
        Statement='INSERT INTO "Movies" VALUE {\'year\': 2030, \'title\': \'Statements\'}'), "INSERT of what is there")
    raises(errors.ConditionalCheckFailedException, lambda: client.execute_statement(
        Statement='UPDATE "Movies" SET info.rating = 2 WHERE "year" = 2030 AND title = \'Statements\' AND info.rating > 5'),
        "UPDATE with a condition that fails")
    batch = client.batch_execute_statement(Statements=[
        {"Statement": 'SELECT title FROM "Movies" WHERE "year" = ? AND title = ?', "Parameters": [2030, "Statements"]},
        {"Statement": 'SELECT title FROM "Movies" WHERE "year" = 2030'}])
    equal([r.get("Item", r.get("Error", {}).get("Code")) for r in batch["Responses"]], [{"title": "Statements"}, "ValidationError"],
          "a batch, of which one fails")
    equal(client.execute_transaction(TransactStatements=[
        {"Statement": 'DELETE FROM "Movies" WHERE "year" = 2030 AND title = \'Statements\''}])["Responses"], [], "a transaction")
    ok("Item" not in movies.get_item(Key=film), "has deleted it")


def delete():
    """The table is deleted."""
    equal(movies.delete()["TableDescription"]["TableStatus"], "DELETING", "a deleted table is DELETING")
    movies.wait_until_not_exists()
    equal(list(dynamodb.tables.all()), [], "and then gone")
    raises(errors.ResourceNotFoundException, lambda: movies.get_item(Key=new_movie), "with its items")


run(create, one_film, bulk, queries, scans, batch_get, statements, delete)
