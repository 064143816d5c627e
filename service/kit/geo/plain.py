"""Makes areas of rings that need no mending, many at once, and mends the others one by one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from service.kit.geo.many import array_of
from service.kit.geo.mending import HAIR_DEGREES, Flaw, Mended, Unmendable, repair
from service.kit.geo.plane import HALF_TURN, NORTHMOST, Coordinates

Polygons = Sequence[Sequence[Coordinates]]
_TRIANGLE = 4  # the corners of a closed one


def repair_each(rows: Sequence[Polygons]) -> list[Mended | Flaw]:
    """Return for each row's polygons what `repair` makes of them, or the flaw for which it cannot."""
    candidates = [at for at, polygons in enumerate(rows) if _is_simple(polygons)]
    found: list[Mended | Flaw | None] = [None] * len(rows)
    for at, made in zip(candidates, _as_they_stand([rows[at][0] for at in candidates]), strict=True):
        found[at] = made
    return [_mended(rows[at]) if made is None else made for at, made in enumerate(found)]


def _mended(polygons: Polygons) -> Mended | Flaw:
    try:
        return repair(polygons)
    except Unmendable as error:
        return error.flaw


def _is_simple(polygons: Polygons) -> bool:
    """Tell whether it is one polygon of closed rings of pairs; what its numbers are is judged for all at once."""
    return (
        len(polygons) == 1
        and len(polygons[0]) > 0
        and all(
            ring.shape[1] == 2 and len(ring) >= _TRIANGLE and (ring[0] == ring[-1]).all()  # noqa: PLR2004 - a pair
            for ring in polygons[0]
        )
    )


def _as_they_stand(polygons: Sequence[Sequence[Coordinates]]) -> list[Mended | None]:
    if not polygons:
        return []
    rings = [ring for polygon in polygons for ring in polygon]
    owners = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    at = np.concatenate(rings)
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    sound = np.ones(len(polygons), dtype=bool)
    sound[owners[ring_of[~_are_near_home(at, ring_of)]]] = False
    if not sound.any():
        return [None] * len(polygons)
    fit = sound[owners[ring_of]]
    closed = np.asarray(shapely.linearrings(at[fit], indices=_counted(ring_of[fit])), dtype=object)
    made = np.asarray(shapely.polygons(list(closed), indices=_counted(owners[sound[owners]])), dtype=object)
    good = shapely.is_valid(made) & (2 * shapely.area(made) > HAIR_DEGREES * shapely.length(made))
    found = array_of([None] * len(polygons))
    found[np.flatnonzero(sound)[good]] = array_of(Mended(area, frozenset()) for area in made[good])
    return list(found)


def _are_near_home(at: Coordinates, ring_of: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which corners are numbers between 180 west and 180 east, far from the poles, no half turn from the last."""
    with np.errstate(invalid="ignore"):
        home = (np.abs(at[:, 0]) <= HALF_TURN) & (np.abs(at[:, 1]) <= NORTHMOST)
        near = (np.abs(np.diff(at[:, 0])) <= HALF_TURN) | (np.diff(ring_of) != 0)
    home[1:] &= near
    return home


def _counted(owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count the owners that are left from 0, in their order."""
    counted: npt.NDArray[np.int64] = np.cumsum(np.diff(owners, prepend=owners[:1]) != 0)
    return counted
