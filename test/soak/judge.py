"""What must be true of a round's history and of what it left behind.

Each check gives a list of violations in words.  Two things to know when reading them:

- An operation that ended before another began happened before it.  Of two that overlap nothing is said.
- A session of SQL may see what an HTTP worker has committed and not flushed yet, as after any commit with
  synchronous_commit off.  So what a read through SQL shows binds no later read: a crash may take it back.
  What is acknowledged, and what HTTP shows, must stay.
"""

import bisect
import collections
import json

from workload import ACCOUNTS, BALANCE, PAIRS, TABLES

Entry = collections.namedtuple("Entry", "kind key door begun ended outcome data error")

MAX_SHOWN = 20
EXPECTED = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "serialization failure",
    "deadlock",
    "lock timeout",
    "not connected",
    "connection lost",
    "unprocessed",
}


def read_log(path):
    with open(path) as file:
        return [Entry(*json.loads(line)) for line in file]


class Before:
    """For points in time: the largest value of what had ended by then."""

    def __init__(self, pairs):
        self.times, self.values = [], []
        largest = None
        for ended, value in sorted(pairs):
            largest = value if largest is None else max(largest, value)
            self.times.append(ended)
            self.values.append(largest)

    def at(self, begun):
        i = bisect.bisect_left(self.times, begun)
        return self.values[i - 1] if i else None


class Judge:
    def __init__(self, prefix, entries, items):
        """items: of each table, what it holds at last: key without the round's prefix -> item."""
        self.prefix = prefix
        self.entries = entries
        self.final = items
        self.by = collections.defaultdict(lambda: collections.defaultdict(list))
        for entry in entries:
            self.by[entry.kind][entry.key].append(entry)
        self.violations = []

    def violated(self, what, *arguments):
        self.violations.append(what % arguments)

    def of(self, kind):
        return self.by[kind].items()

    def item(self, key):
        for items in self.final.values():
            if key in items:
                return items[key]
        return None

    # ---- one item that only grows ----

    def check_growth(self, what, key, writes, reads):
        """writes and reads with a value that every write makes larger: none is lost, no read is stale."""
        done = [w for w in writes if w.outcome == "ok"]
        seen = [r for r in reads if r.outcome == "ok"]
        counts = collections.Counter(value for w in done for value in [w.data])
        for value, n in counts.items():
            if n > 1:
                self.violated("%s %s: lost update: %d writes were told that they made %s", what, key, n, value)
        shown = [(e.ended, e.data) for e in done] + [(e.ended, e.data) for e in seen if e.door == "http"]
        before = Before(shown)
        acknowledged = Before([(e.ended, e.data) for e in done])
        for e in done:
            least = before.at(e.begun)
            if least is not None and e.data <= least:
                self.violated("%s %s: lost update: %s made after %s was there", what, key, e.data, least)
        for e in seen:
            least = (before if e.door == "http" else acknowledged).at(e.begun)
            if least is not None and e.data < least:
                self.violated("%s %s: stale read by %s: %s after %s was there", what, key, e.door, e.data, least)
        return max([value for _, value in shown], default=0), len(done)

    def counters(self):
        for key in set(self.by["counter add"]) | set(self.by["counter read"]):
            adds, reads = self.by["counter add"][key], self.by["counter read"][key]
            largest, done = self.check_growth("counter", key, adds, reads)
            uncertain = sum(e.outcome in ("unknown", "late") for e in adds)
            final = int((self.item("counter-%s" % key) or {}).get("n", {"N": "0"})["N"])
            if not max(done, largest) <= final <= done + uncertain:
                self.violated(
                    "counter %s: %d at last, after %d acknowledged and %d uncertain additions, the largest shown being %d",
                    key, final, done, uncertain, largest,
                )  # fmt: skip
            begun = sorted(e.begun for e in adds if e.outcome != "no")
            for e in reads:
                if e.outcome == "ok" and e.data > bisect.bisect_left(begun, e.ended):
                    self.violated("counter %s: %d read when fewer additions had begun", key, e.data)

    def locks(self):
        for key in set(self.by["lock put"]) | set(self.by["lock read"]):
            puts = self.by["lock put"][key]
            reads = [e for e in self.by["lock read"][key] if e.outcome == "ok"]
            owner = {}
            refused = {e.data[1] for e in puts if e.outcome == "no"}
            for e in [e for e in puts if e.outcome == "ok"] + [e for e in reads if e.door == "http"]:
                version, by = e.data
                if by in refused:
                    self.violated("lock %s: version %d is by %s, who was refused", key, version, by)
                if owner.setdefault(version, by) != by:
                    self.violated("lock %s: version %d is by %s and by %s", key, version, owner[version], by)
            largest, _ = self.check_growth(
                "lock", key, [e._replace(data=e.data[0]) for e in puts], [e._replace(data=e.data[0]) for e in reads]
            )
            item = self.item("lock-%s" % key)
            if int(item["v"]["N"] if item else 0) < largest:
                self.violated("lock %s: version %s at last, %d was there", key, item and item["v"]["N"], largest)

    # ---- transactions ----

    def transfers(self):
        entries = {key: found[0] for key, found in self.of("transfer")}
        balance = [BALANCE] * ACCOUNTS
        moves = [0] * ACCOUNTS
        ledger = {}
        for items in self.final.values():
            for key, item in items.items():
                if key.startswith("ledger-"):
                    ledger[key[len("ledger-") :]] = [int(item[a]["N"]) for a in ("a", "b", "amount")]
        for name, (a, b, amount) in ledger.items():
            balance[a] -= amount
            balance[b] += amount
            moves[a] += 1
            moves[b] += 1
            entry = entries.get(name)
            if entry is None or entry.outcome == "no":
                self.violated("transfer %s is there, and was refused: %s", name, entry and entry.error)
            elif entry.data != [a, b, amount]:
                self.violated("transfer %s is another", name)
        for name, entry in entries.items():
            if entry.outcome == "ok" and name not in ledger:
                self.violated("transfer %s was acknowledged by %s and is not there", name, entry.door)
        for n in range(ACCOUNTS):
            item = self.item("account-%d" % n)
            if item is None:
                self.violated("account %d is gone", n)
                continue
            found, moved = int(item["balance"]["N"]), int(item["moves"]["N"])
            if (found, moved) != (balance[n], moves[n]):
                self.violated(
                    "account %d: balance %d after %d moves; by its %d transfers it should be %d",
                    n, found, moved, moves[n], balance[n],
                )  # fmt: skip
        for entry in self.by["balances"][0]:
            if entry.outcome != "ok":
                continue
            if sum(entry.data) != BALANCE * ACCOUNTS:
                self.violated("torn read by %s: balances add up to %d", entry.door, sum(entry.data))
            if min(entry.data) < 0:
                self.violated("account %d overdrawn: a condition was passed by", entry.data.index(min(entry.data)))

    def pairs(self):
        """Write skew: both are never absent at once."""
        for key, entries in self.of("pair read"):
            for e in entries:
                if e.outcome == "ok" and sum(e.data) == 0:
                    self.violated("pair %s: write skew: both have left", key)
        for n in range(PAIRS):
            both = [self.item("pair-%d.%d" % (n, side)) for side in range(2)]
            if None in both:
                self.violated("pair %d is gone", n)
            elif sum(int(item["present"]["N"]) for item in both) == 0:
                self.violated("pair %d: write skew: both have left at last", n)

    # ---- one winner, whole lists, own writes ----

    def uniques(self):
        for key, entries in self.of("unique"):
            won = [e for e in entries if e.outcome == "ok"]
            uncertain = {e.data[0] for e in entries if e.outcome in ("unknown", "late")}
            item = self.item("unique-%s" % key)
            owner = item and item["by"]["S"]
            if len(won) > 1:
                self.violated("unique %s: %d winners", key, len(won))
            if won and owner != won[0].data[0]:
                self.violated("unique %s: %s won, %s has it", key, won[0].data[0], owner)
            if not won and owner is not None and owner not in uncertain:
                self.violated("unique %s: %s has it, who was refused", key, owner)
            for e in entries:
                if e.data[1] is not None and e.data[1] != owner:
                    self.violated("unique %s: a loser was shown %s, %s has it", key, e.data[1], owner)
                if e.error == "ConditionalCheckFailedException" and not any(
                    other.begun < e.ended and other is not e and other.outcome != "no" for other in entries
                ):
                    self.violated("unique %s: %s was refused when nobody had it", key, e.data[0])

    def lists(self):
        for key in set(self.by["list append"]) | set(self.by["list read"]):
            item = self.item("list-%s" % key)
            final = [e["S"] for e in item["l"]["L"]] if item else []
            place = {name: i for i, name in enumerate(final)}
            appended = {e.data: e for e in self.by["list append"][key]}
            if len(place) != len(final):
                self.violated("list %s: elements twice", key)
            for name in final:
                if name not in appended or appended[name].outcome == "no":
                    self.violated("list %s: %s is there, and was refused", key, name)
            done = []
            for name, e in appended.items():
                if e.outcome != "ok":
                    continue
                if name not in place:
                    self.violated("list %s: %s was acknowledged by %s and is not there", key, name, e.door)
                else:
                    done.append(e._replace(data=place[name]))
            reads = []
            for e in self.by["list read"][key]:
                if e.outcome != "ok" or e.door != "http" and e.data != final[: len(e.data)]:
                    continue  # what SQL sees may be taken back
                if e.data != final[: len(e.data)]:
                    self.violated("list %s: %d elements were read that are not how it begins", key, len(e.data))
                reads.append(e._replace(data=len(e.data) - 1))
            self.check_growth("list", key, done, reads)

    def queues(self):
        for key in set(self.by["queue put"]) | set(self.by["queue take"]):
            put = [e.outcome for e in self.by["queue put"][key]]
            takes = [e.outcome for e in self.by["queue take"][key]]
            there = self.item("queue-%s" % key) is not None
            taken = takes.count("ok")
            maybe = "unknown" in takes or "late" in takes
            if taken > 1:
                self.violated("queue: %s was taken %d times", key, taken)
            if (taken or there) and ("no" in put or not put):
                self.violated("queue: %s was put by nobody", key)
            if taken and there:
                self.violated("queue: %s was taken and is there", key)
            if put == ["ok"] and not taken and not maybe and not there:
                self.violated("queue: %s was put, not taken, and is not there", key)

    def owns(self):
        clients = set(self.by["own write"]) | set(self.by["own read"])
        for client in clients:
            possible = collections.defaultdict(lambda: {None})
            loose = set()
            entries = self.by["own write"][client] + self.by["own read"][client]
            for e in sorted(entries, key=lambda e: e.begun):
                if e.kind == "own write":
                    for n, value in e.data.items():
                        if e.outcome == "ok":
                            possible[n] = {value}
                        elif e.outcome == "unknown":
                            possible[n].add(value)
                        elif e.outcome == "late":
                            loose.add(n)
                elif e.outcome == "ok" and e.data is not None:
                    self.compare_own(client, possible, loose, e.data, e.door)
            left = {}
            for items in self.final.values():
                for key, item in items.items():
                    if key.startswith("own-%d." % client):
                        left[key.rpartition(".")[2]] = item["v"]["S"]
            self.compare_own(client, possible, loose, left, "http")

    def compare_own(self, client, possible, loose, found, door):
        for n in set(possible) | set(found):
            value = found.get(n)
            if n in loose:
                continue
            if value not in possible[n]:
                self.violated("own item %s.%s: %s read by %s instead of %s", client, n, value, door, possible[n])
            if door == "http":
                possible[n] = {value}

    def watched(self):
        for table, entries in self.of("watch"):
            for e in entries:
                if e.outcome == "ok" and (e.data[0] != e.data[1] or e.data[2] != 0):
                    self.violated("%s: index byGroup has %d items, the table %d, %d differ", table, *e.data)

    def errors(self):
        """Errors that no client should see."""
        for e in self.entries:
            known = e.error is None or e.error in EXPECTED or e.error.partition(":")[0] in EXPECTED
            if not known and not (e.kind == "watch" and e.outcome == "no" and e.error in WATCH_MAY_FAIL):
                self.violated("%s %s by %s: unexpected: %s", e.kind, e.key, e.door, e.error)

    def all(self):
        for check in (
            self.counters, self.locks, self.transfers, self.pairs, self.uniques, self.lists, self.queues,
            self.owns, self.watched, self.errors,
        ):  # fmt: skip
            check()
        return self.violations


# a lock, a cancelled statement, an index that is being replaced
WATCH_MAY_FAIL = {"SQLSTATE 55P03", "SQLSTATE 57014", "SQLSTATE 40001", "SQLSTATE 40P01", "SQLSTATE DY004"}


def judge_indexes(items, indexes):
    """items: of each table all items; indexes: (table, index, keys) -> items found through it."""
    violations = []
    for (table, index, keys), found in indexes.items():
        wanted = {key: item for key, item in items[table].items() if all(k in item for k in keys)}
        found = {item["id"]["S"]: item for item in found}
        for key in wanted.keys() | found.keys():
            if wanted.get(key) != found.get(key):
                violations.append(
                    "index %s of %s: %s is %s"
                    % (index, table, key, "missing" if key not in found else "left over" if key not in wanted else "another")
                )
    return violations


class Replay:
    """The table as its stream tells of it; goes on from round to round."""

    def __init__(self):
        self.items = {}
        self.last = ""
        self.records = 0

    def round(self, path, table):
        """Apply the records of a file; table: what the table holds at that moment."""
        violations = []
        events = set()
        with open(path) as file:
            for line in file:
                sequence, event, name, key, old, new = json.loads(line)
                self.records += 1
                if sequence <= self.last:
                    violations.append("stream: %s after %s" % (sequence, self.last))
                self.last = sequence
                if event in events:
                    violations.append("stream: event %s twice" % event)
                events.add(event)
                if self.items.get(key) != old:
                    violations.append("stream: %s of %s starts from another item than the record before it left" % (name, key))
                if name != ("INSERT" if old is None else "REMOVE" if new is None else "MODIFY"):
                    violations.append("stream: %s of %s with the wrong images" % (name, key))
                if old == new:
                    violations.append("stream: %s of %s changes nothing" % (name, key))
                if new is None:
                    self.items.pop(key, None)
                else:
                    self.items[key] = new
        for key in self.items.keys() | table.keys():
            if self.items.get(key) != table.get(key):
                violations.append("stream: replayed, %s is another than in the table" % key)
        return violations, events


def judge_triggers(events, called):
    """events: of the stream; called: event -> how often the trigger saw it."""
    violations = []
    for event in events - called.keys():
        violations.append("trigger: event %s is missing" % event)
    for event, n in called.items():
        if n > 1:
            violations.append("trigger: event %s %d times" % (event, n))
        if event not in events:
            violations.append("trigger: event %s is not in the stream" % event)
    return violations


assert TABLES[0] == "Soak"  # the one with a stream
