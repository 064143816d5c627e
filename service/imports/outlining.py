"""Makes the outlines of many rows at once: read, mended, widened, or why a row has none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shapely import MultiPolygon

from service.imports.describing import Doubtful, Notes
from service.imports.model import Declared
from service.imports.reasons import Note, Reason
from service.imports.words import NOTE_OF_MEND, REASON_OF_FLAW
from service.intake import geojson
from service.intake.model import NotAnArea, Unread
from service.kit import geo
from service.kit.geo import Area, Flaw, Mended
from service.zones.model import MOST_ACCURACY_M, Publication
from service.zones.rules import public_outlines

LONG_STEP_KM = 5.0
ABSURD_SPAN_KM = 200.0
BUFFER_ATTRIBUTE = "surefoot:point_buffer_m"
RADIUS_ATTRIBUTE = "surefoot:radius_m"
NOTHING: Area = MultiPolygon()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row says of its place, in how many metres its true place may differ, what it states around a point."""

    geometry: Any
    accuracy_m: float
    radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A row's area; `wide` is what the public would see of it; `given` says that it is another than was sent."""

    official: Area
    wide: Area | None
    given: bool
    notes: Notes
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    rings: Sequence[Sequence[geo.Coordinates]]
    beside: bool


def outline_all(shapes: Sequence[Shape], declared: Declared) -> list[Outline | Doubtful]:
    """Return for each row its outline, or the doubt for which it has none."""
    found: dict[int, Outline | Doubtful] = {}
    read: dict[int, _Read] = {}
    for at, shape in enumerate(shapes):
        try:
            read[at] = _Read(*geojson.polygons(shape.geometry))
        except NotAnArea as error:
            found[at] = _of_point(shape, declared, Doubtful(error.reason, error.why))
    mended = geo.repair_each([one.rings for one in read.values()])
    for (at, one), made in zip(read.items(), mended, strict=True):
        found[at] = _flawed(made, one) if isinstance(made, Flaw) else _outline(made, one)
    return _widened([found[at] for at in range(len(shapes))], shapes, declared)


def _of_point(shape: Shape, declared: Declared, doubt: Doubtful) -> Outline | Doubtful:
    """Widen a point only if its row states a radius or the operator a buffer (R9); which of them stays on record."""
    metres = shape.radius_m or declared.buffer_m
    if doubt.reason is not Unread.EVENT or not metres or not 0 < metres <= MOST_ACCURACY_M:
        return doubt
    place = _place(shape.geometry)
    if isinstance(place, Doubtful):
        return place
    key, who = (RADIUS_ATTRIBUTE, "the row") if shape.radius_m else (BUFFER_ATTRIBUTE, "the operator")
    notes = ((Note.POINT_WIDENED, {"why": f"{metres:,.0f}", "who": who}),)
    return Outline(geo.circle(*place, metres), None, given=True, notes=notes, attributes={key: metres})


def _place(geometry: Any) -> tuple[float, float] | Doubtful:
    at = geometry.get("coordinates") if geometry.get("type") == "Point" else None
    numbers = at[:2] if isinstance(at, list) and len(at) > 1 else []
    if len(numbers) < 2 or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):  # noqa: PLR2004 - a pair
        return Doubtful(Unread.EVENT)
    longitude, latitude = map(float, numbers)
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return Doubtful(Reason.NOT_FINITE)
    if abs(longitude) > geo.HALF_TURN or abs(latitude) > geo.QUARTER_TURN:
        swapped = abs(longitude) <= geo.QUARTER_TURN and abs(latitude) <= geo.HALF_TURN
        return Doubtful(Reason.AXES_SWAPPED if swapped else Reason.OUT_OF_RANGE)
    return Doubtful(Reason.POLAR) if abs(latitude) > geo.NORTHMOST else (longitude, latitude)


def _flawed(flaw: Flaw, read: _Read) -> Doubtful:
    if flaw is Flaw.OUT_OF_RANGE and all(_fits_swapped(ring) for rings in read.rings for ring in rings):
        return Doubtful(Reason.AXES_SWAPPED)
    return Doubtful(REASON_OF_FLAW[flaw])


def _fits_swapped(ring: geo.Coordinates) -> bool:
    return bool((abs(ring[:, :2]) <= (geo.QUARTER_TURN, geo.HALF_TURN)).all())


def _outline(mended: Mended, read: _Read) -> Outline | Doubtful:
    span = _span_km(mended.area)
    if span > ABSURD_SPAN_KM:
        return Doubtful(Reason.ABSURD_SIZE, f"{span:,.0f}")
    notes: Notes = tuple((NOTE_OF_MEND[mend], {}) for mend in sorted(mended.mends))
    if read.beside:
        notes = (*notes, (Note.POINTS_LEFT_OUT, {}))
    return Outline(mended.area, None, given=bool(mended.mends), notes=notes)


def _span_km(area: Area) -> float:
    """Measure what no dangerous area can exceed: one wrong digit in a corner spans countries."""
    west, south, east, north = area.bounds
    if east - west < 1 and north - south < 1:
        return 0  # far from absurd: no degree has more than 112 km
    west, south, east, north = geo.bounds(area)
    broadest = min(abs(south), abs(north)) if south * north > 0 else 0.0
    return max(geo.haversine(west, broadest, east, broadest), geo.haversine(0, south, 0, north)) / 1_000


def _widened(
    found: Sequence[Outline | Doubtful], shapes: Sequence[Shape], declared: Declared
) -> list[Outline | Doubtful]:
    """Add what the public would see, and what is remarkable about the corners."""
    pairs = [(one, shape) for one, shape in zip(found, shapes, strict=True) if isinstance(one, Outline)]
    areas = [one.official for one, _ in pairs]
    visible = Publication.OUTLINE if declared.publication is Publication.WITHHELD else declared.publication
    wide = iter(public_outlines(areas, [shape.accuracy_m for _, shape in pairs], visible))
    longest = iter(geo.longest_steps_m(areas) / 1_000)
    return [_shown(one, next(wide), float(next(longest))) if isinstance(one, Outline) else one for one in found]


def _shown(outline: Outline, wide: Area | None, longest_km: float) -> Outline | Doubtful:
    if wide is None:
        return Doubtful(Reason.NO_OUTLINE)
    if longest_km <= LONG_STEP_KM:
        return replace(outline, wide=wide)
    return replace(outline, wide=wide, notes=(*outline.notes, (Note.LONG_STEP, {"why": f"{longest_km:.1f}"})))
