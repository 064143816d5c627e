"""Builders: each gives a whole thing, a test names only what differs."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import h3

from service.imports import actions as imports
from service.imports import mapping
from service.imports.model import Declared, Report
from service.intake import geojson
from service.intake.model import Record
from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.residents import actions as residents
from service.residents.model import Address, AddressKind, Entry, Newcomer, Platform, Proof, Resident
from service.zones import actions as zones
from service.zones.model import Zone

# --- operators


async def an_admin(tx: Tx) -> Operator:
    """Add the first operator."""
    return (await _first(tx)).operator


async def an_admin_with_key(tx: Tx) -> str:
    """Add the first operator and return the key."""
    key = (await _first(tx)).key
    assert key is not None
    return key.reveal()


async def _first(tx: Tx) -> Done:
    done = await operators.add(tx, None, "Ana", frozenset({Role.ADMIN}), now=datetime(2026, 11, 1, tzinfo=UTC))
    assert isinstance(done, Done)
    return done


# --- residents

HERE = int(h3.str_to_int(h3.latlng_to_cell(50.45, 30.52, 7)))
AWAY = int(h3.str_to_int(h3.latlng_to_cell(-12.0, -30.0, 7)))
FIRST_FID = "dXs2kLq9RbGm4Tn7Vw1YzA"
SECOND_FID = "dXs2kLq9RbGm4Tn7Vw1YzB"
THIRD_FID = "dXs2kLq9RbGm4Tn7Vw1YzC"
NETWORK = Hidden("192.0.2.0/24")


@dataclass
class AlertsStub:
    """Stands for the alerts above residents: keeps whom it was asked to join."""

    alerts: Sequence[Mapping[str, Any]] = ()
    joined: list[Resident] = field(default_factory=list)

    async def __call__(
        self,
        _: Tx,
        resident: Resident,
        /,
        *,
        now: datetime,  # noqa: ARG002 - the hook is told the time
    ) -> Sequence[Mapping[str, Any]]:
        self.joined.append(resident)
        return self.alerts


def fid(value: str) -> Address:
    return Address(AddressKind.FID, Hidden(value))


def a_newcomer(
    address: str = FIRST_FID,
    *,
    cells: Sequence[int] = (HERE, AWAY),
    network: Hidden[str] = NETWORK,
    replaces: Proof | None = None,
) -> Newcomer:
    return Newcomer(Platform.ANDROID, fid(address), ("uk", "en"), Hidden(tuple(cells)), network, replaces)


async def a_resident(tx: Tx, house: House, newcomer: Newcomer | None = None) -> tuple[Entry, Proof]:
    """Register a phone that still waits for its code; the house needs a `Joining`."""
    entry, secret = await residents.register(tx, house, newcomer or a_newcomer(), now=house.clock.now())
    return entry, Proof(entry.registration.id, secret)


async def a_verified_resident(tx: Tx, house: House, newcomer: Newcomer | None = None) -> tuple[Entry, Proof]:
    entry, proof = await a_resident(tx, house, newcomer)
    return await verified(tx, house, entry), proof


async def verified(tx: Tx, house: House, entry: Entry) -> Entry:
    """Echo the code as the phone would that got its push."""
    found = await residents.verification(tx, house.keyring, entry.registration.id)
    assert found is not None
    return await residents.verify(tx, house, entry.registration, Hidden(found[1]), now=house.clock.now())


# --- zones

CORNER = (17.0, 45.0)


def a_square(west: float = CORNER[0], south: float = CORNER[1], size: float = 0.01) -> dict[str, Any]:
    """Return a square outline as GeoJSON, about a kilometre wide."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def a_feature(zone_id: str | None = "Z-1", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    """Return a suspected area as a source would send it."""
    named = {"zone_id": zone_id, "class": "SHA", **properties}
    return {"type": "Feature", "properties": named, "geometry": a_square() if geometry is None else geometry}


def a_file(*features: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def declared(**stated: Any) -> Declared:
    return Declared(**{"authority": "Mine Action Centre", "dated": date(2026, 7, 31), **stated})


async def rows_of(content: bytes) -> AsyncIterator[Record]:
    """Yield the rows of a GeoJSON file as the sandbox's reader would."""
    for record in geojson.read(content):
        yield record


async def an_import(
    tx: Tx, operator: Operator, content: bytes, stated: Declared | None = None, *, now: datetime | None = None,
    **asked: Any,
) -> Report:  # fmt: skip  # as an import is asked for
    """Take in a GeoJSON file, read by the usual names or as `mapped` says."""
    mapped = asked.pop("mapped", None)
    columns = mapping.load(mapped).columns
    order = imports.Order(declared() if stated is None else stated, columns, mapped, **asked)
    now = datetime(2026, 11, 2, tzinfo=UTC) if now is None else now
    return await imports.run_import(tx, operator, rows_of(content), order, now=now)


async def a_zone(tx: Tx, operator: Operator, feature: Mapping[str, Any] | None = None, **stated: Any) -> Zone:
    """Take in one zone; what is stated of the import may differ."""
    content = a_file(a_feature() if feature is None else feature)
    report = await an_import(tx, operator, content, declared(**stated))
    (line,) = report.plan.lines
    assert not line.waits, report.plan.quarantined
    assert line.zone_id is not None
    return await zones.get_record(tx, line.zone_id)
