"""What follows from what the ledger says of a text; and what a report can and cannot change."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.delivery import payload, texts
from service.delivery.model import Accepted, Bulletin, Fate, Message, Severity, Text, TryLater, Unproved
from service.delivery.sms import Arrival, Taken, Unanswered
from service.delivery.texts import Ask, Close, Entry, Hand, State, Step

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def entry(state: State, *, handed: int = 1, age: float = 0, ids: tuple[str, ...] = ()) -> Entry:
    return Entry(1, "north", state, handed, NOW - timedelta(seconds=age), ids)


OLD = entry(State.ASKED, age=61)
TWICE = entry(State.UNANSWERED, handed=2, age=61)
NAMED = entry(State.UNANSWERED, age=61, ids=("a",))


@pytest.mark.parametrize(
    ("known", "step"),
    [
        (None, Hand(0)),
        (entry(State.WAITING, handed=0), Hand(0)),
        (entry(State.REFUSED, handed=0), Hand(0)),
        (entry(State.TAKEN, ids=("a", "b")), Accepted("b")),
        (entry(State.DELIVERED), Accepted("")),
        (entry(State.FAILED), Unproved("failed")),
        (entry(State.UNKNOWN, handed=2), Unproved("unknown")),
        (entry(State.ASKED, age=20), TryLater(timedelta(seconds=40), "unanswered")),
        (entry(State.UNANSWERED, age=59.5), TryLater(timedelta(seconds=0.5), "unanswered")),
        (entry(State.ASKED, age=-3_600), TryLater(timedelta(seconds=60), "unanswered")),  # a clock that was set back
        (OLD, Hand(1)),
        (TWICE, Close(TWICE)),
        (NAMED, Ask(NAMED, Hand(1))),
    ],
)
def test_what_is_known_of_a_text_decides_whether_it_goes_out(known: Entry | None, step: Step) -> None:
    assert texts.next_step(known, now=NOW) == step


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("arrival", list(Arrival))
@pytest.mark.parametrize("is_last", [True, False])
def test_a_report_heard_twice_says_no_more_than_once(state: State, arrival: Arrival, *, is_last: bool) -> None:
    once = texts.heard(state, arrival, is_last=is_last)
    assert texts.heard(once, arrival, is_last=is_last) is once


@pytest.mark.parametrize("arrival", list(Arrival))
@pytest.mark.parametrize("is_last", [True, False])
def test_what_was_delivered_stays_delivered_whatever_is_reported_later(arrival: Arrival, *, is_last: bool) -> None:
    assert texts.heard(State.DELIVERED, arrival, is_last=is_last) is State.DELIVERED


@pytest.mark.parametrize("state", sorted(texts.OPEN))
@pytest.mark.parametrize("arrival", list(Arrival))
def test_the_report_of_one_part_never_settles_a_text_in_doubt(state: State, arrival: Arrival) -> None:
    assert texts.heard(state, arrival, is_last=False) is state


@pytest.mark.parametrize(
    ("ids", "segments", "one_id", "last"),
    [
        (("a", "b", "c"), 3, False, "c"),
        (("a", "b"), 3, False, None),
        (("ours",), 3, True, "ours"),
        ((), 1, False, None),
    ],
)
def test_an_id_stands_for_a_text_in_doubt_only_if_all_parts_have_one(
    ids: tuple[str, ...], segments: int, last: str | None, *, one_id: bool
) -> None:
    assert texts.last_of(Unanswered(ids, "lost"), segments, one_id=one_id) == last
    assert texts.last_of(Taken(ids), segments, one_id=one_id) == (ids[-1] if ids else None)


@pytest.mark.parametrize(
    ("known", "fate"),
    [
        (None, Fate.STOPPED),
        (entry(State.WAITING, handed=0), Fate.STOPPED),
        (entry(State.WAITING), Fate.EXHAUSTED),
        (entry(State.TAKEN), Fate.ACCEPTED),
        (entry(State.ASKED), Fate.EXHAUSTED),
        (entry(State.UNKNOWN), Fate.EXHAUSTED),
    ],
)
def test_r19_whoever_a_text_may_have_reached_is_not_counted_as_never_told(known: Entry | None, fate: Fate) -> None:
    assert texts.left(known, otherwise=Fate.STOPPED) is fate


@pytest.mark.parametrize(
    ("severity", "left", "hours"),
    [
        (Severity.EXTREME, 48, 6),
        (Severity.SEVERE, 48, 12),
        (Severity.MODERATE, 48, 24),
        (Severity.MINOR, 48, 24),
        (Severity.MINOR, 3, 3),
        (Severity.EXTREME, -1, 0),
    ],
)
def test_the_more_urgent_a_text_the_sooner_it_is_out_of_date_and_never_later_than_its_warning(
    severity: Severity, left: int, hours: int
) -> None:
    told = Bulletin(
        alert_id=UUID(int=1), lineage=UUID(int=1), revision=3, message=Message.UPDATE, severity=severity,
        exercise=False, zone_id=None, reach_m=0, issued_at=NOW, expires_at=NOW + timedelta(hours=left),
    )  # fmt: skip
    made = payload.encode_sms(told, Text("en", "ltr", "", "", "Stop."), rank=7, now=NOW)
    assert made.ttl == timedelta(hours=hours)
    assert (made.body, made.rank, dict(made.data)) == ("Stop.", 7, {"template": "alert-update", "revision": "3"})
