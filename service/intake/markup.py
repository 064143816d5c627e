"""Reads XML that strangers wrote: no document type, no entity, no depth beyond the limit; element by element."""

import codecs
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from service.intake import refusals
from service.intake.model import MIB, Limits
from service.intake.opening import Source
from service.kit.errors import Kind, Refused

_CHUNK = 1 << 16
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


def local(tag: str) -> str:
    """Return an element's name without its namespace: sources differ in those."""
    return tag.rpartition("}")[2]


class Target:
    """Builds the elements of the wanted names and forgets everything else; counts depth and size."""

    def __init__(self, wanted: frozenset[str], limits: Limits) -> None:
        self._wanted = wanted
        self._limits = limits
        self._builder: ET.TreeBuilder | None = None
        self._built_at = 0
        self._depth = 0
        self._size = 0
        self.found: list[Any] = []
        self.path: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            detail = f"The file nests more than {self._limits.depth} elements."
            raise Refused(Kind.INVALID, "xml-too-deep", detail, remedy="Export it again, plainly.")
        name = local(tag)
        if self._builder is None and name in self._wanted:
            self._builder, self._built_at, self._size = ET.TreeBuilder(), self._depth, 0
        if self._builder is not None:
            self._grow(len(name) + sum(map(len, attributes.values())) + 64)
            self._builder.start(name, attributes)

    def end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(local(tag))
            if self._depth == self._built_at:
                self.found.append(self._builder.close())
                self._builder = None
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._builder is not None:
            self._grow(len(text))
            self._builder.data(text)

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        detail = f"The file has a document type ({name[:40]!r}), by which XML reaches other files or grows without end."
        raise Refused(Kind.INVALID, "xml-doctype", detail, remedy="Remove the <!DOCTYPE …> from it.")

    def close(self) -> None:
        """Do nothing: the parser asks for it at the end."""

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.row_bytes:
            raise refusals.row_too_large(len(self.found) + 1, f"{self._limits.row_bytes / MIB:,.1f} MiB")


def elements(source: Source, wanted: frozenset[str]) -> Iterator[ET.Element]:
    """Yield each element of a wanted name with all below it, names without namespaces. Raises Refused."""
    target = Target(wanted, source.limits)
    parser = ET.XMLParser(target=target, encoding=_override(source))  # noqa: S314 - the target refuses document types
    read = 0
    try:
        while chunk := source.stream.read(_CHUNK):
            read += len(chunk)
            source.advanced(read)
            parser.feed(chunk)
            yield from target.found
            target.found.clear()
        parser.close()
    except ET.ParseError as error:
        raise _broken(error, source) from None
    except (LookupError, ValueError) as error:
        raise refusals.broken("XML", str(error)) from None
    yield from target.found


def _override(source: Source) -> str | None:
    """Return the encoding to read by where it is stated; None leaves it to the file, which may name only one known."""
    encoding(source)
    return source.encoding if source.layout.encoding is not None else None


def encoding(source: Source) -> str | None:
    """Return the encoding that is stated, marked or declared; None for UTF-8. Raises Refused for an unknown one."""
    declared = _DECLARED.match(source.head)
    name = source.encoding or (declared[1].decode() if declared else "utf-8")
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise refusals.broken("XML", f"it names the unknown encoding {name!r}") from None
    return None if found in {"utf-8", "utf-8-sig", "ascii"} else found


def _broken(error: ET.ParseError, source: Source) -> Refused:
    line, column = error.position
    try:
        codecs.getincrementaldecoder("utf-8")().decode(source.head)
    except UnicodeDecodeError:
        detail = f"The XML is not in the encoding that it names: line {line} holds what is no letter in it."
        remedy = "State its encoding, as in `encoding: cp1251`."
        return Refused(Kind.INVALID, "encoding-unknown", detail, where=f"line {line}", remedy=remedy)
    return refusals.broken(
        "XML", f"{error.msg.partition(':')[0]} at line {line}, column {column + 1}", where=f"line {line}"
    )
