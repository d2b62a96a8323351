#!/usr/bin/python3
"""boto3's dynamodbstreams client: a consumer written for DynamoDB Streams follows a table.

Starts a server of its own (support/with-server), unless DDB_ENDPOINT names one; it
restarts that server, so it can't be another's.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
sys.dont_write_bytecode = True

import server  # noqa: E402

server.ensure(__file__)

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from tap import equal, ok, raises, run  # noqa: E402

options = {"endpoint_url": os.environ["DDB_ENDPOINT"],
           "config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)}
dynamodb = boto3.client("dynamodb", **options)
streams = boto3.client("dynamodbstreams", **options)

KEYS = 12
STEPS = 150
WRITERS = 4


def create(name, view):
    """Creates a table with a stream; gives the stream's ARN."""
    made = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view})["TableDescription"]
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return made["LatestStreamArn"]


def wait_for(condition, seconds=60):
    """What condition gives once it is true, or false in the end."""
    end = time.monotonic() + seconds
    while not (result := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return result


def status(arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"]


def patiently(call, **parameters):
    """Calls again while the server is not there."""
    end = time.monotonic() + 90
    while True:
        try:
            return call(**parameters)
        except Exception as error:
            code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code", "")
            if code not in ("", "InternalServerError", "500", "503") or time.monotonic() > end:
                raise
            time.sleep(0.1)


def all_shards(arn):
    """The stream's shards, two a page."""
    shards, more = [], {}
    while True:
        page = patiently(streams.describe_stream, StreamArn=arn, Limit=2, **more)["StreamDescription"]
        shards += page["Shards"]
        if "LastEvaluatedShardId" not in page:
            return shards
        more = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}


class Consumer:
    """Follows a stream: each shard from its beginning, after its parent's end."""

    def __init__(self, arn, forgetful=False):
        self.arn = arn
        self.forgetful = forgetful  # goes on by checkpoints, not by iterators
        self.iterators = {}
        self.checkpoints = {}
        self.finished = set()
        self.by_shard = defaultdict(list)
        self.records = []
        self.parents = {}

    def look(self):
        """Starts with the shards whose turn it is."""
        shards = all_shards(self.arn)
        listed = {shard["ShardId"] for shard in shards}
        for shard in shards:
            number, parent = shard["ShardId"], shard.get("ParentShardId")
            self.parents[number] = parent
            if number not in self.iterators and number not in self.finished and \
                    (parent not in listed or parent in self.finished):
                self.iterators[number] = self.iterator(number)

    def iterator(self, shard):
        place = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self.checkpoints:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.checkpoints[shard]}
        return patiently(streams.get_shard_iterator, StreamArn=self.arn, ShardId=shard, **place)["ShardIterator"]

    def read(self):
        """Reads a page of each shard at hand; gives the number of records."""
        count = 0
        for shard, iterator in list(self.iterators.items()):
            if self.forgetful and shard in self.checkpoints:
                iterator = self.iterator(shard)
            page = patiently(streams.get_records, ShardIterator=iterator, Limit=40)
            count += len(page["Records"])
            self.records += page["Records"]
            self.by_shard[shard] += page["Records"]
            if page["Records"]:
                self.checkpoints[shard] = page["Records"][-1]["dynamodb"]["SequenceNumber"]
            if "NextShardIterator" in page:
                self.iterators[shard] = page["NextShardIterator"]
            else:
                del self.iterators[shard]
                self.finished.add(shard)
        return count

    def follow(self, stop):
        """Follows until stop is set and every shard has ended."""
        while True:
            last = stop.is_set()
            self.look()
            if self.read() == 0:
                if last and not self.iterators and len(self.finished) == len(all_shards(self.arn)):
                    return
                time.sleep(0.1)


def steps(key):
    """What is done to an item, in order: numbers to put, and None to delete."""
    return [None if step % 7 == 6 else step for step in range(1, STEPS + 1)]


def expected(key):
    """The records of that: (event, new, old)."""
    result, old = [], None
    for new in steps(key):
        result.append(("INSERT" if old is None else "REMOVE" if new is None else "MODIFY", new, old))
        old = new
    return result


def write(keys, pace):
    """Does all steps to some items.  A step that is repeated changes nothing the second time."""
    own = boto3.client("dynamodb", **options)
    for step in range(STEPS):
        for key in keys:
            number = steps(key)[step]
            if number is None:
                patiently(own.delete_item, TableName="Follow", Key={"pk": {"S": key}})
            else:
                patiently(own.put_item, TableName="Follow", Item={"pk": {"S": key}, "n": {"N": str(number)}})
        time.sleep(pace)


def shape(record):
    def number(image):
        return int(image["n"]["N"]) if image else None
    stream = record["dynamodb"]
    return record["eventName"], number(stream.get("NewImage")), number(stream.get("OldImage"))


def check(consumer, name):
    """Nothing is lost, comes twice or in another order."""
    by_key = defaultdict(list)
    for record in consumer.records:
        by_key[record["dynamodb"]["Keys"]["pk"]["S"]].append(shape(record))
    keys = [f"key{i}" for i in range(KEYS)]
    equal(sorted(by_key), sorted(keys), f"{name}: all items")
    for key in keys:
        got, wanted = by_key[key], expected(key)
        place = next((i for i in range(max(len(got), len(wanted))) if got[i:i + 1] != wanted[i:i + 1]), 0)
        ok(got == wanted, f"{name}: every change of {key}, once, in order",
           f"record {place} is {got[place:place + 1]} of {len(got)}, not {wanted[place:place + 1]} of {len(wanted)}")
    equal(len({r["eventID"] for r in consumer.records}), len(consumer.records), f"{name}: eventIDs are unique")
    for shard, records in consumer.by_shard.items():
        numbers = [r["dynamodb"]["SequenceNumber"] for r in records]
        ok(all(int(a) < int(b) for a, b in zip(numbers, numbers[1:])), f"{name}: numbers grow in {shard}")


def restart():
    """Stops and starts the server."""
    tool = [f"{server.root}/bin/ddb-local"]
    for command in "stop", "start":
        subprocess.run([*tool, command, "--data", os.environ["DDB_DATA"]], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, check=True, timeout=120)


def crash():
    """Kills a process of the server, which then recovers from its log."""
    pid = server.sql("SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'ddb%' ORDER BY pid LIMIT 1")
    os.kill(int(pid), signal.SIGKILL)


def begin():
    """A table's stream is listed, described and becomes ENABLED."""
    for setting in "ddb.stream_shard_duration = 2", "synchronous_commit = on":
        server.sql(f"ALTER SYSTEM SET {setting}")
    server.sql("SELECT pg_reload_conf()")
    arn = create("First", "NEW_IMAGE")
    listed = streams.list_streams(TableName="First")["Streams"]
    equal(listed, [{"StreamArn": arn, "TableName": "First", "StreamLabel": arn.rpartition("/")[2]}], "the stream is listed")
    equal(wait_for(lambda: status(arn) == "ENABLED"), True, "and becomes ENABLED")
    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    equal(described["StreamViewType"], "NEW_IMAGE", "its view")
    equal(described["KeySchema"], [{"AttributeName": "pk", "KeyType": "HASH"}], "its keys")
    ok(described["Shards"], "it has a shard", described)


def latest():
    """From LATEST on comes what is written after the call, within a second or so, and
    nothing that was written before it, however little."""
    arn = dynamodb.describe_table(TableName="First")["Table"]["LatestStreamArn"]
    for turn in range(6):
        shard = [s for s in all_shards(arn) if "EndingSequenceNumber" not in s["SequenceNumberRange"]][-1]["ShardId"]
        dynamodb.put_item(TableName="First", Item={"pk": {"S": f"before{turn}"}})
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")["ShardIterator"]
        dynamodb.put_item(TableName="First", Item={"pk": {"S": f"after{turn}"}})
        consumer, found = Consumer(arn), []
        consumer.look()
        consumer.finished |= {s for s in consumer.iterators if s != shard}
        consumer.iterators = {shard: iterator}

        def arrived():
            consumer.look()
            consumer.read()
            found[:] = [r["dynamodb"]["Keys"]["pk"]["S"] for r in consumer.records]
            return f"after{turn}" in found
        began = time.monotonic()
        ok(wait_for(arrived, 20), f"after{turn} arrives", found)
        print(f"# after {time.monotonic() - began:.2f} s")
        found = [r["dynamodb"]["Keys"]["pk"]["S"] for r in consumer.by_shard[shard]]
        equal([k for k in found if k != f"after{turn}"], [], "and nothing that was there before")


def prompt():
    """One call of GetRecords shows what was acknowledged before it."""
    arn = create("Prompt", "KEYS_ONLY")
    shard = all_shards(arn)[-1]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="LATEST")["ShardIterator"]
    seen = []
    for n in range(20):
        dynamodb.put_item(TableName="Prompt", Item={"pk": {"S": str(n)}})
        page = streams.get_records(ShardIterator=iterator)
        iterator = page["NextShardIterator"]
        seen.append([record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]])
    equal(seen, [[str(n)] for n in range(20)], "each put is in the next page")


def errors():
    """Errors are the SDK's classes."""
    arn = dynamodb.describe_table(TableName="First")["Table"]["LatestStreamArn"]
    known = streams.exceptions
    raises(known.ResourceNotFoundException, lambda: streams.describe_stream(StreamArn=arn + "9"), "another stream")
    shard = all_shards(arn)[0]["ShardId"]
    raises(known.ResourceNotFoundException, lambda: streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard[:-8] + "00000000", ShardIteratorType="LATEST"), "another shard")
    raises(known.TrimmedDataAccessException, lambda: streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="1" + 29 * "0"), "trimmed data")
    wrong = raises(known.ClientError, lambda: streams.get_records(ShardIterator="x"), "no iterator")
    equal(wrong and wrong.response["Error"]["Code"], "ValidationException", "is a ValidationException")


def rights():
    """Who may SELECT from the table may read its stream."""
    arn = dynamodb.describe_table(TableName="First")["Table"]["LatestStreamArn"]
    server.sql("CREATE ROLE reader LOGIN")
    key, secret = server.sql("SELECT * FROM ddb_create_access_key('reader')").split("|")
    reader = boto3.client("dynamodbstreams", aws_access_key_id=key, aws_secret_access_key=secret, **options)
    equal(reader.list_streams()["Streams"], [], "a stream of another's is not listed")
    refused = raises(reader.exceptions.ClientError, lambda: reader.describe_stream(StreamArn=arn), "nor described")
    equal(refused and refused.response["Error"], {"Code": "AccessDeniedException", "Message":
          f"User: arn:aws:iam::000000000000:user/reader is not authorized to perform: dynamodb:DescribeStream on resource: {arn}"
          " because no identity-based policy allows the dynamodb:DescribeStream action"}, "in the service's words")
    server.sql('GRANT SELECT ON ddb_data."First" TO reader')
    shard = reader.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = reader.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    ok(reader.get_records(ShardIterator=iterator)["Records"], "a reader of the table reads it")
    server.sql('REVOKE SELECT ON ddb_data."First" FROM reader')
    refused = raises(reader.exceptions.ClientError, lambda: reader.get_records(ShardIterator=iterator), "and not when that is over")
    equal(refused and refused.response["Error"]["Code"], "AccessDeniedException", "whatever iterators it has")
    counted = server.sql("SELECT labels->>'operation' FROM ddb_metrics WHERE name = 'ddb_requests_total' AND labels->>'table' = 'First'").split()
    for operation in "DescribeStream", "GetShardIterator", "GetRecords", "ListStreams":
        ok(operation in counted, f"{operation} is counted for the table")


def follow():
    """Two consumers follow a table while it is written, shards roll over and the server restarts."""
    arn = create("Follow", "NEW_AND_OLD_IMAGES")
    stop = threading.Event()
    consumers = {"by iterators": Consumer(arn), "by checkpoints": Consumer(arn, forgetful=True)}
    failures = []

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as error:
            failures.append(repr(error))
    readers = [threading.Thread(target=guarded, args=(c.follow, stop), daemon=True) for c in consumers.values()]
    keys = [f"key{i}" for i in range(KEYS)]
    writers = [threading.Thread(target=guarded, args=(write, keys[i::WRITERS], 0.05), daemon=True) for i in range(WRITERS)]
    for thread in readers + writers:
        thread.start()
    time.sleep(3)
    restart()
    time.sleep(3)
    crash()
    for thread in writers:
        thread.join(120)
    patiently(dynamodb.update_table, TableName="Follow", StreamSpecification={"StreamEnabled": False})
    equal(wait_for(lambda: status(arn) == "DISABLED"), True, "the stream is disabled and all of it recorded")
    stop.set()
    for thread in readers:
        thread.join(60)
    equal(failures, [], "no thread failed")
    ok(not any(t.is_alive() for t in readers), "both came to the end of all shards")
    shards = all_shards(arn)
    ok(len(shards) > 2, f"shards rolled over: {len(shards)}")
    equal([s.get("ParentShardId") for s in shards], [None] + [s["ShardId"] for s in shards][:-1], "each with its parent")
    ok(all("EndingSequenceNumber" in s["SequenceNumberRange"] for s in shards), "all closed")
    for name, consumer in consumers.items():
        check(consumer, name)
    again = Consumer(arn)
    stop.set()
    again.follow(stop)
    equal([r["eventID"] for r in again.records], [r["eventID"] for r in sorted(
        consumers["by iterators"].records, key=lambda r: r["dynamodb"]["SequenceNumber"])], "and they are read again the same")


def outlive():
    """A stream is readable when its table is gone, and a new one has another ARN."""
    old = dynamodb.describe_table(TableName="Follow")["Table"]["LatestStreamArn"]
    dynamodb.update_table(TableName="Follow", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    new = dynamodb.describe_table(TableName="Follow")["Table"]["LatestStreamArn"]
    ok(new > old, "a new stream has a later ARN")
    dynamodb.delete_table(TableName="Follow")
    equal([s["StreamArn"] for s in streams.list_streams(TableName="Follow")["Streams"]], [old, new], "both are listed without the table")
    consumer, stop = Consumer(old), threading.Event()
    stop.set()
    consumer.follow(stop)
    equal(len(consumer.records), KEYS * STEPS, "and all records of the first are there")


run(begin, latest, prompt, errors, rights, follow, outlive)
