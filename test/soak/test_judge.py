#!/usr/bin/python3
"""The judge himself: a good history passes, and every kind of damage to it is found."""

import copy
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from judge import Entry, Judge, Replay, judge_indexes, judge_triggers  # noqa: E402
from workload import ACCOUNTS, BALANCE, PAIRS  # noqa: E402


def entry(kind, key, begun, ended, data, outcome="ok", door="http", error=None):
    return Entry(kind, key, door, begun, ended, outcome, data, error)


def n(value):
    return {"N": str(value)}


def s(value):
    return {"S": value}


def history():
    """Something of each kind, all of it right."""
    entries = [
        entry("counter add", 0, 1, 2, 1),
        entry("counter add", 0, 3, 4, 2, door="sql"),
        entry("counter add", 0, 5, 6, None, "unknown"),
        entry("counter add", 0, 5, 6, None, "no", error="TransactionConflictException"),
        entry("counter read", 0, 7, 8, 3),
        entry("lock read", 0, 1, 2, [0, None]),
        entry("lock put", 0, 3, 4, [1, "0.1"]),
        entry("lock read", 0, 5, 6, [1, "0.1"]),
        entry("lock put", 0, 7, 8, [2, "0.2"], "no", error="ConditionalCheckFailedException"),
        entry("transfer", "0.3", 1, 2, [0, 1, 10]),
        entry("transfer", "0.4", 1, 2, [2, 3, 5], "unknown"),
        entry("transfer", "0.5", 1, 2, [2, 3, 5], "no", error="TransactionCanceledException"),
        entry("balances", 0, 3, 4, [BALANCE - 10, BALANCE + 10] + [BALANCE] * (ACCOUNTS - 2)),
        entry("unique", 0, 1, 2, ["0.6", None]),
        entry("unique", 0, 3, 4, ["1.6", "0.6"], "no", error="ConditionalCheckFailedException"),
        entry("list append", "0.0", 1, 2, "0.7"),
        entry("list append", "0.0", 3, 4, "0.8"),
        entry("list read", "0.0", 5, 6, ["0.7", "0.8"]),
        entry("pair leave", 0, 1, 2, 0),
        entry("pair read", 0, 3, 4, [0, 1]),
        entry("own write", 0, 1, 2, {"1": "0.9", "2": "0.10"}),
        entry("own write", 0, 3, 4, {"1": None}, "unknown"),
        entry("own read", 0, 5, 6, {"1": "0.9", "2": "0.10"}),
        entry("queue put", "0.20", 1, 2, None),
        entry("queue put", "0.21", 1, 2, None),
        entry("queue put", "0.22", 1, 2, None, "no", error="TransactionConflictException"),
        entry("queue take", "0.20", 3, 4, None),
        entry("queue take", "0.20", 5, 6, None, "no", error="ConditionalCheckFailedException"),
        entry("watch", "Soak", 1, 2, [3, 3, 0]),
    ]
    soak = {
        "counter-0": {"n": n(3)},
        "lock-0": {"v": n(1), "by": s("0.1")},
        "ledger-0.3": {"a": n(0), "b": n(1), "amount": n(10)},
        "unique-0": {"by": s("0.6")},
        "list-0.0": {"l": {"L": [s("0.7"), s("0.8")]}},
        "queue-0.21": {},
        "own-0.1": {"v": s("0.9")},
        "own-0.2": {"v": s("0.10")},
    }
    for i in range(ACCOUNTS):
        moved = i < 2
        soak["account-%d" % i] = {"balance": n(BALANCE + (0, -10, 10)[moved and i + 1]), "moves": n(int(moved))}
    for i in range(PAIRS):
        for side in range(2):
            soak["pair-%d.%d" % (i, side)] = {"present": n(0 if (i, side) == (0, 0) else 1)}
    return entries, {"Soak": soak, "Plain": {}}


def change(entries, kind, position, **how):
    """Another history: the entry of that kind at that position changed."""
    places = [i for i, e in enumerate(entries) if e.kind == kind]
    entries[places[position]] = entries[places[position]]._replace(**how)


# name, what is done to the history, a part of the violation expected
DAMAGE = [
    ("a write lost", lambda e, i: i["counter-0"].update(n=n(1)), "counter 0: 1 at last"),
    ("a write applied twice", lambda e, i: i["counter-0"].update(n=n(4)), "counter 0: 4 at last"),
    ("one value for two", lambda e, i: change(e, "counter add", 1, data=1), "lost update: 2 writes"),
    ("a value gone back", lambda e, i: change(e, "counter add", 0, data=9), "lost update: 2 made after 9"),
    ("a stale read", lambda e, i: change(e, "counter read", 0, data=1), "stale read by http: 1 after 2"),
    ("a stale read by SQL", lambda e, i: change(e, "counter read", 0, data=1, door="sql"), "stale read by sql"),
    ("a value from nowhere", lambda e, i: change(e, "counter read", 0, data=7), "fewer additions had begun"),
    ("a version of two", lambda e, i: change(e, "lock put", 1, data=[1, "0.2"], outcome="ok"), "is by 0.1 and by 0.2"),
    ("a refused version", lambda e, i: change(e, "lock read", 1, data=[1, "0.2"]), "who was refused"),
    ("a version lost", lambda e, i: i.pop("lock-0"), "lock 0: version None at last"),
    ("a transfer lost", lambda e, i: i.pop("ledger-0.3"), "was acknowledged by http and is not there"),
    ("half a transfer", lambda e, i: i["account-0"].update(balance=n(BALANCE)), "account 0: balance 1000"),
    ("a token twice", lambda e, i: i["account-1"].update(balance=n(BALANCE + 20), moves=n(2)), "account 1"),
    (
        "a refused transfer",
        lambda e, i: i.update({"ledger-0.5": {"a": n(2), "b": n(3), "amount": n(5)}}),
        "transfer 0.5 is there, and was refused",
    ),
    ("a torn read", lambda e, i: change(e, "balances", 0, data=[BALANCE - 10] + [BALANCE] * (ACCOUNTS - 1)), "torn read"),
    (
        "overdrawn",
        lambda e, i: change(e, "balances", 0, data=[-1, 2 * BALANCE + 1] + [BALANCE] * (ACCOUNTS - 2)),
        "account 0 overdrawn",
    ),
    ("two winners", lambda e, i: change(e, "unique", 1, outcome="ok", error=None, data=["1.6", None]), "2 winners"),
    ("another winner", lambda e, i: i["unique-0"].update(by=s("1.6")), "0.6 won, 1.6 has it"),
    ("a wrong winner shown", lambda e, i: change(e, "unique", 1, data=["1.6", "2.1"]), "a loser was shown 2.1"),
    ("nobody won", lambda e, i: (change(e, "unique", 0, begun=8, ended=9), None), "refused when nobody had it"),
    ("an element lost", lambda e, i: i["list-0.0"]["l"]["L"].pop(), "0.8 was acknowledged"),
    ("an element twice", lambda e, i: i["list-0.0"]["l"]["L"].append(s("0.7")), "elements twice"),
    ("elements out of order", lambda e, i: i["list-0.0"]["l"]["L"].reverse(), "lost update"),
    ("an element of nobody", lambda e, i: i["list-0.0"]["l"]["L"].append(s("5.5")), "5.5 is there, and was refused"),
    ("a list read short", lambda e, i: change(e, "list read", 0, data=["0.7"]), "list 0.0: stale read"),
    ("a list read otherwise", lambda e, i: change(e, "list read", 0, data=["0.8"]), "not how it begins"),
    ("taken twice", lambda e, i: change(e, "queue take", 1, outcome="ok", error=None), "0.20 was taken 2 times"),
    ("taken and there", lambda e, i: i.update({"queue-0.20": {}}), "0.20 was taken and is there"),
    ("put and gone", lambda e, i: i.pop("queue-0.21"), "0.21 was put, not taken"),
    ("put by nobody", lambda e, i: i.update({"queue-0.22": {}}), "0.22 was put by nobody"),
    ("write skew seen", lambda e, i: change(e, "pair read", 0, data=[0, 0]), "write skew"),
    ("write skew left", lambda e, i: i["pair-0.1"].update(present=n(0)), "write skew: both have left at last"),
    ("an own write lost", lambda e, i: change(e, "own read", 0, data={"1": "0.9"}), "own item 0.2"),
    ("an own write lost at last", lambda e, i: i.pop("own-0.2"), "own item 0.2"),
    ("an index that differs", lambda e, i: change(e, "watch", 0, data=[3, 3, 1]), "index byGroup"),
    ("an internal error", lambda e, i: change(e, "counter add", 2, error="InternalServerError"), "unexpected"),
]


def stream(records, table):
    with tempfile.NamedTemporaryFile("w", suffix=".stream") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")
        file.flush()
        return Replay().round(file.name, table)


def check_stream():
    one, two = {"id": s("a"), "v": n(1)}, {"id": s("a"), "v": n(2)}
    records = [
        ["1", "e1", "INSERT", "a", None, one],
        ["2", "e2", "MODIFY", "a", one, two],
        ["3", "e3", "INSERT", "b", None, one],
        ["4", "e4", "REMOVE", "b", one, None],
    ]
    table = {"a": two}
    violations, events = stream(records, table)
    yield "a good stream", not violations and events == {"e1", "e2", "e3", "e4"}
    for i in range(4):
        yield "record %d lost" % i, stream(records[:i] + records[i + 1 :], table)[0]
        yield "record %d twice" % i, stream(records[: i + 1] + records[i:], table)[0]
    yield "two records exchanged", stream([records[1], records[0]] + records[2:], table)[0]
    yield "another table", stream(records, {"a": one})[0]
    yield "nothing changed", stream(records + [["5", "e5", "MODIFY", "a", two, two]], table)[0]
    yield "good triggers", not judge_triggers({"e1", "e2"}, {"e1": 1, "e2": 1})
    yield "an event missing", judge_triggers({"e1", "e2"}, {"e1": 1})
    yield "an event twice", judge_triggers({"e1"}, {"e1": 2})
    yield "an event of nobody", judge_triggers({"e1"}, {"e1": 1, "e2": 1})
    items = {"Soak": {"a": {"id": s("a"), "g": s("x")}, "b": {"id": s("b")}}}
    name = ("Soak", "byGroup", ("g",))
    yield "a good index", not judge_indexes(items, {name: [items["Soak"]["a"]]})
    yield "an entry missing", judge_indexes(items, {name: []})
    yield "an entry left over", judge_indexes(items, {name: [items["Soak"]["a"], items["Soak"]["b"]]})
    yield "another item", judge_indexes(items, {name: [{"id": s("a"), "g": s("y")}]})


def main():
    failed = 0
    entries, items = history()
    violations = Judge("", entries, items).all()
    if violations:
        print("a good history: %s" % violations)
        failed += 1
    for name, damage, expected in DAMAGE:
        entries, items = copy.deepcopy(history())
        damage(entries, items["Soak"])
        violations = Judge("", entries, items).all()
        if not any(expected in violation for violation in violations):
            print("%s: not found (%s)" % (name, violations))
            failed += 1
    for name, good in check_stream():
        if not good:
            print("%s: not found" % name)
            failed += 1
    print("%d of the judge's checks failed" % failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
