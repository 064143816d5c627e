"""Texts with named holes, as the file of providers writes them: `{to}`; `{{` and `}}` are the signs themselves."""

from collections.abc import Collection, Mapping
from string import Formatter

from service.delivery.provider_file.tables import Table
from service.delivery.provider_ways import Template, Tree

HOLES = frozenset(
    {"to", "text", "sender", "validity_minutes", "validity_seconds", "id", "coding", "priority", "callback"}
)
IN_HEADERS = HOLES - {"text"}
IN_URL = frozenset({"to", "id", "sender"})
IN_CALLBACK = frozenset({"id"})
OF_SECRETS = "secret."
_NUMBER = "number"
_MOST_DEPTH = 8


class Holes:
    """Which holes may stand somewhere: some of ours, and the secrets that the provider names."""

    def __init__(self, ours: Collection[str], secrets: Collection[str]) -> None:
        self._known = {*ours, *(f"{OF_SECRETS}{name}" for name in secrets)}

    def read(self, text: str, *, number: bool = False) -> Template | str:
        """Return the template, or in words what is wrong with it."""
        try:
            parts = list(Formatter().parse(text))
        except ValueError:
            return "has a { or } too many; {{ and }} stand for the signs themselves"
        made: list[tuple[str, str]] = []
        numbers = 0
        for literal, hole, form, conversion in parts:
            if conversion or (form and not (number and form == _NUMBER)):
                return "has a hole with a form; only {name:number} has one, alone and in JSON"
            if hole is not None and hole not in self._known:
                return f"has a hole that is none of: {', '.join(sorted(self._known))}"
            made.append((literal, hole or ""))
            numbers += form == _NUMBER
        if numbers and (len(made) > 1 or made[0][0]):
            return "has something beside a number; {name:number} stands alone"
        return Template(tuple(made), number=bool(numbers))


def template(table: Table, key: str, holes: Holes) -> Template:
    """Take a text with holes."""
    return _made(table, key, table.text(key), holes)


def templates(table: Table, key: str, holes: Holes) -> dict[str, Template] | None:
    """Take a table of texts with holes; None if there is none."""
    inner = table.table(key)
    return None if inner is None else {name: template(inner, name, holes) for name in inner.names()}


def tree(table: Table, key: str, holes: Holes) -> Mapping[str, Tree] | None:
    """Take a table that becomes JSON; None if there is none."""
    inner = table.table(key)
    if inner is None:
        return None
    return {name: _branch(inner, name, inner.value(name), holes, _MOST_DEPTH) for name in inner.names()}


def _branch(table: Table, key: str, given: object, holes: Holes, depth: int) -> Tree:
    if depth == 0:
        table.note(key, "is nested too deeply", "Write at most eight levels.")
        return None
    if isinstance(given, dict):
        return {name: _branch(table, f"{key}.{name}", one, holes, depth - 1) for name, one in given.items()}
    if isinstance(given, list):
        return tuple(_branch(table, f"{key}[{place}]", one, holes, depth - 1) for place, one in enumerate(given, 1))
    if isinstance(given, str):
        return _made(table, key, given, holes, number=True)
    if isinstance(given, bool | int):
        return given
    table.note(key, "cannot be written into JSON", "Write a text, a whole number, true or false.")
    return None


def _made(table: Table, key: str, text: str, holes: Holes, *, number: bool = False) -> Template:
    found = holes.read(text, number=number)
    if isinstance(found, Template):
        return found
    table.note(key, found, "See docs/sms-providers.toml for what each hole is filled with.")
    return Template(())


def holes_of(branch: Tree) -> frozenset[str]:
    """Return the names of all holes of a tree."""
    if isinstance(branch, Template):
        return branch.holes
    if isinstance(branch, Mapping):
        return frozenset().union(*(holes_of(one) for one in branch.values()))
    if isinstance(branch, tuple):
        return frozenset().union(*(holes_of(one) for one in branch))
    return frozenset()
