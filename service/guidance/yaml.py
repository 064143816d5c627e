"""YAML, read strictly: every value is text with its line, and what YAML could do beyond that is refused."""

# PyYAML and not ruamel.yaml: its events carry the line of everything, it is here already for the tests, its wheels
# hold libyaml, and nothing of its constructors is used: no tag, alias, number, date or boolean is ever made.

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import yaml

MOST_BYTES = 256 * 1024
LONGEST = 2_000
MOST_DEPTH = 8
MOST_NODES = 20_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRANGE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
WHOLE = re.compile(r"[1-9][0-9]{0,5}")

T = TypeVar("T")


class BadYaml(Exception):  # noqa: N818 - the file is bad
    """A file that is refused: where (file and line), why, and how to mend it."""

    def __init__(self, where: str, reason: str, remedy: str) -> None:
        super().__init__(f"{where}: {reason}: {remedy}")
        self.where = where
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as it is written; `plain` where it stands without quotes, so that null can be told from "null"."""

    text: str
    where: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple["Node", ...]
    where: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping; its keys are unique."""

    values: dict[str, "Node"]
    where: str


Node: TypeAlias = Scalar | Items | Pairs


def read(path: Path, *, name: str) -> Pairs:
    """Read one file that holds one mapping; `name` is what errors call it. BadYaml for anything else."""
    try:
        raw = path.read_bytes() if path.is_file() and path.stat().st_size <= MOST_BYTES else None
    except OSError as fault:
        raise BadYaml(name, "cannot be read", "check the file and its rights") from fault
    if raw is None:
        raise BadYaml(name, f"is no plain file of at most {MOST_BYTES} bytes", "split the file by topic")
    return parse(raw, name=name)


def parse(raw: bytes, *, name: str) -> Pairs:
    """Read the bytes of a file."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BadYaml(name, f"byte {fault.start} is not UTF-8", "save the file as UTF-8") from fault
    try:
        return _Builder(name).document(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise BadYaml(
            f"{name}{line}", f"is no YAML: {fault.problem}", "mend the line; quote what is unusual"
        ) from fault
    except yaml.YAMLError as fault:
        raise BadYaml(name, "holds characters that YAML does not allow", "remove control characters") from fault


class _Builder:
    """Makes nodes of events, and stops at the first event that we do not allow."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MOST_NODES

    def document(self, events: Iterator[yaml.Event]) -> Pairs:
        found: list[Node] = []
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent | yaml.DocumentEndEvent | yaml.StreamStartEvent):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                break
            if found:
                raise self._bad(event, "a second document begins", "put it into a file of its own")
            found.append(self._node(event, events, 0))
        if not found or not isinstance(found[0], Pairs):
            raise BadYaml(f"{self._name}:1", "does not hold a mapping", "begin with `key: value`")
        return found[0]

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self._left -= 1
        if self._left < 0 or depth > MOST_DEPTH:
            raise self._bad(event, "is too large or nested too deeply", "split the file")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._bad(event, "has an anchor or an alias", "write the text out")
        if getattr(event, "tag", None):
            raise self._bad(event, "has a tag", "remove what begins with `!`")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            nodes = self._until(yaml.SequenceEndEvent, events)
            return Items(tuple(self._node(each, events, depth + 1) for each in nodes), self._where(event))
        return self._pairs(event, events, depth)

    def _pairs(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Pairs:
        values: dict[str, Node] = {}
        for each in self._until(yaml.MappingEndEvent, events):
            key = self._node(each, events, depth + 1)
            if not isinstance(key, Scalar):
                raise self._bad(each, "a key is no plain word", "write `key: value`")
            if key.text in values:
                raise self._bad(each, f"the key {key.text!r} stands here twice", "keep one of them")
            values[key.text] = self._node(next(events), events, depth + 1)
        return Pairs(values, self._where(event))

    def _until(self, end: type[yaml.Event], events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        for event in events:
            if isinstance(event, end):
                return
            yield event

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        text = event.value.strip("\n")
        strange = [letter for letter in text if unicodedata.category(letter) in STRANGE]
        if strange:
            code = f"U+{ord(strange[0]):04X}"
            raise self._bad(event, f"holds the invisible character {code}", "write one line of plain text, or use `>-`")
        if len(text) > LONGEST:
            raise self._bad(event, f"a text has more than {LONGEST} characters", "shorten it")
        return Scalar(text, self._where(event), plain=bool(event.implicit[0]))

    def _where(self, event: yaml.Event) -> str:
        return f"{self._name}:{event.start_mark.line + 1}" if event.start_mark else self._name

    def _bad(self, event: yaml.Event, reason: str, remedy: str) -> BadYaml:
        return BadYaml(self._where(event), reason, remedy)


class Fields:
    """A mapping whose keys are taken out one by one; `done` refuses what nobody asked for."""

    def __init__(self, node: Node, *, what: str) -> None:
        if not isinstance(node, Pairs):
            raise BadYaml(node.where, f"{what} is no mapping", "write `key: value` lines")
        self.where = node.where
        self._what = what
        self._left = dict(node.values)

    def has(self, key: str) -> bool:
        return key in self._left

    def keys(self) -> tuple[str, ...]:
        return tuple(self._left)

    def scalar(self, key: str) -> Scalar:
        """Take a text that is not empty."""
        node = self.node(key)
        if not isinstance(node, Scalar) or not node.text:
            raise BadYaml(node.where, f"{key} of {self._what} is no text", "write the text behind the colon")
        return node

    def text(self, key: str, default: str | None = None) -> str:
        return default if default is not None and key not in self._left else self.scalar(key).text

    def one(self, key: str, read: Callable[[str], T], *, remedy: str) -> T:
        """Take a text that `read` turns into a value; what it refuses is said with the line."""
        found = self.scalar(key)
        return _turn(found, read, f"{key} of {self._what}", remedy)

    def number(self, key: str) -> int:
        def whole(text: str) -> int:
            if not WHOLE.fullmatch(text):
                raise ValueError(text)
            return int(text)

        return self.one(key, whole, remedy="write a whole number from 1 on")

    def many(self, key: str, read: Callable[[str], T], *, remedy: str) -> tuple[T, ...]:
        """Take a list of texts, none of them twice."""
        node = self.node(key)
        if not isinstance(node, Items) or not node.values:
            raise BadYaml(node.where, f"{key} of {self._what} is no list", "write `[one, two]`")
        texts = [each for each in node.values if isinstance(each, Scalar)]
        if len(texts) < len(node.values) or len({each.text for each in texts}) < len(texts):
            raise BadYaml(node.where, f"{key} of {self._what} has a strange or a doubled item", "write each item once")
        return tuple(_turn(each, read, f"{key} of {self._what}", remedy) for each in texts)

    def mapping(self, key: str) -> dict[str, Node]:
        """Take a mapping whole, empty if the key is not there."""
        node = self._left.pop(key, Pairs({}, self.where))
        if not isinstance(node, Pairs):
            raise BadYaml(node.where, f"{key} of {self._what} is no mapping", "write `key: value` lines")
        return node.values

    def node(self, key: str) -> Node:
        if key not in self._left:
            raise BadYaml(self.where, f"{self._what} has no {key}", f"add `{key}:`")
        return self._left.pop(key)

    def done(self) -> None:
        for key, node in self._left.items():
            raise BadYaml(node.where, f"{self._what} has the unknown key {key!r}", "remove it, or correct its spelling")


def _turn(found: Scalar, read: Callable[[str], T], what: str, remedy: str) -> T:
    try:
        return read(found.text)
    except (ValueError, KeyError) as fault:
        raise BadYaml(found.where, f"{what} is {found.text[:40]!r}", remedy) from fault
