"""How a request for a map is read."""

from service.atlas.model import Box
from service.kit import geo
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused


def read_box(text: str) -> Box:
    """Read `west,south,east,north` in degrees; where west is greater than east the box crosses the antimeridian.

    The east that comes back is never less than the west. Raises Refused.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _bad_box("it is not four numbers with commas between them") from None
    if not all(-geo.TURN <= value <= geo.TURN for value in (west, south, east, north)):
        raise _bad_box("a number is no degree")
    if not -geo.QUARTER_TURN <= south <= north <= geo.QUARTER_TURN:
        raise _bad_box("south and north are swapped or beyond 90 degrees")
    if max(abs(west), abs(east)) > geo.HALF_TURN:
        raise _bad_box("a longitude lies beyond 180 degrees")
    return west, south, east + geo.TURN if east < west else east, north


def _bad_box(why: str) -> Refused:
    detail = f"The bbox cannot be read: {why}."
    remedy = "Write west,south,east,north in degrees, as in 17.0,45.0,17.5,45.3."
    return Refused(Fault.INVALID, "bbox-malformed", detail, where="bbox", remedy=remedy)
