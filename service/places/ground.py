"""Which ground a place stands for: its outline, or a disc wide enough that nothing of the place lies outside."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import shapely
from shapely import MultiPoint, Point

from service.kit import geo
from service.kit.geo import Area, Coordinates
from service.places.directory import Directory, Spots
from service.places.model import Answering, Centre

MARGIN = 1.25
"""Real borders are not half-way between centres: a disc reaches a quarter farther than the farthest such point."""

LEAST_M = {0: 200_000.0, 1: 50_000.0, 2: 40_000.0, 3: 10_000.0, 4: 3_000.0, 5: 3_000.0}
"""No disc of a level is smaller: the radius of a circle as large as the median Ukrainian unit, for levels 2 and 3."""

ALONE_M = {0: 1_000_000.0, 1: 150_000.0, 2: 75_000.0, 3: 40_000.0, 4: 8_000.0, 5: 8_000.0}
"""The disc of a unit without neighbours to measure by: what 99 of 100 Ukrainian units of levels 2 and 3 fit into."""

_FEWEST = 4
_SPECK = 1e-9
_DEGREE_M = 111_700.0


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground of every place of a directory; never changed after it is made."""

    directory: Directory
    below: tuple[Spots, ...] = field(repr=False)
    radii: Mapping[int, float] = field(repr=False)

    @classmethod
    def of(cls, directory: Directory) -> "Ground":
        below: list[list[int]] = [[] for _ in directory.places]
        for spot, above in enumerate(directory.above):
            if above:
                below[above[0]].append(spot)
        bare = cls(directory, tuple(map(tuple, below)), {})
        return cls(directory, bare.below, bare._measured())

    def answering_for(self, place_id: UUID) -> Answering | None:
        """Return the unit whose ground stands for a place: itself, or the nearest above of which anything is known.

        None where nothing is known up to the country. KeyError for a place that is not there.
        """
        spot = self.directory.numbers[place_id]
        for one in (spot, *self.directory.above[spot]):
            place = self.directory.places[one]
            if place.outline is not None or place.centre is not None:
                return Answering(place, None if place.outline is not None else self.radii[one])
        return None

    def area(self, answering: Answering) -> Area:
        """Return the ground itself of a unit that answers for a place."""
        found = self.covers(answering.unit.id)
        assert found is not None  # noqa: S101 - such a unit has an outline or a centre
        return found

    def standing_for(self, place_id: UUID) -> Area | None:
        """Return ground that holds all of a unit; where nothing is known of it, that of the nearest unit above."""
        own = self.covers(place_id)
        answering = self.answering_for(place_id) if own is None else None
        return own if answering is None else self.area(answering)

    def covers(self, place_id: UUID) -> Area | None:
        """Return ground that holds all of a unit: what a warning for it has to reach. None where nothing is known.

        An outline counts without its holes, and with those parts of the unit that it leaves out: outlines are drawn
        coarsely, and not everybody draws the same borders.
        """
        return self._covers(self.directory.numbers[place_id])

    def _covers(self, spot: int) -> Area | None:
        place = self.directory.places[spot]
        if place.outline is not None:
            whole = geo.filled(place.outline)
            return _joined([whole, *self._left_out(spot, whole)])
        parts = [self._covers(child) for child in self.below[spot]]
        known = [part for part in parts if part is not None]
        if place.centre is not None and (not parts or len(known) < len(parts)):
            known.append(_disc(place.centre, self.radii.get(spot, ALONE_M[place.level])))
        return _joined(known) if known else None

    def _left_out(self, spot: int, whole: Area) -> Iterator[Area]:
        """Yield the ground of parts whose centre an outline does not hold."""
        for child in self.below[spot]:
            centre = self.directory.places[child].centre
            if centre is None or shapely.intersects(whole, Point(centre.longitude, centre.latitude)):
                continue
            ground = self._covers(child)
            if ground is not None:
                yield ground

    def _measured(self) -> dict[int, float]:
        """Return the radius of every place that has a centre and no outline."""
        found: dict[int, float] = {}
        alike = defaultdict[tuple[str, int], list[int]](list)
        for spot, place in enumerate(self.directory.places):
            if place.centre is not None:
                alike[place.country, place.level].append(spot)
        for (country, level), spots in alike.items():
            farthest = self._farthest(spots, country) if level and len(spots) >= _FEWEST else {}
            for spot in spots:
                place = self.directory.places[spot]
                measured = max(LEAST_M[level], farthest[spot] * MARGIN) if spot in farthest else ALONE_M[level]
                found[spot] = place.radius_m if place.radius_m is not None else measured
        return found

    def _farthest(self, spots: Sequence[int], country: str) -> dict[int, float]:
        """Measure for each centre how far the ground reaches that is nearer to it than to any other of its level."""
        centres = [self.directory.places[spot].centre for spot in spots]
        at = np.array([(centre.longitude, centre.latitude) for centre in centres if centre is not None])
        frame = self._frame(country)
        if np.ptp(at[:, 0]) > geo.HALF_TURN:  # the country lies on both sides of 180 degrees
            at[:, 0] %= geo.TURN
            frame = None
        # A degree is nowhere longer than this, and east to west nowhere longer than nearest to the equator.
        scale = (_DEGREE_M * np.cos(np.radians(np.abs(at[:, 1]).min())), _DEGREE_M)
        flat = at * scale
        land = None if frame is None else shapely.transform(frame, lambda corners: corners * scale)
        far = _farthest_corners(flat, land, reach=LEAST_M[self.directory.places[spots[0]].level])
        return dict(zip(spots, far, strict=True))

    def _frame(self, country: str) -> Area | None:
        """Return all ground of a country that is outlined; beyond it nobody's disc has to reach."""
        tops = [
            spot for spot, place in enumerate(self.directory.places) if place.country == country and place.level <= 1
        ]
        outlined = [spot for spot in tops if self.directory.places[spot].outline is not None]
        whole = [spot for spot in outlined if not self.directory.places[spot].level] or outlined
        parts = [part for part in map(self._covers, whole) if part is not None]
        return _joined(parts) if parts else None


def _farthest_corners(flat: Coordinates, land: Area | None, *, reach: float) -> list[float]:
    """Return how far the corners of each point's Voronoi cell lie, the cells cut to the land or to what is around."""
    around = shapely.buffer(shapely.convex_hull(MultiPoint(flat)), reach)
    frame = around if land is None else land
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(flat), extend_to=around, ordered=True))
    shapely.prepare(frame)
    inside = shapely.covers(frame, cells)
    cut = [cell if whole else shapely.intersection(cell, frame) for cell, whole in zip(cells, inside, strict=True)]
    return [_away(point, cell) for point, cell in zip(flat, cut, strict=True)]


def _away(point: Coordinates, cell: shapely.Geometry) -> float:
    corners = shapely.get_coordinates(cell) - point
    return float(np.hypot(*corners.T).max()) if len(corners) else 0.0


def _joined(areas: Sequence[Area]) -> Area:
    return areas[0] if len(areas) == 1 else geo.areal(shapely.union_all(list(areas)))


def _disc(centre: Centre, metres: float) -> Area:
    x, y = centre.longitude, centre.latitude
    return geo.buffer_metres(shapely.box(x - _SPECK, y - _SPECK, x + _SPECK, y + _SPECK), metres)
