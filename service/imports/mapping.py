"""Reads mapping files: YAML that says which column of a source means what, and what its words mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import yaml

from service.imports.columns import Columns, Field, column_name, plain
from service.intake.model import Columns as Place
from service.intake.model import Format, Layout, Notation
from service.kit.errors import Kind, Refused
from service.zones.model import Basis, Hazard, HazardClass, Lying, Marking, ReleaseKind

T = TypeVar("T")
LONGEST = 64 * 1024
_TOP = ("file", "columns", "values", "dates", "ignore")
_STATUSES = ("open", "closed", "cancelled", "reduced", "cleared", "handed over")
MEANINGS: dict[Field, tuple[str, ...]] = {
    Field.CLASS: tuple(HazardClass),
    Field.STATUS: _STATUSES,
    Field.HAZARDS: tuple(Hazard),
    Field.LYING: tuple(Lying),
    Field.BASIS: tuple(Basis),
    Field.MARKING: tuple(Marking),
    Field.DIRECT: ("direct", "indirect"),
    Field.DEACTIVATING: ("yes", "no"),
    Field.FICTIONAL: ("yes", "no"),
    Field.CLOSED_AS: tuple(ReleaseKind),
}
"""What the words of a field can be translated to."""

_PLACE = {
    "place": "place", "latitude": "first", "easting": "first", "longitude": "second", "northing": "second",
    "zone": "zone", "radius": "radius",
}  # fmt: skip  # a mapping's word for each part of a place, and the reader's
# A saved answer of an ArcGIS server may be one page of many: what it lacks would count as missing.
_FORMATS = tuple(form for form in Format if form is not Format.ESRIJSON)
_FILE = ("format", "layer", "crs", "encoding", "delimiter", "notation", "s_is_south", "names", *_PLACE)


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a source's files are read: how they are laid out, which column means what."""

    layout: Layout = field(default_factory=Layout)
    columns: Columns = field(default_factory=Columns)


def load(text: str | None, name: str = "", *, said_in: str = "mapping") -> Mapped:
    """Read a mapping; without one all is guessed by the usual names. `name` is that of the file that it is for.

    Raises Refused with the line and how to mend it.
    """
    if text is None:
        return Mapped(Layout(name=name))
    reader = _Reader(said_in)
    top = reader.top(text)
    file = reader.part(top, "file", _FILE)
    meanings = reader.part(top, "columns", tuple(Field))
    columns = Columns(
        names={Field(key): reader.names(node) for key, node in meanings.items()},
        words=_words(reader, reader.part(top, "values", tuple(MEANINGS))),
        day_form=reader.day_form(top.get("dates")),
        ignored=frozenset(reader.names(top["ignore"])) if "ignore" in top else frozenset(),
        guessed=False,
    )
    return Mapped(_layout(reader, file, name), columns)


def _words(reader: "_Reader", parts: Mapping[str, yaml.Node]) -> dict[Field, dict[str, str]]:
    found: dict[Field, dict[str, str]] = {}
    for key, node in parts.items():
        allowed = MEANINGS[Field(key)]
        said = reader.pairs(node)
        found[Field(key)] = {plain(word): reader.one_of(meaning, allowed) for word, meaning in said.items()}
    return found


def _layout(reader: "_Reader", file: Mapping[str, yaml.Node], name: str) -> Layout:
    said = {key: reader.text(file[key]) for key in ("layer", "crs", "encoding", "delimiter") if key in file}
    place = {_PLACE[key]: reader.text(node) for key, node in file.items() if key in _PLACE}
    notation = Notation(reader.one_of(file["notation"], tuple(Notation))) if "notation" in file else None
    south = reader.one_of(file["s_is_south"], ("true", "false")) == "true" if "s_is_south" in file else None
    columns = Place(**place, notation=notation, s_is_south=south)
    form = Format(reader.one_of(file["format"], _FORMATS)) if "format" in file else None
    names = {word: reader.text(node) for word, node in reader.pairs(file["names"]).items()} if "names" in file else {}
    return Layout(
        format=form,
        name=name,
        columns=columns,
        names=names,
        layer=said.get("layer"),
        crs=said.get("crs"),
        encoding=said.get("encoding"),
        delimiter=said.get("delimiter"),
    )


class _Reader:
    """Reads the nodes of one mapping; every refusal names its line."""

    def __init__(self, said_in: str) -> None:
        self._said_in = said_in

    def top(self, text: str) -> dict[str, yaml.Node]:
        if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
            raise self._refused(None, f"It is longer than {LONGEST >> 10} KiB.", "Leave out what is not needed.")
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
                raise self._refused(None, "It uses an alias (*name).", "Write the value out.")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "it cannot be read"
            raise self._refused(
                mark, f"It is no YAML: {what}.", "Mend this line; text with : or # needs quotes."
            ) from None
        except RecursionError:
            raise self._refused(None, "It is nested too deeply.", "Write it as `zones map` proposes it.") from None
        if node is None:
            raise self._refused(None, "It is empty.", "Name at least `columns: {id: …}`.")
        found = self._checked(node, _TOP)
        if "id" not in self.part(found, "columns", tuple(Field)):
            raise self._refused(node.start_mark, "It names no column for `id`.", "Add `columns: {id: COLUMN}`.")
        return found

    def part(self, top: Mapping[str, yaml.Node], key: str, allowed: Iterable[str]) -> dict[str, yaml.Node]:
        return self._checked(top[key], tuple(allowed)) if key in top else {}

    def pairs(self, node: yaml.Node) -> dict[str, yaml.Node]:
        """Return the entries of a mapping whose keys are words."""
        if not isinstance(node, yaml.MappingNode):
            raise self._refused(node.start_mark, "Here stands no list of `word: meaning`.", "Write one pair a line.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            word = self.text(key)
            if word in found:
                raise self._refused(key.start_mark, f"{word!r} stands here twice.", "Keep one of them.")
            found[word] = value
        return found

    def text(self, node: yaml.Node) -> str:
        """Return a plain value as it is written: `no` and `1` are words here."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self._refused(
                node.start_mark, "Here a word is missing.", "Write one word or text, in quotes if need be."
            )
        return str(node.value)

    def names(self, node: yaml.Node) -> tuple[str, ...]:
        """Return one column's name or several."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(column_name(self.text(each)) for each in nodes)

    def one_of(self, node: yaml.Node, allowed: tuple[str, ...]) -> str:
        text = self.text(node)
        if text not in allowed:
            remedy = f"Write one of: {', '.join(str(one) for one in allowed)}."
            raise self._refused(node.start_mark, f"{text[:60]!r} is none of the words that stand here.", remedy)
        return text

    def day_form(self, node: yaml.Node | None) -> str | None:
        """Return how days are written, tried on one day."""
        if node is None:
            return None
        form, day = self.text(node), datetime(2001, 2, 3)  # noqa: DTZ001 - a day has no time zone
        try:
            fits = datetime.strptime(day.strftime(form), form).date() == day.date()  # noqa: DTZ007 - as above
        except ValueError:
            fits = False
        if not fits:
            raise self._refused(node.start_mark, f"{form[:60]!r} says no whole day.", "Write it as in %d/%m/%Y.")
        return form

    def _checked(self, node: yaml.Node, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        found = self.pairs(node)
        keys = {self.text(key): key for key, _ in node.value}
        for word in found.keys() - set(allowed):
            remedy = f"Known here: {', '.join(str(one) for one in allowed)}."
            raise self._refused(keys[word].start_mark, f"Nobody knows the key {word[:60]!r}.", remedy)
        return found

    def _refused(self, mark: Any, detail: str, remedy: str) -> Refused:
        where = self._said_in if mark is None else f"{self._said_in}, line {mark.line + 1}"
        return Refused(
            Kind.INVALID, "mapping-unfit", f"The mapping cannot be used. {detail}", where=where, remedy=remedy
        )
