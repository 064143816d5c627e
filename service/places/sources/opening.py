"""Tells by what is inside which format a source is in, and reads it."""

from collections.abc import Mapping

from service.kit.errors import Kind, Refused
from service.places.model import Reading
from service.places.sources import cod_ab, delimited, fields, geojson, katottg, topojson
from service.places.sources.columns import Columns

_FORMATS = "KATOTTG (CSV), OCHA COD-AB (JSON), GeoJSON outlines, TopoJSON of countries, and with --map any table of CSV"


def read(files: Mapping[str, bytes], country: str, columns: Columns | None) -> Reading:
    """Read the files of one source. Refused for what is none of the formats, and for several files but of outlines."""
    file, content = next(iter(files.items()))
    text = content[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if columns is not None and not text.startswith((b"{", b"[")):
        reading = delimited.read(_only(files), file, columns)
    elif text.startswith(b"["):
        parsed = cod_ab.parse(fields.decoded(_only(files), file), file)
        if not cod_ab.recognises(parsed):
            raise _unknown(file)
        reading = cod_ab.read(parsed, file)
    elif b'"Topology"' in text:
        reading = topojson.read(cod_ab.parse(fields.decoded(_only(files), file), file), file, country)
    elif text.startswith((b"{", b"\x1e")):
        reading = geojson.read(dict(files), country, columns)
    else:
        register = fields.decoded(_only(files), file)
        if not katottg.recognises(register):
            raise _unknown(file)
        reading = katottg.read(register, file)
    return _demand_some(reading, file)


def _only(files: Mapping[str, bytes]) -> bytes:
    if len(files) > 1:
        detail = "Several files are read together only if they are GeoJSON outlines of one source."
        raise Refused(Kind.INVALID, "places-files-many", detail, remedy="Load the others one by one.")
    return next(iter(files.values()))


def _demand_some(reading: Reading, file: str) -> Reading:
    if not reading.units:
        detail = f"{file} holds no unit of the country that can be used."
        remedy = "Look at --country and at the rows."
        raise Refused(Kind.INVALID, "places-file-empty", detail, where=file, remedy=remedy, faults=reading.faults[:20])
    return reading


def _unknown(file: str) -> Refused:
    detail = f"{file} is in no format that is read here: {_FORMATS}."
    return Refused(Kind.UNSUPPORTED, "places-format-unknown", detail, where=file, remedy="Export it as one of these.")
