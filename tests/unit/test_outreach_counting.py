"""R26: what the public sees of lessons held."""

from datetime import date

from service.outreach.counting import Figure, Shown, cut_of, figures, held_before, settle
from service.outreach.model import Cell, Sum

GROUPS = ("5-12", "18+")


def shown(dimension: str, **sums: tuple[int, int]) -> dict[str, Figure]:
    counted = {Cell(dimension, value.replace("_", "-")): Sum(*one) for value, one in sums.items()}
    return {one.cell.value: one for one in figures(counted, GROUPS) if one.cell.dimension == dimension}


def people(dimension: str, **sums: tuple[int, int]) -> dict[str, int | str | None]:
    return {value: one.people for value, one in shown(dimension, **sums).items()}


def test_r26_counts_are_rounded_to_ten_and_small_ones_are_not_told_from_none() -> None:
    assert people("sex", female=(104, 9), male=(97, 9)) == {"female": 100, "male": 100, "unknown": "<20"}


def test_r26_a_count_of_two_classes_is_not_shown_nor_the_one_that_would_give_it_away() -> None:
    found = shown("place_type", school=(300, 12), camp=(60, 2), home=(40, 5), other=(200, 4))
    assert {value: one.shown for value, one in found.items() if one.shown is not Shown.FEW} == {
        "school": Shown.ROUNDED,
        "camp": Shown.NOT_SHOWN,
        "home": Shown.NOT_SHOWN,
        "other": Shown.ROUNDED,
    }


def test_r26_a_region_is_listed_only_once_it_has_twenty_people() -> None:
    assert people("region", XA1=(80, 4), XA2=(19, 3), XA9=(90, 4)) == {"XA1": None, "XA9": 90}


def test_r26_a_sum_stands_until_it_has_moved_by_twenty_people() -> None:
    last = {Cell("sex", "female"): Sum(100, 9), Cell("sex", "male"): Sum(100, 9)}
    now = {Cell("sex", "female"): Sum(119, 12), Cell("sex", "male"): Sum(120, 12), Cell("sex", "unknown"): Sum(19, 2)}
    assert settle(now, last) == {Cell("sex", "female"): Sum(100, 9), Cell("sex", "male"): Sum(120, 12)}


def test_figures_stand_for_a_quarter_and_come_three_months_late() -> None:
    assert [cut_of(date(2026, *day)) for day in ((1, 1), (3, 31), (11, 2), (12, 31))] == [
        date(2026, 1, 1),
        date(2026, 1, 1),
        date(2026, 10, 1),
        date(2026, 10, 1),
    ]
    assert held_before(date(2026, 1, 1), 3) == date(2025, 10, 1)
    assert held_before(date(2026, 10, 1), 10) == date(2025, 12, 1)
