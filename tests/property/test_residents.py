"""The SQL that finds whom an alert means, against the pure rule, on random zones and places."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import h3
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.ids import new_id
from service.residents import audience, rules
from service.residents.model import (
    AddressKind,
    CellRings,
    Held,
    Platform,
    Reason,
    Registration,
    Resident,
    Sorting,
)
from service.residents.store import registrations as store
from tests.conftest import NOW

_PAGE = 3
_FAR = 2


@dataclass(frozen=True)
class Drawn:
    """A phone as hypothesis draws it."""

    cells: tuple[int, ...]
    verified: bool
    capped: bool
    tester_hours: int | None
    has_address: bool
    numbered: bool

    @property
    def by_text(self) -> bool:
        """Whether nothing can be pushed, and a number is proved."""
        return self.numbered and (self.capped or not self.has_address)


@dataclass(frozen=True)
class World:
    rings: dict[int, int]
    phones: tuple[Drawn, ...]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small zone anywhere on Earth with rings around it, and phones at the borders of its cells, inside and away."""
    latitude, longitude = draw(st.floats(-80, 80)), draw(st.floats(-179.9, 179.9))
    corners = draw(st.lists(st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)), min_size=1, max_size=5))
    inner = {h3.latlng_to_cell(latitude + north, _wrapped(longitude + east), 7) for north, east in corners}
    last = draw(st.integers(0, 3))
    rings = {h3.str_to_int(cell): 0 for cell in inner}
    for ring in range(1, last + 1):
        for cell in sorted({near for one in inner for near in h3.grid_disk(one, ring)}):
            rings.setdefault(h3.str_to_int(cell), ring)
    # Subscribers of places, by their negative numbers: some of the area in any of its rings, others not of it.
    rings |= draw(st.dictionaries(st.integers(-3, -1), st.integers(0, last)))
    centre = min(inner)
    around = sorted(h3.grid_disk(centre, last + _FAR))
    return World(rings, tuple(draw(st.lists(_phones(around), min_size=1, max_size=12))))


@st.composite
def _phones(draw: st.DrawFn, around: Sequence[str]) -> Drawn:
    cells = draw(st.lists(_places(around) | st.integers(-5, -1), min_size=1, max_size=4, unique=True))
    verified = draw(st.booleans())
    has_address = draw(st.integers(0, 9)) > 0
    return Drawn(
        cells=tuple(cells),
        verified=verified and has_address,
        capped=not verified and has_address and draw(st.booleans()),
        tester_hours=draw(st.sampled_from([None, -1, 0, 1])),
        has_address=has_address,
        numbered=draw(st.booleans()),
    )


@st.composite
def _places(draw: st.DrawFn, around: Sequence[str]) -> int:
    """The cell of a place at a corner of a cell or a hair beside it: where a phone's cell is a matter of rounding."""
    corner = draw(st.sampled_from(h3.cell_to_boundary(draw(st.sampled_from(around)))))
    hair = draw(st.sampled_from([0.0, 1e-12, -1e-12, 1e-5, -1e-5]))
    return int(h3.str_to_int(h3.latlng_to_cell(corner[0] + hair, corner[1] - hair, 7)))


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


async def insert(tx: Tx, phone: Drawn) -> Resident:
    one = Registration(
        id=new_id(now=NOW),
        number=0,
        secret_hash=bytes(32),
        platform=Platform.IOS,
        held=Held(AddressKind.FID, b"sealed", bytes(32)),
        languages=("en",),
        verified=phone.verified,
        capped=phone.capped,
        network_hash=None,
        tester_until=None,
        created_at=NOW,
    )
    number = await store.insert(tx, one)
    await store.set_cells(tx, number, phone.cells)
    until = None if phone.tester_hours is None else NOW + timedelta(hours=phone.tester_hours)
    dead = None if phone.has_address else NOW
    await tx.execute(
        "UPDATE registration SET tester_until = %(until)s, dead_at = %(dead)s,"
        " address = CASE WHEN %(dead)s::timestamptz IS NULL THEN address END,"
        " address_kind = CASE WHEN %(dead)s::timestamptz IS NULL THEN address_kind END,"
        " address_hash = CASE WHEN %(dead)s::timestamptz IS NULL THEN address_hash END, numbered = %(numbered)s"
        " WHERE number = %(number)s",
        {"until": until, "dead": dead, "number": number, "numbered": phone.numbered},
    )
    return Resident(
        id=UUID(int=number),
        number=number,
        cells=Hidden(phone.cells),
        languages=("en",),
        verified=phone.verified or phone.by_text,
        capped=phone.capped and not phone.numbered,
        tester_until=until,
        has_address=phone.has_address or phone.numbered,
    )


def ordered(rings: dict[int, int]) -> CellRings:
    cells = sorted(rings, key=lambda cell: (rings[cell], cell))
    return CellRings(cells, [rings[cell] for cell in cells])


async def found_by_cells(tx: Tx, area: CellRings) -> dict[int, int]:
    """Page through the cells as the first pass does: the nearest ring of everybody who stands in one."""
    found: dict[int, int] = {}
    place, after = 0, 0
    while True:
        page = await audience.standing(tx, area.cells[place:], after=after, limit=_PAGE)
        assert [at for at, _ in page] == sorted({at for at, _ in page})
        for at, numbers in page:
            assert numbers == sorted(set(numbers))
            for number in numbers:
                found.setdefault(number, area.rings[place + at])
        if sum(len(numbers) for _, numbers in page) < _PAGE:
            return found
        place, after = place + page[-1][0], page[-1][1][-1]


async def found_by_time(tx: Tx, area: CellRings) -> dict[int, int]:
    """Page through those written since ever, as the second pass does."""
    found: dict[int, int] = {}
    after = 0
    while page := await audience.written(tx, area, "0", after=after, limit=_PAGE):
        assert not found.keys() & {number for number, _ in page}
        found |= {number: ring for number, ring in page if ring is not None}
        after = page[-1][0]
    return found


def test_sql_and_rule_mean_the_same_registrations_in_the_same_rings(database_url: str) -> None:
    async def compare(tx: Tx, world: World) -> None:
        residents = [await insert(tx, phone) for phone in world.phones]
        area = ordered(world.rings)
        found = await found_by_cells(tx, area)
        assert await found_by_time(tx, area) == found
        for exercise in (False, True):
            meant = {one.number: rules.is_meant(one, world.rings, exercise=exercise, now=NOW) for one in residents}
            expected = {number: said for number, said in meant.items() if said is not Reason.NOT_IN_AREA}
            groups = await audience.sort(tx, found, Sorting(exercise=exercise, since="0"), now=NOW)
            said = {number: one.ring if one.reason is None else one.reason for one in groups for number in one.numbers}
            assert said == expected
            verified = {number: one.verified for one in groups for number in one.numbers}
            assert verified == {one.number: one.verified for one in residents if one.number in found}
            told = sum(isinstance(ring, int) for ring in expected.values())
            assert await audience.count(tx, area, exercise=exercise, now=NOW) == told

    async def connect() -> psycopg.AsyncConnection[dict[str, Any]]:
        return await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row)

    with asyncio.Runner() as runner, ExitStack() as closing:
        tx = runner.run(connect())
        closing.callback(lambda: runner.run(tx.close()))

        @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(worlds())
        def always(world: World) -> None:
            try:
                runner.run(compare(tx, world))
            finally:
                runner.run(tx.rollback())

        always()
