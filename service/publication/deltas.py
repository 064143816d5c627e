"""What changed from one version of a pack to another, line by line, and doing it: the result is checked by its hash."""

# A delta is JSON. `edits` holds triples [keep, drop, add]: take over so many lines of the old pack, leave out so many,
# then put in so many of `lines`. What follows the last edit is taken over.

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, TypeAlias

from service.kit.errors import Kind, Refused
from service.publication.model import World

Line: TypeAlias = str | int
"""A line of the new pack: its text, or the number of the same line in the old one."""

_FORMAT = 1
_TRIPLE = 3
_MOST_LINES = 10_000_000


@dataclass(frozen=True, slots=True)
class Delta:
    """The way from version `since` to version `until`; `old_lines` is how many lines the old pack has.

    A bundle of guidance is changed in the same way: its `cell` is a language, and it belongs to no world.
    """

    cell: str
    world: World | None
    since: int
    until: int
    old_lines: int
    lines: tuple[Line, ...]


def between(old: bytes, new: bytes, *, cell: str, world: World | None, versions: tuple[int, int]) -> Delta:
    """Compare two packs. Lines that both have at the start and at the end cost nothing, however many there are."""
    before, after = old.decode().split("\n"), new.decode().split("\n")
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    middle = SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False)
    lines: list[Line] = list(range(head))
    for what, i1, i2, j1, j2 in middle.get_opcodes():
        lines += range(head + i1, head + i2) if what == "equal" else after[head + j1 : head + j2]
    lines += range(len(before) - tail, len(before))
    return Delta(cell, world, *versions, len(before), tuple(lines))


def joined(first: Delta, second: Delta) -> Delta:
    """Make one delta of two that follow each other, without the packs themselves."""
    if first.until != second.since or second.old_lines != len(first.lines):
        raise ValueError("the second delta does not begin where the first one ends")
    lines = tuple(first.lines[line] if isinstance(line, int) else line for line in second.lines)
    return Delta(first.cell, first.world, first.since, second.until, first.old_lines, lines)


def as_bytes(delta: Delta) -> bytes:
    """Return what phones fetch."""
    edits: list[list[int]] = []
    texts: list[str] = []
    at, keep = 0, 0
    for is_old, group in groupby(delta.lines, key=lambda line: isinstance(line, int)):
        run = list(group)
        if is_old:
            for line in run:
                at, keep = _keep(edits, at, keep, int(line))
        else:
            edits.append([keep, 0, len(run)])
            texts += map(str, run)
            keep = 0
    if at < delta.old_lines:
        edits.append([keep, delta.old_lines - at, 0])
    return _written(delta, edits, texts)


def _keep(edits: list[list[int]], at: int, keep: int, line: int) -> tuple[int, int]:
    """Go on to an old line; what lies between is dropped by the edit before it, or by one of its own."""
    if line > at:
        if keep == 0 and edits:
            edits[-1][1] += line - at
        else:
            edits.append([keep, line - at, 0])
            keep = 0
    return line + 1, keep + 1


def _written(delta: Delta, edits: list[list[int]], texts: Sequence[str]) -> bytes:
    said = {
        "surefoot": _FORMAT,
        "world": delta.world and delta.world.value,
        "cell": delta.cell,
        "from": delta.since,
        "to": delta.until,
        "old_lines": delta.old_lines,
        "edits": edits,
        "lines": texts,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def parse(document: bytes) -> Delta:
    """Read a delta. Refused `delta-malformed`."""
    try:
        found = json.loads(document)
        old_lines = found["old_lines"]
        if type(old_lines) is not int or not 0 <= old_lines <= _MOST_LINES:
            raise _refused("The delta is for a pack of no reasonable size.")
        lines = _lines(found["edits"], found["lines"], old_lines)
        world = None if found["world"] is None else World(found["world"])
        return Delta(found["cell"], world, found["from"], found["to"], old_lines, tuple(lines))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused("The delta is no JSON of the right form, or it was cut off.") from error


def apply(old: bytes, document: bytes) -> bytes:
    """Return the new pack; whoever calls compares its hash with the index. Refused `delta-malformed`."""
    before = old.decode().split("\n")
    delta = parse(document)
    if delta.old_lines != len(before):
        raise _refused("The delta is for another pack than this one.")
    return "\n".join(before[line] if isinstance(line, int) else line for line in delta.lines).encode()


def _lines(edits: Sequence[Any], texts: Sequence[str], old_lines: int) -> list[Line]:
    lines: list[Line] = []
    at = used = 0
    for edit in edits:
        if len(edit) != _TRIPLE or not all(type(number) is int and number >= 0 for number in edit):
            raise _refused("An edit of the delta is not three whole numbers.")
        keep, drop, add = edit
        if at + keep + drop > old_lines or used + add > len(texts):
            raise _refused("The delta does not fit the pack that it is for.")
        lines += range(at, at + keep)
        lines += texts[used : used + add]
        at, used = at + keep + drop, used + add
    if used != len(texts) or not all(isinstance(text, str) for text in texts):
        raise _refused("The delta holds lines that it puts nowhere.")
    return [*lines, *range(at, old_lines)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _refused(detail: str) -> Refused:
    return Refused(Kind.INVALID, "delta-malformed", detail, remedy="Fetch the whole pack instead.")
