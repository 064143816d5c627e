"""All places in memory, real ones and those of exercises apart: their names, hierarchy and ground."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from service.kit.geo import Area
from service.places import finding
from service.places.directory import Directory
from service.places.ground import Ground
from service.places.model import Answering, Found, Place
from service.places.units import Units


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Everything that can be asked about places, as of a version of the record.

    Never changed after it is made; threads may share it.
    """

    version: int
    live: Ground = field(repr=False)
    exercise: Ground = field(repr=False)
    units: Mapping[bool, Units] = field(repr=False)

    @classmethod
    def of(cls, version: int, places: Iterable[Place]) -> "Gazetteer":
        worlds: tuple[list[Place], list[Place]] = ([], [])
        for place in places:
            worlds[place.exercise].append(place)
        live, exercise = (Ground.of(Directory.of(world)) for world in worlds)
        return cls(version, live, exercise, {False: Units.of(live), True: Units.of(exercise)})

    def find(self, query: str, *, exercise: bool = False, country: str | None = None) -> Found:
        """Return the places that a query may mean, the likeliest name first; it is not kept anywhere."""
        world = self.exercise if exercise else self.live
        return finding.find(world.directory, query, country=country)

    def get(self, place_id: UUID) -> Place | None:
        directory = self._world(place_id).directory
        spot = directory.numbers.get(place_id)
        return None if spot is None else directory.places[spot]

    def above(self, place: Place) -> tuple[Place, ...]:
        """Return the units that a place lies in, the nearest first."""
        directory = self._world(place.id).directory
        return tuple(directory.places[spot] for spot in directory.above[directory.numbers[place.id]])

    def below(self, place: Place) -> tuple[Place, ...]:
        """Return the units directly under a place, in the order of lists."""
        world = self._world(place.id)
        directory = world.directory
        return tuple(directory.places[spot] for spot in world.below[directory.numbers[place.id]])

    def places(self, *, exercise: bool = False) -> tuple[Place, ...]:
        """Return all places of a world in the order of lists."""
        return (self.exercise if exercise else self.live).directory.places

    def answering_for(self, place_id: UUID) -> Answering | None:
        """Return the unit whose ground stands for a place: itself, or the nearest above of which anything is known.

        None where nothing is known up to the country. KeyError for a place that is not there.
        """
        return self._world(place_id).answering_for(place_id)

    def area(self, answering: Answering) -> Area:
        """Return the ground of a unit that answers for a place."""
        return self._world(answering.unit.id).area(answering)

    def covers(self, place_id: UUID) -> Area | None:
        """Return ground that holds all of a unit, for a warning that has to reach everybody there."""
        return self._world(place_id).covers(place_id)

    def standing_for(self, place_id: UUID) -> Area | None:
        """Return ground that holds all of a unit; where nobody knows it, that of the nearest unit above."""
        return self._world(place_id).standing_for(place_id)

    def touched(self, area: Area, *, exercise: bool) -> tuple[Place, ...]:
        """Return the units from the municipality up whose ground an area touches, in the order of lists."""
        return self.units[exercise].touched(area)

    def parts(self, place: Place) -> Iterator[Place]:
        """Yield all units in a place that are municipalities or larger, each before its own parts."""
        for below in self.below(place):
            if below.is_municipality_or_larger:
                yield below
                yield from self.parts(below)

    def _world(self, place_id: UUID) -> Ground:
        return self.exercise if place_id in self.exercise.directory.numbers else self.live
