"""Decides which figures the public may see, so that neither one release nor the next gives anybody away (R26); pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.kit.counts import FEWEST, blur
from service.outreach.model import Cell, Delivery, Method, PlaceType, Sex, Sum

FEWEST_REPORTS = 3
"""A count of one or two classes is a class that the neighbours know."""

ALL = "all"
_FIXED: Mapping[str, tuple[str, ...]] = {
    ALL: (ALL,),
    "delivery": tuple(Delivery),
    "sex": tuple(Sex),
    "method": tuple(Method),
    "place_type": tuple(PlaceType),
}
"""Values that are always listed, whether anybody was counted or not: that a line appears tells nothing."""


class Shown(StrEnum):
    """How a count is shown: rounded, only that it is small (nobody at all included), or not at all."""

    ROUNDED = "rounded"
    FEW = "few"
    NOT_SHOWN = "not-shown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the public's figures; `people` as R26 has it, None where it is not shown."""

    cell: Cell
    shown: Shown
    people: int | str | None


def cut_of(today: date) -> date:
    """Return the day since which the figures of today are shown: the first of the quarter."""
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def held_before(cut: date, months_late: int) -> date:
    """Return the day before which sessions count in a release."""
    months = cut.year * 12 + cut.month - 1 - months_late
    return date(months // 12, months % 12 + 1, 1)


def settle(counted: Mapping[Cell, Sum], last: Mapping[Cell, Sum]) -> dict[Cell, Sum]:
    """Return the sums that the next release stands on: each as in the last one until it has moved by 20 people.

    So two successive releases never differ by one person, or by one class of fewer than 20.
    """
    found: dict[Cell, Sum] = {}
    for cell in counted.keys() | last.keys():
        now, before = counted.get(cell, Sum()), last.get(cell, Sum())
        found[cell] = now if abs(now.people - before.people) >= FEWEST else before
    return {cell: one for cell, one in sorted(found.items()) if one.people}


def figures(counted: Mapping[Cell, Sum], groups: Iterable[str]) -> list[Figure]:
    """Return what may be shown, one dimension at a time; `groups` are the age groups that are always listed."""
    fixed = {**_FIXED, "age": tuple(groups)}
    dimensions = dict.fromkeys((*fixed, *(cell.dimension for cell in counted)))
    return [one for dimension in dimensions for one in _dimension(dimension, counted, fixed.get(dimension, ()))]


def _dimension(dimension: str, counted: Mapping[Cell, Sum], always: tuple[str, ...]) -> list[Figure]:
    sums = dict.fromkeys(always, Sum())
    sums |= {cell.value: one for cell, one in counted.items() if cell.dimension == dimension}
    hidden = _hidden(sums)
    # A line that is not always there comes only with 20 people: that it comes must not tell of one.
    listed = {value: one for value, one in sums.items() if one.people >= FEWEST or value in always}
    return [_figure(Cell(dimension, value), one, is_hidden=value in hidden) for value, one in listed.items()]


def _hidden(sums: Mapping[str, Sum]) -> frozenset[str]:
    """Return the values that are not shown: those of too few reports, and as many more as no sum tells them apart.

    One that is hidden alone would be the difference of the whole and the others. Who is counted nowhere needs no cover.
    """
    hidden = {value for value, one in sums.items() if one.people and _is_small(one)}
    visible = sorted(
        (value for value, one in sums.items() if one.people and value not in hidden),
        key=lambda value: (sums[value].people, value),
        reverse=True,
    )
    while hidden and visible and not _is_covered([sums[value].people for value in hidden]):
        hidden.add(visible.pop())
    return frozenset(hidden)


def _is_small(one: Sum) -> bool:
    return one.people < FEWEST or one.reports < FEWEST_REPORTS


def _is_covered(hidden: list[int]) -> bool:
    return len(hidden) > 1 and sum(hidden) >= 2 * FEWEST


def _figure(cell: Cell, one: Sum, *, is_hidden: bool) -> Figure:
    if one.people < FEWEST:
        return Figure(cell, Shown.FEW, blur(one.people))
    if is_hidden:
        return Figure(cell, Shown.NOT_SHOWN, None)
    return Figure(cell, Shown.ROUNDED, blur(one.people))
