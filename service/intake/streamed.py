"""Reads GeoJSON text of any length row by row: only the row at hand is in memory."""

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from service.intake import features, refusals
from service.intake.model import MIB, Limits, Record
from service.kit.errors import Kind, Refused

BLANKS = " \t\r\n"  # JSON's own; Python counts the separator among the blanks too
SEPARATOR = "\x1e"
_CHUNK = 1 << 20
_LISTED = "GeoJSON (a FeatureCollection) and GeoJSONSeq (a Feature a line)"
_DECODER = json.JSONDecoder(object_pairs_hook=features.marked)


@dataclass
class Text:
    """A window on decoded text that grows at its end and is cut at its beginning."""

    stream: BinaryIO
    limits: Limits
    encoding: str = "utf-8-sig"
    advanced: Callable[[int], None] = lambda _: None
    window: str = ""
    at: int = 0
    lines: int = 1
    whole: bool = False
    _read: int = 0
    _decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder(self.encoding)("strict")

    def more(self) -> bool:
        """Take in as much again as is waiting; False at the end of the file."""
        if self.whole:
            return False
        self.lines += self.window.count("\n", 0, self.at)
        self.window, self.at = self.window[self.at :], 0
        chunk = self.stream.read(max(_CHUNK, len(self.window)))
        self._read += len(chunk)
        self.whole = not chunk
        try:
            self.window += self._decoder.decode(chunk, final=self.whole)
        except UnicodeDecodeError as error:
            raise self._not_text(error) from None
        self.advanced(self._read)
        return True

    def _not_text(self, error: UnicodeDecodeError) -> Refused:
        line = self.lines + self.window.count("\n") + error.object.count(b"\n", 0, error.start)
        name = self.encoding.removesuffix("-sig").upper()
        detail = f"The file is not {name}: line {line} holds the byte {error.object[error.start]:#x}."
        remedy = "State its encoding, as in `encoding: cp1251`, or convert it; names would be garbled otherwise."
        return Refused(Kind.INVALID, "encoding-unknown", detail, where=f"line {line}", remedy=remedy)

    def peek(self) -> str:
        """Return the next sign that is no blank, nothing at the end."""
        while True:
            while self.at < len(self.window) and self.window[self.at] in BLANKS:
                self.at += 1
            if self.at < len(self.window):
                return self.window[self.at]
            if not self.more():
                return ""

    def take(self, signs: str) -> str:
        """Return the next sign, one of those; ValueError for another."""
        sign = self.peek()
        if not sign or sign not in signs:
            raise ValueError(f"{' or '.join(signs)} was expected near line {self.line}")
        self.at += 1
        return sign

    @property
    def line(self) -> int:
        return self.lines + self.window.count("\n", 0, self.at)

    def value(self, row: int = 0) -> Any:
        """Return the next JSON value; ValueError where there is none, Refused for one that is too large."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self.window, self.at)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                self._check_size(row)
                if not self.more():
                    raise ValueError(f"{error.msg} near line {self.line}") from None
                continue
            if end == len(self.window) and self.more():
                continue  # a number may go on
            if end - self.at > self.limits.row_bytes:
                raise self._too_large(row)
            self.at = end
            return found

    def _check_size(self, row: int) -> None:
        """Refuse a value that has not ended within the limits: all that follows its beginning belongs to it."""
        if len(self.window) - self.at > self.limits.row_bytes:
            raise self._too_large(row)
        if self.window.count("[", self.at) > 2 * self.limits.vertices:
            raise refusals.row_too_large(row, f"{2 * self.limits.vertices:,} brackets")

    def _too_large(self, row: int) -> Refused:
        return refusals.row_too_large(row, f"{self.limits.row_bytes / MIB:,.1f} MiB")

    def part(self, end: str) -> str | None:
        """Return the text up to the next `end` sign or the file's own; None for one that is too long, skipped."""
        from_here = self.at
        while (found := self.window.find(end, from_here)) < 0:
            if len(self.window) - self.at > self.limits.row_bytes:
                self._skip(end)
                return None
            kept = len(self.window) - self.at
            if not self.more():
                found = len(self.window)
                break
            from_here = kept
        taken = self.window[self.at : found]
        self.at = min(found + 1, len(self.window))
        return taken

    def _skip(self, end: str) -> None:
        while (found := self.window.find(end, self.at)) < 0:
            self.at = len(self.window)
            if not self.more():
                return
        self.at = found + 1


def rows(text: Text) -> Iterator[Record]:
    """Tell a Feature a line from one document: the first line is a whole Feature, or a separator opens the file.

    Rows count from 1: the line of a sequence, the place in a collection. A Refused may come after rows.
    """
    opening = text.peek()
    if opening == SEPARATOR:
        text.at += 1
        return _sequence(text, SEPARATOR)
    if opening == "{" and _first_line_is_feature(text):
        return _sequence(text, "\n", first=text.line)
    return _document(text) if opening else iter(())


def _first_line_is_feature(text: Text) -> bool:
    end = text.window.find("\n", text.at)
    while end < 0 and len(text.window) - text.at < text.limits.row_bytes and text.more():
        end = text.window.find("\n", text.at)
    if end < 0 and not text.whole:
        return False  # longer than any row may be: a whole collection
    try:
        parsed = features.parse(text.window[text.at : end if end >= 0 else None])
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("type") == "Feature"


def _sequence(text: Text, end: str, *, first: int = 1) -> Iterator[Record]:
    row = first
    while text.at < len(text.window) or text.more():
        if text.at == len(text.window):
            continue
        part = text.part(end)
        if part is None:
            most = text.limits.row_bytes >> 20
            yield features.unreadable(row, "", f"it is longer than {most} MiB")
        elif part.strip():
            yield _line(row, part, text.limits)
        row += 1


def _line(row: int, part: str, limits: Limits) -> Record:
    try:
        return features.record(row, features.parse(part), depth=limits.depth)
    except ValueError as error:
        return features.unreadable(row, part, features.why(error))


def _document(text: Text) -> Iterator[Record]:
    try:
        yield from _collection(text)
    except ValueError as error:
        remedy = f"Give {_LISTED}. A file that broke off in transfer has to be sent again."
        detail = f"The file is not JSON: {features.why(error)}."
        raise Refused(Kind.INVALID, "json-broken", detail, remedy=remedy) from None


def _collection(text: Text) -> Iterator[Record]:
    """Walk through the document's own keys; what stands under `features` passes by row for row."""
    if text.peek() != "{":
        text.value()
        raise _no_collection()
    text.take("{")
    top: list[tuple[str, Any]] = []
    while text.peek() != "}":
        key = text.value()
        text.take(":")
        if key == "features" and text.peek() == "[":
            _check_top(top, whole=False)
            yield from _array(text)
            top.append((key, []))
        else:
            top.append((str(key), text.value()))
        if text.take(",}") == "}":
            break
    else:
        text.take("}")
    if text.peek():
        raise ValueError(f"more follows the document near line {text.line}")
    yield from _check_top(top, whole=True)


def _array(text: Text) -> Iterator[Record]:
    return (features.record(row, value, depth=text.limits.depth) for row, value in values(text))


def values(text: Text) -> Iterator[tuple[int, Any]]:
    """Yield what stands in an array, numbered from 1; ValueError where it breaks off."""
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    row = 0
    while True:
        row += 1
        yield row, text.value(row)
        if text.take(",]") == "]":
            return


def _check_top(pairs: list[tuple[str, Any]], *, whole: bool) -> list[Record]:
    """Refuse what is no collection in one meaning; return the row where a Feature stands alone."""
    top = features.marked(pairs)
    kind = top.get("type")
    alone = kind == "Feature" and not isinstance(top.get("features"), list)
    if whole and not alone and (kind != "FeatureCollection" or not isinstance(top.get("features"), list)):
        raise _no_collection()
    if whole and isinstance(top, features.KeysTwice):
        detail = f"The file names the key {top.key[:40]!r} twice at its top."
        raise Refused(Kind.INVALID, "json-keys-twice", detail, remedy="Keep one of them.")
    system = features.foreign_crs(top)
    if system:
        detail = f"The file states the coordinate system {system!r}; GeoJSON is read as WGS 84."
        remedy = "Convert it with `ogr2ogr -t_srs EPSG:4326`."
        raise Refused(Kind.UNSUPPORTED, "crs-unsupported", detail, remedy=remedy)
    return [features.record(1, top)] if whole and alone else []


def _no_collection() -> Refused:
    detail = f"The file is JSON, but no FeatureCollection; read are {_LISTED}."
    return Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy="Export the areas as GeoJSON.")
