"""What clients do.  Each is a process with a random generator of its own; what it did is in its log.

A line of a log is a JSON array:

    kind, key, door, begun, ended, outcome, data, error

Times are CLOCK_MONOTONIC's, which all processes of a machine share: what ended before another
thing begun happened before it.  judge.py says what must be true of each kind.
"""

import json
import random
import time

import psycopg2

from wire import NO, OK, UNKNOWN, HttpDoor, Result, SqlDoor

COUNTERS = 6
LOCKS = 6
LISTS = 4
ACCOUNTS = 10
PAIRS = 4
GROUP_ITEMS = 60
GROUPS = 5
OWN = 12
BALANCE = 1000
UNIQUE_SECONDS = 0.3
LIST_SECONDS = 15

TABLES = ("Soak", "Plain")  # with a stream, and without


def table_of(number):
    return TABLES[number % 2]


def string(text):
    return {"S": text}


def number(value):
    return {"N": str(value)}


class Client:
    def __init__(self, place, number, seed, prefix, path, begun):
        self.doors = [HttpDoor(place), SqlDoor(place)]
        if number % 2 == 1:
            self.doors.reverse()
        self.random = random.Random("%s client %d" % (seed, number))
        self.number = number
        self.prefix = prefix
        self.begun = begun
        self.file = open(path, "w")
        self.made = 0
        self.own = {}

    # ---- helpers ----

    def door(self):
        return self.doors[0 if self.random.random() < 0.85 else 1]

    def sql(self):
        return next(door for door in self.doors if door.name == "sql")

    def name(self):
        """A name that nothing else has in this round."""
        self.made += 1
        return "%d.%d" % (self.number, self.made)

    def key(self, kind, n):
        return {"id": string("%s%s-%s" % (self.prefix, kind, n))}

    def log(self, kind, key, door, begun, result, data):
        ended = time.monotonic()
        outcome = "late" if result.late else result.outcome
        json.dump([kind, key, door.name, begun, ended, outcome, data, result.error], self.file)
        self.file.write("\n")
        if result.outcome != OK and result.error is not None and "connect" in result.error:
            time.sleep(0.05)

    def read(self, door, table, key):
        return door.request("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})

    # ---- kinds ----

    def counter(self):
        n = self.random.randrange(COUNTERS)
        key, table, door = self.key("counter", n), table_of(n), self.door()
        begun = time.monotonic()
        if self.random.random() < 0.4:
            result = self.read(door, table, key)
            value = None
            if result.outcome == OK:
                value = int(result.answer.get("Item", {}).get("n", {"N": "0"})["N"])
            self.log("counter read", n, door, begun, result, value)
            return
        if self.random.random() < 0.2:
            result = door.request(
                "ExecuteStatement",
                {
                    "Statement": 'UPDATE "%s" SET n = n + 1 WHERE id = ? RETURNING MODIFIED NEW *' % table,
                    "Parameters": [key["id"]],
                },
            )
            value = int(result.answer["Items"][0]["n"]["N"]) if result.outcome == OK else None
            self.log("counter add", n, door, begun, result, value)
            return
        # the sort key of an index, or no key at all: both ways of updating a row
        update = "ADD n :one" if n % 3 == 0 else "SET g = :g ADD n :one"
        values = {":one": number(1)}
        if n % 3 != 0:
            values[":g"] = string("counters")
        result = door.request(
            "UpdateItem",
            {
                "TableName": table,
                "Key": key,
                "UpdateExpression": update,
                "ExpressionAttributeValues": values,
                "ReturnValues": "UPDATED_NEW",
            },
        )
        value = int(result.answer["Attributes"]["n"]["N"]) if result.outcome == OK else None
        self.log("counter add", n, door, begun, result, value)

    def lock(self):
        """Optimistic locking: read a version, replace it on condition that it is still the one."""
        n = self.random.randrange(LOCKS)
        key, table, door = self.key("lock", n), table_of(n), self.door()
        begun = time.monotonic()
        result = self.read(door, table, key)
        item = result.answer.get("Item") if result.outcome == OK else None
        seen = [int(item["v"]["N"]), item["by"]["S"]] if item else [0, None]
        self.log("lock read", n, door, begun, result, seen)
        if result.outcome != OK or self.random.random() < 0.3:
            return
        by = self.name()
        new = dict(key, v=number(seen[0] + 1), by=string(by), pad=string("x" * self.random.randrange(400)))
        request = {"TableName": table, "Item": new}
        if item:
            request.update(ConditionExpression="v = :v", ExpressionAttributeValues={":v": number(seen[0])})
        else:
            request.update(ConditionExpression="attribute_not_exists(id)")
        begun = time.monotonic()
        result = door.request("PutItem", request)
        self.log("lock put", n, door, begun, result, [seen[0] + 1, by])

    def transfer(self):
        a, b = self.random.sample(range(ACCOUNTS), 2)
        amount = self.random.randrange(1, 200)
        name = self.name()
        ledger = dict(self.key("ledger", name), a=number(a), b=number(b), amount=number(amount))

        def move(n, sign):
            update = {
                "TableName": table_of(n),
                "Key": self.key("account", n),
                "UpdateExpression": "ADD balance :amount, moves :one",
                "ExpressionAttributeValues": {":amount": number(sign * amount), ":one": number(1)},
            }
            if sign < 0:
                update["ConditionExpression"] = "balance >= :least"
                update["ExpressionAttributeValues"][":least"] = number(amount)
            return update

        put = {"TableName": table_of(self.made), "Item": ledger}
        begun = time.monotonic()
        if self.random.random() < 0.25:
            door = self.sql()
            moves = sorted([(a, move(a, -1)), (b, move(b, 1))], key=lambda m: m[0])
            result = door.transaction([("UpdateItem", m) for _, m in moves] + [("PutItem", put)])
            self.log("transfer", name, door, begun, result, [a, b, amount])
            return
        request = {
            "ClientRequestToken": "%s%s" % (self.prefix, name),
            "TransactItems": [{"Update": move(a, -1)}, {"Update": move(b, 1)}, {"Put": put}],
        }
        door = self.door()
        results = [door.request("TransactWriteItems", request)]
        # the same token again, through any door: while nobody knows, and now and then for nothing
        while len(results) < 6 and (results[-1].outcome == UNKNOWN or self.random.random() < 0.1):
            time.sleep(self.random.random() * 0.3)
            results.append(self.door().request("TransactWriteItems", request))
        for result in results:
            if result.outcome == OK:
                break
        else:
            uncertain = [r for r in results if r.outcome == UNKNOWN]
            result = uncertain[0] if uncertain else results[-1]
        self.log("transfer", name, door, begun, result, [a, b, amount])

    def balances(self):
        gets = [{"Get": {"TableName": table_of(n), "Key": self.key("account", n)}} for n in range(ACCOUNTS)]
        door = self.door()
        begun = time.monotonic()
        result = door.request("TransactGetItems", {"TransactItems": gets})
        found = None
        if result.outcome == OK:
            found = [int(r["Item"]["balance"]["N"]) for r in result.answer["Responses"]]
        self.log("balances", 0, door, begun, result, found)

    def unique(self):
        n = int((time.monotonic() - self.begun) / UNIQUE_SECONDS)
        by = self.name()
        door = self.door()
        begun = time.monotonic()
        result = door.request(
            "PutItem",
            {
                "TableName": table_of(n),
                "Item": dict(self.key("unique", n), by=string(by), g=string("unique"), n=number(n)),
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
        winner = None
        if door.name == "http" and result.error == "ConditionalCheckFailedException":
            winner = result.answer["Item"]["by"]["S"]
        self.log("unique", n, door, begun, result, [by, winner])

    def append(self):
        n = "%d.%d" % (self.random.randrange(LISTS), int((time.monotonic() - self.begun) / LIST_SECONDS))
        key, table, door = self.key("list", n), table_of(int(n[0])), self.door()
        begun = time.monotonic()
        if self.random.random() < 0.25:
            result = self.read(door, table, key)
            found = None
            if result.outcome == OK:
                found = [e["S"] for e in result.answer.get("Item", {}).get("l", {"L": []})["L"]]
            self.log("list read", n, door, begun, result, found)
            return
        name = self.name()
        result = door.request(
            "UpdateItem",
            {
                "TableName": table,
                "Key": key,
                "UpdateExpression": "SET l = list_append(if_not_exists(l, :none), :new)",
                "ExpressionAttributeValues": {":none": {"L": []}, ":new": {"L": [string(name)]}},
            },
        )
        self.log("list append", n, door, begun, result, name)

    def queue(self):
        """Items put into one partition of an index and taken from its front: each is taken once."""
        door = self.door()
        begun = time.monotonic()
        if self.random.random() < 0.5:
            name = self.name()
            item = dict(self.key("queue", name), g=string("queue"), n=number(self.made))
            result = door.request("PutItem", {"TableName": table_of(self.made), "Item": item})
            self.log("queue put", name, door, begun, result, None)
            return
        table = self.random.choice(TABLES)
        front = door.request(
            "Query",
            {
                "TableName": table,
                "IndexName": "byGroup",
                "KeyConditionExpression": "g = :queue",
                "ExpressionAttributeValues": {":queue": string("queue")},
                "Limit": 4,
            },
        )
        found = front.answer["Items"] if front.outcome == OK else []
        found = [item["id"] for item in found if item["id"]["S"].startswith(self.prefix)]
        if not found:
            return
        key = self.random.choice(found)
        begun = time.monotonic()
        result = door.request(
            "DeleteItem",
            {"TableName": table, "Key": {"id": key}, "ConditionExpression": "attribute_exists(id)", "ReturnValues": "ALL_OLD"},
        )
        self.log("queue take", key["S"][len(self.prefix + "queue-") :], door, begun, result, None)

    def plain(self):
        """A counter that plain SQL adds to, beside the engine."""
        n = self.random.randrange(COUNTERS)
        door = self.sql()
        begun = time.monotonic()
        value = None
        try:
            door.connect()
        except psycopg2.Error:
            self.log("counter add", n, door, begun, Result(NO, None, "not connected"), None)
            return
        try:
            rows = door.rows(
                """UPDATE ddb_data."%s" SET item = jsonb_set(item, '{n,N}', to_jsonb(((item #>> '{n,N}')::int + 1)::text))
                   WHERE id = %%s RETURNING (item #>> '{n,N}')::int"""
                % table_of(n),
                (self.key("counter", n)["id"]["S"],),
            )
            if not rows:
                return
            value = rows[0][0]
            result = Result(OK)
        except psycopg2.Error as error:
            result = door.failed(error)
        self.log("counter add", n, door, begun, result, value)

    def skew(self):
        """One of two may leave while the other stays: checked by a ConditionCheck, never both."""
        n = self.random.randrange(PAIRS)
        side = self.random.randrange(2)
        door = self.door()
        keys = [self.key("pair", "%d.%d" % (n, i)) for i in range(2)]
        begun = time.monotonic()
        if self.random.random() < 0.3:
            gets = [{"Get": {"TableName": table_of(i), "Key": keys[i]}} for i in range(2)]
            result = door.request("TransactGetItems", {"TransactItems": gets})
            found = None
            if result.outcome == OK:
                found = [int(r["Item"]["present"]["N"]) for r in result.answer["Responses"]]
            self.log("pair read", n, door, begun, result, found)
            return

        def update(value):
            return {
                "TableName": table_of(side),
                "Key": keys[side],
                "UpdateExpression": "SET present = :v",
                "ExpressionAttributeValues": {":v": number(value)},
            }

        if self.random.random() < 0.5:
            result = door.request("UpdateItem", update(1))
            self.log("pair back", n, door, begun, result, side)
            return
        check = {
            "TableName": table_of(1 - side),
            "Key": keys[1 - side],
            "ConditionExpression": "present = :one",
            "ExpressionAttributeValues": {":one": number(1)},
        }
        result = door.request("TransactWriteItems", {"TransactItems": [{"Update": update(0)}, {"ConditionCheck": check}]})
        self.log("pair leave", n, door, begun, result, side)

    def group(self):
        """Items that move about in the indexes, come and go."""
        n = self.random.randrange(GROUP_ITEMS)
        key, table, door = self.key("group", n), table_of(n), self.door()
        begun = time.monotonic()
        group = string("g%d" % self.random.randrange(GROUPS))
        what = self.random.random()
        if what < 0.15:
            result = door.request("DeleteItem", {"TableName": table, "Key": key})
        elif what < 0.6:
            item = dict(key, g=group, n=number(self.random.randrange(100)))
            if self.random.random() < 0.2:
                del item["g"]
            if self.random.random() < 0.5:
                item["h"] = string("h%d" % self.random.randrange(GROUPS))
            item["pad"] = string("p" * self.random.randrange(3000))
            result = door.request("PutItem", {"TableName": table, "Item": item})
        else:
            update, values = self.random.choice(
                [
                    ("SET g = :g", {":g": group}),
                    ("SET h = :g, n = :n", {":g": group, ":n": number(self.random.randrange(100))}),
                    ("REMOVE g", None),
                    ("SET a = :n", {":n": number(self.random.randrange(100))}),
                ]
            )
            request = {"TableName": table, "Key": key, "UpdateExpression": update}
            if values:
                request["ExpressionAttributeValues"] = values
            result = door.request("UpdateItem", request)
        self.log("group", n, door, begun, result, None)

    def own_write(self):
        """Items that this client alone writes, one or many at a time."""
        door = self.door()
        numbers = self.random.sample(range(OWN), self.random.randrange(1, 5))
        values = {n: None if self.random.random() < 0.2 else self.name() for n in numbers}
        requests = {}
        for n, value in values.items():
            key = self.key("own", "%d.%d" % (self.number, n))
            write = {"DeleteRequest": {"Key": key}} if value is None else {"PutRequest": {"Item": dict(key, v=string(value))}}
            requests.setdefault(table_of(n), []).append(write)
        begun = time.monotonic()
        result = door.request("BatchWriteItem", {"RequestItems": requests})
        if result.outcome == OK and result.answer.get("UnprocessedItems"):
            result = Result(UNKNOWN, None, "unprocessed")
        self.log("own write", self.number, door, begun, result, values)

    def own_read(self):
        door = self.door()
        requests = {}
        for n in range(OWN):
            requests.setdefault(table_of(n), {"Keys": [], "ConsistentRead": True})["Keys"].append(
                self.key("own", "%d.%d" % (self.number, n))
            )
        begun = time.monotonic()
        result = door.request("BatchGetItem", {"RequestItems": requests})
        found = None
        if result.outcome == OK and not result.answer.get("UnprocessedKeys"):
            found = {}
            for items in result.answer["Responses"].values():
                for item in items:
                    found[item["id"]["S"].rpartition(".")[2]] = item["v"]["S"]
        self.log("own read", self.number, door, begun, result, found)

    def watch(self):
        """The index against the table, both as one snapshot sees them."""
        table = self.random.choice(TABLES)
        door = self.sql()
        begun = time.monotonic()
        query = """SELECT (SELECT count(*) FROM indexed), (SELECT count(*) FROM rows),
          (SELECT count(*) FROM (SELECT * FROM indexed EXCEPT ALL SELECT * FROM rows) AS d)"""
        try:
            door.rows("BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
            indexed, rows, different = door.rows(
                """WITH indexed AS (SELECT item FROM ddb_scan('%s', index_name => 'byGroup') AS item),
                  rows AS (SELECT item FROM ddb_data."%s" WHERE g IS NOT NULL AND n IS NOT NULL) %s"""
                % (table, table, query)
            )[0]
            door.rows("COMMIT")
            result = Result(OK)
        except psycopg2.Error as error:
            indexed = rows = different = None
            result = Result(NO, None, "SQLSTATE %s" % error.pgcode if error.pgcode else "connection lost")
        self.log("watch", table, door, begun, result, [indexed, rows, different])

    WEIGHTS = [
        (counter, 20),
        (lock, 14),
        (transfer, 14),
        (balances, 6),
        (unique, 10),
        (append, 10),
        (skew, 10),
        (group, 20),
        (queue, 16),
        (plain, 4),
        (own_write, 6),
        (own_read, 4),
        (watch, 1),
    ]

    def run(self, stop, pause):
        kinds = [kind for kind, _ in self.WEIGHTS]
        weights = [weight for _, weight in self.WEIGHTS]
        while not stop.is_set():
            self.random.choices(kinds, weights)[0](self)
            if pause:
                time.sleep(self.random.random() * 2 * pause)
        self.file.close()
        for door in self.doors:
            door.close()


def setup(door, prefix):
    """The items that a round begins with."""
    writes = []
    for n in range(ACCOUNTS):
        item = {"id": string("%saccount-%d" % (prefix, n)), "balance": number(BALANCE), "moves": number(0)}
        writes.append((table_of(n), item))
    for n in range(PAIRS):
        for side in range(2):
            writes.append((table_of(side), {"id": string("%spair-%d.%d" % (prefix, n, side)), "present": number(1)}))
    for table, item in writes:
        result = door.request("PutItem", {"TableName": table, "Item": item})
        if result.outcome != OK:
            raise RuntimeError("setup: %s" % (result,))


def create_tables(door, sql):
    for table in TABLES:
        request = {
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "g", "AttributeType": "S"},
                {"AttributeName": "n", "AttributeType": "N"},
            ],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "byGroup",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        }
        if table == "Soak":
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        result = door.request("CreateTable", request)
        if result.outcome != OK:
            raise RuntimeError("CreateTable: %s" % (result,))
    while any(
        door.request("DescribeTable", {"TableName": table}).answer["Table"]["TableStatus"] != "ACTIVE" for table in TABLES
    ):
        time.sleep(0.1)
    sql.rows(
        """CREATE TABLE soak_triggered (event_id text);
           CREATE FUNCTION soak_trigger(batch jsonb) RETURNS void LANGUAGE sql SET search_path = public AS $$
             INSERT INTO soak_triggered SELECT r ->> 'eventID' FROM jsonb_array_elements(batch -> 'Records') AS r $$;
           SELECT ddb_create_trigger('soak', 'Soak', 'soak_trigger(jsonb)'::regprocedure, starting_position => 'TRIM_HORIZON')"""
    )


__all__ = ["Client", "setup", "create_tables", "TABLES", "NO", "OK", "UNKNOWN"]
