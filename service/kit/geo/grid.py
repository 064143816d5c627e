"""Finds the boxes near a place by squares of a grid: for small searches, without calling any library."""

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from service.kit.geo.plane import Coordinates

_SIDE = 0.03
_ACROSS = 1 << 20
# A box over more squares than this stands beside them, and is looked at in every search.
_MOST_SQUARES = 4_096


@dataclass(frozen=True, slots=True)
class Grid:
    """Boxes by the squares of 0.03 degrees that they touch; `wide` are the rows of those that touch too many."""

    wide: frozenset[int] = frozenset()
    _squares: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    _boxes: "array[float]" = field(default_factory=lambda: array("d"))

    @classmethod
    def of(cls, boxes: Coordinates) -> "Grid":
        first = np.floor(boxes[:, :2] / _SIDE).astype(np.int64)
        columns, lines = (np.floor(boxes[:, 2:] / _SIDE).astype(np.int64) - first + 1).T
        narrow = np.flatnonzero(columns * lines <= _MOST_SQUARES)
        counts = (columns * lines)[narrow]
        rows = np.repeat(narrow, counts)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        squares = (first[rows, 1] + place // columns[rows]) * _ACROSS + first[rows, 0] + place % columns[rows]
        order = np.argsort(squares, kind="stable")
        named, starts = np.unique(squares[order], return_index=True)
        in_order, bounds = rows[order].tolist(), pairwise([*starts.tolist(), len(order)])
        kept = {square: tuple(in_order[start:end]) for square, (start, end) in zip(named.tolist(), bounds, strict=True)}
        wide = frozenset(np.flatnonzero(columns * lines > _MOST_SQUARES).tolist())
        return cls(wide, kept, array("d", boxes.astype(np.float64).tobytes()))

    def meeting(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Return, each once, the rows whose boxes meet this one."""
        squares, boxes = self._squares, self._boxes
        columns = range(math.floor(west / _SIDE), math.floor(east / _SIDE) + 1)
        near = set(self.wide)
        for line in range(math.floor(south / _SIDE), math.floor(north / _SIDE) + 1):
            for column in columns:
                rows = squares.get(line * _ACROSS + column)
                if rows:
                    near.update(rows)
        return [
            row
            for row in near
            if boxes[4 * row] <= east
            and boxes[4 * row + 2] >= west
            and boxes[4 * row + 1] <= north
            and boxes[4 * row + 3] >= south
        ]
