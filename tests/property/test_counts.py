"""R26: nobody can tell from the figures whether one person more was warned."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.alerts.counting import Counts
from service.delivery.records import Tally, TextFate
from service.kit.counts import FEWEST, STEP, blur

PEOPLE = st.integers(0, 5_000)


@st.composite
def tallies(draw: st.DrawFn) -> list[Tally]:
    """One entry a ring, language and channel, as the store gives them."""
    places = st.tuples(st.integers(0, 3), st.sampled_from(("en", "uk")), st.sampled_from(("fcm", "webpush", "sms")))
    made = []
    for ring, language, channel in sorted(draw(st.sets(places, min_size=1, max_size=8))):
        planned = draw(PEOPLE)
        accepted = draw(st.integers(0, planned))
        dead = draw(st.integers(0, planned - accepted))
        received = draw(st.integers(0, accepted))
        made.append(Tally(ring, language, channel, planned, accepted, dead, planned - accepted - dead, received))
    return made


TEXTS = TextFate(delivered=33, doubled=4, unknown=5, parked=25)


def figures(counts: Any) -> list[int | str]:
    """Every figure that is shown, in order; names and rings left out."""
    match counts:
        case dict():
            return [
                one
                for key, value in counts.items()
                if key not in {"ring", "language", "channel"}
                for one in figures(value)
            ]
        case list():
            return [one for value in counts for one in figures(value)]
        case None:
            return []
        case _:
            return [counts]


def of(tallied: list[Tally], unverified: int = 0) -> list[int | str]:
    return figures(Counts.of(tallied, unverified=unverified, texts=TEXTS).model_dump(mode="json"))


@given(tallies(), st.integers(0, 100))
def test_r26_every_figure_is_a_multiple_of_ten_or_fewer_than_twenty(tallied: list[Tally], unverified: int) -> None:
    assert all(
        one == f"<{FEWEST}" or (isinstance(one, int) and one >= FEWEST and one % STEP == 0)
        for one in of(tallied, unverified)
    )


@given(tallies(), st.data())
def test_r26_one_registration_more_changes_a_figure_only_at_a_rounding_boundary(
    tallied: list[Tally], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(tallied) - 1))
    one = tallied[at]
    more = [*tallied]
    more[at] = replace(one, planned=one.planned + 1, accepted=one.accepted + 1, received=one.received + 1)
    before, after = Counts.of(tallied, unverified=0), Counts.of(more, unverified=0)
    exact = sum(tally.planned for tally in tallied)
    at_boundary = (exact + 1 + STEP // 2) % STEP == 0 or exact + 1 == FEWEST
    assert (before.planned != after.planned) == (at_boundary and exact + 1 >= FEWEST)
    changed = [pair for pair in zip(of(tallied), of(more), strict=True) if pair[0] != pair[1]]
    for old, new in changed:
        assert (old, new) == (f"<{FEWEST}", FEWEST) or new == int(old) + STEP


@given(tallies(), st.data())
def test_r26_figures_of_a_dimension_the_person_is_not_in_do_not_move(tallied: list[Tally], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(tallied) - 1))
    more = [*tallied]
    more[at] = replace(tallied[at], planned=tallied[at].planned + 1)
    before, after = Counts.of(tallied, unverified=0), Counts.of(more, unverified=0)
    others = [
        (old, new) for old, new in zip(before.by_ring, after.by_ring, strict=True) if old.ring != tallied[at].ring
    ]
    assert all(old == new for old, new in others)
    assert (before.accepted, before.received, before.by_language[0].accepted) == (
        after.accepted,
        after.received,
        after.by_language[0].accepted,
    )


@given(st.integers(0, 10_000))
def test_r26_a_blurred_count_never_goes_back_when_people_join(count: int) -> None:
    def size(shown: int | str) -> int:
        return 0 if isinstance(shown, str) else shown

    assert size(blur(count)) <= size(blur(count + 1)) <= size(blur(count)) + (FEWEST if count + 1 == FEWEST else STEP)


@given(tallies(), st.integers(20, 1_000))
def test_unverified_receipts_change_no_other_figure(tallied: list[Tally], unverified: int) -> None:
    without, alone = Counts.of(tallied, unverified=0), Counts.of(tallied, unverified=unverified)
    assert alone.model_dump(exclude={"unverified"}) == without.model_dump(exclude={"unverified"})
    assert alone.unverified == blur(unverified)
