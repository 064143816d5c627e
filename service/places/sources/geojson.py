"""Reads outlines of units from GeoJSON (RFC 7946), each named by a code; without a code of ours it is placed by where it lies."""

from service.intake import geojson as intake
from service.intake.geojson import NotAnArea
from service.intake.model import Record
from service.kit import geo
from service.kit.errors import Fault
from service.kit.geo import Area
from service.places.model import Code, Name, Reading, Unit
from service.places.sources import fields
from service.places.sources.columns import Columns
from service.places.sources.fields import Unfit

LICENCE = "ODbL 1.0"
OSM = Columns(scheme="iso-3166-2", code="ISO3166-2", level=1, source="OpenStreetMap boundaries", licence=LICENCE)
"""How extracts of OpenStreetMap name the outlines of a country's first level (their `admin_level` 4)."""


def read(files: dict[str, bytes], country: str, columns: Columns | None) -> Reading:
    """Read the outlines of a country's units; those whose ISO 3166-2 code is another country's are only counted."""
    columns = columns or OSM
    units: dict[str, Unit] = {}
    faults: list[Fault] = []
    elsewhere = 0
    for file, content in files.items():
        for record in intake.read(content):
            where = f"{file}, row {record.row}"
            try:
                unit = _unit(record, where, columns)
                if unit.key in units:
                    raise Unfit(f"The code {unit.codes[0][1]} stood in {units[unit.key].where} already.", "Keep one.")
            except Unfit as unfit:
                faults.append(unfit.at(where))
                continue
            if _is_elsewhere(unit.codes[0], country):
                elsewhere += 1
            else:
                units[unit.key] = unit
    source = f"{columns.source}, level {columns.level}"
    return Reading(
        "geojson", source, columns.licence, False, tuple(units.values()), tuple(faults), frozenset(), elsewhere  # noqa: FBT003 - it joins
    )  # fmt: skip  # one line holds the comment with what it is about


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
    return Unit(where, ((columns.scheme, code),), None, columns.level, names, outline=outline(record.feature.get("geometry")))


def outline(geometry: object) -> Area:
    """Return a valid area that holds all that the geometry encloses. Unfit for one that is none."""
    try:
        polygons, _ = intake.polygons(geometry)
        return geo.repair(polygons).area
    except (NotAnArea, geo.Unmendable) as error:
        raise Unfit(f"The outline is none: {error}.", "Mend it in its source, or leave it out.") from None
