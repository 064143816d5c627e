"""Operators on a real database: rights and keys by two people, a trail that only grows."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.operators import actions
from service.operators.model import CHANGE_LIFE, Done, Operator, Role, Waiting
from tests.build import an_admin
from tests.conftest import NOW
from tests.integration.looks import everything, refusal

ADMIN = frozenset({Role.ADMIN})


async def added(tx: Tx, asker: Operator | None, name: str, *roles: Role) -> Done:
    done = await actions.add(tx, asker, name, frozenset(roles), now=NOW)
    assert isinstance(done, Done)
    return done


async def pair(tx: Tx) -> tuple[Operator, Operator]:
    """Two admins, as every change after them needs."""
    ana = await an_admin(tx)
    return ana, (await added(tx, ana, "Borys", Role.ADMIN, Role.APPROVER)).operator


def key_of(done: Done) -> str:
    assert done.key is not None
    return done.key.reveal()


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(tx: Tx) -> None:
    key = key_of(await added(tx, None, "Ana", Role.ADMIN))
    assert key.startswith("sf_")
    assert len(key) == len("sf_") + 43
    assert (await actions.authenticate(tx, Hidden(key))).name == "Ana"
    kept = await everything(tx)
    assert "Ana" in kept
    assert key.removeprefix("sf_") not in kept


async def test_no_key_a_wrong_one_and_a_revoked_one_open_nothing(tx: Tx) -> None:
    ana, borys = await pair(tx)
    assert await refusal(actions.authenticate(tx, None)) == "key-missing"
    assert await refusal(actions.authenticate(tx, Hidden(""))) == "key-missing"
    assert await refusal(actions.authenticate(tx, Hidden("sf_wrong"))) == "key-unknown"
    clara = await actions.add(tx, ana, "Clara", ADMIN, now=NOW)
    assert isinstance(clara, Waiting)
    key = Hidden(key_of(await actions.confirm(tx, borys, clara.change.id, now=NOW)))
    assert (await actions.authenticate(tx, key)).name == "Clara"
    ended = await actions.revoke(tx, ana, "Clara", now=NOW)
    assert isinstance(ended, Waiting)
    await actions.confirm(tx, borys, ended.change.id, now=NOW)
    assert await refusal(actions.authenticate(tx, key)) == "key-unknown"


async def test_r17_the_third_operator_waits_for_a_second_admin_who_gets_the_key(tx: Tx) -> None:
    ana, borys = await pair(tx)
    waits = await actions.add(tx, ana, "Clara", frozenset({Role.AUTHOR}), now=NOW)
    assert isinstance(waits, Waiting)
    assert [one.id for one in await actions.waiting(tx, now=NOW)] == [waits.change.id]
    assert {one.name for one in await actions.everybody(tx)} == {"Ana", "Borys"}
    assert await refusal(actions.confirm(tx, ana, waits.change.id, now=NOW)) == "same-person"
    clara = await actions.authenticate(tx, Hidden(key_of(await actions.confirm(tx, borys, waits.change.id, now=NOW))))
    assert (clara.name, clara.roles) == ("Clara", frozenset({Role.AUTHOR}))
    assert await actions.waiting(tx, now=NOW) == []
    assert await refusal(actions.confirm(tx, borys, waits.change.id, now=NOW)) == "change-confirmed-already"


async def test_a_change_that_nobody_confirms_lapses(tx: Tx) -> None:
    ana, borys = await pair(tx)
    waits = await actions.new_key(tx, ana, "Borys", now=NOW)
    assert isinstance(waits, Waiting)
    late = NOW + CHANGE_LIFE
    assert await actions.waiting(tx, now=late) == []
    assert await refusal(actions.confirm(tx, borys, waits.change.id, now=late)) == "change-expired"


async def test_a_new_key_ends_the_old_one(tx: Tx) -> None:
    first = await added(tx, None, "Ana", Role.ADMIN)
    second = await actions.new_key(tx, first.operator, "ana", now=NOW)
    assert isinstance(second, Done)
    assert await refusal(actions.authenticate(tx, first.key)) == "key-unknown"
    assert (await actions.authenticate(tx, second.key)).id == first.operator.id


async def test_roles_are_what_was_given_last(tx: Tx) -> None:
    ana = await an_admin(tx)
    changed = await actions.change_roles(tx, ana, "Ana", frozenset({Role.ADMIN, Role.AUTHOR}), now=NOW)
    assert isinstance(changed, Done)
    assert changed.key is None
    assert (await actions.everybody(tx))[0].roles == {Role.ADMIN, Role.AUTHOR}


async def test_a_role_that_is_missing_is_named(tx: Tx) -> None:
    ana = await an_admin(tx)
    assert actions.demand(ana, (Role.AUTHOR, Role.ADMIN)) is ana
    with pytest.raises(Refused) as caught:
        actions.demand(ana, (Role.AUTHOR, Role.APPROVER))
    assert caught.value.kind is Kind.FORBIDDEN
    assert "author or approver" in caught.value.detail


async def test_two_first_operators_at_once_are_one_first_operator(pool: Pool) -> None:
    async def first(name: str) -> str:
        async with transaction(pool) as tx:
            try:
                await actions.add(tx, None, name, ADMIN, now=NOW)
            except Refused as refused:
                return refused.name
            await asyncio.sleep(0.05)
            return "added"

    assert sorted(await asyncio.gather(*(first(f"Person {number}") for number in range(3)))) == [
        "added",
        "key-missing",
        "key-missing",
    ]


async def test_a_change_is_confirmed_once_even_by_two_at_once(pool: Pool) -> None:
    async with transaction(pool) as tx:
        ana, borys = await pair(tx)
        waits = await actions.add(tx, ana, "Clara", ADMIN, now=NOW)
    assert isinstance(waits, Waiting)

    async def confirm() -> str:
        async with transaction(pool) as tx:
            try:
                await actions.confirm(tx, borys, waits.change.id, now=NOW)
            except Refused as refused:
                return refused.name
            await asyncio.sleep(0.05)
            return "confirmed"

    assert sorted([await one for one in [asyncio.create_task(confirm()) for _ in range(2)]]) == [
        "change-confirmed-already",
        "confirmed",
    ]


async def test_every_act_is_in_the_trail_with_who_and_when(tx: Tx) -> None:
    ana, borys = await pair(tx)
    waits = await actions.revoke(tx, ana, "Borys", now=NOW + timedelta(hours=1))
    assert isinstance(waits, Waiting)
    await actions.confirm(tx, borys, waits.change.id, now=NOW + timedelta(hours=2))
    trail = await actions.trail(tx, before=None, limit=10)
    assert [(one.act, one.operator_id, one.subject) for one in trail[:2]] == [
        ("operators.confirm", borys.id, str(borys.id)),
        ("operators.revoke", ana.id, str(borys.id)),
    ]
    assert trail[0].at == NOW + timedelta(hours=2)
    assert [one.detail.get("waits") for one in trail] == [None, True, False, False]
    assert [one.act for one in trail] == ["operators.confirm", "operators.revoke", "operators.add", "operators.add"]
    assert [one.id for one in await actions.trail(tx, before=trail[1].id, limit=1)] == [trail[2].id]


async def test_the_trail_can_be_read_without_learning_a_name(tx: Tx) -> None:
    await pair(tx)
    assert "Borys" not in str(await actions.trail(tx, before=None, limit=10))


@pytest.mark.parametrize("attack", ["UPDATE audit SET act = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_trail_only_grows(tx: Tx, attack: str) -> None:
    await an_admin(tx)
    with pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        await tx.execute(attack)


async def test_the_database_itself_refuses_that_one_person_does_both(tx: Tx) -> None:
    ana, _ = await pair(tx)
    waits = await actions.add(tx, ana, "Clara", ADMIN, now=NOW)
    assert isinstance(waits, Waiting)
    with pytest.raises(psycopg.errors.CheckViolation):
        await tx.execute("UPDATE operator_change SET confirmed_by = asked_by, confirmed_at = asked_at")
