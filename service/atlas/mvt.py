"""Writes Mapbox Vector Tiles 2.1: protocol buffers of features, geometry as commands on a grid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

EXTENT = 4096
Value: TypeAlias = str | int | float | bool

_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7
_POLYGON = 3
_VERSION = 2
_VARINT, _DOUBLE, _BYTES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Feature:
    """An area in whole tile units, x to the east and y to the south, and what is said of it."""

    area: Polygon | MultiPolygon
    properties: Mapping[str, Value]


def encoded(name: str, features: Iterable[Feature]) -> bytes:
    """Return a tile of one layer; a layer without features is written too."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    written = b"".join(_field(2, _feature(one, keys, values)) for one in features)
    named = b"".join(_field(3, key.encode()) for key in keys)
    valued = b"".join(_field(4, _value(value)) for _, value in values)
    extent = _tag(5, _VARINT) + _varint(EXTENT)
    layer = _tag(15, _VARINT) + _varint(_VERSION) + _field(1, name.encode()) + written + named + valued + extent
    return _field(3, layer)


def _feature(one: Feature, keys: dict[str, int], values: dict[tuple[type, Value], int]) -> bytes:
    tags = []
    for key, value in one.properties.items():
        tags += [keys.setdefault(key, len(keys)), values.setdefault((type(value), value), len(values))]
    kind = _tag(3, _VARINT) + _varint(_POLYGON)
    return _field(2, _varints(tags)) + kind + _field(4, _varints(_commands(one.area)))


def _commands(area: Polygon | MultiPolygon) -> list[int]:
    """Write rings as steps from corner to corner; outer rings turn clockwise on the screen, holes the other way."""
    commands: list[int] = []
    at = (0, 0)
    for part in shapely.get_parts(shapely.orient_polygons(area)):
        for ring in (part.exterior, *part.interiors):
            corners = np.rint(shapely.get_coordinates(ring)).astype(int)[:-1].tolist()
            commands.append(_MOVE_TO | 1 << 3)
            for number, (x, y) in enumerate(corners):
                if number == 1:
                    commands.append(_LINE_TO | len(corners) - 1 << 3)
                commands += [_zigzag(x - at[0]), _zigzag(y - at[1])]
                at = (x, y)
            commands.append(_CLOSE_PATH | 1 << 3)
    return commands


def _value(value: Value) -> bytes:
    """Write one value under the field of its type."""
    match value:
        case bool():
            return _tag(7, _VARINT) + _varint(int(value))
        case str():
            return _field(1, value.encode())
        case int():
            return _tag(6, _VARINT) + _varint(_zigzag(value))
        case float():
            return _tag(3, _DOUBLE) + np.float64(value).tobytes()


def _field(number: int, content: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(content)) + content


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _varints(numbers: Sequence[int]) -> bytes:
    return b"".join(map(_varint, numbers))


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte, the eighth says that more follow
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
