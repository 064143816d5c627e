"""Which units an area touches: those that people may subscribe to, with the ground that stands for each."""

from dataclasses import dataclass, field

import shapely

from service.kit.geo import Area
from service.places.directory import Spots
from service.places.ground import Ground
from service.places.model import Place


@dataclass(frozen=True, slots=True)
class Units:
    """The municipalities of a world and all units above them, by their ground; never changed after it is made.

    Where nothing is known of a unit's own ground, that of the nearest unit above stands for it.
    """

    ground: Ground
    spots: Spots = field(repr=False)
    tree: shapely.STRtree = field(repr=False)

    @classmethod
    def of(cls, ground: Ground) -> "Units":
        held = [
            (spot, area)
            for spot, place in enumerate(ground.directory.places)
            if place.is_municipality_or_larger and (area := ground.standing_for(place.id)) is not None
        ]
        return cls(ground, tuple(spot for spot, _ in held), shapely.STRtree([area for _, area in held]))

    def touched(self, area: Area) -> tuple[Place, ...]:
        """Return the units whose ground an area touches, in the order of lists."""
        found = sorted(self.spots[at] for at in self.tree.query(area, predicate="intersects"))
        return tuple(self.ground.directory.places[spot] for spot in found)
