"""The municipalities of the demo's world: invented discs around the zone, to which people without data subscribe."""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.demo.spots import Neighbourhood, Place, Spot, find
from service.kit.db import Pool, transaction
from service.operators.model import Operator
from service.places import actions as places
from service.places.model import Category, Stated
from service.places.sources.columns import Columns

_COUNTRY = "XA"  # nobody's, as the world of exercises demands (R27)
_SCHEME = "demo"
_RADIUS_M = 900.0
_DISTRICT_M = 30_000.0
_APART_M = 300.0
_CHANCES = 200
_COLUMNS = ("code", "category", "parent", "longitude", "latitude", "radius_m", "name")
_NAMES = ("Lantern Shoal", "Cormorant Flats", "Half Tide", "Outer Skerry", "Far Meridian")


@dataclass(frozen=True, slots=True)
class Village:
    """A municipality or a larger unit: a disc around its centre; `meant` says whether the warning is for it as well."""

    code: str
    name: str
    category: Category
    centre: Place
    radius_m: float
    meant: bool


def found(there: Neighbourhood, *, seed: int) -> list[Village]:
    """Make a district, and municipalities within reach, across its border, just beyond it and far away.

    No border of one touches that of who is meant by less than 300 m, so that no rounding decides.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulated world, the same for the same seed
    middle = there.corner(chance)
    wanted = [
        ("1", _NAMES[0], _first(there, chance, Spot.NEAR)),
        ("2", _NAMES[1], _at(there, chance, there.within_m + _RADIUS_M - _APART_M)),
        ("3", _NAMES[2], _at(there, chance, there.within_m + _RADIUS_M + _APART_M)),
        ("4", _NAMES[3], _first(there, chance, Spot.FAR)),
    ]
    made = [Village("9", _NAMES[4], Category.DISTRICT, middle, _DISTRICT_M, meant=True)]
    for code, name, centre in wanted:
        if centre is not None:
            meant = there.metres(centre) < there.within_m + _RADIUS_M
            made.append(Village(code, name, Category.COMMUNITY, centre, _RADIUS_M, meant))
    return made


def _first(there: Neighbourhood, chance: random.Random, spot: Spot) -> Place | None:
    return next(iter(find(spot, there, chance, wanted=1)), None)


def _at(there: Neighbourhood, chance: random.Random, metres: float) -> Place | None:
    """Return a place about so far from the outline; None where no corner has one."""
    for _ in range(_CHANCES):
        place = there.corner(chance).moved(metres, chance.uniform(0, 6.28))
        if abs(there.metres(place) - metres) < _APART_M / 3:
            return place
    return None


async def load(
    pool: Pool, operator: Operator, villages: Sequence[Village], *, today: date, now: datetime
) -> Mapping[str, UUID]:
    """Take the places in as those of exercises; return their ids by their codes."""
    columns = Columns(
        scheme=_SCHEME,
        code="code",
        source="Demo",
        licence="CC0-1.0",
        parent="parent",
        category_column="category",
        longitude="longitude",
        latitude="latitude",
        radius_m="radius_m",
        names={"en": "name"},
    )
    stated = Stated(_COUNTRY, exercise=True, dated=today)
    async with transaction(pool) as tx:
        await places.run_load(tx, operator, {"demo.csv": _table(villages)}, stated, columns, now=now)
    async with transaction(pool) as tx:
        gazetteer = await places.gazetteer(tx)
    ids = {place.codes[0][1]: place.id for place in gazetteer.places(exercise=True)}
    return {village.code: ids[village.code] for village in villages}


def _table(villages: Iterable[Village]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    for one in villages:
        above = "" if one.category is Category.DISTRICT else "9"
        at = (f"{one.centre.longitude:.6f}", f"{one.centre.latitude:.6f}")
        writer.writerow([one.code, one.category.value, above, *at, one.radius_m, one.name])
    return table.getvalue().encode()
