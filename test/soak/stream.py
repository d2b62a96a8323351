"""A reader of the table's stream, over HTTP: every shard from its beginning, whatever breaks in between."""

import json
import time

from wire import OK, HttpDoor


class Reader:
    """position: of each shard that was begun, the last sequence number read; True when it was read to its end."""

    def __init__(self, place, position, path):
        self.door = HttpDoor(place)
        self.position = position
        self.file = open(path, "w")
        self.arn = None

    def request(self, operation, body):
        """An answer, or None: then try again a little later."""
        result = self.door.request(operation, body)
        if result.outcome != OK:
            time.sleep(0.1)
            return None
        return result.answer

    def shards(self):
        """The stream's shards, parents before their children."""
        found = []
        start = None
        while True:
            body = {"StreamArn": self.arn}
            if start:
                body["ExclusiveStartShardId"] = start
            answer = self.request("DescribeStream", body)
            if answer is None:
                return []
            found.extend(answer["StreamDescription"]["Shards"])
            start = answer["StreamDescription"].get("LastEvaluatedShardId")
            if not start:
                break
        return [shard["ShardId"] for shard in found]

    def read_shard(self, shard, mark):
        """True when the mark was read, False when there is nothing more for now."""
        last = self.position.get(shard)
        body = {"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        if last:
            body.update(ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=last)
        answer = self.request("GetShardIterator", body)
        iterator = answer and answer["ShardIterator"]
        while iterator:
            answer = self.request("GetRecords", {"ShardIterator": iterator})
            if answer is None:
                return False
            for record in answer["Records"]:
                change = record["dynamodb"]
                key = change["Keys"]["id"]["S"]
                self.position[shard] = change["SequenceNumber"]
                json.dump(
                    [
                        change["SequenceNumber"],
                        record["eventID"],
                        record["eventName"],
                        key,
                        change.get("OldImage"),
                        change.get("NewImage"),
                    ],
                    self.file,
                )
                self.file.write("\n")
                if key == mark:
                    return True
            iterator = answer.get("NextShardIterator")
            if iterator is None:
                self.position[shard] = True
                return False
            if not answer["Records"]:
                time.sleep(0.1)
                return False
        return False

    def run(self, mark, give_up):
        """Read until an item with the key mark comes; False when it doesn't, give_up being set."""
        found = False
        while not found and not (give_up.is_set() and time.monotonic() > give_up.value):
            if self.arn is None:
                answer = self.request("ListStreams", {"TableName": "Soak"})
                if answer and answer["Streams"]:
                    self.arn = answer["Streams"][0]["StreamArn"]
                continue
            shards = self.shards()
            for shard in shards:
                if self.position.get(shard) is True:
                    continue
                found = self.read_shard(shard, mark)
                # a child's records come after its parent's
                if found or self.position.get(shard) is not True:
                    break
            self.position = {s: p for s, p in self.position.items() if not shards or s in shards}
        self.file.close()
        self.door.close()
        return found
