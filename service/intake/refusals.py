"""The words of the refusals that several readers share."""

from service.intake.model import MIB, Limits
from service.kit.errors import Kind, Refused

EMPTY = "file-empty"
FORMATS = "GeoJSON, GeoJSONSeq, KML, KMZ, zipped Shapefile, GeoPackage, GML, CSV and XLSX"  # as operators know them


def unsupported(what: str) -> Refused:
    remedy = "Convert it, as with `ogr2ogr -f GeoJSONSeq -t_srs EPSG:4326 zones.geojsonl FILE`."
    detail = f"The file is {what}; read are {FORMATS}."
    return Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy=remedy)


def broken(what: str, reason: str, *, where: str | None = None) -> Refused:
    remedy = "Export it again; a file that broke off in transfer has to be sent again."
    return Refused(Kind.INVALID, "file-broken", f"The {what} cannot be read: {reason}.", where=where, remedy=remedy)


def empty(what: str = "The file holds no feature that can be read.") -> Refused:
    return Refused(Kind.INVALID, EMPTY, what, remedy=f"Give a file that holds areas: {FORMATS}.")


def too_large(size: int, most: int, *, unpacked: bool = False) -> Refused:
    has = "unpacks to" if unpacked else "has"
    detail = f"The file {has} {size / MIB:,.1f} MiB; at most {most / MIB:,.1f} are read."
    return Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")


def too_many(limits: Limits) -> Refused:
    detail = f"The file has more than {limits.rows:,} rows; so many are read at most."
    return Refused(Kind.TOO_LARGE, "file-too-large", detail, remedy="Import it in parts.")


def row_too_large(row: int, most: str) -> Refused:
    detail = f"Row {row} has more than {most}; so many are read at most."
    remedy = "No outline needs so many corners: ask the source for it, or import the other rows without it."
    return Refused(Kind.TOO_LARGE, "row-too-large", detail, where=f"row {row}", remedy=remedy)


def crs_missing() -> Refused:
    detail = "The file names no coordinate system, and its figures are no longitudes and latitudes."
    return Refused(Kind.INVALID, "crs-missing", detail, remedy="State it in the mapping, as in `crs: EPSG:31276`.")


def no_layer(wanted: str, there: list[str]) -> Refused:
    shown = ", ".join(repr(one[:60]) for one in there[:20])
    detail = f"The file has no layer {wanted[:60]!r}; it has {shown or 'none'}."
    return Refused(Kind.INVALID, "layer-unknown", detail, where="layer", remedy="Name one of them.")
