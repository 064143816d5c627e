"""Who may do what to an alert, and where planning goes next."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from service.alerts import rules
from service.alerts.model import Act, Alert, Draft, Phase, Reason, State
from service.delivery.model import Message, Severity
from service.operators.model import Operator, Role

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNA, BORYS, CLARA = UUID(int=1), UUID(int=2), UUID(int=3)


def an_alert(state: State, *, author: UUID = ANNA, submitter: UUID | None = ANNA) -> Alert:
    draft = Draft(UUID(int=9), "hazard_near", Severity.SEVERE, exercise=False, reach_m=5000, place="X", place_names={})
    return Alert(
        id=UUID(int=8),
        lineage=UUID(int=8),
        revision=1,
        message=Message.WARNING,
        follows=None,
        state=state,
        draft=draft,
        author_id=author,
        submitter_id=submitter,
        approver_id=None,
        created_at=NOW,
        content=None,
        approved_at=None,
        expires_at=None,
        snapshot=None,
    )


def somebody(person: UUID) -> Operator:
    return Operator(person, "somebody", frozenset(Role), NOW)


@pytest.mark.parametrize("person", [ANNA, BORYS])
def test_r17_neither_author_nor_submitter_ever_approves(person: UUID) -> None:
    alert = an_alert(State.SUBMITTED, author=ANNA, submitter=BORYS)
    assert rules.why_not(alert, Act.APPROVE, somebody(person)) is Reason.SAME_PERSON


def test_r17_a_second_person_approves() -> None:
    assert rules.why_not(an_alert(State.SUBMITTED), Act.APPROVE, somebody(CLARA)) is None


def test_nothing_but_the_table_changes_a_state() -> None:
    for state, act in product(State, Act):
        allowed = rules.why_not(an_alert(state), act, somebody(CLARA)) is None
        assert allowed == ((state, act) in rules.TRANSITIONS)


def test_r17_whatever_may_reach_phones_can_be_withdrawn_by_one_person() -> None:
    for state in rules.TOLD | {State.SUBMITTED}:
        assert rules.why_not(an_alert(state), Act.WITHDRAW, somebody(ANNA)) is None


def test_nothing_is_approved_that_nobody_submitted() -> None:
    ways = {state for (state, act), to in rules.TRANSITIONS.items() if to is State.APPROVED}
    assert ways == {State.SUBMITTED}


def test_rejected_and_withdrawn_are_ends() -> None:
    assert not {state for state, _ in rules.TRANSITIONS} & {State.REJECTED, State.WITHDRAWN}


def test_r20_time_makes_an_alert_old_never_over() -> None:
    ended = NOW - timedelta(seconds=1)
    assert rules.phase(State.SENT, ended, now=NOW) is Phase.OUT_OF_DATE
    assert rules.phase(State.SENT, NOW + timedelta(days=1), now=NOW) is Phase.LIVE
    assert rules.phase(State.WITHDRAWN, ended, now=NOW) is Phase.WITHDRAWN
