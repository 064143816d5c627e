"""How much is on record where: the coverage areas of one world (R5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely

from service.kit.geo import HALF_TURN, TURN, Coordinates
from service.zones.model import Listing, PublicCoverage

# What is said of ground that lies in several areas, or reaches from one into another, is the least that any says.
_LEAST_FIRST = (Listing.NO_DATA, Listing.PARTLY_LISTED, Listing.LISTED)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the coverage areas say of some ground: None where any of it lies in no area; the oldest of their dates."""

    listing: Listing | None
    oldest: date | None


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage areas of one world, never changed after it is made; threads may share it."""

    areas: tuple[PublicCoverage, ...] = ()
    outlines: npt.NDArray[np.object_] = field(default_factory=lambda: np.array([], dtype=object))
    tree: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]))

    @classmethod
    def of(cls, areas: Sequence[PublicCoverage]) -> "Covered":
        outlines = np.array([area.outline for area in areas], dtype=object)
        shapely.prepare(outlines)
        return cls(tuple(areas), outlines, shapely.STRtree(outlines))

    def under(self, boxes: Coordinates) -> Ground:
        """Say what is on record of the ground in these boxes (west, south, east, north), the least of it."""
        grounds = np.asarray(shapely.box(*_at_home(boxes).T), dtype=object)
        at, owners = self.tree.query(grounds)
        touching = shapely.intersects(self.outlines[owners], grounds[at])
        at, owners = at[touching], owners[touching]
        if not self._hold(grounds, at, owners):
            return Ground(None, None)
        met = [self.areas[owner] for owner in set(owners.tolist())]
        listing = next(one for one in _LEAST_FIRST if any(area.listing is one for area in met))
        return Ground(listing, min(area.data_as_of for area in met))

    def _hold(self, grounds: npt.NDArray[np.object_], at: npt.NDArray[np.int64], owners: npt.NDArray[np.int64]) -> bool:
        """Tell whether every piece of ground lies wholly in areas, in one of them or in several together."""
        held = np.zeros(len(grounds), dtype=bool)
        held[at[shapely.covers(self.outlines[owners], grounds[at])]] = True
        for piece in np.flatnonzero(~held).tolist():
            around = self.outlines[owners[at == piece]]
            if not len(around) or not shapely.union_all(around).covers(grounds[piece]):
                return False
        return True


def _at_home(boxes: Coordinates) -> Coordinates:
    """Cut boxes at the antimeridian, as outlines are, and at the poles."""
    boxes = np.clip(boxes, (-TURN, -90, -TURN, -90), (TURN, 90, TURN, 90))
    if boxes[:, 0].min() >= -HALF_TURN and boxes[:, 2].max() <= HALF_TURN:
        return boxes
    moved = np.concatenate([np.add(boxes, (turn, 0, turn, 0)) for turn in (-TURN, 0, TURN)])
    moved = moved[(moved[:, 2] > -HALF_TURN) & (moved[:, 0] < HALF_TURN)]
    cut: Coordinates = np.clip(moved, (-HALF_TURN, -90, -HALF_TURN, -90), (HALF_TURN, 90, HALF_TURN, 90))
    return cut
