"""Reads documents of JSON row by row: GeoJSON, a Feature a line, Esri's answers; each row in the system it states."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.intake import features
from service.intake.model import Limits, Record, Remark, Unread
from service.intake.streamed import Text
from service.kit.errors import Kind, Refused

_SEPARATOR = "\x1e"
_LISTED = "GeoJSON (a FeatureCollection) and GeoJSONSeq (a Feature a line)"


class Systems(Protocol):
    """What is done about coordinate systems that a document or its rows state."""

    def opened(self, system: str | None) -> None:
        """Hear what the whole document states, before its first row. Raises Refused."""

    def placed(self, record: Record) -> Record:
        """Return a row in WGS 84, or one that waits."""

    def noticed(self) -> Iterator[Remark]:
        """Say in the end what was done."""


class Wgs84:
    """Takes WGS 84 and nothing else, as RFC 7946 has it."""

    def opened(self, system: str | None) -> None:
        if system not in {None, features.WGS84}:
            detail = f"The file states the coordinate system {_shown(system)}; it is read as WGS 84 only."
            remedy = "Convert it with `ogr2ogr -t_srs EPSG:4326`."
            raise Refused(Kind.UNSUPPORTED, "crs-unsupported", detail, remedy=remedy)

    def placed(self, record: Record) -> Record:
        foreign = features.systems_of(record.feature) - {features.WGS84}
        if record.unread is not None or not foreign:
            return record
        why = ", ".join(map(_shown, sorted(foreign)))
        return Record(record.row, {**record.feature, "why": why}, Unread.WRONG_CRS)

    def noticed(self) -> Iterator[Remark]:
        return iter(())


def _shown(system: str | None) -> str:
    return repr(system[:60]) if system else "that is not named"


@dataclass(frozen=True)
class Form:
    """How one sort of document tells its rows and its system; `mark` is the key under which it names that."""

    record: Callable[[int, Any, int], Record]
    system: Callable[[Mapping[str, Any]], str | None]
    mark: str
    typed: bool  # it says that it is a FeatureCollection


GEOJSON = Form(lambda row, feature, depth: features.record(row, feature, depth=depth), features.system, "crs", True)


def rows(text: Text, systems: Systems, form: Form = GEOJSON) -> Iterator[Record | Remark]:
    """Tell a Feature a line from one document: the first line is a whole Feature, or a separator opens the file.

    Rows count from 1: the line of a sequence, the place in a collection. A Refused may come after rows.
    """
    yield from _Walk(text, systems, form).rows()
    yield from systems.noticed()


@dataclass
class _Walk:
    """One walk through a text."""

    text: Text
    systems: Systems
    form: Form

    def rows(self) -> Iterator[Record]:
        text = self.text
        opening = text.peek()
        if opening == _SEPARATOR:
            text.at += 1
            return self._sequence(_SEPARATOR)
        if opening == "{" and _first_line_is_feature(text):
            return self._sequence("\n", first=text.line)
        return self._document() if opening else iter(())

    def _sequence(self, end: str, *, first: int = 1) -> Iterator[Record]:
        text = self.text
        row = first
        self.systems.opened(None)
        while text.at < len(text.window) or text.more():
            if text.at == len(text.window):
                continue
            part = text.part(end)
            if part is None:
                most = text.limits.row_bytes >> 20
                yield features.unreadable(row, "", f"it is longer than {most} MiB")
            elif part.strip():
                yield self.systems.placed(_line(row, part, text.limits))
            row += 1

    def _document(self) -> Iterator[Record]:
        try:
            yield from self._collection()
        except ValueError as error:
            remedy = f"Give {_LISTED}. A file that broke off in transfer has to be sent again."
            detail = f"The file is not JSON: {features.why(error)}."
            raise Refused(Kind.INVALID, "json-broken", detail, remedy=remedy) from None

    def _collection(self) -> Iterator[Record]:
        """Walk through the document's own keys; what stands under `features` passes by row for row."""
        if self.text.peek() != "{":
            self.text.value()
            raise _no_collection()
        heard: list[str | None] = []
        top: list[tuple[str, Any]] = []
        for key in _keys(self.text):
            if key == "features" and self.text.peek() == "[":
                heard.append(self._stated(features.marked(top)))
                self.systems.opened(heard[-1])
                for row, value in enumerate(items(self.text), start=1):
                    yield self.systems.placed(self.form.record(row, value, self.text.limits.depth))
                top.append((key, []))
            else:
                top.append((key, self.text.value()))
        if self.text.peek():
            raise ValueError(f"more follows the document near line {self.text.line}")
        yield from self._ended(features.marked(top), heard)

    def _stated(self, before: Mapping[str, Any]) -> str | None:
        """Return the system that the document states, wherever: what stands after the rows is looked up first."""
        system = self.form.system(before)
        if system is None and self.text.holds(f'"{self.form.mark}"'):
            with self.text.ahead() as ahead:
                return self.form.system(_skimmed(ahead))
        return system

    def _ended(self, top: Mapping[str, Any], heard: list[str | None]) -> Iterator[Record]:
        """Refuse what is no collection in one meaning; yield the row where a Feature stands alone."""
        kind = top.get("type")
        if "error" in top and kind is None and not heard:
            raise _told_off(top["error"])
        if self.form.typed and kind == "Feature" and not isinstance(top.get("features"), list):
            self.systems.opened(self.form.system(top))
            yield self.systems.placed(features.record(1, top))
            return
        if not isinstance(top.get("features"), list) or (self.form.typed and kind != "FeatureCollection"):
            raise _no_collection()
        if isinstance(top, features.KeysTwice):
            detail = f"The file names the key {top.key[:40]!r} twice at its top."
            raise Refused(Kind.INVALID, "json-keys-twice", detail, remedy="Keep one of them.")
        if [self.form.system(top)] != heard:
            detail = "The file states its coordinate system in a way that was not seen before its rows."
            remedy = f"Write `{self.form.mark}` plainly, before `features`."
            raise Refused(Kind.UNSUPPORTED, "crs-unsupported", detail, remedy=remedy)


def _keys(text: Text) -> Iterator[str]:
    """Yield the keys of an object; whoever asks takes each value before the next."""
    text.take("{")
    if text.peek() == "}":
        text.take("}")
        return
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise ValueError(f"a key is no text near line {text.line}")  # noqa: TRY004 - the text is at fault
        text.take(":")
        yield key
        if text.take(",}") == "}":
            return


def items(text: Text) -> Iterator[Any]:
    """Yield what stands in an array; ValueError where it breaks off."""
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    row = 0
    while True:
        row += 1
        yield text.value(row)
        if text.take(",]") == "]":
            return


def _skimmed(text: Text) -> dict[str, Any]:
    """Return the document's own keys without its rows; where it breaks off, the true walk will tell."""
    top: list[tuple[str, Any]] = []
    try:
        for key in _keys(text):
            if key == "features" and text.peek() == "[":
                for _ in items(text):
                    pass
            else:
                top.append((key, text.value()))
    except (ValueError, Refused):
        pass
    return features.marked(top)


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


def _line(row: int, part: str, limits: Limits) -> Record:
    try:
        return features.record(row, features.parse(part), depth=limits.depth)
    except ValueError as error:
        return features.unreadable(row, part, features.why(error))


def _told_off(error: Any) -> Refused:
    told = error if isinstance(error, dict) else {}
    said = " ".join(str(told[key])[:200] for key in ("code", "message") if isinstance(told.get(key), str | int))
    detail = f"It holds no areas but a server's refusal: {said or 'without a reason'}."
    remedy = "Check the address, and whether the layer is public."
    return Refused(Kind.INVALID, "source-refused", detail, remedy=remedy)


def _no_collection() -> Refused:
    detail = f"The file is JSON, but no FeatureCollection; read are {_LISTED}."
    return Refused(Kind.UNSUPPORTED, "format-unsupported", detail, remedy="Export the areas as GeoJSON.")
