"""What is read from a file, row by row, why a row could not be read, and what may be stated about a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MIB = 1024 * 1024


class Unread(StrEnum):
    """Why a row, or its geometry, could not be read."""

    UNREADABLE = "row-unreadable"
    KEYS_TWICE = "keys-twice"
    WRONG_CRS = "wrong-coordinate-system"
    NO_GEOMETRY = "geometry-missing"
    GEOMETRY_BROKEN = "geometry-broken"
    EVENT = "event-not-area"
    LINE = "line-not-area"


class NotAnArea(ValueError):  # noqa: N818 - names what is wrong
    """A geometry from which no polygons can be read; `why` goes into the reason's sentence."""

    def __init__(self, reason: Unread, why: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.why = why


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a source, read but not judged; `unread` says why it could not be read.

    `feature` is a GeoJSON Feature in WGS 84, longitude first, with the source's own names and values. `radius_m` is
    what the row states around its point; `accuracy_m` is how far the notation of its place leaves the true one open.
    """

    row: int
    feature: Mapping[str, Any]
    unread: Unread | None = None
    radius_m: float | None = None
    accuracy_m: float | None = None


class Noticed(StrEnum):
    """What reading found out, guessed or left aside; it concerns the file, or the one row that a remark names."""

    ENCODING_GUESSED = "encoding-guessed"
    ENCODING_WRONG = "encoding-wrong"
    MOJIBAKE = "mojibake-suspected"
    LETTERS_LOST = "letters-lost"
    DELIMITER_GUESSED = "delimiter-guessed"
    COLUMNS_GUESSED = "columns-guessed"
    NAMES_CUT = "names-cut"
    CRS_STATED = "coordinate-system-stated"
    CRS_ASSUMED = "coordinate-system-assumed"
    CRS_APPROXIMATE = "coordinate-system-approximate"
    LAYERS_LEFT = "layers-left"
    FILES_LEFT = "files-left"
    LINKS_IGNORED = "links-ignored"
    GEOMETRY_MIXED = "geometry-mixed"
    GRID_COARSE = "grid-coarse"
    PLACELESS = "places-missing"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was noticed while reading, in a sentence for operators."""

    code: Noticed
    detail: str
    row: int | None = None


class Format(StrEnum):
    """The formats that files are read in."""

    GEOJSON = "geojson"
    ESRIJSON = "esrijson"
    KML = "kml"
    KMZ = "kmz"
    SHAPEFILE = "shapefile"
    GEOPACKAGE = "geopackage"
    GML = "gml"
    CSV = "csv"
    XLSX = "xlsx"


class Notation(StrEnum):
    """How a table writes places."""

    WKT = "wkt"
    DEGREES = "degrees"  # decimal, or with minutes and seconds: each value shows which
    UTM = "utm"
    MGRS = "mgrs"
    PLANE = "plane"  # easting and northing in the system that the layout states


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table say where a row lies; what is left None is found by the usual names.

    `place` holds a whole place in one column: WKT, MGRS, UTM, or latitude and longitude. `first` and `second` are
    latitude and longitude, or easting and northing, which need `zone` unless the layout states a system.
    `s_is_south` says whether the S in a UTM zone such as 38S is the southern hemisphere, or the band in the north.
    """

    place: str | None = None
    first: str | None = None
    second: str | None = None
    zone: str | None = None
    radius: str | None = None
    notation: Notation | None = None
    s_is_south: bool | None = None

    @property
    def stated(self) -> bool:
        return self.place is not None or self.first is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """What an operator or a mapping may state about a file; all else is found in its content.

    `name` is the file's own, a hint where content could be several things. `layer` is a layer, a sheet or a file in a
    zip. `crs` (as EPSG:31276) and `encoding` (as cp1251) beat what the file says. `names` turns the file's names of
    attributes into others, as dBase's ten letters into the full name. `placeless` lets a table or a list of JSON rows
    say nowhere where a row lies; else that is refused, as an area without a place is none.
    """

    format: Format | None = None
    name: str = ""
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: Columns = Columns()
    names: Mapping[str, str] = field(default_factory=dict)
    placeless: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a machine one file may take. The defaults are the service's; tests make them smaller."""

    file_bytes: int = 200 * MIB  # as sent, and again unpacked in all
    seconds: float = 300.0  # by the wall and by the processor
    memory_bytes: int = 1024 * MIB
    depth: int = 32  # of nested JSON values or XML elements
    rows: int = 200_000
    row_bytes: int = 32 * MIB
    vertices: int = 500_000  # of one row
    columns: int = 1_000
    members: int = 1_000  # of a zip
    ratio: int = 200  # of a zip's unpacked to its packed size, past a MiB


LIMITS = Limits()
