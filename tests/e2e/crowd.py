"""Phones in a crowd around one zone, and what the provider, the database and a phone hold of them."""

import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import h3
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from shapely.geometry import shape

from service.demo import phone as app
from service.demo.population import Network, Owner, Platform
from service.demo.spots import Place
from service.kit.crypto import Keyring, Signer
from tests.e2e.system import SERVER_KEY, SIGNING_KEY, System, cell_at
from tests.e2e.test_main_job import zone_at

# A few are enough where something else than zones is tried.
OUTLINES = Path(__file__).parents[1] / "data" / "outlines.geojsonl"
_ALL = [shape(json.loads(line)["geometry"]) for line in OUTLINES.read_text().splitlines()]
_FREE = itertools.cycle(outline for outline in _ALL if outline.is_valid)


def the_zone(system: System) -> tuple[str, str]:
    """The first of the zones and the cell in its middle, for a test whose system is its own."""
    zone = zone_at(system, _ALL[0])
    middle = shape(zone["geometry"]).representative_point()
    return zone["id"], cell_at(middle.y, middle.x)


def a_zone(system: System) -> tuple[str, str]:
    """A zone that nobody warned of before, 11 km from the next, and the cell in its middle."""
    zone = zone_at(system, next(_FREE))
    middle = shape(zone["geometry"]).representative_point()
    return zone["id"], cell_at(middle.y, middle.x)


def crowd(system: System, cell: str, many: int) -> set[str]:
    """Write verified registrations straight into the record, as a thousand calls would; return their addresses."""
    now, keyring = datetime.now(UTC), Keyring(bytes.fromhex(SERVER_KEY))
    addresses = {uuid4(): f"{cell}-{place}-{uuid4().hex}" for place in range(many)}
    with psycopg.connect(system.database_url) as tx, tx.cursor() as cursor:
        with cursor.copy(
            "COPY registration (id, secret_hash, platform, address_kind, address, address_hash, languages, verified,"
            " created_at, changed_at, seen_at) FROM STDIN"
        ) as rows:
            for one, address in addresses.items():
                sealed, hashed = keyring.seal("address", address.encode()), one.bytes * 2
                rows.write_row((one, bytes(32), "android", "token", sealed, hashed, ["en"], True, now, now, now))
        cursor.execute(
            "INSERT INTO registration_cell (cell, number) SELECT %s, number FROM registration WHERE id = ANY (%s)",
            (h3.str_to_int(cell), list(addresses)),
        )
    return set(addresses.values())


def sent_to(system: System, alert: str) -> Counter[str]:
    """How often each address was sent an alert, counted at the provider."""
    return system.google.sent(alert)


def showings(system: System, alert: str, address: str) -> int:
    """How often the app shows an alert whose messages all reach it."""
    latitude, longitude = h3.cell_to_latlng(address.partition("-")[0])
    owner = Owner(
        number=0,
        platform=Platform.ANDROID,
        kind="token",
        languages=("en",),
        speaks="en",
        places=(Place(longitude, latitude),),
        decoys=(),
        tester=False,
        network=Network.ONLINE,
        loses_push=False,
        broken_extension=False,
        empty_pack=True,
    )
    key = Ed25519PublicKey.from_public_bytes(Signer(bytes.fromhex(SIGNING_KEY)).public)
    phone = app.Phone(owner, address, key)
    shown = 0
    for one in system.google.messages(address):
        warned = phone.hear(one["message"]["data"])
        assert warned is not None, "not signed by the service"
        # Without a pack and without network it goes by the cells of the message.
        if warned.alert == alert and phone.decide(warned, online=False) is app.Verdict.SHOW:
            phone.show(warned, at=0)
            shown += 1
    return shown


def demand_once_each(system: System, alert: str, phones: set[str]) -> None:
    """Nobody was left out, nobody else was told, and nobody twice."""
    assert sent_to(system, alert) == dict.fromkeys(phones, 1)


def demand_nobody_lost(system: System, alert: str, phones: set[str], *, most: int) -> int:
    """Nobody was left out, nobody was told more than `most` times, a phone shows it once; return the repeats."""
    counted = sent_to(system, alert)
    assert len(phones - counted.keys()) == 0, f"{len(phones - counted.keys())} of {len(phones)} were lost"
    assert counted.keys() <= phones, "somebody was told who was not meant"
    assert max(counted.values()) <= most
    often, _ = counted.most_common(1)[0]
    assert showings(system, alert, often) == 1
    return counted.total() - len(phones)


def rows(system: System, query: str, *values: str) -> int:
    with psycopg.connect(system.database_url) as connection:
        found = connection.execute(query, values).fetchone()
        return int(found[0] or 0) if found else 0
