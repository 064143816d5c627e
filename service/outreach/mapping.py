"""Reads how an authority's table is laid out, and writes reports as its rows: YAML, as for imports of zones; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from service.guidance.yaml import MOST_BYTES, BadYaml, Node, Pairs, Scalar, parse
from service.kit.errors import Kind, Refused
from service.outreach.model import Delivery, Kept, Method, PlaceType, Sex

_PARTS = ("columns", "values", "fixed", "dates")
LONGEST_COLUMN = 200
_CODED: Mapping[str, type[StrEnum]] = {"place_type": PlaceType, "delivery": Delivery, "method": Method}
"""Fields whose words an authority may have codes for."""

Cell = str | int | float | date | None
_PLAIN: Mapping[str, Callable[[Kept], Cell]] = {
    "id": lambda one: str(one.id),
    "number": lambda one: one.number,
    "revision": lambda one: one.revision,
    "received": lambda one: one.received_at.date(),
    "changed": lambda one: one.changed_at.date(),
    "date": lambda one: one.report.held_on,
    "sessions": lambda one: one.report.sessions,
    "place_type": lambda one: one.report.place_type.value,
    "place": lambda one: one.report.place,
    "region": lambda one: one.spot.region or None,
    "longitude": lambda one: one.spot.longitude,
    "latitude": lambda one: one.spot.latitude,
    "point_is": lambda one: None if one.spot.longitude is None else "derived",
    "delivery": lambda one: one.report.delivery.value,
    "method": lambda one: one.report.method.value,
    "organisation": lambda one: one.report.organisation,
    "people": lambda one: one.report.people,
    "first_timers": lambda one: one.report.first_timers,
    "with_disabilities": lambda one: one.report.with_disabilities,
    "lessons": lambda one: "; ".join(f"{each.lesson} {each.revision}" for each in one.report.lessons) or None,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table in order; each is a field, or a text that always stands there."""

    columns: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    fixed: Mapping[str, str]
    day_form: str | None = None


def fields(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return everything that a column can hold; people of one sex and age group are `female.5-12`."""
    counts = [f"{sex}.{group}" for sex in Sex for group in groups]
    return (*_PLAIN, *Sex, *(f"age.{group}" for group in groups), *counts)


def load(raw: bytes, groups: tuple[str, ...], *, name: str) -> Layout:
    """Read a layout. Refused with the line and how to mend it."""
    try:
        return _layout(_read(raw, name), groups)
    except BadYaml as bad:
        detail = f"The mapping cannot be used: {bad.reason}."
        remedy = f"{bad.remedy[:1].upper()}{bad.remedy[1:]}."
        raise Refused(Kind.INVALID, "mapping-unfit", detail, where=bad.where, remedy=remedy) from None


def _read(raw: bytes, name: str) -> Pairs:
    if len(raw) > MOST_BYTES:
        raise BadYaml(name, f"it is longer than {MOST_BYTES >> 10} KiB", "leave out what is not needed")
    return parse(raw, name=name)


def _layout(top: Pairs, groups: tuple[str, ...]) -> Layout:
    _known(top, _PARTS, "part of a mapping")
    if "columns" not in top.values:
        raise BadYaml(top.where, "`columns` is missing", "name at least `columns: {id: COLUMN}`")
    columns = _texts(top.values["columns"], fields(groups), "field of a report")
    fixed = _texts(top.values["fixed"], None, "column") if "fixed" in top.values else {}
    named: dict[str, str] = {}
    for heading, where in [*columns.values(), *((name, where) for name, (_, where) in fixed.items())]:
        if len(heading) > LONGEST_COLUMN or heading in named:
            raise BadYaml(where, f"the column {heading[:60]!r} is too long, or named twice", "give it one short name")
        named[heading] = where
    return Layout(
        {field: heading for field, (heading, _) in columns.items()},
        _codes(top.values["values"]) if "values" in top.values else {},
        {heading: text for heading, (text, _) in fixed.items()},
        _day_form(top.values.get("dates")),
    )


def _codes(node: Node) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for field, given in _pairs(node, tuple(_CODED), "field with words").values.items():
        words = tuple(_CODED[field])
        codes = {word: code for word, (code, _) in _texts(given, words, f"word of {field}").items()}
        missing = [word for word in words if word not in codes]
        if missing:
            reason = f"the words of {field} lack a code: {', '.join(missing)}"
            raise BadYaml(given.where, reason, "give each word a code; two words may have the same")
        found[field] = codes
    return found


def _texts(node: Node, allowed: tuple[str, ...] | None, what: str) -> dict[str, tuple[str, str]]:
    """Return each text with the line that it stands in."""
    found = {}
    for key, value in _pairs(node, allowed, what).values.items():
        if not isinstance(value, Scalar) or not value.text.strip():
            raise BadYaml(value.where, f"behind {key!r} stands no text", "write one text behind the colon")
        found[key] = value.text, value.where
    return found


def _pairs(node: Node, allowed: tuple[str, ...] | None, what: str) -> Pairs:
    if not isinstance(node, Pairs) or not node.values:
        raise BadYaml(node.where, "here stands no list of `word: text`", "write one pair a line")
    if allowed is not None:
        _known(node, allowed, what)
    return node


def _known(node: Pairs, allowed: tuple[str, ...], what: str) -> None:
    for key, value in node.values.items():
        if key not in allowed:
            raise BadYaml(value.where, f"{key[:60]!r} is no {what}", f"write one of: {', '.join(allowed)}")


def _day_form(node: Node | None) -> str | None:
    """Return how days are written, tried on one day."""
    if node is None:
        return None
    form = node.text if isinstance(node, Scalar) else ""
    day = datetime(2001, 2, 3)  # noqa: DTZ001 - a day has no time zone
    try:
        fits = datetime.strptime(day.strftime(form), form).date() == day.date()  # noqa: DTZ007 - as above
    except ValueError:
        fits = False
    if not fits:
        raise BadYaml(node.where, f"{form[:60]!r} says no whole day", "write it as in %d/%m/%Y")
    return form


def row(one: Kept, layout: Layout) -> dict[str, Any]:
    """Return a report under the authority's columns, in its codes."""
    found = {heading: _shown(field, _value(field, one), layout) for field, heading in layout.columns.items()}
    return found | dict(layout.fixed)


def _value(field: str, one: Kept) -> Cell:
    if field in _PLAIN:
        return _PLAIN[field](one)
    first, _, group = field.partition(".")
    sexes = [sex for sex in Sex if first in {sex.value, "age"}]
    counts = [one.report.counts.get(sex, {}) for sex in sexes]
    return sum(ages.get(group, 0) if group else sum(ages.values()) for ages in counts)


def _shown(field: str, value: Cell, layout: Layout) -> str | int | float | None:
    if isinstance(value, date):
        return value.strftime(layout.day_form) if layout.day_form else value.isoformat()
    return layout.codes.get(field, {}).get(str(value), value) if isinstance(value, str) else value
