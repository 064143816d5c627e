"""Reads tables of comma-separated values (RFC 4180) of any country, by a mapping of their columns."""

import csv
import io
from collections.abc import Iterator, Mapping
from functools import partial

import shapely

from service.kit import geo
from service.kit.errors import Kind, Refused
from service.kit.geo import Area
from service.places.model import DEEPEST, LEVELS, Category, Code, Name, NameKind, Reading, Unit
from service.places.sources import fields
from service.places.sources.columns import Columns
from service.places.sources.fields import Gathering, Unfit

_MOST_RADIUS_M = 1_000_000
_MOST_LISTED = 50


def read(content: bytes, file: str, columns: Columns) -> Reading:
    """Read every unit. Refused for a table that lacks a column that the mapping names."""
    table = io.StringIO(fields.decoded(content, file, columns.encoding), newline="")
    rows = csv.DictReader(table, delimiter=columns.delimiter)
    try:
        missing = [column for column in columns.all() if column not in (rows.fieldnames or ())]
        if missing:
            detail = f"{file} lacks the columns {', '.join(missing)}."
            remedy = "Correct the mapping, its delimiter, or the first line of the table."
            raise Refused(Kind.INVALID, "places-columns-missing", detail, where=f"{file}, line 1", remedy=remedy)
        return _all(rows, file, columns)
    except csv.Error as error:
        detail, where = f"{file} is no table: {error}.", f"{file}, line {rows.line_num + 1}"
        raise Refused(Kind.INVALID, "places-table-broken", detail, where=where, remedy="Export it again.") from None


def _all(rows: "csv.DictReader[str]", file: str, columns: Columns) -> Reading:
    gathering = Gathering()
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        key = f"{columns.scheme}:{(row.get(columns.code) or '').strip()}"
        gathering.take(where, partial(_unit, row, where, columns), [key])
    return Reading(
        format="csv",
        source=columns.source,
        licence=columns.licence,
        founds=bool(columns.names),
        units=tuple(gathering.units.values()),
        faults=tuple(gathering.faults),
        spoiled=frozenset(gathering.spoiled),
    )


def _unit(row: Mapping[str | None, str | None], where: str, columns: Columns) -> Unit:
    if None in row:
        raise Unfit(
            "The row has more fields than the table has columns.", "Put quotes around a field with a delimiter."
        )
    said = {column: (value or "").strip() for column, value in row.items() if column is not None}
    own: Code = (columns.scheme, fields.code(said[columns.code]))
    further = [(scheme, text) for scheme, column in columns.codes.items() for text in _several(said[column], columns)]
    category = _category(said, columns)
    parent = said[columns.parent] if columns.parent else ""
    has_point = columns.longitude and columns.latitude and (said[columns.longitude] or said[columns.latitude])
    return Unit(
        where,
        (own, *((scheme, fields.code(text)) for scheme, text in further)),
        category,
        _level(said, columns, category),
        tuple(_names(said, columns)),
        (columns.scheme, fields.code(parent)) if parent else None,
        fields.centre(said[columns.longitude or ""], said[columns.latitude or ""]) if has_point else None,
        _radius(said[columns.radius_m]) if columns.radius_m and said[columns.radius_m] else None,
        _outline(said[columns.outline_wkt]) if columns.outline_wkt and said[columns.outline_wkt] else None,
    )


def _category(said: Mapping[str, str], columns: Columns) -> Category | None:
    if columns.category_column is None:
        return columns.category
    word = said[columns.category_column]
    if word in columns.categories:
        return columns.categories[word]
    if word in set(Category):
        return Category(word)
    raise Unfit(f"The category {word[:40]!r} is unknown.", "Translate it under [categories] in the mapping.")


def _level(said: Mapping[str, str], columns: Columns, category: Category | None) -> int | None:
    if columns.level_column is None:
        return columns.level if columns.level is not None or category is None else LEVELS[category]
    word = said[columns.level_column]
    if not (word.isascii() and word.isdigit()) or int(word) > DEEPEST:
        raise Unfit(f"The level {word[:20]!r} is none.", f"Levels are 0, the country, to {DEEPEST}.")
    return int(word)


def _names(said: Mapping[str, str], columns: Columns) -> Iterator[Name]:
    for language, column in columns.names.items():
        if said[column]:
            yield Name(fields.name(said[column]), language)
    for kind, listed in ((NameKind.ALIAS, columns.aliases), (NameKind.OLD, columns.old_names)):
        for language, column in listed.items():
            for text in _several(said[column], columns):
                yield Name(fields.name(text), language, kind)
    if columns.names and not any(said[column] for column in columns.names.values()):
        raise Unfit("The row has no name.", "Give it one in a column of [names].")


def _several(text: str, columns: Columns) -> list[str]:
    return [part.strip() for part in text.split(columns.separator)[:_MOST_LISTED] if part.strip()]


def _radius(text: str) -> float:
    metres = fields.number(text, "radius")
    if not 0 < metres <= _MOST_RADIUS_M:
        raise Unfit(f"A radius of {metres:g} m is none.", "Give metres, more than 0 and at most 1,000 km.")
    return metres


def _outline(wkt: str) -> Area:
    try:
        read = shapely.from_wkt(wkt)
        rings = [
            [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(read)
            if isinstance(part, shapely.Polygon)
        ]
        return geo.repair(rings).area
    except (shapely.errors.ShapelyError, geo.Unmendable) as error:
        raise Unfit(f"The outline is none: {str(error)[:80]}.", "Give a POLYGON or MULTIPOLYGON in degrees.") from None
