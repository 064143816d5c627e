"""Makes rows of tables, CSV's and XLSX's alike: finds the columns that say where, and reads places in any notation."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.intake import refusals
from service.intake.model import Columns, Layout, Limits, NotAnArea, Notation, Noticed, Record, Remark, Unread
from service.kit.errors import Kind, Refused

_PLACES = {
    Notation.WKT: {"wkt", "geometry", "geom", "the_geom", "wkt_geom", "geometry_wkt", "wkb_geometry", "shape"},
    Notation.MGRS: {"mgrs", "mgrs_ref", "grid_ref", "grid_reference", "grid"},
    Notation.UTM: {"utm", "utm_coordinates", "utm_ref"},
    Notation.DEGREES: {
        "coordinates", "coordinate", "coords", "position", "location", "lat_lon", "latlon", "lat_long", "latlong",
        "gps", "koordinaten", "coordenadas", "coordonnées", "координати", "координаты", "koordinate", "الإحداثيات",
    },
}  # fmt: skip  # one set a notation
_LATITUDES = {
    "latitude", "lat", "y", "latitud", "breite", "breitengrad", "широта", "geografska_širina", "širina", "enlem",
    "point_y", "y_coord", "latitude_dd", "lat_dd", "خط_العرض", "шир",
}  # fmt: skip  # one set an axis
_LONGITUDES = {
    "longitude", "lon", "long", "lng", "x", "longitud", "länge", "längengrad", "долгота", "довгота",
    "geografska_dužina", "dužina", "boylam", "point_x", "x_coord", "longitude_dd", "lon_dd", "long_dd", "خط_الطول",
    "дов",
}  # fmt: skip  # as above
_EASTINGS = {"easting", "eastings", "utm_e", "utm_easting", "utm_x", "east", "este", "rechtswert"}
_NORTHINGS = {"northing", "northings", "utm_n", "utm_northing", "utm_y", "north", "norte", "hochwert"}
_ZONES = {"zone", "utm_zone", "zona", "зона", "zona_utm"}
_RADII = {"radius", "radius_m", "radius_metres", "radius_meters", "radio", "rayon", "радіус", "радиус", "radius_in_m"}
_TEXT_OF_NO_VALUE = {"", "null", "none", "nan", "n/a", "na", "-"}


@dataclass(frozen=True)
class _Places:
    """Where a table's rows say where they lie: by which columns, in which notation."""

    columns: Columns
    header: Sequence[str]

    def at(self, name: str | None, cells: Sequence[Any]) -> Any:
        return None if name is None else cells[self.header.index(name)]


def rows(
    header: Sequence[Any], body: Iterable[tuple[int, Sequence[Any]] | Record], layout: Layout, limits: Limits
) -> Iterator[Record | Remark]:
    """Yield a row for each that follows the header, numbered as in the table; unread ones pass. Raises Refused."""
    names, remarks = _named(header, limits)
    yield from remarks
    columns = _found(names, layout)
    if not layout.columns.stated:
        yield _guessed(columns)
    places = _Places(columns, names)
    read = _reader(places, layout)
    coarse = 0
    for line in body:
        record = line if isinstance(line, Record) else _record(*line, places, read)
        coarse += record.accuracy_m is not None and record.accuracy_m > 10  # noqa: PLR2004 - finer than most surveys
        yield record
    if coarse:
        detail = f"{coarse} rows name squares of the grid wider than 10 m; the middle is taken, the rest is doubt."
        yield Remark(Noticed.GRID_COARSE, detail)


def _guessed(columns: Columns) -> Remark:
    if not columns.stated:
        return Remark(Noticed.PLACELESS, "No column says where a row lies; rows come without a point.")
    told = ", ".join(repr(name) for name in (columns.place, columns.first, columns.second, columns.zone) if name)
    return Remark(Noticed.COLUMNS_GUESSED, f"Places are read from {told}, as {columns.notation}.")


def _named(header: Sequence[Any], limits: Limits) -> tuple[list[str], list[Remark]]:
    """Return a name for each column: none empty, none twice."""
    if len(header) > limits.columns:
        raise refusals.broken("table", f"it has {len(header):,} columns; at most {limits.columns:,} are read")
    names: list[str] = []
    twice: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = str(cell).strip() if cell is not None else ""
        name = name or f"column {place}"
        if name in names:
            twice.append(name)
            name = f"{name} ({place})"
        names.append(name)
    detail = f"The columns {', '.join(map(repr, twice[:10]))} stand there twice; later ones got their number added."
    return names, [Remark(Noticed.COLUMNS_GUESSED, detail)] if twice else []


def _found(names: Sequence[str], layout: Layout) -> Columns:
    """Return the columns that are stated, or those with usual names."""
    stated = layout.columns
    for name in (stated.place, stated.first, stated.second, stated.zone, stated.radius):
        if name is not None and name not in names:
            raise _no_column(f"The table has no column {name[:60]!r}", names)
    folded = {_folded(name): name for name in reversed(names)}
    radius = stated.radius or _one_of(folded, _RADII)
    if stated.stated:
        return replace(stated, radius=radius, notation=stated.notation or _notation(stated, layout))
    for notation, usual in _PLACES.items():
        place = _one_of(folded, usual)
        if place is not None:
            return replace(stated, place=place, radius=radius, notation=stated.notation or notation)
    paired = _pair(folded, layout)
    if not (paired.stated or layout.placeless):
        raise _no_column("No column says where a row lies", names)
    return replace(paired, radius=radius)


def _pair(folded: dict[str, str], layout: Layout) -> Columns:
    """Return the two usual columns of a place, as stated where there are none."""
    for first, second, notation in ((_LATITUDES, _LONGITUDES, Notation.DEGREES), (_EASTINGS, _NORTHINGS, Notation.UTM)):
        pair = _one_of(folded, first), _one_of(folded, second)
        if None not in pair:
            return _paired(pair, folded, notation, layout)
    return layout.columns


def _paired(pair: tuple[str | None, str | None], folded: dict[str, str], notation: Notation, layout: Layout) -> Columns:
    first, second = pair
    zone = _one_of(folded, _ZONES) if notation is Notation.UTM else None
    if layout.crs is not None:
        # Two columns in a stated system: easting comes first, whatever they are called.
        crossed = notation is Notation.DEGREES
        first, second, notation = (second, first, Notation.PLANE) if crossed else (first, second, Notation.PLANE)
    return replace(layout.columns, first=first, second=second, zone=zone, notation=notation)


def _notation(stated: Columns, layout: Layout) -> Notation:
    if stated.place is not None:
        return Notation.WKT
    if layout.crs is not None:
        return Notation.PLANE
    return Notation.UTM if stated.zone is not None else Notation.DEGREES


def _one_of(folded: dict[str, str], usual: set[str]) -> str | None:
    return next((name for key, name in folded.items() if key in usual), None)


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\-./()°\[\]]+", "_", plain).strip("_")


def _no_column(what: str, names: Sequence[str]) -> Refused:
    shown = ", ".join(repr(name[:40]) for name in names[:20])
    remedy = "Name the columns in the mapping: latitude and longitude, easting, northing and zone, MGRS, or WKT."
    return Refused(Kind.INVALID, "columns-unknown", f"{what}; its columns are {shown}.", where="columns", remedy=remedy)


Placed = tuple[dict[str, Any] | None, float | None]
Reader = Callable[[Sequence[Any]], Placed]


def _reader(places: _Places, layout: Layout) -> Reader:
    if not places.columns.stated:
        return lambda _: (None, None)
    from service.intake import placing  # noqa: PLC0415 - it loads the projections, which a table without rows needs not

    return placing.reader(places.columns, lambda name, cells: _text(places.at(name, cells)), layout)


def _record(row: int, cells: Sequence[Any], places: _Places, read: Reader) -> Record:
    named = zip(places.header, cells, strict=True)
    left_out = places.columns.place if places.columns.notation is Notation.WKT else None
    properties = {name: _value(cell) for name, cell in named if name != left_out}
    feature: dict[str, Any] = {"type": "Feature", "properties": properties, "geometry": None}
    try:
        radius = _radius(places.at(places.columns.radius, cells))
        feature["geometry"], accuracy = read(cells)
    except NotAnArea as error:
        shown = {name: _value(cell) for name, cell in zip(places.header, cells, strict=True)}
        return Record(row, {**feature, "properties": shown, "why": error.why}, error.reason)
    return Record(row, feature, radius_m=radius, accuracy_m=accuracy)


def _value(cell: Any) -> Any:
    """Return a cell as JSON knows it; an empty one is null, text stays text: 007 is an id."""
    if isinstance(cell, str):
        return cell if cell.strip() else None
    return cell


def _text(cell: Any) -> str | None:
    text = "" if cell is None else str(cell).strip()
    return None if text.casefold() in _TEXT_OF_NO_VALUE else text


def _radius(cell: Any) -> float | None:
    text = _text(cell)
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(?:m|metres?|meters?|м)?", text, re.IGNORECASE)
    radius = float(found[1].replace(",", ".")) if found else math.inf
    if not math.isfinite(radius):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{text[:40]!r} is no radius in metres")
    return radius
