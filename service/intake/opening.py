"""Finds out what a file is, by its content, and hands it to the one that reads it."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from service.intake import refusals
from service.intake.model import Format, Layout, Limits, Record, Remark
from service.kit.errors import Kind, Refused

Items = Iterator[Record | Remark]
_HEAD = 64 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "packed by gzip"),
    (b"Rar!", "packed by RAR"),
    (b"7z\xbc\xaf", "packed by 7-Zip"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (XLS)"),
    (b"\x00\x00\x27\x0a", "one part of a Shapefile, which is no whole: zip all its parts (.shp, .shx, .dbf, .prj)"),
)


@dataclass
class Source:
    """One file to read: the stream at its beginning, what was stated, how much it may take."""

    stream: BinaryIO
    layout: Layout
    limits: Limits
    advanced: Callable[[int], None] = field(default=lambda _: None)
    head: bytes = b""

    def __post_init__(self) -> None:
        self.head = self.stream.read(_HEAD)
        self.stream.seek(0)

    @property
    def encoding(self) -> str | None:
        """The encoding that is stated or that a byte order mark proves."""
        marked = next((name for mark, name in _BOMS if self.head.startswith(mark)), None)
        return marked or self.layout.encoding

    @property
    def opening(self) -> str:
        """The first signs of a text, blanks left out, as far as they are plain."""
        encoding = self.encoding if self.encoding == "utf-16" else "latin-1"
        return self.head[:4096].decode(encoding or "latin-1", "replace").lstrip("\ufeffï»¿ \t\r\n")

    def kept(self, name: str) -> Path:
        """Copy it into the private folder, for readers that want a path."""
        path = Path(name)
        with path.open("wb") as to:
            shutil.copyfileobj(self.stream, to, 1 << 20)
        return path


def read(layout: Layout, limits: Limits, advanced: Callable[[int], None]) -> Items:
    """Read standard input. A file that holds nothing is refused by the one who counts the rows."""
    stream = open(0, "rb", closefd=False)  # noqa: SIM115 - a descriptor; it stays open as long as the process
    return rows(Source(stream, layout, limits, advanced))


def rows(source: Source) -> Items:
    """Find the format and yield the rows; what a reader must unpack goes into the working folder."""
    _check_encoding(source.layout)
    return _read(source)


def _read(source: Source, *, packed: bool = False) -> Items:
    """Open a file of a format that it shows; `packed` is one from a zip, in which no further zip is opened."""
    match source.layout.format or sniffed(source):
        case Format.GEOJSON | Format.ESRIJSON as form:
            return _document(source, form)
        case Format.KML:
            from service.intake import kml  # noqa: PLC0415 - each reader is loaded when its format comes

            return kml.rows(source)
        case Format.GML:
            from service.intake import gml  # noqa: PLC0415 - as above

            return gml.rows(source)
        case Format.GEOPACKAGE:
            from service.intake import geopackage  # noqa: PLC0415 - as above

            return geopackage.rows(source)
        case Format.CSV:
            from service.intake import delimited  # noqa: PLC0415 - as above

            return delimited.rows(source)
        case Format.KMZ | Format.SHAPEFILE | Format.XLSX if not packed:
            return _unpacked(source)
        case _:
            raise refusals.unsupported("a zip within a zip")


def _document(source: Source, form: Format) -> Items:
    if source.layout.placeless and source.opening.startswith("["):
        from service.intake import listed  # noqa: PLC0415 - as in _read

        return listed.rows(source)
    from service.intake import documents, esrijson, moving, streamed  # noqa: PLC0415 - as in _read

    text = streamed.Text(source.stream, source.limits, source.encoding or "utf-8-sig", source.advanced)
    return documents.rows(
        text, moving.Moving(source.layout.crs), documents.GEOJSON if form is Format.GEOJSON else esrijson.FORM
    )


def sniffed(source: Source) -> Format:
    """Say what the content is; the name decides nothing but what the refusal says."""
    head = source.head
    if not head.strip(b" \t\r\n\x00"):
        raise refusals.empty("The file is empty.")
    if head.startswith(b"SQLite format 3\x00"):
        return Format.GEOPACKAGE
    if head.startswith(b"PK\x03\x04"):
        return Format.SHAPEFILE  # or another: the list of its members tells
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise refusals.unsupported(what)
    return _sniffed_text(source)


def _sniffed_text(source: Source) -> Format:
    opening = source.opening
    if opening.startswith("<"):
        return _sniffed_markup(opening)
    if opening.startswith(("{", "[", "\x1e")):
        return Format.GEOJSON
    if source.encoding != "utf-16" and b"\x00" in source.head:
        raise refusals.unsupported("binary, of no known kind")
    return Format.CSV


def _sniffed_markup(opening: str) -> Format:
    lowered = opening.casefold()
    if "<kml" in lowered or "opengis.net/kml" in lowered or "earth.google.com/kml" in lowered:
        return Format.KML
    if "opengis.net/gml" in lowered or "featurecollection" in lowered:
        return Format.GML
    if "<!doctype html" in lowered or "<html" in lowered:
        raise refusals.unsupported("a web page (HTML): perhaps the answer to a login that ran out")
    raise refusals.unsupported("XML, but neither KML nor GML")


def _unpacked(source: Source) -> Items:
    from service.intake import zips  # noqa: PLC0415 - as in _read

    archive = zips.opened(source.stream, source.limits)
    names = archive.names
    if any(name.casefold().endswith(".shp") for name in names):
        from service.intake import shapefile  # noqa: PLC0415 - as in _read

        return shapefile.rows(archive, source)
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        from service.intake import xlsx  # noqa: PLC0415 - as in _read

        archive.measure()
        return xlsx.rows(source)
    return _one_of(archive.documents(), source)


def _one_of(found: tuple[str, io.BufferedReader, list[Remark]], source: Source) -> Items:
    name, stream, remarks = found
    layout = replace(source.layout, name=name, format=None)
    yield from remarks
    with stream:
        yield from _read(Source(stream, layout, source.limits, source.advanced), packed=True)


def _check_encoding(layout: Layout) -> None:
    if layout.encoding is None:
        return
    try:
        "".encode(layout.encoding)
    except (LookupError, ValueError):
        detail = f"No encoding is called {layout.encoding[:40]!r}."
        remedy = "Name one such as utf-8, cp1251 or cp1250."
        raise Refused(Kind.INVALID, "encoding-unknown", detail, where="encoding", remedy=remedy) from None
