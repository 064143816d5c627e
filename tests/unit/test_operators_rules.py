"""Who may change rights and keys."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from service.operators.model import CHANGE_LIFE, Act, Change, Operator, Reason, Role
from service.operators.rules import after, fold, must_wait, trim, why_not_ask, why_not_confirm
from service.operators.words import refusal
from tests.conftest import NOW

ADMIN, BOTH = frozenset({Role.ADMIN}), frozenset({Role.ADMIN, Role.AUTHOR})
AUTHOR = frozenset({Role.AUTHOR})


def a_person(number: int, roles: frozenset[Role] = ADMIN, *, revoked: bool = False) -> Operator:
    return Operator(UUID(int=number), f"Person {number}", roles, NOW, NOW if revoked else None)


def a_change(
    act: Act = Act.ADD, *, by: int | None = 1, of: int | None = None, roles: frozenset[Role] | None = None
) -> Change:
    name = "Somebody" if act is Act.ADD else None
    wanted = roles if roles is not None or act not in {Act.ADD, Act.ROLES} else AUTHOR
    asker, subject = (None if number is None else UUID(int=number) for number in (by, of))
    return Change(UUID(int=99), act, NOW, asker, operator_id=subject, name=name, roles=wanted)


def asked(staff: Iterable[Operator], change: Change, *, waiting: Iterable[Change] = ()) -> Reason | None:
    return why_not_ask(list(staff), change, waiting=list(waiting))


PAIR = [a_person(1), a_person(2)]


def test_the_first_operator_needs_no_key_but_must_be_an_admin() -> None:
    assert asked([], a_change(by=None, roles=BOTH)) is None
    assert asked([], a_change(by=None, roles=AUTHOR)) is Reason.FIRST_NEEDS_ADMIN


def test_from_the_first_operator_on_nobody_changes_rights_without_an_admins_key() -> None:
    staff = [*PAIR, a_person(3, AUTHOR)]
    assert asked(staff, a_change(by=None)) is Reason.KEY_MISSING
    assert asked(staff, a_change(by=3)) is Reason.ROLE_MISSING
    assert asked([*staff, a_person(4, revoked=True)], a_change(by=4)) is Reason.ROLE_MISSING


def test_r17_a_change_waits_for_a_second_person_once_two_operators_exist() -> None:
    assert not must_wait([])
    assert not must_wait([a_person(1)])
    assert must_wait(PAIR)
    assert not must_wait([a_person(1), a_person(2, revoked=True)])


def test_r17_who_asked_never_confirms() -> None:
    assert why_not_confirm(PAIR, a_change(by=1), by=PAIR[0], now=NOW) is Reason.SAME_PERSON
    assert why_not_confirm(PAIR, a_change(by=1), by=PAIR[1], now=NOW) is None


def test_a_change_is_judged_as_things_stand_when_it_is_confirmed() -> None:
    third = a_person(3)
    gone = [a_person(1, revoked=True), PAIR[1], third]
    assert why_not_confirm(gone, a_change(by=1), by=PAIR[1], now=NOW) is Reason.ASKER_GONE
    lowered = [PAIR[0], a_person(2, AUTHOR), third]
    assert why_not_confirm(lowered, a_change(by=1), by=PAIR[1], now=NOW) is Reason.ROLE_MISSING
    assert why_not_confirm(PAIR, a_change(Act.REVOKE, of=5), by=PAIR[1], now=NOW) is Reason.OPERATOR_UNKNOWN
    assert why_not_confirm(PAIR, a_change(), by=PAIR[1], now=NOW + CHANGE_LIFE) is Reason.CHANGE_EXPIRED


def test_the_second_operator_must_be_an_admin_or_no_later_change_could_be_confirmed() -> None:
    assert asked([a_person(1)], a_change(roles=AUTHOR)) is Reason.TOO_FEW_ADMINS
    assert asked([a_person(1)], a_change(roles=BOTH)) is None


@pytest.mark.parametrize(
    ("staff", "change"),
    [
        ([a_person(1)], a_change(Act.REVOKE, of=1)),
        ([a_person(1)], a_change(Act.ROLES, of=1, roles=AUTHOR)),
    ],
)
def test_no_change_leaves_nobody_who_is_admin(staff: list[Operator], change: Change) -> None:
    assert asked(staff, change) is Reason.LAST_ADMIN


def test_of_several_operators_two_stay_admins() -> None:
    staff = [*PAIR, a_person(3, AUTHOR)]
    assert asked(staff, a_change(Act.REVOKE, of=2)) is Reason.TOO_FEW_ADMINS
    assert asked(staff, a_change(Act.ROLES, of=2)) is Reason.TOO_FEW_ADMINS
    assert asked(PAIR, a_change(Act.REVOKE, of=2)) is None


def test_two_names_that_look_alike_are_one_name() -> None:
    assert fold(" OLENA  K.") == fold("olena k.")
    assert fold("\uff2f\uff4c\uff45\uff4e\uff41") == fold("Olena")  # full-width letters
    assert trim("  Olena\tK. ") == "Olena K."
    taken = Change(UUID(int=9), Act.ADD, NOW, UUID(int=1), name="PERSON 1", roles=AUTHOR)
    assert asked(PAIR, taken) is Reason.NAME_TAKEN
    revoked = [*PAIR, a_person(3, revoked=True)]
    again = Change(UUID(int=9), Act.ADD, NOW, UUID(int=1), name="person 3", roles=AUTHOR)
    assert asked(revoked, again) is Reason.NAME_TAKEN


@pytest.mark.parametrize("name", ["", "a" * 81, "two\nlines", "null\x00", "right\u202eleft"])
def test_a_name_is_short_and_can_be_read(name: str) -> None:
    change = Change(UUID(int=9), Act.ADD, NOW, UUID(int=1), name=name, roles=AUTHOR)
    assert asked(PAIR, change) is Reason.NAME_UNFIT


def test_a_change_is_asked_for_once_until_it_lapses() -> None:
    waiting = a_change(Act.REVOKE, by=2, of=1)
    assert asked([*PAIR, a_person(3)], a_change(Act.REVOKE, of=1), waiting=[waiting]) is Reason.CHANGE_WAITS
    late = Change(UUID(int=98), Act.REVOKE, NOW + CHANGE_LIFE, UUID(int=3), operator_id=UUID(int=1))
    assert asked([*PAIR, a_person(3)], late, waiting=[waiting]) is None
    assert asked(PAIR, a_change(), waiting=[a_change(by=2)]) is Reason.CHANGE_WAITS


def test_nothing_is_asked_of_operators_who_are_not_there() -> None:
    staff = [*PAIR, a_person(3, AUTHOR, revoked=True)]
    assert asked(staff, a_change(Act.NEW_KEY, of=3)) is Reason.OPERATOR_REVOKED
    assert asked(staff, a_change(Act.NEW_KEY, of=7)) is Reason.OPERATOR_UNKNOWN
    assert asked(staff, a_change(Act.ROLES, of=2, roles=ADMIN)) is Reason.NOTHING_CHANGES
    assert asked(staff, a_change(Act.ROLES, of=2, roles=frozenset())) is Reason.NO_ROLE


def test_a_change_does_what_it_says_and_no_more() -> None:
    added = after(PAIR, a_change())[-1]
    assert (added.id, added.name, added.roles) == (UUID(int=99), "Somebody", AUTHOR)
    given = after(PAIR, a_change(Act.ROLES, of=2, roles=BOTH))
    assert [one.roles for one in given] == [ADMIN, BOTH]
    ended = after(PAIR, a_change(Act.REVOKE, of=2))
    assert [one.active for one in ended] == [True, False]
    assert after(PAIR, a_change(Act.NEW_KEY, of=2)) == tuple(PAIR)


def test_every_refusal_says_what_is_wrong_and_how_to_mend_it() -> None:
    for reason in Reason:
        refused = refusal(reason)
        assert refused.name == reason.value
        assert refused.detail.endswith(".")
        assert refused.remedy


def test_a_confirmed_change_is_not_confirmed_again() -> None:
    done = Change(UUID(int=9), Act.REVOKE, NOW, UUID(int=1), UUID(int=2), confirmed_by=UUID(int=2), confirmed_at=NOW)
    assert why_not_confirm(PAIR, done, by=PAIR[1], now=NOW + timedelta(hours=1)) is Reason.CHANGE_DONE
