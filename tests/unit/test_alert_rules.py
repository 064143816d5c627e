"""Who may do what to an alert, and where planning goes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from service.alerts import rules
from service.alerts.later_texts import TAKEN_BACK
from service.alerts.model import Act, Alert, Draft, Phase, Reason, State
from service.alerts.texts import Wrong
from service.delivery.model import Message, Severity
from service.kit.errors import Refused
from service.operators.model import Operator, Role

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNA, BORYS, CLARA = UUID(int=1), UUID(int=2), UUID(int=3)


def an_alert(
    state: State,
    *,
    author: UUID = ANNA,
    submitter: UUID | None = ANNA,
    message: Message = Message.WARNING,
    template: str = "hazard_near",
) -> Alert:
    draft = Draft(UUID(int=9), template, Severity.SEVERE, exercise=False, reach_m=5000, place="X", place_names={})
    return Alert(
        id=UUID(int=8),
        lineage=UUID(int=8),
        revision=1,
        message=message,
        follows=None,
        state=state,
        draft=draft,
        author_id=author,
        submitter_id=submitter,
        approver_id=None,
        created_at=NOW,
        content=None,
        approved_at=NOW if state in {*rules.TOLD, State.WITHDRAWN, State.REPLACED} else None,
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
        reasons = {rules.why_not(an_alert(state, message=message), act, somebody(CLARA)) for message in Message}
        assert (None in reasons) == ((state, act) in rules.TRANSITIONS)


@pytest.mark.parametrize(
    ("message", "followers"),
    [
        (Message.WARNING, {Act.UPDATE, Act.CORRECT, Act.END}),
        (Message.UPDATE, {Act.UPDATE, Act.CORRECT, Act.END}),
        (Message.CORRECTION, {Act.CORRECT}),
        (Message.END, {Act.CORRECT}),
    ],
)
def test_r20_only_what_warns_is_updated_or_ended_and_everything_can_be_taken_back(
    message: Message, followers: set[Act]
) -> None:
    alert = an_alert(State.SENT, message=message)
    assert {act for act in rules.FOLLOWING if rules.why_not(alert, act, somebody(ANNA)) is None} == followers


def test_what_was_never_told_has_nothing_to_correct() -> None:
    never_told = replace(an_alert(State.WITHDRAWN), approved_at=None)
    assert rules.why_not(never_told, Act.CORRECT, somebody(ANNA)) is Reason.NOT_NOW
    assert rules.why_not(an_alert(State.WITHDRAWN), Act.CORRECT, somebody(ANNA)) is None


def test_r20_only_what_warns_grows_old_and_is_renewed() -> None:
    for message in (Message.CORRECTION, Message.END):
        assert rules.why_not(an_alert(State.SENT, message=message), Act.RENEW, somebody(ANNA)) is Reason.NOT_NOW
    stands = an_alert(State.SENT, message=Message.CORRECTION, template=TAKEN_BACK)
    assert rules.why_not(stands, Act.RENEW, somebody(ANNA)) is None
    assert rules.phase(stands, NOW + timedelta(days=1), now=NOW) is Phase.LIVE


@pytest.mark.parametrize("message", [Message.CORRECTION, Message.END])
def test_who_takes_back_an_end_or_a_correction_says_that_the_warning_stands(message: Message) -> None:
    alert = an_alert(State.SENT, message=message, template="end_cleared")
    assert rules.correcting(alert, Wrong.MISTAKE) == TAKEN_BACK
    with pytest.raises(Refused, match="only have been sent by mistake"):
        rules.correcting(alert, Wrong.PLACE)


def test_r17_whatever_may_reach_phones_can_be_withdrawn_by_one_person() -> None:
    for state in rules.TOLD | {State.SUBMITTED}:
        assert rules.why_not(an_alert(state), Act.WITHDRAW, somebody(ANNA)) is None


def test_nothing_is_approved_that_nobody_submitted() -> None:
    ways = {(state, act) for (state, act), to in rules.TRANSITIONS.items() if to is State.APPROVED is not state}
    assert ways == {(State.SUBMITTED, Act.APPROVE), (State.DRAFT, Act.CONFIRM)}
    for message in (Message.WARNING, Message.UPDATE, Message.END):
        assert rules.why_not(an_alert(State.DRAFT, message=message), Act.CONFIRM, somebody(CLARA)) is Reason.NOT_NOW


def test_rejected_and_replaced_are_ends_and_after_a_withdrawal_comes_only_its_correction() -> None:
    assert not {state for state, _ in rules.TRANSITIONS} & {State.REJECTED, State.REPLACED}
    assert {act for state, act in rules.TRANSITIONS if state is State.WITHDRAWN} == {Act.CORRECT}


def test_r20_time_makes_an_alert_old_never_over() -> None:
    ended = NOW - timedelta(seconds=1)
    assert rules.phase(an_alert(State.SENT), ended, now=NOW) is Phase.OUT_OF_DATE
    assert rules.phase(an_alert(State.SENT), NOW + timedelta(days=1), now=NOW) is Phase.LIVE
    assert rules.phase(an_alert(State.WITHDRAWN), ended, now=NOW) is Phase.WITHDRAWN
    assert rules.phase(an_alert(State.SENT, message=Message.CORRECTION), ended, now=NOW) is Phase.WITHDRAWN
    assert rules.phase(an_alert(State.SENT, message=Message.END), ended, now=NOW) is Phase.ENDED
