"""Whom planning finds and where sending goes, on a real database."""

from datetime import timedelta

from service.config import Settings
from service.kit.db import Pool, Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators.model import Operator
from service.residents import actions
from service.residents import audience as audience_of
from service.residents.model import (
    CellRings,
    Change,
    CodeOffer,
    Dead,
)
from tests.build import (
    AWAY,
    FIRST_FID,
    HERE,
    NETWORK,
    SECOND_FID,
    THIRD_FID,
    AlertsStub,
    a_newcomer,
    a_resident,
    fid,
    verified,
)
from tests.conftest import NOW, FixedClock
from tests.integration.looks import addresses, audience


async def test_r19_what_was_sent_to_an_entry_that_was_taken_over_can_still_be_corrected(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    oldest, oldest_proof = await a_resident(tx, house)
    old, old_proof = await a_resident(tx, house, a_newcomer(SECOND_FID, replaces=oldest_proof))
    new, _ = await a_resident(tx, house, a_newcomer(THIRD_FID, replaces=old_proof))
    numbers = [entry.registration.number for entry in (oldest, old, new)]
    assert await addresses(tx, house, *numbers) == dict.fromkeys(numbers, THIRD_FID)


async def test_moved_phones_are_meant_where_they_are_now(tx: Tx, house: House, alerts: AlertsStub) -> None:
    entry, _ = await a_resident(tx, house)
    gone = Change(NETWORK, cells=Hidden((AWAY,)))
    await actions.change(tx, house, entry.registration, gone, now=NOW)
    assert await audience(tx) == []
    back = Change(NETWORK, cells=Hidden((HERE,)))
    await actions.change(tx, house, entry.registration, back, now=NOW)
    assert await audience(tx) == [entry.registration.number]


async def test_too_many_unverified_of_one_network_wait_until_they_are_verified(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    house.put(house.get(Settings).model_copy(update={"unverified_per_network": 2}))
    kept = [(await a_resident(tx, house, a_newcomer(f"{FIRST_FID[:-1]}{index}")))[0] for index in range(3)]
    elsewhere, _ = await a_resident(tx, house, a_newcomer(SECOND_FID, network=Hidden("198.51.100.0/24")))
    assert [entry.registration.capped for entry in kept] == [False, False, True]
    assert not elsewhere.registration.capped
    numbers = [entry.registration.number for entry in kept]
    assert await audience(tx) == [*numbers[:2], elsewhere.registration.number]
    alerts.joined.clear()
    await verified(tx, house, kept[2])
    assert await audience(tx, verified=True) == [numbers[2]]
    assert [(one.number, one.capped, one.verified) for one in alerts.joined] == [(numbers[2], False, True)]


async def test_a_dead_address_is_forgotten_and_the_phone_can_come_back(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    entry, _ = await a_resident(tx, house)
    number = entry.registration.number
    sent = (await actions.addresses(tx, house.keyring, [number], exercise=False, now=NOW))[number]
    await actions.bury(tx, {number: Dead(sent.witness, "unregistered")}, now=NOW)
    assert await addresses(tx, house, number) == {}
    assert await audience(tx) == []
    assert await actions.verification(tx, house.keyring, entry.registration.id) is None
    wanted = Change(NETWORK, address=fid(SECOND_FID))
    await actions.change(tx, house, entry.registration, wanted, now=NOW)
    assert await addresses(tx, house, number) == {number: SECOND_FID}
    assert await audience(tx) == [number]


async def test_an_address_that_changed_since_it_was_sent_to_is_not_buried(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    entry, _ = await a_resident(tx, house)
    number = entry.registration.number
    sent = (await actions.addresses(tx, house.keyring, [number], exercise=False, now=NOW))[number]
    wanted = Change(NETWORK, address=fid(SECOND_FID))
    await actions.change(tx, house, entry.registration, wanted, now=NOW)
    await actions.bury(tx, {number: Dead(sent.witness, "unregistered")}, now=NOW)
    assert await addresses(tx, house, number) == {number: SECOND_FID}


async def test_burying_nobody_is_no_trouble(tx: Tx) -> None:
    await actions.bury(tx, {}, now=NOW)


async def test_r18_exercises_find_testers_only_and_again_at_sending(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator, clock: FixedClock
) -> None:
    entry, proof = await a_resident(tx, house)
    number = entry.registration.number
    assert await audience(tx, exercise=True) == []
    assert await addresses(tx, house, number, exercise=True) == {}
    code = await actions.issue_code(tx, house, CodeOffer(2, timedelta(hours=1)), issuer=operator, now=NOW)
    await actions.enrol(tx, house, entry.registration, code, now=NOW)
    assert await audience(tx, exercise=True) == [number]
    assert await addresses(tx, house, number, exercise=True) == {number: FIRST_FID}
    await actions.leave(tx, await actions.recognise(tx, proof, now=NOW), now=NOW)
    assert await addresses(tx, house, number, exercise=True) == {}
    await actions.enrol(tx, house, entry.registration, code, now=NOW)
    clock.advance(timedelta(days=30))
    assert await audience(tx, exercise=True, now=clock.now()) == []
    assert await addresses(tx, house, number, exercise=True) == {}


async def test_the_second_pass_finds_exactly_what_was_written_since(
    pool: Pool, house: House, alerts: AlertsStub
) -> None:
    async with transaction(pool) as tx:
        before, _ = await a_resident(tx, house, a_newcomer(FIRST_FID))
        changed, _ = await a_resident(tx, house, a_newcomer(SECOND_FID))
    async with transaction(pool) as tx:
        row = await (await tx.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS mark")).fetchone()
    mark = (row or {})["mark"]
    async with transaction(pool) as tx:
        wanted = Change(NETWORK, languages=("ar",))
        await actions.change(tx, house, changed.registration, wanted, now=NOW)
        new, _ = await a_resident(tx, house, a_newcomer(THIRD_FID))
    async with transaction(pool) as tx:
        assert await audience(tx, since=mark) == [changed.registration.number, new.registration.number]
        assert before.registration.number in await audience(tx)


async def test_looking_at_a_registration_does_not_bring_it_into_the_second_pass(
    pool: Pool, house: House, alerts: AlertsStub
) -> None:
    async with transaction(pool) as tx:
        _, proof = await a_resident(tx, house)
    async with transaction(pool) as tx:
        row = await (await tx.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS mark")).fetchone()
    async with transaction(pool) as tx:
        await actions.recognise(tx, proof, now=NOW + timedelta(days=9))
    async with transaction(pool) as tx:
        assert await audience(tx, since=(row or {})["mark"]) == []
        seen = await (await tx.execute("SELECT seen_at FROM registration")).fetchone()
        assert seen == {"seen_at": NOW + timedelta(days=9)}


async def test_counts_tell_everybody_whom_an_area_reaches_once(tx: Tx, house: House, alerts: AlertsStub) -> None:
    await a_resident(tx, house)
    await a_resident(tx, house, a_newcomer(SECOND_FID))
    both = CellRings([HERE, AWAY], [0, 1])
    assert await audience_of.count(tx, both, exercise=False, now=NOW) == 2
    assert await audience_of.count(tx, both, exercise=True, now=NOW) == 0
    census = await actions.census(tx, now=NOW)
    assert census == {
        "registrations": 2, "verified": 0, "capped": 0, "unreachable": 0, "testers": 0, "by_fcm": 2, "by_web_push": 0,
        "by_text": 0, "with_number": 0, "cells": 2
    }  # fmt: skip
