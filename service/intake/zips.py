"""Opens zips that strangers packed: every member is judged before one is unpacked, under a name of our own."""

import io
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from service.intake import refusals
from service.intake.model import MIB, Limits, Noticed, Remark
from service.kit.errors import Kind, Refused

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UNIX = 3
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ARCHIVES = {".zip", ".kmz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst"}
_DOCUMENTS = (".kml", ".gpkg", ".gml", ".geojson", ".geojsonl", ".json", ".csv")


@dataclass
class Archive:
    """A zip whose list of members holds nothing hostile."""

    archive: zipfile.ZipFile
    limits: Limits
    members: dict[str, zipfile.ZipInfo]
    unpacked: int = 0

    @property
    def names(self) -> list[str]:
        return list(self.members)

    def unpack(self, name: str, to: str) -> Path:
        """Unpack a member under our name into the working folder."""
        path = Path(to)
        with path.open("wb") as out:
            self._copy(name, out)
        return path

    def measure(self) -> None:
        """Unpack everything to nowhere, for readers that unpack by themselves: the list of members may lie."""
        for name in self.members:
            self._copy(name, None)

    def documents(self) -> tuple[str, io.BufferedReader, list[Remark]]:
        """Unpack the one file that holds data; what else there is gets named."""
        found = [name for kind in _DOCUMENTS for name in self.names if name.casefold().endswith(kind)]
        found.sort(key=lambda name: (name.casefold() != "doc.kml", name.count("/")))
        if not found:
            shown = ", ".join(repr(name[:60]) for name in self.names[:10])
            raise refusals.unsupported(f"a zip of {shown}" if shown else "a zip of nothing")
        name = found[0]
        left = ", ".join(repr(each[:60]) for each in found[1:11])
        remarks = [Remark(Noticed.FILES_LEFT, f"Read was {name[:60]!r}; the zip also holds {left}.")] if left else []
        return name, self.unpack(name, "document").open("rb"), remarks

    def _copy(self, name: str, out: BinaryIO | None) -> None:
        try:
            with self.archive.open(self.members[name]) as member:
                while chunk := member.read(_CHUNK):
                    self.unpacked += len(chunk)
                    if self.unpacked > self.limits.file_bytes:
                        raise refusals.too_large(self.unpacked, self.limits.file_bytes, unpacked=True)
                    if out is not None:
                        out.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise refusals.broken("zip", f"{name[:60]!r} is damaged ({error})") from None


def opened(stream: BinaryIO, limits: Limits) -> Archive:
    """Judge the list of members. Raises Refused."""
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RecursionError) as error:
        raise refusals.broken("zip", str(error)) from None
    members = archive.infolist()
    if len(members) > limits.members:
        raise hostile(f"{len(members):,} members; at most {limits.members:,} are opened")
    for member in members:
        _check(member)
    _check_sizes(members, limits)
    files = [member for member in members if not member.is_dir() and not _is_clutter(member.filename)]
    return Archive(archive, limits, {member.filename: member for member in files})


def _check(member: zipfile.ZipInfo) -> None:
    name = member.filename
    shown = repr(name[:60])
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in member.orig_filename:
        raise hostile(f"the member {shown}, whose name leads outside")
    mode = member.external_attr >> 16
    if member.create_system == _UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise hostile(f"the member {shown}, which is a link or a device")
    if member.flag_bits & _ENCRYPTED:
        detail = f"The zip's member {shown} is encrypted."
        raise Refused(Kind.INVALID, "zip-encrypted", detail, remedy="Pack it without a password.")
    if path.suffix.casefold() in _ARCHIVES:
        raise hostile(f"the member {shown}, a zip in the zip")
    if member.compress_type not in _METHODS:
        raise hostile(f"the member {shown}, packed by a rare method")


def _check_sizes(members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    names = [member.filename.casefold() for member in members]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise hostile(f"two members named {twice[:60]!r}")
    size = sum(member.file_size for member in members)
    if size > limits.file_bytes:
        raise refusals.too_large(size, limits.file_bytes, unpacked=True)
    packed = sum(member.compress_size for member in members)
    if size > MIB and size > packed * limits.ratio:
        raise hostile(f"{packed:,} bytes that unpack to {size:,}, as bombs do")


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in {".DS_Store", "Thumbs.db"}


def hostile(what: str) -> Refused:
    detail = f"The zip holds {what}."
    return Refused(Kind.INVALID, "zip-hostile", detail, remedy="Pack only the source's own files, plainly.")
