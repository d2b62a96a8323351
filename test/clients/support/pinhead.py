"""The items of Pinhead Records version 2, made of the shop's CSV files as
examples/pinhead/version2.sql makes them of its relations."""

import csv
from collections import Counter, defaultdict
from decimal import Decimal

from server import root


def rows(name):
    with open(f"{root}/examples/pinhead/data/{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def present(**attributes):
    """An item without what is missing, as jsonb_strip_nulls makes it."""
    return {k: v for k, v in attributes.items() if v not in (None, "")}


artists = {int(r["ArtistId"]): r["Name"] for r in rows("artist")}
genres = {int(r["GenreId"]): r["Name"] for r in rows("genre")}
media = {int(r["MediaTypeId"]): r["Name"] for r in rows("mediatype")}
customers = rows("customer")
orders = rows("invoice")
tracks = sorted(rows("track"), key=lambda t: int(t["TrackId"]))
lines_of = defaultdict(list)
for line in sorted(rows("invoiceline"), key=lambda line: int(line["InvoiceLineId"])):
    lines_of[int(line["InvoiceId"])].append(line)
tracks_of = defaultdict(list)
for track in tracks:
    tracks_of[int(track["AlbumId"])].append(track)
track_by_id = {t["TrackId"]: t for t in tracks}
sold = Counter()
for lines in lines_of.values():
    for line in lines:
        sold[int(track_by_id[line["TrackId"]]["AlbumId"])] += int(line["Quantity"])


class Album:
    """What the shop knows of an album."""

    def __init__(self, row):
        self.id = int(row["AlbumId"])
        self.title = row["Title"]
        self.artist_id = int(row["ArtistId"])
        self.artist = artists[self.artist_id]
        self.year = 1965 + (self.id * 37) % 58
        self.tracks = tracks_of[self.id]
        self.price = sum(Decimal(t["UnitPrice"]) for t in self.tracks)
        common = Counter(int(t["GenreId"]) for t in self.tracks)
        self.genre = genres[min(common, key=lambda g: (-common[g], g))]
        self.sold = sold[self.id]


albums = [Album(r) for r in rows("album")]


def items():
    """Every item of table Pinhead, as native values."""
    for number, name in artists.items():
        yield {"pk": f"ARTIST#{number:04}", "sk": "#META", "kind": "ARTIST", "title": name}
    for a in albums:
        yield {"pk": f"ARTIST#{a.artist_id:04}", "sk": f"ALBUM#{a.year}#{a.id:04}", "title": a.title,
               "year": a.year, "price": a.price}
        yield present(pk=f"ALBUM#{a.id:04}", sk="#META", kind="ALBUM", title=a.title, artist=a.artist,
                      artist_id=a.artist_id, genre=a.genre, year=a.year, price=a.price, tracks=len(a.tracks),
                      chart="ALBUMS" if a.sold else None, sold=a.sold)
        for number, t in enumerate(a.tracks, 1):
            yield present(pk=f"ALBUM#{a.id:04}", sk=f"TRACK#{number:02}", kind="TRACK", title=t["Name"],
                          track_id=int(t["TrackId"]), composer=t["Composer"], milliseconds=int(t["Milliseconds"]),
                          bytes=int(t["Bytes"]), media=media[int(t["MediaTypeId"])], price=Decimal(t["UnitPrice"]),
                          album=a.title, artist=a.artist)
    names = {}
    for c in customers:
        number = int(c["CustomerId"])
        names[number] = f"{c['FirstName']} {c['LastName']}"
        yield present(pk=f"CUSTOMER#{number:04}", sk="#META", first_name=c["FirstName"], last_name=c["LastName"],
                      company=c["Company"], address=c["Address"], city=c["City"], country=c["Country"],
                      email=c["Email"], phone=c["Phone"])
    for o in orders:
        number, customer, date = int(o["InvoiceId"]), int(o["CustomerId"]), o["InvoiceDate"][:10]
        lines = lines_of[number]
        yield {"pk": f"CUSTOMER#{customer:04}", "sk": f"ORDER#{date}#{number:05}", "order_id": number,
               "total": Decimal(o["Total"]), "lines": len(lines)}
        yield {"pk": f"ORDER#{number:05}", "sk": "#META", "order_id": number, "customer_id": customer,
               "customer": names[customer], "date": date, "total": Decimal(o["Total"]),
               "billing": present(address=o["BillingAddress"], city=o["BillingCity"], country=o["BillingCountry"])}
        for n, line in enumerate(lines, 1):
            t = track_by_id[line["TrackId"]]
            yield {"pk": f"ORDER#{number:05}", "sk": f"LINE#{n:02}", "track_id": int(line["TrackId"]), "track": t["Name"],
                   "price": Decimal(line["UnitPrice"]), "quantity": int(line["Quantity"])}


def table():
    """The CreateTable request: one table, five sparse GSIs."""
    def index(name, partition, sort, projection):
        return {"IndexName": name, "Projection": {"ProjectionType": "ALL"} if projection == "ALL" else
                {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection},
                "KeySchema": [{"AttributeName": partition, "KeyType": "HASH"},
                              {"AttributeName": sort, "KeyType": "RANGE"}]}
    types = {"pk": "S", "sk": "S", "kind": "S", "title": "S", "genre": "S", "year": "N", "price": "N", "chart": "S", "sold": "N"}
    return {
        "TableName": "Pinhead", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in types.items()],
        "GlobalSecondaryIndexes": [
            index("by_title", "kind", "title", "ALL"),
            index("by_genre", "genre", "title", ["artist", "year", "price"]),
            index("by_year", "kind", "year", ["title", "artist", "price"]),
            index("by_price", "kind", "price", ["title", "artist", "year"]),
            index("best_sellers", "chart", "sold", ["title", "artist"])]}
