"""Nothing public lets a generalised outline be rebuilt: it follows from the cells alone, through the whole life."""

from typing import Any

import h3
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from service.kit import geo
from service.kit.geo import Area
from service.zones import rules
from service.zones.model import GENERALISED_RESOLUTION, Publication
from tests.property.life import World, tried

# Cells side by side in the open ocean; a shape around a cell's middle stays in that cell.
_MIDDLE = h3.latlng_to_cell(-36.25, -24.5, GENERALISED_RESOLUTION)
_CELLS = sorted(h3.grid_disk(_MIDDLE, 1))
_number = st.integers(0, 20)
_cell = st.integers(0, len(_CELLS) - 1)
_acts = st.one_of(
    st.tuples(st.just("add"), _cell),
    st.tuples(st.just("release"), _number, _cell, st.sampled_from(["west", "east", "all"])),
    st.tuples(st.just("revoke"), _number),
    st.tuples(st.just("extend"), _number, _cell),
    st.tuples(st.just("split"), _number),
    st.tuples(st.just("merge"), _number, _number),
    st.tuples(st.just("correct"), _number),
    st.tuples(st.just("annul"), _number),
    st.tuples(st.just("reinstate"), _number),
)


def _shape(cell: int, size: float) -> Area:
    """An area around the middle of a cell; its size is what nobody may learn."""
    latitude, longitude = h3.cell_to_latlng(_CELLS[cell])
    return Polygon.from_bounds(longitude - size, latitude - size, longitude + size, latitude + size * 0.7)


def _part(cell: int, which: str) -> Area:
    """A half or all of a cell's surroundings, however large the area in it is."""
    latitude, longitude = h3.cell_to_latlng(_CELLS[cell])
    west = longitude if which == "east" else longitude - 0.01
    east = longitude if which == "west" else longitude + 0.01
    return Polygon.from_bounds(west, latitude - 0.01, east, latitude + 0.01)


def _do(world: World, act: tuple[Any, ...], size: float) -> bool:
    verb, *rest = act
    zones, active = list(world.zones.values()), world.active()
    if verb == "add":
        return tried(lambda: world.add(_shape(rest[0], size), 50.0, Publication.GENERALISED))
    if verb == "revoke":
        return bool(world.records) and tried(lambda: world.revoke(world.records[rest[0] % len(world.records)]))
    if not active:
        return False
    zone = active[rest[0] % len(active)]
    acts = {
        "release": lambda: world.release([zone], _part(rest[1], rest[2])),
        "extend": lambda: world.extend(zone, _shape(rest[1], size)),
        "split": lambda: world.split(zone, _two(zone.official)),
        "merge": lambda: world.merge([zone, active[rest[1] % len(active)]]),
        "correct": lambda: world.correct(zone, 60.0),
        "annul": lambda: world.annul(zone),
        "reinstate": lambda: world.reinstate(zones[rest[0] % len(zones)]),
    }
    return tried(acts[verb])


def _two(official: Area) -> list[Area]:
    """Two outlines that cover an area together, divided where every area of these cells is alike."""
    parts = [_part(cell, which) for cell in range(len(_CELLS)) for which in ("west", "east")]
    met = [part for part in parts if part.intersection(official).area > 0]
    if len(met) > 1:
        return [geo.areal(shapely.union_all(met[::2])), geo.areal(shapely.union_all(met[1::2]))]
    west, south, east, north = met[0].bounds
    middle = (south + north) / 2
    return [shapely.box(west, south, east, middle), shapely.box(west, middle, east, north)]


def _public(world: World) -> list[bytes | None]:
    """What anybody sees of each zone, byte for byte."""
    shown = [rules.shown(zone) for zone in world.zones.values()]
    return [None if zone is None else shapely.to_wkb(zone.outline) for zone in shown]


def _told(world: World) -> list[Any]:
    """All else that the public is told of each zone."""
    return [(zone.state, zone.departure, zone.whole is None) for zone in world.zones.values()]


@given(st.lists(_acts, min_size=1, max_size=10), st.sampled_from([0.001, 0.0013, 0.0021]))
@settings(max_examples=40, deadline=None)
def test_r8_two_generalised_zones_in_the_same_cells_look_the_same_all_their_life(
    acts: list[tuple[Any, ...]], size: float
) -> None:
    one, other = World(), World()
    for act in [("add", 0), *acts]:
        assert _do(one, act, 0.0017) == _do(other, act, size)
        assert _public(one) == _public(other)
        assert _told(one) == _told(other)
        one.check()
