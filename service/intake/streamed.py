"""Reads JSON text of any length value by value: only the value at hand is in memory."""

import codecs
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from service.intake import features, refusals
from service.intake.model import MIB, Limits
from service.kit.errors import Kind, Refused

BLANKS = " \t\r\n"  # JSON's own; Python counts the separator among the blanks too
_CHUNK = 1 << 20
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

    def holds(self, words: str) -> bool:
        """Whether these plain words stand anywhere in the text, in the spelling of any usual encoding."""
        here = self.stream.tell()
        sought = [words.encode(name) for name in ("ascii", "utf-16-le", "utf-16-be")]
        longest = max(map(len, sought))
        self.stream.seek(0)
        kept = b""
        try:
            while chunk := self.stream.read(_CHUNK):
                if any(each in kept + chunk for each in sought):
                    return True
                kept = chunk[-longest:]
            return False
        finally:
            self.stream.seek(here)

    @contextmanager
    def ahead(self) -> Iterator["Text"]:
        """Lend a second window on the same text, from its beginning; this one goes on where it was."""
        here = self.stream.tell()
        self.stream.seek(0)
        try:
            yield Text(self.stream, self.limits, self.encoding)
        finally:
            self.stream.seek(here)

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
