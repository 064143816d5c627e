"""How a request for a map is read."""

import re
from datetime import datetime

from service.atlas.model import DEEPEST, LONGEST_WALK_M, WORLD, Box, Tile, Walk
from service.kit import geo
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused

_BOX_2D = 4
_BOX_3D = 6
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?")


def read_box(text: str | None) -> Box:
    """Read `west,south,east,north` in degrees; where west is greater than east the box crosses the antimeridian.

    Six numbers are a box with heights, which change nothing. The east that comes back is never less than the west.
    No text is the whole world. Raises Refused.
    """
    if text is None:
        return WORLD
    west, south, east, north = _numbers(text)
    if not all(-geo.TURN <= value <= geo.TURN for value in (west, south, east, north)):
        raise _bad_box("a number is no degree")
    if not -geo.QUARTER_TURN <= south <= north <= geo.QUARTER_TURN:
        raise _bad_box("south and north are swapped or beyond 90 degrees")
    if max(abs(west), abs(east)) > geo.HALF_TURN:
        raise _bad_box("a longitude lies beyond 180 degrees")
    return west, south, east + geo.TURN if east < west else east, north


def _numbers(text: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == _BOX_3D:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != _BOX_2D:
        raise _bad_box("it is not four numbers with commas between them")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _bad_box(why: str) -> Refused:
    detail = f"The bbox cannot be read: {why}."
    remedy = "Write west,south,east,north in degrees, as in 17.0,45.0,17.5,45.3."
    return Refused(Fault.INVALID, "bbox-malformed", detail, where="bbox", remedy=remedy)


def read_datetime(text: str | None) -> None:
    """Refuse what is no moment and no interval of RFC 3339; any other value changes nothing.

    A dangerous area has no end in time (R1), so every moment meets it.
    """
    if text is None:
        return
    ends = text.split("/")
    known = [one for one in ends if one not in ("", "..")]
    if len(ends) > 2 or not known or not all(map(_is_moment, known)):  # noqa: PLR2004 - an interval has two ends
        detail = "The datetime cannot be read."
        remedy = "Write 2026-11-02T09:00:00Z, or an interval as 2026-01-01T00:00:00Z/.. with an open end."
        raise Refused(Fault.INVALID, "datetime-malformed", detail, where="datetime", remedy=remedy)


def _is_moment(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def checked_walk(walk: Walk) -> Walk:
    """Refuse a walk that is longer than an answer can be given for."""
    metres = sum(geo.haversine(*one, *other) for one, other in zip(walk.positions, walk.positions[1:], strict=False))
    if metres > LONGEST_WALK_M:
        most = round(LONGEST_WALK_M / 1_000)
        detail = f"The walk is longer than {most} km."
        remedy = f"Ask about parts of it, each of at most {most} km."
        raise Refused(Fault.INVALID, "walk-too-long", detail, where="line", remedy=remedy)
    return walk


def checked_tile(tile: Tile) -> Tile:
    """Refuse a tile that is on no map of ours."""
    sound = 0 <= tile.zoom <= DEEPEST
    if not sound or not (0 <= tile.column < 1 << tile.zoom and 0 <= tile.row < 1 << tile.zoom):
        detail = (
            f"There is no such tile: zoom goes from 0 to {DEEPEST}, and at zoom z columns and rows from 0 to 2^z - 1."
        )
        raise Refused(Fault.NOT_FOUND, "tile-unknown", detail, remedy="Take the address from /v1/tiles.json.")
    return tile
