"""Reads zipped Shapefiles (ESRI, July 1998) with attributes in dBase, whatever encoding those are in."""

import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from service.intake import gdal, letters, projecting, refusals
from service.intake.model import Layout, Noticed, Record, Remark
from service.intake.opening import Source
from service.intake.zips import Archive

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".cst")
_RAW = "ISO-8859-1"  # each byte as one letter, so that nothing is lost before the encoding is known
_LANGUAGE_AT = 29
# dBase's own numbers of code pages; 0x57 ("ANSI") is what programs write who do not know.
_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x6A: "cp737",
    0x6B: "cp857", 0x78: "cp950", 0x79: "cp949", 0x7A: "gbk", 0x7B: "cp932", 0x7D: "cp1255", 0x7E: "cp1256",
    0x26: "cp866", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip  # a table reads better in lines
_CUT_AT = 10


def rows(archive: Archive, source: Source) -> Iterator[Record | Remark]:
    """Yield the rows of one Shapefile in the zip, reprojected. Raises Refused."""
    chosen, left = _chosen(archive, source.layout)
    if left:
        shown = ", ".join(repr(each[:60]) for each in left[:10])
        yield Remark(Noticed.LAYERS_LEFT, f"Read was {chosen[:60]!r}; the zip also holds {shown}.")
    path = _unpacked(archive, chosen)
    layer = gdal.layer(path, gdal.layers(path)[0])
    system = source.layout.crs or _system(path)
    projection = projecting.of(system)
    yield from projection.noticed
    encoding, guessed = _encoding(path, source.layout)
    yield from guessed
    cut = [name for name in layer.fields if len(name.encode("latin-1", "replace")) >= _CUT_AT]
    if cut:
        shown = ", ".join(repr(each) for each in cut[:10])
        yield Remark(Noticed.NAMES_CUT, f"dBase cuts names after ten letters: {shown} may have been longer.")
    yield from _read(layer, projection, encoding, source)


def _read(
    layer: gdal.Layer, projection: projecting.Projection, encoding: str, source: Source
) -> Iterator[Record | Remark]:
    row = 1
    lost: set[int] = set()
    for columns, shapes in gdal.pages(layer, source.limits, encoding=_RAW):
        decoded: gdal.Columns = {}
        for name, values in columns.items():
            if values.dtype.kind == "O":
                for place, value in enumerate(values):
                    if isinstance(value, str) and not value.isascii():
                        values[place], whole = letters.decoded(value.encode("latin-1"), encoding)
                        lost |= set() if whole else {row + place}
            decoded[_name(name, encoding)] = values
        yield from gdal.records(decoded, shapes, projection, row)
        row += len(shapes)
    if lost:
        detail = f"{len(lost)} rows hold bytes that are no letters in {encoding}: texts may be cut or garbled."
        yield Remark(Noticed.LETTERS_LOST, detail, min(lost))


def _name(name: str, encoding: str) -> str:
    return name if name.isascii() else letters.decoded(name.encode("latin-1", "replace"), encoding)[0]


def _chosen(archive: Archive, layout: Layout) -> tuple[str, list[str]]:
    found = sorted(name for name in archive.names if name.casefold().endswith(".shp"))
    if layout.layer is None:
        return found[0], found[1:]
    stems = {PurePosixPath(name).stem: name for name in found}
    chosen = layout.layer if layout.layer in found else stems.get(layout.layer)
    if chosen is None:
        raise refusals.no_layer(layout.layer, list(stems))
    return chosen, [name for name in found if name != chosen]


def _unpacked(archive: Archive, chosen: str) -> Path:
    """Unpack the parts that belong together, under names of our own."""
    stem = chosen[:-4].casefold()
    for name in archive.names:
        kind = PurePosixPath(name).suffix.casefold()
        if kind in _PARTS and name[: -len(kind)].casefold() == stem:
            archive.unpack(name, f"source{kind}")
    return Path("source.shp").absolute()


def _system(path: Path) -> str | None:
    try:
        return path.with_suffix(".prj").read_text("utf-8", "replace").strip("\ufeff \r\n\x00") or None
    except FileNotFoundError:
        return None


def _encoding(path: Path, layout: Layout) -> tuple[str, list[Remark]]:
    """Choose what is stated, else what the parts say if the texts fit it, else what the texts look like."""
    if layout.encoding is not None:
        return layout.encoding, []
    sample = _texts(path.with_suffix(".dbf"))
    likely = letters.guessed(sample)
    told = _told(path)
    if told is None:
        if sample.isascii():
            return "utf-8", []
        return likely, [Remark(Noticed.ENCODING_GUESSED, f"No encoding is stated; the texts look like {likely}.")]
    if _fits(sample, told):
        return told, []
    detail = f"The encoding {told} is stated, but the texts do not fit it; they were read as {likely}."
    return likely, [Remark(Noticed.ENCODING_WRONG, detail)]


def _told(path: Path) -> str | None:
    stated: list[Any] = []
    for kind in (".cpg", ".cst"):
        part = path.with_suffix(kind)
        if part.exists():
            stated.append(part.read_bytes()[:40].decode("ascii", "ignore").strip("\x00 \r\n"))
    with path.with_suffix(".dbf").open("rb") as table:
        head = table.read(_LANGUAGE_AT + 1)
    stated.append(_LANGUAGES.get(head[_LANGUAGE_AT]) if len(head) > _LANGUAGE_AT else None)
    return next((name for name in map(_codec, stated) if name is not None), None)


def _codec(name: str | None) -> str | None:
    for each in (name, f"cp{name}", str(name).casefold().replace("ansi ", "cp").replace("oem ", "cp")):
        try:
            "".encode(str(each))
        except LookupError:
            continue
        return each
    return None


def _texts(table: Path) -> bytes:
    """Return the first texts of the table with blanks for what is between them."""
    try:
        content = table.read_bytes()
    except FileNotFoundError:
        raise refusals.broken("Shapefile", "its table of attributes (.dbf) is missing") from None
    if len(content) < _LANGUAGE_AT + 3:
        raise refusals.broken("Shapefile", "its table of attributes (.dbf) breaks off")
    head, size = struct.unpack_from("<HH", content, 8)
    if not size:
        return b""
    found = (content[at : at + size] for at in range(head, min(len(content), head + 2_000 * size), size))
    return b"\n".join(found)


def _fits(sample: bytes, encoding: str) -> bool:
    # A text that was cut within a letter is no proof against its encoding.
    lost = sample.decode(encoding, "replace").count("\ufffd")
    return lost * 50 <= sum(byte > 0x7F for byte in sample)  # noqa: PLR2004 - beyond ASCII
