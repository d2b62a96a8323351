#!/usr/bin/python3
"""boto3: values that must survive the trip, large items, 10,000 items paged,
conditions on tables over the API, and errors as the client's exception classes.

Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one.
"""

import os
import random
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
sys.dont_write_bytecode = True

import server  # noqa: E402

server.ensure(__file__)

import boto3  # noqa: E402
from boto3.dynamodb.types import Binary  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from tap import equal, ok, raises, run  # noqa: E402

endpoint = os.environ["DDB_ENDPOINT"]
resource = boto3.resource("dynamodb", endpoint_url=endpoint)
client = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
errors = client.exceptions
values = resource.Table("Values")


def make(name, sort=None):
    attributes = [("id", "S", "HASH")] + ([(sort, "N", "RANGE")] if sort else [])
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": n, "KeyType": k} for n, _, k in attributes],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t, _ in attributes])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})


def refused(call, message, name):
    """Checks that a call is a ValidationException with this message."""
    error = raises(ClientError, call, name)
    if error:
        equal((error.response["Error"]["Code"], error.response["Error"]["Message"]),
              ("ValidationException", message), f"{name}: what it says")


def survives(name, value):
    values.put_item(Item={"id": name, "value": value})
    back = values.get_item(Key={"id": name})["Item"]["value"]
    ok(back == value and type(back) is type(value), f"{name} survives", f"{value!r:.200}", f"{back!r:.200}")


def trips():
    """Every type, and its edges."""
    make("Values")
    survives("unicode", "Grüße, 世界! \U0001f9a6 e\u0301 \u200d \ufeff \U0010ffff")
    survives("controls", "\x01\x02\b\t\n\x0b\f\r\x1f\x7f\x80 \\ \" / <&>")
    survives("empty string", "")
    survives("binary", Binary(bytes(range(256)) * 5))
    survives("empty binary", Binary(b""))
    survives("38 digits", Decimal("12345678901234567890123456789012345678"))
    survives("38 digits after the point", Decimal("-0.12345678901234567890123456789012345678"))
    survives("smallest number", Decimal("1E-130"))
    survives("zero", Decimal(0))
    survives("bool", True)
    survives("null", None)
    survives("list", ["a", Decimal(1), None, False, [], {}, [["b"]]])
    survives("map", {"a": {"b": {"c": [Decimal("1.5"), {"d": Binary(b"\0")}]}}, "ключ": "значение"})
    survives("string set", {"a", "b", "ü"})
    survives("number set", {Decimal(1), Decimal("2.5"), Decimal("-1E-100")})
    survives("binary set", {Binary(b"\0"), Binary(b"\xff\xfe")})
    deep = "leaf"
    for _ in range(31):
        deep = [deep]
    survives("31 lists", deep)
    refused(lambda: values.put_item(Item={"id": "deep", "value": [deep]}),
            "1 validation error detected: Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit", "32 lists are refused")
    # Text that no Python Decimal is made of: the client API sends it as it stands.
    client.put_item(TableName="Values", Item={"id": {"S": "n"}, "a": {"N": "1.50"}, "b": {"N": "1e2"}, "c": {"N": "-0"}})
    item = client.get_item(TableName="Values", Key={"id": {"S": "n"}})["Item"]
    equal([item[k]["N"] for k in "abc"], ["1.5", "100", "0"], "numbers come back in canonical form")
    # As DynamoDB does, large numbers come back with all their zeros, which boto3's Decimal context takes
    # for digits and refuses; the client API, and other SDKs, don't mind.
    for sign in ("", "-"):
        client.put_item(TableName="Values", Item={"id": {"S": "n"}, "a": {"N": f"{sign}9.{'9' * 37}E+125"}})
        item = client.get_item(TableName="Values", Key={"id": {"S": "n"}})["Item"]
        equal(item["a"]["N"], f"{sign}{'9' * 38}{'0' * 88}", f"the largest number survives {sign}")
    refused(lambda: client.put_item(TableName="Values", Item={"id": {"S": "n"}, "a": {"N": "1" * 39}}),
            "1 validation error detected: Attempting to store more than 38 significant digits in a Number", "39 digits are refused")
    refused(lambda: client.put_item(TableName="Values", Item={"id": {"S": "n"}, "a": {"N": "1E126"}}),
            "1 validation error detected: Number overflow. Attempting to store a number with magnitude larger than supported range", "1E126 is refused")


def large():
    """An item of exactly 400 KB, and one byte more."""
    room = 409600 - len("id") - len("big") - len("data")
    item = {"id": "big", "data": "x" * room}
    answer = values.put_item(Item=item, ReturnConsumedCapacity="TOTAL")
    equal(answer["ConsumedCapacity"]["CapacityUnits"], 400, "400 KB are written for 400 units")
    equal(values.get_item(Key={"id": "big"})["Item"], item, "and come back whole")
    noise = random.Random(1).randbytes(room)
    values.put_item(Item={"id": "big", "data": noise})
    equal(values.get_item(Key={"id": "big"})["Item"]["data"], Binary(noise), "so do 400 KB that don't compress")
    refused(lambda: values.put_item(Item={"id": "big", "data": "x" * (room + 1)}),
            "Item size has exceeded the maximum allowed size", "a byte more is refused")
    refused(lambda: values.update_item(Key={"id": "big"}, UpdateExpression="SET more = :m", ExpressionAttributeValues={":m": "x"}),
            "Item size to update has exceeded the maximum allowed size", "nor can an update add it")
    for n in range(6):
        values.put_item(Item={"id": f"large{n}", "data": "y" * 390000})
    pages = [p["Count"] for p in client.get_paginator("scan").paginate(
        TableName="Values", FilterExpression="begins_with(id, :l) AND size(id) = :s", ExpressionAttributeValues={":l": {"S": "large"}, ":s": {"N": "6"}})]
    ok(sum(pages) == 6 and len(pages) >= 3, f"large items are scanned 1 MB a page ({pages})")
    answer = resource.batch_get_item(RequestItems={"Values": {"Keys": [{"id": f"large{n}"} for n in range(6)]}})
    equal(sum(len(i["data"]) for i in answer["Responses"]["Values"]), 6 * 390000, "and got in one batch")


def pages():
    """10,000 items, page by page, both ways."""
    make("Pages", "n")
    with resource.Table("Pages").batch_writer() as batch:
        for n in range(10000):
            batch.put_item(Item={"id": "all", "n": n, "text": f"item {n}"})
    query = client.get_paginator("query")
    ask = dict(TableName="Pages", KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "all"}})
    for forward, expected in ((True, list(range(10000))), (False, list(range(9999, -1, -1)))):
        numbers = [int(i["n"]["N"]) for p in query.paginate(**ask, ScanIndexForward=forward, PaginationConfig={"PageSize": 333})
                   for i in p["Items"]]
        equal(numbers, expected, f"10,000 items in order by pages of 333, {'forward' if forward else 'backward'}")
    result = query.paginate(**ask, PaginationConfig={"MaxItems": 1234, "PageSize": 500}).build_full_result()
    equal(len(result["Items"]), 1234, "the paginator stops where it is told")
    rest = query.paginate(**ask, PaginationConfig={"StartingToken": result["NextToken"]}).build_full_result()
    equal(int(rest["Items"][0]["n"]["N"]), 1234, "and goes on from its token")
    equal(len(rest["Items"]), 10000 - 1234, "to the end")


def tables():
    """Tables as the API describes, lists, changes, tags and protects them."""
    for n in range(12):
        make(f"T{n:02}")
    names = [n for p in client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 5}) for n in p["TableNames"]]
    equal(names, ["Pages"] + [f"T{n:02}" for n in range(12)] + ["Values"], "tables are listed by pages of five")
    arn = client.describe_table(TableName="T00")["Table"]["TableArn"]
    equal(arn, "arn:aws:dynamodb:us-east-1:000000000000:table/T00", "a table has an ARN")
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "shop"}])
    equal(client.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "team", "Value": "shop"}], "and tags")
    client.untag_resource(ResourceArn=arn, TagKeys=["team"])
    equal(client.list_tags_of_resource(ResourceArn=arn)["Tags"], [], "which can be taken away")
    client.update_time_to_live(TableName="T00", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    ttl = client.describe_time_to_live(TableName="T00")["TimeToLiveDescription"]
    ok(ttl["TimeToLiveStatus"] in ("ENABLING", "ENABLED") and ttl["AttributeName"] == "expires", "a time to live", ttl)
    client.update_table(
        TableName="Pages", AttributeDefinitions=[{"AttributeName": "text", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by_text", "KeySchema": [{"AttributeName": "text", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
    client.get_waiter("table_exists").wait(TableName="Pages", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    for _ in range(300):
        index = client.describe_table(TableName="Pages")["Table"]["GlobalSecondaryIndexes"][0]
        if index["IndexStatus"] == "ACTIVE":
            break
        server.sql("SELECT pg_sleep(0.1)")
    equal(index["IndexStatus"], "ACTIVE", "an index is added to 10,000 items")
    answer = client.query(TableName="Pages", IndexName="by_text", KeyConditionExpression="#t = :t",
                          ExpressionAttributeNames={"#t": "text"}, ExpressionAttributeValues={":t": {"S": "item 77"}})
    equal(answer["Items"], [{"id": {"S": "all"}, "n": {"N": "77"}, "text": {"S": "item 77"}}], "and finds its item")
    limits = client.describe_limits()
    ok(limits["TableMaxReadCapacityUnits"] > 0, "limits are described")
    ok(client.describe_endpoints()["Endpoints"][0]["Address"], "endpoints too")
    for name in names[1:-1]:
        if name != "T00":
            client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName="T11", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    raises(errors.ResourceNotFoundException, lambda: client.describe_table(TableName="T11"), "a deleted table is gone")


def classes():
    """Errors come as the exceptions that the client has for them."""
    key = {"id": {"S": "x"}}
    raises(errors.ResourceNotFoundException, lambda: client.get_item(TableName="Nowhere", Key=key), "no such table")
    raises(errors.ConditionalCheckFailedException, lambda: client.put_item(
        TableName="Values", Item=key, ConditionExpression="attribute_exists(id)"), "a failed condition")
    refused(lambda: client.get_item(TableName="Values", Key={"other": {"S": "x"}}),
            "The provided key element does not match the schema", "a wrong key")
    refused(lambda: client.get_item(TableName="a table", Key=key),
            "1 validation error detected: Value 'a table' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+", "a table name with a space")
    refused(lambda: client.query(TableName="Values", KeyConditionExpression="id = :missing"),
            "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; "
            "attribute value: :missing", "a value that is not there")
    stranger = boto3.client("dynamodb", endpoint_url=endpoint, aws_access_key_id="AKIASTRANGER00000000",
                            aws_secret_access_key="none", config=Config(retries={"total_max_attempts": 1}))
    error = raises(ClientError, stranger.list_tables, "a key that nobody has")
    equal(error and error.response["Error"]["Code"], "UnrecognizedClientException", "its code")
    liar = boto3.client("dynamodb", endpoint_url=endpoint, aws_secret_access_key="wrong",
                        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], config=Config(retries={"total_max_attempts": 1}))
    error = raises(ClientError, liar.list_tables, "a wrong secret")
    equal(error and error.response["Error"]["Code"], "InvalidSignatureException", "its code")
    reader, secret = server.sql("CREATE ROLE reader LOGIN; GRANT SELECT ON ddb_data.\"Values\" TO reader; "
                                "SELECT access_key_id || ' ' || secret_access_key FROM ddb_create_access_key('reader')").split()
    reads = boto3.client("dynamodb", endpoint_url=endpoint, aws_access_key_id=reader, aws_secret_access_key=secret)
    equal(reads.get_item(TableName="Values", Key={"id": {"S": "bool"}})["Item"]["value"], {"BOOL": True}, "a role with SELECT reads")
    error = raises(ClientError, lambda: reads.put_item(TableName="Values", Item=key), "but does not write")
    equal(error and error.response["Error"]["Code"], "AccessDeniedException", "its code")


run(trips, large, pages, tables, classes)
