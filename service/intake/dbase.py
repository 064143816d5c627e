"""Reads dBase tables (III and IV, as Shapefiles have them): bytes first, letters once their encoding is known."""

import math
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.intake import letters, refusals
from service.intake.model import Limits
from service.kit.errors import Refused

_LANGUAGE_AT = 29
# dBase's own numbers of code pages; 0x57 ("ANSI") is what programs write who do not know.
_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x6A: "cp737",
    0x6B: "cp857", 0x78: "cp950", 0x79: "cp949", 0x7A: "gbk", 0x7B: "cp932", 0x7D: "cp1255", 0x7E: "cp1256",
    0x26: "cp866", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip  # a table reads better in lines
_HEAD, _FIELD, _END = 32, 32, 0x0D
_DELETED = 0x2A
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NO_DATE = {"", "0", "00000000"}
_TRUTHS = {"T": True, "Y": True, "F": False, "N": False}
_SAMPLED = 2_000


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    end: int
    decimals: int


@dataclass
class Table:
    """A table in memory, its fields by place; a row is looked up by its number, from 0."""

    content: bytes
    count: int
    head: int
    size: int
    fields: tuple[_Field, ...]
    encoding: str = "utf-8"
    lost: int = 0
    first_lost: int | None = None

    @property
    def language(self) -> str | None:
        """The encoding that the table names by a number."""
        return _LANGUAGES.get(self.content[_LANGUAGE_AT])

    @property
    def names(self) -> list[str]:
        return [letters.decoded(field.name, self.encoding)[0] for field in self.fields]

    @property
    def sample(self) -> bytes:
        """The texts of the first rows, and the names, with line ends between them."""
        rows = range(min(self.count, _SAMPLED))
        texts = [self._raw(row, field) for row in rows for field in self.fields if field.kind == "C"]
        return b"\n".join([*(field.name for field in self.fields), *texts])

    def is_deleted(self, row: int) -> bool:
        return self.content[self.head + row * self.size] == _DELETED

    def row(self, row: int) -> list[Any]:
        """Return a row's values in the order of the fields: numbers, dates as ISO text, null for what is blank."""
        return [self._value(row, field) for field in self.fields]

    def _raw(self, row: int, field: _Field) -> bytes:
        start = self.head + row * self.size
        return self.content[start + field.start : start + field.end].rstrip(b" \x00")

    def _value(self, row: int, field: _Field) -> Any:
        raw = self._raw(row, field)
        if field.kind == "C":
            text, whole = letters.decoded(raw, self.encoding)
            if not whole:
                self.lost += 1
                self.first_lost = row if self.first_lost is None else self.first_lost
            return text or None
        return _plain(raw.decode("latin-1").strip(" \x00"), field)


def opened(path: Path, limits: Limits) -> Table:
    """Read a table's head. Raises Refused for one that breaks off."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise refusals.broken("Shapefile", "its table of attributes (.dbf) is missing") from None
    if len(content) < _HEAD + 1:
        raise _breaks_off()
    count, head, size = struct.unpack_from("<IHH", content, 4)
    if not size or head < _HEAD or head + count * size > len(content):
        raise _breaks_off()
    fields = _fields(content, head, size)
    if len(fields) > limits.columns:
        raise refusals.broken("table", f"it has {len(fields):,} columns; at most {limits.columns:,} are read")
    return Table(content, count, head, size, fields)


def _fields(content: bytes, head: int, size: int) -> tuple[_Field, ...]:
    found = []
    start = 1  # after the mark of deletion
    for at in range(_HEAD, head - _FIELD + 1, _FIELD):
        if content[at] == _END:
            break
        name, kind, width, decimals = struct.unpack_from("<11sc4xBB", content, at)
        found.append(_Field(name.split(b"\x00")[0].strip(), kind.decode("latin-1"), start, start + width, decimals))
        start += width
    if start > size or not found:
        raise refusals.broken("Shapefile", "its table of attributes (.dbf) is damaged")
    return tuple(found)


def _plain(text: str, field: _Field) -> Any:
    """Return a value that is no text; one that is none of its kind stays as it stands there."""
    match field.kind:
        case "N" | "F":
            return _number(text, field)
        case "D":
            found = _DATE.fullmatch(text)
            return None if text in _NO_DATE else "-".join(found.groups()) if found else text
        case "L":
            return _TRUTHS.get(text.upper())
        case _:
            return text or None


def _number(text: str, field: _Field) -> Any:
    if not text.strip("*"):  # stars stand for a number that did not fit, and for none
        return None
    try:
        if field.kind == "N" and not field.decimals and "." not in text:
            return int(text)
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else None


def _breaks_off() -> Refused:
    return refusals.broken("Shapefile", "its table of attributes (.dbf) breaks off")
