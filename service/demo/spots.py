"""Where simulated people are: places around one outline, chosen where a warning is easily sent to the wrong side."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import h3

from service.demo.expected import CLEARANCE_M, Outline

CELL_RESOLUTION = 7
_METRES_A_DEGREE = 111_195.0
_MOST_TRIES = 400
_EDGE_M = 200.0
_NUDGE_M = 20.0


class Spot(StrEnum):
    """What is special about a place."""

    INSIDE = "inside the zone"
    NEAR = "within reach"
    JUST_WITHIN = "just within reach"
    JUST_BEYOND = "just beyond reach"
    SAME_CELL = "beyond reach in a cell of the area"
    CELL_BORDER = "on a border of cells"
    OTHER_PARENT = "in a cell whose parent does not hold it"
    FAR = "far away"


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees; what only the phone knows."""

    longitude: float
    latitude: float

    @property
    def cell(self) -> str:
        return str(h3.latlng_to_cell(self.latitude, self.longitude, CELL_RESOLUTION))

    def moved(self, metres: float, bearing: float) -> "Place":
        """Return the place so many metres away; `bearing` in radians from north. Good to a few metres in a few km."""
        latitude = self.latitude + metres * math.cos(bearing) / _METRES_A_DEGREE
        across = _METRES_A_DEGREE * math.cos(math.radians(latitude))
        longitude = self.longitude + metres * math.sin(bearing) / across
        return Place((longitude + 180) % 360 - 180, latitude)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The outline that will be warned of and how far from it people are meant; elsewhere is the rest of the world."""

    outline: Outline
    within_m: float
    elsewhere: Sequence[Place]

    def metres(self, place: Place) -> float:
        return self.outline.metres(place.longitude, place.latitude)

    def is_clear(self, place: Place) -> bool:
        """Say whether a place keeps off the exact border, where rounding outward decides."""
        return abs(self.metres(place) - self.within_m) > CLEARANCE_M

    def corner(self, chance: random.Random) -> Place:
        at = chance.randrange(len(self.outline.longitudes))
        longitude = (float(self.outline.longitudes[at]) + 180) % 360 - 180
        return Place(longitude, float(self.outline.latitudes[at]))

    def around(self, chance: random.Random, *, within_m: float) -> Place:
        """Return a place at most so far from a random point of the border."""
        distance = within_m * math.sqrt(chance.random())
        return self.corner(chance).moved(distance, chance.uniform(0, math.tau))


def find(spot: Spot, there: Neighbourhood, chance: random.Random, *, wanted: int) -> list[Place]:
    """Return up to `wanted` places of a kind, none within CLEARANCE_M of the exact border.

    Fewer, or none, where the outline has no such place (a hair-thin zone has hardly an inside).
    """
    candidates = _CANDIDATES[spot]
    found: list[Place] = []
    for _ in range(wanted * _MOST_TRIES):
        found += [place for place in candidates(there, chance) if there.is_clear(place)]
        if len(found) >= wanted:
            break
    return found[:wanted]


def _inside(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    west, south, east, north = there.outline.area.bounds
    place = Place((chance.uniform(west, east) + 180) % 360 - 180, chance.uniform(south, north))
    if there.metres(place) == 0:
        yield place


def _near(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    place = there.around(chance, within_m=there.within_m)
    if 0 < there.metres(place) < there.within_m:
        yield place


def _at_the_edge(side: int) -> Callable[[Neighbourhood, random.Random], Iterator[Place]]:
    def candidates(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
        aim = there.within_m + side * chance.uniform(CLEARANCE_M + 5, _EDGE_M)
        bearing = chance.uniform(0, math.tau)
        place = there.corner(chance).moved(aim, bearing)
        # The border seldom lies straight behind: step out or back until the distance is the one aimed at.
        for _ in range(4):
            place = place.moved(aim - there.metres(place), bearing)
        if 0 < side * (there.metres(place) - there.within_m) < _EDGE_M:
            yield place

    return candidates


def _same_cell(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    place = there.around(chance, within_m=there.within_m + 2500)
    if there.metres(place) > there.within_m and any(
        there.outline.metres(longitude, latitude) < there.within_m
        for latitude, longitude in h3.cell_to_boundary(place.cell)
    ):
        yield place


def _on_a_border(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    ends = h3.cell_to_boundary(there.around(chance, within_m=there.within_m * 1.2).cell)
    at = chance.randrange(len(ends))
    (latitude, longitude), (other_latitude, other_longitude) = ends[at - 1], ends[at]
    if abs(longitude - other_longitude) > 180:  # noqa: PLR2004 - an edge over the antimeridian
        return
    share = chance.random()
    middle = Place(longitude + share * (other_longitude - longitude), latitude + share * (other_latitude - latitude))
    yield middle.moved(chance.uniform(-_NUDGE_M, _NUDGE_M), chance.uniform(0, math.tau))


def _other_parent(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    place = there.around(chance, within_m=there.within_m * 1.3)
    own = h3.latlng_to_cell(place.latitude, place.longitude, CELL_RESOLUTION - 2)
    if h3.cell_to_parent(place.cell, CELL_RESOLUTION - 2) != own:
        yield place


def _far(there: Neighbourhood, chance: random.Random) -> Iterator[Place]:
    start = chance.choice(there.elsewhere) if there.elsewhere else there.corner(chance).moved(300_000, 1.0)
    place = start.moved(chance.uniform(0, 20_000), chance.uniform(0, math.tau))
    if there.metres(place) > there.within_m + 20_000:
        yield place


_CANDIDATES: dict[Spot, Callable[[Neighbourhood, random.Random], Iterator[Place]]] = {
    Spot.INSIDE: _inside,
    Spot.NEAR: _near,
    Spot.JUST_WITHIN: _at_the_edge(-1),
    Spot.JUST_BEYOND: _at_the_edge(+1),
    Spot.SAME_CELL: _same_cell,
    Spot.CELL_BORDER: _on_a_border,
    Spot.OTHER_PARENT: _other_parent,
    Spot.FAR: _far,
}
