"""R26: neither one release of figures nor two that follow each other give anybody away."""

from hypothesis import given
from hypothesis import strategies as st

from service.kit.counts import FEWEST, STEP
from service.outreach.counting import Figure, Shown, figures, settle
from service.outreach.model import Cell, Delivery, PlaceType, Sex, Sum

GROUPS = ("5-12", "13-17", "18+")
VALUES = {
    "sex": tuple(Sex),
    "age": GROUPS,
    "delivery": tuple(Delivery),
    "place_type": tuple(PlaceType),
    "region": ("XA1", "XA2", "XA9"),
}
CELLS = [Cell(dimension, str(value)) for dimension, values in VALUES.items() for value in values]
SUMS = st.builds(Sum, st.integers(1, 200), st.integers(1, 8))
STATES = st.dictionaries(st.sampled_from(CELLS), SUMS)


def dimensions(shown: list[Figure]) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for one in shown:
        found.setdefault(one.cell.dimension, []).append(one)
    return found


@given(STATES, STATES, st.data())
def test_r26_one_person_more_or_less_between_two_releases_is_never_seen(
    first: dict[Cell, Sum], second: dict[Cell, Sum], data: st.DataObject
) -> None:
    stands = settle(second, settle(first, {}))
    before = figures(stands, GROUPS)
    touched = data.draw(st.lists(st.sampled_from(CELLS), unique=True, max_size=len(CELLS)))
    later = dict(stands)
    for cell in touched:
        one = later.get(cell, Sum())
        later[cell] = Sum(max(0, one.people + data.draw(st.sampled_from((-1, 1)))), one.reports + 1)
    assert figures(settle(later, stands), GROUPS) == before


@given(st.lists(STATES, min_size=2, max_size=5))
def test_r26_whatever_changes_from_release_to_release_has_moved_by_twenty_people_or_covers_what_has(
    states: list[dict[Cell, Sum]],
) -> None:
    stands: dict[Cell, Sum] = {}
    for counted in states:
        now = settle(counted, stands)
        for cell in now.keys() | stands.keys():
            moved = abs(now.get(cell, Sum()).people - stands.get(cell, Sum()).people)
            assert moved == 0 or moved >= FEWEST
        stands = now


@given(STATES)
def test_r26_every_figure_is_a_multiple_of_ten_few_or_not_shown(counted: dict[Cell, Sum]) -> None:
    for one in figures(settle(counted, {}), GROUPS):
        match one.shown:
            case Shown.ROUNDED:
                assert isinstance(one.people, int)
                assert one.people >= FEWEST
                assert one.people % STEP == 0
            case Shown.FEW:
                assert one.people == f"<{FEWEST}"
            case Shown.NOT_SHOWN:
                assert one.people is None


@given(STATES)
def test_r26_no_class_alone_is_the_difference_of_the_whole_and_the_rest(counted: dict[Cell, Sum]) -> None:
    stands = settle(counted, {})
    for dimension, shown in dimensions(figures(stands, GROUPS)).items():
        held = [stands.get(one.cell, Sum()) for one in shown]
        hidden = [
            one.people
            for one, figure in zip(held, shown, strict=True)
            if one.people and figure.shown is not Shown.ROUNDED
        ]
        rounded = [one for one, figure in zip(held, shown, strict=True) if figure.shown is Shown.ROUNDED]
        assert all(one.reports > 2 for one in rounded), dimension
        assert not hidden or not rounded or (len(hidden) > 1 and sum(hidden) >= 2 * FEWEST), dimension


@given(STATES)
def test_r26_that_a_line_is_there_tells_of_nobody(counted: dict[Cell, Sum]) -> None:
    listed = {one.cell for one in figures(settle(counted, {}), GROUPS)}
    always = {one.cell for one in figures({}, GROUPS)}
    assert all(counted[cell].people >= FEWEST for cell in listed - always)
