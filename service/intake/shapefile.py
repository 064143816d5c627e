"""Reads zipped Shapefiles (ESRI, July 1998) with attributes in dBase, whatever encoding those are in."""

import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from service.intake import dbase, gdal, letters, projecting, refusals, wkb
from service.intake.model import Layout, Noticed, Record, Remark
from service.intake.opening import Source
from service.intake.zips import Archive

# Under names by which GDAL takes none but the outlines: what it makes of the others is not what their authors wrote.
_PARTS = {
    ".shp": "source.shp", ".shx": "source.shx", ".dbf": "table", ".prj": "system", ".cpg": "encoding",
    ".cst": "encoding",
}  # fmt: skip  # a table reads better in lines
_CUT_AT = 10
_HEAD, _ENTRY = 100, 8


def rows(archive: Archive, source: Source) -> Iterator[Record | Remark]:
    """Yield the rows of one Shapefile in the zip, reprojected. Raises Refused."""
    chosen, left = _chosen(archive, source.layout)
    if left:
        shown = ", ".join(repr(each[:60]) for each in left[:10])
        yield Remark(Noticed.LAYERS_LEFT, f"Read was {chosen[:60]!r}; the zip also holds {shown}.")
    path = _unpacked(archive, chosen)
    table = dbase.opened(Path("table"), source.limits)
    projection = projecting.of(source.layout.crs or _system())
    yield from projection.noticed
    table.encoding, guessed = _encoding(table, source.layout)
    yield from guessed
    cut = [name for name, field in zip(table.names, table.fields, strict=True) if len(field.name) >= _CUT_AT]
    if cut:
        shown = ", ".join(repr(each) for each in cut[:10])
        yield Remark(Noticed.NAMES_CUT, f"dBase cuts names after ten letters: {shown} may have been longer.")
    yield from _read(path, table, projection, source)


def _read(
    path: Path, table: dbase.Table, projection: projecting.Projection, source: Source
) -> Iterator[Record | Remark]:
    """Bring outlines and attributes together by the numbers of their records; a deleted row is none."""
    read = 0
    names = table.names
    for shapes in gdal.outlines(path, source.limits):
        for geometry in wkb.geometries(shapes, projection):
            if read >= table.count:
                raise refusals.broken("Shapefile", "it has more outlines than rows of attributes")
            if not table.is_deleted(read):
                yield wkb.record(read + 1, dict(zip(names, table.row(read), strict=True)), geometry)
            read += 1
    if read < table.count:
        raise refusals.broken("Shapefile", f"it has {read:,} outlines for {table.count:,} rows of attributes")
    if table.lost:
        detail = f"{table.lost} texts hold bytes that are no letters in {table.encoding}: they may be cut or garbled."
        yield Remark(Noticed.LETTERS_LOST, detail, (table.first_lost or 0) + 1)


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
    """Unpack the parts that belong together; an index that does not fit its outlines is left to be made anew."""
    stem = chosen[:-4].casefold()
    for name in archive.names:
        kind = PurePosixPath(name).suffix.casefold()
        if kind in _PARTS and name[: -len(kind)].casefold() == stem:
            archive.unpack(name, _PARTS[kind])
    path, index = Path("source.shp").absolute(), Path("source.shx")
    if index.exists() and not _fits(index.read_bytes(), path.read_bytes()):
        index.unlink()
    return path


def _fits(index: bytes, outlines: bytes) -> bool:
    """Whether each entry of the index points at a record of the length that it tells."""
    for at in range(_HEAD, len(index) - _ENTRY + 1, _ENTRY):
        offset, length = struct.unpack_from(">II", index, at)
        if 2 * (offset + length) + _ENTRY > len(outlines):
            return False
        if struct.unpack_from(">I", outlines, 2 * offset + 4)[0] != length:
            return False
    return len(index) >= _HEAD


def _system() -> str | None:
    try:
        return Path("system").read_text("utf-8", "replace").strip("\ufeff \r\n\x00") or None
    except FileNotFoundError:
        return None


def _encoding(table: dbase.Table, layout: Layout) -> tuple[str, list[Remark]]:
    """Choose what is stated, else what the parts say if the texts fit it, else what the texts look like."""
    if layout.encoding is not None:
        return layout.encoding, []
    sample = table.sample
    likely = letters.guessed(sample)
    told = _told() or table.language
    if told is None:
        if sample.isascii():
            return "utf-8", []
        return likely, [Remark(Noticed.ENCODING_GUESSED, f"No encoding is stated; the texts look like {likely}.")]
    if _is_in(sample, told):
        return told, []
    detail = f"The encoding {told} is stated, but the texts do not fit it; they were read as {likely}."
    return likely, [Remark(Noticed.ENCODING_WRONG, detail)]


def _told() -> str | None:
    """Return what the part for the encoding names, if Python knows it by any of its spellings."""
    try:
        name = Path("encoding").read_bytes()[:40].decode("ascii", "ignore").strip("\x00 \r\n").casefold()
    except FileNotFoundError:
        return None
    for each in (name, f"cp{name}", name.replace("ansi ", "cp").replace("oem ", "cp")):
        try:
            "".encode(each)
        except (LookupError, ValueError):
            continue
        return each
    return None


def _is_in(sample: bytes, encoding: str) -> bool:
    # A text that was cut within a letter is no proof against its encoding.
    lost = sample.decode(encoding, "replace").count("\ufffd")
    return lost * 50 <= sum(byte > 0x7F for byte in sample)  # noqa: PLR2004 - beyond ASCII
