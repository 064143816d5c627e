"""Covers the ground of many fine cells by fewer coarse ones; the cells of two resolutions never nest."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import h3.api.basic_int as h3
import shapely

from service.kit.geo.cells import boundary, cell_at, slack_m

_DEGREE_M = 111_195.0
_LEAST_ACROSS = 0.05
# Each step of a resolution divides a cell into seven.
_APERTURE = 7


@dataclass(frozen=True, slots=True)
class Coarsened:
    """Cells of mixed resolutions; `excess` is the ground beyond that of the fine cells, as a share of theirs."""

    cells: frozenset[int]
    excess: float


def coarsenings(fine: Collection[int], coarser: Iterable[int], *, allowed: float) -> list[Coarsened]:
    """Return covers of the ground of some cells of one resolution, from these themselves to the coarsest alone.

    For each point of a fine cell each cover holds `latlng_to_cell` of that point at one of the resolutions. `coarser`
    goes from the finer to the coarser. Beside the plain covers there are mixed ones, in which coarse cells reach
    beyond the fine ones by at most the `allowed` share; a finer cell stands in them only where no coarse one covers it
    whole.
    """
    plain = frozenset(fine)
    stage = {plain}
    covers = {plain}
    for resolution in coarser:
        stage = {made for cells in stage for made in _replaced(cells, plain, resolution, allowed=allowed)}
        covers |= stage
    return [Coarsened(cells, excess(cells, plain)) for cells in covers]


def best(covers: Iterable[Coarsened], *, most: int, allowed: float) -> Coarsened:
    """Return the cover of fewest cells whose excess is allowed and that has no more cells than `most`.

    Where there is none: the one of least excess that has few enough; where there is none either: that of fewest cells.
    No ground is ever left out.
    """
    known = sorted(covers, key=lambda one: (len(one.cells), one.excess))
    few = [one for one in known if len(one.cells) <= most]
    tight = [one for one in few if one.excess <= allowed]
    return next(iter(tight), None) or min(few, key=lambda one: one.excess, default=known[0])


def excess(cells: Collection[int], fine: Collection[int]) -> float:
    """Return how much ground of the cells is not of the fine ones, as a share of theirs; counted in fine cells."""
    beyond = 0
    resolution = _resolution(fine)
    for coarse in {h3.get_resolution(cell) for cell in cells} - {resolution}:
        filled = _filled(fine, coarse)
        room = _APERTURE ** (resolution - coarse)
        beyond += sum(max(0, room - filled[cell]) for cell in cells if h3.get_resolution(cell) == coarse)
    return float(beyond / len(fine))


def touched(cells: Collection[int], resolution: int) -> dict[int, frozenset[int]]:
    """Return for each cell those of a coarser resolution in which any of its points lies, and some nearly met.

    The cells may be of several resolutions, if all are finer. In degrees an arc is no straight line, so the coarse
    outlines are grown by as much as that can matter.
    """
    ordered = list(cells)
    middle = h3.cell_to_latlng(ordered[0])[1]
    own = {_cell_of(cell, resolution) for cell in ordered}
    coarse = sorted({near for cell in own for near in h3.grid_disk(cell, 1)})
    outlines = [boundary(cell, middle) for cell in ordered]
    largest = min(h3.get_resolution(cell) for cell in ordered)
    grown = [_grown(cell, middle, largest=largest) for cell in coarse]
    met: dict[int, set[int]] = {cell: set() for cell in ordered}
    for row, place in zip(*shapely.STRtree(grown).query(outlines, predicate="intersects"), strict=True):
        met[ordered[row]].add(coarse[place])
    return {cell: frozenset(there) for cell, there in met.items()}


def _replaced(
    cells: frozenset[int], fine: frozenset[int], resolution: int, *, allowed: float
) -> tuple[frozenset[int], frozenset[int]]:
    """Put coarse cells in the place of others: the fullest as far as is allowed, and all that are touched."""
    touches = touched(cells, resolution)
    room = _APERTURE ** (_resolution(fine) - resolution)
    fullest = _filled(fine, resolution).most_common()
    taken, beyond = set(), 0
    for cell, filled in fullest:
        beyond += max(0, room - filled)
        if beyond > allowed * len(fine):
            break
        taken.add(cell)
    everything = frozenset(cell for there in touches.values() for cell in there)
    return _with(taken, touches), everything


def _with(taken: Collection[int], touches: Mapping[int, frozenset[int]]) -> frozenset[int]:
    chosen = frozenset(taken)
    return chosen | {cell for cell, there in touches.items() if not there <= chosen}


def _filled(fine: Iterable[int], resolution: int) -> Counter[int]:
    """Count the fine cells whose middle lies in each coarse one."""
    return Counter(_cell_of(cell, resolution) for cell in fine)


def _cell_of(cell: int, resolution: int) -> int:
    latitude, longitude = h3.cell_to_latlng(cell)
    return cell_at(longitude, latitude, resolution)


def _resolution(cells: Collection[int]) -> int:
    return int(h3.get_resolution(next(iter(cells))))


def _grown(cell: int, middle: float, *, largest: int) -> shapely.Geometry:
    outline = boundary(cell, middle)
    metres = slack_m(outline, h3.get_resolution(cell)) + slack_m(outline, largest)
    _, south, _, north = outline.bounds
    across = max(_LEAST_ACROSS, math.cos(math.radians(max(abs(south), abs(north)))))
    return outline.buffer(metres / _DEGREE_M / across)
