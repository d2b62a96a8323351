"""What goes wrong, and what a DBA does while clients work.  Each fault is done when it returns, but for what it leaves to
clean up: stragglers, which end by themselves when they are due."""

import os
import signal
import socket
import threading
import time

import psycopg2

from wire import HttpDoor, SqlDoor

TABLES = ("Soak", "Plain")


class Faults:
    def __init__(self, cluster, random):
        self.cluster = cluster
        self.random = random
        self.counts = {}
        self.stragglers = []

    # ---- the server ends ----

    def kill_postmaster(self):
        self.cluster.die(signal.SIGKILL)
        self.cluster.start()

    def stop_immediately(self):
        self.cluster.die(signal.SIGQUIT)
        self.cluster.start()

    def restart(self):
        self.cluster.die(signal.SIGINT)
        self.cluster.start()

    def kill(self, title):
        """kill -9 of one process, after which the postmaster starts all others anew."""
        pids = self.cluster.processes(title)
        if pids:
            os.kill(self.random.choice(pids), signal.SIGKILL)
            self.cluster.wait_until_ready()

    def kill_http_worker(self):
        self.kill("ddb http worker")

    def kill_capture(self):
        self.kill("ddb capture")

    def kill_triggers(self):
        self.kill("ddb triggers")

    def kill_session(self):
        self.kill("postgres ddb [local]")

    def kill_writer(self):
        self.kill(self.random.choice(["checkpointer", "walwriter", "background writer", "autovacuum launcher"]))

    def terminate(self, title):
        pids = self.cluster.processes(title)
        if pids:
            os.kill(self.random.choice(pids), signal.SIGTERM)

    def end_worker(self):
        self.terminate(self.random.choice(["ddb http worker", "ddb capture", "ddb triggers"]))

    def end_session(self):
        self.terminate("postgres ddb [local]")

    def freeze(self):
        """A process that gets no processor for a while."""
        pids = self.cluster.processes(self.random.choice(["ddb http worker", "ddb capture", "walwriter", "postgres ddb [local]"]))
        if pids:
            pid = self.random.choice(pids)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.random.uniform(0.1, 1.5))
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    # ---- administration ----

    def sql(self, statement):
        """One statement that waits at most some seconds for its locks; whether it could be done doesn't matter."""
        door = SqlDoor(self.cluster.place)
        try:
            door.rows("SET lock_timeout = '5s'")
            door.rows(statement)
        except psycopg2.Error:
            pass
        finally:
            door.close()

    def table(self):
        return 'ddb_data."%s"' % self.random.choice(TABLES)

    def vacuum_full(self):
        self.sql("VACUUM FULL " + self.table())

    def vacuum(self):
        self.sql("VACUUM (FREEZE, INDEX_CLEANUP ON) " + self.table())

    def reindex(self):
        self.sql("REINDEX TABLE %s%s" % (self.random.choice(["", "CONCURRENTLY "]), self.table()))

    def checkpoint(self):
        self.sql("CHECKPOINT")

    def alter_index(self):
        """A global secondary index is made, or the one of last time is dropped."""
        table = self.random.choice(TABLES)
        create = {
            "IndexName": "extra",
            "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        door = HttpDoor(self.cluster.place)
        result = door.request(
            "UpdateTable",
            {
                "TableName": table,
                "AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "S"}],
                "GlobalSecondaryIndexUpdates": [{"Create": create}],
            },
        )
        if result.error == "ValidationException":
            door.request("UpdateTable", {"TableName": table, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "extra"}}]})
        door.close()

    def hold(self, statement):
        """Locks held for a while by somebody who then goes away."""
        door = SqlDoor(self.cluster.place)
        try:
            door.rows("SET lock_timeout = '5s'")
            door.rows("BEGIN")
            door.rows(statement)
            time.sleep(self.random.uniform(0.2, 2))
            door.rows("ROLLBACK")
        except psycopg2.Error:
            pass
        finally:
            door.close()

    def lock_table(self):
        mode = self.random.choice(["ACCESS EXCLUSIVE", "SHARE", "EXCLUSIVE"])
        self.hold("LOCK TABLE %s IN %s MODE" % (self.table(), mode))

    def lock_rows(self):
        strength = self.random.choice(["UPDATE", "SHARE", "KEY SHARE", "NO KEY UPDATE"])
        self.hold("SELECT FROM %s WHERE random() < 0.5 FOR %s" % (self.table(), strength))

    # ---- clients that behave badly ----

    def straggle(self, seconds, text, count):
        """Connections that say something and then nothing, for some seconds."""

        def rest():
            sockets = []
            for _ in range(count):
                try:
                    s = socket.create_connection(("127.0.0.1", self.cluster.place["http_port"]), timeout=2)
                    s.sendall(text)
                    sockets.append(s)
                except OSError:
                    break
            time.sleep(seconds)
            for s in sockets:
                s.close()

        thread = threading.Thread(target=rest, daemon=True)
        thread.start()
        self.stragglers.append(thread)

    def half_requests(self):
        text = (
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 100000\r\n\r\n"
            + b'{"TableName": "Soak", "Item": {"id": {"S": "half"}, "x": {"S": "'
            + b"x" * self.random.randrange(50000)
        )
        self.straggle(self.random.uniform(1, 5), text[: self.random.randrange(1, len(text))], 40)

    def deaf_clients(self):
        """Clients that ask and don't listen."""
        body = b'{"TableName": "Soak"}'
        text = (
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.Scan\r\nX-Amz-Date: 20260101T000000Z\r\n"
            b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "
            b"Signature=00\r\nContent-Length: %d\r\n\r\n" % len(body)
        ) + body
        self.straggle(self.random.uniform(1, 4), text * 3, 20)

    KINDS = [
        (kill_postmaster, 10),
        (stop_immediately, 4),
        (restart, 2),
        (kill_http_worker, 5),
        (kill_capture, 5),
        (kill_triggers, 3),
        (kill_session, 4),
        (kill_writer, 2),
        (end_worker, 6),
        (end_session, 5),
        (freeze, 6),
        (vacuum_full, 4),
        (vacuum, 4),
        (reindex, 5),
        (checkpoint, 3),
        (alter_index, 8),
        (lock_table, 4),
        (lock_rows, 5),
        (half_requests, 4),
        (deaf_clients, 3),
    ]

    def choose(self):
        return self.random.choices([kind for kind, _ in self.KINDS], [weight for _, weight in self.KINDS])[0]

    def do(self, kind):
        name = kind.__name__.replace("_", " ")
        self.counts[name] = self.counts.get(name, 0) + 1
        kind(self)

    def finish(self):
        for thread in self.stragglers:
            thread.join()
        self.stragglers = []
