"""Reads outlines of units from GeoJSON (RFC 7946), each named by a code."""

from functools import partial

from service.intake import geojson as intake
from service.intake.model import Record
from service.kit import geo
from service.kit.geo import Area
from service.places.model import Code, Name, Reading, Unit
from service.places.sources import fields
from service.places.sources.columns import Columns
from service.places.sources.fields import Gathering, Unfit

LICENCE = "ODbL 1.0"
OSM = Columns(scheme="iso-3166-2", code="ISO3166-2", level=1, source="OpenStreetMap boundaries", licence=LICENCE)
"""How extracts of OpenStreetMap name the outlines of a country's first level (their `admin_level` 4)."""


def read(files: dict[str, bytes], country: str, columns: Columns | None) -> Reading:
    """Read the outlines of a country's units; those whose ISO 3166-2 code is another country's are only counted."""
    columns = columns or OSM
    gathering = Gathering()
    for file, content in files.items():
        for record in intake.read(content):
            where = f"{file}, row {record.row}"
            gathering.take(where, partial(_unit, record, where, columns))
    units = tuple(unit for unit in gathering.units.values() if not _is_elsewhere(unit.codes[0], country))
    return Reading(
        format="geojson",
        source=f"{columns.source}, level {columns.level}",
        licence=columns.licence,
        founds=False,
        units=units,
        faults=tuple(gathering.faults),
        elsewhere=len(gathering.units) - len(units),
    )


def _is_elsewhere(code: Code, country: str) -> bool:
    return code[0] == OSM.scheme and not code[1].upper().startswith(f"{country}-")


def _unit(record: Record, where: str, columns: Columns) -> Unit:
    if record.unread is not None:
        raise Unfit(f"The row cannot be read: {record.unread.value}.", "Mend the row in its source.")
    properties = record.feature.get("properties") or {}
    code = fields.code(properties.get(columns.code))
    names = tuple(
        Name(fields.name(properties[column]), language)
        for language, column in columns.names.items()
        if properties.get(column)
    )
    return Unit(
        where, ((columns.scheme, code),), None, columns.level, names, outline=outline(record.feature.get("geometry"))
    )


def outline(geometry: object) -> Area:
    """Return a valid area that holds all that the geometry encloses. Unfit for one that is none."""
    try:
        polygons, _ = intake.polygons(geometry)
        return geo.repair(polygons).area
    except ValueError as error:
        raise Unfit(f"The outline is none: {error}.", "Mend it in its source, or leave it out.") from None
