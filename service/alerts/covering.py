"""Which cells an alert's area is made of, ring by ring, and which subscribers of places are meant with them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import shapely

from service.alerts.model import AUDIENCE_RESOLUTION, LOOK_UP_RESOLUTIONS, MOST_CELLS_TOLD, Area
from service.kit import geo
from service.places.gazetteer import Gazetteer
from service.places.model import Place


def around(ground: geo.Area, reach_m: int) -> Area:
    """Return the cells of everybody within `reach_m` metres of this ground, with rings, look-up covers and told cells.

    Nobody is in it as the subscriber of a place. A country takes seconds.
    """
    return _around(shapely.to_wkb(ground), reach_m)


@lru_cache(maxsize=4)  # preview, submission and approval ask for the same
def _around(ground_wkb: bytes, reach_m: int) -> Area:
    ground = geo.areal(shapely.from_wkb(ground_wkb))
    reached = geo.buffer_metres(ground, reach_m) if reach_m else ground
    covers = {resolution: geo.cover(reached, resolution) for resolution in LOOK_UP_RESOLUTIONS}
    inner = geo.cover(ground, AUDIENCE_RESOLUTION) if reach_m else covers[AUDIENCE_RESOLUTION]
    return Area(
        rings=geo.rings(inner, covers[AUDIENCE_RESOLUTION] | inner),
        covers=frozenset().union(*covers.values()),
        told=tuple(sorted(geo.compact_cover(reached, most=MOST_CELLS_TOLD))),
        outline=reached,
    )


def touching(gazetteer: Gazetteer, ground: geo.Area, area: Area, *, exercise: bool) -> dict[int, int]:
    """Return the negative numbers of the units that an area touches and of those above them, each with its ring.

    Ring 0: units that the ground itself touches; the last ring: those that only the reach touches. Whoever subscribed
    to something that holds one of these may be far away, and comes one ring after all others.
    """
    near = gazetteer.touched(ground, exercise=exercise)
    touched = gazetteer.touched(area.outline, exercise=exercise)
    rings = dict.fromkeys(_subscribers(touched), area.last_ring) | dict.fromkeys(_subscribers(near), 0)
    return rings | dict.fromkeys(_above(gazetteer, (*touched, *near)), area.last_ring + 1)


def of_units(gazetteer: Gazetteer, units: Sequence[Place], area: Area, *, reach_m: int) -> dict[int, int]:
    """Return the negative numbers of units and of all their parts, ring 0, and of those above them, after all others.

    With a reach the neighbours that it touches come in the last ring.
    """
    touched = gazetteer.touched(area.outline, exercise=units[0].exercise) if reach_m else ()
    whole = [part for unit in units for part in (unit, *gazetteer.parts(unit))]
    rings = dict.fromkeys(_subscribers(touched), area.last_ring)
    rings |= dict.fromkeys(_above(gazetteer, (*units, *touched)), area.last_ring + 1)
    return rings | dict.fromkeys(_subscribers(whole), 0)


def _subscribers(units: Iterable[Place]) -> list[int]:
    return [-unit.number for unit in units]


def _above(gazetteer: Gazetteer, units: Iterable[Place]) -> set[int]:
    return {number for unit in units for number in _subscribers(gazetteer.above(unit))}
