"""Which of those whom a push brought no sign of life from get a text, and when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.delivery import rules
from service.delivery.model import Fate
from service.delivery.rules import Sent

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = 10 * MINUTE


def sent(fates: str, received: str = "", decided: str = "", *, planned: int = 0, finished: int | None = 0) -> Sent:
    """How far a push got that was planned, and sent to its end, so many minutes ago."""
    return Sent(fates, received, decided, NOW - planned * MINUTE, None if finished is None else NOW - finished * MINUTE)


def going(push: Sent) -> str:
    places, _ = rules.goes_on(push, patience=PATIENCE, now=NOW)
    return "".join(push.fates[place] for place in places)


def test_whom_the_push_cannot_reach_gets_a_text_at_once_and_who_was_taken_after_the_patience() -> None:
    assert going(sent("adrxgsh")) == "drxg"
    assert going(sent("adrxgsh", finished=9, planned=20)) == "drxg"
    assert going(sent("adrxgsh", finished=10, planned=20)) == "adrxg"


def test_a_push_that_waits_in_an_outage_goes_on_by_text_once_the_patience_has_passed_since_planning() -> None:
    assert going(sent("wwa", planned=9, finished=None)) == ""
    assert going(sent("wwa", planned=10, finished=None)) == "ww"
    assert going(sent("wwa", planned=20, finished=None)) == "wwa"


def test_a_verified_receipt_stops_escalation_whatever_the_provider_said() -> None:
    assert going(sent("adxwrg", "111111", planned=60, finished=30)) == ""
    assert going(sent("adxwrg", "1", planned=60, finished=30)) == "dxwrg"


def test_who_is_decided_on_never_gets_a_second_text() -> None:
    assert going(sent("addd", decided="0110", planned=60, finished=30)) == "ad"


LIVES = st.lists(st.tuples(st.sampled_from("wadrxg"), st.booleans()), min_size=1, max_size=8)


@given(st.lists(LIVES, min_size=1, max_size=6), st.lists(st.integers(0, 30), min_size=6, max_size=6))
def test_in_any_course_of_a_push_everybody_without_a_receipt_gets_one_text_and_nobody_two(
    looks: list[list[tuple[str, bool]]], waits: list[int]
) -> None:
    size = len(looks[0])
    fates, received, decided, texts = "w" * size, "0" * size, "", [0] * size
    now = NOW
    heard_first = [False] * size
    for look, wait in zip(looks, waits, strict=False):
        now += wait * MINUTE
        for place, (letter, heard) in enumerate(look[:size]):
            if fates[place] == Fate.WAITING:
                fates = fates[:place] + letter + fates[place + 1 :]
            if heard:
                received = received[:place] + "1" + received[place + 1 :]
                heard_first[place] |= texts[place] == 0
        places, decided = rules.goes_on(Sent(fates, received, decided, NOW, None), patience=PATIENCE, now=now)
        for place in places:
            texts[place] += 1
    end = Sent(fates.replace("w", "x"), received, decided, NOW, now)
    places, decided = rules.goes_on(end, patience=PATIENCE, now=now + PATIENCE)
    for place in places:
        texts[place] += 1
    assert "0" not in decided
    needs = [not heard for heard in heard_first]
    assert texts == [int(need) for need in needs]
