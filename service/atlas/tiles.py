"""Draws vector tiles from memory: what a tile shows of a zone always covers the zone (R7), at every zoom."""

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from service.atlas.chart import Chart
from service.atlas.layer import Layer
from service.atlas.model import DEEPEST, Box, Tile
from service.atlas.mvt import EXTENT, Feature, encoded
from service.kit.geo import HALF_TURN, TURN, Area, Coordinates, Rows, areal

LAYER = "zones"
# What lies so far beyond a tile's edge is drawn too, so that outlines are not cut on the screen.
BUFFER = 64
# One pixel where 512 pixels are drawn of a tile: nothing is ever shown smaller.
PIXEL = 8
_CACHE_BYTES = 64 * 1024 * 1024
_NORTHMOST = 85.06
# A long edge is straight in degrees and bent on this map: cut into such steps at the deepest zoom, and longer ones at
# others, it lies a fraction of a unit beside its chord.
_STEP_DEGREES = 0.01
# Half a pixel on every side, so that a strip is seen too; rounding takes at most 0.71 units of it. Each further try
# takes more, the last one the whole box.
_MARGINS = (PIXEL / 2 + 0.75, PIXEL, 2.0 * PIXEL)


class TileCache:
    """Tiles of one version of the record, the least used let go first; another version starts anew."""

    def __init__(self, most_bytes: int = _CACHE_BYTES) -> None:
        self._most = most_bytes
        self._version = -1
        self._size = 0
        self._tiles: OrderedDict[Tile, bytes] = OrderedDict()

    def get(self, version: int, tile: Tile) -> bytes | None:
        if version != self._version or tile not in self._tiles:
            return None
        self._tiles.move_to_end(tile)
        return self._tiles[tile]

    def put(self, version: int, tile: Tile, content: bytes) -> None:
        """Keep a tile; one of an older version comes too late and is not kept."""
        if version < self._version:
            return
        if version > self._version:
            self._version, self._size, self._tiles = version, 0, OrderedDict()
        self._size += len(content) - len(self._tiles.pop(tile, b""))
        self._tiles[tile] = content
        while self._size > self._most:
            _, gone = self._tiles.popitem(last=False)
            self._size -= len(gone)


def drawn(chart: Chart, tile: Tile) -> bytes:
    """Return the tile. One without zones is a layer without features: what it shows is what is known."""
    return encoded(LAYER, _features(chart, tile))


def _features(chart: Chart, tile: Tile) -> Iterator[Feature]:
    specks: list[Coordinates] = []
    for layer, rows in chart.in_box(_degrees(tile)):
        boxes = _on_tile(layer.index.outlines.boxes[rows].reshape(-1, 2), tile).reshape(-1, 4)
        small = (boxes[:, 2] - boxes[:, 0] < PIXEL) & (boxes[:, 1] - boxes[:, 3] < PIXEL)
        specks.append(boxes[small])
        yield from _outlines(layer, rows[~small], tile)
    merged = _specks(np.concatenate(specks))
    if merged is not None:
        yield Feature(merged, {"exercise": tile.exercise})


def _outlines(layer: Layer, rows: Rows, tile: Tile) -> Iterator[Feature]:
    areas = np.array([_flat(layer.index.outlines.area(row), tile) for row in rows.tolist()], dtype=object)
    for row, shown in zip(rows.tolist(), _outward(areas), strict=True):
        if not shown.is_empty:
            yield Feature(areal(shown), properties(layer, row))


def properties(layer: Layer, row: int) -> dict[str, Any]:
    """Return all that the public may know (R25); the label is the same for all and stands in the reader's language."""
    known = layer.known(row)
    return {
        "id": str(known.id),
        "authority": known.authority,
        "data_as_of": known.data_as_of.isoformat(),
        "revision": known.revision,
        "accuracy_m": known.accuracy_m,
        "exercise": known.exercise,
        "stale": known.stale,
    }


def _outward(areas: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Put areas on the grid so that what is shown of each covers what the tile holds of it."""
    window = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    held = np.asarray(shapely.intersection(areas, window), dtype=object)
    shown = np.full(len(areas), shapely.Polygon(), dtype=object)
    left = np.flatnonzero(shapely.area(held) > 0)
    for margin in _MARGINS:
        wide = shapely.buffer(held[left], margin, join_style="mitre", mitre_limit=2.0)
        grid = np.asarray(shapely.set_precision(wide, 1.0), dtype=object)
        good = shapely.covers(grid, held[left])
        shown[left[good]] = grid[good]
        left = left[~good]
    if len(left):
        boxes = shapely.bounds(held[left])
        shown[left] = shapely.box(*np.floor(boxes[:, :2]).T, *np.ceil(boxes[:, 2:]).T)
    return shown


def _specks(boxes: Coordinates) -> Area | None:
    """Unite what is smaller than a pixel into whole pixels: one shape, however many zones there are."""
    window = -BUFFER // PIXEL, (EXTENT + BUFFER) // PIXEL
    low = np.floor(boxes[:, [0, 3]] / PIXEL).astype(int)
    high = np.floor(boxes[:, [2, 1]] / PIXEL).astype(int)
    cells = {
        (x, y)
        for west, north, east, south in np.unique(np.hstack([low, high]), axis=0).tolist()
        for x in range(max(west, window[0]), min(east, window[1] - 1) + 1)
        for y in range(max(north, window[0]), min(south, window[1] - 1) + 1)
    }
    if not cells:
        return None
    corners = np.array(sorted(cells)) * PIXEL
    return areal(shapely.union_all(shapely.box(*corners.T, *(corners + PIXEL).T)))


def _flat(area: Area, tile: Tile) -> Area:
    """Put an area on the tile's grid, in fractions of its units."""
    stepped = shapely.segmentize(area, _STEP_DEGREES * 2 ** ((DEEPEST - tile.zoom) / 2))
    flat: Area = shapely.transform(stepped, lambda at: _on_tile(at, tile))
    return flat if flat.is_valid else shapely.box(*flat.bounds)


def _on_tile(at: Coordinates, tile: Tile) -> Coordinates:
    """Return tile units of degrees: x to the east, y to the south, on the side of 180 degrees where the tile is."""
    size = EXTENT * 2.0**tile.zoom
    latitude = np.radians(np.clip(at[:, 1], -_NORTHMOST, _NORTHMOST))
    x = (at[:, 0] + HALF_TURN) / TURN * size
    y = (1 - np.arcsinh(np.tan(latitude)) / math.pi) / 2 * size
    return np.column_stack([x - tile.column * EXTENT, y - tile.row * EXTENT])


def _degrees(tile: Tile) -> Box:
    """Return the box of a tile and its buffer in degrees."""
    share = 2.0**-tile.zoom
    ahead = (BUFFER + PIXEL) / EXTENT
    west, east = ((tile.column + edge) * share * TURN - HALF_TURN for edge in (-ahead, 1 + ahead))
    north, south = (_latitude((tile.row + edge) * share) for edge in (-ahead, 1 + ahead))
    return max(west, -HALF_TURN), south, min(east, HALF_TURN), north


def _latitude(share: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))
